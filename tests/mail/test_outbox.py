"""Mails go once, whatever happens: a real server on loopback. Rule: docs/rules/mail.md."""

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pypdf
import pytest
from sqlmodel import select

from o2c_tui.errors import BadValueError, MissingValueError, NotAllowedError, TroubleError, WrongStateError
from o2c_tui.models.company import UserRole
from o2c_tui.models.mail import MailSecurity, PaperLog
from o2c_tui.queries.history import history
from o2c_tui.queries.mails import mail_view
from o2c_tui.sending.archive import kept_path
from o2c_tui.sending.outbox import send_waiting
from o2c_tui.services.invoicing import invoice_order
from o2c_tui.services.mailing import (
    bounce_mail,
    mail_document,
    retry_mail,
    save_letter,
    save_mail_account,
    settle_mail,
    take_mail,
    withdraw_mail,
)
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.setup import change_company, save_user
from o2c_tui.services.shipping import ship_order
from o2c_tui.storage.store import Store
from tests.conftest import NOW
from tests.mail.server import HOST, make_certificate, post_office
from tests.makers import Desk, open_books, ordered, receive


@dataclass
class Clock:
    """A clock that is put on by hand."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def on(self, **words: float) -> None:
        self.now += timedelta(**words)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(database_url: str, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Books with a posted invoice over 24.00 for a customer who has an address, and a company that has one."""
    monkeypatch.setenv("O2C_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("O2C_SMTP_PASSWORD", raising=False)
    opened = Store.open(database_url, clock=clock, who="ada")
    desk = open_books(opened)
    desk.do(change_company, {"email": "books@example.com", "bank": "Example Bank"}, version=None)
    desk.do(save_party, PartySetup("ACME", "Acme Works", email="pay@example.org", contact="Ms Doe"))
    receive(desk, "BOLT", 10, "4.00")
    order = ordered(desk, ("BOLT", 2))
    desk.do(ship_order, order.order_id)
    desk.do(invoice_order, order.order_id)
    yield desk
    opened.close()


def told(desk: Desk, verb, *args, **words):
    """Run a verb, all warnings taken; a sender's own takes no day."""
    if verb is not take_mail:
        words["today"] = desk.today
    return desk.store.write_now(verb, *args, by="ada", accepted=None, **words)


def written(desk: Desk, **words):
    """A mail with the invoice in the outbox."""
    return told(desk, mail_document, "INV26-0001", **words)


def goes_through(desk: Desk, port: int, **words) -> None:
    words.setdefault("security", MailSecurity.NONE)
    told(desk, save_mail_account, host=HOST, port=port, **words)


def state(desk: Desk, key: int):
    return desk.ask(mail_view, key, now=desk.store.clock())


def test_an_invoice_is_mailed_once_with_its_pdf_logged_and_kept(desk):
    with post_office() as post:
        goes_through(desk, post.port, copy_to="archive@example.com", reply_to="sales@example.com")
        mail = written(desk)

        done = send_waiting(desk.store, by="cron")
        again = send_waiting(desk.store, by="cron")

    assert (done.sent, again.sent, len(post.taken)) == (1, 0, 1)
    (got,) = post.mails
    assert post.taken[0].rcpt_tos == ["pay@example.org", "archive@example.com"]
    assert (got["From"], got["To"]) == ("Test Trading <books@example.com>", "pay@example.org")
    assert got["Reply-To"] == "sales@example.com" and got["Cc"] is None and got["Bcc"] is None
    assert got["Subject"] == "Invoice INV26-0001 of Test Trading"
    body = got.get_body().get_content()
    assert "Dear Ms Doe," in body and "over EUR 24.00" in body and "Your reference" not in body
    (part,) = got.iter_attachments()
    assert part.get_filename() == "INV26-0001.pdf" == mail.file_name
    data = part.get_content()
    assert "INV26-0001" in pypdf.PdfReader(BytesIO(data)).pages[0].extract_text()
    digest = hashlib.sha256(data).hexdigest()
    assert kept_path(desk.store.url, digest).read_bytes() == data
    step = desk.ask(history, "invoice", 1)[-1]
    assert (step.left.way, step.left.to, step.left.sha256) == ("mailed", "pay@example.org", digest)
    seen = state(desk, mail.mail_id)
    assert (seen.state, seen.tries, seen.sent_at, seen.trouble) == ("sent", 1, NOW, "")
    desk.holds()


def test_starttls_and_login_are_taken_and_a_certificate_that_nobody_vouches_for_is_not(desk, tmp_path, monkeypatch):
    certificate = make_certificate(tmp_path)
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    config = home / "o2c.toml"
    with post_office(certificate=certificate, login=("ada", "s3cret")) as post:
        goes_through(desk, post.port, security=MailSecurity.STARTTLS, login="ada")
        mail = written(desk)
        monkeypatch.setenv("O2C_SMTP_PASSWORD", "s3cret")
        assert "CERTIFICATE_VERIFY_FAILED" in send_waiting(desk.store, by="cron").said[0]
        config.write_text(f'mail_ca = "{certificate.cert}"\nmail_password = "wrong"\n')
        config.chmod(0o640)
        monkeypatch.delenv("O2C_SMTP_PASSWORD")
        with pytest.raises(TroubleError, match="chmod 600"):
            send_waiting(desk.store, by="cron", ids=(mail.mail_id,))
        config.chmod(0o600)
        assert send_waiting(desk.store, by="cron", ids=(mail.mail_id,)).said[0].startswith("pay@example.org: 535")
        config.write_text(f'mail_ca = "{certificate.cert}"\nmail_password = "s3cret"\n')
        assert send_waiting(desk.store, by="cron", ids=(mail.mail_id,)).sent == 1
    assert (set(post.logins), post.over_tls) == ({"ada"}, [True])
    assert state(desk, mail.mail_id).tries == 3
    desk.holds()


def test_tls_from_the_first_byte(desk, tmp_path, monkeypatch):
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.cert))
    with post_office(certificate=certificate, at_once=True) as post:
        goes_through(desk, post.port, security=MailSecurity.TLS)
        written(desk)
        assert send_waiting(desk.store, by="cron").sent == 1
    assert len(post.taken) == 1


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
def test_what_the_server_puts_off_is_tried_again_with_growing_pauses_and_goes_once(desk, clock, step):
    with post_office() as post:
        goes_through(desk, post.port)
        mail = written(desk)
        post.answers[step] = ["451 4.3.0 come back later"] * 2

        assert send_waiting(desk.store, by="cron").later == 1
        first = state(desk, mail.mail_id)
        assert send_waiting(desk.store, by="cron").later == 0  # its turn has not come
        clock.on(minutes=1)
        assert send_waiting(desk.store, by="cron").later == 1
        second = state(desk, mail.mail_id)
        clock.on(minutes=4)
        assert send_waiting(desk.store, by="cron").sent == 0
        clock.on(minutes=1)
        assert send_waiting(desk.store, by="cron").sent == 1

    assert "come back later" in first.trouble
    assert (first.next_try_at - NOW, second.next_try_at - NOW) == (timedelta(minutes=1), timedelta(minutes=6))
    assert (len(post.taken), state(desk, mail.mail_id).tries) == (1, 3)
    desk.holds()


