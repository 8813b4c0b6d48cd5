"""Goods sent back to a supplier: out of what their own receipt brought, at what it was taken in for.

Rule: docs/rules/purchasing.md, "Returns to suppliers".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from o2c_tui.errors import DateOrderError, MissingValueError, OverQuantityError
from o2c_tui.models.ledger import AccountRole, SourceKind
from o2c_tui.models.purchase import SupplierReturn, SupplierReturnLine, SupplierReturnState
from o2c_tui.models.receipt import GoodsReceipt, GoodsReceiptLine, ReceiptState
from o2c_tui.models.stock import MoveKind
from o2c_tui.money import is_figure
from o2c_tui.queries.lookups import items_by_id, the_company, warehouse_by_code
from o2c_tui.rules.buying import Unsettled
from o2c_tui.services.costing import Out, take_out
from o2c_tui.services.drafting import PLACES
from o2c_tui.services.numbering import next_number
from o2c_tui.services.ordering import check_whole_units
from o2c_tui.services.picking import Pick, read_picks
from o2c_tui.services.posting import Facts, post_journal
from o2c_tui.services.receiving import refresh_receipt
from o2c_tui.services.replenishing import watch
from o2c_tui.services.revaluing import own_layers
from o2c_tui.services.support import load, own, require_state, take_step
from o2c_tui.storage.chain import record
from o2c_tui.storage.rows import insert_rows, rows_of, update_rows
from o2c_tui.texts import N_

ZERO = Decimal(0)


@dataclass(frozen=True)
class SentBack:
    """Goods sent back: what their layers cost, and what the supplier has to credit."""

    supplier_return_id: int
    number: str
    cost: Decimal
    value: Decimal


def return_to_supplier(
    session: Session,
    receipt_id: int,
    quantities: Mapping[int, Decimal],
    reason: str,
    *,
    warehouse: str = "",
    returned_on: date | None = None,
    version: int | None = None,
    places: tuple[Pick, ...] = (),
    by: str,
    today: date,
) -> SentBack:
    """Send goods of a receipt back; `quantities` by receipt line, in stock units.

    They leave the layers of their own receipt first, then the oldest. What stands for the supplier's bill falls by what
    the receipt took them in for, whether they are billed already or not; what their layers cost more or less than that
    is cost of sales. `warehouse` is where they lie, if not where they came in. `places` says the bins and, of tracked
    items, the lots they are taken from, by the receipt's line positions.

    Raises:
        MissingValueError: no reason, or nothing was chosen. OverQuantityError: more than came in and did not go back.
        WrongStateError: the receipt was cancelled. ShortStockError: they are not there, or reserved; says for whom.
        DateOrderError: stock of an item left on a later day, or they came later.
    """
    if not reason.strip():
        raise MissingValueError(N_("Say why the goods go back."), field="reason")
    receipt = load(session, GoodsReceipt, receipt_id, version=version)
    require_state(receipt, ReceiptState.RECEIVED, doing=N_("be returned"))
    on = returned_on or today
    if on < receipt.received_on:
        raise DateOrderError(
            N_("{receipt} came on {day}; it cannot be taken back before."),
            field="date",
            receipt=receipt.label,
            day=receipt.received_on.isoformat(),
        )
    place = warehouse_by_code(session, warehouse).id if warehouse else receipt.warehouse_id
    company = the_company(session)
    lines = rows_of(session, GoodsReceiptLine, "receipt_id", receipt_id)
    chosen = _chosen(lines, quantities)
    back = own(
        session,
        SupplierReturn(
            receipt_id=receipt.id,
            supplier_id=receipt.supplier_id,
            warehouse_id=place,
            returned_on=on,
            reason=reason.strip(),
            by=by,
        ),
    )
    rows = _rows(session, back, chosen, company.digits)
    check_whole_units(rows, items_by_id(session, (row["item_id"] for row in rows)))
    own_first = own_layers(session, [row["receipt_line_id"] for row in rows], place)
    taken = read_picks(session, [{**line, "quantity": part} for line, part in chosen], places, place)
    outs = [
        Out(
            row["id"],
            row["item_id"],
            row["quantity"],
            f"lines.{line['position']}",
            own_first.get(row["receipt_line_id"], frozenset()),
            places=taken.get((line["id"], line["item_id"]), ()),
        )
        for row, (line, _) in zip(rows, chosen, strict=True)
    ]
    movement = take_out(session, outs, kind=MoveKind.SUPPLIER_RETURN, warehouse_id=place, on=on, digits=company.digits)
    for row in rows:
        row["cost"] = movement.values[row["id"]]
    update_rows(session, SupplierReturnLine, rows, "cost")
    update_rows(session, GoodsReceiptLine, [line for line, _ in chosen], "returned", "cleared")
    back.cost = sum((row["cost"] for row in rows), ZERO)
    back.value = sum((row["value"] for row in rows), ZERO)
    back.number = next_number(session, "supplier_return", on)
    take_step(session, back, SupplierReturnState.SENT)
    journal = post_journal(
        session,
        SourceKind.SUPPLIER_RETURN,
        back.id,
        on,
        [
            (AccountRole.GOODS_NOT_BILLED, back.supplier_id, back.value),
            (AccountRole.COST_OF_SALES, None, back.cost - back.value),
            (AccountRole.INVENTORY, None, -back.cost),
        ],
    )
    session.flush()
    refresh_receipt(session, receipt)
    watch(session, [row["item_id"] for row in rows], place, today)
    facts: Facts = [(SupplierReturn, [back]), (SupplierReturnLine, rows), *movement.facts, *journal]
    record(session, "return_to_supplier", back, by=by, facts=facts)
    return SentBack(back.id, back.number, back.cost, back.value)


def _chosen(lines: Sequence[dict[str, Any]], quantities: Mapping[int, Decimal]) -> list[tuple[dict[str, Any], Decimal]]:
    chosen = []
    for line in lines:
        part, left = quantities.get(line["id"], ZERO), line["quantity"] - line["returned"]
        if not is_figure(part, PLACES, left):
            raise OverQuantityError(
                N_("Line {line}: {left} did not go back yet, {part} was to be sent back."),
                field=f"lines.{line['position']}",
                line=line["position"],
                left=left.normalize(),
                part=part,
            )
        if part:
            chosen.append((line, part))
    if not chosen:
        raise MissingValueError(N_("Choose what goes back: at least one line with a quantity."))
    return chosen


def _rows(
    session: Session, back: SupplierReturn, chosen: Sequence[tuple[dict[str, Any], Decimal]], digits: int
) -> list[dict[str, Any]]:
    """The lines of a return, each worth what its receipt was taken in for; counts them on the receipt's lines."""
    made = []
    for position, (line, part) in enumerate(chosen, 1):
        left = Unsettled(line["quantity"] - line["billed"] - line["returned"], line["value"] - line["cleared"])
        value = left.settled_by(part, line["quantity"], line["value"], digits)
        line["returned"], line["cleared"] = line["returned"] + part, line["cleared"] + value
        made.append(
            {
                "return_id": back.id,
                "position": position,
                "receipt_line_id": line["id"],
                "item_id": line["item_id"],
                "description": line["description"],
                "quantity": part,
                "unit": line["unit"],
                "value": value,
            }
        )
    return insert_rows(session, SupplierReturnLine, made, parent="return_id")
