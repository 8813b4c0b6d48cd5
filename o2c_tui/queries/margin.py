"""Gross margin of sales orders: what was invoiced less what the consumed layers were worth.

Rule: docs/rules/margin.md. Until all is shipped and billed the figure is an estimate.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.base import AMOUNT
from o2c_tui.models.delivery import CustomerReturn, CustomerReturnLine, DeliveryLine
from o2c_tui.models.invoice import Invoice, InvoiceLine
from o2c_tui.models.order import SalesOrder, SalesOrderLine
from o2c_tui.models.party import Party
from o2c_tui.models.stock import MoveKind, StockMove
from o2c_tui.storage.rows import table_of

ZERO = Decimal(0)


@dataclass(frozen=True)
class OrderMargin:
    """One order's margin; amounts in the company's currency, before tax."""

    order_id: int
    number: str
    ordered_on: date
    customer: str
    invoiced: Decimal
    cost: Decimal
    margin: Decimal
    percent: Decimal | None
    estimate: bool


def order_margins(session: Session, *, as_of: date | None = None, order_id: int | None = None) -> list[OrderMargin]:
    """The margin of every confirmed order (or of one), from documents dated up to `as_of`; newest first."""
    lines, invoice_lines = table_of(SalesOrderLine), table_of(InvoiceLine)
    delivery_lines, return_lines = table_of(DeliveryLine), table_of(CustomerReturnLine)
    invoices, moves, returns = table_of(Invoice), table_of(StockMove), table_of(CustomerReturn)

    def by_order(
        column: sa.ColumnElement[Decimal],
        source: sa.FromClause,
        key: sa.ColumnElement[int],
        *where: sa.ColumnElement[bool],
    ) -> dict[int, Decimal]:
        query = (
            sa.select(lines.c.order_id, sa.func.sum(column, type_=AMOUNT))
            .select_from(source.join(lines, lines.c.id == key))
            .where(*where)
            .group_by(lines.c.order_id)
        )
        if order_id is not None:
            query = query.where(lines.c.order_id == order_id)
        return {key: amount for key, amount in session.execute(query)}

    def until(day: sa.ColumnElement[date]) -> list[sa.ColumnElement[bool]]:
        return [day <= as_of] if as_of is not None else []

    signed = sa.case((invoices.c.kind == "credit_note", -invoice_lines.c.net), else_=invoice_lines.c.net)
    invoiced = by_order(
        signed,
        invoice_lines.join(invoices, invoices.c.id == invoice_lines.c.invoice_id),
        invoice_lines.c.order_line_id,
        invoices.c.state == "posted",
        *until(invoices.c.invoiced_on),
    )
    cost = by_order(
        -moves.c.value,  # a delivery that was reversed moved the same value back, on its own day
        delivery_lines.join(moves, sa.and_(moves.c.kind == MoveKind.DELIVERY, moves.c.line_id == delivery_lines.c.id)),
        delivery_lines.c.order_line_id,
        *until(moves.c.moved_on),
    )
    back = by_order(
        return_lines.c.cost,
        return_lines.join(returns, returns.c.id == return_lines.c.return_id),
        return_lines.c.order_line_id,
        returns.c.state == "received",
        *until(returns.c.returned_on),
    )
    query = (
        sa.select(
            col(SalesOrder.id),
            col(SalesOrder.number),
            col(SalesOrder.ordered_on),
            col(Party.name),
            col(SalesOrder.delivery),
            col(SalesOrder.billing),
        )
        .join(Party, col(Party.id) == col(SalesOrder.customer_id))
        .where(col(SalesOrder.state).not_in(("draft", "cancelled")), *until(table_of(SalesOrder).c.ordered_on))
        .order_by(col(SalesOrder.id).desc())
    )
    if order_id is not None:
        query = query.where(col(SalesOrder.id) == order_id)
    rows = []
    for key, number, on, customer, delivered, billed in session.execute(query):
        net, spent = invoiced.get(key, ZERO), cost.get(key, ZERO) - back.get(key, ZERO)
        margin = net - spent
        percent = margin * 100 / net if net else None
        estimate = delivered != "fully" or billed != "fully"
        rows.append(OrderMargin(key, number, on, customer, net, spent, margin, percent, estimate))
    return rows
