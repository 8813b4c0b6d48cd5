"""Who waits for what and what is to be bought: now, and as it was at the end of a past day.

Of a past day reservations are not known, and need not be: what was on hand goes to the open orders in the order in
which they are served. On hand less what is still to be delivered is the same projected stock either way. Quantities in
stock units. Rule: docs/rules/reports.md, "A past day stays as it was".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.base import PRICE, QUANTITY
from o2c_tui.models.item import Item, ItemKind, KitPart, Warehouse
from o2c_tui.models.order import SalesOrder, SalesOrderLine
from o2c_tui.models.party import Party
from o2c_tui.models.purchase import PurchaseOrder, PurchaseOrderLine
from o2c_tui.models.receipt import GoodsReceipt, GoodsReceiptLine
from o2c_tui.models.stock import StockMove
from o2c_tui.models.warehouse import StockTransfer, StockTransferLine, TransferArrival, TransferArrivalLine
from o2c_tui.queries.incoming import Coming
from o2c_tui.queries.past import in_parts, open_lines_on, undone_after
from o2c_tui.queries.promise import promises
from o2c_tui.queries.reorder import Due, due_by
from o2c_tui.queries.waiting import waiting_lines
from o2c_tui.rules.reordering import Outlook
from o2c_tui.storage.rows import table_of

ZERO = Decimal(0)
Place = tuple[int, int]  # item, warehouse


@dataclass(frozen=True)
class Demand:
    """What an order line still asks of one item, and what there is for it."""

    order_id: int
    line_id: int
    number: str
    customer_id: int
    customer: str
    item_id: int
    warehouse: str
    to_deliver: Decimal
    waiting: Decimal  # of it: not there
    promised_on: date | None
    expected_on: date | None  # the day the last of it comes; none: nobody knows
    late: bool  # its day has passed, or will before the goods are there


@dataclass(frozen=True)
class _Open:
    """One open order line and item, before stock is dealt out."""

    order_id: int
    line_id: int
    number: str
    customer_id: int
    customer: str
    item_id: int
    warehouse_id: int
    quantity: Decimal
    promised_on: date | None
    turn: tuple[Any, ...]


def demands(session: Session, *, as_of: date | None = None, today: date) -> list[Demand]:
    """Order lines that wait for goods or are past their day, in the order in which they are served.

    Now they wait for what is not reserved for them; on a past day for what was not on hand for them in their turn.
    """
    places = dict(session.execute(sa.select(col(Warehouse.id), col(Warehouse.code))).all())
    rows = _now(session, today, places) if as_of is None else _on(session, as_of, places)
    return [row for row in rows if row.waiting > ZERO or row.late]


def _now(session: Session, today: date, places: dict[int, str]) -> list[Demand]:
    told = {(p.line.line_id, p.line.item_id): p for p in promises(session, today)}
    lines = waiting_lines(session, on_hold=True, lacking_only=False)
    buyers: dict[int, int] = {}
    for keys in in_parts(line.order_id for line in lines):
        buyers |= dict(
            session.execute(
                sa.select(col(SalesOrder.id), col(SalesOrder.customer_id)).where(col(SalesOrder.id).in_(keys))
            ).all()
        )
    found = []
    for line in lines:
        promise = told.get((line.line_id, line.item_id))
        expected = promise.expected_on if promise else today
        found.append(
            Demand(
                line.order_id,
                line.line_id,
                line.number,
                buyers[line.order_id],
                line.customer,
                line.item_id,
                places[line.warehouse_id],
                in_stock(line.quantity, line.per),
                line.waiting,
                line.promised_on,
                expected,
                _is_late(line.promised_on, expected, today),
            )
        )
    return found


def _is_late(promised_on: date | None, expected_on: date | None, today: date) -> bool:
    if promised_on is None:
        return False
    return promised_on < today or expected_on is None or expected_on > promised_on


def _on(session: Session, as_of: date, places: dict[int, str]) -> list[Demand]:
    lines = _open_on(session, as_of)
    supply: dict[Place, list[tuple[date, Decimal]]] = {
        place: [(as_of, quantity)] for place, quantity in on_hand_on(session, as_of).items()
    }
    for come in coming_on(session, as_of):
        if come.expected_on is not None:
            queue = supply.setdefault((come.item_id, come.warehouse_id), [])
            queue.append((max(come.expected_on, as_of), come.quantity))
    found = []
    for line in lines:
        queue, left, on = supply.get((line.item_id, line.warehouse_id), []), line.quantity, as_of
        waiting = left
        while left > ZERO and queue:
            day, there = queue[0]
            part = min(left, max(there, ZERO))
            left -= part
            if part:
                on = day
            if day == as_of:
                waiting -= part
            if there - part > ZERO:
                queue[0] = (day, there - part)
            else:
                queue.pop(0)
        expected = on if left <= ZERO else None
        found.append(
            Demand(
                line.order_id,
                line.line_id,
                line.number,
                line.customer_id,
                line.customer,
                line.item_id,
                places[line.warehouse_id],
                line.quantity,
                waiting,
                line.promised_on,
                expected,
                _is_late(line.promised_on, expected, as_of),
            )
        )
    return found


def in_stock(quantity: Decimal, per: Fraction) -> Decimal:
    """A quantity of a line in stock units."""
    exact = Fraction(quantity) * per
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(PRICE.unit)


def _open_on(session: Session, as_of: date) -> list[_Open]:
    """What was still to be delivered at the end of a day, by order line and item, served first first."""
    wanted = {line.line_id: line for line in open_lines_on(session, as_of) if line.to_ship}
    decided = undone_after(session, "sales_order", as_of)
    lines, orders, items, kits = table_of(SalesOrderLine), table_of(SalesOrder), table_of(Item), table_of(KitPart)
    query = (
        sa.select(
            lines.c.id,
            lines.c.position,
            lines.c.item_id,
            lines.c.factor_num,
            lines.c.factor_den,
            orders.c.id.label("order_id"),
            orders.c.number,
            orders.c.customer_id,
            orders.c.warehouse_id,
            orders.c.priority,
            orders.c.ordered_on,
            orders.c.promised_on.label("of_order"),
            lines.c.promised_on.label("of_line"),
            col(Party.name).label("customer"),
            items.c.kind,
        )
        .join(orders, orders.c.id == lines.c.order_id)
        .join(items, items.c.id == lines.c.item_id)
        .join(Party, col(Party.id) == orders.c.customer_id)
        .where(items.c.kind != ItemKind.SERVICE)
    )
    rows = [row for keys in in_parts(wanted) for row in session.execute(query.where(lines.c.id.in_(keys)))]
    parts: dict[int, list[tuple[int, Fraction]]] = {}
    for kit, item, quantity in session.execute(
        sa.select(kits.c.kit_id, kits.c.item_id, kits.c.quantity).where(kits.c.quantity > 0).order_by(kits.c.id)
    ):
        parts.setdefault(kit, []).append((item, Fraction(quantity)))
    found = []
    for row in rows:
        promised = _day(decided.get(("sales_order_line", row.id, "promised_on"), row.of_line))
        promised = promised or _day(decided.get(("sales_order", row.order_id, "promised_on"), row.of_order))
        per = Fraction(row.factor_num or 1, row.factor_den or 1)
        needed = parts.get(row.item_id, []) if row.kind == ItemKind.KIT else [(row.item_id, Fraction(1))]
        turn = (-row.priority, promised is None, promised or as_of, row.ordered_on, row.order_id, row.position)
        found += [
            _Open(
                row.order_id,
                row.id,
                row.number,
                row.customer_id,
                row.customer,
                item,
                row.warehouse_id,
                in_stock(wanted[row.id].to_ship, per * each),
                promised,
                turn,
            )
            for item, each in needed
        ]
    return sorted(found, key=lambda line: line.turn)


def _day(value: date | str | None) -> date | None:
    """A day, as a column or as the audit trail has it."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def on_hand_on(session: Session, as_of: date) -> dict[Place, Decimal]:
    """By item and warehouse: what lay there at the end of a day; nothing is left out, so all that ever moved is named."""
    moves = table_of(StockMove)
    query = (
        sa.select(moves.c.item_id, moves.c.warehouse_id, sa.func.sum(moves.c.quantity, type_=QUANTITY))
        .where(moves.c.moved_on <= as_of)
        .group_by(moves.c.item_id, moves.c.warehouse_id)
    )
    return {(item, place): quantity for item, place, quantity in session.execute(query)}


