"""What verify proves of documents: lines carry what others say of them, states follow from lines, totals are their sums.

Rule: docs/rules/verify.md.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from o2c_tui.models.base import AMOUNT, QUANTITY
from o2c_tui.models.delivery import CustomerReturn, CustomerReturnLine, Delivery, DeliveryLine
from o2c_tui.models.invoice import Invoice, InvoiceLine
from o2c_tui.models.order import SalesOrder, SalesOrderLine
from o2c_tui.models.quotation import Quotation, QuotationLine
from o2c_tui.models.receipt import GoodsReceipt, GoodsReceiptLine
from o2c_tui.models.warehouse import (
    StockAdjustment,
    StockAdjustmentLine,
    Stocktake,
    StocktakeLine,
    StockTransfer,
    StockTransferLine,
    TransferArrival,
    TransferArrivalLine,
)
from o2c_tui.queries.checking import Found, Row, breach, column_word, differing, joined_sums, step_word, sums
from o2c_tui.rules.progress import LineLedger, OrderProgress, order_progress, progress
from o2c_tui.rules.tax_parts import sum_of
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)


def line_progress(session: Session) -> Found:
    """Ordered, shipped, returned, invoiced and credited of every line are the sums of the documents that say so."""
    yield from _ordered(session)
    yield from _shipped_and_returned(session)
    yield from _invoiced_and_credited(session)


def _ordered(session: Session) -> Found:
    """Of a quotation's lines, what orders took; an order amended to more than was offered took what was offered."""
    orders, lines, quoted = table_of(SalesOrder), table_of(SalesOrderLine), table_of(QuotationLine)
    wanted = orders.c.state != "cancelled"
    ordered = joined_sums(session, lines, orders, "order_id", "quotation_line_id", "quantity", QUANTITY, wanted)
    offered = dict(session.execute(sa.select(quoted.c.id, quoted.c.quantity)).all())
    taken = {key: min(part, offered.get(key, part)) for key, part in ordered.items()}
    yield from differing(session, QuotationLine, "ordered", taken)


def _shipped_and_returned(session: Session) -> Found:
    """Of the lines of orders and deliveries, what left and what came back."""
    deliveries, lines = table_of(Delivery), table_of(DeliveryLine)
    gone = deliveries.c.state == "shipped"
    shipped = joined_sums(session, lines, deliveries, "delivery_id", "order_line_id", "quantity", QUANTITY, gone)
    yield from differing(session, SalesOrderLine, "shipped", shipped)

    returns, return_lines = table_of(CustomerReturn), table_of(CustomerReturnLine)
    back = returns.c.state == "received"

    def told(key: str) -> dict[int, Decimal]:
        return joined_sums(session, return_lines, returns, "return_id", key, "quantity", QUANTITY, back)

    yield from differing(session, SalesOrderLine, "returned", told("order_line_id"))
    yield from differing(session, DeliveryLine, "returned", told("delivery_line_id"))


