"""What the documents of the chain share: the head's terms and the line's price, copied from one to the next."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from o2c_tui.models.base import Stored, amount_column, price_column, quantity_column
from o2c_tui.texts import N_


class Progress(StrEnum):
    """How far an order or a delivery has come on one of its axes."""

    NONE = "none"
    PARTLY = "partly"
    FULLY = "fully"


PROGRESS_WORDS = {Progress.NONE: N_("none"), Progress.PARTLY: N_("partly"), Progress.FULLY: N_("fully")}


class TradeTerms(Stored):
    """What a document freezes of the customer and the company when it is made."""

    customer_reference: str = Field(default="", sa_type=sa.Text)
    bill_to: str = Field(default="", sa_type=sa.Text)  # name and address lines parted by \n
    term: str = Field(default="", sa_type=sa.Text)  # code of the payment term
    currency: str = Field(sa_type=sa.Text)
    digits: int = Field(sa_type=sa.SmallInteger)
    language: str = Field(default="en", sa_type=sa.Text)
    rounding: str = Field(default="half_up", sa_type=sa.Text)
    tax_rounding: str = Field(default="document", sa_type=sa.Text)
    prices_include_tax: bool = Field(default=False)
    rate: Decimal = price_column(Decimal(0))  # one unit of its currency in the company's; nothing: it is the company's
    cash_step: Decimal = amount_column(Decimal(0))  # totals come in multiples of this (0.05); nothing: to the cent
    discount_percent: Decimal = price_column(Decimal(0))
    discount_amount: Decimal = amount_column(Decimal(0))
    note: str = Field(default="", sa_type=sa.Text)  # printed
    net: Decimal = amount_column(Decimal(0))
    tax: Decimal = amount_column(Decimal(0))
    cash_difference: Decimal = amount_column(Decimal(0))  # added to meet the cash step
    gross: Decimal = amount_column(Decimal(0))  # net + tax + cash difference


class TradeLine(Stored):
    """One line of a quotation, order or invoice. `net` and `tax` carry its share of the document's discount and tax."""

    position: int = Field(sa_type=sa.SmallInteger)
    item_id: int | None = Field(default=None, foreign_key="item.id")
    description: str = Field(default="", sa_type=sa.Text)
    quantity: Decimal = quantity_column(...)
    unit: str = Field(default="", sa_type=sa.Text)
    factor_num: int | None = None  # one unit is factor_num ÷ factor_den stock units; none: the stock unit itself
    factor_den: int | None = None
    unit_price: Decimal = price_column(...)
    price_source: str = Field(default="", sa_type=sa.Text)  # empty: the item's price; "typed": someone's own
    discount_percent: Decimal = price_column(Decimal(0))
    discount_amount: Decimal = amount_column(Decimal(0))
    tax_code: str = Field(default="", sa_type=sa.Text)
    tax_rate: Decimal = price_column(Decimal(0))
    tax_included: bool = Field(default=False)
    tax_parts: str = Field(
        default="", sa_type=sa.Text
    )  # of several taxes: JSON [[code, rate, tax], …], a 4th 1: compound; empty: one
    tax_reason: str = Field(
        default="", sa_type=sa.Text
    )  # printed: why no tax is due, then after \n a certificate number
    net: Decimal = amount_column(Decimal(0))
    tax: Decimal = amount_column(Decimal(0))
    note: str = Field(default="", sa_type=sa.Text)


LINE_FIELDS = tuple(TradeLine.model_fields)  # what a conversion copies from line to line
TERM_FIELDS = tuple(name for name in TradeTerms.model_fields if name not in ("net", "tax", "cash_difference", "gross"))


def is_late(promised_on: date | None, today: date) -> bool:
    """Whether a promise has passed; none was given counts as kept."""
    return promised_on is not None and promised_on < today
