"""A customer's statement of account as a table: what happened in a span, or what is open."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from o2c_tui.errors import MissingValueError
from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.statements import (
    LINE_WORDS,
    Statement,
    StatementLine,
    account,
    accounts,
    open_account,
    usual_first,
)
from o2c_tui.reports.asking import facts_of, narrowed
from o2c_tui.reports.kinds import Asked
from o2c_tui.reports.table import Behind, Heading, Marked, Report, report_of
from o2c_tui.rules.aging import bucket_labels
from o2c_tui.texts import N_


def told_of(session: Session, asked: Asked, today: date) -> list[Statement]:
    """The statements that are asked for: one a currency of one customer.

    Raises:
        MissingValueError: no customer is named. UnknownCodeError: nobody has the code.
    """
    if not asked.customer:
        raise MissingValueError(N_("Whose account? Name the customer."), field="customer")
    customer_id = narrowed(session, asked).of.customer_id or 0
    last = asked.as_of or today
    if asked.by == "open":
        return open_account(session, customer_id, last=last)
    return account(session, customer_id, first=asked.first or usual_first(last), last=last)


def statement(session: Session, asked: Asked, today: date) -> Report:
    """The account of one customer: documents with the balance after each, or what is open; ages stand beneath.

    Where nobody is named: a row for each account, which leads to it.
    """
    if not asked.customer:
        return _overview(session, asked, today)
    found = told_of(session, asked, today)
    told = narrowed(session, asked)
    company = the_company(session)
    several = len(found) > 1 or found[0].currency != company.currency
    rows = [row for one in found for row in _rows(one, several=several)]
    is_open = asked.by == "open"
    headings = (
        Heading(N_("Date"), "date"),
        Heading(N_("Document")),
        Heading(N_("Kind"), "word", spare=1),
        Heading(N_("Reference"), spare=2),
        Heading(N_("Due"), "date"),
        *((Heading(N_("Currency")),) if several else ()),
        Heading(N_("Amount"), "money"),
        Heading(N_("Open"), "money", spare=0 if is_open else 3),
        *(() if is_open else (Heading(N_("Balance"), "money"),)),
    )
    opened = 6 if several else 5
    facts = facts_of(told, today, by=asked.by or "activity", name="statement", money=not several, first=found[0].first)
    totals: dict[int, Any] = {}
    if not several:
        totals = {opened + 1: sum((line.open for line in found[0].lines), Decimal(0))}
        if not is_open:
            totals |= {opened + 2: found[0].closing}
    bounds = tuple(int(part) for part in company.aging_bounds.split(","))
    notes = [_note(one, bounds, several=several) for one in found]
    return report_of(
        "statement",
        facts,
        headings,
        rows,
        add=() if several else (opened,),
        digits=max(one.digits for one in found),
        asked=asked,
        totals=totals | ({} if several else {opened: found[0].closing if not is_open else None}),
        notes=notes,
    )


def _overview(session: Session, asked: Asked, today: date) -> Report:
    told = narrowed(session, asked)
    last = asked.as_of or today
    first = None if asked.by == "open" else asked.first or usual_first(last)
    found = accounts(session, first=first, last=last)
    several = len({row.currency for row in found} | {told.currency}) > 1
    rows = [
        (
            (
                row.code,
                row.name,
                *((row.currency,) if several else ()),
                row.opening,
                row.charged,
                row.credited,
                row.closing,
            ),
            Behind("report", report="statement", asked=replace(asked, customer=row.code)),
        )
        for row in found
    ]
    headings = (
        Heading(N_("Code"), spare=1),
        Heading(N_("Customer")),
        *((Heading(N_("Currency")),) if several else ()),
        Heading(N_("Opening"), "money"),
        Heading(N_("Charged"), "money"),
        Heading(N_("Credited"), "money"),
        Heading(N_("Balance"), "money"),
    )
    return report_of(
        "statement",
        facts_of(told, today, by=asked.by or "activity", name="statement", money=not several, first=first),
        headings,
        rows,
        add=() if several else range(2, 6),
        digits=told.digits,
        asked=asked,
    )


def _note(one: Statement, bounds: tuple[int, ...], *, several: bool) -> tuple[str, dict[str, Any]]:
    """The ages beneath, in a sentence that has words for each."""
    values: dict[str, Any] = {"not_due": one.ages[0], "late": sum(one.ages[1:], Decimal(0)), "unapplied": one.unapplied}
    if several:
        return (
            N_("{currency}: balance {balance}, not due {not_due}, late {late}, unapplied {unapplied}"),
            {**values, "currency": one.currency, "balance": one.closing},
        )
    oldest = max((n for n, amount in enumerate(one.ages) if amount and n), default=0)
    if oldest > 1:
        values |= {"oldest": one.ages[oldest], "bucket_word": Marked(bucket_labels(bounds)[oldest])}
        return (
            N_("Not due {not_due}, late {late} (of it {oldest} at {bucket_word} days), unapplied {unapplied}"),
            values,
        )
    return N_("Not due {not_due}, late {late}, unapplied {unapplied}"), values


def _rows(one: Statement, *, several: bool) -> list[tuple[tuple[Any, ...], Behind | None]]:
    currency = (one.currency,) if several else ()
    rows: list[tuple[tuple[Any, ...], Behind | None]] = []
    if one.first is not None:
        head = (one.first, "", N_("brought forward"), "", None, *currency, None, None, one.opening)
        rows.append((head, None))
    for line in one.lines:
        last = () if one.first is None else (line.balance,)
        row = (line.dated_on, line.number, LINE_WORDS[line.kind], beside(line), line.due_on, *currency, line.amount)
        rows.append(((*row, line.open, *last), Behind(line.source, line.document_id)))
    return rows


def beside(line: StatementLine) -> str:
    """What stands beside a document: what it was set against, else the customer's reference."""
    return ", ".join(line.against) if line.against else line.reference
