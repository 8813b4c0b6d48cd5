"""What lines of bank statements are: payments of customers, payments written down before, charges; decided by a person.

Each decision is written down with its reasons, teaches a rule, and is undone by its opposite. Rule: docs/rules/bank.md.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, MissingValueError, NotFoundError, OverAllocationError
from o2c_tui.models.bank import BankAccount, BankLine, BankLineState, BankMatch
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.invoice import Invoice
from o2c_tui.models.ledger import Account, AccountRole, SourceKind
from o2c_tui.models.party import Party
from o2c_tui.models.receivable import Payment, PaymentState, ReceivableItem
from o2c_tui.money import MOST_AMOUNT, Rounding, digits_of, is_figure, round_to
from o2c_tui.queries.bank import KEPT_BY_DOCUMENTS
from o2c_tui.queries.bank_proposals import Proposed, ProposedLine
from o2c_tui.queries.exchange import currency_on
from o2c_tui.queries.lookups import party_by_code, the_company, unknown
from o2c_tui.rules.allocation import OpenItem, oldest_first
from o2c_tui.rules.exchange import RATE_PLACES, Currency, in_base
from o2c_tui.rules.statements import told_in
from o2c_tui.services.allocating import open_debits
from o2c_tui.services.bank_rules import learn
from o2c_tui.services.paying import PaymentDraft, apply_credit, check_kept_in, receive_payment
from o2c_tui.services.posting import Facts, ForeignLeg, Leg, account_for, post_journal
from o2c_tui.services.refunding import refund
from o2c_tui.services.rights import require_office
from o2c_tui.services.support import load, require_state, take_step
from o2c_tui.services.taking_back import reverse_payment
from o2c_tui.services.writing_off import KeptBack, Settled, settle_payment
from o2c_tui.storage.chain import decide, record
from o2c_tui.storage.rows import insert_rows
from o2c_tui.texts import N_

ZERO = Decimal(0)


@dataclass(frozen=True)
class MatchPart:
    """What a line, or a part of it, is: exactly one of customer, payment, bounced, supplier, account is said.

    `amount` has the line's sign; None is what the other parts leave.
    """

    amount: Decimal | None = None
    customer: str = ""  # money from a customer
    shares: Mapping[int, Decimal] | None = None  # of it, by the key of the open item; None: as proposed
    invoices: Sequence[str] = ()  # or by the number of the invoice, the oldest first
    payment: str = ""  # number of a payment that was written down before
    bounced: str = ""  # number of a payment that comes back with this line
    supplier: str = ""  # money to a supplier
    account: str = ""  # code of an account of the ledger, or bank_charges: a charge, interest, a transfer
    kept_back: Sequence[KeptBack] = ()  # what the customer keeps back of instalments besides, and why
    overpaid: Decimal = ZERO  # left over, and so small that it is kept as income
    order: str = ""  # number of a sales order that is paid ahead
    currency: str = ""  # of the customer's money, where the bank changed it; empty: the account's
    paid: Decimal | None = None  # what the customer paid in that currency; none: by the rate of the day
    rate: Decimal | None = None  # what one unit is worth in the company's currency; none: that of the line's day


@dataclass(frozen=True)
class LineMatch:
    """A line and what it is."""

    line_id: int
    parts: Sequence[MatchPart]
    reasons: Sequence[str] = ()  # why it was proposed, for the record
    version: int | None = None


@dataclass(frozen=True)
class Booked:
    """What came of one part: a payment with what it paid, or the account it is on.

    `amount` is the line's; `allocated`, `unapplied` and what was kept back (`settled`) are in the payment's currency.
    """

    amount: Decimal
    number: str = ""  # of the payment
    customer: str = ""
    allocated: Decimal = ZERO
    unapplied: Decimal = ZERO
    account: str = ""
    currency: str = ""  # of the payment; empty: the company's
    settled: tuple[Settled, ...] = ()
    account_name: str = ""  # marked where it is a usual one


@dataclass(frozen=True)
class Matched:
    """A line that was matched."""

    line_id: int
    parts: tuple[Booked, ...]


@dataclass(frozen=True)
class _Made:
    """One part done: the columns of its match, what to say of it, its rows for the audit entry."""

    columns: Mapping[str, Any]
    booked: Booked
    how: str
    facts: Facts
    target: tuple[int | None, int | None] = (None, None)  # customer, account: what is learned
    party: int | None = None  # the supplier of a leg
    rate: Decimal = ZERO  # at which a charge in another currency is booked


def match_line(
    session: Session,
    line_id: int,
    parts: Sequence[MatchPart],
    *,
    reasons: Sequence[str] = (),
    version: int | None = None,
    by: str,
    today: date,
    now: datetime,
) -> Matched:
    """Decide what a line of a statement is, and book it: payments with their allocations, charges on their account.

    A payment is dated by the line. What of it is set against invoices of a later day is set on that day. On an account in
    another currency all of it is in that currency, at the rate told or that of the day; where the bank changed a
    customer's money, the part says its currency and the line is what arrived.

    Raises:
        WrongStateError: the line is not open. BadValueError: the parts do not add up to the line, or one says nothing or
        two things. OverAllocationError: more than is open. UnknownCodeError, NotFoundError: no such customer, account or payment.
    """
    require_office(session, by, N_("match bank lines"))
    line = load(session, BankLine, line_id, version=version)
    require_state(line, BankLineState.OPEN, doing=N_("be matched"))
    place = load(session, BankAccount, line.bank_account_id)
    amounts = _amounts(line, parts, digits_of(place.currency) if place.currency else the_company(session).digits)
    made = [
        _part(session, line, place, part, amount, by=by, today=today, now=now)
        for part, amount in zip(parts, amounts, strict=True)
    ]
    rows = insert_rows(
        session,
        BankMatch,
        [
            {
                "line_id": line.id,
                "amount": amount,
                "matched_on": today,
                "reasons": _reasons(one, reasons),
                "by": by,
                **one.columns,
            }
            for one, amount in zip(made, amounts, strict=True)
        ],
    )
    facts: Facts = [(BankMatch, rows)]
    for one, row in zip(made, rows, strict=True):
        facts += one.facts
        if row["account_id"] is not None:
            facts += _book(session, line, place, row, one)
    take_step(session, line, BankLineState.MATCHED)
    customers = {one.target[0] for one in made if one.target[0] is not None}
    decide(session, line, customer_id=next(iter(customers)) if len(customers) == 1 else None, note="")
    session.flush()
    if len(made) == 1:
        learn(session, line, *made[0].target, today=today)
    record(session, "match_line", line, by=by, facts=facts, on=today)
    return Matched(line.id, tuple(one.booked for one in made))


def match_lines(
    session: Session, lines: Sequence[LineMatch], *, by: str, today: date, now: datetime
) -> tuple[Matched, ...]:
    """Decide what several lines are, all or none."""
    if not lines:
        raise MissingValueError(N_("No line is chosen."), field="lines")
    return tuple(
        match_line(
            session, one.line_id, one.parts, reasons=one.reasons, version=one.version, by=by, today=today, now=now
        )
        for one in lines
    )


def _reasons(made: _Made, why: Sequence[str]) -> str:
    told: dict[str, Any] = {"how": made.how, "why": list(why)}
    if made.rate:
        told["rate"] = format(made.rate.normalize(), "f")
    return json.dumps(told, ensure_ascii=False)


def _amounts(line: BankLine, parts: Sequence[MatchPart], digits: int) -> list[Decimal]:
    """The amount of each part.

    Raises:
        BadValueError: they do not add up to the line, or one has no figure that fits.
    """
    if not parts:
        raise MissingValueError(N_("Say what the line is."), field="parts")
    given = [part.amount for part in parts if part.amount is not None]
    for amount in given:
        if not amount.is_finite() or not amount or not is_figure(abs(amount), digits, MOST_AMOUNT):
            raise BadValueError(N_("'{text}' is no amount."), field="parts.amount", text=str(amount))
    open_ones = len(parts) - len(given)
    rest = line.amount - sum(given, ZERO)
    if open_ones > 1 or (open_ones == 1) != bool(rest):
        raise BadValueError(
            N_("The parts make {sum}, the line is {amount}."),
            field="parts",
            sum=sum(given, ZERO),
            amount=line.amount,
        )
    return [rest if part.amount is None else part.amount for part in parts]


def _part(
    session: Session,
    line: BankLine,
    place: BankAccount,
    part: MatchPart,
    amount: Decimal,
    *,
    by: str,
    today: date,
    now: datetime,
) -> _Made:
    said = [name for name in ("customer", "payment", "bounced", "supplier", "account") if getattr(part, name)]
    if len(said) != 1:
        raise BadValueError(
            N_("Say one of customer, payment, bounced, supplier, account for each part of the line."), field="parts"
        )
    if part.customer:
        return _receive(session, line, place, part, amount, by=by, today=today, now=now)
    if part.payment:
        return _found(session, line, place, part.payment, amount)
    if part.bounced:
        return _bounce(session, line, place, part.bounced, amount, by=by, today=today, now=now)
    if part.supplier:
        supplier = party_by_code(session, part.supplier, word=N_("supplier"), field="parts.supplier")
        payable = session.exec(
            select(Account).where(Account.role == AccountRole.PAYABLE).order_by(col(Account.id))
        ).first()
        assert payable is not None
        rate = _money_of(session, line, place, part).rate
        booked = Booked(amount, account=payable.code, account_name=payable.name)
        return _Made({"account_id": payable.id}, booked, "booked", [], party=supplier.id, rate=rate)
    if part.account == AccountRole.BANK_CHARGES:
        account = session.get(Account, account_for(session, AccountRole.BANK_CHARGES))
    else:
        account = session.exec(select(Account).where(Account.code == part.account.strip())).one_or_none()
    if account is None:
        raise unknown(session, Account, N_("account"), part.account, "parts.account")
    if account.role in KEPT_BY_DOCUMENTS or account.id == place.account_id:
        raise BadValueError(
            N_("{account} {name_word} is kept by documents; nothing is booked there by hand."),
            field="parts.account",
            account=account.code,
            name_word=account.name,
        )
    if account.role is AccountRole.PAYABLE:
        raise BadValueError(N_("Say the supplier, not the account."), field="parts.account")
    check_kept_in(session, account, place.currency, "parts.account")
    booked = Booked(amount, account=account.code, account_name=account.name)
    rate = _money_of(session, line, place, part).rate
    return _Made({"account_id": account.id}, booked, "booked", [], (None, account.id), rate=rate)


def _money_of(session: Session, line: BankLine, place: BankAccount, part: MatchPart, code: str = "") -> Currency:
    """The currency of a part, at the rate told or that of the line's day; without a `code` it is the account's.

    Raises:
        MissingValueError: no rate is known. BadValueError: a rate for the company's own currency.
    """
    return currency_on(session, the_company(session), code or place.currency, line.booked_on, part.rate)


def _book(session: Session, line: BankLine, place: BankAccount, row: Mapping[str, Any], made: _Made) -> Facts:
    amount = row["amount"]
    legs: list[Leg | ForeignLeg] = [(place.account_id, None, amount), (row["account_id"], made.party, -amount)]
    if made.rate:
        company = the_company(session)
        worth = in_base(amount, made.rate, company.digits, Rounding(company.rounding))
        legs = [
            ForeignLeg(place.account_id, None, worth, place.currency, amount),
            ForeignLeg(row["account_id"], made.party, -worth, place.currency, -amount),
        ]
    return post_journal(session, SourceKind.BANK, row["id"], line.booked_on, legs)


def as_match(told: ProposedLine, choice: int = 0) -> LineMatch:
    """A proposal as a person takes it."""
    one = told.proposals[choice]
    reasons = [f"{reason.code} {reason.value}".strip() for reason in one.reasons]
    part = MatchPart(account=one.account)
    if one.payment:
        part = MatchPart(payment=one.payment)
    elif one.bounced:
        part = MatchPart(bounced=one.bounced)
    elif one.customer:
        part = MatchPart(
            customer=one.customer,
            shares={pay.item_id: pay.amount for pay in one.pays},
            kept_back=kept_back(one),
            currency=one.currency,
            paid=one.paid,
            overpaid=one.rest if any(reason.code == "tolerance" for reason in one.reasons) else ZERO,
        )
    return LineMatch(told.line.id, (part,), (one.mark, *reasons), told.line.version)


def kept_back(one: Proposed) -> tuple[KeptBack, ...]:
    """What a proposal keeps back of instalments, with the usual reasons."""
    kept = [
        KeptBack(reason, part, pay.item_id)
        for pay in one.pays
        for reason, part in (("DISCOUNT", pay.discount), ("SMALL", pay.difference), ("BANK", pay.charge))
        if part
    ]
    return tuple(kept)


# -- money from customers ----------------------------------------------------------------------------------------------


def _receive(
    session: Session,
    line: BankLine,
    place: BankAccount,
    part: MatchPart,
    amount: Decimal,
    *,
    by: str,
    today: date,
    now: datetime,
) -> _Made:
    customer = party_by_code(session, part.customer, field="parts.customer")
    ledger = session.get(Account, place.account_id)
    assert ledger is not None
    kept_in = place.currency or the_company(session).currency
    code = part.currency.strip().upper() or kept_in
    changed = code != kept_in
    told = _paid_as_told(line, part, code) if changed and amount > ZERO and not place.currency else None
    if told is not None:
        part = replace(part, rate=round_to(amount / told, RATE_PLACES))
    money = _money_of(session, line, place, part, code)
    code = money.code if money.is_foreign else ""
    if changed and (place.currency or amount < ZERO):
        raise _kept_otherwise(place, kept_in, money.code)
    reference = (line.reference or line.text)[:140]
    if amount < ZERO:
        return _give_back(session, line, customer, amount, money, ledger.code, reference, by=by, today=today, now=now)
    paid_amount = amount
    if changed:
        paid_amount = round_to(amount / money.rate, money.digits) if told is None else told
    shares = part.shares
    if shares is None and part.invoices:
        shares = _of_invoices(session, customer, part.invoices, paid_amount)
    at_once, later = _by_day(session, customer.id, line.booked_on, code, shares)
    draft = PaymentDraft(
        customer.code,
        paid_amount,
        line.booked_on,
        ledger.code,
        reference=reference,
        shares=at_once,
        currency=money.code,
        order=part.order,
        rate=money.rate if code and not changed else None,
        arrived=amount if changed else None,
    )
    settled: tuple[Settled, ...] = ()
    if part.kept_back or part.overpaid:
        kept = settle_payment(
            session, draft, tuple(part.kept_back), overpaid=part.overpaid, by=by, today=today, now=now
        )
        paid, settled = kept.payment, kept.settled
    else:
        paid = receive_payment(session, draft, by=by, today=today, now=now)
    allocated = paid.allocated
    if later:
        day = max(today, line.booked_on)
        allocated += apply_credit(session, payment_id=paid.payment_id, shares=later, on=day, by=by, today=today)
    left = paid_amount - allocated - part.overpaid
    booked = Booked(amount, paid.number, customer.code, allocated, left, currency=code, settled=settled)
    return _Made({"payment_id": paid.payment_id}, booked, "posted", [], (customer.id, None))


def _kept_otherwise(place: BankAccount, kept_in: str, other: str) -> BadValueError:
    """Money of a third currency cannot be made of the line of an account."""
    return BadValueError(
        N_("{code} is kept in {currency}: money in {other} is matched with a payment that was written down."),
        field="parts.currency",
        code=place.code,
        currency=kept_in,
        other=other,
    )


def _give_back(
    session: Session,
    line: BankLine,
    customer: Party,
    amount: Decimal,
    money: Currency,
    account: str,
    reference: str,
    *,
    by: str,
    today: date,
    now: datetime,
) -> _Made:
    """Money that went out to a customer: credit that is not used, paid back."""
    words: dict[str, Any] = {"account": account, "reference": reference, "on": line.booked_on}
    words |= {"currency": money.code, "rate": money.rate or None}
    back = refund(session, customer.code, -amount, **words, by=by, today=today, now=now)
    code = money.code if money.is_foreign else ""
    made = Booked(amount, back.number, customer.code, amount, currency=code)
    return _Made({"payment_id": back.payment_id}, made, "posted", [], (customer.id, None))


def _paid_as_told(line: BankLine, part: MatchPart, currency: str) -> Decimal | None:
    """What a customer paid before the bank changed it: as somebody says, else as the line's words do, unless a rate is said."""
    if part.paid is not None or part.rate is not None:
        return part.paid or None
    return told_in(f"{line.text} {line.reference}", currency, digits_of(currency))


