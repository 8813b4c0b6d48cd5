"""Credit notes: an invoice corrected line by line, with or without the goods, to the very cent.

Rule: docs/rules/invoices.md, "A correction is a credit note".
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, MissingValueError, OverQuantityError
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.delivery import DeliveryLine, Disposition
from o2c_tui.models.invoice import Invoice, InvoiceKind, InvoiceLine, InvoiceState
from o2c_tui.models.ledger import AccountRole, SourceKind
from o2c_tui.models.order import SalesOrder, SalesOrderLine
from o2c_tui.models.receivable import ReceivableItem
from o2c_tui.models.trade import LINE_FIELDS, TERM_FIELDS
from o2c_tui.money import Rounding, is_figure, round_to, share_of
from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.tax_shares import credited_difference, credited_taxes
from o2c_tui.rules.exchange import Worth, in_base
from o2c_tui.rules.tax_parts import part_of, sum_of
from o2c_tui.services.drafting import PLACES
from o2c_tui.services.invoicing import Billed, count_on_deliveries, in_currency, sums_of
from o2c_tui.services.numbering import next_number
from o2c_tui.services.ordering import refresh_order
from o2c_tui.services.paying import allocate, undone_after
from o2c_tui.services.posting import leg_of, post_journal
from o2c_tui.services.shipping import return_goods
from o2c_tui.services.support import load, require_state, take_step
from o2c_tui.storage.chain import record
from o2c_tui.storage.rows import insert_rows, rows_of, table_of, update_rows
from o2c_tui.texts import N_

ZERO = Decimal(0)


def credit_invoice(
    session: Session,
    invoice_id: int,
    reason: str,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    bill_again: bool = False,
    return_id: int | None = None,
    credited_on: date | None = None,
    version: int | None = None,
    by: str,
    today: date,
    now: datetime,
) -> Billed:
    """Post a credit note against an invoice: the `quantities` by invoice line id, or all that is not credited yet.

    A full credit is the exact mirror, tax cents included; of several partial ones the last takes the cents left. It is
    set against what is open of the invoice; the rest is the customer's credit. `bill_again` puts the quantity back
    among what may be invoiced (a wrong price, to be billed anew); goods that came back do so by their return.

    Raises:
        BadValueError: no reason, or the invoice is a credit note itself. OverQuantityError: more than is not credited yet.
        WrongStateError: the invoice is not posted. MissingValueError: nothing is left to credit.
    """
    if not reason.strip():
        raise BadValueError(N_("Say why the invoice is credited."), field="reason")
    invoice = load(session, Invoice, invoice_id, version=version)
    require_state(invoice, InvoiceState.POSTED, doing=N_("be credited"))
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        raise BadValueError(N_("{number} is a credit note itself; it cannot be credited."), number=invoice.label)
    on = credited_on or today
    if on < invoice.invoiced_on:
        raise BadValueError(
            N_("The invoice is dated {day}; a credit note cannot be earlier."),
            field="date",
            day=str(invoice.invoiced_on),
        )
    lines = rows_of(session, InvoiceLine, "invoice_id", invoice_id)
    rows = _credit_rows(invoice, lines, quantities, credited_taxes(session, lines))
    if not rows:
        raise MissingValueError(N_("Nothing of {number} is left to credit."), number=invoice.label)
    sums = _sums(session, invoice, lines, rows)
    head: dict[str, Any] = {name: getattr(invoice, name) for name in TERM_FIELDS if name != "note"}
    note = Invoice(
        **head,
        kind=InvoiceKind.CREDIT_NOTE,
        **sums,
        customer_id=invoice.customer_id,
        ship_to=invoice.ship_to,
        credits_id=invoice.id,
        reason=reason.strip(),
        bill_again=bill_again or return_id is not None,
        return_id=return_id,
        invoiced_on=on,
        due_on=on,
        posted_at=now,
        open=-sums["gross"],
        settled_on=None if sums["gross"] else on,
        by=by,
    )
    session.add(note)
    session.flush()
    worth = _value_credit(session, invoice, note, lines, rows)
    written = insert_rows(session, InvoiceLine, [{**row, "invoice_id": note.id} for row in rows])
    _count_credited(session, invoice, lines, written, reopens=note.bill_again)
    note.number = next_number(session, "credit_note", on)
    take_step(session, note, InvoiceState.POSTED)
    session.flush()
    items = insert_rows(
        session,
        ReceivableItem,
        [
            {
                "customer_id": note.customer_id,
                "invoice_id": note.id,
                "dated_on": on,
                "due_on": on,
                "amount": -note.gross,
                **in_currency(note, -worth.gross),
                "open": -note.gross,
                "base_open": -worth.gross,
                "settled_on": None if note.gross else on,
            }
        ],
    )
    facts: list[Any] = [(Invoice, [note]), (InvoiceLine, written), (ReceivableItem, items)]
    facts += allocate(session, items[0]["id"], _against(session, invoice_id, note.gross, on), on)
    facts += post_journal(
        session,
        SourceKind.INVOICE,
        note.id,
        on,
        [
            leg_of(note, AccountRole.RECEIVABLE, note.customer_id, -worth.gross, -note.gross),
            leg_of(note, AccountRole.REVENUE, note.customer_id, worth.net, note.net),
            leg_of(note, AccountRole.TAX, None, worth.tax, note.tax),
            leg_of(note, AccountRole.CASH_ROUNDING, None, worth.cash_difference, note.cash_difference),
        ],
    )
    session.flush()
    record(session, "credit_invoice", note, by=by, facts=facts)
    return Billed(note.id, note.number, note.gross, note.open, None)


def _credit_rows(
    invoice: Invoice,
    lines: Sequence[dict[str, Any]],
    quantities: Mapping[int, Decimal] | None,
    taken: Mapping[int, Sequence[Decimal]],
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    rounding = Rounding(invoice.rounding)
    for line in lines:
        left = line["quantity"] - line["credited"]
        part = left if quantities is None else quantities.get(line["id"], ZERO)
        if not is_figure(part, PLACES, left):
            raise OverQuantityError(
                N_("Line {line}: {left} can still be credited, {part} was asked for."),
                field=f"lines.{line['position']}",
                line=line["position"],
                left=left,
                part=part,
            )
        if not part:
            continue
        row = {name: line[name] for name in LINE_FIELDS}
        row |= {
            "position": len(rows) + 1,
            "quantity": part,
            "net": share_of(line["net"] - line["credited_net"], part, left, invoice.digits, rounding),
            **_tax_of(invoice, line, part, left, taken.get(line["id"], ())),
            "order_line_id": line["order_line_id"],
            "delivery_line_id": line["delivery_line_id"],
            "credits_line_id": line["id"],
        }
        if part != line["quantity"] and line["discount_amount"]:
            whole = line["discount_amount"] * part / line["quantity"]
            row["discount_amount"] = round_to(whole, invoice.digits, rounding)
        rows.append(row)
    return rows


def _value_credit(
    session: Session,
    invoice: Invoice,
    note: Invoice,
    lines: Sequence[dict[str, Any]],
    rows: Sequence[dict[str, Any]],
) -> Worth:
    """What a credit note takes back in the company's currency, at the invoice's rate: of each line its share of what the
    line was worth, the last part what is left. Its rows are told, before they are written."""
    if not invoice.rate:
        return Worth(note.gross, note.net, note.tax, note.cash_difference)
    company = the_company(session)
    rounding = Rounding(company.rounding)
    table = table_of(InvoiceLine)
    query = (
        sa.select(
            table.c.credits_line_id,
            sa.func.sum(table.c.base_net, type_=AMOUNT),
            sa.func.sum(table.c.base_tax, type_=AMOUNT),
        )
        .where(table.c.credits_line_id.in_([line["id"] for line in lines]))
        .group_by(table.c.credits_line_id)
    )
    before = {key: (net, tax) for key, net, tax in session.execute(query)}
    by_key = {line["id"]: line for line in lines}
    for row in rows:
        line = by_key[row["credits_line_id"]]
        done = before.get(line["id"], (ZERO, ZERO))
        for n, name in enumerate(("net", "tax")):
            left, worth_left = line[name] - line[f"credited_{name}"], line[f"base_{name}"] - done[n]
            row[f"base_{name}"] = share_of(worth_left, row[name], left, company.digits, rounding) if left else ZERO
    cash = in_base(note.cash_difference, note.rate, company.digits, rounding)
    net, tax = sum((row["base_net"] for row in rows), ZERO), sum((row["base_tax"] for row in rows), ZERO)
    return Worth(net + tax + cash, net, tax, cash)


def _tax_of(
    invoice: Invoice, line: Mapping[str, Any], part: Decimal, left: Decimal, taken: Sequence[Decimal]
) -> dict[str, Any]:
    """The tax of part of an invoice line, each of several by itself; the last part takes the cents."""
    rounding = Rounding(invoice.rounding)
    if not line["tax_parts"]:
        return {"tax": share_of(line["tax"] - line["credited_tax"], part, left, invoice.digits, rounding)}
    text = part_of(line["tax_parts"], taken, part, left, invoice.digits, rounding)
    return {"tax": sum_of(text), "tax_parts": text}


def _sums(
    session: Session, invoice: Invoice, lines: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """Net, tax and total of a credit note in cash steps; the one that credits all that is left mirrors the invoice's."""
    sums = sums_of(rows, invoice)
    if not invoice.cash_difference and not invoice.cash_step:
        return sums
    part, whole = sums["net"] + sums["tax"], invoice.net + invoice.tax
    if part == whole - sum((line["credited_net"] + line["credited_tax"] for line in lines), ZERO):
        sums["cash_difference"] = invoice.cash_difference - credited_difference(session, invoice.id)
        sums["gross"] = part + sums["cash_difference"]
    return sums


