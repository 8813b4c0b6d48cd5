"""Closing totals: what the books of a day, month or year come to, counted up from the journal and the documents.

Rule: docs/rules/closing.md.
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.audit import AuditEntry
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.closing import CLOSING_WORDS, Closing, ClosingKind
from o2c_tui.models.invoice import Invoice
from o2c_tui.models.ledger import Account, JournalEntry, JournalLine, SourceKind
from o2c_tui.models.receivable import Payment
from o2c_tui.queries.ledger import SOURCES
from o2c_tui.queries.lookups import the_company
from o2c_tui.storage.chain import plain
from o2c_tui.storage.rows import table_of

ZERO = Decimal(0)
_heads, _lines = table_of(JournalEntry), table_of(JournalLine)


def span_of(kind: ClosingKind, day: date) -> tuple[date, date]:
    """The first and last day of the day, month or year that a day lies in."""
    if kind is ClosingKind.DAY:
        return day, day
    if kind is ClosingKind.YEAR:
        return date(day.year, 1, 1), date(day.year, 12, 31)
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


@dataclass
class _Numbers:
    """Documents of one kind on some days: how many bookings, over how much, from which number to which."""

    count: int = 0
    total: Decimal = ZERO
    first: str = ""
    last: str = ""

    def add(self, count: int, total: Decimal, first: str, last: str) -> None:
        self.count += count
        self.total += total
        if first and (not self.first or _place(first) < _place(self.first)):
            self.first = first
        if last and _place(last) > _place(self.last):
            self.last = last


def _place(number: str) -> tuple[int, str]:
    return len(number), number


@dataclass
class DayBook:
    """The whole journal by day, read once; the totals of any span come from it."""

    accounts: Mapping[int, tuple[str, str]]  # key → code, name
    currency: str
    turnover: dict[int, tuple[list[date], list[Decimal], list[Decimal]]] = field(default_factory=dict)
    documents: dict[str, list[tuple[date, int, Decimal, str, str]]] = field(default_factory=dict)

    def totals(self, first: date, last: date) -> dict[str, Any]:
        """What a closing says of a span: accounts with opening, debit, credit and balance; documents by kind."""
        accounts = []
        for key, (days, debits, credits) in self.turnover.items():
            start, end = bisect_left(days, first), bisect_right(days, last)
            opening = sum(debits[:start], ZERO) - sum(credits[:start], ZERO)
            debit, credit = sum(debits[start:end], ZERO), sum(credits[start:end], ZERO)
            if opening or debit or credit:
                code, name = self.accounts[key]
                told = [plain(x) for x in (opening, debit, credit, opening + debit - credit)]
                accounts.append([key, code, name, *told])
        documents = {}
        for kind, rows in sorted(self.documents.items()):
            found = _Numbers()
            for on, count, total, low, high in rows:
                if first <= on <= last:
                    found.add(count, total, low, high)
            if found.count:
                documents[kind] = [found.count, found.first, found.last, plain(found.total)]
        return {"accounts": sorted(accounts, key=lambda a: a[1]), "currency": self.currency, "documents": documents}


def day_book(session: Session, until: date | None = None) -> DayBook:
    """Read the journal up to a day."""
    names = {row.id: (row.code, row.name) for row in session.execute(sa.select(table_of(Account)))}
    book = DayBook(names, the_company(session).currency)
    amount = _lines.c.amount

    def side(condition: Any) -> Any:
        return sa.func.sum(sa.case((condition, amount), else_=sa.literal(0, AMOUNT)), type_=AMOUNT)

    query = (
        sa.select(_lines.c.account_id, _heads.c.posted_on, side(amount > 0), side(amount < 0))
        .join(_heads, _heads.c.id == _lines.c.entry_id)
        .group_by(_lines.c.account_id, _heads.c.posted_on)
        .order_by(_lines.c.account_id, _heads.c.posted_on)
    )
    if until is not None:
        query = query.where(_heads.c.posted_on <= until)
    for key, on, debit, credit in session.execute(query):
        days, debits, credits = book.turnover.setdefault(key, ([], [], []))
        days.append(on)
        debits.append(debit)
        credits.append(-credit)
    for kind, on, count, total, low, high in _documents(session, until):
        book.documents.setdefault(kind, []).append((on, count, total, low, high))
    return book


def _documents(session: Session, until: date | None) -> Iterator[tuple[str, date, int, Decimal, str, str]]:
    """Bookings of documents by kind, day and length of number: how many, over how much, lowest and highest number.

    Invoices and payments are counted by their own days, so that those without a journal entry (of nothing) count too.
    """
    debit = sa.func.sum(sa.case((_lines.c.amount > 0, _lines.c.amount), else_=sa.literal(0, AMOUNT)), type_=AMOUNT)
    own: dict[SourceKind, tuple[Any, Any]] = {
        SourceKind.INVOICE: (table_of(Invoice), table_of(Invoice).c.invoiced_on),
        SourceKind.PAYMENT: (table_of(Payment), table_of(Payment).c.received_on),
    }
    for source, (model, _kind) in SOURCES.items():
        table = table_of(model)
        number = table.c.number if "number" in table.c else sa.literal("")
        kind = table.c.kind if source is SourceKind.INVOICE else sa.literal(source.value)
        by = [kind, _heads.c.posted_on, sa.func.length(number)]
        query = (
            sa.select(*by[:2], sa.func.count(_heads.c.id.distinct()), debit, sa.func.min(number), sa.func.max(number))
            .select_from(_heads)
            .join(_lines, _lines.c.entry_id == _heads.c.id)
            .join(table, table.c.id == _heads.c.source_id)
            .where(_heads.c.source == source)
            .group_by(*by)
        )
        if until is not None:
            query = query.where(_heads.c.posted_on <= until)
        for which, on, count, total, low, high in session.execute(query):
            yield str(which), on, 0 if source in own else count, total, low or "", high or ""
        if source in own:
            there, day = own[source]
            query = (
                sa.select(kind, day, sa.func.count(), sa.func.min(number), sa.func.max(number))
                .where(there.c.state == "posted")
                .group_by(kind, day, sa.func.length(number))
            )
            if until is not None:
                query = query.where(day <= until)
            for which, on, count, low, high in session.execute(query):
                yield str(which), on, count, ZERO, low or "", high or ""


def as_words(totals: Mapping[str, Any]) -> str:
    """Totals as they are kept: JSON, the same text for the same figures."""
    return json.dumps(totals, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def figures(totals: Mapping[str, Any]) -> Any:
    """What of totals must still hold later: all but the names of accounts, which may be put better."""
    return sorted([a[0], *a[3:]] for a in totals["accounts"]), totals["documents"], totals["currency"]


def lifts(session: Session) -> list[tuple[int, date | None]]:
    """Every time the lock was put back: the number of the audit entry, and until when it held from then on."""
    entries = table_of(AuditEntry)
    query = (
        sa.select(entries.c.id, entries.c.changes)
        .where(entries.c.kind == "company", entries.c.changes.contains('"locked_until"'))
        .order_by(entries.c.id)
    )
    found = []
    for key, changes in session.execute(query):
        for change in json.loads(changes):
            if len(change) == 5 and change[2] == "locked_until" and change[3] is not None:
                old, new = date.fromisoformat(change[3]), change[4] and date.fromisoformat(change[4])
                if new is None or new < old:
                    found.append((key, new))
    return found


def is_lifted(to_on: date, chain_seq: int, told: Sequence[tuple[int, date | None]]) -> bool:
    """Whether the lock over a closing's span was lifted after it was drawn up."""
    return any(key > chain_seq and (until is None or until < to_on) for key, until in told)


