"""What was done to one document, step by step, as the audit trail tells it: who, when, what, old and new.

Rule: docs/rules/verify.md, "History".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.models.audit import AuditEntry
from o2c_tui.models.mail import PaperLog, PaperWay
from o2c_tui.queries.documents import NUMBERED, document
from o2c_tui.queries.lookups import the_company
from o2c_tui.storage.rows import table_of


@dataclass(frozen=True)
class Change:
    """One value that a step changed; as the trail writes it: figures exact, dates by ISO 8601."""

    line: int  # position of the document's line; 0: the document itself
    item: str
    column: str
    old: str
    new: str


@dataclass(frozen=True)
class Left:
    """A paper of the document that left the house: how, to whom, and the hash of its very bytes."""

    way: PaperWay
    to: str
    language: str
    file_name: str
    sha256: str


@dataclass(frozen=True)
class Done:
    """One step: when (by the company's clock), by whom, which verb, why, and what it changed."""

    number: int  # of the audit entry
    at: datetime
    by: str
    verb: str
    reason: str
    accepted: tuple[str, ...]  # warnings that were taken
    changes: tuple[Change, ...]
    left: Left | None = None


def history(session: Session, kind: str, key: int) -> tuple[Done, ...]:
    """Every step that was written down of a document or a reminder, oldest first; what is merely kept for lists is no step.

    Raises:
        NotFoundError: there is no such document.
    """
    lines: dict[Any, tuple[int, str]] = {}
    own = kind
    if kind != "reminder":  # a letter is written whole: nothing of it changes
        found = document(session, kind, key)
        lines = {line["id"]: (line["position"], line["item"]) for line in found.lines if "id" in line}
        own = table_of(NUMBERED[kind]).name
    zone = ZoneInfo(the_company(session).time_zone)
    entries = table_of(AuditEntry)
    query = sa.select(entries.c.id, entries.c.at, entries.c.by, entries.c.verb, entries.c.changes).where(
        entries.c.kind == own, entries.c.document_id == key
    )
    done = []
    for row in session.execute(query.order_by(entries.c.id)):
        told = json.loads(row.changes) if row.changes else []
        done.append(
            Done(
                row.id,
                row.at.astimezone(zone),
                row.by,
                row.verb,
                next((change[1] for change in told if change[0] == "reason" and len(change) == 2), ""),
                next((tuple(change[1]) for change in told if change[0] == "accepted"), ()),
                tuple(_change(change, own, key, lines) for change in told if _is_shown(change, own, key, lines)),
            )
        )
    return tuple(sorted([*done, *_papers(session, kind, key, zone)], key=lambda step: step.at))


def _papers(session: Session, kind: str, key: int, zone: ZoneInfo) -> list[Done]:
    """The papers of a document that left the house."""
    papers = table_of(PaperLog)
    query = sa.select(papers).where(papers.c.kind == kind, papers.c.document_id == key).order_by(papers.c.id)
    return [
        Done(
            0,
            row.left_at.astimezone(zone),
            row.by,
            "log_paper",
            "",
            (),
            (),
            Left(row.way, row.to, row.language, row.file_name, row.sha256),
        )
        for row in session.execute(query)
    ]


def _is_shown(change: list[Any], own: str, key: int, lines: Mapping[int, Any]) -> bool:
    """Whether a change is one of this document; a line's revision says something only where the line is new."""
    if len(change) != 5:
        return False
    table, row, column, old, _new = change
    if table == own:
        return bool(row == key)
    return table == f"{own}_line" and row in lines and (column != "revision" or old is None)


def _change(change: list[Any], own: str, key: int, lines: Mapping[int, tuple[int, str]]) -> Change:
    table, row, column, old, new = change
    line, item = (0, "") if table == own else lines[row]
    return Change(line, item, column, _text(old), _text(new))


def _text(value: Any) -> str:
    return "" if value is None else str(value)
