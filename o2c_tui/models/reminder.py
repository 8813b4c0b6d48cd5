"""Reminders: profiles of steps with their letters, what was sent to whom, promises to pay and disputes."""

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Field

from o2c_tui.models import invoice, party, receivable, receivable_adjustment
from o2c_tui.models.base import (
    AMOUNT,
    Guard,
    Role,
    Stored,
    amount_column,
    decided,
    guarded,
    kept,
    moment_column,
    partial_index,
)

POINTS_TO = (invoice, party, receivable, receivable_adjustment)  # their tables are loaded with these


class ReminderProfile(Stored, table=True):
    """How a customer is reminded: a list of steps, and the least days between two letters."""

    __tablename__ = "reminder_profile"

    id: int = Field(default=None, primary_key=True)
    code: str = decided(sa.Text, unique=True)
    name: str = decided(sa.Text)
    gap_days: int = decided(sa.SmallInteger, 7)
    is_default: bool = decided(sa.Boolean, False)
    active: bool = decided(sa.Boolean, True)
    version: int = Field(default=1)


class ReminderStep(Stored, table=True):
    """One step: so many days after the due date (before it, where negative), a letter, perhaps a fee."""

    __tablename__ = "reminder_step"
    __table_args__ = (sa.UniqueConstraint("profile_id", "level"),)

    id: int = Field(default=None, primary_key=True)
    profile_id: int = decided(sa.Integer, ..., foreign_key="reminder_profile.id")
    level: int = decided(sa.SmallInteger, ...)  # 1, 2, 3 …, in the order of their days
    days: int = decided(sa.SmallInteger, ...)
    letter: str = decided(sa.Text)  # code of a letter
    fee: Decimal = decided(AMOUNT, Decimal(0))  # in the company's currency


class Letter(Stored, table=True):
    """The words of a letter or mail in one language; {names} in braces are filled when it is written."""

    __table_args__ = (sa.UniqueConstraint("code", "language"),)

    id: int = Field(default=None, primary_key=True)
    code: str = decided(sa.Text)
    language: str = decided(sa.Text)
    subject: str = decided(sa.Text)
    body: str = decided(sa.Text)
    version: int = Field(default=1)


class Reminder(Stored, table=True):
    """One letter to one customer, as it was written: it lists all that was open, at the highest step reached."""

    __table_args__ = guarded(
        Guard.APPEND,
        sa.Index("ix_reminder_customer_id", "customer_id", "id"),
    )

    id: int = Field(default=None, primary_key=True)
    number: str = Field(sa_type=sa.Text, unique=True)
    customer_id: int = Field(foreign_key="party.id")
    reminded_on: date
    level: int = Field(sa_type=sa.SmallInteger)
    profile: str = Field(default="", sa_type=sa.Text)  # code
    language: str = Field(default="en", sa_type=sa.Text)
    address: str = Field(default="", sa_type=sa.Text)
    email: str = Field(default="", sa_type=sa.Text)
    subject: str = Field(default="", sa_type=sa.Text)
    body: str = Field(default="", sa_type=sa.Text)
    currency: str = Field(sa_type=sa.Text)
    digits: int = Field(sa_type=sa.SmallInteger)
    total: Decimal = amount_column(Decimal(0))  # of its lines
    fee: Decimal = amount_column(Decimal(0))
    fee_id: int | None = Field(default=None, foreign_key="receivable_adjustment.id")
    by: str = Field(sa_type=sa.Text)
    written_at: datetime | None = moment_column(None, role=Role.FACT, nullable=True)

    @property
    def label(self) -> str:
        """How people call it."""
        return self.number


class ReminderLine(Stored, table=True):
    """One open instalment as the letter lists it."""

    __tablename__ = "reminder_line"
    __table_args__ = guarded(
        Guard.APPEND,
        sa.UniqueConstraint("reminder_id", "position"),
        sa.Index("ix_reminder_line_item_id", "item_id", "level"),
    )

    id: int = Field(default=None, primary_key=True)
    reminder_id: int = Field(foreign_key="reminder.id")
    position: int = Field(sa_type=sa.SmallInteger)
    item_id: int = Field(foreign_key="receivable_item.id")
    level: int = Field(default=0, sa_type=sa.SmallInteger)  # the step it is at; 0: listed, not yet due for one
    due_on: date
    open: Decimal = amount_column(...)


class PaymentPromise(Stored, table=True):
    """A customer's word to pay an amount by a day; kept or broken is derived from what came until then."""

    __tablename__ = "payment_promise"
    __table_args__ = (partial_index("ix_payment_promise_open", "customer_id", where="closed_on IS NULL"),)

    id: int = Field(default=None, primary_key=True)
    customer_id: int = decided(sa.Integer, ..., foreign_key="party.id")
    invoice_id: int | None = decided(
        sa.Integer, None, nullable=True, foreign_key="invoice.id"
    )  # none: the whole account
    made_on: date = decided(sa.Date, ...)
    promised_on: date = decided(sa.Date, ...)
    amount: Decimal = decided(AMOUNT, ...)
    note: str = decided(sa.Text, "")  # who said so, and how
    by: str = decided(sa.Text, "")
    closed_on: date | None = decided(sa.Date, None, nullable=True)  # kept, broken or taken back
    outcome: str = decided(sa.Text, "")  # kept, broken, withdrawn; empty while it stands
    version: int = kept(sa.Integer, 1)


class Dispute(Stored, table=True):
    """An invoice that a customer contests: no reminder goes out for it until it is settled."""

    __table_args__ = (partial_index("ix_dispute_open", "invoice_id", where="closed_on IS NULL", unique=True),)

    id: int = Field(default=None, primary_key=True)
    customer_id: int = decided(sa.Integer, ..., foreign_key="party.id")
    invoice_id: int = decided(sa.Integer, ..., foreign_key="invoice.id")
    opened_on: date = decided(sa.Date, ...)
    reason: str = decided(sa.Text)
    by: str = decided(sa.Text, "")
    closed_on: date | None = decided(sa.Date, None, nullable=True)
    outcome: str = decided(sa.Text, "")  # how it was settled
    version: int = kept(sa.Integer, 1)
