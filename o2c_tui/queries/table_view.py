"""A table to be printed: everything the sheets show, as plain texts in one language."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TableColumn:
    """One column: its heading, whether its figures stand on one point, and whether its shares (-1 to 1) are drawn as bars."""

    heading: str
    is_figure: bool = False
    is_bar: bool = False


@dataclass(frozen=True)
class TableView:
    """A report as its sheets show it; `facts` are labels and values beneath the title."""

    title: str
    company: str
    language: str
    facts: tuple[tuple[str, str], ...]
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    totals: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
