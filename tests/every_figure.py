"""Every figure of some books, asked why: its rows must add up to what is shown elsewhere. docs/rules/why.md."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.models.delivery import Delivery
from o2c_tui.models.invoice import Invoice
from o2c_tui.models.order import SalesOrder
from o2c_tui.models.party import Party
from o2c_tui.models.purchase import PurchaseOrder, SupplierBill
from o2c_tui.models.quotation import Quotation
from o2c_tui.models.receipt import GoodsReceipt
from o2c_tui.models.receivable import Payment
from o2c_tui.models.stock import StockLevel
from o2c_tui.queries.documents import NUMBERED, document
from o2c_tui.queries.exposure import exposure_of
from o2c_tui.queries.incoming import incoming_now
from o2c_tui.queries.margin import order_margins
from o2c_tui.queries.promise import available_to_promise
from o2c_tui.queries.receivables import aged, open_lines
from o2c_tui.queries.stock import stock_on
from o2c_tui.queries.waiting import back_ordered
from o2c_tui.queries.why import FIGURES, explain, figures_of
from o2c_tui.queries.why_parts import Subject, Why
from o2c_tui.rules.aging import bucket_of

ZERO = Decimal(0)
Shown = tuple[str, Subject, Decimal]


def shown(session: Session, today: date) -> Iterator[Shown]:
    """Each figure with what a list, document or report shows for it."""
    yield from _stock(session, today)
    yield from _customers(session, today)
    yield from _documents(session, today)


def _stock(session: Session, today: date) -> Iterator[Shown]:
    codes = {(line.code, line.warehouse): line for line in stock_on(session)}
    there = {(line.item_id, line.warehouse): line for line in codes.values()}
    places = dict(session.execute(sa.text("SELECT id, code FROM warehouse")).all())  # type: ignore[arg-type]
    coming = incoming_now(session)
    for level in session.exec(select(StockLevel)):
        line = there[level.item_id, places[level.warehouse_id]]
        subject = Subject("stock", level.item_id, level.warehouse_id)
        yield "on_hand", subject, line.on_hand
        yield "reserved", subject, line.reserved
        yield "available", subject, line.available
        yield "value", subject, line.value
        yield "incoming", subject, coming.get((level.item_id, level.warehouse_id), ZERO)
        yield "back_ordered", subject, back_ordered(session, level.item_id, warehouse_id=level.warehouse_id)
        yield "promise", subject, available_to_promise(session, level.item_id, level.warehouse_id, today)


def _customers(session: Session, today: date) -> Iterator[Shown]:
    owing = {row.customer_id: row for row in aged(session, as_of=today)}
    for party in session.exec(select(Party).where(col(Party.is_customer))):
        subject = Subject("customer", party.id)
        row = owing.get(party.id)
        yield "owed", subject, row.total if row else ZERO
        yield "overdue", subject, sum(row.buckets[1:], ZERO) if row else ZERO
        yield "exposure", subject, exposure_of(session, party.id)


def _documents(session: Session, today: date) -> Iterator[Shown]:
    margins = {row.order_id: row for row in order_margins(session)}
    for bought, of, whole in (
        (PurchaseOrder, "purchase", "net"),
        (GoodsReceipt, "receipt", "value"),
        (SupplierBill, "bill", "gross"),
    ):
        for key in session.exec(select(bought.id)):
            yield "total", Subject(of, key), document(session, of, key).head[whole]
    for model, kind in ((Quotation, "quotation"), (SalesOrder, "order"), (Invoice, "invoice")):
        for record in session.exec(select(model)):
            yield "total", Subject(kind, record.id), record.gross
            yield "tax", Subject(kind, record.id), record.tax
            for line in document(session, kind, record.id).lines:
                yield "price", Subject(kind, record.id, line["position"]), line["unit_price"]
    for order in session.exec(select(SalesOrder)):
        yield "uninvoiced", Subject("order", order.id), order.uninvoiced
        if order.id in margins:
            yield "margin", Subject("order", order.id), margins[order.id].margin
            yield "cost", Subject("order", order.id), margins[order.id].cost
    for delivery in session.exec(select(Delivery)):
        yield "cost", Subject("delivery", delivery.id), delivery.cost if delivery.number else ZERO
    for payment in session.exec(select(Payment)):
        yield "open", Subject("payment", payment.id), payment.unapplied
    for invoice in session.exec(select(Invoice)):
        subject = Subject("invoice", invoice.id)
        yield "open", subject, invoice.open
        late = [x for x in open_lines(session, invoice.customer_id, as_of=today) if x.number == invoice.number]
        yield "overdue", subject, sum((x.open for x in late if bucket_of(x.due_on, today)), ZERO)


def unexplained(session: Session, today: date, *, every: int = 1) -> list[tuple[str, Subject, Decimal, Why]]:
    """The figures whose rows do not add up to what is shown, or that lead nowhere; none if all is well."""
    wrong, asked = [], set()
    for n, (figure, subject, value) in enumerate(shown(session, today)):
        asked.add(figure)
        if n % every:
            continue
        told = explain(session, figure, subject, today=today)
        if told.total != value or not told.adds_up or not all(_leads(part) for part in told.parts):
            wrong.append((figure, subject, value, told))
    assert asked == set(FIGURES)
    return wrong


def _leads(part: Any) -> bool:
    """Whether what Enter opens exists as a kind of thing."""
    if part.opens is None:
        return True
    if part.figure:
        return part.figure in [*figures_of(part.opens.kind), "price"]
    return part.opens.kind in NUMBERED or part.opens.kind == "item"
