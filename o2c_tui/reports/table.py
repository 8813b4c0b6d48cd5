"""A report: one table that screen, text, CSV, JSON and PDF all show alike."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from o2c_tui.money import round_to, show_money, show_quantity
from o2c_tui.reports.kinds import Asked, kind_of, said
from o2c_tui.rules.formulas import guarded
from o2c_tui.safe_text import cells, fit, shown
from o2c_tui.storage.plain import to_plain
from o2c_tui.texts import N_

NOTHING_ASKED = Asked()
OTHERWISE = N_("The ledger tells otherwise: run verify.")  # a report does not agree with its account
FIGURES = ("money", "quantity", "price", "percent", "count", "figure")
BAR_CELLS = 24  # of the longest bar in text
_PRICE_DIGITS = 4  # of a unit cost, which is seldom a whole number of cents


class Marked(str):
    """A value that is one of our own words, to be translated."""

    __slots__ = ()


@dataclass(frozen=True)
class Heading:
    """One column: its marked title, and how its values read.

    Kinds: text, word (marked, to be translated), date, bar (a share of the longest, -1 to 1), and the `FIGURES` (`figure` is
    text already). `spare` columns are left out where there is
    no room for all, the highest first.
    """

    title: str
    kind: str = "text"
    spare: int = 0

    @property
    def is_figure(self) -> bool:
        """Whether its values stand at the right, on their points."""
        return self.kind in FIGURES


@dataclass(frozen=True)
class Behind:
    """What lies behind a row: a document or record by kind and key, or a report narrowed to the row."""

    kind: str
    key: int = 0
    report: str = ""
    asked: Asked = field(default_factory=Asked)


@dataclass(frozen=True)
class Report:
    """Rows under headings, with totals where adding up means something (None elsewhere).

    `facts` are what it is about, as label and value: the day, the currency, what it is narrowed to. `behind` names for
    each row what lies behind it.
    """

    title: str
    facts: tuple[tuple[str, Any], ...]
    headings: tuple[Heading, ...]
    rows: tuple[tuple[Any, ...], ...]
    totals: tuple[Any, ...] = ()
    digits: int = 2
    notes: tuple[tuple[str, tuple[tuple[str, Any], ...]], ...] = ()  # marked templates with their values
    behind: tuple[Behind | None, ...] = ()
    name: str = ""
    asked: Asked = field(default_factory=Asked)
    adds: tuple[int, ...] = ()  # the columns that are summed beneath


def report_of(
    name: str,
    facts: Sequence[tuple[str, Any]],
    headings: Sequence[Heading],
    rows: Sequence[tuple[Sequence[Any], Behind | None]],
    *,
    add: Sequence[int] = (),
    digits: int = 2,
    notes: Sequence[tuple[str, dict[str, Any]]] = (),
    asked: Asked = NOTHING_ASKED,
    totals: dict[int, Any] | None = None,
    title: str = "",
) -> Report:
    """A report of rows with what lies behind each, the columns `add` summed beneath; `totals` says others itself.

    It bears the title of its kind, unless another is given."""
    sums: list[Any] = [None] * len(headings)
    for n in add:
        sums[n] = sum((row[n] for row, _ in rows if row[n] is not None), Decimal(0))
    for n, value in (totals or {}).items():
        sums[n] = value
    return Report(
        title or kind_of(name).title,
        tuple(facts),
        tuple(headings),
        tuple(tuple(row) for row, _ in rows),
        tuple(sums) if add else (),
        digits,
        tuple((text, tuple(values.items())) for text, values in notes),
        tuple(behind for _, behind in rows),
        name,
        asked,
        tuple(add),
    )


def cell(value: Any, heading: Heading, digits: int, translate: Callable[[str], str] = str) -> str:
    """One value as people read it."""
    if value is None:
        return ""
    if heading.kind == "money":
        return show_money(value, digits) if value else "-"
    if heading.kind == "quantity":
        return show_quantity(value)
    if heading.kind == "price":
        places = max(digits, _PRICE_DIGITS)
        return f"{round_to(value, places):,f}"
    if heading.kind == "percent":
        return f"{round_to(value, 1):,f}"
    if heading.kind == "count":
        return f"{value:,}"
    if heading.kind == "bar":
        return ("#" if value > 0 else "=") * max(1, round(abs(value) * BAR_CELLS)) if value else ""
    if heading.kind == "word":
        return translate(value) if value else ""
    if isinstance(value, date):
        return value.isoformat()
    return shown(str(value))


class Columns:
    """A report's cells as text, figures of a column standing on one point."""

    def __init__(self, report: Report, translate: Callable[[str], str] = str) -> None:
        self.report, self.translate = report, translate
        lines = [*report.rows, *([report.totals] if report.totals else [])]
        self.titles = [translate(heading.title) if heading.title else "" for heading in report.headings]
        self._places = [
            max((_places(line[n]) for line in lines), default=0) if heading.kind == "quantity" else 0
            for n, heading in enumerate(report.headings)
        ]

    def text(self, n: int, value: Any) -> str:
        """A value of column `n`; quantities with fewer decimals than others are filled with blanks."""
        plain = cell(value, self.report.headings[n], self.report.digits, self.translate)
        most = self._places[n]
        if not most or not plain:
            return plain
        mine = _places(value)
        return plain + " " * (most - mine + (0 if mine else 1))

    def width(self, n: int) -> int:
        """Cells that column `n` needs for its rows and totals."""
        heading = self.report.headings[n]
        told = [row[n] for row in self.report.rows if row[n] not in (None, "")]
        if self.report.totals and self.report.totals[n] is not None:
            told.append(self.report.totals[n])
        if heading.is_figure and heading.kind != "figure":
            told = [min(told), max(told)] if told else []
        elif heading.kind == "word":
            told = list(set(told))
        return max((cells(self.text(n, value)) for value in told), default=0)

    def line(self, values: Sequence[Any]) -> list[str]:
        """The texts of a row."""
        return [self.text(n, value) for n, value in enumerate(values)]

    def totals(self) -> list[str]:
        """The texts of the totals, the first one saying so; empty where nothing is added up."""
        if not self.report.totals:
            return []
        found = self.line(self.report.totals)
        if not found[0].strip():
            found[0] = self.translate(N_("Total"))
        return found

    def notes(self) -> list[str]:
        """The sentences beneath the table."""
        translate = self.translate
        return [translate(text).format(**{k: self._said(v) for k, v in values}) for text, values in self.report.notes]

    def _said(self, value: Any) -> str:
        if isinstance(value, Marked):
            return self.translate(value)
        return show_money(value, self.report.digits) if isinstance(value, Decimal) else str(to_plain(value))

    def facts(self) -> list[tuple[str, str]]:
        """What the report is about, as label and value."""
        return [
            (self.translate(label), self.translate(value) if isinstance(value, Marked) else shown(str(to_plain(value))))
            for label, value in self.report.facts
        ]


