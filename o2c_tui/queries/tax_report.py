"""Tax by period, code and rate: base and tax of what was invoiced, credited and billed to us, tied to the tax accounts.

Read from the cents that stand on the lines, never computed again. Amounts in the company's currency; a document in
another one takes the tax its journal entry has. Rule: docs/rules/closing.md, "Tax report".
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.models.base import AMOUNT
from o2c_tui.models.invoice import Invoice, InvoiceLine
from o2c_tui.models.ledger import Account, AccountRole, JournalEntry, JournalLine, SourceKind
from o2c_tui.models.party import Party
from o2c_tui.models.purchase import SupplierBill, SupplierBillLine
from o2c_tui.models.receivable_adjustment import ReceivableAdjustment
from o2c_tui.money import round_to, split
from o2c_tui.queries.ledger import SOURCES, document_names
from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.past import in_parts
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO, ONE = Decimal(0), Decimal(1)
PERIODS = {"month": N_("Month"), "quarter": N_("Quarter"), "year": N_("Year")}
SALES, PURCHASES = N_("of sales"), N_("of purchases")
_heads, _lines, _accounts = table_of(JournalEntry), table_of(JournalLine), table_of(Account)
Group = tuple[str, Decimal]  # code, rate


class TaxLine(NamedTuple):
    """One code and rate in one period: what was invoiced less what was credited, and of that what was credited."""

    period: str
    side: str  # SALES or PURCHASES
    code: str
    rate: Decimal
    net: Decimal
    tax: Decimal
    credited_net: Decimal  # positive
    credited_tax: Decimal


@dataclass(frozen=True)
class TaxTold:
    """The lines of a span, and how its two tax accounts moved in it (what is owed positive, what is got back positive)."""

    lines: tuple[TaxLine, ...]
    tax_account: Decimal
    input_account: Decimal

    @property
    def agrees(self) -> bool:
        """Whether the lines add up to the accounts."""
        sums = {side: sum((x.tax for x in self.lines if x.side == side), ZERO) for side in (SALES, PURCHASES)}
        return (sums[SALES], sums[PURCHASES]) == (self.tax_account, self.input_account)


class _Part(NamedTuple):
    """A part of a document's tax on one day."""

    on: date
    side: str
    code: str
    rate: Decimal
    net: Decimal  # charged positive, credited negative
    tax: Decimal
    is_credit: bool
    source: SourceKind
    document_id: int


class TaxDocument(NamedTuple):
    """What one document did to one code and rate: charged positive, credited negative."""

    on: date
    source: SourceKind
    document_id: int
    number: str
    word: str  # of what kind of document; marked
    party: str
    code: str
    rate: Decimal
    net: Decimal
    tax: Decimal


