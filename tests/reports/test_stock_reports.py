"""Stock in money on any day: by layer, item and warehouse, by age, by turns; what waits and what is to be bought."""

from datetime import timedelta
from decimal import Decimal as D

from o2c_tui.reports.catalogue import make
from o2c_tui.reports.kinds import Asked
from o2c_tui.reports.table import as_csv, as_text
from o2c_tui.services.itemising import save_reorder_rule
from o2c_tui.services.shipping import ship_order
from tests.makers import TODAY, open_books, ordered, receive


def told(desk, name, **asked):
    return desk.ask(make, name, Asked(**asked), TODAY)


def year(store):
    """Two layers of bolts 200 days apart, six sold today, nuts that never move."""
    desk = open_books(store)
    desk.today = TODAY - timedelta(days=200)
    receive(desk, "BOLT", 10, "4.00")
    receive(desk, "NUT", 100, "0.05")
    desk.today = TODAY - timedelta(days=20)
    receive(desk, "BOLT", 5, "6.00")
    desk.today = TODAY
    desk.do(ship_order, ordered(desk, ("BOLT", 12)).order_id)
    return desk


def test_the_valuation_is_the_inventory_account_of_its_day(store):
    desk = year(store)

    now = told(desk, "valuation", by="layer")
    before = told(desk, "valuation", as_of=TODAY - timedelta(days=1), by="layer")
    early = told(desk, "valuation", as_of=TODAY - timedelta(days=100))

    assert [(row[0], row[4], row[7]) for row in now.rows] == [("BOLT", 3, D("18.00")), ("NUT", 100, D("5.00"))]
    assert [(row[0], row[4], row[7]) for row in before.rows] == [
        ("BOLT", 10, D("40.00")), ("BOLT", 5, D("30.00")), ("NUT", 100, D("5.00")),
    ]  # fmt: skip
    assert (now.totals[7], before.totals[7], early.totals[5]) == (D("23.00"), D("75.00"), D("45.00"))
    for report in (now, before, early):
        assert "The total is the inventory account of that day." in as_text(report)
    assert told(desk, "valuation", by="warehouse").rows == (("MAIN", "store", 2, D("23.00")),)


def test_stock_is_aged_from_the_day_its_layer_came_in(store):
    desk = year(store)
    assert told(desk, "stock-age").rows == (
        ("BOLT", "Hex bolt", D("18.00"), 0, 0, 0, 0, D("18.00")),
        ("NUT", "Hex nut", 0, 0, 0, D("5.00"), 0, D("5.00")),
    )


def test_turns_are_cost_of_sales_over_mean_stock_and_what_does_not_move_is_named(store):
    desk = year(store)
    rows = {row[0]: row for row in told(desk, "turnover").rows}
    assert rows["BOLT"][2:4] == (12, D("52.00"))
    assert rows["NUT"][2:4] == (0, 0)
    slow = told(desk, "slow-movers")
    assert [(row[0], row[4]) for row in slow.rows] == [("NUT", D("5.00"))]


def test_what_waits_and_what_is_to_be_bought(store):
    desk = year(store)
    desk.do(save_reorder_rule, "BOLT", point=D(5), target=D(20))
    ordered(desk, ("BOLT", 8))
    (waits,) = told(desk, "back-orders").rows
    assert (*waits[2:4], *waits[5:7]) == ("BOLT", "Hex bolt", 8, 5)
    (buy,) = told(desk, "reorder").rows
    assert (buy[0], buy[3], buy[5], buy[7]) == ("BOLT", 0, 5, 25)
    assert "BOLT" in as_text(told(desk, "reorder")) and "BOLT" in as_csv(told(desk, "reorder"), str)
