"""Stocktakes: what is counted against what the books say at that moment; stock may move meanwhile.

The target of a line is what was counted plus what moved since; so what is posted is counted less book.
Rule: docs/rules/stocktake.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.errors import (
    BadValueError,
    DateOrderError,
    MissingValueError,
    NotFoundError,
    ShortStockError,
    WrongStateError,
)
from o2c_tui.models.item import Item, ItemKind, Tracking, WarehouseKind
from o2c_tui.models.ledger import SourceKind
from o2c_tui.models.stock import MoveKind, StockLevel
from o2c_tui.models.warehouse import Stocktake, StocktakeLine, StocktakeState
from o2c_tui.money import Rounding, is_figure, round_to
from o2c_tui.queries.counting import HUNDRED, beyond, cycle_proposal
from o2c_tui.queries.lookups import items_by_id, items_coded, the_company, unknown, warehouse_by_code
from o2c_tui.queries.places import in_books, location_by_code
from o2c_tui.rules.picking import Lying, Part
from o2c_tui.services.adjusting import book_difference, correct
from o2c_tui.services.costing import In, Out, front_cost
from o2c_tui.services.drafting import MOST_QUANTITY, PLACES
from o2c_tui.services.numbering import next_number
from o2c_tui.services.placing import Spot, lot_named
from o2c_tui.services.posting import Facts
from o2c_tui.services.replenishing import watch
from o2c_tui.services.rights import require_right
from o2c_tui.services.support import load, own, require_state, take_step
from o2c_tui.storage.chain import record
from o2c_tui.storage.rows import insert_rows, rows_of, update_rows
from o2c_tui.texts import N_

ZERO = Decimal(0)
ONE = Decimal(1)
MOST_LINES = 200_000  # of one count


@dataclass(frozen=True)
class Started:
    """A count that was begun."""

    stocktake_id: int
    lines: int


@dataclass(frozen=True)
class Counted:
    """Lines that were counted; `recount` are the positions of those that want a second count."""

    counted: int
    recount: tuple[int, ...] = ()


@dataclass(frozen=True)
class CountPosted:
    """A count that was posted: lines with a difference, their value, and the orders whose reservations were freed."""

    stocktake_id: int
    number: str
    differences: int
    value: Decimal
    freed: tuple[str, ...] = ()


def start_stocktake(
    session: Session,
    *,
    warehouse: str = "",
    items: tuple[str, ...] = (),
    due: int = 0,
    blind: bool = False,
    tolerance: Decimal = Decimal(5),
    note: str = "",
    by: str,
    today: date,
) -> Started:
    """Begin a count in a warehouse: the items named, the `due` that are due by their class, or all that were ever here.

    One line for each bin and lot that holds an item. `tolerance` is the percentage of the book quantity that needs no
    second count.

    Raises:
        UnknownCodeError: warehouse or item. BadValueError: a figure out of bounds, goods in transit, or too many lines.
        MissingValueError: nothing is to be counted.
    """
    place = warehouse_by_code(session, warehouse or the_company(session).default_warehouse)
    if place.kind is WarehouseKind.TRANSIT:
        raise BadValueError(N_("Goods in transit are not counted: let them arrive first."), field="warehouse")
    if not is_figure(tolerance, PLACES, HUNDRED):
        raise BadValueError(N_("The tolerance must be from 0 to 100 percent."), field="tolerance")
    chosen = _chosen(session, place.id, items, due, today)
    books = in_books(session, chosen, place.id)
    codes = {
        key: code
        for start in range(0, len(chosen), 800)
        for key, code in session.execute(
            sa.select(col(Item.id), col(Item.code)).where(col(Item.id).in_(chosen[start : start + 800]))
        )
    }
    spots = [(item, spot) for item in chosen for spot in books[item]]
    spots.sort(key=lambda s: (not s[1].location_id, s[1].pick_order, s[1].location, codes[s[0]], s[1].lot))
    if not spots:
        raise MissingValueError(N_("There is nothing to count in {code}."), code=place.code)
    if len(spots) > MOST_LINES:
        raise BadValueError(
            N_("{n} lines are more than one count takes ({most}); count by class or by items."),
            field="items",
            n=len(spots),
            most=MOST_LINES,
        )
    stocktake = own(
        session,
        Stocktake(warehouse_id=place.id, started_on=today, blind=blind, tolerance=tolerance, note=note.strip(), by=by),
    )
    insert_rows(
        session,
        StocktakeLine,
        [_fresh(stocktake.id, position, item, spot) for position, (item, spot) in enumerate(spots, 1)],
        parent="stocktake_id",
    )
    record(session, "start_stocktake", stocktake, by=by)
    return Started(stocktake.id, len(spots))


def _fresh(stocktake_id: int, position: int, item_id: int, spot: Lying) -> dict[str, Any]:
    return {
        "stocktake_id": stocktake_id,
        "position": position,
        "item_id": item_id,
        "location_id": spot.location_id or None,
        "lot_id": spot.lot_id or None,
        "expected": spot.quantity,
    }


def _chosen(session: Session, warehouse_id: int, items: Sequence[str], due: int, today: date) -> list[int]:
    if items:
        coded = items_coded(session, items)
        keys = []
        for code in items:
            found = coded.get(code.strip().upper())
            if found is None:
                raise unknown(session, Item, N_("item"), code, "items")
            if not found.item.stocked:
                raise BadValueError(N_("{item} is not kept in stock."), field="items", item=found.item.code)
            keys.append(found.item.id)
        return list(dict.fromkeys(keys))
    if due:
        return [line.item_id for line in cycle_proposal(session, warehouse_id, today=today, limit=due)]
    query = (
        sa.select(col(Item.id))
        .join(StockLevel, col(StockLevel.item_id) == col(Item.id))
        .where(
            col(StockLevel.warehouse_id) == warehouse_id,
            col(Item.kind) == ItemKind.STOCKED,
            sa.or_(col(Item.active), col(StockLevel.on_hand) > 0),
        )
    )
    return list(session.execute(query).scalars())


def count_lines(
    session: Session,
    stocktake_id: int,
    quantities: Mapping[int, Decimal],
    *,
    notes: Mapping[int, str] | None = None,
    by: str,
    today: date,
    now: datetime,
) -> Counted:
    """Write down what was counted, by line id, beside what the books say at this moment.

    A first count beyond the tolerance wants a second; the first is kept beside it. A line can be counted again as
    often as need be until the count is posted.

    Raises:
        WrongStateError: the count is over. NotFoundError: it has no such line. BadValueError: a figure that cannot be.
    """
    stocktake = load(session, Stocktake, stocktake_id)
    require_state(stocktake, StocktakeState.COUNTING, doing=N_("be counted on"))
    mine = rows_of(session, StocktakeLine, "id", list(quantities)) if quantities else []
    if len(mine) != len(quantities) or any(line["stocktake_id"] != stocktake_id for line in mine):
        raise NotFoundError(N_("The count has no such line."))
    for line in mine:
        _check_count(session, line, quantities[line["id"]])
    _write_counts(session, stocktake, mine, quantities, by=by, now=now)
    for line in mine:
        line["note"] = (notes or {}).get(line["id"], line["note"])
    update_rows(session, StocktakeLine, mine, "note")
    stocktake.version += 1
    record(session, "count_lines", stocktake, by=by)
    return Counted(len(mine), tuple(line["position"] for line in mine if wants_recount(stocktake, line)))


def _check_count(session: Session, line: Mapping[str, Any], quantity: Decimal) -> None:
    item = items_by_id(session, [line["item_id"]])[line["item_id"]]
    field = f"lines.{line['position']}"
    if not is_figure(quantity, PLACES, MOST_QUANTITY):
        raise BadValueError(
            N_("Line {line}: what was counted must be from 0 to {most}."),
            field=field,
            line=line["position"],
            most=MOST_QUANTITY,
        )
    if (item.whole_units or item.tracking is Tracking.SERIAL) and quantity != quantity.to_integral_value():
        raise BadValueError(
            N_("Line {line}: {item} comes in whole units only."), field=field, line=line["position"], item=item.code
        )
    if item.tracking is Tracking.SERIAL and quantity > ONE:
        raise BadValueError(N_("There is at most one piece of a serial number."), field=field)
    if item.tracked and line["lot_id"] is None and quantity:
        raise MissingValueError(
            N_("{item} is tracked: say the lot or the serial number that was found."), field=field, item=item.code
        )


def _write_counts(
    session: Session,
    stocktake: Stocktake,
    lines: Sequence[dict[str, Any]],
    counted: Mapping[int, Decimal],
    *,
    by: str,
    now: datetime,
) -> None:
    books = in_books(session, (line["item_id"] for line in lines), stocktake.warehouse_id)
    for line in lines:
        if wants_recount(stocktake, line):
            line["first_count"] = line["counted"]
        line["counted"] = counted[line["id"]]
        line["book"] = _book(books, line)
        line["counted_at"], line["counted_by"] = now, by
    update_rows(session, StocktakeLine, lines, "first_count", "counted", "book", "counted_at", "counted_by")


def _book(books: Mapping[int, Sequence[Lying]], line: Mapping[str, Any]) -> Decimal:
    place = line["location_id"] or 0, line["lot_id"] or 0
    return next((p.quantity for p in books[line["item_id"]] if (p.location_id, p.lot_id) == place), ZERO)


def wants_recount(stocktake: Stocktake, line: Mapping[str, Any]) -> bool:
    """Whether a line was counted once, beyond the tolerance."""
    return (
        line["counted"] is not None
        and line["first_count"] is None
        and beyond(line["counted"], line["book"], stocktake.tolerance)
    )


def count_item(
    session: Session,
    stocktake_id: int,
    item: str,
    quantity: Decimal,
    *,
    location: str = "",
    lot: str = "",
    expires_on: date | None = None,
    by: str,
    today: date,
    now: datetime,
) -> Counted:
    """Write down a count by the item's code, where it was found; a place that is not on the sheet is added to it.

    Raises:
        UnknownCodeError: item or bin. see count_lines.
    """
    stocktake = load(session, Stocktake, stocktake_id)
    require_state(stocktake, StocktakeState.COUNTING, doing=N_("be counted on"))
    coded = items_coded(session, [item]).get(item.strip().upper())
    if coded is None:
        raise unknown(session, Item, N_("item"), item, "item")
    if not coded.item.stocked:
        raise BadValueError(N_("{item} is not kept in stock."), field="item", item=coded.item.code)
    home = location_by_code(session, stocktake.warehouse_id, location).id if location.strip() else 0
    lot_id = lot_named(session, coded.item, Spot(lot=lot, expires_on=expires_on), incoming=True, field="lot")
    known = sa.select(col(StocktakeLine.id)).where(
        col(StocktakeLine.stocktake_id) == stocktake_id,
        col(StocktakeLine.item_id) == coded.item.id,
        col(StocktakeLine.location_id) == (home or None),
        col(StocktakeLine.lot_id) == (lot_id or None),
    )
    key = session.execute(known).scalar_one_or_none()
    if key is None:
        last = sa.select(sa.func.max(col(StocktakeLine.position))).where(
            col(StocktakeLine.stocktake_id) == stocktake_id
        )
        books = in_books(session, [coded.item.id], stocktake.warehouse_id)
        there = next((p for p in books[coded.item.id] if (p.location_id, p.lot_id) == (home, lot_id)), None)
        spot = there or Lying(home, lot_id, ZERO)
        row = _fresh(stocktake_id, (session.execute(last).scalar() or 0) + 1, coded.item.id, spot)
        key = insert_rows(session, StocktakeLine, [row])[0]["id"]
    return count_lines(session, stocktake_id, {key: quantity}, by=by, today=today, now=now)


def clear_counts(session: Session, stocktake_id: int, positions: tuple[int, ...], *, by: str, today: date) -> None:
    """Take counts back, by line position: those lines stay as the books have them.

    Raises:
        WrongStateError: the count is over. NotFoundError: it has no such line.
    """
    stocktake = load(session, Stocktake, stocktake_id)
    require_state(stocktake, StocktakeState.COUNTING, doing=N_("be counted on"))
    chosen = sa.select(col(StocktakeLine.id)).where(
        col(StocktakeLine.stocktake_id) == stocktake_id, col(StocktakeLine.position).in_(positions)
    )
    keys = list(session.execute(chosen).scalars())
    lines = {line["position"]: line for line in (rows_of(session, StocktakeLine, "id", keys) if keys else [])}
    for position in positions:
        if position not in lines:
            raise NotFoundError(N_("There is no line {line}."), line=position)
        lines[position].update(first_count=None, counted=None, book=ZERO, counted_at=None, counted_by="")
    names = ("first_count", "counted", "book", "counted_at", "counted_by")
    update_rows(session, StocktakeLine, [lines[position] for position in positions], *names)
    stocktake.version += 1
    record(session, "clear_counts", stocktake, by=by)


def post_stocktake(
    session: Session,
    stocktake_id: int,
    *,
    counted_on: date | None = None,
    version: int | None = None,
    by: str,
    today: date,
) -> CountPosted:
    """Bring the books to what was counted: one move for each line with a difference; lines not counted stay.

    A gain gets a layer at what the stock costs now, a loss consumes the oldest; the difference is booked. A loss below
    what is reserved frees the reservations promised last, and warns with the names of their orders.

    Raises:
        NotAllowedError: this person may not. WrongStateError: it is over, or a line wants a second count.
        MissingValueError: nothing was counted. ShortStockError: less is left than is missing. DateOrderError: see take_out.
    """
    require_right(session, by, N_("post counts"))
    stocktake = load(session, Stocktake, stocktake_id, version=version)
    require_state(stocktake, StocktakeState.COUNTING, doing=N_("be posted"))
    company, on = the_company(session), counted_on or today
    if on < stocktake.started_on:
        raise DateOrderError(
            N_("The count began on {day}; it cannot be posted before."),
            field="date",
            day=stocktake.started_on.isoformat(),
        )
    lines = rows_of(session, StocktakeLine, "stocktake_id", stocktake_id)
    counted = [line for line in lines if line["counted"] is not None]
    if not counted:
        raise MissingValueError(N_("Nothing has been counted yet."))
    again = [str(line["position"]) for line in counted if wants_recount(stocktake, line)]
    if again:
        raise WrongStateError(N_("Count again, the difference is large: line {lines}."), lines=", ".join(again[:10]))
    for line in counted:
        line["difference"] = line["counted"] - line["book"]
    gains, losses = _movements(session, stocktake, counted, Rounding(company.rounding), company.digits)
    movement, freed = correct(
        session,
        gains,
        losses,
        kind=MoveKind.COUNT,
        warehouse_id=stocktake.warehouse_id,
        on=on,
        digits=company.digits,
    )
    for line in counted:
        line["value"] = movement.values.get(line["id"], ZERO)
    update_rows(session, StocktakeLine, counted, "difference", "value")
    stocktake.value = sum((line["value"] for line in counted), ZERO)
    stocktake.counted_on = on
    stocktake.number = next_number(session, "stocktake", on)
    take_step(session, stocktake, StocktakeState.POSTED)
    journal = book_difference(session, SourceKind.STOCKTAKE, stocktake.id, on, stocktake.value)
    session.flush()
    watch(session, (line["item_id"] for line in counted), stocktake.warehouse_id, today)
    facts: Facts = [(Stocktake, [stocktake]), (StocktakeLine, lines), *movement.facts, *journal]
    record(session, "post_stocktake", stocktake, by=by, facts=facts)
    return CountPosted(stocktake.id, stocktake.number, len(gains) + len(losses), stocktake.value, freed)


def _movements(
    session: Session, stocktake: Stocktake, counted: Sequence[dict[str, Any]], rounding: Rounding, digits: int
) -> tuple[list[In], list[Out]]:
    books = in_books(session, (line["item_id"] for line in counted), stocktake.warehouse_id)
    gains, losses = [], []
    for line in counted:
        difference, field = line["difference"], f"lines.{line['position']}"
        places = (Part(line["location_id"] or 0, line["lot_id"] or 0, abs(difference)),)
        if difference > ZERO:
            cost = front_cost(session, line["item_id"], stocktake.warehouse_id)
            value = round_to(cost * difference, digits, rounding)
            gains.append(In(line["id"], line["item_id"], difference, value, estimated=True, places=places, field=field))
        elif difference < ZERO:
            there = _book(books, line)
            if -difference > there:
                item = items_by_id(session, [line["item_id"]])[line["item_id"]]
                raise ShortStockError(
                    N_("Line {line}: {missing} of {item} is missing, but only {there} is left there; count it again."),
                    field=field,
                    line=line["position"],
                    missing=-difference,
                    item=item.code,
                    there=there,
                )
            losses.append(Out(line["id"], line["item_id"], -difference, field, places=places, exact=True))
    return gains, losses


def cancel_stocktake(session: Session, stocktake_id: int, *, version: int | None = None, by: str, today: date) -> None:
    """Give a count up: the books stay as they are.

    Raises:
        WrongStateError: it was posted.
    """
    stocktake = load(session, Stocktake, stocktake_id, version=version)
    take_step(session, stocktake, StocktakeState.CANCELLED)
    lines = rows_of(session, StocktakeLine, "stocktake_id", stocktake_id)
    session.flush()
    facts: Facts = [(Stocktake, [stocktake]), (StocktakeLine, lines)]
    record(session, "cancel_stocktake", stocktake, by=by, facts=facts)
