"""What one editor keeps while it is typed in: read when it opens, written at each taken cell, gone once it is saved."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from o2c_tui.screens.desk import Desk


class Kept:
    """The kept draft of one editor; `place` is the document's id, below 0 for a new one, None where nothing is kept."""

    def __init__(self, desk: Desk, kind: str, place: int | None = None) -> None:
        self.desk, self.kind, self.place = desk, kind, place

    def read(self) -> dict[str, Any] | None:
        """What was kept; None where nothing was, or where it cannot be read."""
        from o2c_tui.services.keeping import kept_words

        if self.place is None:
            return None
        text = self.desk.read_now(kept_words, self.desk.login, self.kind, self.place)
        try:
            words = json.loads(text) if text is not None else None
        except ValueError:
            return None
        return words if isinstance(words, dict) else None

    def keep(self, words: dict[str, Any], label: str) -> None:
        """Keep these words."""
        self.place = self.desk.keep(self.kind, words, document_id=self.place, label=label)

    def drop(self) -> None:
        """Forget them."""
        if self.place is not None:
            self.desk.drop(self.kind, self.place)

    def dropped_by(self, verb: Callable[..., Any]) -> Callable[..., Any]:
        """The verb that saves the document, and forgets the draft in the same transaction."""
        from o2c_tui.services.keeping import drop_draft

        login, kind, place = self.desk.login, self.kind, self.place

        @wraps(verb)
        def save(session: Any, *args: Any, **words: Any) -> Any:
            done = verb(session, *args, **words)
            if place is not None:
                drop_draft(session, login, kind, document_id=place)
            return done

        return save
