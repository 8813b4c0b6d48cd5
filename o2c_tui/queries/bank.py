"""The bank as it stands: accounts, lines, what each line most likely is, and the books against the statements.

Rule: docs/rules/bank.md.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.errors import NotFoundError, UnknownCodeError
from o2c_tui.models.bank import BankAccount, BankLine, BankLineState, BankMatch, BankRule, BankStatement
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.invoice import Invoice, InvoiceLine
from o2c_tui.models.ledger import ACCOUNT_WORDS, Account, AccountRole, JournalEntry, JournalLine, SourceKind
from o2c_tui.models.order import SalesOrder, SalesOrderLine
from o2c_tui.models.party import Party
from o2c_tui.models.receivable import Payment, PaymentState, ReceivableItem
from o2c_tui.models.receivable_adjustment import ReceivableAdjustment
from o2c_tui.queries.lookups import account_ids, the_company
from o2c_tui.rules.matching import (
    BOUNCE_DAYS,
    Known,
    Learned,
    Line,
    MatchProposal,
    Owed,
    Payer,
    Posted,
    Reason,
    patterns,
    propose_all,
)
from o2c_tui.rules.statements import Gap, Told, gaps
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)
KEPT_BY_DOCUMENTS = (  # accounts of the ledger whose balances are those of documents: nothing is booked there by hand
    AccountRole.RECEIVABLE, AccountRole.INVENTORY, AccountRole.GOODS_NOT_BILLED, AccountRole.TAX, AccountRole.INPUT_TAX,
    AccountRole.DEPOSITS,
)  # fmt: skip
MOST_PROPOSED = 500  # lines that are proposed for at once
_accounts, _lines, _statements = table_of(BankAccount), table_of(BankLine), table_of(BankStatement)
_matches, _entries, _legs = table_of(BankMatch), table_of(JournalEntry), table_of(JournalLine)


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
    books: Decimal
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
                books_balance(session, row.account_id),
                newest.closing if newest else None, newest.to_on if newest else None, waiting.get(row.id, 0),
            )
        )  # fmt: skip
    if code and not found:
        raise UnknownCodeError(
            N_("There is no {kind_word} {code}."), field="account", kind_word=N_("bank account"), code=code
        )
    return found


def books_balance(session: Session, account_id: int, on: date | None = None) -> Decimal:
    """What the ledger says is on an account, at the end of a day; in the company's currency."""
    query = sa.select(sa.func.sum(_legs.c.amount, type_=AMOUNT)).where(_legs.c.account_id == account_id)
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
            sa.func.coalesce(_statements.c.reference, ""),
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


# -- proposals ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pays:
    """What a proposal pays of one instalment, and keeps back of it."""

    item_id: int
    invoice: str
    due_on: date
    open: Decimal
    amount: Decimal
    discount: Decimal = ZERO
    difference: Decimal = ZERO
    charge: Decimal = ZERO


@dataclass(frozen=True)
class Proposed:
    """What a line may be, with the words for it."""

    mark: str  # sure, likely, maybe
    score: int
    reasons: tuple[Reason, ...]
    customer: str = ""
    customer_name: str = ""
    pays: tuple[Pays, ...] = ()
    rest: Decimal = ZERO
    payment: str = ""
    bounced: str = ""
    account: str = ""
    account_name: str = ""


@dataclass(frozen=True)
class ProposedLine:
    """An open line with what it may be, the likeliest first."""

    line: BankLineRow
    proposals: tuple[Proposed, ...] = ()

    @property
    def best(self) -> Proposed | None:
        """The likeliest."""
        return self.proposals[0] if self.proposals else None


def proposed_lines(session: Session, *, account: str = "", ids: Sequence[int] = ()) -> list[ProposedLine]:
    """The open lines with what each may be; together they never take more than is open."""
    rows = bank_lines(session, account=account, states=(BankLineState.OPEN,), ids=ids)
    places = {place.code: place for place in bank_accounts(session)}
    told: dict[int, list[MatchProposal]] = {}
    known: Known | None = None
    home = the_company(session).currency
    for code in sorted({row.account for row in rows}):
        mine = [row for row in rows if row.account == code]
        if places[code].currency != home:
            continue
        fresh = _known(session, places[code].account_id, [row.booked_on for row in mine])
        if known is not None:
            fresh.left = known.left  # what one account's lines take is not there for the next
        known = fresh
        told |= propose_all([_as_line(row) for row in mine], known)
    names = _Names(session, known, [p for found in told.values() for p in found])
    return [ProposedLine(row, tuple(names.proposed(p) for p in told.get(row.id, ()))) for row in rows]


