"""The program in a real pseudo-terminal over small books, driven by keys; counts them as the budgets do."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from o2c_tui.services.setup import ItemSetup, PartySetup, save_item, save_party
from o2c_tui.storage.store import Store
from tests.makers import D, Desk, open_books, receive
from tests.pty_driver import Terminal

READY = "To do today"


def small_books(folder: Path) -> tuple[Path, Desk]:
    """Books with a few customers, items and stock, in a folder."""
    path = folder / "books.sqlite"
    store = Store.open(str(path))
    desk = open_books(store)
    desk.do(
        save_party, PartySetup("CN01", "上海华信贸易有限公司", bill_to="示例路1号", country="China", language="zh_CN")
    )
    for n in range(1, 6):
        desk.do(save_item, ItemSetup(f"PART-{n}", f"Part number {n}", sale_price=D(f"{n}.50")))
        receive(desk, f"PART-{n}", 20, "1.00")
    receive(desk, "BOLT", 100, "4.00")
    return path, desk


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
def clerk_at(path: Path, home: Path, *, columns: int = 80, rows: int = 24, **env: str) -> Iterator[Clerk]:
    """A clerk before the program, Home on the screen."""
    command = [sys.executable, "-m", "o2c_tui.cli", "--database", path, "--today", "2026-11-24"]
    words: dict[str, Any] = {"O2C_HOME": str(home), "O2C_GLYPHS": "plain", **env}
    with Terminal(command, columns=columns, rows=rows, env=words, cwd=Path(__file__).parents[2]) as terminal:
        clerk = Clerk(terminal)
        clerk.sees(env.get("READY", READY), 30)
        terminal.quiet()
        yield clerk
