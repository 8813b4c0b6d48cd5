"""Goods receipts and opening stock: goods in, each line at its cost.

Rule: docs/rules/stock.md.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session, select

from o2c_tui.errors import BadValueError, DuplicateError
from o2c_tui.models.item import Item
from o2c_tui.models.ledger import AccountRole, SourceKind
from o2c_tui.models.receipt import GoodsReceipt, GoodsReceiptLine, ReceiptKind, ReceiptState
from o2c_tui.models.stock import MoveKind
from o2c_tui.money import MOST_AMOUNT, Rounding, is_figure, round_to
from o2c_tui.queries.lookups import items_by_code, party_by_code, the_company, unknown, warehouse_by_code
from o2c_tui.services.costing import In, take_in
from o2c_tui.services.drafting import MOST_PRICE, MOST_QUANTITY, PLACES, check_decimals, require_lines
from o2c_tui.services.numbering import next_number
from o2c_tui.services.posting import Facts, post_journal
from o2c_tui.services.support import take_step
from o2c_tui.storage.chain import record
from o2c_tui.storage.rows import insert_rows
from o2c_tui.texts import N_

ZERO = Decimal(0)


@dataclass(frozen=True)
class ReceiptLineDraft:
    """One item received; unit cost in the company's currency."""

    item: str
    quantity: Decimal
    unit_cost: Decimal


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
        DateOrderError: stock of an item left this warehouse on a later day already.
        DuplicateError: its external key was received before.
    """
    company = the_company(session)
    require_lines(draft.lines, N_("The receipt"))
    on = draft.received_on or today
    warehouse = warehouse_by_code(session, draft.warehouse or company.default_warehouse)
    supplier = party_by_code(session, draft.supplier, word=N_("supplier"), field="supplier") if draft.supplier else None
    if draft.external_key is not None:
        twin = session.exec(select(GoodsReceipt).where(GoodsReceipt.external_key == draft.external_key)).one_or_none()
        if twin is not None:
            raise DuplicateError(N_("{key} was received before: {number}."), key=draft.external_key, number=twin.label)
    items = items_by_code(session, (line.item for line in draft.lines))
    rows: list[dict[str, Any]] = []
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
        rows.append(
            {
                "position": position,
                "item_id": item.id,
                "description": item.name,
                "quantity": line.quantity,
                "unit": item.unit,
                "unit_cost": line.unit_cost,
                "value": round_to(line.quantity * line.unit_cost, company.digits, Rounding(company.rounding)),
            }
        )
    if sum((row["value"] for row in rows), ZERO) > MOST_AMOUNT:
        raise BadValueError(
            N_("The total is more than the books hold ({most}); make several documents."), most=MOST_AMOUNT
        )
    receipt = GoodsReceipt(
        kind=draft.kind,
        supplier_id=supplier.id if supplier else None,
        warehouse_id=warehouse.id,
        received_on=on,
        reference=draft.reference.strip(),
        note=draft.note.strip(),
        by=by,
        value=sum((row["value"] for row in rows), ZERO),
        external_key=draft.external_key,
    )
    session.add(receipt)
    session.flush()
    lines = insert_rows(session, GoodsReceiptLine, [{**row, "receipt_id": receipt.id} for row in rows])
    ins = [In(line["id"], line["item_id"], line["quantity"], line["value"]) for line in lines]
    movement = take_in(session, ins, kind=MoveKind.RECEIPT, warehouse_id=warehouse.id, on=on)
    receipt.number = next_number(session, "goods_receipt", on)
    take_step(session, receipt, ReceiptState.RECEIVED)
    against = AccountRole.OPENING if draft.kind is ReceiptKind.OPENING else AccountRole.GOODS_NOT_BILLED
    journal = post_journal(
        session,
        SourceKind.RECEIPT,
        receipt.id,
        on,
        [(AccountRole.INVENTORY, None, receipt.value), (against, supplier.id if supplier else None, -receipt.value)],
    )
    session.flush()
    facts: Facts = [(GoodsReceipt, [receipt]), (GoodsReceiptLine, lines), *movement.facts, *journal]
    record(session, "receive_goods", receipt, by=by, facts=facts)
    return Received(receipt.id, receipt.number, receipt.value)
