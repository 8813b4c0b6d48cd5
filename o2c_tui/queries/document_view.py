"""What a printed document shows: frozen plain values, the snapshot of one document and nothing of the books.

A PDF is a function of such a view and a layout. Amounts are in the document's currency, already rounded to its
digits; quantities and unit prices carry up to six decimals. Texts are what people typed: never markup.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

ZERO = Decimal(0)


class DocumentKind(StrEnum):
    """The documents that go out on paper, and those that go with the goods or stay in the house."""

    QUOTATION = "quotation"
    ORDER_CONFIRMATION = "order_confirmation"
    DELIVERY_NOTE = "delivery_note"
    INVOICE = "invoice"
    DEPOSIT_INVOICE = "deposit_invoice"
    PRO_FORMA = "pro_forma"
    CREDIT_NOTE = "credit_note"
    RECEIPT = "receipt"
    REFUND = "refund"
    ACCOUNT_ADVICE = "account_advice"  # what was taken off a customer's account, or put on it
    PURCHASE_ORDER = "purchase_order"
    GOODS_RECEIPT = "goods_receipt"
    SUPPLIER_RETURN = "supplier_return"
    CUSTOMER_RETURN = "customer_return"
    TRANSFER_NOTE = "transfer_note"
    PICK_LIST = "pick_list"
    COUNT_SHEET = "count_sheet"
    COUNT_DIFFERENCES = "count_differences"
    SUPPLIER_BILL = "supplier_bill"
    SUPPLIER_CREDIT = "supplier_credit"
    ADJUSTMENT = "adjustment"
    STATEMENT = "statement"
    REMINDER = "reminder"


@dataclass(frozen=True)
class Said:
    """A marked template (`N_`) with its values, to be said in the reader's language; dates and figures as there."""

    template: str
    values: tuple[tuple[str, Telling], ...] = ()


Telling: TypeAlias = str | datetime.date | Decimal | Said | None  # what a fact or a cell may be


class Shape(StrEnum):
    """What stands in a column of a document's own: values, or what a hand fills in."""

    TEXT = "text"
    QUANTITY = "quantity"
    MONEY = "money"
    TICK = "tick"  # a small box to tick
    WRITE = "write"  # room to write a figure
    BARS = "bars"  # the text as a barcode


@dataclass(frozen=True)
class ColumnView:
    """A column that only some documents have; `before` names the column it precedes, empty: it comes last."""

    title: str
    before: str = ""
    shape: Shape = Shape.TEXT
    strong: bool = False


@dataclass(frozen=True)
class CompanyView:
    """Who sends the document. `address` and `contact` may have several lines; `logo` is a PNG or JPEG file."""

    name: str
    address: str = ""
    tax_id: str = ""
    bank_lines: tuple[str, ...] = ()
    contact: str = ""
    logo: bytes | None = None


@dataclass(frozen=True)
class PartyView:
    """What the reference block says of the customer; name and address stand in `bill_to`."""

    code: str = ""
    tax_id: str = ""
    contact: str = ""


@dataclass(frozen=True)
class LineView:
    """One line. `net` is the line's amount after its own discount, before the document's; with tax where prices
    include it. `discount_percent` is 12.5 for 12.5 %. `more` are the cells of the document's own columns, in their
    order; `said` are remarks of ours beneath the description."""

    position: int
    code: str
    description: str
    quantity: Decimal | None
    unit: str = ""
    unit_price: Decimal = ZERO
    discount_percent: Decimal = ZERO
    net: Decimal = ZERO
    tax: str = ""
    note: str = ""
    more: tuple[Telling, ...] = ()
    said: tuple[Said, ...] = ()


@dataclass(frozen=True)
class TaxGroupView:
    """The tax of one rate. `rate` is a percentage: 19 for 19 %."""

    label: str
    rate: Decimal
    net: Decimal
    tax: Decimal


@dataclass(frozen=True)
class DeductionView:
    """What a deposit invoice billed ahead and this one takes off; positive."""

    number: str
    on: datetime.date
    net: Decimal
    tax: Decimal


@dataclass(frozen=True)
class InstalmentView:
    """One part of an invoice's amount and the day it falls due."""

    due_on: datetime.date
    amount: Decimal


@dataclass(frozen=True)
class AllocationView:
    """What of a payment (or a credit) went to the invoice of this number."""

    number: str
    due_on: datetime.date | None
    amount: Decimal


@dataclass(frozen=True)
class HomeView:
    """What an invoice in another currency is in the company's: the rate of one unit, and its tax as booked (positive)."""

    currency: str
    rate: Decimal
    tax: Decimal
    digits: int = 2


@dataclass(frozen=True)
class DocumentView:
    """One document as its reader sees it.

    `bill_to` and `ship_to` are texts of several lines, the first being the name. `references` are pairs of a marked
    label (`N_`) and its text, in order. `discount` is the document's own discount, positive. A receipt's `gross` is
    the amount received; a credit note's amounts are positive. Without a `bill_to` it is a paper of the house, whose
    head is low and carries `barcodes` (code, caption). `watermark` is a marked text (DRAFT, COPY) printed
    across each page; `chain_mark` a short hash of the audit trail, for the footer.
    """

    kind: DocumentKind
    number: str
    date: datetime.date
    company: CompanyView
    bill_to: str
    currency: str
    digits: int = 2
    revision: int = 0
    ship_to: str = ""
    customer: PartyView = PartyView()
    valid_until: datetime.date | None = None
    amended_on: datetime.date | None = None  # the day of the last revision
    due_on: datetime.date | None = None
    references: tuple[tuple[str, Telling], ...] = ()
    columns: tuple[ColumnView, ...] = ()
    barcodes: tuple[tuple[str, str], ...] = ()
    lines: tuple[LineView, ...] = ()
    net: Decimal = ZERO
    tax: Decimal = ZERO
    gross: Decimal = ZERO
    discount: Decimal = ZERO
    sums: tuple[tuple[str, Decimal], ...] = ()  # marked label and amount, before the total, where it is no price
    tax_groups: tuple[TaxGroupView, ...] = ()
    tax_reasons: tuple[Said, ...] = ()  # why no tax is due
    cash_difference: Decimal = ZERO  # added to the total to meet the cash step
    instalments: tuple[InstalmentView, ...] = ()
    deductions: tuple[DeductionView, ...] = ()  # net, tax and tax_groups are those before them, gross is what is due
    allocations: tuple[AllocationView, ...] = ()
    notes: str = ""
    terms: str = ""
    language: str = "en"
    watermark: str = ""
    chain_mark: str = ""
    prices_include_tax: bool = False
    show_prices: bool = True
    ages: tuple[tuple[Telling, Decimal], ...] = ()  # of a statement: what is open by age
    pay_code: str = ""  # what the code for paying says; none: it has none
    remark: str = ""  # a marked sentence beneath the total
    show_total: bool = False  # the total alone, where columns of its own show amounts
    home: HomeView | None = None  # of an invoice in another currency than the company's
    letter: str = ""  # what is said before the lines, as somebody wrote it
