"""What leaves the house: mails waiting in the outbox, and the log of all that was sent, printed or saved."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from o2c_tui.models import party
from o2c_tui.models.base import (
    Guard,
    Role,
    Steps,
    Stored,
    choice_column,
    decided,
    guarded,
    kept,
    moment_column,
    partial_index,
    state_column,
)
from o2c_tui.texts import N_

POINTS_TO = (party,)  # their tables are loaded with these


class MailSecurity(StrEnum):
    """How the way to the mail server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


MAIL_SECURITY_WORDS = {
    MailSecurity.NONE: N_("none"),
    MailSecurity.STARTTLS: "STARTTLS",
    MailSecurity.TLS: "TLS",
}


class MailAccount(Stored, table=True):
    """One row: the server mails go through. Its password stands in the configuration file or the environment, never here."""

    __tablename__ = "mail_account"
    __table_args__ = (sa.CheckConstraint("id = 1", name="only_one"),)

    id: int = Field(default=1, primary_key=True)
    host: str = decided(sa.Text, "")
    port: int = decided(sa.Integer, 587)
    security: MailSecurity = choice_column(MailSecurity, MailSecurity.STARTTLS, role=Role.DECIDED)
    login: str = decided(sa.Text, "")
    sender: str = decided(sa.Text, "")  # address; empty: the company's
    reply_to: str = decided(sa.Text, "")
    copy_to: str = decided(sa.Text, "")  # a blind copy of every mail
    folder: str = decided(sa.Text, "")  # where set, mails are written there instead of sent
    version: int = Field(default=1)


class MailState(StrEnum):
    """How far a mail has come."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"  # given up after the last try, or refused for good
    BOUNCED = "bounced"  # came back: somebody said so
    WITHDRAWN = "withdrawn"


MAIL_STEPS: Steps = {
    MailState.WAITING: (MailState.SENT, MailState.FAILED, MailState.WITHDRAWN),
    MailState.SENT: (MailState.BOUNCED,),
    MailState.FAILED: (MailState.WAITING, MailState.WITHDRAWN),
    MailState.BOUNCED: (MailState.WAITING,),
    MailState.WITHDRAWN: (),
}


class OutgoingMail(Stored, table=True):
    """One mail, written in the transaction that asked for it and sent after; its message id makes it one and the same."""

    __tablename__ = "outgoing_mail"
    __table_args__ = (
        partial_index("ix_outgoing_mail_waiting", "next_try_at", "id", where="state = 'waiting'"),
        sa.Index("ix_outgoing_mail_document", "kind", "document_id"),
    )

    id: int = Field(default=None, primary_key=True)
    state: MailState = state_column(MailState.WAITING, steps=MAIL_STEPS)
    kind: str = decided(sa.Text)  # of the document it is about: reminder, statement, invoice, quotation …
    document_id: int = decided(sa.Integer, ...)  # of a statement: the customer
    customer_id: int | None = decided(sa.Integer, None, nullable=True, foreign_key="party.id")
    words: str = decided(sa.Text, "{}")  # JSON: what the paper needs beside its document (a statement's days)
    to: str = decided(sa.Text)
    subject: str = decided(sa.Text)
    body: str = decided(sa.Text)
    language: str = decided(sa.Text, "en")
    file_name: str = decided(sa.Text, "")  # of the PDF that goes with it; empty: none
    message_id: str = decided(sa.Text, unique=True)
    by: str = decided(sa.Text)
    made_at: datetime = moment_column(...)
    tries: int = decided(sa.SmallInteger, 0)  # each is told in the audit trail before the server is called
    next_try_at: datetime | None = moment_column(None, nullable=True)  # none, once taken: nobody knows whether it went
    taken_at: datetime | None = moment_column(None, nullable=True)  # a sender has it in hand, or died with it in hand
    sent_at: datetime | None = moment_column(None, nullable=True)
    trouble: str = decided(sa.Text, "")  # what the server said last, or the bounce
    version: int = kept(sa.Integer, 1)


class PaperWay(StrEnum):
    """How a paper left the house."""

    SAVED = "saved"  # as a file, to be printed or handed on
    PRINTED = "printed"
    MAILED = "mailed"


PAPER_WAY_WORDS = {PaperWay.SAVED: N_("saved"), PaperWay.PRINTED: N_("printed"), PaperWay.MAILED: N_("mailed")}


class PaperLog(Stored, table=True):
    """A paper that left the house: which document, how, to whom, and the hash of its very bytes."""

    __tablename__ = "paper_log"
    __table_args__ = guarded(Guard.APPEND, sa.Index("ix_paper_log_document", "kind", "document_id"))

    id: int = Field(default=None, primary_key=True)
    kind: str = Field(sa_type=sa.Text)
    document_id: int
    number: str = Field(default="", sa_type=sa.Text)
    way: PaperWay = choice_column(PaperWay)
    left_at: datetime = moment_column(..., role=Role.FACT)
    by: str = Field(sa_type=sa.Text)
    to: str = Field(default="", sa_type=sa.Text)
    language: str = Field(default="", sa_type=sa.Text)
    file_name: str = Field(default="", sa_type=sa.Text)
    sha256: str = Field(default="", sa_type=sa.Text)
    mail_id: int | None = Field(default=None, foreign_key="outgoing_mail.id")
