"""Another currency by keys: a rate entered, an order in dollars, a payment by what arrived. In a real pseudo-terminal."""

from datetime import date
from decimal import Decimal as D

import pytest

from o2c_tui.errors import BadValueError
from o2c_tui.queries.exchange import known_rate
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.exchanging import save_rate
from o2c_tui.services.free_invoices import change_invoice, save_invoice
from o2c_tui.services.invoicing import draft_invoice, invoice_order
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.shipping import ship_order
from tests.makers import delivered, ordered
from tests.screens.desk import clerk_at, seated, small_books


@pytest.fixture
def books(tmp_path):
    path, desk = small_books(tmp_path)
    desk.do(save_party, PartySetup("USCO", "Bay Tools", currency="USD", tax_code="NONE"))
    yield path, desk, tmp_path / "home"
    desk.store.close()


def test_a_rate_is_entered_and_stands_in_the_list(books):
    path, desk, home = books
    with clerk_at(path, home) as clerk:
        clerk.press("f10")
        clerk.data("rates")
        clerk.press("enter")
        clerk.sees("EXCHANGE RATES")
        clerk.press("f6")
        clerk.sees("EXCHANGE RATE  NEW")
        clerk.data("usd")
        clerk.press("tab", "tab")
        clerk.data("1/1.0870")
        clerk.press("enter")
        clerk.sees("1 USD = 0.919963 EUR")
        clerk.press("ctrl+s")
        clerk.sees("USD from")
        clerk.sees("EXCHANGE RATES")
    assert desk.ask(lambda session: known_rate(session, "USD", date(2999, 1, 1)).rate) == D("0.919963")
    desk.holds()


def test_an_order_in_dollars_shows_its_rate_and_converted_prices(books):
    path, desk, home = books
    desk.do(save_rate, "USD", D("0.92"))
    with clerk_at(path, home) as clerk:
        clerk.press("g", "o", "f6")
        clerk.sees("SALES ORDER")
        clerk.data("usco")
        clerk.press("enter")
        clerk.sees("1 USD = 0.92 EUR")
        clerk.data("bolt*10")
        clerk.press("enter")
        clerk.sees("TOTAL 108.70 USD")  # 10.00 ÷ 0.92 = 10.8695… → 10.87
        clerk.press("f8")
        clerk.sees("total USD 108.70")
        clerk.press("enter")
        clerk.sees("SO26-0001")
        clerk.press("g", "o")
        clerk.sees("USD 108.70")
        clerk.sees("EUR 100.00")  # the total of the list is in euros: 108.70 × 0.92
    head = desk.document("order", 1).head
    assert (head["currency"], head["rate"], head["gross"]) == ("USD", D("0.92"), D("108.70"))
    desk.holds()


def test_a_payment_in_dollars_takes_what_arrived_and_says_its_rate(books):
    path, desk, home = books
    desk.do(save_rate, "USD", D("0.92"))
    order = ordered(desk, ("BOLT", 10, "100.00"), customer="USCO")
    desk.do(ship_order, order.order_id)
    desk.do(invoice_order, order.order_id)
    with clerk_at(path, home) as clerk:
        clerk.press("f10")
        clerk.data("np")
        clerk.press("enter")
        clerk.sees("PAYMENT")
        clerk.data("usco")
        clerk.press("enter")
        clerk.sees("owes USD 1,000.00")
        clerk.data("1000")
        clerk.press("enter")
        clerk.data("w 7")
        clerk.press("tab", "tab", "tab")
        clerk.data("950.10")
        clerk.press("enter")
        clerk.sees("1 USD = 0.9501 EUR")
        clerk.press("f8")
        clerk.sees("PAY26-0001  USD 1,000.00")
        clerk.press("enter")
        clerk.sees("PAY26-0001 posted")
    head = desk.document("payment", 1).head
    assert (head["currency"], head["rate"], head["amount"]) == ("USD", D("0.9501"), D("1000"))
    assert desk.document("invoice", 1).head["open"] == 0
    desk.holds()


