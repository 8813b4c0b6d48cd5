"""What an answer to "why?" is made of: a figure, and the rows whose sum it is. Frozen plain values for every face."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from o2c_tui.errors import TradeError
from o2c_tui.money import show_money, show_quantity

ZERO = Decimal(0)
MOST_MOVES = 60  # movements told one by one; what is older stands in one row


@dataclass(frozen=True)
class Subject:
    """What a figure is of: an item in a warehouse, a customer, a document or one line of it."""

    kind: str  # stock, item, customer, or a kind of document
    id: int
    other: int = 0  # the warehouse of stock; the position of a line, 0: the whole document


@dataclass(frozen=True)
class Said:
    """A marked sentence with its values."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def said(self, translate: Callable[[str], str] = str) -> str:
        """The sentence, translated by `translate` and filled."""
        return TradeError(self.template, **self.values).said(translate)


def says(template: str, **values: Any) -> Said:
    """A sentence; the template is marked by N_ where it stands."""
    return Said(template, values)


@dataclass(frozen=True)
class Part:
    """One row: what it is, whose, when, and how much of the figure it makes (None: it only explains)."""

    label: str  # marked words
    value: Decimal | None = None
    about: str = ""  # customer, item: as it stands in the books
    note: Said | None = None
    on: date | None = None
    number: str = ""  # what people call what it came from
    opens: Subject | None = None  # what Enter opens
    figure: str = ""  # the figure that Enter asks of it; empty: the document or card itself


@dataclass(frozen=True)
class Why:
    """A figure and the rows it is the sum of."""

    figure: str  # key of why.FIGURES
    subject: str  # as people call it
    total: Decimal | None  # None: a question without a figure
    parts: tuple[Part, ...]
    unit: str = ""  # currency or stock unit
    digits: int | None = None  # decimals of an amount; None: a quantity
    notes: tuple[Said, ...] = ()  # the rule, and what else is to be known

    def shown(self, value: Decimal) -> str:
        """A value as people read it: an amount with at least the cents, and what lies beyond them where it does."""
        if self.digits is None:
            return show_quantity(value)
        return show_money(value, max(self.digits, -int(value.normalize().as_tuple().exponent)))

    @property
    def adds_up(self) -> bool:
        """Whether the rows make the figure; else the books are damaged (verify says where)."""
        return self.total is None or self.total == sum((p.value for p in self.parts if p.value is not None), ZERO)
