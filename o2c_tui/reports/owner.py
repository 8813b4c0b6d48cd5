"""The owner's month: its figures beside those of the month and the year before as a report, and as pages with charts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from o2c_tui.models.ledger import AccountRole
from o2c_tui.money import show_money
from o2c_tui.queries.forecast import Forecast, forecast
from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.margin import Earned, Of, cost_of_no_order, earned, ledger_sums
from o2c_tui.queries.owner_view import Chart, ChartBar, KeyFigure, OwnerView, SmallTable
from o2c_tui.queries.paces import balance_on, came_in, delays, invoiced_on, open_late, settled
from o2c_tui.queries.receivables import AgedCustomer, aged
from o2c_tui.queries.valuation import layers_on
from o2c_tui.reports.asking import facts_of, narrowed
from o2c_tui.reports.dashboard import last_of_month, month_before, months_of
from o2c_tui.reports.insight import QUARTER, by_week
from o2c_tui.reports.kinds import Asked, kind_of
from o2c_tui.reports.table import OTHERWISE, Behind, Heading, Report, report_of
from o2c_tui.rules.aging import bucket_labels
from o2c_tui.rules.forecast import days_sales_outstanding
from o2c_tui.texts import N_, catalogue

ZERO = Decimal(0)
BEST = 8  # customers, items and late payers on the page
AHEAD = 30  # days of the cash forecast that one figure tells
TIED = N_("Sales, cost of sales, receivables and stock are those accounts of the ledger.")
Translate = Callable[[str], str]


@dataclass(frozen=True)
class Span:
    """The figures of one month, or of its days so far, in the company's currency."""

    first: date
    last: date
    sales: Decimal
    cost: Decimal
    invoiced: Decimal  # with tax
    paid: Decimal
    owed: Decimal
    late: Decimal
    dso: Decimal | None
    stock: Decimal

    @property
    def name(self) -> str:
        """The month, with its days so far where it is not whole: 2026-10, 2026-10 1-24."""
        month = f"{self.first:%Y-%m}"
        return month if self.last == last_of_month(self.first) else f"{month} 1-{self.last.day}"

    @property
    def margin(self) -> Decimal:
        """What sales earned."""
        return self.sales - self.cost

    @property
    def percent(self) -> Decimal | None:
        """Margin in percent of sales."""
        return self.margin * 100 / self.sales if self.sales else None


def month_of(as_of: date | None, today: date) -> tuple[date, date]:
    """First and last day of the month that is told: that of `as_of` up to it, else the last whole one."""
    if as_of is not None:
        return as_of.replace(day=1), as_of
    first = month_before(today.replace(day=1))
    return first, last_of_month(first)


def spans(session: Session, first: date, last: date) -> tuple[Span, Span, Span]:
    """The month told, the month before, and the same month a year ago; of a month under way as many days of each."""
    whole = last == last_of_month(first)
    told = [(first, last)]
    for start in (month_before(first), month_before(first, 12)):
        end = last_of_month(start)
        told.append((start, end if whole else min(end, start.replace(day=min(last.day, end.day)))))
    found = [_span(session, *days) for days in told]
    return found[0], found[1], found[2]


def _span(session: Session, first: date, last: date) -> Span:
    rows = earned(session, "period", Of(as_of=last, first=first))
    owed = balance_on(session, AccountRole.RECEIVABLE, [last])[0]
    quarter = invoiced_on(session, first=min(first, last - timedelta(days=QUARTER - 1)), last=last)
    since = last - timedelta(days=QUARTER - 1)
    return Span(
        first,
        last,
        sum((row.invoiced for row in rows), ZERO),
        sum((row.cost for row in rows), ZERO),
        sum((amount for day, amount in quarter.items() if day >= first), ZERO),
        came_in(session, first=first, last=last),
        owed,
        open_late(session, as_of=last),
        days_sales_outstanding(owed, sum((v for day, v in quarter.items() if day >= since), ZERO), QUARTER),
        balance_on(session, AccountRole.INVENTORY, [last])[0],
    )


