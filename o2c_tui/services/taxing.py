"""What is checked of a customer's taxes: exemptions that have ended, VAT and account numbers that cannot be right.

Check digits only; nobody is asked over the network. Rule: docs/rules/tax.md, "By customer".
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel import Session

from o2c_tui.models.item import TaxKind
from o2c_tui.models.party import Party
from o2c_tui.queries.lookups import kind_of_tax
from o2c_tui.rules.numbers_of_others import is_iban, is_vat_number, looks_like_vat
from o2c_tui.services.support import warn
from o2c_tui.texts import N_


def warn_of_taxes(session: Session, customer: Party, lines: Sequence[Mapping[str, Any]], on: date) -> None:
    """Say that a line goes by an exemption that has ended, or that reverse charge lacks the customer's VAT number."""
    until = customer.tax_exempt_until
    if until is not None and on > until and any(line["tax_code"] == customer.tax_code for line in lines):
        warn(
            session,
            "exemption_ended",
            N_("{customer} was exempt until {day}; a line still goes by its tax code {code}."),
            customer=customer.name,
            day=until,
            code=customer.tax_code,
        )
    if any(line["tax_reason"] for line in lines):
        codes = {line["tax_code"] for line in lines if line["tax_reason"]}
        if any(kind_of_tax(session, code) is TaxKind.REVERSE_CHARGE for code in sorted(codes)):
            warn_of_vat_number(session, customer.name, customer.tax_id)


def warn_of_vat_number(session: Session, name: str, number: str) -> None:
    """Say that reverse charge lacks the customer's VAT number, or that it cannot be one."""
    if not number.strip():
        warn(session, "no_vat_number", N_("Reverse charge asks for the VAT number of {customer}."), customer=name)
    elif not is_vat_number(number):
        _warn_of_number(session, number)


def warn_of_numbers(session: Session, tax_id: str, iban: str) -> None:
    """Say that a VAT number or an IBAN does not agree with its check digits; another tax number is taken as it is."""
    if tax_id and looks_like_vat(tax_id) and not is_vat_number(tax_id):
        _warn_of_number(session, tax_id)
    if iban and not is_iban(iban):
        warn(session, "iban", N_("{number} is no IBAN: its check digits do not agree."), number=iban)


def _warn_of_number(session: Session, number: str) -> None:
    warn(session, "vat_number", N_("{number} is no VAT number: its check digits do not agree."), number=number)
