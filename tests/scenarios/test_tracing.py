"""Lots both ways: from the supplier's receipt to the customers. docs/rules/places.md."""

from datetime import timedelta

import pytest

from o2c_tui.errors import ConflictError, UnknownCodeError
from o2c_tui.models.delivery import Disposition
from o2c_tui.models.item import Tracking
from o2c_tui.queries.lists import count, page
from o2c_tui.queries.places import find_bins, find_lots
from o2c_tui.queries.tracing import lots_named, lots_of_document, trace
from o2c_tui.reports.table import as_csv, as_text
from o2c_tui.reports.tracing import traced
from o2c_tui.services.bins import relocate, save_location
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.picking import Pick
from o2c_tui.services.placing import Spot
from o2c_tui.services.receiving import ReceiptDraft, ReceiptLineDraft, receive_goods
from o2c_tui.services.setup import ItemSetup, save_item, save_warehouse
from o2c_tui.services.shipping import return_goods, ship_order
from tests.makers import TODAY, D, open_books, ordered


@pytest.fixture
def desk(store):
    """30 of L1, which expires in 10 days, and 20 of L2, which never does; ACME got 30 of L1 and 5 of L2."""
    desk = open_books(store)
    desk.do(save_party, PartySetup("ISAR", "Isar Dairy", is_customer=False, is_supplier=True))
    desk.do(save_item, ItemSetup("MILK", "Milk", tracking=Tracking.LOT, sale_price=D(1)))
    desk.do(save_location, "A-1")
    spots = (Spot("A-1", "L1", D(30), TODAY + timedelta(days=10)), Spot("", "L2", D(20)))
    desk.do(receive_goods, ReceiptDraft((ReceiptLineDraft("MILK", D(50), D("0.80"), spots),), supplier="ISAR"))
    desk.do(ship_order, ordered(desk, ("MILK", 35)).order_id)
    return desk


def test_a_lot_is_traced_from_the_suppliers_receipt_to_the_customers_who_have_it(desk):
    line = desk.document("delivery", 1).lines[0]["id"]
    back = {"disposition": Disposition.QUARANTINE, "places": (Pick(1, lot="L1"),)}
    desk.do(return_goods, 1, {line: D(10)}, **back)

    found = desk.ask(trace, desk.ask(lots_named, "milk", "l1"))
    assert [(lot.code, lot.expires_on) for lot in found.lots] == [("L1", TODAY + timedelta(days=10))]
    assert (found.moves[-1].party, found.moves[-1].number, found.moves[-1].quantity) == (
        "Isar Dairy",
        "GR26-0001",
        D(30),
    )
    assert [(h.customer, h.quantity, h.numbers) for h in found.holders] == [("Acme Works", D(20), ("DN26-0001",))]
    assert [(place.warehouse, place.quantity) for place in found.lying] == [("MAIN-Q", D(10))]
    assert sum(move.quantity for move in found.moves) == D(10)
    desk.holds()


def test_a_document_is_traced_through_all_the_lots_it_moved(desk):
    assert desk.ask(lots_of_document, "delivery", 1) == desk.ask(lots_of_document, "receipt", 1)
    told = desk.ask(traced, "GR26-0001", today=TODAY)
    assert [(row[1], row[5], row[8]) for row in told.rows] == [
        ("L1", "GR26-0001", D(30)), ("L1", "DN26-0001", D(-30)), ("L2", "GR26-0001", D(20)), ("L2", "DN26-0001", D(-5)),
    ]  # fmt: skip
    assert "delivered" in as_csv(told)
    assert [row[1] for row in desk.ask(traced, "MILK", "L2", today=TODAY).rows] == ["L2", "L2"]
    with pytest.raises(UnknownCodeError, match="no lot L9"):
        desk.ask(traced, "MILK", "L9", today=TODAY)


def test_goods_put_from_bin_to_bin_are_told_without_a_document(desk):
    desk.do(relocate, "MILK", D(5), lot="L2", to="A-1")
    moves = desk.ask(trace, desk.ask(lots_named, "MILK", "L2")).moves
    assert [(m.kind, m.number, m.location, m.quantity) for m in moves[:2]] == [
        ("relocated", "", "A-1", D(5)),
        ("relocated", "", "", D(-5)),
    ]
    assert [(b.code, b.quantity) for b in desk.ask(find_bins, "MAIN", "", item="MILK")] == [("A-1", D(5))]


def test_lots_are_listed_by_what_is_there_and_when_it_expires(desk):
    def codes(filter_text, day=TODAY):
        return [row.code for row in desk.ask(page, "lot", filter_text, today=day)]

    assert (codes("is:open"), codes("is:gone"), codes("")) == (["L2"], ["L1"], ["L1", "L2"])
    line = desk.document("delivery", 1).lines[0]["id"]
    desk.do(return_goods, 1, {line: D(10)}, places=(Pick(1, lot="L1"),))
    assert (codes("is:expiring"), codes("due<11d"), codes("due<9d")) == (["L1"], ["L1"], [])
    assert (codes("is:expired"), codes("is:expired", TODAY + timedelta(days=11))) == ([], ["L1"])
    assert desk.ask(count, "lot", "milk", today=TODAY)[0] == 2
    assert [(lot.code, lot.quantity) for lot in desk.ask(find_lots, "MILK", "")] == [("L1", D(10)), ("L2", D(15))]


def test_a_warehouse_or_bin_changed_by_two_is_refused_to_the_second(desk):
    for verb, words in ((save_warehouse, ("SHOP", "Shop")), (save_location, ("A-1",))):
        desk.do(verb, *words, version=1)
        with pytest.raises(ConflictError):
            desk.do(verb, *words, version=1)


def test_the_trace_says_whose_lots_and_the_day(desk):
    assert as_text(desk.ask(traced, "MILK", "L1", today=TODAY)).startswith(f"Lots   MILK   As of {TODAY}")
