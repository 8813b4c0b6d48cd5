"""Who may do what: the role of the person at the keyboard. Who has no role keeps all of the books.

Rule: docs/rules/adjustments.md, "Rights".
"""

from collections.abc import Collection

from sqlmodel import Session, select

from o2c_tui.errors import NotAllowedError
from o2c_tui.models.company import ROLE_WORDS, User, UserRole
from o2c_tui.texts import N_

IN_THE_WAREHOUSE = frozenset(UserRole) - {UserRole.SALES, UserRole.VIEWER}
IN_THE_OFFICE = frozenset({UserRole.OWNER, UserRole.ACCOUNTS})


def role_of_person(session: Session, by: str) -> UserRole:
    """What a person does in the company; who is not known does everything."""
    user = session.exec(select(User).where(User.login == by)).one_or_none()
    return user.role if user is not None else UserRole.OWNER


def require_right(session: Session, by: str, doing: str) -> None:
    """Refuse what changes stock by hand to those who sell or only look; `doing` is a marked word group.

    Raises:
        NotAllowedError: names the role.
    """
    refused = N_("{by} ({role_word}) may not {doing_word}; ask somebody of the warehouse or an owner.")
    _require(session, by, IN_THE_WAREHOUSE, refused, doing)


def require_office(session: Session, by: str, doing: str) -> None:
    """Refuse what changes what customers owe to those who are neither owner nor accounts; `doing` is a marked word group.

    Raises:
        NotAllowedError: names the role.
    """
    _require(
        session, by, IN_THE_OFFICE, N_("{by} ({role_word}) may not {doing_word}; ask accounts or an owner."), doing
    )


def require_one_of(session: Session, by: str, roles: Collection[UserRole], doing: str) -> None:
    """Refuse what only some roles do; `doing` is a marked word group ("change letters").

    Raises:
        NotAllowedError: names the role.
    """
    _require(session, by, roles, N_("{by} ({role_word}) may not {doing_word}; ask an owner."), doing)


def require_owner(session: Session, by: str) -> None:
    """Refuse what only owners do.

    Raises:
        NotAllowedError: names the role.
    """
    _require(session, by, (UserRole.OWNER,), N_("{by} ({role_word}) may not give roles; ask an owner."))


def _require(session: Session, by: str, roles: Collection[UserRole], refused: str, doing: str = "") -> None:
    role = role_of_person(session, by)
    if role not in roles:
        told = {"doing_word": doing} if doing else {}
        raise NotAllowedError(refused, by=by, role_word=ROLE_WORDS[role], **told)
