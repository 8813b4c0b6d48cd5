"""The bank as it stands: accounts, lines, what each line most likely is, and the books against the statements.

Rule: docs/rules/bank.md.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.errors import NotFoundError, UnknownCodeError
from o2c_tui.models.bank import BankAccount, BankLine, BankLineState, BankMatch, BankStatement
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.ledger import ACCOUNT_WORDS, Account, AccountRole, JournalEntry, JournalLine
from o2c_tui.models.party import Party
from o2c_tui.models.receivable import Payment, ReceivableItem
from o2c_tui.queries.lookups import the_company
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)
KEPT_BY_DOCUMENTS = (  # accounts of the ledger whose balances are those of documents: nothing is booked there by hand
    AccountRole.RECEIVABLE, AccountRole.INVENTORY, AccountRole.GOODS_NOT_BILLED, AccountRole.TAX, AccountRole.INPUT_TAX,
    AccountRole.DEPOSITS,
)  # fmt: skip
MOST_PROPOSED = 500  # lines that are proposed for at once
_accounts, _lines, _statements = table_of(BankAccount), table_of(BankLine), table_of(BankStatement)
_items = table_of(ReceivableItem)
_matches, _entries, _legs = table_of(BankMatch), table_of(JournalEntry), table_of(JournalLine)


def arrived() -> sa.ColumnElement[Decimal]:
    """What a payment is in the company's currency; of payments joined with their open items."""
    return sa.func.coalesce(-_items.c.base_amount, table_of(Payment).c.amount, type_=AMOUNT)


# -- accounts ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BankAccountRow:
    """One bank account: what the books and the newest statement say is on it, and what waits to be decided."""

    id: int
    code: str
    name: str
    bank: str
    holder: str
    iban: str
    bic: str
    currency: str
    account: str  # of the ledger
    account_id: int
    is_default: bool
    active: bool
    version: int
    books: Decimal  # in the account's currency
    closing: Decimal | None
    closing_on: date | None
    open_lines: int


def bank_accounts(session: Session, code: str = "") -> list[BankAccountRow]:
    """All bank accounts, or the one with a code.

    Raises:
        UnknownCodeError: there is none of it.
    """
    ledger = table_of(Account)
    query = sa.select(_accounts, ledger.c.code.label("ledger_code")).join(ledger, ledger.c.id == _accounts.c.account_id)
    if code:
        query = query.where(_accounts.c.code == code.strip().upper())
    found = []
    home = the_company(session).currency
    waiting = dict(
        session.execute(
            sa.select(_lines.c.bank_account_id, sa.func.count())
            .where(_lines.c.state == BankLineState.OPEN)
            .group_by(_lines.c.bank_account_id)
        ).all()
    )
    for row in session.execute(query.order_by(_accounts.c.code)):
        newest = session.execute(
            sa.select(_statements.c.closing, _statements.c.to_on)
            .where(_statements.c.bank_account_id == row.id, _statements.c.closing.is_not(None))
            .order_by(_statements.c.to_on.desc(), _statements.c.id.desc())
            .limit(1)
        ).one_or_none()
        found.append(
            BankAccountRow(
                row.id, row.code, row.name, row.bank, row.holder, row.iban, row.bic, row.currency or home,
                row.ledger_code, row.account_id, row.is_default, row.active, row.version,
                books_balance(session, row.account_id, currency=row.currency),
                newest.closing if newest else None, newest.to_on if newest else None, waiting.get(row.id, 0),
            )
        )  # fmt: skip
    if code and not found:
        raise UnknownCodeError(
            N_("There is no {kind_word} {code}."), field="account", kind_word=N_("bank account"), code=code
        )
    return found


def books_balance(session: Session, account_id: int, on: date | None = None, *, currency: str = "") -> Decimal:
    """What the ledger says is on an account, at the end of a day; in the company's currency, or in another (`currency`)."""
    told = _legs.c.currency_amount if currency else _legs.c.amount
    query = sa.select(sa.func.sum(told, type_=AMOUNT)).where(_legs.c.account_id == account_id)
    if currency:
        query = query.where(_legs.c.currency == currency)
    if on is not None:
        query = query.join(_entries, _entries.c.id == _legs.c.entry_id).where(_entries.c.posted_on <= on)
    return session.execute(query).scalar_one() or ZERO


# -- lines -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BankLineRow:
    """One line of a statement; `matched` says what it was matched with: payments, accounts of the ledger."""

    id: int
    version: int
    account: str
    booked_on: date
    amount: Decimal
    text: str
    reference: str
    counterparty: str
    counterparty_account: str
    bank_reference: str
    state: str
    customer: str
    note: str
    statement: str
    currency: str = ""  # of the account; empty: the company's
    matched: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """All that the bank told, in one line."""
        return " ".join(filter(None, (self.counterparty, self.text, self.reference)))


