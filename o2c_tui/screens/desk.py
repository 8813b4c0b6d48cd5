"""The desk: the books, the person and the day, as every screen has them at hand.

Home and the lists are answered by the bare driver (queries/ready.py). The mapper and the verbs are loaded in a thread
when something first needs them; a screen awaits `ready` once and then imports what it needs within a few milliseconds.
"""

import asyncio
import json
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from o2c_tui import config
from o2c_tui.queries import ready
from o2c_tui.queries.today import Today, Who
from o2c_tui.storage import news
from o2c_tui.storage.places import as_url, is_postgres

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
    has_rates: bool = False  # of other currencies


class Desk:
    """One person at one company's books."""

    def __init__(self, where: str, login: str, *, clock: Callable[[], datetime], today: date | None = None) -> None:
        self.where, self.login, self.clock = where, login, clock
        self.fixed_day = today
        self._store: Store | None = None
        self._one_opens = threading.Lock()
        self._bare: sqlite3.Connection | None = None
        self.facts: Facts | None = None
        self._hears_as = ""  # the name of this session's listener
        self._version: int | None = None  # of the file, when what is shown was read

    async def ready(self) -> "Store":
        """The open books; opened and everything heavy imported at the first call.

        Raises:
            TroubleError: they cannot be opened.
        """
        if self._store is None:
            return await asyncio.to_thread(self._open)
        return self._store

    def _open(self) -> "Store":
        with self._one_opens:
            if self._store is None:
                from o2c_tui.storage.store import Store

                anchors = config.places().state / "anchors"
                store = Store.open(self.where, clock=self.clock, create=True, who=self.login, anchors=anchors)
                store.news.own = self._hears_as
                self._store = store
        return self._store

    @property
    def store(self) -> "Store":
        """The open books; a screen that awaited `ready` does not wait here."""
        return self._store or self._open()

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
        who = await self._ask_bare(ready.who, self.login)
        if who is None:
            from_store = await self.ready()
            from o2c_tui.queries import home

            who = await from_store.read(home.who, self.login)
        self.facts = None if who is None else _facts(who, self.login)
        return self.facts

    # -- what the first screens ask ----------------------------------------------------------------------------------

    async def _ask_bare(self, question: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """An answer of the bare driver, in a thread; None where it has none and the mapper must be asked."""
        return await asyncio.to_thread(partial(self._answer_bare, question, *args, **kwargs))

    def _answer_bare(self, question: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        try:
            if self._bare is None:
                self._bare = ready.open_bare(as_url(self.where), config.places().state / "anchors")
            return None if self._bare is None else question(self._bare, *args, **kwargs)
        except (ready.NotReadyError, sqlite3.Error):  # the mapper knows the other questions, and the words for trouble
            return None

    async def figures(self) -> Today:
        """What is to be done today."""
        day = self.today()
        found: Today | None = await self._ask_bare(ready.home_today, on=day, login=self.login)
        if found is not None:
            return found
        store = await self.ready()
        from o2c_tui.queries import home

        return await store.read(home.today, today=day, login=self.login)

    async def ages(self) -> tuple[Decimal, ...]:
        """What is owed today, by age."""
        day = self.today()
        found: tuple[Decimal, ...] | None = await self._ask_bare(ready.ages, as_of=day)
        if found is not None:
            return found
        store = await self.ready()
        from o2c_tui.queries import receivables

        return await store.read(receivables.ages, as_of=day)

    async def late_orders(self) -> frozenset[int]:
        """The keys of the sales orders that are late today, or will be."""
        day = self.today()
        found: frozenset[int] | None = await self._ask_bare(ready.late, on=day)
        if found is not None:
            return found
        store = await self.ready()
        from o2c_tui.queries import lateness

        return await store.read(lateness.late_orders, today=day)

    async def page(self, kind: str, filter_text: str, *, today: date, **more: Any) -> Sequence[Any]:
        """One page of a list (see queries.lists)."""
        found: Sequence[Any] | None = await self._ask_bare(ready.page, kind, filter_text, today=today, **more)
        if found is not None:
            return found
        store = await self.ready()
        from o2c_tui.queries import lists

        return await store.read(lists.page, kind, filter_text, today=today, login=self.login, **more)

    async def count(self, kind: str, filter_text: str, *, today: date) -> tuple[int, Decimal | None]:
        """How many rows a list has under a filter, and their total (see queries.lists)."""
        found: tuple[int, Decimal | None] | None = await self._ask_bare(ready.count, kind, filter_text, today=today)
        if found is not None:
            return found
        store = await self.ready()
        from o2c_tui.queries import lists

        return await store.read(lists.count, kind, filter_text, today=today, login=self.login)

    # -- what others do ----------------------------------------------------------------------------------------------

    async def listen(self) -> news.Listener | None:
        """Begin to hear of what others commit; None where that cannot be."""
        url = as_url(self.where)
        listener = await asyncio.to_thread(news.listen, url) if is_postgres(url) else news.listen(url)
        self._hears_as = listener.name if listener is not None else ""
        if self._store is not None:
            self._store.news.own = self._hears_as
        return listener

    async def has_changed(self) -> bool:
        """Whether the file is another than when this was last asked; a server's word is taken for it."""
        return await asyncio.to_thread(self._has_changed)

    def _has_changed(self) -> bool:
        if self._bare is None:
            return True
        try:
            (version,) = self._bare.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error:
            return True
        was, self._version = self._version, version
        return bool(version != was)

    # -- everything else ---------------------------------------------------------------------------------------------

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

    async def answer(self, verb: Callable[..., Any], key: str) -> Any:
        """What a step answered whose answer was lost; None where it was not done."""
        store = await self.ready()
        found = await asyncio.to_thread(store.answer, verb, key)
        return None if found is None else found[0]

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
        if self._bare is not None:
            self._bare.close()
        if self._store is not None:
            self._store.close()


def _facts(who: Who, login: str) -> Facts:
    settings = json.loads(who.settings) if who.settings else {}
    return Facts(
        who.company,
        who.currency,
        who.digits,
        who.is_demo,
        who.person or login,
        who.time_zone,
        settings,
        bool(who.has_rates),
    )
