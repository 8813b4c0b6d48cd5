"""The small answers: yes, one of a few, or just read. Enter does it, Esc does not, nothing is lost on the way."""

from typing import Any

from textual import events

from o2c_tui.widgets.confirm import Confirm, Menu, Reading, Sheet
from o2c_tui.widgets.frame import FramedApp, FramedScreen


class Place(FramedScreen[None]):
    PLACE = "QUOTATIONS"
    ABOUT = "Every quotation."
    MENU = (("stocktake", "Count the stock"), ("barred", "Never shown"))

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []

    def action_stocktake(self) -> None:
        self.done.append("stocktake")

    def action_new(self) -> None:
        self.done.append("new")


class Shown(FramedApp[None]):
    went = ""

    def get_default_screen(self) -> Place:
        return Place()

    def go_to(self, place: str) -> None:
        self.went = place


async def answer(sheet: Sheet[Any], *keys: str) -> object:
    """What `sheet` answers to these keys, typed as one block."""
    app = Shown()
    answers: list[object] = []
    async with app.run_test(size=(80, 24)):
        app.push_screen(sheet, answers.append)
        await typed(app, *keys)
    return answers[0] if answers else "open"


async def typed(app: Shown, *keys: str) -> None:
    for key in keys:
        app.take_key(events.Key(key, key if len(key) == 1 else None))
    await app.settled()


async def test_enter_confirms_and_esc_does_not():
    assert await answer(Confirm("Next step", ["Makes SO-0231"]), "enter") is True
    assert await answer(Confirm("Next step", ["Makes SO-0231"]), "escape") is False
    assert await answer(Confirm("Next step", ["Makes SO-0231"]), "f3") is False
    assert await answer(Confirm("Next step", [("Credit exceeded", "bad")], possible=False), "enter") == "open"


async def test_what_cannot_be_taken_back_asks_for_its_number():
    assert await answer(Confirm("Send", ["42 reminders"], type_in="42"), "enter") == "open"
    assert await answer(Confirm("Send", ["42 reminders"], type_in="42"), "4", "3", "enter") == "open"
    assert await answer(Confirm("Send", ["42 reminders"], type_in="42"), "4", "3", "backspace", "2", "enter") is True


async def test_a_choice_is_taken_by_number_or_by_row():
    assert await answer(Menu("More", ["a", "b", "c"]), "2") == 1
    assert await answer(Menu("More", ["a", "b", "c"]), "\uff13") == 2
    assert await answer(Menu("More", ["a", "b", "c"]), "down", "down", "down", "up", "enter") == 1
    assert await answer(Menu("More", ["a", "b", "c"]), "9") == "open"
    assert await answer(Menu("More", ["a", "b", "c"]), "escape") is None
    assert await answer(Menu("More", [f"{n}" for n in range(40)]), "end", "enter") == 39


async def test_digits_alone_reach_every_choice_of_a_long_menu():
    many = [f"choice {n}" for n in range(1, 21)]
    assert await answer(Menu("More", many), "0", "1") == 9
    assert await answer(Menu("More", many), "0", "0", "2") == 19
    assert await answer(Menu("More", many), "0", "0", "3") == "open", "the last page has two"
    assert await answer(Menu("More", many), "0", "0", "0", "1") == 0, "after the last page comes the first"
    menu = Menu("More", many)
    assert await answer(menu, "0") == "open" and menu.rows(22)[-1] == (" 0  more", "dim")
    menu = Menu("More", many)
    assert await answer(menu, "0", "0") == "open" and menu.rows(22)[-1] == (" 0  back to the first page", "dim")


async def test_a_long_text_is_read_on_and_closed():
    text = Reading("Help", [f"line {n}" for n in range(100)])
    assert await answer(text, "end", "up", "escape") is None
    assert text.top == 100 - (24 - 3) - 1, "one above the last page of a sheet on 24 rows"


async def test_the_numbered_menu_does_what_the_screen_can_do():
    app = Shown()
    async with app.run_test(size=(80, 24)):
        place = app.screen
        assert isinstance(place, Place)
        assert [action for action, _words in place.menu()][:2] == ["stocktake", "new"]
        await typed(app, "f9", "1", "full_stop", "2")
        assert place.done == ["stocktake", "new"]


async def test_the_help_names_what_works_here_and_nothing_else():
    app = Shown()
    async with app.run_test(size=(80, 24)):
        await typed(app, "f1")
        help_page = app.screen
        assert isinstance(help_page, Reading)
        text = "\n".join(line for line, _style in help_page.lines)
        assert "F6 n" in text
        assert "Every quotation." in text
        assert "F8" not in text
        await typed(app, "f1")
        assert isinstance(app.screen, Place)


async def test_g_and_a_letter_go_to_a_place():
    app = Shown()
    async with app.run_test(size=(80, 24)):
        await typed(app, "g", "r")
        assert app.went == "receivables"
        await typed(app, "g", "escape", "n")
        place = app.screen
        assert isinstance(place, Place)
        assert place.done == ["new"]


async def test_the_key_bar_is_blank_where_a_key_does_nothing():
    app = Shown()
    async with app.run_test(size=(80, 24)):
        await app.settled()
        place = app.screen
        assert isinstance(place, Place)
        assert place.key_bar.labels == ("Help", "", "", "", "", "New", "", "", "More", "")


class Below(FramedScreen[None]):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def on_mount(self) -> None:
        self.heard.append("below")


class Above(Below):
    def on_mount(self) -> None:
        super().on_mount()
        self.heard.append("above")


async def test_a_handler_overrides_the_one_below_it_and_calls_it_once():
    app = Shown()
    async with app.run_test(size=(80, 24)):
        screen = Above()
        await app.push_screen(screen)
        await app.settled()
        assert screen.heard == ["below", "above"]
