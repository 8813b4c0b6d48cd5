"""Lists: one page of any kind of document or record, filtered and sorted, by key and never by offset.

`page` gives rows in the list's own order; `after` and `before` are the sort keys of the rows at the page's edges.
Rule: docs/rules/filters.md.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.errors import BadValueError
from o2c_tui.models.base import AMOUNT, QUANTITY
from o2c_tui.models.company import Company
from o2c_tui.models.delivery import Delivery
from o2c_tui.models.invoice import Invoice, InvoiceLine
from o2c_tui.models.item import Item, Location, Lot, ReorderRule, StockAlert, Warehouse, WarehouseKind
from o2c_tui.models.order import SalesOrder, SalesOrderLine
from o2c_tui.models.party import Party
from o2c_tui.models.purchase import PurchaseOrder, PurchaseOrderLine, SupplierBill, SupplierBillLine
from o2c_tui.models.quotation import Quotation, QuotationLine
from o2c_tui.models.receipt import GoodsReceipt, GoodsReceiptLine
from o2c_tui.models.receivable import Payment, ReceivableItem
from o2c_tui.models.stock import PlaceStock, StockLevel
from o2c_tui.models.warehouse import (
    StockAdjustment,
    StockAdjustmentLine,
    Stocktake,
    StocktakeLine,
    StockTransfer,
    StockTransferLine,
)
from o2c_tui.queries.lateness import late_order
from o2c_tui.queries.rows import (
    ORDER,
    AdjustmentRow,
    AlertRow,
    BillRow,
    CustomerRow,
    DeliveryRow,
    InvoiceRow,
    ItemRow,
    LocationRow,
    LotRow,
    OrderRow,
    PaymentRow,
    PurchaseRow,
    QuotationRow,
    ReceiptRow,
    StockRow,
    StocktakeRow,
    TransferRow,
    WarehouseRow,
)
from o2c_tui.rules.entry import number as entered
from o2c_tui.rules.filters import Term, parse_filter
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

Condition = sa.ColumnElement[bool]
Test = Callable[[date], Condition]


@dataclass(frozen=True)
class ListSpec:
    """How one kind of list is asked for."""

    row: type
    columns: Sequence[Any]
    source: Any
    words: Sequence[Any]  # columns that free words look in
    customer_id: Any = None
    day: Any = None
    due: Any = None
    total: Any = None
    by: Any = None
    state: Any = None
    always: Sequence[Any] = ()
    flags: dict[str, Test] = field(default_factory=dict)  # status: and is: words
    item_lines: Any = None  # document id column of its lines, and their item column


def _lines(model: Any, key: Any) -> tuple[Any, Any]:
    return col(key), col(model.item_id)


_not_sold_from = sa.select(col(Warehouse.id)).where(col(Warehouse.kind) != WarehouseKind.STORE)


def _level(what: Any) -> Any:
    total = (
        sa.select(sa.func.coalesce(sa.func.sum(what), 0))
        .where(col(StockLevel.item_id) == col(Item.id), col(StockLevel.warehouse_id).not_in(_not_sold_from))
        .scalar_subquery()
    )
    return sa.type_coerce(total, QUANTITY)


_owes = sa.type_coerce(
    sa.select(sa.func.coalesce(sa.func.sum(col(ReceivableItem.open)), 0))
    .where(col(ReceivableItem.customer_id) == col(Party.id), col(ReceivableItem.open) != 0)
    .scalar_subquery(),
    AMOUNT,
)
_source, _target = table_of(Warehouse).alias("source"), table_of(Warehouse).alias("target")
_in_bin = (
    sa.select(sa.func.count(sa.distinct(col(PlaceStock.item_id))))
    .where(col(PlaceStock.location_id) == col(Location.id), col(PlaceStock.quantity) > 0)
    .scalar_subquery()
)
_bins = (
    sa.select(sa.func.count())
    .where(col(Location.warehouse_id) == col(Warehouse.id), col(Location.active))
    .scalar_subquery()
)
_kept = (
    sa.select(sa.func.count())
    .where(col(StockLevel.warehouse_id) == col(Warehouse.id), col(StockLevel.on_hand) > 0)
    .scalar_subquery()
)
_of_lot = sa.type_coerce(
    sa.select(sa.func.coalesce(sa.func.sum(col(PlaceStock.quantity)), 0))
    .where(col(PlaceStock.lot_id) == col(Lot.id))
    .scalar_subquery(),
    QUANTITY,
)
_NEVER = date(2999, 12, 31)
_expires = sa.func.coalesce(col(Lot.expires_on), sa.literal(_NEVER, sa.Date()))
_available = sa.type_coerce(col(StockLevel.on_hand) - col(StockLevel.reserved), QUANTITY)
_point = sa.type_coerce(  # of a rule for item and warehouse, else of the item in the company's default warehouse
    sa.func.coalesce(
        sa.select(col(ReorderRule.point))
        .where(
            col(ReorderRule.item_id) == col(Item.id),
            col(ReorderRule.warehouse_id) == col(Warehouse.id),
            col(ReorderRule.active),
        )
        .scalar_subquery(),
        sa.case(
            (
                col(Warehouse.code) == sa.select(col(Company.default_warehouse)).scalar_subquery(),
                col(Item.reorder_point),
            ),
            else_=sa.literal(0),
        ),
    ),
    QUANTITY,
)

SPECS: dict[str, ListSpec] = {
    "quotation": ListSpec(
        QuotationRow,
        (
            col(Quotation.id),
            col(Quotation.number),
            col(Quotation.revision),
            col(Party.name),
            col(Party.code),
            col(Quotation.quoted_on),
            col(Quotation.valid_until),
            col(Quotation.gross),
            col(Quotation.currency),
            col(Quotation.state),
            col(Quotation.ordered),
            col(Quotation.by),
        ),
        sa.join(Quotation, Party, col(Party.id) == col(Quotation.customer_id)),
        (col(Quotation.number), col(Quotation.customer_reference)),
        customer_id=col(Quotation.customer_id),
        day=col(Quotation.quoted_on),
        due=col(Quotation.valid_until),
        total=col(Quotation.gross),
        by=col(Quotation.by),
        state=col(Quotation.state),
        flags={
            "open": lambda today: col(Quotation.state).in_(("draft", "sent")),
            "expired": lambda today: sa.and_(col(Quotation.state) == "sent", col(Quotation.valid_until) < today),
            "expiring": lambda today: sa.and_(
                col(Quotation.state) == "sent", col(Quotation.valid_until).between(today, today + timedelta(days=7))
            ),
            "late": lambda today: sa.and_(col(Quotation.state) == "sent", col(Quotation.valid_until) < today),
            "ordered": lambda today: col(Quotation.ordered) != "none",
        },
        item_lines=_lines(QuotationLine, QuotationLine.quotation_id),
    ),
    "order": ListSpec(
        OrderRow,
        (
            col(SalesOrder.id),
            col(SalesOrder.number),
            col(Party.name),
            col(Party.code),
            col(SalesOrder.customer_reference),
            col(SalesOrder.ordered_on),
            col(SalesOrder.promised_on),
            col(SalesOrder.gross),
            col(SalesOrder.currency),
            col(SalesOrder.state),
            col(SalesOrder.delivery),
            col(SalesOrder.billing),
            col(SalesOrder.by),
        ),
        sa.join(SalesOrder, Party, col(Party.id) == col(SalesOrder.customer_id)),
        (col(SalesOrder.number), col(SalesOrder.customer_reference)),
        customer_id=col(SalesOrder.customer_id),
        day=col(SalesOrder.ordered_on),
        due=col(SalesOrder.promised_on),
        total=col(SalesOrder.gross),
        by=col(SalesOrder.by),
        state=col(SalesOrder.state),
        flags={
            "open": lambda today: sa.and_(
                col(SalesOrder.state).in_(("confirmed", "on_hold")), col(SalesOrder.delivery) != "fully"
            ),
            "late": late_order,
            "uninvoiced": lambda today: col(SalesOrder.uninvoiced) != 0,
        },
        item_lines=_lines(SalesOrderLine, SalesOrderLine.order_id),
    ),
    "delivery": ListSpec(
        DeliveryRow,
        (
            col(Delivery.id),
            col(Delivery.number),
            col(Party.name),
            col(Party.code),
            col(SalesOrder.number),
            col(SalesOrder.id),
            col(Delivery.shipped_on),
            col(Warehouse.code),
            col(Delivery.state),
            col(Delivery.billing),
            col(Delivery.returned),
            col(Delivery.by),
        ),
        sa.join(Delivery, Party, col(Party.id) == col(Delivery.customer_id))
        .join(SalesOrder, col(SalesOrder.id) == col(Delivery.order_id))
        .join(Warehouse, col(Warehouse.id) == col(Delivery.warehouse_id)),
        (col(Delivery.number), col(SalesOrder.number), col(Delivery.customer_reference)),
        customer_id=col(Delivery.customer_id),
        day=col(Delivery.shipped_on),
        by=col(Delivery.by),
        state=col(Delivery.state),
        flags={
            "open": lambda today: sa.and_(col(Delivery.state) == "shipped", col(Delivery.billing) != "fully"),
            "uninvoiced": lambda today: sa.and_(col(Delivery.state) == "shipped", col(Delivery.billing) != "fully"),
            "leaving": lambda today: col(Delivery.state).in_(("picked", "packed")),
        },
    ),
    "invoice": ListSpec(
        InvoiceRow,
        (
            col(Invoice.id),
            col(Invoice.number),
            col(Invoice.kind),
            col(Party.name),
            col(Party.code),
            col(Invoice.invoiced_on),
            col(Invoice.due_on),
            col(Invoice.gross),
            col(Invoice.open),
            col(Invoice.currency),
            col(Invoice.state),
            col(Invoice.by),
        ),
        sa.join(Invoice, Party, col(Party.id) == col(Invoice.customer_id)),
        (col(Invoice.number), col(Invoice.customer_reference)),
        customer_id=col(Invoice.customer_id),
        day=col(Invoice.invoiced_on),
        due=col(Invoice.due_on),
        total=col(Invoice.gross),
        by=col(Invoice.by),
        state=col(Invoice.state),
        flags={
            "open": lambda today: col(Invoice.open) != 0,
            "paid": lambda today: sa.and_(col(Invoice.state) == "posted", col(Invoice.open) == 0),
            "late": lambda today: sa.and_(col(Invoice.open) != 0, col(Invoice.open) > 0, col(Invoice.due_on) < today),
            "overdue": lambda today: sa.and_(
                col(Invoice.open) != 0, col(Invoice.open) > 0, col(Invoice.due_on) < today
            ),
            "credit": lambda today: col(Invoice.kind) == "credit_note",
        },
        item_lines=_lines(InvoiceLine, InvoiceLine.invoice_id),
    ),
    "payment": ListSpec(
        PaymentRow,
        (
            col(Payment.id),
            col(Payment.number),
            col(Party.name),
            col(Party.code),
            col(Payment.received_on),
            col(Payment.amount),
            col(Payment.unapplied),
            col(Payment.currency),
            col(Payment.reference),
            col(Payment.state),
            col(Payment.reversed_by),
            col(Payment.by),
        ),
        sa.join(Payment, Party, col(Party.id) == col(Payment.customer_id)),
        (col(Payment.number), col(Payment.reference)),
        customer_id=col(Payment.customer_id),
        day=col(Payment.received_on),
        total=col(Payment.amount),
        by=col(Payment.by),
        state=col(Payment.state),
        flags={
            "open": lambda today: col(Payment.unapplied) != 0,
            "reversed": lambda today: sa.or_(
                col(Payment.reversed_by).is_not(None), col(Payment.reverses_id).is_not(None)
            ),
        },
    ),
    "receipt": ListSpec(
        ReceiptRow,
        (
            col(GoodsReceipt.id),
            col(GoodsReceipt.number),
            col(GoodsReceipt.kind),
            col(Party.name),
            col(GoodsReceipt.received_on),
            col(Warehouse.code),
            col(GoodsReceipt.value),
            col(GoodsReceipt.state),
            col(GoodsReceipt.billing),
            col(GoodsReceipt.by),
        ),
        sa.join(GoodsReceipt, Party, col(Party.id) == col(GoodsReceipt.supplier_id), isouter=True).join(
            Warehouse, col(Warehouse.id) == col(GoodsReceipt.warehouse_id)
        ),
        (col(GoodsReceipt.number), col(GoodsReceipt.reference)),
        customer_id=col(GoodsReceipt.supplier_id),
        day=col(GoodsReceipt.received_on),
        total=col(GoodsReceipt.value),
        by=col(GoodsReceipt.by),
        state=col(GoodsReceipt.state),
        flags={
            "unbilled": lambda today: sa.and_(
                col(GoodsReceipt.state) == "received",
                col(GoodsReceipt.kind) == "purchase",
                col(GoodsReceipt.billing) != "fully",
            ),
        },
        item_lines=_lines(GoodsReceiptLine, GoodsReceiptLine.receipt_id),
    ),
    "purchase": ListSpec(
        PurchaseRow,
        (
            col(PurchaseOrder.id),
            col(PurchaseOrder.number),
            col(Party.name),
            col(Party.code),
            col(PurchaseOrder.supplier_reference),
            col(PurchaseOrder.ordered_on),
            col(PurchaseOrder.expected_on),
            col(Warehouse.code),
            col(PurchaseOrder.net),
            col(PurchaseOrder.currency),
            col(PurchaseOrder.state),
            col(PurchaseOrder.receipt),
            col(PurchaseOrder.billing),
            col(PurchaseOrder.by),
        ),
        sa.join(PurchaseOrder, Party, col(Party.id) == col(PurchaseOrder.supplier_id)).join(
            Warehouse, col(Warehouse.id) == col(PurchaseOrder.warehouse_id)
        ),
        (col(PurchaseOrder.number), col(PurchaseOrder.supplier_reference)),
        customer_id=col(PurchaseOrder.supplier_id),
        day=col(PurchaseOrder.ordered_on),
        due=col(PurchaseOrder.expected_on),
        total=col(PurchaseOrder.net),
        by=col(PurchaseOrder.by),
        state=col(PurchaseOrder.state),
        flags={
            "open": lambda today: sa.and_(col(PurchaseOrder.state) == "sent", col(PurchaseOrder.receipt) != "fully"),
            "late": lambda today: sa.and_(
                col(PurchaseOrder.state) == "sent",
                col(PurchaseOrder.receipt) != "fully",
                col(PurchaseOrder.expected_on) < today,
            ),
            "unbilled": lambda today: sa.and_(
                col(PurchaseOrder.state).in_(("sent", "closed")),
                col(PurchaseOrder.receipt) != "none",
                col(PurchaseOrder.billing) != "fully",
            ),
        },
        item_lines=_lines(PurchaseOrderLine, PurchaseOrderLine.order_id),
    ),
    "bill": ListSpec(
        BillRow,
        (
            col(SupplierBill.id),
            col(SupplierBill.number),
            col(SupplierBill.kind),
            col(Party.name),
            col(Party.code),
            col(SupplierBill.supplier_number),
            col(SupplierBill.billed_on),
            col(SupplierBill.due_on),
            col(SupplierBill.gross),
            col(SupplierBill.currency),
            col(SupplierBill.state),
            col(SupplierBill.by),
        ),
        sa.join(SupplierBill, Party, col(Party.id) == col(SupplierBill.supplier_id)),
        (col(SupplierBill.number), col(SupplierBill.supplier_number)),
        customer_id=col(SupplierBill.supplier_id),
        day=col(SupplierBill.billed_on),
        due=col(SupplierBill.due_on),
        total=col(SupplierBill.gross),
        by=col(SupplierBill.by),
        state=col(SupplierBill.state),
        flags={
            "open": lambda today: col(SupplierBill.state) == "draft",
            "credit": lambda today: col(SupplierBill.kind) == "credit",
        },
        item_lines=(
            col(SupplierBillLine.bill_id),
            sa.select(col(GoodsReceiptLine.item_id))
            .where(col(GoodsReceiptLine.id) == col(SupplierBillLine.receipt_line_id))
            .scalar_subquery(),
        ),
    ),
    "transfer": ListSpec(
        TransferRow,
        (
            col(StockTransfer.id),
            col(StockTransfer.number),
            _source.c.code,
            _target.c.code,
            col(StockTransfer.dispatched_on),
            col(StockTransfer.expected_on),
            col(StockTransfer.value),
            col(StockTransfer.state),
            col(StockTransfer.arrival),
            col(StockTransfer.by),
        ),
        sa.join(StockTransfer, _source, _source.c.id == col(StockTransfer.source_id)).join(
            _target, _target.c.id == col(StockTransfer.target_id)
        ),
        (col(StockTransfer.number), _source.c.code, _target.c.code, col(StockTransfer.tracking)),
        day=col(StockTransfer.dispatched_on),
        due=col(StockTransfer.expected_on),
        total=col(StockTransfer.value),
        by=col(StockTransfer.by),
        state=col(StockTransfer.state),
        flags={
            "open": lambda today: sa.and_(
                col(StockTransfer.state) == "dispatched", col(StockTransfer.arrival) != "fully"
            ),
            "late": lambda today: sa.and_(
                col(StockTransfer.state) == "dispatched",
                col(StockTransfer.arrival) != "fully",
                col(StockTransfer.expected_on) < today,
            ),
            "arrived": lambda today: col(StockTransfer.arrival) == "fully",
        },
        item_lines=_lines(StockTransferLine, StockTransferLine.transfer_id),
    ),
    "adjustment": ListSpec(
        AdjustmentRow,
        (
            col(StockAdjustment.id),
            col(StockAdjustment.number),
            col(Warehouse.code),
            col(StockAdjustment.adjusted_on),
            col(StockAdjustment.reason),
            col(StockAdjustment.note),
            col(StockAdjustment.value),
            col(StockAdjustment.state),
            col(StockAdjustment.by),
        ),
        sa.join(StockAdjustment, Warehouse, col(Warehouse.id) == col(StockAdjustment.warehouse_id)),
        (col(StockAdjustment.number), col(StockAdjustment.reason), col(StockAdjustment.note), col(Warehouse.code)),
        day=col(StockAdjustment.adjusted_on),
        total=col(StockAdjustment.value),
        by=col(StockAdjustment.by),
        state=col(StockAdjustment.state),
        flags={
            "gain": lambda today: col(StockAdjustment.value) > 0,
            "loss": lambda today: col(StockAdjustment.value) < 0,
        },
        item_lines=_lines(StockAdjustmentLine, StockAdjustmentLine.adjustment_id),
    ),
    "stocktake": ListSpec(
        StocktakeRow,
        (
            col(Stocktake.id),
            col(Stocktake.number),
            col(Warehouse.code),
            col(Stocktake.started_on),
            col(Stocktake.counted_on),
            col(Stocktake.note),
            col(Stocktake.value),
            col(Stocktake.state),
            col(Stocktake.by),
        ),
        sa.join(Stocktake, Warehouse, col(Warehouse.id) == col(Stocktake.warehouse_id)),
        (col(Stocktake.number), col(Stocktake.note), col(Warehouse.code)),
        day=col(Stocktake.started_on),
        total=col(Stocktake.value),
        by=col(Stocktake.by),
        state=col(Stocktake.state),
        flags={"open": lambda today: col(Stocktake.state) == "counting"},
        item_lines=_lines(StocktakeLine, StocktakeLine.stocktake_id),
    ),
    "location": ListSpec(
        LocationRow,
        (
            col(Location.id),
            col(Location.code),
            col(Location.name),
            col(Warehouse.code),
            col(Location.pick_order),
            _in_bin,
            col(Location.active),
        ),
        sa.join(Location, Warehouse, col(Warehouse.id) == col(Location.warehouse_id)),
        (col(Location.code), col(Location.name), col(Warehouse.code)),
        flags={
            "open": lambda today: _in_bin > 0,
            "empty": lambda today: _in_bin == 0,
            "inactive": lambda today: sa.not_(col(Location.active)),
        },
    ),
    "warehouse": ListSpec(
        WarehouseRow,
        (
            col(Warehouse.id),
            col(Warehouse.code),
            col(Warehouse.name),
            col(Warehouse.kind),
            _bins,
            _kept,
            col(Warehouse.active),
        ),
        Warehouse.__table__,  # type: ignore[attr-defined]
        (col(Warehouse.code), col(Warehouse.name)),
        flags={
            "open": lambda today: _kept > 0,
            "store": lambda today: col(Warehouse.kind) == "store",
            "inactive": lambda today: sa.not_(col(Warehouse.active)),
        },
    ),
    "lot": ListSpec(
        LotRow,
        (
            col(Lot.id),
            col(Item.code),
            col(Item.name),
            col(Lot.code),
            _expires,
            _of_lot,
            col(Item.unit),
            col(Item.id),
        ),
        sa.join(Lot, Item, col(Item.id) == col(Lot.item_id)),
        (col(Item.search), col(Lot.code), col(Lot.note)),
        due=col(Lot.expires_on),
        flags={
            "open": lambda today: _of_lot > 0,
            "expired": lambda today: sa.and_(col(Lot.expires_on) < today, _of_lot > 0),
            "expiring": lambda today: sa.and_(
                col(Lot.expires_on).between(today, today + timedelta(days=30)), _of_lot > 0
            ),
            "gone": lambda today: _of_lot == 0,
        },
    ),
    "customer": ListSpec(
        CustomerRow,
        (
            col(Party.id),
            col(Party.code),
            col(Party.name),
            _owes,
            col(Party.credit_mode),
            col(Party.credit_limit),
            col(Party.term),
            sa.or_(col(Party.hold_orders), col(Party.hold_shipping)),
            col(Party.active),
        ),
        Party.__table__,  # type: ignore[attr-defined]
        (col(Party.search),),
        always=(col(Party.is_customer),),
        flags={
            "open": lambda today: _owes != 0,
            "hold": lambda today: sa.or_(col(Party.hold_orders), col(Party.hold_shipping)),
            "inactive": lambda today: sa.not_(col(Party.active)),
        },
    ),
    "supplier": ListSpec(
        CustomerRow,
        (
            col(Party.id),
            col(Party.code),
            col(Party.name),
            _owes,
            col(Party.credit_mode),
            col(Party.credit_limit),
            col(Party.term),
            sa.or_(col(Party.hold_orders), col(Party.hold_shipping)),
            col(Party.active),
        ),
        Party.__table__,  # type: ignore[attr-defined]
        (col(Party.search),),
        always=(col(Party.is_supplier),),
    ),
    "item": ListSpec(
        ItemRow,
        (
            col(Item.id),
            col(Item.code),
            col(Item.name),
            col(Item.kind),
            col(Item.unit),
            col(Item.sale_price),
            _level(col(StockLevel.on_hand)),
            _level(col(StockLevel.on_hand) - col(StockLevel.reserved)),
            col(Item.active),
        ),
        Item.__table__,  # type: ignore[attr-defined]
        (col(Item.search), col(Item.barcode)),
        flags={
            "inactive": lambda today: sa.not_(col(Item.active)),
            "service": lambda today: col(Item.kind) == "service",
            "kit": lambda today: col(Item.kind) == "kit",
            "tracked": lambda today: col(Item.tracking) != "none",
        },
    ),
    "alert": ListSpec(
        AlertRow,
        (
            col(StockAlert.id),
            col(Item.code),
            col(Item.name),
            col(Warehouse.code),
            col(StockAlert.raised_on),
            col(StockAlert.projected),
            col(StockAlert.point),
            sa.type_coerce(sa.func.coalesce(col(StockLevel.on_hand) - col(StockLevel.reserved), 0), QUANTITY),
            col(StockAlert.seen_on),
            col(StockAlert.seen_by),
            col(StockAlert.cleared_on),
            col(Item.id),
        ),
        sa.join(StockAlert, Item, col(Item.id) == col(StockAlert.item_id))
        .join(Warehouse, col(Warehouse.id) == col(StockAlert.warehouse_id))
        .outerjoin(
            StockLevel,
            sa.and_(
                col(StockLevel.item_id) == col(StockAlert.item_id),
                col(StockLevel.warehouse_id) == col(StockAlert.warehouse_id),
            ),
        ),
        (col(Item.search), col(Warehouse.code)),
        day=col(StockAlert.raised_on),
        flags={
            "open": lambda today: col(StockAlert.cleared_on).is_(None),
            "unseen": lambda today: sa.and_(col(StockAlert.cleared_on).is_(None), col(StockAlert.seen_on).is_(None)),
            "seen": lambda today: col(StockAlert.seen_on).is_not(None),
            "cleared": lambda today: col(StockAlert.cleared_on).is_not(None),
        },
    ),
    "stock": ListSpec(
        StockRow,
        (
            col(Item.id),
            col(Item.code),
            col(Item.name),
            col(Warehouse.code),
            col(Warehouse.id),
            col(Item.unit),
            col(StockLevel.on_hand),
            col(StockLevel.reserved),
            _available,
            _point,
        ),
        sa.join(Item, StockLevel, col(StockLevel.item_id) == col(Item.id)).join(
            Warehouse, col(Warehouse.id) == col(StockLevel.warehouse_id)
        ),
        (col(Item.search), col(Item.barcode)),
        # true of every item, and what makes SQLite read them in the list's order instead of sorting all of them
        always=(
            col(Item.code) >= "",
            sa.or_(col(Warehouse.kind) != WarehouseKind.TRANSIT, col(StockLevel.on_hand) > 0),
        ),
        flags={
            "short": lambda today: col(StockLevel.on_hand) - col(StockLevel.reserved) <= 0,
            "low": lambda today: _available <= _point,
            "open": lambda today: col(StockLevel.on_hand) > 0,
            "reserved": lambda today: col(StockLevel.reserved) > 0,
        },
    ),
}

_COMPARE: dict[str, Callable[[Any, Any], Condition]] = {
    ":": lambda a, b: a == b,
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


def _number(term: Term) -> Decimal:
    try:
        return round(entered(term.value), AMOUNT.places)
    except BadValueError:
        raise BadValueError(N_("'{word}' needs a number, as in amt>1000."), field="filter", word=term.text) from None


def _span(term: Term) -> tuple[date, date]:
    """The days a date word means: a year, a month or a day."""
    found = re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", term.value)
    try:
        if found is None:
            raise ValueError
        year, month, day = int(found[1]), found[2], found[3]
        if day:
            first = date(year, int(month), int(day))
            return first, first
        if month:
            first = date(year, int(month), 1)
            return first, first.replace(day=monthrange(first.year, first.month)[1])
        return date(year, 1, 1), date(year, 12, 31)
    except ValueError:
        raise BadValueError(
            N_("'{word}' needs a day, a month or a year, as in date:2026-11."), field="filter", word=term.text
        ) from None


def _days(term: Term) -> int:
    found = re.fullmatch(r"(-?\d{1,5})d?", term.value)
    if found is None:
        raise BadValueError(N_("'{word}' needs a number of days, as in due<7d."), field="filter", word=term.text)
    return int(found[1])


def _not_here(term: Term) -> BadValueError:
    return BadValueError(N_("This list has nothing to filter by '{word}'."), field="filter", word=term.text)


def _condition(spec: ListSpec, term: Term, today: date, login: str) -> Condition:
    """What one word of the filter asks of a row."""
    if term.key == "":
        looks = [words.ilike(f"%{_like(term.value)}%", escape="\\") for words in spec.words]
        if spec.customer_id is not None:
            looks.append(spec.customer_id.in_(_parties(term.value)))
        return sa.or_(*looks)
    if term.key in ("status", "is"):
        word = term.value.casefold()
        if word in spec.flags:
            return spec.flags[word](today)
        states = getattr(getattr(spec.state, "type", None), "enums", None) or ()
        if word in states:
            return spec.state == word  # type: ignore[no-any-return]
        if word == "mine" and spec.by is not None:
            return spec.by == login  # type: ignore[no-any-return]
        raise BadValueError(
            N_("'{word}' is no status of this list. There are: {words}."),
            field="filter",
            word=term.text,
            words=", ".join([*spec.flags, *(s for s in states if s not in spec.flags)]),
        )
    if term.key == "cust" and spec.customer_id is not None:
        return spec.customer_id.in_(_parties(term.value))  # type: ignore[no-any-return]
    if term.key == "item" and spec.item_lines is not None:
        document, item = spec.item_lines
        hits = sa.select(col(Item.id)).where(col(Item.search).ilike(f"%{_like(term.value)}%", escape="\\"))
        return spec.columns[0].in_(sa.select(document).where(item.in_(hits)))  # type: ignore[no-any-return]
    if term.key == "by" and spec.by is not None:
        return spec.by == (login if term.value == "me" else term.value)  # type: ignore[no-any-return]
    if term.key == "date" and spec.day is not None:
        first, last = _span(term)
        if term.op in (":", "="):
            return spec.day.between(first, last)  # type: ignore[no-any-return]
        return _COMPARE[term.op](spec.day, first if term.op in ("<", ">=") else last)
    if term.key == "due" and spec.due is not None:
        return _COMPARE[term.op if term.op != ":" else "<="](spec.due, today + timedelta(days=_days(term)))
    if term.key == "overdue" and spec.due is not None:
        late = today - timedelta(days=_days(term))
        owed = spec.flags.get("overdue") or spec.flags.get("late")
        past = spec.due < late if term.op == ">" else spec.due <= late
        return sa.and_(past, owed(today)) if owed else past
    if term.key == "amt" and spec.total is not None:
        return _COMPARE[term.op](spec.total, _number(term))
    raise _not_here(term)


def _like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _parties(needle: str) -> Any:
    return sa.select(col(Party.id)).where(col(Party.search).ilike(f"%{_like(needle)}%", escape="\\"))


def filtered(spec: ListSpec, filter_text: str, *, today: date, login: str) -> list[Condition]:
    """The conditions of a filter line.

    Raises:
        BadValueError: a word that this list cannot be filtered by, or a value that is none.
    """
    conditions = list(spec.always)
    for term in parse_filter(filter_text):
        condition = _condition(spec, term, today, login)
        conditions.append(sa.not_(condition) if term.excluded else condition)
    return conditions


def page_query(
    kind: str,
    conditions: Sequence[Condition] = (),
    *,
    after: Sequence[Any] | None = None,
    before: Sequence[Any] | None = None,
    limit: int = 50,
    from_end: bool = False,
    sort: str = "",
    descending: bool | None = None,
) -> tuple[Any, bool]:
    """The SELECT of one page, and whether its rows come in reverse."""
    spec = SPECS[kind]
    own, down = ORDER[kind]
    fields = spec.row._fields  # type: ignore[attr-defined]
    keys = [spec.columns[fields.index(name)] for name in ((sort, *own) if sort and sort not in own else own)]
    down = down if descending is None else descending
    backwards = before is not None or from_end
    edge = before if before is not None else after
    query = sa.select(*spec.columns).select_from(spec.source).where(*conditions)
    if edge is not None:
        left = sa.tuple_(*keys) if len(keys) > 1 else keys[0]
        binds = [sa.bindparam(f"edge{n}", v, type_=k.type) for n, (k, v) in enumerate(zip(keys, edge, strict=True))]
        right = sa.tuple_(*binds) if len(binds) > 1 else binds[0]
        query = query.where(left < right if down != backwards else left > right)
    order = [key.desc() if down != backwards else key.asc() for key in keys]
    return query.order_by(*order).limit(limit), backwards


def page(
    session: Session,
    kind: str,
    filter_text: str = "",
    *,
    after: Sequence[Any] | None = None,
    before: Sequence[Any] | None = None,
    limit: int = 50,
    from_end: bool = False,
    sort: str = "",
    descending: bool | None = None,
    today: date,
    login: str = "",
) -> list[Any]:
    """One page of a list as plain rows, in the list's order.

    `after` (or `before`) is the key of the row above (or below) the page, as `key_of` gives it; `from_end` starts at
    the last row. `sort` is a field of the row.

    Raises:
        BadValueError: see `filtered`.
    """
    spec = SPECS[kind]
    query, backwards = page_query(
        kind,
        filtered(spec, filter_text, today=today, login=login),
        after=after,
        before=before,
        limit=limit,
        from_end=from_end,
        sort=sort,
        descending=descending,
    )
    rows = [spec.row(*row) for row in session.execute(query)]
    return rows[::-1] if backwards else rows


def count(
    session: Session, kind: str, filter_text: str = "", *, today: date, login: str = ""
) -> tuple[int, Decimal | None]:
    """How many rows a filter leaves, and their total where the list has one."""
    spec = SPECS[kind]
    query = count_query(spec, filtered(spec, filter_text, today=today, login=login))
    number, amount = session.execute(query).one()
    return number, amount


def in_the_way(session: Session, kind: str, filter_text: str, *, today: date, login: str = "") -> list[tuple[str, int]]:
    """For a filter that leaves nothing: each word without which rows would be left, and how many, most first."""
    terms = parse_filter(filter_text)
    found = []
    for n, term in enumerate(terms):
        rest = " ".join(other.text for m, other in enumerate(terms) if m != n)
        left, _total = count(session, kind, rest, today=today, login=login)
        if left:
            found.append((term.text, left))
    return sorted(found, key=lambda word: -word[1])


def count_query(spec: ListSpec, conditions: Sequence[Condition]) -> Any:
    """The SELECT behind `count`."""
    total = sa.func.sum(spec.total, type_=AMOUNT) if spec.total is not None else sa.null()
    return sa.select(sa.func.count(), total).select_from(spec.source).where(*conditions)
