"""Goods receipts: stock that came in, from a supplier or as the opening stock of the books."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from o2c_tui.models import item, party, purchase
from o2c_tui.models.base import (
    Guard,
    Role,
    Steps,
    Stored,
    amount_column,
    choice_column,
    guarded,
    kept,
    partial_index,
    price_column,
    quantity_column,
    state_column,
)
from o2c_tui.models.trade import Progress
from o2c_tui.texts import N_

POINTS_TO = (item, party, purchase)  # their tables are loaded with these


class ReceiptKind(StrEnum):
    """Where the goods came from, and so which account stands against them."""

    PURCHASE = "purchase"
    OPENING = "opening"


RECEIPT_WORDS = {ReceiptKind.PURCHASE: N_("purchase"), ReceiptKind.OPENING: N_("opening stock")}


class ReceiptState(StrEnum):
    """Written down, taken into stock, or taken back while nothing had become of it."""

    DRAFT = "draft"
    RECEIVED = "received"
    CANCELLED = "cancelled"


RECEIPT_STEPS: Steps = {
    ReceiptState.DRAFT: (ReceiptState.RECEIVED,),
    ReceiptState.RECEIVED: (ReceiptState.CANCELLED,),
    ReceiptState.CANCELLED: (),
}


class GoodsReceipt(Stored, table=True):
    """Goods taken into one warehouse, each line at its unit cost in the company's currency."""

    __tablename__ = "goods_receipt"
    __table_args__ = guarded(
        Guard.POSTED,
        partial_index("ix_goods_receipt_purchase_order_id", "purchase_order_id", where="purchase_order_id IS NOT NULL"),
        partial_index(
            "ix_goods_receipt_to_bill", "id", where="state = 'received' AND kind = 'purchase' AND billing <> 'fully'"
        ),
    )

    id: int = Field(default=None, primary_key=True)
    number: str | None = Field(default=None, sa_type=sa.Text, unique=True)
    state: ReceiptState = state_column(ReceiptState.DRAFT, steps=RECEIPT_STEPS)
    kind: ReceiptKind = choice_column(ReceiptKind, ReceiptKind.PURCHASE)
    supplier_id: int | None = Field(default=None, foreign_key="party.id")
    purchase_order_id: int | None = Field(default=None, foreign_key="purchase_order.id")
    warehouse_id: int = Field(foreign_key="warehouse.id")
    received_on: date
    reference: str = Field(default="", sa_type=sa.Text)  # the supplier's delivery note
    note: str = Field(default="", sa_type=sa.Text)
    by: str = Field(sa_type=sa.Text)
    value: Decimal = amount_column(Decimal(0))
    billing: Progress = choice_column(Progress, Progress.NONE, role=Role.KEPT, check="billing")
    external_key: str | None = Field(default=None, sa_type=sa.Text, unique=True)
    version: int = kept(sa.Integer, 1)

    @property
    def label(self) -> str:
        """How people call it."""
        return self.number or "–"


class GoodsReceiptLine(Stored, table=True):
    """One item received."""

    __tablename__ = "goods_receipt_line"
    __table_args__ = guarded(
        Guard.CHILD,
        sa.UniqueConstraint("receipt_id", "position"),
        sa.Index("ix_goods_receipt_line_purchase_line_id", "purchase_line_id"),
        parent="goods_receipt",
        key="receipt_id",
    )

    id: int = Field(default=None, primary_key=True)
    receipt_id: int = Field(foreign_key="goods_receipt.id")
    position: int = Field(sa_type=sa.SmallInteger)
    item_id: int = Field(foreign_key="item.id")
    description: str = Field(default="", sa_type=sa.Text)
    quantity: Decimal = quantity_column(...)
    unit: str = Field(default="", sa_type=sa.Text)
    unit_cost: Decimal = price_column(...)
    value: Decimal = amount_column(...)
    purchase_line_id: int | None = Field(default=None, foreign_key="purchase_order_line.id")
    purchased: Decimal = quantity_column(Decimal(0))  # the quantity in the unit of the purchase line
    location_id: int | None = Field(default=None, foreign_key="location.id")
    lot_id: int | None = Field(default=None, foreign_key="lot.id")
    returned: Decimal = quantity_column(Decimal(0), role=Role.KEPT)
    billed: Decimal = quantity_column(Decimal(0), role=Role.KEPT)  # less what was credited
    cleared: Decimal = amount_column(Decimal(0), role=Role.KEPT)  # of its value: billed less credited, and sent back
