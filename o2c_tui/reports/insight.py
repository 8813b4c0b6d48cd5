"""How fast money comes in, and when it may be expected: days sales outstanding, days to pay, the cash forecast."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from o2c_tui.models.ledger import AccountRole
from o2c_tui.queries.forecast import Flow, forecast
from o2c_tui.queries.paces import (
    SPAN,
    Settled,
    balance_on,
    customers_named,
    invoiced_by_customer,
    invoiced_on,
    settled,
)
from o2c_tui.queries.receivables import aged
from o2c_tui.reports.asking import facts_of, narrowed
from o2c_tui.reports.kinds import ASKED_WORDS, Asked
from o2c_tui.reports.table import OTHERWISE, Behind, Heading, Report, report_of
from o2c_tui.rules.forecast import (
    Mark,
    days_sales_outstanding,
    mean_days,
    median_days,
    week_of,
    weeks,
)
from o2c_tui.texts import N_

ZERO = Decimal(0)
QUARTER = 90
MONTHS = 12
WEEKS = 13  # a quarter ahead; what is later stands in one row
MARK_WORDS = {
    Mark.NONE: "",
    Mark.LATE: N_("expected by now"),
    Mark.PROMISED: N_("promised"),
    Mark.DISPUTED: N_("disputed"),
}
Row = tuple[tuple[Any, ...], Behind | None]


def month_ends(last: date, count: int) -> list[date]:
    """The last `count` days to tell something on: ends of months, then the day itself."""
    found = [last]
    while len(found) < count:
        found.append(found[-1].replace(day=1) - timedelta(days=1))
    return found[::-1]


def dso(session: Session, asked: Asked, today: date) -> Report:
    """Days sales outstanding at the end of each month of a year, or by customer: what is owed ÷ what was invoiced in the
    last days × those days. What is owed is the receivables account of that day."""
    by, days = asked.by or "month", asked.days or QUARTER
    told = narrowed(session, asked)
    as_of = asked.as_of or today
    if by == "customer":
        rows = _dso_by_customer(session, asked, as_of, days)
        named: tuple[Heading, ...] = (Heading(N_("Code"), spare=1), Heading(N_("Customer")))
    else:
        ends = month_ends(as_of, MONTHS)
        owed = balance_on(session, AccountRole.RECEIVABLE, ends)
        by_day = invoiced_on(session, first=ends[0] - timedelta(days=days - 1), last=as_of)
        rows = []
        for end, amount in zip(ends, owed, strict=True):
            first = end - timedelta(days=days - 1)
            invoiced = sum((value for day, value in by_day.items() if first <= day <= end), ZERO)
            figure = days_sales_outstanding(amount, invoiced, days)
            if rows or amount or invoiced:
                behind = Behind("report", report="aging", asked=Asked(as_of=end))
                rows.append(((end, amount, invoiced, figure), behind))
        named = (Heading(N_("Day"), "date"),)
    headings = (
        *named,
        Heading(N_("Receivables"), "money"),
        Heading(N_("Invoiced"), "money"),
        Heading(N_("Days"), "percent"),
    )
    at = len(named)
    owed_now, invoiced_now = (
        (sum((row[0][n] for row in rows), ZERO) for n in (at, at + 1)) if by == "customer" else (ZERO, ZERO)
    )
    return report_of(
        "dso",
        [*facts_of(told, today, by=by, name="dso"), *([] if asked.days else [(ASKED_WORDS["days"], days)])],
        headings,
        rows,
        add=(at, at + 1) if by == "customer" else (),
        totals={at + 2: days_sales_outstanding(owed_now, invoiced_now, days)} if by == "customer" else None,
        digits=told.digits,
        notes=[(N_("Days: receivables ÷ invoiced with tax in the last {days} days × {days}."), {"days": days})],
        asked=asked,
    )


def _dso_by_customer(session: Session, asked: Asked, as_of: date, days: int) -> list[Row]:
    owed = {row.customer_id: row.total for row in aged(session, as_of=as_of)}
    invoiced = invoiced_by_customer(session, first=as_of - timedelta(days=days - 1), last=as_of)
    names = customers_named(session, list({*owed, *invoiced}))
    found: list[Row] = []
    for key, (code, name) in sorted(names.items(), key=lambda pair: (pair[1][1].casefold(), pair[1][0])):
        amounts = owed.get(key, ZERO), invoiced.get(key, ZERO)
        figure = days_sales_outstanding(*amounts, days)
        behind = Behind("report", report="open-items", asked=Asked(as_of=asked.as_of, customer=code))
        found.append(((code, name, *amounts, figure), behind))
    return found


def days_to_pay(session: Session, asked: Asked, today: date) -> Report:
    """How long each customer took from the invoice to the money, of what was paid in the last year (or other days).

    The median says what is usual, the mean weighs by amount. The delay counts from the due date. The trend is the
    median of the later half of the days less that of the earlier half: more is slower.
    """
    by, days = asked.by or "customer", asked.days or SPAN
    told = narrowed(session, asked)
    as_of = asked.as_of or today
    found = settled(session, as_of=as_of, days=days, customer_id=told.of.customer_id)
    facts = [*facts_of(told, today, by=by, name="days-to-pay"), *([] if asked.days else [(ASKED_WORDS["days"], days)])]
    names = customers_named(session, [one.customer_id for one in found])
    if by == "document":
        headings = _PAID
        rows = [_paid_row(one, names) for one in found]
    else:
        headings = _HABITS
        rows = _habits(asked, found, names, as_of - timedelta(days=days // 2))
    at = len(headings) - 1
    middle = {n: value for n, value in _middles(by, found).items()}
    return report_of(
        "days-to-pay",
        facts,
        headings,
        rows,
        add=(at,),
        totals=middle,
        digits=told.digits,
        notes=[(N_("Trend: median of the later half less that of the earlier."), {})] if by == "customer" else [],
        asked=asked,
    )


_PAID = (
    Heading(N_("Document")),
    Heading(N_("Customer")),
    Heading(N_("Date"), "date", spare=1),
    Heading(N_("Due"), "date"),
    Heading(N_("Paid"), "date"),
    Heading(N_("Days"), "count"),
    Heading(N_("Delay"), "count"),
    Heading(N_("Amount"), "money"),
)
_HABITS = (
    Heading(N_("Code"), spare=1),
    Heading(N_("Customer")),
    Heading(N_("Paid"), "count"),
    Heading(N_("Median"), "count"),
    Heading(N_("Mean"), "percent"),
    Heading(N_("Delay"), "count"),
    Heading(N_("Trend"), "count"),
    Heading(N_("Amount"), "money"),
)


def _paid_row(one: Settled, names: dict[int, tuple[str, str]]) -> Row:
    row = (
        one.number,
        names[one.customer_id][1],
        one.dated_on,
        one.due_on,
        one.paid_on,
        one.days,
        one.delay,
        one.amount,
    )
    return row, Behind("invoice", one.invoice_id)


def _habits(asked: Asked, found: Sequence[Settled], names: dict[int, tuple[str, str]], half: date) -> list[Row]:
    by_customer: dict[int, list[Settled]] = {}
    for one in found:
        by_customer.setdefault(one.customer_id, []).append(one)
    rows: list[Row] = []
    for key, mine in sorted(by_customer.items(), key=lambda pair: (names[pair[0]][1].casefold(), names[pair[0]][0])):
        code, name = names[key]
        behind = Asked("document", asked.as_of, customer=code, days=asked.days)
        rows.append((
            (code, name, len(mine), median_days(one.days for one in mine), mean_days((one.days, one.amount) for one in mine),
             median_days(one.delay for one in mine), _trend(mine, half), sum((one.amount for one in mine), ZERO)),
            Behind("report", report="days-to-pay", asked=behind),
        ))  # fmt: skip
    return rows


def _trend(mine: Sequence[Settled], half: date) -> int | None:
    """How much slower the later half of the days was; none where one of the halves saw no money."""
    before = median_days(one.days for one in mine if one.paid_on <= half)
    since = median_days(one.days for one in mine if one.paid_on > half)
    return None if before is None or since is None else since - before


def _middles(by: str, found: Sequence[Settled]) -> dict[int, Any]:
    """Medians over all, beneath their columns."""
    days, delay = median_days(one.days for one in found), median_days(one.delay for one in found)
    if by == "document":
        return {5: days, 6: delay}
    return {2: len(found), 3: days, 4: mean_days((one.days, one.amount) for one in found), 5: delay}


def cash_forecast(session: Session, asked: Asked, today: date) -> Report:
    """What comes in and goes out, by week, customer or supplier, or document: open instalments on their due dates
    shifted by each customer's own median delay, bills on theirs."""
    by = asked.by or "week"
    told = narrowed(session, asked)
    as_of = asked.as_of or today
    found = forecast(session, as_of=as_of, customer_id=told.of.customer_id)
    flows: Sequence[Flow] = found.flows
    if asked.week is not None:
        flows = in_week(flows, asked.week, as_of)
    headings, rows, add = {"week": _by_week, "party": _by_party, "document": _by_document}[by](flows, asked, as_of)
    notes: list[tuple[str, dict[str, Any]]] = []
    if told.is_whole and asked.week is None:
        agrees = found.receivables == balance_on(session, AccountRole.RECEIVABLE, [as_of])[0]
        notes.append(
            (
                N_("Coming in less unapplied {credit} is the receivables account."),
                {"credit": found.credit},
            )
            if agrees
            else (OTHERWISE, {})
        )
    disputed = sum((flow.amount for flow in flows if flow.on is None), ZERO)
    if disputed and by != "document":
        notes.insert(0, (N_("Disputed, so in no week: {amount}."), {"amount": disputed}))
    return report_of(
        "forecast",
        facts_of(told, today, by=by, name="forecast"),
        headings,
        rows,
        add=add,
        digits=told.digits,
        notes=notes,
        asked=asked,
    )


