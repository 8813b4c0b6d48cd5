"""The list every place is made of: any number of rows, the cursor on its row, marks, signs that need no colour."""

import asyncio
import gc
import random
import tracemalloc
from collections.abc import Sequence
from typing import Any

import pytest
from textual import events
from textual.app import ComposeResult

from o2c_tui.safe_text import cells
from o2c_tui.widgets.frame import FramedApp, FramedScreen
from o2c_tui.widgets.listing import Column, RowsInMemory, WindowedList

Row = tuple[int, str]
COLUMNS = (
    Column[Row]("No", lambda row: f"Q-{row[0]}", width=10),
    Column[Row]("Customer", lambda row: row[1], width=10, share=1),
    Column[Row]("Seen", lambda row: "yes", width=4, wide_only=True),
)


class Books:
    """Rows that may change between readings, as the books of several clerks do."""

    def __init__(self, rows: Sequence[Row], *, waits: bool = False) -> None:
        self.rows = list(rows)
        self.waits = waits
        self.asked = 0

    def page(self, after: Any, before: Any, limit: int, from_end: bool) -> list[Row]:
        self.asked += 1
        if after is not None:
            return [row for row in self.rows if row[0] > after][:limit]
        if before is not None:
            return [row for row in self.rows if row[0] < before][-limit:]
        return self.rows[-limit:] if from_end else self.rows[:limit]

    def fetch(self, *, after: Any = None, before: Any = None, limit: int, from_end: bool = False) -> Any:
        if not self.waits:
            return self.page(after, before, limit, from_end)

        async def later() -> list[Row]:
            await asyncio.sleep(0.002)
            return self.page(after, before, limit, from_end)

        return later()


class Counted:
    """A million rows that are nowhere."""

    def __init__(self, count: int) -> None:
        self.count = count

    def fetch(self, *, after: Any = None, before: Any = None, limit: int, from_end: bool = False) -> list[Row]:
        start = after + 1 if after is not None else max(0, before - limit) if before is not None else 0
        stop = before if before is not None else start + limit
        if from_end:
            start, stop = self.count - limit, self.count
        return [(n, f"Customer {n}") for n in range(max(0, start), min(stop, self.count))]


class Place(FramedScreen[None]):
    def __init__(self) -> None:
        super().__init__()
        self.list = WindowedList[Row](
            COLUMNS, key=lambda row: row[0], warn=lambda row: "late" in row[1], empty="No rows. F6 makes one."
        )
        self.opened: list[Row] = []

    def content(self) -> ComposeResult:
        yield self.list

    def on_mount(self) -> None:
        self.list.focus()

    def on_windowed_list_opened(self, event: WindowedList.Opened) -> None:
        self.opened.append(event.row)


class Shown(FramedApp[None]):
    def get_default_screen(self) -> Place:
        return Place()


def shown(app: Shown) -> list[str]:
    """The rows of the list as a person sees them."""
    place = app.screen
    assert isinstance(place, Place)
    strips = place.list.render_lines(place.list.size.region)
    assert all(strip.cell_length == place.list.size.width == cells(strip.text) for strip in strips)
    return [strip.text.rstrip() for strip in strips]


def rows(count: int, *, step: int = 1) -> list[Row]:
    return [(n * step, f"Customer {n}") for n in range(count)]


async def pressed(app: Shown, pilot: Any, *keys: str) -> WindowedList[Row]:
    for key in keys:
        app.take_key(events.Key(key, None))  # as the terminal's driver does: in one burst
    await app.settled()
    await pilot.pause()
    place = app.screen
    assert isinstance(place, Place)
    return place.list


@pytest.mark.parametrize("waits", [False, True], ids=["at once", "awaited"])
async def test_every_row_is_reached_by_every_key_in_order(waits):
    books = Books(rows(700), waits=waits)
    app = Shown()
    async with app.run_test(size=(80, 24)) as pilot:
        listing = app.screen.list
        await listing.show(books)
        seen = [listing.row[0]]
        for _ in range(60):
            await pressed(app, pilot, "pagedown")
            seen.append(listing.row[0])
        assert seen[-1] == 699
        assert seen == sorted(seen)
        assert (await pressed(app, pilot, "home")).row[0] == 0
        assert (await pressed(app, pilot, "end")).row[0] == 699
        assert (await pressed(app, pilot, *["up"] * 150)).row[0] == 549
        assert (await pressed(app, pilot, *["down"] * 100)).row[0] == 649
        assert (await pressed(app, pilot, "pageup", "up")).row[0] < 649


async def test_random_moves_keep_the_cursor_in_view_and_on_the_right_row():
    chance = random.Random(7)
    app = Shown()
    count, place, height = 900, 0, 19
    async with app.run_test(size=(80, 24)) as pilot:
        listing = app.screen.list
        await listing.show(Books(rows(count)))
        height = listing.size.height - 1
        for _ in range(150):
            key = chance.choice(["down", "up", "pagedown", "pageup", "home", "end", "down", "pagedown"])
            await pressed(app, pilot, key)
            steps = {"down": 1, "up": -1, "pagedown": height, "pageup": -height, "home": -count, "end": count}
            place = max(0, min(count - 1, place + steps[key]))
            assert listing.row[0] == place, key
            lines = shown(app)
            assert [line for line in lines[1:] if line.startswith(app.glyphs.cursor)] == [
                line for line in lines[1:] if f" Q-{place} " in line
            ]
            numbers = [int(line[4:].split()[0][2:]) for line in lines[1:]]
            assert numbers == list(range(numbers[0], numbers[0] + height))


