"""Reminding: who would get a letter on a day, at which step, over what; and why somebody would not.

Rule: docs/rules/reminders.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.models.bank import BankLine, BankLineState
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.invoice import Invoice
from o2c_tui.models.party import Party
from o2c_tui.models.receivable import Allocation, Payment, PaymentState, ReceivableItem
from o2c_tui.models.receivable_adjustment import AdjustmentKind, ReceivableAdjustment
from o2c_tui.models.reminder import Dispute, PaymentPromise, Reminder, ReminderLine, ReminderProfile, ReminderStep
from o2c_tui.queries.lookups import the_company, unknown
from o2c_tui.queries.past import in_parts
from o2c_tui.rules.dunning import Step, interest, level_of, reached, spans
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)
_items, _links = table_of(ReceivableItem), table_of(Allocation)


# -- profiles ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Profile:
    """How a customer is reminded; without an id it comes with the program and is written down when first used."""

    code: str
    name: str
    gap_days: int
    steps: tuple[Step, ...]
    id: int | None = None
    is_default: bool = False
    active: bool = True
    version: int | None = None

    def step(self, level: int) -> Step:
        """The step of a level."""
        return next(step for step in self.steps if step.level == level)


STANDARD = Profile(
    "STANDARD",
    N_("usual reminders"),
    7,
    (Step(1, 7, "reminder_1"), Step(2, 14, "reminder_2"), Step(3, 30, "reminder_3")),
    is_default=True,
)


def profiles(session: Session) -> list[Profile]:
    """The profiles, by code; the usual one that comes with the program where there is none."""
    steps: dict[int, list[Step]] = {}
    for row in session.exec(select(ReminderStep).order_by(col(ReminderStep.level))):
        steps.setdefault(row.profile_id, []).append(Step(row.level, row.days, row.letter, row.fee))
    found = [
        Profile(
            row.code,
            row.name,
            row.gap_days,
            tuple(steps.get(row.id, ())),
            row.id,
            row.is_default,
            row.active,
            row.version,
        )
        for row in session.exec(select(ReminderProfile).order_by(col(ReminderProfile.code)))
    ]
    return found or [STANDARD]


def profile_coded(session: Session, code: str) -> str:
    """The code of a profile that is in use, as it is written; empty stays empty.

    Raises:
        UnknownCodeError: there is none; near ones are named.
    """
    code = code.strip().upper()
    if code and code not in {profile.code for profile in profiles(session) if profile.active}:
        raise unknown(session, ReminderProfile, N_("reminder profile"), code, "reminder_profile")
    return code


def profile_for(known: Sequence[Profile], own: str, company: str) -> Profile:
    """The profile of a customer: its own, the company's, the usual one, in this order; of those that are in use."""
    active = [profile for profile in known if profile.active]
    for code in (own, company):
        for profile in active:
            if code and profile.code == code.upper():
                return profile
    usual = next((profile for profile in active if profile.is_default), None)
    return usual or (active[0] if active else replace(STANDARD, steps=()))


# -- a run -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenPart:
    """One open item as a letter lists it: an instalment, a fee, or a credit (negative); `level` is the step it is at."""

    item_id: int
    number: str
    dated_on: date
    due_on: date
    open: Decimal
    currency: str
    days_overdue: int
    level: int
    new: bool = False  # this step was not sent yet


@dataclass(frozen=True)
class Candidate:
    """A customer in a run: the step and what the letter would list; `skipped` says why none goes, marked."""

    customer_id: int
    code: str
    name: str
    email: str
    language: str
    level: int
    profile: Profile
    currency: str  # empty: the company's
    parts: tuple[OpenPart, ...]
    last_on: date | None
    last_level: int
    promised_on: date | None = None  # the nearest promise ahead
    disputed: int = 0  # invoices in dispute
    bank_lines: int = 0  # money that came in from this customer and is not matched yet
    skipped: str = ""

    @property
    def total(self) -> Decimal:
        """Of all that the letter lists."""
        return sum((part.open for part in self.parts), ZERO)

    @property
    def overdue(self) -> Decimal:
        """What of it is overdue."""
        return sum((part.open for part in self.parts if part.days_overdue > 0), ZERO)

    @property
    def days(self) -> int:
        """Days overdue, of the oldest."""
        return max((part.days_overdue for part in self.parts), default=0)


