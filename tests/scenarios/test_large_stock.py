"""Stock screens and figures that must not slow down with the warehouse. docs/rules/stock.md, docs/performance.md."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from o2c_tui.queries.lists import SPECS, filtered, page, page_query
from o2c_tui.queries.stock import card
from o2c_tui.queries.valuation import turns
from o2c_tui.services.shipping import ship_order
from o2c_tui.services.transferring import TransferDraft, TransferLineDraft, transfer_now
from tests.makers import TODAY, _item_id, open_books, ordered, receive


def test_a_card_shows_the_newest_moves_of_all_warehouses_in_one_order(store):
    desk = open_books(store)
    receive(desk, "BOLT", 10)
    desk.do(transfer_now, TransferDraft("MAIN", "SHOP", (TransferLineDraft("BOLT", D(4)),)))
    receive(desk, "BOLT", 5)
    desk.do(ship_order, ordered(desk, ("BOLT", 1), warehouse="SHOP").order_id)
    desk.do(ship_order, ordered(desk, ("BOLT", 2)).order_id)

    moves = desk.ask(card, _item_id(desk, "BOLT"), moves=3).moves

    assert [(m.warehouse, m.quantity, m.balance) for m in moves] == [
        ("MAIN", D(-2), D(12)), ("SHOP", D(-1), D(14)), ("MAIN", D(5), D(15)),
    ]  # fmt: skip


def test_the_mean_stock_is_that_of_the_months_ends(store):
    desk = open_books(store)
    last = TODAY.replace(day=1) + timedelta(days=19)
    first = last - timedelta(days=50)
    days = [first - timedelta(days=1), last]
    day = first
    while day < last:
        if (day + timedelta(days=1)).day == 1:
            days.append(day)
        day += timedelta(days=1)
    story = ((-60, 10, "4.00"), (-45, 6, "5.00"), (-10, 3, "7.00"))
    for ago, quantity, cost in story:
        desk.today = last + timedelta(days=ago)
        receive(desk, "BOLT", quantity, cost)
    desk.today = last
    desk.do(ship_order, ordered(desk, ("BOLT", 4)).order_id)

    (line,) = desk.ask(turns, first, last)

    def worth(day):
        came = sum(quantity * D(cost) for ago, quantity, cost in story if last + timedelta(days=ago) <= day)
        return came - (D(16) if day == last else 0)

    assert line.mean == sum(map(worth, days)) / len(days)
    assert (line.on_hand, line.sold, line.cost) == (15, 4, 16)
    assert (line.last_sold, line.last_received) == (last, last - timedelta(days=10))


@pytest.mark.parametrize("view", ["", "is:open", "is:low", "is:short", "bolt"])
@pytest.mark.parametrize("way", [{}, {"from_end": True}, {"after": ("BOLT", "MAIN")}])
def test_a_page_of_stock_is_read_in_its_order_and_not_sorted(sqlite_store, view, way):
    desk = open_books(sqlite_store)
    receive(desk)
    query, _ = page_query("stock", filtered(SPECS["stock"], view, today=TODAY, login="ada"), **way)
    sql = str(query.compile(sqlite_store.engine, compile_kwargs={"render_postcompile": True}))
    with sqlite_store.engine.connect() as connection:
        told = [
            row[3]
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", tuple([""] * sql.count("?"))).all()
        ]

    assert told[0].startswith("SEARCH item USING INDEX")
    assert "USE TEMP B-TREE FOR ORDER BY" not in told  # within one item its warehouses may be sorted
    assert desk.ask(page, "stock", view, today=TODAY) is not None
