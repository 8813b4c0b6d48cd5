"""Backup and restore of a SQLite file: one step, checked, then put in place under its name.

Rule: docs/rules/storage.md, "Backup".
"""

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from o2c_tui.errors import TroubleError
from o2c_tui.storage.places import is_postgres, sqlite_path, stored_revision
from o2c_tui.texts import N_


@dataclass(frozen=True)
class BackedUp:
    """A backup that was made and checked."""

    path: str
    bytes: int
    entries: int  # of the audit chain


def _entries(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT seq FROM audit_head").fetchone()[0])


def _refuse_server(url: str) -> None:
    if is_postgres(url):
        raise TroubleError(
            N_("These books lie in PostgreSQL; back them up with pg_dump and bring them back with pg_restore.")
        )


def back_up(url: str, target: Path) -> BackedUp:
    """Copy the books, in use or not, into a file that is whole or not there.

    Raises:
        TroubleError: the target exists, cannot be written, or the copy is not sound.
    """
    _refuse_server(url)
    if target.exists():
        raise TroubleError(N_("{target} exists already; give another name."), target=target)
    half = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        half.unlink(missing_ok=True)
        source = sqlite3.connect(f"file:{sqlite_path(url)}?mode=ro", uri=True)
        copy = sqlite3.connect(half)
        try:
            source.backup(copy)
            sound = copy.execute("PRAGMA integrity_check").fetchone()[0]
            if sound != "ok":
                raise TroubleError(N_("The copy is not sound: {why}."), why=sound)
            entries = _entries(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        finally:
            copy.close()
            source.close()
        _sync(half)
        half.chmod(0o660)
        half.replace(target)
        _sync(target.parent)
    except (OSError, sqlite3.Error) as error:
        half.unlink(missing_ok=True)
        raise TroubleError(N_("The backup {target} could not be written: {why}."), target=target, why=error) from error
    return BackedUp(str(target), target.stat().st_size, entries)


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


@dataclass(frozen=True)
class Restored:
    """Books brought back; the ones they replaced are kept."""

    path: str
    kept: str
    entries: int
    lost_entries: int  # how many entries the replaced books had beyond these


def restore(url: str, backup: Path) -> Restored:
    """Bring a backup back in place of the books; what was there is kept beside it.

    Raises:
        TroubleError: the backup is not sound, or somebody has the books open.
    """
    _refuse_server(url)
    if not backup.exists() or stored_revision(f"sqlite:///{backup.absolute()}") is None:
        raise TroubleError(N_("{place} is no backup of such books."), place=backup)
    check = sqlite3.connect(f"file:{backup.absolute()}?mode=ro&immutable=1", uri=True)
    try:
        if check.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise TroubleError(N_("{place} is damaged; take an older backup."), place=backup)
        entries = _entries(check)
    finally:
        check.close()
    path = sqlite_path(url)
    kept, had = "", 0
    try:
        if path.exists():
            had = _take_alone(path)
            kept_path = _free_name(path)
            path.replace(kept_path)
            kept = str(kept_path)
            for tail in ("-wal", "-shm"):
                path.with_name(path.name + tail).unlink(missing_ok=True)
        half = path.with_name(path.name + ".part")
        half.parent.mkdir(parents=True, exist_ok=True)
        half.write_bytes(backup.read_bytes())
        _sync(half)
        half.chmod(0o660)
        half.replace(path)
        _sync(path.parent)
    except (OSError, sqlite3.Error) as error:
        raise TroubleError(N_("The backup could not be brought back: {why}."), why=error) from error
    return Restored(str(path), kept, entries, max(0, had - entries))


def _take_alone(path: Path) -> int:
    """Make sure nobody has the books open, and write its log into the file; returns its number of entries."""
    there = sqlite3.connect(path, isolation_level=None)
    try:
        there.execute("PRAGMA busy_timeout=500")
        there.execute("PRAGMA locking_mode=EXCLUSIVE")
        there.execute("PRAGMA journal_mode=DELETE")
        there.execute("BEGIN EXCLUSIVE")
        entries = _entries(there)
        there.execute("ROLLBACK")
        return entries
    except sqlite3.OperationalError as error:
        raise TroubleError(N_("Somebody has {place} open. Close every o2c, then restore."), place=path) from error
    finally:
        there.close()


def _free_name(path: Path) -> Path:
    n = 1
    while (name := path.with_name(f"{path.stem}-replaced-{n}{path.suffix}")).exists():
        n += 1
    return name
