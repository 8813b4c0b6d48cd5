"""What verify proves of stock: levels, cost layers, moves and what consumed them tell the same.

Rule: docs/rules/verify.md.
"""

from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.models.base import AMOUNT, QUANTITY
from o2c_tui.models.order import Reservation
from o2c_tui.models.stock import Consumption, CostLayer, StockLevel, StockMove
from o2c_tui.queries.checking import Found, Row, breach
from o2c_tui.storage.rows import in_table_order, table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)


def stock_levels(session: Session) -> Found:
    """On hand is the sum of moves and of the layers' rest; reserved the sum of reservations; available not below 0."""
    moves, layers, held, levels = table_of(StockMove), table_of(CostLayer), table_of(Reservation), table_of(StockLevel)

    def summed(table: sa.Table, column: str) -> dict[tuple[int, int], Decimal]:
        query = sa.select(table.c.item_id, table.c.warehouse_id, sa.func.sum(table.c[column], type_=QUANTITY))
        rows = session.execute(query.group_by(table.c.item_id, table.c.warehouse_id))
        return {(item, place): total for item, place, total in rows if total}

    moved, rest, reserved = summed(moves, "quantity"), summed(layers, "remaining_quantity"), summed(held, "quantity")
    kept = {(row.item_id, row.warehouse_id): row for row in session.execute(sa.select(levels))}
    for place in sorted({*moved, *rest, *reserved, *kept}):
        row = kept.get(place)
        on_hand, set_aside = (row.on_hand, row.reserved) if row else (ZERO, ZERO)
        if not on_hand == moved.get(place, ZERO) == rest.get(place, ZERO):
            yield breach(
                N_("{row} in {place}: on hand {on_hand}, moves {moves}, layers {layers}"),
                row=Row("item", place[0]),
                place=Row("warehouse", place[1]),
                on_hand=on_hand,
                moves=moved.get(place, ZERO),
                layers=rest.get(place, ZERO),
            )
        if set_aside != reserved.get(place, ZERO):
            yield breach(
                N_("{row} in {place}: reserved {reserved}, reservations {told}"),
                row=Row("item", place[0]),
                place=Row("warehouse", place[1]),
                reserved=set_aside,
                told=reserved.get(place, ZERO),
            )
        if not ZERO <= set_aside <= on_hand:
            yield breach(
                N_("{row} in {place}: reserved {reserved} of {on_hand} on hand"),
                row=Row("item", place[0]),
                place=Row("warehouse", place[1]),
                reserved=set_aside,
                on_hand=on_hand,
            )


def layers_agree(session: Session) -> Found:
    """What remains of a layer is what it brought less what was consumed and not given back."""
    layers, taken = table_of(CostLayer), table_of(Consumption)
    of = in_table_order(taken.c.layer_id)
    gone = (
        sa.select(
            of.label("layer_id"),
            sa.func.sum(taken.c.quantity).label("quantity"),
            sa.func.sum(taken.c.value).label("value"),
        )
        .group_by(of)
        .subquery()
    )
    query = sa.select(
        layers.c.id,
        layers.c.quantity,
        layers.c.value,
        layers.c.remaining_quantity,
        layers.c.remaining_value,
        sa.type_coerce(gone.c.quantity, QUANTITY),
        sa.type_coerce(gone.c.value, AMOUNT),
    ).outerjoin(gone, gone.c.layer_id == layers.c.id)
    for key, quantity, value, rest, rest_value, used, used_value in session.execute(query):
        if rest != quantity - (used or ZERO) or rest_value != value - (used_value or ZERO):
            yield breach(
                N_("{row}: {rest} worth {value} remain, {told} worth {worth} should"),
                row=Row("cost_layer", key),
                rest=rest,
                value=rest_value,
                told=quantity - (used or ZERO),
                worth=value - (used_value or ZERO),
            )
        if (rest == ZERO) != (rest_value == ZERO) and rest == ZERO:
            yield breach(
                N_("{row}: empty, but {value} of value is stranded"), row=Row("cost_layer", key), value=rest_value
            )


def moves_agree(session: Session) -> Found:
    """An outgoing or returning move is worth what it took from (or gave back to) layers; an incoming one is its layer."""
    moves, taken, layers = table_of(StockMove), table_of(Consumption), table_of(CostLayer)
    used = (
        sa.select(
            taken.c.move_id,
            sa.func.sum(taken.c.quantity).label("quantity"),
            sa.func.sum(taken.c.value).label("value"),
        )
        .group_by(taken.c.move_id)
        .subquery()
    )
    query = (
        sa.select(
            moves.c.id,
            moves.c.quantity,
            moves.c.value,
            sa.type_coerce(sa.func.coalesce(layers.c.quantity, 0) - sa.func.coalesce(used.c.quantity, 0), QUANTITY),
            sa.type_coerce(sa.func.coalesce(layers.c.value, 0) - sa.func.coalesce(used.c.value, 0), AMOUNT),
        )
        .outerjoin(used, used.c.move_id == moves.c.id)
        .outerjoin(layers, layers.c.move_id == moves.c.id)
        .where(
            sa.or_(
                moves.c.quantity != sa.func.coalesce(layers.c.quantity, 0) - sa.func.coalesce(used.c.quantity, 0),
                moves.c.value != sa.func.coalesce(layers.c.value, 0) - sa.func.coalesce(used.c.value, 0),
            )
        )
    )
    for key, quantity, value, explained, worth in session.execute(query):
        yield breach(
            N_("{row}: {quantity} worth {value}, its layers tell {told} worth {worth}"),
            row=Row("stock_move", key),
            quantity=quantity,
            value=value,
            told=explained,
            worth=worth,
        )


def returns_within_deliveries(session: Session) -> Found:
    """No delivery's move is given back beyond what it took from each layer."""
    moves, taken = table_of(StockMove), table_of(Consumption)
    back_moves, back = moves.alias("back_moves"), taken.alias("back")
    query = (
        sa.select(taken.c.move_id, taken.c.layer_id, taken.c.quantity, sa.func.sum(back.c.quantity, type_=QUANTITY))
        .join(back_moves, back_moves.c.undoes_id == taken.c.move_id)
        .join(back, sa.and_(back.c.move_id == back_moves.c.id, back.c.layer_id == taken.c.layer_id))
        .group_by(taken.c.move_id, taken.c.layer_id, taken.c.quantity)
        .having(taken.c.quantity + sa.func.sum(back.c.quantity) < 0)
    )
    for move, layer, took, gave in session.execute(query):
        yield breach(
            N_("{row} took {took} from {layer}, {back} came back"),
            row=Row("stock_move", move),
            took=took,
            layer=Row("cost_layer", layer),
            back=-gave,
        )
