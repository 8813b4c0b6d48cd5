"""Age of what is owed, counted from the due date. Rule: docs/rules/aging.md."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date

from o2c_tui.texts import N_

BOUNDS = (0, 30, 60, 90)  # days overdue, upper ends; what is older falls into the last bucket
BUCKETS = (N_("Not due"), "1-30", "31-60", "61-90", N_("Over 90"))


def bucket_of(due_on: date, as_of: date, bounds: Sequence[int] = BOUNDS) -> int:
    """Index into the buckets; on the due date itself nothing is overdue."""
    return bisect_left(bounds, (as_of - due_on).days)


def bucket_labels(bounds: Sequence[int] = BOUNDS) -> tuple[str, ...]:
    """The names of the buckets between bounds; contiguous by their making."""
    if tuple(bounds) == BOUNDS:
        return BUCKETS
    inner = tuple(f"{low + 1}-{high}" for low, high in zip(bounds, bounds[1:], strict=False))
    return (N_("Not due"), *inner, f">{bounds[-1]}")


def bucket_words(bounds: Sequence[int] = BOUNDS) -> tuple[str, ...]:
    """What the buckets are called where one is asked for: 0 (not due), 1-30, …, 90+."""
    inner = tuple(f"{low + 1}-{high}" for low, high in zip(bounds, bounds[1:], strict=False))
    return ("0", *inner, f"{bounds[-1]}+")
