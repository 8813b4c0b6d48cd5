"""Small books with plenty of stock, and the cycle from quotation to payment over them."""

import sqlite3
import time
from datetime import date
from pathlib import Path
from typing import Any

from bench.figures import NOW, TODAY, D
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.invoicing import invoice_order
from o2c_tui.services.ordering import order_quotation
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.paying import PaymentDraft, receive_payment
from o2c_tui.services.quoting import save_quotation, send_quotation
from o2c_tui.services.receiving import ReceiptDraft, ReceiptLineDraft, receive_goods
from o2c_tui.services.setup import CompanySetup, ItemSetup, create_company, save_item
from o2c_tui.services.shipping import ship_order
from o2c_tui.services.tax_codes import TaxSetup
from o2c_tui.storage.store import Store


class Cycle:
    """Quotation to payment, six commits."""

    def __init__(self, store: Store, items: list[str], customer: str) -> None:
        self.store, self.items, self.customer = store, items, customer
        self.n = 0
        self.taken: dict[str, list[float]] = {}

    def run(self, lines: int = 5) -> None:
        """One cycle."""
        words: dict[str, Any] = {"by": "bench", "today": TODAY, "accepted": None}
        chosen = [self.items[(self.n * 7 + k) % len(self.items)] for k in range(lines)]
        self.n += 1

        def step(name: str, verb: Any, *args: Any, **more: Any) -> Any:
            start = time.perf_counter()
            done = self.store.write_now(verb, *args, **words, **more)
            self.taken.setdefault(name, []).append((time.perf_counter() - start) * 1000)
            return done

        draft = DocumentDraft(self.customer, tuple(LineDraft(code, D(2)) for code in chosen))
        saved = step("quote", save_quotation, draft)
        step("send", send_quotation, saved.id)
        order = step("order", order_quotation, saved.id)
        step("ship", ship_order, order.order_id)
        billed = step("invoice", invoice_order, order.order_id)
        step("pay", receive_payment, PaymentDraft(self.customer, billed.gross))


def fresh_books(folder: Path, items: int = 60) -> tuple[Store, Cycle]:
    """Small books with plenty of stock in three layers."""
    store = Store.open(str(folder / "fresh.sqlite"), clock=lambda: NOW)
    words: dict[str, Any] = {"by": "bench", "today": TODAY, "accepted": None}
    setup = CompanySetup(
        "Bench", "EUR", taxes=(TaxSetup("T10", "Tax", {date(2020, 1, 1): D("0.1")}),), default_tax_code="T10"
    )
    store.write_now(create_company, setup, **words)
    store.write_now(save_party, PartySetup("C1", "Customer One", bill_to="1 Street\nTown"), **words)
    codes = [f"ITEM-{n}" for n in range(items)]
    for n, code in enumerate(codes):
        store.write_now(save_item, ItemSetup(code, f"Item number {n}", sale_price=D(20 + n)), **words)
    for n in range(3):
        draft = ReceiptDraft(tuple(ReceiptLineDraft(code, D(1_000_000), D(8 + n)) for code in codes))
        store.write_now(receive_goods, draft, **words)
    return store, Cycle(store, codes, "C1")


def size_of(path: Path) -> int:
    """The bytes in use of a SQLite file, its log written back."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        free = connection.execute("PRAGMA freelist_count").fetchone()[0]
    return int((pages - free) * size)
