"""Somebody else saved first: both values of each field that differs; keep mine, take theirs, or line by line."""

from collections.abc import Sequence

from textual import events

from o2c_tui.safe_text import fit, shown
from o2c_tui.texts import _
from o2c_tui.widgets.confirm import Sheet

MOST = 12  # differences shown at once


class Conflict(Sheet[list[bool]]):
    """Answers for each difference whether mine stays; None for Esc: nothing is decided."""

    def __init__(self, differences: Sequence[Sequence[str]]) -> None:
        super().__init__()
        self.heading = _("Somebody else has changed it meanwhile: what shall stand?")
        self.differences = [tuple(words) for words in differences]  # (field, mine, theirs)
        self.answers: list[bool] | None = None  # line by line: those given so far
        self._say()

    def _say(self) -> None:
        if self.answers is None:
            self.hint = _("1 keep mine     2 take theirs     3 one by one     Esc = back")
        else:
            self.hint = _("{field}: 1 mine     2 theirs     Esc = back").format(
                field=self.differences[len(self.answers)][0]
            )

    def wanted(self) -> int:
        return min(len(self.differences), MOST) + 1

    def rows(self, height: int) -> list[tuple[str, str]]:
        here = len(self.answers) if self.answers is not None else 0
        top = max(0, here - MOST + 1)
        rows = [(f"{fit('', 14)} {fit(_('Mine'), 30)}  {_('Theirs')}", "dim")]
        for n, (field, mine, theirs) in enumerate(self.differences[top : top + MOST], top):
            style = "lit" if self.answers is not None and n == here else "text"
            rows.append((f"{fit(field, 14)} {fit(shown(mine), 30)}  {fit(shown(theirs), 30)}", style))
        return rows[:height]

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            return
        event.stop()
        digit = int(event.character) if event.character and event.character.isdecimal() else 0
        if self.answers is None:
            if digit in (1, 2):
                self.dismiss([digit == 1] * len(self.differences))
            elif digit == 3:
                self.answers = []
        elif digit in (1, 2):
            self.answers.append(digit == 1)
            if len(self.answers) == len(self.differences):
                self.dismiss(self.answers)
                return
        self._say()
        self.redraw()
