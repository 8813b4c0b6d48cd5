"""Mails: written into the outbox within the step that asks for them, and what a sender notes of each.

A mail is one and the same by its message id, fixed when it is written. A sender takes it in one short transaction,
talks to the server outside of any, and notes what came of it in another; whoever finds a mail taken leaves it alone.
Rule: docs/rules/mail.md.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, ConflictError, MissingValueError, WrongStateError
from o2c_tui.models.company import UserRole
from o2c_tui.models.mail import MailAccount, MailSecurity, MailState, OutgoingMail, PaperWay
from o2c_tui.models.party import Party
from o2c_tui.models.reminder import Letter, Reminder
from o2c_tui.models.words import STATE_WORDS
from o2c_tui.queries.document_chain import BUYING
from o2c_tui.queries.documents import document
from o2c_tui.queries.letters import filled, letter, of_document
from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.mails import account, is_doubtful
from o2c_tui.queries.papers import KINDS, named, papers_of
from o2c_tui.rules.letters import check_places
from o2c_tui.rules.outbox import address_list, body_text, domain_of, header_text, pause_after, subject_text
from o2c_tui.services.paper_log import log_paper
from o2c_tui.services.rights import require_one_of
from o2c_tui.services.support import load, take_step, warn
from o2c_tui.storage.chain import created, decide, record
from o2c_tui.texts import N_

_MAY_SET = (UserRole.OWNER, UserRole.ACCOUNTS)
_MAY_WRITE = (UserRole.OWNER, UserRole.ACCOUNTS, UserRole.SALES, UserRole.WAREHOUSE)
UNSENT = ("draft", "picked", "packed")  # states of a document that nobody outside has yet
MOST_TROUBLE = 500


# -- settings ----------------------------------------------------------------------------------------------------------


def save_mail_account(
    session: Session,
    *,
    host: str | None = None,
    port: int | None = None,
    security: MailSecurity | None = None,
    login: str | None = None,
    sender: str | None = None,
    reply_to: str | None = None,
    copy_to: str | None = None,
    folder: str | None = None,
    version: int | None = None,
    by: str,
    today: date,
) -> int:
    """Say which server mails go through; what is not given stays. Returns the new version.

    The password is no part of the books: it stands in the configuration file or the environment. With a `folder` mails
    are written there instead of being sent.

    Raises:
        NotAllowedError: this person may not. BadValueError: no such port or address, or a host with blanks.
        ConflictError: somebody else changed them meanwhile.
    """
    require_one_of(session, by, _MAY_SET, N_("change the mail settings"))
    kept = session.get(MailAccount, 1)
    if kept is None:
        kept = MailAccount()
        session.add(kept)
        session.flush()
    elif version is not None and kept.version != version:
        raise ConflictError(N_("Somebody else has changed the mail settings meanwhile. Look at them again (F5)."))
    values: dict[str, Any] = {}
    if host is not None:
        values["host"] = header_text(host, "host")
        if any(sign.isspace() for sign in values["host"]):
            raise BadValueError(N_("'{text}' is no name of a server."), field="host", text=host)
    if port is not None:
        if not 1 <= port <= 65535:
            raise BadValueError(N_("A port lies from 1 to 65535."), field="port")
        values["port"] = port
    if security is not None:
        values["security"] = security
    if login is not None:
        values["login"] = header_text(login, "login")
    for name, text in (("sender", sender), ("reply_to", reply_to), ("copy_to", copy_to)):
        if text is not None:
            values[name] = ", ".join(address_list(text, name))
    if "," in values.get("sender", ""):
        raise BadValueError(N_("Mails have one sender."), field="sender")
    if folder is not None:
        values["folder"] = header_text(folder, "folder")
    decide(session, kept, **values)
    kept.version += 1
    record(session, "save_mail_account", kept, by=by)
    return kept.version


def save_letter(
    session: Session,
    code: str,
    language: str,
    subject: str,
    body: str,
    *,
    version: int | None = None,
    by: str,
    today: date,
) -> int:
    """Write a letter anew in one language, in the place of the one that comes with the program. Returns its version.

    Raises:
        NotAllowedError: this person may not. BadValueError: a place in braces that is none of the list, a code or
        language with other signs than letters, digits and _. MissingValueError: no subject or text.
        ConflictError: somebody else changed it meanwhile.
    """
    require_one_of(session, by, _MAY_SET, N_("change letters"))
    code, language = code.strip().lower(), language.strip()
    for name, text in (("code", code), ("language", language)):
        if not text or len(text) > 24 or not text.isascii() or not text.replace("_", "").replace("-", "").isalnum():
            raise BadValueError(N_("'{code}' cannot be a code: use letters, digits and _."), field=name, code=text)
    subject = check_places(subject_text(subject), "subject")
    body = check_places(body_text(body), "body")
    kept = session.exec(select(Letter).where(Letter.code == code, Letter.language == language)).one_or_none()
    if kept is None:
        if version is not None:
            raise ConflictError(N_("Somebody else has changed the letter meanwhile. Look at it again (F5)."))
        kept = Letter(code=code, language=language, subject=subject, body=body)
        session.add(kept)
        session.flush()
        created(session, kept)
    else:
        if version is not None and kept.version != version:
            raise ConflictError(N_("Somebody else has changed the letter meanwhile. Look at it again (F5)."))
        decide(session, kept, subject=subject, body=body)
        kept.version += 1
    record(session, "save_letter", kept, by=by)
    return kept.version


# -- writing -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mailed:
    """A mail that stands in the outbox."""

    mail_id: int
    to: str
    subject: str
    file_name: str


def mail_document(
    session: Session,
    document_number: str,
    *,
    paper: str = "",
    to: str | None = None,
    subject: str | None = None,
    body: str | None = None,
    language: str | None = None,
    by: str,
    today: date,
    now: datetime,
) -> Mailed:
    """Write a mail with a document's PDF into the outbox; what is not given comes from the party and its letter.

    `document_number` as people read it, or `kind:key`; `paper` is one of the papers of its kind.

    Raises:
        NotFoundError: there is no such document. WrongStateError: it is a draft. BadValueError: it has no such paper,
        or an address that is none. MissingValueError: nobody's address is known. NotAllowedError: this person may not.
    """
    require_one_of(session, by, _MAY_WRITE, N_("write mails"))
    usual = proposed(session, document_number, paper=paper, language=language)
    mail = write_mail(
        session,
        usual.kind,
        usual.document_id,
        to=usual.to if to is None else to,
        subject=usual.subject if subject is None else subject,
        body=usual.body if body is None else body,
        language=usual.language,
        file_name=usual.file_name,
        customer_id=usual.customer_id,
        words=usual.words,
        by=by,
        now=now,
    )
    record(session, "mail_document", mail, by=by)
    return Mailed(mail.id, mail.to, mail.subject, mail.file_name)


@dataclass(frozen=True)
class Proposal:
    """A mail with a document as it would be written, before anybody changes a word."""

    kind: str
    document_id: int
    customer_id: int | None
    to: str
    subject: str
    body: str
    language: str
    file_name: str
    words: Mapping[str, str]


def proposed(session: Session, document_number: str, *, paper: str = "", language: str | None = None) -> Proposal:
    """The mail that goes with a document by default: the party's address, the words of the letter of its kind.

    Raises: see `mail_document`.
    """
    kind, key = named(session, document_number)
    if kind == "reminder":
        return _letter_again(session, load(session, Reminder, key))
    found = document(session, kind, key)
    names = papers_of(kind, found.state)
    if kind not in KINDS or (paper and paper not in names):
        raise BadValueError(N_("This kind of document is not printed."), field="paper")
    if found.state in UNSENT:
        raise WrongStateError(
            N_("{document} is {state_word}: nobody outside gets it yet."),
            document=found.label,
            state_word=STATE_WORDS[found.state],
        )
    buying = kind in BUYING
    party = session.get(Party, found.head.get("supplier_id" if buying else "customer_id") or 0)
    spoken = (
        language or found.head.get("language") or (party.language if party else "") or the_company(session).language
    )
    words = letter(session, "credit_note" if found.head.get("kind") == "credit_note" else kind, spoken)
    subject, body = filled(words, of_document(session, found, party, words.language))
    name = paper or next(iter(names))
    told = {"number": found.label}
    return Proposal(
        kind,
        key,
        None if buying or party is None else party.id,
        party.email if party is not None else "",
        subject,
        body,
        spoken,
        _file_name(found.label, found.head, "" if name in ("", "note", "receipt") else name),
        {**told, "paper": name} if name else told,
    )


def _letter_again(session: Session, letter_sent: Reminder) -> Proposal:
    """A reminder as it was written, to be mailed (again), perhaps to another address."""
    party = load(session, Party, letter_sent.customer_id)
    return Proposal(
        "reminder",
        letter_sent.id,
        party.id,
        letter_sent.email or party.email,
        letter_sent.subject,
        letter_sent.body,
        letter_sent.language,
        f"{letter_sent.number}.pdf",
        {"number": letter_sent.number},
    )


def _file_name(label: str, head: Mapping[str, Any], paper: str) -> str:
    revision = head.get("revision", 1)
    parts = [label.replace("/", "-"), *([str(revision)] if revision > 1 and "/" not in label else []), paper]
    return "-".join(part for part in parts if part) + ".pdf"


def write_mail(
    session: Session,
    kind: str,
    document_id: int,
    *,
    to: str,
    subject: str,
    body: str,
    language: str,
    file_name: str = "",
    customer_id: int | None = None,
    words: Mapping[str, Any] | None = None,
    by: str,
    now: datetime,
) -> OutgoingMail:
    """Put a mail into the outbox, for verbs that write one along; their own audit entry tells of it.

    Raises:
        MissingValueError: no address, subject or text. BadValueError: an address that is none, a control sign.
    """
    addresses = address_list(to, "to")
    if not addresses:
        raise MissingValueError(N_("No e-mail address is known; give one."), field="to")
    sender = account(session).sender
    mail = OutgoingMail(
        kind=kind,
        document_id=document_id,
        customer_id=customer_id,
        words=json.dumps(dict(words or {}), ensure_ascii=False),
        to=", ".join(addresses),
        subject=subject_text(subject),
        body=body_text(body),
        language=language,
        file_name=header_text(file_name, "file_name"),
        message_id="",
        by=by,
        made_at=now,
        next_try_at=now,
    )
    # one of a kind within these books and others: which it is, what it says, for what, when, by whom
    last = session.execute(sa.select(sa.func.max(col(OutgoingMail.id)))).scalar_one_or_none() or 0
    seed = [last, the_company(session).name, kind, document_id, mail.to, mail.subject, mail.body, by, now.isoformat()]
    mark = hashlib.sha256(json.dumps(seed, ensure_ascii=False).encode()).hexdigest()[:32]
    mail.message_id = f"<{mark}@{domain_of(sender) if sender else 'o2c.invalid'}>"
    _warn_of_twin(session, mail)
    session.add(mail)
    session.flush()
    created(session, mail)
    return mail


def _warn_of_twin(session: Session, mail: OutgoingMail) -> None:
    """The same paper to the same people waits in the outbox already."""
    query = select(OutgoingMail).where(
        OutgoingMail.kind == mail.kind,
        OutgoingMail.document_id == mail.document_id,
        OutgoingMail.to == mail.to,
        OutgoingMail.file_name == mail.file_name,
        OutgoingMail.state == MailState.WAITING,
    )
    if session.exec(query).first() is not None:
        warn(
            session,
            "mail_waits",
            N_("The same paper to {to} waits in the outbox already."),
            to=mail.to,
        )


# -- what a sender notes ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Taken:
    """A mail in a sender's hand: all that is needed to send it, read when it was taken."""

    id: int
    kind: str
    document_id: int
    words: Mapping[str, Any]
    to: tuple[str, ...]
    subject: str
    body: str
    language: str
    file_name: str
    message_id: str
    by: str
    tries: int


