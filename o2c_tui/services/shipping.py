"""Deliveries: goods out against a sales order, and what the customer sent back.

Rule: docs/rules/deliveries.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.errors import DateOrderError, MissingValueError, OverQuantityError, WrongStateError
from o2c_tui.models.delivery import (
    CustomerReturn,
    CustomerReturnLine,
    Delivery,
    DeliveryLine,
    DeliveryPick,
    DeliveryState,
    Disposition,
    ReturnState,
)
from o2c_tui.models.ledger import AccountRole, SourceKind
from o2c_tui.models.order import OrderState, SalesOrder, SalesOrderLine
from o2c_tui.models.party import Party
from o2c_tui.models.stock import MoveKind
from o2c_tui.models.trade import Progress
from o2c_tui.money import is_figure
from o2c_tui.queries.lookups import items_by_id, the_company
from o2c_tui.queries.needs import in_line_units, parts_of
from o2c_tui.rules.progress import ledger_of, progress
from o2c_tui.services.costing import Back, Movement, bring_back, take_out
from o2c_tui.services.credit_checks import check_credit, check_hold
from o2c_tui.services.drafting import PLACES
from o2c_tui.services.numbering import next_number
from o2c_tui.services.ordering import check_whole_units, close_order, refresh_order
from o2c_tui.services.picking import Chosen, Pick, keep_picks, outgoing, picked
from o2c_tui.services.posting import Facts, post_journal
from o2c_tui.services.reserving import Wanted, reserve_lines, reserved_of, set_reserved
from o2c_tui.services.returning import dispose, home_of, name_places, places_said, without_bins
from o2c_tui.services.support import load, own, require_state, take_step
from o2c_tui.storage.chain import decide, record
from o2c_tui.storage.rows import insert_rows, rows_of, update_rows
from o2c_tui.texts import N_

ZERO = Decimal(0)
OPEN = (DeliveryState.DRAFT, DeliveryState.PICKED, DeliveryState.PACKED)


@dataclass(frozen=True)
class Shipped:
    """A delivery that left the house, and what it cost."""

    delivery_id: int
    number: str
    cost: Decimal
    lines: int
    short: int = 0  # lines of its order of which more could have gone: goods that were set aside stayed behind


@dataclass(frozen=True)
class Returned:
    """Goods taken back."""

    return_id: int
    number: str
    cost: Decimal


def draft_delivery(
    session: Session,
    order_id: int,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    shipped_on: date | None = None,
    carrier: str = "",
    note: str = "",
    version: int | None = None,
    by: str,
    today: date,
) -> int:
    """Write a delivery down for an order: the lines and quantities chosen, or all that can go now; returns its key.

    `quantities` chooses by order line id. None takes of each line what is reserved for it, and services whole.

    Raises:
        WrongStateError: the order is not confirmed; OverQuantityError: more than is left of a line.
        MissingValueError: nothing can be delivered.
    """
    order = load(session, SalesOrder, order_id, version=version)
    require_state(order, OrderState.CONFIRMED, doing=N_("be delivered"))
    lines = rows_of(session, SalesOrderLine, "order_id", order_id)
    chosen = _chosen(session, lines, quantities)
    if not chosen:
        raise MissingValueError(
            N_("Nothing of {order} can be delivered: nothing is reserved for it. Reserve stock first."),
            order=order.label,
        )
    delivery = Delivery(
        order_id=order_id,
        customer_id=order.customer_id,
        warehouse_id=order.warehouse_id,
        ship_to=order.ship_to,
        customer_reference=order.customer_reference,
        shipped_on=shipped_on or today,
        carrier=carrier.strip(),
        note=note.strip(),
        by=by,
    )
    own(session, delivery)
    insert_rows(
        session,
        DeliveryLine,
        [
            {
                "delivery_id": delivery.id,
                "position": position,
                "order_line_id": line["id"],
                "quantity": part,
                **{name: line[name] for name in ("item_id", "description", "unit", "factor_num", "factor_den")},
            }
            for position, (line, part) in enumerate(chosen, 1)
        ],
        parent="delivery_id",
    )
    record(session, "draft_delivery", delivery, by=by)
    return delivery.id


def _chosen(
    session: Session, lines: Sequence[dict[str, Any]], quantities: Mapping[int, Decimal] | None
) -> list[tuple[dict[str, Any], Decimal]]:
    if quantities is None:
        stocked = parts_of(session, lines)
        held = reserved_of(session, [line["id"] for line in lines])
        parts = {
            line["id"]: min(in_line_units(stocked[line["id"]], held.get(line["id"], {})), ledger_of(line).to_ship)
            if line["id"] in stocked
            else ledger_of(line).to_ship
            for line in lines
        }
        if (
            stocked
            and not any(parts[key] for key in stocked)
            and any(ledger_of(x).to_ship for x in lines if x["id"] in stocked)
        ):
            return []  # freight alone is no delivery
    else:
        parts = {line["id"]: quantities.get(line["id"], ZERO) for line in lines}
    chosen = []
    for line in lines:
        part, left = parts[line["id"]], ledger_of(line).to_ship
        if not is_figure(part, PLACES, left):
            raise OverQuantityError(
                N_("Line {line}: {left} is left to deliver, {part} was asked for."),
                field=f"lines.{line['position']}",
                line=line["position"],
                left=left,
                part=part,
            )
        if part:
            chosen.append((line, part))
    return chosen


def cancel_delivery(session: Session, delivery_id: int, *, by: str, today: date) -> None:
    """Give a delivery up before it left; the reservations of its order stay.

    Raises:
        WrongStateError: it has left already.
    """
    delivery = load(session, Delivery, delivery_id)
    require_state(delivery, *OPEN, doing=N_("be cancelled"))
    take_step(session, delivery, DeliveryState.CANCELLED)
    lines = rows_of(session, DeliveryLine, "delivery_id", delivery_id)
    picks = rows_of(session, DeliveryPick, "delivery_id", delivery_id, "id")
    facts: Facts = [(Delivery, [delivery]), (DeliveryLine, lines), (DeliveryPick, picks)]
    record(session, "cancel_delivery", delivery, by=by, facts=facts)


def ship_delivery(
    session: Session,
    delivery_id: int,
    *,
    shipped_on: date | None = None,
    carrier: str | None = None,
    tracking: str | None = None,
    close_rest: bool = False,
    version: int | None = None,
    by: str,
    today: date,
) -> Shipped:
    """Ship: stock and reservations go down, the oldest cost layers are consumed, cost of sales is posted.

    Goods are taken out of the bins and lots that were picked; of what was not picked, what expires first goes first.
    What of the order is not delivered stays back-ordered, or its order is closed short (`close_rest`).

    Raises:
        WrongStateError: delivery or order is in no state for it; OverQuantityError: more than is left of a line.
        ShortStockError: the stock is not there; DateOrderError: stock left on a later day already.
        CreditLimitError, CustomerHoldError: the customer gets nothing now.
    """
    delivery = load(session, Delivery, delivery_id, version=version)
    require_state(delivery, *OPEN, doing=N_("be shipped"))
    delivery.shipped_on = shipped_on or delivery.shipped_on
    delivery.carrier = carrier.strip() if carrier is not None else delivery.carrier
    if tracking is not None:
        decide(session, delivery, tracking=tracking.strip())
    order = load(session, SalesOrder, delivery.order_id)
    require_state(order, OrderState.CONFIRMED, doing=N_("be delivered"))
    customer = load(session, Party, order.customer_id)
    check_hold(customer, today, shipping=True)
    check_credit(session, customer, ZERO)
    company = the_company(session)
    lines = rows_of(session, DeliveryLine, "delivery_id", delivery_id)
    order_lines = {line["id"]: line for line in rows_of(session, SalesOrderLine, "order_id", order.id)}
    _count_shipped(lines, order_lines)
    check_whole_units(lines, items_by_id(session, (line["item_id"] for line in lines)))
    facts = _move_out(session, delivery, lines, company.digits)
    delivery.cost = sum((line["cost"] for line in lines), ZERO)
    update_rows(session, SalesOrderLine, [order_lines[line["order_line_id"]] for line in lines], "shipped")
    delivery.number = next_number(session, "delivery", delivery.shipped_on)
    take_step(session, delivery, DeliveryState.SHIPPED)
    refresh_order(order, list(order_lines.values()))
    order.version += 1
    journal = post_journal(
        session,
        SourceKind.DELIVERY,
        delivery.id,
        delivery.shipped_on,
        [(AccountRole.COST_OF_SALES, customer.id, delivery.cost), (AccountRole.INVENTORY, None, -delivery.cost)],
    )
    session.flush()
    facts = [(Delivery, [delivery]), (DeliveryLine, lines), *facts, *journal]
    record(session, "ship_delivery", delivery, by=by, facts=facts)
    rest = [line for line in order_lines.values() if ledger_of(line).to_ship]
    short = _left_behind(session, rest)
    if close_rest and rest:
        close_order(session, order.id, by=by, today=today)
    return Shipped(delivery.id, delivery.number, delivery.cost, len(lines), short)


def _count_shipped(lines: Sequence[dict[str, Any]], order_lines: Mapping[int, dict[str, Any]]) -> None:
    """Count what leaves on the lines of its order; refused beyond what is left of one."""
    for line in lines:
        left = ledger_of(order_lines[line["order_line_id"]]).to_ship
        if line["quantity"] > left:
            raise OverQuantityError(
                N_("Line {line}: {left} is left to deliver, {part} was asked for."),
                field=f"lines.{line['position']}",
                line=line["position"],
                left=left,
                part=line["quantity"],
            )
        order_lines[line["order_line_id"]]["shipped"] += line["quantity"]


def _left_behind(session: Session, rest: Sequence[Mapping[str, Any]]) -> int:
    """Of how many order lines something is set aside, or a service, that did not go and stands on no open delivery."""
    if not rest:
        return 0
    keys = [line["id"] for line in rest]
    query = (
        sa.select(col(DeliveryLine.order_line_id))
        .join(Delivery, col(Delivery.id) == col(DeliveryLine.delivery_id))
        .where(col(DeliveryLine.order_line_id).in_(keys), col(Delivery.state).in_(OPEN))
    )
    going = set(session.execute(query).scalars())
    held = reserved_of(session, keys)
    stocked = parts_of(session, rest)
    return sum(
        1
        for line in rest
        if line["id"] not in going and (line["id"] not in stocked or any(held.get(line["id"], {}).values()))
    )


def _move_out(session: Session, delivery: Delivery, lines: list[dict[str, Any]], digits: int) -> list[Any]:
    """Take what the lines need of stock out of the warehouse, reservations first; writes the lines' cost."""
    chosen = picked(session, delivery)
    outs = outgoing(session, delivery, lines, chosen)
    if not outs:
        return []
    order_line = {line["id"]: line["order_line_id"] for line in lines}
    held = reserved_of(session, sorted({order_line[out.line_id] for out in outs}))
    left = {(line, item): part for line, mine in held.items() for item, part in mine.items()}
    released: dict[int, Decimal] = {}
    for out in outs:
        place = order_line[out.line_id], out.item_id
        used = min(left.get(place, ZERO), out.quantity)
        if used:
            left[place] -= used
            released[out.item_id] = released.get(out.item_id, ZERO) + used
    movement = take_out(
        session,
        outs,
        kind=MoveKind.DELIVERY,
        warehouse_id=delivery.warehouse_id,
        on=delivery.shipped_on,
        digits=digits,
        released=released,
    )
    set_reserved(session, {place: part for place, part in left.items() if part != held[place[0]][place[1]]})
    moved = [line for line in lines if line["id"] in movement.values]
    for line in moved:
        line["cost"] = movement.values[line["id"]]
    update_rows(session, DeliveryLine, moved, "cost")
    if not chosen and not any(movement.placed):
        return list(movement.facts)
    return [*movement.facts, (DeliveryPick, keep_picks(session, delivery.id, outs, movement.placed))]


