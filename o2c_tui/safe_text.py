"""Text from the books made safe to show: no stored character may drive a terminal or hide from the reader.

Names, notes and references come from people, files and banks. A control character in them could set a window title
or write a clipboard; a reversing or invisible one could make one amount look like another. Every face (screen,
command line, log) shows such text through `shown`. Widths are counted in terminal cells, where a Chinese character
takes two.
"""

import re

# Controls (C0, DEL, C1), soft hyphen, zero-width signs, direction marks, line and paragraph separators, invisible
# operators, annotation marks, variation selectors, lone surrogates, invisible tag characters.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U00013430-\U0001345f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)

# A wide sign with what closes after it, or a word with the blanks after it.
_PARTS = re.compile(r"[\u2e80-\u9fff\uff00-\uffef][，。；：、）”》！？]*\s*|[^\s\u2e80-\u9fff\uff00-\uffef]+\s*|\s+")


def shown(text: str) -> str:
    """`text` on one line, exactly, with every control or invisible character made visible.

    C0 controls become their Unicode pictures (`␛`), everything else unseen becomes its code (`<U+202E>`).
    Plain text comes back as the same object.
    """
    if text.isascii() and text.isprintable():
        return text
    return _HIDDEN.sub(_picture, text)


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"<U+{code:04X}>"


def escaped(text: str) -> str:
    """JSON text with every control or invisible character as its JSON escape: the same value, safe to show."""
    return text if text.isascii() and text.isprintable() else _HIDDEN.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def cells(text: str) -> int:
    """Terminal cells that `text` takes: two for each wide (Chinese, full-width) character."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def fit(text: str, width: int, *, cut: str = "~", right: bool = False) -> str:
    """`text` padded or cut to exactly `width` cells; what is cut ends in the sign `cut`.

    A wide character that would be halved by the border gives way to a space. `right` aligns to the right.
    """
    if width <= 0:
        return ""
    size = cells(text)
    if size > width:
        if width <= cells(cut):
            return cut[:width].ljust(width)
        return _cropped(text, width - cells(cut)) + cut
    return " " * (width - size) + text if right else text + " " * (width - size)


def wrapped(text: str, width: int) -> list[str]:
    """`text` on lines of at most `width` cells: broken at blanks, and between wide signs, which need none.

    A sign that closes (，。）) stays with the one before it.
    """
    lines, line = [], ""
    for part in _PARTS.findall(text):
        if line and cells(line + part.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += part
        while cells(line.rstrip()) > width:
            head = _cropped(line, width).rstrip()
            lines.append(head)
            line = line[len(head) :]
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _cropped(text: str, width: int) -> str:
    if text.isascii():
        return text[:width]
    from rich.cells import set_cell_size

    return set_cell_size(text, width)
