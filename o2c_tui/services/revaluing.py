"""A later cost of received goods: raised on the layers that hold them, posted as cost now for what is gone.

The goods of a receipt are followed into the layers that transfers made of them. What is written for one share of cost:
a revaluation in each warehouse the goods came to (a move without quantity), a consumption without quantity for each
layer that is worth another amount since, and a variance for each move that had taken goods out.

Rule: docs/rules/fifo.md, "Later costs".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.models.ledger import AccountRole
from o2c_tui.models.stock import Consumption, CostLayer, CostVariance, MoveKind, StockMove
from o2c_tui.rules.revaluing import Where, spread
from o2c_tui.services.costing import change_layers
from o2c_tui.services.posting import Facts
from o2c_tui.services.reserving import locked_levels
from o2c_tui.storage.rows import LOCK, insert_rows, table_of

ZERO = Decimal(0)
CARRIED = (MoveKind.DISPATCH, MoveKind.ARRIVAL)  # what these take out of a layer lies in layers of its own
SOLD = (MoveKind.DELIVERY, MoveKind.SUPPLIER_RETURN)  # gone for a sale or back: cost of sales; else a stock difference
_layers, _moves, _taken = table_of(CostLayer), table_of(StockMove), table_of(Consumption)


@dataclass(frozen=True)
class Cost:
    """An amount that is added to (or taken off) the cost of one receipt line's goods, in the company's currency."""

    share_id: int
    receipt_line_id: int
    amount: Decimal


@dataclass
class Revalued:
    """What became of some costs: by share what went onto layers and what was posted as cost, by account the latter.

    `rest` is what no layer could bear, though nothing of the goods is gone: more was taken off than they are worth.
    """

    to_stock: dict[int, Decimal] = field(default_factory=dict)
    to_cost: dict[int, Decimal] = field(default_factory=dict)
    by_role: dict[AccountRole, Decimal] = field(default_factory=dict)
    facts: Facts = field(default_factory=list)
    rest: Decimal = ZERO


@dataclass
class _Goods:
    """Where the goods of one receipt line are now."""

    item_id: int
    came_by: int  # the receipt's move
    layer_id: int  # its layer
    parts: list[Where]
    places: dict[int, int]  # layer → warehouse


def earliest_day(session: Session, receipt_line_ids: Sequence[int]) -> date | None:
    """The earliest day on which all that is here of some receipt lines can be revalued: it had arrived by then, and
    nothing of it was revalued later."""
    tree = _tree(session, receipt_line_ids)
    keys = [row["id"] for rows in tree.values() for row in rows]
    days = [row["arrived_on"] or row["received_on"] for rows in tree.values() for row in rows]
    query = (
        sa.select(sa.func.max(_moves.c.moved_on, type_=sa.Date))
        .join(_taken, _taken.c.move_id == _moves.c.id)
        .where(_moves.c.kind == MoveKind.REVALUATION, _taken.c.layer_id.in_(keys))
    )
    again = session.execute(query).scalar()
    return max([*days, *([again] if again else [])], default=None)


def revalue(session: Session, costs: Sequence[Cost], *, on: date, digits: int) -> Revalued:
    """Put later costs where the goods are; see the module's text. Nothing moves, so nothing can be short."""
    told = [cost for cost in costs if cost.amount]
    done = Revalued()
    if not told:
        return done
    goods = _goods(session, [cost.receipt_line_id for cost in told])
    values = {part.layer_id: part.value for mine in goods.values() for part in mine.parts if part.gone_by is None}
    kinds = _kinds(session, {part.gone_by for mine in goods.values() for part in mine.parts if part.gone_by})
    moves, consumed, variances = [], [], []
    for cost in told:
        mine = goods[cost.receipt_line_id]
        parts = [
            Where(part.layer_id, part.quantity, values[part.layer_id]) if part.gone_by is None else part
            for part in mine.parts
        ]
        shares, rest = spread(cost.amount, parts, digits)
        if rest:  # traced to the receipt itself
            parts, shares = [*parts, Where(mine.layer_id, ZERO, gone_by=mine.came_by)], [*shares, rest]
            done.rest += rest
        done.to_stock[cost.share_id] = done.to_cost[cost.share_id] = ZERO
        for place, chosen in _by_place(mine, parts, shares).items():
            stays = [(part, share) for part, share in chosen if part.gone_by is None and share]
            moves.append(_move(cost, mine.item_id, place, on, sum((share for _, share in stays), ZERO)))
            consumed.append([{"layer_id": p.layer_id, "quantity": ZERO, "value": -share} for p, share in stays])
            variances.append(
                [
                    {"layer_id": p.layer_id, "source_move_id": p.gone_by, "amount": share}
                    for p, share in chosen
                    if p.gone_by is not None and share
                ]
            )
            for part, share in stays:
                values[part.layer_id] += share
        _count(done, cost, parts, shares, kinds)
    written = insert_rows(session, StockMove, moves)

    def of_moves(rows: Sequence[Sequence[dict[str, Any]]]) -> list[dict[str, Any]]:
        return [{**row, "move_id": m["id"]} for m, mine in zip(written, rows, strict=True) for row in mine]

    taken = insert_rows(session, Consumption, of_moves(consumed))
    gone = insert_rows(session, CostVariance, of_moves(variances))
    change_layers(session, [(row["layer_id"], ZERO, -row["value"]) for row in taken])
    done.facts = [(StockMove, written), (Consumption, taken), (CostVariance, gone)]
    return done


