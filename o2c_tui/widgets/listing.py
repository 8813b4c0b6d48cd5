"""The one list: any number of rows, a few pages of them in memory, finished lines kept.

It asks a source for the rows next to those it has (by key, never by position), so a million rows cost what twenty do.
The cursor stays on its row when the list is read again.
"""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, Generic, Literal, Protocol, TypeVar, cast

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from o2c_tui.safe_text import cells, fit, shown
from o2c_tui.texts import N_, _
from o2c_tui.widgets.frame import FramedApp, look_for, strip_of
from o2c_tui.widgets.keys import Place, bindings
from o2c_tui.widgets.look import Glyphs, Look

Row = TypeVar("Row")
Row_co = TypeVar("Row_co", covariant=True)
PAGE = 64  # rows asked for at once; at least two screens' worth
_KEPT = 8 * PAGE
_KEPT_LINES = 800
_WIDE = 96
_GUTTER = 4  # cursor sign, mark, warning, a blank


class Source(Protocol[Row_co]):
    """Rows in one fixed order, a page at a time."""

    def fetch(
        self, *, after: Any = None, before: Any = None, limit: int, from_end: bool = False
    ) -> Sequence[Row_co] | Awaitable[Sequence[Row_co]]:
        """At most `limit` rows, always in list order.

        `after` or `before` is the position (see `WindowedList.position`) of a row: the rows next to it on that side,
        without it, whether it still exists or not. Neither: the first rows, or with `from_end` the last ones.
        """


