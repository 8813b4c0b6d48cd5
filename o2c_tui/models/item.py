"""What we sell, where it lies, how it is taxed and when it is to be paid."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from o2c_tui.models import party
from o2c_tui.models.base import PRICE, Role, Stored, choice_column, decided, partial_index
from o2c_tui.texts import N_

POINTS_TO = (party,)  # their tables are loaded with these


class ItemKind(StrEnum):
    """Whether an item lies in stock."""

    STOCKED = "stocked"
    SERVICE = "service"
    KIT = "kit"  # sold as one, delivered as its parts


ITEM_WORDS = {ItemKind.STOCKED: N_("stocked"), ItemKind.SERVICE: N_("service"), ItemKind.KIT: N_("kit")}


class Tracking(StrEnum):
    """Whether each batch or each piece of an item is told apart."""

    NONE = "none"
    LOT = "lot"
    SERIAL = "serial"


TRACKING_WORDS = {Tracking.NONE: N_("not tracked"), Tracking.LOT: N_("by lot"), Tracking.SERIAL: N_("by serial number")}


class Item(Stored, table=True):
    """A thing or a service with its sale price, without tax unless the document's prices include it."""

    __table_args__ = (sa.Index("ix_item_search", "search"), sa.Index("ix_item_name", "name", "id"))

    id: int = Field(default=None, primary_key=True)
    code: str = decided(sa.Text, unique=True)
    name: str = decided(sa.Text)
    search: str = decided(sa.Text, "")
    kind: ItemKind = choice_column(ItemKind, ItemKind.STOCKED, role=Role.DECIDED)
    unit: str = decided(sa.Text, "pc")
    sale_unit: str = decided(sa.Text, "")  # lines of quotations and orders begin in it; empty: the stock unit
    whole_units: bool = decided(sa.Boolean, False)  # fractions are refused
    sale_price: Decimal = decided(PRICE, Decimal(0))
    tax_code: str = decided(sa.Text, "")
    barcode: str | None = decided(sa.Text, None, nullable=True, unique=True)
    category: str = decided(sa.Text, "")
    tracking: Tracking = choice_column(Tracking, Tracking.NONE, role=Role.DECIDED)
    weight: Decimal = decided(PRICE, Decimal(0))  # of one stock unit, in kilograms
    tolerance: Decimal = decided(PRICE, Decimal(0))  # percent that may be received beyond what was ordered
    reorder_point: Decimal = decided(
        PRICE, Decimal(0)
    )  # in the default warehouse, where no rule of its own says otherwise
    supplier_id: int | None = decided(sa.Integer, None, nullable=True, foreign_key="party.id")
    note: str = decided(sa.Text, "")
    external_key: str | None = decided(sa.Text, None, nullable=True, unique=True)
    active: bool = decided(sa.Boolean, True)
    version: int = Field(default=1)


class ItemUnit(Stored, table=True):
    """Another unit an item is bought or sold in: one of it is numerator ÷ denominator stock units, exactly."""

    __tablename__ = "item_unit"
    __table_args__ = (
        sa.UniqueConstraint("item_id", "unit"),
        sa.CheckConstraint("numerator > 0 AND denominator > 0", name="factor"),
    )

    id: int = Field(default=None, primary_key=True)
    item_id: int = decided(sa.Integer, ..., foreign_key="item.id")
    unit: str = decided(sa.Text)
    numerator: int = decided(sa.Integer, 1)
    denominator: int = decided(sa.Integer, 1)
    whole_units: bool = decided(sa.Boolean, False)
    barcode: str | None = decided(sa.Text, None, nullable=True, unique=True)
    active: bool = decided(sa.Boolean, True)


class ItemCode(Stored, table=True):
    """What a customer or a supplier calls an item, or one more barcode of it; found wherever a code is typed."""

    __tablename__ = "item_code"
    __table_args__ = (sa.UniqueConstraint("code", "party_id"), sa.Index("ix_item_code_item_id", "item_id"))

    id: int = Field(default=None, primary_key=True)
    item_id: int = decided(sa.Integer, ..., foreign_key="item.id")
    code: str = decided(sa.Text)
    party_id: int | None = decided(sa.Integer, None, nullable=True, foreign_key="party.id")
    active: bool = decided(sa.Boolean, True)


