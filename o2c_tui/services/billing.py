"""Supplier bills and credits: what was received is billed, what it cost more or less goes where the goods are.

Rule: docs/rules/purchasing.md, "Bills".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import (
    BadValueError,
    DateOrderError,
    MissingValueError,
    NotFoundError,
    OverQuantityError,
    WrongStateError,
)
from o2c_tui.models.base import PRICE_PLACES
from o2c_tui.models.company import Company
from o2c_tui.models.item import Item, TaxCode
from o2c_tui.models.ledger import AccountRole, SourceKind
from o2c_tui.models.party import Party
from o2c_tui.models.purchase import (
    BillKind,
    BillState,
    ChargeBasis,
    CostShare,
    PurchaseOrder,
    PurchaseOrderLine,
    SupplierBill,
    SupplierBillLine,
    SupplierReturn,
    SupplierReturnLine,
    SupplierReturnState,
)
from o2c_tui.models.receipt import GoodsReceipt, GoodsReceiptLine, ReceiptKind, ReceiptState
from o2c_tui.money import MOST_AMOUNT, Rounding, digits_of, is_figure, round_to, share_of, split
from o2c_tui.queries.lookups import items_by_id, party_by_code, taxes_on, term_parts, the_company, unknown
from o2c_tui.queries.needs import factor_of
from o2c_tui.rules.buying import Unsettled
from o2c_tui.rules.pricing import LineInput
from o2c_tui.rules.tax import TaxRounding, totals
from o2c_tui.rules.terms import due_date
from o2c_tui.services.drafting import MOST_PRICE, PLACES, require_lines
from o2c_tui.services.numbering import next_number
from o2c_tui.services.posting import Facts, Leg, post_journal
from o2c_tui.services.purchasing import rate_for
from o2c_tui.services.receiving import refresh_receipt
from o2c_tui.services.revaluing import Cost, Revalued, earliest_day, revalue
from o2c_tui.services.support import load, own, require_state, take_step, warn
from o2c_tui.storage.chain import record
from o2c_tui.storage.rows import delete_rows, insert_rows, rows_of, table_of, update_rows
from o2c_tui.texts import N_

ZERO = Decimal(0)
ODD_CENTS = 5  # by which the tax on the paper may differ before it is said


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


# -- writing a bill down ---------------------------------------------------------------------------------------------


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
    back = _return_named(session, draft) if draft.supplier_return else None
    draft = replace(draft, lines=(*draft.lines, *_whole_lines(session, draft, back)))
    lines = _receipt_lines(session, draft)
    currency, rate = _currency(session, company, supplier, draft, lines)
    digits = digits_of(currency)
    on = draft.billed_on or today
    rows, taxes = _rows(session, draft, back, lines, supplier, company, rate=rate, digits=digits, on=on)
    _add_up(session, rows, taxes, draft, company, rate=rate, digits=digits)
    net, tax = sum((row["net"] for row in rows), ZERO), sum((row["tax"] for row in rows), ZERO)
    if net + tax > MOST_AMOUNT:
        raise BadValueError(
            N_("The total is more than the books hold ({most}); make several documents."), most=MOST_AMOUNT
        )
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
        "net": net,
        "tax": tax,
        "gross": net + tax,
    }
    if draft.supplier_number.strip():
        _warn_of_repeated_number(session, supplier, draft, document_id)
    if document_id is None:
        bill = own(session, SupplierBill(**values, by=by))
    else:
        bill = load(session, SupplierBill, document_id, version=version)
        require_state(bill, BillState.DRAFT, doing=N_("be edited"))
        for name, value in values.items():
            setattr(bill, name, value)
        bill.version += 1
        _drop_lines(session, bill)
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
    session.flush()
    record(session, "save_bill", bill, by=by)
    return BillSaved(bill.id, bill.version, bill.label, bill.gross)


def write_bill(session: Session, draft: BillDraft, *, by: str, today: date) -> Written:
    """A bill as save_bill would write it, for an editor to show: always run and rolled back.

    Raises:
        see save_bill.
    """
    saved = save_bill(session, draft, by=by, today=today)
    bill = load(session, SupplierBill, saved.id)
    lines = rows_of(session, SupplierBillLine, "bill_id", bill.id)
    shares = rows_of(session, CostShare, "bill_id", bill.id, "id")
    receipts, received = _locked(session, lines, shares)
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


def _return_named(session: Session, draft: BillDraft) -> SupplierReturn:
    number = draft.supplier_return.strip().upper()
    found = session.exec(select(SupplierReturn).where(SupplierReturn.number == number)).one_or_none()
    if found is None:
        raise NotFoundError(N_("There is no document {number}."), field="supplier_return", number=draft.supplier_return)
    if draft.kind is not BillKind.CREDIT:
        raise BadValueError(N_("Goods sent back are credited, not billed."), field="kind")
    return found


@dataclass(frozen=True)
class _Received:
    """A receipt line and its receipt, as a bill needs them."""

    head: GoodsReceipt
    row: dict[str, Any]

    @property
    def label(self) -> str:
        return f"{self.head.label}/{self.row['position']}"


Lines = dict[tuple[str, int], _Received]


def _receipt_lines(session: Session, draft: BillDraft) -> Lines:
    """Every receipt line that a draft names, by number and position."""
    numbers = {line.receipt.strip().upper() for line in draft.lines}
    numbers |= {name.strip().upper().partition("/")[0] for charge in draft.charges for name in charge.receipts}
    found: Lines = {}
    for number in sorted(numbers):
        head = _receipt(session, number)
        for row in rows_of(session, GoodsReceiptLine, "receipt_id", head.id):
            found[number, row["position"]] = _Received(head, row)
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


def _whole_lines(session: Session, draft: BillDraft, back: SupplierReturn | None) -> list[BillLineDraft]:
    """The lines that a draft means without naming them: of whole receipts, or of the goods sent back."""
    found = []
    for number in draft.receipts:
        head = _receipt(session, number)
        rows = rows_of(session, GoodsReceiptLine, "receipt_id", head.id)
        open_rows = [row for row in rows if _left(draft.kind, row) > ZERO]
        if not open_rows:
            raise MissingValueError(N_("Nothing of {receipt} is left to bill."), field="receipts", receipt=head.label)
        found += [BillLineDraft(head.label, row["position"]) for row in open_rows]
    if back is not None and not draft.lines and not draft.charges:
        head = load(session, GoodsReceipt, back.receipt_id)
        positions = {row["id"]: row["position"] for row in rows_of(session, GoodsReceiptLine, "receipt_id", head.id)}
        credited = _credited(session, back.id)
        sent: dict[int, Decimal] = {}
        for row in rows_of(session, SupplierReturnLine, "return_id", back.id):
            sent[row["receipt_line_id"]] = sent.get(row["receipt_line_id"], ZERO) + row["quantity"]
        for key, quantity in sent.items():
            left = quantity - credited.get(key, ZERO)
            if left > ZERO:
                found.append(BillLineDraft(head.label, positions[key], left))
    return found


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


def _left(kind: BillKind, row: Mapping[str, Any]) -> Decimal:
    """What a bill or a credit of a receipt line takes if nobody says how much: of bills, what did not go back."""
    left: Decimal = row["quantity"] - row["billed"] - row["returned"] if kind is BillKind.BILL else row["billed"]
    return left


def _currency(
    session: Session, company: Company, supplier: Party, draft: BillDraft, lines: Lines
) -> tuple[str, Decimal]:
    """Currency and rate of a bill: as told, else those of the order behind its goods, else the supplier's."""
    keys = {lines[place].head.purchase_order_id for place in _places(draft, lines)}
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
    if draft.rate is None and orders:
        return currency, orders[0].rate
    return currency, rate_for(session, company, currency, draft.rate)


