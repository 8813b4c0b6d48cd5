"""Invoices: what was ordered or delivered, billed once, posted for ever.

Rule: docs/rules/invoices.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, MissingValueError, OverQuantityError
from o2c_tui.models.company import InvoicePolicy
from o2c_tui.models.delivery import Delivery, DeliveryLine, DeliveryState
from o2c_tui.models.invoice import Invoice, InvoiceKind, InvoiceLine, InvoiceState
from o2c_tui.models.ledger import SourceKind
from o2c_tui.models.order import SalesOrder, SalesOrderLine
from o2c_tui.models.party import Party
from o2c_tui.models.receivable import ReceivableItem
from o2c_tui.models.trade import TERM_FIELDS
from o2c_tui.money import Rounding, is_figure, split
from o2c_tui.queries.collective import SHARED
from o2c_tui.queries.exchange import currency_on, in_company
from o2c_tui.queries.lookups import term_parts, the_company
from o2c_tui.rules.deposits import still_coming
from o2c_tui.rules.exchange import Worth, shared, with_deposits, worth_of
from o2c_tui.rules.progress import ledger_of
from o2c_tui.rules.terms import schedule
from o2c_tui.services.advances import use_paid_ahead
from o2c_tui.services.allocating import in_currency
from o2c_tui.services.billed_lines import bill_part, billed_row, note_taxes, sums_of, tell_deliveries
from o2c_tui.services.credit_checks import check_credit
from o2c_tui.services.deducting import (
    check_ahead,
    count_ahead,
    deduct_anew,
    deduction_rows,
    left_ahead,
    sales_legs,
    value_deductions,
)
from o2c_tui.services.drafting import PLACES, require_lines
from o2c_tui.services.numbering import next_number
from o2c_tui.services.ordering import BILLABLE, refresh_order
from o2c_tui.services.posting import Facts, post_journal
from o2c_tui.services.shipping import refresh_delivery
from o2c_tui.services.support import load, own, require_state, take_step
from o2c_tui.services.taxing import warn_of_taxes
from o2c_tui.storage.chain import record
from o2c_tui.storage.rows import LOCK, delete_rows, insert_rows, parents_of, rows_of, table_of, update_rows
from o2c_tui.texts import N_

ZERO = Decimal(0)


@dataclass(frozen=True)
class Billed:
    """An invoice or credit note that was posted; `open` is what it leaves to pay (or to use).

    In another currency `rate` is what one unit of it is in the company's, and `worth` its total in that; else nothing.
    """

    invoice_id: int
    number: str
    gross: Decimal
    open: Decimal
    due_on: date | None
    rate: Decimal = ZERO
    worth: Decimal | None = None


def draft_invoice(
    session: Session,
    *,
    order_ids: Sequence[int] = (),
    delivery_ids: Sequence[int] = (),
    quantities: Mapping[int, Decimal] | None = None,
    invoiced_on: date | None = None,
    note: str = "",
    rate: Decimal | None = None,
    by: str,
    today: date,
) -> int:
    """Write an invoice down for orders or deliveries of one customer, on the same terms; returns its key.

    From orders it bills what their policy lets be billed now, or of that the `quantities` by order line id; from
    deliveries what was shipped, came not back and is not billed yet. No number is taken; nothing is owed yet. In
    another currency it takes the rate of its own date, or the `rate` told.

    Raises:
        MissingValueError: nothing is left to invoice, or there is no rate on its date. OverQuantityError: more than may be invoiced.
        BadValueError: customers, currencies or terms differ. WrongStateError: an order is not binding, a delivery not shipped.
    """
    orders = _orders(session, order_ids, delivery_ids)
    # copies: what this draft would bill is counted on them, and on the order only when it is posted
    lines = [dict(line) for line in rows_of(session, SalesOrderLine, "order_id", [order.id for order in orders])]
    note_taxes(session, lines)
    if delivery_ids:
        chosen = _from_deliveries(session, delivery_ids, lines)
    else:
        policies = {order.id: order.invoice_policy for order in orders}
        chosen = _from_orders(session, lines, policies, quantities)
    if not chosen:
        raise MissingValueError(
            N_("Nothing is left to invoice for {orders}."), orders=", ".join(order.label for order in orders)
        )
    first = orders[0]
    head = {
        name: getattr(first, name)
        for name in TERM_FIELDS
        if name not in ("discount_percent", "discount_amount", "note")
    }
    on = invoiced_on or today
    if first.rate:
        head["rate"] = currency_on(session, the_company(session), first.currency, on, rate).rate
    if len(orders) > 1:
        head["customer_reference"] = ", ".join(
            dict.fromkeys(o.customer_reference for o in orders if o.customer_reference)
        )
    rows = [
        billed_row(position, line, part, delivery_line_id, first)
        for position, (line, part, delivery_line_id) in enumerate(chosen, 1)
    ]
    if len(delivery_ids) > 1:
        tell_deliveries(session, rows, first.language)
    if any(order.deposited for order in orders):
        rows += deduction_rows(session, [order.id for order in orders], rows, head)
    invoice = Invoice(
        **head,
        **sums_of(rows, first),
        customer_id=first.customer_id,
        ship_to=first.ship_to,
        invoiced_on=on,
        note=note.strip() or first.note,
        by=by,
    )
    own(session, invoice)
    insert_rows(session, InvoiceLine, [{**row, "invoice_id": invoice.id} for row in rows], parent="invoice_id")
    record(session, "draft_invoice", invoice, by=by)
    return invoice.id


def _orders(session: Session, order_ids: Sequence[int], delivery_ids: Sequence[int]) -> list[SalesOrder]:
    if bool(order_ids) == bool(delivery_ids):
        raise MissingValueError(N_("Choose orders or deliveries to invoice."))
    if delivery_ids:
        found = session.execute(
            sa.select(col(Delivery.id), col(Delivery.order_id)).where(
                col(Delivery.id).in_(delivery_ids), col(Delivery.state) == DeliveryState.SHIPPED
            )
        ).all()
        for delivery_id in delivery_ids:
            if delivery_id not in {row.id for row in found}:
                require_state(load(session, Delivery, delivery_id), DeliveryState.SHIPPED, doing=N_("be invoiced"))
        order_ids = sorted({row.order_id for row in found})
    if len(order_ids) == 1:
        orders = [load(session, SalesOrder, order_ids[0])]
    else:
        query = (
            select(SalesOrder)
            .where(col(SalesOrder.id).in_(order_ids))
            .order_by(col(SalesOrder.id))
            .with_for_update(**LOCK)
        )
        orders = list(session.exec(query))
        for order_id in order_ids:
            if order_id not in {order.id for order in orders}:
                load(session, SalesOrder, order_id)
    for order in orders:
        require_state(order, *BILLABLE, doing=N_("be invoiced"))
        for name in SHARED:
            if getattr(order, name) != getattr(orders[0], name):
                raise BadValueError(
                    N_("{first} and {second} cannot share an invoice: customer, address, currency or terms differ."),
                    first=orders[0].label,
                    second=order.label,
                )
    return orders


def _from_orders(
    session: Session,
    lines: Sequence[dict[str, Any]],
    policies: Mapping[int, InvoicePolicy],
    quantities: Mapping[int, Decimal] | None,
) -> list[tuple[dict[str, Any], Decimal, int | None]]:
    chosen: list[tuple[dict[str, Any], Decimal, int | None]] = []
    for line in lines:
        most = ledger_of(line).billable(as_delivered=policies[line["order_id"]] is InvoicePolicy.DELIVERED)
        part = most if quantities is None else quantities.get(line["id"], ZERO)
        if not is_figure(part, PLACES, most):
            raise OverQuantityError(
                N_("Line {line}: {left} may be invoiced, {part} was asked for."),
                field=f"lines.{line['position']}",
                line=line["position"],
                left=most,
                part=part,
            )
        if part:
            chosen.append((line, part, None))
    return _onto_deliveries(session, chosen)


def _onto_deliveries(
    session: Session, chosen: Sequence[tuple[dict[str, Any], Decimal, int | None]]
) -> list[tuple[dict[str, Any], Decimal, int | None]]:
    """Tie what is billed to the deliveries it went out with, oldest first; what was not delivered stays untied."""
    if not chosen:
        return []
    table, head = table_of(DeliveryLine), table_of(Delivery)
    query = (
        sa.select(table.c.id, table.c.order_line_id, table.c.quantity, table.c.returned, table.c.invoiced)
        .join(head, head.c.id == table.c.delivery_id)
        .where(table.c.order_line_id.in_([line["id"] for line, _, _ in chosen]), head.c.state == DeliveryState.SHIPPED)
        .order_by(table.c.id)
    )
    open_of: dict[int, list[list[Any]]] = {}
    for row in session.execute(query):
        left = row.quantity - row.returned - row.invoiced
        if left > ZERO:
            open_of.setdefault(row.order_line_id, []).append([row.id, left])
    tied: list[tuple[dict[str, Any], Decimal, int | None]] = []
    for line, part, _ in chosen:
        for delivery_line_id, left in open_of.get(line["id"], []):
            take = min(part, left)
            if take > ZERO:
                tied.append((line, take, delivery_line_id))
                part -= take
        if part > ZERO:
            tied.append((line, part, None))
    return tied


def _from_deliveries(
    session: Session, delivery_ids: Sequence[int], lines: Sequence[dict[str, Any]]
) -> list[tuple[dict[str, Any], Decimal, int | None]]:
    by_key = {line["id"]: line for line in lines}
    chosen: list[tuple[dict[str, Any], Decimal, int | None]] = []
    for row in rows_of(session, DeliveryLine, "delivery_id", list(delivery_ids)):
        line = by_key[row["order_line_id"]]
        part = min(row["quantity"] - row["returned"] - row["invoiced"], ledger_of(line).unbilled)
        if part > ZERO:
            chosen.append((line, part, row["id"]))
    return chosen


def post_invoice(
    session: Session, invoice_id: int, *, version: int | None = None, by: str, today: date, now: datetime
) -> Billed:
    """Post an invoice: its instalments are owed from now on, the ledger says so, and it takes the next number last.

    Raises:
        WrongStateError: it is posted already; EmptyDocumentError: it has no lines.
        OverQuantityError: its lines were invoiced by another invoice meanwhile.
        CreditLimitError: it raises the customer's debt beyond the limit. DateOrderError: see next_number.
    """
    invoice = load(session, Invoice, invoice_id, version=version)
    require_state(invoice, InvoiceState.DRAFT, doing=N_("be posted"))
    lines = rows_of(session, InvoiceLine, "invoice_id", invoice_id)
    require_lines(lines, N_("The invoice"))
    customer = load(session, Party, invoice.customer_id)
    warn_of_taxes(session, customer, lines, invoice.invoiced_on)
    orders = _count_billed(session, lines)
    lines = deduct_anew(session, invoice, lines, [order for order, _was in orders])
    if invoice.kind is InvoiceKind.DEPOSIT:
        orders.append(_count_deposit(session, invoice, lines))
    eased = ZERO
    for order, was in orders:
        eased += in_company(session, order, was - still_coming(order.uninvoiced, order.deposited))
    for name, value in sums_of(lines, invoice).items():
        setattr(invoice, name, value)
    worth = value_lines(session, invoice, lines)
    if worth.gross > eased:
        check_credit(session, customer, worth.gross - eased)
    parts = schedule(
        invoice.gross,
        term_parts(session, invoice.term),
        invoice.invoiced_on,
        invoice.digits,
        Rounding(invoice.rounding),
    )
    worths = shares_of(session, invoice, worth.gross, [part.amount for part in parts])
    items = insert_rows(
        session,
        ReceivableItem,
        [
            {
                "customer_id": invoice.customer_id,
                "invoice_id": invoice.id,
                "position": position,
                "dated_on": invoice.invoiced_on,
                "due_on": part.due_on,
                "amount": part.amount,
                **in_currency(invoice, worths[position - 1]),
                "discount_on": part.discount_on,
                "discount_amount": part.discount_amount,
                "open": part.amount,
                "base_open": worths[position - 1],
                "settled_on": None if part.amount else invoice.invoiced_on,
            }
            for position, part in enumerate(parts, 1)
        ],
    )
    invoice.due_on = max(part.due_on for part in parts)
    invoice.open = invoice.gross
    invoice.settled_on = None if invoice.gross else invoice.invoiced_on
    invoice.posted_at = now
    invoice.number = next_number(session, "invoice", invoice.invoiced_on)
    take_step(session, invoice, InvoiceState.POSTED)
    journal = post_journal(
        session,
        SourceKind.INVOICE,
        invoice.id,
        invoice.invoiced_on,
        sales_legs(invoice, lines, worth),
    )
    session.flush()
    facts: Facts = [(Invoice, [invoice]), (InvoiceLine, lines), (ReceivableItem, items), *journal]
    record(session, "post_invoice", invoice, by=by, facts=facts)
    use_paid_ahead(session, invoice, lines)
    told = (invoice.rate, worth.gross) if invoice.rate else ()
    return Billed(invoice.id, invoice.number, invoice.gross, invoice.open, invoice.due_on, *told)


def value_lines(session: Session, invoice: Invoice, lines: Sequence[dict[str, Any]]) -> Worth:
    """What an invoice is worth in the company's currency; of another, each line keeps its part of net and tax. What
    deposits billed ahead is worth what it was worth then, and so are the lines it was for.
    """
    if not invoice.rate:
        return Worth(invoice.gross, invoice.net, invoice.tax, invoice.cash_difference)
    company = the_company(session)
    rounding = Rounding(company.rounding)
    worth = worth_of(invoice.gross, invoice.tax, invoice.cash_difference, invoice.rate, company.digits, rounding)
    ahead = value_deductions(session, lines, company.digits, rounding)
    goods = [line for line in lines if line["deducts_line_id"] is None]
    whole = with_deposits(worth, *ahead)
    nets, taxes = [line["net"] for line in goods], [line["tax"] for line in goods]
    for line, part in zip(goods, shared(whole, nets, taxes, company.digits, rounding), strict=True):
        line["base_net"], line["base_tax"] = part
    update_rows(session, InvoiceLine, lines, "base_net", "base_tax")
    return worth


def shares_of(session: Session, invoice: Invoice, worth: Decimal, parts: Sequence[Decimal]) -> list[Decimal]:
    """What instalments of an invoice are worth in the company's currency, adding up to its `worth`."""
    return split(worth, parts, the_company(session).digits) if invoice.rate else list(parts)


