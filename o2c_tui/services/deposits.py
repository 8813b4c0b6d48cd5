"""Deposit invoices: money asked for on an order before its goods are billed.

Rule: docs/rules/invoices.md, "Deposits".
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from o2c_tui.errors import BadValueError, MissingValueError
from o2c_tui.models.invoice import Invoice, InvoiceKind, InvoiceLine
from o2c_tui.models.order import OrderState, SalesOrder, SalesOrderLine
from o2c_tui.models.trade import TERM_FIELDS
from o2c_tui.money import MOST_AMOUNT, Rounding, is_figure, round_to
from o2c_tui.queries.exchange import currency_on
from o2c_tui.queries.lookups import term_parts, the_company
from o2c_tui.rules.deposits import shared_deposit
from o2c_tui.rules.pricing import HUNDRED
from o2c_tui.rules.tax_parts import joined, spread
from o2c_tui.services.billed_lines import sums_of
from o2c_tui.services.deducting import LEFT_BY, check_ahead, left_ahead, said_in
from o2c_tui.services.drafting import PLACES
from o2c_tui.services.invoicing import Billed, post_invoice
from o2c_tui.services.support import load, own, require_state
from o2c_tui.storage.chain import record
from o2c_tui.storage.rows import insert_rows, rows_of
from o2c_tui.texts import N_

ZERO = Decimal(0)


def draft_deposit(
    session: Session,
    order_id: int,
    *,
    percent: Decimal | None = None,
    amount: Decimal | None = None,
    invoiced_on: date | None = None,
    rate: Decimal | None = None,
    term: str = "",
    note: str = "",
    version: int | None = None,
    by: str,
    today: date,
) -> int:
    """Write a deposit invoice down on a confirmed order: a percent of it, or an amount, tax included; returns its key.

    Each tax of the order bears its part, in proportion to what is left to bill of it. Final invoices take the deposit
    off. In another currency it takes the rate of its own date, or the `rate` told.

    Raises:
        MissingValueError: neither percent nor amount. BadValueError: both, or out of bounds; an unknown term.
        OverQuantityError: more than is left to invoice of the order. WrongStateError: the order is not binding.
    """
    order = load(session, SalesOrder, order_id, version=version)
    require_state(order, OrderState.CONFIRMED, OrderState.ON_HOLD, doing=N_("be billed ahead"))
    lines = rows_of(session, SalesOrderLine, "order_id", order_id)
    groups = left_ahead(session, order)
    gross = _asked(order, percent, amount, sum((net + tax for net, tax in groups.values()), ZERO))
    if term:
        term_parts(session, term)
    parts = shared_deposit(gross, list(groups.values()), order.digits, Rounding(order.rounding))
    words = said_in(order.language, N_("Deposit on order {number}"), number=order.label)
    rows: list[dict[str, Any]] = []
    for group, (net, tax) in zip(groups, parts, strict=True):
        if net or tax:
            facts = dict(zip(LEFT_BY, group, strict=True))
            price = net + tax if facts["tax_included"] else net
            row = {"position": len(rows) + 1, "description": words, "quantity": Decimal(1), "unit_price": price}
            mine = [line["tax_parts"] for line in lines if all(line[name] == facts[name] for name in LEFT_BY)]
            parts_of_tax = spread(joined(mine), tax, order.digits, Rounding(order.rounding))
            rows.append({**row, **facts, "price_source": "typed", "net": net, "tax": tax, "tax_parts": parts_of_tax})
    skipped = ("term", "discount_percent", "discount_amount", "note")
    head = {name: getattr(order, name) for name in TERM_FIELDS if name not in skipped}
    if order.rate:
        on = invoiced_on or today
        head["rate"] = currency_on(session, the_company(session), order.currency, on, rate).rate
    invoice = Invoice(
        **head,
        kind=InvoiceKind.DEPOSIT,
        order_id=order.id,
        term=term.strip().upper() or order.term,
        **sums_of(rows, order),
        customer_id=order.customer_id,
        ship_to=order.ship_to,
        invoiced_on=invoiced_on or today,
        note=note.strip(),
        by=by,
    )
    own(session, invoice)
    insert_rows(session, InvoiceLine, [{**row, "invoice_id": invoice.id} for row in rows], parent="invoice_id")
    record(session, "draft_deposit", invoice, by=by)
    return invoice.id


def _asked(order: SalesOrder, percent: Decimal | None, amount: Decimal | None, left: Decimal) -> Decimal:
    """What is asked for, tax included: at most what is `left` to be billed ahead. Of a total in cash steps the whole may
    be asked for, though the lines come to a few cents less.

    Raises:
        MissingValueError: neither percent nor amount. BadValueError: both, or out of bounds. OverQuantityError: see check_ahead.
    """
    if percent is None and amount is None:
        raise MissingValueError(
            N_("Say how much is asked for ahead: a percent of the order, or an amount."), field="amount"
        )
    if percent is not None and amount is not None:
        raise BadValueError(N_("Give a percent or an amount, not both."), field="amount")
    if percent is not None:
        if not is_figure(percent, PLACES, HUNDRED) or not percent:
            raise BadValueError(N_("The percent must be more than 0 and at most 100."), field="percent")
        gross = round_to((order.net + order.tax) * percent / HUNDRED, order.digits, Rounding(order.rounding))
    else:
        assert amount is not None
        if not is_figure(amount, order.digits, MOST_AMOUNT) or not amount:
            raise BadValueError(N_("The amount must be more than 0, with the currency's decimals."), field="amount")
        gross = amount
    if left < gross < left + order.cash_step:
        gross = left
    check_ahead(order, gross, left)
    return gross


def deposit_invoice(
    session: Session,
    order_id: int,
    *,
    percent: Decimal | None = None,
    amount: Decimal | None = None,
    invoiced_on: date | None = None,
    rate: Decimal | None = None,
    term: str = "",
    note: str = "",
    version: int | None = None,
    by: str,
    today: date,
    now: datetime,
) -> Billed:
    """Ask for a deposit on an order in one step: write the deposit invoice down and post it (see draft_deposit)."""
    invoice_id = draft_deposit(
        session, order_id, percent=percent, amount=amount, invoiced_on=invoiced_on, rate=rate, term=term, note=note,
        version=version, by=by, today=today,
    )  # fmt: skip
    return post_invoice(session, invoice_id, by=by, today=today, now=now)
