"""How values are stored and what the books promise of each column.

Stored figures are scaled integers, so SQL adds and compares them exactly on every database. Each column of a guarded
table plays one of three roles, declared here once; the triggers, the audit hash and `verify` all read the declaration:

- *fact* (the default): frozen once the row is posted, and covered by the audit hash;
- *decided*: changed by later verbs, each change told in an audit entry (state, accepted on, hold reason);
- *kept*: a derived figure that lists need, written by the verb that moves it and recomputed by `verify`.

A session loads the tables of the work in hand, not all of them (each column costs it some 16 kB). A row can be written
only where the tables it points to are known, so each module names theirs: `POINTS_TO`.

Facts that were agreed with a customer may be put anew by a revision (`guarded(…, revised=…)`): only together with the
next revision's number, each change told in an audit entry, and all of them hashed again. `verify` goes back from what
stands now, change by change, to what every earlier entry hashed.
"""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlmodel import Field, SQLModel

from o2c_tui.errors import BadValueError
from o2c_tui.texts import N_

# Names for every constraint, so that a migration can find them (set before the first table is defined).
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Stored(SQLModel):
    """What is stored. Rows are checked at the door (rules/values.py) and by the database, so pydantic's validators are not
    built: for all tables they would cost a session more than a megabyte."""

    model_config = {"defer_build": True}


AMOUNT_PLACES = 4  # covers every ISO 4217 currency
PRICE_PLACES = 6  # unit prices, quantities, rates, unit costs
MOST = 2**63 - 1  # what the stored integer holds


class UnfitFigureError(BadValueError, sa.exc.DontWrapMixin):
    """A figure that its column cannot hold: the net under every door, whatever computed it."""


