"""What stands behind an adjustment of a customer's account: the tax left on an invoice, discounts still offered, reasons.

Rule: docs/rules/settling.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.models.base import AMOUNT
from o2c_tui.models.invoice import Invoice, InvoiceLine
from o2c_tui.models.ledger import Account, AccountRole, JournalEntry, SourceKind
from o2c_tui.models.order import SalesOrder, SalesOrderLine
from o2c_tui.models.party import Party
from o2c_tui.models.receivable import Allocation, ReceivableItem
from o2c_tui.models.receivable_adjustment import AdjustmentKind, AdjustmentReason, ReceivableAdjustment
from o2c_tui.money import Rounding
from o2c_tui.rules.settling import TaxShare, discount_left, less, tax_shares
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)

USUAL_ACCOUNT = {
    AdjustmentKind.DISCOUNT: AccountRole.DISCOUNTS,
    AdjustmentKind.SMALL_DIFFERENCE: AccountRole.SMALL_DIFFERENCES,
    AdjustmentKind.BAD_DEBT: AccountRole.BAD_DEBTS,
    AdjustmentKind.BANK_CHARGE: AccountRole.BANK_CHARGES,
    AdjustmentKind.WITHHELD_TAX: AccountRole.WITHHELD_TAX,
    AdjustmentKind.REMINDER_FEE: AccountRole.FEES,
    AdjustmentKind.INTEREST: AccountRole.FEES,
    AdjustmentKind.OTHER: AccountRole.DISCOUNTS,
}


@dataclass(frozen=True)
class ReasonFacts:
    """A reason as lists and choices show it; `id` None: a usual one that was not used yet."""

    id: int | None
    code: str
    name: str
    kind: AdjustmentKind
    account: str
    most: Decimal
    with_tax: bool
    active: bool
    version: int


USUAL_REASONS = (  # code, name, kind, with its tax
    ("DISCOUNT", N_("Early-payment discount"), AdjustmentKind.DISCOUNT, True),
    ("SMALL", N_("Small difference"), AdjustmentKind.SMALL_DIFFERENCE, False),
    ("BANK", N_("Bank charge kept back"), AdjustmentKind.BANK_CHARGE, False),
    ("WITHHELD", N_("Tax withheld by the customer"), AdjustmentKind.WITHHELD_TAX, False),
    ("DEBT", N_("Bad debt"), AdjustmentKind.BAD_DEBT, True),
    ("GOODWILL", N_("Goodwill"), AdjustmentKind.OTHER, True),
)


def reasons(session: Session, *, also_old: bool = False) -> list[ReasonFacts]:
    """Every reason there is, the usual ones first; those out of use only where asked for."""
    query = (
        sa.select(AdjustmentReason, col(Account.code))
        .outerjoin(Account, col(Account.id) == col(AdjustmentReason.account_id))
        .order_by(col(AdjustmentReason.id))
    )
    there = {
        row.code: ReasonFacts(row.id, row.code, row.name, row.kind, account or "", row.most, row.with_tax, row.active, row.version)
        for row, account in session.execute(query)
    }  # fmt: skip
    usual = [
        there.pop(code, ReasonFacts(None, code, name, kind, "", ZERO, with_tax, True, 0))
        for code, name, kind, with_tax in USUAL_REASONS
    ]
    return [reason for reason in (*usual, *there.values()) if reason.active or also_old]


def accounts_for_reasons(session: Session) -> list[tuple[str, str]]:
    """The accounts that a reason may go to, code and name: those that documents alone keep are left out."""
    kept = (AccountRole.RECEIVABLE, AccountRole.INVENTORY, AccountRole.GOODS_NOT_BILLED, AccountRole.PAYABLE)
    query = sa.select(col(Account.code), col(Account.name)).where(col(Account.active), col(Account.role).not_in(kept))
    return [(code, name) for code, name in session.execute(query.order_by(col(Account.code)))]


# -- the tax in it ---------------------------------------------------------------------------------------------------


def _entries(session: Session, source: SourceKind, keys: Sequence[int]) -> dict[int, int]:
    """The newest journal entry of each document; their keys rise with time."""
    query = sa.select(col(JournalEntry.source_id), sa.func.max(col(JournalEntry.id))).where(
        col(JournalEntry.source) == source, col(JournalEntry.source_id).in_(keys)
    )
    return {key: entry for key, entry in session.execute(query.group_by(col(JournalEntry.source_id)))}


def _by_rate(session: Session, invoice_id: int) -> tuple[TaxShare, ...]:
    lines = table_of(InvoiceLine)
    query = (
        sa.select(
            lines.c.tax_code,
            lines.c.tax_rate,
            sa.func.sum(lines.c.net, type_=AMOUNT),
            sa.func.sum(lines.c.tax, type_=AMOUNT),
        )
        .where(lines.c.invoice_id == invoice_id)
        .group_by(lines.c.tax_code, lines.c.tax_rate)
        .order_by(sa.func.min(lines.c.position))
    )
    return tuple(TaxShare(code, rate, net + tax, tax) for code, rate, net, tax in session.execute(query))


@dataclass(frozen=True)
class TaxState:
    """What of an invoice's rates is left now, and which part of each rate every adjustment took."""

    left: tuple[TaxShare, ...]
    taken: dict[int, tuple[TaxShare, ...]]  # by adjustment


