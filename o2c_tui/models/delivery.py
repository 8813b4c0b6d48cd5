"""Deliveries and customer returns: goods that left the house and goods that came back."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from o2c_tui.models import item, order, party
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
    partial_index,
    quantity_column,
    state_column,
)
from o2c_tui.models.trade import Progress
from o2c_tui.texts import N_

POINTS_TO = (item, order, party)  # their tables are loaded with these


class DeliveryState(StrEnum):
    """Where the goods are."""

    DRAFT = "draft"
    PICKED = "picked"
    PACKED = "packed"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


DELIVERY_STEPS: Steps = {
    DeliveryState.DRAFT: (DeliveryState.PICKED, DeliveryState.SHIPPED, DeliveryState.CANCELLED),
    DeliveryState.PICKED: (DeliveryState.PACKED, DeliveryState.SHIPPED, DeliveryState.CANCELLED),
    DeliveryState.PACKED: (DeliveryState.SHIPPED, DeliveryState.CANCELLED),
    DeliveryState.SHIPPED: (DeliveryState.CANCELLED,),  # reversed: as if it had never left
    DeliveryState.CANCELLED: (),
}


class Delivery(Stored, table=True):
    """Goods sent to a customer for one sales order, out of one warehouse."""

    __table_args__ = guarded(
        Guard.POSTED,
        sa.Index("ix_delivery_order_id", "order_id"),
        sa.Index("ix_delivery_customer_id", "customer_id", "id"),
        partial_index("ix_delivery_to_invoice", "id", where="state = 'shipped' AND billing <> 'fully'"),
        open_states=("draft", "picked", "packed"),
    )

    id: int = Field(default=None, primary_key=True)
    number: str | None = Field(default=None, sa_type=sa.Text, unique=True)
    state: DeliveryState = state_column(DeliveryState.DRAFT, steps=DELIVERY_STEPS)
    order_id: int = Field(foreign_key="sales_order.id")
    customer_id: int = Field(foreign_key="party.id")
    warehouse_id: int = Field(foreign_key="warehouse.id")
    ship_to: str = Field(default="", sa_type=sa.Text)
    customer_reference: str = Field(default="", sa_type=sa.Text)
    shipped_on: date
    carrier: str = Field(default="", sa_type=sa.Text)
    tracking: str = decided(sa.Text, "")
    packages: int = Field(default=0, sa_type=sa.Integer)
    weight: Decimal = quantity_column(Decimal(0))  # packed, in kilograms
    note: str = Field(default="", sa_type=sa.Text)
    by: str = Field(sa_type=sa.Text)
    cost: Decimal = amount_column(Decimal(0))  # of the layers it consumed
    billing: Progress = choice_column(Progress, Progress.NONE, role=Role.KEPT, check="billing")
    returned: Progress = choice_column(Progress, Progress.NONE, role=Role.KEPT, check="returned")
    version: int = kept(sa.Integer, 1)

    @property
    def label(self) -> str:
        """How people call it."""
        return self.number or "–"


class DeliveryLine(Stored, table=True):
    """One line delivered."""

    __tablename__ = "delivery_line"
    __table_args__ = guarded(
        Guard.CHILD,
        sa.UniqueConstraint("delivery_id", "position"),
        sa.Index("ix_delivery_line_order_line_id", "order_line_id"),
        parent="delivery",
        key="delivery_id",
    )

    id: int = Field(default=None, primary_key=True)
    delivery_id: int = Field(foreign_key="delivery.id")
    position: int = Field(sa_type=sa.SmallInteger)
    order_line_id: int = Field(foreign_key="sales_order_line.id")
    item_id: int | None = Field(default=None, foreign_key="item.id")
    description: str = Field(default="", sa_type=sa.Text)
    quantity: Decimal = quantity_column(...)
    unit: str = Field(default="", sa_type=sa.Text)
    factor_num: int | None = None  # one unit is factor_num ÷ factor_den stock units; none: one
    factor_den: int | None = None
    cost: Decimal = amount_column(Decimal(0))
    returned: Decimal = quantity_column(Decimal(0), role=Role.KEPT)
    invoiced: Decimal = quantity_column(Decimal(0), role=Role.KEPT)  # billed less credited


class DeliveryPick(Stored, table=True):
    """From which bin and lot a delivery takes what; quantity in stock units."""

    __tablename__ = "delivery_pick"
    __table_args__ = guarded(
        Guard.CHILD, sa.Index("ix_delivery_pick_delivery_id", "delivery_id"), parent="delivery", key="delivery_id"
    )

    id: int = Field(default=None, primary_key=True)
    delivery_id: int = Field(foreign_key="delivery.id")
    delivery_line_id: int = Field(foreign_key="delivery_line.id")
    item_id: int = Field(foreign_key="item.id")
    location_id: int | None = Field(default=None, foreign_key="location.id")
    lot_id: int | None = Field(default=None, foreign_key="lot.id")
    quantity: Decimal = quantity_column(...)


class Disposition(StrEnum):
    """What becomes of goods that came back."""

    RESTOCK = "restock"
    QUARANTINE = "quarantine"
    SCRAP = "scrap"


DISPOSITION_WORDS = {
    Disposition.RESTOCK: N_("back into stock"),
    Disposition.QUARANTINE: N_("into quarantine"),
    Disposition.SCRAP: N_("scrapped"),
}


class ReturnState(StrEnum):
    """A return is written down and taken in at once, or kept as a draft."""

    DRAFT = "draft"
    RECEIVED = "received"


RETURN_STEPS: Steps = {
    ReturnState.DRAFT: (ReturnState.RECEIVED,),
    ReturnState.RECEIVED: (),
}


class CustomerReturn(Stored, table=True):
    """Goods a customer sent back, put into the layers they came from."""

    __tablename__ = "customer_return"
    __table_args__ = guarded(Guard.POSTED, sa.Index("ix_customer_return_delivery_id", "delivery_id"))

    id: int = Field(default=None, primary_key=True)
    number: str | None = Field(default=None, sa_type=sa.Text, unique=True)
    state: ReturnState = state_column(ReturnState.DRAFT, steps=RETURN_STEPS)
    delivery_id: int = Field(foreign_key="delivery.id")
    customer_id: int = Field(foreign_key="party.id")
    warehouse_id: int = Field(foreign_key="warehouse.id")
    returned_on: date
    reason: str = Field(default="", sa_type=sa.Text)
    disposition: Disposition | None = choice_column(Disposition, None, nullable=True)  # none: back into stock
    by: str = Field(sa_type=sa.Text)
    cost: Decimal = amount_column(Decimal(0))
    version: int = kept(sa.Integer, 1)

    @property
    def label(self) -> str:
        """How people call it."""
        return self.number or "–"


class CustomerReturnLine(Stored, table=True):
    """One line that came back."""

    __tablename__ = "customer_return_line"
    __table_args__ = guarded(
        Guard.CHILD,
        sa.UniqueConstraint("return_id", "position"),
        sa.Index("ix_customer_return_line_delivery_line_id", "delivery_line_id"),
        parent="customer_return",
        key="return_id",
    )

    id: int = Field(default=None, primary_key=True)
    return_id: int = Field(foreign_key="customer_return.id")
    position: int = Field(sa_type=sa.SmallInteger)
    delivery_line_id: int = Field(foreign_key="delivery_line.id")
    order_line_id: int = Field(foreign_key="sales_order_line.id")
    item_id: int | None = Field(default=None, foreign_key="item.id")
    description: str = Field(default="", sa_type=sa.Text)
    quantity: Decimal = quantity_column(...)
    unit: str = Field(default="", sa_type=sa.Text)
    factor_num: int | None = None
    factor_den: int | None = None
    location_id: int | None = Field(default=None, foreign_key="location.id")
    lot_id: int | None = Field(default=None, foreign_key="lot.id")
    cost: Decimal = amount_column(Decimal(0))
