"""Statements that leave the house: once for the same days, by mail or on paper, logged and kept. docs/rules/statements.md."""

from datetime import timedelta
from decimal import Decimal as D
from email import message_from_bytes
from email.policy import default

import pypdf
import pytest
from sqlmodel import select

from o2c_tui.errors import DuplicateError, MissingValueError, NotAllowedError
from o2c_tui.models.company import UserRole
from o2c_tui.models.mail import OutgoingMail, PaperLog
from o2c_tui.queries.statement_runs import letters_of
from o2c_tui.reports.kinds import Asked
from o2c_tui.reports.statement_letters import asked_for
from o2c_tui.sending.archive import kept_path
from o2c_tui.sending.statements import save_statements, send_statements
from o2c_tui.services.mailing import save_letter, save_mail_account
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.setup import change_company, save_user
from o2c_tui.services.statements import mail_statement
from tests.makers import TODAY, open_books, paid, sold


@pytest.fixture
def desk(store, tmp_path, monkeypatch):
    """Two customers who owe something, one with an address; mails go into a folder."""
    monkeypatch.setenv("O2C_HOME", str(tmp_path / "home"))
    desk = open_books(store)
    desk.do(change_company, {"email": "books@example.com", "bank": "Example Bank"})
    desk.store.write_now(save_mail_account, folder=str(tmp_path / "trial"), by="ada", today=TODAY)
    desk.do(save_party, PartySetup("ACME", "Acme Works", email="pay@example.org", bill_to="1 Mill Lane"))
    desk.do(save_party, PartySetup("NOVA", "Nova Works", bill_to="2 Mill Lane"))
    desk.bill = sold(desk, ("FREIGHT", 2))
    desk.other = sold(desk, ("FREIGHT", 3), customer="NOVA")
    yield desk
    desk.holds()


def run(desk, by="open", **words):
    wanted = desk.ask(asked_for, Asked(by), desk.today, all_owing=True)
    return send_statements(desk.store, wanted, by="cron", today=desk.today, **words)


def papers(desk):
    return [(row.kind, row.number, str(row.way)) for row in desk.ask(lambda s: s.exec(select(PaperLog)).all())]


def test_one_goes_by_mail_and_the_others_stand_in_one_file_to_be_printed(desk, tmp_path):
    done = run(desk)

    assert [(mail.to, mail.file_name) for mail in done.mails] == [("pay@example.org", f"statement-ACME-{TODAY}.pdf")]
    assert (done.sent.sent, done.printed) == (1, ("NOVA",))
    (file,) = (tmp_path / "trial").glob("*.eml")
    mail = message_from_bytes(file.read_bytes(), policy=default)
    text = mail.get_body().get_content()
    assert "EUR 36.00" in text and "Acme Works" in text and "Overdue" not in text and "Example Bank" in text
    (attached,) = mail.iter_attachments()
    data = attached.get_content()
    rows = desk.ask(lambda s: s.exec(select(PaperLog).where(PaperLog.mail_id.is_not(None))).all())
    assert kept_path(desk.store.url, rows[0].sha256).read_bytes() == data
    printed = "".join(page.extract_text() for page in pypdf.PdfReader(done.file).pages)
    assert desk.other.number in printed and desk.bill.number not in printed
    assert sorted(papers(desk)) == [
        ("statement", f"ACME/{TODAY}", "saved"),  # into the trial folder
        ("statement", f"NOVA/{TODAY}", "printed"),
    ]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Period from", "Reference", "Amount EUR", "Balance EUR")),
        ("zh_CN", ("起始日期", "参考号", "金额（EUR）", "余额（EUR）")),
    ],
)
def test_a_statement_says_in_the_customers_language_from_when_it_is_and_what_its_columns_hold(desk, language, words):
    desk.do(save_party, PartySetup("ACME", "Acme Works", bill_to="1 Mill Lane", language=language))
    wanted = desk.ask(asked_for, Asked("activity", customer="ACME"), desk.today)
    (path,) = save_statements(desk.store, wanted, by="ada")
    printed = "".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
    assert [word for word in words if word not in printed] == []
    assert "出库仓" not in printed and "品名" not in printed and "Description" not in printed


def test_of_the_same_days_a_statement_goes_once_unless_it_is_asked_for_again(desk):
    run(desk)
    again = run(desk)
    assert (again.mails, again.printed, again.file, sorted(again.already)) == ([], (), None, ["ACME", "NOVA"])
    with pytest.raises(DuplicateError, match="has this statement"):
        desk.do(mail_statement, "ACME", is_open=True)
    assert len(run(desk, again=True).mails) == 1
    assert len(run(desk, "activity").mails) == 1  # other days are another statement
    desk.next_day()
    assert len(run(desk).mails) == 1


def test_a_statement_says_what_is_overdue_in_the_words_of_the_companys_own_letter(desk):
    desk.store.write_now(
        save_letter, "statement", "de", "Konto {date}", "{total}, davon {overdue}", by="ada", today=TODAY
    )
    desk.do(save_party, PartySetup("ACME", "Acme Works", language="de"))
    desk.today = TODAY + timedelta(days=40)
    sold(desk, ("FREIGHT", 1))
    made = desk.do(mail_statement, "acme", is_open=True)
    mail = desk.ask(lambda s: s.get_one(OutgoingMail, made.mail_id))
    assert (mail.subject, mail.body) == (f"Konto {desk.today}", "EUR 54.00, davon EUR 36.00")
    desk.do(save_party, PartySetup("ACME", "Acme Works", language=""))


def test_who_has_no_account_or_no_right_gets_and_sends_none(desk):
    desk.do(save_party, PartySetup("ORION", "Orion Works", email="pay@example.net"))
    with pytest.raises(MissingValueError, match="Nothing stands"):
        desk.do(mail_statement, "ORION")
    with pytest.raises(MissingValueError, match="No e-mail address"):
        desk.do(mail_statement, "NOVA")
    desk.do(save_user, "vic", "Vic", UserRole.VIEWER)
    with pytest.raises(NotAllowedError):
        desk.do(mail_statement, "ACME", by="vic")


def test_a_statement_mailed_later_tells_the_days_it_was_written_for(desk, tmp_path):
    desk.do(mail_statement, "ACME", is_open=True)
    desk.next_day(3)
    paid(desk, "10.00")
    from o2c_tui.sending.outbox import send_waiting

    desk.store.clock = lambda clock=desk.store.clock: clock() + timedelta(days=3)
    assert send_waiting(desk.store, by="cron").sent == 1
    (file,) = (tmp_path / "trial").glob("*.eml")
    (attached,) = message_from_bytes(file.read_bytes(), policy=default).iter_attachments()
    (tmp_path / "got.pdf").write_bytes(attached.get_content())
    text = pypdf.PdfReader(tmp_path / "got.pdf").pages[0].extract_text()
    assert "24 Nov 2026" in text and "36.00" in text and "26.00" not in text


def test_a_saved_letter_is_logged_and_kept_too(desk):
    wanted = desk.ask(asked_for, Asked("open", customer="NOVA"), TODAY)
    (path,) = save_statements(desk.store, wanted, by="ada")
    (row,) = desk.ask(lambda s: s.exec(select(PaperLog)).all())
    assert (row.kind, row.number, row.way, row.file_name) == ("statement", f"NOVA/{TODAY}", "saved", path.name)
    assert kept_path(desk.store.url, row.sha256).read_bytes() == path.read_bytes()
    (view,) = desk.ask(letters_of, wanted[0])
    assert view.gross == desk.other.gross == D("54.00")
    assert len(run(desk).printed) == 1  # a file saved is no statement sent
