"""Sales orders: from the customer's yes to goods set aside.

Rule: docs/rules/orders.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, MissingValueError, OverQuantityError, ShortStockError, WrongStateError
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.company import InvoicePolicy, Shortage
from o2c_tui.models.order import OrderState, SalesOrder, SalesOrderLine
from o2c_tui.models.party import Party
from o2c_tui.models.quotation import Quotation, QuotationLine, QuotationState
from o2c_tui.models.trade import LINE_FIELDS, TERM_FIELDS, Progress
from o2c_tui.money import Rounding, is_figure, share_of, show_money
from o2c_tui.queries.exchange import currency_on, in_company
from o2c_tui.queries.lookups import ItemFacts, items_by_id, the_company
from o2c_tui.queries.needs import factor_of, in_line_units, in_stock_units, parts_of
from o2c_tui.rules.pricing import LineInput, line_amount
from o2c_tui.rules.progress import ledger_of, order_progress
from o2c_tui.services.credit_checks import check_credit, check_hold
from o2c_tui.services.drafting import (
    PLACES,
    DocumentDraft,
    Saved,
    document_totals,
    head_sums,
    line_shares,
    price_draft,
    require_lines,
)
from o2c_tui.services.numbering import next_number
from o2c_tui.services.quoting import accept_quotation, refresh_ordered
from o2c_tui.services.replenishing import watch
from o2c_tui.services.reserving import Wanted, free_lines, locked_levels, reserve_lines, reserved_of, short_of
from o2c_tui.services.support import load, own, require_state, take_step, warn
from o2c_tui.storage.chain import decide, decided_row, record
from o2c_tui.storage.rows import delete_rows, insert_rows, rows_of, update_rows
from o2c_tui.texts import N_

ZERO = Decimal(0)
BINDING = (OrderState.CONFIRMED, OrderState.ON_HOLD)
BILLABLE = (*BINDING, OrderState.CLOSED)  # what a closed order delivered is still to be invoiced, and owed


@dataclass(frozen=True)
class LineReservation:
    """What a confirmed line got: set aside now, and what waits."""

    position: int
    item_id: int | None
    reserved: Decimal
    back_ordered: Decimal


@dataclass(frozen=True)
class Confirmation:
    """An order made binding."""

    order_id: int
    number: str
    gross: Decimal
    lines: tuple[LineReservation, ...] = ()
    existing: bool = False  # it was there already; nothing new was made

    @property
    def back_ordered(self) -> int:
        """How many lines wait for stock."""
        return sum(1 for line in self.lines if line.back_ordered)


def check_whole_units(lines: Sequence[Mapping[str, Any]], items: Mapping[int, ItemFacts]) -> None:
    """Refuse a fraction of what comes in whole units only.

    Raises:
        BadValueError: names the line and the item.
    """
    for line in lines:
        item = items.get(line["item_id"])
        in_stock = Fraction(line["quantity"]) * factor_of(line)
        if item is not None and item.whole_units and in_stock.denominator != 1:
            raise BadValueError(
                N_("Line {line}: {item} is sold in whole units only."),
                field=f"lines.{line['position']}",
                line=line["position"],
                item=item.code,
            )


def refresh_order(order: SalesOrder, lines: Sequence[Mapping[str, Any]]) -> None:
    """Keep an order's derived axes and its part of the customer's exposure true to its lines."""
    now = order_progress([ledger_of(line) for line in lines], billable=order.state in BILLABLE, digits=order.digits)
    order.delivery, order.billing = Progress(now.delivery), Progress(now.billing)
    order.uninvoiced = now.uninvoiced


def save_order(
    session: Session,
    draft: DocumentDraft,
    *,
    document_id: int | None = None,
    version: int | None = None,
    by: str,
    today: date,
) -> Saved:
    """Save a sales order as a draft: it promises nothing and has no number yet.

    Raises:
        UnknownCodeError, BadValueError: see price_draft; WrongStateError, ConflictError as for quotations.
    """
    ordered_on = draft.dated_on or today
    priced = price_draft(session, draft, on=ordered_on)
    customer, company = priced.customer, priced.company
    values = {
        **priced.head,
        "customer_id": customer.id,
        "warehouse_id": priced.warehouse.id,
        "ordered_on": ordered_on,
        "promised_on": draft.promised_on,
        "invoice_policy": customer.policy() or company.invoice_policy,
        "external_key": draft.external_key,
    }
    if draft.customer_reference:
        warn_of_repeated_reference(session, customer, draft.customer_reference, document_id)
    if document_id is None:
        order = SalesOrder(**values, by=by)
        session.add(order)
        session.flush()
    else:
        order = load(session, SalesOrder, document_id, version=version)
        require_state(order, OrderState.DRAFT, doing=N_("be edited"))
        for name, value in values.items():
            setattr(order, name, value)
        order.version += 1
        delete_rows(session, SalesOrderLine, "order_id", document_id)
    insert_rows(session, SalesOrderLine, [{**row, "order_id": order.id} for row in priced.lines])
    record(session, "save_order", order, by=by)
    return Saved(order.id, order.version, order.label, order.gross)


def warn_of_repeated_reference(session: Session, customer: Party, reference: str, but: int | None) -> None:
    """Say that the customer's own order number was used before."""
    query = select(SalesOrder).where(
        SalesOrder.customer_id == customer.id,
        SalesOrder.customer_reference == reference,
        SalesOrder.state != OrderState.CANCELLED,
        SalesOrder.id != (but or 0),
    )
    twin = session.exec(query.order_by(col(SalesOrder.id).desc()).limit(1)).one_or_none()
    if twin is not None:
        warn(
            session,
            "repeated_reference",
            N_("{customer} has ordered as {reference} before: {order}."),
            customer=customer.name,
            reference=reference,
            order=twin.label,
        )


