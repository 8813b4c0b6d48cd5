"""`o2c list`: the rows of a list as a table in words, as CSV or as JSON."""

import argparse
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from o2c_tui import config
from o2c_tui.command_line.books import open_books, the_day
from o2c_tui.command_line.exits import DONE
from o2c_tui.command_line.output import print_csv, print_json
from o2c_tui.texts import N_, _

_KEYS = ("id", "customer_code", "supplier_code", "order_id", "warehouse_id", "item_id")  # for scripts alone
_QUANTITIES = ("on_hand", "reserved", "available", "reorder_point", "projected", "point", "quantity", "rate")
_COLUMN_WORDS = {
    "number": N_("Number"),
    "revision": N_("Rev."),
    "customer": N_("Customer"),
    "quoted_on": N_("Date"),
    "ordered_on": N_("Date"),
    "shipped_on": N_("Date"),
    "invoiced_on": N_("Date"),
    "received_on": N_("Date"),
    "valid_until": N_("Valid to"),
    "promised_on": N_("Promised"),
    "due_on": N_("Due"),
    "billed_on": N_("Date"),
    "expected_on": N_("Expected"),
    "receipt": N_("Received"),
    "net": N_("Net"),
    "supplier_number": N_("Their number"),
    "gross": N_("Total"),
    "open": N_("Open"),
    "amount": N_("Amount"),
    "unapplied": N_("Unapplied"),
    "currency": N_("Currency"),
    "state": N_("Status"),
    "ordered": N_("Ordered"),
    "delivery": N_("Delivered"),
    "billing": N_("Invoiced"),
    "returned": N_("Returned"),
    "reference": N_("Reference"),
    "order_number": N_("Order"),
    "warehouse": N_("Warehouse"),
    "kind": N_("Kind"),
    "supplier": N_("Supplier"),
    "value": N_("Value"),
    "code": N_("Code"),
    "name": N_("Name"),
    "owes": N_("Owes"),
    "credit_mode": N_("Credit"),
    "credit_limit": N_("Limit"),
    "term": N_("Terms"),
    "on_hold": N_("On hold"),
    "active": N_("Active"),
    "unit": N_("Unit"),
    "sale_price": N_("Price"),
    "on_hand": N_("On hand"),
    "reserved": N_("Reserved"),
    "available": N_("Available"),
    "reorder_point": N_("Reorder at"),
    "by": N_("By"),
    "reversed_by": N_("Reversed by"),
    "reverses_id": N_("Reverses"),
    "tax": N_("Tax"),
    "invoice": N_("Invoice"),
    "source": N_("From"),
    "target": N_("To"),
    "dispatched_on": N_("Date"),
    "adjusted_on": N_("Date"),
    "started_on": N_("Date"),
    "counted_on": N_("Posted"),
    "arrival": N_("Arrived"),
    "reason": N_("Reason"),
    "note": N_("Note"),
    "pick_order": N_("Walk"),
    "items": N_("Items"),
    "bins": N_("Bins"),
    "item": N_("Item"),
    "expires_on": N_("Expires"),
    "quantity": N_("Quantity"),
    "raised_on": N_("Date"),
    "projected": N_("Projected"),
    "point": N_("Reorder at"),
    "seen_on": N_("Seen"),
    "seen_by": N_("By"),
    "cleared_on": N_("Cleared"),
    "made_at": N_("Date"),
    "reminded_on": N_("Date"),
    "level": N_("Step"),
    "email": N_("E-mail"),
    "total": N_("Open"),
    "fee": N_("Fee"),
    "to": N_("Recipient"),
    "subject": N_("Subject"),
    "file_name": N_("File"),
    "tries": N_("Tries"),
    "next_try_at": N_("Next try"),
    "taken_at": N_("Taken"),
    "trouble": N_("Trouble"),
    "valid_on": N_("From day"),
    "rate": N_("Rate"),
    "origin": N_("Source"),
    "parts": N_("Parts"),
    "included": N_("In the price"),
}


def show_list(options: argparse.Namespace) -> int:
    """Print a list, newest first, as it was asked for."""
    from o2c_tui.queries.lists import page

    store = open_books(options, to_look=True)
    rows = store.read_now(
        page,
        options.kind,
        options.filter,
        limit=options.limit,
        today=the_day(options, store),
        login=config.login_name(),
    )
    if options.json:
        print_json(rows)
    elif options.csv:
        print_csv(_in_csv(options.kind, rows))
    else:
        print(_in_words(rows) if rows else _("Nothing fits."))
    return DONE


def _in_csv(kind: str, rows: Sequence[Any]) -> str:
    """The rows under the names of their values, as a script reads them."""
    from o2c_tui.queries.lists import SPECS
    from o2c_tui.reports.table import Heading, Report, as_csv

    names = SPECS[kind].row._fields  # type: ignore[attr-defined]
    return as_csv(Report("", (), tuple(Heading(name) for name in names), tuple(tuple(row) for row in rows)))


def _in_words(rows: Sequence[Any]) -> str:
    """A table for a person: keys left out, states and reasons in words."""
    from o2c_tui.reports.table import Heading, Report, as_text

    names = [name for name in rows[0]._fields if name not in _KEYS]
    table = tuple(tuple(_word(row, name) for name in names) for row in rows)
    kinds = [_kind_of(name, column) for name, column in zip(names, zip(*table, strict=True), strict=True)]
    headings = tuple(Heading(_COLUMN_WORDS.get(name, name), kind) for name, kind in zip(names, kinds, strict=True))
    return as_text(Report("", (), headings, table), _).lstrip("\n")


def _kind_of(name: str, values: Sequence[Any]) -> str:
    """How a column's figures are written: as money, unless it counts goods."""
    from decimal import Decimal

    if any(isinstance(value, Decimal) for value in values):
        return "quantity" if name in _QUANTITIES else "money"
    return "text"


def _word(row: Any, name: str) -> Any:
    """A value as people say it; a dash where there is none, as for goods that never expire (2999)."""
    from enum import Enum

    from o2c_tui.models.warehouse import ADJUSTMENT_REASONS
    from o2c_tui.models.words import STATE_WORDS
    from o2c_tui.reports.codes import rate_words, tax_parts, term_words

    value = getattr(row, name)
    if name == "parts":
        return tax_parts(value) if hasattr(row, "rate") else term_words(value)
    if name == "rate" and hasattr(row, "parts"):
        return rate_words(row)
    if name == "reason" and value in ADJUSTMENT_REASONS:
        return _(ADJUSTMENT_REASONS[value])
    if isinstance(value, Enum):
        return _(STATE_WORDS.get(str(value.value), str(value.value)))
    if isinstance(value, datetime):
        return f"{value.astimezone():%Y-%m-%d %H:%M}"
    if isinstance(value, date) and value.year == 2999:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "–" if value is None else value
