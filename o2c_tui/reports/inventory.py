"""Stock with its value."""

from datetime import date

from sqlmodel import Session

from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.stock import stock_on
from o2c_tui.reports.table import Heading, Report, with_totals
from o2c_tui.texts import N_


def stock(session: Session, *, as_of: date | None = None, today: date) -> Report:
    """Stock by item and warehouse with the value of its layers: now, or as it was on a past day.

    The total value equals the inventory account on that day.
    """
    company = the_company(session)
    past = as_of if as_of is not None and as_of < today else None
    rows = [
        (
            s.code,
            s.name,
            s.warehouse,
            s.unit,
            s.on_hand,
            None if past else s.reserved,
            None if past else s.available,
            s.value,
        )
        for s in stock_on(session, as_of=past)
        if s.on_hand or s.value or not past
    ]
    headings = (
        Heading(N_("Item")),
        Heading(N_("Description")),
        Heading(N_("Warehouse")),
        Heading(N_("Unit")),
        Heading(N_("On hand"), "quantity"),
        Heading(N_("Reserved"), "quantity"),
        Heading(N_("Available"), "quantity"),
        Heading(N_("Value"), "money"),
    )
    return with_totals(
        N_("Stock on {day}, in {currency}"),
        headings,
        rows,
        add=(7,),
        digits=company.digits,
        day=past or today,
        currency=company.currency,
    )
