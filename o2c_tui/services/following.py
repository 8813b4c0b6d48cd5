"""The next step of a document as a verb, and why it is refused: the real verb, run and rolled back.

Rule: docs/rules/why.md, "Blocked".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from o2c_tui.errors import CreditLimitError, CustomerHoldError, Notice, TradeError
from o2c_tui.queries.documents import Document, document
from o2c_tui.queries.needs import parts_of
from o2c_tui.queries.why_parts import Part, Said, Subject, Why, says
from o2c_tui.texts import N_

ZERO = Decimal(0)


@dataclass(frozen=True)
class Following:
    """A document's next step: its words, the verb and what it is given."""

    words: str
    verb: Callable[..., Any]
    args: tuple[Any, ...]
    more: Mapping[str, Any] = field(default_factory=dict)


def following(d: Document) -> Following | None:
    """What comes next for a document of the selling chain; None where its chain ends, or a payment is awaited."""
    makers = {"quotation": _quotation, "order": _order, "delivery": _delivery, "invoice": _invoice}
    return makers[d.kind](d) if d.kind in makers else None


def _quotation(d: Document) -> Following | None:
    from o2c_tui.services.ordering import order_quotation
    from o2c_tui.services.quoting import send_quotation

    if d.state == "draft":
        return Following(N_("Send"), send_quotation, (d.id,))
    return Following(N_("Order"), order_quotation, (d.id,)) if d.state in ("sent", "accepted") else None


def _order(d: Document) -> Following | None:
    from o2c_tui.services.invoicing import invoice_order
    from o2c_tui.services.ordering import confirm_order, release_order
    from o2c_tui.services.shipping import draft_delivery, ship_order

    if d.state == "draft":
        return Following(N_("Confirm"), confirm_order, (d.id,))
    if d.state == "on_hold":
        return Following(N_("Release"), release_order, (d.id,))
    billable = any(line["billable"] for line in d.lines)
    if d.state == "confirmed" and any(line["to_ship"] for line in d.lines):
        can_go = any(line["to_ship"] and (not line["stocked"] or line["reserved"]) for line in d.lines)
        if can_go or not billable:
            return Following(N_("Deliver"), draft_delivery if d.head["bins"] else ship_order, (d.id,))
    if d.state in ("confirmed", "closed") and billable:
        return Following(N_("Invoice"), invoice_order, (d.id,))
    return None


def _delivery(d: Document) -> Following | None:
    from o2c_tui.services.invoicing import invoice_deliveries
    from o2c_tui.services.picking import pack_delivery, pick_delivery
    from o2c_tui.services.shipping import ship_delivery

    if d.state == "draft" and any(line["stocked"] for line in d.lines):
        return Following(N_("Pick"), pick_delivery, (d.id,))
    if d.state == "picked":
        return Following(N_("Pack"), pack_delivery, (d.id,))
    if d.state in ("draft", "packed"):
        return Following(N_("Ship"), ship_delivery, (d.id,))
    if d.state == "shipped" and d.head["billing"] != "fully":
        return Following(N_("Invoice"), invoice_deliveries, ([d.id],))
    return None


def _invoice(d: Document) -> Following | None:
    from o2c_tui.services.invoicing import post_invoice

    return Following(N_("Post"), post_invoice, (d.id,)) if d.state == "draft" else None


def why_blocked(store: Any, kind: str, key: int, *, by: str, today: date) -> Why:
    """Why the next step of a document is refused, or what it warns of: the verb is tried and rolled back.

    Raises:
        NotFoundError: there is no such document.
    """
    found = store.read_now(document, kind, key)
    step = following(found)
    if step is None:
        note = says(N_("{document} is done: there is no next step."), document=found.label)
        return Why("blocked", found.label, None, (), notes=(note,))
    tried = store.preview_now(step.verb, *step.args, by=by, today=today, **step.more)
    return store.read_now(_told, found, step, tried.refusal, tried.warnings)  # type: ignore[no-any-return]


def _told(
    session: Session, found: Document, step: Following, refusal: TradeError | None, warnings: Sequence[Notice]
) -> Why:
    customer = Subject("customer", found.head["customer_id"])
    parts = []
    if refusal is not None:
        note = Said(refusal.template, refusal.values)
        if isinstance(refusal, CreditLimitError):
            parts.append(Part(N_("refused"), note=note, number=found.customer, opens=customer, figure="exposure"))
        elif isinstance(refusal, CustomerHoldError):
            parts.append(Part(N_("refused"), note=note, number=found.customer, opens=customer))
        else:
            parts.append(Part(N_("refused"), note=note))
    for notice in warnings:
        note = Said(notice.template, dict(notice.values))
        if notice.code == "credit":
            parts.append(Part(N_("warning"), note=note, number=found.customer, opens=customer, figure="exposure"))
        else:
            parts.append(Part(N_("warning"), note=note))
    if found.kind == "order" and found.state in ("draft", "confirmed"):
        parts += _short(session, found)
    notes = [says(N_("The next step is: {step_word}."), step_word=step.words)]
    if refusal is None:
        notes.append(says(N_("Nothing refuses it.")))
    return Why("blocked", found.label, None, tuple(parts), notes=tuple(notes))


def _short(session: Session, found: Document) -> list[Part]:
    """The lines that lack stock, each with where it stands."""
    needed = parts_of(session, found.lines)
    parts = []
    for line in found.lines:
        wanted = line["quantity"] if found.state == "draft" else line["to_ship"]
        held = ZERO if found.state == "draft" else line["reserved"]
        free = line["available"] or ZERO
        if line["stocked"] and line["id"] in needed and wanted > held + (free if found.state == "draft" else ZERO):
            note = says(
                N_("line {line}: {wanted} wanted, {reserved} reserved, {available} available"),
                line=line["position"],
                wanted=wanted,
                reserved=held,
                available=free,
            )
            for part in needed[line["id"]]:
                opens = Subject("stock", part.item_id, found.head["warehouse_id"])
                parts.append(Part(N_("short"), None, line["description"], note, None, line["item"], opens, "available"))
    return parts
