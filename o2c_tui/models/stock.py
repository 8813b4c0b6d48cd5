"""Stock: how much lies where, what it cost, and every movement that made it so."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from o2c_tui.models import item
from o2c_tui.models.base import (
    Guard,
    Role,
    Stored,
    amount_column,
    choice_column,
    guarded,
    partial_index,
    quantity_column,
)
from o2c_tui.texts import N_

POINTS_TO = (item,)  # their tables are loaded with these


class MoveKind(StrEnum):
    """Why stock moved; invoices never move it."""

    RECEIPT = "receipt"
    DELIVERY = "delivery"
    RETURN = "return"
    SUPPLIER_RETURN = "supplier_return"
    DISPATCH = "dispatch"  # of a transfer: out of its source, into transit
    ARRIVAL = "arrival"  # of a transfer: out of transit, into its target
    COUNT = "count"
    ADJUSTMENT = "adjustment"
    REVALUATION = "revaluation"  # a bill or freight that changes what layers are worth; no quantity


MOVE_WORDS = {
    MoveKind.RECEIPT: N_("received"),
    MoveKind.DELIVERY: N_("delivered"),
    MoveKind.RETURN: N_("returned"),
    MoveKind.SUPPLIER_RETURN: N_("returned to supplier"),
    MoveKind.DISPATCH: N_("dispatched"),
    MoveKind.ARRIVAL: N_("arrived"),
    MoveKind.COUNT: N_("counted"),
    MoveKind.ADJUSTMENT: N_("adjusted"),
    MoveKind.REVALUATION: N_("revalued"),
}


class StockLevel(Stored, table=True):
    """On hand and reserved of one item in one warehouse; what is left over is available."""

    __tablename__ = "stock_level"
    __table_args__ = (
        sa.CheckConstraint("reserved >= 0", name="reserved"),
        sa.CheckConstraint("on_hand >= reserved", name="available"),
        {"sqlite_with_rowid": False},
    )

    item_id: int = Field(primary_key=True, foreign_key="item.id", sa_column_kwargs={"autoincrement": False})
    warehouse_id: int = Field(primary_key=True, foreign_key="warehouse.id", sa_column_kwargs={"autoincrement": False})
    on_hand: Decimal = quantity_column(Decimal(0), role=Role.KEPT)
    reserved: Decimal = quantity_column(Decimal(0), role=Role.KEPT)


class StockMove(Stored, table=True):
    """One movement of one item: quantity and value, in positive, out negative."""

    __tablename__ = "stock_move"
    __table_args__ = guarded(
        Guard.APPEND,
        sa.Index("ix_stock_move_item", "item_id", "warehouse_id", "moved_on"),
        partial_index("ix_stock_move_undone", "undoes_id", where="undoes_id IS NOT NULL"),
        sa.Index("ix_stock_move_line", "kind", "line_id"),
        dated="moved_on",
    )

    id: int = Field(default=None, primary_key=True)
    kind: MoveKind = choice_column(MoveKind)
    line_id: int  # the line of the receipt, delivery, return, transfer …, by kind
    item_id: int = Field(foreign_key="item.id")
    warehouse_id: int = Field(foreign_key="warehouse.id")
    moved_on: date
    quantity: Decimal = quantity_column(...)
    value: Decimal = amount_column(...)
    undoes_id: int | None = Field(
        default=None, foreign_key="stock_move.id"
    )  # the delivery's move that a return gives back


class CostLayer(Stored, table=True):
    """What one inbound move brought in: consumed oldest first, never merged or averaged."""

    __tablename__ = "cost_layer"
    __table_args__ = guarded(
        Guard.APPEND,
        partial_index(
            "ix_cost_layer_open",
            "item_id",
            "warehouse_id",
            "received_on",
            "id",
            "remaining_quantity",
            "remaining_value",
            where="remaining_quantity > 0",
        ),
        sa.CheckConstraint("remaining_quantity >= 0 AND remaining_quantity <= quantity", name="remaining"),
        parent="stock_move",
        key="move_id",
    )

    id: int = Field(default=None, primary_key=True)
    move_id: int = Field(foreign_key="stock_move.id", unique=True)
    item_id: int = Field(foreign_key="item.id")
    warehouse_id: int = Field(foreign_key="warehouse.id")
    received_on: date
    quantity: Decimal = quantity_column(...)
    value: Decimal = amount_column(...)
    estimated: bool = Field(default=False)
    arrived_on: date | None = None  # of a layer that came by transfer with its old date: when it came here
    origin_id: int | None = Field(default=None, foreign_key="cost_layer.id")  # the layer a transfer took it from
    remaining_quantity: Decimal = quantity_column(..., role=Role.KEPT)
    remaining_value: Decimal = amount_column(..., role=Role.KEPT)


class Consumption(Stored, table=True):
    """What one move took from one layer; a return gives back with negative figures."""

    __table_args__ = guarded(
        Guard.APPEND,
        sa.Index("ix_consumption_layer_id", "layer_id"),
        parent="stock_move",
        key="move_id",
        sqlite_with_rowid=False,
    )

    move_id: int = Field(primary_key=True, foreign_key="stock_move.id", sa_column_kwargs={"autoincrement": False})
    layer_id: int = Field(primary_key=True, foreign_key="cost_layer.id", sa_column_kwargs={"autoincrement": False})
    quantity: Decimal = quantity_column(...)
    value: Decimal = amount_column(...)


class CostVariance(Stored, table=True):
    """What of a later cost fell on goods already gone: posted as cost now, traced to the move that took them.

    Sold or sent back is cost of sales; lost is a stock difference.
    """

    __tablename__ = "cost_variance"
    __table_args__ = guarded(
        Guard.APPEND,
        sa.Index("ix_cost_variance_source_move_id", "source_move_id"),
        parent="stock_move",
        key="move_id",
    )

    id: int = Field(default=None, primary_key=True)
    move_id: int = Field(foreign_key="stock_move.id")  # the revaluation
    layer_id: int = Field(foreign_key="cost_layer.id")
    source_move_id: int = Field(foreign_key="stock_move.id")  # what took the goods out of the layer
    amount: Decimal = amount_column(...)


class PlaceStock(Stored, table=True):
    """How much of an item lies in which bin and of which lot; 0 stands for no bin, no lot.

    Kept for tracked items in every warehouse, for others only where they lie in a bin.
    """

    __tablename__ = "place_stock"
    __table_args__ = (
        sa.CheckConstraint("quantity >= 0", name="quantity"),
        sa.Index("ix_place_stock_location", "location_id", "item_id"),
        {"sqlite_with_rowid": False},
    )

    item_id: int = Field(primary_key=True, foreign_key="item.id", sa_column_kwargs={"autoincrement": False})
    warehouse_id: int = Field(primary_key=True, foreign_key="warehouse.id", sa_column_kwargs={"autoincrement": False})
    location_id: int = Field(default=0, primary_key=True, sa_column_kwargs={"autoincrement": False})
    lot_id: int = Field(default=0, primary_key=True, sa_column_kwargs={"autoincrement": False})
    quantity: Decimal = quantity_column(Decimal(0), role=Role.KEPT)


class PlaceMove(Stored, table=True):
    """One change of what lies in a bin or of a lot: the part of a stock move, or goods put from bin to bin."""

    __tablename__ = "place_move"
    __table_args__ = guarded(
        Guard.APPEND,
        sa.Index("ix_place_move_item", "item_id", "warehouse_id"),
        sa.Index("ix_place_move_lot_id", "lot_id"),
        dated="moved_on",
    )

    id: int = Field(default=None, primary_key=True)
    move_id: int | None = Field(default=None, foreign_key="stock_move.id")
    item_id: int = Field(foreign_key="item.id")
    warehouse_id: int = Field(foreign_key="warehouse.id")
    location_id: int | None = Field(default=None, foreign_key="location.id")
    lot_id: int | None = Field(default=None, foreign_key="lot.id")
    quantity: Decimal = quantity_column(...)
    moved_on: date
