"""A real mail server on loopback that keeps what it takes, and can be told what to answer."""

import asyncio
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

HOST = "127.0.0.1"


@dataclass
class Post:
    """What a server took; `answers` are given instead of yes, one a mail, by the step they belong to."""

    port: int = 0
    taken: list[Envelope] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)  # MAIL, RCPT or DATA → answers, "" for yes
    hangs_up: int = 0  # so many times the line breaks after the mail was taken, before the answer
    waits: float = 0  # seconds before the answer to a mail
    logins: list[str] = field(default_factory=list)
    over_tls: list[bool] = field(default_factory=list)

    def _answer(self, step: str) -> str:
        waiting = self.answers.get(step, [])
        return waiting.pop(0) if waiting else ""

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        said = self._answer("MAIL")
        if not said:
            envelope.mail_from = address
        return said or "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        said = self._answer("RCPT")
        if not said:
            envelope.rcpt_tos.append(address)
        return said or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        said = self._answer("DATA")
        if said:
            return said
        await asyncio.sleep(self.waits)
        self.taken.append(envelope)
        self.over_tls.append(session.ssl is not None)
        if self.hangs_up:
            self.hangs_up -= 1
            server.transport.abort()
        return "250 taken"

    @property
    def mails(self) -> list[EmailMessage]:
        """What was taken, read back."""
        return [message_from_bytes(e.content, policy=default) for e in self.taken]  # type: ignore[misc,arg-type]

    @property
    def ids(self) -> list[str]:
        """The message ids taken, in their order."""
        return [str(mail["Message-ID"]) for mail in self.mails]


@contextmanager
def post_office(
    *, certificate: "Certificate | None" = None, at_once: bool = False, login: tuple[str, str] | None = None
) -> Iterator[Post]:
    """A server that answers; with a certificate by STARTTLS, `at_once` from the first byte; `login` must be said."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    post = Post(port)
    words: dict[str, Any] = {"hostname": HOST, "port": port}
    context = certificate.context() if certificate is not None else None
    if context is not None:
        words |= {"ssl_context": context} if at_once else {"tls_context": context, "require_starttls": True}
    if login is not None:

        def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
            name, password = data.login.decode(), data.password.decode()
            post.logins.append(name)
            return AuthResult(success=(name, password) == login, handled=False)

        words |= {
            "authenticator": check,
            "auth_required": True,
            "auth_require_tls": context is not None and not at_once,
        }
    controller = Controller(post, **words)
    controller.start()
    try:
        yield post
    finally:
        controller.stop()


@dataclass(frozen=True)
class Certificate:
    """A certificate for loopback that signs itself."""

    cert: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        """For the server."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.cert, self.key)
        return context


def make_certificate(folder: Path) -> Certificate:
    """A fresh certificate for localhost and 127.0.0.1, by openssl."""
    cert, key = folder / "mail.crt", folder / "mail.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    return Certificate(cert, key)
