"""Buying what is due: proposals made into purchase orders, one for each supplier and warehouse.

Rule: docs/rules/purchasing.md, "Reordering".
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session

from o2c_tui.errors import MissingValueError
from o2c_tui.models.order import SalesOrder
from o2c_tui.queries.reorder import Due, reorder_list, shortfall
from o2c_tui.services.purchasing import PurchaseDraft, PurchaseLineDraft, save_purchase, send_purchase
from o2c_tui.services.support import load, warn
from o2c_tui.texts import N_

ZERO = Decimal(0)


@dataclass(frozen=True)
class Buy:
    """One item to be bought, as a clerk left it of a proposal; quantity in stock units, nothing leaves it out."""

    item: str
    quantity: Decimal
    supplier: str = ""  # empty: whoever the proposal names
    warehouse: str = ""


@dataclass(frozen=True)
class Bought:
    """A purchase order that was made of proposals."""

    purchase_id: int
    number: str
    supplier: str
    lines: int


def buy_due(
    session: Session,
    *,
    order_id: int | None = None,
    lines: tuple[Buy, ...] | None = None,
    send: bool = True,
    by: str,
    today: date,
    now: datetime,
) -> tuple[Bought, ...]:
    """Buy what is at or below its reorder point, or the shortfall of an order: a purchase order for each supplier and
    warehouse, sent at once or left as drafts.

    `lines` says what of the proposal is bought, and how much; without it all of it is. An item nobody is known to sell
    is left out, with a warning.

    Raises:
        MissingValueError: nothing is due, or nothing of it can be bought.
    """
    due = shortfall(session, order_id, today=today) if order_id is not None else reorder_list(session, today=today)
    wanted = _wanted(due, lines)
    nobody = [line.code for line in wanted if not line.supplier]
    if nobody:
        warn(
            session,
            "no_supplier",
            N_("Nobody is known to sell {items}; they are left out."),
            items=", ".join(nobody),
        )
    groups: dict[tuple[str, str], list[Due]] = {}
    for line in wanted:
        if line.supplier and line.quantity > ZERO:
            groups.setdefault((line.supplier, line.warehouse), []).append(line)
    if not groups:
        raise MissingValueError(N_("Nothing is to be bought."))
    order = load(session, SalesOrder, order_id) if order_id is not None else None
    made = []
    for (supplier, warehouse), mine in groups.items():
        draft = PurchaseDraft(
            supplier,
            tuple(PurchaseLineDraft(x.code, x.quantity, unit=x.unit, expected_on=x.expected_on) for x in mine),
            expected_on=max(x.expected_on for x in mine),
            warehouse=warehouse,
            sales_order=order.label if order is not None else "",
        )
        saved = save_purchase(session, draft, by=by, today=today)
        if send:
            saved = send_purchase(session, saved.id, by=by, today=today, now=now)
        made.append(Bought(saved.id, saved.label, supplier, len(mine)))
    return tuple(made)


def _wanted(due: Sequence[Due], lines: Sequence[Buy] | None) -> list[Due]:
    if lines is None:
        return list(due)
    said = {(line.item.strip().upper(), line.warehouse.strip().upper()): line for line in lines}
    chosen = []
    for line in due:
        told = said.get((line.code, line.warehouse)) or said.get((line.code, ""))
        if told is not None and told.quantity > ZERO:
            supplier = told.supplier.strip().upper() or line.supplier
            chosen.append(replace(line, quantity=told.quantity, supplier=supplier))
    return chosen
