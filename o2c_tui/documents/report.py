"""A report as PDF: title and facts, the columns on their points, headings on every sheet, totals, page x of y.

A function of the view alone: the same view, the same bytes. Upright where the columns fit, else lying; where they fit
neither way texts are broken into lines, and at last the type gets smaller. Figures are never broken or cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from o2c_tui.documents.layout import DEFAULT, MM, Layout
from o2c_tui.documents.paper import Paper, capped
from o2c_tui.documents.render import sheets
from o2c_tui.queries.table_view import TableView
from o2c_tui.texts import N_, catalogue

_UPRIGHT = replace(
    DEFAULT,
    left=15 * MM,
    right=15 * MM,
    top=13 * MM,
    bottom=10 * MM,
    next_top=22 * MM,
    row_pad=0.75 * MM,
    title_size=16,
    text_size=8,
    small_size=7.2,
)
_SIZES = (1.0, 0.92, 0.84, 0.76, 0.68)  # of the type, until the figures fit
_GUTTER = 3.4 * MM
_BAR = 52 * MM  # the longest bar
_LEAST_TEXT = 17 * MM  # a column of texts is not made narrower while the type can shrink
_MOST_LINES = 6  # of one cell


@dataclass(frozen=True)
class _Column:
    """Where a column stands; `tail` is the room for what follows the point."""

    x: float
    width: float
    is_figure: bool
    tail: float = 0.0
    is_bar: bool = False


def render_report(view: TableView) -> bytes:
    """The report as a PDF file (A4)."""
    return sheets(composed(view), view.title, view.company)


def composed(view: TableView) -> Paper:
    """The sheets, filled."""
    paper, columns = _laid_out(view)
    _head(paper, view)
    _table(paper, view, columns)
    if view.notes:
        paper.y += 2.5 * MM
    for note in view.notes:
        lines = paper.lines(note, paper.right - paper.left, paper.layout.small_size)
        height = len(lines) * paper.layout.small_size * paper.layout.leading
        paper.need(height)
        paper.y = paper.stack(paper.left, paper.y, lines, paper.layout.small_size, paper.layout.muted) + 0.8 * MM
    _edges(paper, view)
    return paper


def _lying(layout: Layout) -> Layout:
    return replace(layout, width=layout.height, height=layout.width)


def _laid_out(view: TableView) -> tuple[Paper, list[_Column]]:
    """A fresh sheet on which the columns fit, and where they stand."""
    for size in _SIZES:
        for layout in (_UPRIGHT, _lying(_UPRIGHT)):
            scaled = replace(layout, text_size=layout.text_size * size, small_size=layout.small_size * size)
            paper = Paper(scaled, view.language, floor=scaled.height - scaled.bottom - 6 * MM, y=scaled.top)
            natural = _natural(paper, view)
            room = paper.right - paper.left - _GUTTER * (len(natural) - 1)
            if sum(width for width, _ in natural) <= room:
                return paper, _placed(paper, view, natural, room)
        narrowed = _narrowed(view, natural, room)
        if narrowed is not None or size == _SIZES[-1]:
            return paper, _placed(paper, view, narrowed or natural, room)
    raise AssertionError("the last size is always taken")


def _natural(paper: Paper, view: TableView) -> list[tuple[float, float]]:
    """For each column the width of its widest text, and of the widest end after the point."""
    size, found = paper.layout.text_size, []
    regular, bold = paper.face(), paper.face(True)
    for n, column in enumerate(view.columns):
        if column.is_bar:
            found.append((_BAR, 0.0))
            continue
        texts = {row[n].strip() for row in view.rows}
        total = view.totals[n].strip() if view.totals else ""
        heading = max(
            (bold.width(bold.drawable(word), paper.layout.small_size) for word in [column.heading]), default=0
        )
        if not column.is_figure:
            widest = max((regular.width(regular.drawable(text), size) for text in texts), default=0.0)
            found.append((max(widest, heading, bold.width(bold.drawable(total), size)) + 0.2, 0.0))
            continue
        heads = tails = 0.0
        for text, face in [*((text, regular) for text in texts), (total, bold)]:
            whole, point, rest = text.partition(".")
            heads = max(heads, face.width(whole, size))
            tails = max(tails, face.width(point + rest, size))
        found.append((max(heads + tails, heading) + 0.2, tails))
    return found


def _narrowed(view: TableView, natural: Sequence[tuple[float, float]], room: float) -> list[tuple[float, float]] | None:
    """The columns with texts made as narrow as it takes, the widest first; None where that is too narrow to read."""
    figures = sum(width for (width, _), column in zip(natural, view.columns, strict=True) if column.is_figure)
    texts = sorted(width for (width, _), column in zip(natural, view.columns, strict=True) if not column.is_figure)
    left, share = room - figures, 0.0
    for n, width in enumerate(texts):
        share = left / (len(texts) - n)
        if width >= share:
            break
        left -= width
    if share < _LEAST_TEXT:
        return None
    return [
        (width if column.is_figure else min(width, share), tail)
        for (width, tail), column in zip(natural, view.columns, strict=True)
    ]


def _placed(paper: Paper, view: TableView, widths: Sequence[tuple[float, float]], room: float) -> list[_Column]:
    """The columns over the whole width: what is left over goes to the gaps, the same to each, up to a measure."""
    spare = max(0.0, room - sum(width for width, _ in widths))
    gap = _GUTTER + min(spare / max(1, len(widths) - 1), 14 * MM)
    columns, x = [], paper.left
    for (width, tail), column in zip(widths, view.columns, strict=True):
        columns.append(_Column(x, width, column.is_figure, tail, column.is_bar))
        x += width + gap
    return columns


def _head(paper: Paper, view: TableView) -> None:
    layout = paper.layout
    width = paper.right - paper.left
    name = paper.lines(view.company, width, 9, bold=True)[:1]
    paper.y = paper.stack(paper.left, layout.top, name, 9, layout.accent, bold=True) + 1.5 * MM
    title = paper.lines(view.title, width, layout.title_size, bold=True)
    paper.y = paper.stack(paper.left, paper.y, title, layout.title_size, layout.ink, bold=True) + 0.5 * MM
    x = paper.left
    for label, value in view.facts:
        size = 8.4
        needed = paper.face().width(paper.face().drawable(f"{label} {value}"), size) + 6 * MM
        if x > paper.left and x + needed > paper.right:
            x, paper.y = paper.left, paper.y + size * layout.leading
        paper.text(x, paper.y + size, label, size, layout.muted)
        after = x + paper.face().width(paper.face().drawable(f"{label} "), size)
        paper.text(after, paper.y + size, value, size, layout.ink)
        x += needed
    paper.y += 8.4 * layout.leading + 3.5 * MM


def _table(paper: Paper, view: TableView, columns: Sequence[_Column]) -> None:
    layout = paper.layout
    _headings(paper, view, columns)
    if not view.rows:
        words = catalogue(view.language).gettext(N_("Nothing here."))
        paper.y = paper.stack(paper.left, paper.y + 2 * MM, [words], layout.text_size, layout.muted) + 2 * MM
    last = len(view.rows) - 1
    for n, row in enumerate(view.rows):
        cells = [_broken(paper, text, column) for text, column in zip(row, columns, strict=True)]
        height = max(len(lines) for lines in cells) * layout.text_size * layout.leading + 2 * layout.row_pad
        after = layout.text_size * layout.leading + 2 * layout.row_pad if n == last and view.totals else 0
        if paper.need(height + after):
            _headings(paper, view, columns)
        _row(paper, columns, cells)
        paper.y += height
        paper.rule(paper.left, paper.y, paper.right - paper.left, layout.rule, 0.3)
    if view.totals:
        cells = [[text.strip()] if text.strip() else [] for text in view.totals]
        paper.rule(paper.left, paper.y, paper.right - paper.left, layout.accent, 0.8)
        paper.y += 0.4 * MM
        _row(paper, columns, cells, bold=True)
        paper.y += layout.text_size * layout.leading + 2 * layout.row_pad


def _broken(paper: Paper, text: str, column: _Column) -> list[str]:
    if column.is_figure or column.is_bar:
        return [text.strip()] if text.strip() else []
    return capped(paper.lines(text, column.width, paper.layout.text_size), _MOST_LINES)


def _row(paper: Paper, columns: Sequence[_Column], cells: Sequence[list[str]], *, bold: bool = False) -> None:
    layout = paper.layout
    size, top = layout.text_size, paper.y + layout.row_pad
    for column, lines in zip(columns, cells, strict=True):
        if column.is_bar:
            for text in lines:
                _bar(paper, column, float(text), top)
        elif not column.is_figure:
            paper.stack(column.x, top, lines, size, layout.ink, bold=bold)
        elif lines:
            whole, _point, _rest = lines[0].partition(".")
            at = column.x + column.width - column.tail - paper.face(bold).width(whole, size)
            paper.text(at, top + size, lines[0], size, layout.muted if lines == ["-"] else layout.ink, bold=bold)


def _bar(paper: Paper, column: _Column, share: float, top: float) -> None:
    """A bar as long as its share of the longest; below nothing it is only an outline, so that its sign needs no colour."""
    layout = paper.layout
    width, height = column.width * min(1.0, abs(share)), layout.text_size * 0.8
    y, line = top + layout.text_size * 0.25, 0.6
    if share > 0:
        paper.box(column.x, y, width, height, layout.accent)
    elif share < 0:
        for at in (y, y + height - line):
            paper.box(column.x, at, width, line, layout.accent)
        for x in (column.x, column.x + width - line):
            paper.box(x, y, line, height, layout.accent)


def _headings(paper: Paper, view: TableView, columns: Sequence[_Column]) -> None:
    layout = paper.layout
    size = layout.small_size
    titles = [
        paper.lines(told.heading, column.width + 0.1, size, bold=True)
        for told, column in zip(view.columns, columns, strict=True)
    ]
    height = max(map(len, titles), default=1) * size * layout.leading + 2.4 * MM
    paper.box(paper.left - 1.5 * MM, paper.y, paper.right - paper.left + 3 * MM, height, layout.tint)
    for column, lines in zip(columns, titles, strict=True):
        x = column.x + column.width if column.is_figure else column.x
        paper.stack(x, paper.y + 1.1 * MM, lines, size, layout.accent, bold=True, right=column.is_figure)
    paper.y += height


def _edges(paper: Paper, view: TableView) -> None:
    """Foot and running head on every sheet, now that their number is known."""
    layout, size = paper.layout, paper.layout.tiny_size
    everything, paper.pages = paper.pages, []
    width = paper.right - paper.left
    told = "   ".join([view.title, *(f"{label} {value}" for label, value in view.facts[:2])])
    for number, page in enumerate(everything, start=1):
        paper.pages.append(page)
        y = layout.height - layout.bottom - size * layout.leading
        paper.rule(paper.left, y - 1.6 * MM, width, layout.rule)
        foot = view.company if number > 1 else ""
        paper.stack(paper.left, y, paper.lines(foot, width * 0.7, size)[:1], size, layout.muted)
        count = (
            catalogue(view.language).gettext(N_("Page {page} of {pages}")).format(page=number, pages=len(everything))
        )
        paper.stack(paper.right, y, [count], size, layout.muted, right=True)
        if number > 1:
            lines = paper.lines(told, width, layout.small_size)[:1]
            paper.stack(paper.left, layout.top, lines, layout.small_size, layout.muted)
