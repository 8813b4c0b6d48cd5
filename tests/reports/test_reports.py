"""What every report keeps to: what it can be asked, what lies behind its rows, what stands apart. docs/rules/reports.md."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from o2c_tui.errors import BadValueError, NotFoundError, UnknownCodeError
from o2c_tui.queries.documents import document
from o2c_tui.queries.margin import ledger_sums
from o2c_tui.queries.movements import document_of_layer
from o2c_tui.reports.catalogue import make
from o2c_tui.reports.kinds import KINDS, Asked
from o2c_tui.reports.table import as_csv, as_plain, as_text, in_order, narrowed_to
from o2c_tui.services.invoicing import invoice_order
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.setup import ItemSetup, save_item
from o2c_tui.services.shipping import return_goods
from o2c_tui.texts import catalogue
from tests.makers import TODAY, delivered, keys, open_books, ordered, paid, receive, sold


@pytest.fixture
def desk(store):
    """Two customers and two people, goods from two days, sold whole, in part and sent back; one order waits."""
    desk = open_books(store)
    desk.do(save_party, PartySetup("BEACON", "Beacon & Sons <Ltd>"))
    desk.today = TODAY - timedelta(days=40)
    receive(desk, "BOLT", 10, "4.00")
    receive(desk, "NUT", 400, "0.05")
    sold(desk, ("BOLT", 4), ("NUT", 100), ("FREIGHT", 1))
    desk.today = TODAY
    receive(desk, "BOLT", 10, "5.00")
    desk.by = "bob"
    back = delivered(desk, ordered(desk, ("BOLT", 8), ("NUT", D("30")), customer="BEACON"), 8)
    desk.do(return_goods, back.delivery_id, {keys(desk, "delivery", back.delivery_id)[0]: D(1)})
    ordered(desk, ("BOLT", 30), promised_on=TODAY - timedelta(days=3))
    desk.by = "ada"
    paid(desk, "20.00")
    return desk


def told(desk, name, **asked):
    """One report of today."""
    return desk.ask(make, name, Asked(**asked), desk.today)


def behind(desk, row):
    """The report behind a row."""
    return desk.ask(make, row.report, row.asked, desk.today)


def column(report, title):
    """A column's place."""
    return [heading.title for heading in report.headings].index(title)


@pytest.mark.parametrize("by", ["order", "customer", "item", "person", "period"])
def test_what_lies_behind_a_row_adds_up_to_it(desk, by):
    report = told(desk, "margin", by=by)
    at = column(report, "Invoiced")
    assert report.rows
    for row, further in zip(report.rows, report.behind, strict=True):
        inner = behind(desk, further)
        there = column(inner, "Invoiced")
        assert inner.totals[there : there + 3] == row[at : at + 3], (by, row)


@pytest.mark.parametrize(
    ("name", "by", "title", "inner_title"),
    [
        ("valuation", "warehouse", "Value", "Value"),
        ("valuation", "item", "Value", "Value"),
        ("stock-age", "", "Value", "Value"),
        ("stock", "", "Value", "Worth"),
        ("aging", "", "Total", "Open"),
    ],
)
def test_what_lies_behind_a_figure_of_stock_or_debt_adds_up_to_it(desk, name, by, title, inner_title):
    for day in (None, TODAY - timedelta(days=1)):
        report = told(desk, name, by=by, as_of=day)
        assert report.rows
        for row, further in zip(report.rows, report.behind, strict=True):
            inner = behind(desk, further)
            assert inner.totals[column(inner, inner_title)] == row[column(report, title)], (name, row)


def test_behind_the_last_rows_stand_documents_and_items(desk):
    layers = told(desk, "valuation", by="layer")
    for row in layers.behind:
        kind, key = desk.ask(document_of_layer, row.key)
        assert kind == "receipt" and desk.ask(document, kind, key).state == "received"
    for name, by in (("margin", "document"), ("margin", "line"), ("open-items", ""), ("stock-card", "")):
        for row in told(desk, name, by=by).behind:
            assert desk.ask(document, row.kind, row.key).label.count("26-") == 1
    assert {row.kind for row in told(desk, "back-orders").behind} == {"order"}
    assert {row.kind for row in told(desk, "reorder").behind} == {"item"}


def test_what_was_shipped_and_is_not_billed_stands_apart(desk):
    report = told(desk, "margin", customer="BEACON")
    ((_number, _on, _name, invoiced, cost, margin, percent, to_bill, mark),) = report.rows
    # eight bolts left (4.00 six times, 5.00 twice), the newest of them came back; 7 are to be billed at 10.00
    assert (invoiced, cost, margin, percent) == (0, D("29.00"), D("-29.00"), None)
    assert (to_bill, mark) == (D("70.00"), "est.")
    desk.do(invoice_order, 2)
    (row,) = told(desk, "margin", customer="BEACON").rows
    assert (row[3], row[4], row[7]) == (D("70.00"), D("29.00"), 0)


