"""Sales orders, rule by rule. docs/rules/orders.md, docs/rules/credit.md."""

from datetime import date
from decimal import Decimal as D

import pytest

from o2c_tui.errors import (
    BadValueError,
    ConflictError,
    CreditLimitError,
    CustomerHoldError,
    MissingValueError,
    OverQuantityError,
    ShortStockError,
    UnseenWarningError,
    WrongStateError,
)
from o2c_tui.models.company import InvoicePolicy, Shortage
from o2c_tui.models.party import CreditMode
from o2c_tui.queries.exposure import exposure_of
from o2c_tui.queries.waiting import who_waits
from o2c_tui.services.drafting import DocumentDraft
from o2c_tui.services.invoicing import draft_invoice, invoice_order, post_invoice
from o2c_tui.services.ordering import (
    cancel_order,
    close_order,
    confirm_order,
    delete_order,
    hold_order,
    release_order,
    reopen_order,
    reserve_line,
    reserve_order,
    save_order,
    set_policy,
)
from o2c_tui.services.shipping import ship_order
from tests.makers import (
    delivered,
    keys,
    level,
    lines,
    open_books,
    ordered,
    ordered_from,
    paid,
    quoted,
    receive,
    terms_of,
)


def _axes(desk, order):
    head = desk.document("order", order.order_id).head
    return head["delivery"], head["billing"], head["payment"]


def _line(desk, order, n=0):
    return desk.document("order", order.order_id).lines[n]


# -- the three axes --------------------------------------------------------------------------------------------------


def test_delivery_billing_and_payment_are_three_axes(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 10))
    assert _axes(desk, order) == ("none", "none", "none")

    delivered(desk, order, 4)
    assert _axes(desk, order) == ("partly", "none", "none")
    desk.do(invoice_order, order.order_id)
    assert _axes(desk, order) == ("partly", "partly", "none")
    paid(desk, "48.00")
    assert _axes(desk, order) == ("partly", "partly", "partly")
    delivered(desk, order)
    desk.do(invoice_order, order.order_id)
    paid(desk, "70.00")
    assert _axes(desk, order) == ("fully", "fully", "partly")
    paid(desk, "2.00")
    assert _axes(desk, order) == ("fully", "fully", "fully")


def test_one_lines_surplus_hides_no_other_lines_lack(store):
    desk = open_books(store)
    receive(desk, "BOLT")
    order = ordered(desk, ("BOLT", 10), ("NUT", 10))
    delivered(desk, order, 10)
    assert _axes(desk, order)[0] == "partly"


def test_an_order_closed_before_anything_left_is_not_delivered(store):
    desk = open_books(store)
    order = ordered(desk, ("BOLT", 10))
    desk.do(close_order, order.order_id)
    assert _axes(desk, order) == ("none", "none", "none")
    desk.holds()


# -- where stock is short --------------------------------------------------------------------------------------------


def test_short_stock_is_reserved_as_far_as_it_goes_and_the_rest_waits(store):
    desk = open_books(store)
    receive(desk, "BOLT", 6)
    order = ordered(desk, ("BOLT", 4), ("BOLT", 4))
    assert [(line.reserved, line.back_ordered) for line in order.lines] == [(4, 0), (2, 2)]
    assert level(desk) == (6, 6)


def test_all_or_nothing_says_what_is_missing_and_reserves_nothing(store):
    desk = open_books(store, shortage=Shortage.ALL_OR_NOTHING)
    receive(desk, "BOLT", 6)
    with pytest.raises(ShortStockError, match=r"All or nothing was asked for; missing: BOLT \(2\), NUT \(1\)"):
        ordered(desk, ("BOLT", 8), ("NUT", 1))
    assert level(desk) == (6, 0)
    assert ordered(desk, ("BOLT", 6)).number == "SO26-0001"


