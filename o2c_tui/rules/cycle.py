"""Which items are counted how often: A, B and C by what was used of them in a year. Rule: docs/rules/stocktake.md."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal(0)


class Class(StrEnum):
    """How much of the year's use an item stands for."""

    A = "A"
    B = "B"
    C = "C"


SHARES = ((Class.A, Decimal("0.8")), (Class.B, Decimal("0.95")))  # of the whole, upper ends
DAYS = {Class.A: 30, Class.B: 90, Class.C: 365}  # counted again after


def classes(used: Mapping[int, Decimal]) -> dict[int, Class]:
    """The class of each item by the value used of it: the dearest that make 80 % are A, up to 95 % B, the rest C.

    An item belongs to the class in which its share begins; one of which nothing was used is C.
    """
    whole = sum(used.values(), ZERO)
    found, before = {}, ZERO
    for item, value in sorted(used.items(), key=lambda pair: (-pair[1], pair[0])):
        reached = next((name for name, end in SHARES if before < whole * end), Class.C)
        found[item] = reached if value > ZERO else Class.C
        before += value
    return found


def due_on(kind: Class, last: date | None) -> date:
    """The day an item is to be counted again; one never counted is long due."""
    return date.min if last is None else last + timedelta(days=DAYS[kind])
