"""Who waits for stock, how it is shared, when it can be there, and what is to be bought. docs/rules/stock.md."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
import sqlalchemy as sa

from o2c_tui.errors import MissingValueError, OverQuantityError, ShortStockError
from o2c_tui.models.item import StockAlert
from o2c_tui.queries.home import today as today_of
from o2c_tui.queries.lists import page
from o2c_tui.queries.promise import promises
from o2c_tui.queries.reorder import reorder_list, shortfall
from o2c_tui.queries.waiting import who_waits
from o2c_tui.rules.reordering import is_due, to_buy
from o2c_tui.rules.sharing import fairly, in_turn
from o2c_tui.services.itemising import save_reorder_rule
from o2c_tui.services.ordering import cancel_order
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.replenishing import see_alerts
from o2c_tui.services.setup import ItemSetup, save_item
from o2c_tui.services.sharing import promise_lines, reserve_for_waiting, share_stock
from o2c_tui.storage.rows import table_of
from tests.makers import TODAY, open_books, ordered, receive


def three_wait(store):
    """Three orders for 6, 3 and 3 bolts, none of which is there."""
    desk = open_books(store)
    receive(desk, "NUT", 1000)
    orders = [ordered(desk, ("BOLT", n)) for n in (6, 3, 3)]
    return desk, orders


def _waiting(desk):
    return [(line.number, line.waiting) for line in desk.ask(who_waits, 1)]


def test_stock_goes_to_those_who_wait_in_their_turn(store):
    desk, (first, second, third) = three_wait(store)
    day = TODAY + timedelta(days=3)
    line = desk.document("order", third.order_id).lines[0]["id"]
    desk.do(promise_lines, third.order_id, {line: day})  # who was promised a day comes before who was not
    receive(desk, "BOLT", 7)

    served = desk.do(reserve_for_waiting)

    assert served == (third.number, first.number)
    assert _waiting(desk) == [(first.number, 2), (second.number, 3)]
    desk.holds()
    with pytest.raises(MissingValueError, match="nothing is free"):
        desk.do(reserve_for_waiting)


def test_scarce_stock_is_shared_fairly_or_by_hand(store):
    desk, (first, second, third) = three_wait(store)
    receive(desk, "BOLT", 6)

    shared = desk.do(share_stock, "bolt", fair=True)

    assert [(share.number, share.given) for share in shared] == [
        (first.number, 3),
        (second.number, 2),
        (third.number, 1),
    ]
    receive(desk, "BOLT", 2)
    line = desk.document("order", third.order_id).lines[0]["id"]
    with pytest.raises(OverQuantityError, match="waits for 2, 3 was to be reserved"):
        desk.do(share_stock, "BOLT", shares={line: D(3)})
    desk.do(share_stock, "BOLT", shares={line: D(2)})
    assert _waiting(desk) == [(first.number, 3), (second.number, 1)]
    desk.holds()


def test_no_more_is_shared_than_is_free(store):
    desk, orders = three_wait(store)
    receive(desk, "BOLT", 2)
    lines = [desk.document("order", order.order_id).lines[0]["id"] for order in orders]
    with pytest.raises(ShortStockError, match="3 wanted, 2 available"):
        desk.do(share_stock, "BOLT", shares=dict.fromkeys(lines, D(1)))


def test_a_line_whose_goods_nobody_has_ordered_is_late_once_it_is_promised(store):
    desk, (first, *_rest) = three_wait(store)
    line = desk.document("order", first.order_id).lines[0]["id"]
    desk.do(promise_lines, first.order_id, {line: date(2026, 12, 1)})

    told = desk.ask(promises, TODAY)

    assert (told[0].line.number, told[0].expected_on, told[0].late) == (first.number, None, True)
    assert [p.late for p in told[1:]] == [False, False]


def test_an_item_is_due_at_its_point_and_bought_up_to_its_target_in_packs(store):
    desk = open_books(store)
    desk.do(save_party, PartySetup("SUPP", "Supply House", is_customer=False, is_supplier=True))
    desk.do(save_item, ItemSetup("BOLT", "Hex bolt", supplier="SUPP"))
    desk.do(save_reorder_rule, "BOLT", point=D(10), target=D(40), pack=D(12), lead_time_days=5)
    receive(desk, "BOLT", 15)
    assert desk.ask(reorder_list, today=TODAY) == []

    order = ordered(desk, ("BOLT", 5))

    (due,) = desk.ask(reorder_list, today=TODAY)
    assert (due.code, due.projected, due.quantity, due.supplier) == ("BOLT", 10, 36, "SUPP")
    assert due.expected_on == TODAY + timedelta(days=5)
    desk.do(cancel_order, order.order_id)
    assert desk.ask(reorder_list, today=TODAY) == []


def test_an_alert_is_raised_once_a_crossing(store):
    desk = open_books(store)
    desk.do(save_reorder_rule, "BOLT", point=D(10))
    receive(desk, "BOLT", 15)
    first = ordered(desk, ("BOLT", 5))
    ordered(desk, ("BOLT", 1))
    assert _alerts(store) == [(10, False)]
    desk.do(cancel_order, first.order_id)
    assert _alerts(store) == [(10, True)]
    ordered(desk, ("BOLT", 8))
    assert _alerts(store) == [(10, True), (6, False)]
    desk.holds()


def test_an_alert_is_seen_once_and_stands_until_stock_is_above_the_point(store):
    desk = open_books(store)
    desk.do(save_reorder_rule, "BOLT", point=D(10))
    receive(desk, "BOLT", 15)
    ordered(desk, ("BOLT", 6))
    ask = {"today": TODAY, "login": "ada"}
    (alert,) = desk.ask(page, "alert", "is:unseen", **ask)
    assert (alert.code, alert.projected, alert.point, alert.available) == ("BOLT", 9, 10, 9)
    assert desk.ask(today_of, **ask).alerts.count == 1

    assert desk.do(see_alerts, [alert.id]) == (alert.id,)

    assert desk.ask(page, "alert", "is:unseen", **ask) == []
    (seen,) = desk.ask(page, "alert", "is:open", **ask)
    assert (seen.seen_on, seen.seen_by) == (TODAY, "ada")
    assert desk.ask(today_of, **ask).alerts.count == 0
    with pytest.raises(MissingValueError, match="no alert to be marked"):
        desk.do(see_alerts)
    desk.do(see_alerts, [alert.id], seen=False)
    assert desk.ask(today_of, **ask).alerts.count == 1
    desk.holds()


def _alerts(store):
    alerts = table_of(StockAlert)
    with store.engine.connect() as connection:
        rows = connection.execute(sa.select(alerts).order_by(alerts.c.id)).all()
    return [(row.projected, row.cleared_on is not None) for row in rows]


def test_the_shortfall_of_an_order_is_what_it_lacks_and_nobody_has_ordered(store):
    desk = open_books(store)
    receive(desk, "BOLT", 4)
    order = ordered(desk, ("BOLT", 10), ("NUT", 3), ("FREIGHT", 1))
    told = desk.ask(shortfall, order.order_id, today=TODAY)
    assert [(line.code, line.quantity) for line in told] == [("BOLT", 6), ("NUT", 3)]


@pytest.mark.parametrize(
    ("free", "wants", "turn", "fair"),
    [
        (0, (5, 5), (0, 0), (0, 0)),
        (10, (5, 5), (5, 5), (5, 5)),
        (5, (5, 5), (5, 0), (3, 2)),
        (7, (6, 3, 3), (6, 1, 0), (3, 2, 2)),
        (1, (9, 9, 9), (1, 0, 0), (1, 0, 0)),
    ],
)
def test_shares_never_exceed_wants_and_leave_nothing_over(free, wants, turn, fair):
    wanted = [D(want) for want in wants]
    assert tuple(in_turn(D(free), wanted)) == turn
    shares = fairly(D(free), wanted)
    assert sorted(shares, reverse=True) == sorted(map(D, fair), reverse=True)
    assert sum(shares) == min(D(free), sum(wanted))


@pytest.mark.parametrize(
    ("projected", "point", "target", "pack", "minimum", "due", "buy"),
    [
        (10, 10, 40, 0, 0, True, 30),
        (11, 10, 40, 0, 0, False, 29),
        (10, 10, 0, 0, 0, True, 1),
        (4, 10, 0, 0, 0, True, 7),
        (4, 10, 0, 5, 0, True, 10),
        (4, 10, 0, 5, 12, True, 15),
        (-3, 0, 0, 0, 0, True, 3),
        (0, 0, 0, 0, 0, False, 1),
    ],
)
def test_due_at_or_below_the_point_and_bought_in_packs(projected, point, target, pack, minimum, due, buy):
    assert is_due(D(projected), D(point)) is due
    assert to_buy(D(projected), D(point), D(target), pack=D(pack), minimum=D(minimum)) == buy
