"""Quotations, rule by rule. docs/rules/quotations.md."""

from datetime import date
from decimal import Decimal as D

import pytest

from o2c_tui.errors import BadValueError, ConflictError, EmptyDocumentError, MissingValueError, WrongStateError
from o2c_tui.queries.lists import page
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.ordering import cancel_order, order_quotation
from o2c_tui.services.quoting import (
    accept_quotation,
    decline_quotation,
    delete_quotation,
    revise_quotation,
    save_quotation,
    send_quotation,
    undo_acceptance,
)
from o2c_tui.services.setup import ItemSetup, save_item
from tests.makers import lines, open_books, ordered_from, quoted, receive, trail


def test_a_quotation_takes_its_number_when_sent_and_is_valid_for_the_companys_days(store):
    desk = open_books(store, quotation_days=14)
    saved = desk.do(save_quotation, DocumentDraft("ACME", lines(("BOLT", 2))))
    assert (saved.label, saved.gross) == ("–", D("24.00"))

    desk.do(send_quotation, saved.id, version=saved.version)

    sent = desk.document("quotation", saved.id)
    assert (sent.label, sent.state, sent.head["valid_until"]) == ("Q26-0001", "sent", date(2026, 12, 8))
    with pytest.raises(WrongStateError, match="quotation Q26-0001 is sent; it cannot be edited"):
        desk.do(save_quotation, DocumentDraft("ACME", lines(("BOLT", 3))), document_id=saved.id)
    with pytest.raises(WrongStateError, match="it cannot be deleted"):
        desk.do(delete_quotation, saved.id)


def test_a_quotation_without_lines_is_not_sent_and_one_that_ends_before_it_begins_is_not_saved(store):
    desk = open_books(store)
    empty = desk.do(save_quotation, DocumentDraft("ACME"))
    with pytest.raises(EmptyDocumentError, match="has no lines"):
        desk.do(send_quotation, empty.id)
    with pytest.raises(BadValueError, match="would end before it begins") as refused:
        desk.do(save_quotation, DocumentDraft("ACME", lines(("BOLT", 1)), valid_until=date(2026, 11, 1)))
    assert refused.value.field == "valid_until"
    assert trail(desk, "send_quotation") == []


def test_a_no_needs_its_reason(store):
    desk = open_books(store)
    quotation = quoted(desk, ("BOLT", 1))
    with pytest.raises(
        BadValueError, match="Give the reason of the no: answer, competitor, delivery, need, other, price"
    ):
        desk.do(decline_quotation, quotation, "dunno")

    desk.do(decline_quotation, quotation, "price", note="asked for 9.00")

    told = desk.document("quotation", quotation).head
    assert (told["decline_reason"], told["declined_on"], told["decline_note"]) == (
        "price",
        desk.today,
        "asked for 9.00",
    )
    with pytest.raises(WrongStateError, match="Q26-0001 is declined; it cannot become accepted"):
        desk.do(accept_quotation, quotation)
    with pytest.raises(WrongStateError, match="Q26-0001 is declined; it cannot become an order"):
        ordered_from(desk, quotation)


def test_expired_is_asked_with_the_day_and_never_stored(store):
    desk = open_books(store)
    quoted(desk, ("BOLT", 1), valid_until=date(2026, 11, 30))

    def expired(on):
        return [row.number for row in desk.ask(page, "quotation", "status:expired", today=on)]

    assert expired(date(2026, 11, 30)) == []
    assert expired(date(2026, 12, 1)) == ["Q26-0001"]
    assert desk.document("quotation", 1).state == "sent"


def test_a_late_yes_is_shown_first(store):
    desk = open_books(store)
    quotation = quoted(desk, ("BOLT", 1), valid_until=date(2026, 11, 30))
    desk.next_day(7)

    shown = store.preview_now(accept_quotation, quotation, by="ada", today=desk.today)

    assert shown.codes == {"late_acceptance"}
    assert shown.warnings[0].said().startswith("Q26-0001 was valid until 2026-11-30")
    store.write_now(accept_quotation, quotation, accepted=shown.codes, by="ada", today=desk.today)
    assert desk.document("quotation", quotation).head["accepted_on"] == desk.today
    assert '["accepted",["late_acceptance"]]' in trail(desk, "accept_quotation")[0].changes


def test_a_late_yes_may_renew_the_prices_by_a_revision(store):
    desk = open_books(store)
    quotation = quoted(desk, ("BOLT", 2), ("NUT", 100, "0.08"), LineDraft("FREIGHT", tax_code="VAT5"))
    desk.do(save_item, ItemSetup("BOLT", "Hex bolt", sale_price=D("11.00")))
    desk.do(save_item, ItemSetup("NUT", "Hex nut", sale_price=D("0.12")))
    desk.today = date(2027, 1, 4)

    renewed = desk.do(revise_quotation, quotation, renew_prices=True)

    told = desk.document("quotation", renewed.id)
    assert [line["unit_price"] for line in told.lines] == [D("11.00"), D("0.08"), D("15.00")]  # a typed price stays
    assert told.lines[2]["tax_rate"] == D("0.06")
    assert (told.head["net"], told.head["tax"], told.head["valid_until"]) == (D("45.00"), D("6.90"), date(2027, 2, 3))
    desk.do(send_quotation, renewed.id)
    desk.do(accept_quotation, renewed.id)
    assert desk.document("quotation", quotation).state == "superseded"
    desk.holds()


