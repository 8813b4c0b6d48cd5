"""Setting up: the company, its people, warehouses and items, and what their verbs share with those of parties and taxes.

Rule: docs/rules/masters.md.
"""

import zoneinfo
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlmodel import Session, select

from o2c_tui.errors import BadValueError, ConflictError, DuplicateError, MissingValueError, NotAllowedError
from o2c_tui.models.company import ROLE_WORDS, Company, InvoicePolicy, Shortage, User, UserRole
from o2c_tui.models.item import (
    Item,
    ItemKind,
    PaymentTerm,
    TaxCode,
    Tracking,
    Warehouse,
    WarehouseKind,
)
from o2c_tui.models.ledger import DEFAULT_CHART, Account
from o2c_tui.models.stock import StockLevel, StockMove
from o2c_tui.money import MOST_AMOUNT, digits_of, is_figure
from o2c_tui.queries.lookups import (
    party_by_code,
    the_company,
    units_of,
    unknown,
    warehouse_by_code,
)
from o2c_tui.queries.reminders import profile_coded
from o2c_tui.services.drafting import MOST_PRICE, PLACES
from o2c_tui.services.records import Record, clean_code, clean_name, given, search_text
from o2c_tui.services.rights import require_owner, require_right, role_of_person
from o2c_tui.services.tax_codes import TaxSetup, TermSetup, save_tax, save_term
from o2c_tui.storage.chain import created, decide, record
from o2c_tui.storage.rows import LOCK
from o2c_tui.texts import N_

ZERO = Decimal(0)
HUNDRED = Decimal(100)
MOST_WEIGHT = Decimal(1_000_000)
MOST_LOGO = 2_000_000  # bytes


@dataclass(frozen=True)
class CompanySetup:
    """What new books need to know."""

    name: str
    currency: str
    country: str = ""
    address: str = ""
    tax_id: str = ""
    email: str = ""
    phone: str = ""
    bank: str = ""
    language: str = "en"
    time_zone: str = "UTC"
    rounding: str = "half_up"
    tax_rounding: str = "document"
    prices_include_tax: bool = False
    shortage: Shortage = Shortage.RESERVE
    invoice_policy: InvoicePolicy = InvoicePolicy.DELIVERED
    quotation_days: int = 30
    is_demo: bool = False
    taxes: tuple[TaxSetup, ...] = ()
    default_tax_code: str = ""
    terms: tuple[TermSetup, ...] = (TermSetup("30D", "30 days net", ({"kind": "rest", "value": "0", "days": 30},)),)
    default_term: str = "30D"
    cash_step: Decimal = ZERO  # totals in multiples of this (0.05); nothing: to the cent
    warehouses: tuple[tuple[str, str], ...] = (("MAIN", "Main warehouse"),)


@dataclass(frozen=True)
class ItemSetup:
    """An item as entered; None leaves a value as it is when the item exists."""

    code: str
    name: str
    kind: ItemKind | None = None
    unit: str | None = None
    sale_unit: str | None = (
        None  # one of its units, in which lines of quotations and orders begin; empty: the stock unit
    )
    whole_units: bool | None = None
    sale_price: Decimal | None = None
    tax_code: str | None = None
    barcode: str | None = None
    category: str | None = None
    reorder_point: Decimal | None = None
    tracking: Tracking | None = None
    weight: Decimal | None = None  # of one stock unit, in kilograms
    tolerance: Decimal | None = None  # percent that may be received beyond what was ordered
    supplier: str | None = None
    note: str | None = None
    active: bool | None = None
    external_key: str | None = None


def create_company(session: Session, setup: CompanySetup, *, by: str, today: date) -> Record:
    """Open new books: the company, its chart of accounts, taxes, terms and warehouses.

    Raises:
        DuplicateError: these books have a company. BadValueError: the currency is unknown, or a default is not in its list.
    """
    if session.get(Company, 1) is not None:
        raise DuplicateError(N_("These books have a company already: {name}."), name=the_company(session).name)
    digits = digits_of(setup.currency)
    check_time_zone(setup.time_zone)
    for name, choices in _COMPANY_WORDS.items():
        if getattr(setup, name) not in choices:
            raise BadValueError(N_("Give one of: {choices}."), field=name, choices=", ".join(choices))
    codes = {term.code for term in setup.terms}
    if setup.default_term and setup.default_term not in codes:
        raise BadValueError(
            N_("The payment term {code} is not among those given."), field="term", code=setup.default_term
        )
    if not setup.warehouses:
        raise MissingValueError(N_("Give at least one warehouse."), field="warehouse")
    plain_fields = {
        name: value for name, value in asdict(setup).items() if name not in ("taxes", "terms", "warehouses", "name")
    }
    company = Company(
        **plain_fields,
        id=1,
        name=clean_name(setup.name),
        digits=digits,
        default_warehouse=clean_code(setup.warehouses[0][0]),
    )
    session.add(company)
    chart = [Account(code=code, name=name, kind=kind, role=role) for code, name, kind, role in DEFAULT_CHART]
    session.add_all(chart)
    session.flush()
    for made in (company, *chart):
        created(session, made)
    record(session, "create_company", company, by=by)
    for tax in setup.taxes:
        save_tax(session, tax, by=by, today=today)
    for term in setup.terms:
        save_term(session, term, by=by, today=today)
    for code, name in setup.warehouses:
        save_warehouse(session, code, name, by=by, today=today)
    return Record(1, company.name, True)