def _count_deposit(
    session: Session, invoice: Invoice, lines: Sequence[Mapping[str, Any]]
) -> tuple[SalesOrder, Decimal]:
    """Count a deposit invoice on its order; returns the order, and what it had added to the customer's debt before.

    Raises:
        OverQuantityError: it asks for more than is left to invoice. WrongStateError: the order is not open.
    """
    assert invoice.order_id is not None
    order = load(session, SalesOrder, invoice.order_id)
    gross = sum((line["net"] + line["tax"] for line in lines), ZERO)
    check_ahead(order, gross, sum((net + tax for net, tax in left_ahead(session, order).values()), ZERO))
    before = still_coming(order.uninvoiced, order.deposited)
    count_ahead(order, gross)
    return order, before


def _count_billed(session: Session, lines: Sequence[dict[str, Any]]) -> list[tuple[SalesOrder, Decimal]]:
    """Count an invoice on its orders and deliveries; returns the orders, with what each had added to the customer's debt.

    Where another draft of the same order was posted first, the lines' shares are those that are left now.
    """
    keys = sorted({line["order_line_id"] for line in lines if line["order_line_id"] is not None})
    orders: list[tuple[SalesOrder, Decimal]] = []
    if keys:
        for order_id in parents_of(session, SalesOrderLine, "order_id", keys):
            order = load(session, SalesOrder, order_id)
            orders.append((order, still_coming(order.uninvoiced, order.deposited)))
            order_lines = {line["id"]: line for line in rows_of(session, SalesOrderLine, "order_id", order_id)}
            note_taxes(session, list(order_lines.values()))
            mine = [line for line in lines if line["order_line_id"] in order_lines]
            told = [(line["net"], line["tax"], line["tax_parts"]) for line in mine]
            for line in mine:
                _count_line(line, order_lines[line["order_line_id"]], order)
            shifted = [
                line
                for line, was in zip(mine, told, strict=True)
                if (line["net"], line["tax"], line["tax_parts"]) != was
            ]
            update_rows(session, InvoiceLine, shifted, "net", "tax", "tax_parts")
            touched = {line["order_line_id"]: order_lines[line["order_line_id"]] for line in mine}
            update_rows(session, SalesOrderLine, list(touched.values()), "invoiced", "invoiced_net", "invoiced_tax")
            refresh_order(order, list(order_lines.values()))
            order.version += 1
    count_on_deliveries(
        session, {x["delivery_line_id"]: x["quantity"] for x in lines if x["delivery_line_id"] is not None}
    )
    return orders


