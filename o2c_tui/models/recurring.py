"""Invoices that come again: what is billed to whom, how often, and when next."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from o2c_tui.models import item, party
from o2c_tui.models.base import PRICE, QUANTITY, Role, Stored, choice_column, decided, partial_index
from o2c_tui.texts import N_

POINTS_TO = (
    item,
    party,
)  # their tables are loaded with these


class Every(StrEnum):
    """The unit of a rhythm."""

    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


EVERY_WORDS = {Every.WEEK: N_("week"), Every.MONTH: N_("month"), Every.YEAR: N_("year")}


class RecurringInvoice(Stored, table=True):
    """A plan: on each of its days a draft invoice is written; after a pause it catches up once."""

    __tablename__ = "recurring_invoice"
    __table_args__ = (partial_index("ix_recurring_invoice_next", "next_on", where="active"),)

    id: int = Field(default=None, primary_key=True)
    code: str = decided(sa.Text, unique=True)
    customer_id: int = decided(sa.Integer, ..., foreign_key="party.id")
    every: Every = choice_column(Every, Every.MONTH, role=Role.DECIDED)
    times: int = decided(sa.SmallInteger, 1)  # every so many weeks, months or years
    starts_on: date = decided(sa.Date, ...)  # every day is counted from it, so that the 31st stays the end of a month
    next_on: date = decided(sa.Date, ...)
    until_on: date | None = decided(sa.Date, None, nullable=True)
    last_on: date | None = decided(sa.Date, None, nullable=True)
    term: str = decided(sa.Text, "")
    customer_reference: str = decided(sa.Text, "")
    note: str = decided(sa.Text, "")
    discount_percent: Decimal = decided(PRICE, Decimal(0))
    active: bool = decided(sa.Boolean, True)
    version: int = Field(default=1)

    @property
    def label(self) -> str:
        """How people call it."""
        return self.code


class RecurringLine(Stored, table=True):
    """One line of the plan; without a price the item's price of the day is taken."""

    __tablename__ = "recurring_line"
    __table_args__ = (sa.UniqueConstraint("recurring_id", "position"),)

    id: int = Field(default=None, primary_key=True)
    recurring_id: int = decided(sa.Integer, ..., foreign_key="recurring_invoice.id")
    position: int = decided(sa.SmallInteger, ...)
    item_id: int | None = decided(sa.Integer, None, nullable=True, foreign_key="item.id")
    description: str = decided(sa.Text, "")
    quantity: Decimal = decided(QUANTITY, ...)
    unit: str = decided(sa.Text, "")
    unit_price: Decimal | None = decided(PRICE, None, nullable=True)
    discount_percent: Decimal = decided(PRICE, Decimal(0))
    tax_code: str = decided(sa.Text, "")
    note: str = decided(sa.Text, "")
