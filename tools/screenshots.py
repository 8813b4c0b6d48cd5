"""The pictures of the README: the program in a real pseudo-terminal over the demo company, drawn as SVG.

Each cell stands where the terminal puts it, so Chinese is as wide as on the screen. `python tools/screenshots.py`
"""

import re
import sys
import tempfile
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sqlmodel import Session  # noqa: E402

from o2c_tui.config import login_name  # noqa: E402
from o2c_tui.models.company import User  # noqa: E402
from o2c_tui.services.demo import make_demo  # noqa: E402
from o2c_tui.storage.store import Store  # noqa: E402
from tests.pty_driver import Terminal  # noqa: E402

OUT = ROOT / "docs" / "pictures"
CELL, LINE, PAD = 8.4, 18, 12
GROUND, TEXT = "#1c1c1c", "#d0d0d0"
NAMES = {"default": None, "black": GROUND, "white": "#ffffff"}


def colour(name: str, plain: str) -> str:
    """A colour of the emulator as SVG writes it."""
    if name == "default":
        return plain
    return NAMES.get(name) or (f"#{name}" if len(name) == 6 else name)


def _ground(cell: Any) -> str:
    """What stands behind a cell."""
    return colour(cell.fg, TEXT) if cell.reverse else colour(cell.bg, GROUND)


def svg(terminal: Terminal) -> str:
    """The screen as a picture."""
    screen = terminal.screen
    width, height = screen.columns * CELL + 2 * PAD, screen.lines * LINE + 2 * PAD
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="DejaVu Sans Mono, Menlo, Consolas, Noto Sans Mono CJK SC, '
        f'monospace" font-size="14">',
        f'<rect width="{width:.0f}" height="{height:.0f}" rx="8" fill="#1c1c1c"/>',
    ]
    for y in range(screen.lines):
        row = screen.buffer[y]
        x = 0
        while x < screen.columns:
            start, ground = x, _ground(row[x])
            while x < screen.columns and _ground(row[x]) == ground:
                x += 1
            if ground != GROUND:
                left, top = PAD + start * CELL, PAD + y * LINE
                out.append(
                    f'<rect x="{left:.1f}" y="{top}" width="{(x - start) * CELL:.1f}" height="{LINE}" fill="{ground}"/>'
                )
    for y in range(screen.lines):
        out += _drawn(screen.buffer[y], screen.columns, y)
    for y in range(screen.lines):
        row, x = _without_drawn(screen.buffer[y], screen.columns), 0
        while x < screen.columns:
            cell, start, text = row[x], x, ""
            wide = False
            while (
                x < screen.columns
                and row[x][1:3] == cell[1:3]
                and row[x].bold == cell.bold
                and row[x].reverse == cell.reverse
            ):
                wide = wide or row[x].data == ""
                text += row[x].data
                x += 1
            start += len(text) - len(text.lstrip()) if not wide else 0
            end = x - (len(text) - len(text.rstrip()) if not wide else 0)
            text = text if wide else text.strip()
            if text.strip():
                fg = colour(cell.bg, GROUND) if cell.reverse else colour(cell.fg, TEXT)
                size = f' textLength="{(end - start) * CELL:.1f}" lengthAdjust="spacingAndGlyphs"' if not wide else ""
                weight = ' font-weight="bold"' if cell.bold else ""
                if wide:
                    out += _by_cell(row, start, x, y, fg, weight)
                else:
                    out.append(
                        f'<text x="{PAD + start * CELL:.1f}" y="{PAD + y * LINE + 13.5}" fill="{fg}" xml:space="preserve"{weight}{size}>'
                        f"{escape(text)}</text>"
                    )
    out.append("</svg>")
    return "\n".join(out) + "\n"


_EIGHTHS = " ▏▎▍▌▋▊▉█"