def test_the_customers_own_rule_goes_before_the_companys_and_the_steps_before_both(store):
    desk = open_books(store, shortage=Shortage.ALL_OR_NOTHING)
    receive(desk, "BOLT", 6)
    terms_of(desk, shortage="ask")
    draft = desk.do(save_order, DocumentDraft("ACME", lines(("BOLT", 8))))
    with pytest.raises(ShortStockError, match=r"Missing: BOLT \(2\)\. Choose: reserve what there is") as asked:
        desk.do(confirm_order, draft.id)
    assert asked.value.field == "shortage"

    done = desk.do(confirm_order, draft.id, shortage=Shortage.NONE)

    assert [(line.reserved, line.back_ordered) for line in done.lines] == [(0, 8)]
    assert level(desk) == (6, 0)


def test_who_is_there_in_full_is_not_asked(store):
    desk = open_books(store, shortage=Shortage.ASK)
    receive(desk, "BOLT", 6)
    assert ordered(desk, ("BOLT", 6), ("FREIGHT", 1)).back_ordered == 0


def test_a_receipt_is_reserved_for_who_waits_by_promise_then_order(store):
    desk = open_books(store)
    late = ordered(desk, ("BOLT", 5))
    soon = ordered(desk, ("BOLT", 5), promised_on=date(2026, 12, 1))
    item = _line(desk, late)["item_id"]
    assert [w.number for w in desk.ask(who_waits, item)] == [soon.number, late.number]
    receive(desk, "BOLT", 7)

    assert desk.do(reserve_line, soon.order_id, keys(desk, "order", soon.order_id)[0], D(5)) == 5
    with pytest.raises(ShortStockError, match=rf"BOLT: 3 wanted, 2 available. Reserved for {soon.number} \(5\)"):
        desk.do(reserve_line, late.order_id, keys(desk, "order", late.order_id)[0], D(3))
    with pytest.raises(OverQuantityError, match=f"{late.number} waits for 5, 6 was to be reserved"):
        desk.do(reserve_line, late.order_id, keys(desk, "order", late.order_id)[0], D(6))
    assert desk.do(reserve_order, late.order_id).lines[0].reserved == 2
    assert [(w.number, w.waiting) for w in desk.ask(who_waits, item)] == [(late.number, 3)]
    desk.holds()


# -- hold, release, close, reopen, cancel ---------------------------------------------------------------------------


def test_a_held_order_gives_nothing_out_and_says_why(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 4))
    with pytest.raises(MissingValueError, match="Say why the order is put on hold"):
        desk.do(hold_order, order.order_id, "")

    desk.do(hold_order, order.order_id, "waiting for papers")

    assert desk.document("order", order.order_id).head["hold_reason"] == "waiting for papers"
    assert level(desk) == (100, 4)  # the reservation stays
    with pytest.raises(WrongStateError, match=f"sales order {order.number} is on hold; it cannot be delivered"):
        desk.do(ship_order, order.order_id)
    desk.do(release_order, order.order_id)
    assert desk.document("order", order.order_id).head["hold_reason"] == ""
    delivered(desk, order)
    desk.holds()


def test_a_hold_that_frees_the_stock_gives_it_to_others_and_release_takes_what_is_left(store):
    desk = open_books(store)
    receive(desk, "BOLT", 10)
    order = ordered(desk, ("BOLT", 8))
    desk.do(hold_order, order.order_id, "no answer", free_stock=True)
    assert level(desk) == (10, 0)
    ordered(desk, ("BOLT", 5))

    released = desk.do(release_order, order.order_id)

    assert (released.lines[0].reserved, released.lines[0].back_ordered) == (5, 3)
    desk.holds()


def test_closing_short_cancels_the_rest_and_frees_it_and_what_left_can_still_be_billed(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 10))
    delivered(desk, order, 4)

    desk.do(close_order, order.order_id)

    assert (_line(desk, order)["cancelled"], level(desk)) == (6, (96, 0))
    with pytest.raises(WrongStateError, match="is closed; it cannot be delivered"):
        desk.do(ship_order, order.order_id, quantities={keys(desk, "order", order.order_id)[0]: D(1)})
    assert desk.do(invoice_order, order.order_id).gross == D("48.00")
    assert _axes(desk, order)[:2] == ("fully", "fully")
    desk.holds()


