"""Any walk through invoices, money and corrections in other currencies: nothing open is worth nothing, the account holds.

The model knows by customer what is open in the customer's own currency; what the company's account has beside it is
asked of the open items, and may never be left behind when nothing is open any more.
"""

from decimal import Decimal as D

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from o2c_tui.models.ledger import AccountRole
from o2c_tui.models.receivable import ReceivableItem
from o2c_tui.queries.receivables import aged, aged_by_currency
from o2c_tui.queries.verify_ledger import account_balance
from o2c_tui.services.crediting import credit_invoice
from o2c_tui.services.deposits import deposit_invoice
from o2c_tui.services.exchanging import save_rate
from o2c_tui.services.invoicing import invoice_order
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.paying import PaymentDraft, apply_credit
from o2c_tui.services.refunding import refund
from o2c_tui.services.shipping import ship_order
from o2c_tui.services.taking_back import bounce_payment, unapply, undo_allocation
from o2c_tui.services.tax_codes import TermSetup, save_term
from o2c_tui.services.writing_off import KeptBack, reverse_adjustment, settle_payment, write_off
from tests.makers import ordered
from tests.properties.walks import Walk, soak, soaked, walk

CUSTOMERS = {"USCO": "USD", "NIPPON": "JPY"}
RATES = {"USD": st.decimals("0.5", "1.5", places=6), "JPY": st.decimals("0.004", "0.009", places=6)}
WHOLE = st.integers(1, 400).map(D)
MONEY = st.integers(1, 2_000).map(D)
REASONS = st.sampled_from(["DEBT", "BANK", "GOODWILL", "SMALL", "DISCOUNT"])


