"""The one map of keys: every command, where it works, and its words. No screen may give a key another meaning.

Bindings, the key bar, the numbered menu on F9 and the help on F1 are all made from here, so none of them can lie.
A command is carried out by the screen's (or widget's) method `action_<id>`; where there is none, or `check_action`
bars it, the key does nothing and its place on the bar is blank. People remap keys by the command's name.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from textual.binding import Binding, BindingsMap

from o2c_tui.texts import N_, _


class Place(StrEnum):
    """Where a command's keys work."""

    EVERYWHERE = "everywhere"  # also while typing in a field
    LIST = "list"  # in lists and in a document that is being viewed: single letters and signs
    ROWS = "rows"  # in the rows of a list
    GRID = "grid"  # in the lines of a document that is being edited


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its keys (comma-separated), the word on the key bar, and what it does in a sentence."""

    id: str
    place: Place
    keys: str
    label: str
    tooltip: str
    action: str = ""  # method `action_…`; the id if empty

    @property
    def name(self) -> str:
        """The name by which settings remap it."""
        return f"{self.place}.{self.id}"

    @property
    def does(self) -> str:
        """The action in Textual's notation."""
        return self.action or self.id


_E, _L, _R, _G = Place.EVERYWHERE, Place.LIST, Place.ROWS, Place.GRID

COMMANDS: tuple[Command, ...] = (
    Command("help", _E, "f1", N_("Help"), N_("This help")),
    Command("edit", _E, "f2", N_("Edit"), N_("Change this, or this cell")),
    Command("back", _E, "f3", N_("Back"), N_("Back; nothing is lost")),
    Command("find", _E, "f4", N_("Find"), N_("Look up; its card; why")),
    Command("reload", _E, "f5", N_("Load"), N_("Read again, check again")),
    Command("new", _E, "f6", N_("New"), N_("A new one of this kind")),
    Command("output", _E, "f7", N_("PDF"), N_("Write the PDF")),
    Command("next_step", _E, "f8", N_("Next"), N_("The next step, previewed")),
    Command("more", _E, "f9", N_("More"), N_("All actions, numbered")),
    Command("goto", _E, "f10,ctrl+p", N_("Go"), N_("Go to anything; commands")),
    Command("escape", _E, "escape", N_("Back"), N_("Close the innermost thing")),
    Command("search", _E, "ctrl+f", N_("Find"), N_("Find; narrow the list")),
    Command("save", _E, "ctrl+s", N_("Save"), N_("Save")),
    Command("undo", _E, "ctrl+z", N_("Undo"), N_("Undo")),
    Command("redo", _E, "ctrl+y", N_("Redo"), N_("Redo")),
    Command("copy", _E, "ctrl+c", N_("Copy"), N_("Copy")),
    Command("redraw", _E, "ctrl+l", N_("Draw"), N_("Draw the screen again"), action="app.redraw"),
    Command("quit", _E, "ctrl+q", N_("Quit"), N_("Leave; drafts stay"), action="app.quit"),
    Command("help", _L, "question_mark,fullwidth_question_mark", N_("Help"), N_("As F1")),
    Command("new", _L, "n", N_("New"), N_("As F6")),
    Command("edit", _L, "e", N_("Edit"), N_("As F2")),
    Command("reload", _L, "r", N_("Load"), N_("As F5")),
    Command("output", _L, "p", N_("PDF"), N_("As F7")),
    Command("next_step", _L, "x", N_("Next"), N_("As F8")),
    Command("more", _L, "full_stop,ideographic_full_stop", N_("More"), N_("As F9")),
    Command("go_to_place", _L, "g", N_("Go"), N_("Go: then a letter")),
    Command("undo", _L, "u", N_("Undo"), N_("As Ctrl+Z")),
    Command("back", _L, "q", N_("Back"), N_("As F3")),
    Command("filter", _L, "slash,ideographic_comma,fullwidth_solidus", N_("Filter"), N_("Narrow the list")),
    Command("sort_before", _L, "less_than_sign,left_double_angle_bracket", N_("Sort"), N_("Sort by another column")),
    Command("sort_after", _L, "greater_than_sign,right_double_angle_bracket", N_("Sort"), N_("Sort by another column")),
    Command("chain_before", _L, "left_square_bracket,left_black_lenticular_bracket", N_("Chain"),
            N_("Along the chain")),
    Command("chain_after", _L, "right_square_bracket,right_black_lenticular_bracket", N_("Chain"),
            N_("Along the chain")),
    Command("approve", _L, "y", N_("Yes"), N_("Approve (approvals only)")),
    Command("decline", _L, "d", N_("No"), N_("Decline (approvals only)")),
    *(Command(f"view_{n}", _L, f"{n},{chr(0xFF10 + n)}", N_("View"), N_("The view of that number"), action=f"view({n})")
      for n in range(1, 10)),
    Command("row_up", _R, "up", N_("Up"), N_("Row by row")),
    Command("row_down", _R, "down", N_("Down"), N_("Row by row")),
    Command("rows_up", _R, "pageup", N_("Page up"), N_("Page by page")),
    Command("rows_down", _R, "pagedown", N_("Page down"), N_("Page by page")),
    Command("first_row", _R, "home", N_("First"), N_("First, last row")),
    Command("last_row", _R, "end", N_("Last"), N_("First, last row")),
    Command("mark", _R, "space", N_("Mark"), N_("Mark, step down")),
    Command("mark_all", _R, "asterisk,fullwidth_asterisk", N_("All"), N_("Mark all, or none")),
    Command("open", _R, "enter,right", N_("Open"), N_("Open, drill down")),
    Command("leave", _R, "left", N_("Back"), N_("Back out of it")),
    Command("take", _G, "enter", N_("Take"), N_("Take it, go on")),
    Command("take_forward", _G, "tab", N_("Next"), N_("Every cell, forth or back")),
    Command("take_backward", _G, "shift+tab", N_("Before"), N_("Every cell, forth or back")),
    Command("line_up", _G, "up", N_("Up"), N_("Same column, other line")),
    Command("line_down", _G, "down", N_("Down"), N_("Same column, other line")),
    Command("insert_line", _G, "insert,ctrl+o", N_("Insert"), N_("Insert a line above")),
    Command("remove_line", _G, "ctrl+x", N_("Remove"), N_("Remove the line")),
    Command("repeat_above", _G, "ctrl+d", N_("Repeat"), N_("Repeat what is above")),
    Command("line_details", _G, "ctrl+e", N_("Details"), N_("Note on the line")),
    Command("clear_cell", _G, "ctrl+u", N_("Clear"), N_("Clear the cell")),
    Command("lines_up", _G, "pageup", N_("Page up"), N_("Page by page")),
    Command("lines_down", _G, "pagedown", N_("Page down"), N_("Page by page")),
)  # fmt: skip

