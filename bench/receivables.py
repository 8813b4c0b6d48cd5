"""A million instalments as raw rows: aging of what is open and one customer's statement, beside bare reading."""

import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

from bench.cycle import fresh_books, size_of
from bench.figures import NOW, TODAY, fastest, kept, tell
from o2c_tui.queries import receivables, statements
from o2c_tui.storage.store import Store

CUSTOMERS = 5_000
YEARS = 3 * 365
UNIT = 10_000  # of an amount as it is stored


def receivables_part(folder: Path, instalments: int) -> None:
    """Invoices of one instalment each over three years, a tenth of them open, the others paid by a payment each."""
    path = str(_volume_books(folder, instalments))
    store = Store.open(path, clock=lambda: NOW)
    bare = sqlite3.connect(path)
    question = "SELECT customer_id, due_on, base_open FROM receivable_item WHERE open <> 0"
    floor = fastest(lambda: bare.execute(question).fetchall(), 5)
    ours = fastest(lambda: store.read_now(receivables.aged, as_of=TODAY), 5)
    tell(f"aging of {instalments:,} instalments, {instalments // 10:,} open", ours, "ms")
    tell("bare reading of what is open", floor, "ms")
    tell("aging against bare reading", ours / floor, "x")
    past = fastest(lambda: store.read_now(receivables.aged, as_of=TODAY - timedelta(days=90)), 3)
    tell("aging as of 90 days ago", past, "ms")
    customer = 100 + CUSTOMERS // 2
    first = TODAY - timedelta(days=60)
    for words, work in (
        (
            "one customer's statement, two months",
            lambda: store.read_now(statements.account, customer, first=first, last=TODAY),
        ),
        ("one customer's open items", lambda: store.read_now(statements.open_account, customer, last=TODAY)),
        (
            "one customer's statement as of a month ago",
            lambda: store.read_now(
                statements.account, customer, first=first - timedelta(days=30), last=TODAY - timedelta(days=30)
            ),
        ),
    ):
        tell(words, fastest(work), "ms", "must 10")
    bare.close()
    store.close()


def _volume_books(folder: Path, instalments: int) -> Path:
    """Books with so many instalments, made once."""
    path = kept(f"receivables-{instalments}")
    if not path.exists():
        place = folder / "receivables"
        place.mkdir()
        store, cycle = fresh_books(place)
        cycle.run()  # a row of each table to copy
        store.close()
        half = place / "fresh.sqlite"
        _fill(str(half), instalments)
        size_of(half)
        shutil.move(half, path)
    return path


def _fill(path: str, count: int) -> None:
    """The rows, written past the verbs with the guards off."""
    books = sqlite3.connect(path)
    for (name,) in books.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        books.execute(f'DROP TRIGGER "{name}"')
    books.execute("PRAGMA foreign_keys = OFF")
    books.execute("PRAGMA synchronous = OFF")
    _copies(
        books,
        "party",
        ({"id": 100 + n, "code": f"P{n:06}", "name": f"Party {n:06}", "external_key": None} for n in range(CUSTOMERS)),
    )
    start = 1_000
    amount = 100 * UNIT

    def told(n: int) -> tuple[int, str, str, str, bool]:
        day = TODAY - timedelta(days=YEARS - n * YEARS // count)
        due = day + timedelta(days=30)
        return 100 + n * 7 % CUSTOMERS, str(day), str(due), str(min(due, TODAY)), n % 10 == 0

    def invoices():  # type: ignore[no-untyped-def]
        for n in range(count):
            customer, day, due, _paid, is_open = told(n)
            yield {
                "id": start + n, "number": f"X{n}", "customer_id": customer, "invoiced_on": day, "due_on": due,
                "gross": amount, "net": amount, "tax": 0, "open": amount if is_open else 0, "external_key": None,
            }  # fmt: skip

    def items():  # type: ignore[no-untyped-def]
        for n in range(count):
            customer, day, due, paid, is_open = told(n)
            left = amount if is_open else 0
            yield {
                "id": start + n, "customer_id": customer, "invoice_id": start + n, "payment_id": None, "dated_on": day,
                "due_on": due, "amount": amount, "open": left, "base_open": left, "settled_on": None if is_open else paid,
            }  # fmt: skip
        for n in range(count):
            customer, _day, _due, paid, is_open = told(n)
            if not is_open:
                yield {
                    "id": start + count + n, "customer_id": customer, "invoice_id": None, "payment_id": start + n,
                    "dated_on": paid, "due_on": paid, "amount": -amount, "open": 0, "base_open": 0, "settled_on": paid,
                }  # fmt: skip

    def payments():  # type: ignore[no-untyped-def]
        for n in range(count):
            customer, _day, _due, paid, is_open = told(n)
            if not is_open:
                yield {
                    "id": start + n,
                    "number": f"Y{n}",
                    "customer_id": customer,
                    "received_on": paid,
                    "amount": amount,
                    "unapplied": 0,
                }

    def links():  # type: ignore[no-untyped-def]
        for n in range(count):
            _customer, _day, _due, paid, is_open = told(n)
            if not is_open:
                yield {
                    "id": start + n,
                    "allocated_on": paid,
                    "debit_id": start + n,
                    "credit_id": start + count + n,
                    "amount": amount,
                }

    for table, rows in (
        ("invoice", invoices()),
        ("payment", payments()),
        ("receivable_item", items()),
        ("payment_allocation", links()),
    ):
        _copies(books, table, rows)
    books.commit()
    books.execute("ANALYZE")
    books.commit()
    books.close()


def _copies(books: sqlite3.Connection, table: str, rows) -> None:  # type: ignore[no-untyped-def]
    """Rows like the first of a table, with what differs."""
    found = books.execute(f"SELECT * FROM {table} LIMIT 1")
    names = [column[0] for column in found.description]
    one = dict(zip(names, found.fetchone(), strict=True))
    text = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    books.executemany(text, (tuple((one | row)[name] for name in names) for row in rows))
