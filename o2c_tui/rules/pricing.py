"""The amount of one line: quantity × price less its discounts, rounded once. Rule: docs/rules/money.md."""

from dataclasses import dataclass
from decimal import Decimal

from o2c_tui.money import Rounding, round_to

ZERO = Decimal(0)
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class TaxPart:
    """One of several taxes on a line; a compound one is taken on the amount with the taxes before it."""

    code: str
    rate: Decimal
    compound: bool = False


@dataclass(frozen=True)
class LineInput:
    """What a line's amount and tax follow from; 5 percent is 5, a rate of 20 % is 0.2.

    Of several taxes (`taxes`), `tax_rate` is what they come to together.
    """

    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal = ZERO
    discount_amount: Decimal = ZERO
    tax_code: str = ""
    tax_rate: Decimal = ZERO
    tax_included: bool | None = None  # None: as the document's prices
    taxes: tuple[TaxPart, ...] = ()  # empty: one tax of `tax_code` at `tax_rate`


def line_amount(line: LineInput, digits: int, rounding: Rounding = Rounding.HALF_UP) -> Decimal:
    """The line's amount in the document's price basis: round(quantity × price × (1 − discount)) − discount amount."""
    full = line.quantity * line.unit_price
    if line.discount_percent:
        full = full * (HUNDRED - line.discount_percent) / HUNDRED
    return round_to(full, digits, rounding) - line.discount_amount
