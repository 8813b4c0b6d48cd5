"""Picking and packing: which bins and lots a delivery takes, said or proposed; packages and weight.

Rule: docs/rules/places.md, "What is picked". Quantities in stock units.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.errors import BadValueError, MissingValueError, OverQuantityError, ShortStockError
from o2c_tui.models.delivery import Delivery, DeliveryLine, DeliveryPick, DeliveryState
from o2c_tui.models.item import Item
from o2c_tui.money import is_figure
from o2c_tui.queries.lookups import items_by_id
from o2c_tui.queries.needs import in_stock_units, parts_of
from o2c_tui.queries.picking import PickLine, pick_list
from o2c_tui.rules.picking import Part, Parts
from o2c_tui.services.costing import Out
from o2c_tui.services.drafting import MOST_QUANTITY, PLACES
from o2c_tui.services.ordering import check_whole_units
from o2c_tui.services.placing import Spot, places_out, read_spots
from o2c_tui.services.reserving import locked_levels
from o2c_tui.services.support import load, require_state, take_step
from o2c_tui.storage.chain import record
from o2c_tui.storage.rows import delete_rows, insert_rows, rows_of, update_rows
from o2c_tui.texts import N_

ZERO = Decimal(0)
MOST_PACKAGES = 100_000


@dataclass(frozen=True)
class Pick:
    """From which bin and lot a line takes what, by the line's position; of a kit also which part.

    `quantity` in stock units; None: what the line's other picks leave.
    """

    line: int
    location: str = ""
    lot: str = ""
    quantity: Decimal | None = None
    item: str = ""
    expires_on: date | None = None  # of a lot that comes in for the first time


Chosen = dict[tuple[int, int], Parts]  # line, item → its places


def read_picks(
    session: Session,
    lines: Sequence[Mapping[str, Any]],
    picks: Sequence[Pick],
    warehouse_id: int,
    *,
    incoming: bool = False,
) -> Chosen:
    """Picks as said, by line and item.

    Raises:
        BadValueError: a line that is not there, or keeps no stock; a part that a kit has not. see read_spots.
    """
    by_place = {line["position"]: line for line in lines}
    needed = parts_of(session, lines)
    said: dict[tuple[int, int], list[Spot]] = {}
    for pick in picks:
        line = by_place.get(pick.line)
        parts = needed.get(line["id"], ()) if line is not None else ()
        if line is None or not parts:
            raise BadValueError(N_("There is no line {line} that takes goods out of stock."), line=pick.line)
        items = items_by_id(session, (part.item_id for part in parts))
        wanted = pick.item.strip().upper()
        mine = [part.item_id for part in parts if not wanted or items[part.item_id].code == wanted]
        if len(mine) != 1:
            raise BadValueError(
                N_("Line {line}: say which part of the kit: {items}."),
                field=f"lines.{pick.line}",
                line=pick.line,
                items=", ".join(sorted(items[part.item_id].code for part in parts)),
            )
        said.setdefault((line["id"], mine[0]), []).append(Spot(pick.location, pick.lot, pick.quantity, pick.expires_on))
    found: Chosen = {}
    for line in lines:
        for part in needed.get(line["id"], ()):
            spots = said.get((line["id"], part.item_id))
            if spots:
                field = f"lines.{line['position']}"
                item = items_by_id(session, [part.item_id])[part.item_id]
                quantity = in_stock_units(line["quantity"], part.per, field=field)
                found[line["id"], part.item_id] = read_spots(
                    session, item, spots, quantity, warehouse_id, incoming=incoming, field=field
                )
    return found


def picked(session: Session, delivery: Delivery) -> Chosen:
    """What was picked for an open delivery, by line and item."""
    if delivery.state is DeliveryState.DRAFT:
        return {}
    found: Chosen = {}
    for row in rows_of(session, DeliveryPick, "delivery_id", delivery.id, "id"):
        key = row["delivery_line_id"], row["item_id"]
        found[key] = (*found.get(key, ()), Part(row["location_id"] or 0, row["lot_id"] or 0, row["quantity"]))
    return found


def keep_picks(
    session: Session, delivery_id: int, outs: Sequence[Out], placed: Sequence[Parts]
) -> list[dict[str, Any]]:
    """Write down which bins and lots a delivery takes, in place of what was said before; what lies in none has no row."""
    delete_rows(session, DeliveryPick, "delivery_id", delivery_id)
    return insert_rows(
        session,
        DeliveryPick,
        [
            {
                "delivery_id": delivery_id,
                "delivery_line_id": out.line_id,
                "item_id": out.item_id,
                "location_id": part.location_id or None,
                "lot_id": part.lot_id or None,
                "quantity": part.quantity,
            }
            for out, parts in zip(outs, placed, strict=True)
            for part in parts
            if part.location_id or part.lot_id
        ],
    )


def outgoing(session: Session, delivery: Delivery, lines: Sequence[dict[str, Any]], chosen: Chosen) -> list[Out]:
    """What the lines of a delivery take out of stock, and from where it was picked."""
    needed = parts_of(session, lines)
    return [
        Out(
            line["id"],
            part.item_id,
            in_stock_units(line["quantity"], part.per, field=f"lines.{line['position']}"),
            f"lines.{line['position']}",
            places=chosen.get((line["id"], part.item_id), ()),
            picking=delivery.id,
        )
        for line in lines
        for part in needed.get(line["id"], ())
    ]


@dataclass(frozen=True)
class PickedGoods:
    """A picked delivery: what is taken from where, in the order of the walk; in stock units."""

    delivery_id: int
    label: str
    short: int  # lines of which less was there than was to be delivered
    parts: tuple[PickLine, ...]


def pick_delivery(
    session: Session,
    delivery_id: int,
    *,
    picks: tuple[Pick, ...] = (),
    quantities: Mapping[int, Decimal] | None = None,
    version: int | None = None,
    by: str,
    today: date,
) -> PickedGoods:
    """Mark a delivery as picked: the goods stand ready. `picks` says out of which bins and lots, the rest is proposed.

    What expires first is taken first, then the walk through the bins. A picked delivery can be picked anew. `quantities`
    by delivery line says what could be picked where it is less than was to be delivered: the delivery is that much
    shorter, and its order waits for the rest; a line with nothing leaves the delivery. Bins that should have held more are
    written down with it, and are proposed to be counted.

    Raises:
        WrongStateError: it was packed or has left. ShortStockError: the goods do not lie there. see read_picks.
        OverQuantityError: more than was to be delivered. MissingValueError: nothing at all could be picked.
    """
    delivery = load(session, Delivery, delivery_id, version=version)
    require_state(delivery, DeliveryState.DRAFT, DeliveryState.PICKED, doing=N_("be picked"))
    lines = rows_of(session, DeliveryLine, "delivery_id", delivery_id)
    short, looked_for = 0, {}
    if quantities is not None:
        earlier = picked(session, delivery)
        delete_rows(session, DeliveryPick, "delivery_id", delivery_id)
        looked_for = _looked_for(session, delivery, lines, quantities, earlier)
        lines, short = _shortened(session, lines, quantities)
    outs = outgoing(session, delivery, lines, read_picks(session, lines, picks, delivery.warehouse_id))
    levels = locked_levels(session, (out.item_id for out in outs), delivery.warehouse_id)
    on_hand = {item: level.on_hand for item, level in levels.items()}
    placed = places_out(session, outs, delivery.warehouse_id, on_hand, delivery.shipped_on)
    keep_picks(session, delivery_id, outs, placed)
    if delivery.state is DeliveryState.DRAFT:
        take_step(session, delivery, DeliveryState.PICKED)
    else:
        delivery.version += 1
    session.flush()
    missing = _missing(looked_for, outs, placed)
    record(session, "pick_delivery", delivery, by=by, on=today, told=[("short", missing)] if missing else ())
    return PickedGoods(delivery.id, delivery.label, short, tuple(pick_list(session, [delivery.id])))


def _looked_for(
    session: Session,
    delivery: Delivery,
    lines: Sequence[Mapping[str, Any]],
    quantities: Mapping[int, Decimal],
    earlier: Chosen,
) -> Chosen:
    """Where the lines of which less was found should have been lying: as picked before, else as it would be proposed.

    Empty where the books themselves do not hold that much.
    """
    less = [dict(line) for line in lines if quantities.get(line["id"], ZERO) < line["quantity"]]
    if not less:
        return {}
    outs = outgoing(session, delivery, less, earlier)
    if delivery.state is DeliveryState.PICKED:
        return {(out.line_id, out.item_id): _whole(out, out.places) for out in outs}
    levels = locked_levels(session, (out.item_id for out in outs), delivery.warehouse_id)
    on_hand = {item: level.on_hand for item, level in levels.items()}
    try:
        placed = places_out(session, outs, delivery.warehouse_id, on_hand, delivery.shipped_on)
    except (ShortStockError, MissingValueError):
        return {}
    return {(out.line_id, out.item_id): _whole(out, parts) for out, parts in zip(outs, placed, strict=True)}


def _whole(out: Out, parts: Parts) -> Parts:
    """The places of what leaves, with what lies in no bin."""
    loose = out.quantity - sum((part.quantity for part in parts), ZERO)
    return (*parts, Part(0, 0, loose)) if loose > ZERO else parts


def _missing(looked_for: Chosen, outs: Sequence[Out], placed: Sequence[Parts]) -> list[list[Any]]:
    """By item and bin (0: in none): how much less was taken there than should have been; in stock units, as text."""
    lacking: dict[tuple[int, int], Decimal] = {}
    for (_line, item), parts in looked_for.items():
        for part in parts:
            lacking[item, part.location_id] = lacking.get((item, part.location_id), ZERO) + part.quantity
    of_lines = {line for line, _item in looked_for}
    for out, parts in zip(outs, placed, strict=True):
        if out.line_id in of_lines:
            for part in _whole(out, parts):
                key = out.item_id, part.location_id
                lacking[key] = lacking.get(key, ZERO) - part.quantity
    return [
        [item, bin_id, format(part.normalize(), "f")] for (item, bin_id), part in sorted(lacking.items()) if part > ZERO
    ]


def _shortened(
    session: Session, lines: Sequence[dict[str, Any]], quantities: Mapping[int, Decimal]
) -> tuple[list[dict[str, Any]], int]:
    """The lines with what could be picked of each, and how many of them became less."""
    kept, short = [], 0
    for line in lines:
        part = quantities.get(line["id"], ZERO)
        if not is_figure(part, PLACES, line["quantity"]):
            raise OverQuantityError(
                N_("Line {line}: {left} is to be delivered, {part} was picked."),
                field=f"lines.{line['position']}",
                line=line["position"],
                left=line["quantity"],
                part=part,
            )
        if part == line["quantity"]:
            kept.append(line)
            continue
        short += 1
        if part:
            line["quantity"] = part
            kept.append(line)
            update_rows(session, DeliveryLine, [line], "quantity")
        else:
            delete_rows(session, DeliveryLine, "id", line["id"])
    if not kept:
        raise MissingValueError(N_("Nothing was picked; cancel the delivery instead."), field="quantities")
    check_whole_units(kept, items_by_id(session, (line["item_id"] for line in kept)))
    return kept, short


def pack_delivery(
    session: Session,
    delivery_id: int,
    *,
    packages: int = 1,
    weight: Decimal | None = None,
    carrier: str | None = None,
    version: int | None = None,
    by: str,
    today: date,
) -> None:
    """Mark a picked delivery as packed: how many packages, and what they weigh; without a weight, what its items weigh.

    Raises:
        WrongStateError: it is not picked. BadValueError: a figure out of bounds.
    """
    delivery = load(session, Delivery, delivery_id, version=version)
    if not 0 <= packages <= MOST_PACKAGES:
        raise BadValueError(N_("Give a number of packages from 0 to {most}."), field="packages", most=MOST_PACKAGES)
    if weight is not None and not is_figure(weight, PLACES, MOST_QUANTITY):
        raise BadValueError(N_("The weight must be 0 or more kilograms."), field="weight")
    if delivery.state is DeliveryState.PACKED:
        delivery.version += 1
    else:
        take_step(session, delivery, DeliveryState.PACKED)
    delivery.packages = packages
    delivery.weight = weight if weight is not None else _weight(session, delivery)
    if carrier is not None:
        delivery.carrier = carrier.strip()
    record(session, "pack_delivery", delivery, by=by)


def _weight(session: Session, delivery: Delivery) -> Decimal:
    lines = rows_of(session, DeliveryLine, "delivery_id", delivery.id)
    outs = outgoing(session, delivery, lines, {})
    keys = sorted({out.item_id for out in outs})
    query = sa.select(col(Item.id), col(Item.weight)).where(col(Item.id).in_(keys))
    each = {key: weight for key, weight in session.execute(query)}
    return sum((out.quantity * each[out.item_id] for out in outs), ZERO).quantize(Decimal("0.000001"))
