"""Reminders: one letter per customer, never twice, never where it would be wrong. Rule: docs/rules/reminders.md."""

from datetime import date, datetime, timedelta
from decimal import Decimal as D
from email import message_from_bytes
from email.policy import default

import pypdf
import pytest
from sqlmodel import select

from o2c_tui.errors import ConflictError, DuplicateError, MissingValueError, NotAllowedError, TradeError
from o2c_tui.models.bank import BankAccount, BankLine, BankStatement
from o2c_tui.models.company import UserRole
from o2c_tui.models.mail import OutgoingMail, PaperLog
from o2c_tui.models.reminder import Reminder, ReminderLine, ReminderProfile
from o2c_tui.queries.finding import find_document
from o2c_tui.queries.history import history
from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.papers import named
from o2c_tui.queries.reminder_papers import reminder_view
from o2c_tui.queries.reminders import candidates, interest_due, promises, standings
from o2c_tui.sending.archive import kept_path
from o2c_tui.sending.reminding import run_reminders
from o2c_tui.services.mailing import mail_document, save_letter, save_mail_account
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.reminding import (
    NotRemindedError,
    ProfileSetup,
    StepSetup,
    charge_interest,
    close_dispute,
    open_dispute,
    promise_payment,
    remind_customer,
    save_profile,
    withdraw_promise,
)
from o2c_tui.services.setup import change_company, save_user
from tests.makers import TODAY, Desk, open_books, paid, sold


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("O2C_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def desk(store):
    """Books with an invoice of 24.00 due 30 days after TODAY."""
    desk = open_books(store)
    desk.do(change_company, {"email": "books@example.com", "bank": "Example Bank"})
    desk.do(save_party, PartySetup("ACME", "Acme Works", email="pay@example.org", bill_to="1 Mill Lane"))
    desk.invoice = sold(desk, ("FREIGHT", 2))
    return desk


def overdue(desk: Desk, days: int) -> None:
    """The day on which the invoice is overdue by so many days."""
    desk.today = TODAY + timedelta(days=30 + days)


def run(desk: Desk, **words):
    found = desk.ask(candidates, on=desk.today)
    codes = [one.code for one in found if not one.skipped]
    return run_reminders(desk.store, codes, by="cron", today=desk.today, **words)


@pytest.mark.parametrize(
    ("language", "words"), [("en", ("by 7 Jan 2027", "due 24 Dec 2026")), ("zh_CN", ("2027年1月7日", "2026年12月24日"))]
)
def test_a_letter_tells_its_days_in_words_as_the_papers_do(desk, language, words):
    desk.do(save_party, PartySetup("ACME", "Acme Works", email="pay@example.org", language=language))
    overdue(desk, 7)
    run(desk)
    body = desk.ask(lambda s: s.exec(select(OutgoingMail)).all())[-1].body
    assert [word for word in words if word not in body] == []


def skipped(desk: Desk) -> list[str]:
    return [one.skipped for one in desk.ask(candidates, on=desk.today)]


def test_a_run_sends_each_step_once_on_its_day_and_may_be_repeated(desk):
    levels = []
    for days in range(60):
        overdue(desk, days)
        for _ in range(2):
            levels += [(days, made.level) for made in run(desk).letters]

    assert levels == [(7, 1), (14, 2), (30, 3)]
    desk.holds()


def test_after_a_pause_only_the_highest_step_is_sent(desk):
    overdue(desk, 45)
    assert [made.level for made in run(desk).letters] == [3]
    assert run(desk).letters == []


def test_the_usual_profile_is_written_down_when_it_is_first_used(desk):
    assert desk.ask(lambda s: s.exec(select(ReminderProfile)).all()) == []
    overdue(desk, 7)
    run(desk)
    (kept,) = desk.ask(lambda s: s.exec(select(ReminderProfile)).all())
    assert (kept.code, kept.gap_days, kept.is_default) == ("STANDARD", 7, True)


def test_one_letter_lists_all_that_is_open_and_the_gap_is_kept(desk):
    desk.next_day(5)
    later = sold(desk, ("FREIGHT", 1))
    overdue(desk, 8)
    (made,) = run(desk).letters
    lines = desk.ask(lambda s: s.exec(select(ReminderLine)).all())
    assert [(line.open, line.level) for line in lines] == [(desk.invoice.gross, 1), (later.gross, 0)]
    assert made.total == desk.invoice.gross + later.gross
    overdue(desk, 12)  # the second is at its first step
    assert skipped(desk) == ["reminded lately"]
    overdue(desk, 15)
    assert [one.level for one in run(desk).letters] == [2]


@pytest.mark.parametrize("what", ["paid", "dispute", "promise", "promise of all", "no reminders", "credit"])
def test_no_letter_goes_where_it_would_be_wrong(desk, what):
    overdue(desk, 10)
    number = desk.invoice.number
    if what == "paid":
        paid(desk, desk.invoice.gross)
    elif what == "dispute":
        desk.do(open_dispute, desk.invoice.invoice_id, "came broken")
    elif what == "promise":
        desk.do(promise_payment, "ACME", desk.today, D(10), invoice=number)
    elif what == "promise of all":
        desk.do(promise_payment, "ACME", desk.today + timedelta(days=3), D(10))
    elif what == "no reminders":
        desk.do(save_party, PartySetup("ACME", "Acme Works", no_reminders=True))
    else:
        paid(desk, "500.00", shares={})

    assert run(desk).letters == []
    with pytest.raises(NotRemindedError):
        desk.do(remind_customer, "ACME")
    with pytest.raises(NotRemindedError):
        desk.do(remind_customer, "ACME", again=True)
    desk.holds()


def test_a_dispute_that_is_settled_and_a_promise_that_is_broken_let_letters_go_again(desk):
    overdue(desk, 10)
    desk.do(open_dispute, desk.invoice.invoice_id, "came broken")
    with pytest.raises(DuplicateError):
        desk.do(open_dispute, desk.invoice.invoice_id, "again")
    assert desk.ask(standings, on=desk.today)[1].disputed == 1
    desk.do(close_dispute, desk.invoice.invoice_id, "replaced")
    key = desk.do(promise_payment, "ACME", desk.today + timedelta(days=2), D(20), note="Ms Doe, by phone")
    assert skipped(desk) == ["a promise to pay lies ahead"]
    desk.next_day(1)
    paid(desk, "5.00")
    desk.next_day(2)
    (told,) = desk.ask(promises, on=desk.today)
    assert (told.state, told.paid) == ("broken", D("5.00"))
    assert desk.ask(standings, on=desk.today)[1].broken
    assert len(run(desk).letters) == 1
    desk.do(withdraw_promise, key)
    assert desk.ask(promises, on=desk.today)[0].state == "withdrawn"
    desk.holds()


def test_a_promise_is_kept_by_what_came_in_until_its_day(desk):
    overdue(desk, 3)
    desk.do(promise_payment, "ACME", desk.today + timedelta(days=5), D(20), invoice=desk.invoice.number)
    desk.next_day(2)
    paid(desk, "20.00")
    assert desk.ask(promises, on=desk.today)[0].state == "kept"


def test_a_fee_is_charged_with_the_letter_and_never_raises_a_step_itself(desk):
    steps = (StepSetup(7), StepSetup(14, fee=D("5.00")))
    desk.do(save_profile, ProfileSetup("FEES", "with fees", steps, is_default=True))
    overdue(desk, 7)
    assert [made.fee for made in run(desk).letters] == [D(0)]
    overdue(desk, 14)
    (made,) = run(desk).letters
    assert (made.fee, made.total) == (D("5.00"), desk.invoice.gross)
    paid(desk, desk.invoice.gross, shares={1: desk.invoice.gross})
    overdue(desk, 90)
    assert run(desk).letters == []  # the fee alone is listed nowhere
    desk.holds()


def test_a_customer_without_an_address_gets_a_letter_on_paper(desk, home):
    desk.do(save_party, PartySetup("ACME", "Acme Works", email=""))
    overdue(desk, 7)
    made = run(desk)
    assert made.printed == (made.letters[0].number,)
    assert made.file == home / "export" / f"{made.letters[0].number}.pdf"
    text = pypdf.PdfReader(made.file).pages[0].extract_text()
    assert "Acme Works" in text and desk.invoice.number in text and "escaped your attention" in text
    (row,) = desk.ask(lambda s: s.exec(select(PaperLog)).all())
    assert (row.kind, row.number, row.way) == ("reminder", made.letters[0].number, "printed")
    desk.holds()


def test_letters_on_paper_are_one_file_and_a_run_that_was_broken_off_prints_what_it_wrote(desk):
    for code in ("ACME", "NOVA", "ORION"):
        desk.do(save_party, PartySetup(code, f"{code} Works", email=""))
        if code != "ACME":
            sold(desk, ("FREIGHT", 1), customer=code)
    overdue(desk, 7)
    desk.do(remind_customer, "ACME")  # died before it printed
    made = run(desk)
    assert [letter.customer for letter in made.letters] == ["NOVA", "ORION"]
    assert made.printed == ("RM26-0001", "RM26-0002", "RM26-0003")
    assert made.file.name == "RM26-0001-and-2-more.pdf"
    assert len(pypdf.PdfReader(made.file).pages) == 3
    papers = desk.ask(lambda s: s.exec(select(PaperLog)).all())
    assert [(row.number, row.way, row.file_name) for row in papers] == [
        (number, "printed", made.file.name) for number in made.printed
    ]
    (digest,) = {row.sha256 for row in papers}
    assert kept_path(desk.store.url, digest).read_bytes() == made.file.read_bytes()
    assert run(desk).file is None
    desk.holds()


def test_a_letter_is_found_by_its_number_with_all_it_lists_and_how_it_went(desk):
    desk.do(save_profile, ProfileSetup("FEES", "with a fee", (StepSetup(7, fee=D("5.00")),), is_default=True))
    overdue(desk, 7)
    (made,) = run(desk).letters
    assert desk.ask(named, made.number.lower()) == desk.ask(named, f"reminder:{made.reminder_id}")
    told = desk.ask(reminder_view, made.reminder_id)
    assert [(line.kind, line.number, line.open, line.level) for line in told.lines] == [
        ("invoice", desk.invoice.number, desk.invoice.gross, 1)
    ]
    assert [(one.way, one.to, one.state) for one in told.gone] == [("mailed", "pay@example.org", "waiting")]
    fee = desk.document("receivable_adjustment", told.fee_id)
    assert ("reminder", made.reminder_id) in [(link.kind, link.id) for link in fee.chain]
    assert [step.verb for step in desk.ask(history, "reminder", made.reminder_id)] == ["remind_customer"]
    assert [hit.kind for hit in desk.ask(find_document, made.number)] == ["reminder"]
    again = desk.do(mail_document, made.number, to="boss@example.org")
    assert (again.to, again.file_name) == ("boss@example.org", f"{made.number}.pdf")


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("interest_percent", D(101), "from 0 to 100"),
        ("interest_percent", "much", "no amount"),
        ("reminder_profile", "NONE", "no reminder profile NONE"),
        ("keep_papers", "perhaps", "true, false"),
    ],
)
def test_settings_of_reminding_are_checked(desk, setting, value, said):
    with pytest.raises(TradeError, match=said):
        desk.do(change_company, {setting: value})
    with pytest.raises(TradeError, match="no reminder profile"):
        desk.do(save_party, PartySetup("ACME", "Acme Works", reminder_profile="NONE"))
    desk.do(change_company, {"reminder_profile": "standard", "interest_percent": "8.5", "keep_papers": False})
    assert desk.ask(the_company).reminder_profile == "STANDARD"


