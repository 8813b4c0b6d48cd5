"""A line of a bank statement opened: whose money it is, what it pays, what becomes of the difference; a bank account's card."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from o2c_tui.errors import TradeError
from o2c_tui.money import digits_of, round_to
from o2c_tui.rules.entry import number
from o2c_tui.rules.statements import told_in
from o2c_tui.safe_text import fit
from o2c_tui.screens.base import amount_in
from o2c_tui.screens.form import FormScreen
from o2c_tui.screens.payment import PaymentScreen
from o2c_tui.screens.payment_model import KEEPS
from o2c_tui.screens.simple_model import FormModel
from o2c_tui.texts import N_, _
from o2c_tui.widgets.confirm import Line
from o2c_tui.widgets.entry import EntrySheet, FieldSpec

if TYPE_CHECKING:
    from o2c_tui.app import O2c

ZERO = Decimal(0)
MARKS = {"sure": N_("sure"), "likely": N_("likely"), "maybe": N_("maybe")}


async def read_line(app: "O2c", key: int, *, of_match: bool = False) -> None:
    """A line as the bank told it, and who decided what on it, and why; `key` is its own, or that of one decision."""
    from o2c_tui.queries.bank import bank_lines, line_of_match, line_story
    from o2c_tui.rules.matching import REASON_WORDS
    from o2c_tui.widgets.confirm import Reading

    desk = app.desk
    if of_match:
        key = await desk.read(line_of_match, key)
    (line,) = await desk.read(bank_lines, ids=[key])
    own, digits = (desk.facts.currency, desk.facts.digits) if desk.facts else ("", 2)
    lines: list[Line] = [f"{line.account}  {line.booked_on}  {amount_in(line.amount, line.currency, own, digits)}"]
    lines += [part for part in (line.counterparty, line.counterparty_account, line.text, line.reference) if part]
    for told in await desk.read(line_story, key):
        reasons = []
        for reason in told.reasons:
            code, _blank, value = reason.partition(" ")
            reasons.append(
                _(REASON_WORDS[code]).format(value=value) if code in REASON_WORDS else _(MARKS.get(code, code))
            )
        verb = _("taken back") if told.undone else _("decided")
        amount_now = amount_in(told.amount, line.currency, own, digits)
        lines.append(f"{told.on}  {fit(told.by, 10)} {verb}  {amount_now}  {told.with_what}  {'; '.join(reasons)}")
    if line.note:
        lines.append(line.note)
    await app.push_screen(Reading(_("Line of {day}").format(day=line.booked_on), lines))


class BankPayment(PaymentScreen):
    """Money that came in on the bank, as its line tells it."""

    PLACE = N_("BANK LINE")
    ABOUT = N_(
        "Amount and day are the bank's. Give another customer, or take and leave instalments with Space; a figure in Pays gives a\npart, d takes the discount, w tax withheld, b a bank's charge, s a small difference. What is left over is asked about.\nF8 shows what is booked; the line is decided with it."
    )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What the bank told is kept by the books; there is nothing to throw away."""
        return False if action == "throw_away" else super().check_action(action, parameters)

    def __init__(self, told: Any) -> None:
        super().__init__(told.best.customer if told.best is not None else "")
        self.bank_line, self.best = told.line, told.best

    def begin(self) -> None:
        """The line as the bank told it, and what is proposed for it."""
        model, line = self.pay, self.bank_line
        self.title_line.set(mode="", detail=str(line.booked_on))
        model.values["received_on"] = line.booked_on.isoformat()
        digits = digits_of(line.currency) if line.currency else self.digits
        model.values["amount"] = f"{line.amount:.{digits}f}"
        model.kept_in = line.currency
        model.values["reference"] = (line.reference or line.text)[:140]
        model.skipped.add("reference")
        if self.given:
            try:
                model.take_field("customer", self.given)
            except TradeError as error:
                self.say_refusal(error)
        self._as_changed()
        if self.best is not None and self.best.pays:
            there = {item.item_id for item in model.open}
            if all(pay.item_id in there for pay in self.best.pays):
                model.by_hand = True
                model.shares = {pay.item_id: pay.amount for pay in self.best.pays}
                model.less = {}
                for pay in self.best.pays:
                    parts = (("d", pay.discount), ("s", pay.difference), ("b", pay.charge))
                    kept = {letter: part for letter, part in parts if part}
                    if kept:
                        model.less[pay.item_id] = kept

    def _as_changed(self) -> None:
        """Where the customer's money is in another currency than the account, the line is what arrived: how much it was is
        by the rate of the day or one typed, or is typed itself."""
        model, line = self.pay, self.bank_line
        arrived = f"{line.amount:.{self.digits}f}" if model.currency != line.currency else ""
        typed = model.values["rate"] if arrived else ""
        if model.values["arrived"] == arrived and not typed:
            return
        if typed or not (arrived and model.values["arrived"]):
            value = None if typed or not arrived else told_in(line.words, model.currency, model.digits)
            rate = (number(typed) if typed else model.known_rate()) if arrived and value is None else None
            if value is None:
                value = round_to(line.amount / rate, model.digits) if rate else line.amount
            model.values["amount"] = format(value, "f")
        model.values["arrived"] = arrived
        model.values["rate"] = "" if arrived else model.values["rate"]
        model.by_hand = False
        model.give_out()

    def on_entry_sheet_took(self, event: EntrySheet.Took) -> None:
        self._as_changed()
        self.entry.reload()
        self._say()  # the line is kept by the books: nothing of it is lost

    def _verb(self) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        from o2c_tui.services.bank_matching import MatchPart, match_line
        from o2c_tui.services.writing_off import KeptBack

        model = self.pay
        kept = tuple(
            KeptBack(KEEPS[letter], part, line.item_id)
            for line in model.open
            for letter, part in model.less.get(line.item_id, {}).items()
        )
        changed = bool(model.values["arrived"])
        part = MatchPart(
            self.bank_line.amount if changed else model.paid,
            currency=model.currency if changed else "",
            paid=model.paid if changed else None,
            rate=number(model.values["rate"]) if model.values["rate"] and model.currency and not changed else None,
            customer=model.values["customer"],
            shares=dict(model.shares),
            kept_back=kept,
            overpaid=model.rest if self.rest_to == "income" else ZERO,
            order=model.values["order"],
        )
        return match_line, (self.bank_line.id, [part]), {"version": self.bank_line.version}

    def rest_choices(self) -> dict[str, str]:
        """What may become of what is left over: paying back is a line of its own on the statement."""
        choices = super().rest_choices()
        choices.pop("back", None)
        return choices

    def _told(self, result: Any) -> list[str | tuple[str, str]]:
        (part,) = result.parts
        model = self.pay

        class _Paid:
            number, amount, unapplied, settled = part.number, model.paid, part.unapplied, part.settled

        return super()._told(_Paid)

    def _posted(self, done: Any) -> None:
        below = self.app.screen_stack[-2]
        (part,) = done.parts
        self.dismiss(None)
        said = _("Booked: {number}  {amount}").format(
            number=part.number, amount=self.figure_in(part.amount, self.bank_line.currency)
        )
        getattr(below, "ok", lambda text: None)(said)


