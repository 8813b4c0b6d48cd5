"""What belongs to an item beside its card: units, codes, suppliers, parts, reorder rules, lots. Rule: docs/rules/masters.md."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.base import QUANTITY
from o2c_tui.models.item import Item, ItemCode, ItemUnit, KitPart, Lot, ReorderRule, SupplierItem, Warehouse
from o2c_tui.models.party import Party
from o2c_tui.models.stock import PlaceStock
from o2c_tui.queries.lookups import the_company

ZERO = Decimal(0)


@dataclass(frozen=True)
class UnitRow:
    """A unit in use: one of it is numerator ÷ denominator stock units."""

    unit: str
    numerator: int
    denominator: int
    whole_units: bool
    barcode: str


@dataclass(frozen=True)
class CodeRow:
    """One more code: a barcode, or what a party calls the item."""

    code: str
    party: str
    name: str


@dataclass(frozen=True)
class SupplierRow:
    """How a supplier sells the item; figures are those of one unit, in its currency."""

    supplier: str
    name: str
    supplier_code: str
    unit: str
    price: Decimal
    currency: str
    pack: Decimal
    minimum: Decimal
    lead_time_days: int


@dataclass(frozen=True)
class PartRow:
    """One part of a kit, in its stock unit."""

    item: str
    name: str
    quantity: Decimal
    unit: str


@dataclass(frozen=True)
class RuleRow:
    """When and how much to buy for a warehouse."""

    warehouse: str
    point: Decimal
    target: Decimal
    pack: Decimal
    lead_time_days: int


@dataclass(frozen=True)
class LotOfItem:
    """A lot or serial number, and how much of it there is in all warehouses."""

    id: int
    code: str
    expires_on: date | None
    note: str
    quantity: Decimal


@dataclass(frozen=True)
class ItemRows:
    """All rows of an item's card."""

    id: int
    code: str
    name: str
    kind: str
    unit: str
    tracking: str
    version: int
    units: tuple[UnitRow, ...]
    codes: tuple[CodeRow, ...]
    suppliers: tuple[SupplierRow, ...]
    parts: tuple[PartRow, ...]
    rules: tuple[RuleRow, ...]
    lots: tuple[LotOfItem, ...]


def item_rows(session: Session, item_id: int, *, lots: int = 500) -> ItemRows:
    """The rows of an item's card that are in use; of lots the newest `lots`, those in stock first."""
    item = session.get_one(Item, item_id)
    currency = the_company(session).currency
    units = sa.select(
        col(ItemUnit.unit),
        col(ItemUnit.numerator),
        col(ItemUnit.denominator),
        col(ItemUnit.whole_units),
        sa.func.coalesce(col(ItemUnit.barcode), ""),
    ).where(col(ItemUnit.item_id) == item_id, col(ItemUnit.active))
    codes = (
        sa.select(col(ItemCode.code), sa.func.coalesce(col(Party.code), ""), sa.func.coalesce(col(Party.name), ""))
        .outerjoin(Party, col(Party.id) == col(ItemCode.party_id))
        .where(col(ItemCode.item_id) == item_id, col(ItemCode.active))
    )
    suppliers = (
        sa.select(
            col(Party.code),
            col(Party.name),
            col(SupplierItem.supplier_code),
            col(SupplierItem.unit),
            col(SupplierItem.price),
            sa.func.coalesce(sa.func.nullif(col(Party.currency), ""), currency),
            col(SupplierItem.pack),
            col(SupplierItem.minimum),
            col(SupplierItem.lead_time_days),
        )
        .join(Party, col(Party.id) == col(SupplierItem.supplier_id))
        .where(col(SupplierItem.item_id) == item_id, col(SupplierItem.active))
    )
    parts = (
        sa.select(col(Item.code), col(Item.name), col(KitPart.quantity), col(Item.unit))
        .join(Item, col(Item.id) == col(KitPart.item_id))
        .where(col(KitPart.kit_id) == item_id, col(KitPart.quantity) > 0)
    )
    rules = (
        sa.select(
            col(Warehouse.code),
            col(ReorderRule.point),
            col(ReorderRule.target),
            col(ReorderRule.pack),
            col(ReorderRule.lead_time_days),
        )
        .join(Warehouse, col(Warehouse.id) == col(ReorderRule.warehouse_id))
        .where(col(ReorderRule.item_id) == item_id, col(ReorderRule.active))
    )
    there = (
        sa.select(sa.func.coalesce(sa.func.sum(col(PlaceStock.quantity)), 0))
        .where(col(PlaceStock.lot_id) == col(Lot.id), col(PlaceStock.item_id) == item_id)
        .scalar_subquery()
    )
    known = sa.select(
        col(Lot.id), col(Lot.code), col(Lot.expires_on), col(Lot.note), sa.type_coerce(there, QUANTITY)
    ).where(col(Lot.item_id) == item_id)
    return ItemRows(
        item.id,
        item.code,
        item.name,
        str(item.kind),
        item.unit,
        str(item.tracking),
        item.version,
        tuple(UnitRow(*row) for row in session.execute(units.order_by(col(ItemUnit.id)))),
        tuple(CodeRow(*row) for row in session.execute(codes.order_by(col(ItemCode.id)))),
        tuple(SupplierRow(*row) for row in session.execute(suppliers.order_by(col(SupplierItem.id)))),
        tuple(PartRow(*row) for row in session.execute(parts.order_by(col(KitPart.id)))),
        tuple(RuleRow(*row) for row in session.execute(rules.order_by(col(Warehouse.code)))),
        tuple(
            LotOfItem(*row)
            for row in session.execute(known.order_by((there == 0), col(Lot.expires_on), col(Lot.code)).limit(lots))
        ),
    )
