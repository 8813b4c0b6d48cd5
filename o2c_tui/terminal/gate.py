"""The app that every face of the terminal stands on: keys in the order typed, frames as differences, a calm end.

A clerk types ahead of the screen. Textual hands a key to whatever has the focus at that moment and moves the focus
later, so a burst goes astray. Here keys wait at a gate: each is let in when the one before has had its whole effect
(focus moved, screen changed, books read or written).
"""

import asyncio
import gc
import logging
import os
import time
from collections import deque
from collections.abc import Callable, Coroutine
from functools import partial
from inspect import isawaitable
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from rich.text import Text
from textual import events
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Offset, Size
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.worker import WorkerFailed

from o2c_tui.terminal.driver import LeanDriver
from o2c_tui.terminal.frame import Frame, Line
from o2c_tui.texts import _

Result = TypeVar("Result")
_STUCK_AFTER = 10.0  # seconds after which the gate no longer waits for a handler that never ends
_MOST_DEFECTS, _WITHIN = 5, 10.0  # as many within so many seconds end the session: nothing works any more
_SMALL_FRAME = 200  # characters that a terminal draws at once anyway, without being asked to


class GateApp(App[Result], Generic[Result]):
    """An app whose keys take effect one after another, drawn with few bytes, ended without loss.

    Faces override the hooks `save_and_quit`, `terminal_not_utf8`, `width_measured`, `held_escape`, `refused` and
    `survives`, and set `crash_log`.
    """

    ENABLE_COMMAND_PALETTE = False
    # Work that a key waits for, by worker group. Text typed into a field waits for writes only.
    HOLDING_GROUPS: ClassVar[frozenset[str]] = frozenset({"read", "write"})

    crash_log: Path | None = None  # where a defect is written down; None keeps it out of files
    wants_width_measured = True
    colourless = False  # send no colour codes at all, only bold, underline and reverse
    hardware_cursor = False  # show the terminal's own cursor on the active cell (plain mode, screen readers)

    def __init__(self, **options: Any) -> None:
        options.setdefault("driver_class", LeanDriver)
        super().__init__(**options)
        self.animation_level = "none"
        self._typed: deque[events.Key | events.Paste] = deque()
        self._pump: asyncio.Task[None] | None = None
        self._next_key: Callable[[events.Key], bool] | None = None
        self._frame: Frame | None = None
        self._owed: dict[int, Line] = {}
        self._painted = False
        self.typed_at = 0.0  # when the last key came, by the monotonic clock
        self.last_key: events.Key | events.Paste | None = None  # the one let in last
        self._defects: deque[float] = deque(maxlen=_MOST_DEFECTS)  # when they happened

    # -- hooks -----------------------------------------------------------------------------------------------------

    def save_and_quit(self) -> Any:
        """Keep every draft: the terminal is gone or the machine goes down. May be a coroutine; 1.5 s at most."""

    def terminal_not_utf8(self) -> None:
        """The terminal sent bytes that are no UTF-8; they were left out. Told once a session."""

    def width_measured(self, wide: bool | None) -> None:
        """The terminal draws an ambiguous sign in two cells (True), in one (False), or not at all (None: no UTF-8, or it
        did not say)."""

    def held_escape(self) -> bool:
        """Esc was pressed while work holds the keys back; True if it was meant for that work (and is used up)."""
        return False

    def refused(self, error: Exception) -> bool:
        """An error reached the top although the screen still works; True if it was a refusal, and has been said."""
        return False

    def survives(self, error: Exception, reference: str) -> bool:
        """A defect was written down under this number; True if the session goes on, on a screen that says so."""
        return False

    # -- the key gate ----------------------------------------------------------------------------------------------

    def take_key(self, event: events.Key | events.Paste) -> None:
        """Queue one key (or paste) behind those typed before it."""
        self.typed_at = time.monotonic()
        escape = isinstance(event, events.Key) and event.key == "escape"
        if escape and self._holding_work(text=False) and self.held_escape():
            return
        self._typed.append(event)
        self._open_gate()

    def _open_gate(self) -> None:
        if self._pump is None and self._dom_ready_for_keys:
            self._pump = asyncio.create_task(self._pass_keys(), name="key gate")

    @property
    def _dom_ready_for_keys(self) -> bool:
        return self._running and bool(self._screen_stacks[self._current_mode])

    @property
    def keys_wait(self) -> bool:
        """Whether keys were typed that have not had their effect."""
        return bool(self._typed) or self._pump is not None

    def take_next_key(self, taker: Callable[[events.Key], bool]) -> None:
        """Offer the next key to `taker` first (the second key of a two-key command); False lets it pass on."""
        self._next_key = taker

    def drop_typeahead(self) -> None:
        """Forget the keys typed but not yet let in: after an error nothing may be entered on a wrong assumption."""
        self._typed.clear()
        self._next_key = None
        if isinstance(self._driver, LeanDriver):
            self._driver.drop_input()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            self.take_key(event)
        else:
            await super().on_event(event)

    async def _pass_keys(self) -> None:
        try:
            while self._typed and self._running:
                await self._settle(self._typed[0])
                if not self._typed or not self._running:
                    break
                await self._let_in(self._typed.popleft())
                await asyncio.sleep(0)
        except Exception as error:
            self._handle_exception(error)
        finally:
            self._pump = None

    async def _let_in(self, event: events.Key | events.Paste) -> None:
        self.last_key = event
        taker, self._next_key = self._next_key, None
        if taker is not None and isinstance(event, events.Key) and taker(event):
            return
        await App.on_event(self, event)

    async def settled(self) -> None:
        """Wait until every key typed so far has had its whole effect."""
        while self._typed or self._pump is not None:
            await asyncio.sleep(0.001)
        await self._settle(None)

    async def _settle(self, upcoming: events.Key | events.Paste | None) -> None:
        """Wait until nothing that an earlier key began is still under way.

        That is: every message queue empty and its owner waiting for more, twice in a row with the same screen and
        focus, the layout done, and no worker of the holding groups running.
        """
        calm_for, rounds, before = 0, 0, None
        give_up = time.monotonic() + _STUCK_AFTER
        while calm_for < 2 and self._running:
            place = (self.screen, self.screen.focused)
            work = self._holding_work(text=self._goes_into_text(upcoming))
            calm_for = calm_for + 1 if not work and self._is_quiet() and place == before else 0
            before = place
            rounds += 1
            if work:
                give_up = time.monotonic() + _STUCK_AFTER
            elif time.monotonic() > give_up:
                return
            await asyncio.sleep(0 if rounds < 50 else 0.002)

    def _holding_work(self, *, text: bool) -> bool:
        return any(
            worker.group in self.HOLDING_GROUPS and not worker.is_finished and not (text and worker.group == "read")
            for worker in self._workers
        )

    def _goes_into_text(self, event: events.Key | events.Paste | None) -> bool:
        """Whether this key is text for a field, which need not wait for the list that the field narrows."""
        if not isinstance(event, events.Key) or not event.is_printable:
            return False
        focused = self.screen.focused
        return focused is not None and focused.check_consume_key(event.key, event.character)

    def _is_quiet(self) -> bool:
        if not _waits(self):
            return False
        screen = self.screen
        if not screen._is_mounted or screen._layout_required or screen._recompose_required or screen._callbacks:
            return False
        return all(_waits(node) for node in list(self._registry) if node._running and not node._closing)

    # -- drawing ---------------------------------------------------------------------------------------------------

    def forget_frame(self) -> None:
        """The terminal may show anything now: send the next frame whole."""
        self._frame = None
        self._owed.clear()

    def redraw(self) -> None:
        """Draw the whole screen again."""
        self.forget_frame()
        if self._running and self._screen_stacks[self._current_mode]:
            self.screen.refresh()

    def resized(self, size: Size) -> None:
        """The terminal has this size now; it may have mangled what it showed, even if the size is the old one."""
        if size == self._size:
            self.redraw()
        else:
            self.forget_frame()
            self.post_message(events.Resize(size, size))

    def place_cursor(self, where: Offset) -> None:
        """Put the hardware cursor on the active cell: input methods and screen readers follow it."""
        self.cursor_position = where
        if self._frame is not None and not self._owed:
            self._send(self._frame.paint({}, self._cursor()) + self._cursor_switch(self._frame))

    def _cursor(self) -> tuple[int, int] | None:
        if self.cursor_position == (0, 0):
            return None
        where = self.size.clamp_offset(self.cursor_position)
        return where.y, where.x

    def _cursor_switch(self, frame: Frame) -> str:
        show = self.hardware_cursor and self.cursor_position != (0, 0)
        if show == frame.cursor_shown:
            return ""
        frame.cursor_shown = show
        return "\x1b[?25h" if show else "\x1b[?25l"

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        driver = self._driver
        if not isinstance(driver, LeanDriver) or not isinstance(renderable, LayoutUpdate | ChopsUpdate):
            super()._display(screen, renderable)
            if isinstance(driver, LeanDriver) and not isinstance(renderable, CompositorUpdate | None):
                self.forget_frame()
            return
        if self._batch_count or not self._running or self._closed or not driver.active:
            return
        try:
            self._owe(renderable)
            if not driver.busy:
                self._paint_owed()
        except Exception as error:
            self._handle_exception(error)
        finally:
            self.post_display_hook()
        if not self._painted:
            self._painted = True
            self._after_first_paint(driver)

    def _owe(self, update: LayoutUpdate | ChopsUpdate) -> None:
        """Note the lines of an update as owed to the terminal; a later update of the same line replaces them."""
        width, height = self.size
        frame = self._frame
        if frame is None or (frame.width, frame.height) != (width, height):
            frame = self._frame = Frame(width, height, None if self.colourless else self.console._color_system)
            self._owed.clear()
        for row, parts in _parts_of(update).items():
            if not 0 <= row < height:
                continue
            if len(parts) == 1 and parts[0][0] == 0 and parts[0][1].cell_length == width:
                line = frame.cells_of(parts[0][1])
                if len(line) == width:
                    self._owed[row] = line
                    continue
            base = self._owed.get(row, frame.lines[row])
            line = list(base)
            for column, strip in parts:
                frame.patch(line, column, frame.cells_of(strip))
            if frame.fresh or line != base:
                self._owed[row] = line

    def _paint_owed(self) -> None:
        frame = self._frame
        if frame is None:
            return
        owed, self._owed = self._owed, {}
        self._send(frame.paint(owed, self._cursor()) + self._cursor_switch(frame))

    def _send(self, data: str) -> None:
        driver = self._driver
        if not data or driver is None:
            return
        if len(data) > _SMALL_FRAME:
            self._begin_update()
            driver.write(data)
            self._end_update()
        else:
            driver.write(data)
        driver.flush()

    def _after_first_paint(self, driver: LeanDriver) -> None:
        driver.on_drained = self._paint_owed
        loop = asyncio.get_running_loop()
        loop.call_later(0.05, _collect_garbage_rarely)

    # -- the beginning and the end ---------------------------------------------------------------------------------

    async def _ready(self) -> None:
        await super()._ready()
        asyncio.get_running_loop().set_exception_handler(self._loop_failed)
        self._open_gate()

    def _loop_failed(self, loop: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
        """A callback of the loop failed: a defect like any other."""
        error = told.get("exception")
        if isinstance(error, Exception) and "handle" in told and self._running:
            self._handle_exception(error)
        else:
            loop.default_exception_handler(told)

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:  # the app's own loop must not end by it
            self._handle_exception(error)

    def action_help_quit(self) -> None:
        """Ctrl+C copies where there is something to copy; it never leaves."""

    def end_session(self) -> None:
        """Keep the drafts and leave with exit code 0: the terminal is gone, or the machine wants us gone."""
        self._ending = asyncio.ensure_future(self._end())

    async def _end(self) -> None:
        self._typed.clear()
        try:
            kept = self.save_and_quit()
            if isawaitable(kept):
                await asyncio.wait_for(kept, 1.5)
        except Exception as error:
            self.write_crash(error)
        finally:
            self.exit(return_code=0)

    def _handle_exception(self, error: Exception) -> None:
        """A defect is written into the log, without any values; the session goes on if the face can, else it ends.

        It ends with one plain line, and also when one defect follows another.
        """
        if isinstance(error, WorkerFailed):
            error = error.error if isinstance(error.error, Exception) else error
        if self._screens_work() and self.refused(error):
            return
        reference = self.write_crash(error)
        first, self._exception = self._exception is None, self._exception or error
        now = time.monotonic()
        self._defects.append(now)
        goes_on = len(self._defects) < _MOST_DEFECTS or now - self._defects[0] > _WITHIN
        if goes_on and self._running and self._painted and self.survives(error, reference):
            return
        self._exception_event.set()
        self._return_code = 1
        if first or not self._exit_renderables:
            line = _("The program met a defect and stopped. Saved work is safe. Number to report: {reference}")
            self._exit_renderables.append(Text(line.format(reference=reference)))
        self._close_messages_no_wait()

    def _screens_work(self) -> bool:
        """Whether the error came from work beside the screens: one whose own loop met it answers no more."""
        here = asyncio.current_task()
        return here is not self._task and all(node._task is not here for node in self._registry)

    def run_beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside every screen, in a task of its own."""

        async def run() -> None:
            with self._context():
                try:
                    await work
                except Exception as error:
                    self._handle_exception(error)

        self._beside = asyncio.create_task(run())

    def _fatal_error(self) -> None:
        """Textual's own way to end prints the values of variables; ours does not."""
        self._handle_exception(RuntimeError("fatal error"))

    def write_crash(self, error: BaseException) -> str:
        """Write the defect to the rotating log, without the values of variables; its number, for the report."""
        reference = f"{time.strftime('%y%m%d-%H%M%S')}-{os.getpid() % 10000:04d}"
        if self.crash_log is not None:
            _write_log(self.crash_log, reference, error)
        return reference


def _waits(pump: MessagePump) -> bool:
    """Whether this part has done all it was told and waits for more."""
    queue: Any = pump._message_queue
    return queue.empty() and any(not waiter.done() for waiter in queue.ready_event._waiters)


def _parts_of(update: LayoutUpdate | ChopsUpdate) -> dict[int, list[tuple[int, Any]]]:
    """The strips of an update with the column where each begins, by row."""
    rows: dict[int, list[tuple[int, Any]]] = {}
    if isinstance(update, LayoutUpdate):
        for row, strips in enumerate(update.strips, update.region.y):
            parts = rows[row] = []
            column = update.region.x
            for strip in strips:
                parts.append((column, strip))
                column += strip.cell_length
        return rows
    for row, start, stop in update.spans:
        parts = rows.setdefault(row, [])
        for end, (column, piece) in zip(update.chop_ends[row], update.chops[row].items(), strict=False):
            if piece is None or column > stop or end <= start:
                continue
            whole = stop > column >= start and end <= stop
            parts.append((column, piece if whole else piece.crop(0, min(end, stop) - column)))
    return rows


def _collect_garbage_rarely() -> None:
    """What the start made stays; rare collections keep a key press from ever waiting for one."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20000, 50, 1000)


def _write_log(path: Path, reference: str, error: BaseException) -> None:
    from logging.handlers import RotatingFileHandler

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=500_000, backupCount=3, encoding="utf-8", errors="replace")
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        record = partial(logging.LogRecord, "o2c", logging.ERROR, "", 0)
        handler.handle(record(f"defect {reference}", (), (type(error), error, error.__traceback__)))
        handler.close()
    except OSError:
        pass  # a full disk must not hide the line that names the defect
