"""Invoices and credit notes: what the customer owes, posted once and never changed."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from o2c_tui.models import delivery, item, order, party, recurring
from o2c_tui.models.base import (
    Guard,
    Role,
    Steps,
    amount_column,
    choice_column,
    guarded,
    kept,
    moment_column,
    partial_index,
    quantity_column,
    state_column,
)
from o2c_tui.models.trade import TradeLine, TradeTerms
from o2c_tui.texts import N_

POINTS_TO = (delivery, item, order, party, recurring)  # their tables are loaded with these


class InvoiceKind(StrEnum):
    """Whether it charges or gives back."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    DEPOSIT = "deposit"  # asks for money before goods; its net is owed to the customer until a final invoice deducts it


KIND_WORDS = {
    InvoiceKind.INVOICE: N_("invoice"),
    InvoiceKind.CREDIT_NOTE: N_("credit note"),
    InvoiceKind.DEPOSIT: N_("deposit invoice"),
}


class InvoiceState(StrEnum):
    """Written down, or posted for ever; open, part paid, paid and overdue are derived."""

    DRAFT = "draft"
    POSTED = "posted"


INVOICE_STEPS: Steps = {
    InvoiceState.DRAFT: (InvoiceState.POSTED,),
    InvoiceState.POSTED: (),
}


class Invoice(TradeTerms, table=True):
    """An invoice, or a credit note with the same positive figures; its instalments carry the sign."""

    __table_args__ = guarded(
        Guard.POSTED,
        sa.Index("ix_invoice_customer_id", "customer_id", "id"),
        partial_index("ix_invoice_open", "due_on", "id", where="open <> 0"),
        partial_index("ix_invoice_credits", "credits_id", where="credits_id IS NOT NULL"),
        partial_index("ix_invoice_order", "order_id", where="order_id IS NOT NULL"),
        partial_index("ix_invoice_replaces", "replaces_id", where="replaces_id IS NOT NULL"),
        partial_index("ix_invoice_recurring", "recurring_id", where="recurring_id IS NOT NULL"),
        dated="invoiced_on",
    )

    id: int = Field(default=None, primary_key=True)
    number: str | None = Field(default=None, sa_type=sa.Text, unique=True)
    kind: InvoiceKind = choice_column(InvoiceKind, InvoiceKind.INVOICE)
    state: InvoiceState = state_column(InvoiceState.DRAFT, steps=INVOICE_STEPS)
    customer_id: int = Field(foreign_key="party.id")
    ship_to: str = Field(default="", sa_type=sa.Text)
    credits_id: int | None = Field(default=None, foreign_key="invoice.id")  # the invoice a credit note corrects
    reason: str = Field(default="", sa_type=sa.Text)  # of a credit note
    return_id: int | None = Field(default=None, foreign_key="customer_return.id")
    order_id: int | None = Field(default=None, foreign_key="sales_order.id")  # a deposit is asked for on it
    replaces_id: int | None = Field(default=None, foreign_key="invoice.id")  # the invoice taken back for this one
    recurring_id: int | None = Field(default=None, foreign_key="recurring_invoice.id")  # the plan that wrote it
    bill_again: bool = Field(default=False)  # of a credit note: its quantities may be invoiced anew
    invoiced_on: date
    due_on: date | None = None  # of the last instalment
    by: str = Field(sa_type=sa.Text)
    posted_at: datetime | None = moment_column(None, role=Role.FACT, nullable=True)
    open: Decimal = amount_column(Decimal(0), role=Role.KEPT)  # of all its instalments; negative on a credit note
    settled_on: date | None = kept(sa.Date, None, nullable=True)
    version: int = kept(sa.Integer, 1)

    @property
    def label(self) -> str:
        """How people call it."""
        return self.number or "–"


class InvoiceLine(TradeLine, table=True):
    """One line billed or credited."""

    __tablename__ = "invoice_line"
    __table_args__ = guarded(
        Guard.CHILD,
        sa.UniqueConstraint("invoice_id", "position"),
        sa.Index("ix_invoice_line_order_line_id", "order_line_id"),
        parent="invoice",
        key="invoice_id",
    )

    id: int = Field(default=None, primary_key=True)
    invoice_id: int = Field(foreign_key="invoice.id")
    order_line_id: int | None = Field(default=None, foreign_key="sales_order_line.id")
    delivery_line_id: int | None = Field(default=None, foreign_key="delivery_line.id")
    credits_line_id: int | None = Field(default=None, foreign_key="invoice_line.id")
    deducts_line_id: int | None = Field(default=None, foreign_key="invoice_line.id")  # of a deposit, taken off here
    base_net: Decimal | None = amount_column(None, nullable=True)  # in the company's currency; none: the net itself
    base_tax: Decimal | None = amount_column(None, nullable=True)
    by_amount: bool = Field(default=False)  # of a credit note: the price was too high, no quantity is given back
    credited: Decimal = quantity_column(Decimal(0), role=Role.KEPT)
    credited_net: Decimal = amount_column(Decimal(0), role=Role.KEPT)
    credited_tax: Decimal = amount_column(Decimal(0), role=Role.KEPT)
    deducted_net: Decimal = amount_column(Decimal(0), role=Role.KEPT)  # of a deposit: taken off final invoices
    deducted_tax: Decimal = amount_column(Decimal(0), role=Role.KEPT)
