"""One document, whole: its head, its lines with what became of each, and its chain up and down.

Plain frozen values for screens, the command line and the PDFs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from o2c_tui.errors import NotFoundError
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.delivery import (
    CustomerReturn,
    CustomerReturnLine,
    Delivery,
    DeliveryLine,
    DeliveryPick,
    Disposition,
)
from o2c_tui.models.invoice import Invoice, InvoiceLine
from o2c_tui.models.item import Item, Location, Lot, Warehouse
from o2c_tui.models.order import Reservation, SalesOrder, SalesOrderLine
from o2c_tui.models.party import Party
from o2c_tui.models.purchase import (
    CostShare,
    PurchaseOrder,
    PurchaseOrderLine,
    SupplierBill,
    SupplierBillLine,
    SupplierReturn,
    SupplierReturnLine,
)
from o2c_tui.models.quotation import Quotation, QuotationLine
from o2c_tui.models.receipt import GoodsReceipt, GoodsReceiptLine
from o2c_tui.models.receivable import Allocation, Payment, ReceivableItem
from o2c_tui.models.receivable_adjustment import ReceivableAdjustment
from o2c_tui.models.reminder import Reminder
from o2c_tui.models.stock import StockLevel
from o2c_tui.models.trade import Progress
from o2c_tui.models.warehouse import (
    StockAdjustment,
    StockAdjustmentLine,
    Stocktake,
    StocktakeLine,
    StockTransfer,
    StockTransferLine,
)
from o2c_tui.models.words import DOCUMENT_WORDS
from o2c_tui.queries.exchange import money_of_order
from o2c_tui.queries.needs import in_line_units, parts_of
from o2c_tui.queries.places import has_bins
from o2c_tui.queries.waiting import waiting_lines
from o2c_tui.rules.progress import ledger_of, progress
from o2c_tui.storage.rows import rows_of, table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)

NUMBERED: dict[str, type[SQLModel]] = {
    "quotation": Quotation,
    "order": SalesOrder,
    "delivery": Delivery,
    "return": CustomerReturn,
    "invoice": Invoice,
    "payment": Payment,
    "receivable_adjustment": ReceivableAdjustment,
    "purchase": PurchaseOrder,
    "receipt": GoodsReceipt,
    "bill": SupplierBill,
    "supplier_return": SupplierReturn,
    "transfer": StockTransfer,
    "adjustment": StockAdjustment,
    "stocktake": Stocktake,
}
BUYING = ("purchase", "receipt", "bill", "supplier_return")
_LINES: dict[str, tuple[type[SQLModel], str]] = {
    "quotation": (QuotationLine, "quotation_id"),
    "order": (SalesOrderLine, "order_id"),
    "delivery": (DeliveryLine, "delivery_id"),
    "return": (CustomerReturnLine, "return_id"),
    "invoice": (InvoiceLine, "invoice_id"),
    "purchase": (PurchaseOrderLine, "order_id"),
    "receipt": (GoodsReceiptLine, "receipt_id"),
    "bill": (SupplierBillLine, "bill_id"),
    "supplier_return": (SupplierReturnLine, "return_id"),
    "transfer": (StockTransferLine, "transfer_id"),
    "adjustment": (StockAdjustmentLine, "adjustment_id"),
    "stocktake": (StocktakeLine, "stocktake_id"),
}
_SETTLED = ("invoice", "payment", "receivable_adjustment")
_IN_THE_HOUSE = {"transfer": "dispatched_on", "adjustment": "adjusted_on", "stocktake": "started_on"}  # kind → its day
_WAREHOUSES = {"warehouse": "warehouse_id", "source": "source_id", "target": "target_id"}


@dataclass(frozen=True)
class Link:
    """One document of a chain."""

    kind: str
    id: int
    number: str
    state: str
    on: date
    gross: Decimal | None
    currency: str = ""  # of the amount; empty: the company's


@dataclass(frozen=True)
class Instalment:
    """One instalment of an invoice, and what is open of it."""

    id: int
    position: int
    due_on: date
    amount: Decimal
    open: Decimal


@dataclass(frozen=True)
class Share:
    """What of a payment or a credit went to which invoice."""

    invoice_id: int  # key of that document
    number: str
    due_on: date
    amount: Decimal
    on: date
    kind: str = "invoice"  # or payment, receivable_adjustment
    reason: str = ""  # of an adjustment: its kind
    instalment: int = 1
    fixed: bool = False  # a refund or a reversal: taken back itself, never undone alone


@dataclass(frozen=True)
class Picked:
    """What of an item a delivery takes out of which bin and lot; quantity in stock units."""

    item: str
    location: str
    lot: str
    quantity: Decimal


@dataclass(frozen=True)
class Document:
    """A document as a screen or the command line shows it.

    `head` and each of `lines` carry the stored fields by name; lines also `item` (code), and where it applies
    `reserved`, `available`, `to_ship`, `billable`; of a purchase order `to_receive`; of a receipt `to_bill` and `waited_for`; of a bill
    `receipt` (number and position) and `shares` of a charge.
    """

    kind: str
    id: int
    label: str
    version: int
    state: str
    head: dict[str, Any]
    customer: str
    customer_name: str
    lines: tuple[dict[str, Any], ...]
    chain: tuple[Link, ...]
    instalments: tuple[Instalment, ...] = ()
    shares: tuple[Share, ...] = ()


def document_by_number(session: Session, number: str) -> tuple[str, int]:
    """The kind and key of the document with this number (a quotation's revision after a slash; else its newest).

    Raises:
        NotFoundError: no document has it.
    """
    wanted, _, revision = number.strip().upper().partition("/")
    for kind, model in NUMBERED.items():
        query = select(model).where(model.number == wanted)  # type: ignore[attr-defined]
        if kind == "quotation":
            query = query.order_by(col(Quotation.revision).desc())
            if revision.isdigit():
                query = query.where(Quotation.revision == int(revision))
        found: Any = session.exec(query.limit(1)).first()
        if found is not None:
            return kind, found.id
    raise NotFoundError(N_("There is no document {number}."), field="number", number=number)


def document_named(session: Session, name: str) -> tuple[str, int]:
    """The kind and key of the document with this number, or named by both where it has none yet: `stocktake:3`.

    Raises:
        NotFoundError: there is none.
    """
    kind, colon, key = name.strip().lower().partition(":")
    if not colon or kind not in NUMBERED or not key.isdecimal() or len(key) > 18:
        return document_by_number(session, name)
    if session.get(NUMBERED[kind], int(key)) is None:
        raise NotFoundError(N_("There is no document {number}."), field="number", number=name)
    return kind, int(key)


def document(session: Session, kind: str, key: int) -> Document:
    """One document, whole.

    Raises:
        NotFoundError: there is none.
    """
    record: Any = session.get(NUMBERED[kind], key)
    if record is None:
        raise NotFoundError(
            N_("There is no {kind_word} with the key {key}."),
            kind_word=DOCUMENT_WORDS[table_of(NUMBERED[kind]).name],
            key=key,
        )
    party_id = getattr(record, "supplier_id" if kind in BUYING else "customer_id", None)
    party = session.get(Party, party_id) if party_id is not None else None
    head = {name: getattr(record, name) for name in NUMBERED[kind].model_fields}
    for name, key_name in _WAREHOUSES.items():
        if head.get(key_name):
            place = session.get(Warehouse, head[key_name])
            head[name] = place.code if place else ""
    lines = lines_of(session, kind, key, record)
    if kind == "quotation":
        newest = sa.select(sa.func.max(col(Quotation.revision))).where(col(Quotation.number) == record.number)
        head["newest_revision"] = session.execute(newest).scalar() or record.revision
    if kind == "delivery":
        head |= money_of_order(session, record.order_id)
    if kind == "order":
        head["payment"] = _payment_of(session, record)
        head["bins"] = has_bins(session, record.warehouse_id)
    return Document(
        kind=kind,
        id=key,
        label=record.label,
        version=record.version,
        state=str(record.state),
        head=head,
        customer=party.code if party else "",
        customer_name=party.name if party else "",
        lines=tuple(lines),
        chain=chain_of(session, kind, record),
        instalments=instalments_of(session, key) if kind == "invoice" else (),
        shares=_shares(session, kind, key) if kind in _SETTLED else (),
    )


def lines_of(session: Session, kind: str, key: int, record: Any) -> list[dict[str, Any]]:
    """The lines of a document as `Document` carries them, without the rest of it."""
    if kind not in _LINES:
        return []
    model, parent = _LINES[kind]
    lines = rows_of(session, model, parent, key)
    if kind == "bill":
        _add_received(session, key, lines)
    ids = sorted({line["item_id"] for line in lines if line["item_id"] is not None})
    facts = sa.select(col(Item.id), col(Item.code), col(Item.kind), col(Item.name), col(Item.unit))
    items = {row.id: row for row in session.execute(facts.where(col(Item.id).in_(ids)))}
    for line in lines:
        item = items.get(line["item_id"])
        if kind == "stocktake" and item is not None:
            line |= {"description": item.name, "unit": item.unit, "quantity": line["counted"]}
        line["item"] = item.code if item else ""
        line["stocked"] = item is not None and str(item.kind) != "service"
    if kind == "supplier_return":
        _add_to_credit(session, lines)
    _add_places(session, kind, key, lines)
    if kind in ("quotation", "order"):
        _add_stock(session, kind, lines, record.warehouse_id)
    if kind == "order":
        _add_progress(lines, as_delivered=record.invoice_policy == "delivered")
    if kind == "receipt":
        _add_waits(session, lines, record.warehouse_id)
    for line in lines:
        if kind == "purchase":
            line["to_receive"] = max(ZERO, line["quantity"] - line["cancelled"] - line["received"])
        elif kind == "receipt":
            line["to_bill"] = max(ZERO, line["quantity"] - line["billed"] - line["returned"])
            line["to_return"] = line["quantity"] - line["returned"]
        elif kind == "delivery":
            line["to_pick"] = line["quantity"]
        elif kind == "transfer":
            line["under_way"] = line["quantity"] - line["arrived"]
    return lines


def _add_waits(session: Session, lines: Sequence[dict[str, Any]], warehouse_id: int) -> None:
    """How much of each line's item could be set aside now for orders that wait for it."""
    keys = sorted({line["item_id"] for line in lines})
    waiting = waiting_lines(session, item_ids=keys, warehouse_id=warehouse_id) if keys else []
    for line in lines:
        mine = [wait for wait in waiting if wait.item_id == line["item_id"]]
        wanted = sum((wait.waiting for wait in mine), ZERO)
        line["waited_for"] = min(wanted, max(mine[0].available, ZERO)) if mine else ZERO


@dataclass(frozen=True)
class CostPart:
    """What a line of a bill put on the goods of one receipt line; in the company's currency."""

    receipt: str
    amount: Decimal
    to_stock: Decimal
    to_cost: Decimal


def _add_received(session: Session, bill_id: int, lines: Sequence[dict[str, Any]]) -> None:
    """The receipt line behind each line of goods, and where the cost of each line went."""
    shares = rows_of(session, CostShare, "bill_id", bill_id, "id")
    keys = {line["receipt_line_id"] for line in (*lines, *shares) if line["receipt_line_id"] is not None}
    query = (
        sa.select(
            col(GoodsReceiptLine.id),
            col(GoodsReceiptLine.item_id),
            col(GoodsReceiptLine.unit),
            col(GoodsReceiptLine.position),
            col(GoodsReceipt.number),
        )
        .join(GoodsReceipt, col(GoodsReceipt.id) == col(GoodsReceiptLine.receipt_id))
        .where(col(GoodsReceiptLine.id).in_(sorted(keys)))
    )
    found = {row.id: row for row in session.execute(query)}
    for line in lines:
        mine = found.get(line["receipt_line_id"])
        line["item_id"] = mine.item_id if mine else None
        line["unit"] = mine.unit if mine else ""
        line["receipt"] = f"{mine.number}/{mine.position}" if mine else ""
        line["shares"] = tuple(
            CostPart(
                f"{found[share['receipt_line_id']].number}/{found[share['receipt_line_id']].position}",
                share["amount"],
                share["to_stock"],
                share["to_sales"],
            )
            for share in shares
            if share["bill_line_id"] == line["id"]
        )


def _add_to_credit(session: Session, lines: Sequence[dict[str, Any]]) -> None:
    """What of goods sent back was billed all the same: a credit for it is to come."""
    keys = sorted({line["receipt_line_id"] for line in lines})
    column = table_of(GoodsReceiptLine).c
    query = sa.select(column.id, column.quantity, column.billed, column.returned).where(column.id.in_(keys))
    found = {row.id: row for row in session.execute(query)}
    for line in lines:
        row = found[line["receipt_line_id"]]
        line["to_credit"] = min(line["quantity"], max(ZERO, row.billed + row.returned - row.quantity))


def _add_places(session: Session, kind: str, key: int, lines: Sequence[dict[str, Any]]) -> None:
    """Bin and lot of each line by their codes, where it names one; what was picked for each line of a delivery."""
    if kind == "delivery":
        query = (
            sa.select(
                col(DeliveryPick.delivery_line_id),
                col(Item.code),
                sa.func.coalesce(col(Location.code), ""),
                sa.func.coalesce(col(Lot.code), ""),
                col(DeliveryPick.quantity),
            )
            .join(Item, col(Item.id) == col(DeliveryPick.item_id))
            .outerjoin(Location, col(Location.id) == col(DeliveryPick.location_id))
            .outerjoin(Lot, col(Lot.id) == col(DeliveryPick.lot_id))
            .where(col(DeliveryPick.delivery_id) == key)
            .order_by(col(DeliveryPick.id))
        )
        picks: dict[int, list[Picked]] = {}
        for line_id, *told in session.execute(query):
            picks.setdefault(line_id, []).append(Picked(*told))
        for line in lines:
            line["picks"] = tuple(picks.get(line["id"], ()))
        return
    for name, column in (("location", table_of(Location).c), ("lot", table_of(Lot).c)):
        keys = sorted({line[f"{name}_id"] for line in lines if line.get(f"{name}_id")})
        codes = (
            dict(session.execute(sa.select(column.id, column.code).where(column.id.in_(keys))).all()) if keys else {}
        )
        for line in lines:
            if f"{name}_id" in line:
                line[name] = codes.get(line[f"{name}_id"], "")


def _add_stock(session: Session, kind: str, lines: Sequence[dict[str, Any]], warehouse_id: int) -> None:
    """Available and reserved of each line, in its own unit."""
    parts = parts_of(session, lines)
    items = sorted({part.item_id for needed in parts.values() for part in needed})
    levels = {
        row.item_id: row.on_hand - row.reserved
        for row in session.execute(
            sa.select(col(StockLevel.item_id), col(StockLevel.on_hand), col(StockLevel.reserved)).where(
                col(StockLevel.warehouse_id) == warehouse_id, col(StockLevel.item_id).in_(items)
            )
        )
    }
    held: dict[int, dict[int, Decimal]] = {}
    if kind == "order":
        keys = [line["id"] for line in lines]
        query = sa.select(col(Reservation.order_line_id), col(Reservation.item_id), col(Reservation.quantity)).where(
            col(Reservation.order_line_id).in_(keys)
        )
        for key, item, part in session.execute(query):
            held.setdefault(key, {})[item] = part
    for line in lines:
        needed = parts.get(line["id"], ())
        line["available"] = in_line_units(needed, levels) if line["stocked"] else None
        line["reserved"] = in_line_units(needed, held.get(line["id"], {}))


def _add_progress(lines: Sequence[dict[str, Any]], *, as_delivered: bool) -> None:
    for line in lines:
        ledger = ledger_of(line)
        line["to_ship"] = ledger.to_ship
        line["billable"] = ledger.billable(as_delivered=as_delivered)
        line["back_ordered"] = max(ZERO, ledger.to_ship - line["reserved"]) if line["stocked"] else ZERO


def _payment_of(session: Session, order: SalesOrder) -> Progress:
    """How far the invoices of an order are settled; fully only once all of it is invoiced."""
    billed = sa.select(col(InvoiceLine.invoice_id)).join(
        SalesOrderLine, col(SalesOrderLine.id) == col(InvoiceLine.order_line_id)
    )
    gross, left = session.execute(
        sa.select(sa.func.sum(col(Invoice.gross), type_=AMOUNT), sa.func.sum(col(Invoice.open), type_=AMOUNT)).where(
            col(Invoice.id).in_(billed.where(col(SalesOrderLine.order_id) == order.id)),
            col(Invoice.state) == "posted",
            col(Invoice.kind) == "invoice",
        )
    ).one()
    if gross is None:
        return Progress.NONE
    settled = Progress(progress([(gross - left, gross)]))
    return Progress.PARTLY if settled is Progress.FULLY and order.billing is not Progress.FULLY else settled


def instalments_of(session: Session, invoice_id: int) -> tuple[Instalment, ...]:
    """The instalments of an invoice in their order."""
    query = select(ReceivableItem).where(ReceivableItem.invoice_id == invoice_id).order_by(col(ReceivableItem.position))
    return tuple(Instalment(i.id, i.position, i.due_on, i.amount, i.open) for i in session.exec(query))


def _shares(session: Session, kind: str, key: int) -> tuple[Share, ...]:
    """What was set against an invoice (by which payment or credit note), or where a payment went; undone parts left out."""
    mine, other = table_of(ReceivableItem).alias("mine"), table_of(ReceivableItem).alias("other")
    links = table_of(Allocation)
    number = sa.func.coalesce(col(Invoice.number), col(Payment.number), col(ReceivableAdjustment.number))
    own = {"invoice": mine.c.invoice_id, "payment": mine.c.payment_id, "receivable_adjustment": mine.c.adjustment_id}
    of = sa.case(
        (other.c.invoice_id.is_not(None), "invoice"),
        (other.c.payment_id.is_not(None), "payment"),
        else_="receivable_adjustment",
    )
    taken_back = sa.or_(
        col(Payment.amount) < 0,
        *(col(model.reverses_id).is_not(None) for model in (Payment, ReceivableAdjustment)),
        *(col(model.reversed_by).is_not(None) for model in (Payment, ReceivableAdjustment)),
    )
    sides = sa.or_(
        sa.and_(links.c.debit_id == mine.c.id, links.c.credit_id == other.c.id),
        sa.and_(links.c.credit_id == mine.c.id, links.c.debit_id == other.c.id),
    )
    query = (
        sa.select(
            sa.func.coalesce(other.c.invoice_id, other.c.payment_id, other.c.adjustment_id),
            number,
            other.c.due_on,
            sa.func.sum(links.c.amount, type_=AMOUNT),
            sa.func.max(links.c.allocated_on),
            of,
            sa.func.coalesce(sa.cast(col(ReceivableAdjustment.kind), sa.Text), ""),
            sa.func.max(sa.case((other.c.amount > 0, other.c.position), else_=mine.c.position)),
            sa.func.max(sa.case((taken_back, 1), else_=0)),
        )
        .select_from(links)
        .join(mine, sa.or_(links.c.debit_id == mine.c.id, links.c.credit_id == mine.c.id))
        .join(other, sides)
        .outerjoin(Invoice, col(Invoice.id) == other.c.invoice_id)
        .outerjoin(Payment, col(Payment.id) == other.c.payment_id)
        .outerjoin(ReceivableAdjustment, col(ReceivableAdjustment.id) == other.c.adjustment_id)
        .where(own[kind] == key)
        .group_by(
            other.c.id, other.c.invoice_id, other.c.payment_id, other.c.adjustment_id, number, other.c.due_on,
            ReceivableAdjustment.kind, mine.c.id,
        )
        .order_by(sa.func.max(links.c.allocated_on), other.c.id, mine.c.id)
    )  # fmt: skip
    found = [tuple(row) for row in session.execute(query)]
    return tuple(replace(Share(*told), fixed=bool(back)) for *told, back in found if told[3])


def chain_of(session: Session, kind: str, record: Any) -> tuple[Link, ...]:
    """Every document that hangs together with this one, from the quotation to the payment, in the chain's order; what
    was bought for an order stands before its deliveries."""
    if kind in _IN_THE_HOUSE and getattr(record, "return_id", None) is None:
        return (Link(kind, record.id, record.label, str(record.state), getattr(record, _IN_THE_HOUSE[kind]), None),)
    order_ids = _orders_of(session, kind, record)
    purchase_ids, receipt_ids = _bought_for(session, kind, record, order_ids)
    if kind in BUYING and purchase_ids:
        order_ids = sorted(
            key
            for key in session.execute(
                sa.select(col(PurchaseOrder.sales_order_id)).where(col(PurchaseOrder.id).in_(purchase_ids)).distinct()
            ).scalars()
            if key is not None
        )
    links: list[Link] = []
    quotation_ids = {record.id} if kind == "quotation" else set()
    if order_ids:
        rows = session.execute(
            sa.select(col(SalesOrder.quotation_id)).where(col(SalesOrder.id).in_(order_ids))
        ).scalars()
        quotation_ids |= {key for key in rows if key is not None}
    for q in session.exec(select(Quotation).where(col(Quotation.id).in_(quotation_ids)).order_by(col(Quotation.id))):
        links.append(Link("quotation", q.id, q.label, str(q.state), q.quoted_on, q.gross, q.currency))
    for o in session.exec(select(SalesOrder).where(col(SalesOrder.id).in_(order_ids)).order_by(col(SalesOrder.id))):
        links.append(Link("order", o.id, o.label, str(o.state), o.ordered_on, o.gross, o.currency))
    links += _buying_links(session, purchase_ids, receipt_ids, record.id if kind == "bill" else None)
    deliveries = session.exec(
        select(Delivery).where(col(Delivery.order_id).in_(order_ids)).order_by(col(Delivery.id))
    ).all()
    links += [Link("delivery", d.id, d.label, str(d.state), d.shipped_on, None) for d in deliveries]
    returns = session.exec(
        select(CustomerReturn)
        .where(col(CustomerReturn.delivery_id).in_([d.id for d in deliveries]))
        .order_by(col(CustomerReturn.id))
    ).all()
    links += [Link("return", r.id, r.label, str(r.state), r.returned_on, None) for r in returns]
    scrapped = [r.id for r in returns if r.disposition is Disposition.SCRAP]
    if scrapped:
        written_off = select(StockAdjustment).where(col(StockAdjustment.return_id).in_(scrapped))
        links += [
            Link("adjustment", a.id, a.label, str(a.state), a.adjusted_on, None)
            for a in session.exec(written_off.order_by(col(StockAdjustment.id)))
        ]
    links += _billing_links(session, order_ids, _named_invoices(session, kind, record))
    if kind == "receivable_adjustment":
        letters = session.exec(select(Reminder).where(Reminder.fee_id == record.id))
        links += [Link("reminder", r.id, r.number, "posted", r.reminded_on, r.total, r.currency) for r in letters]
        links.append(
            Link(kind, record.id, record.label, str(record.state), record.adjusted_on, record.amount, record.currency)
        )
    if kind == "payment" and not any(link.kind == "payment" and link.id == record.id for link in links):
        links.append(_payment_link(record))
    return tuple(links)


def _bought_for(session: Session, kind: str, record: Any, order_ids: Sequence[int]) -> tuple[list[int], list[int]]:
    """The purchase orders and the receipts of a chain."""
    receipts: list[int] = []
    if kind == "purchase":
        purchases = [record.id]
    elif kind == "receipt":
        purchases, receipts = [record.purchase_order_id], [record.id]
    elif kind == "supplier_return":
        receipts = [record.receipt_id]
    elif kind == "bill":
        receipts = _receipts_billed(session, record.id)
    if kind in ("supplier_return", "bill"):
        query = sa.select(col(GoodsReceipt.purchase_order_id)).where(col(GoodsReceipt.id).in_(receipts)).distinct()
        purchases = list(session.execute(query).scalars())
    elif kind not in BUYING:
        query = sa.select(col(PurchaseOrder.id)).where(col(PurchaseOrder.sales_order_id).in_(order_ids))
        purchases = list(session.execute(query).scalars()) if order_ids else []
    purchases = sorted(key for key in purchases if key is not None)
    if purchases:
        query = sa.select(col(GoodsReceipt.id)).where(col(GoodsReceipt.purchase_order_id).in_(purchases))
        receipts = sorted({*receipts, *session.execute(query).scalars()})
    return purchases, receipts


def _receipts_billed(session: Session, bill_id: int) -> list[int]:
    lines = [
        sa.select(table.c.receipt_line_id).where(table.c.bill_id == bill_id, table.c.receipt_line_id.is_not(None))
        for table in (table_of(SupplierBillLine), table_of(CostShare))
    ]
    query = sa.select(col(GoodsReceiptLine.receipt_id)).where(
        sa.or_(*(col(GoodsReceiptLine.id).in_(chosen) for chosen in lines))
    )
    return sorted(session.execute(query.distinct()).scalars())


def _buying_links(
    session: Session, purchase_ids: Sequence[int], receipt_ids: Sequence[int], also: int | None
) -> list[Link]:
    if not purchase_ids and not receipt_ids and also is None:
        return []
    links = [
        Link("purchase", p.id, p.label, str(p.state), p.ordered_on, p.net, p.currency)
        for p in session.exec(
            select(PurchaseOrder).where(col(PurchaseOrder.id).in_(purchase_ids)).order_by(col(PurchaseOrder.id))
        )
    ]
    receipts = select(GoodsReceipt).where(col(GoodsReceipt.id).in_(receipt_ids)).order_by(col(GoodsReceipt.id))
    links += [Link("receipt", r.id, r.label, str(r.state), r.received_on, r.value) for r in session.exec(receipts)]
    back = select(SupplierReturn).where(col(SupplierReturn.receipt_id).in_(receipt_ids))
    links += [
        Link("supplier_return", r.id, r.label, str(r.state), r.returned_on, r.value)
        for r in session.exec(back.order_by(col(SupplierReturn.id)))
    ]
    of_receipts = sa.select(col(GoodsReceiptLine.id)).where(col(GoodsReceiptLine.receipt_id).in_(receipt_ids))
    billed: set[int | None] = {also}
    for table in (table_of(SupplierBillLine), table_of(CostShare)):
        query = sa.select(table.c.bill_id).where(table.c.receipt_line_id.in_(of_receipts))
        billed |= set(session.execute(query.distinct()).scalars())
    bills = select(SupplierBill).where(col(SupplierBill.id).in_(sorted(key for key in billed if key is not None)))
    for b in session.exec(bills.order_by(col(SupplierBill.id))):
        sign = -1 if b.kind == "credit" else 1
        links.append(Link("bill", b.id, b.label, str(b.state), b.billed_on, sign * b.gross, b.currency))
    return links


def _orders_of(session: Session, kind: str, record: Any) -> list[int]:
    if kind == "order":
        return [record.id]
    if kind == "quotation":
        query = sa.select(col(SalesOrder.id)).where(col(SalesOrder.quotation_id) == record.id)
    elif kind == "delivery":
        return [record.order_id]
    elif kind == "return":
        query = sa.select(col(Delivery.order_id)).where(col(Delivery.id) == record.delivery_id)
    elif kind == "adjustment":
        query = (
            sa.select(col(Delivery.order_id))
            .join(CustomerReturn, col(CustomerReturn.delivery_id) == col(Delivery.id))
            .where(col(CustomerReturn.id) == record.return_id)
        )
    elif kind == "invoice":
        query = _orders_billed([record.id])
    elif kind == "receivable_adjustment":
        query = _orders_billed([record.invoice_id] if record.invoice_id is not None else [])
    elif kind == "payment":
        paid = session.execute(_paid_invoices(record.id)).scalars()
        billed = session.execute(_orders_billed([key for key in paid if key is not None])).scalars()
        return sorted({*billed, *([record.order_id] if record.order_id is not None else [])})
    else:
        return []
    return sorted(set(session.execute(query).scalars()))


def _orders_billed(invoice_ids: Sequence[int]) -> Any:
    """The orders of some invoices: by their lines, or asked for ahead on them."""
    billed = (
        sa.select(col(SalesOrderLine.order_id))
        .join(InvoiceLine, col(InvoiceLine.order_line_id) == col(SalesOrderLine.id))
        .where(col(InvoiceLine.invoice_id).in_(invoice_ids))
    )
    ahead = sa.select(col(Invoice.order_id)).where(col(Invoice.id).in_(invoice_ids), col(Invoice.order_id).is_not(None))
    return billed.union(ahead).limit(50)


def _named_invoices(session: Session, kind: str, record: Any) -> set[int]:
    """Invoices that a document names by itself: it, what it credits or replaces, what did so with it; what a payment paid."""
    if kind == "payment":
        return {key for key in session.execute(_paid_invoices(record.id)).scalars() if key is not None}
    if kind != "invoice":
        return set()
    mine = {key for key in (record.id, record.credits_id, record.replaces_id) if key is not None}
    anew = sa.select(col(Invoice.id)).where(col(Invoice.replaces_id).in_(mine))
    later = anew.union(sa.select(col(Invoice.id)).where(col(Invoice.credits_id).in_(mine)))
    return mine | set(session.execute(later).scalars())


def _paid_invoices(payment_id: int) -> Any:
    debit, credit = table_of(ReceivableItem).alias("debit"), table_of(ReceivableItem).alias("credit")
    links = table_of(Allocation)
    return (
        sa.select(debit.c.invoice_id)
        .select_from(credit)
        .join(links, links.c.credit_id == credit.c.id)
        .join(debit, debit.c.id == links.c.debit_id)
        .where(credit.c.payment_id == payment_id)
        .distinct()
        .limit(50)
    )


def _billing_links(session: Session, order_ids: Sequence[int], also: set[int]) -> list[Link]:
    ids = also | set(
        session.execute(
            sa.select(col(InvoiceLine.invoice_id))
            .join(SalesOrderLine, col(SalesOrderLine.id) == col(InvoiceLine.order_line_id))
            .where(col(SalesOrderLine.order_id).in_(order_ids))
            .union(sa.select(col(Invoice.id)).where(col(Invoice.order_id).in_(order_ids)))
        ).scalars()
    )
    links = []
    for i in session.exec(select(Invoice).where(col(Invoice.id).in_(ids)).order_by(col(Invoice.id))):
        sign = -1 if i.kind == "credit_note" else 1
        links.append(Link("invoice", i.id, i.label, str(i.state), i.invoiced_on, sign * i.gross, i.currency))
    debit, credit = table_of(ReceivableItem).alias("debit"), table_of(ReceivableItem).alias("credit")
    paid = (
        sa.select(credit.c.payment_id)
        .select_from(debit)
        .join(table_of(Allocation), table_of(Allocation).c.debit_id == debit.c.id)
        .join(credit, credit.c.id == table_of(Allocation).c.credit_id)
        .where(debit.c.invoice_id.in_(ids), credit.c.payment_id.is_not(None))
        .distinct()
    )
    ahead = col(Payment.order_id).in_(order_ids) if order_ids else sa.false()
    payments = select(Payment).where(sa.or_(col(Payment.id).in_(paid), ahead)).order_by(col(Payment.id))
    links += [_payment_link(payment) for payment in session.exec(payments)]
    return links


def _payment_link(payment: Payment) -> Link:
    state = str(payment.state)
    return Link("payment", payment.id, payment.label, state, payment.received_on, payment.amount, payment.currency)
