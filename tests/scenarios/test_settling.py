"""What is not paid and not owed any more, rule by rule. docs/rules/settling.md."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from o2c_tui.errors import (
    BadValueError,
    MissingValueError,
    NotAllowedError,
    OverAllocationError,
    UnknownCodeError,
    WrongStateError,
)
from o2c_tui.models.company import UserRole
from o2c_tui.models.receivable_adjustment import AdjustmentKind
from o2c_tui.queries.lookups import party_by_code
from o2c_tui.queries.receivables import UnusedCredit, aged, open_lines, unused_credit
from o2c_tui.services.crediting import credit_invoice
from o2c_tui.services.exchanging import save_rate
from o2c_tui.services.invoicing import invoice_order
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.paying import PaymentDraft, apply_credit
from o2c_tui.services.reasons import ReasonSetup, save_reason
from o2c_tui.services.refunding import refund
from o2c_tui.services.setup import change_company, save_user
from o2c_tui.services.taking_back import bounce_payment, reverse_payment, unapply, undo_allocation
from o2c_tui.services.tax_codes import TermSetup, save_term
from o2c_tui.services.writing_off import KeptBack, reverse_adjustment, settle_payment, write_off
from tests.makers import booked, open_books, ordered, paid, receive, sold


@pytest.fixture
def desk(store):
    made = open_books(store)
    made.do(
        save_term,
        TermSetup(
            "2-10", "2 % in 10 days", ({"kind": "rest", "days": 30, "discount_percent": "2", "discount_days": 10},)
        ),
    )
    receive(made, received_on=date(2026, 10, 1))
    return made  # fmt: skip


def _open(desk, done):
    return desk.document("invoice", done.invoice_id).head["open"]


def _item(desk, done):
    return desk.document("invoice", done.invoice_id).instalments[0].id


def _unapplied(desk):
    return sum((row.unapplied for row in desk.ask(aged, as_of=desk.today)), D(0))


# -- discount for paying early ---------------------------------------------------------------------------------------


def test_a_discount_taken_in_time_lowers_the_tax_with_it(desk):
    """10 bolts at 10.00 and 20 %: 120.00; 2 % is 2.40, of which 2.00 net and 0.40 tax."""
    invoice = sold(desk, ("BOLT", 10), term="2-10")
    desk.next_day(10)  # the very day it ends

    done = desk.do(settle_payment, PaymentDraft("ACME", D("117.60")), [KeptBack("DISCOUNT", invoice=invoice.number)])

    (taken,) = done.settled
    assert (taken.number, taken.amount, taken.tax, taken.open) == ("RA26-0001", D("2.40"), D("0.40"), 0)
    assert booked(desk, "receivable_adjustment", taken.adjustment_id) == {"4100": D("2.00"), "2200": D("0.40"), "1200": D("-2.40")}  # fmt: skip
    assert (_open(desk, invoice), done.payment.unapplied) == (0, 0)
    desk.holds()


def test_a_day_later_no_discount_is_taken(desk):
    invoice = sold(desk, ("BOLT", 10), term="2-10")
    desk.next_day(11)
    with pytest.raises(BadValueError, match="offered until 2026-12-04; on 2026-12-05 it is too late"):
        desk.do(settle_payment, PaymentDraft("ACME", D("117.60")), [KeptBack("DISCOUNT", invoice=invoice.number)])
    with pytest.raises(BadValueError, match="too late"):
        desk.do(write_off, invoice.invoice_id, "DISCOUNT")


def test_a_discount_is_spread_over_the_rates_of_the_invoice(desk):
    """100.00 at 20 % and 100.00 at 5 %: 225.00, discount 4.50: 2.40 of 120.00 and 2.10 of 105.00; tax 0.40 and 0.10."""
    from o2c_tui.services.drafting import LineDraft

    cheap = LineDraft("BOLT", D(10), tax_code="VAT5")
    invoice = sold(desk, ("BOLT", 10), cheap, term="2-10")
    assert invoice.gross == D("225.00")
    taken = desk.do(write_off, invoice.invoice_id, "DISCOUNT")
    assert (taken.amount, taken.tax) == (D("4.50"), D("0.50"))
    desk.holds()


def test_no_more_discount_than_is_offered_and_none_twice(desk):
    invoice = sold(desk, ("BOLT", 10), term="2-10")
    with pytest.raises(OverAllocationError, match=r"2\.50 is more than the 2\.40"):
        desk.do(write_off, invoice.invoice_id, "DISCOUNT", amount=D("2.50"))
    desk.do(write_off, invoice.invoice_id, "DISCOUNT", amount=D("1.40"))
    assert desk.do(write_off, invoice.invoice_id, "DISCOUNT").amount == D("1.00")
    with pytest.raises(BadValueError, match="No discount is offered here"):
        desk.do(write_off, invoice.invoice_id, "DISCOUNT")
    desk.holds()


def test_what_was_credited_takes_its_part_of_the_discount_along(desk):
    invoice = sold(desk, ("BOLT", 10), term="2-10")
    line = desk.document("invoice", invoice.invoice_id).lines[0]["id"]
    desk.do(credit_invoice, invoice.invoice_id, "damaged", quantities={line: D(5)})
    assert desk.do(write_off, invoice.invoice_id, "DISCOUNT").amount == D("1.20")
    desk.holds()


def test_the_proposal_takes_the_discount_only_where_it_may(desk):
    invoice = sold(desk, ("BOLT", 10), term="2-10")
    shown = paid(desk, "117.60")  # nobody agreed to anything: a part is paid
    assert _open(desk, invoice) == D("2.40")
    desk.do(reverse_payment, shown.payment_id, "entered wrongly")
    done = desk.do(settle_payment, PaymentDraft("ACME", D("117.60")), offers=True)
    assert (_open(desk, invoice), [one.amount for one in done.settled]) == (0, [D("2.40")])
    desk.holds()


def test_a_credit_that_gives_back_what_was_never_paid_warns(desk):
    invoice = sold(desk, ("BOLT", 10), term="2-10")
    desk.do(settle_payment, PaymentDraft("ACME", D("117.60")), offers=True)
    line = desk.document("invoice", invoice.invoice_id).lines[0]["id"]
    some = desk.store.preview_now(
        credit_invoice, invoice.invoice_id, "rust", quantities={line: D(5)}, by="ada", today=desk.today
    )
    assert some.codes == frozenset()
    whole = desk.store.preview_now(credit_invoice, invoice.invoice_id, "rust", by="ada", today=desk.today)
    assert [notice.code for notice in whole.warnings] == ["more_than_was_paid"]


# -- another currency ------------------------------------------------------------------------------------------------


def test_in_another_currency_what_is_kept_back_gains_and_loses_nothing(desk):
    """100 USD at 0.90 is 90.00 EUR with no tax; 98 USD come at 0.95 (93.10), 2 are discount at the invoice's rate (1.80)."""
    desk.do(save_rate, "USD", D("0.90"), on=date(2026, 11, 1))
    desk.do(save_party, PartySetup("YANK", "Yank Works", currency="USD", tax_code="NONE"))
    invoice = sold(desk, ("BOLT", 10, "10.00"), customer="YANK", term="2-10")
    draft = PaymentDraft("YANK", D("98.00"), rate=D("0.95"))
    done = desk.do(settle_payment, draft, [KeptBack("DISCOUNT", invoice=invoice.number)])
    (taken,) = done.settled
    assert booked(desk, "receivable_adjustment", taken.adjustment_id) == {"4100": D("1.80"), "1200": D("-1.80")}
    assert (_open(desk, invoice), desk.ask(aged, as_of=desk.today)) == (0, [])
    desk.holds()
    back = desk.do(reverse_adjustment, taken.adjustment_id, "too late")
    assert booked(desk, "receivable_adjustment", back.adjustment_id) == {"4100": D("-1.80"), "1200": D("1.80")}
    desk.holds()


