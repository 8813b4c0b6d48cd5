"""Breaking text into lines of a given length, in Latin and in Chinese.

Latin breaks at spaces, Chinese between any two characters, except that no line starts with a closing sign or ends
with an opening one. A word longer than the line is broken where the line ends. Text is plain: nothing in it is
markup.
"""

from __future__ import annotations

from collections.abc import Iterator

from o2c_tui.documents.fonts import Face

_NEVER_FIRST = frozenset("，。、；：！？）》」』】〕〉”’…—％℃·,.!?;:)]}%")
_NEVER_LAST = frozenset("（《「『【〔〈“‘￥＄([{¥$€£")
_WIDE_FROM = "\u2e80"  # CJK, kana and full-width forms start here


def wrap(text: str, face: Face, size: float, width: float) -> list[str]:
    """`text` as lines no longer than `width` points, its own line ends kept; each line is drawable as it is."""
    lines: list[str] = []
    for paragraph in text.replace("\r\n", "\n").split("\n"):
        plain = face.drawable(paragraph).rstrip(" ")
        if face.width(plain, size) <= width:
            lines.append(plain)
        else:
            lines.extend(_broken(plain, face, size, width))
    return lines


def _broken(text: str, face: Face, size: float, width: float) -> Iterator[str]:
    line, taken = "", 0.0
    for piece in _pieces(text):
        length = face.width(piece.rstrip(" "), size)
        if line and taken + length > width:
            yield line.rstrip(" ")
            line, taken = "", 0.0
        while length > width:
            head = _head(piece, face, size, width)
            yield piece[:head]
            length -= face.width(piece[:head], size)
            piece = piece[head:]
        line += piece
        taken += face.width(piece, size)
    if line.strip():
        yield line.rstrip(" ")


def _pieces(text: str) -> Iterator[str]:
    """The parts of a line between which it may break; spaces go with the part before them."""
    start = 0
    for n in range(1, len(text)):
        before, after = text[n - 1], text[n]
        if after == " ":
            continue
        wide = before >= _WIDE_FROM or after >= _WIDE_FROM
        if before == " " or (wide and after not in _NEVER_FIRST and before not in _NEVER_LAST):
            yield text[start:n]
            start = n
    yield text[start:]


def _head(piece: str, face: Face, size: float, width: float) -> int:
    """How many characters of a piece too long for the line fit into it, at least one."""
    taken = 0.0
    for n, char in enumerate(piece):
        taken += face.width(char, size)
        if taken > width:
            return max(n, 1)
    return len(piece)
