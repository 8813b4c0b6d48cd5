"""Reminders: profiles, one letter per customer, promises to pay, disputes, interest on approval.

Rule: docs/rules/reminders.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, ConflictError, DuplicateError, MissingValueError, NotFoundError, TradeError
from o2c_tui.models.company import UserRole
from o2c_tui.models.invoice import Invoice, InvoiceKind, InvoiceState
from o2c_tui.models.ledger import AccountRole
from o2c_tui.models.party import Party
from o2c_tui.models.receivable_adjustment import AdjustmentKind
from o2c_tui.models.reminder import Dispute, PaymentPromise, Reminder, ReminderLine, ReminderProfile, ReminderStep
from o2c_tui.money import MOST_AMOUNT, digits_of, is_figure
from o2c_tui.queries.letters import filled, letter, of_company, sum_of
from o2c_tui.queries.lookups import addresses, party_by_code, the_company
from o2c_tui.queries.reminders import (
    STANDARD,
    Candidate,
    Profile,
    candidates,
    disputed_invoices,
    interest_due,
    profile_for,
    profiles,
)
from o2c_tui.rules.outbox import address_list
from o2c_tui.services.mailing import write_mail
from o2c_tui.services.numbering import next_number
from o2c_tui.services.posting import Facts, account_for
from o2c_tui.services.records import Record, clean_code, clean_name
from o2c_tui.services.rights import require_office, require_one_of
from o2c_tui.services.support import load, require_state, warn
from o2c_tui.services.writing_off import Adjusting, Settled, post_adjustment
from o2c_tui.storage.chain import created, decide, record
from o2c_tui.storage.rows import insert_rows
from o2c_tui.texts import N_, catalogue, day_in_words

ZERO = Decimal(0)
_MAY = (UserRole.OWNER, UserRole.ACCOUNTS, UserRole.SALES)


class NotRemindedError(TradeError):
    """No letter goes to this customer now; says why."""


# -- profiles ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StepSetup:
    """A step as entered: days after the due date (before it, where negative), the code of a letter, perhaps a fee."""

    days: int
    letter: str = ""  # empty: reminder_1, reminder_2 … by its place
    fee: Decimal = ZERO


@dataclass(frozen=True)
class ProfileSetup:
    """A profile as entered; its steps in the order of their days."""

    code: str
    name: str
    steps: tuple[StepSetup, ...]
    gap_days: int = 7
    is_default: bool = False
    active: bool = True


def save_profile(session: Session, setup: ProfileSetup, *, version: int | None = None, by: str, today: date) -> Record:
    """Make or change a profile of reminders; letters that went stay as they were.

    Raises:
        NotAllowedError: this person may not. BadValueError: days that do not rise, a fee that is no amount, a gap
        outside 0 to 365. MissingValueError: no step. ConflictError: somebody else changed it meanwhile.
    """
    require_office(session, by, N_("change how customers are reminded"))
    code = clean_code(setup.code)
    _check_steps(session, setup)
    kept = session.exec(select(ReminderProfile).where(ReminderProfile.code == code)).one_or_none()
    is_new = kept is None
    if kept is None:
        if version is not None:
            raise ConflictError(N_("Somebody else has changed the profile meanwhile. Look at it again (F5)."))
        kept = ReminderProfile(
            code=code,
            name=clean_name(setup.name),
            gap_days=setup.gap_days,
            is_default=setup.is_default,
            active=setup.active,
        )
        session.add(kept)
        session.flush()
        created(session, kept)
    else:
        if version is not None and kept.version != version:
            raise ConflictError(N_("Somebody else has changed the profile meanwhile. Look at it again (F5)."))
        decide(
            session,
            kept,
            name=clean_name(setup.name),
            gap_days=setup.gap_days,
            is_default=setup.is_default,
            active=setup.active,
        )
        kept.version += 1
    if setup.is_default:
        for other in session.exec(select(ReminderProfile).where(ReminderProfile.id != kept.id)):
            decide(session, other, is_default=False)
    _save_steps(session, kept, setup.steps)
    record(session, "save_profile", kept, by=by)
    return Record(kept.id, code, is_new)


def _check_steps(session: Session, setup: ProfileSetup) -> None:
    if not setup.steps:
        raise MissingValueError(N_("Give at least one step."), field="steps")
    if not 0 <= setup.gap_days <= 365:
        raise BadValueError(N_("Give a number of days from 0 to 365."), field="gap_days")
    digits = the_company(session).digits
    for n, step in enumerate(setup.steps):
        if not -60 <= step.days <= 3650 or (n and step.days <= setup.steps[n - 1].days):
            raise BadValueError(N_("The days of the steps must rise, from -60 to 3650."), field=f"steps.{n + 1}.days")
        if not is_figure(step.fee, digits, MOST_AMOUNT):
            raise BadValueError(N_("'{text}' is no amount."), field=f"steps.{n + 1}.fee", text=str(step.fee))


def _save_steps(session: Session, kept: ReminderProfile, steps: Sequence[StepSetup]) -> None:
    known = {row.level: row for row in session.exec(select(ReminderStep).where(ReminderStep.profile_id == kept.id))}
    for level, step in enumerate(steps, 1):
        told = step.letter.strip().lower() or f"reminder_{min(level, 3)}"
        row = known.pop(level, None)
        if row is None:
            row = ReminderStep(profile_id=kept.id, level=level, days=step.days, letter=told, fee=step.fee)
            session.add(row)
            session.flush()
            created(session, row)
        else:
            decide(session, row, days=step.days, letter=told, fee=step.fee)
    for row in known.values():
        session.delete(row)
    session.flush()


def _usual(session: Session, *, by: str, today: date) -> None:
    """Write the usual profile down when it is first used."""
    if session.exec(select(ReminderProfile.id).limit(1)).first() is not None:
        return
    kept = ReminderProfile(code=STANDARD.code, name=STANDARD.name, gap_days=STANDARD.gap_days, is_default=True)
    session.add(kept)
    session.flush()
    created(session, kept)
    _save_steps(session, kept, [StepSetup(step.days, step.letter, step.fee) for step in STANDARD.steps])
    record(session, "save_profile", kept, by=by)


# -- letters -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reminded:
    """A letter that was written: what it asks for, and how it goes: as a mail, or on paper where there is no address."""

    reminder_id: int
    number: str
    customer: str
    name: str
    level: int
    total: Decimal
    fee: Decimal
    currency: str
    to: str
    mail_id: int | None


def remind_customer(
    session: Session,
    customer: str,
    *,
    again: bool = False,
    mail: bool = True,
    by: str,
    today: date,
    now: datetime,
) -> Reminded:
    """Write one letter to a customer over all that is open, at the highest step reached that was not sent yet.

    It goes into the outbox with its PDF where an address is known and `mail` is true; else it is to be printed. A fee of
    the step is charged to the account, due at once. `again` repeats the last step by hand, whatever the gap.

    Raises:
        NotRemindedError: none goes; says why. NotAllowedError: this person may not.
    """
    require_one_of(session, by, _MAY, N_("send reminders"))
    _usual(session, by=by, today=today)
    party = party_by_code(session, customer)
    found = next(iter(candidates(session, on=today, customers=[party.id])), None)
    repeats = again and found is not None and found.skipped in (N_("nothing new to remind of"), N_("reminded lately"))
    if found is None:
        raise NotRemindedError(N_("{customer} owes nothing that is due."), customer=party.code)
    if found.skipped and not repeats:
        raise NotRemindedError(
            N_("{customer} gets no letter: {why_word}."), customer=party.code, why_word=found.skipped
        )
    level = found.level or max((part.level for part in found.parts), default=0)
    if not level:
        raise NotRemindedError(N_("{customer} owes nothing that is due."), customer=party.code)
    if found.bank_lines:
        warn(
            session,
            "unmatched_bank_lines",
            N_("{n} bank lines that may be of {customer} are not matched yet."),
            n=found.bank_lines,
            customer=party.code,
        )
    return _write(session, party, found, level, with_fee=bool(found.level), mail=mail, by=by, today=today, now=now)


def _write(
    session: Session,
    party: Party,
    found: Candidate,
    level: int,
    *,
    with_fee: bool,
    mail: bool,
    by: str,
    today: date,
    now: datetime,
) -> Reminded:
    company = the_company(session)
    step = found.profile.step(level)
    currency = found.currency or company.currency
    digits = digits_of(currency) if found.currency else company.digits
    fee = step.fee if with_fee else ZERO
    fee_id, facts = _charge(session, party.id, fee, step.letter, by=by, today=today, now=now)
    number = next_number(session, "reminder", today)
    words = letter(session, step.letter, found.language)
    values = {
        **of_company(session),
        "customer": party.name,
        "contact": party.contact or party.name,
        "document": catalogue(words.language).gettext(N_("reminder")),
        "number": number,
        "date": day_in_words(today, words.language),
        "total": sum_of(found.total, currency, digits),
        "open": sum_of(found.total, currency, digits),
        "overdue": sum_of(found.overdue, currency, digits),
        "days": str(found.days),
        "fee": sum_of(fee, company.currency, company.digits) if fee else "",
        "pay_by": day_in_words(today + timedelta(days=max(found.profile.gap_days, 7)), words.language),
    }
    subject, text = filled(words, values)
    to = party.email if mail else ""
    row = {
        "number": number,
        "customer_id": party.id,
        "reminded_on": today,
        "level": level,
        "profile": found.profile.code,
        "language": found.language,
        "address": addresses(session, party)[0],
        "email": to,
        "subject": subject,
        "body": text,
        "currency": currency,
        "digits": digits,
        "total": found.total,
        "fee": fee,
        "fee_id": fee_id,
        "by": by,
        "written_at": now,
    }
    reminder, rows = _insert(session, row, found)
    mail_id = None
    if to and _is_address(to):
        _same, with_items = filled(words, {**values, "items": _as_lines(found, currency, digits, words.language)})
        mail_id = write_mail(
            session,
            "reminder",
            reminder.id,
            to=to,
            subject=subject,
            body=with_items,
            language=found.language,
            file_name=f"{number}.pdf",
            customer_id=party.id,
            words={"number": number},
            by=by,
            now=now,
        ).id
    record(session, "remind_customer", reminder, by=by, facts=facts + rows)
    return Reminded(
        reminder.id, number, party.code, party.name, level, found.total, fee, currency,
        to if mail_id is not None else "", mail_id,
    )  # fmt: skip


def _charge(
    session: Session, customer_id: int, fee: Decimal, note: str, *, by: str, today: date, now: datetime
) -> tuple[int | None, Facts]:
    """Charge the fee of a step to the account; the adjustment's key (none without a fee) and the rows written."""
    if not fee:
        return None, []
    account, digits = account_for(session, AccountRole.FEES), the_company(session).digits
    charge = Adjusting(AdjustmentKind.REMINDER_FEE, customer_id, -fee, account, today, digits, note=note)
    made, _item, facts = post_adjustment(session, charge, by=by, now=now)
    return made.id, facts


