"""What lines of bank statements are: payments of customers, payments written down before, charges; decided by a person.

Each decision is written down with its reasons, teaches a rule, and is undone by its opposite. Rule: docs/rules/bank.md.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, MissingValueError, NotFoundError, OverAllocationError
from o2c_tui.models.bank import BankAccount, BankLine, BankLineState, BankMatch, BankRule
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.invoice import Invoice
from o2c_tui.models.ledger import Account, AccountRole, SourceKind
from o2c_tui.models.party import Party
from o2c_tui.models.receivable import Payment, PaymentState, ReceivableItem
from o2c_tui.money import MOST_AMOUNT, is_figure
from o2c_tui.queries.bank import KEPT_BY_DOCUMENTS
from o2c_tui.queries.bank_proposals import Proposed, ProposedLine, times_borne_out
from o2c_tui.queries.lookups import party_by_code, the_company, unknown
from o2c_tui.rules.allocation import OpenItem, oldest_first
from o2c_tui.rules.matching import Line, patterns
from o2c_tui.services.allocating import open_debits
from o2c_tui.services.paying import PaymentDraft, apply_credit, receive_payment
from o2c_tui.services.posting import Facts, account_for, post_journal
from o2c_tui.services.refunding import refund
from o2c_tui.services.rights import require_office
from o2c_tui.services.support import load, require_state, take_step
from o2c_tui.services.taking_back import reverse_payment
from o2c_tui.services.writing_off import KeptBack, settle_payment
from o2c_tui.storage.chain import created, decide, record
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


@dataclass(frozen=True)
class LineMatch:
    """A line and what it is."""

    line_id: int
    parts: Sequence[MatchPart]
    reasons: Sequence[str] = ()  # why it was proposed, for the record
    version: int | None = None


@dataclass(frozen=True)
class Booked:
    """What came of one part: a payment with what it paid, or the account it is on."""

    amount: Decimal
    number: str = ""  # of the payment
    customer: str = ""
    allocated: Decimal = ZERO
    unapplied: Decimal = ZERO
    account: str = ""


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

    A payment is dated by the line. What of it is set against invoices of a later day is set on that day.

    Raises:
        WrongStateError: the line is not open. BadValueError: the parts do not add up to the line, or one says nothing or
        two things. OverAllocationError: more than is open. UnknownCodeError, NotFoundError: no such customer, account or payment.
    """
    require_office(session, by, N_("match bank lines"))
    line = load(session, BankLine, line_id, version=version)
    require_state(line, BankLineState.OPEN, doing=N_("be matched"))
    place = load(session, BankAccount, line.bank_account_id)
    if place.currency:
        raise BadValueError(N_("Lines in another currency than the company's are not matched yet."), field="currency")
    amounts = _amounts(session, line, parts)
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
                "reasons": json.dumps({"how": one.how, "why": list(reasons)}, ensure_ascii=False),
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
            facts += _book(session, line, place, row, one.party)
    take_step(session, line, BankLineState.MATCHED)
    customers = {one.target[0] for one in made if one.target[0] is not None}
    decide(session, line, customer_id=next(iter(customers)) if len(customers) == 1 else None, note="")
    session.flush()
    if len(made) == 1:
        _learn(session, line, *made[0].target, today=today)
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


def _amounts(session: Session, line: BankLine, parts: Sequence[MatchPart]) -> list[Decimal]:
    """The amount of each part.

    Raises:
        BadValueError: they do not add up to the line, or one has no figure that fits.
    """
    if not parts:
        raise MissingValueError(N_("Say what the line is."), field="parts")
    digits = the_company(session).digits
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
        booked = Booked(amount, account=payable.code)
        return _Made({"account_id": payable.id}, booked, "booked", [], party=supplier.id)
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
    booked = Booked(amount, account=account.code)
    return _Made({"account_id": account.id}, booked, "booked", [], (None, account.id))