def _count_line(line: dict[str, Any], order_line: dict[str, Any], order: SalesOrder) -> None:
    most = ledger_of(order_line).billable(as_delivered=order.invoice_policy is InvoicePolicy.DELIVERED)
    if line["quantity"] > most:
        raise OverQuantityError(
            N_("Line {line}: {left} may be invoiced, {part} was asked for."),
            field=f"lines.{line['position']}",
            line=line["position"],
            left=most,
            part=line["quantity"],
        )
    line.update(bill_part(order_line, line["quantity"], order))


def count_on_deliveries(session: Session, parts: Mapping[int, Decimal]) -> None:
    """Add billed quantities (negative: credited) to delivery lines, and keep their deliveries' billing true."""
    if not parts:
        return
    ids = parents_of(session, DeliveryLine, "delivery_id", list(parts))
    rows = rows_of(session, DeliveryLine, "delivery_id", ids)
    touched = [row for row in rows if row["id"] in parts]
    for row in touched:
        row["invoiced"] += parts[row["id"]]
    update_rows(session, DeliveryLine, touched, "invoiced")
    for delivery_id in ids:
        delivery = load(session, Delivery, delivery_id)
        refresh_delivery(delivery, [row for row in rows if row["delivery_id"] == delivery_id])
        delivery.version += 1


