"""docs/rules/aging.md: age is counted from the due date."""

from datetime import date, timedelta

import pytest

from o2c_tui.rules.aging import BOUNDS, BUCKETS, bucket_labels, bucket_of

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("overdue", "bucket"),
    [(-400, "Not due"), (-1, "Not due"), (0, "Not due"), (1, "1-30"), (30, "1-30"), (31, "31-60"), (60, "31-60"),
     (61, "61-90"), (90, "61-90"), (91, "Over 90"), (4000, "Over 90")],
)  # fmt: skip
def test_the_edges_of_the_buckets(overdue, bucket):
    assert BUCKETS[bucket_of(TODAY - timedelta(days=overdue), TODAY)] == bucket


@pytest.mark.parametrize(
    ("bounds", "labels"),
    [
        (BOUNDS, BUCKETS),
        ((0, 7, 14), ("Not due", "1-7", "8-14", ">14")),
        ((0, 30, 60, 90, 180), ("Not due", "1-30", "31-60", "61-90", "91-180", ">180")),
        ((0,), ("Not due", ">0")),
    ],
)
def test_buckets_of_any_edges_are_contiguous(bounds, labels):
    assert bucket_labels(bounds) == labels
    ages = [bucket_of(TODAY - timedelta(days=days), TODAY, bounds) for days in range(-2, bounds[-1] + 3)]
    assert sorted(set(ages)) == list(range(len(labels)))
    assert ages == sorted(ages)
