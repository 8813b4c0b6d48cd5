"""Bins, lots and serial numbers: where goods lie, what is picked first, and that nothing is taken from where it is not.

docs/rules/places.md.
"""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from o2c_tui.errors import (
    BadValueError,
    DuplicateError,
    MissingValueError,
    ShortStockError,
    UnknownCodeError,
    UnseenWarningError,
    WrongStateError,
)
from o2c_tui.models.item import ItemKind, Tracking
from o2c_tui.queries.counting import sheet
from o2c_tui.queries.lists import page
from o2c_tui.queries.picking import pick_list
from o2c_tui.queries.stock import card
from o2c_tui.services.adjusting import AdjustmentDraft, AdjustmentLineDraft, adjust_stock
from o2c_tui.services.bins import put_away, relocate, save_location, save_lot
from o2c_tui.services.counting import count_item, count_lines, post_stocktake, start_stocktake
from o2c_tui.services.itemising import save_kit
from o2c_tui.services.picking import Pick, pack_delivery, pick_delivery
from o2c_tui.services.placing import Spot
from o2c_tui.services.receiving import ReceiptDraft, ReceiptLineDraft, receive_goods
from o2c_tui.services.setup import ItemSetup, save_item
from o2c_tui.services.shipping import cancel_delivery, draft_delivery, reverse_delivery, ship_delivery
from o2c_tui.services.transferring import (
    TransferDraft,
    TransferLineDraft,
    dispatch_transfer,
    receive_transfer,
    save_transfer,
    transfer_now,
)
from tests.makers import TODAY, _item_id, at, delivered, keys, level, lying, open_books, ordered, receive

SOON, LATER, PAST = (TODAY + timedelta(days=n) for n in (10, 100, -10))


def _receive(desk, item, quantity, *spots, cost="4.00", **more):
    line = ReceiptLineDraft(item, D(quantity), D(cost), tuple(spots))
    return desk.do(receive_goods, ReceiptDraft((line,), **more))


def _spot(place, quantity=None, expires_on=None):
    """A spot from "bin lot"; a dash stands for no bin."""
    bin_code, _, lot = place.partition(" ")
    return Spot(bin_code.strip("-"), lot, None if quantity is None else D(quantity), expires_on)


def _transfer(source, target, *lines):
    return TransferDraft(source, target, tuple(TransferLineDraft(*line) for line in lines))


def _adjust(desk, item, quantity, reason="correction", location="", lot="", **more):
    line = AdjustmentLineDraft(item, D(quantity), location=location, lot=lot)
    return desk.do(adjust_stock, AdjustmentDraft(reason, (line,), **more))


def _picks(desk, delivery):
    lines = desk.document("delivery", delivery).lines
    return {f"{p.location} {p.lot}".strip(): p.quantity for line in lines for p in line["picks"]}


@pytest.fixture
def desk(store):
    desk = open_books(store)
    for code, order in (("A-1", 1), ("A-2", 2), ("B-1", 3)):
        desk.do(save_location, code, pick_order=order)
    desk.do(save_location, "S-1", warehouse="SHOP")
    desk.do(save_item, ItemSetup("MILK", "Milk", tracking=Tracking.LOT, sale_price=D(2)))
    desk.do(save_item, ItemSetup("DRILL", "Drill", tracking=Tracking.SERIAL, sale_price=D(99)))
    return desk


# -- bins ------------------------------------------------------------------------------------------------------------


def test_bins_are_optional_and_hold_at_most_what_is_on_hand(desk):
    _receive(desk, "BOLT", 10, _spot("A-1", 4), _spot("B-1", 3))
    assert lying(desk) == {"A-1": 4, "B-1": 3, "": 3}
    desk.do(put_away, "BOLT", "A-2")
    desk.do(relocate, "BOLT", D(1), source="A-1", to="B-1")
    assert lying(desk) == {"A-1": 3, "A-2": 3, "B-1": 4}
    desk.do(relocate, "BOLT", source="B-1")
    assert lying(desk) == {"": 4, "A-1": 3, "A-2": 3}
    assert level(desk) == (10, 0)
    rows = {row.code: row.items for row in desk.ask(page, "location", "", today=TODAY)}
    assert rows == {"A-1": 1, "A-2": 1, "B-1": 0, "S-1": 0}
    desk.holds()


