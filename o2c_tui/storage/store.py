"""The Store: the one door to the books. A verb runs in one transaction of its own; a question in one that only reads.

Rule: docs/rules/storage.md.
"""

import asyncio
import inspect
import json
import random
import time
import typing
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from o2c_tui.errors import Notice, TradeError, UnseenWarningError
from o2c_tui.models.audit import AuditEntry
from o2c_tui.rules.values import check_values, impossible_sign
from o2c_tui.storage import chain
from o2c_tui.storage.anchor import Anchor, Loss
from o2c_tui.storage.engines import is_key_taken, must_retry, open_engine, refusal_of, trouble_of
from o2c_tui.storage.news import Teller
from o2c_tui.storage.places import NO_LOCKS, as_url, is_postgres, sqlite_path
from o2c_tui.storage.plain import from_plain, to_json
from o2c_tui.storage.turnstile import Turnstile
from o2c_tui.texts import N_

P = ParamSpec("P")
T = TypeVar("T")
TRIES = 5


@dataclass(frozen=True)
class Preview:
    """What a verb would do: its result or its refusal, its warnings, and what it would write down."""

    result: Any = None
    refusal: TradeError | None = None
    warnings: tuple[Notice, ...] = ()
    entries: tuple[chain.Entry, ...] = ()

    @property
    def codes(self) -> frozenset[str]:
        """The warnings shown, as the step that follows accepts them."""
        return frozenset(notice.code for notice in self.warnings)


def utc_now() -> datetime:
    """The machine's clock; only the front doors hand it to a Store."""
    return datetime.now(UTC)


@cache
def _takes_now(verb: Callable[..., Any]) -> bool:
    return "now" in inspect.signature(verb).parameters


@cache
def _result_type(verb: Callable[..., Any]) -> Any:
    return typing.get_type_hints(verb).get("return", Any)


