"""Models of entry sheets: one that can do nothing, as the ground for others; one of fields alone, kept as text."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from o2c_tui.errors import TradeError
from o2c_tui.texts import _
from o2c_tui.widgets.entry import Hit, Taken

Check = Callable[[str], str]  # the text as it is to be shown; raises TradeError


class PlainModel:
    """A sheet without fields, whose lines can neither be added nor moved: what a model does not say otherwise."""

    def field(self, key: str) -> str:
        return ""

    def beside(self, key: str) -> str:
        return ""

    def needs(self, key: str) -> bool:
        return False

    def lines(self) -> Sequence[Mapping[str, str]]:
        return ()

    def take_field(self, key: str, text: str) -> Taken:
        return Taken()

    def take_cell(self, row: int, key: str, text: str) -> Taken:
        return Taken()

    def insert_line(self, row: int) -> None:
        return

    def remove_line(self, row: int) -> None:
        return

    def repeat_line(self, row: int) -> bool:
        return False

    def paste(self, row: int, table: Sequence[Sequence[str]]) -> Taken:
        return Taken()

    def hits(self, key: str, text: str) -> Sequence[Hit]:
        return ()

    def undo(self) -> bool:
        return False

    def redo(self) -> bool:
        return False


class FormModel(PlainModel):
    """Values by field name; `checks` make a typed text right or refuse it, `doubts` say what seems wrong of it."""

    def __init__(
        self,
        values: Mapping[str, str],
        *,
        checks: Mapping[str, Check] | None = None,
        doubts: Mapping[str, Check] | None = None,
        needed: Sequence[str] = (),
        look_up: Callable[[str, str], Sequence[Hit]] | None = None,
    ) -> None:
        self.values = dict(values)
        self.checks, self.needed = dict(checks or {}), tuple(needed)
        self.doubts = dict(doubts or {})
        self.look_up = look_up
        self.words: dict[str, str] = {}  # beside a value
        self._past: list[dict[str, str]] = []
        self._future: list[dict[str, str]] = []

    def field(self, key: str) -> str:
        return self.values.get(key, "")

    def beside(self, key: str) -> str:
        return self.words.get(key, "")

    def needs(self, key: str) -> bool:
        return key in self.needed and not self.values.get(key)

    def take_field(self, key: str, text: str) -> Taken:
        try:
            value = self.checks[key](text.strip()) if key in self.checks else text.strip()
        except TradeError as error:
            return Taken("err", error.said(_))
        self._remember()
        self.values[key] = value
        doubt = self.doubts[key](value) if value and key in self.doubts else ""
        return Taken("warn", doubt) if doubt else Taken()

    def _remember(self) -> None:
        self._past.append(dict(self.values))
        self._future.clear()

    def begin_with(self, values: Mapping[str, str]) -> None:
        """Take values as they are stored; there is nothing to undo."""
        self.values |= values
        self._past.clear()
        self._future.clear()

    def undo(self) -> bool:
        return self._swap(self._past, self._future)

    def redo(self) -> bool:
        return self._swap(self._future, self._past)

    def _swap(self, source: list[dict[str, str]], target: list[dict[str, str]]) -> bool:
        if not source:
            return False
        target.append(self.values)
        self.values = source.pop()
        return True

    def hits(self, key: str, text: str) -> Sequence[Hit]:
        return self.look_up(key, text) if self.look_up is not None else ()


def same_of(choices: Mapping[Any, str]) -> Check:
    """A check that takes one of a few words, by its beginning in either language."""

    def check(text: str) -> str:
        from o2c_tui.errors import BadValueError
        from o2c_tui.texts import N_

        wanted = text.casefold()
        for value, words in choices.items():
            if wanted and (value.startswith(wanted) or _(words).casefold().startswith(wanted)):
                return str(value)
        raise BadValueError(N_("Give one of: {choices}."), choices=", ".join(str(choice) for choice in choices))

    return check


def words_for(model: Any, key: str, choices: Mapping[Any, str]) -> None:
    """Say beside a choice what it means."""
    model.words[key] = _(choices.get(model.values.get(key, ""), ""))