_COMPANY_WORDS = {
    "rounding": ("half_up", "half_even"),
    "tax_rounding": ("document", "line"),
    "language": ("en", "zh_CN"),
}
_COMPANY_FIXED = ("id", "currency", "digits", "is_demo", "version", "soft_locked_until", "locked_until")


def change_company(
    session: Session, changes: Mapping[str, Any], *, version: int | None = None, by: str, today: date
) -> int:
    """Change settings of the company; documents that exist keep what they froze. Returns the new version.

    Raises:
        BadValueError: a setting that does not exist, cannot change any more, or a value outside its choices.
        ConflictError: somebody else changed them meanwhile.
    """
    company = the_company(session)
    if version is not None and company.version != version:
        raise ConflictError(N_("Somebody else has changed the settings meanwhile. Look at them again (F5)."))
    for name, value in changes.items():
        if name not in Company.model_fields or name in _COMPANY_FIXED:
            raise BadValueError(N_("The setting {name} cannot be changed."), field=name, name=name)
        if name == "small_difference" and (role := role_of_person(session, by)) is not UserRole.OWNER:
            raise NotAllowedError(
                N_("{by} ({role_word}) may not change reasons of adjustments; ask an owner."),
                by=by,
                role_word=ROLE_WORDS[role],
            )
        choices = _COMPANY_WORDS.get(name)
        if choices and value not in choices:
            raise BadValueError(N_("Give one of: {choices}."), field=name, choices=", ".join(choices))
        decide(session, company, **{name: _company_value(session, name, value)})
    company.version += 1
    record(session, "change_company", company, by=by)
    return company.version


def _company_value(session: Session, name: str, value: Any) -> Any:
    """One setting as it is stored.

    Raises:
        BadValueError: outside its choices. UnknownCodeError: no tax, term or warehouse has the code.
    """
    if name == "name":
        return clean_name(str(value))
    if name in ("shortage", "invoice_policy"):
        kind = Shortage if name == "shortage" else InvoicePolicy
        if value not in tuple(kind):
            raise BadValueError(N_("Give one of: {choices}."), field=name, choices=", ".join(kind))
        return kind(value)
    if name == "quotation_days" and not 1 <= int(value) <= 999:
        raise BadValueError(N_("Give a number of days from 1 to 999."), field=name)
    if name == "cash_step":
        value = _figure(value, name)
        if not is_figure(value, the_company(session).digits, HUNDRED):
            raise BadValueError(N_("The cash step is an amount from 0 to 100, as in 0.05."), field=name)
    if name == "small_difference":
        value = _figure(value, name)
        if not is_figure(value, the_company(session).digits, MOST_AMOUNT):
            raise BadValueError(N_("The limit must be 0 or an amount."), field=name)
    if name == "interest_percent":
        value = _figure(value, name)
        if not is_figure(value, 4, HUNDRED):
            raise BadValueError(N_("Interest is a percentage from 0 to 100 a year."), field=name)
    if name == "keep_papers" and not isinstance(value, bool):
        raise BadValueError(N_("Give one of: {choices}."), field=name, choices="true, false")
    if name == "reminder_profile":
        return profile_coded(session, str(value))
    if name == "time_zone":
        check_time_zone(str(value))
    if name == "logo" and value and (len(value) > MOST_LOGO or not value.startswith((b"\x89PNG", b"\xff\xd8"))):
        raise BadValueError(N_("A logo is a PNG or JPEG file of at most {most} bytes."), field=name, most=MOST_LOGO)
    lists: dict[str, tuple[Any, str]] = {
        "default_tax_code": (TaxCode, N_("tax code")),
        "default_term": (PaymentTerm, N_("payment term")),
        "default_warehouse": (Warehouse, N_("warehouse")),
    }
    if name in lists and value:
        model, word = lists[name]
        found = session.exec(select(model).where(model.code == value)).one_or_none()
        if found is None:
            raise unknown(session, model, word, str(value), name)
        if isinstance(found, Warehouse) and found.kind is not WarehouseKind.STORE:
            raise BadValueError(N_("{code} is no store; goods are sold from stores only."), field=name, code=found.code)
    return value


