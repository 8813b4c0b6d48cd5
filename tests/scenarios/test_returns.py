"""What becomes of goods that come back: stock, quarantine, scrap. docs/rules/deliveries.md."""

from datetime import date
from decimal import Decimal as D

import pytest

from o2c_tui.errors import MissingValueError, NotAllowedError, OverQuantityError
from o2c_tui.models.company import UserRole
from o2c_tui.models.delivery import Disposition
from o2c_tui.models.item import Tracking
from o2c_tui.queries.margin import order_margins
from o2c_tui.queries.valuation import layers_on
from o2c_tui.services.bins import save_location
from o2c_tui.services.crediting import return_and_credit
from o2c_tui.services.invoicing import invoice_deliveries
from o2c_tui.services.picking import Pick
from o2c_tui.services.placing import Spot
from o2c_tui.services.receiving import ReceiptDraft, ReceiptLineDraft, receive_goods
from o2c_tui.services.setup import ItemSetup, save_item, save_user
from o2c_tui.services.shipping import return_goods
from o2c_tui.services.transferring import TransferDraft, TransferLineDraft, transfer_now
from tests.makers import at, booked, delivered, keys, layers, level, lying, open_books, ordered, receive, worth


@pytest.fixture
def desk(store):
    desk = open_books(store)
    receive(desk, "BOLT", 3, "4.00", received_on=date(2026, 11, 1))
    receive(desk, "BOLT", 10, "5.00", received_on=date(2026, 11, 10))
    return desk


def _back(desk, delivery, quantity, disposition=Disposition.RESTOCK, **more):
    (line,) = keys(desk, "delivery", delivery)
    return desk.do(return_goods, delivery, {line: D(quantity)}, reason="damaged", disposition=disposition, **more)


def _layers(desk, warehouse):
    return [
        (line.received_on, line.quantity, line.value) for line in desk.ask(layers_on) if line.warehouse == warehouse
    ]


def test_goods_go_back_into_stock_unless_said_otherwise(desk):
    shipped = delivered(desk, ordered(desk, ("BOLT", 5)))
    back = _back(desk, shipped.delivery_id, 3)
    assert (back.cost, at(desk), layers(desk)) == (D("14.00"), {"MAIN": 11}, [(1, D("4.00")), (10, D("50.00"))])
    assert desk.document("return", back.return_id).head["disposition"] == "restock"
    desk.holds()


def test_quarantined_goods_take_their_layers_along_and_are_not_sold(desk):
    shipped = delivered(desk, ordered(desk, ("BOLT", 5)))
    back = _back(desk, shipped.delivery_id, 3, Disposition.QUARANTINE)

    assert (back.cost, at(desk)) == (D("14.00"), {"MAIN": 8, "MAIN-Q": 3})
    assert worth(desk) == {"MAIN": D("40.00"), "MAIN-Q": D("14.00")}
    assert _layers(desk, "MAIN-Q") == [(date(2026, 11, 1), 1, D("4.00")), (date(2026, 11, 10), 2, D("10.00"))]
    assert desk.document("return", back.return_id).head["warehouse"] == "MAIN-Q"
    assert booked(desk, "return", back.return_id) == {"1400": D("14.00"), "5000": D("-14.00")}
    again = _back(desk, shipped.delivery_id, 1, Disposition.QUARANTINE)
    assert desk.document("return", again.return_id).head["warehouse"] == "MAIN-Q"
    assert at(desk) == {"MAIN": 8, "MAIN-Q": 4}
    order = ordered(desk, ("BOLT", 12))
    assert (order.lines[0].reserved, order.lines[0].back_ordered) == (8, 4)

    desk.do(transfer_now, TransferDraft("MAIN-Q", "MAIN", (TransferLineDraft("BOLT", D(4)),)))
    assert (at(desk), worth(desk)) == ({"MAIN": 12}, {"MAIN": D("58.00")})
    desk.holds()


def test_scrapped_goods_are_taken_in_and_written_off_at_what_they_cost(desk):
    order = ordered(desk, ("BOLT", 5))
    shipped = delivered(desk, order)
    desk.do(invoice_deliveries, [shipped.delivery_id])
    before = layers(desk)
    back = _back(desk, shipped.delivery_id, 3, Disposition.SCRAP)

    assert (back.cost, at(desk), layers(desk)) == (D("14.00"), {"MAIN": 8}, before)
    chain = desk.document("return", back.return_id).chain
    (written_off,) = [link for link in chain if link.kind == "adjustment"]
    assert written_off.number == "ADJ26-0001"
    made = desk.document("adjustment", written_off.id)
    assert (made.head["reason"], made.head["return_id"], made.head["value"]) == (
        "scrapped",
        back.return_id,
        D("-14.00"),
    )
    assert sum(line["quantity"] for line in made.lines) == -3
    assert booked(desk, "adjustment", written_off.id) == {"1400": D("-14.00"), "5100": D("14.00")}
    assert {link.kind for link in made.chain} >= {"order", "delivery", "return", "adjustment"}
    assert order.order_id in [link.id for link in made.chain if link.kind == "order"]
    (margin,) = desk.ask(order_margins)
    assert margin.cost == D("8.00")  # of what stayed with the customer
    desk.holds()


