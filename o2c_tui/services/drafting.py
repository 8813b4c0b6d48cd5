"""Drafts of quotations and orders: lines priced and taxed by the same sums that the editor shows while typing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlmodel import Session

from o2c_tui.errors import BadValueError, EmptyDocumentError
from o2c_tui.models.base import PRICE_PLACES
from o2c_tui.models.company import Company
from o2c_tui.models.item import TAX_KIND_REASONS, Item, TaxCode, Warehouse, WarehouseKind
from o2c_tui.models.party import Party
from o2c_tui.money import MOST_AMOUNT, Rounding, is_figure, round_to
from o2c_tui.queries.exchange import currency_on
from o2c_tui.queries.lookups import (
    ItemFacts,
    TaxFacts,
    UnitFacts,
    addresses,
    items_coded,
    party_by_code,
    taxes_on,
    term_parts,
    the_company,
    unit_named,
    units_of,
    unknown,
    warehouse_by_code,
)
from o2c_tui.queries.needs import ONE, in_stock_units
from o2c_tui.rules.exchange import Currency
from o2c_tui.rules.pricing import HUNDRED, LineInput
from o2c_tui.rules.tax import DocumentTotals, LineTotals, TaxRounding, totals
from o2c_tui.rules.tax_parts import taxes_in, write_parts
from o2c_tui.texts import N_

ZERO = Decimal(0)
MOST_QUANTITY = Decimal(10) ** 9
MOST_PRICE = Decimal(10) ** 10
PLACES = 6  # of quantities, unit prices and percents


@dataclass(frozen=True)
class LineDraft:
    """One line as a clerk enters it; what is None comes from the item and the customer."""

    item: str  # code; empty for a line of text with a price
    quantity: Decimal = Decimal(1)
    unit_price: Decimal | None = None
    description: str = ""
    discount_percent: Decimal = ZERO  # 5 is 5 %
    discount_amount: Decimal = ZERO
    tax_code: str | None = None
    note: str = ""
    unit: str = ""  # one of the item's units; empty: the one it is sold in


@dataclass(frozen=True)
class DocumentDraft:
    """A quotation or an order as a clerk enters it; what is empty comes from the customer and the company."""

    customer: str
    lines: tuple[LineDraft, ...] = ()
    dated_on: date | None = None
    valid_until: date | None = None  # quotations
    promised_on: date | None = None  # orders
    customer_reference: str = ""
    term: str = ""
    warehouse: str = ""
    bill_to: str = ""
    ship_to: str = ""
    note: str = ""
    discount_percent: Decimal = ZERO
    discount_amount: Decimal = ZERO
    prices_include_tax: bool | None = None
    external_key: str | None = None
    rate: Decimal | None = None  # what one unit of the customer's currency is in the company's; none: that of the day


@dataclass(frozen=True)
class Priced:
    """A draft with everything filled in: the head's frozen terms, the line rows, the totals."""

    customer: Party
    company: Company
    warehouse: Warehouse
    head: dict[str, Any]
    lines: list[dict[str, Any]]
    totals: DocumentTotals


@dataclass(frozen=True)
class Saved:
    """A draft that was saved: its key, its version, and how people call it."""

    id: int
    version: int
    label: str
    gross: Decimal


def check_decimals(values: Iterable[Decimal], most: int, position: int) -> None:
    """Refuse a figure with more decimals than its place takes, instead of rounding it quietly.

    Raises:
        BadValueError: names the figure.
    """
    for value in values:
        if value.is_finite() and abs(value) < MOST_AMOUNT and value != round_to(value, most):
            raise BadValueError(
                N_("Line {line}: {value} has more than {most} decimals."),
                field=f"lines.{position}",
                line=position,
                value=value,
                most=most,
            )


