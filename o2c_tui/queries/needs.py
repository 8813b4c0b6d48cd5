"""What a line asks of stock: nothing for a service, its item for a stocked one, its parts for a kit; units made stock units.

Rule: docs/rules/masters.md, "Units" and "Kits".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any

from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError
from o2c_tui.models.base import PRICE_PLACES
from o2c_tui.models.item import ItemKind, KitPart
from o2c_tui.queries.lookups import items_by_id
from o2c_tui.texts import N_

ZERO = Decimal(0)
ONE = Fraction(1)
UNIT = Decimal(1).scaleb(-PRICE_PLACES)


@dataclass(frozen=True)
class Part:
    """One stocked item that a line needs, and how many of its stock units one unit of the line takes."""

    item_id: int
    per: Fraction = ONE


Parts = tuple[Part, ...]


def factor_of(line: Mapping[str, Any]) -> Fraction:
    """How many stock units one unit of a line is."""
    if not line.get("factor_num"):
        return ONE
    return Fraction(line["factor_num"], line["factor_den"] or 1)


def parts_of(session: Session, lines: Sequence[Mapping[str, Any]], *, key: str = "id") -> dict[int, Parts]:
    """By line: what of stock one unit of it needs; lines that need none are left out."""
    items = items_by_id(session, (line["item_id"] for line in lines))
    kits = kit_parts(
        session,
        (line["item_id"] for line in lines if line["item_id"] and items[line["item_id"]].kind is ItemKind.KIT),
    )
    needed: dict[int, Parts] = {}
    for line in lines:
        item = items[line["item_id"]] if line["item_id"] is not None else None
        if item is None or item.kind is ItemKind.SERVICE:
            continue
        factor = factor_of(line)
        if item.kind is ItemKind.KIT:
            needed[line[key]] = tuple(Part(part.item_id, part.per * factor) for part in kits.get(item.id, ()))
        else:
            needed[line[key]] = (Part(item.id, factor),)
    return needed


def kit_parts(session: Session, kit_ids: Iterable[int]) -> dict[int, Parts]:
    """By kit: the parts of one."""
    wanted = sorted(set(kit_ids))
    if not wanted:
        return {}
    found: dict[int, list[Part]] = {}
    query = select(KitPart).where(col(KitPart.kit_id).in_(wanted), col(KitPart.quantity) > 0)
    for row in session.exec(query.order_by(col(KitPart.kit_id), col(KitPart.item_id))):
        found.setdefault(row.kit_id, []).append(Part(row.item_id, Fraction(row.quantity)))
    return {kit: tuple(parts) for kit, parts in found.items()}


def in_stock_units(quantity: Decimal, per: Fraction, *, field: str = "") -> Decimal:
    """A quantity of a line in stock units.

    Raises:
        BadValueError: it does not come out in six places (a third of a box that is counted in boxes).
    """
    if per == ONE:
        return quantity
    exact = Fraction(quantity) * per
    scaled = exact * 10**PRICE_PLACES
    if scaled.denominator != 1:
        raise BadValueError(
            N_("{quantity} does not come out even in stock units; take a quantity that does."),
            field=field,
            quantity=quantity.normalize(),
        )
    return Decimal(scaled.numerator).scaleb(-PRICE_PLACES)


def in_line_units(parts: Parts, stock: Mapping[int, Decimal]) -> Decimal:
    """How many units of a line some stock makes: of each part as much as is there, the least of them decides.

    Whole kits only; of a single item also a fraction, rounded down to six places.
    """
    if not parts:
        return ZERO
    if len(parts) == 1 and parts[0].per == ONE:
        return max(stock.get(parts[0].item_id, ZERO), ZERO)
    least = min(Fraction(max(stock.get(part.item_id, ZERO), ZERO)) / part.per for part in parts)
    if len(parts) > 1:
        return Decimal(int(least))
    return (Decimal(least.numerator) / Decimal(least.denominator)).quantize(UNIT, rounding=ROUND_FLOOR)
