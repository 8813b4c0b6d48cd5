"""Collective invoices. docs/rules/invoices.md, "Collective invoices"."""

from datetime import date
from decimal import Decimal as D

import pytest

from o2c_tui.errors import BadValueError, MissingValueError, UnknownCodeError
from o2c_tui.queries.collective import to_bill
from o2c_tui.queries.home import today as home_today
from o2c_tui.rules.rhythm import month_over
from o2c_tui.services.collective import invoice_period
from o2c_tui.services.crediting import credit_invoice
from o2c_tui.services.each import Job, do_each, try_each
from o2c_tui.services.exchanging import save_rate
from o2c_tui.services.ordering import close_order
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.shipping import return_goods
from tests.makers import delivered, keys, open_books, ordered, receive

END = date(2026, 10, 31)


@pytest.fixture
def desk(store):
    """ACME is billed monthly; 1,000 bolts are there."""
    desk = open_books(store)
    desk.do(save_party, PartySetup("ACME", "Acme Works", monthly_invoice=True))
    desk.today = date(2026, 10, 1)
    receive(desk, "BOLT", 1000)
    return desk


def left(desk, day, *wanted, **head):
    """Ordered and delivered on a day; the order and the delivery."""
    desk.today = day
    order = ordered(desk, *wanted, **head)
    return order, delivered(desk, order)


def test_the_newest_month_that_is_over():
    assert month_over(date(2026, 11, 1)) == END
    assert month_over(date(2026, 11, 29)) == END
    assert month_over(date(2026, 11, 30)) == date(2026, 11, 30)  # on its last day
    assert month_over(date(2028, 3, 1)) == date(2028, 2, 29)


def test_all_that_left_in_a_month_is_on_one_invoice_once_and_says_with_which_delivery(desk):
    left(desk, date(2026, 10, 2), ("BOLT", 5), ("FREIGHT", 1), customer_reference="PO 1")
    desk.today = date(2026, 10, 10)
    order = ordered(desk, ("BOLT", 20), customer_reference="PO 2")
    delivered(desk, order, 8)
    desk.today = END
    delivered(desk, order, 2)
    left(desk, date(2026, 11, 3), ("BOLT", 7))
    (done,) = desk.do(invoice_period, "ACME", until=END)
    # 15 bolts at 10.00 and freight at 15.00: 165.00 and 20 %
    assert (done.gross, done.number) == (D("198.00"), "INV26-0001")
    told = desk.document("invoice", done.invoice_id)
    assert [(line["quantity"], line["note"]) for line in told.lines] == [
        (D(5), "Delivery DN26-0001 of 2026-10-02"), (D(1), ""), (D(8), "Delivery DN26-0002 of 2026-10-10"),
        (D(2), "Delivery DN26-0003 of 2026-10-31"),
    ]  # fmt: skip
    assert told.head["note"] == "Deliveries from 2026-10-02 to 2026-10-31"
    assert told.head["customer_reference"] == "PO 1, PO 2"
    with pytest.raises(MissingValueError, match="Acme Works: all that was delivered until 2026-10-31 is invoiced"):
        desk.do(invoice_period, "ACME", until=END)
    (rest,) = desk.do(invoice_period, "ACME", until=date(2026, 11, 30))
    assert rest.gross == D("84.00")
    desk.holds()


def test_a_period_may_begin_on_a_day_and_what_came_back_is_not_billed(desk):
    left(desk, date(2026, 10, 2), ("BOLT", 5))
    _order, back = left(desk, date(2026, 10, 20), ("BOLT", 6))
    desk.do(return_goods, back.delivery_id, {keys(desk, "delivery", back.delivery_id)[0]: D(2)})
    (done,) = desk.do(invoice_period, "ACME", since=date(2026, 10, 15), until=END, invoiced_on=END)
    assert (done.gross, done.due_on) == (D("48.00"), date(2026, 11, 30))
    with pytest.raises(BadValueError, match="lies after the last"):
        desk.do(invoice_period, "ACME", since=END, until=date(2026, 10, 1))
    with pytest.raises(UnknownCodeError):
        desk.do(invoice_period, "ACNE", until=END)
    desk.holds()


