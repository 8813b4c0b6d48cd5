"""Which step of reminding, and interest by the day. Rule: docs/rules/reminders.md."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_tui.rules.dunning import Span, Step, interest, level_of, reached, spans

DUE = date(2026, 9, 1)
STEPS = (Step(1, 7, "reminder_1"), Step(2, 14, "reminder_2"), Step(3, 30, "reminder_3"))


@pytest.mark.parametrize(("overdue", "level"), [(0, 0), (6, 0), (7, 1), (13, 1), (14, 2), (29, 2), (30, 3), (400, 3)])
def test_a_step_is_reached_on_its_day(overdue, level):
    assert reached(DUE, DUE + timedelta(days=overdue), STEPS) == level


def test_a_step_may_lie_before_the_due_date():
    assert reached(DUE, DUE - timedelta(days=3), (Step(1, -3, "soon"), *STEPS[1:])) == 1


def test_only_the_highest_step_is_sent_and_none_twice():
    on = DUE + timedelta(days=40)
    assert level_of(DUE, on, STEPS, sent=0) == 3  # after a pause: the highest only
    assert level_of(DUE, on, STEPS, sent=2) == 3
    assert level_of(DUE, on, STEPS, sent=3) == 0
    assert level_of(DUE, DUE + timedelta(days=20), STEPS, sent=2) == 0


def test_interest_is_simple_and_by_the_day():
    year = [Span(D(1000), date(2025, 1, 1), date(2026, 1, 1))]
    assert interest(year, D(8), 2) == D("80.00")
    assert interest([Span(D(100), DUE, DUE + timedelta(days=30))], D("7.5"), 2) == D("0.62")  # 0.6164
    assert interest([], D(8), 2) == 0


def test_what_was_paid_meanwhile_bears_interest_until_its_day():
    paid = [(date(2026, 9, 11), D(60)), (date(2026, 10, 1), D(40))]
    found = spans(D(100), DUE, date(2026, 11, 1), paid)
    assert found == [Span(D(100), DUE, date(2026, 9, 11)), Span(D(40), date(2026, 9, 11), date(2026, 10, 1))]


@given(st.lists(st.tuples(st.integers(-5, 40), st.integers(1, 30)), max_size=6), st.integers(1, 30))
def test_interest_of_parts_in_time_is_that_of_the_whole(changes, cut):
    told = [(DUE + timedelta(days=n), D(part)) for n, part in changes]
    last, middle = DUE + timedelta(days=31), DUE + timedelta(days=cut)
    whole = spans(D(100), DUE, last, told)
    until = spans(D(100), DUE, middle, told)
    left = D(100) - sum((part for day, part in told if DUE < day <= middle), D(0))
    after = spans(left, middle, last, told)
    days = [sum((x.amount * (x.last - x.first).days for x in part), D(0)) for part in (whole, until + after)]
    assert days[0] == days[1]
