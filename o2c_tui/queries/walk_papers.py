"""What is carried through the warehouse on paper: pick lists and count sheets in the order of the walk, and what a count
found.

They are in the company's language. Quantities in stock units, values in the company's currency.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.errors import BadValueError, NotFoundError
from o2c_tui.models.delivery import Delivery, DeliveryState
from o2c_tui.models.item import Warehouse
from o2c_tui.models.order import SalesOrder
from o2c_tui.models.party import Party
from o2c_tui.models.warehouse import Stocktake, StocktakeState
from o2c_tui.models.words import DOCUMENT_WORDS
from o2c_tui.queries.counting import CountLine, sheet
from o2c_tui.queries.document_view import (
    ColumnView,
    DocumentKind,
    DocumentView,
    LineView,
    Said,
    Shape,
    Telling,
)
from o2c_tui.queries.documents import document, document_named
from o2c_tui.queries.goods_papers import Facts, paper_of, warehouse_name
from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.picking import PickLine, pick_list
from o2c_tui.queries.printing import letterhead
from o2c_tui.texts import N_

ZERO = Decimal(0)


# -- picking -----------------------------------------------------------------------------------------------------------


def pick_paper(session: Session, keys: Sequence[int]) -> DocumentView:
    """What to take from where for one delivery or several, by bin; a delivery without a number goes by its order's.

    Raises:
        NotFoundError: there is no such delivery. BadValueError: one was cancelled.
    """
    query = (
        sa.select(Delivery, col(SalesOrder.number), col(Party.name), col(Warehouse.code), col(Warehouse.name))
        .join(SalesOrder, col(SalesOrder.id) == col(Delivery.order_id))
        .join(Party, col(Party.id) == col(Delivery.customer_id))
        .join(Warehouse, col(Warehouse.id) == col(Delivery.warehouse_id))
        .where(col(Delivery.id).in_(keys))
        .order_by(col(Delivery.id))
    )
    rows = session.execute(query).all()
    if not rows:
        raise NotFoundError(
            N_("There is no {kind_word} with the key {key}."), kind_word=DOCUMENT_WORDS["delivery"], key=keys[0]
        )
    for delivery, number, *_ in rows:
        if delivery.state is DeliveryState.CANCELLED:
            raise BadValueError(
                N_("The delivery of {order} was cancelled: there is nothing to pick."), order=delivery.number or number
            )
    names = {delivery.id: delivery.number or number or "–" for delivery, number, *_ in rows}
    places = {code: name for *_, code, name in rows}
    lines = pick_list(session, [delivery.id for delivery, *_ in rows])
    if not lines:
        raise BadValueError(
            N_("Nothing of {order} lies in stock: there is nothing to pick."), order=", ".join(names.values())
        )
    single = len(rows) == 1
    first = rows[0][0]
    facts: Facts = (
        (N_("Warehouse"), ", ".join(f"{code}  {name}" for code, name in sorted(places.items()))),
        *(_one(first, rows[0][2]) if single else ((N_("Deliveries"), Decimal(len(rows))),)),
    )
    company = the_company(session)
    columns, cells = _pick_columns(lines, names, single=single, places=len(places))
    return DocumentView(
        kind=DocumentKind.PICK_LIST,
        number=", ".join(dict.fromkeys(names.values())),
        date=min(delivery.shipped_on for delivery, *_ in rows),
        company=letterhead(session),
        bill_to="",
        currency=company.currency,
        language=company.language,
        references=facts,
        barcodes=tuple(
            dict.fromkeys((names[delivery.id], "" if single else party) for delivery, _number, party, *_ in rows)
        ),
        columns=columns,
        lines=tuple(
            LineView(n, line.item, line.name, None, line.unit, more=more)
            for n, (line, more) in enumerate(zip(lines, cells, strict=True), 1)
        ),
        notes="\n".join(delivery.note for delivery, *_ in rows if delivery.note),
        show_prices=False,
    )


def _one(delivery: Delivery, customer: str) -> Facts:
    """What a picker should know of a single delivery."""
    return (
        (N_("Customer"), customer),
        (N_("Deliver to"), delivery.ship_to),
        (N_("Reference"), delivery.customer_reference),
        (N_("Carrier"), delivery.carrier),
    )


def _pick_columns(
    lines: Sequence[PickLine], names: dict[int, str], *, single: bool, places: int
) -> tuple[tuple[ColumnView, ...], list[tuple[Telling, ...]]]:
    """The columns a pick list needs, and the cells of each line."""
    bins, lots = any(line.location for line in lines), any(line.lot for line in lines)
    made: list[tuple[bool, ColumnView, list[Telling]]] = [
        (True, ColumnView("", "position", Shape.TICK), ["" for _ in lines]),
        (places > 1, ColumnView(N_("Where"), "code"), [line.warehouse for line in lines]),
        (bins, ColumnView(N_("Bin"), "code", strong=True), [line.location or "–" for line in lines]),
        (lots, ColumnView(N_("Lot or serial no."), "unit"), [_lot(line) for line in lines]),
        (
            True,
            ColumnView(N_("Quantity"), "unit", Shape.QUANTITY, strong=True),
            [line.quantity for line in lines],
        ),
        (not single, ColumnView(N_("For")), [names[line.delivery_id] for line in lines]),
    ]
    wanted = [(column, cells) for needed, column, cells in made if needed]
    return tuple(column for column, _ in wanted), [tuple(cells[n] for _, cells in wanted) for n in range(len(lines))]


def _lot(line: PickLine) -> Telling:
    if line.expires_on is None:
        return line.lot
    return Said(N_("{lot}, expires {day}"), (("lot", line.lot), ("day", line.expires_on)))


# -- counting ----------------------------------------------------------------------------------------------------------


def count_sheet(session: Session, key: int, *, expected: bool = False, coded: bool = False) -> DocumentView:
    """The lines of a count in the order of the walk, with room to write; `coded` with the barcode of each item.

    `expected` shows what the books say as well.

    Raises:
        NotFoundError: there is no such count. BadValueError: a blind count shows no quantities.
    """
    found = sheet(session, key)
    if expected and found.blind and found.state == StocktakeState.COUNTING:
        raise BadValueError(N_("{document} is a blind count: its sheet shows no quantities."), document=found.label)
    head = session.get(Stocktake, key)
    assert head is not None
    bins = any(line.location for line in found.lines)
    made: list[tuple[bool, ColumnView, list[Telling]]] = [
        (bins, ColumnView(N_("Bin"), "code", strong=True), [line.location or "–" for line in found.lines]),
        (coded, ColumnView(N_("Barcode"), "unit", Shape.BARS), [line.barcode or line.code for line in found.lines]),
        (expected, ColumnView(N_("Books"), shape=Shape.QUANTITY), [line.book for line in found.lines]),
        (True, ColumnView(N_("Counted"), shape=Shape.WRITE), ["" for _ in found.lines]),
        (not coded, ColumnView(N_("Counted again"), shape=Shape.WRITE), ["" for _ in found.lines]),
    ]
    wanted = [(column, cells) for needed, column, cells in made if needed]
    references: Facts = (
        (N_("Warehouse"), warehouse_name(session, head.warehouse_id)),
        (N_("Lines to count"), Decimal(len(found.lines))),
        (N_("Tolerance"), Said("{percent} %", (("percent", found.tolerance),))),
        (N_("Note"), head.note),
    )
    return paper_of(
        session,
        document(session, "stocktake", key),
        DocumentKind.COUNT_SHEET,
        found.started_on,
        number=head.number or "",
        barcodes=((head.number, ""),) if head.number else (),
        references=references,
        columns=tuple(column for column, _ in wanted),
        lines=tuple(
            LineView(
                line.position,
                line.code,
                line.name,
                None,
                line.unit,
                more=tuple(cells[n] for _, cells in wanted),
                said=_lot_of(line),
            )
            for n, line in enumerate(found.lines)
        ),
    )


def count_differences(session: Session, key: int) -> DocumentView:
    """What a posted count found: each difference with its value, gains and losses, their net.

    Raises:
        NotFoundError: there is no such count. BadValueError: it is not posted.
    """
    found = sheet(session, key)
    if found.state != StocktakeState.POSTED:
        raise BadValueError(N_("{document} is not posted yet: its differences may change."), document=found.label)
    head = session.get(Stocktake, key)
    assert head is not None
    different = [line for line in found.lines if line.difference]
    gains = sum((line.value for line in different if line.value and line.value > ZERO), ZERO)
    losses = sum((line.value for line in different if line.value and line.value < ZERO), ZERO)
    said = Said(N_("{n} of {all}"), (("n", Decimal(found.counted)), ("all", Decimal(len(found.lines)))))
    references: Facts = (
        (N_("Warehouse"), warehouse_name(session, head.warehouse_id)),
        (N_("Posted on"), head.counted_on),
        (N_("Lines counted"), said),
        (N_("Differences"), Decimal(len(different))),
        (N_("Counted by"), _counters(found.lines)),
        (N_("Note"), head.note),
    )
    bins = any(line.location for line in different)
    made: list[tuple[bool, ColumnView, list[Telling]]] = [
        (bins, ColumnView(N_("Bin"), "code"), [line.location or "–" for line in different]),
        (True, ColumnView(N_("Books"), shape=Shape.QUANTITY), [line.book for line in different]),
        (True, ColumnView(N_("Counted"), shape=Shape.QUANTITY), [line.counted for line in different]),
        (
            True,
            ColumnView(N_("Difference"), shape=Shape.QUANTITY, strong=True),
            [line.difference for line in different],
        ),
        (True, ColumnView(N_("Value {currency}"), shape=Shape.MONEY), [line.value for line in different]),
    ]
    wanted = [(column, cells) for needed, column, cells in made if needed]
    return paper_of(
        session,
        document(session, "stocktake", key),
        DocumentKind.COUNT_DIFFERENCES,
        found.started_on,
        barcodes=((found.label, ""),),
        references=references,
        columns=tuple(column for column, _ in wanted),
        lines=tuple(
            LineView(
                n,
                line.code,
                line.name,
                None,
                line.unit,
                note=line.note,
                more=tuple(cells[n - 1] for _, cells in wanted),
                said=_lot_of(line),
            )
            for n, line in enumerate(different, 1)
        ),
        sums=((N_("Gains"), gains), (N_("Losses"), losses)) if gains and losses else (),
        net=head.value,
        gross=head.value,
        show_total=True,
    )


def _lot_of(line: CountLine) -> tuple[Said, ...]:
    return (Said(N_("Lot or serial no. {lot}"), (("lot", line.lot),)),) if line.lot else ()


def _counters(lines: Iterable[CountLine]) -> str:
    return ", ".join(sorted({line.counted_by for line in lines if line.counted_by}))


def deliveries_to_pick(session: Session, numbers: Sequence[str]) -> list[int]:
    """The deliveries of some numbers: a delivery's own, or an order's, which stands for its deliveries not shipped yet.

    Raises:
        NotFoundError: no document has the number. BadValueError: it is neither, or the order has no such delivery.
    """
    found: list[int] = []
    for number in numbers:
        kind, key = document_named(session, number)
        if kind == "delivery":
            found.append(key)
            continue
        if kind != "order":
            raise BadValueError(N_("{number} is no delivery and no sales order."), number=number)
        query = sa.select(col(Delivery.id)).where(
            col(Delivery.order_id) == key,
            col(Delivery.state).in_((DeliveryState.DRAFT, DeliveryState.PICKED, DeliveryState.PACKED)),
        )
        mine = list(session.execute(query.order_by(col(Delivery.id))).scalars())
        if not mine:
            raise BadValueError(
                N_("{order} has no delivery that waits to be picked; o2c do draft_delivery writes one down."),
                order=number.strip().upper(),
            )
        found += mine
    return list(dict.fromkeys(found))
