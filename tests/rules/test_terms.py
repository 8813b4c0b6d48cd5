"""docs/rules/terms.md: what is due when."""

from datetime import date
from decimal import Decimal as D

import pytest

from o2c_tui.rules.terms import PartKind, TermPart, due_date, schedule

REST = PartKind.REST


@pytest.mark.parametrize(
    ("on", "offset", "due"),
    [
        (date(2026, 11, 24), {}, date(2026, 11, 24)),
        (date(2026, 11, 24), {"days": 30}, date(2026, 12, 24)),
        (date(2026, 11, 24), {"weeks": 2}, date(2026, 12, 8)),
        (date(2026, 11, 24), {"months": 1}, date(2026, 12, 24)),
        (date(2026, 12, 24), {"months": 1}, date(2027, 1, 24)),
        (date(2026, 1, 31), {"months": 1}, date(2026, 2, 28)),  # a month that ends sooner
        (date(2028, 1, 31), {"months": 1}, date(2028, 2, 29)),
        (date(2028, 2, 29), {"months": 12}, date(2029, 2, 28)),
        (date(2026, 11, 24), {"end_of_month": True}, date(2026, 11, 30)),
        (date(2026, 1, 31), {"days": 30, "end_of_month": True}, date(2026, 3, 31)),  # 2 March, then its end
        (date(2026, 1, 31), {"months": 1, "end_of_month": True}, date(2026, 2, 28)),
        (date(2026, 11, 24), {"day_of_month": 24}, date(2026, 11, 24)),  # the day itself counts
        (date(2026, 11, 24), {"day_of_month": 25}, date(2026, 11, 25)),
        (date(2026, 11, 24), {"day_of_month": 10}, date(2026, 12, 10)),
        (date(2026, 12, 24), {"day_of_month": 10}, date(2027, 1, 10)),
        (date(2026, 1, 31), {"day_of_month": 30}, date(2026, 2, 28)),  # no 30th in February
        (date(2026, 2, 10), {"day_of_month": 31}, date(2026, 2, 28)),
        (date(2026, 11, 24), {"end_of_month": True, "day_of_month": 10}, date(2026, 12, 10)),  # 10th of the next month
        (date(2026, 11, 24), {"weekday": 1}, date(2026, 11, 24)),  # a Tuesday
        (date(2026, 11, 24), {"weekday": 0}, date(2026, 11, 30)),
        (date(2026, 11, 24), {"days": 4, "weekday": 4}, date(2026, 12, 4)),  # Saturday, then the Friday after
        (date(2026, 11, 24), {"months": 1, "weeks": 1, "days": 1}, date(2027, 1, 1)),
    ],
)  # fmt: skip
def test_a_due_date_adds_months_weeks_days_then_moves_forward(on, offset, due):
    assert due_date(TermPart(REST, **offset), on) == due


@pytest.mark.parametrize(
    ("on", "offset", "due"),
    [
        (date(2026, 11, 24), {"days": 4, "business_day": "next"}, date(2026, 11, 30)),  # a Saturday
        (date(2026, 11, 24), {"days": 4, "business_day": "before"}, date(2026, 11, 27)),
        (date(2026, 11, 28), {"business_day": "before"}, date(2026, 11, 28)),  # never before the invoice itself
        (date(2026, 12, 1), {"end_of_month": True, "business_day": "next"}, date(2026, 12, 31)),
        (date(2026, 12, 1), {"days": 31, "business_day": "next", "country": "DE"}, date(2027, 1, 4)),  # New Year, weekend
        (date(2026, 12, 1), {"days": 31, "business_day": "before", "country": "DE"}, date(2026, 12, 31)),
        (date(2026, 12, 1), {"days": 36, "business_day": "next", "country": "DE"}, date(2027, 1, 6)),
        (date(2026, 12, 1), {"days": 36, "business_day": "next", "country": "DE-BY"}, date(2027, 1, 7)),  # Epiphany there
        (date(2026, 9, 1), {"months": 1, "business_day": "next", "country": "CN"}, date(2026, 10, 8)),  # the National Day's week
    ],
)  # fmt: skip
def test_a_due_date_moves_off_days_without_business(on, offset, due):
    assert due_date(TermPart(REST, **offset), on) == due


