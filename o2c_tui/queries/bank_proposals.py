"""What bank lines most likely are: the open items, payers and payments they are matched with, and the rules decisions taught.

Rule: docs/rules/bank.md, "Proposals".
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.bank import BankLine, BankLineState, BankMatch, BankRule
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.invoice import Invoice, InvoiceLine
from o2c_tui.models.ledger import ACCOUNT_WORDS, Account, AccountRole
from o2c_tui.models.order import SalesOrder, SalesOrderLine
from o2c_tui.models.party import Party
from o2c_tui.models.receivable import Payment, PaymentState, ReceivableItem
from o2c_tui.models.receivable_adjustment import ReceivableAdjustment
from o2c_tui.money import digits_of, round_to
from o2c_tui.queries.bank import BankAccountRow, BankLineRow, arrived, bank_accounts, bank_lines
from o2c_tui.queries.exchange import known_rate
from o2c_tui.queries.lookups import account_ids, the_company
from o2c_tui.rules.matching import (
    BOUNCE_DAYS,
    MOST_CHARGE,
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
from o2c_tui.rules.statements import told_in
from o2c_tui.storage.rows import table_of

ZERO = Decimal(0)
_lines = table_of(BankLine)
_matches = table_of(BankMatch)


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
    currency: str = ""  # of what the customer paid, where the bank changed it
    paid: Decimal | None = None


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
    by_place: list[Known] = []
    last: dict[str, Known] = {}  # by currency
    for code in sorted({row.account for row in rows}):
        mine = [row for row in rows if row.account == code]
        known = _known(session, places[code], mine[0].currency, [row.booked_on for row in mine])
        if mine[0].currency in last:
            known.left = last[mine[0].currency].left  # what one account's lines take is not there for the next
        last[mine[0].currency] = known
        by_place.append(known)
        told |= propose_all([_as_line(row) for row in mine], known)
    changed = _changed(session, rows, places, by_place)
    every = [*told.values(), *([one for one, _code, _paid in found] for found in changed.values())]
    names = _Names(session, by_place, [p for found in every for p in found])
    made = []
    for row in rows:
        likely = [names.proposed(p) for p in told.get(row.id, ())]
        likely += [_as_paid(names.proposed(p), code, paid) for p, code, paid in changed.get(row.id, ())]
        made.append(ProposedLine(row, tuple(sorted(likely, key=lambda one: -one.score))))
    return made


def _as_paid(one: Proposed, currency: str, paid: Decimal) -> Proposed:
    """A proposal for money that the bank changed, with what was paid before as a reason."""
    return replace(
        one, currency=currency, paid=paid, reasons=(*one.reasons, Reason("changed", f"{currency} {paid:,f}"))
    )


def _changed(
    session: Session, rows: Sequence[BankLineRow], places: Mapping[str, BankAccountRow], by_place: list[Known]
) -> dict[int, list[tuple[MatchProposal, str, Decimal]]]:
    """Proposals for lines in the company's currency whose words name money in another in which something is owed."""
    items = table_of(ReceivableItem)
    open_in = sa.select(items.c.currency).where(items.c.currency != "", items.c.open > 0).distinct()
    found: dict[int, list[tuple[MatchProposal, str, Decimal]]] = {}
    mine = [row for row in rows if not row.currency and row.amount > ZERO]
    for code in sorted(session.execute(open_in).scalars()) if mine else ():
        told = {row.id: told_in(f"{row.text} {row.reference}", code, digits_of(code)) for row in mine}
        named = [row for row in mine if told[row.id]]
        if not named:
            continue
        known = _known(session, places[named[0].account], code, [row.booked_on for row in named], with_posted=False)
        by_place.append(known)
        lines = [replace(_as_line(row), amount=told[row.id] or ZERO) for row in named]
        for key, proposals in propose_all(lines, known).items():
            found.setdefault(key, []).extend(
                (p, code, told[key] or ZERO) for p in proposals if p.customer_id and p.shares
            )
    return found


def _as_line(row: BankLineRow) -> Line:
    return Line(row.id, row.booked_on, row.amount, row.text, row.reference, row.counterparty, row.counterparty_account)


def _known(
    session: Session, place: BankAccountRow, currency: str, days: Sequence[date], *, with_posted: bool = True
) -> Known:
    """All that lines of an account can be matched with; `currency` is the account's, empty for the company's."""
    company = the_company(session)
    tolerance, most_charge = company.small_difference, MOST_CHARGE
    if currency:
        rate, digits = known_rate(session, currency, max(days)), digits_of(currency)
        tolerance, most_charge = (
            round_to(part / rate.rate, digits) if rate is not None else ZERO for part in (tolerance, most_charge)
        )
    return Known(
        _owed(session, currency),
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
        _posted(session, place.account_id, min(days) - timedelta(days=BOUNCE_DAYS), currency) if days and with_posted else (),
        tolerance=tolerance,
        most_charge=most_charge,
    )  # fmt: skip


def _owed(session: Session, currency: str) -> list[Owed]:
    """Every open instalment of invoices in a currency (empty: the company's), with the numbers it may be called by."""
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
        .where(items.c.open > 0, items.c.currency == currency, items.c.payment_id.is_(None))
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


def _posted(session: Session, account_id: int, since: date, currency: str) -> list[Posted]:
    """Payments on an account since a day: those that no line tells of yet, and those that may come back; in its currency
    (empty: what arrived in the company's)."""
    payments, items = table_of(Payment), table_of(ReceivableItem)
    told_as = payments.c.amount if currency else arrived()
    matched = (
        sa.select(sa.func.coalesce(sa.func.sum(_matches.c.amount), 0))
        .where(_matches.c.payment_id == payments.c.id)
        .scalar_subquery()
    )
    query = sa.select(
        payments.c.id, payments.c.number, payments.c.customer_id, payments.c.received_on, told_as,
        payments.c.reference, payments.c.reversed_by, payments.c.reverses_id, sa.type_coerce(matched, AMOUNT),
    ).join(items, items.c.payment_id == payments.c.id).where(
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

    def __init__(self, session: Session, known: Sequence[Known], all_of_them: Sequence[MatchProposal]) -> None:
        self.owed = {key: item for one in known for key, item in one.owed.items()}
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
        self.payments = {p.id: p.number for one in known for found in one.posted.values() for p in found}

    def proposed(self, p: MatchProposal) -> Proposed:
        """One proposal in words."""
        code, name = self.parties.get(p.customer_id or 0, ("", ""))
        account_id = self.fees if p.is_fee else p.account_id
        account, account_name = self.ledger.get(account_id or 0, ("", ""))
        if p.is_fee and not account:  # opened when it is first needed
            account, account_name = AccountRole.BANK_CHARGES.value, ACCOUNT_WORDS[AccountRole.BANK_CHARGES]
        owed = self.owed
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
