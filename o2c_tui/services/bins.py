"""Bins and lots: made, changed, and goods put from one to another within a warehouse.

Rule: docs/rules/places.md.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, ConflictError, ShortStockError
from o2c_tui.models.item import Item, Location, Lot, Tracking, Warehouse, WarehouseKind
from o2c_tui.models.stock import PlaceStock
from o2c_tui.money import is_figure
from o2c_tui.queries.lookups import ItemFacts, items_coded, the_company, unknown, warehouse_by_code
from o2c_tui.queries.places import in_books, location_by_code
from o2c_tui.services.placing import PLACES, Spot, lot_named, put
from o2c_tui.services.records import Record, clean_code
from o2c_tui.services.reserving import locked_levels
from o2c_tui.services.rights import require_right
from o2c_tui.services.support import load
from o2c_tui.storage.chain import created, decide, record
from o2c_tui.texts import N_

ZERO = Decimal(0)


def save_location(
    session: Session,
    code: str,
    *,
    warehouse: str = "",
    name: str | None = None,
    pick_order: int | None = None,
    active: bool | None = None,
    version: int | None = None,
    by: str,
    today: date,
) -> Record:
    """Make or change a bin of a warehouse; goods are picked in the order of `pick_order`, then of the code.

    Raises:
        NotAllowedError: this person may not. BadValueError: goods lie in a bin that is to go out of use.
        ConflictError: somebody else changed it meanwhile.
    """
    require_right(session, by, N_("change warehouses"))
    code = clean_code(code)
    place = warehouse_by_code(session, warehouse or the_company(session).default_warehouse)
    if place.kind is WarehouseKind.TRANSIT:
        raise BadValueError(N_("Goods in transit lie in no bin."), field="warehouse")
    query = select(Location).where(Location.code == code, Location.warehouse_id == place.id)
    found = session.exec(query).one_or_none()
    told = {"name": name.strip() if name is not None else None, "pick_order": pick_order, "active": active}
    values: dict[str, Any] = {key: value for key, value in told.items() if value is not None}
    is_new = found is None
    if found is None:
        found = Location(warehouse_id=place.id, code=code, **values)
        session.add(found)
        session.flush()
        created(session, found)
    else:
        if version is not None and found.version != version:
            raise ConflictError(N_("Somebody else has changed {code} meanwhile. Look at it again (F5)."), code=code)
        used = select(PlaceStock).where(PlaceStock.location_id == found.id, PlaceStock.quantity > 0).limit(1)
        if active is False and session.exec(used).first() is not None:
            raise BadValueError(N_("Goods lie in {code}; put them elsewhere first."), field="active", code=code)
        decide(session, found, **values)
        found.version += 1
    record(session, "save_location", found, by=by)
    return Record(found.id, code, is_new)


def save_lot(
    session: Session,
    item: str,
    code: str,
    *,
    expires_on: date | None = None,
    note: str | None = None,
    by: str,
    today: date,
) -> Record:
    """Make a lot or serial number of an item known, or put its expiry or note right; None leaves them.

    Raises:
        BadValueError: the item is not tracked.
    """
    thing = _stocked_item(session, item)
    known = session.exec(select(Lot.id).where(Lot.item_id == thing.id, Lot.code == code.strip().upper())).first()
    if not code.strip():
        raise BadValueError(N_("Give the code of the lot."), field="code")
    key = lot_named(session, thing, Spot(lot=code), incoming=True, field="code")
    lot = load(session, Lot, key)
    told = {"expires_on": expires_on, "note": note.strip() if note is not None else None}
    decide(session, lot, **{name: value for name, value in told.items() if value is not None})
    record(session, "save_lot", lot, by=by)
    return Record(lot.id, lot.code, known is None)


def _stocked_item(session: Session, code: str) -> ItemFacts:
    found = items_coded(session, [code]).get(code.strip().upper())
    if found is None:
        raise unknown(session, Item, N_("item"), code, "item")
    if not found.item.stocked:
        raise BadValueError(N_("{item} is not kept in stock."), field="item", item=found.item.code)
    return found.item


def put_away(
    session: Session,
    item: str,
    location: str,
    quantity: Decimal | None = None,
    *,
    lot: str = "",
    warehouse: str = "",
    by: str,
    today: date,
) -> Decimal:
    """Put what lies in no bin into one: a quantity, or all there is; returns how much.

    Raises:
        see relocate. ShortStockError: nothing lies outside the bins.
    """
    return relocate(session, item, quantity, to=location, lot=lot, warehouse=warehouse, by=by, today=today)


def relocate(
    session: Session,
    item: str,
    quantity: Decimal | None = None,
    *,
    source: str = "",
    to: str = "",
    lot: str = "",
    warehouse: str = "",
    by: str,
    today: date,
) -> Decimal:
    """Put goods of a warehouse from one bin into another; no bin is where goods lie that were never put away.

    All that is there without a quantity. Stock, cost and ledger do not change. Returns how much was moved.

    Raises:
        UnknownCodeError: item, bin or lot is not known. BadValueError: from a bin into itself, or lots that do not fit.
        ShortStockError: less lies there.
    """
    thing = _stocked_item(session, item)
    place = warehouse_by_code(session, warehouse or the_company(session).default_warehouse)
    from_id = location_by_code(session, place.id, source, field="source").id if source.strip() else 0
    target = location_by_code(session, place.id, to, field="to") if to.strip() else None
    to_id = target.id if target is not None else 0
    if from_id == to_id:
        raise BadValueError(N_("Choose another bin: goods lie there already."), field="to")
    if target is not None and not target.active:
        raise BadValueError(N_("Bin {code} is not used any more."), field="to", code=target.code)
    if thing.tracked and not lot.strip():
        raise BadValueError(N_("{item} is tracked: say which lot."), field="lot", item=thing.code)
    lot_id = lot_named(session, thing, Spot(lot=lot), incoming=False, field="lot")
    there = _there(session, thing, place, from_id, lot_id)
    part = there if quantity is None else quantity
    if not part or not is_figure(part, PLACES, there) or (thing.tracking is Tracking.SERIAL and part != 1):
        raise ShortStockError(
            N_("{item}: {wanted} wanted from {place}, {available} there."),
            field="quantity",
            item=thing.code,
            wanted=part,
            place=source.strip().upper() or "–",
            available=there,
        )
    rows = [
        {
            "move_id": None,
            "item_id": thing.id,
            "warehouse_id": place.id,
            "location_id": bin_id or None,
            "lot_id": lot_id or None,
            "quantity": moved,
            "moved_on": today,
        }
        for bin_id, moved in ((from_id, -part), (to_id, part))
        if bin_id or lot_id
    ]
    facts = put(session, rows)
    record(session, "relocate", load(session, Item, thing.id), by=by, facts=facts)
    return part


def _there(session: Session, item: ItemFacts, place: Warehouse, location_id: int, lot_id: int) -> Decimal:
    """What of an item lies in one place, its level locked."""
    locked_levels(session, [item.id], place.id)
    found = in_books(session, [item.id], place.id)[item.id]
    return next((p.quantity for p in found if (p.location_id, p.lot_id) == (location_id, lot_id)), ZERO)


def auto_made(session: Session, kind: WarehouseKind, code: str, name: str, parent: Warehouse | None) -> Warehouse:
    """A warehouse of a kind that is not a store, made on first need: its entry tells of it.

    A code that is taken gets a figure at its end.
    """
    query = select(Warehouse).where(
        Warehouse.kind == kind, col(Warehouse.parent_id) == (parent.id if parent is not None else None)
    )
    found = session.exec(query.order_by(col(Warehouse.active).desc(), col(Warehouse.id))).first()
    if found is not None:
        return found
    taken = set(session.execute(sa.select(col(Warehouse.code))).scalars())
    free = next(c for c in (code, *(f"{code[:20]}-{n}" for n in range(2, 1000))) if c not in taken)
    made = Warehouse(code=free, name=name, kind=kind, parent_id=parent.id if parent is not None else None)
    session.add(made)
    session.flush()
    created(session, made)
    return made
