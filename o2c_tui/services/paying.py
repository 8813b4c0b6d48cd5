"""Payments: money in, set against what is owed, taken back when it bounces.

Rule: docs/rules/payments.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, OverAllocationError, WrongStateError
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.company import Company
from o2c_tui.models.invoice import Invoice
from o2c_tui.models.ledger import Account, AccountRole, SourceKind
from o2c_tui.models.order import OrderState, SalesOrder
from o2c_tui.models.receivable import Allocation, Payment, PaymentState, ReceivableItem
from o2c_tui.models.receivable_adjustment import ReceivableAdjustment
from o2c_tui.money import MOST_AMOUNT, Rounding, digits_of, is_figure, round_to
from o2c_tui.queries.exchange import currency_on
from o2c_tui.queries.lookups import account_ids, party_by_code, the_company, unknown
from o2c_tui.queries.settling import discounts_left, invoices_of_order
from o2c_tui.rules.allocation import OpenItem, propose
from o2c_tui.rules.exchange import RATE_PLACES, Currency, in_base
from o2c_tui.services.numbering import next_number
from o2c_tui.services.posting import Facts, leg_of, post_journal
from o2c_tui.services.settling import parts_in_base, post_exchange
from o2c_tui.services.support import load, own, require_state, take_step, warn
from o2c_tui.storage.chain import record
from o2c_tui.storage.rows import LOCK, insert_rows
from o2c_tui.texts import N_

ZERO = Decimal(0)


@dataclass(frozen=True)
class PaymentDraft:
    """Money received, as a clerk enters it. `shares` gives parts by receivable item id; None proposes them."""

    customer: str
    amount: Decimal
    received_on: date | None = None
    account: str = ""  # code; empty: the bank
    reference: str = ""
    note: str = ""
    shares: Mapping[int, Decimal] | None = None
    currency: str = ""  # empty: the customer's
    rate: Decimal | None = None  # what one unit of it is in the company's; none: that of the day
    arrived: Decimal | None = None  # what the bank put down in the company's currency, instead of the rate
    order: str = ""  # number of a sales order: paid ahead on it


@dataclass(frozen=True)
class Paid:
    """A payment posted, and what of it was set against invoices."""

    payment_id: int
    number: str
    amount: Decimal
    allocated: Decimal
    unapplied: Decimal


def receive_payment(session: Session, draft: PaymentDraft, *, by: str, today: date, now: datetime) -> Paid:
    """Post money received from a customer and set it against open instalments; the rest stays as unapplied credit.

    It is in the customer's currency, at the rate of its day, or as `rate` or `arrived` says, and pays what is owed in
    that currency; what that gains or loses against the invoices' rates is posted.

    Raises:
        BadValueError: the amount is not positive or has too many digits. UnknownCodeError: customer or account.
        MissingValueError: its currency has no rate on the day.
        OverAllocationError: more on an instalment than is open, or more than the payment in all.
    """
    company = the_company(session)
    customer = party_by_code(session, draft.customer)
    on = draft.received_on or today
    if not draft.amount.is_finite() or not ZERO < draft.amount <= MOST_AMOUNT:
        raise BadValueError(N_("The amount must be more than 0 and at most {most}."), field="amount", most=MOST_AMOUNT)
    currency, worth = _worth(session, company, draft, draft.currency.strip().upper() or customer.currency, on)
    if draft.reference:
        _warn_of_repeated_payment(session, customer.id, draft)
    order = _paid_on(session, draft.order, customer.id) if draft.order else None
    payment = Payment(
        customer_id=customer.id,
        received_on=on,
        amount=draft.amount,
        currency=currency.code,
        digits=currency.digits,
        rate=currency.rate,
        account_id=money_account(session, draft.account),
        reference=draft.reference.strip(),
        note=draft.note.strip(),
        order_id=order.id if order else None,
        by=by,
        posted_at=now,
        unapplied=draft.amount,
    )
    own(session, payment)
    shares = draft.shares
    if shares is None:
        debits = open_debits(session, customer.id, on, foreign_code(payment), order_id=payment.order_id)
        shares = propose(debits, draft.amount, reference=draft.reference).shares
    else:
        _check_shares(shares, payment.digits, payment.currency)
    allocated = sum(shares.values(), ZERO)
    if allocated > draft.amount:
        raise OverAllocationError(
            N_("{allocated} is given out, but only {amount} came in."),
            field="amount",
            allocated=allocated,
            amount=draft.amount,
        )
    payment.number = next_number(session, "payment", on)
    take_step(session, payment, PaymentState.POSTED)
    session.flush()
    items = insert_rows(
        session,
        ReceivableItem,
        [
            {
                "customer_id": customer.id,
                "payment_id": payment.id,
                "dated_on": on,
                "due_on": on,
                "amount": -draft.amount,
                **in_currency(payment, -worth),
                "open": -draft.amount,
                "base_open": -worth,
            }
        ],
    )
    facts: Facts = [(Payment, [payment]), (ReceivableItem, items)]
    if order is not None:
        order.paid_ahead += draft.amount
    facts += allocate(session, items[0]["id"], shares, on)
    facts += post_journal(
        session,
        SourceKind.PAYMENT,
        payment.id,
        on,
        [
            leg_of(payment, payment.account_id, None, worth, draft.amount),
            leg_of(payment, AccountRole.RECEIVABLE, customer.id, -worth, -draft.amount),
        ],
    )
    session.flush()
    record(session, "receive_payment", payment, by=by, facts=facts)
    return Paid(payment.id, payment.number, payment.amount, allocated, payment.unapplied)


def _worth(session: Session, company: Company, draft: PaymentDraft, code: str, on: date) -> tuple[Currency, Decimal]:
    """The currency of a payment, and what it is worth in the company's: what arrived, else the amount by the rate."""
    rate = draft.rate
    if draft.arrived is not None and code not in ("", company.currency):
        if not is_figure(draft.arrived, company.digits, MOST_AMOUNT) or not draft.arrived:
            raise BadValueError(
                N_("What arrived is more than 0 and has at most {places} decimals."),
                field="arrived",
                places=company.digits,
            )
        if rate is not None:
            raise BadValueError(N_("Give the rate or what arrived, not both."), field="arrived")
        rate = round_to(draft.arrived / draft.amount, RATE_PLACES)
    elif draft.arrived is not None and draft.arrived != draft.amount:
        raise BadValueError(
            N_("{currency} is the company's own currency; what arrived is the amount."),
            field="arrived",
            currency=company.currency,
        )
    if code:
        digits_of(code)  # refuses an unknown one
    currency = currency_on(session, company, code, on, rate)
    if not is_figure(draft.amount, currency.digits, MOST_AMOUNT):
        raise BadValueError(
            N_("{amount} has more digits than {currency} knows."),
            field="amount",
            amount=draft.amount,
            currency=currency.code,
        )
    if currency.is_foreign and draft.arrived is not None:
        return currency, draft.arrived
    return currency, in_base(draft.amount, currency.rate, company.digits, Rounding(company.rounding))


