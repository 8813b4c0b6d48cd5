"""The outbox: mails sent by a key, one mail read with what became of it, a mail written to go with a document."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from textual import work

from o2c_tui.errors import TradeError, TroubleError
from o2c_tui.safe_text import shown, wrapped
from o2c_tui.screens.ask import Ask, ask
from o2c_tui.screens.base import DeskScreen
from o2c_tui.screens.desk import Desk
from o2c_tui.screens.form import FormScreen
from o2c_tui.screens.kept import Kept
from o2c_tui.screens.listed import ListedScreen
from o2c_tui.screens.simple_model import FormModel
from o2c_tui.screens.text_model import TEXT, TextModel
from o2c_tui.texts import N_, _
from o2c_tui.widgets.entry import FieldSpec
from o2c_tui.widgets.listing import Column, WindowedList


async def send_mails(screen: DeskScreen, keys: Sequence[int]) -> None:
    """Send some mails, or all that wait; says how many went, and what the server said of the others."""

    def send(going_on: Any) -> Any:
        from o2c_tui.sending.outbox import send_waiting

        return send_waiting(screen.desk.store, by=screen.desk.login, ids=tuple(keys), going_on=going_on)

    done = await screen.in_steps(send, _("Sending…"))
    if done is None:
        return
    rows = getattr(screen, "list", None)
    if rows is not None:
        rows.marked.clear()
        await rows.reload()
    elif hasattr(screen, "load"):
        screen.load()
    if done.said:
        screen.warn(_("{n} sent; not sent: {what}").format(n=done.sent, what=_("; ").join(done.said[:2])))
    elif done.sent:
        screen.ok(_("{n} sent.").format(n=done.sent))
    else:
        screen.hint(_("Nothing was to be sent."))


class _Told(NamedTuple):
    """A line of a mail as it is read."""

    number: int
    words: str
    text: str


class MailScreen(ListedScreen):
    """One mail: what it says, how far it has come, what was done to it."""

    PLACE = N_("MAIL")
    ABOUT = N_(
        "A mail as it stands in the outbox. F8 sends it; one in doubt may have gone: ask the recipient, or look\ninto the server's log, then say so by F9. It is never sent again of itself."
    )
    MENU = (
        ("withdraw", N_("Take it out of the outbox")),
        ("again", N_("Let it wait again, perhaps to another address")),
        ("went", N_("It went: say so of a mail in doubt")),
        ("not_gone", N_("It did not go: send it again")),
        ("bounce", N_("It came back")),
    )

    _OF_STATE = ("next_step", "withdraw", "again", "went", "not_gone", "bounce")

    def __init__(self, key: int) -> None:
        super().__init__()
        self.key = key
        self.mail: Any = None
        self.rows: WindowedList[Any] = WindowedList(
            [Column("", lambda row: row.words, width=12), Column("", lambda row: row.text, width=60, share=1)],
            key=lambda row: row.number,
            empty=N_("One moment…"),
        )

    @work(group="read", exclusive=True)
    async def load(self) -> None:
        """Read the mail."""
        from o2c_tui.queries.mails import mail_view

        found = await self.attempt(self.desk.read(mail_view, self.key, now=self.desk.clock()))
        if found is None:
            return
        self.mail = found
        await self.rows.show_rows(self._lines(found))
        self.title_line.set(detail=str(found.id), mode=_("DOUBT") if found.doubtful else "")
        self.just_read()
        self.refresh_keys()

    def _lines(self, mail: Any) -> list[_Told]:
        from o2c_tui.models.words import STATE_WORDS
        from o2c_tui.services.registry import VERB_WORDS

        told: list[tuple[str, str]] = [
            (_("Status"), _("in doubt: it may have gone") if mail.doubtful else _(STATE_WORDS[mail.state])),
            (_("Recipient"), mail.to),
            (_("Subject"), mail.subject),
            (_("File"), mail.file_name or "-"),
            (_("Tries"), str(mail.tries)),
        ]
        if mail.next_try_at is not None and mail.state == "waiting":
            told.append((_("Next try"), f"{self.desk.local(mail.next_try_at):%Y-%m-%d %H:%M}"))
        if mail.trouble:
            told.append((_("Trouble"), mail.trouble))
        told += [("", ""), *(("", line) for line in mail.body.split("\n")), ("", "")]
        words = {**VERB_WORDS, **SENDER_WORDS}
        for step in mail.steps:
            text = f"{step.at:%Y-%m-%d %H:%M}  {step.by}  {_(words.get(step.verb, step.verb))}"
            told.append(("", f"{text}: {step.trouble}" if step.trouble else text))
        told.append((_("Message id"), mail.message_id))
        width = max(40, self.app.size.width - 18)
        rows: list[tuple[str, str]] = []
        for label, text in told:
            parts = wrapped(shown(text), width) or [""]
            rows += [(label if n == 0 else "", part) for n, part in enumerate(parts)]
        return [_Told(n, label, text) for n, (label, text) in enumerate(rows)]

    def key_label(self, action: str) -> str | None:
        return _("Send") if action == "next_step" else None

    def action_next_step(self) -> None:
        """Send it now."""
        self.run_worker(send_mails(self, [self.key]), group="write")

    def action_reload(self) -> None:
        """Read again."""
        self.load()

    def action_withdraw(self) -> None:
        """Take it out of the outbox."""
        from o2c_tui.services.mailing import withdraw_mail

        self._do(withdraw_mail)

    def action_went(self) -> None:
        """It went."""
        from o2c_tui.services.mailing import settle_mail

        self._do(settle_mail, True)

    def action_not_gone(self) -> None:
        """It did not go."""
        from o2c_tui.services.mailing import settle_mail

        self._do(settle_mail, False)

    def action_again(self) -> None:
        """Let it wait again."""
        from o2c_tui.services.mailing import retry_mail

        def take(address: str | None) -> None:
            if address is not None:
                self._do(retry_mail, to=address)

        self.app.push_screen(Ask(_("To which address?"), self.mail.to), take)

    def action_bounce(self) -> None:
        """It came back."""
        from o2c_tui.services.mailing import bounce_mail

        def take(note: str | None) -> None:
            if note is not None:
                self._do(bounce_mail, note)

        self.app.push_screen(Ask(_("What came back?")), take)

    @work(group="write")
    async def _do(self, verb: Any, *args: Any, **words: Any) -> None:
        try:
            await self.desk.write(verb, self.key, *args, **words)
        except (TradeError, TroubleError) as error:
            self.say_refusal(error)
            return
        self.load()
        self.ok(_("Noted."))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What the state of the mail allows."""
        mail = self.mail
        if mail is None:
            return False if action in self._OF_STATE else super().check_action(action, parameters)
        waits = mail.state == "waiting" and not mail.doubtful
        allowed = {
            "next_step": waits,
            "withdraw": waits or mail.state == "failed",
            "again": waits or mail.state in ("failed", "bounced"),
            "went": mail.doubtful,
            "not_gone": mail.doubtful,
            "bounce": mail.state == "sent",
        }
        if action in allowed:
            return bool(allowed[action])
        return super().check_action(action, parameters)


