"""Sheets: the small answers a person gives over the screen below: yes, one of a few, or just read.

A sheet rises from the bottom, so that what it is about stays in sight. Enter does it, Esc goes back; every choice has
a number, which also works while a Chinese input method is on.
"""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget

from o2c_tui.safe_text import cells, fit, shown
from o2c_tui.texts import N_, _
from o2c_tui.widgets.frame import OneHandler, Part, look_for, strip_of
from o2c_tui.widgets.keys import Place, bindings

Result = TypeVar("Result")
Line = str | tuple[str, str]  # a text, or a text and the name of its style ("bad", "dim", …)
MANY = 20  # of what cannot be taken back: past this, its number is typed first


class _Rows(Widget):
    """The rows of a sheet; it has the focus, and hands its keys to the sheet."""

    DEFAULT_CSS = "_Rows { width: 1fr; height: 1; dock: bottom; }"
    ALLOW_SELECT = False

    def __init__(self, sheet: "Sheet[Result]") -> None:
        super().__init__()
        self.can_focus = True
        self.sheet = sheet

    def render_lines(self, crop: Region) -> list[Strip]:
        look, glyphs = look_for(self)
        width = self.size.width
        rows = self.sheet.rows(self.size.height - 2)
        strips = []
        for y in range(crop.y, crop.bottom):
            if y == 0:
                parts: list[Part] = [(fit(f" {shown(self.sheet.heading)}", width, cut=glyphs.cut), look.title)]
            elif y == self.size.height - 1:
                parts = [(fit(f" {shown(self.sheet.hint)}", width, cut=glyphs.cut), look.dim)]
            else:
                text, name = rows[y - 1] if y - 1 < len(rows) else ("", "text")
                style: Style = getattr(look, name)
                parts = [(fit(f" {shown(text)}", width, cut=glyphs.cut), style)]
            strip = strip_of(parts, width, look.text)
            strips.append(strip if crop.width == width else strip.crop(crop.x, crop.right))
        return strips


class Sheet(OneHandler, ModalScreen[Result], Generic[Result]):
    """Rows over the screen below, between a heading and a line that says which keys answer."""

    DEFAULT_CSS = "Sheet { background: transparent; overflow: hidden; }"
    BINDINGS = bindings(Place.EVERYWHERE)  # type: ignore[assignment]
    heading = ""
    hint = ""

    def compose(self) -> ComposeResult:
        yield _Rows(self)

    def on_mount(self) -> None:
        self._fit_height()
        self.query_one(_Rows).focus()

    def on_resize(self) -> None:
        self._fit_height()

    def _fit_height(self) -> None:
        self.query_one(_Rows).styles.height = min(self.wanted() + 2, max(3, self.app.size.height - 1))

    def wanted(self) -> int:
        """How many rows there are to show."""
        raise NotImplementedError

    def rows(self, height: int) -> list[tuple[str, str]]:
        """The rows to show in `height` rows, each with the name of its style."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Show the rows again."""
        self.query_one(_Rows).refresh()

    def answer_of_escape(self) -> Result | None:
        """What Esc answers."""
        return None

    def action_escape(self) -> None:
        """Close without doing anything."""
        self.dismiss(self.answer_of_escape())

    def action_back(self) -> None:
        """As Esc."""
        self.action_escape()


class Reading(Sheet[None]):
    """A text to read: the help of a place, the last messages."""

    def __init__(self, heading: str, lines: Sequence[Line]) -> None:
        super().__init__()
        self.heading, self.lines = heading, [(line, "text") if isinstance(line, str) else line for line in lines]
        self.hint = _("Up and Down read on; Esc closes")
        self.top = 0

    def wanted(self) -> int:
        return len(self.lines)

    def rows(self, height: int) -> list[tuple[str, str]]:
        self.top = max(0, min(self.top, len(self.lines) - height))
        return self.lines[self.top : self.top + height]

    def action_help(self) -> None:
        """F1 again closes the help."""
        self.action_escape()

    def on_key(self, event: events.Key) -> None:
        if event.key != "escape":
            event.stop()  # an answer is not for the screen below
        step = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10, "home": -(10**6), "end": 10**6}.get(event.key)
        if step is not None:
            height = self.query_one(_Rows).size.height - 2
            self.top = max(0, min(self.top + step, len(self.lines) - height))
            self.redraw()
        elif event.key in ("enter", "q"):
            self.action_escape()


