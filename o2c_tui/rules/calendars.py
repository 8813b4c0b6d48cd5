"""Days on which no business is done: weekends, and each country's public holidays.

The holidays of a country come from the `holidays` library, loaded when a term first asks. Years that a government has
not announced yet are the library's best knowledge; an invoice freezes its dates when it is posted.
Rule: docs/rules/terms.md, "Business days".
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

MOST_DAYS = 30  # no country rests longer


@cache
def free_days(country: str) -> Callable[[date], bool]:
    """Whether a day is no business day in a country (ISO 3166 code, "DE" or "DE-BY"; empty: weekends only).

    Days that a government moved work to count as business days.

    Raises:
        ValueError: no holidays are known for the country.
    """
    if not country:
        return lambda day: day.weekday() >= 5
    import holidays

    name, _, part = country.upper().partition("-")
    try:
        known = holidays.country_holidays(name, subdiv=part or None)
    except NotImplementedError as error:
        raise ValueError(f"no holidays are known for {country}") from error
    return lambda day: not known.is_working_day(day)


def next_business_day(day: date, is_free: Callable[[date], bool]) -> date:
    """The day itself, or the first after it on which business is done."""
    for _ in range(MOST_DAYS):
        if not is_free(day):
            return day
        day += timedelta(days=1)
    raise ValueError("no business day within a month")


def business_day_before(day: date, is_free: Callable[[date], bool]) -> date:
    """The day itself, or the last before it on which business is done."""
    for _ in range(MOST_DAYS):
        if not is_free(day):
            return day
        day -= timedelta(days=1)
    raise ValueError("no business day within a month")