def _by_place(
    goods: _Goods, parts: Sequence[Where], shares: Sequence[Decimal]
) -> dict[int, list[tuple[Where, Decimal]]]:
    """By warehouse: what was done to the layers there; the receipt's own comes always."""
    found: dict[int, list[tuple[Where, Decimal]]] = {goods.places[goods.layer_id]: []}
    for part, share in zip(parts, shares, strict=True):
        if share:
            found.setdefault(goods.places[part.layer_id], []).append((part, share))
    return found


def _move(cost: Cost, item_id: int, place: int, on: date, value: Decimal) -> dict[str, Any]:
    return {
        "kind": MoveKind.REVALUATION,
        "line_id": cost.share_id,
        "item_id": item_id,
        "warehouse_id": place,
        "moved_on": on,
        "quantity": ZERO,
        "value": value,
    }


def _count(
    done: Revalued, cost: Cost, parts: Sequence[Where], shares: Sequence[Decimal], kinds: Mapping[int, MoveKind]
) -> None:
    for part, share in zip(parts, shares, strict=True):
        if part.gone_by is None:
            done.to_stock[cost.share_id] += share
            continue
        sold = kinds.get(part.gone_by) in SOLD
        role = AccountRole.COST_OF_SALES if sold else AccountRole.STOCK_DIFFERENCES
        done.to_cost[cost.share_id] += share
        done.by_role[role] = done.by_role.get(role, ZERO) + share


def _kinds(session: Session, move_ids: Iterable[int]) -> dict[int, MoveKind]:
    query = sa.select(_moves.c.id, _moves.c.kind).where(_moves.c.id.in_(sorted(move_ids)))
    return {row.id: row.kind for row in session.execute(query)}


# -- where the goods are -----------------------------------------------------------------------------------------------


