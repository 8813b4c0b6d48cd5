"""Bank accounts kept in another currency, and money that the bank changed. docs/rules/bank.md, "Other currencies"."""

from datetime import timedelta

import pytest

from o2c_tui.errors import BadValueError, MissingValueError, OverAllocationError
from o2c_tui.queries.bank import bank_accounts, bank_lines
from o2c_tui.queries.bank_balance import reconcile
from o2c_tui.queries.bank_proposals import proposed_lines
from o2c_tui.rules.statements import Statement, StatementLine
from o2c_tui.services.bank_matching import MatchPart, as_match, match_line, match_lines
from o2c_tui.services.bank_undoing import undo_match
from o2c_tui.services.banking import BankAccountSetup, import_statements, save_bank_account
from o2c_tui.services.exchanging import save_rate
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.writing_off import KeptBack
from tests.makers import TODAY, D, booked, open_books, paid, receive, sold

IBAN, DOLLARS = "DE89370400440532013000", "GB82WEST12345698765432"
BILLED = TODAY - timedelta(10)


@pytest.fixture
def desk(store):
    """A company in EUR with an account in EUR and one in USD; a dollar was 0.92 when it billed, and is 0.95 now."""
    made = open_books(store)
    made.today = BILLED
    receive(made, "BOLT", 500, "4.00")
    made.do(save_bank_account, BankAccountSetup("MAIN", "Our bank", iban=IBAN))
    made.do(save_bank_account, BankAccountSetup("DOLLAR", "Dollars", iban=DOLLARS, currency="usd"))
    made.do(save_party, PartySetup("USCO", "Bay Tools Inc", currency="USD", tax_code="NONE"))
    made.do(save_rate, "USD", D("0.92"), on=BILLED)
    made.do(save_rate, "USD", D("0.95"), on=TODAY)
    made.billed = sold(made, ("BOLT", 10, "100.00"), customer="USCO")
    made.today = TODAY
    return made


def taken(desk, *lines, account=DOLLARS, currency="USD", opening="0"):
    """A statement of today, taken in; the keys of its lines."""
    told = tuple(StatementLine(TODAY, D(amount), text=text, counterparty=who) for amount, text, who in lines)
    end = D(opening) + sum(one.amount for one in told)
    words = {"account": account, "currency": currency, "from_on": TODAY, "to_on": TODAY}
    statement = Statement("camt053", told, **words, opening=D(opening), closing=end)
    return desk.do(import_statements, [statement]).statements[0].line_ids


def row_of(desk, code):
    return desk.ask(bank_accounts, code)[0]


def test_an_account_in_another_currency_has_an_account_of_the_ledger_of_its_own(desk):
    main, dollars = row_of(desk, "MAIN"), row_of(desk, "DOLLAR")
    assert (main.account, main.currency, dollars.account, dollars.currency) == ("1000", "EUR", "1001", "USD")
    with pytest.raises(BadValueError, match="1001 is kept in USD; nothing in EUR is booked there"):
        paid(desk, "10.00", "ACME", account="1001")


def test_the_account_of_the_ledger_that_payments_come_in_on_stays_in_the_companys_currency(store):
    desk = open_books(store)
    with pytest.raises(
        BadValueError, match=r"1000 of the ledger has money in EUR; an account in USD needs one of its own"
    ):
        desk.do(save_bank_account, BankAccountSetup("DOLLAR", "Dollars", currency="USD", account="1000"))
    desk.do(save_bank_account, BankAccountSetup("DOLLAR", "Dollars", currency="USD"))
    assert row_of(desk, "DOLLAR").account == "1001"


def test_money_in_its_currency_is_proposed_and_booked_at_the_rate_of_the_lines_day(desk):
    """1,000.00 USD were billed at 0.92 and come at 0.95: 950.00 EUR on the dollar account, 30.00 EUR gained."""
    (key,) = taken(desk, ("1000.00", f"Invoice {desk.billed.number}", "Bay Tools Inc"))
    (told,) = desk.ask(proposed_lines)
    assert (told.best.mark, told.best.customer, told.line.currency) == ("sure", "USCO", "USD")

    (done,) = desk.do(match_lines, [as_match(told)])

    (part,) = done.parts
    assert (part.amount, part.currency, part.unapplied) == (D("1000.00"), "USD", D(0))
    head = desk.document("payment", 1).head
    assert (head["currency"], head["rate"], head["amount"]) == ("USD", D("0.95"), D("1000.00"))
    assert booked(desk, "payment", 1) == {"1001": D("950.00"), "1200": D("-920.00"), "5500": D("-30.00")}
    assert desk.document("invoice", desk.billed.invoice_id).head["open"] == 0
    assert (row_of(desk, "DOLLAR").books, row_of(desk, "MAIN").books) == (D("1000.00"), D(0))
    told = desk.ask(reconcile, "DOLLAR", today=TODAY)
    assert (told.currency, told.statement, told.books, told.agrees) == ("USD", D("1000.00"), D("1000.00"), True)
    desk.holds()
    desk.do(undo_match, key, "another customer's")
    assert row_of(desk, "DOLLAR").books == 0
    assert desk.document("invoice", desk.billed.invoice_id).head["open"] == D("1000.00")
    desk.holds()


def test_a_rate_may_be_typed_and_what_the_bank_kept_is_told(desk):
    """990.00 of 1,000.00 USD come at 0.97, the bank kept 10.00: 9.20 EUR at the invoice's rate."""
    (key,) = taken(desk, ("990.00", "", "Bay Tools Inc"))
    part = MatchPart(
        customer="USCO", rate=D("0.97"), kept_back=[KeptBack("BANK", invoice=desk.billed.number, amount=D(10))]
    )

    (made,) = desk.do(match_line, key, [part]).parts

    (kept,) = made.settled
    assert (kept.reason, kept.amount) == ("Bank charge kept back", D("10.00"))
    assert booked(desk, "payment", 1)["1001"] == D("960.30")
    assert booked(desk, "receivable_adjustment", kept.adjustment_id)["1200"] == D("-9.20")
    desk.holds()


