"""Gross margin of sales orders: what was invoiced less what the consumed layers were worth, with what bills added later.

Rule: docs/rules/margin.md. Until all is shipped and billed the figure is an estimate.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.base import AMOUNT
from o2c_tui.models.delivery import CustomerReturn, CustomerReturnLine, DeliveryLine
from o2c_tui.models.invoice import Invoice, InvoiceLine
from o2c_tui.models.order import SalesOrder, SalesOrderLine
from o2c_tui.models.party import Party
from o2c_tui.models.purchase import (
    BillState,
    SupplierBill,
    SupplierBillLine,
    SupplierReturn,
    SupplierReturnState,
)
from o2c_tui.models.stock import CostVariance, MoveKind, StockMove
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
    variances, revalued = table_of(CostVariance), moves.alias("revalued")
    later = by_order(
        variances.c.amount,
        variances.join(revalued, revalued.c.id == variances.c.move_id)
        .join(moves, sa.and_(moves.c.id == variances.c.source_move_id, moves.c.kind == MoveKind.DELIVERY))
        .join(delivery_lines, delivery_lines.c.id == moves.c.line_id),
        delivery_lines.c.order_line_id,
        *until(revalued.c.moved_on),
    )
    query = (
        sa.select(
            col(SalesOrder.id),
            col(SalesOrder.number),
            col(SalesOrder.ordered_on),
            col(Party.name),
            col(SalesOrder.delivery),
            col(SalesOrder.billing),
            col(SalesOrder.state),
        )
        .join(Party, col(Party.id) == col(SalesOrder.customer_id))
        .where(col(SalesOrder.state) != "draft")
        .order_by(col(SalesOrder.id).desc())
    )
    if order_id is not None:
        query = query.where(col(SalesOrder.id) == order_id)
    rows = []
    for key, number, on, customer, delivered, billed, state in session.execute(query):
        net = invoiced.get(key, ZERO)
        spent = cost.get(key, ZERO) - back.get(key, ZERO) + later.get(key, ZERO)
        if (state == "cancelled" or (as_of is not None and on > as_of)) and not net and not spent:
            continue
        margin = net - spent
        percent = margin * 100 / net if net else None
        estimate = delivered != "fully" or billed != "fully"
        rows.append(OrderMargin(key, number, on, customer, net, spent, margin, percent, estimate))
    return rows


def cost_of_no_order(session: Session, *, as_of: date | None = None) -> Decimal:
    """What stands in cost of sales beside the orders' own: what goods sent back to suppliers cost more or less than they
    were taken in for, less what the supplier credited for that."""
    back, bills, lines = table_of(SupplierReturn), table_of(SupplierBill), table_of(SupplierBillLine)
    variances, moves = table_of(CostVariance), table_of(StockMove)
    source = moves.alias("source")

    def summed(
        column: sa.ColumnElement[Decimal], source: sa.FromClause, day: sa.ColumnElement[date], *where: Any
    ) -> Decimal:
        query = sa.select(sa.func.sum(column, type_=AMOUNT)).select_from(source).where(*where)
        if as_of is not None:
            query = query.where(day <= as_of)
        return session.execute(query).scalar() or ZERO

    sent = summed(back.c.cost - back.c.value, back, back.c.returned_on, back.c.state == SupplierReturnState.SENT)
    credited = summed(
        lines.c.cost - lines.c.cleared,
        lines.join(bills, bills.c.id == lines.c.bill_id),
        bills.c.billed_on,
        bills.c.state == BillState.POSTED,
        bills.c.return_id.is_not(None),
        lines.c.receipt_line_id.is_not(None),
    )
    later = summed(
        variances.c.amount,
        variances.join(moves, moves.c.id == variances.c.move_id).join(
            source, source.c.id == variances.c.source_move_id
        ),
        moves.c.moved_on,
        source.c.kind == MoveKind.SUPPLIER_RETURN,
    )
    return sent - credited + later
