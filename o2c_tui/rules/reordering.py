"""When an item is to be bought, and how much of it. Quantities in stock units. Rule: docs/rules/purchasing.md, "Reordering"."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

ZERO = Decimal(0)


@dataclass(frozen=True)
class Outlook:
    """One item in one warehouse as buying sees it."""

    available: Decimal  # on hand less reserved
    incoming: Decimal  # ordered from suppliers or under way here
    back_ordered: Decimal  # confirmed to customers, neither delivered nor reserved

    @property
    def projected(self) -> Decimal:
        """What will be there once all that is ordered has come and gone."""
        return self.available + self.incoming - self.back_ordered


def is_due(projected: Decimal, point: Decimal) -> bool:
    """At or below the reorder point; without a point, once more is promised than will come."""
    return projected <= point if point > ZERO else projected < ZERO


def worth(lines: Iterable[tuple[str, Decimal, Decimal]]) -> dict[str, Decimal]:
    """What so much of each costs, by currency, from (currency, price, quantity); not rounded, since orders will be."""
    total: dict[str, Decimal] = {}
    for currency, price, quantity in lines:
        if price and quantity:
            total[currency] = total.get(currency, ZERO) + price * quantity
    return total


def to_buy(
    projected: Decimal, point: Decimal, target: Decimal, *, pack: Decimal = ZERO, minimum: Decimal = ZERO
) -> Decimal:
    """How much brings an item that is due up to its target, in whole packs and not below the minimum.

    Without a target above the point it is brought just above the point: at the point it would be due again.
    """
    wanted = (target if target > point else point + (1 if point > ZERO else 0)) - projected
    if wanted <= ZERO:
        wanted = pack or Decimal(1)
    wanted = max(wanted, minimum)
    return (wanted / pack).to_integral_value(ROUND_CEILING) * pack if pack else wanted