def _of_invoices(session: Session, customer: Party, numbers: Sequence[str], amount: Decimal) -> dict[int, Decimal]:
    """What an amount pays of named invoices, the oldest first."""
    wanted = {number.strip().upper() for number in numbers}
    query = (
        sa.select(col(ReceivableItem.id), col(ReceivableItem.due_on), col(ReceivableItem.open), col(Invoice.number))
        .join(Invoice, col(Invoice.id) == col(ReceivableItem.invoice_id))
        .where(
            col(Invoice.number).in_(wanted),
            col(Invoice.customer_id) == customer.id,
            col(ReceivableItem.open) > 0,
        )
    )
    items = [OpenItem(*row) for row in session.execute(query)]
    missing = wanted - {item.reference for item in items}
    if missing:
        raise NotFoundError(
            N_("Nothing of {number} is open with {customer}."),
            number=", ".join(sorted(missing)),
            customer=customer.code,
        )
    return oldest_first(items, amount)


def _by_day(
    session: Session, customer_id: int, on: date, currency: str, shares: Mapping[int, Decimal] | None
) -> tuple[Mapping[int, Decimal] | None, dict[int, Decimal]]:
    """What can be set on the line's day, and what only later: invoices of a later day, or undone meanwhile."""
    if shares is None:
        return None, {}
    there = {item.id for item in open_debits(session, customer_id, on, currency)}
    at_once = {key: part for key, part in shares.items() if key in there}
    return at_once, {key: part for key, part in shares.items() if key not in there and part}


