"""Plots in the terminal: bars of eighth blocks, of plain signs in the plain look, the figure of each printed beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from o2c_tui.safe_text import cells, fit
from o2c_tui.widgets.frame import Lines
from o2c_tui.widgets.look import Glyphs

Parts = list[tuple[str, str]]
_GAP = 3  # cells between two plots side by side
_LEAST_BAR = 4


@dataclass(frozen=True)
class Bar:
    """One bar: what it is called, how long it is against the longest (−1 to 1), its figures as they are printed."""

    label: str
    share: float
    figures: tuple[str, ...]
    style: str = "accent"


@dataclass(frozen=True)
class Plot:
    """A few bars under a title; `heads` stand over the figures. Where not all fit, the last ones stay, or the first."""

    title: str
    bars: tuple[Bar, ...]
    heads: tuple[str, ...] = ()
    number: int = 0  # the key that leads to what is behind it
    keep_last: bool = False
    empty: str = ""


def bar_of(share: float, width: int, glyphs: Glyphs) -> str:
    """A bar of `width` cells: solid upwards of nothing, open below it, so that the sign is seen without colour."""
    if share >= 0:
        return glyphs.bar(share, width)
    cells_ = max(1, round(min(1.0, -share) * width))
    return (glyphs.held * cells_).ljust(width)


def plot_rows(plot: Plot, glyphs: Glyphs, width: int, height: int) -> list[Parts]:
    """The lines of a plot, each `width` cells wide: its title and as many bars as there is room for."""
    shown = plot.bars[-(height - 1) :] if plot.keep_last else plot.bars[: height - 1]
    label = max((cells(bar.label) for bar in plot.bars), default=0) + 1
    count = max((len(bar.figures) for bar in plot.bars), default=0)
    rooms = [
        max(
            cells(text)
            for text in (*(bar.figures[n] for bar in plot.bars), plot.heads[n] if n < len(plot.heads) else "")
        )
        + 1
        for n in range(count)
    ]
    if width - label - sum(rooms) < _LEAST_BAR and count:
        label = max(2, width - sum(rooms) - _LEAST_BAR)
    room = max(0, width - label - sum(rooms))
    heads = "".join(fit(text, size, right=True) for text, size in zip(plot.heads, rooms, strict=False))
    number = f"{plot.number} " if plot.number else ""
    rows: list[Parts] = [
        [
            (number, "accent"),
            (fit(plot.title, width - cells(heads) - cells(number), cut=glyphs.cut), "strong"),
            (heads, "dim"),
        ]
    ]
    if not plot.bars:
        rows.append([(fit(plot.empty, width, cut=glyphs.cut), "dim")])
    for bar in shown:
        figures = "".join(fit(text, size, right=True) for text, size in zip(bar.figures, rooms, strict=True))
        rows.append([
            (fit(bar.label, label, cut=glyphs.cut), "dim"), (bar_of(bar.share, room, glyphs), bar.style), (figures, "text")
        ])  # fmt: skip
    return rows


class PlotBoard(Lines):
    """Plots two by two, as large as there is room for."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.plots: tuple[Plot, ...] = ()

    def show(self, plots: Sequence[Plot], glyphs: Glyphs) -> None:
        """Draw these plots in this order, row by row."""
        self.plots = tuple(plots)
        width, height = self.size.width - 2, self.size.height
        if width <= 0 or height <= 0 or not plots:
            return
        half = (width - _GAP) // 2
        deep = height // max(1, (len(plots) + 1) // 2)
        rows: list[Parts] = []
        for n in range(0, len(self.plots), 2):
            sides = [plot_rows(plot, glyphs, half, deep - 1) for plot in self.plots[n : n + 2]]
            for y in range(deep - 1):
                left = sides[0][y] if y < len(sides[0]) else [(" " * half, "text")]
                right = sides[1][y] if len(sides) > 1 and y < len(sides[1]) else []
                rows.append([*left, (" " * _GAP, "text"), *right])
            rows.append([])
        self.set(rows)
