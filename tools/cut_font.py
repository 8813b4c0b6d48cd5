"""Cut the fonts that the PDFs embed out of the variable Noto Sans SC.

    python tools/cut_font.py <NotoSansSC[wght].ttf>

The source is the variable font (glyf outlines) as the PyPI package `justmytype-intl-cjk` 0.1.0 carries it beside its
licence. ReportLab embeds a variable font at its default weight (Thin) and slows with the size of a file, so each
weight is instanced and dealt out by repertoire, every character to one file: Latin for the common case, the rest of
GB2312 for Chinese, the rest of GBK for rare names. The licence (OFL.txt) reserves no name that these files bear.
Needs fonttools; the same source gives the same bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

TARGET = Path(__file__).parent.parent / "o2c_tui" / "documents" / "fonts"
EPOCH = 3786912000  # 2024-01-01 in seconds since 1904: the time stamped into the cuts


def latin() -> set[int]:
    """Latin-1, the Extended-A and -B letters in use, Vietnamese, punctuation, currencies, arrows and marks."""
    spans = (
        (0x20, 0x7E), (0xA0, 0x17F), (0x192, 0x192), (0x1A0, 0x1B0), (0x218, 0x21B), (0x2C6, 0x2DD), (0x1E00, 0x1EFF),
        (0x2010, 0x2027), (0x202F, 0x203A), (0x2044, 0x2044), (0x2070, 0x209F), (0x20A0, 0x20C0), (0x2100, 0x2122),
        (0x2150, 0x215E), (0x2190, 0x2193), (0x2200, 0x2265), (0x25A0, 0x25CF), (0x2400, 0x2421), (0x2713, 0x2713),
        (0xFFFD, 0xFFFD),
    )  # fmt: skip
    return {code for first, last in spans for code in range(first, last + 1)}


def repertoire(encoding: str) -> set[int]:
    """Every character of a two-byte Chinese encoding."""
    codes = set()
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            try:
                codes.update(map(ord, bytes((lead, trail)).decode(encoding)))
            except UnicodeDecodeError:
                continue
    return codes


def cut(weight: TTFont, codes: set[int], family: str, name: str) -> int:
    """Write the glyphs of `codes` as `name`.ttf and tell how many characters it has."""
    options = subset.Options(
        layout_features=[], hinting=False, glyph_names=False, notdef_outline=True, name_IDs=[0, 1, 2, 4, 5, 6, 13, 14]
    )
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "VORG", "STAT", "gasp", "prep", "DSIG"]
    path = TARGET / f"{name}.ttf"
    weight.save(path, reorderTables=False)
    font = TTFont(path, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=codes & set(font.getBestCmap()))
    cutter.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 4, 6):
            record.string = name if record.nameID == 6 else family
    font["head"].created = font["head"].modified = EPOCH
    font.save(path)
    return len(font.getBestCmap())


def main(source: Path) -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    gb2312, gbk = repertoire("gb2312"), repertoire("gbk")
    for label, value in (("Regular", 400), ("Bold", 700)):
        weight = instantiateVariableFont(TTFont(source, recalcTimestamp=False), {"wght": value}, inplace=True)
        parts = [("Latin", latin()), ("Chinese", gb2312 - latin())]
        if label == "Regular":
            parts.append(("Rare", gbk - gb2312 - latin()))
        for part, codes in parts:
            name = f"NotoSansSC-{part}-{label}"
            count = cut(weight, codes, f"Noto Sans SC {part} {label}", name)
            print(f"{name}: {count} characters, {(TARGET / f'{name}.ttf').stat().st_size:,} bytes")
    licence = source.with_name("OFL.txt")
    (TARGET / "OFL.txt").write_text(licence.read_text(encoding="utf-8"), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