def draft_from_quotation(
    session: Session, quotation: Quotation, quantities: Mapping[int, Decimal] | None, *, by: str, today: date
) -> SalesOrder | None:
    """Copy what is left of a quotation's lines into a draft order; None where nothing is left.

    `quantities` chooses by quotation line id; a line it does not name is left out. None takes all that is left.

    Raises:
        OverQuantityError: more than is left of a line.
    """
    lines = _left_of(session, quotation)
    chosen: list[dict[str, Any]] = []
    for line in lines:
        left = line["quantity"]
        part = left if quantities is None else quantities.get(line["id"], ZERO)
        if not is_figure(part, PLACES, left):
            raise OverQuantityError(
                N_("Line {line}: {left} of {quantity} is left to order, {part} was asked for."),
                field=f"lines.{line['position']}",
                line=line["position"],
                left=left,
                quantity=left + line["ordered"],
                part=part,
            )
        if part:
            row = {name: line[name] for name in LINE_FIELDS}
            off = share_of(line["discount_amount"], part, left, quotation.digits, Rounding(quotation.rounding))
            chosen.append({**row, "quantity": part, "discount_amount": off, "quotation_line_id": line["id"]})
    if not chosen:
        return None
    head: dict[str, Any] = {name: getattr(quotation, name) for name in TERM_FIELDS}
    if quotation.rate:
        company = the_company(session)
        head["rate"] = currency_on(session, company, quotation.currency, today, otherwise=quotation.rate).rate
    if quotation.discount_amount:
        head["discount_amount"] = _share_of_discount(session, quotation, lines, chosen)
    for position, row in enumerate(chosen, 1):
        row["position"] = position
    summed = document_totals(chosen, head)
    for row, line_totals in zip(chosen, summed.lines, strict=True):
        row.update(line_shares(row, line_totals))
    customer = load(session, Party, quotation.customer_id)
    policy = customer.policy() or the_company(session).invoice_policy
    order = SalesOrder(
        **head,
        **head_sums(summed),
        quotation_id=quotation.id,
        customer_id=quotation.customer_id,
        warehouse_id=quotation.warehouse_id,
        ship_to=quotation.ship_to,
        ordered_on=today,
        invoice_policy=policy,
        by=by,
    )
    own(session, order)
    insert_rows(session, SalesOrderLine, [{**row, "order_id": order.id} for row in chosen], parent="order_id")
    refresh_ordered(session, quotation.id, {row["quotation_line_id"]: row["quantity"] for row in chosen})
    record(session, "draft_order", order, by=by)
    return order