def _book(session: Session, line: BankLine, place: BankAccount, row: Mapping[str, Any], party: int | None) -> Facts:
    legs = [(place.account_id, None, row["amount"]), (row["account_id"], party, -row["amount"])]
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
    reference = (line.reference or line.text)[:140]
    home = the_company(session).currency
    if amount < ZERO:
        words: dict[str, Any] = {"account": ledger.code, "reference": reference, "on": line.booked_on}
        back = refund(session, customer.code, -amount, currency=home, **words, by=by, today=today, now=now)
        made = Booked(amount, back.number, customer.code, amount)
        return _Made({"payment_id": back.payment_id}, made, "posted", [], (customer.id, None))
    shares = part.shares
    if shares is None and part.invoices:
        shares = _of_invoices(session, customer, part.invoices, amount)
    at_once, later = _by_day(session, customer.id, line.booked_on, shares)
    draft = PaymentDraft(
        customer.code,
        amount,
        line.booked_on,
        ledger.code,
        reference=reference,
        shares=at_once,
        currency=home,
        order=part.order,
    )
    if part.kept_back or part.overpaid:
        kept = settle_payment(
            session, draft, tuple(part.kept_back), overpaid=part.overpaid, by=by, today=today, now=now
        )
        paid = kept.payment
    else:
        paid = receive_payment(session, draft, by=by, today=today, now=now)
    allocated = paid.allocated
    if later:
        day = max(today, line.booked_on)
        allocated += apply_credit(session, payment_id=paid.payment_id, shares=later, on=day, by=by, today=today)
    booked = Booked(amount, paid.number, customer.code, allocated, amount - allocated - part.overpaid)
    return _Made({"payment_id": paid.payment_id}, booked, "posted", [], (customer.id, None))


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
    session: Session, customer_id: int, on: date, shares: Mapping[int, Decimal] | None
) -> tuple[Mapping[int, Decimal] | None, dict[int, Decimal]]:
    """What can be set on the line's day, and what only later: invoices of a later day, or undone meanwhile."""
    if shares is None:
        return None, {}
    there = {item.id for item in open_debits(session, customer_id, on)}
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


def matched_of(session: Session, payment_id: int) -> Decimal:
    """How much of a payment lines were matched with."""
    query = sa.select(sa.func.sum(col(BankMatch.amount), type_=AMOUNT)).where(col(BankMatch.payment_id) == payment_id)
    return session.execute(query).scalar_one() or ZERO


def _found(session: Session, line: BankLine, place: BankAccount, number: str, amount: Decimal) -> _Made:
    payment = _payment_numbered(session, number, place, "parts.payment")
    before = matched_of(session, payment.id)
    left = payment.amount - before
    if (amount < ZERO) != (payment.amount < ZERO) or abs(amount) > abs(left):
        raise OverAllocationError(
            N_("{payment} is {amount}; {left} of it is on no statement yet."),
            field="parts.payment",
            payment=payment.label,
            amount=payment.amount,
            left=left,
        )
    customer = session.get(Party, payment.customer_id)
    assert customer is not None
    booked = Booked(amount, payment.label, customer.code, amount - payment.unapplied, payment.unapplied)
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
    if amount != -payment.amount:
        raise BadValueError(
            N_("{payment} was {amount}; {told} cannot be it coming back."),
            field="parts.bounced",
            payment=payment.label,
            amount=payment.amount,
            told=amount,
        )
    reason = line.text or line.bank_reference or "-"
    back = reverse_payment(session, payment.id, reason[:200], on=line.booked_on, by=by, today=today, now=now)
    customer = session.get(Party, payment.customer_id)
    assert customer is not None
    booked = Booked(amount, back.number, customer.code)
    return _Made({"payment_id": back.payment_id}, booked, "bounced", [], (customer.id, None))


# -- undoing -----------------------------------------------------------------------------------------------------------


def undo_match(
    session: Session,
    line_id: int,
    reason: str,
    *,
    on: date | None = None,
    version: int | None = None,
    by: str,
    today: date,
    now: datetime,
) -> Matched:
    """Take a decision on a line back: opposite rows; payments it made are reversed, charges booked back; the line is open.

    A payment that was there before stays; one that bounced stays bounced.

    Raises:
        WrongStateError: the line is not matched. BadValueError: no reason, or a day before the line.
    """
    if not reason.strip():
        raise BadValueError(N_("Say why it is taken back."), field="reason")
    require_office(session, by, N_("match bank lines"))
    line = load(session, BankLine, line_id, version=version)
    require_state(line, BankLineState.MATCHED, doing=N_("be taken back"))
    place = load(session, BankAccount, line.bank_account_id)
    day = max(on or today, line.booked_on)
    undone = []
    rows, facts = [], Facts()
    for match in _standing(session, line.id):
        how = json.loads(match.reasons or "{}").get("how", "")
        number = ""
        if match.payment_id is not None:
            payment = load(session, Payment, match.payment_id)
            number = payment.label
            if how == "posted" and payment.reversed_by is None:
                number = reverse_payment(session, payment.id, reason, on=day, by=by, today=today, now=now).number
        rows += insert_rows(
            session,
            BankMatch,
            [
                {
                    "line_id": line.id,
                    "payment_id": match.payment_id,
                    "adjustment_id": match.adjustment_id,
                    "account_id": match.account_id,
                    "amount": -match.amount,
                    "matched_on": today,
                    "by": by,
                    "undoes_id": match.id,
                }
            ],
        )
        if match.account_id is not None:
            facts += _unbook(session, match, rows[-1], place, day)
        undone.append(Booked(-match.amount, number))
    facts.insert(0, (BankMatch, rows))
    target = _target(session, line, rows)
    take_step(session, line, BankLineState.OPEN)
    decide(session, line, customer_id=None, note="")
    session.flush()
    _forget(session, line, *target)
    record(session, "undo_match", line, by=by, facts=facts, reason=reason, on=today)
    return Matched(line.id, tuple(undone))


