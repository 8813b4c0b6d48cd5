"""A payment taken in: amount and reference, then which instalments it pays; proposed, changed by hand, posted by F8."""

from collections.abc import Sequence
from typing import Any

from textual import work
from textual.app import ComposeResult

from o2c_tui.errors import TradeError, TroubleError
from o2c_tui.queries.why_parts import Subject
from o2c_tui.rules import entry
from o2c_tui.screens.asking import Asked
from o2c_tui.screens.base import led, new_key
from o2c_tui.screens.kept import Kept
from o2c_tui.screens.payment_model import KEEPS, REASONS, ZERO, PaymentModel
from o2c_tui.screens.sheet import SheetScreen
from o2c_tui.texts import N_, _
from o2c_tui.widgets.confirm import Confirm, Menu
from o2c_tui.widgets.entry import CellSpec, EntrySheet, FieldSpec


class _PaySheet(EntrySheet):
    """The instalments under the payment's head: Space takes or leaves one; d, w, b, s keep something back of it."""

    def on_key(self, event: Any) -> None:
        if self.buffer is None and event.key in KEEPS and self.in_lines and self._lines:
            why = self.model.keep_back(self.line, event.key)  # type: ignore[attr-defined]
            self.reload()
            self.post_message(self.Took(self))
            if why:
                self.screen.warn(why)  # type: ignore[attr-defined]
            event.stop()
            event.prevent_default()
            return
        if self.buffer is None and event.key == "space" and self.in_lines and self._lines:
            self.model.toggle(self.line)  # type: ignore[attr-defined]
            self.do_line_down()
            self.post_message(self.Took(self))
            event.stop()
            event.prevent_default()
            return
        super().on_key(event)


_RATE_ROW = [
    FieldSpec("rate", N_("Rate"), width=12, beside=28),
    FieldSpec("arrived", N_("Arrived"), width=14),
]


