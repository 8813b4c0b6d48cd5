"""docs/rules/allocation.md: which instalments a payment pays."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from o2c_tui.rules.allocation import OpenItem, oldest_first, propose

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
