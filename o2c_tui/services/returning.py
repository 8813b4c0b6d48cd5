"""What becomes of goods that a customer sent back: into quarantine, or scrapped; out of the very layers they came into.

Rule: docs/rules/deliveries.md, "Returns".
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from o2c_tui.models.delivery import CustomerReturn, Disposition
from o2c_tui.models.item import Warehouse, WarehouseKind
from o2c_tui.models.stock import MoveKind
from o2c_tui.rules.picking import Part, spread
from o2c_tui.services.adjusting import scrap_return
from o2c_tui.services.bins import auto_made
from o2c_tui.services.costing import Movement, Out, carry_over
from o2c_tui.services.picking import Chosen, Pick, read_picks
from o2c_tui.services.posting import Facts
from o2c_tui.services.support import load
from o2c_tui.texts import N_


def home_of(session: Session, disposition: Disposition, store_id: int) -> int:
    """The warehouse that goods end up in: the store they left, or its quarantine, which is made on first need."""
    if disposition is not Disposition.QUARANTINE:
        return store_id
    store = load(session, Warehouse, store_id)
    if store.kind is WarehouseKind.QUARANTINE:
        return store_id
    made = auto_made(session, WarehouseKind.QUARANTINE, f"{store.code[:20]}-Q", N_("Quarantine"), store)
    return made.id


def without_bins(chosen: Chosen) -> Chosen:
    """Lots alone: for goods that only pass through the store."""
    return {key: tuple(Part(0, part.lot_id, part.quantity) for part in parts) for key, parts in chosen.items()}


def places_said(
    session: Session,
    rows: Sequence[dict[str, Any]],
    lines: Sequence[dict[str, Any]],
    places: Sequence[Pick],
    warehouse_id: int,
) -> Chosen:
    """Bins and lots said by the delivery's line positions, by return line and item."""
    position = {line["id"]: line["position"] for line in lines}
    asked = [{**row, "position": position[row["delivery_line_id"]]} for row in rows]
    return read_picks(session, asked, places, warehouse_id, incoming=True) if places else {}


def name_places(rows: Sequence[dict[str, Any]], said: Chosen, movement: Movement) -> dict[int, int]:
    """Write on each return line the one bin and the one lot it has, where it has one; returns the bins by line."""
    bins: dict[int, set[int]] = {}
    lots: dict[int, set[int]] = {}
    for (line, _), parts in said.items():
        bins.setdefault(line, set()).update(part.location_id for part in parts)
    for (out, _), parts in zip(movement.takes, movement.placed, strict=True):
        lots.setdefault(out.line_id, set()).update(part.lot_id for part in parts)
    for row in rows:
        mine, lot = bins.get(row["id"], set()), lots.get(row["id"], set())
        row["location_id"] = (next(iter(mine)) or None) if len(mine) == 1 else None
        row["lot_id"] = (next(iter(lot)) or None) if len(lot) == 1 else None
    return {row["id"]: row["location_id"] for row in rows if row["location_id"]}


def dispose(
    session: Session,
    back: CustomerReturn,
    movement: Movement,
    *,
    store_id: int,
    bins: Mapping[int, int],
    by: str,
    digits: int,
) -> Facts:
    """Take what came back on to where it belongs: quarantined goods with their layers, scrapped ones out of the books.

    Returns what became facts beside the return itself.
    """
    outs = _outs(movement)
    if not outs:
        return []
    if back.disposition is Disposition.QUARANTINE and back.warehouse_id != store_id:
        moved = carry_over(
            session,
            outs,
            kind=MoveKind.RETURN,
            source_id=store_id,
            target_id=back.warehouse_id,
            bins=bins,
            on=back.returned_on,
            digits=digits,
        )
        return moved.facts
    if back.disposition is Disposition.SCRAP:
        losses = [(out, _where(out)) for out in outs]
        return scrap_return(session, back, losses, by=by, digits=digits)
    return []


def _outs(movement: Movement) -> list[Out]:
    """Each part that came back, by the layer it went into, to be taken out of it again."""
    outs = []
    for (line, takes), placed in zip(movement.takes, movement.placed, strict=True):
        for take, places in zip(takes, spread(placed, [take.quantity for take in takes]), strict=True):
            outs.append(
                Out(
                    line.line_id,
                    line.item_id,
                    take.quantity,
                    first=frozenset({take.layer_id}),
                    only=True,
                    places=places,
                )
            )
    return outs


def _where(out: Out) -> dict[str, Any]:
    """The one lot a line names; several are told by its place moves."""
    lots: Sequence[int] = [part.lot_id for part in out.places if part.lot_id]
    return {"location_id": None, "lot_id": lots[0] if len(lots) == 1 else None}
