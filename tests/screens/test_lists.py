"""Lists: filters said and kept, columns sorted, many rows done at once."""

import pytest

from o2c_tui.queries.lists import in_the_way
from o2c_tui.rules.filters import unknown_keys, without_unfinished
from tests.makers import TODAY, quoted
from tests.screens.desk import seated, small_books


@pytest.fixture
def books(tmp_path):
    path, desk = small_books(tmp_path)
    yield path, desk
    desk.store.close()


def test_a_word_still_being_typed_does_not_empty_the_list():
    assert without_unfinished("acme cust:") == "acme"
    assert without_unfinished("-amt>") == ""
    assert without_unfinished("\u5ba2\u6237\uff1a") == ""
    assert without_unfinished("acme cust:b") == "acme cust:b"
    assert without_unfinished("http:") == "http:"


def test_words_that_look_like_a_filter_and_are_none_are_found():
    assert unknown_keys("acme colour:red cust:b") == ["colour:red"]
    assert unknown_keys("acme amt>5 -x") == []


def test_a_filter_that_leaves_nothing_names_the_words_in_the_way(books):
    _path, desk = books
    quoted(desk, ("BOLT", 1))
    quoted(desk, ("BOLT", 2))
    told = desk.ask(in_the_way, "quotation", "acme status:draft", today=TODAY)
    assert told == [("status:draft", 2)]
    assert desk.ask(in_the_way, "quotation", "nobody status:draft", today=TODAY) == []


async def test_an_empty_result_says_which_word_to_drop(books):
    path, desk = books
    quoted(desk, ("BOLT", 1))
    async with seated(path) as clerk:
        await clerk.press("g", "q", "/", "nobody", "enter")
        assert "Nothing fits: without nobody 1." in clerk.message
        await clerk.press("1")
        assert clerk.message == ""
        assert "Q26-0001" in clerk.text
        await clerk.press("/", "colour:red", "enter")
        assert "'colour:red' was taken as a free word" in clerk.message


async def test_a_filter_is_kept_as_a_view_and_is_there_again(books):
    path, desk = books
    quoted(desk, ("BOLT", 1))
    async with seated(path) as clerk:
        await clerk.press("g", "q", "/", "ctrl+u", "cust:acme", "ctrl+s")
        assert "Keep 'cust:acme' as view" in clerk.text
        await clerk.press("7")
        assert "7 shows it from now on" in clerk.message
        assert "[7 cust:acme]" in clerk.line("QUOTATIONS")
    async with seated(path) as clerk:
        await clerk.press("g", "q", "7")
        assert "[7 cust:acme]" in clerk.line("QUOTATIONS")
        assert "Q26-0001" in clerk.text
        await clerk.press("6")
        assert "[7 cust:acme]" in clerk.line("QUOTATIONS"), "a number without a view does nothing"
    async with seated(path, login="bob") as other:
        await other.press("g", "q")
        assert "cust:acme" not in other.text, "views are one person's own"


async def test_a_column_sorts_and_turns_round_and_its_title_says_so(books):
    path, desk = books
    for quantity in (2, 9, 5):
        quoted(desk, ("BOLT", quantity))
    async with seated(path) as clerk:
        await clerk.press("g", "q", ">")
        assert "Date v" in clerk.line("Number")
        await clerk.press(">", ">", ">", ">")
        assert "Total v" in clerk.line("Number")
        assert [line[4:12] for line in clerk.shown() if "Q26-" in line] == ["Q26-0002", "Q26-0003", "Q26-0001"]
        await clerk.press(">")
        assert "Total ^" in clerk.line("Number")
        assert [line[4:12] for line in clerk.shown() if "Q26-" in line] == ["Q26-0001", "Q26-0003", "Q26-0002"]


async def test_marks_survive_a_filter_that_was_given_up(books):
    path, desk = books
    quoted(desk, ("BOLT", 1))
    quoted(desk, ("BOLT", 2))
    async with seated(path) as clerk:
        await clerk.press("g", "q", "space", "/", "nobody", "escape")
        assert "1 marked" in clerk.text
        assert "*" in clerk.line("Q26-0002")[:4]


async def test_many_marked_rows_are_tried_first_and_problems_stand_on_top(books):
    path, desk = books
    quoted(desk, ("BOLT", 5), valid_until=TODAY)
    quoted(desk, ("BOLT", 5000))
    desk.next_day()
    quoted(desk, ("BOLT", 1))
    async with seated(path) as clerk:
        clerk.app.desk.fixed_day = desk.today
        await clerk.press("g", "q", "*", "f8")
        heading = clerk.line("will be done")
        assert heading == "3 of 3 will be done; 2 with a warning"
        told = clerk.shown()[clerk.shown().index(heading) + 1 :]
        assert "lines waiting for stock: 1" in told[0] + told[1]
        assert "Q26-0002" in told[0] and "Q26-0001" in told[1] and told[2].startswith("Q26-0003")
        await clerk.press("enter")
        assert clerk.message == "OK 3 done."
        await clerk.press("g", "o")
        assert sum("SO26-" in line for line in clerk.shown()) == 3
