"""A supplier's bill typed against its receipts, in a real pseudo-terminal."""

import pytest

from o2c_tui.queries.why import why
from o2c_tui.queries.why_parts import Subject
from o2c_tui.services.bill_draft import BillDraft
from o2c_tui.services.billing import enter_bill
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.receiving import receive_purchase
from o2c_tui.services.supplier_returns import return_to_supplier
from tests.makers import D, purchased
from tests.screens.desk import clerk_at, seated, small_books


@pytest.fixture
def books(tmp_path):
    """12 BOLT at 3.50 and 10 PART-1 at 2.00 ordered from SUPP and received."""
    path, desk = small_books(tmp_path)
    desk.do(save_party, PartySetup("SUPP", "Supply House", is_customer=False, is_supplier=True, tax_code="NONE"))
    order = purchased(desk, ("BOLT", 12, "3.50"), ("PART-1", 10, "2.00"), supplier="SUPP")
    desk.receipt = desk.do(receive_purchase, order)
    yield path, desk, tmp_path / "home"
    desk.store.close()


def test_a_bill_with_another_price_and_freight_is_typed_in_its_grid_and_posted(books):
    path, desk, home = books
    number = desk.receipt.number
    with clerk_at(path, home) as clerk:
        clerk.press("g", "w", "f8")
        clerk.sees("SUPPLIER BILL  NEW")
        clerk.sees("TOTAL 62.00")
        clerk.data("S-88")
        clerk.press("enter", "up", "up", "right", "right", "right")
        clerk.data("3.60")
        clerk.press("enter")
        clerk.sees("3.60'")
        clerk.sees("1.20")  # dearer than it was taken in for
        clerk.press("down", "down")
        clerk.data("qua")
        clerk.sees("by quantity")
        clerk.press("enter")
        clerk.data("Freight")
        clerk.press("enter")
        clerk.data("11")
        clerk.press("enter")
        clerk.sees("TOTAL 74.20")
        clerk.press("f8")
        clerk.sees("Supplier bill BILL26-0001  74.20")
        clerk.sees("12.20 onto the stock")
        clerk.press("enter")
        clerk.sees("SUPPLIER BILL  BILL26-0001")
    bill = desk.document("bill", 1)
    assert [(line["receipt"], line["unit_price"], line["net"]) for line in bill.lines] == [
        (f"{number}/1", D("3.60"), D("43.20")),
        (f"{number}/2", D("2.00"), D("20.00")),
        ("", D("11.00"), D("11.00")),
    ]
    assert bill.head["supplier_number"] == "S-88"
    desk.holds()


def test_a_bill_is_written_down_in_part_changed_later_and_posted(books):
    path, desk, home = books
    with clerk_at(path, home) as clerk:
        clerk.press("g", "p", "f6")
        clerk.sees("SUPPLIER BILL  NEW")
        clerk.data("supp")
        clerk.press("enter")
        clerk.sees("TOTAL 62.00")  # everything that is not billed
        clerk.press("enter", "up", "ctrl+x")
        clerk.sees("TOTAL 42.00")
        clerk.press("up", "right", "right")
        clerk.data("20")
        clerk.press("enter")
        clerk.sees("12 of")  # more than came
        clerk.press("escape", "ctrl+s")
        clerk.sees("Saved: 42.00")
        clerk.press("f3")
        clerk.sees("DRAFT")
        clerk.press("enter")
        clerk.sees("SUPPLIER BILL  EDIT")
        clerk.press("enter", "up", "right", "right")
        clerk.data("5")
        clerk.press("enter", "right", "ctrl+u", "enter")
        clerk.sees("TOTAL 17.50")
        clerk.press("f8")
        clerk.sees("BILL26-0001  17.50")
        clerk.press("enter")
        clerk.sees("SUPPLIER BILL  BILL26-0001")
    assert [line["to_bill"] for line in desk.document("receipt", desk.receipt.id).lines] == [D(7), D(10)]
    desk.holds()


def test_goods_sent_back_are_credited_by_keys(books):
    path, desk, home = books
    line = desk.document("receipt", desk.receipt.id).lines[0]["id"]
    desk.do(enter_bill, BillDraft("SUPP", receipts=(desk.receipt.number,)))
    desk.do(return_to_supplier, desk.receipt.id, {line: D(4)}, "bent")
    with clerk_at(path, home) as clerk:
        clerk.press("g", "w", "enter")
        clerk.sees("GOODS RECEIPT  GR26-")
        clerk.press("]")
        clerk.sees("RETURN TO SUPPLIER  ")
        clerk.sees("F8 = Credit")
        clerk.press("f8")
        clerk.sees("SUPPLIER CREDIT")
        clerk.sees("TOTAL 14.00")
        clerk.data("C-1")
        clerk.press("enter", "f8", "enter")
        clerk.sees("SUPPLIER BILL  BILL26-0002")
        clerk.sees("booked")
    assert desk.document("bill", 2).head["kind"] == "credit"
    desk.holds()


async def test_f4_says_what_the_total_of_a_purchase_document_is_made_of(books):
    path, desk, _home = books
    done = desk.do(enter_bill, BillDraft("SUPP", receipts=(desk.receipt.number,)))
    for place, view, first in (("u", "5", "BOLT"), ("w", "1", "BOLT"), ("p", "1", desk.receipt.number)):
        async with seated(path) as clerk:
            await clerk.press("g", place, view, "f4", "1")
            assert first in clerk.text and "42.00" in clerk.text and "62.00" in clerk.text, place
            assert "12 × 3.5" in clerk.text or "12 x 3.5" in clerk.text
    found = desk.ask(why, "total", done.number, today=desk.today)
    assert found.adds_up and found.parts[0].opens == Subject("receipt", desk.receipt.id)


async def test_a_receipt_that_is_billed_offers_no_bill(books):
    path, desk, _home = books
    async with seated(path) as clerk:
        await clerk.press("g", "w")
        assert clerk.app.screen.key_label("next_step") == "Next"
        desk.do(enter_bill, BillDraft("SUPP", receipts=(desk.receipt.number,)))
        await clerk.press("f5")
        assert clerk.app.screen.key_label("next_step") is None
        assert not clerk.app.screen.check_action("next_step", ())
        await clerk.press("f8")
        assert "GOODS RECEIPTS" in clerk.text
        await clerk.press("enter")
        assert "GOODS RECEIPT " in clerk.text
        assert not clerk.app.screen.check_action("next_step", ())


async def test_a_line_of_a_bill_has_a_tax_code_of_its_own(books):
    path, desk, _home = books
    async with seated(path) as clerk:
        await clerk.press("g", "w", "f8", "S-9", "enter")
        await clerk.press("up", "up", "tab", "tab", "tab", "tab", "tab")
        await clerk.press("vat99", "enter")
        assert clerk.message.startswith("ERR") and "VAT99" in clerk.message
        await clerk.press("ctrl+u", "vat20", "enter")
        assert "Tax 8.40   TOTAL 70.40" in clerk.text
        await clerk.press("tab", "tab", "tab", "tab", "tab", "vat20", "enter")
        assert "Tax 12.40   TOTAL 74.40" in clerk.text
        await clerk.press("up", "tab", "tab", "tab", "tab", "tab", "-", "enter")
        assert "Tax 8.40   TOTAL 70.40" in clerk.text
        await clerk.press("ctrl+s")
        await clerk.press("f8", "enter")
    bill = desk.document("bill", 1)
    assert [(line["tax_code"], line["tax"]) for line in bill.lines] == [("VAT20", D("8.40")), ("", D(0))]
    desk.holds()
