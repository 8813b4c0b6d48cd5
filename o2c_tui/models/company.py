"""The company whose books these are, the people who keep them, and what they have not saved yet."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from o2c_tui.models.base import AMOUNT, PRICE, Role, Stored, choice_column, decided, moment_column
from o2c_tui.texts import N_


class Shortage(StrEnum):
    """What confirming an order does where the stock is short."""

    ASK = "ask"
    RESERVE = "reserve"  # what there is; the rest is back-ordered
    ALL_OR_NOTHING = "all_or_nothing"
    NONE = "none"


class InvoicePolicy(StrEnum):
    """What may be invoiced: what was ordered, or what was delivered."""

    ORDERED = "ordered"
    DELIVERED = "delivered"


SHORTAGE_WORDS = {
    Shortage.ASK: N_("ask"),
    Shortage.RESERVE: N_("reserve and back-order"),
    Shortage.ALL_OR_NOTHING: N_("all or nothing"),
    Shortage.NONE: N_("reserve nothing"),
}
POLICY_WORDS = {InvoicePolicy.ORDERED: N_("as ordered"), InvoicePolicy.DELIVERED: N_("as delivered")}


class Company(Stored, table=True):
    """One row: who we are and how we reckon. Documents freeze what they use of it."""

    __table_args__ = (sa.CheckConstraint("id = 1", name="only_one"),)

    id: int = Field(default=1, primary_key=True)
    name: str = decided(sa.Text)
    address: str = decided(sa.Text, "")  # lines parted by \n
    country: str = decided(sa.Text, "")
    tax_id: str = decided(sa.Text, "")
    email: str = decided(sa.Text, "")
    phone: str = decided(sa.Text, "")
    bank: str = decided(sa.Text, "")  # lines as printed on invoices
    currency: str = decided(sa.Text)
    digits: int = decided(sa.SmallInteger)  # of the currency
    language: str = decided(sa.Text, "en")
    time_zone: str = decided(sa.Text, "UTC")
    rounding: str = decided(sa.Text, "half_up")
    tax_rounding: str = decided(sa.Text, "document")
    prices_include_tax: bool = decided(sa.Boolean, False)
    shortage: Shortage = choice_column(Shortage, Shortage.RESERVE, role=Role.DECIDED)
    invoice_policy: InvoicePolicy = choice_column(InvoicePolicy, InvoicePolicy.DELIVERED, role=Role.DECIDED)
    quotation_days: int = decided(sa.SmallInteger, 30)  # how long a quotation stays valid
    default_tax_code: str = decided(sa.Text, "")
    default_term: str = decided(sa.Text, "")
    default_warehouse: str = decided(sa.Text, "")
    aging_bounds: str = decided(sa.Text, "0,30,60,90")
    cash_step: Decimal = decided(AMOUNT, Decimal(0))  # totals in multiples of this; nothing: to the cent
    small_difference: Decimal = decided(AMOUNT, Decimal(0))  # at most this is written off in passing
    interest_percent: Decimal = decided(PRICE, Decimal(0))  # a year, on what is overdue
    reminder_profile: str = decided(sa.Text, "")
    soft_locked_until: date | None = decided(sa.Date, None, nullable=True)  # only owner and accounts post up to here
    locked_until: date | None = decided(sa.Date, None, nullable=True)  # nobody posts up to here
    keep_papers: bool = decided(sa.Boolean, True)  # files that left the house are kept, named by their hash
    is_demo: bool = decided(sa.Boolean, False)
    logo: bytes | None = decided(sa.LargeBinary, None, nullable=True)
    version: int = Field(default=1)


class UserRole(StrEnum):
    """What a person does in the company; who has none of these keeps all of the books."""

    OWNER = "owner"
    SALES = "sales"
    WAREHOUSE = "warehouse"
    ACCOUNTS = "accounts"
    VIEWER = "viewer"


ROLE_WORDS = {
    UserRole.OWNER: N_("owner"),
    UserRole.SALES: N_("sales"),
    UserRole.WAREHOUSE: N_("warehouse"),
    UserRole.ACCOUNTS: N_("accounts"),
    UserRole.VIEWER: N_("viewer"),
}


class User(Stored, table=True):
    """A person who keeps the books; the login account of the machine says who."""

    __tablename__ = "app_user"

    id: int = Field(default=None, primary_key=True)
    login: str = decided(sa.Text, unique=True)
    name: str = decided(sa.Text)
    role: UserRole = choice_column(UserRole, UserRole.OWNER, role=Role.DECIDED)
    active: bool = decided(sa.Boolean, True)
    settings: str = Field(default="{}", sa_type=sa.Text)  # JSON: language, look, keys, saved views: one person's own


class KeptDraft(Stored, table=True):
    """What an editor holds, kept at each taken cell: no verb, no number; saving the document removes it."""

    __tablename__ = "kept_draft"
    __table_args__ = (sa.UniqueConstraint("login", "kind", "document_id"),)

    id: int = Field(default=None, primary_key=True)
    login: str = Field(sa_type=sa.Text)
    kind: str = Field(sa_type=sa.Text)  # quotation, order, payment …
    document_id: int = 0  # below 0: a new document
    label: str = Field(default="", sa_type=sa.Text)  # what Home calls it
    body: str = Field(sa_type=sa.Text)  # JSON, as the editor wrote it
    kept_at: datetime = moment_column(...)


DATED = ("invoice", "credit_note")  # kinds of document whose dates never fall within a series


class NumberSeries(Stored, table=True):
    """The numbers of one kind of document in one year: gapless, in date order."""

    __tablename__ = "number_series"
    __table_args__ = (sa.UniqueConstraint("kind", "year"),)

    id: int = Field(default=None, primary_key=True)
    kind: str = Field(sa_type=sa.Text)
    year: int
    pattern: str = Field(sa_type=sa.Text)  # "INV{yy}-{n:04}"
    next: int = Field(default=1)
    last_on: str = Field(default="", sa_type=sa.Text)  # ISO date of the newest number
    dates_may_fall: bool = Field(default=False)
