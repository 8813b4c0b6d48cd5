"""FIFO cost: the oldest layer is consumed first, and no cent is stranded. Rule: docs/rules/fifo.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from o2c_tui.errors import ShortStockError
from o2c_tui.money import share_of
from o2c_tui.texts import N_

ZERO = Decimal(0)


@dataclass(frozen=True)
class Layer:
    """What remains of a cost layer; layers are given oldest first."""

    id: int
    quantity: Decimal
    value: Decimal


@dataclass(frozen=True)
class Take:
    """What is taken from (or put back into) one layer."""

    layer_id: int
    quantity: Decimal
    value: Decimal


@dataclass(frozen=True)
class Consumed:
    """What a move took from one layer, and what of it came back since."""

    layer_id: int
    quantity: Decimal
    value: Decimal
    returned_quantity: Decimal = ZERO
    returned_value: Decimal = ZERO


def consume(layers: Sequence[Layer], quantity: Decimal, digits: int) -> tuple[Take, ...]:
    """Take a quantity out of layers, oldest first.

    Raises:
        ShortStockError: the layers hold less.
    """
    takes, left = [], quantity
    for layer in layers:
        if not left:
            break
        part = min(left, layer.quantity)
        if part:
            takes.append(Take(layer.id, part, share_of(layer.value, part, layer.quantity, digits)))
            left -= part
    if left:
        raise ShortStockError(N_("{wanted} wanted, {available} in stock."), wanted=quantity, available=quantity - left)
    return tuple(takes)


def put_back(consumed: Sequence[Consumed], quantity: Decimal, digits: int) -> tuple[Take, ...]:
    """Put a quantity back into the layers it came from, the newest consumption first, at the value it left with.

    `consumed` in the order in which it was taken.

    Raises:
        ShortStockError: less than that was taken, or has not come back yet.
    """
    takes, left = [], quantity
    for row in reversed(consumed):
        if not left:
            break
        there, value = row.quantity - row.returned_quantity, row.value - row.returned_value
        part = min(left, there)
        if part:
            takes.append(Take(row.layer_id, part, share_of(value, part, there, digits)))
            left -= part
    if left:
        raise ShortStockError(N_("{wanted} wanted, {available} in stock."), wanted=quantity, available=quantity - left)
    return tuple(takes)
