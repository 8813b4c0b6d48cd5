"""A payment taken in: amount and reference, then which instalments it pays; proposed, changed by hand, posted by F8."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from textual import work
from textual.app import ComposeResult

from o2c_tui.errors import BadValueError, TradeError, TroubleError
from o2c_tui.queries.why_parts import Subject
from o2c_tui.rules import entry
from o2c_tui.rules.allocation import OpenItem, propose
from o2c_tui.screens.asking import Asked
from o2c_tui.screens.base import amount, led, new_key
from o2c_tui.screens.kept import Kept
from o2c_tui.screens.sheet import SheetScreen
from o2c_tui.screens.simple_model import FormModel
from o2c_tui.texts import N_, _
from o2c_tui.widgets.confirm import Confirm
from o2c_tui.widgets.entry import CellSpec, EntrySheet, FieldSpec, Hit, Taken

ZERO = Decimal(0)
_REASONS = {
    "exact": N_("It is exactly one instalment."),
    "sum": N_("It is exactly the sum of these."),
    "oldest": N_("Oldest first. Space takes or leaves one; type in Pays."),
}


class PaymentModel(FormModel):
    """What is typed of a payment, and how it is given out."""

    def __init__(self, desk: Any) -> None:
        super().__init__(
            {"customer": "", "amount": "", "received_on": desk.today().isoformat(), "reference": "", "account": ""},
            needed=("customer", "amount", "reference"),
        )
        self.desk = desk
        self.customer: Any = None
        self.open: list[Any] = []
        self.shares: dict[int, Decimal] = {}
        self.by_hand = False
        self.reason = ""
        self.checks = {
            "customer": self._customer,
            "amount": self._amount,
            "received_on": self._day,
            "account": str.strip,
        }
        self.skipped: set[str] = set()

    def needs(self, key: str) -> bool:
        return key in self.needed and not self.values.get(key) and key not in self.skipped

    @property
    def digits(self) -> int:
        """Of the company's currency."""
        return self.desk.facts.digits if self.desk.facts else 2

    @property
    def paid(self) -> Decimal:
        """The amount typed."""
        return entry.number(self.values["amount"]) if self.values["amount"] else ZERO

    @property
    def rest(self) -> Decimal:
        """What is not given out."""
        return self.paid - sum(self.shares.values(), ZERO)

    def _customer(self, text: str) -> str:
        from o2c_tui.queries.editing import customer_facts
        from o2c_tui.queries.pick import find_parties

        found = self.desk.read_now(find_parties, text, limit=2) if text else []
        code = found[0].code if found and (len(found) == 1 or found[0].code.startswith(text.upper())) else text
        self.customer = self.desk.read_now(customer_facts, code)
        self.words["customer"] = self.customer.name
        self.values["customer"] = self.customer.code
        self.load_open()
        return str(self.customer.code)

    def load_open(self) -> None:
        """The customer's open instalments on the day of the payment."""
        from o2c_tui.queries.lookups import party_by_code
        from o2c_tui.queries.receivables import open_lines

        def ask(session: Any, code: str, day: Any) -> Any:
            return open_lines(session, party_by_code(session, code).id, as_of=day)

        day = entry.day(self.values["received_on"], self.desk.today())
        self.open = [line for line in self.desk.read_now(ask, self.values["customer"], day) if line.open > 0]
        self.by_hand = False
        self.give_out()

    def _amount(self, text: str) -> str:
        value = entry.places(entry.number(text), self.digits)
        if value <= ZERO:
            raise BadValueError(N_("The amount must be more than 0."))
        self.values["amount"] = format(value, "f")
        self.by_hand = False
        self.give_out()
        return amount(value, self.digits)

    def _day(self, text: str) -> str:
        day = entry.day(text, self.desk.today()) if text else self.desk.today()
        self.values["received_on"] = day.isoformat()
        if self.values["customer"]:
            self.load_open()
        return day.isoformat()

    def take_field(self, key: str, text: str) -> Taken:
        taken = super().take_field(key, text)
        if key == "reference" and not text.strip():
            self.skipped.add("reference")
        return taken

    def give_out(self) -> None:
        """Propose where the money belongs, unless it was given out by hand."""
        if self.by_hand or not self.paid:
            return
        items = [OpenItem(line.item_id, line.due_on, line.open, line.number) for line in self.open]
        told = propose(items, self.paid)
        self.shares, self.reason = dict(told.shares), told.reason

    def toggle(self, row: int) -> None:
        """Take or leave an instalment."""
        line = self.open[row]
        self.by_hand = True
        if self.shares.get(line.item_id):
            del self.shares[line.item_id]
        else:
            part = min(line.open, max(ZERO, self.rest))
            if part:
                self.shares[line.item_id] = part

    def lines(self) -> Sequence[Mapping[str, str]]:
        rows = []
        for line in self.open:
            pays = self.shares.get(line.item_id, ZERO)
            late = f"{_('LATE')} {line.days_overdue}" if line.days_overdue > 0 else ""
            rows.append(
                {
                    "mark": "*" if pays else "",
                    "invoice": line.number,
                    "due": str(line.due_on),
                    "late": late,
                    "open": amount(line.open, self.digits),
                    "pays": amount(pays, self.digits) if pays else "-",
                    "left": amount(line.open - pays, self.digits),
                }
            )
        return rows

    def take_cell(self, row: int, key: str, text: str) -> Taken:
        line = self.open[row]
        try:
            if text.strip() == "=":
                part = min(line.open, self.rest + self.shares.get(line.item_id, ZERO))
            elif text.strip() in ("", "-"):
                part = ZERO
            else:
                part = entry.places(entry.number(text), self.digits)
        except TradeError as error:
            return Taken("err", error.said(_))
        if not ZERO <= part <= line.open:
            return Taken("err", _("{number}: {open} is open, not {part}.").format(
                number=line.number, open=amount(line.open, self.digits), part=amount(part, self.digits)
            ))  # fmt: skip
        self.by_hand = True
        self.shares[line.item_id] = part
        if not part:
            del self.shares[line.item_id]
        return Taken(go="line")

    def hits(self, key: str, text: str) -> Sequence[Hit]:
        from o2c_tui.queries.pick import find_parties

        if key != "customer":
            return ()
        return [Hit(h.code, h.name, amount(h.owes, self.digits)) for h in self.desk.read_now(find_parties, text)]


