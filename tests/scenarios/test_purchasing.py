"""Purchase orders and what they bring: docs/rules/purchasing.md."""

from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from o2c_tui.errors import (
    BadValueError,
    EmptyDocumentError,
    MissingValueError,
    OverQuantityError,
    ShortStockError,
    UnknownCodeError,
    UnseenWarningError,
    WrongStateError,
)
from o2c_tui.queries.incoming import coming, incoming_now
from o2c_tui.queries.lists import page
from o2c_tui.services.exchanging import save_rate
from o2c_tui.services.itemising import save_unit
from o2c_tui.services.ordering import reserve_order
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.purchasing import (
    PurchaseDraft,
    PurchaseLineDraft,
    cancel_purchase,
    close_purchase,
    delete_purchase,
    order_purchase,
    reopen_purchase,
    save_purchase,
    save_supplier_item,
    send_purchase,
    set_expected,
)
from o2c_tui.services.receiving import cancel_receipt, receive_purchase
from o2c_tui.services.setup import ItemSetup, save_item
from tests.makers import TODAY, booked, delivered, keys, layers, level, open_books, ordered, purchased, receive


def _came(desk, purchase, *parts, **more):
    """Goods of a purchase order in: all that is to come, or so much of its first lines."""
    quantities = dict(zip(keys(desk, "purchase", purchase), map(D, parts), strict=False)) if parts else None
    return desk.do(receive_purchase, purchase, quantities=quantities, **more)


def _progress(desk, purchase):
    head = desk.document("purchase", purchase).head
    return str(head["state"]), str(head["receipt"]), str(head["billing"])


def _incoming(desk):
    return sorted(desk.ask(incoming_now).values())


def _listed(desk, words, kind="purchase"):
    return [row.number for row in desk.ask(page, kind, words, today=desk.today)]


def test_an_order_is_sent_comes_in_parts_and_is_closed_short_or_opened_again(store):
    desk = open_books(store)
    purchase = purchased(desk, ("BOLT", 10, "4.00"), ("NUT", 100, "0.05"), supplier_reference="A-1")
    assert desk.document("purchase", purchase).label == "PO26-0001"
    assert _incoming(desk) == [10, 100]

    first = _came(desk, purchase, 6, reference="LS 1")
    assert first.value == D("24.00")
    assert booked(desk, "receipt", first.id) == {"1400": D("24.00"), "2050": D("-24.00")}
    assert (_progress(desk, purchase), _incoming(desk)) == (("sent", "partly", "none"), [4, 100])
    assert [line["to_receive"] for line in desk.document("purchase", purchase).lines] == [4, 100]

    desk.do(close_purchase, purchase)
    assert (_progress(desk, purchase), _incoming(desk)) == (("closed", "fully", "none"), [])
    with pytest.raises(WrongStateError, match="PO26-0001 is closed; it cannot be received"):
        _came(desk, purchase, 1)

    desk.do(reopen_purchase, purchase)
    assert (_progress(desk, purchase), _incoming(desk)) == (("sent", "partly", "none"), [4, 100])
    _came(desk, purchase)
    assert (_progress(desk, purchase), _incoming(desk)) == (("sent", "fully", "none"), [])
    assert layers(desk) == [(6, D("24.00")), (4, D("16.00"))]
    with pytest.raises(MissingValueError, match="Nothing of PO26-0001 is to come"):
        _came(desk, purchase)
    desk.holds()


def test_the_last_receipt_may_close_the_rest(store):
    desk = open_books(store)
    purchase = purchased(desk, ("BOLT", 10, "4.00"))
    _came(desk, purchase, 7, close_rest=True)
    assert (_progress(desk, purchase), _incoming(desk)) == (("closed", "fully", "none"), [])
    desk.holds()


