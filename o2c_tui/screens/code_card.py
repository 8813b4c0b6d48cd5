"""A card with rows of its own beneath the fields, saved as one: payment terms and tax codes."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from textual.app import ComposeResult
from textual.screen import Screen

from o2c_tui.models.item import PaymentTerm, TaxCode
from o2c_tui.screens.desk import Desk
from o2c_tui.screens.form import FormScreen
from o2c_tui.screens.kept import Kept
from o2c_tui.screens.rows_sheet import RowColumn, RowsModel
from o2c_tui.screens.simple_model import Check, FormModel
from o2c_tui.texts import _
from o2c_tui.widgets.entry import EntrySheet, Hit, Taken

ROWS = "rows"  # the rows among a card's values, as JSON


class FormRows(FormModel):
    """Fields over rows, with one undo for both: the rows stand among the values too, as JSON."""

    def __init__(self, values: Mapping[str, str], columns: Sequence[RowColumn], **words: Any) -> None:
        super().__init__(values, **words)
        self.grid = RowsModel(columns, [], lambda row: None)
        self.grid.may_begin_anywhere = True
        self.to_rows()

    def to_rows(self) -> None:
        """Show the rows that stand among the values."""
        self.grid.rows[:] = json.loads(self.values.get(ROWS) or "[]")

    def _changed(self, taken: Taken) -> Taken:
        if taken.level == "err":
            return taken
        self._past.append(dict(self.values))
        self._future.clear()
        self.values[ROWS] = json.dumps(self.grid.rows)
        return taken

    def lines(self) -> Sequence[Mapping[str, str]]:
        return self.grid.lines()

    def take_cell(self, row: int, key: str, text: str) -> Taken:
        return self._changed(self.grid.take_cell(row, key, text))

    def remove_line(self, row: int) -> None:
        self.grid.remove_line(row)
        self._changed(Taken())

    def paste(self, row: int, table: Sequence[Sequence[str]]) -> Taken:
        return self._changed(self.grid.paste(row, table))

    def hits(self, key: str, text: str) -> Sequence[Hit]:
        return self.grid.hits(key, text) if key in self.grid.columns else super().hits(key, text)

    def begin_with(self, values: Mapping[str, str]) -> None:
        super().begin_with(values)
        self.to_rows()

    def undo(self) -> bool:
        done = super().undo()
        self.to_rows()
        return done

    def redo(self) -> bool:
        done = super().redo()
        self.to_rows()
        return done


def one_of(choices: Mapping[str, str]) -> Check:
    """A check that takes a choice by its beginning, in either language, and shows it in this one; empty stays empty."""
    from o2c_tui.screens.simple_model import same_of

    check = same_of(choices)
    return lambda text: _(choices[check(text)]) if text else ""


def chosen(choices: Mapping[str, str], text: str, otherwise: str = "") -> str:
    """The choice that a cell shows."""
    from o2c_tui.screens.simple_model import same_of

    return same_of(choices)(text) if text else otherwise


class CodeCard(FormScreen):
    """A record with a code, and its rows."""

    def __init__(self, code: str = "", *, kept: int | None = None) -> None:
        super().__init__(kept=kept)
        self.code = code

    def columns(self) -> Sequence[RowColumn]:
        """The columns of its rows."""
        raise NotImplementedError  # each card has its own

    @property
    def card(self) -> FormRows:
        """The values and rows."""
        assert isinstance(self.form, FormRows)
        return self.form

    def content(self) -> ComposeResult:
        self.model = self.make_model()
        self.kept = Kept(self.desk, self.KEEPS, self.kept_at)
        self.sheet = EntrySheet(self.model, self.fields(), [column.spec for column in self.columns()])
        yield self.sheet

    def on_mount(self) -> None:
        super().on_mount()
        self.title_line.set(detail=self.code, mode=_("EDIT") if self.code else _("NEW"))
        self.card.to_rows()  # what was kept has rows too
        self.entry._refresh_lines()
        self.after_taken()
        self.entry.reload()


def _cards() -> dict[str, tuple[Callable[..., CodeCard], Any]]:
    from o2c_tui.screens.taxes import TaxCard
    from o2c_tui.screens.terms import TermCard

    return {"term": (TermCard, PaymentTerm), "tax": (TaxCard, TaxCode)}


def card_for(kind: str, code: str = "") -> Screen[Any]:
    """The card of a payment term or tax code; without a code a new one."""
    return _cards()[kind][0](code)


def code_kept(desk: Desk, kind: str, place: int) -> Screen[Any]:
    """The card of a stored record (its id), or of a new one that was kept (below 0)."""
    card, model = _cards()[kind]
    found = desk.read_now(lambda session: session.get(model, place)) if place > 0 else None
    return card(found.code if found is not None else "", kept=place)
