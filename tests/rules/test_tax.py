"""docs/rules/tax.md: tax by document and by line, discounts, prices that include tax."""

from decimal import Decimal as D

import pytest

from o2c_tui.money import Rounding
from o2c_tui.rules.pricing import LineInput
from o2c_tui.rules.tax import TaxRounding, totals


def _line(amount, rate="0.2", code="VAT", included=None):
    return LineInput(D(1), D(amount), tax_code=code, tax_rate=D(rate), tax_included=included)


def _sum(lines, mode=TaxRounding.DOCUMENT, *, included=False, digits=2, **more):
    return totals(lines, prices_include_tax=included, tax_rounding=mode, digits=digits, **more)


def test_three_lines_of_10_01_at_20_percent():
    """By document 20 % of 30.03 is 6.006, so 6.01; by line 20 % of 10.01 is 2.002, so 2.00 three times."""
    lines = [_line("10.01")] * 3

    by_document, by_line = _sum(lines), _sum(lines, TaxRounding.LINE)

    assert (by_document.net, by_document.tax, by_document.gross) == (D("30.03"), D("6.01"), D("36.04"))
    assert [line.tax for line in by_document.lines] == [D("2.01"), D("2.00"), D("2.00")]
    assert (by_line.net, by_line.tax, by_line.gross) == (D("30.03"), D("6.00"), D("36.03"))
    assert [line.tax for line in by_line.lines] == [D("2.00")] * 3


@pytest.mark.parametrize(
    ("lines", "mode", "groups"),
    [
        # 7 % of 1.50 + 2.50 is 0.28 either way; 20 % of 0.02 + 0.02 + 0.02 is 0.012 or three times 0.004
        ([("1.50", "0.07"), ("0.02", "0.2"), ("2.50", "0.07"), ("0.02", "0.2"), ("0.02", "0.2")], "document", [("4.00", "0.28"), ("0.06", "0.01")]),
        ([("1.50", "0.07"), ("0.02", "0.2"), ("2.50", "0.07"), ("0.02", "0.2"), ("0.02", "0.2")], "line", [("4.00", "0.29"), ("0.06", "0.00")]),
        ([("100.00", "0"), ("50.00", "0.2")], "document", [("100.00", "0.00"), ("50.00", "10.00")]),
        ([("0.00", "0.2")], "document", [("0.00", "0.00")]),
    ],
)  # fmt: skip
def test_each_rate_is_a_group_of_its_own(lines, mode, groups):
    told = _sum([_line(amount, rate) for amount, rate in lines], TaxRounding(mode))
    assert [(group.net, group.tax) for group in told.groups] == [(D(net), D(tax)) for net, tax in groups]
    assert told.tax == sum(group.tax for group in told.groups)


def test_the_same_rate_under_two_codes_is_two_groups():
    told = _sum([_line("0.02", code="A"), _line("0.02", code="B"), _line("0.02", code="A")])
    assert [(group.code, group.net, group.tax) for group in told.groups] == [
        ("A", D("0.04"), D("0.01")),
        ("B", D("0.02"), D("0.00")),
    ]


@pytest.mark.parametrize(
    ("prices", "rate", "mode", "net", "tax"),
    [
        (["100.00"], "0.2", "document", "83.33", "16.67"),  # 83.3333: the residue cent is in the tax
        (["100.00"], "0.19", "document", "84.03", "15.97"),  # 84.0336
        (["10.00", "10.00", "10.00"], "0.2", "document", "25.00", "5.00"),
        (["10.00", "10.00", "10.00"], "0.2", "line", "24.99", "5.01"),  # three times 1.6667, so 1.67
        (["0.01"], "0.2", "document", "0.01", "0.00"),
        (["0.03"], "0.5", "document", "0.02", "0.01"),
        (["119"], "0.19", "line", "100", "19"),
    ],
)
def test_a_price_that_includes_tax_is_given_back_by_net_and_tax(prices, rate, mode, net, tax):
    told = _sum([_line(price, rate) for price in prices], TaxRounding(mode), included=True)
    assert (told.net, told.tax) == (D(net), D(tax))
    assert told.gross == sum(D(price) for price in prices)
    assert [line.gross for line in told.lines] == [D(price) for price in prices]


def test_a_tax_code_may_include_tax_on_a_document_that_does_not():
    told = _sum([_line("120.00", included=True), _line("100.00")])
    assert [(line.net, line.tax) for line in told.lines] == [(D("100.00"), D("20.00"))] * 2
    assert [(group.net, group.tax) for group in told.groups] == [(D("200.00"), D("40.00"))]


@pytest.mark.parametrize(
    ("amounts", "percent", "off", "nets"),
    [
        (
            ["10.00", "10.00", "10.00"],
            "0",
            "1.00",
            ["9.66", "9.67", "9.67"],
        ),  # 0.3333 each: the odd cent by largest remainder
        (["33.33", "66.67"], "10", "0", ["30.00", "60.00"]),  # 3.333 and 6.667
        (["0.05", "0.05", "0.05"], "10", "0", ["0.04", "0.04", "0.05"]),  # 10 % of 0.15 is 0.015, so 0.02
        (["80.00", "20.00"], "10", "5.00", ["68.00", "17.00"]),  # 15.00 in all
        (["10.00", "0.00"], "100", "0", ["0.00", "0.00"]),
    ],
)
def test_a_documents_discount_goes_over_its_lines_by_the_largest_remainder(amounts, percent, off, nets):
    told = _sum(
        [_line(amount) for amount in amounts], document_discount_percent=D(percent), document_discount_amount=D(off)
    )
    assert [line.net for line in told.lines] == [D(net) for net in nets]
    assert [line.amount for line in told.lines] == [D(amount) for amount in amounts]
    assert told.net == sum(D(amount) for amount in amounts) - told.discount


def test_each_tax_group_carries_its_share_of_the_documents_discount():
    told = _sum([_line("80.00", "0.2"), _line("20.00", "0.05")], document_discount_amount=D("10.00"))
    assert [(group.net, group.tax) for group in told.groups] == [(D("72.00"), D("14.40")), (D("18.00"), D("0.90"))]


@pytest.mark.parametrize(
    ("digits", "tax", "gross"), [(0, "20", "120"), (2, "19.99", "119.94"), (3, "19.990", "119.940")]
)
def test_sums_have_the_digits_of_the_currency(digits, tax, gross):
    told = _sum([_line("99.95")], digits=digits)
    assert (str(told.tax), str(told.gross)) == (tax, gross)


def test_half_even_is_kept_through_line_discount_and_tax():
    lines = [LineInput(D(1), D("0.125"), tax_rate=D("0.5"), tax_code="V")]
    assert _sum(lines).gross == D("0.20")  # 0.13 and 0.065
    assert _sum(lines, rounding=Rounding.HALF_EVEN).gross == D("0.18")  # 0.12 and 0.06


def test_a_document_without_lines_is_nothing():
    told = _sum([])
    assert (told.net, told.tax, told.gross, told.groups) == (0, 0, 0, ())
