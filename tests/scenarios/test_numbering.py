"""Numbers, rule by rule. docs/rules/numbers.md."""

from datetime import date
from decimal import Decimal as D

import pytest

from o2c_tui.errors import CreditLimitError, DateOrderError
from o2c_tui.models.party import CreditMode
from o2c_tui.queries.number_series import proofs
from o2c_tui.queries.verify import verify
from o2c_tui.reports.catalogue import make
from o2c_tui.reports.kinds import Asked
from o2c_tui.reports.table import as_text
from o2c_tui.services.crediting import credit_invoice
from o2c_tui.services.invoicing import invoice_deliveries, invoice_order
from o2c_tui.services.ordering import cancel_order
from o2c_tui.services.taking_back import reverse_payment
from tests.makers import delivered, keys, open_books, ordered, paid, receive, sold, terms_of


def test_a_refused_or_tried_step_takes_no_number(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 1))
    delivered(desk, order)
    for _ in range(3):
        tried = store.preview_now(invoice_order, order.order_id, by="ada", today=desk.today)
        assert tried.result.number == "INV26-0001"
    terms_of(desk, credit_mode=CreditMode.HOLD)
    with pytest.raises(CreditLimitError):
        ordered(desk, ("BOLT", 1))
    terms_of(desk, credit_mode=CreditMode.OFF)
    assert desk.do(invoice_order, order.order_id).number == "INV26-0001"
    assert ordered(desk, ("BOLT", 1)).number == "SO26-0002"
    desk.holds()


def test_a_year_starts_at_one_by_the_documents_date(store):
    desk = open_books(store)
    receive(desk)
    assert sold(desk, ("BOLT", 1), on=date(2026, 12, 31)).number == "INV26-0001"
    assert sold(desk, ("BOLT", 1), on=date(2027, 1, 1)).number == "INV27-0001"
    assert sold(desk, ("BOLT", 1), on=date(2027, 1, 1)).number == "INV27-0002"
    desk.holds()


def test_dates_of_invoices_never_fall_within_their_years_series(store):
    desk = open_books(store)
    receive(desk, received_on=date(2026, 1, 1))
    gone = delivered(desk, ordered(desk, ("BOLT", 1)))
    sold(desk, ("BOLT", 1))
    with pytest.raises(
        DateOrderError,
        match=r"The newest invoice is dated 2026-11-24; dates of this series do not run back to 2026-11-23",
    ) as refused:
        desk.do(invoice_deliveries, [gone.delivery_id], invoiced_on=date(2026, 11, 23))
    assert refused.value.field == "date"
    sold(desk, ("BOLT", 1), on=date(2027, 1, 4))
    late = desk.do(invoice_deliveries, [gone.delivery_id], invoiced_on=date(2026, 12, 31))
    assert late.number == "INV26-0002"  # what belongs into the old year still goes on there
    desk.holds()


def test_credit_notes_and_payments_count_for_themselves_and_payments_may_be_dated_back(store):
    desk = open_books(store)
    receive(desk)
    first, second = sold(desk, ("BOLT", 1)), sold(desk, ("BOLT", 1))
    assert desk.do(credit_invoice, first.invoice_id, "wrong").number == "CN26-0001"
    assert paid(desk, "1.00").number == "PAY26-0001"
    assert paid(desk, "1.00", received_on=date(2026, 11, 1)).number == "PAY26-0002"
    assert second.number == "INV26-0002"
    desk.holds()


def test_a_draft_has_no_number_and_the_order_of_posting_is_the_order_of_numbers(store):
    from o2c_tui.services.invoicing import draft_invoice, post_invoice

    desk = open_books(store)
    receive(desk)
    drafts = []
    for _ in range(2):
        gone = delivered(desk, ordered(desk, ("BOLT", 1)))
        drafts.append(desk.do(draft_invoice, delivery_ids=[gone.delivery_id]))
    assert [desk.do(post_invoice, draft).number for draft in reversed(drafts)] == ["INV26-0001", "INV26-0002"]


def test_the_proof_tells_first_last_count_gaps_and_voids_of_each_series(store):
    desk = open_books(store)
    receive(desk, quantity=50, received_on=date(2025, 12, 1))
    sold(desk, ("BOLT", 1), on=date(2025, 12, 30))
    bills = [sold(desk, ("BOLT", n)) for n in (1, 2, 3)]
    desk.do(credit_invoice, bills[1].invoice_id, "wrong name")
    desk.do(
        credit_invoice,
        bills[2].invoice_id,
        "scratched",
        quantities={keys(desk, "invoice", bills[2].invoice_id)[0]: D(1)},
    )
    payment = paid(desk, "5.00")
    day = desk.today
    desk.next_day()
    desk.do(reverse_payment, payment.payment_id, "bounced")
    desk.do(cancel_order, ordered(desk, ("BOLT", 1)).order_id)

    told = {(proof.kind, proof.year): proof for proof in desk.ask(proofs)}
    invoices = told["invoice", 2026]
    assert (invoices.first, invoices.last, invoices.count, invoices.missing) == ("INV26-0001", "INV26-0003", 3, ())
    assert [(void.number, void.why, void.by, void.since) for void in invoices.voids] == [
        ("INV26-0002", "credited in full", "CN26-0001", day)
    ]
    assert (told["invoice", 2025].last, told["invoice", 2025].count) == ("INV25-0001", 1)
    assert [(void.number, void.by) for void in told["payment", 2026].voids] == [("PAY26-0001", "PAY26-0002")]
    assert [void.why for void in told["sales_order", 2026].voids] == ["cancelled"]
    assert {proof.year for proof in desk.ask(proofs, None, date(2026, 3, 1))} == {2026}
    # the day before nothing had bounced yet
    assert [(p.count, p.voids) for p in desk.ask(proofs, day) if p.kind == "payment"] == [(1, ())]
    text = as_text(desk.ask(make, "numbers", Asked(), desk.today))
    assert "No number is missing" in text
    assert "INV26-0002" in as_text(desk.ask(make, "numbers", Asked(by="void"), desk.today))
    desk.holds()


def test_a_missing_number_and_a_series_that_is_gone_are_said(sqlite_store):
    desk = open_books(sqlite_store)
    for _ in range(3):
        ordered(desk, ("FREIGHT", 1))
    with sqlite_store.engine.begin() as connection:
        for (name,) in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('sales_order', 'number_series')"
        ).all():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        connection.exec_driver_sql("UPDATE sales_order SET number = 'SO26-0009' WHERE number = 'SO26-0002'")
    (proof,) = [one for one in desk.ask(proofs) if one.kind == "sales_order"]
    assert (proof.count, proof.missing) == (3, (2, 4, 5, 6, 7, 8))
    report = desk.ask(make, "numbers", Asked(), desk.today)
    assert "SO26-0009 2026: no document bears 2, 4, 5, 6, 7" in as_text(report)
    with sqlite_store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM number_series WHERE kind = 'sales_order'")
    told = [breach.said(str) for check in desk.ask(verify).checks for breach in check.breaches]
    assert any("3 numbers belong to no series" in text for text in told), told
