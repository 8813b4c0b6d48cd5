"""Scarce stock before it is shared: who waits for an item in a warehouse, what is free, and the days that follow from it.

Rule: docs/rules/stock.md, "Who waits". Quantities in stock units.
"""

import operator
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.errors import BadValueError
from o2c_tui.models.item import Item, Warehouse
from o2c_tui.models.receipt import GoodsReceipt, GoodsReceiptLine
from o2c_tui.queries.promise import promises, supplies
from o2c_tui.queries.waiting import Waiting, item_words, waiting_lines
from o2c_tui.rules.filters import Term, days_of, parse_filter
from o2c_tui.rules.initials import initials
from o2c_tui.rules.promising import expected_days
from o2c_tui.rules.sharing import fairly, in_turn
from o2c_tui.storage.rows import rows_of
from o2c_tui.texts import N_

ZERO = Decimal(0)


@dataclass(frozen=True)
class ShortItem:
    """One item in one warehouse with the lines that wait for it, in their turn."""

    item_id: int
    code: str
    name: str
    unit: str
    warehouse: str
    free: Decimal
    whole: bool  # shared in whole units only
    lines: tuple[Waiting, ...]  # those that may be given something
    queue: tuple[Waiting, ...]  # these, and those of held orders, in their turn
    supply: tuple[tuple[date, Decimal], ...]  # what is free today, and what comes when

    def proposed(self, *, fair: bool) -> list[Decimal]:
        """What each of `lines` would get: in turn, or each the same part of what it lacks."""
        wants = [line.waiting for line in self.lines]
        return shares_of(self.free, wants, whole=self.whole, fair=fair)

    def expected(self, shares: Sequence[Decimal]) -> list[date | None]:
        """The day on which each of `lines` has all it waits for, once so much of it is set aside."""
        given = {line.line_id: share for line, share in zip(self.lines, shares, strict=True)}
        wants = [line.waiting - given.get(line.line_id, ZERO) for line in self.queue]
        rest = max(self.free - sum(shares, ZERO), ZERO)
        (today, _free), *coming = self.supply
        days = expected_days(wants, [(today, rest), *coming])
        told = {line.line_id: day for line, day in zip(self.queue, days, strict=True)}
        return [told[line.line_id] for line in self.lines]


def shares_of(free: Decimal, wants: Sequence[Decimal], *, whole: bool, fair: bool) -> list[Decimal]:
    """What is free, shared in turn or fairly; `whole` gives no fractions."""
    return fairly(free, wants, step=Decimal(1) if whole else Decimal("0.000001")) if fair else in_turn(free, wants)


def short_items(
    session: Session, *, today: date, item_ids: Sequence[int] | None = None, warehouse_id: int | None = None
) -> list[ShortItem]:
    """Items that are waited for, by code and warehouse, each with its queue and what is free and coming."""
    queue = waiting_lines(session, item_ids=item_ids, warehouse_id=warehouse_id, on_hold=True)
    if item_ids is not None:
        queue = [line for line in queue if line.item_id in set(item_ids)]
    if not queue:
        return []
    free_to_take = {
        (line.line_id, line.item_id) for line in waiting_lines(session, item_ids=item_ids, warehouse_id=warehouse_id)
    }
    supply = supplies(session, queue, today)
    keys = sorted({line.item_id for line in queue})
    items = {item.id: item for item in session.execute(
        sa.select(col(Item.id), col(Item.code), col(Item.name), col(Item.unit), col(Item.whole_units)).where(col(Item.id).in_(keys))
    )}  # fmt: skip
    places = dict(session.execute(sa.select(col(Warehouse.id), col(Warehouse.code))).all())
    found = []
    for item_id, place in dict.fromkeys((line.item_id, line.warehouse_id) for line in queue):
        all_of_it = tuple(line for line in queue if (line.item_id, line.warehouse_id) == (item_id, place))
        lines = tuple(line for line in all_of_it if (line.line_id, line.item_id) in free_to_take)
        item = items[item_id]
        whole = item.whole_units or all(line.waiting == line.waiting.to_integral_value() for line in lines)
        found.append(
            ShortItem(
                item_id, item.code, item.name, item.unit, places[place], supply[item_id, place][0][1], whole, lines,
                all_of_it, tuple(supply[item_id, place]),
            )
        )  # fmt: skip
    return sorted(found, key=lambda short: (short.code, short.warehouse))


