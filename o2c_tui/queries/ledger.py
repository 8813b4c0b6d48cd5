"""The ledger read: accounts with their turnover and balance on any day, and the lines of one with their documents.

Debit is positive, credit negative, all in the company's currency. Rule: docs/rules/ledger.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, select

from o2c_tui.errors import UnknownCodeError
from o2c_tui.models.bank import BankMatch
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.delivery import CustomerReturn, Delivery
from o2c_tui.models.invoice import KIND_WORDS, Invoice, InvoiceKind
from o2c_tui.models.ledger import Account, AccountKind, AccountRole, JournalEntry, JournalLine, SourceKind
from o2c_tui.models.party import Party
from o2c_tui.models.purchase import BillKind, SupplierBill, SupplierReturn
from o2c_tui.models.receipt import GoodsReceipt
from o2c_tui.models.receivable import Payment
from o2c_tui.models.receivable_adjustment import ReceivableAdjustment
from o2c_tui.models.warehouse import StockAdjustment, Stocktake
from o2c_tui.models.words import DOCUMENT_WORDS
from o2c_tui.queries.lookups import unknown
from o2c_tui.queries.past import in_parts
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)
SOURCES: dict[SourceKind, tuple[type[SQLModel], str]] = {  # source → its table, and the kind that screens open
    SourceKind.RECEIPT: (GoodsReceipt, "receipt"),
    SourceKind.DELIVERY: (Delivery, "delivery"),
    SourceKind.RETURN: (CustomerReturn, "return"),
    SourceKind.INVOICE: (Invoice, "invoice"),
    SourceKind.PAYMENT: (Payment, "payment"),
    SourceKind.SUPPLIER_BILL: (SupplierBill, "bill"),
    SourceKind.SUPPLIER_RETURN: (SupplierReturn, "supplier_return"),
    SourceKind.STOCKTAKE: (Stocktake, "stocktake"),
    SourceKind.ADJUSTMENT: (StockAdjustment, "adjustment"),
    SourceKind.RECEIVABLE_ADJUSTMENT: (ReceivableAdjustment, "receivable_adjustment"),
    SourceKind.BANK: (BankMatch, "bank_match"),  # a decision on a line of a statement
}
_heads, _lines, _accounts = table_of(JournalEntry), table_of(JournalLine), table_of(Account)


class AccountLine(NamedTuple):
    """One account over a span: what it stood at before, what was debited and credited, what it stands at."""

    code: str
    name: str
    kind: AccountKind
    role: AccountRole
    opening: Decimal
    debit: Decimal
    credit: Decimal  # positive
    closing: Decimal


class LedgerLine(NamedTuple):
    """One line of an account, with the document behind it and the balance after it."""

    on: date
    source: SourceKind
    document_id: int
    number: str
    word: str  # of what kind of document; marked
    party: str
    amount: Decimal
    balance: Decimal


@dataclass(frozen=True)
class AccountLedger:
    """The lines of one account over a span."""

    code: str
    name: str
    opening: Decimal
    lines: tuple[LedgerLine, ...]
    closing: Decimal


def turnover(session: Session, first: date | None = None, last: date | None = None) -> list[AccountLine]:
    """Every account of the chart by code, over the days from `first` to `last`; none leaves an end open."""
    before = _heads.c.posted_on < first if first is not None else sa.false()
    within = sa.not_(before) if first is not None else sa.true()
    amount = _lines.c.amount

    def summed(*where: Any) -> Any:
        return sa.func.sum(sa.case((sa.and_(*where), amount), else_=sa.literal(0, AMOUNT)), type_=AMOUNT)

    query = (
        sa.select(_lines.c.account_id, summed(before), summed(within, amount > 0), summed(within, amount < 0))
        .join(_heads, _heads.c.id == _lines.c.entry_id)
        .group_by(_lines.c.account_id)
    )
    if last is not None:
        query = query.where(_heads.c.posted_on <= last)
    told = {key: (opening, debit, credit) for key, opening, debit, credit in session.execute(query)}
    found = []
    for row in session.execute(sa.select(_accounts).order_by(_accounts.c.code)):
        opening, debit, credit = told.get(row.id, (ZERO, ZERO, ZERO))
        found.append(
            AccountLine(row.code, row.name, row.kind, row.role, opening, debit, -credit, opening + debit + credit)
        )
    return found


def balance_of(session: Session, role: AccountRole, as_of: date | None = None, *, first: date | None = None) -> Decimal:
    """What the accounts of a role stand at on a day, or how they moved from `first` until then."""
    query = (
        sa.select(sa.func.sum(_lines.c.amount, type_=AMOUNT))
        .join(_accounts, _accounts.c.id == _lines.c.account_id)
        .join(_heads, _heads.c.id == _lines.c.entry_id)
        .where(_accounts.c.role == role, *_span(first, as_of))
    )
    return session.execute(query).scalar_one() or ZERO


def _span(first: date | None, last: date | None) -> list[Any]:
    found = []
    if first is not None:
        found.append(_heads.c.posted_on >= first)
    if last is not None:
        found.append(_heads.c.posted_on <= last)
    return found


def account_coded(session: Session, code: str) -> Account:
    """The account with this code.

    Raises:
        UnknownCodeError: there is none; near ones are named.
    """
    found = session.exec(select(Account).where(Account.code == code.strip())).one_or_none()
    if found is None:
        refusal: UnknownCodeError = unknown(session, Account, N_("account"), code, "account")
        raise refusal
    return found


def ledger(session: Session, code: str, first: date | None = None, last: date | None = None) -> AccountLedger:
    """One account over a span, line by line: what was posted to it, by which document, and the balance after each.

    Raises:
        UnknownCodeError: no account has the code.
    """
    account = account_coded(session, code)
    mine = _lines.c.account_id == account.id
    opening = ZERO
    if first is not None:
        query = (
            sa.select(sa.func.sum(_lines.c.amount, type_=AMOUNT))
            .join(_heads, _heads.c.id == _lines.c.entry_id)
            .where(mine, _heads.c.posted_on < first)
        )
        opening = session.execute(query).scalar_one() or ZERO
    balance, found = opening, []
    for _code, line in _told(session, mine, *_span(first, last)):
        balance += line.amount
        found.append(line._replace(balance=balance))
    return AccountLedger(account.code, account.name, opening, tuple(found), balance)


def journal(session: Session, first: date | None = None, last: date | None = None) -> list[tuple[str, LedgerLine]]:
    """Every line of every account over a span, by day and entry, each with the account's code; balances are not told."""
    return _told(session, *_span(first, last))


