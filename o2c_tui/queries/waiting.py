"""Who waits for stock: lines of confirmed orders that lack it, in the order in which they are served.

Rule: docs/rules/stock.md: priority, promised date, order time. Quantities in the item's stock unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.base import PRICE
from o2c_tui.models.item import Item as ItemTable
from o2c_tui.models.item import ItemKind, KitPart
from o2c_tui.models.order import Reservation, SalesOrder, SalesOrderLine
from o2c_tui.models.party import Party
from o2c_tui.models.stock import StockLevel
from o2c_tui.storage.rows import table_of

ZERO = Decimal(0)


@dataclass(frozen=True)
class Waiting:
    """One order line that lacks stock of an item, and what is available for it in its warehouse; in stock units."""

    order_id: int
    line_id: int
    number: str
    customer: str
    waiting: Decimal
    available: Decimal
    promised_on: date | None
    item_id: int
    warehouse_id: int
    per: Fraction  # stock units for one unit of the line
    quantity: Decimal  # of the line, still to be delivered, in its own unit
    priority: int
    ordered_on: date


def who_waits(session: Session, item_id: int, *, warehouse_id: int | None = None) -> list[Waiting]:
    """The lines of confirmed orders that wait for an item: highest priority first, then the earliest promise, then the
    oldest order."""
    return waiting_lines(session, item_ids=[item_id], warehouse_id=warehouse_id)


def waiting_lines(
    session: Session,
    *,
    item_ids: Sequence[int] | None = None,
    warehouse_id: int | None = None,
    order_id: int | None = None,
    on_hold: bool = False,
    lacking_only: bool = True,
) -> list[Waiting]:
    """Every open line and item that lacks stock, served first first; `on_hold` adds orders that are held, `order_id` asks
    about one order only."""
    words: dict[str, Any] = {}
    if item_ids is not None:
        chosen = sorted(set(item_ids))
        words = {"asked": [*chosen, *session.execute(_IN_KITS, {"items": chosen}).scalars()], "items": chosen}
    if warehouse_id is not None:
        words["place"] = warehouse_id
    query = open_lines(on_hold=on_hold, some=item_ids is not None, one_place=warehouse_id is not None)
    if order_id is not None:
        words["order"] = order_id
        query = query.where(table_of(SalesOrder).c.id == sa.bindparam("order"))
    found = []
    for row in session.execute(query, words):
        per = Fraction(row.factor_num or 1, row.factor_den or 1) * (Fraction(row.in_kit) if row.in_kit else 1)
        lacking = _stock_units(row, per) - row.held
        if lacking > ZERO or not lacking_only:
            found.append(
                Waiting(
                    row.id,
                    row.line_id,
                    row.number,
                    row.name,
                    max(lacking, ZERO),
                    row.free,
                    row.promised_on,
                    row.item_id,
                    row.warehouse_id,
                    per,
                    row.to_ship,
                    row.priority,
                    row.ordered_on,
                )
            )
    return found


_IN_KITS = (
    sa.select(col(KitPart.kit_id))
    .where(col(KitPart.item_id).in_(sa.bindparam("items", expanding=True)), col(KitPart.quantity) > 0)
    .distinct()
)


@cache
def open_lines(*, on_hold: bool, some: bool = False, one_place: bool = False) -> Any:
    """One statement for open lines and the items they need, in the order in which they are served."""
    lines, orders, held, items = (
        table_of(SalesOrderLine),
        table_of(SalesOrder),
        table_of(Reservation),
        table_of(ItemTable),
    )
    kits = table_of(KitPart)
    needed = sa.case((items.c.kind == ItemKind.KIT, kits.c.item_id), else_=lines.c.item_id)
    to_ship = sa.type_coerce(lines.c.quantity - lines.c.cancelled - lines.c.shipped, PRICE)
    promise = sa.func.coalesce(lines.c.promised_on, orders.c.promised_on, type_=sa.Date)
    levels = table_of(StockLevel)
    query = (
        sa.select(
            orders.c.id,
            lines.c.id.label("line_id"),
            orders.c.number,
            col(Party.name),
            to_ship.label("to_ship"),
            lines.c.factor_num,
            lines.c.factor_den,
            kits.c.quantity.label("in_kit"),
            sa.type_coerce(sa.func.coalesce(held.c.quantity, 0), PRICE).label("held"),
            sa.type_coerce(sa.func.coalesce(levels.c.on_hand - levels.c.reserved, 0), PRICE).label("free"),
            promise.label("promised_on"),
            needed.label("item_id"),
            orders.c.warehouse_id,
            orders.c.priority,
            orders.c.ordered_on,
            lines.c.position,
        )
        .select_from(lines)
        .join(orders, orders.c.id == lines.c.order_id)
        .join(Party, col(Party.id) == orders.c.customer_id)
        .join(items, items.c.id == lines.c.item_id)
        .outerjoin(kits, sa.and_(kits.c.kit_id == items.c.id, items.c.kind == ItemKind.KIT, kits.c.quantity > 0))
        .outerjoin(held, sa.and_(held.c.order_line_id == lines.c.id, held.c.item_id == needed))
        .outerjoin(levels, sa.and_(levels.c.item_id == needed, levels.c.warehouse_id == orders.c.warehouse_id))
        .where(
            orders.c.state.in_(("confirmed", "on_hold") if on_hold else ("confirmed",)),
            orders.c.delivery != "fully",
            sa.text("sales_order_line.quantity - sales_order_line.cancelled - sales_order_line.shipped > 0"),
            items.c.kind != ItemKind.SERVICE,
            needed.is_not(None),
        )
        .order_by(
            orders.c.priority.desc(), promise.is_(None), promise, orders.c.ordered_on, orders.c.id, lines.c.position
        )
    )
    if some:
        query = query.where(
            lines.c.item_id.in_(sa.bindparam("asked", expanding=True)),
            needed.in_(sa.bindparam("items", expanding=True)),
        )
    return query.where(orders.c.warehouse_id == sa.bindparam("place")) if one_place else query


def _stock_units(row: Any, per: Fraction) -> Decimal:
    exact = Fraction(row.to_ship) * per
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(PRICE.unit)


def back_ordered(session: Session, item_id: int, *, warehouse_id: int | None = None) -> Decimal:
    """What confirmed orders of an item still wait for: to be shipped and not reserved; held orders count too."""
    waiting = waiting_lines(session, item_ids=[item_id], warehouse_id=warehouse_id, on_hold=True)
    return sum((line.waiting for line in waiting), ZERO)


def item_words(session: Session, item_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Code and name of items, by key."""
    items = table_of(ItemTable)
    query = sa.select(items.c.id, items.c.code, items.c.name).where(items.c.id.in_(sorted(set(item_ids))))
    return {row.id: (row.code, row.name) for row in session.execute(query)}
