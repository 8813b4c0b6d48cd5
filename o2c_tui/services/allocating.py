"""What pays what: credits set against what is owed, and taken off it again, by dated rows.

Rule: docs/rules/payments.md, "Allocation".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, OverAllocationError
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.invoice import Invoice
from o2c_tui.models.order import SalesOrder
from o2c_tui.models.receivable import Allocation, Payment, ReceivableItem
from o2c_tui.models.receivable_adjustment import ReceivableAdjustment
from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.settling import discounts_left, invoices_of_order
from o2c_tui.rules.allocation import OpenItem
from o2c_tui.services.posting import Facts
from o2c_tui.services.settling import parts_in_base, post_exchange
from o2c_tui.services.support import load
from o2c_tui.storage.rows import LOCK, insert_rows
from o2c_tui.texts import N_

ZERO = Decimal(0)


def in_currency(document: Payment | Invoice, worth: Decimal) -> dict[str, Any]:
    """What an open item says of another currency: nothing where its document is in the company's own."""
    return {"currency": document.currency, "base_amount": worth} if document.rate else {}


def open_debits(
    session: Session, customer_id: int, on: date, currency: str = "", *, order_id: int | None = None
) -> list[OpenItem]:
    """What a customer owes in a currency (empty: the company's), oldest due first, as the proposal takes it; what is
    dated after `on` left out.

    With `order_id` only the instalments of invoices that bill that order.
    """
    number = sa.func.coalesce(col(Invoice.number), col(ReceivableAdjustment.number), "")
    query = (
        sa.select(
            col(ReceivableItem.id),
            col(ReceivableItem.due_on),
            col(ReceivableItem.open),
            number,
            col(ReceivableItem.discount_on),
        )
        .outerjoin(Invoice, col(Invoice.id) == col(ReceivableItem.invoice_id))
        .outerjoin(ReceivableAdjustment, col(ReceivableAdjustment.id) == col(ReceivableItem.adjustment_id))
        .where(
            col(ReceivableItem.customer_id) == customer_id,
            col(ReceivableItem.currency) == currency,
            col(ReceivableItem.open) > 0,
            col(ReceivableItem.dated_on) <= on,
            ~undone_after(on),
        )
        .order_by(col(ReceivableItem.due_on), col(ReceivableItem.id))
    )
    if order_id is not None:
        query = query.where(col(ReceivableItem.invoice_id).in_(invoices_of_order(order_id)))
    rows = session.execute(query).all()
    early = [row.id for row in rows if row.discount_on is not None and row.discount_on >= on]
    offered = discounts_left(session, early, on) if early else {}
    return [OpenItem(row.id, row.due_on, row.open, row[3], offered.get(row.id, ZERO)) for row in rows]


def undone_after(on: date) -> sa.ColumnElement[bool]:
    """Whether something that was set against an instalment was undone later than a day: up to then it was paid."""
    return sa.exists().where(
        col(Allocation.debit_id) == col(ReceivableItem.id),
        col(Allocation.amount) < 0,
        col(Allocation.allocated_on) > on,
    )


def allocate(session: Session, credit_id: int, shares: Mapping[int, Decimal], on: date) -> Facts:
    """Set parts of a credit against instalments: rows, and what is open on both sides, on the invoices and the payment.

    A negative part undoes an earlier one. What the parts would overdraw is refused, on whichever day. In another
    currency what that gains or loses is posted (services/settling.py); both sides are in the same one.
    """
    parts = {key: part for key, part in shares.items() if part}
    if not parts:
        return []
    items = _locked(session, [*parts, credit_id], on)
    credit = items.get(credit_id)
    if credit is None:
        raise BadValueError(N_("There is no such credit."))
    for key, part in parts.items():
        _check_debit(session, items.get(key), credit, key, part, on)
    total = sum(parts.values(), ZERO)
    if not credit.amount <= credit.open + total <= ZERO:
        raise OverAllocationError(
            N_("{total} is more than the {left} that is left of the credit."), total=total, left=-credit.open
        )
    worth = parts_in_base(session, credit, items, parts)
    for key, taken in worth.items():
        debit = items[key]
        debit.open -= taken.amount
        debit.base_open -= taken.debit
        debit.settled_on = on if not debit.open else None
    credit.open += total
    credit.base_open += sum((part.credit for part in worth.values()), ZERO)
    credit.settled_on = on if not credit.open else None
    rows = insert_rows(
        session,
        Allocation,
        [
            {
                "allocated_on": on,
                "debit_id": key,
                "credit_id": credit_id,
                "amount": taken.amount,
                "base_debit": taken.debit if credit.currency else None,
                "base_credit": taken.credit if credit.currency else None,
            }
            for key, taken in sorted(worth.items())
        ],
    )
    _keep_documents(session, [items[key] for key in parts], credit, parts, total, on)
    return [(Allocation, rows), *post_exchange(session, credit, list(worth.values()), on)]