def owner(session: Session, asked: Asked, today: date) -> Report:
    """The figures of a month beside those of the month before and of a year ago."""
    told = narrowed(session, asked)
    first, last = month_of(asked.as_of, today)
    now, before, year = spans(session, first, last)

    def row(label: str, figure: Callable[[Span], Decimal | None], behind: Behind | None = None) -> Any:
        return (label, figure(now), figure(before), figure(year)), behind

    sold = Behind("report", report="margin", asked=Asked("document", last, first))
    owing = Behind("report", report="aging", asked=Asked(as_of=last))
    rows = [
        row(N_("Sales"), lambda s: s.sales, sold),
        row(N_("Cost of sales"), lambda s: s.cost, sold),
        row(N_("Margin"), lambda s: s.margin, sold),
        row(N_("Margin %"), lambda s: s.percent, sold),
        row(N_("Invoiced with tax"), lambda s: s.invoiced),
        row(N_("Money received"), lambda s: s.paid),
        row(N_("Receivables"), lambda s: s.owed, owing),
        row(N_("of it late"), lambda s: s.late, owing),
        row(N_("Days sales outstanding"), lambda s: s.dso, Behind("report", report="dso", asked=Asked(as_of=last))),
        row(N_("Stock value"), lambda s: s.stock, Behind("report", report="valuation", asked=Asked(as_of=last))),
    ]
    headings = (
        Heading(N_("Key figure"), "word"),
        Heading(now.name, "money"),
        Heading(before.name, "money"),
        Heading(year.name, "money"),
    )
    facts = facts_of(narrowed(session, Asked(as_of=last, first=first)), today)
    return report_of(
        "owner",
        facts,
        headings,
        rows if any(any(line[0][1:]) for line in rows) else [],
        digits=told.digits,
        notes=[(TIED if ties(session, now) else OTHERWISE, {})],
        asked=replace(asked, as_of=last),  # its file bears the month, so that the next one's does not replace it
    )


def ties(session: Session, told: Span) -> bool:
    """Whether sales, cost and stock of a month are the ledger's."""
    sales, cost = ledger_sums(session, first=told.first, as_of=told.last)
    beside = cost_of_no_order(session, first=told.first, as_of=told.last)
    layers = sum((layer.value for layer in layers_on(session, told.last)), ZERO)
    owed = sum((row.total for row in aged(session, as_of=told.last)), ZERO)
    return (told.sales, told.cost + beside, told.stock, told.owed) == (sales, cost, layers, owed)


def owner_view(session: Session, as_of: date | None, today: date, language: str) -> OwnerView:
    """The pages for the owner: key figures, charts and the few names that matter."""
    company = the_company(session)
    first, last = month_of(as_of, today)
    now, before, _year = spans(session, first, last)
    translate = catalogue(language).gettext
    digits = company.digits
    bounds = tuple(int(part) for part in company.aging_bounds.split(","))
    owing = aged(session, as_of=last, bounds=bounds)
    expected = forecast(session, as_of=last)
    of = Of(as_of=last, first=first)
    return OwnerView(
        f"{translate(kind_of('owner').title)} {first:%Y-%m}",
        company.name,
        language,
        ((translate(N_("Since")), str(first)), (translate(N_("As of")), str(last)), (translate(N_("Currency")), company.currency)),
        _figures(now, before, expected, translate, digits),
        _months(session, last, translate),
        _ages(owing, bounds, translate, digits),
        _weeks(expected, last, translate, digits),
        (
            _best(N_("Best customers"), N_("Customer"), earned(session, "customer", of), 1, translate, digits),
            _best(N_("Best items"), N_("Item"), earned(session, "item", of), 1, translate, digits),
            _late(session, owing, last, translate, digits),
            _stock(session, last, translate, digits),
        ),
        (translate(TIED if ties(session, now) else OTHERWISE),),
    )  # fmt: skip


def _figures(now: Span, before: Span, expected: Forecast, translate: Translate, digits: int) -> tuple[KeyFigure, ...]:
    def money(value: Decimal) -> str:
        return show_money(value, digits)

    def plain(value: Decimal | None) -> str:
        return "–" if value is None else f"{value:.1f}"

    soon = [flow for flow in expected.flows if flow.on is not None and flow.on <= now.last + timedelta(days=AHEAD)]
    coming = sum((flow.amount for flow in soon if flow.amount > ZERO), ZERO)
    going = -sum((flow.amount for flow in soon if flow.amount < ZERO), ZERO)
    told = (
        (N_("Sales"), money(now.sales), money(before.sales)),
        (N_("Margin"), money(now.margin), money(before.margin)),
        (N_("Margin %"), plain(now.percent), plain(before.percent)),
        (N_("Money received"), money(now.paid), money(before.paid)),
        (N_("Receivables"), money(now.owed), money(before.owed)),
        (N_("of it late"), money(now.late), money(before.late)),
        (N_("Days sales outstanding"), plain(now.dso), plain(before.dso)),
        (N_("Stock value"), money(now.stock), money(before.stock)),
    )
    earlier = translate(N_("{month}: {figure}"))
    found = [
        KeyFigure(_begun(translate(label)), value, earlier.format(month=before.name, figure=was))
        for label, value, was in told
    ]
    ahead = translate(N_("Expected in {days} days")).format(days=AHEAD)
    out = translate(N_("less {amount} going out")).format(amount=money(going))
    return (*found, KeyFigure(ahead, money(coming), out))


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]


def _share(value: Decimal, most: Decimal) -> float:
    return float(value / most) if most else 0.0