def ship_order(
    session: Session,
    order_id: int,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    shipped_on: date | None = None,
    carrier: str = "",
    tracking: str = "",
    note: str = "",
    close_rest: bool = False,
    version: int | None = None,
    by: str,
    today: date,
) -> Shipped:
    """Deliver an order in one step: write the delivery down and ship it (see draft_delivery and ship_delivery)."""
    delivery_id = draft_delivery(
        session,
        order_id,
        quantities=quantities,
        shipped_on=shipped_on,
        carrier=carrier,
        note=note,
        version=version,
        by=by,
        today=today,
    )
    return ship_delivery(session, delivery_id, tracking=tracking or None, close_rest=close_rest, by=by, today=today)


def reverse_delivery(
    session: Session, delivery_id: int, reason: str, *, version: int | None = None, by: str, today: date
) -> None:
    """Take a delivery back that is not billed: the exact inverse of its shipping, dated today.

    Its goods go into the layers they came from at the same value, cost of sales is undone, its lines are to be
    delivered again, and what came back is reserved for its order. It keeps its number.

    Raises:
        MissingValueError: no reason. WrongStateError: it has not left, is billed or returned in part, or its order is over.
        DateOrderError: stock of an item left on a later day.
    """
    if not reason.strip():
        raise MissingValueError(N_("Say why the delivery is reversed."), field="reason")
    delivery = load(session, Delivery, delivery_id, version=version)
    require_state(delivery, DeliveryState.SHIPPED, doing=N_("be reversed"))
    order = load(session, SalesOrder, delivery.order_id)
    require_state(order, OrderState.CONFIRMED, OrderState.ON_HOLD, doing=N_("take its delivery back"))
    lines = rows_of(session, DeliveryLine, "delivery_id", delivery_id)
    if any(line["invoiced"] for line in lines):
        raise WrongStateError(
            N_("{delivery} is invoiced; credit the invoice with the goods coming back instead."),
            delivery=delivery.label,
        )
    if any(line["returned"] for line in lines):
        raise WrongStateError(
            N_("Goods of {delivery} came back already; take the rest back instead."), delivery=delivery.label
        )
    if today < delivery.shipped_on:
        raise DateOrderError(
            N_("{delivery} left on {day}; it cannot be taken back before."),
            delivery=delivery.label,
            day=delivery.shipped_on.isoformat(),
        )
    order_lines = {line["id"]: line for line in rows_of(session, SalesOrderLine, "order_id", order.id)}
    for line in lines:
        order_lines[line["order_line_id"]]["shipped"] -= line["quantity"]
    touched = {line["order_line_id"]: order_lines[line["order_line_id"]] for line in lines}
    update_rows(session, SalesOrderLine, list(touched.values()), "shipped")
    facts = _move_back_in(session, delivery, lines, today)
    take_step(session, delivery, DeliveryState.CANCELLED)
    refresh_order(order, list(order_lines.values()))
    order.version += 1
    facts += post_journal(
        session,
        SourceKind.DELIVERY,
        delivery.id,
        today,
        [
            (AccountRole.INVENTORY, None, delivery.cost),
            (AccountRole.COST_OF_SALES, delivery.customer_id, -delivery.cost),
        ],
    )
    session.flush()
    record(session, "reverse_delivery", delivery, by=by, facts=facts, reason=reason, on=today)


