"""The terminal and the line to it: what it sends, how it draws, and how little is sent on a slow one. docs/guide.md, "Terminals"."""

import asyncio
import re

import pytest

from o2c_tui.services.drafting import DocumentDraft
from o2c_tui.services.quoting import save_quotation
from tests.makers import lines
from tests.screens.desk import clerk_at, seated, small_books


@pytest.fixture
def books(tmp_path):
    path, desk = small_books(tmp_path)
    for n in range(3):
        desk.do(save_quotation, DocumentDraft("ACME", lines(("BOLT", n + 1))))
    yield path, desk, tmp_path / "home"
    desk.store.close()


def at_terminal_test(clerk):
    clerk.press("f10")
    clerk.data("terminal")
    clerk.press("enter")
    clerk.sees("Press any key")


def test_the_terminal_test_names_each_key_and_nothing_else_happens(books):
    path, _desk, home = books
    with clerk_at(path, home) as clerk:
        at_terminal_test(clerk)
        clerk.press("f1", "f10", "ctrl+s", "ctrl+q", "pageup", "x", "*", "enter", "tab")
        clerk.sees("F1  F10  Ctrl+S  Ctrl+Q  PgUp  x  *  Enter  Tab")
        clerk.terminal.send("中\x1b3")
        clerk.sees("Tab  中  F3")
        clerk.terminal.send("\x1b[200~abcd\x1b[201~")
        clerk.sees("a paste of 4 characters")
        clerk.press("escape")
        clerk.sees("characters  Esc")
        clerk.press("escape")
        clerk.sees("To do today")


def test_the_ruler_ends_in_one_line_and_the_facts_are_there(books):
    path, _desk, home = books
    with clerk_at(path, home, LANG="C.UTF-8") as clerk:
        at_terminal_test(clerk)
        rows = [line for line in clerk.terminal.screen.display if line.rstrip().endswith("|")]
        ends = {x for y in range(24) for x in range(80) if clerk.terminal.screen.buffer[y][x].data == "|"}
        assert len(rows) == 6 and len(ends) == 1, (rows, ends)
        text = clerk.terminal.text
        assert "80x24" in text and "xterm-256color" in text and "waits 100 ms" in text and "mouse: on" in text


def split_arrow(clerk):
    """Down, its bytes 0.2 s apart."""
    clerk.terminal.send("\x1b")
    clerk.terminal.read(0.2)
    clerk.terminal.send("[B")
    clerk.terminal.quiet(0.5)


def test_on_a_slow_line_an_arrow_key_cut_in_two_is_still_an_arrow_key(books):
    path, _desk, home = books
    with clerk_at(path, home) as clerk:
        clerk.press("g", "q")
        clerk.sees("3 in all")
        split_arrow(clerk)
        assert "QUOTATIONS" not in clerk.terminal.lines[0], "at its usual speed the first byte is Esc"
        clerk.press("f10")
        clerk.data("set slow on")
        clerk.sees("Slow line: on")
        clerk.press("enter", "g", "q")
        clerk.sees("3 in all")
        first = next(line for line in clerk.terminal.lines if line.startswith(">"))
        split_arrow(clerk)
        assert "QUOTATIONS" in clerk.terminal.lines[0]
        assert next(line for line in clerk.terminal.lines if line.startswith(">")) != first
    with clerk_at(path, home) as clerk:
        at_terminal_test(clerk)
        assert "waits 300 ms" in clerk.terminal.text, "it is kept"


def test_on_a_slow_line_there_is_no_side_pane(books):
    path, _desk, home = books
    with clerk_at(path, home, columns=120, rows=40) as clerk:
        clerk.press("g", "q")
        clerk.sees("Chain")
        clerk.press("f10")
        clerk.data("set slow on")
        clerk.press("enter")
        clerk.terminal.wait_gone("Chain")
        clerk.press("down")
        clerk.terminal.quiet(0.4)
        assert "Chain" not in clerk.terminal.text


async def test_on_a_slow_line_look_ups_wait_for_a_rest_and_never_for_enter(books):
    path, _desk, _home = books
    async with seated(path) as clerk:
        clerk.app.slow_line = True
        await clerk.press("g", "q", "f6")
        asked = []
        sheet = clerk.app.screen.entry
        hits = sheet.model.hits
        sheet.model.hits = lambda key, text: asked.append(text) or hits(key, text)
        await clerk.press("a", "c", "m")
        assert asked == []
        for _n in range(40):
            if asked:
                break
            await asyncio.sleep(0.02)
        assert asked == ["acm"]
        await clerk.press("e", "enter")
        assert asked == ["acm", "acme"]
        assert "Acme Works" in clerk.line("Customer")
        await clerk.press("b", "o", "enter")
        assert "BOLT" in clerk.line("  1 "), "what was typed ahead is looked up before it is taken"


@pytest.mark.parametrize(
    ("env", "setting", "on"),
    [({}, "", True), ({"SSH_CONNECTION": "a 1 b 2"}, "", False), ({"SSH_CONNECTION": "a 1 b 2"}, "mouse on", True),
     ({}, "mouse off", False)],
)  # fmt: skip
def test_the_mouse_is_left_to_the_terminal_over_ssh_unless_a_setting_says_so(books, env, setting, on):
    path, _desk, home = books
    with clerk_at(path, home, **env) as clerk:
        if setting:
            clerk.press("f10")
            clerk.data(f"set {setting}")
            clerk.sees(f"{setting.partition(' ')[0].capitalize()}: ")
            clerk.press("enter")
            clerk.terminal.wait_gone("Go to: ")
            clerk.terminal.quiet(0.3)
        switches = re.findall(rb"\x1b\[\?1000([hl])", clerk.terminal.raw)
        assert (switches[-1:] == [b"h"]) is on, switches
        clerk.press("ctrl+q")
        assert clerk.terminal.wait_end() == 0
        assert re.findall(rb"\x1b\[\?1000([hl])", clerk.terminal.raw)[-1:] in ([b"l"], [])


async def test_settings_are_kept_together(books):
    path, _desk, _home = books
    async with seated(path) as clerk:
        await clerk.press(
            "g", "t", "tab", "tab", "mark", "tab", "plain", "tab", "off", "tab", "off", "tab", "slow", "tab", "ctrl+s"
        )
        assert "Settings saved" in clerk.message
        app = clerk.app
        assert (app.lit_rows, app.slow_line, app.bell_rings, app.glyphs.fine) == (False, True, False, False)
        await clerk.press("f10", "set bell on", "enter")
        assert (app.lit_rows, app.slow_line, app.bell_rings) == (False, True, True), "the others stay"
    async with seated(path) as clerk:
        app = clerk.app
        assert (app.lit_rows, app.slow_line, app.bell_rings) == (False, True, True)


async def test_the_signs_a_person_chose_are_used(books):
    path, _desk, _home = books
    async with seated(path) as clerk:
        await clerk.press("g", "t", "tab", "tab", "tab", "fine", "tab", "ctrl+s")
        assert clerk.app.glyphs.fine
