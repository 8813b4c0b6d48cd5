"""A past day told from facts: what was decided later is undone, what was dated later does not count.

The day of a decision is the day its verb worked on, as its audit entry tells it. Rule: docs/rules/reports.md, "A past
day stays as it was".
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.audit import AuditEntry
from o2c_tui.models.base import AMOUNT, QUANTITY
from o2c_tui.models.delivery import CustomerReturn, CustomerReturnLine, Delivery, DeliveryLine, ReturnState
from o2c_tui.models.invoice import Invoice, InvoiceKind, InvoiceLine, InvoiceState
from o2c_tui.models.order import OrderState, SalesOrder, SalesOrderLine
from o2c_tui.money import Rounding, share_of
from o2c_tui.queries.lookups import the_company
from o2c_tui.storage.rows import table_of

ZERO = Decimal(0)
BINDING = (OrderState.CONFIRMED, OrderState.ON_HOLD, OrderState.CLOSED)
MANY = 5000  # keys in one question
Decided = tuple[str, int, str]  # table, key, column


def in_parts(keys: Iterable[int]) -> Iterator[list[int]]:
    """Keys in portions that one question takes."""
    told = sorted(set(keys))
    for start in range(0, len(told), MANY):
        yield told[start : start + MANY]


def undone_after(session: Session, kind: str, day: date) -> dict[Decided, Any]:
    """What documents of a kind (a table's name) had decided at the end of a day, of all that was decided anew since.

    Values are as the audit trail writes them: figures and days as text.
    """
    zone = ZoneInfo(the_company(session).time_zone)
    ends = datetime.combine(day + timedelta(days=1), time.min, zone).astimezone(UTC)
    entries = table_of(AuditEntry)
    query = (
        sa.select(entries.c.at, entries.c.changes)
        .where(
            entries.c.kind == kind,
            entries.c.changes != "",
            sa.or_(entries.c.at >= ends, entries.c.changes.contains('["on",')),
        )
        .order_by(entries.c.id)
    )
    found: dict[Decided, Any] = {}
    for at, changes in session.execute(query):
        told = json.loads(changes)
        on = next((date.fromisoformat(change[1]) for change in told if change[0] == "on" and len(change) == 2), None)
        if (on or at.astimezone(zone).date()) > day:
            for change in told:
                if len(change) == 5:
                    table, key, column, old, _new = change
                    found.setdefault((table, key, column), old)
    return found


@dataclass(frozen=True)
class LineOn:
    """What had become of one order line by a day; quantities in its unit, `to_bill` in the order's currency."""

    line_id: int
    order_id: int
    item_id: int | None
    customer_id: int
    warehouse_id: int
    by: str
    to_ship: Decimal
    unbilled: Decimal  # shipped or not
    to_bill: Decimal  # net of what was shipped and is not billed


def open_lines_on(session: Session, as_of: date | None, *where: Any) -> list[LineOn]:
    """The lines of binding orders that were not all delivered and billed at the end of a day (now without one).

    `where` narrows by columns of sales_order and sales_order_line. Rule: docs/rules/orders.md, "Three axes".
    """
    if as_of is None:
        return [line for line in _found(session, _kept_lines().where(*where)) if line is not None]
    decided = undone_after(session, "sales_order", as_of)
    changed = {key for (table, key, _column) in decided if table == "sales_order_line"}
    question, is_open = _lines_until(session, as_of)
    question = question.where(*where)
    found = {}
    for query in [
        question.where(is_open),
        *(question.where(col(SalesOrderLine.id).in_(keys)) for keys in in_parts(changed)),
    ]:
        for row in session.execute(query):
            if decided.get(("sales_order", row.order_id, "state"), row.state) not in BINDING:
                continue
            was = {name: decided.get(("sales_order_line", row.id, name), getattr(row, name)) for name in _AMENDED}
            if was["revision"] is not None:  # else it was added later
                line = _line(row, *(Decimal(was[name]) for name in ("quantity", "cancelled", "net")))
                if line is not None:
                    found[row.id] = line
                else:
                    found.pop(row.id, None)
    return list(found.values())


_AMENDED = ("revision", "quantity", "cancelled", "net")


def _found(session: Session, query: Any) -> Iterator[LineOn | None]:
    for row in session.execute(query):
        yield _line(row, row.quantity, row.cancelled, row.net)


def _line(row: Any, quantity: Decimal, cancelled: Decimal, net: Decimal) -> LineOn | None:
    left = quantity - cancelled
    to_ship = max(ZERO, left - row.shipped)
    unbilled = max(ZERO, left - row.returned - row.invoiced + row.credited)
    if not to_ship and not unbilled:
        return None
    part = min(unbilled, max(ZERO, row.shipped - row.returned - row.invoiced + row.credited))
    rest = quantity - row.invoiced + row.credited
    rounding = Rounding(row.rounding)
    to_bill = share_of(net - row.invoiced_net, part, rest, row.digits, rounding) if part else ZERO
    return LineOn(
        row.id, row.order_id, row.item_id, row.customer_id, row.warehouse_id, row.by, to_ship, unbilled, to_bill
    )


def _columns(*figures: Any) -> Any:
    lines, orders = table_of(SalesOrderLine), table_of(SalesOrder)
    names = ("shipped", "returned", "invoiced", "credited")
    return sa.select(
        lines.c.id,
        lines.c.order_id,
        lines.c.item_id,
        lines.c.quantity,
        lines.c.cancelled,
        lines.c.net,
        lines.c.revision,
        orders.c.state,
        orders.c.customer_id,
        orders.c.warehouse_id,
        orders.c.by,
        orders.c.digits,
        orders.c.rounding,
        *(sa.type_coerce(figure, QUANTITY).label(name) for name, figure in zip(names, figures, strict=False)),
        sa.type_coerce(figures[-1], AMOUNT).label("invoiced_net"),
    )


def _kept_lines() -> Any:
    c, orders = table_of(SalesOrderLine).c, table_of(SalesOrder)
    lines = table_of(SalesOrderLine)
    return (
        _columns(c.shipped, c.returned, c.invoiced, c.credited, c.invoiced_net)
        .select_from(lines.join(orders, orders.c.id == lines.c.order_id))
        .where(
            orders.c.state.in_(BINDING),
            sa.or_(
                c.quantity - c.cancelled - c.shipped > 0,
                c.quantity - c.cancelled - c.returned - c.invoiced + c.credited > 0,
            ),
        )
    )


def shipped_until(session: Session, as_of: date) -> Any:
    """A subquery: order line → what had left for it by a day; a delivery that was taken back by then had not."""
    heads, lines = table_of(Delivery), table_of(DeliveryLine)
    later = undone_after(session, "delivery", as_of)
    gone = [
        key for (table, key, column), old in later.items() if (table, column, old) == ("delivery", "state", "shipped")
    ]
    left = sa.or_(heads.c.state == "shipped", heads.c.id.in_(gone)) if gone else heads.c.state == "shipped"
    return (
        sa.select(lines.c.order_line_id, sa.func.sum(lines.c.quantity).label("quantity"))
        .join(heads, heads.c.id == lines.c.delivery_id)
        .where(heads.c.number.is_not(None), heads.c.shipped_on <= as_of, left)
        .group_by(lines.c.order_line_id)
        .subquery("shipped")
    )


def _lines_until(session: Session, as_of: date) -> tuple[Any, Any]:
    """The question for every line of an order dated until a day, and what makes one open as far as SQL can tell."""
    lines, orders = table_of(SalesOrderLine), table_of(SalesOrder)
    returns, return_lines = table_of(CustomerReturn), table_of(CustomerReturnLine)
    invoices, invoice_lines = table_of(Invoice), table_of(InvoiceLine)
    shipped = shipped_until(session, as_of)
    returned = (
        sa.select(return_lines.c.order_line_id, sa.func.sum(return_lines.c.quantity).label("quantity"))
        .join(returns, returns.c.id == return_lines.c.return_id)
        .where(returns.c.state == ReturnState.RECEIVED, returns.c.returned_on <= as_of)
        .group_by(return_lines.c.order_line_id)
        .subquery("returned")
    )

    def billed(name: str, *where: Any) -> Any:
        return (
            sa.select(
                invoice_lines.c.order_line_id,
                sa.func.sum(invoice_lines.c.quantity).label("quantity"),
                sa.func.sum(invoice_lines.c.net).label("net"),
            )
            .join(invoices, invoices.c.id == invoice_lines.c.invoice_id)
            .where(invoices.c.state == InvoiceState.POSTED, invoices.c.invoiced_on <= as_of, *where)
            .group_by(invoice_lines.c.order_line_id)
            .subquery(name)
        )

    invoiced = billed("invoiced", invoices.c.kind == InvoiceKind.INVOICE)
    credited = billed("credited", invoices.c.kind == InvoiceKind.CREDIT_NOTE, invoices.c.bill_again)
    told = (shipped, returned, invoiced, credited)
    figures = [sa.func.coalesce(part.c.quantity, 0) for part in told]
    net = sa.func.coalesce(invoiced.c.net, 0) - sa.func.coalesce(credited.c.net, 0)
    source: Any = lines.join(orders, orders.c.id == lines.c.order_id)
    for part in told:
        source = source.outerjoin(part, part.c.order_line_id == lines.c.id)
    question = (
        _columns(*figures, net)
        .select_from(source)
        .where(orders.c.state != OrderState.DRAFT, orders.c.ordered_on <= as_of)
    )
    gone, back, bills, anew = figures
    left = sa.type_coerce(lines.c.quantity - lines.c.cancelled, sa.BigInteger)  # as amended last: the rest is looked at
    return question, sa.or_(left - gone > 0, left - back - bills + anew > 0)


def keys_of(lines: Sequence[LineOn], name: str) -> set[Any]:
    """The values of one attribute of lines."""
    return {getattr(line, name) for line in lines}
