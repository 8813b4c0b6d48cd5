"""Receivables by customer and age, and what each is made of."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlmodel import Session

from o2c_tui.errors import BadValueError
from o2c_tui.models.words import DOCUMENT_WORDS
from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.receivables import OpenLine, aged, aged_by_currency, open_lines
from o2c_tui.reports.asking import Narrowed, facts_of, narrowed
from o2c_tui.reports.kinds import Asked
from o2c_tui.reports.table import Behind, Heading, Report, report_of
from o2c_tui.rules.aging import bucket_labels, bucket_of, bucket_words
from o2c_tui.texts import N_

ZERO = Decimal(0)
CREDIT = "credit"  # how credits that are not used are asked for, beside the ages


def aging(session: Session, asked: Asked, today: date) -> Report:
    """Open receivables by customer and age on a day, in the company's currency.

    Age runs from the due date, not the invoice date. Unapplied credits are negative, in a column of their own, so
    the grand total equals the receivables account.
    """
    told = narrowed(session, asked)
    company = the_company(session)
    bounds = tuple(int(part) for part in company.aging_bounds.split(","))
    if asked.by == "currency":
        return _by_currency(session, asked, told, bounds, today)
    if asked.by == "age":
        return _by_age(session, asked, told, bounds, today)
    rows = [
        (
            (row.code, row.name, *row.buckets, row.unapplied, row.total),
            Behind("report", report="open-items", asked=Asked(as_of=asked.as_of, customer=row.code)),
        )
        for row in aged(session, as_of=asked.as_of or today, bounds=bounds)
    ]
    headings = (
        Heading(N_("Code"), spare=1),
        Heading(N_("Customer")),
        *(Heading(label, "money") for label in bucket_labels(bounds)),
        Heading(N_("Unapplied"), "money", spare=2),
        Heading(N_("Total"), "money"),
    )
    return report_of(
        "aging",
        facts_of(told, today),
        headings,
        rows,
        add=range(2, len(headings)),
        digits=told.digits,
        asked=asked,
    )


def _by_currency(session: Session, asked: Asked, told: Narrowed, bounds: Sequence[int], today: date) -> Report:
    """What is open in each currency, and in the company's: those add up to the receivables account."""
    found = aged_by_currency(session, as_of=asked.as_of or today, bounds=bounds, own=told.currency)
    rows = [
        ((row.currency, *row.buckets, row.unapplied, row.total, row.base_total), Behind("report", report="open-items"))
        for row in found
    ]
    headings = (
        Heading(N_("Currency")),
        *(Heading(label, "money") for label in bucket_labels(bounds)),
        Heading(N_("Unapplied"), "money", spare=2),
        Heading(N_("Total"), "money"),
        Heading(N_("Company currency"), "money"),
    )
    return report_of(
        "aging",
        facts_of(told, today, by="currency", name="aging"),
        headings,
        rows,
        add=(len(headings) - 1,),
        digits=told.digits,
        asked=asked,
    )


def _by_age(session: Session, asked: Asked, told: Narrowed, bounds: Sequence[int], today: date) -> Report:
    """What is owed by all together in each age, as bars with their figures; credits below nothing, so that all of it is the
    receivables account."""
    found = aged(session, as_of=asked.as_of or today, bounds=bounds)
    parts = [
        (label, word, [row.buckets[n] for row in found if row.buckets[n]])
        for n, (label, word) in enumerate(zip(bucket_labels(bounds), bucket_words(bounds), strict=True))
    ]
    parts.append((N_("Unapplied"), CREDIT, [row.unapplied for row in found if row.unapplied]))
    sums = [sum(amounts, ZERO) for _label, _word, amounts in parts]
    longest, owed = max((abs(value) for value in sums), default=ZERO), sum(sums[:-1], ZERO)
    rows = [
        (
            (label, value / longest if longest else ZERO, value, value / owed * 100 if owed else None, len(amounts)),
            Behind("report", report="open-items", asked=Asked(as_of=asked.as_of, age=word)),
        )
        for (label, word, amounts), value in zip(parts, sums, strict=True)
    ]
    headings = (
        Heading(N_("Age"), "word"),
        Heading("", "bar"),
        Heading(N_("Open"), "money"),
        Heading("%", "percent"),
        Heading(N_("Customers"), "count", spare=1),
    )
    return report_of(
        "aging",
        facts_of(told, today, by="age", name="aging"),
        headings,
        rows if found else [],
        add=(2,),
        digits=told.digits,
        asked=asked,
    )


def _of_age(lines: Sequence[OpenLine], word: str, bounds: Sequence[int], as_of: date) -> list[OpenLine]:
    """The open items of one age, as `bucket_words` and CREDIT call them.

    Raises:
        BadValueError: no age is called so.
    """
    if word == CREDIT:
        return [line for line in lines if line.open < ZERO]
    words = bucket_words(bounds)
    if word not in words:
        raise BadValueError(N_("Give one of: {choices}."), field="age", choices=", ".join((*words, CREDIT)))
    wanted = words.index(word)
    return [line for line in lines if line.open > ZERO and bucket_of(line.due_on, as_of, bounds) == wanted]


def open_items(session: Session, asked: Asked, today: date) -> Report:
    """What is open on a day with one customer, or with all of them: invoices, credits and payments, oldest due first."""
    told = narrowed(session, asked)
    found = open_lines(session, told.of.customer_id, as_of=asked.as_of or today)
    if asked.age:
        bounds = tuple(int(part) for part in the_company(session).aging_bounds.split(","))
        found = _of_age(found, asked.age, bounds, asked.as_of or today)
    foreign = any(line.currency for line in found)
    rows = [
        (
            (line.number, DOCUMENT_WORDS[line.kind], line.customer, line.dated_on, line.due_on,
             line.days_overdue if line.days_overdue > 0 else None, line.amount, line.open,
             *((line.currency or told.currency, line.base_open) if foreign else ())),
            Behind(line.document_kind, line.document_id),
        )
        for line in found
    ]  # fmt: skip
    abroad = (Heading(N_("Currency")), Heading(N_("Company currency"), "money"))
    headings = (
        Heading(N_("Document")),
        Heading(N_("Kind"), "word", spare=3),
        Heading(N_("Customer")),
        Heading(N_("Date"), "date", spare=2),
        Heading(N_("Due"), "date"),
        Heading(N_("Days late"), "count"),
        Heading(N_("Amount"), "money", spare=1 if foreign else 0),
        Heading(N_("Open"), "money"),
        *(abroad if foreign else ()),
    )
    return report_of(
        "open-items",
        facts_of(told, today),
        headings,
        rows,
        add=(len(headings) - 1,),
        digits=told.digits,
        asked=asked,
    )
