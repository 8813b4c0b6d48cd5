"""Purchase orders: what is bought from whom, at which price and rate, until it has come or is given up.

Rule: docs/rules/purchasing.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, DuplicateError, NotFoundError, WrongStateError
from o2c_tui.models.base import PRICE_PLACES
from o2c_tui.models.item import Item, SupplierItem
from o2c_tui.models.order import SalesOrder
from o2c_tui.models.party import Party
from o2c_tui.models.purchase import PurchaseOrder, PurchaseOrderLine, PurchaseState
from o2c_tui.models.receipt import GoodsReceipt, GoodsReceiptLine, ReceiptState
from o2c_tui.models.trade import Progress
from o2c_tui.money import MOST_AMOUNT, Rounding, digits_of, is_figure, round_to
from o2c_tui.queries.lookups import (
    Coded,
    ItemFacts,
    UnitFacts,
    addresses,
    items_coded,
    party_by_code,
    term_parts,
    the_company,
    unit_named,
    units_of,
    unknown,
    warehouse_by_code,
)
from o2c_tui.queries.needs import ONE, factor_of, in_stock_units
from o2c_tui.rules.buying import BoughtLine, billing_progress, in_line_units, in_packs, receipt_progress
from o2c_tui.services.buying_rates import buying_rate
from o2c_tui.services.drafting import MOST_PRICE, MOST_QUANTITY, PLACES, Saved, check_decimals, require_lines
from o2c_tui.services.numbering import next_number
from o2c_tui.services.records import Record
from o2c_tui.services.replenishing import watch
from o2c_tui.services.support import load, own, require_state, take_step, warn
from o2c_tui.storage.chain import created, decide, decided_row, record
from o2c_tui.storage.rows import LOCK, delete_rows, insert_rows, rows_of, table_of, update_rows
from o2c_tui.texts import N_

ZERO = Decimal(0)
MOST_DAYS = 3650


@dataclass(frozen=True)
class PurchaseLineDraft:
    """One line as a clerk enters it; what is None comes from what the supplier asks for the item."""

    item: str  # our code, the supplier's, or a barcode
    quantity: Decimal
    unit: str = ""  # one of the item's units; empty: the unit the supplier sells it in
    unit_price: Decimal | None = None
    description: str = ""
    expected_on: date | None = None
    exact: bool = False  # neither rounded up to the supplier's packs nor raised to its minimum


@dataclass(frozen=True)
class PurchaseDraft:
    """A purchase order as a clerk enters it; what is empty comes from the supplier and the company."""

    supplier: str
    lines: tuple[PurchaseLineDraft, ...] = ()
    dated_on: date | None = None
    expected_on: date | None = None
    warehouse: str = ""
    sales_order: str = ""  # number of the order it is bought for
    supplier_reference: str = ""
    deliver_to: str = ""
    term: str = ""
    currency: str = ""
    rate: Decimal | None = None  # what one unit of a foreign currency is in the company's
    note: str = ""
    external_key: str | None = None


def save_supplier_item(
    session: Session,
    supplier: str,
    item: str,
    *,
    supplier_code: str | None = None,
    unit: str | None = None,
    price: Decimal | None = None,
    pack: Decimal | None = None,
    minimum: Decimal | None = None,
    lead_time_days: int | None = None,
    active: bool | None = None,
    by: str,
    today: date,
) -> Record:
    """How a supplier sells us an item: its code, unit, price, pack, minimum and lead time; what is None stays as it is.

    Price, pack and minimum are those of one `unit` in the supplier's currency. Orders that were made keep theirs.

    Raises:
        UnknownCodeError: supplier or item. BadValueError: a figure out of bounds, no such unit, or an item not kept in stock.
        DuplicateError: the supplier calls another item so.
    """
    party = party_by_code(session, supplier, word=N_("supplier"), field="supplier")
    thing = session.exec(select(Item).where(Item.code == item.strip().upper()).with_for_update(**LOCK)).one_or_none()
    if thing is None:
        raise unknown(session, Item, N_("item"), item, "item")
    coded = items_coded(session, [thing.code])[thing.code].item
    if not coded.stocked:
        raise BadValueError(N_("{item} is not kept in stock."), field="item", item=thing.code)
    query = select(SupplierItem).where(SupplierItem.supplier_id == party.id, SupplierItem.item_id == thing.id)
    found = session.exec(query).one_or_none()
    values: dict[str, Any] = {
        "supplier_code": supplier_code.strip() if supplier_code is not None else None,
        "unit": _unit_name(session, coded, unit) if unit is not None else None,
        "price": price,
        "pack": pack,
        "minimum": minimum,
        "lead_time_days": lead_time_days,
        "active": active,
    }
    values = {name: value for name, value in values.items() if value is not None}
    for name, most in (("price", MOST_PRICE), ("pack", MOST_QUANTITY), ("minimum", MOST_QUANTITY)):
        if name in values and not is_figure(values[name], PLACES, most):
            raise BadValueError(N_("Give figures of 0 or more."), field=name)
    if not 0 <= values.get("lead_time_days", 0) <= MOST_DAYS:
        raise BadValueError(N_("Give a number of days from 0 to {most}."), field="lead_time_days", most=MOST_DAYS)
    if values.get("supplier_code"):
        _refuse_taken_code(session, party, thing, values["supplier_code"])
    is_new = found is None
    if found is None:
        found = SupplierItem(supplier_id=party.id, item_id=thing.id, **values)
        session.add(found)
        session.flush()
        created(session, found)
    else:
        decide(session, found, **values)
        found.version += 1
    if not party.is_supplier:
        decide(session, party, is_supplier=True)
    record(session, "save_supplier_item", found, by=by)
    return Record(found.id, thing.code, is_new)


def _unit_name(session: Session, item: ItemFacts, name: str) -> str:
    unit = unit_named(item, units_of(session, [item.id]), name, field="unit")
    return unit.unit if unit is not None else ""


def _refuse_taken_code(session: Session, party: Party, item: Item, code: str) -> None:
    other = session.exec(
        select(Item)
        .join(SupplierItem, col(SupplierItem.item_id) == col(Item.id))
        .where(
            SupplierItem.supplier_id == party.id,
            sa.func.upper(col(SupplierItem.supplier_code)) == code.upper(),
            col(SupplierItem.active),
            Item.id != item.id,
        )
    ).first()
    if other is not None:
        raise DuplicateError(N_("{code} means {other} already."), field="supplier_code", code=code, other=other.code)


# -- drafts ------------------------------------------------------------------------------------------------------------


def save_purchase(
    session: Session,
    draft: PurchaseDraft,
    *,
    document_id: int | None = None,
    version: int | None = None,
    by: str,
    today: date,
) -> Saved:
    """Save a purchase order as a draft: nothing is ordered yet, and it has no number.

    Quantities are rounded up to the supplier's packs and minimum, which is said; prices that nobody typed are the
    supplier's, in its currency, at the rate given, else at that of its date (docs/rules/currency.md, "Rates").

    Raises:
        UnknownCodeError: supplier, item, term, warehouse or sales order. BadValueError: a line that cannot be bought so.
        MissingValueError: a foreign currency without a rate. WrongStateError, ConflictError: it is no draft any more.
    """
    on = draft.dated_on or today
    company = the_company(session)
    supplier = party_by_code(session, draft.supplier, word=N_("supplier"), field="supplier")
    warehouse = warehouse_by_code(session, draft.warehouse or company.default_warehouse)
    currency = (draft.currency or supplier.currency or company.currency).strip().upper()
    digits = digits_of(currency)
    term = draft.term or supplier.term or company.default_term
    if draft.term:
        term_parts(session, draft.term)
    rows, lead = _line_rows(session, draft, supplier, currency, digits, Rounding(company.rounding))
    net = sum((row["net"] for row in rows), ZERO)
    if net > MOST_AMOUNT:
        raise BadValueError(
            N_("The total is more than the books hold ({most}); make several documents."), most=MOST_AMOUNT
        )
    values: dict[str, Any] = {
        "supplier_id": supplier.id,
        "warehouse_id": warehouse.id,
        "sales_order_id": _sales_order(session, draft.sales_order),
        "ordered_on": on,
        "supplier_reference": draft.supplier_reference.strip(),
        "address": addresses(session, supplier)[0],
        "deliver_to": draft.deliver_to or "\n".join(filter(None, (company.name, warehouse.address or company.address))),
        "term": term,
        "currency": currency,
        "digits": digits,
        "rate": buying_rate(session, company, currency, draft.rate, on),
        "language": supplier.language or company.language,
        "note": draft.note.strip(),
        "net": net,
        "external_key": draft.external_key,
    }
    if document_id is None:
        order = own(session, PurchaseOrder(**values, by=by))
    else:
        order = load(session, PurchaseOrder, document_id, version=version)
        require_state(order, PurchaseState.DRAFT, doing=N_("be edited"))
        for name, value in values.items():
            setattr(order, name, value)
        order.version += 1
        _drop_lines(session, order)
    decide(session, order, expected_on=draft.expected_on or (on + timedelta(days=lead) if lead else None))
    _add_lines(session, order, rows)
    record(session, "save_purchase", order, by=by)
    return Saved(order.id, order.version, order.label, order.net)


def _drop_lines(session: Session, order: PurchaseOrder) -> None:
    """Take a draft's lines away; a database may give their keys to others, so what was decided of them ends."""
    for line in rows_of(session, PurchaseOrderLine, "order_id", order.id):
        if line["expected_on"] is not None:
            decided_row(session, PurchaseOrderLine, line, "expected_on", line["expected_on"], None)
    delete_rows(session, PurchaseOrderLine, "order_id", order.id)


