"""docs/rules/fifo.md, "Later costs": an amount over goods in layers and goods that are gone, conserved to the cent."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_tui.rules.revaluing import Where, spread

PARTS = st.lists(
    st.builds(
        lambda n, cents, gone: Where(1, D(n).scaleb(-1), D(0) if gone else D(cents).scaleb(-2), 7 if gone else None),
        st.integers(1, 500),
        st.integers(0, 5_000),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


@pytest.mark.parametrize(
    ("amount", "parts", "shares"),
    [
        ("3.30", [Where(1, D(5), D(20)), Where(1, D(5), gone_by=9)], ["1.65", "1.65"]),
        (
            "0.02",
            [Where(1, D(1), D(4)), Where(1, D(1), gone_by=8), Where(1, D(1), gone_by=9)],
            ["0.01", "0.01", "0.00"],
        ),
        ("-9.00", [Where(1, D(2), D(2)), Where(1, D(1), gone_by=9)], ["-2.00", "-7.00"]),  # the layer bears 2.00
        ("-9.00", [Where(1, D(2), D(1)), Where(2, D(1), D(20))], ["-1.00", "-8.00"]),  # the other layer bears the rest
    ],
)
def test_an_amount_goes_where_the_goods_are(amount, parts, shares):
    told, rest = spread(D(amount), parts, 2)
    assert (told, rest) == ([D(share) for share in shares], 0)


def test_only_more_than_all_are_worth_leaves_a_rest():
    told, rest = spread(D("-50.00"), [Where(1, D(2), D(10)), Where(2, D(2), D(20))], 2)
    assert (told, rest) == ([D(-10), D(-20)], D("-20.00"))


@given(cents=st.integers(-50_000, 50_000), parts=PARTS)
def test_no_cent_is_lost_and_no_layer_falls_below_nothing(cents, parts):
    amount = D(cents).scaleb(-2)

    shares, rest = spread(amount, parts, 2)

    assert sum(shares, D(0)) + rest == amount
    assert all(share == round(share, 2) for share in shares)
    for part, share in zip(parts, shares, strict=True):
        assert part.gone_by is not None or part.value + share >= 0
    if rest:
        assert all(part.gone_by is None and part.value + share == 0 for part, share in zip(parts, shares, strict=True))


@given(cents=st.integers(0, 50_000), parts=PARTS)
def test_what_is_added_is_by_quantity_within_a_cent(cents, parts):
    shares, _ = spread(D(cents).scaleb(-2), parts, 2)
    whole = sum((part.quantity for part in parts), D(0))
    for part, share in zip(parts, shares, strict=True):
        assert abs(share - D(cents).scaleb(-2) * part.quantity / whole) < D("0.0101")
