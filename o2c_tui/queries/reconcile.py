"""Accounts beside what they must be the sum of: open items, bills, cost layers, receipts not billed, deposits; on any day.

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
from sqlmodel import Session, SQLModel

from o2c_tui.models.base import AMOUNT
from o2c_tui.models.invoice import Invoice, InvoiceKind, InvoiceLine
from o2c_tui.models.ledger import Account, AccountRole, JournalEntry, JournalLine, SourceKind
from o2c_tui.models.party import Party
from o2c_tui.models.purchase import SupplierBill, SupplierBillLine, SupplierReturn
from o2c_tui.models.receipt import GoodsReceipt, GoodsReceiptLine
from o2c_tui.models.receivable import Allocation, ReceivableItem
from o2c_tui.money import Rounding, round_to
from o2c_tui.queries.ledger import balance_of
from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.past import in_parts
from o2c_tui.queries.valuation import layers_on
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)
NOBODY = "–"  # stands for a party's code where a document names none
_heads, _lines, _accounts = table_of(JournalEntry), table_of(JournalLine), table_of(Account)


One = tuple[int | None] | None  # one party (or what has none) alone, then told by document; nothing: all, by party


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
    "deposits": (N_("Deposits"), AccountRole.DEPOSITS),
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
        Side(key, *names.get(key, (NOBODY, "")), booked.get(key, ZERO), rows.get(key, ZERO))
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


def _bills(session: Session, as_of: date, one: One = None) -> dict[int | None, Decimal]:
    """By supplier (of `one`: by bill): bills less credits that count by that day; what we owe is negative."""
    company = the_company(session)
    bills, lines = table_of(SupplierBill), table_of(SupplierBillLine)
    found: dict[int | None, Decimal] = defaultdict(lambda: ZERO)
    query = (
        sa.select(bills, sa.func.sum(lines.c.cost, type_=AMOUNT).label("cost"))
        .join(lines, lines.c.bill_id == bills.c.id)
        .join(_heads, sa.and_(_heads.c.source == SourceKind.SUPPLIER_BILL, _heads.c.source_id == bills.c.id))
        .where(bills.c.state == "posted", _heads.c.posted_on <= as_of, *_of(bills.c.supplier_id, one))
        .group_by(*bills.c)
    )
    for row in session.execute(query):
        owed = row.cost + round_to(row.tax * row.rate, company.digits, Rounding(company.rounding))
        found[row.supplier_id if one is None else row.id] += -owed if row.kind == "bill" else owed
    return found


def _of(column: Any, one: One) -> list[Any]:
    if one is None:
        return []
    return [column.is_(None) if one[0] is None else column == one[0]]


def _receipts(session: Session, as_of: date, one: One = None) -> dict[int | None, Decimal]:
    """By supplier (of `one`: by receipt): what receipts brought, less what bills and returns have settled of it by that
    day; negative."""
    receipts, bills = table_of(GoodsReceipt), table_of(SupplierBill)
    lines, back = table_of(SupplierBillLine), table_of(SupplierReturn)
    received = table_of(GoodsReceiptLine)
    found: dict[int | None, Decimal] = defaultdict(lambda: ZERO)
    by = receipts.c.supplier_id if one is None else receipts.c.id
    mine = _of(receipts.c.supplier_id, one)
    undone = (
        sa.select(_heads.c.source_id, sa.func.max(_heads.c.posted_on).label("on"))
        .where(_heads.c.source == SourceKind.RECEIPT)
        .group_by(_heads.c.source_id)
        .subquery()
    )
    query = (
        sa.select(by, sa.func.sum(receipts.c.value, type_=AMOUNT))
        .join(undone, undone.c.source_id == receipts.c.id)
        .where(
            receipts.c.kind == "purchase",
            receipts.c.received_on <= as_of,
            sa.or_(receipts.c.state == "received", sa.and_(receipts.c.state == "cancelled", undone.c.on > as_of)),
            *mine,
        )
        .group_by(by)
    )
    for key, value in session.execute(query):
        found[key] -= value
    query = (
        sa.select(by, bills.c.kind, sa.func.sum(lines.c.cleared, type_=AMOUNT))
        .select_from(lines)
        .join(bills, bills.c.id == lines.c.bill_id)
        .join(_heads, sa.and_(_heads.c.source == SourceKind.SUPPLIER_BILL, _heads.c.source_id == bills.c.id))
        .join(received, received.c.id == lines.c.receipt_line_id)
        .join(receipts, receipts.c.id == received.c.receipt_id)
        .where(bills.c.state == "posted", _heads.c.posted_on <= as_of, *mine)
        .group_by(by, bills.c.kind)
    )
    for key, kind, cleared in session.execute(query):
        found[key] += cleared if kind == "bill" else -cleared
    sent = back.c.supplier_id if one is None else back.c.receipt_id
    query = (
        sa.select(sent, sa.func.sum(back.c.value, type_=AMOUNT))
        .where(back.c.state == "sent", back.c.returned_on <= as_of, *_of(back.c.supplier_id, one))
        .group_by(sent)
    )
    for key, value in session.execute(query):
        found[key] += value
    return found


def _deposits(session: Session, as_of: date, one: One = None) -> dict[int | None, Decimal]:
    """By customer (of `one`: by deposit invoice): deposits billed less what invoices took off and credit notes gave back by
    that day, each as it was worth then; what is owed to the customer is negative."""
    heads, lines = table_of(Invoice), table_of(InvoiceLine)
    deposit = table_of(InvoiceLine).alias("deposit")
    worth = sa.func.coalesce(lines.c.base_net, lines.c.net, type_=AMOUNT)
    by = heads.c.customer_id if one is None else sa.func.coalesce(deposit.c.invoice_id, lines.c.invoice_id)
    query = (
        sa.select(by, heads.c.kind, sa.func.sum(worth, type_=AMOUNT))
        .join(heads, heads.c.id == lines.c.invoice_id)
        .outerjoin(deposit, deposit.c.id == lines.c.deducts_line_id)
        .where(
            heads.c.state == "posted",
            heads.c.invoiced_on <= as_of,
            sa.or_(heads.c.kind == InvoiceKind.DEPOSIT, lines.c.deducts_line_id.is_not(None)),
            *_of(heads.c.customer_id, one),
        )
        .group_by(by, heads.c.kind)
    )
    found: dict[int | None, Decimal] = defaultdict(lambda: ZERO)
    for key, kind, net in session.execute(query):
        found[key] += net if kind == InvoiceKind.CREDIT_NOTE else -net
    return found


class Part(NamedTuple):
    """A document behind one side: what it still stands for on the day."""

    on: date
    kind: str  # that screens open
    document_id: int
    number: str
    amount: Decimal


_PARTS: Mapping[str, tuple[type[SQLModel], str, str]] = {  # whose sides have documents: their table, kind and day
    "payables": (SupplierBill, "bill", "billed_on"),
    "received": (GoodsReceipt, "receipt", "received_on"),
    "deposits": (Invoice, "invoice", "invoiced_on"),
}


DOCUMENTED = tuple(_PARTS)


def parts_behind(session: Session, name: str, party_id: int | None, as_of: date) -> list[Part]:
    """The documents that a party's rows are the sum of, oldest first; of payables, receipts not billed and deposits. None: of
    those that name no party."""
    model, kind, day = _PARTS[name]
    table = table_of(model)
    left = {
        key: amount for key, amount in _ROWS[name](session, as_of, (party_id,)).items() if amount and key is not None
    }
    found = [
        Part(row.on, kind, row.id, row.number or "–", left[row.id])
        for part in in_parts(left)
        for row in session.execute(
            sa.select(table.c.id, table.c.number, table.c[day].label("on")).where(table.c.id.in_(part))
        )
    ]
    return sorted(found, key=lambda part: (part.on, part.document_id))


_ROWS: Mapping[str, Callable[..., dict[Any, Decimal]]] = {
    "receivables": _open_items,
    "payables": _bills,
    "received": _receipts,
    "deposits": _deposits,
}
