"""What is not paid in full, by keys: discounts, differences, write-offs, refunds, one undone. docs/rules/settling.md."""

from datetime import date
from decimal import Decimal as D

import pytest

from o2c_tui.queries.documents import document_by_number
from o2c_tui.services.crediting import credit_invoice
from o2c_tui.services.paying import apply_credit
from o2c_tui.services.setup import change_company
from o2c_tui.services.tax_codes import TermSetup, save_term
from tests.makers import ordered, paid, sold
from tests.screens.desk import clerk_at, seated, small_books

EARLY = ({"kind": "rest", "days": 30, "discount_percent": "2", "discount_days": 10},)


@pytest.fixture
def books(tmp_path):
    path, desk = small_books(tmp_path)
    desk.do(save_term, TermSetup("2-10", "2 % in 10 days", EARLY))
    desk.do(change_company, {"small_difference": D("0.50")})
    yield path, desk, tmp_path / "home"
    desk.store.close()


def _head(desk, number):
    return desk.document(*desk.ask(document_by_number, number)).head


def _number_of(clerk, words):
    """The number before a choice of the menu."""
    line = next(line for line in clerk.terminal.text.splitlines() if words in line)
    return line.split()[0]


def _pays(clerk, amount, reference="wire"):
    """From anywhere to the payment's grid, with customer, amount and reference typed."""
    clerk.press("g", "m", "f6")
    clerk.sees("PAYMENT")
    clerk.data("acme")
    clerk.press("enter")
    clerk.terminal.quiet()
    clerk.data(amount)
    clerk.press("enter")
    clerk.data(reference)
    clerk.press("enter")


def test_one_payment_over_three_invoices_with_a_discount_in_eight_keys(books):
    path, desk, home = books
    invoices = [sold(desk, ("BOLT", 1)), sold(desk, ("BOLT", 2), term="2-10"), sold(desk, ("BOLT", 3))]
    with clerk_at(path, home) as clerk:
        clerk.count = 0
        _pays(clerk, "71.52")  # 12.00 + 24.00 less 0.48 + 36.00
        clerk.press("f8")
        clerk.sees("Early-payment discount  0.48  tax 0.08")
        clerk.press("enter")
        clerk.sees("PAY26-0001 posted")
        assert clerk.count <= 8
    assert [_head(desk, invoice.number)["open"] for invoice in invoices] == [0, 0, 0]
    desk.holds()


def test_what_is_kept_back_of_an_instalment_is_said_by_one_key(books):
    path, desk, home = books
    sold(desk, ("BOLT", 10))
    with clerk_at(path, home) as clerk:
        _pays(clerk, "118.50")
        clerk.terminal.quiet()
        clerk.press("down", "b")
        clerk.sees("1.50b")
        clerk.press("b", "w")  # not the bank: tax
        clerk.sees("1.50w")
        clerk.press("f8")
        clerk.sees("Tax withheld by the customer  1.50")
        clerk.press("enter")
        clerk.sees("PAY26-0001 posted")
    assert (_head(desk, "INV26-0001")["open"], _head(desk, "RA26-0001")["kind"]) == (0, "withheld_tax")
    desk.holds()


def test_what_is_left_over_is_asked_about(books):
    path, desk, home = books
    sold(desk, ("BOLT", 10))
    with clerk_at(path, home) as clerk:
        _pays(clerk, "130.00")
        clerk.terminal.quiet()
        clerk.press("f8")
        clerk.sees("10.00 is left over. What becomes of it?")
        clerk.press("2")
        clerk.sees("Refund PAY26-0002  10.00")
        clerk.press("enter")
        clerk.sees("PAY26-0001 posted")
    assert (_head(desk, "PAY26-0001")["unapplied"], _head(desk, "PAY26-0002")["amount"]) == (0, D("-10.00"))
    desk.holds()


def test_an_invoice_is_written_off_and_that_taken_back(books):
    path, desk, home = books
    sold(desk, ("BOLT", 10))
    with clerk_at(path, home) as clerk:
        clerk.press("f10")
        clerk.data("INV26-0001")
        clerk.press("enter")
        clerk.sees("INVOICE  INV26-0001")
        clerk.press("f9")
        clerk.sees("Write off, or take a discount")
        clerk.press(_number_of(clerk, "Write off, or take a discount"))
        clerk.sees("Why is it not to be paid?")
        clerk.press("5")
        clerk.sees("Write-off RA26-0001  120.00  tax 20.00")
        clerk.sees("empty: all of it")
        assert "Quantity" in clerk.terminal.text and "Now" not in clerk.terminal.text  # it is about the whole invoice
        clerk.press("enter")
        clerk.sees("ACCOUNT ADJUSTMENT")
        clerk.sees("Bad debt 120.00, tax 20.00")
        clerk.press("ctrl+z")
        clerk.sees("Why is it taken back?")
        clerk.data("he pays")
        clerk.press("enter")
        clerk.sees("RA26-0002")
        clerk.terminal.quiet()
        clerk.press("enter")
        clerk.sees("Reason: he pays")
    assert _head(desk, "INV26-0001")["open"] == D("120.00")
    desk.holds()


