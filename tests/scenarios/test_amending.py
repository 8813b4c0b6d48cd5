"""A confirmed order is put anew in place, as its next revision. docs/rules/orders.md, "Amending"."""

import json
import sqlite3
from datetime import date
from decimal import Decimal as D

import pytest

from o2c_tui.errors import (
    BadValueError,
    ConflictError,
    CreditLimitError,
    CustomerHoldError,
    MissingValueError,
    NotFoundError,
    OverQuantityError,
    ShortStockError,
    UnknownCodeError,
    UnseenWarningError,
    WrongStateError,
)
from o2c_tui.models.company import Shortage
from o2c_tui.models.party import CreditMode
from o2c_tui.queries.exposure import exposure_of
from o2c_tui.queries.printing import printed
from o2c_tui.queries.verify import verify
from o2c_tui.services.amending import LineChange, amend_order
from o2c_tui.services.crediting import credit_invoice
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.invoicing import draft_invoice, invoice_deliveries, invoice_order, post_invoice
from o2c_tui.services.itemising import save_kit, save_unit
from o2c_tui.services.ordering import (
    cancel_order,
    close_order,
    confirm_order,
    hold_order,
    release_order,
    reopen_order,
    save_order,
)
from o2c_tui.services.setup import ItemSetup, save_item
from o2c_tui.services.shipping import draft_delivery, ship_delivery
from tests.makers import (
    delivered,
    keys,
    level,
    lines,
    open_books,
    ordered,
    ordered_from,
    quoted,
    receive,
    terms_of,
    trail,
)


def amend(desk, order, *changes, **head):
    return desk.do(amend_order, order.order_id, lines=changes, **head)


def change(line=None, quantity=None, **more):
    return LineChange(line, None if quantity is None else D(quantity), **more)


def _order(desk, order):
    return desk.document("order", order.order_id)


# -- quantities ------------------------------------------------------------------------------------------------------


def test_an_order_is_amended_in_place_as_its_next_revision(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 10), ("NUT", 5))
    desk.next_day()

    done = amend(desk, order, change(1, 12), change(item="FREIGHT"), note="two more", promised_on=date(2026, 12, 1))

    assert (done.number, done.revision, done.was, done.gross) == ("SO26-0001", 2, D("120.60"), D("162.60"))
    d = _order(desk, order)
    assert [(x["item"], x["quantity"], x["net"]) for x in d.lines] == [
        ("BOLT", 12, 120), ("NUT", 5, D("0.5")), ("FREIGHT", 1, 15),
    ]  # fmt: skip
    assert (d.head["revision"], d.head["amended_on"], d.head["note"]) == (2, desk.today, "two more")
    assert d.head["promised_on"] == date(2026, 12, 1)
    assert d.head["ordered_on"] == date(2026, 11, 24)  # its own date stays
    desk.holds()


def test_more_is_reserved_from_what_is_available_and_less_frees(store):
    desk = open_books(store)
    receive(desk, "BOLT", 12)
    order = ordered(desk, ("BOLT", 10))

    (line,) = amend(desk, order, change(1, 15)).lines
    assert (line.reserved_was, line.reserved, line.back_ordered) == (10, 12, 3)
    assert level(desk) == (12, 12)
    (line,) = amend(desk, order, change(1, 4)).lines
    assert (line.reserved_was, line.reserved, line.back_ordered) == (12, 4, 0)
    assert level(desk) == (12, 4)
    desk.holds()


def test_short_stock_is_asked_about_as_at_confirming(store):
    desk = open_books(store, shortage=Shortage.ASK)
    receive(desk, "BOLT", 12)
    order = ordered(desk, ("BOLT", 10))

    with pytest.raises(ShortStockError, match=r"Missing: BOLT \(3\). Choose"):
        amend(desk, order, change(1, 15))
    with pytest.raises(ShortStockError, match=r"All or nothing was asked for; missing: BOLT \(3\)"):
        amend(desk, order, change(1, 15), shortage=Shortage.ALL_OR_NOTHING)
    assert amend(desk, order, change(1, 15), shortage=Shortage.NONE).lines[0].reserved == 10
    assert amend(desk, order, change(1, 12)).lines[0].reserved == 10  # nothing was raised: nothing is asked
    desk.holds()


