"""Recurring invoices. docs/rules/invoices.md, "Recurring invoices"."""

from datetime import date
from decimal import Decimal as D

import pytest

from o2c_tui.errors import BadValueError, MissingValueError
from o2c_tui.models.recurring import Every
from o2c_tui.rules.rhythm import day_of, next_after
from o2c_tui.services.drafting import LineDraft
from o2c_tui.services.recurring import RecurringSetup, save_recurring, write_due
from tests.makers import lines, open_books

CARE = LineDraft("", D(1), D("100.00"), description="Care")


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
