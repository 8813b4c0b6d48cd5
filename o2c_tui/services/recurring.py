"""Invoices that come again: plans of services and text, and the drafts they write on their days.

Rule: docs/rules/invoices.md, "Recurring invoices".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, ConflictError, MissingValueError
from o2c_tui.models.invoice import Invoice
from o2c_tui.models.item import Item
from o2c_tui.models.party import Party
from o2c_tui.models.recurring import Every, RecurringInvoice, RecurringLine
from o2c_tui.queries.lookups import party_by_code
from o2c_tui.rules.rhythm import days_until, next_after
from o2c_tui.services.drafting import DocumentDraft, LineDraft, price_draft
from o2c_tui.services.free_invoices import refuse_stocked, save_invoice
from o2c_tui.services.invoicing import post_invoice
from o2c_tui.services.records import Record, clean_code
from o2c_tui.services.support import load
from o2c_tui.storage.chain import created, decide, record
from o2c_tui.storage.rows import LOCK
from o2c_tui.texts import N_

ZERO = Decimal(0)
MOST_TIMES = 1000


@dataclass(frozen=True)
class RecurringSetup:
    """A plan as entered: what is billed to whom, every so many weeks, months or years from a day on."""

    code: str
    customer: str
    lines: tuple[LineDraft, ...]
    starts_on: date
    every: Every = Every.MONTH
    times: int = 1
    until_on: date | None = None
    term: str = ""
    customer_reference: str = ""
    note: str = ""
    discount_percent: Decimal = ZERO
    active: bool = True


@dataclass(frozen=True)
class Written:
    """A draft that a plan wrote; `missed` are earlier days of the plan that passed without one."""

    code: str
    invoice_id: int
    number: str  # a dash while it is a draft
    gross: Decimal
    missed: int


def save_recurring(
    session: Session, setup: RecurringSetup, *, version: int | None = None, by: str, today: date
) -> Record:
    """Make a plan, or change the one with this code; invoices that it wrote stay as they are.

    Raises:
        BadValueError: no rhythm, an end before the start, or goods (they are sold by orders). MissingValueError: no lines.
        UnknownCodeError: customer, item, tax or term is not known. ConflictError: somebody else changed it.
    """
    code = clean_code(setup.code)
    if not 1 <= setup.times <= MOST_TIMES:
        raise BadValueError(
            N_("Give every how many weeks, months or years: 1 to {most}."), field="times", most=MOST_TIMES
        )
    if setup.until_on is not None and setup.until_on < setup.starts_on:
        raise BadValueError(N_("The plan would end before it begins."), field="until_on")
    if not setup.lines:
        raise MissingValueError(N_("Give the plan at least one line."), field="lines")
    refuse_stocked(session, price_draft(session, _draft(setup), on=today))
    customer = party_by_code(session, setup.customer)
    plan = session.exec(
        select(RecurringInvoice).where(RecurringInvoice.code == code).with_for_update(**LOCK)
    ).one_or_none()
    values: dict[str, Any] = {
        "customer_id": customer.id,
        "every": setup.every,
        "times": setup.times,
        "starts_on": setup.starts_on,
        "until_on": setup.until_on,
        "term": setup.term.strip().upper(),
        "customer_reference": setup.customer_reference.strip(),
        "note": setup.note.strip(),
        "discount_percent": setup.discount_percent,
    }
    is_new = plan is None
    if plan is None:
        plan = RecurringInvoice(code=code, **values, next_on=setup.starts_on, active=setup.active)
        session.add(plan)
        session.flush()
        created(session, plan)
    else:
        refuse_stale(plan, version)
        following = _following(plan, setup, today)
        decide(session, plan, **values, next_on=following, active=setup.active)
        plan.version += 1
    _save_lines(session, plan, setup.lines)
    record(session, "save_recurring", plan, by=by)
    return Record(plan.id, code, is_new)


def _following(plan: RecurringInvoice, setup: RecurringSetup, today: date) -> date:
    """The next day of a plan that is changed: the one it had, unless its rhythm is another now; what was neither due nor
    billed by then is not billed later."""
    start, every, times = setup.starts_on, setup.every, setup.times
    if (start, every, times) == (plan.starts_on, plan.every, plan.times):
        return plan.next_on
    found = start
    if plan.last_on is not None and plan.last_on >= start:
        found = next_after(start, every, times, plan.last_on)
    if found < today < plan.next_on and start == plan.starts_on:
        found = next_after(start, every, times, today - timedelta(days=1))
    return found


def refuse_stale(plan: RecurringInvoice, version: int | None) -> None:
    """Refuse to change a plan that is no longer as the caller saw it.

    Raises:
        ConflictError: somebody else changed it.
    """
    if version is not None and plan.version != version:
        raise ConflictError(N_("Somebody else has changed {code} meanwhile. Look at it again (F5)."), code=plan.code)


def _draft(setup: RecurringSetup) -> DocumentDraft:
    return DocumentDraft(
        setup.customer, setup.lines, term=setup.term.strip().upper(), discount_percent=setup.discount_percent
    )


def _save_lines(session: Session, plan: RecurringInvoice, lines: Sequence[LineDraft]) -> None:
    """The plan's lines as they stand; one that is given up stays with a quantity of 0."""
    there = {line.position: line for line in _lines_of(session, plan)}
    items = {
        item.code: item.id
        for item in session.exec(select(Item).where(col(Item.code).in_([x.item.strip().upper() for x in lines])))
    }
    for position, line in enumerate(lines, 1):
        values: dict[str, Any] = {
            "item_id": items.get(line.item.strip().upper()),
            "description": line.description.strip(),
            "quantity": line.quantity,
            "unit": line.unit.strip(),
            "unit_price": line.unit_price,
            "discount_percent": line.discount_percent,
            "tax_code": line.tax_code or "",
            "note": line.note.strip(),
        }
        old = there.pop(position, None)
        if old is None:
            fresh = RecurringLine(recurring_id=plan.id, position=position, **values)
            session.add(fresh)
            session.flush()
            created(session, fresh)
        else:
            decide(session, old, **values)
    for gone in there.values():
        decide(session, gone, quantity=ZERO)