def _as_line(row: BankLineRow) -> Line:
    return Line(row.id, row.booked_on, row.amount, row.text, row.reference, row.counterparty, row.counterparty_account)


def _known(session: Session, account_id: int, days: Sequence[date]) -> Known:
    """All that lines of an account can be matched with."""
    company = the_company(session)
    return Known(
        _owed(session),
        _payers(session),
        [
            Learned(*row)
            for row in session.execute(
                sa.select(
                    col(BankRule.id), col(BankRule.field), col(BankRule.pattern), col(BankRule.customer_id),
                    col(BankRule.account_id), col(BankRule.times),
                ).where(col(BankRule.active).is_(True))
            )
        ],
        _posted(session, account_id, min(days) - timedelta(days=BOUNCE_DAYS)) if days else (),
        tolerance=company.small_difference,
    )  # fmt: skip


def _owed(session: Session) -> list[Owed]:
    """Every open instalment of invoices in the company's currency, with the numbers it may be called by."""
    items, invoices, adjusted = table_of(ReceivableItem), table_of(Invoice), table_of(ReceivableAdjustment)
    names: dict[int, list[str]] = defaultdict(list)
    order_lines, orders, bill_lines = table_of(SalesOrderLine), table_of(SalesOrder), table_of(InvoiceLine)
    ordered = (
        sa.select(bill_lines.c.invoice_id, orders.c.number)
        .join(invoices, invoices.c.id == bill_lines.c.invoice_id)
        .join(order_lines, order_lines.c.id == bill_lines.c.order_line_id)
        .join(orders, orders.c.id == order_lines.c.order_id)
        .where(invoices.c.open != 0)
        .distinct()
    )
    for key, number in session.execute(ordered):
        if number:
            names[key].append(number)
    query = (
        sa.select(
            items.c.id, items.c.customer_id, sa.func.coalesce(invoices.c.number, adjusted.c.number, "").label("number"),
            items.c.due_on, items.c.open, items.c.dated_on, items.c.discount_amount, items.c.discount_on,
            invoices.c.id.label("invoice_id"), invoices.c.customer_reference
        )
        .outerjoin(invoices, invoices.c.id == items.c.invoice_id)
        .outerjoin(adjusted, adjusted.c.id == items.c.adjustment_id)
        .where(items.c.open > 0, items.c.currency == "", items.c.payment_id.is_(None))
        .order_by(items.c.id)
    )  # fmt: skip
    return [
        Owed(
            row.id, row.customer_id, row.number, row.due_on, row.open, row.dated_on,
            min(row.discount_amount, row.open), row.discount_on,
            tuple(names.get(row.invoice_id, ())) + ((row.customer_reference,) if row.customer_reference else ()),
        )
        for row in session.execute(query)
    ]  # fmt: skip


def _payers(session: Session) -> list[Payer]:
    party = table_of(Party)
    query = sa.select(party.c.id, party.c.name, party.c.iban, party.c.contact).where(party.c.is_customer.is_(True))
    return [
        Payer(key, name, (iban,) if iban else (), (contact,) if contact else ())
        for key, name, iban, contact in session.execute(query)
    ]


