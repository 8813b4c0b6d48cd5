"""What a preview holds: the lines that a step is about with what is chosen of each, the words typed for it, and their sheet."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from o2c_tui.errors import TradeError
from o2c_tui.rules.entry import day as entry_day
from o2c_tui.rules.entry import number, places
from o2c_tui.screens.base import amount, quantity
from o2c_tui.screens.money_steps import amount_left
from o2c_tui.screens.simple_model import PlainModel, same_of
from o2c_tui.screens.step import StepField
from o2c_tui.texts import _
from o2c_tui.widgets.entry import EntrySheet, Taken

ZERO = Decimal(0)


class StepLines(PlainModel):
    """The lines a step is about: what is left, what is done now, what will happen."""

    def __init__(self, document: Any, left: str, fields: Sequence[StepField] = (), undoes: Sequence[Any] = ()) -> None:
        self.fields = {field.name: field for field in fields}
        self.typed = {field.name: field.begins for field in fields}
        self.says = {field.name: field.says for field in fields}  # beside what is typed
        self.today = date.min
        self.whole, self.of_amounts = not left, left == "amount_left"
        self.digits = document.head.get("digits", 2)
        self.undoes = bool(undoes)
        self.source = [line for line in document.lines if self.whole or self._left(line, left)]
        if undoes:
            self.source = [_line_of(n, share) for n, share in enumerate(undoes, 1)]
        self.left = {line["id"]: line["quantity"] if self.whole else self._left(line, left) for line in self.source}
        self.now = dict(self.left)
        if left == "to_ship":
            for line in self.source:
                if line["stocked"]:
                    self.now[line["id"]] = min(line["reserved"], self.left[line["id"]])
            if any(x["stocked"] for x in self.source) and not any(
                self.now[x["id"]] for x in self.source if x["stocked"]
            ):
                self.now = dict.fromkeys(self.left, ZERO)  # freight alone is no delivery
        if self.of_amounts:  # an amount is said; nothing is taken back by itself
            self.now = dict.fromkeys(self.left, ZERO)
        self.start = dict(self.now)
        self.happens: dict[int, str] = {}

    @staticmethod
    def _left(line: Mapping[str, Any], left: str) -> Decimal:
        sums = {
            "left": lambda: line["quantity"] - line["ordered"],
            "with_customer": lambda: line["quantity"] - line["returned"],
            "to_credit": lambda: line["quantity"] - line["credited"],
            "amount_left": lambda: amount_left(line),
        }
        value: Decimal = sums[left]() if left in sums else line[left]
        return value

    def quantities(self) -> dict[int, Decimal] | None:
        """What is chosen, by line; None for a step about the whole document."""
        return None if self.whole else {key: part for key, part in self.now.items() if part}

    def _shown(self, part: Decimal) -> str:
        """A quantity of a line, or an amount of it."""
        return amount(part, self.digits) if self.of_amounts or self.undoes else quantity(part)

    # -- EntryModel ------------------------------------------------------------------------------------------------

    def lines(self) -> Sequence[Mapping[str, str]]:
        return [
            {
                "item": line["item"],
                "description": line["description"],
                "left": self._shown(self.left[line["id"]]),
                "now": self._shown(self.now[line["id"]]) if self.now[line["id"]] else "-",
                "available": quantity(line.get("available")) if line.get("available") is not None else "",
                "happens": self.happens.get(line["id"], ""),
            }
            for line in self.source
        ]

    def take_cell(self, row: int, key: str, text: str) -> Taken:
        line = self.source[row]
        try:
            part = ZERO if text.strip() in ("", "-") else places(number(text), self.digits if self.of_amounts else 6)
        except TradeError as error:
            return Taken("err", error.said(_))
        if not ZERO <= part <= self.left[line["id"]]:
            said = {"line": row + 1, "left": self._shown(self.left[line["id"]]), "part": self._shown(part)}
            return Taken("err", _("Line {line}: {left} is left, not {part}.").format(**said))
        self.now[line["id"]] = part
        last = self.of_amounts and row == len(self.source) - 1
        return Taken(go="stay" if last else "line")  # what an amount makes is seen before Enter does it

    def toggle(self, row: int) -> None:
        """Leave a line out, or take it again."""
        key = self.source[row]["id"]
        self.now[key] = ZERO if self.now[key] else self.start[key] or self.left[key]

    def field(self, key: str) -> str:
        return self.typed[key]

    def beside(self, key: str) -> str:
        choices = self.fields[key].choices
        return _(choices[self.typed[key]]) if self.typed[key] in choices else self.says[key]

    def take_field(self, key: str, text: str) -> Taken:
        try:
            self.typed[key] = self._read(self.fields[key], text.strip())[0]
        except TradeError as error:
            return Taken("err", error.said(_))
        return Taken()

    def _read(self, field: StepField, text: str) -> tuple[str, Any]:
        """A typed word as it is shown, and as the verb takes it."""
        if field.choices:
            chosen = same_of(field.choices)(text)
            if field.kind == "yes":
                return chosen, chosen == "yes"
            return chosen, next(choice for choice in field.choices if choice == chosen)
        if field.kind == "text" or not text:
            return text, text if field.kind == "text" else None
        if field.kind == "day":
            day = entry_day(text, self.today)
            return day.isoformat(), day
        figure = places(number(text), 0 if field.kind == "whole" else 6)
        return quantity(figure), int(figure) if field.kind == "whole" else figure

    def begin(self, today: date) -> None:
        """Days that nobody said are today."""
        self.today = today
        for name, field in self.fields.items():
            if field.kind == "day" and not self.typed[name]:
                self.typed[name] = today.isoformat()

    def words(self) -> dict[str, Any]:
        """What was typed in the fields, as the verb takes it; what is empty is not said."""
        read = {name: self._read(field, self.typed[name])[1] for name, field in self.fields.items()}
        return {name: value for name, value in read.items() if value not in (None, "")}


def _line_of(n: int, share: Any) -> dict[str, Any]:
    """What is set against a document, as a line of the preview that takes it off."""
    says = _("due {day}").format(day=share.due_on) if share.kind == "invoice" else ""
    return {"id": n, "position": n, "item": share.number, "description": says, "quantity": share.amount}


class PreviewSheet(EntrySheet):
    """Lines of a preview: Enter without typing does the step, Space leaves a line out."""

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        typing = not self.in_lines or self.buffer is not None
        return self.editable and character is not None and (character.isdigit() or typing)

    def do_take(self) -> None:
        """Enter in a field takes it and goes on to the next one; what was not typed does the step."""
        if self.in_lines:
            super().do_take()
            return
        taken = self.take()
        if taken is None or taken.level != "err":
            keys = [spec.key for spec in self.entry_fields]
            self.cell = keys[min(keys.index(self.cell) + 1, len(keys) - 1)]
            self.reload()

    def on_key(self, event: Any) -> None:
        if not self.in_lines and (self.buffer is not None or event.key != "enter"):
            super().on_key(event)
            return
        if self.buffer is None and event.key == "space" and self.editable and self.in_lines:
            self.model.toggle(self.line)  # type: ignore[attr-defined]
            self.do_line_down()
            self.post_message(self.Took(self))
            event.stop()
            event.prevent_default()
            return
        if self.buffer is None and event.key == "enter":
            self.post_message(self.Left())
            event.stop()
            event.prevent_default()
            return
        if event.character is not None and event.is_printable and self.buffer is None and not event.character.isdigit():
            return
        super().on_key(event)