def _move_back_in(session: Session, delivery: Delivery, lines: Sequence[dict[str, Any]], on: date) -> Facts:
    """Put a delivery's goods back where they were, reserved for its order again."""
    needed = parts_of(session, lines)
    movement = bring_back(
        session,
        [Back(line["id"], line["id"], line["quantity"], line["quantity"]) for line in lines],
        warehouse_id=delivery.warehouse_id,
        on=on,
        digits=the_company(session).digits,
        kind=MoveKind.DELIVERY,
    )
    again = [
        Wanted(line["order_line_id"], needed[line["id"]], line["quantity"]) for line in lines if needed.get(line["id"])
    ]
    reserve_lines(session, delivery.warehouse_id, again, reserved_of(session, [line.line_id for line in again]))
    return movement.facts


def return_goods(
    session: Session,
    delivery_id: int,
    quantities: Mapping[int, Decimal],
    *,
    reason: str = "",
    returned_on: date | None = None,
    disposition: Disposition = Disposition.RESTOCK,
    places: tuple[Pick, ...] = (),
    by: str,
    today: date,
) -> Returned:
    """Take goods of a delivery back, into the very layers they came from; `quantities` by delivery line id.

    They go back into stock, into the quarantine of their store (its layers take their dates along), or are written off
    as scrap. `places` says the bins they are put into and, of tracked items, which lots came back, by the delivery's
    line positions; without it the lots that went out last.

    Raises:
        OverQuantityError: more than was shipped and has not come back; MissingValueError: nothing was chosen.
        WrongStateError: the delivery has not left. NotAllowedError: this person may not write goods off.
    """
    delivery = load(session, Delivery, delivery_id)
    require_state(delivery, DeliveryState.SHIPPED, doing=N_("be returned"))
    order = load(session, SalesOrder, delivery.order_id)
    on, digits = returned_on or today, the_company(session).digits
    lines = rows_of(session, DeliveryLine, "delivery_id", delivery_id)
    chosen = _coming_back(lines, quantities)
    home = home_of(session, disposition, delivery.warehouse_id)
    back = own(
        session,
        CustomerReturn(
            delivery_id=delivery_id,
            customer_id=delivery.customer_id,
            warehouse_id=home,
            returned_on=on,
            reason=reason.strip(),
            disposition=disposition,
            by=by,
        ),
    )
    rows = _return_lines(session, back, chosen)
    check_whole_units(rows, items_by_id(session, (row["item_id"] for row in rows)))
    said = places_said(session, rows, lines, places, home)
    movement = _move_returned(session, delivery, lines, rows, said, home=home, on=on, digits=digits)
    stocked = [row for row in rows if row["id"] in movement.values]
    for row in stocked:
        row["cost"] = movement.values[row["id"]]
    bins = name_places(rows, said, movement)
    update_rows(session, CustomerReturnLine, stocked, "cost", "location_id", "lot_id")
    gone = dispose(session, back, movement, store_id=delivery.warehouse_id, bins=bins, by=by, digits=digits)
    back.cost = sum((row["cost"] for row in stocked), ZERO)
    _count_back(session, delivery, order, lines, chosen)
    back.number = next_number(session, "customer_return", on)
    take_step(session, back, ReturnState.RECEIVED)
    journal = post_journal(
        session,
        SourceKind.RETURN,
        back.id,
        on,
        [(AccountRole.INVENTORY, None, back.cost), (AccountRole.COST_OF_SALES, back.customer_id, -back.cost)],
    )
    session.flush()
    facts: Facts = [(CustomerReturn, [back]), (CustomerReturnLine, rows), *movement.facts, *gone, *journal]
    record(session, "return_goods", back, by=by, facts=facts)
    return Returned(back.id, back.number, back.cost)


