"""What goes with goods on paper: purchase orders, delivery notes, receipts, returns, transfers.

Everything comes from the document's own snapshot, but for the letterhead, the supplier's packs and the codes and lots of
items, which are those of today. Quantities as on the lines.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.models.base import QUANTITY
from o2c_tui.models.delivery import DISPOSITION_WORDS, Delivery, Disposition
from o2c_tui.models.item import Item, Location, Lot, SupplierItem, Tracking, Warehouse
from o2c_tui.models.order import SalesOrderLine
from o2c_tui.models.party import Party
from o2c_tui.models.stock import MoveKind, PlaceMove, StockMove
from o2c_tui.money import Rounding, share_of
from o2c_tui.queries.document_view import (
    ColumnView,
    DocumentKind,
    DocumentView,
    LineView,
    PartyView,
    Said,
    Shape,
    Telling,
)
from o2c_tui.queries.documents import Document, document
from o2c_tui.queries.lookups import addresses, the_company
from o2c_tui.queries.printing import carriage, chain_mark, letterhead, printed, term_name
from o2c_tui.rules.pricing import LineInput, line_amount
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)
Facts = tuple[tuple[str, Telling], ...]


def paper_of(session: Session, found: Document, kind: DocumentKind, on: date, **fields: Any) -> DocumentView:
    """What all of these papers share: the letterhead, the number, the state, the company's language unless told."""
    company = the_company(session)
    party_id = found.head.get("supplier_id") or found.head.get("customer_id")
    party = session.get(Party, party_id) if party_id else None
    plain: dict[str, Any] = {
        "kind": kind,
        "number": found.head["number"] or "–",
        "date": on,
        "company": letterhead(session),
        "bill_to": "",
        "currency": company.currency,
        "digits": company.digits,
        "customer": PartyView(party.code, party.tax_id, party.contact) if party else PartyView(),
        "language": company.language,
        "watermark": N_("DRAFT") if found.state == "draft" else N_("VOID") if found.state == "cancelled" else "",
        "chain_mark": chain_mark(session, found.kind, found.id),
        "show_prices": False,
    }
    return DocumentView(**{**plain, **fields})


def warehouse_address(session: Session, warehouse_id: int) -> str:
    """Where a warehouse is: the company, its name, its address (or the company's)."""
    company, warehouse = the_company(session), session.get(Warehouse, warehouse_id)
    assert warehouse is not None
    return "\n".join(part for part in (company.name, warehouse.name, warehouse.address or company.address) if part)


# -- to suppliers ------------------------------------------------------------------------------------------------------


def purchase_order(session: Session, key: int) -> DocumentView:
    """A purchase order in the supplier's language: with the supplier's codes and packs, where and when to deliver."""
    found = document(session, "purchase", key)
    head = found.head
    state: Facts = ()
    if found.state == "closed":
        state = ((N_("Status"), Said(N_("closed: the rest is no longer wanted"))),)
    references: Facts = (
        (N_("Deliver by"), head["expected_on"]),
        (N_("Your reference"), head["supplier_reference"]),
        *state,
    )
    coded = any(line["supplier_code"] for line in found.lines)
    packs = _packs(session, head["supplier_id"], found.lines)
    lines = tuple(
        LineView(
            line["position"],
            line["item"],
            line["description"],
            line["quantity"],
            line["unit"],
            line["unit_price"],
            net=line["net"],
            more=(line["supplier_code"],) if coded else (),
            said=(*packs.get(line["id"], ()), *_changes(line, head["expected_on"])),
        )
        for line in found.lines
    )
    return paper_of(
        session,
        found,
        DocumentKind.PURCHASE_ORDER,
        head["ordered_on"],
        bill_to=head["address"],
        ship_to=head["deliver_to"],
        currency=head["currency"],
        digits=head["digits"],
        language=head["language"],
        revision=head.get("revision", 0) if head.get("revision", 0) > 1 else 0,
        references=references,
        columns=(ColumnView(N_("Your item no."), before="description"),) if coded else (),
        lines=lines,
        net=head["net"],
        gross=head["net"],
        notes=head["note"],
        terms=term_name(session, head["term"]),
        show_prices=True,
        remark=N_("Prices without tax."),
    )


