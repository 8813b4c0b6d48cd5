"""Stock put right by hand, with a reason: losses consume the oldest layers, gains make a layer of their own.

Rule: docs/rules/adjustments.md. Quantities in stock units, values in the company's currency.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from o2c_tui.errors import BadValueError
from o2c_tui.models.delivery import CustomerReturn
from o2c_tui.models.item import WarehouseKind
from o2c_tui.models.ledger import AccountRole, SourceKind
from o2c_tui.models.stock import MoveKind
from o2c_tui.models.warehouse import ADJUSTMENT_REASONS, AdjustmentState, StockAdjustment, StockAdjustmentLine
from o2c_tui.money import MOST_AMOUNT, Rounding, is_figure, round_to
from o2c_tui.queries.lookups import items_by_id, items_coded, the_company, warehouse_by_code
from o2c_tui.services.costing import In, Movement, Out, front_cost, take_in, take_out
from o2c_tui.services.drafting import MOST_PRICE, PLACES, require_lines
from o2c_tui.services.numbering import next_number
from o2c_tui.services.placing import Spot, read_spots
from o2c_tui.services.posting import Facts, post_journal
from o2c_tui.services.replenishing import watch
from o2c_tui.services.reserving import free_latest, locked_levels
from o2c_tui.services.rights import require_right
from o2c_tui.services.support import own, take_step, warn
from o2c_tui.services.transferring import place_of, stocked_line
from o2c_tui.storage.chain import record
from o2c_tui.storage.rows import insert_rows, update_rows
from o2c_tui.texts import N_

ZERO = Decimal(0)
GAINS = ("found", "correction")  # reasons of what was gained
LOSSES = tuple(reason for reason in ADJUSTMENT_REASONS if reason != "found")


@dataclass(frozen=True)
class AdjustmentLineDraft:
    """One item put right: gained positive, lost negative; several bins or lots of it are several lines."""

    item: str
    quantity: Decimal
    unit_cost: Decimal | None = None  # of a gain; None: what the stock costs now, marked as estimated
    location: str = ""
    lot: str = ""
    expires_on: date | None = None  # of a lot that was not known


@dataclass(frozen=True)
class AdjustmentDraft:
    """Stock to be put right in one warehouse, with the reason (a word of ADJUSTMENT_REASONS)."""

    reason: str
    lines: tuple[AdjustmentLineDraft, ...]
    warehouse: str = ""
    adjusted_on: date | None = None
    note: str = ""


@dataclass(frozen=True)
class Adjusted:
    """Stock that was put right: the value gained (lost is negative), and the orders whose reservations it freed."""

    adjustment_id: int
    number: str
    value: Decimal
    freed: tuple[str, ...] = ()


def adjust_stock(session: Session, draft: AdjustmentDraft, *, by: str, today: date) -> Adjusted:
    """Put stock right: moves, layers, and the journal inventory against stock differences.

    A loss below what is reserved frees the reservations promised last, and warns with the names of their orders.

    Raises:
        NotAllowedError: this person may not. UnknownCodeError: warehouse, item, bin or lot. BadValueError: a reason that
        does not fit, a figure out of bounds. ShortStockError: more is lost than there is. DateOrderError: see take_out.
    """
    require_right(session, by, N_("adjust stock"))
    require_lines(draft.lines, N_("The adjustment"))
    if draft.reason not in ADJUSTMENT_REASONS:
        raise BadValueError(N_("Give one of: {choices}."), field="reason", choices=", ".join(ADJUSTMENT_REASONS))
    company = the_company(session)
    warehouse = warehouse_by_code(session, draft.warehouse or company.default_warehouse)
    if warehouse.kind is WarehouseKind.TRANSIT:
        raise BadValueError(
            N_("Goods in transit are not adjusted: let them arrive, then write off what is missing."), field="warehouse"
        )
    on = draft.adjusted_on or today
    adjustment = own(
        session,
        StockAdjustment(warehouse_id=warehouse.id, adjusted_on=on, reason=draft.reason, note=draft.note.strip(), by=by),
    )
    lines = insert_rows(session, StockAdjustmentLine, _rows(session, adjustment, draft))
    costs = {line["id"]: told.unit_cost for line, told in zip(lines, draft.lines, strict=True)}
    gains = [
        _gain(session, line, warehouse.id, costs[line["id"]], company.digits, Rounding(company.rounding))
        for line in lines
        if line["quantity"] > ZERO
    ]
    losses = [
        Out(
            line["id"],
            line["item_id"],
            -line["quantity"],
            f"lines.{line['position']}",
            places=place_of(line, -line["quantity"]),
        )
        for line in lines
        if line["quantity"] < ZERO
    ]
    movement, freed = correct(
        session, gains, losses, kind=MoveKind.ADJUSTMENT, warehouse_id=warehouse.id, on=on, digits=company.digits
    )
    watch_later = [line["item_id"] for line in lines]
    facts = post_adjustment(session, adjustment, lines, movement)
    watch(session, watch_later, warehouse.id, today)
    record(session, "adjust_stock", adjustment, by=by, facts=facts)
    assert adjustment.number is not None
    return Adjusted(adjustment.id, adjustment.number, adjustment.value, freed)


def _rows(session: Session, adjustment: StockAdjustment, draft: AdjustmentDraft) -> list[dict[str, Any]]:
    coded = items_coded(session, (line.item for line in draft.lines))
    rows = []
    for position, line in enumerate(draft.lines, 1):
        item = stocked_line(session, line.item, position, coded, line.quantity, sign=True)
        field, gained = f"lines.{position}", line.quantity > ZERO
        if draft.reason not in (GAINS if gained else LOSSES):
            template = (
                N_("Line {line}: goods are not gained by being {reason_word}; take found or correction.")
                if gained
                else N_("Line {line}: goods are not lost by being {reason_word}; take lost or correction.")
            )
            raise BadValueError(template, field=field, line=position, reason_word=ADJUSTMENT_REASONS[draft.reason])
        if line.unit_cost is not None and not is_figure(line.unit_cost, PLACES, MOST_PRICE):
            raise BadValueError(
                N_("Line {line}: the cost must be 0 or more."), field=f"{field}.unit_cost", line=position
            )
        size = abs(line.quantity)
        spot = (Spot(line.location, line.lot, size, line.expires_on),)
        (part,) = read_spots(session, item, spot, size, adjustment.warehouse_id, incoming=gained, field=field)
        rows.append(
            {
                "adjustment_id": adjustment.id,
                "position": position,
                "item_id": item.id,
                "description": item.name,
                "quantity": line.quantity,
                "unit": item.unit,
                "unit_cost": line.unit_cost if gained else None,
                "location_id": part.location_id or None,
                "lot_id": part.lot_id or None,
            }
        )
    return rows


def _gain(
    session: Session, line: dict[str, Any], warehouse_id: int, cost: Decimal | None, digits: int, rounding: Rounding
) -> In:
    each = cost if cost is not None else front_cost(session, line["item_id"], warehouse_id)
    value = round_to(each * line["quantity"], digits, rounding)
    if value > MOST_AMOUNT:
        raise BadValueError(
            N_("The total is more than the books hold ({most}); make several documents."), most=MOST_AMOUNT
        )
    return In(
        line["id"],
        line["item_id"],
        line["quantity"],
        value,
        estimated=cost is None,
        places=place_of(line, line["quantity"]),
        field=f"lines.{line['position']}",
    )


def correct(
    session: Session,
    gains: Sequence[In],
    losses: Sequence[Out],
    *,
    kind: MoveKind,
    warehouse_id: int,
    on: date,
    digits: int,
) -> tuple[Movement, tuple[str, ...]]:
    """Bring stock to what it is: gains come in, then losses go out, beyond what is available out of reservations.

    The value by line, lost negative; and the orders whose reservations, promised last, were freed for it.

    Raises:
        ShortStockError: more is lost than is on hand.
    """
    values: dict[int, Decimal] = {}
    facts: Facts = []
    if gains:
        come = take_in(session, gains, kind=kind, warehouse_id=warehouse_id, on=on)
        values |= come.values
        facts += come.facts
    freed: tuple[str, ...] = ()
    if losses:
        freed = _free_what_is_lost(session, losses, warehouse_id)
        gone = take_out(session, losses, kind=kind, warehouse_id=warehouse_id, on=on, digits=digits)
        values |= {line: -value for line, value in gone.values.items()}
        facts += gone.facts
    return Movement(values, facts), freed


def _free_what_is_lost(session: Session, losses: Sequence[Out], warehouse_id: int) -> tuple[str, ...]:
    lost: dict[int, Decimal] = {}
    for line in losses:
        lost[line.item_id] = lost.get(line.item_id, ZERO) + line.quantity
    levels = locked_levels(session, lost, warehouse_id)
    orders: list[str] = []
    for item, quantity in lost.items():
        level = levels[item]
        if level.available < quantity <= level.on_hand:
            orders += free_latest(session, item, warehouse_id, quantity - level.available)
    freed = tuple(dict.fromkeys(orders))
    if freed:
        items = items_by_id(session, lost)
        warn(
            session,
            "freed_reservations",
            N_("Stock no longer covers what is reserved: {orders} wait again ({items})."),
            orders=", ".join(freed),
            items=", ".join(sorted(items[item].code for item in lost if levels[item].available < lost[item])),
        )
    return freed


def post_adjustment(
    session: Session, adjustment: StockAdjustment, lines: Sequence[dict[str, Any]], movement: Movement
) -> Facts:
    """Write the values of an adjustment's lines, give it its number, and book it; returns all that became facts."""
    for line in lines:
        line["value"] = movement.values[line["id"]]
    update_rows(session, StockAdjustmentLine, lines, "value")
    adjustment.value = sum((line["value"] for line in lines), ZERO)
    adjustment.number = next_number(session, "stock_adjustment", adjustment.adjusted_on)
    take_step(session, adjustment, AdjustmentState.POSTED)
    journal = book_difference(session, SourceKind.ADJUSTMENT, adjustment.id, adjustment.adjusted_on, adjustment.value)
    session.flush()
    return [(StockAdjustment, [adjustment]), (StockAdjustmentLine, lines), *movement.facts, *journal]