def test_nothing_goes_below_what_is_shipped_or_invoiced(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 10), ("NUT", 5))
    delivered(desk, order, 6)
    desk.do(invoice_order, order.order_id, quantities={keys(desk, "order", order.order_id)[0]: D(4)})

    with pytest.raises(
        OverQuantityError, match="Line 1: 6 is shipped and 4 invoiced; the quantity cannot be less than 6"
    ):
        amend(desk, order, change(1, 5))
    amend(desk, order, change(1, 6), change(2, 0))

    d = _order(desk, order)
    assert (d.head["delivery"], d.head["gross"]) == ("fully", D("72"))
    desk.do(invoice_order, order.order_id)
    assert _order(desk, order).head["billing"] == "fully"
    desk.holds()


def test_a_line_that_was_given_up_may_be_wanted_again(store):
    desk = open_books(store)
    receive(desk)
    receive(desk, "NUT")
    order = ordered(desk, ("BOLT", 10), ("NUT", 5))
    amend(desk, order, change(2, 0))
    assert level(desk, "NUT") == (100, 0)
    assert [x.code for x in desk.ask(printed, "order", order.order_id).lines] == ["BOLT"]

    amend(desk, order, change(2, 7))

    assert level(desk, "NUT") == (100, 7)
    assert desk.ask(printed, "order", order.order_id).revision == 3
    desk.holds()


def test_an_order_of_which_nothing_would_be_left_is_cancelled_instead(store):
    desk = open_books(store)
    order = ordered(desk, ("BOLT", 10))
    with pytest.raises(WrongStateError, match="Nothing would be left of SO26-0001; cancel it"):
        amend(desk, order, change(1, 0))


def test_parts_of_kits_and_boxes_follow(store):
    desk = open_books(store)
    desk.do(save_item, ItemSetup("SET", "Set", kind="kit", sale_price=D(5)))
    desk.do(save_kit, "SET", {"BOLT": D(2), "NUT": D(3)})
    receive(desk, "BOLT", 20)
    receive(desk, "NUT", 9)
    order = ordered(desk, ("SET", 2))

    assert amend(desk, order, change(1, 4)).lines[0].reserved == 3
    assert (level(desk, "BOLT"), level(desk, "NUT")) == ((20, 6), (9, 9))
    amend(desk, order, change(1, 1))
    assert (level(desk, "BOLT"), level(desk, "NUT")) == ((20, 2), (9, 3))
    desk.do(save_unit, "BOLT", "box", 12, whole_units=True)
    receive(desk, "BOLT", 30)
    boxes = ordered(desk, LineDraft("BOLT", D(2), unit="box"))
    (line,) = amend(desk, boxes, change(1, 4)).lines
    assert (line.unit, line.reserved, line.back_ordered) == ("box", 4, 0)
    assert level(desk, "BOLT") == (50, 50)
    with pytest.raises(BadValueError, match="whole units only"):
        amend(desk, boxes, change(1, "3.5"))
    desk.holds()


# -- prices ----------------------------------------------------------------------------------------------------------


def test_a_price_changes_where_nothing_of_the_line_is_invoiced(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 10))
    delivered(desk, order, 4)

    (line,) = amend(desk, order, change(1, unit_price=D(9), discount_percent=D(10))).lines

    assert (line.price_was, line.unit_price, line.discount_percent) == (10, 9, 10)
    assert desk.do(invoice_order, order.order_id).gross == D("38.88")
    assert _order(desk, order).lines[0]["price_source"] == "typed"
    desk.holds()