class _PaySheet(EntrySheet):
    """The instalments under the payment's head: Space takes or leaves one."""

    def on_key(self, event: Any) -> None:
        if self.buffer is None and event.key == "space" and self.in_lines and self._lines:
            self.model.toggle(self.line)  # type: ignore[attr-defined]
            self.do_line_down()
            self.post_message(self.Took(self))
            event.stop()
            event.prevent_default()
            return
        super().on_key(event)


class PaymentScreen(SheetScreen):
    """Money in."""

    PLACE = N_("PAYMENT")
    ABOUT = N_(
        "Type customer, amount and reference; the instalments it pays are proposed.\nSpace takes or leaves one, a figure in Pays gives a part, = gives what is left.\nF8 shows what is posted. What is left over stays as the customer's credit."
    )

    MENU = (("throw_away", N_("Throw what was typed away")),)

    def __init__(self, customer: str = "", *, invoice: Any = None, kept: int | None = None) -> None:
        super().__init__()
        self.given, self.invoice, self.kept_at = customer, invoice, kept
        self.model: PaymentModel | None = None
        self.saying = new_key()
        self.unsure = False  # it was said, and no answer came

    def content(self) -> ComposeResult:
        self.model = PaymentModel(self.desk)
        self.kept = Kept(self.desk, "payment", self.kept_at)
        fields = [
            [
                FieldSpec("customer", N_("Customer"), width=10, code=True, beside=22),
                FieldSpec("received_on", N_("Date"), width=10),
                FieldSpec("account", N_("Into"), width=6),
            ],
            [
                FieldSpec("amount", N_("Amount"), width=14),
                FieldSpec("reference", N_("Reference"), width=20),
            ],
        ]
        columns = [
            CellSpec("mark", "", width=1, fixed=True),
            CellSpec("invoice", N_("Invoice"), width=12, share=1, fixed=True),
            CellSpec("due", N_("Due"), width=10, fixed=True),
            CellSpec("late", "", width=9, fixed=True),
            CellSpec("open", N_("Open"), width=12, right=True, fixed=True),
            CellSpec("pays", N_("Pays"), width=12, right=True),
            CellSpec("left", N_("Left"), width=12, right=True, fixed=True),
        ]
        self.sheet = _PaySheet(self.model, fields, columns, grows=False)
        yield self.sheet

    @property
    def pay(self) -> PaymentModel:
        """What is typed."""
        assert self.model is not None
        return self.model

    def on_mount(self) -> None:
        super().on_mount()
        self.title_line.set(mode=_("NEW"))
        self.pay.values["account"] = ""
        kept = self.kept.read()
        if self.given:
            self.pay.take_field("customer", self.given)
            if self.invoice is not None:
                self._for_invoice(self.invoice)
        elif kept:
            for key in ("customer", "received_on", "amount", "reference"):
                if kept.get(key):
                    self.pay.take_field(key, kept[key])
            self.ok(_("This is the payment that was kept. F8 posts it."))
        self.entry.to_start()
        self.entry.reload()
        self.entry.focus()
        self._say()

    def _for_invoice(self, invoice: Any) -> None:
        """Begin with one invoice: its whole open amount."""
        self.pay.take_field("amount", format(invoice.head["open"], "f"))
        self.pay.shares = {part.id: part.open for part in invoice.instalments if part.open > 0}
        self.pay.by_hand = True

    def on_entry_sheet_took(self, event: EntrySheet.Took) -> None:
        model = self.pay
        if model.values["customer"]:
            words = {key: model.values[key] for key in ("customer", "amount", "received_on", "reference")}
            try:
                self.kept.keep(words, model.customer.name if model.customer else "")
            except TroubleError as error:
                self.say_refusal(error)
        self._say()

    def on_entry_sheet_left(self, event: EntrySheet.Left) -> None:
        self.hint(_("F8 = {step}").format(step=_("Post")))

    def _say(self) -> None:
        model = self.pay
        if model.customer is not None:
            owes = amount(sum((line.open for line in model.open), ZERO), self.digits)
            self.title_line.set(detail=_("owes {amount}").format(amount=owes))
        given = amount(model.paid - model.rest, self.digits)
        self.totals.set(
            _("Given out {given}   Left over {rest}").format(given=given, rest=amount(model.rest, self.digits)),
            _("stays as credit") if model.rest > 0 and model.paid else "",
        )
        if model.paid and not model.by_hand and model.reason:
            self.hint(_(_REASONS[model.reason]))

    # -- keys --------------------------------------------------------------------------------------------------------

    def key_label(self, action: str) -> str | None:
        return _("Post") if action == "next_step" else None

    def asked(self) -> Sequence[Asked]:
        """On an instalment: what is open of its invoice, and how late; else the customer's card."""
        row = self.entry.line
        if self.entry.buffer is None and 0 <= row < len(self.pay.open):
            line = self.pay.open[row]
            subject = Subject("payment" if line.kind == "payment" else "invoice", line.document_id)
            figures = ("open",) if line.kind == "payment" else ("open", "overdue")
            return [Asked(subject, figure, about=line.number) for figure in figures]
        return super().asked()

    def action_throw_away(self) -> None:
        """Forget what was typed."""
        self.kept.drop()
        self.dismiss(None)

    def action_reload(self) -> None:
        """What is open now; the proposal anew."""
        if self.pay.values["customer"]:
            self.pay.load_open()
            self.entry.reload()
            self._say()

    def action_save(self) -> None:
        """As F8: a payment is posted at once."""
        self.action_next_step()

    def action_next_step(self) -> None:
        """Show what is posted."""
        if self.entry.take_all():
            self._preview()

    def _draft(self) -> Any:
        from o2c_tui.services.paying import PaymentDraft

        model = self.pay
        return PaymentDraft(
            model.values["customer"],
            model.paid,
            received_on=entry.day(model.values["received_on"], self.desk.today()),
            account=model.values["account"],
            reference=model.values["reference"],
            shares=dict(model.shares),
        )

    @work(group="read")
    async def _preview(self) -> None:
        from o2c_tui.services.paying import receive_payment

        model = self.pay
        for key, words in (("customer", N_("Give a customer first.")), ("amount", N_("Give the amount first."))):
            if not model.values[key]:
                self.err(_(words))
                self.entry.line, self.entry.cell = -1, key
                self.entry.reload()
                return
        try:
            if self.unsure and (done := await self.desk.answer(receive_payment, self.saying)) is not None:
                self._posted(done)
                return
            draft = self._draft()
            found = await self.desk.preview(receive_payment, draft)
        except (TradeError, TroubleError) as error:
            self.say_refusal(error)
            return
        lines: list[str | tuple[str, str]] = []
        if found.refusal is not None:
            lines.append((f"{led('Checks')}{found.refusal.said(_)}", "bad"))
        lines += [(f"{led('Checks')}{notice.said(_)}", "bad") for notice in found.warnings]
        if found.refusal is None:
            lines.append(
                (
                    f"{led('Makes')}{_('Payment')} {found.result.number}  {amount(found.result.amount, self.digits)}",
                    "strong",
                )
            )
            for line in model.open:
                part = model.shares.get(line.item_id)
                if part:
                    left = (
                        _("then paid")
                        if part == line.open
                        else _("{left} stays open").format(left=amount(line.open - part, self.digits))
                    )
                    lines.append(f"{led('Changes')}{line.number}  {amount(part, self.digits)}  {left}")
            if found.result.unapplied:
                lines.append(
                    f"{led('Changes')}{_('{amount} stays as credit').format(amount=amount(found.result.unapplied, self.digits))}"
                )

        def go(yes: bool | None) -> None:
            if yes:
                self._post(draft, found.codes)

        heading = _("NEXT STEP   Payment from {customer}").format(customer=model.words.get("customer", ""))
        await self.app.push_screen(
            Confirm(heading, lines, does=N_("post the payment"), possible=found.refusal is None), go
        )

    @work(group="write")
    async def _post(self, draft: Any, codes: frozenset[str]) -> None:
        from o2c_tui.services.paying import receive_payment

        post = self.kept.dropped_by(receive_payment)
        self.unsure = True
        done = await self.attempt(self.desk.write(post, draft, key=self.saying, accepted=codes))
        if done is not None:
            self._posted(done)

    def _posted(self, done: Any) -> None:
        said = _("{document} posted.").format(document=done.number)
        self.app.run_worker(self.o2c.show_document("payment", done.payment_id, replace=True, said=said), group="read")
