"""The revisions of a quotation compared by keys. docs/rules/quotations.md."""

import pytest

from o2c_tui.services.drafting import DocumentDraft
from o2c_tui.services.quoting import revise_quotation, save_quotation, send_quotation
from tests.makers import lines, quoted
from tests.screens.desk import clerk_at, seated, small_books


@pytest.fixture
def books(tmp_path):
    path, desk = small_books(tmp_path)
    yield path, desk, tmp_path / "home"
    desk.holds()
    desk.store.close()


def _revise(desk, first, *wanted):
    made = desk.do(revise_quotation, first)
    desk.do(save_quotation, DocumentDraft("ACME", lines(*wanted)), document_id=made.id, version=made.version)
    desk.do(send_quotation, made.id)
    return made.id


def test_two_revisions_beside_each_other_by_keys(books):
    path, desk, home = books
    _revise(desk, quoted(desk, ("BOLT", 5), ("NUT", 100)), ("BOLT", 8), ("NUT", 100), ("FREIGHT", 1))
    with clerk_at(path, home) as clerk:
        clerk.press("g", "q", "enter")
        clerk.sees("QUOTATION  Q26-0001/2")
        clerk.press("f9")
        clerk.sees("Compare revisions")
        number = next(line.split()[0] for line in clerk.terminal.text.splitlines() if "Compare revisions" in line)
        clerk.press(number)
        clerk.sees("COMPARE")
        clerk.sees("Q26-0001/1 -> Q26-0001/2")
        clerk.sees("5 -> 8")
        clerk.sees("72.00 -> 126.00")
        clerk.press("2")
        clerk.sees("NUT")
        clerk.press("escape")
        clerk.sees("QUOTATION  Q26-0001/2")


async def test_of_three_revisions_any_two_are_asked_for(books):
    path, desk, _home = books
    second = _revise(desk, quoted(desk, ("BOLT", 5)), ("BOLT", 8))
    _revise(desk, second, ("BOLT", 9))

    async with seated(path) as clerk:
        await clerk.press("g", "q", "enter", "f9")
        choices = clerk.text.partition("More")[2]
        number = next(line.split()[0] for line in choices.splitlines() if "Compare revisions" in line)
        await clerk.press(number)
        assert "Compare which revision" in clerk.text
        await clerk.press("1")
        assert "Compare Q26-0001/1 with" in clerk.text
        await clerk.press("2")
        assert "Q26-0001/1 -> Q26-0001/3" in clerk.text
        assert "5 -> 9" in clerk.text


async def test_one_revision_alone_has_nothing_to_be_compared_with(books):
    path, desk, _home = books
    quoted(desk, ("BOLT", 5))

    async with seated(path) as clerk:
        await clerk.press("g", "q", "enter", "f9")
        assert "Compare revisions" not in clerk.text