class FixedPoint(sa.types.TypeDecorator[Decimal]):
    """A Decimal stored as an integer of 10⁻ᵖˡᵃᶜᵉˢ; digits beyond that are refused, never rounded quietly."""

    impl = sa.BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places
        self.unit = Decimal(1).scaleb(-places)

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        try:
            scaled = Decimal(value).scaleb(self.places)
            whole = int(scaled)
        except (ArithmeticError, ValueError):  # no number, or beyond all bounds
            scaled, whole = Decimal(1), 0
        if whole != scaled or abs(whole) > MOST:
            raise UnfitFigureError(
                N_("{text} does not fit: figures here have at most {places} decimals and stay below {most}."),
                text=f"{value:.12g}" if abs(whole) > MOST else str(value),
                places=self.places,
                most=Decimal(MOST // 10**self.places),
            )
        return whole

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        # SUM of BIGINT is NUMERIC on PostgreSQL and an integer on SQLite
        return None if value is None else Decimal(int(value)).scaleb(-self.places)


AMOUNT = FixedPoint(AMOUNT_PLACES)
PRICE = FixedPoint(PRICE_PLACES)
QUANTITY = PRICE  # one scale for all that is not an amount
ZERO = Decimal(0)


def state_type(states: type[StrEnum], check: str = "") -> Any:
    """A column type that stores a StrEnum by value, with a CHECK (SQLModel's own stores the member's name).

    `check` names the constraint where one table has two columns of the same words.
    """
    return sa.Enum(
        states,
        values_callable=lambda e: [member.value for member in e],
        native_enum=False,
        create_constraint=True,
        length=32,
        name=check or states.__name__.lower(),
    )


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware UTC moment, stored as whole microseconds since 1970 (8 bytes, the same on every database)."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        whole = value.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
        return (whole.days * 86_400 + whole.seconds) * 1_000_000 + whole.microseconds

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return (
            None
            if value is None
            else datetime.fromtimestamp(value // 1_000_000, UTC).replace(microsecond=value % 1_000_000)
        )


class Role(StrEnum):
    """What the books promise of a column (see the module's text)."""

    FACT = "fact"
    DECIDED = "decided"
    KEPT = "kept"


def role_of(column: sa.Column[Any]) -> Role:
    """The declared role of a column; a fact unless it says otherwise."""
    return cast(Role, column.info.get("role", Role.FACT))


def _column(sa_type: Any, default: Any, role: Role, options: dict[str, Any]) -> Any:
    kwargs: dict[str, Any] = {"info": {"role": role}}
    if default is not ...:
        options["default"] = default
    return Field(sa_type=sa_type, sa_column_kwargs=kwargs, **options)


def amount_column(default: Any = ..., *, role: Role = Role.FACT, **options: Any) -> Any:
    """An amount of money, 4 places."""
    return _column(AMOUNT, default, role, options)


def price_column(default: Any = ..., *, role: Role = Role.FACT, **options: Any) -> Any:
    """A unit price, unit cost or rate, 6 places."""
    return _column(PRICE, default, role, options)


def quantity_column(default: Any = ..., *, role: Role = Role.FACT, **options: Any) -> Any:
    """A quantity in the item's stock unit, 6 places."""
    return _column(QUANTITY, default, role, options)


Steps = dict[StrEnum, tuple[StrEnum, ...]]  # of a document: which states each state leads to


def state_column(default: StrEnum, *, steps: Steps | None = None, **options: Any) -> Any:
    """A state or a choice, stored by value; decided by verbs. A document's `state` says which steps it allows."""
    column = _column(state_type(type(default)), default, Role.DECIDED, options)
    if steps is not None:
        column.sa_column_kwargs["info"]["steps"] = steps
    return column


def choice_column(kind: type[StrEnum], default: Any = ..., *, role: Role = Role.FACT, **options: Any) -> Any:
    """One of a closed list of words, stored by value; `check` as in state_type."""
    return _column(state_type(kind, options.pop("check", "")), default, role, options)


def moment_column(default: Any = None, *, role: Role = Role.DECIDED, **options: Any) -> Any:
    """An aware UTC moment."""
    return _column(Moment(), default, role, options)


def decided(sa_type: Any, default: Any = None, **options: Any) -> Any:
    """A value that a later verb writes once or again, each time told in an audit entry."""
    return _column(sa_type, default, Role.DECIDED, options)


def kept(sa_type: Any, default: Any = 0, **options: Any) -> Any:
    """A derived figure kept on the row for lists; recomputed by verify."""
    return _column(sa_type, default, Role.KEPT, options)


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> sa.Index:
    """An index of the rows that meet a condition."""
    return sa.Index(name, *columns, unique=unique, sqlite_where=sa.text(where), info={"where": where})


def word_for_postgres(metadata: sa.MetaData) -> None:
    """Give the partial indexes their condition in PostgreSQL's words too, before tables are made there.

    Not at once: it loads that dialect, three megabytes that books in a file never need.
    """
    for table in metadata.tables.values():
        for index in table.indexes:
            if "where" in index.info:
                index.dialect_options["postgresql"]["where"] = sa.text(index.info["where"])


class Guard(StrEnum):
    """How the database itself protects a table (triggers on SQLite and PostgreSQL are made from this)."""

    APPEND = "append"  # a row is a fact from its insert on
    POSTED = "posted"  # a row is a fact once its state is no longer draft
    CHILD = "child"  # a row is a fact once its parent is posted


def guarded(
    guard: Guard,
    *more: Any,
    parent: str = "",
    key: str = "",
    limit: str = "",
    open_states: tuple[str, ...] = ("draft",),
    revised: tuple[str, ...] = (),
    dated: str = "",
    **options: Any,
) -> tuple[Any, ...]:
    """Table arguments that declare a guard.

    `open_states` are the states of a POSTED table in which its rows may still be edited and deleted.
    `parent` and `key` name the parent table and the column that points to it. `limit` names the parent's column that
    says how many children it has, for a parent that has no draft (a journal entry): a line beyond it is refused.
    `revised` names the facts that a revision may put anew; the table, and its parent, then have a column `revision`.
    `dated` names the day on which a row counts in the books: none may be posted into a locked period.
    """
    info = {
        "guard": guard,
        "parent": parent,
        "key": key,
        "limit": limit,
        "open_states": open_states,
        "revised": revised,
        "dated": dated,
    }
    return (*more, {"info": info, **options})