def _add_lines(session: Session, order: PurchaseOrder, rows: Sequence[Mapping[str, Any]]) -> None:
    made = [{**row, "order_id": order.id} for row in rows]
    for line in insert_rows(session, PurchaseOrderLine, made, parent="order_id"):
        if line["expected_on"] is not None:
            decided_row(session, PurchaseOrderLine, line, "expected_on", None, line["expected_on"])


def _sales_order(session: Session, number: str) -> int | None:
    if not number.strip():
        return None
    found = session.exec(select(SalesOrder).where(SalesOrder.number == number.strip().upper())).one_or_none()
    if found is None:
        raise NotFoundError(N_("There is no document {number}."), field="sales_order", number=number)
    return found.id


def _line_rows(
    session: Session, draft: PurchaseDraft, supplier: Party, currency: str, digits: int, rounding: Rounding
) -> tuple[list[dict[str, Any]], int]:
    """The rows of a draft's lines, and the longest lead time among them."""
    coded = _coded(session, supplier, [line.item for line in draft.lines])
    for position, line in enumerate(draft.lines, 1):
        if line.item.strip().upper() not in coded:
            raise unknown(session, Item, N_("item"), line.item, f"lines.{position}")
    found = [coded[line.item.strip().upper()] for line in draft.lines]
    keys = sorted({code.item.id for code in found})
    units = units_of(session, keys)
    offers = {
        row.item_id: row
        for row in session.exec(
            select(SupplierItem).where(
                SupplierItem.supplier_id == supplier.id,
                col(SupplierItem.item_id).in_(keys),
                col(SupplierItem.active),
            )
        )
    }
    last = _last_prices(session, supplier, currency, [key for key in keys if key not in offers])
    rows = []
    for position, (line, code) in enumerate(zip(draft.lines, found, strict=True), 1):
        item, offer = code.item, offers.get(code.item.id)
        name = line.unit or code.unit or (offer.unit if offer else "")
        unit = unit_named(item, units, name, field=f"lines.{position}.unit")
        per = _per(unit)
        offered = _per(unit_named(item, units, offer.unit)) if offer else ONE
        quantity = line.quantity
        _check_line(line, item, position)
        if offer is not None and not line.exact:
            quantity = _in_packs(session, line, item, offer, per / offered, position)
        _check_whole(quantity, item, unit, per, position)
        price = line.unit_price
        if price is None:
            each = Fraction(offer.price) / offered if offer else last.get(item.id)
            if not each:
                warn(
                    session,
                    f"no_price {position}",
                    N_("Line {line}: {item} has no price of this supplier; it is taken as 0."),
                    line=position,
                    item=item.code,
                )
            price = _decimal(each * per if each else Fraction(0))
        rows.append(
            {
                "position": position,
                "item_id": item.id,
                "description": line.description.strip() or item.name,
                "supplier_code": offer.supplier_code if offer else "",
                "quantity": quantity,
                "unit": unit.unit if unit is not None else item.unit,
                "factor_num": unit.num if unit is not None else None,
                "factor_den": unit.den if unit is not None else None,
                "unit_price": price,
                "net": round_to(quantity * price, digits, rounding),
                "expected_on": line.expected_on,
            }
        )
    return rows, max((offer.lead_time_days for offer in offers.values()), default=0)