def _drawn(row: Any, columns: int, y: int) -> list[str]:
    """Bars and rules as shapes, so that they meet from cell to cell."""
    out: list[str] = []
    x, top = 0, PAD + y * LINE
    while x < columns:
        sign, fg, left = row[x].data, colour(row[x].fg, TEXT), PAD + x * CELL
        cells = 1
        while sign in ("█", "░") and x + cells < columns and row[x + cells][:2] == row[x][:2]:
            cells += 1
        if sign == "│":
            out.append(f'<rect x="{left + CELL / 2 - 0.5:.1f}" y="{top}" width="1" height="{LINE}" fill="{fg}"/>')
        elif sign and sign in _EIGHTHS[1:] + "░":
            width = CELL * (cells if cells > 1 or sign == "░" else _EIGHTHS.index(sign) / 8)
            faint = ' opacity="0.45"' if sign == "░" else ""
            out.append(
                f'<rect x="{left:.1f}" y="{top + 3}" width="{width:.1f}" height="{LINE - 6}" fill="{fg}"{faint}/>'
            )
        x += cells
    return out


def _without_drawn(row: Any, columns: int) -> list[Any]:
    """The cells with blanks where shapes were drawn."""
    shapes = set(_EIGHTHS[1:] + "│░")
    return [row[x]._replace(data=" ") if row[x].data in shapes else row[x] for x in range(columns)]


def _by_cell(row: Any, start: int, stop: int, y: int, fg: str, weight: str) -> list[str]:
    """Text with wide signs, each at its own cell."""
    return [
        f'<text x="{PAD + x * CELL:.1f}" y="{PAD + y * LINE + 13.5}" fill="{fg}"{weight}>{escape(row[x].data)}</text>'
        for x in range(start, stop)
        if row[x].data.strip()
    ]


def shoot(terminal: Terminal, name: str) -> None:
    """Keep the screen as it is now."""
    terminal.quiet(0.4)
    OUT.mkdir(parents=True, exist_ok=True)
    picture = re.sub(rf"\b{re.escape(login_name())}\b", "jane", svg(terminal))
    (OUT / f"{name}.svg").write_text(picture, encoding="utf-8")
    print(name)


def name_clerk(session: Session) -> None:
    """Who sits at the desk of the pictures."""
    session.add(User(login=login_name(), name="jane"))
    session.flush()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "demo.sqlite"
        store = Store.open(str(path))
        make_demo(store, seed=1, documents=400, today=date(2026, 11, 24))
        store.write_now(name_clerk, accepted=None)
        store.close()
        command = [sys.executable, "-m", "o2c_tui.cli", "--database", path, "--today", "2026-11-24"]
        env = {"O2C_HOME": folder, "O2C_GLYPHS": "fine"}
        with Terminal(command, columns=80, rows=24, env=env, cwd=ROOT) as t:
            t.wait_for("Owed to us", 40)
            shoot(t, "home")
        with Terminal(command, columns=120, rows=24, env=env, cwd=ROOT) as t:
            t.wait_for("Owed to us", 40)
            t.press("g", "q", "f6")
            t.wait_for("QUOTATION  NEW", 20)
            t.send("amber")
            t.press("enter")
            t.send("bolt-5*40 @0.38 -5%\rnut-5*10\rpump")
            t.wait_for("PUMP-2")
            shoot(t, "editor")
            t.send("-1*600\r")
            t.press("f8", "enter")
            t.wait_for("F8 = Order")
            t.press("f8")
            t.wait_for("wait ")
            shoot(t, "preview")
            t.press("enter")
            t.wait_for("F8 = Deliver")
            shoot(t, "order")
            t.press("g", "d")
            t.wait_for("F8 buys")
            shoot(t, "reorder")
            t.press("f3", "g", "e", "1")
            t.wait_for("Total")
            shoot(t, "margin")
            t.press("g", "r")
            t.wait_for("RECEIVABLES")
            t.press(*["down"] * 6)
            t.wait_for("Cedar Tools GmbH\n")
            shoot(t, "receivables")
            t.press("g", "k")
            t.press("down")
            t.wait_for("Ball bearing 6003\n")
            shoot(t, "stock")
            t.press("g", "b")
            t.wait_for("the payer's name fits")
            shoot(t, "bank")
            t.press("f3", "f8")
            t.wait_for("days sales outstanding")
            shoot(t, "dashboard")
        with Terminal([*command[:3], "--lang", "zh_CN", *command[3:]], columns=120, rows=30, env=env, cwd=ROOT) as t:
            t.wait_for("待跟进报价", 40)
            t.press("g", "i", "2")
            t.wait_for("关联单据")
            shoot(t, "invoices-zh")


if __name__ == "__main__":
    main()