def test_one_allocation_is_undone_and_the_rest_bounces_with_its_charge(books):
    path, desk, home = books
    for n in (1, 2):
        sold(desk, ("BOLT", n))
    paid(desk, "36.00")
    with clerk_at(path, home) as clerk:
        clerk.press("g", "m")
        clerk.sees("PAY26-0001")
        clerk.press("f9")
        clerk.sees("Other steps of this document")
        clerk.press(_number_of(clerk, "Other steps of this document"))
        clerk.sees("Undo 24.00 set against INV26-0002")
        clerk.press(_number_of(clerk, "Undo 24.00 set against INV26-0002"))
        clerk.sees("Undone")
        clerk.terminal.quiet()
        clerk.press("enter")
        clerk.sees("Unapplied 24.00")
        clerk.press("f9")
        clerk.sees("Reverse: it bounced")
        clerk.press(_number_of(clerk, "Reverse: it bounced"))
        clerk.sees("Why is it reversed?")
        clerk.data("no funds")
        clerk.press("enter")
        clerk.sees("Bank's charge")
        clerk.terminal.quiet()
        shown = clerk.terminal.text
        assert "1 INV26-0001" in shown and "INV26-0002" not in shown  # what it is still set against
        assert "Item" not in shown
        clerk.data("5")
        clerk.press("enter")
        clerk.data("yes")
        clerk.press("enter")
        clerk.sees("the bank's charge 5.00")
        clerk.terminal.quiet()
        clerk.press("f8")
        clerk.sees("PAYMENT  PAY26-0002")
    assert [_head(desk, f"INV26-000{n}")["open"] for n in (1, 2)] == [D("12.00"), D("24.00")]
    assert (_head(desk, "PAY26-0002")["charge"], _head(desk, "RA26-0001")["amount"]) == (D("5.00"), D("-5.00"))
    desk.holds()


def test_an_order_is_paid_ahead_on(books):
    path, desk, home = books
    ordered(desk, ("BOLT", 10))
    sold(desk, ("BOLT", 1), on=date(2026, 11, 24))
    with clerk_at(path, home) as clerk:
        clerk.press("f10")
        clerk.data("SO26-0001")
        clerk.press("enter")
        clerk.sees("SALES ORDER")
        clerk.press("f9")
        clerk.sees("Take a payment in advance")
        clerk.press(_number_of(clerk, "Take a payment in advance"))
        clerk.sees("PAYMENT")
        clerk.terminal.quiet()
        clerk.data("50")
        clerk.press("enter")
        clerk.data("ahead")
        clerk.press("enter", "f8")
        clerk.sees("50.00 is paid ahead on SO26-0001")
        clerk.press("enter")
        clerk.sees("PAY26-0001 posted")
    assert (_head(desk, "SO26-0001")["paid_ahead"], _head(desk, "INV26-0001")["open"]) == (D("50.00"), D("12.00"))
    desk.holds()


async def test_what_is_wrong_of_a_payment_is_said_in_its_field_and_nothing_typed_is_lost(books):
    path, desk, _home = books
    ordered(desk, ("BOLT", 10))
    sold(desk, ("BOLT", 1))
    async with seated(path) as clerk:
        await clerk.press("g", "m", "f6", "acme", "enter")
        await clerk.press("5", "backspace", "enter")
        assert clerk.message == "ERR A number is needed here, as 1234.5 or 12*24+7."
        await clerk.press("50", "enter", "ahead", "enter", "shift+tab", "SO9", "enter")
        assert clerk.message == "ERR The customer has no order SO9."
        assert "owes 12.00" in clerk.text and "SO9" in clerk.line("Reference")
        await clerk.press("escape", "SO26-0001", "enter")
        assert "owes 12.00" in clerk.text  # all that the customer owes, not only of the order
        await clerk.press("shift+tab", "shift+tab", "shift+tab", "999", "enter")
        assert clerk.message == "ERR 999 is no bank or cash account."
        await clerk.press("escape", "ba")
        assert "1000" in clerk.text, clerk.text  # by its name
    desk.holds()


def test_a_reason_gets_a_limit_and_another_account_by_keys(books):
    path, desk, home = books
    with clerk_at(path, home) as clerk:
        clerk.press("g", "t")
        clerk.sees("SETTINGS")
        clerk.press("f9")
        clerk.sees("Reasons of write-offs")
        clerk.press(_number_of(clerk, "Reasons of write-offs"))
        clerk.sees("REASONS")
        clerk.sees("GOODWILL")
        clerk.terminal.quiet()
        clerk.press("up", "up", "up", "up", "tab", "tab", "tab")
        clerk.data("5100")
        clerk.press("enter")
        clerk.data("25")
        clerk.press("enter", "ctrl+s")
        clerk.sees("Reasons saved")
    from o2c_tui.queries.settling import reasons

    bank = next(reason for reason in desk.ask(reasons) if reason.code == "BANK")
    assert (bank.account, bank.most) == ("5100", D("25.00"))
    desk.holds()


def test_all_that_a_credit_note_pays_is_taken_back_and_the_card_shows_it(books):
    path, desk, home = books
    first, second = sold(desk, ("BOLT", 3)), sold(desk, ("BOLT", 1))
    paid(desk, "36.00")
    note = desk.do(credit_invoice, first.invoice_id, "damaged")
    desk.do(apply_credit, credit_note_id=note.invoice_id)
    with clerk_at(path, home) as clerk:
        clerk.press("f10")
        clerk.data(note.number)
        clerk.press("enter")
        clerk.sees("CREDIT NOTE")
        clerk.press("f9")
        clerk.sees("Take it off its invoices")
        clerk.press(_number_of(clerk, "Take it off its invoices"))
        clerk.sees("NEXT STEP")
        clerk.sees("12.00")
        clerk.press("enter")
        clerk.sees("Open -36.00")
        clerk.press("g", "c", "enter")
        clerk.sees("Credit left  36.00")
    assert (_head(desk, second.number)["open"], _head(desk, note.number)["open"]) == (D("12.00"), D("-36.00"))
    desk.holds()
