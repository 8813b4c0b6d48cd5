"""docs/rules/allocation.md: which instalments a payment pays."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from o2c_tui.rules.allocation import OpenItem, named_in, oldest_first, propose

DAY = date(2026, 11, 1)


def _items(*amounts):
    """Items 1, 2, 3 …, each due a day after the one before."""
    return [OpenItem(n, DAY + timedelta(days=n), D(amount)) for n, amount in enumerate(amounts, 1)]


@pytest.mark.parametrize(
    ("amounts", "paid", "shares", "rest", "reason"),
    [
        (["100", "250", "70"], "250", {2: "250"}, "0", "exact"),  # an exact one wins over the oldest
        (["100", "250", "100"], "100", {1: "100"}, "0", "exact"),  # the oldest of two exact ones
        (["100", "250", "70"], "170", {1: "100", 3: "70"}, "0", "sum"),
        (["100", "250", "70"], "420", {1: "100", 2: "250", 3: "70"}, "0", "sum"),
        (["30", "70", "40", "60"], "100", {1: "30", 2: "70"}, "0", "sum"),  # older ones preferred
        (["100", "250", "70"], "120", {1: "100", 2: "20"}, "0", "oldest"),
        (["100", "250", "70"], "500", {1: "100", 2: "250", 3: "70"}, "80", "oldest"),
        (["100"], "0.01", {1: "0.01"}, "0", "oldest"),
        (["0.10", "0.20"], "0.30", {1: "0.10", 2: "0.20"}, "0", "sum"),  # decimals, not floats
        ([], "50", {}, "50", "oldest"),
    ],
)
def test_an_exact_one_then_an_exact_sum_of_some_then_the_oldest_first(amounts, paid, shares, rest, reason):
    told = propose(_items(*amounts), D(paid))
    assert told.shares == {key: D(part) for key, part in shares.items()}
    assert (told.rest, told.reason) == (D(rest), reason)


def test_of_the_same_day_the_earlier_written_is_paid_first():
    same_day = [OpenItem(key, DAY, D(10)) for key in (3, 1, 2)]
    assert oldest_first(same_day, D(15)) == {1: D(10), 2: D(5)}


def test_a_search_that_would_not_end_gives_way_to_the_oldest_first():
    items = [OpenItem(n, DAY + timedelta(days=n), D(1000) + D(n) / 100) for n in range(1, 61)]
    told = propose(items, D("30000.005"))  # half a cent: no sum of them is that
    assert told.reason == "oldest"
    assert sum(told.shares.values()) == D("30000.005")


@pytest.mark.parametrize(
    ("paid", "shares", "discounts", "differences", "rest", "reason"),
    [
        ("98", {1: "98"}, {1: "2"}, {}, "0", "discount"),  # 100 less 2
        ("298", {1: "98", 2: "200"}, {1: "2"}, {}, "0", "discount"),  # with one that offers none
        ("199.60", {2: "199.60"}, {}, {2: "0.40"}, "0", "tolerance"),
        ("97.75", {1: "97.75"}, {1: "2"}, {1: "0.25"}, "0", "tolerance"),  # the discount, and a little more
        ("200.30", {2: "200"}, {}, {}, "0.30", "tolerance"),  # too much: it is left over
        ("299.70", {1: "100", 2: "199.70"}, {}, {2: "0.30"}, "0", "tolerance"),  # all of them
        ("199.40", {1: "100", 2: "99.40"}, {}, {}, "0", "oldest"),  # short by more than is tolerated
    ],
)
def test_a_discount_and_then_a_small_difference_settle_an_item(paid, shares, discounts, differences, rest, reason):
    items = [OpenItem(1, DAY, D(100), discount=D(2)), OpenItem(2, DAY + timedelta(days=1), D(200))]
    told = propose(items, D(paid), offers=True, tolerance=D("0.50"))
    assert told.shares == {key: D(part) for key, part in shares.items()}
    assert told.discounts == {key: D(part) for key, part in discounts.items()}
    assert told.differences == {key: D(part) for key, part in differences.items()}
    assert (told.rest, told.reason) == (D(rest), reason)
    assert propose(items, D(paid)).discounts == {}  # nobody agreed


@pytest.mark.parametrize(
    ("reference", "named"),
    [
        ("INV26-0002", [2]),
        ("inv 26 0002 / INV26-0003 thanks", [2, 3]),
        ("RE 0002", []),
        ("INV26-00021", []),  # another number
        ("XINV26-0002", []),
        ("\uff29\uff2e\uff3626-0001 2026", [1]),  # full-width
        ("", []),
    ],
)
def test_the_numbers_in_a_reference_are_found_whatever_stands_between(reference, named):
    items = [OpenItem(n, DAY, D(10), f"INV26-000{n}") for n in (1, 2, 3)]
    assert [item.id for item in named_in(items, reference)] == named


@pytest.mark.parametrize(
    ("paid", "reference", "shares", "reason"),
    [
        ("100", "INV26-0003", {3: "100"}, "exact"),  # not the older one of the same amount
        ("150", "for INV26-0002 and INV26-0003", {2: "50", 3: "100"}, "sum"),
        ("70", "INV26-0003", {3: "70"}, "reference"),
        ("120", "INV26-0003", {3: "100", 1: "20"}, "reference"),  # the rest goes to the oldest
        ("100", "INV26-0009", {1: "100"}, "exact"),
    ],
)
def test_what_the_reference_names_goes_before_the_rest(paid, reference, shares, reason):
    items = [
        OpenItem(n, DAY + timedelta(days=n), D(amount), f"INV26-000{n}") for n, amount in enumerate((100, 50, 100), 1)
    ]
    told = propose(items, D(paid), reference=reference)
    assert (told.shares, told.reason) == ({key: D(part) for key, part in shares.items()}, reason)
