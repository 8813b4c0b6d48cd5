"""The code by which an invoice is paid, drawn as plain boxes; segno knows the pattern."""

from __future__ import annotations

from functools import lru_cache

from o2c_tui.documents.layout import MM
from o2c_tui.documents.paper import Paper

SIDE = 25 * MM  # the whole code, with its four white modules around it
_QUIET = 4
_BLACK = "#000000"


@lru_cache(maxsize=64)
def modules(text: str) -> tuple[tuple[bool, ...], ...]:
    """The code's rows, dark modules true: UTF-8, correction M, at most version 13, as EPC069-12 asks."""
    import segno

    code = segno.make_qr(text.encode(), error="m", boost_error=False)
    assert isinstance(code.version, int)
    assert code.version <= 13
    return tuple(tuple(bool(module) for module in row) for row in code.matrix)


def draw_code(paper: Paper, text: str, x: float, y: float) -> None:
    """The code in a square of SIDE, `x` and `y` its upper left corner; dark modules that touch are one box."""
    rows = modules(text)
    step = SIDE / (len(rows) + 2 * _QUIET)
    for n, row in enumerate(rows):
        start = None
        for m, dark in enumerate((*row, False)):
            if dark and start is None:
                start = m
            elif not dark and start is not None:
                left, top = x + (start + _QUIET) * step, y + (n + _QUIET) * step
                paper.box(left, top, (m - start) * step, step * 1.01, _BLACK)
                start = None
