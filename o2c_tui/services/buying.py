"""Buying what is due: proposals made into purchase orders, one for each supplier and warehouse.

Rule: docs/rules/purchasing.md, "Reordering".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session

from o2c_tui.errors import MissingValueError
from o2c_tui.models.order import SalesOrder
from o2c_tui.models.purchase import PurchaseOrder, PurchaseOrderLine
from o2c_tui.queries.lookups import party_by_code
from o2c_tui.queries.reorder import Due, offer, proposals
from o2c_tui.services.purchasing import PurchaseDraft, PurchaseLineDraft, save_purchase, send_purchase
from o2c_tui.services.support import load, warn
from o2c_tui.storage.rows import rows_of
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
class BoughtItem:
    """One line of it, in the unit it is bought in, as the supplier's packs made it."""

    item: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    net: Decimal


@dataclass(frozen=True)
class Bought:
    """A purchase order that was made of proposals."""

    purchase_id: int
    number: str
    supplier: str
    lines: int
    supplier_name: str
    warehouse: str
    net: Decimal  # in `currency`
    currency: str
    expected_on: date
    items: tuple[BoughtItem, ...]


def buy_due(
    session: Session,
    *,
    order_id: int | None = None,
    back_orders: bool = False,
    lines: tuple[Buy, ...] | None = None,
    send: bool = True,
    rates: Mapping[str, Decimal] | None = None,
    by: str,
    today: date,
    now: datetime,
) -> tuple[Bought, ...]:
    """Buy what is at or below its reorder point, or the shortfall of an order (`order_id`) or of all orders
    (`back_orders`): a purchase order for each supplier and warehouse, sent at once or left as drafts.

    `lines` says what of the proposal is bought, how much, and from whom; without it all of it is. An item nobody is
    known to sell, and one that is no longer to be bought, is left out, with a warning. `rates` by currency: what one unit
    of a supplier's foreign currency is in ours; without one, that of the last order in it.

    Raises:
        MissingValueError: nothing is due, nothing of it can be bought, or a rate is not known. BadValueError: a bad rate.
    """
    told_rates = {currency.strip().upper(): rate for currency, rate in (rates or {}).items()}
    due = proposals(session, order_id=order_id, back_orders=back_orders, today=today)
    wanted = _wanted(session, due, lines, today)
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
            rate=told_rates.get(_currency(session, supplier)),
        )
        saved = save_purchase(session, draft, by=by, today=today)
        if send:
            saved = send_purchase(session, saved.id, by=by, today=today, now=now)
        done = load(session, PurchaseOrder, saved.id)
        made.append(
            Bought(
                done.id,
                saved.label,
                supplier,
                len(mine),
                mine[0].supplier_name,
                warehouse,
                done.net,
                done.currency,
                max(x.expected_on for x in mine),
                _items(session, done.id, mine),
            )
        )
    return tuple(made)


def _currency(session: Session, supplier: str) -> str:
    """The currency a supplier is bought from in; empty: ours."""
    return party_by_code(session, supplier, word=N_("supplier"), field="supplier").currency or ""


def _items(session: Session, purchase_id: int, bought: Sequence[Due]) -> tuple[BoughtItem, ...]:
    codes = {line.item_id: line.code for line in bought}
    rows = rows_of(session, PurchaseOrderLine, "order_id", purchase_id)
    return tuple(
        BoughtItem(codes[row["item_id"]], row["quantity"], row["unit"], row["unit_price"], row["net"]) for row in rows
    )


def _wanted(session: Session, due: Sequence[Due], lines: Sequence[Buy] | None, today: date) -> list[Due]:
    if lines is None:
        return list(due)
    said = {(line.item.strip().upper(), line.warehouse.strip().upper()): line for line in lines}
    chosen, met = [], set()
    for line in due:
        key = (line.code, line.warehouse) if (line.code, line.warehouse) in said else (line.code, "")
        told = said.get(key)
        met.add(key)
        if told is None or told.quantity <= ZERO:
            continue
        bought = replace(line, quantity=told.quantity)
        if told.supplier.strip() and told.supplier.strip().upper() != line.supplier:
            asked = offer(session, line.item_id, line.warehouse_id, told.supplier, today=today)
            bought = replace(
                bought,
                supplier=asked.supplier,
                supplier_name=asked.name,
                price=asked.price,
                currency=asked.currency,
                expected_on=asked.expected_on,
            )
        chosen.append(bought)
    gone = sorted({code for code, place in said if (code, place) not in met})
    if gone:
        warn(
            session,
            "no_longer_due",
            N_("{items}: no longer to be bought; left out."),
            items=", ".join(gone),
        )
    return chosen