def test_a_charge_on_it_is_booked_at_the_rate_and_taken_back_by_its_opposite(desk):
    (key,) = taken(desk, ("-5.00", "Account fee", ""))
    desk.do(match_line, key, [MatchPart(account="bank_charges")])
    assert booked(desk, "bank", 1)["1001"] == D("-4.75")
    assert row_of(desk, "DOLLAR").books == D("-5.00")
    desk.holds()
    desk.do(save_rate, "USD", D("0.80"), on=TODAY)
    desk.do(undo_match, key, "wrong account")
    assert booked(desk, "bank", 2)["1001"] == D("4.75")  # as it was booked, whatever the rate is now
    assert row_of(desk, "DOLLAR").books == 0
    desk.holds()


def test_money_that_the_bank_changed_pays_in_the_customers_currency(desk):
    """930.00 EUR arrive for 1,000.00 USD that were billed at 0.92: 10.00 EUR gained."""
    (key,) = taken(desk, ("930.00", "", "Bay Tools Inc"), account=IBAN, currency="EUR")
    part = MatchPart(customer="USCO", currency="USD", paid=D("1000.00"))

    (made,) = desk.do(match_line, key, [part]).parts

    assert (made.amount, made.currency, made.allocated) == (D("930.00"), "USD", D("1000.00"))
    assert booked(desk, "payment", 1) == {"1000": D("930.00"), "1200": D("-920.00"), "5500": D("-10.00")}
    told = desk.ask(reconcile, "MAIN", today=TODAY)
    assert (told.books, told.agrees) == (D("930.00"), True)
    desk.holds()
    (back,) = taken(desk, ("-930.00", "returned", ""), account=IBAN, currency="EUR", opening="930")
    desk.do(match_line, back, [MatchPart(bounced=made.number)])
    assert desk.document("invoice", desk.billed.invoice_id).head["open"] == D("1000.00")
    desk.holds()


def test_what_was_paid_before_the_bank_changed_it_is_read_from_the_line_and_proposed(desk):
    """1,000.00 USD at the bank's rate of 0.931 are 931.00 EUR; no rate of the books is asked."""
    words = f"INV {desk.billed.number} USD 1.000,00 KURS 0,931"
    taken(desk, ("931.00", words, "Bay Tools Inc"), ("12.00", "nothing named", ""), account=IBAN, currency="EUR")
    first, second = desk.ask(proposed_lines)
    best = first.best
    assert (best.customer, best.mark, best.currency, best.paid) == ("USCO", "sure", "USD", D("1000.00"))
    assert "changed" in {reason.code for reason in best.reasons}
    assert second.best is None

    (done,) = desk.do(match_lines, [as_match(first)])

    assert done.parts[0].unapplied == 0
    head = desk.document("payment", 1).head
    assert (head["currency"], head["amount"], head["rate"]) == ("USD", D("1000.00"), D("0.931"))
    assert booked(desk, "payment", 1)["1000"] == D("931.00")
    desk.holds()


def test_a_payment_that_was_written_down_is_matched_by_what_arrived(desk):
    written = paid(desk, "1000.00", "USCO", arrived=D("940.10"), account="1000")
    keys = taken(desk, ("940.10", "", ""), ("1.00", "", ""), account=IBAN, currency="EUR")
    assert desk.ask(proposed_lines, ids=[keys[0]])[0].best.payment == written.number

    desk.do(match_line, keys[0], [MatchPart(payment=written.number)])

    with pytest.raises(OverAllocationError, match=r"is 940\.1"):
        desk.do(match_line, keys[1], [MatchPart(payment=written.number)])
    assert desk.ask(reconcile, "MAIN", today=TODAY).unexplained == 0
    desk.holds()


def test_without_a_rate_or_in_a_third_currency_nothing_is_booked(desk):
    desk.do(save_bank_account, BankAccountSetup("YEN", "Yen", iban="FR1420041010050500013M02606", currency="JPY"))
    (key,) = taken(desk, ("10000", "", ""), account="FR1420041010050500013M02606", currency="JPY")
    with pytest.raises(MissingValueError, match="No rate for JPY is known"):
        desk.do(match_line, key, [MatchPart(account="bank_charges")])
    with pytest.raises(BadValueError, match="YEN is kept in JPY: money in USD is matched with a payment"):
        desk.do(match_line, key, [MatchPart(customer="USCO", currency="USD")])
    with pytest.raises(BadValueError, match="1001 is kept in USD; nothing in JPY is booked there"):
        desk.do(match_line, key, [MatchPart(account="1001", rate=D("0.006"))])
    assert [row.state for row in desk.ask(bank_lines, account="YEN")] == ["open"]


def test_the_number_of_the_account_on_the_customers_card_is_a_reason(desk):
    desk.do(save_party, PartySetup("ACME", "Acme Works", iban="FR14 2004 1010 0505 0001 3M02 606"))
    first = sold(desk, ("BOLT", 1))
    told = StatementLine(
        TODAY, first.gross, text="thanks", counterparty="A. W.", counterparty_account="FR1420041010050500013M02606"
    )
    desk.do(import_statements, [Statement("camt053", (told,), account=IBAN)])

    (one,) = desk.ask(proposed_lines)

    assert one.best.customer == "ACME"
    assert "account" in {reason.code for reason in one.best.reasons}
