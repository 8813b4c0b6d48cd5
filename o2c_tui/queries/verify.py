"""Every promise of the books, recomputed from raw rows: `o2c verify`.

Each check yields what is wrong, as marked sentences with their values; none means it holds. Nothing kept is believed: open amounts, stock,
layers, progress and states are added up anew from facts and from the audit trail.
Rule: docs/rules/verify.md.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, select

from o2c_tui.models.audit import AuditEntry, AuditHead
from o2c_tui.models.base import AMOUNT, QUANTITY, FixedPoint, Guard, Role, role_of
from o2c_tui.models.company import DATED, NumberSeries
from o2c_tui.models.delivery import CustomerReturn, CustomerReturnLine, Delivery, DeliveryLine
from o2c_tui.models.invoice import Invoice, InvoiceLine
from o2c_tui.models.ledger import Account, AccountRole, JournalEntry, JournalLine
from o2c_tui.models.order import Reservation, SalesOrder, SalesOrderLine
from o2c_tui.models.quotation import Quotation, QuotationLine
from o2c_tui.models.receipt import GoodsReceipt, GoodsReceiptLine
from o2c_tui.models.receivable import Allocation, Payment, ReceivableItem
from o2c_tui.models.stock import Consumption, CostLayer, StockLevel, StockMove
from o2c_tui.models.tables import MODULES
from o2c_tui.models.warehouse import (
    StockAdjustment,
    StockAdjustmentLine,
    Stocktake,
    StocktakeLine,
    StockTransfer,
    StockTransferLine,
    TransferArrival,
    TransferArrivalLine,
)
from o2c_tui.models.words import ROW_WORDS
from o2c_tui.queries.checking import (
    Breach,
    Found,
    Row,
    booked_by_role,
    breach,
    column_word,
    differing,
    joined_sums,
    named,
    not_booked,
    step_word,
    sums,
)
from o2c_tui.queries.verify_house import house_lines_agree, places_agree
from o2c_tui.queries.verify_purchases import PURCHASE_CHECKS, PURCHASE_SERIES
from o2c_tui.rules.progress import LineLedger, OrderProgress, order_progress, progress
from o2c_tui.storage.anchor import Anchor
from o2c_tui.storage.chain import digest_of, fact_text, link, plain
from o2c_tui.storage.rows import in_table_order, table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)
BATCH = 500  # audit entries whose rows are read together
MOST_SAID = 20  # sentences of one check
assert MODULES


@dataclass(frozen=True)
class Check:
    """One invariant and what was found wrong with it; nothing where it holds."""

    name: str
    breaches: tuple[Breach, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.breaches


@dataclass(frozen=True)
class Verification:
    """All checks of the books, and the head of the audit chain they were made at."""

    checks: tuple[Check, ...]
    entries: int
    head: str

    @property
    def holds(self) -> bool:
        """Whether every promise holds."""
        return all(check.holds for check in self.checks)


def verify(session: Session, anchor: Anchor | None = None) -> Verification:
    """Check every invariant of the books, and that nothing is missing of what `anchor` has noted outside of them."""
    checks = []
    wanted = dict(CHECKS)
    if anchor is not None:
        wanted[N_("nothing is missing that was written from here")] = partial(_lost, anchor=anchor)
    for name, check in wanted.items():
        breaches: list[Breach] = []
        try:
            for found in check(session):
                breaches.append(found)
                if len(breaches) == MOST_SAID:
                    breaches.append(breach(N_("… and more of the kind")))
                    break
            breaches = named(session, breaches)
        except Exception as error:  # damage may be of a kind that no check can read past; that is a breach, no defect
            session.rollback()
            breaches.append(
                breach(N_("what is stored cannot be read: {kind}: {why}"), kind=type(error).__name__, why=str(error))
            )
        checks.append(Check(name, tuple(breaches)))
    head = session.execute(sa.select(table_of(AuditHead))).one_or_none()
    return Verification(tuple(checks), head.seq if head else 0, head.hash.hex() if head else "")


# -- the ledger ----------------------------------------------------------------------------------------------------


def _entries_balance(session: Session) -> Found:
    """Each journal entry adds up to nothing and has the lines it says."""
    lines, heads = table_of(JournalLine), table_of(JournalEntry)
    query = (
        sa.select(
            heads.c.id, heads.c.line_count, sa.func.count(lines.c.position), sa.func.sum(lines.c.amount, type_=AMOUNT)
        )
        .select_from(heads)
        .outerjoin(lines, lines.c.entry_id == heads.c.id)
        .group_by(heads.c.id, heads.c.line_count)
        .having(
            sa.or_(
                sa.func.coalesce(sa.func.sum(lines.c.amount), 0) != 0,
                sa.func.count(lines.c.position) != heads.c.line_count,
            )
        )
    )
    for key, wanted, there, total in session.execute(query):
        yield breach(
            N_("{row}: {there} of {wanted} lines, sum {total}"),
            row=Row("journal_entry", key),
            there=there,
            wanted=wanted,
            total=total or ZERO,
        )


def account_balance(session: Session, role: AccountRole) -> Decimal:
    lines, accounts = table_of(JournalLine), table_of(Account)
    query = (
        sa.select(sa.func.sum(lines.c.amount, type_=AMOUNT))
        .join(accounts, accounts.c.id == lines.c.account_id)
        .where(accounts.c.role == role)
    )
    return session.execute(query).scalar_one() or ZERO


def _receivables_agree(session: Session) -> Found:
    """The receivables account is the sum of the open items, in all and by customer."""
    items, lines, accounts = table_of(ReceivableItem), table_of(JournalLine), table_of(Account)
    owed = dict(
        session.execute(
            sa.select(items.c.customer_id, sa.func.sum(items.c.open, type_=AMOUNT)).group_by(items.c.customer_id)
        ).all()
    )
    booked = dict(
        session.execute(
            sa.select(lines.c.party_id, sa.func.sum(lines.c.amount, type_=AMOUNT))
            .join(accounts, accounts.c.id == lines.c.account_id)
            .where(accounts.c.role == AccountRole.RECEIVABLE)
            .group_by(lines.c.party_id)
        ).all()
    )
    for party in sorted({*owed, *booked}, key=lambda key: key or 0):
        if owed.get(party, ZERO) != booked.get(party, ZERO):
            yield breach(
                N_("{row}: open items {owed}, receivables account {booked}"),
                row=Row("party", party),
                owed=owed.get(party, ZERO),
                booked=booked.get(party, ZERO),
            )


def _inventory_agrees(session: Session) -> Found:
    """The inventory account is the value of the layers, and of the moves."""
    layers, moves = table_of(CostLayer), table_of(StockMove)
    booked = account_balance(session, AccountRole.INVENTORY)
    remaining = session.execute(sa.select(sa.func.sum(layers.c.remaining_value, type_=AMOUNT))).scalar_one() or ZERO
    moved = session.execute(sa.select(sa.func.sum(moves.c.value, type_=AMOUNT))).scalar_one() or ZERO
    if not booked == remaining == moved:
        yield breach(
            N_("inventory account {booked}, layers {layers}, moves {moves}"),
            booked=booked,
            layers=remaining,
            moves=moved,
        )


# -- stock ---------------------------------------------------------------------------------------------------------


def _stock_levels(session: Session) -> Found:
    """On hand is the sum of moves and of the layers' rest; reserved the sum of reservations; available not below 0."""
    moves, layers, held, levels = table_of(StockMove), table_of(CostLayer), table_of(Reservation), table_of(StockLevel)

    def summed(table: sa.Table, column: str) -> dict[tuple[int, int], Decimal]:
        query = sa.select(table.c.item_id, table.c.warehouse_id, sa.func.sum(table.c[column], type_=QUANTITY))
        rows = session.execute(query.group_by(table.c.item_id, table.c.warehouse_id))
        return {(item, place): total for item, place, total in rows if total}

    moved, rest, reserved = summed(moves, "quantity"), summed(layers, "remaining_quantity"), summed(held, "quantity")
    kept = {(row.item_id, row.warehouse_id): row for row in session.execute(sa.select(levels))}
    for place in sorted({*moved, *rest, *reserved, *kept}):
        row = kept.get(place)
        on_hand, set_aside = (row.on_hand, row.reserved) if row else (ZERO, ZERO)
        if not on_hand == moved.get(place, ZERO) == rest.get(place, ZERO):
            yield breach(
                N_("{row} in {place}: on hand {on_hand}, moves {moves}, layers {layers}"),
                row=Row("item", place[0]),
                place=Row("warehouse", place[1]),
                on_hand=on_hand,
                moves=moved.get(place, ZERO),
                layers=rest.get(place, ZERO),
            )
        if set_aside != reserved.get(place, ZERO):
            yield breach(
                N_("{row} in {place}: reserved {reserved}, reservations {told}"),
                row=Row("item", place[0]),
                place=Row("warehouse", place[1]),
                reserved=set_aside,
                told=reserved.get(place, ZERO),
            )
        if not ZERO <= set_aside <= on_hand:
            yield breach(
                N_("{row} in {place}: reserved {reserved} of {on_hand} on hand"),
                row=Row("item", place[0]),
                place=Row("warehouse", place[1]),
                reserved=set_aside,
                on_hand=on_hand,
            )


