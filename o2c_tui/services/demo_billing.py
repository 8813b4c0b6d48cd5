"""The demo company billing by month and again and again: a customer with one invoice a month, and a plan of care.

As much of it at any size. What the newest month that is over brought is left to be billed, and the plan's last day to be
written: both stand on Home. All of it is made up.
"""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from o2c_tui.models.recurring import Every
from o2c_tui.rules.rhythm import day_of, month_over
from o2c_tui.services.collective import invoice_period
from o2c_tui.services.demo_money import World
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.ordering import confirm_order, save_order
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.recurring import RecurringSetup, save_recurring, write_due
from o2c_tui.services.shipping import ship_order

D = Decimal
CUSTOMER, PLAN = "MONTHLY", "CARE"
_SINCE = timedelta(days=120)
_EVERY = timedelta(days=16)


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(9, 0), UTC)


def plan_billing(world: World, first: date, today: date) -> None:
    """Deliver to a customer every few weeks and bill it a month at a time; write a plan's invoice each month."""
    start = max(first, today - _SINCE)
    world.at(start, lambda on: _set_up(world, on))
    day = begins = start + timedelta(days=12)
    while day < today:
        world.at(day, lambda on: _deliver(world, on))
        day += _EVERY
    last = month_over(today)
    over = month_over(begins.replace(day=28) + timedelta(days=4))  # the end of the month it begins in
    while over < last:
        world.at(over + timedelta(days=1), lambda on, until=over: _bill(world, on, until))  # type: ignore[misc]
        over = month_over(over + timedelta(days=32))
    n = 1
    while day_of(start, Every.MONTH, 1, n + 1) <= today:  # the newest is left to be written
        world.at(day_of(start, Every.MONTH, 1, n), lambda on: _write(world, on))
        n += 1


def _set_up(world: World, day: date) -> int:
    setup = PartySetup(
        CUSTOMER, "Monthly Works (made up)", bill_to="Example Yard 12\nDemo Town", country="Demo", monthly_invoice=True
    )
    world.do(save_party, setup, today=day)
    care = LineDraft("", D(1), D("85.00"), description="Care of the machines")
    plan = RecurringSetup(PLAN, CUSTOMER, (care,), day_of(day, Every.MONTH, 1, 1), note="As agreed by telephone")
    world.do(save_recurring, plan, today=day)
    return 0


def _deliver(world: World, day: date) -> int:
    draft = DocumentDraft(CUSTOMER, (LineDraft("FREIGHT", D(3)),), dated_on=day, customer_reference=f"Tour {day:%d-%m}")
    order = world.do(confirm_order, world.do(save_order, draft, today=day).id, today=day)
    world.do(ship_order, order.order_id, today=day)
    return 2


def _bill(world: World, day: date, until: date) -> int:
    return len(world.do(invoice_period, CUSTOMER, until=until, today=day, now=_moment(day)))


def _write(world: World, day: date) -> int:
    return len(world.do(write_due, codes=[PLAN], post=True, today=day, now=_moment(day)))
