"""Deliveries and returns, rule by rule. docs/rules/deliveries.md."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from o2c_tui.errors import (
    ConflictError,
    DateOrderError,
    MissingValueError,
    OverQuantityError,
    ShortStockError,
    WrongStateError,
)
from o2c_tui.queries.margin import order_margins
from o2c_tui.queries.stock import stock_on
from o2c_tui.services.crediting import credit_invoice, return_and_credit
from o2c_tui.services.invoicing import draft_invoice, invoice_deliveries, invoice_order, post_invoice
from o2c_tui.services.ordering import close_order, hold_order
from o2c_tui.services.picking import pick_delivery
from o2c_tui.services.shipping import (
    cancel_delivery,
    draft_delivery,
    return_goods,
    reverse_delivery,
    set_tracking,
    ship_delivery,
    ship_order,
)
from tests.makers import booked, delivered, keys, layers, level, open_books, ordered, receive


def test_a_delivery_goes_from_draft_over_picked_to_shipped_and_takes_its_number_last(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 4))
    draft = desk.do(draft_delivery, order.order_id, carrier="Ox Cart")
    desk.do(pick_delivery, draft)
    assert (desk.document("delivery", draft).label, level(desk)) == ("–", (100, 4))

    shipped = desk.do(ship_delivery, draft)
    desk.do(set_tracking, draft, " 1Z999 ")

    head = desk.document("delivery", draft).head
    assert (shipped.number, head["carrier"], head["tracking"], level(desk)) == (
        "DN26-0001",
        "Ox Cart",
        "1Z999",
        (96, 0),
    )
    with pytest.raises(WrongStateError, match="delivery DN26-0001 is shipped; it cannot be cancelled"):
        desk.do(cancel_delivery, draft)
    with pytest.raises(WrongStateError, match="it cannot be shipped"):
        desk.do(ship_delivery, draft)


def test_a_delivery_given_up_before_it_left_keeps_the_reservation_and_no_number(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 4))
    draft = desk.do(draft_delivery, order.order_id)
    desk.do(cancel_delivery, draft)
    assert (desk.document("delivery", draft).head["number"], level(desk)) == (None, (100, 4))
    assert delivered(desk, order).number == "DN26-0001"
    desk.holds()


def test_what_is_proposed_is_what_is_reserved_and_services_never_go_alone(store):
    desk = open_books(store)
    receive(desk, "BOLT", 3)
    order = ordered(desk, ("BOLT", 5), ("FREIGHT", 1))
    first = delivered(desk, order)
    assert [line["quantity"] for line in desk.document("delivery", first.delivery_id).lines] == [3, 1]
    with pytest.raises(MissingValueError, match=f"Nothing of {order.number} can be delivered: nothing is reserved"):
        desk.do(ship_order, order.order_id)


def test_two_drafts_for_the_same_goods_cannot_both_leave(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 4))
    first, second = desk.do(draft_delivery, order.order_id), desk.do(draft_delivery, order.order_id)
    desk.do(ship_delivery, first)
    with pytest.raises(OverQuantityError, match="Line 1: 0 is left to deliver, 4 was asked for"):
        desk.do(ship_delivery, second)
    assert level(desk) == (96, 0)


def test_stock_never_goes_below_nothing(store):
    desk = open_books(store)
    receive(desk, "BOLT", 3)
    order = ordered(desk, ("BOLT", 5))
    with pytest.raises(ShortStockError, match=r"BOLT: 5 wanted, 3 available") as refused:
        delivered(desk, order, 5)
    assert refused.value.field == "lines.1"
    assert level(desk) == (3, 3)


# -- reversed while unbilled -----------------------------------------------------------------------------------------


def test_reversing_an_unbilled_delivery_is_the_exact_inverse(store):
    desk = open_books(store)
    receive(desk, "BOLT", 3, "3.33")
    receive(desk, "BOLT", 10, "5.00")
    order = ordered(desk, ("BOLT", 4), ("FREIGHT", 1))
    before = layers(desk), level(desk)
    gone = delivered(desk, order)
    assert (gone.cost, layers(desk), level(desk)) == (D("14.99"), [(9, D("45.00"))], (9, 0))
    shipped_on = desk.today
    desk.next_day()

    desk.do(reverse_delivery, gone.delivery_id, "lorry broke down")

    assert (layers(desk), level(desk)) == before
    shown = desk.document("order", order.order_id)
    assert [(line["shipped"], line["to_ship"]) for line in shown.lines] == [(0, 4), (0, 1)]
    assert shown.head["delivery"] == "none"
    assert desk.document("delivery", gone.delivery_id).state == "cancelled"
    assert booked(desk, "delivery", gone.delivery_id) == {"1400": 0, "5000": 0}
    assert desk.ask(order_margins, order_id=order.order_id)[0].cost == 0
    desk.holds()
    # on the day it was out, it was out
    assert desk.ask(order_margins, as_of=shipped_on)[0].cost == D("14.99")
    assert [(s.on_hand, s.value) for s in desk.ask(stock_on, as_of=shipped_on)] == [(9, D("45.00"))]
    # and it can go again, under the next number
    assert delivered(desk, order).number == "DN26-0002"
    desk.holds()


def test_a_reversed_delivery_gives_back_as_much_as_is_wanted_of_its_reservation(store):
    desk = open_books(store)
    receive(desk, "BOLT", 4)
    order = ordered(desk, ("BOLT", 10))
    gone = delivered(desk, order)
    receive(desk, "BOLT", 3)
    other = ordered(desk, ("BOLT", 3))
    desk.do(reverse_delivery, gone.delivery_id, "wrong address")
    assert level(desk) == (7, 7)
    assert desk.document("order", order.order_id).lines[0]["reserved"] == 4
    assert desk.document("order", other.order_id).lines[0]["reserved"] == 3
    desk.holds()


def test_what_is_billed_returned_or_over_is_not_reversed(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 10))
    gone = delivered(desk, order, 4)
    with pytest.raises(MissingValueError, match="Say why the delivery is reversed"):
        desk.do(reverse_delivery, gone.delivery_id, "")
    desk.do(invoice_deliveries, [gone.delivery_id])
    with pytest.raises(WrongStateError, match=f"{gone.number} is invoiced; credit the invoice with the goods"):
        desk.do(reverse_delivery, gone.delivery_id, "late")

    second = delivered(desk, order, 2)
    desk.do(return_goods, second.delivery_id, {keys(desk, "delivery", second.delivery_id)[0]: D(1)})
    with pytest.raises(WrongStateError, match=f"Goods of {second.number} came back already"):
        desk.do(reverse_delivery, second.delivery_id, "late")

    third = delivered(desk, order, 2)
    desk.do(close_order, order.order_id)
    with pytest.raises(
        WrongStateError, match=f"sales order {order.number} is closed; it cannot take its delivery back"
    ):
        desk.do(reverse_delivery, third.delivery_id, "late")
    desk.holds()


def test_a_delivery_in_a_draft_invoice_can_be_reversed_and_the_draft_is_refused_then(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 4))
    gone = delivered(desk, order)
    draft = desk.do(draft_invoice, delivery_ids=[gone.delivery_id])
    desk.do(reverse_delivery, gone.delivery_id, "late")
    with pytest.raises(OverQuantityError, match="Line 1: 0 may be invoiced, 4 was asked for"):
        desk.do(post_invoice, draft)


def test_a_held_orders_delivery_can_be_reversed_but_not_before_it_left(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 4))
    gone = delivered(desk, order, shipped_on=desk.today + timedelta(days=2))
    with pytest.raises(DateOrderError, match=f"{gone.number} left on 2026-11-26; it cannot be taken back before"):
        desk.do(reverse_delivery, gone.delivery_id, "late")
    desk.next_day(2)
    desk.do(hold_order, order.order_id, "wait")
    desk.do(reverse_delivery, gone.delivery_id, "late")
    desk.holds()


# -- returns -----------------------------------------------------------------------------------------------------------


def test_a_return_goes_into_the_layers_it_came_from_newest_first_and_keeps_their_place(store):
    desk = open_books(store)
    receive(desk, "BOLT", 3, "3.00")
    receive(desk, "BOLT", 3, "4.00")
    receive(desk, "BOLT", 3, "5.00")
    order = ordered(desk, ("BOLT", 5))
    gone = delivered(desk, order)  # 3 at 3.00, 2 at 4.00
    line = keys(desk, "delivery", gone.delivery_id)[0]

    back = desk.do(return_goods, gone.delivery_id, {line: D(3)}, reason="too many")

    assert (back.number, back.cost) == ("RET26-0001", D("11.00"))  # 2 at 4.00, 1 at 3.00
    assert layers(desk) == [(1, D("3.00")), (3, D("12.00")), (3, D("15.00"))]
    assert booked(desk, "return", back.return_id) == {"1400": D("11.00"), "5000": D("-11.00")}
    again = ordered(desk, ("BOLT", 2))
    assert delivered(desk, again).cost == D("7.00")  # the old place in the queue: 3.00 before 4.00
    desk.holds()


def test_no_more_comes_back_than_is_with_the_customer(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 5))
    gone = delivered(desk, order)
    line = keys(desk, "delivery", gone.delivery_id)[0]
    desk.do(return_goods, gone.delivery_id, {line: D(3)})
    with pytest.raises(OverQuantityError, match="Line 1: 2 is still with the customer, 3 was to come back"):
        desk.do(return_goods, gone.delivery_id, {line: D(3)})
    with pytest.raises(MissingValueError, match="Choose what came back"):
        desk.do(return_goods, gone.delivery_id, {})
    desk.do(return_goods, gone.delivery_id, {line: D(2)})
    shown = desk.document("delivery", gone.delivery_id)
    assert (shown.head["returned"], shown.head["billing"]) == ("fully", "fully")  # nothing is left to bill
    with pytest.raises(MissingValueError, match="Nothing is left to invoice"):
        desk.do(invoice_order, order.order_id)
    desk.holds()


def test_what_came_back_before_it_was_billed_is_not_billed(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 5))
    gone = delivered(desk, order)
    desk.do(return_goods, gone.delivery_id, {keys(desk, "delivery", gone.delivery_id)[0]: D(2)})
    assert desk.do(invoice_deliveries, [gone.delivery_id]).gross == D("36.00")
    assert desk.document("order", order.order_id).head["billing"] == "fully"
    desk.holds()


def test_a_return_with_credit_is_one_step_and_all_or_nothing(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 5))
    gone = delivered(desk, order)
    invoice = desk.do(invoice_deliveries, [gone.delivery_id])
    line = keys(desk, "invoice", invoice.invoice_id)[0]
    desk.do(credit_invoice, invoice.invoice_id, "discount", quantities={line: D(4)})
    before = level(desk)
    with pytest.raises(OverQuantityError, match="Line 1: 1 can still be credited, 2 was asked for"):
        desk.do(return_and_credit, invoice.invoice_id, {line: D(2)}, "damaged")
    assert level(desk) == before  # the goods did not come back either
    desk.holds()


def test_a_delivery_read_before_somebody_else_shipped_it_is_a_conflict(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 5))
    draft = desk.do(draft_delivery, order.order_id)
    seen = desk.document("delivery", draft).version
    desk.do(pick_delivery, draft)
    with pytest.raises(ConflictError, match="meanwhile"):
        desk.do(ship_delivery, draft, version=seen)


def test_a_delivery_is_dated_as_told_and_its_address_stays_what_it_was(store):
    from tests.makers import terms_of

    desk = open_books(store)
    receive(desk, received_on=date(2026, 11, 1))
    order = ordered(desk, ("BOLT", 5))
    terms_of(desk, ship_to="9 New Road")
    gone = delivered(desk, order, shipped_on=date(2026, 11, 20))
    head = desk.document("delivery", gone.delivery_id).head
    assert head["shipped_on"] == date(2026, 11, 20)
    assert "1 Mill Lane" in head["ship_to"] and "New Road" not in head["ship_to"]


def test_what_was_not_there_when_picked_leaves_the_delivery_and_its_order_waits_for_it(store):
    desk = open_books(store)
    receive(desk)
    receive(desk, "NUT", 100, "0.05")
    order = ordered(desk, ("BOLT", 10), ("NUT", 5))
    draft = desk.do(draft_delivery, order.order_id)
    lines = {line["item"]: line["id"] for line in desk.document("delivery", draft).lines}

    done = desk.do(pick_delivery, draft, quantities={lines["BOLT"]: D(7)})
    assert (done.short, [(part.item, part.quantity) for part in done.parts]) == (2, [("BOLT", D(7))])
    with pytest.raises(OverQuantityError, match="7 is to be delivered, 8 was picked"):
        desk.do(pick_delivery, draft, quantities={lines["BOLT"]: D(8)})
    with pytest.raises(MissingValueError, match="cancel the delivery"):
        desk.do(pick_delivery, draft, quantities={})

    shipped = desk.do(ship_delivery, draft, carrier="DHL", tracking="JJD 42")
    assert shipped.short == 2  # both are set aside and stayed behind
    told = desk.document("order", order.order_id)
    assert [(line["to_ship"], line["reserved"]) for line in told.lines] == [(D(3), D(3)), (D(5), D(5))]
    head = desk.document("delivery", draft).head
    assert (head["carrier"], head["tracking"]) == ("DHL", "JJD 42")
    desk.holds()


def test_shipped_short_the_order_may_be_closed_in_the_same_step(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 10))
    key = desk.document("order", order.order_id).lines[0]["id"]
    desk.do(ship_order, order.order_id, quantities={key: D(4)}, close_rest=True)

    told = desk.document("order", order.order_id)
    assert (told.state, told.lines[0]["cancelled"]) == ("closed", D(6))
    assert level(desk, "BOLT")[1] == 0
    desk.holds()
