"""One document, one PDF: a function of the document's view and the layout, the same bytes each time.

No clock, no settings, no books: everything the sheet shows is in the view. Texts are drawn as they are; no library
parses them as markup. Only the fonts beside this module are embedded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from io import BytesIO
from typing import Any

from o2c_tui.documents import fonts
from o2c_tui.documents.closing import opening, prose, signatures, signed
from o2c_tui.documents.edges import draw_edges, foot_columns, foot_top
from o2c_tui.documents.head import head
from o2c_tui.documents.layout import DEFAULT, MM, Layout, tightened
from o2c_tui.documents.low_head import low_head
from o2c_tui.documents.paper import Box, Paper, Pattern, Text
from o2c_tui.documents.table import line_table
from o2c_tui.documents.totals import ages, schedule, shares, totals
from o2c_tui.documents.words import Speech
from o2c_tui.queries.document_view import DocumentView
from o2c_tui.texts import LANGUAGES, N_

_SHORT = 3  # sheets: so few are worth a second try with less air
_MOST_PIXELS = 16_000_000  # of a logo: a small file may unpack to gigabytes


def render(view: DocumentView, layout: Layout = DEFAULT) -> bytes:
    """The document as a PDF file (A4). A logo that cannot be read gives way to the company's name."""
    return render_together([view], layout)


def render_together(views: Sequence[DocumentView], layout: Layout = DEFAULT) -> bytes:
    """Several documents as one PDF file, each from a sheet of its own on; it bears the title of the first."""
    bound: list[tuple[Paper, Callable[[Any, int], None]]] = []
    for view in views:
        logo = _logo(view.company.logo)
        paper, speech = _composed(view, layout, logo=logo is not None)
        if 1 < len(paper.pages) <= _SHORT:
            tight, _ = _composed(view, tightened(layout), logo=logo is not None)
            paper = tight if len(tight.pages) < len(paper.pages) else paper
        bound.append((paper, partial(_dress, paper=paper, view=view, speech=speech, logo=logo)))
    first = Speech(views[0])
    return _bound(bound, f"{first.say(first.kind.title)} {first.number}", views[0].company.name)


def missing_glyphs(view: DocumentView) -> frozenset[str]:
    """The characters of the document that no embedded font has; the sheet shows a sign of replacement for each."""
    return frozenset().union(*(fonts.missing(text) for text in _texts(view)))


def _composed(view: DocumentView, layout: Layout, *, logo: bool) -> tuple[Paper, Speech]:
    """All blocks in order, on as many sheets as they need."""
    speech = Speech(view)
    paper = Paper(layout, view.language, floor=layout.height)
    columns = foot_columns(paper, view, speech)
    paper.floor = foot_top(paper, columns) - 3 * MM
    (head if view.bill_to.strip() else low_head)(paper, view, speech, logo=logo)

    sums = partial(totals, view=view, speech=speech)
    priced = view.show_prices or view.show_total
    if view.letter:
        opening(paper, view.letter)
    if view.lines:
        line_table(paper, view, speech, keep=layout.gap + paper.height(sums) if priced else 0)
    if priced:
        paper.keep(sums)
    ages(paper, view, speech)
    schedule(paper, view, speech)
    shares(paper, view, speech)
    reasons = "\n".join(speech.tell(reason) for reason in view.tax_reasons)
    for title, text in ((N_("Tax"), reasons), (N_("Payment terms"), view.terms), (N_("Notes"), view.notes)):
        if text.strip():
            paper.y += layout.gap
            prose(paper, speech, title, text)
    for sentence in signed(view.kind):
        paper.keep(partial(signatures, speech=speech, sentence=sentence))
    draw_edges(paper, view, speech, columns)
    return paper, speech


def _dress(canvas: Any, number: int, *, paper: Paper, view: DocumentView, speech: Speech, logo: Any) -> None:
    """What lies beneath the text of a sheet."""
    if view.watermark:
        _watermark(canvas, paper, speech.say(view.watermark))
    if number == 0 and logo is not None:
        _place_logo(canvas, paper.layout, logo)


def sheets(paper: Paper, title: str, author: str, dress: Callable[[Any, int], None] | None = None) -> bytes:
    """Filled sheets as a file; `dress` draws on each what its text stands on."""
    return _bound([(paper, dress)], title, author)


