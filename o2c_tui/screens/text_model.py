"""A form with a text of several lines below its fields: mails and letters."""

from collections.abc import Mapping, Sequence

from o2c_tui.screens.simple_model import FormModel
from o2c_tui.texts import N_, _
from o2c_tui.widgets.entry import CellSpec, Taken

TEXT = (CellSpec("text", N_("Text"), width=20, share=1),)  # the one column of its lines


class TextModel(FormModel):
    """Values by field name; the text is the value `body`, its lines are the lines of the sheet."""

    def lines(self) -> Sequence[Mapping[str, str]]:
        return [{"text": line} for line in self._lines()]

    def _lines(self) -> list[str]:
        text = self.values.get("body", "")
        return text.split("\n") if text else []

    def _put(self, lines: Sequence[str]) -> None:
        self._remember()
        self.values["body"] = "\n".join(lines)

    def take_cell(self, row: int, key: str, text: str) -> Taken:
        lines = self._lines()
        lines[row : row + 1] = [text.rstrip()]
        self._put(lines)
        return Taken(go="line")

    def insert_line(self, row: int) -> None:
        self._put([*self._lines()[:row], "", *self._lines()[row:]])

    def remove_line(self, row: int) -> None:
        self._put([*self._lines()[:row], *self._lines()[row + 1 :]])

    def repeat_line(self, row: int) -> bool:
        lines = self._lines()
        if 0 <= row < len(lines):
            self._put([*lines, lines[row]])
        return 0 <= row < len(lines)

    def paste(self, row: int, table: Sequence[Sequence[str]]) -> Taken:
        fresh = [" ".join(cells).rstrip() for cells in table]
        self._put([*self._lines()[:row], *fresh, *self._lines()[row:]])
        return Taken("ok", _("{n} lines pasted.").format(n=len(fresh)))
