"""Customers and suppliers: made and changed, with their addresses.

Rule: docs/rules/masters.md.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, ConflictError
from o2c_tui.models.company import InvoicePolicy, Shortage
from o2c_tui.models.item import (
    PaymentTerm,
    TaxCode,
    TaxKind,
)
from o2c_tui.models.party import Address, AddressKind, CreditMode, Party
from o2c_tui.money import MOST_AMOUNT, digits_of, is_figure
from o2c_tui.queries.lookups import (
    kind_of_tax,
    the_company,
    unknown,
)
from o2c_tui.queries.reminders import profile_coded
from o2c_tui.rules.duplicates import normalised
from o2c_tui.rules.numbers_of_others import plain
from o2c_tui.rules.values import LAST_DAY
from o2c_tui.services.records import Record, clean_code, clean_name, given, search_text
from o2c_tui.services.support import warn
from o2c_tui.services.taxing import warn_of_numbers, warn_of_vat_number
from o2c_tui.storage.chain import created, decide, record
from o2c_tui.storage.rows import LOCK
from o2c_tui.texts import N_

_MANY = 20  # parties made in one transaction; a file has more
_Twin = tuple[str, str] | None  # its code and its name
_Held = tuple[dict[str, tuple[str, str]], dict[str, tuple[str, str]]]  # by name as it is compared, by tax id


@dataclass(frozen=True)
class PartySetup:
    """A customer or supplier as entered; None leaves a value as it is when the party exists."""

    code: str
    name: str
    is_customer: bool = True
    is_supplier: bool = False
    is_prospect: bool = False
    bill_to: str | None = None  # address lines, without the name
    ship_to: str | None = None
    country: str | None = None
    tax_id: str | None = None
    contact: str | None = None
    email: str | None = None
    phone: str | None = None
    language: str | None = None
    currency: str | None = None
    term: str | None = None
    tax_code: str | None = None
    tax_exempt_until: date | None = None  # its tax code holds until then; 2999-12-31: always
    tax_exempt_note: str | None = None  # number of the certificate, printed
    iban: str | None = None  # the account it pays from
    prices_include_tax: bool | None = None
    credit_mode: CreditMode | None = None
    credit_limit: Decimal | None = None
    shortage: str | None = None
    invoice_policy: str | None = None
    monthly_invoice: bool | None = None  # all deliveries of a month on one invoice
    reminder_profile: str | None = None
    no_reminders: bool | None = None
    hold_orders: bool | None = None
    hold_shipping: bool | None = None
    hold_reason: str | None = None
    hold_until: date | None = None
    note: str | None = None
    active: bool | None = None
    external_key: str | None = None


def save_party(session: Session, setup: PartySetup, *, version: int | None = None, by: str, today: date) -> Record:
    """Make a customer or supplier, or change the one with this code; documents that exist keep what they copied.

    Raises:
        UnknownCodeError: its term or tax code does not exist. BadValueError: a value outside its choices.
        ConflictError: somebody else changed it meanwhile.
    """
    code, name = clean_code(setup.code), clean_name(setup.name)
    _check_party(session, setup)
    values = given(setup, "code", "name", "bill_to", "ship_to", "country")
    values |= {"name": name, "search": search_text(code, name)}
    if values.get("iban"):
        values["iban"] = plain(values["iban"])
    if values.get("tax_exempt_until") == LAST_DAY:
        values["tax_exempt_until"] = None
    if values.get("reminder_profile"):
        values["reminder_profile"] = values["reminder_profile"].strip().upper()
    if values.get("currency"):
        values["currency"] = values["currency"].strip().upper()
    party = session.exec(select(Party).where(Party.code == code).with_for_update(**LOCK)).one_or_none()
    is_new = party is None
    if party is None:
        _warn_of_twin(session, code, name, values.get("tax_id", ""))
        party = Party(code=code, **values)
        session.add(party)
        session.flush()
        created(session, party)
    else:
        if version is not None and party.version != version:
            raise ConflictError(N_("Somebody else has changed {code} meanwhile. Look at it again (F5)."), code=code)
        values["is_customer"] = values["is_customer"] or party.is_customer
        values["is_supplier"] = values["is_supplier"] or party.is_supplier
        decide(session, party, **values)
        party.version += 1
    for kind, text in ((AddressKind.BILL_TO, setup.bill_to), (AddressKind.SHIP_TO, setup.ship_to)):
        if text is not None:
            _save_address(session, party, kind, text.strip(), (setup.country or "").strip(), is_new=is_new)
    _warn_of_numbers(session, party, setup)
    record(session, "save_party", party, by=by)
    return Record(party.id, code, is_new)


def _check_party(session: Session, setup: PartySetup) -> None:
    if setup.term and session.exec(select(PaymentTerm).where(PaymentTerm.code == setup.term)).one_or_none() is None:
        raise unknown(session, PaymentTerm, N_("payment term"), setup.term, "term")
    if setup.tax_code and session.exec(select(TaxCode).where(TaxCode.code == setup.tax_code)).one_or_none() is None:
        raise unknown(session, TaxCode, N_("tax code"), setup.tax_code, "tax_code")
    if setup.shortage and setup.shortage not in tuple(Shortage):
        raise BadValueError(N_("Give one of: {choices}."), field="shortage", choices=", ".join(Shortage))
    if setup.invoice_policy and setup.invoice_policy not in tuple(InvoicePolicy):
        raise BadValueError(N_("Give one of: {choices}."), field="invoice_policy", choices=", ".join(InvoicePolicy))
    if setup.credit_limit is not None and not is_figure(setup.credit_limit, the_company(session).digits, MOST_AMOUNT):
        raise BadValueError(
            N_("The credit limit must be an amount from 0 to {most}."), field="credit_limit", most=MOST_AMOUNT
        )
    if setup.email and ("@" not in setup.email or any(c.isspace() for c in setup.email.strip())):
        raise BadValueError(N_("'{email}' is no e-mail address."), field="email", email=setup.email)
    if setup.reminder_profile:
        profile_coded(session, setup.reminder_profile)  # refuses an unknown one
    if setup.currency:
        digits_of(setup.currency.strip().upper())  # refuses an unknown one


def _warn_of_numbers(session: Session, party: Party, setup: PartySetup) -> None:
    """Say that a number given now cannot be right, or that reverse charge lacks one."""
    if setup.tax_code and kind_of_tax(session, party.tax_code) is TaxKind.REVERSE_CHARGE:
        warn_of_vat_number(session, party.name, party.tax_id)
    warn_of_numbers(session, setup.tax_id or "", setup.iban or "")


def _save_address(session: Session, party: Party, kind: AddressKind, text: str, country: str, *, is_new: bool) -> None:
    query = select(Address).where(Address.party_id == party.id, Address.kind == kind).order_by(col(Address.id))
    old = None if is_new else session.exec(query).first()
    if old is not None:
        decide(session, old, text=text, country=country or old.country)
    elif text or country:
        fresh = Address(party_id=party.id, kind=kind, text=text, country=country)
        session.add(fresh)
        session.flush()
        created(session, fresh)


def _warn_of_twin(session: Session, code: str, name: str, tax_id: str) -> None:
    """Say that a party like this one exists: the same tax id, or a name that differs only in writing."""
    made = session.info["parties_made"] = session.info.get("parties_made", 0) + 1
    by_name, by_tax = _twins_held(session, code, name, tax_id) if made > _MANY else _twins_asked(session, name, tax_id)
    if by_name is not None:
        told = N_("{code} {name} looks like the same one.")
        warn(session, "duplicate_party", told, code=by_name[0], name=by_name[1])
    elif by_tax is not None:
        told = N_("{code} {name} has the same tax number.")
        warn(session, "duplicate_party", told, code=by_tax[0], name=by_tax[1])


def _twins_asked(session: Session, name: str, tax_id: str) -> tuple[_Twin, _Twin]:
    """The party with the same name, however it is written, and the one with the same tax id."""
    wanted = normalised(name)
    head = unicodedata.normalize("NFKC", name).casefold()[:3]
    columns = (col(Party.code), col(Party.name), col(Party.tax_id))
    near = session.execute(sa.select(*columns).where(col(Party.search).contains(head, autoescape=True)).limit(500))
    for code, other, number in near:
        if normalised(other) == wanted or (tax_id and number == tax_id):
            return (code, other), None
    if not tax_id:
        return None, None
    found = session.execute(sa.select(*columns[:2]).where(col(Party.tax_id) == tax_id).limit(1)).first()
    return None, (found[0], found[1]) if found is not None else None


def _twins_held(session: Session, code: str, name: str, tax_id: str) -> tuple[_Twin, _Twin]:
    """The same in a transaction that makes many parties, as an import does: all names are read once and held."""
    held: _Held | None = session.info.get("parties_held")
    if held is None:
        held = session.info["parties_held"] = ({}, {})
        for known, other, number in session.execute(sa.select(col(Party.code), col(Party.name), col(Party.tax_id))):
            _hold(held, known, other, number)
    names, numbers = held
    found = names.get(normalised(name)), numbers.get(tax_id) if tax_id else None
    _hold(held, code, name, tax_id)
    return found


def _hold(held: _Held, code: str, name: str, tax_id: str) -> None:
    held[0].setdefault(normalised(name), (code, name))
    if tax_id:
        held[1].setdefault(tax_id, (code, name))
