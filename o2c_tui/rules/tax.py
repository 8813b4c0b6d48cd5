"""Tax and totals of a document: the one sum behind the editor, the verb and the printed page.

By document (EN 16931): the lines of one tax code and rate are added, then taxed and rounded once. By line: each line's
tax is rounded, then added. A price that includes tax is taken apart so that net and tax give back the price. Each
line carries its share of the document's discount and of its group's tax, so every sum shown is the sum of what is
shown. Rule: docs/rules/tax.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from o2c_tui.money import Rounding, round_to, split
from o2c_tui.rules.pricing import HUNDRED, LineInput, line_amount

ZERO = Decimal(0)


class TaxRounding(StrEnum):
    """Where tax is rounded."""

    DOCUMENT = "document"
    LINE = "line"


@dataclass(frozen=True)
class LineTotals:
    """One line: its amount in its price basis before the document's discount, and its share of net and tax."""

    amount: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal


@dataclass(frozen=True)
class TaxGroup:
    """The lines of one tax code and rate."""

    code: str
    rate: Decimal
    net: Decimal
    tax: Decimal


@dataclass(frozen=True)
class DocumentTotals:
    """A document's sums; `discount` is the document's own, already spread over the lines."""

    lines: tuple[LineTotals, ...]
    groups: tuple[TaxGroup, ...]
    net: Decimal
    tax: Decimal
    gross: Decimal
    discount: Decimal


def totals(
    lines: Sequence[LineInput],
    *,
    prices_include_tax: bool,
    tax_rounding: TaxRounding,
    digits: int,
    rounding: Rounding = Rounding.HALF_UP,
    document_discount_percent: Decimal = ZERO,
    document_discount_amount: Decimal = ZERO,
) -> DocumentTotals:
    """Add up a document. Amounts in its currency, rounded to `digits`."""
    amounts = [line_amount(line, digits, rounding) for line in lines]
    before = sum(amounts, ZERO)
    discount = round_to(before * document_discount_percent / HUNDRED, digits, rounding) + document_discount_amount
    bases = amounts
    if discount:
        bases = [
            amount - part for amount, part in zip(amounts, split(discount, amounts, digits, rounding), strict=True)
        ]
    nets, taxes = [ZERO] * len(lines), [ZERO] * len(lines)
    groups: dict[tuple[str, Decimal, bool], list[int]] = {}
    for n, line in enumerate(lines):
        included = prices_include_tax if line.tax_included is None else line.tax_included
        groups.setdefault((line.tax_code, line.tax_rate, included), []).append(n)
    for (_, rate, included), members in groups.items():
        own = [bases[n] for n in members]
        for n, net, tax in zip(members, *_group(own, rate, included, tax_rounding, digits, rounding), strict=True):
            nets[n], taxes[n] = net, tax
    told: dict[tuple[str, Decimal], tuple[Decimal, Decimal]] = {}
    for n, line in enumerate(lines):
        net, tax = told.get((line.tax_code, line.tax_rate), (ZERO, ZERO))
        told[line.tax_code, line.tax_rate] = (net + nets[n], tax + taxes[n])
    rows = tuple(LineTotals(a, n, t, n + t) for a, n, t in zip(amounts, nets, taxes, strict=True))
    net, tax = sum(nets, ZERO), sum(taxes, ZERO)
    return DocumentTotals(
        rows, tuple(TaxGroup(code, rate, *sums) for (code, rate), sums in told.items()), net, tax, net + tax, discount
    )


def _group(
    bases: Sequence[Decimal], rate: Decimal, included: bool, mode: TaxRounding, digits: int, rounding: Rounding
) -> tuple[list[Decimal], list[Decimal]]:
    """Net and tax of each line of one rate."""
    if not rate:
        return list(bases), [ZERO] * len(bases)
    if mode is TaxRounding.LINE:
        taxes = [round_to(base * rate / (1 + rate) if included else base * rate, digits, rounding) for base in bases]
    else:
        base = sum(bases, ZERO)
        whole = (
            base - round_to(base / (1 + rate), digits, rounding)
            if included
            else round_to(base * rate, digits, rounding)
        )
        taxes = split(whole, bases, digits, rounding)
    nets = [base - tax for base, tax in zip(bases, taxes, strict=True)] if included else list(bases)
    return nets, taxes
