"""What lies in which bin and of which lot. Rule: docs/rules/places.md. Quantities in stock units."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.models.base import QUANTITY
from o2c_tui.models.delivery import Delivery, DeliveryPick, DeliveryState
from o2c_tui.models.item import Item, Location, Lot, Warehouse
from o2c_tui.models.stock import PlaceMove, PlaceStock, StockLevel, StockMove
from o2c_tui.queries.lookups import items_by_code, items_by_id, unknown, warehouse_by_code
from o2c_tui.queries.needs import parts_of
from o2c_tui.rules.picking import Lying, Part
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)
_stock, _moves = table_of(PlaceStock), table_of(PlaceMove)


def lying(session: Session, item_ids: Iterable[int], warehouse_id: int) -> dict[int, list[Lying]]:
    """By item: the bins and lots of a warehouse that hold some of it."""
    query = (
        sa.select(
            _stock.c.item_id,
            _stock.c.location_id,
            _stock.c.lot_id,
            _stock.c.quantity,
            sa.func.coalesce(col(Location.code), ""),
            sa.func.coalesce(col(Lot.code), ""),
            sa.func.coalesce(col(Location.pick_order), 0),
            col(Lot.expires_on),
        )
        .outerjoin(Location, col(Location.id) == _stock.c.location_id)
        .outerjoin(Lot, col(Lot.id) == _stock.c.lot_id)
        .where(_stock.c.item_id.in_(sorted(set(item_ids))), _stock.c.warehouse_id == warehouse_id)
    )
    found: dict[int, list[Lying]] = {}
    for row in session.execute(query):
        found.setdefault(row[0], []).append(Lying(*row[1:]))
    return found


def in_books(session: Session, item_ids: Iterable[int], warehouse_id: int) -> dict[int, list[Lying]]:
    """By item: all that is on hand in a warehouse, by bin and lot; of untracked goods what lies in no bin too.

    An item without any stock has one place without bin and lot that holds nothing.
    """
    keys = sorted(set(item_ids))
    levels = table_of(StockLevel)
    on_hand: dict[int, Decimal] = {}
    for start in range(0, len(keys), 800):
        query = sa.select(levels.c.item_id, levels.c.on_hand).where(
            levels.c.warehouse_id == warehouse_id, levels.c.item_id.in_(keys[start : start + 800])
        )
        on_hand |= {item: there for item, there in session.execute(query)}
    found: dict[int, list[Lying]] = {}
    for start in range(0, len(keys), 800):
        found |= lying(session, keys[start : start + 800], warehouse_id)
    for item in keys:
        mine = found.setdefault(item, [])
        loose = on_hand.get(item, ZERO) - sum((place.quantity for place in mine), ZERO)
        if loose or not mine:
            mine.append(Lying(0, 0, loose))
    return found


def set_aside_elsewhere(
    session: Session, item_ids: Iterable[int], warehouse_id: int, *, but: int = 0
) -> dict[tuple[int, int, int], Decimal]:
    """What open deliveries other than `but` have picked already, by item, bin and lot."""
    query = (
        sa.select(
            col(DeliveryPick.item_id),
            sa.func.coalesce(col(DeliveryPick.location_id), 0),
            sa.func.coalesce(col(DeliveryPick.lot_id), 0),
            sa.func.sum(col(DeliveryPick.quantity), type_=QUANTITY),
        )
        .join(Delivery, col(Delivery.id) == col(DeliveryPick.delivery_id))
        .where(
            col(Delivery.state).in_((DeliveryState.PICKED, DeliveryState.PACKED)),
            col(Delivery.warehouse_id) == warehouse_id,
            col(Delivery.id) != but,
            col(DeliveryPick.item_id).in_(sorted(set(item_ids))),
        )
        .group_by(col(DeliveryPick.item_id), col(DeliveryPick.location_id), col(DeliveryPick.lot_id))
    )
    return {(item, location, lot): quantity for item, location, lot, quantity in session.execute(query)}


def has_bins(session: Session, warehouse_id: int) -> bool:
    """Whether a warehouse has bins in use: then goods are picked by a list before they leave."""
    query = sa.select(col(Location.id)).where(col(Location.warehouse_id) == warehouse_id, col(Location.active)).limit(1)
    return session.execute(query).scalar_one_or_none() is not None


def location_by_code(session: Session, warehouse_id: int, code: str, *, field: str = "location") -> Location:
    """The bin with this code in a warehouse.

    Raises:
        UnknownCodeError: there is none.
    """
    query = select(Location).where(Location.code == code.strip().upper(), Location.warehouse_id == warehouse_id)
    found = session.exec(query).one_or_none()
    if found is None:
        raise unknown(session, Location, N_("bin"), code, field)
    return found


def bin_named(session: Session, warehouse: str, code: str) -> str:
    """The code of a bin of a warehouse (its code) as it is stored.

    Raises:
        UnknownCodeError: there is no such warehouse or bin.
    """
    return location_by_code(session, warehouse_by_code(session, warehouse).id, code).code


@dataclass(frozen=True)
class LinePlaces:
    """What a line of a document has to say of places."""

    place: str  # code of the warehouse
    unit: str  # stock unit of its item
    tracked: bool  # its item, or a part of the kit
    bins: bool  # the warehouse has some
    parts: tuple[str, ...]  # of a kit: the items it takes


def parts_of_line(session: Session, line: Mapping[str, Any], warehouse_id: int | None) -> LinePlaces:
    """What a line's goods are asked about in a warehouse: lots where they are tracked, bins where there are some."""
    place = session.get_one(Warehouse, warehouse_id)
    needed = [part.item_id for part in parts_of(session, [line]).get(line["id"], ())]
    items = items_by_id(session, [*needed, line["item_id"]])
    return LinePlaces(
        place.code,
        items[line["item_id"]].unit,
        any(items[key].tracked for key in needed),
        has_bins(session, place.id),
        tuple(items[key].code for key in needed) if needed != [line["item_id"]] else (),
    )


