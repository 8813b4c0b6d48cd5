"""When what an order waits for can be there: available-to-promise by day, and lines that will be late.

Available-to-promise at D = available + incoming due by D − back-orders promised by D. Rule: docs/rules/stock.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.base import QUANTITY
from o2c_tui.models.item import Warehouse
from o2c_tui.models.order import SalesOrder, SalesOrderLine
from o2c_tui.models.stock import StockLevel
from o2c_tui.queries.incoming import Coming, coming
from o2c_tui.queries.waiting import Waiting, waiting_lines
from o2c_tui.rules.promising import expected_days, is_late
from o2c_tui.storage.rows import rows_of

ZERO = Decimal(0)


@dataclass(frozen=True)
class Promise:
    """One waiting line and when its goods can be there, each before it in the queue served first."""

    line: Waiting
    expected_on: date | None  # the day the last of it comes; None: nobody knows
    late: bool  # after its promise, or promised and not known


@dataclass(frozen=True)
class LineOutlook:
    """What one open line of an order can count on."""

    promised_on: date | None
    expected_on: date | None  # the day its last goods are there; today where all are set aside; None: nobody knows
    late: bool
    to_promise: (
        Decimal | None
    )  # available-to-promise of its item on the promised day, else today; None: no stocked item


def available(session: Session, item_id: int, warehouse_id: int) -> Decimal:
    """What nobody has set aside."""
    query = sa.select(sa.type_coerce(col(StockLevel.on_hand) - col(StockLevel.reserved), QUANTITY)).where(
        col(StockLevel.item_id) == item_id, col(StockLevel.warehouse_id) == warehouse_id
    )
    return session.execute(query).scalar_one_or_none() or ZERO


def available_to_promise(session: Session, item_id: int, warehouse_id: int, on: date) -> Decimal:
    """How much of an item can be promised for a day, after all that is promised by then."""
    return to_promise(
        available(session, item_id, warehouse_id),
        (line for line in coming(session, item_ids=[item_id]) if line.warehouse_id == warehouse_id),
        waiting_lines(session, item_ids=[item_id], warehouse_id=warehouse_id, on_hold=True),
        item_id,
        on,
    )


def to_promise(free: Decimal, come: Iterable[Coming], waits: Iterable[Waiting], item_id: int, on: date) -> Decimal:
    """Available-to-promise of an item in one warehouse on a day: what is free and comes by it, less what is promised by it."""
    total = free
    for line in come:
        if line.item_id == item_id and line.expected_on is not None and line.expected_on <= on:
            total += line.quantity
    for wait in waits:
        if wait.item_id == item_id and (wait.promised_on is None or wait.promised_on <= on):
            total -= wait.waiting
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


def earliest_at(session: Session, item_id: int, warehouse: str, quantity: Decimal, *, today: date) -> date | None:
    """As `earliest`, of a warehouse by its code."""
    place = session.execute(sa.select(col(Warehouse.id)).where(col(Warehouse.code) == warehouse)).scalar_one_or_none()
    return None if place is None else earliest(session, item_id, place, quantity, today)


def promises(session: Session, today: date, *, item_ids: Sequence[int] | None = None) -> list[Promise]:
    """Every waiting line with the day its goods come: what is free and what is on its way goes to the queue in its turn."""
    waiting = waiting_lines(session, item_ids=item_ids, on_hold=True)
    queues: dict[tuple[int, int], list[Waiting]] = {}
    for line in waiting:
        queues.setdefault((line.item_id, line.warehouse_id), []).append(line)
    supply = supplies(session, waiting, today)
    days: dict[tuple[int, int], date | None] = {}
    for place, queue in queues.items():
        told = expected_days([line.waiting for line in queue], supply[place])
        days.update({(line.line_id, line.item_id): day for line, day in zip(queue, told, strict=True)})
    return [
        Promise(line, days[line.line_id, line.item_id], is_late(line.promised_on, days[line.line_id, line.item_id]))
        for line in waiting
    ]


def supplies(
    session: Session, waiting: Sequence[Waiting], today: date
) -> dict[tuple[int, int], list[tuple[date, Decimal]]]:
    """What is free today and what comes on which day, of each item and warehouse that is waited for."""
    found = {(line.item_id, line.warehouse_id): [(today, max(line.available, ZERO))] for line in waiting}
    for come in coming(session, item_ids=sorted({line.item_id for line in waiting})):
        place = come.item_id, come.warehouse_id
        if place in found and come.expected_on is not None:
            found[place].append((max(come.expected_on, today), come.quantity))
    return {place: sorted(rows, key=lambda row: row[0]) for place, rows in found.items()}


def line_outlooks(session: Session, order_id: int, *, today: date) -> dict[int, LineOutlook]:
    """What each line of an order that is still to be delivered can count on, by line."""
    order = session.get(SalesOrder, order_id)
    if order is None or str(order.state) not in ("confirmed", "on_hold"):
        return {}
    lines = rows_of(session, SalesOrderLine, "order_id", order_id)
    mine = waiting_lines(session, order_id=order_id, on_hold=True, lacking_only=False)
    items = sorted({line.item_id for line in mine})
    told: dict[int, list[Promise]] = {}
    for promise in promises(session, today, item_ids=items) if items else ():
        if promise.line.order_id == order_id:
            told.setdefault(promise.line.line_id, []).append(promise)
    come = [line for line in coming(session, item_ids=items) if line.warehouse_id == order.warehouse_id]
    waits = [
        line
        for line in waiting_lines(session, item_ids=items, warehouse_id=order.warehouse_id, on_hold=True)
        if line.order_id != order_id
    ]
    found = {}
    for line in lines:
        if line["quantity"] - line["cancelled"] - line["shipped"] <= ZERO:
            continue
        promised = line["promised_on"] or order.promised_on
        lacking = told.get(line["id"], [])
        days = [promise.expected_on for promise in lacking]
        expected = today if not days else None if None in days else max(day for day in days if day is not None)
        own = next((part for part in mine if part.line_id == line["id"] and part.item_id == line["item_id"]), None)
        free = None
        if own is not None:
            held = [line for line in mine if line.item_id == own.item_id and line.line_id != own.line_id]
            free = to_promise(own.available, come, [*waits, *held], own.item_id, max(promised or today, today))
        found[line["id"]] = LineOutlook(promised, expected, is_late(promised, expected), free)
    return found
