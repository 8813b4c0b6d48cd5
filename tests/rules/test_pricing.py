"""docs/rules/money.md: the amount of one line."""

from decimal import Decimal as D

import pytest

from o2c_tui.money import Rounding
from o2c_tui.rules.pricing import LineInput, line_amount


@pytest.mark.parametrize(
    ("quantity", "price", "percent", "off", "digits", "amount"),
    [
        ("100", "0.42", "0", "0", 2, "42.00"),
        ("3", "185.00", "5", "0", 2, "527.25"),
        ("3", "0.333333", "0", "0", 2, "1.00"),  # rounded once, on the product
        ("3", "1.005", "50", "0", 2, "1.51"),  # 1.5075: the price is not rounded before
        ("1", "0.005", "0", "0", 2, "0.01"),
        ("1", "10", "12.345678", "0", 2, "8.77"),  # 8.7654322
        ("2", "10", "10", "3.50", 2, "14.50"),  # percent first, then the amount off
        ("7", "99.5", "0", "0", 0, "697"),  # 696.5
        ("1", "1.2345", "0", "0", 3, "1.235"),
        ("5", "0", "0", "0", 2, "0"),
        ("5", "9.99", "100", "0", 2, "0"),
    ],
)
def test_a_line_is_quantity_times_price_less_discount_rounded_once(quantity, price, percent, off, digits, amount):
    line = LineInput(D(quantity), D(price), D(percent), D(off))
    assert line_amount(line, digits) == D(amount)


def test_a_half_goes_to_the_even_cent_where_the_company_chose_so():
    line = LineInput(D(1), D("0.125"))
    assert line_amount(line, 2) == D("0.13")
    assert line_amount(line, 2, Rounding.HALF_EVEN) == D("0.12")
