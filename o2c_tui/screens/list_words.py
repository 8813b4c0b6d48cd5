"""What a list says of a row in a word: how far a document has come, why, since when."""

from collections.abc import Collection
from datetime import date
from typing import Any

from o2c_tui.screens.base import STATUS
from o2c_tui.texts import _


def invoice_status(row: Any, today: date) -> str:
    """What a list says of an invoice: paid, late by how many days, open."""
    if row.state == "draft":
        return _("DRAFT")
    if row.kind == "credit_note":
        return _("CREDIT") if row.open else _("USED")
    if not row.open:
        return _("PAID")
    if row.due_on is not None and row.due_on < today:
        return _("LATE {n}d").format(n=(today - row.due_on).days)
    return _("PART") if row.open != row.gross else _("OPEN")


def order_status(row: Any, today: date, late_ones: Collection[int] = ()) -> str:
    """What a list says of an order: its state, or how far it has come; late where its promise is past or will not hold."""
    if row.state != "confirmed":
        return _(STATUS[str(row.state)])
    if row.delivery != "fully":
        late = row.id in late_ones or (row.promised_on is not None and row.promised_on < today)
        return _("LATE") if late else _("PART") if row.delivery == "partly" else _("OPEN")
    return _("DONE") if row.billing == "fully" else _("SHIPPED")


def quotation_status(row: Any, today: date) -> str:
    """What a list says of a quotation: its state, expired, or ordered."""
    if row.state == "sent" and row.valid_until < today:
        return _("EXPIRED")
    if row.state == "accepted" and row.ordered != "none":
        return _("ORDERED") if row.ordered == "fully" else _("PART")
    return _(STATUS[str(row.state)])


def delivery_status(row: Any) -> str:
    """What a list says of a delivery: shipped, billed, returned."""
    if row.state != "shipped":
        return _(STATUS[str(row.state)])
    if row.returned == "fully":
        return _("BACK")
    return {"none": _("SHIPPED"), "partly": _("PART"), "fully": _("BILLED")}[str(row.billing)]


def purchase_status(row: Any, today: date) -> str:
    """What a list says of a purchase order: its state, or how far it has come in."""
    if row.state != "sent":
        return _(STATUS[str(row.state)])
    if row.receipt != "fully":
        late = row.expected_on is not None and row.expected_on < today
        return _("LATE") if late else _("PART") if row.receipt == "partly" else _("OPEN")
    return _("DONE") if row.billing == "fully" else _("RECEIVED")


def transfer_status(row: Any) -> str:
    """What a list says of a transfer: its state, or how far it has arrived."""
    if row.state != "dispatched":
        return _(STATUS[str(row.state)])
    return {"none": _("SENT"), "partly": _("PART"), "fully": _("DONE")}[str(row.arrival)]


def reason_words(reason: str) -> str:
    """Why stock was put right, in words."""
    from o2c_tui.models.warehouse import ADJUSTMENT_REASONS

    return _(ADJUSTMENT_REASONS.get(reason, reason))


def source_word(source: str) -> str:
    """Where a rate comes from: typed by somebody, or a file of a bank."""
    return _("typed") if source == "typed" else source


def alert_status(row: Any) -> str:
    """What a list says of a stock alert."""
    if row.cleared_on is not None:
        return _("CLEARED")
    return _("UNREAD") if row.seen_on is None else _("SEEN")


def mail_status(row: Any) -> str:
    """What a list says of a mail; one that was taken and not noted may have gone, or not."""
    if row.state == "waiting":
        return _("DOUBT") if row.taken_at is not None else _("WAITING")
    words = {"sent": _("SENT"), "failed": _("FAILED"), "bounced": _("BACK"), "withdrawn": _("VOID")}
    return words[str(row.state)]


def never(day: date) -> str:
    """A day of expiry; empty where there is none (it lies in 2999)."""
    return "" if day.year == 2999 else day.isoformat()


def warehouse_word(kind: str) -> str:
    """What a warehouse is there for."""
    from o2c_tui.models.item import WAREHOUSE_WORDS, WarehouseKind

    return _(WAREHOUSE_WORDS[WarehouseKind(kind)])


def adjustment_word(kind: str) -> str:
    """What an adjustment of a customer's account was for."""
    from o2c_tui.models.receivable_adjustment import ADJUSTMENT_WORDS, AdjustmentKind

    return _(ADJUSTMENT_WORDS[AdjustmentKind(kind)])


def payment_status(row: Any) -> str:
    """What a list says of a payment."""
    if row.reversed_by is not None or row.reverses_id is not None:
        return _("VOID")
    if row.amount < 0:
        return _("REFUND")
    return _("OPEN") if row.unapplied else _("USED")


def tone(status: str) -> str:
    """How a status is drawn: what needs a hand stands out, what is over steps back."""
    if status.startswith((_("LATE"), _("HOLD"), _("EXPIRED"))):
        return "bad"
    if status in (_("PAID"), _("DONE"), _("ORDERED"), _("ACCEPTED")):
        return "good"
    return (
        "dim"
        if status
        in (_("DRAFT"), _("VOID"), _("OLD"), _("NO"), _("USED"), _("BILLED"), _("CLOSED"), _("CLEARED"), _("SEEN"))
        else ""
    )


def number_tone(row: Any) -> str:
    """Drafts, which have no number, step back."""
    return "dim" if row.number is None else ""


def number_word(row: Any) -> str:
    """A document's number, with the revision from the second on."""
    if row.number is None:
        return _("draft")
    revision = getattr(row, "revision", 1)
    return row.number if revision == 1 else f"{row.number}/{revision}"
