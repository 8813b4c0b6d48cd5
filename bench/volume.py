"""A warehouse of any size as raw rows: items, receipts and deliveries at FIFO cost, with their documents and journal.

The verbs would take a day for two million moves. What is written here keeps what `verify` asks of stock: levels, layers,
consumptions and moves agree, and the inventory account is what the layers are worth, on every day.
"""

import random
import sqlite3
from collections import deque
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

UNIT, CENT = 1_000_000, 100  # a stock unit and a cent as they are stored
DAYS = 3 * 365
FIRST = 1_000  # the first key of everything made here
WORDS = (
    "pump", "valve", "bearing", "gasket", "cable", "switch", "hinge", "washer", "hex bolt", "bracket", "sleeve", "filter",
    "spring", "coupling", "nozzle", "relay", "sensor", "lever", "roller", "clamp",
)  # fmt: skip
KINDS = ("steel", "brass", "zinc", "nylon", "rubber", "copper")


class Writer:
    """Rows of one table, written in lumps."""

    def __init__(self, connection: sqlite3.Connection, table: str, names: str) -> None:
        self.columns = [name.strip() for name in names.split(",")]
        held = {row[1]: row for row in connection.execute(f"PRAGMA table_info({table})")}
        found = connection.execute(f"SELECT * FROM {table} LIMIT 1")
        one = found.fetchone()
        model = dict(zip([column[0] for column in found.description], one, strict=True)) if one else {}
        rest = [name for name in held if name not in self.columns and name in model]
        self.rest = tuple(model[name] for name in rest)
        every = [*self.columns, *rest]
        quoted = ", ".join(f'"{name}"' for name in every)
        self.sql = f"INSERT INTO {table} ({quoted}) VALUES ({', '.join('?' * len(every))})"
        self.connection = connection
        self.rows: list[tuple[Any, ...]] = []

    def add(self, *row: Any) -> None:
        """One row; what is not named is as in the table's first row."""
        self.rows.append(row + self.rest)
        if len(self.rows) == 20_000:
            self.close()

    def close(self) -> None:
        """Write what waits."""
        self.connection.executemany(self.sql, self.rows)
        self.rows.clear()


