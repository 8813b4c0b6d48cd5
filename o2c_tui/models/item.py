"""What we sell, where it lies, how it is taxed and when it is to be paid."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from o2c_tui.models.base import PRICE, Role, choice_column, decided
from o2c_tui.texts import N_


class ItemKind(StrEnum):
    """Whether an item lies in stock."""

    STOCKED = "stocked"
    SERVICE = "service"


ITEM_WORDS = {ItemKind.STOCKED: N_("stocked"), ItemKind.SERVICE: N_("service")}


class Item(SQLModel, table=True):
    """A thing or a service with its sale price, without tax unless the document's prices include it."""

    __table_args__ = (sa.Index("ix_item_search", "search"), sa.Index("ix_item_name", "name", "id"))

    id: int = Field(default=None, primary_key=True)
    code: str = decided(sa.Text, unique=True)
    name: str = decided(sa.Text)
    search: str = decided(sa.Text, "")
    kind: ItemKind = choice_column(ItemKind, ItemKind.STOCKED, role=Role.DECIDED)
    unit: str = decided(sa.Text, "pc")
    whole_units: bool = decided(sa.Boolean, False)  # fractions are refused
    sale_price: Decimal = decided(PRICE, Decimal(0))
    tax_code: str = decided(sa.Text, "")
    barcode: str | None = decided(sa.Text, None, nullable=True, unique=True)
    category: str = decided(sa.Text, "")
    reorder_point: Decimal = decided(PRICE, Decimal(0))
    supplier_id: int | None = decided(sa.Integer, None, nullable=True, foreign_key="party.id")
    note: str = decided(sa.Text, "")
    external_key: str | None = decided(sa.Text, None, nullable=True, unique=True)
    active: bool = decided(sa.Boolean, True)
    version: int = Field(default=1)


class Warehouse(SQLModel, table=True):
    """A place where stock is kept and counted."""

    id: int = Field(default=None, primary_key=True)
    code: str = decided(sa.Text, unique=True)
    name: str = decided(sa.Text)
    address: str = decided(sa.Text, "")
    active: bool = decided(sa.Boolean, True)
    version: int = Field(default=1)


class TaxCode(SQLModel, table=True):
    """A kind of tax; its rates are valid from their dates on. An inclusive code takes its tax out of the price."""

    __tablename__ = "tax_code"

    id: int = Field(default=None, primary_key=True)
    code: str = decided(sa.Text, unique=True)
    name: str = decided(sa.Text)  # as printed: "VAT"
    included: bool = decided(sa.Boolean, False)
    reason: str = decided(sa.Text, "")  # printed where the rate is 0: why no tax is due
    active: bool = decided(sa.Boolean, True)
    version: int = Field(default=1)


class TaxRate(SQLModel, table=True):
    """The rate of a tax code from a day on, as a fraction (0.2 is 20 %)."""

    __tablename__ = "tax_rate"
    __table_args__ = (sa.UniqueConstraint("tax_code_id", "valid_from"),)

    id: int = Field(default=None, primary_key=True)
    tax_code_id: int = decided(sa.Integer, ..., foreign_key="tax_code.id")
    valid_from: date = decided(sa.Date, ...)
    rate: Decimal = decided(PRICE, ...)


class PaymentTerm(SQLModel, table=True):
    """When an invoice is to be paid: a list of instalments, the last of which takes the rest."""

    __tablename__ = "payment_term"

    id: int = Field(default=None, primary_key=True)
    code: str = decided(sa.Text, unique=True)
    name: str = decided(sa.Text)  # as printed: "30 days net"
    parts: str = decided(sa.Text)  # JSON list of rules.terms.TermPart fields
    active: bool = decided(sa.Boolean, True)
    version: int = Field(default=1)