def tax_state(session: Session, invoice: Invoice) -> TaxState:
    """The rates of an invoice, less its credit notes and the adjustments that took their tax along, in the order booked."""
    left = _by_rate(session, invoice.id)
    notes = session.execute(
        sa.select(col(Invoice.id)).where(col(Invoice.credits_id) == invoice.id, col(Invoice.state) == "posted")
    ).scalars()
    events: list[tuple[int, int, ReceivableAdjustment | None]] = []
    booked = _entries(session, SourceKind.INVOICE, keys) if (keys := list(notes)) else {}
    events += [(booked.get(key, 0), key, None) for key in keys]
    query = (
        select(ReceivableAdjustment)
        .where(ReceivableAdjustment.invoice_id == invoice.id, ReceivableAdjustment.tax != 0)
        .order_by(col(ReceivableAdjustment.id))
    )
    made = {row.id: row for row in session.exec(query)}
    booked = _entries(session, SourceKind.RECEIVABLE_ADJUSTMENT, list(made)) if made else {}
    events += [(booked.get(key, 2**62), key, row) for key, row in made.items()]
    taken: dict[int, tuple[TaxShare, ...]] = {}
    for _entry, key, row in sorted(events, key=lambda event: event[:2]):
        if row is None:
            parts = _by_rate(session, key)
        elif row.reverses_id is not None:
            parts = tuple(TaxShare(p.code, p.rate, -p.gross, -p.tax) for p in taken.get(row.reverses_id, ()))
        else:
            parts = tax_shares(left, row.amount, invoice.digits, Rounding(invoice.rounding))
        if row is not None:
            taken[key] = parts
        left = less(left, parts)
    return TaxState(left, taken)


# -- orders paid ahead ----------------------------------------------------------------------------------------------


def invoices_of_order(order_id: int) -> Any:
    """The keys of the invoices that bill lines of an order, or ask for a deposit on it."""
    bills = (
        sa.select(col(InvoiceLine.invoice_id))
        .join(SalesOrderLine, col(SalesOrderLine.id) == col(InvoiceLine.order_line_id))
        .where(col(SalesOrderLine.order_id) == order_id)
    )
    return bills.union(sa.select(col(Invoice.id)).where(col(Invoice.order_id) == order_id))


def billed_by(session: Session, number: str) -> set[int]:
    """The keys of the invoices that bill the order with this number."""
    key = session.execute(sa.select(col(SalesOrder.id)).where(col(SalesOrder.number) == number)).scalar_one_or_none()
    return set(session.execute(invoices_of_order(key)).scalars()) if key is not None else set()