def foreign_code(document: Payment | Invoice) -> str:
    """The currency of what is open of a document, as open items say it: empty for the company's own."""
    return document.currency if document.rate else ""


def in_currency(payment: Payment, worth: Decimal) -> dict[str, Any]:
    """What an open item says of another currency: nothing where the payment is in the company's own."""
    return {"currency": payment.currency, "base_amount": worth} if payment.rate else {}


def _paid_on(session: Session, number: str, customer_id: int) -> SalesOrder:
    """The order that is paid ahead on.

    Raises:
        BadValueError: there is none of this customer, or it is not binding.
    """
    key = session.exec(select(SalesOrder.id).where(SalesOrder.number == number.strip().upper())).one_or_none()
    order = load(session, SalesOrder, key) if key is not None else None
    if order is None or order.customer_id != customer_id:
        raise BadValueError(N_("The customer has no order {number}."), field="order", number=number)
    require_state(order, OrderState.CONFIRMED, OrderState.ON_HOLD, OrderState.CLOSED, doing=N_("be paid on"))
    return order


def _check_shares(shares: Mapping[int, Decimal], digits: int, currency: str) -> None:
    for key, part in shares.items():
        if not part.is_finite() or not ZERO <= part <= MOST_AMOUNT:
            raise BadValueError(N_("What is set against an instalment must be 0 or more."), field=f"shares.{key}")
        if part != round_to(part, digits):
            raise BadValueError(
                N_("{amount} has more digits than {currency} knows."),
                field=f"shares.{key}",
                amount=part,
                currency=currency,
            )


def _refuse_reversed(payment: Payment) -> None:
    if payment.reversed_by is not None or payment.reverses_id is not None:
        raise WrongStateError(N_("{payment} was reversed already."), payment=payment.label)


