"""The totals of an order that is amended while part of it is invoiced.

What was invoiced stays as it was invoiced, to the cent; only the rest is reckoned anew. A line that is begun keeps its
rate (its price, and its share of the order's discount) for what is left of it; lines of which nothing is invoiced
share what is left of the order's discount, and all that is left shares the tax that is left. So the invoices of the
order still add up to it. Rule: docs/rules/orders.md, "Amending".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from o2c_tui.money import Rounding, round_to, share_of, split
from o2c_tui.rules.pricing import HUNDRED, LineInput, line_amount
from o2c_tui.rules.tax import DocumentTotals, LineTotals, TaxGroup, TaxRounding, totals

ZERO = Decimal(0)


@dataclass(frozen=True)
class AmendedLine:
    """One line as it shall be, what of it is invoiced (less what was credited to be billed again), and what it was."""

    line: LineInput
    billed: Decimal = ZERO  # quantity
    billed_net: Decimal = ZERO
    billed_tax: Decimal = ZERO
    was: Decimal = ZERO  # quantity before
    was_net: Decimal = ZERO
    was_tax: Decimal = ZERO

    @property
    def begun(self) -> bool:
        """Whether anything of it is invoiced."""
        return bool(self.billed or self.billed_net or self.billed_tax)


def amended_totals(
    lines: Sequence[AmendedLine],
    *,
    prices_include_tax: bool,
    tax_rounding: TaxRounding,
    digits: int,
    rounding: Rounding = Rounding.HALF_UP,
    document_discount_percent: Decimal = ZERO,
    document_discount_amount: Decimal = ZERO,
) -> DocumentTotals:
    """Add an amended order up. As `rules.tax.totals`, and the same where nothing is invoiced."""
    if not any(line.begun for line in lines):
        return totals(
            [line.line for line in lines],
            prices_include_tax=prices_include_tax,
            tax_rounding=tax_rounding,
            digits=digits,
            rounding=rounding,
            document_discount_percent=document_discount_percent,
            document_discount_amount=document_discount_amount,
        )
    included = [prices_include_tax if x.line.tax_included is None else x.line.tax_included for x in lines]
    amounts = [line_amount(x.line, digits, rounding) for x in lines]
    done = [x.billed_net + (x.billed_tax if inc else ZERO) for x, inc in zip(lines, included, strict=True)]
    rest = [
        _rest(x, before, inc, digits, rounding) if x.begun else amount
        for x, amount, before, inc in zip(lines, amounts, done, included, strict=True)
    ]
    discount = round_to(sum(amounts, ZERO) * document_discount_percent / HUNDRED, digits, rounding)
    discount += document_discount_amount
    begun = [n for n, x in enumerate(lines) if x.begun]
    fresh = [n for n, x in enumerate(lines) if not x.begun]
    taken = sum((amounts[n] - done[n] - rest[n] for n in begun), ZERO)
    left = min(max(discount - taken, ZERO), sum((amounts[n] for n in fresh), ZERO))
    if left:
        for n, part in zip(fresh, split(left, [amounts[n] for n in fresh], digits, rounding), strict=True):
            rest[n] -= part
    taxes = _taxes(lines, included, done, rest, tax_rounding, digits, rounding)
    nets = [
        x.billed_net + part - (tax if inc else ZERO)
        for x, part, tax, inc in zip(lines, rest, taxes, included, strict=True)
    ]
    rows = tuple(
        LineTotals(amount, net, x.billed_tax + tax, net + x.billed_tax + tax)
        for x, amount, net, tax in zip(lines, amounts, nets, taxes, strict=True)
    )
    told: dict[tuple[str, Decimal], tuple[Decimal, Decimal]] = {}
    for x, row in zip(lines, rows, strict=True):
        net, tax = told.get((x.line.tax_code, x.line.tax_rate), (ZERO, ZERO))
        told[x.line.tax_code, x.line.tax_rate] = (net + row.net, tax + row.tax)
    net, tax = sum((row.net for row in rows), ZERO), sum((row.tax for row in rows), ZERO)
    groups = tuple(TaxGroup(code, rate, *sums) for (code, rate), sums in told.items())
    return DocumentTotals(rows, groups, net, tax, net + tax, taken + left)


def _rest(x: AmendedLine, done: Decimal, included: bool, digits: int, rounding: Rounding) -> Decimal:
    """What is left to invoice of a line that is begun, in its price basis, at the rate it had."""
    left = x.line.quantity - x.billed
    if left <= ZERO:
        return ZERO
    before = x.was_net + (x.was_tax if included else ZERO) - done
    if x.was > x.billed:
        return share_of(before, left, x.was - x.billed, digits, rounding)
    return share_of(done, left, x.billed, digits, rounding)


def _taxes(
    lines: Sequence[AmendedLine],
    included: Sequence[bool],
    done: Sequence[Decimal],
    rest: Sequence[Decimal],
    mode: TaxRounding,
    digits: int,
    rounding: Rounding,
) -> list[Decimal]:
    """The tax of what is left of each line."""
    taxes = [ZERO] * len(lines)
    groups: dict[tuple[str, Decimal, bool], list[int]] = {}
    for n, x in enumerate(lines):
        groups.setdefault((x.line.tax_code, x.line.tax_rate, included[n]), []).append(n)
    for (_, rate, inc), members in groups.items():
        open_ = [n for n in members if rest[n]]
        if not rate or not open_:
            continue
        if mode is TaxRounding.LINE:
            for n in open_:
                taxes[n] = round_to(rest[n] * rate / (1 + rate) if inc else rest[n] * rate, digits, rounding)
            continue
        base = sum((done[n] + rest[n] for n in members), ZERO)
        whole = base - round_to(base / (1 + rate), digits, rounding) if inc else round_to(base * rate, digits, rounding)
        left = max(whole - sum((lines[n].billed_tax for n in members), ZERO), ZERO)
        for n, part in zip(open_, split(left, [rest[n] for n in open_], digits, rounding), strict=True):
            taxes[n] = part
    return taxes
