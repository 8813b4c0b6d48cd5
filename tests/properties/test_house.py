"""Any walk of receipts, sales, returns, transfers, counts and adjustments keeps the books true beside a plain model.

The model knows quantities and layers by warehouse, and takes the oldest first; value is conserved to the cent: what the
stock is worth is what came in, less what went out, plus what was gained, less what was lost.
"""

from decimal import Decimal as D

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from o2c_tui.models.delivery import Disposition
from o2c_tui.models.ledger import AccountRole
from o2c_tui.models.trade import Progress
from o2c_tui.queries.stock import stock_on
from o2c_tui.queries.valuation import layers_on
from o2c_tui.queries.verify_ledger import account_balance
from o2c_tui.services.adjusting import AdjustmentDraft, AdjustmentLineDraft, adjust_stock
from o2c_tui.services.bins import relocate, save_location
from o2c_tui.services.counting import cancel_stocktake, count_lines, post_stocktake, start_stocktake
from o2c_tui.services.shipping import return_goods, ship_order
from o2c_tui.services.transferring import (
    TransferDraft,
    TransferLineDraft,
    cancel_transfer,
    dispatch_transfer,
    receive_transfer,
    save_transfer,
    transfer_now,
)
from tests.makers import keys, lying, ordered, receive
from tests.properties.walks import Walk, soak, soaked, walk

COUNTS = st.integers(1, 9).map(D)
CENTS = st.integers(1, 9_999).map(lambda n: D(n).scaleb(-2))
PLACES = ("MAIN", "SHOP")
BINS = ("", "A-1", "A-2")


