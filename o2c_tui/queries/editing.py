"""What an editor needs to know while a draft is typed: the customer's terms, an item with its price, stock and tax."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.item import Item, ItemKind, SupplierItem, TaxKind, Warehouse, WarehouseKind
from o2c_tui.models.order import SalesOrder
from o2c_tui.models.party import Party
from o2c_tui.models.stock import CostLayer, StockLevel
from o2c_tui.queries.exchange import known_rate
from o2c_tui.queries.exposure import exposure_of
from o2c_tui.queries.lookups import (
    Coded,
    ItemFacts,
    TaxFacts,
    UnitFacts,
    items_coded,
    kind_of_tax,
    party_by_code,
    taxes_on,
    the_company,
    units_of,
    unknown,
    warehouse_by_code,
)
from o2c_tui.queries.needs import Part, Parts, in_line_units, kit_parts
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)


@dataclass(frozen=True)
class CustomerFacts:
    """What a draft takes from its customer and the company."""

    code: str
    name: str
    term: str
    tax_code: str
    tax_until: date | None  # its tax code holds until then; none: always
    prices_include_tax: bool
    owes: Decimal
    credit_limit: Decimal
    credit_mode: str
    hold: str  # why no orders are taken; empty where they are
    vat_wanted: bool = False  # it owes the tax itself, and its VAT number is not known
    currency: str = ""  # of their documents; empty: the company's

    def tax_on(self, day: date) -> str:
        """Its own tax code on a day; nothing where it has none, or where it has ended."""
        return "" if self.tax_until is not None and day > self.tax_until else self.tax_code


@dataclass(frozen=True)
class CompanyFacts:
    """What every draft takes from the company."""

    currency: str
    digits: int
    rounding: str
    tax_rounding: str
    prices_include_tax: bool
    default_tax_code: str
    default_term: str
    warehouse: str
    quotation_days: int
    cash_step: Decimal


@dataclass(frozen=True)
class ItemNow:
    """An item for one line: its facts, what is available here, what it would cost from stock."""

    facts: ItemFacts
    available: Decimal
    cost: Decimal | None  # of one unit, from the oldest open layer; None where it is not known
    units: tuple[UnitFacts, ...] = ()  # beside its stock unit
    unit: str = ""  # that of the code, where a box was scanned
    sold_in: str = ""  # where a line begins; empty: its stock unit


def company_facts(session: Session) -> CompanyFacts:
    """The company's part of a draft."""
    c = the_company(session)
    return CompanyFacts(
        c.currency,
        c.digits,
        c.rounding,
        c.tax_rounding,
        c.prices_include_tax,
        c.default_tax_code,
        c.default_term,
        c.default_warehouse,
        c.quotation_days,
        c.cash_step,
    )


def customer_facts(session: Session, code: str) -> CustomerFacts:
    """The customer's part of a draft, by code.

    Raises:
        UnknownCodeError: nobody has the code.
    """
    company, party = the_company(session), party_by_code(session, code)
    included = party.prices_include_tax if party.prices_include_tax is not None else company.prices_include_tax
    return CustomerFacts(
        party.code,
        party.name,
        party.term or company.default_term,
        party.tax_code,
        party.tax_exempt_until,
        included,
        exposure_of(session, party.id),
        party.credit_limit,
        str(party.credit_mode),
        (party.hold_reason or "–") if party.hold_orders else "",
        not party.tax_id and kind_of_tax(session, party.tax_code) is TaxKind.REVERSE_CHARGE,
        "" if party.currency == company.currency else party.currency,
    )


def rate_now(session: Session, currency: str, on: date) -> Decimal | None:
    """What one unit of a currency is worth on a day; None where no rate is known."""
    found = known_rate(session, currency, on)
    return found.rate if found is not None else None


def currency_of_supplier(session: Session, code: str) -> str:
    """The currency a supplier is bought from in; empty: the company's."""
    found = session.execute(sa.select(col(Party.currency)).where(col(Party.code) == code)).scalar_one_or_none() or ""
    return "" if found == the_company(session).currency else found