def test_a_refund_in_another_currency_goes_out_at_the_days_rate(desk):
    """100 USD came at 0.90; 100 go back at 0.95: 5.00 EUR are lost."""
    desk.do(save_rate, "USD", D("0.90"), on=date(2026, 11, 1))
    desk.do(save_party, PartySetup("YANK", "Yank Works", currency="USD", tax_code="NONE"))
    payment = paid(desk, "100.00", customer="YANK")
    back = desk.do(refund, "YANK", rate=D("0.95"))
    assert booked(desk, "payment", back.payment_id)["1000"] == D("-95.00")
    assert booked(desk, "payment", payment.payment_id)["5500"] == D("5.00")
    assert desk.ask(aged, as_of=desk.today) == []
    desk.holds()


# -- small differences, charges, tax withheld, bad debts -------------------------------------------------------------


def test_what_is_kept_back_settles_the_invoice_with_the_payment(desk):
    """120.00: 100.00 came in, 12.00 were withheld as tax, 8.00 a bank took on the way."""
    invoice = sold(desk, ("BOLT", 10))
    kept = [
        KeptBack("WITHHELD", D("12.00"), invoice=invoice.number),
        KeptBack("BANK", D("8.00"), invoice=invoice.number),
    ]
    done = desk.do(settle_payment, PaymentDraft("ACME", D("100.00")), kept)
    withheld, bank = (one.adjustment_id for one in done.settled)
    assert booked(desk, "receivable_adjustment", withheld) == {"1460": D("12.00"), "1200": D("-12.00")}
    assert booked(desk, "receivable_adjustment", bank) == {"5300": D("8.00"), "1200": D("-8.00")}
    assert _open(desk, invoice) == 0
    desk.holds()


