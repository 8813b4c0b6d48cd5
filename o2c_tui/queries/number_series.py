"""Number series: which numbers of each kind and year were given, to what, and which of them stand for nothing any more.

Rule: docs/rules/numbers.md.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from o2c_tui.models.base import AMOUNT
from o2c_tui.models.company import NumberSeries
from o2c_tui.models.delivery import CustomerReturn, Delivery
from o2c_tui.models.invoice import Invoice, InvoiceKind
from o2c_tui.models.order import SalesOrder
from o2c_tui.models.purchase import PurchaseOrder, SupplierBill, SupplierReturn
from o2c_tui.models.quotation import Quotation
from o2c_tui.models.receipt import GoodsReceipt
from o2c_tui.models.receivable import Payment
from o2c_tui.models.receivable_adjustment import ReceivableAdjustment
from o2c_tui.models.reminder import Reminder
from o2c_tui.models.warehouse import StockAdjustment, Stocktake, StockTransfer
from o2c_tui.queries.past import undone_after
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

CANCELLED, DRAFT = "cancelled", "draft"
BY_CREDIT = N_("credited in full")
BY_REVERSAL = N_("reversed")
BY_CANCELLING = N_("cancelled")


class Numbered(NamedTuple):
    """Which documents bear the numbers of a series, and the day that counts."""

    model: type[SQLModel]
    day: str
    only: Callable[[sa.Table], Any] | None = None


def _first_revision(table: sa.Table) -> Any:
    return table.c.revision == 1  # later ones bear the same number


SERIES: Mapping[str, Numbered] = {
    "quotation": Numbered(Quotation, "quoted_on", _first_revision),
    "sales_order": Numbered(SalesOrder, "ordered_on"),
    "delivery": Numbered(Delivery, "shipped_on"),
    "customer_return": Numbered(CustomerReturn, "returned_on"),
    "goods_receipt": Numbered(GoodsReceipt, "received_on"),
    "invoice": Numbered(Invoice, "invoiced_on", lambda t: t.c.kind != "credit_note"),
    "credit_note": Numbered(Invoice, "invoiced_on", lambda t: t.c.kind == "credit_note"),
    "payment": Numbered(Payment, "received_on"),
    "receivable_adjustment": Numbered(ReceivableAdjustment, "adjusted_on"),
    "reminder": Numbered(Reminder, "reminded_on"),
    "purchase_order": Numbered(PurchaseOrder, "ordered_on"),
    "supplier_bill": Numbered(SupplierBill, "billed_on"),
    "supplier_return": Numbered(SupplierReturn, "returned_on"),
    "stock_transfer": Numbered(StockTransfer, "dispatched_on"),
    "stocktake": Numbered(Stocktake, "counted_on"),
    "stock_adjustment": Numbered(StockAdjustment, "adjusted_on"),
}


def taken(session: Session, series: NumberSeries, *columns: str) -> Iterator[tuple[int, sa.Row[Any]]]:
    """The numbers of a series that documents bear, each with the day (`on`) and some `columns` of its document.

    A number that is not written as the series writes it, or is dated in another year, is none of them.
    """
    model, day, only = SERIES[series.kind]
    table = table_of(model)
    head, tail = around(series)
    query = sa.select(table.c.number, table.c[day].label("on"), *(table.c[name] for name in columns)).where(
        table.c.number.startswith(head, autoescape=True)
    )
    if only is not None:
        query = query.where(only(table))
    for row in session.execute(query):
        digits = row.number[len(head) : len(row.number) - len(tail)]
        if digits.isdigit() and row.on.year == series.year:
            yield int(digits), row


def numbered(session: Session, kind: str) -> int:
    """How many documents of a kind bear a number."""
    model, _day, only = SERIES[kind]
    table = table_of(model)
    query = sa.select(sa.func.count()).select_from(table).where(table.c.number.is_not(None))
    return int(session.execute(query if only is None else query.where(only(table))).scalar_one())


def around(series: NumberSeries) -> tuple[str, str]:
    """What stands before and after the counted part of a series' numbers."""
    start, _brace, rest = series.pattern.partition("{n")
    words = {"yy": f"{series.year % 100:02}", "yyyy": series.year}
    return start.format(**words), rest.partition("}")[2].format(**words)


@dataclass(frozen=True)
class Void:
    """A number whose document stands for nothing any more: why, since when as far as that is a day of its own, and by what."""

    kind: str  # of the series
    document_id: int
    number: str
    on: date
    why: str  # marked
    since: date | None = None
    by: str = ""  # the number of the paper that took it back


