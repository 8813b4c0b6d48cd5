"""What of an invoice is not paid and not owed any more: the tax in it, and how much discount is left.

Rule: docs/rules/settling.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from o2c_tui.money import Rounding, round_to, share_of, split

ZERO = Decimal(0)


@dataclass(frozen=True)
class TaxShare:
    """What stands at one tax code and rate: tax included, and the tax in it. `rate` 0.2 is 20 %."""

    code: str
    rate: Decimal
    gross: Decimal
    tax: Decimal


def tax_shares(
    left: Sequence[TaxShare], amount: Decimal, digits: int, rounding: Rounding = Rounding.HALF_UP
) -> tuple[TaxShare, ...]:
    """An amount, tax included, over the rates of an invoice in proportion to what is left of each, to the cent.

    The odd cents go to the largest remainders. Tax goes with its amount, pro rata; who takes all that is left of a rate
    takes all its tax, so that several parts of an invoice hold together the tax that stands on it.
    """
    whole = sum((share.gross for share in left), ZERO)
    parts = split(min(amount, whole), [share.gross for share in left], digits, rounding)
    return tuple(
        TaxShare(
            share.code,
            share.rate,
            part,
            share_of(share.tax, part, share.gross, digits, rounding) if share.gross else ZERO,
        )
        for share, part in zip(left, parts, strict=True)
    )


def less(left: Sequence[TaxShare], taken: Sequence[TaxShare]) -> tuple[TaxShare, ...]:
    """What is left of each rate once some was taken; a rate that was not there counts from nothing."""
    rest = {(share.code, share.rate): share for share in left}
    for part in taken:
        old = rest.get((part.code, part.rate), TaxShare(part.code, part.rate, ZERO, ZERO))
        rest[part.code, part.rate] = TaxShare(part.code, part.rate, old.gross - part.gross, old.tax - part.tax)
    return tuple(rest.values())


def discount_left(
    amount: Decimal, offered: Decimal, credited: Decimal, taken: Decimal, digits: int, rounding: Rounding
) -> Decimal:
    """How much discount an instalment still has: what was offered, less where part of it was credited, less what was
    taken. Amounts of the instalment: `credited` counts credit notes and write-offs, not payments."""
    if not amount:
        return ZERO
    left = round_to(offered * max(amount - credited, ZERO) / amount, digits, rounding)
    return max(left - taken, ZERO)
