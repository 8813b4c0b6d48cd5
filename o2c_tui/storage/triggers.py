"""The database's own guard over posted rows, made from what the models declare (models/base.py).

Facts cannot be changed, deleted or added under a posted parent, by any client; decided and kept columns pass, and
facts that were agreed pass with the next revision's number.
SQLite's REPLACE goes round DELETE triggers and PostgreSQL's TRUNCATE round row triggers: both are refused too.
Rule: docs/rules/storage.md, "Posted is for ever".
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from o2c_tui.models.base import Guard, Role, role_of
from o2c_tui.models.tables import MODULES

assert MODULES  # every table is known once they are imported


def guarded_tables() -> list[sa.Table]:
    """The tables that declare a guard, by name."""
    return [table for table in SQLModel.metadata.sorted_tables if "guard" in table.info]


def _columns(table: sa.Table, *roles: Role) -> list[str]:
    keys = {column.name for column in table.primary_key.columns}
    return [column.name for column in table.columns if column.name not in keys and role_of(column) in roles]


def _keys(table: sa.Table) -> list[str]:
    return [column.name for column in table.primary_key.columns]


def _uniques(table: sa.Table) -> list[list[str]]:
    found = [
        [column.name for column in constraint.columns]
        for constraint in table.constraints
        if isinstance(constraint, sa.UniqueConstraint)
    ]
    found += [[column.name for column in index.columns] for index in table.indexes if index.unique]
    return sorted(found)


def _states(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _parent_guard(table: sa.Table) -> sa.Table:
    return SQLModel.metadata.tables[table.info["parent"]]


def _posted(table: sa.Table, row: str) -> str:
    """The condition that a row (OLD or NEW) is posted already."""
    info = table.info
    if info["guard"] is Guard.APPEND:
        return ""
    if info["guard"] is Guard.POSTED:
        return f"{row}.state NOT IN ({_states(info['open_states'])})"
    parent = _parent_guard(table)
    return (
        f'EXISTS (SELECT 1 FROM {parent.name} WHERE {parent.name}.id = {row}."{info["key"]}" '
        f"AND {parent.name}.state NOT IN ({_states(parent.info['open_states'])}))"
    )


def _refusals(table: sa.Table, *, distinct: str) -> Iterator[tuple[str, str, list[str], str]]:
    """(name, event, columns of UPDATE OF, condition) of every refusal of one table."""
    info, name = table.info, table.name
    revised, keys = list(info["revised"]), _keys(table)
    facts = [column for column in _columns(table, Role.FACT) if column not in revised]
    changed = " OR ".join(f'OLD."{column}" {distinct} NEW."{column}"' for column in facts)
    moved = " OR ".join(f'OLD."{column}" {distinct} NEW."{column}"' for column in keys)
    old, new = _posted(table, "OLD"), _posted(table, "NEW")
    yield f"{name}_delete", "DELETE", [], old
    if facts:
        yield f"{name}_fact", "UPDATE", facts, f"({old}) AND ({changed})" if old else changed
    if revised:
        anew = " OR ".join(f'OLD."{column}" {distinct} NEW."{column}"' for column in revised)
        yield f"{name}_revised", "UPDATE", revised, f"({old}) AND ({anew}) AND NOT ({_is_next(table)})"
    yield f"{name}_key", "UPDATE", keys, moved
    if info["guard"] is Guard.POSTED:
        yield f"{name}_reopen", "UPDATE", ["state"], f"({old}) AND NEW.state IN ({_states(info['open_states'])})"
    if info["guard"] is Guard.CHILD:
        added = f" AND NOT (NEW.revision > 1 AND {_is_parents(table)})" if revised else ""
        yield f"{name}_insert", "INSERT", [], f"{new}{added}"
        yield f"{name}_adopt", "UPDATE", [info["key"]], new
    if info["limit"]:
        parent, key = info["parent"], info["key"]
        yield (
            f"{name}_insert",
            "INSERT",
            [],
            f'NEW.position < 1 OR NEW.position > (SELECT "{info["limit"]}" FROM {parent} WHERE id = NEW."{key}")',
        )


def _is_next(table: sa.Table) -> str:
    """The condition that an update goes with the next revision: of the row itself, and of its parent."""
    own = "NEW.revision > OLD.revision"
    return f"{own} AND {_is_parents(table)}" if table.info["parent"] else own


def _is_parents(table: sa.Table) -> str:
    info = table.info
    return f'NEW.revision = (SELECT revision FROM {info["parent"]} WHERE id = NEW."{info["key"]}")'


def _sqlite_replaces(table: sa.Table) -> Iterator[tuple[str, str, list[str], str]]:
    """Refusals of an INSERT or UPDATE that would push a row aside by a key or unique value it holds."""
    name, keys = table.name, _keys(table)
    same_row = " AND ".join(f'"{key}" = OLD."{key}"' for key in keys)
    for n, columns in enumerate([keys, *_uniques(table)]):
        match = " AND ".join(f'"{column}" = NEW."{column}"' for column in columns)
        yield f"{name}_replace{n}", "INSERT", [], f"EXISTS (SELECT 1 FROM {name} WHERE {match})"
        if n:
            yield (
                f"{name}_oust{n}",
                "UPDATE",
                columns,
                f"EXISTS (SELECT 1 FROM {name} WHERE {match} AND NOT ({same_row}))",
            )


def sqlite_triggers() -> dict[str, str]:
    """Name → CREATE TRIGGER for SQLite."""
    made = {}
    for table in guarded_tables():
        for name, event, columns, condition in (*_refusals(table, distinct="IS NOT"), *_sqlite_replaces(table)):
            of = f" OF {', '.join(_quoted(columns))}" if columns else ""
            when = f" WHEN {condition}" if condition else ""
            made[f"guard_{name}"] = (
                f"CREATE TRIGGER guard_{name} BEFORE {event}{of} ON {table.name} FOR EACH ROW{when} "
                f"BEGIN SELECT RAISE(ABORT, 'posted rows of {table.name} never change'); END"
            )
    return made


def _quoted(columns: list[str]) -> list[str]:
    return [f'"{column}"' for column in columns]


_FUNCTION = """CREATE OR REPLACE FUNCTION guard_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'posted rows of % never change', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$"""


def postgres_triggers() -> dict[str, str]:
    """Name → CREATE TRIGGER for PostgreSQL; conditions with a look at another table stand in a function of their own."""
    made = {}
    for table in guarded_tables():
        for name, event, columns, condition in _refusals(table, distinct="IS DISTINCT FROM"):
            of = f" OF {', '.join(_quoted(columns))}" if columns else ""
            if "SELECT" in condition:
                # WHEN cannot look at other tables, so the function decides
                row = "OLD" if event == "DELETE" else "NEW"
                made[f"guard_{name}"] = (
                    f"CREATE OR REPLACE FUNCTION guard_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
                    f"BEGIN IF {condition} THEN RAISE EXCEPTION 'posted rows of {table.name} never change' "
                    f"USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN {row}; END $$;"
                    f"CREATE TRIGGER guard_{name} BEFORE {event}{of} ON {table.name} FOR EACH ROW EXECUTE FUNCTION guard_{name}()"
                )
            else:
                when = f" WHEN ({condition})" if condition else ""
                made[f"guard_{name}"] = (
                    f"CREATE TRIGGER guard_{name} BEFORE {event}{of} ON {table.name} FOR EACH ROW{when} EXECUTE FUNCTION guard_refuse()"
                )
        made[f"guard_{table.name}_truncate"] = (
            f"CREATE TRIGGER guard_{table.name}_truncate BEFORE TRUNCATE ON {table.name} "
            "FOR EACH STATEMENT EXECUTE FUNCTION guard_refuse()"
        )
    return made


def install(connection: Any) -> None:
    """Make the triggers anew: those of an older version go first."""
    if connection.dialect.name == "sqlite":
        old = connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard_%'"
        )
        for name in old.scalars().all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        for text in sqlite_triggers().values():
            connection.exec_driver_sql(text)
        return
    old = connection.exec_driver_sql(
        "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
        "WHERE NOT tgisinternal AND tgname LIKE 'guard%%' AND pg_table_is_visible(pg_class.oid)"
    )
    for name, table in old.all():
        connection.exec_driver_sql(f"DROP TRIGGER {name} ON {table}")
    connection.exec_driver_sql(_FUNCTION.replace("%", "%%"))
    for text in postgres_triggers().values():
        connection.exec_driver_sql(text.replace("%", "%%"))
