"""What verify proves of the house: transfers, counts and adjustments against their moves, bins and lots against place moves.

Rule: docs/rules/verify.md.
"""

from collections import defaultdict
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.models.base import AMOUNT, QUANTITY
from o2c_tui.models.item import Item, Location, Lot
from o2c_tui.models.stock import MoveKind, PlaceMove, PlaceStock, StockLevel, StockMove
from o2c_tui.models.warehouse import (
    StockAdjustmentLine,
    Stocktake,
    StocktakeLine,
    StockTransfer,
    StockTransferLine,
    TransferArrival,
    TransferArrivalLine,
)
from o2c_tui.queries.checking import Breach, Found, Row, breach, step_word
from o2c_tui.rules.progress import progress
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)


def house_lines_agree(session: Session) -> Found:
    """Lines of transfers, arrivals, counts and adjustments are what their moves are; what arrived is the sum of arrivals."""
    transfers, lines = table_of(StockTransfer), table_of(StockTransferLine)
    arrival_lines = table_of(TransferArrivalLine)
    out = _moved(session, MoveKind.DISPATCH, "<"), _moved(session, MoveKind.DISPATCH, ">")
    arrived = _arrived(session)
    told: dict[int, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    heads = {row.id: row for row in session.execute(sa.select(transfers))}
    for row in session.execute(sa.select(lines)):
        head = heads[row.transfer_id]
        gone = head.state == "dispatched"
        quantity, value = (row.quantity, row.value) if gone else (ZERO, ZERO)
        if row.value and not gone:
            yield breach(
                N_("{row}: worth {value}, but it has not left"),
                row=Row("stock_transfer_line", row.id),
                value=row.value,
            )
        if (out[0].get(row.id), out[1].get(row.id)) != ((-quantity, -value), (quantity, value)) and (
            quantity or row.id in out[0] or row.id in out[1]
        ):
            yield _moves_tell("stock_transfer_line", row.id, (quantity, value), out[1].get(row.id))
        there = arrived.get(row.id, ZERO) if head.transit_id is not None else quantity
        if row.arrived != there or there > row.quantity:
            yield breach(
                N_("{row}: {arrived} arrived, its arrivals tell {told}"),
                row=Row("stock_transfer_line", row.id),
                arrived=row.arrived,
                told=there,
            )
        told[row.transfer_id].append((there, row.quantity))
    for key, head in heads.items():
        wanted = progress(told[key]) if head.state == "dispatched" else "none"
        if head.arrival != wanted:
            yield breach(
                N_("{row}: arrived {now_word}, its lines tell {told_word}"),
                row=Row("stock_transfer", key),
                now_word=step_word(head.arrival),
                told_word=step_word(wanted),
            )
    come = _moved(session, MoveKind.ARRIVAL, "<"), _moved(session, MoveKind.ARRIVAL, ">")
    for row in session.execute(sa.select(arrival_lines)):
        if (come[0].get(row.id), come[1].get(row.id)) != ((-row.quantity, -row.value), (row.quantity, row.value)):
            yield _moves_tell("transfer_arrival_line", row.id, (row.quantity, row.value), come[1].get(row.id))
    yield from _corrections_agree(session)


def _moves_tell(table: str, key: int, kept: tuple[Decimal, Decimal], told: tuple[Decimal, Decimal] | None) -> Breach:
    """A line whose moves are others than it says: quantity and worth of both."""
    quantity, worth = told or (ZERO, ZERO)
    return breach(
        N_("{row}: {quantity} worth {value}, its moves tell {told} worth {worth}"),
        row=Row(table, key),
        quantity=kept[0],
        value=kept[1],
        told=quantity,
        worth=worth,
    )


def _arrived(session: Session) -> dict[int, Decimal]:
    """By transfer line: what its arrivals took in."""
    arrivals, lines = table_of(TransferArrival), table_of(TransferArrivalLine)
    query = (
        sa.select(lines.c.transfer_line_id, sa.func.sum(lines.c.quantity, type_=QUANTITY))
        .join(arrivals, arrivals.c.id == lines.c.arrival_id)
        .where(arrivals.c.state == "received")
        .group_by(lines.c.transfer_line_id)
    )
    return {line: quantity for line, quantity in session.execute(query)}


def _corrections_agree(session: Session) -> Found:
    counts, count_lines = table_of(Stocktake), table_of(StocktakeLine)
    moved = _moved(session, MoveKind.COUNT)
    states = dict(session.execute(sa.select(counts.c.id, counts.c.state)).all())
    for row in session.execute(sa.select(count_lines)):
        counted = row.counted is not None and states[row.stocktake_id] == "posted"
        difference = row.counted - row.book if counted else ZERO
        found = moved.get(row.id, (ZERO, ZERO))
        if row.difference != difference or found != (difference, row.value):
            yield breach(
                N_("{row}: {difference} worth {value}, its count tells {counted}, its move {moved} worth {worth}"),
                row=Row("stocktake_line", row.id),
                difference=row.difference,
                value=row.value,
                counted=difference,
                moved=found[0],
                worth=found[1],
            )
    moved = _moved(session, MoveKind.ADJUSTMENT)
    lines = table_of(StockAdjustmentLine)
    for row in session.execute(sa.select(lines.c.id, lines.c.quantity, lines.c.value)):
        if moved.get(row.id, (ZERO, ZERO)) != (row.quantity, row.value):
            yield _moves_tell("stock_adjustment_line", row.id, (row.quantity, row.value), moved.get(row.id))


def _moved(session: Session, kind: MoveKind, sign: str = "") -> dict[int, tuple[Decimal, Decimal]]:
    """By line: quantity and value of its moves of a kind, those out (<), those in (>), or all."""
    moves = table_of(StockMove)
    query = (
        sa.select(
            moves.c.line_id,
            sa.func.sum(moves.c.quantity, type_=QUANTITY),
            sa.func.sum(moves.c.value, type_=AMOUNT),
        )
        .where(moves.c.kind == kind)
        .group_by(moves.c.line_id)
    )
    if sign:
        query = query.where(moves.c.quantity < 0 if sign == "<" else moves.c.quantity > 0)
    return {line: (quantity, value) for line, quantity, value in session.execute(query)}


def places_agree(session: Session) -> Found:
    """What lies in bins and of lots is the sum of place moves; of tracked items all, of others at most what is on hand."""
    stock, moves, levels = table_of(PlaceStock), table_of(PlaceMove), table_of(StockLevel)
    names = ("item_id", "warehouse_id", "location_id", "lot_id")
    told: dict[tuple[int, ...], Decimal] = {}
    query = sa.select(
        *(sa.func.coalesce(moves.c[name], 0) for name in names), sa.func.sum(moves.c.quantity, type_=QUANTITY)
    )
    for *key, total in session.execute(query.group_by(*(moves.c[name] for name in names))):
        told[tuple(key)] = total
    kept = {
        tuple(row[:4]): row[4] for row in session.execute(sa.select(*(stock.c[n] for n in names), stock.c.quantity))
    }
    for spot in sorted({*told, *kept}):
        if told.get(spot, ZERO) != kept.get(spot, ZERO) or kept.get(spot, ZERO) < ZERO:
            yield breach(
                N_("{row} in {place}, {bin}, {lot}: {there} lie there, moves tell {told}"),
                row=Row("item", spot[0]),
                place=Row("warehouse", spot[1]),
                bin=Row("location", spot[2] or None),
                lot=Row("lot", spot[3] or None),
                there=kept.get(spot, ZERO),
                told=told.get(spot, ZERO),
            )
    on_hand = {(row.item_id, row.warehouse_id): row.on_hand for row in session.execute(sa.select(levels))}
    placed: dict[tuple[int, int], Decimal] = defaultdict(lambda: ZERO)
    pieces: dict[tuple[int, int], Decimal] = defaultdict(lambda: ZERO)
    for (item, warehouse, _bin, lot), quantity in kept.items():
        placed[item, warehouse] += quantity
        pieces[item, lot] += quantity
    items = dict(session.execute(sa.select(table_of(Item).c.id, table_of(Item).c.tracking)).all())
    for place in sorted({*on_hand, *placed}):
        there = on_hand.get(place, ZERO)
        tracked = items.get(place[0]) != "none"
        if placed[place] > there or (tracked and placed[place] != there):
            yield breach(
                N_("{row} in {place}: {placed} in bins and lots, {on_hand} on hand"),
                row=Row("item", place[0]),
                place=Row("warehouse", place[1]),
                placed=placed[place],
                on_hand=there,
            )
    for (item, lot), quantity in pieces.items():
        if (items.get(item) == "serial" and quantity > 1) or (lot != 0) != (items.get(item) != "none"):
            yield breach(
                N_("{row}: {quantity} of {lot}, which its tracking does not allow"),
                row=Row("item", item),
                quantity=quantity,
                lot=Row("lot", lot or None),
            )
    yield from _place_moves_agree(session)


def _place_moves_agree(session: Session) -> Found:
    """A place move is of its stock move's item, warehouse, day and sign; its bin is of its warehouse, its lot of its item."""
    places, moves = table_of(PlaceMove), table_of(StockMove)
    bins, lots = table_of(Location), table_of(Lot)
    summed = (
        sa.select(places.c.move_id, sa.func.sum(places.c.quantity).label("quantity"))
        .group_by(places.c.move_id)
        .subquery()
    )
    strange = (
        sa.select(places.c.id)
        .outerjoin(moves, moves.c.id == places.c.move_id)
        .outerjoin(bins, bins.c.id == places.c.location_id)
        .outerjoin(lots, lots.c.id == places.c.lot_id)
        .where(
            sa.or_(
                moves.c.item_id != places.c.item_id,
                moves.c.warehouse_id != places.c.warehouse_id,
                moves.c.moved_on != places.c.moved_on,
                bins.c.warehouse_id != places.c.warehouse_id,
                lots.c.item_id != places.c.item_id,
                sa.and_(moves.c.quantity < 0, places.c.quantity > 0),
                sa.and_(moves.c.quantity > 0, places.c.quantity < 0),
            )
        )
    )
    for key in session.execute(strange).scalars():
        yield breach(N_("{row} does not fit its stock move, its bin or its lot"), row=Row("place_move", key))
    over = (
        sa.select(moves.c.id)
        .join(summed, summed.c.move_id == moves.c.id)
        .where(sa.func.abs(summed.c.quantity) > sa.func.abs(moves.c.quantity))
    )
    for key in session.execute(over).scalars():
        yield breach(N_("{row}: more was put into bins and lots than moved"), row=Row("stock_move", key))