def _standing(session: Session, line_id: int) -> list[BankMatch]:
    """The matches of a line that were not undone."""
    found = session.exec(select(BankMatch).where(BankMatch.line_id == line_id).order_by(col(BankMatch.id))).all()
    undone = {match.undoes_id for match in found}
    return [match for match in found if match.undoes_id is None and match.id not in undone]


def _unbook(session: Session, match: BankMatch, row: Mapping[str, Any], place: BankAccount, day: date) -> Facts:
    """The opposite journal of a charge, with the supplier where there was one."""
    from o2c_tui.models.ledger import JournalEntry, JournalLine

    party = session.execute(
        sa.select(col(JournalLine.party_id))
        .join(JournalEntry, col(JournalEntry.id) == col(JournalLine.entry_id))
        .where(
            col(JournalEntry.source) == SourceKind.BANK,
            col(JournalEntry.source_id) == match.id,
            col(JournalLine.account_id) == match.account_id,
        )
    ).scalar()
    legs = [(place.account_id, None, row["amount"]), (row["account_id"], party, -row["amount"])]
    return post_journal(session, SourceKind.BANK, row["id"], day, legs)


# -- rules that decisions teach ----------------------------------------------------------------------------------------


def as_line(line: BankLine) -> Line:
    """A line as the rules take it."""
    return Line(
        line.id,
        line.booked_on,
        line.amount,
        line.text,
        line.reference,
        line.counterparty,
        line.counterparty_account,
    )


def _rule(session: Session, field: str, pattern: str) -> BankRule | None:
    return session.exec(select(BankRule).where(BankRule.field == field, BankRule.pattern == pattern)).one_or_none()


def _target(session: Session, line: BankLine, rows: Sequence[Mapping[str, Any]]) -> tuple[int | None, int | None]:
    """The customer or the account that a line's matches teach; nothing where there are several, or it is a supplier's."""
    if len(rows) != 1:
        return None, None
    if rows[0]["payment_id"] is not None:
        return line.customer_id, None
    account = session.get(Account, rows[0]["account_id"])
    return None, None if account is None or account.role is AccountRole.PAYABLE else account.id


def _learn(session: Session, line: BankLine, customer: int | None, account: int | None, *, today: date) -> None:
    """Remember what a line like this is: by the payer's account and name, of a charge without one by its words."""
    if customer is None and account is None:
        return
    for field, pattern in patterns(as_line(line)):
        if field == "text" and customer is not None:
            continue  # what a customer writes is another thing each time
        rule = _rule(session, field, pattern)
        if rule is None:
            rule = BankRule(field=field, pattern=pattern, customer_id=customer, account_id=account, learned_on=today)
            session.add(rule)
            session.flush()
            created(session, rule)
            continue
        if (rule.customer_id, rule.account_id) == (customer, account):
            rule.times += 1
        else:
            decide(session, rule, customer_id=customer, account_id=account, learned_on=today)
            rule.times = times_borne_out(session, rule)
        decide(session, rule, active=True)
        rule.version += 1
    session.flush()


def _forget(session: Session, line: BankLine, customer: int | None, account: int | None) -> None:
    """A decision that was taken back teaches nothing."""
    if customer is None and account is None:
        return
    for field, pattern in patterns(as_line(line)):
        rule = _rule(session, field, pattern)
        if rule is None or (rule.customer_id, rule.account_id) != (customer, account):
            continue
        rule.times -= 1
        rule.version += 1
        if not rule.times:
            decide(session, rule, active=False)
    session.flush()


def forget_rule(session: Session, field: str, pattern: str, *, by: str, today: date) -> int:
    """Forget what decisions taught of a payer: it is proposed no more.

    Raises:
        NotFoundError: there is no such rule.
    """
    rule = _rule(session, field, pattern)
    if rule is None or not rule.active:
        raise NotFoundError(N_("There is no rule for '{pattern}'."), pattern=pattern)
    decide(session, rule, active=False)
    rule.version += 1
    record(session, "forget_rule", rule, by=by, on=today)
    return rule.id
