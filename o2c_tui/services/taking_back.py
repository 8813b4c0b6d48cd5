"""Payments taken back, and credits taken off what they were set against: each by its opposite.

Rule: docs/rules/payments.md, "Reversal"; docs/rules/settling.md, "Undoing".
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, MissingValueError, WrongStateError
from o2c_tui.models.invoice import Invoice, InvoiceKind, InvoiceState
from o2c_tui.models.ledger import AccountRole
from o2c_tui.models.receivable import Payment, PaymentState, ReceivableItem
from o2c_tui.models.receivable_adjustment import AdjustmentKind, ReceivableAdjustment
from o2c_tui.money import MOST_AMOUNT, is_figure
from o2c_tui.queries.documents import document_by_number
from o2c_tui.queries.lookups import the_company
from o2c_tui.services.allocating import Held, allocate, held_by, take_off
from o2c_tui.services.paying import Paid, post_money, refuse_reversed
from o2c_tui.services.posting import account_for
from o2c_tui.services.support import load, require_state
from o2c_tui.services.writing_off import Adjusting, post_adjustment, reverse_kept_back
from o2c_tui.storage.chain import record
from o2c_tui.texts import N_

ZERO = Decimal(0)


def unapply(
    session: Session,
    payment_id: int | None = None,
    *,
    credit_note_id: int | None = None,
    on: date | None = None,
    by: str,
    today: date,
) -> Decimal:
    """Undo all that a payment or a credit note was set against, by opposite rows; it is unapplied credit again.

    What was given back of it stays given back. Returns the sum undone.

    Raises:
        WrongStateError: it is not posted, or was reversed. MissingValueError: it is set against nothing.
        BadValueError: it is an invoice, or a day before it was set.
    """
    document: Payment | Invoice
    if payment_id is not None:
        document = load(session, Payment, payment_id)
        require_state(document, PaymentState.POSTED, doing=N_("be taken off its invoices"))
        refuse_reversed(document)
        query = select(ReceivableItem.id).where(ReceivableItem.payment_id == payment_id)
    else:
        document = load(session, Invoice, credit_note_id or 0)
        require_state(document, InvoiceState.POSTED, doing=N_("be taken off its invoices"))
        if document.kind is not InvoiceKind.CREDIT_NOTE:
            raise BadValueError(N_("{number} is no credit note."), field="credit_note_id", number=document.label)
        query = select(ReceivableItem.id).where(ReceivableItem.invoice_id == credit_note_id)
    held = _loose(session, held_by(session, list(session.exec(query).all())))
    if not held:
        raise MissingValueError(N_("{document} is set against nothing."), document=document.label)
    facts = take_off(session, held, on or today)
    session.flush()
    record(session, "unapply", document, by=by, facts=facts)
    return sum((part.amount for part in held), ZERO)


def _loose(session: Session, held: Sequence[Held]) -> list[Held]:
    """Of what is set against what: without money given back and reversals, which are taken back themselves."""
    keys = [part.debit_id for part in held]
    query = (
        sa.select(col(ReceivableItem.id))
        .outerjoin(ReceivableAdjustment, col(ReceivableAdjustment.id) == col(ReceivableItem.adjustment_id))
        .where(
            col(ReceivableItem.id).in_(keys),
            col(ReceivableItem.payment_id).is_(None),
            col(ReceivableAdjustment.reverses_id).is_(None),
            col(ReceivableAdjustment.reversed_by).is_(None),
        )
    )
    loose = set(session.execute(query).scalars())
    return [part for part in held if part.debit_id in loose]


def reverse_payment(
    session: Session,
    payment_id: int,
    reason: str,
    *,
    charge: Decimal = ZERO,
    on: date | None = None,
    version: int | None = None,
    by: str,
    today: date,
    now: datetime,
) -> Paid:
    """Take a payment back (it bounced, or was entered wrongly): its invoices are open again, the money is out of the bank.

    What was kept back with it (discount, difference) is taken back too; `charge` is what the bank took for it. Money
    given back that did not arrive is the customer's credit again.

    Raises:
        WrongStateError: it was reversed before, or is a reversal itself. BadValueError: no reason.
    """
    if not reason.strip():
        raise BadValueError(N_("Say why the payment is reversed."), field="reason")
    payment = load(session, Payment, payment_id, version=version)
    refuse_reversed(payment)
    require_state(payment, PaymentState.POSTED, doing=N_("be reversed"))
    day = on or today
    if day < payment.received_on:
        raise BadValueError(
            N_("The payment came in on {day}; it cannot bounce before."), field="date", day=str(payment.received_on)
        )
    mine = _item_of(session, payment.id)
    facts = take_off(session, held_by(session, [mine.id]), day)
    reverse_kept_back(session, payment.id, reason, day, by=by, now=now)
    back = Payment(
        customer_id=payment.customer_id,
        received_on=day,
        amount=-payment.amount,
        currency=payment.currency,
        digits=payment.digits,
        rate=payment.rate,
        account_id=payment.account_id,
        reference=payment.reference,
        charge=charge,
        unapplied=max(-payment.amount, ZERO),
        reverses_id=payment.id,
        reason=reason.strip(),
        by=by,
        posted_at=now,
    )
    session.add(back)
    session.flush()
    worth = payment.amount if mine.base_amount is None else -mine.base_amount
    payment.reversed_by = back.id
    item_id, posted = post_money(session, back, -worth)
    pair = (mine.id, item_id)
    credit, debit = reversed(pair) if payment.is_refund else pair
    facts += allocate(session, credit, {debit: abs(payment.amount)}, day)
    session.flush()
    record(session, "reverse_payment", back, by=by, facts=posted + facts)
    return Paid(back.id, back.label, back.amount, ZERO, payment.unapplied)


def undo_allocation(
    session: Session,
    credit: str,
    debit: str,
    *,
    instalment: int | None = None,
    on: date | None = None,
    by: str,
    today: date,
) -> Decimal:
    """Undo what of one credit (payment, credit note, write-off) is set against one invoice or fee; by their numbers.

    With `instalment` only that one of the invoice. The credit is unused again. Returns what was undone.

    Raises:
        MissingValueError: nothing is set. WrongStateError: one of them was reversed, or gave money back; that is taken
        back itself. NotFoundError: no document has the number. BadValueError: a day before it was set.
    """
    document, credit_ids = _items_of(session, credit)
    other, debit_ids = _items_of(session, debit)
    for found in (document, other):
        reversal = getattr(found, "reverses_id", None) is not None or getattr(found, "reversed_by", None) is not None
        if reversal or (isinstance(found, Payment) and found.is_refund):
            raise WrongStateError(N_("{document} is no open money: take it back itself instead."), document=found.label)
    if instalment is not None:
        keys = sa.select(col(ReceivableItem.id)).where(
            col(ReceivableItem.id).in_(debit_ids), col(ReceivableItem.position) == instalment
        )
        debit_ids = list(session.execute(keys).scalars())
    held = [part for part in held_by(session, credit_ids) if part.debit_id in debit_ids]
    if not held:
        raise MissingValueError(N_("Nothing of {credit} is set against {debit}."), credit=credit, debit=debit)
    facts = take_off(session, held, on or today)
    session.flush()
    record(session, "undo_allocation", document, by=by, facts=facts)
    return sum((part.amount for part in held), ZERO)


def _items_of(session: Session, number: str) -> tuple[Payment | Invoice | ReceivableAdjustment, list[int]]:
    """The document with a number, and the keys of its open items.

    Raises:
        BadValueError: it is no payment, invoice or adjustment of an account.
    """
    kind, key = document_by_number(session, number)
    models: dict[str, type[Payment] | type[Invoice] | type[ReceivableAdjustment]] = {
        "payment": Payment,
        "invoice": Invoice,
        "receivable_adjustment": ReceivableAdjustment,
    }
    if kind not in models:
        raise BadValueError(N_("{number} is no payment, invoice or account adjustment."), number=number)
    columns = {
        "payment": ReceivableItem.payment_id,
        "invoice": ReceivableItem.invoice_id,
        "receivable_adjustment": ReceivableItem.adjustment_id,
    }
    keys = session.execute(sa.select(col(ReceivableItem.id)).where(col(columns[kind]) == key)).scalars()
    return load(session, models[kind], key), list(keys)


def bounce_payment(
    session: Session,
    payment_id: int,
    reason: str,
    *,
    charge: Decimal = ZERO,
    charge_customer: bool = False,
    on: date | None = None,
    version: int | None = None,
    by: str,
    today: date,
    now: datetime,
) -> Paid:
    """Take back a payment that bounced, with what the bank charged for it; the customer may be charged the same.

    Raises: what reverse_payment raises. BadValueError: the charge is no amount.
    """
    company, day = the_company(session), on or today
    if not is_figure(charge, company.digits, MOST_AMOUNT):
        raise BadValueError(N_("The charge must be 0 or an amount."), field="charge")
    back = reverse_payment(
        session, payment_id, reason, charge=charge, on=on, version=version, by=by, today=today, now=now
    )
    if charge and charge_customer:
        payment = load(session, Payment, back.payment_id)
        wanted = Adjusting(
            AdjustmentKind.BANK_CHARGE,
            payment.customer_id,
            -charge,
            account_for(session, AccountRole.BANK_CHARGES),
            day,
            company.digits,
            payment_id=payment.id,
            note=reason,
        )
        made, _item, facts = post_adjustment(session, wanted, by=by, now=now)
        session.flush()
        record(session, "bounce_payment", made, by=by, facts=facts)
    return back


def _item_of(session: Session, payment_id: int) -> ReceivableItem:
    """A payment's open item."""
    return session.exec(select(ReceivableItem).where(ReceivableItem.payment_id == payment_id)).one()
