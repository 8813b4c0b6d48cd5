"""What is on its way here: ordered from suppliers, and under way from other warehouses. Quantities in stock units."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.models.base import PRICE
from o2c_tui.models.purchase import PurchaseOrder, PurchaseOrderLine
from o2c_tui.models.warehouse import StockTransfer, StockTransferLine
from o2c_tui.storage.rows import table_of

ZERO = Decimal(0)


@dataclass(frozen=True)
class Coming:
    """One line that is to come in, and when."""

    kind: str  # purchase or transfer
    document_id: int
    number: str
    item_id: int
    warehouse_id: int
    quantity: Decimal
    expected_on: date | None


def coming(session: Session, *, item_ids: Sequence[int] | None = None) -> list[Coming]:
    """Everything on its way, earliest first; what has no date comes last."""
    found = [*_purchased(session, item_ids), *_under_way(session, item_ids)]
    return sorted(found, key=lambda line: (line.expected_on is None, line.expected_on or date.max, line.number))


def incoming_now(session: Session, *, item_ids: Sequence[int] | None = None) -> dict[tuple[int, int], Decimal]:
    """How much is on its way, by item and warehouse."""
    total: dict[tuple[int, int], Decimal] = {}
    for line in coming(session, item_ids=item_ids):
        place = line.item_id, line.warehouse_id
        total[place] = total.get(place, ZERO) + line.quantity
    return total


def _asked(item_ids: Sequence[int] | None) -> dict[str, list[int]]:
    return {} if item_ids is None else {"items": sorted(set(item_ids))}


def _chosen(query: Any, column: Any, *, some: bool) -> Any:
    return query.where(column.in_(sa.bindparam("items", expanding=True))) if some else query


@cache
def purchases_coming(*, some: bool) -> Any:
    """One statement for what suppliers have still to deliver, by line; `left` in the line's unit."""
    heads, lines = table_of(PurchaseOrder), table_of(PurchaseOrderLine)
    left = sa.type_coerce(lines.c.quantity - lines.c.cancelled - lines.c.received, PRICE)
    query = (
        sa.select(
            heads.c.id,
            heads.c.number,
            lines.c.item_id,
            heads.c.warehouse_id,
            left.label("left"),
            lines.c.factor_num,
            lines.c.factor_den,
            sa.func.coalesce(lines.c.expected_on, heads.c.expected_on, type_=sa.Date).label("expected_on"),
        )
        .join(heads, heads.c.id == lines.c.order_id)
        .where(
            heads.c.state == "sent",
            heads.c.receipt != "fully",
            lines.c.quantity - lines.c.cancelled - lines.c.received > 0,
        )
    )
    return _chosen(query, lines.c.item_id, some=some)


def _purchased(session: Session, item_ids: Sequence[int] | None) -> list[Coming]:
    found = []
    asked = session.execute(purchases_coming(some=item_ids is not None), _asked(item_ids))
    for key, number, item, place, rest, num, den, on in asked:
        exact = Fraction(rest) * Fraction(num or 1, den or 1)
        quantity = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(PRICE.unit)
        found.append(Coming("purchase", key, number, item, place, quantity, on))
    return found


@cache
def transfers_coming(*, some: bool) -> Any:
    """One statement for what is under way between warehouses, by line."""
    heads, lines = table_of(StockTransfer), table_of(StockTransferLine)
    query = (
        sa.select(
            heads.c.id,
            heads.c.number,
            lines.c.item_id,
            heads.c.target_id.label("warehouse_id"),
            sa.type_coerce(lines.c.quantity - lines.c.arrived, PRICE).label("left"),
            heads.c.expected_on,
        )
        .join(heads, heads.c.id == lines.c.transfer_id)
        .where(heads.c.state == "dispatched", heads.c.arrival != "fully", lines.c.quantity - lines.c.arrived > 0)
    )
    return _chosen(query, lines.c.item_id, some=some)


def _under_way(session: Session, item_ids: Sequence[int] | None) -> list[Coming]:
    asked = session.execute(transfers_coming(some=item_ids is not None), _asked(item_ids))
    return [Coming("transfer", *row) for row in asked]
