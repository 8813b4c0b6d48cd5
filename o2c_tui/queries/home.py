"""What is to be done today: each line of Home, counted on an index, with the figure that matters.

Rule: docs/rules/home.md.
"""

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.base import AMOUNT
from o2c_tui.models.company import Company, KeptDraft, User
from o2c_tui.models.currency import ExchangeRate
from o2c_tui.models.delivery import Delivery, DeliveryState
from o2c_tui.models.invoice import Invoice
from o2c_tui.models.item import StockAlert
from o2c_tui.models.order import OrderState, SalesOrder
from o2c_tui.models.party import Party
from o2c_tui.models.quotation import Quotation, QuotationState
from o2c_tui.models.recurring import RecurringInvoice
from o2c_tui.models.trade import Progress
from o2c_tui.queries.collective import customers_question
from o2c_tui.queries.exchange import about
from o2c_tui.queries.today import LATE_DAYS, Today, Who, told
from o2c_tui.rules.rhythm import month_over


def _task(amount: Any, *where: Any) -> Any:
    return sa.select(sa.func.count(), sa.func.sum(amount, type_=AMOUNT)).where(*where)


def questions(today: date, login: str) -> dict[str, Any]:
    """One statement for each of Home's figures on a day, and for what this person left unsaved."""
    listed = col(Quotation.state).in_(("draft", "sent"))  # the index over open quotations
    sent = (listed, col(Quotation.state) == QuotationState.SENT)
    waiting = (
        col(SalesOrder.state).in_((OrderState.CONFIRMED, OrderState.ON_HOLD)),
        col(SalesOrder.delivery) != Progress.FULLY,
    )
    unbilled = (col(Delivery.state) == DeliveryState.SHIPPED, col(Delivery.billing) != Progress.FULLY)
    owed = (col(Invoice.open) != 0, col(Invoice.open) > 0)
    late = (*owed, col(Invoice.due_on) < today - timedelta(days=LATE_DAYS))
    return {
        "quotations": _task(
            about(col(Quotation.gross), col(Quotation.rate)), *sent, col(Quotation.valid_until) >= today
        ),
        "expired": _task(about(col(Quotation.gross), col(Quotation.rate)), *sent, col(Quotation.valid_until) < today),
        "orders": _task(
            about(col(SalesOrder.uninvoiced), col(SalesOrder.rate)),
            *waiting,
            col(SalesOrder.state) == OrderState.CONFIRMED,
        ),
        "on_hold": _task(
            about(col(SalesOrder.uninvoiced), col(SalesOrder.rate)),
            *waiting,
            col(SalesOrder.state) == OrderState.ON_HOLD,
        ),
        "deliveries": sa.select(sa.func.count()).select_from(Delivery).where(*unbilled),
        "monthly": customers_question(month_over(today)),
        "recurring": sa.select(sa.func.count())
        .select_from(RecurringInvoice)
        .where(col(RecurringInvoice.active), col(RecurringInvoice.next_on) <= today),
        "alerts": sa.select(sa.func.count())
        .select_from(StockAlert)
        .where(col(StockAlert.cleared_on).is_(None), col(StockAlert.seen_on).is_(None)),
        "due": _task(about(col(Invoice.open), col(Invoice.rate)), *owed, col(Invoice.due_on) < today),
        "overdue": _task(about(col(Invoice.open), col(Invoice.rate)), *late),
        "oldest": sa.select(col(Party.name), col(Invoice.due_on), about(col(Invoice.open), col(Invoice.rate)))
        .join(Party, col(Party.id) == col(Invoice.customer_id))
        .where(*late)
        .order_by(col(Invoice.due_on), col(Invoice.id))
        .limit(1),
        "kept": sa.select(col(KeptDraft.kind), col(KeptDraft.document_id), col(KeptDraft.label), col(KeptDraft.kept_at))
        .where(col(KeptDraft.login) == login)
        .order_by(col(KeptDraft.kept_at).desc())
        .limit(9),
    }


def today(session: Session, *, today: date, login: str) -> Today:
    """What is to be done on a day, and what this person left unsaved."""
    asked = questions(today, login)
    return told({name: session.execute(query).all() for name, query in asked.items()}, today)


def who_question(login: str) -> Any:
    """One statement for the company and the person."""
    return (
        sa.select(
            col(Company.name),
            col(Company.currency),
            col(Company.digits),
            col(Company.is_demo),
            col(Company.time_zone),
            col(User.name),
            col(User.settings),
            sa.exists(sa.select(col(ExchangeRate.id))),
        )
        .select_from(sa.outerjoin(Company, User, col(User.login) == login))
        .where(col(Company.id) == 1)
    )


def who(session: Session, login: str) -> Who | None:
    """Whose books these are, and who asks; None where they hold no company yet."""
    row = session.execute(who_question(login)).one_or_none()
    return None if row is None else Who(*row)