def test_an_order_of_which_something_came_is_closed_not_cancelled(store):
    desk = open_books(store)
    purchase, other = purchased(desk, ("BOLT", 10, "4.00")), purchased(desk, ("NUT", 9, "0.05"))
    _came(desk, purchase, 1)
    with pytest.raises(WrongStateError, match="Goods of PO26-0001 came already; close it short"):
        desk.do(cancel_purchase, purchase)
    desk.do(cancel_purchase, other, "not needed")
    assert (_progress(desk, other), _incoming(desk)) == (("cancelled", "none", "none"), [9])
    desk.holds()


def test_more_than_was_ordered_is_taken_within_the_items_tolerance(store):
    desk = open_books(store)
    desk.do(save_item, ItemSetup("BOLT", "Hex bolt", tolerance=D(10)))
    purchase = purchased(desk, ("BOLT", 10, "4.00"), ("NUT", 10, "0.05"))
    _came(desk, purchase, 6)
    with pytest.raises(
        OverQuantityError, match=r"Line 1: 4 is left to receive \(with a tolerance of 10 %\), 5.50 came"
    ):
        _came(desk, purchase, "5.5")
    with pytest.raises(OverQuantityError, match=r"Line 2: 10 is left to receive \(with a tolerance of 0 %\), 11 came"):
        _came(desk, purchase, 0, 11)
    _came(desk, purchase, 5, 10)
    assert (_progress(desk, purchase), level(desk)[0]) == (("sent", "fully", "none"), 11)
    desk.holds()


def test_bought_in_boxes_by_the_suppliers_code_at_its_price_in_whole_packs(store):
    desk = open_books(store)
    desk.do(save_unit, "BOLT", "box", 12)
    desk.do(save_party, PartySetup("ISAR", "Isar Metal", is_customer=False, is_supplier=True))
    offer = {"supplier_code": "m8-x", "unit": "box", "price": D("40.00"), "pack": D(5), "minimum": D(10)}
    desk.do(save_supplier_item, "ISAR", "BOLT", lead_time_days=14, **offer)

    with pytest.raises(UnseenWarningError, match="sold in packs of 5, at least 10; 11 became 15"):
        desk.do(save_purchase, PurchaseDraft("ISAR", (PurchaseLineDraft("M8-X", D(11)),)), accepted=())
    saved = desk.do(order_purchase, PurchaseDraft("ISAR", (PurchaseLineDraft("M8-X", D(11)),)))
    shown = desk.document("purchase", saved.id)
    (line,) = shown.lines
    assert (line["item"], line["supplier_code"], line["quantity"], line["unit"]) == ("BOLT", "m8-x", 15, "box")
    assert (line["unit_price"], shown.head["net"]) == (D("40.00"), D("600.00"))
    assert shown.head["expected_on"] == TODAY + timedelta(days=14)
    assert _incoming(desk) == [180]

    pieces = PurchaseLineDraft("BOLT", D(150), unit="pc")  # 12.5 boxes are 15; a piece is a twelfth of 40.00
    (line,) = desk.document("purchase", desk.do(save_purchase, PurchaseDraft("ISAR", (pieces,))).id).lines
    assert (line["quantity"], line["unit_price"], line["net"]) == (180, D("3.333333"), D("600.00"))
    exact = PurchaseLineDraft("BOLT", D(11), exact=True)
    (line,) = desk.document("purchase", desk.do(save_purchase, PurchaseDraft("ISAR", (exact,))).id).lines
    assert line["quantity"] == 11

    _came(desk, saved.id, "2.5")
    assert layers(desk) == [(30, D("100.00"))]
    assert desk.document("receipt", 1).lines[0]["unit_cost"] == D("3.333333")
    desk.holds()


