"""The verbs by name: the command line, scripts and the help take them from here."""

from collections.abc import Callable
from typing import Any

from o2c_tui.services import crediting, invoicing, ordering, paying, quoting, receiving, setup, shipping

_MODULES = (setup, quoting, ordering, receiving, shipping, invoicing, crediting, paying)
_NAMES = (
    "create_company", "change_company", "save_tax", "save_term", "save_warehouse", "save_party", "save_item", "save_user",
    "save_quotation", "send_quotation", "accept_quotation", "decline_quotation", "undo_acceptance", "revise_quotation",
    "delete_quotation", "order_quotation",
    "save_order", "confirm_order", "reserve_order", "reserve_line", "hold_order", "release_order", "close_order", "cancel_order",
    "reopen_order", "delete_order", "set_policy",
    "receive_goods",
    "draft_delivery", "pick_delivery", "ship_delivery", "ship_order", "cancel_delivery", "set_tracking", "return_goods",
    "draft_invoice", "post_invoice", "invoice_order", "invoice_deliveries", "delete_invoice",
    "credit_invoice", "return_and_credit",
    "receive_payment", "apply_credit", "unapply", "reverse_payment",
)  # fmt: skip

VERBS: dict[str, Callable[..., Any]] = {
    name: next(getattr(module, name) for module in _MODULES if hasattr(module, name)) for name in _NAMES
}