def test_scrapping_what_came_back_leaves_reservations_alone(desk):
    shipped = delivered(desk, ordered(desk, ("BOLT", 5)))
    ordered(desk, ("BOLT", 8))
    assert level(desk) == (8, 8)
    _back(desk, shipped.delivery_id, 3, Disposition.SCRAP)
    assert level(desk) == (8, 8)
    desk.holds()


def test_who_sells_takes_goods_back_but_writes_none_off(desk):
    shipped = delivered(desk, ordered(desk, ("BOLT", 5)))
    desk.do(save_user, "sam", "Sam", UserRole.SALES)
    desk.by = "sam"
    with pytest.raises(NotAllowedError, match="may not adjust stock"):
        _back(desk, shipped.delivery_id, 3, Disposition.SCRAP)
    assert at(desk) == {"MAIN": 8}
    _back(desk, shipped.delivery_id, 3, Disposition.QUARANTINE)
    assert at(desk) == {"MAIN": 8, "MAIN-Q": 3}
    desk.holds()


def test_goods_can_be_credited_and_quarantined_in_one_step(desk):
    billed = desk.do(invoice_deliveries, [delivered(desk, ordered(desk, ("BOLT", 5))).delivery_id])
    line = desk.document("invoice", billed.invoice_id).lines[0]["id"]
    desk.do(return_and_credit, billed.invoice_id, {line: D(2)}, "damaged", disposition=Disposition.QUARANTINE)
    assert at(desk) == {"MAIN": 8, "MAIN-Q": 2}
    desk.holds()


# -- lots and bins -------------------------------------------------------------------------------------------------------


@pytest.fixture
def dairy(desk):
    desk.do(save_location, "R-1")
    desk.do(save_item, ItemSetup("MILK", "Milk", tracking=Tracking.LOT, sale_price=D(2)))
    spots = (Spot("", "L1", D(3)), Spot("", "L2", D(3)))
    desk.do(receive_goods, ReceiptDraft((ReceiptLineDraft("MILK", D(6), D("1.00"), spots),)))
    return desk


def test_the_lots_that_come_back_are_lots_that_went_out(dairy):
    shipped = delivered(dairy, ordered(dairy, ("MILK", 4)))  # 3 of L1, 1 of L2
    assert lying(dairy, "MILK") == {"L2": 2}
    with pytest.raises(OverQuantityError, match="MILK: 1 of this lot is still with the customer, 2 was to come back"):
        _back(dairy, shipped.delivery_id, 2, places=(Pick(1, lot="L2"),))
    with pytest.raises(OverQuantityError, match="0 of this lot is still with the customer"):
        _back(dairy, shipped.delivery_id, 2, places=(Pick(1, lot="L9"),))
    with pytest.raises(MissingValueError, match="1 of 2 are said"):
        _back(dairy, shipped.delivery_id, 2, places=(Pick(1, lot="L2", quantity=D(1)),))
    _back(dairy, shipped.delivery_id, 1, places=(Pick(1, "R-1", "L1"),))
    assert lying(dairy, "MILK") == {"L2": 2, "R-1 L1": 1}
    _back(dairy, shipped.delivery_id, 3)  # the lots that are still out
    assert lying(dairy, "MILK") == {"L2": 3, "R-1 L1": 1, "L1": 2}
    dairy.holds()


def test_quarantined_and_scrapped_lots_go_where_the_goods_go(dairy):
    shipped = delivered(dairy, ordered(dairy, ("MILK", 4)))
    back = _back(dairy, shipped.delivery_id, 2, Disposition.QUARANTINE, places=(Pick(1, lot="L1"),))
    (line,) = dairy.document("return", back.return_id).lines
    assert line["lot"] == "L1"
    dairy.do(save_location, "Q-1", warehouse="MAIN-Q")
    _back(dairy, shipped.delivery_id, 1, Disposition.QUARANTINE, places=(Pick(1, "Q-1", "L2"),))
    _back(dairy, shipped.delivery_id, 1, Disposition.SCRAP, places=(Pick(1, lot="L1"),))
    assert lying(dairy, "MILK") == {"L2": 2}
    assert lying(dairy, "MILK", "MAIN-Q") == {"L1": 2, "Q-1 L2": 1}
    dairy.holds()


def test_returned_goods_are_put_into_the_bin_that_is_said(dairy):
    shipped = delivered(dairy, ordered(dairy, ("BOLT", 5)))
    back = _back(dairy, shipped.delivery_id, 3, places=(Pick(1, "R-1"),))
    assert lying(dairy) == {"R-1": 3, "": 8}
    (line,) = dairy.document("return", back.return_id).lines
    assert line["location"] == "R-1"
    dairy.holds()
