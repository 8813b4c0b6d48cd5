"""Northwind's stock: what is to be bought before and after the open orders, bought, received in parts, shared, shipped, billed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from sqlmodel import col, select

from o2c_tui.models.item import Item
from o2c_tui.models.order import OrderState, SalesOrder
from o2c_tui.models.party import Party
from o2c_tui.models.purchase import PurchaseOrder, PurchaseOrderLine
from o2c_tui.queries.reorder import reorder_list
from o2c_tui.queries.valuation import inventory_account, layers_on
from o2c_tui.queries.verify import verify
from o2c_tui.queries.waiting import waiting_lines
from o2c_tui.services.bill_draft import BillDraft, BillLineDraft
from o2c_tui.services.billing import enter_bill
from o2c_tui.services.buying import buy_due
from o2c_tui.services.invoicing import invoice_order
from o2c_tui.services.ordering import reserve_order
from o2c_tui.services.purchasing import PurchaseDraft, PurchaseLineDraft, order_purchase, save_supplier_item
from o2c_tui.services.receiving import receive_purchase
from o2c_tui.services.setup import ItemSetup, save_item
from o2c_tui.services.sharing import share_stock
from o2c_tui.services.shipping import ship_order
from o2c_tui.storage.store import Store
from tests.northwind.replay import FOLDER, LAST_DAY, Replay, rows_of

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the Northwind sample is not beside this checkout")

AFTER = {
    "Nord-Ost Matjeshering", "Outback Lager", "Chai", "Chang", "Uncle Bob's Organic Dried Pears", "Konbu", "Pavlova",
    "Steeleye Stout", "Ipoh Coffee", "Maxilaku", "Manjimup Dried Apples", "Tourtière", "Ravioli Angelo", "Camembert Pierrot",
    "Wimmers gute Semmelknödel", "Original Frankfurter grüne Soße",
}  # fmt: skip


@dataclass
class Sample:
    """The replayed books, and what was due before the 21 open orders were confirmed."""

    store: Store
    before: list[str] = field(default_factory=list)
    today: Any = LAST_DAY

    def prepare(self, session: Any, on: Any) -> None:
        """Suppliers' prices and what the sample has on order; then: what is due."""
        words = {"by": "buyer", "today": on, "now": datetime.combine(on, time(9), UTC)}
        suppliers = dict(session.execute(select(Party.external_key, Party.code).where(col(Party.is_supplier))).all())
        coming: dict[str, list[PurchaseLineDraft]] = {}
        for product in rows_of(FOLDER, "products"):
            supplier, price = suppliers[product["supplierID"]], D(product["unitPrice"]) * D("0.7")
            told = {"by": "buyer", "today": on}
            save_supplier_item(session, supplier, product["productID"], price=price, lead_time_days=7, **told)
            if D(product["unitsOnOrder"]):
                line = PurchaseLineDraft(product["productID"], D(product["unitsOnOrder"]))
                coming.setdefault(supplier, []).append(line)
        for supplier, lines in coming.items():
            order_purchase(session, PurchaseDraft(supplier, tuple(lines)), **words)
        session.flush()
        gone = {product["productID"] for product in _discontinued()}  # still sold in the open orders
        self.before = [due.name for due in reorder_list(session, today=on) if due.code not in gone]

    def do(self, verb: Any, *args: Any, **more: Any) -> Any:
        """Run a verb, warnings taken."""
        return self.store.write_now(verb, *args, by="buyer", today=self.today, accepted=None, **more)

    def agrees(self) -> None:
        """Valuation, layers and ledger are one figure, today and on past days; every promise holds."""
        for day in (None, self.today, LAST_DAY, LAST_DAY - timedelta(days=30), LAST_DAY - timedelta(days=365)):
            layers = self.store.read_now(layers_on, day)
            assert sum((layer.value for layer in layers), D(0)) == self.store.read_now(inventory_account, day)
        told = self.store.read_now(verify)
        assert told.holds, [(check.name, check.breaches[:3]) for check in told.checks if not check.holds]


