"""A screen that is one form: cards of customers and items, settings. Ctrl+S saves, Esc leaves."""

from typing import Any

from textual import work
from textual.app import ComposeResult

from o2c_tui.errors import TradeError, TroubleError
from o2c_tui.screens.base import DeskScreen
from o2c_tui.screens.simple_model import FormModel
from o2c_tui.texts import _
from o2c_tui.widgets.entry import EntrySheet, FieldSpec


class FormScreen(DeskScreen):
    """A form over one record; subclasses say its fields, read it and save it."""

    def __init__(self) -> None:
        super().__init__()
        self.model: FormModel | None = None
        self.sheet: EntrySheet | None = None
        self.changed = False

    def make_model(self) -> FormModel:
        """The record's values as text."""
        raise NotImplementedError  # each form has its own

    def fields(self) -> list[list[FieldSpec]]:
        """The rows of fields."""
        raise NotImplementedError  # each form has its own

    async def save(self) -> str:
        """Save what was typed; returns the sentence to say."""
        raise NotImplementedError  # each form has its own

    def content(self) -> ComposeResult:
        self.model = self.make_model()
        self.sheet = EntrySheet(self.model, self.fields())
        yield self.sheet

    @property
    def form(self) -> FormModel:
        """The values."""
        assert self.model is not None
        return self.model

    @property
    def entry(self) -> EntrySheet:
        """Where they are typed."""
        assert self.sheet is not None
        return self.sheet

    def on_mount(self) -> None:
        super().on_mount()
        self.entry.to_start()
        self.entry.focus()
        self.hint(_("Tab goes from field to field; Ctrl+S saves; Esc leaves."))

    def on_entry_sheet_took(self, event: EntrySheet.Took) -> None:
        self.changed = True
        self.after_taken()
        self.entry.refresh()

    def after_taken(self) -> None:
        """A value was taken: what follows from it."""

    def on_entry_sheet_said(self, event: EntrySheet.Said) -> None:
        {"err": self.err, "warn": self.warn, "ok": self.ok}[event.level](event.text)

    def on_entry_sheet_left(self, event: EntrySheet.Left) -> None:
        self.hint(_("Ctrl+S saves."))

    def action_edit(self) -> None:
        """Change inside the field."""
        self.entry.edit_inside()

    def action_undo(self) -> None:
        """One step back."""
        self.entry.undo()

    def action_redo(self) -> None:
        """One step forward."""
        self.entry.undo(again=True)

    def action_save(self) -> None:
        """Save."""
        if self.entry.take_all():
            self._save()

    @work(group="write")
    async def _save(self) -> None:
        try:
            said = await self.save()
        except (TradeError, TroubleError) as error:
            self.say_refusal(error)
            self._point_at(error)
            return
        self.changed = False
        screen_below = self.app.screen_stack[-2] if len(self.app.screen_stack) > 1 else None
        self.dismiss(True)
        getattr(screen_below, "ok", lambda text: None)(said)

    def _point_at(self, error: Any) -> None:
        field = getattr(error, "field", "")
        if any(spec.key == field for spec in self.entry.entry_fields):
            self.entry.cell, self.entry.wrong = field, field
            self.entry.reload()
