"""What is to be bought: items at or below their reorder point, how much of each, and from whom.

Projected = available + incoming − back-ordered. A rule of its own for item and warehouse comes first; else the item's
point holds in the company's default warehouse. Rule: docs/rules/purchasing.md, "Reordering".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.models.base import PRICE, QUANTITY
from o2c_tui.models.item import Item, ItemKind, ItemUnit, ReorderRule, SupplierItem, Warehouse, WarehouseKind
from o2c_tui.models.party import Party
from o2c_tui.models.stock import StockLevel
from o2c_tui.queries.incoming import incoming_now
from o2c_tui.queries.lookups import party_by_code, the_company
from o2c_tui.queries.waiting import waiting_lines
from o2c_tui.rules.reordering import Outlook, is_due, to_buy
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)
Place = tuple[int, int]  # item, warehouse


@dataclass(frozen=True)
class Due:
    """One item that is to be bought for a warehouse; quantities in stock units, the price in the supplier's currency."""

    item_id: int
    code: str
    name: str
    unit: str
    warehouse_id: int
    warehouse: str
    available: Decimal
    incoming: Decimal
    back_ordered: Decimal
    projected: Decimal
    point: Decimal
    target: Decimal
    quantity: Decimal  # proposed
    supplier: str  # code; empty: nobody is known to sell it
    supplier_name: str
    price: Decimal  # of one stock unit
    currency: str
    expected_on: date


@dataclass(frozen=True)
class Source:
    """Where an item is bought: pack and minimum in stock units, the price of one in the supplier's currency."""

    supplier_id: int
    code: str
    name: str
    price: Decimal
    currency: str
    pack: Decimal
    minimum: Decimal
    lead_time_days: int


@dataclass(frozen=True)
class Offer:
    """What one supplier would ask for one stock unit of an item, in its currency, and when it could be there."""

    supplier: str
    name: str
    price: Decimal
    currency: str
    expected_on: date


@dataclass(frozen=True)
class Point:
    """At which stock an item is due in a warehouse, and up to which it is filled (nothing: just above the point)."""

    warehouse: str
    point: Decimal
    target: Decimal


@dataclass(frozen=True)
class Level:
    """An item in a warehouse with the rule that holds for it."""

    item_id: int
    warehouse_id: int
    available: Decimal
    point: Decimal
    target: Decimal
    pack: Decimal
    lead_time_days: int


def _levels(session: Session, query: Any, **words: Any) -> list[Level]:
    words["home"] = the_company(session).default_warehouse
    return [Level(*row) for row in session.execute(query, words)]


def _level_query(*where: Any) -> Any:
    """Items in the stores they are kept in, with their rules; `home` is the company's default warehouse."""
    levels, rules = table_of(StockLevel), table_of(ReorderRule)
    here = sa.case((col(Warehouse.code) == sa.bindparam("home"), col(Item.reorder_point)), else_=sa.literal(0))
    point = sa.type_coerce(sa.func.coalesce(rules.c.point, here), PRICE)
    free = sa.type_coerce(sa.func.coalesce(levels.c.on_hand - levels.c.reserved, 0), QUANTITY)
    return (
        sa.select(
            col(Item.id),
            col(Warehouse.id),
            free,
            point,
            sa.type_coerce(sa.func.coalesce(rules.c.target, 0), PRICE),
            sa.type_coerce(sa.func.coalesce(rules.c.pack, 0), PRICE),
            sa.func.coalesce(rules.c.lead_time_days, 0),
        )
        .select_from(Item)
        .join(Warehouse, sa.and_(col(Warehouse.kind) == WarehouseKind.STORE, col(Warehouse.active)))
        .outerjoin(levels, sa.and_(levels.c.item_id == col(Item.id), levels.c.warehouse_id == col(Warehouse.id)))
        .outerjoin(
            rules,
            sa.and_(rules.c.item_id == col(Item.id), rules.c.warehouse_id == col(Warehouse.id), rules.c.active),
        )
        .where(col(Item.kind) == ItemKind.STOCKED, col(Item.active), *[made(free, point) for made in where])
    )


@cache
def _watched() -> Any:
    return _level_query(
        lambda free, point: col(Item.id).in_(sa.bindparam("items", expanding=True)),
        lambda free, point: col(Warehouse.id) == sa.bindparam("place"),
        lambda free, point: point > 0,
    )


def outlooks(session: Session, item_ids: Sequence[int], warehouse_id: int) -> list[tuple[Level, Outlook]]:
    """How some items that have a reorder point stand in one warehouse."""
    found = _levels(session, _watched(), items=sorted(set(item_ids)), place=warehouse_id)
    if not found:
        return []
    keys = [level.item_id for level in found]
    coming = incoming_now(session, item_ids=keys)
    lacking = _back_ordered(session, keys)
    return [(level, _outlook(level, coming, lacking)) for level in found]


