"""Which screen makes a new record of a kind, and which opens one that is stored or was kept."""

from typing import Any

from textual.screen import Screen

from o2c_tui.screens.desk import Desk
from o2c_tui.screens.editing import Editor, InvoiceEditor
from o2c_tui.texts import N_

NEW_KINDS = (
    ("quotation", N_("Quotation")),
    ("order", N_("Sales order")),
    ("payment", N_("Payment received")),
    ("receipt", N_("Goods receipt")),
    ("purchase", N_("Purchase order")),
    ("bill", N_("Supplier bill")),
    ("transfer", N_("Transfer")),
    ("adjustment", N_("Stock adjustment")),
    ("stocktake", N_("Stocktake")),
    ("customer", N_("Customer")),
    ("item", N_("Item")),
    ("supplier", N_("Supplier")),
    ("invoice", N_("Invoice without an order")),
)


def new_editor(kind: str, customer: str = "") -> Screen[Any]:
    """The screen on which a new record of a kind is made."""
    if kind == "invoice":
        return InvoiceEditor(customer=customer)
    if kind in ("quotation", "order"):
        return Editor(kind, customer=customer)
    if kind == "payment":
        from o2c_tui.screens.payment import PaymentScreen

        return PaymentScreen(customer)
    if kind == "receipt":
        from o2c_tui.screens.receipt import ReceiptEditor

        return ReceiptEditor()
    if kind == "bill":
        from o2c_tui.screens.bill import BillEditor

        return BillEditor()
    if kind in ("purchase", "transfer", "adjustment"):
        from o2c_tui.screens.goods import EDITORS

        return EDITORS[kind]()
    if kind == "stocktake":
        from o2c_tui.screens.counting import StocktakeStart

        return StocktakeStart()
    if kind == "warehouse":
        from o2c_tui.screens.places import WarehouseCard

        return WarehouseCard()
    if kind == "location":
        from o2c_tui.screens.places import LocationCard

        return LocationCard()
    if kind == "rate":
        from o2c_tui.screens.rates import RateCard

        return RateCard()
    if kind in ("term", "tax"):
        from o2c_tui.screens.code_card import card_for

        return card_for(kind)
    if kind == "item":
        from o2c_tui.screens.cards import ItemCard

        return ItemCard("")
    from o2c_tui.screens.cards import PartyCard

    return PartyCard("", supplier=kind == "supplier")


def editor_for(desk: Desk, kind: str, place: int) -> Screen[Any]:
    """The editor of a stored document (its id), or of a new one that was kept (its place below 0)."""
    if kind in ("quotation", "order", "invoice", "recurring"):
        return _document_editor(desk, kind, place)
    if kind in ("payment", "receipt", "bill", "purchase", "transfer", "adjustment", "reorder"):
        return _sheet_for(kind, place)
    return _card_for(desk, kind, place)


def _document_editor(desk: Desk, kind: str, place: int) -> Screen[Any]:
    """What is typed line by line, at prices of ours."""
    if kind == "order" and place > 0:
        from o2c_tui.queries.editing import is_numbered
        from o2c_tui.screens.amending import AmendEditor

        if desk.read_now(is_numbered, place):
            return AmendEditor(place)
    if kind == "invoice":
        return InvoiceEditor(document_id=max(place, 0), kept=place)
    if kind == "recurring":
        from o2c_tui.screens.plan import PlanEditor

        return PlanEditor(max(place, 0), kept=place)
    return Editor(kind, document_id=max(place, 0), kept=place)


def _sheet_for(kind: str, place: int) -> Screen[Any]:
    """Money, goods and what is bought."""
    if kind == "payment":
        from o2c_tui.screens.payment import PaymentScreen

        return PaymentScreen(kept=place)
    if kind == "receipt":
        from o2c_tui.screens.receipt import ReceiptEditor

        return ReceiptEditor(kept=place)
    if kind == "bill":
        from o2c_tui.screens.bill import BillEditor

        return BillEditor(kept=place)
    if kind == "reorder":
        from o2c_tui.screens.reorder import ReorderScreen

        return ReorderScreen(back_orders=place == 2)
    from o2c_tui.screens.goods import EDITORS

    return EDITORS[kind](kept=place)


def _card_for(desk: Desk, kind: str, place: int) -> Screen[Any]:
    """A form over one record, or over its rows."""
    if kind == "letter":
        from o2c_tui.screens.letters import letter_kept

        return letter_kept(desk, place)
    if kind == "mail":
        from o2c_tui.screens.outbox import mail_kept

        return mail_kept(desk, place)
    if kind == "rate":
        from o2c_tui.screens.rates import rate_kept

        return rate_kept(desk, place)
    if kind in ("term", "tax"):
        from o2c_tui.screens.code_card import code_kept

        return code_kept(desk, kind, place)
    if kind in ("warehouse", "location"):
        from o2c_tui.screens.places import card_of

        return card_of(desk, kind, place)
    if kind.startswith("item_"):
        from o2c_tui.screens.item_rows import SCREENS

        return SCREENS[kind](place)
    from o2c_tui.screens.cards import card_kept

    return card_kept(desk, kind, place)
