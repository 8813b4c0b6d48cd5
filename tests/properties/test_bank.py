"""Whatever lines come: identities are the same again, and proposals never take more than is open; docs/rules/bank.md."""

from datetime import date, timedelta
from decimal import Decimal as D

from hypothesis import given, settings
from hypothesis import strategies as st

from o2c_tui.rules.matching import Known, Line, Owed, Payer, Posted, propose_all
from o2c_tui.rules.statements import StatementLine, identities

DAY = date(2026, 11, 2)
amounts = st.integers(1, 40).map(lambda n: D(n * 5))
days = st.integers(0, 20).map(lambda n: DAY + timedelta(n))
texts = st.sampled_from(
    ["", "fee", "INV26-0001", "inv 26 1", "INV26-0002, 0003", "lNV26-OOO4", "26-0005", "SO26-0001", "Acme"]
)
lines = st.builds(StatementLine, days, amounts, text=texts)


@given(st.lists(lines, max_size=20), st.integers(0, 20))
def test_the_same_lines_have_the_same_identities_and_equal_ones_differ(told, cut):
    first = identities("1", told)
    assert identities("1", told) == first
    assert len(set(first)) == len(told)
    days_of = sorted({line.booked_on for line in told})
    later = [line for line in told if line.booked_on >= days_of[min(cut, len(days_of) - 1)]] if told else []
    assert set(identities("1", later)) <= set(first)  # a file that begins on a later day
    assert not told or not set(identities("2", told)) & set(first)


owed = st.lists(st.tuples(st.integers(1, 3), amounts, days, st.sampled_from([D(0), D(5)])), max_size=8)
moves = st.lists(
    st.tuples(st.integers(-40, 60).filter(bool), texts, st.sampled_from(["", "Acme Works", "ACME", "Nova Tools", "x"])),
    max_size=8,
)


@settings(max_examples=200)
@given(owed, moves, st.sampled_from([D(0), D(5)]))
def test_proposals_never_take_more_than_is_open_nor_give_out_more_than_came(debts, told, tolerance):
    items = [
        Owed(n, customer, f"INV26-{n:04}", due, amount, DAY, min(discount, amount - 1), due, (f"SO26-{n:04}",))
        for n, (customer, amount, due, discount) in enumerate(debts, 1)
    ]
    payers = [Payer(1, "Acme Works Ltd"), Payer(2, "Nova Tools GmbH"), Payer(3, "Third")]
    posted = [
        Posted(1, "PAY26-0001", 1, DAY, D(50), "INV26-0001"),
        Posted(2, "PAY26-0002", 2, DAY, D(20), matched=True),
    ]
    known = Known(items, payers, (), posted, tolerance=tolerance)
    wanted = [Line(n, DAY, D(amount * 5), text, "", who) for n, (amount, text, who) in enumerate(told, 1)]

    found = propose_all(wanted, known)

    first = [(line, found[line.id][0]) for line in wanted if found[line.id]]
    for item in items:
        taken = sum(
            (
                part.get(item.id, D(0))
                for _line, p in first
                for part in (p.shares, p.discounts, p.differences, p.charges)
            ),
            D(0),
        )
        assert 0 <= taken <= item.open_amount
    for line in wanted:
        for p in found[line.id]:
            assert 0 <= p.score <= 100
            if p.shares:
                assert sum(p.shares.values(), D(0)) + p.rest == line.amount
                assert {known.owed[key].customer_id for key in p.shares} == {p.customer_id}
                assert all(part > 0 for part in p.shares.values())
    assert len({p.payment_id for _line, p in first if p.payment_id}) == sum(1 for _line, p in first if p.payment_id)
