"""A report as the view that its sheets are drawn from."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session

from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.table_view import TableColumn, TableView
from o2c_tui.reports.table import Columns, Report
from o2c_tui.texts import catalogue


def company_name(session: Session) -> str:
    """Whose report it is."""
    return the_company(session).name


def as_view(report: Report, company: str, language: str) -> TableView:
    """The report in a language; figures lose the blanks that terminals align them with."""
    columns = Columns(report, lambda text: catalogue(language).gettext(text) if text else "")
    return TableView(
        columns.translate(report.title),
        company,
        language,
        tuple(columns.facts()),
        tuple(
            TableColumn(title, heading.is_figure, heading.kind == "bar")
            for title, heading in zip(columns.titles, report.headings, strict=True)
        ),
        tuple(_line(columns, row) for row in report.rows),
        tuple(text.strip() for text in columns.totals()),
        tuple(columns.notes()),
    )


def _line(columns: Columns, row: Sequence[Any]) -> tuple[str, ...]:
    """The texts of a row; of a bar its share."""
    bars = [heading.kind == "bar" for heading in columns.report.headings]
    return tuple(
        str(value or 0) if is_bar else text.strip()
        for text, value, is_bar in zip(columns.line(row), row, bars, strict=True)
    )


def file_name(report: Report, words: str = "") -> str:
    """What a file of the report is called: its name, by what, what it is narrowed to (`words` too), and its day."""
    asked = report.asked
    days = [str(day) for day in (asked.first, asked.as_of) if day]
    parts = [
        report.name,
        asked.by,
        asked.account,
        asked.order,
        asked.customer,
        asked.item,
        asked.warehouse,
        asked.person,
        words,
        *days,
    ]
    return "-".join(part for part in parts if part)
