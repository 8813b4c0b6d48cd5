"""Bank statements by keys: taken in, proposals booked with F8, many with *, lines opened, decisions taken back."""

import pytest

from o2c_tui.queries.bank import bank_lines
from o2c_tui.queries.bank_rules import bank_rules
from o2c_tui.rules.statements import Statement, StatementLine
from o2c_tui.services.banking import BankAccountSetup, import_statements, save_bank_account
from o2c_tui.services.exchanging import save_rate
from o2c_tui.services.parties import PartySetup, save_party
from tests.makers import TODAY, D, sold
from tests.screens.desk import clerk_at, seated, small_books

IBAN = "DE89370400440532013000"
CSV = "date;amount;counterparty;text\n2026-11-25;{gross};Acme Works;Payment of {number}\n2026-11-25;-4.50;;Fee of the account\n"


@pytest.fixture
def books(tmp_path):
    """Two open invoices of ACME, a bank account, a statement with three lines."""
    path, desk = small_books(tmp_path)
    desk.do(save_bank_account, BankAccountSetup("MAIN", "Our bank", iban=IBAN))
    bills = [sold(desk, ("BOLT", 2)), sold(desk, ("BOLT", 3))]
    lines = (
        StatementLine(TODAY, bills[0].gross, text=f"Invoice {bills[0].number}", counterparty="Acme Works"),
        StatementLine(TODAY, bills[1].gross - 3, text=f"{bills[1].number} less fee", counterparty="Acme Works"),
        StatementLine(TODAY, D("-4.50"), text="Account fee"),
    )
    total = sum(line.amount for line in lines)
    statement = Statement(
        "camt053", lines, account=IBAN, from_on=TODAY, to_on=TODAY, opening=D(100), closing=100 + total
    )
    desk.do(import_statements, [statement])
    yield path, desk, tmp_path / "home", bills
    desk.store.close()


def states(desk):
    return [(row.state, row.matched) for row in sorted(desk.ask(bank_lines), key=lambda row: row.id)]


def test_what_is_sure_is_booked_in_five_keys_from_home(books):
    path, desk, home, _bills = books
    with clerk_at(path, home) as clerk:
        clerk.press("g", "b")
        clerk.sees("BANK")
        clerk.sees("sure")
        clerk.press("*")
        clerk.sees("1 marked")
        clerk.press("f8")
        clerk.sees("PAY26-0001")
        clerk.press("enter")
        clerk.sees("Lines booked: 1.")
        assert clerk.count == 5
    assert states(desk)[0] == ("matched", ("PAY26-0001",))
    desk.holds()


async def test_a_line_is_opened_and_its_difference_becomes_a_bank_charge(books):
    path, desk, _home, bills = books
    async with seated(path) as clerk:
        await clerk.press("g", "b", "down", "enter")
        assert "BANK LINE" in clerk.text
        assert "3.00b" in clerk.line(f"{bills[1].number} 12-24")
        await clerk.press("f8")
        assert "then paid" in clerk.text
        await clerk.press("enter")
        assert "Booked: PAY26-0001" in clerk.message
    assert desk.document("invoice", bills[1].invoice_id).head["open"] == 0
    desk.holds()


async def test_a_charge_is_booked_put_aside_and_taken_back(books):
    path, desk, _home, _bills = books
    async with seated(path) as clerk:
        await clerk.press("g", "b", "down", "down", "f8")
        assert "Bank lines to book: 1" in clerk.text
        assert "5300" in clerk.text and clerk.line("5300").rstrip().endswith("Bank charges")
        await clerk.press("enter")
        assert clerk.message == "OK Lines booked: 1. 5300 Bank charges"
        assert states(desk)[2] == ("matched", ("5300",))
        await clerk.press("3", "f9")
        key = clerk.line("Take the decision back").split()[0]
        await clerk.press(key, "wrong", "enter", "enter")
        assert "open again" in clerk.message
        await clerk.press("1", "end", "f9")
        assert "-4.50" in clerk.line(">")
        await clerk.press(clerk.line("Put it aside").split()[0], "private", "enter")
        assert "Put aside" in clerk.message
    assert states(desk)[2] == ("ignored", ())
    desk.holds()