def _places(draft: BillDraft, lines: Lines) -> list[tuple[str, int]]:
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


@dataclass(frozen=True)
class _Taxed:
    code: str
    rate: Decimal
    included: bool


def _rows(
    session: Session,
    draft: BillDraft,
    back: SupplierReturn | None,
    lines: Lines,
    supplier: Party,
    company: Company,
    *,
    rate: Decimal,
    digits: int,
    on: date,
) -> tuple[list[dict[str, Any]], list[_Taxed]]:
    """The rows of a bill before its sums: goods, then charges; `over` are the receipt lines a charge is shared over."""
    received = [lines[place] for place in _places(draft, lines)]
    if not draft.lines and not draft.charges:
        raise MissingValueError(N_("Give what is billed: lines, receipts or charges."), field="lines")
    items = items_by_id(session, (one.row["item_id"] for one in received))
    prices = _prices(session, draft.kind, [one.row for one in received], rate)
    rows: list[dict[str, Any]] = []
    codes: list[str] = []
    for position, (line, one) in enumerate(zip(draft.lines, received, strict=True), 1):
        _check_owner(one, supplier, back, position)
        row = _goods_row(line, one, draft.kind, prices[one.row["id"]], digits, Rounding(company.rounding), position)
        rows.append({**row, "position": position})
        own_code = items[one.row["item_id"]].tax_code
        codes.append(
            line.tax_code if line.tax_code is not None else supplier.tax_code or own_code or company.default_tax_code
        )
    for n, charge in enumerate(draft.charges, 1):
        rows.append({**_charge_row(session, charge, lines, digits, n), "position": len(rows) + 1})
        codes.append(charge.tax_code if charge.tax_code is not None else supplier.tax_code or company.default_tax_code)
    known = taxes_on(session, codes, on)
    for code in codes:
        if code and code not in known:
            raise unknown(session, TaxCode, N_("tax code"), code, "tax_code")
    told = [known.get(code) for code in codes]
    return rows, [_Taxed(tax.code, tax.rate, tax.included) if tax else _Taxed("", ZERO, False) for tax in told]