def test_a_mail_that_never_finds_a_server_is_given_up_after_eight_tries(desk, clock):
    with post_office() as post:
        port = post.port
    goes_through(desk, port)  # nobody listens any more
    mail, other = written(desk), written(desk, to="other@example.org")
    for _ in range(8):
        send_waiting(desk.store, by="cron", ids=(mail.mail_id,))
    seen = state(desk, mail.mail_id)
    assert (seen.state, seen.tries, seen.next_try_at) == ("failed", 8, None)
    assert str(port) in seen.trouble
    assert state(desk, other.mail_id).tries == 0
    with post_office() as post:
        goes_through(desk, post.port)
        told(desk, retry_mail, mail.mail_id, to="new@example.org")
        assert send_waiting(desk.store, by="cron").sent == 2
    assert sorted(e.rcpt_tos[0] for e in post.taken) == ["new@example.org", "other@example.org"]
    desk.holds()


def test_what_the_server_refuses_fails_at_once_with_its_words_and_the_next_mail_goes(desk):
    with post_office() as post:
        goes_through(desk, post.port)
        mail, other = written(desk, to="nobody@example.org"), written(desk)
        post.answers["RCPT"] = ["550 5.1.1 no such user here"]
        done = send_waiting(desk.store, by="cron")
    assert (done.failed, done.sent) == (1, 1)
    seen = state(desk, mail.mail_id)
    assert (seen.state, seen.trouble) == ("failed", "550 5.1.1 no such user here")
    assert state(desk, other.mail_id).state == "sent"
    assert [e.rcpt_tos for e in post.taken] == [["pay@example.org"]]
    desk.holds()


def test_of_several_addresses_all_get_it_or_none(desk):
    with post_office() as post:
        goes_through(desk, post.port)
        written(desk, to="a@example.org; b@example.org")
        post.answers["RCPT"] = ["", "550 unknown"]
        assert send_waiting(desk.store, by="cron").failed == 1
    assert post.taken == []


