"""The steps that revisions are made of, where Alembic's own would rebuild a table that others point to.

SQLite adds a column in place, and takes a wider CHECK by rewriting the table's stored text (its documentation's own way,
since no stored row is touched). PostgreSQL does both by ALTER TABLE.
"""

import re
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


def add_column(table: str, name: str, kind: str, *, default: str | None = None, points_to: str = "") -> None:
    """A column more: nullable, or with `default` (as SQL writes it) for every row there is; `points_to` names a table."""
    text = f'ALTER TABLE {table} ADD COLUMN "{name}" {kind}'
    if default is not None:
        text += f" DEFAULT {default} NOT NULL"
    if points_to:
        text += f" CONSTRAINT fk_{table}_{name} REFERENCES {points_to} (id)"
    op.execute(text)
    if default is not None and _is_postgres():  # new rows say their own value, as on SQLite
        op.execute(f'ALTER TABLE {table} ALTER COLUMN "{name}" DROP DEFAULT')


def add_choice(table: str, name: str, words: Sequence[str], *, check: str, default: str | None) -> None:
    """A column with one of a closed list of words; nullable without a default."""
    text = f'ALTER TABLE {table} ADD COLUMN "{name}" VARCHAR(32)'
    if default is not None:
        text += f" DEFAULT '{default}' NOT NULL"
    op.execute(f"{text} CONSTRAINT ck_{table}_{check} CHECK ({_in(name, words)})")
    if default is not None and _is_postgres():
        op.execute(f'ALTER TABLE {table} ALTER COLUMN "{name}" DROP DEFAULT')


def widen_choice(table: str, name: str, words: Sequence[str], *, check: str) -> None:
    """More words for a column that has a closed list of them."""
    replace_check(table, check, _in(name, words))


def replace_check(table: str, check: str, condition: str) -> None:
    """Another condition for a CHECK; rows that are there are not looked at again.

    The constraint bears the table's name in books made by a later program, and `check` alone where a revision made it.
    """
    names = (f"ck_{table}_{check}", check)
    if _is_postgres():
        found = op.get_bind().execute(
            sa.text("SELECT conname FROM pg_constraint WHERE conrelid = CAST(:table AS regclass) AND contype = 'c'"),
            {"table": table},
        )
        constraint = next(there for there in found.scalars() if there in names)
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{check} CHECK ({condition})")
        return
    connection = op.get_bind()
    text = connection.execute(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"), {"name": table}
    ).scalar_one()
    start, end = _constraint(text, names)
    wider = f"{text[:start]}CONSTRAINT ck_{table}_{check} CHECK ({condition}){text[end:]}"
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.execute(
        sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :name"),
        {"sql": wider, "name": table},
    )
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")


def _constraint(text: str, names: Sequence[str]) -> tuple[int, int]:
    """Where a CHECK of one of these names stands in a table's text, its closing bracket included."""
    found = re.search(rf"CONSTRAINT (?:{'|'.join(names)}) CHECK \(", text)
    assert found is not None, f"{names[-1]} does not stand in the table as it was made"
    end, depth = found.end(), 1
    while depth:
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        end += 1
    return found.start(), end


def _in(name: str, words: Sequence[str]) -> str:
    return f"{name} IN ({', '.join(repr(word) for word in words)})"


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"