def test_a_price_that_is_invoiced_in_part_is_refused_with_the_way_out(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 10))
    desk.do(invoice_deliveries, [delivered(desk, order, 4).delivery_id])

    with pytest.raises(
        WrongStateError, match=r"4 of 10 is invoiced at its price\. Set its quantity to 4, and add a line of 6"
    ):
        amend(desk, order, change(1, unit_price=D(9)))
    amend(desk, order, change(1, 4), change(item="BOLT", quantity=D(6), unit_price=D(9)))

    desk.do(invoice_deliveries, [delivered(desk, order).delivery_id])
    d = _order(desk, order)
    assert (d.head["net"], d.head["billing"], d.head["delivery"]) == (94, "fully", "fully")
    desk.holds()


def test_after_a_credit_to_be_billed_again_the_price_is_free_again(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 4))
    billed = desk.do(invoice_deliveries, [delivered(desk, order).delivery_id])
    with pytest.raises(WrongStateError, match="a credit note puts that right"):
        amend(desk, order, change(1, unit_price=D(9)))
    desk.do(credit_invoice, billed.invoice_id, "price", bill_again=True)

    amend(desk, order, change(1, unit_price=D(9)))

    assert desk.do(invoice_order, order.order_id).gross == D("43.20")
    desk.holds()


def test_a_price_on_an_invoice_that_is_not_posted_is_refused(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 4))
    delivery = delivered(desk, order)
    invoice = desk.do(draft_invoice, delivery_ids=[delivery.delivery_id])

    with pytest.raises(WrongStateError, match="stands on an invoice that is not posted"):
        amend(desk, order, change(1, unit_price=D(9)))

    amend(desk, order, change(1, 6))
    assert desk.do(post_invoice, invoice).gross == D("48.00")
    desk.holds()


def test_what_is_invoiced_stays_to_the_cent_and_the_invoices_add_up_to_the_order(store):
    """Three lines of 10.01 at 20 %: 6.01 of tax. One is invoiced; then a fourth comes and the second is cut."""
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, *[("BOLT", 1, "10.01")] * 3)
    first = desk.do(invoice_deliveries, [delivered(desk, order, 1).delivery_id])
    was = _order(desk, order).lines[0]

    amend(desk, order, change(2, 0), change(item="BOLT", quantity=D(3), unit_price=D("10.01")))

    now = _order(desk, order)
    assert (now.lines[0]["net"], now.lines[0]["tax"]) == (was["net"], was["tax"])
    assert (now.head["net"], now.head["tax"]) == (D("50.05"), D("10.01"))
    second = desk.do(invoice_deliveries, [delivered(desk, order).delivery_id])
    assert first.gross + second.gross == now.head["gross"]
    desk.holds()


def test_the_discount_of_an_order_changes_until_part_of_it_is_invoiced(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 10))
    assert amend(desk, order, discount_percent=D(5)).gross == D("114.00")
    desk.do(invoice_deliveries, [delivered(desk, order, 4).delivery_id])

    with pytest.raises(WrongStateError, match="Part of SO26-0001 is invoiced with its discount"):
        amend(desk, order, discount_percent=D(0))

    assert amend(desk, order, change(1, 6)).gross == D("68.40")  # the rest keeps its rate
    desk.holds()


# -- credit, holds, states ---------------------------------------------------------------------------------------------


def test_credit_and_holds_are_checked_where_exposure_rises(store):
    desk = open_books(store)
    receive(desk)
    terms_of(desk, credit_mode=CreditMode.HOLD, credit_limit=D(130))
    order = ordered(desk, ("BOLT", 10))

    with pytest.raises(CreditLimitError, match=r"would owe 144.00; the credit limit is 130.00"):
        amend(desk, order, change(1, 12))
    assert amend(desk, order, change(1, 8)).owes == 96
    terms_of(desk, hold_orders=True, hold_reason="late")
    with pytest.raises(CustomerHoldError, match="on hold for orders: late"):
        amend(desk, order, change(1, 9))
    amend(desk, order, change(1, 7))  # less is always taken

    assert desk.ask(exposure_of, _order(desk, order).head["customer_id"]) == 84
    desk.holds()