def fill(path: Path, *, items: int, moves: int, today: date) -> None:
    """Add `items` items with `moves` moves over three years to books that hold one delivered cycle."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    put_aside = list(
        connection.execute("SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql <> ''")
    )
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("PRAGMA defer_foreign_keys=ON")
    for kind, name, _ in put_aside:
        connection.execute(f"DROP {kind} {name}")
    _items(connection, items)
    _history(connection, items, moves, today)
    for _, _, sql in sorted(put_aside):
        connection.execute(sql)
    connection.execute("COMMIT")
    connection.close()


def _items(connection: sqlite3.Connection, items: int) -> None:
    chance = random.Random(1)
    supplier = Writer(connection, "party", "id, code, name, search, is_customer, is_supplier, external_key")
    for n in range(200):
        supplier.add(FIRST + n, f"S{n:03}", f"Supplier {n:03}", f"s{n:03} supplier {n:03}", 0, 1, None)
    supplier.close()
    item = Writer(
        connection,
        "item",
        "id, code, name, search, kind, sale_price, barcode, external_key, reorder_point, supplier_id",
    )
    offer = Writer(
        connection,
        "supplier_item",
        "id, supplier_id, item_id, supplier_code, unit, price, pack, minimum, lead_time_days, active, version",
    )
    for n in range(items):
        key, code = FIRST + n, f"I{n:06}"
        name = f"{chance.choice(KINDS)} {chance.choice(WORDS)} {n % 97}".capitalize()
        point = chance.choice((0, 0, 5, 10, 20)) * UNIT
        item.add(
            key, code, name, f"{code} {name}".casefold(), "stocked", (500 + n % 9000) * 10_000, None, None, point,
            FIRST + n % 200,
        )  # fmt: skip
        offer.add(FIRST + n, FIRST + n % 200, key, "", "", (300 + n % 5000) * 10_000, 10 * UNIT, 0, 7, 1, 1)
    item.close()
    offer.close()


def _events(items: int, moves: int, places: list[int]) -> Iterator[tuple[int, int, int]]:
    """(day, item, warehouse) of each move, by day: a tenth of the items moves half of the goods, every fourth lies in two
    places, every twentieth has not moved for a year."""
    chance = random.Random(2)
    packed = []
    busy = items // 10
    for n in range(moves):
        number = n if n < items else chance.randrange(busy) if chance.random() < 0.5 else chance.randrange(items)
        place = 1 if number % 4 == 0 and chance.random() < 0.3 else 0
        last = DAYS - 366 if number % 20 == 3 else DAYS - 1
        packed.append((int(chance.random() * last) << 24 | number) << 4 | place)
    packed.sort()
    for value in packed:
        yield value >> 28, FIRST + (value >> 4 & 0xFFFFFF), places[value & 0xF]


def _history(connection: sqlite3.Connection, items: int, moves: int, today: date) -> None:
    chance = random.Random(3)
    places = [row[0] for row in connection.execute("SELECT id FROM warehouse WHERE kind = 'store' ORDER BY id")]
    roles = dict(connection.execute("SELECT role, id FROM account").fetchall())
    sold, got = roles["cost_of_sales"], roles["goods_received_not_billed"]
    stock = roles["inventory"]
    write = {
        "move": Writer(
            connection, "stock_move", "id, kind, line_id, item_id, warehouse_id, moved_on, quantity, value, undoes_id"
        ),
        "layer": Writer(
            connection,
            "cost_layer",
            "id, move_id, item_id, warehouse_id, received_on, quantity, value, estimated, arrived_on, origin_id, "
            "remaining_quantity, remaining_value",
        ),
        "taken": Writer(connection, "consumption", "move_id, layer_id, quantity, value"),
        "receipt": Writer(connection, "goods_receipt", "id, number, warehouse_id, received_on, value, external_key"),
        "receipt_line": Writer(
            connection, "goods_receipt_line", "id, receipt_id, position, item_id, quantity, unit_cost, value"
        ),
        "delivery": Writer(connection, "delivery", "id, number, warehouse_id, shipped_on, cost"),
        "delivery_line": Writer(
            connection, "delivery_line", "id, delivery_id, position, item_id, quantity, cost, invoiced"
        ),
        "entry": Writer(connection, "journal_entry", "id, posted_on, source, source_id, line_count"),
        "booked": Writer(connection, "journal_line", "entry_id, position, account_id, party_id, amount"),
    }
    layers: dict[tuple[int, int], deque[list[Any]]] = {}  # of each place: [key, left, worth, row], oldest first
    documents: dict[tuple[str, int], list[Any]] = {}  # in work: [key, day, lines, worth]
    next_key = dict.fromkeys(("receipt", "delivery", "entry"), FIRST)
    start = today - timedelta(days=DAYS)
    open_layers: dict[int, list[Any]] = {}

    def close(kind: str, place: int) -> None:
        key, on, lines, worth = documents.pop((kind, place))
        if kind == "receipt":
            write["receipt"].add(key, f"GRX-{key:07}", place, on, worth, None)
        else:
            write["delivery"].add(key, f"DNX-{key:07}", place, on, worth)
        entry, next_key["entry"] = next_key["entry"], next_key["entry"] + 1
        sign = 1 if kind == "receipt" else -1
        write["entry"].add(entry, on, kind, key, 2)
        write["booked"].add(entry, 1, stock, None, sign * worth)
        write["booked"].add(entry, 2, got if kind == "receipt" else sold, None, -sign * worth)
        assert lines

    def line(kind: str, place: int, on: str, worth: int) -> tuple[int, int]:
        """The document of this line and its position in it: five lines of one day and place make one."""
        at = documents.get((kind, place))
        if at is not None and (at[1] != on or at[2] == 5):
            close(kind, place)
            at = None
        if at is None:
            at = documents[kind, place] = [next_key[kind], on, 0, 0]
            next_key[kind] += 1
        at[2] += 1
        at[3] += worth
        return at[0], at[2]

    for n, (day, item, place) in enumerate(_events(items, moves, places)):
        key, on = FIRST + n, str(start + timedelta(days=day + 1))
        mine = layers.setdefault((item, place), deque())
        there = sum(layer[1] for layer in mine)
        if there < chance.randrange(2, 40) * UNIT:
            cost = (200 + item % 4000 + chance.randrange(60)) * CENT  # of one unit
            quantity = chance.randrange(20, 200) * UNIT
            worth = cost * (quantity // UNIT)
            document, position = line("receipt", place, on, worth)
            write["receipt_line"].add(key, document, position, item, quantity, cost * 100, worth)
            write["move"].add(key, "receipt", key, item, place, on, quantity, worth, None)
            layer = [key, quantity, worth, (key, key, item, place, on, quantity, worth, 0, None, None)]
            mine.append(layer)
            open_layers[key] = layer
        else:
            quantity = rest = min(chance.randrange(1, 25) * UNIT, there)
            worth = 0
            while rest:
                layer = mine[0]
                part = min(rest, layer[1])
                value = layer[2] if part == layer[1] else _rounded(layer[2] * part, layer[1])
                write["taken"].add(key, layer[0], part, value)
                layer[1] -= part
                layer[2] -= value
                rest -= part
                worth += value
                if not layer[1]:
                    write["layer"].add(*mine.popleft()[3], 0, 0)
                    del open_layers[layer[0]]
            document, position = line("delivery", place, on, worth)
            write["delivery_line"].add(key, document, position, item, quantity, worth, quantity)
            write["move"].add(key, "delivery", key, item, place, on, -quantity, -worth, None)
    for kind, place in list(documents):
        close(kind, place)
    for _, left, worth, row in open_layers.values():
        write["layer"].add(*row, left, worth)
    level = Writer(connection, "stock_level", "item_id, warehouse_id, on_hand, reserved")
    for (item, place), mine in layers.items():
        level.add(item, place, sum(layer[1] for layer in mine), 0)
    for writer in (*write.values(), level):
        writer.close()


def _rounded(numerator: int, denominator: int) -> int:
    """A share of a layer's value, rounded to the cent, halves up."""
    return (2 * numerator + denominator * CENT) // (2 * denominator * CENT) * CENT