def test_the_letter_goes_by_mail_with_its_pdf_in_the_customers_language(desk, tmp_path):
    desk.store.write_now(save_mail_account, folder=str(tmp_path / "trial"), by="ada", today=TODAY)
    desk.store.write_now(
        save_letter, "reminder_1", "de", "Erinnerung {number}", "Offen: {overdue}\n{items}", by="ada", today=TODAY
    )
    desk.do(save_party, PartySetup("ACME", "Acme Works", language="de"))
    overdue(desk, 7)
    made = run(desk)
    assert made.sent.sent == 1
    (file,) = (tmp_path / "trial").glob("*.eml")
    mail = message_from_bytes(file.read_bytes(), policy=default)
    assert mail["Subject"] == f"Erinnerung {made.letters[0].number}"
    assert desk.invoice.number in mail.get_body().get_content()
    assert [part.get_filename() for part in mail.iter_attachments()] == [f"{made.letters[0].number}.pdf"]


def test_by_hand_the_last_step_is_sent_again_whatever_the_gap(desk):
    overdue(desk, 8)
    run(desk)
    desk.next_day(1)
    with pytest.raises(NotRemindedError, match="nothing new"):
        desk.do(remind_customer, "ACME")
    again = desk.do(remind_customer, "ACME", again=True)
    assert again.level == 1
    overdue(desk, 5)
    desk.today = TODAY
    with pytest.raises(NotRemindedError, match="owes nothing that is due"):
        desk.do(remind_customer, "ACME", again=True)


