"""docs/rules/payments.md: money goes where it is said, once, and on no day beyond what is owed."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from o2c_tui.errors import BadValueError, OverAllocationError, WrongStateError
from o2c_tui.queries.receivables import aged, open_lines
from o2c_tui.services.invoicing import invoice_order
from o2c_tui.services.paying import PaymentDraft, apply_credit, receive_payment
from o2c_tui.services.shipping import ship_order
from o2c_tui.services.taking_back import reverse_payment, unapply
from tests.makers import Desk, open_books, ordered, paid, receive


@pytest.fixture
def desk(sqlite_store) -> Desk:
    made = open_books(sqlite_store)
    receive(made, "BOLT", 100)
    return made


def _owed(desk: Desk, quantity: int, **more) -> int:
    """The first instalment of a new invoice over `quantity` bolts at 12.00 with tax."""
    order = ordered(desk, ("BOLT", quantity), **more)
    desk.do(ship_order, order.order_id)
    invoice = desk.do(invoice_order, order.order_id)
    return int(desk.document("invoice", invoice.invoice_id).instalments[0].id)


def _open(desk: Desk) -> dict[int, D]:
    return {line.item_id: line.open for line in desk.ask(open_lines, 1, as_of=desk.today)}


def test_a_payment_is_set_where_the_clerk_says(desk):
    first, second = _owed(desk, 10), _owed(desk, 5)
    payment = paid(desk, "100.00", shares={second: D("60.00"), first: D("15.50")})
    assert (payment.allocated, payment.unapplied) == (D("75.50"), D("24.50"))
    assert [amount for amount in _open(desk).values() if amount > 0] == [D("104.50")]
    assert _open(desk)[first] == D("104.50")
    desk.holds()


@pytest.mark.parametrize(
    ("share", "error", "why"),
    [
        (D("120.01"), OverAllocationError, "120.01 is more than the 120 that is open"),
        (D("-5"), BadValueError, "must be 0 or more"),
        (D("1.005"), BadValueError, "1.005 has more digits than EUR knows"),
        (D("NaN"), BadValueError, "no number"),
    ],
)
def test_a_part_is_neither_negative_nor_more_than_open_nor_half_a_cent(desk, share, error, why):
    first, second = _owed(desk, 10), _owed(desk, 5)
    paid(desk, "50.00", shares={second: D("50.00")})
    with pytest.raises(error) as refused:
        paid(desk, "200.00", shares={first: share, second: D("1.00")})
    assert why in str(refused.value)


def test_a_negative_part_does_not_take_another_payments_money(desk):
    first, second = _owed(desk, 10), _owed(desk, 5)
    paid(desk, "50.00", shares={second: D("50.00")})
    credit = paid(desk, "20.00", shares={})
    with pytest.raises(BadValueError):
        desk.do(apply_credit, payment_id=credit.payment_id, shares={second: D("-30.00"), first: D("50.00")})
    desk.holds()


def test_a_payment_that_bounced_pays_nothing_any_more(desk):
    _owed(desk, 10)
    payment = paid(desk, "100.00")
    back = desk.do(reverse_payment, payment.payment_id, "bounced")

    for key in (payment.payment_id, back.payment_id):
        with pytest.raises(WrongStateError, match="was reversed"):
            desk.do(unapply, key)
    with pytest.raises((BadValueError, OverAllocationError, WrongStateError)):
        desk.do(apply_credit, payment_id=back.payment_id)
    with pytest.raises(WrongStateError, match="was reversed"):
        desk.do(apply_credit, payment_id=payment.payment_id)
    with pytest.raises(WrongStateError, match="was reversed"):
        desk.do(reverse_payment, payment.payment_id, "again")
    desk.holds()


def test_what_was_undone_later_is_not_paid_twice_on_the_days_between(desk):
    """Paid on day 1, taken off on day 5: on day 3 the instalment was paid, so no other money can be set on it as of then."""
    day = desk.today
    item = _owed(desk, 10)
    first = paid(desk, "120.00")
    other = paid(desk, "120.00")
    desk.next_day(4)
    desk.do(unapply, first.payment_id)

    between = day + timedelta(days=2)
    with pytest.raises(BadValueError, match=f"undone on {desk.today}"):
        desk.do(apply_credit, payment_id=other.payment_id, shares={item: D("120.00")}, on=between)
    with pytest.raises(BadValueError, match=f"undone on {desk.today}"):
        desk.do(apply_credit, payment_id=first.payment_id, shares={item: D("120.00")}, on=between)
    back_dated = desk.do(receive_payment, PaymentDraft("ACME", D("120.00"), received_on=between))
    assert back_dated.allocated == 0  # the proposal knows it too

    desk.do(apply_credit, payment_id=other.payment_id)
    (row,) = desk.ask(aged, as_of=between)
    assert all(bucket >= 0 for bucket in row.buckets)
    assert row.total == D("-240.00")
    desk.holds()
