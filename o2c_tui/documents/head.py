"""The upper part of the first sheet: company, address in the window, facts, the other address, the title."""

from __future__ import annotations

from o2c_tui.documents.layout import MM
from o2c_tui.documents.paper import Paper, capped
from o2c_tui.documents.words import Speech
from o2c_tui.queries.document_view import DocumentKind, DocumentView, Telling
from o2c_tui.texts import N_

_NAME_SIZE = 15.0
_LEAST_SIZE = 5.4  # of the sender's line, to stay on one line


def head(paper: Paper, view: DocumentView, speech: Speech, *, logo: bool) -> None:
    """Everything above the lines; a long address pushes the title down. The logo itself is drawn elsewhere."""
    layout = paper.layout
    if not logo:
        name = paper.lines(view.company.name, paper.right - paper.left, _NAME_SIZE, bold=True)
        paper.stack(paper.left, layout.top, capped(name, 2), _NAME_SIZE, layout.accent, bold=True)
    paper.y = max(_addresses(paper, view, speech), _facts(paper, view, speech)) + layout.gap
    paper.y = max(paper.y, layout.body_top)
    _title(paper, view, speech)


def _addresses(paper: Paper, view: DocumentView, speech: Speech) -> float:
    """Whom the envelope goes to, beneath the sender's line; then the other address. The y beneath comes back.

    Goods travel with their delivery note, so there the delivery address stands in the window.
    """
    layout, company = paper.layout, view.company
    with_goods = view.kind == DocumentKind.DELIVERY_NOTE and bool(view.ship_to.strip())
    first, other = (view.ship_to, view.bill_to) if with_goods else (view.bill_to, view.ship_to)
    sender = " · ".join(part.strip() for part in [company.name, *company.address.splitlines()] if part.strip())
    plain = paper.face().drawable(sender)
    size = min(layout.tiny_size, max(_LEAST_SIZE, layout.window_width / max(paper.face().width(plain, 1), 1)))
    senders = capped(paper.lines(sender, layout.window_width, size - 0.01), 2)
    y = paper.stack(
        paper.left, layout.window_top - len(senders) * size * layout.leading, senders, size - 0.01, layout.muted
    )
    paper.rule(paper.left, y + 0.6 * MM, layout.window_width, layout.rule)
    y = _address(paper, y + 3 * MM, first, layout.text_size + 0.8)
    if not other.strip() or other.strip() == first.strip():
        return y
    label = speech.say(speech.kind.other)
    y = max(y + 4 * MM, layout.window_top + 28 * MM)
    y = paper.stack(paper.left, y, [label], layout.small_size, layout.accent, bold=True)
    return _address(paper, y, other, layout.small_size + 0.4)


def _address(paper: Paper, y: float, text: str, size: float) -> float:
    """A name in bold and what follows it; the y beneath comes back."""
    layout = paper.layout
    name, _, rest = text.strip().replace("\r\n", "\n").partition("\n")
    names = capped(paper.lines(name, layout.window_width, size, bold=True), 6)
    y = paper.stack(paper.left, y, names, size, layout.ink, bold=True)
    return paper.stack(paper.left, y, capped(paper.lines(rest, layout.window_width, size), 12), size, layout.ink)


def facts(view: DocumentView, speech: Speech) -> list[tuple[str, str]]:
    """Marked label and text of each fact that the document has."""
    party = view.customer
    rows: list[tuple[str, Telling]] = [
        (speech.kind.number, speech.number),
        (N_("Date"), view.date),
        (N_("Amended on"), view.amended_on),
        (N_("Valid until"), view.valid_until),
        (N_("Due date"), view.due_on),
        (speech.kind.party, party.code),
        (N_("Contact"), party.contact),
        (N_("Your tax no."), party.tax_id),
        *view.references,
    ]
    told = ((label, speech.tell(value)) for label, value in rows)
    return [(label, text) for label, text in told if text.strip()]


def _facts(paper: Paper, view: DocumentView, speech: Speech) -> float:
    """The reference block on the right: label and text, row by row; the y beneath comes back."""
    layout = paper.layout
    rows = facts(view, speech)
    x, y, size = layout.facts_left, layout.window_top - layout.text_size, layout.text_size
    for label, text in rows:
        labels = paper.lines(speech.say(label), layout.facts_label - 2 * MM, layout.small_size)
        bold = label == speech.kind.number
        lines = capped(paper.lines(text, paper.right - x - layout.facts_label, size, bold), 6)
        below = paper.stack(x, y + size - layout.small_size, capped(labels, 3), layout.small_size, layout.muted)
        y = max(below, paper.stack(x + layout.facts_label, y, lines, size, layout.ink, bold=bold)) + 0.6 * MM
    return y


def _title(paper: Paper, view: DocumentView, speech: Speech) -> None:
    """The kind of the document, large, and its number beside it."""
    layout, title = paper.layout, speech.say(speech.kind.title)
    size = layout.title_size
    paper.text(paper.left, paper.y + size, title, size, layout.ink, bold=True)
    beside = paper.left + paper.face(True).width(title, size) + 3.5 * MM
    number = paper.lines(speech.number, paper.right - beside, size * 0.62)
    paper.text(beside, paper.y + size, number[0] if number else "", size * 0.62, layout.muted)
    paper.y += size * layout.leading + 3 * MM
