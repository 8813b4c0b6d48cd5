"""Deposit, final and pro-forma invoices on paper. docs/rules/invoices.md."""

import unicodedata
from decimal import Decimal as D
from io import BytesIO

from pypdf import PdfReader

from o2c_tui.documents.render import render
from o2c_tui.queries.papers import paper, papers_of
from o2c_tui.services.deposits import deposit_invoice
from o2c_tui.services.drafting import LineDraft
from o2c_tui.services.invoicing import invoice_order
from o2c_tui.services.parties import PartySetup, save_party
from tests.makers import delivered, open_books, ordered, quoted, receive


def _text(desk, kind, key, name=""):
    data = render(desk.ask(paper, kind, [key], name))
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)


def _order(desk, **head):
    receive(desk, "BOLT", 200)
    return ordered(desk, ("BOLT", 100), LineDraft("FREIGHT", D(2), tax_code="VAT5"), **head)


def test_a_final_invoice_shows_its_deposits_as_a_block_of_their_own_and_never_as_a_discount(store):
    desk = open_books(store)
    order = _order(desk, customer_reference="PO 4711")  # 1,000.00 + 200.00, and 30.00 + 1.50
    deposit = desk.do(deposit_invoice, order.order_id, percent=D(50))
    delivered(desk, order)
    final = desk.do(invoice_order, order.order_id)

    text = _text(desk, "invoice", deposit.invoice_id)
    assert "Deposit invoice" in text
    assert "Deposit on order SO26-0001" in text
    assert "PO 4711" in text  # the customer's own order number
    text = _text(desk, "invoice", final.invoice_id)
    for words in ("1,231.50", "Less billed ahead", "INV26-0001 of 24 Nov 2026", "-615.75", "net 515.00, tax 100.75"):
        assert words in text, text
    assert "615.75" in text.split("Amount due")[1]
    assert "Discount" not in text
    assert "PO 4711" in text


def test_the_block_is_in_the_customers_language(store):
    desk = open_books(store)
    desk.do(save_party, PartySetup("ACME", "上海华信贸易有限公司", language="zh_CN"))
    order = _order(desk)
    desk.do(deposit_invoice, order.order_id, percent=D(50))
    delivered(desk, order)
    final = desk.do(invoice_order, order.order_id)
    text = _text(desk, "invoice", final.invoice_id)
    told = unicodedata.normalize("NFKC", text)
    assert "已预先开票" in told, told
    assert "INV26-0001" in told


def test_a_pro_forma_invoice_says_that_it_is_none(store):
    desk = open_books(store)
    order = _order(desk)
    assert list(papers_of("order", "confirmed")) == ["", "pro_forma"]
    text = _text(desk, "order", order.order_id, "pro_forma")
    assert "Pro-forma invoice" in text
    assert "This is no invoice: nothing is owed by it" in " ".join(text.split())
    quotation = quoted(desk, ("BOLT", 1))
    assert "Pro-forma invoice" in _text(desk, "quotation", quotation, "pro_forma")
    assert desk.ask(_postings) == 0


def _postings(session):
    from sqlmodel import select

    from o2c_tui.models.invoice import Invoice

    return len(session.exec(select(Invoice)).all())
