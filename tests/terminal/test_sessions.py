"""Whole sessions in a real pseudo-terminal: keys typed ahead, lost lines, resizes, strange bytes."""

import re
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.pty_driver import Terminal, fair, keys

ROOT = Path(__file__).parents[2]


def session(*arguments: object, **options: object) -> Terminal:
    """The test app on 10,000 rows."""
    command = [sys.executable, "-m", "tests.terminal.shown_app", "10000", *(str(a) for a in arguments)]
    return Terminal(command, cwd=ROOT, **options)


def test_a_burst_of_keys_through_list_and_dialogs_is_taken_whole_and_in_order():
    with session() as terminal:
        terminal.wait_for("Enter opens")
        block = b""
        for n in range(5):  # 14 keys each: down, F6, a note with a control, Enter, mark
            block += keys("down", "down", "f6", *f"note{n}xy", "backspace", "enter", "down", "space")
        assert len(re.findall(rb"\x1b\[B|\x1bO.|\x1b\[17~|[^\x1b\[]", block.replace(b"\x1b[17~", b"\x1bOQ"))) >= 70
        terminal.send(block)
        terminal.wait_for("Notes: note0x|note1x|note2x|note3x|note4x")
        terminal.wait_for("5 marked")
        assert "▸   Q-0000020" in terminal.text, "five times two rows, one row, and one step by Space"


def test_keys_typed_before_the_program_is_ready_are_kept():
    with session() as terminal:
        terminal.press("f6", *"early", "enter", "down")
        terminal.wait_for("Notes: early")
        terminal.wait_for("▸   Q-0000001")


def test_alt_digit_and_escape_digit_are_function_keys():
    with session() as terminal:
        terminal.wait_for("Enter opens")
        terminal.send("\x1b6abc\r")
        terminal.wait_for("Notes: abc")


def test_after_an_error_keys_typed_ahead_are_dropped():
    with session() as terminal:
        terminal.wait_for("Enter opens")
        terminal.press("f7", "down", "down", "f6", *"wrong", "enter")
        terminal.wait_for("ERR  Line 3: no item BLT.")
        terminal.quiet(0.4)
        assert "▸   Q-0000000" in terminal.text
        assert "wrong" not in terminal.text
        terminal.press("down")
        terminal.wait_for("▸   Q-0000001")


@pytest.mark.parametrize("end", ["SIGTERM", "SIGHUP", "closed line"])
def test_a_lost_session_keeps_drafts_and_ends_within_two_seconds(end, tmp_path):
    kept = tmp_path / "kept"
    with session(kept) as terminal:
        terminal.wait_for("Enter opens")
        terminal.press("f6", *"half a no")
        terminal.wait_for("half a no")
        terminal.raw = b""
        began = time.monotonic()
        if end == "closed line":
            terminal.close()
        else:
            terminal.signal(signal.Signals[end])
        assert terminal.wait_end(60) == 0
        assert time.monotonic() - began < fair(2)
        assert kept.read_text() == "kept"
        if end != "closed line":
            assert b"\x1b[?1049l" in terminal.raw
            assert terminal.raw.endswith(b"\x1b[?25h")


def test_ctrl_c_never_leaves_and_ctrl_q_gives_the_terminal_back():
    with session() as terminal:
        terminal.wait_for("Enter opens")
        terminal.press("ctrl+c", "ctrl+c", "down")
        terminal.wait_for("▸   Q-0000001")
        terminal.press("ctrl+q")
        assert terminal.wait_end() == 0
        assert terminal.raw.endswith(b"\x1b[?7h\x1b[?2004l\x1b[?1049l\x1b[?25h")


def test_a_defect_is_one_plain_line_without_values_and_a_log_entry(tmp_path):
    with session(tmp_path / "kept") as terminal:
        terminal.wait_for("Enter opens")
        terminal.press("f8")
        assert terminal.wait_end() == 1
        after = terminal.raw.rpartition(b"\x1b[?25h")[2].decode()
        number = re.search(r"Number to report:\s+(\d{6}-\d{6}-\d{4})", after)
        assert number, after
        assert len(after.split()) < 20
        assert "secret" not in after
        log = (tmp_path / "kept.log").read_text()
        assert number[1] in log
        assert "in action_next_step" in log


def test_bytes_that_are_not_utf8_are_left_out_and_said():
    with session() as terminal:
        terminal.wait_for("Enter opens")
        terminal.press("f6")
        terminal.wait_for("Enter takes it")
        terminal.send(b"a\xb2\xe2b")
        terminal.wait_for("WARN  Your terminal does not send UTF-8")
        terminal.wait_for("ab")


