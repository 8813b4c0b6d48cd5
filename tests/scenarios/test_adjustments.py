"""Stock put right by hand: reasons, cost, reservations freed, and who may. docs/rules/adjustments.md."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from o2c_tui.errors import (
    BadValueError,
    DateOrderError,
    EmptyDocumentError,
    NotAllowedError,
    ShortStockError,
    UnseenWarningError,
)
from o2c_tui.models.company import UserRole
from o2c_tui.models.item import WarehouseKind
from o2c_tui.queries.lists import page
from o2c_tui.queries.stock import card
from o2c_tui.services.adjusting import AdjustmentDraft, AdjustmentLineDraft, adjust_stock
from o2c_tui.services.bins import save_location
from o2c_tui.services.setup import save_user, save_warehouse
from tests.makers import (
    TODAY,
    _item_id,
    booked,
    delivered,
    layers,
    level,
    open_books,
    ordered,
    receive,
)


def _adjust(desk, reason, *lines, **more):
    made = tuple(AdjustmentLineDraft(line[0], D(line[1]), *(D(c) for c in line[2:])) for line in lines)
    return desk.do(adjust_stock, AdjustmentDraft(reason, made, **more))


@pytest.fixture
def desk(store):
    desk = open_books(store)
    receive(desk, "BOLT", 3, "4.00")
    receive(desk, "BOLT", 10, "5.00")
    return desk


def test_a_loss_consumes_the_oldest_layers_and_is_booked_against_stock_differences(desk):
    done = _adjust(desk, "damaged", ("BOLT", -4), note="fell off the truck")

    assert (done.number, done.value, done.freed) == ("ADJ26-0001", D("-17.00"), ())
    assert layers(desk) == [(9, D("45.00"))]
    assert booked(desk, "adjustment", done.adjustment_id) == {"1400": D("-17.00"), "5100": D("17.00")}
    assert level(desk) == (9, 0)
    desk.holds()


def test_a_gain_makes_a_layer_at_the_cost_said_or_at_the_front_cost_as_an_estimate(desk):
    done = _adjust(desk, "found", ("BOLT", 2), ("BOLT", 2, "7.50"))

    assert done.value == D("23.00")  # 2 at the front's 4.00, 2 at 7.50
    assert layers(desk) == [(3, D("12.00")), (10, D("50.00")), (2, D("8.00")), (2, D("15.00"))]
    assert booked(desk, "adjustment", done.adjustment_id) == {"1400": D("23.00"), "5100": D("-23.00")}
    lines = desk.document("adjustment", done.adjustment_id).lines
    assert [(line["unit_cost"], line["value"]) for line in lines] == [(None, D("8.00")), (D("7.50"), D("15.00"))]
    desk.holds()


def test_what_was_never_in_stock_is_found_at_no_cost_and_said_to_be_estimated(desk):
    done = _adjust(desk, "found", ("NUT", 5))
    assert (done.value, layers(desk, "NUT")) == (0, [(5, 0)])
    assert booked(desk, "adjustment", done.adjustment_id) == {}
    assert delivered(desk, ordered(desk, ("NUT", 5))).cost == 0
    desk.holds()


def test_gains_and_losses_on_one_document_are_booked_as_one_difference(desk):
    receive(desk, "NUT", 100, "0.05")
    done = _adjust(desk, "correction", ("BOLT", -1), ("NUT", 10))
    assert done.value == D("-3.50")
    assert booked(desk, "adjustment", done.adjustment_id) == {"1400": D("-3.50"), "5100": D("3.50")}
    desk.holds()


def test_a_loss_below_what_is_reserved_frees_the_last_promised_and_names_their_orders(desk):
    first = ordered(desk, ("BOLT", 6), promised_on=TODAY + timedelta(days=2))
    last = ordered(desk, ("BOLT", 6), promised_on=TODAY + timedelta(days=9))
    assert level(desk) == (13, 12)

    with pytest.raises(UnseenWarningError) as told:
        desk.do(adjust_stock, AdjustmentDraft("lost", (AdjustmentLineDraft("BOLT", D(-5)),)), accepted=frozenset())
    assert [notice.said() for notice in told.value.notices] == [
        f"Stock no longer covers what is reserved: {last.number} wait again (BOLT)."
    ]
    assert level(desk) == (13, 12)
    done = _adjust(desk, "lost", ("BOLT", -5))

    assert done.freed == (last.number,)
    assert level(desk) == (8, 8)
    reserved = [desk.document("order", order.order_id).lines[0]["reserved"] for order in (first, last)]
    assert reserved == [6, 2]
    assert _adjust(desk, "lost", ("BOLT", -3)).freed == (last.number, first.number)
    assert level(desk) == (5, 5)
    desk.holds()


def test_more_is_never_lost_than_there_is(desk):
    order = ordered(desk, ("BOLT", 6))
    with pytest.raises(ShortStockError, match="BOLT: 14 wanted, 7 available"):
        _adjust(desk, "lost", ("BOLT", -14))
    assert level(desk) == (13, 6)
    assert desk.document("order", order.order_id).lines[0]["reserved"] == 6


@pytest.mark.parametrize(
    ("reason", "quantity", "words"),
    [
        ("damaged", 1, "goods are not gained by being damaged"),
        ("found", -1, "goods are not lost by being found"),
        ("stolen", -1, "Give one of: damaged, expired, lost"),
        ("lost", 0, "quantity must be more than 0"),
        ("correction", "0.0000001", "1E-7 has more than 6 decimals"),
    ],
)
def test_a_reason_fits_what_happened(desk, reason, quantity, words):
    with pytest.raises(BadValueError, match=words):
        _adjust(desk, reason, ("BOLT", quantity))


def test_refusals_of_adjustments(desk):
    with pytest.raises(EmptyDocumentError, match="The adjustment has no lines"):
        _adjust(desk, "lost")
    with pytest.raises(BadValueError, match="FREIGHT is not kept in stock"):
        _adjust(desk, "lost", ("FREIGHT", -1))
    with pytest.raises(BadValueError, match="the cost must be 0 or more"):
        _adjust(desk, "found", ("BOLT", 1, "-1"))
    desk.next_day()
    delivered(desk, ordered(desk, ("BOLT", 1)))
    with pytest.raises(DateOrderError, match="BOLT left this warehouse on 2026-11-25"):
        _adjust(desk, "lost", ("BOLT", -1), adjusted_on=TODAY)
    desk.holds()


@pytest.mark.parametrize("role", [UserRole.SALES, UserRole.VIEWER])
def test_who_sells_or_only_looks_changes_no_stock_and_no_warehouse(desk, role):
    desk.do(save_user, "sam", "Sam", role)
    desk.by = "sam"
    with pytest.raises(NotAllowedError, match=rf"sam \({role.value}\) may not adjust stock"):
        _adjust(desk, "lost", ("BOLT", -1))
    with pytest.raises(NotAllowedError, match="may not change warehouses"):
        desk.do(save_warehouse, "MAIN", "Mine")
    with pytest.raises(NotAllowedError, match="may not change warehouses"):
        desk.do(save_location, "A-1")
    with pytest.raises(NotAllowedError, match="may not give roles"):
        desk.do(save_user, "sam", "Sam", UserRole.OWNER)
    assert level(desk) == (13, 0)


@pytest.mark.parametrize("role", [UserRole.OWNER, UserRole.WAREHOUSE, UserRole.ACCOUNTS])
def test_others_may(desk, role):
    desk.do(save_user, "sam", "Sam", role)
    desk.by = "sam"
    _adjust(desk, "lost", ("BOLT", -1))
    assert level(desk) == (12, 0)


def test_a_role_stays_when_only_the_name_changes(desk):
    desk.do(save_user, "sam", "Sam", UserRole.VIEWER)
    desk.do(save_user, "sam", "Samuel", by="sam")
    with pytest.raises(NotAllowedError):
        desk.do(adjust_stock, AdjustmentDraft("lost", (AdjustmentLineDraft("BOLT", D(-1)),)), by="sam")


def test_the_list_and_the_card_show_adjustments(desk):
    _adjust(desk, "sample", ("BOLT", -1))
    _adjust(desk, "found", ("BOLT", 1))
    (row,) = desk.ask(page, "adjustment", "is:loss", today=TODAY)
    assert (row.number, row.reason, row.value) == ("ADJ26-0001", "sample", D("-4.00"))
    assert len(desk.ask(page, "adjustment", "item:bolt", today=TODAY)) == 2
    move = desk.ask(card, _item_id(desk, "BOLT")).moves[0]
    assert (move.kind, move.number, move.document_kind) == ("adjustment", "ADJ26-0002", "adjustment")


def test_a_warehouse_with_stock_stays_what_it_is(desk):
    receive(desk, "BOLT", 1, warehouse="SHOP")
    with pytest.raises(BadValueError, match="There is stock in SHOP"):
        desk.do(save_warehouse, "SHOP", "Shop", kind=WarehouseKind.SCRAP)
    with pytest.raises(BadValueError, match="There is stock in SHOP"):
        desk.do(save_warehouse, "SHOP", "Shop", active=False)
    with pytest.raises(BadValueError, match="MAIN is the company's default warehouse"):
        desk.do(save_warehouse, "MAIN", "Main", kind=WarehouseKind.QUARANTINE)
    _adjust(desk, "scrapped", ("BOLT", -1), warehouse="SHOP")
    desk.do(save_warehouse, "SHOP", "Shop", kind=WarehouseKind.SCRAP)
    with pytest.raises(BadValueError, match="SHOP is no store; goods are sold from stores only"):
        ordered(desk, ("BOLT", 1), warehouse="SHOP")
    desk.holds()
