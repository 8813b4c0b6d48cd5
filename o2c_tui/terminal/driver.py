"""The terminal, read and written on the event loop itself: no thread, no polling, one write for each frame.

An idle session costs nothing and sends nothing. The terminal is given back as it was found, whatever ends the
session: leaving, a lost line (SIGHUP, or reads that fail), SIGTERM. A slow or stopped terminal never blocks the
session: what it does not take is kept, and the frames after it are made when it takes again.
"""

import asyncio
import codecs
import contextlib
import os
import select
import signal
import sys
import termios
import tty
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App
from textual.driver import Driver
from textual.geometry import Size
from textual.message import Message

from o2c_tui.terminal.parser import KeyParser

if TYPE_CHECKING:
    from o2c_tui.terminal.gate import GateApp

AMBIGUOUS_SIGN = "\u2026"  # one cell in most terminals, two in many Chinese ones
_ENTER = "\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[?7l"
_LEAVE = "\x1b[r\x1b[m\x1b[?7h\x1b[?2004l\x1b[?1049l\x1b[?25h"
_MOUSE_ON, _MOUSE_OFF = "\x1b[?1000h\x1b[?1006h", "\x1b[?1000l\x1b[?1006l"
ESCAPE_AFTER, ESCAPE_AFTER_SLOW = 0.1, 0.3  # seconds; a slow line may part an arrow key's bytes by more than the first
_REPLY_WITHIN = 1.0  # seconds a terminal has to say how wide it draws an ambiguous sign
_LAST_WORDS = 0.5  # seconds a terminal has to take what gives it back
_END_WITHIN = 1.9  # seconds from a signal to the end of the process


def is_terminal() -> bool:
    """Whether the session has a terminal to read keys from and to draw on."""
    return os.isatty(0) and _output_fd() is not None


def speaks_utf8() -> bool:
    """Whether the login says that its terminal uses UTF-8."""
    language, kind = os.environ.get("LANG", ""), os.environ.get("LC_CTYPE", "")
    if kind == "C.UTF-8" and language in ("", "C", "POSIX"):  # Python itself sets it so, and knows no more than we do
        kind = ""
    named = os.environ.get("LC_ALL") or kind or language
    return "utf-8" in named.lower() or "utf8" in named.lower()


def _output_fd() -> int | None:
    return next((fd for fd in (1, 2) if os.isatty(fd)), None)