def money_account(session: Session, code: str) -> int:
    """The bank or cash account with this code; the bank where there is none."""
    if not code:
        return account_ids(session)[AccountRole.BANK]
    account = session.exec(select(Account).where(Account.code == code.strip())).one_or_none()
    if account is None:
        raise unknown(session, Account, N_("account"), code, "account")
    if account.role not in (AccountRole.BANK, AccountRole.CASH):
        raise BadValueError(N_("{account} is no bank or cash account."), field="account", account=account.code)
    return account.id


def _warn_of_repeated_payment(session: Session, customer_id: int, draft: PaymentDraft) -> None:
    twin = session.exec(
        select(Payment).where(
            Payment.customer_id == customer_id,
            Payment.reference == draft.reference.strip(),
            Payment.amount == draft.amount,
            col(Payment.reversed_by).is_(None),
        )
    ).first()
    if twin is not None:
        warn(
            session,
            "repeated_payment",
            N_("The same amount with the reference {reference} was entered before: {payment}."),
            reference=draft.reference,
            payment=twin.label,
        )


def open_debits(
    session: Session, customer_id: int, on: date, currency: str = "", *, order_id: int | None = None
) -> list[OpenItem]:
    """What a customer owes in a currency (empty: the company's), oldest due first, as the proposal takes it; what is
    dated after `on` left out.

    With `order_id` only the instalments of invoices that bill that order.
    """
    number = sa.func.coalesce(col(Invoice.number), col(ReceivableAdjustment.number), "")
    query = (
        sa.select(
            col(ReceivableItem.id),
            col(ReceivableItem.due_on),
            col(ReceivableItem.open),
            number,
            col(ReceivableItem.discount_on),
        )
        .outerjoin(Invoice, col(Invoice.id) == col(ReceivableItem.invoice_id))
        .outerjoin(ReceivableAdjustment, col(ReceivableAdjustment.id) == col(ReceivableItem.adjustment_id))
        .where(
            col(ReceivableItem.customer_id) == customer_id,
            col(ReceivableItem.currency) == currency,
            col(ReceivableItem.open) > 0,
            col(ReceivableItem.dated_on) <= on,
            ~undone_after(on),
        )
        .order_by(col(ReceivableItem.due_on), col(ReceivableItem.id))
    )
    if order_id is not None:
        query = query.where(col(ReceivableItem.invoice_id).in_(invoices_of_order(order_id)))
    rows = session.execute(query).all()
    early = [row.id for row in rows if row.discount_on is not None and row.discount_on >= on]
    offered = discounts_left(session, early, on) if early else {}
    return [OpenItem(row.id, row.due_on, row.open, row[3], offered.get(row.id, ZERO)) for row in rows]


def undone_after(on: date) -> sa.ColumnElement[bool]:
    """Whether something that was set against an instalment was undone later than a day: up to then it was paid."""
    return sa.exists().where(
        col(Allocation.debit_id) == col(ReceivableItem.id),
        col(Allocation.amount) < 0,
        col(Allocation.allocated_on) > on,
    )


