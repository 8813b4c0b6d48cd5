"""What is to be bought, and who waits for what until when."""

from datetime import date

from sqlmodel import Session

from o2c_tui.queries.promise import promises
from o2c_tui.queries.reorder import reorder_list
from o2c_tui.queries.waiting import item_words
from o2c_tui.reports.table import Heading, Report, with_totals
from o2c_tui.texts import N_


def reorder(session: Session, *, today: date) -> Report:
    """Items at or below their reorder point, with what to buy and from whom."""
    rows = [
        (d.code, d.name, d.warehouse, d.available, d.incoming, d.back_ordered, d.point, d.quantity, d.unit, d.supplier)
        for d in reorder_list(session, today=today)
    ]
    headings = (
        Heading(N_("Item")),
        Heading(N_("Description")),
        Heading(N_("Warehouse")),
        Heading(N_("Available"), "quantity"),
        Heading(N_("Incoming"), "quantity"),
        Heading(N_("Back-ordered"), "quantity"),
        Heading(N_("Reorder at"), "quantity"),
        Heading(N_("Buy"), "quantity"),
        Heading(N_("Unit")),
        Heading(N_("Supplier")),
    )
    return with_totals(N_("To be bought on {day}"), headings, rows, day=today)


def back_orders(session: Session, *, today: date) -> Report:
    """Every order line that waits for stock, in the order in which it is served, with the day its goods can be there."""
    told = promises(session, today)
    names = item_words(session, [p.line.item_id for p in told])
    rows = [
        (
            p.line.number,
            p.line.customer,
            names[p.line.item_id][0],
            names[p.line.item_id][1],
            p.line.waiting,
            p.line.promised_on,
            p.expected_on,
            N_("LATE") if p.late else "",
        )
        for p in told
    ]
    headings = (
        Heading(N_("Order")),
        Heading(N_("Customer")),
        Heading(N_("Item")),
        Heading(N_("Description")),
        Heading(N_("Waits for"), "quantity"),
        Heading(N_("Promised"), "date"),
        Heading(N_("Expected"), "date"),
        Heading(""),
    )
    return with_totals(N_("Back-orders on {day}"), headings, rows, day=today)
