"""What goes with goods and through the warehouse on paper, made of real books and read back from its PDF.

Rule: docs/documents.md, "Papers of the warehouse".
"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from o2c_tui.documents.fonts import REPLACEMENT
from o2c_tui.documents.layout import DEFAULT
from o2c_tui.documents.paper import Text
from o2c_tui.documents.render import _composed, render
from o2c_tui.errors import BadValueError, NotFoundError
from o2c_tui.models.delivery import Disposition
from o2c_tui.models.item import ItemKind, Tracking
from o2c_tui.queries.counting import sheet
from o2c_tui.queries.document_view import ColumnView, DocumentKind, DocumentView, LineView, Said, Shape
from o2c_tui.queries.documents import document_named
from o2c_tui.queries.papers import KINDS, paper, papers_of
from o2c_tui.queries.walk_papers import deliveries_to_pick
from o2c_tui.services.adjusting import AdjustmentDraft, AdjustmentLineDraft, adjust_stock
from o2c_tui.services.bill_draft import BillDraft, ChargeDraft
from o2c_tui.services.billing import enter_bill
from o2c_tui.services.bins import save_location
from o2c_tui.services.counting import count_lines, post_stocktake, start_stocktake
from o2c_tui.services.drafting import LineDraft
from o2c_tui.services.itemising import save_kit, save_unit
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.picking import pack_delivery, pick_delivery
from o2c_tui.services.placing import Spot
from o2c_tui.services.purchasing import (
    PurchaseDraft,
    PurchaseLineDraft,
    close_purchase,
    order_purchase,
    save_purchase,
    save_supplier_item,
)
from o2c_tui.services.receiving import ReceiptDraft, ReceiptLineDraft, receive_goods, receive_purchase
from o2c_tui.services.setup import ItemSetup, save_item, save_warehouse
from o2c_tui.services.shipping import cancel_delivery, draft_delivery, return_goods, set_tracking, ship_delivery
from o2c_tui.services.supplier_returns import return_to_supplier
from o2c_tui.services.transferring import TransferDraft, TransferLineDraft, dispatch_transfer, save_transfer
from tests.makers import TODAY, D, Desk, keys, open_books, ordered, receive
from tests.reports.test_documents import COMPANY, document

SOON = TODAY + timedelta(days=30)
LANGUAGES = ["en", "zh_CN"]


@pytest.fixture
def desk(store) -> Desk:
    desk = open_books(store, name="Hartwell Trading", address="Lindenweg 14\n70173 Stuttgart")
    for code, order in (("A-1", 1), ("B-2", 2)):
        desk.do(save_location, code, pick_order=order)
    desk.do(save_warehouse, "SHOP", "City shop", address="9 Shop Road")
    desk.do(save_item, ItemSetup("MILK", "Whole milk", tracking=Tracking.LOT, sale_price=D(2), barcode="4006381333931"))
    desk.do(save_item, ItemSetup("DRILL", "Drill", tracking=Tracking.SERIAL, sale_price=D(99)))
    milk = (Spot("B-2", "L-1", D(6), SOON), Spot("A-1", "L-2", D(4), SOON + timedelta(days=9)))
    drills = tuple(Spot("A-1", f"SN-{n}", D(1)) for n in range(3))
    bolts = (Spot("B-2", "", D(60)), Spot("A-1", "", D(40)))
    goods = (
        ReceiptLineDraft("MILK", D(10), D("1.00"), milk),
        ReceiptLineDraft("DRILL", D(3), D("61.00"), drills),
        ReceiptLineDraft("BOLT", D(100), D("4.00"), bolts),
    )
    desk.do(receive_goods, ReceiptDraft(goods, note="two pallets"))
    return desk


def _supplier(desk: Desk, **more) -> None:
    setup = PartySetup(
        "ISAR",
        "Isar Metal",
        is_customer=False,
        is_supplier=True,
        bill_to="Isarring 5\nMünchen",
        contact="Ms Huber",
        **more,
    )
    desk.do(save_party, setup)


def _bought(desk: Desk, **more) -> int:
    """A purchase order of bolts in boxes of twelve, in packs of five boxes, and of nuts."""
    _supplier(desk, **more)
    desk.do(save_unit, "BOLT", "box", 12)
    desk.do(save_supplier_item, "ISAR", "BOLT", supplier_code="M8-40", unit="box", price=D("31.50"), pack=D(5))
    lines = (
        PurchaseLineDraft("BOLT", D(20)),
        PurchaseLineDraft("NUT", D(300), unit_price=D("0.0525"), expected_on=SOON),
    )
    draft = PurchaseDraft("ISAR", lines, expected_on=TODAY + timedelta(days=7), supplier_reference="Q-778")
    return int(desk.do(order_purchase, draft).id)


def _delivery(desk: Desk, *wanted, **head) -> int:
    return int(desk.do(draft_delivery, ordered(desk, *wanted, **head).order_id))


def _text(view: DocumentView) -> str:
    """All text of the sheets on one line, with single spaces."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(render(view))).pages).split())


