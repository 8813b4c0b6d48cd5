"""What a customer does not pay and need not pay: discounts taken, small differences, bad debts, charges, tax withheld.

Each is an adjustment with its number and journal, set against what was owed, and undone by its opposite.
Rule: docs/rules/settling.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, MissingValueError, OverAllocationError, WrongStateError
from o2c_tui.models.invoice import Invoice, InvoiceKind, InvoiceState
from o2c_tui.models.ledger import AccountRole, SourceKind
from o2c_tui.models.receivable import Payment, ReceivableItem
from o2c_tui.models.receivable_adjustment import (
    AdjustmentKind,
    AdjustmentReason,
    ReceivableAdjustment,
    ReceivableAdjustmentState,
)
from o2c_tui.money import MOST_AMOUNT, Rounding, is_figure, share_of
from o2c_tui.queries.lookups import party_by_code, the_company
from o2c_tui.queries.settling import discounts_left, tax_state
from o2c_tui.rules.allocation import propose
from o2c_tui.rules.exchange import tax_worth
from o2c_tui.rules.settling import tax_shares
from o2c_tui.services.allocating import allocate, held_by, open_debits, take_off
from o2c_tui.services.numbering import next_number
from o2c_tui.services.paying import Paid, PaymentDraft, receive_payment
from o2c_tui.services.posting import Facts, leg_of, post_journal
from o2c_tui.services.reasons import account_of, check_limit, reason_by_code
from o2c_tui.services.rights import require_office
from o2c_tui.services.support import load, require_state, take_step
from o2c_tui.storage.chain import record
from o2c_tui.storage.rows import insert_rows
from o2c_tui.texts import N_

ZERO = Decimal(0)


@dataclass(frozen=True)
class Settled:
    """An adjustment posted: its tax part, and what is open now of the document it belongs to."""

    adjustment_id: int
    number: str
    amount: Decimal
    tax: Decimal
    open: Decimal
    reason: str = ""  # its name, marked where it is a usual one


@dataclass(frozen=True)
class KeptBack:
    """What a customer keeps back of one instalment as he pays, and why; the instalment by its key, or by its invoice."""

    reason: str  # code
    amount: Decimal | None = None  # none: all its discount, else what is open beside the payment
    item: int | None = None
    invoice: str = ""
    instalment: int = 1


@dataclass(frozen=True)
class Taken:
    """A payment posted with what was kept back of it."""

    payment: Paid
    payment_id: int
    number: str
    settled: tuple[Settled, ...]
    paid_back: Paid | None = None


@dataclass(frozen=True)
class Adjusting:
    """One adjustment to be posted. A positive amount lowers what the customer owes; `tax` is the part of it that is tax."""

    kind: AdjustmentKind
    customer_id: int
    amount: Decimal
    account_id: int
    on: date
    digits: int
    tax: Decimal = ZERO
    reason_id: int | None = None
    invoice_id: int | None = None
    payment_id: int | None = None
    due_on: date | None = None
    currency: str = ""  # empty: the company's
    rate: Decimal = ZERO
    base: Decimal | None = None  # what the amount is worth in the company's currency; none: it is that
    note: str = ""
    reverses_id: int | None = None


def post_adjustment(
    session: Session, wanted: Adjusting, *, by: str, now: datetime
) -> tuple[ReceivableAdjustment, int, Facts]:
    """Post one adjustment: its number, its journal and its open item, which is not set against anything yet.

    Returns it, the key of its item (a credit; a debit where the amount is negative), and the rows for the audit entry.
    """
    made = ReceivableAdjustment(
        kind=wanted.kind,
        reason_id=wanted.reason_id,
        customer_id=wanted.customer_id,
        invoice_id=wanted.invoice_id,
        payment_id=wanted.payment_id,
        adjusted_on=wanted.on,
        amount=wanted.amount,
        tax=wanted.tax,
        currency=wanted.currency,
        digits=wanted.digits,
        rate=wanted.rate,
        account_id=wanted.account_id,
        note=wanted.note.strip(),
        reverses_id=wanted.reverses_id,
        by=by,
        posted_at=now,
        open=wanted.amount,
    )
    session.add(made)
    session.flush()
    made.number = next_number(session, "receivable_adjustment", wanted.on)
    take_step(session, made, ReceivableAdjustmentState.POSTED)
    session.flush()
    company = the_company(session)
    worth = made.amount if wanted.base is None else wanted.base
    tax = made.tax
    if wanted.base is not None:
        tax = tax_worth(made.tax, worth, made.amount, company.digits, Rounding(company.rounding))
    item: dict[str, Any] = {
        "customer_id": made.customer_id,
        "adjustment_id": made.id,
        "dated_on": wanted.on,
        "due_on": wanted.due_on or wanted.on,
        "amount": -made.amount,
        "open": -made.amount,
        "base_open": -worth,
    }
    if made.rate:
        item |= {"currency": made.currency, "base_amount": -worth}
    items = insert_rows(session, ReceivableItem, [item])
    facts: Facts = [(ReceivableAdjustment, [made]), (ReceivableItem, items)]
    facts += post_journal(
        session,
        SourceKind.RECEIVABLE_ADJUSTMENT,
        made.id,
        wanted.on,
        [
            leg_of(made, made.account_id, None, worth - tax, made.amount - made.tax),
            leg_of(made, AccountRole.TAX, None, tax, made.tax),
            leg_of(made, AccountRole.RECEIVABLE, made.customer_id, -worth, -made.amount),
        ],
    )
    return made, items[0]["id"], facts


# -- taking something off what is owed -------------------------------------------------------------------------------


def write_off(
    session: Session,
    invoice_id: int,
    reason: str,
    *,
    amount: Decimal | None = None,
    instalment: int | None = None,
    note: str = "",
    on: date | None = None,
    version: int | None = None,
    by: str,
    today: date,
    now: datetime,
) -> Settled:
    """Take off an invoice what is not to be paid: for a reason that chooses the account and limits the amount.

    Without an `amount` all that is open (of the instalment), or for a discount all that is offered on the day.
    Where the reason says so, the tax in it is no longer due.

    Raises:
        NotAllowedError: this person may not, or not so much. OverAllocationError: more than is open or offered.
        WrongStateError: the invoice is not posted. BadValueError: no positive amount, a day before the invoice, or no
        discount is offered on the day. MissingValueError: nothing is open.
    """
    require_office(session, by, N_("write off"))
    invoice = load(session, Invoice, invoice_id, version=version)
    require_state(invoice, InvoiceState.POSTED, doing=N_("be written off"))
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        raise BadValueError(
            N_("{number} is a credit note itself; nothing of it can be written off."), number=invoice.label
        )
    day = on or today
    told = reason_by_code(session, reason)
    query = select(ReceivableItem).where(ReceivableItem.invoice_id == invoice_id, ReceivableItem.open > 0)
    if instalment is not None:
        query = query.where(ReceivableItem.position == instalment)
    items = session.exec(query.order_by(col(ReceivableItem.due_on), col(ReceivableItem.id))).all()
    most = {item.id: item.open for item in items}
    if told.kind is AdjustmentKind.DISCOUNT:
        most = _offered(session, items, day)
    if not most:
        raise MissingValueError(N_("Nothing of {number} is open."), number=invoice.label)
    shares = most if amount is None else _spread(most, amount, invoice)
    return _settle(session, told, shares, invoice, day, note=note, by=by, now=now)


def _spread(most: Mapping[int, Decimal], amount: Decimal, invoice: Invoice) -> dict[int, Decimal]:
    """An amount over the instalments in their order.

    Raises:
        BadValueError: it is not positive, or has too many digits. OverAllocationError: they hold less.
    """
    if not amount.is_finite() or amount <= ZERO or not is_figure(amount, invoice.digits, MOST_AMOUNT):
        raise BadValueError(N_("The amount must be more than 0 and at most {most}."), field="amount", most=MOST_AMOUNT)
    shares, left = {}, amount
    for key, part in most.items():
        if take := min(part, left):
            shares[key] = take
            left -= take
    if left:
        raise OverAllocationError(
            N_("{part} is more than the {open} that is open."), field="amount", part=amount, open=amount - left
        )
    return shares


def _offered(session: Session, items: Sequence[ReceivableItem], on: date) -> dict[int, Decimal]:
    """The discount that open instalments offer on a day.

    Raises:
        BadValueError: none does; says until when it was offered.
    """
    left = discounts_left(session, [item.id for item in items], on)
    told = {item.id: min(left[item.id], item.open) for item in items if item.id in left}
    if not told:
        days = [item.discount_on for item in items if item.discount_on is not None and item.discount_amount]
        if days and max(days) < on:
            raise BadValueError(
                N_("The discount was offered until {day}; on {on} it is too late."),
                field="date",
                day=str(max(days)),
                on=str(on),
            )
        raise BadValueError(N_("No discount is offered here."), field="reason")
    return told


def _settle(
    session: Session,
    reason: AdjustmentReason,
    shares: Mapping[int, Decimal],
    invoice: Invoice | None,
    on: date,
    *,
    customer_id: int | None = None,
    payment_id: int | None = None,
    note: str = "",
    by: str,
    now: datetime,
) -> Settled:
    """Post one adjustment for a reason and set it against what is owed; `shares` by the key of the open item."""
    customer = invoice.customer_id if invoice is not None else customer_id
    assert customer is not None
    amount = sum(shares.values(), ZERO)
    if not amount:
        raise BadValueError(N_("The amount must be more than 0 and at most {most}."), field="amount", most=MOST_AMOUNT)
    if invoice is not None and on < invoice.invoiced_on:
        raise BadValueError(
            N_("The invoice is dated {day}; nothing can be taken off it before."),
            field="date",
            day=str(invoice.invoiced_on),
        )
    currency, worth = _worth_of(session, shares)
    check_limit(session, reason, worth or amount, customer, invoice.id if invoice is not None else None, by)
    tax = ZERO
    if invoice is not None and (reason.with_tax or reason.kind is AdjustmentKind.DISCOUNT):
        parts = tax_shares(tax_state(session, invoice).left, amount, invoice.digits, Rounding(invoice.rounding))
        tax = sum((part.tax for part in parts), ZERO)
    wanted = Adjusting(
        reason.kind,
        customer,
        amount,
        account_of(session, reason),
        on,
        invoice.digits if invoice is not None else the_company(session).digits,
        tax=tax,
        reason_id=reason.id,
        invoice_id=invoice.id if invoice is not None else None,
        payment_id=payment_id,
        currency=currency,
        rate=invoice.rate if invoice is not None else ZERO,
        base=worth,
        note=note,
    )
    made, item_id, facts = post_adjustment(session, wanted, by=by, now=now)
    facts += allocate(session, item_id, shares, on)
    session.flush()
    record(session, "write_off", made, by=by, facts=facts)
    return Settled(made.id, made.number or "", amount, tax, invoice.open if invoice is not None else ZERO, reason.name)


def _worth_of(session: Session, shares: Mapping[int, Decimal]) -> tuple[str, Decimal | None]:
    """The currency of parts of open items, and what they are worth in the company's; nothing where it is that."""
    items = session.exec(select(ReceivableItem).where(col(ReceivableItem.id).in_(list(shares)))).all()
    currency = next(iter(items)).currency if items else ""
    if not currency:
        return "", None
    company = the_company(session)
    digits, rounding = company.digits, Rounding(company.rounding)
    return currency, sum((share_of(i.base_open, shares[i.id], i.open, digits, rounding) for i in items), ZERO)