def take_mail(
    session: Session, mail_id: int, *, sha256: str = "", by_hand: bool = False, by: str, now: datetime
) -> Taken | None:
    """Take a mail to send it; None where another sender has it, or its turn has not come (`by_hand`: it need not).

    `sha256` is the hash of the file that will go with it. From here on nobody else takes it: if this sender dies, it is in doubt, and a person says whether it went.
    """
    mail = load(session, OutgoingMail, mail_id)
    if mail.state is not MailState.WAITING or mail.taken_at is not None:
        return None
    if not by_hand and (mail.next_try_at is None or mail.next_try_at > now):
        return None
    decide(session, mail, taken_at=now, tries=mail.tries + 1, next_try_at=now)
    if sha256:
        decide(session, mail, words=json.dumps({**json.loads(mail.words), "sha256": sha256}, ensure_ascii=False))
    mail.version += 1
    record(session, "take_mail", mail, by=by)
    return Taken(
        mail.id,
        mail.kind,
        mail.document_id,
        json.loads(mail.words),
        tuple(address_list(mail.to, "to")),
        mail.subject,
        mail.body,
        mail.language,
        mail.file_name,
        mail.message_id,
        mail.by,
        mail.tries,
    )


def note_sent(session: Session, mail_id: int, note: str = "", *, by: str, now: datetime) -> None:
    """The server took the mail; `note` is what it said of one of the addresses."""
    mail = _in_hand(session, mail_id)
    take_step(session, mail, MailState.SENT)
    decide(session, mail, taken_at=None, next_try_at=None, sent_at=now, trouble=_short(note))
    record(session, "note_sent", mail, by=by)


