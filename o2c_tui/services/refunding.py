"""Money given back out of credit that is not used.

Rule: docs/rules/settling.md, "Refunds".
"""

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, MissingValueError, OverAllocationError
from o2c_tui.models.receivable import Allocation, Payment, ReceivableItem
from o2c_tui.money import MOST_AMOUNT, Rounding, is_figure
from o2c_tui.queries.exchange import currency_on
from o2c_tui.queries.lookups import party_by_code, the_company
from o2c_tui.rules.exchange import in_base
from o2c_tui.services.allocating import allocate
from o2c_tui.services.paying import Paid, money_account, post_money
from o2c_tui.services.rights import require_office
from o2c_tui.services.support import own
from o2c_tui.storage.chain import record
from o2c_tui.texts import N_

ZERO = Decimal(0)


def refund(
    session: Session,
    customer: str,
    amount: Decimal | None = None,
    *,
    payment_id: int | None = None,
    credit_note_id: int | None = None,
    currency: str = "",
    rate: Decimal | None = None,
    account: str = "",
    reference: str = "",
    note: str = "",
    on: date | None = None,
    by: str,
    today: date,
    now: datetime,
) -> Paid:
    """Give a customer money back out of credit that is not used: of one payment or credit note, else the oldest first.

    Without an `amount` all that is not used; in the customer's currency, at the rate of the day, unless said otherwise.

    Raises:
        OverAllocationError: more than is not used on the day. BadValueError: no positive amount.
        NotAllowedError: this person may not. UnknownCodeError: customer or account.
    """
    require_office(session, by, N_("pay money back"))
    company, party, day = the_company(session), party_by_code(session, customer), on or today
    money = currency_on(session, company, currency.strip().upper() or party.currency, day, rate)
    if amount is not None and (not amount or not is_figure(amount, money.digits, MOST_AMOUNT)):
        raise BadValueError(N_("The amount must be more than 0 and at most {most}."), field="amount", most=MOST_AMOUNT)
    code = money.code if money.is_foreign else ""
    parts = _unused(session, party.id, code, amount, day, payment_id, credit_note_id)
    amount = sum(parts.values(), ZERO)
    worth = in_base(amount, money.rate, company.digits, Rounding(company.rounding))
    back = Payment(
        customer_id=party.id,
        received_on=day,
        amount=-amount,
        currency=money.code,
        digits=money.digits,
        rate=money.rate,
        account_id=money_account(session, account, code),
        reference=reference.strip(),
        note=note.strip(),
        by=by,
        posted_at=now,
    )
    own(session, back)
    item_id, facts = post_money(session, back, -worth)
    for key, part in parts.items():
        facts += allocate(session, key, {item_id: part}, day)
    session.flush()
    record(session, "refund", back, by=by, facts=facts)
    return Paid(back.id, back.label, back.amount, ZERO, ZERO)


def _unused(
    session: Session,
    customer_id: int,
    currency: str,
    amount: Decimal | None,
    on: date,
    payment_id: int | None,
    credit_note_id: int | None,
) -> dict[int, Decimal]:
    """Parts of the credits that an amount is paid back from, the oldest first.

    Raises:
        OverAllocationError: they hold less. MissingValueError: they hold nothing.
    """
    undone = sa.exists().where(
        col(Allocation.credit_id) == col(ReceivableItem.id),
        col(Allocation.amount) < 0,
        col(Allocation.allocated_on) > on,
    )
    query = select(ReceivableItem).where(
        ReceivableItem.customer_id == customer_id,
        ReceivableItem.currency == currency,
        ReceivableItem.open < 0,
        ReceivableItem.dated_on <= on,
        col(ReceivableItem.adjustment_id).is_(None),  # what was written off is nobody's money
        ~undone,
    )
    if payment_id is not None:
        query = query.where(ReceivableItem.payment_id == payment_id)
    elif credit_note_id is not None:
        query = query.where(ReceivableItem.invoice_id == credit_note_id)
    items = session.exec(query.order_by(col(ReceivableItem.dated_on), col(ReceivableItem.id))).all()
    if amount is None:
        if not items:
            raise MissingValueError(N_("There is no credit that is not used."))
        return {item.id: -item.open for item in items}
    parts, left = {}, amount
    for item in items:
        if take := min(-item.open, left):
            parts[item.id] = take
            left -= take
    if left:
        raise OverAllocationError(
            N_("{amount} cannot be paid back: the credit that is not used is {left}."),
            field="amount",
            amount=amount,
            left=amount - left,
        )
    return parts
