"""What money may be expected, and what has to be paid, as things stood on any day: one row a document and day.

Amounts in the company's currency. Rule: docs/rules/insight.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.models.base import AMOUNT
from o2c_tui.models.invoice import Invoice
from o2c_tui.models.ledger import Account, AccountRole, JournalEntry, JournalLine
from o2c_tui.models.purchase import BillKind, BillState, SupplierBill
from o2c_tui.models.receivable import Payment, ReceivableItem
from o2c_tui.models.receivable_adjustment import ReceivableAdjustment
from o2c_tui.models.reminder import Dispute, PaymentPromise
from o2c_tui.money import round_to
from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.paces import customers_named, delays, settled, taken_after
from o2c_tui.queries.past import in_parts
from o2c_tui.rules.forecast import Mark, Owed, Promise, expected, still_owed
from o2c_tui.storage.rows import table_of

ZERO = Decimal(0)
_items = table_of(ReceivableItem)


@dataclass(frozen=True)
class Flow:
    """Money expected in (positive) or out (negative) on a day; none: disputed, nobody can say when."""

    on: date | None
    party_id: int
    code: str
    name: str
    source: str  # invoice, payment, receivable_adjustment, bill
    document_id: int
    number: str
    due_on: date
    amount: Decimal
    mark: Mark


@dataclass(frozen=True)
class Forecast:
    """All that is expected; `credit` is unapplied credit that no open invoice uses up (negative).

    What comes in and the credit together are the receivables account; what goes out is the payables account, as far as
    bills stand behind it.
    """

    flows: tuple[Flow, ...]
    credit: Decimal

    @property
    def receivables(self) -> Decimal:
        """What comes in, less unapplied credits."""
        return sum((flow.amount for flow in self.flows if flow.amount > ZERO), self.credit)


@dataclass(frozen=True)
class _Open:
    owed: Owed
    source: str
    document_id: int
    number: str


def forecast(session: Session, *, as_of: date, customer_id: int | None = None) -> Forecast:
    """What is expected as of a day, in order of time; of one customer alone without what we have to pay."""
    by_customer, credits = _open_on(session, as_of, customer_id)
    usual: dict[int | None, int] = {None: 0}
    if by_customer:
        usual = delays(settled(session, as_of=as_of, customer_id=customer_id))
    if customer_id is not None and customer_id not in usual and by_customer:
        usual = delays(settled(session, as_of=as_of))
    promises = _promises(session, as_of)
    names = customers_named(session, list(by_customer))
    flows: list[Flow] = []
    left = ZERO
    for customer in sorted({*by_customer, *credits}):
        mine = by_customer.get(customer, {})
        credit = -credits.get(customer, ZERO)
        parts = expected(
            [one.owed for one in mine.values()],
            promises.get(customer, []),
            credit=credit,
            delay=usual.get(customer, usual[None]),
            as_of=as_of,
        )
        for part in parts:
            one = mine[part.key]
            flows.append(
                Flow(part.on, customer, *names[customer], one.source, one.document_id, one.number, one.owed.due_on,
                     part.amount, part.mark)
            )  # fmt: skip
        used = sum((one.owed.open for one in mine.values()), ZERO) - sum((part.amount for part in parts), ZERO)
        left -= credit - used
    if customer_id is None:
        flows += _bills(session, as_of)
    flows.sort(key=lambda flow: (flow.on is None, flow.on or as_of, flow.due_on, flow.amount < ZERO, flow.number))
    return Forecast(tuple(flows), left)


def _open_on(
    session: Session, as_of: date, customer_id: int | None
) -> tuple[dict[int, dict[int, _Open]], dict[int, Decimal]]:
    """What was open on a day: debits by customer and key, and each customer's unapplied credit (negative)."""
    invoices, payments, adjustments = table_of(Invoice), table_of(Payment), table_of(ReceivableAdjustment)
    mine = [_items.c.customer_id == customer_id] if customer_id is not None else []
    query = (
        sa.select(
            _items.c.id,
            _items.c.customer_id,
            _items.c.invoice_id,
            _items.c.payment_id,
            _items.c.adjustment_id,
            _items.c.due_on,
            _items.c.base_open,
            sa.func.coalesce(invoices.c.number, payments.c.number, adjustments.c.number, ""),
        )
        .outerjoin(invoices, invoices.c.id == _items.c.invoice_id)
        .outerjoin(payments, payments.c.id == _items.c.payment_id)
        .outerjoin(adjustments, adjustments.c.id == _items.c.adjustment_id)
        .where(_items.c.dated_on <= as_of, *mine)
    )
    later = taken_after(session, as_of, *mine)
    disputed = _disputed(session, as_of)
    found: dict[int, dict[int, _Open]] = {}
    credits: dict[int, Decimal] = {}
    for key, customer, invoice, payment, adjustment, due_on, left, number in _rows(session, query, later):
        open_ = left + later.get(key, ZERO)
        if open_ < ZERO:
            credits[customer] = credits.get(customer, ZERO) + open_
        elif open_:
            source, document = (
                ("invoice", invoice) if invoice is not None
                else ("payment", payment) if payment is not None
                else ("receivable_adjustment", adjustment)
            )  # fmt: skip
            owed = Owed(key, invoice, due_on, open_, invoice in disputed)
            found.setdefault(customer, {})[key] = _Open(owed, source, document, number)
    return found, credits


