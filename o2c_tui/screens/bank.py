"""The bank: lines of statements with what each most likely is; taken by a person with Enter or F8, many with *."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from textual import work
from textual.app import ComposeResult

from o2c_tui.errors import NotFoundError, TradeError, TroubleError
from o2c_tui.screens.ask import Ask, ask
from o2c_tui.screens.bank_line import MARKS
from o2c_tui.screens.bank_told import booked_lines
from o2c_tui.screens.base import led, money_of, new_key, short_day
from o2c_tui.screens.listed import ListedScreen
from o2c_tui.texts import N_, _
from o2c_tui.widgets.confirm import Confirm, Line, Menu
from o2c_tui.widgets.listing import Column, WindowedList
from o2c_tui.widgets.told import Told

ZERO = Decimal(0)
_VIEWS = ((N_("Undecided"), "open"), (N_("Sure"), "sure"), (N_("Matched"), "matched"), (N_("Put aside"), "ignored"))
_STYLES = {"sure": "good", "likely": "", "maybe": "dim"}


class _Lines(WindowedList[Any]):
    """The lines; * marks those that are sure."""

    async def action_mark_all(self) -> None:
        """Mark every line whose proposal is sure, or none if any is marked."""
        if self.marked:
            self.marked.clear()
        else:
            rows = await self._all_rows()
            self.marked = {self.key_of(row): row for row in rows if row.best is not None and row.best.mark == "sure"}
        self.refresh()
        self.post_message(self.Marked(self))


def what(told: Any) -> str:
    """What a line may be, or was decided to be, in a few words."""
    best = told.best
    if told.line.state != "open":
        return ", ".join((*filter(None, (told.line.customer,)), *told.line.matched)) or told.line.note
    if best is None:
        return ""
    if best.bounced:
        return _("{payment} came back").format(payment=best.bounced)
    if best.payment:
        return f"{best.customer} {best.payment}".strip()
    if best.customer:
        return f"{best.customer} {' '.join(dict.fromkeys(pay.invoice for pay in best.pays))}".strip()
    return f"{best.account if best.account.isdigit() else ''} {_(best.account_name)}".strip()


def why(best: Any) -> str:
    """Why it is proposed."""
    from o2c_tui.rules.matching import REASON_WORDS

    return _("; ").join(_(REASON_WORDS[reason.code]).format(value=reason.value) for reason in best.reasons)


class Bank(ListedScreen):
    """Lines of bank statements, the open ones with what they may be."""

    PLACE = N_("BANK")
    ABOUT = N_(
        "Each open line with what it most likely is, why, and how sure that is. Nothing is booked by itself: F8 shows what would\nbe booked for the line, or for all that are marked, and Enter books it. * marks all that are sure, Space one.\nEnter opens the line: another customer, other invoices, parts, discount, bank charge or difference. F9 takes statements\nin, books a charge, puts a line aside, takes a decision back and compares the balances."
    )
    MENU = (
        ("take_in", N_("Take a statement in: CAMT.053, MT940, OFX or CSV")),
        ("other", N_("Another proposal")),
        ("on_account", N_("Book it on an account: a charge, interest")),
        ("as_payment", N_("It is a payment that was written down, or came back")),
        ("put_aside", N_("Put it aside, with the reason")),
        ("take_back", N_("Take the decision back")),
        ("mark_shown", N_("Mark all that are sure, or none")),
        ("balances", N_("Compare the balances")),
        ("learned", N_("What decisions taught")),
        ("next_account", N_("The next bank account")),
        ("account_card", N_("The bank account: name, IBAN, what invoices print")),
        ("new_account", N_("Another bank account")),
    )

    def __init__(self) -> None:
        super().__init__()
        self.view = 1
        self.account = ""
        self.places: list[Any] = []
        self.found: list[Any] = []
        self.told = [Told() for _n in range(2)]
        self.rows: WindowedList[Any] = _Lines(
            (
                Column(N_("Date"), lambda r: short_day(r.line.booked_on, self.desk.today()), width=8),
                Column(N_("Amount"), self._amount, width=12, right=True),
                Column(N_("From, text"), lambda r: r.line.words, width=18, share=2),
                Column(
                    N_("Mark"),
                    lambda r: _(MARKS[r.best.mark]) if r.best is not None else "",
                    width=6,
                    style=lambda r: _STYLES[r.best.mark] if r.best is not None else "",
                ),
                Column(N_("What it is"), what, width=18, share=1),
            ),
            key=lambda r: r.line.id,
            follow=self._tell,
            empty=N_("No line waits."),
        )

    def content(self) -> ComposeResult:
        yield self.rows
        yield from self.told

    def _amount(self, row: Any) -> str:
        return money_of(row.line.amount, row.line.currency, self.own_currency, self.digits, 12)

    def _sum(self, lines: Sequence[Any]) -> str:
        """What lines come to, a sum for each currency."""
        sums: dict[str, Decimal] = {}
        for line in lines:
            sums[line.currency] = sums.get(line.currency, ZERO) + line.amount
        return " + ".join(self.figure_in(value, code) for code, value in sorted(sums.items()))

    @work(group="read", exclusive=True)
    async def load(self) -> None:
        """Ask what waits, and what it may be."""
        await self.attempt(self.desk.ready())
        from o2c_tui.queries.bank import bank_accounts, bank_lines
        from o2c_tui.queries.bank_proposals import ProposedLine, proposed_lines

        try:
            self.places = await self.desk.read(bank_accounts)
        except NotFoundError:
            self.places = []
        except (TradeError, TroubleError) as error:
            self.say_refusal(error)
            return
        which = _VIEWS[self.view - 1][1]
        if which in ("open", "sure"):
            found = await self.attempt(self.desk.read(proposed_lines, account=self.account))
        else:
            rows = await self.attempt(self.desk.read(bank_lines, account=self.account, states=(which,)))
            found = None if rows is None else [ProposedLine(row) for row in rows]
        if found is None:
            return
        if which == "sure":
            found = [told for told in found if told.best is not None and told.best.mark == "sure"]
        here = self.rows.row
        self.found = found
        await self.rows.show_rows(found)
        if here is not None:
            self.rows.put_cursor(here.line.id)
        self.just_read()
        self._say()
        self.refresh_keys()

    def _say(self) -> None:
        account = self.account or (self.places[0].code if len(self.places) == 1 else "")
        self.title_line.set(
            detail=account or _("all accounts"), views=tuple(_(words) for words, _state in _VIEWS), chosen=self.view
        )
        marked = list(self.rows.marked.values())
        if marked:
            left = _("{n} marked").format(n=len(marked))
            left += "   " + self._sum([told.line for told in marked])
        else:
            sure = sum(1 for told in self.found if told.best is not None and told.best.mark == "sure")
            left = _("{n} lines, {sure} sure").format(n=len(self.found), sure=sure)
        right = ""
        place = next((row for row in self.places if row.code == account), None)
        if place is not None:
            bank = "–" if place.closing is None else self.figure_in(place.closing, place.currency)
            right = _("bank {bank}   books {books}").format(
                bank=bank, books=self.figure_in(place.books, place.currency)
            )
        self.totals.set(left, right)
        if not self.message_line.text:
            if not self.places:
                self.hint(_("There is no bank account yet: F9 makes one."))
            elif not self.found:
                self.hint(_("F9 takes a statement in."))
            else:
                self.hint(_("F8 books the line, previewed; * marks all that are sure; Enter opens it."))

    def _tell(self, row: Any) -> None:
        """The whole text of the line under the cursor, and why it is proposed so."""
        if row is None:
            for widget in self.told:
                widget.tell("", "")
            return
        line = row.line
        who = " ".join(filter(None, (line.counterparty, line.counterparty_account)))
        self.told[0].tell(_("Text"), "  ".join(filter(None, (who, line.text, line.reference))))
        if row.best is not None:
            self.told[1].tell(_("Why"), f"{why(row.best)}  ({row.best.score})")
        elif line.state == "open":
            self.told[1].tell(_("Why"), _("nothing fits; Enter opens the line"), "dim")
        else:
            self.told[1].tell(_("Is"), what(row))

    # -- keys --------------------------------------------------------------------------------------------------------

    def key_label(self, action: str) -> str | None:
        return {"next_step": _("Book"), "new": _("Take in")}.get(action)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What a line allows depends on whether it is decided."""
        row: Any = self.rows.row
        is_open = row is not None and row.line.state == "open"
        if action == "next_step":
            return bool(self.rows.marked) or (is_open and row.best is not None)
        if action == "other":
            return is_open and len(row.proposals) > 1
        if action in ("on_account", "as_payment", "put_aside"):
            return is_open
        if action == "take_back":
            return row is not None and not is_open
        if action in ("balances", "take_in", "new"):
            return bool(self.places)
        if action == "next_account":
            return len(self.places) > 1
        if action == "account_card":
            return bool(self.places)
        return super().check_action(action, parameters)

    def action_view(self, number: int) -> None:
        """Open, sure, matched, or put aside."""
        if number <= len(_VIEWS):
            self.view = number
            self.rows.marked.clear()
            self.load()

    def action_reload(self) -> None:
        """Ask again."""
        self.load()

    def again(self, done: Any = None) -> None:
        """Back from a screen of its own: what it changed is read."""
        self.load()

    def on_windowed_list_marked(self, event: WindowedList.Marked) -> None:
        self._say()
        self.refresh_keys()

    async def action_mark_shown(self) -> None:
        """Mark all that are sure."""
        await self.rows.action_mark_all()

    def on_windowed_list_opened(self, event: WindowedList.Opened) -> None:
        row = event.row
        if row.line.state != "open":
            self._story(row)
        elif row.line.amount > ZERO:
            from o2c_tui.screens.bank_line import BankPayment

            self.app.push_screen(BankPayment(row), self.again)
        else:
            self._choose_out(row)

    def _choose_out(self, row: Any) -> None:
        """What money that went out is."""
        choices = [("on_account", N_("Book it on an account: a charge, interest")),
                   ("as_payment", N_("It is a payment that was written down, or came back")),
                   ("as_refund", N_("It was paid back to a customer")),
                   ("to_supplier", N_("It was paid to a supplier")),
                   ("put_aside", N_("Put it aside, with the reason"))]  # fmt: skip

        def take(number: int | None) -> None:
            if number is not None:
                getattr(self, f"action_{choices[number][0]}")()

        heading = _("What is {amount}?").format(amount=self.figure_in(row.line.amount, row.line.currency))
        self.app.push_screen(Menu(heading, [_(words) for _action, words in choices]), take)

    # -- booking -----------------------------------------------------------------------------------------------------

    def action_next_step(self) -> None:
        """Show what is booked for the line, or for those that are marked; Enter books it."""
        rows = [told for told in self.rows.chosen if told.line.state == "open" and told.best is not None]
        self._preview(rows)

    def action_other(self) -> None:
        """Another of the proposals of the line."""
        row: Any = self.rows.row

        def take(number: int | None) -> None:
            if number is not None:
                self._preview([row], number)

        from dataclasses import replace

        choices = [
            f"{_(MARKS[one.mark]):<8}{what(replace(row, proposals=(one,)))}  {why(one)}" for one in row.proposals
        ]
        self.app.push_screen(Menu(_("What is it?"), choices), take)

    @work(group="read")
    async def _preview(self, rows: Sequence[Any], choice: int = 0) -> None:
        from o2c_tui.services.bank_matching import as_match

        await self._book([as_match(told, choice) for told in rows], rows)

    async def _book(self, matches: Sequence[Any], rows: Sequence[Any]) -> None:
        """What the step would do, in a sheet; done with Enter."""
        from o2c_tui.services.bank_matching import match_lines

        if not matches:
            self.hint(_("Nothing is proposed here; Enter opens the line."))
            return
        found = await self.attempt(self.desk.preview(match_lines, matches))
        if found is None:
            return
        lines: list[Line] = []
        if found.refusal is not None:
            lines.append((f"{led('Checks')}{found.refusal.said(_)}", "bad"))
        lines += [(f"{led('Checks')}{notice.said(_)}", "bad") for notice in found.warnings]
        if found.refusal is None:
            lines += booked_lines(self, found.result, rows)
        saying = new_key()

        def go(yes: bool | None) -> None:
            if yes:
                self._do(matches, found.codes, saying)

        heading = _("NEXT STEP   Bank lines to book: {n}").format(n=len(matches))
        await self.app.push_screen(Confirm(heading, lines, does=N_("book it"), possible=found.refusal is None), go)

    @work(group="write")
    async def _do(self, matches: Sequence[Any], codes: frozenset[str], saying: str) -> None:
        from o2c_tui.services.bank_matching import match_lines

        done = await self.attempt(self.desk.write(match_lines, matches, accepted=codes, key=saying))
        if done is None:
            return
        self.rows.marked.clear()
        await self.read_newest()
        numbers = ", ".join(
            part.number or f"{part.account} {_(part.account_name)}" for one in done[:3] for part in one.parts
        )
        more = self.o2c.glyphs.cut if len(done) > 3 else ""
        self.ok(_("Lines booked: {n}. {numbers}").format(n=len(done), numbers=numbers + more))

    # -- what else a line may be -------------------------------------------------------------------------------------

    def _one(self, word: str, value: str) -> None:
        row: Any = self.rows.row
        if row is not None:
            self._decide(row, word, value)

    @work(group="read")
    async def _decide(self, row: Any, word: str, value: str) -> None:
        from o2c_tui.services.bank_matching import LineMatch, MatchPart

        words: dict[str, Any] = {word: value}
        part = MatchPart(**words)
        await self._book([LineMatch(row.line.id, (part,), version=row.line.version)], [row])

    def _ask(self, question: str, word: str) -> None:
        def answered(text: str | None) -> None:
            if text:
                self._one(word, text.upper())

        self.app.push_screen(Ask(question), answered)

    def action_on_account(self) -> None:
        """A charge, interest: the code of an account of the ledger."""
        self._choose_account()

    @work(group="read")
    async def _choose_account(self) -> None:
        from o2c_tui.queries.bank import bookable_accounts

        there = await self.attempt(self.desk.read(bookable_accounts))
        if there is None:
            return

        def take(number: int | None) -> None:
            if number is not None:
                self._one("account", there[number][0])

        choices = [f"{code if code.isdigit() else '    '}  {_(name)}" for code, name in there]
        self.app.push_screen(Menu(_("On which account?"), choices), take)

    def action_as_payment(self) -> None:
        """A payment that is in the books already, or one that came back with this line."""
        row: Any = self.rows.row

        def answered(text: str | None) -> None:
            if text:
                self._by_number(row, text.upper())

        self.app.push_screen(Ask(_("Number of the payment:")), answered)

    @work(group="read")
    async def _by_number(self, row: Any, number: str) -> None:
        from o2c_tui.queries.bank import payment_amount

        paid = await self.attempt(self.desk.read(payment_amount, number, row.line.currency))
        if paid is not None:
            self._decide(row, "bounced" if paid == -row.line.amount else "payment", number)

    def action_as_refund(self) -> None:
        """Money paid back to a customer."""
        self._ask(_("Code of the customer:"), "customer")

    def action_to_supplier(self) -> None:
        """Money paid to a supplier."""
        self._ask(_("Code of the supplier:"), "supplier")

    def action_put_aside(self) -> None:
        """Put the line aside."""
        row: Any = self.rows.row

        def answered(text: str | None) -> None:
            if text:
                self._aside(row, text)

        ask(self, N_("Why is it put aside?"), answered, {})

    @work(group="write")
    async def _aside(self, row: Any, reason: str) -> None:
        from o2c_tui.services.banking import ignore_line

        done = await self.attempt(
            self.desk.write(
                ignore_line, row.line.id, reason, version=row.line.version, accepted=frozenset(), key=new_key()
            )
        )
        if done is not None:
            await self.read_newest()
            self.ok(_("Put aside; view 4 shows it."))

    def action_take_back(self) -> None:
        """Take the decision on the line back."""
        row: Any = self.rows.row
        if row.line.state == "ignored":
            self._reopen(row)
            return

        def answered(text: str | None) -> None:
            if text:
                self._undo(row, text)

        ask(self, N_("Why is it taken back?"), answered, {})

    @work(group="write")
    async def _reopen(self, row: Any) -> None:
        from o2c_tui.services.banking import reopen_line

        done = await self.attempt(
            self.desk.write(reopen_line, row.line.id, version=row.line.version, accepted=frozenset(), key=new_key())
        )
        if done is not None:
            await self.read_newest()
            self.ok(_("The line is open again."))

    @work(group="read")
    async def _undo(self, row: Any, reason: str) -> None:
        from o2c_tui.services.bank_undoing import undo_match

        found = await self.attempt(self.desk.preview(undo_match, row.line.id, reason, version=row.line.version))
        if found is None:
            return
        lines: list[Line] = []
        if found.refusal is not None:
            lines.append((f"{led('Checks')}{found.refusal.said(_)}", "bad"))
        else:
            for part in found.result.parts:
                told = f"{self.figure_in(part.amount, row.line.currency)}  {part.number}"
                lines.append((f"{led('Makes')}{told}", "strong"))
            lines.append(f"{led('Changes')}{_('the line is open again')}")
        saying = new_key()

        def go(yes: bool | None) -> None:
            if yes:
                self._undone(row, reason, found.codes, saying)

        heading = _("NEXT STEP   Take the decision back")
        await self.app.push_screen(Confirm(heading, lines, does=N_("take it back"), possible=found.refusal is None), go)

    @work(group="write")
    async def _undone(self, row: Any, reason: str, codes: frozenset[str], saying: str) -> None:
        from o2c_tui.services.bank_undoing import undo_match

        write = self.desk.write(undo_match, row.line.id, reason, version=row.line.version, accepted=codes, key=saying)
        if await self.attempt(write) is not None:
            await self.read_newest()
            self.ok(_("The line is open again."))

    @work(group="read")
    async def _story(self, row: Any) -> None:
        """Who decided what on the line, and why."""
        from o2c_tui.screens.bank_line import read_line

        await read_line(self.o2c, row.line.id)

    # -- statements and accounts -------------------------------------------------------------------------------------

    def action_new(self) -> None:
        """Take a statement in."""
        self.action_take_in()

    def action_take_in(self) -> None:
        """Take a statement in: a file, and for CSV its map."""

        def answered(text: str | None) -> None:
            if text:
                self._take_in(text)

        ask(self, N_("Which file? For CSV the map after a comma: statement.csv, bank.toml"), answered, {})

    @work(group="read")
    async def _take_in(self, text: str) -> None:
        from asyncio import to_thread
        from pathlib import Path

        from o2c_tui.errors import FileImportError
        from o2c_tui.integrations.bank_files import read_bank_file
        from o2c_tui.services.banking import import_statements

        name, comma, map_name = text.partition(",") if ".toml" in text else (text, "", "")
        path, map_path = Path(name.strip()).expanduser(), Path(map_name.strip()).expanduser() if comma else None
        try:
            read = await to_thread(read_bank_file, path, map_path)
        except FileImportError as error:
            self.err(error.rows[0].said(_) if error.rows else error.said(_))
            return
        except (TradeError, TroubleError) as error:
            self.say_refusal(error)
            return
        words = {"account": self.account, "file_name": read.name, "sha256": read.sha256, "now": self.desk.clock()}
        found = await self.attempt(self.desk.preview(import_statements, read.statements, **words))
        if found is None:
            return
        lines: list[Line] = []
        if found.refusal is not None:
            lines.append((f"{led('Checks')}{found.refusal.said(_)}", "bad"))
        else:
            done = found.result
            told = _("{new} lines are new, {known} were there already.").format(new=done.new, known=done.known)
            lines.append((f"{led('Makes')}{told}", "strong"))
            for one in done.statements:
                told = _("{account}  {first} to {last}  {n} lines new").format(
                    account=one.account, first=one.from_on or "–", last=one.to_on or "–", n=one.new
                )
                lines.append(f"    {told}")
            lines += [(f"{led('Checks')}{notice.said(_)}", "bad") for notice in found.warnings]
        saying = new_key()

        def go(yes: bool | None) -> None:
            if yes:
                self._taken_in(read.statements, words, found.codes, saying)

        heading = _("NEXT STEP   Take {file} in").format(file=read.name)
        await self.app.push_screen(Confirm(heading, lines, does=N_("take it in"), possible=found.refusal is None), go)

    @work(group="write")
    async def _taken_in(self, statements: Any, words: dict[str, Any], codes: frozenset[str], saying: str) -> None:
        from o2c_tui.services.banking import import_statements

        done = await self.attempt(self.desk.write(import_statements, statements, accepted=codes, key=saying, **words))
        if done is not None:
            self.view = 1
            await self.read_newest()
            self.ok(_("{new} lines are new, {known} were there already.").format(new=done.new, known=done.known))

    def action_next_account(self) -> None:
        """One account after the other, then all."""
        codes = ["", *(row.code for row in self.places)]
        self.account = codes[(codes.index(self.account) + 1) % len(codes)] if self.account in codes else ""
        self.rows.marked.clear()
        self.load()

    def action_balances(self) -> None:
        """The books against the bank."""
        self._balances()

    @work(group="read")
    async def _balances(self) -> None:
        from o2c_tui.screens.bank_told import tell_balances

        await tell_balances(self, self.account)

    def action_learned(self) -> None:
        """What decisions taught."""
        from o2c_tui.screens.bank_rules import BankRules

        self.app.push_screen(BankRules(), self.again)

    def action_account_card(self) -> None:
        """The account that is shown."""
        from o2c_tui.screens.bank_line import BankAccountCard

        place = next((row for row in self.places if row.code == self.account), self.places[0])
        self.app.push_screen(BankAccountCard(place), self.again)

    def action_new_account(self) -> None:
        """A new bank account."""
        from o2c_tui.screens.bank_line import BankAccountCard

        self.app.push_screen(BankAccountCard(None), self.again)
