"""The money effect of every step, account by account. docs/rules/ledger.md."""

from decimal import Decimal as D

from o2c_tui.services.crediting import credit_invoice, return_and_credit
from o2c_tui.services.drafting import LineDraft
from o2c_tui.services.invoicing import invoice_deliveries
from o2c_tui.services.taking_back import reverse_payment
from tests.makers import booked, delivered, keys, open_books, ordered, paid, quoted, receive, trail, whole_database

BANK, OWED, GOODS, NOT_BILLED, TAX, SALES, COST = "1000", "1200", "1400", "2050", "2200", "4000", "5000"


def test_each_step_of_the_chain_books_its_accounts(store):
    desk = open_books(store)
    received = receive(desk, "BOLT", 10, "4.00")
    assert booked(desk, "receipt", received.id) == {GOODS: D("40.00"), NOT_BILLED: D("-40.00")}

    order = ordered(desk, ("BOLT", 5), LineDraft("FREIGHT", tax_code="NONE"))
    gone = delivered(desk, order)
    assert booked(desk, "delivery", gone.delivery_id) == {COST: D("20.00"), GOODS: D("-20.00")}

    invoice = desk.do(invoice_deliveries, [gone.delivery_id])
    assert booked(desk, "invoice", invoice.invoice_id) == {OWED: D("75.00"), SALES: D("-65.00"), TAX: D("-10.00")}

    line = keys(desk, "invoice", invoice.invoice_id)[0]
    note = desk.do(return_and_credit, invoice.invoice_id, {line: D(2)}, "damaged")
    assert booked(desk, "invoice", note.invoice_id) == {OWED: D("-24.00"), SALES: D("20.00"), TAX: D("4.00")}
    back = desk.document("invoice", note.invoice_id).head["return_id"]
    assert booked(desk, "return", back) == {GOODS: D("8.00"), COST: D("-8.00")}

    money = paid(desk, "51.00")
    assert booked(desk, "payment", money.payment_id) == {BANK: D("51.00"), OWED: D("-51.00")}
    bounced = desk.do(reverse_payment, money.payment_id, "bounced")
    assert booked(desk, "payment", bounced.payment_id) == {BANK: D("-51.00"), OWED: D("51.00")}
    desk.holds()


def test_what_has_no_money_effect_books_nothing(store):
    desk = open_books(store)
    order = ordered(desk, LineDraft("FREIGHT"), ("BOLT", 1))
    quoted(desk, ("BOLT", 1))
    assert whole_database(desk)["journal_entry"] == []
    service = ordered(desk, LineDraft("FREIGHT"))
    gone = delivered(desk, service)
    assert booked(desk, "delivery", gone.delivery_id) == {}
    assert desk.document("order", order.order_id).state == "confirmed"


def test_free_goods_cost_and_are_not_owed(store):
    desk = open_books(store)
    receive(desk, "BOLT", 10, "4.00")
    gone = delivered(desk, ordered(desk, ("BOLT", 1, "0")))
    done = desk.do(invoice_deliveries, [gone.delivery_id])
    assert booked(desk, "invoice", done.invoice_id) == {}
    head = desk.document("invoice", done.invoice_id).head
    assert (head["open"], head["settled_on"]) == (0, desk.today)
    desk.do(credit_invoice, done.invoice_id, "free of charge anyway")
    assert len(trail(desk, "credit_invoice")) == 1
    desk.holds()
