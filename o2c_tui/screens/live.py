"""What other clerks change appears on the open screen: told by the books, never asked for, drawn only where it differs.

Nothing runs while nobody writes. A change is shown a moment after it was told, at most every two seconds, and not
between keys typed in a run. Editors and sheets are never touched: a conflict is found when one saves. With the
slow-line setting the title only says `changed, F5`.
"""

import asyncio
import contextlib
from time import monotonic
from typing import TYPE_CHECKING, cast

from o2c_tui.errors import TradeError, TroubleError
from o2c_tui.storage.news import Listener

if TYPE_CHECKING:
    from o2c_tui.app import O2c
    from o2c_tui.screens.base import DeskScreen

REST = 0.15  # seconds: the verbs of one step come together, and no key was typed for so long
EVERY = 2.0  # seconds from one renewal to the next
LATEST = 1.0  # seconds after which it is shown between keys, too


class Live:
    """The ear of one session."""

    def __init__(self, app: "O2c") -> None:
        self.app = app
        self.listener: Listener | None = None
        self._opening = False
        self._later: asyncio.TimerHandle | None = None
        self._told_at = self._shown_at = float("-inf")
        self._renewing = self._owing = False

    async def open(self) -> None:
        """Listen from now on; what was read before is read again by whoever asked."""
        if self.listener is not None or self._opening:
            return
        self._opening = True
        try:
            self.listener = await self.app.desk.listen()
        finally:
            self._opening = False
        if self.listener is not None:
            asyncio.get_running_loop().add_reader(self.listener.fileno(), self._readable)

    def close(self) -> None:
        """Listen no more."""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if self.listener is not None:
            with contextlib.suppress(RuntimeError, OSError, ValueError):  # the loop, or the line, is gone already
                asyncio.get_running_loop().remove_reader(self.listener.fileno())
            self.listener.close()
            self.listener = None

    def _readable(self) -> None:
        assert self.listener is not None
        try:
            if not self.listener.heard():
                return
        except OSError:  # the server is gone; the next screen that opens listens again
            self.close()
            return
        self._told_at = monotonic()
        self._soon()

    def _soon(self) -> None:
        if self._later is None and not self._renewing:
            wait = max(REST, self._shown_at + EVERY - monotonic())
            self._later = asyncio.get_running_loop().call_later(wait, self._show)

    def _show(self) -> None:
        self._later = None
        app = self.app
        screen = cast("DeskScreen", app.screen)
        if not getattr(screen, "IS_LIVE", False) or not screen.is_mounted:
            return  # what lies below reads again when one comes back to it
        now = monotonic()
        if now - self._told_at < LATEST and (app.keys_wait or now - app.typed_at < REST):
            self._later = asyncio.get_running_loop().call_later(REST, self._show)
            return
        self._renewing = True
        screen.run_worker(self._renew(screen), group="live")

    async def _renew(self, screen: "DeskScreen") -> None:
        began = monotonic()
        try:
            self._owing = await self.app.desk.has_changed() or self._owing
            if self._owing and self.app.slow_line:
                screen.title_line.set(changed=True)
                self._owing = False
            elif self._owing:
                self._owing = not await screen.renew()
        except (TradeError, TroubleError):
            self._owing = False  # the next key says what is wrong
        finally:
            if not self._owing:  # else a key goes first, and it is tried again in a moment
                self._shown_at = monotonic()
            self._renewing = False
        if self._owing or self._told_at > began:
            self._soon()
