"""A month's end: what is still to do before its books are closed, found in the books or ticked off by hand.

Rule: docs/rules/closing.md, "The end of a month".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.models.bank import BankLine, BankLineState
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.closing import ClosingKind, MonthTask
from o2c_tui.models.delivery import Delivery, DeliveryState
from o2c_tui.models.invoice import Invoice, InvoiceState
from o2c_tui.models.purchase import BillState, SupplierBill
from o2c_tui.models.receipt import GoodsReceipt, ReceiptKind, ReceiptState
from o2c_tui.models.receivable import ReceivableItem
from o2c_tui.models.reminder import ReminderLine
from o2c_tui.models.trade import Progress
from o2c_tui.queries.closing import closings, span_of
from o2c_tui.queries.exchange import about
from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.reconcile import RECONCILED, reconcile
from o2c_tui.texts import N_

ZERO = Decimal(0)
TASKS: Mapping[str, str] = {  # points that a person ticks off
    "stock": N_("Stock counted"),
    "bank": N_("Bank balance compared"),
    "tax": N_("Tax report drawn up"),
    "verify": N_("Books verified"),
    "backup": N_("Backup made"),
    "review": N_("Trial balance looked through"),
}


@dataclass(frozen=True)
class Point:
    """One point of a month: done or not, how many things are left and what they come to, and where they are.

    `leads` is a place, `list:filter` or a report's name with what it is asked; `by_hand` points are ticked off.
    """

    code: str
    words: str  # marked
    done: bool
    count: int = 0
    amount: Decimal = ZERO
    place: str = ""
    view: str = ""  # the filter of a list
    report: str = ""
    by: str = ""  # by which a report is told
    by_hand: bool = False
    done_on: date | None = None
    who: str = ""
    note: str = ""
    must: bool = True  # false: may well stay open


@dataclass(frozen=True)
class MonthEnd:
    """A month with its points, until when the books are locked, and whether it is closed."""

    month: str
    first: date
    last: date
    points: tuple[Point, ...]
    locked_until: date | None
    closed_until: date | None
    closed: bool

    @property
    def left(self) -> int:
        """How many points are open."""
        return sum(not point.done for point in self.points)


def month_end(session: Session, day: date) -> MonthEnd:
    """The month that a day lies in."""
    first, last = span_of(ClosingKind.MONTH, day)
    company = the_company(session)
    month = f"{first:%Y-%m}"
    ticked = {task.code: task for task in session.exec(select(MonthTask).where(MonthTask.month == month))}
    points = [*_found(session, last)]
    for code, words in TASKS.items():
        task = ticked.get(code)
        done_on = task.done_on if task is not None else None
        points.append(
            Point(
                code,
                words,
                done_on is not None,
                place=_HANDS.get(code, ("", ""))[0],
                report=_HANDS.get(code, ("", ""))[1],
                by_hand=True,
                done_on=done_on,
                who=task.by if task is not None else "",
                note=task.note if task is not None else "",
            )
        )
    closed = any(
        drawn.holds and drawn.kind is not ClosingKind.DAY and drawn.from_on <= first and last <= drawn.to_on
        for drawn in closings(session)
    )
    return MonthEnd(month, first, last, tuple(points), company.locked_until, company.soft_locked_until, closed)


_HANDS = {
    "stock": ("stocktakes", ""),
    "bank": ("bank", ""),
    "tax": ("", "tax"),
    "review": ("", "trial-balance"),
}


def _found(session: Session, last: date) -> list[Point]:
    """The points that the books themselves tell."""
    return [*(_point(session, wanted) for wanted in _wanted(last)), *_agreements(session, last)]


@dataclass(frozen=True)
class _Wanted:
    """A point that is done once nothing is left of some rows; where they are looked at."""

    code: str
    words: str
    amount: Any
    where: tuple[Any, ...]
    place: str
    view: str = ""


_NOTHING = sa.literal(0, AMOUNT)
_WAITING = (DeliveryState.DRAFT, DeliveryState.PICKED, DeliveryState.PACKED)


def _wanted(last: date) -> tuple[_Wanted, ...]:
    """Documents of the month (or of one before) with which something is still to be done."""
    reminded = sa.select(col(ReminderLine.item_id))
    billed, received = col(SupplierBill.billed_on) <= last, col(GoodsReceipt.received_on) <= last
    left, dated = col(Delivery.shipped_on) <= last, col(ReceivableItem.dated_on) <= last
    return (
        _Wanted(
            "drafts",
            N_("Draft invoices"),
            about(col(Invoice.gross), col(Invoice.rate)),
            (col(Invoice.state) == InvoiceState.DRAFT, col(Invoice.invoiced_on) <= last),
            "invoices",
            "is:draft",
        ),
        _Wanted(
            "bills",
            N_("Draft supplier bills"),
            about(col(SupplierBill.gross), col(SupplierBill.rate)),
            (col(SupplierBill.state) == BillState.DRAFT, billed),
            "bills",
            "is:draft",
        ),
        _Wanted(
            "leaving",
            N_("Deliveries that did not leave"),
            _NOTHING,
            (col(Delivery.state).in_(_WAITING), left),
            "deliveries",
            "is:draft",
        ),
        _Wanted(
            "unbilled",
            N_("Deliveries not invoiced"),
            _NOTHING,
            (col(Delivery.state) == DeliveryState.SHIPPED, col(Delivery.billing) != Progress.FULLY, left),
            "deliveries",
            "status:open",
        ),
        _Wanted(
            "receipts",
            N_("Goods receipts not billed"),
            GoodsReceipt.value,
            (
                col(GoodsReceipt.state) == ReceiptState.RECEIVED,
                col(GoodsReceipt.kind) == ReceiptKind.PURCHASE,
                col(GoodsReceipt.billing) != Progress.FULLY,
                received,
            ),
            "receipts",
        ),
        _Wanted(
            "lines",
            N_("Bank lines without a match"),
            _NOTHING,
            (col(BankLine.state) == BankLineState.OPEN, col(BankLine.booked_on) <= last),
            "bank",
        ),
        _Wanted(
            "reminders",
            N_("Late and never reminded"),
            ReceivableItem.base_open,
            (
                col(ReceivableItem.open) > 0,
                col(ReceivableItem.due_on) < last,
                dated,
                col(ReceivableItem.id).not_in(reminded),
            ),
            "reminders",
        ),
        _Wanted(
            "credits",
            N_("Credits set against nothing"),
            ReceivableItem.base_open,
            (col(ReceivableItem.open) < 0, dated),
            "receivables",
        ),
    )


def _point(session: Session, wanted: _Wanted) -> Point:
    query = sa.select(sa.func.count(), sa.func.sum(wanted.amount, type_=AMOUNT)).where(*wanted.where)
    count, amount = session.execute(query).one()
    return Point(wanted.code, wanted.words, not count, count, amount or ZERO, place=wanted.place, view=wanted.view)


def _agreements(session: Session, last: date) -> list[Point]:
    """Whether each account that mirrors documents agrees with them."""
    points = []
    for name in RECONCILED:
        told = reconcile(session, name, last)
        points.append(
            Point(
                f"agree_{name}",
                _AGREE[name],
                told.agrees,
                0 if told.agrees else 1,
                told.account - told.rows,
                report="reconciliation",
                by=name,
            )
        )
    return points


_AGREE = {
    "receivables": N_("Receivables = open items"),
    "payables": N_("Payables = supplier bills"),
    "inventory": N_("Inventory = cost layers"),
    "received": N_("Received, not billed = receipts"),
    "deposits": N_("Deposits = not yet taken off"),
}
