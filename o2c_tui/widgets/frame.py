"""The frame of every screen: title line, content, totals, message line, key bar; a side pane where there is room.

Lines are drawn as finished strips and only when their text changes. Every text from the books goes through `shown`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any, ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Region
from textual.message import Message
from textual.screen import Screen
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from o2c_tui.safe_text import cells, fit, shown, wrapped
from o2c_tui.terminal.driver import speaks_utf8
from o2c_tui.terminal.gate import GateApp
from o2c_tui.texts import N_, _, current
from o2c_tui.widgets.keys import BAR, GO_TO, Command, Place, bindings, commands, help_entries
from o2c_tui.widgets.look import (
    MONO,
    Glyphs,
    Look,
    glyphs_at_start,
    glyphs_measured,
    look_of,
    theme_of_environment,
    themes,
)

Result = TypeVar("Result")
WIDTH, HEIGHT = 80, 24  # the size every screen is made for
WIDE = 100  # columns from which there is a side pane
_SLOTS = {"en": (8, 8, 8, 8, 8, 7, 7, 11, 8, 7), "zh_CN": (8, 8, 8, 8, 8, 8, 7, 9, 8, 8)}  # cells for F1 to F10
Part = tuple[str, Style]
_NOT_IN_MENU = frozenset({"help", "back", "escape", "more", "copy", "search"})


class FramedApp(GateApp[Result], Generic[Result]):
    """An app with our themes and signs, which its widgets read as `look` and `glyphs`."""

    glyphs: Glyphs
    lit_rows = True  # False: a marker instead of a lit row, for slow lines
    slow_line = False  # as little as can be is sent: no side pane, look-ups after a rest, no changes of others
    bell_rings = True

    def __init__(self, *, theme: str = "", glyph_setting: str = "auto", **options: Any) -> None:
        super().__init__(**options)
        self.glyph_setting = glyph_setting
        self._measured: Glyphs | None = None  # the signs the terminal was measured for
        self.glyphs = glyphs_at_start(glyph_setting, utf8=speaks_utf8(), language=current())
        for each in themes():
            self.register_theme(each)
        self.theme = theme_of_environment(theme)

    def watch_theme(self, theme: str) -> None:
        """The theme without colours sends none, whatever a widget asks for."""
        self.colourless = theme == MONO
        self.forget_frame()

    def go_to(self, place: str) -> None:
        """Go to a place by its name in `keys.GO_TO`; the app that knows the places carries it out."""

    @property
    def look(self) -> Look:
        """The styles of the theme in use."""
        return look_of(self.theme)

    def width_measured(self, wide: bool | None) -> None:
        """Take the signs that this terminal draws right, unless a setting chose them."""
        self._measured = glyphs_measured(wide)
        self._choose_signs()

    def use_signs(self, setting: str) -> None:
        """Take the signs a person chose: "fine", "plain", or "auto" for those the terminal was measured for."""
        if setting != self.glyph_setting:
            self.glyph_setting = setting
            self._choose_signs()

    def _choose_signs(self) -> None:
        chosen = glyphs_at_start(self.glyph_setting, utf8=speaks_utf8(), language=current())
        fixed = glyphs_at_start(self.glyph_setting, utf8=True) is glyphs_at_start(self.glyph_setting, utf8=False)
        if not fixed and self._measured is not None:
            chosen = self._measured
        if chosen is not self.glyphs:
            self.glyphs = chosen
            for screen in self.screen_stack if self._running else ():
                for widget in screen.walk_children(Widget):
                    widget.refresh()


SLOW_REST = 0.25  # seconds: on a slow line a look-up waits until typing rests


class AfterRest:
    """Something done at once, or on a slow line when typing has rested; `now` does what still waits."""

    def __init__(self, widget: Widget, does: Callable[[], None]) -> None:
        self.widget, self.does = widget, does
        self._timer: Timer | None = None

    def soon(self) -> None:
        """Do it now, or after a rest that begins anew with each call."""
        self.drop()
        if getattr(self.widget.app, "slow_line", False):
            self._timer = self.widget.set_timer(SLOW_REST, self.now)
        else:
            self.does()

    def now(self) -> None:
        """Do what waits, if anything does."""
        if self._timer is not None:
            self.drop()
            self.does()

    def drop(self) -> None:
        """Forget what waits."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None