def book_difference(session: Session, source: SourceKind, source_id: int, on: date, value: Decimal) -> Facts:
    """Inventory against stock differences: a gain positive, a loss negative."""
    legs = [(AccountRole.INVENTORY, None, value), (AccountRole.STOCK_DIFFERENCES, None, -value)]
    return post_journal(session, source, source_id, on, legs)


def scrap_return(
    session: Session, back: CustomerReturn, losses: Sequence[tuple[Out, dict[str, Any]]], *, by: str, digits: int
) -> Facts:
    """Write off goods that came back spoilt: out of the very layers they were put into. Part of taking the return in."""
    require_right(session, by, N_("adjust stock"))
    items = items_by_id(session, (out.item_id for out, _ in losses))
    adjustment = own(
        session,
        StockAdjustment(
            warehouse_id=back.warehouse_id, adjusted_on=back.returned_on, reason="scrapped", return_id=back.id, by=by
        ),
    )
    lines = insert_rows(
        session,
        StockAdjustmentLine,
        [
            {
                "adjustment_id": adjustment.id,
                "position": position,
                "item_id": out.item_id,
                "description": items[out.item_id].name,
                "quantity": -out.quantity,
                "unit": items[out.item_id].unit,
                **where,
            }
            for position, (out, where) in enumerate(losses, 1)
        ],
    )
    outs = [
        Out(line["id"], out.item_id, out.quantity, first=out.first, only=True, places=out.places)
        for line, (out, _) in zip(lines, losses, strict=True)
    ]
    movement, _ = correct(
        session,
        (),
        outs,
        kind=MoveKind.ADJUSTMENT,
        warehouse_id=back.warehouse_id,
        on=back.returned_on,
        digits=digits,
    )
    return post_adjustment(session, adjustment, lines, movement)
