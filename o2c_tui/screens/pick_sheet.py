"""A sheet over rows that are there already: some cells are typed over, Space marks, letters stay commands.

Digits and signs of a figure begin an entry, and so does anything in a column of codes; all else is what it is in a list.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from o2c_tui.screens.simple_model import PlainModel
from o2c_tui.texts import _
from o2c_tui.widgets.entry import EntrySheet, Taken

_FIGURE = "0123456789=-"


class PickModel(PlainModel):
    """Rows that are neither added nor removed; a subclass shows them and takes what is typed over."""

    def lines(self) -> Sequence[Mapping[str, str]]:
        """The rows as text by column."""
        raise NotImplementedError  # each list has its own

    def take_cell(self, row: int, key: str, text: str) -> Taken:
        """Take what was typed over a cell."""
        raise NotImplementedError  # each list has its own

    def toggle(self, row: int) -> None:
        """Space on a row."""

    def paste(self, row: int, table: Sequence[Sequence[str]]) -> Taken:
        return Taken("warn", _("Rows cannot be added here."))


class PickSheet(EntrySheet):
    """The sheet over a `PickModel`."""

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        """Letters are commands, but for a column of codes and within an entry."""
        return super().check_consume_key(key, character) and self._types(character or "")

    def _types(self, character: str) -> bool:
        if self.buffer is not None:
            return True
        if character == " ":
            return False
        spec = self._spec()
        return bool(spec is not None and spec.code) or character.isdecimal() or character in _FIGURE

    def on_key(self, event: Any) -> None:
        if self.buffer is None and event.key == "space":
            event.stop()
            event.prevent_default()
            if self.in_lines and self._lines:
                self.model.toggle(self.line)  # type: ignore[attr-defined]
                self._refresh_lines()
                self.do_line_down()
                self.post_message(self.Took(self))
            return
        if event.character is not None and event.is_printable and not self._types(event.character):
            event.prevent_default()  # no text here: a command of the screen
            return
        super().on_key(event)
