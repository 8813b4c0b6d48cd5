"""The audit chain: one entry a verb, each holding the hash of the one before.

A verb tells what it did by `decide` (old and new of decided values), `created` (a new record of people or things) and
`record` (the entry, with the rows that became facts). Entries wait in the session and are numbered, hashed and
written by `seal`, just before the commit: the head of the chain is the last row a transaction locks.

What is hashed leaves out values that are empty (none, nought, no text), so a column added later does not change the
digest of what was posted before.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from o2c_tui.models.audit import AuditEntry, AuditHead
from o2c_tui.models.base import FixedPoint, Moment, Role, role_of
from o2c_tui.storage.locks import refuse_locked, refuse_locked_meanwhile
from o2c_tui.storage.rows import LOCK, table_of

Row = Mapping[str, Any] | SQLModel


@dataclass
class Entry:
    """What one verb did, before it is numbered."""

    verb: str
    kind: str
    document_id: int
    by: str
    changes: list[list[Any]] = field(default_factory=list)  # [table, id, column, old, new]
    facts: dict[str, list[int]] = field(default_factory=dict)
    digest: bytes = b""
    on: date | None = None  # the day the verb worked on
    warnings: list[str] = field(default_factory=list)


def plain(value: Any) -> Any:
    """A value as the audit trail writes it: JSON words only, figures exact."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    return value


def _canonical(column: sa.Column[Any]) -> Any:
    """How the column's values are written into a digest: as stored, on every database alike."""
    kind = column.type
    if isinstance(kind, FixedPoint):
        return lambda v: int(v.scaleb(kind.places)) if isinstance(v, Decimal) else int(v) * 10**kind.places
    if isinstance(kind, Moment):
        return lambda v: kind.process_bind_param(v, None)  # type: ignore[arg-type]
    if isinstance(kind, sa.Date):
        return lambda v: v.isoformat()
    if isinstance(kind, sa.Enum):
        return lambda v: str(v.value)
    if isinstance(kind, sa.Boolean):
        return int
    if isinstance(kind, sa.LargeBinary):
        return lambda v: v.hex()
    return lambda v: v


@cache
def _fact_columns(table: sa.Table) -> tuple[tuple[str, Any], ...]:
    facts = sorted((c for c in table.columns if role_of(c) is Role.FACT), key=lambda c: c.name)
    return tuple((column.name, _canonical(column)) for column in facts)


def fact_text(table: sa.Table, row: Mapping[str, Any]) -> str:
    """One row's facts in one line, the same on every database."""
    values = {name: write(row[name]) for name, write in _fact_columns(table) if row[name]}
    return json.dumps([table.name, values], ensure_ascii=False, separators=(",", ":"))


def digest_of(texts: Iterable[str]) -> bytes:
    """SHA-256 over the lines of rows, in an order that does not depend on who wrote them first."""
    whole = hashlib.sha256()
    for text in sorted(texts):
        whole.update(text.encode())
        whole.update(b"\n")
    return whole.digest()


def _as_mapping(row: Row) -> Mapping[str, Any]:
    return row if isinstance(row, Mapping) else row.__dict__


def _waiting(session: Session) -> list[list[Any]]:
    return session.info.setdefault("changes", [])  # type: ignore[no-any-return]


def decide(session: Session, record: SQLModel, **values: Any) -> None:
    """Write decided values on a record and remember old and new for the verb's audit entry."""
    table = table_of(type(record))
    for name, new in values.items():
        assert role_of(table.c[name]) is Role.DECIDED, f"{table.name}.{name} is not a decided value"
        old = getattr(record, name)
        if old != new:
            setattr(record, name, new)
            _waiting(session).append([table.name, record.id, name, plain(old), plain(new)])  # type: ignore[attr-defined]


def decided_row(session: Session, model: type[SQLModel], row: Mapping[str, Any], name: str, old: Any, new: Any) -> None:
    """Remember one decided value of a row that was written in a set."""
    _waiting(session).append([table_of(model).name, row["id"], name, plain(old), plain(new)])


def revise(session: Session, record: SQLModel, **values: Any) -> None:
    """Put agreed facts of a record anew and remember old and new for the verb's audit entry."""
    table = table_of(type(record))
    for name, new in values.items():
        assert name in table.info["revised"], f"{table.name}.{name} is not put anew by a revision"
        old = getattr(record, name)
        if old != new:
            setattr(record, name, new)
            _waiting(session).append([table.name, record.id, name, plain(old), plain(new)])  # type: ignore[attr-defined]


def revise_row(session: Session, model: type[SQLModel], row: dict[str, Any], **values: Any) -> None:
    """As `revise`, for a row that is written in a set; its dictionary is changed here."""
    table = table_of(model)
    for name, new in values.items():
        assert name in table.info["revised"], f"{table.name}.{name} is not put anew by a revision"
        if row[name] != new:
            decided_row(session, model, row, name, row[name], new)
            row[name] = new


