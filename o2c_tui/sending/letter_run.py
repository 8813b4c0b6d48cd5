"""A run of letters to customers: those with an address go by mail, all others stand in one PDF to be printed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from o2c_tui.errors import TradeError, TroubleError
from o2c_tui.queries.mails import account
from o2c_tui.sending.outbox import Sent, send_waiting

if TYPE_CHECKING:
    from o2c_tui.storage.store import Store


@dataclass
class LetterRun:
    """What came of a run: what is to be printed in which file, what was refused meanwhile, and what the server said."""

    printed: tuple[str, ...] = ()  # numbers, or codes of customers
    file: Path | None = None
    refused: list[TradeError] = field(default_factory=list)
    sent: Sent | None = None
    trouble: TroubleError | None = None  # of the mail server: the mails wait in the outbox

    def send(self, store: "Store", mails: Sequence[int], *, by: str) -> None:
        """Send these mails of the outbox, where a server is named; what it says against it stops nobody."""
        if mails and store.read_now(account).is_set:
            try:
                self.sent = send_waiting(store, by=by, ids=tuple(mails))
            except TroubleError as error:
                self.trouble = error

    def complaints(self, translate: Callable[[str], str]) -> list[str]:
        """What did not go, a line each: refusals, trouble with the server, mails that it did not take."""
        told = [error.said(translate) for error in self.refused]
        if self.trouble is not None:
            told.append(self.trouble.said(translate))
        return [*told, *(self.sent.said if self.sent is not None else [])]

    def as_words(self) -> dict[str, Any]:
        """The same for scripts."""
        return {
            "printed": self.printed,
            "file": str(self.file or ""),
            "refused": [error.said() for error in self.refused],
            "sent": vars(self.sent) if self.sent is not None else None,
            "trouble": self.trouble.said() if self.trouble is not None else "",
        }
