"""The rows of an item's card, saved as they stand: its units, codes, suppliers, reorder rules and lots.

What is not among the rows any more goes out of use; documents that name it keep it. Rule: docs/rules/masters.md, "Rows of a card".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, select

from o2c_tui.errors import ConflictError, DuplicateError
from o2c_tui.models.item import Item, ItemCode, ItemUnit, Lot, ReorderRule, SupplierItem, Warehouse
from o2c_tui.models.party import Party
from o2c_tui.queries.lookups import unknown
from o2c_tui.services.bins import save_lot
from o2c_tui.services.itemising import save_item_code, save_kit, save_reorder_rule, save_unit
from o2c_tui.services.purchasing import save_supplier_item
from o2c_tui.services.records import Record
from o2c_tui.storage.rows import LOCK
from o2c_tui.texts import N_

ZERO = Decimal(0)


@dataclass(frozen=True)
class UnitSetup:
    """One unit: one of it is numerator ÷ denominator stock units."""

    unit: str
    numerator: int
    denominator: int = 1
    whole_units: bool = False
    barcode: str = ""


@dataclass(frozen=True)
class CodeSetup:
    """One more code: what a party calls the item, or, without a party, one more barcode."""

    code: str
    party: str = ""


@dataclass(frozen=True)
class SupplierItemSetup:
    """How a supplier sells the item; price, pack and minimum are those of one `unit`, in the supplier's currency."""

    supplier: str
    supplier_code: str = ""
    unit: str = ""
    price: Decimal = ZERO
    pack: Decimal = ZERO
    minimum: Decimal = ZERO
    lead_time_days: int = 0


@dataclass(frozen=True)
class PartSetup:
    """One part of a kit, in its stock unit."""

    item: str
    quantity: Decimal


@dataclass(frozen=True)
class ReorderSetup:
    """When and how much to buy for a warehouse."""

    warehouse: str
    point: Decimal
    target: Decimal = ZERO
    pack: Decimal = ZERO
    lead_time_days: int = 0


@dataclass(frozen=True)
class LotSetup:
    """A lot or serial number with its expiry."""

    code: str
    expires_on: date | None = None
    note: str = ""


def _item(session: Session, code: str, version: int | None) -> Item:
    found = session.exec(select(Item).where(Item.code == code.strip().upper()).with_for_update(**LOCK)).one_or_none()
    if found is None:
        raise unknown(session, Item, N_("item"), code, "item")
    if version is not None and found.version != version:
        raise ConflictError(N_("Somebody else has changed {code} meanwhile. Look at it again (F5)."), code=found.code)
    return found


def _refuse_twice(names: Iterable[str], word: str) -> None:
    seen = set()
    for position, name in enumerate(names, 1):
        if name in seen:
            raise DuplicateError(
                N_("Line {line}: {name} stands there twice."), field=f"{word}.{position}", line=position, name=name
            )
        seen.add(name)


def save_units(
    session: Session, item: str, units: Sequence[UnitSetup], *, version: int | None = None, by: str, today: date
) -> Record:
    """All units of an item beside its stock unit; one that is not among them goes out of use.

    Raises:
        DuplicateError: a unit stands there twice. ConflictError: somebody else changed the item. See save_unit.
    """
    thing = _item(session, item, version)
    _refuse_twice((unit.unit.strip().casefold() for unit in units), "units")
    known = {
        row.unit.casefold(): row
        for row in session.exec(select(ItemUnit).where(ItemUnit.item_id == thing.id, col(ItemUnit.active)))
    }
    kept = {unit.unit.strip().casefold(): unit for unit in units}
    for name, row in known.items():
        if name not in kept:
            save_unit(session, thing.code, row.unit, row.numerator, row.denominator, active=False, by=by, today=today)
    for name, unit in kept.items():
        old = known.get(name)
        if old is not None and unit == replace(
            unit,
            numerator=old.numerator,
            denominator=old.denominator,
            whole_units=old.whole_units,
            barcode=old.barcode or "",
        ):
            continue
        save_unit(
            session,
            thing.code,
            unit.unit,
            unit.numerator,
            unit.denominator,
            whole_units=unit.whole_units,
            barcode=unit.barcode,
            by=by,
            today=today,
        )
    return Record(thing.id, thing.code, False)


