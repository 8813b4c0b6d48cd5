"""What stands on labels: of items, of what a goods receipt brought, of bins, of packages. Rule: docs/documents.md, "Labels".

A label's bars say what can be typed or scanned in its place: an item's barcode, else its code; a bin's code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.errors import BadValueError
from o2c_tui.models.item import Item, ItemUnit, Location, Lot, Warehouse
from o2c_tui.models.order import SalesOrder
from o2c_tui.models.party import Party
from o2c_tui.models.purchase import PurchaseOrderLine
from o2c_tui.queries.documents import document
from o2c_tui.queries.goods_papers import spots_of
from o2c_tui.queries.lookups import addresses, items_coded, the_company, unknown, warehouse_by_code
from o2c_tui.queries.places import location_by_code
from o2c_tui.texts import N_

MOST = 5000  # labels of one file

ZERO = Decimal(0)


class Per(StrEnum):
    """What each label of a goods receipt is for."""

    LINE = "line"
    UNIT = "unit"  # each stock unit that came
    PACKAGE = "package"  # each unit as it was bought: a box


@dataclass(frozen=True)
class LabelView:
    """One label, as often as `copies` says. `title` is what people read from afar, `bars` what the barcode says."""

    title: str
    text: str
    bars: str
    small: str = ""
    lot: str = ""
    expires_on: date | None = None
    copies: int = 1
    address: str = ""  # of a package: whom it goes to, lines parted by \n; its copies are numbered


@dataclass(frozen=True)
class LabelRun:
    """Labels to be printed in one go, in the company's language; `name` is what they are of."""

    name: str
    company: str
    sender: str  # the company's name and address on one line
    language: str
    labels: tuple[LabelView, ...]


def _run(session: Session, name: str, labels: Sequence[LabelView]) -> LabelRun:
    n = sum(label.copies for label in labels)
    if n > MOST:
        raise BadValueError(N_("That would be {n} labels; at most {most} go into one file."), n=n, most=MOST)
    if not n:
        raise BadValueError(N_("There is nothing to print labels for."))
    company = the_company(session)
    sender = " · ".join(part.strip() for part in (company.name, *company.address.splitlines()) if part.strip())
    return LabelRun(name, company.name, sender, company.language, tuple(label for label in labels if label.copies))


def item_labels(session: Session, codes: Sequence[str], *, copies: int = 1) -> LabelRun:
    """Labels of items, named by code or barcode; the barcode of a box gives the box's own label.

    Raises:
        UnknownCodeError: no item is called so. BadValueError: too many, or none.
    """
    coded = items_coded(session, codes)
    labels = []
    for code in codes:
        found = coded.get(code.strip().upper())
        if found is None:
            raise unknown(session, Item, N_("item"), code, "item")
        labels.append(_item(session, found.item.id, found.unit, copies))
    return _run(session, codes[0].strip().upper() if len(codes) == 1 else "items", labels)


def _item(session: Session, item_id: int, unit: str, copies: int) -> LabelView:
    """An item's label; `unit` is another unit of it, with a barcode of its own or none."""
    item = session.get(Item, item_id)
    assert item is not None
    if not unit or unit == item.unit:
        return LabelView(item.code, item.name, item.barcode or item.code, item.unit, copies=copies)
    query = sa.select(ItemUnit).where(col(ItemUnit.item_id) == item_id, col(ItemUnit.unit) == unit)
    other = session.execute(query).scalar_one_or_none()
    holds = unit
    if other is not None and other.denominator == 1:
        holds = f"{unit} = {other.numerator} {item.unit}"
    return LabelView(item.code, item.name, (other.barcode if other else "") or item.code, holds, copies=copies)