# -- with a payment --------------------------------------------------------------------------------------------------


def settle_payment(
    session: Session,
    draft: PaymentDraft,
    kept_back: Sequence[KeptBack] = (),
    *,
    overpaid: Decimal = ZERO,
    pay_back: bool = False,
    offers: bool = False,
    by: str,
    today: date,
    now: datetime,
) -> Taken:
    """Post money received together with what the customer kept back of it: discount, bank charge, tax withheld, difference.

    `overpaid` is what is left over and so small that it is kept as income; `pay_back` pays back what is left over. With `offers`, where nothing is said of the
    instalments, the discounts and the small difference that the proposal finds are taken.

    Raises:
        NotAllowedError: this person may not keep so much back. OverAllocationError: more than is open, offered or left.
        BadValueError: no such instalment, or no discount on the day. Also what receive_payment raises.
    """
    on = draft.received_on or today
    if kept_back or overpaid or pay_back or offers:
        require_office(session, by, N_("write off"))
    items = [_item_of(session, kept) for kept in kept_back]
    reasons = [reason_by_code(session, kept.reason) for kept in kept_back]
    if draft.shares is None and offers and not kept_back:
        draft, kept_back, items, reasons, overpaid = _as_offered(session, draft, on)
    elif draft.shares is None and kept_back:
        told = {item.id: kept.amount or ZERO for item, kept in zip(items, kept_back, strict=True)}
        draft = _beside(session, draft, told, on)
    paid = receive_payment(session, draft, by=by, today=today, now=now)
    settled = []
    for kept, item, reason in zip(kept_back, items, reasons, strict=True):
        settled.append(_keep_back(session, paid, kept, item, reason, on, by=by, now=now))
    if overpaid:
        settled.append(_keep_surplus(session, paid, overpaid, on, by=by, now=now))
    back = None
    if pay_back and load(session, Payment, paid.payment_id).unapplied:
        from o2c_tui.services.refunding import refund

        words: dict[str, Any] = {
            "payment_id": paid.payment_id,
            "account": draft.account,
            "reference": draft.reference,
            "on": on,
        }
        back = refund(session, draft.customer, **words, by=by, today=today, now=now)
    left = load(session, Payment, paid.payment_id).unapplied
    return Taken(replace(paid, unapplied=left), paid.payment_id, paid.number, tuple(settled), back)