def _figure(value: Any, name: str) -> Decimal:
    """A figure of a setting, which may come as text.

    Raises:
        BadValueError: it is none.
    """
    try:
        return Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        raise BadValueError(N_("'{text}' is no amount."), field=name, text=str(value)) from None


def check_time_zone(name: str) -> None:
    """Refuse a time zone that this machine does not know.

    Raises:
        BadValueError: it is none.
    """
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise BadValueError(
            N_("'{text}' is no time zone; write it as Europe/Berlin or Asia/Shanghai."), field="time_zone", text=name
        ) from None


def save_warehouse(
    session: Session,
    code: str,
    name: str,
    address: str = "",
    *,
    kind: WarehouseKind | None = None,
    parent: str | None = None,
    active: bool | None = None,
    version: int | None = None,
    by: str,
    today: date,
) -> Record:
    """Make or change a warehouse; only stores are sold from. `parent` is the store that a quarantine belongs to.

    Raises:
        NotAllowedError: this person may not. BadValueError: goods in transit are kept by transfers alone; a kind or an
        end that its stock, or the company's default, does not allow. UnknownCodeError: there is no such parent.
        ConflictError: somebody else changed it meanwhile.
    """
    require_right(session, by, N_("change warehouses"))
    code = clean_code(code)
    place = session.exec(select(Warehouse).where(Warehouse.code == code)).one_or_none()
    if kind is WarehouseKind.TRANSIT or (place is not None and place.kind is WarehouseKind.TRANSIT):
        raise BadValueError(
            N_("Where goods in transit are kept is made by the first transfer; it is not changed by hand."),
            field="kind",
        )
    values: dict[str, Any] = {"name": clean_name(name), "address": address}
    if kind is not None:
        values["kind"] = kind
    if parent is not None:
        values["parent_id"] = warehouse_by_code(session, parent).id if parent else None
    if active is not None:
        values["active"] = active
    is_new = place is None
    if place is None:
        place = Warehouse(code=code, **values)
        session.add(place)
        session.flush()
        created(session, place)
    else:
        if version is not None and place.version != version:
            raise ConflictError(N_("Somebody else has changed {code} meanwhile. Look at it again (F5)."), code=code)
        _refuse_stranding(session, place, values)
        decide(session, place, **values)
        place.version += 1
    record(session, "save_warehouse", place, by=by)
    return Record(place.id, code, is_new)


def _refuse_stranding(session: Session, place: Warehouse, values: Mapping[str, Any]) -> None:
    """Refuse to take a warehouse out of use, or out of sale, over what is in it."""
    ends = values.get("active", place.active) is False and place.active
    turns = values.get("kind", place.kind) is not place.kind
    if not ends and not turns:
        return
    if place.code == the_company(session).default_warehouse:
        raise BadValueError(
            N_("{code} is the company's default warehouse; choose another first."), field="kind", code=place.code
        )
    there = select(StockLevel).where(StockLevel.warehouse_id == place.id, StockLevel.on_hand > 0).limit(1)
    if session.exec(there).first() is not None:
        raise BadValueError(
            N_("There is stock in {code}; move it to another warehouse first."), field="kind", code=place.code
        )


