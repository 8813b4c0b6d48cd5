"""Reverse and replace: an invoice taken back whole, and its lines on a new draft, in one step.

Rule: docs/rules/invoices.md, "Reverse and replace".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from o2c_tui.models.invoice import Invoice, InvoiceKind, InvoiceLine
from o2c_tui.models.order import SalesOrder, SalesOrderLine
from o2c_tui.models.trade import LINE_FIELDS, TERM_FIELDS
from o2c_tui.services.billed_lines import billed_row, note_taxes, sums_of
from o2c_tui.services.crediting import credit_invoice
from o2c_tui.services.deducting import deduction_rows
from o2c_tui.services.support import load, own
from o2c_tui.storage.chain import record
from o2c_tui.storage.rows import insert_rows, parents_of, rows_of

ZERO = Decimal(0)


@dataclass(frozen=True)
class Replaced:
    """The credit note that took an invoice back, and the draft that stands in its place."""

    credit_note_id: int
    number: str  # of the credit note
    invoice_id: int  # of the draft
    gross: Decimal  # of the draft


def replace_invoice(
    session: Session,
    invoice_id: int,
    reason: str,
    *,
    credited_on: date | None = None,
    version: int | None = None,
    by: str,
    today: date,
    now: datetime,
) -> Replaced:
    """Credit all that is left of an invoice, to the cent, and write its lines down again as a draft that names it.

    Lines of orders are billed at what the order says now; other lines stand as they stood and can be edited.

    Raises:
        What credit_invoice raises.
    """
    credited = credit_invoice(
        session, invoice_id, reason, bill_again=True, credited_on=credited_on, version=version, by=by, today=today,
        now=now,
    )  # fmt: skip
    invoice = load(session, Invoice, invoice_id)
    lines = rows_of(session, InvoiceLine, "invoice_id", credited.invoice_id)
    rows, orders = _again(session, invoice, lines)
    head: dict[str, Any] = {name: getattr(invoice, name) for name in TERM_FIELDS}
    if any(order.deposited for order in orders) and invoice.kind is InvoiceKind.INVOICE:
        rows += deduction_rows(session, [order.id for order in orders], rows, head)
    draft = Invoice(
        **head,
        kind=invoice.kind,
        order_id=invoice.order_id,
        replaces_id=invoice.id,
        **sums_of(rows, invoice),
        customer_id=invoice.customer_id,
        ship_to=invoice.ship_to,
        invoiced_on=credited_on or today,
        by=by,
    )
    own(session, draft)
    insert_rows(session, InvoiceLine, [{**row, "invoice_id": draft.id} for row in rows], parent="invoice_id")
    record(session, "replace_invoice", draft, by=by, reason=reason)
    return Replaced(credited.invoice_id, credited.number, draft.id, draft.gross)


def _again(
    session: Session, invoice: Invoice, lines: Sequence[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[SalesOrder]]:
    """The credited lines as lines of a draft, and the orders they come from. Deductions are made anew."""
    keys = sorted({line["order_line_id"] for line in lines if line["order_line_id"] is not None})
    order_ids = parents_of(session, SalesOrderLine, "order_id", keys) if keys else []
    orders = {key: load(session, SalesOrder, key) for key in order_ids}
    ordered = {row["id"]: dict(row) for row in rows_of(session, SalesOrderLine, "order_id", order_ids)} if keys else {}
    note_taxes(session, list(ordered.values()))
    deposit = invoice.kind is InvoiceKind.DEPOSIT
    rows: list[dict[str, Any]] = []
    for line in lines:
        if line["deducts_line_id"] is not None and not deposit:
            continue
        mine = ordered.get(line["order_line_id"])
        if mine is not None:
            order = orders[mine["order_id"]]
            rows.append(billed_row(len(rows) + 1, mine, line["quantity"], line["delivery_line_id"], order))
        else:
            row = {name: line[name] for name in (*LINE_FIELDS, "order_line_id", "delivery_line_id")}
            rows.append({**row, "position": len(rows) + 1})
    return rows, list(orders.values())