def _invoiced_and_credited(session: Session) -> Found:
    """Of the lines of orders, deliveries and invoices, what invoices billed and credit notes gave back."""
    invoices, lines = table_of(Invoice), table_of(InvoiceLine)
    billed = sa.and_(invoices.c.state == "posted", invoices.c.kind == "invoice")
    credits = sa.and_(invoices.c.state == "posted", invoices.c.kind == "credit_note")
    anew = sa.and_(credits, invoices.c.bill_again)
    back = sa.and_(credits, ~lines.c.by_amount)  # a credit by amount gives no quantity back

    def told(key: str, what: str, kind: Any, where: Any) -> dict[int, Decimal]:
        return joined_sums(session, lines, invoices, "invoice_id", key, what, kind, where)

    def less(key: str, what: str, kind: Any) -> dict[int, Decimal]:
        plus, minus = told(key, what, kind, billed), told(key, what, kind, anew)
        return {line: plus.get(line, ZERO) - minus.get(line, ZERO) for line in {*plus, *minus}}

    yield from differing(session, SalesOrderLine, "invoiced", told("order_line_id", "quantity", QUANTITY, billed))
    yield from differing(session, SalesOrderLine, "credited", told("order_line_id", "quantity", QUANTITY, anew))
    yield from differing(session, SalesOrderLine, "invoiced_net", less("order_line_id", "net", AMOUNT))
    yield from differing(session, SalesOrderLine, "invoiced_tax", less("order_line_id", "tax", AMOUNT))
    yield from differing(session, DeliveryLine, "invoiced", less("delivery_line_id", "quantity", QUANTITY))
    yield from differing(session, InvoiceLine, "credited", told("credits_line_id", "quantity", QUANTITY, back))
    yield from differing(session, InvoiceLine, "credited_net", told("credits_line_id", "net", AMOUNT, credits))
    yield from differing(session, InvoiceLine, "credited_tax", told("credits_line_id", "tax", AMOUNT, credits))


def order_axes(session: Session) -> Found:
    """Delivery, billing and exposure of orders, billing and return of deliveries, progress of quotations follow from lines."""
    lines: dict[int, list[LineLedger]] = defaultdict(list)
    table = table_of(SalesOrderLine)
    for row in session.execute(sa.select(table)):
        lines[row.order_id].append(
            LineLedger(
                row.quantity, row.cancelled, row.shipped, row.returned, row.invoiced, row.credited, row.net + row.tax
            )
        )
        if row.shipped > row.quantity - row.cancelled:
            yield breach(
                N_("{row}: {shipped} shipped of {ordered}"),
                row=Row("sales_order_line", row.id),
                shipped=row.shipped,
                ordered=row.quantity - row.cancelled,
            )
    head = table_of(SalesOrder)
    for row in session.execute(
        sa.select(head.c.id, head.c.state, head.c.digits, head.c.delivery, head.c.billing, head.c.uninvoiced)
    ):
        now = order_progress(lines[row.id], billable=row.state in ("confirmed", "on_hold", "closed"), digits=row.digits)
        if row.state == "draft":
            now = OrderProgress("none", "none", ZERO)
        if (row.delivery, row.billing, row.uninvoiced) != (now.delivery, now.billing, now.uninvoiced):
            yield breach(
                N_("{row}: {one_word}, {other_word}, {left} to be invoiced; its lines tell {a_word}, {b_word}, {told}"),
                row=Row("sales_order", row.id),
                one_word=step_word(row.delivery),
                other_word=step_word(row.billing),
                left=row.uninvoiced,
                a_word=step_word(now.delivery),
                b_word=step_word(now.billing),
                told=now.uninvoiced,
            )
    yield from _delivery_axes(session)
    yield from _quotation_axes(session)


