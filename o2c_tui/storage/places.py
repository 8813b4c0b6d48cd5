"""Where books lie: a path or URL read, checked, and opened by the bare driver where no mapper is needed.

Nothing heavy is imported here: the first screen and `o2c --version` go through this module.
"""

import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from o2c_tui.errors import TroubleError
from o2c_tui.texts import N_

HEAD = "0007"  # the schema revision this program works with
BUSY_MILLISECONDS = 30_000  # the net under the turnstile
NO_LOCKS = os.environ.get("O2C_TEST_NO_LOCKS") == "1"  # tests only: shows that the locks are what prevents overselling
_NETWORK = (
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "fuse.glusterfs", "lustre", "beegfs",
    "gpfs", "davfs", "fuse.davfs2", "fuse.sshfs", "fuse.rclone", "fuse.s3fs",
)  # fmt: skip


def as_url(where: str) -> str:
    """A path or URL as a URL: sqlite:///… or postgresql://…

    Raises:
        TroubleError: a kind of database that the program does not know.
    """
    if where.startswith(("postgresql://", "postgres://")):
        return "postgresql://" + where.split("://", 1)[1]
    if where.startswith("sqlite:///"):
        return where
    if "\0" in where or not where.strip():
        raise TroubleError(N_("'{where}' is no place for books; give a path or postgresql://…"), where=where)
    if "://" in where:
        raise TroubleError(
            N_("{where} is no database these books can lie in; give a path or postgresql://…"), where=where
        )
    return f"sqlite:///{Path(where).expanduser().absolute()}"


def is_postgres(url: str) -> bool:
    """Whether a URL names a PostgreSQL database."""
    return url.startswith("postgresql")


def sqlite_path(url: str) -> Path:
    """The file of a SQLite URL."""
    return Path(url.removeprefix("sqlite:///"))


def shown_place(url: str) -> str:
    """A URL as people may see it: without a password."""
    if not is_postgres(url):
        return str(sqlite_path(url))
    head, _, tail = url.rpartition("@")
    user = head.split("://", 1)[-1].split(":")[0] if head else ""
    return f"postgresql://{user + '@' if user else ''}{tail or url.split('://', 1)[1]}"


def readable_uri(path: Path) -> str:
    """A SQLite file as a URI that only reads."""
    return f"file:{quote(str(path))}?mode=ro"


def refuse_network_disk(path: Path, mounts: Path = Path("/proc/mounts")) -> None:
    """Refuse a file on a network disk: its locks are not to be trusted, and its log needs shared memory.

    `mounts` lists what is mounted where; a system without such a list is trusted.

    Raises:
        TroubleError: it lies on one.
    """
    try:
        listed = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    path = Path(os.path.realpath(path))
    best, kind = "", ""
    for line in listed:
        parts = line.split()
        point = parts[1].replace("\\040", " ") if len(parts) > 2 else ""
        if point and (str(path) + "/").startswith(point.rstrip("/") + "/") and len(point) >= len(best):
            best, kind = point, parts[2]
    if kind in _NETWORK:
        raise TroubleError(
            N_("{path} lies on a network disk ({kind}). Put the books on a local disk, or use PostgreSQL."),
            path=path,
            kind=kind,
        )


def refuse_read_only(path: Path) -> None:
    """Refuse books that this account may not write: SQLite would say so only in the middle of the first step.

    Raises:
        TroubleError: file or folder is read-only.
    """
    effective = {"effective_ids": True} if os.access in os.supports_effective_ids else {}
    for place in (path, path.parent):
        if not os.access(place, os.W_OK, **effective):
            raise TroubleError(READ_ONLY, place=place)


READ_ONLY = N_(
    "{place} cannot be written: file or folder is read-only for you. Ask whoever keeps the machine for the right to write."
)
DAMAGED = N_(
    "{place} is damaged. Enter nothing more, keep the file as it is, and bring the newest backup back: o2c restore FILE."
)
NOT_OURS = N_("{place} is no database of these books.")
NO_RIGHT = N_("You have no right to open {place}. Ask whoever keeps the machine.")


def stored_revision(url: str) -> str | None:
    """The schema revision of a SQLite file, read without changing it; None where there are no books.

    Raises:
        TroubleError: the file is damaged, is no database of these books, or cannot be read.
    """
    path = sqlite_path(url)
    try:
        if not path.exists() or path.stat().st_size == 0:
            return None
        if path.is_dir():
            raise TroubleError(NOT_OURS, place=path)
        with path.open("rb") as file:
            if file.read(16) != b"SQLite format 3\0":
                raise TroubleError(NOT_OURS, place=path)
        connection = sqlite3.connect(readable_uri(path), uri=True)
    except PermissionError as error:
        raise TroubleError(NO_RIGHT, place=path) from error
    except OSError as error:
        raise TroubleError(N_("{place} cannot be opened: {why}."), place=path, why=error.strerror) from error
    try:
        connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return row[0] if row else None
    except sqlite3.DatabaseError as error:
        raise (trouble_of_sqlite(error, path) or TroubleError(NOT_OURS, place=path)) from error
    finally:
        connection.close()


_WORDS = {
    sqlite3.SQLITE_FULL: N_("The disk of {place} is full ({free} free). Make room, then try again; nothing was lost."),
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: N_("{place} cannot be opened. Check that its folder exists and that you may write in it."),
    sqlite3.SQLITE_BUSY: N_("{place} is busy for too long. Try again; if it stays so, see who has it open."),
    sqlite3.SQLITE_LOCKED: N_("{place} is busy for too long. Try again; if it stays so, see who has it open."),
    sqlite3.SQLITE_IOERR: N_(
        "The disk of {place} failed or is full ({free} free). Nothing half is written; check the disk, then try again."
    ),
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
    sqlite3.SQLITE_PERM: NO_RIGHT,
    sqlite3.SQLITE_AUTH: NO_RIGHT,
}


def trouble_of_sqlite(error: sqlite3.Error, path: Path) -> TroubleError | None:
    """A failure of SQLite in words; None where it is a defect of ours."""
    code = getattr(error, "sqlite_errorcode", None)
    template = _WORDS.get(code & 0xFF) if code is not None else None
    return TroubleError(template, place=path, free=free_room(path)) if template else None


def free_room(path: Path) -> str:
    """How much room the disk of a file has left, as people read it."""
    try:
        left = shutil.disk_usage(path.parent).free
    except OSError:
        return "?"
    return f"{left / 1_000_000:,.1f} MB"


def connect_bare(url: str) -> Any:
    """A bare driver connection for reading, before the mapper is loaded."""
    if is_postgres(url):
        import psycopg

        return psycopg.connect(url, autocommit=True)
    connection = sqlite3.connect(readable_uri(sqlite_path(url)), uri=True, check_same_thread=False)
    connection.execute("PRAGMA busy_timeout=2000")
    return connection