def check_line(
    line: LineDraft, item: ItemFacts | None, position: int, digits: int, unit: UnitFacts | None = None
) -> None:
    """Refuse a line that cannot be sold as it is. Amounts have `digits` decimals.

    Raises:
        BadValueError: quantity, price or discount out of bounds, or a fraction of a whole-unit item.
    """
    field = f"lines.{position}"
    price = line.unit_price if line.unit_price is not None else ZERO
    check_decimals((line.quantity, price, line.discount_percent), PLACES, position)
    check_decimals((line.discount_amount,), digits, position)
    if not is_figure(line.quantity, PLACES, MOST_QUANTITY) or not line.quantity:
        raise BadValueError(
            N_("Line {line}: the quantity must be more than 0 and at most {most}."),
            field=f"{field}.quantity",
            line=position,
            most=MOST_QUANTITY,
        )
    per = Fraction(unit.num, unit.den) if unit is not None else ONE
    in_stock = (
        in_stock_units(line.quantity, per, field=field) if item is not None and item.needs_stock else line.quantity
    )
    whole = [line.quantity] if unit is not None and unit.whole_units else []
    whole += [in_stock] if item is not None and item.whole_units else []
    if item is not None and any(quantity != quantity.to_integral_value() for quantity in whole):
        raise BadValueError(
            N_("Line {line}: {item} is sold in whole units only."),
            field=f"{field}.quantity",
            line=position,
            item=item.code,
        )
    if not is_figure(price, PLACES, MOST_PRICE):
        raise BadValueError(
            N_("Line {line}: the price must be from 0 to {most}."),
            field=f"{field}.unit_price",
            line=position,
            most=MOST_PRICE,
        )
    if not is_figure(line.discount_percent, PLACES, HUNDRED) or not is_figure(
        line.discount_amount, digits, MOST_AMOUNT
    ):
        raise BadValueError(
            N_("Line {line}: the discount must be from 0 to 100 percent."),
            field=f"{field}.discount_percent",
            line=position,
        )
    if item is not None and not item.active:
        raise BadValueError(N_("Line {line}: {item} is no longer sold."), field=field, line=position, item=item.code)
    if item is None and not line.description.strip():
        raise BadValueError(
            N_("Line {line}: give an item or a description."), field=f"{field}.description", line=position
        )


def tax_code_of(line: LineDraft, item: ItemFacts | None, customer: Party, company: Company, on: date) -> str:
    """Which tax a line bears: its own, else the customer's while it holds, else the item's, else the company's."""
    if line.tax_code is not None:
        return line.tax_code
    return customer_tax(customer, on) or (item.tax_code if item else "") or company.default_tax_code


def customer_tax(customer: Party, on: date) -> str:
    """The customer's own tax code on a day: nothing where it has none, or where its exemption has ended."""
    ended = customer.tax_exempt_until is not None and on > customer.tax_exempt_until
    return "" if ended else customer.tax_code


def tax_reason_of(tax: TaxFacts | None, certificate: str = "") -> str:
    """Why a line bears no tax, as it is printed: the code's own words, else those of its kind.

    The number of a certificate is a second line.
    """
    if tax is None or tax.rate:
        return ""
    reason = tax.reason or TAX_KIND_REASONS.get(tax.kind, "")
    return "\n".join((reason, certificate)) if reason and certificate else reason


def list_price(item: ItemFacts | None, unit: UnitFacts | None, currency: Currency | None = None) -> Decimal:
    """What one unit of an item costs where nobody says otherwise: so many times its stock unit's price.

    Items are priced in the company's currency; in another `currency` it is that, by the document's rate.
    """
    if item is None:
        return ZERO
    price = item.sale_price if unit is None else round_to(item.sale_price * unit.num / unit.den, PRICE_PLACES)
    return price if currency is None else currency.price(price)


