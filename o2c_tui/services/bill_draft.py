"""Supplier bills and credits as they are entered, and what of receipts and returns they mean.

Rule: docs/rules/purchasing.md, "Bills".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, select

from o2c_tui.errors import (
    BadValueError,
    MissingValueError,
    NotFoundError,
)
from o2c_tui.models.company import Company
from o2c_tui.models.party import Party
from o2c_tui.models.purchase import (
    BillKind,
    BillState,
    ChargeBasis,
    PurchaseOrder,
    SupplierBill,
    SupplierBillLine,
    SupplierReturn,
    SupplierReturnLine,
)
from o2c_tui.models.receipt import GoodsReceipt, GoodsReceiptLine, ReceiptKind, ReceiptState
from o2c_tui.queries.exchange import known_rate
from o2c_tui.services.buying_rates import buying_rate
from o2c_tui.services.support import load, require_state
from o2c_tui.storage.rows import rows_of, table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)


@dataclass(frozen=True)
class BillLineDraft:
    """Goods of one receipt line; what is None is what is not billed yet, and what was ordered for it."""

    receipt: str  # number of the goods receipt
    line: int  # position of its line
    quantity: Decimal | None = None  # in stock units
    unit_price: Decimal | None = None  # of one stock unit, without tax
    amount: Decimal | None = None  # of the line, where the paper says another than quantity × price
    tax_code: str | None = None
    description: str = ""


@dataclass(frozen=True)
class ChargeDraft:
    """Freight, duty or the like over received goods; on a credit, an allowance on them."""

    description: str
    amount: Decimal
    receipts: tuple[str, ...]  # numbers of goods receipts; "GR26-0001/2" is one line of one
    basis: ChargeBasis = ChargeBasis.VALUE
    tax_code: str | None = None


@dataclass(frozen=True)
class BillDraft:
    """A supplier's bill or credit as a clerk enters it; what is empty comes from the supplier, the order and the company."""

    supplier: str
    lines: tuple[BillLineDraft, ...] = ()
    charges: tuple[ChargeDraft, ...] = ()
    receipts: tuple[str, ...] = ()  # beside the lines: all that is not billed yet of these
    kind: BillKind = BillKind.BILL
    supplier_return: str = (
        ""  # of a credit for goods sent back: its number; without lines, all that is not credited of it
    )
    supplier_number: str = ""
    billed_on: date | None = None
    due_on: date | None = None
    currency: str = ""
    rate: Decimal | None = None
    tax: Decimal | None = None  # as the paper says; None as reckoned here
    note: str = ""


@dataclass(frozen=True)
class Received:
    """A receipt line and its receipt, as a bill needs them."""

    head: GoodsReceipt
    row: dict[str, Any]

    @property
    def label(self) -> str:
        return f"{self.head.label}/{self.row['position']}"


Lines = dict[tuple[str, int], Received]


def receipt_lines(session: Session, draft: BillDraft) -> Lines:
    """Every receipt line that a draft names, by number and position."""
    numbers = {line.receipt.strip().upper() for line in draft.lines}
    numbers |= {name.strip().upper().partition("/")[0] for charge in draft.charges for name in charge.receipts}
    found: Lines = {}
    for number in sorted(numbers):
        head = _receipt(session, number)
        for row in rows_of(session, GoodsReceiptLine, "receipt_id", head.id):
            found[number, row["position"]] = Received(head, row)
    return found


def _receipt(session: Session, number: str) -> GoodsReceipt:
    wanted = number.strip().upper()
    found = session.exec(select(GoodsReceipt).where(GoodsReceipt.number == wanted)).one_or_none()
    if found is None:
        raise NotFoundError(N_("There is no document {number}."), field="receipts", number=number)
    require_state(found, ReceiptState.RECEIVED, doing=N_("be billed"))
    if found.kind is not ReceiptKind.PURCHASE:
        raise BadValueError(N_("{number} is opening stock; nobody bills it."), field="receipts", number=found.label)
    return found


def return_named(session: Session, draft: BillDraft) -> SupplierReturn:
    number = draft.supplier_return.strip().upper()
    found = session.exec(select(SupplierReturn).where(SupplierReturn.number == number)).one_or_none()
    if found is None:
        raise NotFoundError(N_("There is no document {number}."), field="supplier_return", number=draft.supplier_return)
    if draft.kind is not BillKind.CREDIT:
        raise BadValueError(N_("Goods sent back are credited, not billed."), field="kind")
    return found


