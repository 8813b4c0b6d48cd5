"""One story of the whole chain, on SQLite and on PostgreSQL: figures, links, ledger."""

from decimal import Decimal as D

import pytest

from o2c_tui.errors import OverQuantityError, ShortStockError, WrongStateError
from o2c_tui.queries.exposure import exposure_of
from o2c_tui.services.crediting import credit_invoice, return_and_credit
from o2c_tui.services.invoicing import invoice_deliveries, invoice_order
from o2c_tui.services.ordering import reserve_order
from o2c_tui.services.paying import apply_credit
from o2c_tui.services.shipping import ship_order
from o2c_tui.services.taking_back import reverse_payment
from tests.makers import open_books, ordered, ordered_from, paid, quoted, receive


def test_from_quotation_to_cash_with_a_part_delivery_a_return_and_a_bounced_payment(store):
    desk = open_books(store)
    receive(desk, "BOLT", 5, "4.00")
    receive(desk, "BOLT", 5, "5.00")

    # a quotation of 12 bolts, 10 of which are there, and freight
    quotation = quoted(desk, ("BOLT", 12), ("FREIGHT", 1))
    order = ordered_from(desk, quotation)
    assert order.number == "SO26-0001"
    assert order.gross == D("162.00")
    assert [(line.reserved, line.back_ordered) for line in order.lines] == [(10, 2), (0, 0)]

    # the 10 go out with the freight: FIFO takes 5 at 4.00 and 5 at 5.00
    desk.next_day()
    first = desk.do(ship_order, order.order_id)
    assert first.cost == D("45.00")
    invoice = desk.do(invoice_deliveries, [first.delivery_id])
    assert invoice.gross == D("138.00")  # 10 × 10.00 + 15.00, and 20 %
    desk.holds()

    # the last two come in, are reserved, delivered and billed; the two invoices add up to the order
    desk.next_day()
    receive(desk, "BOLT", 10, "6.00")
    assert desk.do(reserve_order, order.order_id).back_ordered == 0
    desk.do(ship_order, order.order_id)
    second = desk.do(invoice_order, order.order_id)
    assert invoice.gross + second.gross == order.gross
    shown = desk.document("order", order.order_id)
    assert (shown.head["delivery"], shown.head["billing"], shown.head["uninvoiced"]) == ("fully", "fully", 0)
    assert [link.kind for link in shown.chain] == ["quotation", "order", "delivery", "delivery", "invoice", "invoice"]

    # one payment over both invoices bounces: both are open again
    payment = paid(desk, "162.00")
    assert payment.allocated == D("162.00")
    assert desk.document("invoice", invoice.invoice_id).head["open"] == 0
    desk.do(reverse_payment, payment.payment_id, "bounced")
    assert desk.document("invoice", invoice.invoice_id).head["open"] == D("138.00")
    desk.holds()

    # three bolts come back with a credit note, into the layers they came from, newest first
    line = desk.document("invoice", invoice.invoice_id).lines[0]
    note = desk.do(return_and_credit, invoice.invoice_id, {line["id"]: D(3)}, "damaged")
    assert note.gross == D("36.00")
    assert note.open == 0  # set against the open invoice
    assert desk.document("invoice", invoice.invoice_id).head["open"] == D("102.00")
    desk.holds()

    # what is paid beyond stays as credit and pays the next invoice
    rest = paid(desk, "150.00")
    assert rest.unapplied == D("24.00")
    again = ordered(desk, ("BOLT", 3))
    desk.do(ship_order, again.order_id)
    third = desk.do(invoice_order, again.order_id)
    assert desk.do(apply_credit, payment_id=rest.payment_id) == D("24.00")
    assert desk.document("invoice", third.invoice_id).head["open"] == third.gross - 24
    assert desk.ask(exposure_of, 1) == third.gross - 24
    desk.holds()


