"""What was done to a document can be read. docs/rules/verify.md, "History"."""

from decimal import Decimal as D

import pytest

from o2c_tui.errors import NotFoundError
from o2c_tui.queries.history import Change, history
from o2c_tui.reports.history import as_lines
from o2c_tui.services.amending import LineChange, amend_order
from o2c_tui.services.ordering import hold_order
from o2c_tui.services.registry import VERB_WORDS
from tests.makers import open_books, ordered, receive


def test_every_step_of_a_document_is_read_with_old_and_new(store):
    desk = open_books(store)
    receive(desk)
    order = ordered(desk, ("BOLT", 10), customer_reference="PO 7")
    changes = (LineChange(1, D(12)), LineChange(item="NUT", quantity=D(5)))
    desk.do(amend_order, order.order_id, lines=changes, reason="by telephone")
    desk.do(hold_order, order.order_id, "papers")

    done = desk.ask(history, "order", order.order_id)

    assert [step.verb for step in done] == ["save_order", "confirm_order", "amend_order", "hold_order"]
    amended = done[2]
    assert (amended.by, amended.reason) == ("ada", "by telephone")
    assert Change(1, "BOLT", "quantity", "10", "12") in amended.changes
    assert Change(2, "NUT", "revision", "", "2") in amended.changes
    assert Change(0, "", "gross", "120", "144.6") in amended.changes
    lines = as_lines(done, str, VERB_WORDS, "->")
    assert "    Line 1 BOLT  quantity 10 -> 12, net 100 -> 120, tax 20 -> 24" in lines
    assert "    state confirmed -> on hold, reason of the hold - -> papers" in lines
    assert "    Reason: by telephone" in lines


def test_the_history_of_nothing_is_refused(store):
    desk = open_books(store)
    with pytest.raises(NotFoundError):
        desk.ask(history, "order", 99)
