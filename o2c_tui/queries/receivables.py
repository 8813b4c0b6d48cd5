"""What is owed, by customer and age, on any day.

Rule: docs/rules/aging.md. As of a past day: what is kept, with everything dated later undone.
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
from o2c_tui.models.party import Party
from o2c_tui.models.receivable import Allocation, Payment, ReceivableItem
from o2c_tui.models.receivable_adjustment import ReceivableAdjustment
from o2c_tui.queries.past import in_parts
from o2c_tui.queries.settling import discounts_left
from o2c_tui.rules.aging import BOUNDS, BUCKETS, bucket_of
from o2c_tui.storage.rows import table_of

ZERO = Decimal(0)
_items = table_of(ReceivableItem)
_links = table_of(Allocation)
_SIDES = (  # of an allocation: the item it is taken off, what it takes off it in the company's currency, the sign
    (_links.c.debit_id, sa.func.coalesce(_links.c.base_debit, _links.c.amount), 1),
    (_links.c.credit_id, sa.func.coalesce(_links.c.base_credit, _links.c.amount), -1),
)


@dataclass(frozen=True)
class AgedCustomer:
    """One customer's open amounts by age; `unapplied` is credit, negative; `total` adds them all."""

    customer_id: int
    code: str
    name: str
    buckets: tuple[Decimal, ...]
    unapplied: Decimal
    total: Decimal


@dataclass(frozen=True)
class OpenLine:
    """One open item of a customer on a day; `number` of its invoice, credit note or payment."""

    item_id: int
    kind: str  # invoice, credit_note, deposit, payment, receivable_adjustment
    document_id: int
    number: str
    dated_on: date
    due_on: date
    amount: Decimal
    open: Decimal
    days_overdue: int
    customer: str = ""  # its name
    discount_on: date | None = None  # until then a discount is offered
    discount: Decimal = ZERO  # what of it is left on the day
    currency: str = ""  # empty: the company's
    base_open: Decimal = ZERO  # what is open, in the company's currency

    @property
    def document_kind(self) -> str:
        """The kind of document it belongs to: invoice, payment or receivable_adjustment."""
        return self.kind if self.kind in ("payment", "receivable_adjustment") else "invoice"


def _bucket(as_of: date, bounds: Sequence[int]) -> sa.ColumnElement[int]:
    """Bucket of a positive item by its due date; credits go to bucket -1."""
    whens = [(_items.c.open < 0, -1)]
    whens += [(_items.c.due_on >= as_of - timedelta(days=bound), n) for n, bound in enumerate(bounds)]
    return sa.case(*whens, else_=len(bounds))


def aged(session: Session, *, as_of: date, bounds: Sequence[int] = BOUNDS) -> list[AgedCustomer]:
    """Every customer with something open on `as_of`, by name; age runs from the due date.

    Amounts in the company's currency. The grand total equals the receivables account on that day.
    """
    bucket = _bucket(as_of, bounds)
    query = (
        sa.select(_items.c.customer_id, bucket, sa.func.sum(_items.c.base_open, type_=AMOUNT))
        .where(_items.c.open != 0, _items.c.dated_on <= as_of)
        .group_by(_items.c.customer_id, bucket)
    )
    size = len(bounds) + 1
    sums: dict[int, list[Decimal]] = {}
    for customer, n, amount in session.execute(query):
        sums.setdefault(customer, [ZERO] * (size + 1))[n] += amount  # -1 is the last: credits
    for customer, due_on, credit, amount in _undone_later(session, as_of):
        n = -1 if credit else sum(1 for bound in bounds if due_on < as_of - timedelta(days=bound))
        sums.setdefault(customer, [ZERO] * (size + 1))[n] += amount
    parties = _names(session, list(sums))
    rows = [
        AgedCustomer(key, *parties[key], tuple(cells[:-1]), cells[-1], sum(cells, ZERO))
        for key, cells in sums.items()
        if any(cells)
    ]
    return sorted(rows, key=lambda row: (row.name.casefold(), row.code))


@dataclass(frozen=True)
class AgedCurrency:
    """What is open in one currency by age; `base_total` is the total in the company's currency."""

    currency: str
    buckets: tuple[Decimal, ...]
    unapplied: Decimal
    total: Decimal
    base_total: Decimal