def span_of(period: str) -> tuple[date, date]:
    """The first and last day of a period as `period_of` writes it."""
    year, _dash, rest = period.partition("-")
    first, months = (1, 12) if not rest else (3 * int(rest[1]) - 2, 3) if rest[0] == "Q" else (int(rest), 1)
    after = int(year) * 12 + first - 1 + months
    return date(int(year), first, 1), date(after // 12, after % 12 + 1, 1) - timedelta(days=1)


def tax_documents(
    session: Session, first: date | None, last: date | None, side: str, code: str = "", rate: Decimal | None = None
) -> list[TaxDocument]:
    """The documents behind lines of the report, by day and number: of one side, perhaps of one code and rate."""
    told: dict[tuple[date, SourceKind, int, str, Decimal], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for part in _parts(session, first, last):
        if part.side == side and code in ("", part.code) and rate in (None, part.rate):
            sums = told[part.on, part.source, part.document_id, part.code, part.rate]
            sums[0] += part.net
            sums[1] += part.tax
    names = document_names(session, ((source, key) for _on, source, key, _code, _rate in told))
    parties = _party_names(session, ((source, key) for _on, source, key, _code, _rate in told))
    return sorted(
        (
            TaxDocument(on, source, key, *names[source, key], parties.get((source, key), ""), of_code, of_rate, *sums)
            for (on, source, key, of_code, of_rate), sums in told.items()
            if any(sums)
        ),
        key=lambda one: (one.on, one.number, one.code, one.rate),
    )


def _party_names(session: Session, wanted: Iterable[tuple[SourceKind, int]]) -> dict[tuple[SourceKind, int], str]:
    """The customer or supplier of some documents."""
    keys: dict[SourceKind, set[int]] = defaultdict(set)
    for source, key in wanted:
        keys[source].add(key)
    parties = table_of(Party)
    found: dict[tuple[SourceKind, int], str] = {}
    for source, mine in keys.items():
        table = table_of(SOURCES[source][0])
        column = next((table.c[name] for name in ("customer_id", "supplier_id") if name in table.c), None)
        if column is None:
            continue
        for part in in_parts(mine):
            query = sa.select(table.c.id, parties.c.name).join(parties, parties.c.id == column)
            found |= {(source, key): name for key, name in session.execute(query.where(table.c.id.in_(part)))}
    return found


def period_of(day: date, by: str) -> str:
    """A day's period as people write it: 2026-11, 2026-Q4, 2026."""
    if by == "year":
        return f"{day.year}"
    return f"{day.year}-Q{(day.month + 2) // 3}" if by == "quarter" else f"{day:%Y-%m}"


def tax_told(session: Session, first: date | None, last: date | None, by: str = "month") -> TaxTold:
    """Base and tax from `first` to `last` (none leaves an end open) by period, side, code and rate."""
    parts = _parts(session, first, last)
    sums: dict[tuple[str, str, str, Decimal], list[Decimal]] = defaultdict(lambda: [ZERO] * 4)
    for part in parts:
        told = sums[period_of(part.on, by), part.side, part.code, part.rate]
        told[0] += part.net
        told[1] += part.tax
        if part.is_credit:
            told[2] -= part.net
            told[3] -= part.tax
    order = {SALES: 0, PURCHASES: 1}
    lines = [
        TaxLine(*key, *told)
        for key, told in sorted(sums.items(), key=lambda kv: (kv[0][0], order[kv[0][1]], kv[0][2], kv[0][3]))
        if any(told)
    ]
    return TaxTold(
        tuple(lines),
        -_moved(session, AccountRole.TAX, first, last),
        _moved(session, AccountRole.INPUT_TAX, first, last),
    )


def _parts(session: Session, first: date | None, last: date | None) -> list[_Part]:
    """What each document did to each code and rate."""
    booked = _booked(session, first, last)
    parts = [*_invoiced(session, first, last, booked), *_billed(session, first, last, booked)]
    parts += _adjusted(session, first, last, booked)
    for (role, source, key), (on, amount) in sorted(booked.items(), key=lambda item: item[0][:1]):
        if amount:  # moved by something that is no document of ours with tax
            side = SALES if role is AccountRole.TAX else PURCHASES
            parts.append(_Part(on, side, "–", ZERO, ZERO, -amount if side == SALES else amount, False, source, key))
    return parts


Booked = dict[
    tuple[AccountRole, SourceKind, int], list[Any]
]  # role, source, document → [day, amount not explained yet]


def _span(day: Any, first: date | None, last: date | None) -> list[Any]:
    return [*([day >= first] if first is not None else []), *([day <= last] if last is not None else [])]


def _booked(session: Session, first: date | None, last: date | None) -> Booked:
    """What each document did to the tax accounts in the span."""
    query = (
        sa.select(
            _accounts.c.role,
            _heads.c.source,
            _heads.c.source_id,
            sa.func.min(_heads.c.posted_on),
            sa.func.sum(_lines.c.amount, type_=AMOUNT),
        )
        .join(_lines, _lines.c.entry_id == _heads.c.id)
        .join(_accounts, _accounts.c.id == _lines.c.account_id)
        .where(_accounts.c.role.in_((AccountRole.TAX, AccountRole.INPUT_TAX)), *_span(_heads.c.posted_on, first, last))
        .group_by(_accounts.c.role, _heads.c.source, _heads.c.source_id)
    )
    return {(role, source, key): [on, amount] for role, source, key, on, amount in session.execute(query)}


def _moved(session: Session, role: AccountRole, first: date | None, last: date | None) -> Decimal:
    query = (
        sa.select(sa.func.sum(_lines.c.amount, type_=AMOUNT))
        .join(_accounts, _accounts.c.id == _lines.c.account_id)
        .join(_heads, _heads.c.id == _lines.c.entry_id)
        .where(_accounts.c.role == role, *_span(_heads.c.posted_on, first, last))
    )
    return session.execute(query).scalar_one() or ZERO


def _groups(rows: Sequence[Any]) -> dict[int, dict[Group, list[Decimal]]]:
    """By document: code and rate → net, tax; a line of several taxes counts its base under each of them."""
    found: dict[int, dict[Group, list[Decimal]]] = defaultdict(dict)
    for row in rows:
        if row.tax_parts:
            told = [(str(code), Decimal(str(rate)), Decimal(str(tax))) for code, rate, tax in json.loads(row.tax_parts)]
        else:
            told = [(row.tax_code, row.tax_rate, row.tax)]
        for code, rate, tax in told:
            sums = found[row.document].setdefault((code or "–", rate), [ZERO, ZERO])
            sums[0] += row.net
            sums[1] += tax
    return found


def _invoiced(session: Session, first: date | None, last: date | None, booked: Booked) -> Iterator[_Part]:
    invoices, lines = table_of(Invoice), table_of(InvoiceLine)
    company = the_company(session)
    where = [invoices.c.state == "posted", *_span(invoices.c.invoiced_on, first, last)]
    heads = {row.id: row for row in session.execute(
        sa.select(invoices.c.id, invoices.c.kind, invoices.c.invoiced_on, invoices.c.rate).where(*where)
    )}  # fmt: skip
    query = (
        sa.select(
            lines.c.invoice_id.label("document"),
            lines.c.tax_code,
            lines.c.tax_rate,
            lines.c.tax_parts,
            lines.c.net,
            lines.c.tax,
        )
        .join(invoices, invoices.c.id == lines.c.invoice_id)
        .where(*where)
    )
    for key, groups in _groups(session.execute(query).all()).items():
        head = heads[key]
        sign = -1 if head.kind == "credit_note" else 1
        entry = booked.get((AccountRole.TAX, SourceKind.INVOICE, key))
        taxes = [tax for _net, tax in groups.values()]
        if entry is not None and head.rate:
            taxes = split(-sign * entry[1], taxes, company.digits)
        if entry is not None:
            entry[1] += sign * sum(taxes, ZERO)
        for ((code, rate), (net, _tax)), tax in zip(groups.items(), taxes, strict=True):
            base = round_to(net * head.rate, company.digits) if head.rate else net
            told = (head.invoiced_on, SALES, code, rate, sign * base, sign * tax, sign < 0)
            yield _Part(*told, SourceKind.INVOICE, key)


def _billed(session: Session, first: date | None, last: date | None, booked: Booked) -> Iterator[_Part]:
    bills, lines = table_of(SupplierBill), table_of(SupplierBillLine)
    company = the_company(session)
    where = [bills.c.state == "posted", *_span(_heads.c.posted_on, first, last)]
    entry_of = sa.and_(_heads.c.source == SourceKind.SUPPLIER_BILL, _heads.c.source_id == bills.c.id)
    heads = {row.id: row for row in session.execute(
        sa.select(bills.c.id, bills.c.kind, _heads.c.posted_on, bills.c.rate).join(_heads, entry_of).where(*where)
    )}  # fmt: skip
    query = (
        sa.select(
            lines.c.bill_id.label("document"),
            lines.c.tax_code,
            lines.c.tax_rate,
            sa.literal("").label("tax_parts"),
            lines.c.cost.label("net"),
            lines.c.tax,
        )
        .join(bills, bills.c.id == lines.c.bill_id)
        .join(_heads, entry_of)
        .where(*where)
    )
    for key, groups in _groups(session.execute(query).all()).items():
        head = heads[key]
        sign = 1 if head.kind == "bill" else -1
        entry = booked.get((AccountRole.INPUT_TAX, SourceKind.SUPPLIER_BILL, key))
        taxes = [tax for _net, tax in groups.values()]
        if entry is not None and head.rate != 1:
            taxes = split(sign * entry[1], taxes, company.digits)
        if entry is not None:
            entry[1] -= sign * sum(taxes, ZERO)
        for ((code, rate), (net, _tax)), tax in zip(groups.items(), taxes, strict=True):
            told = (head.posted_on, PURCHASES, code, rate, sign * net, sign * tax, sign < 0)
            yield _Part(*told, SourceKind.SUPPLIER_BILL, key)


def _adjusted(session: Session, first: date | None, last: date | None, booked: Booked) -> Iterator[_Part]:
    """Discounts and write-offs that lower the tax due, shared over the codes of the invoice they belong to."""
    changes = table_of(ReceivableAdjustment)
    company = the_company(session)
    mine = {key: entry for (role, source, key), entry in booked.items()
            if role is AccountRole.TAX and source is SourceKind.RECEIVABLE_ADJUSTMENT}  # fmt: skip
    rows = [row for part in in_parts(mine) for row in session.execute(sa.select(changes).where(changes.c.id.in_(part)))]
    lines = table_of(InvoiceLine)
    groups: dict[int, dict[Group, list[Decimal]]] = {}
    for part in in_parts({row.invoice_id for row in rows if row.invoice_id is not None}):
        query = sa.select(
            lines.c.invoice_id.label("document"),
            lines.c.tax_code,
            lines.c.tax_rate,
            lines.c.tax_parts,
            lines.c.net,
            lines.c.tax,
        ).where(lines.c.invoice_id.in_(part))
        groups |= _groups(session.execute(query).all())
    for row in rows:
        entry = mine[row.id]
        net = row.amount - row.tax
        if row.rate:
            net = round_to(net * row.rate, company.digits)
        told = {group: sums for group, sums in groups.get(row.invoice_id, {}).items() if sums[1]} or {
            ("–", ZERO): [ZERO, ONE]
        }
        taxes = split(entry[1], [tax for _net, tax in told.values()], company.digits)
        nets = split(net, [tax for _net, tax in told.values()], company.digits)
        entry[1] = ZERO
        for (code, rate), base, tax in zip(told, nets, taxes, strict=True):
            of_row = (row.adjusted_on, SALES, code, rate, -base, -tax, True)
            yield _Part(*of_row, SourceKind.RECEIVABLE_ADJUSTMENT, row.id)
