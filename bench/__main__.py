"""`make bench`: what the program costs, each figure beside its goal.

    python -m bench [--documents N] [--only cycle,growth,lists,reports,screens,pdf,stock,receivables]

Ratios are taken in one run; absolute figures are for the machine they were taken on. Books of N documents (100,000
unless told otherwise) are made once and kept in the temporary folder.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.cycle import Cycle, fresh_books, size_of
from bench.figures import NOW, TODAY, D, fastest, kept, tell, timed, told
from bench.receivables import receivables_part
from bench.stock import stock_part
from o2c_tui.queries import lists, pick, receivables, stock
from o2c_tui.services.receiving import ReceiptDraft, ReceiptLineDraft, receive_goods
from o2c_tui.storage.store import Store

ROOT = Path(__file__).resolve().parents[1]


def cycle_part(folder: Path, cycles: int) -> None:
    """The cycle against the mapper's floor, statements, commits, file growth, each verb."""
    store, cycle = fresh_books(folder)
    counts = {"statements": 0, "commits": 0}
    sa.event.listen(
        store.engine, "before_cursor_execute", lambda *_: counts.__setitem__("statements", counts["statements"] + 1)
    )
    sa.event.listen(store.engine, "commit", lambda *_: counts.__setitem__("commits", counts["commits"] + 1))
    for _ in range(10):
        cycle.run()
    counts["statements"] = counts["commits"] = 0
    cycle.run()
    five = counts["statements"]
    tell("SQL statements in a cycle of 5 lines", five, "", "must 120, aim 80")
    tell("commits in a cycle of six verbs", counts["commits"], "", "must 6")
    counts["statements"] = 0
    cycle.run(50)
    tell("SQL statements in a cycle of 50 lines", counts["statements"], "", "at most 10 % more")
    cycle.taken.clear()
    size = size_of(folder / "fresh.sqlite")
    cpu = time.process_time()
    for _ in range(cycles):
        cycle.run()
    ours = (time.process_time() - cpu) / cycles * 1000
    store.engine.dispose()
    tell(
        "file growth a cycle, audit included",
        (size_of(folder / "fresh.sqlite") - size) / cycles / 1000,
        "kB",
        "must 8, aim 4",
    )
    floor = _floor(cycles)
    tell("processor time of a cycle", ours, "ms")
    tell("processor time of the floor's cycle (SQLModel, FULL)", floor, "ms")
    tell("cycle against the floor", ours / floor, "x", "must 3.0, aim 2.0")
    for name, taken in cycle.taken.items():
        ordered = sorted(taken)
        p95 = ordered[int(len(ordered) * 0.95)]
        goal = "must 15 / 30" if name == "ship" else "must 10 / 30"
        tell(f"verb {name}: median, p95", f"{statistics.median(taken):.1f}/{p95:.1f}", "ms", goal)
    store.close()


def _floor(cycles: int) -> float:
    command = [
        sys.executable,
        str(ROOT / "bench" / "floor_sqlmodel.py"),
        "--style",
        "orm",
        "--sync",
        "FULL",
        "--cycles",
        str(cycles),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout.strip().splitlines()[-1])["cpu_ms_per_cycle"])


def large_books(documents: int) -> Path:
    """Books of many documents, made once by the demo."""
    path = kept(str(documents))
    if not path.exists():
        half = path.with_suffix(".making")
        half.unlink(missing_ok=True)
        start = time.perf_counter()
        command = [
            sys.executable,
            "-m",
            "o2c_tui.cli",
            "--database",
            str(half),
            "--today",
            "2026-11-24",
            "demo",
            "--no-run",
        ]
        subprocess.run([*command, "--documents", str(documents)], check=True, cwd=ROOT)
        size_of(half)
        half.replace(path)
        for left in path.parent.glob(f"{half.name}*"):
            left.unlink()
        tell(
            f"making the demo of about {documents:,} documents", time.perf_counter() - start, "s", "must 900 at 100,000"
        )
    return path


