"""Goods receipts and opening stock: goods in, each line at its cost; against a purchase order, at its price and rate.

Rule: docs/rules/stock.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import (
    BadValueError,
    DateOrderError,
    DuplicateError,
    MissingValueError,
    OverQuantityError,
    WrongStateError,
)
from o2c_tui.models.base import PRICE_PLACES
from o2c_tui.models.company import Company
from o2c_tui.models.item import Item, WarehouseKind
from o2c_tui.models.ledger import AccountRole, SourceKind
from o2c_tui.models.purchase import PurchaseOrder, PurchaseOrderLine, PurchaseState
from o2c_tui.models.receipt import GoodsReceipt, GoodsReceiptLine, ReceiptKind, ReceiptState
from o2c_tui.models.stock import CostLayer, MoveKind, PlaceMove, StockMove
from o2c_tui.models.trade import Progress
from o2c_tui.money import MOST_AMOUNT, Rounding, is_figure, round_to
from o2c_tui.queries.lookups import items_by_code, items_by_id, party_by_code, the_company, unknown, warehouse_by_code
from o2c_tui.queries.needs import factor_of, in_stock_units
from o2c_tui.rules.buying import BoughtLine, receipt_billing
from o2c_tui.rules.picking import Part, Parts
from o2c_tui.services.costing import In, Out, take_in, take_out
from o2c_tui.services.drafting import MOST_PRICE, MOST_QUANTITY, PLACES, check_decimals, require_lines
from o2c_tui.services.numbering import next_number
from o2c_tui.services.picking import Pick, read_picks
from o2c_tui.services.placing import Spot, one_place, read_spots
from o2c_tui.services.posting import Facts, Leg, post_journal
from o2c_tui.services.purchasing import bought_lines, close_purchase, refresh_purchase
from o2c_tui.services.replenishing import watch
from o2c_tui.services.support import load, own, require_state, take_step
from o2c_tui.storage.chain import record
from o2c_tui.storage.rows import insert_rows, rows_of, table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)


@dataclass(frozen=True)
class ReceiptLineDraft:
    """One item received; unit cost in the company's currency. `places`: the bins it is put into, and its lots."""

    item: str
    quantity: Decimal
    unit_cost: Decimal
    places: tuple[Spot, ...] = ()


@dataclass(frozen=True)
class ReceiptDraft:
    """Goods received, as a clerk enters them."""

    lines: tuple[ReceiptLineDraft, ...]
    warehouse: str = ""
    supplier: str = ""
    received_on: date | None = None
    kind: ReceiptKind = ReceiptKind.PURCHASE
    reference: str = ""
    note: str = ""
    external_key: str | None = None


@dataclass(frozen=True)
class Received:
    """Goods taken into stock."""

    id: int
    number: str
    value: Decimal


def receive_goods(session: Session, draft: ReceiptDraft, *, by: str, today: date) -> Received:
    """Take goods into a warehouse: moves, cost layers, and the journal inventory against what stands for the supplier's bill.

    Opening stock stands against the opening balances instead.

    Raises:
        UnknownCodeError, BadValueError, EmptyDocumentError: a line or code that cannot be taken.
        MissingValueError: the lots of a tracked item are not said.
        DateOrderError: stock of an item left this warehouse on a later day already.
        DuplicateError: its external key was received before.
    """
    company = the_company(session)
    require_lines(draft.lines, N_("The receipt"))
    on = draft.received_on or today
    warehouse = warehouse_by_code(session, draft.warehouse or company.default_warehouse)
    if warehouse.kind is WarehouseKind.TRANSIT:
        raise BadValueError(N_("Goods get into {code} by being dispatched."), field="warehouse", code=warehouse.code)
    supplier = party_by_code(session, draft.supplier, word=N_("supplier"), field="supplier") if draft.supplier else None
    _refuse_twin(session, draft.external_key)
    items = items_by_code(session, (line.item for line in draft.lines))
    rows: list[dict[str, Any]] = []
    placed: list[Parts] = []
    for position, line in enumerate(draft.lines, 1):
        item = items.get(line.item.strip().upper())
        field = f"lines.{position}"
        if item is None:
            raise unknown(session, Item, N_("item"), line.item, field)
        if not item.stocked:
            raise BadValueError(
                N_("Line {line}: {item} is not kept in stock."), field=field, line=position, item=item.code
            )
        check_decimals((line.quantity, line.unit_cost), PLACES, position)
        counted = bool(line.quantity) and is_figure(line.quantity, PLACES, MOST_QUANTITY)
        if not counted or not is_figure(line.unit_cost, PLACES, MOST_PRICE):
            part = "unit_cost" if counted else "quantity"
            raise BadValueError(
                N_("Line {line}: the quantity must be more than 0, the cost 0 or more."),
                field=f"{field}.{part}",
                line=position,
            )
        if item.whole_units and line.quantity != line.quantity.to_integral_value():
            raise BadValueError(
                N_("Line {line}: {item} comes in whole units only."), field=field, line=position, item=item.code
            )
        parts = read_spots(session, item, line.places, line.quantity, warehouse.id, incoming=True, field=field)
        placed.append(parts)
        rows.append(
            {
                **one_place(parts),
                "position": position,
                "item_id": item.id,
                "description": item.name,
                "quantity": line.quantity,
                "unit": item.unit,
                "unit_cost": line.unit_cost,
                "value": round_to(line.quantity * line.unit_cost, company.digits, Rounding(company.rounding)),
            }
        )
    receipt = GoodsReceipt(
        kind=draft.kind,
        supplier_id=supplier.id if supplier else None,
        warehouse_id=warehouse.id,
        received_on=on,
        reference=draft.reference.strip(),
        note=draft.note.strip(),
        by=by,
        external_key=draft.external_key,
    )
    return _take_in(session, receipt, rows, placed, "receive_goods", by=by, today=today)


