"""Labels on paper: a grid on A4 sheets, or a page of its own for each. The same run gives the same bytes.

Rule: docs/documents.md, "Labels".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from o2c_tui.documents.barcodes import draw_barcode, width_of
from o2c_tui.documents.layout import DEFAULT, MM, Layout
from o2c_tui.documents.paper import Paper, capped
from o2c_tui.documents.render import sheets
from o2c_tui.errors import BadValueError
from o2c_tui.queries.labels import LabelRun, LabelView
from o2c_tui.texts import N_, catalogue

SHEET, SINGLE, PARCEL = "3x8", "62x29mm", "100x150mm"  # what most printers take
_SMALLEST = 4.6  # of an address, before lines are left out
_LEAST = (25 * MM, 12 * MM)  # of a label


@dataclass(frozen=True)
class LabelStock:
    """What labels are printed on: so many across and down a page of this size, each as large as its share."""

    width: float
    height: float
    across: int = 1
    down: int = 1

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of one label, in points."""
        return self.width / self.across, self.height / self.down


def stock_named(name: str) -> LabelStock:
    """Labels by name: `3x8` are three across and eight down an A4 sheet, `62x29mm` single ones of that size.

    Raises:
        BadValueError: it is neither, or a label would be smaller than 25 × 12 mm.
    """
    found = re.fullmatch(r"\s*(\d{1,3})\s*[x×*]\s*(\d{1,3})\s*(mm)?\s*", name, re.IGNORECASE)
    if found and found[3] and int(found[1]) and int(found[2]):
        stock = LabelStock(int(found[1]) * MM, int(found[2]) * MM)
    elif found and int(found[1]) and int(found[2]):
        stock = LabelStock(DEFAULT.width, DEFAULT.height, int(found[1]), int(found[2]))
    else:
        raise BadValueError(
            N_("'{name}' is no size of labels; write 3x8 for a sheet, 62x29mm for single ones."),
            field="sheet",
            name=name,
        )
    if stock.size[0] < _LEAST[0] or stock.size[1] < _LEAST[1]:
        raise BadValueError(N_("A label is at least 25 × 12 mm; '{name}' is smaller."), field="sheet", name=name)
    return stock


def render_labels(run: LabelRun, stock: LabelStock, *, start: int = 1) -> bytes:
    """Labels as a PDF file; `start` is the place of the first one on a sheet that was begun.

    Raises:
        BadValueError: there is no such place.
    """
    title = f"{catalogue(run.language).gettext(N_('Labels'))} {run.name}"
    return sheets(composed(run, stock, start), title, run.company)


def composed(run: LabelRun, stock: LabelStock, start: int = 1) -> Paper:
    """The sheets with all labels on them. See `render_labels`."""
    places = stock.across * stock.down
    if not 1 <= start <= places:
        raise BadValueError(N_("The sheet has places 1 to {places}."), field="start", places=places)
    layout = replace(DEFAULT, width=stock.width, height=stock.height)
    paper = Paper(layout, run.language, floor=stock.height)
    say = catalogue(run.language).gettext
    at = start - 1
    for label in run.labels:
        for copy in range(1, label.copies + 1):
            if at == places:
                paper.pages.append([])
                at = 0
            row, column = divmod(at, stock.across)
            x, y = column * stock.size[0], row * stock.size[1]
            if label.address:
                told = say(N_("Package {n} of {all}")).format(n=copy, all=label.copies)
                _package(paper, label, run.sender, told, x, y, stock.size)
            else:
                _label(paper, label, x, y, stock.size, say)
            at += 1
    return paper


def without_bars(run: LabelRun, stock: LabelStock) -> list[str]:
    """The codes that get no barcode on such labels: with signs Code 128 lacks, or too long to be read."""
    wide = _inside(stock.size)[0]
    return sorted({label.bars for label in run.labels if not width_of(label.bars, wide)[0]})


def _inside(size: tuple[float, float]) -> tuple[float, float]:
    """Width of what may be printed on a label of this size, and the white around it."""
    pad = min(4.6 * MM, size[0] * 0.066, size[1] * 0.125)  # no printer reaches the very edge of a sheet
    return size[0] - 2 * pad, pad