def coming_on(session: Session, as_of: date) -> list[Coming]:
    """What was on its way at the end of a day: ordered from suppliers and from other warehouses, earliest first."""
    found = [*_purchased_on(session, as_of), *_under_way_on(session, as_of)]
    return sorted(found, key=lambda line: (line.expected_on is None, line.expected_on or date.max, line.number))


def _purchased_on(session: Session, as_of: date) -> Iterable[Coming]:
    decided = undone_after(session, "purchase_order", as_of)
    receipts_undone = undone_after(session, "goods_receipt", as_of)
    here = [key for (_t, key, column), old in receipts_undone.items() if (column, old) == ("state", "received")]
    heads, lines = table_of(PurchaseOrder), table_of(PurchaseOrderLine)
    receipts, received = table_of(GoodsReceipt), table_of(GoodsReceiptLine)
    there = receipts.c.state == "received"
    came = (
        sa.select(received.c.purchase_line_id, sa.func.sum(received.c.purchased).label("quantity"))
        .join(receipts, receipts.c.id == received.c.receipt_id)
        .where(receipts.c.received_on <= as_of, sa.or_(there, receipts.c.id.in_(here)) if here else there)
        .group_by(received.c.purchase_line_id)
        .subquery("came")
    )
    query = (
        sa.select(
            lines.c.id,
            lines.c.item_id,
            lines.c.quantity,
            lines.c.cancelled,
            sa.type_coerce(sa.func.coalesce(came.c.quantity, 0), QUANTITY).label("came"),
            lines.c.factor_num,
            lines.c.factor_den,
            lines.c.expected_on,
            heads.c.id.label("order_id"),
            heads.c.number,
            heads.c.state,
            heads.c.warehouse_id,
            heads.c.expected_on.label("of_order"),
        )
        .join(heads, heads.c.id == lines.c.order_id)
        .outerjoin(came, came.c.purchase_line_id == lines.c.id)
        .where(
            heads.c.number.is_not(None),
            heads.c.ordered_on <= as_of,
            lines.c.quantity - sa.func.coalesce(came.c.quantity, 0) > 0,
        )
    )

    def was(table: str, key: int, column: str, now: Any) -> Any:
        return decided.get((table, key, column), now)

    for row in session.execute(query):
        if was("purchase_order", row.order_id, "state", row.state) != "sent":
            continue
        left = row.quantity - Decimal(was("purchase_order_line", row.id, "cancelled", row.cancelled)) - row.came
        on = was("purchase_order_line", row.id, "expected_on", row.expected_on)
        on = on or was("purchase_order", row.order_id, "expected_on", row.of_order)
        if left > ZERO:
            per = Fraction(row.factor_num or 1, row.factor_den or 1)
            yield Coming(
                "purchase", row.order_id, row.number, row.item_id, row.warehouse_id, in_stock(left, per), _day(on)
            )


