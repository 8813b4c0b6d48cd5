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
from o2c_tui.models.ledger import SourceKind
from o2c_tui.models.order import SalesOrder, SalesOrderLine
from o2c_tui.models.receivable import ReceivableItem
from o2c_tui.models.receivable_adjustment import ReceivableAdjustment
from o2c_tui.models.trade import LINE_FIELDS, TERM_FIELDS
from o2c_tui.money import Rounding, is_figure, round_to, share_of, show_money
from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.tax_shares import credited_difference, credited_taxes, deducted_taxes
from o2c_tui.rules.deposits import left_of
from o2c_tui.rules.exchange import Worth, in_base
from o2c_tui.rules.tax_parts import left_in, part_of, spread, sum_of
from o2c_tui.services.allocating import allocate, in_currency, undone_after
from o2c_tui.services.billed_lines import sums_of
from o2c_tui.services.deducting import count_ahead, count_deducted, sales_legs, taken_worths
from o2c_tui.services.drafting import PLACES
from o2c_tui.services.invoicing import Billed, count_on_deliveries
from o2c_tui.services.numbering import next_number
from o2c_tui.services.ordering import refresh_order
from o2c_tui.services.posting import post_journal
from o2c_tui.services.shipping import return_goods
from o2c_tui.services.support import load, require_state, take_step, warn
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
    amounts: Mapping[int, Decimal] | None = None,
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
    `amounts` by invoice line id, before tax, lower the price instead: no quantity is given back. A deposit invoice gives
    back what of it is not deducted; a line that deducted one is credited whole, and the deposit may be deducted again.

    Raises:
        BadValueError: no reason, the invoice is a credit note itself, or an amount is to be billed again.
        OverQuantityError: more than is not credited yet.
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
    taken = credited_taxes(session, lines) | (
        deducted_taxes(session, lines) if invoice.kind is InvoiceKind.DEPOSIT else {}
    )
    if amounts is None:
        rows = _credit_rows(invoice, lines, quantities, taken)
    else:
        _refuse_with_amounts(quantities, again=bill_again or return_id is not None)
        rows = _amount_rows(invoice, lines, amounts, taken)
    if not rows or (quantities is amounts is None and _is_spent(lines)):
        raise MissingValueError(N_("Nothing of {number} is left to credit."), number=invoice.label)
    sums = _sums(session, invoice, lines, rows)
    _warn_of_discount(session, invoice, lines, sums["gross"])
    note = _note(invoice, sums, reason, on, bill_again=bill_again, return_id=return_id, by=by, now=now)
    session.add(note)
    session.flush()
    worth = _value_credit(session, invoice, note, lines, rows)
    written = insert_rows(session, InvoiceLine, [{**row, "invoice_id": note.id} for row in rows])
    _count_credited(session, invoice, lines, written, reopens=note.bill_again)
    facts = _post(session, invoice, note, written, worth)
    record(session, "credit_invoice", note, by=by, facts=facts)
    return Billed(note.id, note.number or "", note.gross, note.open, None)


