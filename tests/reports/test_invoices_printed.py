"""Deposit, final and pro-forma invoices on paper. docs/rules/invoices.md."""

import unicodedata
from decimal import Decimal as D
from io import BytesIO

from pypdf import PdfReader

from o2c_tui.documents.render import render
from o2c_tui.queries.papers import paper, papers_of
from o2c_tui.services.crediting import credit_invoice
from o2c_tui.services.deposits import deposit_invoice
from o2c_tui.services.drafting import LineDraft
from o2c_tui.services.exchanging import save_rate
from o2c_tui.services.invoicing import invoice_order
from o2c_tui.services.parties import PartySetup, save_party
from tests.makers import delivered, keys, open_books, ordered, quoted, receive


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


def test_an_invoice_in_another_currency_says_its_rate_and_its_tax_in_the_companys(store):
    desk = open_books(store)
    desk.do(save_party, PartySetup("USCO", "Bay Tools", currency="USD"))
    desk.do(save_rate, "USD", D("0.9217"))
    receive(desk, "BOLT", 20)
    order = ordered(desk, ("BOLT", 10, "33.33"), customer="USCO")
    delivered(desk, order)
    billed = desk.do(invoice_order, order.order_id)  # 333.30 + 66.66
    noted = desk.do(
        credit_invoice, billed.invoice_id, "damaged", quantities={keys(desk, "invoice", billed.invoice_id)[0]: D(1)}
    )

    text = _text(desk, "invoice", billed.invoice_id)
    assert "399.96" in text.split("Amount due USD")[1]
    assert "1 USD = 0.9217 EUR" in text
    assert "Tax EUR 61.44" in text  # 66.66 × 0.9217 = 61.4405…
    text = _text(desk, "invoice", noted.invoice_id)
    assert "1 USD = 0.9217 EUR" in text
    assert "Tax EUR 6.15" in text  # 6.67 × 0.9217
    order = ordered(desk, ("BOLT", 1), customer="ACME")
    delivered(desk, order)
    own = desk.do(invoice_order, order.order_id)
    assert "EUR = " not in _text(desk, "invoice", own.invoice_id)
    desk.holds()