def test_a_delivery_walks_the_bins_and_takes_what_lies_in_none_last(desk):
    _receive(desk, "BOLT", 10, _spot("B-1", 4), _spot("A-1", 3))
    order = ordered(desk, ("BOLT", 8))
    draft = desk.do(draft_delivery, order.order_id)
    told = [(line.location, line.quantity) for line in desk.ask(pick_list, [draft])]
    assert told == [("A-1", 3), ("B-1", 4), ("", 1)]

    shipped = desk.do(ship_delivery, draft)

    assert _picks(desk, shipped.delivery_id) == {"A-1": 3, "B-1": 4}
    assert lying(desk) == {"": 2}
    desk.holds()


def test_a_clerk_says_the_bins_and_they_must_hold_what_is_said(desk):
    _receive(desk, "BOLT", 10, _spot("A-1", 4), _spot("B-1", 4))
    draft = desk.do(draft_delivery, ordered(desk, ("BOLT", 6)).order_id)
    with pytest.raises(ShortStockError, match="BOLT: 5 wanted from B-1, 4 there"):
        desk.do(pick_delivery, draft, picks=(Pick(1, "B-1", quantity=D(5)),))
    with pytest.raises(UnknownCodeError, match="There is no bin C-9"):
        desk.do(pick_delivery, draft, picks=(Pick(1, "C-9"),))
    with pytest.raises(BadValueError, match="the places are for 7, the line for 6"):
        desk.do(pick_delivery, draft, picks=(Pick(1, "A-1", quantity=D(4)), Pick(1, "B-1", quantity=D(3))))
    with pytest.raises(BadValueError, match="There is no line 2"):
        desk.do(pick_delivery, draft, picks=(Pick(2, "A-1"),))
    with pytest.raises(BadValueError, match="BOLT is not tracked by lots"):
        desk.do(pick_delivery, draft, picks=(Pick(1, "A-1", "L1"),))

    desk.do(pick_delivery, draft, picks=(Pick(1, "B-1", quantity=D(4)),))
    assert _picks(desk, draft) == {"B-1": 4, "A-1": 2}
    desk.do(pick_delivery, draft, picks=(Pick(1, "A-1", quantity=D(1)), Pick(1, "B-1", quantity=D(3))))
    desk.do(ship_delivery, draft)
    assert lying(desk) == {"A-1": 1, "B-1": 1, "": 2}
    desk.holds()


def test_what_was_picked_and_is_no_longer_there_is_picked_anew(desk):
    _receive(desk, "BOLT", 10, _spot("A-1", 4))
    draft = desk.do(draft_delivery, ordered(desk, ("BOLT", 4)).order_id)
    desk.do(pick_delivery, draft)
    desk.do(relocate, "BOLT", D(3), source="A-1", to="B-1")
    with pytest.raises(ShortStockError, match="BOLT: 4 wanted from A-1, 1 there"):
        desk.do(ship_delivery, draft)
    desk.do(pick_delivery, draft)
    desk.do(ship_delivery, draft)
    assert lying(desk) == {"": 6}
    desk.holds()


def test_what_one_delivery_has_picked_is_not_proposed_to_another(desk):
    _receive(desk, "BOLT", 10, _spot("A-1", 5), _spot("B-1", 5))
    first, second = (desk.do(draft_delivery, ordered(desk, ("BOLT", 5)).order_id) for _ in range(2))
    assert [(x.delivery_id, x.location) for x in desk.ask(pick_list, [first, second])] == [
        (first, "A-1"),
        (second, "B-1"),
    ]
    desk.do(pick_delivery, first)
    desk.do(ship_delivery, second)
    assert (_picks(desk, first), _picks(desk, second)) == ({"A-1": 5}, {"B-1": 5})
    desk.do(ship_delivery, first)
    assert lying(desk) == {}
    desk.holds()


def test_pick_pack_ship_with_packages_weight_and_a_cancelled_one(desk):
    desk.do(save_item, ItemSetup("BOLT", "Hex bolt", weight=D("0.25")))
    _receive(desk, "BOLT", 10, _spot("A-1"))
    draft = desk.do(draft_delivery, ordered(desk, ("BOLT", 6), ("FREIGHT", 1)).order_id)
    with pytest.raises(WrongStateError, match="delivery – is draft; it cannot become packed"):
        desk.do(pack_delivery, draft)
    desk.do(pick_delivery, draft)
    desk.do(pack_delivery, draft, packages=2, carrier="Ox Cart")
    head = desk.document("delivery", draft).head
    assert (head["state"], head["packages"], head["weight"], head["carrier"]) == ("packed", 2, D("1.5"), "Ox Cart")
    desk.do(pack_delivery, draft, packages=3, weight=D("1.8"))
    with pytest.raises(WrongStateError, match="it cannot be picked"):
        desk.do(pick_delivery, draft)
    desk.do(ship_delivery, draft)
    assert desk.document("delivery", draft).head["weight"] == D("1.8")

    other = desk.do(draft_delivery, ordered(desk, ("BOLT", 4)).order_id)
    desk.do(pick_delivery, other)
    desk.do(pack_delivery, other)
    desk.do(cancel_delivery, other)
    assert level(desk) == (4, 4)
    desk.holds()


