"""Bins, lots and the walk through them by keys: received, picked, packed, shipped, taken back. In a real pseudo-terminal."""

from datetime import date

import pytest

from o2c_tui.models.item import Tracking
from o2c_tui.queries.lists import page
from o2c_tui.services.bins import save_location
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.picking import Pick
from o2c_tui.services.placing import Spot
from o2c_tui.services.receiving import ReceiptDraft, ReceiptLineDraft, receive_goods
from o2c_tui.services.setup import ItemSetup, save_item
from o2c_tui.services.shipping import return_goods, ship_order
from tests.makers import D, at, lying, ordered, purchased
from tests.screens.desk import clerk_at, small_books


@pytest.fixture
def books(tmp_path):
    """MILK by lots (20 of L2, later; 30 of L1, sooner) in two bins of MAIN."""
    path, desk = small_books(tmp_path)
    desk.do(save_party, PartySetup("SUPP", "Supply House", is_customer=False, is_supplier=True))
    desk.do(save_item, ItemSetup("MILK", "Milk 1 l", tracking=Tracking.LOT, sale_price=D("1.20"), weight=D("1.03")))
    for n, code in enumerate(("A-01", "A-02")):
        desk.do(save_location, code, pick_order=n)
    spots = (Spot("A-01", "L2", D(20), date(2026, 12, 24)), Spot("A-02", "L1", D(30), date(2026, 12, 4)))
    desk.do(receive_goods, ReceiptDraft((ReceiptLineDraft("MILK", D(50), D("0.80"), spots),)))
    yield path, desk, tmp_path / "home"
    desk.store.close()


def test_picked_by_the_proposal_packed_and_shipped_with_carrier_and_number(books):
    path, desk, home = books
    ordered(desk, ("MILK", 35), ("FREIGHT", 1))
    with clerk_at(path, home) as clerk:
        clerk.press("g", "o", "f8")
        clerk.sees("Delivery to be picked")
        clerk.press("enter")
        clerk.sees("F8 = Pick")
        clerk.press("f8")
        clerk.sees("A-01 L2 5, A-02 L1 30")  # what expires first is taken first
        clerk.press("enter")
        clerk.sees("F8 = Pack")
        clerk.press("f8")
        clerk.sees("Packages")
        clerk.data("2")
        clerk.press("enter", "enter")
        clerk.sees("F8 = Ship")
        clerk.press("f8", "tab")
        clerk.data("DHL")
        clerk.press("enter")
        clerk.data("JJD 42")
        clerk.press("enter", "enter")
        clerk.sees("DN26-0001 booked")
        clerk.sees("Carrier DHL JJD 42   2 packages")
    head = desk.document("delivery", 1).head
    assert (head["packages"], head["weight"]) == (2, D("36.05"))
    assert lying(desk, "MILK") == {"A-01 L2": D(15)}
    desk.holds()


def test_another_lot_and_a_short_pick_by_keys_and_the_rest_waits(books):
    path, desk, home = books
    ordered(desk, ("MILK", 35), ("BOLT", 10))
    with clerk_at(path, home) as clerk:
        clerk.press("g", "o", "f8", "enter")
        clerk.sees("F8 = Pick")
        clerk.press("f8")
        clerk.sees("A-01 L2 5")
        clerk.data("15")  # more was not there
        clerk.press("enter", "up")
        clerk.sees("A-02 L1 15")
        clerk.press("ctrl+e")
        clerk.sees("15 of 15 pc")
        clerk.data("a-01")
        clerk.press("enter")
        clerk.data("l2")
        clerk.press("enter", "f8")
        clerk.sees("A-01 L2 15")
        clerk.press("enter")
        clerk.sees("F8 = Pack")
        clerk.press("f9", "1")
        clerk.sees("cost of goods")
        clerk.press("enter")
        clerk.sees("What of the rest?")
        clerk.press("1")
        clerk.sees("DN26-0001 booked")
    assert lying(desk, "MILK") == {"A-01 L2": D(5), "A-02 L1": D(30)}
    order = desk.document("order", 1)
    assert (order.state, order.lines[0]["to_ship"]) == ("confirmed", D(20))
    desk.holds()