class RowsInMemory(Generic[Row]):
    """A source over rows that are all there already: pickers, previews, receivables."""

    def __init__(self, rows: Sequence[Row], position: Callable[[Row], Any]) -> None:
        self.rows = rows
        self._index = {position(row): n for n, row in enumerate(rows)}

    def fetch(self, *, after: Any = None, before: Any = None, limit: int, from_end: bool = False) -> Sequence[Row]:
        """See `Source`."""
        if after is not None:
            start = self._index.get(after, -1) + 1
            return self.rows[start : start + limit]
        if before is not None:
            end = self._index.get(before, 0)
            return self.rows[max(0, end - limit) : end]
        return self.rows[max(0, len(self.rows) - limit) :] if from_end else self.rows[:limit]


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column: its title, the text of a row in it, its width in cells or its share of the room left over."""

    title: str
    text: Callable[[Row], str]
    width: int = 0
    share: int = 0  # weight by which a column grows; such a column is at least `width` wide
    right: bool = False
    style: Callable[[Row], str] | None = None  # name of a style of the look ("good", "bad", "dim", "strong"); "" none
    wide_only: bool = False  # left out where the list is under 96 columns
    spare: int = 0  # left out where there is no room for all, the highest first; 0: never
    chip: bool = False  # in the fine look its meaning stands on a ground of its own
    sort: Literal["", "up", "down"] = ""


class WindowedList(Widget, Generic[Row], can_focus=True):
    """A list over a `Source`, with a cursor, marks, and a sentence where there is nothing.

    `key` names a row for good (its id), `position` is what the source orders by (the key, unless told otherwise),
    `warn` puts a `!` before a row near or past a limit. `follow` is called with the row under the cursor whenever it is
    another one (None: the list is empty), before the screen is drawn, so that what stands beside the list is drawn
    with it; without `follow` the message `Moved` says the same a moment later.
    """

    DEFAULT_CSS = "WindowedList { height: 1fr; width: 1fr; }"
    BINDINGS = bindings(Place.ROWS)  # type: ignore[assignment]
    ALLOW_SELECT = False

    class Moved(Message):
        """The cursor stands on another row (None: the list is empty)."""

        def __init__(self, rows: "WindowedList[Any]", row: Any) -> None:
            super().__init__()
            self.rows, self.row = rows, row

        @property
        def control(self) -> "WindowedList[Any]":
            return self.rows

    class Opened(Moved):
        """Enter or Right on a row."""

    class Left(Moved):
        """Left: back out of a drill-down."""

    class Marked(Message):
        """The marks have changed."""

        def __init__(self, rows: "WindowedList[Any]") -> None:
            super().__init__()
            self.rows = rows

        @property
        def control(self) -> "WindowedList[Any]":
            return self.rows

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        *,
        key: Callable[[Row], Hashable],
        position: Callable[[Row], Any] | None = None,
        warn: Callable[[Row], bool] | None = None,
        follow: Callable[[Row | None], None] | None = None,
        empty: str = N_("Nothing here."),
        waiting: str = "",
        bands: bool = True,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.bands = bands
        self.columns = tuple(columns)
        self.key_of, self.position_of = key, position or key
        self.warn_of = warn
        self.follow = follow
        self.empty, self.waiting = empty, waiting  # what is said without rows, and before the first answer
        self._answered = False
        self.foot: Row | None = None  # totals: a row of its own on the last line
        self.marked: dict[Hashable, Row] = {}  # by key, in the order marked
        self._source: Source[Row] = RowsInMemory[Row]((), self.position_of)
        self._rows: list[Row] = []
        self._number = 0  # of the first row kept, counted from where reading began: it decides the bands
        self._at_start = self._at_end = True
        self._top = self._cursor = 0  # indexes into the rows kept
        self._reading = 0  # counts the starts of reading, so that a late answer is known
        self._asking = self._answers = 0  # questions of keys under way, and answered
        self._lines: dict[object, Strip] = {}
        self._drawn_as: object = None
        self._widths: tuple[int, ...] = ()
        self._gap = "  "

    # -- what it shows ---------------------------------------------------------------------------------------------

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self._rows[self._cursor] if self._rows else None

    def cuts(self, text: str) -> bool:
        """Whether the last column has no room for all of a text."""
        return cells(text) > (self._widths[-1] if self._widths else 0)

    @property
    def columns_shown(self) -> list[int]:
        """The columns that there is room for, by their places."""
        return [n for n, size in enumerate(self._widths) if size]

    @property
    def chosen(self) -> list[Row]:
        """The marked rows, or the row under the cursor if none is marked."""
        if self.marked:
            return list(self.marked.values())
        return [] if self.row is None else [self.row]

    @property
    def is_empty(self) -> bool:
        """Whether there is no row at all."""
        return not self._rows

    async def show(self, source: Source[Row], *, keep_marks: bool = False) -> None:
        """Show the rows of `source` from the first one on."""
        self._source = source
        if not keep_marks:
            self.marked.clear()
        await self._read_first(from_end=False)

    async def show_rows(self, rows: Sequence[Row], *, keep_marks: bool = False) -> None:
        """Show rows that are all in memory."""
        await self.show(RowsInMemory(rows, self.position_of), keep_marks=keep_marks)

    async def reload(self) -> None:
        """Read what is shown again; cursor and scroll position stay on their rows, marks on theirs."""
        if not self._rows:
            await self._read_first(from_end=False)
            return
        self._reading += 1
        if not self._top:
            await self._read_before()  # a row above the first one shown, to read on from
        kept, offset = self.key_of(self._rows[self._cursor]), self._cursor - self._top
        before = self._rows[self._top - 1] if self._top else None
        rows = await self._ask(after=self.position_of(before), limit=PAGE) if before is not None else None
        if rows is None or len(rows) <= offset:
            rows, before = await self._ask(limit=max(PAGE, self._cursor + 1)), None
        if rows is None:
            return
        top_was = self._top
        self._rows, self._at_end = list(rows), len(rows) < PAGE
        self._at_start = before is None
        self._number = self._number + top_was if before is not None else 0
        self._top = 0 if before is not None else min(top_was, max(0, len(rows) - 1))
        found = next((n for n, row in enumerate(rows) if self.key_of(row) == kept), None)
        self._cursor = found if found is not None else max(0, min(self._top + offset, len(rows) - 1))
        self._lines.clear()
        for key in list(self.marked):
            fresh = next((row for row in rows if self.key_of(row) == key), None)
            if fresh is not None:
                self.marked[key] = fresh
        await self._fill()
        self._keep_in_view()
        self.refresh()
        self._tell()

    async def renew(self) -> bool:
        """Read what is held again while keys go on: what has changed is drawn, and nothing else.

        The cursor stays on its row, and on its line unless the first row of all is in sight; where its row is gone it
        stays on its line. False: a key asked for rows meanwhile and goes before; try again in a moment.
        """
        answers, source = self._answers, self._source
        if self._asking:
            return False
        held, above = max(PAGE, len(self._rows)), None
        if self._rows and not self._at_start:
            before = await self._fetch(before=self.position_of(self._rows[0]), limit=1)
            above = before[-1] if before else None
        where = {} if above is None else {"after": self.position_of(above)}
        rows = await self._fetch(**where, limit=held)
        if self._asking or answers != self._answers or source is not self._source:
            return False
        self._replace(rows, at_start=above is None, at_end=len(rows) < held)
        return True

    async def renew_rows(self, rows: Sequence[Row]) -> bool:
        """`renew` for rows that are all in memory."""
        self._source = RowsInMemory(rows, self.position_of)
        return await self.renew()

    def _replace(self, rows: Sequence[Row], *, at_start: bool, at_end: bool) -> None:
        """Put these rows in the place of those held: same cursor, same marks, same bands, few lines drawn."""
        keys = [self.key_of(row) for row in rows]
        index = {key: n for n, key in enumerate(keys)}
        old_keys = [self.key_of(row) for row in self._rows]
        old = dict(zip(old_keys, self._rows, strict=True))
        line, top = self._cursor - self._top, self._top
        stays = [*range(self._cursor, len(old_keys)), *range(self._cursor - 1, -1, -1)]
        was = next((n for n in stays if old_keys[n] in index), None)
        cursor = 0 if was is None else index[old_keys[was]]
        changed = [n for n, row in enumerate(rows) if keys[n] not in old or old[keys[n]] != row]
        for n in changed:
            for signs in range(8):
                self._lines.pop((keys[n], bool(signs & 1), bool(signs & 2), bool(signs & 4)), None)
        for key in self.marked.keys() & index.keys():
            self.marked[key] = rows[index[key]]
        before = self.row
        first_in_sight = at_start and self._at_start and top == 0
        self._rows, self._at_start, self._at_end = list(rows), at_start, at_end
        self._number += (was or 0) - cursor
        self._cursor = cursor
        self._top = 0 if first_in_sight else max(0, cursor - line)
        self._keep_in_view()
        in_sight = [n for n in changed if 0 <= n - self._top < self._height]
        if keys != old_keys or self._top != top:
            self.refresh()
        elif in_sight:
            self._refresh_rows(*in_sight)
        if self.row != before:
            self._tell()
        if self._nearly_out():
            self.call_later(self._read_ahead)

    async def _fetch(self, **where: Any) -> Sequence[Row]:
        answer = self._source.fetch(**where)
        return await answer if isawaitable(answer) else answer

    def update_columns(self, columns: Sequence[Column[Row]]) -> None:
        """Show other columns, or another sort sign."""
        self.columns = tuple(columns)
        self._lines.clear()
        self._drawn_as = None
        self.refresh()

    def put_cursor(self, key: Hashable) -> bool:
        """Put the cursor on the row of this key if it is among those at hand."""
        for n, row in enumerate(self._rows):
            if self.key_of(row) == key:
                self._move(n)
                return True
        return False

    # -- reading ---------------------------------------------------------------------------------------------------

    async def _ask(self, **where: Any) -> Sequence[Row] | None:
        """Rows from the source; None if something newer was asked for meanwhile."""
        reading = self._reading
        self._asking += 1
        try:
            rows = await self._fetch(**where)
        finally:
            self._asking -= 1
            self._answers += 1
        return rows if reading == self._reading else None

    async def _read_first(self, *, from_end: bool) -> None:
        self._reading += 1
        rows = await self._ask(limit=PAGE, from_end=from_end)
        if rows is None:
            return
        self._answered = True
        short = len(rows) < PAGE
        self._rows = list(rows)
        self._at_start, self._at_end = (short, True) if from_end else (True, short)
        self._number = 0
        self._lines.clear()
        self._cursor = len(rows) - 1 if from_end and rows else 0
        self._top = max(0, len(rows) - self._height) if from_end else 0
        self.refresh()
        self._tell()

    async def _read_after(self) -> bool:
        if self._at_end or not self._rows:
            return False
        rows = await self._ask(after=self.position_of(self._rows[-1]), limit=PAGE)
        if rows is None:
            return False
        self._at_end = len(rows) < PAGE
        self._rows += rows
        if (extra := len(self._rows) - _KEPT) > 0:
            extra = min(extra, self._top)
            del self._rows[:extra]
            self._number += extra
            self._top -= extra
            self._cursor -= extra
            self._at_start = self._at_start and not extra
        return bool(rows)

    async def _read_before(self) -> bool:
        if self._at_start or not self._rows:
            return False
        rows = await self._ask(before=self.position_of(self._rows[0]), limit=PAGE)
        if rows is None:
            return False
        self._at_start = len(rows) < PAGE
        self._rows[:0] = rows
        self._number -= len(rows)
        self._top += len(rows)
        self._cursor += len(rows)
        if len(self._rows) > _KEPT:
            keep = max(_KEPT, self._top + self._height + 1)
            self._at_end = self._at_end and keep >= len(self._rows)
            del self._rows[keep:]
        return bool(rows)

    async def _fill(self) -> None:
        """Have enough rows for the screen."""
        while self._top + self._height > len(self._rows) and await self._read_after():
            pass

    def _nearly_out(self) -> bool:
        reach = 2 * self._height
        return (not self._at_end and self._cursor + reach > len(self._rows)) or (
            not self._at_start and self._cursor < reach
        )

    async def _read_ahead(self) -> None:
        """Have the next page at hand before it is asked for."""
        if self._cursor + 2 * self._height > len(self._rows):
            await self._read_after()
        elif self._cursor < 2 * self._height:
            await self._read_before()

    # -- moving ----------------------------------------------------------------------------------------------------

    @property
    def _height(self) -> int:
        lines = 1 if self.foot is None else 2  # the first line holds the titles, the last one totals
        return max(1, self.size.height - lines)

    async def action_row_down(self) -> None:
        """One row down."""
        if self._cursor + 1 >= len(self._rows):
            await self._read_after()
        self._move(self._cursor + 1)

    async def action_row_up(self) -> None:
        """One row up."""
        if self._cursor == 0:
            await self._read_before()
        self._move(self._cursor - 1)

    async def action_rows_down(self) -> None:
        """One screen down."""
        while self._top + 2 * self._height > len(self._rows) and await self._read_after():
            pass
        top = min(max(0, len(self._rows) - self._height), self._top + self._height)
        self._move(self._cursor + self._height, max(top, self._top))

    async def action_rows_up(self) -> None:
        """One screen up."""
        while self._top < self._height and await self._read_before():
            pass
        self._move(self._cursor - self._height, max(0, self._top - self._height))

    async def action_first_row(self) -> None:
        """The first row of all."""
        if self._at_start:
            self._move(0)
        else:
            await self._read_first(from_end=False)

    async def action_last_row(self) -> None:
        """The last row of all."""
        if self._at_end:
            self._move(len(self._rows) - 1)
        else:
            await self._read_first(from_end=True)

    def _move(self, cursor: int, top: int | None = None) -> None:
        cursor = max(0, min(len(self._rows) - 1, cursor))
        old, old_top = self._cursor, self._top
        if top is not None:
            self._top = top
        self._cursor = cursor
        self._keep_in_view()
        if self._top != old_top:
            self.refresh()
        elif cursor != old:
            self._refresh_rows(old, cursor)
        if cursor != old:
            self._tell()
            if self._nearly_out():
                self.call_later(self._read_ahead)

    def _keep_in_view(self) -> None:
        height = self._height
        self._top = max(0, min(self._top, self._cursor), self._cursor - height + 1)

    def _refresh_rows(self, *indexes: int) -> None:
        width = self.size.width
        self.refresh(*(Region(0, index - self._top + 1, width, 1) for index in indexes))

    def _tell(self) -> None:
        if self.follow is not None:
            self.follow(self.row)
        else:
            self.post_message(self.Moved(self, self.row))

    # -- marks and opening -----------------------------------------------------------------------------------------

    async def action_mark(self) -> None:
        """Mark or unmark the row and step down."""
        row = self.row
        if row is None:
            return
        key = self.key_of(row)
        if key in self.marked:
            del self.marked[key]
        else:
            self.marked[key] = row
        self._refresh_rows(self._cursor)
        self.post_message(self.Marked(self))
        await self.action_row_down()

    async def action_mark_all(self) -> None:
        """Mark every row that the list holds, or none if any is marked."""
        if self.marked:
            self.marked.clear()
        else:
            self.marked = {self.key_of(row): row for row in await self._all_rows()}
        self.refresh()
        self.post_message(self.Marked(self))

    async def _all_rows(self) -> list[Row]:
        if self._at_start and self._at_end:
            return list(self._rows)
        rows: list[Row] = []
        while True:
            where = {"after": self.position_of(rows[-1])} if rows else {}
            page = await self._ask(**where, limit=1024)
            rows += page or ()
            if page is None or len(page) < 1024:
                return rows

    def action_open(self) -> None:
        """Open the row."""
        if self.row is not None:
            self.post_message(self.Opened(self, self.row))

    def action_leave(self) -> None:
        """Back out of a drill-down."""
        self.post_message(self.Left(self, self.row))

    def on_click(self, event: events.Click) -> None:
        index = self._top + event.y - 1
        if event.y > 0 and index < len(self._rows):
            self._move(index)

    async def on_mouse_scroll_down(self) -> None:
        await self.action_row_down()

    async def on_mouse_scroll_up(self) -> None:
        await self.action_row_up()

    async def on_resize(self) -> None:
        self._keep_in_view()
        await self._fill()
        if self._at_end:  # a taller list has no blank rows below while there are rows above
            self._top = min(self._top, max(0, len(self._rows) - self._height))
        self.refresh()

    # -- drawing ---------------------------------------------------------------------------------------------------

    def render_lines(self, crop: Region) -> list[Strip]:
        look, glyphs = look_for(self)
        width = self.size.width
        drawn_as = (width, look, glyphs)
        if drawn_as != self._drawn_as:
            self._drawn_as = drawn_as
            self._lines.clear()
            self._widths = self._widths_for(width - _GUTTER - 1)
        strips = [self._line(y, width, look, glyphs) for y in range(crop.y, crop.bottom)]
        if crop.x == 0 and crop.width == width:
            return strips
        return [strip.crop(crop.x, crop.right) for strip in strips]

    def _line(self, y: int, width: int, look: Look, glyphs: Glyphs) -> Strip:
        if y == 0:
            return self._kept("titles", lambda: self._titles(width, look, glyphs))
        index = self._top + y - 1
        if self.foot is not None and y == min(self.size.height, len(self._rows) + 2) - 1:
            foot = self.foot
            return self._drawn(foot, banded=False, here=False, marked=False, look=look, glyphs=glyphs, strong=True)
        if index >= len(self._rows):
            if y == 1:
                words = self.empty if self._answered else self.waiting
                text = fit(" " * _GUTTER + (_(words) if words else ""), width, cut=glyphs.cut)
                return self._kept(("empty", words), lambda: Strip([Segment(text, look.dim)], width))
            return self._kept("blank", lambda: Strip([Segment(" " * width, look.text)], width))
        row = self._rows[index]
        key = self.key_of(row)
        banded = self.bands and bool((self._number + index) % 2)
        here, marked = index == self._cursor, key in self.marked
        return self._kept((key, banded, here, marked), lambda: self._drawn(row, banded, here, marked, look, glyphs))

    def _kept(self, name: object, draw: Callable[[], Strip]) -> Strip:
        strip = self._lines.get(name)
        if strip is None:
            if len(self._lines) > _KEPT_LINES:
                self._lines.clear()
            strip = self._lines[name] = draw()
        return strip

    def _drawn(
        self, row: Row, banded: bool, here: bool, marked: bool, look: Look, glyphs: Glyphs, *, strong: bool = False
    ) -> Strip:
        lit = here and cast("FramedApp[Any]", self.app).lit_rows
        ground = look.lit if lit else look.band if banded and glyphs.fine else look.strong if strong else look.text
        warned = self.warn_of is not None and not strong and self.warn_of(row)
        signs = (
            (glyphs.cursor if here else " ") + (glyphs.mark if marked else " ") + (glyphs.warn if warned else " ") + " "
        )
        parts: list[tuple[str, Style]] = [
            (signs, ground if lit else look.on(look.bad if warned else look.accent, ground))
        ]
        for column, size in zip(self.columns, self._widths, strict=True):
            if not size:
                continue
            name = column.style(row) if column.style is not None else ""
            style = ground if lit or not name else look.on(getattr(look, name), ground)
            chip = look.chip_of(name) if column.chip and glyphs.fine and not lit else None
            if chip is None:
                parts.append((fit(shown(column.text(row)), size, cut=glyphs.cut, right=column.right), style))
                parts.append((self._gap, ground))
            else:  # its borders lie in the gaps beside the column
                word = fit(shown(column.text(row)).strip(), min(size, cells(column.text(row))), cut=glyphs.cut)
                gap, _style = parts.pop()
                parts += [(gap[1:], ground), (f" {word} ", chip), (" " * (size - cells(word)), ground)]
                parts.append((self._gap[1:], ground))
        return _strip(parts, self.size.width, ground)

    def _titles(self, width: int, look: Look, glyphs: Glyphs) -> Strip:
        parts: list[tuple[str, Style]] = [(" " * _GUTTER, look.dim)]
        for column, size in zip(self.columns, self._widths, strict=True):
            if size:
                sign = {"": "", "up": f" {glyphs.up}", "down": f" {glyphs.down}"}[column.sort]
                title = fit(f"{_(column.title)}{sign}", size, cut=glyphs.cut, right=column.right)
                parts += [(title, look.accent if sign else look.dim), (self._gap, look.dim)]
        return _strip(parts, width, look.dim)

    def _widths_for(self, room: int) -> tuple[int, ...]:
        """Cells for each column (0: not shown): fixed ones first, the rest by their shares."""
        wide = room + _GUTTER + 1 >= _WIDE
        asked = [column if wide or not column.wide_only else None for column in self.columns]
        while True:
            least = sum(column.width + 1 for column in asked if column) - 1
            spare = max((column.spare for column in asked if column), default=0)
            if least <= room or not spare:
                break
            asked = [None if column and column.spare == spare else column for column in asked]
        shown_ones = [column for column in asked if column]
        fixed = sum(column.width for column in shown_ones)
        gap = 2 if fixed + 2 * (len(shown_ones) - 1) <= room else 1
        self._gap = " " * gap
        fixed += gap * (len(shown_ones) - 1)
        shares = sum(column.share for column in asked if column)
        free = max(0, room - fixed)
        widths = []
        for column in asked:
            if column is None:
                widths.append(0)
                continue
            extra = free * column.share // shares if shares else 0
            free, shares = free - extra, shares - column.share
            widths.append(column.width + extra)
        return tuple(widths)


def _strip(parts: Sequence[tuple[str, Style]], width: int, ground: Style) -> Strip:
    """Parts joined where the style is the same, at exactly `width` cells."""
    joined: list[tuple[str, Style]] = []
    for text, style in parts:
        if joined and joined[-1][1] == style:
            joined[-1] = (joined[-1][0] + text, style)
        else:
            joined.append((text, style))
    return strip_of(joined, width, ground)