def whole_lines(session: Session, draft: BillDraft, back: SupplierReturn | None) -> list[BillLineDraft]:
    """The lines that a draft means without naming them: of whole receipts, or of the goods sent back."""
    found = []
    for number in draft.receipts:
        head = _receipt(session, number)
        rows = rows_of(session, GoodsReceiptLine, "receipt_id", head.id)
        open_rows = [row for row in rows if left_of(draft.kind, row) > ZERO]
        if not open_rows:
            raise MissingValueError(N_("Nothing of {receipt} is left to bill."), field="receipts", receipt=head.label)
        found += [BillLineDraft(head.label, row["position"]) for row in open_rows]
    if back is not None and not draft.lines and not draft.charges:
        head = load(session, GoodsReceipt, back.receipt_id)
        positions = {row["id"]: row["position"] for row in rows_of(session, GoodsReceiptLine, "receipt_id", head.id)}
        left = to_credit(session, back)
        found += [BillLineDraft(head.label, positions[key], part) for key, part in left.items() if part > ZERO]
    return found


def to_credit(session: Session, back: SupplierReturn) -> dict[int, Decimal]:
    """By receipt line: what went back with a return and no posted credit gave back yet."""
    credited = _credited(session, back.id)
    sent: dict[int, Decimal] = {}
    for row in rows_of(session, SupplierReturnLine, "return_id", back.id):
        sent[row["receipt_line_id"]] = sent.get(row["receipt_line_id"], ZERO) + row["quantity"]
    return {key: quantity - credited.get(key, ZERO) for key, quantity in sent.items()}


def _credited(session: Session, return_id: int) -> dict[int, Decimal]:
    """By receipt line: what posted credits gave back for a return."""
    heads, lines = table_of(SupplierBill), table_of(SupplierBillLine)
    query = (
        sa.select(lines.c.receipt_line_id, sa.func.sum(lines.c.quantity, type_=lines.c.quantity.type))
        .join(heads, heads.c.id == lines.c.bill_id)
        .where(
            heads.c.return_id == return_id,
            heads.c.state == BillState.POSTED,
            lines.c.receipt_line_id.is_not(None),
        )
        .group_by(lines.c.receipt_line_id)
    )
    return {key: quantity for key, quantity in session.execute(query)}


def left_of(kind: BillKind, row: Mapping[str, Any]) -> Decimal:
    """What a bill or a credit of a receipt line takes if nobody says how much: of bills, what did not go back."""
    left: Decimal = row["quantity"] - row["billed"] - row["returned"] if kind is BillKind.BILL else row["billed"]
    return left


def places_of(draft: BillDraft, lines: Lines) -> list[tuple[str, int]]:
    """The receipt line behind each goods line of a draft."""
    places = []
    for position, line in enumerate(draft.lines, 1):
        place = line.receipt.strip().upper(), line.line
        if place not in lines:
            raise NotFoundError(
                N_("{receipt} has no line {line}."), field=f"lines.{position}", receipt=line.receipt, line=line.line
            )
        places.append(place)
    if len(set(places)) < len(places):
        raise BadValueError(N_("A receipt line stands twice on the bill; put them together."), field="lines")
    return places


def currency_and_rate(
    session: Session, company: Company, supplier: Party, draft: BillDraft, lines: Lines, on: date
) -> tuple[str, Decimal]:
    """Currency and rate of a bill dated `on`: as told, else the currency of the order behind its goods or the supplier's, at
    the rate of the bill's date; where none is known (and of a credit) at that of the order."""
    keys = {lines[place].head.purchase_order_id for place in places_of(draft, lines)}
    orders = [load(session, PurchaseOrder, key) for key in sorted(key for key in keys if key is not None)]
    currency = (draft.currency or (orders[0].currency if orders else supplier.currency) or company.currency).upper()
    for order in orders:
        if order.currency != currency:
            raise BadValueError(
                N_("{order} is in {currency}; a bill has one currency."),
                field="currency",
                order=order.label,
                currency=order.currency,
            )
    of_order = draft.kind is BillKind.CREDIT or known_rate(session, currency, on) is None
    if draft.rate is None and orders and of_order:
        return currency, orders[0].rate
    return currency, buying_rate(session, company, currency, draft.rate, on)
