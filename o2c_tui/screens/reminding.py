"""Reminders at the desk: a run shown before it goes, by customer; promises, disputes and interest; how one is reminded."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from textual import work

from o2c_tui.errors import TradeError, TroubleError
from o2c_tui.rules import entry
from o2c_tui.safe_text import fit
from o2c_tui.screens.ask import Ask
from o2c_tui.screens.base import DeskScreen, amount
from o2c_tui.screens.form import FormScreen
from o2c_tui.screens.letter_runs import confirm_letters, say_run, who
from o2c_tui.screens.listed import ListedScreen
from o2c_tui.screens.simple_model import FormModel, same_of
from o2c_tui.texts import N_, _
from o2c_tui.widgets.confirm import Confirm, Line, Menu
from o2c_tui.widgets.entry import FieldSpec
from o2c_tui.widgets.listing import Column, WindowedList


async def remind(screen: DeskScreen, customers: Sequence[int], *, again: bool = False) -> None:
    """Show the letters to some customers, and send them on Enter."""
    from o2c_tui.queries.reminders import candidates

    found = await screen.attempt(screen.desk.read(candidates, on=screen.desk.today(), customers=list(customers)))
    if found is None:
        return
    goes = [one for one in found if not one.skipped or again]
    lines: list[Line] = [line for one in goes for line in _told(one, screen)]
    skipped = [one for one in found if one not in goes]
    lines += [(f"{who(screen, one.code, one.name)} {_(one.skipped)}", "dim") for one in skipped]
    told = {one.customer_id for one in found}
    nothing = sum(1 for key in set(customers) if key not in told)
    if nothing:
        lines.append((_("{n} owe nothing that is due").format(n=nothing), "dim"))
    heading = _("Reminders: {n}; skipped: {m}").format(n=len(goes), m=len(skipped) + nothing)

    confirm_letters(
        screen,
        heading,
        [
            *lines,
            (_("Overdue / all that is open, {currency}.").format(currency=screen.own_currency), "dim"),
            (_("A sent letter cannot be taken back."), "dim"),
        ],
        len(goes),
        N_("write and send them"),
        lambda: _send(screen, [one.code for one in goes], again=again),
    )


def _told(one: Any, screen: DeskScreen) -> list[Line]:
    """A customer's letter: its step, what is overdue of all that is open, how it goes; beneath it a warning."""
    step = _("step {n}").format(n=one.level or one.last_level)
    way = one.email or _("to be printed")
    sums = f"{screen.figure_in(one.overdue, one.currency)} / {screen.figure_in(one.total, one.currency)}"
    text = f"{who(screen, one.code, one.name)} {fit(step, 7)} {fit(sums, 21, right=True)}  {way}"
    warning = _("bank lines to match: {n}").format(n=one.bank_lines)
    return [text, (f"        ! {warning}", "bad")] if one.bank_lines else [text]


async def _send(screen: DeskScreen, codes: Sequence[str], *, again: bool) -> None:
    def run(going_on: Any) -> Any:
        from o2c_tui.sending.reminding import run_reminders

        desk = screen.desk
        return run_reminders(desk.store, codes, by=desk.login, today=desk.today(), again=again, going_on=going_on)

    done = await screen.in_steps(run, _("Writing…"))
    if done is None:
        return
    rows = getattr(screen, "rows", None)
    if rows is not None:
        rows.marked.clear()
    await screen.read_newest()
    mailed = sum(1 for made in done.letters if made.mail_id is not None)
    text = _("{n} reminders written: {m} by mail, {k} to be printed").format(
        n=len(done.letters), m=mailed, k=len(done.printed)
    )
    say_run(screen, done, text, mailed)


# -- promises, disputes, interest ----------------------------------------------------------------------------------------