def test_reversing_a_delivery_puts_all_back_into_its_bins(desk):
    _receive(desk, "BOLT", 10, _spot("A-1", 4), _spot("B-1", 3))
    _receive(desk, "MILK", 5, _spot("A-1 L1", 2, SOON), _spot("- L2", 3, LATER))
    before = lying(desk), lying(desk, "MILK")
    shipped = delivered(desk, ordered(desk, ("BOLT", 9), ("MILK", 4)))
    assert (lying(desk), lying(desk, "MILK")) == ({"": 1}, {"L2": 1})
    desk.do(reverse_delivery, shipped.delivery_id, "wrong address")
    assert (lying(desk), lying(desk, "MILK")) == before
    desk.holds()


# -- lots ------------------------------------------------------------------------------------------------------------


def test_a_lot_tracked_item_says_its_lots_on_every_movement(desk):
    with pytest.raises(MissingValueError, match=r"MILK is tracked by lot: say which lots \(0 of 5 are said\)"):
        _receive(desk, "MILK", 5)
    with pytest.raises(MissingValueError, match=r"3 of 5 are said"):
        _receive(desk, "MILK", 5, _spot("- L1", 3))
    _receive(desk, "MILK", 5, _spot("- L1", 3, SOON), _spot("A-1 L2", 2, LATER))
    assert lying(desk, "MILK") == {"L1": 3, "A-1 L2": 2}
    with pytest.raises(MissingValueError, match="say which lots"):
        _adjust(desk, "MILK", -1)
    with pytest.raises(MissingValueError, match="say which lots"):
        desk.do(transfer_now, _transfer("MAIN", "SHOP", ("MILK", D(1))))
    with pytest.raises(UnknownCodeError, match="There is no lot L3"):
        _adjust(desk, "MILK", -1, lot="L3")
    with pytest.raises(ShortStockError, match="MILK: 4 wanted from L1, 3 there"):
        _adjust(desk, "MILK", -4, lot="L1")
    _adjust(desk, "MILK", -1, lot="L1")
    _adjust(desk, "MILK", 2, lot="L3")
    assert lying(desk, "MILK") == {"L1": 2, "L3": 2, "A-1 L2": 2}
    assert at(desk, "MILK") == {"MAIN": 6}
    desk.holds()


def test_what_expires_first_is_picked_first_while_cost_stays_first_in_first_out(desk):
    _receive(desk, "MILK", 5, _spot("A-1 L-LATE", 5, LATER), cost="1.00")
    _receive(desk, "MILK", 5, _spot("B-1 L-SOON", 5, SOON), cost="3.00")
    shipped = delivered(desk, ordered(desk, ("MILK", 6)))
    assert _picks(desk, shipped.delivery_id) == {"B-1 L-SOON": 5, "A-1 L-LATE": 1}
    assert shipped.cost == D("8.00")  # the oldest layer: 5 at 1.00, then 1 at 3.00
    desk.holds()


def test_an_expired_lot_is_not_proposed_and_warns_where_it_is_chosen(desk):
    _receive(desk, "MILK", 5, _spot("- OLD", 3, PAST), _spot("- NEW", 2, LATER))
    order = ordered(desk, ("MILK", 4))
    draft = desk.do(draft_delivery, order.order_id)
    with pytest.raises(ShortStockError, match="MILK: 4 wanted, 2 can be picked; 3 is of expired lots"):
        desk.do(ship_delivery, draft)
    with pytest.raises(UnseenWarningError) as told:
        desk.do(pick_delivery, draft, picks=(Pick(1, "", "OLD", D(2)),), accepted=frozenset())
    assert [n.said() for n in told.value.notices] == [f"Lot OLD of MILK expired on {PAST}."]
    desk.do(pick_delivery, draft, picks=(Pick(1, "", "OLD", D(2)),))
    desk.do(ship_delivery, draft)
    assert lying(desk, "MILK") == {"OLD": 1}
    desk.holds()


