"""A mail as bytes: headers that nothing typed can break out of, a text body, the PDF beside it.

Rule: docs/rules/mail.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from o2c_tui.rules.outbox import address_list, header_text, on_the_wire


@dataclass(frozen=True)
class Letter:
    """What a mail says, to whom, and the file that goes with it."""

    to: Sequence[str]
    subject: str
    body: str
    message_id: str
    language: str = "en"
    file_name: str = ""
    data: bytes = b""


def as_bytes(letter: Letter, *, sender: str, sender_name: str, reply_to: str, at: datetime) -> bytes:
    """The mail as it goes over the line; the same words at the same moment give the same bytes.

    Raises:
        BadValueError: a header would hold a control sign.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _named(sender_name, sender)
    mail["To"] = [_named("", address) for address in letter.to]
    if reply_to:
        mail["Reply-To"] = [_named("", address) for address in address_list(reply_to, "reply_to")]
    mail["Subject"] = header_text(letter.subject, "subject")
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = header_text(letter.message_id, "message_id")
    mail["Content-Language"] = letter.language.replace("_", "-")
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.body + "\n", charset="utf-8", cte="quoted-printable")
    if letter.data:
        name = header_text(letter.file_name, "file_name")
        mail.add_attachment(letter.data, maintype="application", subtype="pdf", filename=name)
        mark = letter.message_id.strip("<>").partition("@")[0]
        mail.set_boundary(f"=-{mark}")  # of its own, not of chance
    return mail.as_bytes()


def _named(name: str, address: str) -> Address:
    local, _at, domain = on_the_wire(address).rpartition("@")
    return Address(header_text(name, "name"), local, domain)
