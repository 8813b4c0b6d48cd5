"""The lines of a supplier bill as they are written down: goods, charges, what they cost and add up to.

Rule: docs/rules/purchasing.md, "Bills".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.errors import (
    BadValueError,
    MissingValueError,
    NotFoundError,
    OverQuantityError,
)
from o2c_tui.models.base import PRICE_PLACES
from o2c_tui.models.company import Company
from o2c_tui.models.item import Item, TaxCode
from o2c_tui.models.party import Party
from o2c_tui.models.purchase import (
    BillKind,
    BillState,
    ChargeBasis,
    PurchaseOrderLine,
    SupplierBill,
    SupplierBillLine,
    SupplierReturn,
)
from o2c_tui.money import MOST_AMOUNT, Rounding, is_figure, round_to, split
from o2c_tui.queries.lookups import items_by_id, taxes_on, unknown
from o2c_tui.queries.needs import factor_of
from o2c_tui.rules.pricing import LineInput
from o2c_tui.rules.tax import TaxRounding, totals
from o2c_tui.services.bill_draft import BillDraft, BillLineDraft, ChargeDraft, Lines, Received, left_of, places_of
from o2c_tui.services.drafting import MOST_PRICE, PLACES
from o2c_tui.services.support import warn
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)

ODD_CENTS = 5  # by which the tax on the paper may differ before it is said


@dataclass(frozen=True)
class Taxed:
    code: str
    rate: Decimal
    included: bool


def bill_rows(
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
) -> tuple[list[dict[str, Any]], list[Taxed]]:
    """The rows of a bill before its sums: goods, then charges; `over` are the receipt lines a charge is shared over."""
    received = [lines[place] for place in places_of(draft, lines)]
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
    return rows, [Taxed(tax.code, tax.rate, tax.included) if tax else Taxed("", ZERO, False) for tax in told]


def _check_owner(one: Received, supplier: Party, back: SupplierReturn | None, position: int) -> None:
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
    one: Received,
    kind: BillKind,
    each: Fraction,
    digits: int,
    rounding: Rounding,
    position: int,
) -> dict[str, Any]:
    field = f"lines.{position}"
    quantity = line.quantity if line.quantity is not None else left_of(kind, one.row)
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
    over: dict[int, Received] = {}
    for name in charge.receipts:
        number, _, position = name.strip().upper().partition("/")
        chosen = [one for (label, at), one in lines.items() if label == number and position in ("", str(at))]
        if not chosen:
            raise NotFoundError(N_("There is no document {number}."), field=f"{field}.receipts", number=name)
        over |= {one.row["id"]: one for one in chosen}
    if not over:
        raise MissingValueError(N_("Say over which receipts the charge is shared."), field=f"{field}.receipts")
    if not any(weights_by(session, charge.basis, [one.row for one in over.values()])):
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


def weights_by(session: Session, basis: ChargeBasis, rows: Sequence[Mapping[str, Any]]) -> list[Decimal]:
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


def add_up(
    session: Session,
    rows: Sequence[dict[str, Any]],
    taxes: Sequence[Taxed],
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
