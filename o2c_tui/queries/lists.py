"""Lists: one page of any kind of document or record, filtered and sorted, by key and never by offset.

`page` gives rows in the list's own order; `after` and `before` are the sort keys of the rows at the page's edges.
Rule: docs/rules/filters.md.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.errors import BadValueError
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.company import Company
from o2c_tui.models.item import Item, ItemCode, ItemUnit, SupplierItem
from o2c_tui.models.party import Party
from o2c_tui.queries.list_codes import CODES
from o2c_tui.queries.list_house import HOUSE
from o2c_tui.queries.list_outbox import OUTBOX
from o2c_tui.queries.list_papers import PAPERS
from o2c_tui.queries.list_rates import RATES
from o2c_tui.queries.list_records import RECORDS
from o2c_tui.queries.list_spec import Condition, ListSpec
from o2c_tui.queries.rows import ORDER
from o2c_tui.rules.entry import number as entered
from o2c_tui.rules.filters import Term, days_of, parse_filter
from o2c_tui.texts import N_

SPECS: dict[str, ListSpec] = {**PAPERS, **HOUSE, **RATES, **CODES, **RECORDS, **OUTBOX}

_COMPARE: dict[str, Callable[[Any, Any], Condition]] = {
    ":": lambda a, b: a == b,
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


def _number(term: Term) -> Decimal:
    try:
        return round(entered(term.value), AMOUNT.places)
    except BadValueError:
        raise BadValueError(N_("'{word}' needs a number, as in amt>1000."), field="filter", word=term.text) from None


def _span(term: Term) -> tuple[date, date]:
    """The days a date word means: a year, a month or a day."""
    found = re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", term.value)
    try:
        if found is None:
            raise ValueError
        year, month, day = int(found[1]), found[2], found[3]
        if day:
            first = date(year, int(month), int(day))
            return first, first
        if month:
            first = date(year, int(month), 1)
            return first, first.replace(day=monthrange(first.year, first.month)[1])
        return date(year, 1, 1), date(year, 12, 31)
    except ValueError:
        raise BadValueError(
            N_("'{word}' needs a day, a month or a year, as in date:2026-11."), field="filter", word=term.text
        ) from None


def _not_here(term: Term) -> BadValueError:
    return BadValueError(N_("This list has nothing to filter by '{word}'."), field="filter", word=term.text)


def _condition(spec: ListSpec, term: Term, today: date, login: str) -> Condition:
    """What one word of the filter asks of a row."""
    if term.key == "":
        looks = [words.ilike(f"%{_like(term.value)}%", escape="\\") for words in spec.words]
        if spec.customer_id is not None:
            looks.append(spec.customer_id.in_(_parties(term.value)))
        if spec.item_id is not None:
            looks.append(spec.item_id.in_(_coded(term.value)))
        return sa.or_(*looks)
    if term.key in ("status", "is"):
        word = term.value.casefold()
        if word in spec.flags:
            return spec.flags[word](today)
        states = getattr(getattr(spec.state, "type", None), "enums", None) or ()
        if word in states:
            return spec.state == word  # type: ignore[no-any-return]
        if word == "mine" and spec.by is not None:
            return spec.by == login  # type: ignore[no-any-return]
        raise BadValueError(
            N_("'{word}' is no status of this list. There are: {words}."),
            field="filter",
            word=term.text,
            words=", ".join([*spec.flags, *(s for s in states if s not in spec.flags)]),
        )
    if term.key == "cust" and spec.customer_id is not None:
        return spec.customer_id.in_(_parties(term.value))  # type: ignore[no-any-return]
    if term.key == "item" and spec.item_lines is not None:
        document, item = spec.item_lines
        named = col(Item.search).ilike(f"%{_like(term.value)}%", escape="\\")
        hits = sa.select(col(Item.id)).where(sa.or_(named, col(Item.id).in_(_coded(term.value))))
        return spec.columns[0].in_(sa.select(document).where(item.in_(hits)))  # type: ignore[no-any-return]
    if term.key == "by" and spec.by is not None:
        return spec.by == (login if term.value == "me" else term.value)  # type: ignore[no-any-return]
    if term.key == "date" and spec.day is not None:
        first, last = _span(term)
        if term.op in (":", "="):
            return spec.day.between(first, last)  # type: ignore[no-any-return]
        return _COMPARE[term.op](spec.day, first if term.op in ("<", ">=") else last)
    if term.key == "due" and spec.due is not None:
        return _COMPARE[term.op if term.op != ":" else "<="](spec.due, today + timedelta(days=days_of(term)))
    if term.key == "overdue" and spec.due is not None:
        late = today - timedelta(days=days_of(term))
        owed = spec.flags.get("overdue") or spec.flags.get("late")
        past = spec.due < late if term.op == ">" else spec.due <= late
        return sa.and_(past, owed(today)) if owed else past
    if term.key == "amt" and spec.total is not None:
        return _COMPARE[term.op](spec.total, _number(term))
    if term.key == "cur" and (currency := _currency_of(spec)) is not None:
        code = term.value.upper()
        own = sa.select(col(Company.currency)).scalar_subquery()
        return sa.or_(currency == code, sa.and_(currency == "", own == code))
    raise _not_here(term)


def _currency_of(spec: ListSpec) -> Any:
    """The column that says in which currency a row is; empty is the company's."""
    return next((column for column in spec.columns if getattr(column, "key", "") == "currency"), None)


