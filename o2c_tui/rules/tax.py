"""Tax and totals of a document: the one sum behind the editor, the verb and the printed page.

By document (EN 16931): the lines that bear one tax at one rate are added, then taxed and rounded once. By line: each
line's tax is rounded, then added. Of several taxes on a line each is reckoned so; a compound one on the amount with the
taxes before it, as they are shown. A price that includes tax is taken apart so that net and tax give back the price.
Each line carries its share of the document's discount and of each tax, so every sum shown is the sum of what is shown.
Rule: docs/rules/tax.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from o2c_tui.money import Rounding, round_to, round_to_step, split
from o2c_tui.rules.pricing import HUNDRED, LineInput, TaxPart, line_amount

ZERO = Decimal(0)
ONE = Decimal(1)


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
    parts: tuple[Decimal, ...] = ()  # of several taxes: each one's, in their order; they add up to `tax`


@dataclass(frozen=True)
class TaxGroup:
    """One tax at one rate; `net` is what it was taken on, so with the taxes before it where it is compound."""

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
    gross: Decimal  # net + tax + cash difference
    discount: Decimal
    cash_difference: Decimal = ZERO


def taxes_of(line: LineInput) -> tuple[TaxPart, ...]:
    """The taxes of a line, in their order; one of its own where it has not several."""
    return line.taxes or (TaxPart(line.tax_code, line.tax_rate),)


def shares_of_net(taxes: Sequence[TaxPart]) -> list[Decimal]:
    """What each tax comes to of one unit of net, not rounded; a compound one on net and the taxes before it."""
    shares: list[Decimal] = []
    for part in taxes:
        shares.append(part.rate * (ONE + sum(shares, ZERO)) if part.compound else part.rate)
    return shares


def totals(
    lines: Sequence[LineInput],
    *,
    prices_include_tax: bool,
    tax_rounding: TaxRounding,
    digits: int,
    rounding: Rounding = Rounding.HALF_UP,
    document_discount_percent: Decimal = ZERO,
    document_discount_amount: Decimal = ZERO,
    cash_step: Decimal = ZERO,
) -> DocumentTotals:
    """Add up a document. Amounts in its currency, rounded to `digits`, the total to `cash_step`."""
    amounts = [line_amount(line, digits, rounding) for line in lines]
    before = sum(amounts, ZERO)
    discount = round_to(before * document_discount_percent / HUNDRED, digits, rounding) + document_discount_amount
    bases = amounts
    if discount:
        bases = [
            amount - part for amount, part in zip(amounts, split(discount, amounts, digits, rounding), strict=True)
        ]
    included = [prices_include_tax if line.tax_included is None else line.tax_included for line in lines]
    parts = line_taxes(lines, included, bases, bases, tax_rounding, digits, rounding)
    taxes = [sum(told, ZERO) for told in parts]
    nets = [base - tax if within else base for base, tax, within in zip(bases, taxes, included, strict=True)]
    rows = tuple(
        LineTotals(amount, net, tax, net + tax, tuple(told) if line.taxes else ())
        for line, amount, net, tax, told in zip(lines, amounts, nets, taxes, parts, strict=True)
    )
    return summed_up(lines, rows, discount, cash_step, digits, rounding)


def summed_up(
    lines: Sequence[LineInput],
    rows: tuple[LineTotals, ...],
    discount: Decimal,
    cash_step: Decimal,
    digits: int,
    rounding: Rounding,
) -> DocumentTotals:
    """The sums of lines whose shares are known: each tax at each rate, net, tax, and the total in cash steps."""
    told: dict[tuple[str, Decimal], tuple[Decimal, Decimal]] = {}
    for line, row in zip(lines, rows, strict=True):
        earlier = ZERO
        for part, tax in zip(taxes_of(line), row.parts or (row.tax,), strict=True):
            net, whole = told.get((part.code, part.rate), (ZERO, ZERO))
            told[part.code, part.rate] = (net + row.net + (earlier if part.compound else ZERO), whole + tax)
            earlier += tax
    net, tax = sum((row.net for row in rows), ZERO), sum((row.tax for row in rows), ZERO)
    gross = round_to_step(net + tax, cash_step, digits, rounding) if cash_step else net + tax
    groups = tuple(TaxGroup(code, rate, *sums) for (code, rate), sums in told.items())
    return DocumentTotals(rows, groups, net, tax, gross, discount, gross - net - tax)


@dataclass
class _Group:
    """The lines that bear one tax at one rate: their places, and which of their taxes it is."""

    rate: Decimal
    members: list[tuple[int, int]] = field(default_factory=list)


def line_taxes(
    lines: Sequence[LineInput],
    included: Sequence[bool],
    bases: Sequence[Decimal],
    taxable: Sequence[Decimal],
    mode: TaxRounding,
    digits: int,
    rounding: Rounding,
    done: Sequence[Sequence[Decimal]] = (),
) -> list[list[Decimal]]:
    """Each tax of each line, of `bases` in the line's price basis; by document, what rounding to the cent gives a tax
    goes to its lines by the largest remainder.

    Where part of the lines is invoiced already, `taxable` are the bases of the whole and `done` the taxes invoiced of it:
    what is left of each tax goes to the lines that have a base left.
    """
    parts = [[ZERO] * len(taxes_of(line)) for line in lines]
    done = done or [tuple(told) for told in parts]
    if mode is TaxRounding.LINE:
        for n, line in enumerate(lines):
            parts[n] = _of_one(taxes_of(line), bases[n], included[n], digits, rounding)
        return parts
    whole = [list(told) for told in done]  # each line's taxes with what is invoiced of them
    for (taxes, within), places in _composites(lines, included).items():
        if within:
            _within(taxes, places, bases, taxable, done, parts, digits, rounding)
    for group in _on_top(lines, included):
        of = [taxable[n] + _earlier(lines[n], whole[n], k) for n, k in group.members]
        left = _left(round_to(sum(of, ZERO) * group.rate, digits, rounding), [done[n][k] for n, k in group.members])
        open_ = [(n, k) for n, k in group.members if bases[n]]
        weights = [bases[n] + _earlier(lines[n], parts[n], k) for n, k in open_]
        for (n, k), share in zip(open_, split(left, weights, digits, rounding), strict=True):
            parts[n][k] = share
            whole[n][k] += share
    return parts


def _left(whole: Decimal, done: Sequence[Decimal]) -> Decimal:
    """What is left of a tax; it never turns its sign where cents were invoiced beyond it."""
    return max(whole - sum(done, ZERO), ZERO) if any(done) else whole


def _of_one(taxes: Sequence[TaxPart], base: Decimal, within: bool, digits: int, rounding: Rounding) -> list[Decimal]:
    """The taxes of one line, rounded by line."""
    shares = shares_of_net(taxes)
    together = sum(shares, ZERO)
    if within:
        whole = round_to(base * together / (ONE + together), digits, rounding)
        return split(whole, shares, digits, rounding) if together else [ZERO] * len(taxes)
    told: list[Decimal] = []
    for part in taxes:
        told.append(round_to((base + (sum(told, ZERO) if part.compound else ZERO)) * part.rate, digits, rounding))
    return told


def _composites(
    lines: Sequence[LineInput], included: Sequence[bool]
) -> dict[tuple[tuple[TaxPart, ...], bool], list[int]]:
    """The places of the lines that bear the same taxes."""
    found: dict[tuple[tuple[TaxPart, ...], bool], list[int]] = {}
    for n, line in enumerate(lines):
        found.setdefault((taxes_of(line), included[n]), []).append(n)
    return found


def _within(
    taxes: Sequence[TaxPart],
    places: Sequence[int],
    bases: Sequence[Decimal],
    taxable: Sequence[Decimal],
    done: Sequence[Sequence[Decimal]],
    parts: list[list[Decimal]],
    digits: int,
    rounding: Rounding,
) -> None:
    """Take the taxes of lines whose prices include them out of the sum of the prices, once."""
    shares = shares_of_net(taxes)
    together = sum(shares, ZERO)
    if not together:
        return
    base = sum((taxable[n] for n in places), ZERO)
    whole = base - round_to(base / (ONE + together), digits, rounding)
    open_ = [n for n in places if bases[n]]
    for k, tax in enumerate(split(whole, shares, digits, rounding)):
        left = _left(tax, [done[n][k] for n in places])
        for n, share in zip(open_, split(left, [bases[n] for n in open_], digits, rounding), strict=True):
            parts[n][k] = share


def _on_top(lines: Sequence[LineInput], included: Sequence[bool]) -> list[_Group]:
    """The taxes put on prices without tax, those first on which compound ones are taken."""
    groups: dict[tuple[int, str, Decimal], _Group] = {}
    for n, line in enumerate(lines):
        if included[n]:
            continue
        depth = 0
        for k, part in enumerate(taxes_of(line)):
            depth += part.compound
            if part.rate:
                key = (depth if part.compound else 0, part.code, part.rate)
                groups.setdefault(key, _Group(part.rate)).members.append((n, k))
    return [group for _, group in sorted(groups.items(), key=lambda pair: pair[0][0])]


def _earlier(line: LineInput, told: Sequence[Decimal], k: int) -> Decimal:
    """The taxes of a line before its k-th one, where that is taken on them too."""
    return sum(told[:k], ZERO) if taxes_of(line)[k].compound else ZERO
