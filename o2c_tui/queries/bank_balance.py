"""The balance of the books against that of the bank, with every difference explained.

Rule: docs/rules/bank.md, "Balances".
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.errors import UnknownCodeError
from o2c_tui.models.bank import BankLine, BankLineState, BankMatch, BankStatement
from o2c_tui.models.ledger import JournalEntry, JournalLine, SourceKind
from o2c_tui.models.receivable import Payment
from o2c_tui.queries.bank import bank_accounts, books_balance
from o2c_tui.queries.ledger import SOURCES
from o2c_tui.queries.lookups import the_company
from o2c_tui.rules.statements import Gap, Told, gaps
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)
_OPENED = {str(source): kind for source, (_model, kind) in SOURCES.items()}  # a source of entries → what screens open
_statements = table_of(BankStatement)
_lines = table_of(BankLine)
_matches = table_of(BankMatch)
_entries = table_of(JournalEntry)
_legs = table_of(JournalLine)


@dataclass(frozen=True)
class Difference:
    """One part of the difference between a statement and the books."""

    on: date | None
    amount: Decimal
    code: str  # beginning, gap, open_line, ignored_line, later_payment, not_on_statement
    words: str = ""
    number: str = ""
    kind: str = ""  # what lies behind it, as screens open it, and its key
    key: int = 0


@dataclass(frozen=True)
class Reconciliation:
    """A bank account on a day: statement less books is the difference, and its parts add up to it."""

    account: str
    name: str
    currency: str
    on: date
    statement: Decimal | None  # as the newest statement up to the day says
    statement_on: date | None
    books: Decimal
    parts: tuple[Difference, ...]
    gaps: tuple[Gap, ...]

    @property
    def difference(self) -> Decimal:
        """Statement less books."""
        return (self.statement or ZERO) - self.books

    @property
    def unexplained(self) -> Decimal:
        """What the parts leave of the difference."""
        return self.difference - sum((part.amount for part in self.parts), ZERO) if self.statement is not None else ZERO

    @property
    def agrees(self) -> bool:
        """Whether the books say what the bank says."""
        return self.statement is not None and not self.difference and not self.gaps


def reconcile(session: Session, account: str = "", *, on: date | None = None, today: date) -> Reconciliation:
    """The balance of the books against that of the newest statement up to a day, with the difference explained.

    Without an account the default one. The day is that of the statement, where it tells one.

    Raises:
        UnknownCodeError: there is no such account, or none at all.
    """
    there = bank_accounts(session, account)
    place = next((row for row in there if row.is_default), there[0] if there else None)
    if place is None:
        raise UnknownCodeError(N_("There is no bank account yet; make one first: g b, F9."), field="account")
    day = on or today
    foreign = "" if place.currency == the_company(session).currency else place.currency
    told = _told(session, place.id)
    newest = max((s for s in told if s.last_day <= day), key=lambda s: (s.last_day, s.id), default=None)
    end = newest.last_day if newest is not None else day
    lines = session.execute(
        sa.select(_lines).where(_lines.c.bank_account_id == place.id).order_by(_lines.c.booked_on, _lines.c.id)
    ).all()
    begun = [s for s in told if s.first_day <= end]
    found_gaps = gaps(begun, [(line.booked_on, line.amount) for line in lines])
    parts: list[Difference] = []
    if begun:
        first = min(begun, key=lambda s: (s.first_day, s.last_day, s.id))
        if first.opening:
            parts.append(Difference(first.first_day, first.opening, "beginning"))
    parts += [Difference(gap.before, gap.amount, "gap") for gap in found_gaps]
    parts += _line_parts(session, place.account_id, [line for line in lines if line.booked_on <= end], end, foreign)
    return Reconciliation(
        place.code,
        place.name,
        place.currency,
        end,
        newest.closing if newest is not None else None,
        newest.last_day if newest is not None else None,
        books_balance(session, place.account_id, end, currency=foreign),
        tuple(parts),
        tuple(found_gaps),
    )


def _told(session: Session, place_id: int) -> list[Told]:
    query = sa.select(
        _statements.c.id, _statements.c.from_on, _statements.c.to_on, _statements.c.opening, _statements.c.closing
    ).where(_statements.c.bank_account_id == place_id)
    return [
        Told(row.id, row.from_on, row.to_on, row.opening, row.closing)
        for row in session.execute(query)
        if row.from_on and row.to_on and row.opening is not None and row.closing is not None
    ]


def _line_parts(session: Session, account_id: int, lines: Sequence[Any], end: date, currency: str) -> list[Difference]:
    """Lines that the books do not have (yet), and entries of the books that no line tells; in the account's currency
    (empty: the company's)."""
    parts = []
    matched: dict[tuple[str, int], Decimal] = defaultdict(lambda: ZERO)  # entry's source → told by lines
    by_line: dict[int, list[tuple[str, int, Decimal]]] = defaultdict(list)
    ids = {line.id for line in lines}
    for row in session.execute(sa.select(_matches).order_by(_matches.c.id)):
        if row.line_id in ids:
            entry = ("payment", row.payment_id) if row.payment_id is not None else ("bank", row.undoes_id or row.id)
            by_line[row.line_id].append((*entry, row.amount))
            matched[entry] += row.amount
    undoes = dict(
        session.execute(sa.select(_matches.c.id, _matches.c.undoes_id).where(_matches.c.undoes_id.is_not(None))).all()
    )
    booked: dict[tuple[str, int], tuple[date, Decimal]] = {}
    query = (
        sa.select(
            _entries.c.source,
            _entries.c.source_id,
            _entries.c.posted_on,
            _legs.c.currency_amount if currency else _legs.c.amount,
        )
        .join(_legs, _legs.c.entry_id == _entries.c.id)
        .where(_legs.c.account_id == account_id, _entries.c.posted_on <= end)
        .order_by(_entries.c.posted_on, _entries.c.id)
    )
    for source, key, posted, amount in session.execute(query):
        place = (source.value, undoes.get(key, key) if source is SourceKind.BANK else key)
        booked[place] = (posted, booked.get(place, (posted, ZERO))[1] + amount)
    for line in lines:
        words = " ".join(filter(None, (line.counterparty, line.text or line.reference)))
        if line.state == BankLineState.OPEN:
            parts.append(Difference(line.booked_on, line.amount, "open_line", words, "", "bank_line", line.id))
        elif line.state == BankLineState.IGNORED:
            parts.append(Difference(line.booked_on, line.amount, "ignored_line", line.note, "", "bank_line", line.id))
        else:
            later = sum((part for source, key, part in by_line[line.id] if (source, key) not in booked), ZERO)
            if later:
                parts.append(Difference(line.booked_on, later, "later", words, "", "bank_line", line.id))
    numbers = _payment_numbers(session)
    for (kind, source_id), (on, told) in booked.items():
        rest = told - matched.get((kind, source_id), ZERO)
        if rest:
            number = numbers.get(source_id, "") if kind == "payment" else ""
            words = "" if number else kind
            parts.append(Difference(on, -rest, "not_on_statement", words, number, _OPENED.get(kind, ""), source_id))
    return _paired(session, parts, numbers)


def _payment_numbers(session: Session) -> dict[int, str]:
    payments = table_of(Payment)
    return {key: number or "" for key, number in session.execute(sa.select(payments.c.id, payments.c.number))}


def _paired(session: Session, parts: list[Difference], numbers: Mapping[int, str]) -> list[Difference]:
    """Payments and their reversals that no statement tells cancel out, and are not said."""
    payments = table_of(Payment)
    reverses = {
        numbers[key]: numbers[other]
        for key, other in session.execute(
            sa.select(payments.c.id, payments.c.reverses_id).where(payments.c.reverses_id.is_not(None))
        )
        if key in numbers and other in numbers
    }
    there = {part.number: part for part in parts if part.number}
    gone = set()
    for number, other in reverses.items():
        if number in there and other in there and there[number].amount == -there[other].amount:
            gone |= {number, other}
    return [part for part in parts if part.number not in gone]
