"""Purchasing: what was ordered from suppliers, what they billed, and what went back to them."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from o2c_tui.models import item, order, party, receipt
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
    moment_column,
    partial_index,
    price_column,
    quantity_column,
    state_column,
)
from o2c_tui.models.trade import Progress
from o2c_tui.texts import N_

POINTS_TO = (item, order, party, receipt)  # their tables are loaded with these


class PurchaseState(StrEnum):
    """What people decided of a purchase order; how far it is received and billed is derived."""

    DRAFT = "draft"
    SENT = "sent"
    CLOSED = "closed"
    CANCELLED = "cancelled"


PURCHASE_STEPS: Steps = {
    PurchaseState.DRAFT: (PurchaseState.SENT,),
    PurchaseState.SENT: (PurchaseState.CLOSED, PurchaseState.CANCELLED),
    PurchaseState.CLOSED: (PurchaseState.SENT,),  # opened again
    PurchaseState.CANCELLED: (),
}


class PurchaseOrder(Stored, table=True):
    """Goods ordered from a supplier for one warehouse, in the supplier's currency at a frozen rate."""

    __tablename__ = "purchase_order"
    __table_args__ = guarded(
        Guard.POSTED,
        sa.Index("ix_purchase_order_supplier_id", "supplier_id", "id"),
        partial_index("ix_purchase_order_sales_order_id", "sales_order_id", where="sales_order_id IS NOT NULL"),
        partial_index("ix_purchase_order_incoming", "id", where="state = 'sent' AND receipt <> 'fully'"),
    )

    id: int = Field(default=None, primary_key=True)
    number: str | None = Field(default=None, sa_type=sa.Text, unique=True)
    state: PurchaseState = state_column(PurchaseState.DRAFT, steps=PURCHASE_STEPS)
    supplier_id: int = Field(foreign_key="party.id")
    warehouse_id: int = Field(foreign_key="warehouse.id")
    sales_order_id: int | None = Field(default=None, foreign_key="sales_order.id")  # bought for this order
    ordered_on: date
    expected_on: date | None = decided(sa.Date, None, nullable=True)
    supplier_reference: str = Field(default="", sa_type=sa.Text)
    address: str = Field(default="", sa_type=sa.Text)  # the supplier's, lines parted by \n
    deliver_to: str = Field(default="", sa_type=sa.Text)
    term: str = Field(default="", sa_type=sa.Text)
    currency: str = Field(sa_type=sa.Text)
    digits: int = Field(sa_type=sa.SmallInteger)
    rate: Decimal = price_column(Decimal(1))  # one unit of its currency in the company's
    language: str = Field(default="en", sa_type=sa.Text)
    note: str = Field(default="", sa_type=sa.Text)
    by: str = Field(sa_type=sa.Text)
    sent_at: datetime | None = moment_column(None, nullable=True)
    net: Decimal = amount_column(Decimal(0))
    receipt: Progress = choice_column(Progress, Progress.NONE, role=Role.KEPT, check="receipt")
    billing: Progress = choice_column(Progress, Progress.NONE, role=Role.KEPT, check="billing")
    external_key: str | None = Field(default=None, sa_type=sa.Text, unique=True)
    version: int = kept(sa.Integer, 1)

    @property
    def label(self) -> str:
        """How people call it."""
        return self.number or "–"


class PurchaseOrderLine(Stored, table=True):
    """One item ordered; quantities in the line's unit."""

    __tablename__ = "purchase_order_line"
    __table_args__ = guarded(
        Guard.CHILD,
        sa.UniqueConstraint("order_id", "position"),
        sa.Index("ix_purchase_order_line_item_id", "item_id"),
        parent="purchase_order",
        key="order_id",
    )

    id: int = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="purchase_order.id")
    position: int = Field(sa_type=sa.SmallInteger)
    item_id: int = Field(foreign_key="item.id")
    description: str = Field(default="", sa_type=sa.Text)
    supplier_code: str = Field(default="", sa_type=sa.Text)
    quantity: Decimal = quantity_column(...)
    unit: str = Field(default="", sa_type=sa.Text)
    factor_num: int | None = None  # one unit is factor_num ÷ factor_den stock units; none: the stock unit itself
    factor_den: int | None = None
    unit_price: Decimal = price_column(...)
    net: Decimal = amount_column(Decimal(0))
    expected_on: date | None = decided(sa.Date, None, nullable=True)  # none: the order's
    cancelled: Decimal = decided(QUANTITY, Decimal(0))
    received: Decimal = quantity_column(Decimal(0), role=Role.KEPT)
    billed: Decimal = quantity_column(Decimal(0), role=Role.KEPT)


