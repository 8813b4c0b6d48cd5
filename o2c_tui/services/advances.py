"""Money that was paid ahead on an order, set against the invoices of that order: its deposits and its final ones.

Rule: docs/rules/settling.md, "Paid ahead".
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from o2c_tui.errors import MissingValueError
from o2c_tui.models.invoice import Invoice, InvoiceLine, InvoiceState
from o2c_tui.models.order import SalesOrder, SalesOrderLine
from o2c_tui.models.receivable import Payment, ReceivableItem
from o2c_tui.services.allocating import allocate
from o2c_tui.services.support import load, require_state
from o2c_tui.storage.chain import record
from o2c_tui.storage.rows import parents_of, rows_of
from o2c_tui.texts import N_

ZERO = Decimal(0)


def use_paid_ahead(session: Session, invoice: Invoice, lines: Sequence[Mapping[str, Any]]) -> None:
    """Set what was paid ahead on orders against an invoice of theirs that was just posted, the oldest money first."""
    ahead = [order.id for order in _orders(session, invoice, lines) if order.paid_ahead]
    if ahead:
        _set_against(session, invoice, ahead, invoice.invoiced_on, invoice.by)


def use_advance(session: Session, invoice_id: int, *, on: date | None = None, by: str, today: date) -> Decimal:
    """Set what was paid ahead on an invoice's orders, and is not used, against what is open of it; returns how much.

    What was there when the invoice was posted is used by itself; this is for money that came, or was freed, since.

    Raises:
        WrongStateError: it is a draft. MissingValueError: nothing is open of it, or nothing was paid ahead until the day.
    """
    invoice = load(session, Invoice, invoice_id)
    require_state(invoice, InvoiceState.POSTED, doing=N_("be paid"))
    day = max(on or today, invoice.invoiced_on)
    lines = rows_of(session, InvoiceLine, "invoice_id", invoice_id)
    orders = _orders(session, invoice, lines)
    set_off = _set_against(session, invoice, [order.id for order in orders], day, by) if invoice.open > ZERO else ZERO
    if not set_off:
        raise MissingValueError(
            N_("Nothing that was paid ahead on {orders} can be set against {number}."),
            orders=", ".join(order.label for order in orders) or "–",
            number=invoice.label,
        )
    return set_off


def _orders(session: Session, invoice: Invoice, lines: Sequence[Mapping[str, Any]]) -> list[SalesOrder]:
    """The orders that an invoice bills, or asks a deposit on."""
    keys = sorted({line["order_line_id"] for line in lines if line["order_line_id"] is not None})
    orders = parents_of(session, SalesOrderLine, "order_id", keys) if keys else []
    if invoice.order_id is not None and invoice.order_id not in orders:
        orders.append(invoice.order_id)
    return [load(session, SalesOrder, key) for key in orders]


def _set_against(session: Session, invoice: Invoice, orders: Sequence[int], day: date, by: str) -> Decimal:
    query = (
        select(ReceivableItem)
        .join(Payment, col(Payment.id) == col(ReceivableItem.payment_id))
        .where(
            col(Payment.order_id).in_(orders),
            ReceivableItem.open < 0,
            ReceivableItem.dated_on <= day,
            ReceivableItem.currency == (invoice.currency if invoice.rate else ""),
            Payment.customer_id == invoice.customer_id,
        )
        .order_by(col(ReceivableItem.dated_on), col(ReceivableItem.id))
    )
    credits = session.exec(query).all()
    mine = select(ReceivableItem).where(ReceivableItem.invoice_id == invoice.id, ReceivableItem.open > 0)
    debits = session.exec(mine.order_by(col(ReceivableItem.due_on), col(ReceivableItem.id))).all()
    set_off = ZERO
    for credit in credits:
        left, shares = -credit.open, {}
        for debit in debits:
            if take := min(left, debit.open):
                shares[debit.id] = take
                left -= take
        facts = allocate(session, credit.id, shares, day)
        if facts:
            set_off += sum(shares.values(), ZERO)
            session.flush()
            payment = load(session, Payment, credit.payment_id or 0)
            record(session, "apply_credit", payment, by=by, facts=facts)
    return set_off
