"""Receivables: what is open with each customer, what was paid, and what was set against what."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from o2c_tui.models import invoice, ledger, order, party, receivable_adjustment
from o2c_tui.models.base import (
    Guard,
    Role,
    Steps,
    Stored,
    amount_column,
    guarded,
    kept,
    moment_column,
    partial_index,
    price_column,
    state_column,
)

POINTS_TO = (invoice, ledger, order, party, receivable_adjustment)  # their tables are loaded with these


class PaymentState(StrEnum):
    """Written down, or posted; reversed is derived from the payment that reverses it."""

    DRAFT = "draft"
    POSTED = "posted"


PAYMENT_STEPS: Steps = {
    PaymentState.DRAFT: (PaymentState.POSTED,),
    PaymentState.POSTED: (),
}


class Payment(Stored, table=True):
    """Money received from a customer, or given back (a negative amount); one that bounced is reversed by its opposite."""

    __table_args__ = guarded(
        Guard.POSTED,
        sa.Index("ix_payment_customer_id", "customer_id", "id"),
        partial_index("ix_payment_unapplied", "customer_id", where="unapplied <> 0"),
        dated="received_on",
    )

    id: int = Field(default=None, primary_key=True)
    number: str | None = Field(default=None, sa_type=sa.Text, unique=True)
    state: PaymentState = state_column(PaymentState.DRAFT, steps=PAYMENT_STEPS)
    customer_id: int = Field(foreign_key="party.id")
    received_on: date
    amount: Decimal = amount_column(...)
    currency: str = Field(sa_type=sa.Text)
    digits: int = Field(sa_type=sa.SmallInteger)
    rate: Decimal = price_column(Decimal(0))  # one unit of its currency in the company's; nothing: it is the company's
    account_id: int = Field(foreign_key="account.id")  # the bank or cash account it came into
    reference: str = Field(default="", sa_type=sa.Text)
    note: str = Field(default="", sa_type=sa.Text)
    order_id: int | None = Field(default=None, foreign_key="sales_order.id")  # paid ahead on it
    charge: Decimal = amount_column(Decimal(0))  # of a reversal: what the bank took for it
    reverses_id: int | None = Field(default=None, foreign_key="payment.id", unique=True)
    reason: str = Field(default="", sa_type=sa.Text)  # of a reversal
    by: str = Field(sa_type=sa.Text)
    posted_at: datetime | None = moment_column(None, role=Role.FACT, nullable=True)
    unapplied: Decimal = amount_column(Decimal(0), role=Role.KEPT)
    reversed_by: int | None = kept(sa.Integer, None, nullable=True)
    version: int = kept(sa.Integer, 1)

    @property
    def label(self) -> str:
        """How people call it."""
        return self.number or "–"

    @property
    def is_refund(self) -> bool:
        """Whether money was given back to the customer."""
        return self.amount < 0 and self.reverses_id is None


ONE_SOURCE = (
    "(CASE WHEN invoice_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN payment_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN adjustment_id IS NULL THEN 0 ELSE 1 END) = 1"
)


class ReceivableItem(Stored, table=True):
    """One open item of a customer: an instalment of an invoice (positive), a credit note's or a payment's credit (negative).

    The receivables account is their sum; what is open of one is its amount less what was allocated to it.
    """

    __tablename__ = "receivable_item"
    __table_args__ = guarded(
        Guard.APPEND,
        sa.CheckConstraint(ONE_SOURCE, name="one_source"),
        partial_index(
            "ix_receivable_item_open",
            "customer_id",
            "due_on",
            "open",
            "dated_on",
            "currency",
            "base_open",
            where="open <> 0",
        ),
        sa.Index("ix_receivable_item_customer_id", "customer_id", "dated_on"),
        sa.Index("ix_receivable_item_invoice_id", "invoice_id", "position"),
        sa.Index("ix_receivable_item_payment_id", "payment_id"),
        partial_index("ix_receivable_item_adjustment", "adjustment_id", where="adjustment_id IS NOT NULL"),
        dated="dated_on",
    )

    id: int = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="party.id")
    invoice_id: int | None = Field(default=None, foreign_key="invoice.id")
    payment_id: int | None = Field(default=None, foreign_key="payment.id")
    adjustment_id: int | None = Field(default=None, foreign_key="receivable_adjustment.id")
    position: int = Field(default=1, sa_type=sa.SmallInteger)
    dated_on: date
    due_on: date
    amount: Decimal = amount_column(...)
    currency: str = Field(default="", sa_type=sa.Text)  # empty: the company's, and base amounts are the amounts
    base_amount: Decimal | None = amount_column(
        None, nullable=True
    )  # in the company's currency; none: the amount itself
    discount_on: date | None = None
    discount_amount: Decimal = amount_column(Decimal(0))
    open: Decimal = amount_column(..., role=Role.KEPT)
    base_open: Decimal = amount_column(Decimal(0), role=Role.KEPT)  # what is open, in the company's currency
    settled_on: date | None = kept(sa.Date, None, nullable=True)


class Allocation(Stored, table=True):
    """Money set against an instalment on a day; undoing it adds the opposite row."""

    __tablename__ = "payment_allocation"
    __table_args__ = guarded(
        Guard.APPEND,
        sa.Index("ix_payment_allocation_debit_id", "debit_id"),
        sa.Index("ix_payment_allocation_credit_id", "credit_id"),
        sa.Index("ix_payment_allocation_allocated_on", "allocated_on"),
        dated="allocated_on",
    )

    id: int = Field(default=None, primary_key=True)
    allocated_on: date
    debit_id: int = Field(foreign_key="receivable_item.id")  # what is owed
    credit_id: int = Field(foreign_key="receivable_item.id")  # what pays it
    amount: Decimal = amount_column(...)  # positive; negative where it undoes an earlier row
    base_debit: Decimal | None = amount_column(None, nullable=True)  # taken off what is owed, in the company's currency
    base_credit: Decimal | None = amount_column(None, nullable=True)  # taken off the credit; none: both are the amount
