"""The program with a defect in one place, for the tests: python -m tests.screens.broken_app BOOKS PLACE."""

import asyncio
import sys
from datetime import date
from typing import Any

from o2c_tui import app
from o2c_tui.screens.editing import Editor
from o2c_tui.screens.home import Home
from o2c_tui.screens.lists import ListScreen
from o2c_tui.widgets.listing import WindowedList

SECRET = "held by nobody"


def fail(*_: Any, **__: Any) -> Any:
    """A defect, with a value that must not be shown."""
    held = SECRET.upper()
    raise ValueError("broken" if held else "")


async def fail_later(*_: Any, **__: Any) -> Any:
    """The same in work beside the screen."""
    fail()


def _soon(does: Any) -> None:
    asyncio.get_running_loop().call_soon(does)


def break_it(place: str) -> None:
    """Put the defect in."""
    if place == "action":
        ListScreen.action_output = fail  # type: ignore[method-assign]
    elif place == "worker":
        ListScreen.open = fail_later  # type: ignore[method-assign]
    elif place == "handler":
        ListScreen.on_windowed_list_marked = fail  # type: ignore[method-assign]
    elif place == "mount":
        Editor._load = fail  # type: ignore[method-assign]
    elif place == "compose":
        Editor.content = fail  # type: ignore[method-assign]
    elif place == "drawing":
        good = WindowedList.render_lines
        armed = {"on": False}

        def arm(self: Any) -> None:
            armed["on"] = True
            self.list.refresh()

        def draw(self: Any, crop: Any) -> Any:
            return fail() if armed.pop("on", False) else good(self, crop)

        ListScreen.action_output = arm  # type: ignore[method-assign]
        WindowedList.render_lines = draw  # type: ignore[method-assign]
    elif place == "typing":
        Editor.on_entry_sheet_took = fail  # type: ignore[method-assign]
    elif place == "callback":
        ListScreen.action_output = lambda self: self.call_next(fail)  # type: ignore[method-assign]
    elif place == "app":
        ListScreen.action_output = lambda self: self.app.call_next(fail)  # type: ignore[method-assign]
    elif place == "loop":
        ListScreen.action_output = lambda self: _soon(fail)  # type: ignore[method-assign]
    elif place == "home":
        Home._lines_of = fail  # type: ignore[method-assign]
    elif place == "details":
        Editor._saved = fail_later  # type: ignore[method-assign]


if __name__ == "__main__":
    break_it(sys.argv[2])
    sys.exit(app.run(sys.argv[1], today=date(2026, 11, 24)))
