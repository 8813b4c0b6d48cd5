"""What verify proves of what customers owe: the account, the open items, their allocations, invoices and payments.

Rule: docs/rules/verify.md.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.models.base import AMOUNT
from o2c_tui.models.invoice import Invoice
from o2c_tui.models.ledger import Account, AccountRole, JournalLine
from o2c_tui.models.receivable import Allocation, Payment, ReceivableItem
from o2c_tui.queries.checking import Found, Row, breach, sums
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)


def receivables_agree(session: Session) -> Found:
    """The receivables account is the sum of the open items, in all and by customer."""
    items, lines, accounts = table_of(ReceivableItem), table_of(JournalLine), table_of(Account)
    owed = dict(
        session.execute(
            sa.select(items.c.customer_id, sa.func.sum(items.c.base_open, type_=AMOUNT)).group_by(items.c.customer_id)
        ).all()
    )
    booked = dict(
        session.execute(
            sa.select(lines.c.party_id, sa.func.sum(lines.c.amount, type_=AMOUNT))
            .join(accounts, accounts.c.id == lines.c.account_id)
            .where(accounts.c.role == AccountRole.RECEIVABLE)
            .group_by(lines.c.party_id)
        ).all()
    )
    for party in sorted({*owed, *booked}, key=lambda key: key or 0):
        if owed.get(party, ZERO) != booked.get(party, ZERO):
            yield breach(
                N_("{row}: open items {owed}, receivables account {booked}"),
                row=Row("party", party),
                owed=owed.get(party, ZERO),
                booked=booked.get(party, ZERO),
            )


@dataclass
class _Told:
    """What the open items tell of the invoices and payments they belong to, by the key of each."""

    open: defaultdict[int, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))  # of invoices
    amounts: defaultdict[int, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))  # of invoices
    settled: dict[int, tuple[int, Any]] = field(default_factory=dict)  # of invoices: newest allocation, its day
    unapplied: defaultdict[int, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))  # of payments

    def add(self, item: Any, number: int, day: Any) -> None:
        """One more item, and the newest allocation that touched it."""
        if item.invoice_id is not None:
            before = self.settled.get(item.invoice_id, (0, item.dated_on))
            self.settled[item.invoice_id] = max(before, (number, day))
            self.open[item.invoice_id] += item.open
            self.amounts[item.invoice_id] += item.amount
        elif item.payment_id is not None and item.amount < 0:
            self.unapplied[item.payment_id] -= item.open


def open_items(session: Session) -> Found:
    """What is open of an item is its amount less its allocations; invoices and payments keep the sum of theirs."""
    told = _Told()
    yield from _items_agree(session, told)
    yield from _invoices_agree(session, told)
    yield from _payments_agree(session, told)


def _items_agree(session: Session, sums_of: _Told) -> Found:
    """Each item against its allocations; what the items come to is added to `sums_of`."""
    items, links = table_of(ReceivableItem), table_of(Allocation)
    paid, used = sums(session, links, "debit_id", "amount", AMOUNT), sums(session, links, "credit_id", "amount", AMOUNT)
    last = _last_allocated(session)
    for row in session.execute(sa.select(items)):
        told = row.amount - paid.get(row.id, ZERO) + used.get(row.id, ZERO)
        if row.open != told:
            yield breach(
                N_("{row}: open {open}, its allocations tell {told}"),
                row=Row("receivable_item", row.id),
                open=row.open,
                told=told,
            )
        if (row.open and (row.open > 0) != (row.amount > 0)) or abs(row.open) > abs(row.amount):
            yield breach(
                N_("{row}: open {open} of {amount}"),
                row=Row("receivable_item", row.id),
                open=row.open,
                amount=row.amount,
            )
        number, day = last.get(row.id, (0, row.dated_on))
        if row.settled_on != (None if row.open else day):
            yield breach(
                N_("{row}: open {open}, settled on {day}, its allocations tell {told}"),
                row=Row("receivable_item", row.id),
                open=row.open,
                day=row.settled_on or "–",
                told=day,
            )
        sums_of.add(row, number, day)


def _invoices_agree(session: Session, told: _Told) -> Found:
    """Each invoice and credit note against its items."""
    table = table_of(Invoice)
    names = ("id", "open", "settled_on", "gross", "kind", "state")
    for row in session.execute(sa.select(*(table.c[name] for name in names))):
        done = told.settled[row.id][1] if row.id in told.settled and not row.open else None
        if row.settled_on != done:
            yield breach(
                N_("{row}: open {open}, settled on {day}, its items tell {told}"),
                row=Row("invoice", row.id),
                open=row.open,
                day=row.settled_on or "–",
                told=done or "–",
            )
        sign = -1 if row.kind == "credit_note" else 1
        left, whole = told.open[row.id], told.amounts[row.id]
        if row.open != left or (row.state == "posted" and whole != sign * row.gross):
            yield breach(
                N_("{row}: open {open} of {amount}, its items tell {told} of {whole}"),
                row=Row("invoice", row.id),
                open=row.open,
                amount=row.gross,
                told=left,
                whole=whole,
            )


def _payments_agree(session: Session, told: _Told) -> Found:
    """Each payment against its item, and against the payment that reverses it."""
    table = table_of(Payment)
    rows = session.execute(sa.select(table.c.id, table.c.reverses_id).where(table.c.reverses_id.is_not(None)))
    reversals = {row.reverses_id: row.id for row in rows}
    for row in session.execute(sa.select(table.c.id, table.c.unapplied, table.c.reversed_by)):
        if row.unapplied != told.unapplied[row.id]:
            yield breach(
                N_("{row}: unapplied {unapplied}, its item tells {told}"),
                row=Row("payment", row.id),
                unapplied=row.unapplied,
                told=told.unapplied[row.id],
            )
        if row.reversed_by != reversals.get(row.id):
            yield breach(
                N_("{row}: reversed by {by}, the payments tell {told}"),
                row=Row("payment", row.id),
                by=Row("payment", row.reversed_by),
                told=Row("payment", reversals.get(row.id)),
            )


def _last_allocated(session: Session) -> dict[int, tuple[int, Any]]:
    """Item → (id, day) of the newest allocation that touched it."""
    links = table_of(Allocation)
    found: dict[int, tuple[int, Any]] = {}
    for side in (links.c.debit_id, links.c.credit_id):
        newest = sa.select(sa.func.max(links.c.id)).group_by(side)
        for item, key, day in session.execute(
            sa.select(side, links.c.id, links.c.allocated_on).where(links.c.id.in_(newest))
        ):
            found[item] = (key, day)
    return found