def note_failure(session: Session, mail_id: int, trouble: str, *, for_good: bool, by: str, now: datetime) -> bool:
    """The mail did not go, for now or for good; returns whether it will be tried again."""
    mail = _in_hand(session, mail_id)
    pause = None if for_good else pause_after(mail.tries)
    if pause is None:
        take_step(session, mail, MailState.FAILED)
        decide(session, mail, taken_at=None, next_try_at=None, trouble=_short(trouble))
    else:
        decide(session, mail, taken_at=None, next_try_at=now + pause, trouble=_short(trouble))
        mail.version += 1
    record(session, "note_failure", mail, by=by)
    return pause is not None


def note_doubt(session: Session, mail_id: int, trouble: str, *, by: str) -> None:
    """All was said and the line broke before the server answered: nobody knows whether the mail went."""
    mail = _in_hand(session, mail_id)
    decide(session, mail, next_try_at=None, trouble=_short(trouble))
    mail.version += 1
    record(session, "note_doubt", mail, by=by)


def _in_hand(session: Session, mail_id: int) -> OutgoingMail:
    mail = load(session, OutgoingMail, mail_id)
    if mail.state is not MailState.WAITING or mail.taken_at is None:
        raise WrongStateError(N_("Mail {number} is in no sender's hand."), number=mail.id)
    return mail


