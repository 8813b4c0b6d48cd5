"""A customer's statement of account: what happened in a span with the balance after it, or what is open on a day.

One computation for screen, paper, file and mail. Rule: docs/rules/statements.md. Amounts are in the currency of the
items, a statement for each; what a customer owes is positive.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.models.base import AMOUNT
from o2c_tui.models.invoice import KIND_WORDS, Invoice
from o2c_tui.models.party import Party
from o2c_tui.models.receivable import Allocation, Payment, ReceivableItem
from o2c_tui.models.receivable_adjustment import ADJUSTMENT_WORDS, ReceivableAdjustment
from o2c_tui.money import digits_of
from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.receivables import aged, allocated_after
from o2c_tui.rules.aging import bucket_of
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)
MONTHS = 2  # whole ones before that of the last day, where no first day is given
LINE_WORDS: dict[str, str] = {  # kinds of documents on an account
    **{str(kind): words for kind, words in KIND_WORDS.items()},
    **{str(kind): words for kind, words in ADJUSTMENT_WORDS.items()},
    "payment": N_("payment"),
    "refund": N_("refund"),
    "reversal": N_("payment taken back"),
}
_items, _links = table_of(ReceivableItem), table_of(Allocation)
_invoices, _payments = table_of(Invoice), table_of(Payment)
_parties = table_of(Party)
_adjustments = table_of(ReceivableAdjustment)


@dataclass(frozen=True)
class StatementLine:
    """One document on the account. `against` are the numbers of what it was set against; `open` is what is left of it
    on the statement's last day, `balance` what the account stood at after it (none where only open items are told)."""

    kind: str  # invoice, credit_note, deposit, payment, refund, reversal, or a kind of adjustment
    source: str  # invoice, payment, receivable_adjustment
    document_id: int
    number: str
    reference: str
    dated_on: date
    due_on: date | None
    amount: Decimal
    open: Decimal
    balance: Decimal | None
    against: tuple[str, ...] = ()


@dataclass(frozen=True)
class Statement:
    """An account in one currency: opening balance + lines = closing balance; `ages` and `unapplied` add up to it too."""

    customer_id: int
    currency: str
    digits: int
    first: date | None  # none: open items alone
    last: date
    opening: Decimal
    lines: tuple[StatementLine, ...]
    closing: Decimal
    ages: tuple[Decimal, ...]
    unapplied: Decimal

    @property
    def bounds(self) -> int:
        """How many ages it tells."""
        return len(self.ages)


@dataclass(frozen=True)
class _Item:
    id: int
    line: tuple[str, int]  # source and key of its document
    kind: str
    number: str
    reference: str
    dated_on: date
    due_on: date
    amount: Decimal
    open: Decimal
    currency: str


