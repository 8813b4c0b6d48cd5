"""Buying by keys: the list of what is due, changed in the grid, bought by supplier; who waits, and how goods are shared."""

from datetime import timedelta

import pytest

from o2c_tui.queries.lists import page
from o2c_tui.queries.reorder import reorder_list
from o2c_tui.services.itemising import save_reorder_rule
from o2c_tui.services.purchasing import save_supplier_item
from o2c_tui.services.setup import PartySetup, save_party
from tests.makers import TODAY, D, ordered
from tests.screens.desk import clerk_at, seated, small_books


@pytest.fixture
def books(tmp_path):
    """100 bolts of which 130 are ordered, due at 20; part 1 due at 30; bolts sold by SUPP and NORD, parts by NORD."""
    path, desk = small_books(tmp_path)
    for code, name in (("SUPP", "Supply House"), ("NORD", "Nord Metal")):
        desk.do(save_party, PartySetup(code, name, is_customer=False, is_supplier=True))
    desk.do(save_supplier_item, "SUPP", "BOLT", price=D("3.00"), pack=D(12), lead_time_days=4)
    desk.do(save_supplier_item, "NORD", "BOLT", price=D("3.40"), lead_time_days=9)
    desk.do(save_supplier_item, "NORD", "PART-1", price=D("1.10"), lead_time_days=9)
    desk.do(save_reorder_rule, "BOLT", point=D(20), target=D(60))
    desk.do(save_reorder_rule, "PART-1", point=D(30), target=D(50))
    ordered(desk, ("BOLT", 90), promised_on=TODAY + timedelta(days=2))
    ordered(desk, ("BOLT", 40), promised_on=TODAY + timedelta(days=6))
    yield path, desk, tmp_path / "home"
    desk.store.close()


def _bought(desk):
    rows = desk.ask(page, "purchase", "", today=TODAY, login="ada")
    return {row.supplier_code: (row.state, row.net) for row in rows}


def test_all_that_is_due_is_bought_in_four_keys_from_home(books):
    path, desk, home = books
    with clerk_at(path, home) as clerk:
        clerk.press("g", "d")
        clerk.sees("REORDER LIST")
        clerk.sees("NORD")
        clerk.press("f8")
        clerk.sees("purchase orders: 2")
        clerk.press("enter")
        clerk.sees("Purchase orders sent: 2, PO26-0001")
        assert clerk.count == 4
    assert _bought(desk) == {"SUPP": ("sent", D(288)), "NORD": ("sent", D(33))}
    assert desk.ask(reorder_list, today=TODAY) == []
    desk.holds()


async def test_quantity_and_supplier_are_changed_in_the_grid_and_only_marked_lines_are_bought(books):
    path, desk, _home = books
    async with seated(path) as clerk:
        await clerk.press("g", "d")
        assert "PART-1" in clerk.line("  1 ")  # by supplier: NORD before SUPP
        await clerk.press("down", "5", "0", "enter", "right", "nord", "enter")
        assert "50'" in clerk.line("BOLT  ")
        assert "NORD" in clerk.line("BOLT  ")
        await clerk.press("space")
        assert "1 marked" in clerk.text
        assert "170.00 EUR" in clerk.text
        await clerk.press("f8")
        assert "50 pc" in clerk.line("@ 3.40")
        await clerk.press("enter")
        assert "Purchase orders sent: 1, PO26-0001" in clerk.message
    assert _bought(desk) == {"NORD": ("sent", D(170))}
    desk.holds()


async def test_what_was_changed_is_kept_and_offered_again(books):
    path, _desk, _home = books
    async with seated(path) as clerk:
        await clerk.press("g", "d", "7", "enter", "escape")
        assert "Reorder list" in clerk.line("Kept")
        await clerk.press("g", "d")
        assert "7'" in clerk.line("PART-1")
        await clerk.press("f9", "4")
        assert "7'" not in clerk.line("PART-1")
        await clerk.press("escape")
        assert "Kept" not in clerk.text


async def test_figures_that_are_none_and_suppliers_nobody_knows_are_refused_in_words(books):
    path, _desk, _home = books
    async with seated(path) as clerk:
        await clerk.press("g", "d", "2", "/", "0", "enter")
        assert clerk.message.startswith("ERR Line 1")
        await clerk.press("escape", "right", "zz", "enter")
        assert "No supplier fits" in clerk.message
        await clerk.press("escape", "left", "-", "enter", "-", "enter", "f8")
        assert "Nothing is to be bought" in clerk.text


async def test_what_an_order_lacks_is_bought_from_the_same_grid(books):
    path, desk, _home = books
    async with seated(path) as clerk:
        await clerk.press("g", "o", "enter", "f9")
        words = clerk.line("Buy what is missing")
        await clerk.press(words.split()[0])
        assert "REORDER LIST  SO26-0002" in clerk.text
        assert " 36 " in clerk.line("BOLT")  # 30 are lacking, in packs of 12
        await clerk.press("f9", "1", "enter")
        assert "Drafts of purchase orders: 1" in clerk.message
    assert _bought(desk) == {"SUPP": ("draft", D(108))}
    desk.holds()


async def test_the_list_may_be_of_what_back_orders_lack_only(books):
    path, desk, _home = books
    async with seated(path) as clerk:
        await clerk.press("g", "d", "f9", "3")
        assert "back-orders" in clerk.text
        assert "PART-1" not in clerk.text
        await clerk.press("f8", "enter")
    assert _bought(desk) == {"SUPP": ("sent", D(108))}
    desk.holds()