SENDER_WORDS = {  # what a sender notes is no step of a person's
    "take_mail": N_("taken to be sent"),
    "note_sent": N_("sent"),
    "note_failure": N_("not sent"),
    "note_doubt": N_("in doubt"),
}


class MailForm(FormScreen):
    """A mail to go with a document."""

    PLACE = N_("MAIL")
    ABOUT = N_(
        "Ctrl+S puts the mail into the outbox, with the PDF. In the text Enter takes a line, Insert puts one in, Ctrl+X\ntakes one out. The words come from the letter of this kind of document (Settings, F9, Letters). A sent mail cannot\nbe taken back; one that waits can. F8 in the outbox (F10 outbox), or 'o2c mail --send', sends what waits."
    )

    COLUMNS = TEXT
    KEEPS = "mail"

    def __init__(self, usual: Any, paper: str, *, kept: int | None = None) -> None:
        super().__init__(kept=kept)
        self.usual, self.paper = usual, paper

    def make_model(self) -> FormModel:
        told = self.usual
        values = {"to": told.to, "subject": told.subject, "body": told.body, "file": told.file_name}
        of = {"document": f"{told.kind}:{told.document_id}", "paper": self.paper, "name": told.words["number"]}
        return TextModel({**values, **of}, needed=("to",))

    def fields(self) -> list[list[FieldSpec]]:
        return [
            [FieldSpec("to", N_("Recipient"), width=60)],
            [FieldSpec("subject", N_("Subject"), width=60)],
            [FieldSpec("file", N_("File"), width=40, fixed=True)],
        ]

    def on_mount(self) -> None:
        super().on_mount()
        self.title_line.set(detail=self.usual.words["number"], mode=_("NEW"))

    async def save(self) -> str:
        from o2c_tui.services.mailing import mail_document

        v = self.form.values
        done = await self.desk.write(
            mail_document,
            v["document"],
            paper=self.paper,
            to=v["to"],
            subject=v["subject"],
            body=v["body"],
            key=self.saying,
            accepted=None,
        )
        return _("In the outbox, to {to}. F10 outbox, F8 sends it.").format(to=done.to)


