"""Exchange rates of the books, and what documents in other currencies are worth in the company's.

Rule: docs/rules/currency.md.
"""

from datetime import date
from decimal import Decimal
from typing import Any, Protocol

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, MissingValueError
from o2c_tui.models.company import Company
from o2c_tui.models.currency import ExchangeRate
from o2c_tui.models.order import SalesOrder
from o2c_tui.money import Rounding, digits_of, is_figure
from o2c_tui.queries.lookups import the_company
from o2c_tui.rules.exchange import MOST_RATE, RATE_PLACES, Currency, in_base
from o2c_tui.texts import N_

ZERO = Decimal(0)


class Rated(Protocol):
    """A document with a rate."""

    @property
    def rate(self) -> Decimal: ...


def known_rate(session: Session, currency: str, on: date) -> ExchangeRate | None:
    """The newest rate of a currency on a day or before it."""
    query = select(ExchangeRate).where(ExchangeRate.currency == currency, ExchangeRate.valid_on <= on)
    return session.exec(query.order_by(col(ExchangeRate.valid_on).desc()).limit(1)).one_or_none()


def check_rate(rate: Decimal, field: str = "rate") -> Decimal:
    """Refuse what is no rate.

    Raises:
        BadValueError: it is not more than 0, too large, or has more than 6 decimals.
    """
    if not is_figure(rate, RATE_PLACES, MOST_RATE) or not rate:
        raise BadValueError(N_("A rate is more than 0 and has at most 6 decimals."), field=field)
    return rate


def rate_on(session: Session, currency: str, on: date, *, own: str) -> Decimal:
    """What one unit of a currency is worth in the company's (`own`) on a day.

    Raises:
        MissingValueError: none is known on the day or before it.
    """
    found = known_rate(session, currency, on)
    if found is None:
        raise MissingValueError(
            N_(
                "No rate for {currency} is known on {day} or before. Enter what 1 {currency} is in {own} (F10 rates, "
                "or o2c do save_rate), or type the rate here."
            ),
            field="rate",
            currency=currency,
            day=str(on),
            own=own,
        )
    return found.rate


def currency_on(
    session: Session, company: Company, code: str, on: date, told: Decimal | None = None, *, otherwise: Decimal = ZERO
) -> Currency:
    """The currency of a document dated `on`: the company's own, or another at the rate told, else at that of the day.

    `otherwise` is the rate where no rate of the day is known.

    Raises:
        BadValueError: a rate for the company's own currency, or one out of bounds. MissingValueError: none is known.
    """
    if not code or code == company.currency:
        if told not in (None, ZERO, Decimal(1)):
            raise BadValueError(
                N_("{currency} is the company's own currency; its rate is 1."), field="rate", currency=company.currency
            )
        return Currency(company.currency, company.digits, ZERO, company.digits)
    if told:
        rate = check_rate(told)
    elif otherwise and known_rate(session, code, on) is None:
        rate = otherwise
    else:
        rate = rate_on(session, code, on, own=company.currency)
    return Currency(code, digits_of(code), rate, company.digits)


def money_of_order(session: Session, order_id: int) -> dict[str, Any]:
    """Currency, its digits, and the rate of an order, as its documents that have none of their own are billed."""
    query = sa.select(col(SalesOrder.currency), col(SalesOrder.digits), col(SalesOrder.rate))
    return dict(session.execute(query.where(col(SalesOrder.id) == order_id)).one()._mapping)


def in_company(session: Session, document: Rated, amount: Decimal) -> Decimal:
    """An amount of a document in the company's currency, by the document's rate."""
    if not document.rate:
        return amount
    company = the_company(session)
    return in_base(amount, document.rate, company.digits, Rounding(company.rounding))


def about(amount: Any, rate: Any) -> Any:
    """An amount in the company's currency for the sums under lists: exact where the rate is nothing, else to 4 places
    (books round each document to the cent). In whole numbers, taken apart so that none outgrows its column."""
    whole, parts = sa.type_coerce(amount, sa.BigInteger), sa.type_coerce(rate, sa.BigInteger)
    unit = sa.literal_column(str(10**RATE_PLACES), sa.BigInteger)
    worth = whole // unit * parts + whole % unit * parts // unit
    return sa.type_coerce(sa.case((parts == 0, whole), else_=worth), amount.type)
