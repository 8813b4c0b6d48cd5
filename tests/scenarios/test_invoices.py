"""Invoices, rule by rule. docs/rules/invoices.md, docs/rules/tax.md, docs/rules/terms.md."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from o2c_tui.errors import BadValueError, MissingValueError, OverQuantityError, WrongStateError
from o2c_tui.services.drafting import LineDraft
from o2c_tui.services.invoicing import (
    delete_invoice,
    draft_invoice,
    invoice_deliveries,
    invoice_order,
    post_invoice,
)
from o2c_tui.services.ordering import close_order
from o2c_tui.services.setup import change_company
from o2c_tui.services.tax_codes import TermSetup, save_term
from tests.makers import delivered, keys, open_books, ordered, receive, sold, terms_of


def test_one_invoice_bills_several_deliveries_of_several_orders(store):
    desk = open_books(store)
    receive(desk)
    first = ordered(desk, ("BOLT", 3), customer_reference="PO 1")
    second = ordered(desk, ("BOLT", 4), customer_reference="PO 2")
    gone = [delivered(desk, first, 1), delivered(desk, second), delivered(desk, first)]

    done = desk.do(invoice_deliveries, [d.delivery_id for d in gone])

    shown = desk.document("invoice", done.invoice_id)
    assert (done.gross, shown.head["customer_reference"]) == (D("84.00"), "PO 1, PO 2")
    assert sorted(line["quantity"] for line in shown.lines) == [1, 2, 4]
    assert [link.kind for link in shown.chain].count("order") == 2
    for order in (first, second):
        assert desk.document("order", order.order_id).head["billing"] == "fully"
    desk.holds()


def test_orders_of_other_customers_or_terms_do_not_share_an_invoice(store):
    desk = open_books(store)
    receive(desk)
    terms_of(desk, "OTHER", "Other Works")
    one, two = ordered(desk, ("BOLT", 1)), ordered(desk, ("BOLT", 1), customer="OTHER")
    three = ordered(desk, ("BOLT", 1), term="HALF")
    gone = [delivered(desk, order).delivery_id for order in (one, two, three)]
    with pytest.raises(BadValueError, match="SO26-0001 and SO26-0002 cannot share an invoice"):
        desk.do(invoice_deliveries, gone[:2])
    with pytest.raises(BadValueError, match="SO26-0001 and SO26-0003 cannot share an invoice"):
        desk.do(invoice_deliveries, [gone[0], gone[2]])


def test_an_order_is_billed_in_parts_that_add_up_to_it_to_the_cent(store):
    desk = open_books(store)
    receive(desk, "NUT", 100)
    terms_of(desk, invoice_policy="ordered")
    order = ordered(desk, LineDraft("NUT", D(3), D("3.337"), discount_amount=D("0.02")))
    line = keys(desk, "order", order.order_id)[0]

    parts = [desk.do(invoice_order, order.order_id, quantities={line: D(1)}) for _ in range(3)]

    assert sum(part.gross for part in parts) == order.gross
    with pytest.raises(OverQuantityError, match="Line 1: 0 may be invoiced, 1 was asked for"):
        desk.do(invoice_order, order.order_id, quantities={line: D(1)})
    with pytest.raises(MissingValueError, match=f"Nothing is left to invoice for {order.number}"):
        desk.do(invoice_order, order.order_id)
    desk.holds()


def test_a_draft_has_no_number_owes_nothing_and_can_go(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 1))
    gone = delivered(desk, order)
    draft = desk.do(draft_invoice, delivery_ids=[gone.delivery_id])
    shown = desk.document("invoice", draft)
    assert (shown.label, shown.head["open"], shown.instalments) == ("–", 0, ())
    desk.do(delete_invoice, draft)
    posted = desk.do(invoice_deliveries, [gone.delivery_id])
    assert posted.number == "INV26-0001"
    with pytest.raises(WrongStateError, match="invoice INV26-0001 is posted; it cannot be deleted"):
        desk.do(delete_invoice, posted.invoice_id)
    with pytest.raises(WrongStateError, match="it cannot be posted"):
        desk.do(post_invoice, posted.invoice_id)


def test_two_drafts_for_the_same_goods_cannot_both_be_posted(store):
    desk = open_books(store)
    receive(desk)
    gone = delivered(desk, ordered(desk, ("BOLT", 2)))
    first, second = (desk.do(draft_invoice, delivery_ids=[gone.delivery_id]) for _ in range(2))
    desk.do(post_invoice, first)
    with pytest.raises(OverQuantityError, match="Line 1: 0 may be invoiced, 2 was asked for"):
        desk.do(post_invoice, second)
    assert desk.document("invoice", second).head["number"] is None
    desk.holds()


def test_instalments_are_frozen_when_posted(store):
    desk = open_books(store)
    receive(desk)
    terms_of(desk, term="HALF")
    done = sold(desk, ("BOLT", 1, "33.33"))  # 40.00 with tax
    odd = sold(desk, ("BOLT", 1, "8.34"))  # 10.01
    desk.do(save_term, TermSetup("HALF", "all at once", ({"kind": "rest"},)))

    assert [(i.amount, i.due_on) for i in desk.document("invoice", done.invoice_id).instalments] == [
        (D("20.00"), desk.today),
        (D("20.00"), desk.today + timedelta(days=60)),
    ]
    assert [i.amount for i in desk.document("invoice", odd.invoice_id).instalments] == [D("5.01"), D("5.00")]
    assert len(desk.document("invoice", sold(desk, ("BOLT", 1)).invoice_id).instalments) == 1
    desk.holds()


def test_a_closed_orders_delivered_rest_is_billed_and_no_more(store):
    desk = open_books(store)
    receive(desk)
    terms_of(desk, invoice_policy="ordered")
    order = ordered(desk, ("BOLT", 10))
    delivered(desk, order, 4)
    desk.do(close_order, order.order_id)
    assert desk.do(invoice_order, order.order_id).gross == D("48.00")
    desk.holds()


def test_a_price_that_includes_tax_is_taken_apart_and_gives_the_price_back(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, LineDraft("BOLT", D(1), D("10.00"), tax_code="INC20"), LineDraft("BOLT", D(1), D("10.00")))
    head = desk.document("order", order.order_id).head
    assert (head["net"], head["tax"], head["gross"]) == (D("18.33"), D("3.67"), D("22.00"))
    included = ordered(desk, ("BOLT", 3, "9.99"), prices_include_tax=True)
    head = desk.document("order", included.order_id).head
    assert (head["net"], head["tax"], head["gross"]) == (D("24.98"), D("4.99"), D("29.97"))  # 29.97 ÷ 1.2 = 24.975


def test_the_documents_date_decides_the_tax_rate(store):
    desk = open_books(store)
    old = ordered(desk, LineDraft("BOLT", D(10), D("10.00"), tax_code="VAT5"))
    new = ordered(desk, LineDraft("BOLT", D(10), D("10.00"), tax_code="VAT5"), dated_on=date(2027, 1, 1))
    assert (old.gross, new.gross) == (D("105.00"), D("106.00"))


def test_three_lines_of_10_01_are_36_04_by_document_and_36_03_by_line(store):
    """By document 30.03 × 1.2 = 36.036, rounded to 36.04; by line 2.002 rounds to 2.00 thrice: 36.03."""
    by_document = open_books(store)
    wanted = [("BOLT", 1, "10.01")] * 3
    assert ordered(by_document, *wanted).gross == D("36.04")
    by_document.do(change_company, {"tax_rounding": "line"})
    assert ordered(by_document, *wanted).gross == D("36.03")
    assert by_document.document("order", 1).head["tax_rounding"] == "document"  # the first keeps what it froze


def test_an_address_changed_later_never_changes_an_invoice(store):
    desk = open_books(store)
    receive(desk)
    done = sold(desk, ("BOLT", 1))
    terms_of(desk, name="Acme New", bill_to="9 New Road")
    assert desk.document("invoice", done.invoice_id).head["bill_to"].startswith("Acme Works\n1 Mill Lane")
    desk.holds()
