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

from o2c_tui.errors import TroubleError
from o2c_tui.storage.places import NO_LOCKS, is_postgres, sqlite_path
from o2c_tui.texts import N_

BUSY_MILLISECONDS = 30_000  # the net under the turnstile
RETRIED = ("40001", "40P01")  # serialization failure, deadlock


def open_engine(url: str) -> Engine:
    """An engine for one database; nothing is read or written yet."""
    if is_postgres(url):
        engine = sa.create_engine(
            url.replace("postgresql://", "postgresql+psycopg://", 1),
            isolation_level="READ COMMITTED",
            pool_size=2,
            max_overflow=6,
            hide_parameters=True,  # an error's text goes into the log; the books' data must not
        )
        return engine
    engine = sa.create_engine(
        f"sqlite:///{sqlite_path(url)}", poolclass=QueuePool, pool_size=2, max_overflow=6, hide_parameters=True
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


_SQLITE_WORDS = {
    sqlite3.SQLITE_FULL: N_("The disk of {place} is full. Make room, then try again; nothing was lost."),
    sqlite3.SQLITE_READONLY: N_(
        "{place} cannot be written: file or folder is read-only for you. Ask for the right to write."
    ),
    sqlite3.SQLITE_CANTOPEN: N_("{place} cannot be opened. Check that its folder exists and that you may write in it."),
    sqlite3.SQLITE_BUSY: N_("{place} is busy for too long. Try again; if it stays so, see who has it open."),
    sqlite3.SQLITE_LOCKED: N_("{place} is busy for too long. Try again; if it stays so, see who has it open."),
    sqlite3.SQLITE_IOERR: N_(
        "The disk of {place} failed or is full. Nothing half is written; check the disk, then try again."
    ),
    sqlite3.SQLITE_CORRUPT: N_("{place} is damaged. Stop, and restore the newest backup (o2c restore)."),
    sqlite3.SQLITE_NOTADB: N_("{place} is no database of these books."),
    sqlite3.SQLITE_PERM: N_("You have no right to open {place}."),
    sqlite3.SQLITE_AUTH: N_("You have no right to open {place}."),
}


def trouble_of(error: DBAPIError | sqlite3.Error, url: str) -> TroubleError | None:
    """The machine's failure in words; None where the error is ours (a defect)."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        template = _SQLITE_WORDS.get(code & 0xFF) if code is not None else None
        return TroubleError(template, place=str(sqlite_path(url))) if template else None
    state = getattr(cause, "sqlstate", None) or ""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if lost or state[:2] in ("08", "57", "53") or (type(cause).__name__ == "OperationalError" and not state):
        return TroubleError(N_("The database server does not answer: {why}"), why=str(cause).strip().split("\n")[0])
    return None


def must_retry(error: DBAPIError) -> bool:
    """Whether PostgreSQL asks to say the same transaction again."""
    return getattr(error.orig, "sqlstate", None) in RETRIED


def is_key_taken(error: DBAPIError) -> bool:
    """Whether the idempotency key of the audit entry is taken: the verb was done before."""
    text = str(error.orig)
    return "audit_entry.key" in text or "uq_audit_entry_key" in text


def folder_of(url: str) -> Path:
    """The folder of a SQLite file."""
    return sqlite_path(url).parent
