"""Bins and lots behind every movement: what comes in is put somewhere, what goes out is taken from there.

A lot-tracked item says its lots on every movement, a serial-tracked one each piece; of others the bins are optional, and
what lies in none is what is on hand beyond them. Called by services/costing.py for each movement, so that none forgets.
Rule: docs/rules/places.md.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, DuplicateError, MissingValueError, OverQuantityError, ShortStockError
from o2c_tui.models.item import Location, Lot, Tracking
from o2c_tui.models.stock import PlaceMove, PlaceStock
from o2c_tui.money import is_figure
from o2c_tui.queries.lookups import ItemFacts, items_by_id, unknown
from o2c_tui.queries.places import location_by_code, lying, set_aside_elsewhere
from o2c_tui.rules.picking import Lying, Part, Parts, in_order, taken
from o2c_tui.services.posting import Facts
from o2c_tui.services.support import warn
from o2c_tui.storage.chain import created
from o2c_tui.storage.rows import insert_rows, table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)
ONE = Decimal(1)
PLACES = 6
_stock = table_of(PlaceStock)
_at = sa.and_(
    _stock.c.item_id == sa.bindparam("_item"),
    _stock.c.warehouse_id == sa.bindparam("_warehouse"),
    _stock.c.location_id == sa.bindparam("_location"),
    _stock.c.lot_id == sa.bindparam("_lot"),
)
_ADD = (
    sa.update(_stock)
    .where(_at)
    .values(quantity=_stock.c.quantity + sa.bindparam("_quantity", type_=_stock.c.quantity.type))
)
_DROP = sa.delete(_stock).where(_at, _stock.c.quantity == 0)


@dataclass(frozen=True)
class Spot:
    """Where goods are put or taken from, as a clerk says it: bin and lot by their codes.

    `quantity` in stock units; None: what the other spots of the line leave, of a serial number one.
    """

    location: str = ""
    lot: str = ""
    quantity: Decimal | None = None
    expires_on: date | None = None  # of a lot that comes in for the first time


class Placed(Protocol):
    """What a movement's line says of places: `In` and `Out` of services/costing.py."""

    @property
    def item_id(self) -> int: ...
    @property
    def quantity(self) -> Decimal: ...
    @property
    def places(self) -> Parts: ...
    @property
    def field(self) -> str: ...


class Leaving(Placed, Protocol):
    """What a line that goes out says beside."""

    @property
    def picking(self) -> int | None: ...
    @property
    def exact(self) -> bool: ...


# -- what a clerk says -----------------------------------------------------------------------------------------------


def read_spots(
    session: Session,
    item: ItemFacts,
    spots: Sequence[Spot],
    quantity: Decimal,
    warehouse_id: int,
    *,
    incoming: bool = False,
    field: str = "",
) -> Parts:
    """Bins and lots said by their codes; a lot that is not known yet is made where goods come in.

    Raises:
        UnknownCodeError: no such bin or lot. BadValueError: a figure that does not fit the line, or a lot of an item that
        has none.
    """
    left = quantity
    parts = []
    for spot in sorted(spots, key=lambda s: s.quantity is None):
        part = spot.quantity
        if part is None:
            part = ONE if item.tracking is Tracking.SERIAL and spot.lot else left
        if not part or not is_figure(part, PLACES, left):
            raise BadValueError(
                N_("{item}: the places are for {told}, the line for {quantity}."),
                field=field,
                item=item.code,
                told=quantity - left + part,
                quantity=quantity,
            )
        left -= part
        bin_id = 0
        if spot.location.strip():
            place = location_by_code(session, warehouse_id, spot.location, field=field or "location")
            if incoming and not place.active:
                raise BadValueError(N_("Bin {code} is not used any more."), field=field, code=place.code)
            bin_id = place.id
        parts.append(Part(bin_id, lot_named(session, item, spot, incoming=incoming, field=field), part))
    return tuple(parts)


def one_place(parts: Parts) -> dict[str, int | None]:
    """The bin and the lot of a line that has one of each, as its columns keep them; several are told by place moves."""
    bins, lots = {part.location_id for part in parts}, {part.lot_id for part in parts}
    return {
        "location_id": (next(iter(bins)) or None) if len(bins) == 1 else None,
        "lot_id": (next(iter(lots)) or None) if len(lots) == 1 else None,
    }


