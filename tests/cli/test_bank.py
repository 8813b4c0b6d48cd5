"""The bank by command: each work of `o2c bank`, in words and as JSON, and what it refuses. Rule: docs/rules/bank.md."""

import json
from datetime import date
from decimal import Decimal as D

import pytest

from o2c_tui.rules.statements import Statement, StatementLine
from tests.bank_files import camt
from tests.cli.conftest import DAY, invoiced, step

IBAN = "DE89370400440532013000"
TODAY = date.fromisoformat(DAY)


@pytest.fixture
def bank(o2c, books, home):
    """Two open invoices of ACME over 24.00 and 36.00, an account, and a statement that is not taken in yet."""
    step(o2c, "save_bank_account", setup={"code": "MAIN", "name": "Our bank", "iban": IBAN})
    numbers = [invoiced(o2c, quantity)["invoice"]["number"] for quantity in (2, 3)]
    lines = (
        StatementLine(TODAY, D("24.00"), TODAY, "EUR", f"Invoice {numbers[0]}", "", "1", "Acme Works", "GB82WEST12345698765432"),
        StatementLine(TODAY, D("34.50"), TODAY, "EUR", f"{numbers[1]} less fee", "", "2", "Acme Works", "GB82WEST12345698765432"),
        StatementLine(TODAY, D("-4.50"), TODAY, "EUR", "Account fee", "", "3", "", ""),
    )  # fmt: skip
    words = {"account": IBAN, "currency": "EUR", "reference": "11", "from_on": TODAY, "to_on": TODAY}
    file = home / "november.xml"
    file.write_bytes(camt(Statement("camt053", lines, **words, opening=D(100), closing=D(154))))
    return file


def work(o2c, *words):
    """What a work of `o2c bank` answers in JSON."""
    said = o2c("--today", DAY, "bank", *words, "--json")
    assert said.code == 0, said.err
    return said.data


def test_accounts_are_told_by_the_books_and_by_the_bank(o2c, bank):
    (account,) = work(o2c, "accounts")
    assert (account["code"], account["currency"], account["account"], account["closing"]) == (
        "MAIN",
        "EUR",
        "1000",
        None,
    )
    o2c("--today", DAY, "bank", "import", bank)
    (account,) = work(o2c, "accounts")
    assert (D(account["closing"]), account["open_lines"]) == (D(154), 3)
    said = o2c("--today", DAY, "bank", "accounts").out
    assert "Our bank" in said
    assert "154.00" in said


def test_a_statement_is_tried_first_taken_in_once_and_listed(o2c, bank):
    assert work(o2c, "import", bank, "--dry-run")["new"] == 3
    assert work(o2c, "list") == []
    assert "3 lines are new" in o2c("--today", DAY, "bank", "import", bank).out
    assert (work(o2c, "import", bank)["new"], work(o2c, "import", bank)["known"]) == (0, 3)
    assert [D(row["amount"]) for row in work(o2c, "list", "--account", "MAIN")] == [D(24), D("34.50"), D("-4.50")]
    assert len(work(o2c, "list", "--limit", "1")) == 1
    said = o2c("--today", DAY, "bank", "list", "--state", "open").out
    assert "Account fee" in said
    assert "Nothing fits." in o2c("--today", DAY, "bank", "list", "--state", "matched").out


def test_a_csv_file_needs_its_map_and_what_cannot_be_read_is_refused(o2c, bank, home):
    file = home / "november.csv"
    file.write_text("date;amount;text\n2026-11-24;7.00;by hand\n")
    assert work(o2c, "import", file, "--account", "MAIN")["new"] == 1
    broken = home / "broken.xml"
    broken.write_text("<Document>")
    said = o2c("--today", DAY, "bank", "import", broken)
    assert (said.code, said.out) == (1, "")
    said = o2c("--today", DAY, "bank", "import", bank, "--account", "NONE")
    assert said.code == 1
    assert "There is no bank account NONE." in said.err


