"""The turnstile: writers of one SQLite file go through one at a time, in the order they came.

SQLite's own waiting is not fair: under load a writer can starve and fail. An exclusive lock on a side file around the
write transaction lets each in turn; who holds it stands in the file. Rule: docs/rules/storage.md.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from o2c_tui.errors import TroubleError
from o2c_tui.texts import N_

LIMIT_SECONDS = 10.0


class Turnstile:
    """Around the writes of one database file."""

    def __init__(self, database: Path, who: str) -> None:
        self.path = database.with_name(database.name + ".turn")
        self.holder = f"{os.getpid()} {who}\n".encode()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn, write, and let the next one in.

        Raises:
            TroubleError: somebody has held it for more than ten seconds; names who.
        """
        file = self._open()
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._wait(file)
        try:
            os.pwrite(file, self.holder.ljust(64), 0)
            yield
        finally:
            os.close(file)

    def _open(self) -> int:
        """The side file; a new one may be written by the whole group, whatever the umask of who comes first."""
        flags = os.O_RDWR | os.O_CLOEXEC
        try:
            try:
                return os.open(self.path, flags)
            except FileNotFoundError:
                file = os.open(self.path, flags | os.O_CREAT, 0o660)
                os.fchmod(file, 0o660)
                return file
        except OSError as error:
            raise TroubleError(
                N_("{place} cannot be opened: {why}."), place=self.path, why=error.strerror or error
            ) from error

    def _wait(self, file: int) -> None:
        """Queue for the lock until it is ours; a place given up is closed by the thread that keeps it."""
        guard, ours, state = threading.Lock(), threading.Event(), {"left": False}

        def queue() -> None:
            fcntl.flock(file, fcntl.LOCK_EX)
            with guard:
                if state["left"]:
                    os.close(file)
                else:
                    ours.set()

        threading.Thread(target=queue, name="turnstile", daemon=True).start()
        ours.wait(LIMIT_SECONDS)
        with guard:
            if ours.is_set():
                return
            state["left"] = True
        holder = self.path.read_bytes().decode(errors="replace").split("\n")[0].strip("\0 ")
        raise TroubleError(
            N_("The books have been busy for {seconds} seconds; {holder} is writing. Try again."),
            seconds=int(LIMIT_SECONDS),
            holder=holder or "?",
        )
