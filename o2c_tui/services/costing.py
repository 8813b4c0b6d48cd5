"""FIFO cost: goods in make a layer, goods out consume the oldest, what comes back goes into the layers it had left.

Rule: docs/rules/fifo.md. The arithmetic is in rules/fifo.py; this module reads layers and writes moves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.errors import DateOrderError, OverQuantityError
from o2c_tui.models.base import PRICE
from o2c_tui.models.item import Item
from o2c_tui.models.stock import Consumption, CostLayer, MoveKind, StockLevel, StockMove
from o2c_tui.models.warehouse import Stocktake, StocktakeLine, StocktakeState
from o2c_tui.money import round_to
from o2c_tui.queries.lookups import items_by_id
from o2c_tui.queries.places import still_out
from o2c_tui.rules.fifo import Consumed, Layer, Take, consume, put_back
from o2c_tui.rules.picking import Part, Parts, spread
from o2c_tui.services.placing import parts_back, places_in, places_out, write_places
from o2c_tui.services.posting import Facts
from o2c_tui.services.reserving import change_levels, locked_levels, short_of
from o2c_tui.storage.rows import LOCK, insert_rows, table_of, update_rows
from o2c_tui.texts import N_

ZERO = Decimal(0)
_layers = table_of(CostLayer)
_moves = table_of(StockMove)
_consumptions = table_of(Consumption)
_arrived = sa.func.coalesce(_layers.c.arrived_on, _layers.c.received_on)


@dataclass(frozen=True)
class In:
    """Goods of one line that come in, in stock units, worth `value` in the company's currency."""

    line_id: int
    item_id: int
    quantity: Decimal
    value: Decimal
    estimated: bool = False
    received_on: date | None = None  # of goods that bring their date with them; none: the day of the move
    origin_id: int | None = None  # the layer they were taken from
    places: Parts = ()  # bins and lots they are put into
    field: str = ""


@dataclass(frozen=True)
class Out:
    """Goods of one line that go out, in stock units; `first` are layers to be taken before the oldest."""

    line_id: int
    item_id: int
    quantity: Decimal
    field: str = ""
    first: frozenset[int] = frozenset()
    only: bool = False  # none but `first`
    places: Parts = ()  # bins and lots they are taken from; what is not said is taken from where it lies
    picking: int | None = None  # the delivery that takes them: it may leave the choice of lots
    exact: bool = False  # none but `places`; a part without a bin is taken from what lies in none


@dataclass(frozen=True)
class Back:
    """What comes back of one delivery line: `quantity` of the `shipped` that it was, in the line's unit."""

    line_id: int
    delivery_line_id: int
    quantity: Decimal
    shipped: Decimal
    places: Mapping[int, Parts] = field(default_factory=dict)  # by item: the bins and lots they are put into
    field: str = ""


@dataclass(frozen=True)
class Movement:
    """What the stock did for some lines: the value by line id, and the rows written, for the audit entry.

    `takes` tells of goods that went out what each line took from which layer, and of goods that came back what each put
    into which; `placed` from (or into) which bins and lots, in the same order.
    """

    values: dict[int, Decimal]
    facts: Facts
    takes: tuple[tuple[Out, tuple[Take, ...]], ...] = ()
    placed: tuple[Parts, ...] = ()


def _summed(moves: Iterable[Mapping[str, Any]], sign: int) -> dict[int, Decimal]:
    values: dict[int, Decimal] = {}
    for move in moves:
        values[move["line_id"]] = values.get(move["line_id"], ZERO) + sign * move["value"]
    return values


