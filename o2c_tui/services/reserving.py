"""Reservations: stock set aside for order lines, enforced by one guarded update under the write lock.

Rule: docs/rules/stock.md, "A reservation is enforced".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.errors import ShortStockError
from o2c_tui.models.item import Item
from o2c_tui.models.order import Reservation, SalesOrder, SalesOrderLine
from o2c_tui.models.stock import StockLevel
from o2c_tui.queries.needs import Parts, in_line_units, in_stock_units
from o2c_tui.storage.rows import LOCK, insert_rows, table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)
_levels = table_of(StockLevel)
_reservations = table_of(Reservation)

_CHANGE = (  # the guard: what is left on hand must cover what stays reserved
    sa.update(_levels)
    .where(
        _levels.c.item_id == sa.bindparam("_item"),
        _levels.c.warehouse_id == sa.bindparam("_warehouse"),
        _levels.c.on_hand + sa.bindparam("_on_hand", type_=_levels.c.on_hand.type)
        >= _levels.c.reserved + sa.bindparam("_reserved", type_=_levels.c.reserved.type),
    )
    .values(
        on_hand=_levels.c.on_hand + sa.bindparam("_on_hand", type_=_levels.c.on_hand.type),
        reserved=_levels.c.reserved + sa.bindparam("_reserved", type_=_levels.c.reserved.type),
    )
)


@dataclass(frozen=True)
class Level:
    """On hand and reserved of one item in one warehouse."""

    on_hand: Decimal
    reserved: Decimal

    @property
    def available(self) -> Decimal:
        """What nobody has set aside."""
        return self.on_hand - self.reserved


def locked_levels(session: Session, item_ids: Iterable[int], warehouse_id: int) -> dict[int, Level]:
    """The levels of some items in one warehouse, locked in a fixed order; an item never received counts as nothing."""
    wanted = sorted(set(item_ids))
    if not wanted:
        return {}
    query = (
        sa.select(_levels.c.item_id, _levels.c.on_hand, _levels.c.reserved)
        .where(_levels.c.warehouse_id == warehouse_id, _levels.c.item_id.in_(wanted))
        .order_by(_levels.c.item_id)
        .with_for_update(**LOCK)
    )
    found = {item: Level(on_hand, reserved) for item, on_hand, reserved in session.execute(query)}
    return {item: found.get(item, Level(ZERO, ZERO)) for item in wanted}


def change_levels(session: Session, warehouse_id: int, changes: Mapping[int, tuple[Decimal, Decimal]]) -> None:
    """Add (on hand, reserved) to the levels of items that exist, all or none.

    Raises:
        ShortStockError: an item would have more reserved than on hand.
    """
    rows = [
        {"_item": item, "_warehouse": warehouse_id, "_on_hand": on_hand, "_reserved": reserved}
        for item, (on_hand, reserved) in sorted(changes.items())
        if on_hand or reserved
    ]
    if rows and session.connection().execute(_CHANGE, rows).rowcount != len(rows):
        raise ShortStockError(N_("Stock has moved meanwhile and does not cover this any more. Look again (F5)."))


Held = Mapping[int, Mapping[int, Decimal]]  # order line → item → what is set aside, in stock units


@dataclass(frozen=True)
class Wanted:
    """What an order line still lacks, in its own unit, and what of stock one such unit needs."""

    line_id: int
    parts: Parts
    quantity: Decimal


def reserve_lines(session: Session, warehouse_id: int, lines: Sequence[Wanted], held: Held) -> dict[int, Decimal]:
    """Set aside what there is for order lines, in their order; returns what each got, in its own unit.

    A line of one item gets what is there of it; a kit as many whole kits as its scarcest part allows. `held` is what
    is set aside for the lines already.
    """
    levels = locked_levels(session, (part.item_id for line in lines for part in line.parts), warehouse_id)
    free = {item: level.available for item, level in levels.items()}
    got: dict[int, Decimal] = {}
    taken: dict[int, Decimal] = {}
    fresh, more = [], {}
    for line in lines:
        mine = held.get(line.line_id, {})
        got[line.line_id], takes = _takes(line, free, mine)
        for item, part in takes.items():
            if not part:
                continue
            free[item] -= part
            taken[item] = taken.get(item, ZERO) + part
            before = mine.get(item)
            if before is None:
                fresh.append(
                    {"order_line_id": line.line_id, "item_id": item, "warehouse_id": warehouse_id, "quantity": part}
                )
            else:
                more[line.line_id, item] = before + part
    change_levels(session, warehouse_id, {item: (ZERO, part) for item, part in taken.items()})
    insert_rows(session, Reservation, fresh)
    set_reserved(session, more)
    return got


def _takes(
    line: Wanted, free: Mapping[int, Decimal], held: Mapping[int, Decimal]
) -> tuple[Decimal, dict[int, Decimal]]:
    """How many units of a line can be set aside beyond what is, and what that takes of each item, in stock units."""
    if len(line.parts) == 1:
        part = line.parts[0]
        take = min(in_stock_units(line.quantity, part.per), max(free[part.item_id], ZERO))
        return in_line_units(line.parts, {part.item_id: take}), {part.item_id: take}
    had = in_line_units(line.parts, held)
    there = {p.item_id: held.get(p.item_id, ZERO) + max(free[p.item_id], ZERO) for p in line.parts}
    kits = min(had + Decimal(int(line.quantity)), in_line_units(line.parts, there))
    takes = {p.item_id: max(in_stock_units(kits, p.per) - held.get(p.item_id, ZERO), ZERO) for p in line.parts}
    return max(kits - had, ZERO), takes


def reserved_of(session: Session, line_ids: Sequence[int]) -> dict[int, dict[int, Decimal]]:
    """What is set aside for order lines, by line and item, in stock units; lines without a reservation are left out."""
    query = sa.select(_reservations.c.order_line_id, _reservations.c.item_id, _reservations.c.quantity)
    found: dict[int, dict[int, Decimal]] = {}
    for line, item, part in session.execute(query.where(_reservations.c.order_line_id.in_(line_ids))):
        found.setdefault(line, {})[item] = part
    return found


def set_reserved(session: Session, quantities: Mapping[tuple[int, int], Decimal]) -> None:
    """Write what stays reserved for order lines, by (line, item); a reservation of nothing goes."""
    one = sa.and_(
        _reservations.c.order_line_id == sa.bindparam("_line"), _reservations.c.item_id == sa.bindparam("_item")
    )
    gone = [{"_line": line, "_item": item} for (line, item), part in quantities.items() if not part]
    if gone:
        session.connection().execute(sa.delete(_reservations).where(one), gone)
    left = [{"_line": line, "_item": item, "_quantity": part} for (line, item), part in quantities.items() if part]
    if left:
        session.connection().execute(
            sa.update(_reservations)
            .where(one)
            .values(quantity=sa.bindparam("_quantity", type_=_reservations.c.quantity.type)),
            left,
        )


def free_lines(session: Session, line_ids: Sequence[int]) -> None:
    """Give back all that is set aside for order lines."""
    query = sa.select(_reservations).where(_reservations.c.order_line_id.in_(line_ids)).with_for_update(**LOCK)
    rows = session.execute(query).all()
    by_place: dict[int, dict[int, tuple[Decimal, Decimal]]] = {}
    for row in rows:
        place = by_place.setdefault(row.warehouse_id, {})
        place[row.item_id] = (ZERO, place.get(row.item_id, (ZERO, ZERO))[1] - row.quantity)
    for warehouse_id in sorted(by_place):
        locked_levels(session, by_place[warehouse_id], warehouse_id)
        change_levels(session, warehouse_id, by_place[warehouse_id])
    if rows:
        session.execute(
            sa.delete(_reservations).where(_reservations.c.order_line_id.in_({r.order_line_id for r in rows}))
        )


def free_latest(session: Session, item_id: int, warehouse_id: int, quantity: Decimal) -> list[str]:
    """Take a quantity off the reservations of an item that were promised last; returns the numbers of their orders.

    A count or a loss may leave less than is reserved: those who were promised last wait again.
    """
    query = (
        sa.select(_reservations.c.order_line_id, _reservations.c.quantity, col(SalesOrder.number))
        .join(SalesOrderLine, col(SalesOrderLine.id) == _reservations.c.order_line_id)
        .join(SalesOrder, col(SalesOrder.id) == col(SalesOrderLine.order_id))
        .where(_reservations.c.item_id == item_id, _reservations.c.warehouse_id == warehouse_id)
        .order_by(
            col(SalesOrder.priority),
            sa.func.coalesce(col(SalesOrderLine.promised_on), col(SalesOrder.promised_on)).is_not(None),
            sa.func.coalesce(col(SalesOrderLine.promised_on), col(SalesOrder.promised_on)).desc(),
            col(SalesOrder.ordered_on).desc(),
            col(SalesOrder.id).desc(),
        )
    )
    left, changed, orders = quantity, {}, []
    for line_id, there, number in session.execute(query):
        part = min(there, left)
        if not part:
            break
        changed[line_id, item_id] = there - part
        orders.append(number)
        left -= part
    change_levels(session, warehouse_id, {item_id: (ZERO, left - quantity)})
    set_reserved(session, changed)
    return list(dict.fromkeys(orders))


def short_of(
    session: Session, item_id: int, warehouse_id: int, wanted: Decimal, available: Decimal, *, field: str = ""
) -> ShortStockError:
    """The refusal of a quantity that is not there, naming the orders that hold the stock."""
    code = session.execute(sa.select(col(Item.code)).where(col(Item.id) == item_id)).scalar_one()
    holders = session.execute(
        sa.select(col(SalesOrder.number), _reservations.c.quantity)
        .join(SalesOrderLine, col(SalesOrderLine.id) == _reservations.c.order_line_id)
        .join(SalesOrder, col(SalesOrder.id) == col(SalesOrderLine.order_id))
        .where(_reservations.c.item_id == item_id, _reservations.c.warehouse_id == warehouse_id)
        .order_by(col(SalesOrder.id).desc())
        .limit(3)
    ).all()
    if holders:
        return ShortStockError(
            N_("{item}: {wanted} wanted, {available} available. Reserved for {holders}."),
            field=field,
            item=code,
            wanted=wanted,
            available=available,
            holders=", ".join(f"{number} ({part.normalize():f})" for number, part in holders),
        )
    return ShortStockError(
        N_("{item}: {wanted} wanted, {available} available."),
        field=field,
        item=code,
        wanted=wanted,
        available=available,
    )
