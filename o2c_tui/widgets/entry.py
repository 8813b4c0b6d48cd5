"""The entry sheet: the head and the lines of a document in one widget that owns the keys and the edit buffer.

One widget, so no focus moves between cells and no typed-ahead key goes astray. What cells mean is the model's
business (`EntryModel`): the sheet moves, edits, draws and asks. Used for documents, cards, payments and settings.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, Protocol

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Offset, Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from o2c_tui.safe_text import cells, fit, shown
from o2c_tui.texts import N_, _, current
from o2c_tui.widgets.editbuffer import EditBuffer
from o2c_tui.widgets.frame import AfterRest, FramedApp, FramedScreen, OneHandler, look_for, strip_of
from o2c_tui.widgets.keys import Place, commands
from o2c_tui.widgets.look import Glyphs, Look

Move = Literal["", "next", "line", "stay"]
MOST_HITS = 8


@dataclass(frozen=True)
class FieldSpec:
    """One field of the head: its label and the cells it takes; `fixed` ones are shown and never entered."""

    key: str
    label: str
    width: int = 16
    fixed: bool = False
    code: bool = False  # typing looks records up
    beside: int = 0  # cells for the words after the value (the name behind a code)


@dataclass(frozen=True)
class CellSpec:
    """One column of the lines."""

    key: str
    title: str
    width: int = 0
    share: int = 0
    right: bool = False
    fixed: bool = False
    code: bool = False


@dataclass(frozen=True)
class Hit:
    """One row of the drop-down: what is typed in if it is taken, and what is shown beside it."""

    code: str
    name: str = ""
    fact: str = ""
    takes: str = ""  # typed in instead of the code: a barcode says a box too


@dataclass(frozen=True)
class Taken:
    """What became of a typed value: taken (ok, warn) or not (err), what to say, and where to go."""

    level: str = "ok"
    message: str = ""
    go: Move = "next"
    cell: str = ""  # the cell of the same line to go to, instead of the next one
    line: int | None = None  # another line to go to: a code was scanned


class EntryModel(Protocol):
    """What an entry sheet shows and asks; every answer is quick."""

    def field(self, key: str) -> str: ...
    def beside(self, key: str) -> str: ...
    def needs(self, key: str) -> bool: ...
    def lines(self) -> Sequence[Mapping[str, str]]: ...
    def take_field(self, key: str, text: str) -> Taken: ...
    def take_cell(self, row: int, key: str, text: str) -> Taken: ...
    def insert_line(self, row: int) -> None: ...
    def remove_line(self, row: int) -> None: ...
    def repeat_line(self, row: int) -> bool: ...
    def paste(self, row: int, table: Sequence[Sequence[str]]) -> Taken: ...
    def hits(self, key: str, text: str) -> Sequence[Hit]: ...
    def undo(self) -> bool: ...
    def redo(self) -> bool: ...


class EntrySheet(OneHandler, Widget, can_focus=True):
    """Head fields in rows over a grid of lines; `editable` False shows them only."""

    DEFAULT_CSS = "EntrySheet { height: 1fr; width: 1fr; }"
    ALLOW_SELECT = False

    class Took(Message):
        """A value was taken: the draft has changed."""

        def __init__(self, sheet: "EntrySheet") -> None:
            super().__init__()
            self.sheet = sheet

    class Said(Message):
        """Something to say: level ok, warn or err, and the sentence."""

        def __init__(self, level: str, text: str) -> None:
            super().__init__()
            self.level, self.text = level, text

    class Left(Message):
        """Enter on an empty last line, or past the last field: entry is done."""

    class Details(Message):
        """Ctrl+E on a line."""

        def __init__(self, row: int) -> None:
            super().__init__()
            self.row = row

    def __init__(
        self,
        model: EntryModel,
        fields: Sequence[Sequence[FieldSpec]],
        columns: Sequence[CellSpec] = (),
        *,
        editable: bool = True,
        grows: bool = True,
        moved: Callable[[int], None] | None = None,
        typing: Callable[[], None] | None = None,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.model = model
        self.rows = [list(row) for row in fields]
        self.columns = list(columns)
        self.editable, self.grows = editable, grows
        self.moved = moved  # told the line under the cursor (-1: in the head)
        self.typing = typing  # told of each change inside a cell
        self.buffer: EditBuffer | None = None
        self.found: Sequence[Hit] = ()
        self.chosen_hit = 0
        self.line, self.cell, self.top = -1, "", 0
        self.wrong = ""  # key of the field or cell that was refused
        self.line_start = ""  # the column Enter goes to on a line that is there; else the first one
        self._lines: Sequence[Mapping[str, str]] = ()
        self._widths: dict[str, int] = {}
        self._places: tuple[tuple[int, str], list[list[tuple[int, int]]]] | None = None
        self._keys = self._key_map()
        self._look_ups = AfterRest(self, self._find_hits)
        self._refresh_lines()
        self.to_start()

    def _key_map(self) -> dict[str, str]:
        return {key: command.does for command in commands(Place.GRID) for key in command.keys.split(",")}

    def have_row(self, row: list[FieldSpec], *, there: bool) -> None:
        """Show one more row of fields, or take it away again."""
        if (row in self.rows) == there:
            return
        if there:
            self.rows.append(row)
        else:
            self.rows.remove(row)
            if self.cell in [spec.key for spec in row]:
                self.to_start()
        self._places = None
        self.refresh(layout=True)

    # -- where the cursor is -----------------------------------------------------------------------------------------

    @property
    def entry_fields(self) -> list[FieldSpec]:
        """The fields that can be entered, in order."""
        return [spec for row in self.rows for spec in row if not spec.fixed]

    @property
    def entry_cells(self) -> list[CellSpec]:
        """The columns that can be entered, in order."""
        return [spec for spec in self.columns if not spec.fixed]

    @property
    def last_line(self) -> int:
        """The last line one can stand on: a blank new one where lines can be added."""
        return len(self._lines) - (0 if self.grows and self.editable else 1)

    @property
    def in_lines(self) -> bool:
        """Whether the cursor is in a line."""
        return self.line >= 0

    def to_start(self) -> None:
        """Put the cursor on the first thing that is needed."""
        self._refresh_lines()
        for spec in self.entry_fields:
            if self.model.needs(spec.key):
                self.line, self.cell = -1, spec.key
                return
        self.to_lines()

    def to_lines(self) -> None:
        """Put the cursor on the new line, or the first one where none can be added."""
        if self.columns and self.entry_cells and self.last_line >= 0:
            self.line = self.last_line if self.grows else 0
            self.cell = self.entry_cells[0].key
        elif self.columns and not self.entry_fields:
            self.line, self.cell = (0, self.columns[0].key) if self._lines else (-1, "")
        elif self.entry_fields:
            self.line, self.cell = -1, self.entry_fields[0].key

    def reload(self) -> None:
        """Show what the model holds now."""
        self._refresh_lines()
        if self.line > max(self.last_line, 0):
            self.line = max(self.last_line, 0) if self.columns else -1
        self._in_view()
        self.refresh()
        self._place_cursor()

    def follow(self, line: int) -> None:
        """Show what the model holds now: the line under the cursor is this one, and as far down on the screen as it was."""
        self.top += line - self.line
        self.line = line
        self.reload()

    def _refresh_lines(self) -> None:
        self._lines = self.model.lines()

    def value(self) -> str:
        """The text of the cell or field under the cursor."""
        if self.line < 0:
            return self.model.field(self.cell)
        if self.line < len(self._lines):
            return self._lines[self.line].get(self.cell, "")
        return ""

    # -- keys ----------------------------------------------------------------------------------------------------------

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        """While entering, letters are text and never commands; before there is a cell they wait for it."""
        return self.editable and bool(self.cell) and character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        does = self._keys.get(event.key)
        if event.key == "escape":
            if self.found or self.buffer is not None:
                self._drop(whole=not self.found)
                event.stop()
                event.prevent_default()
            return
        handled = self._carry_out(does, event) if does else self._edit_key(event)
        if handled:
            event.stop()
            event.prevent_default()

    def _carry_out(self, does: str, event: events.Key) -> bool:
        if not self.editable and does not in ("line_up", "line_down", "lines_up", "lines_down"):
            return False
        if does in ("line_up", "line_down"):
            self._look_ups.now()
        if self.found and does in ("line_up", "line_down"):
            self.chosen_hit = max(0, min(len(self.found) - 1, self.chosen_hit + (1 if does == "line_down" else -1)))
            self.refresh()
            return True
        getattr(self, f"do_{does}")()
        return True

    def _edit_key(self, event: events.Key) -> bool:
        if not self.editable or not self.cell:
            return False
        if event.character is not None and event.is_printable:
            self._begin().type(event.character)
        elif event.key in ("backspace", "delete") and self.buffer is None:
            self._begin(fresh=True)
        elif event.key in ("left", "right", "home", "end") and self.buffer is None:
            return self._sideways(event.key)
        elif not self._begin(keep=True).key(event.key):
            return False
        self._typed()
        return True

    def on_paste(self, event: events.Paste) -> None:
        if not self.editable:
            return
        event.stop()
        rows = [line for line in event.text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line.strip()]
        if len(rows) > 1 and self.in_lines:
            separator = "\t" if "\t" in event.text else ","
            taken = self.model.paste(self.line, [row.split(separator) for row in rows])
            self._refresh_lines()
            self.line, self.cell = self.last_line, self.entry_cells[0].key
            self._after(taken)
            self.reload()
        else:
            self._begin().type(" ".join(rows))
            self._typed()

    def _begin(self, *, fresh: bool = False, keep: bool = False) -> EditBuffer:
        """The buffer of the cell, begun: typing replaces what was there, editing keys keep it."""
        if self.buffer is None:
            text = "" if fresh or not keep else self.value()
            self.buffer = EditBuffer(text)
        return self.buffer

    def edit_inside(self) -> None:
        """F2: change what is there instead of replacing it."""
        if self.editable and self.cell and self.buffer is None:
            self.buffer = EditBuffer(self.value())
            self._show_cell()

    def look_up(self) -> bool:
        """F4 on a code: its drop-down, for what is typed or for all; whether the cursor stands on a code."""
        self._look_ups.drop()
        spec = self._spec()
        if not self.editable or spec is None or not spec.code:
            return False
        hits = self.model.hits(self.cell, self.buffer.text if self.buffer is not None else " ")
        self._begin()
        self.found, self.chosen_hit = hits[:MOST_HITS], 0
        self.refresh()
        self._place_cursor()
        return True

    def _typed(self) -> None:
        self.wrong = ""
        self._look_ups.soon()
        self._show_cell()
        if self.typing is not None:
            self.typing()

    def _find_hits(self) -> None:
        spec = self._spec()
        hits: Sequence[Hit] = ()
        if spec is not None and spec.code and self.buffer is not None and self.buffer.text.strip():
            hits = self.model.hits(self.cell, self.buffer.text)
            text = self.buffer.text.strip().upper()
            if len(hits) == 1 and hits[0].code.upper() == text and not hits[0].takes:
                hits = ()
        redraw_all = bool(self.found) or bool(hits)
        self.found, self.chosen_hit = hits[:MOST_HITS], 0
        if redraw_all:
            self.refresh()
            self._place_cursor()

    def _spec(self) -> FieldSpec | CellSpec | None:
        pool: Sequence[FieldSpec | CellSpec] = self.columns if self.in_lines else self.entry_fields
        return next((spec for spec in pool if spec.key == self.cell), None)

    def _drop(self, *, whole: bool) -> None:
        """Esc: close the drop-down, or drop what was typed in this cell only."""
        self._look_ups.drop()
        self.found = ()
        if whole:
            self.buffer, self.wrong = None, ""
            self._forget_message()
        self.refresh()
        self._place_cursor()

    # -- taking --------------------------------------------------------------------------------------------------------

    def take(self) -> Taken | None:
        """Take what is typed; None where nothing was. An error leaves text and cursor where they are."""
        self._look_ups.now()
        if self.buffer is None:
            return None
        text = self.buffer.text
        spec = self._spec()
        if self.found and spec is not None and spec.code:
            text = self._with_hit(text)
        taken = (
            self.model.take_cell(self.line, self.cell, text)
            if self.in_lines
            else self.model.take_field(self.cell, text)
        )
        if taken.level == "err":
            self.wrong, self.found = self.cell, ()
            self.post_message(self.Said("err", taken.message))
            app = self.app
            if isinstance(app, FramedApp):
                app.drop_typeahead()
            self.refresh()
            return taken
        self.buffer, self.found, self.wrong = None, (), ""
        self._refresh_lines()
        self._forget_message()
        self._after(taken)
        return taken

    def _with_hit(self, text: str) -> str:
        """The typed text with the code of the chosen hit; an exact code of its own goes before a better-looking one."""
        hit = self.found[self.chosen_hit]
        word = text.strip().split()[0] if text.strip() else ""
        for sign in "*@=#":
            word = word.split(sign)[0]
        if self.chosen_hit == 0 and any(h.code.upper() == word.upper() for h in self.found):
            return text
        return text.replace(word, hit.takes or hit.code, 1) if word else hit.takes or hit.code

    def _after(self, taken: Taken) -> None:
        self.post_message(self.Took(self))
        if taken.message:
            self.post_message(self.Said(taken.level, taken.message))

    def take_all(self) -> bool:
        """Take what is being typed before something else is done; False where it is refused."""
        taken = self.take()
        if taken is not None and taken.level == "err":
            return False
        self.refresh()
        return True

    def do_take(self) -> None:
        """Enter: take the cell, then go to what still needs something."""
        typed = self.buffer is not None
        taken = self.take()
        if taken is not None and taken.level == "err":
            return
        if not self.in_lines:
            self._next_needed()
        elif taken is not None and taken.line is not None:
            self._to_line(taken.line)
        elif not typed and self.line == self.last_line and self.grows and self.cell == self.entry_cells[0].key:
            self.post_message(self.Left())
        elif taken is not None and taken.cell:
            self.cell = taken.cell
        elif (taken is not None and taken.go == "line") or not typed:
            self._to_line(self.line + 1)
        elif taken is not None and taken.go == "next":
            self._next_cell(1, wrap_to_line=True)
        self.reload()

    def _next_needed(self) -> None:
        fields = [spec.key for spec in self.entry_fields]
        here = fields.index(self.cell) if self.cell in fields else -1
        for key in fields[here + 1 :]:
            if self.model.needs(key):
                self.cell = key
                return
        if self.columns and self.entry_cells and self.last_line >= 0:
            self.to_lines()
            self._tell_line()
        else:
            self.post_message(self.Left())

    def _to_line(self, line: int) -> None:
        if line > self.last_line:
            self.post_message(self.Left())
            line = self.last_line
        self.line, self.cell = max(0, line), self.entry_cells[0].key
        if self.line_start and self.line < len(self._lines):
            self.cell = self.line_start
        if not self.grows:
            self.cell = self.entry_cells[-1].key if len(self.entry_cells) == 1 else self.cell
        self._tell_line()

    def _next_cell(self, way: int, *, wrap_to_line: bool = False) -> None:
        keys = [spec.key for spec in self.entry_cells]
        at = keys.index(self.cell) + way if self.cell in keys else 0
        if 0 <= at < len(keys):
            self.cell = keys[at]
        elif way > 0 and self.line < self.last_line:
            self.line, self.cell = self.line + 1, keys[0]
            self._tell_line()
        elif way < 0 and self.line > 0:
            self.line, self.cell = self.line - 1, keys[-1]
            self._tell_line()
        elif way < 0 and self.entry_fields:
            self.line, self.cell = -1, self.entry_fields[-1].key
            self._tell_line()

    def do_take_forward(self) -> None:
        """Tab: take it, next cell or field."""
        self._tab(1)

    def do_take_backward(self) -> None:
        """Shift+Tab: take it, the one before."""
        self._tab(-1)

    def _tab(self, way: int) -> None:
        taken = self.take()
        if taken is not None and taken.level == "err":
            return
        if self.in_lines:
            self._next_cell(way)
        else:
            keys = [spec.key for spec in self.entry_fields]
            at = keys.index(self.cell) + way
            if at >= len(keys):
                if self.columns and self.entry_cells and self.last_line >= 0:
                    self.line, self.cell = 0, self.entry_cells[0].key
                    self._tell_line()
                else:
                    self.cell = keys[0]
            else:
                self.cell = keys[max(0, at)]
        self.reload()

    def _sideways(self, key: str) -> bool:
        if self.in_lines and key in ("left", "right"):
            self._next_cell(1 if key == "right" else -1)
            self.reload()
            return True
        return False

    def do_line_down(self) -> None:
        """Down: the same column, one line down."""
        self._vertical(1)

    def do_line_up(self) -> None:
        """Up: the same column, one line up; above the first line, the head."""
        self._vertical(-1)

    def _vertical(self, way: int, steps: int = 1) -> None:
        taken = self.take()
        if taken is not None and taken.level == "err":
            return
        if self.in_lines:
            line = self.line + way * steps
            if line < 0 and steps == 1 and self.entry_fields and self.editable:
                self.line, self.cell = (
                    -1,
                    self.rows[-1][0].key if not self.rows[-1][0].fixed else self.entry_fields[-1].key,
                )
            else:
                self.line = max(0, min(max(self.last_line, 0), line))
        else:
            self._vertical_in_head(way)
        self._tell_line()
        self.reload()

    def _vertical_in_head(self, way: int) -> None:
        rows = [[spec for spec in row if not spec.fixed] for row in self.rows]
        at = next((n for n, row in enumerate(rows) for spec in row if spec.key == self.cell), 0) + way
        while 0 <= at < len(rows) and not rows[at]:
            at += way
        if 0 <= at < len(rows):
            self.cell = rows[at][0].key
        elif way > 0 and self.columns and self.last_line >= 0:
            self.line = 0
            self.cell = self.entry_cells[0].key if self.entry_cells else self.columns[0].key

    def do_lines_down(self) -> None:
        """PgDn."""
        self._vertical(1, self._room())

    def do_lines_up(self) -> None:
        """PgUp."""
        self._vertical(-1, self._room())

    def do_insert_line(self) -> None:
        """A blank line above."""
        if self.in_lines and self.grows and self.take_all():
            self.model.insert_line(self.line)
            self.cell = self.entry_cells[0].key
            self._changed()

    def do_remove_line(self) -> None:
        """Take the line out; undo brings it back."""
        if self.in_lines and self.grows and self.line < len(self._lines):
            self.buffer, self.found = None, ()
            self.model.remove_line(self.line)
            self._changed()
            self.post_message(self.Said("ok", _("Line removed. Ctrl+Z brings it back.")))

    def do_repeat_above(self) -> None:
        """The value above, or on an empty new line the whole line above."""
        if not self.in_lines or self.line == 0:
            return
        if self.line >= len(self._lines):
            if self.model.repeat_line(self.line - 1):
                self._refresh_lines()
                self._to_line(self.line + 1)
                self._changed()
            return
        self.buffer = EditBuffer(self._lines[self.line - 1].get(self.cell, ""))
        self.do_take()

    def do_line_details(self) -> None:
        """More about this line."""
        if self.in_lines and self.line < len(self._lines) and self.take_all():
            self.post_message(self.Details(self.line))

    def do_clear_cell(self) -> None:
        """Empty the cell."""
        self.buffer = EditBuffer("")
        self._typed()

    def undo(self, *, again: bool = False) -> None:
        """Ctrl+Z: what is being typed first, then step by step; `again` is Ctrl+Y."""
        if self.buffer is not None and not again:
            self._drop(whole=True)
            return
        if self.model.redo() if again else self.model.undo():
            self._changed()

    def _forget_message(self) -> None:
        screen = self.screen
        if isinstance(screen, FramedScreen):
            screen.forget_message()

    def _changed(self) -> None:
        self._forget_message()
        self.reload()
        self._tell_line()
        self.post_message(self.Took(self))

    def _tell_line(self) -> None:
        if self.moved is not None:
            self.moved(self.line)

    # -- drawing -------------------------------------------------------------------------------------------------------

    @property
    def head_height(self) -> int:
        """Rows of the head, with the heading of the lines."""
        return len(self.rows) + (1 if self.columns else 0)

    def _room(self) -> int:
        return max(1, self.size.height - self.head_height)

    def _in_view(self) -> None:
        if self.in_lines:
            last = max(0, max(self.last_line, len(self._lines) - 1) - self._room() + 1)  # no blank rows below
            self.top = max(0, min(self.top, self.line, last), self.line - self._room() + 1)

    def _cell_place(self) -> tuple[int, int, int]:
        """Row, column and width of the cell under the cursor, in this widget."""
        if self.in_lines:
            x = 4
            for spec in self.columns:
                if spec.key == self.cell:
                    return self.head_height + self.line - self.top, x, self._widths.get(spec.key, 0)
                x += self._widths.get(spec.key, 0) + 1
        for y, row in enumerate(self.rows):
            for field, (_label, start) in zip(row, self._starts()[y], strict=True):
                if field.key == self.cell and not self.in_lines:
                    return y, start, field.width
        return 0, 0, 0

    def _starts(self) -> list[list[tuple[int, int]]]:
        """Where the label and the value of each field begin: beneath one another within a block where they fit."""
        made_for = (self.size.width, current())
        if self._places is None or self._places[0] != made_for:
            starts: list[list[tuple[int, int]]] = []
            first = max((cells(_(row[0].label)) for row in self.rows if row), default=0) + 2
            for _empty, block in groupby(self.rows, key=bool):
                rows = list(block)
                for upto in (99, 2, 1):  # as many columns beneath one another as there is room for
                    laid = _lay_out(rows, first, upto)
                    if all(end <= self.size.width for _row, end in laid):
                        break
                starts += [row for row, _end in laid]
            self._places = made_for, starts
        return self._places[1]

    def _show_cell(self) -> None:
        y = self._cell_place()[0]
        self.refresh(Region(0, y, self.size.width, 1))
        self._place_cursor()

    def _place_cursor(self) -> None:
        app = self.app
        if not self.has_focus or not self.is_mounted or not isinstance(app, FramedApp) or not self.editable:
            return
        y, x, width = self._cell_place()
        at = self.buffer.window(width - 1)[1] if self.buffer is not None else 0
        place = self.content_region.offset + Offset(x + at, y)
        app.place_cursor(place)

    def on_focus(self) -> None:
        self.call_after_refresh(self._place_cursor)

    def on_resize(self) -> None:
        self._in_view()
        self.refresh()
        self.call_after_refresh(self._place_cursor)

    def render_lines(self, crop: Region) -> list[Strip]:
        look, glyphs = look_for(self)
        width = self.size.width
        self._widths = self._column_widths(width - 5)
        strips = {y: self._strip_at(y, width, look, glyphs) for y in range(crop.y, crop.bottom)}
        self._lay_hits(strips, width, look, glyphs)
        if crop.x == 0 and crop.width == width:
            return list(strips.values())
        return [strip.crop(crop.x, crop.right) for strip in strips.values()]

    def _column_widths(self, room: int) -> dict[str, int]:
        fixed = sum(spec.width + 1 for spec in self.columns)
        shares = sum(spec.share for spec in self.columns)
        spare = max(0, room - fixed)
        widths = {}
        for spec in self.columns:
            extra = spare * spec.share // shares if shares else 0
            spare, shares = spare - extra, shares - spec.share
            widths[spec.key] = spec.width + extra
        return widths

    def _strip_at(self, y: int, width: int, look: Look, glyphs: Glyphs) -> Strip:
        if y < len(self.rows):
            return strip_of(self._field_parts(y, look, glyphs), width, look.text)
        if y == len(self.rows) and self.columns:
            parts = [("  # ", look.dim)]
            for spec in self.columns:
                parts.append((fit(_(spec.title), self._widths[spec.key], cut="", right=spec.right) + " ", look.dim))
            return strip_of(parts, width, look.dim)
        index = y - self.head_height + self.top
        if not self.columns or index > max(self.last_line, len(self._lines) - 1):
            return strip_of([], width, look.text)
        return self._line_strip(index, width, look, glyphs)

    def _field_parts(self, y: int, look: Look, glyphs: Glyphs) -> list[tuple[str, Style]]:
        parts: list[tuple[str, Style]] = []
        x = 0
        for field, (label, start) in zip(self.rows[y], self._starts()[y], strict=True):
            parts += [(" " * (label - x), look.text), (fit(_(field.label), start - label, cut=""), look.dim)]
            active = field.key == self.cell and not self.in_lines and self.editable and self.has_focus
            ground = look.field if glyphs.fine and self.editable and not field.fixed else look.text
            parts += self._value_parts(field, self.model.field(field.key), field.width, active, look, glyphs, ground)
            x = start + field.width
            if field.beside:
                beside = fit(shown(self.model.beside(field.key)), field.beside, cut=glyphs.cut)
                parts.append((f" {beside}", look.strong))
                x += 1 + field.beside
        return parts

    def _value_parts(
        self,
        spec: FieldSpec | CellSpec,
        value: str,
        width: int,
        active: bool,
        look: Look,
        glyphs: Glyphs,
        ground: Style | None = None,
    ) -> list[tuple[str, Style]]:
        ground = ground or look.text
        right = isinstance(spec, CellSpec) and spec.right
        if not active:
            style = look.on(look.bad, ground) if spec.key == self.wrong and active else ground
            return [(fit(shown(value), width, cut=glyphs.cut, right=right), style)]
        lit = look.lit if spec.key != self.wrong else look.lit + Style(underline=True)
        if self.buffer is None:
            return [(fit(shown(value), width, cut=glyphs.cut, right=right), lit)]
        text, at = self.buffer.window(width - 1)
        text = shown(text)
        before = fit(text, at, cut="") if at else ""
        rest = text[len(before) :]
        under = rest[:1] or " "
        after = fit(rest[1:], max(0, width - cells(before) - cells(under)), cut="")
        return [(before, lit), (under, lit + Style(reverse=True)), (after, lit)]

    def _line_strip(self, index: int, width: int, look: Look, glyphs: Glyphs) -> Strip:
        here = index == self.line
        new = index >= len(self._lines)
        line: Mapping[str, str] = {} if new else self._lines[index]
        ground = look.text
        if here and not self.editable:
            ground = look.lit
        number = f"{index + 1:>3} "
        parts: list[tuple[str, Style]] = [(number, ground if here and not self.editable else look.dim)]
        for spec in self.columns:
            active = here and spec.key == self.cell and self.editable and self.has_focus
            value = line.get(spec.key, "")
            parts += self._value_parts(spec, value, self._widths[spec.key], active, look, glyphs, ground)
            parts.append((" ", ground))
        return strip_of(parts, width, ground)

    def _lay_hits(self, strips: dict[int, Strip], width: int, look: Look, glyphs: Glyphs) -> None:
        """Draw the drop-down under the cell, or above it where there is no room below."""
        if not self.found:
            return
        y, x, _width = self._cell_place()
        room = min(width - 2, 66)
        x = max(0, min(x, width - room - 1))
        below = self.size.height - y - 1
        first = y + 1 if below >= len(self.found) or below >= y else max(0, y - len(self.found))
        codes = max(cells(hit.code) for hit in self.found)
        facts = max(cells(hit.fact) for hit in self.found)
        for n, hit in enumerate(self.found):
            row = first + n
            if row not in strips:
                continue
            style = look.lit if n == self.chosen_hit else look.band if glyphs.fine else look.text + Style(reverse=True)
            sign = glyphs.cursor if n == self.chosen_hit else " "
            names = max(4, room - codes - facts - 7)
            text = f"{sign} {fit(shown(hit.code), codes)}  {fit(shown(hit.name), names, cut=glyphs.cut)}  {fit(shown(hit.fact), facts, right=True)} "
            box = Strip([Segment(text, style)], cells(text))
            old = strips[row]
            strips[row] = Strip.join([old.crop(0, x), box, old.crop(x + box.cell_length, width)])


def _lay_out(rows: Sequence[Sequence[FieldSpec]], first: int, upto: int) -> list[tuple[list[tuple[int, int]], int]]:
    """Where label and value of each field of a block begin, and where each row ends; `first`: the first labels' width.

    The n-th fields of all rows have their labels and their values beneath one another while n is under `upto`.
    """
    made: list[list[tuple[int, int]]] = [[] for _row in rows]
    ends = [1] * len(rows)
    for n in range(max((len(row) for row in rows), default=0)):
        here = [y for y, row in enumerate(rows) if n < len(row)]
        left = max(ends[y] for y in here)
        words = max(cells(_(rows[y][n].label)) for y in here) + 2
        for y in here:
            field = rows[y][n]
            label = left if n < upto else ends[y]
            start = label + (first if n == 0 else words if n < upto else cells(_(field.label)) + 2)
            made[y].append((label, start))
            ends[y] = start + field.width + (field.beside + 1 if field.beside else 0) + 2
    return [(row, end - 2) for row, end in zip(made, ends, strict=True)]


EMPTY_LINE = N_("Type an item, as in BOLT-6*100 @0.40 -5% #note. Enter takes the line.")
__all__ = ["EMPTY_LINE", "CellSpec", "EntryModel", "EntrySheet", "FieldSpec", "Hit", "Taken"]
