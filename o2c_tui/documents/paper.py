"""Sheets being filled from the top: what is drawn where, kept as plain values until the number of pages is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from o2c_tui.documents.fonts import Face, faces
from o2c_tui.documents.layout import Layout
from o2c_tui.documents.typeset import wrap


@dataclass(frozen=True)
class Text:
    """One line of text; `y` is its baseline from the top edge, `x` its left end (its right end if `right`)."""

    x: float
    y: float
    text: str
    size: float
    colour: str
    bold: bool = False
    right: bool = False


@dataclass(frozen=True)
class Box:
    """A filled rectangle; a rule is a thin one."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True)
class Pattern:
    """Filled boxes on a grid of small squares, in black: a code to be scanned."""

    x: float
    y: float
    step: float  # side of a square
    boxes: tuple[tuple[int, int, int], ...]  # column, row, columns it takes


@dataclass
class Paper:
    """The sheets of one document. `y` is where the next block starts, in points from the top edge."""

    layout: Layout
    language: str
    floor: float  # blocks end above it
    y: float = 0.0
    pages: list[list[Text | Box | Pattern]] = field(default_factory=lambda: [[]])

    @property
    def left(self) -> float:
        return self.layout.left

    @property
    def right(self) -> float:
        return self.layout.width - self.layout.right

    @property
    def room(self) -> float:
        """What is left of this sheet."""
        return self.floor - self.y

    @property
    def whole(self) -> float:
        """What a fresh sheet offers."""
        return self.floor - self.layout.next_top

    def face(self, bold: bool = False) -> Face:
        return faces(self.language)[1 if bold else 0]

    def turn(self) -> None:
        """Start the next sheet."""
        self.pages.append([])
        self.y = self.layout.next_top

    def need(self, height: float) -> bool:
        """Start the next sheet unless `height` fits on this one; tell whether it did. What fits none stays."""
        if height > self.room and height <= self.whole:
            self.turn()
            return True
        return False

    def height(self, block: Callable[[Paper], None]) -> float:
        """How high a block is: drawn on a sheet without end and thrown away."""
        trial = Paper(self.layout, self.language, float("inf"))
        block(trial)
        return trial.y

    def keep(self, block: Callable[[Paper], None]) -> None:
        """Draw a block whole, a gap beneath what is above it, on the next sheet if it does not fit on this one."""
        if not self.need(self.layout.gap + self.height(block)):
            self.y += self.layout.gap
        block(self)

    def lines(self, text: str, width: float, size: float, bold: bool = False) -> list[str]:
        """`text` broken into lines of `width`."""
        return wrap(text, self.face(bold), size, width) if text else []

    def text(
        self, x: float, y: float, text: str, size: float, colour: str, *, bold: bool = False, right: bool = False
    ) -> None:
        """One line on the sheet in work; `y` is its baseline."""
        self.pages[-1].append(Text(x, y, self.face(bold).drawable(text), size, colour, bold, right))

    def stack(
        self, x: float, y: float, lines: list[str], size: float, colour: str, *, bold: bool = False, right: bool = False
    ) -> float:
        """Lines one beneath the other, the first's top at `y`; the y beneath the last comes back."""
        step = size * self.layout.leading
        for n, line in enumerate(lines):
            self.text(x, y + n * step + size, line, size, colour, bold=bold, right=right)
        return y + len(lines) * step

    def rule(self, x: float, y: float, width: float, colour: str, weight: float = 0.5) -> None:
        self.pages[-1].append(Box(x, y, width, weight, colour))

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        self.pages[-1].append(Box(x, y, width, height, colour))

    def pattern(self, x: float, y: float, step: float, boxes: tuple[tuple[int, int, int], ...]) -> None:
        """A code to be scanned; `x` and `y` are its upper left corner."""
        self.pages[-1].append(Pattern(x, y, step, boxes))

    def frame(self, x: float, y: float, width: float, height: float) -> None:
        """An empty box, to be filled in by hand."""
        colour, weight = self.layout.muted, 0.6
        for top in (y, y + height - weight):
            self.box(x, top, width, weight, colour)
        for left in (x, x + width - weight):
            self.box(left, y, weight, height, colour)


def capped(lines: list[str], most: int) -> list[str]:
    """At most `most` lines, the last one showing that there were more."""
    return lines if len(lines) <= most else [*lines[: most - 1], "…"]