def test_what_is_proposed_is_told_with_its_reasons_and_booked_when_somebody_says_so(o2c, bank):
    o2c("--today", DAY, "bank", "import", bank)
    told = work(o2c, "propose")
    assert [row["proposals"][0]["mark"] for row in told] == ["sure", "likely", "maybe"]
    said = o2c("--today", DAY, "bank", "propose").out
    assert "amount exact" in said
    assert "1.50 less: a bank charge?" in said

    assert "nothing was written" in o2c("--today", DAY, "bank", "match", "--sure", "--dry-run").out
    (done,) = work(o2c, "match", "--sure")
    assert done["parts"][0]["number"] == "PAY26-0001"
    said = o2c("--today", DAY, "bank", "match", "2")
    assert "PAY26-0002 ACME  34.50" in said.out
    assert "Bank charge kept back  1.50" in said.out  # what the bank kept is named
    assert "Nothing is sure enough" in o2c("--today", DAY, "bank", "match", "--sure").out
    said = o2c("--today", DAY, "bank", "match", "99")
    assert said.code == 1
    assert "Nothing is proposed for line 99" in said.err
    assert o2c("--today", DAY, "verify").code == 0


def test_the_books_are_set_against_the_bank(o2c, bank):
    o2c("--today", DAY, "bank", "import", bank)
    o2c("--today", DAY, "bank", "match", "--sure")
    told = work(o2c, "reconcile", "--account", "MAIN")
    figures = [D(told[name]) for name in ("statement", "books", "difference", "unexplained")]
    assert figures == [D(154), D(24), D(130), D(0)]
    said = o2c("--today", DAY, "bank", "reconcile").out
    assert "The books differ from the bank." in said
    assert "on the statement, not decided" in said
    assert o2c("--today", DAY, "bank", "reconcile", "--account", "NONE").code == 1
    assert work(o2c, "reconcile", "--as-of", "2026-11-01")["statement"] is None


def test_what_decisions_taught_is_listed_and_forgotten(o2c, bank):
    o2c("--today", DAY, "bank", "import", bank)
    assert work(o2c, "rules") == []
    o2c("--today", DAY, "bank", "match", "--sure")
    step(o2c, "match_line", line_id=3, parts=[{"account": "bank_charges"}])
    told = {row["field"]: row for row in work(o2c, "rules")}
    assert (told["counterparty"]["pattern"], told["counterparty"]["customer"]) == ("acme works", "ACME")
    assert told["text"]["account_name"] == "Bank charges"
    said = o2c("--today", DAY, "bank", "rules").out
    assert "payer's account" in said
    assert "ACME Acme Works" in said

    rule = told["counterparty"]["id"]
    assert "Nothing was written" in o2c("--today", DAY, "bank", "forget", rule, "--dry-run").out
    assert work(o2c, "forget", rule)["pattern"] == "acme works"
    assert {row["field"] for row in work(o2c, "rules")} == {"counterparty_account", "text"}
    assert [row["active"] for row in work(o2c, "rules", "--all") if row["id"] == rule] == [False]
    said = o2c("--today", DAY, "bank", "forget", rule)
    assert (said.code, said.err.strip()) == (1, f"There is no rule {rule}; see o2c bank rules.")


def test_a_line_of_an_account_in_another_currency_is_matched_at_a_rate_by_command(o2c, books, home):
    step(o2c, "save_bank_account", setup={"code": "DOLLAR", "name": "Dollars", "currency": "USD"})
    file = home / "dollars.csv"
    file.write_text("date;amount;text\n2026-11-24;100.00;wire\n")
    o2c("--today", DAY, "bank", "import", file, "--account", "DOLLAR")
    said = o2c("--today", DAY, "do", "match_line", json.dumps({"line_id": 1, "parts": [{"customer": "ACME"}]}))
    assert said.code == 1
    assert "No rate for USD" in said.out + said.err
    step(o2c, "match_line", line_id=1, parts=[{"customer": "ACME", "rate": "0.95"}])
    (account,) = work(o2c, "accounts")
    assert (D(account["books"]), account["currency"]) == (D(100), "USD")
    assert "USD" in o2c("--today", DAY, "bank", "list").out
    assert o2c("--today", DAY, "verify").code == 0