def test_beside_a_list_and_a_document_money_of_another_currency_has_its_code(books):
    path, desk, home = books
    desk.do(save_rate, "USD", D("0.92"))
    order = ordered(desk, ("BOLT", 10, "1200.00"), customer="USCO")
    desk.do(ship_order, order.order_id)
    desk.do(invoice_order, order.order_id)
    with clerk_at(path, home, columns=120, rows=40) as clerk:
        clerk.press("g", "i")
        clerk.sees("USD 12,000")
        clerk.sees("0.92 EUR")  # the document in short
        clerk.press("enter")
        clerk.sees("EUR 11,040.00")  # what the customer owes
        clerk.sees("of it in USD       USD 12,000.00")
        clerk.sees("1 USD = 0.92 EUR")
        clerk.sees("SO26-0001        USD 12,000.00")  # the chain


async def test_the_rate_of_an_invoice_is_seen_and_typed_where_it_is_made(tmp_path):
    path, desk = small_books(tmp_path)
    desk.do(save_party, PartySetup("USCO", "Bay Tools", currency="USD"))
    desk.do(save_rate, "USD", D("0.9"))
    first, second = (ordered(desk, LineDraft("FREIGHT", D(10), D("100.00")), customer="USCO") for _n in range(2))
    delivered(desk, first)
    gone = delivered(desk, second)
    async with seated(path) as clerk:
        await clerk.press("f10", first.number, "enter", "f8")
        assert "1 USD = 0.9 EUR" in clerk.text
        assert "total USD 1,200.00 (1,080.00 EUR)" in clerk.text
        await clerk.press("up", "tab", "0.95", "enter")
        assert "1 USD = 0.95 EUR" in clerk.text
        assert "total USD 1,200.00 (1,140.00 EUR)" in clerk.text
        await clerk.press("f8")
        assert "INV26-0001" in clerk.text
        await clerk.press("f10", gone.number, "enter", "f8")
        assert "(1,080.00 EUR)" in clerk.text
        await clerk.press("up", "tab", "1", "enter")
        assert "(1,200.00 EUR)" in clerk.text
        await clerk.press("f8")
    rates = [desk.document("invoice", n).head["rate"] for n in (1, 2)]
    assert rates == [D("0.95"), D(1)]
    desk.holds()


async def test_the_rate_of_a_draft_follows_its_date_unless_it_was_typed(tmp_path):
    path, desk = small_books(tmp_path)
    desk.do(save_party, PartySetup("USCO", "Bay Tools", currency="USD"))
    desk.do(save_rate, "USD", D("0.9"), on=date(2026, 11, 1))
    desk.do(save_rate, "USD", D("0.8"), on=date(2026, 11, 20))
    order = ordered(desk, LineDraft("FREIGHT", D(1), D("100.00")), customer="USCO")
    delivered(desk, order)
    draft = desk.do(draft_invoice, order_ids=[order.order_id])

    def rate():
        return desk.document("invoice", draft).head["rate"]

    assert rate() == D("0.8")
    desk.do(change_invoice, draft, invoiced_on=date(2026, 11, 10))
    assert rate() == D("0.9")
    async with seated(path) as clerk:
        await clerk.press("g", "i", "3", "enter", "f2")
        assert "0.9" in clerk.line("Rate")
        await clerk.press("tab", "tab", "0.85", "enter", "f8")
    assert rate() == D("0.85")
    desk.do(change_invoice, draft, invoiced_on=date(2026, 11, 21))
    assert rate() == D("0.85")
    with pytest.raises(BadValueError, match="its rate is 1"):
        desk.do(change_invoice, desk.do(save_invoice, DocumentDraft("ACME", (LineDraft("FREIGHT"),))).id, rate=D(2))
    desk.holds()