def _posted(session: Session, account_id: int, since: date) -> list[Posted]:
    """Payments on an account since a day: those that no line tells of yet, and those that may come back."""
    payments = table_of(Payment)
    matched = (
        sa.select(sa.func.coalesce(sa.func.sum(_matches.c.amount), 0))
        .where(_matches.c.payment_id == payments.c.id)
        .scalar_subquery()
    )
    query = sa.select(
        payments.c.id, payments.c.number, payments.c.customer_id, payments.c.received_on, payments.c.amount,
        payments.c.reference, payments.c.reversed_by, payments.c.reverses_id, sa.type_coerce(matched, AMOUNT),
    ).where(
        payments.c.account_id == account_id,
        payments.c.received_on >= since,
        payments.c.state == PaymentState.POSTED,
    )  # fmt: skip
    rows = session.execute(query).all()
    told = {row[0]: row[8] or ZERO for row in rows}
    found = []
    for key, number, customer, on, amount, reference, reversed_by, reverses, done in rows:
        if reverses is not None and not told.get(reverses):
            continue  # taken back before any statement told of it
        if reversed_by is not None:
            continue
        whole = bool(done) and done == amount
        if whole or not done:
            found.append(Posted(key, number, customer, on, amount, reference, matched=whole))
    return found


class _Names:
    """The words for what proposals name by keys."""

    def __init__(self, session: Session, known: Known | None, all_of_them: Sequence[MatchProposal]) -> None:
        self.known = known
        wanted = {p.customer_id for p in all_of_them} - {None}
        party = table_of(Party)
        self.parties: dict[int, tuple[str, str]] = {}
        keys = sorted(key for key in wanted if key is not None)
        for start in range(0, len(keys), 800):
            query = sa.select(party.c.id, party.c.code, party.c.name).where(party.c.id.in_(keys[start : start + 800]))
            self.parties |= {key: (code, name) for key, code, name in session.execute(query)}
        ledger = table_of(Account)
        self.ledger = {
            key: (code, name)
            for key, code, name in session.execute(sa.select(ledger.c.id, ledger.c.code, ledger.c.name))
        }
        self.fees = account_ids(session).get(AccountRole.BANK_CHARGES)
        self.payments = {p.id: p.number for found in known.posted.values() for p in found} if known is not None else {}

    def proposed(self, p: MatchProposal) -> Proposed:
        """One proposal in words."""
        code, name = self.parties.get(p.customer_id or 0, ("", ""))
        account_id = self.fees if p.is_fee else p.account_id
        account, account_name = self.ledger.get(account_id or 0, ("", ""))
        if p.is_fee and not account:  # opened when it is first needed
            account, account_name = AccountRole.BANK_CHARGES.value, ACCOUNT_WORDS[AccountRole.BANK_CHARGES]
        owed = self.known.owed if self.known is not None else {}
        return Proposed(
            p.mark,
            p.score,
            p.reasons,
            code,
            name,
            tuple(
                Pays(
                    key,
                    owed[key].number,
                    owed[key].due_on,
                    owed[key].open_amount,
                    part,
                    p.discounts.get(key, ZERO),
                    p.differences.get(key, ZERO),
                    p.charges.get(key, ZERO),
                )
                for key, part in p.shares.items()
            ),
            p.rest,
            self.payments.get(p.payment_id or 0, ""),
            self.payments.get(p.bounced_id or 0, ""),
            account,
            account_name,
        )


def times_borne_out(session: Session, rule: BankRule) -> int:
    """How often a rule was borne out: lines that it knows and that are matched as it says, as one part."""
    return counted_rules(session).get((rule.field, rule.pattern, rule.customer_id, rule.account_id), 0)


def counted_rules(session: Session) -> dict[tuple[str, str, int | None, int | None], int]:
    """How often each (field, pattern) was decided to be a customer or an account."""
    payable = set(session.execute(sa.select(col(Account.id)).where(col(Account.role) == AccountRole.PAYABLE)).scalars())
    undone = sa.select(_matches.c.undoes_id).where(_matches.c.undoes_id.is_not(None))
    standing: dict[int, list[Any]] = defaultdict(list)
    query = sa.select(_matches.c.line_id, _matches.c.payment_id, _matches.c.account_id).where(
        _matches.c.undoes_id.is_(None), _matches.c.id.not_in(undone)
    )
    for row in session.execute(query):
        standing[row.line_id].append(row)
    counted: dict[tuple[str, str, int | None, int | None], int] = defaultdict(int)
    for row in session.execute(sa.select(_lines).where(_lines.c.state == BankLineState.MATCHED)):
        parts = standing.get(row.id, [])
        if len(parts) != 1:
            continue
        part = parts[0]
        customer = row.customer_id if part.payment_id is not None else None
        account = part.account_id if part.payment_id is None and part.account_id not in payable else None
        if customer is None and account is None:
            continue
        line = Line(
            row.id, row.booked_on, row.amount, row.text, row.reference, row.counterparty, row.counterparty_account
        )
        for field_name, pattern in patterns(line):
            if field_name != "text" or customer is None:
                counted[field_name, pattern, customer, account] += 1
    return counted