def in_week(flows: Sequence[Flow], day: date, as_of: date) -> list[Flow]:
    """What is expected in the week of a day; beyond the last week told, all that is later."""
    told = weeks(as_of, WEEKS)
    if day > told[-1][1]:
        return [flow for flow in flows if flow.on is not None and flow.on > told[-1][1]]
    return [
        flow for flow in flows if flow.on is not None and week_of(flow.on, as_of) == week_of(max(day, as_of), as_of)
    ]


def by_week(flows: Sequence[Flow], as_of: date) -> list[tuple[date, date | None, Decimal, Decimal, Decimal]]:
    """First and last day of each week, what comes in, what of it was promised, what goes out; what is later has no last
    day, and stands there where there is any."""
    told = weeks(as_of, WEEKS)
    later = told[-1][1] + timedelta(days=1)
    sums: dict[date, list[Decimal]] = {first: [ZERO, ZERO, ZERO] for first, _last in told}
    for flow in flows:
        if flow.on is None:
            continue
        cells = sums.setdefault(later if flow.on >= later else week_of(flow.on, as_of), [ZERO, ZERO, ZERO])
        if flow.amount < ZERO:
            cells[2] -= flow.amount
        else:
            cells[0] += flow.amount
            cells[1] += flow.amount if flow.mark is Mark.PROMISED else ZERO
    ends: dict[date, date | None] = dict(told)
    return [(first, ends.get(first), *cells) for first, cells in sorted(sums.items())]  # type: ignore[misc]


