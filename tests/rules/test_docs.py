"""What the documents name is there: tests, files, commands, verbs, reports, keys; and both guides tell the same."""

import re
import shlex
from pathlib import Path

import pytest

from o2c_tui.cli import parser
from o2c_tui.screens.command import _NEW
from o2c_tui.services.registry import VERB_WORDS
from o2c_tui.storage.places import HEAD
from o2c_tui.widgets.keys import GO_TO

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
GUIDES = (ROOT / "docs" / "guide.md", ROOT / "docs" / "guide.zh.md")
PLACES = ("", "o2c_tui", "o2c_tui/queries", "o2c_tui/documents", "o2c_tui/screens")  # where a file is looked for

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def commands(page: Path) -> list[list[str]]:
    """The command lines among a page's indented lines, without their remarks."""
    lines = re.findall(r"^    o2c (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [shlex.split(line, comments=True) for line in lines]


@every_page
def test_every_test_that_a_page_names_exists(page):
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")]
    for name in re.findall(r"\b(test_\w+)\b(?!\.py)", page.read_text(encoding="utf-8")):
        assert any(f"def {name}(" in source for source in sources), name


@every_page
def test_every_file_that_a_page_names_exists(page):
    text = page.read_text(encoding="utf-8")
    for name in re.findall(r"[\w/.-]*\w+\.(?:py|md|svg|json)\b", text):
        if "://" not in name:
            assert any((place / name).exists() for place in (ROOT / p for p in (*PLACES, page.parent))), name


def test_every_rule_that_the_program_names_exists():
    for path in (ROOT / "o2c_tui").rglob("*.py"):
        for name in re.findall(r"docs/[\w/]+\.md", path.read_text(encoding="utf-8")):
            assert (ROOT / name).is_file(), f"{path.relative_to(ROOT)}: {name}"


@every_page
def test_every_command_line_of_a_page_is_understood(page):
    for words in commands(page):
        if words[0] == "do":
            assert words[1] in VERB_WORDS, words
        elif words[-1] != "--help":
            parser().parse_args(words)  # bad usage would exit


def test_both_guides_have_the_same_sections_keys_and_commands():
    english, chinese = (guide.read_text(encoding="utf-8") for guide in GUIDES)
    heads = [len(re.findall(r"^## ", text, flags=re.MULTILINE)) for text in (english, chinese)]
    assert heads[0] == heads[1]
    sections = zip(english.split("\n## "), chinese.split("\n## "), strict=True)
    for one, other in sections:
        keys = [sorted(set(re.findall(r"\b(?:F\d+|Ctrl\+[A-Z]|g [a-z])\b", text))) for text in (one, other)]
        assert keys[0] == keys[1], one.partition("\n")[0]
    assert commands(GUIDES[0]) == commands(GUIDES[1])


@pytest.mark.parametrize("guide", GUIDES, ids=lambda page: page.name)
def test_a_guide_names_every_place_and_every_short_command(guide):
    text = guide.read_text(encoding="utf-8")
    assert not [letter for letter in GO_TO if f"`g {letter}`" not in text]
    assert not [word for word in _NEW if not re.search(rf"`{word}\b", text)]


def test_the_changelog_tells_the_schema_of_today():
    assert HEAD in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
