"""Bank statements taken in once, matched by a person, undone by opposite rows; docs/rules/bank.md."""

from datetime import timedelta

import pytest

from o2c_tui.errors import BadValueError, OverAllocationError, TradeError, UnknownCodeError, WrongStateError
from o2c_tui.queries.bank import bank_accounts, bank_lines
from o2c_tui.queries.bank_balance import reconcile
from o2c_tui.queries.bank_proposals import proposed_lines
from o2c_tui.rules.statements import Statement, StatementLine
from o2c_tui.services.bank_matching import MatchPart, as_match, match_line, match_lines
from o2c_tui.services.bank_undoing import undo_match
from o2c_tui.services.banking import BankAccountSetup, ignore_line, import_statements, reopen_line, save_bank_account
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.taking_back import reverse_payment
from tests.makers import TODAY, D, booked, open_books, paid, receive, sold

IBAN = "DE89370400440532013000"


@pytest.fixture
def desk(store):
    made = open_books(store)
    receive(made, "BOLT", 500, "4.00")
    made.do(save_bank_account, BankAccountSetup("MAIN", "Our bank", iban=IBAN))
    made.do(save_party, PartySetup("NOVA", "Nova Tools GmbH"))
    return made


def line(amount, text="", on=TODAY, **more):
    return StatementLine(on, D(amount), text=text, **more)


def taken(desk, *lines, opening="1000", **more):
    """A statement of today, taken in."""
    start = D(opening)
    end = start + sum((one.amount for one in lines), D(0))
    statement = Statement(
        "camt053", lines, account=IBAN, from_on=TODAY, to_on=TODAY, opening=start, closing=end, **more
    )
    return desk.do(import_statements, [statement])


def open_ids(desk):
    return [row.id for row in desk.ask(bank_lines, states=("open",))]


def proposed(desk):
    return desk.ask(proposed_lines)


def test_the_first_bank_account_is_the_default_and_mirrors_the_bank_account_of_the_ledger(desk):
    desk.do(save_bank_account, BankAccountSetup("SECOND", "Other bank"))
    first, second = desk.ask(bank_accounts)
    assert (first.account, first.is_default, second.account, second.is_default) == ("1000", True, "1001", False)
    desk.do(save_bank_account, BankAccountSetup("SECOND", "Other bank", is_default=True))
    assert [row.is_default for row in desk.ask(bank_accounts)] == [False, True]
    desk.holds()


def test_a_wrong_check_digit_warns(desk):
    wrong = BankAccountSetup("SECOND", "Other bank", iban="DE88 3704 0044 0532 0130 00", bic="COBADEF")
    told = desk.store.preview_now(save_bank_account, wrong, by="ada", today=TODAY)
    assert {notice.code for notice in told.warnings} == {"iban", "bic"}


def test_the_same_statement_twice_adds_nothing_and_equal_lines_are_told_apart(desk):
    lines = (line("10", "coffee"), line("10", "coffee"), line("-3", "fee"))
    assert taken(desk, *lines).new == 3
    assert taken(desk, *lines).new == 0
    again = taken(desk, *lines, line("10", "coffee"), opening="1000")
    assert (again.new, again.known) == (1, 3)
    desk.holds()


def test_an_overlapping_statement_adds_only_what_is_new_and_a_gap_is_flagged(desk):
    def on(day, *lines, opening):
        statement = Statement(
            "mt940", lines, account=IBAN, from_on=TODAY + timedelta(day), to_on=TODAY + timedelta(day + 1),
            opening=D(opening), closing=D(opening) + sum(x.amount for x in lines),
        )  # fmt: skip
        return desk.do(import_statements, [statement])

    one, two = line("10", "a", TODAY - timedelta(9)), line("20", "b", TODAY - timedelta(8))
    three = line("30", "c", TODAY - timedelta(7))
    assert on(-9, one, two, opening="100").new == 2
    assert on(-8, two, three, opening="110").new == 1
    assert desk.ask(reconcile, today=TODAY).gaps == ()
    on(-4, line("5", "d", TODAY - timedelta(4)), opening="200")
    (gap,) = desk.ask(reconcile, today=TODAY).gaps
    assert gap.amount == D(40)
    told = desk.ask(reconcile, today=TODAY)
    assert told.unexplained == 0
    assert told.statement == D(205)
    desk.holds()


