"""What every test starts from, made once a process: books as files to copy, statements compiled for all engines.

A test's own steps go through the program as they are; only the ground under them is copied instead of made again. That
new books come out right is the promise of tests/storage, which make them.
"""

import contextlib
import itertools
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

from o2c_tui.storage.places import as_url, is_postgres, sqlite_path
from o2c_tui.storage.store import Store, utc_now

if TYPE_CHECKING:
    from tests.postgres import ReadyDatabase

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

_folder = tempfile.TemporaryDirectory(prefix="o2c-ready-")
postgres: "ReadyDatabase | None" = None  # this worker's
_numbers = itertools.count()
_made: dict[object, Path] = {}


def ready(name: object, make: Callable[[Path], Any]) -> Path:
    """A SQLite file that `make` makes at the path it is given, the first time it is asked for by this process."""
    if name not in _made:
        path = Path(_folder.name) / f"{next(_numbers)}.sqlite"
        make(path)
        with contextlib.closing(sqlite3.connect(path)) as connection:  # all of it in the one file
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _made[name] = path
    return _made[name]


def empty_books(where: str) -> None:
    """New books without a company where a Store is to be opened; a server's databases have them from the start."""
    if not is_postgres(where):
        shutil.copy(ready("empty", lambda path: Store.open(str(path)).close()), sqlite_path(as_url(where)))


def new_store(where: str, **how: Any) -> Store:
    """A Store over new books."""
    empty_books(where)
    return Store.open(where, **how)


def filled(store: Store, name: str, make: Callable[[Store], Any]) -> bool:
    """Fill a Store's new books with a copy of what `make` makes in such; tells whether that could be done.

    Not for a Store that notes its commits or has a clock of its own, nor on a database other than this worker's.
    """
    moment = None if store.clock is utc_now else store.clock()
    if store.anchor is not None or moment not in (None, NOW):
        return False
    with store.engine.connect() as connection:
        if connection.exec_driver_sql("SELECT seq FROM audit_head").scalar():
            return False  # something stands there already
    if is_postgres(store.url):
        return moment == NOW and postgres is not None and _filled_postgres(postgres, store, name, make)

    def make_at(path: Path) -> None:
        made = new_store(str(path), clock=store.clock)
        make(made)
        made.close()

    _fill(store, ready((name, moment), make_at))
    return True


def _filled_postgres(database: "ReadyDatabase", store: Store, name: str, make: Callable[[Store], Any]) -> bool:
    if store.url != database.url:
        return False
    if name in database.kept:
        database.fill(name)
    else:
        make(store)
        database.keep(name)
    return True


def _fill(store: Store, source: Path) -> None:
    raw = store.engine.raw_connection()
    try:
        with contextlib.closing(sqlite3.connect(source)) as made:
            made.backup(raw.driver_connection)  # type: ignore[arg-type]
    finally:
        raw.close()


# -- one cache of compiled statements for all engines ------------------------------------------------------------------
# Each test opens an engine of its own, and each engine would compile every statement anew: that took longer than to run
# them. A compiled statement is found by its dialect, so all dialects of a kind are said to be the same.


class _Sqlite(SQLiteDialect_pysqlite):
    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))


class _Postgres(PGDialect_psycopg):
    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))


def share_compiled_statements() -> None:
    """From now on every engine of this process finds what another has compiled."""
    registry.register("sqlite", __name__, "_Sqlite")
    registry.register("postgresql.psycopg", __name__, "_Postgres")
    compiled: Any = LRUCache(3000)

    @sa.event.listens_for(sa.Engine, "engine_connect")
    def share(connection: sa.Connection) -> None:
        connection.execution_options(compiled_cache=compiled)


def let_disks_be() -> None:
    """SQLite files of this process are not waited for to reach the disk: they live for one test."""

    @sa.event.listens_for(sa.pool.Pool, "connect")
    def without_syncs(connection: Any, _record: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous=OFF")
