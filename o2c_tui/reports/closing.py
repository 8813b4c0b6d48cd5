"""A closing on paper: the totals as they were drawn up, the ranges of numbers, and the head of the audit chain."""

from decimal import Decimal
from typing import Any

from sqlmodel import Session

from o2c_tui.models.ledger import SourceKind
from o2c_tui.models.words import DOCUMENT_WORDS
from o2c_tui.queries.closing import Drawn
from o2c_tui.queries.ledger import source_word
from o2c_tui.queries.lookups import the_company
from o2c_tui.reports.kinds import Asked
from o2c_tui.reports.table import Behind, Heading, Marked, Report, report_of
from o2c_tui.texts import N_


def kind_word(kind: str) -> str:
    """What people call documents of a kind in a closing's totals; marked."""
    if kind in tuple(SourceKind):
        return source_word(SourceKind(kind))
    return DOCUMENT_WORDS.get(kind, N_("deposit invoice"))


def closing_report(session: Session, drawn: Drawn) -> Report:
    """The totals of a closing, as they were drawn up then."""
    totals = drawn.totals
    span = Asked(first=drawn.from_on, as_of=drawn.to_on)
    rows: list[Any] = [
        (
            (code, name, *(Decimal(figure) for figure in figures)),
            Behind("report", report="ledger", asked=Asked(first=span.first, as_of=span.as_of, account=code)),
        )
        for _key, code, name, *figures in totals["accounts"]
    ]
    headings = (
        Heading(N_("Account")),
        Heading(N_("Name"), "word"),
        Heading(N_("Opening"), "money", spare=1),
        Heading(N_("Debited"), "money"),
        Heading(N_("Credited"), "money"),
        Heading(N_("Closing"), "money"),
    )
    notes: list[tuple[str, dict[str, Any]]] = [
        (
            N_("{kind_word}: {count}, over {total}, {first} to {last}"),
            {
                "kind_word": Marked(kind_word(kind)),
                "count": count,
                "total": Decimal(total),
                "first": first or "–",
                "last": last or "–",
            },
        )
        for kind, (count, first, last, total) in sorted(totals["documents"].items())
    ]
    if not drawn.holds:
        notes.append((N_("The lock over these days was lifted afterwards: this run is no longer promised."), {}))
    notes.append(
        (
            N_("Drawn up after audit entry {seq}, whose hash is {hash}"),
            {"seq": drawn.chain_seq, "hash": drawn.chain_hash or "–"},
        )
    )
    closed_at = f"{drawn.closed_at:%Y-%m-%d %H:%M} UTC" if drawn.closed_at is not None else "–"
    facts: list[tuple[str, Any]] = [
        (N_("Period"), f"{drawn.from_on.isoformat()} – {drawn.to_on.isoformat()}"),
        (N_("Run"), drawn.run),
        (N_("Currency"), totals["currency"]),
        (N_("Closed"), f"{closed_at} {drawn.by}"),
    ]
    return report_of(
        f"closing-{drawn.name}",
        facts,
        headings,
        rows,
        add=(2, 3, 4, 5),
        digits=the_company(session).digits,
        notes=notes,
        asked=Asked(),
        title=CLOSED_WORDS[drawn.kind],
    )


CLOSED_WORDS = {"day": N_("Closing of the day"), "month": N_("Closing of the month"), "year": N_("Closing of the year")}