# -- payments that are there already -----------------------------------------------------------------------------------


def _payment_numbered(session: Session, number: str, place: BankAccount, field: str) -> Payment:
    payment = session.exec(
        select(Payment).where(Payment.number == number.strip().upper(), Payment.state == PaymentState.POSTED)
    ).one_or_none()
    if payment is None:
        raise NotFoundError(N_("There is no payment {number}."), field=field, number=number)
    if payment.account_id != place.account_id:
        raise BadValueError(
            N_("{payment} was booked on another account than {code}."),
            field=field,
            payment=payment.label,
            code=place.code,
        )
    return payment


def _worth_on(session: Session, payment: Payment, place: BankAccount) -> Decimal:
    """What a payment is on its bank account: its amount, or what arrived where the bank changed it."""
    if place.currency or not payment.rate:
        return payment.amount
    item = session.exec(select(ReceivableItem).where(ReceivableItem.payment_id == payment.id)).one()
    return payment.amount if item.base_amount is None else -item.base_amount


def matched_of(session: Session, payment_id: int) -> Decimal:
    """How much of a payment lines were matched with."""
    query = sa.select(sa.func.sum(col(BankMatch.amount), type_=AMOUNT)).where(col(BankMatch.payment_id) == payment_id)
    return session.execute(query).scalar_one() or ZERO