def test_taken_back_into_quarantine_and_as_scrap_by_keys(books):
    path, desk, home = books
    ordered(desk, ("BOLT", 10))
    with clerk_at(path, home) as clerk:
        clerk.press("g", "o", "enter")
        clerk.sees("SALES ORDER")
        clerk.press("f9")
        clerk.sees("Deliver at once")
        clerk.press("1")
        clerk.sees("Enter = ship it")
        clerk.press("enter")
        clerk.sees("DN26-0001 made")
        for word, number in (("quar", "1"), ("scrap", "2")):
            clerk.press("f9")
            clerk.sees("Take goods back")
            clerk.press("2" if word == "quar" else "1")
            clerk.sees("Why do they come back?")
            clerk.data("wrong size")
            clerk.press("enter")
            clerk.sees("They go")
            clerk.press("up")
            clerk.data(word)
            clerk.press("enter", "down")
            clerk.data("4")
            clerk.press("enter")
            clerk.sees(f"RETURN  RET26-000{number}")
            if number == "1":
                clerk.press("[")
                clerk.sees("DELIVERY  DN26-")
    assert at(desk, "BOLT") == {"MAIN": D(90), "MAIN-Q": D(4)}
    assert [desk.document("return", n).head["disposition"] for n in (1, 2)] == ["quarantine", "scrap"]
    desk.holds()


def test_what_was_bought_is_put_into_bins_with_its_lots_by_keys(books):
    path, desk, home = books
    purchased(desk, ("MILK", 24, "0.90"), supplier="SUPP")
    with clerk_at(path, home) as clerk:
        clerk.press("g", "u", "f8")
        clerk.sees("MILK is tracked by lot")
        clerk.press("ctrl+e")
        clerk.sees("BINS AND LOTS")
        clerk.data("a-02")
        clerk.press("enter")
        clerk.data("L7")
        clerk.press("enter")
        clerk.data("+30")
        clerk.press("enter", "f8")
        clerk.sees("A-02 L7")
        clerk.press("enter")
        clerk.sees("GOODS RECEIPT  GR26-")
    assert lying(desk, "MILK")["A-02 L7"] == D(24)
    desk.holds()


def test_bins_are_made_emptied_and_given_up_by_keys(books):
    path, desk, home = books
    with clerk_at(path, home) as clerk:
        clerk.press("g", "x")
        clerk.sees("BINS")
        clerk.sees("A-02")
        clerk.press("f6")
        clerk.sees("BIN  NEW")
        clerk.data("b-07")
        clerk.press("enter", "ctrl+s")
        clerk.sees("B-07 saved")
        clerk.press("down", "enter")
        clerk.sees("WHAT LIES HERE  MAIN  A-02")
        clerk.sees("L1")
        clerk.press("f8")
        clerk.sees("30 pc lie there")
        clerk.data("b-07")
        clerk.press("enter", "f8")
        clerk.sees("30 MILK lie in B-07 now")
        clerk.sees("Nothing lies here")
        clerk.press("f2")
        clerk.sees("BIN  A-02")
        clerk.press("tab", "tab")
        clerk.data("no")
        clerk.press("enter", "ctrl+s")
        clerk.sees("A-02 saved")
    assert lying(desk, "MILK") == {"A-01 L2": D(20), "B-07 L1": D(30)}
    assert [row.active for row in desk.ask(page, "location", today=desk.today) if row.code == "A-02"] == [False]
    desk.holds()


def test_a_lot_is_traced_from_its_receipt_to_the_customers_by_keys(books):
    path, desk, home = books
    desk.do(save_item, ItemSetup("OIL", "Oil", tracking=Tracking.LOT, sale_price=D(9)))
    desk.do(receive_goods, ReceiptDraft((ReceiptLineDraft("OIL", D(7), D(4), (Spot("", "O1"),)),)))
    order = ordered(desk, ("MILK", 35))
    shipped = desk.do(ship_order, order.order_id)
    line = desk.document("delivery", shipped.delivery_id).lines[0]["id"]
    desk.do(return_goods, shipped.delivery_id, {line: D(10)}, places=(Pick(1, lot="L1"),))
    with clerk_at(path, home) as clerk:
        clerk.press("f10")
        clerk.data("lots")
        clerk.press("enter")
        clerk.sees("LOTS")
        clerk.press("enter")
        clerk.sees("MILK L1")
        clerk.sees("here 10   with customers 20")
        clerk.sees("received")
        clerk.press("3")
        clerk.sees("Acme Works")
        clerk.press("enter")
        clerk.sees("DELIVERY  DN26-0001")
        clerk.press("f9")
        clerk.sees("Its lots, both ways")
        clerk.press("escape", "f3", "2")
        clerk.sees("[2 Where it lies]")
        clerk.press("1", "end", "enter")
        clerk.sees("GOODS RECEIPT")
        clerk.press("f10")
        clerk.data("lots")
        clerk.press("enter", "down", "enter")
        clerk.sees("here 15   with customers 5")
        clerk.press("f10")
        clerk.data("lots")
        clerk.press("enter", "5", "end", "enter")
        clerk.sees("here 7   with customers 0")
    desk.holds()