def _layers_agree(session: Session) -> Found:
    """What remains of a layer is what it brought less what was consumed and not given back."""
    layers, taken = table_of(CostLayer), table_of(Consumption)
    of = in_table_order(taken.c.layer_id)
    gone = (
        sa.select(
            of.label("layer_id"),
            sa.func.sum(taken.c.quantity).label("quantity"),
            sa.func.sum(taken.c.value).label("value"),
        )
        .group_by(of)
        .subquery()
    )
    query = sa.select(
        layers.c.id,
        layers.c.quantity,
        layers.c.value,
        layers.c.remaining_quantity,
        layers.c.remaining_value,
        sa.type_coerce(gone.c.quantity, QUANTITY),
        sa.type_coerce(gone.c.value, AMOUNT),
    ).outerjoin(gone, gone.c.layer_id == layers.c.id)
    for key, quantity, value, rest, rest_value, used, used_value in session.execute(query):
        if rest != quantity - (used or ZERO) or rest_value != value - (used_value or ZERO):
            yield breach(
                N_("{row}: {rest} worth {value} remain, {told} worth {worth} should"),
                row=Row("cost_layer", key),
                rest=rest,
                value=rest_value,
                told=quantity - (used or ZERO),
                worth=value - (used_value or ZERO),
            )
        if (rest == ZERO) != (rest_value == ZERO) and rest == ZERO:
            yield breach(
                N_("{row}: empty, but {value} of value is stranded"), row=Row("cost_layer", key), value=rest_value
            )


