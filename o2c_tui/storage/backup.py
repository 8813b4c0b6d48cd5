"""Backup and restore of a SQLite file: one step, checked, then put in place under its name.

Rule: docs/rules/storage.md, "Backup".
"""

import contextlib
import os
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from o2c_tui.errors import TroubleError
from o2c_tui.storage.places import (
    HEAD,
    free_room,
    is_postgres,
    readable_uri,
    refuse_network_disk,
    sqlite_path,
    stored_revision,
)
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


def beside(url: str, now: datetime) -> Path:
    """Where a backup lies unless it is told: beside the books, named by the moment."""
    _refuse_server(url)
    path = sqlite_path(url)
    return path.with_name(f"{path.stem}-{now:%Y%m%d-%H%M%S}.sqlite")


def back_up(url: str, target: Path) -> BackedUp:
    """Copy the books, in use or not, into a file that is whole or not there.

    Raises:
        TroubleError: the target exists, cannot be written, or the copy is not sound.
    """
    _refuse_server(url)
    if stored_revision(url) is None:
        raise TroubleError(N_("There are no books at {place}."), place=sqlite_path(url))
    if target.exists():
        raise TroubleError(N_("{target} exists already; give another name."), target=target)
    half = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        half.unlink(missing_ok=True)
        source = sqlite3.connect(readable_uri(sqlite_path(url)), uri=True)
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
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise TroubleError(
            N_("The backup {target} could not be written: {why} ({free} free there)."),
            target=target,
            why=why,
            free=free_room(target),
        ) from error
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
    path = sqlite_path(url)
    refuse_network_disk(path)
    entries = _entries_of_backup(path, backup)
    kept, had = "", 0
    try:
        if path.exists():
            had = _take_alone(path)
            kept_path = _free_name(path)
            for tail in ("-wal", "-shm"):  # none are left but of a damaged file: they may hold what can be saved
                there = path.with_name(path.name + tail)
                if there.exists():
                    there.replace(kept_path.with_name(kept_path.name + tail))
            path.replace(kept_path)
            kept = str(kept_path)
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


def _entries_of_backup(path: Path, backup: Path) -> int:
    """Make sure a backup is whole and of a schema that this program knows; returns its number of entries."""
    if backup.exists() and path.exists() and backup.samefile(path):
        raise TroubleError(N_("{place} are the books themselves; name a backup."), place=backup)
    revision = stored_revision(f"sqlite:///{backup.absolute()}") if backup.exists() else None
    if revision is None:
        raise TroubleError(N_("{place} is no backup of such books."), place=backup)
    if revision > HEAD:
        raise TroubleError(
            N_(
                "These books were last used by a newer o2c (schema {theirs}, this program knows {ours}). Install that version."
            ),
            theirs=revision,
            ours=HEAD,
        )
    check = sqlite3.connect(readable_uri(backup.absolute()) + "&immutable=1", uri=True)
    try:
        if check.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise TroubleError(N_("{place} is damaged; take an older backup."), place=backup)
        return _entries(check)
    except sqlite3.DatabaseError as error:
        raise TroubleError(N_("{place} is damaged; take an older backup."), place=backup) from error
    finally:
        check.close()


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
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise TroubleError(N_("Somebody has {place} open. Close every o2c, then restore."), place=path) from error
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR):
            return 0  # damaged: the very case for a backup
        raise
    finally:
        there.close()


def _free_name(path: Path) -> Path:
    n = 1
    while (name := path.with_name(f"{path.stem}-replaced-{n}{path.suffix}")).exists():
        n += 1
    return name
