"""Foreign currency: what an amount in it is worth in the company's, and what a published rate means for the books.

A rate is what one unit of a currency is worth in the company's; 0 stands for the company's own. Rule: docs/rules/currency.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from o2c_tui.money import Rounding, round_to, split

ZERO = Decimal(0)
RATE_PLACES = 6
MOST_RATE = Decimal(1_000_000)


@dataclass(frozen=True)
class Currency:
    """The currency of a document: its code and digits, its rate (0: it is the company's own), the company's digits."""

    code: str
    digits: int
    rate: Decimal = ZERO
    own_digits: int = 2

    @property
    def is_foreign(self) -> bool:
        """Whether it is another than the company's."""
        return bool(self.rate)

    def price(self, own: Decimal) -> Decimal:
        """A price of the company's currency in this one: to its digits, and to more where the price itself has more."""
        if not self.rate:
            return own
        finer = max(0, -int(own.normalize().as_tuple().exponent) - self.own_digits)
        return round_to(own / self.rate, min(self.digits + finer, RATE_PLACES))


@dataclass(frozen=True)
class Worth:
    """What a document is worth in the company's currency: its gross is net, tax and cash difference together."""

    gross: Decimal
    net: Decimal
    tax: Decimal
    cash_difference: Decimal = ZERO


def in_base(amount: Decimal, rate: Decimal, digits: int, rounding: Rounding = Rounding.HALF_UP) -> Decimal:
    """An amount in the company's currency, to its `digits`; without a rate it is in it already."""
    return round_to(amount * rate, digits, rounding) if rate else amount


def tax_worth(tax: Decimal, worth: Decimal, amount: Decimal, digits: int, rounding: Rounding) -> Decimal:
    """The tax in an adjustment in the company's currency, where its whole amount is worth `worth`."""
    return round_to(tax * worth / amount, digits, rounding) if amount else ZERO


def worth_of(
    gross: Decimal,
    tax: Decimal,
    cash_difference: Decimal,
    rate: Decimal,
    digits: int,
    rounding: Rounding = Rounding.HALF_UP,
) -> Worth:
    """A document's figures in the company's currency: gross, tax and cash difference by the rate, the net is the rest."""
    told = (in_base(part, rate, digits, rounding) for part in (gross, tax, cash_difference))
    whole, due, cash = told
    return Worth(whole, whole - due - cash, due, cash)


def with_deposits(worth: Worth, net: Decimal, tax: Decimal) -> Worth:
    """What an invoice's own lines are worth, where deposits of a net and tax are taken off it: those count as then."""
    return Worth(worth.gross + net + tax, worth.net + net, worth.tax + tax, worth.cash_difference)


def shared(
    worth: Worth, nets: Sequence[Decimal], taxes: Sequence[Decimal], digits: int, rounding: Rounding = Rounding.HALF_UP
) -> list[tuple[Decimal, Decimal]]:
    """Each line's part of a document's net and tax in the company's currency; they add up to the cent."""
    net, tax = split(worth.net, nets, digits, rounding), split(worth.tax, taxes, digits, rounding)
    return list(zip(net, tax, strict=True))


def crossed(per_euro: Mapping[str, Decimal], own: str, wanted: Iterable[str] = ()) -> dict[str, Decimal]:
    """Rates of the books from published ones (units of each currency for one euro): by way of the euro where the
    company's currency is another. Exact to 6 places; what is worth nothing then, and what is not known, is left out.

    `wanted` names the currencies; without any it is all of them.
    """
    euro = {**per_euro, "EUR": Decimal(1)}
    if own not in euro:
        return {}
    chosen = [code for code in (wanted or sorted(euro)) if code in euro and code != own]
    rates = {code: round_to(euro[own] / euro[code], RATE_PLACES) for code in chosen if euro[code] > ZERO}
    return {code: rate for code, rate in rates.items() if ZERO < rate <= MOST_RATE}


@dataclass(frozen=True)
class RateOn:
    """What one unit of a currency is worth in the company's from a day on."""

    currency: str
    valid_on: date
    rate: Decimal


@dataclass(frozen=True)
class PublishedDay:
    """What a bank published for a day: how many units of each currency make one euro."""

    day: date
    per_euro: Mapping[str, Decimal]
