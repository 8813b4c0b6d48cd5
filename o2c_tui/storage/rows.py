"""Rows written and read in sets: one statement for a document's lines, whatever their number.

A transaction has one dictionary for each row: `rows_of` hands out the same again, however it is asked for, and whoever
writes a row by `update_rows` changes its dictionary too. So several verbs in one step see each other's work, and the
lines of a document are read once.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

# How PostgreSQL locks a row that a verb will change: against other verbs, but not against a new row that points at it.
# (A plain FOR UPDATE would: two clerks who each wrote an order for a customer would then wait for each other.)
LOCK: Any = {"key_share": True}

Values = dict[str, Any]


def table_of(model: type[SQLModel]) -> sa.Table:
    """The table behind a model."""
    return model.__table__  # type: ignore[attr-defined,no-any-return]


def in_table_order(column: Any) -> Any:
    """A key as an expression to group or join by: SQLite then reads a whole table as it lies, and sorts, instead of
    jumping about in it along an index of the key."""
    return sa.cast(column, sa.Integer)


@cache
def _defaults(model: type[SQLModel]) -> Values:
    return {
        column.name: None if column.default is None else column.default.arg  # type: ignore[attr-defined]
        for column in table_of(model).columns
        if column.name != "id"
    }


@cache
def _insert(model: type[SQLModel]) -> Any:
    table = table_of(model)
    statement = sa.insert(table)
    return statement.returning(table.c.id) if "id" in table.c else statement


def insert_rows(
    session: Session, model: type[SQLModel], rows: Iterable[Mapping[str, Any]], *, parent: str = ""
) -> list[Values]:
    """Add rows of one table by one statement; each comes back whole: defaults filled in, its id beside them.

    `parent` names the column that holds the one parent of all of them, if they are its first lines: whoever asks for
    that parent's lines later in this transaction gets these.
    """
    full = [{**_defaults(model), **row} for row in rows]
    if not full:
        return []
    _forget(session, model)
    if "id" in table_of(model).c:
        # one INSERT of many VALUES hands out rising keys in the order of its rows, on both databases
        for row, key in zip(full, sorted(session.execute(_insert(model), full).scalars()), strict=True):
            row["id"] = key
        session.info.setdefault("row", {}).update({(model, row["id"]): row for row in full})
    else:
        session.execute(_insert(model), full)
    if parent:
        known: dict[Any, list[Values]] = session.info.setdefault("rows", {})
        known[model, parent, (full[0][parent],), "position"] = full
    return full


def rows_of(
    session: Session, model: type[SQLModel], key: str, value: int | Sequence[int], order: str = "position"
) -> list[Values]:
    """The child rows of one parent (or several), as plain dictionaries, in their order."""
    values = (value,) if isinstance(value, int) else tuple(sorted(set(value)))
    known: dict[Any, list[Values]] = session.info.setdefault("rows", {})
    found = known.get((model, key, values, order))
    if found is None:
        several = len(values) != 1
        result = session.execute(
            _children(model, key, order, several=several), {"_of": values if several else values[0]}
        )
        mine: dict[Any, Values] = session.info.setdefault("row", {})
        found = known[model, key, values, order] = [
            mine.setdefault((model, row.id), dict(row._mapping)) for row in result
        ]
    return found


@cache
def _children(model: type[SQLModel], key: str, order: str, *, several: bool) -> Any:
    table = table_of(model)
    chosen = table.c[key].in_(sa.bindparam("_of", expanding=True)) if several else table.c[key] == sa.bindparam("_of")
    return sa.select(table).where(chosen).order_by(table.c[key], table.c[order])


def _forget(session: Session, model: type[SQLModel]) -> None:
    known: dict[Any, list[Values]] = session.info.get("rows", {})
    for which in [which for which in known if which[0] is model]:
        del known[which]


def delete_rows(session: Session, model: type[SQLModel], key: str, value: int) -> None:
    """Take the lines of a draft away."""
    _forget(session, model)
    table = table_of(model)
    session.execute(sa.delete(table).where(table.c[key] == value))


def update_rows(session: Session, model: type[SQLModel], rows: Sequence[Mapping[str, Any]], *names: str) -> None:
    """Write the named columns of rows that exist, found by `id`, in one executemany."""
    if not rows:
        return
    session.connection().execute(
        _update(model, names), [{"_id": r["id"], **{f"_{n}": r[n] for n in names}} for r in rows]
    )


@cache
def _update(model: type[SQLModel], names: tuple[str, ...]) -> Any:
    table = table_of(model)
    return (
        sa.update(table)
        .where(table.c.id == sa.bindparam("_id"))
        .values({name: sa.bindparam(f"_{name}", type_=table.c[name].type) for name in names})
    )


def parents_of(session: Session, model: type[SQLModel], key: str, ids: Sequence[int]) -> list[int]:
    """The parents (column `key`) of some rows, rising; rows that this transaction has read already are not asked for."""
    mine: dict[Any, Values] = session.info.get("row", {})
    if all((model, row) in mine for row in ids):
        return sorted({mine[model, row][key] for row in ids})
    table = table_of(model)
    found = session.execute(sa.select(table.c[key]).where(table.c.id.in_(sorted(ids))).distinct())
    return sorted(found.scalars())
