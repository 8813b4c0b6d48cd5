"""The steps of what is sold, from quotation to delivery: the next lawful one, and those beside it.

A function a kind of document; which rows of a list have a step is told by the row alone.
"""

from collections.abc import Callable
from typing import Any

from o2c_tui.screens.base import DeskScreen
from o2c_tui.screens.step import Step, StepField, date_field, rate_field, step_on
from o2c_tui.texts import N_, _

# -- of a row: what F8 says ------------------------------------------------------------------------------------------


def _quotation_label(row: Any, state: str) -> str | None:
    if state == "draft":
        return N_("Send")
    return N_("Order") if state in ("sent", "accepted") and row.ordered != "fully" else None


def _order_label(row: Any, state: str) -> str | None:
    if state == "draft":
        return N_("Confirm")
    if state == "on_hold":
        return N_("Release")
    if state == "confirmed" and row.delivery != "fully":
        return N_("Deliver")
    return N_("Invoice") if state in ("confirmed", "closed") and row.billing != "fully" else None


def _delivery_label(row: Any, state: str) -> str | None:
    if state == "shipped":
        return N_("Invoice") if row.billing != "fully" else None
    return {"draft": N_("Pick"), "picked": N_("Pack"), "packed": N_("Ship")}.get(state)


def _goods_label(row: Any, state: str) -> str:
    return N_("Reserve")


def _alert_label(row: Any, state: str) -> str | None:
    return N_("Seen") if row.seen_on is None else None


# -- of a document: the next step ------------------------------------------------------------------------------------


def _quotation(d: Any) -> Step | None:
    from o2c_tui.services.ordering import order_quotation
    from o2c_tui.services.quoting import send_quotation

    if d.state == "draft":
        return step_on(d, N_("Send"), N_("Sent quotation"), send_quotation, opens="quotation", key="id")
    if d.state in ("sent", "accepted"):
        return step_on(
            d, N_("Order"), N_("Sales order"), order_quotation,
            left="left", opens="order", key="order_id", does=N_("make the order"),
        )  # fmt: skip
    return None


def _order(d: Any) -> Step | None:
    from o2c_tui.services.ordering import confirm_order, release_order

    if d.state == "draft":
        return step_on(d, N_("Confirm"), N_("Confirmed order"), confirm_order, opens="order", key="order_id")
    if d.state == "on_hold":
        return step_on(d, N_("Release"), N_("Released order"), release_order, opens="order", key="order_id")
    if d.state == "confirmed" and any(line["to_ship"] for line in d.lines):
        can_go = any(line["to_ship"] and (not line["stocked"] or line["reserved"]) for line in d.lines)
        if can_go or not any(line["billable"] for line in d.lines):
            return _to_be_picked(d) if d.head["bins"] else _at_once(d)
    if d.state in ("confirmed", "closed") and any(line["billable"] for line in d.lines):
        return _bill_order(d, N_("Invoice"))
    return None


def _at_once(d: Any, label: str = N_("Deliver")) -> Step:
    """Small shops: the goods leave in one step."""
    from o2c_tui.services.shipping import ship_order

    return step_on(
        d, label, N_("Delivery"), ship_order,
        left="to_ship", opens="delivery", key="delivery_id", does=N_("ship it"), fields=_leaving(d),
    )  # fmt: skip


def _to_be_picked(d: Any, label: str = N_("Deliver")) -> Step:
    """Where there are bins: the delivery is written down first, and picked by its list."""
    from o2c_tui.services.shipping import draft_delivery

    return step_on(
        d, label, N_("Delivery to be picked"), draft_delivery,
        left="to_ship", opens="delivery", does=N_("write it down"),
    )  # fmt: skip


def _bill_order(d: Any, label: str) -> Step:
    from o2c_tui.services.invoicing import invoice_order

    return step_on(
        d, label, N_("Invoice"), invoice_order,
        left="billable", opens="invoice", key="invoice_id", does=N_("post the invoice"),
        fields=(date_field(), *rate_field(d)),
    )  # fmt: skip


