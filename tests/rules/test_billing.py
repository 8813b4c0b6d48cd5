"""docs/rules/invoices.md and quotations.md: parts of an amount add up to it, and no part turns its sign."""

from decimal import Decimal as D

import pytest

from o2c_tui.errors import BadValueError
from o2c_tui.services.crediting import credit_invoice
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.invoicing import draft_invoice, invoice_order, post_invoice
from o2c_tui.services.ordering import cancel_order, save_order
from o2c_tui.services.quoting import save_quotation, send_quotation
from o2c_tui.services.setup import ItemSetup, save_item
from o2c_tui.services.shipping import return_goods, ship_order
from tests.makers import Desk, open_books, ordered, ordered_from, receive


def _billed_one_by_one(desk: Desk, count: int, price: str) -> tuple[int, list[D]]:
    order = ordered(desk, ("BOLT", count, price))
    desk.do(ship_order, order.order_id)
    line = desk.document("order", order.order_id).lines[0]["id"]
    parts = [desk.do(invoice_order, order.order_id, quantities={line: D(1)}).gross for _ in range(count)]
    return order.order_id, parts


def test_partial_invoices_of_a_few_cents_never_turn_negative(sqlite_store):
    """0.02 over four pieces: half a cent each; each rounded up would leave minus one cent for the last."""
    desk = open_books(sqlite_store)
    receive(desk, "BOLT", 10)

    order_id, parts = _billed_one_by_one(desk, 4, "0.005")

    assert parts == [D("0.01"), D(0), D("0.01"), D(0)]
    assert sum(parts) == desk.document("order", order_id).head["gross"]
    desk.holds()


def test_drafts_of_parts_add_up_whichever_is_posted_first(sqlite_store):
    """0.01 over two pieces, both drafted while nothing was billed: each alone would round to a cent."""
    desk = open_books(sqlite_store)
    receive(desk, "BOLT", 10)
    order = ordered(desk, ("BOLT", 2, "0.005"))
    desk.do(ship_order, order.order_id)
    line = desk.document("order", order.order_id).lines[0]["id"]
    drafts = [desk.do(draft_invoice, order_ids=[order.order_id], quantities={line: D(1)}) for _ in range(2)]

    billed = [desk.do(post_invoice, key).gross for key in reversed(drafts)]

    assert billed == [D("0.01"), D(0)]
    assert desk.document("invoice", drafts[0]).lines[0]["net"] == 0
    desk.holds()


def test_no_fraction_of_a_whole_unit_is_ordered_shipped_or_returned(sqlite_store):
    desk = open_books(sqlite_store)
    desk.do(save_item, ItemSetup("PUMP", "Pump", sale_price=D(10), whole_units=True))
    receive(desk, "PUMP", 10)
    quotation = _quoted(desk, LineDraft("PUMP", D(4)))
    (quoted,) = desk.document("quotation", quotation).lines
    with pytest.raises(BadValueError, match="PUMP is sold in whole units only"):
        ordered_from(desk, quotation, {quoted["id"]: D("1.5")})

    order = ordered_from(desk, quotation)
    (line,) = desk.document("order", order.order_id).lines
    with pytest.raises(BadValueError, match="PUMP is sold in whole units only"):
        desk.do(ship_order, order.order_id, quantities={line["id"]: D("1.5")})

    delivery = desk.do(ship_order, order.order_id)
    (line,) = desk.document("delivery", delivery.delivery_id).lines
    with pytest.raises(BadValueError, match="PUMP is sold in whole units only"):
        desk.do(return_goods, delivery.delivery_id, {line["id"]: D("0.5")})


def test_partial_credits_of_a_few_cents_never_turn_negative(sqlite_store):
    desk = open_books(sqlite_store)
    receive(desk, "BOLT", 10)
    order = ordered(desk, ("BOLT", 4, "0.005"))
    desk.do(ship_order, order.order_id)
    invoice = desk.do(invoice_order, order.order_id)
    line = desk.document("invoice", invoice.invoice_id).lines[0]["id"]

    notes = [desk.do(credit_invoice, invoice.invoice_id, "price", quantities={line: D(1)}) for _ in range(4)]

    assert [note.gross for note in notes] == [D("0.01"), D(0), D("0.01"), D(0)]
    assert desk.document("invoice", invoice.invoice_id).head["open"] == 0
    desk.holds()