def mail_kept(desk: Desk, place: int) -> MailForm:
    """A mail that was being written, over what would be written of its document now.

    Raises:
        TradeError: its document is not mailed any more.
    """
    from o2c_tui.services.mailing import proposed

    values = (Kept(desk, "mail", place).read() or {}).get("values", {})
    paper = values.get("paper", "")
    return MailForm(desk.read_now(proposed, values.get("document", ""), paper=paper), paper, kept=place)


async def mail_all(screen: DeskScreen, kind: str, keys: Sequence[int], paper: str) -> None:
    """A mail for each of some documents, with the words of its letter; says how many have no address."""
    from o2c_tui.services.mailing import mail_document

    done, refused = 0, []
    for key in keys:
        try:
            await screen.desk.write(mail_document, f"{kind}:{key}", paper=paper, accepted=None)
            done += 1
        except TradeError as error:
            refused.append(error.said(_))
        except TroubleError as error:
            screen.say_refusal(error)
            return
    if refused:
        screen.warn(_("{n} in the outbox; not written: {what}").format(n=done, what=_("; ").join(refused[:2])))
    else:
        screen.ok(_("{n} in the outbox. F10 outbox, F8 sends them.").format(n=done))


# -- settings ------------------------------------------------------------------------------------------------------------

_SECURITY = {"none": N_("none"), "starttls": "STARTTLS", "tls": "TLS"}


class MailSettings(FormScreen):
    """Which server mails go through."""

    PLACE = N_("MAIL SETTINGS")
    ABOUT = N_(
        "The server that mails go through. The password is no part of the books: mail_password in o2c.toml (which\nnobody else may read: chmod 600), or O2C_SMTP_PASSWORD. With a folder, mails are written there and not sent.\nThe sender is the company's address unless another is named."
    )
    KEEPS = "mail_account"

    def __init__(self) -> None:
        super().__init__(kept=1)

    def make_model(self) -> FormModel:
        from o2c_tui.screens.simple_model import same_of

        return FormModel(self.stored(), checks={"security": same_of(_SECURITY)})

    def stored(self) -> dict[str, str]:
        from o2c_tui.models.mail import MailAccount

        kept = self.desk.read_now(lambda session: session.get(MailAccount, 1)) or MailAccount()
        self.version = kept.version
        return {
            name: str(getattr(kept, name))
            for name in ("host", "port", "security", "login", "sender", "reply_to", "copy_to", "folder")
        }

    def fields(self) -> list[list[FieldSpec]]:
        return [
            [FieldSpec("host", N_("Server"), width=40), FieldSpec("port", N_("Port"), width=6)],
            [FieldSpec("security", N_("Security"), width=10, beside=12), FieldSpec("login", N_("Login"), width=24)],
            [FieldSpec("sender", N_("Sender"), width=40)],
            [FieldSpec("reply_to", N_("Reply to"), width=40)],
            [FieldSpec("copy_to", N_("Blind copy"), width=40)],
            [FieldSpec("folder", N_("Trial folder"), width=60)],
        ]

    async def save(self) -> str:
        from o2c_tui.errors import BadValueError
        from o2c_tui.models.mail import MailSecurity
        from o2c_tui.services.mailing import save_mail_account

        v = dict(self.form.values)
        if not v["port"].isdecimal() or len(v["port"]) > 5:
            raise BadValueError(N_("A port lies from 1 to 65535."), field="port")
        await self.desk.write(
            save_mail_account,
            host=v["host"],
            port=int(v["port"]),
            security=MailSecurity(v["security"]),
            login=v["login"],
            sender=v["sender"],
            reply_to=v["reply_to"],
            copy_to=v["copy_to"],
            folder=v["folder"],
            version=self.version,
        )
        return _("Settings saved.")


def choose_mail(screen: DeskScreen, kind: str, keys: Sequence[int], paper: str) -> None:
    """One document: its mail is shown to be changed; several: a mail each."""

    async def one() -> None:
        from o2c_tui.services.mailing import proposed

        usual = await screen.attempt(screen.desk.read(proposed, f"{kind}:{keys[0]}", paper=paper))
        if usual is not None:
            await screen.app.push_screen(MailForm(usual, paper))

    if len(keys) == 1:
        screen.app.run_worker(one(), group="read")  # the screen reads anew, which ends what it was reading
        return

    def go(yes: str | None) -> None:
        if yes:
            screen.run_worker(mail_all(screen, kind, keys, paper), group="write")

    question = _("Write a mail for each of these {n}?").format(n=len(keys))
    ask(screen, question, go, {"yes": N_("Yes, each with the words of its letter")})
