"""Collective invoices: what was delivered to whom until a day and is not billed, by the invoices it will be.

Rule: docs/rules/invoices.md, "Collective invoices".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.delivery import Delivery, DeliveryLine, DeliveryState
from o2c_tui.models.order import SalesOrder, SalesOrderLine
from o2c_tui.models.party import Party
from o2c_tui.models.trade import Progress

SHARED = (  # what orders on one invoice have in common
    "customer_id",
    "currency",
    "term",
    "bill_to",
    "prices_include_tax",
    "tax_rounding",
    "rounding",
    "cash_step",
    "digits",
    "language",
)


@dataclass(frozen=True)
class ToBill:
    """One invoice to be: a customer's deliveries that may share it, oldest first."""

    customer_id: int
    code: str
    name: str
    currency: str
    language: str
    orders: tuple[str, ...]
    deliveries: tuple[int, ...]
    numbers: tuple[str, ...]  # of the deliveries
    first: date  # the days they left on
    last: date


def _left(until: date) -> tuple[Any, ...]:
    """What left until a day and is not billed whole: on the index over deliveries to be invoiced."""
    return (
        col(Delivery.state) == DeliveryState.SHIPPED,
        col(Delivery.billing) != Progress.FULLY,
        col(Delivery.shipped_on) <= until,
    )


def _something() -> Any:
    """Whether something of a delivery is to be billed: neither sent back nor billed with its order. Asked last."""
    left = col(DeliveryLine.quantity) - col(DeliveryLine.returned) - col(DeliveryLine.invoiced)
    ordered = col(SalesOrderLine.quantity) - col(SalesOrderLine.cancelled) - col(SalesOrderLine.returned)
    something = sa.exists().where(
        col(DeliveryLine.delivery_id) == col(Delivery.id),
        col(SalesOrderLine.id) == col(DeliveryLine.order_line_id),
        left > 0,
        ordered - col(SalesOrderLine.invoiced) + col(SalesOrderLine.credited) > 0,
    )
    return something.correlate(Delivery)


def customers_question(until: date) -> Any:
    """One statement for how many customers that are billed by month have something to be billed until a day."""
    monthly = sa.exists().where(col(Party.id) == col(Delivery.customer_id), col(Party.monthly_invoice))
    return sa.select(sa.func.count(sa.distinct(col(Delivery.customer_id)))).where(
        *_left(until), monthly.correlate(Delivery), _something()
    )


def to_bill(
    session: Session, *, until: date, since: date | None = None, customers: Sequence[int] | None = None
) -> tuple[ToBill, ...]:
    """The invoices to be of all that left until a day (from `since` on) and is not billed, by the customer's code.

    Of the customers that are billed by month, or of these `customers`, however they are billed.
    """
    query = (
        sa.select(
            col(Delivery.id),
            col(Delivery.number),
            col(Delivery.shipped_on),
            col(Party.code),
            col(Party.name),
            col(SalesOrder.number).label("order"),
            *(col(getattr(SalesOrder, name)) for name in SHARED),
        )
        .join(SalesOrder, col(SalesOrder.id) == col(Delivery.order_id))
        .join(Party, col(Party.id) == col(SalesOrder.customer_id))
        .where(
            *_left(until),
            col(Party.monthly_invoice) if customers is None else col(Party.id).in_(sorted(customers)),
            _something(),
        )
        .order_by(col(Party.code), col(Delivery.shipped_on), col(Delivery.id))
    )
    if since is not None:
        query = query.where(col(Delivery.shipped_on) >= since)
    groups: dict[tuple[object, ...], list[sa.Row[tuple[object, ...]]]] = {}
    for row in session.execute(query):
        groups.setdefault(tuple(getattr(row, name) for name in SHARED), []).append(row)
    return tuple(
        ToBill(
            rows[0].customer_id,
            rows[0].code,
            rows[0].name,
            rows[0].currency,
            rows[0].language,
            tuple(dict.fromkeys(row.order for row in rows)),
            tuple(row.id for row in rows),
            tuple(row.number for row in rows),
            rows[0].shipped_on,
            rows[-1].shipped_on,
        )
        for rows in groups.values()
    )


def delivered_with(session: Session, line_ids: Iterable[int]) -> dict[int, tuple[str, date]]:
    """The number and the day of the delivery that each of some delivery lines belongs to."""
    query = (
        sa.select(col(DeliveryLine.id), col(Delivery.number), col(Delivery.shipped_on))
        .join(Delivery, col(Delivery.id) == col(DeliveryLine.delivery_id))
        .where(col(DeliveryLine.id).in_(sorted(line_ids)))
    )
    return {key: (number, day) for key, number, day in session.execute(query)}
