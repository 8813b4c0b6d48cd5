"""One word asked before a step: typed, or chosen from a few."""

from collections.abc import Callable, Mapping
from typing import Any

from textual import events
from textual.screen import Screen

from o2c_tui.texts import _
from o2c_tui.widgets.confirm import Menu, Sheet
from o2c_tui.widgets.editbuffer import EditBuffer


class Ask(Sheet[str]):
    """A sentence to type; Enter takes it, Esc goes back."""

    def __init__(self, question: str, text: str = "") -> None:
        super().__init__()
        self.heading = question
        self.buffer = EditBuffer(text)
        self.hint = _("Type it, then Enter     Esc = back")

    def wanted(self) -> int:
        return 1

    def rows(self, height: int) -> list[tuple[str, str]]:
        return [(f"[ {self.buffer.text}_ ]", "lit")]

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            return
        event.stop()  # an answer is not for the screen below
        if event.key == "enter":
            if self.buffer.text.strip():
                self.dismiss(self.buffer.text.strip())
        elif event.character is not None and event.is_printable:
            self.buffer.type(event.character)
        else:
            self.buffer.key(event.key)
        self.redraw()

    def on_paste(self, event: events.Paste) -> None:
        self.buffer.type(" ".join(event.text.split()))
        self.redraw()


def ask(screen: Screen[Any], question: str, answered: Callable[[Any], None], choices: Mapping[str, str]) -> None:
    """Ask for a word; `choices` makes it a menu."""
    if not choices:
        screen.app.push_screen(Ask(_(question)), answered)
        return
    values = list(choices)

    def take(number: int | None) -> None:
        answered(values[number] if number is not None else None)

    screen.app.push_screen(Menu(_(question), [_(words) for words in choices.values()]), take)
