"""Currencies other than the company's: what one unit of each was worth, by day."""

from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Field

from o2c_tui.models.base import PRICE, Stored, decided


class ExchangeRate(Stored, table=True):
    """What one unit of a currency was worth in the company's from a day on; documents freeze the rate they take."""

    __tablename__ = "exchange_rate"
    __table_args__ = (sa.UniqueConstraint("currency", "valid_on"),)

    id: int = Field(default=None, primary_key=True)
    currency: str = decided(sa.Text)
    valid_on: date = decided(sa.Date, ...)
    rate: Decimal = decided(PRICE, ...)
    source: str = decided(sa.Text, "")  # who said so: "typed", or the file it came from
    version: int = Field(default=1)