def _moves_agree(session: Session) -> Found:
    """An outgoing or returning move is worth what it took from (or gave back to) layers; an incoming one is its layer."""
    moves, taken, layers = table_of(StockMove), table_of(Consumption), table_of(CostLayer)
    used = (
        sa.select(
            taken.c.move_id,
            sa.func.sum(taken.c.quantity).label("quantity"),
            sa.func.sum(taken.c.value).label("value"),
        )
        .group_by(taken.c.move_id)
        .subquery()
    )
    query = (
        sa.select(
            moves.c.id,
            moves.c.quantity,
            moves.c.value,
            sa.type_coerce(sa.func.coalesce(layers.c.quantity, 0) - sa.func.coalesce(used.c.quantity, 0), QUANTITY),
            sa.type_coerce(sa.func.coalesce(layers.c.value, 0) - sa.func.coalesce(used.c.value, 0), AMOUNT),
        )
        .outerjoin(used, used.c.move_id == moves.c.id)
        .outerjoin(layers, layers.c.move_id == moves.c.id)
        .where(
            sa.or_(
                moves.c.quantity != sa.func.coalesce(layers.c.quantity, 0) - sa.func.coalesce(used.c.quantity, 0),
                moves.c.value != sa.func.coalesce(layers.c.value, 0) - sa.func.coalesce(used.c.value, 0),
            )
        )
    )
    for key, quantity, value, explained, worth in session.execute(query):
        yield breach(
            N_("{row}: {quantity} worth {value}, its layers tell {told} worth {worth}"),
            row=Row("stock_move", key),
            quantity=quantity,
            value=value,
            told=explained,
            worth=worth,
        )


def _returns_within_deliveries(session: Session) -> Found:
    """No delivery's move is given back beyond what it took from each layer."""
    moves, taken = table_of(StockMove), table_of(Consumption)
    back_moves, back = moves.alias("back_moves"), taken.alias("back")
    query = (
        sa.select(taken.c.move_id, taken.c.layer_id, taken.c.quantity, sa.func.sum(back.c.quantity, type_=QUANTITY))
        .join(back_moves, back_moves.c.undoes_id == taken.c.move_id)
        .join(back, sa.and_(back.c.move_id == back_moves.c.id, back.c.layer_id == taken.c.layer_id))
        .group_by(taken.c.move_id, taken.c.layer_id, taken.c.quantity)
        .having(taken.c.quantity + sa.func.sum(back.c.quantity) < 0)
    )
    for move, layer, took, gave in session.execute(query):
        yield breach(
            N_("{row} took {took} from {layer}, {back} came back"),
            row=Row("stock_move", move),
            took=took,
            layer=Row("cost_layer", layer),
            back=-gave,
        )


# -- documents -------------------------------------------------------------------------------------------------------


def _line_progress(session: Session) -> Found:
    """Ordered, shipped, returned, invoiced and credited of every line are the sums of the documents that say so."""
    orders, order_lines = table_of(SalesOrder), table_of(SalesOrderLine)
    deliveries, delivery_lines = table_of(Delivery), table_of(DeliveryLine)
    returns, return_lines = table_of(CustomerReturn), table_of(CustomerReturnLine)
    invoices, invoice_lines = table_of(Invoice), table_of(InvoiceLine)
    ordered = joined_sums(
        session,
        order_lines,
        orders,
        "order_id",
        "quotation_line_id",
        "quantity",
        QUANTITY,
        orders.c.state != "cancelled",
    )
    quoted = table_of(QuotationLine)
    offered = dict(session.execute(sa.select(quoted.c.id, quoted.c.quantity)).all())
    # an order that was amended to more than was offered took what was offered
    taken = {key: min(part, offered.get(key, part)) for key, part in ordered.items()}
    yield from differing(session, QuotationLine, "ordered", taken)
    shipped = joined_sums(
        session,
        delivery_lines,
        deliveries,
        "delivery_id",
        "order_line_id",
        "quantity",
        QUANTITY,
        deliveries.c.state == "shipped",
    )
    yield from differing(session, SalesOrderLine, "shipped", shipped)
    back = returns.c.state == "received"
    yield from differing(
        session,
        SalesOrderLine,
        "returned",
        joined_sums(session, return_lines, returns, "return_id", "order_line_id", "quantity", QUANTITY, back),
    )
    yield from differing(
        session,
        DeliveryLine,
        "returned",
        joined_sums(session, return_lines, returns, "return_id", "delivery_line_id", "quantity", QUANTITY, back),
    )
    billed = sa.and_(invoices.c.state == "posted", invoices.c.kind == "invoice")
    anew = sa.and_(invoices.c.state == "posted", invoices.c.kind == "credit_note", invoices.c.bill_again)
    credits = sa.and_(invoices.c.state == "posted", invoices.c.kind == "credit_note")

    def told(key: str, what: str, kind: Any, *where: Any) -> dict[int, Decimal]:
        return joined_sums(session, invoice_lines, invoices, "invoice_id", key, what, kind, *where)

    def less(key: str, what: str, kind: Any) -> dict[int, Decimal]:
        plus, minus = told(key, what, kind, billed), told(key, what, kind, anew)
        return {line: plus.get(line, ZERO) - minus.get(line, ZERO) for line in {*plus, *minus}}

    yield from differing(session, SalesOrderLine, "invoiced", told("order_line_id", "quantity", QUANTITY, billed))
    yield from differing(session, SalesOrderLine, "credited", told("order_line_id", "quantity", QUANTITY, anew))
    yield from differing(session, SalesOrderLine, "invoiced_net", less("order_line_id", "net", AMOUNT))
    yield from differing(session, SalesOrderLine, "invoiced_tax", less("order_line_id", "tax", AMOUNT))
    yield from differing(session, DeliveryLine, "invoiced", less("delivery_line_id", "quantity", QUANTITY))
    yield from differing(session, InvoiceLine, "credited", told("credits_line_id", "quantity", QUANTITY, credits))
    yield from differing(session, InvoiceLine, "credited_net", told("credits_line_id", "net", AMOUNT, credits))
    yield from differing(session, InvoiceLine, "credited_tax", told("credits_line_id", "tax", AMOUNT, credits))