def test_a_term_of_an_unknown_country_or_way_is_refused():
    with pytest.raises(ValueError, match="no holidays are known for XX"):
        TermPart(REST, business_day="next", country="XX")
    with pytest.raises(ValueError, match="later"):
        TermPart(REST, business_day="later")


@pytest.mark.parametrize(
    ("total", "parts", "digits", "amounts"),
    [
        ("100.00", [(REST, 0)], 2, ["100.00"]),
        ("100.01", [(PartKind.PERCENT, 50), (REST, 0)], 2, ["50.01", "50.00"]),  # 50.005
        ("100.00", [(PartKind.PERCENT, D("33.33")), (PartKind.PERCENT, D("33.33")), (REST, 0)], 2, ["33.33", "33.33", "33.34"]),
        ("0.01", [(PartKind.PERCENT, 50), (REST, 0)], 2, ["0.01"]),  # a rest of nothing is no instalment
        ("0.01", [(PartKind.PERCENT, 40), (REST, 0)], 2, ["0.01"]),
        ("100.00", [(PartKind.FIXED, 30), (PartKind.PERCENT_OF_REST, 50), (REST, 0)], 2, ["30", "35.00", "35.00"]),
        ("100.00", [(PartKind.FIXED, 30), (PartKind.PERCENT, 50), (REST, 0)], 2, ["30", "50.00", "20.00"]),
        ("20.00", [(PartKind.FIXED, 30), (REST, 0)], 2, ["20.00"]),  # no more than the total
        ("100.00", [(PartKind.PERCENT, 80), (PartKind.PERCENT, 80), (REST, 0)], 2, ["80.00", "20.00"]),
        ("0.00", [(PartKind.PERCENT, 50), (REST, 0)], 2, ["0.00"]),
        ("101", [(PartKind.PERCENT, 50), (REST, 0)], 0, ["51", "50"]),
        ("1.001", [(PartKind.PERCENT, 50), (REST, 0)], 3, ["0.501", "0.500"]),
        ("101", [(PartKind.FIXED, D("10.5")), (REST, 0)], 0, ["11", "90"]),  # no half yen
    ],
)  # fmt: skip
def test_instalments_add_up_and_the_last_takes_the_rest(total, parts, digits, amounts):
    made = schedule(D(total), [TermPart(kind, D(value)) for kind, value in parts], date(2026, 11, 24), digits)
    assert [part.amount for part in made] == [D(amount) for amount in amounts]


@pytest.mark.parametrize(
    "kinds",
    [[], [PartKind.PERCENT], [REST, REST], [REST, PartKind.PERCENT], [PartKind.FIXED, REST, PartKind.FIXED]],
)
def test_the_last_part_and_only_it_takes_the_rest(kinds):
    with pytest.raises(ValueError, match="takes the rest"):
        schedule(D(100), [TermPart(kind, D(10)) for kind in kinds], date(2026, 11, 24), 2)


def test_a_discount_for_paying_early_has_its_day_and_amount():
    part = TermPart(REST, days=30, discount_percent=D(2), discount_days=10)
    (made,) = schedule(D("119.99"), [part], date(2026, 11, 24), 2)
    assert (made.discount_on, made.discount_amount) == (date(2026, 12, 4), D("2.40"))  # 2.3998


@pytest.mark.parametrize(
    ("figures", "why"),
    [
        ({"value": D("-1")}, "value must be from 0 to 100"),
        ({"value": D("100.01")}, "value must be from 0 to 100"),
        ({"value": D("NaN")}, "value must be from 0 to 100"),
        ({"value": D(5), "days": -1}, "days must be from 0 to 3600"),
        ({"value": D(5), "months": 10**6}, "months must be from 0 to 120"),
        ({"value": D(5), "day_of_month": 0}, "day_of_month must be from 1 to 31"),
        ({"value": D(5), "weekday": 7}, "weekday must be from 0 to 6"),
        ({"value": D(5), "discount_percent": D(101)}, "discount_percent must be from 0 to 100"),
    ],
)
def test_a_part_that_makes_no_share_or_no_date_is_refused(figures, why):
    with pytest.raises(ValueError, match=why):
        TermPart(PartKind.PERCENT, **figures)
