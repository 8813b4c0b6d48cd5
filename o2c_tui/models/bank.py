"""The bank: accounts, imported statements with their lines, what each line was matched with, rules learned from that."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from o2c_tui.models import ledger, party, receivable, receivable_adjustment
from o2c_tui.models.base import (
    Guard,
    Role,
    Steps,
    Stored,
    amount_column,
    decided,
    guarded,
    kept,
    moment_column,
    partial_index,
    state_column,
)
from o2c_tui.texts import N_

POINTS_TO = (ledger, party, receivable, receivable_adjustment)  # their tables are loaded with these


class BankAccount(Stored, table=True):
    """An account at a bank, and the account of the ledger that mirrors it."""

    __tablename__ = "bank_account"

    id: int = Field(default=None, primary_key=True)
    code: str = decided(sa.Text, unique=True)
    name: str = decided(sa.Text)
    account_id: int = decided(sa.Integer, ..., foreign_key="account.id")
    holder: str = decided(sa.Text, "")  # as the bank knows it; empty: the company
    bank: str = decided(sa.Text, "")  # the bank's name
    iban: str = decided(sa.Text, "")  # or its own kind of number
    bic: str = decided(sa.Text, "")
    currency: str = decided(sa.Text, "")  # empty: the company's
    is_default: bool = decided(sa.Boolean, False)  # printed on invoices, with its code for paying
    active: bool = decided(sa.Boolean, True)
    version: int = Field(default=1)


class BankStatement(Stored, table=True):
    """One imported statement: where it came from and the balances it tells."""

    __tablename__ = "bank_statement"
    __table_args__ = guarded(Guard.APPEND, sa.Index("ix_bank_statement_account", "bank_account_id", "to_on"))

    id: int = Field(default=None, primary_key=True)
    bank_account_id: int = Field(foreign_key="bank_account.id")
    file_name: str = Field(default="", sa_type=sa.Text)
    format: str = Field(sa_type=sa.Text)  # camt053, mt940, ofx, csv
    sha256: str = Field(default="", sa_type=sa.Text)
    reference: str = Field(default="", sa_type=sa.Text)  # the bank's number of the statement
    from_on: date | None = None
    to_on: date | None = None
    opening: Decimal | None = amount_column(None, nullable=True)
    closing: Decimal | None = amount_column(None, nullable=True)
    currency: str = Field(default="", sa_type=sa.Text)
    imported_at: datetime | None = moment_column(None, role=Role.FACT, nullable=True)
    by: str = Field(sa_type=sa.Text)


class BankLineState(StrEnum):
    """Whether somebody has decided what a line is."""

    OPEN = "open"
    MATCHED = "matched"
    IGNORED = "ignored"


BANK_LINE_STEPS: Steps = {
    BankLineState.OPEN: (BankLineState.MATCHED, BankLineState.IGNORED),
    BankLineState.MATCHED: (BankLineState.OPEN,),
    BankLineState.IGNORED: (BankLineState.OPEN,),
}
BANK_LINE_WORDS = {
    BankLineState.OPEN: N_("open"),
    BankLineState.MATCHED: N_("matched"),
    BankLineState.IGNORED: N_("ignored"),
}


class BankLine(Stored, table=True):
    """One movement on the bank account, as the bank told it; its identity lets it in only once."""

    __tablename__ = "bank_line"
    __table_args__ = guarded(
        Guard.APPEND,
        sa.Index("ix_bank_line_account", "bank_account_id", "booked_on", "id"),
        partial_index("ix_bank_line_open", "id", where="state = 'open'"),
    )

    id: int = Field(default=None, primary_key=True)
    statement_id: int = Field(foreign_key="bank_statement.id")
    bank_account_id: int = Field(foreign_key="bank_account.id")
    position: int
    booked_on: date
    value_on: date | None = None
    amount: Decimal = amount_column(...)  # in the account's currency; money that came in is positive
    currency: str = Field(default="", sa_type=sa.Text)
    text: str = Field(default="", sa_type=sa.Text)
    reference: str = Field(default="", sa_type=sa.Text)  # the payer's
    bank_reference: str = Field(default="", sa_type=sa.Text)
    counterparty: str = Field(default="", sa_type=sa.Text)
    counterparty_account: str = Field(default="", sa_type=sa.Text)
    identity: str = Field(sa_type=sa.Text, unique=True)  # account, date, amount, text and running number, hashed
    state: BankLineState = state_column(BankLineState.OPEN, steps=BANK_LINE_STEPS)
    customer_id: int | None = decided(
        sa.Integer, None, nullable=True, foreign_key="party.id"
    )  # found by whoever matched
    note: str = decided(sa.Text, "")
    version: int = kept(sa.Integer, 1)


class BankMatch(Stored, table=True):
    """What a line was matched with: a payment, a change of a customer's account, or an account of the ledger itself."""

    __tablename__ = "bank_match"
    __table_args__ = guarded(
        Guard.APPEND,
        sa.Index("ix_bank_match_line_id", "line_id"),
        partial_index("ix_bank_match_payment_id", "payment_id", where="payment_id IS NOT NULL"),
    )

    id: int = Field(default=None, primary_key=True)
    line_id: int = Field(foreign_key="bank_line.id")
    payment_id: int | None = Field(default=None, foreign_key="payment.id")
    adjustment_id: int | None = Field(default=None, foreign_key="receivable_adjustment.id")
    account_id: int | None = Field(default=None, foreign_key="account.id")  # booked there by a journal entry of its own
    amount: Decimal = amount_column(...)  # of the line; the opposite where a match is undone
    matched_on: date
    reasons: str = Field(default="", sa_type=sa.Text)  # JSON: why it was proposed
    by: str = Field(sa_type=sa.Text)
    undoes_id: int | None = Field(default=None, foreign_key="bank_match.id")


class BankRule(Stored, table=True):
    """What decisions taught: lines that look like this belong to that customer, or on that account."""

    __tablename__ = "bank_rule"
    __table_args__ = (sa.UniqueConstraint("field", "pattern"),)

    id: int = Field(default=None, primary_key=True)
    field: str = decided(sa.Text)  # counterparty, counterparty_account, text
    pattern: str = decided(sa.Text)  # folded
    customer_id: int | None = decided(sa.Integer, None, nullable=True, foreign_key="party.id")
    account_id: int | None = decided(sa.Integer, None, nullable=True, foreign_key="account.id")
    times: int = kept(sa.Integer, 1)  # how often it was borne out
    learned_on: date | None = decided(sa.Date, None, nullable=True)
    active: bool = decided(sa.Boolean, True)
    version: int = Field(default=1)
