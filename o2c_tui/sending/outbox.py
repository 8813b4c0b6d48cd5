"""The outbox emptied: each mail drawn, taken, carried and noted, one after the other, nothing of it in a transaction.

What comes of a death at each moment: before a mail is taken, nothing happened; after the server's answer was noted, it
is done; between, nobody can know, so the mail is in doubt until a person says (docs/rules/mail.md, "Sending").
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any

from o2c_tui.config import mail_ca, mail_password
from o2c_tui.errors import TradeError, TroubleError
from o2c_tui.integrations.message import Letter, as_bytes
from o2c_tui.integrations.smtp import CarryError, DoubtError, FolderCarrier, LaterError, RefusedError, SmtpCarrier
from o2c_tui.models.mail import OutgoingMail, PaperWay
from o2c_tui.queries.mails import Account, account, to_send
from o2c_tui.rules.outbox import address_list
from o2c_tui.sending.archive import keep_paper
from o2c_tui.sending.papers import drawn
from o2c_tui.services.mailing import Taken, note_doubt, note_failure, note_sent, take_mail
from o2c_tui.services.paper_log import log_paper
from o2c_tui.texts import N_

if TYPE_CHECKING:
    from o2c_tui.storage.store import Store


@dataclass
class Sent:
    """What came of emptying the outbox; `said` is a line on each mail that did not go."""

    sent: int = 0
    later: int = 0
    failed: int = 0
    doubtful: int = 0
    said: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Paper:
    data: bytes
    number: str
    language: str
    sha256: str


def send_waiting(
    store: "Store", *, by: str, ids: tuple[int, ...] = (), going_on: Callable[[int, int], bool] | None = None
) -> Sent:
    """Send what waits and whose turn it is, or the mails of `ids`; `going_on(done, of)` may stop it after each.

    Raises:
        TroubleError: no server was named, or its password cannot be read.
    """
    told = store.read_now(account)
    if not told.is_set:
        raise TroubleError(N_("No mail server is named yet: Settings, Mail (or 'o2c mail --set host=…')."))
    if not told.sender:
        raise TroubleError(N_("No sender is named: give the company an e-mail address, or the mail settings a sender."))
    waiting = store.read_now(to_send, now=store.clock(), ids=ids)
    done = Sent()
    if not waiting:
        return done
    carrier = FolderCarrier(told.folder) if told.folder else SmtpCarrier(told, mail_password(), mail_ca())
    with carrier:
        for n, key in enumerate(waiting):
            if going_on is not None and not going_on(n, len(waiting)):
                break
            if not _send_one(store, carrier, told, key, done, by=by, by_hand=bool(ids)):
                break
    return done


def _send_one(
    store: "Store",
    carrier: FolderCarrier | SmtpCarrier,
    told: Account,
    key: int,
    done: Sent,
    *,
    by: str,
    by_hand: bool,
) -> bool:
    """One mail; False where the line is down, so that the others need not be tried."""
    trouble = ""
    paper = _Paper(b"", "", "", "")
    try:
        paper = _draw(store, key)
    except TradeError as error:
        trouble = str(error)
    mail = store.write_now(take_mail, key, sha256=paper.sha256, by_hand=by_hand, by=by)
    if mail is None:
        return True  # another sender has it
    try:
        if trouble:
            raise RefusedError(trouble)
        note = carrier.carry(
            _as_bytes(store, told, mail, paper),
            told.sender,
            mail.to,
            [copy for copy in address_list(told.copy_to, "copy_to") if copy not in mail.to],
            f"{mail.id:06}-{mail.message_id.strip('<>').partition('@')[0]}",
        )
    except CarryError as error:
        return _not_sent(store, mail, error, done, by=by)
    except TradeError as error:  # a header that cannot be
        return _not_sent(store, mail, RefusedError(str(error)), done, by=by)
    way = PaperWay.SAVED if told.folder else PaperWay.MAILED

    def noted(session: Any, *, now: Any) -> None:
        note_sent(session, mail.id, note, by=by, now=now)
        if paper.sha256:
            log_paper(
                session,
                mail.kind,
                mail.document_id,
                way,
                number=paper.number,
                to=", ".join(mail.to),
                language=paper.language,
                file_name=mail.file_name,
                sha256=paper.sha256,
                mail_id=mail.id,
                by=by,
                now=now,
            )

    store.write_now(noted)
    done.sent += 1
    return True


def _not_sent(store: "Store", mail: Taken, error: CarryError, done: Sent, *, by: str) -> bool:
    said = str(error)
    if isinstance(error, DoubtError):
        store.write_now(note_doubt, mail.id, said, by=by)
        done.doubtful += 1
    elif store.write_now(note_failure, mail.id, said, for_good=isinstance(error, RefusedError), by=by):
        done.later += 1
    else:
        done.failed += 1
    done.said.append(f"{', '.join(mail.to)}: {said}")
    return not (isinstance(error, LaterError) and error.line)


def _draw(store: "Store", key: int) -> _Paper:
    """The PDF of a mail, kept in the archive; nothing where it carries none."""

    def asked(session: Any) -> tuple[str, int, Mapping[str, Any], bool]:
        import json

        mail = session.get_one(OutgoingMail, key)
        return mail.kind, mail.document_id, json.loads(mail.words), bool(mail.file_name)

    kind, document_id, words, has_file = store.read_now(asked)
    if not has_file:
        return _Paper(b"", "", "", "")
    data, number, language = drawn(store, kind, document_id, words)
    return _Paper(data, number, language, keep_paper(store, data))


def _as_bytes(store: "Store", told: Account, mail: Taken, paper: _Paper) -> bytes:
    letter = Letter(mail.to, mail.subject, mail.body, mail.message_id, mail.language, mail.file_name, paper.data)
    return as_bytes(
        letter,
        sender=told.sender,
        sender_name=told.sender_name,
        reply_to=told.reply_to,
        at=store.clock().astimezone(UTC),
    )
