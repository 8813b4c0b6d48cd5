"""Mails and reminders by keys, in a real pseudo-terminal. Rules: docs/rules/mail.md, docs/rules/reminders.md."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from o2c_tui.models.mail import MailSecurity, PaperLog
from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.mails import mail_view
from o2c_tui.services.mailing import save_mail_account
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.reminding import ProfileSetup, StepSetup, remind_customer, save_profile
from o2c_tui.services.setup import change_company
from tests.mail.server import HOST, post_office
from tests.makers import TODAY, D, sold
from tests.screens.desk import clerk_at, seated, small_books


@pytest.fixture
def books(tmp_path, monkeypatch):
    monkeypatch.setenv("O2C_HOME", str(tmp_path / "home"))
    path, desk = small_books(tmp_path)
    desk.do(change_company, {"email": "books@example.com"})
    desk.do(save_party, PartySetup("ACME", "Acme Works", email="pay@example.org"))
    yield path, desk, tmp_path / "home"
    desk.store.close()


def through(desk, port):
    desk.store.write_now(save_mail_account, host=HOST, port=port, security=MailSecurity.NONE, by="ada", today=TODAY)


def test_all_over_60_days_late_are_reminded_in_eight_keys(books):
    path, desk, home = books
    for code, days in (("CN01", 120), ("ACME", 100), ("ACME", 95)):
        sold(desk, ("FREIGHT", 1), customer=code, on=TODAY - timedelta(days=days))
    with post_office() as post:
        through(desk, post.port)
        with clerk_at(path, home) as clerk:
            before = clerk.count
            clerk.press("g", "r", "4")
            clerk.sees("2 customers")
            clerk.press("*", "f7")
            clerk.sees("Reminders: 2; skipped: 0")
            clerk.press("enter")
            clerk.sees("2 reminders written: 1 by mail, 1 to be printed")
            assert clerk.count - before <= 8
            clerk.sees("S3")
            clerk.press("*", "f7")
            clerk.sees("Reminders: 0; skipped: 2")
            clerk.press("escape")
    assert [envelope.rcpt_tos for envelope in post.taken] == [["pay@example.org"]]
    assert len(list((home / "export").glob("RM26-*.pdf"))) == 1
    desk.holds()


def _unmatched(session):
    from o2c_tui.models.bank import BankAccount, BankLine, BankStatement
    from o2c_tui.models.ledger import Account

    account = session.exec(select(Account)).first()
    bank = BankAccount(code="B1", name="Bank", account_id=account.id, currency="EUR", digits=2)
    session.add(bank)
    session.flush()
    statement = BankStatement(bank_account_id=bank.id, format="csv", imported_at=datetime.now(UTC), by="ada")
    session.add(statement)
    session.flush()
    session.add(
        BankLine(
            statement_id=statement.id, bank_account_id=bank.id, position=1, booked_on=TODAY, amount=D(24), identity="x",
            counterparty="acme works",
        )
    )  # fmt: skip


async def test_the_run_shows_each_figure_whole_and_a_warning_beneath_its_customer(books):
    path, desk, _home = books
    sold(desk, ("FREIGHT", 100), customer="ACME", on=TODAY - timedelta(days=60))
    sold(desk, ("FREIGHT", 5), customer="ACME", on=TODAY)
    desk.store.batch_now(_unmatched)
    async with seated(path) as clerk:
        await clerk.press("g", "r", "f9")
        assert any(line.strip().endswith("  Remind") for line in clerk.shown()), "not a PDF that is written"
        await clerk.press("escape", "f7")
        shown = clerk.shown()
        at = next(n for n, line in enumerate(shown) if "step 3" in line)
        assert "1,800.00 / 1,890.00  pay@" in shown[at]
        assert shown[at + 1].strip() == "! bank lines to match: 1"
        assert "Overdue / all that is open, EUR." in clerk.text


async def test_a_reminder_is_read_printed_and_leads_to_its_invoice_and_fee(books):
    path, desk, _home = books
    desk.do(save_profile, ProfileSetup("FEES", "with a fee", (StepSetup(7, fee=D("5.00")),), is_default=True))
    bill = sold(desk, ("FREIGHT", 1), customer="CN01", on=TODAY - timedelta(days=60))
    desk.do(remind_customer, "CN01")
    async with seated(path) as clerk:
        await clerk.press("f10", "RM26-0001", "enter")
        assert "step 1" in clerk.text and bill.number in clerk.text and "not yet: F7 prints or mails it" in clerk.text
        await clerk.press("down", "down", "enter")
        assert clerk.line("INVOICE")
        await clerk.press("escape", "f7")
        assert "Print: one PDF of all, noted as printed" in clerk.text
        await clerk.press("3")
        assert "1 to be printed" in clerk.message
        assert "printed  RM26-0001.pdf" in clerk.text
        await clerk.press("down", "down", "enter")
        assert "RA26-0001" in clerk.text and "RM26-0001" in clerk.line("Chain")
        await clerk.press("[")
        assert bill.number in clerk.text and "REMINDER" in clerk.text
    (row,) = desk.ask(lambda s: s.exec(select(PaperLog)).all())
    assert (row.number, row.way) == ("RM26-0001", "printed")
    desk.holds()


async def test_the_company_says_by_which_profile_and_interest_in_the_settings(books):
    path, desk, _home = books
    desk.do(save_profile, ProfileSetup("BRISK", "brisk", (StepSetup(3),)))
    async with seated(path) as clerk:
        await clerk.press("g", "t")
        screen = clerk.app.screen
        screen.entry.cell = "reminder_profile"
        await clerk.press("br", "enter")
        screen.entry.cell = "interest_percent"
        await clerk.press("8.5", "enter")
        screen.entry.cell = "keep_papers"
        await clerk.press("no", "enter", "ctrl+s")
        assert "Settings saved." in clerk.message
    company = desk.ask(the_company)
    assert (company.reminder_profile, company.interest_percent, company.keep_papers) == ("BRISK", D("8.5"), False)


async def test_statements_to_the_marked_are_shown_and_go_by_mail_and_on_paper(books):
    path, desk, home = books
    for code in ("CN01", "ACME"):
        sold(desk, ("FREIGHT", 1), customer=code, on=TODAY - timedelta(days=60))
    desk.store.write_now(save_mail_account, folder=str(home / "trial"), by="ada", today=TODAY)
    async with seated(path) as clerk:
        await clerk.press("g", "r", "*", "f9")
        number = clerk.line("Send statements").split()[0]
        await clerk.press(number)
        assert "Statements of 2026-11-24: 2; skipped: 0" in clerk.text
        await clerk.press("enter")
        assert "By mail: 1, to be printed: 1" in clerk.message
        await clerk.press("*", "f9", number)
        assert "has it already" in clerk.text
        await clerk.press("escape", "f10", "statement", "enter")
        assert clerk.line("STATEMENT")
        await clerk.press("f7")
        assert "Send a letter to each" in clerk.text
        await clerk.press("1")
        assert "Statements of 2026-11-24: 2; skipped: 0" in clerk.text  # of two months: another paper
    assert len(list((home / "trial").glob("*.eml"))) == 1


def test_a_document_is_mailed_and_the_outbox_emptied_by_keys(books):
    path, desk, home = books
    sold(desk, ("FREIGHT", 2))
    with post_office() as post:
        through(desk, post.port)
        with clerk_at(path, home) as clerk:
            clerk.press("g", "i", "5")
            clerk.sees("INV26-0001")
            clerk.press("f7")
            clerk.sees("2  Mail it")
            clerk.press("2")
            clerk.sees("pay@example.org")
            clerk.press("ctrl+s")
            clerk.sees("In the outbox, to pay@example.org")
            clerk.press("f10")
            clerk.data("outbox")
            clerk.press("enter")
            clerk.sees("WAITING")
            clerk.press("f8")
            clerk.sees("1 sent.")
            clerk.press("4", "enter")
            clerk.sees("taken to be sent")
    assert len(post.taken) == 1
    assert desk.ask(mail_view, 1, now=desk.store.clock()).state == "sent"
    desk.holds()