def _item_of(session: Session, kept: KeptBack) -> ReceivableItem:
    query = select(ReceivableItem).where(ReceivableItem.amount > 0)
    if kept.item is not None:
        query = query.where(ReceivableItem.id == kept.item)
    else:
        key = session.exec(select(Invoice.id).where(Invoice.number == kept.invoice.strip().upper())).one_or_none()
        query = query.where(ReceivableItem.invoice_id == key, ReceivableItem.position == kept.instalment)
    item = session.exec(query).one_or_none()
    if item is None:
        raise BadValueError(
            N_("There is no instalment {name} to keep back from."), field="kept_back", name=kept.invoice or kept.item
        )
    return item


def _as_offered(session: Session, draft: PaymentDraft, on: date) -> tuple[Any, ...]:
    """The draft as the proposal gives it out, with what is kept back by it."""
    customer = party_by_code(session, draft.customer)
    tolerance = the_company(session).small_difference
    debits = open_debits(session, customer.id, on, _code(session, draft, customer.currency))
    told = propose(debits, draft.amount, reference=draft.reference, offers=True, tolerance=tolerance)
    kept = [KeptBack("DISCOUNT", part, key) for key, part in told.discounts.items()]
    kept += [KeptBack("SMALL", part, key) for key, part in told.differences.items()]
    over = told.rest if told.reason == "tolerance" else ZERO
    items = [_item_of(session, one) for one in kept]
    return replace(draft, shares=told.shares), kept, items, [reason_by_code(session, k.reason) for k in kept], over