def test_a_statement_of_another_account_or_currency_is_refused(desk):
    with pytest.raises(UnknownCodeError, match="No bank account has the number"):
        desk.do(import_statements, [Statement("ofx", (line("1"),), account="999999999")])
    with pytest.raises(BadValueError, match="is of the account"):
        desk.do(import_statements, [Statement("ofx", (line("1"),), account="999999999")], account="MAIN")
    with pytest.raises(BadValueError, match="kept in EUR"):
        desk.do(import_statements, [Statement("ofx", (line("1"),), account=IBAN, currency="USD")])
    assert taken(desk, line("1")).new == 1  # by the IBAN
    assert desk.do(import_statements, [Statement("mt940", (line("2"),), account="0532013000")]).new == 1


def test_money_that_names_its_invoice_is_proposed_surely_and_booked_by_a_person_alone(desk):
    bill = sold(desk, ("BOLT", 10))
    taken(desk, line(bill.gross, f"Invoice {bill.number} thanks", counterparty="ACME WORKS LTD"))
    (told,) = proposed(desk)
    assert (told.best.mark, told.best.customer) == ("sure", "ACME")
    assert {reason.code for reason in told.best.reasons} >= {"exact", "number", "name"}
    assert desk.document("invoice", bill.invoice_id).head["open"] == bill.gross

    (done,) = desk.do(match_lines, [as_match(told)])

    assert (done.parts[0].number, done.parts[0].allocated) == ("PAY26-0001", bill.gross)
    assert desk.document("invoice", bill.invoice_id).head["open"] == 0
    assert open_ids(desk) == []
    told = desk.ask(reconcile, today=TODAY)
    assert (told.difference, told.unexplained) == (D(1000), 0)
    desk.holds()


def test_a_match_is_undone_by_opposite_rows_and_its_payment_reversed(desk):
    bill = sold(desk, ("BOLT", 10))
    taken(desk, line(bill.gross, bill.number))
    (told,) = proposed(desk)
    desk.do(match_lines, [as_match(told)])
    desk.do(undo_match, told.line.id, "wrong customer")
    assert desk.document("invoice", bill.invoice_id).head["open"] == bill.gross
    (row,) = desk.ask(bank_lines)
    assert (row.state, row.matched) == ("open", ())
    assert desk.ask(reconcile, today=TODAY).unexplained == 0
    desk.holds()
    (again,) = proposed(desk)
    desk.do(match_lines, [as_match(again)])
    desk.holds()


def test_a_charge_is_booked_on_its_account_and_teaches_the_next(desk):
    taken(desk, line("-12.50", "Account fee October"), line("-13.00", "Account fee November"))
    first, second = open_ids(desk)
    desk.do(match_line, first, [MatchPart(account="5000")])
    told = {one.line.id: one for one in proposed(desk)}[second]
    assert (told.best.account, told.best.reasons[0].code) == ("5000", "learned")
    desk.do(match_lines, [as_match(told)])
    assert booked(desk, "bank", 1) == {"1000": D("-12.50"), "5000": D("12.50")}
    desk.do(undo_match, second, "mistake")
    desk.holds()
    with pytest.raises(BadValueError, match="kept by documents"):
        desk.do(match_line, second, [MatchPart(account="1200")])


def test_a_line_of_several_parts_adds_up(desk):
    bill = sold(desk, ("BOLT", 10))
    taken(desk, line(bill.gross + 7, "two things"))
    (key,) = open_ids(desk)
    with pytest.raises(BadValueError, match="The parts make"):
        desk.do(match_line, key, [MatchPart(bill.gross, customer="ACME"), MatchPart(D(6), account="4000")])
    desk.do(
        match_line, key, [MatchPart(bill.gross, customer="ACME", invoices=[bill.number]), MatchPart(account="4000")]
    )
    (row,) = desk.ask(bank_lines)
    assert row.matched == ("PAY26-0001", "4000")
    desk.holds()