def _insert(session: Session, row: dict[str, Any], found: Candidate) -> tuple[Reminder, Facts]:
    """The letter with its lines, as it was written."""
    (head,) = insert_rows(session, Reminder, [row])
    told = [
        {
            "reminder_id": head["id"],
            "position": n,
            "item_id": part.item_id,
            "level": part.level,
            "due_on": part.due_on,
            "open": part.open,
        }
        for n, part in enumerate(found.parts, 1)
    ]
    lines = insert_rows(session, ReminderLine, told)
    return Reminder(**head), [(Reminder, [head]), (ReminderLine, lines)]


def _is_address(text: str) -> bool:
    try:
        return bool(address_list(text, "to"))
    except BadValueError:
        return False


def _as_lines(found: Candidate, currency: str, digits: int, language: str) -> str:
    say = catalogue(language).gettext
    lines = []
    for part in found.parts:
        line = N_("{number}  due {day}  {amount}")
        text = say(line).format(
            number=part.number, day=day_in_words(part.due_on, language), amount=sum_of(part.open, currency, digits)
        )
        if part.days_overdue:
            text += "  " + say(N_("({n} days overdue)")).format(n=part.days_overdue)
        lines.append(text)
    return "\n".join(lines)


# -- promises and disputes -------------------------------------------------------------------------------------------------


