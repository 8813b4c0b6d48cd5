"""What a purchase asks for and how far it has come: packs, and goods received that are neither billed nor sent back.

Rule: docs/rules/purchasing.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from o2c_tui.money import round_to, share_of
from o2c_tui.rules.progress import progress

ZERO = Decimal(0)
PLACES = 6


def in_packs(wanted: Fraction, pack: Fraction, minimum: Fraction) -> Fraction:
    """What a supplier sells when so much is wanted: at least the minimum, in whole packs."""
    least = max(wanted, minimum)
    return -(-least // pack) * pack if pack else least


@dataclass(frozen=True)
class Unsettled:
    """What of a receipt line the supplier has still to bill; below nothing, it has still to credit that.

    Bills and goods sent back settle it, credits unsettle it. Whatever their order, the last one takes the cents left:
    the value is nothing when the quantity is.
    """

    quantity: Decimal
    value: Decimal

    def settled_by(self, part: Decimal, whole: Decimal, worth: Decimal, digits: int) -> Decimal:
        """What of the receipt's value a bill or a return of `part` settles; `whole` was received for `worth`."""
        if part <= self.quantity:
            return share_of(self.value, part, self.quantity, digits)
        more = part - max(self.quantity, ZERO)  # billed and gone back: the supplier will credit it
        return (self.value if self.quantity > ZERO else ZERO) + round_to(worth * more / whole, digits)

    def credited(self, part: Decimal, digits: int) -> Decimal:
        """What a credit of `part` takes back of what the supplier has to credit."""
        return share_of(-self.value, part, -self.quantity, digits)


@dataclass(frozen=True)
class BoughtLine:
    """What became of one line of a purchase order; quantities in its unit."""

    quantity: Decimal
    cancelled: Decimal
    received: Decimal
    returned: Decimal
    billed: Decimal

    @property
    def to_receive(self) -> Decimal:
        """Still to come."""
        return max(ZERO, self.quantity - self.cancelled - self.received)

    def most(self, tolerance: Decimal) -> Decimal:
        """How much may come in at most, with so many percent beyond what was ordered."""
        due = self.quantity - self.cancelled
        return round_to(due + due * tolerance / 100, PLACES) - self.received


def in_line_units(quantity: Decimal, purchased: Decimal, received: Decimal) -> Decimal:
    """A part of a receipt line in the unit of its purchase line: `received` stock units came as `purchased` of those."""
    exact = Fraction(quantity) * Fraction(purchased) / Fraction(received)
    return round_to(Decimal(exact.numerator) / Decimal(exact.denominator), PLACES)


def receipt_progress(lines: Iterable[BoughtLine]) -> str:
    """How far a purchase order has come in: none, partly or fully."""
    told = list(lines)
    if all(line.quantity == line.cancelled for line in told):
        return "none"
    return progress((line.received, line.quantity - line.cancelled) for line in told)


def billing_progress(lines: Iterable[BoughtLine]) -> str:
    """How far a purchase order is billed: of all that is to come or has come, less what went back."""
    told = list(lines)
    if not any(line.billed or line.returned for line in told):
        return "none"
    return progress((line.billed, max(line.quantity - line.cancelled, line.received) - line.returned) for line in told)


def receipt_billing(lines: Iterable[tuple[Decimal, Decimal, Decimal]]) -> str:
    """How far a receipt is billed, from (billed, quantity, returned) of its lines; one that went back whole is so fully."""
    told = list(lines)
    if not any(billed or returned for billed, _, returned in told):
        return "none"
    return progress((billed, quantity - returned) for billed, quantity, returned in told)
