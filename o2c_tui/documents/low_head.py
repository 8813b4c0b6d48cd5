"""The head of a paper that stays in the house: no window for an envelope, but the title, barcodes and facts."""

from __future__ import annotations

from o2c_tui.documents.barcodes import draw_barcode, width_of
from o2c_tui.documents.head import facts
from o2c_tui.documents.layout import MM
from o2c_tui.documents.paper import Paper, capped
from o2c_tui.documents.words import Speech
from o2c_tui.queries.document_view import DocumentView

_BARS = 11 * MM  # how high
_WIDE = 62 * MM  # how wide one may be beside the title
_LABEL = 30 * MM


def low_head(paper: Paper, view: DocumentView, speech: Speech, *, logo: bool) -> None:
    """Company, title and number on the left, the barcode of one document on the right; then the facts in two columns.

    The barcodes of several documents stand three in a row beneath the facts.
    """
    layout = paper.layout
    left = paper.right - paper.left - (_WIDE if view.barcodes else 0)
    paper.y = layout.top + (layout.logo_height if logo else 0)
    if not logo:
        name = capped(paper.lines(view.company.name, left - 4 * MM, layout.text_size + 1, bold=True), 2)
        paper.y = paper.stack(paper.left, paper.y, name, layout.text_size + 1, layout.accent, bold=True)
    if len(view.barcodes) == 1:
        code, caption = view.barcodes[0]
        wide, quiet = width_of(code, _WIDE - 2 * MM)
        _bars(paper, code, caption, paper.right - wide + 2 * quiet, layout.top)
    paper.y = max(paper.y, layout.top) + layout.gap
    title, size = speech.say(speech.kind.title), layout.title_size
    paper.text(paper.left, paper.y + size, title, size, layout.ink, bold=True)
    beside = paper.left + paper.face(True).width(title, size) + 3.5 * MM
    number = paper.lines(speech.number, paper.right - beside - 6 * MM, size * 0.62)
    shown = f"{number[0].rstrip(', ')}, …" if len(number) > 1 else "".join(number)
    paper.text(beside, paper.y + size, shown, size * 0.62, layout.muted)
    paper.y += size * layout.leading + 3 * MM
    _facts(paper, view, speech)
    if len(view.barcodes) > 1:
        _several(paper, view)
    paper.y += 2 * MM


def _facts(paper: Paper, view: DocumentView, speech: Speech) -> None:
    """Label and text in two columns, the first half of them on the left."""
    layout, size = paper.layout, paper.layout.text_size
    half = (paper.right - paper.left) / 2
    rows = facts(view, speech)
    middle = (len(rows) + 1) // 2
    ends = [paper.y]
    for x, column in ((paper.left, rows[:middle]), (paper.left + half, rows[middle:])):
        y = paper.y
        for label, text in column:
            labels = capped(paper.lines(speech.say(label), _LABEL - 2 * MM, layout.small_size), 3)
            lines = capped(paper.lines(text, half - _LABEL - 3 * MM, size), 6)
            below = paper.stack(x, y + size - layout.small_size, labels, layout.small_size, layout.muted)
            y = max(below, paper.stack(x + _LABEL, y, lines, size, layout.ink)) + 0.6 * MM
        ends.append(y)
    paper.y = max(ends)


def _several(paper: Paper, view: DocumentView) -> None:
    """The barcode and caption of each document, three in a row."""
    third = (paper.right - paper.left) / 3
    for start in range(0, len(view.barcodes), 3):
        row = view.barcodes[start : start + 3]
        paper.need(_BARS + 8 * MM)
        top = paper.y + 2 * MM
        paper.y = max(
            _bars(paper, code, told, paper.left + n * third, top, third) for n, (code, told) in enumerate(row)
        )
    paper.y += 1 * MM


def _bars(paper: Paper, code: str, caption: str, x: float, y: float, most: float = _WIDE) -> float:
    """One barcode, its first bar at `x`, with its code and a caption beneath; the y beneath comes back."""
    layout, size = paper.layout, paper.layout.small_size
    wide, quiet = width_of(code, most - 2 * MM)
    draw_barcode(paper, code, x - quiet, y, most - 2 * MM, _BARS)
    lines = [*paper.lines(code, most, size, bold=True)[:1], *capped(paper.lines(caption, most - 4 * MM, size), 2)]
    return paper.stack(x, y + (_BARS if wide else 0) + 0.6 * MM, lines, size, layout.muted)