def test_500_resizes_while_typing_lose_nothing_and_leave_a_right_screen():
    with session() as terminal:
        terminal.wait_for("Enter opens")
        terminal.press("f6")
        terminal.wait_for("Enter takes it")
        text = "".join(chr(97 + n % 26) for n in range(50))
        for n in range(500):
            terminal.resize(20 + n * 37 % 200, 6 + n * 17 % 59)
            if n % 10 == 0:
                terminal.press(text[n // 10])
                terminal.read(0.005)
        terminal.resize(90, 30)
        terminal.wait_for(text)
        terminal.quiet(0.3)
        now = terminal.text
        terminal.press("ctrl+l")
        terminal.quiet(0.3)
        assert terminal.text == now
        assert len(terminal.lines) == 30


@pytest.mark.parametrize("size", [(20, 6), (1, 1), (79, 24), (3, 2)])
def test_a_window_that_is_too_small_is_said_and_never_ends_the_program(size):
    with session(columns=size[0], rows=size[1]) as terminal:
        while b"\x1b[2J" not in terminal.raw:
            terminal.read(0.1)
        terminal.press("down", "pagedown", "end", "home", "f6", "x", "escape")
        terminal.quiet(0.4)
        if size[0] == 79:
            assert "needs 80x24, have 79x24" in terminal.text
        terminal.resize(80, 24)
        terminal.wait_for("QUOTATIONS")
        terminal.wait_for("▸   Q-0000000")
        terminal.wait_gone("needs")


def test_a_stopped_session_gives_the_terminal_back_and_takes_it_again():
    with session() as terminal:
        terminal.wait_for("Enter opens")
        before = terminal.text
        terminal.raw = b""
        terminal.signal(signal.SIGTSTP)
        terminal.quiet(0.3)
        assert b"\x1b[?1049l" in terminal.raw
        terminal.screen.reset()
        terminal.signal(signal.SIGCONT)
        terminal.wait_for("Enter opens")
        terminal.quiet()
        assert terminal.text == before
        terminal.press("down")
        terminal.wait_for("▸   Q-0000001")


def test_a_session_stopped_from_outside_is_drawn_again():
    with session() as terminal:
        terminal.wait_for("Enter opens")
        before = terminal.text
        terminal.signal(signal.SIGSTOP)
        time.sleep(0.1)
        terminal.screen.reset()
        terminal.signal(signal.SIGCONT)
        terminal.wait_for("Enter opens")
        terminal.quiet()
        assert terminal.text == before


def test_an_idle_screen_sends_nothing():
    with session() as terminal:
        terminal.wait_for("Enter opens")
        terminal.quiet(1.2)
        assert terminal.read(2.0) == b""


@pytest.mark.parametrize(
    ("how", "cursor"),
    [({}, "▸"), ({"ambiguous_wide": True}, ">"), ({"answers": False}, ">"), ({"env": {"LANG": "C"}}, "▸"), ({"env": {"LANG": "C"}, "answers": False}, ">"),
     ({"ambiguous_wide": True, "env": {"O2C_GLYPHS": "fine"}}, "▸"), ({"env": {"O2C_GLYPHS": "plain"}}, ">")],
)  # fmt: skip
def test_the_signs_suit_the_terminal(how, cursor):
    with session(**how) as terminal:
        terminal.wait_for(f"{cursor}   Q-0000000", 4)
        terminal.quiet(1.2)
        assert f"{cursor}   Q-0000000" in terminal.text


def test_no_color_sends_no_colour_at_all():
    with session(env={"NO_COLOR": "1"}) as terminal:
        terminal.wait_for("Enter opens")
        terminal.press("down", "f6", "x", "enter")
        terminal.wait_for("Notes: x")
        codes = {code for sgr in re.findall(rb"\x1b\[([0-9;]*)m", terminal.raw) for code in sgr.split(b";")}
        assert codes <= {b"", b"0", b"1", b"2", b"4", b"7"}


def test_a_slow_terminal_never_blocks_and_ends_with_the_right_screen():
    with session(columns=120, rows=40) as terminal:
        terminal.wait_for("Enter opens")
        for _ in range(300):  # nothing is read: the line is full after a few of these
            terminal.press("pagedown")
        time.sleep(1.5)
        terminal.press("home", "down")
        terminal.wait_for("▸   Q-0000001", 20)
        terminal.quiet(0.3)
        now = terminal.text
        terminal.press("ctrl+l")
        terminal.quiet(0.3)
        assert terminal.text == now
