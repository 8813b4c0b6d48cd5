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
from o2c_tui.money import Rounding
from o2c_tui.queries.lookups import the_company
from o2c_tui.rules.deposits import still_coming
from o2c_tui.rules.exchange import in_base

_owed = (
    sa.select(sa.func.coalesce(sa.func.sum(col(ReceivableItem.base_open)), 0))
    .where(col(ReceivableItem.customer_id) == sa.bindparam("customer"), col(ReceivableItem.open) != 0)
    .scalar_subquery()
)
_uninvoiced = (col(SalesOrder.customer_id) == sa.bindparam("customer"), col(SalesOrder.uninvoiced) != 0)
_own = sa.case(  # what was billed ahead is owed already, or was paid
    (
        sa.and_(col(SalesOrder.rate) == 0, col(SalesOrder.deposited) < col(SalesOrder.uninvoiced)),
        col(SalesOrder.uninvoiced) - col(SalesOrder.deposited),
    ),
    else_=sa.literal_column("0"),
)
_coming = sa.select(sa.func.coalesce(sa.func.sum(_own), 0)).where(*_uninvoiced).scalar_subquery()
_abroad = sa.select(sa.func.coalesce(sa.func.max(col(SalesOrder.rate)), 0)).where(*_uninvoiced).scalar_subquery()
_EXPOSURE = sa.select(sa.type_coerce(_owed, AMOUNT), sa.type_coerce(_coming, AMOUNT), _abroad != 0)


def exposure_of(session: Session, customer_id: int) -> Decimal:
    """Open receivables less unapplied credits, plus what is confirmed and not yet invoiced (tax included), in the company's
    currency: what is invoiced as it stands in the books, orders by their own rates."""
    owed, coming, foreign = session.execute(_EXPOSURE, {"customer": customer_id}).one()
    whole = Decimal(owed) + Decimal(coming)
    if foreign:
        whole += sum(foreign_orders(session, customer_id).values(), Decimal(0))
    return whole


def foreign_orders(session: Session, customer_id: int) -> dict[int, Decimal]:
    """What a customer's orders in other currencies still have to be invoiced, in the company's, by order."""
    query = sa.select(
        col(SalesOrder.id), col(SalesOrder.uninvoiced), col(SalesOrder.deposited), col(SalesOrder.rate)
    ).where(col(SalesOrder.customer_id) == customer_id, col(SalesOrder.uninvoiced) != 0, col(SalesOrder.rate) != 0)
    company = the_company(session)
    rounding = Rounding(company.rounding)
    return {
        key: in_base(still_coming(amount, ahead), rate, company.digits, rounding)
        for key, amount, ahead, rate in session.execute(query)
    }


def owed_by(session: Session, customer_ids: Sequence[int]) -> dict[int, Decimal]:
    """What each of some customers owes now in the company's currency: open instalments less unapplied credits."""
    query = (
        sa.select(col(ReceivableItem.customer_id), sa.func.sum(col(ReceivableItem.base_open), type_=AMOUNT))
        .where(col(ReceivableItem.customer_id).in_(customer_ids), col(ReceivableItem.open) != 0)
        .group_by(col(ReceivableItem.customer_id))
    )
    return {customer: owed for customer, owed in session.execute(query)}