def test_reopening_wants_the_rest_again_and_checks_credit_and_stock(store):
    desk = open_books(store)
    receive(desk, "BOLT", 10)
    terms_of(desk, credit_mode=CreditMode.HOLD, credit_limit=D(200))
    order = ordered(desk, ("BOLT", 10))
    delivered(desk, order, 4)
    desk.do(close_order, order.order_id)
    other = ordered(desk, ("BOLT", 8))  # 48 + 96 of 200
    with pytest.raises(CreditLimitError, match=r"Acme Works would owe 216.00; the credit limit is 200.00"):
        desk.do(reopen_order, order.order_id)
    assert desk.document("order", order.order_id).state == "closed"
    desk.do(cancel_order, other.order_id)
    third = ordered(desk, ("BOLT", 2))

    again = desk.do(reopen_order, order.order_id)

    assert (again.lines[0].reserved, again.lines[0].back_ordered) == (4, 2)
    assert (_line(desk, order)["cancelled"], third.lines[0].reserved) == (0, 2)
    desk.holds()


def test_only_an_order_of_which_nothing_left_can_be_cancelled(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 10))
    delivered(desk, order, 1)
    with pytest.raises(
        WrongStateError, match=f"{order.number} is partly delivered or invoiced; close it short instead"
    ):
        desk.do(cancel_order, order.order_id)
    fresh = ordered(desk, ("BOLT", 10))
    desk.do(cancel_order, fresh.order_id)
    assert level(desk) == (99, 9)
    with pytest.raises(WrongStateError, match="is cancelled; it cannot be opened again"):
        desk.do(reopen_order, fresh.order_id)
    with pytest.raises(WrongStateError, match="is cancelled; it cannot become on hold"):
        desk.do(hold_order, fresh.order_id, "why not")
    desk.holds()


def test_a_draft_can_go_and_a_confirmed_order_cannot(store):
    desk = open_books(store)
    draft = desk.do(save_order, DocumentDraft("ACME", lines(("BOLT", 1))))
    desk.do(delete_order, draft.id)
    order = ordered(desk, ("BOLT", 1))
    with pytest.raises(WrongStateError, match=f"sales order {order.number} is confirmed; it cannot be deleted"):
        desk.do(delete_order, order.order_id)


# -- credit and holds of the customer -------------------------------------------------------------------------------


def test_exposure_is_open_less_credit_plus_confirmed_and_not_invoiced(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 10))
    assert desk.ask(exposure_of, 1) == D("120.00")
    delivered(desk, order, 4)
    desk.do(invoice_order, order.order_id)
    assert desk.ask(exposure_of, 1) == D("120.00")
    paid(desk, "60.00")  # 48 and 12 on account
    assert desk.ask(exposure_of, 1) == D("60.00")
    desk.do(close_order, order.order_id)
    assert desk.ask(exposure_of, 1) == D("-12.00")  # what was cancelled is owed no more


def test_no_mode_never_asks_warn_says_it_and_hold_refuses(store):
    desk = open_books(store)
    ordered(desk, ("BOLT", 1000))
    terms_of(desk, credit_mode=CreditMode.WARN, credit_limit=D(100))
    draft = desk.do(save_order, DocumentDraft("ACME", lines(("BOLT", 1))))
    with pytest.raises(
        UnseenWarningError, match=r"Acme Works would owe 12,012.00; the credit limit is 100.00\. Confirm"
    ):
        store.write_now(confirm_order, draft.id, by="ada", today=desk.today)
    store.write_now(confirm_order, draft.id, by="ada", today=desk.today, accepted=frozenset({"credit"}))
    terms_of(desk, credit_mode=CreditMode.HOLD)
    with pytest.raises(CreditLimitError, match=r"would owe 12,024.00; the credit limit is 100.00"):
        ordered(desk, ("BOLT", 1))


def test_the_limit_holds_at_shipping_and_at_posting_where_the_debt_rises(store):
    desk = open_books(store)
    receive(desk)
    terms_of(desk, invoice_policy="ordered")
    order = ordered(desk, ("BOLT", 10))
    terms_of(desk, credit_mode=CreditMode.HOLD, credit_limit=D(100))

    with pytest.raises(CreditLimitError, match=r"would owe 120.00; the credit limit is 100.00"):
        desk.do(ship_order, order.order_id)
    posted = desk.do(invoice_order, order.order_id)  # what was confirmed becomes owed: no rise

    assert (posted.gross, desk.ask(exposure_of, 1)) == (D("120.00"), D("120.00"))
    desk.holds()