class Abroad(Walk):
    """Freight is sold in dollars and in yen, at rates that change each day."""

    def __init__(self) -> None:
        super().__init__()
        half = {"kind": "percent", "value": "50", "days": 10, "discount_percent": "3", "discount_days": 5}
        self.desk.do(save_term, TermSetup("EARLY", "half soon, 3 % off", (half, {"kind": "rest", "days": 60})))
        for code, currency in CUSTOMERS.items():
            self.desk.do(save_party, PartySetup(code, f"{code} Ltd", currency=currency, term="EARLY"))
        self.desk.do(save_rate, "USD", D("0.9"))
        self.desk.do(save_rate, "JPY", D("0.0061"))
        self.owed = dict.fromkeys(CUSTOMERS, D(0))
        self.orders: list[tuple[str, int]] = []
        self.invoices: list[tuple[str, int]] = []
        self.payments: list[tuple[str, int, D]] = []
        self.adjustments: list[tuple[str, int]] = []
        self.yesterday: tuple[object, list[object]] | None = None

    @rule(currency=st.sampled_from(["USD", "JPY"]), data=st.data())
    def the_rate_changes(self, currency, data):
        self._try(save_rate, currency, data.draw(RATES[currency]))

    @rule(customer=st.sampled_from(list(CUSTOMERS)), quantity=st.integers(1, 9), price=WHOLE)
    def an_order_is_confirmed(self, customer, quantity, price):
        order = ordered(self.desk, ("FREIGHT", quantity, price), ("FREIGHT", 3, price + 1), customer=customer)
        self.orders.append((customer, order.order_id))

    @rule(customer=st.sampled_from(list(CUSTOMERS)), quantity=st.integers(1, 5), price=WHOLE)
    def something_is_sold(self, customer, quantity, price):
        order = ordered(self.desk, ("FREIGHT", quantity, price), customer=customer).order_id
        self.desk.do(ship_order, order)
        self._billed(customer, self.desk.do(invoice_order, order))

    def _billed(self, customer, done):
        if done:
            self.invoices.append((customer, done.invoice_id))
            self.owed[customer] += done.gross

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), percent=st.sampled_from([10, 33, 50]))
    def a_deposit_is_asked_for(self, data, percent):
        customer, order = data.draw(st.sampled_from(self.orders))
        self._billed(customer, self._try(deposit_invoice, order, percent=D(percent)))

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def it_is_billed(self, data):
        customer, order = data.draw(st.sampled_from(self.orders))
        self._try(ship_order, order)
        self._billed(customer, self._try(invoice_order, order))

    @precondition(lambda self: self.invoices)
    @rule(data=st.data(), quantity=st.integers(1, 4).map(D), whole=st.booleans(), by_amount=st.booleans())
    def it_is_credited(self, data, quantity, whole, by_amount):
        customer, invoice = data.draw(st.sampled_from(self.invoices))
        line = self.desk.document("invoice", invoice).lines[0]["id"]
        how = {} if whole else {"amounts" if by_amount else "quantities": {line: quantity}}
        done = self._try(credit_invoice, invoice, "too dear", **how)
        if done:
            self.owed[customer] -= done.gross

    @rule(
        customer=st.sampled_from(list(CUSTOMERS)),
        amount=WHOLE,
        rate=st.none() | st.integers(1, 99),
        offers=st.booleans(),
    )
    def money_comes_in(self, customer, amount, rate, offers):
        of_day = D("0.9") if CUSTOMERS[customer] == "USD" else D("0.006")
        rate = of_day * (100 + D(rate)) / 100 if rate else None
        draft = PaymentDraft(customer, amount, rate=rate)
        self._paid(customer, amount, self._try(settle_payment, draft, offers=offers))

    def _paid(self, customer, amount, done):
        if done:
            self.payments.append((customer, done.payment_id, amount))
            self.owed[customer] -= amount + sum(one.amount for one in done.settled)
            self.adjustments += [(customer, one.adjustment_id) for one in done.settled]

    @rule(customer=st.sampled_from(list(CUSTOMERS)), amount=MONEY, arrived=st.integers(1, 90_000))
    def the_bank_says_what_arrived(self, customer, amount, arrived):
        draft = PaymentDraft(customer, amount, arrived=D(arrived).scaleb(-2))
        self._paid(customer, amount, self._try(settle_payment, draft))

    @precondition(lambda self: self.payments)
    @rule(data=st.data(), charge=st.integers(0, 500).map(lambda n: D(n).scaleb(-2)), customers=st.booleans())
    def it_bounces(self, data, charge, customers):
        payment = data.draw(st.sampled_from(self.payments))
        customer, key, amount = payment
        before = self._open(customer)
        done = self._try(bounce_payment, key, "no money", charge=charge, charge_customer=customers)
        if done:
            self.payments.remove(payment)
            assert self._open(customer) >= before + amount
            self.owed[customer] = self._open(customer)  # what was kept back with it came back too

    @precondition(lambda self: self.invoices)
    @rule(data=st.data(), amount=WHOLE | st.none(), reason=REASONS)
    def it_is_written_off(self, data, amount, reason):
        customer, invoice = data.draw(st.sampled_from(self.invoices))
        done = self._try(write_off, invoice, reason, amount=amount)
        if done:
            self.adjustments.append((customer, done.adjustment_id))
            self.owed[customer] -= done.amount

    @precondition(lambda self: self.invoices)
    @rule(data=st.data(), kept=st.sampled_from(["DISCOUNT", "BANK", "WITHHELD"]), amount=MONEY)
    def it_is_paid_but_for_something(self, data, kept, amount):
        customer, invoice = data.draw(st.sampled_from(self.invoices))
        number = self.desk.document("invoice", invoice).label
        less = None if kept == "DISCOUNT" else D(data.draw(st.integers(1, 30)))
        draft = PaymentDraft(customer, amount, reference=number)
        self._paid(customer, amount, self._try(settle_payment, draft, [KeptBack(kept, less, invoice=number)]))

    @precondition(lambda self: self.adjustments)
    @rule(data=st.data())
    def that_is_taken_back(self, data):
        customer, key = data.draw(st.sampled_from(self.adjustments))
        done = self._try(reverse_adjustment, key, "he pays")
        if done:
            self.owed[customer] -= done.amount

    @rule(customer=st.sampled_from(list(CUSTOMERS)), amount=WHOLE | st.none())
    def money_is_paid_back(self, customer, amount):
        done = self._try(refund, customer, amount)
        if done:
            self.owed[customer] -= done.amount

    @precondition(lambda self: self.payments)
    @rule(data=st.data(), all_of_it=st.booleans())
    def it_is_taken_off_invoices(self, data, all_of_it):
        _customer, key, _amount = data.draw(st.sampled_from(self.payments))
        payment = self.desk.document("payment", key)
        if all_of_it:
            self._try(unapply, key)
        elif payment.shares:
            self._try(undo_allocation, payment.label, data.draw(st.sampled_from(payment.shares)).number)

    @precondition(lambda self: self.payments)
    @rule(data=st.data())
    def what_is_left_is_used(self, data):
        self._try(apply_credit, payment_id=data.draw(st.sampled_from(self.payments))[1])

    @rule()
    def a_day_goes_by(self):
        self.yesterday = (self.desk.today, self.desk.ask(aged, as_of=self.desk.today))
        self.desk.next_day()

    def _open(self, customer: str) -> D:
        return self._sums().get(CUSTOMERS[customer], D(0))

    def _sums(self) -> dict[str, D]:
        rows = self.desk.ask(aged_by_currency, as_of=self.desk.today)
        return {row.currency: row.total for row in rows}

    @invariant()
    def each_customer_owes_what_was_done(self):
        told = self._sums()
        assert {code: told.get(currency, D(0)) for code, currency in CUSTOMERS.items()} == self.owed

    @invariant()
    def the_account_is_what_is_open_and_nothing_is_left_behind(self):
        items = self.desk.ask(lambda s: s.execute(sa.select(ReceivableItem.open, ReceivableItem.base_open)).all())
        assert all((item.open == 0) <= (item.base_open == 0) for item in items)
        assert sum((item.base_open for item in items), D(0)) == self.desk.ask(account_balance, AccountRole.RECEIVABLE)
        if self.yesterday is not None:
            assert self.desk.ask(aged, as_of=self.yesterday[0]) == self.yesterday[1]


def test_any_walk_abroad_keeps_the_books_true():
    walk(Abroad, 6, 25)


@soaked
def test_long_walks_abroad_keep_the_books_true(part):
    soak(Abroad, part)
