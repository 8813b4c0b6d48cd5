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
from o2c_tui.screens.base import amount, amount_in, led, money_within, new_key, quantity, short_day
from o2c_tui.screens.kept import Kept
from o2c_tui.screens.sheet import SheetScreen
from o2c_tui.screens.simple_model import FormModel
from o2c_tui.texts import N_, _
from o2c_tui.widgets.confirm import Confirm, Menu
from o2c_tui.widgets.entry import CellSpec, EntrySheet, FieldSpec, Hit, Taken

ZERO = Decimal(0)
_REASONS = {
    "exact": N_("It is exactly one instalment."),
    "sum": N_("It is exactly the sum of these."),
    "discount": N_("It fits with the discount for paying early."),
    "tolerance": N_("It fits but for a small difference."),
    "reference": N_("Those its reference names first."),
    "oldest": N_("Oldest first. Space takes or leaves one; type in Pays."),
}
KEEPS = {"d": "DISCOUNT", "w": "WITHHELD", "b": "BANK", "s": "SMALL"}  # letter in the column Less → reason


class PaymentModel(FormModel):
    """What is typed of a payment, and how it is given out."""

    def __init__(self, desk: Any) -> None:
        super().__init__(
            {
                "customer": "",
                "amount": "",
                "received_on": desk.today().isoformat(),
                "reference": "",
                "account": "",
                "order": "",
                "rate": "",
                "arrived": "",
            },
            needed=("customer", "amount", "reference"),
        )
        self.desk = desk
        self.customer: Any = None
        self.open: list[Any] = []
        self.owed = ZERO  # by the customer in the payment's currency, whichever order it is for
        self.shares: dict[int, Decimal] = {}
        self.less: dict[int, dict[str, Decimal]] = {}  # kept back of an instalment, by letter
        self.tolerance = desk.read_now(_tolerance)
        self.by_hand = False
        self.kept_in = ""  # currency of the bank account, where it is another than the company's
        self.reason = ""
        self.checks = {
            "customer": self._customer,
            "amount": self._amount,
            "received_on": self._day,
            "account": self._account,
            "order": self._order,
            "rate": self._rate,
            "arrived": self._arrived,
        }
        self.skipped: set[str] = set()

    def needs(self, key: str) -> bool:
        if key == "rate":
            return bool(self.currency) and not self.field("rate")
        return key in self.needed and not self.values.get(key) and key not in self.skipped

    @property
    def digits(self) -> int:
        """Of the payment's currency."""
        if self.currency:
            from o2c_tui.money import digits_of

            return digits_of(self.currency)
        return self.own_digits

    @property
    def own_digits(self) -> int:
        """Of the company's currency."""
        return self.desk.facts.digits if self.desk.facts else 2

    @property
    def currency(self) -> str:
        """Of the account the money came in on, or of the customer's documents; empty: the company's."""
        if self.kept_in:
            return self.kept_in
        return self.customer.currency if self.customer is not None else ""

    def said(self, value: Decimal) -> str:
        """An amount of the payment, in another currency than the company's with its code."""
        own = self.desk.facts.currency if self.desk.facts else ""
        return amount_in(value, self.currency, own, self.own_digits)

    def field(self, key: str) -> str:
        if key == "rate" and self.currency and not self.values["rate"]:
            if self.values["arrived"] and self.paid:
                return quantity(round(entry.number(self.values["arrived"]) / self.paid, 6))
            known = self.known_rate()
            return quantity(known) if known else ""
        return super().field(key)

    def beside(self, key: str) -> str:
        if key != "rate" or not self.currency:
            return super().beside(key)
        if not self.field("rate"):
            return _("no rate known: type it")
        return f"1 {self.currency} = {self.field('rate')} {self.desk.facts.currency}"

    def known_rate(self) -> Decimal | None:
        """What one unit of its currency is worth on its day."""
        from o2c_tui.queries.editing import rate_now

        day = entry.day(self.values["received_on"], self.desk.today())
        return self.desk.read_now(rate_now, self.currency, day)  # type: ignore[no-any-return]

    def _rate(self, text: str) -> str:
        from o2c_tui.queries.exchange import check_rate

        self.values["arrived"] = "" if text else self.values["arrived"]
        return format(check_rate(entry.places(entry.number(text), 6)).normalize(), "f") if text else ""

    def _arrived(self, text: str) -> str:
        if not text:
            return ""
        value = entry.places(entry.number(text), self.own_digits)
        if value <= ZERO:
            raise BadValueError(N_("The amount must be more than 0."))
        self.values["rate"] = ""
        return format(value, "f")

    @property
    def paid(self) -> Decimal:
        """The amount typed."""
        return entry.number(self.values["amount"]) if self.values["amount"] else ZERO

    @property
    def rest(self) -> Decimal:
        """What is not given out."""
        return self.paid - sum(self.shares.values(), ZERO)

    def kept_back(self, key: int) -> Decimal:
        """What is kept back of an instalment besides what is paid."""
        return sum(self.less.get(key, {}).values(), ZERO)

    def _order(self, text: str) -> str:
        from o2c_tui.queries.settling import has_order

        number = text.strip().upper()
        if number and self.customer is not None and not self.desk.read_now(has_order, self.customer.code, number):
            raise BadValueError(N_("The customer has no order {number}."), field="order", number=number)
        self.values["order"] = number
        self.by_hand = False
        self.load_open()
        return number

    def _account(self, text: str) -> str:
        from o2c_tui.queries.settling import money_accounts

        code = text.strip()
        if code and code not in dict(self.desk.read_now(money_accounts, code)):
            raise BadValueError(N_("{account} is no bank or cash account."), field="account", account=code)
        return code

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
        if not self.values["customer"]:
            return
        found = self.desk.read_now(ask, self.values["customer"], day)
        self.open = [line for line in found if line.open > 0 and line.currency == self.currency]
        self.owed = sum((line.open for line in self.open), ZERO)
        if self.values["order"]:
            mine = self.desk.read_now(_billed, self.values["order"])
            self.open = [line for line in self.open if line.kind != "payment" and line.document_id in mine]
        self.less = {}
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
        items = [OpenItem(line.item_id, line.due_on, line.open, line.number, line.discount) for line in self.open]
        told = propose(items, self.paid, reference=self.values["reference"], offers=True, tolerance=self.tolerance)
        self.shares, self.reason = dict(told.shares), told.reason
        self.less = {key: {"d": part} for key, part in told.discounts.items()}
        for key, part in told.differences.items():
            self.less.setdefault(key, {})["s"] = part

    def toggle(self, row: int) -> None:
        """Take or leave an instalment."""
        line = self.open[row]
        self.by_hand = True
        if self.shares.get(line.item_id):
            del self.shares[line.item_id]
        else:
            part = min(line.open - self.kept_back(line.item_id), max(ZERO, self.rest))
            if part:
                self.shares[line.item_id] = part

    def keep_back(self, row: int, letter: str) -> str:
        """Keep back of an instalment all its discount, or what is left of it beside the payment; again: not any more.

        Returns why it cannot be, in words, or nothing.
        """
        line = self.open[row]
        mine = self.less.setdefault(line.item_id, {})
        self.by_hand = True
        if mine.pop(letter, None) is not None:
            return ""
        others = self.kept_back(line.item_id)
        pays = self.shares.get(line.item_id, ZERO)
        if letter == "d":
            part = min(line.discount, line.open - others)
            if not part:
                return _("{number}: no discount is offered on this day.").format(number=line.number)
            if pays > line.open - others - part:
                self.shares[line.item_id] = line.open - others - part
        else:
            if not pays and (given := min(max(self.rest, ZERO), line.open - others)):
                self.shares[line.item_id] = pays = given
            part = line.open - others - pays
            if not part or not pays:
                return _(
                    "{number}: nothing of it is paid, or nothing left; type the amount in Less, as 1.50{letter}."
                ).format(number=line.number, letter=letter)
        mine[letter] = part
        return ""

    def lines(self) -> Sequence[Mapping[str, str]]:
        rows = []
        for line in self.open:
            pays = self.shares.get(line.item_id, ZERO)
            late = f"{_('LATE')} {line.days_overdue}" if line.days_overdue > 0 else ""
            if line.discount and not late:
                late = f"d {line.discount_on:%m-%d}"  # its letter, and until when
            less = self.kept_back(line.item_id)
            letters = "".join(self.less.get(line.item_id, {}))
            rows.append(
                {
                    "mark": "*" if pays else "",
                    "invoice": line.number,
                    "due": short_day(line.due_on, self.desk.today()),
                    "late": late,
                    "open": money_within(line.open, self.digits, 10),
                    "pays": amount(pays, self.digits) if pays else "-",
                    "less": f"{amount(less, self.digits)}{letters}" if less else "-",
                    "left": money_within(line.open - pays - less, self.digits, 10),
                }
            )
        return rows

    def take_cell(self, row: int, key: str, text: str) -> Taken:
        line = self.open[row]
        if key == "less":
            return self._take_less(line, text.strip().casefold())
        most = line.open - self.kept_back(line.item_id)
        try:
            if text.strip() == "=":
                part = min(most, self.rest + self.shares.get(line.item_id, ZERO))
            elif text.strip() in ("", "-"):
                part = ZERO
            else:
                part = entry.places(entry.number(text), self.digits)
        except TradeError as error:
            return Taken("err", error.said(_))
        if not ZERO <= part <= most:
            return self._too_much(line, most, part)
        self.by_hand = True
        self.shares[line.item_id] = part
        if not part:
            del self.shares[line.item_id]
        return Taken(go="line")

    def _too_much(self, line: Any, most: Decimal, part: Decimal) -> Taken:
        told = _("{number}: {open} is open, not {part}.")
        return Taken(
            "err",
            told.format(number=line.number, open=amount(most, self.digits), part=amount(part, self.digits)),
        )

    def _take_less(self, line: Any, text: str) -> Taken:
        """What is kept back: a figure with its letter; the letter may be left out where it is the only one."""
        if text in ("", "-", "0"):
            self.less.pop(line.item_id, None)
            self.by_hand = True
            return Taken(go="line")
        mine = self.less.get(line.item_id, {})
        letter = text[-1] if text[-1] in KEEPS else next(iter(mine), "") if len(mine) == 1 else ""
        if not letter:
            return Taken(
                "err", _("Say what for: 1.50d discount, 1.50w tax withheld, 1.50b bank, 1.50s small difference.")
            )
        try:
            part = entry.places(entry.number(text.rstrip("".join(KEEPS))), self.digits)
        except TradeError as error:
            return Taken("err", error.said(_))
        others = self.kept_back(line.item_id) - mine.get(letter, ZERO)
        most = min(line.open - others, line.discount) if letter == "d" else line.open - others
        if not ZERO < part <= most:
            return self._too_much(line, most, part)
        self.by_hand = True
        self.less.setdefault(line.item_id, {})[letter] = part
        left = line.open - others - part
        if self.shares.get(line.item_id, ZERO) > left:
            self.shares[line.item_id] = left
        return Taken(go="line")

    def hits(self, key: str, text: str) -> Sequence[Hit]:
        from o2c_tui.queries.pick import find_parties
        from o2c_tui.queries.settling import money_accounts

        if key == "order" and self.customer is not None:
            return [
                Hit(order.number, str(order.ordered_on), self.said(order.gross))
                for order in self.desk.read_now(_orders, self.values["customer"], text)
            ]
        if key == "account":
            return [Hit(code, _(name)) for code, name in self.desk.read_now(money_accounts, text)]
        if key != "customer":
            return ()
        return [Hit(h.code, h.name, amount(h.owes, self.own_digits)) for h in self.desk.read_now(find_parties, text)]


