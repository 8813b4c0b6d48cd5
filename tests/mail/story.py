"""What the story of whole books tells of mails and papers."""

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
from o2c_tui.storage.store import Store


def mailing(store: Store) -> None:
    """A letter, a server, a mail in doubt, one that failed, one that went with its paper."""

    def do(verb: Any, *args: Any, **words: Any) -> Any:
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
