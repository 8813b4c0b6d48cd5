"""Why a figure of stock is what it is: the moves, reservations, orders and layers behind it. Quantities in stock units.

Rule: docs/rules/why.md.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.errors import NotFoundError
from o2c_tui.models.base import AMOUNT, QUANTITY
from o2c_tui.models.item import Item, Warehouse
from o2c_tui.models.order import Reservation, SalesOrder, SalesOrderLine
from o2c_tui.models.party import Party
from o2c_tui.models.stock import MOVE_WORDS, CostLayer, StockLevel, StockMove
from o2c_tui.queries.incoming import coming, incoming_now
from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.promise import available, available_to_promise
from o2c_tui.queries.stock import documents_of_moves
from o2c_tui.queries.waiting import back_ordered, waiting_lines
from o2c_tui.queries.why_parts import MOST_MOVES, ZERO, Part, Subject, Why, says
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

_levels, _moves, _layers, _held = (
    table_of(StockLevel),
    table_of(StockMove),
    table_of(CostLayer),
    table_of(Reservation),
)
COMING_WORDS = {"purchase": N_("purchase order"), "transfer": N_("transfer")}


def _named(session: Session, subject: Subject) -> tuple[Item, str]:
    item, place = session.get(Item, subject.id), session.get(Warehouse, subject.other)
    if item is None or place is None:
        raise NotFoundError(
            N_("There is no {kind_word} with the key {key}."),
            kind_word=N_("item") if item is None else N_("warehouse"),
            key=subject.id if item is None else subject.other,
        )
    return item, f"{item.code} @ {place.code}"


def _level(session: Session, subject: Subject, column: str) -> Decimal:
    query = sa.select(_levels.c[column]).where(_levels.c.item_id == subject.id, _levels.c.warehouse_id == subject.other)
    return session.execute(query).scalar_one_or_none() or ZERO


def _moved(session: Session, subject: Subject) -> list[Part]:
    """The movements of an item in a warehouse, newest first; what is older than the newest stands in one row."""
    mine = (_moves.c.item_id == subject.id, _moves.c.warehouse_id == subject.other)
    newest = session.execute(
        sa.select(_moves)
        .where(*mine, _moves.c.quantity != 0)
        .order_by(_moves.c.moved_on.desc(), _moves.c.id.desc())
        .limit(MOST_MOVES)
    ).all()
    sources = documents_of_moves(session, newest)
    parts = []
    for move in newest:
        kind, key, number, party = sources[move.kind, move.line_id]
        opens = Subject(kind, key)
        parts.append(Part(MOVE_WORDS[move.kind], move.quantity, party, None, move.moved_on, number, opens))
    if len(newest) == MOST_MOVES:
        whole = session.execute(sa.select(sa.func.sum(_moves.c.quantity, type_=QUANTITY)).where(*mine)).scalar() or ZERO
        older = whole - sum((part.value or ZERO for part in parts), ZERO)
        parts.append(Part(N_("all before that"), older, on=newest[-1].moved_on))
    return parts


def _set_aside(session: Session, subject: Subject, sign: int) -> list[Part]:
    query = (
        sa.select(
            col(SalesOrder.id),
            col(SalesOrder.number),
            col(SalesOrder.promised_on),
            col(SalesOrderLine.position),
            col(Party.name),
            _held.c.quantity,
        )
        .join(SalesOrderLine, col(SalesOrderLine.id) == _held.c.order_line_id)
        .join(SalesOrder, col(SalesOrder.id) == col(SalesOrderLine.order_id))
        .join(Party, col(Party.id) == col(SalesOrder.customer_id))
        .where(_held.c.item_id == subject.id, _held.c.warehouse_id == subject.other)
        .order_by(col(SalesOrder.id), col(SalesOrderLine.position))
    )
    return [
        Part(
            N_("reserved"),
            sign * row.quantity,
            row.name,
            says(N_("line {line}"), line=row.position),
            row.promised_on,
            row.number,
            Subject("order", row.id),
        )
        for row in session.execute(query)
    ]


def on_hand(session: Session, subject: Subject, today: date) -> Why:
    """On hand: every movement in and out."""
    item, name = _named(session, subject)
    return Why(
        "on_hand",
        name,
        _level(session, subject, "on_hand"),
        tuple(_moved(session, subject)),
        item.unit,
        notes=(says(N_("On hand is what came in less what went out.")),),
    )


def reserved(session: Session, subject: Subject, today: date) -> Why:
    """Reserved: what each order line holds."""
    item, name = _named(session, subject)
    return Why(
        "reserved", name, _level(session, subject, "reserved"), tuple(_set_aside(session, subject, 1)), item.unit
    )


def available_now(session: Session, subject: Subject, today: date) -> Why:
    """Available: on hand by its movements, less what each order line holds."""
    item, name = _named(session, subject)
    parts = [*_set_aside(session, subject, -1), *_moved(session, subject)]
    note = says(
        N_("Available = on hand {on_hand} − reserved {reserved}."),
        on_hand=_level(session, subject, "on_hand"),
        reserved=_level(session, subject, "reserved"),
    )
    total = available(session, subject.id, subject.other)
    return Why("available", name, total, tuple(parts), item.unit, notes=(note,))


def incoming(session: Session, subject: Subject, today: date) -> Why:
    """Incoming: what is ordered and not received, and what is under way from other warehouses."""
    item, name = _named(session, subject)
    total = incoming_now(session, item_ids=[subject.id]).get((subject.id, subject.other), ZERO)
    return Why("incoming", name, total, tuple(_coming(session, subject)), item.unit)


def _coming(session: Session, subject: Subject, by: date | None = None) -> list[Part]:
    return [
        Part(
            COMING_WORDS[line.kind],
            line.quantity,
            on=line.expected_on,
            number=line.number,
            opens=Subject(line.kind, line.document_id),
        )
        for line in coming(session, item_ids=[subject.id])
        if line.warehouse_id == subject.other
        and (by is None or (line.expected_on is not None and line.expected_on <= by))
    ]


def waits(session: Session, subject: Subject, today: date) -> Why:
    """Back-ordered: what each order line still lacks, in the order in which they are served."""
    item, name = _named(session, subject)
    total = back_ordered(session, subject.id, warehouse_id=subject.other)
    notes = (says(N_("Served by priority, promised date and order time.")),)
    return Why("back_ordered", name, total, tuple(_waiting(session, subject, 1)), item.unit, notes=notes)


def _waiting(session: Session, subject: Subject, sign: int, by: date | None = None) -> list[Part]:
    found = waiting_lines(session, item_ids=[subject.id], warehouse_id=subject.other, on_hold=True)
    return [
        Part(
            N_("back-ordered"),
            sign * line.waiting,
            line.customer,
            None,
            line.promised_on,
            line.number,
            Subject("order", line.order_id),
        )
        for line in found
        if line.item_id == subject.id and (by is None or line.promised_on is None or line.promised_on <= by)
    ]


def promise(session: Session, subject: Subject, today: date) -> Why:
    """Available-to-promise on a day: available, more what is expected by then, less what is promised by then."""
    item, name = _named(session, subject)
    free = Part(
        N_("available"), available(session, subject.id, subject.other), number=name, opens=subject, figure="available"
    )
    parts = (free, *_coming(session, subject, today), *_waiting(session, subject, -1, today))
    note = says(N_("Available, more what comes by {day}, less what is promised by then."), day=today.isoformat())
    total = available_to_promise(session, subject.id, subject.other, today)
    return Why("promise", name, total, parts, item.unit, notes=(note,))


def worth(session: Session, subject: Subject, today: date) -> Why:
    """Value on stock: the open cost layers, oldest first, with what brought each."""
    _item, name = _named(session, subject)
    company = the_company(session)
    query = (
        sa.select(_layers, _moves.c.kind, _moves.c.line_id)
        .join(_moves, _moves.c.id == _layers.c.move_id)
        .where(_layers.c.item_id == subject.id, _layers.c.warehouse_id == subject.other)
        .where(_layers.c.remaining_quantity > 0)
        .order_by(_layers.c.received_on, _layers.c.id)
    )
    rows = session.execute(query).all()
    total = session.execute(
        sa.select(sa.func.sum(_layers.c.remaining_value, type_=AMOUNT)).where(
            _layers.c.item_id == subject.id, _layers.c.warehouse_id == subject.other
        )
    ).scalar()
    parts = _layer_parts(session, rows)
    notes = (says(N_("The oldest layer goes out first.")),)
    return Why("value", name, total or ZERO, tuple(parts), company.currency, company.digits, notes)


def _layer_parts(session: Session, rows: Sequence[Any]) -> list[Part]:
    sources = documents_of_moves(session, rows)
    parts = []
    for row in rows:
        kind, key, number, party = sources[row.kind, row.line_id]
        note = says(
            N_("{quantity} left of {whole}, {cost} each"),
            quantity=row.remaining_quantity,
            whole=row.quantity,
            cost=(row.remaining_value / row.remaining_quantity).quantize(Decimal("0.0001")),
        )
        parts.append(Part(N_("layer"), row.remaining_value, party, note, row.received_on, number, Subject(kind, key)))
    return parts
