"""The look of the printed documents: sizes, places and colours, as one frozen value.

Lengths are in points, measured from the upper left corner of an A4 sheet. The address stands where the window of a
DL or C5/6 envelope is (45 mm from the top edge).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

MM = 72 / 25.4


@dataclass(frozen=True)
class Layout:
    """Where things stand on the sheet, how large and in which colour."""

    width: float = 210 * MM
    height: float = 297 * MM
    left: float = 20 * MM
    right: float = 18 * MM
    top: float = 14 * MM
    bottom: float = 11 * MM
    gap: float = 6 * MM  # between blocks
    row_pad: float = 1.35 * MM  # above and below the text of a row

    logo_width: float = 62 * MM
    logo_height: float = 21 * MM
    window_top: float = 45 * MM
    window_width: float = 84 * MM
    facts_left: float = 118 * MM
    facts_label: float = 33 * MM
    body_top: float = 92 * MM  # where the title starts, at least
    next_top: float = 27 * MM  # where the body of the second page starts
    totals_width: float = 76 * MM

    title_size: float = 19
    text_size: float = 9.2
    small_size: float = 7.6
    tiny_size: float = 6.6
    total_size: float = 11.5
    leading: float = 1.38  # of the size

    ink: str = "#1d2329"
    muted: str = "#6a737d"
    accent: str = "#1f5a6b"
    rule: str = "#d3d9de"
    tint: str = "#f2f6f7"
    shadow: str = "#eceff1"  # the watermark


DEFAULT = Layout()


def tightened(layout: Layout) -> Layout:
    """The same look with less air, for a document that would just so spill onto another sheet."""
    return replace(
        layout,
        gap=layout.gap * 0.7,
        row_pad=layout.row_pad * 0.65,
        body_top=layout.body_top - 6 * MM,
        text_size=layout.text_size * 0.96,
    )