def _leaving(d: Any) -> tuple[StepField, ...]:
    """When, by whom and under which number goods leave."""
    return (
        StepField("shipped_on", N_("Date"), 10, "day", str(d.head.get("shipped_on") or "")),
        StepField("carrier", N_("Carrier"), 14, begins=d.head.get("carrier") or ""),
        StepField("tracking", N_("Tracking"), 18, begins=d.head.get("tracking") or ""),
    )


def _ship(d: Any, label: str = N_("Ship")) -> Step:
    """Ship a delivery that was written down."""
    from o2c_tui.services.shipping import ship_delivery

    return step_on(
        d, label, N_("Delivery"), ship_delivery,
        opens="delivery", key="delivery_id", does=N_("ship it"), fields=_leaving(d),
    )  # fmt: skip


def _pack(d: Any) -> Step:
    from o2c_tui.services.picking import pack_delivery

    return step_on(
        d, N_("Pack"), N_("Packed delivery"), pack_delivery, opens="delivery", does=N_("pack it"),
        fields=(
            StepField("packages", N_("Packages"), 6, "whole", "1"),
            StepField("weight", N_("Weight kg"), 10, "figure"),
            StepField("carrier", N_("Carrier"), 18, begins=d.head.get("carrier") or ""),
        ),
    )  # fmt: skip


def pick_step(d: Any, label: str = N_("Pick")) -> Step:
    """Take the goods of a delivery from their bins; once picked, anew."""
    from o2c_tui.services.picking import pick_delivery

    return step_on(
        d, label, N_("Picked delivery"), pick_delivery,
        left="to_pick", opens="delivery", does=N_("pick it"), places="picks",
    )  # fmt: skip


def _delivery(d: Any) -> Step | None:
    from o2c_tui.services.invoicing import invoice_deliveries

    if d.state == "draft":
        return pick_step(d) if any(line["stocked"] for line in d.lines) else _ship(d)
    if d.state == "picked":
        return _pack(d)
    if d.state == "packed":
        return _ship(d)
    if d.state == "shipped" and d.head["billing"] != "fully":
        return Step(
            N_("Invoice"), N_("Invoice"), invoice_deliveries, ([d.id],), {"version": d.version},
            opens="invoice", key="invoice_id", does=N_("post the invoice"), fields=(date_field(), *rate_field(d)),
        )  # fmt: skip
    return None


# -- of a document: the steps beside the next one --------------------------------------------------------------------


def _beside_quotation(d: Any) -> list[Step]:
    from o2c_tui.models.quotation import DECLINE_REASONS
    from o2c_tui.services.quoting import accept_quotation, decline_quotation, delete_quotation, undo_acceptance

    its: dict[str, Any] = {"opens": "quotation", "key": "id"}
    if d.state == "draft":
        return [step_on(d, N_("Delete the draft"), N_("Delete"), delete_quotation, leaves=True)]
    if d.state == "sent":
        accept = step_on(d, N_("Accepted by the customer"), N_("Acceptance"), accept_quotation, **its)
        decline = step_on(
            d, N_("Declined by the customer"), N_("Decline"), decline_quotation,
            ask=("reason", N_("Why was it declined?")), choices=DECLINE_REASONS, **its,
        )  # fmt: skip
        return [accept, decline, *_revisions(d)]
    if d.state == "declined":
        return _revisions(d)
    if d.state == "accepted":
        why = ("reason", N_("Why is it undone?"))
        return [step_on(d, N_("Undo the acceptance"), N_("Acceptance undone"), undo_acceptance, ask=why, **its)]
    return []


def _revisions(d: Any) -> list[Step]:
    """A new revision: at the prices that were offered, or at today's."""
    from o2c_tui.services.quoting import revise_quotation

    its: dict[str, Any] = {"opens": "quotation", "key": "id"}
    renewed = {"renew_prices": True}
    return [
        Step(N_("Revise: a new revision as a draft"), N_("Revision"), revise_quotation, (d.id,), **its),
        Step(N_("Revise at today's prices"), N_("Revision"), revise_quotation, (d.id,), renewed, **its),
    ]