def places_asked(session: Session, item: str, warehouse: str) -> LinePlaces:
    """What goods of an item (its code) are asked about in a warehouse (its code)."""
    place = warehouse_by_code(session, warehouse)
    facts = items_by_code(session, [item])[item]
    return LinePlaces(place.code, facts.unit, facts.tracked, has_bins(session, place.id), ())


@dataclass(frozen=True)
class BinHit:
    """A bin that fits; how much of one item lies in it."""

    code: str
    name: str
    quantity: Decimal


def find_bins(session: Session, warehouse: str, text: str, *, item: str = "", limit: int = 8) -> list[BinHit]:
    """Bins in use of a warehouse whose code or name begins so; those where an item lies come first."""
    there = (
        sa.select(sa.func.coalesce(sa.func.sum(_stock.c.quantity), 0))
        .join(Item, col(Item.id) == _stock.c.item_id)
        .where(_stock.c.location_id == col(Location.id), col(Item.code) == item)
        .scalar_subquery()
    )
    needle = text.strip().upper()
    query = (
        sa.select(col(Location.code), col(Location.name), sa.type_coerce(there, QUANTITY))
        .join(Warehouse, col(Warehouse.id) == col(Location.warehouse_id))
        .where(
            col(Warehouse.code) == warehouse,
            col(Location.active),
            sa.or_(
                col(Location.code).startswith(needle, autoescape=True),
                sa.func.upper(col(Location.name)).startswith(needle, autoescape=True),
            ),
        )
        .order_by((there == 0), col(Location.pick_order), col(Location.code))
    )
    return [BinHit(*row) for row in session.execute(query.limit(limit))]


@dataclass(frozen=True)
class LotHit:
    """A lot that fits, and how much of it there is."""

    code: str
    expires_on: date | None
    quantity: Decimal


def find_lots(session: Session, item: str, text: str, *, warehouse: str = "", limit: int = 8) -> list[LotHit]:
    """Lots of an item (its code) that begin so, in one warehouse or in all; what expires first comes first."""
    stock = sa.select(sa.func.coalesce(sa.func.sum(_stock.c.quantity), 0)).where(_stock.c.lot_id == col(Lot.id))
    if warehouse:
        places = sa.select(col(Warehouse.id)).where(col(Warehouse.code) == warehouse)
        stock = stock.where(_stock.c.warehouse_id.in_(places))
    there = stock.scalar_subquery()
    query = (
        sa.select(col(Lot.code), col(Lot.expires_on), sa.type_coerce(there, QUANTITY))
        .join(Item, col(Item.id) == col(Lot.item_id))
        .where(col(Item.code) == item, col(Lot.code).startswith(text.strip().upper(), autoescape=True))
        .order_by((there == 0), (col(Lot.expires_on).is_(None)), col(Lot.expires_on), col(Lot.code))
    )
    return [LotHit(*row) for row in session.execute(query.limit(limit))]