def narrowed_to(report: Report, words: str, translate: Callable[[str], str] = str) -> Report:
    """The rows in which every one of some words stands (none that begins with `-`); what is added up is added anew."""
    columns = Columns(report, translate)
    wanted = [word.casefold() for word in words.split()]
    kept = [
        (row, behind)
        for row, behind in zip(report.rows, report.behind, strict=True)
        if _has(" ".join(columns.line(row)).casefold(), wanted)
    ]
    sums = list(report.totals)
    for n, total in enumerate(report.totals):
        sums[n] = sum((row[n] for row, _ in kept if row[n] is not None), Decimal(0)) if n in report.adds else None
        if isinstance(total, str):
            sums[n] = total
    return replace(
        report,
        rows=tuple(row for row, _ in kept),
        behind=tuple(behind for _, behind in kept),
        totals=tuple(sums),
        notes=(),
    )


def _has(text: str, words: Sequence[str]) -> bool:
    return all((word[1:] not in text) if word[:1] == "-" and len(word) > 1 else word in text for word in words)


def in_order(report: Report, column: int, *, descending: bool = False) -> Report:
    """The rows by a column, empty ones last; equal ones stay as they were."""
    text = report.headings[column].kind in ("text", "word", "figure")

    def place(pair: tuple[tuple[Any, ...], Behind | None]) -> Any:
        value = pair[0][column]
        return str(value).casefold() if text else value

    pairs = list(zip(report.rows, report.behind, strict=True))
    told = [pair for pair in pairs if pair[0][column] not in (None, "")]
    rest = [pair for pair in pairs if pair[0][column] in (None, "")]
    pairs = sorted(told, key=place, reverse=descending) + rest
    return replace(report, rows=tuple(row for row, _ in pairs), behind=tuple(behind for _, behind in pairs))


def _places(value: Any) -> int:
    if not isinstance(value, Decimal):
        return 0
    return max(0, -int(value.normalize().as_tuple().exponent))


def heading_line(report: Report, translate: Callable[[str], str]) -> str:
    """The report's title and what it is about."""
    facts = [f"{label} {value}".strip() for label, value in Columns(report, translate).facts()]
    return "   ".join([translate(report.title) if report.title else "", *facts])


def as_text(report: Report, translate: Callable[[str], str] = str, *, width: int = 0) -> str:
    """The report in columns, for a terminal or a mail."""
    columns = Columns(report, translate)
    titles = columns.titles
    table = [columns.line(row) for row in report.rows]
    sums = columns.totals()
    widths = [
        max((cells(line[n]) for line in [titles, *table, *([sums] if sums else [])]), default=0)
        for n in range(len(titles))
    ]
    if width and sum(widths) + 2 * len(widths) > width:
        widest = widths.index(max(widths))
        widths[widest] = max(8, widths[widest] - (sum(widths) + 2 * len(widths) - width))

    def line(values: Sequence[str]) -> str:
        parts = (
            fit(value, size, right=heading.is_figure)
            for value, size, heading in zip(values, widths, report.headings, strict=True)
        )
        return "  ".join(parts).rstrip()

    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    out = [heading_line(report, translate), "", line(titles), rule, *(line(row) for row in table)]
    if sums:
        out += [rule, line(sums)]
    for note in columns.notes():
        out += ["", note]
    return "\n".join(out)


def csv_cell(value: Any, heading: Heading | None = None, translate: Callable[[str], str] = str) -> str:
    """A value for a spreadsheet: figures plain, and text that would run as a formula made text."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, str):
        return guarded(translate(value) if heading is not None and heading.kind == "word" and value else value)
    return "" if value is None else str(to_plain(value))


def as_csv(report: Report, translate: Callable[[str], str] = str) -> str:
    """The report as CSV (UTF-8 with a byte order mark, so that spreadsheets read it)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(Columns(report, translate).titles)
    writer.writerows(
        [csv_cell(value, heading, translate) for value, heading in zip(row, report.headings, strict=True)]
        for row in report.rows
    )
    return "\ufeff" + out.getvalue()


def as_plain(report: Report) -> dict[str, Any]:
    """The report in JSON words."""
    return {
        "name": report.name,
        "title": heading_line(report, str),
        "asked": to_plain(said(report.asked)),
        "columns": [heading.title for heading in report.headings],
        "rows": [to_plain(row) for row in report.rows],
        "totals": to_plain(report.totals),
        "notes": Columns(report).notes(),
    }
