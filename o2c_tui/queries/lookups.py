"""Look-ups by code that verbs and screens share: company, parties, items, tax rates, terms, warehouses, accounts."""

import difflib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from o2c_tui.errors import BadValueError, NoCompanyError, UnknownCodeError
from o2c_tui.models.base import PRICE_PLACES
from o2c_tui.models.company import Company
from o2c_tui.models.item import (
    Item,
    ItemCode,
    ItemKind,
    ItemUnit,
    PaymentTerm,
    TaxCode,
    TaxKind,
    TaxRate,
    Tracking,
    Warehouse,
)
from o2c_tui.models.ledger import Account, AccountRole
from o2c_tui.models.party import Address, Party
from o2c_tui.money import round_to
from o2c_tui.rules.pricing import TaxPart
from o2c_tui.rules.tax import shares_of_net
from o2c_tui.rules.terms import PartKind, TermPart
from o2c_tui.texts import N_

ZERO = Decimal(0)


def the_company(session: Session) -> Company:
    """The company of these books.

    Raises:
        NoCompanyError: none was set up yet.
    """
    company: Company | None = session.info.get("company") or session.get(Company, 1)
    if company is None:
        raise NoCompanyError
    session.info["company"] = company  # held, so that a transaction reads it once
    return company


def near_codes(session: Session, model: type[SQLModel], wanted: str, limit: int = 3) -> list[str]:
    """Codes that look like `wanted`, nearest first, for a refusal's sentence."""
    code: Any = model.code  # type: ignore[attr-defined]
    head = wanted[:2].upper()
    close = session.exec(
        select(code).where(col(code).startswith(head, autoescape=True)).order_by(code).limit(200)
    ).all()
    if not close:
        close = session.exec(select(code).order_by(code).limit(500)).all()
    return difflib.get_close_matches(wanted.upper(), list(close), limit, 0.4)


def unknown(session: Session, model: type[SQLModel], word: str, wanted: str, field: str) -> UnknownCodeError:
    """The refusal of a code nobody has, with near ones."""
    near = near_codes(session, model, wanted)
    if near:
        return UnknownCodeError(
            N_("There is no {kind_word} {code}. Near: {near}."),
            field=field,
            kind_word=word,
            code=wanted,
            near=", ".join(near),
        )
    return UnknownCodeError(N_("There is no {kind_word} {code}."), field=field, kind_word=word, code=wanted)


def party_by_code(session: Session, code: str, *, word: str = N_("customer"), field: str = "customer") -> Party:
    """The party with this code.

    Raises:
        UnknownCodeError: nobody has it.
    """
    found = session.exec(select(Party).where(Party.code == code.strip().upper())).one_or_none()
    if found is None:
        raise unknown(session, Party, word, code, field)
    return found


def warehouse_by_code(session: Session, code: str) -> Warehouse:
    """The warehouse with this code."""
    found = session.exec(select(Warehouse).where(Warehouse.code == code.strip().upper())).one_or_none()
    if found is None:
        raise unknown(session, Warehouse, N_("warehouse"), code, "warehouse")
    return found


@dataclass(frozen=True)
class ItemFacts:
    """What a line needs of an item."""

    id: int
    code: str
    name: str
    kind: ItemKind
    unit: str
    whole_units: bool
    sale_price: Decimal
    tax_code: str
    active: bool
    tracking: Tracking
    sale_unit: str = ""  # empty: the stock unit

    @property
    def tracked(self) -> bool:
        """Whether its lots or pieces are told apart."""
        return self.tracking is not Tracking.NONE

    @property
    def stocked(self) -> bool:
        """Whether it lies in stock itself; a kit does in its parts."""
        return self.kind is ItemKind.STOCKED

    @property
    def needs_stock(self) -> bool:
        """Whether delivering it takes something out of stock."""
        return self.kind is not ItemKind.SERVICE


_ITEM = sa.select(
    *(
        getattr(Item, name)
        for name in (
            "id",
            "code",
            "name",
            "kind",
            "unit",
            "whole_units",
            "sale_price",
            "tax_code",
            "active",
            "tracking",
            "sale_unit",
        )
    )
)


_ITEMS_BY_CODE = _ITEM.where(col(Item.code).in_(sa.bindparam("codes", expanding=True)))
_ITEMS_BY_ID = _ITEM.where(col(Item.id).in_(sa.bindparam("ids", expanding=True)))