def _per(unit: UnitFacts | None) -> Fraction:
    return Fraction(unit.num, unit.den) if unit is not None else ONE


def _decimal(exact: Fraction) -> Decimal:
    return round_to(Decimal(exact.numerator) / Decimal(exact.denominator), PRICE_PLACES)


def _coded(session: Session, supplier: Party, codes: Sequence[str]) -> dict[str, Coded]:
    """What typed codes mean: first as the supplier calls things, then as everybody does."""
    wanted = {code.strip().upper() for code in codes if code.strip()}
    known = items_coded(session, wanted, party_id=supplier.id)
    theirs = session.execute(
        sa.select(sa.func.upper(col(SupplierItem.supplier_code)), col(Item.code))
        .join(Item, col(Item.id) == col(SupplierItem.item_id))
        .where(
            col(SupplierItem.supplier_id) == supplier.id,
            sa.func.upper(col(SupplierItem.supplier_code)).in_(sorted(wanted - set(known))),
            col(SupplierItem.active),
        )
    ).all()
    mine = items_coded(session, [code for _, code in theirs]) if theirs else {}
    return known | {told: mine[code] for told, code in theirs}


def _last_prices(session: Session, supplier: Party, currency: str, item_ids: Sequence[int]) -> dict[int, Fraction]:
    """What one stock unit of some items cost on the last order to a supplier."""
    if not item_ids:
        return {}
    lines, heads = table_of(PurchaseOrderLine), table_of(PurchaseOrder)
    newest = (
        sa.select(sa.func.max(lines.c.id))
        .join(heads, heads.c.id == lines.c.order_id)
        .where(
            heads.c.supplier_id == supplier.id,
            heads.c.currency == currency,
            heads.c.state.in_((PurchaseState.SENT, PurchaseState.CLOSED)),
            lines.c.item_id.in_(item_ids),
        )
        .group_by(lines.c.item_id)
    )
    query = sa.select(lines.c.item_id, lines.c.unit_price, lines.c.factor_num, lines.c.factor_den)
    return {
        row.item_id: Fraction(row.unit_price) / factor_of(dict(row._mapping))
        for row in session.execute(query.where(lines.c.id.in_(newest)))
    }