def test_a_warehouse_is_made_and_changed_by_keys(books):
    path, desk, home = books
    with clerk_at(path, home) as clerk:
        clerk.press("g", "z")
        clerk.sees("WAREHOUSES")
        clerk.press("f6")
        clerk.sees("WAREHOUSE  NEW")
        clerk.data("lock")
        clerk.press("enter")
        clerk.data("Locked store")
        clerk.press("enter", "tab")
        clerk.terminal.quiet()
        clerk.press("ctrl+s")
        clerk.sees("LOCK saved")
        clerk.sees("Locked store")
        clerk.press("up", "f2")
        clerk.sees("WAREHOUSE  LOCK")
        clerk.press("tab")
        clerk.data("quar")
        clerk.press("enter", "ctrl+s")
        clerk.sees("quarantine")
        clerk.terminal.quiet()
    assert ("LOCK", "quarantine") in [(row.code, row.kind) for row in desk.ask(page, "warehouse", today=desk.today)]
    desk.holds()


def test_goods_typed_in_by_lot_written_off_and_moved_by_lot(books):
    path, desk, home = books
    with clerk_at(path, home) as clerk:
        clerk.press("g", "w", "f6")
        clerk.sees("GOODS RECEIPT  NEW")
        clerk.press("enter")
        clerk.terminal.quiet()
        clerk.data("milk*10 @0.90")
        clerk.press("enter")
        clerk.sees("Ctrl+E says its lots")
        clerk.press("up", "ctrl+e")
        clerk.sees("BINS AND LOTS  MILK")
        clerk.press("tab")
        clerk.data("L8")
        clerk.press("enter")
        clerk.data("+9")
        clerk.press("enter", "f8")
        clerk.sees("L8  Milk")
        clerk.press("f8")
        clerk.sees("come into MAIN")
        clerk.press("enter")
        clerk.sees("GOODS RECEIPT  GR26-")
        clerk.press("g", "j", "f6")
        clerk.sees("STOCK ADJUSTMENT")
        clerk.data("dam")
        clerk.press("enter")
        clerk.terminal.quiet()
        clerk.data("milk")
        clerk.press("enter")
        clerk.data("-2")
        clerk.press("enter", "enter", "up", "ctrl+e")
        clerk.sees("0 of 2 pc")
        clerk.data("a-02")
        clerk.press("enter")
        clerk.data("L1")
        clerk.press("enter", "f8")
        clerk.sees("A-02 L1")
        clerk.press("f8")
        clerk.sees("Stock adjustment ADJ26-0001")
        clerk.press("enter")
        clerk.sees("Reason: damaged")
        clerk.press("g", "f", "f6")
        clerk.sees("TRANSFER")
        clerk.data("shop")
        clerk.press("enter")
        clerk.terminal.quiet()
        clerk.data("milk*12")
        clerk.press("enter", "up", "ctrl+e")
        clerk.sees("0 of 12 pc")
        clerk.press("tab")
        clerk.data("L8")
        clerk.press("enter")
        clerk.data("10")
        clerk.press("enter", "down")
        clerk.data("a-01")
        clerk.press("enter")
        clerk.data("L2")
        clerk.press("enter", "f8", "f8")
        clerk.sees("to go from MAIN to SHOP")
        clerk.press("enter")
        clerk.sees("F8 = Dispatch")
        clerk.press("f8", "enter")
        clerk.sees("F8 = Arrive")
    assert lying(desk, "MILK") == {"A-01 L2": D(18), "A-02 L1": D(28)}
    desk.holds()


def test_a_picked_delivery_is_picked_anew_and_its_number_noted_after_it_left(books):
    path, desk, home = books
    ordered(desk, ("MILK", 5))
    with clerk_at(path, home) as clerk:
        clerk.press("g", "o", "f8", "enter")
        clerk.sees("F8 = Pick")
        clerk.press("f8", "enter")
        clerk.sees("F8 = Pack")
        clerk.press("f2")
        clerk.sees("A-02 L1 5")
        clerk.press("ctrl+e")
        clerk.sees("5 of 5 pc")
        clerk.data("a-01")
        clerk.press("enter")
        clerk.data("l2")
        clerk.press("enter", "f8")
        clerk.sees("A-01 L2 5")
        clerk.press("enter")
        clerk.sees("F8 = Pack")
        clerk.press("f9", "1")
        clerk.sees("Enter = ship it")
        clerk.press("enter")
        clerk.sees("DELIVERY  DN26-0001")
        clerk.press("f9")
        clerk.sees("3  Note the tracking number")
        clerk.press("3")
        clerk.sees("Which number did the carrier give?")
        clerk.data("JJD 7")
        clerk.press("enter")
        clerk.sees("Enter = do it")
        clerk.press("enter")
        clerk.sees("Carrier JJD 7")
    assert lying(desk, "MILK")["A-01 L2"] == D(15)
    desk.holds()
