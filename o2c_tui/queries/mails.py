"""The outbox: which mails wait, which are to be sent now, and what is known of one.

Rule: docs/rules/mail.md.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.models.audit import AuditEntry
from o2c_tui.models.mail import MailAccount, MailSecurity, MailState, OutgoingMail
from o2c_tui.queries.lookups import the_company
from o2c_tui.rules.outbox import IN_HAND
from o2c_tui.storage.rows import table_of

_ENTRIES = table_of(AuditEntry)


@dataclass(frozen=True)
class Account:
    """The server mails go through, as the sender needs it; without a host and a folder none was named yet."""

    host: str = ""
    port: int = 587
    security: MailSecurity = MailSecurity.STARTTLS
    login: str = ""
    sender: str = ""
    sender_name: str = ""
    reply_to: str = ""
    copy_to: str = ""
    folder: str = ""
    version: int | None = None

    @property
    def is_set(self) -> bool:
        """Whether mails can be sent at all."""
        return bool(self.host or self.folder)


def account(session: Session) -> Account:
    """The mail settings; the sender is the company unless another was named."""
    company = the_company(session)
    kept = session.get(MailAccount, 1)
    if kept is None:
        return Account(sender=company.email, sender_name=company.name)
    return Account(
        kept.host,
        kept.port,
        kept.security,
        kept.login,
        kept.sender or company.email,
        company.name,
        kept.reply_to,
        kept.copy_to,
        kept.folder,
        kept.version,
    )


def is_doubtful(mail: Any, now: datetime) -> bool:
    """Whether nobody knows if a mail went: its sender died with it in hand, or the line broke after all was said."""
    taken: datetime | None = mail.taken_at
    return (
        mail.state == MailState.WAITING and taken is not None and (mail.next_try_at is None or taken <= now - IN_HAND)
    )


def to_send(session: Session, *, now: datetime, ids: tuple[int, ...] = ()) -> list[int]:
    """Keys of the mails whose turn it is, oldest first; those in a sender's hand or in doubt are left alone.

    `ids` names some of them: these need not wait for their next try.
    """
    query = sa.select(col(OutgoingMail.id)).where(
        col(OutgoingMail.state) == MailState.WAITING, col(OutgoingMail.taken_at).is_(None)
    )
    query = query.where(col(OutgoingMail.id).in_(ids)) if ids else query.where(col(OutgoingMail.next_try_at) <= now)
    return list(session.execute(query.order_by(col(OutgoingMail.id))).scalars())


@dataclass(frozen=True)
class Counts:
    """How the outbox stands."""

    waiting: int
    doubtful: int
    failed: int


def counts(session: Session, *, now: datetime) -> Counts:
    """How many mails wait, are in doubt, and were given up or came back."""
    query = select(OutgoingMail).where(
        col(OutgoingMail.state).in_((MailState.WAITING, MailState.FAILED, MailState.BOUNCED))
    )
    waiting = doubtful = failed = 0
    for mail in session.exec(query):
        if mail.state is not MailState.WAITING:
            failed += 1
        elif is_doubtful(mail, now):
            doubtful += 1
        else:
            waiting += 1
    return Counts(waiting, doubtful, failed)


@dataclass(frozen=True)
class MailStep:
    """One thing that was done to a mail."""

    at: datetime  # by the company's clock
    by: str
    verb: str
    trouble: str


@dataclass(frozen=True)
class MailView:
    """A mail as it is read: what it says, how far it has come, and what was done to it."""

    id: int
    state: MailState
    doubtful: bool
    kind: str
    document_id: int
    to: str
    subject: str
    body: str
    language: str
    file_name: str
    message_id: str
    by: str
    made_at: datetime
    tries: int
    next_try_at: datetime | None
    sent_at: datetime | None
    trouble: str
    version: int
    steps: tuple[MailStep, ...]


def mail_view(session: Session, mail_id: int, *, now: datetime) -> MailView:
    """One mail, whole, its moments by the company's clock.

    Raises:
        NotFoundError: there is none.
    """
    from o2c_tui.errors import NotFoundError
    from o2c_tui.texts import N_

    mail = session.get(OutgoingMail, mail_id)
    if mail is None:
        raise NotFoundError(N_("There is no mail {number}."), field="mail_id", number=mail_id)
    zone = ZoneInfo(the_company(session).time_zone)

    def local(moment: datetime | None) -> datetime | None:
        return None if moment is None else moment.astimezone(zone)

    query = sa.select(_ENTRIES.c.at, _ENTRIES.c.by, _ENTRIES.c.verb, _ENTRIES.c.changes)
    query = query.where(_ENTRIES.c.kind == "outgoing_mail", _ENTRIES.c.document_id == mail_id).order_by(_ENTRIES.c.id)
    steps = tuple(
        MailStep(row.at.astimezone(zone), row.by, row.verb, _trouble(row.changes)) for row in session.execute(query)
    )
    return MailView(
        mail.id, mail.state, is_doubtful(mail, now), mail.kind, mail.document_id, mail.to, mail.subject, mail.body,
        mail.language, mail.file_name, mail.message_id, mail.by, mail.made_at.astimezone(zone), mail.tries,
        local(mail.next_try_at), local(mail.sent_at), mail.trouble, mail.version, steps,
    )  # fmt: skip


def _trouble(changes: str) -> str:
    told = json.loads(changes) if changes else []
    return next((str(change[4]) for change in told if len(change) == 5 and change[2] == "trouble" and change[4]), "")