class Drawn(NamedTuple):
    """One closing that was drawn up; `holds` is false once the lock over its days was lifted."""

    id: int
    kind: ClosingKind
    from_on: date
    to_on: date
    run: int
    holds: bool
    chain_seq: int
    chain_hash: str
    closed_at: datetime | None
    by: str
    totals: dict[str, Any]

    @property
    def word(self) -> str:
        """Day, month or year; marked."""
        return CLOSING_WORDS[self.kind]

    @property
    def name(self) -> str:
        """The span as people name it: 2026-11-24, 2026-11, 2026."""
        return self.to_on.isoformat()[: {ClosingKind.DAY: 10, ClosingKind.MONTH: 7, ClosingKind.YEAR: 4}[self.kind]]


def closings(session: Session, key: int | None = None) -> list[Drawn]:
    """The closings that were drawn up, the newest first; only one with its `key`."""
    told = lifts(session)
    query = sa.select(Closing).order_by(col(Closing.to_on).desc(), col(Closing.id).desc())
    if key is not None:
        query = query.where(col(Closing.id) == key)
    return [
        Drawn(
            row.id,
            row.kind,
            row.from_on,
            row.to_on,
            row.run,
            not is_lifted(row.to_on, row.chain_seq, told),
            row.chain_seq,
            row.chain_hash,
            row.closed_at,
            row.by,
            json.loads(row.totals),
        )
        for row in session.execute(query).scalars()
    ]