class BillKind(StrEnum):
    """Whether a supplier charges or gives back."""

    BILL = "bill"
    CREDIT = "credit"


BILL_WORDS = {BillKind.BILL: N_("supplier bill"), BillKind.CREDIT: N_("supplier credit")}


class BillState(StrEnum):
    """Written down, or posted for ever."""

    DRAFT = "draft"
    POSTED = "posted"


BILL_STEPS: Steps = {BillState.DRAFT: (BillState.POSTED,), BillState.POSTED: ()}


class ChargeBasis(StrEnum):
    """What a charge over received goods is shared out by."""

    VALUE = "value"
    QUANTITY = "quantity"
    WEIGHT = "weight"


BASIS_WORDS = {
    ChargeBasis.VALUE: N_("by value"),
    ChargeBasis.QUANTITY: N_("by quantity"),
    ChargeBasis.WEIGHT: N_("by weight"),
}


class SupplierBill(Stored, table=True):
    """What a supplier charges for goods received, or for bringing them here; a credit has the same positive figures."""

    __tablename__ = "supplier_bill"
    __table_args__ = guarded(
        Guard.POSTED,
        sa.Index("ix_supplier_bill_supplier_id", "supplier_id", "id"),
        partial_index("ix_supplier_bill_return_id", "return_id", where="return_id IS NOT NULL"),
    )

    id: int = Field(default=None, primary_key=True)
    number: str | None = Field(default=None, sa_type=sa.Text, unique=True)
    kind: BillKind = choice_column(BillKind, BillKind.BILL)
    state: BillState = state_column(BillState.DRAFT, steps=BILL_STEPS)
    supplier_id: int = Field(foreign_key="party.id")
    supplier_number: str = Field(default="", sa_type=sa.Text)  # as the supplier numbers it
    return_id: int | None = Field(default=None, foreign_key="supplier_return.id")  # of a credit
    billed_on: date
    due_on: date
    currency: str = Field(sa_type=sa.Text)
    digits: int = Field(sa_type=sa.SmallInteger)
    rate: Decimal = price_column(Decimal(1))
    note: str = Field(default="", sa_type=sa.Text)
    by: str = Field(sa_type=sa.Text)
    posted_at: datetime | None = moment_column(None, role=Role.FACT, nullable=True)
    net: Decimal = amount_column(Decimal(0))
    tax: Decimal = amount_column(Decimal(0))
    gross: Decimal = amount_column(Decimal(0))
    version: int = kept(sa.Integer, 1)

    @property
    def label(self) -> str:
        """How people call it."""
        return self.number or "–"


class SupplierBillLine(Stored, table=True):
    """One line billed: goods of a receipt line, or a charge shared over several."""

    __tablename__ = "supplier_bill_line"
    __table_args__ = guarded(
        Guard.CHILD,
        sa.UniqueConstraint("bill_id", "position"),
        sa.Index("ix_supplier_bill_line_receipt_line_id", "receipt_line_id"),
        parent="supplier_bill",
        key="bill_id",
    )

    id: int = Field(default=None, primary_key=True)
    bill_id: int = Field(foreign_key="supplier_bill.id")
    position: int = Field(sa_type=sa.SmallInteger)
    receipt_line_id: int | None = Field(default=None, foreign_key="goods_receipt_line.id")  # none: a charge
    basis: ChargeBasis | None = choice_column(ChargeBasis, None, nullable=True)  # of a charge
    description: str = Field(default="", sa_type=sa.Text)
    quantity: Decimal = quantity_column(Decimal(1))  # of goods: in stock units
    unit_price: Decimal = price_column(Decimal(0))
    net: Decimal = amount_column(Decimal(0))  # in the bill's currency
    tax_code: str = Field(default="", sa_type=sa.Text)
    tax_rate: Decimal = price_column(Decimal(0))
    tax: Decimal = amount_column(Decimal(0))
    cost: Decimal = amount_column(Decimal(0))  # the net in the company's currency
    cleared: Decimal = amount_column(Decimal(0))  # of goods: what of the receipt's value it clears


