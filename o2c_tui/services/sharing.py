"""Stock for those who wait: reserved in their turn, or shared among them; and what day they were promised.

Rule: docs/rules/stock.md, "Who waits".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from o2c_tui.errors import MissingValueError, NotFoundError, OverQuantityError, ShortStockError
from o2c_tui.models.item import Item
from o2c_tui.models.order import OrderState, Reservation, SalesOrder, SalesOrderLine
from o2c_tui.models.receipt import GoodsReceipt, GoodsReceiptLine
from o2c_tui.queries.lookups import items_by_code, the_company, unknown, warehouse_by_code
from o2c_tui.queries.sharing import shares_of
from o2c_tui.queries.waiting import Waiting, waiting_lines
from o2c_tui.services.ordering import reserve_waiting
from o2c_tui.services.reserving import change_levels, locked_levels, reserved_of, set_reserved
from o2c_tui.services.support import load, require_state
from o2c_tui.storage.chain import decided_row, record
from o2c_tui.storage.rows import insert_rows, rows_of, update_rows
from o2c_tui.texts import N_

ZERO = Decimal(0)


@dataclass(frozen=True)
class Share:
    """What one waiting line was given of an item; in stock units."""

    order_id: int
    number: str
    line_id: int
    waited: Decimal
    given: Decimal


def proposed_shares(
    session: Session, item_id: int, warehouse_id: int, *, fair: bool = False
) -> list[tuple[Waiting, Decimal]]:
    """What each waiting line would get of what is free: in turn, or each the same part of what it lacks."""
    waiting = waiting_lines(session, item_ids=[item_id], warehouse_id=warehouse_id)
    waiting = [line for line in waiting if line.item_id == item_id]
    if not waiting:
        return []
    item = session.get(Item, item_id)
    wants = [line.waiting for line in waiting]
    whole = item is not None and (item.whole_units or all(want == want.to_integral_value() for want in wants))
    shares = shares_of(max(waiting[0].available, ZERO), wants, whole=whole, fair=fair)
    return list(zip(waiting, shares, strict=True))


def share_stock(
    session: Session,
    item: str,
    *,
    warehouse: str = "",
    shares: Mapping[int, Decimal] | None = None,
    fair: bool = False,
    by: str,
    today: date,
) -> tuple[Share, ...]:
    """Give what is free of an item to the order lines that wait for it: `shares` by order line, in stock units; without
    them in turn (priority, promised date, order time), or `fair`: each the same part of what it lacks.

    A kit's parts can be set aside one by one; it counts as reserved as far as all of them are.

    Raises:
        MissingValueError: nobody waits, or nothing is free. OverQuantityError: more than a line lacks.
        ShortStockError: more than is free.
    """
    given = _share(session, item, warehouse, shares, fair=fair)
    for order_id in sorted({share.order_id for share in given}):
        record(session, "share_stock", load(session, SalesOrder, order_id), by=by)
    return given


def share_goods(
    session: Session, shares: Mapping[str, Mapping[int, Decimal]], *, warehouse: str = "", by: str, today: date
) -> tuple[Share, ...]:
    """As share_stock, for several items of one warehouse at once: `shares` by item, then by order line.

    Raises:
        See share_stock.
    """
    given = [part for item, parts in shares.items() for part in _share(session, item, warehouse, parts)]
    if not given:
        raise MissingValueError(N_("Nothing is given to anybody."))
    for order_id in sorted({part.order_id for part in given}):
        record(session, "share_goods", load(session, SalesOrder, order_id), by=by)
    return tuple(given)


def _share(
    session: Session, item: str, warehouse: str, shares: Mapping[int, Decimal] | None, *, fair: bool = False
) -> tuple[Share, ...]:
    found = items_by_code(session, [item]).get(item.strip().upper())
    if found is None:
        raise unknown(session, Item, N_("item"), item, "item")
    place = warehouse_by_code(session, warehouse or the_company(session).default_warehouse)
    free = locked_levels(session, [found.id], place.id)[found.id].available
    told = proposed_shares(session, found.id, place.id, fair=fair)
    if not told or free <= ZERO:
        raise MissingValueError(N_("{item}: nobody waits for it here, or nothing is free."), item=found.code)
    if shares is not None:
        told = [(line, shares.get(line.line_id, ZERO)) for line, _ in told]
        if set(shares) - {line.line_id for line, _ in told}:
            raise NotFoundError(N_("A line that was named does not wait for {item}."), item=found.code)
    for line, part in told:
        if part < ZERO or part > line.waiting:
            raise OverQuantityError(
                N_("{order} waits for {left}, {part} was to be reserved."),
                order=line.number,
                left=line.waiting,
                part=part,
            )
    if sum((part for _, part in told), ZERO) > free:
        raise ShortStockError(
            N_("{item}: {wanted} wanted, {available} available."),
            item=found.code,
            wanted=sum((part for _, part in told), ZERO),
            available=free,
        )
    _set_aside(session, found.id, place.id, told)
    return tuple(Share(line.order_id, line.number, line.line_id, line.waiting, part) for line, part in told if part)


def _set_aside(session: Session, item_id: int, warehouse_id: int, told: Sequence[tuple[Waiting, Decimal]]) -> None:
    given = {line.line_id: part for line, part in told if part}
    held = reserved_of(session, list(given))
    change_levels(session, warehouse_id, {item_id: (ZERO, sum(given.values(), ZERO))})
    fresh, more = [], {}
    for line_id, part in given.items():
        before = held.get(line_id, {}).get(item_id)
        if before is None:
            fresh.append({"order_line_id": line_id, "item_id": item_id, "warehouse_id": warehouse_id, "quantity": part})
        else:
            more[line_id, item_id] = before + part
    insert_rows(session, Reservation, fresh)
    set_reserved(session, more)


def reserve_for_waiting(
    session: Session, *, receipt_id: int | None = None, warehouse: str = "", by: str, today: date
) -> tuple[str, ...]:
    """Reserve for everybody who waits, in their turn, what is free: of a receipt's items, or of all in a warehouse.

    Returns the numbers of the orders that got something.

    Raises:
        MissingValueError: nobody waits, or nothing is free.
    """
    items: list[int] | None = None
    if receipt_id is not None:
        receipt = load(session, GoodsReceipt, receipt_id)
        place = receipt.warehouse_id
        items = sorted({row["item_id"] for row in rows_of(session, GoodsReceiptLine, "receipt_id", receipt_id)})
    else:
        place = warehouse_by_code(session, warehouse or the_company(session).default_warehouse).id
    waiting = [
        line
        for line in waiting_lines(session, item_ids=items, warehouse_id=place)
        if line.available > ZERO and (items is None or line.item_id in items)
    ]
    served: list[str] = []
    for order_id in dict.fromkeys(line.order_id for line in waiting):
        order = load(session, SalesOrder, order_id)
        lines = rows_of(session, SalesOrderLine, "order_id", order_id)
        before = {key: dict(parts) for key, parts in reserved_of(session, [line["id"] for line in lines]).items()}
        reserve_waiting(session, order, lines)
        if reserved_of(session, [line["id"] for line in lines]) != before:
            served.append(order.label)
            record(session, "reserve_order", order, by=by)
    if not served:
        raise MissingValueError(N_("Nobody waits for these goods, or nothing is free."))
    return tuple(served)


def promise_lines(
    session: Session, order_id: int, promised_on: Mapping[int, date | None], *, by: str, today: date
) -> None:
    """Promise lines of an order for days of their own, by line; None goes back to the order's promise.

    Raises:
        WrongStateError: the order is over. NotFoundError: it has no such line.
    """
    order = load(session, SalesOrder, order_id)
    require_state(order, OrderState.DRAFT, OrderState.CONFIRMED, OrderState.ON_HOLD, doing=N_("be promised"))
    lines = {line["id"]: line for line in rows_of(session, SalesOrderLine, "order_id", order_id)}
    changed: list[dict[str, Any]] = []
    for key, on in promised_on.items():
        line = lines.get(key)
        if line is None:
            raise NotFoundError(N_("{order} has no such line."), order=order.label)
        if line["promised_on"] != on:
            decided_row(session, SalesOrderLine, line, "promised_on", line["promised_on"], on)
            line["promised_on"] = on
            changed.append(line)
    update_rows(session, SalesOrderLine, changed, "promised_on")
    order.version += 1
    record(session, "promise_lines", order, by=by, on=today)