def test_a_price_nobody_typed_is_the_suppliers_then_the_last_one_paid_then_nothing_which_is_said(store):
    desk = open_books(store)
    purchased(desk, ("BOLT", 10, "4.00"))

    def price(item):
        saved = desk.do(save_purchase, PurchaseDraft("ISAR", (PurchaseLineDraft(item, D(1)),)))
        return desk.document("purchase", saved.id).lines[0]["unit_price"]

    assert (price("BOLT"), price("NUT")) == (D("4.00"), 0)
    desk.do(save_supplier_item, "ISAR", "BOLT", price=D("4.20"))
    desk.do(save_supplier_item, "ISAR", "BOLT", pack=D(1))  # what is not said stays as it is
    assert price("BOLT") == D("4.20")
    with pytest.raises(UnseenWarningError):
        desk.do(save_purchase, PurchaseDraft("ISAR", (PurchaseLineDraft("NUT", D(1)),)), accepted=())
    desk.holds()


def test_a_foreign_order_freezes_its_rate_and_comes_in_at_it(store):
    desk = open_books(store)
    draft = PurchaseDraft("ISAR", (PurchaseLineDraft("BOLT", D(3), unit_price=D("9.99")),), currency="USD")
    desk.do(save_party, PartySetup("ISAR", "Isar Metal", is_customer=False, is_supplier=True))
    with pytest.raises(MissingValueError, match="Give the rate: what 1 USD is in EUR"):
        desk.do(save_purchase, draft)
    with pytest.raises(BadValueError, match="EUR is the company's own currency; its rate is 1"):
        desk.do(save_purchase, PurchaseDraft("ISAR", draft.lines, rate=D("0.9")))

    purchase = purchased(desk, ("BOLT", 3, "9.99"), currency="USD", rate=D("0.912345"))
    done = _came(desk, purchase, 1)

    assert desk.document("purchase", purchase).head["net"] == D("29.97")
    assert done.value == D("9.11")  # 9.99 × 0.912345 = 9.114327
    assert desk.document("receipt", done.id).lines[0]["unit_cost"] == D("9.114327")
    next_one = desk.do(save_purchase, draft)  # the last rate is taken, and said
    assert desk.document("purchase", next_one.id).head["rate"] == D("0.912345")
    desk.holds()


def test_a_foreign_order_takes_the_rate_of_its_date_unless_one_is_typed(store):
    desk = open_books(store)
    desk.do(save_party, PartySetup("ISAR", "Isar Metal", is_customer=False, is_supplier=True, currency="USD"))
    purchased(desk, ("BOLT", 1, "9.99"), rate=D("0.80"))
    desk.do(save_rate, "USD", D("0.90"), on=TODAY - timedelta(20))
    desk.do(save_rate, "USD", D("0.95"), on=TODAY - timedelta(2))

    def rate_of(**more: Any) -> D:
        draft = PurchaseDraft("ISAR", (PurchaseLineDraft("BOLT", D(3), unit_price=D("9.99")),), **more)
        return desk.document("purchase", desk.do(save_purchase, draft, accepted=()).id).head["rate"]

    assert rate_of() == D("0.95")  # not that of the last order, and nothing to be warned of
    assert rate_of(dated_on=TODAY - timedelta(5)) == D("0.90")
    assert rate_of(rate=D("0.97")) == D("0.97")
    assert rate_of(currency="EUR") == D(1)
    desk.holds()


def test_a_receipt_is_cancelled_only_while_nothing_of_it_was_touched(store):
    desk = open_books(store)
    receive(desk, "BOLT", 2, "3.00")
    purchase = purchased(desk, ("BOLT", 10, "4.00"), ("NUT", 5, "0.05"))
    first = _came(desk, purchase, 4, 5)
    desk.next_day()
    desk.do(cancel_receipt, first.id, "wrong papers")

    assert (level(desk), level(desk, "NUT"), layers(desk)) == ((2, 0), (0, 0), [(2, D("6.00"))])
    assert set(booked(desk, "receipt", first.id).values()) == {0}
    assert (_progress(desk, purchase), _incoming(desk)) == (("sent", "none", "none"), [5, 10])
    desk.holds()

    second = _came(desk, purchase, 4)
    order = ordered(desk, ("BOLT", 5))  # holds 2 old ones and 3 of the 4
    with pytest.raises(ShortStockError, match=order.number):
        desk.do(cancel_receipt, second.id, "wrong papers")
    delivered(desk, order)
    with pytest.raises(WrongStateError, match=r"Line 1 of GR26-0003 is sold, moved, billed or sent back in part"):
        desk.do(cancel_receipt, second.id, "wrong papers")
    desk.holds()


