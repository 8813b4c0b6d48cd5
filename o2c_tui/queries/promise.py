"""When what an order waits for can be there: available-to-promise by day, and lines that will be late.

Available-to-promise at D = available + incoming due by D − back-orders promised by D. Rule: docs/rules/stock.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.base import QUANTITY
from o2c_tui.models.stock import StockLevel
from o2c_tui.queries.incoming import Coming, coming
from o2c_tui.queries.waiting import Waiting, waiting_lines

ZERO = Decimal(0)


@dataclass(frozen=True)
class Promise:
    """One waiting line and when its goods can be there, each before it in the queue served first."""

    line: Waiting
    expected_on: date | None  # the day the last of it comes; None: nobody knows
    late: bool  # after its promise, or promised and not known


def available(session: Session, item_id: int, warehouse_id: int) -> Decimal:
    """What nobody has set aside."""
    query = sa.select(sa.type_coerce(col(StockLevel.on_hand) - col(StockLevel.reserved), QUANTITY)).where(
        col(StockLevel.item_id) == item_id, col(StockLevel.warehouse_id) == warehouse_id
    )
    return session.execute(query).scalar_one_or_none() or ZERO


def available_to_promise(session: Session, item_id: int, warehouse_id: int, on: date) -> Decimal:
    """How much of an item can be promised for a day, after all that is promised by then."""
    total = available(session, item_id, warehouse_id)
    for line in coming(session, item_ids=[item_id]):
        if line.warehouse_id == warehouse_id and line.expected_on is not None and line.expected_on <= on:
            total += line.quantity
    for waits in waiting_lines(session, item_ids=[item_id], warehouse_id=warehouse_id, on_hold=True):
        if waits.item_id == item_id and (waits.promised_on is None or waits.promised_on <= on):
            total -= waits.waiting
    return total


def earliest(session: Session, item_id: int, warehouse_id: int, quantity: Decimal, today: date) -> date | None:
    """The first day on which a quantity can be promised; None where too little is on its way."""
    days = sorted(
        {today}
        | {
            max(line.expected_on, today)
            for line in coming(session, item_ids=[item_id])
            if line.warehouse_id == warehouse_id and line.expected_on is not None
        }
    )
    for day in days:
        if available_to_promise(session, item_id, warehouse_id, day) >= quantity:
            return day
    return None


def promises(session: Session, today: date, *, item_ids: Sequence[int] | None = None) -> list[Promise]:
    """Every waiting line with the day its goods come: what is free and what is on its way goes to the queue in its turn."""
    waiting = waiting_lines(session, item_ids=item_ids, on_hold=True)
    supply: dict[tuple[int, int], list[tuple[date, Decimal]]] = {}
    keys = sorted({line.item_id for line in waiting})
    for line in waiting:
        supply.setdefault((line.item_id, line.warehouse_id), [(today, line.available)])
    for come in coming(session, item_ids=keys):
        _add(supply, come, today)
    found = []
    for line in waiting:
        queue, left, on = supply[line.item_id, line.warehouse_id], line.waiting, None
        while left > ZERO and queue:
            day, there = queue[0]
            part = min(left, max(there, ZERO))
            left -= part
            on = day
            if there - part > ZERO:
                queue[0] = (day, there - part)
            else:
                queue.pop(0)
        expected = on if left <= ZERO else None
        late = line.promised_on is not None and (expected is None or expected > line.promised_on)
        found.append(Promise(line, expected, late))
    return found


def _add(supply: dict[tuple[int, int], list[tuple[date, Decimal]]], come: Coming, today: date) -> None:
    place = come.item_id, come.warehouse_id
    if place in supply and come.expected_on is not None:
        supply[place].append((max(come.expected_on, today), come.quantity))
