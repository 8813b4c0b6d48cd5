"""What an item is beside its card: its units, its other codes, a kit's parts, and when it is to be bought.

Rule: docs/rules/masters.md.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session, select

from o2c_tui.errors import BadValueError, DuplicateError
from o2c_tui.models.item import Item, ItemCode, ItemKind, ItemUnit, KitPart, ReorderRule
from o2c_tui.queries.lookups import party_by_code, the_company, unknown, warehouse_by_code
from o2c_tui.services.records import Record, clean_code
from o2c_tui.storage.chain import created, decide, record
from o2c_tui.storage.rows import LOCK
from o2c_tui.texts import N_

ZERO = Decimal(0)
MOST_FACTOR = 1_000_000_000


def _item(session: Session, code: str, *, field: str = "item") -> Item:
    found = session.exec(select(Item).where(Item.code == code.strip().upper()).with_for_update(**LOCK)).one_or_none()
    if found is None:
        raise unknown(session, Item, N_("item"), code, field)
    return found


def save_unit(
    session: Session,
    item: str,
    unit: str,
    numerator: int,
    denominator: int = 1,
    *,
    whole_units: bool = False,
    barcode: str = "",
    active: bool = True,
    by: str,
    today: date,
) -> Record:
    """A unit an item is bought or sold in: one of it is numerator ÷ denominator stock units (a box of 12: 12, 1).

    What was ordered in it keeps the factor it was ordered with.

    Raises:
        BadValueError: no name, the stock unit's own name, or a factor out of bounds. DuplicateError: its barcode is another's.
    """
    thing = _item(session, item)
    name = unit.strip()
    if not name or name.casefold() == thing.unit.casefold() or any(c in "*@#=-" or c.isdigit() for c in name):
        raise BadValueError(
            N_("'{unit}' cannot be a unit of {item}: give letters, and not its stock unit."),
            field="unit",
            unit=unit,
            item=thing.code,
        )
    if not 0 < numerator <= MOST_FACTOR or not 0 < denominator <= MOST_FACTOR:
        raise BadValueError(N_("A unit is so many stock units: give whole numbers from 1 on."), field="numerator")
    if not active and name.casefold() == thing.sale_unit.casefold():
        raise BadValueError(
            N_("{item} is sold in '{unit}': take another sale unit on its card first."),
            field="unit",
            item=thing.code,
            unit=name,
        )
    _refuse_taken_barcode(session, barcode.strip(), but=thing.id)
    found = next(
        (
            u
            for u in session.exec(select(ItemUnit).where(ItemUnit.item_id == thing.id))
            if u.unit.casefold() == name.casefold()
        ),
        None,
    )
    values: dict[str, Any] = {
        "numerator": numerator,
        "denominator": denominator,
        "whole_units": whole_units,
        "barcode": barcode.strip() or None,
        "active": active,
    }
    is_new = found is None
    if found is None:
        found = ItemUnit(item_id=thing.id, unit=name, **values)
        session.add(found)
        session.flush()
        created(session, found)
    else:
        decide(session, found, **values)
    thing.version += 1
    record(session, "save_unit", thing, by=by)
    return Record(found.id, name, is_new)


def _refuse_taken_barcode(session: Session, barcode: str, *, but: int) -> None:
    if not barcode:
        return
    owner = session.exec(select(Item).where(Item.barcode == barcode)).first()
    if owner is None:
        unit = session.exec(select(ItemUnit).where(ItemUnit.barcode == barcode, ItemUnit.item_id != but)).first()
        owner = session.get(Item, unit.item_id) if unit is not None else None
    if owner is not None:
        raise DuplicateError(
            N_("The barcode {barcode} is that of {code}."), field="barcode", barcode=barcode, code=owner.code
        )


def save_item_code(
    session: Session, item: str, code: str, *, party: str = "", active: bool = True, by: str, today: date
) -> Record:
    """One more code of an item: what a customer or a supplier calls it, or, without a party, one more barcode.

    Raises:
        DuplicateError: the code means another item already.
    """
    thing = _item(session, item)
    clean = clean_code(code)
    owner = party_by_code(session, party, word=N_("customer or supplier"), field="party") if party else None
    if session.exec(select(Item).where(Item.code == clean, Item.id != thing.id)).first() is not None:
        raise DuplicateError(N_("{code} is the code of another item."), field="code", code=clean)
    query = select(ItemCode).where(ItemCode.code == clean, ItemCode.party_id == (owner.id if owner else None))
    found = session.exec(query).one_or_none()
    if found is not None and found.active and found.item_id != thing.id:
        other = session.get(Item, found.item_id)
        raise DuplicateError(
            N_("{code} means {other} already."), field="code", code=clean, other=other.code if other else ""
        )
    is_new = found is None
    if found is None:
        found = ItemCode(item_id=thing.id, code=clean, party_id=owner.id if owner else None, active=active)
        session.add(found)
        session.flush()
        created(session, found)
    else:
        decide(session, found, item_id=thing.id, active=active)
    thing.version += 1
    record(session, "save_item_code", thing, by=by)
    return Record(found.id, clean, is_new)


def save_kit(session: Session, kit: str, parts: Mapping[str, Decimal], *, by: str, today: date) -> Record:
    """What one kit is made of: quantities by item code, in each item's stock unit; items not named are no part of it.

    Deliveries take the parts as they are when they ship.

    Raises:
        BadValueError: it is no kit, a part is no stocked item, or a quantity is not more than 0.
    """
    thing = _item(session, kit, field="kit")
    if thing.kind is not ItemKind.KIT:
        raise BadValueError(N_("{item} is no kit."), field="kit", item=thing.code)
    if not parts:
        raise BadValueError(N_("A kit has at least one part."), field="parts")
    wanted: dict[int, Decimal] = {}
    for code, quantity in parts.items():
        part = _item(session, code, field="parts")
        if part.kind is not ItemKind.STOCKED:
            raise BadValueError(N_("{item} is not kept in stock; it cannot be a part."), field="parts", item=part.code)
        if quantity <= ZERO or (part.whole_units and quantity != quantity.to_integral_value()):
            raise BadValueError(
                N_("{item}: give a quantity of more than 0, whole where it comes in whole units."),
                field="parts",
                item=part.code,
            )
        wanted[part.id] = quantity
    known = {row.item_id: row for row in session.exec(select(KitPart).where(KitPart.kit_id == thing.id))}
    for key, row in known.items():
        decide(session, row, quantity=wanted.get(key, ZERO))
    for key, quantity in wanted.items():
        if key not in known:
            fresh = KitPart(kit_id=thing.id, item_id=key, quantity=quantity)
            session.add(fresh)
            session.flush()
            created(session, fresh)
    thing.version += 1
    record(session, "save_kit", thing, by=by)
    return Record(thing.id, thing.code, False)


def save_reorder_rule(
    session: Session,
    item: str,
    *,
    warehouse: str = "",
    point: Decimal,
    target: Decimal = ZERO,
    pack: Decimal = ZERO,
    lead_time_days: int = 0,
    active: bool = True,
    by: str,
    today: date,
) -> Record:
    """When and how much to buy of an item for a warehouse: due at or below `point`, filled up to `target` in `pack`s.

    Raises:
        BadValueError: a figure below 0, or a target below the point; the item is not kept in stock.
    """
    thing = _item(session, item)
    place = warehouse_by_code(session, warehouse or the_company(session).default_warehouse)
    if thing.kind is not ItemKind.STOCKED:
        raise BadValueError(N_("{item} is not kept in stock."), field="item", item=thing.code)
    if min(point, target, pack) < ZERO or lead_time_days < 0:
        raise BadValueError(N_("Give figures of 0 or more."), field="point")
    if target and target < point:
        raise BadValueError(N_("The target cannot be below the reorder point."), field="target")
    query = select(ReorderRule).where(ReorderRule.item_id == thing.id, ReorderRule.warehouse_id == place.id)
    found = session.exec(query).one_or_none()
    values: dict[str, Any] = {
        "point": point,
        "target": target,
        "pack": pack,
        "lead_time_days": lead_time_days,
        "active": active,
    }
    is_new = found is None
    if found is None:
        found = ReorderRule(item_id=thing.id, warehouse_id=place.id, **values)
        session.add(found)
        session.flush()
        created(session, found)
    else:
        decide(session, found, **values)
        found.version += 1
    record(session, "save_reorder_rule", thing, by=by)
    return Record(found.id, thing.code, is_new)
