"""Questions made ready: the first screens are answered by the bare driver, before the mapper is loaded.

`ready.json` holds the SQL of Home's questions and of every list under each of its views, as home.py and lists.py put it
(SQLite); tools/ready_questions.py writes it, and a test holds both to the same answers.
"""

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from o2c_tui.queries import rows, today
from o2c_tui.rules.aging import BUCKETS
from o2c_tui.rules.rhythm import month_over
from o2c_tui.storage.anchor import Anchor
from o2c_tui.storage.places import HEAD, connect_bare, is_postgres, sqlite_path

_DAY = re.compile(r":day_(m?)(\d+)")


class NotReadyError(Exception):
    """A question that only the mapper can put."""


@cache
def _questions() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(Path(__file__).with_name("ready.json").read_text(encoding="utf-8"))
    return made


def open_bare(url: str, anchors: Path | None = None) -> sqlite3.Connection | None:
    """A connection that only reads; None where the books are not in a SQLite file of this program's schema.

    Nor is there one for books that lack what was written from here: the Store has the words for it.
    """
    if is_postgres(url) or not sqlite_path(url).exists():
        return None
    try:
        connection: sqlite3.Connection = connect_bare(url)
    except sqlite3.Error:
        return None
    try:
        if connection.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,) and not (
            anchors is not None and _lacks(connection, Anchor(anchors, url))
        ):
            return connection
    except sqlite3.Error:
        pass
    connection.close()
    return None


def _lacks(connection: sqlite3.Connection, anchor: Anchor) -> bool:
    def hash_of(n: int) -> bytes | None:
        found = connection.execute("SELECT hash FROM audit_entry WHERE id = ?", (n,)).fetchone()
        return None if found is None else bytes(found[0])

    head = connection.execute("SELECT seq FROM audit_head").fetchone()
    return anchor.loss(hash_of, head[0] if head else 0, newest=True) is not None


def _words(sql: str, day: date | None, **more: Any) -> dict[str, Any]:
    """The values of a statement's names; `:day_7` is a week after the day, `:day_m30` thirty days before it,
    `:month_over` the end of the newest month that is over on it."""
    if day is not None:
        if ":month_over" in sql:
            more["month_over"] = month_over(day).isoformat()
        for sign, number in _DAY.findall(sql):
            at = day + timedelta(days=-int(number) if sign else int(number))
            more[f"day_{sign}{number}"] = at.isoformat()
    return more


def _ask(connection: sqlite3.Connection, name: str, day: date | None, login: str) -> list[tuple[Any, ...]]:
    sql = _questions()["home"][name]
    found = connection.execute(sql, _words(sql, day, login=login))
    return [rows.read_values(today.READ[name], row) for row in found]


def home_today(connection: sqlite3.Connection, *, on: date, login: str) -> today.Today:
    """What is to be done on a day (see home.py)."""
    asked = [name for name in _questions()["home"] if name != "who"]
    return today.told({name: _ask(connection, name, on, login) for name in asked}, on)


def who(connection: sqlite3.Connection, login: str) -> today.Who | None:
    """Whose books these are, and who asks (see home.py)."""
    found = _ask(connection, "who", None, login)
    return today.Who(*found[0]) if found else None


def ages(connection: sqlite3.Connection, *, as_of: date) -> tuple[Decimal, ...]:
    """What is owed by age (see receivables.py).

    Raises:
        NotReadyError: something was allocated after this day.
    """
    made = _questions()["ages"]
    (newest,) = connection.execute(made["newest"]).fetchone()
    if newest is not None and newest > as_of.isoformat():
        raise NotReadyError("ages")
    sums = [Decimal(0)] * len(BUCKETS)
    for n, amount in connection.execute(made["sums"], _words(made["sums"], as_of)):
        if n >= 0:
            sums[n] += rows.read_values("a", (amount,))[0]
    return tuple(sums)


def late(connection: sqlite3.Connection, *, on: date) -> frozenset[int]:
    """The keys of the sales orders that are late on a day (see lateness.py)."""
    sql = _questions()["late"]
    return frozenset(key for (key,) in connection.execute(sql, _words(sql, on)))


def _list(kind: str, filter_text: str) -> tuple[Mapping[str, Any], str]:
    made = _questions()["lists"][kind]
    if filter_text not in made["views"]:
        raise NotReadyError(filter_text)
    return made, made["views"][filter_text]


def page(
    connection: sqlite3.Connection,
    kind: str,
    filter_text: str,
    *,
    after: Sequence[Any] | None = None,
    before: Sequence[Any] | None = None,
    limit: int = 50,
    from_end: bool = False,
    sort: str = "",
    descending: bool | None = None,
    today: date,
) -> list[Any]:
    """One page of a list under one of its views (see lists.py).

    Raises:
        NotReadyError: another filter, or an order by a figure that is summed up.
    """
    made, where = _list(kind, filter_text)
    row: Any = getattr(rows, made["row"])
    own, down = rows.ORDER[kind]
    names = (sort, *own) if sort and sort not in own else own
    if not all(name in made["columns"] for name in names):
        raise NotReadyError(sort)
    columns = [made["columns"][name] for name in names]
    if descending is not None:
        down = descending
    backwards = before is not None or from_end
    edge = before if before is not None else after
    sql, values = f"{made['rows']}{where}", {}
    if edge is not None:
        sign = "<" if down != backwards else ">"
        binds = [f":edge{n}" for n in range(len(columns))]
        sql += f" AND ({', '.join(columns)}) {sign} ({', '.join(binds)})"
        letters = rows.KINDS[row]
        values = {f"edge{n}": _stored(letters[row._fields.index(names[n])], value) for n, value in enumerate(edge)}
    way = "DESC" if down != backwards else "ASC"
    sql += f" ORDER BY {', '.join(f'{column} {way}' for column in columns)} LIMIT :limit"
    found = connection.execute(sql, _words(sql, today, limit=limit, **values))
    answer = [rows.from_stored(row, values) for values in found]
    return answer[::-1] if backwards else answer


def count(connection: sqlite3.Connection, kind: str, filter_text: str, *, today: date) -> tuple[int, Decimal | None]:
    """How many rows a view has, and their total where the list has one (see lists.py).

    Raises:
        NotReadyError: see page.
    """
    made, where = _list(kind, filter_text)
    sql = f"{made['count']}{where}"
    number, total = connection.execute(sql, _words(sql, today)).fetchone()
    return number, rows.read_values("a", (total,))[0]


def _stored(letter: str, value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value.scaleb(4 if letter == "a" else 6))
    return value.isoformat() if isinstance(value, date) else value
