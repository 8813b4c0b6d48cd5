"""Payment terms: a list of instalments, the last of which takes the rest. Rule: docs/rules/terms.md."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from o2c_tui.money import MOST_AMOUNT, Rounding, is_figure, round_to
from o2c_tui.rules.calendars import business_day_before, free_days, next_business_day

ZERO = Decimal(0)
HUNDRED = Decimal(100)
MOST_MONTHS = 120


class PartKind(StrEnum):
    """How much of the total a part takes."""

    FIXED = "fixed"
    PERCENT = "percent"
    PERCENT_OF_REST = "percent_of_rest"
    REST = "rest"


class BusinessDay(StrEnum):
    """Where a due date goes that falls on a day without business."""

    AS_IT_FALLS = ""
    NEXT = "next"
    BEFORE = "before"


@dataclass(frozen=True)
class TermPart:
    """One part of a term: its share, and its due date as an offset from the invoice date.

    Months and weeks and days are added first, then end of month, day of month, weekday (0 is Monday) move it forward,
    and last the business day: the next one, or the one before, by weekends and the holidays of `country` ("DE",
    "DE-BY"; empty: the weekends alone).
    """

    kind: PartKind
    value: Decimal = ZERO
    months: int = 0
    weeks: int = 0
    days: int = 0
    end_of_month: bool = False
    day_of_month: int | None = None
    weekday: int | None = None
    business_day: BusinessDay = BusinessDay.AS_IT_FALLS
    country: str = ""
    discount_percent: Decimal = ZERO
    discount_days: int = 0

    def __post_init__(self) -> None:
        """Refuse a part that makes no date or no share.

        Raises:
            ValueError: says which figure is out of bounds.
        """
        most = HUNDRED if self.kind in (PartKind.PERCENT, PartKind.PERCENT_OF_REST) else MOST_AMOUNT
        for name, value, limit in (("value", self.value, most), ("discount_percent", self.discount_percent, HUNDRED)):
            if not is_figure(value, 6, limit):
                raise ValueError(f"{name} must be from 0 to {limit}")
        for name, number, low, high in (
            ("months", self.months, 0, MOST_MONTHS),
            ("weeks", self.weeks, 0, 4 * MOST_MONTHS),
            ("days", self.days, 0, 30 * MOST_MONTHS),
            ("discount_days", self.discount_days, 0, 30 * MOST_MONTHS),
            ("day_of_month", 1 if self.day_of_month is None else self.day_of_month, 1, 31),
            ("weekday", 0 if self.weekday is None else self.weekday, 0, 6),
        ):
            if not low <= number <= high:
                raise ValueError(f"{name} must be from {low} to {high}")
        object.__setattr__(self, "business_day", BusinessDay(self.business_day))
        if self.country:
            free_days(self.country)


@dataclass(frozen=True)
class Instalment:
    """What is due when, and the discount for paying early."""

    amount: Decimal
    due_on: date
    discount_on: date | None = None
    discount_amount: Decimal = ZERO


def due_date(part: TermPart, on: date) -> date:
    """The due date of a part of an invoice dated `on`."""
    months = on.year * 12 + on.month - 1 + part.months
    year, month = divmod(months, 12)
    day = date(year, month + 1, min(on.day, calendar.monthrange(year, month + 1)[1]))
    day += timedelta(weeks=part.weeks, days=part.days)
    if part.end_of_month:
        day = day.replace(day=calendar.monthrange(day.year, day.month)[1])
    if part.day_of_month is not None:
        day = _next_day_of_month(day, part.day_of_month)
    if part.weekday is not None:
        day += timedelta(days=(part.weekday - day.weekday()) % 7)
    if part.business_day is BusinessDay.NEXT:
        day = next_business_day(day, free_days(part.country))
    elif part.business_day is BusinessDay.BEFORE:
        day = max(business_day_before(day, free_days(part.country)), on)
    return day


def _next_day_of_month(day: date, wanted: int) -> date:
    here = min(wanted, calendar.monthrange(day.year, day.month)[1])
    if here >= day.day:
        return day.replace(day=here)
    year, month = (day.year, day.month + 1) if day.month < 12 else (day.year + 1, 1)
    return date(year, month, min(wanted, calendar.monthrange(year, month)[1]))


def schedule(
    total: Decimal, parts: Sequence[TermPart], on: date, digits: int, rounding: Rounding = Rounding.HALF_UP
) -> tuple[Instalment, ...]:
    """The instalments of an invoice over `total` dated `on`; they add up to the total, to the cent.

    Raises:
        ValueError: the last part does not take the rest, or an earlier one does.
    """
    if not parts or parts[-1].kind is not PartKind.REST or any(part.kind is PartKind.REST for part in parts[:-1]):
        raise ValueError("the last part, and only it, takes the rest")
    rest, made = total, []
    for part in parts:
        if part.kind is PartKind.REST:
            amount = rest
        elif part.kind is PartKind.FIXED:
            amount = min(round_to(part.value, digits, rounding), rest) if rest > ZERO else ZERO
        else:
            of = total if part.kind is PartKind.PERCENT else rest
            amount = round_to(of * part.value / 100, digits, rounding)
            amount = min(amount, rest) if total >= ZERO else max(amount, rest)
        rest -= amount
        if amount or part.kind is PartKind.REST:
            made.append(_instalment(part, amount, on, digits, rounding))
    if len(made) > 1 and not made[-1].amount:
        made.pop()
    return tuple(made)


def _instalment(part: TermPart, amount: Decimal, on: date, digits: int, rounding: Rounding) -> Instalment:
    if not part.discount_percent:
        return Instalment(amount, due_date(part, on))
    early = round_to(amount * part.discount_percent / 100, digits, rounding)
    return Instalment(amount, due_date(part, on), on + timedelta(days=part.discount_days), early)