def look_for(widget: Widget) -> tuple[Look, Glyphs]:
    """The styles and signs that `widget` is to draw with."""
    app = widget.app
    assert isinstance(app, FramedApp), "our widgets need an app that has a look"
    return app.look, app.glyphs


class OneLine(Widget):
    """A line drawn as one strip, made anew only when what it says, the width or the look has changed."""

    DEFAULT_CSS = "OneLine { height: 1; width: 1fr; }"
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drawn: tuple[object, Strip] | None = None

    def parts(self, look: Look, glyphs: Glyphs, width: int) -> list[Part]:
        """What the line shows, as texts with their styles; the rest of the line is blank in `ground`."""
        raise NotImplementedError

    def ground(self, look: Look) -> Style:
        """The style of the empty part of the line."""
        return look.text

    def says(self) -> object:
        """What the line says, to be compared with what it said."""
        raise NotImplementedError

    def render_lines(self, crop: Region) -> list[Strip]:
        look, glyphs = look_for(self)
        width = self.size.width
        said = (self.says(), width, look, glyphs)
        if self._drawn is None or self._drawn[0] != said:
            strip = strip_of(self.parts(look, glyphs, width), width, self.ground(look))
            self._drawn = said, strip
        strip = self._drawn[1]
        whole = crop.x == 0 and crop.width == width
        return [strip if whole else strip.crop(crop.x, crop.right)] * crop.height

    def notify_change(self) -> None:
        """Draw again if the line says something else now."""
        if self._drawn is None or self._drawn[0][0] != self.says():  # type: ignore[index]
            self.refresh()


def strip_of(parts: Iterable[Part], width: int, ground: Style) -> Strip:
    """Texts with styles as one strip of exactly `width` cells."""
    segments: list[Segment] = []
    left = width
    for text, style in parts:
        size = cells(text)
        if size > left:
            text, size = fit(text, left, cut=""), left
        if text:
            segments.append(Segment(text, style))
            left -= size
    if left:
        segments.append(Segment(" " * left, ground))
    return Strip(segments, width)


@dataclass(frozen=True, slots=True)
class Title:
    """What the title line says: where one is, and as whom."""

    place: str = ""
    detail: str = ""  # number, or the filter in use
    views: tuple[str, ...] = ()
    chosen: int = 0  # view number, 1-9; 0 none
    mode: str = ""  # VIEW, EDIT, NEW
    state: str = ""
    right: str = ""  # company and person
    note: str = ""  # the window is too small
    changed: bool = False  # somebody else changed what is shown (slow lines: F5 shows it)


class TitleLine(OneLine):
    """Row 1: place, number or filter, mode, state; company and person at the right."""

    def __init__(self, place: str = "") -> None:
        super().__init__(id="title")
        self.title = Title(place)

    def set(self, **changes: Any) -> None:
        """Change parts of the title (the fields of `Title`)."""
        self.title = replace(self.title, **changes)
        self.notify_change()

    def says(self) -> object:
        return self.title

    def ground(self, look: Look) -> Style:
        return look.title_dim

    def parts(self, look: Look, glyphs: Glyphs, width: int) -> list[Part]:
        t = self.title
        right = shown(t.right)
        ending: list[Part] = [(f"{right} ", look.title_dim)] if right else []
        if t.changed:
            ending.insert(0, (f" {_('changed, F5')} ", look.lit))
            ending.insert(1, (" ", look.title_dim))
        if t.note:
            ending = [(f" {t.note} ", look.lit)]
        room = width - sum(cells(text) for text, _style in ending) - (1 if ending else 0)
        for most in (0, *range(14, 2, -1)):  # so that each number stays in sight, the other views give way
            left = self._left(look, glyphs, most)
            if not t.views or sum(cells(text) for text, _style in left) <= room:
                break
        apart: list[Part] = [(" ", look.title_dim)] if ending else []
        return [*_fitted(left, room, glyphs.cut, look.title_dim), *apart, *ending]

    def _left(self, look: Look, glyphs: Glyphs, most: int) -> list[Part]:
        """Place, views, detail and state; views that are not chosen in at most so many cells (0: whole)."""
        t = self.title
        left: list[Part] = [(f" {shown(t.place)}", look.title)]
        for number, view in enumerate(t.views, 1):
            chosen = number == t.chosen
            space = "  " if number == 1 else " "
            tab = look.tab if glyphs.fine else None
            words = shown(view)
            if most and not chosen and cells(words) > most:
                words = fit(words, most, cut=glyphs.cut).rstrip()
            text = f"{number} {words}"
            if chosen:
                text = f" {text} " if tab is not None else f"[{text}]"
            left += [(space, look.title_dim), (text, (tab or look.title_chosen) if chosen else look.title_dim)]
        left += [(f"  {shown(text)}", look.title_dim) for text in (t.detail,) if text]
        left += [(f"  {shown(text)}", look.title_chosen) for text in (t.mode, t.state) if text]
        return left


