"""Margin per order, from consumed layers. docs/rules/margin.md."""

from datetime import date
from decimal import Decimal as D

import sqlalchemy as sa
from sqlmodel import col

from o2c_tui.models.base import AMOUNT
from o2c_tui.models.ledger import Account, JournalLine
from o2c_tui.queries.margin import order_margins
from o2c_tui.services.crediting import credit_invoice, return_and_credit
from o2c_tui.services.invoicing import invoice_order
from o2c_tui.services.ordering import close_order
from tests.makers import delivered, keys, open_books, ordered, receive


def _margin(desk, order, **words):
    (row,) = desk.ask(order_margins, order_id=order.order_id, **words)
    return row.invoiced, row.cost, row.margin, row.estimate


def test_margin_is_net_invoiced_less_the_layers_consumed_and_an_estimate_until_all_is_done(store):
    desk = open_books(store)
    receive(desk, "BOLT", 5, "4.00")
    receive(desk, "BOLT", 15, "5.00")
    order = ordered(desk, ("BOLT", 10))
    assert _margin(desk, order) == (0, 0, 0, True)
    delivered(desk, order, 6)
    assert _margin(desk, order) == (0, D("25.00"), D("-25.00"), True)
    desk.do(invoice_order, order.order_id)
    assert _margin(desk, order) == (D("60.00"), D("25.00"), D("35.00"), True)
    delivered(desk, order)
    desk.do(invoice_order, order.order_id)
    assert _margin(desk, order) == (D("100.00"), D("45.00"), D("55.00"), False)
    assert desk.ask(order_margins)[0].percent == D("55")


def test_returns_and_credits_lower_it_and_it_agrees_with_the_ledger(store):
    desk = open_books(store)
    receive(desk, "BOLT", 5, "4.00")
    receive(desk, "BOLT", 15, "5.00")
    order = ordered(desk, ("BOLT", 10))
    delivered(desk, order)
    done = desk.do(invoice_order, order.order_id)
    line = keys(desk, "invoice", done.invoice_id)[0]
    desk.do(return_and_credit, done.invoice_id, {line: D(2)}, "damaged")
    desk.do(credit_invoice, done.invoice_id, "allowance", quantities={line: D(1)})

    invoiced, cost, margin, estimate = _margin(desk, order)

    assert (invoiced, cost, margin, estimate) == (D("70.00"), D("35.00"), D("35.00"), False)
    query = (
        sa.select(col(Account.code), sa.func.sum(col(JournalLine.amount), type_=AMOUNT))
        .join(JournalLine, col(JournalLine.account_id) == col(Account.id))
        .group_by(col(Account.code))
    )
    ledger = {code: total for code, total in desk.ask(lambda session: session.execute(query).all())}
    assert (-ledger["4000"], ledger["5000"]) == (invoiced, cost)


def test_an_order_closed_short_is_no_estimate_once_what_left_is_billed(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 10))
    delivered(desk, order, 6)
    desk.do(invoice_order, order.order_id)
    desk.do(close_order, order.order_id)
    assert _margin(desk, order) == (D("60.00"), D("24.00"), D("36.00"), False)


def test_margin_as_of_a_past_day_counts_what_was_dated_until_then(store):
    desk = open_books(store)
    receive(desk, received_on=date(2026, 11, 1))
    order = ordered(desk, ("BOLT", 10), dated_on=date(2026, 11, 2))
    delivered(desk, order, shipped_on=date(2026, 11, 10))
    desk.do(invoice_order, order.order_id, invoiced_on=date(2026, 11, 20))
    assert desk.ask(order_margins, as_of=date(2026, 11, 1)) == []
    assert _margin(desk, order, as_of=date(2026, 11, 15))[:2] == (0, D("40.00"))
    assert _margin(desk, order, as_of=date(2026, 11, 20))[:3] == (D("100.00"), D("40.00"), D("60.00"))