def _packs(session: Session, supplier_id: int, lines: Iterable[Mapping[str, Any]]) -> dict[int, tuple[Said, ...]]:
    """By line: what its unit holds, and how many of the supplier's packs it asks for."""
    wanted = {line["item_id"] for line in lines}
    query = select(SupplierItem).where(SupplierItem.supplier_id == supplier_id, col(SupplierItem.item_id).in_(wanted))
    offers = {offer.item_id: offer for offer in session.exec(query)}
    stock_units = dict(session.execute(sa.select(col(Item.id), col(Item.unit)).where(col(Item.id).in_(wanted))).all())
    found: dict[int, tuple[Said, ...]] = {}
    for line in lines:
        unit, said, offer = line["unit"], [], offers.get(line["item_id"])
        if line["factor_num"] and line["factor_den"] == 1:
            inner = (("unit", unit), ("n", Decimal(line["factor_num"])), ("inner", stock_units[line["item_id"]]))
            said.append(Said(N_("1 {unit} = {n} {inner}"), inner))
        same = offer is not None and (offer.unit or stock_units[line["item_id"]]).casefold() == unit.casefold()
        if same and offer is not None and offer.active and offer.pack > 1:
            many, rest = divmod(line["quantity"], offer.pack)
            size = (("pack", offer.pack), ("unit", unit))
            said.append(
                Said(N_("Packs of {pack} {unit}"), size)
                if rest
                else Said(N_("{n} packs of {pack} {unit}"), (("n", many), *size))
            )
        found[line["id"]] = tuple(said)
    return found


def _changes(line: Mapping[str, Any], expected_on: date | None) -> list[Said]:
    """A day of the line's own, and what of it is no longer wanted."""
    said = []
    if line["expected_on"] and line["expected_on"] != expected_on:
        said.append(Said(N_("Deliver by {day}"), (("day", line["expected_on"]),)))
    if line["cancelled"]:
        gone = (("n", line["cancelled"]), ("unit", line["unit"]))
        said.append(Said(N_("{n} {unit} of it no longer wanted"), gone))
    return said


def supplier_return(session: Session, key: int) -> DocumentView:
    """Goods on their way back to the supplier, in its language: from which receipt, why."""
    found = document(session, "supplier_return", key)
    head = found.head
    party = session.get(Party, head["supplier_id"]) if head["supplier_id"] else None
    receipts = [link for link in found.chain if link.kind == "receipt" and link.id == head["receipt_id"]]
    orders = [link for link in found.chain if link.kind == "purchase"]
    references: Facts = (
        *((N_("Goods receipt no."), link.number) for link in receipts),
        *((N_("Purchase order no."), link.number) for link in orders[:1]),
        (N_("Reason"), head["reason"]),
    )
    company = the_company(session)
    return paper_of(
        session,
        found,
        DocumentKind.SUPPLIER_RETURN,
        head["returned_on"],
        bill_to=addresses(session, party)[0] if party else "",
        ship_to=warehouse_address(session, head["warehouse_id"]),
        language=(party.language if party else "") or company.language,
        references=references,
        lines=_moved(session, found)[1],
    )


# -- to customers ------------------------------------------------------------------------------------------------------


def delivery_note(session: Session, key: int, *, priced: bool = False) -> DocumentView:
    """A delivery note with the lots and serial numbers of what goes; `priced` with the prices of its order.

    What a part of an order line is worth is its share of the line, to the cent, as an invoice would bill it first.
    """
    plain = printed(session, "delivery", key)
    found = document(session, "delivery", key)
    lots = _lots_picked(session, found.lines)
    lines = tuple(
        replace(view, said=lots.get(line["id"], ())) for view, line in zip(plain.lines, found.lines, strict=True)
    )
    if not priced:
        return replace(plain, lines=lines)
    return _with_prices(session, replace(plain, lines=lines), found)


def _with_prices(session: Session, view: DocumentView, found: Document) -> DocumentView:
    order = document(session, "order", found.head["order_id"]).head
    table = table_of(SalesOrderLine)
    keys = [line["order_line_id"] for line in found.lines]
    sold = {row.id: row for row in session.execute(sa.select(table).where(table.c.id.in_(keys)))}
    digits, rounding = order["digits"], Rounding(order["rounding"])
    lines, worth, before = [], ZERO, ZERO
    for shown, line in zip(view.lines, found.lines, strict=True):
        row = sold[line["order_line_id"]]
        part, whole = line["quantity"], row.quantity
        off = share_of(row.discount_amount, part, whole, digits, rounding)
        full = line_amount(LineInput(part, row.unit_price, row.discount_percent, off), digits, rounding)
        value = row.net + row.tax if row.tax_included else row.net
        worth += share_of(value, part, whole, digits, rounding)
        before += full
        lines.append(replace(shown, unit_price=row.unit_price, discount_percent=row.discount_percent, net=full))
    discount = before - worth
    if discount <= Decimal("0.01") * len(lines):  # cents of parts, no discount
        worth, discount = before, ZERO
    return replace(
        view,
        lines=tuple(lines),
        currency=order["currency"],
        digits=digits,
        prices_include_tax=order["prices_include_tax"],
        net=worth,
        gross=worth,
        discount=discount,
        show_prices=True,
        remark=N_("Prices include tax.") if order["prices_include_tax"] else N_("Prices without tax."),
    )


