"""A real pseudo-terminal for tests: start a command in it, type, read what a person would see.

Pilot waits between keys and so hides what a fast typist finds; here bytes arrive as a terminal sends them, in blocks,
and the screen is what a terminal emulator makes of the bytes that came back. The emulator answers the questions a
terminal answers (cursor position, modes).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import pyte

KEYS = {
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F",
    "pageup": "\x1b[5~", "pagedown": "\x1b[6~", "insert": "\x1b[2~", "delete": "\x1b[3~", "enter": "\r", "tab": "\t",
    "shift+tab": "\x1b[Z", "escape": "\x1b", "space": " ", "backspace": "\x7f", "f1": "\x1bOP", "f2": "\x1bOQ",
    "f3": "\x1bOR", "f4": "\x1bOS", "f5": "\x1b[15~", "f6": "\x1b[17~", "f7": "\x1b[18~", "f8": "\x1b[19~",
    "f9": "\x1b[20~", "f10": "\x1b[21~",
}  # fmt: skip
_QUESTIONS = re.compile(rb"\x1b\[6n|\x1b\[\?(\d+)\$p")
# A session leader makes its terminal the controlling one, so that a hang-up reaches it, then becomes the command.
_OWN_TERMINAL = "import fcntl,os,sys,termios; fcntl.ioctl(0,termios.TIOCSCTTY,0); os.execvp(sys.argv[1],sys.argv[1:])"
_KNOWN_MODES = {b"2026", b"2004", b"1049", b"25", b"7"}


def fair(seconds: float) -> float:
    """A limit on time as it is on a machine of one's own; longer by as much as others keep the processors busy."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def keys(*names: str) -> bytes:
    """The bytes of keys by name; "down*3" repeats, a single character is itself, "ctrl+x" is the control character."""
    out = ""
    for item in names:
        name, _star, times = item.partition("*") if len(item) > 1 and item[-1].isdigit() else (item, "", "")
        if name.startswith("ctrl+"):
            code = chr(ord(name[5].upper()) - 64)
        else:
            code = KEYS.get(name, name)
        out += code * int(times or 1)
    return out.encode()


class Emulator(pyte.Screen):
    """A terminal as real ones are: a wide character that loses a half loses both; clearing colours every cell."""

    def erase_in_display(self, how: int = 0, *args: object, **kwargs: object) -> None:
        super().erase_in_display(how, *args, **kwargs)
        if how == 2:
            for y in range(self.lines):
                for x in range(self.columns):
                    self.buffer[y][x] = self.cursor.attrs

    def draw(self, data: str) -> None:
        for character in data:
            self._break_halves(self.cursor.x)
            before = self.cursor.x
            super().draw(character)
            if self.cursor.x > before + 1:
                self._break_halves(before + 1, second=True)

    def _break_halves(self, x: int, *, second: bool = False) -> None:
        line = self.buffer[self.cursor.y]
        blank = " "
        if not second and x < self.columns and line[x].data == "" and x > 0:
            line[x - 1] = line[x - 1]._replace(data=blank)
            line[x] = line[x]._replace(data=blank)
        if x + 1 < self.columns and line[x + 1].data == "":
            line[x + 1] = line[x + 1]._replace(data=blank)