def _tolerance(session: Any) -> Decimal:
    from o2c_tui.queries.lookups import the_company

    return the_company(session).small_difference


def _billed(session: Any, number: str) -> set[int]:
    from o2c_tui.queries.settling import billed_by

    return billed_by(session, number)


def _orders(session: Any, customer: str, text: str) -> Any:
    from o2c_tui.queries.settling import binding_orders

    return binding_orders(session, customer, text)


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
            for key in ("customer", "received_on", "account", "amount", "reference", "order", "rate", "arrived"):
                if kept.get(key):
                    self.pay.take_field(key, kept[key])
            self.ok(_("This is the payment that was kept. F8 posts it."))

    def _for_invoice(self, invoice: Any) -> None:
        """Begin with one invoice: its whole open amount."""
        self.pay.take_field("amount", format(invoice.head["open"], "f"))
        self.pay.shares = {part.id: part.open for part in invoice.instalments if part.open > 0}
        self.pay.by_hand = True

    def on_entry_sheet_took(self, event: EntrySheet.Took) -> None:
        model = self.pay
        if model.values["customer"]:
            names = ("customer", "amount", "received_on", "account", "reference", "order", "rate", "arrived")
            words = {key: model.values[key] for key in names}
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
            owes = model.said(model.owed)
            self.entry.have_row(_RATE_ROW, there=bool(model.currency))
            self.title_line.set(detail=_("owes {amount}").format(amount=owes))
        given = model.said(model.paid - model.rest)
        self.totals.set(
            _("Given out {given}   Left over {rest}").format(given=given, rest=model.said(model.rest)),
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
