"""Any walk over the verbs keeps the books true: a plain model stands beside them, and verify proves every promise."""

from decimal import Decimal as D

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from o2c_tui.models.ledger import AccountRole
from o2c_tui.queries.receivables import aged
from o2c_tui.queries.stock import stock_on
from o2c_tui.queries.verify_ledger import account_balance
from o2c_tui.services.amending import LineChange, amend_order
from o2c_tui.services.crediting import credit_invoice
from o2c_tui.services.invoicing import invoice_order
from o2c_tui.services.ordering import cancel_order, close_order, hold_order, release_order, reserve_order
from o2c_tui.services.paying import PaymentDraft, apply_credit, receive_payment
from o2c_tui.services.refunding import refund
from o2c_tui.services.shipping import return_goods, reverse_delivery, ship_order
from o2c_tui.services.taking_back import reverse_payment, undo_allocation
from o2c_tui.services.writing_off import reverse_adjustment, write_off
from tests.makers import ordered, paid, receive
from tests.properties.walks import Walk, soak, soaked, walk

COUNTS = st.integers(1, 9).map(D)
CENTS = st.integers(1, 99_999).map(lambda n: D(n).scaleb(-2))


class Books(Walk):
    """Bolts come in, are sold, delivered, billed, paid, sent back, in any order; refusals change nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.on_hand = self.owed = D(0)
        self.value = D(0)
        self.orders: list[int] = []
        self.deliveries: list[int] = []
        self.invoices: list[int] = []
        self.payments: list[tuple[int, D]] = []
        self.adjustments: list[int] = []
        self.yesterday: tuple[object, list[object]] | None = None

    @rule(quantity=COUNTS, cost=CENTS)
    def goods_come_in(self, quantity, cost):
        receive(self.desk, "BOLT", quantity, cost)
        self.on_hand += quantity
        self.value += (quantity * cost).quantize(D("0.01"))

    @rule(quantity=COUNTS, price=CENTS)
    def an_order_is_confirmed(self, quantity, price):
        self.orders.append(ordered(self.desk, ("BOLT", quantity, price), ("FREIGHT", 1)).order_id)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), quantity=COUNTS)
    def it_is_delivered_in_part(self, data, quantity):
        order = data.draw(st.sampled_from(self.orders))
        line = self.desk.document("order", order).lines[0]
        done = self._try(ship_order, order, quantities={line["id"]: quantity})
        if done:
            self.deliveries.append(done.delivery_id)
            self.on_hand -= quantity
            self.value -= done.cost

    @precondition(lambda self: self.deliveries)
    @rule(data=st.data(), quantity=COUNTS)
    def goods_come_back(self, data, quantity):
        delivery = data.draw(st.sampled_from(self.deliveries))
        line = next(x for x in self.desk.document("delivery", delivery).lines if x["item"] == "BOLT")
        done = self._try(return_goods, delivery, {line["id"]: quantity}, reason="damaged")
        if done:
            self.on_hand += quantity
            self.value += done.cost

    @precondition(lambda self: self.deliveries)
    @rule(data=st.data())
    def a_delivery_never_left(self, data):
        delivery = data.draw(st.sampled_from(self.deliveries))
        before = self.desk.document("delivery", delivery)
        if self._try(reverse_delivery, delivery, "wrong address"):
            self.on_hand += sum(line["quantity"] for line in before.lines if line["item"] == "BOLT")
            self.value += before.head["cost"]

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def it_is_billed(self, data):
        done = self._try(invoice_order, data.draw(st.sampled_from(self.orders)))
        if done:
            self.invoices.append(done.invoice_id)
            self.owed += done.gross

    @precondition(lambda self: self.invoices)
    @rule(data=st.data(), quantity=COUNTS)
    def it_is_credited(self, data, quantity):
        invoice = data.draw(st.sampled_from(self.invoices))
        line = self.desk.document("invoice", invoice).lines[0]
        done = self._try(credit_invoice, invoice, "price", quantities={line["id"]: quantity})
        if done:
            self.owed -= done.gross

    @rule(amount=CENTS)
    def money_comes_in(self, amount):
        self.payments.append((paid(self.desk, amount).payment_id, amount))
        self.owed -= amount

    @precondition(lambda self: self.payments)
    @rule(data=st.data())
    def it_bounces(self, data):
        payment = data.draw(st.sampled_from(self.payments))
        if self._try(reverse_payment, payment[0], "bounced"):
            self.payments.remove(payment)
            self.owed += payment[1]

    @precondition(lambda self: self.invoices)
    @rule(data=st.data(), amount=CENTS | st.none(), reason=st.sampled_from(["DEBT", "BANK", "GOODWILL"]))
    def it_is_written_off(self, data, amount, reason):
        done = self._try(write_off, data.draw(st.sampled_from(self.invoices)), reason, amount=amount)
        if done:
            self.adjustments.append(done.adjustment_id)
            self.owed -= done.amount

    @precondition(lambda self: self.adjustments)
    @rule(data=st.data())
    def that_is_taken_back(self, data):
        done = self._try(reverse_adjustment, data.draw(st.sampled_from(self.adjustments)), "he pays")
        if done:
            self.owed -= done.amount

    @rule(amount=CENTS | st.none())
    def money_is_paid_back(self, amount):
        done = self._try(refund, "ACME", amount)
        if done:
            self.payments.append((done.payment_id, done.amount))
            self.owed -= done.amount

    @precondition(lambda self: self.payments)
    @rule(data=st.data())
    def one_allocation_is_undone(self, data):
        payment = self.desk.document("payment", data.draw(st.sampled_from(self.payments))[0])
        if payment.shares:
            self._try(undo_allocation, payment.label, data.draw(st.sampled_from(payment.shares)).number)

    @precondition(lambda self: self.payments)
    @rule(data=st.data())
    def what_is_left_is_used(self, data):
        self._try(apply_credit, payment_id=data.draw(st.sampled_from(self.payments))[0])

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), amount=CENTS)
    def an_order_is_paid_ahead_on(self, data, amount):
        number = self.desk.document("order", data.draw(st.sampled_from(self.orders))).label
        done = self._try(receive_payment, PaymentDraft("ACME", amount, order=number))
        if done:
            self.payments.append((done.payment_id, amount))
            self.owed -= amount

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), step=st.sampled_from([reserve_order, release_order, close_order, cancel_order]))
    def an_order_takes_another_step(self, data, step):
        self._try(step, data.draw(st.sampled_from(self.orders)))

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), quantity=st.integers(0, 12).map(D), price=st.none() | CENTS, more=st.booleans())
    def it_is_amended(self, data, quantity, price, more):
        order = data.draw(st.sampled_from(self.orders))
        changes = [LineChange(1, quantity, price)] + [
            LineChange(item="BOLT", quantity=D(2), unit_price=D("3.33"))
        ] * more
        before = self.desk.document("order", order)
        done = self._try(amend_order, order, lines=changes)
        after = self.desk.document("order", order)
        assert after.head["revision"] == before.head["revision"] + bool(done)
        for was, now in zip(before.lines, after.lines, strict=False):
            assert now["quantity"] >= max(now["shipped"], now["invoiced"] - now["credited"])
            if was["invoiced"] - was["credited"]:
                assert now["unit_price"] == was["unit_price"]

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), free=st.booleans())
    def it_is_held(self, data, free):
        self._try(hold_order, data.draw(st.sampled_from(self.orders)), "papers", free_stock=free)

    @rule()
    def a_day_goes_by(self):
        self.yesterday = (self.desk.today, self.desk.ask(aged, as_of=self.desk.today))
        self.desk.next_day()

    @invariant()
    def stock_and_receivables_are_what_was_done(self):
        stock = self.desk.ask(stock_on)
        there = sum((line.on_hand for line in stock), D(0))
        assert there == self.on_hand
        assert sum((line.value for line in stock), D(0)) == self.value
        assert all(D(0) <= line.reserved <= line.on_hand for line in stock)
        assert self.desk.ask(account_balance, AccountRole.INVENTORY) == self.value
        assert self.desk.ask(account_balance, AccountRole.RECEIVABLE) == self.owed
        assert sum((row.total for row in self.desk.ask(aged, as_of=self.desk.today)), D(0)) == self.owed

    @invariant()
    def a_past_day_stays_as_it_was(self):
        if self.yesterday is not None:
            assert self.desk.ask(aged, as_of=self.yesterday[0]) == self.yesterday[1]


def test_any_walk_keeps_the_books_true():
    walk(Books, 8, 25)


@soaked
def test_long_walks_keep_the_books_true(part):
    soak(Books, part)