def _check_line(line: PurchaseLineDraft, item: ItemFacts, position: int) -> None:
    field = f"lines.{position}"
    price = line.unit_price if line.unit_price is not None else ZERO
    check_decimals((line.quantity, price), PLACES, position)
    if not is_figure(line.quantity, PLACES, MOST_QUANTITY) or not line.quantity:
        raise BadValueError(
            N_("Line {line}: the quantity must be more than 0 and at most {most}."),
            field=f"{field}.quantity",
            line=position,
            most=MOST_QUANTITY,
        )
    if not is_figure(price, PLACES, MOST_PRICE):
        raise BadValueError(
            N_("Line {line}: the price must be from 0 to {most}."),
            field=f"{field}.unit_price",
            line=position,
            most=MOST_PRICE,
        )
    if not item.stocked:
        raise BadValueError(N_("Line {line}: {item} is not kept in stock."), field=field, line=position, item=item.code)
    if not item.active:
        raise BadValueError(N_("Line {line}: {item} is no longer sold."), field=field, line=position, item=item.code)


def _check_whole(quantity: Decimal, item: ItemFacts, unit: UnitFacts | None, per: Fraction, position: int) -> None:
    field = f"lines.{position}.quantity"
    whole = [quantity] if unit is not None and unit.whole_units else []
    in_stock = in_stock_units(quantity, per, field=field)
    whole += [in_stock] if item.whole_units else []
    if any(part != part.to_integral_value() for part in whole):
        raise BadValueError(
            N_("Line {line}: {item} comes in whole units only."), field=field, line=position, item=item.code
        )


def _in_packs(
    session: Session, line: PurchaseLineDraft, item: ItemFacts, offer: SupplierItem, per: Fraction, position: int
) -> Decimal:
    """A line's quantity as the supplier sells it; `per` is how many of the supplier's units one of the line's is."""
    exact = in_packs(Fraction(line.quantity) * per, Fraction(offer.pack), Fraction(offer.minimum)) / per
    quantity = _decimal(exact)
    if quantity == line.quantity or Fraction(quantity) != exact:
        return line.quantity
    warn(
        session,
        f"rounded_up {position}",
        N_("Line {line}: {item} is sold in packs of {pack}, at least {minimum}; {quantity} became {more}."),
        line=position,
        item=item.code,
        pack=(offer.pack or Decimal(1)).normalize(),
        minimum=offer.minimum.normalize(),
        quantity=line.quantity.normalize(),
        more=quantity.normalize(),
    )
    return quantity


