"""Whatever the figures: no cent is made or lost, credits mirror, layers carry what is there, every age has its place."""

from datetime import date, timedelta
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from o2c_tui.money import Rounding, round_to, share_of, split
from o2c_tui.rules.aging import bucket_of
from o2c_tui.rules.allocation import OpenItem, propose
from o2c_tui.rules.fifo import Consumed, Layer, consume, put_back
from o2c_tui.rules.pricing import LineInput, TaxPart
from o2c_tui.rules.tax import TaxRounding, taxes_of, totals
from o2c_tui.rules.tax_parts import TaxShare, part_of, read_parts, spread, sum_of, write_parts
from o2c_tui.rules.terms import PartKind, TermPart, schedule

DAY = date(2026, 11, 24)
DIGITS = st.sampled_from([0, 2, 3])
ROUNDINGS = st.sampled_from(list(Rounding))


def _figures(most: int, places: int) -> st.SearchStrategy[D]:
    return st.integers(0, most * 10**places).map(lambda n: D(n).scaleb(-places))


@given(st.integers(-(10**9), 10**9), st.lists(_figures(10_000, 2), max_size=12), DIGITS, ROUNDINGS)
def test_a_split_conserves_its_total_and_mirrors_its_sign(whole, weights, digits, rounding):
    total = D(whole).scaleb(-digits)
    parts = split(total, weights, digits, rounding)
    assert sum(parts, D(0)) == (total if weights else 0)
    assert split(-total, weights, digits, rounding) == [-part for part in parts]
    if sum(weights):
        unit, whole_weight = D(1).scaleb(-digits), sum(weights)
        assert all(abs(p - total * w / whole_weight) < unit for p, w in zip(parts, weights, strict=True))


@given(_figures(100_000, 2), st.lists(_figures(50, 3).filter(bool), min_size=1, max_size=10), DIGITS, ROUNDINGS)
def test_shares_of_what_is_left_add_up_and_never_turn_negative(value, parts, digits, rounding):
    whole = left = round_to(value, digits)
    of, taken = sum(parts), []
    for part in parts:
        taken.append(share_of(left, part, of, digits, rounding))
        left, of = left - taken[-1], of - part
    assert sum(taken) == whole
    assert min(taken) >= 0


LINES = st.lists(
    st.builds(
        LineInput,
        quantity=_figures(500, 3),
        unit_price=_figures(2_000, 4),
        discount_percent=_figures(100, 2),
        tax_code=st.sampled_from("AB"),
        tax_rate=st.sampled_from([D(0), D("0.05"), D("0.2"), D("0.077")]),
        tax_included=st.sampled_from([None, True, False]),
    ),
    max_size=8,
)


@given(LINES, st.booleans(), st.sampled_from(list(TaxRounding)), DIGITS, ROUNDINGS, _figures(100, 2))
def test_every_sum_of_a_document_is_the_sum_of_what_is_shown(lines, included, mode, digits, rounding, percent):
    words = {"prices_include_tax": included, "tax_rounding": mode, "digits": digits, "rounding": rounding}
    told = totals(lines, **words, document_discount_percent=percent)

    assert told.net == sum((line.net for line in told.lines), D(0)) == sum((group.net for group in told.groups), D(0))
    assert told.tax == sum((line.tax for line in told.lines), D(0)) == sum((group.tax for group in told.groups), D(0))
    assert told.gross == told.net + told.tax
    for line, shown in zip(lines, told.lines, strict=True):
        assert shown.net == round_to(shown.net, digits)
        assert shown.tax == round_to(shown.tax, digits) >= 0
        assert line.tax_rate or shown.tax == 0
    amounts = sum((line.amount for line in told.lines), D(0))
    if all(line.tax_included if line.tax_included is not None else included for line in lines):
        assert told.gross == amounts - told.discount  # net and tax give back the price


@given(LINES, DIGITS, ROUNDINGS)
def test_tax_by_document_is_the_rate_on_the_sum_rounded_once(lines, digits, rounding):
    plain = [LineInput(x.quantity, x.unit_price, x.discount_percent, D(0), x.tax_code, x.tax_rate) for x in lines]
    words = {"prices_include_tax": False, "digits": digits, "rounding": rounding}
    by_document = totals(plain, tax_rounding=TaxRounding.DOCUMENT, **words)
    by_line = totals(plain, tax_rounding=TaxRounding.LINE, **words)
    for group in by_document.groups:
        assert group.tax == round_to(group.net * group.rate, digits, rounding)
    for line, shown in zip(plain, by_line.lines, strict=True):
        assert shown.tax == round_to(shown.net * line.tax_rate, digits, rounding)
    assert by_document.net == by_line.net
    assert abs(by_document.tax - by_line.tax) <= D(1).scaleb(-digits) * len(lines)