def _note(
    invoice: Invoice,
    sums: Mapping[str, Any],
    reason: str,
    on: date,
    *,
    bill_again: bool,
    return_id: int | None,
    by: str,
    now: datetime,
) -> Invoice:
    """The head of a credit note on the invoice's terms."""
    head: dict[str, Any] = {name: getattr(invoice, name) for name in TERM_FIELDS if name != "note"}
    return Invoice(
        **head,
        kind=InvoiceKind.CREDIT_NOTE,
        order_id=invoice.order_id,
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


def _post(
    session: Session, invoice: Invoice, note: Invoice, written: Sequence[dict[str, Any]], worth: Worth
) -> list[Any]:
    """Give a credit note its number, set it against what is open of its invoice, and book it; the rows written."""
    on = note.invoiced_on
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
    facts += allocate(session, items[0]["id"], _against(session, invoice.id, note.gross, on), on)
    facts += post_journal(session, SourceKind.INVOICE, note.id, on, sales_legs(note, written, worth, -1))
    session.flush()
    return facts


def _warn_of_discount(session: Session, invoice: Invoice, lines: Sequence[dict[str, Any]], gross: Decimal) -> None:
    """Say it where a credit gives back what was never paid: a discount, or a part that was written off."""
    query = sa.select(sa.func.sum(col(ReceivableAdjustment.amount), type_=AMOUNT)).where(
        col(ReceivableAdjustment.invoice_id) == invoice.id
    )
    kept = session.execute(query).scalar_one() or ZERO
    before = sum((line["credited_net"] + line["credited_tax"] for line in lines), ZERO)
    if kept > ZERO and before + gross > invoice.gross - kept:
        warn(
            session,
            "more_than_was_paid",
            N_("{kept} of {number} was never paid (discount, write-off); take that back first, or less is credited."),
            kept=kept,
            number=invoice.label,
        )


def _credit_rows(
    invoice: Invoice,
    lines: Sequence[dict[str, Any]],
    quantities: Mapping[int, Decimal] | None,
    taken: Mapping[int, Sequence[Decimal]],
) -> list[dict[str, Any]]:
    """Lines that give quantities back; each takes its share of what is left of its line, the last the cents."""
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
        if invoice.kind is InvoiceKind.DEPOSIT or line["deducts_line_id"] is not None:
            rows += _whole_row(invoice, line, part, len(rows) + 1, taken.get(line["id"], ()))
            continue
        row = _row_of(line, len(rows) + 1) | {
            "quantity": part,
            "net": share_of(line["net"] - line["credited_net"], part, left, invoice.digits, rounding),
            **_tax_of(invoice, line, part, left, taken.get(line["id"], ())),
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
    deducted = taken_worths(session, by_key := {line["id"]: line for line in lines})
    for row in rows:
        line = by_key[row["credits_line_id"]]
        done, gone = before.get(line["id"], (ZERO, ZERO)), deducted.get(line["id"], (ZERO, ZERO))
        for n, name in enumerate(("net", "tax")):
            left, worth_left = left_of(line)[n], line[f"base_{name}"] - done[n] - gone[n]
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


def _is_spent(lines: Sequence[dict[str, Any]]) -> bool:
    """Whether amounts have taken all of an invoice back."""
    return any(line["credited_net"] for line in lines) and not any(any(left_of(line)) for line in lines)


def _row_of(line: dict[str, Any], position: int) -> dict[str, Any]:
    """A line that credits another, before its quantity and amounts."""
    return {name: line[name] for name in LINE_FIELDS} | {
        "position": position,
        "order_line_id": line["order_line_id"],
        "delivery_line_id": line["delivery_line_id"],
        "credits_line_id": line["id"],
        "deducts_line_id": line["deducts_line_id"],
    }


def _whole_row(
    invoice: Invoice, line: dict[str, Any], part: Decimal, position: int, taken: Sequence[Decimal]
) -> list[dict[str, Any]]:
    """A deposit's line as far as it is not deducted, or the deduction of one: it has no parts by quantity."""
    if part != line["quantity"]:
        raise BadValueError(
            N_("Line {line} has no parts; credit it whole, or by an amount."),
            field=f"lines.{line['position']}",
            line=line["position"],
        )
    net, tax = left_of(line)
    if not net and not tax:
        return []
    row = _row_of(line, position) | {"net": net, "tax": tax}
    if invoice.kind is InvoiceKind.DEPOSIT:
        row["deducts_line_id"] = line["id"]
        if (net, tax) != (line["net"], line["tax"]):
            row |= _as_amount(invoice, line, net, tax, taken)
    return [row]


def _refuse_with_amounts(quantities: Mapping[int, Decimal] | None, *, again: bool) -> None:
    if quantities is not None:
        raise BadValueError(N_("Credit quantities or amounts, not both on one credit note."), field="amounts")
    if again:
        raise BadValueError(
            N_("A credit by amount gives no quantity back; nothing of it can be billed again."), field="bill_again"
        )


def _amount_rows(
    invoice: Invoice,
    lines: Sequence[dict[str, Any]],
    amounts: Mapping[int, Decimal],
    taken: Mapping[int, Sequence[Decimal]],
) -> list[dict[str, Any]]:
    """Lines that give amounts back, before tax: each at most what is left of its line, with its share of the tax."""
    rows: list[dict[str, Any]] = []
    for line in lines:
        net, tax = left_of(line)
        amount = amounts.get(line["id"], ZERO)
        if line["deducts_line_id"] is not None:
            net = ZERO
        if not is_figure(amount, invoice.digits, max(net, ZERO)):
            raise OverQuantityError(
                N_("Line {line}: {left} before tax can still be credited, {part} was asked for."),
                field=f"lines.{line['position']}",
                line=line["position"],
                left=show_money(max(net, ZERO), invoice.digits),
                part=amount,
            )
        if not amount:
            continue
        share = share_of(tax, amount, net, invoice.digits, Rounding(invoice.rounding))
        row = _row_of(line, len(rows) + 1) | _as_amount(invoice, line, amount, share, taken.get(line["id"], ()))
        if invoice.kind is InvoiceKind.DEPOSIT:
            row["deducts_line_id"] = line["id"]
        rows.append(row)
    if not rows:
        raise MissingValueError(N_("Say how much of which line is credited."), field="amounts")
    return rows


def _as_amount(
    invoice: Invoice, line: dict[str, Any], net: Decimal, tax: Decimal, taken: Sequence[Decimal]
) -> dict[str, Any]:
    """What a line that gives an amount back has in place of a quantity and a price of its own."""
    return {
        "by_amount": True,
        "quantity": Decimal(1),
        "unit": "",
        "factor_num": None,
        "factor_den": None,
        "unit_price": net + tax if line["tax_included"] else net,
        "discount_percent": ZERO,
        "discount_amount": ZERO,
        "net": net,
        "tax": tax,
        "tax_parts": spread(left_in(line["tax_parts"], taken), tax, invoice.digits, Rounding(invoice.rounding)),
    }


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
        if not row["by_amount"]:
            line["credited"] += row["quantity"]
        line["credited_net"] += row["net"]
        line["credited_tax"] += row["tax"]
    touched = [by_key[row["credits_line_id"]] for row in written]
    update_rows(session, InvoiceLine, touched, "credited", "credited_net", "credited_tax")
    invoice.version += 1
    if invoice.kind is InvoiceKind.DEPOSIT:
        assert invoice.order_id is not None
        gross = sum((row["net"] + row["tax"] for row in written), ZERO)
        count_ahead(load(session, SalesOrder, invoice.order_id), -gross)
        return
    count_deducted(session, [row for row in written if row["deducts_line_id"] is not None], -1)
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