def test_a_margin_says_that_it_is_the_ledger_or_that_it_is_not(desk):
    whole = told(desk, "margin")
    assert "Invoiced and cost are the accounts of sales and cost of sales." in as_text(whole)
    assert "accounts" not in as_text(told(desk, "margin", customer="ACME"))
    sales, cost = desk.ask(ledger_sums)
    assert whole.totals[3:5] == (sales, cost)


def test_a_stock_card_runs_from_what_was_brought_forward_to_the_balance(desk):
    report = told(desk, "stock-card", item="bolt", first=TODAY)
    first, last = report.rows[0], report.rows[-1]
    assert (first[1], first[7], first[9]) == ("brought forward", 6, D("24.00"))
    assert (last[7], last[9]) == report.totals[7:10:2] == (9, D("45.00"))
    assert report.totals[5:7] == (11, 8)


def test_who_is_late_is_said_with_the_days(desk):
    ((number, customer, code, _name, place, to_deliver, waits, promised, expected, days, mark), *_) = told(
        desk, "back-orders", item="BOLT"
    ).rows
    assert (number, customer, code, place) == ("SO26-0003", "Acme Works", "BOLT", "MAIN")
    assert (to_deliver, waits, promised, expected) == (30, 21, TODAY - timedelta(days=3), None)
    assert (days, mark) == (3, "LATE")


def test_a_report_refuses_what_it_cannot_be_asked(desk):
    for name, asked, error in (
        ("aging", {"by": "item"}, BadValueError),
        ("margin", {"by": "layer"}, BadValueError),
        ("aging", {"item": "BOLT"}, BadValueError),
        ("margin", {"item": "BOLD"}, UnknownCodeError),
        ("margin", {"customer": "NOBODY"}, UnknownCodeError),
        ("margin", {"order": "SO26-9999"}, NotFoundError),
        ("margin", {"order": "INV26-0001"}, NotFoundError),
        ("valuation", {"warehouse": "MOON"}, UnknownCodeError),
        ("turnover", {"first": TODAY, "as_of": TODAY - timedelta(days=1)}, BadValueError),
    ):
        with pytest.raises(error):
            told(desk, name, **asked)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_report_is_the_same_table_in_every_form_and_language(desk, kind):
    for by in kind.by or ("",):
        report = told(desk, kind.name, by=by)
        chinese = as_text(report, lambda text: catalogue("zh_CN").gettext(text) if text else "")
        assert len(report.behind) == len(report.rows)
        assert len(as_text(report).splitlines()) == len(chinese.splitlines())
        for heading in report.headings:
            assert not heading.title or heading.title.isascii()
        assert as_csv(report).count("\r\n") == len(report.rows) + 1
        plain = as_plain(report)
        assert (plain["name"], len(plain["rows"])) == (kind.name, len(report.rows))


def test_figures_of_a_column_stand_on_one_point(store):
    desk = open_books(store)
    desk.do(save_item, ItemSetup("WIRE", "Wire", unit="m", sale_price=D("1.00")))
    receive(desk, "WIRE", "2.5", "1.00")
    receive(desk, "BOLT", 12, "1.00")
    lines = [line for line in as_text(told(desk, "valuation")).splitlines() if line.startswith(("WIRE", "BOLT"))]
    bolt, wire = sorted(lines)
    assert bolt.index("12 ") + 1 == wire.index("2.5")


def test_narrowed_rows_have_totals_of_their_own_and_sorting_moves_rows_with_what_is_behind(desk):
    report = told(desk, "margin", by="customer")
    one = narrowed_to(report, "beacon")
    assert [row[0] for row in one.rows] == ["BEACON"] and one.totals[2:5] == one.rows[0][2:5]
    assert one.behind[0].asked.customer == "BEACON"
    assert narrowed_to(report, "-beacon").rows == tuple(row for row in report.rows if row[0] != "BEACON")
    assert narrowed_to(report, "nobody").rows == ()
    cost = column(report, "Cost")
    for descending in (False, True):
        ordered_rows = in_order(report, cost, descending=descending)
        assert [row[cost] for row in ordered_rows.rows] == sorted((r[cost] for r in report.rows), reverse=descending)
        for row, further in zip(ordered_rows.rows, ordered_rows.behind, strict=True):
            assert further.asked.customer == row[0]
    percent = column(report, "%")
    assert in_order(report, percent, descending=True).rows[-1][percent] is None  # nothing invoiced: last either way
    assert in_order(report, percent).rows[-1][percent] is None
