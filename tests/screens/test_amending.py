"""A confirmed order is amended by keys: typed in the editor, previewed, done. docs/rules/orders.md, "Amending"."""

from decimal import Decimal as D

import pytest

from o2c_tui.models.company import Shortage
from o2c_tui.models.party import CreditMode
from o2c_tui.services.amending import LineChange, amend_order
from tests.makers import delivered, level, ordered, terms_of, trail
from tests.screens.desk import clerk_at, seated, small_books


@pytest.fixture
def books(tmp_path):
    path, desk = small_books(tmp_path)
    yield path, desk, tmp_path / "home"
    desk.store.close()


def test_an_order_is_amended_by_keys(books):
    path, desk, home = books
    ordered(desk, ("BOLT", 10), ("PART-1", 5))
    with clerk_at(path, home) as clerk:
        clerk.press("g", "o", "enter")
        clerk.sees("F8 = Deliver")
        clerk.press("f2")
        clerk.sees("AMEND")
        clerk.data("12")
        clerk.press("enter")
        clerk.sees("Lines 2")
        clerk.press("f6")
        clerk.data("part-2*3")
        clerk.press("enter")
        clerk.sees("Lines 3")
        clerk.press("f8")
        clerk.sees("revision 2: total")
        clerk.sees("reserve 2")
        clerk.press("enter")
        clerk.sees("is amended: revision 2")
        clerk.sees("revision 2 of 2026-11-24")
        clerk.terminal.quiet()
    d = desk.document("order", 1)
    assert [(x["item"], x["quantity"], x["reserved"]) for x in d.lines] == [
        ("BOLT", 12, 12), ("PART-1", 5, 5), ("PART-2", 3, 3),
    ]  # fmt: skip
    desk.holds()


async def test_what_cannot_be_is_said_where_it_was_typed_and_nothing_typed_is_lost(books):
    path, desk, _home = books
    order = ordered(desk, ("BOLT", 10), ("PART-1", 5))
    delivered(desk, order, 0, 3)
    async with seated(path) as clerk:
        await clerk.press("g", "o", "enter", "f2", "down", "2", "enter", "ctrl+s")
        assert "Line 2: 3 is shipped and 0 invoiced; the quantity cannot be less than 3." in clerk.message
        await clerk.press("f3")
        assert desk.document("order", 1).head["revision"] == 1
    async with seated(path) as clerk:
        await clerk.press("enter")
        assert "AMEND" in clerk.text and " 2 " in clerk.line("PART-1")
        await clerk.press("down", "3", "enter", "f8", "enter")
    assert desk.document("order", 1).head["revision"] == 2


async def test_enter_goes_from_quantity_to_quantity_and_no_figure_lands_in_an_item(books):
    path, desk, _home = books
    ordered(desk, ("BOLT", 10), ("PART-1", 5))
    async with seated(path) as clerk:
        await clerk.press("g", "o", "enter", "f2", "1", "2", "enter", "2", "enter", *"part-2*3", "enter", "f8", "enter")
        assert "is amended: revision 2" in clerk.message
    d = desk.document("order", 1)
    assert [(x["item"], x["quantity"]) for x in d.lines] == [("BOLT", 12), ("PART-1", 2), ("PART-2", 3)]
    desk.holds()


async def test_a_line_is_given_up_and_its_stock_is_free(books):
    path, desk, _home = books
    ordered(desk, ("BOLT", 10), ("PART-1", 5))
    async with seated(path) as clerk:
        await clerk.press("g", "o", "enter", "f2", "down", "0", "enter", "f8")
        assert "given up, free 5" in clerk.line("PART-1")
        await clerk.press("enter")
        assert "is amended: revision 2" in clerk.message
        await clerk.press("f9", "0")  # its second page
        await clerk.press(clerk.line("History: who did what").split()[0], "pagedown")
        assert "amend a confirmed order, as its next revision" in clerk.text
        assert "Line 2 PART-1  quantity 5 -> 0" in clerk.text
    assert level(desk, "PART-1") == (20, 0)
    desk.holds()


