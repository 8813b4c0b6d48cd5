"""What changes a customer's account without goods or money: discounts taken, write-offs, charges, fees and interest."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from o2c_tui.models import invoice, ledger, party, receivable
from o2c_tui.models.base import (
    AMOUNT,
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
    state_column,
)
from o2c_tui.texts import N_

POINTS_TO = (invoice, ledger, party, receivable)  # their tables are loaded with these


class AdjustmentKind(StrEnum):
    """Why a customer owes less, or more, than was invoiced and not paid."""

    DISCOUNT = "discount"  # for paying early, with its tax effect
    SMALL_DIFFERENCE = "small_difference"
    BAD_DEBT = "bad_debt"
    BANK_CHARGE = "bank_charge"  # kept back by a bank on the way
    WITHHELD_TAX = "withheld_tax"  # kept back by the customer for the tax office
    REMINDER_FEE = "reminder_fee"
    INTEREST = "interest"
    OTHER = "other"


ADJUSTMENT_WORDS = {
    AdjustmentKind.DISCOUNT: N_("early-payment discount"),
    AdjustmentKind.SMALL_DIFFERENCE: N_("small difference"),
    AdjustmentKind.BAD_DEBT: N_("bad debt"),
    AdjustmentKind.BANK_CHARGE: N_("bank charge"),
    AdjustmentKind.WITHHELD_TAX: N_("tax withheld"),
    AdjustmentKind.REMINDER_FEE: N_("reminder fee"),
    AdjustmentKind.INTEREST: N_("interest"),
    AdjustmentKind.OTHER: N_("other"),
}


class ReceivableAdjustmentState(StrEnum):
    """Posted at once; written down first only where somebody must agree to it (interest)."""

    DRAFT = "draft"
    POSTED = "posted"


RECEIVABLE_ADJUSTMENT_STEPS: Steps = {
    ReceivableAdjustmentState.DRAFT: (ReceivableAdjustmentState.POSTED,),
    ReceivableAdjustmentState.POSTED: (),
}


class AdjustmentReason(Stored, table=True):
    """A reason a company gives for such a change: it chooses the account, and how much one may write off."""

    __tablename__ = "adjustment_reason"

    id: int = Field(default=None, primary_key=True)
    code: str = decided(sa.Text, unique=True)
    name: str = decided(sa.Text)
    kind: AdjustmentKind = choice_column(AdjustmentKind, role=Role.DECIDED)
    account_id: int | None = decided(
        sa.Integer, None, nullable=True, foreign_key="account.id"
    )  # none: the kind's usual one
    most: Decimal = decided(AMOUNT, Decimal(0))  # beyond this only the owner may; nothing: no limit
    with_tax: bool = decided(sa.Boolean, False)  # lowers the tax due in proportion
    active: bool = decided(sa.Boolean, True)
    version: int = Field(default=1)


class ReceivableAdjustment(Stored, table=True):
    """One such change. A positive amount lowers what the customer owes, a negative one (fee, interest) raises it."""

    __tablename__ = "receivable_adjustment"
    __table_args__ = guarded(
        Guard.POSTED,
        sa.Index("ix_receivable_adjustment_customer_id", "customer_id", "id"),
        partial_index("ix_receivable_adjustment_invoice_id", "invoice_id", where="invoice_id IS NOT NULL"),
        partial_index("ix_receivable_adjustment_payment_id", "payment_id", where="payment_id IS NOT NULL"),
    )

    id: int = Field(default=None, primary_key=True)
    number: str | None = Field(default=None, sa_type=sa.Text, unique=True)
    state: ReceivableAdjustmentState = state_column(ReceivableAdjustmentState.DRAFT, steps=RECEIVABLE_ADJUSTMENT_STEPS)
    kind: AdjustmentKind = choice_column(AdjustmentKind)
    reason_id: int | None = Field(default=None, foreign_key="adjustment_reason.id")
    customer_id: int = Field(foreign_key="party.id")
    invoice_id: int | None = Field(default=None, foreign_key="invoice.id")  # it belongs to, where it is one
    payment_id: int | None = Field(default=None, foreign_key="payment.id")  # it came with
    adjusted_on: date
    amount: Decimal = amount_column(...)  # tax included
    tax: Decimal = amount_column(Decimal(0))  # the part of it that is tax, no longer due
    currency: str = Field(default="", sa_type=sa.Text)  # empty: the company's
    digits: int = Field(sa_type=sa.SmallInteger)
    rate: Decimal = price_column(Decimal(0))  # nothing: the company's currency
    account_id: int = Field(foreign_key="account.id")
    note: str = Field(default="", sa_type=sa.Text)
    reverses_id: int | None = Field(default=None, foreign_key="receivable_adjustment.id", unique=True)
    by: str = Field(sa_type=sa.Text)
    posted_at: datetime | None = moment_column(None, role=Role.FACT, nullable=True)
    open: Decimal = amount_column(Decimal(0), role=Role.KEPT)  # not yet set against anything; negative: still owed
    reversed_by: int | None = kept(sa.Integer, None, nullable=True)
    version: int = kept(sa.Integer, 1)

    @property
    def label(self) -> str:
        """How people call it."""
        return self.number or "–"