def _code(session: Session, draft: PaymentDraft, usual: str) -> str:
    """The currency of a payment as open items say it: empty for the company's own."""
    code = draft.currency.strip().upper() or usual
    return "" if code == the_company(session).currency else code


def _beside(session: Session, draft: PaymentDraft, kept: Mapping[int, Decimal], on: date) -> PaymentDraft:
    """The draft with its shares proposed over what is left beside the amounts kept back."""
    customer = party_by_code(session, draft.customer)
    debits = [
        replace(item, open_amount=item.open_amount - kept.get(item.id, ZERO), discount=ZERO)
        for item in open_debits(session, customer.id, on, _code(session, draft, customer.currency))
    ]
    told = propose([item for item in debits if item.open_amount > ZERO], draft.amount, reference=draft.reference)
    return replace(draft, shares=told.shares)


def _keep_back(
    session: Session,
    paid: Paid,
    kept: KeptBack,
    item: ReceivableItem,
    reason: AdjustmentReason,
    on: date,
    *,
    by: str,
    now: datetime,
) -> Settled:
    payment = load(session, Payment, paid.payment_id)
    if item.customer_id != payment.customer_id:
        raise BadValueError(N_("Item {key} is not an open instalment of this customer."), key=item.id)
    offered = _offered(session, [item], on)[item.id] if reason.kind is AdjustmentKind.DISCOUNT else item.open
    part = offered if kept.amount is None else kept.amount
    if part > offered or not is_figure(part, payment.digits, MOST_AMOUNT):
        raise OverAllocationError(
            N_("{part} is more than the {open} that is open."), field=f"kept_back.{item.id}", part=part, open=offered
        )
    invoice = load(session, Invoice, item.invoice_id) if item.invoice_id is not None else None
    return _settle(
        session,
        reason,
        {item.id: part},
        invoice,
        on,
        customer_id=payment.customer_id,
        payment_id=payment.id,
        by=by,
        now=now,
    )


