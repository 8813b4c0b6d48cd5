"""Numbers, rule by rule. docs/rules/numbers.md."""

from datetime import date

import pytest

from o2c_tui.errors import CreditLimitError, DateOrderError
from o2c_tui.models.party import CreditMode
from o2c_tui.services.crediting import credit_invoice
from o2c_tui.services.invoicing import invoice_deliveries, invoice_order
from tests.makers import delivered, open_books, ordered, paid, receive, sold, terms_of


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
