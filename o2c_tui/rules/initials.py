"""Short codes and look-up letters of names: pinyin initials of Chinese, first letters of Latin words.

The common Chinese signs of GB 2312 (its first level) stand in the order of their pinyin, so the code alone tells the
first letter. Rule: docs/rules/masters.md.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Container

_STARTS = (
    0xB0A1, 0xB0C5, 0xB2C1, 0xB4EE, 0xB6EA, 0xB7A2, 0xB8C1, 0xB9FE, 0xBBF7, 0xBFA6, 0xC0AC, 0xC2E8,
    0xC4C3, 0xC5B6, 0xC5BE, 0xC6DA, 0xC8BB, 0xC8F6, 0xCBFA, 0xCDDA, 0xCEF4, 0xD1B9, 0xD4D1,
)  # fmt: skip
_LETTERS = "abcdefghjklmnopqrstwxyz"
_LAST = 0xD7F9


def _initial(sign: str) -> str:
    """The pinyin initial of one Chinese sign; nothing for one that is not of the first level."""
    try:
        high, low = sign.encode("gb2312")
    except (UnicodeEncodeError, ValueError):
        return ""
    code = high << 8 | low
    return _LETTERS[bisect_right(_STARTS, code) - 1] if _STARTS[0] <= code <= _LAST else ""


def initials(name: str) -> str:
    """The letters a clerk types for a name: 上海华信 is shhx, Blue Water is bw; lower case."""
    letters = []
    for word in re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", name).casefold()):
        before = False
        for sign in word:
            if sign.isascii() or not "\u3400" <= sign <= "\u9fff":
                if not before:
                    letters.append(sign)
                before = True
            else:
                letters.append(_initial(sign))
                before = False
    return "".join(letters)


def suggest_code(name: str, taken: Container[str] = ()) -> str:
    """A short code for a new record: initials of a Chinese name, the first five letters of a Latin one; free of `taken`."""
    folded = unicodedata.normalize("NFKD", name)
    letters = re.sub(r"[^A-Z0-9]", "", folded.upper())
    chinese = any("\u3400" <= sign <= "\u9fff" for sign in name)
    base = (initials(name).upper() if chinese else letters)[:5] or "X"
    base = re.sub(r"[^A-Z0-9]", "", base) or "X"
    code, n = base, 2
    while code in taken:
        code, n = f"{base}{n}", n + 1
    return code