def test_what_costs_nothing_is_billed_and_credited_as_settled(sqlite_store):
    desk = open_books(sqlite_store)
    receive(desk, "BOLT", 10)
    order = ordered(desk, ("BOLT", 4, "0"))
    desk.do(ship_order, order.order_id)
    invoice = desk.do(invoice_order, order.order_id)
    note = desk.do(credit_invoice, invoice.invoice_id, "sample")

    settled = [desk.document("invoice", key).head["settled_on"] for key in (invoice.invoice_id, note.invoice_id)]

    assert settled == [desk.today, desk.today]
    desk.holds()


def _quoted(desk: Desk, *lines: LineDraft, **head) -> int:
    saved = desk.do(save_quotation, DocumentDraft("ACME", lines, **head))
    desk.do(send_quotation, saved.id)
    return int(saved.id)


def test_orders_of_parts_of_a_quotation_share_its_discount_to_the_cent(sqlite_store):
    """1.00 off three equal lines, ordered one by one: 0.33, then half of 0.67, then what is left."""
    desk = open_books(sqlite_store)
    receive(desk, "BOLT", 10)
    quotation = _quoted(desk, *[LineDraft("BOLT", D(1), D("10.00"))] * 3, discount_amount=D("1.00"))
    keys = [line["id"] for line in desk.document("quotation", quotation).lines]

    orders = [ordered_from(desk, quotation, {key: D(1)}) for key in keys]

    heads = [desk.document("order", order.order_id).head for order in orders]
    assert [head["discount_amount"] for head in heads] == [D("0.33"), D("0.34"), D("0.33")]
    assert sum(head["net"] for head in heads) == D("29.00")


def test_an_order_of_part_of_a_line_takes_its_share_of_the_lines_discount(sqlite_store):
    desk = open_books(sqlite_store)
    receive(desk, "BOLT", 10)
    quotation = _quoted(desk, LineDraft("BOLT", D(10), D("10.00"), discount_amount=D("20.00")))
    (line,) = desk.document("quotation", quotation).lines

    given_up = ordered_from(desk, quotation, {line["id"]: D(1)})
    assert desk.document("order", given_up.order_id).head["net"] == D("8.00")
    desk.do(cancel_order, given_up.order_id)

    orders = [ordered_from(desk, quotation, {line["id"]: D(part)}) for part in (3, 3, 4)]
    assert [desk.document("order", order.order_id).head["net"] for order in orders] == [D(24), D(24), D(32)]
    desk.holds()


@pytest.mark.parametrize(
    ("line", "head", "why"),
    [
        ({"discount_amount": D("20.01")}, {}, "Line 1: the discount is more than the line's 20."),
        ({"discount_percent": D(50), "discount_amount": D("10.01")}, {}, "Line 1: the discount is more than the line's 10."),
        ({}, {"discount_amount": D("20.01")}, "The discount is more than the document's 20."),
        ({}, {"discount_percent": D(50), "discount_amount": D("10.01")}, "The discount is more than the document's 20."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("save", [save_quotation, save_order])
def test_no_discount_takes_more_than_there_is(sqlite_store, save, line, head, why):
    desk = open_books(sqlite_store)
    with pytest.raises(BadValueError) as refused:
        desk.do(save, DocumentDraft("ACME", (LineDraft("BOLT", D(2), D("10.00"), **line),), **head))
    assert why in str(refused.value)


def test_a_discount_may_take_all(sqlite_store):
    desk = open_books(sqlite_store)
    line = LineDraft("BOLT", D(2), D("10.00"), discount_amount=D("5.00"))
    assert desk.do(save_order, DocumentDraft("ACME", (line,), discount_amount=D("15.00"))).gross == 0
