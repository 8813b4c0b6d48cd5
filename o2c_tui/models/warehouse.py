"""What happens to stock within the house: transfers between warehouses, counts, and adjustments with a reason."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from o2c_tui.models import delivery, item
from o2c_tui.models.base import (
    Guard,
    Role,
    Steps,
    Stored,
    amount_column,
    choice_column,
    decided,
    guarded,
    kept,
    moment_column,
    partial_index,
    price_column,
    quantity_column,
    state_column,
)
from o2c_tui.models.trade import Progress
from o2c_tui.texts import N_

POINTS_TO = (
    delivery,
    item,
)  # their tables are loaded with these


class TransferState(StrEnum):
    """Written down, under way, or given up; how far it has arrived is derived."""

    DRAFT = "draft"
    DISPATCHED = "dispatched"
    CANCELLED = "cancelled"


TRANSFER_STEPS: Steps = {
    TransferState.DRAFT: (TransferState.DISPATCHED, TransferState.CANCELLED),
    TransferState.DISPATCHED: (),
    TransferState.CANCELLED: (),
}


class StockTransfer(Stored, table=True):
    """Goods on their way from one warehouse to another, owned but not available until they arrive."""

    __tablename__ = "stock_transfer"
    __table_args__ = guarded(
        Guard.POSTED,
        partial_index("ix_stock_transfer_under_way", "id", where="state = 'dispatched' AND arrival <> 'fully'"),
    )

    id: int = Field(default=None, primary_key=True)
    number: str | None = Field(default=None, sa_type=sa.Text, unique=True)
    state: TransferState = state_column(TransferState.DRAFT, steps=TRANSFER_STEPS)
    source_id: int = Field(foreign_key="warehouse.id")
    target_id: int = Field(foreign_key="warehouse.id")
    transit_id: int | None = Field(default=None, foreign_key="warehouse.id")  # where goods under way are kept
    dispatched_on: date
    expected_on: date | None = decided(sa.Date, None, nullable=True)
    carrier: str = Field(default="", sa_type=sa.Text)
    tracking: str = decided(sa.Text, "")
    note: str = Field(default="", sa_type=sa.Text)
    by: str = Field(sa_type=sa.Text)
    value: Decimal = amount_column(Decimal(0))
    arrival: Progress = choice_column(Progress, Progress.NONE, role=Role.KEPT, check="arrival")
    version: int = kept(sa.Integer, 1)

    @property
    def label(self) -> str:
        """How people call it."""
        return self.number or "–"


class StockTransferLine(Stored, table=True):
    """One item under way; quantities in stock units."""

    __tablename__ = "stock_transfer_line"
    __table_args__ = guarded(
        Guard.CHILD, sa.UniqueConstraint("transfer_id", "position"), parent="stock_transfer", key="transfer_id"
    )

    id: int = Field(default=None, primary_key=True)
    transfer_id: int = Field(foreign_key="stock_transfer.id")
    position: int = Field(sa_type=sa.SmallInteger)
    item_id: int = Field(foreign_key="item.id")
    description: str = Field(default="", sa_type=sa.Text)
    quantity: Decimal = quantity_column(...)
    unit: str = Field(default="", sa_type=sa.Text)
    location_id: int | None = Field(default=None, foreign_key="location.id")  # taken from
    lot_id: int | None = Field(default=None, foreign_key="lot.id")
    value: Decimal = amount_column(Decimal(0))
    arrived: Decimal = quantity_column(Decimal(0), role=Role.KEPT)


class ArrivalState(StrEnum):
    """An arrival is written down and taken in at once."""

    DRAFT = "draft"
    RECEIVED = "received"


ARRIVAL_STEPS: Steps = {
    ArrivalState.DRAFT: (ArrivalState.RECEIVED,),
    ArrivalState.RECEIVED: (),
}


class TransferArrival(Stored, table=True):
    """What of a transfer arrived on a day."""

    __tablename__ = "transfer_arrival"
    __table_args__ = guarded(Guard.POSTED, sa.Index("ix_transfer_arrival_transfer_id", "transfer_id"))

    id: int = Field(default=None, primary_key=True)
    state: ArrivalState = state_column(ArrivalState.DRAFT, steps=ARRIVAL_STEPS)
    transfer_id: int = Field(foreign_key="stock_transfer.id")
    arrived_on: date
    by: str = Field(sa_type=sa.Text)
    value: Decimal = amount_column(Decimal(0))
    version: int = kept(sa.Integer, 1)


class TransferArrivalLine(Stored, table=True):
    """One line that arrived; quantity in stock units."""

    __tablename__ = "transfer_arrival_line"
    __table_args__ = guarded(
        Guard.CHILD,
        sa.UniqueConstraint("arrival_id", "position"),
        sa.Index("ix_transfer_arrival_line_transfer_line_id", "transfer_line_id"),
        parent="transfer_arrival",
        key="arrival_id",
    )

    id: int = Field(default=None, primary_key=True)
    arrival_id: int = Field(foreign_key="transfer_arrival.id")
    position: int = Field(sa_type=sa.SmallInteger)
    transfer_line_id: int = Field(foreign_key="stock_transfer_line.id")
    item_id: int = Field(foreign_key="item.id")
    quantity: Decimal = quantity_column(...)
    location_id: int | None = Field(default=None, foreign_key="location.id")  # put into
    value: Decimal = amount_column(Decimal(0))


class StocktakeState(StrEnum):
    """Being counted, posted, or given up."""

    COUNTING = "counting"
    POSTED = "posted"
    CANCELLED = "cancelled"


STOCKTAKE_STEPS: Steps = {
    StocktakeState.COUNTING: (StocktakeState.POSTED, StocktakeState.CANCELLED),
    StocktakeState.POSTED: (),
    StocktakeState.CANCELLED: (),
}


class Stocktake(Stored, table=True):
    """A count of chosen items in one warehouse; stock may move meanwhile."""

    __table_args__ = guarded(Guard.POSTED, open_states=("counting",))

    id: int = Field(default=None, primary_key=True)
    number: str | None = Field(default=None, sa_type=sa.Text, unique=True)
    state: StocktakeState = state_column(StocktakeState.COUNTING, steps=STOCKTAKE_STEPS)
    warehouse_id: int = Field(foreign_key="warehouse.id")
    started_on: date
    counted_on: date | None = None  # the day its differences were posted on
    blind: bool = Field(default=False)  # the book quantity is hidden while counting
    tolerance: Decimal = price_column(Decimal(0))  # percent of the book quantity that needs no second count
    note: str = Field(default="", sa_type=sa.Text)
    by: str = Field(sa_type=sa.Text)
    value: Decimal = amount_column(Decimal(0))  # of all differences
    version: int = kept(sa.Integer, 1)

    @property
    def label(self) -> str:
        """How people call it."""
        return self.number or "–"


class StocktakeLine(Stored, table=True):
    """One item in one place; a line without a count stays as the books have it."""

    __tablename__ = "stocktake_line"
    __table_args__ = guarded(
        Guard.CHILD,
        sa.UniqueConstraint("stocktake_id", "position"),
        sa.Index("ix_stocktake_line_item_id", "item_id"),
        parent="stocktake",
        key="stocktake_id",
    )

    id: int = Field(default=None, primary_key=True)
    stocktake_id: int = Field(foreign_key="stocktake.id")
    position: int = Field(sa_type=sa.Integer)
    item_id: int = Field(foreign_key="item.id")
    location_id: int | None = Field(default=None, foreign_key="location.id")
    lot_id: int | None = Field(default=None, foreign_key="lot.id")
    expected: Decimal = quantity_column(Decimal(0))  # in the books when the count began
    first_count: Decimal | None = quantity_column(None, nullable=True)  # beyond tolerance, and counted again since
    counted: Decimal | None = quantity_column(None, nullable=True)
    book: Decimal = quantity_column(Decimal(0))  # in the books at the moment of counting
    counted_at: datetime | None = moment_column(None, role=Role.FACT, nullable=True)
    counted_by: str = Field(default="", sa_type=sa.Text)
    note: str = Field(default="", sa_type=sa.Text)
    difference: Decimal = quantity_column(Decimal(0))  # posted: counted − book
    value: Decimal = amount_column(Decimal(0))


class AdjustmentState(StrEnum):
    """Written down, or posted for ever."""

    DRAFT = "draft"
    POSTED = "posted"


ADJUSTMENT_STEPS: Steps = {
    AdjustmentState.DRAFT: (AdjustmentState.POSTED,),
    AdjustmentState.POSTED: (),
}

ADJUSTMENT_REASONS = {
    "damaged": N_("damaged"),
    "expired": N_("expired"),
    "lost": N_("lost or stolen"),
    "scrapped": N_("scrapped"),
    "sample": N_("given away as a sample"),
    "own_use": N_("used in the house"),
    "found": N_("found"),
    "correction": N_("correction"),
}


class StockAdjustment(Stored, table=True):
    """Stock put right by hand in one warehouse, with the reason."""

    __tablename__ = "stock_adjustment"
    __table_args__ = guarded(Guard.POSTED)

    id: int = Field(default=None, primary_key=True)
    number: str | None = Field(default=None, sa_type=sa.Text, unique=True)
    state: AdjustmentState = state_column(AdjustmentState.DRAFT, steps=ADJUSTMENT_STEPS)
    warehouse_id: int = Field(foreign_key="warehouse.id")
    adjusted_on: date
    reason: str = Field(sa_type=sa.Text)  # a key of ADJUSTMENT_REASONS
    return_id: int | None = Field(
        default=None, foreign_key="customer_return.id"
    )  # the return whose goods were scrapped
    note: str = Field(default="", sa_type=sa.Text)
    by: str = Field(sa_type=sa.Text)
    value: Decimal = amount_column(Decimal(0))  # gained; lost is negative
    version: int = kept(sa.Integer, 1)

    @property
    def label(self) -> str:
        """How people call it."""
        return self.number or "–"


class StockAdjustmentLine(Stored, table=True):
    """One item put right; quantity in stock units, gained positive, lost negative."""

    __tablename__ = "stock_adjustment_line"
    __table_args__ = guarded(
        Guard.CHILD,
        sa.UniqueConstraint("adjustment_id", "position"),
        parent="stock_adjustment",
        key="adjustment_id",
    )

    id: int = Field(default=None, primary_key=True)
    adjustment_id: int = Field(foreign_key="stock_adjustment.id")
    position: int = Field(sa_type=sa.SmallInteger)
    item_id: int = Field(foreign_key="item.id")
    description: str = Field(default="", sa_type=sa.Text)
    quantity: Decimal = quantity_column(...)
    unit: str = Field(default="", sa_type=sa.Text)
    unit_cost: Decimal | None = price_column(None, nullable=True)  # of a gain; none: the present front cost
    location_id: int | None = Field(default=None, foreign_key="location.id")
    lot_id: int | None = Field(default=None, foreign_key="lot.id")
    value: Decimal = amount_column(Decimal(0))
