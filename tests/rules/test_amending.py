"""Totals of an order that is amended while part of it is invoiced. docs/rules/orders.md, "Amending"."""

from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from o2c_tui.money import share_of
from o2c_tui.rules.amending import AmendedLine, amended_totals
from o2c_tui.rules.pricing import LineInput
from o2c_tui.rules.tax import TaxRounding, totals

TERMS = {"prices_include_tax": False, "tax_rounding": TaxRounding.DOCUMENT, "digits": 2}


def test_what_is_invoiced_stays_and_the_rest_takes_the_cents():
    """Three lines of 10.01 at 20 % bear 6.01 of tax; the first was invoiced with 2.01. A fourth comes: 8.01 in all."""
    line = LineInput(D(1), D("10.01"), tax_code="V", tax_rate=D("0.2"))
    begun = AmendedLine(line, D(1), D("10.01"), D("2.01"), D(1), D("10.01"), D("2.01"))

    told = amended_totals([begun, *[AmendedLine(line)] * 3], **TERMS)

    assert (told.lines[0].net, told.lines[0].tax) == (D("10.01"), D("2.01"))
    assert (told.net, told.tax) == (D("40.04"), D("8.01"))


def test_a_line_that_is_begun_keeps_its_rate_for_what_is_left():
    """4 of 10 at 10.00, less 5 % of the order, are invoiced: cut to 6, two are left at 9.50."""
    line = LineInput(D(6), D(10))
    begun = AmendedLine(line, D(4), D("38.00"), D(0), D(10), D("95.00"), D(0))

    told = amended_totals([begun], **TERMS, document_discount_percent=D(5))

    assert (told.net, told.discount) == (D("57.00"), D("3.00"))


def test_a_discount_amount_goes_on_among_the_lines_that_are_left():
    """30.00 off 100 + 200: the first bore 10.00 and is invoiced; the second, cut to 100, bears the other 20.00."""
    begun = AmendedLine(LineInput(D(1), D(100)), D(1), D(90), D(0), D(1), D(90), D(0))
    rest = AmendedLine(LineInput(D(1), D(100)), was=D(2), was_net=D(180))

    told = amended_totals([begun, rest], **TERMS, document_discount_amount=D(30))

    assert [row.net for row in told.lines] == [D(90), D(80)]
    gone = amended_totals([begun, AmendedLine(LineInput(D(0), D(100)))], **TERMS, document_discount_amount=D(30))
    assert (gone.net, gone.discount) == (D(90), D(10))  # nothing is left to bear it


quantities = st.integers(1, 40).map(D)
prices = st.integers(1, 5000).map(lambda cents: D(cents) / 100)


@st.composite
def orders(draw):
    """Lines with what was invoiced of each, and what they shall be."""
    mode = draw(st.sampled_from(TaxRounding))
    included = draw(st.booleans())
    percent, amount = D(draw(st.integers(0, 20))), D(draw(st.integers(0, 50))) / 100
    rate = D(draw(st.sampled_from(["0", "0.05", "0.2"])))
    before = [
        LineInput(draw(quantities), draw(prices), tax_code="V", tax_rate=rate) for _ in range(draw(st.integers(1, 5)))
    ]
    terms = {"prices_include_tax": included, "tax_rounding": mode, "digits": 2, "document_discount_percent": percent}
    if sum(x.quantity * x.unit_price for x in before) > 10 * amount:
        terms["document_discount_amount"] = amount
    was = totals(before, **terms)
    lines = []
    for line, sums in zip(before, was.lines, strict=True):
        part = D(draw(st.integers(0, int(line.quantity))))
        net, tax = share_of(sums.net, part, line.quantity, 2), share_of(sums.tax, part, line.quantity, 2)
        now = D(draw(st.integers(int(part), 60)))
        shall = LineInput(now, line.unit_price, tax_code="V", tax_rate=rate)
        if not part:
            net = tax = D(0)
        lines.append(AmendedLine(shall, part, net, tax, line.quantity, sums.net, sums.tax))
    return terms, lines


@given(orders())
def test_no_cent_is_lost_and_nothing_invoiced_is_moved(order):
    terms, lines = order

    told = amended_totals(lines, **terms)

    assert told.net == sum(row.net for row in told.lines)
    assert told.tax == sum(row.tax for row in told.lines)
    if not any(x.begun for x in lines):
        assert told == totals([x.line for x in lines], **terms)
        return
    for x, row in zip(lines, told.lines, strict=True):
        left = x.line.quantity - x.billed
        assert row.net >= x.billed_net
        assert row.tax >= x.billed_tax
        if x.begun and not left:
            assert (row.net, row.tax) == (x.billed_net, x.billed_tax)