def test_a_small_difference_is_within_the_tolerance_for_all_but_the_owner(desk):
    desk.do(change_company, {"small_difference": D("0.50")})
    desk.do(save_user, "tom", "Tom Example", UserRole.ACCOUNTS)
    invoice = sold(desk, ("BOLT", 10))
    paid(desk, "119.40")
    desk.by = "tom"
    with pytest.raises(NotAllowedError, match=r"SMALL: at most 0\.50 on one invoice, 0\.60 were asked"):
        desk.do(write_off, invoice.invoice_id, "SMALL")
    assert desk.do(write_off, invoice.invoice_id, "SMALL", amount=D("0.30")).open == D("0.30")
    with pytest.raises(NotAllowedError, match="were asked"):  # in two steps it is no less
        desk.do(write_off, invoice.invoice_id, "SMALL", amount=D("0.30"))
    desk.by = "ada"
    taken = desk.do(write_off, invoice.invoice_id, "SMALL")
    assert (taken.amount, taken.tax, _open(desk, invoice)) == (D("0.30"), 0, 0)
    desk.holds()


def test_what_was_paid_a_little_too_much_is_kept_as_income(desk):
    desk.do(change_company, {"small_difference": D("0.50")})
    invoice = sold(desk, ("BOLT", 10))
    done = desk.do(settle_payment, PaymentDraft("ACME", D("120.05")), overpaid=D("0.05"))
    assert (done.payment.unapplied, _open(desk, invoice)) == (0, 0)
    assert booked(desk, "receivable_adjustment", done.settled[0].adjustment_id) == {
        "5400": D("-0.05"),
        "1200": D("0.05"),
    }
    assert desk.ask(aged, as_of=desk.today) == []
    desk.holds()


def test_a_bad_debt_takes_exactly_the_tax_that_is_left(desk):
    """Three bolts at 3.33 and 20 %: 9.99 + 2.00 = 11.99. One credited: 4.00 of it (0.67 tax). Half of the rest, then the rest."""
    invoice = sold(desk, ("BOLT", 3, "3.33"))
    line = desk.document("invoice", invoice.invoice_id).lines[0]["id"]
    note = desk.do(credit_invoice, invoice.invoice_id, "damaged", quantities={line: D(1)})
    left = D("11.99") - note.gross
    first = desk.do(write_off, invoice.invoice_id, "DEBT", amount=D("4.00"))
    rest = desk.do(write_off, invoice.invoice_id, "DEBT")
    note_tax = desk.document("invoice", note.invoice_id).head["tax"]
    assert (first.amount + rest.amount, first.tax + rest.tax + note_tax) == (left, D("2.00"))
    assert _open(desk, invoice) == 0
    desk.holds()


