"""Mails and reminders by keys, in a real pseudo-terminal. Rules: docs/rules/mail.md, docs/rules/reminders.md."""

from datetime import timedelta

import pytest

from o2c_tui.models.mail import MailSecurity
from o2c_tui.queries.mails import mail_view
from o2c_tui.services.mailing import save_mail_account
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.setup import change_company
from tests.mail.server import HOST, post_office
from tests.makers import TODAY, sold
from tests.screens.desk import clerk_at, small_books


@pytest.fixture
def books(tmp_path):
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
            clerk.sees("2 reminders; 0 skipped")
            clerk.press("enter")
            clerk.sees("2 reminders written: 1 by mail, 1 to be printed")
            assert clerk.count - before <= 8
            clerk.sees("S3")
            clerk.press("*", "f7")
            clerk.sees("0 reminders; 2 skipped")
            clerk.press("escape")
    assert [envelope.rcpt_tos for envelope in post.taken] == [["pay@example.org"]]
    assert len(list((home / "export").glob("RM26-*.pdf"))) == 1
    desk.holds()


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
