"""Every command is reached with F-keys and digits only: without letters, Ctrl chords or signs. docs/rules/entry.md, "Keys"."""

import pytest

from o2c_tui.services.drafting import DocumentDraft
from o2c_tui.services.ordering import confirm_order, save_order
from o2c_tui.services.quoting import save_quotation, send_quotation
from o2c_tui.widgets.confirm import Menu
from o2c_tui.widgets.keys import COMMANDS, GO_TO, Place
from tests.makers import lines
from tests.screens.desk import seated, small_books

# Keys that every keyboard has, that no input method takes, and that are neither letter nor chord.
PLAIN = {"up", "down", "left", "right", "pageup", "pagedown", "home", "end", "enter", "escape", "tab", "shift+tab", "insert", "space"} | {
    f"f{n}" for n in range(1, 11)
} | {str(n) for n in range(1, 10)}  # fmt: skip
PLACES = {  # a screen of each kind, and the keys that lead there
    "home": (),
    "list": ("g", "q"),
    "document": ("g", "o", "enter"),
    "editor": ("g", "q", "f6", "acme", "enter", "bolt*4", "enter"),
    "settings": ("g", "t"),
    "receivables": ("g", "r"),
}
NOT_BUILT = {"copy", "approve", "decline"}  # no screen has them yet


@pytest.fixture
def books(tmp_path):
    path, desk = small_books(tmp_path)
    for n in range(2):
        desk.do(send_quotation, desk.do(save_quotation, DocumentDraft("ACME", lines(("BOLT", n + 1)))).id)
    desk.do(confirm_order, desk.do(save_order, DocumentDraft("ACME", lines(("BOLT", 1)))).id)
    yield path, desk
    desk.store.close()


async def test_every_command_has_an_f_key_a_digit_or_a_number_in_the_menu(books):
    path, _desk = books
    in_menus = set()
    for keys in PLACES.values():
        async with seated(path) as clerk:
            await clerk.press(*keys)
            for action, words in clerk.app.screen.menu():
                assert words
                name, _bracket, rest = action.removeprefix("app.").partition("(")
                in_menus.add(rest.strip("')") if name == "in_lines" else name)
    by_key = {c.id for c in COMMANDS if set(c.keys.split(",")) & PLAIN}
    twins = {
        "mark_all": "mark_shown",
        "go_to_place": "places",
        "sort_before": "sort_after",
        "search": "goto",
    }  # one thing by two names
    out_of_reach = {
        c.name for c in COMMANDS if c.id not in by_key | in_menus | NOT_BUILT and twins.get(c.id) not in in_menus
    }
    assert out_of_reach == set()


def test_what_no_screen_has_is_left_out_only_while_no_screen_has_it():
    from tests.terminal.test_keys import our_classes

    assert not [c.__name__ for c in our_classes() if any(f"action_{name}" in vars(c) for name in NOT_BUILT)]


async def number(clerk, words):
    """The digits that choose an entry of the menu that is open: 0 for each page before its own."""
    menu = clerk.app.screen
    assert isinstance(menu, Menu), clerk.text
    at = next(n for n, choice in enumerate(menu.choices) if words in choice)
    return ["0"] * (at // Menu.PAGE) + [str(at % Menu.PAGE + 1)]


async def choose(clerk, words):
    await clerk.press("f9")
    await clerk.press(*await number(clerk, words))


async def test_every_place_is_reached_by_f9_and_digits(books):
    path, _desk = books
    async with seated(path) as clerk:
        for place, words in GO_TO.values():
            await choose(clerk, "Go to a place")
            await clerk.press(*await number(clerk, words))
            if place != "home":
                assert len(clerk.app.screen_stack) == 2, place
            await clerk.press("f3")


async def test_a_digit_on_the_command_line_is_the_place_of_that_number(books):
    path, _desk = books
    async with seated(path) as clerk:
        await clerk.press("f10")
        assert "3  o   Sales orders" in clerk.text
        await clerk.press("3")
        assert "1  o   Sales orders" in clerk.text
        await clerk.press("enter")
        assert "SALES ORDERS" in clerk.shown()[0]


async def test_lists_are_narrowed_sorted_and_marked_by_f9_and_digits(books):
    path, _desk = books
    async with seated(path) as clerk:
        await clerk.press("f9")
        await clerk.press("escape", "g", "q")
        await choose(clerk, "Mark all")
        assert "2 marked" in clerk.text
        await choose(clerk, "Sort by another column")
        assert clerk.app.screen.sort
        await choose(clerk, "Narrow the list")
        assert clerk.app.screen.focused is clerk.app.screen.filter_line


async def test_lines_are_edited_by_f9_and_digits(books):
    path, _desk = books
    async with seated(path) as clerk:
        await clerk.press(*PLACES["editor"], "part-1*3", "enter", "up")
        assert "PART-1" in clerk.line("  2 ")
        await choose(clerk, "Remove the line")
        assert "PART-1" not in clerk.line("  2 ")
        await choose(clerk, "Undo")
        assert "PART-1" in clerk.line("  2 ")
        await choose(clerk, "Redo")
        assert "PART-1" not in clerk.line("  2 ")
        await clerk.press("down")
        await choose(clerk, "Repeat what is above")
        assert clerk.line("  2 ").split()[1] == "BOLT"
        await choose(clerk, "Save")
        assert "Saved: 96.00" in clerk.message


async def test_a_document_s_chain_is_walked_by_f9_and_digits(books):
    path, _desk = books
    async with seated(path) as clerk:
        await clerk.press(*PLACES["document"])
        await choose(clerk, "document after this one")
        assert "The chain ends here" in clerk.message


def test_the_map_knows_these_places():
    assert {c.place for c in COMMANDS} == set(Place)