def test_a_write_off_is_taken_back_by_its_opposite(desk):
    invoice = sold(desk, ("BOLT", 10))
    taken = desk.do(write_off, invoice.invoice_id, "DEBT")
    desk.next_day(2)
    with pytest.raises(BadValueError, match="Say why it is taken back"):
        desk.do(reverse_adjustment, taken.adjustment_id, " ")
    with pytest.raises(BadValueError, match="RA26-0001 is of 2026-11-24; it cannot be taken back before"):
        desk.do(reverse_adjustment, taken.adjustment_id, "he paid", on=date(2026, 11, 20))

    back = desk.do(reverse_adjustment, taken.adjustment_id, "he paid")

    assert (back.number, back.amount, back.tax, back.open) == ("RA26-0002", D("-120.00"), D("-20.00"), D("120.00"))
    assert booked(desk, "receivable_adjustment", back.adjustment_id) == {"5200": D("-100.00"), "2200": D("-20.00"), "1200": D("120.00")}  # fmt: skip
    for key in (taken.adjustment_id, back.adjustment_id):
        with pytest.raises(WrongStateError, match="was reversed already"):
            desk.do(reverse_adjustment, key, "again")
    assert desk.do(write_off, invoice.invoice_id, "DEBT").tax == D("20.00")  # all of it again
    desk.holds()


def test_nothing_is_written_off_that_is_not_open(desk):
    invoice = sold(desk, ("BOLT", 10))
    with pytest.raises(OverAllocationError, match="121 is more than the 120"):
        desk.do(write_off, invoice.invoice_id, "DEBT", amount=D(121))
    for amount in (D(0), D("-1"), D("1.005")):
        with pytest.raises(BadValueError, match="must be more than 0"):
            desk.do(write_off, invoice.invoice_id, "DEBT", amount=amount)
    with pytest.raises(BadValueError, match="nothing can be taken off it before"):
        desk.do(write_off, invoice.invoice_id, "DEBT", on=date(2026, 11, 1))
    paid(desk, "120.00")
    with pytest.raises(MissingValueError, match="Nothing of INV26-0001 is open"):
        desk.do(write_off, invoice.invoice_id, "DEBT")


# -- reasons ---------------------------------------------------------------------------------------------------------


def test_a_reason_chooses_the_account_and_limits_the_amount(desk):
    desk.do(
        save_reason, ReasonSetup("FREIGHT", "Freight damage", AdjustmentKind.OTHER, account="5100", most=D("10.00"))
    )
    desk.do(save_user, "tom", "Tom Example", UserRole.ACCOUNTS)
    desk.do(save_user, "sue", "Sue Example", UserRole.SALES)
    invoice = sold(desk, ("BOLT", 10))
    taken = desk.do(write_off, invoice.invoice_id, "freight", amount=D("10.00"), by="tom")
    assert booked(desk, "receivable_adjustment", taken.adjustment_id) == {"5100": D("10.00"), "1200": D("-10.00")}
    with pytest.raises(NotAllowedError, match="only an owner may do more"):
        desk.do(write_off, invoice.invoice_id, "FREIGHT", amount=D("0.01"), by="tom")
    with pytest.raises(NotAllowedError, match=r"sue \(sales\) may not write off"):
        desk.do(write_off, invoice.invoice_id, "FREIGHT", amount=D("0.01"), by="sue")
    with pytest.raises(NotAllowedError, match="may not change reasons"):
        desk.do(save_reason, ReasonSetup("FREIGHT", most=D(0)), by="tom")
    desk.do(write_off, invoice.invoice_id, "FREIGHT", amount=D("50.00"))
    desk.do(save_reason, ReasonSetup("FREIGHT", active=False))
    with pytest.raises(BadValueError, match="FREIGHT is not used any more"):
        desk.do(write_off, invoice.invoice_id, "FREIGHT")
    with pytest.raises(UnknownCodeError, match="There are: DISCOUNT, SMALL, BANK"):
        desk.do(write_off, invoice.invoice_id, "NONSENSE")
    with pytest.raises(BadValueError, match="1200 is kept by the documents alone"):
        desk.do(save_reason, ReasonSetup("DEBT", account="1200"))
    desk.holds()


# -- refunds ---------------------------------------------------------------------------------------------------------


def test_money_is_given_back_only_out_of_credit_that_is_not_used(desk):
    sold(desk, ("BOLT", 10))
    payment = paid(desk, "150.00")
    with pytest.raises(OverAllocationError, match=r"30\.01 cannot be paid back: the credit that is not used is 30"):
        desk.do(refund, "ACME", D("30.01"))

    back = desk.do(refund, "ACME", D("30.00"), reference="too much")

    assert (back.number, back.amount, _unapplied(desk)) == ("PAY26-0002", D("-30.00"), 0)
    assert booked(desk, "payment", back.payment_id) == {"1000": D("-30.00"), "1200": D("30.00")}
    assert desk.document("payment", payment.payment_id).head["unapplied"] == 0
    with pytest.raises(WrongStateError, match="take it back itself instead"):
        desk.do(undo_allocation, payment.number, back.number)
    desk.holds()


