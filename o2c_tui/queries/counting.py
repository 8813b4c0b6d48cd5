"""Counts: the sheet with its differences, and which items are to be counted next.

Rule: docs/rules/stocktake.md. Quantities in stock units, values in the company's currency.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.errors import NotFoundError
from o2c_tui.models.audit import AuditEntry
from o2c_tui.models.base import AMOUNT, PRICE
from o2c_tui.models.delivery import Delivery
from o2c_tui.models.item import Item, ItemKind, Location, Lot, Warehouse
from o2c_tui.models.stock import CostLayer, MoveKind, StockLevel, StockMove
from o2c_tui.models.warehouse import Stocktake, StocktakeLine, StocktakeState
from o2c_tui.money import Rounding, round_to, share_of
from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.places import in_books
from o2c_tui.rules.cycle import DAYS, Class, classes, due_on
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class CountLine:
    """One line of a count: an item in one place. What a blind count hides is None until it is posted."""

    line_id: int
    position: int
    item_id: int
    code: str
    barcode: str
    name: str
    unit: str
    location: str
    lot: str
    expected: Decimal | None  # in the books when the count began
    book: Decimal | None  # in the books when it was counted; of a line not counted, now
    first_count: Decimal | None
    counted: Decimal | None
    difference: Decimal | None  # counted less book
    value: Decimal | None  # of the difference: posted, or as it would be now
    recount: bool  # beyond tolerance, and counted once
    counted_by: str
    note: str


@dataclass(frozen=True)
class Sheet:
    """A count with its lines in the order of the walk."""

    stocktake_id: int
    label: str
    state: str
    version: int
    warehouse: str
    started_on: date
    blind: bool
    tolerance: Decimal
    lines: tuple[CountLine, ...]
    counted: int
    recounts: int
    value: Decimal | None


def beyond(counted: Decimal, book: Decimal, tolerance: Decimal) -> bool:
    """Whether a count differs from the books by more than a percentage of them."""
    return abs(counted - book) * HUNDRED > tolerance * abs(book)


def sheet(session: Session, stocktake_id: int, *, reveal: bool = False) -> Sheet:
    """A count as it stands; `reveal` shows what a blind count hides, for whoever is about to post it.

    Raises:
        NotFoundError: there is none.
    """
    head = session.get(Stocktake, stocktake_id)
    if head is None:
        raise NotFoundError(
            N_("There is no {kind_word} with the key {key}."), kind_word=N_("stocktake"), key=stocktake_id
        )
    lines = table_of(StocktakeLine)
    query = (
        sa.select(
            lines,
            col(Item.code),
            col(Item.barcode),
            col(Item.name),
            col(Item.unit),
            sa.func.coalesce(col(Location.code), "").label("location"),
            sa.func.coalesce(col(Lot.code), "").label("lot"),
        )
        .join(Item, col(Item.id) == lines.c.item_id)
        .outerjoin(Location, col(Location.id) == lines.c.location_id)
        .outerjoin(Lot, col(Lot.id) == lines.c.lot_id)
        .where(lines.c.stocktake_id == stocktake_id)
        .order_by(lines.c.position)
    )
    rows = session.execute(query).all()
    counting = head.state is StocktakeState.COUNTING
    hidden = head.blind and counting and not reveal
    books: dict[tuple[int, int, int], Decimal] = {}
    worth: dict[int, Decimal] = {}
    if counting:
        for item, there in in_books(session, (row.item_id for row in rows), head.warehouse_id).items():
            books |= {(item, place.location_id, place.lot_id): place.quantity for place in there}
        worth = _worth(session, head.warehouse_id, rows)
    made = [_line(row, head, books, worth, hidden=hidden) for row in rows]
    warehouse = session.get(Warehouse, head.warehouse_id)
    values = [line.value for line in made if line.value is not None]
    return Sheet(
        head.id,
        head.label,
        str(head.state),
        head.version,
        warehouse.code if warehouse else "",
        head.started_on,
        head.blind,
        head.tolerance,
        tuple(made),
        sum(line.counted is not None for line in made),
        sum(line.recount for line in made),
        None if hidden else sum(values, ZERO),
    )


def _line(
    row: Any, head: Stocktake, books: dict[tuple[int, int, int], Decimal], worth: dict[int, Decimal], *, hidden: bool
) -> CountLine:
    counted = row.counted
    place = row.item_id, row.location_id or 0, row.lot_id or 0
    counting = head.state is StocktakeState.COUNTING
    book = row.book if counted is not None or not counting else books.get(place, ZERO)
    difference = None if counted is None else counted - book
    recount = counting and counted is not None and row.first_count is None and beyond(counted, row.book, head.tolerance)
    value = None if difference is None else worth.get(row.id, ZERO) if counting else row.value
    return CountLine(
        row.id,
        row.position,
        row.item_id,
        row.code,
        row.barcode or "",
        row.name,
        row.unit,
        row.location,
        row.lot,
        None if hidden else row.expected,
        None if hidden else book,
        row.first_count,
        counted,
        None if hidden else difference,
        None if hidden else value,
        recount,
        row.counted_by,
        row.note,
    )


def _worth(session: Session, warehouse_id: int, rows: Sequence[Any]) -> dict[int, Decimal]:
    """By line: what its difference would be worth now: gains at the front cost, losses out of the oldest layers."""
    company = the_company(session)
    digits, rounding = company.digits, Rounding(company.rounding)
    wanted = {row.id: row for row in rows if row.counted is not None and row.counted != row.book}
    keys = sorted({row.item_id for row in wanted.values()})
    layers = _open_layers(session, keys, warehouse_id)
    newest = _newest_costs(session, [key for key in keys if not layers.get(key)])
    found: dict[int, Decimal] = {}
    for line, row in wanted.items():
        difference, mine = row.counted - row.book, layers.get(row.item_id, [])
        if difference > ZERO:
            cost = mine[0][1] / mine[0][0] if mine else newest.get(row.item_id, ZERO)
            found[line] = round_to(round_to(cost, PRICE.places) * difference, digits, rounding)
            continue
        left, lost = -difference, ZERO
        while left > ZERO and mine:
            quantity, value = mine[0]
            part = min(left, quantity)
            taken = share_of(value, part, quantity, digits)
            lost, left = lost + taken, left - part
            mine[0] = (quantity - part, value - taken)
            if not mine[0][0]:
                mine.pop(0)
        found[line] = -lost
    return found


def _open_layers(
    session: Session, item_ids: Sequence[int], warehouse_id: int
) -> dict[int, list[tuple[Decimal, Decimal]]]:
    table = table_of(CostLayer)
    query = (
        sa.select(table.c.item_id, table.c.remaining_quantity, table.c.remaining_value)
        .where(table.c.item_id.in_(item_ids), table.c.warehouse_id == warehouse_id, table.c.remaining_quantity > 0)
        .order_by(table.c.item_id, table.c.received_on, table.c.id)
    )
    found: dict[int, list[tuple[Decimal, Decimal]]] = {}
    for item, quantity, value in session.execute(query):
        found.setdefault(item, []).append((quantity, value))
    return found


def _newest_costs(session: Session, item_ids: Sequence[int]) -> dict[int, Decimal]:
    table = table_of(CostLayer)
    newest = sa.select(sa.func.max(table.c.id)).where(table.c.item_id.in_(item_ids)).group_by(table.c.item_id)
    query = sa.select(table.c.item_id, table.c.value, table.c.quantity).where(table.c.id.in_(newest))
    return {item: value / quantity for item, value, quantity in session.execute(query)}


@dataclass(frozen=True)
class CycleLine:
    """One item that is counted in turn: its class by a year's use, when it was counted last, and is to be again."""

    item_id: int
    code: str
    name: str
    unit: str
    on_hand: Decimal
    used: Decimal  # at cost, in the twelve months before
    abc: Class
    counted_on: date | None
    due_on: date  # the first day there is, of an item never counted; of one a pick found too little of, that day
    short_in: tuple[str, ...] = ()  # bins (empty: in none) in which a pick found less than the books say
    is_short: bool = False