def growth_part(folder: Path, documents: int, cycles: int) -> None:
    """A cycle with many documents stored against few."""
    means = []
    for n in (1000, documents):
        path = folder / f"grown-{n}.sqlite"
        shutil.copy(large_books(n), path)
        store = Store.open(str(path), clock=lambda: NOW)
        words: dict[str, Any] = {"by": "bench", "today": TODAY, "accepted": None}
        codes = [
            row.code for row in store.read_now(lists.page, "item", limit=40, today=TODAY) if str(row.kind) == "stocked"
        ]
        draft = ReceiptDraft(tuple(ReceiptLineDraft(code, D(100_000), D(5)) for code in codes))
        store.write_now(receive_goods, draft, **words)
        customer = store.read_now(lists.page, "customer", limit=1, today=TODAY)[0].code
        cycle = Cycle(store, codes, customer)
        for _ in range(10):
            cycle.run()
        cpu = time.process_time()
        for _ in range(cycles):
            cycle.run()
        means.append((time.process_time() - cpu) / cycles * 1000)
        store.close()
    tell(f"cycle with {documents:,} documents stored against 1,000", means[1] / means[0], "x", "must 1.3")


def lists_part(documents: int) -> None:
    """Each list's first and middle page, and look-ups."""
    store = Store.open(str(large_books(documents)), clock=lambda: NOW)
    for kind in ("quotation", "order", "delivery", "invoice", "payment", "customer", "item", "stock"):
        store.read_now(lists.page, kind, today=TODAY)
        first = timed(lambda kind=kind: store.read_now(lists.page, kind, limit=50, today=TODAY))  # type: ignore[misc]
        tell(f"list {kind}: latest page of 50", first, "ms", "must 2.5")
        if kind not in ("customer", "item", "stock"):
            top = store.read_now(lists.page, kind, limit=1, today=TODAY)[0].id
            middle = timed(
                lambda kind=kind, top=top: store.read_now(lists.page, kind, after=(top // 2,), limit=50, today=TODAY)
            )  # type: ignore[misc]
            tell(f"list {kind}: page in the middle", middle, "ms", "must 2.5")
    tell(
        "look-up of an item by three letters", timed(lambda: store.read_now(pick.find_items, "pum")), "ms", "picker 100"
    )
    tell(
        "look-up of a customer by three letters",
        timed(lambda: store.read_now(pick.find_parties, "amb")),
        "ms",
        "picker 100",
    )
    store.close()


def reports_part(folder: Path) -> None:
    """Aging and availability on the floors' own shape, written as raw rows."""
    store, _cycle = fresh_books(folder / "reports", items=1)
    with store.engine.begin() as connection:
        for name in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        _raw_parties(connection, 5_000)
        _raw_invoices(connection, 100_000, 5_000)
        _raw_stock(connection, 10_000)
        connection.exec_driver_sql("ANALYZE")
    tell(
        "aging of 100,000 invoices of 5,000 customers, 10 % open",
        timed(lambda: store.read_now(receivables.aged, as_of=TODAY)),
        "ms",
        "must 20",
    )
    tell(
        "availability of 10,000 items with 3 layers", timed(lambda: store.read_now(stock.availability)), "ms", "must 45"
    )
    tell("the same with names and value (the stock report)", timed(lambda: store.read_now(stock.stock_on), 5), "ms")
    store.close()


def _copy(connection: Any, table: str, rows: list[dict[str, Any]]) -> None:
    names = list(rows[0])
    text = f"INSERT INTO {table} ({', '.join(map(_quoted, names))}) VALUES ({', '.join('?' * len(names))})"
    connection.exec_driver_sql(text, [tuple(row[name] for name in names) for row in rows])


def _quoted(name: str) -> str:
    return f'"{name}"'


def _template(connection: Any, table: str) -> dict[str, Any]:
    return dict(connection.exec_driver_sql(f"SELECT * FROM {table} LIMIT 1").mappings().one())


def _raw_parties(connection: Any, n: int) -> None:
    row = _template(connection, "party")
    _copy(
        connection,
        "party",
        [{**row, "id": 10 + k, "code": f"P{k:06}", "name": f"Party {k:06}", "external_key": None} for k in range(n)],
    )


def _raw_invoices(connection: Any, n: int, parties: int) -> None:
    from o2c_tui.models.invoice import Invoice
    from o2c_tui.models.receivable import ReceivableItem
    from o2c_tui.storage.rows import table_of

    invoices, items = [], []
    for k in range(n):
        day = TODAY - timedelta(days=k % 200)
        left = D(100) if k % 10 == 0 else D(0)
        invoices.append({
            "id": k + 1, "number": f"X{k}", "kind": "invoice", "state": "posted", "customer_id": 10 + k * 7 % parties, "currency": "EUR",
            "digits": 2, "invoiced_on": day, "due_on": day + timedelta(days=30), "by": "bench", "open": left, "gross": D(100), "net": D(100),
        })  # fmt: skip
        items.append({
            "id": k + 1, "customer_id": 10 + k * 7 % parties, "invoice_id": k + 1, "payment_id": None, "position": 1, "dated_on": day,
            "due_on": day + timedelta(days=30), "amount": D(100), "open": left, "settled_on": None if left else day, "discount_on": None,
            "discount_amount": D(0),
        })  # fmt: skip
    connection.execute(table_of(Invoice).insert(), invoices)
    connection.execute(table_of(ReceivableItem).insert(), items)


def _raw_stock(connection: Any, n: int) -> None:
    row = _template(connection, "item")
    _copy(
        connection,
        "item",
        [{**row, "id": 1000 + k, "code": f"R{k:06}", "external_key": None, "barcode": None} for k in range(n)],
    )
    place = _template(connection, "warehouse")["id"]
    _copy(
        connection,
        "stock_level",
        [{"item_id": 1000 + k, "warehouse_id": place, "on_hand": 30_000_000, "reserved": 1_000_000} for k in range(n)],
    )
    move, layer = _template(connection, "stock_move"), _template(connection, "cost_layer")
    keys = range(3 * n)
    _copy(connection, "stock_move", [{**move, "id": 1000 + k, "item_id": 1000 + k // 3} for k in keys])
    _copy(
        connection,
        "cost_layer",
        [{**layer, "id": 1000 + k, "move_id": 1000 + k, "item_id": 1000 + k // 3} for k in keys],
    )


EMPTY = """
from textual.app import App
from textual.widgets import Static


class Empty(App):
    def compose(self):
        yield Static("empty")


Empty().run()
"""  # an app of one word: the probe counts as painted what shows a sign


def _probe(command: list[str], *options: str) -> dict[str, Any]:
    words = [sys.executable, "-m", "bench.probe", "--runs", "3", *options, "--", *command]
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return {**found, **found.get("median", {})}


def screens_part(folder: Path, documents: int) -> None:
    """Start, keys, bytes, memory in a real pseudo-terminal."""
    path = folder / "screens.sqlite"  # a copy: what is typed is kept in the books
    shutil.copy(large_books(documents), path)
    home = f"O2C_HOME={folder}"
    ours = [sys.executable, "-m", "o2c_tui.cli", "--database", str(path), "--today", "2026-11-24"]
    size = ("--cols", "80", "--rows", "24")
    empty = _probe([sys.executable, "-c", EMPTY], *size)
    start = _probe(ours, *size, "--env", home, "--until", "Owed to us", "--idle", "4")
    base = empty["startup"]["first_paint_ms"]
    tell("first paint of an empty Textual app", base, "ms")
    tell("first paint against it", start["startup"]["first_paint_ms"] / base, "x", "must 1.5")
    usable = start["startup"].get("until_ms") or start["startup"].get("stable_ms")
    tell("Home with its figures against it", usable / base, "x", "must 3.0, aim 1.25")
    tell(
        "idle: bytes a second, wake-ups a second",
        f"{start['idle']['bytes_per_s']}/{start['idle']['wakeups_per_s']}",
        "",
        "0",
    )
    keys = "key g i; wait INVOICES; stable 400; mem list; label down; key down*40; label page; key pagedown*15"
    moved = _probe(ours, *size, "--env", home, "--until", "Owed to us", "--keys", keys)
    _tell_keys(moved, {"down": ("row down", "must 10 p95, 600 bytes"), "page": ("PageDown", "must 30 p95")})
    tell("memory of a session, list open (PSS)", moved["memory"]["list"]["pss_mib"], "MiB", "must 65, aim 45")
    head = "key g q f6; wait QUOTATION; stable 400; type amb; key enter; stable 300"
    first = "label first; type bolt-5*12; key enter; stable 300"
    more = "label typed; type nut-5*12; key enter; stable 300"
    typed = _probe(
        ours,
        *size,
        "--env",
        home,
        "--until",
        "Owed to us",
        "--keys",
        f"{head}; {first}; {more}; key ctrl+s; wait Saved; stable 1000; mem verb",
    )
    goal = "must 15 p95, 500 bytes"
    _tell_keys(
        typed, {"first": ("typed character, first line", goal), "typed": ("typed character, further lines", goal)}
    )
    tell("memory after the first verb (PSS)", typed["memory"]["verb"]["pss_mib"], "MiB", "must 80, aim 60")


def _tell_keys(found: dict[str, Any], wanted: dict[str, tuple[str, str]]) -> None:
    for step in found["steps"]:
        label = step.get("label")
        if label in wanted and "last_ms" in step:
            words, goal = wanted.pop(label)
            last, size = step["last_ms"], step["bytes"]
            figures = f"{last['p50']:.1f}/{last['p95']:.1f}" if isinstance(last, dict) else last
            bytes_of = size["p50"] if isinstance(size, dict) else size
            tell(f"{words}: p50/p95, bytes p50", f"{figures} {bytes_of}", "ms B", goal)


def pdf_part(documents: int) -> None:
    """A one-page invoice against the same texts drawn by bare reportlab."""
    from o2c_tui.documents.render import render
    from o2c_tui.queries.printing import printed

    store = Store.open(str(large_books(documents)), clock=lambda: NOW)
    view = store.read_now(printed, "invoice", 1)
    store.close()
    ours, bare = [], []
    for _ in range(60):  # in turn, the fastest of each: other work on the machine falls on both or on neither
        ours.append(fastest(lambda: render(view)))
        bare.append(fastest(lambda: _bare(view)))
    tell("invoice PDF of one page", min(ours), "ms")
    tell("invoice PDF against bare reportlab", min(ours) / min(bare), "x", "must 2")


def _bare(view: Any) -> bytes:
    from io import BytesIO

    from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
    from reportlab.lib.styles import getSampleStyleSheet  # type: ignore[import-untyped]
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table  # type: ignore[import-untyped]

    out, style = BytesIO(), getSampleStyleSheet()["Normal"]
    head = [
        Paragraph(text, style) for text in (view.company.name, *view.bill_to.split("\n"), view.number, str(view.date))
    ]
    rows = [[x.code, x.description, str(x.quantity), x.unit, str(x.unit_price), str(x.net)] for x in view.lines]
    sums = [[g.label, str(g.net), str(g.tax)] for g in view.tax_groups] + [["", "", str(view.gross)]]
    SimpleDocTemplate(out, pagesize=A4).build([*head, Table(rows), Table(sums)])
    return out.getvalue()


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--cycles", type=int, default=100)
    parser.add_argument("--instalments", type=int, default=1_000_000)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--moves", type=int, default=2_000_000)
    parser.add_argument("--only", default="cycle,growth,lists,reports,receivables,screens,pdf")
    options = parser.parse_args()
    parts = options.only.split(",")
    with tempfile.TemporaryDirectory(prefix="o2c-bench-") as name:
        folder = Path(name)
        (folder / "reports").mkdir()
        if "cycle" in parts:
            cycle_part(folder, options.cycles)
        if "growth" in parts:
            growth_part(folder, options.documents, options.cycles)
        if "lists" in parts:
            lists_part(options.documents)
        if "reports" in parts:
            reports_part(folder)
        if "screens" in parts:
            screens_part(folder, options.documents)
        if "pdf" in parts:
            pdf_part(options.documents)
        if "receivables" in parts:
            receivables_part(folder, options.instalments)
        if "stock" in parts:
            stock_part(options.items, options.moves)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
