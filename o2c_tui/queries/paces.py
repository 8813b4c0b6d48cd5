"""How long customers take to pay, and how much of the invoicing is not paid yet, on any day.

Amounts in the company's currency. Rule: docs/rules/insight.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.base import AMOUNT
from o2c_tui.models.invoice import Invoice
from o2c_tui.models.ledger import Account, AccountRole, JournalEntry, JournalLine
from o2c_tui.models.party import Party
from o2c_tui.models.receivable import Allocation, Payment, ReceivableItem
from o2c_tui.queries.past import in_parts
from o2c_tui.rules.forecast import median_days
from o2c_tui.storage.rows import table_of

ZERO = Decimal(0)
SPAN = 365  # days that a customer's habits are told from
_items, _links = table_of(ReceivableItem), table_of(Allocation)
_invoices, _payments = table_of(Invoice), table_of(Payment)


@dataclass(frozen=True)
class Settled:
    """One instalment of an invoice that was paid: when it was written, due and paid."""

    customer_id: int
    invoice_id: int
    number: str
    dated_on: date
    due_on: date
    paid_on: date
    amount: Decimal

    @property
    def days(self) -> int:
        """From the invoice to the money."""
        return (self.paid_on - self.dated_on).days

    @property
    def delay(self) -> int:
        """From the due date to the money; negative where it came before."""
        return (self.paid_on - self.due_on).days


def taken_after(session: Session, as_of: date, *where: Any) -> dict[int, Decimal]:
    """What allocations after a day took off each item that was there on it, in the company's currency: positive off a
    debit, negative off a credit."""
    found: dict[int, Decimal] = {}
    for side, base, sign in (
        (_links.c.debit_id, sa.func.coalesce(_links.c.base_debit, _links.c.amount), 1),
        (_links.c.credit_id, sa.func.coalesce(_links.c.base_credit, _links.c.amount), -1),
    ):
        query = (
            sa.select(side, sa.func.sum(base, type_=AMOUNT))
            .join(_items, _items.c.id == side)
            .where(_links.c.allocated_on > as_of, _items.c.dated_on <= as_of, *where)
            .group_by(side)
        )
        for key, amount in session.execute(query):
            found[key] = found.get(key, ZERO) + sign * amount
    return found


def settled(session: Session, *, as_of: date, days: int = SPAN, customer_id: int | None = None) -> list[Settled]:
    """Instalments that were paid in the last `days` and stood settled at the end of a day, by the day they were paid on.

    One counts on the day of the last payment set against it: the day the money came, or the invoice's own where it had
    come before. What credit notes or write-offs settled without any payment was not paid.
    """
    credits = _items.alias("credit")
    mine = [_items.c.customer_id == customer_id] if customer_id is not None else []
    came = sa.case((_links.c.amount > 0, _payments.c.received_on))
    paid = (
        sa.select(
            _links.c.debit_id.label("debit_id"),
            sa.func.max(came, type_=sa.Date).label("came_on"),
        )
        .join(credits, credits.c.id == _links.c.credit_id)
        .join(_payments, _payments.c.id == credits.c.payment_id)
        .where(_links.c.allocated_on > as_of - timedelta(days=days), _links.c.allocated_on <= as_of)
        .group_by(_links.c.debit_id)
        .having(sa.func.sum(_links.c.amount, type_=AMOUNT) > 0)
        .subquery()
    )
    query = (
        sa.select(
            _items.c.id,
            _items.c.customer_id,
            _items.c.invoice_id,
            _invoices.c.number,
            _items.c.dated_on,
            _items.c.due_on,
            paid.c.came_on,
            sa.func.coalesce(_items.c.base_amount, _items.c.amount, type_=AMOUNT),
            _items.c.base_open,
        )
        .join(paid, paid.c.debit_id == _items.c.id)
        .join(_invoices, _invoices.c.id == _items.c.invoice_id)
        .where(_items.c.dated_on <= as_of, *mine)
    )
    later = taken_after(session, as_of, *mine)
    found = [
        Settled(customer, invoice, number, dated_on, due_on, max(came_on, dated_on), amount)
        for key, customer, invoice, number, dated_on, due_on, came_on, amount, left in session.execute(query)
        if left + later.get(key, ZERO) == ZERO
    ]
    return sorted(found, key=lambda one: (one.paid_on, one.invoice_id, one.due_on))


def delays(told: Sequence[Settled]) -> dict[int | None, int]:
    """Each customer's median delay after the due date; under None that of all of them, for who has paid nothing yet."""
    by_customer: dict[int | None, list[int]] = {None: []}
    for one in told:
        by_customer.setdefault(one.customer_id, []).append(one.delay)
        by_customer[None].append(one.delay)
    return {customer: median_days(days) or 0 for customer, days in by_customer.items()}