def _left_of(session: Session, quotation: Quotation) -> list[dict[str, Any]]:
    """Copies of a quotation's lines with the quantity and the discount amount that no order has taken yet."""
    lines = rows_of(session, QuotationLine, "quotation_id", quotation.id)
    given: dict[int, Decimal] = {}
    if any(line["discount_amount"] and line["ordered"] for line in lines):
        query = (
            sa.select(
                col(SalesOrderLine.quotation_line_id), sa.func.sum(col(SalesOrderLine.discount_amount), type_=AMOUNT)
            )
            .join(SalesOrder, col(SalesOrder.id) == col(SalesOrderLine.order_id))
            .where(
                col(SalesOrderLine.quotation_line_id).in_([line["id"] for line in lines]),
                col(SalesOrder.state) != OrderState.CANCELLED,
            )
            .group_by(col(SalesOrderLine.quotation_line_id))
        )
        given = {key: amount for key, amount in session.execute(query)}
    return [
        {
            **line,
            "quantity": line["quantity"] - line["ordered"],
            "discount_amount": max(line["discount_amount"] - given.get(line["id"], ZERO), ZERO),
        }
        for line in lines
    ]


def _share_of_discount(
    session: Session, quotation: Quotation, left: Sequence[Mapping[str, Any]], chosen: Sequence[Mapping[str, Any]]
) -> Decimal:
    """A part's share of the document's discount amount, by value; the last part takes what is left of it."""
    rounding = Rounding(quotation.rounding)

    def total(rows: Sequence[Mapping[str, Any]]) -> Decimal:
        inputs = (LineInput(r["quantity"], r["unit_price"], r["discount_percent"], r["discount_amount"]) for r in rows)
        return sum((line_amount(line, quotation.digits, rounding) for line in inputs), ZERO)

    given = sa.select(sa.func.sum(col(SalesOrder.discount_amount), type_=AMOUNT)).where(
        col(SalesOrder.quotation_id) == quotation.id, col(SalesOrder.state) != OrderState.CANCELLED
    )
    rest = quotation.discount_amount - (session.execute(given).scalar_one() or ZERO)
    part, whole = total(chosen), total(left)
    return min(share_of(rest, part, whole, quotation.digits, rounding), part) if whole else ZERO


def order_quotation(
    session: Session,
    quotation_id: int,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    shortage: Shortage | None = None,
    accepted_by: str = "",
    promised_on: date | None = None,
    version: int | None = None,
    by: str,
    today: date,
) -> Confirmation:
    """Make a sales order of a quotation in one step: accept it if that was not done, copy, confirm, reserve.

    With nothing left to order it gives the order that exists; it never makes a second.

    Raises:
        WrongStateError: the quotation was neither sent nor accepted. Also all that confirm_order raises.
    """
    quotation = load(session, Quotation, quotation_id, version=version)
    require_state(quotation, QuotationState.SENT, QuotationState.ACCEPTED, doing=N_("become an order"))
    if quotation.state is QuotationState.SENT:
        accept_quotation(session, quotation_id, accepted_by=accepted_by, by=by, today=today)
    order = draft_from_quotation(session, quotation, quantities, by=by, today=today)
    if order is None:
        existing = session.exec(
            select(SalesOrder)
            .where(SalesOrder.quotation_id == quotation_id, SalesOrder.state != OrderState.CANCELLED)
            .order_by(col(SalesOrder.id).desc())
            .limit(1)
        ).one_or_none()
        if existing is None:
            raise MissingValueError(N_("Nothing was chosen of {quotation}."), quotation=quotation.label)
        return Confirmation(existing.id, existing.label, existing.gross, existing=True)
    if promised_on is not None:
        order.promised_on = promised_on
    return confirm_order(session, order.id, shortage=shortage, by=by, today=today)


def confirm_order(
    session: Session,
    order_id: int,
    *,
    shortage: Shortage | None = None,
    version: int | None = None,
    by: str,
    today: date,
) -> Confirmation:
    """Make a draft order binding: number it, reserve what is available.

    Lines are served in their own order; what is missing stays back-ordered, unless `shortage`, the customer or the
    company says otherwise. The order keeps its own date. Quantities in each item's stock unit.

    Raises:
        WrongStateError: the order is not a draft; EmptyDocumentError: it has no lines.
        CreditLimitError, CustomerHoldError: the customer may not order now.
        ShortStockError: all or nothing was asked for, and something is missing; or the clerk must choose.
    """
    order = load(session, SalesOrder, order_id, version=version)
    require_state(order, OrderState.DRAFT, doing=N_("be confirmed"))
    lines = rows_of(session, SalesOrderLine, "order_id", order_id)
    require_lines(lines, N_("The order"))
    customer = load(session, Party, order.customer_id)
    check_hold(customer, today)
    check_credit(session, customer, in_company(session, order, order.gross))
    order.number = next_number(session, "sales_order", order.ordered_on)
    take_step(session, order, OrderState.CONFIRMED)
    if customer.is_prospect or not customer.is_customer:
        decide(session, customer, is_prospect=False, is_customer=True)
    rule = shortage or customer.shortage_rule() or the_company(session).shortage
    results = _reserve(session, order, lines, rule)
    refresh_order(order, lines)
    session.flush()
    watch_lines(session, order, lines, today)
    record(session, "confirm_order", order, by=by, facts=[(SalesOrder, [order]), (SalesOrderLine, lines)], on=today)
    return Confirmation(order.id, order.number, order.gross, results)


