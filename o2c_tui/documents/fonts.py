"""The embedded fonts: which file has a character, how wide it is, and which characters no file has.

The characters are dealt out to three files per weight (tools/cut_font.py), each loaded when the first of its
characters is asked for: a page of Latin text never opens the Chinese ones.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from o2c_tui.safe_text import shown

_FOLDER = Path(__file__).parent / "fonts"
REPLACEMENT = "\ufffd"
_WIDE_IN_CHINESE = frozenset("·“”‘’—…")
LATIN, CHINESE, RARE = "NotoSans-Latin-Regular", "NotoSans-Chinese-Regular", "NotoSans-Rare-Regular"


@cache
def _cut(name: str) -> Any:
    """The face of one file, registered with ReportLab under the file's name."""
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    font = TTFont(name, str(_FOLDER / f"{name}.ttf"), asciiReadable=0)  # only what is drawn goes into the file
    registerFont(font)
    return font.face


class Face:
    """One weight of the type: a chain of files, the first that has a character draws it."""

    def __init__(self, *names: str, chinese: str = "") -> None:
        """`chinese`, where given, is the file whose quotation marks and dashes come first."""
        self._names = names
        self._chinese = chinese
        self._of: dict[str, tuple[str, float]] = {}

    @property
    def first(self) -> str:
        """The file a page starts with."""
        _cut(self._names[0])
        return self._names[0]

    def find(self, char: str) -> tuple[str, float] | None:
        """The file that has `char` and its advance in thousandths of the size, or None."""
        known = self._of.get(char)
        if known is None:
            code = ord(char)
            names = (self._chinese,) if char in _WIDE_IN_CHINESE and self._chinese else self._names
            for name in names:
                face = _cut(name)
                if code in face.charToGlyph:
                    known = self._of[char] = (name, face.charWidths.get(code, face.defaultWidth))
                    break
        return known

    def width(self, text: str, size: float) -> float:
        """The length of a line in points."""
        known = self._of
        try:
            return sum([known[char][1] for char in text]) * size / 1000
        except KeyError:
            total = 0.0
        for char in text:
            found = known.get(char) or self.find(char)
            if found:
                total += found[1]
        return total * size / 1000

    def runs(self, text: str) -> list[tuple[str, str]]:
        """A drawable `text` cut into pieces of one file each, as (file, piece)."""
        if text.isascii():
            return [(self.first, text)] if text else []
        pieces: list[tuple[str, str]] = []
        start, before = 0, ""
        for n, char in enumerate(text):
            found = self._of.get(char) or self.find(char)
            name = found[0] if found else before
            if name != before:
                if n > start:
                    pieces.append((before, text[start:n]))
                start, before = n, name
        if before:
            pieces.append((before, text[start:]))
        return pieces

    def drawable(self, text: str) -> str:
        """One line as it can be drawn: accents composed, hidden signs made visible, what no file has replaced."""
        if text.isascii() and text.isprintable():
            return text
        plain = shown(unicodedata.normalize("NFC", text).replace("\t", " "))
        return "".join(char if self.find(char) else REPLACEMENT for char in plain)


@cache
def faces(language: str) -> tuple[Face, Face]:
    """The regular and the bold face for a document in `language`.

    Rare characters have no bold of their own and stand in regular weight.
    """
    chinese = language.startswith("zh")
    bold_latin, bold_chinese = LATIN.replace("Regular", "Bold"), CHINESE.replace("Regular", "Bold")
    return (
        Face(LATIN, CHINESE, RARE, chinese=CHINESE if chinese else ""),
        Face(bold_latin, bold_chinese, RARE, chinese=bold_chinese if chinese else ""),
    )


def missing(text: str) -> set[str]:
    """The characters of `text` that no embedded font can draw."""
    regular = faces("en")[0]
    plain = shown(unicodedata.normalize("NFC", text).replace("\t", " ").replace("\n", " "))
    return {char for char in plain if not regular.find(char)}