def _against(session: Session, invoice_id: int, amount: Decimal, on: date) -> dict[int, Decimal]:
    """The open instalments of an invoice that a credit note eats up, the last due first."""
    query = (
        select(ReceivableItem)
        .where(ReceivableItem.invoice_id == invoice_id, ReceivableItem.open > 0, ~undone_after(on))
        .order_by(col(ReceivableItem.due_on).desc(), col(ReceivableItem.id).desc())
    )
    shares: dict[int, Decimal] = {}
    for item in session.exec(query):
        part = min(amount, item.open)
        if part:
            shares[item.id] = part
            amount -= part
    return shares


def _count_credited(
    session: Session,
    invoice: Invoice,
    lines: Sequence[dict[str, Any]],
    written: Sequence[dict[str, Any]],
    *,
    reopens: bool,
) -> None:
    """Count a credit note on its invoice's lines, and where the goods may be billed again on orders and deliveries."""
    by_key = {line["id"]: line for line in lines}
    for row in written:
        line = by_key[row["credits_line_id"]]
        line["credited"] += row["quantity"]
        line["credited_net"] += row["net"]
        line["credited_tax"] += row["tax"]
    touched = [by_key[row["credits_line_id"]] for row in written]
    update_rows(session, InvoiceLine, touched, "credited", "credited_net", "credited_tax")
    invoice.version += 1
    if not reopens:
        return
    keys = [row["order_line_id"] for row in written if row["order_line_id"] is not None]
    order_ids = session.execute(
        sa.select(col(SalesOrderLine.order_id)).where(col(SalesOrderLine.id).in_(keys)).distinct()
    ).scalars()
    for order_id in sorted(order_ids):
        order = load(session, SalesOrder, order_id)
        order_lines = {line["id"]: line for line in rows_of(session, SalesOrderLine, "order_id", order_id)}
        changed = {}
        for row in written:
            if row["order_line_id"] in order_lines:
                line = changed[row["order_line_id"]] = order_lines[row["order_line_id"]]
                line["credited"] += row["quantity"]
                line["invoiced_net"] -= row["net"]
                line["invoiced_tax"] -= row["tax"]
        update_rows(session, SalesOrderLine, list(changed.values()), "credited", "invoiced_net", "invoiced_tax")
        refresh_order(order, list(order_lines.values()))
        order.version += 1
    parts: dict[int, Decimal] = {}
    for row in written:
        if row["delivery_line_id"] is not None:
            parts[row["delivery_line_id"]] = parts.get(row["delivery_line_id"], ZERO) - row["quantity"]
    count_on_deliveries(session, parts)


