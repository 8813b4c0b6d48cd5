"""Alerts on reorder points: raised once a crossing, cleared when stock is above it again, seen by whoever sees to it.

Rule: docs/rules/purchasing.md, "Reordering".
"""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlmodel import Session, col, select

from o2c_tui.errors import MissingValueError
from o2c_tui.models.item import StockAlert
from o2c_tui.queries.reorder import outlooks
from o2c_tui.rules.reordering import is_due
from o2c_tui.storage.chain import created, decide, record
from o2c_tui.storage.rows import LOCK
from o2c_tui.texts import N_


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


def see_alerts(
    session: Session, alerts: Sequence[int] | None = None, *, seen: bool = True, by: str, today: date
) -> tuple[int, ...]:
    """Mark alerts as seen, by their keys, or all that stand; `seen` False makes them unread again.

    Returns the keys of those that were marked.

    Raises:
        MissingValueError: there is none to mark.
    """
    query = select(StockAlert).where(
        col(StockAlert.seen_on).is_(None) if seen else col(StockAlert.seen_on).is_not(None)
    )
    if alerts is None:
        query = query.where(col(StockAlert.cleared_on).is_(None))
    else:
        query = query.where(col(StockAlert.id).in_(sorted(set(alerts))))
    found = session.exec(query.order_by(col(StockAlert.id)).with_for_update(**LOCK)).all()
    if not found:
        raise MissingValueError(N_("There is no alert to be marked."))
    for alert in found:
        decide(session, alert, seen_on=today if seen else None, seen_by=by if seen else "")
    record(session, "see_alerts", found[0], by=by)
    return tuple(alert.id for alert in found)
