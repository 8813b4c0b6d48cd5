"""The program in a real pseudo-terminal over small books, driven by keys; counts them as the budgets do.

`clerk_at` types into a process of its own; `seated` into the same program inside the test, for what needs no terminal.
"""

import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from textual import events

from o2c_tui.app import O2c
from o2c_tui.screens.desk import Desk as ScreenDesk
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.setup import ItemSetup, save_item
from o2c_tui.storage.store import Store
from o2c_tui.terminal.parser import KeyParser
from o2c_tui.widgets.confirm import Sheet
from tests.makers import TODAY, D, Desk, open_books, receive
from tests.pty_driver import KEYS, Terminal, keys
from tests.ready import new_store, ready

READY = "To do today"


def small_books(folder: Path) -> tuple[Path, Desk]:
    """Books with a few customers, items and stock, in a folder."""
    path = folder / "books.sqlite"
    shutil.copy(ready("small_books", lambda made: small_books_at(str(made)).store.close()), path)
    return path, Desk(Store.open(str(path)))


def small_books_at(where: str) -> Desk:
    """The same at any place: a path, or the URL of a server."""
    desk = open_books(new_store(where))
    desk.do(
        save_party, PartySetup("CN01", "上海华信贸易有限公司", bill_to="示例路1号", country="China", language="zh_CN")
    )
    for n in range(1, 6):
        desk.do(save_item, ItemSetup(f"PART-{n}", f"Part number {n}", sale_price=D(f"{n}.50")))
        receive(desk, f"PART-{n}", 20, "1.00")
    receive(desk, "BOLT", 100, "4.00")
    return desk


class Clerk:
    """Types into the program; `count` is keys as the budgets count them: data is free, a Ctrl chord is two."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.count = 0

    def press(self, *names: str) -> None:
        """Keys that count."""
        self.count += sum(2 if name.startswith("ctrl+") else 1 for name in names)
        self.terminal.press(*names)

    def data(self, text: str) -> None:
        """What is typed in: it counts nothing."""
        self.terminal.send(text.encode())

    def sees(self, text: str, seconds: float = 15) -> None:
        """Wait until the screen shows a text."""
        self.terminal.wait_for(text, seconds)


@contextmanager
def clerk_at(path: Path | str, home: Path, *, columns: int = 80, rows: int = 24, **env: str) -> Iterator[Clerk]:
    """A clerk before the program, Home on the screen."""
    command = [sys.executable, "-m", "o2c_tui.cli", "--database", path, "--today", "2026-11-24"]
    words: dict[str, Any] = {"O2C_HOME": str(home), "O2C_GLYPHS": "plain", **env}
    with Terminal(command, columns=columns, rows=rows, env=words, cwd=Path(__file__).parents[2]) as terminal:
        clerk = Clerk(terminal)
        clerk.sees(env.get("READY", READY), 30)
        terminal.quiet()
        yield clerk


def _is_key(name: str) -> bool:
    return len(name) == 1 or name.startswith("ctrl+") or name.partition("*")[0] in KEYS


class Seated:
    """Types into the program inside the test: all keys of a call arrive as one block of bytes."""

    def __init__(self, app: O2c) -> None:
        self.app = app

    async def press(self, *names: str) -> None:
        """Keys by name, or text as it is typed; returns when the last has had its whole effect."""
        await self.send(b"".join(keys(name) if _is_key(name) else name.encode() for name in names))

    async def send(self, data: bytes) -> None:
        """Bytes as a terminal sends them."""
        parser = KeyParser()
        for message in [*parser.feed(data.decode()), *parser.give_up()]:
            assert isinstance(message, events.Key | events.Paste)
            self.app.take_key(message)
        await self.app.settled()
        await self.app.workers.wait_for_complete([w for w in self.app.workers if w.group == "count"])
        await self.app.settled()

    def shown(self) -> list[str]:
        """The lines of the screen; where a sheet lies over it, the lines of the sheet below them."""
        lines: list[str] = []
        for screen in self.app.screen_stack[-2:] if isinstance(self.app.screen, Sheet) else [self.app.screen]:
            if isinstance(screen, Sheet):
                lines += [screen.heading, *(text for text, _style in screen.rows(40)), screen.hint]
            else:
                lines += ["".join(part.text for part in strip) for strip in screen._compositor.render_strips()]
        return lines

    @property
    def text(self) -> str:
        """All that is shown."""
        return "\n".join(self.shown())

    def line(self, words: str) -> str:
        """The first line with these words."""
        return next((line for line in self.shown() if words in line), "")

    @property
    def message(self) -> str:
        """What the message line says."""
        line: Any = self.app.screen.query_one("#message")
        return f"{line.kind} {line.text}".strip()


@asynccontextmanager
async def seated(path: Path, *, login: str = "ada", size: tuple[int, int] = (80, 24)) -> AsyncIterator[Seated]:
    """A clerk before Home, inside the test."""
    desk = ScreenDesk(str(path), login, clock=lambda: datetime(2026, 11, 24, 9, tzinfo=UTC), today=TODAY)
    app = O2c(desk, glyph_setting="plain")
    try:
        async with app.run_test(size=size):
            await app.settled()
            yield Seated(app)
    finally:
        desk.close()
