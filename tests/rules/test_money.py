"""docs/rules/money.md: rounding, splitting, showing."""

from decimal import Decimal as D

import pytest

from o2c_tui.errors import BadValueError
from o2c_tui.money import Rounding, digits_of, is_figure, round_to, share_of, show_money, show_quantity, split


@pytest.mark.parametrize(
    ("value", "digits", "half_up", "half_even"),
    [
        ("2.345", 2, "2.35", "2.34"),
        ("2.355", 2, "2.36", "2.36"),
        ("-2.345", 2, "-2.35", "-2.34"),
        ("0.005", 2, "0.01", "0.00"),
        ("0.015", 2, "0.02", "0.02"),
        ("2.3449999", 2, "2.34", "2.34"),
        ("2.5", 0, "3", "2"),
        ("3.5", 0, "4", "4"),
        ("-0.5", 0, "-1", "0"),
        ("1.0005", 3, "1.001", "1.000"),
    ],
)
def test_halves_go_away_from_zero_or_to_the_even_neighbour(value, digits, half_up, half_even):
    assert round_to(D(value), digits) == D(half_up)
    assert round_to(D(value), digits, Rounding.HALF_EVEN) == D(half_even)


@pytest.mark.parametrize(("currency", "digits"), [("JPY", 0), ("CNY", 2), ("EUR", 2), ("USD", 2), ("KWD", 3)])
def test_a_currency_has_its_own_digits(currency, digits):
    assert digits_of(currency) == digits


@pytest.mark.parametrize("code", ["", "EURO", "eur", "XYZ", "€"])
def test_what_is_no_currency_is_refused(code):
    with pytest.raises(BadValueError, match="is no currency"):
        digits_of(code)


@pytest.mark.parametrize(
    ("total", "weights", "digits", "parts"),
    [
        ("10.00", ["1", "1", "1"], 2, ["3.34", "3.33", "3.33"]),  # one odd cent, equal remainders: the first takes it
        ("0.05", ["1", "1", "1"], 2, ["0.02", "0.02", "0.01"]),
        ("5.00", ["10.10", "20.20", "3.03"], 2, ["1.52", "3.03", "0.45"]),  # 1.515151 3.030303 0.454545
        ("1.00", ["1", "2", "4"], 2, ["0.14", "0.29", "0.57"]),  # 0.142857 0.285714 0.571428
        ("-10.00", ["1", "1", "1"], 2, ["-3.34", "-3.33", "-3.33"]),
        ("100", ["1", "1", "1"], 0, ["34", "33", "33"]),
        ("1.000", ["1", "1", "1"], 3, ["0.334", "0.333", "0.333"]),
        ("0.01", ["0", "5", "0"], 2, ["0.00", "0.01", "0.00"]),  # what weighs nothing gets nothing
        ("7.00", ["0", "0"], 2, ["0", "7.00"]),
        ("0.02", ["0.5", "0.5", "0.5", "0.5"], 2, ["0.01", "0.01", "0.00", "0.00"]),
        ("5.00", [], 2, []),
    ],
)
def test_a_split_gives_the_odd_cents_to_the_largest_remainders(total, weights, digits, parts):
    assert split(D(total), [D(weight) for weight in weights], digits) == [D(part) for part in parts]


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        ("1234567.5", 2, "1,234,567.50"),
        ("-1234.5", 2, "-1,234.50"),
        ("1234.5", 0, "1,235"),
        ("0", 3, "0.000"),
        ("999999999999.99", 2, "999,999,999,999.99"),
    ],
)
def test_an_amount_is_shown_with_all_its_digits(value, digits, shown):
    assert show_money(D(value), digits) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("3", "3"),
        ("3.000000", "3"),
        ("2.500000", "2.5"),
        ("1200", "1,200"),
        ("1E+3", "1,000"),
        ("0.000001", "0.000001"),
    ],
)
def test_a_quantity_is_shown_without_empty_decimals(value, shown):
    assert show_quantity(D(value)) == shown


@pytest.mark.parametrize(
    ("whole", "of", "shares"),
    [
        ("10.00", 3, ["3.33", "3.34", "3.33"]),  # 6.67 / 2 is 3.335
        ("0.02", 4, ["0.01", "0.00", "0.01", "0.00"]),
        ("-10.00", 3, ["-3.33", "-3.34", "-3.33"]),
        ("0.00", 2, ["0.00", "0.00"]),
    ],
)
def test_shares_taken_one_by_one_add_up_and_the_last_takes_what_is_left(whole, of, shares):
    left, taken = D(whole), []
    for n in range(of, 0, -1):
        taken.append(share_of(left, D(1), D(n), 2))
        left -= taken[-1]
    assert (taken, left) == ([D(share) for share in shares], 0)


@pytest.mark.parametrize(
    ("value", "holds"),
    [("0", True), ("0.01", True), ("100", True), ("1E+2", True), ("100.01", False), ("0.001", False), ("-0.01", False),
     ("NaN", False), ("sNaN", False), ("Infinity", False), ("-Infinity", False), ("1E+309", False)],
)  # fmt: skip
def test_what_the_books_take_as_a_figure(value, holds):
    assert is_figure(D(value), 2, D(100)) is holds
