"""Which step of reminding an instalment has come to, and simple interest by the day. Pure arithmetic.

Rule: docs/rules/reminders.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from o2c_tui.money import Rounding, round_to

ZERO = Decimal(0)
YEAR = 365  # days that a year's percentage is spread over, in leap years too


@dataclass(frozen=True)
class Step:
    """A step of a profile: so many days after the due date (before it, where negative), a letter, perhaps a fee."""

    level: int
    days: int
    letter: str
    fee: Decimal = ZERO


def reached(due_on: date, on: date, steps: Iterable[Step]) -> int:
    """The highest step whose day has come: on that day it is due. 0: none yet."""
    return max((step.level for step in steps if due_on + timedelta(days=step.days) <= on), default=0)


def level_of(due_on: date, on: date, steps: Iterable[Step], sent: int) -> int:
    """The step to send now: the highest whose day has come, if it was not sent yet. 0: none.

    After a pause the steps between are left out: only the highest is sent.
    """
    level = reached(due_on, on, steps)
    return level if level > sent else 0


@dataclass(frozen=True)
class Span:
    """What was open for some days: an amount from a day on until another, the last not counted."""

    amount: Decimal
    first: date
    last: date


def spans(open_then: Decimal, first: date, last: date, changes: Sequence[tuple[date, Decimal]]) -> list[Span]:
    """What was open from a day until another, cut where it changed; `open_then` is what was open on the first.

    `changes` are days with what each took off (negative: what came back); those outside are left out.
    """
    found, left, since = [], open_then, first
    for day, part in sorted(changes):
        if not first < day < last:
            continue
        if day > since and left > ZERO:
            found.append(Span(left, since, day))
        left, since = left - part, day
    if since < last and left > ZERO:
        found.append(Span(left, since, last))
    return found


def interest(parts: Iterable[Span], percent: Decimal, digits: int, rounding: Rounding = Rounding.HALF_UP) -> Decimal:
    """Simple interest by the day on what was open: amount × percent ÷ 100 × days ÷ 365, rounded once for all spans."""
    days = sum((part.amount * (part.last - part.first).days for part in parts), ZERO)
    return round_to(days * percent / 100 / YEAR, digits, rounding)