def _fitted(parts: list[Part], width: int, cut: str, ground: Style) -> list[Part]:
    """`parts` padded or cut to exactly `width` cells."""
    fitted: list[Part] = []
    left = width
    for text, style in parts:
        size = cells(text)
        if size > left:
            fitted.append((fit(text, left, cut=cut), style))
            return fitted
        fitted.append((text, style))
        left -= size
    return [*fitted, (" " * left, ground)]


class TotalsLine(OneLine):
    """The row of totals, or of what is marked; a second text stands at the right."""

    def __init__(self) -> None:
        super().__init__(id="totals")
        self.left, self.right = "", ""

    def set(self, left: str = "", right: str = "") -> None:
        """Show these texts."""
        self.left, self.right = shown(left), shown(right)
        self.notify_change()

    def says(self) -> object:
        return self.left, self.right

    def parts(self, look: Look, glyphs: Glyphs, width: int) -> list[Part]:
        right = f"{self.right} " if self.right else ""
        room = max(0, width - cells(right))
        return [(fit(f" {self.left}", room, cut=glyphs.cut), look.strong), (right, look.dim)]


OK, WARN, ERR, BUSY, HINT = "OK", "WARN", "ERR", "BUSY", ""
_WORDS = {OK: N_("OK"), WARN: N_("WARN"), ERR: N_("ERR"), BUSY: N_("BUSY"), HINT: ""}


MOST_KEPT = 200  # messages that `log` lists


class MessageLine(OneLine):
    """The one place where the program speaks: OK, WARN, ERR or BUSY and a sentence; stays until the next one."""

    def __init__(self) -> None:
        super().__init__(id="message")
        self.kind, self.text = HINT, ""

    def say(self, kind: str, text: str) -> None:
        """Say `text`; `kind` is OK, WARN, ERR, BUSY, or HINT for a plain hint."""
        self.kind, self.text = kind, shown(text)
        kept: list[str] | None = getattr(self.app, "messages", None)
        if kept is not None and kind in (OK, WARN, ERR) and text:
            kept.append(f"{_(_WORDS[kind])}  {self.text}")
            del kept[:-MOST_KEPT]
        self.notify_change()

    def says(self) -> object:
        return self.kind, self.text

    def parts(self, look: Look, glyphs: Glyphs, width: int) -> list[Part]:
        text = fit(self.text, cells(self.text), cut=glyphs.cut)
        if self.kind == HINT:
            return [(fit(f" {text}", width, cut=glyphs.cut), look.dim)]
        style = look.bad if self.kind in (WARN, ERR) else look.good
        word = f" {_(_WORDS[self.kind])}  "
        body = look.dim if self.kind == BUSY else look.text
        return [(word, style + Style(bold=True)), (fit(text, max(0, width - cells(word)), cut=glyphs.cut), body)]


