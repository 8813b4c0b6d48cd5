"""Supplier bills and credits: what was received is billed, what it cost more or less goes where the goods are.

Rule: docs/rules/purchasing.md, "Bills".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import (
    BadValueError,
)
from o2c_tui.models.company import Company
from o2c_tui.models.ledger import SourceKind
from o2c_tui.models.party import Party
from o2c_tui.models.purchase import (
    BillKind,
    BillState,
    CostShare,
    SupplierBill,
    SupplierBillLine,
)
from o2c_tui.models.receipt import GoodsReceiptLine
from o2c_tui.money import MOST_AMOUNT, digits_of
from o2c_tui.queries.lookups import items_by_id, party_by_code, term_parts, the_company
from o2c_tui.rules.buying import Unsettled
from o2c_tui.rules.terms import due_date
from o2c_tui.services.bill_draft import BillDraft, currency_and_rate, receipt_lines, return_named, whole_lines
from o2c_tui.services.bill_posting import bill_legs, clear_receipts, costs_of, locked_receipts, warn_of_rest
from o2c_tui.services.bill_rows import add_up, bill_rows
from o2c_tui.services.drafting import require_lines
from o2c_tui.services.numbering import next_number
from o2c_tui.services.posting import Facts, post_journal
from o2c_tui.services.receiving import refresh_receipt
from o2c_tui.services.revaluing import Cost, earliest_day, revalue
from o2c_tui.services.support import load, own, require_state, take_step, warn
from o2c_tui.storage.chain import record
from o2c_tui.storage.rows import delete_rows, insert_rows, rows_of, update_rows
from o2c_tui.texts import N_

ZERO = Decimal(0)


@dataclass(frozen=True)
class BillSaved:
    """A bill that was written down."""

    id: int
    version: int
    label: str
    gross: Decimal


@dataclass(frozen=True)
class BillPosted:
    """A bill or credit in the books; in the company's currency, what it cost more (or less) than the goods were taken in
    for: on stock that is still there, and as cost now."""

    bill_id: int
    number: str
    gross: Decimal
    to_stock: Decimal
    to_cost: Decimal


@dataclass(frozen=True)
class WrittenLine:
    """One line of a bill as it would be written: goods in stock units at the price of one, in the bill's currency.

    `difference`: what it costs more (or less) than the receipt took the goods in for, in the company's currency.
    """

    receipt: str  # number and line; empty: a charge
    item: str
    description: str
    unit: str
    quantity: Decimal
    unit_price: Decimal
    net: Decimal
    difference: Decimal
    basis: str = ""
    over: tuple[str, ...] = ()  # of a charge: the receipt lines it is shared over
    tax_code: str = ""


@dataclass(frozen=True)
class Written:
    """A bill as it would be written down."""

    supplier: str
    currency: str
    digits: int
    due_on: date
    net: Decimal
    tax: Decimal
    gross: Decimal
    lines: tuple[WrittenLine, ...]
    rate: Decimal = Decimal(1)  # of one unit of its currency


def save_bill(
    session: Session,
    draft: BillDraft,
    *,
    document_id: int | None = None,
    version: int | None = None,
    by: str,
    today: date,
) -> BillSaved:
    """Write a supplier's bill or credit down: nothing is owed yet, and it has no number of ours.

    Raises:
        UnknownCodeError, NotFoundError: supplier, receipt, return, tax code or line. BadValueError: a figure out of bounds,
            goods of another supplier or currency, or no weight to share by. MissingValueError: no rate.
        OverQuantityError: more than was received and is not billed. WrongStateError, ConflictError: it is no draft any more.
    """
    company = the_company(session)
    supplier = party_by_code(session, draft.supplier, word=N_("supplier"), field="supplier")
    back = return_named(session, draft) if draft.supplier_return else None
    draft = replace(draft, lines=(*draft.lines, *whole_lines(session, draft, back)))
    lines = receipt_lines(session, draft)
    on = draft.billed_on or today
    currency, rate = currency_and_rate(session, company, supplier, draft, lines, on)
    digits = digits_of(currency)
    rows, taxes = bill_rows(session, draft, back, lines, supplier, company, rate=rate, digits=digits, on=on)
    add_up(session, rows, taxes, draft, company, rate=rate, digits=digits)
    values: dict[str, Any] = {
        "kind": draft.kind,
        "supplier_id": supplier.id,
        "supplier_number": draft.supplier_number.strip(),
        "return_id": back.id if back is not None else None,
        "billed_on": on,
        "due_on": draft.due_on or _due(session, supplier, company, on),
        "currency": currency,
        "digits": digits,
        "rate": rate,
        "note": draft.note.strip(),
        **_totals(rows),
    }
    if draft.supplier_number.strip():
        _warn_of_repeated_number(session, supplier, draft, document_id)
    bill = _draft_of(session, values, document_id, version, by)
    _write_lines(session, bill, rows)
    session.flush()
    record(session, "save_bill", bill, by=by)
    return BillSaved(bill.id, bill.version, bill.label, bill.gross)


def _totals(rows: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    """Net, tax and gross of the rows of a bill; refused where they are more than the books hold."""
    net, tax = sum((row["net"] for row in rows), ZERO), sum((row["tax"] for row in rows), ZERO)
    if net + tax > MOST_AMOUNT:
        raise BadValueError(
            N_("The total is more than the books hold ({most}); make several documents."), most=MOST_AMOUNT
        )
    return {"net": net, "tax": tax, "gross": net + tax}


def _draft_of(
    session: Session, values: Mapping[str, Any], document_id: int | None, version: int | None, by: str
) -> SupplierBill:
    """A new draft with these values, or the one there is with them instead of its own, and without its lines."""
    if document_id is None:
        return own(session, SupplierBill(**values, by=by))
    bill = load(session, SupplierBill, document_id, version=version)
    require_state(bill, BillState.DRAFT, doing=N_("be edited"))
    for name, value in values.items():
        setattr(bill, name, value)
    bill.version += 1
    _drop_lines(session, bill)
    return bill


def _write_lines(session: Session, bill: SupplierBill, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the lines of a bill, and over which receipt lines its charges are shared."""
    written = insert_rows(
        session,
        SupplierBillLine,
        [{**{name: row[name] for name in row if name != "over"}, "bill_id": bill.id} for row in rows],
        parent="bill_id",
    )
    insert_rows(
        session,
        CostShare,
        [
            {"bill_id": bill.id, "bill_line_id": line["id"], "receipt_line_id": key}
            for row, line in zip(rows, written, strict=True)
            for key in row["over"]
        ],
    )