def _label(
    paper: Paper, label: LabelView, x: float, y: float, size: tuple[float, float], say: Callable[[str], str]
) -> None:
    """Title and what is measured in, above the name; the bars with their code beneath; lot and expiry last."""
    layout: Layout = paper.layout
    wide, pad = _inside(size)
    left, top, bottom = x + pad, y + pad, y + size[1] - pad
    scale = max(0.62, min(1.15, size[1] / (37 * MM), size[0] / (64 * MM)))
    small, text = 6.8 * scale, 8.2 * scale

    title, title_size = label.title, 12.5 * scale * (1.45 if not label.text else 1.0)
    unit = paper.lines(label.small, wide * 0.4, small)[:1] if label.text else []
    room = wide - (paper.face().width(unit[0], small) + 2 * MM if unit else 0.0)
    while title_size > 7 * scale and paper.face(True).width(paper.face(True).drawable(title), title_size) > room:
        title_size -= 0.5
    titles = capped(paper.lines(title, room, title_size, bold=True), 1 if size[1] < 20 * MM else 2)
    below = paper.stack(left, top, titles, title_size, layout.ink, bold=True)
    if unit:
        paper.stack(left + wide, top + title_size - small, unit, small, layout.ink, right=True)
    elif label.small:
        below = paper.stack(left, below, capped(paper.lines(label.small, wide, small), 1), small, layout.ink)

    whole, _quiet = width_of(label.bars, wide)
    code = paper.lines(label.bars, wide, small)[:1] if label.bars != label.title else []
    lots = [paper.lines(line, wide, small)[0] for line in _lot_lines(label, say)]
    step = small * layout.leading
    under = [*code, *lots][: max(int((bottom - below) / step), 0)]
    least = min(8 * MM, size[1] * 0.24) if whole else 0.0
    lines = int((bottom - below - len(under) * step - least) / (text * layout.leading))
    names = capped(paper.lines(label.text, wide, text), max(lines, 1)) if label.text and lines > 0 else []
    below = paper.stack(left, below, names, text, layout.ink)
    at = bottom - len(under) * step
    if whole and at - below > 3 * MM:
        high = min(at - below - 1.2 * MM, 16 * MM)
        draw_barcode(paper, label.bars, left + (wide - whole) / 2, at - high, wide, high)
    for n, line in enumerate(under):
        middle = (wide - paper.face().width(line, small)) / 2 if n < len(code) and whole else 0.0
        at = paper.stack(left + middle, at, [line], small, layout.ink)


def _package(
    paper: Paper, label: LabelView, sender: str, told: str, x: float, y: float, size: tuple[float, float]
) -> None:
    """Who sends it, whom it goes to, as large as fits; beneath the number, which package it is, its carrier, the bars."""
    layout: Layout = paper.layout
    wide, pad = _inside(size)
    left, top, bottom = x + pad, y + pad, y + size[1] - pad
    scale = max(0.62, min(2.0, size[1] / (37 * MM), size[0] / (64 * MM)))
    tiny, small = 5.4 * scale, 7.2 * scale
    top = paper.stack(left, top, paper.lines(sender, wide, tiny)[:1], tiny, layout.muted) + 0.4 * MM
    paper.rule(left, top, wide, layout.rule, 0.4)
    top += 1.2 * MM * scale

    foot = [paper.lines(f"{label.title}   {told}", wide, small, bold=True)[0]]
    carrier = paper.lines(label.small, wide, small)[:1]
    beside = paper.face(True).width(foot[0], small) + 3 * MM
    fits = bool(carrier) and beside + paper.face().width(carrier[0], small) <= wide
    foot += [] if fits else carrier
    under = len(foot) * small * layout.leading
    high = 13 * MM * scale if size[1] >= 60 * MM and width_of(label.bars, wide)[0] else 0.0
    room = bottom - under - (high + 3 * MM if high else 1 * MM) - top
    name, _, rest = label.address.strip().replace("\r\n", "\n").partition("\n")
    text = 10.5 * scale
    while True:
        names = paper.lines(name, wide, text * 1.12, bold=True)
        lines = paper.lines(rest, wide, text)
        needed = (len(names) * 1.12 + len(lines)) * text * layout.leading
        if needed <= room or text <= _SMALLEST:
            break
        text -= 0.25
    most = max(int((room - 1.12 * text * layout.leading) / (text * layout.leading)), 0)
    names = capped(names, max(1, min(2, most + 1)) if needed > room else len(names))
    below = paper.stack(left, top, names, text * 1.12, layout.ink, bold=True)
    fit = max(int((top + room - below) / (text * layout.leading)), 0)
    paper.stack(left, below, capped(lines, fit) if fit else [], text, layout.ink)
    if high:
        whole, quiet = width_of(label.bars, wide)
        draw_barcode(paper, label.bars, left - quiet, bottom - under - high - 1 * MM, whole, high)
    at = paper.stack(left, bottom - under, foot[:1], small, layout.ink, bold=True)
    if fits:
        paper.stack(left + beside, bottom - small * layout.leading, carrier, small, layout.ink)
    paper.stack(left, at, foot[1:], small, layout.ink)


def _lot_lines(label: LabelView, say: Callable[[str], str]) -> list[str]:
    if not label.lot:
        return []
    if label.expires_on is None:
        return [say(N_("Lot or serial no. {lot}")).format(lot=label.lot)]
    return [say(N_("Lot {lot}, expires {day}")).format(lot=label.lot, day=label.expires_on.isoformat())]
