"""Statements of account to be written: whose, of which days, whether one went already, and the letters of it.

Rule: docs/rules/statements.md, "Letters".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from o2c_tui.models.mail import MailState, OutgoingMail, PaperLog, PaperWay
from o2c_tui.models.party import Party
from o2c_tui.queries.document_view import DocumentView
from o2c_tui.queries.statement_papers import statement_paper
from o2c_tui.queries.statements import (
    LINE_WORDS,
    Statement,
    account,
    customers_owing,
    open_account,
    usual_first,
)

ZERO = Decimal(0)


@dataclass(frozen=True)
class Wanted:
    """A statement that is asked for: of a customer, up to a day; without a first day what is open."""

    customer_id: int
    code: str
    last: date
    first: date | None = None

    @property
    def number(self) -> str:
        """What the papers of it are logged under: the same days give the same number."""
        return "/".join(part for part in (self.code, str(self.first or ""), str(self.last)) if part)

    @property
    def file_stem(self) -> str:
        """What its file is called."""
        return f"statement-{self.code}-{self.last}"


def wanted(session: Session, party: Party, *, is_open: bool, first: date | None, last: date) -> Wanted:
    """A statement of one customer; an account is told from the usual first day where none is given."""
    return Wanted(party.id, party.code, last, None if is_open else first or usual_first(last))


def as_wanted(customer_id: int, words: Mapping[str, Any]) -> Wanted:
    """The statement that a mail in the outbox was written for, by its words."""
    first = date.fromisoformat(words["first"]) if words.get("first") else None
    return Wanted(customer_id, str(words.get("code", "")), date.fromisoformat(words["last"]), first)


def of_all_owing(session: Session, *, is_open: bool, first: date | None, last: date) -> list[Wanted]:
    """A statement for everybody with something open on a day, by name."""
    parties = [session.get_one(Party, key) for key in customers_owing(session, last=last)]
    return [wanted(session, party, is_open=is_open, first=first, last=last) for party in parties]


def statements_of(session: Session, one: Wanted) -> list[Statement]:
    """What it tells: a statement a currency; an account on which nothing happened and nothing stands has none."""
    return [told for told in _told(session, one) if told.lines or told.opening]


def _told(session: Session, one: Wanted) -> list[Statement]:
    if one.first is None:
        return open_account(session, one.customer_id, last=one.last)
    return account(session, one.customer_id, first=one.first, last=one.last)


def letters_of(session: Session, one: Wanted, *, even_empty: bool = False) -> list[DocumentView]:
    """The letters of it, one a currency; `even_empty` writes one over an account on which nothing stands, too."""
    found = _told(session, one) if even_empty else statements_of(session, one)
    return [statement_paper(session, told, LINE_WORDS) for told in found]


def went_already(session: Session, one: Wanted) -> bool:
    """Whether it was mailed or printed, or waits in the outbox: of these very days."""
    papers = select(PaperLog.id).where(
        PaperLog.kind == "statement",
        PaperLog.document_id == one.customer_id,
        PaperLog.number == one.number,
        PaperLog.way == PaperWay.PRINTED,
    )
    if session.exec(papers.limit(1)).first() is not None:
        return True
    mails = select(OutgoingMail.words).where(
        OutgoingMail.kind == "statement",
        OutgoingMail.document_id == one.customer_id,
        col(OutgoingMail.state).in_((MailState.WAITING, MailState.SENT)),
    )
    return any(json.loads(words).get("number") == one.number for words in session.exec(mails))
