"""The program on the screen: one app, its places, and how it begins and ends.

Nothing heavy is imported here: the first screen is painted before the mapper is loaded.
"""

import os
import sys
from datetime import UTC, date, datetime
from typing import Any

from textual.screen import Screen

from o2c_tui import config, texts
from o2c_tui.errors import TradeError, TroubleError
from o2c_tui.screens.desk import Desk
from o2c_tui.screens.live import Live
from o2c_tui.terminal.driver import ESCAPE_AFTER, ESCAPE_AFTER_SLOW, LeanDriver
from o2c_tui.texts import _
from o2c_tui.widgets.frame import FramedApp, FramedScreen
from o2c_tui.widgets.keys import key_name

LISTS = (
    "quotations",
    "orders",
    "deliveries",
    "invoices",
    "payments",
    "receipts",
    "purchases",
    "bills",
    "transfers",
    "stocktakes",
    "adjustments",
    "alerts",
    "outbox",
    "reminders",
    "lots",
    "bins",
    "rates",
    "terms",
    "taxes",
    "warehouses",
    "stock",
    "items",
    "customers",
    "suppliers",
)


class O2c(FramedApp[None]):
    """From quotation to cash, at the keyboard."""

    TITLE = "o2c"

    language_given: str | None = None  # on the command line: goes before the person's setting

    def __init__(self, desk: Desk, *, plain: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.desk = desk
        self.plain = plain
        self.hardware_cursor = plain
        self.crash_log = config.places().state / "o2c.log"
        self.messages: list[str] = []  # the last things said, for `log`
        self.live = Live(self)
        self._saying_defect = False

    def get_default_screen(self) -> Screen[Any]:
        from o2c_tui.screens.home import Home

        return Home()

    def on_unmount(self) -> None:
        self.live.close()

    def save_and_quit(self) -> None:
        """Drafts are kept at each taken cell; what is being typed right now is kept too."""
        for screen in self.screen_stack:
            keep = getattr(screen, "keep_typing", None)
            if keep is not None:
                keep()

    def held_escape(self) -> bool:
        """Esc stops work of several steps after the present one."""
        stops = bool(getattr(self.screen, "may_stop", False))
        if stops:
            self.screen.may_stop = False  # type: ignore[attr-defined]
        return stops

    def terminal_not_utf8(self) -> None:
        warn = getattr(self.screen, "warn", None)
        if warn is not None:
            warn(_("Your terminal does not send UTF-8; set its encoding, or the locale."))

    def refused(self, error: Exception) -> bool:
        """A refusal that no screen took is said like any other."""
        say = getattr(self.screen, "say_refusal", None)
        if say is None or not isinstance(error, TradeError | TroubleError):
            return False
        say(error)
        return True

    def survives(self, error: Exception, reference: str) -> bool:
        """Keep what is typed, leave the broken screens, and say what happened."""
        if self._saying_defect:
            return True  # one defect often brings others; the first is said
        self._saying_defect = True
        self.run_beside(self._say_defect(reference))
        return True

    async def _say_defect(self, reference: str) -> None:
        from o2c_tui.screens.defect import Defect, Met

        try:
            doing, kept = self._doing(), self._keep_all()
            self.drop_typeahead()
            for worker in list(self.workers):
                if worker.group != "write":  # what is being written is finished
                    worker.cancel()
            broken = self.screen_stack
            if not broken[-1]._result_callbacks:
                broken[-1]._push_result_callback(broken[-1], None)  # the first screen of all has none
            await self.switch_screen(Defect(Met(reference, doing, kept, self.crash_log)))
            for screen in broken[:-1]:
                self._screen_stack.remove(screen)
                screen.remove()
        finally:
            self._saying_defect = False

    def _doing(self) -> str:
        """The place and the key, without any value."""
        screen = next((s for s in reversed(self.screen_stack) if getattr(s, "title_line", None)), None)
        title = getattr(screen, "title_line", None)
        place = f"{title.title.place} {title.title.mode}".strip() if title is not None else "-"
        key = getattr(self.last_key, "key", "") if self.last_key is not None else ""
        typed = key if len(key) > 1 else _("typing") if key or self.last_key else ""
        return f"{place}, {key_name(typed) if typed == key else typed}".strip(", ")

    def _keep_all(self) -> bool | None:
        """Keep what is typed on every screen; None where nothing is, False where a cell that was not taken is lost."""
        kept: bool | None = None
        for screen in self.screen_stack:
            draft = getattr(screen, "kept", None)
            try:
                if keep := getattr(screen, "keep_all", None):
                    keep()
                if draft is not None and draft.place is not None and draft.read() is not None:
                    kept = kept is not False
            except Exception:  # the screen is broken, or the books are: what was kept before stays
                kept = False
        return kept

    def go_to(self, place: str) -> None:
        """Go to a place by name: back to Home first, so that Esc leads there."""
        while len(self.screen_stack) > 2:
            self.pop_screen()
        if len(self.screen_stack) == 2 and place != "home":
            self.switch_screen(self.place(place))
        elif place == "home":
            if len(self.screen_stack) == 2:
                self.pop_screen()
        else:
            self.push_screen(self.place(place))

    def place(self, place: str) -> Screen[Any]:
        """The screen of a place."""
        if place in LISTS:
            from o2c_tui.screens.lists import ListScreen

            return ListScreen(place)
        if place == "reports":
            from o2c_tui.screens.reports import Reports

            return Reports()
        if place == "closing":
            from o2c_tui.screens.closing import ClosingScreen

            return ClosingScreen()
        if place == "dashboard":
            from o2c_tui.screens.dashboard import Dashboard

            return Dashboard()
        if place == "receivables":
            from o2c_tui.screens.receivables import Receivables

            return Receivables()
        if place == "monthly":
            from o2c_tui.screens.monthly import MonthlyInvoices

            return MonthlyInvoices()
        if place == "recurring":
            from o2c_tui.screens.recurring import RecurringInvoices

            return RecurringInvoices()
        if place == "promises":
            from o2c_tui.screens.reminding import Promises

            return Promises()
        if place == "backorders":
            from o2c_tui.screens.back_orders import BackOrders

            return BackOrders()
        if place == "bank":
            from o2c_tui.screens.bank import Bank

            return Bank()
        if place == "reorder":
            from o2c_tui.screens.reorder import ReorderScreen

            return ReorderScreen()
        from o2c_tui.screens.settings import Settings

        return Settings()

    async def show_document(self, kind: str, key: int, *, replace: bool = False, said: str = "") -> None:
        """Open a document in VIEW, over what is there or in its place; `said` is what made it."""
        if kind in ("bank_line", "bank_match"):
            from o2c_tui.screens.bank_line import read_line

            await read_line(self, key, of_match=kind == "bank_match")
            return
        screen: Any
        if kind == "reminder":
            from o2c_tui.screens.letter import LetterScreen

            screen = LetterScreen(key)
        else:
            from o2c_tui.screens.document import DocumentScreen

            screen = DocumentScreen(kind, key)
            screen.opened_by(said)
        if replace:
            await self.switch_screen(screen)
        else:
            await self.push_screen(screen)

    def apply_settings(self, settings: dict[str, Any]) -> None:
        """Take one person's settings: language, theme, signs, keys."""
        language = settings.get("language")
        if language in texts.LANGUAGES and not self.language_given and language != texts.current():
            texts.use(language)
        theme = settings.get("theme")
        if theme and theme in self.available_themes and not self.plain:
            self.theme = theme
        self.lit_rows = settings.get("rows", "lit") == "lit"
        self.bell_rings = settings.get("bell", "on") != "off"
        if "glyphs" in settings:
            self.use_signs(settings["glyphs"])
        self._use_line(slow=settings.get("line") == "slow", mouse=settings.get("mouse", "auto"))
        keys = settings.get("keys")
        if isinstance(keys, dict) and keys:
            self.set_keymap(keys)

    def _use_line(self, *, slow: bool, mouse: str) -> None:
        """How the line to the terminal is used."""
        if slow != self.slow_line:
            self.slow_line = slow
            for screen in self.screen_stack:
                if isinstance(screen, FramedScreen):
                    screen.show_side()
        if isinstance(self._driver, LeanDriver):
            self._driver.wait_for_escape(ESCAPE_AFTER_SLOW if slow else ESCAPE_AFTER)
            self._driver.use_mouse(mouse_by_itself() if mouse == "auto" else mouse == "on")


def mouse_by_itself() -> bool:
    """Whether the mouse is asked for where no setting says so: over SSH the terminal's own select and copy go first."""
    return not os.environ.get("SSH_CONNECTION")


def utc_now() -> datetime:
    """The clock of this face."""
    return datetime.now(UTC)


def run(where: str, *, plain: bool = False, today: date | None = None, lang: str | None = None) -> int:
    """Start the screens on the books at `where`; returns the exit code."""
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        print(_("The screens need a terminal. For scripts there are commands: o2c --help"), file=sys.stderr)
        return 2
    desk = Desk(where, config.login_name(), clock=utc_now, today=today)
    app = O2c(desk, plain=plain or os.environ.get("TERM") == "dumb", theme="o2c-mono" if plain else "")
    app.language_given = lang
    try:
        app.run(mouse=mouse_by_itself())
    except (TradeError, TroubleError) as error:
        print(error.said(_), file=sys.stderr)
        return 3
    finally:
        app.live.close()
        desk.close()
    return app.return_code or 0
