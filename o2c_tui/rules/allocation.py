"""Which instalments a payment pays: an exact one, an exact sum of some, with the discount offered or a small difference,
those its reference names, else the oldest first. Rule: docs/rules/allocation.md."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)
MOST_STEPS = 20_000  # of the search for a sum of some: enough for about twenty items, and over in milliseconds


@dataclass(frozen=True)
class OpenItem:
    """One open instalment; `discount` is what may be kept back of it for paying now."""

    id: int
    due_on: date
    open_amount: Decimal
    reference: str = ""
    discount: Decimal = ZERO

    @property
    def early(self) -> Decimal:
        """What settles it with its discount."""
        return self.open_amount - self.discount


@dataclass(frozen=True)
class Proposal:
    """Parts by item id, what is left over, and why: exact, sum, discount, tolerance, reference or oldest.

    `discounts` and `differences` by item id are what is kept back of an item besides; the part and they settle it.
    """

    shares: dict[int, Decimal]
    rest: Decimal
    reason: str
    discounts: dict[int, Decimal] = field(default_factory=dict)
    differences: dict[int, Decimal] = field(default_factory=dict)


def oldest_first(items: Sequence[OpenItem], amount: Decimal) -> dict[int, Decimal]:
    """Parts of an amount by item id: the oldest due date first, ties by id."""
    shares: dict[int, Decimal] = {}
    for item in sorted(items, key=lambda i: (i.due_on, i.id)):
        part = min(amount, item.open_amount)
        if part > ZERO:
            shares[item.id] = part
            amount -= part
    return shares


def propose(
    items: Sequence[OpenItem],
    amount: Decimal,
    *,
    reference: str = "",
    offers: bool = False,
    tolerance: Decimal = ZERO,
) -> Proposal:
    """Where a payment most likely belongs. What the reference names is tried first, by the same rules.

    With `offers` the discounts of the items may be kept back, and a difference up to `tolerance`; without, neither is
    proposed: a person, or whoever wrote the payment down, has to agree to it.
    """
    ordered = sorted(items, key=lambda i: (i.due_on, i.id))
    named = named_in(ordered, reference)
    for some in (named, ordered):
        told = _settled(some, amount, offers, tolerance) if some else None
        if told is not None:
            return told
    shares = oldest_first(named, amount)
    rest = amount - sum(shares.values(), ZERO)
    shares |= oldest_first([item for item in ordered if item.id not in shares], rest)
    return Proposal(shares, amount - sum(shares.values(), ZERO), "reference" if named else "oldest")


def named_in(items: Sequence[OpenItem], reference: str) -> list[OpenItem]:
    """The items whose document's number stands in a reference, whatever stands between its signs."""
    told = unicodedata.normalize("NFKC", reference).upper()
    found = []
    for item in items if told else ():
        parts = re.findall(r"[A-Z]+|[0-9]+", item.reference.upper())
        if parts and re.search(rf"(?<![0-9A-Z]){'[^0-9A-Z]*'.join(parts)}(?![0-9])", told):
            found.append(item)
    return found


def _settled(items: Sequence[OpenItem], amount: Decimal, offers: bool, tolerance: Decimal) -> Proposal | None:
    """Items that an amount settles wholly; None where it settles none to the cent or within what may be kept back."""
    for item in items:
        if item.open_amount == amount:
            return Proposal({item.id: amount}, ZERO, "exact")
    some = _exact_sum(items, amount, lambda item: item.open_amount)
    if some:
        return Proposal({item.id: item.open_amount for item in some}, ZERO, "sum")
    if not offers:
        return None
    if any(item.discount for item in items):
        for item in items:
            if item.discount and item.early == amount:
                return Proposal({item.id: amount}, ZERO, "discount", {item.id: item.discount})
        some = _exact_sum(items, amount, lambda item: item.early)
        if some:
            kept = {item.id: item.discount for item in some if item.discount}
            return Proposal({item.id: item.early for item in some}, ZERO, "discount", kept)
    return _within(items, amount, tolerance) if tolerance else None


def _within(items: Sequence[OpenItem], amount: Decimal, tolerance: Decimal) -> Proposal | None:
    """One item, or all of them, that an amount misses by no more than the tolerance; what is too much is left over."""
    for early in (False, True):
        for some in (*([item] for item in items), items):
            wanted = sum((item.early if early else item.open_amount for item in some), ZERO)
            if early and not any(item.discount for item in some):
                continue
            short = wanted - amount
            if not short or abs(short) > tolerance:
                continue
            kept = {item.id: item.discount for item in some if early and item.discount}
            shares = {item.id: item.early if early else item.open_amount for item in some}
            last = some[-1].id
            if ZERO < short < shares[last]:
                shares[last] -= short
                return Proposal(shares, ZERO, "tolerance", kept, {last: short})
            if short < ZERO:
                return Proposal(shares, -short, "tolerance", kept)
    return None


def _exact_sum(items: Sequence[OpenItem], amount: Decimal, worth: Callable[[OpenItem], Decimal]) -> list[OpenItem]:
    """Some items that add up to an amount, older ones preferred; none where the search grows too long."""
    fitting = [item for item in items if ZERO < worth(item) < amount]
    behind = [ZERO] * (len(fitting) + 1)
    for n in range(len(fitting) - 1, -1, -1):
        behind[n] = behind[n + 1] + worth(fitting[n])
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
        if worth(fitting[n]) <= left:
            stack.append((n + 1, left - worth(fitting[n]), (*chosen, n)))
    return []
