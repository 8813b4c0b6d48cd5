"""The anchor: what was written from here, noted outside the books, so that books that lost their end are found out.

A database that lost its newest commits (a deleted write-ahead log, an older copy put back, the last audit entries cut
off) is whole in itself: no check of its own rows can tell. So after each commit one line goes to a file in another
folder, one file for each account and each place of books: number of the newest audit entry, its hash, when, and the
numbers the documents took. The start of the program and `verify` compare. Rule: docs/rules/storage.md, "Anchor".
"""

import contextlib
import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from o2c_tui.errors import TroubleError
from o2c_tui.storage.places import is_postgres, shown_place, sqlite_path
from o2c_tui.texts import N_

MOST_BYTES = 400_000  # then only the newest lines are kept
KEPT_LINES = 1000
MOST_NUMBERS = 40  # on one line, and in one sentence
_TAIL = 16_384
_SETTLED = "settled"  # the lines before it are no longer compared


@dataclass(frozen=True)
class Mark:
    """One commit: the newest entry of the chain after it."""

    seq: int
    hash: str
    at: str
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Loss:
    """What was written from here and is not in the books."""

    place: str
    entries: int  # 0: other entries stand in their place
    last: Mark
    numbers: tuple[str, ...]

    def said(self) -> TroubleError:
        """The sentence for whoever opens the books."""
        numbers = ", ".join(self.numbers[-MOST_NUMBERS:]) or "-"
        if self.entries:
            return TroubleError(
                N_(
                    "{n} entries that were written from here are missing in {place}, the last of {day} ({numbers}). Its "
                    "write-ahead log was lost, or an older copy put back. Enter nothing: bring the newer file back, or "
                    "restore a backup. If it is meant to be so: o2c verify --settle."
                ),
                n=self.entries,
                place=self.place,
                day=self.last.at[:10],
                numbers=numbers,
            )
        return TroubleError(
            N_(
                "{place} holds other entries than were written from here until {day} ({numbers}). Another file was put "
                "in its place, or its trail was changed. Enter nothing: bring the right file back, or restore a backup. "
                "If it is meant to be so: o2c verify --settle."
            ),
            place=self.place,
            day=self.last.at[:10],
            numbers=numbers,
        )


class Anchor:
    """The notes of one account about one place of books."""

    def __init__(self, folder: Path, url: str) -> None:
        self.place = shown_place(url)
        where = self.place if is_postgres(url) else os.path.realpath(sqlite_path(url))
        name = "postgresql" if is_postgres(url) else sqlite_path(url).stem
        self.path = folder / f"{name}-{hashlib.sha256(where.encode(errors='surrogateescape')).hexdigest()[:12]}.anchor"

    def note(
        self, seq: int, digest: bytes, at: datetime, numbers: Sequence[str] = (), *, settled: bool = False
    ) -> None:
        """Note a commit that was made. A note that cannot be written is left out: the books come first."""
        told = [*numbers] if len(numbers) <= MOST_NUMBERS else [*numbers[: MOST_NUMBERS - 1], numbers[-1]]
        parts = (str(seq), digest.hex(), at.isoformat(timespec="seconds"), *([_SETTLED] if settled else told))
        with contextlib.suppress(OSError):
            self._append(("\t".join(parts) + "\n").encode())

    def _append(self, line: bytes) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        try:
            file = os.open(self.path, flags, 0o600)
        except FileNotFoundError:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = os.open(self.path, flags, 0o600)
        try:
            os.write(file, line)  # one write: lines of several programs never mix
        finally:
            os.close(file)

    def marks(self, *, newest: bool = False) -> list[Mark]:
        """The notes since the last settlement, by number; `newest` reads the end of the file only."""
        try:
            with self.path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                start = max(0, size - _TAIL) if newest else 0
                file.seek(start)
                lines = file.read().split(b"\n")[1 if start else 0 :]
        except OSError:
            return []
        found: list[Mark] = []
        for line in lines:
            parts = line.decode("utf-8", "replace").split("\t")
            if len(parts) < 3 or not parts[0].isdigit():
                continue  # a line cut off by a full disk
            if parts[3:] == [_SETTLED]:
                found = []
                if not int(parts[0]):
                    continue
                parts = parts[:3]
            found.append(Mark(int(parts[0]), parts[1], parts[2], tuple(parts[3:])))
        return sorted(found, key=lambda mark: mark.seq)

    def loss(self, hash_of: Callable[[int], bytes | None], head: int, *, newest: bool = False) -> Loss | None:
        """What the books lack of what was noted; None where they have it all.

        `hash_of` gives the hash of an entry by its number, `head` is the number of the newest.
        """
        marks = self.marks(newest=newest)
        wrong = [mark for mark in (marks[-1:] if newest else marks) if _differs(hash_of(mark.seq), mark)]
        if not wrong:
            return None
        if newest:  # the sentence names all of them
            return self.loss(hash_of, head) or Loss(self.place, max(0, wrong[0].seq - head), wrong[0], ())
        numbers = tuple(number for mark in wrong for number in mark.numbers)
        return Loss(self.place, max(0, wrong[-1].seq - head), wrong[-1], numbers)

    def trim(self) -> None:
        """Keep the newest lines of a file that has grown long."""
        with contextlib.suppress(OSError):
            if self.path.stat().st_size <= MOST_BYTES:
                return
            lines = self.path.read_bytes().splitlines(keepends=True)[-KEPT_LINES:]
            half = self.path.with_suffix(f".{os.getpid()}.part")
            half.write_bytes(b"".join(lines))
            half.chmod(0o600)
            half.replace(self.path)


def _differs(there: bytes | None, mark: Mark) -> bool:
    return there is None or there.hex() != mark.hash
