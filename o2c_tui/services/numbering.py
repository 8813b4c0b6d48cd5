"""Numbers for people: gapless per kind and year, taken inside the transaction that needs them.

Rule: docs/rules/numbers.md.
"""

from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import DateOrderError
from o2c_tui.models.company import DATED, NumberSeries
from o2c_tui.models.words import DOCUMENT_WORDS
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

PATTERNS = {  # kind of document → pattern of a new company
    "quotation": "Q{yy}-{n:04}",
    "sales_order": "SO{yy}-{n:04}",
    "delivery": "DN{yy}-{n:04}",
    "customer_return": "RET{yy}-{n:04}",
    "goods_receipt": "GR{yy}-{n:04}",
    "invoice": "INV{yy}-{n:04}",
    "credit_note": "CN{yy}-{n:04}",
    "payment": "PAY{yy}-{n:04}",
    "purchase_order": "PO{yy}-{n:04}",
    "supplier_bill": "BILL{yy}-{n:04}",
    "supplier_return": "SR{yy}-{n:04}",
    "stock_transfer": "TR{yy}-{n:04}",
    "stocktake": "ST{yy}-{n:04}",
    "stock_adjustment": "ADJ{yy}-{n:04}",
    "receivable_adjustment": "RA{yy}-{n:04}",
    "reminder": "RM{yy}-{n:04}",
}

_series = table_of(NumberSeries)
_TAKE = (
    sa.update(_series)
    .where(
        _series.c.kind == sa.bindparam("_kind"),
        _series.c.year == sa.bindparam("_year"),
        sa.or_(_series.c.dates_may_fall, _series.c.last_on <= sa.bindparam("_on")),
    )
    .values(
        next=_series.c.next + 1,
        last_on=sa.case((_series.c.last_on < sa.bindparam("_on"), sa.bindparam("_on")), else_=_series.c.last_on),
    )
    .returning(_series.c.next, _series.c.pattern)
)


def shown_number(pattern: str, year: int, n: int) -> str:
    """The n-th number of a year as people read it; `{yy}`, `{yyyy}` and `{n:04}` are filled."""
    return pattern.format(yy=f"{year % 100:02}", yyyy=year, n=n)


def next_number(session: Session, kind: str, on: date) -> str:
    """The next number of a series in the year of `on`; a new year starts at 1 with the pattern of the year before.

    Raises:
        DateOrderError: the newest number of this series bears a later date.
    """
    number = _taken(session, kind, on)
    session.info.setdefault("numbers", []).append(number)  # noted outside the books too, once it is committed
    return number


def _taken(session: Session, kind: str, on: date) -> str:
    taken = session.connection().execute(_TAKE, {"_kind": kind, "_year": on.year, "_on": on.isoformat()}).one_or_none()
    if taken is None:
        latest = session.exec(
            select(NumberSeries).where(NumberSeries.kind == kind).order_by(col(NumberSeries.year).desc())
        ).all()
        same_year = next((series for series in latest if series.year == on.year), None)
        if same_year is not None:
            raise DateOrderError(
                N_("The newest {kind_word} is dated {last}; dates of this series do not run back to {on}."),
                field="date",
                kind_word=DOCUMENT_WORDS[kind],
                last=same_year.last_on,
                on=on.isoformat(),
            )
        pattern = latest[0].pattern if latest else PATTERNS[kind]
        falls = latest[0].dates_may_fall if latest else kind not in DATED
        if latest and latest[0].last_on > on.isoformat() and not falls:
            raise DateOrderError(
                N_("The newest {kind_word} is dated {last}; dates of this series do not run back to {on}."),
                field="date",
                kind_word=DOCUMENT_WORDS[kind],
                last=latest[0].last_on,
                on=on.isoformat(),
            )
        session.add(
            NumberSeries(kind=kind, year=on.year, pattern=pattern, next=2, last_on=on.isoformat(), dates_may_fall=falls)
        )
        session.flush()
        return shown_number(pattern, on.year, 1)
    return shown_number(taken.pattern, on.year, taken.next - 1)
