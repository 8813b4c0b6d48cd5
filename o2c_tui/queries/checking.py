"""What checks of the books share: sums of rows by key, and what each document did to which account."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from o2c_tui.models.base import AMOUNT
from o2c_tui.models.ledger import Account, JournalEntry, JournalLine
from o2c_tui.storage.rows import table_of

ZERO = Decimal(0)
Found = Iterator[str]


def sums(session: Session, table: sa.Table, key: str, what: str, kind: Any, *where: Any) -> dict[int, Decimal]:
    query = sa.select(table.c[key], sa.func.sum(table.c[what], type_=kind)).where(table.c[key].is_not(None), *where)
    return {row[0]: row[1] for row in session.execute(query.group_by(table.c[key])) if row[1]}


def differing(session: Session, model: type[SQLModel], column: str, wanted: Mapping[int, Decimal]) -> Found:
    table = table_of(model)
    for key, value in session.execute(sa.select(table.c.id, table.c[column])):
        if value != wanted.get(key, ZERO):
            yield f"{table.name} {key}: {column} {value}, its rows tell {wanted.get(key, ZERO)}"


def joined_sums(
    session: Session, lines: sa.Table, head: sa.Table, parent: str, key: str, what: str, kind: Any, *where: Any
) -> dict[int, Decimal]:
    query = (
        sa.select(lines.c[key], sa.func.sum(lines.c[what], type_=kind))
        .join(head, head.c.id == lines.c[parent])
        .where(lines.c[key].is_not(None), *where)
        .group_by(lines.c[key])
    )
    return {row[0]: row[1] for row in session.execute(query)}


def booked_by_role(session: Session) -> dict[tuple[str, int, str], Decimal]:
    """What stands in the ledger, by kind and key of the document and role of the account."""
    heads, lines, accounts = table_of(JournalEntry), table_of(JournalLine), table_of(Account)
    booked: dict[tuple[str, int, str], Decimal] = defaultdict(lambda: ZERO)
    query = (
        sa.select(heads.c.source, heads.c.source_id, accounts.c.role, sa.func.sum(lines.c.amount, type_=AMOUNT))
        .join(lines, lines.c.entry_id == heads.c.id)
        .join(accounts, accounts.c.id == lines.c.account_id)
        .group_by(heads.c.source, heads.c.source_id, accounts.c.role)
    )
    for source, key, role, amount in session.execute(query):
        booked[str(source), key, str(role)] += amount
    return booked
