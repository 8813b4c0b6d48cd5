"""Buying by keys: the list of what is due, changed in the grid, bought by supplier; who waits, and how goods are shared."""

import re
from datetime import timedelta

import pytest

from o2c_tui.queries.lists import page
from o2c_tui.queries.reorder import reorder_list
from o2c_tui.queries.waiting import who_waits
from o2c_tui.services.itemising import save_reorder_rule
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.purchasing import save_supplier_item
from o2c_tui.services.receiving import receive_purchase
from tests.makers import TODAY, D, keys, ordered, purchased
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
        await clerk.press("g", "u")  # letters are commands in this grid
        assert "PO26-0001" in clerk.text
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


@pytest.fixture
def waiting(books):
    """As above; 20 of 40 bolts have come, and 40 are waited for: 30 by the second order, 10 by a third."""
    path, desk, home = books
    ordered(desk, ("BOLT", 10), promised_on=TODAY + timedelta(days=1))
    purchase = purchased(desk, ("BOLT", 40, "3.00"), supplier="NORD", expected_on=TODAY + timedelta(days=9))
    desk.do(receive_purchase, purchase, quantities={keys(desk, "purchase", purchase)[0]: D(20)})
    return path, desk, home


def _waits(desk):
    return [(line.number, line.waiting) for line in desk.ask(who_waits, 1)]


def test_a_receipt_shows_who_waits_and_reserves_for_them(waiting):
    path, desk, home = waiting
    with clerk_at(path, home) as clerk:
        clerk.press("g", "w", "enter")
        clerk.sees("SO26-0003  BOLT: waits for 10, gets 10")
        clerk.sees("SO26-0002  BOLT: waits for 30, gets 10")
        clerk.sees("F8 = Reserve")
        clerk.press("f8")
        clerk.sees("reservations: 2")
        clerk.press("enter")
        clerk.sees("Reserved for SO26-0003, SO26-0002")
        clerk.sees("F8 = Bill")
    assert _waits(desk) == [("SO26-0002", 20)]
    desk.holds()


async def test_scarce_goods_are_shared_with_their_effect_on_the_promises_in_sight(waiting):
    path, desk, _home = waiting
    async with seated(path) as clerk:
        await clerk.press("g", "y")
        assert "LATE" in clerk.line("SO26-0002")
        await clerk.press("f8")
        assert "shared fairly" in clerk.text
        assert "BOLT: 20 of 20 given" in clerk.text
        assert "   5 " in clerk.line("SO26-0003")  # each the same part of what it lacks
        await clerk.press("1", "1", "enter")
        assert "waits for 10" in clerk.message
        await clerk.press("escape", "-", "enter", "=", "enter")
        assert "12-03!" in clerk.line("1 SO26-0003")
        assert "  20 " in clerk.line("2 SO26-0002")
        await clerk.press("f9", "2")
        assert "shared in turn" in clerk.text
        await clerk.press("f8")
        assert "reservations: 2" in clerk.text
        await clerk.press("enter")
        assert "Reserved for SO26-0003, SO26-0002" in clerk.message
        assert "SO26-0003" not in clerk.line("BOLT")
    assert _waits(desk) == [("SO26-0002", 20)]
    desk.holds()


async def test_late_orders_are_flagged_on_home_in_their_list_on_the_order_and_among_back_orders(waiting):
    path, _desk, _home = waiting
    async with seated(path) as clerk:
        assert "1 late" in clerk.line("Orders to deliver")
        await clerk.press("g", "o")
        assert "LATE" in clerk.line("SO26-0002")
        assert "LATE" not in clerk.line("SO26-0003") + clerk.line("SO26-0001")
        await clerk.press("3")
        assert "SO26-0002" in clerk.text
        assert "SO26-0003" not in clerk.text
        await clerk.press("enter")
        assert "promised 11-30 LATE  10 of 40 reserved, rest 12-03" in clerk.text
        assert "! " in clerk.line("wait 30")
        await clerk.press("g", "y", "2")
        assert "SO26-0003" not in clerk.text
        assert "1 late" in clerk.text