def line_row(
    position: int,
    line: LineDraft,
    item: ItemFacts | None,
    tax: TaxFacts | None,
    *,
    prices_include_tax: bool,
    unit: UnitFacts | None = None,
    currency: Currency | None = None,
    certificate: str = "",
) -> dict[str, Any]:
    """The stored row of one entered line, before totals; `certificate` frees it of tax where its code is the customer's."""
    usual = list_price(item, unit, currency)
    price = line.unit_price if line.unit_price is not None else usual
    typed = line.unit_price is not None and (item is None or line.unit_price != usual)
    return {
        "position": position,
        "item_id": item.id if item else None,
        "description": line.description.strip() or (item.name if item else ""),
        "quantity": line.quantity,
        "unit": unit.unit if unit is not None else item.unit if item else "",
        "factor_num": unit.num if unit is not None else None,
        "factor_den": unit.den if unit is not None else None,
        "unit_price": price,
        "price_source": "typed" if typed else "",
        "discount_percent": line.discount_percent,
        "discount_amount": line.discount_amount,
        "tax_code": tax.code if tax else "",
        "tax_rate": tax.rate if tax else ZERO,
        "tax_included": prices_include_tax or bool(tax and tax.included),
        "tax_parts": write_parts(tax.taxes) if tax else "",
        "tax_reason": tax_reason_of(tax, certificate),
        "note": line.note.strip(),
    }


def document_totals(rows: Sequence[dict[str, Any]], head: dict[str, Any]) -> DocumentTotals:
    """The totals of line rows under a head's terms: the one sum behind editor, verb and document."""
    inputs = [
        LineInput(
            row["quantity"],
            row["unit_price"],
            row["discount_percent"],
            row["discount_amount"],
            row["tax_code"],
            row["tax_rate"],
            tax_included=row["tax_included"],
            taxes=taxes_in(row["tax_parts"]),
        )
        for row in rows
    ]
    return totals(
        inputs,
        prices_include_tax=head["prices_include_tax"],
        tax_rounding=TaxRounding(head["tax_rounding"]),
        digits=head["digits"],
        rounding=Rounding(head["rounding"]),
        document_discount_percent=head["discount_percent"],
        document_discount_amount=head["discount_amount"],
        cash_step=head["cash_step"],
    )


def line_shares(row: Mapping[str, Any], told: LineTotals) -> dict[str, Any]:
    """What a line keeps of its document's totals: net, tax, and each of its several taxes."""
    parts = write_parts(taxes_in(row["tax_parts"]), told.parts) if row["tax_parts"] else ""
    return {"net": told.net, "tax": told.tax, "tax_parts": parts}


def head_sums(told: DocumentTotals) -> dict[str, Any]:
    """What a document's head keeps of its totals."""
    return {"net": told.net, "tax": told.tax, "cash_difference": told.cash_difference, "gross": told.gross}


def price_lines(
    session: Session,
    lines: Sequence[LineDraft],
    customer: Party,
    company: Company,
    *,
    on: date,
    prices_include_tax: bool,
    currency: Currency,
    first: int = 1,
) -> list[dict[str, Any]]:
    """The rows of entered lines, filled in from items, customer and company, before totals; `first` is their position.

    Raises:
        UnknownCodeError, BadValueError: see price_draft.
    """
    coded = items_coded(session, (line.item for line in lines), party_id=customer.id)
    asked = [c.item.id for line in lines if (c := coded.get(line.item.strip().upper())) and (line.unit or c.sold_in)]
    units = units_of(session, asked) if asked else {}
    found: list[tuple[LineDraft, ItemFacts | None, UnitFacts | None]] = []
    for position, line in enumerate(lines, first):
        code = line.item.strip().upper()
        if code and code not in coded:
            raise unknown(session, Item, N_("item"), line.item, f"lines.{position}")
        item, scanned = (coded[code].item, coded[code].sold_in) if code else (None, "")
        unit = unit_named(item, units, line.unit or scanned, field=f"lines.{position}") if item is not None else None
        check_line(line, item, position, currency.digits, unit)
        found.append((line, item, unit))
    codes = [tax_code_of(line, item, customer, company, on) for line, item, _ in found]
    taxes = taxes_on(session, codes, on)
    for position, code in enumerate(codes, first):
        if code and code not in taxes:
            raise unknown(session, TaxCode, N_("tax code"), code, f"lines.{position}")
    return [
        line_row(
            position,
            line,
            item,
            taxes.get(code),
            prices_include_tax=prices_include_tax,
            unit=unit,
            currency=currency,
            certificate=customer.tax_exempt_note if code == customer_tax(customer, on) else "",
        )
        for position, ((line, item, unit), code) in enumerate(zip(found, codes, strict=True), first)
    ]


