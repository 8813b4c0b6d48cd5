"""Engines: how SQLite and PostgreSQL are opened, and what their failures are called.

SQLite: write-ahead log, a sync at each commit, foreign keys on, transactions begun by us (the driver's own begin too
late and oversell). PostgreSQL: READ COMMITTED, rows locked in a fixed order. Rule: docs/rules/storage.md.
"""

import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from o2c_tui.errors import TradeError, TroubleError
from o2c_tui.rules.values import impossible_sign
from o2c_tui.storage.places import BUSY_MILLISECONDS, NO_LOCKS, is_postgres, sqlite_path, trouble_of_sqlite
from o2c_tui.texts import N_

RETRIED = ("40001", "40P01")  # serialization failure, deadlock


def open_engine(url: str) -> Engine:
    """An engine for one database; nothing is read or written yet."""
    if is_postgres(url):
        try:
            import psycopg
        except ImportError as error:
            raise TroubleError(
                N_("Books in PostgreSQL need the package psycopg: pip install 'o2c[postgres]'.")
            ) from error
        assert psycopg
        engine = sa.create_engine(
            url.replace("postgresql://", "postgresql+psycopg://", 1),
            isolation_level="READ COMMITTED",
            pool_size=2,
            max_overflow=6,
            hide_parameters=True,  # an error's text goes into the log; the books' data must not
        )
        return engine
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(sqlite_path(url))),
        poolclass=QueuePool,
        pool_size=2,
        max_overflow=6,
        hide_parameters=True,
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_MILLISECONDS}",
            "cache_size=-16384",
            "journal_size_limit=16777216",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("o2c_reads", False) or NO_LOCKS
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def trouble_of(error: DBAPIError | sqlite3.Error, url: str) -> TroubleError | None:
    """The machine's failure in words; None where the error is ours (a defect)."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return trouble_of_sqlite(cause, sqlite_path(url))
    state = getattr(cause, "sqlstate", None) or ""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if lost or state[:2] in ("08", "57", "53") or (type(cause).__name__ == "OperationalError" and not state):
        return TroubleError(N_("The database server does not answer: {why}"), why=str(cause).strip().split("\n")[0])
    return None


def refusal_of(error: DBAPIError) -> TradeError | None:
    """What the database refused that is the clerk's to mend; None where it is not."""
    if "NUL (0x00)" in str(error.orig) or getattr(error.orig, "sqlstate", None) == "22021":
        return impossible_sign(0, 1)
    return None


def must_retry(error: DBAPIError) -> bool:
    """Whether PostgreSQL asks to say the same transaction again."""
    return getattr(error.orig, "sqlstate", None) in RETRIED


def is_key_taken(error: DBAPIError) -> bool:
    """Whether the idempotency key of the audit entry is taken: the verb was done before."""
    text = str(error.orig)  # on SQLite the guard of posted rows speaks first, since a taken key could mean REPLACE
    taken = ("audit_entry.key", "uq_audit_entry_key", "posted rows of audit_entry never change")
    return any(words in text for words in taken)


def folder_of(url: str) -> Path:
    """The folder of a SQLite file."""
    return sqlite_path(url).parent