def test_a_refund_that_did_not_arrive_is_credit_again(desk):
    payment = paid(desk, "30.00")
    back = desk.do(refund, "ACME", D("30.00"))
    desk.next_day()
    again = desk.do(reverse_payment, back.payment_id, "account closed")
    assert (again.amount, _unapplied(desk)) == (D("30.00"), D("-30.00"))
    assert desk.document("payment", payment.payment_id).head["unapplied"] == D("30.00")
    desk.holds()
    assert desk.do(refund, "ACME", D("30.00")).amount == D("-30.00")
    desk.holds()


def test_what_was_written_off_is_nobodys_money(desk):
    invoice = sold(desk, ("BOLT", 10))
    taken = desk.do(write_off, invoice.invoice_id, "DEBT")
    desk.do(undo_allocation, taken.number, invoice.number)
    with pytest.raises(OverAllocationError, match="the credit that is not used is 0"):
        desk.do(refund, "ACME", D("1.00"))
    assert desk.do(apply_credit, receivable_adjustment_id=taken.adjustment_id) == D("120.00")
    desk.holds()


# -- paid ahead ------------------------------------------------------------------------------------------------------


def test_money_paid_ahead_waits_for_the_orders_invoice(desk):
    other = sold(desk, ("BOLT", 1))  # open: the money is not for it
    order = ordered(desk, ("FREIGHT", 4))  # 72.00
    done = paid(desk, "50.00", order=order.number)
    assert (done.allocated, _open(desk, other)) == (0, D("12.00"))
    assert desk.document("order", order.order_id).head["paid_ahead"] == D("50.00")
    assert _unapplied(desk) == D("-50.00")
    desk.holds()

    from o2c_tui.services.shipping import ship_order

    desk.do(ship_order, order.order_id)
    invoice = desk.do(invoice_order, order.order_id)

    assert (_open(desk, invoice), _open(desk, other)) == (D("22.00"), D("12.00"))
    assert desk.document("order", order.order_id).head["paid_ahead"] == 0
    later = paid(desk, "22.00", order=order.number)  # its invoice is there already
    assert (later.allocated, _open(desk, invoice)) == (D("22.00"), 0)
    desk.holds()
    desk.do(reverse_payment, done.payment_id, "bounced")
    assert desk.document("order", order.order_id).head["paid_ahead"] == 0
    desk.holds()


def test_only_a_binding_order_of_the_customer_is_paid_ahead_on(desk):
    with pytest.raises(BadValueError, match="The customer has no order SO26-0009"):
        paid(desk, "50.00", order="SO26-0009")


# -- bounced, undone -------------------------------------------------------------------------------------------------


def test_a_bounced_payment_takes_its_discount_back_and_the_bank_its_charge(desk):
    invoice = sold(desk, ("BOLT", 10), term="2-10")
    done = desk.do(settle_payment, PaymentDraft("ACME", D("117.60")), [KeptBack("DISCOUNT", invoice=invoice.number)])
    desk.next_day(3)

    back = desk.do(bounce_payment, done.payment_id, "no funds", charge=D("5.00"), charge_customer=True)

    assert _open(desk, invoice) == D("120.00")
    assert booked(desk, "payment", back.payment_id) == {"1000": D("-122.60"), "1200": D("117.60"), "5300": D("5.00")}
    fee = next(line for line in desk.ask(open_lines, 1, as_of=desk.today) if line.kind == "receivable_adjustment")
    assert (fee.open, fee.number) == (D("5.00"), "RA26-0003")
    assert booked(desk, "receivable_adjustment", fee.document_id) == {"5300": D("-5.00"), "1200": D("5.00")}
    desk.holds()
    assert paid(desk, "125.00").unapplied == 0  # the invoice and the charge
    desk.holds()


def test_one_allocation_is_undone_and_the_others_stay(desk):
    first, second = sold(desk, ("BOLT", 1)), sold(desk, ("BOLT", 2))
    payment = paid(desk, "36.00")
    desk.next_day()
    assert desk.do(undo_allocation, payment.number, second.number) == D("24.00")
    assert (_open(desk, first), _open(desk, second)) == (0, D("24.00"))
    assert desk.document("payment", payment.payment_id).head["unapplied"] == D("24.00")
    with pytest.raises(MissingValueError, match="Nothing of PAY26-0001 is set against INV26-0002"):
        desk.do(undo_allocation, payment.number, second.number)
    with pytest.raises(BadValueError, match="it cannot be undone on 2026-11-20"):
        desk.do(undo_allocation, payment.number, first.number, on=date(2026, 11, 20))
    desk.holds()