def test_the_limit_warns_once_where_the_customer_is_only_warned(store):
    desk = open_books(store)
    terms_of(desk, credit_mode=CreditMode.WARN, credit_limit=D(130))
    order = ordered(desk, ("BOLT", 10))
    with pytest.raises(UnseenWarningError, match=r"would owe 144.00"):
        desk.do(amend_order, order.order_id, lines=(change(1, 12),), accepted=frozenset())
    assert desk.do(amend_order, order.order_id, lines=(change(1, 12),), accepted=frozenset({"credit"})).owes == 144


def test_an_order_on_hold_reserves_nothing_more_until_it_is_released(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 10))
    desk.do(hold_order, order.order_id, "asked", free_stock=True)
    amend(desk, order, change(1, 12))
    assert level(desk) == (100, 0)
    desk.do(release_order, order.order_id)
    assert level(desk) == (100, 12)
    desk.holds()


@pytest.mark.parametrize("verb", [close_order, cancel_order])
def test_what_is_over_or_a_draft_is_not_amended(store, verb):
    desk = open_books(store)
    order = ordered(desk, ("BOLT", 10))
    desk.do(verb, order.order_id)
    with pytest.raises(WrongStateError, match="it cannot be amended"):
        amend(desk, order, change(1, 5))


def test_a_closed_order_that_is_opened_again_wants_what_it_was_amended_to(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 10))
    amend(desk, order, change(1, 8))
    desk.do(close_order, order.order_id)
    terms_of(desk, credit_mode=CreditMode.HOLD, credit_limit=D(90))
    with pytest.raises(CreditLimitError, match=r"would owe 96.00"):
        desk.do(reopen_order, order.order_id)
    terms_of(desk, credit_mode=CreditMode.OFF)
    assert desk.do(reopen_order, order.order_id).lines[0].reserved == 8
    desk.holds()


# -- what is asked wrongly ---------------------------------------------------------------------------------------------


def test_what_cannot_be_is_refused_and_leaves_no_trace(store):
    desk = open_books(store)
    desk.do(save_item, ItemSetup("BOLT", "Hex bolt", sale_price=D(10), whole_units=True))
    order = ordered(desk, ("BOLT", 10))
    for error, words, changes in (
        (MissingValueError, "Nothing of SO26-0001 would change", [change(1, 10)]),
        (NotFoundError, "has no line 7", [change(7, 1)]),
        (NotFoundError, "named twice", [change(1, 1), change(1, 2)]),
        (BadValueError, "item, unit and tax stay", [change(1, item="NUT")]),
        (BadValueError, "whole units only", [change(1, "1.5")]),
        (BadValueError, "quantity must be from 0", [change(1, -1), change(item="NUT")]),
        (UnknownCodeError, "NUTS", [change(item="NUTS")]),
        (BadValueError, "the discount must be from 0 to 100", [change(1, discount_percent=D(101))]),
        (BadValueError, "the discount is more than the line's 100", [change(1, discount_amount=D(101))]),
    ):
        with pytest.raises(error, match=words):
            amend(desk, order, *changes)
    assert _order(desk, order).head["revision"] == 1
    desk.holds()


def test_a_stale_amendment_is_a_conflict_and_a_repeated_one_is_done_once(store):
    desk = open_books(store)
    order = ordered(desk, ("BOLT", 10))
    seen = _order(desk, order).version
    again = {"lines": (change(1, 12),), "version": seen, "key": "once"}
    first = desk.do(amend_order, order.order_id, **again)

    assert desk.do(amend_order, order.order_id, **again) == first
    with pytest.raises(ConflictError, match="Somebody else has changed SO26-0001"):
        desk.do(amend_order, order.order_id, lines=(change(1, 13),), version=seen)
    assert _order(desk, order).head["revision"] == 2


