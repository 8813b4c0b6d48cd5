"""How stock moved between two days, one row a movement, with the document behind it; figures in stock units and money."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.base import AMOUNT, QUANTITY
from o2c_tui.models.item import Item, Warehouse
from o2c_tui.models.stock import CostLayer, StockMove
from o2c_tui.queries.past import MANY
from o2c_tui.queries.stock import documents_of_moves
from o2c_tui.storage.rows import table_of

ZERO = Decimal(0)
_moves = table_of(StockMove)


@dataclass(frozen=True)
class Movement:
    """One movement: what came in or went out, and what was there after it (of one item only)."""

    on: date
    kind: str
    document_kind: str
    document_id: int
    number: str
    party: str
    item_id: int
    code: str
    name: str
    unit: str
    warehouse: str
    quantity: Decimal
    value: Decimal
    balance: Decimal
    worth: Decimal


def opening(
    session: Session, before: date, *, item_id: int, warehouse_id: int | None = None
) -> tuple[Decimal, Decimal]:
    """Quantity and value of an item at the start of a day."""
    query = sa.select(sa.func.sum(_moves.c.quantity, type_=QUANTITY), sa.func.sum(_moves.c.value, type_=AMOUNT)).where(
        _moves.c.item_id == item_id, _moves.c.moved_on < before
    )
    if warehouse_id is not None:
        query = query.where(_moves.c.warehouse_id == warehouse_id)
    quantity, value = session.execute(query).one()
    return quantity or ZERO, value or ZERO


def movements(
    session: Session, first: date, last: date, *, item_id: int | None = None, warehouse_id: int | None = None
) -> list[Movement]:
    """What moved from a day to a day, oldest first; with an item the balance and its value run along."""
    query = (
        sa.select(_moves, col(Item.code), col(Item.name), col(Item.unit), col(Warehouse.code).label("warehouse"))
        .join(Item, col(Item.id) == _moves.c.item_id)
        .join(Warehouse, col(Warehouse.id) == _moves.c.warehouse_id)
        .where(_moves.c.moved_on.between(first, last))
        .order_by(_moves.c.moved_on, _moves.c.id)
    )
    balance = worth = ZERO
    if item_id is not None:
        query = query.where(_moves.c.item_id == item_id)
        balance, worth = opening(session, first, item_id=item_id, warehouse_id=warehouse_id)
    if warehouse_id is not None:
        query = query.where(_moves.c.warehouse_id == warehouse_id)
    rows = session.execute(query).all()
    found = []
    for start in range(0, len(rows), MANY):
        part = rows[start : start + MANY]
        behind = documents_of_moves(session, part)
        for row in part:
            balance, worth = balance + row.quantity, worth + row.value
            kind, key, number, party = behind[row.kind, row.line_id]
            found.append(
                Movement(
                    row.moved_on,
                    str(row.kind),
                    kind,
                    key,
                    number,
                    party,
                    row.item_id,
                    row.code,
                    row.name,
                    row.unit,
                    row.warehouse,
                    row.quantity,
                    row.value,
                    balance if item_id is not None else ZERO,
                    worth if item_id is not None else ZERO,
                )
            )
    return found


def document_of_layer(session: Session, layer_id: int) -> tuple[str, int]:
    """Kind and key of the document that brought a cost layer in."""
    layers = table_of(CostLayer)
    moves: Sequence[Any] = session.execute(
        sa.select(_moves).join(layers, layers.c.move_id == _moves.c.id).where(layers.c.id == layer_id)
    ).all()
    ((kind, key, _number, _party),) = documents_of_moves(session, moves).values()
    return kind, key