def items_by_code(session: Session, codes: Iterable[str]) -> dict[str, ItemFacts]:
    """The items of these codes, by code; unknown ones are left out."""
    wanted = sorted({code.strip().upper() for code in codes if code.strip()})
    if not wanted:
        return {}
    found = {row.code: ItemFacts(*row) for row in session.execute(_ITEMS_BY_CODE, {"codes": wanted})}
    session.info.setdefault("items", {}).update({item.id: item for item in found.values()})
    return found


@dataclass(frozen=True)
class Coded:
    """What a typed or scanned code means: the item, and the unit where the code is that of a box."""

    item: ItemFacts
    unit: str = ""
    one: bool = False  # the barcode of the item itself: one stock unit

    @property
    def sold_in(self) -> str:
        """The unit in which a line of a quotation or order begins, where nobody says one; empty: the stock unit."""
        return self.unit or ("" if self.one else self.item.sale_unit)


def items_coded(session: Session, codes: Iterable[str], *, party_id: int | None = None) -> dict[str, Coded]:
    """The items that codes mean, by the code as typed in capitals; unknown ones are left out.

    A code is an item's own, its barcode, the barcode of one of its units, or what a party (`party_id`) calls it; a
    code of everybody's counts for any party.
    """
    wanted = {code.strip().upper(): code.strip() for code in codes if code.strip()}
    found = {code: Coded(item) for code, item in items_by_code(session, wanted).items()}
    rest = {code: typed for code, typed in wanted.items() if code not in found}
    if not rest:
        return found
    known: dict[str, tuple[int, str]] = {}
    plain = sa.select(col(Item.barcode), col(Item.id)).where(col(Item.barcode).in_(rest.values()))
    for code, key in session.execute(plain):
        known[code.upper()] = (key, "")
    singles = set(known)
    boxed = sa.select(col(ItemUnit.barcode), col(ItemUnit.item_id), col(ItemUnit.unit)).where(
        col(ItemUnit.barcode).in_(rest.values()), col(ItemUnit.active)
    )
    for code, key, unit in session.execute(boxed):
        known.setdefault(code.upper(), (key, unit))
    theirs = (
        sa.select(col(ItemCode.code), col(ItemCode.item_id))
        .where(
            col(ItemCode.code).in_(rest),
            sa.or_(col(ItemCode.party_id).is_(None), col(ItemCode.party_id) == (party_id or 0)),
            col(ItemCode.active),
        )
        .order_by(col(ItemCode.party_id).is_(None))
    )
    for code, key in session.execute(theirs):
        known.setdefault(code, (key, ""))
    items = items_by_id(session, (key for key, _ in known.values()))
    return found | {
        code: Coded(items[key], unit, code in singles) for code, (key, unit) in known.items() if code in rest
    }


@dataclass(frozen=True)
class UnitFacts:
    """A unit an item is bought or sold in: one of it is num ÷ den stock units."""

    unit: str
    num: int
    den: int
    whole_units: bool


def units_of(session: Session, item_ids: Iterable[int]) -> dict[int, dict[str, UnitFacts]]:
    """By item: its other units, by their names folded."""
    found: dict[int, dict[str, UnitFacts]] = {}
    query = select(ItemUnit).where(col(ItemUnit.item_id).in_(sorted(set(item_ids))), col(ItemUnit.active))
    for row in session.exec(query):
        facts = UnitFacts(row.unit, row.numerator, row.denominator, row.whole_units)
        found.setdefault(row.item_id, {})[row.unit.casefold()] = facts
    return found


def unit_named(
    item: ItemFacts, units: dict[int, dict[str, UnitFacts]], name: str, *, field: str = ""
) -> UnitFacts | None:
    """The unit of an item that was asked for; None for its stock unit.

    Raises:
        BadValueError: the item has no such unit; those it has are named.
    """
    wanted = name.strip().casefold()
    if not wanted or wanted == item.unit.casefold():
        return None
    mine = units.get(item.id, {})
    if wanted in mine:
        return mine[wanted]
    close = [unit for key, unit in mine.items() if key.startswith(wanted)]
    if len(close) == 1:
        return close[0]
    raise BadValueError(
        N_("{item} has no unit '{unit}'. It has: {units}."),
        field=field,
        item=item.code,
        unit=name,
        units=", ".join([item.unit or "–", *(unit.unit for unit in mine.values())]),
    )