def allocate(session: Session, credit_id: int, shares: Mapping[int, Decimal], on: date) -> Facts:
    """Set parts of a credit against instalments: rows, and what is open on both sides, on the invoices and the payment.

    A negative part undoes an earlier one. What the parts would overdraw is refused, on whichever day. In another
    currency what that gains or loses is posted (services/settling.py); both sides are in the same one.
    """
    parts = {key: part for key, part in shares.items() if part}
    if not parts:
        return []
    undone = sa.select(sa.func.max(col(Allocation.allocated_on))).where(
        sa.or_(col(Allocation.debit_id) == col(ReceivableItem.id), col(Allocation.credit_id) == col(ReceivableItem.id)),
        col(Allocation.amount) < 0,
    )
    query = (
        select(ReceivableItem, undone.correlate(ReceivableItem).scalar_subquery())
        .where(col(ReceivableItem.id).in_([*parts, credit_id]))
        .order_by(col(ReceivableItem.id))
        .with_for_update(**LOCK)
    )
    found = session.exec(query).all()
    for _, last in found:
        if last is not None and on < last:
            raise BadValueError(
                N_("What was set here was undone on {day}; nothing can be set before that day."),
                field="date",
                day=str(last),
            )
    items = {item.id: item for item, _ in found}
    credit = items.get(credit_id)
    if credit is None:
        raise BadValueError(N_("There is no such credit."))
    for key, part in parts.items():
        debit = items.get(key)
        if debit is None or debit.customer_id != credit.customer_id or debit.amount <= ZERO:
            raise BadValueError(N_("Item {key} is not an open instalment of this customer."), key=key)
        if debit.currency != credit.currency:
            own = the_company(session).currency
            raise BadValueError(
                N_("Money in {currency} cannot pay what is owed in {other}; give it out in its own currency."),
                field=f"shares.{key}",
                currency=credit.currency or own,
                other=debit.currency or own,
            )
        if debit.dated_on > on:
            raise BadValueError(
                N_("An instalment of {day} cannot be paid on {on}."), field="date", day=str(debit.dated_on), on=str(on)
            )
        if not ZERO <= debit.open - part <= debit.amount:
            raise OverAllocationError(
                N_("{part} is more than the {open} that is open."), field=f"shares.{key}", part=part, open=debit.open
            )
    total = sum(parts.values(), ZERO)
    if not credit.amount <= credit.open + total <= ZERO:
        raise OverAllocationError(
            N_("{total} is more than the {left} that is left of the credit."), total=total, left=-credit.open
        )
    worth = parts_in_base(session, credit, items, parts)
    for key, taken in worth.items():
        debit = items[key]
        debit.open -= taken.amount
        debit.base_open -= taken.debit
        debit.settled_on = on if not debit.open else None
    credit.open += total
    credit.base_open += sum((part.credit for part in worth.values()), ZERO)
    credit.settled_on = on if not credit.open else None
    rows = insert_rows(
        session,
        Allocation,
        [
            {
                "allocated_on": on,
                "debit_id": key,
                "credit_id": credit_id,
                "amount": taken.amount,
                "base_debit": taken.debit if credit.currency else None,
                "base_credit": taken.credit if credit.currency else None,
            }
            for key, taken in sorted(worth.items())
        ],
    )
    _keep_documents(session, [items[key] for key in parts], credit, parts, total, on)
    return [(Allocation, rows), *post_exchange(session, credit, list(worth.values()), on)]


def _keep_documents(
    session: Session,
    debits: Sequence[ReceivableItem],
    credit: ReceivableItem,
    parts: Mapping[int, Decimal],
    total: Decimal,
    on: date,
) -> None:
    by_invoice: dict[int, Decimal] = {}
    for item in debits:
        if item.invoice_id is not None:
            by_invoice[item.invoice_id] = by_invoice.get(item.invoice_id, ZERO) + parts[item.id]
    if credit.invoice_id is not None:
        by_invoice[credit.invoice_id] = by_invoice.get(credit.invoice_id, ZERO) - total
    for item in (*debits, credit):
        if item.adjustment_id is not None:
            load(session, ReceivableAdjustment, item.adjustment_id).open -= total if item is credit else -parts[item.id]
    query = (
        select(Invoice).where(col(Invoice.id).in_(sorted(by_invoice))).order_by(col(Invoice.id)).with_for_update(**LOCK)
    )
    for invoice in session.exec(query) if by_invoice else ():
        invoice.open -= by_invoice[invoice.id]
        invoice.settled_on = on if not invoice.open else None
        invoice.version += 1
    if credit.payment_id is not None:
        payment = load(session, Payment, credit.payment_id)
        payment.unapplied -= total
        payment.version += 1
        if payment.order_id is not None:
            load(session, SalesOrder, payment.order_id).paid_ahead -= total


def apply_credit(
    session: Session,
    *,
    payment_id: int | None = None,
    credit_note_id: int | None = None,
    receivable_adjustment_id: int | None = None,
    shares: Mapping[int, Decimal] | None = None,
    on: date | None = None,
    by: str,
    today: date,
) -> Decimal:
    """Set an unapplied credit (of a payment or a credit note) against open instalments; returns what was set.

    `shares` by receivable item id; None proposes them.

    Raises:
        OverAllocationError: more than is open or left. WrongStateError: the payment was reversed.
        BadValueError: a part that is negative, or a day before the credit or before something was undone.
    """
    document: Payment | Invoice | ReceivableAdjustment
    if payment_id is not None:
        document = load(session, Payment, payment_id)
        _refuse_reversed(document)
    elif receivable_adjustment_id is not None:
        document = load(session, ReceivableAdjustment, receivable_adjustment_id)
    else:
        document = load(session, Invoice, credit_note_id or 0)
    credit = _credit_item(session, payment_id, credit_note_id, receivable_adjustment_id)
    day = on or today
    if day < credit.dated_on:
        raise BadValueError(
            N_("A credit of {day} cannot be used on {on}."), field="date", day=str(credit.dated_on), on=str(day)
        )
    if shares is None:
        shares = propose(open_debits(session, credit.customer_id, day, credit.currency), -credit.open).shares
    else:
        _check_shares(shares, document.digits, document.currency or the_company(session).currency)
    facts = allocate(session, credit.id, shares, day)
    session.flush()
    record(session, "apply_credit", document, by=by, facts=facts)
    return sum(shares.values(), ZERO)


