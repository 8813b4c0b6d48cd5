"""One key, one meaning, on every screen."""

import ast
import importlib
import inspect
import pkgutil
import textwrap
from collections import Counter

from textual.dom import DOMNode
from textual.screen import Screen

import o2c_tui.screens
import o2c_tui.widgets
from o2c_tui.texts import use
from o2c_tui.widgets.frame import _SLOTS, KeyBar
from o2c_tui.widgets.keys import BAR, COMMANDS, GO_TO, NEVER, Place, bindings, commands, redefined, remap_problems
from o2c_tui.widgets.look import CONTRAST, DARK, FINE, LIGHT, PALETTES, PLAIN, look_of


def our_classes() -> list[type[DOMNode]]:
    """Every screen and widget of ours."""
    for package in (o2c_tui.widgets, o2c_tui.screens):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    found, todo = [], [DOMNode]
    while todo:
        subclasses = todo.pop().__subclasses__()
        todo += subclasses
        found += [each for each in subclasses if each.__module__.startswith("o2c_tui.")]
    return found


def test_no_screen_gives_a_key_another_meaning():
    classes = our_classes()
    assert len(classes) > 5
    assert {c.__name__: problems for c in classes if (problems := redefined(vars(c).get("BINDINGS", [])))} == {}


def test_no_screen_or_widget_takes_a_key_that_means_something_everywhere():
    """Neither by a method of its own for a key, nor in its `on_key`."""
    everywhere = {key for c in commands(Place.EVERYWHERE) for key in c.keys.split(",")} - {"escape"}
    keys = {key for c in COMMANDS for key in c.keys.split(",")}
    wrong = []
    for each in our_classes():
        for name, method in vars(each).items():
            if name.removeprefix("key_").replace("_", "+", 1) in keys or name.removeprefix("key_") in keys:
                wrong.append(f"{each.__name__}.{name}")
            if name in ("on_key", "_on_key"):
                tree = ast.parse(textwrap.dedent(inspect.getsource(method)))
                said = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
                wrong += [f"{each.__name__}: {key}" for key in said & everywhere]
    assert wrong == []


def test_what_ours_inherit_gives_no_key_of_the_map_another_meaning():
    """Textual's own bindings lie below: where one has a key of ours, ours goes before it."""
    for each in our_classes():
        merged = getattr(each, "_merged_bindings", None)
        if merged is None or not issubclass(each, Screen):
            continue
        for command in commands(Place.EVERYWHERE):
            for key in command.keys.split(","):
                found = merged.key_to_bindings.get(key, [])
                assert [b.action for b in found][:1] == [command.does], (each.__name__, key, found)


def test_the_guard_sees_a_redefinition():
    assert redefined([("f8", "delete_everything", "x")]) == ["f8: delete_everything"]
    assert redefined([("x", "vanish", "x")]) == ["x: vanish"]
    assert redefined(bindings(*Place)) == []


def test_no_key_has_two_meanings_in_one_place_and_none_is_lost_on_the_way():
    for place in Place:
        keys = Counter(key for command in commands(place) for key in command.keys.split(","))
        assert [key for key, times in keys.items() if times > 1] == []
        assert NEVER.isdisjoint(keys)
    assert len({command.name for command in COMMANDS}) == len(COMMANDS)


def test_letters_of_lists_and_rows_do_not_collide():
    both = Counter(key for command in commands(Place.LIST, Place.ROWS) for key in command.keys.split(","))
    assert max(both.values()) == 1


def test_what_letters_do_function_keys_or_the_menu_do_too():
    everywhere = {command.id for command in commands(Place.EVERYWHERE)}
    assert {c.id for c in commands(Place.LIST) if c.tooltip.startswith("As ")} <= everywhere


def test_the_key_bar_holds_ten_keys_in_80_cells_in_both_languages():
    assert [command.keys.split(",")[0] for command in BAR] == [f"f{n}" for n in range(1, 11)]
    assert (sum(_SLOTS["en"]), sum(_SLOTS["zh_CN"])) == (80, 80)
    bar = KeyBar()
    bar.labels = tuple(command.label for command in BAR)
    look = look_of(DARK)
    use("en")
    text = "".join(part for part, _style in bar.parts(look, FINE, 80))
    assert text == " F1 Help F2 Edit F3 Back F4 Find F5 Load F6 New F7 PDF F8 Next    F9 More F10 Go"
    bar.labels = ("帮助", "编辑", "返回", "查找", "刷新", "新建", "输出", "下一步", "操作", "跳转")
    use("zh_CN")
    try:
        text = "".join(part for part, _style in bar.parts(look, PLAIN, 80))
        assert text == " F1帮助  F2编辑  F3返回  F4查找  F5刷新  F6新建  F7输出 F8下一步 F9操作  F10跳转"
    finally:
        use("en")


def test_people_may_remap_keys_but_not_into_a_clash():
    assert remap_problems({"everywhere.next_step": "f8,ctrl+g"}) == []
    assert "F7" in remap_problems({"everywhere.next_step": "f7"})[0]
    assert "Ctrl+B" in remap_problems({"everywhere.save": "ctrl+b"})[0]
    assert "nonsense" in remap_problems({"nonsense": "f8"})[0]


def test_each_place_has_its_own_letter():
    assert len({place for place, _name in GO_TO.values()}) == len(GO_TO)


def contrast(one: int, other: int) -> float:
    from rich.color import Color

    def light(number: int) -> float:
        parts = [part / 255 for part in Color.from_ansi(number).get_truecolor()]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((light(one), light(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_text_is_legible_in_every_theme():
    for name, wanted in ((DARK, 4.5), (LIGHT, 4.5), (CONTRAST, 7.0)):
        p = PALETTES[name]
        pairs = [(c, ground) for c in (p.text, p.dim, p.accent, p.good, p.bad) for ground in (p.ground, p.band)]
        for colour, ground in [*pairs, (p.lit_text, p.lit)]:
            assert contrast(colour, ground) >= wanted, (name, colour, ground)


def test_plain_signs_are_ascii_and_bars_keep_their_width():
    assert all(str(getattr(PLAIN, name)).isascii() for name in PLAIN.__slots__)
    for glyphs in (FINE, PLAIN):
        assert {len(glyphs.bar(n / 40, 10)) for n in range(41)} == {10}
    assert FINE.bar(0.55, 10).startswith("█████▌")
    assert PLAIN.bar(0.5, 10) == "#####     "
