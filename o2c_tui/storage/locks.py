"""Locked periods: what counts in the books on a day up to which they are locked is not posted any more.

Every verb that posts something tells its audit entry of the rows that became facts (`chain.record`); this looks at
their days there, so no verb can forget it. Which column of a table is such a day is declared in its model (`dated`).
Rule: docs/rules/closing.md.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, select

from o2c_tui.errors import LockedPeriodError
from o2c_tui.models.company import ROLE_WORDS, Company, User, UserRole
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

IN_CLOSED_PERIODS = (UserRole.OWNER, UserRole.ACCOUNTS)  # who may still post where the others are done


def refuse_locked(session: Session, by: str, facts: Sequence[tuple[type[SQLModel], Sequence[Any]]]) -> None:
    """Refuse rows that count on a day whose books are locked.

    Raises:
        LockedPeriodError: says until when, and what to do.
    """
    first = _first_day(facts)
    if first is None:
        return
    session.info["posted_from"] = min(first, session.info.get("posted_from", first))
    company: Company | None = session.info.get("company") or session.get(Company, 1)
    if company is None:
        return
    session.info["company"] = company
    if company.locked_until is not None and first <= company.locked_until:
        raise _locked(company.locked_until, first)
    if company.soft_locked_until is None or first > company.soft_locked_until:
        return
    user = session.exec(select(User).where(User.login == by)).one_or_none()
    role = user.role if user is not None else UserRole.OWNER
    if role not in IN_CLOSED_PERIODS:
        raise LockedPeriodError(
            N_(
                "The books are closed until {until} for all but accounts and owners; {by} is {role_word}. "
                "Date it {next} or later, or ask accounts to post it on {on}."
            ),
            field="date",
            until=company.soft_locked_until.isoformat(),
            on=first.isoformat(),
            next=_day_after(company.soft_locked_until),
            by=by,
            role_word=ROLE_WORDS[role],
        )


def refuse_locked_meanwhile(session: Session) -> None:
    """Refuse what another session's lock overtook since `refuse_locked` looked; the head of the chain is held by now.

    In a file there is nothing to overtake: one writes at a time.

    Raises:
        LockedPeriodError: says until when.
    """
    first: date | None = session.info.pop("posted_from", None)
    if first is None or session.connection().dialect.name == "sqlite":
        return
    until = session.execute(sa.select(table_of(Company).c.locked_until)).scalar_one_or_none()
    if until is not None and first <= until:
        raise _locked(until, first)


def _locked(until: date, on: date) -> LockedPeriodError:
    return LockedPeriodError(
        N_(
            "The books are locked until {until}, so nothing is posted on {on} any more. "
            "Date it {next} or later, or have an owner lift the lock first (unlock)."
        ),
        field="date",
        until=until.isoformat(),
        on=on.isoformat(),
        next=_day_after(until),
    )


def _day_after(day: date) -> str:
    return (day + timedelta(days=1)).isoformat()


def _first_day(facts: Sequence[tuple[type[SQLModel], Sequence[Any]]]) -> date | None:
    days: list[date] = []
    for model, rows in facts:
        name = table_of(model).info.get("dated")
        if name:
            days += [row[name] if isinstance(row, Mapping) else getattr(row, name) for row in rows]
    return min(days, default=None)