def usual_first(last: date) -> date:
    """The day an account is told from where nobody says: the first of the month two months before."""
    months = last.year * 12 + last.month - 1 - MONTHS
    return date(months // 12, months % 12 + 1, 1)


def account(session: Session, customer_id: int, *, first: date, last: date) -> list[Statement]:
    """All that happened from `first` to `last`, both included, oldest first, after the balance of the days before."""
    return _statements(session, customer_id, first, last)


def open_account(session: Session, customer_id: int, *, last: date) -> list[Statement]:
    """What is open at the end of `last`, oldest due first; amounts are what is left of them."""
    return _statements(session, customer_id, None, last)


@dataclass(frozen=True)
class Account:
    """One customer's account in a span, in one currency: opening + charged - credited = closing."""

    customer_id: int
    code: str
    name: str
    currency: str
    opening: Decimal
    charged: Decimal
    credited: Decimal
    closing: Decimal


def accounts(session: Session, *, first: date | None, last: date) -> list[Account]:
    """Every customer's account on which anything stood or happened, by name; from the beginning without a first day."""
    company = the_company(session)
    before = _items.c.dated_on < first if first is not None else sa.false()
    sums = [
        sa.func.sum(sa.case((condition, _items.c.amount), else_=0), type_=AMOUNT)
        for condition in (
            before,
            sa.and_(sa.not_(before), _items.c.amount > 0),
            sa.and_(sa.not_(before), _items.c.amount < 0),
        )
    ]
    query = (
        sa.select(_parties.c.id, _parties.c.code, _parties.c.name, _items.c.currency, *sums)
        .join(_parties, _parties.c.id == _items.c.customer_id)
        .where(_items.c.dated_on <= last)
        .group_by(_parties.c.id, _parties.c.code, _parties.c.name, _items.c.currency)
    )
    found = [
        Account(
            key, code, name, currency or company.currency, opening, charged, -credited, opening + charged + credited
        )
        for key, code, name, currency, opening, charged, credited in session.execute(query)
        if opening or charged or credited
    ]
    return sorted(found, key=lambda row: (row.name.casefold(), row.code, row.currency))


def customers_owing(session: Session, *, last: date) -> list[int]:
    """Customers with anything open on a day, by name: who gets a statement in a run over all of them."""
    return [row.customer_id for row in aged(session, as_of=last)]


def _statements(session: Session, customer_id: int, first: date | None, last: date) -> list[Statement]:
    company = the_company(session)
    bounds = tuple(int(part) for part in company.aging_bounds.split(","))
    items = _read(session, customer_id, last)
    found = []
    for currency in sorted({item.currency for item in items} or {""}):
        mine = [item for item in items if item.currency == currency]
        opening = sum((item.amount for item in mine if first is not None and item.dated_on < first), ZERO)
        ages = [ZERO] * (len(bounds) + 1)
        unapplied = ZERO
        for item in mine:
            if item.open > 0:
                ages[bucket_of(item.due_on, last, bounds)] += item.open
            else:
                unapplied += item.open
        told = [item for item in mine if item.open] if first is None else [i for i in mine if i.dated_on >= first]
        lines = _open_lines(told) if first is None else _activity(session, told, opening, last)
        found.append(
            Statement(
                customer_id,
                currency or company.currency,
                digits_of(currency) if currency else company.digits,
                first,
                last,
                opening,
                tuple(lines),
                sum(ages, ZERO) + unapplied,
                tuple(ages),
                unapplied,
            )
        )
    return found


def _read(session: Session, customer_id: int, last: date) -> list[_Item]:
    """Every item of a customer up to a day with what was left of it then."""
    query = (
        sa.select(
            _items,
            _invoices.c.number.label("invoice_number"),
            _invoices.c.kind.label("invoice_kind"),
            _invoices.c.customer_reference,
            _payments.c.number.label("payment_number"),
            _payments.c.reference.label("payment_reference"),
            _payments.c.reverses_id,
            _adjustments.c.number.label("adjustment_number"),
            _adjustments.c.kind.label("adjustment_kind"),
        )
        .outerjoin(_invoices, _invoices.c.id == _items.c.invoice_id)
        .outerjoin(_payments, _payments.c.id == _items.c.payment_id)
        .outerjoin(_adjustments, _adjustments.c.id == _items.c.adjustment_id)
        .where(_items.c.customer_id == customer_id, _items.c.dated_on <= last)
        .order_by(_items.c.dated_on, _items.c.id)
    )
    later, _base = allocated_after(session, [_items.c.customer_id == customer_id], last)
    return [_item(row, later) for row in session.execute(query).mappings()]


def _item(row: Mapping[Any, Any], later: Mapping[int, Decimal]) -> _Item:
    if row["invoice_id"] is not None:
        told = ("invoice", row["invoice_id"]), str(row["invoice_kind"]), row["invoice_number"]
        reference = row["customer_reference"]
    elif row["payment_id"] is not None:
        kind = "payment" if row["amount"] < 0 else "reversal" if row["reverses_id"] is not None else "refund"
        told = ("payment", row["payment_id"]), kind, row["payment_number"]
        reference = row["payment_reference"]
    else:
        told = ("receivable_adjustment", row["adjustment_id"]), str(row["adjustment_kind"]), row["adjustment_number"]
        reference = ""
    return _Item(
        row["id"],
        *told,
        reference,
        row["dated_on"],
        row["due_on"],
        row["amount"],
        row["open"] + later.get(row["id"], ZERO),
        row["currency"],
    )


def _open_lines(items: Iterable[_Item]) -> list[StatementLine]:
    return [
        StatementLine(
            item.kind,
            *item.line,
            item.number,
            item.reference,
            item.dated_on,
            item.due_on if item.amount > 0 else None,
            item.amount,
            item.open,
            None,
        )
        for item in sorted(items, key=lambda item: (item.due_on, item.id))
    ]


def _activity(session: Session, items: Sequence[_Item], balance: Decimal, last: date) -> list[StatementLine]:
    """A line a document: an invoice with its instalments together, due with the first of them."""
    by_document: dict[tuple[str, int], list[_Item]] = {}
    for item in items:
        by_document.setdefault(item.line, []).append(item)
    against = _set_against(session, [item.id for item in items if item.amount < 0], last)
    lines = []
    for line, parts in by_document.items():
        amount = sum((item.amount for item in parts), ZERO)
        balance += amount
        numbers = dict.fromkeys(number for item in parts for number in against.get(item.id, ()))
        lines.append(
            StatementLine(
                parts[0].kind,
                *line,
                parts[0].number,
                parts[0].reference,
                parts[0].dated_on,
                min(item.due_on for item in parts) if amount > 0 else None,
                amount,
                sum((item.open for item in parts), ZERO),
                balance,
                tuple(numbers),
            )
        )
    return lines


def _set_against(session: Session, credits: Sequence[int], last: date) -> dict[int, list[str]]:
    """The numbers of the invoices that credits were set against and still were on a day, oldest first."""
    found: dict[int, list[str]] = {}
    for start in range(0, len(credits), 500):
        query = (
            sa.select(_links.c.credit_id, _invoices.c.number)
            .join(_items, _items.c.id == _links.c.debit_id)
            .join(_invoices, _invoices.c.id == _items.c.invoice_id)
            .where(_links.c.credit_id.in_(credits[start : start + 500]), _links.c.allocated_on <= last)
            .group_by(_links.c.credit_id, _invoices.c.id, _invoices.c.number)
            .having(sa.func.sum(_links.c.amount, type_=AMOUNT) != 0)
            .order_by(_invoices.c.id)
        )
        for key, number in session.execute(query):
            found.setdefault(key, []).append(number)
    return found
