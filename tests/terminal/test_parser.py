"""Bytes of the terminals people use, as keys: in order, none lost, none invented."""

import unicodedata

import pytest
from textual import events, messages
from textual.binding import BindingsMap

from o2c_tui.terminal.parser import KeyParser
from o2c_tui.widgets.keys import COMMANDS, Place, bindings


def typed(*blocks: str, terminal: str = "") -> list[str]:
    """The names of the keys in these blocks; what waits for more at the end is given up."""
    parser = KeyParser(terminal)
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
        ("\x1bbolt", ["escape", "b", "o", "l", "t"]),
        ("\x1bfr\x1b\tx", ["escape", "f", "r", "escape", "tab", "x"]),
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


# -- every key of the map, as the terminals people use send it ---------------------------------------------------------

_SHARED = {
    "enter": "\r", "tab": "\t", "escape": "\x1b", "space": " ", "pageup": "\x1b[5~", "pagedown": "\x1b[6~",
    "insert": "\x1b[2~", "shift+tab": "\x1b[Z",
}  # fmt: skip
_ARROWS = {"up": "A", "down": "B", "right": "C", "left": "D"}
_F5_UP = {f"f{n}": f"\x1b[{code}~" for n, code in zip(range(5, 11), (15, 17, 18, 19, 20, 21), strict=True)}
_VT_F = {f"f{n}": f"\x1bO{letter}" for n, letter in zip(range(1, 5), "PQRS", strict=True)}
_CSI = {name: f"\x1b[{letter}" for name, letter in _ARROWS.items()}
_SS3 = {name: f"\x1bO{letter}" for name, letter in _ARROWS.items()}
_HOME_END = {"home": "\x1b[1~", "end": "\x1b[4~"}
TERMINALS = {  # name → what TERM says, and the bytes of the keys that differ from one to another
    "xterm": ("xterm-256color", {**_SHARED, **_VT_F, **_F5_UP, **_CSI, "home": "\x1b[H", "end": "\x1b[F"}),
    "xterm, cursor keys in application mode": (
        "xterm-256color", {**_SHARED, **_VT_F, **_F5_UP, **_SS3, "home": "\x1bOH", "end": "\x1bOF"},
    ),
    "PuTTY, keys as ESC[n~": (
        "xterm", {**_SHARED, **_F5_UP, **_CSI, **_HOME_END, **{f"f{n}": f"\x1b[{10 + n}~" for n in range(1, 6)}},
    ),
    "PuTTY, keys as Linux": (
        "putty", {**_SHARED, **_F5_UP, **_SS3, **_HOME_END, **{f"f{n}": f"\x1b[[{'ABCDE'[n - 1]}" for n in range(1, 6)}},
    ),
    "PuTTY, keys as Xterm R6": ("putty-256color", {**_SHARED, **_VT_F, **_F5_UP, **_CSI, **_HOME_END}),
    "Linux console": (
        "linux",
        {**_SHARED, **_F5_UP, **_CSI, **_HOME_END, **{f"f{n}": f"\x1b[[{'ABCDE'[n - 1]}" for n in range(1, 6)},
         "shift+tab": "\x1b\t"},
    ),
    "tmux": ("tmux-256color", {**_SHARED, **_VT_F, **_F5_UP, **_CSI, **_HOME_END}),
    "tmux, cursor keys in application mode": ("screen-256color", {**_SHARED, **_VT_F, **_F5_UP, **_SS3, **_HOME_END}),
}  # fmt: skip


def bytes_of(key: str, table: dict[str, str]) -> str:
    """What a terminal sends for a key of the map: from its table, or the sign or control character itself."""
    if key in table:
        return table[key]
    if key.startswith("ctrl+"):
        return chr(ord(key.removeprefix("ctrl+").upper()) - 64)
    ascii_signs = {"slash": "/", "less_than_sign": "<", "greater_than_sign": ">"}
    if len(key) == 1 or key in ascii_signs:
        return ascii_signs.get(key, key)
    return unicodedata.lookup(key.replace("_", " ").upper())


def command_of(key: str, place: Place) -> str:
    """What a key carries out in a place."""
    found = BindingsMap(bindings(place)).key_to_bindings.get(key, [])
    return found[0].action if found else ""


@pytest.mark.parametrize("name", TERMINALS)
def test_every_key_of_the_map_carries_out_its_command_from_every_terminal(name):
    terminal, table = TERMINALS[name]
    wrong = []
    for command in COMMANDS:
        for key in command.keys.split(","):
            sent = bytes_of(key, table)
            arrived = typed(sent, terminal=terminal)
            apart = typed(*sent, terminal=terminal)  # one byte at a time, as a slow line may bring them
            does = [command_of(key, command.place) for key in arrived]
            if not (arrived == apart and does == [command.does]):
                wrong.append((key, sent, arrived, apart, does))
    assert wrong == []


@pytest.mark.parametrize("name", TERMINALS)
def test_a_burst_of_all_keys_is_taken_key_by_key_in_order(name):
    terminal, table = TERMINALS[name]
    keys = [key for command in COMMANDS for key in command.keys.split(",") if key != "escape"]
    block = "".join(bytes_of(key, table) for key in keys)
    assert typed(block, terminal=terminal) == [typed(bytes_of(key, table), terminal=terminal)[0] for key in keys]


def test_shift_tab_of_the_linux_console_is_esc_and_tab_elsewhere():
    assert typed("\x1b\t", terminal="linux") == ["shift+tab"]
    assert typed("\x1b\t", terminal="linux-16color") == ["shift+tab"]
    assert typed("\x1b\t", terminal="xterm") == ["escape", "tab"]


def test_the_keypad_types_its_figures_whatever_its_mode():
    keypad = {f"\x1bO{chr(ord('p') + n)}": str(n) for n in range(10)}
    assert [key for sequence in keypad for key in typed(sequence)] == list(keypad.values())
    assert typed("\x1bOM") == ["enter"]
