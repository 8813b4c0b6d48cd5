"""Bytes of the terminals people use, as keys: in order, none lost, none invented."""

import pytest
from textual import events, messages

from o2c_tui.terminal.parser import KeyParser


def typed(*blocks: str) -> list[str]:
    """The names of the keys in these blocks; what waits for more at the end is given up."""
    parser = KeyParser()
    found = [message for block in blocks for message in parser.feed(block)]
    found += parser.give_up()
    return [message.key for message in found if isinstance(message, events.Key)]


FUNCTION_KEYS = {
    "xterm": ["\x1bOP", "\x1bOQ", "\x1bOR", "\x1bOS", "\x1b[15~", "\x1b[17~", "\x1b[18~", "\x1b[19~", "\x1b[20~", "\x1b[21~"],
    "putty and rxvt": [f"\x1b[{n}~" for n in (11, 12, 13, 14, 15, 17, 18, 19, 20, 21)],
    "linux console": ["\x1b[[A", "\x1b[[B", "\x1b[[C", "\x1b[[D", "\x1b[[E"] + [f"\x1b[{n}~" for n in (17, 18, 19, 20, 21)],
    "alt and a digit": [f"\x1b{n}" for n in "1234567890"],
}  # fmt: skip


@pytest.mark.parametrize("terminal", FUNCTION_KEYS)
def test_function_keys_of_every_terminal_are_f1_to_f10(terminal):
    for number, sequence in enumerate(FUNCTION_KEYS[terminal], 1):
        assert typed(sequence) == [f"f{number}"]
        assert typed(*sequence) == [f"f{number}"], "the same, one byte at a time"


@pytest.mark.parametrize(
    ("sequence", "key"),
    [
        ("\x1b[A", "up"), ("\x1bOA", "up"), ("\x1b[H", "home"), ("\x1bOH", "home"), ("\x1b[1~", "home"),
        ("\x1b[F", "end"), ("\x1bOF", "end"), ("\x1b[4~", "end"), ("\x1b[5~", "pageup"), ("\x1b[6~", "pagedown"),
        ("\x1b[2~", "insert"), ("\x1b[3~", "delete"), ("\x1b[Z", "shift+tab"), ("\r", "enter"), ("\n", "enter"),
        ("\x1bOM", "enter"), ("\t", "tab"), ("\x7f", "backspace"), ("\x13", "ctrl+s"), ("\x11", "ctrl+q"),
        ("\x1a", "ctrl+z"), ("\x03", "ctrl+c"), ("*", "asterisk"), ("\uff0a", "fullwidth_asterisk"),
        ("\u3001", "ideographic_comma"), ("中", "中"), ("\x1b", "escape"),
    ],
)  # fmt: skip
def test_a_key_has_its_name(sequence, key):
    assert typed(sequence) == [key]


@pytest.mark.parametrize(
    ("block", "keys"),
    [
        ("\x1bgr4*\x1b[B", ["escape", "g", "r", "4", "asterisk", "down"]),
        ("\x1b\x1b\x1b[B", ["escape", "escape", "down"]),
        ("\x1b\r\x1bx", ["escape", "enter", "escape", "x"]),
        ("\x1bO", ["escape", "O"]),
        ("\x1b" + "n" * 70, ["escape"] + ["n"] * 70),
    ],
)
def test_esc_typed_ahead_of_other_keys_stays_esc(block, keys):
    assert typed(block) == keys


def test_a_sequence_cut_anywhere_is_the_same_key():
    whole = "a\x1b[20~\x1bOPb\x1b[B中"
    for cut in range(len(whole)):
        assert typed(whole[:cut], whole[cut:]) == typed(whole)


def test_the_wide_blank_of_an_input_method_is_a_blank():
    assert [(key.key, key.character) for key in KeyParser().feed("\u3000")] == [("space", " ")]


def test_replies_and_unknown_sequences_are_never_typed_into_a_field():
    assert typed("\x1b[?62;22c", "\x1b[200;5;3~", "\x1b[?2026;2$y", "\x1b[12;40R", "x") == ["x"]


def test_the_terminals_replies_are_understood():
    found = list(KeyParser().feed("\x1b[1;2R\x1b[?2026;1$y\x1b[?2026;0$y"))
    assert isinstance(found[0], events.CursorPosition)
    assert (found[0].x, found[0].y) == (1, 0)
    assert [type(message) for message in found[1:]] == [messages.TerminalSupportsSynchronizedOutput]


def test_a_paste_is_one_event_wherever_it_is_cut():
    whole = "\x1b[200~BOLT-6\t12\r\nNUT-8\t40\x1b[A\x1b[201~x"
    for cut in range(len(whole)):
        parser = KeyParser()
        found = [*parser.feed(whole[:cut]), *parser.feed(whole[cut:])]
        assert [type(message) for message in found] == [events.Paste, events.Key], cut
        assert found[0].text == "BOLT-6\t12\r\nNUT-8\t40\x1b[A"