def still_out(session: Session, move_ids: Iterable[int]) -> dict[int, list[Part]]:
    """By outgoing stock move: what it took from which bin and of which lot, less what came back of each lot since; newest
    first."""
    keys = sorted(set(move_ids))
    stock = table_of(StockMove)
    out = sa.func.coalesce(stock.c.undoes_id, stock.c.id)
    query = (
        sa.select(
            out,
            stock.c.undoes_id.is_not(None),
            sa.func.coalesce(_moves.c.location_id, 0),
            sa.func.coalesce(_moves.c.lot_id, 0),
            _moves.c.quantity,
        )
        .join(stock, stock.c.id == _moves.c.move_id)
        .where(sa.or_(stock.c.id.in_(keys), stock.c.undoes_id.in_(keys)))
        .order_by(_moves.c.id.desc())
    )
    taken: dict[int, list[Part]] = {}
    back: dict[tuple[int, int], Decimal] = {}
    for move, came_back, location, lot, quantity in session.execute(query):
        if came_back:
            back[move, lot] = back.get((move, lot), ZERO) + quantity
        else:
            taken.setdefault(move, []).append(Part(location, lot, -quantity))
    found: dict[int, list[Part]] = {}
    for move, parts in taken.items():
        for part in parts:
            gone = min(back.get((move, part.lot_id), ZERO), part.quantity)
            if gone:
                back[move, part.lot_id] -= gone
            if part.quantity > gone:
                found.setdefault(move, []).append(Part(part.location_id, part.lot_id, part.quantity - gone))
    return found


@dataclass(frozen=True)
class PlaceLine:
    """What of an item lies in one bin, and of which lot."""

    item_id: int
    code: str
    name: str
    unit: str
    warehouse: str
    location: str
    lot: str
    expires_on: date | None
    quantity: Decimal


def places(
    session: Session, *, item_id: int | None = None, warehouse_id: int | None = None, location_id: int | None = None
) -> list[PlaceLine]:
    """Where what lies: of an item, of a warehouse, or of one bin; what lies in no bin of its warehouse has an empty one.

    Goods without a lot that lie in no bin are what is on hand beyond the bins.
    """
    wanted: list[Any] = []
    if item_id is not None:
        wanted.append(col(Item.id) == item_id)
    if warehouse_id is not None:
        wanted.append(col(Warehouse.id) == warehouse_id)
    head = (col(Item.id), col(Item.code), col(Item.name), col(Item.unit), col(Warehouse.code))
    stored = (
        sa.select(
            *head,
            sa.func.coalesce(col(Location.code), ""),
            sa.func.coalesce(col(Lot.code), ""),
            col(Lot.expires_on),
            _stock.c.quantity,
        )
        .join(Item, col(Item.id) == _stock.c.item_id)
        .join(Warehouse, col(Warehouse.id) == _stock.c.warehouse_id)
        .outerjoin(Location, col(Location.id) == _stock.c.location_id)
        .outerjoin(Lot, col(Lot.id) == _stock.c.lot_id)
        .where(*wanted)
    )
    if location_id is not None:
        stored = stored.where(_stock.c.location_id == location_id)
    found = [PlaceLine(*row) for row in session.execute(stored)]
    if location_id is None:
        levels = table_of(StockLevel)
        placed = (
            sa.select(sa.func.coalesce(sa.func.sum(_stock.c.quantity), 0))
            .where(_stock.c.item_id == levels.c.item_id, _stock.c.warehouse_id == levels.c.warehouse_id)
            .scalar_subquery()
        )
        loose = (
            sa.select(
                *head,
                sa.literal(""),
                sa.literal(""),
                sa.null(),
                sa.type_coerce(levels.c.on_hand - placed, QUANTITY),
            )
            .select_from(levels)
            .join(Item, col(Item.id) == levels.c.item_id)
            .join(Warehouse, col(Warehouse.id) == levels.c.warehouse_id)
            .where(*wanted, levels.c.on_hand - placed > 0)
        )
        found += [PlaceLine(*row) for row in session.execute(loose)]
    return sorted(found, key=lambda line: (line.warehouse, line.location, line.code, line.lot))


def content_of(session: Session, warehouse: str, location: str = "") -> list[PlaceLine]:
    """What lies in a warehouse (its code), or in one of its bins.

    Raises:
        UnknownCodeError: there is no such warehouse or bin.
    """
    place = warehouse_by_code(session, warehouse)
    key = location_by_code(session, place.id, location).id if location else None
    return places(session, warehouse_id=place.id, location_id=key)