async def test_address_note_and_reason_are_said_by_the_menu(books):
    path, desk, _home = books
    ordered(desk, ("BOLT", 10))
    async with seated(path) as clerk:
        await clerk.press(
            "g", "o", "enter", "f2", "f9", "3", "ctrl+u", "Dock 4 / Hull", "enter", "f9", "4", "by telephone", "enter"
        )
        await clerk.press("f8")
        assert "delivery address: Acme Works / 1 Mill Lane" in clerk.text
        await clerk.press("enter")
    assert desk.document("order", 1).head["ship_to"] == "Dock 4\nHull"
    assert '["reason","by telephone"]' in trail(desk, "amend_order")[0].changes
    desk.holds()


async def test_short_stock_and_credit_are_asked_before_it_is_done(books):
    path, desk, _home = books
    terms_of(desk, credit_mode=CreditMode.WARN, credit_limit=D(100), shortage=Shortage.ASK)
    ordered(desk, ("PART-1", 5))
    async with seated(path) as clerk:
        await clerk.press("g", "o", "enter", "f2", "300", "enter", "f8")
        assert "Missing: PART-1 (280)" in clerk.text
        await clerk.press("enter", "1")
        assert "reserve 15, wait 280" in clerk.line("PART-1")
        assert "Acme Works would owe 540.00; the credit limit is 100.00." in clerk.text
        await clerk.press("enter")
    assert desk.document("order", 1).lines[0]["quantity"] == 300


async def test_what_both_changed_is_asked_and_what_only_they_changed_is_taken(books):
    path, desk, _home = books
    order = ordered(desk, ("BOLT", 10), ("PART-1", 5))
    async with seated(path) as clerk:
        await clerk.press("g", "o", "enter", "f2", "12", "enter")
        desk.do(amend_order, order.order_id, lines=(LineChange(1, D(11)), LineChange(2, D(4))))
        await clerk.press("f8")
        assert "Somebody else has changed" in clerk.text
        assert "BOLT*12" in clerk.text and "BOLT*11" in clerk.text and "PART-1*4" not in clerk.text
        await clerk.press("1", "f8", "enter")
    assert [x["quantity"] for x in desk.document("order", 1).lines] == [12, 4]  # what only they changed is theirs
    assert desk.document("order", 1).head["revision"] == 3


async def test_a_delivery_made_meanwhile_is_no_reason_to_ask(books):
    path, desk, _home = books
    order = ordered(desk, ("BOLT", 10), ("PART-1", 5))
    async with seated(path) as clerk:
        await clerk.press("g", "o", "enter", "f2", "12", "enter")
        delivered(desk, order, 4)
        await clerk.press("f8")
        assert "revision 2: total" in clerk.text
        await clerk.press("enter")
    d = desk.document("order", 1)
    assert [(x["quantity"], x["shipped"]) for x in d.lines] == [(12, 4), (5, 0)]
    desk.holds()


async def test_a_cancelled_order_says_why_it_is_not_amended(books):
    path, desk, _home = books
    from o2c_tui.services.ordering import cancel_order

    desk.do(cancel_order, ordered(desk, ("BOLT", 1)).order_id)
    async with seated(path) as clerk:
        await clerk.press("g", "o", "5", "enter", "f2")
        assert "It is over" in clerk.text


async def test_shipped_short_the_clerk_is_asked_once_and_may_close_the_order(books):
    path, desk, _home = books
    ordered(desk, ("BOLT", 10))
    async with seated(path) as clerk:
        await clerk.press("g", "o", "enter", "f8", "4", "enter")
        assert "What of the rest?" in clerk.text
        await clerk.press("2")
        assert "DN26-0001" in clerk.text
    d = desk.document("order", 1)
    assert (d.state, d.lines[0]["cancelled"], level(desk)) == ("closed", 6, (96, 0))
    desk.holds()
