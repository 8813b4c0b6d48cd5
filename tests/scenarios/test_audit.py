"""The audit trail: who, when, what, old and new, each entry holding the one before. docs/rules/verify.md."""

import json
from decimal import Decimal as D

from sqlmodel import col, select

from o2c_tui.models.audit import AuditEntry
from o2c_tui.queries.verify import verify
from o2c_tui.services.invoicing import invoice_deliveries
from o2c_tui.services.ordering import close_order, hold_order, order_quotation, release_order
from o2c_tui.services.setup import ItemSetup, change_company, save_item
from o2c_tui.services.shipping import reverse_delivery, ship_order
from o2c_tui.storage.chain import link
from tests.conftest import NOW
from tests.makers import delivered, open_books, ordered, quoted, receive, trail


def _changes(entry):
    return {(table, column): (old, new) for table, _, column, old, new in json.loads(entry.changes)}


def test_every_verb_of_a_step_has_one_entry_with_who_and_when(store):
    desk = open_books(store)
    receive(desk)
    quotation = quoted(desk, ("BOLT", 2))
    told = desk.ask(lambda session: len(session.exec(select(AuditEntry)).all()))
    desk.do(order_quotation, quotation, by="ben")
    desk.do(ship_order, 1, by="cleo")

    fresh = desk.ask(lambda session: session.exec(select(AuditEntry).order_by(col(AuditEntry.id)).offset(told)).all())
    assert [(entry.verb, entry.by) for entry in fresh] == [
        ("accept_quotation", "ben"),
        ("draft_order", "ben"),
        ("confirm_order", "ben"),
        ("draft_delivery", "cleo"),
        ("ship_delivery", "cleo"),
    ]
    assert {entry.at for entry in fresh} == {NOW}


def test_old_and_new_of_what_was_decided_are_told(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 5))
    desk.do(hold_order, order.order_id, "papers")
    desk.do(release_order, order.order_id)
    delivered(desk, order, 2)
    desk.do(close_order, order.order_id)
    desk.do(save_item, ItemSetup("BOLT", "Hex bolt", sale_price=D("11.5")))
    desk.do(change_company, {"tax_rounding": "line"})

    assert _changes(trail(desk, "hold_order")[0]) == {
        ("sales_order", "state"): ("confirmed", "on_hold"),
        ("sales_order", "hold_reason"): ("", "papers"),
    }
    assert _changes(trail(desk, "release_order")[0])["sales_order", "hold_reason"] == ("papers", "")
    assert _changes(trail(desk, "close_order")[0]) == {
        ("sales_order_line", "cancelled"): ("0", "3"),
        ("sales_order", "state"): ("confirmed", "closed"),
    }
    assert _changes(trail(desk, "save_item")[-1]) == {("item", "sale_price"): ("10", "11.5")}
    assert _changes(trail(desk, "change_company")[0]) == {("company", "tax_rounding"): ("document", "line")}


def test_a_reason_that_no_column_keeps_stands_in_the_trail(store):
    desk = open_books(store)
    receive(desk)
    gone = delivered(desk, ordered(desk, ("BOLT", 5)))
    desk.do(reverse_delivery, gone.delivery_id, "lorry broke down")
    assert ["reason", "lorry broke down"] in json.loads(trail(desk, "reverse_delivery")[0].changes)
    desk.holds()


def test_each_entry_holds_the_hash_of_the_one_before_and_can_be_checked_offline(store):
    desk = open_books(store)
    receive(desk)
    desk.do(invoice_deliveries, [delivered(desk, ordered(desk, ("BOLT", 5))).delivery_id])
    entries = desk.ask(
        lambda session: [e.model_dump() for e in session.exec(select(AuditEntry).order_by(col(AuditEntry.id)))]
    )
    previous = b""
    for entry in entries:
        assert link(previous, entry) == entry["hash"]
        previous = entry["hash"]
    told = desk.ask(verify)
    assert (told.entries, told.head) == (len(entries), previous.hex())
