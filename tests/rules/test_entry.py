"""docs/rules/entry.md: what a clerk types."""

from datetime import date
from decimal import Decimal as D

import pytest

from o2c_tui.errors import BadValueError
from o2c_tui.rules.entry import LineEntry, day, folded, line, number, places

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("7", "7"),
        ("1234.50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("12,345,678", "12345678"),
        (".5", "0.5"),
        ("5.", "5"),
        (" 1 234 ", "1234"),
        ("12*24+7", "295"),
        ("2+3*4", "14"),
        ("(2+3)*4", "20"),
        ("100-1-2", "97"),
        ("10/4", "2.5"),
        ("-3", "-3"),
        ("-(1+2)", "-3"),
        ("--3", "3"),
        ("１２×２４＋７", "295"),  # full-width signs
        ("１，２３４．５", "1234.5"),
        ("3。5", "3.5"),
        ("￥100", "100"),
        ("¥100", "100"),
        ("100÷8", "12.5"),
        ("5−2", "3"),  # a minus sign, not a hyphen
        ("（1＋2）＊3", "9"),
        ("-0", "0"),
        ("0*-1", "0"),
        ("1000000000000", "1000000000000"),
    ],
)  # fmt: skip
def test_a_number_may_be_a_sum_and_full_width(typed, value):
    assert number(typed) == D(value)
    assert not number(typed).is_signed() or D(value) < 0  # there is no minus nought


@pytest.mark.parametrize(
    "typed",
    ["", " ", "abc", "1,5", "1,23", "1,2345", "1,234,56", "1.2.3", "1..2", "12*", "*12", "1+", "(1", "1)", "()", "1/0",
     "1/(2-2)", "NaN", "Infinity", "-inf", "1e5", "1e309", "0x10", "1_000", "1000000000000.01", "10**18",
     "1000000000000000000", "999999999999*999999999999", "٣", "½", "9" * 81, "(" * 40 + "1" + ")" * 40, "5%", "1 2 a"],
)  # fmt: skip
def test_what_is_no_number_or_beyond_the_books_is_refused(typed):
    with pytest.raises(BadValueError, match=r"is no number\. Write it as|A number is needed here"):
        number(typed)


@pytest.mark.parametrize("nonsense", ["(" * 79, "-" * 79, "1" + "+1" * 39 + "+", "9" * 10_000, "\x1b[2J", "\0"])
def test_huge_and_hostile_text_is_refused_shortly(nonsense):
    with pytest.raises(BadValueError) as refused:
        number(nonsense)
    assert len(str(refused.value)) < 120


@pytest.mark.parametrize(
    ("value", "most", "kept"), [(D("1.25"), 2, "1.25"), (D(10) / D(3), 6, "3.333333"), (D(2) / D(3), 2, "0.67"), (D(5), 0, "5")]
)  # fmt: skip
def test_a_sum_with_a_division_is_rounded(value, most, kept):
    assert places(value, most) == D(kept)


def test_typed_decimals_beyond_the_field_are_refused_not_rounded():
    with pytest.raises(BadValueError, match=r"0\.1234567 has more than 6 decimals"):
        places(D("0.1234567"), 6)