def return_and_credit(
    session: Session,
    invoice_id: int,
    quantities: Mapping[int, Decimal],
    reason: str,
    *,
    on: date | None = None,
    disposition: Disposition = Disposition.RESTOCK,
    version: int | None = None,
    by: str,
    today: date,
    now: datetime,
) -> Billed:
    """Take goods back and credit them in one step; `quantities` by invoice line id, of lines that bill a delivery.

    Raises:
        BadValueError: a line bills no delivery, or the lines come from several. Also what return_goods and credit_invoice raise.
    """
    invoice = load(session, Invoice, invoice_id, version=version)
    lines = [line for line in rows_of(session, InvoiceLine, "invoice_id", invoice_id) if quantities.get(line["id"])]
    if any(line["delivery_line_id"] is None for line in lines):
        raise BadValueError(N_("A line of {number} was not delivered; credit it without goods."), number=invoice.label)
    keys = [line["delivery_line_id"] for line in lines]
    homes = {
        key: home
        for key, home in session.execute(
            sa.select(col(DeliveryLine.id), col(DeliveryLine.delivery_id)).where(col(DeliveryLine.id).in_(keys))
        )
    }
    if len(set(homes.values())) > 1:
        raise BadValueError(N_("The goods come from several deliveries; take them back one delivery at a time."))
    if not homes:
        raise MissingValueError(N_("Choose what came back: at least one line with a quantity."))
    back: dict[int, Decimal] = {}
    for line in lines:
        back[line["delivery_line_id"]] = back.get(line["delivery_line_id"], ZERO) + quantities[line["id"]]
    returned = return_goods(
        session,
        next(iter(homes.values())),
        back,
        reason=reason,
        returned_on=on,
        disposition=disposition,
        by=by,
        today=today,
    )
    return credit_invoice(
        session,
        invoice_id,
        reason,
        quantities=quantities,
        return_id=returned.return_id,
        credited_on=on,
        by=by,
        today=today,
        now=now,
    )