def items_by_id(session: Session, ids: Iterable[int | None]) -> dict[int, ItemFacts]:
    """The items of these keys, by key; each is asked for once a transaction."""
    known: dict[int, ItemFacts] = session.info.setdefault("items", {})
    wanted = sorted({key for key in ids if key is not None and key not in known})
    if wanted:
        for row in session.execute(_ITEMS_BY_ID, {"ids": wanted}):
            known[row.id] = ItemFacts(*row)
    return known


@dataclass(frozen=True)
class TaxFacts:
    """A tax code on one day; of several taxes, `rate` is what they come to together."""

    code: str
    name: str
    rate: Decimal
    included: bool
    reason: str
    kind: TaxKind = TaxKind.STANDARD
    taxes: tuple[TaxPart, ...] = ()


_TAXES = (
    sa.select(
        *(col(column) for column in (TaxCode.code, TaxCode.name, TaxRate.rate, TaxCode.included, TaxCode.reason)),
        col(TaxCode.kind),
        col(TaxCode.parts),
    )
    .outerjoin(
        TaxRate,
        sa.and_(
            col(TaxRate.tax_code_id) == col(TaxCode.id),
            col(TaxRate.valid_from) <= sa.bindparam("day", type_=sa.Date()),
        ),
    )
    .where(col(TaxCode.code).in_(sa.bindparam("codes", expanding=True)))
    .order_by(col(TaxRate.valid_from))
)


def taxes_on(session: Session, codes: Iterable[str], on: date) -> dict[str, TaxFacts]:
    """The tax codes with the rate that holds on a day; a code without a rate yet counts as 0."""
    wanted = sorted({code for code in codes if code})
    if not wanted:
        return {}
    found, several = {}, {}
    asked = session.execute(_TAXES, {"codes": wanted, "day": on})
    for code, name, rate, included, reason, kind, parts in asked:  # the newest rate comes last
        found[code] = TaxFacts(code, name, rate if rate is not None else ZERO, included, reason, kind)
        if parts:
            several[code] = [(part["code"], bool(part.get("compound"))) for part in json.loads(parts)]
    if several:
        single = taxes_on(session, {code for parts in several.values() for code, _ in parts}, on)
        for code, parts in several.items():
            taxes = tuple(TaxPart(part, single[part].rate, compound) for part, compound in parts)
            together = round_to(sum(shares_of_net(taxes), ZERO), PRICE_PLACES)
            found[code] = replace(found[code], rate=together, taxes=taxes)
    return found


def kind_of_tax(session: Session, code: str) -> TaxKind | None:
    """Why the tax of a code is, or is not, due; None where there is no such code."""
    found = session.exec(select(TaxCode).where(TaxCode.code == code)).one_or_none() if code else None
    return None if found is None else found.kind


def term_parts(session: Session, code: str) -> tuple[TermPart, ...]:
    """The instalments of a payment term; no code means all at once."""
    if not code:
        return (TermPart(PartKind.REST, ZERO),)
    found = session.exec(select(PaymentTerm).where(PaymentTerm.code == code)).one_or_none()
    if found is None:
        raise unknown(session, PaymentTerm, N_("payment term"), code, "term")
    return parts_from_json(found.parts)


def parts_from_json(text: str) -> tuple[TermPart, ...]:
    """Term parts as they are stored."""
    parts = []
    for data in json.loads(text):
        values = dict(data)
        for name in ("value", "discount_percent"):
            if name in values:
                values[name] = Decimal(values[name])
        values["kind"] = PartKind(values["kind"])
        parts.append(TermPart(**values))
    return tuple(parts)


def addresses(session: Session, party: Party) -> tuple[str, str]:
    """Bill-to and ship-to of a party, by one statement."""
    query = (
        select(Address).where(Address.party_id == party.id).order_by(col(Address.is_default).desc(), col(Address.id))
    )
    found = session.exec(query).all()

    def text(kind: str) -> str:
        chosen = next((a for a in found if a.kind == kind), None) or next(iter(found), None)
        if chosen is None:
            return party.name
        return "\n".join(part for part in (chosen.name or party.name, chosen.text, chosen.country) if part)

    return text("bill_to"), text("ship_to")


_ACCOUNTS = (
    sa.select(col(Account.role), col(Account.id))
    .where(col(Account.role) != AccountRole.NONE)
    .order_by(col(Account.id).desc())
)


def account_ids(session: Session) -> dict[AccountRole, int]:
    """The account for each role the verbs look up; asked once a transaction."""
    known: dict[AccountRole, int] | None = session.info.get("accounts")
    if known is None:
        known = {role: key for role, key in session.execute(_ACCOUNTS)}
        session.info["accounts"] = known
    return known
