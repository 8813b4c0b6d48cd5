"""What a customer owes and will owe: the figure behind every credit check.

Rule: docs/rules/credit.md.
"""

from collections.abc import Sequence
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.base import AMOUNT
from o2c_tui.models.order import SalesOrder
from o2c_tui.models.receivable import ReceivableItem

_owed = (
    sa.select(sa.func.coalesce(sa.func.sum(col(ReceivableItem.open)), 0))
    .where(col(ReceivableItem.customer_id) == sa.bindparam("customer"), col(ReceivableItem.open) != 0)
    .scalar_subquery()
)
_coming = (
    sa.select(sa.func.coalesce(sa.func.sum(col(SalesOrder.uninvoiced)), 0))
    .where(col(SalesOrder.customer_id) == sa.bindparam("customer"), col(SalesOrder.uninvoiced) != 0)
    .scalar_subquery()
)
_EXPOSURE = sa.select(sa.type_coerce(_owed, AMOUNT), sa.type_coerce(_coming, AMOUNT))


def exposure_of(session: Session, customer_id: int) -> Decimal:
    """Open receivables less unapplied credits, plus what is confirmed and not yet invoiced (tax included)."""
    owed, coming = session.execute(_EXPOSURE, {"customer": customer_id}).one()
    return Decimal(owed) + Decimal(coming)


def owed_by(session: Session, customer_ids: Sequence[int]) -> dict[int, Decimal]:
    """What each of some customers owes now: open instalments less unapplied credits."""
    query = (
        sa.select(col(ReceivableItem.customer_id), sa.func.sum(col(ReceivableItem.open), type_=AMOUNT))
        .where(col(ReceivableItem.customer_id).in_(customer_ids), col(ReceivableItem.open) != 0)
        .group_by(col(ReceivableItem.customer_id))
    )
    return {customer: owed for customer, owed in session.execute(query)}
