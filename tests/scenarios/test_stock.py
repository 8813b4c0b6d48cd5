"""Quantities and FIFO cost, rule by rule. docs/rules/stock.md, docs/rules/fifo.md."""

from datetime import date
from decimal import Decimal as D

import pytest

from o2c_tui.errors import BadValueError, DateOrderError, DuplicateError, ShortStockError, UnknownCodeError
from o2c_tui.models.receipt import ReceiptKind
from o2c_tui.queries.stock import back_ordered, card, stock_on
from o2c_tui.services.invoicing import invoice_order
from o2c_tui.services.receiving import ReceiptDraft, ReceiptLineDraft, receive_goods
from o2c_tui.services.setup import ItemSetup, save_item
from tests.makers import booked, delivered, keys, layers, level, open_books, ordered, quoted, receive, sold, terms_of


def test_only_deliveries_receipts_and_returns_move_stock(store):
    desk = open_books(store)
    receive(desk, "BOLT", 10)
    terms_of(desk, invoice_policy="ordered")
    quoted(desk, ("BOLT", 4))
    assert level(desk) == (10, 0)
    order = ordered(desk, ("BOLT", 4))
    assert level(desk) == (10, 4)
    desk.do(invoice_order, order.order_id)
    assert level(desk) == (10, 4)
    delivered(desk, order)
    assert level(desk) == (6, 0)


def test_the_oldest_layer_goes_first_and_the_last_take_leaves_no_cent(store):
    desk = open_books(store)
    receive(desk, "BOLT", 3, "3.333333")  # 10.00
    receive(desk, "BOLT", 2, "5.00")
    assert layers(desk) == [(3, D("10.00")), (2, D("10.00"))]
    costs = [delivered(desk, ordered(desk, ("BOLT", 1))).cost for _ in range(4)]
    assert costs == [D("3.33"), D("3.34"), D("3.33"), D("5.00")]
    assert layers(desk) == [(1, D("5.00"))]
    desk.holds()


def test_a_receipt_dated_earlier_goes_before_in_the_queue_while_nothing_was_taken(store):
    desk = open_books(store)
    receive(desk, "BOLT", 3, "5.00", received_on=date(2026, 11, 20))
    receive(desk, "BOLT", 3, "4.00", received_on=date(2026, 11, 10))
    assert delivered(desk, ordered(desk, ("BOLT", 4))).cost == D("17.00")


def test_a_move_dated_before_stock_left_is_refused_and_past_costs_stay(store):
    desk = open_books(store)
    receive(desk, "BOLT", 10, "5.00", received_on=date(2026, 11, 1))
    delivered(desk, ordered(desk, ("BOLT", 4)), shipped_on=date(2026, 11, 20))
    with pytest.raises(
        DateOrderError, match=r"BOLT left this warehouse on 2026-11-20 already; stock cannot move on 2026-11-19"
    ):
        receive(desk, "BOLT", 3, "4.00", received_on=date(2026, 11, 19))
    with pytest.raises(DateOrderError, match="BOLT left this warehouse on 2026-11-20"):
        delivered(desk, ordered(desk, ("BOLT", 1)), shipped_on=date(2026, 11, 19))
    receive(desk, "NUT", 3, "4.00", received_on=date(2026, 11, 19))  # another item may
    receive(desk, "BOLT", 3, "4.00", warehouse="SHOP", received_on=date(2026, 11, 19))  # and another warehouse
    desk.holds()


def test_goods_received_later_cannot_leave_earlier(store):
    desk = open_books(store)
    receive(desk, "BOLT", 10, received_on=date(2026, 11, 20))
    with pytest.raises(ShortStockError, match="BOLT: 4 wanted, 0 available"):
        delivered(desk, ordered(desk, ("BOLT", 4)), shipped_on=date(2026, 11, 19))


def test_each_warehouse_has_its_own_stock_and_layers(store):
    desk = open_books(store)
    receive(desk, "BOLT", 5, "4.00")
    receive(desk, "BOLT", 5, "6.00", warehouse="SHOP")
    order = ordered(desk, ("BOLT", 7), warehouse="SHOP")
    assert (order.lines[0].reserved, order.lines[0].back_ordered) == (5, 2)
    assert delivered(desk, order).cost == D("30.00")
    assert (level(desk), level(desk, warehouse="SHOP")) == ((5, 0), (0, 0))
    desk.holds()