class KeyBar(OneLine):
    """The F-keys that do something here and now; each keeps its place, so the eye finds it."""

    def __init__(self) -> None:
        super().__init__(id="keys")
        self.labels: tuple[str, ...] = ("",) * len(BAR)

    def set(self, labels: Sequence[str]) -> None:
        """Show the labels of F1 to F10; an empty one leaves the place blank."""
        self.labels = tuple(labels)
        self.notify_change()

    def says(self) -> object:
        return self.labels, current()

    def parts(self, look: Look, glyphs: Glyphs, width: int) -> list[Part]:
        chinese = current() == "zh_CN"
        parts: list[Part] = []
        slots = _SLOTS.get(current(), _SLOTS["en"])
        more = min(4, max(0, width - sum(slots)) // len(slots))  # a wide window sets them further apart
        at, end = 0, 0  # where the key's own place begins, and where the keys before it end
        for number, (label, room) in enumerate(zip(self.labels, slots, strict=True), 1):
            if label:
                key = f" F{number}" if chinese else f" F{number} "
                start = max(at, end)
                parts += [(" " * (start - end), look.dim), (key, look.key), (label, look.text)]
                end = start + cells(key) + cells(label)
            at += room + more
        return parts


Row = str | tuple[str, str] | Sequence[tuple[str, str]]  # a text, a text with the name of its style, or several


class Lines(Widget):
    """Lines of text, each in one or more styles; only those that changed are drawn again."""

    DEFAULT_CSS = "Lines { height: 1fr; width: 1fr; }"
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: tuple[tuple[tuple[str, str], ...], ...] = ()

    def set(self, rows: Sequence[Row]) -> None:
        """Show these rows; each part names its style ("dim", "strong", "bad", …)."""
        now = tuple(_row_parts(row) for row in rows)
        was, self.rows = self.rows, now
        width = self.size.width
        changed = [y for y, (old, new) in enumerate(zip_longest(was, now)) if old != new]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def before(self, glyphs: Glyphs) -> str:
        """What stands at the left of each line."""
        return " "

    def render_lines(self, crop: Region) -> list[Strip]:
        look, glyphs = look_for(self)
        width = self.size.width
        strips = []
        for y in range(crop.y, crop.bottom):
            row = self.rows[y] if y < len(self.rows) else ()
            parts = [(self.before(glyphs), look.rule)]
            room = max(0, width - 1 - cells(parts[0][0]))
            for text, style in row:
                text = fit(text, min(cells(text), room), cut=glyphs.cut)
                parts.append((text, getattr(look, style)))
                room -= cells(text)
            strip = strip_of(parts, width, look.text)
            strips.append(strip if crop.width == width else strip.crop(crop.x, crop.right))
        return strips


def _row_parts(row: Row) -> tuple[tuple[str, str], ...]:
    if isinstance(row, str):
        return ((shown(row), "text"),)
    if isinstance(row, tuple) and len(row) == 2 and isinstance(row[0], str):
        return ((shown(row[0]), str(row[1])),)
    return tuple((shown(text), style) for text, style in row)


class SidePane(Lines):
    """At 100 columns or more: what belongs to the row under the cursor."""

    DEFAULT_CSS = "SidePane { width: 36; height: 1fr; display: none; }"

    def __init__(self) -> None:
        super().__init__(id="side")

    def before(self, glyphs: Glyphs) -> str:
        return f" {glyphs.beside} "


def _flowing(text: str) -> list[str]:
    """The sentences of a text by paragraph: a line that ends within a sentence goes on in the next."""
    told: list[str] = []
    for line in (part.strip() for part in text.splitlines()):
        if told and told[-1][-1:] not in ".?!。？！":
            told[-1] += f" {line}" if told[-1][-1:].isascii() else line
        else:
            told.append(line)
    return told


class OneHandler:
    """A handler (`on_mount`) overrides that of the class below it, as every method does, and calls it by `super()`.

    Textual calls the handlers of all classes, one after the other: what `super()` had called ran again, after all.
    """

    def _get_dispatch_methods(self, method_name: str, message: Message) -> Iterable[tuple[type, Any]]:
        answered = False
        for owner, method in super()._get_dispatch_methods(method_name, message):  # type: ignore[misc]
            if issubclass(owner, OneHandler):
                if answered:
                    continue
                answered = True
            yield owner, method


class FramedScreen(OneHandler, Screen[Result], Generic[Result]):
    """A screen with the frame around it: subclasses yield `content`, name their `PLACE` and define actions.

    `action_help` … `action_goto` and the other ids of `keys` are carried out if the class has them and `check_action`
    allows it; `key_label` may put another word on the bar (F8: Order).
    """

    DEFAULT_CSS = """
    FramedScreen { layout: vertical; overflow: hidden; }
    FramedScreen > #body { height: 1fr; }
    """
    BINDINGS = bindings(Place.EVERYWHERE, Place.LIST)  # type: ignore[assignment]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]
    PLACE: ClassVar[str] = ""
    ABOUT: ClassVar[str] = ""  # what the place is for, in up to five lines, marked with `N_`
    MENU: ClassVar[Sequence[tuple[str, str]]] = ()  # more actions for F9, each with its words, marked with `N_`
    SIDE_FROM: ClassVar[int] = 0  # columns from which there is a side pane; 0: never

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.title_line = TitleLine(_(self.PLACE))
        self.totals = TotalsLine()
        self.message_line = MessageLine()
        self.key_bar = KeyBar()
        self.side = SidePane() if self.SIDE_FROM else None

    def content(self) -> ComposeResult:
        """The widgets between title and totals; one of them is 1fr high."""
        yield from ()

    def compose(self) -> ComposeResult:
        yield self.title_line
        if self.side is None:
            yield from self.content()
        else:
            yield Horizontal(Vertical(*self.content()), self.side, id="body")
        yield self.totals
        yield self.message_line
        yield self.key_bar

    # -- saying ----------------------------------------------------------------------------------------------------

    def ok(self, text: str) -> None:
        """Say what was done, and the next key."""
        self.message_line.say(OK, text)

    def warn(self, text: str) -> None:
        """Say what is unusual; work goes on."""
        self.message_line.say(WARN, text)

    def err(self, text: str) -> None:
        """Say what is wrong, where, and what to do; keys typed ahead are dropped."""
        self.message_line.say(ERR, text)
        app = self.app
        if isinstance(app, FramedApp) and app.bell_rings:
            app.bell()
        if isinstance(app, GateApp):
            app.drop_typeahead()

    def busy(self, text: str) -> None:
        """Say what is under way."""
        self.message_line.say(BUSY, text)

    def hint(self, text: str) -> None:
        """Say what can be done here."""
        self.message_line.say(HINT, text)

    def forget_message(self) -> None:
        """Something was done: what was said before it no longer holds; a hint does."""
        if self.message_line.kind in (OK, WARN, ERR):
            self.hint("")

    # -- keys ------------------------------------------------------------------------------------------------------

    def key_label(self, action: str) -> str | None:
        """Another word for an action's key on the bar (marked with `_`); None keeps the usual one."""
        return None

    def can(self, action: str) -> bool:
        """Whether this screen carries out `action` here and now."""
        return hasattr(self, f"action_{action}") and self.check_action(action, ()) is True

    def refresh_keys(self) -> None:
        """Show on the key bar what works here and now."""
        self.key_bar.set(
            [(self.key_label(c.id) or _(c.label)) if self.can(c.id) else "" for c in BAR]
        )  # fmt: skip

    def refresh_bindings(self) -> None:
        super().refresh_bindings()
        if self.is_mounted:
            self.refresh_keys()

    def about(self) -> str:
        """What the help says of this place."""
        return _(self.ABOUT) if self.ABOUT else ""

    def action_help(self) -> None:
        """The keys that work here, in two columns, then what the place is for (`ABOUT`)."""
        from o2c_tui.widgets.confirm import Reading

        entries = help_entries((c for c in commands(*Place) if self._works(c)), here=self.key_label)
        column = [f"{fit(keys, 13)} {fit(words, 25, cut='')}" for keys, words in entries]
        half = (len(column) + 1) // 2
        rows = [f"{left} {right}" for left, right in zip_longest(column[:half], column[half:], fillvalue="")]
        about = [(part, "dim") for line in _flowing(self.about()) for part in wrapped(line, WIDTH - 2)]
        line = self.message_line
        said = [(part, "bad") for part in wrapped(line.text, WIDTH - 2)] if line.kind in (ERR, WARN) else []
        self.app.push_screen(Reading(_("Help"), [*said, *([""] if said else []), *rows, "", *about]))

    def _works(self, command: Command) -> bool:
        if command.action.startswith("app."):
            return True
        typing = self.focused is not None and self.focused.check_consume_key("a", "a")
        if command.place is Place.LIST:
            return not typing and self.can(command.does.partition("(")[0])
        if command.place is Place.ROWS:
            return any(hasattr(widget, f"action_{command.does}") for widget in self.walk_children(Widget))
        if command.place is Place.GRID:
            return typing and hasattr(self.focused, f"do_{command.does}")
        return self.can(command.does)

    def action_more(self) -> None:
        """Everything that can be done here, numbered."""
        from o2c_tui.widgets.confirm import Menu

        entries = self.menu()

        def take(number: int | None) -> None:
            if number is not None:
                self.call_next(self.run_action, entries[number][0])

        self.app.push_screen(Menu(_("More"), [label for _action, label in entries]), take)

    def menu(self) -> list[tuple[str, str]]:
        """The entries of the F9 menu: action and words. Screens put their own before the usual ones."""
        own = [(action, _(label)) for action, label in self.MENU if self.can(action.partition("(")[0])]
        usual = [
            (c.does, self._in_menu(c))
            for c in commands(Place.EVERYWHERE)
            if c.id not in _NOT_IN_MENU and (self.can(c.id) or c.action.startswith("app."))
        ]
        return own + usual + self._grid_entries()

    def _grid_entries(self) -> list[tuple[str, str]]:
        """What only a Ctrl key does in the lines of an editor: for who has none, or none that arrives."""
        typed_in = self.focused
        if not getattr(typed_in, "grows", False) or not getattr(typed_in, "editable", False):
            return []
        return [
            (f"in_lines('{c.id}')", _(c.tooltip))
            for c in commands(Place.GRID)
            if any(key.startswith("ctrl+") for key in c.keys.split(","))
        ]

    def action_in_lines(self, name: str) -> None:
        """One of the commands of the lines, by its name."""
        getattr(self.focused, f"do_{name}")()

    def _in_menu(self, command: Command) -> str:
        """How the menu calls a command: by what its key does here, if that has a word of its own."""
        here = self.key_label(command.id) if command.id != "find" else None  # its words say all it does
        if here and command.id == "output" and here != _(command.label):
            return here  # it writes no PDF there
        return _("{does}: {here}").format(does=_(command.tooltip), here=here) if here else _(command.tooltip)

    def action_go_to_place(self) -> None:
        """`g`: the next letter says where to go."""
        app = self.app
        assert isinstance(app, FramedApp)

        def take(event: events.Key) -> bool:
            named = GO_TO.get(event.character or "")
            self.hint("")
            if named is not None:
                app.go_to(named[0])
            return named is not None or event.key == "escape"

        self.hint(self._places_that_fit())
        app.take_next_key(take)

    def _places_that_fit(self) -> str:
        """The letters of the places in one line, as many as the screen is wide; F10 lists every one."""
        places = [f"{letter} {_(name)}" for letter, (_place, name) in GO_TO.items()]
        room, rest = self.size.width - 2, f"  F10 {_('all places')}"
        if cells(" ".join(places)) <= room:
            return " ".join(places)
        while places and cells(" ".join(places) + rest) > room:
            places.pop()
        return " ".join(places) + rest

    def action_back(self) -> None:
        """Back one level."""
        if len(self.app.screen_stack) > 1:
            self.dismiss(None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Back needs a place to go back to."""
        return action not in ("back", "escape") or len(self.app.screen_stack) > 1

    def action_escape(self) -> None:
        """Close the innermost thing: here, the screen itself."""
        self.action_back()

    # -- size ------------------------------------------------------------------------------------------------------

    def on_screen_resume(self) -> None:
        self.refresh_keys()

    def on_resize(self, event: events.Resize) -> None:
        width, height = event.size
        note = ""
        if width < WIDTH or height < HEIGHT:
            note = _("needs {wanted}, have {present}").format(
                wanted=f"{WIDTH}x{HEIGHT}", present=f"{width}x{height}"
            )  # fmt: skip
        self.title_line.set(note=note)
        self.show_side()

    def show_side(self) -> None:
        """Show the side pane, or hide it, as there is room and line for it."""
        if self.side is not None:
            self.side.display = self.has_side
            self.call_next(self.look_beside)

    def look_beside(self) -> None:
        """Show in the side pane what belongs to the cursor; screens that have one do."""

    @property
    def has_side(self) -> bool:
        """Whether there is a side pane, and room for it."""
        slow = getattr(self.app, "slow_line", False)
        return self.side is not None and self.app.size.width >= self.SIDE_FROM and not slow