Told = tuple[tuple[Heading, ...], list[Row], tuple[int, ...]]


def _by_week(flows: Sequence[Flow], asked: Asked, as_of: date) -> Told:
    headings = (
        Heading(N_("Week from"), "date"),
        Heading(N_("Until"), "date", spare=1),
        Heading(N_("Coming in"), "money"),
        Heading(N_("of it promised"), "money", spare=2),
        Heading(N_("Going out"), "money"),
        Heading(N_("Surplus"), "money"),
        Heading(N_("Added up"), "money"),
    )
    rows: list[Row] = []
    so_far = ZERO
    for first, last, coming, promised, going in by_week(flows, as_of) if flows else []:
        so_far += coming - going
        behind = Asked("document", asked.as_of, customer=asked.customer, week=first)
        row = (first, last, coming, promised, going, coming - going, so_far)
        rows.append((row, Behind("report", report="forecast", asked=behind)))
    return headings, rows, (2, 3, 4, 5)


def _by_party(flows: Sequence[Flow], asked: Asked, as_of: date) -> Told:
    headings = (
        Heading(N_("Code")),
        Heading(N_("Party")),
        Heading(N_("Next on"), "date"),
        Heading(N_("Coming in"), "money"),
        Heading(N_("of it late"), "money", spare=1),
        Heading(N_("Disputed"), "money", spare=2),
        Heading(N_("Going out"), "money"),
    )
    sums: dict[tuple[str, str, str], list[Any]] = {}
    for flow in flows:
        coming = flow.amount > ZERO
        key = (flow.name, flow.code, "" if coming else "bill")
        cells = sums.setdefault(key, [None, ZERO, ZERO, ZERO, ZERO])
        if flow.on is None:
            cells[3] += flow.amount
            continue
        cells[0] = min(cells[0] or flow.on, flow.on)
        cells[1 if coming else 4] += abs(flow.amount)
        if coming and flow.mark is Mark.LATE:
            cells[2] += flow.amount
    rows: list[Row] = []
    for (name, code, bill), cells in sorted(
        sums.items(), key=lambda pair: (pair[0][2], pair[0][0].casefold(), pair[0])
    ):
        behind = None
        if not bill:
            behind = Behind(
                "report", report="forecast", asked=Asked("document", asked.as_of, customer=code, week=asked.week)
            )
        rows.append(((code, name, *cells), behind))
    return headings, rows, (3, 4, 5, 6)


def _by_document(flows: Sequence[Flow], asked: Asked, as_of: date) -> Told:
    headings = (
        Heading(N_("Expected on"), "date"),
        Heading(N_("Document")),
        Heading(N_("Party")),
        Heading(N_("Due"), "date", spare=1),
        Heading(N_("Coming in"), "money"),
        Heading(N_("Going out"), "money"),
        Heading(N_("Mark"), "word"),
    )
    rows: list[Row] = [
        (
            (
                flow.on, flow.number, flow.name, flow.due_on,
                flow.amount if flow.amount > ZERO else None,
                -flow.amount if flow.amount < ZERO else None,
                MARK_WORDS[flow.mark],
            ),
            Behind(flow.source, flow.document_id) if flow.source in ("invoice", "payment", "bill") else None,
        )
        for flow in flows
    ]  # fmt: skip
    return headings, rows, (4, 5)
