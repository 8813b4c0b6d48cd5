"""docs/rules/insight.md: the middle of days, and when what is open may be expected."""

from datetime import date, timedelta
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from o2c_tui.rules.forecast import (
    Mark,
    Owed,
    Promise,
    days_sales_outstanding,
    expected,
    mean_days,
    median_days,
    still_owed,
    week_of,
    weeks,
)

TODAY = date(2026, 11, 24)  # a Tuesday
CENTS = st.integers(1, 50_000).map(lambda n: D(n).scaleb(-2))
DAYS = st.integers(-60, 120).map(lambda n: TODAY + timedelta(days=n))
OWED = st.lists(st.tuples(st.sampled_from([1, 2, 3, None]), DAYS, CENTS, st.booleans()), max_size=8).map(
    lambda rows: [Owed(n, *row) for n, row in enumerate(rows)]
)
PROMISES = st.lists(st.builds(Promise, st.sampled_from([1, 2, None]), DAYS, CENTS), max_size=3)


def days(n):
    return TODAY + timedelta(days=n)


def told(parts):
    return [(part.key, part.on, part.amount, part.mark) for part in parts]


def test_half_a_day_counts_as_a_whole_one_later():
    assert [median_days(x) for x in ([], [5], [3, 4], [-3, -2], [9, 1, 2], [1, 2, 5, 30])] == [None, 5, 4, -2, 2, 4]


def test_the_mean_weighs_by_amount():
    assert mean_days([(10, D(900)), (40, D(100))]) == D(13)
    assert mean_days([]) is None


def test_ninety_days_of_invoices_not_paid_are_ninety_days():
    assert days_sales_outstanding(D(300), D(300), 90) == D(90)
    assert days_sales_outstanding(D(100), D(300), 90) == D(30)
    assert days_sales_outstanding(D(100), D(0), 90) is None


def test_due_dates_are_shifted_by_the_usual_delay_and_what_should_have_come_is_next():
    owed = [Owed(1, 1, days(10), D(5)), Owed(2, 2, days(-30), D(7)), Owed(3, 3, days(-4), D(2))]
    assert told(expected(owed, [], credit=D(0), delay=6, as_of=TODAY)) == [
        (2, TODAY, D(7), Mark.LATE),
        (3, days(2), D(2), Mark.NONE),
        (1, days(16), D(5), Mark.NONE),
    ]
    early = expected(owed[:1], [], credit=D(0), delay=-3, as_of=TODAY)
    assert [part.on for part in early] == [days(7)]


def test_a_promise_moves_so_much_of_its_invoice_and_a_past_one_moves_nothing():
    owed = [Owed(1, 1, days(-9), D(10)), Owed(2, 2, days(-9), D(10))]
    promises = [Promise(2, days(5), D(6)), Promise(1, days(-1), D(9))]
    assert told(expected(owed, promises, credit=D(0), delay=0, as_of=TODAY)) == [
        (1, TODAY, D(10), Mark.LATE),
        (2, TODAY, D(4), Mark.LATE),
        (2, days(5), D(6), Mark.PROMISED),
    ]
    whole = expected(owed, [Promise(None, days(3), D(15))], credit=D(0), delay=0, as_of=TODAY)
    assert told(whole) == [
        (2, TODAY, D(5), Mark.LATE),
        (1, days(3), D(10), Mark.PROMISED),
        (2, days(3), D(5), Mark.PROMISED),
    ]


def test_what_is_disputed_has_no_day_and_credit_lessens_it_last():
    owed = [Owed(1, 1, days(-9), D(10), disputed=True), Owed(2, 2, days(4), D(10))]
    assert told(expected(owed, [], credit=D(12), delay=0, as_of=TODAY)) == [(1, None, D(8), Mark.DISPUTED)]


@given(OWED, PROMISES, CENTS, st.integers(-30, 90))
def test_what_is_expected_is_what_is_owed_less_credit_and_never_in_the_past(owed, promises, credit, delay):
    parts = expected(owed, promises, credit=credit, delay=delay, as_of=TODAY)
    whole = sum((one.open for one in owed), D(0))
    assert sum((part.amount for part in parts), D(0)) == max(D(0), whole - credit)
    assert all(part.amount > 0 and (part.on is None or part.on >= TODAY) for part in parts)
    for one in owed:
        assert sum((part.amount for part in parts if part.key == one.key), D(0)) <= one.open
    ahead = sum((p.amount for p in promises if p.promised_on >= TODAY), D(0))
    assert sum((part.amount for part in parts if part.mark is Mark.PROMISED), D(0)) <= ahead


def test_a_suppliers_oldest_bills_were_paid_first():
    bills = [(1, days(-9), D(10)), (2, days(5), D(10)), (3, days(-2), D(10))]
    assert still_owed(bills, D(15)) == [(3, D(5)), (2, D(10))]
    assert still_owed(bills, D(-3)) == [] and still_owed([], D(4)) == []


@given(st.lists(st.tuples(st.integers(1, 99), DAYS, CENTS), max_size=6, unique_by=lambda b: b[0]), CENTS)
def test_what_is_left_of_bills_is_the_balance_as_far_as_bills_go(bills, balance):
    left = still_owed(bills, balance)
    assert sum((amount for _key, amount in left), D(0)) == min(balance, sum((b[2] for b in bills), D(0)))


def test_weeks_follow_each_other_without_a_gap_and_begin_today():
    told_ = weeks(TODAY, 4)
    assert told_[0] == (TODAY, date(2026, 11, 29)) and told_[1] == (date(2026, 11, 30), date(2026, 12, 6))
    for (first, last), (following, _end) in zip(told_, told_[1:], strict=False):
        assert following == last + timedelta(days=1)
        assert week_of(first, TODAY) == week_of(last, TODAY) == first