def candidates(session: Session, *, on: date, customers: Iterable[int] | None = None) -> list[Candidate]:
    """Every customer with something overdue on a day and the step it has come to, by name; also those who are skipped.

    `customers` are keys; without them all. What is open is as of now.
    """
    wanted = None if customers is None else sorted(set(customers))
    items = _open_items(session, wanted, on)
    sent = _sent_levels(session, [row.id for rows in items.values() for row in rows])
    known, company = profiles(session), the_company(session)
    parties = _parties(session, list(items))
    last = _last_reminders(session, wanted)
    promised = promises_ahead(session, on=on)
    contested = disputed_invoices(session)
    money = _unmatched_lines(session)
    found = []
    for key, rows in items.items():
        party = parties[key]
        profile = profile_for(known, party.reminder_profile, company.reminder_profile)
        ours = [row for row in rows if row.invoice_id not in contested]
        word = promised.get(key, {})
        parts = tuple(_part(row, on, profile, sent.get(row.id, 0), row.invoice_id in word) for row in ours)
        parts = _of_one_currency(parts)
        last_on, last_level = last.get(key, (None, 0))
        made = Candidate(
            key, party.code, party.name, party.email, party.language or company.language,
            max((part.level for part in parts if part.new), default=0), profile,
            parts[0].currency if parts else "", parts, last_on, last_level,
            min(word.values(), default=None), len({row.invoice_id for row in rows} & contested),
            money(party),
        )  # fmt: skip
        if not any(row.due_on < on and row.amount > ZERO for row in rows) and not made.level:
            continue
        found.append(replace(made, skipped=_why_not(made, party, word, rows, on)))
    return sorted(found, key=lambda one: (one.name.casefold(), one.code))


def _why_not(
    made: Candidate, party: Party, word: Mapping[int | None, date], rows: Sequence[sa.Row[Any]], on: date
) -> str:
    """Why no letter goes, marked; empty: one goes."""
    if party.no_reminders:
        return N_("no reminders to this customer")
    if None in word:
        return N_("a promise to pay lies ahead")
    if not made.parts:
        return N_("in dispute")
    if made.total <= ZERO:
        return N_("credits cover what is owed")
    if made.level == 0:
        if made.promised_on is not None:
            return N_("a promise to pay lies ahead")
        return N_("in dispute") if made.disputed and made.overdue <= ZERO else N_("nothing new to remind of")
    if made.last_on is not None and made.last_on > on - timedelta(days=made.profile.gap_days):
        return N_("reminded lately")
    return ""


def _part(row: sa.Row[Any], on: date, profile: Profile, sent: int, promised: bool) -> OpenPart:
    owed = row.open > ZERO
    level = reached(row.due_on, on, profile.steps) if owed and row.invoice_id is not None else 0
    new = bool(owed and not promised and level and level_of(row.due_on, on, profile.steps, sent))
    overdue = max((on - row.due_on).days, 0) if owed else 0
    return OpenPart(row.id, row.number or "–", row.dated_on, row.due_on, row.open, row.currency, overdue, level, new)


def _of_one_currency(parts: tuple[OpenPart, ...]) -> tuple[OpenPart, ...]:
    """A letter speaks of one currency: that of the highest step to be sent; the others wait for the next run."""
    if len({part.currency for part in parts}) < 2:
        return parts
    first = max(parts, key=lambda part: (part.level if part.new else 0, part.days_overdue))
    return tuple(part for part in parts if part.currency == first.currency)