def test_a_payment_that_was_written_down_is_matched_and_not_booked_again(desk):
    bill = sold(desk, ("BOLT", 10))
    paid(desk, bill.gross, reference="WIRE 77")
    taken(desk, line(bill.gross, "WIRE 77", counterparty="Acme Works"), line(bill.gross, "another"))
    told = proposed(desk)[0]
    assert (told.best.payment, told.best.mark) == ("PAY26-0001", "sure")
    desk.do(match_lines, [as_match(told)])
    assert desk.ask(reconcile, today=TODAY).unexplained == 0
    with pytest.raises(OverAllocationError):
        desk.do(match_line, open_ids(desk)[0], [MatchPart(payment="PAY26-0001")])
    desk.do(undo_match, told.line.id, "no")
    assert desk.document("invoice", bill.invoice_id).head["open"] == 0  # it was there before; it stays
    desk.holds()


def test_money_that_came_back_reverses_its_payment(desk):
    bill = sold(desk, ("BOLT", 10))
    taken(desk, line(bill.gross, bill.number, counterparty="Acme Works"))
    desk.do(match_lines, [as_match(proposed(desk)[0])])
    taken(desk, line(-bill.gross, "RETURN no funds", counterparty="Acme Works"))
    (told,) = proposed(desk)
    assert told.best.bounced == "PAY26-0001"
    desk.do(match_lines, [as_match(told)])
    assert desk.document("invoice", bill.invoice_id).head["open"] == bill.gross
    desk.holds()


def test_a_line_is_put_aside_with_a_reason_and_taken_up_again(desk):
    taken(desk, line("10", "private"))
    (key,) = open_ids(desk)
    with pytest.raises(TradeError, match="Say why"):
        desk.do(ignore_line, key, " ")
    desk.do(ignore_line, key, "private money")
    with pytest.raises(WrongStateError):
        desk.do(match_line, key, [MatchPart(customer="ACME")])
    assert desk.ask(reconcile, today=TODAY).unexplained == 0
    desk.holds()
    desk.do(reopen_line, key)
    desk.holds()


def test_several_lines_may_pay_one_invoice_and_never_more_than_is_open(desk):
    bill = sold(desk, ("BOLT", 10))
    half = bill.gross / 2
    taken(desk, line(half, bill.number), line(half, f"{bill.number} rest"), line(half, f"{bill.number} again"))
    told = proposed(desk)
    out = sum((pay.amount for one in told if one.best for pay in one.best.pays), D(0))
    assert out == bill.gross
    desk.do(match_lines, [as_match(one) for one in told if one.best and one.best.pays])
    assert desk.document("invoice", bill.invoice_id).head["open"] == 0
    desk.holds()


def test_money_before_its_invoice_is_set_against_it_on_a_later_day(desk):
    taken(desk, line("120", "ahead", counterparty="Acme Works"))
    desk.next_day(3)
    bill = sold(desk, ("BOLT", 10))
    (told,) = proposed(desk)
    desk.do(match_lines, [as_match(told)])
    assert desk.document("invoice", bill.invoice_id).head["open"] == 0
    desk.holds()


def test_a_payment_reversed_by_hand_does_not_hinder_the_undoing_of_its_match(desk):
    bill = sold(desk, ("BOLT", 10))
    taken(desk, line(bill.gross, bill.number))
    desk.do(match_lines, [as_match(proposed(desk)[0])])
    desk.do(reverse_payment, 1, "bounced")
    desk.do(undo_match, 1, "bounced")
    assert open_ids(desk) == [1]
    assert desk.document("invoice", bill.invoice_id).head["open"] == bill.gross
    desk.holds()


def test_the_payers_account_and_name_are_learned(desk):
    sold(desk, ("BOLT", 10), customer="NOVA")
    taken(desk, line("5", "x", counterparty="Holding of Nova", counterparty_account="GB82WEST12345698765432"))
    desk.do(match_line, open_ids(desk)[0], [MatchPart(customer="NOVA")])
    taken(desk, line("6", "y", counterparty="Someone", counterparty_account="GB82WEST12345698765432"))
    (told,) = proposed(desk)
    assert (told.best.customer, "learned" in {r.code for r in told.best.reasons}) == ("NOVA", True)
    desk.holds()
