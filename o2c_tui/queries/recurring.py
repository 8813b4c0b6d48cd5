"""Plans of recurring invoices: what each bills whom, when next, and whether it goes on.

Rule: docs/rules/invoices.md, "Recurring invoices".
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.errors import TradeError
from o2c_tui.models.company import Company
from o2c_tui.models.item import Item
from o2c_tui.models.party import Party
from o2c_tui.models.recurring import Every, RecurringInvoice, RecurringLine
from o2c_tui.money import Rounding, digits_of, round_to
from o2c_tui.queries.exchange import currency_on
from o2c_tui.queries.lookups import the_company
from o2c_tui.rules.exchange import Currency
from o2c_tui.rules.pricing import HUNDRED, LineInput, line_amount
from o2c_tui.texts import N_

ZERO = Decimal(0)
DUE, ACTIVE, PAUSED, ENDED = "due", "active", "paused", "ended"
STATES = {DUE: N_("DUE"), ACTIVE: N_("ACTIVE"), PAUSED: N_("PAUSED"), ENDED: N_("ENDED")}


@dataclass(frozen=True)
class Plan:
    """One plan; `net` is what its lines come to before tax, by the items' prices of today where it has none."""

    id: int
    code: str
    customer: str  # code
    name: str
    currency: str
    every: Every
    times: int
    starts_on: date
    next_on: date
    until_on: date | None
    last_on: date | None
    net: Decimal
    state: str


def state_of(plan: RecurringInvoice, on: date) -> str:
    """Whether a plan is due on a day, goes on later, is paused, or has ended."""
    if plan.until_on is not None and (plan.next_on > plan.until_on or (not plan.active and plan.until_on < on)):
        return ENDED
    if not plan.active:
        return PAUSED
    return DUE if plan.next_on <= on else ACTIVE


def plans(session: Session, *, on: date) -> list[Plan]:
    """Every plan, those that are due first, then by their next day; those that ended last."""
    company = the_company(session)
    nets = _nets(session, company, on)
    query = sa.select(RecurringInvoice, col(Party.code), col(Party.name), col(Party.currency)).join(
        Party, col(Party.id) == col(RecurringInvoice.customer_id)
    )
    found = [
        Plan(
            plan.id,
            plan.code,
            code,
            name,
            currency or company.currency,
            plan.every,
            plan.times,
            plan.starts_on,
            plan.next_on,
            plan.until_on,
            plan.last_on,
            nets.get(plan.id, ZERO),
            state_of(plan, on),
        )
        for plan, code, name, currency in session.execute(query)
    ]
    order = list(STATES)
    return sorted(found, key=lambda plan: (order.index(plan.state), plan.next_on, plan.code))


def _nets(session: Session, company: Company, on: date) -> dict[int, Decimal]:
    """What the lines of each plan come to in its customer's currency, the plan's discount taken off."""
    rounding = Rounding(company.rounding)
    query = (
        sa.select(
            col(RecurringLine.recurring_id),
            col(RecurringLine.quantity),
            col(RecurringLine.unit_price),
            col(Item.sale_price),
            col(RecurringLine.discount_percent),
            col(RecurringInvoice.discount_percent),
            col(Party.currency),
        )
        .join(RecurringInvoice, col(RecurringInvoice.id) == col(RecurringLine.recurring_id))
        .join(Party, col(Party.id) == col(RecurringInvoice.customer_id))
        .outerjoin(Item, col(Item.id) == col(RecurringLine.item_id))
    )
    known: dict[str, Currency] = {}
    nets: dict[int, Decimal] = {}
    for key, quantity, own, usual, percent, whole, currency in session.execute(query):
        code = currency or company.currency
        if code not in known:
            known[code] = _currency(session, company, code, on)
        money = known[code]
        price = own if own is not None else money.price(usual or ZERO)
        amount = line_amount(LineInput(quantity, price, percent), money.digits, rounding)
        nets[key] = nets.get(key, ZERO) + round_to(amount * (HUNDRED - whole) / HUNDRED, money.digits, rounding)
    return nets


def _currency(session: Session, company: Company, code: str, on: date) -> Currency:
    try:
        return currency_on(session, company, code, on)
    except TradeError:  # it has no rate yet: prices are taken as they are
        return Currency(code, digits_of(code), ZERO, company.digits)


def is_taken(session: Session, code: str) -> bool:
    """Whether a plan has this code."""
    query = sa.select(col(RecurringInvoice.id)).where(col(RecurringInvoice.code) == code.strip().upper())
    return session.execute(query).first() is not None


def free_code(session: Session, code: str) -> str:
    """A code for a plan: this one, with a number where a plan has it already."""
    wanted, n = code, 1
    while is_taken(session, wanted):
        n += 1
        wanted = f"{code}-{n}"
    return wanted