def receipt_labels(session: Session, receipt_id: int, *, per: Per = Per.LINE) -> LabelRun:
    """Labels of what a goods receipt brought, with lot and expiry: one a line (and lot), a stock unit, or a package.

    A part of a unit gets a label too. A package is the unit it was bought in, or the stock unit.

    Raises:
        NotFoundError: there is none. BadValueError: too many, or none.
    """
    found = document(session, "receipt", receipt_id)
    spots = spots_of(session, found)
    bought = [line["purchase_line_id"] for line in found.lines if line["purchase_line_id"]]
    query = sa.select(col(PurchaseOrderLine.id), col(PurchaseOrderLine.unit))
    units = {key: unit for key, unit in session.execute(query.where(col(PurchaseOrderLine.id).in_(bought)))}
    lots = {code for mine in spots.values() for _bin, code, _n in mine if code}
    ends = sa.select(col(Lot.item_id), col(Lot.code), col(Lot.expires_on)).where(col(Lot.code).in_(sorted(lots)))
    expiry = {(item, code): day for item, code, day in session.execute(ends)}
    labels = []
    for line in found.lines:
        sums: dict[str, Decimal] = {}
        for _bin, lot, n in spots.get(line["id"], ()):
            sums[lot] = sums.get(lot, ZERO) + n
        unit = units.get(line["purchase_line_id"], "") if per is Per.PACKAGE else ""
        scale = line["purchased"] / line["quantity"] if unit and line["purchased"] else Decimal(1)
        for lot, n in (sums or {"": line["quantity"]}).items():
            whole = n if lot or len(sums) > 1 else line["quantity"]
            copies = 1 if per is Per.LINE else int((whole * scale).quantize(Decimal(1), ROUND_CEILING))
            plain = _item(session, line["item_id"], unit, copies)
            labels.append(
                LabelView(
                    plain.title, plain.text, plain.bars, plain.small, lot, expiry.get((line["item_id"], lot)), copies
                )
            )
    return _run(session, found.label, labels)


def bin_labels(session: Session, warehouse: str, codes: Sequence[str] = ()) -> LabelRun:
    """Labels of the bins of a warehouse in the order of the walk, or of some of them; one each.

    Raises:
        UnknownCodeError: no such warehouse or bin. BadValueError: it has no bins.
    """
    place = warehouse_by_code(session, warehouse)
    if codes:
        bins = [location_by_code(session, place.id, code) for code in codes]
    else:
        query = sa.select(Location).where(col(Location.warehouse_id) == place.id, col(Location.active))
        bins = list(session.execute(query.order_by(col(Location.pick_order), col(Location.code))).scalars())
    if not bins:
        raise BadValueError(N_("{warehouse} has no bins."), warehouse=place.code)
    return _run(session, f"bins-{place.code}", [_bin(one, place) for one in bins])


def marked_bin_labels(session: Session, *, bins: Sequence[int] = (), warehouses: Sequence[int] = ()) -> LabelRun:
    """Labels of some bins, or of all bins of some warehouses, by warehouse in the order of the walk; one each.

    Raises:
        BadValueError: there are none.
    """
    query = (
        sa.select(Location, Warehouse)
        .join(Warehouse, col(Warehouse.id) == col(Location.warehouse_id))
        .where(
            sa.or_(
                col(Location.id).in_(bins),
                sa.and_(col(Location.warehouse_id).in_(warehouses), col(Location.active)),
            )
        )
        .order_by(col(Warehouse.code), col(Location.pick_order), col(Location.code))
    )
    rows = session.execute(query).all()
    places = sorted({place.code for _bin_found, place in rows})
    name = f"bins-{places[0]}" if len(places) == 1 else "bins"
    return _run(session, name, [_bin(found, place) for found, place in rows])


def _bin(found: Location, place: Warehouse) -> LabelView:
    name = found.name if found.name != found.code else ""
    return LabelView(found.code, name, found.code, f"{place.code}  {place.name}")


def package_labels(session: Session, delivery_ids: Sequence[int]) -> LabelRun:
    """Address labels of deliveries, one a package (one where nobody counted); the bars say the delivery's number.

    Raises:
        NotFoundError: there is no such delivery. BadValueError: one was cancelled, or there are too many.
    """
    labels, names = [], []
    for key in delivery_ids:
        found = document(session, "delivery", key)
        head = found.head
        order = session.get(SalesOrder, head["order_id"])
        party = session.get(Party, head["customer_id"])
        assert order is not None
        assert party is not None
        number = head["number"] or order.label
        if found.state == "cancelled":
            raise BadValueError(N_("The delivery of {order} was cancelled: there is nothing to send."), order=number)
        carrier = "  ".join(part for part in (head["carrier"], head["tracking"]) if part)
        address = head["ship_to"] or addresses(session, party)[1]
        names.append(number)
        labels.append(LabelView(number, "", number, carrier, copies=head["packages"] or 1, address=address))
    return _run(session, f"packages-{names[0]}" if len(names) == 1 else "packages", labels)
