"""What is to be bought, and who waits for what until when."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlmodel import Session

from o2c_tui.queries.reorder import reorder_list
from o2c_tui.queries.supply import demands, reorder_on
from o2c_tui.queries.waiting import item_words
from o2c_tui.reports.asking import facts_of, narrowed
from o2c_tui.reports.kinds import Asked
from o2c_tui.reports.table import Behind, Heading, Report, report_of
from o2c_tui.texts import N_

Notes = Sequence[tuple[str, dict[str, Any]]]
_IN_TURN = N_("On a past day stock goes to the orders in their turn; what was reserved then is not kept.")


def reorder(session: Session, asked: Asked, today: date) -> Report:
    """Items at or below their reorder point, with what to buy, from whom, at which price and when it would come.

    The price is of one stock unit in the supplier's currency; nothing where none is known.
    """
    told = narrowed(session, asked)
    due = reorder_list(session, today=today) if asked.as_of is None else reorder_on(session, asked.as_of)
    rows = [
        (
            (d.code, d.name, d.warehouse, d.available, d.incoming, d.back_ordered, d.point, d.quantity, d.unit,
             d.supplier, d.price if d.supplier and d.price else None, d.currency,
             d.expected_on if d.supplier else None),
            Behind("item", d.item_id),
        )
        for d in due
        if told.of.warehouse_id in (None, d.warehouse_id)
    ]  # fmt: skip
    headings = (
        Heading(N_("Item")),
        Heading(N_("Description"), spare=3),
        Heading(N_("Warehouse"), spare=5),
        Heading(N_("Available"), "quantity"),
        Heading(N_("Incoming"), "quantity", spare=2),
        Heading(N_("Back-ordered"), "quantity", spare=1),
        Heading(N_("Reorder at"), "quantity"),
        Heading(N_("Buy"), "quantity"),
        Heading(N_("Unit"), spare=4),
        Heading(N_("Supplier")),
        Heading(N_("Price"), "price"),
        Heading(N_("Currency"), spare=6),
        Heading(N_("Expected"), "date"),
    )
    facts = facts_of(told, today, money=False)
    notes: Notes = () if asked.as_of is None else ((_IN_TURN, {}),)
    return report_of("reorder", facts, headings, rows, notes=notes, asked=asked)


def back_orders(session: Session, asked: Asked, today: date) -> Report:
    """Every order line that waits for stock or is past its day, in the order in which it is served, with the day its
    goods can be there."""
    told = narrowed(session, asked)
    day = asked.as_of or today
    found = [
        d
        for d in demands(session, as_of=asked.as_of, today=today)
        if told.of.item_id in (None, d.item_id)
        and told.of.customer_id in (None, d.customer_id)
        and (not asked.warehouse or d.warehouse == asked.warehouse.strip().upper())
    ]
    names = item_words(session, [d.item_id for d in found])
    rows = []
    for d in found:
        code, name = names[d.item_id]
        ends = max(day, d.expected_on or day)
        late = (ends - d.promised_on).days if d.late and d.promised_on is not None else 0
        rows.append(
            (
                (d.number, d.customer, code, name, d.warehouse, d.to_deliver, d.waiting, d.promised_on, d.expected_on,
                 late if late > 0 else None, N_("LATE") if d.late else ""),
                Behind("order", d.order_id),
            )
        )  # fmt: skip
    headings = (
        Heading(N_("Order")),
        Heading(N_("Customer"), spare=4),
        Heading(N_("Item")),
        Heading(N_("Description"), spare=6),
        Heading(N_("Warehouse"), spare=5),
        Heading(N_("To deliver"), "quantity", spare=1),
        Heading(N_("Waits for"), "quantity"),
        Heading(N_("Promised"), "date"),
        Heading(N_("Expected"), "date"),
        Heading(N_("Days late"), "count", spare=3),
        Heading(N_("Mark"), "word"),
    )
    facts = facts_of(told, today, money=False)
    notes: Notes = () if asked.as_of is None else ((_IN_TURN, {}),)
    return report_of("back-orders", facts, headings, rows, notes=notes, asked=asked)