# -- the books against the statements ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """One part of the difference between a statement and the books."""

    on: date | None
    amount: Decimal
    code: str  # beginning, gap, open_line, ignored_line, later_payment, not_on_statement
    words: str = ""
    number: str = ""


DIFFERENCE_WORDS = {
    "beginning": N_("on the account before the first statement"),
    "gap": N_("a statement is missing before"),
    "open_line": N_("on the statement, not decided"),
    "ignored_line": N_("on the statement, put aside"),
    "later": N_("on the statement, dated later in the books"),
    "not_on_statement": N_("in the books, not on a statement"),
}


@dataclass(frozen=True)
class Reconciliation:
    """A bank account on a day: statement less books is the difference, and its parts add up to it."""

    account: str
    name: str
    currency: str
    on: date
    statement: Decimal | None  # as the newest statement up to the day says
    statement_on: date | None
    books: Decimal
    parts: tuple[Difference, ...]
    gaps: tuple[Gap, ...]

    @property
    def difference(self) -> Decimal:
        """Statement less books."""
        return (self.statement or ZERO) - self.books

    @property
    def unexplained(self) -> Decimal:
        """What the parts leave of the difference."""
        return self.difference - sum((part.amount for part in self.parts), ZERO) if self.statement is not None else ZERO

    @property
    def agrees(self) -> bool:
        """Whether the books say what the bank says."""
        return self.statement is not None and not self.difference and not self.gaps


def reconcile(session: Session, account: str = "", *, on: date | None = None, today: date) -> Reconciliation:
    """The balance of the books against that of the newest statement up to a day, with the difference explained.

    Without an account the default one. The day is that of the statement, where it tells one.

    Raises:
        UnknownCodeError: there is no such account, or none at all.
    """
    there = bank_accounts(session, account)
    place = next((row for row in there if row.is_default), there[0] if there else None)
    if place is None:
        raise UnknownCodeError(N_("There is no bank account yet; make one first: g b, F9."), field="account")
    day = on or today
    told = _told(session, place.id)
    newest = max((s for s in told if s.last_day <= day), key=lambda s: (s.last_day, s.id), default=None)
    end = newest.last_day if newest is not None else day
    lines = session.execute(
        sa.select(_lines).where(_lines.c.bank_account_id == place.id).order_by(_lines.c.booked_on, _lines.c.id)
    ).all()
    begun = [s for s in told if s.first_day <= end]
    found_gaps = gaps(begun, [(line.booked_on, line.amount) for line in lines])
    parts: list[Difference] = []
    if begun:
        first = min(begun, key=lambda s: (s.first_day, s.last_day, s.id))
        if first.opening:
            parts.append(Difference(first.first_day, first.opening, "beginning"))
    parts += [Difference(gap.before, gap.amount, "gap") for gap in found_gaps]
    parts += _line_parts(session, place.account_id, [line for line in lines if line.booked_on <= end], end)
    return Reconciliation(
        place.code,
        place.name,
        place.currency,
        end,
        newest.closing if newest is not None else None,
        newest.last_day if newest is not None else None,
        books_balance(session, place.account_id, end),
        tuple(parts),
        tuple(found_gaps),
    )


def _told(session: Session, place_id: int) -> list[Told]:
    query = sa.select(
        _statements.c.id, _statements.c.from_on, _statements.c.to_on, _statements.c.opening, _statements.c.closing
    ).where(_statements.c.bank_account_id == place_id)
    return [
        Told(row.id, row.from_on, row.to_on, row.opening, row.closing)
        for row in session.execute(query)
        if row.from_on and row.to_on and row.opening is not None and row.closing is not None
    ]