def _refuse_twin(session: Session, external_key: str | None) -> None:
    if external_key is None:
        return
    twin = session.exec(select(GoodsReceipt).where(GoodsReceipt.external_key == external_key)).one_or_none()
    if twin is not None:
        raise DuplicateError(N_("{key} was received before: {number}."), key=external_key, number=twin.label)


def _take_in(
    session: Session,
    receipt: GoodsReceipt,
    rows: Sequence[Mapping[str, Any]],
    placed: Sequence[Parts],
    verb: str,
    *,
    by: str,
    today: date,
) -> Received:
    """Take a receipt's lines into stock and into the ledger, and number it."""
    receipt.value = sum((row["value"] for row in rows), ZERO)
    if receipt.value > MOST_AMOUNT:
        raise BadValueError(
            N_("The total is more than the books hold ({most}); make several documents."), most=MOST_AMOUNT
        )
    own(session, receipt)
    made = [{**row, "receipt_id": receipt.id} for row in rows]
    lines = insert_rows(session, GoodsReceiptLine, made, parent="receipt_id")
    on = receipt.received_on
    ins = [
        In(
            line["id"],
            line["item_id"],
            line["quantity"],
            line["value"],
            places=parts,
            field=f"lines.{line['position']}",
        )
        for line, parts in zip(lines, placed, strict=True)
    ]
    movement = take_in(session, ins, kind=MoveKind.RECEIPT, warehouse_id=receipt.warehouse_id, on=on)
    receipt.number = next_number(session, "goods_receipt", on)
    take_step(session, receipt, ReceiptState.RECEIVED)
    journal = post_journal(session, SourceKind.RECEIPT, receipt.id, on, _legs(receipt, 1))
    session.flush()
    if receipt.purchase_order_id is not None:
        refresh_purchase(session, load(session, PurchaseOrder, receipt.purchase_order_id))
    watch(session, [line["item_id"] for line in lines], receipt.warehouse_id, today)
    facts: Facts = [(GoodsReceipt, [receipt]), (GoodsReceiptLine, lines), *movement.facts, *journal]
    record(session, verb, receipt, by=by, facts=facts)
    assert receipt.number is not None
    return Received(receipt.id, receipt.number, receipt.value)


def _legs(receipt: GoodsReceipt, sign: int) -> list[Leg]:
    against = AccountRole.OPENING if receipt.kind is ReceiptKind.OPENING else AccountRole.GOODS_NOT_BILLED
    return [
        (AccountRole.INVENTORY, None, sign * receipt.value),
        (against, receipt.supplier_id, -sign * receipt.value),
    ]


# -- against a purchase order ------------------------------------------------------------------------------------------


