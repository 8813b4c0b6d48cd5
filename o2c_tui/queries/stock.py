"""Stock: what lies where and what it is worth, on any day; one item's card with its movements and who holds it.

Rule: docs/rules/stock.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col

from o2c_tui.errors import NotFoundError
from o2c_tui.models.base import AMOUNT, QUANTITY
from o2c_tui.models.delivery import CustomerReturn, CustomerReturnLine, Delivery, DeliveryLine
from o2c_tui.models.item import Item, Warehouse
from o2c_tui.models.order import Reservation, SalesOrder, SalesOrderLine
from o2c_tui.models.party import Party
from o2c_tui.models.purchase import CostShare, SupplierBill, SupplierReturn, SupplierReturnLine
from o2c_tui.models.receipt import GoodsReceipt, GoodsReceiptLine
from o2c_tui.models.stock import CostLayer, MoveKind, StockLevel, StockMove
from o2c_tui.models.warehouse import (
    StockAdjustment,
    StockAdjustmentLine,
    Stocktake,
    StocktakeLine,
    StockTransfer,
    StockTransferLine,
    TransferArrivalLine,
)
from o2c_tui.queries.incoming import incoming_now
from o2c_tui.queries.places import PlaceLine
from o2c_tui.queries.places import places as places_of
from o2c_tui.queries.reorder import Point, points
from o2c_tui.queries.waiting import back_ordered
from o2c_tui.storage.rows import in_table_order, table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)
_levels, _moves, _layers = table_of(StockLevel), table_of(StockMove), table_of(CostLayer)


@dataclass(frozen=True)
class StockLine:
    """One item in one warehouse; `value` is what its layers are worth."""

    item_id: int
    code: str
    name: str
    unit: str
    warehouse: str
    on_hand: Decimal
    reserved: Decimal
    available: Decimal
    value: Decimal
    warehouse_id: int


def availability(session: Session) -> list[tuple[int, int, Decimal, Decimal, Decimal]]:
    """Every item in every warehouse: (item, warehouse, on hand, reserved, available)."""
    query = sa.select(_levels.c.item_id, _levels.c.warehouse_id, _levels.c.on_hand, _levels.c.reserved)
    return [(item, place, there, held, there - held) for item, place, there, held in session.execute(query)]


def stock_on(session: Session, *, as_of: date | None = None) -> list[StockLine]:
    """Stock and its value by item and warehouse: now, or as it was on a past day (reserved is known for now only)."""
    if as_of is None:
        worth = (
            sa.select(_layers.c.item_id, _layers.c.warehouse_id, sa.func.sum(_layers.c.remaining_value).label("value"))
            .where(_layers.c.remaining_quantity > 0)
            .group_by(_layers.c.item_id, _layers.c.warehouse_id)
            .subquery()
        )
        there = sa.select(
            _levels.c.item_id,
            _levels.c.warehouse_id,
            _levels.c.on_hand.label("on_hand"),
            _levels.c.reserved.label("reserved"),
            sa.func.coalesce(worth.c.value, 0).label("value"),
        ).outerjoin(
            worth, sa.and_(worth.c.item_id == _levels.c.item_id, worth.c.warehouse_id == _levels.c.warehouse_id)
        )
    else:
        of = in_table_order(_moves.c.item_id)
        there = (
            sa.select(
                of.label("item_id"),
                _moves.c.warehouse_id,
                sa.func.sum(_moves.c.quantity).label("on_hand"),
                sa.literal(0).label("reserved"),
                sa.func.sum(_moves.c.value).label("value"),
            )
            .where(_moves.c.moved_on <= as_of)
            .group_by(of, _moves.c.warehouse_id)
        )
    stock = there.subquery()
    query = (
        sa.select(
            col(Item.id),
            col(Item.code),
            col(Item.name),
            col(Item.unit),
            col(Warehouse.code),
            sa.type_coerce(stock.c.on_hand, QUANTITY),
            sa.type_coerce(stock.c.reserved, QUANTITY),
            sa.type_coerce(stock.c.on_hand - stock.c.reserved, QUANTITY),
            sa.type_coerce(stock.c.value, AMOUNT),
            col(Warehouse.id),
        )
        .join(Item, col(Item.id) == stock.c.item_id)
        .join(Warehouse, col(Warehouse.id) == stock.c.warehouse_id)
        .order_by(col(Item.code), col(Warehouse.code))
    )
    return [StockLine(*row) for row in session.execute(query)]


@dataclass(frozen=True)
class Move:
    """One movement on an item's card; `balance` is on hand after it, over the card's warehouses."""

    id: int
    on: date
    kind: str
    document_kind: str
    document_id: int
    number: str
    party: str
    warehouse: str
    quantity: Decimal
    value: Decimal
    balance: Decimal


@dataclass(frozen=True)
class Held:
    """A reservation on an item's card."""

    order_id: int
    number: str
    customer: str
    warehouse: str
    quantity: Decimal
    promised_on: date | None