def _check_owner(one: _Received, supplier: Party, back: SupplierReturn | None, position: int) -> None:
    if one.head.supplier_id is not None and one.head.supplier_id != supplier.id:
        raise BadValueError(
            N_("Line {line}: {receipt} came from another supplier."),
            field=f"lines.{position}",
            line=position,
            receipt=one.head.label,
        )
    if back is not None and one.head.id != back.receipt_id:
        raise BadValueError(
            N_("Line {line}: {receipt} is not what went back with {number}."),
            field=f"lines.{position}",
            line=position,
            receipt=one.head.label,
            number=back.label,
        )


def _goods_row(
    line: BillLineDraft,
    one: _Received,
    kind: BillKind,
    each: Fraction,
    digits: int,
    rounding: Rounding,
    position: int,
) -> dict[str, Any]:
    field = f"lines.{position}"
    quantity = line.quantity if line.quantity is not None else _left(kind, one.row)
    most = one.row["quantity"] - one.row["billed"] if kind is BillKind.BILL else one.row["billed"]
    if not is_figure(quantity, PLACES, max(most, ZERO)) or not quantity:
        raise OverQuantityError(
            N_("Line {line}: {left} of {receipt} can be billed, {part} was asked for.")
            if kind is BillKind.BILL
            else N_("Line {line}: {left} of {receipt} was billed, {part} was to be credited."),
            field=f"{field}.quantity",
            line=position,
            left=max(most, ZERO).normalize(),
            receipt=one.label,
            part=quantity,
        )
    if line.unit_price is not None:
        if not is_figure(line.unit_price, PLACES, MOST_PRICE):
            raise BadValueError(
                N_("Line {line}: the price must be from 0 to {most}."),
                field=f"{field}.unit_price",
                line=position,
                most=MOST_PRICE,
            )
        each = Fraction(line.unit_price)
    amount = line.amount
    if amount is None:
        whole = each * Fraction(quantity)
        amount = round_to(Decimal(whole.numerator) / Decimal(whole.denominator), digits, rounding)
    if not is_figure(amount, digits, MOST_AMOUNT):
        raise _bad_amount(f"{field}.amount", amount, digits)
    if line.amount is not None and line.unit_price is None:
        each = Fraction(amount) / Fraction(quantity)
    return {
        "receipt_line_id": one.row["id"],
        "description": line.description.strip() or one.row["description"],
        "quantity": quantity,
        "unit_price": round_to(Decimal(each.numerator) / Decimal(each.denominator), PRICE_PLACES),
        "amount": amount,
        "over": (),
    }


def _bad_amount(field: str, amount: Decimal, digits: int) -> BadValueError:
    return BadValueError(
        N_("{amount} is no amount of 0 or more with at most {digits} decimals."),
        field=field,
        amount=amount,
        digits=digits,
    )


def _charge_row(session: Session, charge: ChargeDraft, lines: Lines, digits: int, n: int) -> dict[str, Any]:
    field = f"charges.{n}"
    if not is_figure(charge.amount, digits, MOST_AMOUNT) or not charge.amount:
        raise _bad_amount(f"{field}.amount", charge.amount, digits)
    if not charge.description.strip():
        raise MissingValueError(N_("Say what the charge is for."), field=f"{field}.description")
    over: dict[int, _Received] = {}
    for name in charge.receipts:
        number, _, position = name.strip().upper().partition("/")
        chosen = [one for (label, at), one in lines.items() if label == number and position in ("", str(at))]
        if not chosen:
            raise NotFoundError(N_("There is no document {number}."), field=f"{field}.receipts", number=name)
        over |= {one.row["id"]: one for one in chosen}
    if not over:
        raise MissingValueError(N_("Say over which receipts the charge is shared."), field=f"{field}.receipts")
    if not any(_weights(session, charge.basis, [one.row for one in over.values()])):
        raise BadValueError(
            N_("These goods have no {basis_word} to share '{charge}' by; choose another basis."),
            field=f"{field}.basis",
            basis_word=_BASIS_NOUNS[charge.basis],
            charge=charge.description.strip(),
        )
    return {
        "basis": charge.basis,
        "description": charge.description.strip(),
        "quantity": Decimal(1),
        "unit_price": charge.amount,
        "amount": charge.amount,
        "over": tuple(over),
    }


