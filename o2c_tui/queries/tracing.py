"""Where a lot came from, where it lies and who got it, both ways. Rule: docs/rules/places.md. Quantities in stock units."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.models.item import Item, Location, Lot, Warehouse
from o2c_tui.models.stock import MoveKind, PlaceMove, StockMove
from o2c_tui.queries.lookups import items_coded, unknown
from o2c_tui.queries.places import PlaceLine, places
from o2c_tui.queries.stock import documents_of_moves, lines_moved
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)
RELOCATED = "relocated"
_moves, _stock = table_of(PlaceMove), table_of(StockMove)


@dataclass(frozen=True)
class LotMove:
    """One thing that happened to a lot: came in (positive), went out (negative), or was put into another bin."""

    id: int
    item: str
    lot: str
    on: date
    kind: str
    document_kind: str  # empty: from bin to bin
    document_id: int
    number: str
    party: str
    warehouse: str
    location: str
    quantity: Decimal


@dataclass(frozen=True)
class Holder:
    """Who has some of a lot: what was shipped to them and did not come back."""

    item: str
    lot: str
    customer: str
    quantity: Decimal
    numbers: tuple[str, ...]  # of the deliveries


@dataclass(frozen=True)
class TracedLot:
    """A lot with its expiry."""

    id: int
    item_id: int
    item: str
    name: str
    unit: str
    code: str
    expires_on: date | None
    note: str


@dataclass(frozen=True)
class Trace:
    """Lots, both ways: what brought them, where they lie, who has them; newest movements first."""

    lots: tuple[TracedLot, ...]
    moves: tuple[LotMove, ...]
    lying: tuple[PlaceLine, ...]
    holders: tuple[Holder, ...]


def trace(session: Session, lot_ids: Sequence[int]) -> Trace:
    """The story of some lots."""
    lots = tuple(
        TracedLot(*row)
        for row in session.execute(
            sa.select(
                col(Lot.id),
                col(Lot.item_id),
                col(Item.code),
                col(Item.name),
                col(Item.unit),
                col(Lot.code),
                col(Lot.expires_on),
                col(Lot.note),
            )
            .join(Item, col(Item.id) == col(Lot.item_id))
            .where(col(Lot.id).in_(sorted(set(lot_ids))))
            .order_by(col(Item.code), col(Lot.code))
        )
    )
    by_id = {lot.id: lot for lot in lots}
    query = (
        sa.select(
            _moves.c.id,
            _moves.c.lot_id,
            _moves.c.moved_on,
            _moves.c.quantity,
            sa.func.coalesce(col(Location.code), "").label("location"),
            col(Warehouse.code).label("warehouse"),
            _stock.c.kind,
            _stock.c.line_id,
        )
        .join(Warehouse, col(Warehouse.id) == _moves.c.warehouse_id)
        .outerjoin(Location, col(Location.id) == _moves.c.location_id)
        .outerjoin(_stock, _stock.c.id == _moves.c.move_id)
        .where(_moves.c.lot_id.in_(list(by_id)))
        .order_by(_moves.c.moved_on.desc(), _moves.c.id.desc())
    )
    rows = session.execute(query).all()
    named = documents_of_moves(session, [row for row in rows if row.kind is not None])
    moves = []
    for row in rows:
        lot = by_id[row.lot_id]
        known = named.get((row.kind, row.line_id)) if row.kind is not None else None
        word, key, number, party = known or ("", 0, "", "")
        kind = str(row.kind) if row.kind is not None else RELOCATED
        moves.append(
            LotMove(
                row.id,
                lot.item,
                lot.code,
                row.moved_on,
                kind,
                word,
                key,
                number,
                party,
                row.warehouse,
                row.location,
                row.quantity,
            )
        )
    items = sorted({lot.item_id for lot in lots})
    codes = {(lot.item, lot.code) for lot in lots}
    lying = tuple(line for key in items for line in places(session, item_id=key) if (line.code, line.lot) in codes)
    return Trace(lots, tuple(moves), lying, _holders(moves))


def _holders(moves: Sequence[LotMove]) -> tuple[Holder, ...]:
    held: dict[tuple[str, str, str], Decimal] = {}
    numbers: dict[tuple[str, str, str], dict[str, None]] = {}
    for move in reversed(moves):
        if move.kind not in (MoveKind.DELIVERY, MoveKind.RETURN):
            continue
        key = move.item, move.lot, move.party
        held[key] = held.get(key, ZERO) - move.quantity
        if move.kind == MoveKind.DELIVERY:
            numbers.setdefault(key, {})[move.number] = None
    return tuple(Holder(*key, part, tuple(numbers.get(key, ()))) for key, part in sorted(held.items()) if part > ZERO)


def lots_of_document(session: Session, kind: str, key: int) -> list[int]:
    """The lots that a document moved."""
    found: list[int] = []
    for move, lines in lines_moved(session, kind, key):
        query = (
            sa.select(_moves.c.lot_id)
            .join(_stock, _stock.c.id == _moves.c.move_id)
            .where(_stock.c.kind == move, _stock.c.line_id.in_(lines), _moves.c.lot_id.is_not(None))
            .distinct()
        )
        found += session.execute(query).scalars()
    return sorted(set(found))


def lots_named(session: Session, item: str, lot: str = "") -> list[int]:
    """The lot of an item with a code; without one all of its lots.

    Raises:
        UnknownCodeError: no such item or lot.
    """
    coded = items_coded(session, [item])
    if not coded:
        raise unknown(session, Item, N_("item"), item, "item")
    query = select(Lot.id).where(Lot.item_id == next(iter(coded.values())).item.id)
    if lot.strip():
        query = query.where(Lot.code == " ".join(lot.split()).upper())
    found = list(session.exec(query))
    if not found and lot.strip():
        raise unknown(session, Lot, N_("lot"), lot, "lot")
    return found