def _under_way_on(session: Session, as_of: date) -> Iterable[Coming]:
    heads, lines = table_of(StockTransfer), table_of(StockTransferLine)
    arrivals, arrived = table_of(TransferArrival), table_of(TransferArrivalLine)
    here = (
        sa.select(arrived.c.transfer_line_id, sa.func.sum(arrived.c.quantity).label("quantity"))
        .join(arrivals, arrivals.c.id == arrived.c.arrival_id)
        .where(arrivals.c.state == "received", arrivals.c.arrived_on <= as_of)
        .group_by(arrived.c.transfer_line_id)
        .subquery("here")
    )
    left = sa.type_coerce(lines.c.quantity - sa.func.coalesce(here.c.quantity, 0), QUANTITY)
    query = (
        sa.select(heads.c.id, heads.c.number, lines.c.item_id, heads.c.target_id, left, heads.c.expected_on)
        .join(heads, heads.c.id == lines.c.transfer_id)
        .outerjoin(here, here.c.transfer_line_id == lines.c.id)
        .where(
            heads.c.state == "dispatched",
            heads.c.dispatched_on <= as_of,
            lines.c.quantity - sa.func.coalesce(here.c.quantity, 0) > 0,
        )
    )
    return [Coming("transfer", *row) for row in session.execute(query)]


def reorder_on(session: Session, as_of: date) -> list[Due]:
    """What was to be bought at the end of a day, by the reorder rules of now: of items that had moved or been asked for."""
    there = on_hand_on(session, as_of)
    asked: dict[Place, Decimal] = {}
    for line in _open_on(session, as_of):
        place = line.item_id, line.warehouse_id
        asked[place] = asked.get(place, ZERO) + line.quantity
    come: dict[Place, Decimal] = {}
    for part in coming_on(session, as_of):
        place = part.item_id, part.warehouse_id
        come[place] = come.get(place, ZERO) + part.quantity
    known = {item for item, _ in (*there, *asked, *come)}

    def outlook(place: Place) -> Outlook | None:
        if place[0] not in known:
            return None
        free = there.get(place, ZERO) - asked.get(place, ZERO)
        return Outlook(max(free, ZERO), come.get(place, ZERO), max(-free, ZERO))

    return due_by(session, outlook, as_of)
