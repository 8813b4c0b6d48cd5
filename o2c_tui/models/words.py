"""The words people use for states, and which table of steps each document follows."""

from enum import StrEnum

from sqlmodel import SQLModel

from o2c_tui.models.delivery import DELIVERY_STEPS, RETURN_STEPS, CustomerReturn, Delivery
from o2c_tui.models.invoice import INVOICE_STEPS, Invoice
from o2c_tui.models.order import ORDER_STEPS, SalesOrder
from o2c_tui.models.purchase import (
    BILL_STEPS,
    PURCHASE_STEPS,
    SUPPLIER_RETURN_STEPS,
    PurchaseOrder,
    SupplierBill,
    SupplierReturn,
)
from o2c_tui.models.quotation import QUOTATION_STEPS, Quotation
from o2c_tui.models.receipt import RECEIPT_STEPS, GoodsReceipt
from o2c_tui.models.receivable import PAYMENT_STEPS, Payment
from o2c_tui.models.warehouse import (
    ADJUSTMENT_STEPS,
    ARRIVAL_STEPS,
    STOCKTAKE_STEPS,
    TRANSFER_STEPS,
    StockAdjustment,
    Stocktake,
    StockTransfer,
    TransferArrival,
)
from o2c_tui.texts import N_

STEPS: dict[type[SQLModel], dict[StrEnum, tuple[StrEnum, ...]]] = {
    Quotation: QUOTATION_STEPS,
    SalesOrder: ORDER_STEPS,
    Delivery: DELIVERY_STEPS,
    CustomerReturn: RETURN_STEPS,
    GoodsReceipt: RECEIPT_STEPS,
    Invoice: INVOICE_STEPS,
    Payment: PAYMENT_STEPS,
    PurchaseOrder: PURCHASE_STEPS,
    SupplierBill: BILL_STEPS,
    SupplierReturn: SUPPLIER_RETURN_STEPS,
    StockTransfer: TRANSFER_STEPS,
    TransferArrival: ARRIVAL_STEPS,
    Stocktake: STOCKTAKE_STEPS,
    StockAdjustment: ADJUSTMENT_STEPS,
}

STATE_WORDS = {
    "draft": N_("draft"),
    "sent": N_("sent"),
    "accepted": N_("accepted"),
    "declined": N_("declined"),
    "superseded": N_("superseded"),
    "confirmed": N_("confirmed"),
    "on_hold": N_("on hold"),
    "closed": N_("closed"),
    "cancelled": N_("cancelled"),
    "picked": N_("picked"),
    "packed": N_("packed"),
    "dispatched": N_("dispatched"),
    "counting": N_("being counted"),
    "shipped": N_("shipped"),
    "received": N_("received"),
    "posted": N_("posted"),
}

DOCUMENT_WORDS = {
    "quotation": N_("quotation"),
    "sales_order": N_("sales order"),
    "delivery": N_("delivery"),
    "customer_return": N_("return"),
    "goods_receipt": N_("goods receipt"),
    "invoice": N_("invoice"),
    "credit_note": N_("credit note"),
    "payment": N_("payment"),
    "purchase_order": N_("purchase order"),
    "supplier_bill": N_("supplier bill"),
    "supplier_return": N_("return to supplier"),
    "stock_transfer": N_("transfer"),
    "transfer_arrival": N_("arrival of a transfer"),
    "stocktake": N_("stocktake"),
    "stock_adjustment": N_("stock adjustment"),
}