class BankAccountCard(FormScreen):
    """An account at a bank."""

    PLACE = N_("BANK ACCOUNT")
    ABOUT = N_(
        "The number is checked where it is an IBAN. The default account is printed on invoices, with its code for paying where\nit is in euro and has an IBAN. Its account of the ledger is made where none is given."
    )
    MENU = ()

    def __init__(self, place: Any) -> None:
        super().__init__()
        self.place = place
        self.version = place.version if place is not None else None

    def make_model(self) -> FormModel:
        p = self.place
        names = ("code", "name", "iban", "bic", "bank", "holder", "currency", "account")
        values = {name: getattr(p, name) if p is not None else "" for name in names}
        values["is_default"] = _("yes") if p is not None and p.is_default else _("no")
        return FormModel(values, needed=("code", "name"))

    def fields(self) -> list[list[FieldSpec]]:
        return [
            [FieldSpec("code", N_("Code"), width=10, code=True), FieldSpec("name", N_("Name"), width=30)],
            [FieldSpec("iban", N_("IBAN"), width=34)],
            [FieldSpec("bic", N_("BIC"), width=11), FieldSpec("bank", N_("At bank"), width=30)],
            [FieldSpec("holder", N_("Holder"), width=40)],
            [
                FieldSpec("currency", N_("Currency"), width=4, code=True),
                FieldSpec("account", N_("Account"), width=8),
                FieldSpec("is_default", N_("Default"), width=4),
            ],
        ]

    async def save(self) -> str:
        from o2c_tui.services.banking import BankAccountSetup, save_bank_account

        v = self.form.values
        setup = BankAccountSetup(
            v["code"],
            v["name"],
            iban=v["iban"],
            bic=v["bic"],
            bank=v["bank"],
            holder=v["holder"],
            currency=v["currency"],
            account=v["account"],
            is_default=v["is_default"].casefold() in ("yes", "y", "1", "是", _("yes")),
        )
        version = self.version if self.place is not None and v["code"].strip().upper() == self.place.code else None
        found = await self.desk.preview(save_bank_account, setup, version=version)
        if found.refusal is not None:
            raise found.refusal
        if found.codes and self.seen != found.codes:
            self.seen = found.codes
            raise TradeError(N_("{why} Ctrl+S again saves it all the same."), why=found.warnings[0].said(_))
        done = await self.desk.write(save_bank_account, setup, version=version, accepted=found.codes, key=self.saying)
        return _("{code} saved.").format(code=done.code)

    seen: frozenset[str] = frozenset()
