"""The owner's month as PDF: key figures, charts drawn as vectors, the few names that matter. Calm: one accent, one tint.

A function of the view alone: the same view, the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from o2c_tui.documents.layout import DEFAULT, MM
from o2c_tui.documents.paper import Paper, capped
from o2c_tui.documents.render import sheets
from o2c_tui.queries.owner_view import Chart, KeyFigure, OwnerView, SmallTable
from o2c_tui.texts import N_, catalogue

_LAYOUT = replace(
    DEFAULT, left=17 * MM, right=17 * MM, top=14 * MM, bottom=10 * MM, next_top=24 * MM, gap=8 * MM, text_size=8.6,
    small_size=7.4, row_pad=1.1 * MM,
)  # fmt: skip
_PALE = "#b9cfd6"  # the first share of a bar, beneath the accent
_GAP = 10 * MM  # between two things side by side
_ACROSS = 3  # key figures in a row
_COLUMNS_HIGH = 46 * MM
_BAR_HIGH = 3.4 * MM
_ROW_HIGH = 5.2 * MM
Block = Callable[[Paper, float, float], None]


def render_owner(view: OwnerView) -> bytes:
    """The pages as a PDF file (A4)."""
    return sheets(composed(view), view.title, view.company)


def composed(view: OwnerView) -> Paper:
    """The sheets, filled."""
    layout = _LAYOUT
    paper = Paper(layout, view.language, floor=layout.height - layout.bottom - 6 * MM, y=layout.top)
    nothing = catalogue(view.language).gettext(N_("Nothing here."))
    _head(paper, view)
    _key_figures(paper, view.figures)
    paper.keep(partial(_whole, block=partial(_columns, chart=view.months, nothing=nothing)))
    ages, weeks = partial(_bars, chart=view.ages, nothing=nothing), partial(_bars, chart=view.weeks, nothing=nothing)
    paper.keep(partial(_beside, left=ages, right=weeks))
    for n in range(0, len(view.tables), 2):
        pair = [partial(_table, table=table) for table in view.tables[n : n + 2]]
        paper.keep(partial(_beside, left=pair[0], right=pair[1] if len(pair) > 1 else None))
    paper.y += layout.gap
    for note in view.notes:
        lines = paper.lines(note, paper.right - paper.left, layout.small_size)
        paper.need(len(lines) * layout.small_size * layout.leading)
        paper.y = paper.stack(paper.left, paper.y, lines, layout.small_size, layout.muted)
    _edges(paper, view)
    return paper


def _head(paper: Paper, view: OwnerView) -> None:
    layout, width = paper.layout, paper.right - paper.left
    paper.y = paper.stack(
        paper.left, paper.y, paper.lines(view.company, width, 9, bold=True)[:1], 9, layout.accent, bold=True
    )
    paper.y = paper.stack(
        paper.left, paper.y + 1 * MM, paper.lines(view.title, width, 18, bold=True)[:2], 18, layout.ink, bold=True
    )
    told = "    ".join(f"{label} {value}" for label, value in view.facts)
    paper.y = paper.stack(paper.left, paper.y, [told], layout.text_size, layout.muted) + 4 * MM


def _key_figures(paper: Paper, figures: Sequence[KeyFigure]) -> None:
    layout = paper.layout
    width = (paper.right - paper.left - (_ACROSS - 1) * 4 * MM) / _ACROSS
    high = 17 * MM
    for n, figure in enumerate(figures):
        x = paper.left + n % _ACROSS * (width + 4 * MM)
        top = paper.y + n // _ACROSS * (high + 3 * MM)
        paper.box(x, top, width, high, layout.tint)
        paper.box(x, top, 0.7 * MM, high, layout.accent)
        inner = width - 6 * MM
        paper.stack(x + 4 * MM, top + 1.6 * MM, paper.lines(figure.label, inner, 7.4)[:1], 7.4, layout.muted)
        paper.stack(x + 4 * MM, top + 5 * MM, [figure.value], 13, layout.ink, bold=True)
        paper.stack(x + 4 * MM, top + 12 * MM, paper.lines(figure.before, inner, 6.6)[:1], 6.6, layout.muted)
    rows = -(-len(figures) // _ACROSS)
    paper.y += rows * (high + 3 * MM) - 3 * MM


def _whole(paper: Paper, *, block: Block) -> None:
    block(paper, paper.left, paper.right - paper.left)


def _beside(paper: Paper, *, left: Block, right: Block | None) -> None:
    """Two blocks side by side; the higher one says where the next begins."""
    top, width = paper.y, (paper.right - paper.left - _GAP) / 2
    left(paper, paper.left, width)
    ends = [paper.y]
    if right is not None:
        paper.y = top
        right(paper, paper.left + width + _GAP, width)
        ends.append(paper.y)
    paper.y = max(ends)


def _title(paper: Paper, x: float, width: float, title: str, keys: Sequence[str] = ()) -> None:
    layout = paper.layout
    size = 10.0
    paper.text(x, paper.y + size, title, size, layout.accent, bold=True)
    at = x + width
    for key, colour in reversed(list(zip(keys, (_PALE, layout.accent), strict=False))):
        text = paper.face().drawable(key)
        at -= paper.face().width(text, layout.small_size)
        paper.text(at, paper.y + size, text, layout.small_size, layout.muted)
        at -= 3.4 * MM
        paper.box(at, paper.y + size - 2.2 * MM, 2.2 * MM, 2.2 * MM, colour)
        at -= 4 * MM
    paper.y += size * layout.leading + 0.6 * MM
    paper.rule(x, paper.y, width, layout.rule)
    paper.y += 2 * MM


def _nothing(paper: Paper, x: float, nothing: str) -> None:
    paper.y = paper.stack(x, paper.y, [nothing], paper.layout.small_size, paper.layout.muted)


def _columns(paper: Paper, x: float, width: float, *, chart: Chart, nothing: str) -> None:
    """Standing bars, months from the left: the pale one is the whole, what stands in it a part; figures over and beneath."""
    layout, size = paper.layout, paper.layout.tiny_size
    _title(paper, x, width, chart.title, chart.keys)
    if not chart.bars:
        _nothing(paper, x, nothing)
        return
    each = width / len(chart.bars)
    deepest = -min(0.0, *(share for bar in chart.bars for share in bar.shares))
    unit = _COLUMNS_HIGH / (1 + deepest)
    base = paper.y + size * layout.leading + unit
    for n, bar in enumerate(chart.bars):
        middle = x + (n + 0.5) * each
        for share, colour, wide in zip(bar.shares, (_PALE, layout.accent), (0.62, 0.36), strict=False):
            if share:
                high = abs(share) * unit
                paper.box(middle - wide * each / 2, base - high if share > 0 else base, wide * each, high, colour)
        top = base - max(0.0, *bar.shares) * unit
        _centred(paper, middle, top - 0.8 * MM, bar.figures[0], size, layout.ink)
    low = base + deepest * unit
    paper.rule(x, base, width, layout.muted, 0.5)
    for n, bar in enumerate(chart.bars):
        middle = x + (n + 0.5) * each
        _centred(paper, middle, low + size + 1 * MM, bar.label, size, layout.muted)
        _centred(paper, middle, low + 2 * size + 2 * MM, bar.figures[1], size, layout.accent)
    paper.y = low + 2 * size + 3.5 * MM


def _centred(paper: Paper, x: float, y: float, text: str, size: float, colour: str) -> None:
    if text:
        plain = paper.face().drawable(text)
        paper.text(x - paper.face().width(plain, size) / 2, y, plain, size, colour)


def _bars(paper: Paper, x: float, width: float, *, chart: Chart, nothing: str) -> None:
    """Lying bars with their label before and their figures after them; of two shares the second lies beneath the first."""
    layout, size = paper.layout, paper.layout.small_size
    face = paper.face()
    _title(paper, x, width, chart.title, chart.keys)
    if not chart.bars:
        _nothing(paper, x, nothing)
        return
    label = max(face.width(face.drawable(bar.label), size) for bar in chart.bars) + 3 * MM
    heads = chart.heads or ("",) * len(chart.bars[0].figures)
    rooms = [
        max(face.width(face.drawable(text), size) for text in (head, *(bar.figures[n] for bar in chart.bars))) + 3 * MM
        for n, head in enumerate(heads)
    ]
    room = width - label - sum(rooms)
    if chart.heads:
        at = x + label + room
        for head, wide in zip(heads, rooms, strict=True):
            at += wide
            paper.text(at, paper.y + size, head, size, layout.muted, right=True)
        paper.y += size * layout.leading + 1 * MM
    colours = (layout.accent,) if len(chart.bars[0].shares) == 1 else (_PALE, layout.accent)
    for bar in chart.bars:
        baseline = paper.y + _BAR_HIGH / 2 + size * 0.36
        paper.text(x, baseline, bar.label, size, layout.muted)
        deep = _BAR_HIGH / len(bar.shares)
        for n, (share, colour) in enumerate(zip(bar.shares, colours, strict=False)):
            if share > 0:
                paper.box(x + label, paper.y + n * deep, share * room, deep, colour)
        at = x + label + room
        for figure, wide in zip(bar.figures, rooms, strict=True):
            at += wide
            paper.text(at, baseline, figure, size, layout.ink, right=True)
        paper.y += _ROW_HIGH
    if chart.note:
        paper.y = paper.stack(x, paper.y + 1 * MM, paper.lines(chart.note, width, size), size, layout.muted)


def _table(paper: Paper, x: float, width: float, *, table: SmallTable) -> None:
    layout, size = paper.layout, paper.layout.small_size
    _title(paper, x, width, table.title)
    if not table.rows:
        _nothing(paper, x, table.empty)
        return
    face = paper.face()
    rooms = [
        max(face.width(face.drawable(row[n]), size) for row in (table.heads, *table.rows)) + 3.5 * MM
        for n in range(1, len(table.heads))
    ]
    named = width - sum(rooms)
    for n, row in enumerate((table.heads, *table.rows)):
        colour = layout.muted if n == 0 else layout.ink
        lines = capped(paper.lines(row[0], named, size), 2)
        paper.stack(x, paper.y, lines, size, colour)
        at = x + named
        for text, wide in zip(row[1:], rooms, strict=True):
            at += wide
            paper.stack(at, paper.y, [text], size, colour, right=True)
        paper.y += max(1, len(lines)) * size * layout.leading + 1.2 * MM
        paper.rule(x, paper.y - 0.6 * MM, width, layout.rule, 0.3)


def _edges(paper: Paper, view: OwnerView) -> None:
    """Foot and running head on every sheet, now that their number is known."""
    layout, size = paper.layout, paper.layout.tiny_size
    everything, paper.pages = paper.pages, []
    width = paper.right - paper.left
    words = catalogue(view.language).gettext(N_("Page {page} of {pages}"))
    for number, page in enumerate(everything, start=1):
        paper.pages.append(page)
        y = layout.height - layout.bottom - size * layout.leading
        paper.rule(paper.left, y - 1.6 * MM, width, layout.rule)
        paper.stack(paper.left, y, paper.lines(view.company, width * 0.7, size)[:1], size, layout.muted)
        paper.stack(paper.right, y, [words.format(page=number, pages=len(everything))], size, layout.muted, right=True)
        if number > 1:
            paper.stack(paper.left, layout.top, paper.lines(view.title, width, 8)[:1], 8, layout.muted)