class House(Walk):
    """Bolts in two warehouses and on the way between them; refusals change nothing."""

    def __init__(self) -> None:
        super().__init__()
        for code in BINS[1:]:
            self.desk.do(save_location, code)
        self.stock: dict[str, D] = {}
        self.value = self.came_in = self.sold = self.differed = D(0)
        self.deliveries: list[int] = []
        self.transfers: list[int] = []
        self.counts: list[tuple[int, str]] = []

    def _add(self, place: str, quantity: D) -> None:
        self.stock[place] = self.stock.get(place, D(0)) + quantity
        assert self.stock[place] >= 0

    @rule(place=st.sampled_from(PLACES), quantity=COUNTS, cost=CENTS)
    def goods_come_in(self, place, quantity, cost):
        receive(self.desk, "BOLT", quantity, cost, warehouse=place)
        self._add(place, quantity)
        self.came_in += (quantity * cost).quantize(D("0.01"))

    @rule(place=st.sampled_from(PLACES), quantity=COUNTS)
    def goods_are_sold(self, place, quantity):
        order = ordered(self.desk, ("BOLT", quantity), warehouse=place)
        done = self._try(ship_order, order.order_id)
        if done:
            self.deliveries.append(done.delivery_id)
            (line,) = self.desk.document("delivery", done.delivery_id).lines
            self._add(place, -line["quantity"])
            self.sold += done.cost

    @precondition(lambda self: self.deliveries)
    @rule(data=st.data(), quantity=COUNTS, disposition=st.sampled_from(Disposition))
    def goods_come_back(self, data, quantity, disposition):
        delivery = data.draw(st.sampled_from(self.deliveries))
        place = self.desk.document("delivery", delivery).head["warehouse"]
        (line,) = keys(self.desk, "delivery", delivery)
        done = self._try(return_goods, delivery, {line: quantity}, disposition=disposition)
        if done:
            self.sold -= done.cost
            if disposition is Disposition.SCRAP:
                self.differed -= done.cost
            else:
                self._add(f"{place}-Q" if disposition is Disposition.QUARANTINE else place, quantity)

    @rule(source=st.sampled_from((*PLACES, "MAIN-Q")), quantity=COUNTS, here=st.booleans())
    def a_transfer_is_sent(self, source, quantity, here):
        target = "SHOP" if source == "MAIN" else "MAIN"
        draft = TransferDraft(source, target, (TransferLineDraft("BOLT", quantity),))
        if here:
            if self._try(transfer_now, draft):
                self._add(source, -quantity)
                self._add(target, quantity)
            return
        saved = self._try(save_transfer, draft)
        if not saved:
            return  # there is no quarantine yet
        if self._try(dispatch_transfer, saved.transfer_id):
            self.transfers.append(saved.transfer_id)
            self._add(source, -quantity)
            self._add("TRANSIT", quantity)
        else:
            self.desk.do(cancel_transfer, saved.transfer_id)

    @precondition(lambda self: self.transfers)
    @rule(data=st.data(), quantity=COUNTS)
    def it_arrives_in_part(self, data, quantity):
        transfer = data.draw(st.sampled_from(self.transfers))
        (line,) = keys(self.desk, "transfer", transfer)
        done = self._try(receive_transfer, transfer, quantities={line: quantity})
        if done:
            self._add("TRANSIT", -quantity)
            document = self.desk.document("transfer", transfer)
            self._add(document.head["target"], quantity)
            if document.head["arrival"] is Progress.FULLY:
                self.transfers.remove(transfer)

    @rule(place=st.sampled_from(PLACES), quantity=COUNTS, gained=st.booleans())
    def stock_is_adjusted(self, place, quantity, gained):
        change = quantity if gained else -quantity
        line = AdjustmentLineDraft("BOLT", change)
        done = self._try(adjust_stock, AdjustmentDraft("correction", (line,), warehouse=place))
        if done:
            self._add(place, change)
            self.differed += done.value

    @rule(place=st.sampled_from(PLACES))
    def a_count_begins(self, place):
        done = self._try(start_stocktake, warehouse=place, items=("BOLT",), tolerance=D(100))
        if done and len(self.counts) < 2:
            self.counts.append((done.stocktake_id, place))

    @precondition(lambda self: self.counts)
    @rule(data=st.data(), quantity=st.integers(0, 12).map(D))
    def a_line_is_counted(self, data, quantity):
        count, _ = data.draw(st.sampled_from(self.counts))
        line = data.draw(st.sampled_from(keys(self.desk, "stocktake", count)))
        self.desk.do(count_lines, count, {line: quantity})
        self._try(count_lines, count, {line: quantity})  # a second count, for good measure

    @precondition(lambda self: self.counts)
    @rule(data=st.data(), post=st.booleans())
    def a_count_ends(self, data, post):
        chosen = data.draw(st.sampled_from(self.counts))
        count, place = chosen
        if not post:
            self.desk.do(cancel_stocktake, count)
            self.counts.remove(chosen)
            return
        done = self._try(post_stocktake, count)
        if done:
            self.counts.remove(chosen)
            changed = sum((line["difference"] for line in self.desk.document("stocktake", count).lines), D(0))
            self._add(place, changed)
            self.differed += done.value

    @rule(source=st.sampled_from(BINS), to=st.sampled_from(BINS), quantity=COUNTS)
    def goods_are_put_elsewhere(self, source, to, quantity):
        self._try(relocate, "BOLT", quantity, source=source, to=to)

    @rule()
    def a_day_goes_by(self):
        self.desk.next_day()

    @invariant()
    def stock_is_where_the_model_has_it(self):
        stock = self.desk.ask(stock_on)
        assert {line.warehouse: line.on_hand for line in stock if line.on_hand} == {
            place: quantity for place, quantity in self.stock.items() if quantity
        }
        assert sum(lying(self.desk).values(), D(0)) == self.stock.get("MAIN", D(0))

    @invariant()
    def value_is_conserved_to_the_cent(self):
        worth = sum((line.value for line in self.desk.ask(stock_on)), D(0))
        assert worth == self.came_in - self.sold + self.differed
        assert worth == sum((line.value for line in self.desk.ask(layers_on)), D(0))
        assert self.desk.ask(account_balance, AccountRole.INVENTORY) == worth
        assert self.desk.ask(account_balance, AccountRole.STOCK_DIFFERENCES) == -self.differed
        assert self.desk.ask(account_balance, AccountRole.COST_OF_SALES) == self.sold


def test_any_walk_through_the_house_keeps_the_books_true():
    walk(House, 12, 30)


@soaked
def test_long_walks_through_the_house_keep_the_books_true(part):
    soak(House, part)