def item_now(session: Session, code: str, warehouse: str, customer: str = "") -> ItemNow:
    """One item by code, barcode or the customer's own code, with its stock in a warehouse; a kit's is that of its parts.

    Raises:
        UnknownCodeError: no item has the code; near ones are named.
    """
    party_id = session.execute(sa.select(col(Party.id)).where(col(Party.code) == customer)).scalar_one_or_none()
    found = items_coded(session, [code], party_id=party_id)
    if not found:
        query = sa.select(col(Item.code)).where(col(Item.code).startswith(code.strip().upper(), autoescape=True))
        begins = session.execute(query.limit(2)).scalars().all()
        found = items_coded(session, begins) if len(begins) == 1 else {}
    if not found:
        raise unknown(session, Item, N_("item"), code, "item")
    coded = next(iter(found.values()))
    return _now(session, coded, warehouse)


def goods_now(session: Session, code: str, warehouse: str, supplier: str = "") -> ItemNow:
    """One item as `item_now` gives it, by what a supplier calls it too.

    Raises:
        UnknownCodeError: no item has the code; near ones are named.
    """
    party_id = session.execute(sa.select(col(Party.id)).where(col(Party.code) == supplier)).scalar_one_or_none()
    if party_id is not None and not items_coded(session, [code], party_id=party_id):
        theirs = sa.select(col(Item.code)).join(SupplierItem, col(SupplierItem.item_id) == col(Item.id))
        theirs = theirs.where(
            col(SupplierItem.supplier_id) == party_id,
            sa.func.upper(col(SupplierItem.supplier_code)) == code.strip().upper(),
            col(SupplierItem.active),
        )
        code = session.execute(theirs).scalar() or code
    return item_now(session, code, warehouse, supplier)


def _now(session: Session, coded: Coded, warehouse: str) -> ItemNow:
    facts = coded.item
    place = session.execute(sa.select(col(Warehouse.id)).where(col(Warehouse.code) == warehouse)).scalar_one_or_none()
    parts = kit_parts(session, [facts.id]).get(facts.id, ()) if facts.kind is ItemKind.KIT else (Part(facts.id),)
    items = [part.item_id for part in parts]
    free = {
        row.item_id: row.on_hand - row.reserved
        for row in session.execute(
            sa.select(col(StockLevel.item_id), col(StockLevel.on_hand), col(StockLevel.reserved)).where(
                col(StockLevel.item_id).in_(items), col(StockLevel.warehouse_id) == place
            )
        )
    }
    return ItemNow(
        facts,
        in_line_units(parts, free),
        _front_cost(session, parts, place),
        tuple(units_of(session, [facts.id]).get(facts.id, {}).values()),
        coded.unit,
        coded.sold_in,
    )


def _front_cost(session: Session, parts: Parts, place: int | None) -> Decimal | None:
    """What one unit would cost from the oldest open layers of its parts; None where one is not there."""
    layers = table_of(CostLayer)
    cost = ZERO
    for part in parts:
        layer = session.execute(
            sa.select(layers.c.remaining_quantity, layers.c.remaining_value)
            .where(layers.c.item_id == part.item_id, layers.c.warehouse_id == place, layers.c.remaining_quantity > 0)
            .order_by(layers.c.received_on, layers.c.id)
            .limit(1)
        ).one_or_none()
        if layer is None:
            return None
        cost += layer.remaining_value / layer.remaining_quantity * part.per.numerator / part.per.denominator
    return cost if parts else None


def tax_now(session: Session, code: str, on: date) -> TaxFacts | None:
    """A tax code on a day; None where there is no such code."""
    return taxes_on(session, [code], on).get(code) if code else None


def check_warehouse(session: Session, code: str) -> str:
    """The code of a warehouse as it is stored.

    Raises:
        UnknownCodeError: there is none.
    """
    return warehouse_by_code(session, code).code


def is_numbered(session: Session, order_id: int) -> bool:
    """Whether an order was confirmed: from then on it is amended, no longer saved as a draft."""
    query = sa.select(col(SalesOrder.number)).where(col(SalesOrder.id) == order_id)
    return session.execute(query).scalar_one_or_none() is not None


def warehouses(session: Session) -> list[tuple[str, str]]:
    """Code and name of every warehouse in use, but for goods in transit."""
    query = sa.select(col(Warehouse.code), col(Warehouse.name)).where(
        col(Warehouse.active), col(Warehouse.kind) != WarehouseKind.TRANSIT
    )
    return [(code, name) for code, name in session.execute(query.order_by(col(Warehouse.code)))]