BAR: tuple[Command, ...] = tuple(c for c in COMMANDS if c.place is _E and c.keys.startswith("f"))  # F1 to F10, in order
# g + letter: the places one can go to from any list.
GO_TO: dict[str, tuple[str, str]] = {
    "h": ("home", N_("Home")),
    "q": ("quotations", N_("Quotations")),
    "o": ("orders", N_("Sales orders")),
    "y": ("backorders", N_("Back-orders")),
    "s": ("deliveries", N_("Deliveries")),
    "i": ("invoices", N_("Invoices")),
    "r": ("receivables", N_("Receivables")),
    "m": ("payments", N_("Payments")),
    "b": ("bank", N_("Bank statements")),
    "k": ("stock", N_("Stock")),
    "l": ("items", N_("Items")),
    "d": ("reorder", N_("Reorder list")),
    "u": ("purchases", N_("Purchase orders")),
    "w": ("receipts", N_("Goods receipts")),
    "p": ("bills", N_("Supplier bills")),
    "f": ("transfers", N_("Transfers")),
    "n": ("stocktakes", N_("Stocktakes")),
    "j": ("adjustments", N_("Stock adjustments")),
    "x": ("bins", N_("Bins")),
    "z": ("warehouses", N_("Warehouses")),
    "c": ("customers", N_("Customers")),
    "v": ("suppliers", N_("Suppliers")),
    "g": ("closing", N_("Closing and ledger")),
    "e": ("reports", N_("Reports")),
    "t": ("settings", N_("Settings")),
}
# Places without a letter: reached from Home, or by F10 and the beginning of the name.
MORE_PLACES: dict[str, str] = {
    "settlements": N_("Account adjustments"),
    "alerts": N_("Stock alerts"),
    "lots": N_("Lots"),
    "outbox": N_("Outbox"),
    "monthly": N_("Monthly invoices"),
    "recurring": N_("Recurring invoices"),
    "rates": N_("Exchange rates"),
    "reminders": N_("Reminders"),
    "promises": N_("Promises to pay"),
    "terms": N_("Payment terms"),
    "taxes": N_("Tax codes"),
    "dashboard": N_("Dashboard"),
}
# Keys that terminals, multiplexers, browsers or input methods keep for themselves, or that arrive as another key.
NEVER = frozenset(
    {"ctrl+a", "ctrl+b", "ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+left_square_bracket", "ctrl+w", "ctrl+n",
     "ctrl+t", "ctrl+space", "ctrl+enter", "shift+enter", "alt+enter", "f11", "f12"}
)  # fmt: skip