def aged_by_currency(
    session: Session, *, as_of: date, bounds: Sequence[int] = BOUNDS, own: str = "", customer_id: int | None = None
) -> list[AgedCurrency]:
    """What is open on `as_of` in each currency, the company's (`own`) first; age runs from the due date.

    Each total is the receivables account of that day in its currency, and the totals in the company's currency are the
    account itself.
    """
    bucket, size = _bucket(as_of, bounds), len(bounds) + 1
    mine = [_items.c.customer_id == customer_id] if customer_id is not None else []
    open_now, base_now = sa.func.sum(_items.c.open, type_=AMOUNT), sa.func.sum(_items.c.base_open, type_=AMOUNT)
    query = (
        sa.select(_items.c.currency, bucket, open_now, base_now)
        .where(_items.c.open != 0, _items.c.dated_on <= as_of, *mine)
        .group_by(_items.c.currency, bucket)
    )
    sums: dict[str, list[Decimal]] = {}
    for currency, n, amount, base in session.execute(query):
        cells = sums.setdefault(currency, [ZERO] * (size + 2))
        cells[size if n < 0 else n] += amount
        cells[-1] += base
    newest = session.execute(NEWEST_ALLOCATION).scalar_one_or_none()
    for side, worth, sign in _SIDES if newest is not None and newest > as_of else ():
        taken, base_taken = sa.func.sum(_links.c.amount, type_=AMOUNT), sa.func.sum(worth, type_=AMOUNT)
        later = (
            sa.select(_items.c.currency, _items.c.due_on, taken, base_taken)
            .join(_items, _items.c.id == side)
            .where(_links.c.allocated_on > as_of, _items.c.dated_on <= as_of, *mine)
            .group_by(_items.c.currency, _items.c.due_on)
        )
        for currency, due_on, amount, base in session.execute(later):
            cells = sums.setdefault(currency, [ZERO] * (size + 2))
            cells[size if sign < 0 else bucket_of(due_on, as_of, bounds)] += sign * amount
            cells[-1] += sign * base
    return [
        AgedCurrency(code or own, tuple(cells[:size]), cells[size], sum(cells[:-1], ZERO), cells[-1])
        for code, cells in sorted(sums.items())
        if any(cells)
    ]


@dataclass(frozen=True)
class UnusedCredit:
    """What of a customer's money and credit notes is not used yet, in one currency: paid ahead on orders, and free."""

    currency: str  # empty: the company's
    ahead: Decimal
    free: Decimal


def unused_credit(session: Session, customer_id: int) -> list[UnusedCredit]:
    """Credit of a customer that is not used, by currency, the company's first; positive amounts."""
    ahead = col(Payment.order_id).is_not(None)
    query = (
        sa.select(_items.c.currency, ahead, sa.func.sum(_items.c.open, type_=AMOUNT))
        .outerjoin(Payment, col(Payment.id) == _items.c.payment_id)
        .where(_items.c.customer_id == customer_id, _items.c.open < 0)
        .group_by(_items.c.currency, ahead)
    )
    sums: dict[str, list[Decimal]] = {}
    for currency, on_order, amount in session.execute(query):
        sums.setdefault(currency, [ZERO, ZERO])[0 if on_order else 1] -= amount
    return [UnusedCredit(code, *parts) for code, parts in sorted(sums.items())]


def ages_question(as_of: date) -> Any:
    """One statement for what is owed by bucket, were nothing allocated after `as_of`; credits are bucket -1."""
    bucket = _bucket(as_of, BOUNDS)
    return (
        sa.select(bucket, sa.func.sum(_items.c.base_open, type_=AMOUNT))
        .where(_items.c.open != 0, _items.c.dated_on <= as_of)
        .group_by(bucket)
    )


NEWEST_ALLOCATION = sa.select(sa.func.max(_links.c.allocated_on))


def ages(session: Session, *, as_of: date) -> tuple[Decimal, ...]:
    """What is owed by all customers together, by age (see `aged`); unapplied credits are left out."""
    sums = [ZERO] * len(BUCKETS)
    for n, amount in session.execute(ages_question(as_of)):
        if n >= 0:
            sums[n] += amount
    for _customer, due_on, credit, amount in _undone_later(session, as_of):
        if not credit:
            sums[bucket_of(due_on, as_of)] += amount
    return tuple(sums)


def _undone_later(session: Session, as_of: date) -> list[tuple[int, date, bool, Decimal]]:
    """What allocations after a day took off items that were there on it, in the company's currency: (customer, due date,
    is a credit, amount)."""
    newest = session.execute(NEWEST_ALLOCATION).scalar_one_or_none()
    if newest is None or newest <= as_of:
        return []
    found: list[tuple[int, date, bool, Decimal]] = []
    for side, base, sign in _SIDES:
        query = (
            sa.select(_items.c.customer_id, _items.c.due_on, _items.c.amount, sa.func.sum(base, type_=AMOUNT))
            .join(_items, _items.c.id == side)
            .where(_links.c.allocated_on > as_of, _items.c.dated_on <= as_of)
            .group_by(_items.c.id, _items.c.customer_id, _items.c.due_on, _items.c.amount)
        )
        found += [(row[0], row[1], row[2] < 0, sign * row[3]) for row in session.execute(query)]
    return found


