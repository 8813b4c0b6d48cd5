"""A defect does not end the program: it is said, written down, and Enter goes on. docs/rules/entry.md, "Trouble"."""

import re
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from o2c_tui.services.drafting import DocumentDraft
from o2c_tui.services.quoting import save_quotation, send_quotation
from tests.makers import lines
from tests.pty_driver import Terminal
from tests.screens.desk import READY, Clerk, clerk_at, small_books

ROOT = Path(__file__).parents[2]


@pytest.fixture
def books(tmp_path):
    path, desk = small_books(tmp_path)
    for _n in range(2):
        desk.do(send_quotation, desk.do(save_quotation, DocumentDraft("ACME", lines(("BOLT", 2)))).id)
    yield path, desk, tmp_path / "home"
    desk.store.close()


@contextmanager
def broken(path, home, place, waits=READY):
    command = [sys.executable, "-m", "tests.screens.broken_app", path, place]
    env = {"O2C_HOME": str(home), "O2C_GLYPHS": "plain"}
    with Terminal(command, env=env, cwd=ROOT) as terminal:
        clerk = Clerk(terminal)
        clerk.sees(waits, 30)
        terminal.quiet()
        yield clerk


def _is_said(clerk, home, doing):
    clerk.sees("The program made a mistake; it was not yours.")
    clerk.sees("Enter = Home")
    text = clerk.terminal.text
    assert doing in text, text
    reference = re.search(r"Number to report +(\d{6}-\d{6}-\d{4})", text)[1]
    log = (home / "o2c.log").read_text()
    assert reference in log and "ValueError" in log and "HELD BY" not in log
    assert "Traceback" not in text and "ValueError" not in text


def _goes_on(clerk):
    clerk.press("enter")
    clerk.sees(READY)
    clerk.sees("Quotations to follow up")
    clerk.press("g", "o")
    clerk.sees("SALES ORDERS")
    clerk.press("f3")
    clerk.sees("To do today")
    clerk.press("ctrl+q")
    assert clerk.terminal.wait_end() == 0


WAYS = {  # where the defect is → the keys that meet it, and what was being done
    "action": (("f7",), "QUOTATIONS, F7"),
    "worker": (("enter",), "QUOTATIONS, Enter"),
    "handler": (("space",), "QUOTATIONS, Space"),
    "drawing": (("f7",), "QUOTATIONS, F7"),
    "callback": (("f7",), "QUOTATIONS, F7"),
    "app": (("f7",), "QUOTATIONS, F7"),
    "loop": (("f7",), "QUOTATIONS, F7"),
    "mount": (("f6",), "F6"),
    "compose": (("f6",), "F6"),
}


@pytest.mark.parametrize("place", WAYS)
def test_a_defect_is_said_and_enter_goes_home(books, place):
    path, desk, home = books
    with broken(path, home, place) as clerk:
        clerk.press("g", "q")
        clerk.sees("2 in all")
        keys, doing = WAYS[place]
        clerk.press(*keys)
        _is_said(clerk, home, doing)
        assert "none was open" in clerk.terminal.text
        _goes_on(clerk)
    desk.holds()


def test_what_was_typed_is_kept_and_offered_again(books):
    path, _desk, home = books
    with broken(path, home, "typing") as clerk:
        clerk.press("g", "q", "f6")
        clerk.sees("NEW")
        clerk.data("acme")
        clerk.press("enter")
        _is_said(clerk, home, "QUOTATION NEW, Enter")
        assert "kept; Home offers it again" in clerk.terminal.text
    with clerk_at(path, home) as clerk:
        clerk.sees("Kept: Quotation Acme Works")
        clerk.press("enter")
        clerk.sees("ACME")


def test_typing_that_was_not_taken_is_kept_too(books):
    path, _desk, home = books
    with broken(path, home, "details") as clerk:
        clerk.press("g", "q", "f6")
        clerk.sees("NEW")
        clerk.data("acme")
        clerk.press("enter")
        clerk.data("bolt*2")
        clerk.press("enter")
        clerk.sees("20.00")
        clerk.data("part-1*3")
        clerk.press("ctrl+s")
        _is_said(clerk, home, "QUOTATION NEW, Ctrl+S")
        assert "kept; Home offers it again" in clerk.terminal.text
        clerk.press("enter")
        clerk.sees("Kept: Quotation Acme Works")
        clerk.press("1")
        clerk.sees("Quotations")


def test_a_defect_of_home_itself_is_said_and_can_be_left(books):
    path, _desk, home = books
    with broken(path, home, "home", "The program made a mistake") as clerk:
        _is_said(clerk, home, "HOME")
        clerk.press("enter")
        clerk.terminal.quiet(0.3)
        clerk.sees("The program made a mistake")
        clerk.press("ctrl+q")
        assert clerk.terminal.wait_end() == 0


def test_one_defect_after_another_ends_the_session_with_one_line(books):
    path, _desk, home = books
    with broken(path, home, "home", "The program made a mistake") as clerk:
        for _n in range(6):
            clerk.press("enter")
            clerk.terminal.read(0.3)
            if clerk.terminal.process.poll() is not None:
                break
        assert clerk.terminal.wait_end() == 1
        assert b"Number to report" in clerk.terminal.raw.rpartition(b"\x1b[?25h")[2]


def test_books_that_break_under_a_screen_are_said_and_the_screen_stays(books):
    path, desk, home = books
    with clerk_at(path, home) as clerk:
        clerk.press("g", "q")
        clerk.sees("2 in all")
        desk.store.close()
        for name in (path, *path.parent.glob("books.sqlite-*")):
            name.write_bytes(b"\0" * name.stat().st_size)
        clerk.press("f5")
        clerk.press("down", "enter")
        clerk.sees("ERR")
        assert "QUOTATIONS" in clerk.terminal.text
        assert "Traceback" not in clerk.terminal.text
        clerk.press("ctrl+q")
        assert clerk.terminal.wait_end() == 0
