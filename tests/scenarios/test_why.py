"""Why a figure is what it is: the rows it is the sum of. docs/rules/why.md."""

from decimal import Decimal as D

import pytest
from sqlmodel import select

from o2c_tui.errors import BadValueError, UnknownCodeError
from o2c_tui.models.party import CreditMode
from o2c_tui.queries.documents import NUMBERED
from o2c_tui.queries.why import explain, why
from o2c_tui.queries.why_parts import Subject
from o2c_tui.screens.steps import next_step
from o2c_tui.services.amending import LineChange, amend_order
from o2c_tui.services.drafting import DocumentDraft
from o2c_tui.services.following import following, why_blocked
from o2c_tui.services.ordering import save_order
from o2c_tui.services.taking_back import reverse_payment
from tests.every_figure import unexplained
from tests.makers import (
    TODAY,
    delivered,
    lines,
    open_books,
    ordered,
    ordered_from,
    paid,
    quoted,
    receive,
    sold,
    terms_of,
)
from tests.storage.whole_books import whole_books


@pytest.fixture
def desk(sqlite_store):
    return open_books(sqlite_store)


def test_the_rows_of_every_figure_add_up_to_what_is_shown_elsewhere(store):
    desk = whole_books(store)

    assert desk.ask(unexplained, desk.today) == []


def rows(told):
    return [(part.label, part.number, part.value) for part in told.parts]


def test_available_is_every_move_less_what_each_order_line_holds(desk):
    receive(desk, "BOLT", 20, "4.00")
    delivered(desk, ordered(desk, ("BOLT", 3)))
    ordered(desk, ("BOLT", 5))

    told = desk.ask(why, "available", "bolt@main", today=TODAY)

    assert told.total == 12
    assert rows(told) == [("reserved", "SO26-0002", -5), ("delivered", "DN26-0001", -3), ("received", "GR26-0001", 20)]


def test_a_margin_is_what_was_invoiced_less_the_layers_its_deliveries_took(desk):
    receive(desk, "BOLT", 2, "4.00")
    receive(desk, "BOLT", 20, "5.00")
    delivered(desk, ordered(desk, ("BOLT", 3)))

    told = desk.ask(why, "margin", "SO26-0001", today=TODAY)

    assert [part.value for part in told.parts] == [D("-8.00"), D("-5.00")]
    assert any("estimate" in note.said() for note in told.notes)


def test_a_typed_price_says_who_typed_it_and_a_copied_line_where_it_came_from(desk):
    told = desk.do(save_order, DocumentDraft("ACME", lines(("BOLT", 2, "9.00"))))
    order = desk.document("order", told.id)
    found = desk.ask(explain, "price", Subject("order", order.id, 1), today=TODAY)

    assert found.total == D("9.00")
    assert [part.label for part in found.parts] == ["the item's price", "typed by hand"]
    assert found.parts[1].note.said() == "by ada"
    assert found.adds_up


def test_open_is_the_instalments_less_what_was_set_against_them_also_where_it_was_undone(desk):
    receive(desk)
    bill = sold(desk, ("BOLT", 1))
    payment = paid(desk, "2.00")
    desk.do(reverse_payment, payment.payment_id, "bounced")

    told = desk.ask(why, "open", bill.number, today=TODAY)

    assert told.total == bill.gross
    assert [part.value for part in told.parts] == [bill.gross, D("-2.00"), D("2.00")]
    assert "opposite sign" in told.notes[0].said()


def test_a_refused_step_says_why_and_leads_to_the_figure_behind_it(desk):
    terms_of(desk, credit_mode=CreditMode.HOLD, credit_limit=D(1))
    told = desk.do(save_order, DocumentDraft("ACME", lines(("BOLT", 5))))

    found = why_blocked(desk.store, "order", told.id, by="ada", today=TODAY)

    assert "the credit limit is 1" in found.parts[0].note.said()
    assert (found.parts[0].opens.kind, found.parts[0].figure) == ("customer", "exposure")
    assert (found.parts[1].label, found.parts[1].figure) == ("short", "available")
    assert desk.document("order", told.id).state == "draft"


def test_what_is_tried_is_what_f8_would_do(sqlite_store):
    desk = whole_books(sqlite_store)
    tried = 0
    for kind in ("quotation", "order", "delivery", "invoice"):
        for key in desk.ask(lambda session, model=NUMBERED[kind]: session.exec(select(model.id)).all()):
            found = desk.document(kind, key)
            ours, shown = following(found), next_step(found)
            assert (ours and ours.verb) == (shown and shown.verb), found.label
            tried += ours is not None

    assert tried > 5


def test_what_has_no_such_figure_or_is_not_there_is_refused(desk):
    receive(desk, "BOLT", 2, "4.00")

    for figure, text in (("available", "BOLD@MAIN"), ("available", "BOLT@NOWHERE"), ("exposure", "NOBODY")):
        with pytest.raises(UnknownCodeError):
            desk.ask(why, figure, text, today=TODAY)
    with pytest.raises(BadValueError, match="has no such figure: Margin"):
        desk.ask(why, "margin", sold(desk, ("BOLT", 1)).number, today=TODAY)


def test_a_price_amended_on_the_order_is_the_orders_own_not_that_of_the_quotation(desk):
    order = ordered_from(desk, quoted(desk, ("BOLT", 2)))
    desk.do(amend_order, order.order_id, lines=(LineChange(1, unit_price=D("8.00")),))

    told = desk.ask(why, "price", "SO26-0001", line=1, today=TODAY)

    assert [(part.label, part.number) for part in told.parts] == [
        ("the item's price", "BOLT"), ("typed by hand", "SO26-0001"), ("copied from", "Q26-0001"),
    ]  # fmt: skip
    assert (told.total, told.parts[1].value) == (8, -2)