def save_codes(
    session: Session, item: str, codes: Sequence[CodeSetup], *, version: int | None = None, by: str, today: date
) -> Record:
    """All other codes of an item: barcodes, customers' and suppliers' codes; what is not among them goes out of use.

    Raises:
        DuplicateError: a code stands there twice, or means another item. ConflictError: somebody else changed the item.
        See save_item_code.
    """
    thing = _item(session, item, version)
    kept = [(row.code.strip().upper(), row.party.strip().upper()) for row in codes]
    _refuse_twice((f"{code} {party}".strip() for code, party in kept), "codes")
    parties = {
        row.id: row.code for row in session.exec(select(Party).join(ItemCode, col(ItemCode.party_id) == Party.id))
    }
    known = {
        (row.code, parties.get(row.party_id or 0, ""))
        for row in session.exec(select(ItemCode).where(ItemCode.item_id == thing.id, col(ItemCode.active)))
    }
    for code, party in sorted(known - set(kept)):
        save_item_code(session, thing.code, code, party=party, active=False, by=by, today=today)
    for code, party in kept:
        if (code, party) not in known:
            save_item_code(session, thing.code, code, party=party, by=by, today=today)
    return Record(thing.id, thing.code, False)


def save_suppliers(
    session: Session,
    item: str,
    suppliers: Sequence[SupplierItemSetup],
    *,
    version: int | None = None,
    by: str,
    today: date,
) -> Record:
    """All suppliers of an item with their prices; one that is not among them sells it no more.

    Raises:
        DuplicateError: a supplier stands there twice. ConflictError: somebody else changed the item. See save_supplier_item.
    """
    thing = _item(session, item, version)
    kept = {row.supplier.strip().upper(): row for row in suppliers}
    _refuse_twice((row.supplier.strip().upper() for row in suppliers), "suppliers")
    query = (
        select(SupplierItem, Party.code)
        .join(Party, col(Party.id) == col(SupplierItem.supplier_id))
        .where(SupplierItem.item_id == thing.id, col(SupplierItem.active))
    )
    known = {code: row for row, code in session.exec(query)}
    for code in sorted(known.keys() - kept.keys()):
        save_supplier_item(session, code, thing.code, active=False, by=by, today=today)
    for code, row in kept.items():
        old = known.get(code)
        values = {name: value for name, value in vars(row).items() if name != "supplier"}
        if old is None or any(getattr(old, name) != value for name, value in values.items()):
            save_supplier_item(session, code, thing.code, **values, active=True, by=by, today=today)
    thing.version += 1
    return Record(thing.id, thing.code, False)


def save_parts(
    session: Session, item: str, parts: Sequence[PartSetup], *, version: int | None = None, by: str, today: date
) -> Record:
    """All parts of a kit.

    Raises:
        DuplicateError: a part stands there twice. ConflictError: somebody else changed the item. See save_kit.
    """
    thing = _item(session, item, version)
    _refuse_twice((row.item.strip().upper() for row in parts), "parts")
    return save_kit(session, thing.code, {row.item: row.quantity for row in parts}, by=by, today=today)


def save_reorder_rules(
    session: Session, item: str, rules: Sequence[ReorderSetup], *, version: int | None = None, by: str, today: date
) -> Record:
    """All reorder rules of an item by warehouse; one that is not among them goes out of use.

    Raises:
        DuplicateError: a warehouse stands there twice. ConflictError: somebody else changed the item. See save_reorder_rule.
    """
    thing = _item(session, item, version)
    kept = {row.warehouse.strip().upper(): row for row in rules}
    _refuse_twice((row.warehouse.strip().upper() for row in rules), "rules")
    query = (
        select(ReorderRule, Warehouse.code)
        .join(Warehouse, col(Warehouse.id) == col(ReorderRule.warehouse_id))
        .where(ReorderRule.item_id == thing.id, col(ReorderRule.active))
    )
    known = {code: row for row, code in session.exec(query)}
    for code, old in sorted(known.items()):
        if code not in kept:
            save_reorder_rule(session, thing.code, warehouse=code, point=old.point, active=False, by=by, today=today)
    for code, row in kept.items():
        before = known.get(code)
        values = {name: value for name, value in vars(row).items() if name != "warehouse"}
        if before is None or any(getattr(before, name) != value for name, value in values.items()):
            save_reorder_rule(session, thing.code, warehouse=code, **values, by=by, today=today)
    thing.version += 1
    return Record(thing.id, thing.code, False)


def save_lots(
    session: Session, item: str, lots: Sequence[LotSetup], *, version: int | None = None, by: str, today: date
) -> Record:
    """Lots or serial numbers of an item with their expiry; those that are not named stay as they are.

    Raises:
        DuplicateError: a lot stands there twice. ConflictError: somebody else changed the item. See save_lot.
    """
    thing = _item(session, item, version)
    _refuse_twice((row.code.strip().upper() for row in lots), "lots")
    known = {lot.code: lot for lot in session.exec(select(Lot).where(Lot.item_id == thing.id))}
    for row in lots:
        old = known.get(" ".join(row.code.split()).upper())
        if old is not None and (old.expires_on, old.note) == (row.expires_on, row.note.strip()):
            continue
        save_lot(session, thing.code, row.code, expires_on=row.expires_on, note=row.note, by=by, today=today)
    thing.version += 1
    return Record(thing.id, thing.code, False)
