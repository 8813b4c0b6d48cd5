"""Which papers can be made of a document, and the view of each: what goes with the goods, and what stays in the house.

Rule: docs/documents.md.
"""

from collections.abc import Callable, Sequence

from sqlmodel import Session

from o2c_tui.errors import BadValueError, NotFoundError
from o2c_tui.queries.document_view import DocumentView
from o2c_tui.queries.documents import document_named
from o2c_tui.queries.goods_papers import (
    customer_return,
    delivery_note,
    goods_receipt,
    purchase_order,
    supplier_return,
    transfer_note,
)
from o2c_tui.queries.printing import printed, pro_forma
from o2c_tui.queries.reminder_papers import load_reminder, reminder_by_number, reminder_paper
from o2c_tui.queries.value_papers import adjustment_voucher, bill_voucher
from o2c_tui.queries.walk_papers import count_differences, count_sheet, pick_paper
from o2c_tui.texts import N_

PRINTED = (
    "quotation",
    "order",
    "invoice",
    "payment",
    "receivable_adjustment",
)  # kinds with one paper, made by `printed`
OPEN = ("draft", "picked", "packed")  # states of a delivery that has not left

_WORDS = {
    "pro_forma": N_("Pro-forma invoice"),
    "pick": N_("Pick list"),
    "note": N_("Delivery note, without prices"),
    "priced": N_("Delivery note, with prices"),
    "receipt": N_("Goods receipt"),
    "valued": N_("Goods receipt, with costs"),
    "sheet": N_("Count sheet, without quantities"),
    "coded": N_("Count sheet, with barcodes"),
    "expected": N_("Count sheet, with what the books say"),
    "differences": N_("Count differences"),
}
_PLAIN = {"quotation": N_("Quotation"), "order": N_("Order confirmation")}
_MAKERS: dict[tuple[str, str], Callable[[Session, int], DocumentView]] = {
    ("quotation", "pro_forma"): lambda session, key: pro_forma(session, "quotation", key),
    ("order", "pro_forma"): lambda session, key: pro_forma(session, "order", key),
    ("delivery", "note"): delivery_note,
    ("delivery", "priced"): lambda session, key: delivery_note(session, key, priced=True),
    ("delivery", "pick"): lambda session, key: pick_paper(session, [key]),
    ("purchase", ""): purchase_order,
    ("receipt", "receipt"): goods_receipt,
    ("receipt", "valued"): lambda session, key: goods_receipt(session, key, valued=True),
    ("supplier_return", ""): supplier_return,
    ("return", ""): customer_return,
    ("transfer", ""): transfer_note,
    ("reminder", ""): reminder_paper,
    ("bill", ""): bill_voucher,
    ("adjustment", ""): adjustment_voucher,
    ("stocktake", "sheet"): count_sheet,
    ("stocktake", "coded"): lambda session, key: count_sheet(session, key, coded=True),
    ("stocktake", "expected"): lambda session, key: count_sheet(session, key, expected=True),
    ("stocktake", "differences"): count_differences,
}
KINDS = tuple(dict.fromkeys((*PRINTED, *sorted({kind for kind, _paper in _MAKERS}))))


def papers_of(kind: str, state: str) -> dict[str, str]:
    """The papers of a document in a state, by name with their marked words; one alone needs no choice.

    The first of several is what is wanted most often then.
    """
    names: tuple[str, ...]
    if kind == "order" or (kind == "quotation" and state == "accepted"):
        return {"": _PLAIN[kind], "pro_forma": _WORDS["pro_forma"]}
    if kind == "delivery":
        names = ("pick", "note", "priced") if state in OPEN else ("note", "priced")
    elif kind == "receipt":
        names = ("receipt", "valued")
    elif kind == "stocktake":
        names = ("sheet", "coded", "expected") if state == "counting" else ("differences",)
    else:
        return {"": ""} if kind in KINDS else {}
    return {name: _WORDS[name] for name in names}


def named(session: Session, name: str) -> tuple[str, int]:
    """The kind and key of the document or letter with this number, or named as `kind:key`.

    Raises:
        NotFoundError: there is none.
    """
    kind, colon, key = name.strip().lower().partition(":")
    if colon and kind == "reminder" and key.isdecimal() and len(key) <= 18:
        return kind, load_reminder(session, int(key)).id
    try:
        return document_named(session, name)
    except NotFoundError:
        return "reminder", reminder_by_number(session, name).id


def paper(session: Session, kind: str, keys: Sequence[int], name: str = "") -> DocumentView:
    """One paper of a document; a pick list may be of several deliveries. Without a name, the plain one of its kind.

    Raises:
        NotFoundError: there is no such document. BadValueError: no such paper is made of it.
    """
    if kind in PRINTED and not name:
        return printed(session, kind, keys[0])
    if name == "pick" and kind == "delivery":
        return pick_paper(session, keys)
    plain = {"delivery": "note", "receipt": "receipt"}
    if kind == "stocktake" and not name:
        from o2c_tui.models.warehouse import Stocktake, StocktakeState

        head = session.get(Stocktake, keys[0])
        plain["stocktake"] = "differences" if head and head.state is StocktakeState.POSTED else "sheet"
    maker = _MAKERS.get((kind, name or plain.get(kind, "")))
    if maker is None:
        raise BadValueError(N_("This kind of document is not printed."))
    return maker(session, keys[0])