def lot_named(session: Session, item: ItemFacts, spot: Spot, *, incoming: bool, field: str) -> int:
    """The lot of an item with a code; 0 for none.

    Raises:
        BadValueError: the item is not tracked, or the lot expires on another day. UnknownCodeError: no such lot.
    """
    code = " ".join(spot.lot.split()).upper()
    if not code:
        return 0
    if not item.tracked:
        raise BadValueError(N_("{item} is not tracked by lots; leave the lot empty."), field=field, item=item.code)
    if len(code) > 40 or not code.isprintable():
        raise BadValueError(N_("'{code}' cannot be a lot: use 1 to 40 signs."), field=field, code=code)
    found = session.exec(select(Lot).where(Lot.item_id == item.id, Lot.code == code)).one_or_none()
    if found is None and not incoming:
        raise unknown(session, Lot, N_("lot"), spot.lot, field or "lot")
    if found is None:
        found = Lot(item_id=item.id, code=code, expires_on=spot.expires_on)
        session.add(found)
        session.flush()
        created(session, found)
    elif spot.expires_on is not None and found.expires_on != spot.expires_on:
        raise BadValueError(
            N_("Lot {lot} of {item} expires on {known}, not on {told}."),
            field=field,
            lot=code,
            item=item.code,
            known=found.expires_on.isoformat() if found.expires_on else "–",
            told=spot.expires_on.isoformat(),
        )
    return found.id


# -- what a movement does ----------------------------------------------------------------------------------------------


def places_in(session: Session, lines: Sequence[Placed]) -> list[Parts]:
    """Where each incoming line is put; refuses a tracked item whose lots are not said.

    Raises:
        MissingValueError: lots are missing. BadValueError: they do not fit. DuplicateError: a serial number is here already.
    """
    items = items_by_id(session, (line.item_id for line in lines))
    serials: dict[int, str] = {}
    for line in lines:
        item = items[line.item_id]
        told = sum((part.quantity for part in line.places), ZERO)
        if told > line.quantity or (not item.tracked and any(part.lot_id for part in line.places)):
            raise _does_not_fit(item, told, line)
        if item.tracked:
            _require_lots(item, line.places, line)
        if item.tracking is Tracking.SERIAL:
            for part in line.places:
                if part.quantity != ONE or part.lot_id in serials:
                    raise BadValueError(
                        N_("{item} is tracked by serial number: one number for each piece."),
                        field=line.field,
                        item=item.code,
                    )
                serials[part.lot_id] = line.field
    _refuse_present(session, serials)
    return [line.places for line in lines]


def _does_not_fit(item: ItemFacts, told: Decimal, line: Placed) -> BadValueError:
    return BadValueError(
        N_("{item}: the places are for {told}, the line for {quantity}."),
        field=line.field,
        item=item.code,
        told=told,
        quantity=line.quantity,
    )


def _require_lots(item: ItemFacts, parts: Parts, line: Placed) -> None:
    told = sum((part.quantity for part in parts if part.lot_id), ZERO)
    if told != line.quantity:
        template = (
            N_("{item} is tracked by serial number: say which pieces ({told} of {quantity} are said).")
            if item.tracking is Tracking.SERIAL
            else N_("{item} is tracked by lot: say which lots ({told} of {quantity} are said).")
        )
        raise MissingValueError(template, field=line.field, item=item.code, told=told, quantity=line.quantity)


def _refuse_present(session: Session, serials: Mapping[int, str]) -> None:
    if not serials:
        return
    query = sa.select(_stock.c.lot_id).where(_stock.c.lot_id.in_(sorted(serials)), _stock.c.quantity > 0).limit(1)
    there = session.execute(query).scalar_one_or_none()
    if there is not None:
        code = session.execute(sa.select(col(Lot.code)).where(col(Lot.id) == there)).scalar_one()
        raise DuplicateError(N_("Serial number {code} is in stock already."), field=serials[there], code=code)


