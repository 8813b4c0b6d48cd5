"""A clerk's day by keys only, at 80x24 in a real pseudo-terminal: the chain, its budgets, and what may never be lost."""

import signal
from decimal import Decimal as D

import pytest

from o2c_tui.queries.documents import document_by_number
from o2c_tui.queries.verify import verify
from tests.makers import ordered, paid, quoted
from tests.screens.desk import clerk_at, small_books


@pytest.fixture
def books(tmp_path):
    path, desk = small_books(tmp_path)
    yield path, desk, tmp_path / "home"
    desk.store.close()


def test_a_whole_day_from_quotation_to_a_credited_return(books):
    path, desk, home = books
    with clerk_at(path, home) as clerk:
        # a new quotation of five lines: keys beside the data within the budget
        clerk.press("g", "q")
        clerk.sees("QUOTATIONS")
        clerk.count = 0
        clerk.press("f6")
        clerk.data("acme")
        clerk.press("enter")
        for n, quantity in enumerate((3, 4, 5, 6, 30), 1):
            clerk.data(f"part-{n}")
            clerk.press("*")
            clerk.data(f"{quantity}")
            clerk.press("enter")
        clerk.press("ctrl+s")
        clerk.sees("Saved:")
        assert clerk.count <= 16

        # send, then order, deliver and invoice: two keys each; the fifth line is ten short
        clerk.press("f8", "enter")
        clerk.sees("Q26-0001")
        clerk.sees("F8 = Order")
        clerk.count = 0
        clerk.press("f8")
        clerk.sees("reserve 20, wait 10")
        clerk.press("enter")
        clerk.sees("SO26-0001 made from Q26-0001")
        clerk.press("f8", "enter")
        clerk.sees("DN26-0001 made")
        clerk.press("f8", "enter")
        clerk.sees("INV26-0001 made")
        assert clerk.count <= 6

        # a second invoice, then one payment over both
        order = ordered(desk, ("BOLT", 10))
        from o2c_tui.services.invoicing import invoice_order
        from o2c_tui.services.shipping import ship_order

        desk.do(ship_order, order.order_id)
        desk.do(invoice_order, order.order_id)
        first = desk.document("invoice", 1)
        clerk.count = 0
        clerk.press("g", "m", "f6")
        clerk.sees("PAYMENT")
        clerk.data("acme")
        clerk.press("enter")
        clerk.data(f"{first.head['gross'] + 120}")
        clerk.press("enter")
        clerk.data("wire 1")
        clerk.press("enter")
        clerk.press("f8")
        clerk.sees("PAY26-0001")
        clerk.press("enter")
        clerk.sees("PAY26-0001 posted")
        assert clerk.count <= 8

        # two pieces come back with a credit note
        clerk.press("f10")
        clerk.data("INV26-0001")
        clerk.press("enter")
        clerk.sees("INVOICE  INV26-0001")
        clerk.press("f9")
        clerk.sees("Credit note with the goods")
        clerk.press("1")
        clerk.sees("Why is it credited?")
        clerk.data("damaged")
        clerk.press("enter")
        clerk.sees("Space skips a line")
        clerk.data("2")
        clerk.press("enter", "space", "space", "space", "space")
        clerk.terminal.quiet()
        clerk.press("enter")
        clerk.sees("CN26-0001")
        clerk.press("ctrl+q")
        assert clerk.terminal.wait_end() == 0

    told = desk.ask(verify)
    assert told.holds
    note = desk.document(*desk.ask(document_by_number, "CN26-0001"))
    assert [line["quantity"] for line in note.lines] == [2]
    assert desk.document("invoice", 1).head["open"] == 0


def test_an_items_stock_is_seen_and_reserved_in_six_keys(books):
    path, desk, home = books
    waiting = ordered(desk, ("PART-1", 30))
    from tests.makers import receive

    receive(desk, "PART-1", 50, "1.00")
    with clerk_at(path, home) as clerk:
        clerk.count = 0
        clerk.press("f10")
        clerk.data("PART-1")
        clerk.press("enter")
        clerk.sees("available")
        clerk.press("f8")
        clerk.sees("waits for 10")
        clerk.press("ctrl+u")
        clerk.data("4")
        clerk.press("enter")
        clerk.sees("4 reserved for")
        assert clerk.count <= 6
    assert desk.document("order", waiting.order_id).lines[0]["reserved"] == 24


