"""A screen that is one list, asked for when it opens."""

from typing import Any

from textual.app import ComposeResult

from o2c_tui.screens.base import DeskScreen
from o2c_tui.widgets.listing import WindowedList


class ListedScreen(DeskScreen):
    """What such screens share: the list takes the keys and is read at once, Left goes back.

    Textual calls `on_mount` of every class of a screen by itself: a subclass with one of its own does not call this one.
    """

    rows: WindowedList[Any]

    def content(self) -> ComposeResult:
        yield self.rows

    def on_mount(self) -> None:
        super().on_mount()
        self.rows.focus()
        self.load()

    def load(self) -> Any:
        """Ask what is to be shown, and show it; a worker."""
        raise NotImplementedError  # each list has its own

    def on_windowed_list_left(self, event: WindowedList.Left) -> None:
        self.action_back()