async def test_alerts_are_seen_in_one_key_and_open_their_item(books):
    path, desk, _home = books
    async with seated(path) as clerk:
        assert "Items at their reorder point" in clerk.text
        await clerk.press("5", "enter")
        assert "BOLT  Hex bolt" in clerk.line("STOCK  ")
        assert "reorder at 20 MAIN" in clerk.text
        await clerk.press("escape")
        assert "No alert fits" in clerk.text
        await clerk.press("3")
        assert "SEEN" in clerk.line("BOLT")
        await clerk.press("g", "h")
        assert "Items at their reorder point" not in clerk.text
    desk.holds()


async def test_reorder_rules_are_reached_from_the_stock_card(books):
    path, desk, _home = books
    async with seated(path) as clerk:
        await clerk.press("g", "k", "enter", "f9")
        await clerk.press(clerk.line("Reorder rules by warehouse").split()[0])
        assert "REORDER RULES" in clerk.text
        await clerk.press("up", "right", "5", "0", "enter", "ctrl+s")
        assert "reorder at 50 MAIN" in clerk.text
    desk.holds()


async def test_a_line_that_is_short_says_from_which_day_it_can_be_promised(waiting):
    path, desk, _home = waiting
    purchased(desk, ("PART-1", 10, "1.00"), supplier="NORD", expected_on=TODAY + timedelta(days=8))
    async with seated(path) as clerk:
        await clerk.press("g", "o", "f6", "acme", "enter", "bolt*25", "enter", "part-1*25", "enter", "up")
        assert "PART-1: 20 available; can be promised from 12-02" in clerk.message
        await clerk.press("up")
        assert "BOLT: 20 available; so much is not on its way" in clerk.message


def _orders(clerk, word=""):
    return re.findall(r"SO26-\d+", "\n".join(line for line in clerk.shown() if word in line))


async def test_back_orders_are_narrowed_like_other_lists(waiting):
    path, _desk, _home = waiting
    async with seated(path) as clerk:

        async def shown(*words):
            await clerk.press("/", "ctrl+u", *words, "enter")
            return _orders(clerk)

        await clerk.press("g", "y")
        everybody = _orders(clerk)
        assert len(everybody) == 2
        late = _orders(clerk, "LATE")
        assert await shown("is:late") == late and 0 < len(late) < len(everybody)
        assert "/is:late" in clerk.text
        assert await shown("-is:late") == [number for number in everybody if number not in late]
        assert await shown("cust:acme") == everybody
        assert await shown("item:nothing") == [] and "Nothing fits." in clerk.text
        assert await shown(f"{everybody[0].lower()} item:bo") == everybody[:1]
        assert await shown("amt>5") == everybody[:1]
        assert "nothing to filter by" in clerk.message
        await clerk.press("/", "ctrl+u", "zzz", "escape")
        assert _orders(clerk) == everybody[:1]
        assert await shown("due<365d") == everybody


async def test_the_rate_of_a_currency_that_is_new_is_asked_before_it_is_bought_in(books):
    path, desk, _home = books
    desk.do(save_party, PartySetup("HK1", "Harbour Parts", is_customer=False, is_supplier=True, currency="HKD"))
    desk.do(save_supplier_item, "HK1", "PART-2", price=D("7.80"))
    desk.do(save_reorder_rule, "PART-2", point=D(30), target=D(50))
    async with seated(path) as clerk:
        await clerk.press("g", "d", "f8")
        assert "what 1 HKD is in EUR" in clerk.text
        await clerk.press("enter")  # nothing typed: it still asks
        await clerk.press("x", "enter")
        assert clerk.message.startswith("ERR")
        await clerk.press("f8")
        await clerk.press("0.11", "enter")
        assert "purchase orders: 3" in clerk.text
        await clerk.press("enter")
        assert "Purchase orders sent: 3" in clerk.message
        await clerk.press("f8")
    (order,) = [row for row in desk.ask(page, "purchase", "", today=TODAY) if row.supplier_code == "HK1"]
    head = desk.document("purchase", order.id).head
    assert (head["currency"], head["rate"]) == ("HKD", D("0.11"))
    desk.holds()
