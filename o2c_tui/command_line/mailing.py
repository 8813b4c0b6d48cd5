"""`o2c mail`: mails written into the outbox, sent out of it, and how it stands."""

import argparse
import sys
from typing import Any

from o2c_tui import config
from o2c_tui.command_line.books import open_books, the_day
from o2c_tui.command_line.exits import DONE, REFUSED, USAGE
from o2c_tui.command_line.output import print_json
from o2c_tui.errors import TroubleError, os_words
from o2c_tui.safe_text import shown
from o2c_tui.texts import N_, _

_SETTINGS = ("host", "port", "security", "login", "sender", "reply_to", "copy_to", "folder")


def use_outbox(options: argparse.Namespace) -> int:
    """Do what was asked for, in the order: settings, a bounce, mails written, mails sent; else say how it stands."""
    store = open_books(options)
    by = config.login_name()
    asked = False
    if options.set:
        if not _set(store, options, by):
            return USAGE
        asked = True
    if options.bounced is not None:
        from o2c_tui.services.mailing import bounce_mail

        store.write_now(bounce_mail, options.bounced, options.note, by=by, today=the_day(options, store))
        asked = True
    if options.numbers:
        _write(store, options, by)
        asked = True
    if options.send:
        return _send(store, by, as_json=options.json)
    if not asked or options.json:
        _say_state(store, as_json=options.json)
    return DONE


def _set(store: Any, options: argparse.Namespace, by: str) -> bool:
    from o2c_tui.models.mail import MailSecurity
    from o2c_tui.services.mailing import save_mail_account

    values: dict[str, Any] = {}
    for part in options.set:
        name, sign, value = part.partition("=")
        if not sign or name not in _SETTINGS:
            print(_("'{text}' is no setting. There are: {names}").format(text=shown(part), names=", ".join(_SETTINGS)), file=sys.stderr)  # fmt: skip
            return False
        if name == "port" and not value.isdecimal():
            print(_("A port lies from 1 to 65535."), file=sys.stderr)
            return False
        if name == "security" and value not in tuple(MailSecurity):
            print(_("Give one of: {choices}.").format(choices=", ".join(MailSecurity)), file=sys.stderr)
            return False
        values[name] = int(value[:9]) if name == "port" else MailSecurity(value) if name == "security" else value
    store.write_now(save_mail_account, **values, by=by, today=the_day(options, store))
    return True


def _write(store: Any, options: argparse.Namespace, by: str) -> None:
    from o2c_tui.services.mailing import mail_document

    body, today = None, the_day(options, store)
    if options.text is not None:
        try:
            body = options.text.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise TroubleError(
                N_("{path} cannot be read: {why_word}."), path=options.text, why_word=os_words(error)
            ) from error

    def all_of_them(session: Any, *, now: Any) -> list[Any]:
        return [
            mail_document(
                session,
                number,
                paper=options.paper,
                to=options.to,
                subject=options.subject,
                body=body,
                by=by,
                today=today,
                now=now,
            )
            for number in options.numbers
        ]

    for mail in store.write_now(all_of_them, accepted=None):
        if not options.json:
            line = _("{number}: {file} to {to}, in the outbox")
            print(shown(line.format(number=mail.mail_id, file=mail.file_name, to=mail.to)))


def _send(store: Any, by: str, *, as_json: bool) -> int:
    from o2c_tui.sending.outbox import send_waiting

    done = send_waiting(store, by=by)
    if as_json:
        print_json(vars(done))
    else:
        line = _("{sent} sent, {later} to be tried again, {failed} failed, {doubtful} in doubt.")
        print(line.format(sent=done.sent, later=done.later, failed=done.failed, doubtful=done.doubtful))
        for said in done.said:
            print(shown(said), file=sys.stderr)
    return REFUSED if done.failed or done.doubtful else DONE


def _say_state(store: Any, *, as_json: bool) -> None:
    from o2c_tui.queries.mails import account, counts

    found = store.read_now(counts, now=store.clock())
    told = store.read_now(account)
    if as_json:
        print_json({"outbox": found, "account": told})
        return
    line = _("{waiting} waiting, {doubtful} in doubt, {failed} failed or came back.")
    print(line.format(waiting=found.waiting, doubtful=found.doubtful, failed=found.failed))
    if told.folder:
        print(shown(_("Mails are written into {folder}; nothing is sent.").format(folder=told.folder)))
    elif told.host:
        line = _("Through {host}:{port} ({security}), from {sender}.")
        print(shown(line.format(host=told.host, port=told.port, security=told.security, sender=told.sender or "-")))
    else:
        print(_("No mail server is named yet: o2c mail --set host=…"))
