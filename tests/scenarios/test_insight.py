"""docs/rules/insight.md: days sales outstanding, days to pay, the cash forecast, over whole books."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from o2c_tui.models.ledger import AccountRole
from o2c_tui.models.reminder import Dispute, PaymentPromise
from o2c_tui.queries.forecast import forecast
from o2c_tui.queries.lookups import party_by_code
from o2c_tui.queries.paces import balance_on, settled
from o2c_tui.reports.catalogue import make
from o2c_tui.reports.kinds import Asked
from o2c_tui.rules.forecast import Mark
from o2c_tui.services.bill_draft import BillDraft
from o2c_tui.services.billing import enter_bill
from o2c_tui.services.crediting import credit_invoice
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.receiving import receive_purchase
from o2c_tui.services.taking_back import reverse_payment
from tests.makers import TODAY, open_books, paid, purchased, receive, sold
from tests.storage.whole_books import whole_books


@pytest.fixture
def desk(store):
    desk = open_books(store)
    desk.today = days(-200)
    receive(desk, "BOLT", 500, "4.00")
    desk.today = TODAY
    yield desk
    desk.holds()


def days(n):
    return TODAY + timedelta(days=n)


def told(desk, name, **asked):
    return desk.ask(make, name, Asked(**asked), desk.today)


def flows(desk, **more):
    return [(f.on, f.number, f.amount, f.mark) for f in desk.ask(forecast, as_of=desk.today, **more).flows]


def bought_and_paid(desk, customer="ACME", *, on, after, quantity=1):
    """An invoice of `on` days from today, paid `after` days."""
    bill = sold(desk, ("BOLT", quantity), customer=customer, on=days(on))
    paid(desk, bill.gross, customer=customer, received_on=days(on + after))
    return bill


def test_days_to_pay_run_from_the_invoice_and_the_delay_from_the_due_date(desk):
    for on, after, quantity in ((-100, 30, 1), (-90, 40, 1), (-60, 55, 8)):
        bought_and_paid(desk, on=on, after=after, quantity=quantity)
    (row,) = told(desk, "days-to-pay", days=90).rows
    code, _name, count, median, mean, delay, _trend, amount = row
    term = (desk.ask(settled, as_of=TODAY)[0].due_on - days(-100)).days
    assert (code, count, median, mean, delay) == ("ACME", 3, 40, D(51), 40 - term)  # (30 + 40 + 8 × 55) ÷ 10
    assert amount == D(120)
    assert told(desk, "days-to-pay", days=90).totals[2:6] == (3, 40, D(51), 40 - term)


def test_the_trend_is_the_later_half_less_the_earlier(desk):
    for on, after in ((-100, 10), (-80, 12), (-40, 20), (-30, 24)):
        bought_and_paid(desk, on=on, after=after)
    (row,) = told(desk, "days-to-pay", days=100).rows
    assert row[6] == 22 - 11  # 20 and 24 days since day −50, 10 and 12 before


def test_credit_and_write_off_are_no_payment_and_a_bounced_one_never_came(desk):
    credited = sold(desk, ("BOLT", 1), on=days(-30))
    desk.do(credit_invoice, credited.invoice_id, "wrong")
    bounced = sold(desk, ("BOLT", 2), on=days(-30))
    first = paid(desk, bounced.gross, received_on=days(-20))
    assert [one.number for one in desk.ask(settled, as_of=TODAY)] == [bounced.number]
    desk.do(reverse_payment, first.payment_id, "bounced")
    assert desk.ask(settled, as_of=TODAY) == []
    assert [one.number for one in desk.ask(settled, as_of=days(-20))] == [bounced.number]
    paid(desk, bounced.gross, received_on=TODAY)
    assert [one.days for one in desk.ask(settled, as_of=TODAY)] == [30]


def test_days_sales_outstanding_is_receivables_by_what_was_invoiced(desk):
    bought_and_paid(desk, on=-60, after=10, quantity=2)  # 24.00
    sold(desk, ("BOLT", 1), on=days(-10))  # 12.00 open
    report = told(desk, "dso")
    day, owed, invoiced, figure = report.rows[-1]
    assert (day, owed, invoiced, figure) == (TODAY, D(12), D(36), D(30))  # 12 ÷ 36 × 90
    before = next(row for row in report.rows if row[0].month == days(-60).month)
    assert before[1] in (D(24), D(0))
    assert [row[2:] for row in told(desk, "dso", by="customer", days=30).rows] == [(D(12), D(12), D(30))]


def test_what_is_open_is_expected_as_the_customer_usually_pays(desk):
    bought_and_paid(desk, on=-100, after=45)
    usual = desk.ask(settled, as_of=TODAY)[0].delay
    desk.do(save_party, PartySetup("NEW", "Newcomer"))
    mine = sold(desk, ("BOLT", 1))
    theirs = sold(desk, ("BOLT", 2), customer="NEW")  # has paid nothing yet: as all others do
    due = desk.document("invoice", mine.invoice_id).head["due_on"]
    assert flows(desk) == [
        (due + timedelta(days=usual), mine.number, mine.gross, Mark.NONE),
        (due + timedelta(days=usual), theirs.number, theirs.gross, Mark.NONE),
    ]
    acme = desk.ask(party_by_code, "ACME").id
    assert flows(desk, customer_id=acme) == flows(desk)[:1]


def test_promises_and_disputes_are_marked_and_a_dispute_stands_in_no_week(store):
    desk = open_books(store)
    desk.today = days(-200)
    receive(desk, "BOLT", 500, "4.00")
    desk.today = TODAY
    promised, disputed = (sold(desk, ("BOLT", n), on=days(-60)) for n in (1, 2))
    acme = desk.ask(party_by_code, "ACME").id

    def write(session, *, by, today):
        session.add(
            PaymentPromise(
                customer_id=acme, invoice_id=promised.invoice_id, made_on=today, promised_on=days(9), amount=D(7)
            )
        )
        session.add(Dispute(customer_id=acme, invoice_id=disputed.invoice_id, opened_on=today, reason="damaged"))

    desk.do(write)
    assert flows(desk) == [
        (TODAY, promised.number, D(5), Mark.LATE),
        (days(9), promised.number, D(7), Mark.PROMISED),
        (None, disputed.number, D(24), Mark.DISPUTED),
    ]
    report = told(desk, "forecast")
    assert report.totals[2:4] == (D(12), D(7))
    assert desk.ask(forecast, as_of=days(-1)).receivables == D(36)  # the day before nobody had said anything
    assert [flow.mark for flow in desk.ask(forecast, as_of=days(-1)).flows] == [Mark.LATE, Mark.LATE]


def test_bills_go_out_on_their_due_dates_and_late_ones_next(desk):
    order = purchased(desk, ("BOLT", 10, "4.00"))
    receipt = desk.do(receive_purchase, order)
    desk.do(enter_bill, BillDraft("ISAR", receipts=(receipt.number,), supplier_number="R-1"))
    (flow,) = desk.ask(forecast, as_of=TODAY).flows
    assert desk.ask(balance_on, AccountRole.PAYABLE, [TODAY]) == [D(-48)]
    assert (flow.source, flow.amount, flow.on) == ("bill", D(-48), flow.due_on)
    (late,) = desk.ask(forecast, as_of=flow.due_on + timedelta(days=40)).flows
    assert (late.on, late.mark) == (flow.due_on + timedelta(days=40), Mark.LATE)


def test_on_every_day_the_forecast_is_the_receivables_account(store):
    desk = whole_books(store)
    last = desk.today + timedelta(days=400)
    for day in sorted(
        {desk.today + timedelta(days=n) for n in (-60, -30, -9, -5, -3, -2, -1, 0, 1, 2, 5, 30)} | {last}
    ):
        found = desk.ask(forecast, as_of=day)
        assert found.receivables == desk.ask(balance_on, AccountRole.RECEIVABLE, [day])[0]
        payable = -desk.ask(balance_on, AccountRole.PAYABLE, [day])[0]
        assert -sum(flow.amount for flow in found.flows if flow.amount < 0) == max(D(0), payable)
        for by in ("week", "party", "document"):
            report = desk.ask(make, "forecast", Asked(by, day), desk.today)
            at = [heading.title for heading in report.headings].index("Coming in")
            placed = sum(flow.amount for flow in found.flows if flow.amount > 0 and (by == "document" or flow.on))
            assert report.totals[at] == placed


def test_what_lies_behind_a_week_and_a_customer_adds_up_to_it(store):
    desk = whole_books(store)
    for name, by, title, inner in (
        ("forecast", "week", "Coming in", "Coming in"),
        ("forecast", "party", "Coming in", "Coming in"),
        ("days-to-pay", "customer", "Amount", "Amount"),
        ("dso", "month", "Receivables", "Total"),
    ):
        report = told(desk, name, by=by)
        at = [heading.title for heading in report.headings].index(title)
        assert report.rows
        for row, behind in zip(report.rows, report.behind, strict=True):
            if behind is not None:
                further = desk.ask(make, behind.report, behind.asked, desk.today)
                there = [heading.title for heading in further.headings].index(inner)
                assert (further.totals[there] or 0) == row[at], (name, row)
