"""Pick lists: what to take from where, in the order of the walk. Rule: docs/rules/places.md. Quantities in stock units."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.models.delivery import Delivery, DeliveryLine, DeliveryPick, DeliveryState
from o2c_tui.models.item import Item, Location, Lot, Warehouse
from o2c_tui.models.party import Party
from o2c_tui.queries.needs import in_stock_units, parts_of
from o2c_tui.queries.places import in_books, set_aside_elsewhere
from o2c_tui.rules.picking import Lying, in_order, taken
from o2c_tui.storage.rows import rows_of

ZERO = Decimal(0)


@dataclass(frozen=True)
class PickLine:
    """One thing to take from one place for one delivery; without bin and lot it lies in none."""

    delivery_id: int
    delivery: str
    order_line: int  # position on the delivery
    customer: str
    warehouse: str
    location: str
    pick_order: int
    item: str
    name: str
    lot: str
    expires_on: date | None
    quantity: Decimal
    unit: str


def pick_list(session: Session, delivery_ids: Sequence[int]) -> list[PickLine]:
    """What some open deliveries take from where, sorted by the walk: as picked, else as it would be proposed.

    What stock does not cover is listed without a place.
    """
    found: list[PickLine] = []
    spent: dict[tuple[int, int, int, int], Decimal] = {}  # warehouse, item, bin, lot: by deliveries listed before
    query = select(Delivery).where(col(Delivery.id).in_(delivery_ids)).order_by(col(Delivery.id))
    for delivery in session.exec(query).all():
        found += _lines(session, delivery, spent)
    return sorted(
        found, key=lambda x: (x.warehouse, not x.location, x.pick_order, x.location, x.item, x.lot, x.delivery_id)
    )


def _lines(session: Session, delivery: Delivery, spent: dict[tuple[int, int, int, int], Decimal]) -> list[PickLine]:
    lines = rows_of(session, DeliveryLine, "delivery_id", delivery.id)
    needed = parts_of(session, lines)
    keys = sorted({part.item_id for parts in needed.values() for part in parts})
    items = {row.id: row for row in session.exec(select(Item).where(col(Item.id).in_(keys)))}
    warehouse, party = session.get(Warehouse, delivery.warehouse_id), session.get(Party, delivery.customer_id)
    assert warehouse is not None
    assert party is not None
    proposing = delivery.state is DeliveryState.DRAFT
    books = in_books(session, keys, delivery.warehouse_id) if proposing else {}
    aside = set_aside_elsewhere(session, keys, delivery.warehouse_id) if proposing else {}
    picked = {} if proposing else _picked(session, delivery.id)
    found = []
    for line in lines:
        for part in needed.get(line["id"], ()):
            quantity = in_stock_units(line["quantity"], part.per)
            item = items[part.item_id]
            if proposing:
                places = _proposed(books[item.id], quantity, delivery, item.id, aside, spent)
            else:
                places = picked.get((line["id"], item.id), [])
            rest = quantity - sum((place.quantity for place in places), ZERO)
            if rest:
                places = [*places, Lying(0, 0, rest)]
            found += [
                PickLine(
                    delivery.id,
                    delivery.label,
                    line["position"],
                    party.name,
                    warehouse.code,
                    place.location,
                    place.pick_order,
                    item.code,
                    item.name,
                    place.lot,
                    place.expires_on,
                    place.quantity,
                    item.unit,
                )
                for place in places
            ]
    return found


def _proposed(
    books: Sequence[Lying],
    quantity: Decimal,
    delivery: Delivery,
    item_id: int,
    aside: dict[tuple[int, int, int], Decimal],
    spent: dict[tuple[int, int, int, int], Decimal],
) -> list[Lying]:
    """The places that shipping would take, less what others have picked and what the list gave to deliveries before."""

    def left(place: Lying) -> Decimal:
        gone = aside.get((item_id, place.location_id, place.lot_id), ZERO)
        gone += spent.get((delivery.warehouse_id, item_id, place.location_id, place.lot_id), ZERO)
        return max(place.quantity - gone, ZERO)

    order = [
        place
        for place in in_order(books, bins_first=True)
        if place.expires_on is None or place.expires_on >= delivery.shipped_on
    ]
    by_key = {(place.location_id, place.lot_id): place for place in order}
    parts, _ = taken([Lying(place.location_id, place.lot_id, left(place)) for place in order], quantity)
    for part in parts:
        key = delivery.warehouse_id, item_id, part.location_id, part.lot_id
        spent[key] = spent.get(key, ZERO) + part.quantity
    return [
        Lying(
            part.location_id,
            part.lot_id,
            part.quantity,
            by_key[part.location_id, part.lot_id].location,
            by_key[part.location_id, part.lot_id].lot,
            by_key[part.location_id, part.lot_id].pick_order,
            by_key[part.location_id, part.lot_id].expires_on,
        )
        for part in parts
        if part.location_id or part.lot_id
    ]


def _picked(session: Session, delivery_id: int) -> dict[tuple[int, int], list[Lying]]:
    query = (
        sa.select(
            col(DeliveryPick.delivery_line_id),
            col(DeliveryPick.item_id),
            sa.func.coalesce(col(DeliveryPick.location_id), 0),
            sa.func.coalesce(col(DeliveryPick.lot_id), 0),
            col(DeliveryPick.quantity),
            sa.func.coalesce(col(Location.code), ""),
            sa.func.coalesce(col(Lot.code), ""),
            sa.func.coalesce(col(Location.pick_order), 0),
            col(Lot.expires_on),
        )
        .outerjoin(Location, col(Location.id) == col(DeliveryPick.location_id))
        .outerjoin(Lot, col(Lot.id) == col(DeliveryPick.lot_id))
        .where(col(DeliveryPick.delivery_id) == delivery_id)
    )
    found: dict[tuple[int, int], list[Lying]] = {}
    for line, item, *place in session.execute(query):
        found.setdefault((line, item), []).append(Lying(*place))
    return found
