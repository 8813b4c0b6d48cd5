"""The next lawful step of each document: what F8 does, and the other steps of the F9 menu.

Nothing is decided here: the verbs refuse what may not be. A step is a verb with the words a preview needs.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from o2c_tui.errors import TradeError, TroubleError
from o2c_tui.screens.base import DeskScreen, new_key
from o2c_tui.texts import N_, _
from o2c_tui.widgets.confirm import Confirm, Line

ZERO = Decimal(0)


@dataclass(frozen=True)
class StepField:
    """A word of the verb that can be typed in the preview: `kind` is text, day, whole, figure, or one of `choices`."""

    name: str
    label: str
    width: int = 16
    kind: str = "text"
    begins: str = ""
    choices: Mapping[Any, str] = field(default_factory=dict)
    beside: int = 0


@dataclass(frozen=True)
class Step:
    """One step: its words, the verb with its arguments, and which lines and quantities it is about."""

    label: str  # on the key bar and in the menu
    title: str  # of the preview
    verb: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    left: str = ""  # line value that says how much is left to do; empty: the step is about the whole document
    opens: str = ""  # kind of document it makes, to be opened afterwards
    key: str = ""  # attribute of the result that holds that document's key
    does: str = N_("do it")
    ask: tuple[str, str] = ("", "")  # a word the verb needs first: (argument, question)
    choices: Mapping[str, str] = field(default_factory=dict)  # value → words, instead of a typed answer
    leaves: bool = False  # afterwards the document is gone: back to the list
    shown_by: Callable[[DeskScreen, Any], Awaitable[None]] | None = None  # a screen of its own, instead of the preview
    fields: tuple[StepField, ...] = ()  # words of the verb that can be typed in the preview, on one row
    places: str = ""  # word of the verb for bins and lots by line: Ctrl+E on a line says them
    incoming: bool = False  # these goods come in


_DELIVERY = {"draft": N_("Pick"), "picked": N_("Pack"), "packed": N_("Ship")}


def step_label(kind: str, row: Any) -> str | None:
    """What F8 does with a row of a list; None where there is nothing to do."""
    state = str(getattr(row, "state", ""))
    if kind == "quotation":
        if state == "draft":
            return _("Send")
        return _("Order") if state in ("sent", "accepted") and row.ordered != "fully" else None
    if kind == "order":
        if state == "draft":
            return _("Confirm")
        if state == "on_hold":
            return _("Release")
        if state == "confirmed" and row.delivery != "fully":
            return _("Deliver")
        return _("Invoice") if state in ("confirmed", "closed") and row.billing != "fully" else None
    if kind == "delivery":
        if state in _DELIVERY:
            return _(_DELIVERY[state])
        return _("Invoice") if state == "shipped" and row.billing != "fully" else None
    if kind == "invoice":
        if state == "draft":
            return _("Post")
        return _("Pay") if row.open > 0 else None
    if kind in ("item", "stock"):
        return _("Reserve")
    if kind == "alert":
        return _("Seen") if row.seen_on is None else None
    from o2c_tui.screens.warehouse_steps import label

    return label(kind, row, state)


def next_step(document: Any) -> Step | None:
    """The next step of a document; None where its chain ends (a payment is taken on a screen of its own)."""
    from o2c_tui.screens.warehouse_steps import NEXT

    steps = {"quotation": _quotation, "order": _order, "delivery": _delivery, "invoice": _invoice, **NEXT}
    return steps[document.kind](document) if document.kind in steps else None


def _quotation(d: Any) -> Step | None:
    from o2c_tui.services.ordering import order_quotation
    from o2c_tui.services.quoting import send_quotation

    if d.state == "draft":
        return Step(
            N_("Send"),
            N_("Sent quotation"),
            send_quotation,
            (d.id,),
            {"version": d.version},
            opens="quotation",
            key="id",
        )
    if d.state in ("sent", "accepted"):
        return Step(
            N_("Order"), N_("Sales order"), order_quotation, (d.id,), {"version": d.version},
            left="left", opens="order", key="order_id", does=N_("make the order"),
        )  # fmt: skip
    return None


def _order(d: Any) -> Step | None:
    from o2c_tui.services.invoicing import invoice_order
    from o2c_tui.services.ordering import confirm_order, release_order

    version = {"version": d.version}
    if d.state == "draft":
        return Step(
            N_("Confirm"), N_("Confirmed order"), confirm_order, (d.id,), version, opens="order", key="order_id"
        )
    if d.state == "on_hold":
        return Step(N_("Release"), N_("Released order"), release_order, (d.id,), version, opens="order", key="order_id")
    if d.state == "confirmed" and any(line["to_ship"] for line in d.lines):
        can_go = any(line["to_ship"] and (not line["stocked"] or line["reserved"]) for line in d.lines)
        if can_go or not any(line["billable"] for line in d.lines):
            return _to_be_picked(d) if d.head["bins"] else _at_once(d)
    if d.state in ("confirmed", "closed") and any(line["billable"] for line in d.lines):
        return Step(
            N_("Invoice"), N_("Invoice"), invoice_order, (d.id,), version,
            left="billable", opens="invoice", key="invoice_id", does=N_("post the invoice"),
        )  # fmt: skip
    return None


def _at_once(d: Any, label: str = N_("Deliver")) -> Step:
    """Small shops: the goods leave in one step."""
    from o2c_tui.services.shipping import ship_order

    return Step(
        label, N_("Delivery"), ship_order, (d.id,), {"version": d.version},
        left="to_ship", opens="delivery", key="delivery_id", does=N_("ship it"), fields=leaving(d),
    )  # fmt: skip


def _to_be_picked(d: Any, label: str = N_("Deliver")) -> Step:
    """Where there are bins: the delivery is written down first, and picked by its list."""
    from o2c_tui.services.shipping import draft_delivery

    return Step(
        label, N_("Delivery to be picked"), draft_delivery, (d.id,), {"version": d.version},
        left="to_ship", opens="delivery", does=N_("write it down"),
    )  # fmt: skip


def leaving(d: Any) -> tuple[StepField, ...]:
    """When, by whom and under which number goods leave."""
    return (
        StepField("shipped_on", N_("Date"), 10, "day", str(d.head.get("shipped_on") or "")),
        StepField("carrier", N_("Carrier"), 14, begins=d.head.get("carrier") or ""),
        StepField("tracking", N_("Tracking"), 18, begins=d.head.get("tracking") or ""),
    )


def ship_step(d: Any, label: str = N_("Ship")) -> Step:
    """Ship a delivery that was written down."""
    from o2c_tui.services.shipping import ship_delivery

    return Step(
        label, N_("Delivery"), ship_delivery, (d.id,), {"version": d.version},
        opens="delivery", key="delivery_id", does=N_("ship it"), fields=leaving(d),
    )  # fmt: skip


def _pack(d: Any) -> Step:
    from o2c_tui.services.picking import pack_delivery

    return Step(
        N_("Pack"), N_("Packed delivery"), pack_delivery, (d.id,), {"version": d.version},
        opens="delivery", does=N_("pack it"),
        fields=(
            StepField("packages", N_("Packages"), 6, "whole", "1"),
            StepField("weight", N_("Weight kg"), 10, "figure"),
            StepField("carrier", N_("Carrier"), 18, begins=d.head.get("carrier") or ""),
        ),
    )  # fmt: skip


def pick_step(d: Any, label: str = N_("Pick")) -> Step:
    from o2c_tui.services.picking import pick_delivery

    return Step(
        label, N_("Picked delivery"), pick_delivery, (d.id,), {"version": d.version},
        left="to_pick", opens="delivery", does=N_("pick it"), places="picks",
    )  # fmt: skip


def _delivery(d: Any) -> Step | None:
    from o2c_tui.services.invoicing import invoice_deliveries

    if d.state == "draft":
        return pick_step(d) if any(line["stocked"] for line in d.lines) else ship_step(d)
    if d.state == "picked":
        return _pack(d)
    if d.state == "packed":
        return ship_step(d)
    if d.state == "shipped" and d.head["billing"] != "fully":
        return Step(
            N_("Invoice"), N_("Invoice"), invoice_deliveries, ([d.id],), {"version": d.version},
            opens="invoice", key="invoice_id", does=N_("post the invoice"),
        )  # fmt: skip
    return None


def _invoice(d: Any) -> Step | None:
    from o2c_tui.services.invoicing import post_invoice

    if d.state == "draft":
        return Step(
            N_("Post"),
            N_("Posted invoice"),
            post_invoice,
            (d.id,),
            {"version": d.version},
            opens="invoice",
            key="invoice_id",
        )
    return None


def other_steps(d: Any) -> list[Step]:
    """The steps of a document beside the next one, for the F9 menu."""
    from o2c_tui.screens.warehouse_steps import KINDS, beside

    if d.kind in KINDS:
        return beside(d)
    from o2c_tui.models.delivery import DISPOSITION_WORDS
    from o2c_tui.models.quotation import DECLINE_REASONS
    from o2c_tui.services import buying, crediting, invoicing, ordering, paying, quoting, shipping

    version = {"version": d.version}
    goes = StepField("disposition", N_("They go"), 11, begins="restock", choices=DISPOSITION_WORDS, beside=18)
    found: list[Step] = []
    if d.kind == "quotation":
        if d.state == "sent":
            found.append(
                Step(
                    N_("Accepted by the customer"),
                    N_("Acceptance"),
                    quoting.accept_quotation,
                    (d.id,),
                    version,
                    opens="quotation",
                    key="id",
                )
            )
            found.append(Step(N_("Declined by the customer"), N_("Decline"), quoting.decline_quotation, (d.id,), version, opens="quotation", key="id",
                              ask=("reason", N_("Why was it declined?")), choices=DECLINE_REASONS))  # fmt: skip
        if d.state in ("sent", "declined"):
            found.append(
                Step(
                    N_("Revise: a new revision as a draft"),
                    N_("Revision"),
                    quoting.revise_quotation,
                    (d.id,),
                    opens="quotation",
                    key="id",
                )
            )
            found.append(
                Step(
                    N_("Revise at today's prices"),
                    N_("Revision"),
                    quoting.revise_quotation,
                    (d.id,),
                    {"renew_prices": True},
                    opens="quotation",
                    key="id",
                )
            )
        if d.state == "accepted":
            found.append(
                Step(
                    N_("Undo the acceptance"),
                    N_("Acceptance undone"),
                    quoting.undo_acceptance,
                    (d.id,),
                    version,
                    opens="quotation",
                    key="id",
                    ask=("reason", N_("Why is it undone?")),
                )
            )
        if d.state == "draft":
            found.append(
                Step(N_("Delete the draft"), N_("Delete"), quoting.delete_quotation, (d.id,), version, leaves=True)
            )
    if d.kind == "order":
        if d.state == "draft":
            found.append(
                Step(N_("Delete the draft"), N_("Delete"), ordering.delete_order, (d.id,), version, leaves=True)
            )
        if d.state == "confirmed":
            if any(line["back_ordered"] for line in d.lines):
                found.append(
                    Step(
                        N_("Reserve what is there now"),
                        N_("Reservation"),
                        ordering.reserve_order,
                        (d.id,),
                        opens="order",
                        key="order_id",
                    )
                )
            if any(line["to_ship"] for line in d.lines):
                found.append(
                    _at_once(d, N_("Deliver at once, without picking"))
                    if d.head["bins"]
                    else _to_be_picked(d, N_("Write the delivery down, to be picked"))
                )
            if any(line["billable"] for line in d.lines) and any(line["to_ship"] for line in d.lines):
                found.append(Step(N_("Invoice what may be billed"), N_("Invoice"), invoicing.invoice_order, (d.id,), version,
                                  left="billable", opens="invoice", key="invoice_id", does=N_("post the invoice")))  # fmt: skip
            if any(line["back_ordered"] for line in d.lines):
                found.append(
                    Step(
                        N_("Buy what is missing"),
                        N_("Purchase orders"),
                        buying.buy_due,
                        (),
                        {"order_id": d.id},
                        opens="order",
                        shown_by=_proposals_of,
                    )
                )
            found.append(Step(N_("Put on hold"), N_("Hold"), ordering.hold_order, (d.id,), version, opens="order", key="id",
                              ask=("reason", N_("Why is it put on hold?"))))  # fmt: skip
        if d.state in ("confirmed", "on_hold"):
            if d.head["delivery"] == "none" and d.head["billing"] == "none":
                found.append(
                    Step(
                        N_("Cancel the order"),
                        N_("Cancelled order"),
                        ordering.cancel_order,
                        (d.id,),
                        version,
                        opens="order",
                        key="id",
                    )
                )
            found.append(
                Step(
                    N_("Close short: cancel the rest"),
                    N_("Closed order"),
                    ordering.close_order,
                    (d.id,),
                    version,
                    opens="order",
                    key="id",
                )
            )
        if d.state == "closed":
            found.append(
                Step(
                    N_("Open again"),
                    N_("Reopened order"),
                    ordering.reopen_order,
                    (d.id,),
                    version,
                    opens="order",
                    key="order_id",
                )
            )
    if d.kind == "delivery":
        if d.state in ("draft", "picked"):
            found.append(ship_step(d, N_("Ship it at once")))
        if d.state == "picked":
            found.append(pick_step(d, N_("Pick it anew")))
        if d.state in ("draft", "picked", "packed"):
            found.append(
                Step(
                    N_("Cancel the delivery"),
                    N_("Cancelled delivery"),
                    shipping.cancel_delivery,
                    (d.id,),
                    opens="delivery",
                )
            )
        if d.state == "shipped" and d.head["returned"] == "none" and d.head["billing"] == "none":
            found.append(Step(N_("Reverse the delivery: it never left"), N_("Reversed delivery"), shipping.reverse_delivery, (d.id,), version, opens="delivery",
                              ask=("reason", N_("Why is it reversed?"))))  # fmt: skip
        if d.state == "shipped" and d.head["returned"] != "fully":
            found.append(
                Step(N_("Take goods back"), N_("Return"), shipping.return_goods, (d.id,), left="with_customer", opens="return", key="return_id",
                     ask=("reason", N_("Why do they come back?")), places="places", incoming=True,
                     fields=(goes, StepField("returned_on", N_("Date"), 10, "day", "")))
            )  # fmt: skip
        if d.state == "shipped":
            found.append(
                Step(
                    N_("Note the tracking number"),
                    N_("Tracking"),
                    shipping.set_tracking,
                    (d.id,),
                    opens="delivery",
                    ask=("tracking", N_("Which number did the carrier give?")),
                )
            )
    creditable = d.kind == "invoice" and d.state == "posted" and d.head["kind"] == "invoice"
    if creditable and any(line["quantity"] - line["credited"] for line in d.lines):
        found.append(Step(N_("Credit note with the goods coming back"), N_("Credit note"), crediting.return_and_credit, (d.id,), version,
                          left="to_credit", opens="invoice", key="invoice_id", does=N_("post the credit note"),
                          fields=(goes,),
                          ask=("reason", N_("Why is it credited?"))))  # fmt: skip
        found.append(Step(N_("Credit note without goods"), N_("Credit note"), crediting.credit_invoice, (d.id,), version,
                          left="to_credit", opens="invoice", key="invoice_id", does=N_("post the credit note"),
                          ask=("reason", N_("Why is it credited?"))))  # fmt: skip
    if d.kind == "invoice" and d.state == "draft":
        found.append(
            Step(N_("Delete the draft"), N_("Delete"), invoicing.delete_invoice, (d.id,), version, leaves=True)
        )
    if d.kind == "invoice" and d.head["kind"] == "credit_note" and d.head["open"]:
        found.append(
            Step(
                N_("Use the credit for open invoices"),
                N_("Credit used"),
                paying.apply_credit,
                (),
                {"credit_note_id": d.id},
                opens="invoice",
            )
        )
    if d.kind == "payment" and d.head["reverses_id"] is None and d.head["reversed_by"] is None:
        if d.head["unapplied"]:
            found.append(
                Step(
                    N_("Use what is left for open invoices"),
                    N_("Credit used"),
                    paying.apply_credit,
                    (),
                    {"payment_id": d.id},
                    opens="payment",
                )
            )
        if d.head["unapplied"] != d.head["amount"]:
            found.append(
                Step(N_("Take it off its invoices"), N_("Unapplied payment"), paying.unapply, (d.id,), opens="payment")
            )
        found.append(Step(N_("Reverse: it bounced"), N_("Reversed payment"), paying.reverse_payment, (d.id,), version, opens="payment", key="payment_id",
                          ask=("reason", N_("Why is it reversed?"))))  # fmt: skip
    return found


def undo_step(d: Any) -> Step | None:
    """The correcting step of a posted document, or the inverse of the last one: what Ctrl+Z proposes."""
    labels = {
        "quotation": (N_("Undo the acceptance"),),
        "order": (N_("Cancel the order"), N_("Close short: cancel the rest")),
        "delivery": (N_("Cancel the delivery"), N_("Reverse the delivery: it never left"), N_("Take goods back")),
        "invoice": (N_("Credit note with the goods coming back"),),
        "payment": (N_("Reverse: it bounced"),),
    }
    for step in other_steps(d):
        if step.label in labels.get(d.kind, ()):
            return step
    return None


async def take_next_step(screen: DeskScreen, kind: str, key: int) -> None:
    """F8 on a document: show what the next step does; a payment opens its own screen."""
    if kind in ("item", "stock"):
        from o2c_tui.screens.stock_card import StockCardScreen

        await screen.app.push_screen(StockCardScreen(key, reserve=True))
        return
    if kind == "alert":
        from o2c_tui.screens.alerts import see

        await see(screen, [key])
        return
    from o2c_tui.queries.documents import document

    found = await screen.attempt(screen.desk.read(document, kind, key))
    if found is None:
        return
    step = next_step(found)
    if step is not None:
        await begin_step(screen, found, step)
    elif found.kind == "invoice" and found.head["open"] > 0:
        from o2c_tui.screens.payment import PaymentScreen

        await screen.app.push_screen(PaymentScreen(found.customer, invoice=found))
    else:
        screen.hint(_("{document} is done: there is no next step.").format(document=found.label))


async def begin_step(screen: DeskScreen, document: Any, step: Step) -> None:
    """Ask what the step needs, then show its preview."""
    from o2c_tui.screens.preview import Preview

    argument, question = step.ask
    if step.shown_by is not None:
        await step.shown_by(screen, document)
        return
    if not argument:
        await screen.app.push_screen(Preview(document, step))
        return
    from o2c_tui.screens.ask import ask

    def answered(answer: Any) -> None:
        if answer:
            screen.app.push_screen(Preview(document, step, {argument: answer}))

    ask(screen, question, answered, step.choices)


async def _proposals_of(screen: DeskScreen, document: Any) -> None:
    """The grid of what an order lacks."""
    from o2c_tui.screens.reorder import ReorderScreen

    await screen.app.push_screen(ReorderScreen(order_id=document.id, label=document.label))


_Plan = tuple[Any, Step, frozenset[str], str]  # a document, its step, the warnings shown, and the step's key
MANY = 20  # of what cannot be taken back: past this, its number is typed first


async def do_marked(screen: DeskScreen, kind: str, rows: Sequence[Any]) -> None:
    """One step for many marked rows: a preview row each, then all of them, each in its own transaction."""
    from o2c_tui.queries.documents import document

    if kind == "alert":
        from o2c_tui.screens.alerts import see

        await see(screen, [row.id for row in rows])
        return
    if kind == "delivery" and len({row.customer for row in rows}) == 1 and all(row.state == "shipped" for row in rows):
        await _invoice_together(screen, [await screen.desk.read(document, kind, row.id) for row in rows])
        return
    if kind == "receipt" and len({row.supplier for row in rows}) == 1 and rows[0].supplier:
        from o2c_tui.screens.bill import BillEditor

        found = [await screen.desk.read(document, kind, row.id) for row in rows]
        if all(next_step(d) is not None for d in found):  # one bill for all of them
            await screen.app.push_screen(BillEditor(found[0].customer, [d.label for d in found]))
            return
    plans: list[_Plan] = []
    refused: list[Line] = []
    skipped: list[Line] = []
    warned: list[Line] = []
    fine: list[Line] = []
    screen.may_stop = True
    for n, row in enumerate(rows, 1):
        if not screen.may_stop:
            screen.hint(_("Stopped. Nothing was done."))
            return
        if n > 20 and n % 5 == 0:
            screen.busy(_("Trying {n} of {all}   Esc stops").format(n=n, all=len(rows)))
        d = await screen.desk.read(document, kind, row.id)
        name = f"{d.label if d.head.get('number') else _('draft')}  {d.customer_name}"
        step = next_step(d)
        if step is None:
            skipped.append((_("{document}: skipped, no next step").format(document=name), "dim"))
            continue
        preview = await screen.desk.preview(step.verb, *step.args, **step.kwargs)
        if preview.refusal is not None:
            refused.append((f"{name}: {preview.refusal.said(_)}", "bad"))
            continue
        plans.append((d, step, preview.codes, new_key()))
        does = f"{name}  {screen.o2c.glyphs.arrow} {_(step.title)}"
        notices = "  ".join(notice.said(_) for notice in preview.warnings)
        effects = getattr(preview.result, "lines", ())
        short = sum(1 for line in effects if getattr(line, "back_ordered", 0)) if isinstance(effects, tuple) else 0
        if short:
            notices = f"{notices}  {_('lines waiting for stock: {n}').format(n=short)}".strip()
        if notices:
            warned.append((f"{does}  {notices}", "bad"))
        else:
            fine.append(does)

    screen.may_stop = False
    if len(rows) > 20:
        screen.hint("")

    def go(yes: bool | None) -> None:
        if yes:
            screen.run_worker(_all(screen, plans), group="write")

    heading = _("{n} of {all} will be done").format(n=len(plans), all=len(rows))
    for words, lines in (
        (N_("{n} refused"), refused),
        (N_("{n} skipped"), skipped),
        (N_("{n} with a warning"), warned),
    ):
        if lines:
            heading += "; " + _(words).format(n=len(lines))
    final = sum(step.opens == "invoice" for _d, step, _codes, _key in plans)
    sheet = Confirm(
        heading,
        [*refused, *skipped, *warned, *fine],
        type_in=str(final) if final > MANY else "",
        possible=bool(plans),
    )
    screen.app.push_screen(sheet, go)


async def _all(screen: DeskScreen, plans: Sequence[_Plan]) -> None:
    done, failed = 0, []
    screen.may_stop = len(plans) > 1
    for n, (d, step, codes, key) in enumerate(plans, 1):
        if not screen.may_stop and len(plans) > 1:
            break
        if n > 3:
            screen.busy(_("{n} of {all}   Esc stops after this one").format(n=n, all=len(plans)))
        try:
            await screen.desk.write(step.verb, *step.args, key=key, accepted=codes, **step.kwargs)
            done += 1
            rows = getattr(screen, "list", None)
            if rows is not None:
                rows.marked.pop((d.id, 0), None)
        except (TradeError, TroubleError) as error:
            failed.append(f"{d.label}: {error.said(_)}")
    screen.may_stop = False
    rows = getattr(screen, "list", None)
    if rows is not None:
        await rows.reload()
    left = len(plans) - done - len(failed)
    if failed:
        screen.err(_("{n} done, {m} not: {why}").format(n=done, m=len(failed), why=failed[0]))
    elif left:
        screen.warn(_("{n} done, stopped before the other {m}; they stay marked.").format(n=done, m=left))
    else:
        screen.ok(_("{n} done.").format(n=done))


async def _invoice_together(screen: DeskScreen, found: Sequence[Any]) -> None:
    from o2c_tui.screens.preview import Preview
    from o2c_tui.services.invoicing import invoice_deliveries

    step = Step(
        N_("Invoice"), N_("One invoice"), invoice_deliveries, ([d.id for d in found],),
        opens="invoice", key="invoice_id", does=N_("post the invoice"),
    )  # fmt: skip
    await screen.app.push_screen(Preview(found[0], step))
