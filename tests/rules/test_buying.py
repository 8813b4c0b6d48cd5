"""docs/rules/purchasing.md: packs, and goods received that are neither billed nor sent back, to the last cent."""

from decimal import Decimal as D
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_tui.rules.buying import (
    BoughtLine,
    Unsettled,
    billing_progress,
    in_line_units,
    in_packs,
    receipt_billing,
    receipt_progress,
)


@pytest.mark.parametrize(
    ("wanted", "pack", "minimum", "sold"),
    [
        ("11", "5", "0", "15"),
        ("15", "5", "0", "15"),
        ("3", "0", "10", "10"),
        ("3", "4", "10", "12"),
        ("3", "0", "0", "3"),
    ],
)
def test_a_supplier_sells_whole_packs_and_at_least_its_minimum(wanted, pack, minimum, sold):
    assert in_packs(Fraction(wanted), Fraction(pack), Fraction(minimum)) == Fraction(sold)


def test_a_third_of_a_box_does_not_come_out_even():
    assert in_packs(Fraction(100), Fraction(12), Fraction(0)) / Fraction(12) == 9
    assert in_line_units(D(4), D(1), D(12)) == D("0.333333")


def _line(quantity, cancelled=0, received=0, returned=0, billed=0):
    return BoughtLine(D(quantity), D(cancelled), D(received), D(returned), D(billed))


@pytest.mark.parametrize(
    ("lines", "receipt", "billing"),
    [
        ([_line(10), _line(5)], "none", "none"),
        ([_line(10, received=12), _line(5)], "partly", "none"),  # one line's surplus does not hide another's lack
        ([_line(10, received=12, billed=10), _line(5, 5)], "fully", "partly"),  # two more came and are to be billed
        ([_line(10, received=10, returned=3, billed=7)], "fully", "fully"),
        ([_line(10, 10)], "none", "none"),  # given up whole
        ([_line(10, received=10, returned=10)], "fully", "fully"),  # all went back unbilled
    ],
)
def test_how_far_an_order_has_come_in_and_is_billed(lines, receipt, billing):
    assert (receipt_progress(lines), billing_progress(lines)) == (receipt, billing)


def test_a_receipt_is_billed_but_for_what_went_back():
    assert receipt_billing([(D(7), D(10), D(3)), (D(0), D(5), D(5))]) == "fully"
    assert receipt_billing([(D(7), D(10), D(3)), (D(0), D(5), D(0))]) == "partly"
    assert receipt_billing([(D(0), D(10), D(3))]) == "none"


@given(
    whole=st.integers(1, 30),
    cents=st.integers(0, 10_000),
    steps=st.lists(st.tuples(st.sampled_from("brc"), st.integers(1, 12)), max_size=12),
)
def test_in_any_order_of_bills_returns_and_credits_nothing_is_worth_nothing(whole, cents, steps):
    worth = D(cents).scaleb(-2)
    billed = returned = 0
    cleared = D(0)
    for step, part in steps:
        left = Unsettled(D(whole - billed - returned), worth - cleared)
        if step == "c":
            part = min(part, -int(left.quantity))
            if part > 0:
                billed, cleared = billed - part, cleared - left.credited(D(part), 2)
            continue
        part = min(part, whole - (billed if step == "b" else returned))
        if part:
            cleared += left.settled_by(D(part), D(whole), worth, 2)
            billed, returned = (billed + part, returned) if step == "b" else (billed, returned + part)
        open_quantity, open_value = whole - billed - returned, worth - cleared
        assert open_quantity * open_value >= 0
        assert open_quantity or open_value == 0
    assert whole - billed - returned or cleared == worth
