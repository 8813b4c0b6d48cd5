"""Reports on paper: the columns on their points, headings on each sheet, the same bytes each time. docs/rules/reports.md."""

import io
from dataclasses import replace

import pypdf
import pytest

from o2c_tui.documents.report import composed, render_report
from o2c_tui.queries.table_view import TableColumn, TableView
from o2c_tui.reports.catalogue import make
from o2c_tui.reports.kinds import KINDS, Asked
from o2c_tui.reports.printing import as_view, company_name, file_name
from tests.makers import TODAY, open_books, ordered, receive, sold

VIEW = TableView(
    "Stock valuation",
    "Test & Sons <Ltd>",
    "en",
    (("As of", "2026-11-24"), ("Currency", "EUR")),
    (TableColumn("Item"), TableColumn("Description"), TableColumn("On hand", True), TableColumn("Value", True)),
    tuple((f"ITEM-{n}", f"Thing no. {n} 螺栓", "12" if n % 2 else "2.5", f"{n},000.00") for n in range(1, 151)),
    ("Total", "", "", "11,325,000.00"),
    ("The total is the inventory account of that day.",),
)


def sheets(data):
    """The text of each sheet, and its size."""
    reader = pypdf.PdfReader(io.BytesIO(data))
    return [page.extract_text() for page in reader.pages], [page.mediabox for page in reader.pages]


def test_headings_stand_on_every_sheet_and_totals_on_the_last():
    texts, boxes = sheets(render_report(VIEW))
    assert len(texts) > 2
    for n, text in enumerate(texts, 1):
        assert "Description" in text and "On hand" in text
        assert f"Page {n} of {len(texts)}" in text
        assert "Stock valuation" in text
    assert all("Total" not in text for text in texts[:-1])
    assert "11,325,000.00" in texts[-1] and "ITEM-150" in texts[-1]  # the totals never stand alone
    assert "The total is the inventory account" in texts[-1]
    assert "Test & Sons <Ltd>" in texts[0]
    assert boxes[0].height > boxes[0].width


def test_every_row_is_printed_once():
    texts, _ = sheets(render_report(VIEW))
    whole = "\n".join(texts)
    assert all(whole.count(f"Thing no. {n} ") == 1 for n in range(1, 151))


def test_figures_stand_on_their_points():
    paper = composed(VIEW)
    ends = set()
    for item in paper.pages[0]:
        if getattr(item, "text", "") in ("12", "2.5"):
            ends.add(round(item.x + paper.face().width(item.text.partition(".")[0], item.size), 3))
    assert len(ends) == 1


def test_a_wide_report_lies_and_a_wider_one_breaks_its_texts_but_no_figure():
    wide = replace(
        VIEW,
        columns=(*VIEW.columns, *(TableColumn(f"Month {n}", True) for n in range(8))),
        rows=tuple((*row, *("1,234,567.89",) * 8) for row in VIEW.rows[:3]),
        totals=(),
    )
    (text,), (box,) = sheets(render_report(wide))
    assert box.width > box.height and text.count("1,234,567.89") == 24
    long = replace(wide, rows=tuple((row[0], "a very long name of a thing " * 12, *row[2:]) for row in wide.rows))
    texts, boxes = sheets(render_report(long))
    assert boxes[0].width > boxes[0].height and "".join(texts).count("1,234,567.89") == 24


def test_nothing_to_tell_is_said():
    (text,), _ = sheets(render_report(replace(VIEW, rows=(), totals=())))
    assert "Nothing here." in text


def test_only_our_fonts_are_embedded():
    reader = pypdf.PdfReader(io.BytesIO(render_report(VIEW)))
    fonts = {
        str(font.get_object()["/BaseFont"]) for page in reader.pages for font in page["/Resources"]["/Font"].values()
    }
    assert all("NotoSans" in name for name in fonts)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_report_can_be_printed_and_is_the_same_bytes_each_time(store, language):
    desk = open_books(store)
    receive(desk, "BOLT", 5, "4.00")
    sold(desk, ("BOLT", 2))
    ordered(desk, ("BOLT", 9))
    company = desk.ask(company_name)
    for kind in KINDS:
        for by in kind.by or ("",):
            view = as_view(desk.ask(make, kind.name, Asked(by=by), TODAY), company, language)
            data = render_report(view)
            assert data == render_report(view)
            texts, _ = sheets(data)
            assert view.title in texts[0].replace("\n", "") and view.columns[0].heading in texts[0]


def test_a_file_is_called_by_what_it_tells(store):
    desk = open_books(store)
    report = desk.ask(make, "margin", Asked(by="line", as_of=TODAY, customer="ACME"), TODAY)
    assert file_name(report) == "margin-line-ACME-2026-11-24"