def _bound(papers: Sequence[tuple[Paper, Callable[[Any, int], None] | None]], title: str, author: str) -> bytes:
    """Papers, one after the other, through ReportLab in its invariant mode."""
    from reportlab import rl_config
    from reportlab.pdfgen.canvas import Canvas

    rl_config.useA85 = 0  # streams of bytes, not of letters: a fifth smaller
    first, out = papers[0][0], BytesIO()
    canvas = Canvas(
        out,
        pagesize=(first.layout.width, first.layout.height),
        initialFontName=first.face().first,
        invariant=1,
        pageCompression=1,
        lang=(first.language if first.language in LANGUAGES else "en").replace("_", "-"),
    )
    canvas.setTitle(first.face().drawable(title))
    canvas.setAuthor(first.face().drawable(author))
    canvas.setSubject("")
    canvas.setCreator("o2c")
    canvas.setProducer("o2c")
    for paper, dress in papers:
        for number, page in enumerate(paper.pages):
            if dress is not None:
                dress(canvas, number)
            _draw(canvas, paper, page)
            canvas.showPage()
    canvas.save()
    return out.getvalue()


def _draw(canvas: Any, paper: Paper, page: list[Text | Box | Pattern]) -> None:
    """Rectangles first, then all text over them in one go.

    Colours and places are written as operators here: ReportLab's own setters format each number anew and measure each
    text again, which was a third of the drawing.
    """
    height = paper.layout.height
    line = canvas.beginText()
    colour, font = "", ("", 0.0)
    for item in page:
        if isinstance(item, Box):
            canvas._code.append(_fill(item.colour))
            canvas.rect(item.x, height - item.y - item.height, item.width, item.height, stroke=0, fill=1)
        elif isinstance(item, Pattern):
            _draw_pattern(canvas, item, height)
        elif item.text:
            face = paper.face(item.bold)
            if item.colour != colour:
                colour = item.colour
                line._code.append(_fill(colour))
            x = item.x - face.width(item.text, item.size) if item.right else item.x
            line._code.append(f"1 0 0 1 {x:.2f} {height - item.y:.2f} Tm")
            font = _write(line, face, item.text, item.size, font)
    canvas.drawText(line)


def _draw_pattern(canvas: Any, item: Pattern, height: float) -> None:
    """Its boxes as one shape in whole numbers, on a grid of its own: hundreds of them cost no more than a few rules."""
    path = canvas.beginPath()
    for left, top, width in item.boxes:
        path._code.append(f"{left} {-top - 1} {width} 1.01 re")  # its own way writes each number as a decimal
    canvas.saveState()
    canvas.translate(item.x, height - item.y)
    canvas.scale(item.step, item.step)
    canvas.setFillColorRGB(0, 0, 0)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()


def _write(
    line: Any, face: fonts.Face, text: str, size: float, font: tuple[str, float] = ("", 0.0)
) -> tuple[str, float]:
    """One line, piece by piece where its characters are in several files; `font` is what was set last and comes back."""
    for name, piece in face.runs(text):
        if (name, size) != font:
            font = name, size
            line.setFont(*font)
        line._textOut(piece)
    return font


@cache
def _fill(code: str) -> str:
    return "{:.3g} {:.3g} {:.3g} rg".format(*_colour(code))


@cache
def _colour(code: str) -> tuple[float, float, float]:
    """A colour of the layout, "#rrggbb", as shares of red, green and blue."""
    red, green, blue = bytes.fromhex(code.removeprefix("#"))
    return red / 255, green / 255, blue / 255


def _watermark(canvas: Any, paper: Paper, text: str) -> None:
    """A word across the sheet, beneath everything else."""
    layout, face = paper.layout, paper.face(True)
    plain = face.drawable(text.replace("\n", " "))
    size = min(120.0, 0.86 * layout.width / max(face.width(plain, 1), 0.01))
    canvas.saveState()
    canvas.translate(layout.width / 2, layout.height / 2)
    canvas.rotate(48)
    line = canvas.beginText(-face.width(plain, size) / 2, -size / 3)
    line.setFillColor(_colour(layout.shadow))
    _write(line, face, plain, size)
    canvas.drawText(line)
    canvas.restoreState()


def _logo(data: bytes | None) -> Any:
    """The company's picture, or None where there is none that can be read."""
    if not data:
        return None
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    try:
        picture = Image.open(BytesIO(data), formats=("PNG", "JPEG"))
        if picture.width * picture.height > _MOST_PIXELS:
            return None
        picture.load()
        return ImageReader(picture)
    except Exception:  # a damaged file raises whatever its decoder meets; the document goes out without it
        return None


def _place_logo(canvas: Any, layout: Layout, logo: Any) -> None:
    """Upper left, as large as its frame allows, its shape kept."""
    width, height = logo.getSize()
    scale = min(layout.logo_width / width, layout.logo_height / height)
    y = layout.height - layout.top - height * scale
    canvas.drawImage(logo, layout.left, y, width * scale, height * scale, mask="auto")


def _texts(value: Any) -> Iterator[str]:
    """Every text inside a view, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _texts(part)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from _texts(getattr(value, name))
