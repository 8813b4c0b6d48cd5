"""The ledger: accounts and balanced journal entries, one for each money effect."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from o2c_tui.models import party
from o2c_tui.models.base import Guard, Role, Stored, amount_column, choice_column, decided, guarded
from o2c_tui.texts import N_

POINTS_TO = (party,)  # their tables are loaded with these


class AccountKind(StrEnum):
    """Which side of the books an account stands on."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"


class AccountRole(StrEnum):
    """What the verbs look an account up for."""

    BANK = "bank"
    CASH = "cash"
    RECEIVABLE = "receivable"
    INVENTORY = "inventory"
    GOODS_NOT_BILLED = "goods_received_not_billed"
    PAYABLE = "payable"
    TAX = "tax"
    INPUT_TAX = "input_tax"
    OPENING = "opening"
    REVENUE = "revenue"
    COST_OF_SALES = "cost_of_sales"
    STOCK_DIFFERENCES = "stock_differences"
    DEPOSITS = "deposits"
    DISCOUNTS = "discounts"
    FEES = "fees"
    BAD_DEBTS = "bad_debts"
    BANK_CHARGES = "bank_charges"
    SMALL_DIFFERENCES = "small_differences"
    EXCHANGE = "exchange"
    CASH_ROUNDING = "cash_rounding"
    WITHHELD_TAX = "withheld_tax"
    NONE = "none"


DEFAULT_CHART = (  # code, name, kind, role: small, and a company's own to extend
    ("1000", N_("Bank"), AccountKind.ASSET, AccountRole.BANK),
    ("1050", N_("Cash"), AccountKind.ASSET, AccountRole.CASH),
    ("1200", N_("Receivables"), AccountKind.ASSET, AccountRole.RECEIVABLE),
    ("1400", N_("Inventory"), AccountKind.ASSET, AccountRole.INVENTORY),
    ("1450", N_("Input tax"), AccountKind.ASSET, AccountRole.INPUT_TAX),
    ("2000", N_("Payables"), AccountKind.LIABILITY, AccountRole.PAYABLE),
    ("2050", N_("Goods received, not billed"), AccountKind.LIABILITY, AccountRole.GOODS_NOT_BILLED),
    ("2200", N_("Tax payable"), AccountKind.LIABILITY, AccountRole.TAX),
    ("3000", N_("Opening balances"), AccountKind.EQUITY, AccountRole.OPENING),
    ("4000", N_("Sales"), AccountKind.INCOME, AccountRole.REVENUE),
    ("5000", N_("Cost of sales"), AccountKind.EXPENSE, AccountRole.COST_OF_SALES),
    ("5100", N_("Stock differences"), AccountKind.EXPENSE, AccountRole.STOCK_DIFFERENCES),
)
LATER_CHART = (  # opened when a verb first needs them
    ("1460", N_("Tax withheld by customers"), AccountKind.ASSET, AccountRole.WITHHELD_TAX),
    ("2100", N_("Customers' deposits"), AccountKind.LIABILITY, AccountRole.DEPOSITS),
    ("4100", N_("Discounts given"), AccountKind.INCOME, AccountRole.DISCOUNTS),
    ("4200", N_("Reminder fees and interest"), AccountKind.INCOME, AccountRole.FEES),
    ("5200", N_("Bad debts"), AccountKind.EXPENSE, AccountRole.BAD_DEBTS),
    ("5300", N_("Bank charges"), AccountKind.EXPENSE, AccountRole.BANK_CHARGES),
    ("5400", N_("Small differences"), AccountKind.EXPENSE, AccountRole.SMALL_DIFFERENCES),
    ("5500", N_("Exchange gains and losses"), AccountKind.EXPENSE, AccountRole.EXCHANGE),
    ("5600", N_("Cash rounding"), AccountKind.EXPENSE, AccountRole.CASH_ROUNDING),
)

ACCOUNT_WORDS = {
    role: name for _code, name, _kind, role in DEFAULT_CHART + LATER_CHART
}  # what the account of a role is called at first


class Account(Stored, table=True):
    """One account of the chart."""

    id: int = Field(default=None, primary_key=True)
    code: str = decided(sa.Text, unique=True)
    name: str = decided(sa.Text)
    kind: AccountKind = choice_column(AccountKind, role=Role.DECIDED)
    role: AccountRole = choice_column(AccountRole, AccountRole.NONE, role=Role.DECIDED)
    active: bool = decided(sa.Boolean, True)


class SourceKind(StrEnum):
    """The kind of document behind a journal entry."""

    RECEIPT = "receipt"
    DELIVERY = "delivery"
    RETURN = "return"
    INVOICE = "invoice"
    PAYMENT = "payment"
    SUPPLIER_BILL = "supplier_bill"
    SUPPLIER_RETURN = "supplier_return"
    STOCKTAKE = "stocktake"
    ADJUSTMENT = "adjustment"
    RECEIVABLE_ADJUSTMENT = "receivable_adjustment"
    BANK = "bank"  # a line of a bank statement booked on an account without a customer


class JournalEntry(Stored, table=True):
    """What one document did to the accounts; its lines add up to nothing."""

    __tablename__ = "journal_entry"
    __table_args__ = guarded(
        Guard.APPEND, sa.Index("ix_journal_entry_source", "source", "source_id"), dated="posted_on"
    )

    id: int = Field(default=None, primary_key=True)
    posted_on: date
    source: SourceKind = choice_column(SourceKind)
    source_id: int
    line_count: int = Field(sa_type=sa.SmallInteger)


class JournalLine(Stored, table=True):
    """One account's part of an entry, in the company's currency: debit positive, credit negative."""

    __tablename__ = "journal_line"
    __table_args__ = guarded(
        Guard.APPEND, parent="journal_entry", key="entry_id", limit="line_count", sqlite_with_rowid=False
    )

    entry_id: int = Field(primary_key=True, foreign_key="journal_entry.id", sa_column_kwargs={"autoincrement": False})
    position: int = Field(primary_key=True, sa_type=sa.SmallInteger, sa_column_kwargs={"autoincrement": False})
    account_id: int = Field(foreign_key="account.id")
    party_id: int | None = Field(default=None, foreign_key="party.id")
    amount: Decimal = amount_column(...)
    currency: str = Field(default="", sa_type=sa.Text)  # of the document where it is not the company's
    currency_amount: Decimal = amount_column(Decimal(0))  # the same in that currency
