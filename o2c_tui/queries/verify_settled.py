"""What verify proves of settling in other currencies: each allocation told anew in its order, and what adjustments are worth.

Rule: docs/rules/currency.md, "Payments".
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.models.receivable import Allocation, ReceivableItem
from o2c_tui.models.receivable_adjustment import ReceivableAdjustment
from o2c_tui.money import share_of
from o2c_tui.queries.checking import Found, Row, breach
from o2c_tui.queries.verify_exchange import company_digits
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)


@dataclass
class _Left:
    """What is left of an item, or set of one against another: in its currency and in the company's; both positive."""

    amount: Decimal = ZERO
    worth: Decimal = ZERO

    def take(self, amount: Decimal, worth: Decimal) -> None:
        self.amount, self.worth = self.amount - amount, self.worth - worth


def settled_in_order(session: Session) -> Found:
    """Each allocation in another currency took its share of what was left on both sides when it was made, the last one all
    that was left; and one that undid another gave back what that had taken."""
    digits, rounding = company_digits(session)

    def share(of: _Left, part: Decimal) -> Decimal | None:
        return share_of(of.worth, part, of.amount, digits, rounding) if of.amount else None

    items, links = table_of(ReceivableItem), table_of(Allocation)
    query = sa.select(items.c.id, items.c.amount, items.c.base_amount).where(items.c.currency != "")
    left = {key: _Left(abs(amount), abs(base or ZERO)) for key, amount, base in session.execute(query)}
    held: dict[tuple[int, int], tuple[_Left, _Left]] = defaultdict(lambda: (_Left(), _Left()))
    for link in session.execute(sa.select(links).where(links.c.base_debit.is_not(None)).order_by(links.c.id)):
        if link.debit_id not in left or link.credit_id not in left:
            continue  # in the company's currency: another check names it
        sides = (left[link.debit_id], left[link.credit_id])
        pair = held[link.credit_id, link.debit_id]
        of, part, sign = (sides, link.amount, 1) if link.amount > ZERO else (pair, -link.amount, -1)
        stored = (link.base_debit, link.base_credit)
        for one, worth in zip(of, stored, strict=True):
            told = share(one, part)
            if told is None or sign * told != worth:
                yield breach(
                    N_("{row}: worth {worth} in the company's currency, what was left tells {told}"),
                    row=Row("payment_allocation", link.id),
                    worth=worth,
                    told="–" if told is None else sign * told,
                )
        for one, two, worth in zip(sides, pair, stored, strict=True):
            one.take(link.amount, worth)
            two.take(-link.amount, -worth)


def adjustments_worth(session: Session) -> Found:
    """An adjustment in another currency is worth what it took off the other side when it was made, an opposite what it
    takes back."""
    table, items, links = table_of(ReceivableAdjustment), table_of(ReceivableItem), table_of(Allocation)
    query = (
        sa.select(table.c.id, table.c.amount, table.c.reverses_id, items.c.id.label("item_id"), items.c.base_amount)
        .join(items, items.c.adjustment_id == table.c.id)
        .where(table.c.state == "posted", items.c.currency != "")
        .order_by(table.c.id)
    )
    rows = session.execute(query).all()
    worths = {row.id: row.base_amount for row in rows}
    first = _first_taken(session, links, {row.item_id: abs(row.amount) for row in rows}) if rows else {}
    for row in rows:
        told = first.get(row.item_id, ZERO)
        wanted = -told if row.amount > ZERO else told
        if row.reverses_id is not None:
            wanted = -worths.get(row.reverses_id, ZERO)
        if row.base_amount != wanted:
            yield breach(
                N_("{row}: worth {worth} in the company's currency, what was left tells {told}"),
                row=Row("receivable_adjustment", row.id),
                worth=row.base_amount,
                told=wanted,
            )


def _first_taken(session: Session, links: sa.Table, wanted: dict[int, Decimal]) -> dict[int, Decimal]:
    """What items took off the other side in the company's currency, as they were made: by their first allocations, up to
    the whole amount."""
    left, found = dict(wanted), dict.fromkeys(wanted, ZERO)

    def take(key: int, amount: Decimal, worth: Decimal) -> None:
        if left.get(key):
            left[key] -= amount
            found[key] += worth

    row: Any
    for row in session.execute(sa.select(links).where(links.c.base_debit.is_not(None)).order_by(links.c.id)):
        if row.amount > ZERO:
            take(row.credit_id, row.amount, row.base_debit)
            take(row.debit_id, row.amount, row.base_credit)
    return found


SETTLED_CHECKS: dict[str, Callable[[Session], Found]] = {
    N_("settled in other currencies = shares of what was left"): settled_in_order,
    N_("adjustments in other currencies = what they took off"): adjustments_worth,
}