def write_bill(session: Session, draft: BillDraft, *, by: str, today: date) -> Written:
    """A bill as save_bill would write it, for an editor to show: always run and rolled back.

    Raises:
        see save_bill.
    """
    saved = save_bill(session, draft, by=by, today=today)
    bill = load(session, SupplierBill, saved.id)
    lines = rows_of(session, SupplierBillLine, "bill_id", bill.id)
    shares = rows_of(session, CostShare, "bill_id", bill.id, "id")
    receipts, received = locked_receipts(session, lines, shares)
    items = items_by_id(session, (row["item_id"] for row in received.values()))
    digits = the_company(session).digits

    def label(key: int) -> str:
        return f"{receipts[received[key]['receipt_id']].label}/{received[key]['position']}"

    told = []
    for line in lines:
        row = received.get(line["receipt_line_id"])
        difference = ZERO
        if row is not None and bill.kind is BillKind.BILL:
            left = Unsettled(row["quantity"] - row["billed"] - row["returned"], row["value"] - row["cleared"])
            difference = line["cost"] - left.settled_by(line["quantity"], row["quantity"], row["value"], digits)
        told.append(
            WrittenLine(
                label(row["id"]) if row else "",
                items[row["item_id"]].code if row else "",
                line["description"],
                row["unit"] if row else "",
                line["quantity"],
                line["unit_price"],
                line["net"],
                difference,
                str(line["basis"] or ""),
                tuple(label(share["receipt_line_id"]) for share in shares if share["bill_line_id"] == line["id"]),
                line["tax_code"],
            )
        )
    return Written(
        load(session, Party, bill.supplier_id).name,
        bill.currency,
        bill.digits,
        bill.due_on,
        bill.net,
        bill.tax,
        bill.gross,
        tuple(told),
        bill.rate,
    )


def _drop_lines(session: Session, bill: SupplierBill) -> None:
    delete_rows(session, CostShare, "bill_id", bill.id)
    delete_rows(session, SupplierBillLine, "bill_id", bill.id)


def _due(session: Session, supplier: Party, company: Company, on: date) -> date:
    parts = term_parts(session, supplier.term or company.default_term)
    return max(due_date(part, on) for part in parts)


def _warn_of_repeated_number(session: Session, supplier: Party, draft: BillDraft, but: int | None) -> None:
    """Say that the supplier's number was entered before: it may be the same paper."""
    twin = session.exec(
        select(SupplierBill)
        .where(
            SupplierBill.supplier_id == supplier.id,
            sa.func.upper(col(SupplierBill.supplier_number)) == draft.supplier_number.strip().upper(),
            SupplierBill.id != (but or 0),
        )
        .order_by(col(SupplierBill.id).desc())
        .limit(1)
    ).one_or_none()
    if twin is not None:
        warn(
            session,
            "repeated_bill",
            N_("{supplier} has billed as {reference} before: {bill} of {day} over {gross}."),
            supplier=supplier.name,
            reference=draft.supplier_number.strip(),
            bill=twin.label,
            day=twin.billed_on.isoformat(),
            gross=twin.gross,
        )