@dataclass(frozen=True)
class Layer:
    """An open cost layer, oldest first."""

    received_on: date
    warehouse: str
    quantity: Decimal
    value: Decimal


@dataclass(frozen=True)
class StockCard:
    """All about one item's stock: by place, its newest movements, its reservations, its layers and who waits."""

    item_id: int
    code: str
    name: str
    unit: str
    kind: str
    sale_price: Decimal
    places: tuple[StockLine, ...]
    moves: tuple[Move, ...]
    held: tuple[Held, ...]
    layers: tuple[Layer, ...]
    waiting: Decimal  # back-ordered on confirmed orders
    bins: tuple[PlaceLine, ...] = ()  # where what lies, if any of it lies in bins or has lots
    incoming: Decimal = ZERO  # ordered from suppliers, or under way here
    points: tuple[Point, ...] = ()  # where a reorder point holds


def card(session: Session, item_id: int, *, moves: int = 50) -> StockCard:
    """One item's stock card.

    Raises:
        NotFoundError: there is no such item.
    """
    item = session.get(Item, item_id)
    if item is None:
        raise NotFoundError(N_("There is no {kind_word} with the key {key}."), kind_word=N_("item"), key=item_id)
    warehouses = {key: code for key, code in session.execute(sa.select(col(Warehouse.id), col(Warehouse.code)))}
    worth = (
        sa.select(sa.func.coalesce(sa.func.sum(_layers.c.remaining_value), 0))
        .where(
            _layers.c.item_id == item_id,
            _layers.c.warehouse_id == _levels.c.warehouse_id,
            _layers.c.remaining_quantity > 0,
        )
        .scalar_subquery()
    )
    levels = session.execute(
        sa.select(_levels.c.warehouse_id, _levels.c.on_hand, _levels.c.reserved, sa.type_coerce(worth, AMOUNT)).where(
            _levels.c.item_id == item_id
        )
    ).all()
    places = tuple(
        StockLine(item.id, item.code, item.name, item.unit, warehouses[w], on_hand, held, on_hand - held, value, w)
        for w, on_hand, held, value in levels
    )
    layers = session.execute(
        sa.select(
            _layers.c.received_on, _layers.c.warehouse_id, _layers.c.remaining_quantity, _layers.c.remaining_value
        )
        .where(_layers.c.item_id == item_id, _layers.c.remaining_quantity > 0)
        .order_by(_layers.c.received_on, _layers.c.id)
    )
    return StockCard(
        item.id,
        item.code,
        item.name,
        item.unit,
        str(item.kind),
        item.sale_price,
        places,
        _moves_of(
            session, item_id, warehouses, [row[0] for row in levels], sum((p.on_hand for p in places), ZERO), moves
        ),
        _held(session, item_id, warehouses),
        tuple(Layer(on, warehouses[w], quantity, value) for on, w, quantity, value in layers),
        back_ordered(session, item_id),
        _bins(session, item_id),
        sum(incoming_now(session, item_ids=[item_id]).values(), ZERO),
        tuple(points(session, item_id)),
    )


def _bins(session: Session, item_id: int) -> tuple[PlaceLine, ...]:
    found = places_of(session, item_id=item_id)
    return tuple(found) if any(line.location or line.lot for line in found) else ()


def _held(session: Session, item_id: int, warehouses: dict[int, str]) -> tuple[Held, ...]:
    query = (
        sa.select(
            col(SalesOrder.id),
            col(SalesOrder.number),
            col(Party.name),
            col(Reservation.warehouse_id),
            col(Reservation.quantity),
            col(SalesOrder.promised_on),
        )
        .join(SalesOrderLine, col(SalesOrderLine.id) == col(Reservation.order_line_id))
        .join(SalesOrder, col(SalesOrder.id) == col(SalesOrderLine.order_id))
        .join(Party, col(Party.id) == col(SalesOrder.customer_id))
        .where(col(Reservation.item_id) == item_id)
        .order_by(col(SalesOrder.id))
    )
    return tuple(
        Held(key, number, name, warehouses[w], quantity, promised)
        for key, number, name, w, quantity, promised in session.execute(query)
    )


