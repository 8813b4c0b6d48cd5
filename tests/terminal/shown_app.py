"""A small app on the terminal layer, run in a pseudo-terminal by the tests: a list, a dialog with a field, drafts.

Arguments: the number of rows, and the file that `save_and_quit` writes. Options in the environment: ROW_STYLE=marker, O2C_THEME.
"""

import os
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from textual.app import ComposeResult
from textual.widgets import Input

from o2c_tui.widgets.frame import FramedApp, FramedScreen
from o2c_tui.widgets.listing import Column, WindowedList

NAMES = ("Bluewater Marine", "Cobalt Works", "上海华信贸易有限公司", "Beacon Hardware", "Nørd & Søn A/S", "Éclair SARL")
STATES = ("DRAFT", "OPEN", "APPR?", "PAID", "LATE 41d")
Row = tuple[int, str, str, str, str]


class ManyRows:
    """Any number of made-up quotations, in the order of their numbers."""

    def __init__(self, count: int) -> None:
        self.count = count

    def row(self, n: int) -> Row:
        day = date(2026, 1, 1) + timedelta(days=n % 330)
        return (
            n,
            NAMES[n % len(NAMES)],
            day.isoformat()[5:],
            f"{(n * 7919) % 999983 / 100:,.2f}",
            STATES[n % len(STATES)],
        )

    def fetch(self, *, after: Any = None, before: Any = None, limit: int, from_end: bool = False) -> Sequence[Row]:
        if after is not None:
            start = after + 1
        elif before is not None:
            start = max(0, before - limit)
            limit = before - start
        else:
            start = max(0, self.count - limit) if from_end else 0
        return [self.row(n) for n in range(start, min(self.count, start + limit))]


def state_style(row: Row) -> str:
    return {"DRAFT": "dim", "PAID": "good", "LATE 41d": "bad"}.get(row[4], "")


COLUMNS = (
    Column[Row]("No", lambda row: f"Q-{row[0]:07d}", width=9),
    Column[Row]("Customer", lambda row: row[1], width=20, share=1),
    Column[Row]("Date", lambda row: row[2], width=5, style=lambda row: "dim"),
    Column[Row]("Total", lambda row: row[3], width=12, right=True),
    Column[Row]("Status", lambda row: row[4], width=8, style=state_style),
)


class Note(FramedScreen[str]):
    """Asks for a note; Enter gives it back."""

    PLACE = "NOTE"

    def content(self) -> ComposeResult:
        yield Input(id="note")

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False
        self.hint("Enter takes it; Esc leaves it")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)


class Quotations(FramedScreen[None]):
    """Every quotation."""

    PLACE = "QUOTATIONS"
    SIDE_FROM = 100

    def __init__(self, count: int) -> None:
        super().__init__()
        self.list = WindowedList[Row](
            COLUMNS, key=lambda row: row[0], warn=lambda row: row[4].startswith("LATE"), follow=self.follow
        )
        self.count = count
        self.notes: list[str] = []

    def content(self) -> ComposeResult:
        yield self.list

    async def on_mount(self) -> None:
        self.title_line.set(views=("Open", "Draft", "Sent"), chosen=1, detail="/status:open", right="Acme Ltd  jane")
        await self.list.show(ManyRows(self.count))
        self.list.focus()
        self.hint("Enter opens; Space marks; F8 makes sales orders of the marked")

    def follow(self, row: Row | None) -> None:
        assert self.side is not None
        if row is not None:
            rows = [(row[1], "strong"), "", f"Owes        {row[3]}", ("Last order  10-30", "dim")]
            self.side.set(rows)

    def on_windowed_list_marked(self) -> None:
        self.totals.set(f"{len(self.list.marked)} marked" if self.list.marked else "", "4 of 4 shown")

    def on_windowed_list_opened(self) -> None:
        self.action_new()

    def action_new(self) -> None:
        """F6 asks for a note."""
        self.app.push_screen(Note(), self.took)

    def took(self, note: str | None) -> None:
        if note is not None:
            self.notes.append(note)
            self.ok("Notes: " + "|".join(self.notes))

    def action_output(self) -> None:
        self.err("Line 3: no item BLT. Near: BOLT-6, BOLT-8. F4 searches.")

    def action_next_step(self) -> None:
        raise ValueError("secret detail")

    def action_find(self) -> None:
        """F4 is there."""

    def key_label(self, action: str) -> str | None:
        return "Order" if action == "next_step" else None


class Shown(FramedApp[None]):
    """The app of the tests."""

    def __init__(self, count: int, kept: Path | None) -> None:
        super().__init__(theme=os.environ.get("O2C_THEME", ""))
        self.count, self.kept = count, kept
        self.lit_rows = os.environ.get("ROW_STYLE") != "marker"
        if kept is not None:
            self.crash_log = kept.with_suffix(".log")

    def get_default_screen(self) -> Quotations:
        return Quotations(self.count)

    def save_and_quit(self) -> None:
        if self.kept is not None:
            self.kept.write_text("kept")

    def terminal_not_utf8(self) -> None:
        screen = self.screen
        assert isinstance(screen, FramedScreen)
        screen.warn("Your terminal does not send UTF-8")


if __name__ == "__main__":
    app = Shown(int(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
    app.run(mouse=False)
    sys.exit(app.return_code or 0)
