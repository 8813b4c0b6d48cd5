"""What verify proves of the bank: lines are in once and matched to the last cent, matches are booked, rules are borne out.

Rule: docs/rules/verify.md.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.models.bank import BankAccount, BankLine, BankLineState, BankMatch, BankRule, BankStatement
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.ledger import Account, AccountRole, JournalEntry, JournalLine, SourceKind
from o2c_tui.models.receivable import Payment, ReceivableItem
from o2c_tui.queries.bank_proposals import counted_rules
from o2c_tui.queries.checking import Found, Row, breach
from o2c_tui.queries.verify_exchange import company_digits
from o2c_tui.rules.exchange import in_base
from o2c_tui.rules.statements import StatementLine, identities
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)


def lines_in_once(session: Session) -> Found:
    """Each line is known by what it says, with the running numbers of equal lines from 1 on, and stands on its account."""
    lines, statements = table_of(BankLine), table_of(BankStatement)
    by_account: dict[int, list[Any]] = defaultdict(list)
    query = sa.select(lines, statements.c.bank_account_id.label("place")).join(
        statements, statements.c.id == lines.c.statement_id
    )
    for row in session.execute(query.order_by(lines.c.id)):
        by_account[row.bank_account_id].append(row)
        if row.place != row.bank_account_id:
            yield breach(N_("{row} stands on another account than its statement"), row=Row("bank_line", row.id))
    for account, rows in sorted(by_account.items()):
        told = [
            StatementLine(
                row.booked_on, row.amount, text=row.text, reference=row.reference, counterparty=row.counterparty
            )
            for row in rows
        ]
        wanted = set(identities(str(account), told))
        for row in rows:
            if row.identity not in wanted:
                yield breach(N_("{row} is not the line that it is known as"), row=Row("bank_line", row.id))


def matches_agree(session: Session) -> Found:
    """Matched lines are matched to the last cent, others with nothing; what is undone is the exact opposite."""
    lines, matches = table_of(BankLine), table_of(BankMatch)
    rows = session.execute(sa.select(matches).order_by(matches.c.id)).all()
    by_id = {row.id: row for row in rows}
    sums: dict[int, Decimal] = defaultdict(lambda: ZERO)
    undone: set[int] = set()
    for row in rows:
        sums[row.line_id] += row.amount
        if row.undoes_id is None:
            continue
        first = by_id.get(row.undoes_id)
        same = first is not None and (first.line_id, first.payment_id, first.account_id, -first.amount) == (
            row.line_id,
            row.payment_id,
            row.account_id,
            row.amount,
        )
        if not same or row.undoes_id in undone:
            yield breach(N_("{row} is not the opposite of what it undoes"), row=Row("bank_match", row.id))
        undone.add(row.undoes_id)
    for line in session.execute(sa.select(lines.c.id, lines.c.amount, lines.c.state)):
        wanted = line.amount if line.state is BankLineState.MATCHED else ZERO
        if sums[line.id] != wanted:
            yield breach(
                N_("{row}: {told} is matched, {wanted} should be"),
                row=Row("bank_line", line.id),
                told=sums[line.id],
                wanted=wanted,
            )


def matches_booked(session: Session) -> Found:
    """Each match has its payment on the line's account, for no more than it is there, or its own journal entry, in another
    currency at the rate it tells."""
    lines, matches = table_of(BankLine), table_of(BankMatch)
    places, payments, items = table_of(BankAccount), table_of(Payment), table_of(ReceivableItem)
    arrived = sa.func.coalesce(-items.c.base_amount, payments.c.amount, type_=AMOUNT)
    query = (
        sa.select(
            matches, places.c.account_id.label("place"), places.c.currency, payments.c.account_id.label("paid_into"),
            sa.case((places.c.currency != "", payments.c.amount), else_=arrived).label("paid"),
        )
        .join(lines, lines.c.id == matches.c.line_id)
        .join(places, places.c.id == lines.c.bank_account_id)
        .outerjoin(payments, payments.c.id == matches.c.payment_id)
        .outerjoin(items, items.c.payment_id == payments.c.id)
        .order_by(matches.c.id)
    )  # fmt: skip
    booked = _booked(session)
    rates: dict[int, Decimal] = {}
    digits, rounding = company_digits(session)
    told: dict[int, tuple[Decimal, Decimal]] = {}
    for row in session.execute(query):
        legs, how = booked.pop(row.id, {}), json.loads(row.reasons) if row.reasons else {}
        rates[row.id] = Decimal(how.get("rate", 0)) if row.undoes_id is None else rates.get(row.undoes_id, ZERO)
        worth, beside = row.amount, ZERO
        if row.currency:
            worth, beside = in_base(row.amount, rates[row.id], digits, rounding), row.amount
        if row.payment_id is not None:
            told[row.payment_id] = (row.paid, told.get(row.payment_id, (ZERO, ZERO))[1] + row.amount)
            if row.paid_into != row.place or legs:
                yield breach(
                    N_("{row}: its payment is on another account than the line"), row=Row("bank_match", row.id)
                )
        elif legs != {row.place: (worth, beside), row.account_id: (-worth, -beside)} or (
            row.currency and not rates[row.id]
        ):
            yield breach(N_("{row} is not booked as it says"), row=Row("bank_match", row.id))
        if row.reasons and not how.get("how"):
            yield breach(N_("{row} is not booked as it says"), row=Row("bank_match", row.id))
    for key in sorted(booked):
        yield breach(N_("a journal entry tells of {row}, which is not there"), row=Row("bank_match", key))
    yield from _within_payments(told)


def _within_payments(told: Mapping[int, tuple[Decimal, Decimal]]) -> Found:
    """No payment is matched with more than it is: by its key, what it is and what lines were matched with it."""
    for key, (paid, amount) in sorted(told.items()):
        if amount and ((amount < ZERO) != (paid < ZERO) or abs(amount) > abs(paid)):
            yield breach(
                N_("{row} is {paid}; lines for {amount} were matched with it"),
                row=Row("payment", key),
                paid=paid,
                amount=amount,
            )


def _booked(session: Session) -> dict[int, dict[int, tuple[Decimal, Decimal]]]:
    """What the journal of each match did, by match and account: in the company's currency, and beside it in another."""
    heads, legs = table_of(JournalEntry), table_of(JournalLine)
    query = (
        sa.select(heads.c.source_id, legs.c.account_id, legs.c.amount, legs.c.currency_amount)
        .join(legs, legs.c.entry_id == heads.c.id)
        .where(heads.c.source == SourceKind.BANK)
    )
    found: dict[int, dict[int, tuple[Decimal, Decimal]]] = defaultdict(lambda: defaultdict(lambda: (ZERO, ZERO)))
    for match, account, amount, beside in session.execute(query):
        before = found[match][account]
        found[match][account] = (before[0] + amount, before[1] + beside)
    return {match: dict(accounts) for match, accounts in found.items()}