def _short(text: str) -> str:
    clean = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(clean.split())[:MOST_TROUBLE]


# -- what a person says --------------------------------------------------------------------------------------------------


def settle_mail(session: Session, mail_id: int, went: bool, *, by: str, today: date, now: datetime) -> None:
    """Say of a mail in doubt whether it went (the recipient, or the server's log, knows); if not, it waits again.

    Raises:
        WrongStateError: it is not in doubt, or a sender may have it in hand still.
    """
    require_one_of(session, by, _MAY_WRITE, N_("write mails"))
    mail = load(session, OutgoingMail, mail_id)
    if not is_doubtful(mail, now):
        raise WrongStateError(N_("Mail {number} is not in doubt."), number=mail.id)
    if went:
        take_step(session, mail, MailState.SENT)
        decide(session, mail, taken_at=None, next_try_at=None, sent_at=now)
    else:
        decide(session, mail, taken_at=None, next_try_at=now)
        mail.version += 1
    record(session, "settle_mail", mail, by=by)
    words = json.loads(mail.words)
    if went and words.get("sha256"):
        log_paper(
            session,
            mail.kind,
            mail.document_id,
            PaperWay.MAILED,
            number=str(words.get("number", "")),
            to=mail.to,
            language=mail.language,
            file_name=mail.file_name,
            sha256=words["sha256"],
            mail_id=mail.id,
            by=by,
            now=now,
        )


def withdraw_mail(session: Session, mail_id: int, *, by: str, today: date) -> None:
    """Take a mail out of the outbox before it goes.

    Raises:
        WrongStateError: it went, or a sender has it in hand.
    """
    require_one_of(session, by, _MAY_WRITE, N_("write mails"))
    mail = load(session, OutgoingMail, mail_id)
    if mail.taken_at is not None:
        raise WrongStateError(N_("Mail {number} may have gone already: say first whether it did."), number=mail.id)
    take_step(session, mail, MailState.WITHDRAWN)
    decide(session, mail, next_try_at=None)
    record(session, "withdraw_mail", mail, by=by)


def retry_mail(session: Session, mail_id: int, *, to: str | None = None, by: str, today: date, now: datetime) -> None:
    """Let a mail that failed or came back wait again, perhaps to another address; its tries begin anew.

    Raises:
        WrongStateError: it neither failed nor came back. BadValueError: the address is none.
    """
    require_one_of(session, by, _MAY_WRITE, N_("write mails"))
    mail = load(session, OutgoingMail, mail_id)
    if to is not None:
        addresses = address_list(to, "to")
        if not addresses:
            raise MissingValueError(N_("No e-mail address is known; give one."), field="to")
        decide(session, mail, to=", ".join(addresses))
    if mail.state is MailState.WAITING and mail.taken_at is None:
        decide(session, mail, next_try_at=now)
        mail.version += 1
    else:
        take_step(session, mail, MailState.WAITING)
        decide(session, mail, tries=0, next_try_at=now, sent_at=None)
    record(session, "retry_mail", mail, by=by)


def bounce_mail(session: Session, mail_id: int, note: str, *, by: str, today: date) -> None:
    """Note by hand that a mail came back, and why.

    Raises:
        WrongStateError: it was not sent. MissingValueError: no word on why.
    """
    require_one_of(session, by, _MAY_WRITE, N_("write mails"))
    if not note.strip():
        raise MissingValueError(N_("Say what came back."), field="note")
    mail = load(session, OutgoingMail, mail_id)
    take_step(session, mail, MailState.BOUNCED)
    decide(session, mail, trouble=_short(note))
    record(session, "bounce_mail", mail, by=by)
