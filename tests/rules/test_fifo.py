"""docs/rules/fifo.md: layers in, oldest out, the very same back."""

from decimal import Decimal as D

import pytest

from o2c_tui.errors import ShortStockError
from o2c_tui.rules.fifo import Consumed, Layer, consume, put_back


def _layers(*told):
    return [Layer(n, D(quantity), D(value)) for n, (quantity, value) in enumerate(told, 1)]


def _told(takes):
    return [(take.layer_id, str(take.quantity), str(take.value)) for take in takes]


@pytest.mark.parametrize(
    ("layers", "quantity", "takes"),
    [
        ([("5", "20.00"), ("5", "25.00")], "3", [(1, "3", "12.00")]),
        ([("5", "20.00"), ("5", "25.00")], "7", [(1, "5", "20.00"), (2, "2", "10.00")]),
        ([("5", "20.00"), ("5", "25.00")], "10", [(1, "5", "20.00"), (2, "5", "25.00")]),
        ([("3", "10.00")], "1", [(1, "1", "3.33")]),
        ([("2", "6.67")], "1", [(1, "1", "3.34")]),  # 3.335
        ([("1", "3.33")], "1", [(1, "1", "3.33")]),  # the last take takes all that is left
        ([("0", "0.00"), ("2", "8.00")], "1", [(2, "1", "4.00")]),  # an empty layer is passed by
        ([("2", "0.00")], "1", [(1, "1", "0.00")]),
        ([("1.5", "10.00")], "0.5", [(1, "0.5", "3.33")]),
        ([("5", "20.00")], "0", []),
    ],
)
def test_the_oldest_layer_goes_first(layers, quantity, takes):
    assert _told(consume(_layers(*layers), D(quantity), 2)) == takes


def test_no_cent_is_stranded_in_a_layer():
    """10.00 over 3, taken one by one: 3.33, then 6.67 / 2 = 3.335 is 3.34, then what is left."""
    layer, taken = Layer(1, D(3), D("10.00")), []
    for _ in range(3):
        (take,) = consume([layer], D(1), 2)
        taken.append(str(take.value))
        layer = Layer(1, layer.quantity - 1, layer.value - take.value)
    assert taken == ["3.33", "3.34", "3.33"]
    assert (layer.quantity, layer.value) == (0, 0)


@pytest.mark.parametrize(("digits", "value"), [(0, "3"), (2, "3.33"), (3, "3.333")])
def test_a_part_has_the_digits_of_the_companys_currency(digits, value):
    (take,) = consume(_layers(("3", "10")), D(1), digits)
    assert str(take.value) == value


@pytest.mark.parametrize(("layers", "there"), [([], "0"), ([("5", "20.00")], "5"), ([("2", "1"), ("3", "1")], "5")])
def test_more_than_the_layers_hold_is_refused(layers, there):
    with pytest.raises(ShortStockError, match=f"6 wanted, {there} in stock"):
        consume(_layers(*layers), D(6), 2)


@pytest.mark.parametrize(
    ("consumed", "quantity", "backs"),
    [
        ([(1, "5", "20.00", "0", "0"), (2, "2", "10.01", "0", "0")], "1", [(2, "1", "5.01")]),  # the newest first: 5.005
        ([(1, "5", "20.00", "0", "0"), (2, "2", "10.01", "0", "0")], "4", [(2, "2", "10.01"), (1, "2", "8.00")]),
        ([(1, "5", "20.00", "0", "0"), (2, "2", "10.01", "1", "5.01")], "1", [(2, "1", "5.00")]),  # the cent left over
        ([(1, "5", "20.00", "0", "0"), (2, "2", "10.01", "2", "10.01")], "1", [(1, "1", "4.00")]),
        ([(1, "5", "20.00", "0", "0"), (2, "2", "10.01", "0", "0")], "7", [(2, "2", "10.01"), (1, "5", "20.00")]),
    ],
)  # fmt: skip
def test_what_comes_back_goes_where_it_came_from_newest_first_at_the_value_it_left_with(consumed, quantity, backs):
    rows = [Consumed(key, *(D(figure) for figure in figures)) for key, *figures in consumed]
    assert _told(put_back(rows, D(quantity), 2)) == backs


def test_more_than_went_out_does_not_come_back():
    with pytest.raises(ShortStockError, match="3 wanted, 2 in stock"):
        put_back([Consumed(1, D(5), D(20), D(3), D(12))], D(3), 2)
