"""The table of a document's lines: columns by what the lines have, headings on each sheet, long texts split.

A row that does not fit is carried to the next sheet whole; only a text longer than a sheet is split. The last row
stays with the block of totals that follows it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from o2c_tui.documents.barcodes import draw_barcode
from o2c_tui.documents.layout import MM
from o2c_tui.documents.paper import Paper
from o2c_tui.documents.words import Speech
from o2c_tui.queries.document_view import ColumnView, DocumentKind, DocumentView, LineView, Shape, Telling
from o2c_tui.texts import N_

_GUTTER = 3 * MM  # between columns
_TICK = 3.6 * MM
_DESCRIPTION, _NARROWEST = 26 * MM, 14 * MM  # the description has at least so much; other texts give way down to this
_FIGURES = (Shape.QUANTITY, Shape.MONEY)
_WIDTHS = {  # of a document's own columns: least and most
    Shape.TEXT: (9 * MM, 30 * MM),
    Shape.QUANTITY: (14 * MM, 26 * MM),
    Shape.MONEY: (18 * MM, 34 * MM),
    Shape.TICK: (5 * MM, 5 * MM),
    Shape.WRITE: (24 * MM, 24 * MM),
    Shape.BARS: (42 * MM, 42 * MM),
}
_HEIGHTS = {Shape.TICK: 6 * MM, Shape.WRITE: 9.5 * MM, Shape.BARS: 12 * MM}  # of a row with one, at least
_PLAIN = ColumnView("")
_OF_DOCUMENTS = (
    DocumentKind.STATEMENT,
    DocumentKind.REMINDER,
)  # their lines are documents: what is told is a reference


@dataclass(frozen=True)
class Column:
    """One column: its heading and its place on the sheet."""

    name: str
    heading: str
    x: float
    width: float
    right: bool = False
    shape: Shape = Shape.TEXT
    strong: bool = False


@dataclass(frozen=True)
class Cell:
    """The broken lines of one cell."""

    column: Column
    lines: list[str]
    colour: str


@dataclass(frozen=True)
class Row:
    """One line of the document, broken: its cells, then the small lines beneath the description."""

    cells: list[Cell]
    small: list[str]
    height: float
    lead: float = 0.0  # above the text, where a box or a barcode makes the row higher


def line_table(paper: Paper, view: DocumentView, speech: Speech, keep: float) -> None:
    """Draw every line; `keep` is the height of what must stand on the sheet of the last row."""
    columns = _columns(paper, view, speech)
    _headings(paper, columns)
    last = len(view.lines) - 1
    for n, line in enumerate(view.lines):
        row = _row(paper, columns, view, line, speech)
        if paper.need(row.height + (keep if n == last else 0)):
            _headings(paper, columns)
        if row.height > paper.room:
            _split(paper, columns, row)
        else:
            _draw(paper, row)
        paper.rule(paper.left, paper.y, paper.right - paper.left, paper.layout.rule, 0.4)


def _columns(paper: Paper, view: DocumentView, speech: Speech) -> list[Column]:
    """The columns that this document's lines need, as wide as what stands in them; the description takes the rest."""
    layout = paper.layout
    wanted = [("position", N_("No."), 7 * MM, 12 * MM, False)]
    if any(line.code for line in view.lines):
        wanted.append(("code", N_("Item"), 14 * MM, 30 * MM, False))
    told = N_("Reference") if view.kind in _OF_DOCUMENTS else N_("Description")
    wanted.append(("description", told, 0.0, 0.0, False))
    if any(line.quantity is not None for line in view.lines):
        wanted.append(("quantity", N_("Quantity"), 12 * MM, 26 * MM, True))
    if any(line.unit for line in view.lines):
        wanted.append(("unit", N_("Unit"), 8 * MM, 16 * MM, False))
    if view.show_prices:
        wanted.append(("unit_price", N_("Unit price"), 15 * MM, 34 * MM, True))
        if any(line.discount_percent for line in view.lines):
            wanted.append(("discount_percent", N_("Disc."), 9 * MM, 14 * MM, True))
        if any(line.tax for line in view.lines):
            wanted.append(("tax", N_("Tax rate"), 9 * MM, 18 * MM, True))
        wanted.append(("net", N_("Amount {currency}"), 18 * MM, 38 * MM, True))
    own = {f"own{n}": column for n, column in enumerate(view.columns)}
    for key, column in own.items():
        least, most = _WIDTHS[column.shape]
        names = [name for name, *_ in wanted]
        at = names.index(column.before) if column.before in names else len(names)
        wanted.insert(at, (key, column.title, least, most, column.shape in _FIGURES))
    headings = [speech.say(heading, currency=view.currency) for _, heading, *_ in wanted]
    widths = []
    texts = [_cell_texts(line, speech, view.columns) for line in view.lines]
    for (name, _, least, most, _), heading in zip(wanted, headings, strict=True):
        widest = paper.face(True).width(paper.face(True).drawable(heading), layout.small_size)
        if most:
            shown = {row.get(name, "") for row in texts}
            face = paper.face(own[name].strong if name in own else False)
            widest = max(widest, *(face.width(face.drawable(text), layout.text_size) for text in shown))
        widths.append(min(max(widest, least), most))
    description = [name for name, *_ in wanted].index("description")
    room = paper.right - paper.left - _GUTTER * (len(wanted) - 1)
    texts_at = [
        n for n, (name, *_, right) in enumerate(wanted) if not right and own.get(name, _PLAIN).shape not in _DRAWN
    ]
    while (
        sum(widths) > room - _DESCRIPTION
        and (widest_at := max(texts_at, key=lambda n: widths[n], default=None)) is not None
    ):
        if widths[widest_at] <= _NARROWEST:
            break  # the widest text has no more to give
        widths[widest_at] = max(_NARROWEST, widths[widest_at] - max(sum(widths) - room + _DESCRIPTION, 0.1))
    widths[description] = max(room - sum(widths), _DESCRIPTION)
    columns, x = [], paper.left
    for (name, _, _, _, right), heading, width in zip(wanted, headings, widths, strict=True):
        mine = own.get(name, _PLAIN)
        columns.append(Column(name, heading, x, width, right, mine.shape, mine.strong))
        x += width + _GUTTER
    return columns