Taken = tuple[str, str, Decimal]  # item, lot, quantity


def _lots_picked(session: Session, lines: Iterable[Mapping[str, Any]]) -> dict[int, tuple[Said, ...]]:
    """By line: the lots and serial numbers it takes, with expiry; of a kit those of its parts."""
    taken = {line["id"]: [(pick.item, pick.lot, pick.quantity) for pick in line["picks"] if pick.lot] for line in lines}
    return lots_said(session, taken, {line["id"]: line["item"] for line in lines})


def lots_said(
    session: Session, taken: Mapping[int, Sequence[Taken]], items: Mapping[int, str]
) -> dict[int, tuple[Said, ...]]:
    """By line: its lots as remarks, one each with quantity and expiry; serial numbers of an item together.

    `items` is the item of each line: a part of a kit is named by its own code.
    """
    known = _lots(session, {lot for parts in taken.values() for _item, lot, _n in parts})
    found: dict[int, tuple[Said, ...]] = {}
    for line, parts in taken.items():
        sums: dict[tuple[str, str], Decimal] = {}
        for item, lot, quantity in parts:
            sums[item, lot] = sums.get((item, lot), ZERO) + quantity
        said: list[Said] = []
        pieces: dict[str, list[str]] = {}
        for (item, lot), quantity in sums.items():
            serial, expires_on = known.get((item, lot), (False, None))
            if serial:
                pieces.setdefault(item, []).append(lot)
            elif expires_on:
                said.append(
                    Said(N_("Lot {lot}: {n}, expires {day}"), (("lot", lot), ("n", quantity), ("day", expires_on)))
                )
            else:
                said.append(Said(N_("Lot {lot}: {n}"), (("lot", lot), ("n", quantity))))
            if not serial and item != items[line]:
                said[-1] = Said("{item}: {lot}", (("item", item), ("lot", said[-1])))
        for item, serials in pieces.items():
            one = Said(N_("Serial no. {serials}"), (("serials", ", ".join(serials)),))
            said.append(one if item == items[line] else Said("{item}: {lot}", (("item", item), ("lot", one))))
        found[line] = tuple(said)
    return found


def _lots(session: Session, codes: Iterable[str]) -> dict[tuple[str, str], tuple[bool, date | None]]:
    """By item and lot: whether it is a serial number, and when it expires."""
    wanted = sorted(codes)
    query = (
        sa.select(col(Item.code), col(Lot.code), col(Item.tracking), col(Lot.expires_on))
        .join(Item, col(Item.id) == col(Lot.item_id))
        .where(col(Lot.code).in_(wanted))
    )
    rows = session.execute(query) if wanted else ()
    return {(item, lot): (tracking is Tracking.SERIAL, day) for item, lot, tracking, day in rows}


def customer_return(session: Session, key: int) -> DocumentView:
    """Goods that a customer sent back, in the customer's language: of which delivery, why, and what becomes of them."""
    found = document(session, "return", key)
    head = found.head
    party, delivery = session.get(Party, head["customer_id"]), session.get(Delivery, head["delivery_id"])
    assert party is not None
    assert delivery is not None
    company = the_company(session)
    kept = DISPOSITION_WORDS[head["disposition"] or Disposition.RESTOCK]
    references: Facts = (
        (N_("Delivery no."), delivery.label),
        (N_("Reason"), head["reason"]),
        (N_("Goods"), Said(kept)),
    )
    return paper_of(
        session,
        found,
        DocumentKind.CUSTOMER_RETURN,
        head["returned_on"],
        bill_to=addresses(session, party)[0],
        ship_to=warehouse_address(session, head["warehouse_id"]),
        language=party.language or company.language,
        references=references,
        lines=_moved(session, found)[1],
    )


# -- in the house ------------------------------------------------------------------------------------------------------


def goods_receipt(session: Session, key: int, *, valued: bool = False) -> DocumentView:
    """What came in, for the folder: bins and lots with expiry; `valued` with unit costs in the company's currency."""
    found = document(session, "receipt", key)
    head = found.head
    orders = [link for link in found.chain if link.kind == "purchase" and link.id == head["purchase_order_id"]]
    references: Facts = (
        (N_("Supplier"), found.customer_name),
        (N_("Warehouse"), warehouse_name(session, head["warehouse_id"])),
        *((N_("Purchase order no."), link.number) for link in orders),
        (N_("Their delivery note"), head["reference"]),
        (N_("Received by"), head["by"]),
    )
    columns, lines = _moved(session, found, bins=True)
    if valued:
        pairs = zip(lines, found.lines, strict=True)
        lines = tuple(replace(view, unit_price=line["unit_cost"], net=line["value"]) for view, line in pairs)
    return paper_of(
        session,
        found,
        DocumentKind.GOODS_RECEIPT,
        head["received_on"],
        barcodes=((head["number"], ""),) if head["number"] else (),
        references=references,
        columns=columns,
        lines=lines,
        net=head["value"],
        gross=head["value"],
        notes=head["note"],
        show_prices=valued,
    )


