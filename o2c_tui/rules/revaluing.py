"""A later cost goes where the goods are: onto the layers for what is still there, into cost now for what is gone.

Rule: docs/rules/fifo.md, "Later costs".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from o2c_tui.money import split

ZERO = Decimal(0)


@dataclass(frozen=True)
class Where:
    """A part of some received goods: still in a layer worth `value`, or taken out of it by a move."""

    layer_id: int
    quantity: Decimal
    value: Decimal = ZERO
    gone_by: int | None = None  # the move


def spread(amount: Decimal, parts: Sequence[Where], digits: int) -> tuple[list[Decimal], Decimal]:
    """An amount shared over goods by quantity, to the cent, and what of it found no place.

    No layer falls below nothing: what it cannot bear goes to the goods that are gone, then to other layers. Only an
    amount that takes off more than all of them are worth leaves a rest.
    """
    shares = split(amount, [part.quantity for part in parts], digits)
    rest = amount if not parts else ZERO
    for n, part in enumerate(parts):
        if part.gone_by is None and shares[n] < -part.value:
            rest += shares[n] + part.value
            shares[n] = -part.value
    gone = [n for n, part in enumerate(parts) if part.gone_by is not None]
    if rest and gone:
        more = split(rest, [parts[n].quantity for n in gone], digits)
        for n, share in zip(gone, more, strict=True):
            shares[n] += share
        return shares, ZERO
    for n, part in enumerate(parts):
        taken = max(rest, -part.value - shares[n]) if rest else ZERO
        shares[n] += taken
        rest -= taken
    return shares, rest