async def test_reading_again_keeps_the_cursor_on_its_row_whatever_came_or_went():
    books = Books(rows(300, step=10))
    app = Shown()
    async with app.run_test(size=(80, 24)) as pilot:
        listing = app.screen.list
        await listing.show(books)
        await pressed(app, pilot, *["down"] * 50)
        assert listing.row[0] == 500
        where = next(n for n, line in enumerate(shown(app)) if line.startswith(app.glyphs.cursor))
        books.rows = sorted([row for row in books.rows if row[0] not in (480, 510)] + [(5, "new"), (485, "new")])
        await listing.reload()
        assert listing.row[0] == 500
        now = next(n for n, line in enumerate(shown(app)) if line.startswith(app.glyphs.cursor))
        assert abs(now - where) <= 1
        books.rows = [row for row in books.rows if row[0] != 500]
        await listing.reload()
        assert listing.row[0] in (490, 520), "its row is gone: the cursor stays where it was on the screen"
        books.rows = books.rows[:3]
        await listing.reload()
        assert listing.row is not None
        books.rows = []
        await listing.reload()
        assert listing.row is None
        assert shown(app)[1] == "    No rows. F6 makes one."
        await pressed(app, pilot, "down", "pagedown", "end", "home", "space", "enter")


async def test_a_list_says_that_it_is_empty_only_once_it_was_answered():
    app = Shown()
    async with app.run_test(size=(80, 24)):
        assert shown(app)[1] == ""
        await app.screen.list.show_rows([])
        assert shown(app)[1] == "    No rows. F6 makes one."


async def test_marks_are_kept_and_shown_without_colour():
    app = Shown()
    async with app.run_test(size=(80, 24)) as pilot:
        listing = app.screen.list
        await listing.show_rows([(1, "Beacon"), (2, "Cobalt late"), (3, "上海华信贸易有限公司")])
        await pressed(app, pilot, "space")
        cursor = app.glyphs.cursor
        assert [line[:5] for line in shown(app)[1:4]] == [" *  Q", f"{cursor} ! Q", "    Q"]
        assert listing.chosen == [(1, "Beacon")]
        await pressed(app, pilot, "asterisk")
        assert listing.chosen == [(2, "Cobalt late")], "any mark: none is left, so the row under the cursor counts"
        await pressed(app, pilot, "asterisk", "enter")
        assert len(listing.marked) == 3
        assert app.screen.opened == [(2, "Cobalt late")]


async def test_all_of_a_long_list_are_marked_by_one_key():
    app = Shown()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.screen.list.show(Books(rows(3000)))
        listing = await pressed(app, pilot, "asterisk")
        assert len(listing.marked) == 3000


async def test_hostile_and_wide_names_never_break_the_columns():
    app = Shown()
    names = ["\x1b]0;x\x07", "[/bold] Ltd", "上" * 80, "a\u202eb", "\ud800", "x" * 10_000, "e\u0301" * 50, "👩\u200d🔧"]
    async with app.run_test(size=(80, 24)):
        await app.screen.list.show_rows(list(enumerate(names)))
        for line in shown(app):
            assert line.isprintable()


async def test_a_wide_window_shows_more_columns_and_no_line_is_ever_too_long():
    app = Shown()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.screen.list.show_rows(rows(50))
        assert "Seen" not in shown(app)[0]
        for size in [(120, 40), (100, 30), (60, 10), (20, 6)]:
            await pilot.resize_terminal(*size)
            await app.settled()
            assert ("Seen" in shown(app)[0]) == (size[0] >= 100)


async def test_a_list_that_grows_taller_leaves_no_blank_rows_while_there_are_rows_above():
    app = Shown()
    async with app.run_test(size=(80, 12)) as pilot:
        await app.screen.list.show_rows(rows(20))
        await pressed(app, pilot, "end")
        await pilot.resize_terminal(80, 30)
        await app.settled()
        assert shown(app)[1].strip()
        assert app.screen.list._top == 0


async def test_a_million_rows_cost_what_a_thousand_do():
    used = {}
    for count in (1_000, 1_000_000):
        app = Shown()
        async with app.run_test(size=(80, 24)) as pilot:
            await app.screen.list.show(Counted(count))
            gc.collect()
            tracemalloc.start()
            await pressed(app, pilot, "end", *["pageup"] * 30, "home", *["pagedown"] * 30, "end")
            assert app.screen.list.row[0] == count - 1
            gc.collect()  # what is held is meant, not what waits to be collected
            used[count] = tracemalloc.get_traced_memory()[0]
            tracemalloc.stop()
    assert used[1_000_000] < used[1_000] * 1.3 + 200_000


async def test_rows_in_memory_are_a_source_like_any_other():
    source = RowsInMemory(rows(10), lambda row: row[0])
    assert source.fetch(limit=3) == rows(10)[:3]
    assert source.fetch(limit=3, from_end=True) == rows(10)[-3:]
    assert source.fetch(after=4, limit=2) == rows(10)[5:7]
    assert source.fetch(before=4, limit=2) == rows(10)[2:4]