def text_of(desk: Desk, kind: str, key: int, name: str = "") -> str:
    return _text(desk.ask(paper, kind, [key], name))


def in_turn(text: str, *parts: str) -> bool:
    """Whether parts stand in a text in this order."""
    at = -1
    for part in parts:
        at = text.find(part, at + 1)
        if at < 0:
            return False
    return True


# -- purchase orders -----------------------------------------------------------------------------------------------------


def test_a_purchase_order_names_the_suppliers_codes_and_packs_beside_ours_and_where_to_deliver(desk):
    found = text_of(desk, "purchase", _bought(desk))

    assert in_turn(found, "Isar Metal Isarring 5 München", "Delivery address", "Hartwell Trading Lindenweg 14")
    for told in ("Purchase order PO26-0001", "Supplier no. ISAR", "Contact Ms Huber", "Your reference Q-778"):
        assert told in found
    assert "Item Your item no. Description Quantity Unit Unit price Amount EUR" in found
    assert "1 BOLT M8-40 Hex bolt 1 box = 12 pc 4 packs of 5 box 20 box 31.50 630.00" in found
    assert "2 NUT Hex nut Deliver by 24 Dec 2026 300 pc 0.0525 15.75" in found
    assert "Total EUR 645.75 Prices without tax." in found


def test_a_purchase_order_says_when_goods_are_wanted_of_the_whole_and_of_a_line(desk):
    found = text_of(desk, "purchase", _bought(desk))

    assert in_turn(found, "Deliver by 1 Dec 2026", "Deliver by 24 Dec 2026")


def test_a_purchase_order_speaks_the_suppliers_language_and_else_the_companys(desk):
    assert "采购订单" in text_of(desk, "purchase", _bought(desk, language="zh_CN")).replace(" ", "")
    _supplier(desk, language="")
    assert "Purchase order" in text_of(desk, "purchase", _bought(desk))


def test_a_draft_is_marked_and_a_closed_order_says_what_is_no_longer_wanted(desk):
    key = _bought(desk)
    draft = desk.do(save_purchase, PurchaseDraft("ISAR", (PurchaseLineDraft("BOLT", D(5)),)))
    assert "DRAFT" in text_of(desk, "purchase", draft.id)
    bolts, _nuts = keys(desk, "purchase", key)
    desk.do(receive_purchase, key, quantities={bolts: D(15)})

    desk.do(close_purchase, key)

    found = text_of(desk, "purchase", key)
    assert "closed: the rest is no longer wanted" in found
    assert in_turn(found, "5 box of it no longer wanted", "300 pc of it no longer wanted")


# -- delivery notes and returns ------------------------------------------------------------------------------------------


def test_a_delivery_note_carries_lots_serial_numbers_carrier_and_tracking_and_no_price(desk):
    key = _delivery(desk, ("MILK", 8), ("DRILL", 2), ("BOLT", 5))
    desk.do(pick_delivery, key)
    desk.do(pack_delivery, key, packages=3, weight=D("12.5"), carrier="Blue Vans")
    desk.do(ship_delivery, key)
    desk.do(set_tracking, key, "BV 0390007")

    found = text_of(desk, "delivery", key)

    assert "Whole milk Lot L-1: 6, expires 24 Dec 2026 Lot L-2: 2, expires 2 Jan 2027 8 pc" in found
    assert "Drill Serial no. SN-0, SN-1 2 pc" in found
    for told in ("Carrier Blue Vans", "Tracking no. BV 0390007", "Packages 3", "Weight 12.5 kg"):
        assert told in found
    assert "10.00" not in found and "Unit price" not in found


