"""When goods come for those who wait for them, served in their turn. Rule: docs/rules/stock.md, "Who waits"."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


def expected_days(wants: Sequence[Decimal], supply: Sequence[tuple[date, Decimal]]) -> list[date | None]:
    """The day on which the last of each want is there: what comes first goes to who stands first.

    `supply` is in the order of its days; None: nobody knows. Who wants nothing has it on the first day.
    """
    found: list[date | None] = []
    there, at = ZERO, -1  # supplied up to and with entry `at`
    needed = ZERO
    for want in wants:
        needed += max(want, ZERO)
        while there < needed and at + 1 < len(supply):
            at += 1
            there += max(supply[at][1], ZERO)
        if want <= ZERO:
            found.append(supply[0][0] if supply else None)
        else:
            found.append(supply[at][0] if there >= needed else None)
    return found


def is_late(promised_on: date | None, expected_on: date | None) -> bool:
    """After its promise, or promised and nobody knows when."""
    return promised_on is not None and (expected_on is None or expected_on > promised_on)
