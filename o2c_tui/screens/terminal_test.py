"""The terminal test: the name of each key that arrives, a ruler of signs whose ends must stand in one line, the colours."""

import os
from typing import Any

from textual import events
from textual.app import ComposeResult

from o2c_tui.safe_text import cells, fit, shown
from o2c_tui.screens.base import DeskScreen
from o2c_tui.terminal.driver import LeanDriver, speaks_utf8
from o2c_tui.texts import N_, _
from o2c_tui.widgets.frame import Lines, Row
from o2c_tui.widgets.keys import key_name

_LABEL = 12
_RULER = 40
_LINES = (  # each is _RULER cells wide where the terminal draws its signs as wide as we reckon
    (N_("Digits"), "0123456789" * 4),
    (N_("Chinese"), "\u4e2d\u6587\u5b57\u7b26" * 5),
    (N_("Full-width"), "\uff21\uff22\uff11\uff12\uff0a" * 4),
    (N_("Accents"), "\u00e4\u00f6\u00fc\u00df\u00e9\u00e8\u00f1\u00f8\u010d\u017e" * 4),
    (N_("Lines"), "\u2500\u2502\u250c\u2510\u2514\u2518\u251c\u2524\u2588\u258c" * 4),
    (N_("Signs"), "\u25b8\u2026\u00b7\u00d7\u2192" * 8),
)
_STYLES = (
    ("text", N_("text")),
    ("dim", N_("dim")),
    ("strong", N_("strong")),
    ("accent", N_("accent")),
    ("good", N_("good")),
    ("bad", N_("bad")),
    ("lit", N_("lit")),
    ("field", N_("field")),
)
_MOST = 12  # names of keys shown


class TerminalTest(DeskScreen):
    """What this terminal sends, and how it draws."""

    PLACE = N_("TERMINAL TEST")
    ABOUT = N_("Every key is shown by its name and does nothing else. Esc twice leaves.")

    def __init__(self) -> None:
        super().__init__()
        self.lines = Lines(id="test")
        self.names: list[str] = []

    def content(self) -> ComposeResult:
        yield self.lines

    def on_mount(self) -> None:
        super().on_mount()
        self.hint(_("Press any key; Esc twice leaves."))
        self._show()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.o2c.take_next_key(self._take)

    def _take(self, event: events.Key) -> bool:
        if event.key == "escape" and self.names[-1:] == [key_name("escape")]:
            self.dismiss(None)
            return True
        self._arrived(_name_of(event))
        return True

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self._arrived(_("a paste of {n} characters").format(n=len(event.text)))

    def on_click(self, event: events.Click) -> None:
        self._arrived(_("the mouse at {place}").format(place=f"{event.screen_x + 1},{event.screen_y + 1}"))

    def _arrived(self, name: str) -> None:
        self.names = [*self.names, name][-_MOST:]
        self._show()
        self.o2c.take_next_key(self._take)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys are shown here, and do nothing."""
        return False

    def _show(self) -> None:
        room = max(20, self.size.width - _LABEL - 4)
        names = "  ".join(self.names)
        while cells(names) > room and "  " in names:
            names = names.partition("  ")[2]
        rows: list[Row] = ["", [_label(_("Keys")), (shown(names) or "-", "strong")], ""]
        rows += [[_label(_(words)), (text, "text"), ("|", "accent")] for words, text in _LINES]
        rows += [[_label(""), (_("The bars at the end must stand in one line."), "dim")], ""]
        colours = [part for name, words in _STYLES for part in ((f" {_(words)} ", name), (" ", "text"))]
        rows += [[_label(_("Colours")), *colours], ""]
        rows += [[_label(words), (shown(text), "text")] for words, text in self._facts()]
        self.lines.set(rows)

    def _facts(self) -> list[tuple[str, str]]:
        app, driver = self.o2c, self.app._driver
        system = app.console.color_system if not app.colourless else _("none")
        escape = f"{driver.escape_delay * 1000:.0f} ms" if isinstance(driver, LeanDriver) else "-"
        mouse = _("on") if driver is not None and driver._mouse else _("off")
        utf8 = "UTF-8" if speaks_utf8() else _("no UTF-8")
        return [
            (_("Size"), f"{self.app.size.width}x{self.app.size.height}"),
            ("TERM", f"{os.environ.get('TERM', '-')}   {utf8}   {_('colours: {n}').format(n=system)}"),
            (_("Signs"), _("fine signs") if app.glyphs.fine else _("plain signs")),
            ("Esc", _("waits {time}").format(time=escape) + "   " + _("mouse: {state}").format(state=mouse)),
        ]


def _label(text: str) -> tuple[str, str]:
    return "  " + fit(text, _LABEL), "dim"


def _name_of(event: events.Key) -> str:
    """As it stands on the keyboard; a sign stands for itself."""
    printable: Any = event.is_printable and event.character
    if printable and event.character != " ":
        return str(event.character)
    return key_name(event.key)
