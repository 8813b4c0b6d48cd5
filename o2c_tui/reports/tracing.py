"""Lots traced both ways as one table: from the supplier's receipt to the customers. Rule: docs/rules/places.md."""

from datetime import date

from sqlmodel import Session

from o2c_tui.errors import NotFoundError
from o2c_tui.models.stock import MOVE_WORDS, MoveKind
from o2c_tui.queries.documents import document_by_number
from o2c_tui.queries.tracing import RELOCATED, Trace, lots_named, lots_of_document, trace
from o2c_tui.reports.table import Heading, Report
from o2c_tui.texts import N_

RELOCATED_WORD = N_("from bin to bin")


def traced(session: Session, subject: str, lot: str = "", *, today: date) -> Report:
    """What happened to the lots of an item (`subject`, `lot`), or to those a document moved (`subject`: its number).

    Raises:
        NotFoundError, UnknownCodeError: there is no such document, item or lot.
    """
    try:
        keys = lots_of_document(session, *document_by_number(session, subject)) if not lot else []
        known = not lot
    except NotFoundError:
        known = False
    if not known:
        keys = lots_named(session, subject, lot)
    return as_report(trace(session, keys), subject, today=today)


def as_report(found: Trace, subject: str, *, today: date) -> Report:
    """A trace as a table, oldest movement first; who has the goods is the last rows' party."""
    expiry = {(lot.item, lot.code): lot.expires_on for lot in found.lots}
    rows = tuple(
        (
            move.item,
            move.lot,
            expiry[move.item, move.lot],
            move.on,
            RELOCATED_WORD if move.kind == RELOCATED else MOVE_WORDS[MoveKind(move.kind)],
            move.number,
            move.party,
            " ".join(part for part in (move.warehouse, move.location) if part),
            move.quantity,
        )
        for move in sorted(found.moves, key=lambda move: (move.item, move.lot, move.on, move.id))
    )
    headings = (
        Heading(N_("Item")),
        Heading(N_("Lot")),
        Heading(N_("Expires"), "date"),
        Heading(N_("Date"), "date"),
        Heading(N_("What"), "word"),
        Heading(N_("Document")),
        Heading(N_("Party")),
        Heading(N_("Where")),
        Heading(N_("Quantity"), "quantity"),
    )
    return Report(N_("Lots"), (("", subject), (N_("As of"), today)), headings, rows)