@cache
def _of_one_item() -> Any:
    return _level_query(lambda free, point: col(Item.id) == sa.bindparam("item"), lambda free, point: point > 0)


def points(session: Session, item_id: int) -> list[Point]:
    """Where an item has a reorder point, by warehouse."""
    places = dict(session.execute(sa.select(col(Warehouse.id), col(Warehouse.code))).all())
    found = _levels(session, _of_one_item(), item=item_id)
    return sorted((Point(places[x.warehouse_id], x.point, x.target) for x in found), key=lambda x: x.warehouse)


def _back_ordered(session: Session, item_ids: Sequence[int] | None = None) -> dict[Place, Decimal]:
    found: dict[Place, Decimal] = {}
    for line in waiting_lines(session, item_ids=item_ids, on_hold=True):
        place = line.item_id, line.warehouse_id
        found[place] = found.get(place, ZERO) + line.waiting
    return found


def _outlook(level: Level, coming: dict[Place, Decimal], lacking: dict[Place, Decimal]) -> Outlook:
    place = level.item_id, level.warehouse_id
    return Outlook(level.available, coming.get(place, ZERO), lacking.get(place, ZERO))


def reorder_list(session: Session, *, today: date, item_ids: Sequence[int] | None = None) -> list[Due]:
    """What is to be bought now, by supplier and item; items that are no longer sold are left out.

    `item_ids` asks about these items only.
    """
    lacking = _back_ordered(session, item_ids)
    short = sorted({item for item, _ in lacking})
    wanted = [lambda free, point: sa.or_(sa.and_(point > 0, free <= point), col(Item.id).in_(short))]
    if item_ids is not None:
        chosen = sorted(set(item_ids))
        wanted.append(lambda free, point: col(Item.id).in_(chosen))
    levels = _levels(session, _level_query(*wanted))
    coming = incoming_now(session, item_ids=[level.item_id for level in levels] if len(levels) < 500 else None)
    due = [
        (level, outlook)
        for level in levels
        if is_due((outlook := _outlook(level, coming, lacking)).projected, level.point)
    ]
    return _proposed(session, due, today)


def due_by(session: Session, outlook: Callable[[Place], Outlook | None], day: date) -> list[Due]:
    """What would be bought on a day if items stood as `outlook` says; None: nothing is known of an item in a place."""
    due = []
    for level in _levels(session, _level_query()):
        told = outlook((level.item_id, level.warehouse_id))
        if told is not None and is_due(told.projected, level.point):
            due.append((level, told))
    return _proposed(session, due, day)


def shortfall(session: Session, order_id: int | None, *, today: date) -> list[Due]:
    """What an order (None: every order) waits for and nobody has ordered yet, as it would be bought: its lack less what
    is coming, whatever the reorder points say."""
    lines = [line for line in waiting_lines(session, on_hold=True) if order_id in (None, line.order_id)]
    lack: dict[Place, Decimal] = {}
    for line in lines:
        lack[line.item_id, line.warehouse_id] = lack.get((line.item_id, line.warehouse_id), ZERO) + line.waiting
    if not lack:
        return []
    everybody = _back_ordered(session, [item for item, _ in lack])
    keys = sorted({item for item, _ in lack})
    coming = incoming_now(session, item_ids=keys)
    due, exactly = [], {}
    for level in _levels(session, _level_query(lambda free, point: col(Item.id).in_(keys))):
        place = level.item_id, level.warehouse_id
        if place in lack:
            outlook = Outlook(level.available, coming.get(place, ZERO), everybody.get(place, ZERO))
            missing = min(lack[place], max(-outlook.projected, ZERO))
            if missing:
                due.append((level, outlook))
                exactly[place] = missing
    return _proposed(session, due, today, exactly)


def proposals(session: Session, *, order_id: int | None = None, back_orders: bool = False, today: date) -> list[Due]:
    """What is proposed to be bought: what is due, or the shortfall of an order, or of all orders."""
    if order_id is not None or back_orders:
        return shortfall(session, order_id, today=today)
    return reorder_list(session, today=today)


