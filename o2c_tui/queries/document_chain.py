"""What one document came from and led to, up and down its chain: numbers, states, days and totals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.models.delivery import CustomerReturn, Delivery, Disposition
from o2c_tui.models.invoice import Invoice, InvoiceLine
from o2c_tui.models.order import SalesOrder, SalesOrderLine
from o2c_tui.models.purchase import CostShare, PurchaseOrder, SupplierBill, SupplierBillLine, SupplierReturn
from o2c_tui.models.quotation import Quotation
from o2c_tui.models.receipt import GoodsReceipt, GoodsReceiptLine
from o2c_tui.models.receivable import Allocation, Payment, ReceivableItem
from o2c_tui.models.reminder import Reminder
from o2c_tui.models.warehouse import StockAdjustment
from o2c_tui.storage.rows import table_of

BUYING = ("purchase", "receipt", "bill", "supplier_return")
_IN_THE_HOUSE = {"transfer": "dispatched_on", "adjustment": "adjusted_on", "stocktake": "started_on"}  # kind → its day


@dataclass(frozen=True)
class Link:
    """One document of a chain."""

    kind: str
    id: int
    number: str
    state: str
    on: date
    gross: Decimal | None
    currency: str = ""  # of the amount; empty: the company's


def chain_of(session: Session, kind: str, record: Any) -> tuple[Link, ...]:
    """Every document that hangs together with this one, from the quotation to the payment, in the chain's order; what
    was bought for an order stands before its deliveries."""
    if kind in _IN_THE_HOUSE and getattr(record, "return_id", None) is None:
        return (Link(kind, record.id, record.label, str(record.state), getattr(record, _IN_THE_HOUSE[kind]), None),)
    order_ids = _orders_of(session, kind, record)
    purchase_ids, receipt_ids = _bought_for(session, kind, record, order_ids)
    if kind in BUYING and purchase_ids:
        order_ids = sorted(
            key
            for key in session.execute(
                sa.select(col(PurchaseOrder.sales_order_id)).where(col(PurchaseOrder.id).in_(purchase_ids)).distinct()
            ).scalars()
            if key is not None
        )
    links: list[Link] = []
    quotation_ids = {record.id} if kind == "quotation" else set()
    if order_ids:
        rows = session.execute(
            sa.select(col(SalesOrder.quotation_id)).where(col(SalesOrder.id).in_(order_ids))
        ).scalars()
        quotation_ids |= {key for key in rows if key is not None}
    for q in session.exec(select(Quotation).where(col(Quotation.id).in_(quotation_ids)).order_by(col(Quotation.id))):
        links.append(Link("quotation", q.id, q.label, str(q.state), q.quoted_on, q.gross, q.currency))
    for o in session.exec(select(SalesOrder).where(col(SalesOrder.id).in_(order_ids)).order_by(col(SalesOrder.id))):
        links.append(Link("order", o.id, o.label, str(o.state), o.ordered_on, o.gross, o.currency))
    links += _buying_links(session, purchase_ids, receipt_ids, record.id if kind == "bill" else None)
    deliveries = session.exec(
        select(Delivery).where(col(Delivery.order_id).in_(order_ids)).order_by(col(Delivery.id))
    ).all()
    links += [Link("delivery", d.id, d.label, str(d.state), d.shipped_on, None) for d in deliveries]
    returns = session.exec(
        select(CustomerReturn)
        .where(col(CustomerReturn.delivery_id).in_([d.id for d in deliveries]))
        .order_by(col(CustomerReturn.id))
    ).all()
    links += [Link("return", r.id, r.label, str(r.state), r.returned_on, None) for r in returns]
    scrapped = [r.id for r in returns if r.disposition is Disposition.SCRAP]
    if scrapped:
        written_off = select(StockAdjustment).where(col(StockAdjustment.return_id).in_(scrapped))
        links += [
            Link("adjustment", a.id, a.label, str(a.state), a.adjusted_on, None)
            for a in session.exec(written_off.order_by(col(StockAdjustment.id)))
        ]
    links += _billing_links(session, order_ids, _named_invoices(session, kind, record))
    if kind == "receivable_adjustment":
        letters = session.exec(select(Reminder).where(Reminder.fee_id == record.id))
        links += [Link("reminder", r.id, r.number, "posted", r.reminded_on, r.total, r.currency) for r in letters]
        links.append(
            Link(kind, record.id, record.label, str(record.state), record.adjusted_on, record.amount, record.currency)
        )
    if kind == "payment" and not any(link.kind == "payment" and link.id == record.id for link in links):
        links.append(_payment_link(record))
    return tuple(links)


def _bought_for(session: Session, kind: str, record: Any, order_ids: Sequence[int]) -> tuple[list[int], list[int]]:
    """The purchase orders and the receipts of a chain."""
    receipts: list[int] = []
    if kind == "purchase":
        purchases = [record.id]
    elif kind == "receipt":
        purchases, receipts = [record.purchase_order_id], [record.id]
    elif kind == "supplier_return":
        receipts = [record.receipt_id]
    elif kind == "bill":
        receipts = _receipts_billed(session, record.id)
    if kind in ("supplier_return", "bill"):
        query = sa.select(col(GoodsReceipt.purchase_order_id)).where(col(GoodsReceipt.id).in_(receipts)).distinct()
        purchases = list(session.execute(query).scalars())
    elif kind not in BUYING:
        query = sa.select(col(PurchaseOrder.id)).where(col(PurchaseOrder.sales_order_id).in_(order_ids))
        purchases = list(session.execute(query).scalars()) if order_ids else []
    purchases = sorted(key for key in purchases if key is not None)
    if purchases:
        query = sa.select(col(GoodsReceipt.id)).where(col(GoodsReceipt.purchase_order_id).in_(purchases))
        receipts = sorted({*receipts, *session.execute(query).scalars()})
    return purchases, receipts


def _receipts_billed(session: Session, bill_id: int) -> list[int]:
    lines = [
        sa.select(table.c.receipt_line_id).where(table.c.bill_id == bill_id, table.c.receipt_line_id.is_not(None))
        for table in (table_of(SupplierBillLine), table_of(CostShare))
    ]
    query = sa.select(col(GoodsReceiptLine.receipt_id)).where(
        sa.or_(*(col(GoodsReceiptLine.id).in_(chosen) for chosen in lines))
    )
    return sorted(session.execute(query.distinct()).scalars())


def _buying_links(
    session: Session, purchase_ids: Sequence[int], receipt_ids: Sequence[int], also: int | None
) -> list[Link]:
    if not purchase_ids and not receipt_ids and also is None:
        return []
    links = [
        Link("purchase", p.id, p.label, str(p.state), p.ordered_on, p.net, p.currency)
        for p in session.exec(
            select(PurchaseOrder).where(col(PurchaseOrder.id).in_(purchase_ids)).order_by(col(PurchaseOrder.id))
        )
    ]
    receipts = select(GoodsReceipt).where(col(GoodsReceipt.id).in_(receipt_ids)).order_by(col(GoodsReceipt.id))
    links += [Link("receipt", r.id, r.label, str(r.state), r.received_on, r.value) for r in session.exec(receipts)]
    back = select(SupplierReturn).where(col(SupplierReturn.receipt_id).in_(receipt_ids))
    links += [
        Link("supplier_return", r.id, r.label, str(r.state), r.returned_on, r.value)
        for r in session.exec(back.order_by(col(SupplierReturn.id)))
    ]
    of_receipts = sa.select(col(GoodsReceiptLine.id)).where(col(GoodsReceiptLine.receipt_id).in_(receipt_ids))
    billed: set[int | None] = {also}
    for table in (table_of(SupplierBillLine), table_of(CostShare)):
        query = sa.select(table.c.bill_id).where(table.c.receipt_line_id.in_(of_receipts))
        billed |= set(session.execute(query.distinct()).scalars())
    bills = select(SupplierBill).where(col(SupplierBill.id).in_(sorted(key for key in billed if key is not None)))
    for b in session.exec(bills.order_by(col(SupplierBill.id))):
        sign = -1 if b.kind == "credit" else 1
        links.append(Link("bill", b.id, b.label, str(b.state), b.billed_on, sign * b.gross, b.currency))
    return links


def _orders_of(session: Session, kind: str, record: Any) -> list[int]:
    if kind == "order":
        return [record.id]
    if kind == "quotation":
        query = sa.select(col(SalesOrder.id)).where(col(SalesOrder.quotation_id) == record.id)
    elif kind == "delivery":
        return [record.order_id]
    elif kind == "return":
        query = sa.select(col(Delivery.order_id)).where(col(Delivery.id) == record.delivery_id)
    elif kind == "adjustment":
        query = (
            sa.select(col(Delivery.order_id))
            .join(CustomerReturn, col(CustomerReturn.delivery_id) == col(Delivery.id))
            .where(col(CustomerReturn.id) == record.return_id)
        )
    elif kind == "invoice":
        query = _orders_billed([record.id])
    elif kind == "receivable_adjustment":
        query = _orders_billed([record.invoice_id] if record.invoice_id is not None else [])
    elif kind == "payment":
        paid = session.execute(_paid_invoices(record.id)).scalars()
        billed = session.execute(_orders_billed([key for key in paid if key is not None])).scalars()
        return sorted({*billed, *([record.order_id] if record.order_id is not None else [])})
    else:
        return []
    return sorted(set(session.execute(query).scalars()))


def _orders_billed(invoice_ids: Sequence[int]) -> Any:
    """The orders of some invoices: by their lines, or asked for ahead on them."""
    billed = (
        sa.select(col(SalesOrderLine.order_id))
        .join(InvoiceLine, col(InvoiceLine.order_line_id) == col(SalesOrderLine.id))
        .where(col(InvoiceLine.invoice_id).in_(invoice_ids))
    )
    ahead = sa.select(col(Invoice.order_id)).where(col(Invoice.id).in_(invoice_ids), col(Invoice.order_id).is_not(None))
    return billed.union(ahead).limit(50)


def _named_invoices(session: Session, kind: str, record: Any) -> set[int]:
    """Invoices that a document names by itself: it, what it credits or replaces, what did so with it; what a payment paid."""
    if kind == "payment":
        return {key for key in session.execute(_paid_invoices(record.id)).scalars() if key is not None}
    if kind != "invoice":
        return set()
    mine = {key for key in (record.id, record.credits_id, record.replaces_id) if key is not None}
    anew = sa.select(col(Invoice.id)).where(col(Invoice.replaces_id).in_(mine))
    later = anew.union(sa.select(col(Invoice.id)).where(col(Invoice.credits_id).in_(mine)))
    return mine | set(session.execute(later).scalars())


def _paid_invoices(payment_id: int) -> Any:
    debit, credit = table_of(ReceivableItem).alias("debit"), table_of(ReceivableItem).alias("credit")
    links = table_of(Allocation)
    return (
        sa.select(debit.c.invoice_id)
        .select_from(credit)
        .join(links, links.c.credit_id == credit.c.id)
        .join(debit, debit.c.id == links.c.debit_id)
        .where(credit.c.payment_id == payment_id)
        .distinct()
        .limit(50)
    )


def _billing_links(session: Session, order_ids: Sequence[int], also: set[int]) -> list[Link]:
    ids = also | set(
        session.execute(
            sa.select(col(InvoiceLine.invoice_id))
            .join(SalesOrderLine, col(SalesOrderLine.id) == col(InvoiceLine.order_line_id))
            .where(col(SalesOrderLine.order_id).in_(order_ids))
            .union(sa.select(col(Invoice.id)).where(col(Invoice.order_id).in_(order_ids)))
        ).scalars()
    )
    links = []
    for i in session.exec(select(Invoice).where(col(Invoice.id).in_(ids)).order_by(col(Invoice.id))):
        sign = -1 if i.kind == "credit_note" else 1
        links.append(Link("invoice", i.id, i.label, str(i.state), i.invoiced_on, sign * i.gross, i.currency))
    debit, credit = table_of(ReceivableItem).alias("debit"), table_of(ReceivableItem).alias("credit")
    paid = (
        sa.select(credit.c.payment_id)
        .select_from(debit)
        .join(table_of(Allocation), table_of(Allocation).c.debit_id == debit.c.id)
        .join(credit, credit.c.id == table_of(Allocation).c.credit_id)
        .where(debit.c.invoice_id.in_(ids), credit.c.payment_id.is_not(None))
        .distinct()
    )
    ahead = col(Payment.order_id).in_(order_ids) if order_ids else sa.false()
    payments = select(Payment).where(sa.or_(col(Payment.id).in_(paid), ahead)).order_by(col(Payment.id))
    links += [_payment_link(payment) for payment in session.exec(payments)]
    return links


def _payment_link(payment: Payment) -> Link:
    state = str(payment.state)
    return Link("payment", payment.id, payment.label, state, payment.received_on, payment.amount, payment.currency)
