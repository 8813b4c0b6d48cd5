"""Sales orders: what the customer bought, and how far it is delivered and invoiced."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from o2c_tui.models import item, party, quotation
from o2c_tui.models.base import (
    QUANTITY,
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
from o2c_tui.models.company import InvoicePolicy
from o2c_tui.models.trade import Progress, TradeLine, TradeTerms

POINTS_TO = (item, party, quotation)  # their tables are loaded with these


class OrderState(StrEnum):
    """What people decided of an order; delivery, billing and payment are derived."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    ON_HOLD = "on_hold"
    CLOSED = "closed"
    CANCELLED = "cancelled"


ORDER_STEPS: Steps = {
    OrderState.DRAFT: (OrderState.CONFIRMED,),
    OrderState.CONFIRMED: (OrderState.ON_HOLD, OrderState.CLOSED, OrderState.CANCELLED),
    OrderState.ON_HOLD: (OrderState.CONFIRMED, OrderState.CLOSED, OrderState.CANCELLED),
    OrderState.CLOSED: (OrderState.CONFIRMED,),  # reopened
    OrderState.CANCELLED: (),
}


class SalesOrder(TradeTerms, table=True):
    """A binding order: goods are set aside for it, delivered and invoiced against it."""

    __tablename__ = "sales_order"
    __table_args__ = guarded(
        Guard.POSTED,
        sa.Index("ix_sales_order_customer_id", "customer_id", "id"),
        sa.Index("ix_sales_order_quotation_id", "quotation_id"),
        partial_index(
            "ix_sales_order_to_deliver", "id", where="state IN ('confirmed', 'on_hold') AND delivery <> 'fully'"
        ),
        partial_index("ix_sales_order_uninvoiced", "customer_id", "uninvoiced", where="uninvoiced <> 0"),
        revised=(
            "customer_reference",
            "term",
            "discount_percent",
            "discount_amount",
            "note",
            "net",
            "tax",
            "cash_difference",
            "gross",
            "ship_to",
            "promised_on",
        ),
    )

    id: int = Field(default=None, primary_key=True)
    number: str | None = Field(default=None, sa_type=sa.Text, unique=True)
    state: OrderState = state_column(OrderState.DRAFT, steps=ORDER_STEPS)
    quotation_id: int | None = Field(default=None, foreign_key="quotation.id")
    customer_id: int = Field(foreign_key="party.id")
    warehouse_id: int = Field(foreign_key="warehouse.id")
    ship_to: str = Field(default="", sa_type=sa.Text)
    ordered_on: date
    promised_on: date | None = None
    invoice_policy: InvoicePolicy = choice_column(InvoicePolicy, InvoicePolicy.DELIVERED)
    priority: int = Field(default=0, sa_type=sa.SmallInteger)
    by: str = Field(sa_type=sa.Text)
    external_key: str | None = Field(default=None, sa_type=sa.Text, unique=True)
    hold_reason: str = decided(sa.Text, "")
    revision: int = decided(sa.SmallInteger, 1)  # counts the amendments; the customer sees it
    amended_on: date | None = decided(sa.Date, None, nullable=True)  # the day of the last one
    delivery: Progress = choice_column(Progress, Progress.NONE, role=Role.KEPT, check="delivery")
    billing: Progress = choice_column(Progress, Progress.NONE, role=Role.KEPT, check="billing")
    uninvoiced: Decimal = amount_column(Decimal(0), role=Role.KEPT)  # confirmed and not yet invoiced, tax included
    paid_ahead: Decimal = amount_column(Decimal(0), role=Role.KEPT)  # on it, and not yet set against its invoices
    deposited: Decimal = amount_column(Decimal(0), role=Role.KEPT)  # billed ahead and not deducted yet, tax included
    version: int = kept(sa.Integer, 1)

    @property
    def label(self) -> str:
        """How people call it."""
        return self.number or "–"


class SalesOrderLine(TradeLine, table=True):
    """One line ordered: a small ledger of what became of it."""

    __tablename__ = "sales_order_line"
    __table_args__ = guarded(
        Guard.CHILD,
        sa.UniqueConstraint("order_id", "position"),
        partial_index("ix_sales_order_line_to_deliver", "item_id", where="quantity - cancelled - shipped > 0"),
        parent="sales_order",
        key="order_id",
        revised=(
            "description",
            "quantity",
            "unit_price",
            "price_source",
            "discount_percent",
            "discount_amount",
            "net",
            "tax",
            "tax_parts",
            "tax_reason",
            "note",
        ),
    )

    id: int = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="sales_order.id")
    quotation_line_id: int | None = Field(default=None, foreign_key="quotation_line.id")
    promised_on: date | None = decided(sa.Date, None, nullable=True)  # none: the order's own promise
    revision: int = decided(sa.SmallInteger, 1)  # the revision of the order that last put it anew
    cancelled: Decimal = decided(QUANTITY, Decimal(0))
    shipped: Decimal = quantity_column(Decimal(0), role=Role.KEPT)
    returned: Decimal = quantity_column(Decimal(0), role=Role.KEPT)
    invoiced: Decimal = quantity_column(Decimal(0), role=Role.KEPT)
    credited: Decimal = quantity_column(Decimal(0), role=Role.KEPT)
    invoiced_net: Decimal = amount_column(Decimal(0), role=Role.KEPT)  # billed less credited
    invoiced_tax: Decimal = amount_column(Decimal(0), role=Role.KEPT)


class Reservation(Stored, table=True):
    """Stock set aside for one order line; a delivery consumes it."""

    __table_args__ = (
        sa.Index("ix_reservation_item", "item_id", "warehouse_id"),
        sa.CheckConstraint("quantity > 0", name="quantity"),
        {"sqlite_with_rowid": False},
    )

    order_line_id: int = Field(
        primary_key=True, foreign_key="sales_order_line.id", sa_column_kwargs={"autoincrement": False}
    )
    item_id: int = Field(primary_key=True, foreign_key="item.id", sa_column_kwargs={"autoincrement": False})
    warehouse_id: int = Field(foreign_key="warehouse.id")
    quantity: Decimal = quantity_column(...)  # in the item's stock unit; a kit has one row for each of its parts
