"""Payments: money in, set against what is owed, taken back when it bounces.

Rule: docs/rules/payments.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, OverAllocationError, WrongStateError
from o2c_tui.models.bank import BankAccount
from o2c_tui.models.company import Company
from o2c_tui.models.invoice import Invoice
from o2c_tui.models.ledger import Account, AccountRole, SourceKind
from o2c_tui.models.order import OrderState, SalesOrder
from o2c_tui.models.receivable import Payment, PaymentState, ReceivableItem
from o2c_tui.models.receivable_adjustment import ReceivableAdjustment
from o2c_tui.money import MOST_AMOUNT, Rounding, digits_of, is_figure, round_to
from o2c_tui.queries.exchange import currency_on
from o2c_tui.queries.lookups import account_ids, party_by_code, the_company, unknown
from o2c_tui.rules.allocation import propose
from o2c_tui.rules.exchange import RATE_PLACES, Currency, in_base
from o2c_tui.services.allocating import allocate, in_currency, open_debits
from o2c_tui.services.numbering import next_number
from o2c_tui.services.posting import Facts, leg_of, post_journal
from o2c_tui.services.support import load, own, require_state, take_step, warn
from o2c_tui.storage.chain import record
from o2c_tui.storage.rows import insert_rows
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
        account_id=money_account(session, draft.account, currency.code if currency.is_foreign else ""),
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
    item_id, facts = post_money(session, payment, worth)
    if order is not None:
        order.paid_ahead += draft.amount
    facts += allocate(session, item_id, shares, on)
    session.flush()
    record(session, "receive_payment", payment, by=by, facts=facts)
    return Paid(payment.id, payment.label, payment.amount, allocated, payment.unapplied)


def post_money(session: Session, payment: Payment, worth: Decimal) -> tuple[int, Facts]:
    """Post money that came in, was given back, or is taken back: its number, its item on the account, its journal.

    `worth` is its amount in the company's currency, with its sign. Returns the item's key and the rows written.
    """
    payment.number = next_number(session, "payment", payment.received_on)
    take_step(session, payment, PaymentState.POSTED)
    session.flush()
    item = {
        "customer_id": payment.customer_id,
        "payment_id": payment.id,
        "dated_on": payment.received_on,
        "due_on": payment.received_on,
        "amount": -payment.amount,
        **in_currency(payment, -worth),
        "open": -payment.amount,
        "base_open": -worth,
    }
    items = insert_rows(session, ReceivableItem, [item])
    legs = [
        leg_of(payment, payment.account_id, None, worth, payment.amount),
        leg_of(payment, AccountRole.RECEIVABLE, payment.customer_id, -worth, -payment.amount),
    ]
    if payment.amount < ZERO:
        legs.reverse()  # what is debited stands first
    legs += [(payment.account_id, None, -payment.charge), (AccountRole.BANK_CHARGES, None, payment.charge)]
    journal = post_journal(session, SourceKind.PAYMENT, payment.id, payment.received_on, legs)
    return items[0]["id"], [(Payment, [payment]), (ReceivableItem, items), *journal]


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


def refuse_reversed(payment: Payment) -> None:
    if payment.reversed_by is not None or payment.reverses_id is not None:
        raise WrongStateError(N_("{payment} was reversed already."), payment=payment.label)


def money_account(session: Session, code: str, currency: str = "") -> int:
    """The bank or cash account with this code; the bank where there is none. `currency` of the money; empty: the company's.

    Raises:
        UnknownCodeError: there is none. BadValueError: it is no such account, or is kept in another currency.
    """
    if not code:
        return account_ids(session)[AccountRole.BANK]
    account = session.exec(select(Account).where(Account.code == code.strip())).one_or_none()
    if account is None:
        raise unknown(session, Account, N_("account"), code, "account")
    if account.role not in (AccountRole.BANK, AccountRole.CASH):
        raise BadValueError(N_("{account} is no bank or cash account."), field="account", account=account.code)
    check_kept_in(session, account, currency)
    return account.id


def check_kept_in(session: Session, account: Account, currency: str, field: str = "account") -> None:
    """Refuse money in another currency on the ledger account of a bank account that is kept in one.

    Raises:
        BadValueError: it is kept in another currency than the company's, and not in this one.
    """
    query = select(BankAccount.currency).where(BankAccount.account_id == account.id, BankAccount.currency != "")
    kept_in = session.exec(query).first()
    if kept_in is not None and kept_in != currency:
        raise BadValueError(
            N_("{account} is kept in {currency}; nothing in {other} is booked there."),
            field=field,
            account=account.code,
            currency=kept_in,
            other=currency or the_company(session).currency,
        )


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
        refuse_reversed(document)
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