def refuse_back_dated(
    session: Session, item_ids: Iterable[int], warehouse_id: int, on: date, *, out: bool = False
) -> None:
    """Refuse a move dated before stock of the same item left this warehouse: past costs are never rewritten.

    A move `out` is refused before a later return too, since what came back then lies in layers of an earlier day, and
    before a later revaluation, since layers are worth something else now.

    Raises:
        DateOrderError: names the item and the later day.
    """
    bars = _moves.c.quantity < 0
    if out:
        bars = sa.or_(bars, _moves.c.kind.in_((MoveKind.RETURN, MoveKind.REVALUATION)))
    later = session.execute(
        sa.select(_moves.c.item_id, _moves.c.moved_on, _moves.c.quantity, _moves.c.kind)
        .where(
            _moves.c.item_id.in_(sorted(set(item_ids))),
            _moves.c.warehouse_id == warehouse_id,
            _moves.c.moved_on > on,
            bars,
        )
        .order_by(_moves.c.moved_on.desc())
        .limit(1)
    ).one_or_none()
    if later is not None:
        template = N_("{item} came back to this warehouse on {later}; stock cannot leave on {on} any more.")
        if later.quantity < ZERO:
            template = N_("{item} left this warehouse on {later} already; stock cannot move on {on} any more.")
        elif later.kind == MoveKind.REVALUATION:
            template = N_("{item} was billed at another cost on {later}; stock cannot leave on {on} any more.")
        code = session.execute(sa.select(col(Item.code)).where(col(Item.id) == later[0])).scalar_one()
        raise DateOrderError(
            template,
            field="date",
            item=code,
            later=str(later.moved_on),
            on=on.isoformat(),
        )


def refuse_before_count(session: Session, item_ids: Iterable[int], warehouse_id: int, on: date) -> None:
    """Refuse a move dated before a posted count of the item: the count had seen what was there.

    Raises:
        DateOrderError: names the item and the day of the count.
    """
    later = session.execute(
        sa.select(col(Item.code), col(Stocktake.counted_on))
        .select_from(Stocktake)
        .join(StocktakeLine, col(StocktakeLine.stocktake_id) == col(Stocktake.id))
        .join(Item, col(Item.id) == col(StocktakeLine.item_id))
        .where(
            col(Stocktake.warehouse_id) == warehouse_id,
            col(Stocktake.state) == StocktakeState.POSTED,
            col(Stocktake.counted_on) > on,
            col(StocktakeLine.item_id).in_(sorted(set(item_ids))),
            col(StocktakeLine.counted).is_not(None),
        )
        .order_by(col(Stocktake.counted_on).desc())
        .limit(1)
    ).one_or_none()
    if later is not None:
        raise DateOrderError(
            N_("{item} was counted here on {later}; stock cannot move on {on} any more."),
            field="date",
            item=later.code,
            later=later.counted_on.isoformat(),
            on=on.isoformat(),
        )


def take_in(session: Session, lines: Sequence[In], *, kind: MoveKind, warehouse_id: int, on: date) -> Movement:
    """Take goods into a warehouse: a move and a cost layer each, put into the bins and lots they say.

    Raises:
        DateOrderError: see refuse_back_dated and refuse_before_count.
        MissingValueError, BadValueError, DuplicateError: see placing.places_in.
    """
    item_ids = [line.item_id for line in lines]
    levels = locked_levels(session, item_ids, warehouse_id)
    refuse_back_dated(session, item_ids, warehouse_id, on)
    refuse_before_count(session, item_ids, warehouse_id, on)
    placed = places_in(session, lines)
    _make_levels(session, [item for item in levels if not _has_level(session, item, warehouse_id)], warehouse_id)
    gains: dict[int, tuple[Decimal, Decimal]] = {}
    for line in lines:
        gains[line.item_id] = (gains.get(line.item_id, (ZERO, ZERO))[0] + line.quantity, ZERO)
    change_levels(session, warehouse_id, gains)
    moves = insert_rows(
        session,
        StockMove,
        [
            {
                "kind": kind,
                "line_id": line.line_id,
                "item_id": line.item_id,
                "warehouse_id": warehouse_id,
                "moved_on": on,
                "quantity": line.quantity,
                "value": line.value,
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
                "item_id": line.item_id,
                "warehouse_id": warehouse_id,
                "received_on": line.received_on or on,
                "arrived_on": on if line.received_on is not None and line.received_on != on else None,
                "origin_id": line.origin_id,
                "quantity": line.quantity,
                "value": line.value,
                "estimated": line.estimated,
                "remaining_quantity": line.quantity,
                "remaining_value": line.value,
            }
            for line, move in zip(lines, moves, strict=True)
        ],
    )
    facts: Facts = [(StockMove, moves), (CostLayer, layers), *write_places(session, moves, placed)]
    return Movement(_summed(moves, 1), facts, placed=tuple(placed))