def test_nothing_is_delivered_or_billed_beyond_what_was_ordered(store):
    desk = open_books(store)
    receive(desk, "BOLT", 10)
    order = ordered(desk, ("BOLT", 4))
    line = desk.document("order", order.order_id).lines[0]["id"]

    with pytest.raises(OverQuantityError, match="4 is left to deliver, 5 was asked for"):
        desk.do(ship_order, order.order_id, quantities={line: D(5)})
    desk.do(ship_order, order.order_id, quantities={line: D(4)})
    with pytest.raises(OverQuantityError, match="4 may be invoiced, 5 was asked for"):
        desk.do(invoice_order, order.order_id, quantities={line: D(5)})
    desk.holds()


def test_a_full_credit_mirrors_its_invoice_and_the_last_part_takes_the_cents(store):
    desk = open_books(store)
    receive(desk, "BOLT", 10)
    order = ordered(desk, ("BOLT", 3, "3.33"))
    desk.do(ship_order, order.order_id)
    invoice = desk.do(invoice_order, order.order_id)
    line = desk.document("invoice", invoice.invoice_id).lines[0]["id"]

    parts = [desk.do(credit_invoice, invoice.invoice_id, "price", quantities={line: D(1)}).gross for _ in range(3)]

    assert sum(parts) == invoice.gross == D("11.99")
    with pytest.raises(OverQuantityError):
        desk.do(credit_invoice, invoice.invoice_id, "price", quantities={line: D(1)})
    desk.holds()


def test_stock_reserved_for_others_is_not_sold_and_the_holder_is_named(store):
    desk = open_books(store)
    receive(desk, "BOLT", 10)
    first = ordered(desk, ("BOLT", 8))
    second = ordered(desk, ("BOLT", 5))
    assert second.lines[0].reserved == 2
    line = desk.document("order", second.order_id).lines[0]["id"]

    with pytest.raises(ShortStockError, match=rf"5 wanted, 2 available. Reserved for .*{first.number} \(8\)"):
        desk.do(ship_order, second.order_id, quantities={line: D(5)})
    desk.holds()


def test_a_quotation_becomes_an_order_in_parts_and_never_twice(store):
    desk = open_books(store)
    receive(desk, "BOLT", 100)
    quotation = quoted(desk, ("BOLT", 10), ("NUT", 10))
    bolt, nut = (line["id"] for line in desk.document("quotation", quotation).lines)

    first = ordered_from(desk, quotation, {bolt: D(4)})
    rest = ordered_from(desk, quotation)
    twice = ordered_from(desk, quotation)

    assert [line["quantity"] for line in desk.document("order", rest.order_id).lines] == [6, 10]
    assert twice.existing and twice.order_id == rest.order_id != first.order_id
    assert desk.document("quotation", quotation).head["ordered"] == "fully"
    with pytest.raises(OverQuantityError):
        ordered_from(desk, quotation, {nut: D(1)})
    desk.holds()


def test_a_draft_is_no_order_and_cannot_be_delivered(store):
    from o2c_tui.services.drafting import DocumentDraft
    from o2c_tui.services.ordering import save_order
    from tests.makers import lines

    desk = open_books(store)
    saved = desk.do(save_order, DocumentDraft("ACME", lines(("BOLT", 1))))
    with pytest.raises(WrongStateError, match="sales order – is draft; it cannot be delivered"):
        desk.do(ship_order, saved.id)


def test_verbs_of_one_transaction_see_each_others_work(store):
    from tests.makers import TODAY

    desk = open_books(store)
    receive(desk, "BOLT", 10)
    order = ordered(desk, ("BOLT", 6))
    line = desk.document("order", order.order_id).lines[0]["id"]

    def work(session):
        words = {"by": "ada", "today": TODAY}
        for _ in range(3):  # delivered and billed twice at a time, six in all
            ship_order(session, order.order_id, quantities={line: D(2)}, **words)
            invoice_order(session, order.order_id, now=store.clock(), **words)

    store.batch_now(work)

    shown = desk.document("order", order.order_id)
    assert (shown.lines[0]["shipped"], shown.lines[0]["invoiced"]) == (6, 6)
    assert [link.kind for link in shown.chain] == ["order", *["delivery"] * 3, *["invoice"] * 3]
    desk.holds()