def _open_items(session: Session, customers: Sequence[int] | None, on: date) -> dict[int, list[sa.Row[Any]]]:
    """What is open, by customer, oldest due first: of those with an instalment past its due date, or near one."""
    due = sa.select(_items.c.customer_id).where(_items.c.open > 0, _items.c.due_on <= on + timedelta(days=60))
    if customers is not None:
        due = due.where(_items.c.customer_id.in_(customers))
    number = sa.func.coalesce(col(Invoice.number), col(Payment.number), col(ReceivableAdjustment.number))
    query = (
        sa.select(
            _items.c.id, _items.c.customer_id, _items.c.invoice_id, _items.c.dated_on, _items.c.due_on, _items.c.amount,
            _items.c.open, _items.c.currency, number.label("number"),
        )
        .outerjoin(Invoice, col(Invoice.id) == _items.c.invoice_id)
        .outerjoin(Payment, col(Payment.id) == _items.c.payment_id)
        .outerjoin(ReceivableAdjustment, col(ReceivableAdjustment.id) == _items.c.adjustment_id)
        .where(_items.c.open != 0, _items.c.dated_on <= on, _items.c.customer_id.in_(due))
        .order_by(_items.c.customer_id, _items.c.due_on, _items.c.id)
    )  # fmt: skip
    found: dict[int, list[sa.Row[Any]]] = {}
    for row in session.execute(query):
        found.setdefault(row.customer_id, []).append(row)
    return found


def _sent_levels(session: Session, ids: Sequence[int]) -> dict[int, int]:
    lines = table_of(ReminderLine)
    found: dict[int, int] = {}
    for part in in_parts(ids):
        query = sa.select(lines.c.item_id, sa.func.max(lines.c.level)).where(lines.c.item_id.in_(part))
        found |= {key: level for key, level in session.execute(query.group_by(lines.c.item_id))}
    return found


def _parties(session: Session, ids: Sequence[int]) -> dict[int, Party]:
    found: dict[int, Party] = {}
    for part in in_parts(ids):
        found |= {party.id: party for party in session.exec(select(Party).where(col(Party.id).in_(part)))}
    return found


def _last_reminders(session: Session, customers: Sequence[int] | None) -> dict[int, tuple[date, int]]:
    newest = sa.select(sa.func.max(col(Reminder.id))).group_by(col(Reminder.customer_id))
    query = sa.select(col(Reminder.customer_id), col(Reminder.reminded_on), col(Reminder.level)).where(
        col(Reminder.id).in_(newest)
    )
    if customers is not None:
        query = query.where(col(Reminder.customer_id).in_(customers))
    return {key: (day, level) for key, day, level in session.execute(query)}


def promises_ahead(session: Session, *, on: date) -> dict[int, dict[int | None, date]]:
    """Promises that lie ahead on a day: customer → invoice (None: the whole account) → the day promised."""
    query = select(PaymentPromise).where(col(PaymentPromise.closed_on).is_(None), PaymentPromise.promised_on >= on)
    found: dict[int, dict[int | None, date]] = {}
    for promise in session.exec(query.order_by(col(PaymentPromise.promised_on).desc())):
        found.setdefault(promise.customer_id, {})[promise.invoice_id] = promise.promised_on
    return found


def disputed_invoices(session: Session) -> set[int]:
    """The invoices that are contested now."""
    return set(session.exec(select(Dispute.invoice_id).where(col(Dispute.closed_on).is_(None))))


def _unmatched_lines(session: Session) -> "_Lines":
    query = select(BankLine.customer_id, BankLine.counterparty_account, BankLine.counterparty).where(
        BankLine.state == BankLineState.OPEN, BankLine.amount > 0
    )
    return _Lines(list(session.exec(query)))


