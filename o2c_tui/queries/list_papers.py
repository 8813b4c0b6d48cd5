"""Lists of papers with customers and suppliers: quotations, orders, deliveries, invoices, payments, purchases, bills.

Rule: docs/rules/filters.md.
"""

from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import col

from o2c_tui.models.delivery import Delivery
from o2c_tui.models.invoice import Invoice, InvoiceLine
from o2c_tui.models.item import Warehouse
from o2c_tui.models.order import SalesOrder, SalesOrderLine
from o2c_tui.models.party import Party
from o2c_tui.models.purchase import PurchaseOrder, PurchaseOrderLine, SupplierBill, SupplierBillLine
from o2c_tui.models.quotation import Quotation, QuotationLine
from o2c_tui.models.receipt import GoodsReceipt, GoodsReceiptLine
from o2c_tui.models.receivable import Payment
from o2c_tui.models.receivable_adjustment import ReceivableAdjustment
from o2c_tui.queries.exchange import about
from o2c_tui.queries.lateness import late_order
from o2c_tui.queries.list_spec import ListSpec, item_lines
from o2c_tui.queries.rows import (
    BillRow,
    DeliveryRow,
    InvoiceRow,
    OrderRow,
    PaymentRow,
    PurchaseRow,
    QuotationRow,
    ReceiptRow,
    SettlementRow,
)

