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

    def counted(amount: Any, *where: Any) -> tuple[int, Decimal]:
        count, total = session.execute(
            sa.select(sa.func.count(), sa.func.sum(amount, type_=AMOUNT)).where(*where)
        ).one()
        return count, total or ZERO

    nothing = sa.literal(0, AMOUNT)
    drafts = counted(Invoice.gross, col(Invoice.state) == InvoiceState.DRAFT, col(Invoice.invoiced_on) <= last)
    bills = counted(SupplierBill.gross, col(SupplierBill.state) == BillState.DRAFT, col(SupplierBill.billed_on) <= last)
    waiting = (DeliveryState.DRAFT, DeliveryState.PICKED, DeliveryState.PACKED)
    leaving = counted(nothing, col(Delivery.state).in_(waiting), col(Delivery.shipped_on) <= last)
    unbilled = counted(
        nothing,
        col(Delivery.state) == DeliveryState.SHIPPED,
        col(Delivery.billing) != Progress.FULLY,
        col(Delivery.shipped_on) <= last,
    )
    receipts = counted(
        GoodsReceipt.value,
        col(GoodsReceipt.state) == ReceiptState.RECEIVED,
        col(GoodsReceipt.kind) == ReceiptKind.PURCHASE,
        col(GoodsReceipt.billing) != Progress.FULLY,
        col(GoodsReceipt.received_on) <= last,
    )
    bank = counted(nothing, col(BankLine.state) == BankLineState.OPEN, col(BankLine.booked_on) <= last)
    reminded = sa.select(col(ReminderLine.item_id))
    late = counted(
        ReceivableItem.open,
        col(ReceivableItem.open) > 0,
        col(ReceivableItem.due_on) < last,
        col(ReceivableItem.dated_on) <= last,
        col(ReceivableItem.id).not_in(reminded),
    )
    credits = counted(ReceivableItem.open, col(ReceivableItem.open) < 0, col(ReceivableItem.dated_on) <= last)
    points = [
        Point("drafts", N_("Draft invoices"), not drafts[0], *drafts, place="invoices", view="is:draft"),
        Point("bills", N_("Draft supplier bills"), not bills[0], *bills, place="bills", view="is:draft"),
        Point(
            "leaving",
            N_("Deliveries that did not leave"),
            not leaving[0],
            *leaving,
            place="deliveries",
            view="is:draft",
        ),
        Point(
            "unbilled",
            N_("Deliveries not invoiced"),
            not unbilled[0],
            *unbilled,
            place="deliveries",
            view="status:open",
        ),
        Point("receipts", N_("Goods receipts not billed"), not receipts[0], *receipts, place="receipts"),
        Point("lines", N_("Bank lines without a match"), not bank[0], *bank, place="bank"),
        Point("reminders", N_("Late and never reminded"), not late[0], *late, place="reminders"),
        Point("credits", N_("Credits set against nothing"), not credits[0], *credits, place="receivables"),
    ]
    for name, (_words, _role) in RECONCILED.items():
        told = reconcile(session, name, last)
        gap = told.account - told.rows
        points.append(
            Point(
                f"agree_{name}",
                _AGREE[name],
                told.agrees,
                0 if told.agrees else 1,
                gap,
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
}