def test_a_delivery_note_with_prices_shows_its_share_of_the_order_and_of_its_discount(desk):
    order = ordered(desk, LineDraft("BOLT", D(8), discount_percent=D(10)), ("FREIGHT", 1), discount_amount=D("8.70"))
    line = keys(desk, "order", order.order_id)[0]
    key = desk.do(draft_delivery, order.order_id, quantities={line: D(4)})
    desk.do(ship_delivery, key)

    plain, priced = text_of(desk, "delivery", key), text_of(desk, "delivery", key, "priced")

    assert "36.00" not in plain
    assert "Hex bolt 4 pc 10.00 10% 36.00" in priced
    assert "Subtotal 36.00 Discount -3.60 Value of the goods EUR 32.40 Prices without tax." in priced


def test_a_delivery_note_with_prices_says_where_they_include_tax(desk):
    desk.do(save_party, PartySetup("ACME", "Acme Works", prices_include_tax=True, tax_code="INC20"))
    key = _delivery(desk, ("BOLT", 3))
    desk.do(ship_delivery, key)

    found = text_of(desk, "delivery", key, "priced")

    assert "Hex bolt 3 pc 10.00 30.00 Value of the goods EUR 30.00 Prices include tax." in found


def test_a_part_of_a_kit_is_named_with_its_lot(desk):
    desk.do(save_item, ItemSetup("SET", "Breakfast", kind=ItemKind.KIT, sale_price=D(5)))
    desk.do(save_kit, "SET", {"MILK": D(2), "BOLT": D(1)})
    key = _delivery(desk, ("SET", 2))
    desk.do(ship_delivery, key)

    assert "Breakfast MILK: Lot L-1: 4, expires 24 Dec 2026 2 pc" in text_of(desk, "delivery", key)


def test_a_return_note_says_of_which_delivery_why_and_what_becomes_of_the_goods(desk):
    key = _delivery(desk, ("MILK", 8))
    desk.do(ship_delivery, key)
    (line,) = keys(desk, "delivery", key)
    done = desk.do(return_goods, key, {line: D(2)}, reason="leaking", disposition=Disposition.QUARANTINE)

    found = text_of(desk, "return", done.return_id)

    assert in_turn(found, "Delivery no. DN26-0001", "Reason leaking", "Goods into quarantine", "Return note RET26-0001")
    assert "1 MILK Whole milk Lot L-2: 2, expires 2 Jan 2027 2 pc" in found


def test_a_return_to_a_supplier_names_receipt_order_and_reason_and_no_value(desk):
    key = _bought(desk)
    bolts, _nuts = keys(desk, "purchase", key)
    receipt = desk.do(receive_purchase, key, quantities={bolts: D(5)})
    (line,) = keys(desk, "receipt", receipt.id)
    back = desk.do(return_to_supplier, receipt.id, {line: D(12)}, reason="rust")

    found = text_of(desk, "supplier_return", back.supplier_return_id)

    for told in ("Isar Metal Isarring 5", "Goods receipt no. GR26-0002", "Purchase order no. PO26-0001", "Reason rust"):
        assert told in found
    assert "1 BOLT Hex bolt 12 pc" in found and "31.50" not in found


# -- in the house --------------------------------------------------------------------------------------------------------


def test_a_goods_receipt_shows_bins_and_lots_and_its_costs_only_on_wish(desk):
    plain, valued = text_of(desk, "receipt", 1), text_of(desk, "receipt", 1, "valued")

    assert (
        "1 MILK Whole milk Bin B-2: 6 Bin A-1: 4 Lot L-1: 6, expires 24 Dec 2026 Lot L-2: 4, expires 2 Jan 2027 10 pc"
        in plain
    )
    assert "2 A-1 DRILL Drill Serial no. SN-0, SN-1, SN-2 3 pc" in plain
    assert "two pallets" in plain and "61.00" not in plain
    assert "SN-2 3 pc 61.00 183.00" in valued and "Value of the goods EUR 593.00" in valued