def test_a_credit_note_is_taken_off_one_invoice(desk):
    first, second = sold(desk, ("BOLT", 1)), sold(desk, ("BOLT", 2))
    paid(desk, "12.00")
    note = desk.do(credit_invoice, first.invoice_id, "damaged")
    desk.do(apply_credit, credit_note_id=note.invoice_id)
    assert _open(desk, second) == D("12.00")
    desk.do(undo_allocation, note.number, second.number)
    assert (_open(desk, second), _open(desk, note)) == (D("24.00"), D("-12.00"))
    assert desk.do(refund, "ACME", D("12.00"), credit_note_id=note.invoice_id).amount == D("-12.00")
    desk.holds()


def test_all_that_a_credit_note_pays_is_taken_back_and_what_was_given_back_of_it_stays(desk):
    first, second = sold(desk, ("BOLT", 3)), sold(desk, ("BOLT", 1))
    paid(desk, "36.00")
    note = desk.do(credit_invoice, first.invoice_id, "damaged")  # 36.00, its invoice is paid
    desk.do(apply_credit, credit_note_id=note.invoice_id)  # 12.00 of it for the other
    back = desk.do(refund, "ACME", D("10.00"), credit_note_id=note.invoice_id)
    desk.next_day()

    assert desk.do(unapply, credit_note_id=note.invoice_id) == D("12.00")

    assert (_open(desk, second), _open(desk, note)) == (D("12.00"), D("-26.00"))
    assert desk.document("payment", back.payment_id).shares[0].amount == D("10.00")
    with pytest.raises(MissingValueError, match="is set against nothing"):
        desk.do(unapply, credit_note_id=note.invoice_id)
    with pytest.raises(BadValueError, match="INV26-0001 is no credit note"):
        desk.do(unapply, credit_note_id=first.invoice_id)
    desk.holds()


def test_credit_that_is_left_is_told_apart_from_money_paid_ahead_by_currency(desk):
    order = ordered(desk, ("BOLT", 2))
    paid(desk, "50.00", order=order.number)
    paid(desk, "7.00")
    desk.do(save_rate, "USD", D("0.90"), on=date(2026, 11, 1))
    paid(desk, "9.00", currency="USD")
    customer = desk.ask(party_by_code, "ACME").id

    told = desk.ask(unused_credit, customer)

    assert told == [UnusedCredit("", D("50.00"), D("7.00")), UnusedCredit("USD", D(0), D("9.00"))]


def test_on_every_day_the_ages_add_up_to_the_account(desk):
    """A discount, a bad debt taken back, a refund, a charge: on no day is more or less owed than was booked by then."""
    from o2c_tui.models.ledger import AccountRole
    from o2c_tui.queries.verify_ledger import account_balance

    told = {}
    first, second = sold(desk, ("BOLT", 10), term="2-10"), sold(desk, ("BOLT", 5))
    told[desk.today] = desk.ask(account_balance, AccountRole.RECEIVABLE)
    steps = [
        lambda: desk.do(write_off, second.invoice_id, "DEBT", amount=D("10.00")),
        lambda: desk.do(
            settle_payment, PaymentDraft("ACME", D("117.60")), [KeptBack("DISCOUNT", invoice=first.number)]
        ),
        lambda: paid(desk, "80.00"),
        lambda: desk.do(reverse_adjustment, 1, "he pays"),
        lambda: desk.do(refund, "ACME", D("20.00")),
        lambda: desk.do(bounce_payment, 1, "no funds", charge=D("3.00"), charge_customer=True),
    ]
    for step in steps:
        desk.next_day()
        step()
        told[desk.today] = desk.ask(account_balance, AccountRole.RECEIVABLE)
    for day, balance in told.items():
        assert sum((row.total for row in desk.ask(aged, as_of=day)), D(0)) == balance, day
        assert sum((line.open for line in desk.ask(open_lines, None, as_of=day)), D(0)) == balance, day
    desk.holds()
    assert desk.today - timedelta(days=6) in told
