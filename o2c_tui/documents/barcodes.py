"""Barcodes on a sheet: EAN-13 where the code is one, else Code 128; ReportLab knows the patterns.

A code is drawn as plain bars, so that it prints alike on paper and on labels. It has its quiet zones inside the width
it is given; what would come out too fine to be read is not drawn.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

from o2c_tui.documents.layout import MM
from o2c_tui.documents.paper import Paper

_QUIET = 11  # modules of white on either side
_COARSEST, _FINEST = 0.38 * MM, 0.165 * MM  # of one module
_BLACK = "#000000"


def is_ean(code: str) -> bool:
    """Whether a code is a valid EAN-13: thirteen digits, the last of which proves the others."""
    if len(code) != 13 or not (code.isascii() and code.isdigit()):
        return False
    return sum(int(digit) * (3 if n % 2 else 1) for n, digit in enumerate(code)) % 10 == 0


@lru_cache(maxsize=4096)
def modules(code: str) -> tuple[int, ...]:
    """A code as bars and gaps by turns, a bar first, in modules; nothing where Code 128 lacks one of its signs."""
    if not code or not code.isascii() or not code.isprintable():
        return ()
    if is_ean(code):
        from reportlab.graphics.barcode.eanbc import Ean13BarcodeWidget

        drawn = Ean13BarcodeWidget(code[:12], humanReadable=0, quiet=0, barWidth=1, barHeight=1).draw()
        bars = [(round(bar.x), round(bar.width)) for bar in drawn.contents[1:]]  # the first is the ground
        gaps = [after[0] - sum(before) for before, after in pairwise(bars)]
        return tuple(n for (_x, wide), gap in zip(bars, [*gaps, 0], strict=True) for n in (wide, gap))[:-1]
    from reportlab.graphics.barcode.code128 import Code128

    symbol = Code128(code, quiet=0)
    symbol.validate()
    symbol.encode()
    return tuple(ord(letter.lower()) - ord("a") + 1 for letter in symbol.decompose())


def width_of(code: str, most: float) -> tuple[float, float]:
    """How wide a code is drawn where it may take `most` points, and how much of that is white on either side.

    Both are 0 where it is not drawn.
    """
    whole = sum(modules(code)) + 2 * _QUIET
    size = min(_COARSEST, most / whole)
    return (size * whole, size * _QUIET) if modules(code) and size >= _FINEST else (0.0, 0.0)


def draw_barcode(paper: Paper, code: str, x: float, y: float, most: float, height: float) -> None:
    """The bars of a code within `most` points from `x` on, `y` being their top; nothing where it cannot be drawn."""
    width, quiet = width_of(code, most)
    at = x + quiet
    for n, wide in enumerate(modules(code) if width else ()):
        points = wide * quiet / _QUIET
        if n % 2 == 0:
            paper.box(at, y, points, height, _BLACK)
        at += points
