"""Decisions on bank lines taken back, by opposite rows. Rule: docs/rules/bank.md, "Undoing"."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError
from o2c_tui.models.bank import BankLine, BankLineState, BankMatch
from o2c_tui.models.ledger import JournalEntry, JournalLine, SourceKind
from o2c_tui.models.receivable import Payment
from o2c_tui.services.bank_matching import Booked, Matched
from o2c_tui.services.bank_rules import target_of, unlearn
from o2c_tui.services.posting import Facts, ForeignLeg, Leg, post_journal
from o2c_tui.services.rights import require_office
from o2c_tui.services.support import load, require_state, take_step
from o2c_tui.services.taking_back import reverse_payment
from o2c_tui.storage.chain import decide, record
from o2c_tui.storage.rows import insert_rows
from o2c_tui.texts import N_


def undo_match(
    session: Session,
    line_id: int,
    reason: str,
    *,
    on: date | None = None,
    version: int | None = None,
    by: str,
    today: date,
    now: datetime,
) -> Matched:
    """Take a decision on a line back: opposite rows; payments it made are reversed, charges booked back; the line is open.

    A payment that was there before stays; one that bounced stays bounced.

    Raises:
        WrongStateError: the line is not matched. BadValueError: no reason, or a day before the line.
    """
    if not reason.strip():
        raise BadValueError(N_("Say why it is taken back."), field="reason")
    require_office(session, by, N_("match bank lines"))
    line = load(session, BankLine, line_id, version=version)
    require_state(line, BankLineState.MATCHED, doing=N_("be taken back"))
    day = max(on or today, line.booked_on)
    undone = []
    rows, facts = [], Facts()
    for match in _standing(session, line.id):
        how = json.loads(match.reasons or "{}").get("how", "")
        number = ""
        if match.payment_id is not None:
            payment = load(session, Payment, match.payment_id)
            number = payment.label
            if how == "posted" and payment.reversed_by is None:
                number = reverse_payment(session, payment.id, reason, on=day, by=by, today=today, now=now).number
        rows += insert_rows(
            session,
            BankMatch,
            [
                {
                    "line_id": line.id,
                    "payment_id": match.payment_id,
                    "adjustment_id": match.adjustment_id,
                    "account_id": match.account_id,
                    "amount": -match.amount,
                    "matched_on": today,
                    "by": by,
                    "undoes_id": match.id,
                }
            ],
        )
        if match.account_id is not None:
            facts += _unbook(session, match, rows[-1], day)
        undone.append(Booked(-match.amount, number))
    facts.insert(0, (BankMatch, rows))
    target = target_of(session, line, rows)
    take_step(session, line, BankLineState.OPEN)
    decide(session, line, customer_id=None, note="")
    session.flush()
    unlearn(session, line, *target)
    record(session, "undo_match", line, by=by, facts=facts, reason=reason, on=today)
    return Matched(line.id, tuple(undone))


def _standing(session: Session, line_id: int) -> list[BankMatch]:
    """The matches of a line that were not undone."""
    found = session.exec(select(BankMatch).where(BankMatch.line_id == line_id).order_by(col(BankMatch.id))).all()
    undone = {match.undoes_id for match in found}
    return [match for match in found if match.undoes_id is None and match.id not in undone]


def _unbook(session: Session, match: BankMatch, row: Mapping[str, Any], day: date) -> Facts:
    """The opposite of the journal of a charge, line by line: at its rate, with the supplier where there was one."""
    query = (
        select(JournalLine)
        .join(JournalEntry, col(JournalEntry.id) == col(JournalLine.entry_id))
        .where(JournalEntry.source == SourceKind.BANK, JournalEntry.source_id == match.id)
        .order_by(col(JournalLine.position))
    )
    legs: list[Leg | ForeignLeg] = [
        ForeignLeg(leg.account_id, leg.party_id, -leg.amount, leg.currency, -leg.currency_amount)
        if leg.currency
        else (leg.account_id, leg.party_id, -leg.amount)
        for leg in session.exec(query)
    ]
    return post_journal(session, SourceKind.BANK, row["id"], day, legs)
