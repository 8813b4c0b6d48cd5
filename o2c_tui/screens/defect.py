"""A defect of the program, said on one plain screen: what was being done, what is kept, what to report. Enter: Home."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.app import ComposeResult

from o2c_tui.safe_text import fit, wrapped
from o2c_tui.screens.base import DeskScreen
from o2c_tui.texts import N_, _
from o2c_tui.widgets.frame import Lines, Row

_LABEL = 22


@dataclass(frozen=True)
class Met:
    """What is known of a defect."""

    reference: str
    doing: str
    kept: bool | None  # None: nothing was being typed
    log: Path | None


class Defect(DeskScreen):
    """The program failed, and goes on."""

    PLACE = N_("DEFECT")
    ABOUT = N_(
        "The program made a mistake of its own. Nothing half is written: a step is done wholly or not at all.\nReport the number, and what you were doing, to whoever keeps the machine. Enter goes back to Home."
    )

    def __init__(self, met: Met) -> None:
        super().__init__()
        self.met = met
        self.lines = Lines(id="defect")

    def content(self) -> ComposeResult:
        yield self.lines

    def on_mount(self) -> None:
        super().on_mount()
        met, width = self.met, max(40, self.size.width) - 4
        kept = {
            True: _("kept; Home offers it again"),
            False: _("kept up to the last cell that was taken"),
            None: _("none was open"),
        }[met.kept]
        rows: list[Row] = ["", ("  " + _("The program made a mistake; it was not yours."), "strong"), ""]
        for label, text in (
            (_("What was being done"), met.doing),
            (_("Saved work"), _("is safe: a step is done wholly or not at all")),
            (_("Draft"), kept),
            (_("Number to report"), met.reference),
            (_("Written down in"), str(met.log) if met.log is not None else "-"),
        ):
            for n, part in enumerate(wrapped(text, width - _LABEL)):
                rows.append([("  " + fit(label if n == 0 else "", _LABEL), "dim"), (part, "text")])
        self.lines.set(rows)
        self.hint(_("Enter = Home"))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only the way on."""
        return action in ("help", "back", "escape")

    def on_key(self, event: Any) -> None:
        if event.key == "enter":
            event.stop()
            self.action_back()

    def action_back(self) -> None:
        """Home, made anew."""
        from o2c_tui.screens.home import Home

        self.app.switch_screen(Home())
