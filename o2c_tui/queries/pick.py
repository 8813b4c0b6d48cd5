"""Look-ups while typing: the few records that fit best, exact codes first, then beginnings, then anything inside.

Rule: docs/rules/filters.md, "Look-ups".
"""

import unicodedata
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col

from o2c_tui.models.base import AMOUNT, QUANTITY
from o2c_tui.models.item import Item, Warehouse, WarehouseKind
from o2c_tui.models.party import Party
from o2c_tui.models.receivable import ReceivableItem
from o2c_tui.models.stock import StockLevel
from o2c_tui.queries.lookups import items_coded

ZERO = Decimal(0)


@dataclass(frozen=True)
class PartyHit:
    """A customer or supplier that fits: with what is owed and may be owed."""

    id: int
    code: str
    name: str
    owes: Decimal
    credit_limit: Decimal
    credit_mode: str


@dataclass(frozen=True)
class ItemHit:
    """An item that fits: with its price and what is available."""

    id: int
    code: str
    name: str
    unit: str
    kind: str
    sale_price: Decimal
    available: Decimal
    scanned: str = ""  # the barcode or other code that was typed, where it is not the item's own code
    box: str = ""  # the unit that this code stands for


def _rank(model: type[SQLModel], needle: str) -> tuple[Any, Any]:
    """The condition and the order of a look-up by code, name or initials."""
    code, search = col(model.code), col(model.search)  # type: ignore[attr-defined]
    exact, folded = needle.upper(), needle.casefold()
    like = folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    condition = search.like(f"%{like}%", escape="\\")
    order = sa.case(
        (code == exact, 0),
        (search.like(f"{like}%", escape="\\"), 1),
        (search.like(f"% {like}%", escape="\\"), 2),
        else_=3,
    )
    return condition, order


def _ids(session: Session, model: type[SQLModel], text: str, limit: int, *where: Any) -> list[int]:
    needle = unicodedata.normalize("NFKC", text).strip()
    key = col(model.id)  # type: ignore[attr-defined]
    code = col(model.code)  # type: ignore[attr-defined]
    query = sa.select(key).where(col(model.active), *where)  # type: ignore[attr-defined]
    if needle:
        condition, order = _rank(model, needle)
        query = query.where(condition).order_by(order, sa.func.length(code), code)
    else:
        query = query.order_by(code)
    return list(session.execute(query.limit(limit)).scalars())


def find_parties(session: Session, text: str, *, supplier: bool = False, limit: int = 8) -> list[PartyHit]:
    """Customers (or suppliers) whose code, name or pinyin initials fit, best first; prospects are found too."""
    role = col(Party.is_supplier) if supplier else sa.or_(col(Party.is_customer), col(Party.is_prospect))
    ids = _ids(session, Party, text, limit, role)
    owes = (
        sa.select(sa.func.coalesce(sa.func.sum(col(ReceivableItem.base_open)), 0))
        .where(col(ReceivableItem.customer_id) == col(Party.id), col(ReceivableItem.open) != 0)
        .scalar_subquery()
    )
    query = sa.select(
        col(Party.id),
        col(Party.code),
        col(Party.name),
        sa.type_coerce(owes, AMOUNT),
        col(Party.credit_limit),
        col(Party.credit_mode),
    ).where(col(Party.id).in_(ids))
    hits = {row[0]: PartyHit(*row) for row in session.execute(query)}
    return [hits[key] for key in ids]


def find_items(
    session: Session, text: str, *, warehouse_id: int | None = None, party: str = "", limit: int = 8
) -> list[ItemHit]:
    """Items whose code, name, initials, barcode or other codes fit, best first; availability in one warehouse or in all.

    A barcode, a box's barcode or a code that `party` (a customer's or supplier's code) uses is found by the whole of it.
    """
    ids = _ids(session, Item, text, limit)
    needle = text.strip()
    coded = items_coded(session, [needle], party_id=_party_id(session, party)) if needle else {}
    meant = next(iter(coded.values()), None)
    if meant is not None and meant.item.code != needle.upper():
        ids = [meant.item.id, *(key for key in ids if key != meant.item.id)][:limit]
    else:
        meant = None
    free = sa.select(sa.func.coalesce(sa.func.sum(col(StockLevel.on_hand) - col(StockLevel.reserved)), 0)).where(
        col(StockLevel.item_id) == col(Item.id)
    )
    if warehouse_id is not None:
        free = free.where(col(StockLevel.warehouse_id) == warehouse_id)
    else:
        not_sold_from = sa.select(col(Warehouse.id)).where(col(Warehouse.kind) != WarehouseKind.STORE)
        free = free.where(col(StockLevel.warehouse_id).not_in(not_sold_from))
    query = sa.select(
        col(Item.id),
        col(Item.code),
        col(Item.name),
        col(Item.unit),
        col(Item.kind),
        col(Item.sale_price),
        sa.type_coerce(free.scalar_subquery(), QUANTITY),
    ).where(col(Item.id).in_(ids))
    hits = {row[0]: ItemHit(*row) for row in session.execute(query)}
    if meant is not None:
        hits[ids[0]] = replace(hits[ids[0]], scanned=needle, box=meant.unit)
    return [hits[key] for key in ids]


def _party_id(session: Session, code: str) -> int | None:
    if not code:
        return None
    return session.execute(sa.select(col(Party.id)).where(col(Party.code) == code)).scalar_one_or_none()