def receive_purchase(
    session: Session,
    purchase_id: int,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    received_on: date | None = None,
    reference: str = "",
    note: str = "",
    places: tuple[Pick, ...] = (),
    close_rest: bool = False,
    external_key: str | None = None,
    version: int | None = None,
    by: str,
    today: date,
) -> Received:
    """Take in what a purchase order brings: all that is still to come, or the `quantities` by line, in the line's unit.

    Each line costs what was ordered, at the order's rate, until the bill says otherwise. More than was ordered is taken
    within the item's tolerance. `places` says the bins they are put into and, of tracked items, their lots, by the
    order's line positions. `close_rest` closes the order short in the same step.

    Raises:
        WrongStateError: the order was not sent, or is over. MissingValueError: nothing is to come, or nothing was chosen.
        OverQuantityError: more than is left and the tolerance allows. DateOrderError, DuplicateError: as for receive_goods.
    """
    company = the_company(session)
    order = load(session, PurchaseOrder, purchase_id, version=version)
    require_state(order, PurchaseState.SENT, doing=N_("be received"))
    _refuse_twin(session, external_key)
    on = received_on or today
    lines = rows_of(session, PurchaseOrderLine, "order_id", purchase_id)
    chosen = _chosen(session, lines, bought_lines(session, purchase_id), quantities)
    if not chosen:
        raise MissingValueError(N_("Nothing of {order} is to come, or nothing was chosen."), order=order.label)
    receipt = GoodsReceipt(
        supplier_id=order.supplier_id,
        purchase_order_id=order.id,
        warehouse_id=order.warehouse_id,
        received_on=on,
        reference=reference.strip(),
        note=note.strip(),
        by=by,
        external_key=external_key,
    )
    rows = [_received_row(position, line, part, order, company) for position, (line, part) in enumerate(chosen, 1)]
    _name_stock_units(session, rows)
    coming = [{**line, "quantity": part} for line, part in chosen]
    put = read_picks(session, coming, places, order.warehouse_id, incoming=True)
    placed = [put.get((line["id"], line["item_id"]), ()) for line, _ in chosen]
    rows = [{**row, **one_place(parts)} for row, parts in zip(rows, placed, strict=True)]
    done = _take_in(session, receipt, rows, placed, "receive_purchase", by=by, today=today)
    order.version += 1
    if close_rest and order.receipt is not Progress.FULLY:
        close_purchase(session, purchase_id, by=by, today=today)
    return done


def _chosen(
    session: Session,
    lines: Sequence[dict[str, Any]],
    bought: Mapping[int, BoughtLine],
    quantities: Mapping[int, Decimal] | None,
) -> list[tuple[dict[str, Any], Decimal]]:
    tolerances = {
        key: tolerance
        for key, tolerance in session.execute(
            sa.select(col(Item.id), col(Item.tolerance)).where(col(Item.id).in_([line["item_id"] for line in lines]))
        )
    }
    chosen = []
    for line in lines:
        told, tolerance = bought[line["id"]], tolerances[line["item_id"]]
        part = told.to_receive if quantities is None else quantities.get(line["id"], ZERO)
        if not is_figure(part, PLACES, max(told.most(tolerance), ZERO)):
            raise OverQuantityError(
                N_("Line {line}: {left} is left to receive (with a tolerance of {tolerance} %), {part} came."),
                field=f"lines.{line['position']}",
                line=line["position"],
                left=told.to_receive.normalize(),
                tolerance=tolerance.normalize(),
                part=part,
            )
        if part:
            chosen.append((line, part))
    return chosen


def _received_row(
    position: int, line: Mapping[str, Any], part: Decimal, order: PurchaseOrder, company: Company
) -> dict[str, Any]:
    """A receipt line in stock units, worth what was ordered at the order's rate in the company's currency."""
    per = factor_of(line)
    price = line["unit_price"] * order.rate
    each = Fraction(price) / per
    return {
        "position": position,
        "item_id": line["item_id"],
        "description": line["description"],
        "quantity": in_stock_units(part, per, field=f"lines.{line['position']}"),
        "unit_cost": round_to(Decimal(each.numerator) / Decimal(each.denominator), PRICE_PLACES),
        "value": round_to(part * price, company.digits, Rounding(company.rounding)),
        "purchase_line_id": line["id"],
        "purchased": part,
    }


