"""Which orders will be late, in one statement: for the filter of their list, its marks and Home.

An order is late where a line that is still to be delivered is past its promise, or where the goods it waits for come
after it: before a line in the queue stands more than is free and due by its promise. The same as `promise.promises`
says line by line, put as a condition. Rule: docs/rules/stock.md, "Who waits".
"""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.order import SalesOrder, SalesOrderLine
from o2c_tui.queries.incoming import purchases_coming, transfers_coming
from o2c_tui.queries.waiting import open_lines
from o2c_tui.storage.rows import table_of

_UNIT = 1_000_000.0  # stored figures are millionths


def _stored(column: Any) -> Any:
    """A stored figure as a floating number: exact for whole millionths up to nine billion units."""
    return sa.cast(sa.type_coerce(column, sa.BigInteger), sa.Float)


def late_order(today: date) -> sa.ColumnElement[bool]:
    """The condition that a sales order is late on a day."""
    lines, orders = table_of(SalesOrderLine), table_of(SalesOrder)
    past = (
        sa.select(sa.literal(1))
        .where(
            lines.c.order_id == orders.c.id,
            sa.text("sales_order_line.quantity - sales_order_line.cancelled - sales_order_line.shipped > 0"),
            sa.func.coalesce(lines.c.promised_on, orders.c.promised_on, type_=sa.Date) < today,
        )
        .correlate(orders)
        .exists()
    )
    return sa.and_(
        col(SalesOrder.state).in_(("confirmed", "on_hold")),
        col(SalesOrder.delivery) != "fully",
        sa.or_(past, col(SalesOrder.id).in_(_too_late(today))),
    )


def late_question(today: date) -> Any:
    """One statement for the keys of the orders that are late on a day."""
    return sa.select(col(SalesOrder.id)).where(late_order(today))


def late_orders(session: Session, *, today: date) -> frozenset[int]:
    """The keys of the orders that are late on a day."""
    return frozenset(session.execute(late_question(today)).scalars())


def _too_late(today: date) -> Any:
    """Orders with a line promised from today on whose goods come later than that."""
    line = open_lines(on_hold=True).order_by(None).subquery("open_line")
    per = _stored(line.c.in_kit) / _UNIT
    needed = _stored(line.c.to_ship) * sa.func.coalesce(line.c.factor_num, 1) / sa.func.coalesce(line.c.factor_den, 1)
    lacking = needed * sa.func.coalesce(per, 1.0) - _stored(line.c.held)
    waits = (
        sa.select(
            line.c.id, line.c.line_id, line.c.item_id, line.c.warehouse_id, line.c.priority, line.c.ordered_on,
            line.c.promised_on, line.c.position, _stored(line.c.free).label("free"), lacking.label("lacking"),
        )
        .where(lacking > 0.5)
        .subquery("waits")
    )  # fmt: skip
    before = sa.func.sum(waits.c.lacking).over(
        partition_by=[waits.c.item_id, waits.c.warehouse_id],
        order_by=[
            waits.c.priority.desc(), sa.case((waits.c.promised_on.is_(None), 1), else_=0), waits.c.promised_on,
            waits.c.ordered_on, waits.c.id, waits.c.position,
        ],
    )  # fmt: skip
    queue = sa.select(waits, before.label("before")).subquery("queue")
    come = _coming().subquery("come")
    due = sa.func.coalesce(sa.func.sum(come.c.arriving), 0.0)
    return (
        sa.select(queue.c.id)
        .outerjoin(
            come,
            sa.and_(
                come.c.item_id == queue.c.item_id,
                come.c.warehouse_id == queue.c.warehouse_id,
                come.c.expected_on <= queue.c.promised_on,
            ),
        )
        .where(queue.c.promised_on >= today)
        .group_by(queue.c.id, queue.c.line_id, queue.c.item_id, queue.c.before, queue.c.free)
        .having(queue.c.before > queue.c.free + due + 0.5)
    )


def _coming() -> Any:
    """What comes when, in stock units: from suppliers and from other warehouses."""
    bought = purchases_coming(some=False).subquery("bought")
    moved = transfers_coming(some=False).subquery("moved")
    arriving = (
        _stored(bought.c.left) * sa.func.coalesce(bought.c.factor_num, 1) / sa.func.coalesce(bought.c.factor_den, 1)
    )
    return sa.union_all(
        sa.select(bought.c.item_id, bought.c.warehouse_id, bought.c.expected_on, arriving.label("arriving")),
        sa.select(moved.c.item_id, moved.c.warehouse_id, moved.c.expected_on, _stored(moved.c.left).label("arriving")),
    )
