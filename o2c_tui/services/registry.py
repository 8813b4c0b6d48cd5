"""The verbs by name, each with what it does: the command line, scripts and the help take them from here."""

from collections.abc import Callable
from typing import Any

from o2c_tui.services import (
    crediting,
    invoicing,
    itemising,
    ordering,
    paying,
    quoting,
    receiving,
    setup,
    sharing,
    shipping,
)
from o2c_tui.texts import N_

_MODULES = (setup, itemising, quoting, ordering, sharing, receiving, shipping, invoicing, crediting, paying)
VERB_WORDS = {
    "create_company": N_("open new books for a company"),
    "change_company": N_("change settings of the company"),
    "save_tax": N_("make or change a tax code"),
    "save_term": N_("make or change a payment term"),
    "save_warehouse": N_("make or rename a warehouse"),
    "save_party": N_("make or change a customer or supplier"),
    "save_item": N_("make or change an item"),
    "save_unit": N_("make or change a unit that an item is bought or sold in"),
    "save_item_code": N_("one more code of an item: a customer's, a supplier's, or a barcode"),
    "save_kit": N_("say what a kit is made of"),
    "save_reorder_rule": N_("say when and how much to buy of an item for a warehouse"),
    "save_user": N_("say who a login account is"),
    "save_quotation": N_("save a draft quotation"),
    "send_quotation": N_("send a quotation: it takes its number"),
    "accept_quotation": N_("write down the customer's yes"),
    "decline_quotation": N_("write down the customer's no, with its reason"),
    "undo_acceptance": N_("take an acceptance back"),
    "revise_quotation": N_("make the next revision of a quotation"),
    "delete_quotation": N_("throw a draft quotation away"),
    "order_quotation": N_("make a confirmed order of a quotation, wholly or in part"),
    "save_order": N_("save a draft order"),
    "confirm_order": N_("make an order binding, and reserve stock"),
    "reserve_order": N_("reserve what became available for an order"),
    "reserve_line": N_("reserve a quantity for one line"),
    "share_stock": N_("share what is free of an item among the lines that wait for it"),
    "reserve_for_waiting": N_("reserve for everybody who waits, in their turn"),
    "promise_lines": N_("promise lines of an order for days of their own"),
    "hold_order": N_("stop an order, with the reason"),
    "release_order": N_("let a held order go on"),
    "close_order": N_("close an order short"),
    "cancel_order": N_("cancel an order of which nothing was delivered or invoiced"),
    "reopen_order": N_("open a closed order again"),
    "delete_order": N_("throw a draft order away"),
    "set_policy": N_("choose for a draft order what may be invoiced"),
    "receive_goods": N_("take goods into stock, at their cost"),
    "draft_delivery": N_("write a delivery down for an order"),
    "pick_delivery": N_("mark a delivery as picked"),
    "ship_delivery": N_("ship a delivery that was written down"),
    "ship_order": N_("deliver an order in one step, wholly or in part"),
    "cancel_delivery": N_("give a delivery up before it left"),
    "reverse_delivery": N_("take a delivery back that is not billed: as if it had never left"),
    "set_tracking": N_("note the carrier's tracking number"),
    "return_goods": N_("take delivered goods back into stock"),
    "draft_invoice": N_("write an invoice down, for orders or deliveries"),
    "post_invoice": N_("post an invoice that was written down"),
    "invoice_order": N_("invoice an order in one step"),
    "invoice_deliveries": N_("invoice deliveries in one step, on one invoice"),
    "delete_invoice": N_("throw a draft invoice away"),
    "credit_invoice": N_("post a credit note against an invoice"),
    "return_and_credit": N_("take goods back and credit them in one step"),
    "receive_payment": N_("post money received, and set it against invoices"),
    "apply_credit": N_("set an unapplied credit against invoices"),
    "unapply": N_("undo what a payment was set against"),
    "reverse_payment": N_("take a payment back"),
}

VERBS: dict[str, Callable[..., Any]] = {
    name: next(getattr(module, name) for module in _MODULES if hasattr(module, name)) for name in VERB_WORDS
}