def price_draft(session: Session, draft: DocumentDraft, *, on: date) -> Priced:
    """Fill in and add up a draft as it stands on a day.

    Raises:
        UnknownCodeError: customer, item, tax code, term or warehouse is not known; near codes are offered.
        BadValueError: a line that cannot be sold as it is, or a warehouse that is no store.
        MissingValueError: the customer's currency has no rate on the day.
    """
    company = the_company(session)
    customer = party_by_code(session, draft.customer)
    warehouse = warehouse_by_code(session, draft.warehouse or company.default_warehouse)
    if warehouse.kind is not WarehouseKind.STORE:
        raise BadValueError(
            N_("{code} is no store; goods are sold from stores only."), field="warehouse", code=warehouse.code
        )
    included = draft.prices_include_tax
    if included is None:
        included = (
            customer.prices_include_tax if customer.prices_include_tax is not None else company.prices_include_tax
        )
    currency = currency_on(session, company, customer.currency, on, draft.rate)
    rows = price_lines(session, draft.lines, customer, company, on=on, prices_include_tax=included, currency=currency)
    term = draft.term or customer.term or company.default_term
    if draft.term:
        term_parts(session, term)  # refuses an unknown one
    if not is_figure(draft.discount_percent, PLACES, HUNDRED) or not is_figure(
        draft.discount_amount, currency.digits, MOST_AMOUNT
    ):
        raise BadValueError(N_("The discount must be from 0 to 100 percent."), field="discount_percent")
    bill_to, ship_to = addresses(session, customer)
    head = {
        "customer_reference": draft.customer_reference.strip(),
        "bill_to": draft.bill_to or bill_to,
        "ship_to": draft.ship_to or ship_to,
        "term": term,
        "currency": currency.code,
        "digits": currency.digits,
        "rate": currency.rate,
        "language": customer.language or company.language,
        "rounding": company.rounding,
        "tax_rounding": company.tax_rounding,
        "cash_step": ZERO if currency.is_foreign else company.cash_step,
        "prices_include_tax": included,
        "discount_percent": draft.discount_percent,
        "discount_amount": draft.discount_amount,
        "note": draft.note.strip(),
    }
    summed = document_totals(rows, head)
    check_totals(rows, summed)
    return finish(Priced(customer, company, warehouse, head, rows, summed))


def check_totals(rows: Sequence[Mapping[str, Any]], summed: DocumentTotals) -> None:
    """Refuse discounts beyond what they are taken off, and totals beyond what the books hold.

    Raises:
        BadValueError: names the line, or the document.
    """
    for line, row in zip(rows, summed.lines, strict=True):
        if row.amount < ZERO:
            raise BadValueError(
                N_("Line {line}: the discount is more than the line's {amount}."),
                field=f"lines.{line['position']}",
                line=line["position"],
                amount=row.amount + line["discount_amount"],
            )
    before = sum((row.amount for row in summed.lines), ZERO)
    if summed.discount > before:
        raise BadValueError(
            N_("The discount is more than the document's {amount}."), field="discount_amount", amount=before
        )
    if max(before, summed.gross) > MOST_AMOUNT:
        raise BadValueError(
            N_("The total is more than the books hold ({most}); make several documents."), most=MOST_AMOUNT
        )


def finish(priced: Priced) -> Priced:
    """Write the totals into the head and each line's share into its row."""
    summed = priced.totals
    for row, line in zip(priced.lines, summed.lines, strict=True):
        row.update(line_shares(row, line))
    return replace(priced, head={**priced.head, **head_sums(summed)})


def require_lines(lines: Sequence[Any], label: str) -> None:
    """Refuse to go on with a document that has no lines.

    Raises:
        EmptyDocumentError: it has none.
    """
    if not lines:
        raise EmptyDocumentError(N_("{document} has no lines. Add at least one, then go on."), document=label)