def _cell_texts(line: LineView, speech: Speech, own: Sequence[ColumnView] = ()) -> dict[str, str]:
    """What stands in each column of a line."""
    more = zip(own, line.more, strict=True) if line.more else ()
    return {
        **{f"own{n}": _own_text(column, value, speech) for n, (column, value) in enumerate(more)},
        "position": str(line.position),
        "code": line.code,
        "description": line.description,
        "quantity": "" if line.quantity is None else speech.quantity(line.quantity),
        "unit": line.unit,
        "unit_price": speech.price(line.unit_price),
        "discount_percent": speech.percent(line.discount_percent) if line.discount_percent else "",
        "tax": line.tax,
        "net": speech.money(line.net),
    }


def _own_text(column: ColumnView, value: Telling, speech: Speech) -> str:
    if column.shape is Shape.MONEY and isinstance(value, Decimal):
        return speech.money(value)
    return speech.tell(value)


def _headings(paper: Paper, columns: list[Column]) -> None:
    layout = paper.layout
    size = layout.small_size
    titles = [paper.lines(column.heading, column.width, size, bold=True) for column in columns]
    height = max(map(len, titles)) * size * layout.leading + 3.2 * MM
    paper.box(paper.left - 2 * MM, paper.y, paper.right - paper.left + 4 * MM, height, layout.tint)
    for column, lines in zip(columns, titles, strict=True):
        x = column.x + column.width if column.right else column.x
        paper.stack(x, paper.y + 1.5 * MM, lines, size, layout.accent, bold=True, right=column.right)
    paper.y += height


