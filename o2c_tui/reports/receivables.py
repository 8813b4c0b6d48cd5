"""Receivables by customer and age."""

from datetime import date

from sqlmodel import Session

from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.receivables import aged
from o2c_tui.reports.table import Heading, Report, with_totals
from o2c_tui.rules.aging import bucket_labels
from o2c_tui.texts import N_


def aging(session: Session, *, as_of: date) -> Report:
    """Open receivables by customer and age on `as_of`, in the company's currency.

    Age runs from the due date, not the invoice date. Unapplied credits are negative, in a column of their own, so
    the grand total equals the receivables account.
    """
    company = the_company(session)
    bounds = tuple(int(part) for part in company.aging_bounds.split(","))
    rows = [
        (row.code, row.name, *row.buckets, row.unapplied, row.total)
        for row in aged(session, as_of=as_of, bounds=bounds)
    ]
    labels = [Heading(label, "money") for label in bucket_labels(bounds)]
    headings = (
        Heading(N_("Code")),
        Heading(N_("Customer")),
        *labels,
        Heading(N_("Unapplied"), "money"),
        Heading(N_("Total"), "money"),
    )
    return with_totals(
        N_("Receivables by age on {day}, in {currency}"),
        headings,
        rows,
        add=range(2, len(headings)),
        digits=company.digits,
        day=as_of,
        currency=company.currency,
    )