def test_a_line_that_breaks_before_the_answer_leaves_the_mail_in_doubt_and_a_person_says(desk, clock):
    with post_office() as post:
        goes_through(desk, post.port)
        mail = written(desk)
        post.hangs_up = 1
        assert send_waiting(desk.store, by="cron").doubtful == 1
        clock.on(days=3)
        assert send_waiting(desk.store, by="cron").sent == 0  # never of itself
        assert send_waiting(desk.store, by="cron", ids=(mail.mail_id,)).sent == 0  # nor by hand
        assert state(desk, mail.mail_id).doubtful
        with pytest.raises(WrongStateError, match="may have gone"):
            told(desk, withdraw_mail, mail.mail_id)
        told(desk, settle_mail, mail.mail_id, True)
    assert len(post.taken) == 1
    assert state(desk, mail.mail_id).state == "sent"
    left = desk.ask(history, "invoice", 1)[-1].left
    assert left.sha256 == hashlib.sha256(next(post.mails[0].iter_attachments()).get_content()).hexdigest()
    desk.holds()


def test_two_senders_at_once_send_each_mail_once(desk):
    with post_office() as post:
        goes_through(desk, post.port)
        for n in range(12):
            written(desk, to=f"p{n}@example.org")
        post.waits = 0.02
        threads = [threading.Thread(target=send_waiting, args=(desk.store,), kwargs={"by": "cron"}) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(post.ids) == len(set(post.ids)) == 12
    desk.holds()


def test_a_mail_taken_is_taken_by_nobody_else(desk):
    mail = written(desk)
    assert told(desk, take_mail, mail.mail_id).tries == 1
    assert told(desk, take_mail, mail.mail_id) is None
    with pytest.raises(WrongStateError, match="not in doubt"):  # its sender may be at it
        told(desk, settle_mail, mail.mail_id, False)


KILLED = """
import sys
from datetime import datetime
from o2c_tui.sending.outbox import send_waiting
from o2c_tui.storage.store import Store
now = datetime.fromisoformat(sys.argv[2])
print(send_waiting(Store.open(sys.argv[1], clock=lambda: now), by="cron").sent, flush=True)
"""


def test_a_sender_killed_between_sending_and_noting_doubles_nothing_of_itself(tmp_path, clock, monkeypatch):
    monkeypatch.setenv("O2C_HOME", str(tmp_path / "home"))
    path = str(tmp_path / "books.sqlite")
    desk = open_books(Store.open(path, clock=clock, who="ada"))
    desk.do(change_company, {"email": "books@example.com"}, version=None)
    receive(desk, "BOLT", 10, "4.00")
    order = ordered(desk, ("BOLT", 2))
    desk.do(ship_order, order.order_id)
    desk.do(invoice_order, order.order_id)
    with post_office() as post:
        goes_through(desk, post.port)
        mail = written(desk, to="pay@example.org")
        post.waits = 5
        sender = subprocess.Popen([sys.executable, "-c", KILLED, path, NOW.isoformat()], cwd=Path(__file__).parents[2])
        for _ in range(600):
            if state(desk, mail.mail_id).tries:
                break
            time.sleep(0.05)
        time.sleep(1)  # the words are on the line
        os.kill(sender.pid, signal.SIGKILL)
        sender.wait()
        post.waits = 0
        assert send_waiting(desk.store, by="cron").sent == 0
        assert not state(desk, mail.mail_id).doubtful  # a sender may be at it still
        clock.on(minutes=15)
        assert state(desk, mail.mail_id).doubtful
        assert send_waiting(desk.store, by="cron").sent == 0
        told(desk, settle_mail, mail.mail_id, False)
        assert send_waiting(desk.store, by="cron").sent == 1
    assert set(post.ids) == {state(desk, mail.mail_id).message_id}  # whoever got it twice sees that it is one
    desk.holds()
    desk.store.close()


def test_into_a_folder_nothing_is_sent(desk, tmp_path):
    told(desk, save_mail_account, folder=str(tmp_path / "trial"))
    written(desk)
    assert send_waiting(desk.store, by="cron").sent == 1
    (file,) = (tmp_path / "trial").iterdir()
    assert file.suffix == ".eml" and b"Subject: Invoice INV26-0001" in file.read_bytes()
    assert desk.ask(history, "invoice", 1)[-1].left.way == "saved"
    desk.holds()


def test_without_a_server_or_a_sender_nothing_is_tried(desk):
    mail = written(desk)
    with pytest.raises(TroubleError, match="No mail server"):
        send_waiting(desk.store, by="cron")
    goes_through(desk, 25)
    desk.do(change_company, {"email": ""}, version=None)
    with pytest.raises(TroubleError, match="No sender"):
        send_waiting(desk.store, by="cron")
    assert state(desk, mail.mail_id).tries == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"to": "a@example.org\r\nBcc: x@example.org"}, "cannot stand in a mail's header"),
        ({"to": "not an address"}, "no e-mail address"),
        ({"to": "a@@example.org"}, "no e-mail address"),
        ({"subject": "Hello\nBcc: x@example.org"}, "cannot stand in a mail's header"),
        ({"subject": "a\u202eb"}, "cannot stand in a mail's header"),
        ({"body": "bell \x07"}, "cannot stand in a mail"),
        ({"paper": "priced"}, "not printed"),
    ],
)
def test_a_header_cannot_be_broken_out_of(desk, words, said):
    with pytest.raises(BadValueError, match=said):
        written(desk, **words)