def _coming_back(
    lines: Sequence[dict[str, Any]], quantities: Mapping[int, Decimal]
) -> list[tuple[dict[str, Any], Decimal]]:
    """The lines of a delivery of which something comes back, each with how much."""
    chosen = []
    for line in lines:
        part, left = quantities.get(line["id"], ZERO), line["quantity"] - line["returned"]
        if not is_figure(part, PLACES, left):
            raise OverQuantityError(
                N_("Line {line}: {left} is still with the customer, {part} was to come back."),
                field=f"lines.{line['position']}",
                line=line["position"],
                left=left,
                part=part,
            )
        if part:
            chosen.append((line, part))
    if not chosen:
        raise MissingValueError(N_("Choose what came back: at least one line with a quantity."))
    return chosen


def _return_lines(
    session: Session, back: CustomerReturn, chosen: Sequence[tuple[dict[str, Any], Decimal]]
) -> list[dict[str, Any]]:
    """Write the lines of a return: what each delivery line was, and how much of it came back."""
    same = ("order_line_id", "item_id", "description", "unit", "factor_num", "factor_den")
    return insert_rows(
        session,
        CustomerReturnLine,
        [
            {
                "return_id": back.id,
                "position": position,
                "delivery_line_id": line["id"],
                "quantity": part,
                **{name: line[name] for name in same},
            }
            for position, (line, part) in enumerate(chosen, 1)
        ],
    )


