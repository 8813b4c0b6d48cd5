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
from o2c_tui.rules.tax import DocumentTotals, LineTotals, TaxRounding, line_taxes, summed_up, totals

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
    billed_parts: tuple[Decimal, ...] = ()  # of several taxes: what is invoiced of each

    @property
    def done(self) -> tuple[Decimal, ...]:
        """What is invoiced of each of its taxes."""
        if not self.line.taxes:
            return (self.billed_tax,)
        return self.billed_parts or (ZERO,) * len(self.line.taxes)

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
    cash_step: Decimal = ZERO,
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
            cash_step=cash_step,
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
    whole = [before + part for before, part in zip(done, rest, strict=True)]
    told = line_taxes(
        [x.line for x in lines], included, rest, whole, tax_rounding, digits, rounding, [x.done for x in lines]
    )
    rows = []
    for x, amount, part, fresh_taxes, inc in zip(lines, amounts, rest, told, included, strict=True):
        tax = sum(fresh_taxes, ZERO)
        net = x.billed_net + part - (tax if inc else ZERO)
        parts = tuple(was + now for was, now in zip(x.done, fresh_taxes, strict=True)) if x.line.taxes else ()
        rows.append(LineTotals(amount, net, x.billed_tax + tax, net + x.billed_tax + tax, parts))
    return summed_up([x.line for x in lines], tuple(rows), taken + left, cash_step, digits, rounding)


def _rest(x: AmendedLine, done: Decimal, included: bool, digits: int, rounding: Rounding) -> Decimal:
    """What is left to invoice of a line that is begun, in its price basis, at the rate it had."""
    left = x.line.quantity - x.billed
    if left <= ZERO:
        return ZERO
    before = x.was_net + (x.was_tax if included else ZERO) - done
    if x.was > x.billed:
        return share_of(before, left, x.was - x.billed, digits, rounding)
    return share_of(done, left, x.billed, digits, rounding)
