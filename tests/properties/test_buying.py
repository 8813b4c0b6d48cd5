"""Any walk over buying keeps the books true: a plain queue of goods stands beside them and says where each cost must go."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal as D

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from o2c_tui.models.ledger import AccountRole
from o2c_tui.models.purchase import BillKind, ChargeBasis
from o2c_tui.queries.margin import cost_of_no_order, order_margins
from o2c_tui.queries.stock import stock_on
from o2c_tui.queries.valuation import inventory_account, layers_on
from o2c_tui.queries.verify_ledger import account_balance
from o2c_tui.services.bill_draft import BillDraft, BillLineDraft, ChargeDraft
from o2c_tui.services.billing import enter_bill
from o2c_tui.services.receiving import cancel_receipt, receive_purchase
from o2c_tui.services.shipping import return_goods, ship_order
from o2c_tui.services.supplier_returns import return_to_supplier
from tests.makers import keys, ordered, purchased
from tests.properties.walks import Walk, soak, soaked, walk

COUNTS = st.integers(1, 9)
CENTS = st.integers(0, 2_000).map(lambda n: D(n).scaleb(-2))


@dataclass
class Lot:
    """The goods of one receipt: how many came, how many are still there."""

    receipt_id: int
    number: str
    quantity: int
    there: int
    billed: int = 0
    returned: int = 0


class Buying(Walk):
    """Bolts are ordered, come in parts, are sold, billed at any price, loaded with freight, sent back, credited."""

    def __init__(self) -> None:
        super().__init__()
        self.purchases: list[int] = []
        self.lots: list[Lot] = []
        self.sales: list[tuple[int, list[tuple[Lot, int]]]] = []
        self.back: list[tuple[str, Lot]] = []
        self.owed = D(0)

    def _take(self, quantity: int, first: Lot | None = None) -> list[tuple[Lot, int]]:
        """So many bolts out of the queue, oldest first."""
        taken = []
        for lot in ([first] if first else []) + [lot for lot in self.lots if lot is not first]:
            part = min(quantity, lot.there)
            if part:
                lot.there -= part
                quantity -= part
                taken.append((lot, part))
        return taken

    @rule(quantity=COUNTS, price=CENTS)
    def bolts_are_ordered(self, quantity, price):
        self.purchases.append(purchased(self.desk, ("BOLT", quantity, price)))

    @precondition(lambda self: self.purchases)
    @rule(data=st.data(), part=COUNTS)
    def they_come_in_part(self, data, part):
        purchase = data.draw(st.sampled_from(self.purchases))
        line = keys(self.desk, "purchase", purchase)[0]
        done = self._try(receive_purchase, purchase, quantities={line: D(part)})
        if done:
            self.lots.append(Lot(done.id, done.number, part, part))

    @rule(quantity=COUNTS)
    def some_are_sold(self, quantity):
        if quantity <= sum(lot.there for lot in self.lots):
            done = self.desk.do(ship_order, ordered(self.desk, ("BOLT", quantity)).order_id)
            self.sales.append((done.delivery_id, self._take(quantity)))

    @precondition(lambda self: self.sales)
    @rule(data=st.data())
    def a_customer_sends_all_back(self, data):
        delivery, taken = data.draw(st.sampled_from(self.sales))
        line = keys(self.desk, "delivery", delivery)[0]
        if self._try(return_goods, delivery, {line: D(sum(part for _, part in taken))}):
            self.sales.remove((delivery, taken))
            for lot, part in taken:
                lot.there += part

    def _stays(self, lot: Lot, amount: D, to_stock: D) -> None:
        """What is there of a lot bears its part of a later cost, to the cent."""
        parts = 1 + len(self.sales) + len(self.back) * 2
        assert abs(to_stock - amount * lot.there / lot.quantity) <= D("0.01") * parts

    @precondition(lambda self: self.lots)
    @rule(data=st.data(), quantity=COUNTS, price=CENTS)
    def a_bill_comes(self, data, quantity, price):
        lot = data.draw(st.sampled_from(self.lots))
        goods = BillLineDraft(lot.number, 1, D(quantity), price)
        before = self.desk.document("receipt", lot.receipt_id).lines[0]["cleared"]
        done = self._try(enter_bill, BillDraft("ISAR", (goods,)))
        assert bool(done) == (quantity <= lot.quantity - lot.billed)
        if done:
            lot.billed += quantity
            self.owed += done.gross
            cleared = self.desk.document("receipt", lot.receipt_id).lines[0]["cleared"] - before
            if price * quantity >= cleared:  # a cheaper one may meet a layer that cannot bear its part
                self._stays(lot, price * quantity - cleared, done.to_stock)

    @precondition(lambda self: self.lots)
    @rule(data=st.data(), amount=CENTS.filter(bool))
    def freight_is_charged(self, data, amount):
        lot = data.draw(st.sampled_from(self.lots))
        done = self.desk.do(
            enter_bill,
            BillDraft("ISAR", charges=(ChargeDraft("Freight", amount, (lot.number,), ChargeBasis.QUANTITY),)),
        )
        self._stays(lot, amount, done.to_stock)
        assert done.to_stock + done.to_cost == amount
        self.owed += done.gross

    @precondition(lambda self: self.lots)
    @rule(data=st.data(), amount=CENTS.filter(bool))
    def an_allowance_is_given(self, data, amount):
        lot = data.draw(st.sampled_from(self.lots))
        charge = ChargeDraft("Allowance", amount, (lot.number,), ChargeBasis.QUANTITY)
        done = self.desk.do(enter_bill, BillDraft("ISAR", charges=(charge,), kind=BillKind.CREDIT))
        assert done.to_stock + done.to_cost == -amount
        self.owed -= done.gross

    @precondition(lambda self: self.lots)
    @rule(data=st.data(), quantity=COUNTS)
    def goods_go_back(self, data, quantity):
        lot = data.draw(st.sampled_from(self.lots))
        line = keys(self.desk, "receipt", lot.receipt_id)[0]
        done = self._try(return_to_supplier, lot.receipt_id, {line: D(quantity)}, "rust")
        if done:
            lot.returned += quantity
            self._take(quantity, lot)
            self.back.append((done.number, lot))

    @precondition(lambda self: self.back)
    @rule(data=st.data(), price=CENTS)
    def they_are_credited(self, data, price):
        number, lot = data.draw(st.sampled_from(self.back))
        goods = BillLineDraft(lot.number, 1, D(1), price)
        done = self._try(enter_bill, BillDraft("ISAR", (goods,), kind=BillKind.CREDIT, supplier_return=number))
        if done:
            lot.billed -= 1
            self.owed -= done.gross

    @precondition(lambda self: self.lots)
    @rule(data=st.data(), price=CENTS)
    def a_bill_is_taken_back(self, data, price):
        lot = data.draw(st.sampled_from(self.lots))
        goods = BillLineDraft(lot.number, 1, D(1), price)
        done = self._try(enter_bill, BillDraft("ISAR", (goods,), kind=BillKind.CREDIT))
        if done:
            lot.billed -= 1
            self.owed -= done.gross

    @precondition(lambda self: self.lots)
    @rule(data=st.data())
    def a_receipt_was_none(self, data):
        lot = data.draw(st.sampled_from(self.lots))
        if self._try(cancel_receipt, lot.receipt_id, "wrong papers"):
            assert (lot.there, lot.billed, lot.returned) == (lot.quantity, 0, 0)
            self.lots.remove(lot)

    @rule()
    def a_day_goes_by(self):
        self.desk.next_day()

    @invariant()
    def stock_debts_and_margins_are_what_was_done(self):
        there = sum((line.on_hand for line in self.desk.ask(stock_on)), D(0))
        assert there == sum(lot.there for lot in self.lots)
        assert self.desk.ask(account_balance, AccountRole.PAYABLE) == -self.owed
        spent = sum((row.cost for row in self.desk.ask(order_margins)), D(0)) + self.desk.ask(cost_of_no_order)
        assert spent == self.desk.ask(account_balance, AccountRole.COST_OF_SALES)

    @invariant()
    def goods_not_billed_are_what_is_left_of_receipts(self):
        left = D(0)
        for lot in self.lots:
            row = self.desk.document("receipt", lot.receipt_id).lines[0]
            assert (row["billed"], row["returned"]) == (lot.billed, lot.returned)
            left += row["value"] - row["cleared"]
        assert self.desk.ask(account_balance, AccountRole.GOODS_NOT_BILLED) == -left

    @invariant()
    def layers_and_ledger_agree_on_every_day(self):
        for day in (self.desk.today - timedelta(days=back) for back in range(3)):
            value = sum((layer.value for layer in self.desk.ask(layers_on, day)), D(0))
            assert value == self.desk.ask(inventory_account, day)


def test_any_walk_over_buying_keeps_the_books_true():
    walk(Buying, 6, 30)


@soaked
def test_long_walks_over_buying_keep_the_books_true(part):
    soak(Buying, part)
