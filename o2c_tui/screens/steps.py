"""Which steps a document has: the next one, that F8 takes, and the others of the F9 menu.

Nothing is decided here: the verbs refuse what may not be. Each kind of document has its own functions in
`sales_steps`, `money_steps` and `warehouse_steps`; here they are looked up.
"""

from typing import Any

from o2c_tui.screens import money_steps, sales_steps, warehouse_steps
from o2c_tui.screens.step import Step
from o2c_tui.texts import N_, _

_LABELS = {**sales_steps.LABELS, **money_steps.LABELS, **warehouse_steps.LABELS}
_NEXT = {**sales_steps.NEXT, **money_steps.NEXT, **warehouse_steps.NEXT}
_BESIDE = {**sales_steps.BESIDE, **money_steps.BESIDE, **warehouse_steps.BESIDE}
_UNDO = {
    "quotation": (N_("Undo the acceptance"),),
    "order": (N_("Cancel the order"), N_("Close short: cancel the rest")),
    "delivery": (N_("Cancel the delivery"), N_("Reverse the delivery: it never left"), N_("Take goods back")),
    "invoice": (N_("Credit note with the goods coming back"), N_("Credit note without goods")),
    "payment": (N_("Reverse: it bounced"), N_("Take the refund back: it did not arrive")),
    "receivable_adjustment": (N_("Take it back"),),
}


def step_label(kind: str, row: Any) -> str | None:
    """What F8 does with a row of a list; None where there is nothing to do."""
    label = _LABELS[kind](row, str(getattr(row, "state", ""))) if kind in _LABELS else None
    return None if label is None else _(label)


def next_step(document: Any) -> Step | None:
    """The next step of a document; None where its chain ends (a payment is taken on a screen of its own)."""
    return _NEXT[document.kind](document) if document.kind in _NEXT else None


def other_steps(document: Any) -> list[Step]:
    """The steps of a document beside the next one, for the F9 menu."""
    return _BESIDE[document.kind](document) if document.kind in _BESIDE else []


def has_steps(kind: str) -> bool:
    """Whether documents of a kind have steps beside the next one."""
    return kind in _BESIDE


def undo_step(document: Any) -> Step | None:
    """The correcting step of a posted document, or the inverse of the last one: what Ctrl+Z proposes."""
    labels = _UNDO.get(document.kind, ())
    return next((step for step in other_steps(document) if step.label in labels), None)
