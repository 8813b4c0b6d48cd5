"""Lists of customers, suppliers and items, of stock and of its alerts.

Rule: docs/rules/filters.md.
"""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from o2c_tui.models.base import AMOUNT, QUANTITY
from o2c_tui.models.company import Company
from o2c_tui.models.item import Item, ReorderRule, StockAlert, Warehouse, WarehouseKind
from o2c_tui.models.party import Party
from o2c_tui.models.receivable import ReceivableItem
from o2c_tui.models.stock import StockLevel
from o2c_tui.queries.list_spec import ListSpec
from o2c_tui.queries.rows import AlertRow, CustomerRow, ItemRow, StockRow

_not_sold_from = sa.select(col(Warehouse.id)).where(col(Warehouse.kind) != WarehouseKind.STORE)


def _level(what: Any) -> Any:
    total = (
        sa.select(sa.func.coalesce(sa.func.sum(what), 0))
        .where(col(StockLevel.item_id) == col(Item.id), col(StockLevel.warehouse_id).not_in(_not_sold_from))
        .scalar_subquery()
    )
    return sa.type_coerce(total, QUANTITY)


_owes = sa.type_coerce(
    sa.select(sa.func.coalesce(sa.func.sum(col(ReceivableItem.base_open)), 0))
    .where(col(ReceivableItem.customer_id) == col(Party.id), col(ReceivableItem.open) != 0)
    .scalar_subquery(),
    AMOUNT,
)
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

RECORDS: dict[str, ListSpec] = {
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
        item_id=col(Item.id),
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
        item_id=col(Item.id),
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
        item_id=col(Item.id),
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
