"""Posted is for ever: the database refuses every client, and who goes round it is found. docs/rules/storage.md."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from o2c_tui.models.base import FixedPoint, Guard, Moment, Role, role_of
from o2c_tui.queries.verify import CHECKS, verify
from o2c_tui.storage.store import Store
from o2c_tui.storage.triggers import guarded_tables
from tests.storage.whole_books import whole_books

NOT_RECOMPUTED = {"version"}  # counts saves, so that a stale one is noticed; says nothing of the trade


def _posted(connection: Any, table: sa.Table) -> dict[str, Any]:
    """One row that is a fact, as stored."""
    where = ""
    if table.info["guard"] is Guard.POSTED:
        where = f"WHERE state NOT IN ({', '.join(map(repr, table.info['open_states']))})"
    elif table.info["guard"] is Guard.CHILD:
        parent = SQLModel.metadata.tables[table.info["parent"]]
        states = ", ".join(map(repr, parent.info["open_states"]))
        where = f"WHERE {table.info['key']} IN (SELECT id FROM {parent.name} WHERE state NOT IN ({states}))"
    order = ", ".join(column.name for column in table.primary_key.columns)  # the oldest, wherever it lies
    row = connection.exec_driver_sql(f"SELECT * FROM {table.name} {where} ORDER BY {order} LIMIT 1").mappings().first()
    assert row is not None, f"the story leaves no posted row in {table.name}"
    return dict(row)


def _other(column: sa.Column[Any], value: Any) -> Any:
    """Another value that the column could hold."""
    kind = column.type
    if isinstance(kind, (FixedPoint, Moment)):
        return (value or 0) + 1
    if isinstance(kind, sa.Enum):
        return next(word for word in kind.enums if word != value)
    if isinstance(kind, sa.Boolean):
        return not value
    if isinstance(kind, sa.Date):
        return "2001-02-03"
    if isinstance(kind, sa.LargeBinary):
        return b"\x01" * 32
    if isinstance(kind, sa.Integer):
        return (value or 0) + 1
    return f"{value or ''}x"


def _same_row(table: sa.Table, row: dict[str, Any]) -> str:
    return " AND ".join(f'"{column.name}" = {row[column.name]}' for column in table.primary_key.columns)


def _is_refused(store: Store, text: str, *values: Any) -> bool:
    mark = "%s" if store.engine.dialect.name == "postgresql" else "?"
    connection = store.engine.connect()
    try:
        connection.exec_driver_sql(text.replace("?", mark), values or None)
        return False
    except sa.exc.DBAPIError as error:
        return "never change" in str(error.orig)
    finally:
        connection.rollback()
        connection.close()


def test_no_client_changes_deletes_or_replaces_a_posted_row(store):
    whole_books(store)
    let_through = []

    for table in guarded_tables():
        with store.engine.connect() as connection:
            row = _posted(connection, table)
        same = _same_row(table, row)
        for column in table.columns:
            if role_of(column) is Role.FACT and not column.primary_key:
                changed = _other(column, row[column.name])
                if not _is_refused(store, f'UPDATE {table.name} SET "{column.name}" = ? WHERE {same}', changed):
                    let_through.append(f"{table.name}.{column.name} changed")
        for column in table.primary_key.columns:
            if not _is_refused(
                store, f'UPDATE {table.name} SET "{column.name}" = ? WHERE {same}', row[column.name] + 1000
            ):
                let_through.append(f"{table.name}.{column.name} moved")
        if not _is_refused(store, f"DELETE FROM {table.name} WHERE {same}"):
            let_through.append(f"{table.name} deleted")
        if store.engine.dialect.name == "sqlite":
            names = ", ".join(f'"{name}"' for name in row)
            marks = ", ".join("?" * len(row))
            for word in ("REPLACE INTO", "INSERT OR REPLACE INTO"):
                if not _is_refused(store, f"{word} {table.name} ({names}) VALUES ({marks})", *row.values()):
                    let_through.append(f"{table.name} replaced")
        elif not _is_refused(store, f"TRUNCATE {table.name} CASCADE"):
            let_through.append(f"{table.name} truncated")

    assert let_through == []


def test_no_line_is_slipped_under_a_posted_document(store):
    whole_books(store)
    let_through = []

    for table in guarded_tables():
        if table.info["guard"] is not Guard.CHILD and not table.info["limit"]:
            continue
        with store.engine.connect() as connection:
            row = _posted(connection, table)
        if "id" in row:
            row["id"] = 99_999
        if "position" in row:
            row["position"] = 99
        names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
        if not _is_refused(store, f"INSERT INTO {table.name} ({names}) VALUES ({marks})", *row.values()):
            let_through.append(table.name)

    assert let_through == []


def _values(connection: sqlite3.Connection, table: sa.Table) -> Iterator[tuple[str, str, Any, Any]]:
    """(condition, column, value, another value) over every column of one row of a table."""
    where = ""
    if table.info.get("guard") is Guard.POSTED:
        where = f"WHERE state NOT IN ({', '.join(map(repr, table.info['open_states']))})"
    elif table.info.get("guard") is Guard.CHILD:
        parent = SQLModel.metadata.tables[table.info["parent"]]
        states = ", ".join(map(repr, parent.info["open_states"]))
        where = f"WHERE {table.info['key']} IN (SELECT id FROM {parent.name} WHERE state NOT IN ({states}))"
    found = connection.execute(f"SELECT * FROM {table.name} {where} ORDER BY 1 DESC LIMIT 1").fetchone()
    assert found is not None, f"the story leaves no row in {table.name}"
    row = dict(zip((c.name for c in table.columns), found, strict=True))
    same = " AND ".join(f'"{c.name}" = {row[c.name]}' for c in table.primary_key.columns)
    for column in table.columns:
        if not column.primary_key and column.name not in NOT_RECOMPUTED:
            yield same, column.name, row[column.name], _other(column, row[column.name])


def _written(path: str, table: str, column: str, value: Any, same: str) -> bool:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("PRAGMA synchronous = OFF")
        try:
            connection.execute(f'UPDATE {table} SET "{column}" = ? WHERE {same}', (value,))
        except sqlite3.IntegrityError:
            return False
    return True


def _seen(session: Session) -> bool:
    """Whether any check of verify finds something; those that look at most columns are asked first."""
    first = ("facts are as they were posted", "decisions are as they were told")
    for name in (*first, *(name for name in CHECKS if name not in first)):
        try:
            if next(CHECKS[name](session), None) is not None:
                return True
        except Exception:  # verify calls that damage too
            return True
    return False


NOT_OF_THE_TRADE = {("app_user", "settings"), ("app_user", "language")}
NOT_OF_THE_TRADE |= {("goods_receipt", "billing")} | {
    ("goods_receipt_line", n) for n in ("returned", "billed", "cleared")
}


def test_a_changed_value_in_any_column_is_found_by_verify(sqlite_store):
    """The triggers are gone, as for somebody who knows how: each column in turn gets another value."""
    whole_books(sqlite_store).holds()
    path = sqlite_store.url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
    unseen = []

    for table in SQLModel.metadata.sorted_tables:
        if table.name == "kept_draft":
            continue
        with sqlite3.connect(path) as connection:
            changes = list(_values(connection, table))
        for same, column, value, other in changes:
            if (table.name, column) in NOT_OF_THE_TRADE:
                continue
            if not _written(path, table.name, column, other, same):
                continue  # a unique index holds it
            if not sqlite_store.read_now(_seen):
                unseen.append(f"{table.name}.{column}")
            _written(path, table.name, column, value, same)

    assert unseen == []
    assert sqlite_store.read_now(verify).holds