def test_a_transfer_note_goes_to_the_other_warehouse_with_room_to_write_what_arrived(desk):
    lines = (TransferLineDraft("MILK", D(3), location="A-1", lot="L-2"), TransferLineDraft("BOLT", D(50)))
    saved = desk.do(save_transfer, TransferDraft("MAIN", "SHOP", lines, carrier="Own van", note="before noon"))
    desk.do(dispatch_transfer, saved.transfer_id)

    found = text_of(desk, "transfer", saved.transfer_id)

    assert in_turn(found, "City shop 9 Shop Road", "Sent from", "Main warehouse")
    assert "Carrier Own van" in found and "before noon" in found
    assert "1 A-1 MILK Whole milk Lot L-2: 3, expires 2 Jan 2027 3 pc" in found
    assert "2 BOLT Hex bolt Bin A-1: 40 Bin B-2: 10 50 pc" in found
    assert found.count("Signature, stamp") == 2


def test_a_supplier_bill_is_a_voucher_with_its_receipts_its_freight_and_its_tax(desk):
    key = _bought(desk)
    bolts, _nuts = keys(desk, "purchase", key)
    receipt = desk.do(receive_purchase, key, quantities={bolts: D(5)}, reference="LS 9")
    freight = ChargeDraft("Freight", D("9.00"), (receipt.number,), tax_code="VAT20")
    bill = BillDraft("ISAR", receipts=(receipt.number,), charges=(freight,), supplier_number="R-1")
    done = desk.do(enter_bill, bill)

    found = text_of(desk, "bill", done.bill_id)

    assert in_turn(found, "Supplier bill BILL26-0001", "Due date 24 Dec 2026", "Their number R-1", "Entered by ada")
    assert "1 BOLT GR26-0002/1 Hex bolt 60 pc 2.625 20% 157.50" in found
    assert "2 Freight Shared over GR26-0002/1, by value 1 9.00 20% 9.00" in found
    assert "Net 166.50 VAT20 20% 33.30 Amount due EUR 199.80" in found


def test_an_adjustment_is_a_voucher_with_its_reason_and_its_value(desk):
    lines = (AdjustmentLineDraft("BOLT", D(-4), location="A-1"), AdjustmentLineDraft("MILK", D(-1), lot="L-1"))
    key = desk.do(adjust_stock, AdjustmentDraft("damaged", lines, note="forklift")).adjustment_id

    found = text_of(desk, "adjustment", key)

    assert "Stock adjustment ADJ26-0001" in found and "Reason damaged" in found and "forklift" in found
    assert "1 A-1 BOLT Hex bolt -4 pc -16.00" in found
    assert "Lot or serial no. L-1 -1 pc -1.00" in found and "Value EUR -17.00" in found


# -- pick lists ----------------------------------------------------------------------------------------------------------


def test_a_pick_list_follows_the_walk_and_says_bin_lot_and_quantity(desk):
    key = _delivery(desk, ("BOLT", 50), ("MILK", 8), customer_reference="PO-7")

    found = text_of(desk, "delivery", key, "pick")

    rows = (
        "1 A-1 BOLT Hex bolt 40 pc",
        "2 A-1 MILK Whole milk L-2, expires 2 Jan 2027 2 pc",
        "3 B-2 BOLT Hex bolt 10 pc",
    )
    assert in_turn(found, "Pick list SO26-0001", *rows, "4 B-2 MILK Whole milk L-1, expires 24 Dec 2026 6 pc")
    assert "Customer Acme Works" in found and "Reference PO-7" in found


def test_a_pick_list_of_several_deliveries_is_one_walk_that_says_for_whom(desk):
    desk.do(save_party, PartySetup("BORD", "Bordeaux Outillage"))
    first, second = _delivery(desk, ("BOLT", 30)), _delivery(desk, ("BOLT", 30), ("DRILL", 1), customer="BORD")

    view = desk.ask(paper, "delivery", [second, first], "pick")

    assert view.barcodes == (("SO26-0001", "Acme Works"), ("SO26-0002", "Bordeaux Outillage"))
    rows = (
        "A-1 BOLT Hex bolt 30 pc SO26-0001",
        "A-1 BOLT Hex bolt 10 pc SO26-0002",
        "A-1 DRILL Drill SN-0 1 pc SO26-0002",
    )
    assert in_turn(_text(view), *rows, "B-2 BOLT Hex bolt 20 pc SO26-0002")


