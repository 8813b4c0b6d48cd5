"""Quotations: from the first line typed to the customer's yes or no.

Rule: docs/rules/quotations.md.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, MissingValueError, WrongStateError
from o2c_tui.models.base import PRICE_PLACES, QUANTITY
from o2c_tui.models.order import OrderState, SalesOrder, SalesOrderLine
from o2c_tui.models.quotation import DECLINE_REASONS, Quotation, QuotationLine, QuotationState
from o2c_tui.models.trade import TERM_FIELDS, Progress
from o2c_tui.money import round_to
from o2c_tui.queries.exchange import currency_on
from o2c_tui.queries.lookups import items_by_id, taxes_on, the_company
from o2c_tui.queries.needs import factor_of
from o2c_tui.rules.exchange import Currency
from o2c_tui.rules.progress import progress
from o2c_tui.rules.tax_parts import write_parts
from o2c_tui.services.drafting import (
    DocumentDraft,
    Saved,
    document_totals,
    head_sums,
    line_shares,
    price_draft,
    require_lines,
    tax_reason_of,
)
from o2c_tui.services.numbering import next_number
from o2c_tui.services.support import load, require_state, take_step, warn
from o2c_tui.storage.chain import decide, record
from o2c_tui.storage.rows import LOCK, delete_rows, insert_rows, rows_of, update_rows
from o2c_tui.texts import N_


def save_quotation(
    session: Session,
    draft: DocumentDraft,
    *,
    document_id: int | None = None,
    version: int | None = None,
    by: str,
    today: date,
) -> Saved:
    """Save a quotation as a draft: new, or in place of what the draft held. Nothing leaves the house, no number is taken.

    Raises:
        UnknownCodeError, BadValueError: see price_draft.
        WrongStateError: it is no longer a draft; ConflictError: somebody else saved it first.
    """
    quoted_on = draft.dated_on or today
    priced = price_draft(session, draft, on=quoted_on)
    valid_until = draft.valid_until or quoted_on + timedelta(days=priced.company.quotation_days)
    if valid_until < quoted_on:
        raise BadValueError(
            N_("The quotation would end before it begins. Give a later 'valid until'."), field="valid_until"
        )
    values = {
        **priced.head,
        "customer_id": priced.customer.id,
        "warehouse_id": priced.warehouse.id,
        "quoted_on": quoted_on,
        "valid_until": valid_until,
    }
    if document_id is None:
        quotation = Quotation(**values, by=by)
        session.add(quotation)
        session.flush()
    else:
        quotation = load(session, Quotation, document_id, version=version)
        require_state(quotation, QuotationState.DRAFT, doing=N_("be edited"))
        for name, value in values.items():
            setattr(quotation, name, value)
        quotation.version += 1
        delete_rows(session, QuotationLine, "quotation_id", document_id)
    insert_rows(session, QuotationLine, [{**row, "quotation_id": quotation.id} for row in priced.lines])
    record(session, "save_quotation", quotation, by=by)
    return Saved(quotation.id, quotation.version, quotation.label, quotation.gross)


def send_quotation(
    session: Session, quotation_id: int, *, version: int | None = None, by: str, today: date, now: datetime
) -> Saved:
    """Send a quotation: it takes its number and can no longer change; an earlier revision is superseded.

    Raises:
        WrongStateError: it is not a draft, another revision was accepted or a later one sent.
        EmptyDocumentError: it has no lines.
    """
    quotation = load(session, Quotation, quotation_id, version=version)
    lines = rows_of(session, QuotationLine, "quotation_id", quotation_id)
    require_lines(lines, N_("The quotation"))
    if quotation.valid_until < today:
        warn(session, "past_validity", N_("Its last day, {day}, has passed."), day=quotation.valid_until.isoformat())
    earlier = _earlier_revisions(session, quotation)
    if quotation.number is None:
        quotation.number = next_number(session, "quotation", quotation.quoted_on)
    take_step(session, quotation, QuotationState.SENT)
    decide(session, quotation, sent_at=now)
    record(session, "send_quotation", quotation, by=by, facts=[(Quotation, [quotation]), (QuotationLine, lines)])
    for previous in earlier:
        if previous.state is QuotationState.SENT:
            take_step(session, previous, QuotationState.SUPERSEDED)
            record(session, "supersede_quotation", previous, by=by)
    return Saved(quotation.id, quotation.version, quotation.label, quotation.gross)


def _earlier_revisions(session: Session, quotation: Quotation) -> list[Quotation]:
    """The revisions before a draft that is to be sent; none of them was accepted, and no later one was sent."""
    if quotation.previous_id is None:
        return []
    query = (
        select(Quotation)
        .where(Quotation.number == quotation.number, Quotation.id != quotation.id)
        .order_by(col(Quotation.revision))
        .with_for_update(**LOCK)
    )
    others = session.exec(query).all()
    for other in others:
        if other.state is QuotationState.ACCEPTED:
            raise WrongStateError(
                N_("{quotation} was accepted meanwhile; it never changes. Undo the acceptance first."),
                quotation=other.label,
            )
        if other.revision > quotation.revision and other.state is not QuotationState.DRAFT:
            raise WrongStateError(N_("A later revision, {quotation}, was sent already."), quotation=other.label)
    return [other for other in others if other.revision < quotation.revision]


def accept_quotation(
    session: Session,
    quotation_id: int,
    *,
    accepted_by: str = "",
    accepted_on: date | None = None,
    version: int | None = None,
    by: str,
    today: date,
) -> Saved:
    """Write down the customer's yes; `accepted_by` says who gave it and by which channel.

    A late yes is allowed, with a warning: the prices are those of the quotation, or are renewed by a revision first.

    Raises:
        WrongStateError: it was not sent.
    """
    quotation = load(session, Quotation, quotation_id, version=version)
    on = accepted_on or today
    take_step(session, quotation, QuotationState.ACCEPTED)
    if on > quotation.valid_until:
        warn(
            session,
            "late_acceptance",
            N_("{quotation} was valid until {day}; its prices are kept. To renew them, revise it at today's prices."),
            quotation=quotation.label,
            day=quotation.valid_until.isoformat(),
        )
    decide(session, quotation, accepted_on=on, accepted_by=accepted_by)
    record(session, "accept_quotation", quotation, by=by)
    return Saved(quotation.id, quotation.version, quotation.label, quotation.gross)


def decline_quotation(
    session: Session,
    quotation_id: int,
    reason: str,
    *,
    note: str = "",
    version: int | None = None,
    by: str,
    today: date,
) -> Saved:
    """Write down the customer's no, with its reason (a key of DECLINE_REASONS).

    Raises:
        BadValueError: no such reason; WrongStateError: it was not sent.
    """
    if reason not in DECLINE_REASONS:
        raise BadValueError(
            N_("Give the reason of the no: {reasons}."), field="reason", reasons=", ".join(sorted(DECLINE_REASONS))
        )
    quotation = load(session, Quotation, quotation_id, version=version)
    take_step(session, quotation, QuotationState.DECLINED)
    decide(session, quotation, declined_on=today, decline_reason=reason, decline_note=note)
    record(session, "decline_quotation", quotation, by=by)
    return Saved(quotation.id, quotation.version, quotation.label, quotation.gross)


def undo_acceptance(
    session: Session, quotation_id: int, reason: str, *, version: int | None = None, by: str, today: date
) -> Saved:
    """Take back an acceptance, with the reason, as long as no order was made of it (a cancelled one does not count).

    Raises:
        MissingValueError: no reason. WrongStateError: an order exists, or it was not accepted.
    """
    if not reason.strip():
        raise MissingValueError(N_("Say why the acceptance is undone."), field="reason")
    quotation = load(session, Quotation, quotation_id, version=version)
    require_state(quotation, QuotationState.ACCEPTED, doing=N_("be opened again"))
    orders = select(SalesOrder).where(SalesOrder.quotation_id == quotation_id, SalesOrder.state != OrderState.CANCELLED)
    order = session.exec(orders.limit(1)).one_or_none()
    if order is not None:
        raise WrongStateError(
            N_("{quotation} has the sales order {order} already; cancel that first."),
            quotation=quotation.label,
            order=order.label,
        )
    take_step(session, quotation, QuotationState.SENT)
    decide(session, quotation, accepted_on=None, accepted_by="")
    record(session, "undo_acceptance", quotation, by=by, reason=reason)
    return Saved(quotation.id, quotation.version, quotation.label, quotation.gross)


def revise_quotation(session: Session, quotation_id: int, *, renew_prices: bool = False, by: str, today: date) -> Saved:
    """Make revision n+1 as a draft; revision n can still be accepted until n+1 is sent.

    `renew_prices` takes today's prices (but those that were typed) and tax rates instead of the old ones.

    Raises:
        WrongStateError: it was not sent, or was accepted already.
    """
    old = load(session, Quotation, quotation_id)
    require_state(old, QuotationState.SENT, QuotationState.DECLINED, doing=N_("be revised"))
    newest = session.exec(select(sa.func.max(col(Quotation.revision))).where(Quotation.number == old.number)).one()
    lines = rows_of(session, QuotationLine, "quotation_id", quotation_id)
    fresh = [{k: v for k, v in line.items() if k not in ("id", "ordered")} for line in lines]
    copied: dict[str, Any] = {
        name: getattr(old, name) for name in (*TERM_FIELDS, "net", "tax", "cash_difference", "gross", "ship_to")
    }
    currency = Currency(old.currency, old.digits)
    if old.rate:
        currency = currency_on(session, the_company(session), old.currency, today, otherwise=old.rate)
        copied["rate"] = currency.rate
    if renew_prices:
        copied |= _renew(session, fresh, copied, currency, today)
    days = old.valid_until - old.quoted_on
    quotation = Quotation(
        **copied,
        number=old.number,
        revision=newest + 1,
        previous_id=old.id,
        customer_id=old.customer_id,
        warehouse_id=old.warehouse_id,
        quoted_on=today,
        valid_until=today + days,
        by=by,
    )
    session.add(quotation)
    session.flush()
    insert_rows(session, QuotationLine, [{**line, "quotation_id": quotation.id} for line in fresh])
    record(session, "revise_quotation", quotation, by=by)
    return Saved(quotation.id, quotation.version, quotation.label, quotation.gross)


def _renew(
    session: Session, rows: list[dict[str, Any]], head: dict[str, Any], currency: Currency, on: date
) -> dict[str, Any]:
    """Give line rows the prices and tax rates of a day; returns the new totals."""
    items = items_by_id(session, (row["item_id"] for row in rows))
    rates = taxes_on(session, (row["tax_code"] for row in rows), on)
    for row in rows:
        if row["item_id"] is not None and not row["price_source"]:
            per = factor_of(row)
            price = items[row["item_id"]].sale_price * per.numerator / per.denominator
            row["unit_price"] = currency.price(round_to(price, PRICE_PLACES))
        if row["tax_code"]:
            tax = rates[row["tax_code"]]
            certificate = row["tax_reason"].partition("\n")[2]
            row |= {"tax_rate": tax.rate, "tax_parts": write_parts(tax.taxes)}
            row["tax_reason"] = tax_reason_of(tax, certificate)
    summed = document_totals(rows, head)
    for row, line in zip(rows, summed.lines, strict=True):
        row.update(line_shares(row, line))
    return head_sums(summed)


def delete_quotation(session: Session, quotation_id: int, *, version: int | None = None, by: str, today: date) -> None:
    """Throw a draft away; what was sent stays for ever.

    Raises:
        WrongStateError: it is no draft.
    """
    quotation = load(session, Quotation, quotation_id, version=version)
    require_state(quotation, QuotationState.DRAFT, doing=N_("be deleted"))
    delete_rows(session, QuotationLine, "quotation_id", quotation_id)
    session.delete(quotation)
    record(session, "delete_quotation", quotation, by=by)


def refresh_ordered(session: Session, quotation_id: int, taken: dict[int, Decimal]) -> None:
    """Add quantities to what orders have taken of a quotation's lines, and keep its progress true.

    A line counts as ordered up to what was offered: an order that was amended to more takes no more of it. So where
    something is given back, what all orders have of it is asked for anew.
    """
    quotation = load(session, Quotation, quotation_id)
    lines = rows_of(session, QuotationLine, "quotation_id", quotation_id)
    given_back = [key for key, part in taken.items() if part < 0]
    left = _ordered_now(session, given_back) if given_back else {}
    changed = []
    for line in lines:
        part = taken.get(line["id"])
        if part:
            now = line["ordered"] + part if part > 0 else left.get(line["id"], Decimal(0))
            line["ordered"] = min(now, line["quantity"])
            changed.append(line)
    update_rows(session, QuotationLine, changed, "ordered")
    quotation.ordered = Progress(progress((line["ordered"], line["quantity"]) for line in lines))


def _ordered_now(session: Session, line_ids: Sequence[int]) -> dict[int, Decimal]:
    """What orders that were not cancelled have of quotation lines."""
    session.flush()  # the state of the order at hand
    query = (
        sa.select(col(SalesOrderLine.quotation_line_id), sa.func.sum(col(SalesOrderLine.quantity), type_=QUANTITY))
        .join(SalesOrder, col(SalesOrder.id) == col(SalesOrderLine.order_id))
        .where(col(SalesOrderLine.quotation_line_id).in_(line_ids), col(SalesOrder.state) != OrderState.CANCELLED)
        .group_by(col(SalesOrderLine.quotation_line_id))
    )
    return {key: part for key, part in session.execute(query)}