def bank_lines(
    session: Session,
    *,
    account: str = "",
    states: Sequence[str] = (),
    ids: Sequence[int] = (),
    limit: int = MOST_PROPOSED,
) -> list[BankLineRow]:
    """Lines of statements, the open ones first, then the newest; of one account, some states, or some keys."""
    party = table_of(Party)
    query = (
        sa.select(
            _lines.c.id, _lines.c.version, _accounts.c.code, _lines.c.booked_on, _lines.c.amount, _lines.c.text,
            _lines.c.reference, _lines.c.counterparty, _lines.c.counterparty_account, _lines.c.bank_reference,
            _lines.c.state, sa.func.coalesce(party.c.code, ""), _lines.c.note,
            sa.func.coalesce(_statements.c.reference, ""), _accounts.c.currency,
        )
        .join(_accounts, _accounts.c.id == _lines.c.bank_account_id)
        .join(_statements, _statements.c.id == _lines.c.statement_id)
        .outerjoin(party, party.c.id == _lines.c.customer_id)
    )  # fmt: skip
    if account:
        query = query.where(_accounts.c.code == account.strip().upper())
    if states:
        query = query.where(_lines.c.state.in_(list(states)))
    if ids:
        query = query.where(_lines.c.id.in_(list(ids)))
    is_open = sa.case((_lines.c.state == BankLineState.OPEN, 0), else_=1)
    recent = sa.case((_lines.c.state == BankLineState.OPEN, _lines.c.id), else_=-_lines.c.id)
    rows = [BankLineRow(*row) for row in session.execute(query.order_by(is_open, recent).limit(limit))]
    told = _matched_with(session, [row.id for row in rows if row.state == BankLineState.MATCHED])
    return [_with(row, told.get(row.id, ())) for row in rows]


def _with(row: BankLineRow, matched: tuple[str, ...]) -> BankLineRow:
    from dataclasses import replace

    return replace(row, state=str(getattr(row.state, "value", row.state)), matched=matched)


def _matched_with(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """What lines are matched with, by line: numbers of payments, codes of accounts."""
    found: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    payments, ledger = table_of(Payment), table_of(Account)
    for start in range(0, len(ids), 800):
        query = (
            sa.select(_matches.c.line_id, payments.c.number, ledger.c.code, _matches.c.amount)
            .outerjoin(payments, payments.c.id == _matches.c.payment_id)
            .outerjoin(ledger, ledger.c.id == _matches.c.account_id)
            .where(_matches.c.line_id.in_(ids[start : start + 800]))
            .order_by(_matches.c.id)
        )
        for line, number, code, amount in session.execute(query):
            found[line][number or code or "?"] += amount
    return {line: tuple(name for name, amount in told.items() if amount) for line, told in found.items()}


DIFFERENCE_WORDS = {
    "beginning": N_("on the account before the first statement"),
    "gap": N_("a statement is missing before"),
    "open_line": N_("on the statement, not decided"),
    "ignored_line": N_("on the statement, put aside"),
    "later": N_("on the statement, dated later in the books"),
    "not_on_statement": N_("in the books, not on a statement"),
}


@dataclass(frozen=True)
class LineStory:
    """A matched line's decisions, for its card: who, when, why."""

    by: str
    on: date
    amount: Decimal
    with_what: str
    reasons: tuple[str, ...] = field(default_factory=tuple)
    undone: bool = False


def line_of_match(session: Session, match_id: int) -> int:
    """The key of the line that a decision was made on."""
    key: int = session.execute(sa.select(_matches.c.line_id).where(_matches.c.id == match_id)).scalar_one()
    return key


def line_story(session: Session, line_id: int) -> list[LineStory]:
    """What was decided on a line, the oldest first."""
    payments, ledger = table_of(Payment), table_of(Account)
    query = (
        sa.select(_matches, payments.c.number, ledger.c.code.label("ledger_code"))
        .outerjoin(payments, payments.c.id == _matches.c.payment_id)
        .outerjoin(ledger, ledger.c.id == _matches.c.account_id)
        .where(_matches.c.line_id == line_id)
        .order_by(_matches.c.id)
    )
    rows = session.execute(query).all()
    return [
        LineStory(
            row.by,
            row.matched_on,
            row.amount,
            row.number or row.ledger_code or "",
            tuple(json.loads(row.reasons).get("why", ())) if row.reasons else (),
            row.undoes_id is not None,
        )
        for row in rows
    ]


def bookable_accounts(session: Session) -> list[tuple[str, str]]:
    """Accounts of the ledger that a line without a customer may be booked on, charges first: code and name."""
    ledger = table_of(Account)
    query = sa.select(ledger.c.code, ledger.c.name, ledger.c.role).where(
        ledger.c.active.is_(True), ledger.c.role.not_in((*KEPT_BY_DOCUMENTS, AccountRole.PAYABLE))
    )
    rows = session.execute(query.order_by(ledger.c.code)).all()
    first = [(row.code, row.name) for row in rows if row.role is AccountRole.BANK_CHARGES]
    if not first:
        first = [(AccountRole.BANK_CHARGES.value, ACCOUNT_WORDS[AccountRole.BANK_CHARGES])]
    rest = [(row.code, row.name) for row in rows if row.role not in (AccountRole.BANK_CHARGES, AccountRole.BANK)]
    return first + rest


def payment_amount(session: Session, number: str, currency: str = "") -> Decimal:
    """What a payment is on the bank account it came in on, by its number: in that account's `currency`, or else what
    arrived in the company's.

    Raises:
        NotFoundError: there is none.
    """
    payments = table_of(Payment)
    told = payments.c.amount if currency else arrived()
    found = session.execute(
        sa.select(told)
        .join(_items, _items.c.payment_id == payments.c.id)
        .where(payments.c.number == number.strip().upper())
    ).scalar_one_or_none()
    if found is None:
        raise NotFoundError(N_("There is no payment {number}."), field="payment", number=number)
    return found  # type: ignore[no-any-return]
