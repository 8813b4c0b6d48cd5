"""The books beside the bank: every bank account on a day, and the parts of the difference of one."""

from datetime import date
from typing import Any

from sqlmodel import Session

from o2c_tui.money import digits_of
from o2c_tui.queries.bank import DIFFERENCE_WORDS, bank_accounts
from o2c_tui.queries.bank_balance import Reconciliation, reconcile
from o2c_tui.queries.lookups import the_company
from o2c_tui.reports.asking import facts_of, narrowed
from o2c_tui.reports.kinds import Asked
from o2c_tui.reports.table import OTHERWISE, Behind, Heading, Report, report_of
from o2c_tui.texts import N_

Row = tuple[tuple[Any, ...], Behind | None]


def bank_report(session: Session, asked: Asked, today: date) -> Report:
    """Each bank account: what the books and the newest statement up to the day say, and what of the difference has no reason;
    of one account the parts of its difference."""
    day = asked.as_of or today
    if asked.account:
        return _parts(session, reconcile(session, asked.account, on=day, today=today), asked, today)
    told = narrowed(session, asked)
    rows: list[Row] = []
    agrees, own = True, the_company(session).currency
    for place in bank_accounts(session):
        found = reconcile(session, place.code, on=day, today=today)
        behind = Behind("report", report="reconciliation", asked=Asked("bank", asked.as_of, account=place.code))
        name = found.name if found.currency == own else f"{found.name} {found.currency}"
        cells = (found.account, name, found.statement_on, found.books, found.statement, found.difference)
        rows.append(((*cells, found.unexplained), behind))
        agrees = agrees and not found.unexplained
    headings = (
        Heading(N_("Code")),
        Heading(N_("Name"), spare=1),
        Heading(N_("Statement of"), "date"),
        Heading(N_("Books"), "money"),
        Heading(N_("Bank"), "money"),
        Heading(N_("Difference"), "money"),
        Heading(N_("not explained"), "money"),
    )
    words = N_("Every difference has its reason: Enter shows them.") if agrees else OTHERWISE
    return report_of(
        "reconciliation",
        facts_of(told, today, by="bank", name="reconciliation"),
        headings,
        rows,
        digits=told.digits,
        notes=[(words, {})] if rows else [(N_("There is no bank account yet; make one first: g b, F9."), {})],
        asked=asked,
    )


def _parts(session: Session, found: Reconciliation, asked: Asked, today: date) -> Report:
    """Statement less books, part by part: each line or payment behind it opens."""
    told = narrowed(session, asked)
    foreign = found.currency != the_company(session).currency
    facts = [*facts_of(told, today, by="bank", name="reconciliation"), (N_("Name"), found.name)]
    rows: list[Row] = [
        (
            (part.on, DIFFERENCE_WORDS[part.code], part.number or part.words, part.amount),
            Behind(part.kind, part.key) if part.kind else None,
        )
        for part in found.parts
    ]
    headings = (
        Heading(N_("Date"), "date"),
        Heading(N_("Why"), "word"),
        Heading(N_("What")),
        Heading(N_("Amount"), "money"),
    )
    notes: list[tuple[str, dict[str, Any]]] = [
        (
            N_("The bank says {statement}, the books {books}: {difference} apart."),
            {"statement": found.statement or "–", "books": found.books, "difference": found.difference},
        )
    ]
    if found.unexplained:
        notes.append((OTHERWISE, {}))
    return report_of(
        "reconciliation",
        [*facts, (N_("Currency"), found.currency)] if foreign else facts,
        headings,
        rows,
        add=(3,),
        digits=digits_of(found.currency) if foreign else told.digits,
        notes=notes,
        asked=asked,
    )
