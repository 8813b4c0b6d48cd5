"""Credit notes, rule by rule. docs/rules/invoices.md, "A correction is a credit note"."""

from datetime import date
from decimal import Decimal as D

import pytest

from o2c_tui.errors import BadValueError, MissingValueError, OverQuantityError, WrongStateError
from o2c_tui.services.crediting import credit_invoice, return_and_credit
from o2c_tui.services.invoicing import draft_invoice, invoice_deliveries, invoice_order
from o2c_tui.services.paying import apply_credit
from tests.makers import booked, delivered, keys, level, open_books, ordered, paid, receive, sold, terms_of


def test_a_full_credit_is_the_exact_mirror_of_its_invoice(store):
    desk = open_books(store)
    receive(desk)
    done = sold(desk, ("BOLT", 3, "3.33"), ("FREIGHT", 1, "0.07"))
    note = desk.do(credit_invoice, done.invoice_id, "wrong customer")
    assert (note.number, note.gross, note.open) == ("CN26-0001", done.gross, 0)
    theirs, mine = booked(desk, "invoice", note.invoice_id), booked(desk, "invoice", done.invoice_id)
    assert theirs == {account: -amount for account, amount in mine.items()}
    assert desk.document("invoice", done.invoice_id).head["open"] == 0
    with pytest.raises(MissingValueError, match="Nothing of INV26-0001 is left to credit"):
        desk.do(credit_invoice, done.invoice_id, "again")
    desk.holds()


def test_a_credit_needs_its_reason_and_is_capped_by_what_was_invoiced(store):
    desk = open_books(store)
    receive(desk)
    done = sold(desk, ("BOLT", 3))
    line = keys(desk, "invoice", done.invoice_id)[0]
    with pytest.raises(BadValueError, match="Say why the invoice is credited"):
        desk.do(credit_invoice, done.invoice_id, " ")
    desk.do(credit_invoice, done.invoice_id, "broken", quantities={line: D(2)})
    with pytest.raises(OverQuantityError, match="Line 1: 1 can still be credited, 2 was asked for"):
        desk.do(credit_invoice, done.invoice_id, "broken", quantities={line: D(2)})
    with pytest.raises(BadValueError, match="The invoice is dated 2026-11-24; a credit note cannot be earlier"):
        desk.do(credit_invoice, done.invoice_id, "broken", credited_on=date(2026, 11, 1))


def test_a_credit_note_and_a_draft_are_not_credited(store):
    desk = open_books(store)
    receive(desk)
    done = sold(desk, ("BOLT", 3))
    note = desk.do(credit_invoice, done.invoice_id, "broken")
    with pytest.raises(BadValueError, match="CN26-0001 is a credit note itself"):
        desk.do(credit_invoice, note.invoice_id, "no")
    gone = delivered(desk, ordered(desk, ("BOLT", 1)))
    draft = desk.do(draft_invoice, delivery_ids=[gone.delivery_id])
    with pytest.raises(WrongStateError, match="it cannot be credited"):
        desk.do(credit_invoice, draft, "no")


def test_a_price_allowance_leaves_the_order_billed_and_a_wrong_bill_can_be_made_anew(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 4))
    delivered(desk, order)
    first = desk.do(invoice_order, order.order_id)
    desk.do(
        credit_invoice, first.invoice_id, "allowance", quantities={keys(desk, "invoice", first.invoice_id)[0]: D(1)}
    )
    with pytest.raises(MissingValueError, match="Nothing is left to invoice"):
        desk.do(invoice_order, order.order_id)

    desk.do(credit_invoice, first.invoice_id, "wrong address", bill_again=True)

    again = desk.do(invoice_order, order.order_id)
    assert again.gross == D("36.00")  # the three that were credited to be billed again
    desk.holds()


def test_goods_that_come_back_with_a_credit_are_neither_billed_nor_sent_again(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 4))
    gone = delivered(desk, order)
    done = desk.do(invoice_deliveries, [gone.delivery_id])
    note = desk.do(return_and_credit, done.invoice_id, {keys(desk, "invoice", done.invoice_id)[0]: D(4)}, "damaged")
    assert (note.gross, level(desk)) == (done.gross, (100, 0))
    shown = desk.document("order", order.order_id)
    assert (shown.lines[0]["to_ship"], shown.lines[0]["billable"]) == (0, 0)
    assert desk.document("delivery", gone.delivery_id).head["returned"] == "fully"
    desk.holds()


def test_a_line_that_was_never_delivered_is_credited_without_goods(store):
    desk = open_books(store)
    terms_of(desk, invoice_policy="ordered")
    done = desk.do(invoice_order, ordered(desk, ("BOLT", 4)).order_id)
    line = keys(desk, "invoice", done.invoice_id)[0]
    with pytest.raises(BadValueError, match="A line of INV26-0001 was not delivered; credit it without goods"):
        desk.do(return_and_credit, done.invoice_id, {line: D(1)}, "damaged")
    assert desk.do(credit_invoice, done.invoice_id, "never sent", quantities={line: D(1)}).gross == D("12.00")


def test_a_credit_eats_the_open_instalments_last_due_first_and_the_rest_is_the_customers(store):
    desk = open_books(store)
    receive(desk)
    terms_of(desk, term="HALF")
    done = sold(desk, ("BOLT", 10))  # 60.00 now, 60.00 later
    paid(desk, "60.00")
    line = keys(desk, "invoice", done.invoice_id)[0]

    first = desk.do(credit_invoice, done.invoice_id, "broken", quantities={line: D(4)})
    assert [i.open for i in desk.document("invoice", done.invoice_id).instalments] == [0, D("12.00")]
    second = desk.do(credit_invoice, done.invoice_id, "broken", quantities={line: D(3)})
    assert (first.open, second.open) == (0, D("-24.00"))

    other = sold(desk, ("BOLT", 1))
    assert desk.do(apply_credit, credit_note_id=second.invoice_id) == D("12.00")
    assert desk.document("invoice", other.invoice_id).head["open"] == 0
    assert desk.document("invoice", second.invoice_id).head["open"] == D("-12.00")
    desk.holds()