def delete_purchase(session: Session, purchase_id: int, *, version: int | None = None, by: str, today: date) -> None:
    """Throw a draft purchase order away.

    Raises:
        WrongStateError: it was sent.
    """
    order = load(session, PurchaseOrder, purchase_id, version=version)
    require_state(order, PurchaseState.DRAFT, doing=N_("be deleted"))
    _drop_lines(session, order)
    decide(session, order, expected_on=None)
    session.flush()
    session.delete(order)
    record(session, "delete_purchase", order, by=by)


# -- the life of an order ----------------------------------------------------------------------------------------------


def send_purchase(
    session: Session, purchase_id: int, *, version: int | None = None, by: str, today: date, now: datetime
) -> Saved:
    """Order: the purchase order takes its number, and its goods count as incoming.

    Raises:
        WrongStateError: it is no draft; EmptyDocumentError: it has no lines.
    """
    order = load(session, PurchaseOrder, purchase_id, version=version)
    require_state(order, PurchaseState.DRAFT, doing=N_("be sent"))
    lines = rows_of(session, PurchaseOrderLine, "order_id", purchase_id)
    require_lines(lines, N_("The purchase order"))
    supplier = load(session, Party, order.supplier_id)
    if not supplier.is_supplier:
        decide(session, supplier, is_supplier=True)
    order.number = next_number(session, "purchase_order", order.ordered_on)
    take_step(session, order, PurchaseState.SENT)
    decide(session, order, sent_at=now)
    session.flush()
    _watch(session, order, lines, today)
    record(
        session, "send_purchase", order, by=by, facts=[(PurchaseOrder, [order]), (PurchaseOrderLine, lines)], on=today
    )
    return Saved(order.id, order.version, order.label, order.net)


def order_purchase(session: Session, draft: PurchaseDraft, *, by: str, today: date, now: datetime) -> Saved:
    """Write a purchase order and send it in one step (see save_purchase and send_purchase)."""
    saved = save_purchase(session, draft, by=by, today=today)
    return send_purchase(session, saved.id, by=by, today=today, now=now)


def _watch(session: Session, order: PurchaseOrder, lines: Iterable[Mapping[str, Any]], today: date) -> None:
    """What is incoming has changed: raise or clear the alerts of its items."""
    session.flush()
    watch(session, [line["item_id"] for line in lines], order.warehouse_id, today)


def close_purchase(session: Session, purchase_id: int, *, version: int | None = None, by: str, today: date) -> Saved:
    """Close a purchase order short: what did not come is no longer expected. What came can still be billed.

    Raises:
        WrongStateError: it was not sent, or is over.
    """
    order = load(session, PurchaseOrder, purchase_id, version=version)
    take_step(session, order, PurchaseState.CLOSED)
    _give_up_rest(session, order, today)
    record(session, "close_purchase", order, by=by, on=today)
    return Saved(order.id, order.version, order.label, order.net)


def cancel_purchase(
    session: Session, purchase_id: int, reason: str = "", *, version: int | None = None, by: str, today: date
) -> Saved:
    """Cancel a purchase order of which nothing came.

    Raises:
        WrongStateError: something came already (close it short instead), or it was not sent.
    """
    order = load(session, PurchaseOrder, purchase_id, version=version)
    require_state(order, PurchaseState.SENT, doing=N_("be cancelled"))
    if order.receipt is not Progress.NONE:
        raise WrongStateError(
            N_("Goods of {order} came already; close it short instead of cancelling it."), order=order.label
        )
    take_step(session, order, PurchaseState.CANCELLED)
    _give_up_rest(session, order, today)
    record(session, "cancel_purchase", order, by=by, reason=reason, on=today)
    return Saved(order.id, order.version, order.label, order.net)


def _give_up_rest(session: Session, order: PurchaseOrder, today: date) -> None:
    lines = rows_of(session, PurchaseOrderLine, "order_id", order.id)
    ended = []
    for line in lines:
        rest = max(ZERO, line["quantity"] - line["cancelled"] - line["received"])
        if rest:
            decided_row(session, PurchaseOrderLine, line, "cancelled", line["cancelled"], line["cancelled"] + rest)
            line["cancelled"] += rest
            ended.append(line)
    update_rows(session, PurchaseOrderLine, ended, "cancelled")
    refresh_purchase(session, order)
    _watch(session, order, lines, today)