def test_on_hand_reserved_available_and_back_ordered_agree_on_the_card(store):
    desk = open_books(store)
    receive(desk, "BOLT", 10)
    first = ordered(desk, ("BOLT", 7))
    ordered(desk, ("BOLT", 7))
    delivered(desk, first, 2)
    item = desk.document("order", first.order_id).lines[0]["item_id"]
    shown = desk.ask(card, item)
    (place,) = shown.places
    assert (place.on_hand, place.reserved, place.available, shown.waiting) == (8, 8, 0, 4)
    assert desk.ask(back_ordered, item) == 4
    assert [(held.number, held.quantity) for held in shown.held] == [("SO26-0001", 5), ("SO26-0002", 3)]
    assert [(move.kind, move.quantity, move.balance) for move in shown.moves] == [
        ("delivery", -2, 8),
        ("receipt", 10, 10),
    ]


def test_stock_and_its_value_can_be_asked_for_any_past_day(store):
    desk = open_books(store)
    receive(desk, "BOLT", 10, "4.00", received_on=date(2026, 11, 1))
    delivered(desk, ordered(desk, ("BOLT", 4)), shipped_on=date(2026, 11, 10))
    receive(desk, "BOLT", 5, "5.00", received_on=date(2026, 11, 20))

    def on(day):
        return [(s.on_hand, s.value) for s in desk.ask(stock_on, as_of=date(2026, 11, day))]

    assert on(1) == [(10, D("40.00"))]
    assert on(9) == [(10, D("40.00"))]
    assert on(10) == [(6, D("24.00"))]
    assert on(20) == [(11, D("49.00"))]
    sold(desk, ("BOLT", 11))
    assert on(10) == [(6, D("24.00"))]  # what happens later moves no past day


def test_opening_stock_stands_against_the_opening_balances_and_a_receipt_against_the_bill_to_come(store):
    desk = open_books(store)
    opening = receive(desk, "BOLT", 10, "4.00", kind=ReceiptKind.OPENING)
    bought = receive(desk, "BOLT", 10, "4.50")
    assert booked(desk, "receipt", opening.id) == {"1400": D("40.00"), "3000": D("-40.00")}
    assert booked(desk, "receipt", bought.id) == {"1400": D("45.00"), "2050": D("-45.00")}


def test_a_receipt_refuses_what_it_cannot_take_and_names_the_line(store):
    desk = open_books(store)
    desk.do(save_item, ItemSetup("BOX", "Box", whole_units=True))

    def refused(error, says, *wanted, **more):
        with pytest.raises(error, match=says) as told:
            desk.do(receive_goods, ReceiptDraft(tuple(ReceiptLineDraft(i, D(q), D(c)) for i, q, c in wanted), **more))
        return told.value.field

    assert (
        refused(BadValueError, "Line 2: FREIGHT is not kept in stock", ("BOLT", 1, 1), ("FREIGHT", 1, 1)) == "lines.2"
    )
    assert refused(BadValueError, "Line 1: the quantity must be more than 0", ("BOLT", 0, 1)) == "lines.1.quantity"
    assert refused(BadValueError, "the cost 0 or more", ("BOLT", 1, -1)) == "lines.1.unit_cost"
    assert refused(BadValueError, "Line 1: BOX comes in whole units only", ("BOX", "1.5", 1)) == "lines.1"
    assert refused(UnknownCodeError, r"BOLTT.*BOLT", ("BOLTT", 1, 1)) == "lines.1"
    assert refused(UnknownCodeError, "warehouse", ("BOLT", 1, 1), warehouse="MOON") == "warehouse"
    assert refused(UnknownCodeError, "supplier", ("BOLT", 1, 1), supplier="NOBODY") == "supplier"
    assert level(desk) == (0, 0)


def test_the_same_external_receipt_is_taken_once(store):
    desk = open_books(store)
    receive(desk, external_key="shop-1")
    with pytest.raises(DuplicateError, match="shop-1 was received before: GR26-0001"):
        receive(desk, external_key="shop-1")
    assert level(desk) == (100, 0)


def test_a_delivery_of_the_same_item_in_two_lines_takes_each_lines_own_layers(store):
    desk = open_books(store)
    receive(desk, "BOLT", 3, "4.00")
    receive(desk, "BOLT", 3, "6.00")
    order = ordered(desk, ("BOLT", 2), ("BOLT", 3))
    gone = delivered(desk, order)
    assert [line["cost"] for line in desk.document("delivery", gone.delivery_id).lines] == [D("8.00"), D("16.00")]
    desk.holds()


def test_a_quantity_of_six_decimals_is_kept_and_costed_exactly(store):
    desk = open_books(store)
    receive(desk, "BOLT", "0.333333", "3.00")
    receive(desk, "BOLT", "0.666667", "3.00")
    order = ordered(desk, ("BOLT", "0.999999"))
    assert delivered(desk, order, "0.999999").cost == D("3.00")
    assert layers(desk) == [(D("0.000001"), D("0.00"))]
    assert keys(desk, "order", order.order_id)
    desk.holds()
