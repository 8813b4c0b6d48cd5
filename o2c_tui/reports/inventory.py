"""Stock with its value, and how it moved."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from o2c_tui.models.stock import MOVE_WORDS, MoveKind
from o2c_tui.queries.movements import Movement, movements, opening
from o2c_tui.queries.stock import stock_on
from o2c_tui.reports.asking import Narrowed, facts_of, narrowed
from o2c_tui.reports.kinds import Asked
from o2c_tui.reports.table import Behind, Heading, Report, report_of
from o2c_tui.texts import N_

ZERO = Decimal(0)
YEAR = 365


def stock(session: Session, asked: Asked, today: date) -> Report:
    """Stock by item and warehouse with the value of its layers: now, or as it was on a past day.

    The total value equals the inventory account on that day. What is reserved is known for now only.
    """
    told = narrowed(session, asked)
    past = asked.as_of is not None
    chosen = [
        s
        for s in stock_on(session, as_of=asked.as_of)
        if (s.on_hand or s.value or not past)
        and told.of.item_id in (None, s.item_id)
        and (not asked.warehouse or s.warehouse == asked.warehouse.strip().upper())
    ]
    rows = [
        (
            (s.code, s.name, s.warehouse, s.unit, s.on_hand, *(() if past else (s.reserved, s.available)), s.value),
            Behind("report", report="stock-card", asked=Asked(as_of=asked.as_of, item=s.code, warehouse=s.warehouse)),
        )
        for s in chosen
    ]
    headings = (
        Heading(N_("Item")),
        Heading(N_("Description")),
        Heading(N_("Warehouse"), spare=1),
        Heading(N_("Unit"), spare=3),
        Heading(N_("On hand"), "quantity"),
        *(() if past else (Heading(N_("Reserved"), "quantity", spare=2), Heading(N_("Available"), "quantity"))),
        Heading(N_("Value"), "money"),
    )
    return report_of(
        "stock",
        facts_of(told, today),
        headings,
        rows,
        add=(len(headings) - 1,),
        digits=told.digits,
        asked=asked,
    )


def stock_card(session: Session, asked: Asked, today: date) -> Report:
    """How one item moved (in the year to the day, unless said otherwise) with its balance; of all items the last month."""
    told = narrowed(session, asked)
    last = asked.as_of or today
    of = told.of
    if of.item_id is None:
        first = asked.first or last - timedelta(days=30)
        return _all_moves(told, today, first, movements(session, first, last, warehouse_id=of.warehouse_id))
    first = asked.first or last - timedelta(days=YEAR - 1)
    balance, worth = opening(session, first, item_id=of.item_id, warehouse_id=of.warehouse_id)
    moved = movements(session, first, last, item_id=of.item_id, warehouse_id=of.warehouse_id)
    rows: list[tuple[tuple[Any, ...], Behind | None]] = []
    if balance or worth:
        rows.append(((first, N_("brought forward"), "", "", "", None, None, balance, None, worth), None))
    rows += [
        (
            (
                m.on,
                MOVE_WORDS[MoveKind(m.kind)],
                m.number,
                m.party,
                m.warehouse,
                m.quantity if m.quantity > ZERO else None,
                -m.quantity if m.quantity < ZERO else None,
                m.balance,
                m.value,
                m.worth,
            ),
            Behind(m.document_kind, m.document_id),
        )
        for m in moved
    ]
    headings = (
        Heading(N_("Date"), "date"),
        Heading(N_("What"), "word", spare=4),
        Heading(N_("Document")),
        Heading(N_("Party"), spare=5),
        Heading(N_("Warehouse"), spare=3),
        Heading(N_("In"), "quantity"),
        Heading(N_("Out"), "quantity"),
        Heading(N_("Balance"), "quantity"),
        Heading(N_("Value"), "money", spare=2),
        Heading(N_("Worth"), "money"),
    )
    return report_of(
        "stock-card",
        facts_of(told, today, first=first),
        headings,
        rows,
        add=(5, 6, 8),
        totals={7: rows[-1][0][7], 9: rows[-1][0][9]} if rows else None,
        digits=told.digits,
        asked=asked,
    )


def _all_moves(told: Narrowed, today: date, first: date, moved: list[Movement]) -> Report:
    rows = [
        (
            (
                m.on,
                m.code,
                m.name,
                MOVE_WORDS[MoveKind(m.kind)],
                m.number,
                m.party,
                m.warehouse,
                m.quantity if m.quantity > ZERO else None,
                -m.quantity if m.quantity < ZERO else None,
                m.value,
            ),
            Behind(m.document_kind, m.document_id),
        )
        for m in moved
    ]
    headings = (
        Heading(N_("Date"), "date"),
        Heading(N_("Item")),
        Heading(N_("Description"), spare=5),
        Heading(N_("What"), "word", spare=2),
        Heading(N_("Document")),
        Heading(N_("Party"), spare=6),
        Heading(N_("Warehouse"), spare=3),
        Heading(N_("In"), "quantity"),
        Heading(N_("Out"), "quantity"),
        Heading(N_("Value"), "money"),
    )
    facts = facts_of(told, today, first=first)
    return report_of("stock-card", facts, headings, rows, add=(9,), digits=told.digits, asked=told.asked)