_BASIS_NOUNS = {
    ChargeBasis.VALUE: N_("value"),
    ChargeBasis.QUANTITY: N_("quantity"),
    ChargeBasis.WEIGHT: N_("weight"),
}


def _weights(session: Session, basis: ChargeBasis, rows: Sequence[Mapping[str, Any]]) -> list[Decimal]:
    """What a charge is shared over receipt lines by: their value, their quantity, or their weight, as they came in."""
    if basis is ChargeBasis.VALUE:
        return [row["value"] for row in rows]
    if basis is ChargeBasis.QUANTITY:
        return [row["quantity"] for row in rows]
    keys = sorted({row["item_id"] for row in rows})
    each = {
        key: weight
        for key, weight in session.execute(sa.select(col(Item.id), col(Item.weight)).where(col(Item.id).in_(keys)))
    }
    return [row["quantity"] * each[row["item_id"]] for row in rows]


def _prices(session: Session, kind: BillKind, rows: Sequence[Mapping[str, Any]], rate: Decimal) -> dict[int, Fraction]:
    """What one stock unit of receipt lines costs on the bill if nobody says: as ordered, else as taken in; on a credit,
    as it was billed."""
    found = {row["id"]: Fraction(row["unit_cost"]) / Fraction(rate) for row in rows}
    bought = {row["purchase_line_id"]: row["id"] for row in rows if row["purchase_line_id"] is not None}
    lines = table_of(PurchaseOrderLine)
    query = sa.select(lines.c.id, lines.c.unit_price, lines.c.factor_num, lines.c.factor_den)
    for line in session.execute(query.where(lines.c.id.in_(sorted(bought)))):
        found[bought[line.id]] = Fraction(line.unit_price) / factor_of(dict(line._mapping))
    if kind is BillKind.CREDIT:
        found |= _billed_prices(session, [row["id"] for row in rows])
    return found


def _billed_prices(session: Session, receipt_line_ids: Sequence[int]) -> dict[int, Fraction]:
    heads, lines = table_of(SupplierBill), table_of(SupplierBillLine)
    query = (
        sa.select(
            lines.c.receipt_line_id,
            sa.func.sum(lines.c.net, type_=lines.c.net.type),
            sa.func.sum(lines.c.quantity, type_=lines.c.quantity.type),
        )
        .join(heads, heads.c.id == lines.c.bill_id)
        .where(
            heads.c.state == BillState.POSTED,
            heads.c.kind == BillKind.BILL,
            lines.c.receipt_line_id.in_(receipt_line_ids),
        )
        .group_by(lines.c.receipt_line_id)
    )
    return {key: Fraction(net) / Fraction(quantity) for key, net, quantity in session.execute(query)}


def _add_up(
    session: Session,
    rows: Sequence[dict[str, Any]],
    taxes: Sequence[_Taxed],
    draft: BillDraft,
    company: Company,
    *,
    rate: Decimal,
    digits: int,
) -> None:
    """Write net, tax and cost into the rows: the tax of the paper, and the net in the company's currency to the cent."""
    rounding = Rounding(company.rounding)
    summed = totals(
        [
            LineInput(Decimal(1), row["amount"], tax_code=tax.code, tax_rate=tax.rate, tax_included=tax.included)
            for row, tax in zip(rows, taxes, strict=True)
        ],
        prices_include_tax=False,
        tax_rounding=TaxRounding(company.tax_rounding),
        digits=digits,
        rounding=rounding,
    )
    parts = [line.tax for line in summed.lines]
    if draft.tax is not None and draft.tax != summed.tax:
        if not is_figure(draft.tax, digits, MOST_AMOUNT):
            raise _bad_amount("tax", draft.tax, digits)
        parts = split(draft.tax, parts if any(parts) else [line.net for line in summed.lines], digits, rounding)
        if abs(draft.tax - summed.tax) > Decimal(ODD_CENTS).scaleb(-digits):
            warn(
                session,
                "other_tax",
                N_("The tax of the bill is {told}; by its rates it is {reckoned}."),
                told=draft.tax,
                reckoned=summed.tax,
            )
    nets = [line.net for line in summed.lines]
    costs = split(round_to(sum(nets, ZERO) * rate, company.digits, rounding), nets, company.digits, rounding)
    for row, tax, net, part, cost in zip(rows, taxes, nets, parts, costs, strict=True):
        del row["amount"]
        row |= {"net": net, "tax": part, "cost": cost, "tax_code": tax.code, "tax_rate": tax.rate}


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


