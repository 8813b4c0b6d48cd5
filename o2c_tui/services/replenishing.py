"""Alerts on reorder points, and purchase orders made of what is to be bought.

Rule: docs/rules/purchasing.md, "Reordering".
"""

from collections.abc import Iterable
from datetime import date

from sqlmodel import Session, col, select

from o2c_tui.models.item import StockAlert
from o2c_tui.queries.reorder import outlooks
from o2c_tui.rules.reordering import is_due
from o2c_tui.storage.chain import created, decide


def watch(session: Session, item_ids: Iterable[int], warehouse_id: int, today: date) -> None:
    """Raise an alert for each item that has come to its reorder point since, clear those that are above it again.

    One alert a crossing, however long it lasts. What it writes is told in the audit entry of the verb that called.
    """
    standing = outlooks(session, sorted(set(item_ids)), warehouse_id)
    if not standing:
        return
    query = select(StockAlert).where(
        col(StockAlert.item_id).in_([level.item_id for level, _ in standing]),
        StockAlert.warehouse_id == warehouse_id,
        col(StockAlert.cleared_on).is_(None),
    )
    raised = {alert.item_id: alert for alert in session.exec(query)}
    for level, outlook in standing:
        due = is_due(outlook.projected, level.point)
        if due and level.item_id not in raised:
            alert = StockAlert(
                item_id=level.item_id,
                warehouse_id=warehouse_id,
                raised_on=today,
                projected=outlook.projected,
                point=level.point,
            )
            session.add(alert)
            session.flush()
            created(session, alert)
        elif not due and level.item_id in raised:
            decide(session, raised[level.item_id], cleared_on=today)