class Terminal:
    """One command in a pseudo-terminal of its own, with the screen a person would see.

    Use as a context manager: whatever happens, the command is ended.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
        cwd: str | Path | None = None,
        ambiguous_wide: bool = False,
        answers: bool = True,
    ) -> None:
        self.screen = Emulator(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""  # every byte the command sent
        self.ambiguous_wide, self.answers = ambiguous_wide, answers
        self.master, slave = pty.openpty()
        self._closed = False
        self._set_size(slave, columns, rows)
        environment = {
            "PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "TERM": "xterm-256color",
            "COLORTERM": "truecolor", "LANG": "C.UTF-8", **(env or {}),
        }  # fmt: skip

        self.process = subprocess.Popen(
            [sys.executable, "-c", _OWN_TERMINAL, *(str(part) for part in command)],
            stdin=slave, stdout=slave, stderr=slave, env=environment, cwd=cwd, start_new_session=True,
        )  # fmt: skip
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()
        self.close()

    # -- what the person does --------------------------------------------------------------------------------------

    def send(self, data: bytes | str) -> None:
        """Send bytes in one block, as a fast typist, a paste or a slow line delivers them."""
        data = data.encode() if isinstance(data, str) else data
        while data:
            data = data[os.write(self.master, data) :]

    def press(self, *names: str) -> None:
        """Send keys by name (see `keys`) in one block."""
        self.send(keys(*names))

    def resize(self, columns: int, rows: int) -> None:
        """Change the window; the command is told by SIGWINCH."""
        self.read(0)
        self.screen.resize(rows, columns)
        self._set_size(self.master, columns, rows)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the command."""
        self.process.send_signal(number)

    def close(self) -> None:
        """Close the line, as a dropped connection does."""
        if not self._closed:
            self._closed = True
            os.close(self.master)

    # -- what the person sees --------------------------------------------------------------------------------------

    @property
    def lines(self) -> list[str]:
        """The rows of the screen, blanks at the right removed."""
        return [row.rstrip() for row in self.screen.display]

    @property
    def text(self) -> str:
        """The whole screen as one text."""
        return "\n".join(self.lines)

    def read(self, seconds: float) -> bytes:
        """Take what the command sends for `seconds`; the bytes that came."""
        got, until = b"", time.monotonic() + seconds
        while not self._closed:
            wait = max(0.0, until - time.monotonic())
            if not select.select([self.master], [], [], wait)[0]:
                break
            try:
                data = os.read(self.master, 65536)
            except OSError:
                break
            if not data:
                break
            got += data
            self._take(data)
        return got

    def wait_for(self, wanted: str, seconds: float = 10) -> str:
        """Wait until `wanted` stands on the screen; the screen."""
        until = time.monotonic() + seconds
        while wanted not in self.text:
            left = until - time.monotonic()
            assert left > 0, f"{wanted!r} did not appear within {seconds} s; the screen:\n{self.text}"
            assert self.read(min(left, 0.05)) or self.process.poll() is None, f"the command ended:\n{self.text}"
        return self.text

    def wait_gone(self, unwanted: str, seconds: float = 10) -> None:
        """Wait until `unwanted` has left the screen."""
        until = time.monotonic() + seconds
        while unwanted in self.text:
            assert time.monotonic() < until, f"{unwanted!r} did not go within {seconds} s; the screen:\n{self.text}"
            self.read(0.05)

    def quiet(self, seconds: float = 0.15, limit: float = 10) -> bytes:
        """Read until nothing came for `seconds`; what came before."""
        got, until = b"", time.monotonic() + limit
        while (data := self.read(seconds)) and time.monotonic() < until:
            got += data
        return got

    def wait_end(self, seconds: float = 10) -> int:
        """Wait for the command's end while taking its output; its exit code."""
        until = time.monotonic() + seconds
        while (code := self.process.poll()) is None:
            assert time.monotonic() < until, f"still running after {seconds} s; the screen:\n{self.text}"
            if self._closed:
                time.sleep(0.01)
            else:
                self.read(0.02)
        self.read(0.05)
        return code

    # -- the terminal's own part -----------------------------------------------------------------------------------

    @staticmethod
    def _set_size(fd: int, columns: int, rows: int) -> None:
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _take(self, data: bytes) -> None:
        self.raw += data
        at = 0
        for question in _QUESTIONS.finditer(data):
            self._stream.feed(data[at : question.start()])
            at = question.end()
            if self.answers:
                self._answer(question.group(1))
        self._stream.feed(data[at:])

    def _answer(self, mode: bytes | None) -> None:
        if mode is not None:
            reply = b"\x1b[?%s;%d$y" % (mode, 2 if mode in _KNOWN_MODES else 0)
        else:
            column = self.screen.cursor.x + 1 + (1 if self.ambiguous_wide else 0)
            reply = b"\x1b[%d;%dR" % (self.screen.cursor.y + 1, column)
        with contextlib.suppress(OSError):
            os.write(self.master, reply)