def has_order(session: Session, customer: str, number: str) -> bool:
    """Whether the customer with this code has an order of this number."""
    query = (
        sa.select(col(SalesOrder.id))
        .join(Party, col(Party.id) == col(SalesOrder.customer_id))
        .where(col(Party.code) == customer, col(SalesOrder.number) == number)
    )
    return session.execute(query).first() is not None


def money_accounts(session: Session, text: str = "", limit: int = 8) -> list[tuple[str, str]]:
    """Code and name of the ledger's bank and cash accounts, by a part of either."""
    part = text.strip()
    query = (
        sa.select(col(Account.code), col(Account.name))
        .where(
            col(Account.role).in_((AccountRole.BANK, AccountRole.CASH)),
            sa.or_(*(name.icontains(part, autoescape=True) for name in (col(Account.code), col(Account.name)))),
        )
        .order_by(col(Account.code))
        .limit(limit)
    )
    return [(row.code, row.name) for row in session.execute(query)]


@dataclass(frozen=True)
class BindingOrder:
    """An order that money can be paid ahead on."""

    number: str
    ordered_on: date
    gross: Decimal


def binding_orders(session: Session, customer: str, text: str = "", limit: int = 8) -> list[BindingOrder]:
    """The newest confirmed orders of a customer that are not wholly invoiced, by a part of their number."""
    query = (
        sa.select(col(SalesOrder.number), col(SalesOrder.ordered_on), col(SalesOrder.gross))
        .join(Party, col(Party.id) == col(SalesOrder.customer_id))
        .where(
            col(Party.code) == customer,
            col(SalesOrder.state).in_(("confirmed", "on_hold")),
            col(SalesOrder.billing) != "fully",
            col(SalesOrder.number).contains(text.strip().upper(), autoescape=True),
        )
        .order_by(col(SalesOrder.id).desc())
        .limit(limit)
    )
    return [BindingOrder(*row) for row in session.execute(query)]


# -- discounts -------------------------------------------------------------------------------------------------------


def discounts_left(session: Session, item_ids: Sequence[int], on: date) -> dict[int, Decimal]:
    """The early-payment discount that instalments still offer on a day, by their keys; those without any are left out."""
    items = table_of(ReceivableItem)
    query = (
        sa.select(items.c.id, items.c.amount, items.c.discount_amount, col(Invoice.digits), col(Invoice.rounding))
        .join(Invoice, col(Invoice.id) == items.c.invoice_id)
        .where(items.c.id.in_(item_ids), items.c.discount_on >= on, items.c.discount_amount > 0)
    )
    found = session.execute(query).all() if item_ids else []
    if not found:
        return {}
    credited: dict[int, Decimal] = {}
    taken: dict[int, Decimal] = {}
    links, credits = table_of(Allocation), items.alias("credits")
    set_off = (
        sa.select(links.c.debit_id, col(ReceivableAdjustment.kind), sa.func.sum(links.c.amount, type_=AMOUNT))
        .join(credits, credits.c.id == links.c.credit_id)
        .outerjoin(ReceivableAdjustment, col(ReceivableAdjustment.id) == credits.c.adjustment_id)
        .where(links.c.debit_id.in_([row.id for row in found]), credits.c.payment_id.is_(None))
        .group_by(links.c.debit_id, col(ReceivableAdjustment.kind))
    )
    for key, kind, part in session.execute(set_off):
        side = taken if kind is AdjustmentKind.DISCOUNT else credited
        side[key] = side.get(key, ZERO) + part
    told = {
        row.id: discount_left(
            row.amount,
            row.discount_amount,
            credited.get(row.id, ZERO),
            taken.get(row.id, ZERO),
            row.digits,
            Rounding(row.rounding),
        )
        for row in found
    }
    return {key: part for key, part in told.items() if part}