def rules_borne_out(session: Session) -> Found:
    """Each rule counts the lines that were decided so."""
    counted = counted_rules(session)
    rules = table_of(BankRule)
    for row in session.execute(sa.select(rules).order_by(rules.c.id)):
        times = counted.get((row.field, row.pattern, row.customer_id, row.account_id), 0)
        if row.times != times:
            yield breach(
                N_("{row} was borne out {told} times, {times} are kept"),
                row=Row("bank_rule", row.id, row.pattern),
                told=times,
                times=row.times,
            )


def accounts_mirrored(session: Session) -> Found:
    """Each bank account has an account of the ledger of its own, of the role bank; one at most is the default."""
    places, ledger = table_of(BankAccount), table_of(Account)
    seen: set[int] = set()
    defaults = 0
    query = sa.select(places, ledger.c.role).join(ledger, ledger.c.id == places.c.account_id).order_by(places.c.id)
    for row in session.execute(query):
        defaults += row.is_default
        if row.account_id in seen or row.role is not AccountRole.BANK:
            yield breach(N_("{row} has no account of the ledger of its own"), row=Row("bank_account", row.id, row.code))
        seen.add(row.account_id)
        if defaults > 1 and row.is_default:
            yield breach(N_("{row} is a second default"), row=Row("bank_account", row.id, row.code))


def accounts_and_rules(session: Session) -> Found:
    """Bank accounts and what decisions taught."""
    yield from accounts_mirrored(session)
    yield from rules_borne_out(session)


BANK_CHECKS: dict[str, Callable[[Session], Found]] = {
    N_("bank lines are in once"): lines_in_once,
    N_("bank lines = their matches"): matches_agree,
    N_("bank matches are booked"): matches_booked,
    N_("bank accounts mirror the ledger; rules are borne out"): accounts_and_rules,
}
