"""docs/rules/insight.md: the owner's month, as a report and as pages with charts; the dashboard's figures."""

from datetime import date, timedelta
from decimal import Decimal as D
from io import BytesIO

import pytest
from pypdf import PdfReader

from o2c_tui.documents.owner import render_owner
from o2c_tui.models.ledger import AccountRole
from o2c_tui.queries.margin import ledger_sums
from o2c_tui.queries.paces import balance_on
from o2c_tui.reports.catalogue import make
from o2c_tui.reports.dashboard import dashboard
from o2c_tui.reports.kinds import Asked
from o2c_tui.reports.owner import TIED, month_of, owner_view
from o2c_tui.reports.printing import file_name
from tests.makers import TODAY, open_books, paid, receive, sold
from tests.storage.whole_books import whole_books


@pytest.fixture
def desk(store):
    """Sales in September, October and November, the first paid, the second half."""
    desk = open_books(store)
    desk.today = date(2026, 9, 1)
    receive(desk, "BOLT", 200, "4.00")
    desk.today = TODAY
    for on, quantity, share in ((date(2026, 9, 10), 10, 1), (date(2026, 10, 12), 20, D("0.5")), (TODAY, 5, 0)):
        bill = sold(desk, ("BOLT", quantity), on=on)
        if share:
            paid(desk, bill.gross * share, received_on=on + timedelta(days=20))
    return desk


def figures(report):
    return {row[0]: row[1:] for row in report.rows}


def test_the_month_is_the_last_whole_one_unless_a_day_is_named():
    assert month_of(None, date(2026, 11, 24)) == (date(2026, 10, 1), date(2026, 10, 31))
    assert month_of(date(2026, 11, 24), TODAY) == (date(2026, 11, 1), date(2026, 11, 24))
    assert month_of(None, date(2026, 1, 3)) == (date(2025, 12, 1), date(2025, 12, 31))


def test_the_owners_month_stands_beside_the_month_and_the_year_before(desk):
    report = desk.ask(make, "owner", Asked(), TODAY)
    told = figures(report)
    assert [heading.title for heading in report.headings[1:]] == ["2026-10", "2026-09", "2025-10"]
    assert told["Sales"] == (D(200), D(100), D(0))
    assert told["Margin"] == (D(120), D(60), D(0))
    assert told["Money received"] == (D(0), D(120), D(0))  # the second half came on the first of November
    assert told["Receivables"] == (D(240), D(0), D(0))
    assert told["Stock value"][0] == D(800) - 30 * 4
    assert [text for text, _values in report.notes] == [TIED]
    assert file_name(report) == "owner-2026-10-31"  # also where no month was named, as from cron
    desk.holds()


def test_of_a_month_under_way_each_column_and_card_says_its_days(desk):
    report = desk.ask(make, "owner", Asked(as_of=date(2026, 11, 24)), TODAY)
    assert [heading.title for heading in report.headings[1:]] == ["2026-11 1-24", "2026-10 1-24", "2025-11 1-24"]
    view = desk.ask(owner_view, date(2026, 11, 24), TODAY, "en")
    assert view.figures[0].before.startswith("2026-10 1-24: ")
    assert all(figure.label[:1].isupper() for figure in view.figures)


def test_every_months_figures_are_the_ledgers(store):
    desk = whole_books(store)
    for day in (desk.today, desk.today - timedelta(days=3), desk.today + timedelta(days=40)):
        told = figures(desk.ask(make, "owner", Asked(as_of=day), desk.today))
        if not told:
            continue
        sales, _cost = desk.ask(ledger_sums, first=day.replace(day=1), as_of=day)
        assert told["Sales"][0] == sales
        assert told["Receivables"][0] == desk.ask(balance_on, AccountRole.RECEIVABLE, [day])[0]
        assert told["Stock value"][0] == desk.ask(balance_on, AccountRole.INVENTORY, [day])[0]


@pytest.mark.parametrize(("language", "words"), [("en", "Best customers"), ("zh_CN", "主要客户")])
def test_the_owners_pages_are_few_and_the_same_bytes_each_time(desk, language, words):
    view = desk.ask(owner_view, TODAY, TODAY, language)
    data = render_owner(view)
    assert data == render_owner(view)
    pages = [page.extract_text() for page in PdfReader(BytesIO(data)).pages]
    assert len(pages) <= 2
    whole = "\n".join(pages).replace("\n", "")
    assert words.replace(" ", "") in whole.replace(" ", "") and "Acme Works" in whole
    assert len(view.months.bars) == 12 and view.ages.bars and view.weeks.bars


def test_pages_of_empty_books_say_so(store):
    desk = open_books(store)
    view = desk.ask(owner_view, None, TODAY, "en")
    assert "Nothing here." in PdfReader(BytesIO(render_owner(view))).pages[0].extract_text()


def test_the_dashboard_tells_what_its_reports_tell(desk):
    told = desk.ask(dashboard, TODAY)
    months = {row[0]: (row[1], row[3]) for row in desk.ask(make, "margin", Asked("period"), TODAY).rows}
    assert {f"{m.first:%Y-%m}": (m.sales, m.margin) for m in told.months if m.sales} == months
    aging = desk.ask(make, "aging", Asked(), TODAY)
    assert (*(amount for _label, amount in told.ages), told.unapplied) == aging.totals[2:-1]
    assert told.owed == aging.totals[-1]
    weeks = desk.ask(make, "forecast", Asked(), TODAY)
    assert [(w.first, w.coming, w.going) for w in told.weeks] == [(r[0], r[2], r[4]) for r in weeks.rows]
    assert told.dso == desk.ask(make, "dso", Asked(), TODAY).rows[-1][-1]
