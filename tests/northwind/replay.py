"""The Northwind books replayed through the real verbs, each event on its own day."""

import csv
import heapq
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlmodel import Session

from o2c_tui.integrations.csv_import import read_file
from o2c_tui.models.item import ItemKind
from o2c_tui.models.receipt import ReceiptKind
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.importing import import_rows
from o2c_tui.services.invoicing import invoice_deliveries
from o2c_tui.services.ordering import order_quotation
from o2c_tui.services.paying import PaymentDraft, receive_payment
from o2c_tui.services.quoting import save_quotation, send_quotation
from o2c_tui.services.receiving import ReceiptDraft, ReceiptLineDraft, receive_goods
from o2c_tui.services.setup import CompanySetup, ItemSetup, create_company, save_item
from o2c_tui.services.shipping import ship_order
from o2c_tui.services.tax_codes import TaxSetup
from o2c_tui.storage.store import Store

MAPS = Path(__file__).parent
FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "northwind"
LAST_DAY = date(1998, 5, 6)
OPENING = (date(1996, 6, 1), date(1996, 6, 15))
D = Decimal


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    """One of the sample's files."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def day_of(text: str) -> date | None:
    """A date column; NULL is none."""
    return None if text in ("", "NULL") else date.fromisoformat(text.split(" ")[0])


class Replay:
    """Northwind's orders, from quotation to payment."""

    def __init__(
        self, folder: Path, store: Store, *, before_open: Callable[[Session, date], None] | None = None
    ) -> None:
        self.folder, self.store, self.before_open = folder, store, before_open
        self.orders = rows_of(folder, "orders")
        self.lines: dict[str, list[dict[str, str]]] = defaultdict(list)
        for line in rows_of(folder, "order_details"):
            self.lines[line["orderID"]].append(line)
        self.order_ids: dict[str, int] = {}
        self.events: list[tuple[date, int, int, Callable[[Session, date], None]]] = []
        self.seq = 0

    def run(self) -> None:
        """Set up, import, open the stock, replay every order."""
        self._set_up()
        self._import()
        self._open_stock()
        for order in self.orders:
            shipped = day_of(order["shippedDate"])
            # the open ones are confirmed on the last day, after its deliveries
            on, rank = (day_of(order["orderDate"]) or LAST_DAY, 0) if shipped else (LAST_DAY, 3)
            self._at(on, rank, lambda s, d, o=order: self._sell(s, o, d))
            if shipped:
                self._at(shipped, 1, lambda s, d, o=order: self._deliver(s, o, d))
        if self.before_open is not None:
            self._at(LAST_DAY, 2, self.before_open)
        while self.events:
            self.store.batch_now(self._some)

    def _at(self, on: date, rank: int, what: Callable[..., None]) -> None:
        self.seq += 1
        heapq.heappush(self.events, (on, rank, self.seq, what))

    def _some(self, session: Session) -> None:
        for _ in range(40):
            if self.events:
                on, _rank, _seq, what = heapq.heappop(self.events)
                what(session, on)
        session.info.pop("warnings", None)

    def _set_up(self) -> None:
        setup = CompanySetup(
            "Northwind Traders", "USD", taxes=(TaxSetup("NONE", "no tax", {}),), default_tax_code="NONE"
        )
        self.store.write_now(create_company, setup, by="replay", today=OPENING[0])
        freight = ItemSetup("FREIGHT", "Freight", kind=ItemKind.SERVICE, unit="")
        self.store.write_now(save_item, freight, by="replay", today=OPENING[0])

    def _import(self) -> None:
        for kind, name in (("suppliers", "suppliers"), ("customers", "customers"), ("items", "products")):
            rows = read_file(kind, self.folder / f"{name}.csv", MAPS / f"{kind}.toml")
            self.store.write_now(
                import_rows, kind, rows, file=f"{name}.csv", by="replay", today=OPENING[0], accepted=None
            )

    def _open_stock(self) -> None:
        """What was shipped and what was left, in two layers at 65 and 75 % of the list price."""
        shipped: dict[str, Decimal] = defaultdict(Decimal)
        gone = {order["orderID"] for order in self.orders if day_of(order["shippedDate"])}
        for key in gone:
            for line in self.lines[key]:
                shipped[line["productID"]] += D(line["quantity"])
        first, second = [], []
        for product in rows_of(self.folder, "products"):
            whole = shipped[product["productID"]] + D(product["unitsInStock"])
            half = whole // 2
            price = D(product["unitPrice"])
            for lines, quantity, share in ((first, half, D("0.65")), (second, whole - half, D("0.75"))):
                if quantity:
                    lines.append(ReceiptLineDraft(product["productID"], quantity, price * share))
        for on, lines in zip(OPENING, (first, second), strict=True):
            draft = ReceiptDraft(tuple(lines), received_on=on, kind=ReceiptKind.OPENING)
            self.store.write_now(receive_goods, draft, by="replay", today=on)

    def _sell(self, session: Session, order: dict[str, str], on: date) -> None:
        lines = [
            LineDraft(
                line["productID"],
                D(line["quantity"]),
                D(line["unitPrice"]),
                discount_percent=(D(line["discount"]) * 100).quantize(D("0.000001")),
            )
            for line in self.lines[order["orderID"]]
        ]
        if D(order["freight"]):
            lines.append(LineDraft("FREIGHT", D(1), D(order["freight"])))
        draft = DocumentDraft(order["customerID"], tuple(lines), dated_on=on, customer_reference=order["orderID"])
        words: dict[str, Any] = {"by": "replay", "today": on}
        saved = save_quotation(session, draft, **words)
        send_quotation(session, saved.id, now=datetime.combine(on, time(9), UTC), **words)
        self.order_ids[order["orderID"]] = order_quotation(session, saved.id, **words).order_id

    def _deliver(self, session: Session, order: dict[str, str], on: date) -> None:
        words: dict[str, Any] = {"by": "replay", "today": on}
        shipped = ship_order(session, self.order_ids[order["orderID"]], **words)
        billed = invoice_deliveries(session, [shipped.delivery_id], now=datetime.combine(on, time(9), UTC), **words)
        paid_on = on + timedelta(days=45)
        if paid_on < LAST_DAY:
            self._at(paid_on, 1, lambda s, d: self._pay(s, order, billed, d))

    def _pay(self, session: Session, order: dict[str, str], billed: Any, on: date) -> None:
        from sqlmodel import select

        from o2c_tui.models.receivable import ReceivableItem

        items = session.exec(select(ReceivableItem).where(ReceivableItem.invoice_id == billed.invoice_id))
        shares = {item.id: item.open for item in items}
        draft = PaymentDraft(order["customerID"], billed.gross, received_on=on, reference=billed.number, shares=shares)
        receive_payment(session, draft, by="replay", today=on, now=datetime.combine(on, time(9), UTC))
