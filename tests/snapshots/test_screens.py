"""The screens as agreed, as plain text: both languages, both looks, both sizes; looked at whenever they change.

`O2C_SNAPSHOTS=write` writes them anew; look at the difference before it is committed.
"""

import difflib
import os
import re
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from o2c_tui.config import login_name
from o2c_tui.models.company import User
from o2c_tui.models.item import Tracking
from o2c_tui.safe_text import cells
from o2c_tui.services.bins import save_location
from o2c_tui.services.invoicing import invoice_order
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.placing import Spot
from o2c_tui.services.receiving import ReceiptDraft, ReceiptLineDraft, receive_goods
from o2c_tui.services.setup import ItemSetup, save_item
from o2c_tui.services.shipping import ship_order
from tests.makers import TODAY, D, Desk, ordered, paid, quoted, receive
from tests.pty_driver import Terminal
from tests.screens.desk import clerk_at, small_books

HERE = Path(__file__).parent
WRITE = os.environ.get("O2C_SNAPSHOTS") == "write"
VARIANTS = (
    ("en", 80, 24, "plain"),
    ("en", 120, 40, "fine"),
    ("zh_CN", 80, 24, "fine"),
    ("zh_CN", 120, 40, "plain"),
)
WALK = (  # name of the screen, and the keys that lead to it from the one before
    ("home", ()),
    ("quotations", ("g", "q")),
    ("orders", ("g", "o")),
    ("order", ("enter",)),
    ("deliver", ("f8",)),
    ("actions", ("escape", "f9")),
    ("deliveries", ("escape", "g", "s", "3")),
    ("invoices", ("g", "i")),
    ("invoice", ("down", "enter")),
    ("payments", ("g", "m")),
    ("receivables", ("g", "r")),
    ("open items", ("enter",)),
    ("stock", ("g", "k")),
    ("stock card", ("down", "enter")),
    ("customers", ("g", "c")),
    ("customer", ("down", "enter")),
    ("item", ("escape", "g", "l", "f2")),
    ("help", ("escape", "g", "h", "f1")),
    ("command line", ("escape", "f10", "b", "o")),
    ("settings", ("escape", "g", "t")),
    ("new quotation", ("escape", "g", "q", "f6")),
    ("picker", ("a", "c", "m")),
    ("editor", ("enter", *"bolt*12 @9.5 -5%", "enter", *"part-2*30", "enter")),
    ("payment", ("escape", "g", "m", "f6", *"acme", "enter", *"500", "enter")),
    ("goods in", ("escape", "g", "w", "f6")),
    ("bill", ("escape", "g", "w", "f8")),
    ("lots", ("escape", "f10", *"lots", "enter")),
    ("lot", ("enter",)),
    ("bins", ("g", "x")),
    ("what lies here", ("enter",)),
    ("warehouses", ("g", "z")),
    ("units", ("g", "l", "f2", "f9", "1")),
)


def _books(folder: Path) -> tuple[Path, Desk]:
    """Small books with something in every list; what is dated lies on fixed days."""
    path, desk = small_books(folder)

    def name_clerk(session: Session) -> None:
        session.add(User(login=login_name(), name="jane"))
        session.flush()

    desk.store.write_now(name_clerk, accepted=None)
    desk.do(save_party, PartySetup("BEACON", "Beacon Hardware and Ship Chandlery Ltd", bill_to="2 Quay"))
    desk.next_day(-75)
    for customer, item, quantity in (("ACME", "BOLT", 10), ("BEACON", "PART-1", 7), ("CN01", "PART-2", 6)):
        receive(desk, item, 12, "4.00")
        order = ordered(desk, (item, quantity), ("FREIGHT", 1), customer=customer)
        desk.do(ship_order, order.order_id)
        desk.do(invoice_order, order.order_id)
        desk.next_day(20)
    desk.next_day(15)
    paid(desk, "50.00", customer="BEACON", reference="WIRE 889120")
    quoted(desk, ("BOLT", 5), ("PART-3", 2), customer="CN01")
    ordered(desk, ("BOLT", 8), ("PART-4", 30), ("FREIGHT", 1), customer="ACME", customer_reference="PO 7781")
    desk.do(save_party, PartySetup("SUPP", "Supply House", is_customer=False, is_supplier=True))
    desk.do(save_item, ItemSetup("MILK", "Milk 1 l", tracking=Tracking.LOT, sale_price=D("1.20")))
    desk.do(save_location, "A-01", warehouse="SHOP", name="Shelf by the door")
    spots = (Spot("A-01", "L7", D(30), TODAY + timedelta(days=10)), Spot("", "L8", D(20)))
    desk.do(receive_goods, ReceiptDraft((ReceiptLineDraft("MILK", D(50), D("0.80"), spots),), "SHOP", "SUPP"))
    return path, desk


def _shown(terminal: Terminal) -> str:
    """The screen without what differs from run to run: the time, the clerk's login."""
    text = re.sub(r"\d\d:\d\d:\d\d", "11:42:10", terminal.text)
    return re.sub(rf"\b{re.escape(login_name())}$", "jane", text, flags=re.MULTILINE)


def _agreed(path: Path) -> dict[str, str]:
    """The screens of one file by name."""
    if not path.exists():
        return {}
    parts = re.split(r"^=== (.+) ===\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {name: body.removesuffix("\n") for name, body in zip(parts[::2], parts[1::2], strict=True)}


@pytest.mark.parametrize(("language", "columns", "rows", "look"), VARIANTS)
def test_the_screens_look_as_agreed(tmp_path, language, columns, rows, look):
    path, desk = _books(tmp_path)
    desk.store.close()
    kept = HERE / f"{language}-{columns}x{rows}-{look}.txt"
    agreed, seen = _agreed(kept), {}
    ready = {"en": "Owed to us", "zh_CN": "应收账款  "}[language]
    with clerk_at(
        path, tmp_path / "home", columns=columns, rows=rows, O2C_GLYPHS=look, LANG=f"{language}.UTF-8", READY=ready
    ) as clerk:
        for name, keys in WALK:
            clerk.press(*keys)
            terminal = clerk.terminal
            until = time.monotonic() + 10
            while WRITE or _shown(terminal) != agreed.get(name):
                if not terminal.quiet(2.0 if WRITE else 0.1) and (WRITE or time.monotonic() > until):
                    break
            seen[name] = _shown(terminal)
            too_wide = [line for line in seen[name].splitlines() if cells(line) > columns]
            assert not too_wide, f"{name}: wider than {columns} cells"
            if not WRITE:
                difference = difflib.unified_diff(
                    agreed.get(name, "").splitlines(), seen[name].splitlines(), "agreed", "seen", lineterm=""
                )
                assert seen[name] == agreed.get(name), f"{name}:\n" + "\n".join(difference)
    if WRITE:
        text = "".join(f"=== {name} ===\n{body}\n" for name, body in seen.items())
        kept.write_text(text, encoding="utf-8")