def _reserve(
    session: Session, order: SalesOrder, lines: Sequence[Mapping[str, Any]], rule: Shortage
) -> tuple[LineReservation, ...]:
    check_whole_units(lines, items_by_id(session, (line["item_id"] for line in lines)))
    parts = parts_of(session, lines)
    wanted = [Wanted(line["id"], parts[line["id"]], ledger_of(line).to_ship) for line in lines if line["id"] in parts]
    if rule in (Shortage.ALL_OR_NOTHING, Shortage.ASK):
        check_all_there(session, order, wanted, rule)
    got = {} if rule is Shortage.NONE else reserve_lines(session, order.warehouse_id, wanted, {})
    lacking = {line.line_id: line.quantity for line in wanted}
    return tuple(
        LineReservation(
            line["position"],
            line["item_id"],
            got.get(line["id"], ZERO),
            lacking.get(line["id"], ZERO) - got.get(line["id"], ZERO),
        )
        for line in lines
    )


def check_all_there(session: Session, order: SalesOrder, lines: Sequence[Wanted], rule: Shortage) -> None:
    """Refuse where not all that order lines want is available; a rule that asks names the choices.

    Raises:
        ShortStockError: names what is missing.
    """
    levels = locked_levels(session, (part.item_id for line in lines for part in line.parts), order.warehouse_id)
    needs: dict[int, Decimal] = {}
    for line in lines:
        for part in line.parts:
            needs[part.item_id] = needs.get(part.item_id, ZERO) + in_stock_units(line.quantity, part.per)
    short = {item: need - levels[item].available for item, need in needs.items() if need > levels[item].available}
    if not short:
        return
    names = items_by_id(session, short)
    missing = ", ".join(f"{names[item].code} ({part.normalize():f})" for item, part in short.items())
    if rule is Shortage.ASK:
        raise ShortStockError(
            N_(
                "Missing: {missing}. Choose: reserve what there is and back-order the rest, all or nothing, or reserve nothing."
            ),
            field="shortage",
            missing=missing,
        )
    raise ShortStockError(N_("All or nothing was asked for; missing: {missing}."), field="shortage", missing=missing)


def reserve_order(session: Session, order_id: int, *, by: str, today: date) -> Confirmation:
    """Reserve again for what waits: whatever became available since.

    Raises:
        WrongStateError: the order is not confirmed.
    """
    order = load(session, SalesOrder, order_id)
    require_state(order, OrderState.CONFIRMED, doing=N_("reserve stock"))
    lines = rows_of(session, SalesOrderLine, "order_id", order_id)
    results = reserve_waiting(session, order, lines)
    record(session, "reserve_order", order, by=by)
    return Confirmation(order.id, order.label, order.gross, results)


def reserve_line(session: Session, order_id: int, line_id: int, quantity: Decimal, *, by: str, today: date) -> Decimal:
    """Set aside a quantity for one line that waits; returns what it got.

    Raises:
        OverQuantityError: the line does not lack that much. ShortStockError: it is not available.
        WrongStateError: the order is not confirmed.
    """
    order = load(session, SalesOrder, order_id)
    require_state(order, OrderState.CONFIRMED, doing=N_("reserve stock"))
    line = next((x for x in rows_of(session, SalesOrderLine, "order_id", order_id) if x["id"] == line_id), None)
    parts = parts_of(session, [line]).get(line_id, ()) if line is not None else ()
    held = reserved_of(session, [line_id])
    lacking = (
        ledger_of(line).to_ship - in_line_units(parts, held.get(line_id, {})) if line is not None and parts else ZERO
    )
    if not quantity or not is_figure(quantity, PLACES, lacking):
        raise OverQuantityError(
            N_("{order} waits for {left}, {part} was to be reserved."), order=order.label, left=lacking, part=quantity
        )
    levels = locked_levels(session, [part.item_id for part in parts], order.warehouse_id)
    for part in parts:
        wanted = in_stock_units(quantity, part.per)
        if wanted > levels[part.item_id].available:
            raise short_of(session, part.item_id, order.warehouse_id, wanted, levels[part.item_id].available)
    got = reserve_lines(session, order.warehouse_id, [Wanted(line_id, parts, quantity)], held)
    record(session, "reserve_line", order, by=by)
    return got[line_id]


