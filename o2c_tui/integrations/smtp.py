"""Mails over the line to a mail server, or into a folder; and what came of it: taken, not now, never, or nobody knows.

Rule: docs/rules/mail.md, "Sending".
"""

import contextlib
import smtplib
import ssl
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from o2c_tui.models.mail import MailSecurity
from o2c_tui.queries.mails import Account
from o2c_tui.rules.outbox import domain_of, on_the_wire
from o2c_tui.whole_files import write_whole

SECONDS = 60  # for each answer of the server
_HERE = ("localhost", "127.0.0.1", "::1")


class CarryError(Exception):
    """A mail did not go; says what the server said."""


class LaterError(CarryError):
    """Not now: no connection, no login, or the server asks to come back. `line` tells that no other mail will go."""

    def __init__(self, said: str, *, line: bool = False) -> None:
        super().__init__(said)
        self.line = line


class RefusedError(CarryError):
    """Never: the server will not take this mail."""


class DoubtError(CarryError):
    """All was said, and the line broke before the server answered."""


class FolderCarrier:
    """Writes mails into a folder, for trials: what would go is looked at there."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder).expanduser()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    def carry(self, data: bytes, sender: str, recipients: Sequence[str], copies: Sequence[str], name: str) -> str:
        """Write one mail, whole; returns nothing to say.

        Raises:
            LaterError: the folder cannot be written to.
        """
        target = self.folder / f"{name}.eml"
        try:
            write_whole(target, data)
        except OSError as error:
            raise LaterError(f"{target}: {error.strerror or error}", line=True) from error
        return ""


class SmtpCarrier:
    """One connection to a mail server, opened with the first mail and used for all."""

    def __init__(self, account: Account, password: str, ca_file: str = "") -> None:
        self.account, self.password, self.ca_file = account, password, ca_file
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()

    def _open(self) -> smtplib.SMTP:
        """The connection, greeted, encrypted and logged in.

        Raises:
            LaterError: it cannot be had.
        """
        if self._server is not None:
            return self._server
        account = self.account
        here = domain_of(account.sender) if account.sender else "localhost"
        try:
            context = ssl.create_default_context(cafile=self.ca_file or None)
            server: smtplib.SMTP
            if account.security is MailSecurity.TLS:
                server = smtplib.SMTP_SSL(account.host, account.port, here, timeout=SECONDS, context=context)
            else:
                server = smtplib.SMTP(account.host, account.port, here, timeout=SECONDS)
            self._server = server
            server.ehlo_or_helo_if_needed()
            if account.security is MailSecurity.STARTTLS:
                server.starttls(context=context)
                server.ehlo()
            if account.login:
                if account.security is MailSecurity.NONE and account.host not in _HERE:
                    raise LaterError(
                        "login without TLS is refused: the password would cross the net in the open", line=True
                    )
                server.login(account.login, self.password)
        except LaterError:
            self._leave()
            raise
        except smtplib.SMTPResponseException as error:
            self._leave()
            raise LaterError(_said(error.smtp_code, error.smtp_error), line=True) from error
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self._leave()
            raise LaterError(f"{account.host}:{account.port}: {error}", line=True) from error
        return server

    def carry(self, data: bytes, sender: str, recipients: Sequence[str], copies: Sequence[str], name: str) -> str:
        """Hand one mail over; returns what the server said of a copy that it did not take.

        All `recipients` get it or none: one that is refused stops the mail before anything was said to the others.

        Raises:
            LaterError, RefusedError: it did not go. DoubtError: nobody knows.
        """
        server = self._open()
        try:
            self._answer(server, *server.mail(on_the_wire(sender)))
            for address in recipients:
                self._answer(server, *server.rcpt(on_the_wire(address)))
            noted = []
            for address in copies:
                code, said = server.rcpt(on_the_wire(address))
                if code not in (250, 251):
                    noted.append(f"{address}: {_said(code, said)}")
            self._answer(server, *server.docmd("DATA"), good=(354,))
            server.send(_dotted(data))
        except CarryError:
            raise
        except (smtplib.SMTPException, OSError) as error:
            self._leave()
            raise LaterError(str(error) or type(error).__name__) from error
        try:
            code, said = server.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self._leave()
            raise DoubtError(str(error) or type(error).__name__) from error
        self._answer(server, code, said)
        return "; ".join(noted)

    def _answer(self, server: smtplib.SMTP, code: int, said: bytes, good: Sequence[int] = (250, 251)) -> None:
        """Go on if the server agrees; else leave this mail, so that the next one starts clean."""
        if code in good:
            return
        text = _said(code, said)
        if code == 421 or code < 0:
            self._leave()
            raise LaterError(text, line=True)
        with contextlib.suppress(smtplib.SMTPException, OSError):
            server.rset()
        raise RefusedError(text) if 500 <= code < 600 else LaterError(text)


def _dotted(data: bytes) -> bytes:
    """The mail as it stands between DATA and its end: lines end in CRLF, one that begins with a dot has another."""
    lines = data.replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")
    return b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines) + b".\r\n"


def _said(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return f"{code} {' '.join(words.split())}"
