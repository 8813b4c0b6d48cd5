"""A list of rows that belongs to a card: typed line by line like a document's, saved as a whole.

One mechanism for all of them: units, codes, suppliers, parts, rules, lots. A subclass says its columns, reads the rows
and names the verb. Ctrl+X takes a row out, Ctrl+Z brings it back; what is typed is kept until it is saved.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from textual import work
from textual.app import ComposeResult

from o2c_tui.errors import ConflictError, TradeError, TroubleError
from o2c_tui.screens.base import new_key
from o2c_tui.screens.conflict import Conflict
from o2c_tui.screens.kept import Kept
from o2c_tui.screens.sheet import SheetScreen
from o2c_tui.screens.simple_model import PlainModel
from o2c_tui.texts import N_, _
from o2c_tui.widgets.entry import CellSpec, EntrySheet, Hit, Taken

Rows = list[dict[str, str]]


@dataclass(frozen=True)
class RowColumn:
    """One column: how it is shown, what makes a typed text right, and what a fresh row begins with."""

    spec: CellSpec
    check: Callable[[str], str] = str.strip
    begins: str = ""
    hits: Callable[[str], Sequence[Hit]] | None = None


class RowsModel(PlainModel):
    """The rows as typed; the first column begins a row, and a row is gone when it is emptied."""

    def __init__(self, columns: Sequence[RowColumn], rows: Rows, beside: Callable[[dict[str, str]], None]) -> None:
        self.columns = {column.spec.key: column for column in columns}
        self.first = columns[0].spec.key
        self.rows, self.beside_row = rows, beside
        self.may_begin_anywhere = False  # a row may be begun in any column
        self._past: list[str] = []
        self._future: list[str] = []

    def lines(self) -> Sequence[Mapping[str, str]]:
        return self.rows

    def take_cell(self, row: int, key: str, text: str) -> Taken:
        try:
            value = self.columns[key].check(text.strip())
        except TradeError as error:
            return Taken("err", _("Line {n}: {why}").format(n=row + 1, why=error.said(_)))
        if row >= len(self.rows):
            if (key != self.first and not self.may_begin_anywhere) or not value:
                return Taken("err", _("Begin the line in its first column."))
            self._remember()
            self.rows.append({name: column.begins for name, column in self.columns.items()})
        else:
            self._remember()
        self.rows[row] = {**self.rows[row], key: value}
        self.beside_row(self.rows[row])
        return Taken()

    def remove_line(self, row: int) -> None:
        self._remember()
        del self.rows[row]

    def paste(self, row: int, table: Sequence[Sequence[str]]) -> Taken:
        self._remember()
        keys = [key for key, column in self.columns.items() if not column.spec.fixed]
        fresh: Rows = []
        for n, cells in enumerate(table, 1):
            made = {name: column.begins for name, column in self.columns.items()}
            try:
                for key, text in zip(keys, cells, strict=False):
                    made[key] = self.columns[key].check(text.strip())
            except TradeError as error:
                self._past.pop()
                return Taken("err", _("Line {n}: {why}").format(n=n, why=error.said(_)))
            self.beside_row(made)
            fresh.append(made)
        self.rows[row:row] = fresh
        return Taken("ok", _("{n} lines pasted.").format(n=len(fresh)))

    def hits(self, key: str, text: str) -> Sequence[Hit]:
        look_up = self.columns[key].hits
        return look_up(text) if look_up is not None else ()

    def undo(self) -> bool:
        return self._swap(self._past, self._future)

    def redo(self) -> bool:
        return self._swap(self._future, self._past)

    def _remember(self) -> None:
        self._past.append(json.dumps(self.rows))
        self._future.clear()

    def _swap(self, source: list[str], target: list[str]) -> bool:
        if not source:
            return False
        target.append(json.dumps(self.rows))
        self.rows[:] = json.loads(source.pop())
        return True


class RowsScreen(SheetScreen):
    """Rows of one card: type, Ctrl+X takes one out, Ctrl+S saves them all."""

    MENU = (("throw_away", N_("Throw what was typed away")),)
    KEEPS = ""  # kind under which what is typed is kept
    GROWS = True

    def __init__(self, key: int, *, kept: int | None = None) -> None:
        super().__init__()
        self.key = key
        self.model: RowsModel | None = None
        self.version = 0
        self.label = ""  # of the record they belong to, where there is one

    @property
    def called(self) -> str:
        """What rows of no record are called, as a word of the screen."""
        return _(self.PLACE)

    def columns(self) -> Sequence[RowColumn]:
        """The columns, in order."""
        raise NotImplementedError  # each list has its own

    def stored(self) -> Rows:
        """The rows as they are stored; sets `version` and `label`."""
        raise NotImplementedError  # each list has its own

    def saving(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """The verb that saves them and its arguments.

        Raises:
            TradeError: a cell lacks, or is no value.
        """
        raise NotImplementedError  # each list has its own

    def beside_row(self, row: dict[str, str]) -> None:
        """Fill the cells that follow from what was typed."""

    def content(self) -> ComposeResult:
        columns = self.columns()
        self.model = RowsModel(columns, self.stored(), self.beside_row)
        self.kept = Kept(self.desk, self.KEEPS, self.key)
        self.saying = new_key()
        self.sheet = EntrySheet(self.model, (), [column.spec for column in columns], grows=self.GROWS)
        yield self.sheet

    @property
    def rows(self) -> RowsModel:
        """What is typed."""
        assert self.model is not None
        return self.model

    def on_mount(self) -> None:
        super().on_mount()
        self.title_line.set(detail=self.label, mode=_("EDIT"))
        words = self.kept.read()
        self.hint(_("Ctrl+S saves; Ctrl+X takes a line out; Esc leaves."))
        if words is not None:
            self.rows.rows[:] = words["rows"]
            self.ok(_("Typed and not saved yet: Ctrl+S saves it, F9 throws it away."))
            if words["version"] != self.version:
                self.version = words["version"]
                self.warn(_("Somebody else has changed it since you typed this; Ctrl+S shows both."))
        self.entry._refresh_lines()
        self.entry.to_lines()
        self.entry.reload()
        self.entry.focus()

    def on_entry_sheet_took(self, event: EntrySheet.Took) -> None:
        try:
            self.kept.keep({"rows": self.rows.rows, "version": self.version}, self.label)
        except TroubleError as error:
            self.say_refusal(error)

    def on_entry_sheet_left(self, event: EntrySheet.Left) -> None:
        self.hint(_("Ctrl+S saves."))

    def action_throw_away(self) -> None:
        """Forget what was typed since the last save."""
        self.kept.drop()
        self.dismiss(None)

    def action_save(self) -> None:
        """Save all rows."""
        if self.entry.take_all():
            self._save()

    @work(group="write")
    async def _save(self) -> None:
        try:
            verb, args = self.saving()
            await self.desk.write(
                self.kept.dropped_by(verb), *args, version=self.version, key=self.saying, accepted=None
            )
        except ConflictError as error:
            self._show_both(error)
            return
        except (TradeError, TroubleError) as error:
            self.say_refusal(error)
            self._point_at(getattr(error, "field", ""))
            return
        below = self.app.screen_stack[-2] if len(self.app.screen_stack) > 1 else None
        said = _("{code} saved.").format(code=self.label or self.called)
        self.dismiss(True)
        getattr(below, "ok", lambda text: None)(said)

    def _point_at(self, field: str) -> None:
        """Put the cursor on the row that a refusal names (`units.2`)."""
        position = field.rpartition(".")[2]
        if position.isdigit() and 0 < int(position) <= len(self.rows.rows):
            self.entry.line, self.entry.cell = int(position) - 1, self.entry.entry_cells[0].key
            self.entry.reload()

    def _show_both(self, error: ConflictError) -> None:
        """Somebody else saved first: mine and theirs, row by row."""
        seen_before = self.version
        mine = {row[self.rows.first]: row for row in self.rows.rows}
        theirs = {row[self.rows.first]: row for row in self.stored()}
        seen, self.version = self.version, seen_before
        names = [name for name in {**theirs, **mine} if mine.get(name) != theirs.get(name)]
        if not names:
            self.version = seen
            self._save()
            return

        def words(row: dict[str, str] | None) -> str:
            return "  ".join(text for text in row.values() if text) if row else "-"

        def answered(kept: Sequence[bool] | None) -> None:
            if kept is None:
                self.warn(_("Not saved yet. Ctrl+S asks again."))
                return
            merged = dict(mine)
            for name, own in zip(names, kept, strict=True):
                if not own and name in theirs:
                    merged[name] = theirs[name]
                elif not own:
                    merged.pop(name, None)
            self.rows.rows[:] = list(merged.values())
            self.version = seen
            self.entry.reload()
            self.ok(_("Ctrl+S saves it so."))

        table = [(name, words(mine.get(name)), words(theirs.get(name))) for name in names]
        self.app.push_screen(Conflict(table), answered)
