"""A reminder on paper: the letter as it was written, with all it lists. Rule: docs/rules/reminders.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import NotFoundError
from o2c_tui.models.invoice import Invoice
from o2c_tui.models.mail import OutgoingMail, PaperLog
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
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_


def reminder_lines(session: Session, reminder_id: int) -> list[Any]:
    """What a letter lists: number, dated_on, due_on, open and level of each item, and the key of its document."""
    number = sa.func.coalesce(col(Invoice.number), col(Payment.number), col(ReceivableAdjustment.number), "–")
    query = (
        sa.select(
            number.label("number"), col(ReceivableItem.dated_on), col(ReminderLine.due_on), col(ReminderLine.open),
            col(ReminderLine.level), col(ReceivableItem.invoice_id), col(ReceivableItem.payment_id),
            col(ReceivableItem.adjustment_id),
        )
        .join(ReceivableItem, col(ReceivableItem.id) == col(ReminderLine.item_id))
        .outerjoin(Invoice, col(Invoice.id) == col(ReceivableItem.invoice_id))
        .outerjoin(Payment, col(Payment.id) == col(ReceivableItem.payment_id))
        .outerjoin(ReceivableAdjustment, col(ReceivableAdjustment.id) == col(ReceivableItem.adjustment_id))
        .where(col(ReminderLine.reminder_id) == reminder_id)
        .order_by(col(ReminderLine.position))
    )  # fmt: skip
    return list(session.execute(query))


def load_reminder(session: Session, key: int) -> Reminder:
    """The letter with this key.

    Raises:
        NotFoundError: there is none.
    """
    found = session.get(Reminder, key)
    if found is None:
        raise NotFoundError(N_("There is no document {number}."), field="number", number=str(key))
    return found


def reminder_by_number(session: Session, number: str) -> Reminder:
    """The letter with this number.

    Raises:
        NotFoundError: there is none.
    """
    found = session.exec(select(Reminder).where(Reminder.number == number.strip().upper())).one_or_none()
    if found is None:
        raise NotFoundError(N_("There is no document {number}."), field="number", number=number)
    return found


@dataclass(frozen=True)
class Listed:
    """One item of a letter, with the document behind it."""

    number: str
    kind: str  # invoice, payment, receivable_adjustment
    document_id: int
    dated_on: date
    due_on: date
    open: Decimal
    level: int


@dataclass(frozen=True)
class Gone:
    """How a letter left the house: a mail with its state, or a paper with the hash of its bytes."""

    way: str
    to: str
    file_name: str
    sha256: str
    mail_id: int | None
    state: str = ""


@dataclass(frozen=True)
class ReminderView:
    """A letter as it was written, what it lists, and how it went."""

    kind: str  # reminder, always
    id: int
    number: str
    customer: str
    customer_name: str
    reminded_on: date
    level: int
    language: str
    email: str
    subject: str
    body: str
    currency: str
    digits: int
    total: Decimal
    fee: Decimal
    fee_id: int | None
    by: str
    lines: tuple[Listed, ...]
    gone: tuple[Gone, ...]


def reminder_view(session: Session, key: int) -> ReminderView:
    """One letter, whole.

    Raises:
        NotFoundError: there is none.
    """
    head = load_reminder(session, key)
    party = session.get_one(Party, head.customer_id)
    return ReminderView(
        "reminder", key, head.number, party.code, party.name, head.reminded_on, head.level, head.language, head.email,
        head.subject, head.body, head.currency, head.digits, head.total, head.fee, head.fee_id, head.by,
        tuple(_listed(row) for row in reminder_lines(session, key)), tuple(_gone(session, key)),
    )  # fmt: skip


def _listed(row: Any) -> Listed:
    named = (("invoice", row.invoice_id), ("payment", row.payment_id), ("receivable_adjustment", row.adjustment_id))
    kind, key = next((kind, key) for kind, key in named if key is not None)
    return Listed(row.number, kind, key, row.dated_on, row.due_on, row.open, row.level)


def _gone(session: Session, key: int) -> list[Gone]:
    papers = select(PaperLog).where(PaperLog.kind == "reminder", PaperLog.document_id == key)
    found = [
        Gone(str(row.way), row.to, row.file_name, row.sha256, row.mail_id)
        for row in session.exec(papers.order_by(col(PaperLog.id)))
        if row.mail_id is None
    ]
    mails = select(OutgoingMail).where(OutgoingMail.kind == "reminder", OutgoingMail.document_id == key)
    return found + [
        Gone("mailed", mail.to, mail.file_name, "", mail.id, str(mail.state))
        for mail in session.exec(mails.order_by(col(OutgoingMail.id)))
    ]


def unprinted(session: Session, keys: Sequence[int] | None = None) -> list[int]:
    """The letters that went no way yet: neither a mail was written nor a paper made; of `keys`, or of all."""
    gone = [
        sa.select(table.c.document_id).where(table.c.kind == "reminder")
        for table in (table_of(PaperLog), table_of(OutgoingMail))
    ]
    query = select(Reminder.id).where(*(col(Reminder.id).not_in(keys_of) for keys_of in gone))
    if keys is not None:
        query = query.where(col(Reminder.id).in_(keys))
    return list(session.exec(query.order_by(col(Reminder.id))))


def reminder_paper(session: Session, key: int) -> DocumentView:
    """One reminder as a letter, in the language it was written in.

    Raises:
        NotFoundError: there is none.
    """
    head = load_reminder(session, key)
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
