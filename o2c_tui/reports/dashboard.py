"""The figures of the dashboard: a year of sales and margin by month, what is owed by age, the weeks to come."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import Session

from o2c_tui.models.ledger import AccountRole
from o2c_tui.queries.forecast import forecast
from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.margin import Of, earned
from o2c_tui.queries.paces import balance_on, invoiced_on
from o2c_tui.queries.receivables import aged
from o2c_tui.reports.insight import QUARTER, by_week
from o2c_tui.rules.aging import bucket_labels
from o2c_tui.rules.forecast import days_sales_outstanding

ZERO = Decimal(0)
MONTHS = 12


@dataclass(frozen=True)
class MonthFigures:
    """What was invoiced in a month before tax, and what it earned."""

    first: date
    sales: Decimal
    margin: Decimal


@dataclass(frozen=True)
class Week:
    """What comes in and goes out in a week; without a last day, all that is later."""

    first: date
    last: date | None
    coming: Decimal
    going: Decimal


@dataclass(frozen=True)
class Dashboard:
    """Everything the dashboard shows, in the company's currency."""

    as_of: date
    currency: str
    digits: int
    months: tuple[MonthFigures, ...]
    ages: tuple[tuple[str, Decimal], ...]  # marked label, amount
    unapplied: Decimal
    weeks: tuple[Week, ...]
    disputed: Decimal
    dso: Decimal | None

    @property
    def owed(self) -> Decimal:
        """All that is owed, less unapplied credits: the receivables account."""
        return sum((amount for _label, amount in self.ages), self.unapplied)


def month_before(first: date, count: int = 1) -> date:
    """The first day of the month so many months before."""
    months = first.year * 12 + first.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)


def last_of_month(first: date) -> date:
    """The last day of a month."""
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def months_of(session: Session, last: date, count: int = MONTHS) -> tuple[MonthFigures, ...]:
    """The months up to a day, the oldest first, those without anything too."""
    firsts = [month_before(last.replace(day=1), n) for n in range(count - 1, -1, -1)]
    found = {row.key: row for row in earned(session, "period", Of(as_of=last, first=firsts[0]))}
    return tuple(
        MonthFigures(first, found[first].invoiced, found[first].margin)
        if first in found
        else MonthFigures(first, ZERO, ZERO)
        for first in firsts
    )


def dashboard(session: Session, today: date) -> Dashboard:
    """All figures as of a day; each is the one of the report it stands for."""
    company = the_company(session)
    bounds = tuple(int(part) for part in company.aging_bounds.split(","))
    owing = aged(session, as_of=today, bounds=bounds)
    ages = tuple((label, sum((row.buckets[n] for row in owing), ZERO)) for n, label in enumerate(bucket_labels(bounds)))
    expected = forecast(session, as_of=today).flows
    invoiced = invoiced_on(session, first=today - timedelta(days=QUARTER - 1), last=today)
    owed = balance_on(session, AccountRole.RECEIVABLE, [today])[0]
    return Dashboard(
        today,
        company.currency,
        company.digits,
        months_of(session, today),
        ages,
        sum((row.unapplied for row in owing), ZERO),
        tuple(Week(first, last, coming, going) for first, last, coming, _promised, going in by_week(expected, today)),
        sum((flow.amount for flow in expected if flow.on is None), ZERO),
        days_sales_outstanding(owed, sum(invoiced.values(), ZERO), QUARTER),
    )
