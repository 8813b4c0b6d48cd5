"""Rounding, splitting and showing money: the one home of each.

Decimal only. Halves go away from zero unless the company chose half-even. Rule: docs/rules/money.md.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import cache

from o2c_tui.errors import BadValueError
from o2c_tui.texts import N_

ZERO = Decimal(0)
MOST_AMOUNT = Decimal(10) ** 12  # of one document; the books' scaled integers hold the sum of hundreds of those


class Rounding(StrEnum):
    """How a half is rounded: away from zero (commercial), or to the even neighbour."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


_MODES = {Rounding.HALF_UP: ROUND_HALF_UP, Rounding.HALF_EVEN: ROUND_HALF_EVEN}


@cache
def _unit(digits: int) -> Decimal:
    return Decimal(1).scaleb(-digits)


def round_to(value: Decimal, digits: int, rounding: Rounding = Rounding.HALF_UP) -> Decimal:
    """`value` with `digits` decimals."""
    return value.quantize(_unit(digits), rounding=_MODES[rounding])


def round_to_step(value: Decimal, step: Decimal, digits: int, rounding: Rounding = Rounding.HALF_UP) -> Decimal:
    """`value` as a multiple of `step` (0.05), with `digits` decimals; a step of nothing is the currency's own digits."""
    if not step:
        return round_to(value, digits, rounding)
    return round_to((value / step).quantize(Decimal(1), rounding=_MODES[rounding]) * step, digits, rounding)


def is_figure(value: Decimal, places: int, most: Decimal) -> bool:
    """Whether a value is a number from 0 to `most` with at most `places` decimals."""
    return value.is_finite() and ZERO <= value <= most and value == round_to(value, places)


def share_of(left: Decimal, part: Decimal, of: Decimal, digits: int, rounding: Rounding = Rounding.HALF_UP) -> Decimal:
    """The share of `part` in what is left for `of`: pro rata, rounded; the last part takes all that is left.

    Shares taken one after the other add up to the whole, and none turns its sign.
    """
    return left if part == of else round_to(left * part / of, digits, rounding)


@cache
def digits_of(currency: str) -> int:
    """How many decimals a currency has, by the CLDR table (JPY 0, EUR 2, KWD 3).

    Raises:
        BadValueError: no such currency.
    """
    from babel import Locale
    from babel.numbers import get_currency_precision

    if currency not in Locale("en").currencies:
        raise BadValueError(
            N_("'{code}' is no currency; give its three letters, as in EUR or CNY."), field="currency", code=currency
        )
    return get_currency_precision(currency)


def split(
    total: Decimal, weights: Sequence[Decimal], digits: int, rounding: Rounding = Rounding.HALF_UP
) -> list[Decimal]:
    """`total` in parts by weight, to the cent, their sum exactly the total: the largest remainders take the odd cents.

    `total` has at most `digits` decimals. Of equal remainders the first parts come first; a negative total is split as
    the mirror of the positive one. Without any weight the last part takes it all.
    """
    if not weights:
        return []
    if total < ZERO:
        return [-part for part in split(-total, weights, digits, rounding)]
    whole = sum(weights, ZERO)
    if not whole:
        return [ZERO] * (len(weights) - 1) + [total]
    unit = _unit(digits)
    exact = [total * weight / whole for weight in weights]
    parts = [round_to(part, digits, rounding) for part in exact]
    cents = int((total - sum(parts, ZERO)) / unit)
    step = unit if cents > 0 else -unit
    by_remainder = sorted(range(len(parts)), key=lambda n: (parts[n] - exact[n], n), reverse=cents < 0)
    for n in by_remainder[: abs(cents)]:
        parts[n] += step
    return parts


def show_money(value: Decimal, digits: int, language: str = "en") -> str:
    """An amount as screens and documents show it: grouped by thousands, always with its decimals."""
    return f"{round_to(value, digits):,f}"


def show_quantity(value: Decimal) -> str:
    """A quantity without trailing zeros, grouped by thousands."""
    whole = value.to_integral_value()
    return f"{whole:,f}" if whole == value else f"{value.normalize():,f}"
