"""What checks of the books share: what they found in words, sums of rows by key, and what each document did to which account."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from o2c_tui.errors import TradeError
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.ledger import ACCOUNT_WORDS, Account, AccountRole, JournalEntry, JournalLine
from o2c_tui.models.trade import PROGRESS_WORDS, Progress
from o2c_tui.models.words import COLUMN_WORDS, ROW_WORDS
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)


@dataclass(frozen=True)
class Row:
    """A row that a breach is about; `name` is what people call it (number, code), where it has a name."""

    table: str
    key: int | None
    name: str = ""

    def said(self, translate: Callable[[str], str] = str) -> str:
        """Its kind and its name, or its key where it has none."""
        word = translate(ROW_WORDS.get(self.table, self.table))
        return f"{word} {self.name or ('–' if self.key is None else self.key)}"


@dataclass(frozen=True)
class Breach:
    """What is wrong, as a marked sentence with its values, as errors have it."""

    template: str
    values: Mapping[str, Any]

    def said(self, translate: Callable[[str], str] = str) -> str:
        """The sentence, translated by `translate` and filled."""
        filled = {
            name: value.said(translate) if isinstance(value, Row) else value for name, value in self.values.items()
        }
        return TradeError(self.template, **filled).said(translate)

    def __repr__(self) -> str:
        return self.said()


Found = Iterator[Breach]


def breach(template: str, **values: Any) -> Breach:
    """A breach; the template is marked by N_ where it stands."""
    return Breach(template, values)


def column_word(column: str) -> str:
    """What people call a column."""
    return COLUMN_WORDS.get(column, column)


def step_word(progress: str) -> str:
    """How far something has come, in words."""
    return PROGRESS_WORDS.get(Progress(progress), progress) if progress in list(Progress) else str(progress)


def not_booked(table: str, key: int, role: str, booked: Decimal, wanted: Decimal) -> Breach:
    """A document whose journal is not what its figures ask for."""
    return breach(
        N_("{row}: {account_word} {booked} is booked, {wanted} should be"),
        row=Row(table, key),
        account_word=ACCOUNT_WORDS[AccountRole(role)],
        booked=booked,
        wanted=wanted,
    )


def named(session: Session, breaches: Sequence[Breach]) -> list[Breach]:
    """The breaches with their rows called by number or code, a line by its document and position.

    What cannot be named (the row is not there, or cannot be read) keeps its key.
    """
    asked: dict[str, set[int]] = defaultdict(set)
    for found in breaches:
        for value in found.values.values():
            if isinstance(value, Row) and value.key is not None:
                asked[value.table].add(value.key)
    names = {(table, key): name for table, keys in asked.items() for key, name in _names(session, table, keys).items()}

    def called(value: Any) -> Any:
        if isinstance(value, Row) and value.key is not None and (name := names.get((value.table, value.key))):
            return replace(value, name=name)
        return value

    return [Breach(found.template, {k: called(value) for k, value in found.values.items()}) for found in breaches]


def _names(session: Session, name: str, keys: set[int]) -> dict[int, str]:
    table = SQLModel.metadata.tables.get(name)
    if table is None or "id" not in table.c:
        return {}
    chosen = sorted(keys)[:100]
    for column in ("number", "code"):
        if column in table.c:
            query = sa.select(table.c.id, table.c[column]).where(table.c.id.in_(chosen))
            return {key: str(told) for key, told in session.execute(query) if told}
    parent, owner = table.info.get("parent"), table.info.get("key")
    if not parent or not owner or "position" not in table.c:
        return {}
    lines = session.execute(sa.select(table.c.id, table.c[owner], table.c.position).where(table.c.id.in_(chosen))).all()
    owners = _names(session, parent, {row[1] for row in lines})
    return {row[0]: f"{owners[row[1]]}/{row[2]}" for row in lines if row[1] in owners}


def sums(session: Session, table: sa.Table, key: str, what: str, kind: Any, *where: Any) -> dict[int, Decimal]:
    query = sa.select(table.c[key], sa.func.sum(table.c[what], type_=kind)).where(table.c[key].is_not(None), *where)
    return {row[0]: row[1] for row in session.execute(query.group_by(table.c[key])) if row[1]}


def differing(session: Session, model: type[SQLModel], column: str, wanted: Mapping[int, Decimal]) -> Found:
    table = table_of(model)
    for key, value in session.execute(sa.select(table.c.id, table.c[column])):
        if value != wanted.get(key, ZERO):
            yield breach(
                N_("{row}: {column_word} {value}, its rows tell {told}"),
                row=Row(table.name, key),
                column_word=column_word(column),
                value=value,
                told=wanted.get(key, ZERO),
            )


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