class KitPart(Stored, table=True):
    """What one kit is made of; quantity in the part's stock unit."""

    __tablename__ = "kit_part"
    __table_args__ = (sa.UniqueConstraint("kit_id", "item_id"),)

    id: int = Field(default=None, primary_key=True)
    kit_id: int = decided(sa.Integer, ..., foreign_key="item.id")
    item_id: int = decided(sa.Integer, ..., foreign_key="item.id")
    quantity: Decimal = decided(PRICE, ...)  # nothing: no part of it any more


class SupplierItem(Stored, table=True):
    """How a supplier sells us an item: its code, unit, price, pack and lead time."""

    __tablename__ = "supplier_item"
    __table_args__ = (
        sa.UniqueConstraint("supplier_id", "item_id"),
        sa.Index("ix_supplier_item_item_id", "item_id"),
        sa.Index("ix_supplier_item_supplier_code", "supplier_code"),
    )

    id: int = Field(default=None, primary_key=True)
    supplier_id: int = decided(sa.Integer, ..., foreign_key="party.id")
    item_id: int = decided(sa.Integer, ..., foreign_key="item.id")
    supplier_code: str = decided(sa.Text, "")
    unit: str = decided(sa.Text, "")  # of the item's units; empty: its stock unit
    price: Decimal = decided(PRICE, Decimal(0))  # of one such unit, in the supplier's currency
    pack: Decimal = decided(PRICE, Decimal(0))  # bought in multiples of this many such units; nothing: any
    minimum: Decimal = decided(PRICE, Decimal(0))
    lead_time_days: int = decided(sa.Integer, 0)
    active: bool = decided(sa.Boolean, True)
    version: int = Field(default=1)


class WarehouseKind(StrEnum):
    """What goods in a warehouse are there for; only a store's are sold."""

    STORE = "store"
    QUARANTINE = "quarantine"
    SCRAP = "scrap"
    TRANSIT = "transit"


WAREHOUSE_WORDS = {
    WarehouseKind.STORE: N_("store"),
    WarehouseKind.QUARANTINE: N_("quarantine"),
    WarehouseKind.SCRAP: N_("scrap"),
    WarehouseKind.TRANSIT: N_("in transit"),
}


class Warehouse(Stored, table=True):
    """A place where stock is kept and counted."""

    id: int = Field(default=None, primary_key=True)
    code: str = decided(sa.Text, unique=True)
    name: str = decided(sa.Text)
    kind: WarehouseKind = choice_column(WarehouseKind, WarehouseKind.STORE, role=Role.DECIDED)
    parent_id: int | None = decided(
        sa.Integer, None, nullable=True, foreign_key="warehouse.id"
    )  # the store it belongs to
    address: str = decided(sa.Text, "")
    active: bool = decided(sa.Boolean, True)
    version: int = Field(default=1)


class Location(Stored, table=True):
    """A bin or shelf within a warehouse; goods are picked in the order of `pick_order`, then of the code."""

    __table_args__ = (sa.UniqueConstraint("warehouse_id", "code"),)

    id: int = Field(default=None, primary_key=True)
    warehouse_id: int = decided(sa.Integer, ..., foreign_key="warehouse.id")
    code: str = decided(sa.Text)
    name: str = decided(sa.Text, "")
    pick_order: int = decided(sa.Integer, 0)
    active: bool = decided(sa.Boolean, True)
    version: int = Field(default=1)


class Lot(Stored, table=True):
    """A batch of an item, or one piece by its serial number."""

    __table_args__ = (sa.UniqueConstraint("item_id", "code"),)

    id: int = Field(default=None, primary_key=True)
    item_id: int = decided(sa.Integer, ..., foreign_key="item.id")
    code: str = decided(sa.Text)
    expires_on: date | None = decided(sa.Date, None, nullable=True)
    note: str = decided(sa.Text, "")


