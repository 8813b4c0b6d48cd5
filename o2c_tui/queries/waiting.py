"""Who waits for an item: confirmed order lines that lack stock, in the order in which they are served.

Rule: docs/rules/stock.md: priority, promised date, order time.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.base import QUANTITY
from o2c_tui.models.order import Reservation, SalesOrder, SalesOrderLine
from o2c_tui.models.party import Party
from o2c_tui.models.stock import StockLevel


@dataclass(frozen=True)
class Waiting:
    """One order line that waits, and what is available for it in its warehouse."""

    order_id: int
    line_id: int
    number: str
    customer: str
    waiting: Decimal
    available: Decimal
    promised_on: date | None


def who_waits(session: Session, item_id: int) -> list[Waiting]:
    """The lines that wait for an item: highest priority first, then the earliest promise, then the oldest order."""
    line, held = SalesOrderLine, Reservation
    lacking = col(line.quantity) - col(line.cancelled) - col(line.shipped) - sa.func.coalesce(col(held.quantity), 0)
    free = sa.func.coalesce(col(StockLevel.on_hand) - col(StockLevel.reserved), 0)
    query = (
        sa.select(
            col(SalesOrder.id),
            col(line.id),
            col(SalesOrder.number),
            col(Party.name),
            sa.type_coerce(lacking, QUANTITY),
            sa.type_coerce(free, QUANTITY),
            col(SalesOrder.promised_on),
        )
        .select_from(line)
        .join(SalesOrder, col(SalesOrder.id) == col(line.order_id))
        .join(Party, col(Party.id) == col(SalesOrder.customer_id))
        .outerjoin(held, col(held.order_line_id) == col(line.id))
        .outerjoin(
            StockLevel,
            sa.and_(
                col(StockLevel.item_id) == col(line.item_id),
                col(StockLevel.warehouse_id) == col(SalesOrder.warehouse_id),
            ),
        )
        .where(
            col(line.item_id) == item_id,
            col(SalesOrder.state) == "confirmed",
            col(SalesOrder.delivery) != "fully",
            lacking > 0,
        )
        .order_by(
            col(SalesOrder.priority).desc(),
            col(SalesOrder.promised_on).is_(None),
            col(SalesOrder.promised_on),
            col(SalesOrder.ordered_on),
            col(SalesOrder.id),
        )
    )
    return [Waiting(*row) for row in session.execute(query)]
