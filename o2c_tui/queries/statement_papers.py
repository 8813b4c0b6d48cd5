"""Statements of account on paper, in the customer's language: what a statement says, as the view of a letter."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from o2c_tui.models.party import Party
from o2c_tui.queries.document_view import (
    ZERO,
    ColumnView,
    DocumentKind,
    DocumentView,
    LineView,
    PartyView,
    Said,
    Shape,
    Telling,
)
from o2c_tui.queries.lookups import addresses, the_company
from o2c_tui.queries.printing import letterhead
from o2c_tui.queries.statements import Statement
from o2c_tui.rules.aging import bucket_labels
from o2c_tui.texts import N_


def statement_paper(session: Session, told: Statement, words: Mapping[str, str]) -> DocumentView:
    """One statement as a letter; `words` are the marked words of the kinds of its lines."""
    company = the_company(session)
    party = session.get(Party, told.customer_id)
    assert party is not None
    bounds = tuple(int(part) for part in company.aging_bounds.split(","))
    is_open = told.first is None
    columns = (
        ColumnView(N_("Date"), before="description"),
        ColumnView(N_("Document"), before="description"),
        ColumnView(N_("Kind"), before="description"),
        ColumnView(N_("Due"), shape=Shape.TEXT),
        ColumnView(N_("Open {currency}") if is_open else N_("Amount {currency}"), shape=Shape.MONEY),
        *(() if is_open else (ColumnView(N_("Balance {currency}"), shape=Shape.MONEY, strong=True),)),
    )
    lines = []
    for n, line in enumerate(told.lines, 1):
        shown: tuple[Telling, ...] = (line.dated_on, line.number, Said(words[line.kind]), line.due_on)
        amounts = (line.open,) if is_open else (line.amount, line.balance)
        against = ", ".join(line.against)
        said = (Said(N_("for {numbers}"), (("numbers", against),)),) if against and against != line.reference else ()
        lines.append(LineView(n, "", line.reference, None, more=(*shown, *amounts), said=said))
    sums: list[tuple[str, Any]] = []
    if not is_open:
        sums.append((N_("Brought forward"), told.opening))
        sums.append((N_("In this span"), told.closing - told.opening))
    references: tuple[tuple[str, Telling], ...] = ((N_("Period from"), told.first),) if told.first else ()
    ages = [(Said(label), amount) for label, amount in zip(bucket_labels(bounds), told.ages, strict=True)]
    return DocumentView(
        kind=DocumentKind.STATEMENT,
        number=party.code,
        date=told.last,
        company=letterhead(session),
        bill_to=addresses(session, party)[0],
        currency=told.currency,
        digits=told.digits,
        customer=PartyView("", party.tax_id, party.contact),
        references=references,
        columns=columns,
        lines=tuple(lines),
        sums=tuple(sums),
        gross=told.closing,
        ages=(*ages, (Said(N_("Unapplied")), told.unapplied)) if any(told.ages) or told.unapplied else (),
        language=party.language or company.language,
        show_prices=False,
        show_total=True,
        remark=N_("Nothing is owed.") if told.closing <= ZERO else "",
    )