def _found(session: Session, line: BankLine, place: BankAccount, number: str, amount: Decimal) -> _Made:
    payment = _payment_numbered(session, number, place, "parts.payment")
    before, whole = matched_of(session, payment.id), _worth_on(session, payment, place)
    left = whole - before
    if (amount < ZERO) != (payment.amount < ZERO) or abs(amount) > abs(left):
        raise OverAllocationError(
            N_("{payment} is {amount}; {left} of it is on no statement yet."),
            field="parts.payment",
            payment=payment.label,
            amount=whole,
            left=left,
        )
    customer = session.get(Party, payment.customer_id)
    assert customer is not None
    given = payment.amount - payment.unapplied
    code = payment.currency if payment.rate else ""
    booked = Booked(amount, payment.label, customer.code, given, payment.unapplied, currency=code)
    return _Made({"payment_id": payment.id}, booked, "found", [], (customer.id, None))


def _bounce(
    session: Session,
    line: BankLine,
    place: BankAccount,
    number: str,
    amount: Decimal,
    *,
    by: str,
    today: date,
    now: datetime,
) -> _Made:
    payment = _payment_numbered(session, number, place, "parts.bounced")
    whole = _worth_on(session, payment, place)
    if amount != -whole:
        raise BadValueError(
            N_("{payment} was {amount}; {told} cannot be it coming back."),
            field="parts.bounced",
            payment=payment.label,
            amount=whole,
            told=amount,
        )
    reason = line.text or line.bank_reference or "-"
    back = reverse_payment(session, payment.id, reason[:200], on=line.booked_on, by=by, today=today, now=now)
    customer = session.get(Party, payment.customer_id)
    assert customer is not None
    booked = Booked(amount, back.number, customer.code)
    return _Made({"payment_id": back.payment_id}, booked, "bounced", [], (customer.id, None))
