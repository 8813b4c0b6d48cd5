"""Collective invoices: all that was delivered to a customer in a period, on one invoice.

Rule: docs/rules/invoices.md, "Collective invoices".
"""

from datetime import date, datetime

from sqlmodel import Session

from o2c_tui.errors import BadValueError, MissingValueError
from o2c_tui.queries.collective import to_bill
from o2c_tui.queries.lookups import party_by_code
from o2c_tui.services.deducting import said_in
from o2c_tui.services.invoicing import Billed, draft_invoice, post_invoice
from o2c_tui.texts import N_


def invoice_period(
    session: Session,
    customer: str,
    *,
    until: date,
    since: date | None = None,
    invoiced_on: date | None = None,
    by: str,
    today: date,
    now: datetime,
) -> tuple[Billed, ...]:
    """Invoice all that left for a customer until a day (from `since` on) and is not billed yet: on one invoice, or on
    one for each currency, address, terms and rounding of its orders. Dated today, unless said otherwise.

    Raises:
        MissingValueError: nothing is left to invoice. BadValueError: the period ends before it begins.
        UnknownCodeError: the customer. And what draft_invoice and post_invoice raise; nothing is posted then.
    """
    if since is not None and since > until:
        raise BadValueError(N_("The first day lies after the last."), field="since")
    party = party_by_code(session, customer)
    found = to_bill(session, until=until, since=since, customers=[party.id])
    if not found:
        raise MissingValueError(
            N_("{customer}: all that was delivered until {day} is invoiced."),
            customer=party.name,
            day=until.isoformat(),
        )
    posted = []
    for one in found:
        period = N_("Deliveries of {day}") if one.first == one.last else N_("Deliveries from {day} to {last}")
        note = said_in(one.language, period, day=one.first.isoformat(), last=one.last.isoformat())
        invoice_id = draft_invoice(
            session, delivery_ids=one.deliveries, invoiced_on=invoiced_on, note=note, by=by, today=today
        )
        posted.append(post_invoice(session, invoice_id, by=by, today=today, now=now))
    return tuple(posted)