def _line_parts(session: Session, account_id: int, lines: Sequence[Any], end: date) -> list[Difference]:
    """Lines that the books do not have (yet), and entries of the books that no line tells."""
    parts = []
    matched: dict[tuple[str, int], Decimal] = defaultdict(lambda: ZERO)  # entry's source → told by lines
    by_line: dict[int, list[tuple[str, int, Decimal]]] = defaultdict(list)
    ids = {line.id for line in lines}
    for row in session.execute(sa.select(_matches).order_by(_matches.c.id)):
        if row.line_id in ids:
            entry = ("payment", row.payment_id) if row.payment_id is not None else ("bank", row.undoes_id or row.id)
            by_line[row.line_id].append((*entry, row.amount))
            matched[entry] += row.amount
    undoes = dict(
        session.execute(sa.select(_matches.c.id, _matches.c.undoes_id).where(_matches.c.undoes_id.is_not(None))).all()
    )
    booked: dict[tuple[str, int], tuple[date, Decimal]] = {}
    query = (
        sa.select(_entries.c.source, _entries.c.source_id, _entries.c.posted_on, _legs.c.amount)
        .join(_legs, _legs.c.entry_id == _entries.c.id)
        .where(_legs.c.account_id == account_id, _entries.c.posted_on <= end)
        .order_by(_entries.c.posted_on, _entries.c.id)
    )
    for source, key, posted, amount in session.execute(query):
        place = (source.value, undoes.get(key, key) if source is SourceKind.BANK else key)
        booked[place] = (posted, booked.get(place, (posted, ZERO))[1] + amount)
    for line in lines:
        words = " ".join(filter(None, (line.counterparty, line.text or line.reference)))
        if line.state == BankLineState.OPEN:
            parts.append(Difference(line.booked_on, line.amount, "open_line", words))
        elif line.state == BankLineState.IGNORED:
            parts.append(Difference(line.booked_on, line.amount, "ignored_line", line.note))
        else:
            later = sum((part for source, key, part in by_line[line.id] if (source, key) not in booked), ZERO)
            if later:
                parts.append(Difference(line.booked_on, later, "later", words))
    numbers = _payment_numbers(session)
    for (kind, source_id), (on, told) in booked.items():
        rest = told - matched.get((kind, source_id), ZERO)
        if rest:
            parts.append(
                Difference(on, -rest, "not_on_statement", kind, numbers.get(source_id, "") if kind == "payment" else "")
            )
    return _paired(session, parts, numbers)


def _payment_numbers(session: Session) -> dict[int, str]:
    payments = table_of(Payment)
    return {key: number or "" for key, number in session.execute(sa.select(payments.c.id, payments.c.number))}


def _paired(session: Session, parts: list[Difference], numbers: Mapping[int, str]) -> list[Difference]:
    """Payments and their reversals that no statement tells cancel out, and are not said."""
    payments = table_of(Payment)
    reverses = {
        numbers[key]: numbers[other]
        for key, other in session.execute(
            sa.select(payments.c.id, payments.c.reverses_id).where(payments.c.reverses_id.is_not(None))
        )
        if key in numbers and other in numbers
    }
    there = {part.number: part for part in parts if part.number}
    gone = set()
    for number, other in reverses.items():
        if number in there and other in there and there[number].amount == -there[other].amount:
            gone |= {number, other}
    return [part for part in parts if part.number not in gone]


@dataclass(frozen=True)
class LineStory:
    """A matched line's decisions, for its card: who, when, why."""

    by: str
    on: date
    amount: Decimal
    with_what: str
    reasons: tuple[str, ...] = field(default_factory=tuple)
    undone: bool = False


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


def payment_amount(session: Session, number: str) -> Decimal:
    """What a payment is, by its number.

    Raises:
        NotFoundError: there is none.
    """
    payments = table_of(Payment)
    found = session.execute(
        sa.select(payments.c.amount).where(payments.c.number == number.strip().upper())
    ).scalar_one_or_none()
    if found is None:
        raise NotFoundError(N_("There is no payment {number}."), field="payment", number=number)
    return found  # type: ignore[no-any-return]
