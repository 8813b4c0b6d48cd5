"""Transfers between warehouses: dispatched, under way, arrived. Layers travel with their dates and values.

Rule: docs/rules/transfers.md. Quantities in stock units, values in the company's currency.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.errors import BadValueError, DateOrderError, MissingValueError, OverQuantityError, WrongStateError
from o2c_tui.models.item import Item, Tracking, WarehouseKind
from o2c_tui.models.stock import CostLayer, MoveKind, StockMove
from o2c_tui.models.trade import Progress
from o2c_tui.models.warehouse import (
    ArrivalState,
    StockTransfer,
    StockTransferLine,
    TransferArrival,
    TransferArrivalLine,
    TransferState,
)
from o2c_tui.money import is_figure
from o2c_tui.queries.lookups import ItemFacts, items_coded, the_company, unknown, warehouse_by_code
from o2c_tui.queries.places import location_by_code
from o2c_tui.rules.picking import Part, Parts
from o2c_tui.rules.progress import progress
from o2c_tui.services.bins import auto_made
from o2c_tui.services.costing import Out, carry_over
from o2c_tui.services.drafting import MOST_QUANTITY, PLACES, require_lines
from o2c_tui.services.numbering import next_number
from o2c_tui.services.placing import Spot, read_spots
from o2c_tui.services.posting import Facts
from o2c_tui.services.replenishing import watch
from o2c_tui.services.support import load, own, require_state, take_step
from o2c_tui.storage.chain import decide, record
from o2c_tui.storage.rows import delete_rows, insert_rows, rows_of, table_of, update_rows
from o2c_tui.texts import N_

ZERO = Decimal(0)


@dataclass(frozen=True)
class TransferLineDraft:
    """One item to be moved; several bins or lots of it are several lines."""

    item: str
    quantity: Decimal
    location: str = ""  # taken from
    lot: str = ""


@dataclass(frozen=True)
class TransferDraft:
    """Goods to be moved from one warehouse to another, as a clerk enters them."""

    source: str
    target: str
    lines: tuple[TransferLineDraft, ...] = ()
    dispatched_on: date | None = None
    expected_on: date | None = None
    carrier: str = ""
    tracking: str = ""
    note: str = ""


@dataclass(frozen=True)
class SavedTransfer:
    """A transfer that was written down."""

    transfer_id: int
    version: int


@dataclass(frozen=True)
class Dispatched:
    """A transfer that left its source, and what its goods are worth."""

    transfer_id: int
    number: str
    value: Decimal


@dataclass(frozen=True)
class Arrived:
    """What of a transfer arrived."""

    transfer_id: int
    arrival_id: int
    number: str
    value: Decimal
    left: Decimal  # still under way, all lines together


def stocked_line(
    session: Session, code: str, position: int, found: Mapping[str, Any], quantity: Decimal, *, sign: bool = False
) -> ItemFacts:
    """The stocked item that a line means, its quantity checked; `sign` lets it be negative.

    Raises:
        UnknownCodeError: no such item. BadValueError: it is not kept in stock, or the quantity does not fit it.
    """
    field = f"lines.{position}"
    coded = found.get(code.strip().upper())
    if coded is None:
        raise unknown(session, Item, N_("item"), code, field)
    item: ItemFacts = coded.item
    if not item.stocked:
        raise BadValueError(N_("Line {line}: {item} is not kept in stock."), field=field, line=position, item=item.code)
    size = abs(quantity) if sign else quantity
    if not size or not is_figure(size, PLACES, MOST_QUANTITY):
        raise BadValueError(
            N_("Line {line}: the quantity must be more than 0 and at most {most}."),
            field=f"{field}.quantity",
            line=position,
            most=MOST_QUANTITY,
        )
    whole = item.whole_units or item.tracking is Tracking.SERIAL
    if whole and quantity != quantity.to_integral_value():
        raise BadValueError(
            N_("Line {line}: {item} comes in whole units only."), field=field, line=position, item=item.code
        )
    return item


def save_transfer(
    session: Session,
    draft: TransferDraft,
    *,
    transfer_id: int | None = None,
    version: int | None = None,
    by: str,
    today: date,
) -> SavedTransfer:
    """Write a transfer down, or change the draft `transfer_id`; nothing moves yet.

    Raises:
        UnknownCodeError: a warehouse, item, bin or lot is not known. BadValueError: from a warehouse into itself, into or
        out of transit, or a quantity that does not fit. WrongStateError, ConflictError: the draft was dispatched or changed.
    """
    require_lines(draft.lines, N_("The transfer"))
    source, target = (warehouse_by_code(session, code) for code in (draft.source, draft.target))
    if source.id == target.id:
        raise BadValueError(
            N_("Choose another warehouse: goods are in {code} already."), field="target", code=source.code
        )
    for place in (source, target):
        if place.kind is WarehouseKind.TRANSIT:
            raise BadValueError(N_("Goods get into {code} by being dispatched."), field="target", code=place.code)
    if not target.active:
        raise BadValueError(N_("Warehouse {code} is not used any more."), field="target", code=target.code)
    values: dict[str, Any] = {
        "source_id": source.id,
        "target_id": target.id,
        "dispatched_on": draft.dispatched_on or today,
        "carrier": draft.carrier.strip(),
        "note": draft.note.strip(),
        "by": by,
    }
    told = {"expected_on": draft.expected_on, "tracking": draft.tracking.strip()}
    if transfer_id is None:
        transfer = own(session, StockTransfer(**values))
    else:
        transfer = load(session, StockTransfer, transfer_id, version=version)
        require_state(transfer, TransferState.DRAFT, doing=N_("be changed"))
        for name, value in values.items():
            setattr(transfer, name, value)
        transfer.version += 1
        delete_rows(session, StockTransferLine, "transfer_id", transfer.id)
    decide(session, transfer, **told)
    session.flush()
    insert_rows(session, StockTransferLine, _rows(session, transfer, draft), parent="transfer_id")
    record(session, "save_transfer", transfer, by=by)
    return SavedTransfer(transfer.id, transfer.version)


def _rows(session: Session, transfer: StockTransfer, draft: TransferDraft) -> list[dict[str, Any]]:
    coded = items_coded(session, (line.item for line in draft.lines))
    rows = []
    for position, line in enumerate(draft.lines, 1):
        item = stocked_line(session, line.item, position, coded, line.quantity)
        spot = (Spot(line.location, line.lot, line.quantity),)
        (part,) = read_spots(session, item, spot, line.quantity, transfer.source_id, field=f"lines.{position}")
        rows.append(
            {
                "transfer_id": transfer.id,
                "position": position,
                "item_id": item.id,
                "description": item.name,
                "quantity": line.quantity,
                "unit": item.unit,
                "location_id": part.location_id or None,
                "lot_id": part.lot_id or None,
            }
        )
    return rows


def place_of(line: Mapping[str, Any], quantity: Decimal) -> Parts:
    """The one place that a stored line names; none where it names no bin and no lot."""
    if not line["location_id"] and not line["lot_id"]:
        return ()
    return (Part(line["location_id"] or 0, line["lot_id"] or 0, quantity),)


def dispatch_transfer(
    session: Session, transfer_id: int, *, version: int | None = None, by: str, today: date
) -> Dispatched:
    """Send a transfer off: its goods leave the source and are under way, owned and valued but not available.

    Raises:
        WrongStateError: it is no draft. ShortStockError: what is available, or lies in a bin said, does not cover it.
        DateOrderError: stock of an item moved or was counted on a later day. MissingValueError: lots are missing.
    """
    transfer = load(session, StockTransfer, transfer_id, version=version)
    require_state(transfer, TransferState.DRAFT, doing=N_("be dispatched"))
    transit = auto_made(session, WarehouseKind.TRANSIT, "TRANSIT", N_("Goods in transit"), None)
    transfer.transit_id = transit.id
    return _send(session, transfer, transit.id, "dispatch_transfer", by=by, today=today)


def transfer_now(session: Session, draft: TransferDraft, *, by: str, today: date) -> Dispatched:
    """Move goods from one warehouse to another in one step: into quarantine and back, or across the yard.

    Raises:
        see save_transfer and dispatch_transfer.
    """
    saved = save_transfer(session, draft, by=by, today=today)
    transfer = load(session, StockTransfer, saved.transfer_id)
    return _send(session, transfer, transfer.target_id, "transfer_now", by=by, today=today)


def _send(session: Session, transfer: StockTransfer, to_id: int, verb: str, *, by: str, today: date) -> Dispatched:
    lines = rows_of(session, StockTransferLine, "transfer_id", transfer.id)
    require_lines(lines, transfer.label)
    movement = carry_over(
        session,
        [
            Out(
                line["id"],
                line["item_id"],
                line["quantity"],
                f"lines.{line['position']}",
                places=place_of(line, line["quantity"]),
            )
            for line in lines
        ],
        kind=MoveKind.DISPATCH,
        source_id=transfer.source_id,
        target_id=to_id,
        on=transfer.dispatched_on,
        digits=the_company(session).digits,
    )
    here = to_id == transfer.target_id
    for line in lines:
        line["value"] = movement.values[line["id"]]
        line["arrived"] = line["quantity"] if here else ZERO
    update_rows(session, StockTransferLine, lines, "value", "arrived")
    transfer.value = sum((line["value"] for line in lines), ZERO)
    transfer.arrival = Progress.FULLY if here else Progress.NONE
    transfer.number = next_number(session, "stock_transfer", transfer.dispatched_on)
    take_step(session, transfer, TransferState.DISPATCHED)
    session.flush()
    for place in (transfer.source_id, transfer.target_id):
        watch(session, (line["item_id"] for line in lines), place, today)
    facts: Facts = [(StockTransfer, [transfer]), (StockTransferLine, lines), *movement.facts]
    record(session, verb, transfer, by=by, facts=facts)
    return Dispatched(transfer.id, transfer.number, transfer.value)


def receive_transfer(
    session: Session,
    transfer_id: int,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    location: str = "",
    arrived_on: date | None = None,
    version: int | None = None,
    by: str,
    today: date,
) -> Arrived:
    """Take what arrived of a transfer into its target: all that is under way, or `quantities` by transfer line id.

    Exactly the layers that its dispatch made arrive, with their dates and values. `location` is the bin they are put into.

    Raises:
        WrongStateError: it is not under way. OverQuantityError: more than is under way of a line.
        MissingValueError: nothing was chosen. DateOrderError: before it left, or before stock of an item moved.
    """
    transfer = load(session, StockTransfer, transfer_id, version=version)
    require_state(transfer, TransferState.DISPATCHED, doing=N_("arrive"))
    if transfer.transit_id is None or transfer.arrival is Progress.FULLY:
        raise WrongStateError(N_("All of {document} has arrived."), document=transfer.label)
    on = arrived_on or today
    if on < transfer.dispatched_on:
        raise DateOrderError(
            N_("{document} left on {day}; it cannot arrive before."),
            field="date",
            document=transfer.label,
            day=transfer.dispatched_on.isoformat(),
        )
    lines = rows_of(session, StockTransferLine, "transfer_id", transfer_id)
    chosen = _arriving(lines, quantities)
    if not chosen:
        raise MissingValueError(N_("Choose what arrived: at least one line with a quantity."))
    home = location_by_code(session, transfer.target_id, location).id if location.strip() else None
    arrival = own(session, TransferArrival(transfer_id=transfer_id, arrived_on=on, by=by))
    rows = insert_rows(
        session,
        TransferArrivalLine,
        [
            {
                "arrival_id": arrival.id,
                "position": position,
                "transfer_line_id": line["id"],
                "item_id": line["item_id"],
                "quantity": part,
                "location_id": home,
            }
            for position, (line, part) in enumerate(chosen, 1)
        ],
    )
    made = _layers_under_way(session, [line["id"] for line, _ in chosen], transfer.transit_id)
    movement = carry_over(
        session,
        [
            Out(
                row["id"],
                row["item_id"],
                row["quantity"],
                f"lines.{line['position']}",
                first=made[line["id"]],
                only=True,
                places=(Part(0, line["lot_id"], row["quantity"]),) if line["lot_id"] else (),
            )
            for row, (line, _) in zip(rows, chosen, strict=True)
        ],
        kind=MoveKind.ARRIVAL,
        source_id=transfer.transit_id,
        target_id=transfer.target_id,
        bins=dict.fromkeys((row["id"] for row in rows), home) if home is not None else None,
        on=on,
        digits=the_company(session).digits,
    )
    for row in rows:
        row["value"] = movement.values[row["id"]]
    update_rows(session, TransferArrivalLine, rows, "value")
    arrival.value = sum((row["value"] for row in rows), ZERO)
    take_step(session, arrival, ArrivalState.RECEIVED)
    for line, part in chosen:
        line["arrived"] += part
    update_rows(session, StockTransferLine, [line for line, _ in chosen], "arrived")
    transfer.arrival = Progress(progress((line["arrived"], line["quantity"]) for line in lines))
    transfer.version += 1
    session.flush()
    watch(session, (line["item_id"] for line, _ in chosen), transfer.target_id, today)
    facts: Facts = [(TransferArrival, [arrival]), (TransferArrivalLine, rows), *movement.facts]
    record(session, "receive_transfer", transfer, by=by, facts=facts)
    left = sum((line["quantity"] - line["arrived"] for line in lines), ZERO)
    return Arrived(transfer.id, arrival.id, transfer.label, arrival.value, left)


def _arriving(
    lines: Sequence[dict[str, Any]], quantities: Mapping[int, Decimal] | None
) -> list[tuple[dict[str, Any], Decimal]]:
    chosen = []
    for line in lines:
        left = line["quantity"] - line["arrived"]
        part = left if quantities is None else quantities.get(line["id"], ZERO)
        if not is_figure(part, PLACES, left):
            raise OverQuantityError(
                N_("Line {line}: {left} is under way, {part} was to arrive."),
                field=f"lines.{line['position']}",
                line=line["position"],
                left=left,
                part=part,
            )
        if part:
            chosen.append((line, part))
    return chosen


def _layers_under_way(session: Session, line_ids: Sequence[int], transit_id: int) -> dict[int, frozenset[int]]:
    """By transfer line: the layers that its dispatch made in transit."""
    moves, layers = table_of(StockMove), table_of(CostLayer)
    query = (
        sa.select(moves.c.line_id, layers.c.id)
        .join(moves, moves.c.id == layers.c.move_id)
        .where(moves.c.kind == MoveKind.DISPATCH, moves.c.line_id.in_(line_ids), layers.c.warehouse_id == transit_id)
    )
    found: dict[int, set[int]] = {}
    for line, layer in session.execute(query):
        found.setdefault(line, set()).add(layer)
    return {line: frozenset(mine) for line, mine in found.items()}


def cancel_transfer(session: Session, transfer_id: int, *, version: int | None = None, by: str, today: date) -> None:
    """Give a transfer up before it left.

    Raises:
        WrongStateError: it has left already.
    """
    transfer = load(session, StockTransfer, transfer_id, version=version)
    take_step(session, transfer, TransferState.CANCELLED)
    lines = rows_of(session, StockTransferLine, "transfer_id", transfer_id)
    session.flush()
    facts: Facts = [(StockTransfer, [transfer]), (StockTransferLine, lines)]
    record(session, "cancel_transfer", transfer, by=by, facts=facts)


def set_transfer_tracking(
    session: Session,
    transfer_id: int,
    *,
    tracking: str | None = None,
    expected_on: date | None = None,
    by: str,
    today: date,
) -> None:
    """Note the carrier's tracking number, or the day a transfer is expected, before or after it left."""
    transfer = load(session, StockTransfer, transfer_id)
    told = {"tracking": tracking.strip() if tracking is not None else None, "expected_on": expected_on}
    decide(session, transfer, **{name: value for name, value in told.items() if value is not None})
    transfer.version += 1
    record(session, "set_transfer_tracking", transfer, by=by)
