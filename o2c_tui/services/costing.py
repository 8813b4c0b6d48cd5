"""FIFO cost: each receipt makes a layer, each delivery consumes the oldest, each return puts back what it took.

Rule: docs/rules/fifo.md. The arithmetic is in rules/fifo.py; this module reads layers and writes moves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.errors import DateOrderError, OverQuantityError
from o2c_tui.models.item import Item
from o2c_tui.models.stock import Consumption, CostLayer, MoveKind, StockLevel, StockMove
from o2c_tui.rules.fifo import Consumed, Layer, consume, put_back
from o2c_tui.services.posting import Facts
from o2c_tui.services.reserving import change_levels, locked_levels, short_of
from o2c_tui.storage.rows import LOCK, insert_rows, table_of, update_rows
from o2c_tui.texts import N_

ZERO = Decimal(0)
_layers = table_of(CostLayer)
_moves = table_of(StockMove)
_consumptions = table_of(Consumption)


@dataclass(frozen=True)
class Movement:
    """What the stock did for some lines: the value by line id, and the rows written, for the audit entry."""

    values: dict[int, Decimal]
    facts: Facts


def refuse_back_dated(session: Session, item_ids: Sequence[int], warehouse_id: int, on: date) -> None:
    """Refuse a move dated before stock of the same item left this warehouse: past costs are never rewritten.

    Raises:
        DateOrderError: names the item and the later day.
    """
    later = session.execute(
        sa.select(_moves.c.item_id, sa.func.max(_moves.c.moved_on))
        .where(
            _moves.c.item_id.in_(sorted(set(item_ids))),
            _moves.c.warehouse_id == warehouse_id,
            _moves.c.moved_on > on,
            _moves.c.quantity < 0,
        )
        .group_by(_moves.c.item_id)
        .limit(1)
    ).one_or_none()
    if later is not None:
        code = session.execute(sa.select(col(Item.code)).where(col(Item.id) == later[0])).scalar_one()
        raise DateOrderError(
            N_("{item} left this warehouse on {later} already; stock cannot move on {on} any more."),
            field="date",
            item=code,
            later=str(later[1]),
            on=on.isoformat(),
        )


def take_in(
    session: Session,
    lines: Sequence[Mapping[str, Any]],
    *,
    warehouse_id: int,
    on: date,
    estimated: bool = False,
) -> Movement:
    """Receive lines (dicts with id, item_id, quantity, value): a move and a cost layer each.

    Raises:
        DateOrderError: see refuse_back_dated.
    """
    item_ids = [line["item_id"] for line in lines]
    levels = locked_levels(session, item_ids, warehouse_id)
    refuse_back_dated(session, item_ids, warehouse_id, on)
    _make_levels(session, [item for item in levels if not _has_level(session, item, warehouse_id)], warehouse_id)
    gains: dict[int, tuple[Decimal, Decimal]] = {}
    for line in lines:
        gains[line["item_id"]] = (gains.get(line["item_id"], (ZERO, ZERO))[0] + line["quantity"], ZERO)
    change_levels(session, warehouse_id, gains)
    moves = insert_rows(
        session,
        StockMove,
        [
            {
                "kind": MoveKind.RECEIPT,
                "line_id": line["id"],
                "item_id": line["item_id"],
                "warehouse_id": warehouse_id,
                "moved_on": on,
                "quantity": line["quantity"],
                "value": line["value"],
            }
            for line in lines
        ],
    )
    layers = insert_rows(
        session,
        CostLayer,
        [
            {
                "move_id": move["id"],
                "item_id": move["item_id"],
                "warehouse_id": warehouse_id,
                "received_on": on,
                "quantity": move["quantity"],
                "value": move["value"],
                "estimated": estimated,
                "remaining_quantity": move["quantity"],
                "remaining_value": move["value"],
            }
            for move in moves
        ],
    )
    return Movement({move["line_id"]: move["value"] for move in moves}, [(StockMove, moves), (CostLayer, layers)])


def _has_level(session: Session, item_id: int, warehouse_id: int) -> bool:
    return session.get(StockLevel, (item_id, warehouse_id)) is not None


def _make_levels(session: Session, item_ids: Sequence[int], warehouse_id: int) -> None:
    insert_rows(session, StockLevel, [{"item_id": item, "warehouse_id": warehouse_id} for item in item_ids])


def take_out(
    session: Session,
    lines: Sequence[Mapping[str, Any]],
    *,
    warehouse_id: int,
    on: date,
    digits: int,
    released: Mapping[int, Decimal],
) -> Movement:
    """Ship lines (dicts with id, item_id, quantity, reserved, field): consume the oldest layers of this warehouse.

    A line may take what is reserved for it and what is available; `released` is by item what of the reservations
    these lines use up. Values rounded to `digits` of the company's currency.

    Raises:
        ShortStockError: names the item, what was wanted, what is available and who holds the rest.
        DateOrderError: see refuse_back_dated.
    """
    item_ids = [line["item_id"] for line in lines]
    levels = locked_levels(session, item_ids, warehouse_id)
    refuse_back_dated(session, item_ids, warehouse_id, on)
    wanted: dict[int, Decimal] = {}
    free = {item: level.available + released.get(item, ZERO) for item, level in levels.items()}
    for line in lines:
        item = line["item_id"]
        wanted[item] = wanted.get(item, ZERO) + line["quantity"]
        if wanted[item] > free[item]:
            raise short_of(session, item, warehouse_id, wanted[item], free[item], field=line["field"])
    change_levels(session, warehouse_id, {item: (-part, -released.get(item, ZERO)) for item, part in wanted.items()})
    open_layers = _open_layers(session, item_ids, warehouse_id, on)
    moves, takes, touched = [], [], {}
    for line in lines:
        item = line["item_id"]
        stack = open_layers.get(item, [])
        there = sum((layer["remaining_quantity"] for layer in stack), ZERO)
        if there < line["quantity"]:  # received later than this day
            raise short_of(session, item, warehouse_id, line["quantity"], there, field=line["field"])
        parts = consume(
            [Layer(x["id"], x["remaining_quantity"], x["remaining_value"]) for x in stack], line["quantity"], digits
        )
        by_key = {layer["id"]: layer for layer in stack}
        for part in parts:
            layer = by_key[part.layer_id]
            layer["remaining_quantity"] -= part.quantity
            layer["remaining_value"] -= part.value
            touched[layer["id"]] = layer
        open_layers[item] = [layer for layer in stack if layer["remaining_quantity"]]
        takes.append(parts)
        moves.append(
            {
                "kind": MoveKind.DELIVERY,
                "line_id": line["id"],
                "item_id": item,
                "warehouse_id": warehouse_id,
                "moved_on": on,
                "quantity": -line["quantity"],
                "value": -sum((part.value for part in parts), ZERO),
            }
        )
    written = insert_rows(session, StockMove, moves)
    consumed = insert_rows(
        session,
        Consumption,
        [
            {"move_id": move["id"], "layer_id": part.layer_id, "quantity": part.quantity, "value": part.value}
            for move, parts in zip(written, takes, strict=True)
            for part in parts
        ],
    )
    update_rows(session, CostLayer, list(touched.values()), "remaining_quantity", "remaining_value")
    return Movement(
        {move["line_id"]: -move["value"] for move in written}, [(StockMove, written), (Consumption, consumed)]
    )


def _open_layers(
    session: Session, item_ids: Sequence[int], warehouse_id: int, on: date
) -> dict[int, list[dict[str, Any]]]:
    query = (
        sa.select(_layers.c.id, _layers.c.item_id, _layers.c.remaining_quantity, _layers.c.remaining_value)
        .where(
            _layers.c.item_id.in_(sorted(set(item_ids))),
            _layers.c.warehouse_id == warehouse_id,
            _layers.c.remaining_quantity > 0,
            _layers.c.received_on <= on,
        )
        .order_by(_layers.c.item_id, _layers.c.received_on, _layers.c.id)
        .with_for_update(**LOCK)
    )
    stacks: dict[int, list[dict[str, Any]]] = {}
    for row in session.execute(query):
        stacks.setdefault(row.item_id, []).append(dict(row._mapping))
    return stacks


def bring_back(
    session: Session,
    lines: Sequence[Mapping[str, Any]],
    *,
    warehouse_id: int,
    on: date,
    digits: int,
    kind: MoveKind = MoveKind.RETURN,
) -> Movement:
    """Take returned lines (dicts with id, delivery_line_id, item_id, quantity) back into the layers they came from.

    Newest consumption first, at the value it was taken out with; the layers keep their old place in the queue. `kind`
    is a return, or a delivery that is reversed (then `id` is the delivery line's).

    Raises:
        OverQuantityError: more than was shipped; DateOrderError: see refuse_back_dated.
    """
    item_ids = [line["item_id"] for line in lines]
    locked_levels(session, item_ids, warehouse_id)
    refuse_back_dated(session, item_ids, warehouse_id, on)
    consumed = _consumed(session, [line["delivery_line_id"] for line in lines])
    moves, backs = [], []
    for line in lines:
        out_id, rows = consumed[line["delivery_line_id"]]
        left = sum((row.quantity - row.returned_quantity for row in rows), ZERO)
        if line["quantity"] > left:
            raise OverQuantityError(
                N_("{quantity} came back, but only {left} of this line is still with the customer."),
                quantity=line["quantity"],
                left=left,
            )
        parts = put_back(rows, line["quantity"], digits)
        backs.append(parts)
        moves.append(
            {
                "kind": kind,
                "line_id": line["id"],
                "item_id": line["item_id"],
                "warehouse_id": warehouse_id,
                "moved_on": on,
                "quantity": line["quantity"],
                "value": sum((part.value for part in parts), ZERO),
                "undoes_id": out_id,
            }
        )
    written = insert_rows(session, StockMove, moves)
    given = insert_rows(
        session,
        Consumption,
        [
            {"move_id": move["id"], "layer_id": part.layer_id, "quantity": -part.quantity, "value": -part.value}
            for move, parts in zip(written, backs, strict=True)
            for part in parts
        ],
    )
    gains: dict[int, tuple[Decimal, Decimal]] = {}
    for line in lines:
        gains[line["item_id"]] = (gains.get(line["item_id"], (ZERO, ZERO))[0] + line["quantity"], ZERO)
    change_levels(session, warehouse_id, gains)
    session.connection().execute(
        sa.update(_layers)
        .where(_layers.c.id == sa.bindparam("_id"))
        .values(
            remaining_quantity=_layers.c.remaining_quantity
            + sa.bindparam("_quantity", type_=_layers.c.remaining_quantity.type),
            remaining_value=_layers.c.remaining_value + sa.bindparam("_value", type_=_layers.c.remaining_value.type),
        ),
        [{"_id": part.layer_id, "_quantity": part.quantity, "_value": part.value} for parts in backs for part in parts],
    )
    return Movement({move["line_id"]: move["value"] for move in written}, [(StockMove, written), (Consumption, given)])


def _consumed(session: Session, delivery_line_ids: Sequence[int]) -> dict[int, tuple[int, list[Consumed]]]:
    """By delivery line: its outgoing move, and what that took from each layer less what came back since; in the order taken."""
    undone = _moves.alias("undone")
    back = _consumptions.alias("back")
    given_back = (
        sa.select(
            undone.c.undoes_id.label("move_id"),
            back.c.layer_id,
            sa.func.sum(back.c.quantity, type_=back.c.quantity.type).label("quantity"),
            sa.func.sum(back.c.value, type_=back.c.value.type).label("value"),
        )
        .join(back, back.c.move_id == undone.c.id)
        .where(undone.c.undoes_id.is_not(None))
        .where(
            undone.c.undoes_id.in_(
                sa.select(_moves.c.id).where(
                    _moves.c.kind == MoveKind.DELIVERY, _moves.c.line_id.in_(delivery_line_ids)
                )
            )
        )
        .group_by(undone.c.undoes_id, back.c.layer_id)
        .subquery()
    )
    query = (
        sa.select(
            _moves.c.line_id,
            _moves.c.id,
            _consumptions.c.layer_id,
            _consumptions.c.quantity,
            _consumptions.c.value,
            given_back.c.quantity,
            given_back.c.value,
        )
        .join(_consumptions, _consumptions.c.move_id == _moves.c.id)
        .join(_layers, _layers.c.id == _consumptions.c.layer_id)
        .outerjoin(
            given_back, sa.and_(given_back.c.move_id == _moves.c.id, given_back.c.layer_id == _consumptions.c.layer_id)
        )
        .where(_moves.c.kind == MoveKind.DELIVERY, _moves.c.line_id.in_(delivery_line_ids), _moves.c.quantity < 0)
        .order_by(_moves.c.id, _layers.c.received_on, _layers.c.id)
    )
    found: dict[int, tuple[int, list[Consumed]]] = {}
    for line_id, move_id, layer_id, quantity, value, back_quantity, back_value in session.execute(query):
        rows = found.setdefault(line_id, (move_id, []))[1]
        rows.append(Consumed(layer_id, quantity, value, -(back_quantity or ZERO), -(back_value or ZERO)))
    return found
