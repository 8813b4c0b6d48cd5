"""Closing: up to which day the books are locked, what was ticked off for a month, totals that were drawn up."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from o2c_tui.models.base import Guard, Role, Stored, choice_column, decided, guarded, moment_column
from o2c_tui.texts import N_


class ClosingKind(StrEnum):
    """What span a closing covers."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


CLOSING_WORDS = {ClosingKind.DAY: N_("day"), ClosingKind.MONTH: N_("month"), ClosingKind.YEAR: N_("year")}


class Closing(Stored, table=True):
    """The totals of a day, month or year as they stood, with the head of the audit chain at that moment."""

    __table_args__ = guarded(Guard.APPEND, sa.UniqueConstraint("kind", "to_on", "run"))

    id: int = Field(default=None, primary_key=True)
    kind: ClosingKind = choice_column(ClosingKind)
    from_on: date
    to_on: date
    run: int = Field(default=1, sa_type=sa.SmallInteger)  # drawn up again after the lock was lifted: 2, 3 …
    totals: str = Field(sa_type=sa.Text)  # JSON: accounts with their turnover and balance, documents by kind
    chain_seq: int = Field(default=0)
    chain_hash: str = Field(default="", sa_type=sa.Text)
    closed_at: datetime | None = moment_column(None, role=Role.FACT, nullable=True)
    by: str = Field(sa_type=sa.Text)


class MonthTask(Stored, table=True):
    """A point of a month's checklist that somebody ticked off by hand."""

    __tablename__ = "month_task"
    __table_args__ = (sa.UniqueConstraint("month", "code"),)

    id: int = Field(default=None, primary_key=True)
    month: str = decided(sa.Text)  # 2026-11
    code: str = decided(sa.Text)
    done_on: date | None = decided(sa.Date, None, nullable=True)
    by: str = decided(sa.Text, "")
    note: str = decided(sa.Text, "")