def test_a_delivery_that_is_being_made_ready_is_warned_of(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 10))
    delivery = desk.do(draft_delivery, order.order_id)
    with pytest.raises(UnseenWarningError, match="Line 1: a delivery that is being made ready takes 10, 4 is left"):
        desk.do(amend_order, order.order_id, lines=(change(1, 4),), accepted=frozenset())
    amend(desk, order, change(1, 4))
    with pytest.raises(OverQuantityError, match="4 is left to deliver, 10 was asked for"):
        desk.do(ship_delivery, delivery)


# -- quotations, the trail, the paper ------------------------------------------------------------------------------------


def test_a_quotation_counts_as_ordered_as_far_as_it_was_offered(store):
    desk = open_books(store)
    receive(desk)
    quotation = quoted(desk, ("BOLT", 10))
    (line,) = keys(desk, "quotation", quotation)
    one = ordered_from(desk, quotation, {line: D(6)})
    two = ordered_from(desk, quotation, {line: D(4)})

    def taken():
        d = desk.document("quotation", quotation)
        return d.lines[0]["ordered"], d.head["ordered"]

    amend(desk, one, change(1, 9))
    assert taken() == (10, "fully")
    amend(desk, one, change(1, 5))
    assert taken() == (9, "partly")
    desk.do(cancel_order, two.order_id)
    assert taken() == (5, "partly")
    assert ordered_from(desk, quotation).lines[0].reserved == 5
    desk.holds()


def test_the_trail_tells_old_and_new_of_each_line_and_every_revision_is_proved(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 10), ("NUT", 5))
    amend(desk, order, change(1, 12), reason="by telephone")
    amend(
        desk,
        order,
        change(1, 11),
        change(2, unit_price=D("0.2")),
        change(item="FREIGHT"),
        promised_on=date(2026, 12, 1),
    )

    first, second = (json.loads(entry.changes) for entry in trail(desk, "amend_order"))

    bolt, nut, _ = keys(desk, "order", order.order_id)
    assert ["sales_order_line", bolt, "quantity", "10", "12"] in first
    assert ["reason", "by telephone"] in first
    assert ["sales_order_line", bolt, "quantity", "12", "11"] in second
    assert ["sales_order_line", nut, "unit_price", "0.1", "0.2"] in second
    assert ["sales_order", order.order_id, "promised_on", None, "2026-12-01"] in second
    desk.holds()


@pytest.mark.parametrize(
    ("column", "value"), [("quantity", 99_000_000), ("net", 1), ("description", "x"), ("revision", 5)]
)
def test_an_amended_line_changed_past_the_trail_is_found(sqlite_store, column, value):
    desk = open_books(sqlite_store)
    order = ordered(desk, ("BOLT", 10))
    amend(desk, order, change(1, 12))
    path = sqlite_store.url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:
        if column != "revision":  # the guards refuse it without the next revision
            with pytest.raises(sqlite3.IntegrityError, match="never change"):
                connection.execute(f"UPDATE sales_order_line SET {column} = ?", (value,))
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(f"UPDATE sales_order_line SET {column} = ?", (value,))
    assert not desk.ask(verify).holds


def test_the_confirmation_shows_the_revision(store):
    desk = open_books(store)
    order = ordered(desk, ("BOLT", 10))
    assert desk.ask(printed, "order", order.order_id).revision == 0
    desk.next_day()
    amend(desk, order, change(1, 12))
    view = desk.ask(printed, "order", order.order_id)
    assert (view.revision, view.amended_on, view.date) == (2, desk.today, date(2026, 11, 24))
    assert view.lines[0].quantity == 12
    assert view.chain_mark == trail(desk, "amend_order")[0].hash.hex()[:12]


def test_a_draft_is_saved_not_amended(store):
    desk = open_books(store)
    saved = desk.do(save_order, DocumentDraft("ACME", lines(("BOLT", 1))))
    with pytest.raises(WrongStateError, match="it cannot be amended"):
        desk.do(amend_order, saved.id, lines=(change(1, 2),))
    desk.do(confirm_order, saved.id)
    desk.do(amend_order, saved.id, lines=(change(1, 2),))
    desk.holds()