def commands(*places: Place) -> Iterator[Command]:
    """The commands of some places, in the order of the map."""
    return (command for command in COMMANDS if command.place in places)


def bindings(*places: Place) -> list[Binding]:
    """The bindings of some places, for a screen's or widget's BINDINGS.

    What works everywhere goes before a field's own keys, but for Esc, which closes the innermost thing first.
    """
    return [
        Binding(
            command.keys,
            command.does,
            command.label,
            show=False,
            priority=command.place is Place.EVERYWHERE and command.id != "escape",
            tooltip=command.tooltip,
            id=command.name,
        )
        for command in commands(*places)
    ]


def key_name(key: str) -> str:
    """A key as it is printed on the keyboard: F8, Ctrl+S, PgUp, ?."""
    named = {
        "question_mark": "?", "full_stop": ".", "slash": "/", "asterisk": "*", "less_than_sign": "<",
        "greater_than_sign": ">", "left_square_bracket": "[", "right_square_bracket": "]", "escape": "Esc",
        "pageup": "PgUp", "pagedown": "PgDn", "insert": "Ins",
    }  # fmt: skip
    *modifiers, last = key.split("+")
    printed = named.get(last) or (last if len(last) == 1 and not modifiers else last.capitalize())
    return "+".join([modifier.capitalize() for modifier in modifiers] + [printed])


def keys_of(command: Command, remapped: Mapping[str, str] | None = None) -> str:
    """The keys of a command as printed, without the doubles that input methods need."""
    keys = (remapped or {}).get(command.name, command.keys).split(",")
    doubles = ("fullwidth_", "ideographic_", "left_double", "right_double", "left_black", "right_black")
    return " ".join(key_name(key) for key in keys if key.isascii() and not key.startswith(doubles))


def help_entries(
    works: Iterable[Command],
    remapped: Mapping[str, str] | None = None,
    here: Callable[[str], str | None] | None = None,
) -> list[tuple[str, str]]:
    """Keys and words of the commands that work here; keys that mean the same stand together. `here` says what a command is
    called on this screen, where it has a name of its own."""
    keys: dict[str, list[str]] = {}
    views = 0
    for command in works:
        if command.id.startswith("view_"):
            views += 1
            continue
        told = _(command.tooltip)
        if command.place is Place.LIST and (same := _named(command.id)) is not None:
            told = _(same.tooltip)
        if here is not None and command.id != "find":  # its words say all it does
            told = here(command.id) or told
        keys.setdefault(told, []).append(keys_of(command, remapped))
    if views:
        keys[_(N_("The view of that number"))] = ["1-9"]
    return [(" ".join(names), told) for told, names in keys.items()]


def _named(name: str) -> Command | None:
    return next((c for c in COMMANDS if c.place is Place.EVERYWHERE and c.id == name), None)


def remap_problems(table: Mapping[str, str]) -> list[str]:
    """Why a person's own keys (command name → keys) cannot be used; empty if they can."""
    known = {command.name: command for command in COMMANDS}
    problems = [_("No command is called {name}.").format(name=name) for name in table if name not in known]
    for place in Place:
        taken: dict[str, str] = {}
        for command in commands(place):
            for key in table.get(command.name, command.keys).replace(" ", "").split(","):
                if key in NEVER:
                    problems.append(_("{key} does not reach the program in every terminal.").format(key=key_name(key)))
                elif key in taken:
                    text = _("{key} cannot mean both {one} and {other}.")
                    problems.append(text.format(key=key_name(key), one=taken[key], other=command.name))
                taken[key] = command.name
    return problems


def redefined(bindings_of_class: Iterable[object]) -> list[str]:
    """Keys among a class's own BINDINGS that this map gives another meaning; the test of every screen uses it."""
    meant: dict[str, set[str]] = {}
    for command in COMMANDS:
        for key in command.keys.split(","):
            meant.setdefault(key, set()).add(command.does)
    own = BindingsMap(bindings_of_class)  # type: ignore[arg-type]
    return [
        f"{key}: {binding.action}"
        for key, found in own.key_to_bindings.items()
        for binding in found
        if key in meant and binding.action not in meant[key]
    ]
