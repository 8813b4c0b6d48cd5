"""What sales orders earned."""

from datetime import date

from sqlmodel import Session

from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.margin import order_margins
from o2c_tui.reports.table import Heading, Report, with_totals
from o2c_tui.texts import N_


def margin(session: Session, *, as_of: date | None = None, today: date) -> Report:
    """Gross margin by sales order: invoiced less the cost of the layers its deliveries consumed, net of returns."""
    company = the_company(session)
    rows = [
        (
            m.number,
            m.ordered_on,
            m.customer,
            m.invoiced,
            m.cost,
            m.margin,
            m.percent,
            N_("estimate") if m.estimate else "",
        )
        for m in order_margins(session, as_of=as_of)
    ]
    headings = (
        Heading(N_("Order")),
        Heading(N_("Date"), "date"),
        Heading(N_("Customer")),
        Heading(N_("Invoiced"), "money"),
        Heading(N_("Cost"), "money"),
        Heading(N_("Margin"), "money"),
        Heading(N_("Margin %"), "percent"),
        Heading(""),
    )
    return with_totals(
        N_("Margin by order on {day}, in {currency}"),
        headings,
        rows,
        add=(3, 4, 5),
        digits=company.digits,
        note=N_("An estimate is an order that is not yet all delivered and invoiced."),
        day=as_of or today,
        currency=company.currency,
    )