def test_names_and_words_of_any_language_arrive_as_they_were_written(desk):
    desk.do(change_company, {"name": '示例贸易 GmbH & Söhne, "Nord"'}, version=None)
    with post_office() as post:
        goes_through(desk, post.port)
        written(
            desk,
            to="büro@müller.example".replace("büro", "buero"),
            subject="发票 — für Sie",
            body=".\n.. 您好 {x} %s\n" + "长" * 2000,
        )
        assert send_waiting(desk.store, by="cron").sent == 1
    (got,) = post.mails
    assert post.taken[0].rcpt_tos == ["buero@xn--mller-kva.example"]
    assert got["Subject"] == "发票 — für Sie"
    assert got["From"].addresses[0].display_name == '示例贸易 GmbH & Söhne, "Nord"'
    assert got.get_body().get_content().replace("\r", "").strip("\n") == ".\n.. 您好 {x} %s\n" + "长" * 2000


def test_a_letter_of_the_company_goes_before_the_one_that_comes_with_the_program(desk):
    told(desk, save_letter, "invoice", "en", "Bill {number}", "To {customer}:\n{reference}\n{total}")
    desk.do(save_party, PartySetup("ACME", "Acme {total} Works"))
    with pytest.raises(BadValueError, match=r"no place \{totl\}\. There are: .*\{total\}"):
        told(desk, save_letter, "invoice", "en", "Bill", "{totl}")
    with pytest.raises(BadValueError, match="no place"):
        told(desk, save_letter, "invoice", "en", "Bill", "{company.__class__}")
    mail = state(desk, written(desk).mail_id)
    assert (mail.subject, mail.body) == ("Bill INV26-0001", "To Acme {total} Works:\nEUR 24.00")
    chinese = state(desk, written(desk, language="zh_CN").mail_id)
    assert "INV26-0001" in chinese.body and "EUR 24.00" in chinese.body and "Dear" not in chinese.body
    desk.holds()


def test_who_has_no_address_gets_no_mail_and_a_draft_goes_to_nobody(desk):
    desk.do(save_party, PartySetup("ACME", "Acme Works", email=""))
    with pytest.raises(MissingValueError, match="No e-mail address"):
        written(desk)
    from o2c_tui.services.ordering import save_order
    from tests.makers import DocumentDraft, lines

    desk.do(save_order, DocumentDraft("ACME", lines(("BOLT", 1))))
    with pytest.raises(WrongStateError, match="is draft"):
        told(desk, mail_document, "order:2", to="a@example.org")


def test_only_owner_and_accounts_say_where_mails_go_and_a_viewer_writes_none(desk):
    desk.do(save_user, "vera", "Vera", role=UserRole.VIEWER)
    for verb, args, words in (
        (save_mail_account, (), {"host": "evil.example"}),
        (mail_document, ("INV26-0001",), {}),
        (save_letter, ("invoice", "en", "x", "y"), {}),
    ):
        with pytest.raises(NotAllowedError):
            desk.store.write_now(verb, *args, by="vera", today=desk.today, **words)


def test_a_mail_that_came_back_is_noted_and_one_not_yet_sent_withdrawn(desk):
    with post_office() as post:
        goes_through(desk, post.port)
        mail = written(desk)
        send_waiting(desk.store, by="cron")
        told(desk, bounce_mail, mail.mail_id, "550 mailbox full")
        other = written(desk)
        told(desk, withdraw_mail, other.mail_id)
        assert send_waiting(desk.store, by="cron").sent == 0
    assert (state(desk, mail.mail_id).state, state(desk, mail.mail_id).trouble) == ("bounced", "550 mailbox full")
    assert [step.verb for step in state(desk, mail.mail_id).steps] == [
        "mail_document", "take_mail", "note_sent", "bounce_mail",
    ]  # fmt: skip
    desk.holds()


def test_a_company_that_keeps_no_papers_logs_them_all_the_same(desk):
    desk.do(change_company, {"keep_papers": False}, version=None)
    with post_office() as post:
        goes_through(desk, post.port)
        written(desk)
        send_waiting(desk.store, by="cron")
    (row,) = desk.ask(lambda session: session.exec(select(PaperLog)).all())
    assert len(row.sha256) == 64 and not kept_path(desk.store.url, row.sha256).exists()