class PromiseForm(FormScreen):
    """A customer's word to pay."""

    PLACE = N_("PROMISE TO PAY")
    ABOUT = N_(
        "An amount by a day, for one invoice or the whole account. Until that day no reminder goes of it.\nKept or broken follows from the money that comes in until then."
    )

    def __init__(self, code: str, owed: Decimal, invoice: str = "") -> None:
        super().__init__()
        self.code, self.owed, self.invoice = code, owed, invoice

    def make_model(self) -> FormModel:
        def day(text: str) -> str:
            return str(entry.day(text, self.desk.today()))

        values = {"customer": self.code, "amount": amount(self.owed, self.digits), "invoice": self.invoice}
        return FormModel(
            values,
            needed=("promised_on", "amount"),
            checks={"promised_on": day, "amount": lambda text: amount(entry.number(text), self.digits)},
        )

    def fields(self) -> list[list[FieldSpec]]:
        return [
            [FieldSpec("customer", N_("Customer"), width=14, fixed=True)],
            [FieldSpec("promised_on", N_("Promised for"), width=10), FieldSpec("amount", N_("Amount"), width=14)],
            [FieldSpec("invoice", N_("Invoice"), width=14)],
            [FieldSpec("note", N_("Note"), width=50)],
        ]

    async def save(self) -> str:
        from datetime import date

        from o2c_tui.services.reminding import promise_payment

        v = self.form.values
        await self.desk.write(
            promise_payment,
            self.code,
            date.fromisoformat(v["promised_on"]),
            entry.number(v["amount"]),
            invoice=v.get("invoice", ""),
            note=v.get("note", ""),
            key=self.saying,
        )
        return _("Written down: until {day} no reminder goes.").format(day=v["promised_on"])