def cycle_proposal(
    session: Session,
    warehouse_id: int,
    *,
    today: date,
    limit: int | None = None,
    on_hand: Mapping[int, Decimal] | None = None,
) -> list[CycleLine]:
    """The items of a warehouse that are due to be counted: first those a pick found too little of since they were counted,
    then the longest overdue, the dearest class before the others.

    Only items that have stock here, or had in the last year. `on_hand` by item: what lay there, of a day that is past.
    """
    levels, items = table_of(StockLevel), table_of(Item)
    used = _used(session, warehouse_id, today)
    last = _last_counts(session, warehouse_id, today)
    short = short_picks(session, warehouse_id, today=today)
    query = (
        sa.select(items.c.id, items.c.code, items.c.name, items.c.unit, levels.c.on_hand)
        .join(levels, levels.c.item_id == items.c.id)
        .where(levels.c.warehouse_id == warehouse_id, items.c.kind == ItemKind.STOCKED)
    )
    there = [(row, row.on_hand if on_hand is None else on_hand.get(row.id, ZERO)) for row in session.execute(query)]
    rows = [(row, lying) for row, lying in there if lying or row.id in used or row.id in short]
    abc = classes({row.id: used.get(row.id, ZERO) for row, _ in rows})
    found = []
    for row, lying in rows:
        missed = short.get(row.id)
        found.append(
            CycleLine(
                row.id,
                row.code,
                row.name,
                row.unit,
                lying,
                used.get(row.id, ZERO),
                abc[row.id],
                last.get(row.id),
                missed.on if missed is not None else due_on(abc[row.id], last.get(row.id)),
                missed.bins if missed is not None else (),
                missed is not None,
            )
        )
    due = [line for line in found if line.due_on <= today]
    due.sort(key=lambda line: (not line.is_short, _overdue(line, today), line.abc, -line.used, line.code))
    return due if limit is None else due[:limit]


