"""Reports by keys: opened by number, told otherwise, asked in place, sorted, narrowed, opened row by row, written."""

from datetime import date

import pytest

from o2c_tui.app import O2c
from o2c_tui.reports.catalogue import make
from o2c_tui.reports.kinds import Asked
from o2c_tui.services.exchanging import save_rate
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.reminding import remind_customer
from tests.makers import D, ordered, receive, sold
from tests.ready import new_store
from tests.screens.desk import clerk_at, seated, small_books
from tests.storage.whole_books import whole_books


@pytest.fixture
def books(tmp_path, monkeypatch):
    """Two customers, sales on two days, one order that waits."""
    path, desk = small_books(tmp_path)
    monkeypatch.setenv("O2C_HOME", str(tmp_path / "home"))
    desk.do(save_party, PartySetup("BEACON", "Beacon Hardware"))
    desk.next_day(-40)
    receive(desk, "BOLT", 10, "3.00")
    sold(desk, ("BOLT", 4), ("FREIGHT", 1))
    desk.next_day(40)
    sold(desk, ("BOLT", 7), customer="BEACON")
    sold(desk, ("PART-1", 5), customer="ACME")
    ordered(desk, ("PART-2", 90), customer="BEACON")
    yield path, desk, tmp_path / "home"
    desk.store.close()


async def test_numbers_choose_by_what_a_report_is_told_and_enter_goes_down(books):
    path, _desk, _home = books
    async with seated(path) as clerk:
        await clerk.press("g", "e")
        assert clerk.line("Receivables by age").split()[0] == "2"
        await clerk.press("1")
        assert clerk.shown()[0].split()[0] == "MARGIN", "as lists are titled"
        assert "SO26-0003" in clerk.text and "3 rows" in clerk.text
        assert "Invoiced and cost are the accounts of sales and cost of sales." in clerk.text
        await clerk.press("3")  # by customer
        assert "7.50" in clerk.line("Total") or "132.50" in clerk.line("Total")
        await clerk.press("down", "enter")
        assert "BEACON" in clerk.text and "SO26-0002" in clerk.text and "SO26-0001" not in clerk.text
        await clerk.press("enter")
        assert "DN26-0002" in clerk.text and "INV26-0002" in clerk.text
        await clerk.press("f4")
        assert clerk.app.screen.__class__.__name__ == "WhyScreen"  # of what the goods cost, layer by layer
        await clerk.press("escape", "left", "left")
        row = clerk.app.screen.query_one("WindowedList").row
        assert row.cells[0] == "BEACON"  # back on the row


async def test_what_a_report_is_asked_is_changed_in_place(books):
    path, _desk, _home = books
    async with seated(path) as clerk:
        await clerk.press("g", "e", "1", "f2", "2026-11-01", "enter")
        assert "SO26-0001" in clerk.text and "SO26-0002" not in clerk.text and "2026-11-01" in clerk.text
        await clerk.press("f2", "ctrl+u", "tab", "tab", "tab", "tab", "nobody", "enter")
        assert "ERR" in clerk.message and "NOBODY" in clerk.message
        await clerk.press("bea", "enter")
        assert "SO26-0002" in clerk.text and "SO26-0001" not in clerk.text
        await clerk.press("f2", "13.13.", "enter")
        assert "ERR" in clerk.message
        await clerk.press("escape", "escape")
        assert "SO26-0002" in clerk.text


async def test_rows_are_sorted_and_narrowed_and_the_totals_follow(books):
    path, _desk, _home = books
    async with seated(path, size=(120, 40)) as clerk:
        await clerk.press("g", "e", "1")
        await clerk.press(*[">"] * 7)  # number, turned round, date, turned, customer, turned, then Invoiced
        orders = [line.split()[0] for line in clerk.shown() if " SO26-" in line and "2026" in line]
        assert "Invoiced" in clerk.text and "v" in clerk.line("Invoiced")
        assert len(orders) == 3
        first = next(line for line in clerk.shown() if "SO26-" in line)
        assert "70.00" in first  # the greatest first
        await clerk.press("/", "beacon", "enter")
        assert "1 of 3 rows" in clerk.text
        assert "70.00" in clerk.line("Total")
        await clerk.press("/", "ctrl+u", "enter")
        assert "3 rows" in clerk.text


