"""One line of text being typed: the buffer behind every cell and field."""

import unicodedata

from o2c_tui.safe_text import cells

MOST = 500


class EditBuffer:
    """Text with a cursor; `chosen` means that the whole text is chosen and the first sign typed replaces it."""

    def __init__(self, text: str = "", *, chosen: bool = False) -> None:
        self.text = text
        self.at = len(text)
        self.chosen = chosen and bool(text)

    def type(self, signs: str) -> None:
        """Put signs in at the cursor."""
        clean = "".join(c for c in signs if unicodedata.category(c)[0] != "C" or c in "\u200d")
        if self.chosen:
            self.text, self.at, self.chosen = "", 0, False
        room = MOST - len(self.text)
        self.text = self.text[: self.at] + clean[:room] + self.text[self.at :]
        self.at += len(clean[:room])

    def key(self, key: str) -> bool:
        """Carry out an editing key; False if it is none."""
        if key in ("left", "right", "home", "end"):
            self.chosen = False
        if key == "left":
            self.at = self._step(-1)
        elif key == "right":
            self.at = self._step(1)
        elif key == "home":
            self.at = 0
        elif key == "end":
            self.at = len(self.text)
        elif key in ("backspace", "delete") and self.chosen:
            self.clear()
        elif key == "backspace":
            start = self._step(-1)
            self.text, self.at = self.text[:start] + self.text[self.at :], start
        elif key == "delete":
            self.text = self.text[: self.at] + self.text[self._step(1) :]
        elif key == "ctrl+u":
            self.clear()
        else:
            return False
        return True

    def clear(self) -> None:
        """Empty it."""
        self.text, self.at, self.chosen = "", 0, False

    def _step(self, way: int) -> int:
        """The next place between signs; combining marks go with theirs."""
        at = max(0, min(len(self.text), self.at + way))
        while 0 < at < len(self.text) and unicodedata.combining(self.text[at]):
            at += way
        return at

    def column(self) -> int:
        """Cells before the cursor."""
        return cells(self.text[: self.at])

    def window(self, width: int) -> tuple[str, int]:
        """The part of the text that fits in `width` cells with the cursor in it, and the cursor's cell in that part."""
        start = 0
        while cells(self.text[start : self.at]) >= width and start < self.at:
            start += 1
        end = start
        while end < len(self.text) and cells(self.text[start : end + 1]) <= width:
            end += 1
        return self.text[start:end], cells(self.text[start : self.at])