class CostShare(Stored, table=True):
    """What a bill line adds to (or takes off) the cost of one receipt line, in the company's currency."""

    __tablename__ = "cost_share"
    __table_args__ = guarded(
        Guard.CHILD,
        sa.UniqueConstraint("bill_line_id", "receipt_line_id"),
        sa.Index("ix_cost_share_receipt_line_id", "receipt_line_id"),
        parent="supplier_bill",
        key="bill_id",
    )

    id: int = Field(default=None, primary_key=True)
    bill_id: int = Field(foreign_key="supplier_bill.id")
    bill_line_id: int = Field(foreign_key="supplier_bill_line.id")
    receipt_line_id: int = Field(foreign_key="goods_receipt_line.id")
    amount: Decimal = amount_column(Decimal(0))
    to_stock: Decimal = amount_column(Decimal(0))  # of the amount: what layers were raised by
    to_sales: Decimal = amount_column(Decimal(0))  # … and what fell on goods already gone: posted as cost now


class SupplierReturnState(StrEnum):
    """Written down, or sent back."""

    DRAFT = "draft"
    SENT = "sent"


SUPPLIER_RETURN_STEPS: Steps = {
    SupplierReturnState.DRAFT: (SupplierReturnState.SENT,),
    SupplierReturnState.SENT: (),
}


class SupplierReturn(Stored, table=True):
    """Goods sent back to a supplier, out of the layers of their own receipt first."""

    __tablename__ = "supplier_return"
    __table_args__ = guarded(Guard.POSTED, sa.Index("ix_supplier_return_receipt_id", "receipt_id"))

    id: int = Field(default=None, primary_key=True)
    number: str | None = Field(default=None, sa_type=sa.Text, unique=True)
    state: SupplierReturnState = state_column(SupplierReturnState.DRAFT, steps=SUPPLIER_RETURN_STEPS)
    receipt_id: int = Field(foreign_key="goods_receipt.id")
    supplier_id: int | None = Field(default=None, foreign_key="party.id")
    warehouse_id: int = Field(foreign_key="warehouse.id")
    returned_on: date
    reason: str = Field(default="", sa_type=sa.Text)
    by: str = Field(sa_type=sa.Text)
    cost: Decimal = amount_column(Decimal(0))  # of the layers it consumed
    value: Decimal = amount_column(Decimal(0))  # what the receipt had taken the goods in for: to be credited
    version: int = kept(sa.Integer, 1)

    @property
    def label(self) -> str:
        """How people call it."""
        return self.number or "–"


class SupplierReturnLine(Stored, table=True):
    """One line sent back; quantity in stock units."""

    __tablename__ = "supplier_return_line"
    __table_args__ = guarded(
        Guard.CHILD,
        sa.UniqueConstraint("return_id", "position"),
        sa.Index("ix_supplier_return_line_receipt_line_id", "receipt_line_id"),
        parent="supplier_return",
        key="return_id",
    )

    id: int = Field(default=None, primary_key=True)
    return_id: int = Field(foreign_key="supplier_return.id")
    position: int = Field(sa_type=sa.SmallInteger)
    receipt_line_id: int = Field(foreign_key="goods_receipt_line.id")
    item_id: int = Field(foreign_key="item.id")
    description: str = Field(default="", sa_type=sa.Text)
    quantity: Decimal = quantity_column(...)
    unit: str = Field(default="", sa_type=sa.Text)
    location_id: int | None = Field(default=None, foreign_key="location.id")
    lot_id: int | None = Field(default=None, foreign_key="lot.id")
    cost: Decimal = amount_column(Decimal(0))
    value: Decimal = amount_column(Decimal(0))