def _lines_of(session: Session, plan: RecurringInvoice) -> list[RecurringLine]:
    query = select(RecurringLine).where(RecurringLine.recurring_id == plan.id).order_by(col(RecurringLine.position))
    return list(session.exec(query))


def lines_of(session: Session, plan: RecurringInvoice) -> tuple[LineDraft, ...]:
    """The lines that a plan bills, as a draft takes them."""
    lines = [line for line in _lines_of(session, plan) if line.quantity]
    found = session.exec(select(Item).where(col(Item.id).in_([line.item_id for line in lines if line.item_id])))
    items: dict[int | None, str] = {item.id: item.code for item in found}
    return tuple(
        LineDraft(
            items.get(line.item_id, ""), line.quantity, line.unit_price, description=line.description,
            discount_percent=line.discount_percent, tax_code=line.tax_code or None, note=line.note, unit=line.unit,
        )
        for line in lines
    )  # fmt: skip


def write_due(
    session: Session, *, codes: Sequence[str] = (), post: bool = False, by: str, today: date, now: datetime
) -> tuple[Written, ...]:
    """Write what is due of all plans (or of those with these `codes`), each once, however many of its days have passed, dated today; twice on a day makes
    nothing more. `post` posts them, too.

    Raises:
        What save_invoice and post_invoice raise; nothing is written then.
    """
    query = (
        select(RecurringInvoice)
        .where(col(RecurringInvoice.active), RecurringInvoice.next_on <= today)
        .order_by(col(RecurringInvoice.id))
        .with_for_update(**LOCK)
    )
    if codes:
        query = query.where(col(RecurringInvoice.code).in_([code.strip().upper() for code in codes]))
    return tuple(_write(session, plan, post, by, today, now) for plan in session.exec(query).all())


def _write(session: Session, plan: RecurringInvoice, post: bool, by: str, today: date, now: datetime) -> Written:
    customer = load(session, Party, plan.customer_id)
    last_day = min(today, plan.until_on) if plan.until_on is not None else today
    draft = DocumentDraft(
        customer.code, lines_of(session, plan), dated_on=today, customer_reference=plan.customer_reference, term=plan.term,
        note=plan.note, discount_percent=plan.discount_percent,
    )  # fmt: skip
    saved = save_invoice(session, draft, by=by, today=today)
    invoice = load(session, Invoice, saved.id)
    invoice.recurring_id = plan.id
    missed = days_until(plan.starts_on, plan.every, plan.times, plan.next_on, last_day) - 1
    following = next_after(plan.starts_on, plan.every, plan.times, today)
    over = plan.until_on is not None and following > plan.until_on
    decide(session, plan, last_on=today, next_on=following, active=not over)
    plan.version += 1
    session.flush()
    record(session, "write_due", plan, by=by)
    number = post_invoice(session, saved.id, by=by, today=today, now=now).number if post else saved.label
    return Written(plan.code, saved.id, number, saved.gross, missed)
