"""Which orders are late: the statement behind lists and Home says what the queue says line by line. docs/rules/stock.md."""

import random
from datetime import timedelta
from decimal import Decimal as D

from o2c_tui.models.item import ItemKind
from o2c_tui.queries.lateness import late_orders
from o2c_tui.queries.lists import page
from o2c_tui.queries.promise import line_outlooks, promises
from o2c_tui.queries.sharing import short_items
from o2c_tui.reports.card import as_card
from o2c_tui.rules.promising import expected_days
from o2c_tui.services.itemising import save_kit, save_unit
from o2c_tui.services.ordering import hold_order
from o2c_tui.services.setup import ItemSetup, save_item
from o2c_tui.services.sharing import promise_lines, share_goods
from tests.makers import TODAY, open_books, ordered, purchased, receive


def _days(n):
    return TODAY + timedelta(days=n)


def test_goods_go_to_who_stands_first_and_the_last_of_them_counts():
    supply = [(_days(0), D(4)), (_days(3), D(0)), (_days(5), D(6)), (_days(9), D(5))]
    assert expected_days([D(4), D(5), D(2), D(9)], supply) == [_days(0), _days(5), _days(9), None]
    assert expected_days([D(0), D(1)], [(_days(0), D(0))]) == [_days(0), None]


def test_an_order_is_late_past_its_promise_or_where_its_goods_come_after_it(store):
    desk = open_books(store)
    receive(desk, "BOLT", 10)
    served = ordered(desk, ("BOLT", 10), promised_on=_days(3))
    waits = ordered(desk, ("BOLT", 5), promised_on=_days(4))
    in_time = ordered(desk, ("BOLT", 5), promised_on=_days(9))
    unpromised = ordered(desk, ("BOLT", 50))
    purchased(desk, ("BOLT", 10, "3.00"), expected_on=_days(6))

    assert desk.ask(late_orders, today=TODAY) == {waits.order_id}
    assert desk.ask(late_orders, today=_days(4)) == {served.order_id, waits.order_id}
    assert [row.id for row in desk.ask(page, "order", "is:late", today=TODAY)] == [waits.order_id]

    (line,) = desk.ask(line_outlooks, waits.order_id, today=TODAY).values()
    assert (line.expected_on, line.late) == (_days(6), True)
    assert line.to_promise == -50  # who was promised no day wants it at once
    (line,) = desk.ask(line_outlooks, in_time.order_id, today=TODAY).values()
    assert (line.expected_on, line.late) == (_days(6), False)
    (line,) = desk.ask(line_outlooks, unpromised.order_id, today=TODAY).values()
    assert (line.expected_on, line.late) == (None, False)
    key = next(iter(desk.ask(line_outlooks, waits.order_id, today=TODAY)))
    desk.do(promise_lines, waits.order_id, {key: _days(7)})
    assert desk.ask(late_orders, today=TODAY) == frozenset()


def test_an_order_shows_what_its_lines_can_count_on_on_the_command_line_too(store):
    desk = open_books(store)
    order = ordered(desk, ("BOLT", 5), promised_on=_days(4))
    purchased(desk, ("BOLT", 10, "3.00"), expected_on=_days(6))
    shown = desk.document("order", order.order_id)
    outlooks = desk.ask(line_outlooks, order.order_id, today=TODAY)
    for line in shown.lines:
        line["outlook"] = outlooks[line["id"]]
    told = as_card(shown, str)
    assert "2026-11-28" in told
    assert "2026-11-30" in told
    assert "LATE" in told


def test_lists_and_queue_agree_on_what_is_late_over_many_orders_units_kits_and_purchases(store):
    desk = open_books(store)
    dice = random.Random(20261125)
    desk.do(save_unit, "BOLT", "box", 12)
    desk.do(save_item, ItemSetup("SET", "A set", kind=ItemKind.KIT, sale_price=D(50)))
    desk.do(save_kit, "SET", {"BOLT": D(2), "NUT": D(3)})
    receive(desk, "BOLT", 30)
    receive(desk, "NUT", 20)
    for n in range(18):
        wanted = [(item, dice.randint(1, 9)) for item in dice.sample(["BOLT", "NUT", "SET"], dice.randint(1, 3))]
        promised = _days(dice.randint(0, 12)) if dice.random() < 0.8 else None
        order = ordered(desk, *wanted, promised_on=promised)
        if dice.random() < 0.15:
            desk.do(hold_order, order.order_id, "waits for a signature")
        if n % 4 == 0:
            item = dice.choice(["BOLT", "NUT"])
            purchased(desk, (item, dice.randint(5, 30), "1.00"), expected_on=_days(dice.randint(-2, 14)))
        for day in (TODAY, _days(5)):
            told = {promise.line.order_id for promise in desk.ask(promises, day) if promise.late}
            past = {
                row.id
                for row in desk.ask(page, "order", "status:open", today=day, limit=100)
                if row.promised_on is not None and row.promised_on < day
            }
            assert desk.ask(late_orders, today=day) == told | past
    desk.holds()


def test_sharing_shows_its_effect_on_each_promise_before_it_is_done(store):
    desk = open_books(store)
    first = ordered(desk, ("BOLT", 6), promised_on=_days(1))
    second = ordered(desk, ("BOLT", 6), promised_on=_days(2))
    purchased(desk, ("BOLT", 6, "3.00"), expected_on=_days(5))
    receive(desk, "BOLT", 6)

    (short,) = desk.ask(short_items, today=TODAY)

    assert (short.free, [line.order_id for line in short.lines]) == (6, [first.order_id, second.order_id])
    assert short.expected([D(0), D(0)]) == [TODAY, _days(5)]
    assert short.proposed(fair=True) == [3, 3]
    assert short.expected([D(3), D(3)]) == [_days(5), _days(5)]
    assert short.expected([D(0), D(6)]) == [_days(5), TODAY]
    given = desk.do(share_goods, {"BOLT": {short.lines[1].line_id: D(6)}})
    assert [(share.order_id, share.given) for share in given] == [(second.order_id, 6)]
    assert desk.ask(late_orders, today=TODAY) == {first.order_id}
    desk.holds()
