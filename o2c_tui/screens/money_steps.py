"""The steps of invoices, payments and adjustments of customers' accounts: the next lawful one, and those beside it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from o2c_tui.money import show_money
from o2c_tui.screens.sales_steps import again_and_again, goes
from o2c_tui.screens.step import Step, StepField, rate_field, step_on
from o2c_tui.texts import N_, _


def _invoice_label(row: Any, state: str) -> str | None:
    if state == "draft":
        return N_("Post")
    return N_("Pay") if row.open > 0 else None


def _invoice(d: Any) -> Step | None:
    from o2c_tui.services.invoicing import post_invoice

    if d.state == "draft":
        return step_on(d, N_("Post"), N_("Posted invoice"), post_invoice, opens="invoice", key="invoice_id")
    return None


def is_free(d: Any) -> bool:
    """Whether a draft invoice was typed without an order, so that its lines can be edited."""
    tied = any(line["order_line_id"] or line["delivery_line_id"] or line["deducts_line_id"] for line in d.lines)
    return d.head["kind"] == "invoice" and not tied


def change_step(d: Any) -> Step:
    """Change what is said on a draft invoice whose lines come from an order."""
    from o2c_tui.services.free_invoices import change_invoice

    head = d.head
    rates = [replace(field, beside=10, says=f"{head['rate'].normalize():f}") for field in rate_field(d)]
    return step_on(
        d, N_("Change note, reference, date or terms"), N_("Changed draft"), change_invoice,
        opens="invoice", key="id", does=N_("change it"),
        fields=(
            StepField("invoiced_on", N_("Date"), 10, "day", str(head["invoiced_on"])),
            StepField("term", N_("Terms"), 6, begins=head["term"]),
            *rates,
            StepField("customer_reference", N_("Reference"), 14, begins=head["customer_reference"]),
            StepField("note", N_("Note"), 20, begins=head["note"]),
        ),
    )  # fmt: skip


def _beside_invoice(d: Any) -> list[Step]:
    from o2c_tui.services.invoicing import delete_invoice
    from o2c_tui.services.paying import apply_credit
    from o2c_tui.services.taking_back import unapply

    found = []
    if d.state == "posted" and d.head["kind"] != "credit_note":
        found += _credit_notes(d)
    if d.state == "posted" and d.head["kind"] != "credit_note" and d.head["open"] > 0:
        found.append(_write_off(d))
        if any(link.kind == "order" for link in d.chain):
            title = N_("Paid ahead, used")
            found.append(Step(N_("Pay it with what was paid ahead"), title, _advance_verb(), (d.id,), opens="invoice"))
    if d.state == "draft":
        if not is_free(d):
            found.append(change_step(d))
        found.append(step_on(d, N_("Delete the draft"), N_("Delete"), delete_invoice, leaves=True))
    if d.head["kind"] == "credit_note" and d.head["open"]:
        label, of = N_("Use the credit for open invoices"), {"credit_note_id": d.id}
        found.append(Step(label, N_("Credit used"), apply_credit, (), of, opens="invoice"))
        found.append(refund_step(d, -d.head["open"], {"credit_note_id": d.id}))
    if d.head["kind"] == "credit_note" and is_set(d):
        found.append(
            Step(
                N_("Take it off its invoices"), N_("Unapplied credit note"), unapply, (), {"credit_note_id": d.id},
                opens="invoice", undoes=loose(d),
            )
        )  # fmt: skip
    if d.state == "posted" and d.head["kind"] == "invoice":
        found += again_and_again(d)
    return found + _undoings(d)


def loose(d: Any) -> tuple[Any, ...]:
    """What of a credit is set against which invoices and can be taken off; money given back is taken back itself."""
    return tuple(share for share in d.shares if share.amount > 0 and not share.fixed)


def is_set(d: Any) -> bool:
    """Whether something of a credit is set against an invoice."""
    return bool(loose(d))


def _advance_verb() -> Callable[..., Any]:
    from o2c_tui.services.advances import use_advance

    return use_advance


def _write_off(d: Any) -> Step:
    """What is not to be paid any more, for a reason; without an amount all that is open, or all the discount offered."""
    from o2c_tui.services.writing_off import write_off

    amount = StepField("amount", N_("Amount"), 12, "figure", beside=26, says=_("empty: all of it"))
    return step_on(
        d, N_("Write off, or take a discount"), N_("Write-off"), write_off,
        opens="receivable_adjustment", key="adjustment_id", does=N_("write it off"),
        ask=("reason", N_("Why is it not to be paid?")), reasons=True,
        fields=(amount, StepField("on", N_("Date"), 10, "day", "")),
    )  # fmt: skip


def refund_step(d: Any, amount: Decimal, of: Mapping[str, Any]) -> Step:
    """Credit that is not used, paid back."""
    from o2c_tui.services.refunding import refund

    return Step(
        N_("Pay back what is not used"), N_("Refund"), refund, (d.customer,), of,
        opens="payment", key="payment_id", does=N_("pay it back"),
        fields=(
            StepField("amount", N_("Amount"), 12, "figure", format(amount, "f")),
            StepField("account", N_("Out of"), 6),
            StepField("reference", N_("Reference"), 16),
        ),
    )  # fmt: skip


def _undoings(d: Any) -> list[Step]:
    """Each credit that is set against an invoice, or each invoice a credit is set against, to be taken off alone."""
    from o2c_tui.services.taking_back import undo_allocation

    is_credit = d.head["amount"] > 0 if d.kind != "invoice" else d.head["kind"] == "credit_note"
    found = []
    for share in loose(d):
        pair = (d.label, share.number) if is_credit else (share.number, d.label)
        found.append(
            Step(
                N_("Undo {amount} set against {number}") if is_credit else N_("Undo {amount} paid by {number}"),
                N_("Undone"), undo_allocation, pair, {"instalment": share.instalment},
                opens=d.kind, does=N_("undo it"), undoes=(share,), told={"amount": show_money(share.amount, d.head["digits"]), "number": share.number},
            )
        )  # fmt: skip
    return found


def _credit_notes(d: Any) -> list[Step]:
    """The corrections of a posted invoice, as long as a line of it is not credited."""
    from o2c_tui.services.crediting import credit_invoice, return_and_credit
    from o2c_tui.services.replacing import replace_invoice

    its: dict[str, Any] = {
        "opens": "invoice", "key": "invoice_id", "does": N_("post the credit note"),
        "ask": ("reason", N_("Why is it credited?")),
    }  # fmt: skip
    back, without = N_("Credit note with the goods coming back"), N_("Credit note without goods")
    found = []
    if any(line["quantity"] - line["credited"] for line in d.lines):
        if any(line["delivery_line_id"] for line in d.lines):
            found.append(
                step_on(d, back, N_("Credit note"), return_and_credit, left="to_credit", fields=(goes(),), **its)
            )
        found.append(step_on(d, without, N_("Credit note"), credit_invoice, left="to_credit", **its))
    if any(amount_left(line) for line in d.lines):
        found.append(
            step_on(
                d,
                N_("Credit note over an amount"),
                N_("Credit note"),
                credit_invoice,
                left="amount_left",
                by="amounts",
                **its,
            )
        )
        its |= {"does": N_("credit it, and write it down anew")}
        found.append(step_on(d, N_("Reverse it and make it anew"), N_("Replacement"), replace_invoice, **its))
    return found


def amount_left(line: Any) -> Any:
    """What of an invoice's line can be credited by an amount, before tax."""
    left = line["net"] - line["credited_net"] - line["deducted_net"]
    return max(left, 0) if line["deducts_line_id"] is None else 0