def test_a_house_without_bins_has_no_column_for_them(desk):
    desk.do(save_item, ItemSetup("WASHER", "Washer", sale_price=D(1)))
    receive(desk, "WASHER", 5)

    view = desk.ask(paper, "delivery", [_delivery(desk, ("WASHER", 5))], "pick")

    assert [column.title for column in view.columns] == ["", "Quantity"]


def test_a_delivery_of_services_alone_has_nothing_to_pick(desk):
    key = _delivery(desk, ("FREIGHT", 1))

    with pytest.raises(BadValueError, match="Nothing of SO26-0001 lies in stock: there is nothing to pick"):
        desk.ask(paper, "delivery", [key], "pick")


def test_orders_stand_for_their_deliveries_that_wait_and_a_cancelled_one_is_not_picked(desk):
    key, other = _delivery(desk, ("BOLT", 5)), _delivery(desk, ("BOLT", 6))

    assert desk.ask(deliveries_to_pick, ["SO26-0002", "so26-0001", "delivery:2"]) == [other, key]
    desk.do(cancel_delivery, key)
    with pytest.raises(BadValueError, match="SO26-0001 has no delivery that waits"):
        desk.ask(deliveries_to_pick, ["SO26-0001"])
    with pytest.raises(BadValueError, match="SO26-0001 was cancelled: there is nothing to pick"):
        desk.ask(paper, "delivery", [key], "pick")
    with pytest.raises(BadValueError, match="GR26-0001 is no delivery and no sales order"):
        desk.ask(deliveries_to_pick, ["GR26-0001"])
    with pytest.raises(NotFoundError):
        desk.ask(paper, "delivery", [99], "pick")


# -- counts --------------------------------------------------------------------------------------------------------------


def test_a_count_sheet_has_no_quantities_unless_asked_for_and_never_on_a_blind_count(desk):
    open_count = desk.do(start_stocktake, items=("BOLT", "MILK"), note="spring").stocktake_id
    blind = desk.do(start_stocktake, items=("BOLT",), blind=True).stocktake_id

    plain, told = text_of(desk, "stocktake", open_count), text_of(desk, "stocktake", open_count, "expected")

    assert in_turn(plain, "A-1 BOLT Hex bolt", "A-1 MILK Whole milk", "Lot or serial no. L-2", "B-2 BOLT", "B-2 MILK")
    assert "Books" not in plain and "Counted again" in plain and "Note spring" in plain
    assert "1 A-1 BOLT Hex bolt pc 40" in told
    assert "Hex bolt" in text_of(desk, "stocktake", blind)
    with pytest.raises(BadValueError, match="is a blind count: its sheet shows no quantities"):
        desk.ask(paper, "stocktake", [blind], "expected")


def test_a_posted_count_gives_its_differences_with_their_value(desk):
    count = desk.do(start_stocktake, items=("BOLT", "MILK"), tolerance=D(50)).stocktake_id
    with pytest.raises(BadValueError, match="is not posted yet"):
        desk.ask(paper, "stocktake", [count], "differences")
    by_bin = {(line.code, line.location): line for line in desk.ask(sheet, count).lines}
    bolts_a, bolts_b, milk = by_bin["BOLT", "A-1"], by_bin["BOLT", "B-2"], by_bin["MILK", "B-2"]
    desk.do(count_lines, count, {bolts_a.line_id: D(43), bolts_b.line_id: D(55), milk.line_id: D(6)})
    desk.do(post_stocktake, count)

    found = text_of(desk, "stocktake", count)

    assert "Count differences ST26-0001" in found and "Lines counted 3 of 4" in found and "Differences 2" in found
    assert "1 A-1 BOLT Hex bolt pc 40 43 3 12.00 2 B-2 BOLT Hex bolt pc 60 55 -5 -20.00" in found
    assert "Gains 12.00 Losses -20.00 Net difference EUR -8.00" in found
    desk.holds()


# -- what all of them keep -----------------------------------------------------------------------------------------------