def _order_axes(session: Session) -> Found:
    """Delivery, billing and exposure of orders, billing and return of deliveries, progress of quotations follow from lines."""
    lines: dict[int, list[LineLedger]] = defaultdict(list)
    table = table_of(SalesOrderLine)
    for row in session.execute(sa.select(table)):
        lines[row.order_id].append(
            LineLedger(
                row.quantity, row.cancelled, row.shipped, row.returned, row.invoiced, row.credited, row.net + row.tax
            )
        )
        if row.shipped > row.quantity - row.cancelled:
            yield breach(
                N_("{row}: {shipped} shipped of {ordered}"),
                row=Row("sales_order_line", row.id),
                shipped=row.shipped,
                ordered=row.quantity - row.cancelled,
            )
    head = table_of(SalesOrder)
    for row in session.execute(
        sa.select(head.c.id, head.c.state, head.c.digits, head.c.delivery, head.c.billing, head.c.uninvoiced)
    ):
        now = order_progress(lines[row.id], billable=row.state in ("confirmed", "on_hold", "closed"), digits=row.digits)
        if row.state == "draft":
            now = OrderProgress("none", "none", ZERO)
        if (row.delivery, row.billing, row.uninvoiced) != (now.delivery, now.billing, now.uninvoiced):
            yield breach(
                N_("{row}: {one_word}, {other_word}, {left} to be invoiced; its lines tell {a_word}, {b_word}, {told}"),
                row=Row("sales_order", row.id),
                one_word=step_word(row.delivery),
                other_word=step_word(row.billing),
                left=row.uninvoiced,
                a_word=step_word(now.delivery),
                b_word=step_word(now.billing),
                told=now.uninvoiced,
            )
    yield from _delivery_axes(session)
    ordered: dict[int, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    quoted = table_of(QuotationLine)
    for row in session.execute(sa.select(quoted.c.quotation_id, quoted.c.ordered, quoted.c.quantity)):
        ordered[row.quotation_id].append((row.ordered, row.quantity))
    quotations = table_of(Quotation)
    for row in session.execute(sa.select(quotations.c.id, quotations.c.ordered)):
        told = progress(ordered[row.id]) if any(part for part, _ in ordered[row.id]) else "none"
        if row.ordered != told:
            yield breach(
                N_("{row}: ordered {now_word}, its lines tell {told_word}"),
                row=Row("quotation", row.id),
                now_word=step_word(row.ordered),
                told_word=step_word(told),
            )


def _delivery_axes(session: Session) -> Found:
    lines: dict[int, list[Any]] = defaultdict(list)
    table = table_of(DeliveryLine)
    query = sa.select(table.c.delivery_id, table.c.quantity, table.c.returned, table.c.invoiced)
    for row in session.execute(query):
        lines[row.delivery_id].append(row)
    head = table_of(Delivery)
    for row in session.execute(sa.select(head.c.id, head.c.state, head.c.billing, head.c.returned)):
        billing = progress((x.invoiced, max(ZERO, x.quantity - x.returned)) for x in lines[row.id])
        returned = progress((x.returned, x.quantity) for x in lines[row.id])
        touched = any(x.invoiced or x.returned for x in lines[row.id])
        if not touched:
            billing = returned = "none"
        if (row.billing, row.returned) != (billing, returned):
            yield breach(
                N_("{row}: billed {one_word}, returned {other_word}; its lines tell {a_word}, {b_word}"),
                row=Row("delivery", row.id),
                one_word=step_word(row.billing),
                other_word=step_word(row.returned),
                a_word=step_word(billing),
                b_word=step_word(returned),
            )


def _document_totals(session: Session) -> Found:
    """The totals of each document are the sums of its lines; an invoice's instalments add up to it."""
    priced: tuple[tuple[type[SQLModel], type[SQLModel], str], ...] = (
        (Quotation, QuotationLine, "quotation_id"),
        (SalesOrder, SalesOrderLine, "order_id"),
        (Invoice, InvoiceLine, "invoice_id"),
    )
    for model, lines_model, key in priced:
        head, lines = table_of(model), table_of(lines_model)
        nets, taxes = sums(session, lines, key, "net", AMOUNT), sums(session, lines, key, "tax", AMOUNT)
        for row in session.execute(sa.select(head.c.id, head.c.net, head.c.tax, head.c.gross)):
            told = (nets.get(row.id, ZERO), taxes.get(row.id, ZERO))
            if (row.net, row.tax) != told or row.gross != row.net + row.tax:
                yield breach(
                    N_("{row}: {net} + {tax} = {gross}, its lines tell {net_told} + {tax_told}"),
                    row=Row(head.name, row.id),
                    net=row.net,
                    tax=row.tax,
                    gross=row.gross,
                    net_told=told[0],
                    tax_told=told[1],
                )
    valued: tuple[tuple[type[SQLModel], type[SQLModel], str, str], ...] = (
        (GoodsReceipt, GoodsReceiptLine, "receipt_id", "value"),
        (Delivery, DeliveryLine, "delivery_id", "cost"),
        (CustomerReturn, CustomerReturnLine, "return_id", "cost"),
        (StockTransfer, StockTransferLine, "transfer_id", "value"),
        (TransferArrival, TransferArrivalLine, "arrival_id", "value"),
        (Stocktake, StocktakeLine, "stocktake_id", "value"),
        (StockAdjustment, StockAdjustmentLine, "adjustment_id", "value"),
    )
    for model, lines_model, key, what in valued:
        head, values = table_of(model), sums(session, table_of(lines_model), key, what, AMOUNT)
        for row in session.execute(sa.select(head.c.id, head.c[what])):
            if row[1] != values.get(row[0], ZERO):
                yield breach(
                    N_("{row}: {column_word} {value}, its lines tell {told}"),
                    row=Row(head.name, row[0]),
                    column_word=column_word(what),
                    value=row[1],
                    told=values.get(row[0], ZERO),
                )


def _open_items(session: Session) -> Found:
    """What is open of an item is its amount less its allocations; invoices and payments keep the sum of theirs."""
    items, links = table_of(ReceivableItem), table_of(Allocation)
    paid, used = (
        sums(session, links, "debit_id", "amount", AMOUNT),
        sums(session, links, "credit_id", "amount", AMOUNT),
    )
    last = _last_allocated(session)
    settled: dict[int, Any] = {}
    by_invoice: dict[int, Decimal] = defaultdict(lambda: ZERO)
    by_payment: dict[int, Decimal] = defaultdict(lambda: ZERO)
    amounts: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for row in session.execute(sa.select(items)):
        told = row.amount - paid.get(row.id, ZERO) + used.get(row.id, ZERO)
        if row.open != told:
            yield breach(
                N_("{row}: open {open}, its allocations tell {told}"),
                row=Row("receivable_item", row.id),
                open=row.open,
                told=told,
            )
        if (row.open and (row.open > 0) != (row.amount > 0)) or abs(row.open) > abs(row.amount):
            yield breach(
                N_("{row}: open {open} of {amount}"),
                row=Row("receivable_item", row.id),
                open=row.open,
                amount=row.amount,
            )
        number, day = last.get(row.id, (0, row.dated_on))
        if row.settled_on != (None if row.open else day):
            yield breach(
                N_("{row}: open {open}, settled on {day}, its allocations tell {told}"),
                row=Row("receivable_item", row.id),
                open=row.open,
                day=row.settled_on or "–",
                told=day,
            )
        if row.invoice_id is not None:
            settled[row.invoice_id] = max(settled.get(row.invoice_id, (0, row.dated_on)), (number, day))
            by_invoice[row.invoice_id] += row.open
            amounts[row.invoice_id] += row.amount
        elif row.amount < 0:
            by_payment[row.payment_id] -= row.open
    invoices, payments = table_of(Invoice), table_of(Payment)
    for row in session.execute(
        sa.select(
            invoices.c.id, invoices.c.open, invoices.c.settled_on, invoices.c.gross, invoices.c.kind, invoices.c.state
        )
    ):
        done = settled[row.id][1] if row.id in settled and not row.open else None
        if row.settled_on != done:
            yield breach(
                N_("{row}: open {open}, settled on {day}, its items tell {told}"),
                row=Row("invoice", row.id),
                open=row.open,
                day=row.settled_on or "–",
                told=done or "–",
            )
        sign = -1 if row.kind == "credit_note" else 1
        if row.open != by_invoice[row.id] or (row.state == "posted" and amounts[row.id] != sign * row.gross):
            yield breach(
                N_("{row}: open {open} of {amount}, its items tell {told} of {whole}"),
                row=Row("invoice", row.id),
                open=row.open,
                amount=row.gross,
                told=by_invoice[row.id],
                whole=amounts[row.id],
            )
    reversals = {
        row.reverses_id: row.id
        for row in session.execute(sa.select(payments.c.id, payments.c.reverses_id))
        if row.reverses_id
    }
    for row in session.execute(sa.select(payments.c.id, payments.c.unapplied, payments.c.reversed_by)):
        if row.unapplied != by_payment[row.id]:
            yield breach(
                N_("{row}: unapplied {unapplied}, its item tells {told}"),
                row=Row("payment", row.id),
                unapplied=row.unapplied,
                told=by_payment[row.id],
            )
        if row.reversed_by != reversals.get(row.id):
            yield breach(
                N_("{row}: reversed by {by}, the payments tell {told}"),
                row=Row("payment", row.id),
                by=Row("payment", row.reversed_by),
                told=Row("payment", reversals.get(row.id)),
            )


def _last_allocated(session: Session) -> dict[int, tuple[int, Any]]:
    """Item → (id, day) of the newest allocation that touched it."""
    links = table_of(Allocation)
    found: dict[int, tuple[int, Any]] = {}
    for side in (links.c.debit_id, links.c.credit_id):
        newest = sa.select(sa.func.max(links.c.id)).group_by(side)
        for item, key, day in session.execute(
            sa.select(side, links.c.id, links.c.allocated_on).where(links.c.id.in_(newest))
        ):
            found[item] = (key, day)
    return found


_SERIES: dict[str, tuple[type[SQLModel], str, Callable[[sa.Table], Any] | None]] = {
    "quotation": (Quotation, "quoted_on", None),
    "sales_order": (SalesOrder, "ordered_on", None),
    "delivery": (Delivery, "shipped_on", None),
    "customer_return": (CustomerReturn, "returned_on", None),
    "goods_receipt": (GoodsReceipt, "received_on", None),
    "invoice": (Invoice, "invoiced_on", lambda t: t.c.kind == "invoice"),
    "credit_note": (Invoice, "invoiced_on", lambda t: t.c.kind == "credit_note"),
    "payment": (Payment, "received_on", None),
    **PURCHASE_SERIES,
    "stock_transfer": (StockTransfer, "dispatched_on", None),
    "stocktake": (Stocktake, "counted_on", None),
    "stock_adjustment": (StockAdjustment, "adjusted_on", None),
}


def _some(numbers: Sequence[int]) -> str:
    """The first of some numbers; a dash for none."""
    return ", ".join(str(n) for n in numbers[:5]) or "–"


def _numbers_gapless(session: Session) -> Found:
    """Each series counts 1 to n without gap or double, and where it must, its dates never fall."""
    for series in session.exec(select(NumberSeries)):
        model, day, only = _SERIES[series.kind]
        table = table_of(model)
        query = sa.select(table.c.number, table.c[day]).where(table.c.number.is_not(None))
        if only is not None:
            query = query.where(only(table))
        if series.kind == "quotation":
            query = query.where(table.c.revision == 1)
        head = series.pattern.split("{n")[0].format(yy=f"{series.year % 100:02}", yyyy=series.year)
        tail = (
            series.pattern.partition("{n")[2].partition("}")[2].format(yy=f"{series.year % 100:02}", yyyy=series.year)
        )
        numbers = {}
        for number, on in session.execute(query.where(table.c.number.startswith(head, autoescape=True))):
            digits = number[len(head) : len(number) - len(tail)]
            if digits.isdigit() and on.year == series.year:
                numbers[int(digits)] = on
        told = {"series_word": ROW_WORDS.get(series.kind, series.kind), "year": str(series.year)}
        missing = [n for n in range(1, series.next) if n not in numbers]
        beyond = [n for n in numbers if n >= series.next]
        if missing or beyond:
            yield breach(
                N_("{series_word} {year}: next is {next}, missing {missing}, beyond {beyond}"),
                **told,
                next=str(series.next),
                missing=_some(missing),
                beyond=_some(beyond),
            )
        latest = max(numbers.values()).isoformat() if numbers else ""
        if latest != series.last_on:
            yield breach(
                N_("{series_word} {year}: last dated {day}, its documents tell {told}"),
                **told,
                day=series.last_on or "–",
                told=latest or "–",
            )
        if series.dates_may_fall != (series.kind not in DATED):
            yield breach(N_("{series_word} {year}: whether its dates may fall was changed, which no verb does"), **told)
        if not series.dates_may_fall:
            days = [numbers[n] for n in sorted(numbers)]
            falls = [n for n, (a, b) in enumerate(zip(days, days[1:], strict=False), 2) if b < a]
            if falls:
                yield breach(N_("{series_word} {year}: dates fall at number {numbers}"), **told, numbers=_some(falls))


# -- the audit chain -------------------------------------------------------------------------------------------------


def _chain_whole(session: Session) -> Found:
    """The entries count without gap, each holds the hash of the one before, and the head is the last."""
    previous, expected = b"", 1
    table = table_of(AuditEntry)
    for row in session.execute(sa.select(table).order_by(table.c.id).execution_options(yield_per=1000)):
        values = dict(row._mapping)
        if values["id"] != expected:
            yield breach(N_("{row} is missing"), row=Row("audit_entry", expected))
            expected = values["id"]
        if link(previous, values) != values["hash"]:
            yield breach(N_("{row} was changed, or the one before it"), row=Row("audit_entry", values["id"]))
        previous, expected = values["hash"], expected + 1
    head = session.execute(sa.select(table_of(AuditHead))).one_or_none()
    if head is None or head.seq != expected - 1 or head.hash != previous:
        yield breach(
            N_("the head of the chain is entry {head}, the last entry is {last}"),
            head=str(head.seq) if head else "–",
            last=str(expected - 1),
        )


def _facts_unchanged(session: Session) -> Found:
    """Every fact of every posted row is what the audit trail hashed, none is missing, and none was slipped in."""
    tables = {table.name: table for table in SQLModel.metadata.sorted_tables}
    children: dict[str, list[sa.Table]] = defaultdict(list)
    for table in tables.values():
        if table.info.get("parent"):
            children[table.info["parent"]].append(table)
    told: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))  # table → row → how often
    past = _Past(session, tables)
    entries = table_of(AuditEntry)
    query = (
        sa.select(entries.c.id, entries.c.facts, entries.c.digest).where(entries.c.facts != "").order_by(entries.c.id)
    )
    batch: list[Any] = []
    for row in session.execute(query.execution_options(yield_per=BATCH)):
        batch.append(row)
        if len(batch) == BATCH:
            yield from _check_facts(session, batch, tables, children, told, past)
            batch = []
    yield from _check_facts(session, batch, tables, children, told, past)
    for table in tables.values():
        if "guard" not in table.info or table.info["parent"] or table.name == "audit_entry":
            continue
        where = []
        if table.info["guard"] is Guard.POSTED:
            where = [table.c.state.not_in(table.info["open_states"])]
        there = set(session.execute(sa.select(table.c.id).where(*where)).scalars())
        for key in sorted(there - told[table.name].keys()):
            yield breach(N_("{row} is in the books, but no audit entry tells of it"), row=Row(table.name, key))
        if table.info["revised"]:
            revisions = dict(session.execute(sa.select(table.c.id, table.c.revision).where(*where)).all())
            for key, times in sorted(told[table.name].items()):
                if times != revisions.get(key, times):
                    yield breach(
                        N_("{row} is at revision {revision}, the audit trail tells of {times}"),
                        row=Row(table.name, key),
                        revision=revisions[key],
                        times=times,
                    )


