"""Accounts beside what they must be the sum of: open items, bills, cost layers, receipts not billed; on any day.

Each side is counted up from facts of its own, so that the two agreeing says something. Amounts in the company's
currency, debit positive. Rule: docs/rules/closing.md, "Reconciliations".
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.models.base import AMOUNT
from o2c_tui.models.ledger import Account, AccountRole, JournalEntry, JournalLine, SourceKind
from o2c_tui.models.party import Party
from o2c_tui.models.purchase import SupplierBill, SupplierBillLine, SupplierReturn
from o2c_tui.models.receipt import GoodsReceipt, GoodsReceiptLine
from o2c_tui.models.receivable import Allocation, ReceivableItem
from o2c_tui.money import Rounding, round_to
from o2c_tui.queries.ledger import balance_of
from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.valuation import layers_on
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)
_heads, _lines, _accounts = table_of(JournalEntry), table_of(JournalLine), table_of(Account)


class Side(NamedTuple):
    """One party or warehouse: what the account says of it (None where the account does not tell them apart), and what
    its own rows come to."""

    key: int | None
    code: str
    name: str
    account: Decimal | None
    rows: Decimal


@dataclass(frozen=True)
class Reconciliation:
    """One account and its rows."""

    name: str
    account: Decimal
    rows: Decimal
    sides: tuple[Side, ...]

    @property
    def agrees(self) -> bool:
        """Whether they are the same, in sum and side by side."""
        return self.account == self.rows and all(side.account in (None, side.rows) for side in self.sides)


RECONCILED: Mapping[str, tuple[str, AccountRole]] = {  # word of the command → words, role of the account
    "receivables": (N_("Receivables"), AccountRole.RECEIVABLE),
    "payables": (N_("Payables"), AccountRole.PAYABLE),
    "inventory": (N_("Inventory"), AccountRole.INVENTORY),
    "received": (N_("Received, not billed"), AccountRole.GOODS_NOT_BILLED),
}


def reconcile(session: Session, name: str, as_of: date) -> Reconciliation:
    """One account of `RECONCILED` beside its rows at the end of a day."""
    role = RECONCILED[name][1]
    if name == "inventory":
        return _inventory(session, as_of)
    rows = _ROWS[name](session, as_of)
    booked = _by_party(session, role, as_of)
    names = _names(session)
    sides = [
        Side(key, *names.get(key, ("–", "")), booked.get(key, ZERO), rows.get(key, ZERO))
        for key in {*rows, *booked}
        if booked.get(key, ZERO) or rows.get(key, ZERO)
    ]
    sides.sort(key=lambda side: (side.name.casefold(), side.code))
    return Reconciliation(name, balance_of(session, role, as_of), sum(rows.values(), ZERO), tuple(sides))


def _inventory(session: Session, as_of: date) -> Reconciliation:
    by_place: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for layer in layers_on(session, as_of):
        by_place[layer.warehouse] += layer.value
    sides = tuple(Side(None, code, "", None, value) for code, value in sorted(by_place.items()))
    booked = balance_of(session, AccountRole.INVENTORY, as_of)
    return Reconciliation("inventory", booked, sum(by_place.values(), ZERO), sides)


def _names(session: Session) -> dict[int | None, tuple[str, str]]:
    parties = table_of(Party)
    rows = session.execute(sa.select(parties.c.id, parties.c.code, parties.c.name))
    return {row.id: (row.code, row.name) for row in rows}


def _by_party(session: Session, role: AccountRole, as_of: date) -> dict[int | None, Decimal]:
    query = (
        sa.select(_lines.c.party_id, sa.func.sum(_lines.c.amount, type_=AMOUNT))
        .join(_accounts, _accounts.c.id == _lines.c.account_id)
        .join(_heads, _heads.c.id == _lines.c.entry_id)
        .where(_accounts.c.role == role, _heads.c.posted_on <= as_of)
        .group_by(_lines.c.party_id)
    )
    return {party: amount for party, amount in session.execute(query)}


def _open_items(session: Session, as_of: date) -> dict[int | None, Decimal]:
    """By customer: open items of that day less what was allocated to them until then."""
    items, links = table_of(ReceivableItem), table_of(Allocation)
    found: dict[int | None, Decimal] = defaultdict(lambda: ZERO)
    worth = sa.func.coalesce(items.c.base_amount, items.c.amount, type_=AMOUNT)
    query = (
        sa.select(items.c.customer_id, sa.func.sum(worth, type_=AMOUNT))
        .where(items.c.dated_on <= as_of)
        .group_by(items.c.customer_id)
    )
    for customer, amount in session.execute(query):
        found[customer] += amount
    for side, base, sign in ((links.c.debit_id, links.c.base_debit, -1), (links.c.credit_id, links.c.base_credit, 1)):
        taken = sa.func.coalesce(base, links.c.amount, type_=AMOUNT)
        query = (
            sa.select(items.c.customer_id, sa.func.sum(taken, type_=AMOUNT))
            .join(items, items.c.id == side)
            .where(links.c.allocated_on <= as_of)
            .group_by(items.c.customer_id)
        )
        for customer, amount in session.execute(query):
            found[customer] += sign * amount
    return found


def _bills(session: Session, as_of: date) -> dict[int | None, Decimal]:
    """By supplier: bills less credits that count by that day; what we owe is negative."""
    company = the_company(session)
    bills, lines = table_of(SupplierBill), table_of(SupplierBillLine)
    found: dict[int | None, Decimal] = defaultdict(lambda: ZERO)
    query = (
        sa.select(bills, sa.func.sum(lines.c.cost, type_=AMOUNT).label("cost"))
        .join(lines, lines.c.bill_id == bills.c.id)
        .join(_heads, sa.and_(_heads.c.source == SourceKind.SUPPLIER_BILL, _heads.c.source_id == bills.c.id))
        .where(bills.c.state == "posted", _heads.c.posted_on <= as_of)
        .group_by(*bills.c)
    )
    for row in session.execute(query):
        owed = row.cost + round_to(row.tax * row.rate, company.digits, Rounding(company.rounding))
        found[row.supplier_id] += -owed if row.kind == "bill" else owed
    return found


def _receipts(session: Session, as_of: date) -> dict[int | None, Decimal]:
    """By supplier: what receipts brought, less what bills and returns have settled of it by that day; negative."""
    receipts, bills = table_of(GoodsReceipt), table_of(SupplierBill)
    lines, back = table_of(SupplierBillLine), table_of(SupplierReturn)
    received = table_of(GoodsReceiptLine)
    found: dict[int | None, Decimal] = defaultdict(lambda: ZERO)
    undone = (
        sa.select(_heads.c.source_id, sa.func.max(_heads.c.posted_on).label("on"))
        .where(_heads.c.source == SourceKind.RECEIPT)
        .group_by(_heads.c.source_id)
        .subquery()
    )
    query = (
        sa.select(receipts.c.supplier_id, sa.func.sum(receipts.c.value, type_=AMOUNT))
        .join(undone, undone.c.source_id == receipts.c.id)
        .where(
            receipts.c.kind == "purchase",
            receipts.c.received_on <= as_of,
            sa.or_(receipts.c.state == "received", sa.and_(receipts.c.state == "cancelled", undone.c.on > as_of)),
        )
        .group_by(receipts.c.supplier_id)
    )
    for supplier, value in session.execute(query):
        found[supplier] -= value
    query = (
        sa.select(receipts.c.supplier_id, bills.c.kind, sa.func.sum(lines.c.cleared, type_=AMOUNT))
        .select_from(lines)
        .join(bills, bills.c.id == lines.c.bill_id)
        .join(_heads, sa.and_(_heads.c.source == SourceKind.SUPPLIER_BILL, _heads.c.source_id == bills.c.id))
        .join(received, received.c.id == lines.c.receipt_line_id)
        .join(receipts, receipts.c.id == received.c.receipt_id)
        .where(bills.c.state == "posted", _heads.c.posted_on <= as_of)
        .group_by(receipts.c.supplier_id, bills.c.kind)
    )
    for supplier, kind, cleared in session.execute(query):
        found[supplier] += cleared if kind == "bill" else -cleared
    query = (
        sa.select(back.c.supplier_id, sa.func.sum(back.c.value, type_=AMOUNT))
        .where(back.c.state == "sent", back.c.returned_on <= as_of)
        .group_by(back.c.supplier_id)
    )
    for supplier, value in session.execute(query):
        found[supplier] += value
    return found


_ROWS: Mapping[str, Callable[[Session, date], dict[Any, Decimal]]] = {
    "receivables": _open_items,
    "payables": _bills,
    "received": _receipts,
}
