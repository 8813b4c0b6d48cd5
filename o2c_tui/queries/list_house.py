"""Lists of what happens in the house, and where: transfers, adjustments, stocktakes, bins, warehouses, lots.

Rule: docs/rules/filters.md.
"""

from datetime import date, timedelta

import sqlalchemy as sa
from sqlmodel import col

from o2c_tui.models.base import QUANTITY
from o2c_tui.models.item import Item, Location, Lot, Warehouse
from o2c_tui.models.stock import PlaceStock, StockLevel
from o2c_tui.models.warehouse import (
    StockAdjustment,
    StockAdjustmentLine,
    Stocktake,
    StocktakeLine,
    StockTransfer,
    StockTransferLine,
)
from o2c_tui.queries.list_spec import ListSpec, item_lines
from o2c_tui.queries.rows import AdjustmentRow, LocationRow, LotRow, StocktakeRow, TransferRow, WarehouseRow
from o2c_tui.storage.rows import table_of

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

HOUSE: dict[str, ListSpec] = {
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
        item_lines=item_lines(StockTransferLine, StockTransferLine.transfer_id),
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
        item_lines=item_lines(StockAdjustmentLine, StockAdjustmentLine.adjustment_id),
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
        item_lines=item_lines(StocktakeLine, StocktakeLine.stocktake_id),
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
        item_id=col(Item.id),
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
}
