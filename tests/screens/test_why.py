"""F4 on a figure: the rows behind it, and on a code its card. docs/rules/why.md."""

import pytest

from o2c_tui.models.party import CreditMode
from o2c_tui.queries.why import BLOCKED, figures_of
from o2c_tui.screens.asking import LINE_FIGURES, ROW_FIGURES
from o2c_tui.services.drafting import DocumentDraft
from o2c_tui.services.ordering import save_order
from tests.makers import D, delivered, lines, ordered, sold, terms_of
from tests.screens.desk import clerk_at, seated, small_books


@pytest.fixture
def books(tmp_path):
    path, desk = small_books(tmp_path)
    yield path, desk, tmp_path / "home"
    desk.holds()
    desk.store.close()


def test_what_the_lists_offer_are_figures_of_their_rows():
    for kind, figures in ROW_FIGURES.items():
        assert set(figures) <= {*figures_of(kind), BLOCKED}, kind
    assert set(LINE_FIGURES) <= set(ROW_FIGURES)


def test_why_so_little_is_available_and_on_to_the_order_that_holds_it(books):
    path, desk, home = books
    ordered(desk, ("BOLT", 30))
    with clerk_at(path, home) as clerk:
        clerk.press("g", "k", "f4")
        clerk.sees("1  Available  BOLT @ MAIN")
        clerk.press("1")
        clerk.sees("WHY  Available  BOLT @ MAIN")
        clerk.sees("Available  70 pc")
        clerk.sees("-30")
        clerk.press("enter")
        clerk.sees("SALES ORDER  SO26-0001")
        clerk.press("escape")
        clerk.sees("WHY  Available")
        clerk.press("escape")
        clerk.sees("STOCK")


async def test_a_row_leads_from_figure_to_figure_and_f4_to_the_document(books):
    path, desk, _home = books
    bill = sold(desk, ("BOLT", 2))
    ordered(desk, ("BOLT", 1))

    async with seated(path) as clerk:
        await clerk.press("g", "r", "1", "f4", "3")
        assert "WHY  Credit exposure  ACME" in clerk.text
        assert "24.00" in clerk.line(bill.number)
        await clerk.press("down", "enter")
        assert "WHY  To be invoiced  SO26-0002" in clerk.text
        await clerk.press("escape")
        await clerk.press("home", "f4")
        assert f"INVOICE  {bill.number}" in clerk.text


async def test_a_document_offers_its_line_then_itself_then_the_cards(books):
    path, desk, _home = books
    delivered(desk, ordered(desk, ("BOLT", 2), ("FREIGHT", 1)))

    async with seated(path) as clerk:
        await clerk.press("g", "o", "5", "enter", "f4")
        offered = clerk.text.partition("Why?")[2].split("\n")
        assert [line.strip() for line in offered[1:3]] == ["1  Price  SO26-0001/1", "2  Available  BOLT"]
        await clerk.press("1")
        assert "WHY  Price  SO26-0001/1" in clerk.text
        assert "the item's price" in clerk.text
        await clerk.press("escape")
        await clerk.press("f4", "0", "4")
        assert "CUSTOMER  ACME" in clerk.text


async def test_a_refused_step_says_why_from_its_preview(books):
    path, desk, _home = books
    terms_of(desk, credit_mode=CreditMode.HOLD, credit_limit=D(1))
    desk.do(save_order, DocumentDraft("ACME", lines(("BOLT", 500))))

    async with seated(path) as clerk:
        await clerk.press("g", "o", "2", "f8", "f4", "1")
        assert "WHY  Why the next step is refused" in clerk.text
        assert clerk.line("refused") and clerk.line("short")
        await clerk.press("enter")
        assert "WHY  Credit exposure  ACME" in clerk.text
        await clerk.press("escape")
        await clerk.press("down", "enter")
        assert "WHY  Available  BOLT @ MAIN" in clerk.text


async def test_f4_while_typing_opens_the_card_of_a_filled_code_and_looks_up_an_empty_one(books):
    path, _desk, _home = books

    async with seated(path) as clerk:
        await clerk.press("g", "o", "f6", "f4")
        assert "ACME" in clerk.text and "CN01" in clerk.text  # the drop-down of all customers
        await clerk.press("escape")
        await clerk.press("escape")


async def test_f4_in_an_editor_tells_the_price_what_is_available_and_the_cards(books):
    path, _desk, _home = books

    async with seated(path) as clerk:
        await clerk.press("g", "o", "f6", "acme", "enter")
        await clerk.press("bolt*3 @9", "enter")
        await clerk.press("up", "tab", "tab", "f4")
        assert "WHY  Available  BOLT @ MAIN" in clerk.text
        await clerk.press("escape")
        await clerk.press("tab", "f4")
        assert "WHY  Price" in clerk.text
        assert "typed by hand" in clerk.text
        assert "-1.00" in clerk.line("typed by hand")
        await clerk.press("escape")
        await clerk.press("shift+tab", "shift+tab", "f4")
        assert clerk.line("BOLT  Hex bolt").startswith(" STOCK")


async def test_ctrl_f_narrows_a_list_and_finds_anything_elsewhere(books):
    path, _desk, _home = books

    async with seated(path) as clerk:
        await clerk.press("g", "c", "ctrl+f", "cn01", "enter")
        assert clerk.line("CN01") and not clerk.line("ACME")
        await clerk.press("g", "h", "ctrl+f")
        assert "Go to:" in clerk.text


async def test_a_customers_card_tells_its_credit_and_the_back_orders_what_is_free(books):
    path, desk, _home = books
    ordered(desk, ("BOLT", 130))

    async with seated(path) as clerk:
        await clerk.press("g", "c", "enter")
        card = clerk.app.screen
        card.entry.cell = "credit_limit"
        await clerk.press("f4", "1")
        assert "WHY  Credit exposure  ACME" in clerk.text
        assert "SO26-0001" in clerk.text
        await clerk.press("g", "y", "f4", "2")
        assert "WHY  Back-ordered  BOLT @ MAIN" in clerk.text
        assert "30" in clerk.line("SO26-0001")


async def test_an_instalment_that_is_being_paid_tells_what_is_open(books):
    path, desk, _home = books
    bill = sold(desk, ("BOLT", 2))

    async with seated(path) as clerk:
        await clerk.press("g", "m", "f6", "acme", "enter", "5", "enter")
        payment = clerk.app.screen
        payment.entry.line, payment.entry.cell = 0, "pays"
        await clerk.press("f4", "1")
        assert f"WHY  Open  {bill.number}" in clerk.text
        assert "instalment" in clerk.text