async def test_a_statement_is_taken_in_by_its_name_and_the_balances_compared(books, tmp_path):
    path, desk, _home, bills = books
    file = tmp_path / "s.csv"
    file.write_text(CSV.format(gross=bills[0].gross, number=bills[0].number))
    async with seated(path) as clerk:
        await clerk.press("g", "b", "f6", str(file), "enter")
        assert "2 lines are new" in clerk.text
        await clerk.press("enter")
        assert "2 lines are new" in clerk.message
        await clerk.press("f6", str(tmp_path / "no.csv"), "enter")
        assert "no.csv cannot be read: there is no such file." in clerk.message
        await clerk.press("f9")
        await clerk.press(clerk.line("Compare the balances").split()[0])
        assert "Balance of the books" in clerk.text
        assert "not explained" not in clerk.text
    desk.holds()


async def test_a_bank_account_is_made_and_its_number_checked(books):
    path, _desk, _home, _bills = books
    async with seated(path) as clerk:
        await clerk.press("g", "b", "f9")
        await clerk.press(clerk.line("Another bank account").split()[0])
        await clerk.press("two", "tab", "Second", "tab", "DE88370400440532013000", "tab", "ctrl+s")
        assert "no valid IBAN" in clerk.message
        await clerk.press("ctrl+s")
        assert "TWO saved" in clerk.message


async def test_what_the_bank_kept_is_named_before_it_is_booked_and_what_was_learned_can_be_forgotten(books):
    path, desk, _home, _bills = books
    async with seated(path) as clerk:
        await clerk.press("g", "b", "down", "f8")
        assert "RA26-0001 Bank charge kept back" in clerk.text
        assert "3.00" in clerk.line("RA26-0001")
        await clerk.press("enter", "f9")
        await clerk.press(clerk.line("What decisions taught").split()[0])
        assert "LEARNED FROM DECISIONS" in clerk.text
        assert "ACME  Acme Works" in clerk.line("acme works")
        await clerk.press("f8")
        assert "Forget what was learned" in clerk.text
        await clerk.press("enter")
        assert "Forgotten: acme works" in clerk.message
        assert "Nothing was learned yet" in clerk.text
    assert desk.ask(bank_rules) == []
    desk.holds()


async def test_money_in_another_currency_shows_its_code_and_pays_at_the_rate_typed(books):
    path, desk, _home, _bills = books
    desk.do(save_party, PartySetup("USCO", "Bay Tools", currency="USD", tax_code="NONE"))
    desk.do(save_rate, "USD", D("0.92"))
    bill = sold(desk, ("BOLT", 10, "100.00"), customer="USCO")
    desk.do(save_bank_account, BankAccountSetup("DOLLAR", "Dollars", currency="USD"))
    lines = (StatementLine(TODAY, D("1000.00"), counterparty="Somebody", text="wire"),)
    desk.do(import_statements, [Statement("csv", lines, currency="USD")], account="DOLLAR")
    desk.do(import_statements, [Statement("csv", (StatementLine(TODAY, D("470.00"), text="changed"),))], account="MAIN")
    async with seated(path) as clerk:
        await clerk.press("g", "b", "end", "up")
        assert "USD 1,000.00" in clerk.line("Somebody")
        await clerk.press("enter", "usco", "enter")
        assert "1 USD = 0.92 EUR" in clerk.text
        await clerk.press("f3", "end", "enter", "usco", "enter")
        assert "510.87" in clerk.line("Amount")  # 470.00 ÷ 0.92
        assert "470.00" in clerk.line("Arrived")
        await clerk.press("f8")
        assert "PAY26-0001  USD 510.87" in clerk.text
        await clerk.press("enter")
        assert "Booked: PAY26-0001  470.00" in clerk.message
    assert desk.document("payment", 1).head["currency"] == "USD"
    assert desk.document("invoice", bill.invoice_id).head["open"] == D("489.13")
    desk.holds()
