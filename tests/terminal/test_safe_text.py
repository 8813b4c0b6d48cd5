"""No stored character may drive a terminal or hide from the reader."""

import subprocess
import sys
import unicodedata

import pytest

from o2c_tui.safe_text import cells, fit, shown, wrapped


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Acme Ltd", "Acme Ltd"),
        ("上海华信", "上海华信"),
        ("\x1b]0;x\x07", "␛]0;x␇"),
        ("a\tb\nc", "a␉b␊c"),
        ("\x7f", "␡"),
        ("\x9b31m", "<U+009B>31m"),
        ("1\u202e00", "1<U+202E>00"),
        ("a\u200bb", "a<U+200B>b"),
        ("\ud800", "<U+D800>"),
        ("e\u0301", "e\u0301"),
    ],
)
def test_what_cannot_be_seen_is_made_visible(text, seen):
    assert shown(text) == seen


def test_nothing_invisible_is_left_of_any_character():
    for code in range(0x110000):
        for sign in shown(chr(code)):
            assert unicodedata.category(sign) not in ("Cc", "Cs", "Zl", "Zp") and not (
                unicodedata.category(sign) == "Cf" and unicodedata.bidirectional(sign) not in ("AN", "AL", "L")
            ), hex(code)


@pytest.mark.parametrize(
    ("text", "width", "fitted"),
    [
        ("abc", 5, "abc  "),
        ("abcdef", 4, "abc~"),
        ("上海华信", 8, "上海华信"),
        ("上海华信", 7, "上海华~"),
        ("上海华信", 6, "上海 ~"),
        ("上海", 1, "~"),
        ("x", 0, ""),
    ],
)
def test_text_is_cut_on_cell_borders(text, width, fitted):
    assert fit(text, width) == fitted
    assert cells(fit(text, width)) == width


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one two three", ["one two", "three"]),
        ("incomprehensible", ["incompr", "ehensib", "le"]),
        ("上海华信贸易", ["上海华", "信贸易"]),
        ("按 F8 发货，再开票。", ["按 F8", "发货，", "再开", "票。"]),
        ("", [""]),
    ],
)
def test_a_long_text_is_broken_at_blanks_and_between_wide_signs(text, lines):
    assert wrapped(text, 7) == lines


def test_figures_are_aligned_to_the_right():
    assert fit("1,204.00", 12, right=True) == "    1,204.00"


def test_making_text_safe_needs_no_screen_library():
    code = "import sys, o2c_tui.safe_text as s; s.fit('a'*9, 4); sys.exit('textual' in sys.modules or 'rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
