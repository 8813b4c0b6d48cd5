"""What verify proves of adjustments of customers' accounts: their items, journals, tax and reversals; refunds; money paid ahead.

Rule: docs/rules/verify.md.
"""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, select

from o2c_tui.models.base import AMOUNT
from o2c_tui.models.invoice import Invoice
from o2c_tui.models.ledger import Account, AccountRole, JournalEntry, JournalLine, SourceKind
from o2c_tui.models.order import SalesOrder
from o2c_tui.models.receivable import Payment, ReceivableItem
from o2c_tui.models.receivable_adjustment import AdjustmentKind, ReceivableAdjustment
from o2c_tui.queries.checking import Found, Row, breach, differing, not_booked, sums
from o2c_tui.queries.settling import tax_state
from o2c_tui.queries.verify_exchange import company_digits, gains
from o2c_tui.rules.exchange import tax_worth
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)


def adjustments_agree(session: Session) -> Found:
    """Each posted adjustment: what is open of it, its opposite, its journal, and the tax in it."""
    table, items = table_of(ReceivableAdjustment), table_of(ReceivableItem)
    open_of = sums(session, items, "adjustment_id", "open", AMOUNT)
    amounts = sums(session, items, "adjustment_id", "amount", AMOUNT)
    rows = {row.id: row for row in session.execute(sa.select(table).where(table.c.state == "posted"))}
    reversals = {row.reverses_id: row for row in rows.values() if row.reverses_id is not None}
    for row in rows.values():
        me = Row("receivable_adjustment", row.id)
        if row.open != -open_of.get(row.id, ZERO) or row.amount != -amounts.get(row.id, ZERO):
            yield breach(
                N_("{row}: open {open} of {amount}, its items tell {told} of {whole}"),
                row=me,
                open=row.open,
                amount=row.amount,
                told=-open_of.get(row.id, ZERO),
                whole=-amounts.get(row.id, ZERO),
            )
        back = reversals.get(row.id)
        if row.reversed_by != (back.id if back else None):
            yield breach(
                N_("{row}: reversed by {by}, the adjustments tell {told}"),
                row=me,
                by=Row("receivable_adjustment", row.reversed_by),
                told=Row("receivable_adjustment", back.id if back else None),
            )
        if back is not None and (back.amount, back.tax, back.account_id) != (-row.amount, -row.tax, row.account_id):
            yield breach(
                N_("{row} is not the opposite of {other}"), row=Row("receivable_adjustment", back.id), other=me
            )
    yield from _adjustments_booked(session)
    yield from _tax_agrees(session)


def _adjustments_booked(session: Session) -> Found:
    """Each posted adjustment stands on its account, the tax and the receivables account as its figures ask for; in another
    currency by what it is worth, with its amount beside it and what settling it gained."""
    table, items = table_of(ReceivableAdjustment), table_of(ReceivableItem)
    booked, beside = (
        _booked(session, SourceKind.RECEIVABLE_ADJUSTMENT, name) for name in ("amount", "currency_amount")
    )
    worths, gained = sums(session, items, "adjustment_id", "base_amount", AMOUNT), gains(session)
    tax_account, receivable, exchange = (
        _account(session, role) for role in (AccountRole.TAX, AccountRole.RECEIVABLE, AccountRole.EXCHANGE)
    )
    digits, rounding = company_digits(session)
    for row in session.execute(sa.select(table).where(table.c.state == "posted").order_by(table.c.id)):
        worth, tax, foreign = row.amount, row.tax, bool(row.rate)
        if foreign:
            worth = -(worths.get(row.id) or ZERO)
            tax = tax_worth(row.tax, worth, row.amount, digits, rounding)
        gain = gained.get((str(SourceKind.RECEIVABLE_ADJUSTMENT), row.id), ZERO)
        wanted: defaultdict[int | None, Decimal] = defaultdict(lambda: ZERO)
        told: defaultdict[int | None, Decimal] = defaultdict(lambda: ZERO)
        for account, amount, of_it in (
            (row.account_id, worth - tax, row.amount - row.tax),
            (tax_account, tax, row.tax),
            (receivable, gain - worth, -row.amount),
            (exchange, -gain, ZERO),
        ):
            wanted[account] += amount
            told[account] += of_it if foreign else ZERO
        for account in wanted:
            for found, ask in ((booked, wanted), (beside, told)):
                if found[row.id, account] != ask[account]:
                    role = _role(session, account)
                    yield not_booked("receivable_adjustment", row.id, role, found[row.id, account], ask[account])