class _Past:
    """Rows that revisions put anew, as they stood at earlier audit entries: what later ones changed, taken back."""

    def __init__(self, session: Session, tables: Mapping[str, sa.Table]) -> None:
        self.changed: dict[tuple[str, int], list[tuple[int, str, Any]]] = defaultdict(list)  # (entry, column, old)
        self.added: dict[tuple[str, int], int] = {}  # row → the entry that added it under a posted document
        revised = {table.name: table for table in tables.values() if table.info.get("revised")}
        roots = [name for name, table in revised.items() if not table.info["parent"]]
        entries = table_of(AuditEntry)
        query = sa.select(entries.c.id, entries.c.changes).where(
            entries.c.kind.in_(roots), entries.c.facts != "", entries.c.changes.contains('"revision"')
        )
        for entry in session.execute(query.order_by(entries.c.id).execution_options(yield_per=1000)):
            for change in json.loads(entry.changes):
                if len(change) != 5 or change[0] not in revised:
                    continue
                name, key, column, old, _ = change
                table = revised[name]
                if column == "revision" and table.info["parent"] and old is None:
                    self.added[name, key] = entry.id
                elif column in table.info["revised"]:
                    self.changed[name, key].append((entry.id, column, _read(table.c[column], old)))

    def at(self, entry: int, table: sa.Table, row: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """A row as it stood when an entry was written; None where it was added later."""
        if not table.info.get("revised"):
            return row
        place = (table.name, row["id"])
        if self.added.get(place, 0) > entry:
            return None
        later = [(column, old) for number, column, old in self.changed.get(place, ()) if number > entry]
        return {**row, **dict(reversed(later))} if later else row


def _read(column: sa.Column[Any], told: Any) -> Any:
    """A value of the audit trail as its column holds it."""
    if told is None:
        return None
    if isinstance(column.type, FixedPoint):
        return Decimal(told)
    return date.fromisoformat(told) if isinstance(column.type, sa.Date) else told


def _check_facts(
    session: Session,
    batch: list[Any],
    tables: Mapping[str, sa.Table],
    children: Mapping[str, list[sa.Table]],
    told: dict[str, dict[int, int]],
    past: _Past,
) -> Found:
    """Recompute the digests of some entries from the rows they name."""
    wanted: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))  # table → row → entries
    for entry in batch:
        for name, keys in json.loads(entry.facts).items():
            for key in keys:
                if key in told[name] and not tables[name].info.get("revised"):
                    yield breach(
                        N_("{entry} tells of {row} a second time"),
                        entry=Row("audit_entry", entry.id),
                        row=Row(name, key),
                    )
                told[name][key] += 1
                wanted[name][key].append(entry.id)
    texts: dict[int, list[str]] = defaultdict(list)
    for name, owners in wanted.items():
        table, keys = tables[name], list(owners)
        seen = set()
        for start in range(0, len(keys), 800):
            part = keys[start : start + 800]
            for row in session.execute(sa.select(table).where(table.c.id.in_(part))):
                seen.add(row.id)
                for entry_id in owners[row.id]:
                    if (stood := past.at(entry_id, table, dict(row._mapping))) is not None:
                        texts[entry_id].append(fact_text(table, stood))
            for child in children[name]:
                key = child.info["key"]
                for row in session.execute(sa.select(child).where(child.c[key].in_(part))):
                    for entry_id in owners[row._mapping[key]]:
                        if (stood := past.at(entry_id, child, dict(row._mapping))) is not None:
                            texts[entry_id].append(fact_text(child, stood))
        for key in sorted(set(keys) - seen):
            yield breach(
                N_("{row} is missing; {entry} tells of it"),
                row=Row(name, key),
                entry=Row("audit_entry", owners[key][0]),
            )
    for entry in batch:
        if digest_of(texts[entry.id]) != entry.digest:
            for name, keys in json.loads(entry.facts).items():
                for key in keys:
                    yield breach(
                        N_("{row}, or a line of it, is not what {entry} saw posted"),
                        row=Row(name, key),
                        entry=Row("audit_entry", entry.id),
                    )


