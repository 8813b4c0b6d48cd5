"""Settling: whatever is taken off an invoice in parts holds its tax, and a proposal keeps back no more than is offered."""

from datetime import date, timedelta
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from o2c_tui.money import Rounding
from o2c_tui.rules.allocation import OpenItem, propose
from o2c_tui.rules.settling import TaxShare, discount_left, less, tax_shares

CENTS = st.integers(1, 10**7).map(lambda n: D(n).scaleb(-2))
RATES = st.lists(
    st.tuples(CENTS, st.sampled_from(["0", "0.05", "0.07", "0.19", "0.2", "0.255"]).map(D)), min_size=1, max_size=5
)
DAY = date(2026, 11, 1)


@given(
    nets=RATES, weights=st.lists(st.integers(1, 1000), min_size=1, max_size=6), rounding=st.sampled_from(list(Rounding))
)
def test_parts_of_an_invoice_hold_together_its_tax_to_the_cent(nets, weights, rounding):
    left = tuple(
        TaxShare(f"T{n}", rate, net + (tax := (net * rate).quantize(D("0.01"))), tax)
        for n, (net, rate) in enumerate(nets)
    )
    gross, tax = sum(share.gross for share in left), sum(share.tax for share in left)
    taken_gross = taken_tax = D(0)
    for n, weight in enumerate(weights, 1):
        rest = gross - taken_gross
        part = rest if n == len(weights) else (rest * weight / 2000).quantize(D("0.01"))
        parts = tax_shares(left, part, 2, rounding)
        assert sum(share.gross for share in parts) == part
        assert all(D(0) <= share.tax <= share.gross for share in parts)
        left = less(left, parts)
        taken_gross += part
        taken_tax += sum(share.tax for share in parts)
    assert (taken_gross, taken_tax) == (gross, tax)
    assert all(share.gross == share.tax == 0 for share in left)


@given(amount=CENTS, percent=st.integers(0, 10), credited=CENTS, taken=CENTS)
def test_no_discount_is_more_than_was_offered(amount, percent, credited, taken):
    offered = (amount * percent / 100).quantize(D("0.01"))
    told = discount_left(amount, offered, min(credited, amount), D(0), 2, Rounding.HALF_UP)
    assert D(0) <= told <= offered
    assert discount_left(amount, offered, min(credited, amount), taken, 2, Rounding.HALF_UP) == max(told - taken, D(0))
    assert discount_left(amount, offered, D(0), D(0), 2, Rounding.HALF_UP) == offered


@given(
    amounts=st.lists(st.tuples(CENTS, st.integers(0, 5)), max_size=8),
    paid=CENTS,
    tolerance=st.integers(0, 500).map(lambda n: D(n).scaleb(-2)),
    named=st.integers(0, 9),
    offers=st.booleans(),
)
def test_a_proposal_gives_out_and_keeps_back_no_more_than_it_may(amounts, paid, tolerance, named, offers):
    items = [
        OpenItem(n, DAY + timedelta(days=n), amount, f"INV26-000{n}", (amount * percent / 100).quantize(D("0.01")))
        for n, (amount, percent) in enumerate(amounts)
    ]
    told = propose(items, paid, reference=f"INV26-000{named}", offers=offers, tolerance=tolerance)
    assert sum(told.shares.values(), D(0)) + told.rest == paid
    assert told.rest >= 0
    by_key = {item.id: item for item in items}
    for key, part in told.shares.items():
        kept = told.discounts.get(key, D(0)) + told.differences.get(key, D(0))
        assert D(0) < part and part + kept <= by_key[key].open_amount
        assert told.discounts.get(key, D(0)) <= by_key[key].discount
    assert set(told.discounts) | set(told.differences) <= set(told.shares)
    assert all(part <= tolerance for part in told.differences.values())
    assert offers or not (told.discounts or told.differences)