def test_what_a_closed_order_delivered_still_counts_until_it_is_billed(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 10))
    delivered(desk, order, 8)
    desk.do(close_order, order.order_id)
    terms_of(desk, credit_mode=CreditMode.HOLD, credit_limit=D(100))
    assert desk.ask(exposure_of, 1) == D("96.00")

    desk.do(post_invoice, desk.do(draft_invoice, order_ids=[order.order_id]))

    assert desk.ask(exposure_of, 1) == D("96.00")
    desk.holds()


def test_a_customer_on_hold_orders_nothing_until_the_day_it_ends(store):
    desk = open_books(store)
    quotation = quoted(desk, ("BOLT", 1))
    terms_of(desk, hold_orders=True, hold_reason="bounced cheque", hold_until=date(2026, 11, 30))
    with pytest.raises(CustomerHoldError, match=r"Acme Works is on hold for orders: bounced cheque\."):
        ordered_from(desk, quotation)
    assert desk.document("quotation", quotation).state == "sent"  # nothing of the step was kept
    desk.today = date(2026, 11, 30)
    with pytest.raises(CustomerHoldError):
        ordered_from(desk, quotation)
    desk.today = date(2026, 12, 1)
    assert ordered_from(desk, quotation).number == "SO26-0001"


def test_a_hold_for_shipping_lets_order_and_not_ship(store):
    desk = open_books(store)
    receive(desk)
    terms_of(desk, hold_shipping=True, hold_reason="prepayment")
    order = ordered(desk, ("BOLT", 1))
    with pytest.raises(CustomerHoldError, match="Acme Works is on hold for shipping: prepayment"):
        desk.do(ship_order, order.order_id)
    terms_of(desk, hold_shipping=False)
    delivered(desk, order)


# -- the rest ---------------------------------------------------------------------------------------------------------


def test_a_repeated_customer_order_number_warns_and_a_cancelled_one_does_not(store):
    desk = open_books(store)
    first = ordered(desk, ("BOLT", 1), customer_reference="PO 77")
    again = DocumentDraft("ACME", lines(("BOLT", 1)), customer_reference="PO 77")

    shown = store.preview_now(save_order, again, by="ada", today=desk.today)
    assert [notice.said() for notice in shown.warnings] == ["Acme Works has ordered as PO 77 before: SO26-0001."]
    desk.do(cancel_order, first.order_id)
    assert store.preview_now(save_order, again, by="ada", today=desk.today).codes == frozenset()


def test_the_invoice_policy_comes_from_the_customer_and_can_be_chosen_for_one_draft(store):
    desk = open_books(store)
    receive(desk)
    draft = desk.do(save_order, DocumentDraft("ACME", lines(("BOLT", 4))))
    with pytest.raises(BadValueError, match="Give one of: ordered, delivered"):
        desk.do(set_policy, draft.id, "later")
    desk.do(set_policy, draft.id, "ordered")
    order = desk.do(confirm_order, draft.id)
    assert desk.do(invoice_order, order.order_id).gross == D("48.00")  # before anything left
    assert _axes(desk, order)[:2] == ("none", "fully")

    plain = ordered(desk, ("BOLT", 4))
    assert desk.document("order", plain.order_id).head["invoice_policy"] is InvoicePolicy.DELIVERED
    with pytest.raises(MissingValueError, match=f"Nothing is left to invoice for {plain.number}"):
        desk.do(invoice_order, plain.order_id)
    desk.holds()


def test_an_order_that_moved_on_is_a_conflict_for_who_read_it_before(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 4))
    seen = desk.document("order", order.order_id).version
    desk.do(hold_order, order.order_id, "wait", version=seen)
    with pytest.raises(ConflictError, match=f"Somebody else has changed {order.number} meanwhile"):
        desk.do(release_order, order.order_id, version=seen)
