"""Parties: the customers we sell to and the suppliers we buy from, one record with role flags."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from o2c_tui.models.base import AMOUNT, Role, Stored, choice_column, decided, partial_index
from o2c_tui.models.company import InvoicePolicy, Shortage
from o2c_tui.texts import N_


class CreditMode(StrEnum):
    """What happens when a customer would owe more than the credit limit."""

    OFF = "off"
    WARN = "warn"
    HOLD = "hold"


CREDIT_WORDS = {CreditMode.OFF: N_("no limit"), CreditMode.WARN: N_("warn"), CreditMode.HOLD: N_("refuse")}


class Party(Stored, table=True):
    """A customer, a supplier, or both. Documents copy its name and address when they are issued."""

    __table_args__ = (
        sa.Index("ix_party_search", "search"),
        partial_index("ix_party_customers", "name", "id", where="is_customer"),
    )

    id: int = Field(default=None, primary_key=True)
    code: str = decided(sa.Text, unique=True)
    name: str = decided(sa.Text)
    search: str = decided(sa.Text, "")  # folded code, name and pinyin initials, for look-ups
    is_customer: bool = decided(sa.Boolean, False)
    is_supplier: bool = decided(sa.Boolean, False)
    is_prospect: bool = decided(sa.Boolean, False)
    tax_id: str = decided(sa.Text, "")
    contact: str = decided(sa.Text, "")
    email: str = decided(sa.Text, "")
    phone: str = decided(sa.Text, "")
    language: str = decided(sa.Text, "")  # empty: the company's
    currency: str = decided(sa.Text, "")  # empty: the company's
    term: str = decided(sa.Text, "")  # code of a payment term; empty: the company's
    tax_code: str = decided(sa.Text, "")  # empty: the item's
    prices_include_tax: bool | None = decided(sa.Boolean, None, nullable=True)
    credit_mode: CreditMode = choice_column(CreditMode, CreditMode.OFF, role=Role.DECIDED)
    credit_limit: Decimal = decided(AMOUNT, Decimal(0))
    shortage: str = decided(sa.Text, "")  # a Shortage, empty: the company's
    invoice_policy: str = decided(sa.Text, "")  # an InvoicePolicy, empty: the company's
    tax_exempt_until: date | None = decided(sa.Date, None, nullable=True)  # its tax code holds until then; none: always
    tax_exempt_note: str = decided(sa.Text, "")  # number of the certificate
    monthly_invoice: bool = decided(sa.Boolean, False)  # deliveries of a month on one invoice
    reminder_profile: str = decided(sa.Text, "")  # code; empty: the company's
    no_reminders: bool = decided(sa.Boolean, False)
    iban: str = decided(sa.Text, "")  # the account it pays from
    hold_orders: bool = decided(sa.Boolean, False)
    hold_shipping: bool = decided(sa.Boolean, False)
    hold_reason: str = decided(sa.Text, "")
    hold_until: date | None = decided(sa.Date, None, nullable=True)
    note: str = decided(sa.Text, "")
    external_key: str | None = decided(sa.Text, None, nullable=True, unique=True)
    active: bool = decided(sa.Boolean, True)
    version: int = Field(default=1)

    def shortage_rule(self) -> Shortage | None:
        """The customer's own rule where stock is short; None where the company's holds."""
        return Shortage(self.shortage) if self.shortage else None

    def policy(self) -> InvoicePolicy | None:
        """The customer's own invoice policy; None where the company's holds."""
        return InvoicePolicy(self.invoice_policy) if self.invoice_policy else None


class AddressKind(StrEnum):
    """What an address is for."""

    BILL_TO = "bill_to"
    SHIP_TO = "ship_to"


class Address(Stored, table=True):
    """Where a party gets its invoices or its goods."""

    __table_args__ = (sa.Index("ix_address_party_id", "party_id"),)

    id: int = Field(default=None, primary_key=True)
    party_id: int = decided(sa.Integer, ..., foreign_key="party.id")
    kind: AddressKind = choice_column(AddressKind, role=Role.DECIDED)
    label: str = decided(sa.Text, "")
    name: str = decided(sa.Text, "")  # empty: the party's
    text: str = decided(sa.Text, "")  # lines parted by \n
    country: str = decided(sa.Text, "")
    is_default: bool = decided(sa.Boolean, True)
