"""The code by which an invoice is paid, drawn as plain boxes; segno knows the pattern."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby

from o2c_tui.documents.layout import MM
from o2c_tui.documents.paper import Paper

SIDE = 25 * MM  # the whole code, with its four white modules around it
_QUIET = 4


@lru_cache(maxsize=64)
def dark_boxes(text: str) -> tuple[int, tuple[tuple[int, int, int], ...]]:
    """The code's side in modules, and its dark modules as boxes (column, row, columns), those that touch in one.

    UTF-8, correction M, at most version 13, as EPC069-12 asks.
    """
    import segno

    code = segno.make_qr(text.encode(), error="m", boost_error=False)
    assert isinstance(code.version, int)
    assert code.version <= 13
    boxes = []
    for n, row in enumerate(code.matrix):
        m = 0
        for dark, run in groupby(row):
            size = sum(1 for _module in run)
            if dark:
                boxes.append((m, n, size))
            m += size
    return len(code.matrix), tuple(boxes)


def draw_code(paper: Paper, text: str, x: float, y: float) -> None:
    """The code in a square of SIDE, `x` and `y` its upper left corner."""
    side, boxes = dark_boxes(text)
    step = SIDE / (side + 2 * _QUIET)
    paper.pattern(x + _QUIET * step, y + _QUIET * step, step, boxes)