def _locked(session: Session, keys: Sequence[int], on: date) -> dict[int, ReceivableItem]:
    """Items held for this transaction; nothing may be set on them before a day on which something was undone."""
    undone = sa.select(sa.func.max(col(Allocation.allocated_on))).where(
        sa.or_(col(Allocation.debit_id) == col(ReceivableItem.id), col(Allocation.credit_id) == col(ReceivableItem.id)),
        col(Allocation.amount) < 0,
    )
    query = (
        select(ReceivableItem, undone.correlate(ReceivableItem).scalar_subquery())
        .where(col(ReceivableItem.id).in_(keys))
        .order_by(col(ReceivableItem.id))
        .with_for_update(**LOCK)
    )
    found = session.exec(query).all()
    for _, last in found:
        if last is not None and on < last:
            raise BadValueError(
                N_("What was set here was undone on {day}; nothing can be set before that day."),
                field="date",
                day=str(last),
            )
    return {item.id: item for item, _ in found}


def _check_debit(
    session: Session, debit: ReceivableItem | None, credit: ReceivableItem, key: int, part: Decimal, on: date
) -> None:
    """Refuse a part that the credit cannot pay of this instalment on the day."""
    if debit is None or debit.customer_id != credit.customer_id or debit.amount <= ZERO:
        raise BadValueError(N_("Item {key} is not an open instalment of this customer."), key=key)
    if debit.currency != credit.currency:
        own = the_company(session).currency
        raise BadValueError(
            N_("Money in {currency} cannot pay what is owed in {other}; give it out in its own currency."),
            field=f"shares.{key}",
            currency=credit.currency or own,
            other=debit.currency or own,
        )
    if debit.dated_on > on:
        raise BadValueError(
            N_("An instalment of {day} cannot be paid on {on}."), field="date", day=str(debit.dated_on), on=str(on)
        )
    if not ZERO <= debit.open - part <= debit.amount:
        raise OverAllocationError(
            N_("{part} is more than the {open} that is open."), field=f"shares.{key}", part=part, open=debit.open
        )


def _keep_documents(
    session: Session,
    debits: Sequence[ReceivableItem],
    credit: ReceivableItem,
    parts: Mapping[int, Decimal],
    total: Decimal,
    on: date,
) -> None:
    by_invoice: dict[int, Decimal] = {}
    for item in debits:
        if item.invoice_id is not None:
            by_invoice[item.invoice_id] = by_invoice.get(item.invoice_id, ZERO) + parts[item.id]
    if credit.invoice_id is not None:
        by_invoice[credit.invoice_id] = by_invoice.get(credit.invoice_id, ZERO) - total
    for item in (*debits, credit):
        if item.adjustment_id is not None:
            load(session, ReceivableAdjustment, item.adjustment_id).open -= total if item is credit else -parts[item.id]
    query = (
        select(Invoice).where(col(Invoice.id).in_(sorted(by_invoice))).order_by(col(Invoice.id)).with_for_update(**LOCK)
    )
    for invoice in session.exec(query) if by_invoice else ():
        invoice.open -= by_invoice[invoice.id]
        invoice.settled_on = on if not invoice.open else None
        invoice.version += 1
    if credit.payment_id is not None:
        payment = load(session, Payment, credit.payment_id)
        payment.unapplied -= total
        payment.version += 1
        if payment.order_id is not None:
            load(session, SalesOrder, payment.order_id).paid_ahead -= total


@dataclass(frozen=True)
class Held:
    """What of a credit is set against a debit, by their item keys, and the day of the newest row."""

    credit_id: int
    debit_id: int
    amount: Decimal
    newest: date


def held_by(session: Session, item_ids: Sequence[int]) -> list[Held]:
    """What is set against some items, or by them; what was undone is left out."""
    links = (col(Allocation.credit_id), col(Allocation.debit_id))
    query = (
        sa.select(*links, sa.func.sum(col(Allocation.amount), type_=AMOUNT), sa.func.max(col(Allocation.allocated_on)))
        .where(sa.or_(*(link.in_(item_ids) for link in links)))
        .group_by(*links)
        .order_by(*links)
    )
    return [Held(*row) for row in session.execute(query) if row[2]]


def take_off(session: Session, held: Sequence[Held], on: date) -> Facts:
    """Undo what is set against what, by opposite rows.

    Raises:
        BadValueError: the day lies before it was set.
    """
    by_credit: dict[int, dict[int, Decimal]] = {}
    for part in held:
        if on < part.newest:
            raise BadValueError(
                N_("It was set against invoices on {day}; it cannot be undone on {on}."),
                field="date",
                day=str(part.newest),
                on=str(on),
            )
        by_credit.setdefault(part.credit_id, {})[part.debit_id] = -part.amount
    facts: Facts = []
    for credit_id, shares in by_credit.items():
        facts += allocate(session, credit_id, shares, on)
    return facts
