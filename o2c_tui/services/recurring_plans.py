"""What becomes of a plan of recurring invoices: made of a document, paused, taken up again, ended.

Rule: docs/rules/invoices.md, "Recurring invoices".
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, NotFoundError, WrongStateError
from o2c_tui.models.base import PRICE_PLACES
from o2c_tui.models.invoice import InvoiceKind
from o2c_tui.models.party import Party
from o2c_tui.models.recurring import Every, RecurringInvoice
from o2c_tui.money import Rounding, round_to
from o2c_tui.queries.documents import Document, document, document_by_number
from o2c_tui.queries.lookups import the_company, unknown
from o2c_tui.queries.recurring import ENDED, free_code, state_of
from o2c_tui.rules.pricing import LineInput, line_amount
from o2c_tui.rules.rhythm import next_after
from o2c_tui.services.drafting import LineDraft
from o2c_tui.services.records import Record
from o2c_tui.services.recurring import RecurringSetup, lines_of, refuse_stale, save_recurring
from o2c_tui.storage.chain import decide, record
from o2c_tui.storage.rows import LOCK
from o2c_tui.texts import N_

ZERO = Decimal(0)


def plan_coded(session: Session, code: str) -> RecurringInvoice:
    """The plan with this code, locked for this transaction.

    Raises:
        UnknownCodeError: there is none.
    """
    wanted = code.strip().upper()
    query = select(RecurringInvoice).where(RecurringInvoice.code == wanted).with_for_update(**LOCK)
    plan = session.exec(query).one_or_none()
    if plan is None:
        raise unknown(session, RecurringInvoice, N_("recurring invoice"), code, "code")
    return plan


def setup_of(session: Session, plan_id: int) -> tuple[RecurringSetup, int]:
    """A plan as it would be entered, and its version.

    Raises:
        NotFoundError: there is none.
    """
    query = select(RecurringInvoice, Party).join(Party, col(Party.id) == col(RecurringInvoice.customer_id))
    found = session.exec(query.where(RecurringInvoice.id == plan_id)).one_or_none()
    if found is None:
        raise NotFoundError(
            N_("There is no {kind_word} with the key {key}."), kind_word=N_("recurring invoice"), key=plan_id
        )
    plan, customer = found
    setup = RecurringSetup(
        plan.code, customer.code, lines_of(session, plan), plan.starts_on, plan.every, plan.times, plan.until_on,
        plan.term, plan.customer_reference, plan.note, plan.discount_percent, plan.active,
    )  # fmt: skip
    return setup, plan.version


def plan_of_document(session: Session, number: str, *, today: date) -> RecurringSetup:
    """The plan that would bill the lines of an invoice or a sales order again and again, at their prices: every month, from
    a month after the invoice or, of an order, from `today` on, under its customer's code.

    Raises:
        BadValueError: it is neither, or a deposit; its currency is not its customer's any more.
        NotFoundError: no document has the number.
    """
    kind, key = document_by_number(session, number)
    if kind not in ("invoice", "order"):
        raise BadValueError(N_("{number} is neither an invoice nor a sales order."), field="number", number=number)
    found = document(session, kind, key)
    head, percent = found.head, _discount(found)
    lines = _lines(found, percent)
    customer = session.get_one(Party, head["customer_id"])
    if head["currency"] != (customer.currency or the_company(session).currency):
        raise BadValueError(
            N_("{number} is in {currency}, which is not the currency of {customer} any more."),
            field="number",
            number=number,
            currency=head["currency"],
            customer=customer.name,
        )
    begins = today  # an invoice was billed on its day; the next is a month later
    if kind == "invoice":
        begins = next_after(head["invoiced_on"], Every.MONTH, 1, head["invoiced_on"])
    return RecurringSetup(
        free_code(session, customer.code), customer.code, lines, begins, term=head["term"],
        customer_reference=head["customer_reference"], note=head["note"], discount_percent=percent,
    )  # fmt: skip


def recur_document(
    session: Session,
    number: str,
    code: str,
    *,
    starts_on: date,
    every: Every = Every.MONTH,
    times: int = 1,
    until_on: date | None = None,
    term: str | None = None,
    customer_reference: str | None = None,
    note: str | None = None,
    version: int | None = None,
    by: str,
    today: date,
) -> Record:
    """Make a plan that bills the lines of an invoice or a sales order again and again, at their prices; or put these
    lines in place of those of the plan with this code. What is not said comes from the document.

    Raises:
        What plan_of_document and save_recurring raise; BadValueError for goods.
    """
    told = plan_of_document(session, number, today=today)
    setup = replace(
        told,
        code=code,
        starts_on=starts_on,
        every=every,
        times=times,
        until_on=until_on,
        term=told.term if term is None else term,
        customer_reference=told.customer_reference if customer_reference is None else customer_reference,
        note=told.note if note is None else note,
    )
    return save_recurring(session, setup, version=version, by=by, today=today)


def _lines(found: Document, percent: Decimal) -> tuple[LineDraft, ...]:
    """The lines of a document as a plan bills them. What was taken off a line otherwise than by its own percent, or by
    the `percent` of the whole, lowers its price."""
    head = found.head
    if head.get("kind") in (InvoiceKind.CREDIT_NOTE, InvoiceKind.DEPOSIT):
        raise BadValueError(N_("{number} is not billed again and again."), field="number", number=found.label)
    lines = []
    for line in found.lines:
        quantity = line["quantity"] - line.get("cancelled", ZERO)
        if line.get("deducts_line_id") is not None or quantity <= ZERO:
            continue
        price, off = line["unit_price"], line["discount_percent"]
        told = LineInput(line["quantity"], price, off, line["discount_amount"])
        billed = line["net"] + line["tax"] if line["tax_included"] else line["net"]
        if line["discount_amount"] or (
            not percent and line_amount(told, head["digits"], Rounding(head["rounding"])) != billed
        ):
            price, off = round_to(billed / line["quantity"], PRICE_PLACES), ZERO
        lines.append(
            LineDraft(
                line["item"], quantity, price, description=line["description"], discount_percent=off,
                tax_code=line["tax_code"] or None, unit=line["unit"],
            )
        )  # fmt: skip
    return tuple(lines)


def _discount(found: Document) -> Decimal:
    """The percent that is taken off a document as a whole, where nothing else is; else its lines carry what is."""
    head = found.head
    return ZERO if head["discount_amount"] else head["discount_percent"]


def pause_recurring(session: Session, code: str, *, version: int | None = None, by: str, today: date) -> Record:
    """Let a plan write nothing until it is taken up again.

    Raises:
        WrongStateError: it has ended, or is paused. UnknownCodeError: there is none. ConflictError: somebody changed it.
    """
    plan = _going(session, code, version, today)
    if not plan.active:
        raise WrongStateError(N_("{code} is paused already."), code=plan.code)
    return _kept(session, plan, "pause_recurring", by, active=False)


def resume_recurring(session: Session, code: str, *, version: int | None = None, by: str, today: date) -> Record:
    """Take a paused plan up again, from its first day that is not past: the days of the pause are not billed.

    Raises:
        WrongStateError: it has ended, or goes on. UnknownCodeError: there is none. ConflictError: somebody changed it.
    """
    plan = _going(session, code, version, today)
    if plan.active:
        raise WrongStateError(N_("{code} is not paused."), code=plan.code)
    following = plan.next_on
    if following < today:
        following = next_after(plan.starts_on, plan.every, plan.times, today - timedelta(days=1))
    if plan.until_on is not None and following > plan.until_on:
        raise WrongStateError(N_("{code} has no day left until {day}."), code=plan.code, day=plan.until_on.isoformat())
    return _kept(session, plan, "resume_recurring", by, active=True, next_on=following)


def end_recurring(
    session: Session, code: str, *, on: date | None = None, version: int | None = None, by: str, today: date
) -> Record:
    """End a plan with a day (today, unless said): what is due until then is still written.

    Raises:
        WrongStateError: it has ended. BadValueError: the day lies before its first. UnknownCodeError: there is none.
    """
    plan = _going(session, code, version, today)
    if on is not None and on < plan.starts_on:
        raise BadValueError(N_("The plan would end before it begins."), field="on")
    day = on or today
    return _kept(session, plan, "end_recurring", by, until_on=day, active=plan.active and plan.next_on <= day)


def _going(session: Session, code: str, version: int | None, today: date) -> RecurringInvoice:
    plan = plan_coded(session, code)
    refuse_stale(plan, version)
    if state_of(plan, today) == ENDED:
        raise WrongStateError(N_("{code} has ended."), code=plan.code)
    return plan


def _kept(session: Session, plan: RecurringInvoice, verb: str, by: str, **values: Any) -> Record:
    decide(session, plan, **values)
    plan.version += 1
    record(session, verb, plan, by=by)
    return Record(plan.id, plan.code, is_new=False)
