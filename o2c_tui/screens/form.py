"""A screen that is one form: cards of customers and items, settings. Ctrl+S saves, Esc leaves; what was typed is kept."""

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult

from o2c_tui.errors import ConflictError, TradeError, TroubleError
from o2c_tui.screens.base import new_key
from o2c_tui.screens.conflict import Conflict
from o2c_tui.screens.kept import Kept
from o2c_tui.screens.sheet import SheetScreen
from o2c_tui.screens.simple_model import FormModel
from o2c_tui.texts import N_, _
from o2c_tui.widgets.entry import CellSpec, EntrySheet, FieldSpec


class FormScreen(SheetScreen):
    """A form over one record; subclasses say its fields, read it and save it."""

    MENU: ClassVar[Sequence[tuple[str, str]]] = (("throw_away", N_("Throw what was typed away")),)
    COLUMNS: ClassVar[Sequence[CellSpec]] = ()  # of lines below the fields, where the model has some
    KEEPS = ""  # kind under which what is typed is kept; empty: it is not
    version: int | None = None  # of the record as it was read

    def __init__(self, *, kept: int | None = None) -> None:
        super().__init__()
        self.kept_at = kept
        self.saying = new_key()
        self.model: FormModel | None = None
        self.before: dict[str, str] = {}  # as it was read

    def stored(self) -> dict[str, str]:
        """The record's values as they are stored now, `version` and `kept_at` (its id) with them."""
        return {}

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
        self.kept = Kept(self.desk, self.KEEPS, self.kept_at)
        self.sheet = EntrySheet(self.model, self.fields(), self.COLUMNS)
        yield self.sheet

    @property
    def form(self) -> FormModel:
        """The values."""
        assert self.model is not None
        return self.model

    def on_mount(self) -> None:
        super().on_mount()
        self.entry.to_start()
        self.entry.focus()
        self.hint(_("Tab goes from field to field; Ctrl+S saves; Esc leaves."))
        words = self.kept.read() if self.KEEPS else None
        if words is not None:
            self.form.values |= words.get("values", {})
            self.entry.reload()
            self.ok(_("Typed and not saved yet: Ctrl+S saves it, F9 throws it away."))
            if words.get("version", self.version) != self.version:
                self.version = words["version"]
                self.warn(_("Somebody else has changed it since you typed this; Ctrl+S shows both."))

    async def renew(self) -> bool:
        """Where nothing is typed, what somebody else saved stands in the fields; else the title says that it changed.

        What is typed is never touched: saving shows both.
        """
        if not self.before:  # not saved yet
            return True
        seen = self.version
        stored = self.stored()
        if stored == self.before:  # only rows of it were saved, which raises the version
            return True
        if self.is_touched:
            self.version = seen
            self.title_line.set(changed=True)
            return True
        self.form.begin_with(stored)
        self.before = stored
        self.after_taken()
        self.entry.reload()
        self.just_read()
        return True

    @property
    def is_touched(self) -> bool:
        """Whether something is typed that is not saved."""
        values = self.form.values
        return self.entry.buffer is not None or any(values.get(key, "") != was for key, was in self.before.items())

    def on_entry_sheet_took(self, event: EntrySheet.Took) -> None:
        self.after_taken()
        self.entry.refresh()
        self._keep()

    def _keep(self) -> None:
        if self.KEEPS:
            values = self.form.values
            try:
                self.kept.keep(
                    {"values": values, "version": self.version}, values.get("name") or values.get("code", "")
                )
            except TroubleError as error:
                self.say_refusal(error)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is not kept cannot be thrown away."""
        if action == "throw_away":
            return bool(self.KEEPS)
        return super().check_action(action, parameters)

    def action_throw_away(self) -> None:
        """Forget what was typed since the last save."""
        self.kept.drop()
        self.dismiss(None)

    def after_taken(self) -> None:
        """A value was taken: what follows from it."""

    def on_entry_sheet_left(self, event: EntrySheet.Left) -> None:
        self.hint(_("Ctrl+S saves."))

    def action_save(self) -> None:
        """Save."""
        if self.entry.take_all():
            self._save()

    @work(group="write")
    async def _save(self) -> None:
        try:
            said = await self.save()
        except ConflictError as error:
            self._show_both(error)
            return
        except (TradeError, TroubleError) as error:
            self.say_refusal(error)
            self._point_at(error)
            return
        self.kept.drop()
        screen_below = self.app.screen_stack[-2] if len(self.app.screen_stack) > 1 else None
        self.dismiss(True)
        tell = getattr(screen_below, "opened_by", None) or getattr(screen_below, "ok", None)  # a document is read anew
        if tell is not None:
            tell(said)

    def labels(self) -> dict[str, str]:
        """What each value that can be typed is called."""
        return {spec.key: spec.label for spec in self.entry.entry_fields}

    def _show_both(self, error: ConflictError) -> None:
        """Somebody else saved first: mine and theirs, field by field."""
        mine, before = self.form.values, self.version
        theirs = self.stored()
        seen, self.version = self.version, before
        labels = self.labels()
        differing = [key for key in labels if mine.get(key, "") != theirs.get(key, "")]
        if not differing:
            self.say_refusal(error)
            return

        def answered(kept: Sequence[bool] | None) -> None:
            if kept is None:
                self.warn(_("Not saved yet. Ctrl+S asks again."))
                return
            self.version = seen
            for key, own in zip(differing, kept, strict=True):
                if not own:
                    self.form.take_field(key, theirs.get(key, ""))
            self.after_taken()
            self.entry.reload()
            self._keep()
            self.ok(_("Ctrl+S saves it so."))

        rows = [(_(labels[key]), _one_line(mine.get(key, "")), _one_line(theirs.get(key, ""))) for key in differing]
        self.app.push_screen(Conflict(rows), answered)

    def _point_at(self, error: Any) -> None:
        field = getattr(error, "field", "")
        if any(spec.key == field for spec in self.entry.entry_fields):
            self.entry.cell, self.entry.wrong = field, field
            self.entry.reload()


def _one_line(text: str) -> str:
    return text.replace("\n", " / ") or "-"