@dataclass
class _Stack:
    """What of one item lies where in a warehouse, as one movement takes from it."""

    item: ItemFacts
    places: dict[tuple[int, int], Lying]

    def take(
        self,
        wanted: Decimal,
        *,
        bins_first: bool,
        fits: Callable[[Lying], bool] = lambda place: True,
        aside: Mapping[tuple[int, int], Decimal] | None = None,
    ) -> tuple[Parts, Decimal]:
        order = in_order((p for p in self.places.values() if fits(p)), bins_first=bins_first)
        free = [
            Lying(
                p.location_id,
                p.lot_id,
                p.quantity - min(p.quantity, (aside or {}).get((p.location_id, p.lot_id), ZERO)),
            )
            for p in order
        ]
        parts, left = taken(free, wanted)
        self._less(parts)
        if left and aside:  # what others have picked comes last
            more, left = taken([self.places[p.location_id, p.lot_id] for p in order], left)
            self._less(more)
            parts += more
        return parts, left

    def _less(self, parts: Parts) -> None:
        for part in parts:
            key = part.location_id, part.lot_id
            p = self.places[key]
            self.places[key] = Lying(
                p.location_id, p.lot_id, p.quantity - part.quantity, p.location, p.lot, p.pick_order, p.expires_on
            )


def places_out(
    session: Session, lines: Sequence[Leaving], warehouse_id: int, on_hand: Mapping[int, Decimal], on: date
) -> list[Parts]:
    """Where each outgoing line is taken from: the places it says, the rest from where it lies.

    A delivery (`picking`, its key) may leave the choice: what expires first, then the walk through the bins, what
    others have picked last. Other movements of tracked items say their lots; what no bin was said for is taken from
    what lies in none first.

    Raises:
        MissingValueError: lots are missing. ShortStockError: a place holds less. BadValueError: places that do not fit.
    """
    items = items_by_id(session, (line.item_id for line in lines))
    there = lying(session, items.keys() & {line.item_id for line in lines}, warehouse_id)
    if not there and not any(line.places or items[line.item_id].tracked for line in lines):
        return [()] * len(lines)
    stacks = {key: _stack(items[key], there.get(key, []), on_hand[key]) for key in {line.item_id for line in lines}}
    aside: dict[int, dict[tuple[int, int], Decimal]] = {}
    deliveries = {line.picking for line in lines if line.picking is not None}
    for delivery in deliveries:
        for (item, location, lot), part in set_aside_elsewhere(session, there, warehouse_id, but=delivery).items():
            aside.setdefault(item, {})[location, lot] = part
    return [_chosen(session, line, stacks[line.item_id], aside.get(line.item_id, {}), on) for line in lines]


def _stack(item: ItemFacts, there: Iterable[Lying], on_hand: Decimal) -> _Stack:
    places = {(place.location_id, place.lot_id): place for place in there}
    if not item.tracked:
        loose = on_hand - sum((place.quantity for place in places.values()), ZERO)
        places[0, 0] = Lying(0, 0, loose)
    return _Stack(item, places)


def _chosen(
    session: Session, line: Leaving, stack: _Stack, aside: Mapping[tuple[int, int], Decimal], on: date
) -> Parts:
    item, picking = stack.item, line.picking is not None
    told = sum((part.quantity for part in line.places), ZERO)
    if told > line.quantity:
        raise _does_not_fit(item, told, line)
    if item.tracked and not picking:
        _require_lots(item, line.places, line)
    parts: list[Part] = []
    for part in line.places:
        parts += _from_place(session, part, line, stack)
        if picking:
            _warn_if_expired(session, part, item, on)
    rest = line.quantity - told
    if rest and line.exact:
        raise _does_not_fit(item, told, line)
    if rest:
        found, left = stack.take(
            rest,
            bins_first=picking,
            fits=lambda place: not picking or place.expires_on is None or place.expires_on >= on,
            aside=aside,
        )
        parts += found
        if left:
            expired = sum((place.quantity for place in stack.places.values()), ZERO)
            template = (
                N_("{item}: {wanted} wanted, {available} can be picked; {expired} is of expired lots.")
                if expired
                else N_("{item}: {wanted} wanted, {available} available.")
            )
            raise ShortStockError(
                template,
                field=line.field,
                item=item.code,
                wanted=line.quantity,
                available=line.quantity - left,
                expired=expired,
            )
    return tuple(parts)


def _from_place(session: Session, part: Part, line: Leaving, stack: _Stack) -> Parts:
    exact = line.exact or part.location_id

    def fits(place: Lying) -> bool:
        return place.lot_id == part.lot_id and (not exact or place.location_id == part.location_id)

    found, left = stack.take(part.quantity, bins_first=False, fits=fits)
    if left:
        raise ShortStockError(
            N_("{item}: {wanted} wanted from {place}, {available} there."),
            field=line.field,
            item=stack.item.code,
            wanted=part.quantity,
            place=_place_words(session, part),
            available=part.quantity - left,
        )
    return found


