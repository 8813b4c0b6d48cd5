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
from o2c_tui.models.delivery import CustomerReturn, CustomerReturnLine, Delivery, DeliveryLine, DeliveryPick
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
from o2c_tui.models.receivable_adjustment import AdjustmentReason, ReceivableAdjustment
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
from o2c_tui.queries.document_chain import BUYING, Link, chain_of
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
_WAREHOUSES = {"warehouse": "warehouse_id", "source": "source_id", "target": "target_id"}


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
    if kind == "receivable_adjustment" and record.reason_id is not None:
        reason = session.get(AdjustmentReason, record.reason_id)
        head["because"] = reason.name if reason else ""
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