def test_a_lot_has_one_expiry_which_can_be_put_right(desk):
    _receive(desk, "MILK", 2, _spot("- L1", 2, SOON))
    with pytest.raises(BadValueError, match=f"Lot L1 of MILK expires on {SOON}, not on {LATER}"):
        _receive(desk, "MILK", 2, _spot("- L1", 2, LATER))
    desk.do(save_lot, "MILK", "L1", expires_on=LATER, note="as printed")
    _receive(desk, "MILK", 2, _spot("- l1", 2, LATER))
    (line,) = desk.ask(card, _item_id(desk, "MILK")).bins
    assert (line.lot, line.expires_on, line.quantity) == ("L1", LATER, 4)
    with pytest.raises(BadValueError, match="BOLT is not tracked by lots"):
        desk.do(save_lot, "BOLT", "L1")
    desk.holds()


def test_lots_travel_with_a_transfer_and_are_put_into_a_bin(desk):
    _receive(desk, "MILK", 5, _spot("A-1 L1", 3, SOON), _spot("- L2", 2, LATER))
    lines = (("MILK", D(2), "A-1", "L1"), ("MILK", D(2), "", "L2"))
    transfer = desk.do(save_transfer, _transfer("MAIN", "SHOP", *lines)).transfer_id
    desk.do(dispatch_transfer, transfer)
    assert lying(desk, "MILK", "TRANSIT") == {"L1": 2, "L2": 2}
    first, _ = keys(desk, "transfer", transfer)
    desk.do(receive_transfer, transfer, quantities={first: D(1)}, location="S-1")
    desk.do(receive_transfer, transfer)
    assert lying(desk, "MILK", "SHOP") == {"S-1 L1": 1, "L1": 1, "L2": 2}
    assert lying(desk, "MILK") == {"A-1 L1": 1}
    desk.holds()


def test_tracking_changes_only_while_there_is_no_stock(desk):
    receive(desk, "BOLT", 1)
    with pytest.raises(BadValueError, match="There is stock of BOLT"):
        desk.do(save_item, ItemSetup("BOLT", "Hex bolt", tracking=Tracking.LOT))
    delivered(desk, ordered(desk, ("BOLT", 1)))
    desk.do(save_item, ItemSetup("BOLT", "Hex bolt", tracking=Tracking.LOT))
    _receive(desk, "BOLT", 2, _spot("- L1"))
    assert lying(desk) == {"L1": 2}
    desk.holds()


# -- serial numbers ----------------------------------------------------------------------------------------------------


def test_each_piece_of_a_serial_tracked_item_is_itself(desk):
    _receive(desk, "DRILL", 3, _spot("A-1 SN1"), _spot("A-1 SN2"), _spot("- SN3"))
    with pytest.raises(DuplicateError, match="Serial number SN2 is in stock already"):
        _receive(desk, "DRILL", 1, _spot("- SN2"))
    with pytest.raises(BadValueError, match="one number for each piece"):
        _receive(desk, "DRILL", 2, _spot("- SN4", 2))
    with pytest.raises(MissingValueError, match=r"say which pieces \(1 of 2 are said\)"):
        _receive(desk, "DRILL", 2, _spot("- SN4"))
    draft = desk.do(draft_delivery, ordered(desk, ("DRILL", 2)).order_id)
    desk.do(pick_delivery, draft, picks=(Pick(1, lot="SN3"), Pick(1, lot="SN2")))
    desk.do(ship_delivery, draft)
    assert lying(desk, "DRILL") == {"A-1 SN1": 1}
    with pytest.raises(ShortStockError, match="DRILL: 1 wanted from SN3, 0 there"):
        _adjust(desk, "DRILL", -1, "lost", lot="SN3")
    with pytest.raises(BadValueError, match="DRILL comes in whole units only"):
        _adjust(desk, "DRILL", "-0.5", "lost", lot="SN1")
    _receive(desk, "DRILL", 1, _spot("- SN2"))  # sold, and bought again
    assert lying(desk, "DRILL") == {"SN2": 1, "A-1 SN1": 1}
    desk.holds()


def test_the_tracked_part_of_a_kit_is_picked_by_its_code(desk):
    desk.do(save_item, ItemSetup("SET", "Drill and bolts", kind=ItemKind.KIT, sale_price=D(100)))
    desk.do(save_kit, "SET", {"DRILL": D(1), "BOLT": D(4)})
    _receive(desk, "DRILL", 2, _spot("- SN1"), _spot("- SN2"))
    _receive(desk, "BOLT", 8, _spot("A-1"))
    draft = desk.do(draft_delivery, ordered(desk, ("SET", 1)).order_id)
    with pytest.raises(BadValueError, match="Line 1: say which part of the kit: BOLT, DRILL"):
        desk.do(pick_delivery, draft, picks=(Pick(1, lot="SN2"),))
    desk.do(pick_delivery, draft, picks=(Pick(1, lot="SN2", item="DRILL"),))
    desk.do(ship_delivery, draft)
    assert (lying(desk, "DRILL"), lying(desk)) == ({"SN1": 1}, {"A-1": 4})
    desk.holds()


