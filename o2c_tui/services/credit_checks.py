"""The credit limit and customer holds, checked wherever a customer's debt would rise.

Rule: docs/rules/credit.md.
"""

from datetime import date
from decimal import Decimal

from sqlmodel import Session

from o2c_tui.errors import CreditLimitError, CustomerHoldError
from o2c_tui.models.party import CreditMode, Party
from o2c_tui.money import show_money
from o2c_tui.queries.exposure import exposure_of
from o2c_tui.queries.lookups import the_company
from o2c_tui.services.support import warn
from o2c_tui.texts import N_


def check_credit(session: Session, customer: Party, rise: Decimal) -> Decimal:
    """Refuse or warn where the customer would owe more than the limit; returns what would be owed.

    Raises:
        CreditLimitError: the customer's mode is to refuse.
    """
    if customer.credit_mode is CreditMode.OFF:
        return Decimal(0)
    would = exposure_of(session, customer.id) + rise
    if would > customer.credit_limit:
        template = N_("{customer} would owe {would}; the credit limit is {limit}.")
        digits = the_company(session).digits
        values = {
            "customer": customer.name,
            "would": show_money(would, digits),
            "limit": show_money(customer.credit_limit, digits),
        }
        if customer.credit_mode is CreditMode.HOLD:
            raise CreditLimitError(template, field="customer", **values)
        warn(session, "credit", template, **values)
    return would


def check_hold(customer: Party, today: date, *, shipping: bool = False) -> None:
    """Refuse what a customer is on hold for: new orders, or shipping.

    Raises:
        CustomerHoldError: a hold is on and its end has not come.
    """
    held = customer.hold_shipping if shipping else customer.hold_orders
    if held and (customer.hold_until is None or today <= customer.hold_until):
        template = (
            N_("{customer} is on hold for shipping: {reason}.")
            if shipping
            else N_("{customer} is on hold for orders: {reason}.")
        )
        raise CustomerHoldError(template, field="customer", customer=customer.name, reason=customer.hold_reason or "–")
