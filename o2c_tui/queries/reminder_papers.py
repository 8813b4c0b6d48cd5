"""A reminder on paper: the letter as it was written, with all it lists. Rule: docs/rules/reminders.md."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import NotFoundError
from o2c_tui.models.invoice import Invoice
from o2c_tui.models.party import Party
from o2c_tui.models.receivable import Payment, ReceivableItem
from o2c_tui.models.receivable_adjustment import ReceivableAdjustment
from o2c_tui.models.reminder import Reminder, ReminderLine
from o2c_tui.queries.document_view import (
    ColumnView,
    DocumentKind,
    DocumentView,
    LineView,
    PartyView,
    Said,
    Shape,
)
from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.printing import letterhead
from o2c_tui.texts import N_


def reminder_lines(session: Session, reminder_id: int) -> list[Any]:
    """What a letter lists: number, dated_on, due_on, open and level of each item."""
    number = sa.func.coalesce(col(Invoice.number), col(Payment.number), col(ReceivableAdjustment.number), "–")
    query = (
        sa.select(
            number.label("number"), col(ReceivableItem.dated_on), col(ReminderLine.due_on), col(ReminderLine.open),
            col(ReminderLine.level),
        )
        .join(ReceivableItem, col(ReceivableItem.id) == col(ReminderLine.item_id))
        .outerjoin(Invoice, col(Invoice.id) == col(ReceivableItem.invoice_id))
        .outerjoin(Payment, col(Payment.id) == col(ReceivableItem.payment_id))
        .outerjoin(ReceivableAdjustment, col(ReceivableAdjustment.id) == col(ReceivableItem.adjustment_id))
        .where(col(ReminderLine.reminder_id) == reminder_id)
        .order_by(col(ReminderLine.position))
    )  # fmt: skip
    return list(session.execute(query))


def reminder_by_number(session: Session, number: str) -> Reminder:
    """The letter with this number.

    Raises:
        NotFoundError: there is none.
    """
    found = session.exec(select(Reminder).where(Reminder.number == number.strip().upper())).one_or_none()
    if found is None:
        raise NotFoundError(N_("There is no document {number}."), field="number", number=number)
    return found


def reminder_paper(session: Session, key: int) -> DocumentView:
    """One reminder as a letter, in the language it was written in.

    Raises:
        NotFoundError: there is none.
    """
    head = session.get(Reminder, key)
    if head is None:
        raise NotFoundError(N_("There is no document {number}."), field="number", number=str(key))
    party = session.get_one(Party, head.customer_id)
    company = the_company(session)
    lines = tuple(
        LineView(
            n,
            "",
            "",
            None,
            more=(
                row.dated_on,
                row.number,
                row.due_on,
                _late((head.reminded_on - row.due_on).days, row.open),
                row.open,
            ),
        )
        for n, row in enumerate(reminder_lines(session, key), 1)
    )
    ours = head.currency == company.currency
    sums = ((N_("Reminder fee"), head.fee),) if head.fee and ours else ()
    return DocumentView(
        kind=DocumentKind.REMINDER,
        number=head.number,
        date=head.reminded_on,
        company=letterhead(session),
        bill_to=head.address or party.name,
        currency=head.currency,
        digits=head.digits,
        customer=PartyView(party.code, party.tax_id, party.contact),
        columns=(
            ColumnView(N_("Date"), before="description"),
            ColumnView(N_("Document"), before="description"),
            ColumnView(N_("Due"), before="description"),
            ColumnView(N_("Overdue"), before="description"),
            ColumnView(N_("Open {currency}"), shape=Shape.MONEY, strong=True),
        ),
        lines=lines,
        sums=sums,
        gross=head.total + (head.fee if ours else 0),
        language=head.language,
        show_prices=False,
        show_total=True,
        letter=head.body,
    )


def _late(days: int, left: Any) -> Said | str:
    return Said(N_("{n} days"), (("n", str(days)),)) if days > 0 and left > 0 else ""
