"""Bytes of a terminal, decoded, made into keys, pastes and replies: nothing lost, whatever arrives in one block.

A clerk types ahead, so one read may hold seventy keys with Esc among them. An Esc followed by a character that starts
no known sequence is therefore two keys, in order. Esc with a digit is the function key of that number: it is what
Alt+digit sends, for keyboards and windows that keep F1 or F10 for themselves.
"""

import re
from collections.abc import Iterator

from textual import events, messages
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, _character_to_key
from textual.message import Message

_ESC = "\x1b"
_PASTE_START = "\x1b[200~"
_PASTE_END = "\x1b[201~"
# A whole control sequence: CSI (the Linux console's F1-F5 carry a second bracket), or SS3.
_SEQUENCE = re.compile(r"\x1b(?:\[\[[A-E]|\[[0-9:;<=>?]*[ -/]*[@-Z\\-~]|O[0-9;]*[A-Za-z])")
_UNFINISHED = re.compile(r"\x1b(?:\[\[?|\[[0-9:;<=>?]*[ -/]*|O[0-9;]*)?\Z")
_CURSOR_REPORT = re.compile(r"\x1b\[(\d+);(\d+)R")
_MODE_REPORT = re.compile(r"\x1b\[\?(\d+);(\d)\$y")
_SYNCHRONISED_OUTPUT = "2026"


class KeyParser:
    """Feed it text as it arrives; it gives the messages that are complete and keeps the rest.

    `terminal` is the value of TERM: some send keys that mean something else in others. `waiting` says that an unfinished sequence is kept: when nothing follows in time, `give_up` makes keys of it.
    """

    def __init__(self, terminal: str = "") -> None:
        self._own = _OF_TERMINAL.get(terminal.partition("-")[0], {})
        self._rest = ""
        self._paste: list[str] | None = None
        self._mouse: XTermParser | None = None

    @property
    def waiting(self) -> str:
        """What is kept because more may follow: empty, a lone Esc, or the start of a longer sequence."""
        return "" if self._paste is not None else self._rest

    def feed(self, text: str) -> Iterator[Message]:
        """The messages that `text` completes, in the order typed."""
        text, self._rest = self._rest + text, ""
        at, end = 0, len(text)
        while at < end:
            if self._paste is not None:
                at = self._take_paste(text, at)
                if self._paste is None:
                    yield from self._pasted
                continue
            character = text[at]
            if character != _ESC:
                at += 1
                yield key_of(character)
            elif (whole := _SEQUENCE.match(text, at)) and (text[at + 1] == "[" or _keys_named(whole.group())):
                at = whole.end()
                yield from self._sequence(whole.group())
            elif _UNFINISHED.match(text, at):
                self._rest = text[at:]
                return
            elif (key := self._own.get(text[at : at + 2])) is not None:
                at += 2
                yield events.Key(key, None)
            elif text[at + 1] in _AFTER_ESC and (keys := _keys_named(text[at : at + 2])):
                at += 2
                yield from keys
            else:
                at += 1
                yield events.Key("escape", _ESC)

    def give_up(self) -> Iterator[Message]:
        """Nothing followed: what was kept was typed key by key."""
        kept, self._rest = self._rest, ""
        for character in kept:
            yield key_of(character)

    def _take_paste(self, text: str, at: int) -> int:
        """Collect a bracketed paste; its end may be cut over two blocks."""
        assert self._paste is not None
        stop = text.find(_PASTE_END, at)
        if stop >= 0:
            self._paste.append(text[at:stop])
            self._pasted = [events.Paste("".join(self._paste).replace("\x00", ""))]
            self._paste = None
            return stop + len(_PASTE_END)
        keep = next((n for n in range(len(_PASTE_END) - 1, 0, -1) if text.endswith(_PASTE_END[:n], at)), 0)
        self._paste.append(text[at : len(text) - keep])
        self._rest = text[len(text) - keep :]
        return len(text)

    def _sequence(self, sequence: str) -> Iterator[Message]:
        if report := _CURSOR_REPORT.fullmatch(sequence):  # before the keys: Shift+F3 may look the same
            yield events.CursorPosition(int(report[2]) - 1, int(report[1]) - 1)
        elif keys := _keys_named(sequence):
            yield from keys
        elif sequence == _PASTE_START:
            self._paste = []
        elif report := _MODE_REPORT.fullmatch(sequence):
            if report[1] == _SYNCHRONISED_OUTPUT and report[2] in "12":
                yield messages.TerminalSupportsSynchronizedOutput()
        elif sequence.startswith("\x1b[<"):
            self._mouse = self._mouse or XTermParser()
            if (event := self._mouse.parse_mouse_code(sequence)) is not None:
                yield event
        # What is left is a reply or a key we have no name for: dropped, never typed into a field.


_known: dict[str, tuple[str, str | None]] = {}


def key_of(character: str) -> events.Key:
    """The key that sends this one character."""
    known = _known.get(character)
    if known is None:
        known = _known[character] = _named(character)
    return events.Key(*known)


def _named(character: str) -> tuple[str, str | None]:
    if character == "\n":  # the keypad's Enter in tmux, and an Enter typed before the terminal was ours
        return "enter", "\r"
    if character in "\u3000\xa0":  # the wide blank of an input method, the hard one of some keyboards
        return "space", " "
    keys = ANSI_SEQUENCES_KEYS.get(character)
    if isinstance(keys, tuple):
        return keys[0].value, character
    name = character if character.isalnum() else _character_to_key(character)
    return KEY_NAME_REPLACEMENTS.get(name, name), character


_FUNCTION_KEYS = {f"\x1b{n % 10}": f"f{n}" for n in range(1, 11)}
_AFTER_ESC = "0123456789\n\x7f"  # with Esc before them one key; any other sign is one typed after Esc
_OF_TERMINAL = {"linux": {"\x1b\t": "shift+tab"}}  # its Tab with Shift is what Esc, Tab is elsewhere
_KEYPAD = {"\x1bOM": ("enter", "\r"), "\x1b\n": ("enter", "\r")}


def _keys_named(sequence: str) -> list[events.Key]:
    """The keys a sequence stands for; none if it is not the sequence of a key."""
    if name := _FUNCTION_KEYS.get(sequence):
        return [events.Key(name, None)]
    if named := _KEYPAD.get(sequence):
        return [events.Key(*named)]
    keys = ANSI_SEQUENCES_KEYS.get(sequence)
    if isinstance(keys, tuple):
        return [events.Key(key.value, None) for key in keys if key is not Keys.Ignore]
    if isinstance(keys, str) and sequence.startswith("\x1bO"):  # the keypad in application mode
        return [key_of(keys)]
    return []
