"""The screen made of differences is the screen made whole, cell by cell."""

import random
import re

import pyte
import pytest
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from o2c_tui.terminal.frame import BLANK, Frame, Line
from tests.pty_driver import Emulator

WIDTH, HEIGHT = 40, 14
STYLES = [
    Style(), Style(bold=True), Style(reverse=True), Style(color="color(245)", bgcolor="color(234)"),
    Style(bgcolor="color(234)"), Style(color="#f0a860", bgcolor="color(24)", bold=True), Style(underline=True),
]  # fmt: skip
WORDS = ["Beacon", "上海华信", "BOLT-6", "1,204.00", "é", "Ж", "  ", " " * 14, "中", "a中b", "全角＊", "…", "│", "한글"]


def cells_on(screen: pyte.Screen) -> list[list[tuple[object, ...]]]:
    """What each cell shows; the foreground of a blank does not matter."""
    rows = []
    for y in range(screen.lines):
        row = []
        for x in range(screen.columns):
            cell = screen.buffer[y][x]
            plain = cell.data == " " and not cell.underscore and not cell.reverse
            ink = (cell.bg,) if plain else (cell.fg, cell.bg, cell.bold, cell.reverse, cell.underscore)
            row.append((cell.data, *ink))
        rows.append(row)
    return rows


def random_strip(chance: random.Random, width: int) -> Strip:
    segments = [Segment(chance.choice(WORDS), chance.choice(STYLES)) for _ in range(chance.randint(1, 9))]
    return Strip(segments).adjust_cell_length(width, chance.choice(STYLES))


def random_news(chance: random.Random, frame: Frame, wanted: list[Line]) -> dict[int, Line]:
    """Change some lines: new ones, patched ones (halving wide characters), or all of a region moved."""
    news: dict[int, Line] = {}
    kind = chance.random()
    if kind < 0.4:
        top = chance.randint(0, 3)
        bottom = chance.randint(top + 5, HEIGHT)
        step = chance.choice([-3, -2, -1, 1, 2, 3])
        for y in range(top, bottom):
            source = y + step
            inside = top <= source < bottom
            news[y] = wanted[source] if inside else frame.whole(frame.cells_of(random_strip(chance, WIDTH)))
        if chance.random() < 0.5:
            news[chance.randrange(HEIGHT)] = frame.whole(frame.cells_of(random_strip(chance, WIDTH)))
    else:
        for _ in range(chance.randint(1, 6)):
            y = chance.randrange(HEIGHT)
            line = list(news.get(y, wanted[y]))
            x = chance.randrange(WIDTH)
            frame.patch(line, x, frame.cells_of(random_strip(chance, chance.randint(1, WIDTH - x))))
            assert line == frame.whole(line), "no half of a wide character is left alone"
            news[y] = line
    return news


@pytest.mark.parametrize("seed", range(40))
def test_differences_make_the_same_screen_as_drawing_it_whole(seed):
    chance = random.Random(seed)
    frame = Frame(WIDTH, HEIGHT, ColorSystem.TRUECOLOR)
    ours = Emulator(WIDTH, HEIGHT)
    stream = pyte.Stream(ours)
    stream.feed("\x1b[?7l")
    wanted: list[Line] = [[BLANK] * WIDTH for _ in range(HEIGHT)]
    for step in range(60):
        news = random_news(chance, frame, wanted) if step else dict(enumerate(wanted))
        for y, line in news.items():
            wanted[y] = line
        cursor = (chance.randrange(HEIGHT), chance.randrange(WIDTH))
        stream.feed(frame.paint(dict(news), cursor))
        assert (ours.cursor.y, ours.cursor.x) == cursor
        whole = Emulator(WIDTH, HEIGHT)
        drawn_whole = pyte.Stream(whole)
        drawn_whole.feed("\x1b[?7l" + Frame(WIDTH, HEIGHT, ColorSystem.TRUECOLOR).paint(dict(enumerate(wanted))))
        assert cells_on(ours) == cells_on(whole), f"step {step}"
        if step % 17 == 16:  # the terminal was mangled: a fresh frame draws over anything
            stream.feed("\x1b[2J\x1b[5;5H\x1b[31mjunk\x1b[3;7r")
            frame = Frame(WIDTH, HEIGHT, ColorSystem.TRUECOLOR)
            stream.feed(frame.paint(dict(enumerate(wanted))))
            assert cells_on(ours) == cells_on(whole)


def test_a_frame_that_did_not_change_sends_nothing():
    frame = Frame(WIDTH, HEIGHT, ColorSystem.TRUECOLOR)
    lines = {y: frame.whole(frame.cells_of(random_strip(random.Random(y), WIDTH))) for y in range(HEIGHT)}
    assert frame.paint(dict(lines))
    assert frame.paint({y: list(line) for y, line in lines.items()}) == ""


def test_lines_that_moved_are_moved_by_the_terminal():
    frame = Frame(80, 24, ColorSystem.TRUECOLOR)
    strips = [
        Strip([Segment(f"{n:>8} " + chr(97 + n % 26) * 60, Style(color="red"))]).adjust_cell_length(80)
        for n in range(60)
    ]
    frame.paint({y: frame.cells_of(strips[y]) for y in range(24)})
    scrolled = frame.paint({y: frame.cells_of(strips[y + 1]) for y in range(24)})
    assert "\x1b[1M" in scrolled
    assert len(scrolled) < 200


def test_a_session_without_colours_sends_none():
    frame = Frame(20, 1, None)
    sent = frame.paint({0: frame.whole(frame.cells_of(Strip([Segment("late", Style(color="red", bold=True))])))})
    assert "\x1b[1m" in sent
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", sent)


@pytest.mark.parametrize("hostile", ["\x1b]0;title\x07", "\x9b31m", "a\x1b[2Jb", "\x00\x08", "x\u202eyz", "\ud800"])
def test_no_control_character_leaves_the_frame(hostile):
    frame = Frame(30, 1, ColorSystem.TRUECOLOR)
    sent = frame.paint({0: frame.whole(frame.cells_of(Strip([Segment(hostile, Style())])))})
    left = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", sent)
    assert not [sign for sign in left if not sign.isprintable()]
    assert not re.search(r"\x1b\[2Jb|\x1b\]", sent)
