"""A screen whose work is done in one entry sheet."""

from o2c_tui.screens.base import DeskScreen
from o2c_tui.widgets.entry import EntrySheet


class SheetScreen(DeskScreen):
    """What all screens with a sheet share: where it is, what it says, one step back and forward in it."""

    sheet: EntrySheet | None = None  # once there is content

    @property
    def entry(self) -> EntrySheet:
        """The sheet, where things are typed."""
        assert self.sheet is not None
        return self.sheet

    def on_entry_sheet_said(self, event: EntrySheet.Said) -> None:
        {"err": self.err, "warn": self.warn, "ok": self.ok}[event.level](event.text)

    def action_edit(self) -> None:
        """Change inside the cell."""
        self.entry.edit_inside()

    def action_undo(self) -> None:
        """One step back."""
        self.entry.undo()

    def action_redo(self) -> None:
        """One step forward."""
        self.entry.undo(again=True)
