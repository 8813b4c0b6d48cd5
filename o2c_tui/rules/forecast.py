"""How fast customers pay, and when what is open may be expected. Rule: docs/rules/insight.md."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal(0)
WEEK = timedelta(days=7)


class Mark(StrEnum):
    """What is known of an expected amount beside its due date."""

    NONE = ""
    LATE = "late"  # it should have come by now: expected next
    PROMISED = "promised"
    DISPUTED = "disputed"  # nobody can say when


@dataclass(frozen=True)
class Owed:
    """One open instalment of a customer."""

    key: int
    invoice_id: int | None
    due_on: date
    open: Decimal
    disputed: bool = False


@dataclass(frozen=True)
class Promise:
    """A customer's word: an amount by a day, of one invoice or of the whole account (none)."""

    invoice_id: int | None
    promised_on: date
    amount: Decimal


@dataclass(frozen=True)
class Expected:
    """A part of an open instalment and the day it is expected on; none while it is disputed."""

    key: int
    invoice_id: int | None
    on: date | None
    amount: Decimal
    mark: Mark = Mark.NONE


def median_days(days: Iterable[int]) -> int | None:
    """The middle of some numbers of days; between two of them the half counts as a whole day later."""
    ordered = sorted(days)
    if not ordered:
        return None
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return -(-(ordered[middle - 1] + ordered[middle]) // 2)


def mean_days(told: Iterable[tuple[int, Decimal]]) -> Decimal | None:
    """The mean of days, each weighted by its amount."""
    days = amounts = ZERO
    for count, amount in told:
        days += count * amount
        amounts += amount
    return days / amounts if amounts else None


def days_sales_outstanding(receivables: Decimal, invoiced: Decimal, days: int) -> Decimal | None:
    """How many days' invoicing is not paid yet: receivables ÷ what was invoiced in `days` × days; none without invoices."""
    return receivables * days / invoiced if invoiced > ZERO else None


def expected(
    owed: Sequence[Owed], promises: Sequence[Promise], *, credit: Decimal, delay: int, as_of: date
) -> list[Expected]:
    """What one customer is expected to pay, and when.

    A promise that lies ahead moves so much of what it is about to its day. Unapplied `credit` (positive) lessens what
    comes first, disputed amounts last. The sum is what is owed less the credit, as far as that goes.
    """
    plain, parts = sorted(owed, key=lambda one: (one.due_on, one.key)), []
    for one in plain:
        usual = one.due_on + timedelta(days=delay)
        mark = Mark.DISPUTED if one.disputed else Mark.LATE if usual < as_of else Mark.NONE
        parts.append(Expected(one.key, one.invoice_id, None if one.disputed else max(as_of, usual), one.open, mark))
    for promise in sorted(promises, key=lambda one: one.promised_on):
        if promise.promised_on >= as_of:
            parts = _moved(parts, promise)
    parts.sort(key=lambda part: (part.on is None, part.on or as_of, part.key))
    left, kept = credit, []
    for part in parts:
        taken = min(left, part.amount)
        left -= taken
        if part.amount > taken:
            kept.append(replace(part, amount=part.amount - taken))
    return kept


def _moved(parts: Sequence[Expected], promise: Promise) -> list[Expected]:
    """So much of what was promised stands on its day; of an instalment promised in part the rest stays."""
    left, found = promise.amount, []
    for part in parts:
        meant = part.mark is not Mark.PROMISED and promise.invoice_id in (None, part.invoice_id)
        taken = min(left, part.amount) if meant else ZERO
        left -= taken
        if taken:
            found.append(replace(part, on=promise.promised_on, amount=taken, mark=Mark.PROMISED))
        if part.amount > taken:
            found.append(replace(part, amount=part.amount - taken))
    return found


def still_owed(bills: Sequence[tuple[int, date, Decimal]], balance: Decimal) -> list[tuple[int, Decimal]]:
    """What is left of a supplier's bills (key, due date, amount) where only the account's balance is known: the oldest
    due were paid first, so the balance is owed on those due last."""
    left, found = balance, []
    for key, _due_on, amount in sorted(bills, key=lambda bill: (bill[1], bill[0]), reverse=True):
        open_ = min(left, amount)
        if open_ <= ZERO:
            break
        found.append((key, open_))
        left -= open_
    return found[::-1]


def week_of(day: date, as_of: date) -> date:
    """The first day of a week of the forecast: Mondays, and the day it is told on for the week under way."""
    return max(as_of, day - timedelta(days=day.weekday()))


def weeks(as_of: date, count: int) -> list[tuple[date, date]]:
    """The next weeks, first and last day of each: the rest of this one, then from Monday to Sunday."""
    monday = as_of - timedelta(days=as_of.weekday())
    return [(max(as_of, monday + n * WEEK), monday + n * WEEK + timedelta(days=6)) for n in range(count)]
