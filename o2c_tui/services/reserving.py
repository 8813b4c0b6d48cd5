"""Reservations: stock set aside for order lines, enforced by one guarded update under the write lock.

Rule: docs/rules/stock.md, "A reservation is enforced".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.errors import ShortStockError
from o2c_tui.models.item import Item
from o2c_tui.models.order import Reservation, SalesOrder, SalesOrderLine
from o2c_tui.models.stock import StockLevel
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


def reserve_lines(
    session: Session, warehouse_id: int, lines: Sequence[Mapping[str, Any]], held: Mapping[int, Decimal]
) -> dict[int, Decimal]:
    """Set aside what there is for order lines (dicts with id, item_id, wanted), in their order; returns what each got.

    `held` is what is reserved for them already.
    """
    levels = locked_levels(session, (line["item_id"] for line in lines), warehouse_id)
    free = {item: level.available for item, level in levels.items()}
    got: dict[int, Decimal] = {}
    taken: dict[int, Decimal] = {}
    for line in lines:
        part = min(line["wanted"], max(free[line["item_id"]], ZERO))
        got[line["id"]] = part
        if part:
            free[line["item_id"]] -= part
            taken[line["item_id"]] = taken.get(line["item_id"], ZERO) + part
    change_levels(session, warehouse_id, {item: (ZERO, part) for item, part in taken.items()})
    insert_rows(
        session,
        Reservation,
        [
            {
                "order_line_id": line["id"],
                "item_id": line["item_id"],
                "warehouse_id": warehouse_id,
                "quantity": got[line["id"]],
            }
            for line in lines
            if got[line["id"]] and line["id"] not in held
        ],
    )
    set_reserved(session, {key: held[key] + got[key] for key in held if got.get(key)})
    return got


def reserved_of(session: Session, line_ids: Sequence[int]) -> dict[int, Decimal]:
    """What is set aside for order lines; lines without a reservation are left out."""
    query = sa.select(_reservations.c.order_line_id, _reservations.c.quantity)
    return {key: part for key, part in session.execute(query.where(_reservations.c.order_line_id.in_(line_ids)))}


def set_reserved(session: Session, quantities: Mapping[int, Decimal]) -> None:
    """Write what stays reserved for order lines; a reservation of nothing goes."""
    gone = [key for key, part in quantities.items() if not part]
    if gone:
        session.execute(sa.delete(_reservations).where(_reservations.c.order_line_id.in_(gone)))
    left = [{"_line": key, "_quantity": part} for key, part in quantities.items() if part]
    if left:
        session.connection().execute(
            sa.update(_reservations)
            .where(_reservations.c.order_line_id == sa.bindparam("_line"))
            .values(quantity=sa.bindparam("_quantity", type_=_reservations.c.quantity.type)),
            left,
        )


def free_lines(session: Session, line_ids: Sequence[int]) -> dict[int, Decimal]:
    """Give back all that is set aside for order lines; returns what each had."""
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
            sa.delete(_reservations).where(_reservations.c.order_line_id.in_([r.order_line_id for r in rows]))
        )
    return {row.order_line_id: row.quantity for row in rows}


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