class ReorderRule(Stored, table=True):
    """When and how much to buy of an item for a warehouse."""

    __tablename__ = "reorder_rule"
    __table_args__ = (sa.UniqueConstraint("item_id", "warehouse_id"),)

    id: int = Field(default=None, primary_key=True)
    item_id: int = decided(sa.Integer, ..., foreign_key="item.id")
    warehouse_id: int = decided(sa.Integer, ..., foreign_key="warehouse.id")
    point: Decimal = decided(PRICE, Decimal(0))  # due at or below this
    target: Decimal = decided(PRICE, Decimal(0))  # fill up to this; nothing: just above the point
    pack: Decimal = decided(PRICE, Decimal(0))  # in multiples of this many stock units; nothing: the supplier's pack
    lead_time_days: int = decided(sa.Integer, 0)  # nothing: the supplier's
    active: bool = decided(sa.Boolean, True)
    version: int = Field(default=1)


class StockAlert(Stored, table=True):
    """One crossing of a reorder point, raised once; cleared when stock is above it again, seen when somebody said so."""

    __tablename__ = "stock_alert"
    __table_args__ = (
        sa.Index("ix_stock_alert_place", "item_id", "warehouse_id"),
        partial_index("ix_stock_alert_open", "id", where="cleared_on IS NULL"),
    )

    id: int = Field(default=None, primary_key=True)
    item_id: int = decided(sa.Integer, ..., foreign_key="item.id")
    warehouse_id: int = decided(sa.Integer, ..., foreign_key="warehouse.id")
    raised_on: date = decided(sa.Date, ...)
    projected: Decimal = decided(PRICE, ...)  # available + incoming − back-ordered at that moment
    point: Decimal = decided(PRICE, ...)
    cleared_on: date | None = decided(sa.Date, None, nullable=True)
    seen_on: date | None = decided(sa.Date, None, nullable=True)
    seen_by: str = decided(sa.Text, "")


class TaxKind(StrEnum):
    """Why a tax is, or is not, due."""

    STANDARD = "standard"
    EXEMPT = "exempt"
    REVERSE_CHARGE = "reverse_charge"  # the customer owes it
    EXPORT = "export"


TAX_KIND_WORDS = {
    TaxKind.STANDARD: N_("standard"),
    TaxKind.EXEMPT: N_("exempt"),
    TaxKind.REVERSE_CHARGE: N_("reverse charge"),
    TaxKind.EXPORT: N_("export"),
}


TAX_KIND_REASONS = {  # printed where a code says nothing of its own
    TaxKind.EXEMPT: N_("Exempt from tax."),
    TaxKind.REVERSE_CHARGE: N_("Reverse charge: the customer owes the tax."),
    TaxKind.EXPORT: N_("Export: free of tax."),
}


class TaxCode(Stored, table=True):
    """A kind of tax; its rates are valid from their dates on. An inclusive code takes its tax out of the price."""

    __tablename__ = "tax_code"

    id: int = Field(default=None, primary_key=True)
    code: str = decided(sa.Text, unique=True)
    name: str = decided(sa.Text)  # as printed: "VAT"
    kind: TaxKind = choice_column(TaxKind, TaxKind.STANDARD, role=Role.DECIDED)
    parts: str = decided(sa.Text, "")  # of several taxes: JSON [{"code", "compound"}, …]; empty: a tax of its own
    included: bool = decided(sa.Boolean, False)
    reason: str = decided(sa.Text, "")  # printed where the rate is 0: why no tax is due
    active: bool = decided(sa.Boolean, True)
    version: int = Field(default=1)


class TaxRate(Stored, table=True):
    """The rate of a tax code from a day on, as a fraction (0.2 is 20 %)."""

    __tablename__ = "tax_rate"
    __table_args__ = (sa.UniqueConstraint("tax_code_id", "valid_from"),)

    id: int = Field(default=None, primary_key=True)
    tax_code_id: int = decided(sa.Integer, ..., foreign_key="tax_code.id")
    valid_from: date = decided(sa.Date, ...)
    rate: Decimal = decided(PRICE, ...)


class PaymentTerm(Stored, table=True):
    """When an invoice is to be paid: a list of instalments, the last of which takes the rest."""

    __tablename__ = "payment_term"

    id: int = Field(default=None, primary_key=True)
    code: str = decided(sa.Text, unique=True)
    name: str = decided(sa.Text)  # as printed: "30 days net"
    parts: str = decided(sa.Text)  # JSON list of rules.terms.TermPart fields
    active: bool = decided(sa.Boolean, True)
    version: int = Field(default=1)