class PaymentScreen(SheetScreen):
    """Money in."""

    PLACE = N_("PAYMENT")
    ABOUT = N_(
        "Type customer, amount and reference; the instalments it pays are proposed.\nSpace takes or leaves one, a figure in Pays gives a part, = gives what is left.\nOn an instalment d takes its discount, w tax withheld, b a bank's charge, s a small difference.\nWith an order the money is paid ahead on it. Of a customer with another currency the rate, or what arrived, is typed too.\nF8 shows what is posted; what is left over is asked about."
    )

    MENU = (
        ("keep_discount", N_("Discount for paying early (d)")),
        ("keep_withheld", N_("Tax withheld by the customer (w)")),
        ("keep_bank", N_("Bank charge kept back (b)")),
        ("keep_small", N_("Small difference (s)")),
        ("throw_away", N_("Throw what was typed away")),
    )

    def __init__(self, customer: str = "", *, invoice: Any = None, order: str = "", kept: int | None = None) -> None:
        super().__init__()
        self.given, self.invoice, self.order, self.kept_at = customer, invoice, order, kept
        self.rest_to = ""  # what becomes of what is left over: credit, back, income
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
                FieldSpec("account", N_("Into"), width=6, code=True),
            ],
            [
                FieldSpec("amount", N_("Amount"), width=14),
                FieldSpec("reference", N_("Reference"), width=18),
                FieldSpec("order", N_("Order"), width=11, code=True),
            ],
        ]
        columns = [
            CellSpec("mark", "", width=1, fixed=True),
            CellSpec("invoice", N_("Invoice"), width=10, share=1, fixed=True),
            CellSpec("due", N_("Due"), width=8, fixed=True),
            CellSpec("late", "", width=8, fixed=True),
            CellSpec("open", N_("Open"), width=10, right=True, fixed=True),
            CellSpec("pays", N_("Pays"), width=11, right=True),
            CellSpec("less", N_("Less"), width=10, right=True),
            CellSpec("left", N_("Left"), width=10, right=True, fixed=True),
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
        self.begin()
        self.entry.to_start()
        self.entry.reload()
        self.entry.focus()
        self._say()

    def begin(self) -> None:
        """What stands there at first: who pays, for what, or the payment that was kept."""
        self.title_line.set(mode=_("NEW"))
        self.pay.values["account"] = ""
        kept = self.kept.read()
        if self.given:
            self.pay.take_field("customer", self.given)
            if self.invoice is not None:
                self._for_invoice(self.invoice)
            if self.order:
                self.pay.take_field("order", self.order)
        elif kept:
            self.pay.take_words(kept)
            self.ok(_("This is the payment that was kept. F8 posts it."))

    def _for_invoice(self, invoice: Any) -> None:
        """Begin with one invoice: its whole open amount."""
        self.pay.take_field("amount", format(invoice.head["open"], "f"))
        self.pay.shares = {part.id: part.open for part in invoice.instalments if part.open > 0}
        self.pay.by_hand = True

    def on_entry_sheet_took(self, event: EntrySheet.Took) -> None:
        model = self.pay
        if model.values["customer"]:
            try:
                self.kept.keep(model.as_words(), model.customer.name if model.customer else "")
            except TroubleError as error:
                self.say_refusal(error)
        self._say()

    def on_entry_sheet_left(self, event: EntrySheet.Left) -> None:
        self.hint(_("F8 = {step}").format(step=_("Post")))

    def _say(self) -> None:
        model = self.pay
        if model.customer is not None:
            owes = model.said(model.owed)
            self.entry.have_row(_RATE_ROW, there=bool(model.currency))
            self.title_line.set(detail=_("owes {amount}").format(amount=owes))
        given = model.said(model.paid - model.rest)
        self.totals.set(
            _("Given out {given}   Left over {rest}").format(given=given, rest=model.said(model.rest)),
            _("stays as credit") if model.rest > 0 and model.paid else "",
        )
        if model.paid and not model.by_hand and model.reason:
            self.hint(_(REASONS[model.reason]))

    # -- keys --------------------------------------------------------------------------------------------------------

    def key_label(self, action: str) -> str | None:
        return _("Post") if action == "next_step" else None

    def asked(self) -> Sequence[Asked]:
        """On an instalment: what is open of its invoice, and how late; else the customer's card."""
        row = self.entry.line
        if self.entry.buffer is None and 0 <= row < len(self.pay.open):
            line = self.pay.open[row]
            subject = Subject(line.document_kind, line.document_id)
            figures = ("open", "overdue") if line.document_kind == "invoice" else ("open",)
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

    def action_keep_discount(self) -> None:
        """The discount of the instalment under the cursor, or not."""
        self._keep("d")

    def action_keep_withheld(self) -> None:
        """What is left of the instalment was withheld as tax."""
        self._keep("w")

    def action_keep_bank(self) -> None:
        """What is left of the instalment a bank kept back on the way."""
        self._keep("b")

    def action_keep_small(self) -> None:
        """What is left of the instalment is a small difference."""
        self._keep("s")

    def _keep(self, letter: str) -> None:
        row = self.entry.line
        if not 0 <= row < len(self.pay.open):
            self.warn(_("Go to an instalment first."))
            return
        why = self.pay.keep_back(row, letter)
        self.entry.reload()
        self._say()
        if why:
            self.warn(why)

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
            order=model.values["order"],
            rate=entry.number(model.values["rate"]) if model.currency and model.values["rate"] else None,
            arrived=entry.number(model.values["arrived"]) if model.currency and model.values["arrived"] else None,
        )

    def _verb(self) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        """The verb that posts what is typed: with what is kept back, or the plain payment."""
        from o2c_tui.services.paying import receive_payment
        from o2c_tui.services.writing_off import KeptBack, settle_payment

        model = self.pay
        kept = [
            KeptBack(KEEPS[letter], part, line.item_id)
            for line in model.open
            for letter, part in model.less.get(line.item_id, {}).items()
        ]
        rest = model.rest if model.rest > ZERO else ZERO
        if not kept and self.rest_to in ("", "credit"):
            return receive_payment, (self._draft(),), {}
        words: dict[str, Any] = {}
        if self.rest_to == "income":
            words["overpaid"] = rest
        elif self.rest_to == "back":
            words["pay_back"] = True
        return settle_payment, (self._draft(), kept), words

    def _asks_about_rest(self) -> bool:
        """What is left over: asked before it is shown, unless it is paid ahead on an order."""
        model = self.pay
        if model.rest <= ZERO or not model.paid or model.values["order"]:
            self.rest_to = ""
            return False
        if self.rest_to:
            return False
        choices = self.rest_choices()
        names = list(choices)

        def take(chosen: int | None) -> None:
            if chosen is not None:
                self.rest_to = names[chosen]
                self._preview()

        question = _("{amount} is left over. What becomes of it?").format(amount=model.said(model.rest))
        self.app.push_screen(Menu(question, list(choices.values())), take)
        return True

    def rest_choices(self) -> dict[str, str]:
        """What may become of what is left over."""
        model = self.pay
        choices = {"credit": _("It stays as the customer's credit"), "back": _("It is paid back")}
        if model.rest <= model.tolerance:
            choices["income"] = _("It is kept as income: a small difference")
        return choices

    @work(group="read")
    async def _preview(self) -> None:
        model = self.pay
        for key, words in (("customer", N_("Give a customer first.")), ("amount", N_("Give the amount first."))):
            if not model.values[key]:
                self.err(_(words))
                self.entry.line, self.entry.cell = -1, key
                self.entry.reload()
                return
        if self._asks_about_rest():
            return
        verb, args, given = self._verb()
        try:
            if self.unsure and (done := await self.desk.answer(verb, self.saying)) is not None:
                self._posted(done)
                return
            found = await self.desk.preview(verb, *args, **given)
        except (TradeError, TroubleError) as error:
            self.say_refusal(error)
            return
        finally:
            self.rest_to = ""
        lines: list[str | tuple[str, str]] = []
        if found.refusal is not None:
            lines.append((f"{led('Checks')}{found.refusal.said(_)}", "bad"))
        lines += [(f"{led('Checks')}{notice.said(_)}", "bad") for notice in found.warnings]
        if found.refusal is None:
            lines += self._told(found.result)

        def go(yes: bool | None) -> None:
            if yes:
                self._post(verb, args, given, found.codes)

        heading = _("NEXT STEP   Payment from {customer}").format(customer=model.words.get("customer", ""))
        await self.app.push_screen(
            Confirm(heading, lines, does=N_("post the payment"), possible=found.refusal is None), go
        )

    def _told(self, result: Any) -> list[str | tuple[str, str]]:
        """What posting makes and changes, in lines."""
        model = self.pay
        paid = getattr(result, "payment", result)
        lines: list[str | tuple[str, str]] = [
            (f"{led('Makes')}{_('Payment')} {paid.number}  {model.said(paid.amount)}", "strong")
        ]
        for made in getattr(result, "settled", ()):
            told = f"{made.number}  {_(made.reason)}  {model.said(made.amount)}"
            if made.tax:
                told += "  " + _("tax {amount}").format(amount=model.said(made.tax))
            lines.append(f"{led('Makes')}{told}")
        back = getattr(result, "paid_back", None)
        if back is not None:
            lines.append(f"{led('Makes')}{_('Refund')} {back.number}  {model.said(-back.amount)}")
        for line in model.open:
            part = model.shares.get(line.item_id, ZERO)
            less = model.kept_back(line.item_id)
            if part or less:
                left = (
                    _("then paid")
                    if part + less == line.open
                    else _("{left} stays open").format(left=model.said(line.open - part - less))
                )
                lines.append(f"{led('Changes')}{line.number}  {model.said(part)}  {left}")
        if paid.unapplied:
            stays = _("{amount} stays as credit").format(amount=model.said(paid.unapplied))
            if model.values["order"]:
                stays = _("{amount} is paid ahead on {order}").format(
                    amount=model.said(paid.unapplied), order=model.values["order"]
                )
            lines.append(f"{led('Changes')}{stays}")
        return lines

    @work(group="write")
    async def _post(self, verb: Any, args: tuple[Any, ...], given: dict[str, Any], codes: frozenset[str]) -> None:
        post = self.kept.dropped_by(verb)
        self.unsure = True
        done = await self.attempt(self.desk.write(post, *args, key=self.saying, accepted=codes, **given))
        if done is not None:
            self._posted(done)

    def _posted(self, done: Any) -> None:
        said = _("{document} posted.").format(document=done.number)
        self.app.run_worker(self.o2c.show_document("payment", done.payment_id, replace=True, said=said), group="read")
