"""The days of what comes again: every so many weeks, months or years from a first day; months that are over.

Rule: docs/rules/invoices.md, "Recurring invoices", "Collective invoices".
"""

from calendar import monthrange
from datetime import date, timedelta


def day_of(first: date, every: str, times: int, n: int) -> date:
    """The n-th day after the `first` (n 0), `every` being week, month or year. Counted from the first, so that the 31st
    stays the end of each month."""
    if every == "week":
        return first + timedelta(weeks=times * n)
    months = first.month - 1 + times * n * (12 if every == "year" else 1)
    year, month = first.year + months // 12, months % 12 + 1
    return date(year, month, min(first.day, monthrange(year, month)[1]))


def next_after(first: date, every: str, times: int, day: date) -> date:
    """The first day of the rhythm that lies after a day."""
    n = 0
    while (found := day_of(first, every, times, n)) <= day:
        n += 1
    return found


def days_until(first: date, every: str, times: int, since: date, day: date) -> int:
    """How many days of the rhythm lie from `since` to a day, both included."""
    n = told = 0
    while (found := day_of(first, every, times, n)) <= day:
        told += found >= since
        n += 1
    return told


def month_over(day: date) -> date:
    """The last day of the newest month that is over on a day; on its last day a month is."""
    following = day + timedelta(days=1)
    return following.replace(day=1) - timedelta(days=1)