@dataclass(frozen=True)
class _Lines:
    """Money that came in and is not matched yet: whose it may be."""

    rows: Sequence[tuple[int | None, str, str]]

    def __call__(self, party: Party) -> int:
        """How many lines may be this customer's: named so, from its account, or under its name."""
        name = party.name.casefold()
        return sum(
            1
            for customer, account, payer in self.rows
            if customer == party.id or (party.iban and account == party.iban) or payer.strip().casefold() == name
        )


# -- promises and interest ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PromiseView:
    """A promise to pay and what became of it: ahead, kept, broken or withdrawn."""

    id: int
    customer_id: int
    customer: str
    invoice: str
    made_on: date
    promised_on: date
    amount: Decimal
    paid: Decimal
    note: str
    by: str
    state: str


PROMISE_WORDS = {
    "ahead": N_("ahead"),
    "kept": N_("kept"),
    "broken": N_("broken"),
    "withdrawn": N_("withdrawn"),
}


def promises(session: Session, *, on: date, customer_id: int | None = None) -> list[PromiseView]:
    """Promises to pay, newest first; kept or broken follows from the money that came in until the day promised."""
    query = (
        select(PaymentPromise, Party.code, Invoice.number)
        .join(Party, col(Party.id) == col(PaymentPromise.customer_id))
        .outerjoin(Invoice, col(Invoice.id) == col(PaymentPromise.invoice_id))
        .order_by(col(PaymentPromise.id).desc())
    )
    if customer_id is not None:
        query = query.where(PaymentPromise.customer_id == customer_id)
    found = []
    for promise, code, number in session.exec(query):
        paid = _paid_for(session, promise, min(on, promise.promised_on))
        state = "kept" if paid >= promise.amount else "broken" if promise.promised_on < on else "ahead"
        if promise.closed_on is not None:
            state = promise.outcome
        found.append(
            PromiseView(
                promise.id, promise.customer_id, code, number or "", promise.made_on, promise.promised_on,
                promise.amount, paid, promise.note, promise.by, state,
            )
        )  # fmt: skip
    return found


def _paid_for(session: Session, promise: PaymentPromise, last: date) -> Decimal:
    """What came in for a promise, from the day it was given until a day: on its invoice, or on the whole account."""
    if promise.invoice_id is None:
        query = sa.select(sa.func.coalesce(sa.func.sum(col(Payment.amount), type_=AMOUNT), 0)).where(
            col(Payment.customer_id) == promise.customer_id,
            col(Payment.state) == PaymentState.POSTED,
            col(Payment.received_on).between(promise.made_on, last),
        )
    else:
        credit = table_of(ReceivableItem).alias("credit")
        query = (
            sa.select(sa.func.coalesce(sa.func.sum(_links.c.amount, type_=AMOUNT), 0))
            .join(_items, _items.c.id == _links.c.debit_id)
            .join(credit, credit.c.id == _links.c.credit_id)
            .where(
                _items.c.invoice_id == promise.invoice_id,
                credit.c.payment_id.is_not(None),
                _links.c.allocated_on.between(promise.made_on, last),
            )
        )
    return Decimal(session.execute(query).scalar_one())


@dataclass(frozen=True)
class InterestLine:
    """The interest on one invoice that was not charged yet: from the day it was overdue, or charged until last."""

    invoice_id: int
    number: str
    customer_id: int
    first: date
    last: date
    open: Decimal
    amount: Decimal
    currency: str