def _move_returned(
    session: Session,
    delivery: Delivery,
    lines: Sequence[dict[str, Any]],
    rows: Sequence[dict[str, Any]],
    said: Chosen,
    *,
    home: int,
    on: date,
    digits: int,
) -> Movement:
    """Bring what came back into the store it left; bins that were said count where it stays there."""
    into = said if home == delivery.warehouse_id else without_bins(said)
    gone = {line["id"]: line["quantity"] for line in lines}
    return bring_back(
        session,
        [
            Back(
                row["id"],
                row["delivery_line_id"],
                row["quantity"],
                gone[row["delivery_line_id"]],
                {item: parts for (line, item), parts in into.items() if line == row["id"]},
                f"lines.{row['position']}",
            )
            for row in rows
        ],
        warehouse_id=delivery.warehouse_id,
        on=on,
        digits=digits,
    )


def _count_back(
    session: Session,
    delivery: Delivery,
    order: SalesOrder,
    lines: Sequence[dict[str, Any]],
    chosen: Sequence[tuple[dict[str, Any], Decimal]],
) -> None:
    order_lines = {line["id"]: line for line in rows_of(session, SalesOrderLine, "order_id", order.id)}
    for line, part in chosen:
        line["returned"] += part
        order_lines[line["order_line_id"]]["returned"] += part
    update_rows(session, DeliveryLine, [line for line, _ in chosen], "returned")
    update_rows(session, SalesOrderLine, [order_lines[line["order_line_id"]] for line, _ in chosen], "returned")
    refresh_delivery(delivery, lines)
    refresh_order(order, list(order_lines.values()))


def refresh_delivery(delivery: Delivery, lines: Sequence[Mapping[str, Any]]) -> None:
    """Keep a delivery's derived axes true to its lines."""
    delivery.returned = Progress(progress((line["returned"], line["quantity"]) for line in lines))
    wanted = [(line["invoiced"], max(ZERO, line["quantity"] - line["returned"])) for line in lines]
    delivery.billing = Progress(progress(wanted))


def set_tracking(session: Session, delivery_id: int, tracking: str, *, by: str, today: date) -> None:
    """Note the carrier's tracking number on a delivery, before or after it left."""
    delivery = load(session, Delivery, delivery_id)
    decide(session, delivery, tracking=tracking.strip())
    delivery.version += 1
    record(session, "set_tracking", delivery, by=by)