def _has_level(session: Session, item_id: int, warehouse_id: int) -> bool:
    return session.get(StockLevel, (item_id, warehouse_id)) is not None


def _make_levels(session: Session, item_ids: Sequence[int], warehouse_id: int) -> None:
    insert_rows(session, StockLevel, [{"item_id": item, "warehouse_id": warehouse_id} for item in item_ids])


def take_out(
    session: Session,
    lines: Sequence[Out],
    *,
    kind: MoveKind,
    warehouse_id: int,
    on: date,
    digits: int,
    released: Mapping[int, Decimal] | None = None,
) -> Movement:
    """Take goods out of a warehouse: its oldest layers are consumed.

    A line may take what is available; `released` is by item what reservations these lines use up beside. Values rounded
    to `digits` of the company's currency.

    Raises:
        ShortStockError: names the item, what was wanted, what is available and who holds the rest; or a bin or lot that
        holds less than was to be taken from it.
        DateOrderError: see refuse_back_dated and refuse_before_count.
        MissingValueError, BadValueError: see placing.places_out.
    """
    released = released or {}
    item_ids = [line.item_id for line in lines]
    levels = locked_levels(session, item_ids, warehouse_id)
    refuse_back_dated(session, item_ids, warehouse_id, on, out=True)
    refuse_before_count(session, item_ids, warehouse_id, on)
    wanted: dict[int, Decimal] = {}
    free = {item: level.available + released.get(item, ZERO) for item, level in levels.items()}
    for line in lines:
        item = line.item_id
        wanted[item] = wanted.get(item, ZERO) + line.quantity
        if wanted[item] > free[item]:
            raise short_of(session, item, warehouse_id, wanted[item], free[item], field=line.field)
    placed = places_out(session, lines, warehouse_id, {item: level.on_hand for item, level in levels.items()}, on)
    change_levels(session, warehouse_id, {item: (-part, -released.get(item, ZERO)) for item, part in wanted.items()})
    open_layers = _open_layers(session, item_ids, warehouse_id, on)
    moves, takes, touched = [], [], {}
    for line in lines:
        stack = open_layers.get(line.item_id, [])
        if line.first:
            mine = [layer for layer in stack if layer["id"] in line.first]
            stack = mine if line.only else mine + [layer for layer in stack if layer["id"] not in line.first]
        there = sum((layer["remaining_quantity"] for layer in stack), ZERO)
        if there < line.quantity:  # received later than this day
            raise short_of(session, line.item_id, warehouse_id, line.quantity, there, field=line.field)
        parts = consume(
            [Layer(x["id"], x["remaining_quantity"], x["remaining_value"]) for x in stack], line.quantity, digits
        )
        by_key = {layer["id"]: layer for layer in stack}
        for part in parts:
            layer = by_key[part.layer_id]
            layer["remaining_quantity"] -= part.quantity
            layer["remaining_value"] -= part.value
            touched[layer["id"]] = layer
        open_layers[line.item_id] = [x for x in open_layers.get(line.item_id, []) if x["remaining_quantity"]]
        takes.append(parts)
        moves.append(
            {
                "kind": kind,
                "line_id": line.line_id,
                "item_id": line.item_id,
                "warehouse_id": warehouse_id,
                "moved_on": on,
                "quantity": -line.quantity,
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
    facts: Facts = [(StockMove, written), (Consumption, consumed), *write_places(session, written, placed)]
    return Movement(_summed(written, -1), facts, tuple(zip(lines, takes, strict=True)), tuple(placed))


def _open_layers(
    session: Session, item_ids: Iterable[int], warehouse_id: int, on: date
) -> dict[int, list[dict[str, Any]]]:
    query = (
        sa.select(_layers.c.id, _layers.c.item_id, _layers.c.remaining_quantity, _layers.c.remaining_value)
        .where(
            _layers.c.item_id.in_(sorted(set(item_ids))),
            _layers.c.warehouse_id == warehouse_id,
            _layers.c.remaining_quantity > 0,
            _arrived <= on,
        )
        .order_by(_layers.c.item_id, _layers.c.received_on, _layers.c.id)
        .with_for_update(**LOCK)
    )
    stacks: dict[int, list[dict[str, Any]]] = {}
    for row in session.execute(query):
        stacks.setdefault(row.item_id, []).append(dict(row._mapping))
    return stacks


def carry_over(
    session: Session,
    lines: Sequence[Out],
    *,
    kind: MoveKind,
    source_id: int,
    target_id: int,
    bins: Mapping[int, int] | None = None,
    on: date,
    digits: int,
) -> Movement:
    """Move goods between two warehouses: what leaves the layers of the source makes layers of the same dates and values
    at the target. Their lots go with them; `bins` says by line id which bin of the target they are put into.

    Raises:
        ShortStockError, DateOrderError: see take_out and take_in.
    """
    gone = take_out(session, lines, kind=kind, warehouse_id=source_id, on=on, digits=digits)
    layer_ids = sorted({part.layer_id for _, parts in gone.takes for part in parts})
    known = {
        row.id: row
        for row in session.execute(
            sa.select(_layers.c.id, _layers.c.received_on, _layers.c.estimated).where(_layers.c.id.in_(layer_ids))
        )
    }
    ins = []
    for (line, parts), placed in zip(gone.takes, gone.placed, strict=True):
        home = (bins or {}).get(line.line_id, 0)
        lots = [Part(home, p.lot_id, p.quantity) for p in placed if p.lot_id]
        whole = lots or ([Part(home, 0, line.quantity)] if home else [])
        for part, places in zip(parts, spread(whole, [part.quantity for part in parts]), strict=True):
            ins.append(
                In(
                    line.line_id,
                    line.item_id,
                    part.quantity,
                    part.value,
                    estimated=known[part.layer_id].estimated,
                    received_on=known[part.layer_id].received_on,
                    origin_id=part.layer_id,
                    places=places,
                    field=line.field,
                )
            )
    come = take_in(session, ins, kind=kind, warehouse_id=target_id, on=on)
    return Movement(gone.values, [*gone.facts, *come.facts], gone.takes, gone.placed)


def front_cost(session: Session, item_id: int, warehouse_id: int) -> Decimal:
    """What one stock unit would cost now: of the oldest open layer here, else of the newest there ever was; else nothing."""
    here = (
        sa.select(_layers.c.remaining_value, _layers.c.remaining_quantity)
        .where(_layers.c.item_id == item_id, _layers.c.warehouse_id == warehouse_id, _layers.c.remaining_quantity > 0)
        .order_by(_layers.c.received_on, _layers.c.id)
        .limit(1)
    )
    last = (
        sa.select(_layers.c.value, _layers.c.quantity)
        .where(_layers.c.item_id == item_id)
        .order_by(_layers.c.id.desc())
        .limit(1)
    )
    found = session.execute(here).one_or_none() or session.execute(last).one_or_none()
    return round_to(found[0] / found[1], PRICE.places) if found else ZERO


def bring_back(
    session: Session,
    lines: Sequence[Back],
    *,
    warehouse_id: int,
    on: date,
    digits: int,
    kind: MoveKind = MoveKind.RETURN,
) -> Movement:
    """Take returned goods back into the layers they came from, each item that the delivery line had moved.

    Newest consumption first, at the value it was taken out with; the layers keep their old place in the queue. Lines
    that had moved no stock are left out. `kind` is a return, or a delivery that is reversed (then a line's id is the
    delivery line's, and all goes back into the bins it was taken from).

    Raises:
        OverQuantityError: more than was shipped, or another lot; DateOrderError: see refuse_back_dated.
    """
    consumed = _consumed(session, [line.delivery_line_id for line in lines])
    item_ids = [item for line in lines for item in consumed.get(line.delivery_line_id, {})]
    if not item_ids:
        return Movement({}, [])
    locked_levels(session, item_ids, warehouse_id)
    refuse_back_dated(session, item_ids, warehouse_id, on)
    refuse_before_count(session, item_ids, warehouse_id, on)
    items = items_by_id(session, item_ids)
    reversing = kind is MoveKind.DELIVERY
    traced = [out for mine in consumed.values() for item, (out, _) in mine.items() if reversing or items[item].tracked]
    out_of = still_out(session, traced) if traced else {}
    moves, backs, ins = [], [], []
    gains: dict[int, tuple[Decimal, Decimal]] = {}
    for line in lines:
        for item, (out_id, rows) in consumed.get(line.delivery_line_id, {}).items():
            took = sum((row.quantity for row in rows), ZERO)
            left = sum((row.quantity - row.returned_quantity for row in rows), ZERO)
            quantity = _share(took, line.quantity, line.shipped)
            if quantity > left:
                raise OverQuantityError(
                    N_("{quantity} came back, but only {left} of this line is still with the customer."),
                    quantity=quantity,
                    left=left,
                )
            parts = put_back(rows, quantity, digits)
            backs.append(parts)
            gains[item] = (gains.get(item, (ZERO, ZERO))[0] + quantity, ZERO)
            places = parts_back(
                items[item],
                quantity,
                line.places.get(item, ()),
                out_of.get(out_id, []),
                to_their_bins=reversing,
                field=line.field,
            )
            ins.append(In(line.line_id, item, quantity, ZERO, places=places, field=line.field))
            moves.append(
                {
                    "kind": kind,
                    "line_id": line.line_id,
                    "item_id": item,
                    "warehouse_id": warehouse_id,
                    "moved_on": on,
                    "quantity": quantity,
                    "value": sum((part.value for part in parts), ZERO),
                    "undoes_id": out_id,
                }
            )
    placed = places_in(session, ins)
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
    change_levels(session, warehouse_id, gains)
    change_layers(session, [(part.layer_id, part.quantity, part.value) for parts in backs for part in parts])
    facts: Facts = [(StockMove, written), (Consumption, given), *write_places(session, written, placed)]
    takes = tuple(
        (Out(move["line_id"], move["item_id"], move["quantity"]), parts)
        for move, parts in zip(written, backs, strict=True)
    )
    return Movement(_summed(written, 1), facts, takes, tuple(placed))


def _share(took: Decimal, quantity: Decimal, shipped: Decimal) -> Decimal:
    """What of an item a part of a delivery line is; a kit's and a box's parts come out even, as they went."""
    exact = Fraction(took) * Fraction(quantity) / Fraction(shipped)
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(PRICE.unit)


def change_layers(session: Session, changes: Sequence[tuple[int, Decimal, Decimal]]) -> None:
    """Add (layer, quantity, value) to what remains of layers."""
    if not changes:
        return
    session.connection().execute(
        sa.update(_layers)
        .where(_layers.c.id == sa.bindparam("_id"))
        .values(
            remaining_quantity=_layers.c.remaining_quantity
            + sa.bindparam("_quantity", type_=_layers.c.remaining_quantity.type),
            remaining_value=_layers.c.remaining_value + sa.bindparam("_value", type_=_layers.c.remaining_value.type),
        ),
        [{"_id": layer, "_quantity": quantity, "_value": value} for layer, quantity, value in changes],
    )


def _consumed(session: Session, delivery_line_ids: Sequence[int]) -> dict[int, dict[int, tuple[int, list[Consumed]]]]:
    """By delivery line and item: the outgoing move, and what it took from each layer less what came back since; in the
    order taken."""
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
            _moves.c.item_id,
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
    found: dict[int, dict[int, tuple[int, list[Consumed]]]] = {}
    for line_id, item, move_id, layer_id, quantity, value, back_quantity, back_value in session.execute(query):
        rows = found.setdefault(line_id, {}).setdefault(item, (move_id, []))[1]
        rows.append(Consumed(layer_id, quantity, value, -(back_quantity or ZERO), -(back_value or ZERO)))
    return found
