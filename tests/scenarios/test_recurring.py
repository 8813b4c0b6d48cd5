"""Recurring invoices. docs/rules/invoices.md, "Recurring invoices"."""

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest

from o2c_tui.errors import BadValueError, MissingValueError, UnknownCodeError, WrongStateError
from o2c_tui.models.recurring import Every
from o2c_tui.queries.home import today as home_today
from o2c_tui.queries.recurring import plans
from o2c_tui.rules.rhythm import day_of, next_after
from o2c_tui.services.crediting import credit_invoice
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.each import Job, do_each
from o2c_tui.services.exchanging import save_rate
from o2c_tui.services.free_invoices import save_invoice
from o2c_tui.services.invoicing import invoice_order, post_invoice
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.recurring import RecurringSetup, save_recurring, write_due
from o2c_tui.services.recurring_plans import (
    end_recurring,
    pause_recurring,
    recur_document,
    resume_recurring,
    setup_of,
)
from o2c_tui.services.setup import ItemSetup, save_item
from tests.makers import delivered, lines, open_books, ordered, paid, receive, sold

CARE = LineDraft("", D(1), D("100.00"), description="Care")


def plan_id(desk, code):
    """The key of the plan with this code."""
    return {plan.code: plan.id for plan in desk.ask(plans, on=desk.today)}[code]


def test_the_end_of_a_month_stays_its_end():
    days = [day_of(date(2026, 1, 31), "month", 1, n) for n in range(4)]
    assert days == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
    assert day_of(date(2028, 2, 29), "year", 1, 1) == date(2029, 2, 28)
    assert next_after(date(2026, 11, 3), "week", 2, date(2026, 11, 24)) == date(2026, 12, 1)


def test_a_plan_writes_one_draft_on_its_day_and_twice_on_a_day_makes_one(store):
    desk = open_books(store)
    desk.do(save_recurring, RecurringSetup("CARE", "ACME", (CARE, *lines(("FREIGHT", 1))), desk.today))
    (first,) = desk.do(write_due)
    assert (first.code, first.gross, first.missed) == ("CARE", D("138.00"), 0)
    head = desk.document("invoice", first.invoice_id).head
    assert (str(head["state"]), head["recurring_id"]) == ("draft", 1)
    assert desk.do(write_due) == ()
    desk.today = date(2026, 12, 24)
    (posted,) = desk.do(write_due, post=True)
    assert posted.number == "INV26-0001"
    desk.holds()


def test_after_a_pause_it_catches_up_once_and_says_what_it_missed(store):
    desk = open_books(store)
    desk.do(save_recurring, RecurringSetup("CARE", "ACME", (CARE,), date(2026, 8, 31)))
    (once,) = desk.do(write_due)  # 31 Aug, 30 Sep and 31 Oct have passed
    assert once.missed == 2
    assert desk.do(write_due) == ()
    desk.today = date(2026, 11, 30)
    assert len(desk.do(write_due)) == 1
    desk.holds()


def test_a_plan_ends_on_its_day_and_is_checked_when_it_is_made(store):
    desk = open_books(store)
    desk.do(save_recurring, RecurringSetup("CARE", "ACME", (CARE,), desk.today, Every.WEEK, until_on=desk.today))
    assert len(desk.do(write_due)) == 1
    desk.next_day(30)
    assert desk.do(write_due) == ()
    with pytest.raises(BadValueError, match="BOLT is kept in stock"):
        desk.do(save_recurring, RecurringSetup("X", "ACME", lines(("BOLT", 1)), desk.today))
    with pytest.raises(BadValueError, match="1 to 1000"):
        desk.do(save_recurring, RecurringSetup("X", "ACME", (CARE,), desk.today, times=0))
    with pytest.raises(MissingValueError, match="at least one line"):
        desk.do(save_recurring, RecurringSetup("X", "ACME", (), desk.today))
    desk.holds()


def test_a_changed_plan_goes_on_with_its_new_lines(store):
    desk = open_books(store)
    desk.do(save_recurring, RecurringSetup("CARE", "ACME", (CARE, CARE), desk.today))
    desk.do(write_due)
    dearer = LineDraft("", D(1), D("110.00"), description="Care")
    desk.do(save_recurring, RecurringSetup("CARE", "ACME", (dearer,), desk.today))
    assert desk.do(write_due) == ()
    desk.today = date(2026, 12, 24)
    (done,) = desk.do(write_due)
    assert done.gross == D("132.00")
    desk.holds()


def test_a_plan_is_made_of_an_invoice_at_its_prices_discounts_folded_into_them(store):
    desk = open_books(store)
    advice = LineDraft("", D(3), D("50.00"), description="Advice", discount_amount=D("6.00"))
    told = DocumentDraft("ACME", (CARE, advice, *lines(("FREIGHT", 2))), note="as agreed", customer_reference="C-7")
    bill = desk.do(post_invoice, desk.do(save_invoice, told).id)
    desk.do(recur_document, bill.number, "ACME", starts_on=date(2026, 12, 1), every=Every.YEAR)
    setup, _version = desk.ask(setup_of, plan_id(desk, "ACME"))
    assert [(x.item, x.description, x.quantity, x.unit_price) for x in setup.lines] == [
        ("", "Care", D(1), D(100)), ("", "Advice", D(3), D(48)), ("FREIGHT", "Freight", D(2), D(15)),
    ]  # fmt: skip
    assert (setup.every, setup.note, setup.customer_reference, setup.term) == ("year", "as agreed", "C-7", "30D")
    desk.today = date(2026, 12, 1)
    (done,) = desk.do(write_due)
    assert done.gross == bill.gross
    desk.do(recur_document, bill.number, "ACME", starts_on=date(2026, 12, 1), note="other")  # in place of its lines
    assert desk.ask(setup_of, plan_id(desk, "ACME"))[0].note == "other"
    desk.holds()