def _like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _parties(needle: str) -> Any:
    return sa.select(col(Party.id)).where(col(Party.search).ilike(f"%{_like(needle)}%", escape="\\"))


def _coded(code: str) -> Any:
    """The items that a code stands for: of a box, another barcode, a customer's or a supplier's own code."""
    said = sorted({code, code.upper()})
    return sa.union_all(
        sa.select(col(Item.id)).where(col(Item.barcode).in_(said)),
        sa.select(col(ItemUnit.item_id)).where(col(ItemUnit.barcode).in_(said), col(ItemUnit.active)),
        sa.select(col(ItemCode.item_id)).where(col(ItemCode.code).in_(said), col(ItemCode.active)),
        sa.select(col(SupplierItem.item_id)).where(col(SupplierItem.supplier_code).in_(said), col(SupplierItem.active)),
    )


def filtered(spec: ListSpec, filter_text: str, *, today: date, login: str) -> list[Condition]:
    """The conditions of a filter line.

    Raises:
        BadValueError: a word that this list cannot be filtered by, or a value that is none.
    """
    conditions = list(spec.always)
    for term in parse_filter(filter_text):
        condition = _condition(spec, term, today, login)
        # what is not known (no barcode, no day) is not what the word says: it stays where the word is excluded
        conditions.append(sa.not_(sa.func.coalesce(condition, sa.false())) if term.excluded else condition)
    return conditions


def page_query(
    kind: str,
    conditions: Sequence[Condition] = (),
    *,
    after: Sequence[Any] | None = None,
    before: Sequence[Any] | None = None,
    limit: int = 50,
    from_end: bool = False,
    sort: str = "",
    descending: bool | None = None,
) -> tuple[Any, bool]:
    """The SELECT of one page, and whether its rows come in reverse."""
    spec = SPECS[kind]
    own, down = ORDER[kind]
    fields = spec.row._fields  # type: ignore[attr-defined]
    keys = [spec.columns[fields.index(name)] for name in ((sort, *own) if sort and sort not in own else own)]
    down = down if descending is None else descending
    backwards = before is not None or from_end
    edge = before if before is not None else after
    query = sa.select(*spec.columns).select_from(spec.source).where(*conditions)
    if edge is not None:
        left = sa.tuple_(*keys) if len(keys) > 1 else keys[0]
        binds = [sa.bindparam(f"edge{n}", v, type_=k.type) for n, (k, v) in enumerate(zip(keys, edge, strict=True))]
        right = sa.tuple_(*binds) if len(binds) > 1 else binds[0]
        query = query.where(left < right if down != backwards else left > right)
    order = [key.desc() if down != backwards else key.asc() for key in keys]
    return query.order_by(*order).limit(limit), backwards


def page(
    session: Session,
    kind: str,
    filter_text: str = "",
    *,
    after: Sequence[Any] | None = None,
    before: Sequence[Any] | None = None,
    limit: int = 50,
    from_end: bool = False,
    sort: str = "",
    descending: bool | None = None,
    today: date,
    login: str = "",
) -> list[Any]:
    """One page of a list as plain rows, in the list's order.

    `after` (or `before`) is the key of the row above (or below) the page, as `key_of` gives it; `from_end` starts at
    the last row. `sort` is a field of the row.

    Raises:
        BadValueError: see `filtered`.
    """
    spec = SPECS[kind]
    query, backwards = page_query(
        kind,
        filtered(spec, filter_text, today=today, login=login),
        after=after,
        before=before,
        limit=limit,
        from_end=from_end,
        sort=sort,
        descending=descending,
    )
    rows = [spec.row(*row) for row in session.execute(query)]
    return rows[::-1] if backwards else rows


def count(
    session: Session, kind: str, filter_text: str = "", *, today: date, login: str = ""
) -> tuple[int, Decimal | None]:
    """How many rows a filter leaves, and their total where the list has one."""
    spec = SPECS[kind]
    query = count_query(spec, filtered(spec, filter_text, today=today, login=login))
    number, amount = session.execute(query).one()
    return number, amount


def in_the_way(session: Session, kind: str, filter_text: str, *, today: date, login: str = "") -> list[tuple[str, int]]:
    """For a filter that leaves nothing: each word without which rows would be left, and how many, most first."""
    terms = parse_filter(filter_text)
    found = []
    for n, term in enumerate(terms):
        rest = " ".join(other.text for m, other in enumerate(terms) if m != n)
        left, _total = count(session, kind, rest, today=today, login=login)
        if left:
            found.append((term.text, left))
    return sorted(found, key=lambda word: -word[1])


def count_query(spec: ListSpec, conditions: Sequence[Condition]) -> Any:
    """The SELECT behind `count`."""
    total = sa.func.sum(spec.total, type_=AMOUNT) if spec.total is not None else sa.null()
    return sa.select(sa.func.count(), total).select_from(spec.source).where(*conditions)
