"""Out of which bins and lots goods are taken: what expires first goes first, then bins in the order of the walk.

Rule: docs/rules/places.md, "What is picked".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True)
class Lying:
    """What of an item lies in one place; 0 stands for no bin, no lot."""

    location_id: int
    lot_id: int
    quantity: Decimal
    location: str = ""
    lot: str = ""
    pick_order: int = 0
    expires_on: date | None = None


@dataclass(frozen=True)
class Part:
    """What of a movement lies (or lay) in one place."""

    location_id: int
    lot_id: int
    quantity: Decimal


Parts = tuple[Part, ...]


def in_order(lying: Iterable[Lying], *, bins_first: bool) -> list[Lying]:
    """Places in the order in which goods are taken: earliest expiry, then the walk through the bins.

    What lies in no bin comes last where bins are walked, and first where nobody named a bin.
    """
    return sorted(
        lying,
        key=lambda p: (
            p.expires_on is None,
            p.expires_on or date.max,
            (p.location_id == 0) == bins_first,
            p.pick_order,
            p.location,
            p.lot,
        ),
    )


def taken(lying: Iterable[Lying], wanted: Decimal) -> tuple[Parts, Decimal]:
    """A quantity out of places in their order; and what they lack for it."""
    parts, left = [], wanted
    for place in lying:
        part = min(left, place.quantity)
        if part > ZERO:
            parts.append(Part(place.location_id, place.lot_id, part))
            left -= part
    return tuple(parts), left


def spread(parts: Iterable[Part], quantities: Iterable[Decimal]) -> list[Parts]:
    """The places of a whole handed out over its pieces, in their order; what the places do not cover stays without one."""
    queue = [[part, part.quantity] for part in parts]
    found: list[Parts] = []
    for quantity in quantities:
        mine, left = [], quantity
        while left > ZERO and queue:
            part, there = queue[0]
            assert isinstance(part, Part)
            assert isinstance(there, Decimal)
            take = min(left, there)
            mine.append(Part(part.location_id, part.lot_id, take))
            left -= take
            if take == there:
                queue.pop(0)
            else:
                queue[0][1] = there - take
        found.append(tuple(mine))
    return found