def _told(session: Session, *where: Any) -> list[tuple[str, LedgerLine]]:
    parties = table_of(Party)
    query = (
        sa.select(
            _heads.c.posted_on, _heads.c.source, _heads.c.source_id, parties.c.name, _lines.c.amount, _accounts.c.code
        )
        .join(_heads, _heads.c.id == _lines.c.entry_id)
        .join(_accounts, _accounts.c.id == _lines.c.account_id)
        .outerjoin(parties, parties.c.id == _lines.c.party_id)
        .where(*where)
        .order_by(_heads.c.posted_on, _heads.c.id, _lines.c.position)
    )
    rows = session.execute(query).all()
    names = document_names(session, ((row.source, row.source_id) for row in rows))
    return [
        (
            row.code,
            LedgerLine(
                row.posted_on,
                row.source,
                row.source_id,
                *names[row.source, row.source_id],
                row.name or "",
                row.amount,
                ZERO,
            ),
        )
        for row in rows
    ]


def source_word(source: SourceKind) -> str:
    """What people call the documents behind entries of a kind; marked."""
    return DOCUMENT_WORDS["bank_line" if source is SourceKind.BANK else table_of(SOURCES[source][0]).name]


def document_names(
    session: Session, wanted: Iterable[tuple[SourceKind, int]]
) -> Mapping[tuple[SourceKind, int], tuple[str, str]]:
    """The number and the (marked) kind of the documents behind journal entries."""
    keys: dict[SourceKind, set[int]] = {}
    for source, key in wanted:
        keys.setdefault(source, set()).add(key)
    found: dict[tuple[SourceKind, int], tuple[str, str]] = {}
    for source, mine in keys.items():
        table = table_of(SOURCES[source][0])
        number = table.c.number if "number" in table.c else sa.literal("")
        kind = table.c.kind if source in (SourceKind.INVOICE, SourceKind.SUPPLIER_BILL) else sa.literal("")
        word = source_word(source)
        for part in in_parts(mine):
            for key, told, which in session.execute(sa.select(table.c.id, number, kind).where(table.c.id.in_(part))):
                found[source, key] = (told or f"{source.value}-{key}", _KIND_WORDS.get(which, word))
        for key in mine:
            found.setdefault((source, key), (f"{source.value}-{key}", word))
    return found


_KIND_WORDS = {
    InvoiceKind.CREDIT_NOTE: DOCUMENT_WORDS["credit_note"],
    InvoiceKind.DEPOSIT: KIND_WORDS[InvoiceKind.DEPOSIT],
    BillKind.CREDIT: N_("supplier credit"),
}