@dataclass(frozen=True)
class ShortPick:
    """An item of which picks found less than its bins should hold, and which was not counted since."""

    on: date  # of the first such pick
    bins: tuple[str, ...]  # empty: in none


def short_picks(session: Session, warehouse_id: int, *, today: date) -> dict[int, ShortPick]:
    """By item: where picks fell short until `today` and nobody has counted since. Told by the audit trail."""
    entries, heads = table_of(AuditEntry), table_of(Delivery)
    zone = ZoneInfo(the_company(session).time_zone)
    query = (
        sa.select(entries.c.at, entries.c.changes)
        .join(heads, heads.c.id == entries.c.document_id)
        .where(
            entries.c.kind == heads.name,
            entries.c.verb == "pick_delivery",
            entries.c.changes.contains('["short",'),
            heads.c.warehouse_id == warehouse_id,
        )
        .order_by(entries.c.id)
    )
    missed: dict[int, dict[int, tuple[date, datetime]]] = {}  # item → bin → the first day, the last moment
    for at, changes in session.execute(query):
        told = {change[0]: change[1] for change in json.loads(changes) if len(change) == 2}
        on = date.fromisoformat(told["on"]) if "on" in told else at.astimezone(zone).date()
        if on <= today:
            for item, place, _quantity in told["short"]:
                first, _moment = missed.setdefault(item, {}).get(place, (on, at))
                missed[item][place] = first, at
    if not missed:
        return {}
    lines = table_of(StocktakeLine)
    counts = (
        sa.select(
            lines.c.item_id,
            lines.c.location_id,
            sa.func.max(lines.c.counted_at, type_=lines.c.counted_at.type),
        )
        .join(Stocktake, col(Stocktake.id) == lines.c.stocktake_id)
        .where(
            lines.c.item_id.in_(sorted(missed)),
            lines.c.counted.is_not(None),
            col(Stocktake.warehouse_id) == warehouse_id,
            col(Stocktake.state) == StocktakeState.POSTED,
            col(Stocktake.counted_on) <= today,
        )
        .group_by(lines.c.item_id, lines.c.location_id)
    )
    counted = {(item, place or 0): at for item, place, at in session.execute(counts)}
    left = {
        item: {
            place: first
            for place, (first, at) in places.items()
            if (item, place) not in counted or counted[item, place] < at
        }
        for item, places in missed.items()
    }
    names = dict(session.execute(sa.select(col(Location.id), col(Location.code))).all())
    return {
        item: ShortPick(min(places.values()), tuple(sorted(names.get(place, "") for place in places)))
        for item, places in left.items()
        if places
    }


def _overdue(line: CycleLine, today: date) -> Decimal:
    """How late a line is, measured in its own rounds: the latest first; never counted is before all."""
    if line.counted_on is None:
        return Decimal(-(10**6))
    return -Decimal((today - line.due_on).days) / DAYS[line.abc]


def _used(session: Session, warehouse_id: int, today: date) -> dict[int, Decimal]:
    moves = table_of(StockMove)
    query = (
        sa.select(moves.c.item_id, sa.func.sum(-moves.c.value, type_=AMOUNT))
        .where(
            moves.c.warehouse_id == warehouse_id,
            moves.c.kind.in_((MoveKind.DELIVERY, MoveKind.RETURN)),
            moves.c.moved_on > today - timedelta(days=365),
            moves.c.moved_on <= today,
        )
        .group_by(moves.c.item_id)
    )
    return {item: value for item, value in session.execute(query)}


def _last_counts(session: Session, warehouse_id: int, until: date) -> dict[int, date]:
    query = (
        sa.select(col(StocktakeLine.item_id), sa.func.max(col(Stocktake.counted_on), type_=sa.Date))
        .join(Stocktake, col(Stocktake.id) == col(StocktakeLine.stocktake_id))
        .where(
            col(Stocktake.warehouse_id) == warehouse_id,
            col(Stocktake.state) == StocktakeState.POSTED,
            col(Stocktake.counted_on) <= until,
            col(StocktakeLine.counted).is_not(None),
        )
        .group_by(col(StocktakeLine.item_id))
    )
    return {item: day for item, day in session.execute(query)}
