"""What the story of whole books tells of mails and papers."""

from decimal import Decimal as D
from typing import Any

from o2c_tui.models.mail import MailSecurity, PaperWay
from o2c_tui.services.mailing import (
    mail_document,
    note_doubt,
    note_failure,
    note_sent,
    save_letter,
    save_mail_account,
    take_mail,
)
from o2c_tui.services.paper_log import log_paper
from o2c_tui.services.reminding import (
    ProfileSetup,
    StepSetup,
    close_dispute,
    open_dispute,
    promise_payment,
    remind_customer,
    save_profile,
    withdraw_promise,
)
from o2c_tui.services.setup import change_company
from o2c_tui.storage.store import Store
from tests.makers import TODAY, sold


def mailing(store: Store) -> None:
    """A letter, a server, a mail in doubt, one that failed, one that went with its paper."""

    def do(verb: Any, *args: Any, **words: Any) -> Any:
        if verb in (save_mail_account, save_letter, mail_document):
            words["today"] = TODAY
        return store.write_now(verb, *args, by="ada", accepted=None, **words)

    do(save_mail_account, host="mail.example.com", port=25, security=MailSecurity.NONE, login="books",
       sender="books@example.com", reply_to="us@example.com", copy_to="all@example.com", folder="trial")  # fmt: skip
    do(save_letter, "invoice", "en", "Invoice {number}", "{total}")
    went, failed, doubtful = (do(mail_document, "INV26-0001", to=f"{n}@example.org") for n in "abc")
    do(take_mail, went.mail_id, sha256="0" * 64)
    do(note_sent, went.mail_id, "copy refused")
    do(log_paper, "invoice", 1, PaperWay.MAILED, number="INV26-0001", to=went.to, language="en",
       file_name=went.file_name, sha256="0" * 64, mail_id=went.mail_id)  # fmt: skip
    do(take_mail, failed.mail_id)
    do(note_failure, failed.mail_id, "550 unknown", for_good=True)
    do(take_mail, doubtful.mail_id)
    do(note_doubt, doubtful.mail_id, "line broke")


def reminding(desk: Any) -> None:
    """A profile with a fee, a letter that charged it, a promise, a dispute, interest."""
    desk.do(change_company, {"interest_percent": D(8)})
    steps = (StepSetup(-60, fee=D("2.00")), StepSetup(10, "reminder_2"), StepSetup(20, "reminder_3"))
    desk.do(save_profile, ProfileSetup("EARLY", "before it is due", steps, gap_days=3, is_default=True))
    billed = sold(desk, ("FREIGHT", 3))
    desk.do(remind_customer, "ACME")
    desk.do(promise_payment, "ACME", desk.today, D(5), invoice=billed.number, note="by phone")
    taken_back = desk.do(promise_payment, "ACME", desk.today, D(7))
    desk.do(withdraw_promise, taken_back)
    contested = sold(desk, ("FREIGHT", 1))
    desk.do(open_dispute, contested.invoice_id, "too late")
    desk.do(close_dispute, contested.invoice_id, "half the price")