def invoice_order(
    session: Session,
    order_id: int,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    invoiced_on: date | None = None,
    rate: Decimal | None = None,
    version: int | None = None,
    by: str,
    today: date,
    now: datetime,
) -> Billed:
    """Invoice an order in one step: write it down and post it (see draft_invoice and post_invoice)."""
    load(session, SalesOrder, order_id, version=version)
    invoice_id = draft_invoice(
        session, order_ids=[order_id], quantities=quantities, invoiced_on=invoiced_on, rate=rate, by=by, today=today
    )
    return post_invoice(session, invoice_id, by=by, today=today, now=now)


def invoice_deliveries(
    session: Session,
    delivery_ids: Sequence[int],
    *,
    invoiced_on: date | None = None,
    rate: Decimal | None = None,
    version: int | None = None,
    by: str,
    today: date,
    now: datetime,
) -> Billed:
    """Invoice deliveries of one customer in one step, on one invoice."""
    if version is not None and len(delivery_ids) == 1:
        load(session, Delivery, delivery_ids[0], version=version)
    invoice_id = draft_invoice(
        session, delivery_ids=delivery_ids, invoiced_on=invoiced_on, rate=rate, by=by, today=today
    )
    return post_invoice(session, invoice_id, by=by, today=today, now=now)


def delete_invoice(session: Session, invoice_id: int, *, version: int | None = None, by: str, today: date) -> None:
    """Throw a draft invoice away; a posted one is credited instead.

    Raises:
        WrongStateError: it is posted.
    """
    invoice = load(session, Invoice, invoice_id, version=version)
    require_state(invoice, InvoiceState.DRAFT, doing=N_("be deleted"))
    delete_rows(session, InvoiceLine, "invoice_id", invoice_id)
    session.delete(invoice)
    record(session, "delete_invoice", invoice, by=by)


def is_credit_note(invoice: Invoice) -> bool:
    """Whether it gives back instead of charging."""
    return invoice.kind is InvoiceKind.CREDIT_NOTE
