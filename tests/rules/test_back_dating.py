"""docs/rules/stock.md: no day in the past had less than nothing, and past costs stay."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from o2c_tui.errors import DateOrderError, ShortStockError
from o2c_tui.services.shipping import return_goods, ship_order
from tests.makers import Desk, open_books, ordered, receive


@pytest.fixture
def desk(sqlite_store) -> Desk:
    return open_books(sqlite_store)


def test_goods_that_came_back_later_were_not_there_before(desk):
    day = desk.today
    receive(desk, "BOLT", 5)
    order = ordered(desk, ("BOLT", 5))
    delivery = desk.do(ship_order, order.order_id)
    (line,) = desk.document("delivery", delivery.delivery_id).lines
    desk.next_day(4)
    desk.do(return_goods, delivery.delivery_id, {line["id"]: D(5)})
    again = ordered(desk, ("BOLT", 3))

    with pytest.raises(DateOrderError, match=f"BOLT came back to this warehouse on {desk.today}"):
        desk.do(ship_order, again.order_id, shipped_on=day + timedelta(days=2))

    desk.do(ship_order, again.order_id)
    desk.holds()


def test_goods_received_later_were_not_there_before(desk):
    day = desk.today
    receive(desk, "BOLT", 2)
    desk.next_day(4)
    receive(desk, "BOLT", 5)
    order = ordered(desk, ("BOLT", 3))
    with pytest.raises(ShortStockError, match="3 wanted, 2 available"):
        desk.do(ship_order, order.order_id, shipped_on=day)


@pytest.mark.parametrize("move", ["receipt", "delivery"])
def test_nothing_moves_before_what_left_already(desk, move):
    day = desk.today
    receive(desk, "BOLT", 10)
    desk.next_day(4)
    order = ordered(desk, ("BOLT", 3))
    desk.do(ship_order, order.order_id, quantities={desk.document("order", order.order_id).lines[0]["id"]: D(1)})

    with pytest.raises(DateOrderError, match=f"BOLT left this warehouse on {desk.today} already"):
        if move == "receipt":
            receive(desk, "BOLT", 5, received_on=day)
        else:
            desk.do(ship_order, order.order_id, shipped_on=day)
    receive(desk, "NUT", 5, received_on=day)  # another item is free to
    desk.holds()
