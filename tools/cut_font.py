"""Cut the fonts that the PDFs embed out of Noto Sans (Latin, Greek, Cyrillic) and Noto Sans SC (Chinese).

    python tools/cut_font.py <NotoSansSC[wght].ttf> <NotoSans-Regular.ttf> <NotoSans-Bold.ttf>

The Chinese source is the variable font (glyf outlines) that the PyPI package `justmytype-intl-cjk` 0.1.0 carries
beside its licence; its Latin lacks the letters of Polish, Czech, Hungarian or Turkish, so the others come from
Debian's package `fonts-noto-core` 20201225-1. ReportLab embeds a variable font at its default weight (Thin), so each
weight is instanced; the characters are dealt out to files, so that a document loads only what it shows: Latin for
the common case, GB2312 for Chinese, the rest of GBK for rare names. The licence (OFL.txt) reserves only the name
"Source". Needs fonttools; the same sources give the same bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from fontTools.varLib.instancer import instantiateVariableFont  # type: ignore[import-untyped]

TARGET = Path(__file__).parent.parent / "o2c_tui" / "documents" / "fonts"
EPOCH = 3786912000  # 2024-01-01 in seconds since 1904: the time stamped into the cuts

LATIN = {
    code
    for first, last in (
        (0x20, 0x7E), (0xA0, 0x24F), (0x2B0, 0x2DD), (0x386, 0x3CE), (0x400, 0x45F), (0x490, 0x4E9), (0x1E00, 0x1EFF),
        (0x2010, 0x2027), (0x202F, 0x205E), (0x2070, 0x209F), (0x20A0, 0x20C0), (0x2100, 0x214F), (0x2150, 0x215F),
        (0x2190, 0x2193), (0x2200, 0x2265), (0xFFFD, 0xFFFD),
    )
    for code in range(first, last + 1)
}  # fmt: skip
PUNCTUATION = set(map(ord, "·“”‘’—…"))  # wide in Chinese, narrow in Latin: in both cuts


def repertoire(encoding: str) -> set[int]:
    """Every character of a two-byte Chinese encoding."""
    codes: set[int] = set()
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            try:
                codes.update(map(ord, bytes((lead, trail)).decode(encoding)))
            except UnicodeDecodeError:
                continue
    return codes


def cut(font: TTFont, codes: set[int], part: str) -> set[int]:
    """Write the glyphs of `codes` as one file; tell which characters it has."""
    path = TARGET / f"NotoSans-{part}.ttf"
    font.save(path, reorderTables=False)
    font = TTFont(path, recalcTimestamp=False)
    options = subset.Options(
        layout_features=[], hinting=False, glyph_names=False, notdef_outline=True, name_IDs=[0, 1, 2, 4, 5, 6, 13, 14]
    )
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "VORG", "STAT", "gasp", "prep", "DSIG"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=codes & set(font.getBestCmap()))
    cutter.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 4, 6):
            record.string = path.stem if record.nameID == 6 else path.stem.replace("-", " ")
    font["head"].created = font["head"].modified = EPOCH
    font.save(path)
    print(f"{path.name}: {len(font.getBestCmap())} characters, {path.stat().st_size:,} bytes")
    return set(font.getBestCmap())


def main(chinese: Path, regular: Path, bold: Path) -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    gb2312, gbk = repertoire("gb2312"), repertoire("gbk")
    for label, weight, latin in (("Regular", 400, regular), ("Bold", 700, bold)):
        has = cut(TTFont(latin, recalcTimestamp=False), LATIN, f"Latin-{label}") - PUNCTUATION
        font = instantiateVariableFont(TTFont(chinese, recalcTimestamp=False), {"wght": weight}, inplace=True)
        cut(font, (gb2312 | LATIN | {0x2713}) - has, f"Chinese-{label}")
        if label == "Regular":
            cut(font, gbk - gb2312 - has - LATIN, "Rare-Regular")
    licence = chinese.with_name("OFL.txt").read_text(encoding="utf-8")
    mark = TTFont(regular)["name"].getDebugName(0)
    (TARGET / "OFL.txt").write_text(f"{mark} (Noto Sans)\n{licence}", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*map(Path, sys.argv[1:]))