def _proposed(
    session: Session, due: Sequence[tuple[Level, Outlook]], today: date, exactly: Mapping[Place, Decimal] | None = None
) -> list[Due]:
    """Each with how much of it brings it up to its rule, or with what is lacking `exactly`; in packs either way."""
    keys = sorted({level.item_id for level, _ in due})
    sources = sources_of(session, keys)
    items = {
        row.id: row
        for row in session.execute(
            sa.select(col(Item.id), col(Item.code), col(Item.name), col(Item.unit)).where(col(Item.id).in_(keys))
        )
    }
    places = dict(session.execute(sa.select(col(Warehouse.id), col(Warehouse.code))).all())
    found = []
    for level, outlook in due:
        item, source = items[level.item_id], sources.get(level.item_id)
        pack = level.pack or (source.pack if source else ZERO)
        least = source.minimum if source else ZERO
        if exactly is None:
            quantity = to_buy(outlook.projected, level.point, level.target, pack=pack, minimum=least)
        else:
            quantity = to_buy(-exactly[level.item_id, level.warehouse_id], ZERO, ZERO, pack=pack, minimum=least)
        days = level.lead_time_days or (source.lead_time_days if source else 0)
        found.append(
            Due(
                item.id,
                item.code,
                item.name,
                item.unit,
                level.warehouse_id,
                places[level.warehouse_id],
                outlook.available,
                outlook.incoming,
                outlook.back_ordered,
                outlook.projected,
                level.point,
                level.target,
                quantity,
                source.code if source else "",
                source.name if source else "",
                source.price if source else ZERO,
                source.currency if source else "",
                today + timedelta(days=days),
            )
        )
    return sorted(found, key=lambda line: (line.supplier == "", line.supplier, line.code, line.warehouse))


def offer(session: Session, item_id: int, warehouse_id: int, supplier: str, *, today: date) -> Offer:
    """What a supplier asks for an item; without a price list of its own: nothing, in its currency.

    The reorder rule's lead time goes before the supplier's.

    Raises:
        UnknownCodeError: there is no such supplier.
    """
    party = party_by_code(session, supplier, word=N_("supplier"), field="supplier")
    found = sources_of(session, [item_id], supplier_id=party.id).get(item_id)
    rule = session.exec(
        select(ReorderRule).where(
            ReorderRule.item_id == item_id, ReorderRule.warehouse_id == warehouse_id, ReorderRule.active
        )
    ).one_or_none()
    days = (rule.lead_time_days if rule else 0) or (found.lead_time_days if found else 0)
    return Offer(
        party.code,
        party.name,
        found.price if found else ZERO,
        found.currency if found else party.currency or the_company(session).currency,
        today + timedelta(days=days),
    )


def sources_of(session: Session, item_ids: Sequence[int], *, supplier_id: int | None = None) -> dict[int, Source]:
    """Where each item is bought: from the supplier on its card, else from whoever sells it cheapest; or what this one
    `supplier_id` asks, where it sells the item."""
    company = the_company(session)
    offers, parties, units = table_of(SupplierItem), table_of(Party), table_of(ItemUnit)
    found: dict[int, Source] = {}
    query = (
        sa.select(offers, parties.c.code, parties.c.name, parties.c.currency, units.c.numerator, units.c.denominator)
        .join(parties, parties.c.id == offers.c.supplier_id)
        .outerjoin(units, sa.and_(units.c.item_id == offers.c.item_id, units.c.unit == offers.c.unit))
        .join(Item, col(Item.id) == offers.c.item_id)
        .where(offers.c.item_id.in_(sorted(set(item_ids))), offers.c.active, parties.c.active)
        .order_by(offers.c.item_id, offers.c.supplier_id != sa.func.coalesce(col(Item.supplier_id), 0))
    )
    if supplier_id is not None:
        query = query.where(offers.c.supplier_id == supplier_id)
    best: dict[int, tuple[bool, Decimal]] = {}
    preferred = dict(
        session.execute(sa.select(col(Item.id), col(Item.supplier_id)).where(col(Item.id).in_(item_ids))).all()
    )
    for row in session.execute(query):
        num, den = Decimal(row.numerator or 1), Decimal(row.denominator or 1)
        price = round(row.price * den / num, 6)
        rank = (row.supplier_id != preferred.get(row.item_id), price)
        if row.item_id not in best or rank < best[row.item_id]:
            best[row.item_id] = rank
            found[row.item_id] = Source(
                row.supplier_id,
                row.code,
                row.name,
                price,
                row.currency or company.currency,
                row.pack * num / den,
                row.minimum * num / den,
                row.lead_time_days,
            )
    bare = {key: supplier for key, supplier in preferred.items() if supplier and key not in found and not supplier_id}
    known = {
        row.id: row for row in session.execute(sa.select(parties).where(parties.c.id.in_(sorted(set(bare.values())))))
    }
    for key, supplier in bare.items():
        party = known[supplier]
        found[key] = Source(party.id, party.code, party.name, ZERO, party.currency or company.currency, ZERO, ZERO, 0)
    return found
