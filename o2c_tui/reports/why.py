"""A figure and the rows behind it, as a table for text and as words for JSON."""

from collections.abc import Callable
from typing import Any

from o2c_tui.queries.why import words_of
from o2c_tui.queries.why_parts import Part, Why
from o2c_tui.reports.table import Heading, Report, as_text
from o2c_tui.texts import N_


def as_words(told: Why, translate: Callable[[str], str] = str) -> str:
    """The answer for a terminal: the figure, its rows, their sum, the rule."""
    rows = tuple(
        (
            translate(part.label),
            part.number,
            about(part, translate),
            part.on,
            "" if part.value is None else told.shown(part.value),
        )
        for part in told.parts
    )
    headings = (
        Heading(N_("What")),
        Heading(N_("Number")),
        Heading(N_("About")),
        Heading(N_("Date"), "date"),
        Heading(told.unit, "figure"),
    )
    totals: tuple[Any, ...] = ()
    if told.total is not None:
        totals = (translate(words_of(told.figure)), "", "", None, told.shown(told.total))
    title = f"{translate(words_of(told.figure))}  {told.subject}"
    if not rows and told.total is None:
        return "\n".join([title, "", *(note.said(translate) for note in told.notes)])
    text = as_text(Report(title, (), headings, rows, totals), translate)
    return "\n".join([text, "", *(note.said(translate) for note in told.notes)]).rstrip()


def about(part: Part, translate: Callable[[str], str] = str) -> str:
    """What a row says beside its document: whose it is, and how it came about."""
    note = part.note.said(translate) if part.note is not None else ""
    return "  ".join(words for words in (part.about, note) if words)


def as_data(told: Why) -> dict[str, Any]:
    """The answer in JSON words, in English."""
    return {
        "figure": told.figure,
        "subject": told.subject,
        "total": told.total,
        "unit": told.unit,
        "adds_up": told.adds_up,
        "rows": [
            {
                "what": part.label,
                "value": part.value,
                "number": part.number,
                "kind": part.opens.kind if part.opens is not None else None,
                "about": part.about,
                "note": part.note.said() if part.note is not None else "",
                "on": part.on,
            }
            for part in told.parts
        ],
        "notes": [note.said() for note in told.notes],
    }
