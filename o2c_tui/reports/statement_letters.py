"""Statements of account as letters: of one customer, or of everybody who has something open."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session

from o2c_tui.models.party import Party
from o2c_tui.queries.document_view import DocumentView
from o2c_tui.queries.statement_papers import statement_paper
from o2c_tui.queries.statements import customers_owing
from o2c_tui.reports.kinds import Asked
from o2c_tui.reports.statements import KINDS, told_of


def run_over_all(session: Session, by: str, first: date | None, last: date) -> list[Asked]:
    """What is asked for everybody who owes something, or is owed it, on a day; by name."""
    keys = customers_owing(session, last=last)
    parties = {key: session.get(Party, key) for key in keys}
    return [Asked(by, last, first, customer=party.code) for party in parties.values() if party is not None]


def letters(session: Session, asked: Sequence[Asked], today: date) -> list[DocumentView]:
    """A letter for each account and currency; an account on which nothing happened and nothing stands needs none.

    Raises:
        MissingValueError, UnknownCodeError: see told_of.
    """
    return [
        statement_paper(session, told, KINDS)
        for one in asked
        for told in told_of(session, one, today)
        if told.lines or told.opening or len(asked) == 1
    ]