def _tree(session: Session, receipt_line_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """By receipt line: its layer, then those that transfers made of it, and of those in turn."""
    query = (
        sa.select(_moves.c.line_id.label("root"), _moves.c.kind, _moves.c.line_id, _layers)
        .join(_layers, _layers.c.move_id == _moves.c.id)
        .where(_moves.c.kind == MoveKind.RECEIPT, _moves.c.line_id.in_(sorted(set(receipt_line_ids))))
    )
    found: dict[int, list[dict[str, Any]]] = {}
    newest = [dict(row._mapping) for row in session.execute(query)]
    while newest:
        roots = {}
        for layer in newest:
            found.setdefault(layer["root"], []).append(layer)
            roots[layer["id"]] = layer["root"]
        query = (
            sa.select(_moves.c.kind, _moves.c.line_id, _layers)
            .join(_layers, _layers.c.move_id == _moves.c.id)
            .where(_layers.c.origin_id.in_(sorted(roots)))
        )
        newest = [{**row._mapping, "root": roots[row.origin_id]} for row in session.execute(query)]
    return found


def own_layers(session: Session, receipt_line_ids: Sequence[int], warehouse_id: int) -> dict[int, frozenset[int]]:
    """By receipt line: the layers in one warehouse that hold what came by it."""
    return {
        root: frozenset(layer["id"] for layer in rows if layer["warehouse_id"] == warehouse_id)
        for root, rows in _tree(session, receipt_line_ids).items()
    }


def _goods(session: Session, receipt_line_ids: Sequence[int]) -> dict[int, _Goods]:
    """Where the goods of receipt lines are, their layers locked in the order in which deliveries lock them."""
    tree = _tree(session, receipt_line_ids)
    for place in sorted({layer["warehouse_id"] for rows in tree.values() for layer in rows}):
        items = {layer["item_id"] for rows in tree.values() for layer in rows if layer["warehouse_id"] == place}
        locked_levels(session, items, place)
    tree = _tree(session, receipt_line_ids)  # as it is now that nobody else can move them
    keys = sorted(layer["id"] for rows in tree.values() for layer in rows)
    there = {
        row.id: row
        for row in session.execute(
            sa.select(_layers.c.id, _layers.c.remaining_quantity, _layers.c.remaining_value)
            .where(_layers.c.id.in_(keys))
            .order_by(_layers.c.item_id, _layers.c.received_on, _layers.c.id)
            .with_for_update(**LOCK)
        )
    }
    gone = _gone(session, keys)
    goods = {}
    for root, rows in tree.items():
        carried = {(layer["origin_id"], layer["kind"], layer["line_id"]) for layer in rows[1:]}
        parts = []
        for layer in rows:
            now = there[layer["id"]]
            if now.remaining_quantity:
                parts.append(Where(layer["id"], now.remaining_quantity, now.remaining_value))
            parts += [
                Where(layer["id"], quantity, gone_by=move)
                for move, kind, line, quantity in gone.get(layer["id"], ())
                if kind not in CARRIED and (layer["id"], kind, line) not in carried
            ]
        first = rows[0]
        places = {layer["id"]: layer["warehouse_id"] for layer in rows}
        goods[root] = _Goods(first["item_id"], first["move_id"], first["id"], parts, places)
    return goods


def _gone(session: Session, layer_ids: Sequence[int]) -> dict[int, list[tuple[int, MoveKind, int, Decimal]]]:
    """By layer: which moves took how much out of it, less what came back of it since; in the order taken."""
    origin = sa.func.coalesce(_moves.c.undoes_id, _moves.c.id)
    net = (
        sa.select(
            _taken.c.layer_id,
            origin.label("move_id"),
            sa.func.sum(_taken.c.quantity, type_=_taken.c.quantity.type).label("quantity"),
        )
        .join(_moves, _moves.c.id == _taken.c.move_id)
        .where(_taken.c.layer_id.in_(layer_ids), _moves.c.kind != MoveKind.REVALUATION)
        .group_by(_taken.c.layer_id, origin)
        .subquery()
    )
    query = (
        sa.select(net.c.layer_id, _moves.c.id, _moves.c.kind, _moves.c.line_id, net.c.quantity)
        .join(_moves, _moves.c.id == net.c.move_id)
        .where(net.c.quantity > 0)
        .order_by(_moves.c.id)
    )
    found: dict[int, list[tuple[int, MoveKind, int, Decimal]]] = {}
    for layer, *row in session.execute(query):
        found.setdefault(layer, []).append((row[0], row[1], row[2], row[3]))
    return found
