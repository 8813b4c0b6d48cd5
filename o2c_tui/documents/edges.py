"""The edges of every sheet: the foot with the company's data, and the line atop each sheet after the first."""

from __future__ import annotations

from o2c_tui.documents.layout import MM
from o2c_tui.documents.paper import Paper, capped
from o2c_tui.documents.words import Speech
from o2c_tui.queries.document_view import DocumentView
from o2c_tui.texts import N_

_MOST = 6  # lines of one column of the foot


def foot_columns(paper: Paper, view: DocumentView, speech: Speech) -> list[list[str]]:
    """Name and address, contact and tax number, bank: broken to a third of the width, at most six lines each."""
    company = view.company
    tax = speech.say(N_("Tax no. {number}"), number=company.tax_id) if company.tax_id else ""
    texts = (
        "\n".join((company.name, company.address)),
        "\n".join(part for part in (company.contact.strip(), tax) if part),
        "\n".join(company.bank_lines),
    )
    width = (paper.right - paper.left - 8 * MM) / 3
    return [capped(paper.lines(text.strip(), width, paper.layout.tiny_size), _MOST) for text in texts]


def foot_top(paper: Paper, columns: list[list[str]]) -> float:
    """Where the foot starts: the company's lines and one line for page and mark."""
    layout = paper.layout
    rows = max(map(len, columns)) + 1
    return layout.height - layout.bottom - rows * layout.tiny_size * layout.leading - 4.2 * MM


def draw_edges(paper: Paper, view: DocumentView, speech: Speech, columns: list[list[str]]) -> None:
    """Put foot and running head on every sheet, now that their number is known."""
    layout, size = paper.layout, paper.layout.tiny_size
    everything, paper.pages = paper.pages, []
    width = paper.right - paper.left
    for number, page in enumerate(everything, start=1):
        paper.pages.append(page)
        y = foot_top(paper, columns)
        paper.rule(paper.left, y, width, layout.rule)
        for n, lines in enumerate(columns):
            paper.stack(paper.left + n * (width + 4 * MM) / 3, y + 1.8 * MM, lines, size, layout.muted)
        y = layout.height - layout.bottom - size * layout.leading
        paper.stack(paper.left, y, paper.lines(view.chain_mark, width * 0.7, size)[:1], size, layout.muted)
        count = speech.say(N_("Page {page} of {pages}"), page=number, pages=len(everything))
        paper.stack(paper.right, y, [count], size, layout.muted, right=True)
        if number > 1:
            small, top = layout.small_size, layout.top
            name = paper.lines(view.company.name, width * 0.5, small, bold=True)[:1]
            paper.stack(paper.left, top, name, small, layout.accent, bold=True)
            title = f"{speech.say(speech.kind.title)}  {speech.number}"
            paper.stack(paper.right, top, paper.lines(title, width * 0.48, small)[:1], small, layout.muted, right=True)
            paper.rule(paper.left, top + small * layout.leading + 1.2 * MM, width, layout.rule)