def test_unmatched_bank_lines_are_warned_of(desk):
    def write(session):
        from o2c_tui.models.ledger import Account

        account = session.exec(select(Account)).first()
        bank = BankAccount(code="B1", name="Bank", account_id=account.id, currency="EUR", digits=2)
        session.add(bank)
        session.flush()
        statement = BankStatement(
            bank_account_id=bank.id, format="csv", imported_at=datetime(2026, 1, 1).astimezone(), by="ada"
        )
        session.add(statement)
        session.flush()
        line = BankLine(
            statement_id=statement.id, bank_account_id=bank.id, position=1, booked_on=TODAY, amount=D(24),
            identity="x", counterparty="acme works",
        )  # fmt: skip
        session.add(line)

    desk.store.batch_now(write)
    overdue(desk, 8)
    (one,) = desk.ask(candidates, on=desk.today)
    assert one.bank_lines == 1
    preview = desk.store.preview_now(remind_customer, "ACME", by="ada", today=desk.today)
    assert preview.codes == {"unmatched_bank_lines"}


def test_interest_is_proposed_by_the_day_and_posted_only_on_approval(desk):
    overdue(desk, 73)
    assert desk.ask(interest_due, 1, on=desk.today) == []
    desk.do(change_company, {"interest_percent": D(10)})
    (due,) = desk.ask(interest_due, 1, on=desk.today)
    assert due.amount == (desk.invoice.gross * 10 / 100 * 73 / 365).quantize(D("0.01"))
    with pytest.raises(ConflictError, match="by now"):
        desk.do(charge_interest, "ACME", amount=due.amount + 1)
    desk.do(save_user, "sam", "Sam", role=UserRole.SALES)
    with pytest.raises(NotAllowedError):
        desk.do(charge_interest, "ACME", by="sam")
    (done,) = desk.do(charge_interest, "ACME", amount=due.amount)
    assert -done.amount == due.amount
    with pytest.raises(MissingValueError):
        desk.do(charge_interest, "ACME")  # nothing twice
    desk.next_day(365)
    (more,) = desk.ask(interest_due, 1, on=desk.today)
    assert more.amount == desk.invoice.gross / 10
    desk.holds()


def test_only_what_is_of_one_currency_stands_in_a_letter(desk):
    from o2c_tui.services.exchanging import save_rate

    desk.do(save_rate, "USD", D("0.9"), on=date(2026, 1, 1))
    desk.do(save_party, PartySetup("BAY", "Bay Tools", currency="USD"))
    sold(desk, ("FREIGHT", 1), customer="BAY")
    overdue(desk, 8)
    made = {one.customer: one for one in run(desk).letters}
    assert (made["BAY"].currency, made["ACME"].currency) == ("USD", "EUR")
    desk.holds()


def test_a_letter_of_a_profile_of_ones_own(desk):
    desk.do(save_profile, ProfileSetup("SOFT", "soft", (StepSetup(21, "soft"),), gap_days=0))
    desk.store.write_now(save_letter, "soft", "en", "A word", "About {overdue}", by="ada", today=TODAY)
    desk.do(save_party, PartySetup("ACME", "Acme Works", reminder_profile="SOFT"))
    overdue(desk, 20)
    assert run(desk).letters == []
    overdue(desk, 21)
    run(desk)
    (head,) = desk.ask(lambda s: s.exec(select(Reminder)).all())
    assert (head.subject, head.profile) == ("A word", "SOFT")
