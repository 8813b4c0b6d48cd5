"""What is one person's own: settings, and what an editor holds before it is saved. No fact of the trade, no audit entry."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from o2c_tui.models.company import KeptDraft, User


def save_preferences(session: Session, login: str, settings: Mapping[str, Any]) -> None:
    """Keep one person's own settings (language, look, keys, views): no fact of the trade, so no audit entry."""
    user = session.exec(select(User).where(User.login == login)).one_or_none()
    if user is None:
        user = User(login=login, name=login)
        session.add(user)
    merged = {**json.loads(user.settings), **settings}
    user.settings = json.dumps({k: v for k, v in merged.items() if v is not None}, ensure_ascii=False)
    session.flush()


def keep_draft(
    session: Session,
    login: str,
    kind: str,
    body: Mapping[str, Any],
    *,
    document_id: int | None = None,
    label: str = "",
    now: datetime,
) -> int:
    """Keep what an editor holds, at each taken cell: it survives a lost line, a kill, and the night.

    Returns the place it is kept under: the id of the document it changes, or for a new one (None at first) a number
    below 0 of its own, so that two new documents of one person never lie in each other's place.
    """
    if document_id is None:
        places = select(KeptDraft.document_id).where(KeptDraft.login == login, KeptDraft.kind == kind)
        document_id = min([0, *session.exec(places)]) - 1
    draft = _kept(session, login, kind, document_id)
    text = json.dumps(body, ensure_ascii=False)
    if draft is None:
        session.add(KeptDraft(login=login, kind=kind, document_id=document_id, label=label, body=text, kept_at=now))
    else:
        draft.body, draft.label, draft.kept_at = text, label, now
    session.flush()
    return document_id


def drop_draft(session: Session, login: str, kind: str, *, document_id: int) -> None:
    """Forget a kept draft: its document was saved, or the clerk threw it away."""
    draft = _kept(session, login, kind, document_id)
    if draft is not None:
        session.delete(draft)
        session.flush()


def _kept(session: Session, login: str, kind: str, document_id: int) -> KeptDraft | None:
    return session.exec(
        select(KeptDraft).where(KeptDraft.login == login, KeptDraft.kind == kind, KeptDraft.document_id == document_id)
    ).one_or_none()


def kept_words(session: Session, login: str, kind: str, document_id: int) -> str | None:
    """What an editor kept, as JSON; None where it kept nothing."""
    draft = _kept(session, login, kind, document_id)
    return draft.body if draft is not None else None
