"""Transfers in two steps and in one: goods under way are owned, their layers keep date and value. docs/rules/transfers.md."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from o2c_tui.errors import (
    BadValueError,
    ConflictError,
    DateOrderError,
    EmptyDocumentError,
    MissingValueError,
    OverQuantityError,
    ShortStockError,
    UnknownCodeError,
    WrongStateError,
)
from o2c_tui.models.item import WarehouseKind
from o2c_tui.queries.incoming import incoming_now
from o2c_tui.queries.lists import page
from o2c_tui.queries.stock import card, stock_on
from o2c_tui.queries.valuation import inventory_account, layers_on
from o2c_tui.services.setup import save_warehouse
from o2c_tui.services.transferring import (
    TransferDraft,
    TransferLineDraft,
    cancel_transfer,
    dispatch_transfer,
    receive_transfer,
    save_transfer,
    set_transfer_tracking,
    transfer_now,
)
from tests.makers import TODAY, _item_id, at, delivered, keys, level, open_books, ordered, receive, trail, worth


def _written(desk, *lines, source="MAIN", target="SHOP", **more):
    wanted = tuple(TransferLineDraft(item, D(quantity)) for item, quantity in lines)
    return desk.do(save_transfer, TransferDraft(source, target, wanted, **more)).transfer_id


def _layers(desk, warehouse):
    return [
        (line.received_on, line.quantity, line.value) for line in desk.ask(layers_on) if line.warehouse == warehouse
    ]


@pytest.fixture
def desk(store):
    desk = open_books(store)
    receive(desk, "BOLT", 3, "4.00", received_on=date(2026, 11, 1))
    receive(desk, "BOLT", 10, "5.00", received_on=date(2026, 11, 10))
    return desk


def test_goods_under_way_are_owned_and_valued_but_not_available(desk):
    transfer = _written(desk, ("BOLT", 5), expected_on=date(2026, 11, 30))
    assert at(desk) == {"MAIN": 13}

    done = desk.do(dispatch_transfer, transfer)

    assert (done.number, done.value) == ("TR26-0001", D("22.00"))
    assert at(desk) == {"MAIN": 8, "TRANSIT": 5}
    assert worth(desk) == {"MAIN": D("40.00"), "TRANSIT": D("22.00")}
    assert desk.ask(inventory_account) == D("62.00")
    assert level(desk, warehouse="SHOP") == (0, 0)
    shop = next(key for (_, key) in desk.ask(incoming_now))
    assert desk.ask(incoming_now) == {(_item_id(desk, "BOLT"), shop): D(5)}
    desk.holds()


def test_layers_arrive_with_their_dates_and_values_in_parts(desk):
    transfer = _written(desk, ("BOLT", 5))
    desk.do(dispatch_transfer, transfer)
    (line,) = keys(desk, "transfer", transfer)
    desk.next_day()

    first = desk.do(receive_transfer, transfer, quantities={line: D(4)})
    assert (first.value, first.left) == (D("17.00"), 1)  # 3 at 4.00 and 1 at 5.00
    assert desk.document("transfer", transfer).head["arrival"] == "partly"
    assert _layers(desk, "SHOP") == [(date(2026, 11, 1), 3, D("12.00")), (date(2026, 11, 10), 1, D("5.00"))]

    rest = desk.do(receive_transfer, transfer)
    assert (rest.value, rest.left) == (D("5.00"), 0)
    assert desk.document("transfer", transfer).head["arrival"] == "fully"
    assert at(desk) == {"MAIN": 8, "SHOP": 5}
    with pytest.raises(WrongStateError, match="All of TR26-0001 has arrived"):
        desk.do(receive_transfer, transfer)
    desk.holds()


def test_what_arrives_is_what_this_transfer_sent_and_not_what_another_did(desk):
    cheap = _written(desk, ("BOLT", 3))
    desk.do(dispatch_transfer, cheap)
    dear = _written(desk, ("BOLT", 3))
    desk.do(dispatch_transfer, dear)

    assert desk.do(receive_transfer, dear).value == D("15.00")
    assert desk.do(receive_transfer, cheap).value == D("12.00")
    assert _layers(desk, "SHOP") == [(date(2026, 11, 1), 3, D("12.00")), (date(2026, 11, 10), 3, D("15.00"))]
    desk.holds()


def test_layers_that_came_by_transfer_are_sold_in_the_order_of_their_old_dates(desk):
    receive(desk, "BOLT", 2, "9.00", warehouse="SHOP", received_on=date(2026, 11, 5))
    desk.do(transfer_now, TransferDraft("MAIN", "SHOP", (TransferLineDraft("BOLT", D(4)),)))

    costs = [delivered(desk, ordered(desk, ("BOLT", n), warehouse="SHOP")).cost for n in (3, 2, 1)]

    assert costs == [D("12.00"), D("18.00"), D("5.00")]
    desk.holds()


def test_stock_that_is_reserved_stays(desk):
    order = ordered(desk, ("BOLT", 10))
    with pytest.raises(ShortStockError, match=rf"BOLT: 5 wanted, 3 available. Reserved for {order.number} \(10\)"):
        desk.do(dispatch_transfer, _written(desk, ("BOLT", 5)))
    desk.do(dispatch_transfer, _written(desk, ("BOLT", 3)))
    desk.holds()


def test_a_draft_can_be_changed_and_given_up_and_a_dispatched_transfer_neither(desk):
    transfer = _written(desk, ("BOLT", 5))
    desk.do(save_transfer, TransferDraft("MAIN", "SHOP", (TransferLineDraft("BOLT", D(2)),)), transfer_id=transfer)
    assert [line["quantity"] for line in desk.document("transfer", transfer).lines] == [2]
    with pytest.raises(ConflictError):
        desk.do(dispatch_transfer, transfer, version=1)
    desk.do(dispatch_transfer, transfer)
    with pytest.raises(WrongStateError, match="transfer TR26-0001 is dispatched; it cannot be changed"):
        desk.do(save_transfer, TransferDraft("MAIN", "SHOP", (TransferLineDraft("BOLT", D(1)),)), transfer_id=transfer)
    with pytest.raises(WrongStateError, match="it cannot become cancelled"):
        desk.do(cancel_transfer, transfer)
    with pytest.raises(WrongStateError, match="it cannot be dispatched"):
        desk.do(dispatch_transfer, transfer)

    other = _written(desk, ("BOLT", 5))
    desk.do(cancel_transfer, other)
    with pytest.raises(WrongStateError):
        desk.do(dispatch_transfer, other)
    assert at(desk) == {"MAIN": 11, "TRANSIT": 2}
    desk.holds()


def test_one_step_takes_goods_into_quarantine_and_back(desk):
    desk.do(save_warehouse, "QA", "Quarantine", kind=WarehouseKind.QUARANTINE, parent="MAIN")
    there = desk.do(transfer_now, TransferDraft("MAIN", "QA", (TransferLineDraft("BOLT", D(4)),)))

    assert (there.number, there.value, at(desk)) == ("TR26-0001", D("17.00"), {"MAIN": 9, "QA": 4})
    assert desk.document("transfer", there.transfer_id).head["arrival"] == "fully"
    assert len(trail(desk, "transfer_now")) == 1
    with pytest.raises(BadValueError, match="QA is no store"):
        ordered(desk, ("BOLT", 1), warehouse="QA")
    back = desk.do(transfer_now, TransferDraft("QA", "MAIN", (TransferLineDraft("BOLT", D(4)),)))
    assert (back.value, at(desk), worth(desk)) == (D("17.00"), {"MAIN": 13}, {"MAIN": D("62.00")})
    assert _layers(desk, "MAIN")[0] == (date(2026, 11, 1), 3, D("12.00"))
    desk.holds()


def test_figures_of_a_past_day_know_where_goods_were(desk):
    transfer = _written(desk, ("BOLT", 5))
    desk.do(dispatch_transfer, transfer)
    desk.next_day(2)
    desk.do(receive_transfer, transfer)

    def on(day):
        return {line.warehouse: (line.on_hand, line.value) for line in desk.ask(stock_on, as_of=day) if line.on_hand}

    assert on(TODAY - timedelta(days=1)) == {"MAIN": (13, D("62.00"))}
    assert on(TODAY) == {"MAIN": (8, D("40.00")), "TRANSIT": (5, D("22.00"))}
    assert on(TODAY + timedelta(days=2)) == {"MAIN": (8, D("40.00")), "SHOP": (5, D("22.00"))}
    for day in (TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=2)):
        whole = sum(line.value for line in desk.ask(layers_on, day))
        assert whole == desk.ask(inventory_account, day) == D("62.00")


def test_refusals_of_transfers(desk):
    with pytest.raises(BadValueError, match="goods are in MAIN already"):
        _written(desk, ("BOLT", 1), target="MAIN")
    with pytest.raises(UnknownCodeError, match=r"no warehouse MIAN\. Near: MAIN"):
        _written(desk, ("BOLT", 1), source="MIAN")
    with pytest.raises(UnknownCodeError, match=r"no item BOLTT\. Near: BOLT"):
        _written(desk, ("BOLTT", 1))
    with pytest.raises(BadValueError, match="FREIGHT is not kept in stock"):
        _written(desk, ("FREIGHT", 1))
    with pytest.raises(BadValueError, match="quantity must be more than 0"):
        _written(desk, ("BOLT", 0))
    with pytest.raises(EmptyDocumentError, match="The transfer has no lines"):
        _written(desk)
    transfer = _written(desk, ("BOLT", 5))
    (line,) = keys(desk, "transfer", transfer)
    with pytest.raises(WrongStateError, match="it cannot arrive"):
        desk.do(receive_transfer, transfer)
    desk.do(dispatch_transfer, transfer)
    with pytest.raises(OverQuantityError, match="Line 1: 5 is under way, 6 was to arrive"):
        desk.do(receive_transfer, transfer, quantities={line: D(6)})
    with pytest.raises(MissingValueError, match="at least one line"):
        desk.do(receive_transfer, transfer, quantities={})
    with pytest.raises(DateOrderError, match="TR26-0001 left on 2026-11-24; it cannot arrive before"):
        desk.do(receive_transfer, transfer, arrived_on=TODAY - timedelta(days=1))
    with pytest.raises(BadValueError, match="Goods get into TRANSIT by being dispatched"):
        _written(desk, ("BOLT", 1), target="TRANSIT")
    with pytest.raises(BadValueError, match="Goods get into TRANSIT by being dispatched"):
        receive(desk, "BOLT", 1, warehouse="TRANSIT")
    with pytest.raises(BadValueError, match="is made by the first transfer"):
        desk.do(save_warehouse, "TRANSIT", "Mine")
    assert at(desk) == {"MAIN": 8, "TRANSIT": 5}
    desk.holds()


def test_the_list_the_card_and_the_tracking_number(desk):
    transfer = _written(desk, ("BOLT", 5), expected_on=TODAY - timedelta(days=1))
    desk.do(dispatch_transfer, transfer)
    desk.do(set_transfer_tracking, transfer, tracking=" RR 123 ")
    (row,) = desk.ask(page, "transfer", "is:late", today=TODAY)
    assert (row.number, row.source, row.target, row.value) == ("TR26-0001", "MAIN", "SHOP", D("22.00"))
    desk.do(set_transfer_tracking, transfer, expected_on=TODAY)
    assert desk.ask(page, "transfer", "is:late", today=TODAY) == []
    assert desk.ask(page, "transfer", "RR status:open item:bolt", today=TODAY) != []
    desk.do(receive_transfer, transfer)
    assert desk.ask(page, "transfer", "status:open", today=TODAY) == []
    moves = desk.ask(card, _item_id(desk, "BOLT")).moves
    assert [(m.kind, m.number, m.document_kind, m.quantity) for m in moves[:4]] == [
        ("arrival", "TR26-0001", "transfer", 2),
        ("arrival", "TR26-0001", "transfer", 3),
        ("arrival", "TR26-0001", "transfer", -5),
        ("dispatch", "TR26-0001", "transfer", 2),
    ]
    head = desk.document("transfer", transfer).head
    assert (head["source"], head["target"], head["tracking"]) == ("MAIN", "SHOP", "RR 123")