def _rows(session: Session, query: Any, later: dict[int, Decimal]) -> Iterator[Any]:
    """The open ones by their index, then those that were closed since."""
    seen = set()
    for row in session.execute(query.where(_items.c.open != 0)):
        seen.add(row[0])
        yield row
    for part in in_parts(key for key in later if key not in seen):
        yield from session.execute(query.where(_items.c.id.in_(part)))


def _disputed(session: Session, as_of: date) -> set[int]:
    table = table_of(Dispute)
    query = sa.select(table.c.invoice_id).where(table.c.opened_on <= as_of, _stood(table, as_of))
    return set(session.execute(query).scalars())


def _promises(session: Session, as_of: date) -> dict[int, list[Promise]]:
    table = table_of(PaymentPromise)
    query = (
        sa.select(table.c.customer_id, table.c.invoice_id, table.c.promised_on, table.c.amount)
        .where(table.c.made_on <= as_of, table.c.promised_on >= as_of, _stood(table, as_of))
        .order_by(table.c.id)
    )
    found: dict[int, list[Promise]] = {}
    for customer, *told in session.execute(query):
        found.setdefault(customer, []).append(Promise(*told))
    return found


def _stood(table: sa.Table, as_of: date) -> sa.ColumnElement[bool]:
    return sa.or_(table.c.closed_on.is_(None), table.c.closed_on > as_of)


def _bills(session: Session, as_of: date) -> list[Flow]:
    """What we owe suppliers by the payables account, on the bills that were due last."""
    bills = table_of(SupplierBill)
    digits = the_company(session).digits
    query = sa.select(
        bills.c.id, bills.c.supplier_id, bills.c.number, bills.c.due_on, bills.c.gross, bills.c.rate
    ).where(bills.c.state == BillState.POSTED, bills.c.kind == BillKind.BILL, bills.c.billed_on <= as_of)
    by_supplier: dict[int, dict[int, tuple[str, date, Decimal]]] = {}
    for key, supplier, number, due_on, gross, rate in session.execute(query):
        by_supplier.setdefault(supplier, {})[key] = (number, due_on, round_to(gross * rate, digits))
    if not by_supplier:
        return []
    owed = _payable(session, as_of)
    nobodys = -min(ZERO, owed.pop(None, ZERO))  # paid from the bank without naming the supplier
    open_: list[tuple[date, int, int, Decimal]] = []
    for supplier, mine in by_supplier.items():
        told = [(key, due_on, gross) for key, (_number, due_on, gross) in mine.items()]
        left = still_owed(told, owed.get(supplier, ZERO))
        open_ += [(mine[key][1], key, supplier, amount) for key, amount in left]
    names = customers_named(session, list(by_supplier))
    flows = []
    for due_on, key, supplier, amount in sorted(open_):
        taken = min(nobodys, amount)
        nobodys -= taken
        if amount > taken:
            number = by_supplier[supplier][key][0]
            mark = Mark.LATE if due_on < as_of else Mark.NONE
            flows.append(
                Flow(max(as_of, due_on), supplier, *names[supplier], "bill", key, number, due_on, taken - amount, mark)
            )
    return flows


def _payable(session: Session, as_of: date) -> dict[int | None, Decimal]:
    """The payables account by supplier on a day; what we owe is positive."""
    lines, heads, accounts = table_of(JournalLine), table_of(JournalEntry), table_of(Account)
    query = (
        sa.select(lines.c.party_id, sa.func.sum(lines.c.amount, type_=AMOUNT))
        .join(heads, heads.c.id == lines.c.entry_id)
        .join(accounts, accounts.c.id == lines.c.account_id)
        .where(accounts.c.role == AccountRole.PAYABLE, heads.c.posted_on <= as_of)
        .group_by(lines.c.party_id)
    )
    return {party: -amount for party, amount in session.execute(query)}
