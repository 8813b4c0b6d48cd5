"""docs/rules/statements.md: a customer's account, told for a span or as what is open."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from o2c_tui.errors import MissingValueError
from o2c_tui.queries.lookups import party_by_code
from o2c_tui.queries.receivables import aged
from o2c_tui.queries.statement_runs import letters_of
from o2c_tui.queries.statements import account, accounts, customers_owing, open_account
from o2c_tui.reports.catalogue import make
from o2c_tui.reports.kinds import Asked
from o2c_tui.reports.statement_letters import asked_for
from o2c_tui.services.crediting import credit_invoice
from o2c_tui.services.taking_back import reverse_payment
from tests.makers import TODAY, open_books, paid, receive, sold
from tests.storage.whole_books import whole_books

FIRST = TODAY - timedelta(days=30)


@pytest.fixture
def desk(store):
    desk = open_books(store)
    yield desk
    desk.holds()


def acme(desk):
    return desk.ask(party_by_code, "ACME").id


def told(one):
    return [(line.kind, line.number, line.amount, line.balance, line.against) for line in one.lines]


def test_an_account_tells_each_document_with_the_balance_after_it(desk):
    receive(desk)
    bill = sold(desk, ("BOLT", 2))
    payment = paid(desk, "5.00")
    customer = acme(desk)

    (found,) = desk.ask(account, customer, first=FIRST, last=TODAY)

    assert (found.opening, found.closing) == (0, bill.gross - 5)
    assert told(found) == [
        ("invoice", bill.number, bill.gross, bill.gross, ()),
        ("payment", payment.number, D(-5), bill.gross - 5, (bill.number,)),
    ]
    assert sum(found.ages) + found.unapplied == found.closing


def test_what_was_before_the_span_is_brought_forward(desk):
    receive(desk)
    bill = sold(desk, ("BOLT", 2))

    (found,) = desk.ask(account, acme(desk), first=TODAY + timedelta(days=1), last=TODAY + timedelta(days=9))

    assert (found.opening, found.lines, found.closing) == (bill.gross, (), bill.gross)


def test_a_bounced_payment_stands_on_the_account_twice_and_was_set_against_nothing(desk):
    receive(desk)
    bill = sold(desk, ("BOLT", 2))
    payment = paid(desk, "5.00")
    desk.do(reverse_payment, payment.payment_id, "bounced")

    (found,) = desk.ask(account, acme(desk), first=FIRST, last=TODAY)

    assert [(kind, amount, balance) for kind, _, amount, balance, _ in told(found)] == [
        ("invoice", bill.gross, bill.gross),
        ("payment", -5, bill.gross - 5),
        ("reversal", 5, bill.gross),
    ]
    assert all(not line.against for line in found.lines)


def test_a_credit_note_stands_beside_the_invoice_it_was_set_against(desk):
    receive(desk)
    bill = sold(desk, ("BOLT", 2))
    note = desk.do(credit_invoice, bill.invoice_id, "too dear")

    (found,) = desk.ask(account, acme(desk), first=FIRST, last=TODAY)

    assert told(found)[1] == ("credit_note", note.number, -bill.gross, D(0), (bill.number,))
    assert desk.ask(open_account, acme(desk), last=TODAY)[0].lines == ()


def test_open_items_are_told_by_due_date_as_of_any_day(desk):
    receive(desk)
    bill = sold(desk, ("BOLT", 2))
    paid(desk, "5.00", received_on=TODAY + timedelta(days=3))
    customer = acme(desk)

    (before,) = desk.ask(open_account, customer, last=TODAY + timedelta(days=2))
    (after,) = desk.ask(open_account, customer, last=TODAY + timedelta(days=3))

    assert sum(line.open for line in before.lines) == bill.gross
    assert sum(line.open for line in after.lines) == bill.gross - 5
    assert [line.due_on for line in after.lines] == sorted(line.due_on for line in after.lines)


def test_every_span_closes_with_what_the_aging_says_of_that_day(store):
    desk = whole_books(store)
    days = sorted({row[0] for row in desk.ask(_days)})
    for last in days:
        owed = {row.customer_id: (row.total, row.buckets, row.unapplied) for row in desk.ask(aged, as_of=last)}
        for customer, (total, buckets, unapplied) in owed.items():
            for first in days[:: max(1, len(days) // 4)]:
                for one in desk.ask(account, customer, first=min(first, last), last=last):
                    assert one.opening + sum(line.amount for line in one.lines) == one.closing
                    assert one.closing == total or one.currency != "EUR"
            (shown,) = desk.ask(open_account, customer, last=last)
            if shown.currency != "EUR":
                continue  # the aging is in the company's currency
            assert (shown.ages, shown.unapplied) == (buckets, unapplied)
            assert sum(line.open for line in shown.lines) == total
        assert desk.ask(customers_owing, last=last) == list(owed)


def _days(session):
    from sqlalchemy import text

    days = session.execute(
        text("SELECT dated_on FROM receivable_item UNION SELECT allocated_on FROM payment_allocation")
    )
    return [(date.fromisoformat(str(day)),) for (day,) in days]


def test_a_letter_asks_whose_account_it_is(desk):
    with pytest.raises(MissingValueError, match="Whose account"):
        desk.ask(asked_for, Asked(), TODAY)


def test_where_nobody_is_named_every_account_has_a_row_that_leads_to_it(store):
    desk = whole_books(store)
    last = desk.today

    made = desk.ask(make, "statement", Asked(), last)

    assert made.rows
    for row, behind in zip(made.rows, made.behind, strict=True):
        opening, charged, credited, closing = row[-4:]
        assert opening + charged - credited == closing
        assert behind.asked.customer == row[0]
    assert sum(row.closing for row in desk.ask(accounts, first=None, last=last) if row.currency == "EUR") == sum(
        one.closing
        for row in desk.ask(accounts, first=None, last=last)
        for one in desk.ask(open_account, row.customer_id, last=last)
        if row.currency == one.currency == "EUR"
    )


def test_a_run_writes_to_everybody_with_something_open(desk):
    receive(desk)
    sold(desk, ("BOLT", 2))

    (asked,) = desk.ask(asked_for, Asked("activity"), TODAY, all_owing=True)
    (letter,) = desk.ask(letters_of, asked)

    assert asked.code == "ACME"
    assert (letter.number, letter.gross) == ("ACME", letter.lines[-1].more[-1])
    assert sum(amount for _label, amount in letter.ages) == letter.gross
