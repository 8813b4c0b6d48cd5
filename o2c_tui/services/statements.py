"""Statements of account by mail: written into the outbox with the words of their letter, once for the same days.

Rule: docs/rules/statements.md, "Letters".
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from o2c_tui.errors import DuplicateError, MissingValueError
from o2c_tui.models.company import UserRole
from o2c_tui.models.party import Party
from o2c_tui.queries.letters import filled, letter, of_company, sum_of
from o2c_tui.queries.lookups import party_by_code, the_company
from o2c_tui.queries.statement_runs import statements_of, wanted, went_already
from o2c_tui.queries.statements import Statement
from o2c_tui.services.mailing import Mailed, write_mail
from o2c_tui.services.rights import require_one_of
from o2c_tui.storage.chain import record
from o2c_tui.texts import N_, catalogue

ZERO = Decimal(0)
_MAY = (UserRole.OWNER, UserRole.ACCOUNTS, UserRole.SALES)


def mail_statement(
    session: Session,
    customer: str,
    *,
    is_open: bool = False,
    first: date | None = None,
    last: date | None = None,
    to: str | None = None,
    subject: str | None = None,
    body: str | None = None,
    again: bool = False,
    by: str,
    today: date,
    now: datetime,
) -> Mailed:
    """Write a mail with a customer's statement of account into the outbox: what happened from `first` to `last`, or what is open.

    What is not given comes from the customer and the letter `statement`; days as in `o2c statement`. Of the same days one
    goes once, unless `again`.

    Raises:
        DuplicateError: it went already, or waits. MissingValueError: nothing stands on the account, or no address is
        known. UnknownCodeError: nobody has the code. NotAllowedError: this person may not.
    """
    require_one_of(session, by, _MAY, N_("send statements"))
    party = party_by_code(session, customer)
    one = wanted(session, party, is_open=is_open, first=first, last=last or today)
    told = statements_of(session, one)
    if not told:
        raise MissingValueError(N_("Nothing stands on the account of {customer}."), customer=party.code)
    if not again and went_already(session, one):
        raise DuplicateError(
            N_("{customer} has this statement of {day} already."), customer=party.code, day=str(one.last)
        )
    spoken = party.language or the_company(session).language
    words = letter(session, "statement", spoken)
    usual_subject, usual_body = filled(words, _values(session, party, told, words.language))
    mail = write_mail(
        session,
        "statement",
        party.id,
        to=party.email if to is None else to,
        subject=usual_subject if subject is None else subject,
        body=usual_body if body is None else body,
        language=spoken,
        file_name=f"{one.file_stem}.pdf",
        customer_id=party.id,
        words={
            "number": one.number,
            "code": one.code,
            "first": str(one.first or ""),
            "last": str(one.last),
            "language": spoken,
        },
        by=by,
        now=now,
    )
    record(session, "mail_statement", mail, by=by)
    return Mailed(mail.id, mail.to, mail.subject, mail.file_name)


def _values(session: Session, party: Party, told: list[Statement], language: str) -> dict[str, Any]:
    """What the letter can say: balances by currency, and what of them is overdue."""
    late = [(one, sum(one.ages[1:], ZERO)) for one in told]
    return {
        **of_company(session),
        "customer": party.name,
        "contact": party.contact or party.name,
        "document": catalogue(language).gettext(N_("statement of account")),
        "number": party.code,
        "date": told[0].last.isoformat(),
        "total": ", ".join(sum_of(one.closing, one.currency, one.digits) for one in told),
        "open": ", ".join(sum_of(one.closing, one.currency, one.digits) for one in told),
        "overdue": ", ".join(sum_of(sum_late, one.currency, one.digits) for one, sum_late in late if sum_late),
    }