@pytest.mark.parametrize(
    ("number", "ending", "start"),
    [("1", "pdf", b"%PDF-"), ("2", "csv", b"\xef\xbb\xbfCode"), ("3", "json", b"{"), ("4", "txt", b"Margin")],
)
async def test_what_is_shown_is_written_into_the_export_folder(books, number, ending, start):
    path, _desk, home = books
    async with seated(path) as clerk:
        await clerk.press("g", "e", "1", "3", "f7", number)
        assert clerk.message.startswith("OK")
    (file,) = (home / "export").iterdir()
    assert file.name == f"margin-customer.{ending}"
    assert file.read_bytes().startswith(start)


async def test_every_report_opens_at_eighty_columns_with_no_figure_cut(books):
    path, _desk, _home = books
    async with seated(path) as clerk:
        from o2c_tui.reports.kinds import KINDS
        from o2c_tui.screens.reports import ReportScreen

        app: O2c = clerk.app
        for kind in KINDS:
            for number in range(1, max(1, len(kind.by)) + 1):
                app.push_screen(ReportScreen(kind.name))
                await clerk.press(str(number))
                screen = app.screen
                assert isinstance(screen, ReportScreen)
                rows = screen.rows
                assert max(len(line) for line in clerk.shown()) <= 80
                for n in rows.columns_shown:
                    if screen.made.headings[n].is_figure:
                        assert rows._widths[n] >= rows.columns[n].width > 0
                assert sum(rows._widths) + len(rows.columns_shown) - 1 <= 75, kind.name
                await clerk.press("escape")


async def test_open_items_in_several_currencies_show_each_figure_whole_at_eighty_columns(tmp_path):
    path, desk = small_books(tmp_path)
    desk.do(save_party, PartySetup("USCO", "Bay Tools", currency="USD"))
    desk.do(save_rate, "USD", D("0.9"))
    for _n in range(3):
        sold(desk, ("BOLT", 20), customer="USCO")
    sold(desk, ("BOLT", 20), customer="ACME")
    total = desk.ask(make, "open-items", Asked(), desk.today).totals[-1]
    desk.store.close()
    async with seated(path) as clerk:
        from o2c_tui.screens.reports import ReportScreen

        clerk.app.push_screen(ReportScreen("open-items"))
        await clerk.press("home")
        screen = clerk.app.screen
        assert isinstance(screen, ReportScreen)
        assert clerk.line("Total ").split()[-1] == f"{total:,.2f}"
        assert sum(screen.rows._widths) + len(screen.rows.columns_shown) - 1 <= 75


async def test_a_report_says_its_currency_and_a_long_note_whole(books):
    path, _desk, _home = books
    async with seated(path) as clerk:
        from o2c_tui.screens.reports import ReportScreen

        await clerk.press("g", "e", "1")
        assert "EUR   3 rows" in clerk.text
        clerk.app.push_screen(ReportScreen("owner", Asked(as_of=date(2026, 11, 30))))
        await clerk.press("home")
        assert "Sales, cost of sales, receivables and stock are those accounts of the ledger." in clerk.text


async def test_what_a_report_tells_is_read_whole_where_its_column_cuts_it(books):
    path, _desk, _home = books
    async with seated(path) as clerk:
        await clerk.press("g", "e")
        assert clerk.message == "What sales earned: invoiced less the cost of the layers consumed"
        await clerk.press("down", "down")
        assert clerk.message == "Enter or its number opens."  # the column shows it all


async def test_totals_are_called_so_where_the_first_column_has_no_room(books):
    path, _desk, _home = books
    for size, first in (((64, 24), "Customer"), ((120, 40), "Code")):
        async with seated(path, size=size) as clerk:
            from o2c_tui.screens.reports import ReportScreen

            clerk.app.push_screen(ReportScreen("aging"))
            await clerk.press("1")
            assert clerk.line("Not due").split()[0] == first
            assert clerk.line("Total  ").split()[0] == "Total"


