"""Which instalments a payment pays: an exact one, an exact sum of some, else the oldest first. Rule: docs/rules/allocation.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)
MOST_STEPS = 20_000  # of the search for a sum of some: enough for about twenty items, and over in milliseconds


@dataclass(frozen=True)
class OpenItem:
    """One open instalment."""

    id: int
    due_on: date
    open_amount: Decimal
    reference: str = ""


@dataclass(frozen=True)
class Proposal:
    """Parts by item id, what is left over, and why: exact, sum or oldest."""

    shares: dict[int, Decimal]
    rest: Decimal
    reason: str


def oldest_first(items: Sequence[OpenItem], amount: Decimal) -> dict[int, Decimal]:
    """Parts of an amount by item id: the oldest due date first, ties by id."""
    shares: dict[int, Decimal] = {}
    for item in sorted(items, key=lambda i: (i.due_on, i.id)):
        part = min(amount, item.open_amount)
        if part > ZERO:
            shares[item.id] = part
            amount -= part
    return shares


def propose(items: Sequence[OpenItem], amount: Decimal) -> Proposal:
    """Where a payment most likely belongs."""
    ordered = sorted(items, key=lambda i: (i.due_on, i.id))
    for item in ordered:
        if item.open_amount == amount:
            return Proposal({item.id: amount}, ZERO, "exact")
    some = _exact_sum(ordered, amount)
    if some:
        return Proposal({item.id: item.open_amount for item in some}, ZERO, "sum")
    shares = oldest_first(ordered, amount)
    return Proposal(shares, amount - sum(shares.values(), ZERO), "oldest")


def _exact_sum(items: Sequence[OpenItem], amount: Decimal) -> list[OpenItem]:
    """Some items that add up to an amount, older ones preferred; none where the search grows too long."""
    fitting = [item for item in items if ZERO < item.open_amount < amount]
    behind = [ZERO] * (len(fitting) + 1)
    for n in range(len(fitting) - 1, -1, -1):
        behind[n] = behind[n + 1] + fitting[n].open_amount
    steps = 0
    stack: list[tuple[int, Decimal, tuple[int, ...]]] = [(0, amount, ())]
    while stack and steps < MOST_STEPS:
        steps += 1
        n, left, chosen = stack.pop()
        if not left:
            return [fitting[i] for i in chosen]
        if n == len(fitting) or behind[n] < left:
            continue
        stack.append((n + 1, left, chosen))
        if fitting[n].open_amount <= left:
            stack.append((n + 1, left - fitting[n].open_amount, (*chosen, n)))
    return []
