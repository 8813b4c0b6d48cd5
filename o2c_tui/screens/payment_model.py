"""A payment while it is typed: whose it is, which instalments it pays, what is kept back of them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from o2c_tui.errors import BadValueError, TradeError
from o2c_tui.rules import entry
from o2c_tui.rules.allocation import OpenItem, propose
from o2c_tui.screens.base import amount, amount_in, money_within, quantity, short_day
from o2c_tui.screens.simple_model import FormModel
from o2c_tui.texts import N_, _
from o2c_tui.widgets.entry import Hit, Taken

ZERO = Decimal(0)
REASONS = {
    "exact": N_("It is exactly one instalment."),
    "sum": N_("It is exactly the sum of these."),
    "discount": N_("It fits with the discount for paying early."),
    "tolerance": N_("It fits but for a small difference."),
    "reference": N_("Those its reference names first."),
    "oldest": N_("Oldest first. Space takes or leaves one; type in Pays."),
}


KEPT = (
    "customer",
    "received_on",
    "account",
    "amount",
    "reference",
    "order",
    "rate",
    "arrived",
)  # values, in this order
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

    # -- keeping -----------------------------------------------------------------------------------------------------

    def as_words(self) -> dict[str, Any]:
        """The payment as it is kept: its values, and by instalment what it pays and keeps back where that was typed."""
        words: dict[str, Any] = {key: self.values[key] for key in KEPT}
        if self.by_hand:
            words["pays"] = {key: str(part) for key, part in self.shares.items()}
            words["less"] = {
                key: {letter: str(part) for letter, part in mine.items()} for key, mine in self.less.items()
            }
        return words

    def take_words(self, words: Mapping[str, Any]) -> None:
        """A kept payment again. What was given out stands as far as the instalments still have it open."""
        for key in KEPT:
            if words.get(key):
                self.take_field(key, words[key])
        if "pays" not in words:
            return
        self.by_hand, self.shares, self.less = True, {}, {}
        for line in self.open:
            key, left = str(line.item_id), line.open
            for letter, part in words.get("less", {}).get(key, {}).items():
                if ZERO < Decimal(part) <= left:
                    self.less.setdefault(line.item_id, {})[letter] = Decimal(part)
                    left -= Decimal(part)
            part = min(Decimal(words["pays"].get(key, "0")), left)
            if part > ZERO:
                self.shares[line.item_id] = part

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
