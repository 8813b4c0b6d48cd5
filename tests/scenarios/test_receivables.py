"""What is owed, by age, on any day. docs/rules/aging.md."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
import sqlalchemy as sa
from sqlmodel import col

from o2c_tui.documents.paper import Box
from o2c_tui.documents.report import composed, render_report
from o2c_tui.errors import BadValueError
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.ledger import Account, AccountRole, JournalEntry, JournalLine
from o2c_tui.queries.receivables import aged, open_lines
from o2c_tui.reports.catalogue import make
from o2c_tui.reports.kinds import Asked
from o2c_tui.reports.printing import as_view
from o2c_tui.reports.table import BAR_CELLS, as_text
from o2c_tui.services.crediting import credit_invoice
from o2c_tui.services.deposits import deposit_invoice
from o2c_tui.services.paying import apply_credit
from o2c_tui.services.taking_back import reverse_payment, unapply
from tests.makers import TODAY, open_books, ordered, paid, receive, sold, terms_of
from tests.storage.whole_books import whole_books


def _account(desk, as_of):
    query = (
        sa.select(sa.func.sum(col(JournalLine.amount), type_=AMOUNT))
        .join(JournalEntry, col(JournalEntry.id) == col(JournalLine.entry_id))
        .join(Account, col(Account.id) == col(JournalLine.account_id))
        .where(col(Account.role) == AccountRole.RECEIVABLE, col(JournalEntry.posted_on) <= as_of)
    )
    return desk.ask(lambda session: session.execute(query).scalar_one()) or D(0)


def _aged(desk, as_of):
    return [(row.code, *row.buckets, row.unapplied, row.total) for row in desk.ask(aged, as_of=as_of)]


def test_age_runs_from_the_due_date_and_credit_stands_apart(store):
    desk = open_books(store)
    receive(desk, received_on=date(2026, 6, 1))
    desk.today = date(2026, 6, 1)
    sold(desk, ("BOLT", 10))  # 120.00, due on 1 July
    sold(desk, ("BOLT", 5), on=date(2026, 8, 1))  # 60.00, due on 31 August
    paid(desk, "30.00", received_on=date(2026, 9, 1), shares={})

    assert _aged(desk, date(2026, 7, 1)) == [("ACME", D("120"), 0, 0, 0, 0, 0, D("120"))]
    assert _aged(desk, date(2026, 7, 2)) == [("ACME", 0, D("120"), 0, 0, 0, 0, D("120"))]
    assert _aged(desk, date(2026, 7, 31)) == [("ACME", 0, D("120"), 0, 0, 0, 0, D("120"))]
    assert _aged(desk, date(2026, 8, 1)) == [("ACME", D("60"), 0, D("120"), 0, 0, 0, D("180"))]
    assert _aged(desk, date(2026, 9, 1)) == [("ACME", 0, D("60"), 0, D("120"), 0, D("-30"), D("150"))]
    assert _aged(desk, date(2026, 9, 30)) == [("ACME", 0, D("60"), 0, 0, D("120"), D("-30"), D("150"))]


def test_as_of_any_past_day_the_ages_are_the_receivables_account_and_later_bookings_move_none(store):
    desk = open_books(store)
    terms_of(desk, "OTHER", "Other Works", term="HALF")
    receive(desk, received_on=date(2026, 6, 1))
    desk.today = date(2026, 6, 1)
    first = sold(desk, ("BOLT", 10))
    told = {}

    def remember():
        told[desk.today] = _aged(desk, desk.today)
        desk.next_day(10)

    remember()
    part = paid(desk, "50.00")
    remember()
    other = sold(desk, ("BOLT", 7), customer="OTHER")
    remember()
    desk.do(credit_invoice, other.invoice_id, "late")
    remember()
    desk.do(unapply, part.payment_id)
    remember()
    desk.do(apply_credit, payment_id=part.payment_id)
    remember()
    desk.do(reverse_payment, part.payment_id, "bounced")
    remember()
    paid(desk, first.gross)
    remember()

    for day, rows in told.items():
        assert _aged(desk, day) == rows, day
        assert sum((row[-1] for row in rows), D(0)) == _account(desk, day), day
    assert _aged(desk, desk.today) == []
    desk.holds()


def test_a_customers_open_items_are_told_one_by_one_as_of_a_day(store):
    desk = open_books(store)
    receive(desk, received_on=date(2026, 6, 1))
    desk.today = date(2026, 6, 1)
    first = sold(desk, ("BOLT", 10))
    desk.next_day(60)
    paid(desk, "100.00")

    def told(day):
        return [(x.number, x.open, x.days_overdue) for x in desk.ask(open_lines, 1, as_of=day)]

    assert told(date(2026, 5, 31)) == []
    assert told(date(2026, 7, 30)) == [(first.number, D("120.00"), 29)]
    assert told(date(2026, 7, 31)) == [(first.number, D("20.00"), 30)]


def test_the_ages_as_bars_add_up_to_the_account_and_each_opens_its_items(store):
    desk = whole_books(store)
    desk.do(deposit_invoice, ordered(desk, ("FREIGHT", 3)).order_id, percent=D(40))
    for day in (TODAY, TODAY + timedelta(days=31), TODAY + timedelta(days=200)):
        made = desk.ask(make, "aging", Asked("age", as_of=day), day)
        assert made.totals[2] == _account(desk, day)
        assert max(abs(row[1]) for row in made.rows) == 1
        for (label, bar, value, _percent, count), behind in zip(made.rows, made.behind, strict=True):
            assert (bar > 0) == (value > 0) and (bar < 0) == (value < 0)
            below = desk.ask(make, behind.report, behind.asked, day)
            assert sum(row[-1] for row in below.rows) == value, label
            assert len({row[2] for row in below.rows}) == count
    text = as_text(desk.ask(make, "aging", Asked("age"), TODAY))
    assert f"Not due    {'#' * BAR_CELLS}" in text
    assert "Unapplied  =" in text  # below nothing, told without colour
    with pytest.raises(BadValueError):
        desk.ask(make, "open-items", Asked(age="old"), TODAY)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_bars_of_a_report_are_drawn_as_long_as_their_shares(sqlite_store, language):
    desk = whole_books(sqlite_store)
    made = desk.ask(make, "aging", Asked("age"), TODAY)
    view = as_view(made, "Test", language)
    paper = composed(view)
    boxes = [part for part in paper.pages[0] if isinstance(part, Box) and part.colour == paper.layout.accent]
    drawn = [box.width for box in boxes if 4 < box.height < 10 and box.width > 1]
    longest = max(drawn)
    assert [round(float(width / longest), 3) for width in drawn] == [
        round(float(row[1]), 3) for row in made.rows if row[1] > 0
    ]
    assert render_report(view) == render_report(view)