# -- posting -----------------------------------------------------------------------------------------------------------


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
    receipts, received = _locked(session, lines, shares)
    cleared = _clear(session, bill, lines, received, company.digits)
    costs = _costs(session, bill, lines, shares, received, sign, company)
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
    _warn_of_rest(session, done)
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
        _legs(bill, lines, {key: receipts[row["receipt_id"]] for key, row in received.items()}, done, sign, company),
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


def _locked(
    session: Session, lines: Sequence[Mapping[str, Any]], shares: Sequence[Mapping[str, Any]]
) -> tuple[dict[int, GoodsReceipt], dict[int, dict[str, Any]]]:
    """The receipts that a bill is about, locked, and their lines by key."""
    keys = {row["receipt_line_id"] for row in (*lines, *shares) if row["receipt_line_id"] is not None}
    table = table_of(GoodsReceiptLine)
    heads = session.execute(sa.select(table.c.receipt_id).where(table.c.id.in_(sorted(keys))).distinct()).scalars()
    receipts = {key: load(session, GoodsReceipt, key) for key in sorted(heads)}
    for receipt in receipts.values():
        require_state(receipt, ReceiptState.RECEIVED, doing=N_("be billed"))
    rows = [row for key in receipts for row in rows_of(session, GoodsReceiptLine, "receipt_id", key)]
    return receipts, {row["id"]: row for row in rows if row["id"] in keys}


def _clear(
    session: Session,
    bill: SupplierBill,
    lines: Sequence[dict[str, Any]],
    received: Mapping[int, dict[str, Any]],
    digits: int,
) -> dict[int, dict[str, Any]]:
    """Settle the receipt lines that a bill's goods are of; returns those touched, by key."""
    sent = _sent_back(session, bill) if bill.return_id is not None else {}
    touched = {}
    for line in (line for line in lines if line["receipt_line_id"] is not None):
        row, part = received[line["receipt_line_id"]], line["quantity"]
        left = Unsettled(row["quantity"] - row["billed"] - row["returned"], row["value"] - row["cleared"])
        if bill.kind is BillKind.BILL:
            _refuse_beyond(line, part, row["quantity"] - row["billed"])
            if part > left.quantity:
                warn(
                    session,
                    f"billed_back {line['position']}",
                    N_("Line {line}: {returned} of these goods went back; a credit for them is to come."),
                    line=line["position"],
                    returned=row["returned"].normalize(),
                )
            value = left.settled_by(part, row["quantity"], row["value"], digits)
            row["billed"], row["cleared"] = row["billed"] + part, row["cleared"] + value
        elif bill.return_id is not None:
            _refuse_beyond(line, part, min(-left.quantity, sent.get(row["id"], ZERO)))
            value = left.credited(part, digits)
            row["billed"], row["cleared"] = row["billed"] - part, row["cleared"] - value
        else:
            _refuse_beyond(line, part, min(row["billed"], row["quantity"] - row["returned"]))
            value = _unbilled(session, row, left, part, digits)
            row["billed"], row["cleared"] = row["billed"] - part, row["cleared"] - value
        line["cleared"] = value
        touched[row["id"]] = row
    return touched


def _refuse_beyond(line: Mapping[str, Any], part: Decimal, most: Decimal) -> None:
    if part > most:
        raise OverQuantityError(
            N_("Line {line}: {left} is left to bill or credit, {part} was asked for."),
            field=f"lines.{line['position']}.quantity",
            line=line["position"],
            left=max(most, ZERO).normalize(),
            part=part.normalize(),
        )