PAPERS: dict[str, ListSpec] = {
    "quotation": ListSpec(
        QuotationRow,
        (
            col(Quotation.id),
            col(Quotation.number),
            col(Quotation.revision),
            col(Party.name),
            col(Party.code),
            col(Quotation.quoted_on),
            col(Quotation.valid_until),
            col(Quotation.gross),
            col(Quotation.currency),
            col(Quotation.state),
            col(Quotation.ordered),
            col(Quotation.by),
        ),
        sa.join(Quotation, Party, col(Party.id) == col(Quotation.customer_id)),
        (col(Quotation.number), col(Quotation.customer_reference)),
        customer_id=col(Quotation.customer_id),
        day=col(Quotation.quoted_on),
        due=col(Quotation.valid_until),
        total=about(col(Quotation.gross), col(Quotation.rate)),
        by=col(Quotation.by),
        state=col(Quotation.state),
        flags={
            "open": lambda today: col(Quotation.state).in_(("draft", "sent")),
            "expired": lambda today: sa.and_(col(Quotation.state) == "sent", col(Quotation.valid_until) < today),
            "expiring": lambda today: sa.and_(
                col(Quotation.state) == "sent", col(Quotation.valid_until).between(today, today + timedelta(days=7))
            ),
            "late": lambda today: sa.and_(col(Quotation.state) == "sent", col(Quotation.valid_until) < today),
            "ordered": lambda today: col(Quotation.ordered) != "none",
        },
        item_lines=item_lines(QuotationLine, QuotationLine.quotation_id),
    ),
    "order": ListSpec(
        OrderRow,
        (
            col(SalesOrder.id),
            col(SalesOrder.number),
            col(Party.name),
            col(Party.code),
            col(SalesOrder.customer_reference),
            col(SalesOrder.ordered_on),
            col(SalesOrder.promised_on),
            col(SalesOrder.gross),
            col(SalesOrder.currency),
            col(SalesOrder.state),
            col(SalesOrder.delivery),
            col(SalesOrder.billing),
            col(SalesOrder.by),
        ),
        sa.join(SalesOrder, Party, col(Party.id) == col(SalesOrder.customer_id)),
        (col(SalesOrder.number), col(SalesOrder.customer_reference)),
        customer_id=col(SalesOrder.customer_id),
        day=col(SalesOrder.ordered_on),
        due=col(SalesOrder.promised_on),
        total=about(col(SalesOrder.gross), col(SalesOrder.rate)),
        by=col(SalesOrder.by),
        state=col(SalesOrder.state),
        flags={
            "open": lambda today: sa.and_(
                col(SalesOrder.state).in_(("confirmed", "on_hold")), col(SalesOrder.delivery) != "fully"
            ),
            "late": late_order,
            "uninvoiced": lambda today: col(SalesOrder.uninvoiced) != 0,
        },
        item_lines=item_lines(SalesOrderLine, SalesOrderLine.order_id),
    ),
    "delivery": ListSpec(
        DeliveryRow,
        (
            col(Delivery.id),
            col(Delivery.number),
            col(Party.name),
            col(Party.code),
            col(SalesOrder.number),
            col(SalesOrder.id),
            col(Delivery.shipped_on),
            col(Warehouse.code),
            col(Delivery.state),
            col(Delivery.billing),
            col(Delivery.returned),
            col(Delivery.by),
        ),
        sa.join(Delivery, Party, col(Party.id) == col(Delivery.customer_id))
        .join(SalesOrder, col(SalesOrder.id) == col(Delivery.order_id))
        .join(Warehouse, col(Warehouse.id) == col(Delivery.warehouse_id)),
        (col(Delivery.number), col(SalesOrder.number), col(Delivery.customer_reference)),
        customer_id=col(Delivery.customer_id),
        day=col(Delivery.shipped_on),
        by=col(Delivery.by),
        state=col(Delivery.state),
        flags={
            "open": lambda today: sa.and_(col(Delivery.state) == "shipped", col(Delivery.billing) != "fully"),
            "uninvoiced": lambda today: sa.and_(col(Delivery.state) == "shipped", col(Delivery.billing) != "fully"),
            "leaving": lambda today: col(Delivery.state).in_(("picked", "packed")),
        },
    ),
    "invoice": ListSpec(
        InvoiceRow,
        (
            col(Invoice.id),
            col(Invoice.number),
            col(Invoice.kind),
            col(Party.name),
            col(Party.code),
            col(Invoice.invoiced_on),
            col(Invoice.due_on),
            col(Invoice.gross),
            col(Invoice.open),
            col(Invoice.currency),
            col(Invoice.state),
            col(Invoice.by),
        ),
        sa.join(Invoice, Party, col(Party.id) == col(Invoice.customer_id)),
        (col(Invoice.number), col(Invoice.customer_reference)),
        customer_id=col(Invoice.customer_id),
        day=col(Invoice.invoiced_on),
        due=col(Invoice.due_on),
        total=about(col(Invoice.gross), col(Invoice.rate)),
        by=col(Invoice.by),
        state=col(Invoice.state),
        flags={
            "open": lambda today: col(Invoice.open) != 0,
            "paid": lambda today: sa.and_(col(Invoice.state) == "posted", col(Invoice.open) == 0),
            "late": lambda today: sa.and_(col(Invoice.open) != 0, col(Invoice.open) > 0, col(Invoice.due_on) < today),
            "overdue": lambda today: sa.and_(
                col(Invoice.open) != 0, col(Invoice.open) > 0, col(Invoice.due_on) < today
            ),
            "credit": lambda today: col(Invoice.kind) == "credit_note",
        },
        item_lines=item_lines(InvoiceLine, InvoiceLine.invoice_id),
    ),
    "payment": ListSpec(
        PaymentRow,
        (
            col(Payment.id),
            col(Payment.number),
            col(Party.name),
            col(Party.code),
            col(Payment.received_on),
            col(Payment.amount),
            col(Payment.unapplied),
            col(Payment.currency),
            col(Payment.reference),
            col(Payment.state),
            col(Payment.reversed_by),
            col(Payment.reverses_id),
            col(Payment.by),
        ),
        sa.join(Payment, Party, col(Party.id) == col(Payment.customer_id)),
        (col(Payment.number), col(Payment.reference)),
        customer_id=col(Payment.customer_id),
        day=col(Payment.received_on),
        total=about(col(Payment.amount), col(Payment.rate)),
        by=col(Payment.by),
        state=col(Payment.state),
        flags={
            "open": lambda today: col(Payment.unapplied) != 0,
            "refund": lambda today: sa.and_(col(Payment.amount) < 0, col(Payment.reverses_id).is_(None)),
            "ahead": lambda today: sa.and_(col(Payment.unapplied) != 0, col(Payment.order_id).is_not(None)),
            "reversed": lambda today: sa.or_(
                col(Payment.reversed_by).is_not(None), col(Payment.reverses_id).is_not(None)
            ),
        },
    ),
    "receivable_adjustment": ListSpec(
        SettlementRow,
        (
            col(ReceivableAdjustment.id),
            col(ReceivableAdjustment.number),
            col(Party.name),
            col(Party.code),
            col(ReceivableAdjustment.adjusted_on),
            col(ReceivableAdjustment.kind),
            col(Invoice.number),
            col(ReceivableAdjustment.amount),
            col(ReceivableAdjustment.tax),
            col(ReceivableAdjustment.open),
            col(ReceivableAdjustment.state),
            col(ReceivableAdjustment.reversed_by),
            col(ReceivableAdjustment.reverses_id),
            col(ReceivableAdjustment.by),
            col(ReceivableAdjustment.currency),
        ),
        sa.join(ReceivableAdjustment, Party, col(Party.id) == col(ReceivableAdjustment.customer_id)).join(
            Invoice, col(Invoice.id) == col(ReceivableAdjustment.invoice_id), isouter=True
        ),
        (col(ReceivableAdjustment.number), col(ReceivableAdjustment.note), col(Invoice.number)),
        customer_id=col(ReceivableAdjustment.customer_id),
        day=col(ReceivableAdjustment.adjusted_on),
        total=about(col(ReceivableAdjustment.amount), col(ReceivableAdjustment.rate)),
        by=col(ReceivableAdjustment.by),
        state=col(ReceivableAdjustment.state),
        flags={
            "open": lambda today: col(ReceivableAdjustment.open) != 0,
            "reversed": lambda today: sa.or_(
                col(ReceivableAdjustment.reversed_by).is_not(None), col(ReceivableAdjustment.reverses_id).is_not(None)
            ),
            "discount": lambda today: col(ReceivableAdjustment.kind) == "discount",
            "charged": lambda today: col(ReceivableAdjustment.amount) < 0,
        },
    ),
    "receipt": ListSpec(
        ReceiptRow,
        (
            col(GoodsReceipt.id),
            col(GoodsReceipt.number),
            col(GoodsReceipt.kind),
            col(Party.name),
            col(GoodsReceipt.received_on),
            col(Warehouse.code),
            col(GoodsReceipt.value),
            col(GoodsReceipt.state),
            col(GoodsReceipt.billing),
            col(GoodsReceipt.by),
        ),
        sa.join(GoodsReceipt, Party, col(Party.id) == col(GoodsReceipt.supplier_id), isouter=True).join(
            Warehouse, col(Warehouse.id) == col(GoodsReceipt.warehouse_id)
        ),
        (col(GoodsReceipt.number), col(GoodsReceipt.reference)),
        customer_id=col(GoodsReceipt.supplier_id),
        day=col(GoodsReceipt.received_on),
        total=col(GoodsReceipt.value),
        by=col(GoodsReceipt.by),
        state=col(GoodsReceipt.state),
        flags={
            "unbilled": lambda today: sa.and_(
                col(GoodsReceipt.state) == "received",
                col(GoodsReceipt.kind) == "purchase",
                col(GoodsReceipt.billing) != "fully",
            ),
        },
        item_lines=item_lines(GoodsReceiptLine, GoodsReceiptLine.receipt_id),
    ),
    "purchase": ListSpec(
        PurchaseRow,
        (
            col(PurchaseOrder.id),
            col(PurchaseOrder.number),
            col(Party.name),
            col(Party.code),
            col(PurchaseOrder.supplier_reference),
            col(PurchaseOrder.ordered_on),
            col(PurchaseOrder.expected_on),
            col(Warehouse.code),
            col(PurchaseOrder.net),
            col(PurchaseOrder.currency),
            col(PurchaseOrder.state),
            col(PurchaseOrder.receipt),
            col(PurchaseOrder.billing),
            col(PurchaseOrder.by),
        ),
        sa.join(PurchaseOrder, Party, col(Party.id) == col(PurchaseOrder.supplier_id)).join(
            Warehouse, col(Warehouse.id) == col(PurchaseOrder.warehouse_id)
        ),
        (col(PurchaseOrder.number), col(PurchaseOrder.supplier_reference)),
        customer_id=col(PurchaseOrder.supplier_id),
        day=col(PurchaseOrder.ordered_on),
        due=col(PurchaseOrder.expected_on),
        total=about(col(PurchaseOrder.net), col(PurchaseOrder.rate)),
        by=col(PurchaseOrder.by),
        state=col(PurchaseOrder.state),
        flags={
            "open": lambda today: sa.and_(col(PurchaseOrder.state) == "sent", col(PurchaseOrder.receipt) != "fully"),
            "late": lambda today: sa.and_(
                col(PurchaseOrder.state) == "sent",
                col(PurchaseOrder.receipt) != "fully",
                col(PurchaseOrder.expected_on) < today,
            ),
            "unbilled": lambda today: sa.and_(
                col(PurchaseOrder.state).in_(("sent", "closed")),
                col(PurchaseOrder.receipt) != "none",
                col(PurchaseOrder.billing) != "fully",
            ),
        },
        item_lines=item_lines(PurchaseOrderLine, PurchaseOrderLine.order_id),
    ),
    "bill": ListSpec(
        BillRow,
        (
            col(SupplierBill.id),
            col(SupplierBill.number),
            col(SupplierBill.kind),
            col(Party.name),
            col(Party.code),
            col(SupplierBill.supplier_number),
            col(SupplierBill.billed_on),
            col(SupplierBill.due_on),
            col(SupplierBill.gross),
            col(SupplierBill.currency),
            col(SupplierBill.state),
            col(SupplierBill.by),
        ),
        sa.join(SupplierBill, Party, col(Party.id) == col(SupplierBill.supplier_id)),
        (col(SupplierBill.number), col(SupplierBill.supplier_number)),
        customer_id=col(SupplierBill.supplier_id),
        day=col(SupplierBill.billed_on),
        due=col(SupplierBill.due_on),
        total=about(col(SupplierBill.gross), col(SupplierBill.rate)),
        by=col(SupplierBill.by),
        state=col(SupplierBill.state),
        flags={
            "open": lambda today: col(SupplierBill.state) == "draft",
            "credit": lambda today: col(SupplierBill.kind) == "credit",
        },
        item_lines=(
            col(SupplierBillLine.bill_id),
            sa.select(col(GoodsReceiptLine.item_id))
            .where(col(GoodsReceiptLine.id) == col(SupplierBillLine.receipt_line_id))
            .scalar_subquery(),
        ),
    ),
}
