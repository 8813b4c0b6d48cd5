"""What the terminal shows, and the fewest bytes from there to the next frame.

Only cells that differ are sent, colours by their smallest change, blank line ends by one erase, and lines that moved
are moved by the terminal itself (insert and delete line within a scroll region, which every terminal knows). Nothing
but printable text and our own sequences leaves here: a control character that reached a widget is dropped.
"""

import os
from collections.abc import Iterable
from operator import is_not

from rich.cells import cell_len, split_graphemes
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from o2c_tui.safe_text import shown

Ink = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]  # SGR of attributes, foreground, background
Cell = tuple[str, Ink]  # the right half of a wide character is an empty string
Line = list[Cell]

PLAIN: Ink = ((), (), ())
BLANK: Cell = (" ", PLAIN)
_ATTRIBUTES = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "21", "51", "52", "53")  # by bit, as Rich numbers them
_GAP = 5  # unchanged cells that are cheaper sent again than jumped over
_WORTH_ERASING = 8
_WORTH_SCROLLING = 4  # lines


class Frame:
    """One screen of known size: `paint` takes lines as they should be and gives the bytes that make them so."""

    def __init__(self, width: int, height: int, colours: ColorSystem | None) -> None:
        self.width, self.height, self.colours = width, height, colours
        self.lines: list[Line] = [[BLANK] * width for _ in range(height)]
        self.fresh = True  # the terminal may show anything: the first paint clears it
        self.cursor_shown = False
        self.erases_in_colour = _erases_in_colour()
        self._ink: Ink | None = None
        self._at: tuple[int, int] | None = None
        self._inks: dict[Style, Ink] = {}
        self._same: dict[Ink, Ink] = {PLAIN: PLAIN}
        self._deltas: dict[tuple[Ink | None, Ink], str] = {}
        self._cut: dict[int, tuple[Strip, Line]] = {}

    # -- from strips to cells --------------------------------------------------------------------------------------

    def cells_of(self, strip: Strip) -> Line:
        """The cells of a strip; the same strip gives the same list, so that a moved line is known by identity."""
        known = self._cut.get(id(strip))
        if known is not None:
            return known[1]
        line = self._cells(strip)
        if len(self._cut) > 600:
            self._cut.clear()
        self._cut[id(strip)] = (strip, line)
        return line

    def _cells(self, segments: Iterable[Segment]) -> Line:
        line: Line = []
        for text, style, control in segments:
            if control or not text:
                continue
            ink = self._ink_of(style)
            blank = (" ", ink if ink[0] else self._interned(((), (), ink[2])))  # a blank has no foreground
            if text.isascii() and text.isprintable():
                line.extend([blank if character == " " else (character, ink) for character in text])
                continue
            for start, end, width in split_graphemes(text)[0]:
                sign = text[start:end]
                if sign == " ":
                    line.append(blank)
                    continue
                if width == 0:
                    continue
                if shown(sign) != sign:  # a hidden sign rides on a visible one: the visible one stays
                    sign = sign[0] if shown(sign[0]) == sign[0] else "?"
                    if width == 2 and cell_len(sign) == 1:
                        line += [(sign, ink), (" ", ink)]
                        continue
                line.append((sign, ink))
                if width == 2:
                    line.append(("", ink))
        return line

    def _ink_of(self, style: Style | None) -> Ink:
        if style is None:
            return PLAIN
        ink = self._inks.get(style)
        if ink is None:
            ink = self._inks[style] = self._interned(self._ink_made(style))
        return ink

    def _interned(self, ink: Ink) -> Ink:
        return self._same.setdefault(ink, ink)

    def _ink_made(self, style: Style) -> Ink:
        bits = style._attributes & style._set_attributes
        attributes = tuple(code for bit, code in enumerate(_ATTRIBUTES) if bits & (1 << bit))
        if self.colours is None:
            return attributes, (), ()
        ground: list[tuple[str, ...]] = []
        for colour, foreground, default in ((style.color, True, "39"), (style.bgcolor, False, "49")):
            codes = () if colour is None else tuple(colour.downgrade(self.colours).get_ansi_codes(foreground))
            ground.append(() if codes == (default,) else codes)
        return attributes, ground[0], ground[1]

    def whole(self, line: Line) -> Line:
        """`line` at exactly the frame's width, with halves of wide characters that lost their other half blanked."""
        if len(line) != self.width:
            line = (line + [BLANK] * self.width)[: self.width]
        if all(sign.isascii() and sign for sign, _ in line):
            return line
        return _mended(line)

    def patch(self, line: Line, column: int, cells: Line) -> None:
        """Lay `cells` over `line` at `column`; a wide character of the line that loses a half becomes a blank."""
        cells = cells[: self.width - column]
        end = column + len(cells)
        if not cells:
            return
        if line[column][0] == "" and column:
            line[column - 1] = (" ", line[column - 1][1])
        if end < self.width and line[end][0] == "":
            line[end] = (" ", line[end][1])
        line[column:end] = cells
        last, ink = line[end - 1]
        if end == self.width and last and not last.isascii() and cell_len(last) == 2:
            line[end - 1] = (" ", ink)

    # -- from cells to bytes ---------------------------------------------------------------------------------------

    def paint(self, news: dict[int, Line], cursor: tuple[int, int] | None = None) -> str:
        """The bytes that turn the lines of `news` (row → cells, each `whole`) into what is shown.

        `cursor` (row, column) is where the hardware cursor rests afterwards; None leaves it anywhere.
        """
        out: list[str] = []
        if self.fresh:
            self._clear(news, out)
        self._scroll(news, out)
        for row in sorted(news):
            if 0 <= row < self.height:
                self._put(row, news[row], out)
        if cursor is not None:
            out.append(self._move(*cursor))
        return "".join(out)

    def _clear(self, news: dict[int, Line], out: list[str]) -> None:
        """Begin with an empty terminal, in the background that most of the new screen has."""
        out.append("\x1b[r\x1b[m")
        self.fresh, self._ink, self._at = False, PLAIN, (0, 0)
        if news and self.erases_in_colour:
            grounds = [ink[2] for line in news.values() for _sign, ink in line[-1:]]
            ink = self._interned(((), (), max(set(grounds), key=grounds.count)))
            out.append(self._to_ink(ink))
            self.lines = [[(" ", ink)] * self.width for _ in range(self.height)]
        out.append("\x1b[H\x1b[2J")

    def _put(self, row: int, new: Line, out: list[str]) -> None:
        old, width = self.lines[row], self.width
        if old is new:
            return
        self.lines[row] = new
        changed = [x for x in range(width) if old[x] is not new[x] and old[x] != new[x]]
        if not changed:
            return
        tail = self._blank_tail(new)
        erase = tail < width and sum(1 for x in changed if x >= tail) > _WORTH_ERASING
        for start, end in _runs([x for x in changed if x < tail] if erase else changed, new):
            while start > 0 and new[start][0] == "":
                start -= 1
            if end < width and new[end][0] == "":
                end += 1
            self._write(row, start, new[start:end], out)
        if erase:
            out.append(self._move(row, tail))
            foreground = self._ink[1] if self._ink is not None and not self._ink[0] else ()
            out.append(self._to_ink(((), foreground, new[-1][1][2])))
            out.append("\x1b[K")

    def _blank_tail(self, line: Line) -> int:
        """The column from which `line` is blank in one background, so that one erase makes it."""
        sign, ink = line[-1]
        if sign != " " or ink[0] or (ink[2] and not self.erases_in_colour):
            return self.width
        tail, background = self.width, ink[2]
        while tail > 0:
            sign, ink = line[tail - 1]
            if sign != " " or ink[0] or ink[2] != background:
                break
            tail -= 1
        return tail

    def _write(self, row: int, start: int, cells: Line, out: list[str]) -> None:
        out.append(self._move(row, start))
        column, skip = start, 0
        for n, (sign, ink) in enumerate(cells):
            if skip:
                skip -= 1
                continue
            if ink is not self._ink and not (sign == " " and self._shows_blank(ink)):
                out.append(self._to_ink(ink))
            if sign == " " and (blanks := self._blanks(cells, n)):
                skip, column = blanks - 1, column + blanks
                out.append(f"\x1b[{blanks}X")
                if n + blanks < len(cells):
                    out.append(f"\x1b[{blanks}C")
                    continue
                self._at = (row, column - blanks)
                return
            out.append(sign)
            column += 1
            if len(sign) > 1 or sign > "\U0001efff":  # combined signs and pictographs: terminals differ, so say where
                wide = column < self.width and self.lines[row][column][0] == ""
                out.append(f"\x1b[{column + 1 + wide}G")
        self._at = (row, column) if column < self.width else None

    def _shows_blank(self, ink: Ink) -> bool:
        """Whether a blank written now looks as one in `ink` does: the foreground does not matter."""
        now = self._ink
        return now is not None and not now[0] and not ink[0] and now[2] == ink[2]

    def _blanks(self, cells: Line, start: int) -> int:
        """How many blanks of one background begin here, if erasing them is shorter than writing them; else 0."""
        ink = cells[start][1]
        if ink[0] or (ink[2] and not self.erases_in_colour):
            return 0
        end = start + 1
        while end < len(cells) and cells[end][0] == " " and cells[end][1] is ink:
            end += 1
        return end - start if end - start > _WORTH_ERASING + 2 else 0

    def _move(self, row: int, column: int) -> str:
        if self._at == (row, column):
            return ""
        at, self._at = self._at, (row, column)
        if at is not None and at[0] == row and column > at[1]:
            step = column - at[1]
            return "\x1b[C" if step == 1 else f"\x1b[{step}C"
        if column == 0:
            return f"\x1b[{row + 1}H" if row else "\x1b[H"
        return f"\x1b[{row + 1};{column + 1}H"

    def _to_ink(self, new: Ink) -> str:
        old, self._ink = self._ink, new
        if old == new:
            return ""
        delta = self._deltas.get((old, new))
        if delta is None:
            if len(self._deltas) > 4096:
                self._deltas.clear()
            delta = self._deltas[old, new] = _delta(old, new)
        return delta

    # -- lines that moved ------------------------------------------------------------------------------------------

    def _scroll(self, news: dict[int, Line], out: list[str]) -> None:
        """Where most changed lines are old lines moved by the same distance, let the terminal move them."""
        if len(news) <= _WORTH_SCROLLING:
            return
        step = self._step(news)
        if step == 0:
            return
        moved = [row for row, line in news.items() if self._moved_here(row + step, line)]
        top = min(min(moved), min(moved) + step)
        bottom = max(max(moved), max(moved) + step)
        for row in range(top, bottom + 1):  # what stands still inside the region is put back
            news.setdefault(row, self.lines[row])
        region = self.lines[top : bottom + 1]
        blank: list[Line] = [[BLANK] * self.width for _ in range(abs(step))]
        after = region[step:] + blank if step > 0 else blank + region[:step]
        now = sum(_differing(news[top + n], line) for n, line in enumerate(region))
        then = sum(_differing(news[top + n], line) for n, line in enumerate(after))
        if then * 5 > now * 4:
            return
        self.lines[top : bottom + 1] = after
        out.append(f"{self._to_ink(PLAIN)}\x1b[{top + 1};{bottom + 1}r")
        self._at = None
        out.append(self._move(top, 0))
        out.append(f"\x1b[{abs(step)}{'M' if step > 0 else 'L'}\x1b[r")
        self._at = None  # at the top left by the book, but not in every terminal

    def _step(self, news: dict[int, Line]) -> int:
        """By how many rows most lines moved up (negative: down); 0 if no such distance stands out."""
        votes: dict[int, int] = {}
        same = {id(self.lines[row]): row for row in news if row < self.height}
        for row, line in news.items():
            before = same.get(id(line))
            if before is not None and before != row:
                votes[before - row] = votes.get(before - row, 0) + 1
        if not votes:
            texts: dict[str, int] = {}
            for row in news:
                if row < self.height:
                    texts.setdefault(self._text(self.lines[row]), row)
            for row, line in news.items():
                text = self._text(line)
                before = texts.get(text)
                if before is not None and before != row and text.strip():
                    votes[before - row] = votes.get(before - row, 0) + 1
        if not votes:
            return 0
        step = max(votes, key=votes.__getitem__)
        return step if votes[step] >= _WORTH_SCROLLING else 0

    def _text(self, line: Line) -> str:
        """The left part of a line, by which it is known again: what stands beside a list does not scroll with it."""
        return "".join([sign for sign, _ in line[2 : self.width * 2 // 3]])

    def _moved_here(self, row: int, line: Line) -> bool:
        if not 0 <= row < self.height:
            return False
        old = self.lines[row]
        return old is line or self._text(old) == self._text(line)


def _erases_in_colour() -> bool:
    """Whether erased cells take the current background: in nearly every terminal, but not in GNU screen."""
    simple = os.environ.get("TERM", "").startswith(("screen", "vt", "ansi", "dumb"))
    return not os.environ.get("STY") and (not simple or "TMUX" in os.environ)


def _mended(line: Line) -> Line:
    """Half characters become blanks: a right half without its left, a wide one whose right half was taken."""
    fixed = list(line)
    last = len(line) - 1
    for x, (sign, ink) in enumerate(line):
        if sign == "":
            if x == 0 or fixed[x - 1][0] in ("", " ") or cell_len(fixed[x - 1][0]) != 2:
                fixed[x] = (" ", ink)
        elif not sign.isascii() and cell_len(sign) == 2 and (x == last or line[x + 1][0] != ""):
            fixed[x] = (" ", ink)
    return fixed


def _runs(changed: list[int], new: Line) -> list[tuple[int, int]]:
    """The stretches to write: changed cells, joined over gaps that cost less than a jump."""
    runs: list[tuple[int, int]] = []
    start = previous = -1
    for x in changed:
        if start < 0:
            start = x
        elif x - previous > _GAP or (
            x - previous > 1 and any(not _costs_nothing(new[gap], new[previous][1]) for gap in range(previous + 1, x))
        ):
            runs.append((start, previous + 1))
            start = x
        previous = x
    if start >= 0:
        runs.append((start, previous + 1))
    return runs


def _costs_nothing(cell: Cell, ink: Ink) -> bool:
    """Whether a cell can be written after one in `ink` without a change of colours."""
    sign, own = cell
    return own is ink or (sign == " " and not own[0] and not ink[0] and own[2] == ink[2])


def _differing(one: Line, other: Line) -> int:
    """About how many cells differ: cells of the same strip are the same objects."""
    return 0 if one is other else sum(map(is_not, one, other))


def _delta(old: Ink | None, new: Ink) -> str:
    """The shortest SGR from one ink to another."""
    whole = ["", *new[0], *new[1], *new[2]]
    if old is None or set(old[0]) - set(new[0]):
        return f"\x1b[{';'.join(whole)}m"
    parts = [code for code in new[0] if code not in old[0]]
    if old[1] != new[1]:
        parts += new[1] or ["39"]
    if old[2] != new[2]:
        parts += new[2] or ["49"]
    if len(";".join(whole)) < len(";".join(parts)):
        parts = whole
    return f"\x1b[{';'.join(parts)}m"
