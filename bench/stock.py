"""Stock screens and reports over a large warehouse: `make bench-stock`."""

import sqlite3
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.cycle import fresh_books, size_of
from bench.figures import NOW, TODAY, D, fastest, kept, tell
from bench.volume import fill
from o2c_tui.queries import lists, pick, stock
from o2c_tui.queries.rows import key_of
from o2c_tui.queries.verify import CHECKS
from o2c_tui.reports import inventory, supply
from o2c_tui.reports import valuation as worth
from o2c_tui.reports.kinds import Asked
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.ordering import order_quotation
from o2c_tui.services.purchasing import PurchaseDraft, PurchaseLineDraft, order_purchase
from o2c_tui.services.quoting import save_quotation, send_quotation
from o2c_tui.services.setup import save_warehouse
from o2c_tui.storage.store import Store


def _stock_holds(session: Any) -> None:
    """What `verify` asks of the journal and of stock."""
    for name in (
        "every journal entry balances",
        "inventory account = cost layers = moves",
        "stock levels = moves = layers; reserved = reservations",
        "cost layers = received less consumed",
        "moves = layers and consumptions",
    ):
        found = list(CHECKS[name](session))
        assert not found, (name, found[:3])


def volume_books(items: int, moves: int) -> Path:
    """Books with a warehouse of this size, made once: raw rows, then open orders and purchase orders by the verbs."""
    path = kept(f"stock-{items}-{moves}")
    if path.exists():
        return path
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="o2c-bench-") as name:
        store, cycle = fresh_books(Path(name), items=6)
        words: dict[str, Any] = {"by": "bench", "today": TODAY, "accepted": None}
        store.write_now(save_warehouse, "EAST", "East", **words)
        cycle.run()
        store.close()
        half = Path(name) / "fresh.sqlite"
        fill(half, items=items, moves=moves, today=TODAY)
        tell(f"making {items:,} items with {moves:,} moves as raw rows", time.perf_counter() - start, "s")
        store = Store.open(str(half), clock=lambda: NOW)
        store.read_now(_stock_holds)

        def trade(session: Any) -> None:
            words = {"by": "bench", "today": TODAY}
            for n in range(300):
                lines = tuple(LineDraft(f"I{(n * 137 + k * 31) % items:06}", D(30)) for k in range(5))
                saved = save_quotation(session, DocumentDraft("C1", lines), **words)
                send_quotation(session, saved.id, now=NOW, **words)
                order_quotation(session, saved.id, **words)
            for n in range(200):
                wanted = tuple(PurchaseLineDraft(f"I{(n + k * 200) % items:06}", D(50)) for k in range(10))
                order_purchase(session, PurchaseDraft(f"S{n:03}", wanted), now=NOW, **words)

        store.batch_now(trade)
        store.read_now(_stock_holds)
        store.close()
        size_of(half)
        half.replace(path)
    tell("the same with 300 open orders and 200 purchase orders", time.perf_counter() - start, "s")
    return path


def _list_figures(store: Store, kind: str, view: str) -> None:
    words: dict[str, Any] = {"limit": 50, "today": TODAY}
    edge = key_of(kind, store.read_now(lists.page, kind, view, **words)[-1])
    for what, more in (("first", {}), ("next", {"after": edge}), ("last", {"from_end": True})):
        taken = fastest(lambda more=more: store.read_now(lists.page, kind, view, **words, **more))  # type: ignore[misc]
        tell(f"list {kind} {view}".strip() + f": {what} page", taken, "ms", "must 2.5")
    tell(
        f"list {kind} {view}".strip() + ": how many",
        fastest(lambda: store.read_now(lists.count, kind, view, today=TODAY), 5),
        "ms",
    )


def stock_part(items: int, moves: int) -> None:
    """Stock screens and reports over a large warehouse; each report beside the bare reading of the rows it is made of."""
    path = volume_books(items, moves)
    store = Store.open(str(path), clock=lambda: NOW)
    read = store.read_now
    for kind, views in (("stock", ("", "is:open", "is:low", "is:short", "bearing")), ("item", ("", "bearing"))):
        for view in views:
            _list_figures(store, kind, view)
    bare = sqlite3.connect(path)
    (busiest,) = bare.execute("SELECT item_id FROM stock_move GROUP BY 1 ORDER BY count(*) DESC LIMIT 1").fetchone()
    tell("stock card of the item with most moves", fastest(lambda: read(stock.card, busiest)), "ms", "must 10")
    for word in ("pum", "i0123", "I012345", "zz"):
        tell(f"item picker: {word}", fastest(lambda word=word: read(pick.find_items, word)), "ms", "picker 100")  # type: ignore[misc]

    def rows(sql: str) -> float:
        return fastest(lambda: bare.execute(sql).fetchall(), 3) / 1000

    booked = rows("SELECT account_id, amount FROM journal_line")  # the valuation is held against its account
    layers = rows("SELECT * FROM cost_layer WHERE remaining_quantity > 0")
    every = rows("SELECT item_id, moved_on, kind, quantity, value FROM stock_move")
    taken = (
        rows("SELECT * FROM consumption")
        + rows("SELECT id, moved_on FROM stock_move")
        + rows("SELECT * FROM cost_layer")
    )
    tell("floor: reading the journal's lines", booked, "s")
    tell("floor: reading the open layers", layers, "s")
    tell("floor: reading layers, what was taken, and the days of the moves", taken, "s")
    tell("floor: reading the moves", every, "s")
    past = TODAY - timedelta(days=200)

    def told(what: str, report: Callable[..., Any], asked: Asked, floor: float) -> None:
        taken = fastest(lambda: read(report, asked, TODAY), 3) / 1000
        tell(what, taken, "s")
        tell("    against its floor", taken / floor, "x")

    for by in ("layer", "item", "warehouse"):
        told(f"valuation by {by}, today", worth.valuation, Asked(by=by), layers + booked)
        told(f"valuation by {by}, 200 days ago", worth.valuation, Asked(by=by, as_of=past), taken + booked)
    told("stock by age, today", worth.stock_age, Asked(), layers)
    told("stock by age, 200 days ago", worth.stock_age, Asked(as_of=past), taken)
    told("turnover of a year", worth.turnover, Asked(), every)
    told("slow movers", worth.slow_movers, Asked(), every)
    told("stock, today", inventory.stock, Asked(), layers + rows("SELECT * FROM stock_level"))
    told("stock, 200 days ago", inventory.stock, Asked(as_of=past), every)
    told("to be bought", supply.reorder, Asked(), rows("SELECT * FROM item JOIN stock_level ON item_id = id"))
    bare.close()
    store.close()