def _discontinued() -> list[dict[str, str]]:
    return [product for product in rows_of(FOLDER, "products") if product["discontinued"] == "1"]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    """The replayed books with their purchases."""
    store = Store.open(str(tmp_path_factory.mktemp("northwind") / "books.sqlite"))
    made = Sample(store)
    Replay(FOLDER, store, before_open=made.prepare).run()
    for product in _discontinued():
        made.do(save_item, ItemSetup(product["productID"], product["productName"], active=False))
    yield made
    store.close()


def test_what_is_to_be_bought_is_what_the_sample_says(sample):
    assert set(sample.before) == {"Nord-Ost Matjeshering", "Outback Lager"}
    assert {due.name for due in sample.store.read_now(reorder_list, today=LAST_DAY)} == AFTER


def test_back_orders_are_bought_received_in_parts_shared_shipped_and_billed(sample):
    sample.agrees()
    bought = sample.do(buy_due)
    assert len(bought) == len({order.supplier for order in bought}) > 5
    assert sample.store.read_now(reorder_list, today=LAST_DAY) == []

    # half of everything that is on order comes in after a week, and what is short is shared fairly
    sample.today += timedelta(days=7)
    receipts = _receive(sample, D("0.5"))
    waiting = {line.item_id for line in sample.store.read_now(waiting_lines) if line.available > 0}
    codes = sample.store.read_now(
        lambda s: s.execute(select(Item.code).where(col(Item.id).in_(sorted(waiting)))).scalars().all()
    )
    assert codes
    for code in codes:
        sample.do(share_stock, code, fair=True)
    sample.agrees()

    # the rest comes, everybody gets the rest, all goes out and is billed
    sample.today += timedelta(days=7)
    receipts += _receive(sample, D(1))
    open_orders = sample.store.read_now(
        lambda s: (
            s.execute(
                select(SalesOrder.id).where(SalesOrder.state == OrderState.CONFIRMED, SalesOrder.delivery != "fully")
            )
            .scalars()
            .all()
        )
    )
    assert len(open_orders) == 21
    for key in open_orders:
        sample.do(reserve_order, key)
    short = {line.number for line in sample.store.read_now(waiting_lines)}
    for key in open_orders:
        sample.do(ship_order, key)
        sample.do(invoice_order, key)
    still = sample.store.read_now(
        lambda s: set(s.execute(select(SalesOrder.number).where(col(SalesOrder.delivery) != "fully")).scalars().all())
    )
    assert still == short
    sample.agrees()

    # the suppliers bill 3 % more than was ordered: layers are raised, what is sold is cost of sales now
    before = sample.store.read_now(inventory_account)
    for number, supplier, lines in receipts:
        goods = tuple(BillLineDraft(number, n, unit_price=(price * D("1.03"))) for n, price in lines)
        sample.do(enter_bill, BillDraft(supplier, goods, supplier_number=f"R-{number}"))
    assert sample.store.read_now(inventory_account) > before
    sample.agrees()


def _receive(sample: Sample, part: D) -> list[tuple[str, str, list[tuple[int, D]]]]:
    """Take in a part of all that is on order; gives (receipt, supplier, [(line, price)])."""

    def sent(session: Any) -> list[Any]:
        query = select(PurchaseOrder.id, Party.code).join(Party, col(Party.id) == col(PurchaseOrder.supplier_id))
        return session.execute(query.where(PurchaseOrder.state == "sent", PurchaseOrder.receipt != "fully")).all()

    def lines_of(session: Any, key: int) -> list[Any]:
        query = select(PurchaseOrderLine).where(PurchaseOrderLine.order_id == key)
        return [(x.id, x.quantity, x.received, x.unit_price) for x in session.exec(query.order_by("position"))]

    done = []
    for key, supplier in sample.store.read_now(sent):
        lines = sample.store.read_now(lines_of, key)
        chosen = {line: -(-(whole - had) * part // 1) for line, whole, had, _ in lines if whole > had}
        came = sample.do(receive_purchase, key, quantities=chosen)
        prices = [price for line, _, _, price in lines if chosen.get(line)]
        done.append((came.number, supplier, list(enumerate(prices, 1))))
    return done
