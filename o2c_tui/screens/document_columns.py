"""The columns of a document's lines: a function a kind of document."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from o2c_tui.screens.base import amount, money, price, quantity
from o2c_tui.texts import N_, _
from o2c_tui.widgets.listing import Column

_Line = Mapping[str, Any]
_Columns = list[Column[_Line]]


def columns(kind: str, *, open_delivery: bool = False) -> _Columns:
    """The columns of a kind of document; an `open_delivery` has not left: its bins matter, not what came of it."""
    return _to_ship() if kind == "delivery" and open_delivery else _COLUMNS[kind]()


# -- columns that many kinds have ------------------------------------------------------------------------------------

_NUMBER: Column[_Line] = Column("#", lambda line: str(line["n"]), width=3, right=True)
_ITEM: Column[_Line] = Column(N_("Item"), lambda line: line["item"], width=11)
_TEXT: Column[_Line] = Column(N_("Description"), lambda line: line["description"], width=16, share=1)
_UNIT: Column[_Line] = Column(N_("Unit"), lambda line: line.get("unit", ""), width=5)
_VALUE: Column[_Line] = Column(
    N_("Value"), lambda line: amount(line["value"], line.get("digits", 2)), width=13, right=True
)
_BINS: Column[_Line] = Column(N_("Bins and lots"), lambda line: _picks(line), width=26)


def _count(title: str, name: str, width: int = 9) -> Column[_Line]:
    """A quantity; nothing where there is none."""
    return Column(title, lambda line: quantity(line[name]) if line.get(name) else "", width=width, right=True)


def _price(title: str, name: str, width: int = 9) -> Column[_Line]:
    return Column(title, lambda line: price(line[name], line.get("digits", 2)), width=width, right=True)


def _net(width: int) -> Column[_Line]:
    return Column(N_("Amount"), lambda line: money(line["net"], line.get("digits", 2)), width=width, right=True)


# -- what is sold ----------------------------------------------------------------------------------------------------


def _offered() -> _Columns:
    """A quotation, an invoice: what each line comes to."""
    return [
        _NUMBER, _ITEM, _TEXT, _count(N_("Quantity"), "quantity", 8), replace(_UNIT, width=4),
        _price(N_("Price"), "unit_price"), _discount(), _net(11),
    ]  # fmt: skip


def _order() -> _Columns:
    """Its last column says how far the line has come, and needs the room."""
    progress: Column[_Line] = Column(
        N_("Progress"), _order_line_word, width=10, style=lambda line: "bad" if line["back_ordered"] else ""
    )
    squeezed = (N_("Unit"), N_("Dsc%"))
    return [replace(c, wide_only=c.title in squeezed) for c in _offered()] + [progress]


def _discount() -> Column[_Line]:
    def percent(line: _Line) -> str:
        return quantity(line["discount_percent"]) if line["discount_percent"] else ""

    return Column(N_("Dsc%"), percent, width=4, right=True)


def _delivery() -> _Columns:
    return [
        *_return(),
        _count(N_("Returned"), "returned"),
        _count(N_("Billed"), "invoiced"),
        replace(_BINS, wide_only=True),
    ]


def _to_ship() -> _Columns:
    return [*_return(), _BINS]


def _return() -> _Columns:
    return [_NUMBER, _ITEM, _TEXT, _count(N_("Quantity"), "quantity", 10), _UNIT]


def _payment() -> _Columns:
    return [
        _NUMBER,
        Column(N_("Invoice"), lambda line: line["item"], width=14, share=1),
        Column(N_("Due"), lambda line: str(line["due_on"]), width=10),
        Column(N_("On"), lambda line: str(line["on"]), width=10),
        Column(N_("Amount"), lambda line: amount(line["amount"], line.get("digits", 2)), width=14, right=True),
    ]


# -- what is bought, what happens in the house -----------------------------------------------------------------------


def _purchase() -> _Columns:
    return [
        _NUMBER, _ITEM, replace(_TEXT, width=14), _count(N_("Quantity"), "quantity", 8), _UNIT,
        _price(N_("Price"), "unit_price"), _net(10), _count(N_("Received"), "received", 8),
    ]  # fmt: skip


def _receipt() -> _Columns:
    return [
        _NUMBER, _ITEM, _TEXT, _count(N_("Quantity"), "quantity", 10), _UNIT,
        _price(N_("Unit cost"), "unit_cost", 11), _VALUE,
    ]  # fmt: skip


def _bill() -> _Columns:
    return [
        _NUMBER, _ITEM, replace(_TEXT, width=12), Column(N_("Receipt"), lambda line: line["receipt"], width=13),
        _count(N_("Quantity"), "quantity", 8), _price(N_("Price"), "unit_price"), _net(11),
    ]  # fmt: skip


def _valued() -> _Columns:
    """An adjustment, a return to the supplier: goods and what they are worth."""
    return [_NUMBER, _ITEM, _TEXT, _count(N_("Quantity"), "quantity", 10), _UNIT, _VALUE]


def _transfer() -> _Columns:
    arrived = _count(N_("Arrived"), "arrived")
    return [_NUMBER, _ITEM, _TEXT, _count(N_("Quantity"), "quantity", 10), _UNIT, arrived, _VALUE]


def _stocktake() -> _Columns:
    return [
        _NUMBER, _ITEM, _TEXT, _count(N_("Expected"), "expected"), _count(N_("Counted"), "counted"),
        _count(N_("Difference"), "difference", 10), replace(_VALUE, width=11),
    ]  # fmt: skip


_COLUMNS: dict[str, Callable[[], _Columns]] = {
    "quotation": _offered,
    "order": _order,
    "delivery": _delivery,
    "return": _return,
    "invoice": _offered,
    "payment": _payment,
    "receivable_adjustment": _payment,
    "receipt": _receipt,
    "purchase": _purchase,
    "bill": _bill,
    "supplier_return": _valued,
    "transfer": _transfer,
    "adjustment": _valued,
    "stocktake": _stocktake,
}


# -- words of a line -------------------------------------------------------------------------------------------------


def _picks(line: Mapping[str, Any]) -> str:
    """The bins and lots that a line of a delivery takes, in short."""
    parts = []
    for pick in line.get("picks", ()):
        item = pick.item if pick.item != line["item"] else ""
        parts.append(" ".join(part for part in (item, pick.location, pick.lot, quantity(pick.quantity)) if part))
    return ", ".join(parts)


def _order_line_word(line: Mapping[str, Any]) -> str:
    """How far an order line has come, in a word."""
    if line["back_ordered"]:
        return _("wait {n}").format(n=quantity(line["back_ordered"]))
    if line["to_ship"]:
        return _("resv {n}").format(n=quantity(line["reserved"])) if line["stocked"] else _("open")
    if line["cancelled"] == line["quantity"]:
        return _("void")
    return _("billed") if line["invoiced"] - line["credited"] >= line["shipped"] - line["returned"] else _("shipped")
