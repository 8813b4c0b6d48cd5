"""How a kind of list is asked for: its columns, where they come from, what it can be filtered by.

Rule: docs/rules/filters.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

Condition = sa.ColumnElement[bool]
Test = Callable[[date], Condition]


@dataclass(frozen=True)
class ListSpec:
    """How one kind of list is asked for."""

    row: type
    columns: Sequence[Any]
    source: Any
    words: Sequence[Any]  # columns that free words look in
    customer_id: Any = None
    item_id: Any = None  # free words also find an item by the whole of a code that a box or a party has for it
    day: Any = None
    due: Any = None
    total: Any = None
    by: Any = None
    state: Any = None
    always: Sequence[Any] = ()
    flags: dict[str, Test] = field(default_factory=dict)  # status: and is: words
    item_lines: Any = None  # document id column of its lines, and their item column


def item_lines(model: Any, key: Any) -> tuple[Any, Any]:
    """Of lines: the column that holds their document, and the one that holds their item."""
    return col(key), col(model.item_id)