class Confirm(Sheet[bool]):
    """What will happen, before it happens: Enter does it, Esc does not.

    `lines` say it in words (Makes, Changes, Checks; a failed check first, styled "bad"). `type_in` is a number to be
    typed first, for what cannot be taken back and concerns many records. `possible` False leaves only the way back.
    """

    def __init__(
        self, heading: str, lines: Sequence[Line], *, does: str = N_("do it"), type_in: str = "", possible: bool = True
    ) -> None:
        super().__init__()
        self.heading, self.lines = heading, [(line, "text") if isinstance(line, str) else line for line in lines]
        self.does, self.type_in, self.possible = does, type_in, possible
        self.typed = ""
        self._say()

    def _say(self) -> None:
        if not self.possible:
            self.hint = _("Esc = back")
        elif self.type_in and self.typed != self.type_in:
            text = _("Type {number} to go on: {typed}     Esc = back")
            self.hint = text.format(number=self.type_in, typed=self.typed)
        else:
            self.hint = _("Enter = {does}     Esc = back").format(does=_(self.does))

    def wanted(self) -> int:
        return len(self.lines)

    def rows(self, height: int) -> list[tuple[str, str]]:
        if len(self.lines) > height:
            more = _("and {n} more").format(n=len(self.lines) - height + 1)
            return [*self.lines[: height - 1], (more, "dim")]
        return self.lines

    def answer_of_escape(self) -> bool:
        return False

    def on_key(self, event: events.Key) -> None:
        if event.key != "escape":
            event.stop()
        if not self.possible:
            return
        if event.key == "enter":
            if self.typed == self.type_in:
                self.dismiss(True)
        elif event.key == "backspace":
            self.typed = self.typed[:-1]
        elif self.type_in and event.is_printable and event.character:
            self.typed = (self.typed + event.character)[: len(self.type_in)]
        self._say()
        self.redraw()


class Menu(Sheet[int]):
    """One of several: its number, or Up and Down and Enter. Answers its index, None for Esc.

    More than nine stand on pages; 0 shows the next one, on the last the first, so that digits alone reach everything.
    """

    PAGE = 9

    def __init__(self, heading: str, choices: Sequence[str], *, chosen: int = 0) -> None:
        super().__init__()
        self.heading, self.choices = heading, list(choices)
        self.cursor = min(chosen, max(0, len(choices) - 1))
        self.hint = _("A number, or Up, Down and Enter     Esc = back")

    @property
    def first(self) -> int:
        """Index of the first choice on the page shown."""
        return self.cursor - self.cursor % self.PAGE

    def wanted(self) -> int:
        return len(self.choices) if len(self.choices) <= self.PAGE else self.PAGE + 1

    def rows(self, height: int) -> list[tuple[str, str]]:
        page = self.choices[self.first : self.first + self.PAGE]
        width = max((cells(shown(choice)) for choice in self.choices), default=0)
        rows = []
        for n, choice in enumerate(page, 1):
            here = self.first + n - 1 == self.cursor
            rows.append((f" {n}  {fit(shown(choice), width)} ", "lit" if here else "text"))
        if len(self.choices) > self.PAGE:
            rows += [("", "text")] * (self.PAGE - len(page))
            is_last = self.first + self.PAGE >= len(self.choices)
            rows.append((f" 0  {_('back to the first page') if is_last else _('more')}", "dim"))
        return rows[:height]

    def on_key(self, event: events.Key) -> None:
        if event.key != "escape":
            event.stop()
        steps: dict[str, Callable[[], int]] = {
            "up": lambda: self.cursor - 1,
            "down": lambda: self.cursor + 1,
            "pageup": lambda: self.first - self.PAGE,
            "pagedown": lambda: self.first + self.PAGE,
            "home": lambda: 0,
            "end": lambda: len(self.choices) - 1,
        }
        if event.key in steps:
            self.cursor = max(0, min(len(self.choices) - 1, steps[event.key]()))
            self.redraw()
        elif event.key == "enter" and self.choices:
            self.dismiss(self.cursor)
        elif event.character and event.character.isdecimal():
            self._take(int(event.character))  # full-width digits too

    def _take(self, number: int) -> None:
        if number == 0 and len(self.choices) > self.PAGE:
            following = self.first + self.PAGE
            self.cursor = following if following < len(self.choices) else 0
            self.redraw()
        elif 0 < number <= len(self.choices[self.first : self.first + self.PAGE]):
            self.dismiss(self.first + number - 1)