def customers_named(session: Session, keys: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Code and name of some parties."""
    found: dict[int, tuple[str, str]] = {}
    for part in in_parts(keys):
        query = sa.select(col(Party.id), col(Party.code), col(Party.name)).where(col(Party.id).in_(part))
        found |= {key: (code, name) for key, code, name in session.execute(query)}
    return found


def balance_on(session: Session, role: AccountRole, days: Sequence[date]) -> list[Decimal]:
    """What the accounts of a role stood at by the end of each of some days (in order of time): debit positive."""
    lines, heads, accounts = table_of(JournalLine), table_of(JournalEntry), table_of(Account)
    query = (
        sa.select(heads.c.posted_on, sa.func.sum(lines.c.amount, type_=AMOUNT))
        .join(lines, lines.c.entry_id == heads.c.id)
        .join(accounts, accounts.c.id == lines.c.account_id)
        .where(accounts.c.role == role, heads.c.posted_on <= days[-1])
        .group_by(heads.c.posted_on)
    )
    return _running({key: amount for key, amount in session.execute(query)}, days)


def invoiced_on(session: Session, *, first: date, last: date) -> dict[date, Decimal]:
    """What was invoiced each day with its tax, less credit notes."""
    return _invoiced(session, _items.c.dated_on, first, last)


def invoiced_by_customer(session: Session, *, first: date, last: date) -> dict[int, Decimal]:
    """The same of a span, by customer."""
    return _invoiced(session, _items.c.customer_id, first, last)


def _invoiced(session: Session, by: sa.Column[Any], first: date, last: date) -> dict[Any, Decimal]:
    amount = sa.func.coalesce(_items.c.base_amount, _items.c.amount)
    query = (
        sa.select(by, sa.func.sum(amount, type_=AMOUNT))
        .where(_items.c.invoice_id.is_not(None), _items.c.dated_on >= first, _items.c.dated_on <= last)
        .group_by(by)
    )
    return {key: amount for key, amount in session.execute(query)}


def _running(by_day: dict[date, Decimal], days: Sequence[date]) -> list[Decimal]:
    found, so_far = [], ZERO
    waiting = sorted(by_day, reverse=True)
    for day in days:
        while waiting and waiting[-1] <= day:
            so_far += by_day[waiting.pop()]
        found.append(so_far)
    return found


def came_in(session: Session, *, first: date, last: date) -> Decimal:
    """What customers paid from a day to a day, less what was given back or bounced."""
    amount = sa.func.coalesce(_items.c.base_amount, _items.c.amount)
    query = sa.select(sa.func.sum(amount, type_=AMOUNT)).where(
        _items.c.payment_id.is_not(None), _items.c.dated_on >= first, _items.c.dated_on <= last
    )
    return -(session.execute(query).scalar_one() or ZERO)


def open_late(session: Session, *, as_of: date) -> Decimal:
    """What was past due on a day, unapplied credits left out."""
    from o2c_tui.queries.receivables import ages

    return sum(ages(session, as_of=as_of)[1:], ZERO)
