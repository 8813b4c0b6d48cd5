"""Invoices without an order, and drafts that are changed. docs/rules/invoices.md, "Free invoices"."""

from datetime import date
from decimal import Decimal as D

import pytest

from o2c_tui.errors import BadValueError, ConflictError, OverQuantityError, UnknownCodeError, WrongStateError
from o2c_tui.queries.margin import earned, ledger_sums
from o2c_tui.services.crediting import credit_invoice
from o2c_tui.services.deposits import draft_deposit
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.free_invoices import change_invoice, save_invoice
from o2c_tui.services.invoicing import draft_invoice, post_invoice
from o2c_tui.services.replacing import replace_invoice
from tests.makers import booked, delivered, keys, lines, open_books, ordered, receive, sold

ADVICE = LineDraft("", D(3), D("120.00"), description="Advice in May")


def test_services_and_lines_of_text_are_billed_without_an_order(store):
    desk = open_books(store)
    draft = DocumentDraft("ACME", (*lines(("FREIGHT", 2)), ADVICE), customer_reference="PO 7", note="thank you")
    saved = desk.do(save_invoice, draft)
    assert (saved.label, saved.gross) == ("–", D("468.00"))  # 30.00 + 360.00, with 20 %
    desk.holds()
    done = desk.do(post_invoice, saved.id)
    assert (done.number, done.gross, done.due_on) == ("INV26-0001", D("468.00"), date(2026, 12, 24))
    assert booked(desk, "invoice", done.invoice_id) == {"1200": D(468), "4000": D(-390), "2200": D(-78)}
    (row,) = desk.ask(earned, "customer")
    assert (row.invoiced, desk.ask(ledger_sums)[0]) == (D(390), D(390))
    desk.holds()


def test_a_free_invoice_is_edited_while_it_is_a_draft_by_one_at_a_time(store):
    desk = open_books(store)
    saved = desk.do(save_invoice, DocumentDraft("ACME", (ADVICE,)))
    again = desk.do(
        save_invoice, DocumentDraft("ACME", lines(("FREIGHT", 1)), term="HALF"),
        document_id=saved.id, version=saved.version,
    )  # fmt: skip
    assert (again.id, again.gross) == (saved.id, D("18.00"))
    with pytest.raises(ConflictError):
        desk.do(save_invoice, DocumentDraft("ACME", (ADVICE,)), document_id=saved.id, version=saved.version)
    desk.do(post_invoice, saved.id)
    with pytest.raises(WrongStateError, match="it cannot be edited"):
        desk.do(save_invoice, DocumentDraft("ACME", (ADVICE,)), document_id=saved.id)
    with pytest.raises(WrongStateError, match="it cannot be edited"):
        desk.do(change_invoice, saved.id, note="late")


def test_goods_are_not_billed_without_an_order(store):
    desk = open_books(store)
    with pytest.raises(BadValueError, match=r"Line 2: BOLT is kept in stock. Sell it by an order"):
        desk.do(save_invoice, DocumentDraft("ACME", (ADVICE, *lines(("BOLT", 1)))))


def test_what_is_said_on_a_draft_of_an_order_can_be_changed_and_its_lines_cannot(store):
    desk = open_books(store)
    receive(desk)
    gone = delivered(desk, ordered(desk, ("BOLT", 2)))
    draft = desk.do(draft_invoice, delivery_ids=[gone.delivery_id])
    desk.do(
        change_invoice, draft, note="as agreed", customer_reference="PO 9", invoiced_on=date(2026, 11, 25), term="half"
    )
    head = desk.document("invoice", draft).head
    assert (head["note"], head["customer_reference"], head["term"]) == ("as agreed", "PO 9", "HALF")
    with pytest.raises(UnknownCodeError):
        desk.do(change_invoice, draft, term="NEVER")
    with pytest.raises(WrongStateError, match="The lines of this draft come from an order"):
        desk.do(save_invoice, DocumentDraft("ACME", (ADVICE,)), document_id=draft)
    assert desk.do(post_invoice, draft).due_on == date(2027, 1, 24)
    desk.holds()


# -- credit by amount -------------------------------------------------------------------------------------------------