class LeanDriver(Driver):
    """Keys in and frames out for a `GateApp`, through the terminal of the process."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.gate: GateApp[Any] = app  # type: ignore[assignment]
        self.in_fd = 0
        self.out_fd = _output_fd() or 1
        self.escape_delay = _delay_of_escape()
        self.active = False
        self.gone = False  # the terminal was closed: nothing can be written any more
        self.on_drained: Callable[[], None] | None = None
        self._own_fd: int | None = None  # our own opening of the terminal, so that non-blocking stays ours
        self._said: list[str] = []
        self._pending = bytearray()
        self._attrs_before: list[Any] | None = None
        self._parser = KeyParser(os.environ.get("TERM", ""))
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._escape_timer: asyncio.TimerHandle | None = None
        self._reply_timer: asyncio.TimerHandle | None = None
        self._probing = False
        self._told_not_utf8 = False
        self._ending = False

    def wait_for_escape(self, seconds: float) -> None:
        """Let an Esc stand alone for so long before it is the Esc key (never shorter than ESCDELAY says)."""
        self.escape_delay = max(seconds, _delay_of_escape())

    def use_mouse(self, on: bool) -> None:
        """Ask the terminal for the mouse, or leave it to the terminal's own select and copy."""
        if on != self._mouse:
            self._mouse = on
            if self.active:
                self.write(_MOUSE_ON if on else _MOUSE_OFF)

    @property
    def can_suspend(self) -> bool:
        return True

    @property
    def busy(self) -> bool:
        """Whether the terminal has not yet taken what was sent before."""
        return bool(self._pending)

    # -- starting and stopping -------------------------------------------------------------------------------------

    def start_application_mode(self) -> None:
        """Take the terminal: raw keys, the alternate screen, signals."""
        self._open()
        with contextlib.suppress(termios.error):
            if self._attrs_before is None:
                self._attrs_before = termios.tcgetattr(self.in_fd)
            raw = termios.tcgetattr(self.in_fd)
            raw[tty.LFLAG] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
            raw[tty.IFLAG] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
            raw[tty.CC][termios.VMIN] = 1
            raw[tty.CC][termios.VTIME] = 0
            termios.tcsetattr(self.in_fd, termios.TCSANOW, raw)  # TCSANOW: what was typed before is kept
        self.active = True
        self.gate.forget_frame()
        self.write(_ENTER + (_MOUSE_ON if self._mouse else ""))
        self._ask()
        for number, handler in self._signals():
            self._loop.add_signal_handler(number, handler)
        with contextlib.suppress(PermissionError):  # a plain file as input has no readiness, and no keys
            self._loop.add_reader(self.in_fd, self._readable)
        self._tell_size()
        self.flush()

    def _signals(self) -> list[tuple[signal.Signals, Callable[[], None]]]:
        return [
            (signal.SIGWINCH, self._tell_size),
            (signal.SIGTERM, self.end_session),
            (signal.SIGHUP, self.end_session),
            (signal.SIGINT, self.end_session),
            (signal.SIGTSTP, self._stopped),
            (signal.SIGCONT, self._continued),
        ]

    def _open(self) -> None:
        if self._own_fd is None:
            try:
                self._own_fd = os.open(os.ttyname(self.out_fd), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
            except OSError:  # another user's terminal (su), or none at all: share the opening, writes may wait
                self._own_fd = os.dup(self.out_fd)

    def _ask(self) -> None:
        """Two questions to the terminal, answered while the first screen is made."""
        if os.environ.get("TERM_PROGRAM") != "Apple_Terminal":  # it would print the question's last letter
            self.write("\x1b[?2026$p")
        if self.gate.wants_width_measured and os.environ.get("TERM") not in ("dumb", "linux"):
            self._probing = True
            self._reply_timer = self._loop.call_later(_REPLY_WITHIN, self._measured, None)
            self.write(f"\x1b[H{AMBIGUOUS_SIGN}\x1b[6n\x1b[2K\x1b[H")

    def disable_input(self) -> None:
        """Read no more keys; what was typed ahead stays for whoever reads next."""
        if self._loop.is_closed():
            return
        self._loop.remove_reader(self.in_fd)
        if self._escape_timer is not None:
            self._escape_timer.cancel()

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was found."""
        if not self.active:
            return
        self.active = False
        self.disable_input()
        self.write((_MOUSE_OFF if self._mouse else "") + _LEAVE)
        self._say_last()
        with contextlib.suppress(termios.error, OSError):
            if self._probing:  # a late reply must not be typed into the shell
                termios.tcflush(self.in_fd, termios.TCIFLUSH)
            if self._attrs_before is not None:
                termios.tcsetattr(self.in_fd, termios.TCSANOW, self._attrs_before)
        self._attrs_before = None

    def close(self) -> None:
        """Nothing more will be drawn."""
        if self._own_fd is not None:
            if not self._loop.is_closed():
                self._loop.remove_writer(self._own_fd)
            os.close(self._own_fd)
            self._own_fd = None

    # -- writing ---------------------------------------------------------------------------------------------------

    def write(self, data: str) -> None:
        """Keep `data` for the next flush."""
        self._said.append(data)
        if not self._loop.is_closed() and len(self._said) == 1:
            self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Send what was written, as far as the terminal takes it now."""
        if self._said:
            self._pending += "".join(self._said).encode("utf-8", "replace")
            self._said.clear()
            self._drain()

    def _drain(self) -> None:
        if self._own_fd is None or self.gone:
            self._pending.clear()
            return
        try:
            while self._pending:
                del self._pending[: os.write(self._own_fd, self._pending[:65536])]
        except BlockingIOError:
            self._loop.add_writer(self._own_fd, self._writable)
        except OSError:
            self._lost()

    def _writable(self) -> None:
        assert self._own_fd is not None
        self._drain()
        if not self._pending:
            self._loop.remove_writer(self._own_fd)
            if self.on_drained is not None:
                self.on_drained()

    def _say_last(self) -> None:
        """Write all that is left, waiting a little for a slow terminal."""
        self.flush()
        until = monotonic() + _LAST_WORDS
        while self._pending and not self.gone and self._own_fd is not None:
            if not select.select([], [self._own_fd], [], max(0.0, until - monotonic()))[1]:
                return
            self._drain()

    # -- reading ---------------------------------------------------------------------------------------------------

    def _readable(self) -> None:
        try:
            data = os.read(self.in_fd, 65536)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self._lost()
            return
        text = self._decoder.decode(data)
        if "\ufffd" in text:
            text = text.replace("\ufffd", "")
            if not self._told_not_utf8:
                self._told_not_utf8 = True
                self._loop.call_soon(self.gate.terminal_not_utf8)
        for message in self._parser.feed(text):
            self._take(message)
        self._await_rest()

    def _await_rest(self) -> None:
        """A lone Esc is a key unless more follows soon; a sequence cut in the middle may take longer on a slow line."""
        if self._escape_timer is not None:
            self._escape_timer.cancel()
            self._escape_timer = None
        if kept := self._parser.waiting:
            delay = self.escape_delay if len(kept) == 1 else max(0.5, self.escape_delay)
            self._escape_timer = self._loop.call_later(delay, self._give_up)

    def _give_up(self) -> None:
        self._escape_timer = None
        for message in self._parser.give_up():
            self._take(message)

    def _take(self, message: Message) -> None:
        if isinstance(message, events.CursorPosition):
            self._measured(message.x)
            return
        self.process_message(message)

    def _measured(self, column: int | None) -> None:
        """Where the cursor stood after one ambiguous sign: 1 narrow, 2 wide, 3 its bytes one by one (no UTF-8)."""
        if self._probing:
            self._probing = False
            if self._reply_timer is not None:
                self._reply_timer.cancel()
            self.gate.wants_width_measured = False
            self.gate.width_measured({1: False, 2: True}.get(column or 0))

    def send_message(self, message: Message) -> None:
        """Keys and pastes go straight to the gate, everything else to the app."""
        if isinstance(message, events.Key | events.Paste):
            self.gate.take_key(message)
        else:
            self.gate.post_message(message)

    def drop_input(self) -> None:
        """Throw away what was typed but not read yet."""
        self._parser = KeyParser(os.environ.get("TERM", ""))
        with contextlib.suppress(OSError):
            while select.select([self.in_fd], [], [], 0)[0] and os.read(self.in_fd, 65536):
                pass

    # -- size, stops and ends --------------------------------------------------------------------------------------

    def _tell_size(self) -> None:
        try:
            width, height = os.get_terminal_size(self.out_fd)
        except OSError:
            width, height = 80, 24
        size = Size(width or 80, height or 24)
        self._size = (size.width, size.height)
        self.gate.resized(size)

    def _stopped(self) -> None:
        """SIGTSTP: give the terminal to the shell, sleep, and take it again when continued."""
        self.stop_application_mode()
        os.kill(os.getpid(), signal.SIGSTOP)
        self._continued()

    def _continued(self) -> None:
        """SIGCONT, also after a stop we were not asked about: the terminal may look and behave in any way."""
        if self._auto_restart:
            self.active = False
            self.start_application_mode()
            self.gate.redraw()

    def _lost(self) -> None:
        """The terminal is gone: nothing to restore, but the work to keep."""
        self.gone = True
        self.disable_input()
        self.end_session()

    def end_session(self) -> None:
        """Keep the drafts and leave, with exit code 0, within two seconds."""
        if self._ending:
            return
        self._ending = True
        signal.signal(signal.SIGALRM, self._end_now)
        signal.setitimer(signal.ITIMER_REAL, _END_WITHIN)
        self.gate.end_session()

    def _end_now(self, *_: object) -> None:
        """Time is up: whatever still runs is cut off; the books undo a half-written transaction by themselves."""
        self.stop_application_mode()
        sys.stdout.flush()
        os._exit(0)


def _delay_of_escape() -> float:
    """Seconds until an Esc followed by nothing is the Esc key; ESCDELAY in milliseconds, as curses programs read it."""
    try:
        return max(1, int(os.environ["ESCDELAY"])) / 1000
    except (KeyError, ValueError):
        return ESCAPE_AFTER