def test_what_cannot_share_an_invoice_gets_one_of_its_own(desk):
    left(desk, date(2026, 10, 2), ("BOLT", 5))
    left(desk, date(2026, 10, 3), ("BOLT", 1), term="HALF")
    left(desk, date(2026, 10, 4), ("BOLT", 2))
    first, second = desk.do(invoice_period, "ACME", until=END)
    assert (first.gross, second.gross) == (D("84.00"), D("12.00"))
    assert "\n" not in desk.document("invoice", second.invoice_id).head["note"]
    desk.holds()


def test_what_is_credited_to_be_billed_again_is_on_the_next_one_and_a_closed_order_too(desk):
    order, _ = left(desk, date(2026, 10, 2), ("BOLT", 5))
    (done,) = desk.do(invoice_period, "ACME", until=END)
    desk.do(credit_invoice, done.invoice_id, "wrong name", bill_again=True)
    desk.today = date(2026, 10, 20)
    part = ordered(desk, ("BOLT", 10))
    delivered(desk, part, 4)
    desk.do(close_order, part.order_id)
    (again,) = desk.do(invoice_period, "ACME", until=END)
    assert again.gross == D("108.00")
    assert desk.document("order", order.order_id).head["billing"] == "fully"
    desk.holds()


def test_only_customers_billed_monthly_are_proposed_and_home_counts_them(desk):
    desk.do(save_party, PartySetup("BEACON", "Beacon Hardware"))
    left(desk, date(2026, 10, 2), ("BOLT", 5))
    left(desk, date(2026, 10, 2), ("BOLT", 1), customer="BEACON")
    left(desk, date(2026, 11, 2), ("BOLT", 1))
    assert [(one.code, one.numbers) for one in desk.ask(to_bill, until=END)] == [("ACME", ("DN26-0001",))]
    assert desk.ask(home_today, today=date(2026, 11, 5), login="ada").monthly.count == 1
    assert desk.ask(home_today, today=date(2026, 10, 30), login="ada").monthly.count == 0
    desk.do(invoice_period, "ACME", until=END)
    assert desk.ask(home_today, today=date(2026, 11, 5), login="ada").monthly.count == 0
    (theirs,) = desk.do(invoice_period, "BEACON", until=END)  # whoever is named is billed
    assert theirs.gross == D("12.00")
    desk.holds()


def test_in_a_run_who_is_refused_does_not_stop_the_others_and_nothing_is_billed_twice(desk):
    desk.today = date(2026, 10, 5)
    desk.do(save_rate, "USD", D("0.9"))
    desk.do(save_party, PartySetup("USCO", "Bay Tools", currency="USD", monthly_invoice=True))
    left(desk, date(2026, 10, 6), ("BOLT", 5))
    left(desk, date(2026, 10, 6), ("FREIGHT", 2), customer="USCO")
    words = {"until": END, "by": "ada", "today": date(2026, 11, 2)}
    jobs = [Job(code, {"customer": code}) for code in ("USCO", "ACME")]
    early = {**words, "invoiced_on": date(2026, 10, 4)}  # there is no rate yet
    tried = try_each(desk.store, invoice_period, jobs, **early)
    assert [job.refusal is None for job in tried] == [False, True]
    done = do_each(desk.store, invoice_period, tried, **early)
    assert "USD" in str(done[0].refusal)
    assert done[1].result[0].gross == D("60.00")
    again = do_each(desk.store, invoice_period, jobs, **words)
    assert again[0].result[0].gross == D("40.01")  # dated today: 2 at 15.00 / 0.9 = 16.67, with 20 %
    assert "is invoiced" in str(again[1].refusal)
    desk.holds()