@dataclass(frozen=True)
class Proof:
    """One series of one year: from which number to which, how many, how many of them void, and which are missing."""

    kind: str
    year: int
    first: str
    last: str
    count: int
    voids: tuple[Void, ...]
    missing: tuple[int, ...]
    first_on: date
    last_on: date


def proofs(session: Session, as_of: date | None = None, first: date | None = None) -> tuple[Proof, ...]:
    """Every series by year, as far as its numbers are dated until a day; those of years before `first` left out.

    Missing are numbers below the last one that no document bears, however it is dated.
    """
    order = {kind: n for n, kind in enumerate(SERIES)}
    series = session.exec(select(NumberSeries).order_by(col(NumberSeries.year))).all()
    found = []
    for one in sorted(series, key=lambda s: (order.get(s.kind, len(order)), s.year)):
        if first is None or one.year >= first.year:
            proof = _proof(session, one, as_of)
            if proof is not None:
                found.append(proof)
    return tuple(found)


def _proof(session: Session, series: NumberSeries, as_of: date | None) -> Proof | None:
    table = table_of(SERIES[series.kind].model)
    decided = undone_after(session, table.name, as_of) if as_of is not None else {}
    has_state = "state" in table.c
    borne: set[int] = set()
    counted: dict[int, tuple[str, int, date]] = {}
    cancelled: list[int] = []
    for n, row in taken(session, series, "id", *(["state"] if has_state else [])):
        borne.add(n)
        state = decided.get((table.name, row.id, "state"), row.state) if has_state else ""
        if (as_of is not None and row.on > as_of) or state == DRAFT:
            continue  # it was not there yet
        counted[n] = (row.number, row.id, row.on)
        if state == CANCELLED:
            cancelled.append(n)
    if not counted:
        return None
    low, high = min(counted), max(counted)
    by_key = {key: (number, on) for number, key, on in counted.values()}
    voids = [Void(series.kind, counted[n][1], counted[n][0], counted[n][2], BY_CANCELLING) for n in cancelled]
    for key, by, since, why in _taken_back(session, series, as_of):
        if key in by_key:
            voids.append(Void(series.kind, key, *by_key[key], why, since, by))
    return Proof(
        series.kind,
        series.year,
        counted[low][0],
        counted[high][0],
        len(counted),
        tuple(sorted(voids, key=lambda void: (len(void.number), void.number))),
        tuple(n for n in range(1, high) if n not in borne),
        min(on for _number, _key, on in counted.values()),
        max(on for _number, _key, on in counted.values()),
    )


def _taken_back(session: Session, series: NumberSeries, as_of: date | None) -> Sequence[tuple[int, str, date, str]]:
    """Documents that another paper took back whole: key, that paper's number and day, and why."""
    if series.kind == "invoice":
        return _credited(session, series.year, as_of)
    if series.kind in ("payment", "receivable_adjustment"):
        model, day, _only = SERIES[series.kind]
        table = table_of(model)
        query = sa.select(table.c.reverses_id, table.c.number, table.c[day]).where(
            table.c.reverses_id.is_not(None), table.c.number.is_not(None)
        )
        if as_of is not None:
            query = query.where(table.c[day] <= as_of)
        return [(key, number, on, BY_REVERSAL) for key, number, on in session.execute(query)]
    return ()


def _credited(session: Session, year: int, as_of: date | None) -> list[tuple[int, str, date, str]]:
    """Invoices of a year of which credit notes took all back, with the last of these."""
    table = table_of(Invoice)
    mine = table.alias("mine")
    query = (
        sa.select(
            mine.c.id,
            sa.func.max(table.c.id),
            sa.func.sum(table.c.net, type_=AMOUNT),
            sa.func.sum(table.c.tax, type_=AMOUNT),
            mine.c.net,
            mine.c.tax,
        )
        .join(mine, mine.c.id == table.c.credits_id)
        .where(
            table.c.kind == InvoiceKind.CREDIT_NOTE,
            table.c.number.is_not(None),
            mine.c.invoiced_on >= date(year, 1, 1),
            mine.c.invoiced_on <= date(year, 12, 31),
        )
        .group_by(mine.c.id, mine.c.net, mine.c.tax)
    )
    if as_of is not None:
        query = query.where(table.c.invoiced_on <= as_of)
    last = {
        by: key for key, by, net, tax, all_net, all_tax in session.execute(query) if (net, tax) == (all_net, all_tax)
    }
    if not last:
        return []
    notes = sa.select(table.c.id, table.c.number, table.c.invoiced_on).where(table.c.id.in_(sorted(last)))
    return [(last[key], number, on, BY_CREDIT) for key, number, on in session.execute(notes)]