@dataclass(frozen=True)
class BackOrder:
    """One line that waits, as the list of back-orders shows it."""

    order_id: int
    line_id: int
    number: str
    customer: str
    item_id: int
    item: str
    name: str
    warehouse_id: int
    warehouse: str
    waiting: Decimal
    free: Decimal
    priority: int
    promised_on: date | None
    expected_on: date | None
    late: bool


def back_orders(session: Session, *, today: date) -> list[BackOrder]:
    """Every line that waits for stock, in the order in which it is served, with the day its goods can be there."""
    told = promises(session, today)
    names = item_words(session, [promise.line.item_id for promise in told])
    places = dict(session.execute(sa.select(col(Warehouse.id), col(Warehouse.code))).all())
    return [
        BackOrder(
            p.line.order_id,
            p.line.line_id,
            p.line.number,
            p.line.customer,
            p.line.item_id,
            *names[p.line.item_id],
            p.line.warehouse_id,
            places[p.line.warehouse_id],
            p.line.waiting,
            p.line.available,
            p.line.priority,
            p.line.promised_on,
            p.expected_on,
            p.late,
        )
        for p in told
    ]


def fitting(rows: Sequence[BackOrder], text: str, *, today: date) -> list[BackOrder]:
    """The back-orders that a filter line leaves: words, cust: item: is:late is:free due<7d; see rules/filters.py.

    Raises:
        BadValueError: a word that these rows cannot be filtered by.
    """
    terms = parse_filter(text)
    tests = [(_test(term, today), term.excluded) for term in terms]
    return [row for row in rows if all(test(row) != excluded for test, excluded in tests)]


def _test(term: Term, today: date) -> Callable[[BackOrder], bool]:
    """What one word of the filter asks of a back-order."""
    word = term.value.casefold()
    looked_in: dict[str, Callable[[BackOrder], str]] = {
        "": lambda r: " ".join((r.number, r.warehouse, _names(r.customer), r.item, _names(r.name))),
        "cust": lambda r: _names(r.customer),
        "item": lambda r: f"{r.item} {_names(r.name)}",
    }
    if term.key in looked_in:
        told = looked_in[term.key]
        return lambda r: word in told(r).casefold()
    if term.key in ("is", "status") and word in ("late", "free"):
        return (lambda r: r.late) if word == "late" else (lambda r: r.free > ZERO)
    if term.key in ("is", "status"):
        raise BadValueError(
            N_("'{word}' is no status of this list. There are: {words}."),
            field="filter",
            word=term.text,
            words="late, free",
        )
    if term.key == "due":
        until = today + timedelta(days=days_of(term))
        compare = {
            "<": operator.lt,
            "<=": operator.le,
            ":": operator.le,
            "=": operator.eq,
            ">": operator.gt,
            ">=": operator.ge,
        }
        return lambda r: r.promised_on is not None and bool(compare[term.op](r.promised_on, until))
    raise BadValueError(N_("This list has nothing to filter by '{word}'."), field="filter", word=term.text)


def _names(name: str) -> str:
    """A name with what else it is found by."""
    return f"{unicodedata.normalize('NFKC', name)} {initials(name)}"


def waits_for_receipt(session: Session, receipt_id: int, *, today: date) -> list[ShortItem]:
    """Who waits for the goods of a receipt, where some of them are free."""
    receipt = session.get(GoodsReceipt, receipt_id)
    if receipt is None:
        return []
    items = sorted({row["item_id"] for row in rows_of(session, GoodsReceiptLine, "receipt_id", receipt_id)})
    found = short_items(session, today=today, item_ids=items, warehouse_id=receipt.warehouse_id)
    return [short for short in found if short.free > ZERO and short.lines]
