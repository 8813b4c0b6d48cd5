"""What sales earned: what was invoiced less what the consumed layers were worth, with what bills added later.

Each document counts on its own day, in the company's currency, before tax. Summed by order, line, customer, item,
person, period or document the figures are the same, and they are the sales and cost of sales accounts of the ledger.
Rule: docs/rules/margin.md. Until all is shipped and billed a figure is an estimate.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.base import AMOUNT
from o2c_tui.models.company import User
from o2c_tui.models.delivery import CustomerReturn, CustomerReturnLine, Delivery, DeliveryLine, ReturnState
from o2c_tui.models.invoice import Invoice, InvoiceKind, InvoiceLine, InvoiceState
from o2c_tui.models.item import Item
from o2c_tui.models.ledger import Account, AccountRole, JournalEntry, JournalLine
from o2c_tui.models.order import SalesOrder, SalesOrderLine
from o2c_tui.models.party import Party
from o2c_tui.models.purchase import (
    BillState,
    CostShare,
    SupplierBill,
    SupplierBillLine,
    SupplierReturn,
    SupplierReturnState,
)
from o2c_tui.models.stock import CostVariance, MoveKind, StockMove
from o2c_tui.queries.past import LineOn, in_parts, open_lines_on
from o2c_tui.storage.rows import table_of

ZERO = Decimal(0)
DIMENSIONS = ("order", "line", "customer", "item", "person", "period", "document")


@dataclass(frozen=True)
class OrderMargin:
    """One order's margin; amounts in the company's currency, before tax."""

    order_id: int
    number: str
    ordered_on: date
    customer: str
    invoiced: Decimal
    cost: Decimal
    margin: Decimal
    percent: Decimal | None
    estimate: bool


@dataclass(frozen=True)
class Earned:
    """The margin of one order, line, customer, item, person, month or document; `words` name it.

    `to_bill` is the net of what was shipped and is not billed: apart from the margin, which has its cost already.
    """

    key: Any
    words: tuple[Any, ...]
    invoiced: Decimal
    cost: Decimal
    to_bill: Decimal
    estimate: bool

    @property
    def margin(self) -> Decimal:
        """Invoiced less cost."""
        return self.invoiced - self.cost

    @property
    def percent(self) -> Decimal | None:
        """Margin in percent of what was invoiced."""
        return self.margin * 100 / self.invoiced if self.invoiced else None


@dataclass(frozen=True)
class Of:
    """What sales are asked about: documents dated from `first` to `as_of`, of an order, customer, item, person, place."""

    as_of: date | None = None
    first: date | None = None
    order_id: int | None = None
    customer_id: int | None = None
    item_id: int | None = None
    person: str | None = None
    warehouse_id: int | None = None


def earned(session: Session, by: str, of: Of = Of()) -> list[Earned]:
    """Margins by one of `DIMENSIONS`; what was neither billed nor shipped is left out.

    Months and documents in order of time, orders and lines newest first, the rest by name.
    """
    assert by in DIMENSIONS, by
    facts = _facts()
    orders, lines = table_of(SalesOrder), table_of(SalesOrderLine)
    keys: dict[str, tuple[Any, ...]] = {
        "order": (lines.c.order_id,),
        "line": (lines.c.id,),
        "customer": (facts.c.customer_id,),
        "item": (lines.c.item_id,),
        "person": (orders.c.by,),
        "period": (facts.c.on,),
        "document": (facts.c.kind, facts.c.document_id, facts.c.on),
    }
    key = keys[by]
    query = (
        sa.select(
            *key,
            sa.func.sum(facts.c.net, type_=AMOUNT).label("net"),
            sa.func.sum(facts.c.cost, type_=AMOUNT).label("cost"),
        )
        .select_from(_with_orders(facts))
        .where(*_chosen(facts, of))
        .group_by(*key)
    )
    sums: dict[Any, list[Decimal]] = {}
    for *told, net, cost in session.execute(query):
        at: Any = tuple(told) if by == "document" else told[0].replace(day=1) if by == "period" else told[0]
        both = sums.setdefault(at, [ZERO, ZERO])
        both[0] += net
        both[1] += cost
    unfinished = _unfinished(session, of)
    estimates, to_bill = _open_by(session, by, of, unfinished, facts)
    found = {at: (net, cost) for at, (net, cost) in sums.items() if net or cost or to_bill.get(at)}
    found |= {at: (ZERO, ZERO) for at in to_bill if at not in found}  # services that left and are not billed
    words = _words(session, by, found)
    rows = [
        Earned(at, words[at], net, cost, to_bill.get(at, ZERO), at in estimates) for at, (net, cost) in found.items()
    ]
    return sorted(rows, key=lambda row: _place(by, row))


def _facts() -> Any:
    """Every amount that makes or lowers a margin: order line, customer, day, net, cost, and the document behind it."""
    invoices, invoice_lines = table_of(Invoice), table_of(InvoiceLine)
    deliveries, delivery_lines = table_of(Delivery), table_of(DeliveryLine)
    returns, return_lines = table_of(CustomerReturn), table_of(CustomerReturnLine)
    moves, variances, shares = table_of(StockMove), table_of(CostVariance), table_of(CostShare)
    revalued = moves.alias("revalued")
    nothing: Any = sa.literal_column("0")

    def told(line: Any, customer: Any, on: Any, net: Any, cost: Any, kind: str, document: Any) -> Any:
        return sa.select(
            line.label("line_id"),
            customer.label("customer_id"),
            on.label("on"),
            sa.type_coerce(net, AMOUNT).label("net"),
            sa.type_coerce(cost, AMOUNT).label("cost"),
            sa.literal_column(f"'{kind}'", sa.Text).label("kind"),
            document.label("document_id"),
        )

    net = sa.func.coalesce(invoice_lines.c.base_net, invoice_lines.c.net)
    signed = sa.case((invoices.c.kind == InvoiceKind.CREDIT_NOTE, -net), else_=net)
    left = sa.and_(moves.c.kind == MoveKind.DELIVERY, moves.c.line_id == delivery_lines.c.id)
    parts = [
        told(
            invoice_lines.c.order_line_id, invoices.c.customer_id, invoices.c.invoiced_on, signed, nothing, "invoice",
            invoices.c.id,
        )
        .join(invoices, invoices.c.id == invoice_lines.c.invoice_id)
        .where(
            invoices.c.state == InvoiceState.POSTED,
            invoices.c.kind != InvoiceKind.DEPOSIT,  # billed ahead: a liability until an invoice takes it off
            invoice_lines.c.deducts_line_id.is_(None),
        ),
        told(  # a delivery that was reversed moved the same value back, on its own day
            delivery_lines.c.order_line_id, deliveries.c.customer_id, moves.c.moved_on, nothing, -moves.c.value,
            "delivery", deliveries.c.id,
        )
        .select_from(delivery_lines)
        .join(moves, left)
        .join(deliveries, deliveries.c.id == delivery_lines.c.delivery_id),
        told(
            return_lines.c.order_line_id, returns.c.customer_id, returns.c.returned_on, nothing, -return_lines.c.cost,
            "return", returns.c.id,
        )
        .join(returns, returns.c.id == return_lines.c.return_id)
        .where(returns.c.state == ReturnState.RECEIVED),
        told(
            delivery_lines.c.order_line_id, deliveries.c.customer_id, revalued.c.moved_on, nothing, variances.c.amount,
            "bill", shares.c.bill_id,
        )
        .select_from(variances)
        .join(revalued, revalued.c.id == variances.c.move_id)
        .join(shares, shares.c.id == revalued.c.line_id)
        .join(moves, sa.and_(moves.c.id == variances.c.source_move_id, moves.c.kind == MoveKind.DELIVERY))
        .join(delivery_lines, delivery_lines.c.id == moves.c.line_id)
        .join(deliveries, deliveries.c.id == delivery_lines.c.delivery_id),
    ]  # fmt: skip
    return sa.union_all(*parts).subquery("facts")


def _with_orders(facts: Any) -> Any:
    orders, lines = table_of(SalesOrder), table_of(SalesOrderLine)
    return facts.outerjoin(lines, lines.c.id == facts.c.line_id).outerjoin(orders, orders.c.id == lines.c.order_id)


def _chosen(facts: Any, of: Of) -> list[Any]:
    where = [facts.c.on <= of.as_of] if of.as_of is not None else []
    if of.first is not None:
        where.append(facts.c.on >= of.first)
    if of.customer_id is not None:
        where.append(facts.c.customer_id == of.customer_id)
    return where + _chosen_orders(of)


def _chosen_orders(of: Of) -> list[Any]:
    orders, lines = table_of(SalesOrder), table_of(SalesOrderLine)
    asked = (
        (lines.c.order_id, of.order_id),
        (lines.c.item_id, of.item_id),
        (orders.c.by, of.person),
        (orders.c.warehouse_id, of.warehouse_id),
    )
    return [column == wanted for column, wanted in asked if wanted is not None]


def _unfinished(session: Session, of: Of) -> list[LineOn]:
    where = _chosen_orders(of)
    if of.customer_id is not None:
        where.append(table_of(SalesOrder).c.customer_id == of.customer_id)
    return open_lines_on(session, of.as_of, *where)


_ATTRIBUTES = {"order": "order_id", "line": "line_id", "customer": "customer_id", "item": "item_id", "person": "by"}


def _open_by(
    session: Session, by: str, of: Of, lines: Sequence[LineOn], facts: Any
) -> tuple[set[Any], dict[Any, Decimal]]:
    """Which keys hold something unfinished, and the net of what was shipped and is not billed for each."""
    if by in _ATTRIBUTES:
        estimates: set[Any] = set()
        to_bill: dict[Any, Decimal] = {}
        for line in lines:
            key = getattr(line, _ATTRIBUTES[by])
            estimates.add(key)
            if line.to_bill:
                to_bill[key] = to_bill.get(key, ZERO) + line.to_bill
        return estimates, to_bill
    estimates = set()
    order = table_of(SalesOrderLine).c.order_id
    for keys in in_parts(line.order_id for line in lines):
        query = (
            sa.select(facts.c.kind, facts.c.document_id, facts.c.on)
            .select_from(_with_orders(facts))
            .where(order.in_(keys), *_chosen(facts, of))
            .distinct()
        )
        for kind, document, on in session.execute(query):
            estimates.add((kind, document, on) if by == "document" else on.replace(day=1))
    return estimates, {}


def _words(session: Session, by: str, keys: Iterable[Any]) -> dict[Any, tuple[Any, ...]]:
    """What each key is called."""
    if by == "period":
        return {key: (key,) for key in keys}
    told: dict[Any, tuple[Any, ...]] = {}
    if by == "document":
        return _documents(session, keys)
    if by == "person":
        names = dict(session.execute(sa.select(col(User.login), col(User.name))).all())
        return {key: (key or "", names.get(key) or key or "") for key in keys}
    queries: dict[str, Any] = {
        "order": sa.select(
            col(SalesOrder.id), col(SalesOrder.number), col(SalesOrder.ordered_on), col(Party.code), col(Party.name)
        ).join(Party, col(Party.id) == col(SalesOrder.customer_id)),
        "line": sa.select(
            col(SalesOrderLine.id),
            col(SalesOrder.number),
            col(SalesOrderLine.position),
            col(SalesOrder.ordered_on),
            col(Item.code),
            col(SalesOrderLine.description),
            col(Party.name),
            col(SalesOrder.id),
        )
        .join(SalesOrder, col(SalesOrder.id) == col(SalesOrderLine.order_id))
        .join(Party, col(Party.id) == col(SalesOrder.customer_id))
        .outerjoin(Item, col(Item.id) == col(SalesOrderLine.item_id)),
        "customer": sa.select(col(Party.id), col(Party.code), col(Party.name)),
        "item": sa.select(col(Item.id), col(Item.code), col(Item.name), col(Item.unit)),
    }
    ids = {"order": SalesOrder.id, "line": SalesOrderLine.id, "customer": Party.id, "item": Item.id}
    size = {"order": 4, "line": 7, "customer": 2, "item": 3}[by]
    told[None] = ("",) * size
    for part in in_parts(key for key in keys if key is not None):
        for key, *words in session.execute(queries[by].where(col(ids[by]).in_(part))):
            told[key] = tuple("" if word is None else word for word in words)
    return told


def _documents(session: Session, keys: Iterable[Any]) -> dict[Any, tuple[Any, ...]]:
    """By (kind, document, day): the day, the kind, the number and whom it is about."""
    heads: dict[str, tuple[Any, Any]] = {
        "invoice": (Invoice, Invoice.customer_id),
        "delivery": (Delivery, Delivery.customer_id),
        "return": (CustomerReturn, CustomerReturn.customer_id),
        "bill": (SupplierBill, SupplierBill.supplier_id),
    }
    names: dict[tuple[str, int], tuple[str, str]] = {}
    for kind, (model, party) in heads.items():
        for part in in_parts(document for mine, document, _on in keys if mine == kind):
            query = sa.select(col(model.id), col(model.number), col(Party.name)).join(
                Party, col(Party.id) == col(party)
            )
            for key, number, name in session.execute(query.where(col(model.id).in_(part))):
                names[kind, key] = (number, name)
    return {(kind, key, on): (on, kind, *names[kind, key]) for kind, key, on in keys}


def _place(by: str, row: Earned) -> Any:
    if by == "order":
        return -(row.key or 0)
    if by == "line":
        return -(row.words[6] or 0), row.words[1] or 0
    if by == "document":
        kind, key, on = row.key
        return on, kind, key
    if by == "period":
        return row.key
    return str(row.words[0 if by == "item" else 1]).casefold(), str(row.words[0])


def order_margins(session: Session, *, as_of: date | None = None, order_id: int | None = None) -> list[OrderMargin]:
    """The margin of every order that was delivered or billed in part at least (of one order in any case), newest first."""
    of = Of(as_of=as_of, order_id=order_id)
    rows = {row.key: row for row in earned(session, "order", of) if row.key is not None}
    if order_id is not None and order_id not in rows:
        order = session.get(SalesOrder, order_id)
        if order is None or order.number is None or (as_of is not None and order.ordered_on > as_of):
            return []
        open_now = bool(_unfinished(session, of))
        rows[order_id] = Earned(order_id, _words(session, "order", [order_id])[order_id], ZERO, ZERO, ZERO, open_now)
    return [
        OrderMargin(
            row.key, row.words[0], row.words[1], row.words[3], row.invoiced, row.cost, row.margin, row.percent,
            row.estimate,
        )
        for row in rows.values()
    ]  # fmt: skip


def ledger_sums(session: Session, *, first: date | None = None, as_of: date | None = None) -> tuple[Decimal, Decimal]:
    """Sales and cost of sales by the ledger, of entries from a day to a day; both positive where all is usual."""
    lines, heads, accounts = table_of(JournalLine), table_of(JournalEntry), table_of(Account)
    query = (
        sa.select(accounts.c.role, sa.func.sum(lines.c.amount, type_=AMOUNT))
        .join(accounts, accounts.c.id == lines.c.account_id)
        .join(heads, heads.c.id == lines.c.entry_id)
        .where(accounts.c.role.in_((AccountRole.REVENUE, AccountRole.COST_OF_SALES)))
        .group_by(accounts.c.role)
    )
    if as_of is not None:
        query = query.where(heads.c.posted_on <= as_of)
    if first is not None:
        query = query.where(heads.c.posted_on >= first)
    found = {role: amount for role, amount in session.execute(query)}
    return -found.get(AccountRole.REVENUE, ZERO), found.get(AccountRole.COST_OF_SALES, ZERO)


def cost_of_no_order(session: Session, *, first: date | None = None, as_of: date | None = None) -> Decimal:
    """What stands in cost of sales beside the orders' own: what goods sent back to suppliers cost more or less than they
    were taken in for, less what the supplier credited for that."""
    back, bills, lines = table_of(SupplierReturn), table_of(SupplierBill), table_of(SupplierBillLine)
    variances, moves = table_of(CostVariance), table_of(StockMove)
    source = moves.alias("source")

    def summed(
        column: sa.ColumnElement[Decimal], source: sa.FromClause, day: sa.ColumnElement[date], *where: Any
    ) -> Decimal:
        query = sa.select(sa.func.sum(column, type_=AMOUNT)).select_from(source).where(*where)
        if as_of is not None:
            query = query.where(day <= as_of)
        if first is not None:
            query = query.where(day >= first)
        return session.execute(query).scalar() or ZERO

    sent = summed(back.c.cost - back.c.value, back, back.c.returned_on, back.c.state == SupplierReturnState.SENT)
    credited = summed(
        lines.c.cost - lines.c.cleared,
        lines.join(bills, bills.c.id == lines.c.bill_id),
        bills.c.billed_on,
        bills.c.state == BillState.POSTED,
        bills.c.return_id.is_not(None),
        lines.c.receipt_line_id.is_not(None),
    )
    later = summed(
        variances.c.amount,
        variances.join(moves, moves.c.id == variances.c.move_id).join(
            source, source.c.id == variances.c.source_move_id
        ),
        moves.c.moved_on,
        source.c.kind == MoveKind.SUPPLIER_RETURN,
    )
    return sent - credited + later