def promise_payment(
    session: Session,
    customer: str,
    promised_on: date,
    amount: Decimal,
    *,
    invoice: str = "",
    note: str = "",
    by: str,
    today: date,
) -> int:
    """Write down a customer's word to pay an amount by a day, for one invoice or the whole account. Returns its key.

    Until that day no reminder goes (of that invoice). Kept or broken follows from what comes in.

    Raises:
        BadValueError: no positive amount, or the day has passed. NotFoundError: no such invoice of the customer.
    """
    require_one_of(session, by, _MAY, N_("write promises down"))
    party = party_by_code(session, customer)
    if promised_on < today:
        raise BadValueError(N_("{day} has passed already."), field="promised_on", day=str(promised_on))
    if not is_figure(amount, the_company(session).digits, MOST_AMOUNT) or not amount:
        raise BadValueError(N_("The amount must be more than 0 and at most {most}."), field="amount", most=MOST_AMOUNT)
    made = PaymentPromise(
        customer_id=party.id,
        invoice_id=_invoice_of(session, party, invoice).id if invoice else None,
        made_on=today,
        promised_on=promised_on,
        amount=amount,
        note=note.strip(),
        by=by,
    )
    session.add(made)
    session.flush()
    created(session, made)
    record(session, "promise_payment", made, by=by)
    return made.id


def withdraw_promise(session: Session, promise_id: int, note: str = "", *, by: str, today: date) -> None:
    """Take a promise back: it holds no reminder any more.

    Raises:
        BadValueError: it was closed before.
    """
    require_one_of(session, by, _MAY, N_("write promises down"))
    kept = load(session, PaymentPromise, promise_id)
    if kept.closed_on is not None:
        raise BadValueError(N_("This promise was closed on {day}."), day=str(kept.closed_on))
    decide(session, kept, closed_on=today, outcome="withdrawn", note=note.strip() or kept.note)
    kept.version += 1
    record(session, "withdraw_promise", kept, by=by)


