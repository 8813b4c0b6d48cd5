"""Invoices at the keyboard: typed without an order, asked for ahead, credited by amount, replaced."""

import pytest

from o2c_tui.services.deposits import deposit_invoice
from tests.makers import D, delivered, ordered, paid, sold
from tests.screens.desk import clerk_at, seated, small_books


@pytest.fixture
def books(tmp_path):
    path, desk = small_books(tmp_path)
    yield path, desk, tmp_path / "home"
    desk.store.close()


async def choose(clerk, words):
    """The entry of the numbered menu that has these words."""
    await clerk.press("f9")
    line = clerk.line(words)
    assert line, clerk.text
    await clerk.press(line.split()[0].strip("|"))


def test_services_and_text_are_typed_as_an_invoice_without_an_order_and_posted(books):
    path, desk, home = books
    with clerk_at(path, home) as clerk:
        clerk.press("g", "i", "f6")
        clerk.sees("INVOICE  NEW")
        clerk.data("ACME")
        clerk.press("enter")
        clerk.sees("Acme Works")
        clerk.press("f8")  # nothing is typed yet
        clerk.sees("has no lines")
    desk.holds()


async def test_goods_are_refused_at_once_and_a_line_may_begin_with_its_text(books):
    path, desk, _home = books
    async with seated(path) as clerk:
        await clerk.press("g", "i", "f6", "ACME", "enter", "BOLT*2", "enter")
        assert "BOLT is kept in stock. Sell it by an order" in clerk.text
        await clerk.press("escape", "FREIGHT*2", "enter")
        await clerk.press("tab", "Advice in May", "enter")
        await clerk.press("3", "enter", "120", "enter")
        assert "468.00" in clerk.text
        await clerk.press("f8")
        assert "Posted invoice INV26-0001  total 468.00" in clerk.text
        await clerk.press("enter")
    told = desk.document("invoice", 1)
    assert [(x["item"], x["description"], x["net"]) for x in told.lines] == [
        ("FREIGHT", "Freight", D(30)), ("", "Advice in May", D(360)),
    ]  # fmt: skip
    desk.holds()


async def test_a_deposit_is_asked_for_in_percent_and_stands_on_the_final_invoice(books):
    path, desk, _home = books
    order = ordered(desk, ("BOLT", 10))
    async with seated(path) as clerk:
        await clerk.press("g", "o", "enter")
        await choose(clerk, "Ask for a deposit")
        await clerk.press("30%", "enter")
        assert "Deposit invoice INV26-0001  total 36.00" in clerk.text
        await clerk.press("enter")
        assert "DEPOSIT INVOICE  INV26-0001" in clerk.text
        delivered(desk, order)
        await clerk.press("g", "o", "5", "enter", "f8")
        assert "total 84.00" in clerk.text
        await clerk.press("enter")
        assert "Less INV26-0001" in clerk.text
        assert "-30.00" in clerk.text
    desk.holds()


async def test_a_deposit_is_paid_with_what_came_ahead_by_one_step(books):
    path, desk, _home = books
    order = ordered(desk, ("BOLT", 10))
    desk.do(deposit_invoice, order.order_id, percent=D(30))
    paid(desk, "20.00", order=order.number, shares={})
    async with seated(path) as clerk:
        await clerk.press("g", "i", "enter")
        await choose(clerk, "Pay it with what was paid ahead")
        assert "Paid ahead, used" in clerk.text
        assert "20.00" in clerk.line("Makes")
        await clerk.press("enter")
        assert "Paid ahead, used: done." in clerk.message
        assert "16.00" in clerk.text
        await choose(clerk, "Pay it with what was paid ahead")
        assert "Nothing that was paid ahead on SO26-0001" in clerk.text
    desk.holds()


async def test_an_amount_of_a_line_is_credited_and_an_invoice_is_replaced(books):
    path, desk, _home = books
    sold(desk, ("BOLT", 10))
    async with seated(path) as clerk:
        await clerk.press("g", "i", "enter")
        await choose(clerk, "Credit note over an amount")
        await clerk.press("scratched", "enter")
        assert "Say how much of which line is credited" in clerk.text
        assert "digits: an amount before tax" in clerk.message
        await clerk.press("101", "enter")
        assert clerk.message == "ERR Line 1: 100.00 is left, not 101.00."
        await clerk.press("escape")
        assert "digits: an amount before tax" in clerk.message  # the keys are said again
        await clerk.press("12.50", "enter")
        assert "Credit note CN26-0001  total 15.00" in clerk.text
        assert clerk.line("BOLT").split()[-2:] == ["100.00", "12.50"]
        await clerk.press("enter")
        assert "CREDIT NOTE  CN26-0001" in clerk.text
        await clerk.press("[")
        await choose(clerk, "Reverse it and make it anew")
        await clerk.press("wrong address", "enter")
        assert "credit note CN26-0002, and a draft over 105.00 instead" in clerk.line("Makes")
        await clerk.press("enter")
        assert "INV26-0001 is credited with CN26-0002; this draft stands in its place." in clerk.message
        await choose(clerk, "Change note, reference, date or terms")
        assert "Enter = change it" in clerk.text
    desk.holds()