def _beside_order(d: Any) -> list[Step]:
    from o2c_tui.services.ordering import delete_order, reopen_order
    from o2c_tui.services.paying import receive_payment

    if d.state == "draft":
        return [step_on(d, N_("Delete the draft"), N_("Delete"), delete_order, leaves=True)]
    if d.state == "confirmed":
        title = N_("Payment in advance")
        ahead = Step(N_("Take a payment in advance"), title, receive_payment, (), opens="payment", shown_by=_paid_ahead)
        return [*_fulfilments(d), *_endings(d), ahead, *again_and_again(d)]
    if d.state == "on_hold":
        return _endings(d)
    if d.state == "closed":
        return [step_on(d, N_("Open again"), N_("Reopened order"), reopen_order, opens="order", key="order_id")]
    return []


def _fulfilments(d: Any) -> list[Step]:
    """What a confirmed order still needs: its goods reserved, bought, delivered the other way, billed; or a hold."""
    from o2c_tui.services.buying import buy_due
    from o2c_tui.services.ordering import hold_order, reserve_order

    waits, ships, bills = (any(line[name] for line in d.lines) for name in ("back_ordered", "to_ship", "billable"))
    found = []
    if waits:
        title = N_("Reservation")
        found.append(
            Step(N_("Reserve what is there now"), title, reserve_order, (d.id,), opens="order", key="order_id")
        )
    if ships and d.head["bins"]:
        found.append(_at_once(d, N_("Deliver at once, without picking")))
    elif ships:
        found.append(_to_be_picked(d, N_("Write the delivery down, to be picked")))
    if bills and ships:
        found.append(_bill_order(d, N_("Invoice what may be billed")))
    if waits:
        found.append(
            Step(
                N_("Buy what is missing"), N_("Purchase orders"), buy_due, (), {"order_id": d.id},
                opens="order", shown_by=_proposals_of,
            )
        )  # fmt: skip
    if d.head["uninvoiced"] > d.head["deposited"]:
        found.append(
            Step(N_("Ask for a deposit"), N_("Deposit invoice"), _deposit_verb(), (d.id,), shown_by=_deposit_of)
        )
    why = ("reason", N_("Why is it put on hold?"))
    found.append(step_on(d, N_("Put on hold"), N_("Hold"), hold_order, opens="order", key="id", ask=why))
    return found


def _endings(d: Any) -> list[Step]:
    """The ways an order ends before all is done."""
    from o2c_tui.services.ordering import cancel_order, close_order

    close = step_on(
        d, N_("Close short: cancel the rest"), N_("Closed order"), close_order, opens="order", key="id"
    )  # fmt: skip
    if d.head["delivery"] == "none" and d.head["billing"] == "none":
        return [step_on(d, N_("Cancel the order"), N_("Cancelled order"), cancel_order, opens="order", key="id"), close]
    return [close]


def _deposit_verb() -> Callable[..., Any]:
    from o2c_tui.services.deposits import deposit_invoice

    return deposit_invoice


async def _deposit_of(screen: DeskScreen, document: Any) -> None:
    """How much is asked for, then what that makes."""
    from o2c_tui.errors import TradeError
    from o2c_tui.rules.entry import number, places
    from o2c_tui.screens.ask import ask
    from o2c_tui.screens.preview import Preview

    step = step_on(
        document, N_("Ask for a deposit"), N_("Deposit invoice"), _deposit_verb(),
        opens="invoice", key="invoice_id", does=N_("post the deposit invoice"),
        fields=(date_field(), StepField("term", N_("Terms"), 6), *rate_field(document)),
    )  # fmt: skip

    def answered(answer: Any) -> None:
        text = str(answer or "").strip()
        if not text:
            return
        name = "percent" if text.endswith(("%", "％")) else "amount"
        try:
            given = {name: places(number(text.rstrip("%％")), 6)}
        except TradeError as error:
            screen.warn(error.said(_))
            return
        screen.app.push_screen(Preview(document, step, given))

    ask(screen, N_("How much is asked for? 30% of the order, or an amount with its tax"), answered, {})