def interest_due(session: Session, customer_id: int | None, *, on: date) -> list[InterestLine]:
    """Simple interest by the day on what was overdue until a day, by invoice; nothing of it is booked.

    Amounts in the company's currency; invoices in another are left out, and so are contested ones.
    """
    company = the_company(session)
    if not company.interest_percent:
        return []
    contested = disputed_invoices(session)
    query = select(ReceivableItem, Invoice.number).join(Invoice, col(Invoice.id) == col(ReceivableItem.invoice_id))
    query = query.where(
        ReceivableItem.amount > 0,
        ReceivableItem.due_on < on,
        ReceivableItem.currency == "",
        Invoice.kind != "credit_note",
    )
    if customer_id is not None:
        query = query.where(ReceivableItem.customer_id == customer_id)
    rows = [(item, number or "") for item, number in session.exec(query) if item.invoice_id not in contested]
    charged = _charged_until(session, on)
    changes = _changes_of(session, [item.id for item, _number in rows], on)
    by_invoice: dict[int, list[tuple[ReceivableItem, str]]] = {}
    for item, number in rows:
        by_invoice.setdefault(item.invoice_id or 0, []).append((item, number))
    found = []
    for key, mine in by_invoice.items():
        parts, first = [], on
        for item, _number in mine:
            since = max(item.due_on, charged.get(key, item.due_on))
            told = changes.get(item.id, [])
            then = item.amount - sum((part for day, part in told if day <= since), ZERO)
            parts += spans(then, since, on, told)
            first = min(first, since)
        amount = interest(parts, company.interest_percent, company.digits)
        if amount > ZERO:
            left = sum((item.open for item, _number in mine), ZERO)
            found.append(
                InterestLine(key, mine[0][1], mine[0][0].customer_id, first, on, left, amount, company.currency)
            )
    return sorted(found, key=lambda line: line.number)


def _charged_until(session: Session, on: date) -> dict[int, date]:
    adjustment = table_of(ReceivableAdjustment)
    query = sa.select(adjustment.c.invoice_id, sa.func.max(adjustment.c.adjusted_on)).where(
        adjustment.c.kind == AdjustmentKind.INTEREST,
        adjustment.c.invoice_id.is_not(None),
        adjustment.c.reverses_id.is_(None),
        adjustment.c.reversed_by.is_(None),
    )
    return {key: day for key, day in session.execute(query.group_by(adjustment.c.invoice_id))}


def _changes_of(session: Session, ids: Sequence[int], on: date) -> dict[int, list[tuple[date, Decimal]]]:
    found: dict[int, list[tuple[date, Decimal]]] = {}
    for part in in_parts(ids):
        query = sa.select(_links.c.debit_id, _links.c.allocated_on, _links.c.amount)
        for key, day, amount in session.execute(query.where(_links.c.debit_id.in_(part), _links.c.allocated_on <= on)):
            found.setdefault(key, []).append((day, amount))
    return found


# -- what lists say ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """How far a customer is reminded: the last letter, a promise ahead, contested invoices."""

    level: int = 0
    last_on: date | None = None
    promised_on: date | None = None
    broken: bool = False  # the last promise
    disputed: int = 0


def standings(session: Session, *, on: date) -> dict[int, Standing]:
    """The standing of every customer who has one; a level counts while something it reminded of is open."""
    lines, heads = table_of(ReminderLine), table_of(Reminder)
    open_levels = (
        sa.select(heads.c.customer_id, sa.func.max(lines.c.level), sa.func.max(heads.c.reminded_on))
        .join(lines, lines.c.reminder_id == heads.c.id)
        .join(_items, _items.c.id == lines.c.item_id)
        .where(_items.c.open > 0)
        .group_by(heads.c.customer_id)
    )
    found = {key: Standing(level, day) for key, level, day in session.execute(open_levels)}
    for promise in reversed(promises(session, on=on)):
        if promise.state in ("ahead", "broken"):
            mine = found.get(promise.customer_id, Standing())
            ahead = promise.state == "ahead"
            found[promise.customer_id] = replace(
                mine, promised_on=promise.promised_on if ahead else mine.promised_on, broken=not ahead
            )
    query = select(Dispute.customer_id, sa.func.count()).where(col(Dispute.closed_on).is_(None))
    for key, number in session.exec(query.group_by(col(Dispute.customer_id))):
        found[key] = replace(found.get(key, Standing()), disputed=number)
    return found