def _name_stock_units(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Receipts count in stock units: whole ones where the item comes in such."""
    items = items_by_id(session, (row["item_id"] for row in rows))
    for row in rows:
        item = items[row["item_id"]]
        row["unit"] = item.unit
        if item.whole_units and row["quantity"] != row["quantity"].to_integral_value():
            raise BadValueError(
                N_("Line {line}: {item} comes in whole units only."),
                field=f"lines.{row['position']}",
                line=row["position"],
                item=item.code,
            )


# -- taken back --------------------------------------------------------------------------------------------------------


def cancel_receipt(
    session: Session, receipt_id: int, reason: str, *, version: int | None = None, by: str, today: date
) -> None:
    """Take a receipt back of which nothing was touched: the exact inverse of taking it in, dated today.

    Its layers are emptied at their value, the ledger entry is reversed, and its goods are expected again. It keeps its
    number.

    Raises:
        MissingValueError: no reason. WrongStateError: something of it was sold, moved, billed, revalued or sent back, or
            its purchase order is closed. ShortStockError: its goods are reserved; says for whom.
        DateOrderError: stock of an item left or was revalued on a later day.
    """
    if not reason.strip():
        raise MissingValueError(N_("Say why the receipt is cancelled."), field="reason")
    receipt = load(session, GoodsReceipt, receipt_id, version=version)
    require_state(receipt, ReceiptState.RECEIVED, doing=N_("be cancelled"))
    order = load(session, PurchaseOrder, receipt.purchase_order_id) if receipt.purchase_order_id else None
    if order is not None:
        require_state(order, PurchaseState.SENT, doing=N_("take its receipt back"))
    if today < receipt.received_on:
        raise DateOrderError(
            N_("{receipt} came on {day}; it cannot be taken back before."),
            receipt=receipt.label,
            day=receipt.received_on.isoformat(),
        )
    lines = rows_of(session, GoodsReceiptLine, "receipt_id", receipt_id)
    layers = _untouched_layers(session, receipt, lines)
    put = _put_into(session, lines)
    outs = [
        Out(
            line["id"],
            line["item_id"],
            line["quantity"],
            f"lines.{line['position']}",
            layers[line["id"]],
            only=True,
            places=put[line["id"]],
        )
        for line in lines
    ]
    movement = take_out(
        session,
        outs,
        kind=MoveKind.RECEIPT,
        warehouse_id=receipt.warehouse_id,
        on=today,
        digits=the_company(session).digits,
    )
    take_step(session, receipt, ReceiptState.CANCELLED)
    facts = [*movement.facts, *post_journal(session, SourceKind.RECEIPT, receipt.id, today, _legs(receipt, -1))]
    session.flush()
    if order is not None:
        refresh_purchase(session, order)
        order.version += 1
    watch(session, [line["item_id"] for line in lines], receipt.warehouse_id, today)
    record(session, "cancel_receipt", receipt, by=by, facts=facts, reason=reason, on=today)


def _untouched_layers(
    session: Session, receipt: GoodsReceipt, lines: Sequence[Mapping[str, Any]]
) -> dict[int, frozenset[int]]:
    """The layer of each line, if all of it is there and worth what it was received for."""
    moves, layers = table_of(StockMove), table_of(CostLayer)
    query = (
        sa.select(moves.c.line_id, layers)
        .join(layers, layers.c.move_id == moves.c.id)
        .where(moves.c.kind == MoveKind.RECEIPT, moves.c.line_id.in_([line["id"] for line in lines]))
    )
    found = {row.line_id: row for row in session.execute(query)}
    for line in lines:
        layer = found[line["id"]]
        whole = (layer.remaining_quantity, layer.remaining_value) == (line["quantity"], line["value"])
        if not whole or line["billed"] or line["returned"]:
            raise WrongStateError(
                N_("Line {line} of {receipt} is sold, moved, billed or sent back in part; return the goods instead."),
                receipt=receipt.label,
                line=line["position"],
            )
    return {key: frozenset((layer.id,)) for key, layer in found.items()}


def _put_into(session: Session, lines: Sequence[Mapping[str, Any]]) -> dict[int, Parts]:
    """The bins and lots that each line of a receipt was put into."""
    moves, places = table_of(StockMove), table_of(PlaceMove)
    query = (
        sa.select(moves.c.line_id, places.c.location_id, places.c.lot_id, places.c.quantity)
        .join(places, places.c.move_id == moves.c.id)
        .where(moves.c.kind == MoveKind.RECEIPT, moves.c.line_id.in_([line["id"] for line in lines]))
        .order_by(places.c.id)
    )
    found: dict[int, Parts] = {line["id"]: () for line in lines}
    for line_id, location, lot, quantity in session.execute(query):
        found[line_id] += (Part(location or 0, lot or 0, quantity),)
    return found


def refresh_receipt(session: Session, receipt: GoodsReceipt) -> None:
    """Keep how far a receipt, and the purchase order behind it, are billed true to the lines."""
    lines = rows_of(session, GoodsReceiptLine, "receipt_id", receipt.id)
    told = receipt_billing((line["billed"], line["quantity"], line["returned"]) for line in lines)
    receipt.billing = Progress(told)
    receipt.version += 1
    session.flush()
    if receipt.purchase_order_id is not None:
        refresh_purchase(session, load(session, PurchaseOrder, receipt.purchase_order_id))
