"""Payments, rule by rule. docs/rules/payments.md, docs/rules/allocation.md."""

from datetime import date
from decimal import Decimal as D

import pytest

from o2c_tui.errors import BadValueError, OverAllocationError, UnknownCodeError, WrongStateError
from o2c_tui.services.paying import PaymentDraft, apply_credit, receive_payment
from o2c_tui.services.taking_back import reverse_payment, unapply
from tests.makers import booked, open_books, paid, receive, sold, terms_of


def _open(desk, *invoices):
    return [desk.document("invoice", done.invoice_id).head["open"] for done in invoices]


def _items(desk, done):
    return [i.id for i in desk.document("invoice", done.invoice_id).instalments]


def _three(store):
    """Invoices over 12.00, 24.00 and 60.00, the last the oldest."""
    desk = open_books(store)
    receive(desk, received_on=date(2026, 10, 1))
    oldest = sold(desk, ("BOLT", 5), on=date(2026, 10, 5))
    return desk, sold(desk, ("BOLT", 1)), sold(desk, ("BOLT", 2)), oldest


def test_the_oldest_is_paid_first_and_partly_where_the_money_ends(store):
    desk, small, middle, oldest = _three(store)
    done = paid(desk, "65.00")
    assert (done.allocated, done.unapplied) == (D("65.00"), 0)
    assert _open(desk, small, middle, oldest) == [D("7.00"), D("24.00"), 0]
    desk.holds()


def test_one_that_fits_exactly_and_then_a_sum_that_fits_go_before_the_oldest(store):
    desk, small, middle, oldest = _three(store)
    paid(desk, "24.00")
    assert _open(desk, small, middle, oldest) == [D("12.00"), 0, D("60.00")]
    paid(desk, "72.00")
    assert _open(desk, small, middle, oldest) == [0, 0, 0]


def test_by_hand_over_several_instalments_and_no_more_than_is_open(store):
    desk, small, _, oldest = _three(store)
    (a,), (b,) = _items(desk, small), _items(desk, oldest)
    with pytest.raises(OverAllocationError, match=r"13 is more than the 12 that is open") as refused:
        paid(desk, "20.00", shares={a: D(13)})
    assert refused.value.field == f"shares.{a}"
    with pytest.raises(OverAllocationError, match=r"22 is given out, but only 20 came in"):
        paid(desk, "20.00", shares={a: D(12), b: D(10)})

    done = paid(desk, "20.00", shares={a: D(5), b: D(10)})

    assert (done.allocated, done.unapplied) == (D("15.00"), D("5.00"))
    assert _open(desk, small, oldest) == [D("7.00"), D("50.00")]
    desk.holds()


def test_another_customers_invoice_is_not_paid(store):
    desk, small, *_ = _three(store)
    terms_of(desk, "OTHER", "Other Works")
    with pytest.raises(BadValueError, match="is not an open instalment of this customer"):
        paid(desk, "12.00", customer="OTHER", shares={_items(desk, small)[0]: D(12)})


def test_what_is_left_stays_as_credit_and_is_used_later_or_taken_off_again(store):
    desk, small, middle, oldest = _three(store)
    done = paid(desk, "100.00")
    assert (done.unapplied, _open(desk, small, middle, oldest)) == (D("4.00"), [0, 0, 0])
    later = sold(desk, ("BOLT", 1))

    assert desk.do(apply_credit, payment_id=done.payment_id) == D("4.00")
    assert _open(desk, later) == [D("8.00")]
    desk.next_day()
    assert desk.do(unapply, done.payment_id) == D("100.00")

    assert _open(desk, small, middle, oldest, later) == [D("12.00"), D("24.00"), D("60.00"), D("12.00")]
    assert desk.document("payment", done.payment_id).head["unapplied"] == D("100.00")
    desk.holds()


def test_a_payment_that_bounced_opens_its_invoices_and_leaves_the_bank(store):
    desk, small, *_ = _three(store)
    done = paid(desk, "12.00", reference="TT 1")
    desk.next_day(3)
    with pytest.raises(BadValueError, match="Say why the payment is reversed"):
        desk.do(reverse_payment, done.payment_id, "")
    with pytest.raises(BadValueError, match="came in on 2026-11-24; it cannot bounce before"):
        desk.do(reverse_payment, done.payment_id, "bounced", on=date(2026, 11, 1))

    back = desk.do(reverse_payment, done.payment_id, "bounced")

    assert (back.number, back.amount, _open(desk, small)) == ("PAY26-0002", D("-12.00"), [D("12.00")])
    assert booked(desk, "payment", back.payment_id) == {"1000": D("-12.00"), "1200": D("12.00")}
    with pytest.raises(WrongStateError, match="PAY26-0001 was reversed already"):
        desk.do(reverse_payment, done.payment_id, "again")
    with pytest.raises(WrongStateError, match="PAY26-0002 was reversed already"):
        desk.do(reverse_payment, back.payment_id, "again")
    desk.holds()


def test_a_reversed_payment_has_no_credit_left_to_use(store):
    desk, small, *_ = _three(store)
    done = paid(desk, "500.00")
    desk.do(reverse_payment, done.payment_id, "bounced")
    with pytest.raises(WrongStateError, match="was reversed already"):
        desk.do(apply_credit, payment_id=done.payment_id, shares={_items(desk, small)[0]: D(1)})
    desk.holds()


def test_the_same_amount_with_the_same_reference_warns(store):
    desk, *_ = _three(store)
    paid(desk, "12.00", reference="TT 1")
    again = PaymentDraft("ACME", D("12.00"), reference="TT 1")
    shown = store.preview_now(receive_payment, again, by="ada", today=desk.today)
    assert len(shown.warnings) == 1 and "PAY26-0001" in shown.warnings[0].said()
    other = PaymentDraft("ACME", D("13.00"), reference="TT 1")
    assert store.preview_now(receive_payment, other, by="ada", today=desk.today).codes == frozenset()


def test_money_goes_to_a_bank_or_cash_account_and_must_be_some(store):
    desk, *_ = _three(store)
    with pytest.raises(BadValueError, match="The amount must be more than 0"):
        paid(desk, "0")
    with pytest.raises(BadValueError, match=r"1\.005 has more digits than EUR knows"):
        paid(desk, "1.005")
    with pytest.raises(BadValueError, match="4000 is no bank or cash account"):
        paid(desk, "1.00", account="4000")
    with pytest.raises(UnknownCodeError, match="There is no account 9"):
        paid(desk, "1.00", account="9")
    with pytest.raises(UnknownCodeError, match="ACMEE"):
        paid(desk, "1.00", customer="ACMEE")
    done = paid(desk, "1.00", account="1050")
    assert booked(desk, "payment", done.payment_id) == {"1050": D("1.00"), "1200": D("-1.00")}


def test_money_is_not_set_against_an_invoice_of_a_later_day(store):
    desk, small, _, oldest = _three(store)
    with pytest.raises(BadValueError, match="An instalment of 2026-11-24 cannot be paid on 2026-11-01"):
        paid(desk, "12.00", received_on=date(2026, 11, 1), shares={_items(desk, small)[0]: D(12)})
    early = paid(desk, "70.00", received_on=date(2026, 11, 1))  # proposes only what was owed then
    assert (early.unapplied, _open(desk, small, oldest)) == (D("10.00"), [D("12.00"), 0])
