"""Bank statements as plain rows, whatever file they came in; what makes a line the same one again; balances and gaps.

Rule: docs/rules/bank.md.
"""

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True)
class StatementLine:
    """One movement as a bank told it. Money that came in is positive; `line` is where it stands in the file."""

    booked_on: date
    amount: Decimal
    value_on: date | None = None
    currency: str = ""
    text: str = ""
    reference: str = ""  # the payer's
    bank_reference: str = ""
    counterparty: str = ""
    counterparty_account: str = ""
    line: int = 0


@dataclass(frozen=True)
class Statement:
    """One statement of a file: the account as the bank calls it, the balances it tells, and its lines."""

    format: str  # camt053, mt940, ofx, csv
    lines: tuple[StatementLine, ...]
    account: str = ""  # IBAN, or the bank's own kind of number; empty where the file does not say
    currency: str = ""
    reference: str = ""  # the bank's number of the statement
    from_on: date | None = None
    to_on: date | None = None
    opening: Decimal | None = None
    closing: Decimal | None = None

    @property
    def missing(self) -> Decimal:
        """What its balances tell and its lines do not; nothing where it does not say both balances."""
        if self.opening is None or self.closing is None:
            return ZERO
        return self.closing - self.opening - sum((line.amount for line in self.lines), ZERO)

    @property
    def first_day(self) -> date | None:
        """The day it begins: as it says, else that of its first line."""
        return self.from_on or min((line.booked_on for line in self.lines), default=self.to_on)

    @property
    def last_day(self) -> date | None:
        """The day it ends: as it says, else that of its last line."""
        return self.to_on or max((line.booked_on for line in self.lines), default=self.from_on)


def told(line: StatementLine) -> str:
    """All the words of a line as one, however a bank wrapped them."""
    words = f"{line.text} {line.reference} {line.counterparty}"
    return " ".join(unicodedata.normalize("NFKC", words).casefold().split())


def identities(account: str, lines: Sequence[StatementLine]) -> list[str]:
    """What each line is known by: account, day, amount, words, and a running number among those that are equal.

    The same file again, or one that overlaps it, gives the same identities for the same movements.
    """
    seen: dict[tuple[date, Decimal, str], int] = defaultdict(int)
    found = []
    for line in lines:
        key = (line.booked_on, line.amount.normalize(), told(line))
        seen[key] += 1
        whole = "\x1f".join((account, key[0].isoformat(), format(key[1], "f"), key[2], str(seen[key])))
        found.append(hashlib.sha256(whole.encode()).hexdigest())
    return found


def told_in(text: str, currency: str, digits: int) -> Decimal | None:
    """The amount in a currency that a line's words name (`USD 1,000.00`, `1.000,00 USD`): what was paid before the bank
    changed it. None where there is none, or several differ."""
    figure, code = r"(\d[\d.,']*)", re.escape(currency)
    found = re.findall(rf"(?<![A-Z]){code}\s?{figure}", text.upper())
    found = found or re.findall(rf"(?<![\d.,'-]){figure}\s?{code}(?![A-Z])", text.upper())
    amounts = {_amount(told, digits) for told in found} - {ZERO}
    return amounts.pop() if len(amounts) == 1 else None


def _amount(text: str, digits: int) -> Decimal:
    """A figure whose last separator, before one or two digits at the end, parts the cents; others part thousands."""
    cents = re.search(r"[.,](\d{1,2})$", text.rstrip(".,'")) if digits else None
    whole = re.sub(r"\D", "", text[: cents.start()] if cents else text)
    return Decimal(f"{whole or 0}.{cents.group(1)}" if cents else whole or 0)


def account_key(text: str) -> str:
    """An account number without what people write between its signs."""
    return re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", text).upper())


# -- balances --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """The balances of one statement that was taken in."""

    id: int
    first_day: date
    last_day: date
    opening: Decimal
    closing: Decimal


@dataclass(frozen=True)
class Gap:
    """A statement that does not begin where those before it ended: how much moved that no line tells."""

    statement_id: int
    after: date  # the last day that is known
    before: date  # the first day of the statement
    amount: Decimal


def gaps(statements: Sequence[Told], moved: Sequence[tuple[date, Decimal]]) -> list[Gap]:
    """Where statements of one account do not follow each other; they may overlap.

    `moved` are all lines of the account. The first statement says where it all begins; each further one must open at
    that, with all that moved before its first day.
    """
    found: list[Gap] = []
    ordered = sorted(statements, key=lambda s: (s.first_day, s.last_day, s.id))
    if not ordered:
        return found
    start, known = ordered[0], ordered[0].last_day
    jumped = ZERO
    for statement in ordered[1:]:
        before = sum((part for day, part in moved if start.first_day <= day < statement.first_day), ZERO)
        amount = statement.opening - (start.opening + before + jumped)
        if amount:
            found.append(Gap(statement.id, known, statement.first_day, amount))
            jumped += amount
        known = max(known, statement.last_day)
    return found
