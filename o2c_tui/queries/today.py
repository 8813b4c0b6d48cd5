"""Home's figures as plain values, known without the database layer.

`READ` says how the stored values of each question are read (see rows.py); the questions themselves are in home.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

ZERO = Decimal(0)
LATE_DAYS = 30


@dataclass(frozen=True)
class Task:
    """One line of what is to be done: how many, how much, and the worst of them."""

    count: int
    total: Decimal = ZERO
    worst: str = ""  # a customer's name or a document's number
    worst_days: int = 0
    worst_amount: Decimal = ZERO


@dataclass(frozen=True)
class Kept:
    """A draft that an editor kept."""

    kind: str
    document_id: int
    label: str
    kept_at: datetime


@dataclass(frozen=True)
class Today:
    """Home's figures on one day."""

    quotations: Task  # sent and still valid
    expired: Task  # sent and past their last day
    orders: Task  # confirmed and not fully delivered
    on_hold: Task
    deliveries: Task  # shipped and not fully invoiced
    overdue: Task  # open and past due by more than 30 days
    due: Task  # open and past due at all
    monthly: Task  # customers billed by month who had deliveries in one that is over, not invoiced yet
    recurring: Task  # plans of recurring invoices that are due
    alerts: Task  # items that came to their reorder point, seen by nobody yet
    kept: tuple[Kept, ...] = ()


class Who(NamedTuple):
    """Whose books these are, and the person's own settings (JSON; None where the person is not known yet)."""

    company: str
    currency: str
    digits: int
    is_demo: bool
    time_zone: str
    person: str | None
    settings: str | None
    has_rates: bool  # of other currencies: then even the company's own is named beside a sum


READ = {
    "quotations": " a",
    "expired": " a",
    "orders": " a",
    "on_hold": " a",
    "deliveries": " ",
    "monthly": " ",
    "recurring": " ",
    "alerts": " ",
    "due": " a",
    "overdue": " a",
    "oldest": " da",
    "kept": "   m",
    "who": "   b   b",
}


def told(answers: Mapping[str, Sequence[Sequence[Any]]], today: date) -> Today:
    """Home's figures from the rows that each question gave."""
    tasks = {}
    for name in ("quotations", "expired", "orders", "on_hold", "due", "overdue"):
        number, total = answers[name][0]
        tasks[name] = Task(number, total or ZERO)
    for name, due_on, left in answers["oldest"]:
        late = tasks["overdue"]
        tasks["overdue"] = Task(late.count, late.total, name, (today - due_on).days, left)
    for name in ("deliveries", "monthly", "recurring", "alerts"):
        tasks[name] = Task(answers[name][0][0])
    return Today(**tasks, kept=tuple(Kept(*row) for row in answers["kept"]))