def _credit_item(
    session: Session, payment_id: int | None, credit_note_id: int | None, adjustment_id: int | None = None
) -> ReceivableItem:
    query = select(ReceivableItem).where(ReceivableItem.amount < 0)
    if adjustment_id is not None:
        query = query.where(ReceivableItem.adjustment_id == adjustment_id)
    elif payment_id is not None:
        query = query.where(ReceivableItem.payment_id == payment_id)
    else:
        query = query.where(ReceivableItem.invoice_id == credit_note_id)
    credit = session.exec(query).first()
    if credit is None:
        raise BadValueError(N_("There is no such credit."))
    return credit


def unapply(session: Session, payment_id: int, *, on: date | None = None, by: str, today: date) -> Decimal:
    """Undo all that a payment was set against, by opposite rows; it is unapplied credit again. Returns the sum undone."""
    payment = load(session, Payment, payment_id)
    require_state(payment, PaymentState.POSTED, doing=N_("be taken off its invoices"))
    _refuse_reversed(payment)
    facts, total = _unallocate(session, payment, on or today)
    session.flush()
    record(session, "unapply", payment, by=by, facts=facts)
    return total


def _unallocate(session: Session, payment: Payment, on: date) -> tuple[Facts, Decimal]:
    credit = _credit_item(session, payment.id, None)
    query = (
        sa.select(col(Allocation.debit_id), sa.func.sum(col(Allocation.amount), type_=AMOUNT))
        .where(col(Allocation.credit_id) == credit.id)
        .group_by(col(Allocation.debit_id))
    )
    held = {debit: part for debit, part in session.execute(query) if part}
    newest = session.execute(
        sa.select(sa.func.max(col(Allocation.allocated_on))).where(col(Allocation.credit_id) == credit.id)
    ).scalar_one()
    if newest is not None and on < newest:
        raise BadValueError(
            N_("It was set against invoices on {day}; it cannot be undone on {on}."), day=str(newest), on=str(on)
        )
    return allocate(session, credit.id, {debit: -part for debit, part in held.items()}, on), sum(held.values(), ZERO)


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
    _refuse_reversed(payment)
    require_state(payment, PaymentState.POSTED, doing=N_("be reversed"))
    day = on or today
    if day < payment.received_on:
        raise BadValueError(
            N_("The payment came in on {day}; it cannot bounce before."), field="date", day=str(payment.received_on)
        )
    from o2c_tui.services.writing_off import held_by, reverse_kept_back, take_off

    mine = _item_of(session, payment.id)
    if payment.is_refund:
        facts = take_off(session, held_by(session, [mine.id]), day)
    else:
        facts, _ = _unallocate(session, payment, day)
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
    back.number = next_number(session, "payment", day)
    take_step(session, back, PaymentState.POSTED)
    payment.reversed_by = back.id
    session.flush()
    items = insert_rows(
        session,
        ReceivableItem,
        [
            {
                "customer_id": payment.customer_id,
                "payment_id": back.id,
                "dated_on": day,
                "due_on": day,
                "amount": payment.amount,
                **in_currency(back, worth),
                "open": payment.amount,
                "base_open": worth,
            }
        ],
    )
    pair = (mine.id, int(items[0]["id"]))
    credit, debit = reversed(pair) if payment.is_refund else pair
    facts += allocate(session, credit, {debit: abs(payment.amount)}, day)
    facts += post_journal(
        session,
        SourceKind.PAYMENT,
        back.id,
        day,
        [
            leg_of(back, AccountRole.RECEIVABLE, payment.customer_id, worth, payment.amount),
            leg_of(back, payment.account_id, None, -worth, -payment.amount),
            (payment.account_id, None, -charge),
            (AccountRole.BANK_CHARGES, None, charge),
        ],
    )
    session.flush()
    rows: Facts = [(Payment, [back]), (ReceivableItem, items), *facts]
    record(session, "reverse_payment", back, by=by, facts=rows)
    return Paid(back.id, back.number, back.amount, ZERO, payment.unapplied)


def _item_of(session: Session, payment_id: int) -> ReceivableItem:
    """A payment's open item."""
    return session.exec(select(ReceivableItem).where(ReceivableItem.payment_id == payment_id)).one()
