"""Settlement in other currencies: what a part takes off both sides in the company's currency, and the gain or loss.

Of two parts of one item the last takes the remaining cents; undoing is the exact opposite. Rule: docs/rules/currency.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.base import AMOUNT
from o2c_tui.models.ledger import AccountRole, SourceKind
from o2c_tui.models.receivable import Allocation, ReceivableItem
from o2c_tui.money import Rounding, share_of
from o2c_tui.queries.lookups import the_company
from o2c_tui.services.posting import Facts, ForeignLeg, post_journal

ZERO = Decimal(0)


@dataclass(frozen=True)
class Part:
    """A part of an item set against another: the amount, and what it takes off each side in the company's currency."""

    amount: Decimal
    debit: Decimal
    credit: Decimal


def parts_in_base(
    session: Session, credit: ReceivableItem, debits: Mapping[int, ReceivableItem], parts: Mapping[int, Decimal]
) -> dict[int, Part]:
    """What the `parts` of a credit by debit id (negative: undone) take off both sides in the company's currency.

    Asked before what is open is written. In the company's own currency all three figures are the amount.
    """
    if not credit.currency:
        return {key: Part(part, part, part) for key, part in parts.items()}
    company = the_company(session)
    rounding = Rounding(company.rounding)
    held = _held(session, credit.id, [key for key, part in parts.items() if part < ZERO])
    left, worth = -credit.open, -credit.base_open
    found: dict[int, Part] = {}
    for key, part in sorted(parts.items()):
        if part > ZERO:
            debit = debits[key]
            on_debit = share_of(debit.base_open, part, debit.open, company.digits, rounding)
            on_credit = share_of(worth, part, left, company.digits, rounding)
        else:
            was = held[key]
            on_debit = -share_of(was.debit, -part, was.amount, company.digits, rounding)
            on_credit = -share_of(was.credit, -part, was.amount, company.digits, rounding)
        left, worth = left - part, worth - on_credit
        found[key] = Part(part, on_debit, on_credit)
    return found


def _held(session: Session, credit_id: int, debit_ids: Sequence[int]) -> dict[int, Part]:
    """What of a credit is set against some debits now."""
    if not debit_ids:
        return {}
    query = (
        sa.select(
            col(Allocation.debit_id),
            sa.func.sum(col(Allocation.amount), type_=AMOUNT),
            sa.func.sum(col(Allocation.base_debit), type_=AMOUNT),
            sa.func.sum(col(Allocation.base_credit), type_=AMOUNT),
        )
        .where(col(Allocation.credit_id) == credit_id, col(Allocation.debit_id).in_(debit_ids))
        .group_by(col(Allocation.debit_id))
    )
    return {key: Part(*sums) for key, *sums in session.execute(query)}


def source_of(item: ReceivableItem) -> tuple[SourceKind, int]:
    """The document behind an open item, as the ledger names it."""
    if item.payment_id is not None:
        return SourceKind.PAYMENT, item.payment_id
    if item.invoice_id is not None:
        return SourceKind.INVOICE, item.invoice_id
    assert item.adjustment_id is not None
    return SourceKind.RECEIVABLE_ADJUSTMENT, item.adjustment_id


def post_exchange(session: Session, credit: ReceivableItem, parts: Sequence[Part], on: date) -> Facts:
    """Post what settling in another currency gained or lost: the credit was worth more, or less, than what it paid.

    On the day of the allocation, under the document of the credit; nothing in the company's own currency.
    """
    gain = sum((part.credit - part.debit for part in parts), ZERO)
    if not gain:
        return []
    source, key = source_of(credit)
    legs = [
        ForeignLeg(AccountRole.RECEIVABLE, credit.customer_id, gain, credit.currency, ZERO),
        ForeignLeg(AccountRole.EXCHANGE, None, -gain, credit.currency, ZERO),
    ]
    return post_journal(session, source, key, on, legs)