def _names(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    found: dict[int, tuple[str, str]] = {}
    if len(ids) > 500:
        query = sa.select(col(Party.id), col(Party.code), col(Party.name)).where(col(Party.is_customer))
        found = {key: (code, name) for key, code, name in session.execute(query)}
    missing = [key for key in ids if key not in found]
    for start in range(0, len(missing), 500):
        query = sa.select(col(Party.id), col(Party.code), col(Party.name)).where(
            col(Party.id).in_(missing[start : start + 500])
        )
        found |= {key: (code, name) for key, code, name in session.execute(query)}
    return found


def open_lines(session: Session, customer_id: int | None, *, as_of: date) -> list[OpenLine]:
    """What is open with one customer (with all of them without one) on a day, oldest due first; credits too."""
    mine = [_items.c.customer_id == customer_id] if customer_id is not None else []
    query = (
        sa.select(ReceivableItem, Invoice, Payment, ReceivableAdjustment, col(Party.name))
        .outerjoin(Invoice, col(Invoice.id) == col(ReceivableItem.invoice_id))
        .outerjoin(Payment, col(Payment.id) == col(ReceivableItem.payment_id))
        .outerjoin(ReceivableAdjustment, col(ReceivableAdjustment.id) == col(ReceivableItem.adjustment_id))
        .join(Party, col(Party.id) == col(ReceivableItem.customer_id))
        .where(col(ReceivableItem.dated_on) <= as_of, *mine)
        .order_by(col(ReceivableItem.due_on), col(ReceivableItem.id))
    )
    newest = session.execute(
        sa.select(sa.func.max(_links.c.allocated_on)).join(_items, _items.c.id == _links.c.debit_id).where(*mine)
    ).scalar_one_or_none()
    past = newest is not None and newest > as_of
    changes, base_changes = allocated_after(session, mine, as_of) if past else ({}, {})
    if not past:
        query = query.where(col(ReceivableItem.open) != 0)
    elif customer_id is None:  # open now, or closed since
        closed = sa.or_(*(col(ReceivableItem.id).in_(keys) for keys in in_parts(changes)))
        query = query.where(sa.or_(col(ReceivableItem.open) != 0, closed))
    rows = []
    found = session.execute(query).all()
    early = [row[0].id for row in found if row[0].discount_on is not None and row[0].discount_on >= as_of]
    offered = discounts_left(session, early, as_of) if early else {}
    for item, invoice, payment, adjustment, customer in found:
        left = item.open + changes.get(item.id, ZERO)
        if left:
            document = invoice or payment or adjustment
            kind = (
                str(invoice.kind)
                if invoice is not None
                else "payment"
                if payment is not None
                else "receivable_adjustment"
            )
            overdue = (as_of - item.due_on).days if left > 0 else 0
            rows.append(
                OpenLine(
                    item.id,
                    kind,
                    document.id,
                    document.label,
                    item.dated_on,
                    item.due_on,
                    item.amount,
                    left,
                    overdue,
                    customer,
                    item.discount_on if item.id in offered else None,
                    min(offered.get(item.id, ZERO), max(left, ZERO)),
                    item.currency,
                    item.base_open + base_changes.get(item.id, ZERO),
                )
            )
    return rows


def allocated_after(
    session: Session, mine: Sequence[Any], as_of: date
) -> tuple[dict[int, Decimal], dict[int, Decimal]]:
    """What allocations after a day took off each item: in its currency, and in the company's."""
    changes: dict[int, Decimal] = {}
    base_changes: dict[int, Decimal] = {}
    for side, base, sign in _SIDES:
        query = (
            sa.select(side, sa.func.sum(_links.c.amount, type_=AMOUNT), sa.func.sum(base, type_=AMOUNT))
            .join(_items, _items.c.id == side)
            .where(_links.c.allocated_on > as_of, *mine)
            .group_by(side)
        )
        for key, amount, worth in session.execute(query):
            changes[key] = changes.get(key, ZERO) + sign * amount
            base_changes[key] = base_changes.get(key, ZERO) + sign * worth
    return changes, base_changes