def _sent_back(session: Session, bill: SupplierBill) -> dict[int, Decimal]:
    """By receipt line: what went back with a credit's return and no credit gave back yet."""
    assert bill.return_id is not None
    back = load(session, SupplierReturn, bill.return_id)
    require_state(back, SupplierReturnState.SENT, doing=N_("be credited"))
    if bill.billed_on < back.returned_on:
        raise DateOrderError(
            N_("{number} went back on {day}; its credit cannot be earlier."),
            field="billed_on",
            number=back.label,
            day=back.returned_on.isoformat(),
        )
    credited = _credited(session, back.id)
    sent: dict[int, Decimal] = {}
    for row in rows_of(session, SupplierReturnLine, "return_id", back.id):
        sent[row["receipt_line_id"]] = sent.get(row["receipt_line_id"], ZERO) + row["quantity"]
    return {key: quantity - credited.get(key, ZERO) for key, quantity in sent.items()}


def _unbilled(session: Session, row: Mapping[str, Any], left: Unsettled, part: Decimal, digits: int) -> Decimal:
    """What a credit without goods takes back of what bills cleared: those goods are to be billed again."""
    if left.quantity < ZERO:
        raise WrongStateError(
            N_("{quantity} of these goods went back and are not credited; name the return on the credit."),
            quantity=-left.quantity.normalize(),
        )
    lines, heads = table_of(SupplierReturnLine), table_of(SupplierReturn)
    gone = session.execute(
        sa.select(sa.func.sum(lines.c.value, type_=lines.c.value.type))
        .join(heads, heads.c.id == lines.c.return_id)
        .where(lines.c.receipt_line_id == row["id"], heads.c.state == SupplierReturnState.SENT)
    ).scalar()
    return share_of(row["cleared"] - (gone or ZERO), part, row["billed"], digits)


def _costs(
    session: Session,
    bill: SupplierBill,
    lines: Sequence[Mapping[str, Any]],
    shares: Sequence[dict[str, Any]],
    received: Mapping[int, Mapping[str, Any]],
    sign: int,
    company: Company,
) -> list[tuple[dict[str, Any], Decimal]]:
    """What each receipt line's goods cost more (or less) by this bill, as rows of shares and their amounts."""
    found: list[tuple[dict[str, Any], Decimal]] = []
    fresh: list[dict[str, Any]] = []
    for line in lines:
        if line["receipt_line_id"] is None:
            mine = [share for share in shares if share["bill_line_id"] == line["id"]]
            weights = _weights(session, line["basis"], [received[share["receipt_line_id"]] for share in mine])
            parts = split(sign * line["cost"], weights, company.digits, Rounding(company.rounding))
            found += zip(mine, parts, strict=True)
        elif bill.return_id is None and line["cost"] != line["cleared"]:
            fresh.append(
                {
                    "bill_id": bill.id,
                    "bill_line_id": line["id"],
                    "receipt_line_id": line["receipt_line_id"],
                    "amount": sign * (line["cost"] - line["cleared"]),
                }
            )
    written = insert_rows(session, CostShare, fresh)
    return found + [(row, row["amount"]) for row in written]


def _warn_of_rest(session: Session, done: Revalued) -> None:
    if done.rest:
        warn(
            session,
            "more_than_worth",
            N_("{amount} is taken off goods that are worth less; it is posted as a stock difference."),
            amount=-done.rest,
        )


def _legs(
    bill: SupplierBill,
    lines: Iterable[Mapping[str, Any]],
    receipts: Mapping[int, GoodsReceipt],
    done: Revalued,
    sign: int,
    company: Company,
) -> list[Leg]:
    tax = round_to(bill.tax * bill.rate, company.digits, Rounding(company.rounding))
    owed = tax
    not_billed: dict[int | None, Decimal] = {}
    by_role = dict(done.by_role)
    for line in lines:
        owed += line["cost"]
        if line["receipt_line_id"] is None:
            continue
        party = receipts[line["receipt_line_id"]].supplier_id
        not_billed[party] = not_billed.get(party, ZERO) + sign * line["cleared"]
        if bill.return_id is not None:
            more = by_role.get(AccountRole.COST_OF_SALES, ZERO) + sign * (line["cost"] - line["cleared"])
            by_role[AccountRole.COST_OF_SALES] = more
    legs: list[Leg] = [(AccountRole.GOODS_NOT_BILLED, party, amount) for party, amount in not_billed.items()]
    legs += [(AccountRole.INPUT_TAX, None, sign * tax)]
    legs += [(AccountRole.INVENTORY, None, sum(done.to_stock.values(), ZERO))]
    legs += [(role, None, amount) for role, amount in sorted(by_role.items())]
    return [*legs, (AccountRole.PAYABLE, bill.supplier_id, -sign * owed)]
