"""Tax codes and payment terms: made and changed.

Rule: docs/rules/tax.md, docs/rules/terms.md.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, ConflictError
from o2c_tui.models.item import (
    TAX_KIND_WORDS,
    PaymentTerm,
    TaxCode,
    TaxKind,
    TaxRate,
)
from o2c_tui.money import is_figure
from o2c_tui.queries.lookups import (
    parts_from_json,
    unknown,
)
from o2c_tui.rules.terms import schedule
from o2c_tui.services.drafting import PLACES
from o2c_tui.services.records import Record, clean_code, clean_name
from o2c_tui.storage.chain import created, decide, record
from o2c_tui.texts import N_


@dataclass(frozen=True)
class TermSetup:
    """A payment term; `parts` as rules.terms.TermPart fields, figures as text."""

    code: str
    name: str
    parts: tuple[Mapping[str, Any], ...] = ({"kind": "rest", "value": "0"},)
    active: bool | None = None


@dataclass(frozen=True)
class TaxPartSetup:
    """One of the taxes that a code stands for; a compound one is taken on the amount with those before it."""

    code: str
    compound: bool = False


@dataclass(frozen=True)
class TaxSetup:
    """A tax code with its rates by the day they hold from; 0.2 is 20 %."""

    code: str
    name: str
    rates: Mapping[date, Decimal] = field(default_factory=dict)
    included: bool = False
    reason: str = ""  # printed: why no tax is due
    kind: TaxKind = TaxKind.STANDARD
    parts: tuple[TaxPartSetup, ...] = ()  # of several taxes: which, in their order; it has no rates of its own then
    active: bool | None = None


def save_tax(session: Session, setup: TaxSetup, *, version: int | None = None, by: str, today: date) -> Record:
    """Make or change a tax code; a rate given for a day holds from that day on, earlier documents keep theirs.

    A code of several taxes stands for other codes, each with its own rates.

    Raises:
        BadValueError: a rate outside 0 to 100 %, a rate of a kind that bears none, or rates beside several taxes.
        UnknownCodeError: one of several taxes is not known. ConflictError: somebody else changed it meanwhile.
    """
    code = clean_code(setup.code)
    _check_tax(session, code, setup)
    for rate in setup.rates.values():
        if not is_figure(rate, PLACES, Decimal(1)):
            raise BadValueError(N_("A tax rate must be from 0 to 100 percent."), field="rate")
    tax = session.exec(select(TaxCode).where(TaxCode.code == code)).one_or_none()
    is_new = tax is None
    parts = [{"code": clean_code(part.code), "compound": part.compound} for part in setup.parts]
    values: dict[str, Any] = {
        "name": clean_name(setup.name),
        "included": setup.included,
        "reason": setup.reason.strip(),
        "kind": setup.kind,
        "parts": json.dumps(parts) if parts else "",
    }
    if setup.active is not None:
        values["active"] = setup.active
    if tax is None:
        tax = TaxCode(code=code, **values)
        session.add(tax)
        session.flush()
        created(session, tax)
    else:
        if version is not None and tax.version != version:
            raise ConflictError(N_("Somebody else has changed {code} meanwhile. Look at it again (F5)."), code=code)
        decide(session, tax, **values)
        tax.version += 1
    for day, rate in sorted(setup.rates.items()):
        old = session.exec(
            select(TaxRate).where(TaxRate.tax_code_id == tax.id, TaxRate.valid_from == day)
        ).one_or_none()
        if old is None:
            fresh = TaxRate(tax_code_id=tax.id, valid_from=day, rate=rate)
            session.add(fresh)
            session.flush()
            created(session, fresh)
        else:
            decide(session, old, rate=rate)
    record(session, "save_tax", tax, by=by)
    return Record(tax.id, code, is_new)


def _check_tax(session: Session, code: str, setup: TaxSetup) -> None:
    if setup.kind is not TaxKind.STANDARD and (any(setup.rates.values()) or setup.parts):
        raise BadValueError(
            N_("A tax code that is {kind_word} has no rate."), field="rate", kind_word=TAX_KIND_WORDS[setup.kind]
        )
    if not setup.parts:
        return
    if setup.rates:
        raise BadValueError(N_("A code of several taxes has no rate of its own."), field="rate")
    names = [clean_code(part.code, field="parts") for part in setup.parts]
    if setup.parts[0].compound:
        raise BadValueError(N_("The first of several taxes cannot be taken on those before it."), field="parts")
    known = {tax.code: tax for tax in session.exec(select(TaxCode).where(col(TaxCode.code).in_(names)))}
    for position, name in enumerate(names, 1):
        if name not in known:
            raise unknown(session, TaxCode, N_("tax code"), name, f"parts.{position}")
        if known[name].parts or name == code or names.count(name) > 1 or known[name].kind is not TaxKind.STANDARD:
            raise BadValueError(
                N_("{part} cannot be one of the taxes of {code}: take single taxes, each once."),
                field=f"parts.{position}",
                part=name,
                code=code,
            )


def save_term(session: Session, setup: TermSetup, *, version: int | None = None, by: str, today: date) -> Record:
    """Make or change a payment term; invoices that are posted keep their instalments.

    Raises:
        BadValueError: the parts make no schedule (the last one must take the rest).
        ConflictError: somebody else changed it meanwhile.
    """
    code = clean_code(setup.code)
    parts = json.dumps([dict(part) for part in setup.parts])
    try:
        schedule(Decimal(100), parts_from_json(parts), date(2000, 1, 31), 2)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise BadValueError(
            N_("The parts of term {code} make no schedule: {why}."), field="parts", code=code, why=str(error)
        ) from error
    term = session.exec(select(PaymentTerm).where(PaymentTerm.code == code)).one_or_none()
    is_new = term is None
    if term is None:
        term = PaymentTerm(code=code, name=clean_name(setup.name), parts=parts)
        session.add(term)
        session.flush()
        created(session, term)
    else:
        if version is not None and term.version != version:
            raise ConflictError(N_("Somebody else has changed {code} meanwhile. Look at it again (F5)."), code=code)
        active = term.active if setup.active is None else setup.active
        decide(session, term, name=clean_name(setup.name), parts=parts, active=active)
        term.version += 1
    record(session, "save_term", term, by=by)
    return Record(term.id, code, is_new)
