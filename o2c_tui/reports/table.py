"""A report: one table that screen, text, CSV and JSON all show alike."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from o2c_tui.money import show_money, show_quantity
from o2c_tui.rules.formulas import guarded
from o2c_tui.safe_text import cells, fit, shown
from o2c_tui.storage.plain import to_plain


@dataclass(frozen=True)
class Heading:
    """One column: its marked title, and how its values read: text, money, quantity, percent, date, or a figure that
    is text already."""

    title: str
    kind: str = "text"


@dataclass(frozen=True)
class Report:
    """Rows under headings, with totals where adding up means something (None elsewhere)."""

    title: str
    values: dict[str, Any]  # of the title's template
    headings: tuple[Heading, ...]
    rows: tuple[tuple[Any, ...], ...]
    totals: tuple[Any, ...] = ()
    digits: int = 2
    note: str = ""


def with_totals(
    title: str,
    headings: Sequence[Heading],
    rows: Sequence[Sequence[Any]],
    *,
    label: str = "",
    add: Sequence[int] = (),
    digits: int = 2,
    note: str = "",
    **values: Any,
) -> Report:
    """A report whose columns `add` are summed under the rows."""
    sums: list[Any] = [None] * len(headings)
    for n in add:
        sums[n] = sum((row[n] for row in rows if row[n] is not None), Decimal(0))
    if headings:
        sums[0] = label
    return Report(
        title, values, tuple(headings), tuple(tuple(row) for row in rows), tuple(sums) if add else (), digits, note
    )


def cell(value: Any, heading: Heading, digits: int) -> str:
    """One value as people read it."""
    if value is None:
        return ""
    if heading.kind == "money":
        return show_money(value, digits)
    if heading.kind == "quantity":
        return show_quantity(value)
    if heading.kind == "percent":
        return f"{value:,.1f}"
    if isinstance(value, date):
        return value.isoformat()
    return shown(str(value))


def heading_line(report: Report, translate: Callable[[str], str]) -> str:
    """The report's title."""
    return translate(report.title).format(**{k: to_plain(v) for k, v in report.values.items()})


def as_text(report: Report, translate: Callable[[str], str] = str, *, width: int = 0) -> str:
    """The report in columns, for a terminal or a mail."""
    titles = [translate(heading.title) for heading in report.headings]
    table = [[cell(v, h, report.digits) for v, h in zip(row, report.headings, strict=True)] for row in report.rows]
    sums = (
        [cell(v, h, report.digits) for v, h in zip(report.totals, report.headings, strict=True)]
        if report.totals
        else []
    )
    if sums and not sums[0]:
        sums[0] = translate("Total")
    widths = [
        max((cells(line[n]) for line in [titles, *table, *([sums] if sums else [])]), default=0)
        for n in range(len(titles))
    ]
    if width and sum(widths) + 2 * len(widths) > width:
        widest = widths.index(max(widths))
        widths[widest] = max(8, widths[widest] - (sum(widths) + 2 * len(widths) - width))

    def line(values: Sequence[str]) -> str:
        parts = (
            fit(value, size, right=heading.kind in ("money", "quantity", "percent", "figure"))
            for value, size, heading in zip(values, widths, report.headings, strict=True)
        )
        return "  ".join(parts).rstrip()

    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    out = [heading_line(report, translate), "", line(titles), rule, *(line(row) for row in table)]
    if sums:
        out += [rule, line(sums)]
    if report.note:
        out += ["", translate(report.note)]
    return "\n".join(out)


def csv_cell(value: Any) -> str:
    """A value for a spreadsheet: figures plain, and text that would run as a formula made text."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, str):
        return guarded(value)
    return "" if value is None else str(to_plain(value))


def as_csv(report: Report, translate: Callable[[str], str] = str) -> str:
    """The report as CSV (UTF-8 with a byte order mark, so that spreadsheets read it)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([translate(heading.title) for heading in report.headings])
    writer.writerows([[csv_cell(value) for value in row] for row in report.rows])
    return "\ufeff" + out.getvalue()


def as_plain(report: Report) -> dict[str, Any]:
    """The report in JSON words."""
    return {
        "title": heading_line(report, str),
        "columns": [heading.title for heading in report.headings],
        "rows": [to_plain(row) for row in report.rows],
        "totals": to_plain(report.totals),
    }