async def test_the_command_line_knows_the_reports(books):
    path, _desk, _home = books
    async with seated(path) as clerk:
        await clerk.press("f10", "valu")
        assert "Report: Stock valuation" in clerk.text
        await clerk.press("enter")
        assert clerk.line("STOCK VALUATION")


def test_a_day_of_reports_in_a_real_terminal(books):
    path, desk, home = books
    with clerk_at(path, home) as clerk:
        clerk.press("g", "e", "1")
        clerk.sees("SO26-0003")
        clerk.press("4")
        clerk.sees("PART-1")
        clerk.press("enter")
        clerk.sees("Hex bolt")
        clerk.press("left", "f7")
        clerk.sees("Write what is shown")
        clerk.press("1")
        clerk.sees("margin-item.pdf")
        clerk.press("left", "7", "2", "enter")
        clerk.sees("GOODS RECEIPT")
        clerk.press("escape")
        clerk.sees("STOCK VALUATION")
    desk.holds()


async def test_a_statement_is_reached_from_the_receivables(books):
    path, _desk, home = books
    async with seated(path) as clerk:
        await clerk.press("g", "r", "f9")
        await clerk.press(clerk.line("Statement of account").split()[0])
        assert clerk.shown()[0].split()[0] == "STATEMENT"
        assert "INV26-0001" in clerk.text and "brought forward" in clerk.text, clerk.text
        await clerk.press("2")
        assert "brought forward" not in clerk.text and "INV26-0001" in clerk.text
        await clerk.press("f7", "1")
        assert "OK" in clerk.message
        assert list((home / "export").glob("statement-ACME-*.pdf"))
        await clerk.press("enter")
        assert clerk.shown()[0].split()[0] == "INVOICE"


async def test_rows_of_the_ledgers_reports_open_what_lies_behind_them(tmp_path):
    path = tmp_path / "books.sqlite"
    desk = whole_books(new_store(str(path)))
    desk.store.close()
    async with seated(path) as clerk:
        await clerk.press("f10", "reconciliations", "enter", "6")
        assert "MAIN" in clerk.text and "Every difference has its reason" in clerk.text
        await clerk.press("enter")
        assert "on the statement, not decided" in clerk.text
        await clerk.press("/", "decided", "enter")
        await clerk.press("enter")
        assert "Line of 2026-11-24" in clerk.text
        await clerk.press("escape", "left", "4", "enter")
        assert clerk.line("GR26-")
        await clerk.press("enter")
        assert clerk.line("GOODS RECEIPT") or clerk.line("RECEIPT")
        await clerk.press("f10", "tax report", "enter", "enter")
        assert clerk.line("INV26-") or clerk.line("CN26-")
        await clerk.press("enter")
        assert "Chain" in clerk.text
        await clerk.press("f10", "general ledger", "enter", "/", "bank-", "enter", "enter")
        assert "Line of 2026-11-24" in clerk.text


async def test_receivables_fit_eighty_columns_and_their_ages_stand_as_bars(books):
    path, desk, _home = books
    sold(desk, ("BOLT", 9), customer="BEACON")
    desk.do(remind_customer, "ACME")
    async with seated(path) as clerk:
        await clerk.press("g", "r")
        assert "S1" in clerk.line("Acme") and clerk.shown()[1].endswith("Total "), "no column is cut off"
        await clerk.press("6")
        assert "#######" in clerk.line("Not due") and clerk.line("Unapplied")
        await clerk.press("enter")
        assert clerk.line("INV26-0002") and clerk.line("OPEN ITEMS")
    async with seated(path, size=(120, 40)) as clerk:
        await clerk.press("g", "r")
        assert clerk.line("6 Receivables by age")
        (bar,) = [line for line in clerk.shown() if line.startswith(" 1-30 ")]
        assert "#######" in bar
        await clerk.press("space")
        assert clerk.line("1 marked")