def _beside_payment(d: Any) -> list[Step]:
    from o2c_tui.services.paying import apply_credit
    from o2c_tui.services.taking_back import bounce_payment, reverse_payment, unapply

    if d.head["reverses_id"] is not None or d.head["reversed_by"] is not None:
        return []
    why: dict[str, Any] = {"opens": "payment", "key": "payment_id", "ask": ("reason", N_("Why is it reversed?"))}
    if d.head["amount"] < 0:
        label = N_("Take the refund back: it did not arrive")
        return [step_on(d, label, N_("Reversed payment"), reverse_payment, **why)]
    found = []
    if d.head["unapplied"]:
        label, of = N_("Use what is left for open invoices"), {"payment_id": d.id}
        found.append(Step(label, N_("Credit used"), apply_credit, (), of, opens="payment"))
        found.append(refund_step(d, d.head["unapplied"], {"payment_id": d.id}))
    if is_set(d):
        label, title = N_("Take it off its invoices"), N_("Unapplied payment")
        found.append(Step(label, title, unapply, (d.id,), opens="payment", undoes=loose(d)))
    found.append(
        step_on(
            d, N_("Reverse: it bounced"), N_("Reversed payment"), bounce_payment, **why, undoes=loose(d),
            fields=(
                StepField("charge", N_("Bank's charge"), 10, "figure"),
                StepField("charge_customer", N_("Charged on"), 4, "yes", "no", {"no": N_("no"), "yes": N_("yes")}),
                StepField("on", N_("Date"), 10, "day", ""),
            ),
        )
    )  # fmt: skip
    return found + _undoings(d)


def _beside_adjustment(d: Any) -> list[Step]:
    from o2c_tui.services.paying import apply_credit
    from o2c_tui.services.writing_off import reverse_adjustment

    if d.head["reverses_id"] is not None or d.head["reversed_by"] is not None or d.state == "draft":
        return []
    found = [
        step_on(
            d, N_("Take it back"), N_("Adjustment taken back"), reverse_adjustment, undoes=loose(d),
            opens="receivable_adjustment", key="adjustment_id", ask=("reason", N_("Why is it taken back?")),
        )
    ]  # fmt: skip
    if d.head["open"] > 0:
        label, of = N_("Use what is left for open invoices"), {"receivable_adjustment_id": d.id}
        found.append(Step(label, N_("Credit used"), apply_credit, (), of, opens="receivable_adjustment"))
    return found + _undoings(d)


LABELS: dict[str, Callable[[Any, str], str | None]] = {"invoice": _invoice_label}
NEXT: dict[str, Callable[[Any], Step | None]] = {"invoice": _invoice}
BESIDE: dict[str, Callable[[Any], list[Step]]] = {
    "invoice": _beside_invoice,
    "payment": _beside_payment,
    "receivable_adjustment": _beside_adjustment,
}
