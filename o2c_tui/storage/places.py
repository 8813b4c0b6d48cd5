"""Where books lie: a path or URL read, checked, and opened by the bare driver where no mapper is needed.

Nothing heavy is imported here: the first screen and `o2c --version` go through this module.
"""

import os
import sqlite3
from pathlib import Path
from typing import Any

from o2c_tui.errors import TroubleError
from o2c_tui.texts import N_

HEAD = "0001"  # the schema revision this program works with
NO_LOCKS = os.environ.get("O2C_TEST_NO_LOCKS") == "1"  # tests only: shows that the locks are what prevents overselling
_NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph", "glusterfs")


def as_url(where: str) -> str:
    """A path or URL as a URL: sqlite:///… or postgresql://…

    Raises:
        TroubleError: a kind of database that the program does not know.
    """
    if where.startswith(("postgresql://", "postgres://")):
        return "postgresql://" + where.split("://", 1)[1]
    if where.startswith("sqlite:///"):
        return where
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


def refuse_network_disk(path: Path) -> None:
    """Refuse a file on a network disk: its locks are not to be trusted.

    Raises:
        TroubleError: it lies on one.
    """
    try:
        mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    best, kind = "", ""
    for line in mounts:
        parts = line.split()
        point = parts[1].replace("\\040", " ") if len(parts) > 2 else ""
        if point and (str(path) + "/").startswith(point.rstrip("/") + "/") and len(point) > len(best):
            best, kind = point, parts[2]
    if kind in _NETWORK:
        raise TroubleError(
            N_("{path} lies on a network disk ({kind}). Put the books on a local disk, or use PostgreSQL."),
            path=path,
            kind=kind,
        )


def stored_revision(url: str) -> str | None:
    """The schema revision of a SQLite file, read without changing it; None where there are no books.

    Raises:
        TroubleError: the file is no database of these books.
    """
    path = sqlite_path(url)
    if not path.exists() or path.stat().st_size == 0:
        return None
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return row[0] if row else None
    except sqlite3.DatabaseError as error:
        raise TroubleError(N_("{place} is no database of these books."), place=path) from error
    finally:
        connection.close()


def connect_bare(url: str) -> Any:
    """A bare driver connection for reading, before the mapper is loaded."""
    if is_postgres(url):
        import psycopg

        return psycopg.connect(url, autocommit=True)
    connection = sqlite3.connect(f"file:{sqlite_path(url)}?mode=ro", uri=True, check_same_thread=False)
    connection.execute("PRAGMA busy_timeout=2000")
    return connection
