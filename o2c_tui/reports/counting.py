"""What is to be counted next."""

from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.item import Warehouse, WarehouseKind
from o2c_tui.queries.counting import cycle_proposal
from o2c_tui.queries.supply import on_hand_on
from o2c_tui.reports.asking import facts_of, narrowed
from o2c_tui.reports.kinds import Asked
from o2c_tui.reports.table import Behind, Heading, Report, report_of
from o2c_tui.texts import N_


def counts_due(session: Session, asked: Asked, today: date) -> Report:
    """Items that are due to be counted, warehouse by warehouse, in the order in which a count takes them.

    First those of which a pick found less than their bins should hold, then by class of use and last count. Rule:
    docs/rules/stocktake.md.
    """
    told = narrowed(session, asked)
    day = asked.as_of or today
    past = on_hand_on(session, day) if asked.as_of is not None else None
    query = sa.select(col(Warehouse.id), col(Warehouse.code)).where(col(Warehouse.kind) != WarehouseKind.TRANSIT)
    rows = []
    for key, code in session.execute(query.order_by(col(Warehouse.code))):
        if told.of.warehouse_id not in (None, key):
            continue
        there = None if past is None else {item: quantity for (item, place), quantity in past.items() if place == key}
        rows += [
            (
                (line.code, line.name, code, line.on_hand, line.unit, str(line.abc), line.counted_on,
                 None if line.due_on == date.min else line.due_on, N_("short pick") if line.is_short else "",
                 " ".join(line.short_in)),
                Behind("item", line.item_id),
            )
            for line in cycle_proposal(session, key, today=day, on_hand=there)
        ]  # fmt: skip
    headings = (
        Heading(N_("Item")),
        Heading(N_("Description"), spare=2),
        Heading(N_("Warehouse"), spare=3),
        Heading(N_("On hand"), "quantity"),
        Heading(N_("Unit"), spare=1),
        Heading(N_("Class")),
        Heading(N_("Counted"), "date"),
        Heading(N_("Due"), "date"),
        Heading(N_("Reason"), "word"),
        Heading(N_("Bins")),
    )
    facts = facts_of(told, today, money=False)
    return report_of("counts-due", facts, headings, rows, asked=asked)
