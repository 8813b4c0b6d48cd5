"""Deposits: what is asked for ahead, shared over the taxes of an order, and taken off later without a cent lost.

Rule: docs/rules/invoices.md, "Deposits".
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from o2c_tui.money import Rounding, round_to, share_of, split

ZERO = Decimal(0)
Amounts = tuple[Decimal, Decimal]  # net and tax


def shared_deposit(
    amount: Decimal, groups: Sequence[Amounts], digits: int, rounding: Rounding = Rounding.HALF_UP
) -> list[Amounts]:
    """Net and tax of a deposit of `amount` (tax included) for each tax of an order, in proportion to the order.

    The parts add up to the amount to the cent; of a deposit of the whole order each is the order's own.
    """
    totals = [net + tax for net, tax in groups]
    found = []
    for part, (net, tax) in zip(split(amount, totals, digits), groups, strict=True):
        whole = net + tax
        mine = round_to(net * part / whole, digits, rounding) if whole else ZERO
        found.append((mine, part - mine))
    return found


def still_coming(uninvoiced: Decimal, deposited: Decimal) -> Decimal:
    """What an order will still add to its customer's debt: not invoiced yet, and not billed ahead either."""
    return max(ZERO, uninvoiced - deposited)


def left_of(line: Mapping[str, Any]) -> Amounts:
    """What of a deposit's line is neither credited nor deducted."""
    return (
        line["net"] - line["credited_net"] - line["deducted_net"],
        line["tax"] - line["credited_tax"] - line["deducted_tax"],
    )


def taken_off(left: Amounts, room: Amounts, digits: int, rounding: Rounding = Rounding.HALF_UP) -> Amounts:
    """Net and tax that an invoice takes off of what is `left` of a deposit, where it has `room` for so much of that tax.

    The last share takes the cents; neither figure of the invoice turns negative.
    """
    net = min(left[0], max(room[0], ZERO))
    if net == room[0] or net == left[0]:
        tax = left[1]
    else:
        tax = share_of(left[1], net, left[0], digits, rounding)
    return net, min(tax, max(room[1], ZERO))
