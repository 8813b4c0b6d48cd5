"""Quotations: what we offered, in which revision, and what the customer said."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from o2c_tui.models import item, party
from o2c_tui.models.base import (
    Guard,
    Role,
    Steps,
    choice_column,
    decided,
    guarded,
    kept,
    moment_column,
    partial_index,
    quantity_column,
    state_column,
)
from o2c_tui.models.trade import Progress, TradeLine, TradeTerms
from o2c_tui.texts import N_

POINTS_TO = (
    item,
    party,
)  # their tables are loaded with these


class QuotationState(StrEnum):
    """What people decided of a quotation; expired, ordered and invoiced are derived."""

    DRAFT = "draft"
    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    SUPERSEDED = "superseded"


QUOTATION_STEPS: Steps = {
    QuotationState.DRAFT: (QuotationState.SENT,),
    QuotationState.SENT: (QuotationState.ACCEPTED, QuotationState.DECLINED, QuotationState.SUPERSEDED),
    QuotationState.ACCEPTED: (QuotationState.SENT,),  # an acceptance undone before anything was made of it
    QuotationState.DECLINED: (),
    QuotationState.SUPERSEDED: (),
}

DECLINE_REASONS = {
    "price": N_("too expensive"),
    "delivery": N_("delivery too late"),
    "competitor": N_("went to a competitor"),
    "need": N_("no longer needed"),
    "answer": N_("no answer"),
    "other": N_("other"),
}


class Quotation(TradeTerms, table=True):
    """An offer with prices and a last day; each revision is a row of its own under one number."""

    __table_args__ = guarded(
        Guard.POSTED,
        sa.UniqueConstraint("number", "revision"),
        sa.Index("ix_quotation_customer_id", "customer_id", "id"),
        partial_index("ix_quotation_open", "valid_until", "id", where="state IN ('draft', 'sent')"),
    )

    id: int = Field(default=None, primary_key=True)
    number: str | None = Field(default=None, sa_type=sa.Text)
    revision: int = Field(default=1, sa_type=sa.SmallInteger)
    previous_id: int | None = Field(default=None, foreign_key="quotation.id")  # the revision before this one
    state: QuotationState = state_column(QuotationState.DRAFT, steps=QUOTATION_STEPS)
    customer_id: int = Field(foreign_key="party.id")
    warehouse_id: int = Field(foreign_key="warehouse.id")
    ship_to: str = Field(default="", sa_type=sa.Text)
    quoted_on: date
    valid_until: date
    by: str = Field(sa_type=sa.Text)
    sent_at: datetime | None = moment_column(None, nullable=True)
    accepted_on: date | None = decided(sa.Date, None, nullable=True)
    accepted_by: str = decided(sa.Text, "")  # who said yes, and by which channel
    declined_on: date | None = decided(sa.Date, None, nullable=True)
    decline_reason: str = decided(sa.Text, "")  # a key of DECLINE_REASONS
    decline_note: str = decided(sa.Text, "")
    ordered: Progress = choice_column(Progress, Progress.NONE, role=Role.KEPT)
    version: int = kept(sa.Integer, 1)

    @property
    def label(self) -> str:
        """How people call it: its number, with the revision where there is more than one."""
        number = self.number or "–"
        return number if self.revision == 1 else f"{number}/{self.revision}"


class QuotationLine(TradeLine, table=True):
    """One line offered."""

    __tablename__ = "quotation_line"
    __table_args__ = guarded(
        Guard.CHILD, sa.UniqueConstraint("quotation_id", "position"), parent="quotation", key="quotation_id"
    )

    id: int = Field(default=None, primary_key=True)
    quotation_id: int = Field(foreign_key="quotation.id")
    ordered: Decimal = quantity_column(Decimal(0), role=Role.KEPT)  # taken into orders that were not cancelled