def open_dispute(session: Session, invoice_id: int, reason: str, *, by: str, today: date) -> int:
    """Note that a customer contests an invoice: no reminder speaks of it until it is settled. Returns its key.

    Raises:
        MissingValueError: no reason. WrongStateError: it is not posted. DuplicateError: it is contested already.
    """
    require_one_of(session, by, _MAY, N_("open disputes"))
    if not reason.strip():
        raise MissingValueError(N_("Say what the customer contests."), field="reason")
    invoice = load(session, Invoice, invoice_id)
    require_state(invoice, InvoiceState.POSTED, doing=N_("be contested"))
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        raise BadValueError(N_("{number} is a credit note: it asks for nothing."), number=invoice.label)
    if invoice_id in disputed_invoices(session):
        raise DuplicateError(N_("{number} is in dispute already."), number=invoice.label)
    made = Dispute(
        customer_id=invoice.customer_id, invoice_id=invoice_id, opened_on=today, reason=reason.strip(), by=by
    )
    session.add(made)
    session.flush()
    created(session, made)
    record(session, "open_dispute", made, by=by)
    return made.id


def close_dispute(session: Session, invoice_id: int, outcome: str, *, by: str, today: date) -> None:
    """Note how a dispute was settled: the invoice is reminded of again.

    Raises:
        NotFoundError: the invoice is not contested. MissingValueError: no outcome.
    """
    require_one_of(session, by, _MAY, N_("open disputes"))
    if not outcome.strip():
        raise MissingValueError(N_("Say how it was settled."), field="outcome")
    query = select(Dispute.id).where(Dispute.invoice_id == invoice_id, col(Dispute.closed_on).is_(None))
    key = session.exec(query).one_or_none()
    if key is None:
        raise NotFoundError(N_("{number} is not in dispute."), number=load(session, Invoice, invoice_id).label)
    kept = load(session, Dispute, key)
    decide(session, kept, closed_on=today, outcome=outcome.strip())
    kept.version += 1
    record(session, "close_dispute", kept, by=by)


def _invoice_of(session: Session, party: Party, number: str) -> Invoice:
    found = session.exec(select(Invoice).where(Invoice.number == number.strip().upper())).one_or_none()
    if found is None or found.customer_id != party.id:
        raise NotFoundError(
            N_("{customer} has no invoice {number}."), field="invoice", customer=party.code, number=number
        )
    return found


# -- interest --------------------------------------------------------------------------------------------------------------


def charge_interest(
    session: Session,
    customer: str,
    *,
    amount: Decimal | None = None,
    invoices: Sequence[str] = (),
    by: str,
    today: date,
    now: datetime,
) -> tuple[Settled, ...]:
    """Post the interest that is due until a day on overdue invoices, all of them or some: this is the approval.

    `amount` is what was proposed in all; where it differs by now, nothing is posted. One adjustment an invoice, due at
    once; the days are charged from the day it was overdue, or was charged until last.

    Raises:
        NotAllowedError: neither owner nor accounts. MissingValueError: nothing is due. ConflictError: see above.
    """
    require_office(session, by, N_("charge interest"))
    party = party_by_code(session, customer)
    wanted = {number.strip().upper() for number in invoices}
    due = [line for line in interest_due(session, party.id, on=today) if not wanted or line.number in wanted]
    if not due:
        raise MissingValueError(N_("No interest is due of {customer}."), customer=party.code)
    total = sum((line.amount for line in due), ZERO)
    if amount is not None and amount != total:
        raise ConflictError(
            N_("The interest due is {total} by now, not {amount}. Look at it again."), total=total, amount=amount
        )
    account = account_for(session, AccountRole.FEES)
    done = []
    for line in due:
        wanted_one = Adjusting(
            AdjustmentKind.INTEREST,
            party.id,
            -line.amount,
            account,
            today,
            the_company(session).digits,
            invoice_id=line.invoice_id,
            note=f"{line.first.isoformat()} – {line.last.isoformat()}",
        )
        made, _item, facts = post_adjustment(session, wanted_one, by=by, now=now)
        session.flush()
        record(session, "charge_interest", made, by=by, facts=facts)
        done.append(Settled(made.id, made.number or "", made.amount, ZERO, line.open))
    return tuple(done)


def profile_of(session: Session, customer: str) -> Profile:
    """How a customer is reminded."""
    party = party_by_code(session, customer)
    return profile_for(profiles(session), party.reminder_profile, the_company(session).reminder_profile)