def _decisions_told(session: Session) -> Found:
    """Every decided value is the newest that the audit trail tells, and was never written past it."""
    told: dict[str, dict[tuple[int, str], Any]] = defaultdict(dict)
    entries = table_of(AuditEntry)
    query = sa.select(entries.c.id, entries.c.changes).where(entries.c.changes != "").order_by(entries.c.id)
    for row in session.execute(query.execution_options(yield_per=1000)):
        for change in json.loads(row.changes):
            if len(change) == 5:
                table, key, column, old, new = change
                if told[table].get((key, column), old) != old:
                    yield breach(
                        N_("{entry}: {column_word} of {row} was {value}, the trail before tells otherwise"),
                        entry=Row("audit_entry", row.id),
                        column_word=column_word(column),
                        row=Row(table, key),
                        value=_told(old),
                    )
                told[table][key, column] = new
    for table in SQLModel.metadata.sorted_tables:
        columns = [column for column in table.columns if role_of(column) is Role.DECIDED]
        if not columns or "id" not in table.c or table.name == "kept_draft":
            continue
        newest = told[table.name]
        for row in session.execute(sa.select(table.c.id, *columns).execution_options(yield_per=1000)):
            for column in columns:
                raw = row._mapping[column.name]
                value = plain(raw)
                known = newest.get((row.id, column.name), _UNTOLD)
                if known is _UNTOLD:
                    start = _starts(column)
                    if raw and value != start:
                        yield breach(
                            N_("{row}: {column_word} is {value}, which nobody decided"),
                            row=Row(table.name, row.id),
                            column_word=column_word(column.name),
                            value=_told(value),
                        )
                elif known != value:
                    yield breach(
                        N_("{row}: {column_word} is {value}, the audit trail tells {told}"),
                        row=Row(table.name, row.id),
                        column_word=column_word(column.name),
                        value=_told(value),
                        told=_told(known),
                    )


