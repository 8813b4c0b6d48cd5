"""What an export of the journal needs: accounts, parties, opening balances, and every entry of a span with its document."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.models.base import AMOUNT
from o2c_tui.models.ledger import Account, AccountKind, JournalEntry, JournalLine
from o2c_tui.models.party import Party
from o2c_tui.queries.ledger import document_names
from o2c_tui.queries.lookups import the_company
from o2c_tui.storage.rows import table_of

ZERO = Decimal(0)


class AccountName(NamedTuple):
    """One account of the chart."""

    id: int
    code: str
    name: str
    kind: AccountKind
    role: str


class PartyName(NamedTuple):
    """One customer or supplier; `sides` says which."""

    code: str
    name: str
    sides: str


class Leg(NamedTuple):
    """One line of an entry, debit positive; `foreign` is the same in the document's currency, where it has another."""

    account: int
    party: str
    party_name: str
    amount: Decimal
    currency: str
    foreign: Decimal


class Entry(NamedTuple):
    """One journal entry with the document behind it."""

    on: date
    id: int
    source: str
    number: str
    word: str
    legs: tuple[Leg, ...]


@dataclass(frozen=True)
class Books:
    """The journal of a span, in the order of its days."""

    company: str
    currency: str
    digits: int
    first: date | None
    last: date | None
    accounts: tuple[AccountName, ...]
    parties: tuple[PartyName, ...]
    opening: tuple[tuple[int, Decimal], ...]  # by account, before `first`
    entries: tuple[Entry, ...]


def books_of(session: Session, first: date | None = None, last: date | None = None) -> Books:
    """The journal from `first` to `last` (none leaves an end open), with what stood before it."""
    company = the_company(session)
    heads, lines, parties = table_of(JournalEntry), table_of(JournalLine), table_of(Party)
    accounts = table_of(Account)
    where = [*([heads.c.posted_on >= first] if first else []), *([heads.c.posted_on <= last] if last else [])]
    opening: tuple[tuple[int, Decimal], ...] = ()
    if first is not None:
        query = (
            sa.select(lines.c.account_id, sa.func.sum(lines.c.amount, type_=AMOUNT))
            .join(heads, heads.c.id == lines.c.entry_id)
            .where(heads.c.posted_on < first)
            .group_by(lines.c.account_id)
            .order_by(lines.c.account_id)
        )
        opening = tuple((key, amount) for key, amount in session.execute(query))
    query = (
        sa.select(
            heads.c.id, heads.c.posted_on, heads.c.source, heads.c.source_id, lines, parties.c.code, parties.c.name
        )
        .join(heads, heads.c.id == lines.c.entry_id)
        .outerjoin(parties, parties.c.id == lines.c.party_id)
        .where(*where)
        .order_by(heads.c.posted_on, heads.c.id, lines.c.position)
    )
    rows = session.execute(query).all()
    names = document_names(session, {(row.source, row.source_id) for row in rows})
    entries: list[Entry] = []
    legs: list[Leg] = []
    for n, row in enumerate(rows):
        legs.append(Leg(row.account_id, row.code or "", row.name or "", row.amount, row.currency, row.currency_amount))
        if n + 1 == len(rows) or rows[n + 1].id != row.id:
            number, word = names[row.source, row.source_id]
            entries.append(Entry(row.posted_on, row.id, str(row.source), number, word, tuple(legs)))
            legs = []
    used = {leg.party for entry in entries for leg in entry.legs if leg.party}
    return Books(
        company.name,
        company.currency,
        company.digits,
        first,
        last,
        tuple(
            AccountName(row.id, row.code, row.name, row.kind, str(row.role))
            for row in session.execute(sa.select(accounts).order_by(accounts.c.code, accounts.c.id))
        ),
        tuple(
            PartyName(
                row.code,
                row.name,
                ",".join(side for side, yes in (("customer", row.is_customer), ("supplier", row.is_supplier)) if yes),
            )
            for row in session.execute(sa.select(parties).order_by(parties.c.code))
            if row.code in used
        ),
        opening,
        tuple(entries),
    )