def _place_words(session: Session, part: Part) -> str:
    """Bin and lot in a refusal."""
    codes = []
    for model, key in ((Location, part.location_id), (Lot, part.lot_id)):
        if key:
            codes.append(session.execute(sa.select(col(model.code)).where(col(model.id) == key)).scalar_one())
    return " ".join(codes) or "–"


def _warn_if_expired(session: Session, part: Part, item: ItemFacts, on: date) -> None:
    lot = session.get(Lot, part.lot_id) if part.lot_id else None
    if lot is not None and lot.expires_on is not None and lot.expires_on < on:
        warn(
            session,
            "expired_lot",
            N_("Lot {lot} of {item} expired on {day}."),
            lot=lot.code,
            item=item.code,
            day=lot.expires_on.isoformat(),
        )


def write_places(session: Session, moves: Sequence[Mapping[str, Any]], parts: Sequence[Parts]) -> Facts:
    """Write down what some stock moves did in bins and lots, and keep what lies where; a move's sign is its parts'."""
    rows = [
        {
            "move_id": move["id"],
            "item_id": move["item_id"],
            "warehouse_id": move["warehouse_id"],
            "location_id": part.location_id or None,
            "lot_id": part.lot_id or None,
            "quantity": part.quantity if move["quantity"] > ZERO else -part.quantity,
            "moved_on": move["moved_on"],
        }
        for move, mine in zip(moves, parts, strict=True)
        for part in mine
        if part.location_id or part.lot_id
    ]
    return put(session, rows)


def put(session: Session, rows: Sequence[dict[str, Any]]) -> Facts:
    """Write place moves, and add them to what lies where; the stock levels of their items are locked already."""
    if not rows:
        return []
    written = insert_rows(session, PlaceMove, rows)
    changes: dict[tuple[int, int, int, int], Decimal] = {}
    for row in rows:
        key = row["item_id"], row["warehouse_id"], row["location_id"] or 0, row["lot_id"] or 0
        changes[key] = changes.get(key, ZERO) + row["quantity"]
    names = ("item_id", "warehouse_id", "location_id", "lot_id")
    items, warehouses = {key[0] for key in changes}, {key[1] for key in changes}
    known = {
        tuple(row)
        for row in session.execute(
            sa.select(*(_stock.c[name] for name in names)).where(
                _stock.c.item_id.in_(sorted(items)), _stock.c.warehouse_id.in_(sorted(warehouses))
            )
        )
    }
    fresh = [
        dict(zip(names, key, strict=True)) | {"quantity": q} for key, q in changes.items() if key not in known and q
    ]
    insert_rows(session, PlaceStock, fresh)
    marks = ("_item", "_warehouse", "_location", "_lot")
    more = [dict(zip(marks, key, strict=True)) for key in sorted(changes) if key in known]
    if more:
        deltas = [{**mark, "_quantity": changes[tuple(mark[m] for m in marks)]} for mark in more]  # type: ignore[index]
        session.connection().execute(_ADD, deltas)
        session.connection().execute(_DROP, more)
    return [(PlaceMove, written)]


def parts_back(
    item: ItemFacts, quantity: Decimal, told: Parts, out: Sequence[Part], *, to_their_bins: bool, field: str = ""
) -> Parts:
    """Where goods that come back are put: the lots that had gone out (`out`, newest first), into the bins said.

    `to_their_bins` puts each where it was taken from.

    Raises:
        OverQuantityError: a lot said did not go out with this line, or not as much of it.
    """
    if not item.tracked:
        return taken([Lying(p.location_id, p.lot_id, p.quantity) for p in out], quantity)[0] if to_their_bins else told
    gone: dict[int, Decimal] = {}
    for part in out:
        gone[part.lot_id] = gone.get(part.lot_id, ZERO) + part.quantity
    if any(part.lot_id for part in told):
        for part in told:
            if out and part.quantity > gone.get(part.lot_id, ZERO):
                raise OverQuantityError(
                    N_("{item}: {left} of this lot is still with the customer, {part} was to come back."),
                    field=field,
                    item=item.code,
                    left=gone.get(part.lot_id, ZERO),
                    part=part.quantity,
                )
        return told
    home = told[0].location_id if told else 0
    found, _ = taken([Lying(p.location_id, p.lot_id, p.quantity) for p in out], quantity)
    return tuple(Part(p.location_id if to_their_bins else home, p.lot_id, p.quantity) for p in found)