def _months(session: Session, last: date, translate: Translate) -> Chart:
    told = months_of(session, last)
    most = max((max(abs(month.sales), abs(month.margin)) for month in told), default=ZERO)
    bars = tuple(
        ChartBar(
            f"{month.first:%m}" if month.first.month > 1 else f"{month.first:%Y}",
            (_share(month.sales, most), _share(month.margin, most)),
            (f"{month.sales:,.0f}" if month.sales else "", f"{month.margin:,.0f}" if month.margin else ""),
        )
        for month in told
    )
    title = translate(N_("Sales and margin by month"))
    return Chart(title, bars if most else (), (translate(N_("Sales")), translate(N_("Margin"))))


def _ages(owing: Sequence[AgedCustomer], bounds: tuple[int, ...], translate: Translate, digits: int) -> Chart:
    sums = [sum((row.buckets[n] for row in owing), ZERO) for n in range(len(bounds) + 1)]
    most = max(sums, default=ZERO)
    bars = tuple(
        ChartBar(translate(label), (_share(amount, most),), (show_money(amount, digits),))
        for label, amount in zip(bucket_labels(bounds), sums, strict=True)
    )
    unapplied = sum((row.unapplied for row in owing), ZERO)
    note = translate(N_("Unapplied credits {amount}")).format(amount=show_money(unapplied, digits)) if unapplied else ""
    return Chart(translate(N_("Receivables by age")), bars if most else (), note=note)


def _weeks(expected: Forecast, last: date, translate: Translate, digits: int) -> Chart:
    weeks = [week for week in by_week(expected.flows, last) if week[1] is not None]
    while weeks and not (weeks[-1][2] or weeks[-1][4]):
        weeks.pop()
    most = max((max(coming, going) for _first, _last, coming, _promised, going in weeks), default=ZERO)
    bars = tuple(
        ChartBar(
            f"{first:%m-%d}",
            (_share(coming, most), _share(going, most)),
            (show_money(coming, digits) if coming else "–", show_money(going, digits) if going else "–"),
        )
        for first, _last, coming, _promised, going in weeks
    )
    disputed = sum((flow.amount for flow in expected.flows if flow.on is None), ZERO)
    note = translate(N_("Disputed, so in no week: {amount}.")).format(amount=show_money(disputed, digits))
    heads = translate(N_("Coming in")), translate(N_("Going out"))
    return Chart(translate(N_("Cash forecast")), bars if most else (), heads, heads, note if disputed else "")


def _best(title: str, named: str, rows: Sequence[Earned], at: int, translate: Translate, digits: int) -> SmallTable:
    best = sorted((row for row in rows if row.key is not None and row.invoiced), key=lambda row: -row.invoiced)[:BEST]
    return SmallTable(
        translate(title),
        (translate(named), translate(N_("Sales")), translate(N_("Margin")), "%"),
        tuple(
            (
                str(row.words[at]),
                show_money(row.invoiced, digits),
                show_money(row.margin, digits),
                "" if row.percent is None else f"{row.percent:.1f}",
            )
            for row in best
        ),
        translate(N_("Nothing here.")),
    )


def _late(session: Session, owing: Sequence[AgedCustomer], last: date, translate: Translate, digits: int) -> SmallTable:
    usual = delays(settled(session, as_of=last))
    late = sorted(
        ((sum(row.buckets[1:], ZERO), row) for row in owing if any(row.buckets[1:])), key=lambda pair: -pair[0]
    )
    return SmallTable(
        translate(N_("Late payers")),
        (translate(N_("Customer")), translate(N_("Late")), translate(N_("Owed")), translate(N_("Delay"))),
        tuple(
            (
                row.name,
                show_money(amount, digits),
                show_money(row.total, digits),
                "–" if row.customer_id not in usual else str(usual[row.customer_id]),
            )
            for amount, row in late[:BEST]
        ),
        translate(N_("Nobody is late.")),
    )


def _stock(session: Session, last: date, translate: Translate, digits: int) -> SmallTable:
    sums: dict[str, tuple[set[int], Decimal]] = {}
    for layer in layers_on(session, last):
        items, value = sums.get(layer.warehouse, (set(), ZERO))
        sums[layer.warehouse] = items | {layer.item_id}, value + layer.value
    whole = sum((value for _items, value in sums.values()), ZERO)
    rows = [
        (place, str(len(items)), show_money(value, digits), f"{value * 100 / whole:.1f}" if whole else "")
        for place, (items, value) in sorted(sums.items(), key=lambda pair: -pair[1][1])
    ]
    return SmallTable(
        translate(N_("Stock value")),
        (translate(N_("Warehouse")), translate(N_("Items")), translate(N_("Value")), "%"),
        tuple(rows[:BEST]),
        translate(N_("Nothing here.")),
    )
