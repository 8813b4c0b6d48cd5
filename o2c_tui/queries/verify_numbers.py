"""What verify proves of numbers: each series counts without gap, and its dates do not fall.

Rule: docs/rules/verify.md.
"""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, select

from o2c_tui.models.company import DATED, NumberSeries
from o2c_tui.models.delivery import CustomerReturn, Delivery
from o2c_tui.models.invoice import Invoice
from o2c_tui.models.order import SalesOrder
from o2c_tui.models.quotation import Quotation
from o2c_tui.models.receipt import GoodsReceipt
from o2c_tui.models.receivable import Payment
from o2c_tui.models.receivable_adjustment import ReceivableAdjustment
from o2c_tui.models.reminder import Reminder
from o2c_tui.models.warehouse import StockAdjustment, Stocktake, StockTransfer
from o2c_tui.models.words import ROW_WORDS
from o2c_tui.queries.checking import Found, breach
from o2c_tui.queries.verify_purchases import PURCHASE_SERIES
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

_SERIES: dict[str, tuple[type[SQLModel], str, Callable[[sa.Table], Any] | None]] = {
    "quotation": (Quotation, "quoted_on", None),
    "sales_order": (SalesOrder, "ordered_on", None),
    "delivery": (Delivery, "shipped_on", None),
    "customer_return": (CustomerReturn, "returned_on", None),
    "goods_receipt": (GoodsReceipt, "received_on", None),
    "invoice": (Invoice, "invoiced_on", lambda t: t.c.kind != "credit_note"),
    "credit_note": (Invoice, "invoiced_on", lambda t: t.c.kind == "credit_note"),
    "payment": (Payment, "received_on", None),
    "receivable_adjustment": (ReceivableAdjustment, "adjusted_on", None),
    "reminder": (Reminder, "reminded_on", None),
    **PURCHASE_SERIES,
    "stock_transfer": (StockTransfer, "dispatched_on", None),
    "stocktake": (Stocktake, "counted_on", None),
    "stock_adjustment": (StockAdjustment, "adjusted_on", None),
}


def _some(numbers: Sequence[int]) -> str:
    """The first of some numbers; a dash for none."""
    return ", ".join(str(n) for n in numbers[:5]) or "–"


def numbers_gapless(session: Session) -> Found:
    """Each series counts 1 to n without gap or double, and where it must, its dates never fall."""
    for series in session.exec(select(NumberSeries)):
        model, day, only = _SERIES[series.kind]
        table = table_of(model)
        query = sa.select(table.c.number, table.c[day]).where(table.c.number.is_not(None))
        if only is not None:
            query = query.where(only(table))
        if series.kind == "quotation":
            query = query.where(table.c.revision == 1)
        head = series.pattern.split("{n")[0].format(yy=f"{series.year % 100:02}", yyyy=series.year)
        tail = (
            series.pattern.partition("{n")[2].partition("}")[2].format(yy=f"{series.year % 100:02}", yyyy=series.year)
        )
        numbers = {}
        for number, on in session.execute(query.where(table.c.number.startswith(head, autoescape=True))):
            digits = number[len(head) : len(number) - len(tail)]
            if digits.isdigit() and on.year == series.year:
                numbers[int(digits)] = on
        told = {"series_word": ROW_WORDS.get(series.kind, series.kind), "year": str(series.year)}
        missing = [n for n in range(1, series.next) if n not in numbers]
        beyond = [n for n in numbers if n >= series.next]
        if missing or beyond:
            yield breach(
                N_("{series_word} {year}: next is {next}, missing {missing}, beyond {beyond}"),
                **told,
                next=str(series.next),
                missing=_some(missing),
                beyond=_some(beyond),
            )
        latest = max(numbers.values()).isoformat() if numbers else ""
        if latest != series.last_on:
            yield breach(
                N_("{series_word} {year}: last dated {day}, its documents tell {told}"),
                **told,
                day=series.last_on or "–",
                told=latest or "–",
            )
        if series.dates_may_fall != (series.kind not in DATED):
            yield breach(N_("{series_word} {year}: whether its dates may fall was changed, which no verb does"), **told)
        if not series.dates_may_fall:
            days = [numbers[n] for n in sorted(numbers)]
            falls = [n for n, (a, b) in enumerate(zip(days, days[1:], strict=False), 2) if b < a]
            if falls:
                yield breach(N_("{series_word} {year}: dates fall at number {numbers}"), **told, numbers=_some(falls))