def created(session: Session, record: SQLModel) -> None:
    """Remember the values of a new record of people, things or settings (it has its id already)."""
    table = table_of(type(record))
    for column in table.columns:
        value = getattr(record, column.name)
        if role_of(column) is Role.DECIDED and value not in (None, "", 0, False):
            _waiting(session).append([table.name, record.id, column.name, None, plain(value)])  # type: ignore[attr-defined]


def record(
    session: Session,
    verb: str,
    document: SQLModel,
    *,
    by: str,
    facts: Sequence[tuple[type[SQLModel], Sequence[Row]]] = (),
    reason: str = "",
    on: date | None = None,
    told: Sequence[tuple[str, Any]] = (),
) -> None:
    """Write down one verb: who did what to which document, what it decided, and the rows that became facts.

    `facts` lists models with their rows, whole, roots and children alike; only the ids of roots are kept (children
    are found by their parent), all of their fact columns are hashed. `reason` is told where no column keeps it; so is
    the day `on` of a decision, where it is not the day it was written down (trials, replays). `told` is what else no
    column keeps: a word and its plain value.

    Raises:
        LockedPeriodError: a row counts on a day whose books are locked; every verb that posts something comes by here.
    """
    refuse_locked(session, by, facts)
    entry = Entry(verb, table_of(type(document)).name, document.id, by, on=on)  # type: ignore[attr-defined]
    entry.changes = session.info.pop("changes", [])
    if reason.strip():
        entry.changes.append(["reason", reason.strip()])
    entry.changes += [[word, value] for word, value in told]
    texts = []
    for model, rows in facts:
        table = table_of(model)
        for row in rows:
            values = _as_mapping(row)
            texts.append(fact_text(table, values))
            if not table.info["parent"]:
                entry.facts.setdefault(table.name, []).append(values["id"])
    if texts:
        entry.digest = digest_of(texts)
    session.info.setdefault("entries", []).append(entry)


def entry_text(values: Mapping[str, Any]) -> str:
    """What the hash of an entry covers: all of its columns but the hash itself."""
    at = values["at"]
    return json.dumps(
        [
            values["id"],
            at.isoformat() if isinstance(at, datetime) else at,
            values["by"],
            values["verb"],
            values["kind"],
            values["document_id"],
            values["changes"],
            values["facts"],
            values["digest"].hex(),
            values["result"],
            values["key"],
        ],
        ensure_ascii=False,
        separators=(",", ":"),
    )


def link(previous: bytes, values: Mapping[str, Any]) -> bytes:
    """The hash of an entry that follows the one with the hash `previous`."""
    return hashlib.sha256(previous + entry_text(values).encode()).digest()


def _short(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")) if data else ""


_HEAD = sa.select(AuditHead.seq, AuditHead.hash).with_for_update(**LOCK)  # type: ignore[call-overload]
_INSERT = sa.insert(table_of(AuditEntry))
_MOVE_HEAD = sa.update(table_of(AuditHead))


def hold_head(session: Session) -> tuple[int, bytes]:
    """The head of the chain, held until this transaction ends: nothing is committed beside it meanwhile."""
    head = session.execute(_HEAD).one_or_none()
    return (head[0], bytes(head[1])) if head is not None else (0, b"")


def seal(
    session: Session, now: datetime, key: str | None = None, result: str | None = None
) -> tuple[int, bytes] | None:
    """Number, hash and write the entries of this transaction; `key` and `result` stand on the last of them.

    Returns the new end of the chain; None where nothing was written down.
    """
    entries: list[Entry] = session.info.pop("entries", [])
    assert not session.info.pop("changes", None), "decided values without an audit entry"
    if not entries:
        return None
    warned = session.info.get("warnings", ())
    if warned:
        entries[-1].changes.append(["accepted", [warning.code for warning in warned]])
    head = session.execute(_HEAD).one_or_none()
    refuse_locked_meanwhile(session)
    if head is None:  # the first entry of new books
        session.connection().execute(sa.insert(table_of(AuditHead)), {"id": 1, "seq": 0, "hash": b""})
    seq, previous = head or (0, b"")
    rows = []
    for entry in entries:
        seq += 1
        if entry.on is not None and entry.on != now.date():
            entry.changes.append(["on", entry.on.isoformat()])
        last = entry is entries[-1]
        values = {
            "id": seq,
            "at": now,
            "by": entry.by,
            "verb": entry.verb,
            "kind": entry.kind,
            "document_id": entry.document_id,
            "changes": _short(entry.changes),
            "facts": _short(entry.facts),
            "digest": entry.digest,
            "result": result if last else None,
            "key": key if last else None,
        }
        previous = values["hash"] = link(previous, values)
        rows.append(values)
    session.connection().execute(_INSERT, rows)
    session.connection().execute(_MOVE_HEAD, {"seq": seq, "hash": previous})
    return seq, previous
