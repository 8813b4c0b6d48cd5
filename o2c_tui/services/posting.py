"""Journal entries: the money effect of each document, balanced, in the same transaction.

Rule: docs/rules/ledger.md.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from sqlmodel import Session, SQLModel, select

from o2c_tui.models.ledger import (
    DEFAULT_CHART,
    LATER_CHART,
    Account,
    AccountRole,
    JournalEntry,
    JournalLine,
    SourceKind,
)
from o2c_tui.queries.lookups import account_ids
from o2c_tui.storage.chain import created
from o2c_tui.storage.rows import insert_rows

ZERO = Decimal(0)
Leg = tuple[AccountRole | int, int | None, Decimal]  # account (by role or key), party, debit positive
Facts = list[tuple[type[SQLModel], Sequence[Any]]]


class ForeignLeg(NamedTuple):
    """A leg that stands for an amount of another currency, which is told beside it."""

    account: AccountRole | int
    party: int | None
    amount: Decimal
    currency: str
    currency_amount: Decimal


class InCurrency(Protocol):
    """A document in a currency, with its rate (0: the company's own)."""

    @property
    def currency(self) -> str: ...
    @property
    def rate(self) -> Decimal: ...


def leg_of(
    document: InCurrency, account: AccountRole | int, party: int | None, worth: Decimal, amount: Decimal
) -> Leg | ForeignLeg:
    """A leg of a document: `worth` in the company's currency, `amount` in the document's."""
    if not document.rate:
        return account, party, worth
    return ForeignLeg(account, party, worth, document.currency, amount)


def post_journal(
    session: Session, source: SourceKind, source_id: int, on: date, legs: Sequence[Leg | ForeignLeg]
) -> Facts:
    """Write one balanced entry; legs of nothing are left out, and an entry without legs is not written.

    Amounts in the company's currency. Returns the rows written, for the audit entry.
    """
    told = [leg for leg in legs if leg[2] or (isinstance(leg, ForeignLeg) and leg.currency_amount)]
    assert sum((leg[2] for leg in told), ZERO) == ZERO, f"unbalanced journal of {source} {source_id}"
    if not told:
        return []
    by_role = account_ids(session) if any(isinstance(leg[0], AccountRole) for leg in told) else {}
    for role in {leg[0] for leg in told if isinstance(leg[0], AccountRole)} - set(by_role):
        by_role[role] = _open_account(session, role)
    head = insert_rows(
        session, JournalEntry, [{"posted_on": on, "source": source, "source_id": source_id, "line_count": len(told)}]
    )
    lines = [
        {
            "entry_id": head[0]["id"],
            "position": position,
            "account_id": by_role[leg[0]] if isinstance(leg[0], AccountRole) else leg[0],
            "party_id": leg[1],
            "amount": leg[2],
            "currency": leg.currency if isinstance(leg, ForeignLeg) else "",
            "currency_amount": leg.currency_amount if isinstance(leg, ForeignLeg) else ZERO,
        }
        for position, leg in enumerate(told, 1)
    ]
    return [(JournalEntry, head), (JournalLine, insert_rows(session, JournalLine, lines))]


def account_for(session: Session, role: AccountRole) -> int:
    """The account of a role, opened if these books have not needed it yet."""
    known = account_ids(session)
    if role not in known:
        known[role] = _open_account(session, role)
    return known[role]


def _open_account(session: Session, role: AccountRole) -> int:
    """The default chart's account for a role that these books have not needed yet."""
    code, name, kind = next(
        (code, name, kind) for code, name, kind, mine in DEFAULT_CHART + LATER_CHART if mine is role
    )
    taken = set(session.exec(select(Account.code)).all())
    while code in taken:
        code = str(int(code) + 1)
    account = Account(code=code, name=name, kind=kind, role=role)
    session.add(account)
    session.flush()
    created(session, account)
    return account.id