def delete_bill(session: Session, bill_id: int, *, version: int | None = None, by: str, today: date) -> None:
    """Throw a draft bill away.

    Raises:
        WrongStateError: it is posted.
    """
    bill = load(session, SupplierBill, bill_id, version=version)
    require_state(bill, BillState.DRAFT, doing=N_("be deleted"))
    _drop_lines(session, bill)
    session.delete(bill)
    record(session, "delete_bill", bill, by=by)


def post_bill(
    session: Session, bill_id: int, *, version: int | None = None, by: str, today: date, now: datetime
) -> BillPosted:
    """Post a bill or credit: what we owe, the input tax, and what stood for goods received and not billed.

    Goods clear what their receipt was taken in for; the last part takes the cents. What they cost more or less, and
    charges, go onto the layers that hold the goods, and become cost now for what is sold, sent back or lost. What a
    credit for goods sent back gives more or less than their receipt is cost of sales. The ledger entry bears the bill's
    date, or the day the goods came to where they are, where that is later.

    Raises:
        WrongStateError: it is posted, or a receipt was cancelled. OverQuantityError: somebody else billed the goods meanwhile.
    """
    bill = load(session, SupplierBill, bill_id, version=version)
    require_state(bill, BillState.DRAFT, doing=N_("be posted"))
    lines = rows_of(session, SupplierBillLine, "bill_id", bill_id)
    require_lines(lines, N_("The bill"))
    company = the_company(session)
    sign = 1 if bill.kind is BillKind.BILL else -1
    shares = rows_of(session, CostShare, "bill_id", bill_id, "id")
    receipts, received = locked_receipts(session, lines, shares)
    cleared = clear_receipts(session, bill, lines, received, company.digits)
    costs = costs_of(session, bill, lines, shares, received, sign, company)
    revalued = [row["receipt_line_id"] for row, amount in costs if amount]
    ready = earliest_day(session, revalued) if revalued else None
    came = [receipts[row["receipt_id"]].received_on for row in cleared.values()]
    on = max([bill.billed_on, *came, *([ready] if ready else [])])
    done = revalue(
        session,
        [Cost(row["id"], row["receipt_line_id"], amount) for row, amount in costs],
        on=on,
        digits=company.digits,
    )
    warn_of_rest(session, done)
    for row, amount in costs:
        row["amount"] = amount
        row["to_stock"] = done.to_stock.get(row["id"], ZERO)
        row["to_sales"] = done.to_cost.get(row["id"], ZERO)
    update_rows(session, CostShare, [row for row, _ in costs], "amount", "to_stock", "to_sales")
    update_rows(session, SupplierBillLine, lines, "cleared")
    update_rows(session, GoodsReceiptLine, list(cleared.values()), "billed", "cleared")
    bill.posted_at = now
    bill.number = next_number(session, "supplier_bill", bill.billed_on)
    take_step(session, bill, BillState.POSTED)
    journal = post_journal(
        session,
        SourceKind.SUPPLIER_BILL,
        bill.id,
        on,
        bill_legs(
            bill, lines, {key: receipts[row["receipt_id"]] for key, row in received.items()}, done, sign, company
        ),
    )
    session.flush()
    for receipt in {row["receipt_id"] for row in cleared.values()}:
        refresh_receipt(session, receipts[receipt])
    facts: Facts = [
        (SupplierBill, [bill]),
        (SupplierBillLine, lines),
        (CostShare, [row for row, _ in costs]),
        *done.facts,
        *journal,
    ]
    record(session, "post_bill", bill, by=by, facts=facts)
    to_stock, to_cost = sum(done.to_stock.values(), ZERO), sum(done.to_cost.values(), ZERO)
    return BillPosted(bill.id, bill.number, bill.gross, to_stock, to_cost)


def enter_bill(
    session: Session,
    draft: BillDraft,
    *,
    document_id: int | None = None,
    version: int | None = None,
    by: str,
    today: date,
    now: datetime,
) -> BillPosted:
    """Write a supplier's bill or credit down, in place of a draft of it, and post it in one step (see save_bill, post_bill)."""
    saved = save_bill(session, draft, document_id=document_id, version=version, by=by, today=today)
    return post_bill(session, saved.id, by=by, today=today, now=now)
