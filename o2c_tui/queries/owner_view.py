"""The owner's month on paper: everything its sheets show, as plain texts in one language, and how long each bar is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class KeyFigure:
    """One figure at the head: its name, what it is now, and what it was before."""

    label: str
    value: str
    before: str = ""


@dataclass(frozen=True)
class ChartBar:
    """One bar: its shares of the longest (−1 to 1), the first drawn beneath the others, and its figures as printed."""

    label: str
    shares: tuple[float, ...]
    figures: tuple[str, ...]


@dataclass(frozen=True)
class Chart:
    """Bars under a title; `keys` say what the shares of each are, `heads` stand over the figures of lying bars."""

    title: str
    bars: tuple[ChartBar, ...]
    keys: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class SmallTable:
    """A few rows under a title: the first column is text, the others figures."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str = ""


@dataclass(frozen=True)
class OwnerView:
    """The owner's month."""

    title: str
    company: str
    language: str
    facts: tuple[tuple[str, str], ...]
    figures: tuple[KeyFigure, ...]
    months: Chart
    ages: Chart
    weeks: Chart
    tables: tuple[SmallTable, ...]
    notes: tuple[str, ...]