def _quotation_axes(session: Session) -> Found:
    ordered: dict[int, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    quoted = table_of(QuotationLine)
    for row in session.execute(sa.select(quoted.c.quotation_id, quoted.c.ordered, quoted.c.quantity)):
        ordered[row.quotation_id].append((row.ordered, row.quantity))
    quotations = table_of(Quotation)
    for row in session.execute(sa.select(quotations.c.id, quotations.c.ordered)):
        told = progress(ordered[row.id]) if any(part for part, _ in ordered[row.id]) else "none"
        if row.ordered != told:
            yield breach(
                N_("{row}: ordered {now_word}, its lines tell {told_word}"),
                row=Row("quotation", row.id),
                now_word=step_word(row.ordered),
                told_word=step_word(told),
            )


def _delivery_axes(session: Session) -> Found:
    lines: dict[int, list[Any]] = defaultdict(list)
    table = table_of(DeliveryLine)
    query = sa.select(table.c.delivery_id, table.c.quantity, table.c.returned, table.c.invoiced)
    for row in session.execute(query):
        lines[row.delivery_id].append(row)
    head = table_of(Delivery)
    for row in session.execute(sa.select(head.c.id, head.c.state, head.c.billing, head.c.returned)):
        billing = progress((x.invoiced, max(ZERO, x.quantity - x.returned)) for x in lines[row.id])
        returned = progress((x.returned, x.quantity) for x in lines[row.id])
        touched = any(x.invoiced or x.returned for x in lines[row.id])
        if not touched:
            billing = returned = "none"
        if (row.billing, row.returned) != (billing, returned):
            yield breach(
                N_("{row}: billed {one_word}, returned {other_word}; its lines tell {a_word}, {b_word}"),
                row=Row("delivery", row.id),
                one_word=step_word(row.billing),
                other_word=step_word(row.returned),
                a_word=step_word(billing),
                b_word=step_word(returned),
            )


def document_totals(session: Session) -> Found:
    """The totals of each document are the sums of its lines; an invoice's instalments add up to it."""
    priced: tuple[tuple[type[SQLModel], type[SQLModel], str], ...] = (
        (Quotation, QuotationLine, "quotation_id"),
        (SalesOrder, SalesOrderLine, "order_id"),
        (Invoice, InvoiceLine, "invoice_id"),
    )
    for model, lines_model, key in priced:
        head, lines = table_of(model), table_of(lines_model)
        nets, taxes = sums(session, lines, key, "net", AMOUNT), sums(session, lines, key, "tax", AMOUNT)
        for row in session.execute(sa.select(head.c.id, head.c.net, head.c.tax, head.c.cash_difference, head.c.gross)):
            told = (nets.get(row.id, ZERO), taxes.get(row.id, ZERO))
            if (row.net, row.tax) != told or row.gross != row.net + row.tax + row.cash_difference:
                yield breach(
                    N_("{row}: {net} + {tax} = {gross}, its lines tell {net_told} + {tax_told}"),
                    row=Row(head.name, row.id),
                    net=row.net,
                    tax=row.tax,
                    gross=row.gross,
                    net_told=told[0],
                    tax_told=told[1],
                )
        parted = sa.select(lines.c.id, lines.c.tax, lines.c.tax_parts).where(lines.c.tax_parts != "")
        for row in session.execute(parted):
            if (several := _sum_of_taxes(row.tax_parts)) != row.tax:
                yield breach(
                    N_("{row}: tax {tax}, its several taxes tell {told}"),
                    row=Row(lines.name, row.id),
                    tax=row.tax,
                    told="–" if several is None else several,
                )
    valued: tuple[tuple[type[SQLModel], type[SQLModel], str, str], ...] = (
        (GoodsReceipt, GoodsReceiptLine, "receipt_id", "value"),
        (Delivery, DeliveryLine, "delivery_id", "cost"),
        (CustomerReturn, CustomerReturnLine, "return_id", "cost"),
        (StockTransfer, StockTransferLine, "transfer_id", "value"),
        (TransferArrival, TransferArrivalLine, "arrival_id", "value"),
        (Stocktake, StocktakeLine, "stocktake_id", "value"),
        (StockAdjustment, StockAdjustmentLine, "adjustment_id", "value"),
    )
    for model, lines_model, key, what in valued:
        head, values = table_of(model), sums(session, table_of(lines_model), key, what, AMOUNT)
        for row in session.execute(sa.select(head.c.id, head.c[what])):
            if row[1] != values.get(row[0], ZERO):
                yield breach(
                    N_("{row}: {column_word} {value}, its lines tell {told}"),
                    row=Row(head.name, row[0]),
                    column_word=column_word(what),
                    value=row[1],
                    told=values.get(row[0], ZERO),
                )


def _sum_of_taxes(text: str) -> Decimal | None:
    """What the several taxes of a line come to; None where their text is none of ours."""
    try:
        return sum_of(text)
    except ValueError:
        return None
