"""Said twice, done once; tried, and nothing is left; not shown, and nothing is done. docs/rules/storage.md."""

from decimal import Decimal as D

import pytest

from o2c_tui.errors import CreditLimitError, UnseenWarningError
from o2c_tui.models.party import CreditMode
from o2c_tui.services.crediting import return_and_credit
from o2c_tui.services.drafting import DocumentDraft
from o2c_tui.services.invoicing import invoice_order
from o2c_tui.services.ordering import confirm_order, order_quotation, save_order
from o2c_tui.services.paying import PaymentDraft, receive_payment
from o2c_tui.services.quoting import accept_quotation, revise_quotation
from o2c_tui.services.receiving import ReceiptDraft, ReceiptLineDraft, receive_goods
from o2c_tui.services.shipping import reverse_delivery, ship_order
from o2c_tui.services.taking_back import reverse_payment
from o2c_tui.storage.store import Store
from tests.conftest import NOW
from tests.makers import (
    delivered,
    keys,
    lines,
    open_books,
    ordered,
    paid,
    quoted,
    receive,
    sold,
    terms_of,
    whole_database,
)


class _Gone(BaseException):
    """The process is no more."""


def test_a_key_said_twice_does_once_and_gives_the_first_answer(store):
    desk = open_books(store)
    receive(desk)
    quotation = quoted(desk, ("BOLT", 4))
    order = desk.do(order_quotation, quotation, key="k1")
    assert desk.do(order_quotation, quotation, key="k1") == order
    shipped = desk.do(ship_order, order.order_id, key="k2")
    assert desk.do(ship_order, order.order_id, key="k2") == shipped
    billed = desk.do(invoice_order, order.order_id, key="k3")
    assert desk.do(invoice_order, order.order_id, key="k3") == billed
    money = PaymentDraft("ACME", D("48.00"))
    got = desk.do(receive_payment, money, key="k4")
    assert desk.do(receive_payment, money, key="k4") == got

    rows = whole_database(desk)
    assert [len(rows[name]) for name in ("sales_order", "delivery", "invoice", "payment")] == [1, 1, 1, 1]
    desk.holds()


def test_a_commit_whose_answer_was_lost_is_found_again_by_its_key(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 4))
    delivered(desk, order)

    def die():
        raise _Gone

    store.committed.append(die)
    with pytest.raises(_Gone):
        desk.do(invoice_order, order.order_id, key="posting")
    later = Store.open(store.url, clock=lambda: NOW, who="ada")

    again = later.write_now(invoice_order, order.order_id, key="posting", by="ada", today=desk.today)

    later.close()
    assert (again.number, again.gross) == ("INV26-0001", D("48.00"))
    assert len(whole_database(desk)["invoice"]) == 1
    desk.holds()


def test_a_refused_step_may_be_said_again_with_its_key(store):
    desk = open_books(store)
    terms_of(desk, credit_mode=CreditMode.HOLD)
    draft = desk.do(save_order, DocumentDraft("ACME", lines(("BOLT", 1))))
    with pytest.raises(CreditLimitError):
        desk.do(confirm_order, draft.id, key="k")
    terms_of(desk, credit_mode=CreditMode.OFF)
    assert desk.do(confirm_order, draft.id, key="k").number == "SO26-0001"


def test_a_preview_is_the_step_itself_and_leaves_no_trace(store):
    desk = open_books(store)
    receive(desk)
    quotation = quoted(desk, ("BOLT", 2))
    order = ordered(desk, ("BOLT", 4))
    gone = delivered(desk, order, 2)
    invoice = sold(desk, ("BOLT", 1))
    money = paid(desk, "5.00")
    line = keys(desk, "invoice", invoice.invoice_id)[0]
    before = whole_database(desk)

    for verb, *args in (
        (order_quotation, quotation),
        (accept_quotation, quotation),
        (revise_quotation, quotation),
        (ship_order, order.order_id),
        (reverse_delivery, gone.delivery_id, "late"),
        (invoice_order, order.order_id),
        (return_and_credit, invoice.invoice_id, {line: D(1)}, "broken"),
        (receive_payment, PaymentDraft("ACME", D(1))),
        (reverse_payment, money.payment_id, "bounced"),
        (receive_goods, ReceiptDraft((ReceiptLineDraft("NUT", D(1), D(1)),))),
    ):
        tried = store.preview_now(verb, *args, by="ada", today=desk.today)
        assert tried.refusal is None, (verb.__name__, tried.refusal)
        assert tried.entries, verb.__name__

    assert whole_database(desk) == before
    tried = store.preview_now(ship_order, order.order_id, by="ada", today=desk.today)
    done = desk.do(ship_order, order.order_id)
    assert (done.number, done.cost, done.lines) == (tried.result.number, tried.result.cost, tried.result.lines)


def test_a_refusal_in_the_middle_of_a_step_leaves_no_trace(store):
    desk = open_books(store)
    quotation = quoted(desk, ("BOLT", 2))
    terms_of(desk, credit_mode=CreditMode.HOLD)
    before = whole_database(desk)
    with pytest.raises(CreditLimitError):
        desk.do(order_quotation, quotation)
    assert store.preview_now(order_quotation, quotation, by="ada", today=desk.today).refusal is not None
    assert whole_database(desk) == before


def test_a_warning_that_was_not_shown_stops_the_step(store):
    desk = open_books(store)
    terms_of(desk, credit_mode=CreditMode.WARN, credit_limit=D(1))
    draft = desk.do(save_order, DocumentDraft("ACME", lines(("BOLT", 1))))
    before = whole_database(desk)
    with pytest.raises(UnseenWarningError, match="Confirm to go on") as stopped:
        store.write_now(confirm_order, draft.id, by="ada", today=desk.today, accepted=frozenset({"late_acceptance"}))
    assert [notice.code for notice in stopped.value.notices] == ["credit"]
    assert whole_database(desk) == before
