"""docs/rules/orders.md, "Three axes"."""

from decimal import Decimal as D

import pytest

from o2c_tui.rules.progress import LineLedger, order_progress, progress


def _ledger(quantity, cancelled=0, shipped=0, returned=0, invoiced=0, credited=0, gross=0):
    return LineLedger(*(D(figure) for figure in (quantity, cancelled, shipped, returned, invoiced, credited, gross)))


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ([(0, 10)], "none"),
        ([(1, 10)], "partly"),
        ([(10, 10)], "fully"),
        ([(15, 10), (5, 10)], "partly"),  # one line's surplus hides no other's lack
        ([(15, 10), (10, 10)], "fully"),
        ([(0, 0), (0, 5)], "none"),
        ([], "fully"),
    ],
)
def test_progress_is_done_over_wanted_line_by_line(parts, told):
    assert progress((D(done), D(wanted)) for done, wanted in parts) == told


@pytest.mark.parametrize(
    ("line", "to_ship", "delivered", "ordered", "unbilled"),
    [
        (_ledger(10), 10, 0, 10, 10),
        (_ledger(10, shipped=4), 6, 4, 10, 10),
        (_ledger(10, shipped=4, invoiced=4), 6, 0, 6, 6),
        (_ledger(10, shipped=10, invoiced=10), 0, 0, 0, 0),
        (_ledger(10, cancelled=6, shipped=4), 0, 4, 4, 4),  # closed short
        (_ledger(10, cancelled=10), 0, 0, 0, 0),
        (_ledger(10, shipped=10, returned=3), 0, 7, 7, 7),  # what came back is neither billed nor sent again
        (_ledger(10, shipped=10, returned=3, invoiced=10), 0, 0, 0, 0),
        (_ledger(10, shipped=10, returned=3, invoiced=10, credited=3), 0, 0, 0, 0),
        (_ledger(10, shipped=10, invoiced=10, credited=10), 0, 10, 10, 10),  # credited to be billed again
        (_ledger(10, invoiced=10), 10, 0, 0, 0),  # billed as ordered
    ],
)
def test_what_is_left_of_a_line(line, to_ship, delivered, ordered, unbilled):
    assert line.to_ship == to_ship
    assert line.billable(as_delivered=True) == delivered
    assert line.billable(as_delivered=False) == ordered
    assert line.unbilled == unbilled


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([_ledger(3, gross="10.00"), _ledger(1, gross="5.00")], ("none", "none", "15.00")),
        ([_ledger(3, shipped=1, invoiced=1, gross="10.00"), _ledger(1, gross="5.00")], ("partly", "partly", "11.67")),
        ([_ledger(3, shipped=3, gross="10.00")], ("fully", "none", "10.00")),
        ([_ledger(3, shipped=3, invoiced=3, gross="10.00")], ("fully", "fully", "0")),
        ([_ledger(3, cancelled=3, gross="10.00")], ("none", "none", "0")),
        ([_ledger(3, cancelled=2, shipped=1, invoiced=1, gross="10.00")], ("fully", "fully", "0")),
    ],
)
def test_an_orders_axes_and_what_it_adds_to_exposure(lines, told):
    now = order_progress(lines, billable=True, digits=2)
    assert (now.delivery, now.billing, now.uninvoiced) == (*told[:2], D(told[2]))


def test_only_a_binding_order_adds_to_exposure():
    assert order_progress([_ledger(3, gross="10.00")], billable=False, digits=2).uninvoiced == 0
