"""The filter line of a list: one line to type in, shown while it is used."""

from rich.style import Style
from textual import events
from textual.geometry import Offset
from textual.message import Message

from o2c_tui.safe_text import cells, fit, shown
from o2c_tui.texts import _
from o2c_tui.widgets.editbuffer import EditBuffer
from o2c_tui.widgets.frame import AfterRest, FramedApp, OneLine, Part
from o2c_tui.widgets.look import Glyphs, Look


class FilterLine(OneLine, can_focus=True):
    """Type words, Enter takes them, Esc goes back to what was."""

    DEFAULT_CSS = "FilterLine { height: 1; display: none; } FilterLine.-open { display: block; }"

    class Changed(Message):
        """Other words are typed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Done(Message):
        """Enter (kept) or Esc (not kept)."""

        def __init__(self, kept: bool) -> None:
            super().__init__()
            self.kept = kept

    def __init__(self, label: str) -> None:
        super().__init__(id="filter")
        self.label = label
        self.buffer = EditBuffer()
        self._tells = AfterRest(self, self._tell)

    def open(self, text: str) -> None:
        """Show the line with these words."""
        self.buffer = EditBuffer(text)
        self.add_class("-open")
        self.focus()
        self.refresh()

    def close(self) -> None:
        """Hide the line."""
        self.remove_class("-open")

    def says(self) -> object:
        return self.buffer.text, self.buffer.at, self.has_focus

    def parts(self, look: Look, glyphs: Glyphs, width: int) -> list[Part]:
        label = f" {_(self.label)} "
        text, at = self.buffer.window(width - cells(label) - 2)
        text = shown(text)
        before = fit(text, at, cut="") if at else ""
        rest = text[len(before) :]
        return [
            (label, look.accent),
            (before, look.text),
            (rest[:1] or " ", look.text + Style(reverse=True)),
            (rest[1:], look.text),
        ]

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        """Letters are text here."""
        return character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        if event.key in ("enter", "escape"):
            self._tells.drop()
            self.post_message(self.Done(event.key == "enter"))
        elif event.character is not None and event.is_printable:
            self.buffer.type(event.character)
            self._changed()
        elif self.buffer.key(event.key):
            self._changed()
        else:
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        self.buffer.type(" ".join(event.text.split()))
        self._changed()
        event.stop()

    def _changed(self) -> None:
        self.notify_change()
        app = self.app
        if isinstance(app, FramedApp):
            column = cells(f" {_(self.label)} ") + self.buffer.column()
            app.place_cursor(self.content_region.offset + Offset(column, 0))
        self._tells.soon()

    def _tell(self) -> None:
        self.post_message(self.Changed(self.buffer.text))
