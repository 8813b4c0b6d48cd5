"""What every verb does the same way: find its document, take a step, warn, refuse."""

from enum import StrEnum
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel

from o2c_tui.errors import ConflictError, NotFoundError, Notice, WrongStateError
from o2c_tui.models.base import Steps
from o2c_tui.models.words import DOCUMENT_WORDS, STATE_WORDS
from o2c_tui.storage.chain import decide
from o2c_tui.storage.rows import LOCK, table_of
from o2c_tui.texts import N_

T = TypeVar("T", bound=SQLModel)


def load(session: Session, model: type[T], key: int, *, version: int | None = None) -> T:
    """The record, locked for this transaction.

    Raises:
        NotFoundError: there is none.
        ConflictError: it is no longer at the `version` the caller had seen.
    """
    locked: set[tuple[type[SQLModel], int]] = session.info.setdefault("locked", set())
    record = session.get(model, key, with_for_update=None if (model, key) in locked else LOCK)
    locked.add((model, key))
    session.info.setdefault("alive", []).append(record)  # else it would be read again
    word = DOCUMENT_WORDS.get(table_of(model).name, table_of(model).name)
    if record is None:
        raise NotFoundError(N_("There is no {kind_word} with the key {key}."), kind_word=word, key=key)
    if version is not None and record.version != version:  # type: ignore[attr-defined]
        raise ConflictError(
            N_("Somebody else has changed {document} meanwhile. Look at it again (F5), then repeat the step."),
            document=label_of(record),
        )
    return record


def own(session: Session, record: T) -> T:
    """A record that this transaction has just added, written now: nobody else can hold it, so `load` need not ask again."""
    session.add(record)
    session.flush()
    session.info.setdefault("locked", set()).add((type(record), record.id))  # type: ignore[attr-defined]
    session.info.setdefault("alive", []).append(record)
    return record


def label_of(record: Any) -> str:
    """How people call a document or a record."""
    return str(getattr(record, "label", None) or getattr(record, "code", None) or record.id)


def may_step(document: SQLModel, to: StrEnum) -> bool:
    """Whether the document's table of steps leads from its state to `to`."""
    steps: Steps = table_of(type(document)).c.state.info["steps"]
    return to in steps[document.state]  # type: ignore[attr-defined]


def take_step(session: Session, document: SQLModel, to: StrEnum) -> None:
    """Move a document to another state, as its table of steps allows.

    Raises:
        WrongStateError: it does not.
    """
    if not may_step(document, to):
        raise WrongStateError(
            N_("{kind_word} {document} is {state_word}; it cannot become {to_word}."),
            kind_word=DOCUMENT_WORDS[table_of(type(document)).name],
            document=label_of(document),
            state_word=STATE_WORDS[document.state],  # type: ignore[attr-defined]
            to_word=STATE_WORDS[to],
        )
    decide(session, document, state=to)
    document.version += 1  # type: ignore[attr-defined]


def require_state(document: Any, *states: StrEnum, doing: str) -> None:
    """Refuse what a document's state does not allow; `doing` is a marked word group ("be shipped").

    Raises:
        WrongStateError: its state is none of `states`.
    """
    if document.state not in states:
        raise WrongStateError(
            N_("{kind_word} {document} is {state_word}; it cannot {doing_word}."),
            kind_word=DOCUMENT_WORDS[table_of(type(document)).name],
            document=label_of(document),
            state_word=STATE_WORDS[document.state],
            doing_word=doing,
        )


def warn(session: Session, code: str, template: str, /, **values: object) -> None:
    """Say a warning: the step goes on only if whoever confirmed it had seen it."""
    notices = session.info.setdefault("warnings", [])
    if all(notice.code != code for notice in notices):
        notices.append(Notice(code, template, values))
