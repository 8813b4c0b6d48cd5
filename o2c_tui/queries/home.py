"""What is to be done today: each line of Home, counted on an index, with the figure that matters.

Rule: docs/rules/home.md.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.models.base import AMOUNT
from o2c_tui.models.company import KeptDraft
from o2c_tui.models.delivery import Delivery, DeliveryState
from o2c_tui.models.invoice import Invoice
from o2c_tui.models.order import OrderState, SalesOrder
from o2c_tui.models.party import Party
from o2c_tui.models.quotation import Quotation, QuotationState
from o2c_tui.models.trade import Progress

ZERO = Decimal(0)
LATE_DAYS = 30


@dataclass(frozen=True)
class Task:
    """One line of what is to be done: how many, how much, and the worst of them."""

    count: int
    total: Decimal = ZERO
    worst: str = ""  # a customer's name or a document's number
    worst_days: int = 0
    worst_amount: Decimal = ZERO


@dataclass(frozen=True)
class Kept:
    """A draft that an editor kept."""

    kind: str
    document_id: int
    label: str
    kept_at: datetime


@dataclass(frozen=True)
class Today:
    """Home's figures on one day."""

    quotations: Task  # sent and still valid
    expired: Task  # sent and past their last day
    orders: Task  # confirmed and not fully delivered
    on_hold: Task
    deliveries: Task  # shipped and not fully invoiced
    overdue: Task  # open and past due by more than 30 days
    due: Task  # open and past due at all
    kept: tuple[Kept, ...] = ()


def _task(session: Session, amount: object, *where: object) -> Task:
    query = sa.select(sa.func.count(), sa.func.sum(amount, type_=AMOUNT)).where(*where)  # type: ignore[arg-type]
    number, total = session.execute(query).one()
    return Task(number, total or ZERO)


def today(session: Session, *, today: date, login: str) -> Today:
    """What is to be done on a day, and what this person left unsaved."""
    sent = col(Quotation.state) == QuotationState.SENT
    listed = col(Quotation.state).in_(("draft", "sent"))  # the index over open quotations
    expired = _task(session, Quotation.gross, listed, sent, col(Quotation.valid_until) < today)
    waiting = (
        col(SalesOrder.state).in_((OrderState.CONFIRMED, OrderState.ON_HOLD)),
        col(SalesOrder.delivery) != Progress.FULLY,
    )
    unbilled = (col(Delivery.state) == DeliveryState.SHIPPED, col(Delivery.billing) != Progress.FULLY)
    owed = (col(Invoice.open) != 0, col(Invoice.open) > 0)
    kept = session.exec(
        select(KeptDraft).where(KeptDraft.login == login).order_by(col(KeptDraft.kept_at).desc()).limit(9)
    )
    ready = session.execute(sa.select(sa.func.count()).select_from(Delivery).where(*unbilled)).scalar_one()
    return Today(
        quotations=_task(session, Quotation.gross, listed, sent, col(Quotation.valid_until) >= today),
        expired=expired,
        orders=_task(session, SalesOrder.uninvoiced, *waiting, col(SalesOrder.state) == OrderState.CONFIRMED),
        on_hold=_task(session, SalesOrder.uninvoiced, *waiting, col(SalesOrder.state) == OrderState.ON_HOLD),
        deliveries=Task(ready),
        overdue=_worst(session, today - timedelta(days=LATE_DAYS), today, owed),
        due=_task(session, Invoice.open, *owed, col(Invoice.due_on) < today),
        kept=tuple(Kept(k.kind, k.document_id, k.label, k.kept_at) for k in kept),
    )


def _worst(session: Session, before: date, today: date, owed: tuple[object, ...]) -> Task:
    task = _task(session, Invoice.open, *owed, col(Invoice.due_on) < before)
    oldest = session.execute(
        sa.select(col(Party.name), col(Invoice.due_on), col(Invoice.open))
        .join(Party, col(Party.id) == col(Invoice.customer_id))
        .where(*owed, col(Invoice.due_on) < before)  # type: ignore[arg-type]
        .order_by(col(Invoice.due_on), col(Invoice.id))
        .limit(1)
    ).one_or_none()
    if oldest is None:
        return task
    return Task(task.count, task.total, oldest[0], (today - oldest[1]).days, oldest[2])