def test_a_draft_is_changed_and_thrown_away_and_its_keys_may_be_used_again(store):
    desk = open_books(store)
    purchased(desk, ("BOLT", 1, "4.00"))
    dated = PurchaseLineDraft("BOLT", D(2), unit_price=D(4), expected_on=TODAY)
    saved = desk.do(save_purchase, PurchaseDraft("ISAR", (dated,), expected_on=TODAY))
    plain = PurchaseDraft("ISAR", (PurchaseLineDraft("NUT", D(7), unit_price=D("0.05")),))
    desk.do(save_purchase, plain, document_id=saved.id)
    assert [line["expected_on"] for line in desk.document("purchase", saved.id).lines] == [None]
    desk.do(delete_purchase, saved.id)
    again = desk.do(save_purchase, PurchaseDraft("ISAR"))
    with pytest.raises(EmptyDocumentError):
        desk.do(send_purchase, again.id)
    desk.holds()


def test_goods_are_expected_on_the_orders_day_or_the_lines_own(store):
    desk = open_books(store)
    purchase = purchased(desk, ("BOLT", 10, "4.00"), ("NUT", 100, "0.05"))
    friday = TODAY + timedelta(days=3)
    desk.do(set_expected, purchase, friday)
    desk.do(set_expected, purchase, friday + timedelta(days=7), lines=(2,))
    assert [(line.quantity, line.expected_on) for line in desk.ask(coming)] == [
        (10, friday),
        (100, friday + timedelta(days=7)),
    ]
    assert _listed(desk, "is:late") == []
    desk.next_day(4)
    assert _listed(desk, "is:late") == _listed(desk, "is:open") == ["PO26-0001"]
    desk.do(set_expected, purchase, None, lines=(2,))
    assert {line.expected_on for line in desk.ask(coming)} == {friday}
    desk.holds()


def test_what_cannot_be_bought_is_refused(store):
    desk = open_books(store)
    with pytest.raises(UnknownCodeError, match="There is no supplier NOBODY"):
        desk.do(save_purchase, PurchaseDraft("NOBODY"))
    for line, error, words in (
        (PurchaseLineDraft("FREIGHT", D(1)), BadValueError, "FREIGHT is not kept in stock"),
        (PurchaseLineDraft("BOLD", D(1)), UnknownCodeError, "Near: BOLT"),
        (PurchaseLineDraft("BOLT", D(0)), BadValueError, "more than 0"),
        (PurchaseLineDraft("BOLT", D(1), unit_price=D("-1")), BadValueError, "the price must be"),
        (PurchaseLineDraft("BOLT", D(1), unit="box"), BadValueError, "BOLT has no unit 'box'"),
    ):
        with pytest.raises(error, match=words):
            desk.do(save_purchase, PurchaseDraft("ACME", (line,)))


def test_what_was_bought_for_an_order_stands_in_its_chain(store):
    desk = open_books(store)
    order = ordered(desk, ("BOLT", 5))
    purchase = purchased(desk, ("BOLT", 5, "4.00"), sales_order=order.number)
    _came(desk, purchase)
    desk.do(reserve_order, order.order_id)
    delivered(desk, order)

    kinds = [link.kind for link in desk.document("order", order.order_id).chain]
    assert kinds == ["order", "purchase", "receipt", "delivery"]
    assert [link.kind for link in desk.document("receipt", 1).chain] == kinds
    assert [link.kind for link in desk.document("purchase", purchase).chain] == kinds
