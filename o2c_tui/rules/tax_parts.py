"""Several taxes on one line, as the line keeps them: which, at what rates, and how much of its tax each is.

They are written as JSON, [[code, rate, tax], …] with a fourth 1 on a compound one, and add up to the line's tax. A line of
one tax has none. Rule: docs/rules/tax.md, "Several taxes".
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from o2c_tui.money import Rounding, share_of, split
from o2c_tui.rules.pricing import TaxPart
from o2c_tui.rules.tax import TaxGroup

ZERO = Decimal(0)


@dataclass(frozen=True)
class TaxShare:
    """One of a line's several taxes, with its part of the line's tax."""

    code: str
    rate: Decimal
    tax: Decimal
    compound: bool = False

    @property
    def part(self) -> TaxPart:
        """Which tax it is."""
        return TaxPart(self.code, self.rate, self.compound)


def read_parts(text: str) -> tuple[TaxShare, ...]:
    """The taxes of a line as it keeps them; none where it has one tax of its own.

    Raises:
        ValueError: the text is none of ours.
    """
    if not text:
        return ()
    try:
        return tuple(TaxShare(row[0], Decimal(row[1]), Decimal(row[2]), len(row) > 3) for row in json.loads(text))
    except (TypeError, IndexError, ArithmeticError) as error:
        raise ValueError(text) from error


def taxes_in(text: str) -> tuple[TaxPart, ...]:
    """Which taxes a line bears, of its own text."""
    return tuple(share.part for share in read_parts(text))


def write_parts(taxes: Sequence[TaxPart], shares: Sequence[Decimal] = ()) -> str:
    """Taxes with their shares as a line keeps them; without shares each has none yet."""
    if not taxes:
        return ""
    rows: list[list[str | int]] = []
    for part, tax in zip(taxes, shares or [ZERO] * len(taxes), strict=True):
        rows.append([part.code, f"{part.rate.normalize():f}", f"{tax:f}", *([1] if part.compound else [])])
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def part_of(
    text: str,
    done: Sequence[Decimal],
    part: Decimal,
    left: Decimal,
    digits: int,
    rounding: Rounding = Rounding.HALF_UP,
) -> str:
    """The taxes of part of a line of which `done` was taken: each a share of what is left of it, the last takes the cents."""
    told = read_parts(text)
    done = done or [ZERO] * len(told)
    shares = [
        share_of(share.tax - taken, part, left, digits, rounding) for share, taken in zip(told, done, strict=True)
    ]
    return write_parts([share.part for share in told], shares)


def spread(text: str, tax: Decimal, digits: int, rounding: Rounding = Rounding.HALF_UP) -> str:
    """The taxes of a line whose tax is another (a credit by amount): spread like its own, by the largest remainder."""
    told = read_parts(text)
    return write_parts([share.part for share in told], split(tax, [share.tax for share in told], digits, rounding))


def left_in(text: str, taken: Sequence[Decimal]) -> str:
    """The taxes of a line as it keeps them, each less what was taken of it."""
    told = read_parts(text)
    taken = taken or [ZERO] * len(told)
    return write_parts(
        [share.part for share in told], [share.tax - gone for share, gone in zip(told, taken, strict=True)]
    )


def joined(texts: Iterable[str]) -> str:
    """The taxes of several lines that bear the same ones, as one line would keep them: each with the sum of its shares."""
    told = [shares for text in texts if (shares := read_parts(text))]
    if not told:
        return ""
    sums = [sum(taxes, ZERO) for taxes in zip(*([share.tax for share in shares] for shares in told), strict=True)]
    return write_parts([share.part for share in told[0]], sums)


def sum_of(text: str) -> Decimal:
    """What the taxes of a line come to."""
    return sum((share.tax for share in read_parts(text)), ZERO)


def groups_of(lines: Iterable[Mapping[str, Any]]) -> tuple[TaxGroup, ...]:
    """Each tax at each rate that stored lines bear, in their order: what it was taken on, and what it is."""
    told: dict[tuple[str, Decimal], tuple[Decimal, Decimal]] = {}
    for line in lines:
        own = TaxShare(line["tax_code"], line["tax_rate"], line["tax"])
        earlier = ZERO
        for share in read_parts(line.get("tax_parts", "")) or (own,):
            net, tax = told.get((share.code, share.rate), (ZERO, ZERO))
            base = line["net"] + (earlier if share.compound else ZERO)
            told[share.code, share.rate] = (net + base, tax + share.tax)
            earlier += share.tax
    return tuple(TaxGroup(code, rate, *sums) for (code, rate), sums in told.items())