def reopen_purchase(session: Session, purchase_id: int, *, version: int | None = None, by: str, today: date) -> Saved:
    """Open a closed purchase order again: what did not come is expected again.

    Raises:
        WrongStateError: it is not closed.
    """
    order = load(session, PurchaseOrder, purchase_id, version=version)
    require_state(order, PurchaseState.CLOSED, doing=N_("be opened again"))
    take_step(session, order, PurchaseState.SENT)
    lines = rows_of(session, PurchaseOrderLine, "order_id", purchase_id)
    again = [line for line in lines if line["cancelled"]]
    for line in again:
        decided_row(session, PurchaseOrderLine, line, "cancelled", line["cancelled"], ZERO)
        line["cancelled"] = ZERO
    update_rows(session, PurchaseOrderLine, again, "cancelled")
    refresh_purchase(session, order)
    _watch(session, order, lines, today)
    record(session, "reopen_purchase", order, by=by, on=today)
    return Saved(order.id, order.version, order.label, order.net)


def set_expected(
    session: Session,
    purchase_id: int,
    expected_on: date | None,
    *,
    lines: tuple[int, ...] = (),
    version: int | None = None,
    by: str,
    today: date,
) -> None:
    """Say when the goods are expected: all of an order, or the `lines` of these positions; None for a line goes back to
    the order's day.

    Raises:
        WrongStateError: the order is over. NotFoundError: it has no such line.
    """
    order = load(session, PurchaseOrder, purchase_id, version=version)
    require_state(order, PurchaseState.DRAFT, PurchaseState.SENT, doing=N_("be expected"))
    by_position = {line["position"]: line for line in rows_of(session, PurchaseOrderLine, "order_id", purchase_id)}
    changed = []
    for position in lines:
        line = by_position.get(position)
        if line is None:
            raise NotFoundError(N_("There is no line {line}."), field="lines", line=position)
        if line["expected_on"] != expected_on:
            decided_row(session, PurchaseOrderLine, line, "expected_on", line["expected_on"], expected_on)
            line["expected_on"] = expected_on
            changed.append(line)
    update_rows(session, PurchaseOrderLine, changed, "expected_on")
    if not lines:
        decide(session, order, expected_on=expected_on)
    order.version += 1
    record(session, "set_expected", order, by=by, on=today)


# -- how far it has come -----------------------------------------------------------------------------------------------


def bought_lines(session: Session, purchase_id: int) -> dict[int, BoughtLine]:
    """What became of the lines of a purchase order, from its receipts, by line."""
    lines = rows_of(session, PurchaseOrderLine, "order_id", purchase_id)
    heads, received = table_of(GoodsReceipt), table_of(GoodsReceiptLine)
    query = (
        sa.select(
            received.c.purchase_line_id,
            received.c.purchased,
            received.c.quantity,
            received.c.billed,
            received.c.returned,
        )
        .join(heads, heads.c.id == received.c.receipt_id)
        .where(heads.c.purchase_order_id == purchase_id, heads.c.state == ReceiptState.RECEIVED)
    )
    came: dict[int, list[Decimal]] = {line["id"]: [ZERO, ZERO, ZERO] for line in lines}
    for row in session.execute(query):
        sums = came[row.purchase_line_id]
        sums[0] += row.purchased
        sums[1] += in_line_units(row.billed, row.purchased, row.quantity)
        sums[2] += in_line_units(row.returned, row.purchased, row.quantity)
    return {
        line["id"]: BoughtLine(
            line["quantity"], line["cancelled"], came[line["id"]][0], came[line["id"]][2], came[line["id"]][1]
        )
        for line in lines
    }


def refresh_purchase(session: Session, order: PurchaseOrder) -> None:
    """Keep what is received and billed of a purchase order true to its receipts."""
    session.flush()
    now = bought_lines(session, order.id)
    lines = rows_of(session, PurchaseOrderLine, "order_id", order.id)
    changed = []
    for line in lines:
        told = now[line["id"]]
        if (line["received"], line["billed"]) != (told.received, told.billed):
            line["received"], line["billed"] = told.received, told.billed
            changed.append(line)
    update_rows(session, PurchaseOrderLine, changed, "received", "billed")
    order.receipt = Progress(receipt_progress(now.values()))
    order.billing = Progress(billing_progress(now.values()))
    session.flush()
