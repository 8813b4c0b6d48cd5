"""What stock is worth, layer by layer, on any day; how old it is and how fast it turns.

Figures of a past day start from the facts: layers and what was consumed of them up to that day. Amounts in the
company's currency. Rule: docs/rules/fifo.md, "As of any day".
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.base import AMOUNT, QUANTITY
from o2c_tui.models.item import Item, Warehouse
from o2c_tui.models.ledger import Account, AccountRole, JournalEntry, JournalLine
from o2c_tui.models.stock import Consumption, CostLayer, MoveKind, StockMove
from o2c_tui.storage.rows import in_table_order, table_of

ZERO = Decimal(0)
AGES = (30, 90, 180, 365)  # days in stock, upper ends; what is older falls into the last bucket
_layers, _moves, _taken = table_of(CostLayer), table_of(StockMove), table_of(Consumption)


class LayerLine(NamedTuple):
    """What is left of one cost layer on a day."""

    layer_id: int
    item_id: int
    code: str
    name: str
    unit: str
    warehouse: str
    warehouse_kind: str
    received_on: date
    quantity: Decimal
    value: Decimal
    estimated: bool


def layers_on(
    session: Session, as_of: date | None = None, *, item_id: int | None = None, warehouse_id: int | None = None
) -> list[LayerLine]:
    """Every layer that is not used up on a day (now without one), by item and warehouse, oldest first."""
    left: Any = _layers.c.remaining_quantity
    worth: Any = _layers.c.remaining_value
    source: Any = _layers
    where = [_layers.c.remaining_quantity > 0]
    if as_of is not None:
        of = in_table_order(_taken.c.layer_id) if item_id is None else _taken.c.layer_id
        gone: Any = (
            sa.select(
                of.label("layer_id"),
                sa.func.sum(_taken.c.quantity).label("quantity"),
                sa.func.sum(_taken.c.value).label("value"),
            )
            .join(_moves, _moves.c.id == in_table_order(_taken.c.move_id))
            .where(_moves.c.moved_on <= as_of)
            .group_by(of)
        )
        if item_id is not None:
            gone = gone.join(_layers, _layers.c.id == _taken.c.layer_id).where(_layers.c.item_id == item_id)
        gone = gone.subquery()
        source = _layers.outerjoin(gone, gone.c.layer_id == _layers.c.id)
        left = sa.type_coerce(_layers.c.quantity - sa.func.coalesce(gone.c.quantity, 0), QUANTITY)
        worth = sa.type_coerce(_layers.c.value - sa.func.coalesce(gone.c.value, 0), AMOUNT)
        where = [
            sa.func.coalesce(_layers.c.arrived_on, _layers.c.received_on) <= as_of,
            _layers.c.quantity - sa.func.coalesce(gone.c.quantity, 0) > 0,
        ]
    if item_id is not None:
        where.append(_layers.c.item_id == item_id)
    if warehouse_id is not None:
        where.append(_layers.c.warehouse_id == warehouse_id)
    query = (
        sa.select(
            _layers.c.id,
            col(Item.id),
            col(Item.code),
            col(Item.name),
            col(Item.unit),
            col(Warehouse.code),
            col(Warehouse.kind),
            _layers.c.received_on,
            left,
            worth,
            _layers.c.estimated,
        )
        .select_from(source)
        .join(Item, col(Item.id) == _layers.c.item_id)
        .join(Warehouse, col(Warehouse.id) == _layers.c.warehouse_id)
        .where(*where)
        .order_by(col(Item.code), col(Warehouse.code), _layers.c.received_on, _layers.c.id)
    )
    return [LayerLine(*row) for row in session.execute(query)]


def inventory_account(session: Session, as_of: date | None = None) -> Decimal:
    """The inventory account on a day: what the layers must add up to."""
    lines, heads, accounts = table_of(JournalLine), table_of(JournalEntry), table_of(Account)
    query = (
        sa.select(sa.func.sum(lines.c.amount, type_=AMOUNT))
        .join(accounts, accounts.c.id == lines.c.account_id)
        .where(accounts.c.role == AccountRole.INVENTORY)
    )
    if as_of is not None:
        query = query.join(heads, heads.c.id == lines.c.entry_id).where(heads.c.posted_on <= as_of)
    return session.execute(query).scalar_one() or ZERO


class Turn(NamedTuple):
    """How one item moved in a period; `turns` is what was sold at cost over the mean stock, a year's worth."""

    item_id: int
    code: str
    name: str
    unit: str
    on_hand: Decimal
    value: Decimal
    sold: Decimal
    cost: Decimal
    mean: Decimal
    turns: Decimal | None
    days: int | None  # how long the stock lasts at this pace
    last_sold: date | None
    last_received: date | None


def turns(session: Session, first: date, last: date) -> list[Turn]:
    """How each item that has or had stock moved from `first` to `last`; the mean stock is that of the period's days at
    its ends and at each month's end between."""
    days = [first - timedelta(days=1), *_month_ends(first, last), last]
    span = Decimal((last - first).days + 1)
    found = []
    for row in session.execute(_moved(days)):
        mean, pace = (row.summed or ZERO) / len(days), row.sold / span
        found.append(
            Turn(
                row.id,
                row.code,
                row.name,
                row.unit,
                row.on_hand,
                row.value,
                row.sold,
                row.cost,
                mean,
                row.cost / mean * 365 / span if mean else None,
                int(row.on_hand / pace) if pace > ZERO else None,
                row.last_sold,
                row.last_received,
            )
        )
    return sorted(found, key=lambda line: line.code)


def _month_ends(first: date, last: date) -> list[date]:
    found, day = [], (first.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    while day < last:
        found.append(day)
        day = (day + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return found


def _moved(days: Sequence[date]) -> Any:
    """By item, in one pass over the moves up to the last of some days: on hand and value then, the sum of what its stock
    was worth on each of the days, what was sold after the first of them (less what came back), and the last receipt and
    delivery."""
    day, kind = _moves.c.moved_on, _moves.c.kind
    # a move counts in the stock of every day that is not before it
    counts = sa.case(*((day <= edge, sa.literal(len(days) - n, sa.Integer)) for n, edge in enumerate(days)), else_=0)
    sold = sa.and_(kind.in_((MoveKind.DELIVERY, MoveKind.RETURN)), day > days[0])

    def of_sold(figure: Any, kept_as: Any) -> Any:
        return sa.func.sum(sa.case((sold, -figure), else_=sa.literal(0, kept_as)), type_=kept_as)

    of = in_table_order(_moves.c.item_id)
    sums = (
        sa.select(
            of.label("item_id"),
            sa.func.sum(_moves.c.quantity, type_=QUANTITY).label("on_hand"),
            sa.func.sum(_moves.c.value, type_=AMOUNT).label("value"),
            sa.func.sum(sa.type_coerce(_moves.c.value, sa.BigInteger) * counts, type_=AMOUNT).label("summed"),
            of_sold(_moves.c.quantity, QUANTITY).label("sold"),
            of_sold(_moves.c.value, AMOUNT).label("cost"),
            sa.func.max(sa.case((kind == MoveKind.RECEIPT, day)), type_=sa.Date).label("last_received"),
            sa.func.max(sa.case((kind == MoveKind.DELIVERY, day)), type_=sa.Date).label("last_sold"),
        )
        .where(day <= days[-1])
        .group_by(of)
        .subquery()
    )
    columns = [column for column in sums.c if column.name != "item_id"]
    return sa.select(col(Item.id), col(Item.code), col(Item.name), col(Item.unit), *columns).join(
        sums, sums.c.item_id == col(Item.id)
    )