class Promises(ListedScreen):
    """What customers promised to pay, and what became of it."""

    PLACE = N_("PROMISES TO PAY")
    ABOUT = N_(
        "Kept or broken follows from the money that came in until the day promised.\nF9 takes a promise back: reminders go again. A new one is written down from the receivables (F9)."
    )
    MENU = (("withdraw", N_("Take it back")),)
    _TONES = {"broken": "bad", "kept": "good", "withdrawn": "dim"}

    def __init__(self) -> None:
        super().__init__()
        self.rows: WindowedList[Any] = WindowedList(
            [
                Column(N_("Customer"), lambda row: row.customer, width=10),
                Column(N_("Invoice"), lambda row: row.invoice or _("all"), width=10),
                Column(N_("Made"), lambda row: str(row.made_on), width=10),
                Column(N_("To pay on"), lambda row: str(row.promised_on), width=10),
                Column(N_("Amount"), lambda row: amount(row.amount, self.digits), width=11, right=True),
                Column(N_("Paid"), lambda row: amount(row.paid, self.digits), width=10, right=True),
                Column("", lambda row: _word(row.state), width=9, style=lambda row: self._TONES.get(row.state, "")),
                Column(N_("Note"), lambda row: row.note, width=10, share=1, wide_only=True),
            ],
            key=lambda row: row.id,
            warn=lambda row: row.state == "broken",
            empty=N_("Nobody has promised anything."),
        )

    @work(group="read", exclusive=True)
    async def load(self) -> None:
        """Ask for the promises."""
        from o2c_tui.queries.reminders import promises

        found = await self.attempt(self.desk.read(promises, on=self.desk.today()))
        if found is not None:
            await self.rows.show_rows(found)
            self.totals.set("", _("{n} in all").format(n=len(found)))
            self.refresh_keys()

    def action_reload(self) -> None:
        """Ask again."""
        self.load()

    def action_withdraw(self) -> None:
        """Take it back."""
        self._withdraw(self.rows.row)

    @work(group="write")
    async def _withdraw(self, row: Any) -> None:
        from o2c_tui.services.reminding import withdraw_promise

        try:
            await self.desk.write(withdraw_promise, row.id)
        except (TradeError, TroubleError) as error:
            self.say_refusal(error)
            return
        self.load()
        self.ok(_("Noted."))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what still stands is taken back."""
        if action == "withdraw":
            return self.rows.row is not None and self.rows.row.state in ("ahead", "broken")
        return super().check_action(action, parameters)


def _word(state: str) -> str:
    from o2c_tui.queries.reminders import PROMISE_WORDS

    return _(PROMISE_WORDS[state])


def dispute(screen: DeskScreen, invoice_id: int, number: str, *, closes: bool) -> None:
    """Note that an invoice is contested, or how that was settled."""
    question = _("How was the dispute of {number} settled?") if closes else _("What of {number} is contested?")

    async def note(text: str) -> None:
        from o2c_tui.services.reminding import close_dispute, open_dispute

        try:
            await screen.desk.write(close_dispute if closes else open_dispute, invoice_id, text)
        except (TradeError, TroubleError) as error:
            screen.say_refusal(error)
            return
        screen.ok(_("Noted."))

    def take(text: str | None) -> None:
        if text is not None:
            screen.run_worker(note(text), group="write")

    screen.app.push_screen(Ask(question.format(number=number)), take)


async def interest(screen: DeskScreen, customer_id: int, code: str) -> None:
    """Show the interest that is due of a customer; Enter posts it."""
    from o2c_tui.queries.lookups import the_company
    from o2c_tui.queries.reminders import interest_due

    def read(session: Any) -> Any:
        return the_company(session).interest_percent, interest_due(session, customer_id, on=screen.desk.today())

    found = await screen.attempt(screen.desk.read(read))
    if found is None:
        return
    percent, due = found
    if not due:
        screen.hint(_("No interest is due.") if percent else _("The company charges no interest (Settings)."))
        return
    total = sum((line.amount for line in due), Decimal(0))
    lines: list[Line] = [
        f"{line.number:<12} {line.first} – {line.last}  {amount(line.amount, screen.digits):>12}" for line in due
    ]

    async def post() -> None:
        from o2c_tui.services.reminding import charge_interest

        try:
            done = await screen.desk.write(charge_interest, code, amount=total)
        except (TradeError, TroubleError) as error:
            screen.say_refusal(error)
            return
        screen.ok(_("Interest charged: {numbers}").format(numbers=", ".join(one.number for one in done[:3])))
        reload = getattr(screen, "load", None)
        if reload is not None:
            reload()

    def go(yes: bool | None) -> None:
        if yes:
            screen.run_worker(post(), group="write")

    heading = _("Interest of {percent} % a year: {total}").format(
        percent=f"{percent.normalize():f}", total=amount(total, screen.digits)
    )
    screen.app.push_screen(Confirm(heading, lines, does=N_("charge it")), go)


# -- profiles --------------------------------------------------------------------------------------------------------------

_YES_NO = {"no": N_("no"), "yes": N_("yes")}
STEPS = 5


class ProfileList(ListedScreen):
    """How customers are reminded."""

    PLACE = N_("REMINDER PROFILES")
    ABOUT = N_(
        "A profile is a list of steps: days after the due date, a letter, perhaps a fee. The usual one holds for all\nwhose card names no other. Enter changes one, F6 makes a new one. What letters say: Settings, F9, Letters."
    )

    def __init__(self) -> None:
        super().__init__()
        self.rows: WindowedList[Any] = WindowedList(
            [
                Column(N_("Code"), lambda row: row.code, width=12),
                Column(N_("Name"), lambda row: _(row.name), width=20, share=1),
                Column(N_("Days"), lambda row: " ".join(str(step.days) for step in row.steps), width=20),
                Column(N_("Gap"), lambda row: str(row.gap_days), width=5, right=True),
                Column("", lambda row: _("usual") if row.is_default else "", width=8),
            ],
            key=lambda row: row.code,
            empty=N_("One moment…"),
        )

    @work(group="read", exclusive=True)
    async def load(self) -> None:
        """Read the profiles."""
        from o2c_tui.queries.reminders import profiles

        found = await self.attempt(self.desk.read(profiles))
        if found is not None:
            await self.rows.show_rows(found)
            self.refresh_keys()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if not self.rows.is_empty:
            self.load()

    def on_windowed_list_opened(self, event: WindowedList.Opened) -> None:
        self.app.push_screen(ProfileCard(event.row))

    def action_new(self) -> None:
        """A new profile."""
        self.app.push_screen(ProfileCard(None))

    def action_reload(self) -> None:
        """Read again."""
        self.load()


class ProfileCard(FormScreen):
    """One profile of reminders."""

    PLACE = N_("REMINDER PROFILE")
    ABOUT = N_(
        "Up to five steps, in the order of their days after the due date (before it: negative). Each has a letter\n(empty: reminder_1, reminder_2 …) and perhaps a fee, charged to the account when the letter goes.\nThe gap is the least days between two letters to one customer."
    )
    KEEPS = ""

    def __init__(self, profile: Any) -> None:
        super().__init__()
        self.profile = profile

    def make_model(self) -> FormModel:
        values = {"code": "", "name": "", "gap_days": "7", "is_default": "no", "active": "yes"}
        told = self.profile
        if told is not None:
            self.version = told.version
            values |= {"code": told.code, "name": told.name, "gap_days": str(told.gap_days)}
            values |= {"is_default": _yes(told.is_default), "active": _yes(told.active)}
            for n, step in enumerate(told.steps[:STEPS], 1):
                values |= {f"days{n}": str(step.days), f"letter{n}": step.letter}
                values |= {f"fee{n}": amount(step.fee, self.digits) if step.fee else ""}
        checks = {"code": str.upper, "is_default": same_of(_YES_NO), "active": same_of(_YES_NO)}
        return FormModel(values, needed=("code", "name", "days1"), checks=checks)

    def fields(self) -> list[list[FieldSpec]]:
        rows = [
            [
                FieldSpec("code", N_("Code"), width=12, fixed=self.profile is not None),
                FieldSpec("name", N_("Name"), width=30),
            ],
            [FieldSpec("gap_days", N_("Gap"), width=5), FieldSpec("is_default", N_("Usual one"), width=4)],
            [FieldSpec("active", N_("Active"), width=4)],
            [],
        ]
        for n in range(1, STEPS + 1):
            rows.append(
                [
                    FieldSpec(f"days{n}", N_("Days"), width=6),
                    FieldSpec(f"letter{n}", N_("Letter"), width=16),
                    FieldSpec(f"fee{n}", N_("Fee"), width=10),
                ]
            )
        return rows

    async def save(self) -> str:
        from o2c_tui.errors import BadValueError
        from o2c_tui.services.reminding import ProfileSetup, StepSetup, save_profile

        v = self.form.values
        steps = []
        for n in range(1, STEPS + 1):
            days = v.get(f"days{n}", "").strip()
            if not days:
                continue
            if not days.lstrip("-").isdecimal():
                raise BadValueError(N_("Give a whole number of days."), field=f"days{n}")
            fee = v.get(f"fee{n}", "")
            steps.append(StepSetup(int(days), v.get(f"letter{n}", ""), entry.number(fee) if fee else Decimal(0)))
        if not v["gap_days"].isdecimal():
            raise BadValueError(N_("Give a whole number of days."), field="gap_days")
        setup = ProfileSetup(
            v["code"], v["name"], tuple(steps), int(v["gap_days"]), v["is_default"] == "yes", v["active"] == "yes"
        )
        done = await self.desk.write(save_profile, setup, version=self.version)
        return _("{code} saved.").format(code=done.code)


def _yes(told: bool) -> str:
    return "yes" if told else "no"


def choose(screen: DeskScreen, heading: str, choices: Sequence[tuple[str, Any]]) -> None:
    """One of a few things to do, by number."""

    def take(number: int | None) -> None:
        if number is not None:
            choices[number][1]()

    screen.app.push_screen(Menu(heading, [words for words, _do in choices]), take)