class Store:
    """An open database. Thread-safe: each call has its own session and connection."""

    def __init__(self, url: str, *, clock: Callable[[], datetime], who: str = "", anchors: Path | None = None) -> None:
        self.url = url
        self.clock = clock
        self.engine = open_engine(url)
        self._reading = self.engine.execution_options(o2c_reads=True)
        self._turnstile = None if is_postgres(url) or NO_LOCKS else Turnstile(sqlite_path(url), who)
        self.anchor = Anchor(anchors, url) if anchors is not None else None
        self.news = Teller(url)
        self.loss: Loss | None = None
        self.committed: list[Callable[[], None]] = []  # told after each commit

    @classmethod
    def open(
        cls,
        where: str,
        *,
        clock: Callable[[], datetime] = utc_now,
        create: bool = True,
        who: str = "",
        anchors: Path | None = None,
        to_look: bool = False,
    ) -> "Store":
        """Open books by path or URL; new ones are made, older ones backed up and migrated.

        `anchors` is the folder in which this account notes what it wrote. Books that lack some of it are opened only
        `to_look`; `loss` then says what.

        Raises:
            TroubleError: the place cannot be used, the books are newer than this program, or they have lost their end.
        """
        from o2c_tui.storage.migrate import prepare

        url = as_url(where)
        store = cls(url, clock=clock, who=who, anchors=anchors)
        try:
            made = prepare(store.engine, url, create=create, to_look=to_look)
            store.compare(made=made)
            if store.loss is not None and not to_look:
                raise store.loss.said()
        except DBAPIError as error:
            store.close()
            raise (trouble_of(error, url) or error) from error
        except BaseException:
            store.close()
            raise
        return store

    def compare(self, *, made: bool = False, settle: bool = False) -> None:
        """Compare the books with what was noted outside of them; new ones (`made`) and settled ones start afresh."""
        if self.anchor is None:
            return
        with self._reading.connect() as connection:
            head = connection.exec_driver_sql("SELECT seq, hash FROM audit_head").one_or_none()
            seq, digest = (head[0], bytes(head[1])) if head else (0, b"")
            if made or settle:
                self.anchor.note(seq, digest, self.clock(), settled=True)
            self.anchor.trim()

            def hash_of(n: int) -> bytes | None:
                found = connection.exec_driver_sql(f"SELECT hash FROM audit_entry WHERE id = {int(n)}").scalar()
                return None if found is None else bytes(found)

            self.loss = self.anchor.loss(hash_of, seq, newest=True)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    # -- writing -------------------------------------------------------------------------------------------------

    def write_now(
        self,
        verb: Callable[Concatenate[Session, P], T],
        /,
        *args: Any,
        key: str | None = None,
        accepted: frozenset[str] | None = frozenset(),
        **kwargs: Any,
    ) -> T:
        """Run a verb in one transaction and commit it; a refusal leaves no trace.

        `key`: said twice, done once; the second time gives the first answer. `accepted`: the codes of warnings that
        were shown; None takes all.

        Raises:
            UnseenWarningError: a warning that was not shown. TroubleError: the machine's fault. And what the verb raises.
        """
        if _takes_now(verb):
            kwargs.setdefault("now", self.clock())
        _check(args, kwargs)
        for attempt in range(TRIES):
            try:
                with self._turnstile.turn() if self._turnstile else nullcontext():
                    result = self._run(verb, args, kwargs, key, accepted)
            except TradeError:
                if key is not None and (known := self.answer(verb, key)) is not None:
                    return known[0]  # type: ignore[no-any-return]
                raise
            except DBAPIError as error:
                if key is not None and is_key_taken(error) and (known := self.answer(verb, key)) is not None:
                    return known[0]  # type: ignore[no-any-return]
                if must_retry(error) and attempt + 1 < TRIES:
                    time.sleep(random.uniform(0.005, 0.03) * (attempt + 1))
                    continue
                raise (refusal_of(error) or trouble_of(error, self.url) or error) from error
            except UnicodeEncodeError as error:
                raise _unkeepable(error) from error
            for tell in self.committed:
                tell()
            return result
        raise AssertionError("unreachable")

    def _run(
        self,
        verb: Callable[..., T],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        key: str | None,
        accepted: frozenset[str] | None,
    ) -> T:
        with Session(self.engine, autoflush=False, expire_on_commit=False) as session, session.begin():
            result = verb(session, *args, **kwargs)
            session.flush()
            if key is not None and not session.info.get("entries") and (known := self.answer(verb, key)) is not None:
                return known[0]  # type: ignore[no-any-return]  # it had been done: nothing was left to do
            refuse_unseen(session, accepted)
            now = self.clock()
            end = chain.seal(session, now, key, to_json(result) if key is not None else None)
            self._tell_within(session, end)
        self._note(session, end, now)
        return result

    def _tell_within(self, session: Session, end: tuple[int, bytes] | None) -> None:
        if end is not None:
            self.news.within(session.connection())

    def _note(self, session: Session, end: tuple[int, bytes] | None, now: datetime) -> None:
        """Note a commit outside the books, and tell the other sessions; what left no audit entry is nobody's news."""
        numbers = session.info.pop("numbers", ())
        if end is None:
            return
        if self.anchor is not None:
            self.anchor.note(*end, now, numbers)
        self.news.after()

    def answer(self, verb: Callable[..., Any], key: str) -> tuple[Any] | None:
        """What a verb answered when its key was said the first time; None where it was not done."""
        with Session(self._reading) as session:
            found = session.exec(select(AuditEntry.result).where(AuditEntry.key == key)).first()
        if found is None:
            return None
        return (from_plain(_result_type(verb), json.loads(found)),)

    def preview_now(self, verb: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Preview:
        """The verb itself, run and rolled back: what it would do, or why it would not."""
        if _takes_now(verb):
            kwargs.setdefault("now", self.clock())
        with (
            self._turnstile.turn() if self._turnstile else nullcontext(),
            Session(self.engine, autoflush=False, expire_on_commit=False) as session,
        ):
            result, refusal = None, None
            try:
                _check(args, kwargs)
                result = verb(session, *args, **kwargs)
                session.flush()
            except TradeError as error:
                refusal = error
            except UnicodeEncodeError as error:
                refusal = _unkeepable(error)
            except DBAPIError as error:
                refusal = refusal_of(error)
                if refusal is None:
                    raise (trouble_of(error, self.url) or error) from error
            finally:
                warnings = tuple(session.info.get("warnings", ()))
                entries = tuple(session.info.get("entries", ()))
                session.rollback()
        return Preview(result, refusal, warnings, entries)

    # -- reading -------------------------------------------------------------------------------------------------

    def read_now(self, query: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask a question; nothing it does is kept.

        Raises:
            TroubleError: the machine's fault. And what the query raises.
        """
        try:
            with Session(self._reading, autoflush=False) as session:
                return query(session, *args, **kwargs)
        except DBAPIError as error:
            raise (refusal_of(error) or trouble_of(error, self.url) or error) from error
        except UnicodeEncodeError as error:
            raise _unkeepable(error) from error

    # -- from a screen ---------------------------------------------------------------------------------------------

    async def write(
        self,
        verb: Callable[Concatenate[Session, P], T],
        /,
        *args: Any,
        key: str | None = None,
        accepted: frozenset[str] | None = frozenset(),
        **kwargs: Any,
    ) -> T:
        """`write_now` beside the screen, in a thread."""
        return await asyncio.to_thread(partial(self.write_now, verb, *args, key=key, accepted=accepted, **kwargs))

    async def preview(self, verb: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Preview:
        """`preview_now` beside the screen, in a thread."""
        return await asyncio.to_thread(partial(self.preview_now, verb, *args, **kwargs))

    async def read(self, query: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """`read_now` beside the screen, in a thread."""
        return await asyncio.to_thread(partial(self.read_now, query, *args, **kwargs))

    # -- many verbs in one transaction -----------------------------------------------------------------------------

    def batch_now(self, work: Callable[[Session], T], *, now: Callable[[], datetime] | None = None) -> T:
        """Many verbs in one transaction, for imports and made-up companies: all or nothing, warnings taken.

        `now`, asked when the work is done, is the moment the audit trail bears; else the clock's.
        """
        try:
            with (
                self._turnstile.turn() if self._turnstile else nullcontext(),
                Session(self.engine, autoflush=False, expire_on_commit=False) as session,
                session.begin(),
            ):
                result = work(session)
                session.flush()
                moment = now() if now is not None else self.clock()
                end = chain.seal(session, moment)
                self._tell_within(session, end)
            self._note(session, end, moment)
        except DBAPIError as error:
            raise (refusal_of(error) or trouble_of(error, self.url) or error) from error
        return result


def _check(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Refuse what no field can hold, before a transaction begins."""
    for value in args:
        check_values(value)
    for name, value in kwargs.items():
        check_values(value, name)


def _unkeepable(error: UnicodeEncodeError) -> TradeError:
    return impossible_sign(ord(error.object[error.start]), error.start + 1)


def refuse_unseen(session: Session, accepted: frozenset[str] | None) -> None:
    """Stop a step whose warnings were not all shown.

    Raises:
        UnseenWarningError: says them.
    """
    notices: list[Notice] = session.info.get("warnings", [])
    unseen = [notice for notice in notices if accepted is not None and notice.code not in accepted]
    if unseen:
        error = UnseenWarningError(
            N_("{warnings} Confirm to go on."), warnings=" ".join(notice.said() for notice in unseen)
        )
        error.notices = tuple(unseen)
        raise error
