"""News between sessions: whoever commits tells the others, so that no screen has to look again and again.

SQLite: a session that shows something has a datagram socket beside the database file (`books.sqlite.live-PID-…`); a
writer sends each of them an empty datagram after its commit. What a killed session left is removed by the next writer.
PostgreSQL: NOTIFY in the writing transaction, LISTEN on a connection that does nothing else.

A datagram says only that something was committed: what is shown is read from the books. Nothing heavy is imported
here. Rule: docs/rules/storage.md, "News".
"""

import contextlib
import os
import secrets
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from o2c_tui.storage.places import is_postgres, sqlite_path

CHANNEL = "o2c_news"
_LONGEST = 100  # bytes that every system takes as the address of a socket


class Listener(Protocol):
    """What wakes one session when somebody else has committed; `name` tells its own commits from theirs."""

    name: str

    def fileno(self) -> int:
        """What becomes readable when there is news."""

    def heard(self) -> bool:
        """Take what has come, without waiting: whether somebody else committed.

        Raises:
            OSError: it hears nothing any more.
        """

    def close(self) -> None:
        """Listen no more."""


def listen(url: str) -> Listener | None:
    """A listener on the books at `url`; None where there can be none (F5 still reads again)."""
    try:
        return _OnServer(url) if is_postgres(url) else _BesideFile(sqlite_path(url))
    except OSError:
        return None


# -- SQLite ----------------------------------------------------------------------------------------------------------


def _place(database: Path) -> tuple[Path, str]:
    """The folder of the sockets, and how their names begin."""
    real = Path(os.path.realpath(database))
    return real.parent, f"{real.name}.live-"


@contextlib.contextmanager
def _address(folder: Path, name: str) -> Iterator[str]:
    """The address of a socket, also where its path is longer than addresses may be."""
    path = str(folder / name)
    if len(os.fsencode(path)) <= _LONGEST:
        yield path
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{handle}/{name}"
    finally:
        os.close(handle)


class _BesideFile:
    """A socket beside a SQLite file; whoever may write the file may ring it."""

    def __init__(self, database: Path) -> None:
        self.folder, begin = _place(database)
        self.name = f"{begin}{os.getpid()}-{secrets.token_hex(2)}"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            self.socket.setblocking(False)
            with _address(self.folder, self.name) as address:
                self.socket.bind(address)
            path = self.folder / self.name
            with contextlib.suppress(OSError):  # clerks with accounts of their own share the file by its group
                os.chown(path, -1, database.stat().st_gid)
            path.chmod(0o660)
        except OSError:
            self.close()
            raise

    def fileno(self) -> int:
        return self.socket.fileno()

    def heard(self) -> bool:
        heard = False
        while True:
            try:
                self.socket.recv(1)
                heard = True
            except BlockingIOError:
                return heard

    def close(self) -> None:
        self.socket.close()
        with contextlib.suppress(OSError):
            (self.folder / self.name).unlink()


def tell(database: Path, own: str = "") -> None:
    """Tell every session on a SQLite file, but for the one whose socket is called `own`, that something was committed.

    It never waits and never fails: the commit stands, whoever hears of it.
    """
    with contextlib.suppress(OSError):
        folder, begin = _place(database)
        names = [path.name for path in folder.iterdir() if path.name.startswith(begin) and path.name != own]
        if not names:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.setblocking(False)
            for name in names:
                _ring(out, folder, name)


def _ring(out: socket.socket, folder: Path, name: str) -> None:
    try:
        with _address(folder, name) as address:
            out.sendto(b"", address)
    except ConnectionRefusedError:  # nobody listens: its session was killed
        with contextlib.suppress(OSError):
            path = folder / name
            if stat.S_ISSOCK(path.lstat().st_mode):
                path.unlink()
    except OSError:
        pass  # gone meanwhile, not ours to ring, or it has not yet taken what came before


# -- PostgreSQL ------------------------------------------------------------------------------------------------------


class _OnServer:
    """A connection that waits for NOTIFY."""

    def __init__(self, url: str) -> None:
        import psycopg

        self.name = secrets.token_hex(8)
        self.gone: type[Exception] = psycopg.Error
        try:
            self.connection: Any = psycopg.connect(url, autocommit=True, connect_timeout=10)
            self.connection.execute(f"LISTEN {CHANNEL}")
        except psycopg.Error as error:
            raise OSError(str(error)) from error

    def fileno(self) -> int:
        number: int = self.connection.fileno()
        return number

    def heard(self) -> bool:
        heard = False
        try:
            self.connection.pgconn.consume_input()
            while (news := self.connection.pgconn.notifies()) is not None:
                heard = heard or news.extra.decode(errors="replace") != self.name
        except self.gone as error:
            raise OSError(str(error)) from error
        return heard

    def close(self) -> None:
        self.connection.close()


class Teller:
    """What a Store tells the others by; `own` is the name of its own session's listener."""

    def __init__(self, url: str) -> None:
        self.database = None if is_postgres(url) else sqlite_path(url)
        self.own = ""

    def within(self, connection: Any) -> None:
        """In the transaction, before its commit: PostgreSQL tells when it commits, and nothing if it does not."""
        if self.database is None:
            connection.exec_driver_sql("SELECT pg_notify(%s, %s)", (CHANNEL, self.own))

    def after(self) -> None:
        """After the commit."""
        if self.database is not None:
            tell(self.database, self.own)
