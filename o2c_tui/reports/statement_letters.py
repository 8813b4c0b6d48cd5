"""Whose statements a report asks for: of the customer that is named, or of everybody who has something open."""

from datetime import date

from sqlmodel import Session

from o2c_tui.errors import MissingValueError
from o2c_tui.queries.lookups import party_by_code
from o2c_tui.queries.statement_runs import Wanted, of_all_owing, wanted
from o2c_tui.reports.kinds import Asked
from o2c_tui.texts import N_


def asked_for(session: Session, asked: Asked, today: date, *, all_owing: bool = False) -> list[Wanted]:
    """The statements behind a report; where nobody is named, with `all_owing`, those of everybody who owes something.

    Raises:
        MissingValueError: nobody is named. UnknownCodeError: nobody has the code.
    """
    is_open, last = asked.by == "open", asked.as_of or today
    if asked.customer:
        party = party_by_code(session, asked.customer)
        return [wanted(session, party, is_open=is_open, first=asked.first, last=last)]
    if not all_owing:
        raise MissingValueError(N_("Whose account? Name the customer."), field="customer")
    return of_all_owing(session, is_open=is_open, first=asked.first, last=last)