def test_any_document_or_customer_is_two_keys_away(books):
    path, desk, home = books
    quoted(desk, ("BOLT", 1))
    with clerk_at(path, home) as clerk:
        clerk.press("g", "k")
        clerk.sees("STOCK")
        for text, wanted in (("Q26-0001", "QUOTATION  Q26-0001"), ("shhx", "上海华信贸易有限公司")):
            clerk.count = 0
            clerk.press("f10")
            clerk.data(text)
            clerk.press("enter")
            clerk.sees(wanted)
            assert clerk.count == 2


def test_a_burst_of_a_whole_task_takes_effect_in_the_order_typed(books):
    path, desk, home = books
    with clerk_at(path, home) as clerk:
        burst = b"gq\x1b[17~acme\r" + b"".join(b"part-%d*%d\r" % (n, n) for n in (1, 2, 3, 4, 5)) + b"\x13"
        clerk.terminal.send(burst)
        clerk.sees("Saved:")
        clerk.press("ctrl+q")
        assert clerk.terminal.wait_end() == 0
    saved = desk.document("quotation", 1)
    assert [(line["item"], line["quantity"]) for line in saved.lines] == [(f"PART-{n}", D(n)) for n in (1, 2, 3, 4, 5)]


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP], ids=lambda s: s.name)
def test_what_was_typed_is_there_again_after_the_line_was_lost(books, end):
    path, _desk, home = books
    with clerk_at(path, home) as clerk:
        clerk.terminal.send(b"gq\x1b[17~acme\rbolt*12\rpart-2*7 @2.20\r")
        clerk.sees("2.20'")
        clerk.sees("kept")
        clerk.terminal.signal(end)
        clerk.terminal.wait_end()
    with clerk_at(path, home) as again:
        again.sees("Kept: Quotation Acme Works")
        again.sees("Drafts kept since your last visit: 1")
        again.press("enter")
        again.sees("This is the draft that was kept")
        again.sees("PART-2")


def test_a_refusal_keeps_the_text_and_names_near_codes(books):
    path, _desk, home = books
    with clerk_at(path, home) as clerk:
        clerk.press("g", "q", "f6")
        clerk.sees("QUOTATION")
        clerk.data("acme")
        clerk.press("enter")
        clerk.data("bolx*3")
        clerk.press("enter")
        clerk.sees("There is no item BOLX. Near: BOLT")
        clerk.sees("bolx*3")
        clerk.press("backspace", "backspace", "backspace")
        clerk.data("t*3")
        clerk.press("enter")
        clerk.sees("Hex bolt")


def test_the_screens_speak_chinese_when_asked(books):
    path, _desk, home = books
    with clerk_at(path, home, LANG="zh_CN.UTF-8", READY="今日待办") as clerk:
        clerk.press("g", "r")
        clerk.sees("应收账款")
        clerk.sees("F1帮助")


def test_too_small_a_window_is_said_and_survived(books):
    path, desk, home = books
    paid(desk, "5.00")
    with clerk_at(path, home) as clerk:
        clerk.terminal.resize(60, 15)
        clerk.sees("needs 80x24")
        clerk.terminal.resize(120, 40)
        clerk.terminal.wait_gone("needs 80x24")
        clerk.press("g", "m")
        clerk.sees("PAY26-0001")


def test_what_was_said_can_be_read_again(books):
    path, _desk, home = books
    with clerk_at(path, home) as clerk:
        clerk.press("g", "q", "f6")
        clerk.sees("QUOTATION")
        clerk.data("nobody")
        clerk.press("enter")
        clerk.sees("There is no customer nobody")
        clerk.press("escape", "escape", "f10")
        clerk.data("log")
        clerk.press("enter")
        clerk.sees("The last messages")
        clerk.sees("There is no customer nobody")