_SOURCES: dict[
    MoveKind, tuple[str, type[SQLModel], type[SQLModel], str]
] = {  # kind of move → (kind of document, its model, the line's model, the line's parent column)
    MoveKind.RECEIPT: ("receipt", GoodsReceipt, GoodsReceiptLine, "receipt_id"),
    MoveKind.DELIVERY: ("delivery", Delivery, DeliveryLine, "delivery_id"),
    MoveKind.RETURN: ("return", CustomerReturn, CustomerReturnLine, "return_id"),
    MoveKind.SUPPLIER_RETURN: ("supplier_return", SupplierReturn, SupplierReturnLine, "return_id"),
    MoveKind.REVALUATION: ("bill", SupplierBill, CostShare, "bill_id"),
    MoveKind.DISPATCH: ("transfer", StockTransfer, StockTransferLine, "transfer_id"),
    MoveKind.COUNT: ("stocktake", Stocktake, StocktakeLine, "stocktake_id"),
    MoveKind.ADJUSTMENT: ("adjustment", StockAdjustment, StockAdjustmentLine, "adjustment_id"),
}


def _arrivals(session: Session, line_ids: Sequence[int]) -> dict[tuple[str, int], tuple[str, int, str, str]]:
    """The transfers behind arrivals, by (kind of move, line of the arrival)."""
    if not line_ids:
        return {}
    query = (
        sa.select(col(TransferArrivalLine.id), col(StockTransfer.id), col(StockTransfer.number))
        .join(StockTransferLine, col(StockTransferLine.id) == col(TransferArrivalLine.transfer_line_id))
        .join(StockTransfer, col(StockTransfer.id) == col(StockTransferLine.transfer_id))
        .where(col(TransferArrivalLine.id).in_(line_ids))
    )
    return {(MoveKind.ARRIVAL, line): ("transfer", key, number, "") for line, key, number in session.execute(query)}


def lines_moved(session: Session, kind: str, key: int) -> list[tuple[MoveKind, list[int]]]:
    """By kind of movement: the lines of a document that moved stock."""
    found = []
    for move, (word, _model, line_model, parent) in _SOURCES.items():
        if word == kind:
            lines = table_of(line_model)
            found.append((move, list(session.execute(sa.select(lines.c.id).where(lines.c[parent] == key)).scalars())))
    if kind == "transfer":
        query = (
            sa.select(col(TransferArrivalLine.id))
            .join(StockTransferLine, col(StockTransferLine.id) == col(TransferArrivalLine.transfer_line_id))
            .where(col(StockTransferLine.transfer_id) == key)
        )
        found.append((MoveKind.ARRIVAL, list(session.execute(query).scalars())))
    return found


def documents_of_moves(session: Session, moves: Sequence[Any]) -> dict[tuple[str, int], tuple[str, int, str, str]]:
    """The documents behind movements (rows with `kind` and `line_id`): by these two, its kind, key, number and party."""
    named: dict[tuple[str, int], tuple[str, int, str, str]] = {}
    for kind, (word, model, line_model, parent) in _SOURCES.items():
        ids = [move.line_id for move in moves if move.kind == kind]
        if not ids:
            continue
        head, lines = table_of(model), table_of(line_model)
        party: Any = next((head.c[name] for name in ("supplier_id", "customer_id") if name in head.c), None)
        query = sa.select(lines.c.id, head.c.id, head.c.number, col(Party.name) if party is not None else sa.null())
        query = query.join(head, head.c.id == lines.c[parent]).where(lines.c.id.in_(ids))
        if party is not None:
            query = query.outerjoin(Party, col(Party.id) == party)
        for line_id, key, number, name in session.execute(query):
            named[kind, line_id] = (word, key, number or "", name or "")
    named |= _arrivals(session, [move.line_id for move in moves if move.kind is MoveKind.ARRIVAL])
    return named


_NEWEST = (
    sa.select(_moves)
    .where(_moves.c.item_id == sa.bindparam("item"), _moves.c.warehouse_id == sa.bindparam("place"))
    .order_by(_moves.c.moved_on.desc(), _moves.c.id.desc())
    .limit(sa.bindparam("most"))
)


def _moves_of(
    session: Session,
    item_id: int,
    warehouses: dict[int, str],
    places: Sequence[int],
    on_hand: Decimal,
    limit: int,
) -> tuple[Move, ...]:
    """The newest movements, newest first, with the balance after each."""
    found = [
        move
        for place in places  # one after the other: so each is read from its end, however many moves there are
        for move in session.execute(_NEWEST, {"item": item_id, "place": place, "most": limit})
    ]
    newest = sorted(found, key=lambda move: (move.moved_on, move.id), reverse=True)[:limit]
    named = documents_of_moves(session, newest)
    moves, balance = [], on_hand
    for move in newest:
        word, key, number, name = named[move.kind, move.line_id]
        moves.append(
            Move(
                move.id,
                move.moved_on,
                str(move.kind),
                word,
                key,
                number,
                name,
                warehouses[move.warehouse_id],
                move.quantity,
                move.value,
                balance,
            )
        )
        balance -= move.quantity
    return tuple(moves)
