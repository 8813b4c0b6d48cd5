"""F7 in the warehouse: which paper is asked by number where there are several. In a real pseudo-terminal."""

import pypdf
import pytest

from o2c_tui.services.bins import save_location
from o2c_tui.services.receiving import ReceiptDraft, ReceiptLineDraft, receive_goods
from o2c_tui.services.shipping import draft_delivery, ship_order
from tests.makers import D, ordered
from tests.screens.desk import clerk_at, small_books


@pytest.fixture
def books(tmp_path):
    path, desk = small_books(tmp_path)
    yield path, desk, tmp_path / "home"
    desk.store.close()


def _text(path) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(path).pages).split())


def test_marked_deliveries_make_one_pick_list_and_a_shipped_one_asks_for_prices(books):
    path, desk, home = books
    shipped = desk.do(ship_order, ordered(desk, ("BOLT", 2)).order_id)
    for quantity in (3, 4):
        desk.do(draft_delivery, ordered(desk, ("BOLT", quantity)).order_id)
    with clerk_at(path, home) as clerk:
        clerk.press("g", "s", "3")
        clerk.sees(shipped.number)
        clerk.press("*", "f7")
        clerk.sees("Delivery note, with prices")
        clerk.press("escape", "*", "space", "space", "f7")
        clerk.sees("1  Pick list")
        clerk.press("1")
        clerk.sees("SO26-0002-and-1-more-pick.pdf")
        clerk.press("home", "space", "space", "f7")
        clerk.sees("2  Delivery note, with prices")
        clerk.press("2")
        clerk.sees(f"{shipped.number}-priced.pdf")
        clerk.press("f7")
        clerk.sees("3  Address labels, one a package")
        clerk.press("3")
        clerk.sees("3  Single ones, 100 × 150 mm")
        clerk.press("3")
        clerk.sees(f"labels-packages-{shipped.number}.pdf")
    export = home / "export"
    assert "Value of the goods EUR 20.00" in _text(export / f"{shipped.number}-priced.pdf")
    assert "4 pc SO26-0003" in _text(export / "SO26-0002-and-1-more-pick.pdf")


def test_a_count_sheet_is_printed_while_counting_and_a_receipt_with_costs(books):
    path, desk, home = books
    receipt = desk.do(receive_goods, ReceiptDraft((ReceiptLineDraft("BOLT", D(7), D("4.25")),)))
    with clerk_at(path, home) as clerk:
        clerk.press("g", "n", "f6")
        clerk.sees("STOCKTAKE")
        clerk.press("ctrl+s")
        clerk.sees("0 of 6 counted")
        clerk.press("f7")
        clerk.sees("3  Count sheet, with what the books say")
        clerk.press("1")
        clerk.sees("stocktake-1.pdf")
        clerk.press("f3", "g", "w", "enter")
        clerk.sees(f"GOODS RECEIPT  {receipt.number}")
        clerk.press("f7", "2")
        clerk.sees(f"{receipt.number}-valued.pdf")
    assert "Part number 5" in _text(home / "export" / "stocktake-1.pdf")
    assert "29.75" in _text(home / "export" / f"{receipt.number}-valued.pdf")


def test_labels_are_made_from_the_lists_of_items_stock_and_receipts(books):
    path, desk, home = books
    desk.do(save_location, "A-1")
    with clerk_at(path, home) as clerk:
        clerk.press("g", "l")
        clerk.sees("PART-2")
        clerk.press("space", "space", "f7")
        clerk.sees("2  Single ones, 62 × 29 mm")
        clerk.press("2")
        clerk.sees("How many of each?")
        clerk.press("backspace", "3", "enter")
        clerk.sees("labels-items.pdf is in")
        clerk.press("g", "k", "f7")
        clerk.sees("2  Labels of all bins of MAIN")
        clerk.press("2", "1")
        clerk.sees("labels-bins-MAIN.pdf is in")
        clerk.press("g", "x", "f7")
        clerk.sees("Labels on what?")
        clerk.press("2")
        clerk.sees("labels-bins-MAIN.pdf is in")
        clerk.press("g", "k", "enter", "f7", "1", "backspace", "x", "enter")
        clerk.sees("'x' is no number from 1 to 9999")
        clerk.press("g", "w", "f7")
        clerk.sees("3  Labels, one for each unit")
        clerk.press("3", "1")
        clerk.sees("labels-GR26-0006.pdf is in")
    export = home / "export"
    assert len(pypdf.PdfReader(export / "labels-items.pdf").pages) == 6
    assert _text(export / "labels-GR26-0006.pdf").count("Hex bolt") == 100