# -- counts by place ---------------------------------------------------------------------------------------------------


def test_a_count_goes_by_bin_and_lot_in_the_order_of_the_walk(desk):
    _receive(desk, "BOLT", 10, _spot("B-1", 4), _spot("A-2", 3))
    _receive(desk, "MILK", 5, _spot("A-1 L1", 3), _spot("- L2", 2))
    take = desk.do(start_stocktake, tolerance=D(100))
    rows = [(x.location, x.code, x.lot, x.expected) for x in desk.ask(sheet, take.stocktake_id).lines]
    assert rows == [
        ("A-1", "MILK", "L1", 3),
        ("A-2", "BOLT", "", 3),
        ("B-1", "BOLT", "", 4),
        ("", "BOLT", "", 3),
        ("", "MILK", "L2", 2),
    ]
    lines = keys(desk, "stocktake", take.stocktake_id)
    desk.do(count_lines, take.stocktake_id, dict(zip(lines, map(D, (2, 3, 6, 1, 2)), strict=True)))
    for recount in ((6,), ()):
        found = desk.do(count_item, take.stocktake_id, "MILK", D(4), location="B-1", lot="L9", expires_on=LATER)
        assert found.recount == recount
    with pytest.raises(MissingValueError, match="MILK is tracked: say the lot"):
        desk.do(count_item, take.stocktake_id, "MILK", D(4), location="B-1")
    with pytest.raises(BadValueError, match="at most one piece"):
        desk.do(count_item, take.stocktake_id, "DRILL", D(2), lot="SN1")
    done = desk.do(post_stocktake, take.stocktake_id)

    assert done.differences == 4
    assert lying(desk) == {"A-2": 3, "B-1": 6, "": 1}
    assert lying(desk, "MILK") == {"A-1 L1": 2, "B-1 L9": 4, "L2": 2}
    assert (level(desk), level(desk, "MILK")) == ((10, 0), (8, 0))
    desk.holds()


# -- refusals ------------------------------------------------------------------------------------------------------------


def test_refusals_of_bins(desk):
    _receive(desk, "BOLT", 10, _spot("A-1", 4))
    with pytest.raises(BadValueError, match="Goods lie in A-1"):
        desk.do(save_location, "A-1", active=False)
    desk.do(save_location, "B-1", active=False)
    with pytest.raises(BadValueError, match="Bin B-1 is not used any more"):
        _receive(desk, "BOLT", 1, _spot("B-1"))
    with pytest.raises(BadValueError, match="Bin B-1 is not used any more"):
        desk.do(put_away, "BOLT", "B-1")
    with pytest.raises(UnknownCodeError, match="no bin S-1"):
        desk.do(put_away, "BOLT", "S-1")  # of another warehouse
    with pytest.raises(ShortStockError, match="BOLT: 7 wanted from –, 6 there"):
        desk.do(put_away, "BOLT", "A-2", D(7))
    with pytest.raises(BadValueError, match="goods lie there already"):
        desk.do(relocate, "BOLT", D(1), source="A-1", to="A-1")
    _receive(desk, "MILK", 1, _spot("- L1"))
    with pytest.raises(BadValueError, match="MILK is tracked: say which lot"):
        desk.do(put_away, "MILK", "A-1")
    desk.do(put_away, "MILK", "A-1", lot="L1")
    with pytest.raises(BadValueError, match="'A 1' cannot be a code"):
        desk.do(save_location, "A 1")
    assert lying(desk) == {"A-1": 4, "": 6}
    desk.holds()


def test_a_transfer_names_its_bin(desk):
    _receive(desk, "BOLT", 10, _spot("A-1", 4), received_on=date(2026, 11, 20))
    with pytest.raises(ShortStockError, match="BOLT: 5 wanted from A-1, 4 there"):
        desk.do(transfer_now, _transfer("MAIN", "SHOP", ("BOLT", D(5), "A-1")))
    desk.do(transfer_now, _transfer("MAIN", "SHOP", ("BOLT", D(3), "A-1"), ("BOLT", D(5))))
    assert lying(desk) == {"A-1": 1, "": 1}
    assert lying(desk, warehouse="SHOP") == {"": 8}
    desk.holds()


def test_what_no_bin_was_said_for_is_taken_from_none_and_then_from_the_walk(desk):
    _receive(desk, "BOLT", 10, _spot("B-1", 4), _spot("A-1", 4))
    _adjust(desk, "BOLT", -5, "lost")
    assert lying(desk) == {"A-1": 1, "B-1": 4}
    desk.holds()
