"""The desk: the books, the person and the day, as every screen has them at hand.

The mapper and the verbs are loaded in a thread after the first paint; a screen awaits `ready` once and then imports
what it needs without waiting.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from o2c_tui import config

if TYPE_CHECKING:
    from o2c_tui.storage.store import Preview, Store


@dataclass(frozen=True)
class Facts:
    """What every screen says of the company and the person."""

    company: str
    currency: str
    digits: int
    is_demo: bool
    person: str
    time_zone: str
    settings: dict[str, Any]


class Desk:
    """One person at one company's books."""

    def __init__(self, where: str, login: str, *, clock: Callable[[], datetime], today: date | None = None) -> None:
        self.where, self.login, self.clock = where, login, clock
        self.fixed_day = today
        self._store: Store | None = None
        self._opening: asyncio.Task[Store] | None = None
        self.facts: Facts | None = None

    async def ready(self) -> "Store":
        """The open books; opened and everything heavy imported at the first call.

        Raises:
            TroubleError: they cannot be opened.
        """
        if self._store is None:
            if self._opening is None:
                self._opening = asyncio.ensure_future(asyncio.to_thread(self._open))
            try:
                self._store = await asyncio.shield(self._opening)
            finally:
                self._opening = None
        return self._store

    def _open(self) -> "Store":
        from o2c_tui.queries import documents, home, lists, pick, receivables, stock
        from o2c_tui.services import keeping, registry
        from o2c_tui.storage.store import Store

        assert documents and home and lists and pick and receivables and stock and keeping and registry
        anchors = config.places().state / "anchors"
        return Store.open(self.where, clock=self.clock, create=True, who=self.login, anchors=anchors)

    @property
    def store(self) -> "Store":
        """The open books, once a screen has awaited `ready`."""
        assert self._store is not None, "await ready() first"
        return self._store

    @property
    def is_open(self) -> bool:
        """Whether the books are open already."""
        return self._store is not None

    def today(self) -> date:
        """The company's day."""
        if self.fixed_day is not None:
            return self.fixed_day
        now = self.clock()
        if self.facts is None or self.facts.time_zone == "UTC":
            return now.date()
        from zoneinfo import ZoneInfo

        return now.astimezone(ZoneInfo(self.facts.time_zone)).date()

    async def load_facts(self) -> Facts | None:
        """Who we are; None where the books hold no company yet."""
        store = await self.ready()
        self.facts = await store.read(_facts, self.login)
        return self.facts

    async def read(self, query: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Ask a question beside the screen."""
        return await (await self.ready()).read(query, *args, **kwargs)

    def read_now(self, query: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Ask a question that is answered within a millisecond or two: a code typed in, a drop-down."""
        return self.store.read_now(query, *args, **kwargs)

    async def write(self, verb: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Run a verb as this person, today."""
        store = await self.ready()
        return await store.write(verb, *args, **{"by": self.login, "today": self.today(), **kwargs})

    async def preview(self, verb: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Preview":
        """What a verb would do."""
        store = await self.ready()
        return await store.preview(verb, *args, **{"by": self.login, "today": self.today(), **kwargs})

    def keep(self, kind: str, body: dict[str, Any], *, document_id: int | None = None, label: str = "") -> int:
        """Keep what an editor holds: at once, so that it is there whatever happens next. Where it is kept."""
        from o2c_tui.services.keeping import keep_draft

        return self.store.write_now(
            keep_draft, self.login, kind, body, document_id=document_id, label=label, now=self.clock(), accepted=None
        )

    def drop(self, kind: str, document_id: int) -> None:
        """Forget what an editor held."""
        from o2c_tui.services.keeping import drop_draft

        self.store.write_now(drop_draft, self.login, kind, document_id=document_id, accepted=None)

    def local(self, moment: datetime) -> datetime:
        """A moment by the company's clock."""
        if self.facts is None or self.facts.time_zone == "UTC":
            return moment.astimezone()
        from zoneinfo import ZoneInfo

        return moment.astimezone(ZoneInfo(self.facts.time_zone))

    def close(self) -> None:
        """Give the books back."""
        if self._store is not None:
            self._store.close()


def _facts(session: Any, login: str) -> Facts | None:
    import json

    from sqlmodel import select

    from o2c_tui.models.company import Company, User

    company = session.get(Company, 1)
    if company is None:
        return None
    user = session.exec(select(User).where(User.login == login)).one_or_none()
    return Facts(
        company.name,
        company.currency,
        company.digits,
        company.is_demo,
        user.name if user else login,
        company.time_zone,
        json.loads(user.settings) if user else {},
    )
