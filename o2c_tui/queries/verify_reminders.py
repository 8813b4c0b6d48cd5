"""What verify proves of reminders: each adds up to what it lists, and its fee was charged.

Rule: docs/rules/reminders.md.
"""

from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.models.base import AMOUNT
from o2c_tui.models.receivable_adjustment import ReceivableAdjustment
from o2c_tui.models.reminder import Reminder, ReminderLine
from o2c_tui.queries.checking import Found, Row, breach
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)


def reminders_add_up(session: Session) -> Found:
    """A reminder's total is the sum of its lines; its fee is the adjustment it names, or nothing."""
    heads, lines, charges = table_of(Reminder), table_of(ReminderLine), table_of(ReceivableAdjustment)
    told = sa.select(sa.func.coalesce(sa.func.sum(lines.c.open, type_=AMOUNT), 0)).where(
        lines.c.reminder_id == heads.c.id
    )
    query = sa.select(
        heads.c.id, heads.c.total, heads.c.fee, charges.c.amount, told.scalar_subquery().label("told")
    ).outerjoin(charges, charges.c.id == heads.c.fee_id)
    for row in session.execute(query):
        if row.total != Decimal(row.told):
            yield breach(
                N_("{row}: total {total}, its lines {told}"),
                row=Row("reminder", row.id),
                total=row.total,
                told=row.told,
            )
        charged = -row.amount if row.amount is not None else ZERO
        if row.fee != charged:
            yield breach(N_("{row}: fee {fee}, charged {told}"), row=Row("reminder", row.id), fee=row.fee, told=charged)