def test_revision_n_can_be_accepted_until_the_next_one_is_sent(store):
    desk = open_books(store)
    first = quoted(desk, ("BOLT", 1))
    second = desk.do(revise_quotation, first).id
    assert desk.document("quotation", second).label == "Q26-0001/2"
    desk.do(save_quotation, DocumentDraft("ACME", lines(("BOLT", 1, "9.00"))), document_id=second)
    assert desk.document("quotation", first).state == "sent"

    desk.do(send_quotation, second)

    assert desk.document("quotation", first).state == "superseded"
    with pytest.raises(WrongStateError, match="Q26-0001 is superseded; it cannot become accepted"):
        desk.do(accept_quotation, first)
    desk.do(accept_quotation, second, accepted_by="Ms Lee, by mail")
    assert desk.document("quotation", second).head["accepted_by"] == "Ms Lee, by mail"
    with pytest.raises(WrongStateError, match="Q26-0001/2 is accepted; it cannot be revised"):
        desk.do(revise_quotation, second)
    desk.holds()


def test_an_accepted_revision_never_changes_and_a_later_draft_cannot_be_sent_over_it(store):
    desk = open_books(store)
    first = quoted(desk, ("BOLT", 1))
    second = desk.do(revise_quotation, first).id
    desk.do(accept_quotation, first)

    with pytest.raises(WrongStateError, match="Q26-0001 was accepted meanwhile"):
        desk.do(send_quotation, second)
    assert desk.document("quotation", first).state == "accepted"


def test_a_later_revision_supersedes_all_before_it_and_an_older_draft_is_not_sent_after_it(store):
    desk = open_books(store)
    first = quoted(desk, ("BOLT", 1))
    second, third = desk.do(revise_quotation, first).id, desk.do(revise_quotation, first).id
    desk.do(send_quotation, third)
    assert desk.document("quotation", first).state == "superseded"
    with pytest.raises(WrongStateError, match="A later revision, Q26-0001/3, was sent already"):
        desk.do(send_quotation, second)


def test_an_acceptance_can_be_undone_with_a_reason_until_an_order_exists(store):
    desk = open_books(store)
    receive(desk)
    quotation = quoted(desk, ("BOLT", 1))
    order = ordered_from(desk, quotation)
    with pytest.raises(WrongStateError, match="Q26-0001 has the sales order SO26-0001 already; cancel that first"):
        desk.do(undo_acceptance, quotation, "wrong customer")
    desk.do(cancel_order, order.order_id)
    with pytest.raises(MissingValueError, match="Say why the acceptance is undone"):
        desk.do(undo_acceptance, quotation, " ")

    desk.do(undo_acceptance, quotation, "wrong customer")

    told = desk.document("quotation", quotation)
    assert (told.state, told.head["accepted_on"]) == ("sent", None)
    assert "wrong customer" in trail(desk, "undo_acceptance")[0].changes
    desk.holds()


def test_the_parts_of_a_quotation_carry_its_discounts_to_the_cent(store):
    desk = open_books(store)
    line = LineDraft("BOLT", D(3), D("10.00"), discount_amount=D("1.00"))
    quotation = quoted(desk, line, discount_amount=D("2.00"))
    assert desk.document("quotation", quotation).head["net"] == D("27.00")
    (bolt,) = [x["id"] for x in desk.document("quotation", quotation).lines]

    orders = [ordered_from(desk, quotation, {bolt: D(1)}) for _ in range(3)]

    nets = [desk.document("order", order.order_id).head["net"] for order in orders]
    assert nets == [D("9.00"), D("9.00"), D("9.00")]
    assert [desk.document("order", o.order_id).lines[0]["discount_amount"] for o in orders] == [
        D("0.33"), D("0.34"), D("0.33"),
    ]  # fmt: skip
    desk.holds()


def test_a_cancelled_order_gives_its_part_of_the_quotation_back(store):
    desk = open_books(store)
    quotation = quoted(desk, ("BOLT", 5))
    order = ordered_from(desk, quotation)
    desk.do(cancel_order, order.order_id)
    assert desk.document("quotation", quotation).head["ordered"] == "none"

    again = ordered_from(desk, quotation)

    assert not again.existing and again.number == "SO26-0002"
    desk.holds()


def test_an_order_of_a_quotation_shows_what_was_promised_and_keeps_the_quoted_price(store):
    desk = open_books(store)
    receive(desk)
    quotation = quoted(desk, ("BOLT", 5))
    desk.do(save_item, ItemSetup("BOLT", "Hex bolt", sale_price=D("12.00")))

    order = desk.do(order_quotation, quotation, promised_on=date(2026, 12, 1))

    shown = desk.document("order", order.order_id)
    assert (shown.lines[0]["unit_price"], shown.head["promised_on"]) == (D("10.00"), date(2026, 12, 1))


def test_a_stale_version_is_a_conflict_and_says_what_to_do(store):
    desk = open_books(store)
    saved = desk.do(save_quotation, DocumentDraft("ACME", lines(("BOLT", 1))))
    desk.do(save_quotation, DocumentDraft("ACME", lines(("BOLT", 2))), document_id=saved.id, version=saved.version)
    with pytest.raises(ConflictError, match="Look at it again"):
        desk.do(save_quotation, DocumentDraft("ACME", lines(("BOLT", 3))), document_id=saved.id, version=saved.version)
    assert desk.document("quotation", saved.id).lines[0]["quantity"] == 2