def _entry(item, quantity=None, price=None, discount=None, amount=None, note=None):
    figures = (None if figure is None else D(figure) for figure in (quantity, price, discount, amount))
    return LineEntry(item, *figures, note)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("BOLT-6", _entry("BOLT-6")),
        ("bolt-6*100", _entry("BOLT-6", "100")),
        ("bolt-6*100 @0.38", _entry("BOLT-6", "100", "0.38")),
        ("bolt-6*100 @0.38 -5% #for the roof", _entry("BOLT-6", "100", "0.38", "5", note="for the roof")),
        ("bolt-6 -5 @0.38 *100", _entry("BOLT-6", "100", "0.38", "5")),  # any order after the item
        ("3*BOLT-6", _entry("BOLT-6", "3")),
        ("3*BOLT-6 @2", _entry("BOLT-6", "3", "2")),
        ("2.5*6MM-ROD", _entry("6MM-ROD", "2.5")),
        ("3*4711", _entry("3", "4711")),  # two numbers: the item comes first
        ("4711*3", _entry("4711", "3")),
        ("BOLT *12*24+7", _entry("BOLT", "295")),
        ("BOLT * 4 @ 2.50 - 5 %", _entry("BOLT", "4", "2.50", "5")),
        ("BOLT*4 =100", _entry("BOLT", "4", amount="100")),
        ("BOLT @1,234.50", _entry("BOLT", price="1234.50")),
        ("BOLT -2.5", _entry("BOLT", discount="2.5")),
        ("BOLT *-4", _entry("BOLT", "-4")),  # read; the verb refuses it in words
        ("BOLT #", _entry("BOLT", note="")),
        ("BOLT #a #b @3", _entry("BOLT", note="a #b @3")),
        ("ＢＯＬＴ－６×１００　＠０。３８　－５％　＃急", _entry("BOLT-6", "100", "0.38", "5", note="急")),
        ("螺栓*5 @￥3", _entry("螺栓", "5", "3")),
    ],
)
def test_a_line_in_one_cell(typed, read):
    assert line(typed) == read
    assert line(typed).is_whole == (read.quantity is not None)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "Begin the line with an item"),
        ("   ", "Begin the line with an item"),
        ("*5", "Begin the line with an item"),
        ("@5 BOLT", "Begin the line with an item"),
        ("#note", "Begin the line with an item"),
        ("=100", "Begin the line with an item"),
        ("BOLT five", "'five' is not understood here"),
        ("BOLT*4 @", "'@' is not understood here"),
        ("BOLT*4 -", "'-' is not understood here"),
        ("BOLT*x", "'x' is no number"),
        ("BOLT*1e309", "'1e309' is no number"),
        ("BOLT*NaN", "'NaN' is no number"),
        ("BOLT @1,5", "'1,5' is no number"),
        ("1,5*BOLT", "'1,5' is no number"),
        ("BOLT*4 *5", "'*' stands there twice"),
        ("3*BOLT*4", "'*' stands there twice"),
        ("BOLT @1 @2", "'@' stands there twice"),
        ("BOLT -5 -10", "'-' stands there twice"),
        ("BOLT" * 101, "longer than 400 signs"),
    ],
)
def test_a_line_that_is_not_understood_says_where(typed, why):
    with pytest.raises(BadValueError) as refused:
        line(typed)
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("t", TODAY),
        (".", TODAY),
        ("T", TODAY),
        ("+30", date(2026, 12, 24)),
        ("-2", date(2026, 11, 22)),
        ("+0", TODAY),
        ("15", date(2026, 11, 15)),
        ("1", date(2026, 11, 1)),
        ("15.3", date(2026, 3, 15)),
        ("15.3.", date(2026, 3, 15)),
        ("3-15", date(2026, 3, 15)),
        ("15.3.2027", date(2027, 3, 15)),
        ("2027-03-15", date(2027, 3, 15)),
        ("2027/3/15", date(2027, 3, 15)),
        ("2027.3.15", date(2027, 3, 15)),
        ("eom", date(2026, 11, 30)),
        ("EOM", date(2026, 11, 30)),
        ("＋３０", date(2026, 12, 24)),
        ("１５。３", date(2026, 3, 15)),
        ("29.2.2028", date(2028, 2, 29)),
    ],
)
def test_a_date_is_typed_shortly(typed, read):
    assert day(typed, TODAY) == read


@pytest.mark.parametrize(
    ("today", "read"), [(date(2028, 2, 3), date(2028, 2, 29)), (date(2026, 12, 31), date(2026, 12, 31))]
)
def test_eom_is_the_last_day_of_this_month(today, read):
    assert day("eom", today) == read


@pytest.mark.parametrize(
    "typed",
    ["", "31", "0", "29.2", "30.2.2028", "15.13", "32.1", "13-01", "15.3.26", "2026-11", "+", "-", "+99999", "tomorrow",
     "2026-11-31", "99999-01-01", "0000-01-01", "1" * 5000, "\x1b"],
)  # fmt: skip
def test_what_is_no_date_is_refused(typed):
    with pytest.raises(BadValueError, match=r"is no date\. Write t, "):
        day(typed, TODAY)


def test_a_step_beyond_the_calendar_is_refused():
    with pytest.raises(BadValueError, match="is no date"):
        day("+9999", date(9999, 1, 1))


@pytest.mark.parametrize(
    ("typed", "plain"),
    [("Ａ－１", "A-1"), ("×÷。、￥¥％", "*/.,%"), ("−–", "--"), ("　x　", " x "), ("中文", "中文")],
)
def test_full_width_signs_are_their_plain_ones(typed, plain):
    assert folded(typed) == plain
