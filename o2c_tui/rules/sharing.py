"""Scarce stock shared among those who wait: in their turn, or each the same part of what it lacks.

Rule: docs/rules/stock.md, "Who waits".
"""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

ZERO = Decimal(0)


def in_turn(available: Decimal, wants: Sequence[Decimal]) -> list[Decimal]:
    """Who comes first gets all it wants, as far as it goes."""
    left, shares = max(available, ZERO), []
    for want in wants:
        part = min(want, left)
        shares.append(part)
        left -= part
    return shares


def fairly(available: Decimal, wants: Sequence[Decimal], *, step: Decimal = Decimal(1)) -> list[Decimal]:
    """Each gets the same part of what it wants, in multiples of `step`; what that leaves over goes by the largest
    remainder, the earlier first. Nobody gets more than it wants, and nothing is left while somebody still wants."""
    there, whole = max(available, ZERO), sum(wants, ZERO)
    if there >= whole:
        return list(wants)
    exact = [want * there / whole for want in wants]
    shares = [(part / step).to_integral_value(ROUND_FLOOR) * step for part in exact]
    order = sorted(range(len(wants)), key=lambda n: (shares[n] - exact[n], n))
    left = there - sum(shares, ZERO)
    while left > ZERO:
        before = left
        for n in order:
            part = min(step, left, wants[n] - shares[n])
            if part > ZERO:
                shares[n] += part
                left -= part
            if not left:
                break
        if left == before:
            break
    return shares