def test_a_plan_of_an_order_bills_its_services_with_its_discount_and_goods_are_refused(store):
    desk = open_books(store)
    order = ordered(desk, ("FREIGHT", 4), discount_percent=D(10))
    desk.do(recur_document, order.number, "HAUL", starts_on=desk.today)
    (done,) = desk.do(write_due)
    assert done.gross == D("64.80")
    delivered(desk, order)
    bill = desk.do(invoice_order, order.order_id)  # its line carries its share of the discount
    desk.do(recur_document, bill.number, "HAUL2", starts_on=desk.today)
    assert desk.do(write_due)[0].gross == D("64.80")
    receive(desk, "BOLT", 5)
    with pytest.raises(BadValueError, match="BOLT is kept in stock"):
        desk.do(recur_document, sold(desk, ("BOLT", 1)).number, "X", starts_on=desk.today)
    note = desk.do(credit_invoice, bill.invoice_id, "late")
    with pytest.raises(BadValueError, match="CN26-0001 is not billed again"):
        desk.do(recur_document, note.number, "X", starts_on=desk.today)
    with pytest.raises(BadValueError, match="neither an invoice nor a sales order"):
        desk.do(recur_document, paid(desk, 1).number, "X", starts_on=desk.today)
    desk.holds()


def test_a_paused_plan_writes_nothing_and_its_days_are_not_billed_when_it_goes_on(store):
    desk = open_books(store)
    desk.do(save_recurring, RecurringSetup("CARE", "ACME", (CARE,), date(2026, 8, 31)))
    assert len(desk.do(write_due)) == 1
    desk.do(pause_recurring, "CARE")
    assert state(desk) == "paused"
    with pytest.raises(WrongStateError, match="paused already"):
        desk.do(pause_recurring, "CARE")
    desk.today = date(2027, 2, 10)
    assert desk.do(write_due) == ()
    desk.do(resume_recurring, "CARE")
    assert desk.do(write_due) == ()
    with pytest.raises(WrongStateError, match="not paused"):
        desk.do(resume_recurring, "CARE")
    setup, version = desk.ask(setup_of, plan_id(desk, "CARE"))
    desk.do(save_recurring, replace(setup, note="dearer soon"), version=version)  # its next day stays
    desk.today = date(2027, 2, 28)
    (done,) = desk.do(write_due)
    assert done.missed == 0
    desk.holds()


def test_a_plan_ends_with_a_day_and_what_is_due_until_then_is_written(store):
    desk = open_books(store)
    desk.do(save_recurring, RecurringSetup("CARE", "ACME", (CARE,), desk.today))
    desk.do(end_recurring, "CARE")
    assert state(desk) == "due"
    assert len(desk.do(write_due)) == 1
    assert state(desk) == "ended"
    for verb in (end_recurring, pause_recurring, resume_recurring):
        with pytest.raises(WrongStateError, match="CARE has ended"):
            desk.do(verb, "CARE")
    desk.do(save_recurring, RecurringSetup("HAUL", "ACME", (CARE,), date(2027, 1, 1)))
    with pytest.raises(BadValueError, match="end before it begins"):
        desk.do(end_recurring, "HAUL", on=desk.today)
    desk.do(end_recurring, "HAUL")
    assert state(desk, "HAUL") == "ended"
    with pytest.raises(UnknownCodeError, match="CARE"):
        desk.do(end_recurring, "CARF")
    desk.holds()


def test_in_a_run_of_plans_one_that_is_refused_does_not_stop_the_others_and_home_counts_what_is_due(store):
    desk = open_books(store)
    desk.do(save_rate, "USD", D("0.9"), on=date(2026, 11, 1))
    desk.do(save_party, PartySetup("USCO", "Bay Tools", currency="USD"))
    desk.do(save_recurring, RecurringSetup("CARE", "ACME", (CARE,), desk.today))
    desk.do(save_recurring, RecurringSetup("HAUL", "USCO", lines(("FREIGHT", 2)), desk.today))
    assert [(plan.code, plan.net, plan.currency) for plan in desk.ask(plans, on=desk.today)] == [
        ("CARE", D(100), "EUR"), ("HAUL", D("33.34"), "USD"),
    ]  # fmt: skip
    assert desk.ask(home_today, today=desk.today, login="ada").recurring.count == 2
    desk.do(save_item, ItemSetup("FREIGHT", "Freight", kind="service", sale_price=D("15.00"), active=False))
    jobs = [Job(code, {"codes": [code]}) for code in ("HAUL", "CARE")]
    refused, done = do_each(store, write_due, jobs, accepted=None, by="ada", today=desk.today)
    assert "FREIGHT" in str(refused.refusal)
    assert done.result[0].code == "CARE"
    assert desk.ask(home_today, today=desk.today, login="ada").recurring.count == 1
    desk.holds()


def state(desk, code="CARE"):
    """How a plan stands today."""
    return next(plan.state for plan in desk.ask(plans, on=desk.today) if plan.code == code)
