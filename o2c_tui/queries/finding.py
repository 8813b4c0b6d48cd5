"""A document found by its number, whatever its kind. Apart from the other look-ups (pick.py), since it knows every table.

Rule: docs/rules/filters.md, "Look-ups".
"""

import unicodedata
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col

from o2c_tui.models.reminder import Reminder
from o2c_tui.queries.documents import NUMBERED

_FOUND: dict[str, type[SQLModel]] = {**NUMBERED, "reminder": Reminder}  # all that has a number of ours


@dataclass(frozen=True)
class DocumentHit:
    """A document found by its number."""

    kind: str
    id: int
    number: str


def find_document(session: Session, text: str, limit: int = 8) -> list[DocumentHit]:
    """Documents and letters whose number is, begins with or ends with what was typed, over all kinds; exact ones first."""
    needle = unicodedata.normalize("NFKC", text).strip().upper().split("/")[0]
    if not needle:
        return []
    found: list[DocumentHit] = []
    like = needle.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    for kind, model in _FOUND.items():
        number = col(model.number)  # type: ignore[attr-defined]
        key = col(model.id)  # type: ignore[attr-defined]
        exact = session.execute(sa.select(key, number).where(number == needle).order_by(key.desc()).limit(limit)).all()
        found += [DocumentHit(kind, row[0], row[1]) for row in exact]
    if found:
        return found
    for kind, model in _FOUND.items():
        number = col(model.number)  # type: ignore[attr-defined]
        key = col(model.id)  # type: ignore[attr-defined]
        near = sa.select(key, number).where(number.like(f"%{like}%", escape="\\")).order_by(key.desc()).limit(limit)
        found += [DocumentHit(kind, row[0], row[1]) for row in session.execute(near)]
    return found[:limit]