def reserve_waiting(
    session: Session, order: SalesOrder, lines: Sequence[Mapping[str, Any]]
) -> tuple[LineReservation, ...]:
    """Set aside for an order's lines what they still lack, as far as it is there."""
    parts = parts_of(session, lines)
    held = reserved_of(session, [line["id"] for line in lines])
    had = {key: in_line_units(needed, held.get(key, {})) for key, needed in parts.items()}
    waiting = [
        Wanted(line["id"], parts[line["id"]], ledger_of(line).to_ship - had[line["id"]])
        for line in lines
        if line["id"] in parts and ledger_of(line).to_ship > had[line["id"]]
    ]
    got = reserve_lines(session, order.warehouse_id, waiting, held) if waiting else {}
    wanted = {line.line_id: line.quantity for line in waiting}
    return tuple(
        LineReservation(
            line["position"],
            line["item_id"],
            had.get(line["id"], ZERO) + got.get(line["id"], ZERO),
            wanted.get(line["id"], ZERO) - got.get(line["id"], ZERO),
        )
        for line in lines
    )


def hold_order(
    session: Session,
    order_id: int,
    reason: str,
    *,
    free_stock: bool = False,
    version: int | None = None,
    by: str,
    today: date,
) -> Saved:
    """Stop an order, with the reason; `free_stock` gives its reservations to others.

    Raises:
        MissingValueError: no reason; WrongStateError: the order is not confirmed.
    """
    if not reason.strip():
        raise MissingValueError(N_("Say why the order is put on hold."), field="reason")
    order = load(session, SalesOrder, order_id, version=version)
    take_step(session, order, OrderState.ON_HOLD)
    decide(session, order, hold_reason=reason.strip())
    if free_stock:
        lines = rows_of(session, SalesOrderLine, "order_id", order_id)
        free_lines(session, [line["id"] for line in lines])
    record(session, "hold_order", order, by=by, on=today)
    return Saved(order.id, order.version, order.label, order.gross)


def release_order(session: Session, order_id: int, *, version: int | None = None, by: str, today: date) -> Confirmation:
    """Let a held order go on: credit is checked again, and what lacks stock is reserved as far as it is there.

    Raises:
        WrongStateError: it is not on hold; CreditLimitError, CustomerHoldError: as for confirming.
    """
    order = load(session, SalesOrder, order_id, version=version)
    require_state(order, OrderState.ON_HOLD, doing=N_("be released"))
    customer = load(session, Party, order.customer_id)
    check_hold(customer, today)
    check_credit(session, customer, ZERO)
    take_step(session, order, OrderState.CONFIRMED)
    decide(session, order, hold_reason="")
    lines = rows_of(session, SalesOrderLine, "order_id", order_id)
    results = reserve_waiting(session, order, lines)
    record(session, "release_order", order, by=by, on=today)
    return Confirmation(order.id, order.label, order.gross, results)


def watch_lines(session: Session, order: SalesOrder, lines: Sequence[Mapping[str, Any]], today: date) -> None:
    """What an order asks of stock has changed: raise or clear the alerts of its items."""
    parts = parts_of(session, lines)
    watch(session, (part.item_id for needed in parts.values() for part in needed), order.warehouse_id, today)


def _end(session: Session, order: SalesOrder, to: OrderState, verb: str, *, by: str, today: date) -> Saved:
    lines = rows_of(session, SalesOrderLine, "order_id", order.id)
    free_lines(session, [line["id"] for line in lines])
    ended = []
    for line in lines:
        rest = ledger_of(line).to_ship
        if rest:
            decided_row(session, SalesOrderLine, line, "cancelled", line["cancelled"], line["cancelled"] + rest)
            line["cancelled"] += rest
            ended.append({**line, "rest": rest})
    update_rows(session, SalesOrderLine, ended, "cancelled")
    take_step(session, order, to)
    refresh_order(order, lines)
    if order.quotation_id is not None:
        back = {line["quotation_line_id"]: -line["rest"] for line in ended if line["quotation_line_id"]}
        if to is OrderState.CANCELLED and back:
            refresh_ordered(session, order.quotation_id, back)
    session.flush()
    watch_lines(session, order, lines, today)
    record(session, verb, order, by=by, on=today)
    return Saved(order.id, order.version, order.label, order.gross)