async def _proposals_of(screen: DeskScreen, document: Any) -> None:
    """The grid of what an order lacks."""
    from o2c_tui.screens.reorder import ReorderScreen

    await screen.app.push_screen(ReorderScreen(order_id=document.id, label=document.label))


def again_and_again(d: Any) -> list[Step]:
    """A plan that bills a document's lines again and again: of services and text, as goods are delivered each time."""
    from o2c_tui.services.recurring_plans import recur_document

    if any(line["stocked"] for line in d.lines):
        return []
    label, title = N_("Bill it again and again"), N_("Recurring invoice")
    return [Step(label, title, recur_document, (), opens=d.kind, shown_by=_recurring)]


async def _recurring(screen: DeskScreen, document: Any) -> None:
    """The plan, in its editor."""
    from o2c_tui.screens.plan import PlanEditor

    await screen.app.push_screen(PlanEditor(of=document.label))


async def _paid_ahead(screen: DeskScreen, document: Any) -> None:
    """Money for an order before its invoice."""
    from o2c_tui.screens.payment import PaymentScreen

    await screen.app.push_screen(PaymentScreen(document.customer, order=document.label))


def goes() -> StepField:
    """Where goods that come back go."""
    from o2c_tui.models.delivery import DISPOSITION_WORDS

    return StepField("disposition", N_("They go"), 11, begins="restock", choices=DISPOSITION_WORDS, beside=18)


def _beside_delivery(d: Any) -> list[Step]:
    from o2c_tui.services.shipping import cancel_delivery

    if d.state == "shipped":
        return _after_it_left(d)
    found = []
    if d.state in ("draft", "picked"):
        found.append(_ship(d, N_("Ship it at once")))
    if d.state == "picked":
        found.append(pick_step(d, N_("Pick it anew")))
    if d.state in ("draft", "picked", "packed"):
        title = N_("Cancelled delivery")
        found.append(Step(N_("Cancel the delivery"), title, cancel_delivery, (d.id,), opens="delivery"))
    return found


def _after_it_left(d: Any) -> list[Step]:
    """Of a shipped delivery: it never left, it comes back, its tracking number is known."""
    from o2c_tui.services.shipping import return_goods, reverse_delivery, set_tracking

    found = []
    if d.head["returned"] == "none" and d.head["billing"] == "none":
        found.append(
            step_on(
                d, N_("Reverse the delivery: it never left"), N_("Reversed delivery"), reverse_delivery,
                opens="delivery", ask=("reason", N_("Why is it reversed?")),
            )
        )  # fmt: skip
    if d.head["returned"] != "fully":
        found.append(
            Step(
                N_("Take goods back"), N_("Return"), return_goods, (d.id,),
                left="with_customer", opens="return", key="return_id", ask=("reason", N_("Why do they come back?")),
                places="places", incoming=True, fields=(goes(), StepField("returned_on", N_("Date"), 10, "day", "")),
            )
        )  # fmt: skip
    found.append(
        Step(
            N_("Note the tracking number"), N_("Tracking"), set_tracking, (d.id,),
            opens="delivery", ask=("tracking", N_("Which number did the carrier give?")),
        )
    )  # fmt: skip
    return found


LABELS: dict[str, Callable[[Any, str], str | None]] = {
    "quotation": _quotation_label,
    "order": _order_label,
    "delivery": _delivery_label,
    "item": _goods_label,
    "stock": _goods_label,
    "alert": _alert_label,
    "mail": lambda row, state: N_("Send") if state == "waiting" else None,
}
NEXT: dict[str, Callable[[Any], Step | None]] = {
    "quotation": _quotation,
    "order": _order,
    "delivery": _delivery,
}
BESIDE: dict[str, Callable[[Any], list[Step]]] = {
    "quotation": _beside_quotation,
    "order": _beside_order,
    "delivery": _beside_delivery,
}