def _role(session: Session, account: int | None) -> str:
    accounts = table_of(Account)
    return str(session.execute(sa.select(accounts.c.role).where(accounts.c.id == account)).scalar())


def _booked(session: Session, source: SourceKind, name: str = "amount") -> defaultdict[tuple[int, int | None], Decimal]:
    """What documents of a kind did, by their key and the account: in the company's currency, or beside it in theirs."""
    heads, lines = table_of(JournalEntry), table_of(JournalLine)
    query = (
        sa.select(heads.c.source_id, lines.c.account_id, sa.func.sum(lines.c[name], type_=AMOUNT))
        .join(lines, lines.c.entry_id == heads.c.id)
        .where(heads.c.source == source)
        .group_by(heads.c.source_id, lines.c.account_id)
    )
    found: defaultdict[tuple[int, int | None], Decimal] = defaultdict(lambda: ZERO)
    for key, account, amount in session.execute(query):
        found[key, account] += amount
    return found


def _account(session: Session, role: AccountRole) -> int | None:
    accounts = table_of(Account)
    return session.execute(
        sa.select(accounts.c.id).where(accounts.c.role == role).order_by(accounts.c.id).limit(1)
    ).scalar_one_or_none()


def _tax_agrees(session: Session) -> Found:
    """The tax of each adjustment that took some along, told anew from the invoice's rates; a discount always does."""
    table = table_of(ReceivableAdjustment)
    with_tax = sa.or_(table.c.tax != 0, table.c.kind == AdjustmentKind.DISCOUNT)
    query = sa.select(table.c.invoice_id).where(with_tax, table.c.state == "posted", table.c.invoice_id.is_not(None))
    for key in session.execute(query.distinct()).scalars():
        invoice = session.get(Invoice, key)
        if invoice is None:
            continue
        taken = tax_state(session, invoice).taken
        for row in session.exec(
            select(ReceivableAdjustment).where(ReceivableAdjustment.invoice_id == key, ReceivableAdjustment.tax != 0)
        ):
            told = sum((part.tax for part in taken.get(row.id, ())), ZERO)
            if told != row.tax:
                yield breach(
                    N_("{row}: tax {tax}, the rates of its invoice tell {told}"),
                    row=Row("receivable_adjustment", row.id),
                    tax=row.tax,
                    told=told,
                )


def money_ahead(session: Session) -> Found:
    """What is paid ahead on each order is what is not used of its payments."""
    yield from differing(
        session, SalesOrder, "paid_ahead", sums(session, table_of(Payment), "order_id", "unapplied", AMOUNT)
    )


def money_is_booked(session: Session) -> Found:
    """Each payment stands on its bank or cash account by what it is worth, less what the bank took for it."""
    booked, charges = _booked(session, SourceKind.PAYMENT), _account(session, AccountRole.BANK_CHARGES)
    payments = table_of(Payment)
    worths = sums(session, table_of(ReceivableItem), "payment_id", "base_amount", AMOUNT)
    for row in session.execute(sa.select(payments).where(payments.c.state == "posted")):
        wanted = (-(worths.get(row.id) or ZERO) if row.rate else row.amount) - row.charge
        if booked[row.id, row.account_id] != wanted:
            yield not_booked("payment", row.id, "bank", booked[row.id, row.account_id], wanted)
        if charges is not None and booked[row.id, charges] != row.charge:
            yield not_booked("payment", row.id, "bank_charges", booked[row.id, charges], row.charge)


SETTLING_CHECKS: dict[str, Callable[[Session], Found]] = {
    N_("adjustments of accounts = their items, journals and tax"): adjustments_agree,
    N_("payments are booked where the money is"): money_is_booked,
    N_("paid ahead = what is not used of it"): money_ahead,
}