def close_order(session: Session, order_id: int, *, version: int | None = None, by: str, today: date) -> Saved:
    """Close an order short: what was not delivered is cancelled, its reservations are free. What was delivered can still be invoiced.

    Raises:
        WrongStateError: it is neither confirmed nor on hold.
    """
    order = load(session, SalesOrder, order_id, version=version)
    require_state(order, *BINDING, doing=N_("be closed"))
    return _end(session, order, OrderState.CLOSED, "close_order", by=by, today=today)


def cancel_order(session: Session, order_id: int, *, version: int | None = None, by: str, today: date) -> Saved:
    """Cancel an order of which nothing was delivered or invoiced; what it took of its quotation is free again.

    Raises:
        WrongStateError: something was delivered or invoiced already (close it short instead), or it is over.
    """
    order = load(session, SalesOrder, order_id, version=version)
    require_state(order, *BINDING, doing=N_("be cancelled"))
    if order.delivery is not Progress.NONE or order.billing is not Progress.NONE:
        raise WrongStateError(
            N_("{order} is partly delivered or invoiced; close it short instead of cancelling it."), order=order.label
        )
    if order.deposited:
        raise WrongStateError(
            N_("{order} was billed {amount} ahead. Credit its deposit first."),
            order=order.label,
            amount=show_money(order.deposited, order.digits),
        )
    return _end(session, order, OrderState.CANCELLED, "cancel_order", by=by, today=today)


def reopen_order(session: Session, order_id: int, *, version: int | None = None, by: str, today: date) -> Confirmation:
    """Open a closed order again: its cancelled rest is wanted again; credit and stock are checked anew.

    Raises:
        WrongStateError: it is not closed; CreditLimitError, CustomerHoldError: as for confirming.
    """
    order = load(session, SalesOrder, order_id, version=version)
    require_state(order, OrderState.CLOSED, doing=N_("be opened again"))
    customer = load(session, Party, order.customer_id)
    check_hold(customer, today)
    lines = rows_of(session, SalesOrderLine, "order_id", order_id)
    again = [line for line in lines if line["cancelled"]]
    for line in again:
        decided_row(session, SalesOrderLine, line, "cancelled", line["cancelled"], ZERO)
        line["cancelled"] = ZERO
    update_rows(session, SalesOrderLine, again, "cancelled")
    before = order.uninvoiced
    take_step(session, order, OrderState.CONFIRMED)
    refresh_order(order, lines)
    check_credit(session, customer, in_company(session, order, order.uninvoiced - before))
    results = reserve_waiting(session, order, lines)
    session.flush()
    watch_lines(session, order, lines, today)
    record(session, "reopen_order", order, by=by, on=today)
    return Confirmation(order.id, order.label, order.gross, results)


def delete_order(session: Session, order_id: int, *, version: int | None = None, by: str, today: date) -> None:
    """Throw a draft order away; what it took of a quotation is free again.

    Raises:
        WrongStateError: it is no draft.
    """
    order = load(session, SalesOrder, order_id, version=version)
    require_state(order, OrderState.DRAFT, doing=N_("be deleted"))
    lines = rows_of(session, SalesOrderLine, "order_id", order_id)
    delete_rows(session, SalesOrderLine, "order_id", order_id)
    if order.quotation_id is not None:
        back = {line["quotation_line_id"]: -line["quantity"] for line in lines if line["quotation_line_id"]}
        refresh_ordered(session, order.quotation_id, back)
    session.delete(order)
    record(session, "delete_order", order, by=by)


def set_policy(session: Session, order_id: int, policy: str, *, by: str, today: date) -> Saved:
    """Choose for one draft order what may be invoiced: as ordered or as delivered.

    Raises:
        BadValueError: no such policy; WrongStateError: the order is binding already.
    """
    if policy not in tuple(InvoicePolicy):
        raise BadValueError(N_("Give one of: {choices}."), field="invoice_policy", choices=", ".join(InvoicePolicy))
    order = load(session, SalesOrder, order_id)
    require_state(order, OrderState.DRAFT, doing=N_("be edited"))
    order.invoice_policy = InvoicePolicy(policy)
    order.version += 1
    record(session, "set_policy", order, by=by)
    return Saved(order.id, order.version, order.label, order.gross)