def _all_papers(desk: Desk) -> list[tuple[str, int, str]]:
    """One document of each kind with each of its papers."""
    key = _bought(desk)
    bolts, _nuts = keys(desk, "purchase", key)
    receipt = desk.do(receive_purchase, key, quantities={bolts: D(5)})
    back = desk.do(return_to_supplier, receipt.id, {keys(desk, "receipt", receipt.id)[0]: D(12)}, reason="rust")
    waits, gone = _delivery(desk, ("MILK", 2), ("BOLT", 9)), _delivery(desk, ("MILK", 3))
    desk.do(ship_delivery, gone)
    came = desk.do(return_goods, gone, {keys(desk, "delivery", gone)[0]: D(1)})
    moved = desk.do(save_transfer, TransferDraft("MAIN", "SHOP", (TransferLineDraft("BOLT", D(2)),)))
    counting, posted = (desk.do(start_stocktake, items=(item,)).stocktake_id for item in ("BOLT", "MILK"))
    lines = desk.ask(sheet, posted).lines
    desk.do(count_lines, posted, {line.line_id: line.expected + 1 for line in lines})
    desk.do(count_lines, posted, {line.line_id: line.expected + 1 for line in lines})
    desk.do(post_stocktake, posted)
    bill = desk.do(enter_bill, BillDraft("ISAR", receipts=(receipt.number,))).bill_id
    lost = desk.do(adjust_stock, AdjustmentDraft("lost", (AdjustmentLineDraft("BOLT", D(-1)),))).adjustment_id
    made = [
        ("bill", bill, "posted"),
        ("adjustment", lost, "posted"),
        ("purchase", key, "sent"), ("receipt", receipt.id, "received"), ("supplier_return", back.supplier_return_id, "sent"),
        ("delivery", waits, "draft"), ("delivery", gone, "shipped"), ("return", came.return_id, "received"),
        ("transfer", moved.transfer_id, "draft"), ("stocktake", counting, "counting"), ("stocktake", posted, "posted"),
    ]  # fmt: skip
    return [(kind, key, name) for kind, key, state in made for name in papers_of(kind, state)]


def test_every_paper_is_made_twice_with_the_same_bytes_in_our_fonts_alone(desk):
    made = _all_papers(desk)

    assert {kind for kind, *_ in made} == set(KINDS) - {
        "quotation",
        "order",
        "invoice",
        "payment",
        "receivable_adjustment",
        "reminder",
    }
    for kind, key, name in made:
        first = render(desk.ask(paper, kind, [key], name))
        assert first == render(desk.ask(paper, kind, [key], name)), (kind, name)
        for page in PdfReader(BytesIO(first)).pages:
            for font in page["/Resources"]["/Font"].values():
                assert "NotoSans-" in font.get_object()["/BaseFont"]


def test_every_paper_is_translated(desk):
    desk.do(save_party, PartySetup("ACME", "Acme Works", language="zh_CN"))
    made = _all_papers(desk)
    ours = ("Bin", "Item", "Quantity", "Unit", "Lot", "Date", "Warehouse", "Counted", "Supplier", "Deliver", "Reason")

    for kind, key, name in made:
        view = replace(desk.ask(paper, kind, [key], name), language="zh_CN", company=COMPANY)
        found = _text(view)
        assert "第1页，共1页" in found.replace(" ", ""), (kind, name)
        for word in ours:
            assert word not in found, (kind, name, word)


TICK, BIN = ColumnView("", "position", Shape.TICK), ColumnView("Bin", "code", strong=True)
WIDEST = {
    "pick": (TICK, ColumnView("Where", "code"), BIN, ColumnView("Lot", "unit"),
             ColumnView("Quantity", "unit", Shape.QUANTITY, strong=True), ColumnView("For")),
    "coded": (BIN, ColumnView("Bars", "unit", Shape.BARS), ColumnView("Counted", shape=Shape.WRITE)),
    "expected": (BIN, ColumnView("Books", shape=Shape.QUANTITY), ColumnView("Counted", shape=Shape.WRITE),
                 ColumnView("Counted again", shape=Shape.WRITE)),
    "differences": (BIN, *(ColumnView(title, shape=Shape.QUANTITY) for title in ("Books", "Counted", "Difference")),
                    ColumnView("Value", shape=Shape.MONEY)),
}  # fmt: skip