def save_item(session: Session, setup: ItemSetup, *, version: int | None = None, by: str, today: date) -> Record:
    """Make an item, or change the one with this code; documents that exist keep their prices and texts.

    Raises:
        UnknownCodeError: its tax code or supplier does not exist. BadValueError: a price below 0, or a kind that has stock.
        ConflictError: somebody else changed it meanwhile.
    """
    code, name = clean_code(setup.code), clean_name(setup.name)
    values = given(setup, "code", "name", "supplier")
    values |= {"name": name, "search": search_text(code, name)}
    if setup.sale_price is not None and not is_figure(setup.sale_price, PLACES, MOST_PRICE):
        raise BadValueError(
            N_("The price must be from 0 to {most}, with at most {places} decimals."),
            field="sale_price",
            most=MOST_PRICE,
            places=PLACES,
        )
    if setup.reorder_point is not None and setup.reorder_point < ZERO:
        raise BadValueError(N_("The reorder point cannot be less than 0."), field="reorder_point")
    for what, most in (("weight", MOST_WEIGHT), ("tolerance", HUNDRED)):
        figure = values.get(what)
        if figure is not None and not is_figure(figure, PLACES, most):
            raise BadValueError(N_("Give a number from 0 to {most}."), field=what, most=most)
    if setup.tax_code and session.exec(select(TaxCode).where(TaxCode.code == setup.tax_code)).one_or_none() is None:
        raise unknown(session, TaxCode, N_("tax code"), setup.tax_code, "tax_code")
    if setup.supplier:
        values["supplier_id"] = party_by_code(session, setup.supplier, word=N_("supplier"), field="supplier").id
    if setup.barcode is not None:
        values["barcode"] = setup.barcode.strip() or None
        if values["barcode"]:
            twin = session.exec(select(Item).where(Item.barcode == values["barcode"], Item.code != code)).one_or_none()
            if twin is not None:
                raise DuplicateError(
                    N_("The barcode {barcode} is that of {code}."),
                    field="barcode",
                    barcode=setup.barcode,
                    code=twin.code,
                )
    item = session.exec(select(Item).where(Item.code == code).with_for_update(**LOCK)).one_or_none()
    is_new = item is None
    if setup.sale_unit is not None:
        values["sale_unit"] = _sale_unit(session, code, item, setup)
    if item is None:
        item = Item(code=code, **values)
        session.add(item)
        session.flush()
        created(session, item)
    else:
        if version is not None and item.version != version:
            raise ConflictError(N_("Somebody else has changed {code} meanwhile. Look at it again (F5)."), code=code)
        _refuse_kind_change(session, item, values)
        _refuse_tracking_change(session, item, values)
        decide(session, item, **values)
        item.version += 1
    session.info.pop("items", None)  # what this transaction had read of items
    record(session, "save_item", item, by=by)
    return Record(item.id, code, is_new)


def _sale_unit(session: Session, code: str, item: Item | None, setup: ItemSetup) -> str:
    """The unit an item is sold in as its units have it; empty for the stock unit."""
    assert setup.sale_unit is not None
    wanted, own = (
        setup.sale_unit.strip(),
        (setup.unit if setup.unit is not None else item.unit if item else "pc").strip(),
    )
    if not wanted or wanted.casefold() == own.casefold():
        return ""
    units = units_of(session, [item.id]).get(item.id, {}) if item is not None else {}
    if wanted.casefold() not in units or not own:
        raise BadValueError(
            N_("{item} has no unit '{unit}'. It has: {units}."),
            field="sale_unit",
            item=code,
            unit=wanted,
            units=", ".join([own or "–", *(unit.unit for unit in units.values())]),
        )
    return units[wanted.casefold()].unit


def _refuse_kind_change(session: Session, item: Item, values: Mapping[str, Any]) -> None:
    if values.get("kind", item.kind) is item.kind:
        return
    if session.exec(select(StockMove).where(StockMove.item_id == item.id)).first() is not None:
        raise BadValueError(
            N_("{code} has stock movements; it cannot become another kind of item."), field="kind", code=item.code
        )


def _refuse_tracking_change(session: Session, item: Item, values: Mapping[str, Any]) -> None:
    if values.get("tracking", item.tracking) is item.tracking:
        return
    there = select(StockLevel).where(StockLevel.item_id == item.id, StockLevel.on_hand > 0).limit(1)
    if session.exec(there).first() is not None:
        raise BadValueError(
            N_("There is stock of {code}; how it is tracked can change only while there is none."),
            field="tracking",
            code=item.code,
        )


def save_user(session: Session, login: str, name: str, role: UserRole | None = None, *, by: str, today: date) -> Record:
    """Make known who a login account is, and what that person does; documents and the audit trail name the login.

    Raises:
        NotAllowedError: only owners give roles.
    """
    user = session.exec(select(User).where(User.login == login)).one_or_none()
    is_new = user is None
    if role is not None and role is not (user.role if user else UserRole.OWNER):
        require_owner(session, by)
    values: dict[str, Any] = {"name": clean_name(name)} | ({"role": role} if role is not None else {})
    if user is None:
        user = User(login=login, **values)
        session.add(user)
        session.flush()
        created(session, user)
    else:
        decide(session, user, **values)
    record(session, "save_user", user, by=by)
    return Record(user.id, login, is_new)