def transfer_note(session: Session, key: int) -> DocumentView:
    """Goods that go from one warehouse to another: for the driver, and for whoever takes them in."""
    found = document(session, "transfer", key)
    head = found.head
    references: Facts = (
        (N_("From warehouse"), warehouse_name(session, head["source_id"])),
        (N_("To warehouse"), warehouse_name(session, head["target_id"])),
        (N_("Expected on"), head["expected_on"]),
        *carriage(head),
    )
    columns, lines = _moved(session, found, bins=True)
    return paper_of(
        session,
        found,
        DocumentKind.TRANSFER_NOTE,
        head["dispatched_on"],
        bill_to=warehouse_address(session, head["target_id"]),
        ship_to=warehouse_address(session, head["source_id"]),
        references=references,
        columns=(*columns, ColumnView(N_("Quantity received"), shape=Shape.WRITE)),
        lines=tuple(replace(line, more=(*line.more, "")) for line in lines),
        notes=head["note"],
    )


def warehouse_name(session: Session, warehouse_id: int) -> str:
    """Code and name of a warehouse."""
    warehouse = session.get(Warehouse, warehouse_id)
    return f"{warehouse.code}  {warehouse.name}" if warehouse is not None else ""


Spots = dict[int, list[tuple[str, str, Decimal]]]  # line → bin, lot, quantity
_MOVES = {
    "receipt": MoveKind.RECEIPT,
    "supplier_return": MoveKind.SUPPLIER_RETURN,
    "return": MoveKind.RETURN,
    "transfer": MoveKind.DISPATCH,
}


def spots_of(session: Session, found: Document) -> Spots:
    """By line: in which bins and of which lots it was put or taken; of what has not moved yet, as it was said."""
    moves, places = table_of(StockMove), table_of(PlaceMove)
    total = sa.func.abs(sa.func.sum(places.c.quantity, type_=QUANTITY), type_=QUANTITY)
    query = (
        sa.select(
            moves.c.line_id,
            sa.func.coalesce(col(Location.code), ""),
            sa.func.coalesce(col(Lot.code), ""),
            total,
        )
        .join(
            places,
            sa.and_(
                places.c.move_id == moves.c.id,
                places.c.item_id == moves.c.item_id,
                places.c.warehouse_id == moves.c.warehouse_id,
            ),
        )
        .outerjoin(Location, col(Location.id) == places.c.location_id)
        .outerjoin(Lot, col(Lot.id) == places.c.lot_id)
        .where(moves.c.kind == _MOVES[found.kind], moves.c.line_id.in_([line["id"] for line in found.lines]))
        .where(moves.c.warehouse_id == found.head["source_id"] if found.kind == "transfer" else sa.true())
        .group_by(moves.c.line_id, col(Location.code), col(Lot.code))
        .order_by(moves.c.line_id, sa.func.min(places.c.id))
    )
    spots: Spots = {}
    for line, location, lot, quantity in session.execute(query):
        if quantity:
            spots.setdefault(line, []).append((location, lot, quantity))
    for line in found.lines:
        if line["location"] or line["lot"]:
            spots.setdefault(line["id"], [(line["location"], line["lot"], line["quantity"])])
    return spots


def _moved(
    session: Session, found: Document, *, bins: bool = False
) -> tuple[tuple[ColumnView, ...], tuple[LineView, ...]]:
    """Lines of goods with their lots; `bins` also where they lie, in a column if any lies in one."""
    spots = spots_of(session, found)
    items = {line["id"]: line["item"] for line in found.lines}
    lots = lots_said(
        session,
        {key: [(items[key], lot, n) for _bin, lot, n in spots.get(key, ()) if lot] for key in items},
        items,
    )
    placed = bins and any(location for mine in spots.values() for location, _lot, _n in mine)
    lines = []
    for line in found.lines:
        sums: dict[str, Decimal] = {}
        for location, _lot, n in spots.get(line["id"], ()):
            sums[location] = sums.get(location, ZERO) + n
        several = [Said(N_("Bin {bin}: {n}"), (("bin", place or "–"), ("n", n))) for place, n in sums.items()]
        lines.append(
            LineView(
                line["position"],
                line["item"],
                line["description"],
                line["quantity"],
                line["unit"],
                more=(next(iter(sums), "") if len(sums) == 1 else "",) if placed else (),
                said=(*(several if placed and len(sums) > 1 else ()), *lots[line["id"]]),
            )
        )
    return ((ColumnView(N_("Bin"), before="code"),) if placed else ()), tuple(lines)