def _keep_surplus(session: Session, paid: Paid, overpaid: Decimal, on: date, *, by: str, now: datetime) -> Settled:
    """Keep as income what was paid too much and is not worth giving back."""
    payment = load(session, Payment, paid.payment_id)
    if not ZERO < overpaid <= payment.unapplied or not is_figure(overpaid, payment.digits, MOST_AMOUNT):
        raise OverAllocationError(
            N_("{total} is more than the {left} that is left of the credit."),
            field="overpaid",
            total=overpaid,
            left=payment.unapplied,
        )
    reason = reason_by_code(session, "SMALL")
    credit = session.exec(
        select(ReceivableItem).where(ReceivableItem.payment_id == payment.id, ReceivableItem.amount < 0)
    ).one()
    company = the_company(session)
    worth = share_of(-credit.base_open, overpaid, -credit.open, company.digits, Rounding(company.rounding))
    check_limit(session, reason, worth, payment.customer_id, None, by)
    wanted = Adjusting(
        reason.kind,
        payment.customer_id,
        -overpaid,
        account_of(session, reason),
        on,
        payment.digits,
        reason_id=reason.id,
        payment_id=payment.id,
        currency=credit.currency,
        rate=payment.rate,
        base=-worth if payment.rate else None,
    )
    made, item_id, facts = post_adjustment(session, wanted, by=by, now=now)
    facts += allocate(session, credit.id, {item_id: overpaid}, on)
    session.flush()
    record(session, "write_off", made, by=by, facts=facts)
    return Settled(made.id, made.number or "", made.amount, ZERO, ZERO, reason.name)


# -- undoing ---------------------------------------------------------------------------------------------------------


def reverse_adjustment(
    session: Session,
    receivable_adjustment_id: int,
    reason: str,
    *,
    on: date | None = None,
    version: int | None = None,
    by: str,
    today: date,
    now: datetime,
) -> Settled:
    """Take an adjustment back by its opposite: what it was set against is open again, its journal is undone.

    Raises:
        WrongStateError: it was reversed before, or is a reversal itself. BadValueError: no reason, or an earlier day.
        NotAllowedError: this person may not.
    """
    require_office(session, by, N_("take a write-off back"))
    if not reason.strip():
        raise BadValueError(N_("Say why it is taken back."), field="reason")
    return _reverse(session, receivable_adjustment_id, reason, on or today, version, by=by, now=now)


def _reverse(
    session: Session, key: int, reason: str, day: date, version: int | None = None, *, by: str, now: datetime
) -> Settled:
    old = load(session, ReceivableAdjustment, key, version=version)
    require_state(old, ReceivableAdjustmentState.POSTED, doing=N_("be reversed"))
    if old.reversed_by is not None or old.reverses_id is not None:
        raise WrongStateError(N_("{document} was reversed already."), document=old.label)
    if day < old.adjusted_on:
        raise BadValueError(
            N_("{document} is of {day}; it cannot be taken back before."),
            field="date",
            document=old.label,
            day=str(old.adjusted_on),
        )
    mine = session.exec(select(ReceivableItem).where(ReceivableItem.adjustment_id == old.id)).one()
    facts = take_off(session, held_by(session, [mine.id]), day)
    wanted = Adjusting(
        old.kind,
        old.customer_id,
        -old.amount,
        old.account_id,
        day,
        old.digits,
        tax=-old.tax,
        reason_id=old.reason_id,
        invoice_id=old.invoice_id,
        payment_id=old.payment_id,
        currency=old.currency,
        rate=old.rate,
        base=mine.base_amount,
        note=reason,
        reverses_id=old.id,
    )
    made, item_id, more = post_adjustment(session, wanted, by=by, now=now)
    credit, debit = (mine.id, item_id) if old.amount > ZERO else (item_id, mine.id)
    facts = more + facts + allocate(session, credit, {debit: abs(old.amount)}, day)
    old.reversed_by = made.id
    old.version += 1
    session.flush()
    record(session, "reverse_adjustment", made, by=by, facts=facts)
    left = load(session, Invoice, old.invoice_id).open if old.invoice_id is not None else ZERO
    return Settled(made.id, made.number or "", made.amount, made.tax, left)


def reverse_kept_back(session: Session, payment_id: int, reason: str, on: date, *, by: str, now: datetime) -> None:
    """Take back all that was kept back together with a payment that is no payment any more."""
    query = (
        select(ReceivableAdjustment.id)
        .where(
            ReceivableAdjustment.payment_id == payment_id,
            col(ReceivableAdjustment.reversed_by).is_(None),
            col(ReceivableAdjustment.reverses_id).is_(None),
        )
        .order_by(col(ReceivableAdjustment.id))
    )
    for key in session.exec(query).all():
        _reverse(session, key, reason, on, by=by, now=now)
