"""What verify proves of the audit trail: it is whole, and the books are what it tells.

Rule: docs/rules/verify.md.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from o2c_tui.models.audit import AuditEntry, AuditHead
from o2c_tui.models.base import FixedPoint, Guard, Role, role_of
from o2c_tui.queries.checking import Found, Row, breach, column_word
from o2c_tui.storage.anchor import Anchor
from o2c_tui.storage.chain import digest_of, fact_text, link, plain
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

BATCH = 500  # audit entries whose rows are read together


def chain_whole(session: Session) -> Found:
    """The entries count without gap, each holds the hash of the one before, and the head is the last."""
    previous, expected = b"", 1
    table = table_of(AuditEntry)
    for row in session.execute(sa.select(table).order_by(table.c.id).execution_options(yield_per=1000)):
        values = dict(row._mapping)
        if values["id"] != expected:
            yield breach(N_("{row} is missing"), row=Row("audit_entry", expected))
            expected = values["id"]
        if link(previous, values) != values["hash"]:
            yield breach(N_("{row} was changed, or the one before it"), row=Row("audit_entry", values["id"]))
        previous, expected = values["hash"], expected + 1
    head = session.execute(sa.select(table_of(AuditHead))).one_or_none()
    if head is None or head.seq != expected - 1 or head.hash != previous:
        yield breach(
            N_("the head of the chain is entry {head}, the last entry is {last}"),
            head=str(head.seq) if head else "–",
            last=str(expected - 1),
        )


def facts_unchanged(session: Session) -> Found:
    """Every fact of every posted row is what the audit trail hashed, none is missing, and none was slipped in."""
    tables = {table.name: table for table in SQLModel.metadata.sorted_tables}
    children: dict[str, list[sa.Table]] = defaultdict(list)
    for table in tables.values():
        if table.info.get("parent"):
            children[table.info["parent"]].append(table)
    told: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))  # table → row → how often
    past = _Past(session, tables)
    entries = table_of(AuditEntry)
    query = (
        sa.select(entries.c.id, entries.c.facts, entries.c.digest).where(entries.c.facts != "").order_by(entries.c.id)
    )
    batch: list[Any] = []
    for row in session.execute(query.execution_options(yield_per=BATCH)):
        batch.append(row)
        if len(batch) == BATCH:
            yield from _check_facts(session, batch, tables, children, told, past)
            batch = []
    yield from _check_facts(session, batch, tables, children, told, past)
    for table in tables.values():
        if "guard" not in table.info or table.info["parent"] or table.name == "audit_entry":
            continue
        where = []
        if table.info["guard"] is Guard.POSTED:
            where = [table.c.state.not_in(table.info["open_states"])]
        there = set(session.execute(sa.select(table.c.id).where(*where)).scalars())
        for key in sorted(there - told[table.name].keys()):
            yield breach(N_("{row} is in the books, but no audit entry tells of it"), row=Row(table.name, key))
        if table.info["revised"]:
            revisions = dict(session.execute(sa.select(table.c.id, table.c.revision).where(*where)).all())
            for key, times in sorted(told[table.name].items()):
                if times != revisions.get(key, times):
                    yield breach(
                        N_("{row} is at revision {revision}, the audit trail tells of {times}"),
                        row=Row(table.name, key),
                        revision=revisions[key],
                        times=times,
                    )


class _Past:
    """Rows that revisions put anew, as they stood at earlier audit entries: what later ones changed, taken back."""

    def __init__(self, session: Session, tables: Mapping[str, sa.Table]) -> None:
        self.changed: dict[tuple[str, int], list[tuple[int, str, Any]]] = defaultdict(list)  # (entry, column, old)
        self.added: dict[tuple[str, int], int] = {}  # row → the entry that added it under a posted document
        revised = {table.name: table for table in tables.values() if table.info.get("revised")}
        roots = [name for name, table in revised.items() if not table.info["parent"]]
        entries = table_of(AuditEntry)
        query = sa.select(entries.c.id, entries.c.changes).where(
            entries.c.kind.in_(roots), entries.c.facts != "", entries.c.changes.contains('"revision"')
        )
        for entry in session.execute(query.order_by(entries.c.id).execution_options(yield_per=1000)):
            for change in json.loads(entry.changes):
                if len(change) != 5 or change[0] not in revised:
                    continue
                name, key, column, old, _ = change
                table = revised[name]
                if column == "revision" and table.info["parent"] and old is None:
                    self.added[name, key] = entry.id
                elif column in table.info["revised"]:
                    self.changed[name, key].append((entry.id, column, _read(table.c[column], old)))

    def at(self, entry: int, table: sa.Table, row: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """A row as it stood when an entry was written; None where it was added later."""
        if not table.info.get("revised"):
            return row
        place = (table.name, row["id"])
        if self.added.get(place, 0) > entry:
            return None
        later = [(column, old) for number, column, old in self.changed.get(place, ()) if number > entry]
        return {**row, **dict(reversed(later))} if later else row


def _read(column: sa.Column[Any], told: Any) -> Any:
    """A value of the audit trail as its column holds it."""
    if told is None:
        return None
    if isinstance(column.type, FixedPoint):
        return Decimal(told)
    return date.fromisoformat(told) if isinstance(column.type, sa.Date) else told


def _check_facts(
    session: Session,
    batch: list[Any],
    tables: Mapping[str, sa.Table],
    children: Mapping[str, list[sa.Table]],
    told: dict[str, dict[int, int]],
    past: _Past,
) -> Found:
    """Recompute the digests of some entries from the rows they name."""
    wanted: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))  # table → row → entries
    for entry in batch:
        for name, keys in json.loads(entry.facts).items():
            for key in keys:
                if key in told[name] and not tables[name].info.get("revised"):
                    yield breach(
                        N_("{entry} tells of {row} a second time"),
                        entry=Row("audit_entry", entry.id),
                        row=Row(name, key),
                    )
                told[name][key] += 1
                wanted[name][key].append(entry.id)
    texts: dict[int, list[str]] = defaultdict(list)
    for name, owners in wanted.items():
        table, keys = tables[name], list(owners)
        seen = set()
        for start in range(0, len(keys), 800):
            part = keys[start : start + 800]
            for row in session.execute(sa.select(table).where(table.c.id.in_(part))):
                seen.add(row.id)
                for entry_id in owners[row.id]:
                    if (stood := past.at(entry_id, table, dict(row._mapping))) is not None:
                        texts[entry_id].append(fact_text(table, stood))
            for child in children[name]:
                key = child.info["key"]
                for row in session.execute(sa.select(child).where(child.c[key].in_(part))):
                    for entry_id in owners[row._mapping[key]]:
                        if (stood := past.at(entry_id, child, dict(row._mapping))) is not None:
                            texts[entry_id].append(fact_text(child, stood))
        for key in sorted(set(keys) - seen):
            yield breach(
                N_("{row} is missing; {entry} tells of it"),
                row=Row(name, key),
                entry=Row("audit_entry", owners[key][0]),
            )
    for entry in batch:
        if digest_of(texts[entry.id]) != entry.digest:
            for name, keys in json.loads(entry.facts).items():
                for key in keys:
                    yield breach(
                        N_("{row}, or a line of it, is not what {entry} saw posted"),
                        row=Row(name, key),
                        entry=Row("audit_entry", entry.id),
                    )


def decisions_told(session: Session) -> Found:
    """Every decided value is the newest that the audit trail tells, and was never written past it."""
    told: dict[str, dict[tuple[int, str], Any]] = defaultdict(dict)
    entries = table_of(AuditEntry)
    query = sa.select(entries.c.id, entries.c.changes).where(entries.c.changes != "").order_by(entries.c.id)
    for row in session.execute(query.execution_options(yield_per=1000)):
        for change in json.loads(row.changes):
            if len(change) == 5:
                table, key, column, old, new = change
                if told[table].get((key, column), old) != old:
                    yield breach(
                        N_("{entry}: {column_word} of {row} was {value}, the trail before tells otherwise"),
                        entry=Row("audit_entry", row.id),
                        column_word=column_word(column),
                        row=Row(table, key),
                        value=_told(old),
                    )
                told[table][key, column] = new
    for table in SQLModel.metadata.sorted_tables:
        columns = [column for column in table.columns if role_of(column) is Role.DECIDED]
        if not columns or "id" not in table.c or table.name == "kept_draft":
            continue
        newest = told[table.name]
        for row in session.execute(sa.select(table.c.id, *columns).execution_options(yield_per=1000)):
            for column in columns:
                raw = row._mapping[column.name]
                value = plain(raw)
                known = newest.get((row.id, column.name), _UNTOLD)
                if known is _UNTOLD:
                    start = _starts(column)
                    if raw and value != start:
                        yield breach(
                            N_("{row}: {column_word} is {value}, which nobody decided"),
                            row=Row(table.name, row.id),
                            column_word=column_word(column.name),
                            value=_told(value),
                        )
                elif known != value:
                    yield breach(
                        N_("{row}: {column_word} is {value}, the audit trail tells {told}"),
                        row=Row(table.name, row.id),
                        column_word=column_word(column.name),
                        value=_told(value),
                        told=_told(known),
                    )


_UNTOLD = object()


def _told(value: Any) -> str:
    """A value as the trail holds it; a dash for nothing."""
    return "–" if value is None or value == "" else str(value)


def _starts(column: sa.Column[Any]) -> Any:
    """The value a decided column has before anybody decided."""
    return plain(column.default.arg) if column.default is not None else None  # type: ignore[attr-defined]


def lost(session: Session, anchor: Anchor) -> Found:
    """What was noted outside the books and is not in them."""
    entries = table_of(AuditEntry)
    newest = session.execute(sa.select(sa.func.max(entries.c.id))).scalar() or 0
    wanted = [mark.seq for mark in anchor.marks()]
    there: dict[int, bytes] = {}
    for start in range(0, len(wanted), 800):
        query = sa.select(entries.c.id, entries.c.hash).where(entries.c.id.in_(wanted[start : start + 800]))
        there |= {row.id: bytes(row.hash) for row in session.execute(query)}
    loss = anchor.loss(there.get, newest)
    if loss is not None:
        trouble = loss.said()
        yield breach(trouble.template, **trouble.values)
