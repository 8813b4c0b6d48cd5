"""Closing the books: periods locked, totals drawn up, the points of a month ticked off.

Rule: docs/rules/closing.md.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, LockedPeriodError, MissingValueError, NotAllowedError, WrongStateError
from o2c_tui.models.closing import CLOSING_WORDS, Closing, ClosingKind, MonthTask
from o2c_tui.models.company import ROLE_WORDS, Company, UserRole
from o2c_tui.queries.closing import as_words, day_book, is_lifted, lifts, span_of
from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.month import TASKS
from o2c_tui.services.rights import role_of_person
from o2c_tui.services.support import load
from o2c_tui.storage.chain import created, decide, hold_head, record
from o2c_tui.texts import N_


@dataclass(frozen=True)
class Locks:
    """Until when the books are locked for all, and closed for all but accounts and owners."""

    locked_until: date | None
    closed_until: date | None


@dataclass(frozen=True)
class ClosingDone:
    """A closing that was drawn up: its key, its span, which run it is, and the head of the chain it was drawn up at."""

    id: int
    from_on: date
    to_on: date
    run: int
    chain_seq: int
    chain_hash: str


@dataclass(frozen=True)
class Ticked:
    """A point of a month, and the day it was done on; none: taken back."""

    month: str
    code: str
    done_on: date | None


def lock_period(session: Session, until: date, *, soft: bool = False, reason: str = "", by: str, today: date) -> Locks:
    """Lock the books up to a day, it included: nothing is posted there any more. `soft` leaves accounts and owners in.

    Raises:
        NotAllowedError: only owners lock; accounts may close softly. BadValueError: a day to come, or one locked already.
    """
    _require(
        session, by, *((UserRole.OWNER, UserRole.ACCOUNTS) if soft else (UserRole.OWNER,)), doing=N_("lock the books")
    )
    company = _held(session)
    if until > today:
        raise BadValueError(
            N_("{until} is still to come; lock what is over, at most until {today}."),
            field="until",
            until=until.isoformat(),
            today=today.isoformat(),
        )
    before = _latest(company.locked_until, company.soft_locked_until) if soft else company.locked_until
    if before is not None and until <= before:
        raise BadValueError(
            N_("The books are locked until {before} already; give a later day, or lift the lock (unlock)."),
            field="until",
            before=before.isoformat(),
        )
    _lock(session, company, until, soft=soft)
    record(session, "lock_period", company, by=by, reason=reason, on=today)
    return Locks(company.locked_until, company.soft_locked_until)


def unlock(session: Session, reason: str, *, until: date | None = None, by: str, today: date) -> Locks:
    """Lift the lock: the books stay locked up to an earlier day `until`, or not at all. Closings of the days that are
    opened are no longer promised; draw them up again afterwards.

    Raises:
        NotAllowedError: only owners do. MissingValueError: no reason. BadValueError: that would lift nothing.
    """
    _require(session, by, UserRole.OWNER, doing=N_("lift a lock"))
    if not reason.strip():
        raise MissingValueError(N_("Say why the lock is lifted."), field="reason")
    company = _held(session)
    latest = _latest(company.locked_until, company.soft_locked_until)
    if latest is None:
        raise WrongStateError(N_("The books are not locked."))
    if until is not None and until >= latest:
        raise BadValueError(
            N_("The books are locked until {latest}; give an earlier day, or none."),
            field="until",
            latest=latest.isoformat(),
        )
    for name in ("locked_until", "soft_locked_until"):
        was: date | None = getattr(company, name)
        if was is not None and (until is None or was > until):
            decide(session, company, **{name: until})
    if company.soft_locked_until is not None and company.soft_locked_until == company.locked_until:
        decide(session, company, soft_locked_until=None)
    company.version += 1
    record(session, "unlock", company, by=by, reason=reason, on=today)
    return Locks(company.locked_until, company.soft_locked_until)


def close_period(
    session: Session, kind: ClosingKind, day: date, *, note: str = "", by: str, today: date, now: datetime
) -> ClosingDone:
    """Close the day, month or year that `day` lies in: lock the books to its end, and draw up its totals with the head
    of the audit chain, so that `verify` proves for ever that nothing in it changed.

    Raises:
        NotAllowedError: only owners do. BadValueError: it is not over. LockedPeriodError: it is closed already.
    """
    _require(session, by, UserRole.OWNER, doing=N_("close the books"))
    first, last = span_of(kind, day)
    if last > today:
        raise BadValueError(
            N_("The {kind_word} ends on {last}; close it when it is over."),
            field="day",
            kind_word=CLOSING_WORDS[kind],
            last=last.isoformat(),
        )
    company = _held(session)
    seq, digest = hold_head(session)
    newest = session.exec(
        select(Closing).where(Closing.kind == kind, Closing.to_on == last).order_by(col(Closing.run).desc()).limit(1)
    ).one_or_none()
    if newest is not None and not is_lifted(last, newest.chain_seq, lifts(session)):
        raise LockedPeriodError(
            N_("{first} to {last} was closed by {by} already, and its totals hold."),
            field="day",
            first=first.isoformat(),
            last=last.isoformat(),
            by=newest.by,
        )
    if company.locked_until is None or company.locked_until < last:
        _lock(session, company, last, soft=False)
    session.flush()
    closing = Closing(
        kind=kind,
        from_on=first,
        to_on=last,
        run=newest.run + 1 if newest is not None else 1,
        totals=as_words(day_book(session, last).totals(first, last)),
        chain_seq=seq,
        chain_hash=digest.hex(),
        closed_at=now,
        by=by,
    )
    session.add(closing)
    session.flush()
    record(session, "close_period", closing, by=by, facts=[(Closing, [closing])], reason=note, on=today)
    return ClosingDone(closing.id, first, last, closing.run, seq, closing.chain_hash)


def tick_task(
    session: Session, month: str, code: str, *, done: bool = True, note: str = "", by: str, today: date
) -> Ticked:
    """Tick a point of a month off (2026-11), or with `done` false take the tick back.

    Raises:
        NotAllowedError: only accounts and owners do. BadValueError: no such month or point.
    """
    _require(session, by, UserRole.OWNER, UserRole.ACCOUNTS, doing=N_("tick points of a month"))
    if not re.fullmatch(r"[12]\d{3}-(0[1-9]|1[0-2])", month):
        raise BadValueError(N_("'{text}' is no month; write it as 2026-11."), field="month", text=month)
    if code not in TASKS:
        raise BadValueError(N_("Give one of: {choices}."), field="code", choices=", ".join(TASKS))
    task = session.exec(select(MonthTask).where(MonthTask.month == month, MonthTask.code == code)).one_or_none()
    values: dict[str, Any] = {"done_on": today if done else None, "by": by if done else "", "note": note.strip()}
    if task is None:
        task = MonthTask(month=month, code=code, **values)
        session.add(task)
        session.flush()
        created(session, task)
    else:
        decide(session, task, **values)
    record(session, "tick_task", task, by=by, on=today)
    return Ticked(month, code, task.done_on)


def _held(session: Session) -> Company:
    """The company, its row held against others who lock or lift."""
    the_company(session)
    return load(session, Company, 1)


def _lock(session: Session, company: Company, until: date, *, soft: bool) -> None:
    if soft:
        decide(session, company, soft_locked_until=until)
    else:
        decide(session, company, locked_until=until)
        if company.soft_locked_until is not None and company.soft_locked_until <= until:
            decide(session, company, soft_locked_until=None)
    company.version += 1


def _latest(*days: date | None) -> date | None:
    return max((day for day in days if day is not None), default=None)


def _require(session: Session, by: str, *roles: UserRole, doing: str) -> None:
    role = role_of_person(session, by)
    if role not in roles:
        raise NotAllowedError(
            N_("{by} ({role_word}) may not {doing_word}; ask {whom_word}."),
            by=by,
            role_word=ROLE_WORDS[role],
            doing_word=doing,
            whom_word=N_("accounts or an owner") if UserRole.ACCOUNTS in roles else N_("an owner"),
        )
