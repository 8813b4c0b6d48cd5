"""The rate at which something is bought in another currency. Rule: docs/rules/purchasing.md, "Prices"."""

from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, MissingValueError
from o2c_tui.models.company import Company
from o2c_tui.models.purchase import PurchaseOrder, PurchaseState
from o2c_tui.queries.exchange import check_rate, known_rate
from o2c_tui.services.support import warn
from o2c_tui.texts import N_


def buying_rate(session: Session, company: Company, currency: str, told: Decimal | None, on: date) -> Decimal:
    """What one unit of a currency is in the company's (1 for its own): as told, else as the rates of the books have it on
    the day, else as the last purchase in it had it, which is said.

    Raises:
        BadValueError: no rate at all for the company's own, or one out of bounds. MissingValueError: none is known.
    """
    if currency == company.currency:
        if told not in (None, Decimal(1)):
            raise BadValueError(
                N_("{currency} is the company's own currency; its rate is 1."), field="rate", currency=currency
            )
        return Decimal(1)
    if told is not None:
        return check_rate(told)
    known = known_rate(session, currency, on)
    if known is not None:
        return known.rate
    last = session.exec(
        select(PurchaseOrder)
        .where(PurchaseOrder.currency == currency, PurchaseOrder.state != PurchaseState.DRAFT)
        .order_by(col(PurchaseOrder.id).desc())
        .limit(1)
    ).one_or_none()
    if last is None:
        raise MissingValueError(
            N_("Give the rate: what 1 {currency} is in {own}; or enter it for all (F10 rates)."),
            field="rate",
            currency=currency,
            own=company.currency,
        )
    warn(
        session,
        "rate_taken",
        N_("The rate {rate} for {currency} is that of {order}."),
        rate=last.rate.normalize(),
        currency=currency,
        order=last.label,
    )
    return last.rate
