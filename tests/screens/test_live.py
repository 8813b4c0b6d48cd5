"""What another clerk changes is on the open screen within two seconds; cursor, keys and editors stay. docs/rules/home.md."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from o2c_tui.services.drafting import DocumentDraft
from o2c_tui.services.itemising import save_reorder_rule
from o2c_tui.services.keeping import save_preferences
from o2c_tui.services.quoting import save_quotation, send_quotation
from o2c_tui.services.setup import ItemSetup, save_item
from tests.makers import D, lines, ordered, receive, sold
from tests.pty_driver import fair
from tests.screens.desk import clerk_at, seated, small_books, small_books_at

ROOT = Path(__file__).parents[2]


@pytest.fixture
def books(tmp_path):
    path, desk = small_books(tmp_path)
    yield path, desk, tmp_path / "home"
    desk.store.close()


def draft(desk, count=1, customer="ACME"):
    """Draft quotations; the id of the last."""
    return [desk.do(save_quotation, DocumentDraft(customer, lines(("BOLT", n + 1)))).id for n in range(count)][-1]


def cursor_line(clerk):
    return next(line for line in clerk.terminal.lines if line.startswith(">"))


def command(path, home, verb, **words):
    """Another clerk, on the command line."""
    subprocess.run(
        [sys.executable, "-m", "o2c_tui.cli", "--database", str(path), "--today", "2026-11-24", "do", verb, json.dumps(words)],
        check=True, capture_output=True, cwd=ROOT, env={"O2C_HOME": str(home), "LANG": "C.UTF-8"},
    )  # fmt: skip


def _rows_change_and_nothing_else(path, desk, home):
    draft(desk, 12)
    with clerk_at(path, home) as clerk:
        clerk.press("g", "q")
        clerk.sees("12 in all")
        clerk.press("down*3")
        clerk.terminal.quiet(0.5)
        before, at = clerk.terminal.lines, cursor_line(clerk)
        clerk.terminal.raw = b""

        desk.do(send_quotation, 4, by="bob")
        clerk.sees("Q26-0001", fair(2))
        clerk.terminal.quiet(0.5)

        after = clerk.terminal.lines
        assert cursor_line(clerk) == at
        changed = [line for line, old in zip(after, before, strict=True) if line != old]
        assert len(changed) == 1 and "Q26-0001" in changed[0], changed
        assert len(clerk.terminal.raw) < 300, "one row was sent"
        assert clerk.terminal.read(1.5) == b"", "and then nothing"


def test_a_change_is_on_the_list_within_two_seconds(books):
    _rows_change_and_nothing_else(*books)


def test_a_change_is_on_the_list_within_two_seconds_on_postgresql(postgres_url, tmp_path):
    desk = small_books_at(postgres_url)
    try:
        _rows_change_and_nothing_else(postgres_url, desk, tmp_path / "home")
    finally:
        desk.store.close()


def test_the_command_line_and_a_second_session_tell_too(books):
    path, desk, home = books
    draft(desk, 2)
    with clerk_at(path, home) as one, clerk_at(path, home) as two:
        one.press("g", "q")
        one.sees("2 in all")
        command(path, home, "send_quotation", quotation_id=1)
        one.sees("Q26-0001", 2)
        two.press("g", "q")
        two.sees("2 in all")
        two.press("down", "f8")
        two.sees("Enter =")
        two.press("enter")
        one.terminal.wait_for("OPEN", 5)
        one.press("f5")
        one.terminal.quiet()
        assert not [line for line in one.terminal.lines if "DRAFT" in line and "Q26" in line]


def test_a_new_row_comes_in_on_top_and_the_cursor_stays_on_its_own(books):
    path, desk, home = books
    draft(desk, 5)
    with clerk_at(path, home) as clerk:
        clerk.press("g", "q")
        clerk.sees("5 in all")
        clerk.press("down", "space")
        clerk.sees("1 marked")
        at = cursor_line(clerk)
        draft(desk, customer="CN01")
        clerk.sees("6 in all", 2)
        assert "华信" in clerk.terminal.lines[2]
        assert cursor_line(clerk) == at
        assert "1 marked" in clerk.terminal.text


def test_keys_typed_in_a_storm_of_changes_all_have_their_effect(books):
    path, desk, home = books
    draft(desk, 150)
    with clerk_at(path, home) as clerk:
        clerk.press("g", "q")
        clerk.sees("150 in all")
        for n in range(30):
            if n % 3 == 0:
                desk.do(send_quotation, n // 3 + 1, by="bob")
            clerk.press("down*4")
            clerk.terminal.read(0.12)
        clerk.press("space")
        clerk.sees("1 marked")
        clerk.press("enter")
        clerk.sees("Net 290.00")  # 120 rows down from the newest, and one more by Space: the 29th


def test_a_document_in_view_shows_what_another_clerk_did_to_it(books):
    path, desk, home = books
    ordered(desk, ("BOLT", 1), ("NUT", 1), ("PART-1", 1))
    with clerk_at(path, home) as clerk:
        clerk.press("g", "o", "enter")
        clerk.sees("F8 = Deliver")
        clerk.press("down*2")
        clerk.terminal.quiet()
        command(path, home, "ship_order", order_id=1)
        clerk.sees("[SO26-0001] -> DN26-0001", 2)
        clerk.sees("F8 = Invoice", 1)
        assert "PART-1" in cursor_line(clerk)


def test_home_stock_and_receivables_follow(books):
    path, desk, home = books
    with clerk_at(path, home) as clerk:
        clerk.sees("Quotations to follow up")
        draft(desk)
        desk.do(send_quotation, 1)
        clerk.sees("12.00", 2)
        clerk.press("g", "k")
        clerk.sees("BOLT")
        clerk.terminal.quiet(0.3)
        receive(desk, "BOLT", 23, "4.00")
        clerk.sees("123", 3)
        clerk.press("enter")
        clerk.sees("on hand 123")
        receive(desk, "BOLT", 100, "4.00")
        clerk.sees("on hand 223", 3)
        clerk.press("g", "r")
        clerk.sees("0 customers")
        sold(desk, ("BOLT", 1))
        clerk.sees("1 customers", 3)


def test_an_editor_is_never_touched(books):
    path, desk, home = books
    draft(desk)
    with clerk_at(path, home) as clerk:
        clerk.press("g", "q", "enter")
        clerk.sees("EDIT")
        clerk.data("nut*")
        clerk.terminal.quiet(0.5)
        before = clerk.terminal.text
        clerk.terminal.raw = b""
        desk.do(save_quotation, DocumentDraft("CN01", lines(("NUT", 7))), document_id=1, version=1, by="bob")
        desk.do(send_quotation, 1, by="bob")
        time.sleep(2.5)
        clerk.terminal.quiet(0.2)
        assert [line for line in clerk.terminal.text.split("\n")[1:]] == before.split("\n")[1:]


def test_the_reorder_list_follows_under_the_cursor_and_what_is_typed(books):
    path, desk, home = books
    for code in ("PART-2", "PART-4"):
        desk.do(save_reorder_rule, code, point=D(30), target=D(50))
    with clerk_at(path, home) as clerk:
        clerk.press("g", "d", "down")
        clerk.sees("PART-4    available 20")
        clerk.data("7")
        clerk.terminal.quiet()
        desk.do(save_reorder_rule, "PART-1", point=D(40), target=D(60))
        clerk.sees("Items 3", 4)
        clerk.data("7")
        clerk.press("enter")
        clerk.sees("77'")
        assert "PART-4" in next(line for line in clerk.terminal.lines if "77'" in line)
        receive(desk, "PART-1", 100, "1.00")
        receive(desk, "PART-2", 100, "1.00")
        clerk.sees("Items 1", 4)
        clerk.press("f8")
        clerk.sees("Nobody is known to sell PART-4")


def test_a_card_follows_where_nothing_is_typed_and_says_so_where_something_is(books):
    path, desk, home = books
    with clerk_at(path, home) as clerk:
        clerk.press("g", "l", "f2")
        clerk.sees("Name  ")
        clerk.press("tab", "tab")
        clerk.terminal.quiet()
        desk.do(save_item, ItemSetup("BOLT", "Bolt made anew", sale_price=D("11.75")), by="bob")
        clerk.sees("Bolt made anew", 4)
        clerk.sees("11.75")
        clerk.press("ctrl+u")
        clerk.data("12.5")
        clerk.terminal.quiet()
        desk.do(save_item, ItemSetup("BOLT", "Bolt once more", sale_price=D("11.80")), by="bob")
        clerk.sees("changed, F5", 4)
        assert "Bolt made anew" in clerk.terminal.text
        clerk.press("ctrl+s")
        clerk.sees("Bolt once more")  # both are shown
        clerk.press("escape", "escape", "escape")


def test_on_a_slow_line_only_a_mark_is_shown(books):
    path, desk, home = books
    draft(desk, 3)
    who = subprocess.run([sys.executable, "-c", "from o2c_tui import config; print(config.login_name())"],
                         capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip()  # fmt: skip
    desk.store.write_now(save_preferences, who, {"line": "slow"}, accepted=None)
    with clerk_at(path, home) as clerk:
        clerk.press("g", "q")
        clerk.sees("3 in all")
        clerk.terminal.quiet(0.5)
        clerk.terminal.raw = b""
        desk.do(send_quotation, 1, by="bob")
        clerk.sees("changed, F5", 2)
        assert len(clerk.terminal.raw) < 120
        assert "Q26-0001" not in clerk.terminal.text
        clerk.press("f5")
        clerk.sees("Q26-0001")
        clerk.terminal.wait_gone("changed, F5")


def test_a_killed_session_does_no_harm(books):
    path, desk, home = books
    draft(desk, 2)
    with clerk_at(path, home) as one:
        one.press("g", "q")
        one.sees("2 in all")
        with clerk_at(path, home) as two:
            two.terminal.signal(signal.SIGKILL)
        assert len(list(path.parent.glob("*.live-*"))) == 2
        desk.do(send_quotation, 1, by="bob")
        one.sees("Q26-0001", 2)
        assert len(list(path.parent.glob("*.live-*"))) == 1
        one.press("ctrl+q")
        assert one.terminal.wait_end() == 0
    assert list(path.parent.glob("*.live-*")) == []


async def test_many_changes_at_once_are_shown_at_most_every_two_seconds(books):
    path, desk, _home = books
    draft(desk, 30)
    async with seated(path) as clerk:
        await clerk.press("g", "q")
        shown = []
        screen = clerk.app.screen
        renew = screen.list.renew

        async def counted():
            shown.append(time.monotonic())
            return await renew()

        screen.list.renew = counted
        until = time.monotonic() + 5
        n = 0
        while time.monotonic() < until:
            if n < 30:
                n += 1
                await asyncio.to_thread(desk.do, send_quotation, n, by="bob")
            await asyncio.sleep(0.1)
        assert 2 <= len(shown) <= 4, shown
        assert all(b - a >= 1.9 for a, b in zip(shown, shown[1:], strict=False))