def _long_line(n: int, text: str, columns: tuple[ColumnView, ...]) -> LineView:
    figures = {Shape.QUANTITY: D("-123456.5"), Shape.MONEY: D("-1234567.89"), Shape.TICK: "", Shape.WRITE: ""}
    more = tuple(figures.get(column.shape, text) for column in columns)
    return LineView(n, text, f"{text} {n}.", None, text[:20], more=more, said=(Said("Lot {lot}", (("lot", text),)),))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("columns", WIDEST.values(), ids=WIDEST)
@pytest.mark.parametrize(
    "text",
    ["X" * 70, "a very long name of a bin or an item in many words " * 3, "六角螺栓不锈钢加长型" * 6, "<b>&{lot}"],
    ids=["one-word", "words", "chinese", "markup"],
)
def test_nothing_leaves_the_sheet_or_is_lost_where_names_are_long(
    text: str, columns: tuple[ColumnView, ...], language: str
):
    view = document(
        "count_sheet", bill_to="", language=language, columns=columns, show_prices=False,
        lines=tuple(_long_line(n, text, columns) for n in range(1, 30)),
        references=(("Note", text),), barcodes=(("ST26-0001", text), (text, text)),
    )  # fmt: skip
    pages = PdfReader(BytesIO(render(view))).pages

    whole = "".join("".join(page.extract_text().split()) for page in pages)
    assert len(pages) > 1
    for n in range(1, 30):
        assert f"{''.join(text.split())}{n}." in whole
    paper_made, _ = _composed(view, DEFAULT, logo=False)
    for page in paper_made.pages:
        for item in page:
            face = paper_made.face(item.bold) if isinstance(item, Text) else None
            wide = face.width(item.text, item.size) if face else item.width
            left = item.x - wide if isinstance(item, Text) and item.right else item.x
            assert DEFAULT.left - 7 < left
            assert left + wide < DEFAULT.width - DEFAULT.right + 7


def test_headings_stand_on_each_sheet_of_a_long_pick_list_and_so_does_its_name():
    view = document(
        "pick_list", bill_to="", columns=(TICK, BIN, ColumnView("Lot", "unit")), show_prices=False, references=(),
        lines=tuple(LineView(n, f"IT-{n:03}", "Ball", None, "pc", more=("", "A-1", "L")) for n in range(1, 120)),
    )  # fmt: skip
    pages = [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(render(view))).pages]

    assert len(pages) > 2
    for n, page in enumerate(pages, 1):
        assert "No. Bin Item Description Lot Unit" in page
        assert f"Page {n} of {len(pages)}" in page
        assert "Pick list X-2025-00042" in page
    assert all(sum(f"IT-{n:03}" in page for page in pages) == 1 for n in range(1, 120))


def test_what_people_typed_on_a_paper_is_drawn_and_never_obeyed():
    typed = "<b>x{lot}\x1b[31m"
    view = document(
        "transfer_note",
        references=(("Note", Said("Lot {lot}", (("lot", typed),))),),
        columns=(ColumnView("Bin"),),
        lines=(replace(LineView(1, "A", "B", Decimal(1)), more=(typed,)),),
        show_prices=False,
    )

    found = _text(view).replace(" ", "")

    assert found.count(f"<b>x{{lot}}{REPLACEMENT}[31m") == 2


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_a_paper_without_an_address_has_the_low_head(kind: DocumentKind):
    low, high = _text(document(kind, bill_to="", lines=())), _text(document(kind, lines=()))

    assert "X-2025-00042" in low and "24 Nov 2025" in low
    assert "Ødegaard" in high and "Ødegaard" not in low


def test_a_document_without_a_number_is_named_by_kind_and_key(desk):
    count = desk.do(start_stocktake, items=("BOLT",)).stocktake_id

    assert desk.ask(document_named, f"stocktake:{count}") == ("stocktake", count)
    assert desk.ask(document_named, "gr26-0001") == ("receipt", 1)
    for wrong in ("stocktake:99", "stocktake:x", "nothing:1", "receipt:" + "9" * 30):
        with pytest.raises(NotFoundError):
            desk.ask(document_named, wrong)