TAXED = st.lists(
    st.builds(
        LineInput,
        quantity=_figures(500, 3),
        unit_price=_figures(2_000, 4),
        tax_code=st.sampled_from("AB"),
        tax_rate=st.sampled_from([D(0), D("0.05"), D("0.2")]),
        tax_included=st.sampled_from([None, True, False]),
        taxes=st.sampled_from(
            [
                (),
                (TaxPart("A", D("0.05")), TaxPart("C", D("0.09975"))),
                (TaxPart("A", D("0.05")), TaxPart("C", D("0.09975"), True)),
                (TaxPart("B", D("0.2")), TaxPart("A", D("0.05"), True), TaxPart("D", D("0.01"), True)),
            ]
        ),
    ),
    max_size=7,
)


@given(
    TAXED,
    st.booleans(),
    st.sampled_from(list(TaxRounding)),
    DIGITS,
    ROUNDINGS,
    st.sampled_from([D(0), D(5), D("0.05")]),
)
def test_each_of_several_taxes_adds_up_on_line_and_document(lines, included, mode, digits, rounding, step):
    told = totals(
        lines, prices_include_tax=included, tax_rounding=mode, digits=digits, rounding=rounding, cash_step=step
    )

    assert told.tax == sum((group.tax for group in told.groups), D(0))
    assert told.gross == told.net + told.tax + told.cash_difference
    assert not step or told.gross == round_to(told.gross / step, 0) * step or digits == 0
    for line, shown in zip(lines, told.lines, strict=True):
        assert not line.taxes or shown.tax == sum(shown.parts, D(0))
        assert len(shown.parts) == len(line.taxes)
        if line.tax_included or (line.tax_included is None and included):
            assert shown.gross == shown.amount
    if mode is TaxRounding.DOCUMENT and not included and not any(line.tax_included for line in lines):
        for group in told.groups:  # of a compound tax the base holds the taxes before it, as they are shown
            kinds = {
                part.compound
                for line in lines
                for part in taxes_of(line)
                if (part.code, part.rate) == (group.code, group.rate)
            }
            if len(kinds) == 1:
                assert group.tax == round_to(group.net * group.rate, digits, rounding)


@given(TAXED.filter(bool), st.lists(_figures(9, 2).filter(bool), min_size=1, max_size=6), DIGITS, ROUNDINGS)
def test_shares_of_several_taxes_mirror_the_line_and_the_last_takes_the_cents(lines, parts, digits, rounding):
    told = totals(lines, prices_include_tax=False, tax_rounding=TaxRounding.DOCUMENT, digits=digits, rounding=rounding)
    for line, shown in zip(lines, told.lines, strict=True):
        text = write_parts(line.taxes, shown.parts)
        assert read_parts(text) == tuple(
            TaxShare(part.code, part.rate, tax, part.compound)
            for part, tax in zip(line.taxes, shown.parts, strict=True)
        )
        left, done = sum(parts), [D(0)] * len(line.taxes)
        for part in parts:
            share = [x.tax for x in read_parts(part_of(text, done, part, left, digits, rounding))]
            done, left = [was + now for was, now in zip(done, share, strict=True)], left - part
        assert tuple(done) == shown.parts
        assert sum_of(part_of(text, (), D(1), D(1), digits, rounding)) == (shown.tax if line.taxes else 0)
        assert sum_of(spread(text, shown.tax, digits, rounding)) == (shown.tax if line.taxes else 0)


PARTS = st.lists(
    st.builds(
        TermPart,
        kind=st.sampled_from([PartKind.FIXED, PartKind.PERCENT, PartKind.PERCENT_OF_REST]),
        value=_figures(100, 2),
        months=st.integers(0, 14),
        days=st.integers(0, 400),
        end_of_month=st.booleans(),
        day_of_month=st.none() | st.integers(1, 31),
        weekday=st.none() | st.integers(0, 6),
    ),
    max_size=5,
)