_UNTOLD = object()


def _told(value: Any) -> str:
    """A value as the trail holds it; a dash for nothing."""
    return "–" if value is None or value == "" else str(value)


def _starts(column: sa.Column[Any]) -> Any:
    """The value a decided column has before anybody decided."""
    return plain(column.default.arg) if column.default is not None else None  # type: ignore[attr-defined]


def _lost(session: Session, anchor: Anchor) -> Found:
    """What was noted outside the books and is not in them."""
    entries = table_of(AuditEntry)
    newest = session.execute(sa.select(sa.func.max(entries.c.id))).scalar() or 0
    wanted = [mark.seq for mark in anchor.marks()]
    there: dict[int, bytes] = {}
    for start in range(0, len(wanted), 800):
        query = sa.select(entries.c.id, entries.c.hash).where(entries.c.id.in_(wanted[start : start + 800]))
        there |= {row.id: bytes(row.hash) for row in session.execute(query)}
    loss = anchor.loss(there.get, newest)
    if loss is not None:
        trouble = loss.said()
        yield breach(trouble.template, **trouble.values)


def _posted_documents_are_booked(session: Session) -> Found:
    """Each posted document with a money effect has exactly the journal its figures ask for."""
    booked = booked_by_role(session)
    invoices = table_of(Invoice)
    for row in session.execute(sa.select(invoices).where(invoices.c.state == "posted")):
        sign = -1 if row.kind == "credit_note" else 1
        wanted = {"receivable": sign * row.gross, "revenue": -sign * row.net, "tax": -sign * row.tax}
        for role, amount in wanted.items():
            if booked["invoice", row.id, role] != amount:
                yield not_booked("invoice", row.id, role, booked["invoice", row.id, role], amount)
    for model, source, sign in ((Delivery, "delivery", -1), (CustomerReturn, "return", 1)):
        table = table_of(model)
        done = "shipped" if source == "delivery" else "received"
        for row in session.execute(sa.select(table.c.id, table.c.cost, table.c.state)):
            wanted_cost = sign * row.cost if row.state == done else ZERO  # one that was reversed is booked both ways
            if booked[source, row.id, "inventory"] != wanted_cost:
                yield not_booked(table.name, row.id, "inventory", booked[source, row.id, "inventory"], wanted_cost)
    for source, table in (("adjustment", table_of(StockAdjustment)), ("stocktake", table_of(Stocktake))):
        for row in session.execute(sa.select(table.c.id, table.c.value)):
            wanted = {"inventory": row.value, "stock_differences": -row.value}
            for role, amount in wanted.items():
                if booked[source, row.id, role] != amount:
                    yield not_booked(table.name, row.id, role, booked[source, row.id, role], amount)
    payments = table_of(Payment)
    for row in session.execute(sa.select(payments.c.id, payments.c.amount).where(payments.c.state == "posted")):
        if booked["payment", row.id, "receivable"] != -row.amount:
            yield not_booked("payment", row.id, "receivable", booked["payment", row.id, "receivable"], -row.amount)


CHECKS: dict[str, Callable[[Session], Found]] = {
    N_("every journal entry balances"): _entries_balance,
    N_("receivables account = open items"): _receivables_agree,
    N_("inventory account = cost layers = moves"): _inventory_agrees,
    N_("stock levels = moves = layers; reserved = reservations"): _stock_levels,
    N_("cost layers = received less consumed"): _layers_agree,
    N_("moves = layers and consumptions"): _moves_agree,
    N_("returns within what was delivered"): _returns_within_deliveries,
    N_("transfers, counts and adjustments = their moves"): house_lines_agree,
    N_("bins and lots = what was put there"): places_agree,
    N_("lines carry what their documents say"): _line_progress,
    N_("derived states follow from lines"): _order_axes,
    N_("documents add up"): _document_totals,
    N_("open items = amounts less allocations"): _open_items,
    N_("posted documents are booked"): _posted_documents_are_booked,
    **PURCHASE_CHECKS,
    N_("numbers are gapless"): _numbers_gapless,
    N_("the audit chain is whole"): _chain_whole,
    N_("facts are as they were posted"): _facts_unchanged,
    N_("decisions are as they were told"): _decisions_told,
}