def _row(paper: Paper, columns: list[Column], view: DocumentView, line: LineView, speech: Speech) -> Row:
    layout = paper.layout
    texts = _cell_texts(line, speech, view.columns)
    cells, small = [], []
    for column in columns:
        colour = layout.muted if column.name in ("position", "unit", "tax") else layout.ink
        told = texts[column.name]
        broken = (
            [told] if column.shape is Shape.BARS else paper.lines(told, column.width, layout.text_size, column.strong)
        )
        cells.append(Cell(column, broken, colour))
        if column.name == "description" and (line.note or line.said):
            notes = "\n".join([line.note, *map(speech.tell, line.said)] if line.note else map(speech.tell, line.said))
            small = paper.lines(notes, column.width, layout.small_size)
    step = layout.text_size * layout.leading
    described = next(len(cell.lines) for cell in cells if cell.column.name == "description")
    text = max(max(len(cell.lines) for cell in cells) * step, described * step + _small_height(paper, small))
    least = max(_HEIGHTS.get(column.shape, 0.0) for column in columns) if view.columns else 0.0
    height = max(text + 2 * layout.row_pad, least)
    return Row(cells, small, height, (height - text) / 2 - layout.row_pad)


def _small_height(paper: Paper, small: list[str]) -> float:
    return len(small) * paper.layout.small_size * paper.layout.leading


def _draw(paper: Paper, row: Row) -> None:
    layout = paper.layout
    top = paper.y + layout.row_pad + row.lead
    for cell in row.cells:
        column = cell.column
        if column.shape in _DRAWN:
            _DRAWN[column.shape](paper, column, row, "".join(cell.lines))
            continue
        x = column.x + column.width if column.right else column.x
        end = paper.stack(x, top, cell.lines, layout.text_size, cell.colour, bold=column.strong, right=column.right)
        if column.name == "description" and row.small:
            paper.stack(x, end, row.small, layout.small_size, layout.muted)
    paper.y += row.height


def _tick(paper: Paper, column: Column, row: Row, text: str) -> None:
    """A small empty square."""
    side = _TICK
    paper.frame(column.x + (column.width - side) / 2, paper.y + (row.height - side) / 2, side, side)


def _write(paper: Paper, column: Column, row: Row, text: str) -> None:
    """An empty box as wide as the column."""
    paper.frame(column.x, paper.y + 1 * MM, column.width, row.height - 2 * MM)


def _bars(paper: Paper, column: Column, row: Row, text: str) -> None:
    """The text as a barcode; too long a one stays away."""
    draw_barcode(
        paper, text, column.x, paper.y + 1.5 * MM, column.width, min(row.height, _HEIGHTS[Shape.BARS]) - 3 * MM
    )


_DRAWN: dict[Shape, Callable[[Paper, Column, Row, str], None]] = {
    Shape.TICK: _tick,
    Shape.WRITE: _write,
    Shape.BARS: _bars,
}


def _split(paper: Paper, columns: list[Column], row: Row) -> None:
    """Draw a row longer than a sheet in parts: as many of its lines as each sheet holds."""
    layout = paper.layout
    step = layout.text_size * layout.leading
    cells, small = row.cells, row.small
    while True:
        fit = max(int((paper.room - 2 * layout.row_pad) / step), 1)
        part = [Cell(cell.column, cell.lines[:fit], cell.colour) for cell in cells]
        cells = [Cell(cell.column, cell.lines[fit:], cell.colour) for cell in cells]
        used = max(len(cell.lines) for cell in part)
        beneath: list[str] = []
        if not any(cell.lines for cell in cells):
            spare = max(int((paper.room - 2 * layout.row_pad - used * step) / (layout.small_size * layout.leading)), 0)
            beneath, small = small[:spare], small[spare:]
        _draw(paper, Row(part, beneath, used * step + _small_height(paper, beneath) + 2 * layout.row_pad))
        if not small and not any(cell.lines for cell in cells):
            return
        paper.turn()
        _headings(paper, columns)