@given(_figures(10_000, 2), PARTS, DIGITS, ROUNDINGS, st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_instalments_conserve_the_total_and_none_is_due_before_its_invoice(value, parts, digits, rounding, on):
    total = round_to(value, digits)
    made = schedule(total, [*parts, TermPart(PartKind.REST)], on, digits, rounding)
    assert sum(part.amount for part in made) == total
    assert all(part.amount > 0 for part in made) or len(made) == 1 or not total
    assert all(part.due_on >= on and part.amount == round_to(part.amount, digits) for part in made)


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("in"), _figures(50, 2).filter(bool), _figures(1_000, 2)),
        st.tuples(st.just("out"), _figures(60, 2).filter(bool), st.just(D(0))),
        st.tuples(st.just("back"), _figures(60, 2).filter(bool), st.just(D(0))),
    ),
    max_size=30,
)


@given(MOVES, DIGITS)
def test_fifo_conserves_quantity_and_value_in_any_walk(moves, digits):
    """In, out and back in any order: what is in layers is what came in less what is out, and an empty layer is worth nothing."""
    layers: list[list[D]] = []
    gone: list[list[Consumed]] = []
    quantity = value = D(0)
    for kind, wanted, worth in moves:
        if kind == "in":
            layers.append([wanted, round_to(worth, digits)])
            quantity, value = quantity + wanted, value + layers[-1][1]
        elif kind == "out" and (part := min(wanted, quantity)):
            takes = consume([Layer(n, q, v) for n, (q, v) in enumerate(layers)], part, digits)
            assert [take.layer_id for take in takes] == sorted(take.layer_id for take in takes)
            for take in takes:
                layers[take.layer_id][0] -= take.quantity
                layers[take.layer_id][1] -= take.value
            gone.append([Consumed(take.layer_id, take.quantity, take.value) for take in takes])
            quantity, value = quantity - part, value - sum(take.value for take in takes)
        elif kind == "back" and gone:
            with_customer = sum((row.quantity - row.returned_quantity for row in gone[-1]), D(0))
            part = min(wanted, with_customer)
            backs = {take.layer_id: take for take in put_back(gone[-1], part, digits)} if part else {}
            for take in backs.values():
                layers[take.layer_id][0] += take.quantity
                layers[take.layer_id][1] += take.value
                quantity, value = quantity + take.quantity, value + take.value
            gone[-1] = [
                Consumed(
                    row.layer_id,
                    row.quantity,
                    row.value,
                    row.returned_quantity + (backs[row.layer_id].quantity if row.layer_id in backs else 0),
                    row.returned_value + (backs[row.layer_id].value if row.layer_id in backs else 0),
                )
                for row in gone[-1]
            ]
        assert sum((q for q, _ in layers), D(0)) == quantity
        assert sum((v for _, v in layers), D(0)) == value
        assert all(q >= 0 and v >= 0 and (q or not v) for q, v in layers)
    for rows in gone:
        for row in rows:
            assert row.quantity > row.returned_quantity or row.value == row.returned_value


OPEN = st.lists(
    st.builds(OpenItem, id=st.integers(1, 99), due_on=st.dates(DAY - timedelta(200), DAY), open_amount=_figures(90, 1).filter(bool)),
    max_size=10,
    unique_by=lambda item: item.id,
)  # fmt: skip


@given(OPEN, _figures(400, 1).filter(bool))
def test_a_proposal_gives_out_all_it_can_and_never_more_than_is_open(items, amount):
    told = propose(items, amount)
    left = {item.id: item.open_amount for item in items}
    assert sum(told.shares.values(), told.rest) == amount
    assert told.rest == max(D(0), amount - sum(left.values())) >= 0
    assert all(D(0) < part <= left[key] for key, part in told.shares.items())
    if told.reason != "oldest":
        assert all(part == left[key] for key, part in told.shares.items())
    else:
        paid = [item for item in sorted(items, key=lambda i: (i.due_on, i.id)) if item.id in told.shares]
        assert all(told.shares[item.id] == item.open_amount for item in paid[:-1])
        assert not any(item.open_amount == amount for item in items)


@given(st.integers(-500, 500), st.lists(st.integers(1, 400), unique=True, max_size=6).map(lambda n: (0, *sorted(n))))
def test_every_age_falls_into_one_bucket_and_older_never_into_a_younger(overdue, bounds):
    def bucket(days: int) -> int:
        return bucket_of(DAY - timedelta(days=days), DAY, bounds)

    n = bucket(overdue)
    assert 0 <= n <= len(bounds)
    assert n == 0 or overdue > bounds[n - 1]
    assert n == len(bounds) or overdue <= bounds[n]
    assert bucket(overdue + 1) >= n
