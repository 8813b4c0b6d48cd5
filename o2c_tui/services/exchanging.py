"""Exchange rates: entered one by one, or taken from what a bank published.

Rule: docs/rules/currency.md, "Rates".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, ConflictError, MissingValueError
from o2c_tui.models.currency import ExchangeRate
from o2c_tui.models.party import Party
from o2c_tui.money import digits_of
from o2c_tui.queries.exchange import check_rate
from o2c_tui.queries.lookups import the_company
from o2c_tui.rules.exchange import PublishedDay, RateOn, crossed
from o2c_tui.services.support import warn
from o2c_tui.storage.chain import created, decide, decided_row, record
from o2c_tui.storage.rows import insert_rows, update_rows
from o2c_tui.texts import N_

TYPED = "typed"


@dataclass(frozen=True)
class RateSaved:
    """A rate that was entered; `is_new` tells whether the day had none."""

    id: int
    currency: str
    valid_on: date
    rate: Decimal
    is_new: bool


@dataclass(frozen=True)
class RatesTaken:
    """What was taken of published rates."""

    made: int
    changed: int
    same: int
    currencies: tuple[str, ...]


def save_rate(
    session: Session,
    currency: str,
    rate: Decimal,
    *,
    on: date | None = None,
    source: str = "",
    version: int | None = None,
    by: str,
    today: date,
) -> RateSaved:
    """Enter what one unit of a currency is worth in the company's from a day on; documents that exist keep theirs.

    Raises:
        BadValueError: no such currency, the company's own, or a rate out of bounds. ConflictError: somebody else changed it.
    """
    code = currency.strip().upper()
    company = the_company(session)
    digits_of(code)
    if code == company.currency:
        raise BadValueError(
            N_("{currency} is the company's own currency; its rate is 1."), field="currency", currency=code
        )
    check_rate(rate)
    day = on or today
    if day > today:
        warn(session, "rate_ahead", N_("{day} has not come yet."), day=str(day))
    found = session.exec(
        select(ExchangeRate).where(ExchangeRate.currency == code, ExchangeRate.valid_on == day)
    ).one_or_none()
    values: dict[str, Any] = {"rate": rate, "source": source.strip() or TYPED}
    is_new = found is None
    if found is None:
        found = ExchangeRate(currency=code, valid_on=day, **values)
        session.add(found)
        session.flush()
        created(session, found)
    else:
        if version is not None and found.version != version:
            raise ConflictError(N_("Somebody else has changed {code} meanwhile. Look at it again (F5)."), code=code)
        decide(session, found, **values)
        found.version += 1
    record(session, "save_rate", found, by=by)
    return RateSaved(found.id, code, day, rate, is_new)


def import_rates(
    session: Session,
    days: tuple[PublishedDay, ...],
    *,
    currencies: tuple[str, ...] = (),
    since: date | None = None,
    source: str = "ECB",
    by: str,
    today: date,
) -> RatesTaken:
    """Take rates that a bank published against the euro, by way of the euro where the company's currency is another.

    `currencies` names those wanted; else those that customers, suppliers and rates here have, else all of them. What is
    there already and is the same stays as it is.

    Raises:
        MissingValueError: nothing of the file concerns these books. BadValueError: no such currency.
    """
    company = the_company(session)
    for code in currencies:
        digits_of(code.strip().upper())
    wanted = tuple(code.strip().upper() for code in currencies) or _in_use(session, company.currency)
    told = [
        RateOn(code, published.day, rate)
        for published in sorted(days, key=lambda d: d.day)
        if since is None or published.day >= since
        for code, rate in crossed(published.per_euro, company.currency, wanted).items()
    ]
    if not told:
        raise MissingValueError(
            N_("The file has no rate that these books need: none for {wanted} against {own}."),
            wanted=", ".join(wanted) or "–",
            own=company.currency,
        )
    return _write(session, told, source, by)


def _in_use(session: Session, own: str) -> tuple[str, ...]:
    """The currencies, beside the company's, that parties trade in or that have rates."""
    parties = sa.select(col(Party.currency)).where(col(Party.currency) != "")
    known = sa.select(col(ExchangeRate.currency))
    return tuple(sorted(set(session.execute(sa.union(parties, known)).scalars()) - {own}))


def _write(session: Session, told: Sequence[RateOn], source: str, by: str) -> RatesTaken:
    """Write rates, one audit entry for all of them."""
    codes = sorted({rate.currency for rate in told})
    query = select(ExchangeRate).where(
        col(ExchangeRate.currency).in_(codes), col(ExchangeRate.valid_on) >= min(rate.valid_on for rate in told)
    )
    known = {(row.currency, row.valid_on): row for row in session.exec(query)}
    fresh = [rate for rate in told if (rate.currency, rate.valid_on) not in known]
    made = insert_rows(
        session,
        ExchangeRate,
        [{"currency": r.currency, "valid_on": r.valid_on, "rate": r.rate, "source": source} for r in fresh],
    )
    for row in made:
        for name in ("currency", "valid_on", "rate", "source"):
            decided_row(session, ExchangeRate, row, name, None, row[name])
    changed = []
    for rate in told:
        old = known.get((rate.currency, rate.valid_on))
        if old is not None and old.rate != rate.rate:
            new = {"id": old.id, "rate": rate.rate, "source": source, "version": old.version + 1}
            for name in ("rate", "source"):
                if getattr(old, name) != new[name]:
                    decided_row(session, ExchangeRate, new, name, getattr(old, name), new[name])
            changed.append(new)
    update_rows(session, ExchangeRate, changed, "rate", "source", "version")
    same = len(told) - len(made) - len(changed)
    if made or changed:
        key = made[-1]["id"] if made else changed[-1]["id"]
        record(session, "import_rates", session.get_one(ExchangeRate, key), by=by)
    return RatesTaken(len(made), len(changed), same, tuple(codes))
