"""Invoices without an order: services and lines of text, typed as a draft; and what may be changed on any draft.

Rule: docs/rules/invoices.md, "Free invoices".
"""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from o2c_tui.errors import BadValueError, WrongStateError
from o2c_tui.models.invoice import Invoice, InvoiceKind, InvoiceLine, InvoiceState
from o2c_tui.queries.exchange import currency_on, known_rate
from o2c_tui.queries.lookups import items_by_id, term_parts, the_company
from o2c_tui.services.drafting import DocumentDraft, Priced, Saved, price_draft
from o2c_tui.services.support import load, own, require_state
from o2c_tui.storage.chain import record
from o2c_tui.storage.rows import delete_rows, insert_rows, rows_of
from o2c_tui.texts import N_


def save_invoice(
    session: Session,
    draft: DocumentDraft,
    *,
    document_id: int | None = None,
    version: int | None = None,
    by: str,
    today: date,
) -> Saved:
    """Save an invoice without an order as a draft: new, or in place of what the draft held. Nothing is owed yet.

    Raises:
        UnknownCodeError, BadValueError: see price_draft; also an item that is kept in stock.
        WrongStateError: it is posted, or bills orders; ConflictError: somebody else saved it first.
    """
    invoiced_on = draft.dated_on or today
    priced = price_draft(session, draft, on=invoiced_on)
    refuse_stocked(session, priced)
    values = {**priced.head, "customer_id": priced.customer.id, "invoiced_on": invoiced_on}
    if document_id is None:
        invoice = own(session, Invoice(**values, by=by))
    else:
        invoice = load(session, Invoice, document_id, version=version)
        require_state(invoice, InvoiceState.DRAFT, doing=N_("be edited"))
        if not is_free(invoice, rows_of(session, InvoiceLine, "invoice_id", document_id)):
            raise WrongStateError(
                N_("The lines of this draft come from an order. Change its note, reference, date and terms (F9).")
            )
        for name, value in values.items():
            setattr(invoice, name, value)
        invoice.version += 1
        delete_rows(session, InvoiceLine, "invoice_id", document_id)
    rows = [{**row, "invoice_id": invoice.id} for row in priced.lines]
    insert_rows(session, InvoiceLine, rows, parent="invoice_id")
    record(session, "save_invoice", invoice, by=by)
    return Saved(invoice.id, invoice.version, invoice.label, invoice.gross)


def is_free(invoice: Invoice, lines: list[dict[str, Any]]) -> bool:
    """Whether an invoice bills neither orders nor deposits, so that its lines can be typed."""
    tied = any(line["order_line_id"] or line["delivery_line_id"] or line["deducts_line_id"] for line in lines)
    return invoice.kind is InvoiceKind.INVOICE and not tied


def refuse_stocked(session: Session, priced: Priced) -> None:
    """Refuse goods on an invoice without an order: only deliveries take them out of stock.

    Raises:
        BadValueError: names the line and the item.
    """
    items = items_by_id(session, {row["item_id"] for row in priced.lines if row["item_id"] is not None})
    for row in priced.lines:
        item = items.get(row["item_id"])
        if item is not None and item.needs_stock:
            raise BadValueError(
                N_("Line {line}: {item} is kept in stock. Sell it by an order, so that it is delivered."),
                field=f"lines.{row['position']}",
                line=row["position"],
                item=item.code,
            )


def change_invoice(
    session: Session,
    invoice_id: int,
    *,
    note: str | None = None,
    customer_reference: str | None = None,
    invoiced_on: date | None = None,
    rate: Decimal | None = None,
    term: str | None = None,
    version: int | None = None,
    by: str,
    today: date,
) -> Saved:
    """Change what is said on a draft invoice, whatever it bills: note, reference, date, terms, and in another currency
    its rate; None leaves one as it is. A rate that was that of the day follows the date.

    Raises:
        WrongStateError: it is posted. UnknownCodeError: no such term. BadValueError: a rate out of bounds, or of the
        company's own currency. MissingValueError: there is no rate on the new date.
    """
    invoice = load(session, Invoice, invoice_id, version=version)
    require_state(invoice, InvoiceState.DRAFT, doing=N_("be edited"))
    if term is not None and term.strip():
        term_parts(session, term.strip().upper())
        invoice.term = term.strip().upper()
    if note is not None:
        invoice.note = note.strip()
    if customer_reference is not None:
        invoice.customer_reference = customer_reference.strip()
    _change_rate(session, invoice, invoiced_on or invoice.invoiced_on, rate)
    if invoiced_on is not None:
        invoice.invoiced_on = invoiced_on
    invoice.version += 1
    record(session, "change_invoice", invoice, by=by)
    return Saved(invoice.id, invoice.version, invoice.label, invoice.gross)


def _change_rate(session: Session, invoice: Invoice, on: date, rate: Decimal | None) -> None:
    """Put the rate of a draft that is dated anew, or whose rate is typed; one that was typed before stays."""
    company = the_company(session)
    if rate is None and invoice.rate and on != invoice.invoiced_on:
        known = known_rate(session, invoice.currency, invoice.invoiced_on)
        if known is None or known.rate != invoice.rate:
            return  # somebody's own
    elif rate is None:
        return
    invoice.rate = currency_on(session, company, invoice.currency, on, rate).rate