def test_a_credit_by_amount_lowers_the_price_and_gives_no_quantity_back(store):
    desk = open_books(store)
    receive(desk)
    done = sold(desk, ("BOLT", 3, "3.33"), ("FREIGHT", 1))  # 9.99 + 15.00 net; tax 2.00 + 3.00
    bolts, _freight = keys(desk, "invoice", done.invoice_id)
    note = desk.do(credit_invoice, done.invoice_id, "scratched", amounts={bolts: D("5.00")})
    # tax 2.00 × 5.00 / 9.99 = 1.00
    assert note.gross == D("6.00")
    assert desk.document("invoice", done.invoice_id).lines[0]["credited"] == 0
    for amount in ("5.00", "0.001", "-1.00"):
        with pytest.raises(OverQuantityError, match="can still be credited"):
            desk.do(credit_invoice, done.invoice_id, "more", amounts={bolts: D(amount)})
    last = desk.do(credit_invoice, done.invoice_id, "all of it", amounts={bolts: D("4.99")})
    assert last.gross == D("5.99")  # the cents that are left
    desk.holds()
    rest = desk.do(credit_invoice, done.invoice_id, "freight too")
    assert rest.gross == D("18.00")
    told = desk.document("invoice", done.invoice_id).lines
    assert all((x["credited_net"], x["credited_tax"]) == (x["net"], x["tax"]) for x in told)
    desk.holds()


def test_an_amount_is_not_billed_again_nor_mixed_with_quantities(store):
    desk = open_books(store)
    receive(desk)
    done = sold(desk, ("BOLT", 3))
    (line,) = keys(desk, "invoice", done.invoice_id)
    with pytest.raises(BadValueError, match="nothing of it can be billed again"):
        desk.do(credit_invoice, done.invoice_id, "x", amounts={line: D(1)}, bill_again=True)
    with pytest.raises(BadValueError, match="not both"):
        desk.do(credit_invoice, done.invoice_id, "x", amounts={line: D(1)}, quantities={line: D(1)})


# -- reverse and replace ----------------------------------------------------------------------------------------------


def test_an_invoice_is_credited_in_full_and_written_down_again_in_one_step(store):
    desk = open_books(store)
    receive(desk)
    done = sold(desk, ("BOLT", 3, "3.33"), ("FREIGHT", 1))
    made = desk.do(replace_invoice, done.invoice_id, "wrong address")
    assert (made.number, made.gross) == ("CN26-0001", done.gross)
    draft = desk.document("invoice", made.invoice_id)
    assert (draft.state, draft.head["replaces_id"]) == ("draft", done.invoice_id)
    assert desk.document("invoice", done.invoice_id).head["open"] == 0
    desk.holds()
    again = desk.do(post_invoice, made.invoice_id)
    assert (again.number, again.gross) == ("INV26-0002", done.gross)
    first, second = (desk.document("invoice", key).lines for key in (done.invoice_id, made.invoice_id))
    same = ("item_id", "quantity", "unit_price", "net", "tax", "order_line_id", "delivery_line_id")
    assert [[x[n] for n in same] for x in first] == [[x[n] for n in same] for x in second]
    desk.holds()


def test_a_free_invoice_that_is_replaced_can_be_edited(store):
    desk = open_books(store)
    done = desk.do(post_invoice, desk.do(save_invoice, DocumentDraft("ACME", (ADVICE,))).id)
    made = desk.do(replace_invoice, done.invoice_id, "wrong rate")
    cheaper = LineDraft("", D(3), D("100.00"), description="Advice in May")
    desk.do(save_invoice, DocumentDraft("ACME", (cheaper,)), document_id=made.invoice_id)
    assert desk.document("invoice", made.invoice_id).head["replaces_id"] == done.invoice_id
    assert desk.do(post_invoice, made.invoice_id).gross == D("360.00")
    desk.holds()


def test_a_deposit_is_replaced_as_a_deposit(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 10))
    done = desk.do(post_invoice, desk.do(draft_deposit, order.order_id, percent=D(50)))
    made = desk.do(replace_invoice, done.invoice_id, "wrong address")
    assert desk.do(post_invoice, made.invoice_id).gross == D("60.00")
    delivered(desk, order)
    desk.holds()
