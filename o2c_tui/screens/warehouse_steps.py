"""The next lawful step of what is bought and of what happens in the house, and the other steps of their F9 menus."""

from collections.abc import Callable
from typing import Any

from o2c_tui.screens.base import DeskScreen
from o2c_tui.screens.steps import Step, StepField
from o2c_tui.texts import N_, _

KINDS = ("purchase", "receipt", "bill", "supplier_return", "transfer", "adjustment", "stocktake")


def label(kind: str, row: Any, state: str) -> str | None:
    """What F8 does with a row of a list; None where there is nothing to do."""
    if kind == "purchase":
        if state == "draft":
            return _("Send")
        return _("Receive") if state == "sent" and row.receipt != "fully" else None
    if kind == "transfer":
        if state == "draft":
            return _("Dispatch")
        return _("Arrive") if state == "dispatched" and row.arrival != "fully" else None
    if kind == "receipt":  # reserved for those who wait, else billed: the row does not know
        return _("Next") if state == "received" and row.kind == "purchase" and row.billing != "fully" else None
    posts = {"stocktake": "counting", "bill": "draft"}
    return _("Post") if posts.get(kind) == state else None


def _purchase(d: Any) -> Step | None:
    from o2c_tui.services.purchasing import send_purchase
    from o2c_tui.services.receiving import receive_purchase

    version = {"version": d.version}
    if d.state == "draft":
        return Step(N_("Send"), N_("Sent purchase order"), send_purchase, (d.id,), version, opens="purchase", key="id")
    if d.state == "sent" and any(line["to_receive"] for line in d.lines):
        return Step(
            N_("Receive"), N_("Goods receipt"), receive_purchase, (d.id,), version,
            left="to_receive", opens="receipt", key="id", does=N_("take it in"), places="places", incoming=True,
            fields=(StepField("received_on", N_("Date"), 10, "day"), StepField("reference", N_("Reference"), 20)),
        )  # fmt: skip
    return None


def _receipt(d: Any) -> Step | None:
    from o2c_tui.screens.share import serve_receipt
    from o2c_tui.services.sharing import reserve_for_waiting

    if d.state == "received" and any(x["waited_for"] for x in d.lines):
        return Step(
            N_("Reserve"), N_("Reservation for those who wait"), reserve_for_waiting, (), {"receipt_id": d.id},
            opens="receipt", shown_by=serve_receipt,
        )  # fmt: skip
    return bill_step(d)


async def bill_grid(screen: DeskScreen, document: Any) -> None:
    """The bill of a receipt, or the credit of a return to the supplier, typed in its grid."""
    from o2c_tui.screens.bill import BillEditor

    back = document.label if document.kind == "supplier_return" else ""
    receipts = () if back else (document.label,)
    await screen.app.push_screen(BillEditor(document.customer, receipts, supplier_return=back))


def bill_step(d: Any, label: str = N_("Bill"), *, in_grid: bool = True) -> Step | None:
    """The bill of a receipt: typed in its grid, or as ordered."""
    from o2c_tui.services.billing import BillDraft, enter_bill

    if d.state == "received" and d.head["kind"] == "purchase" and d.customer and any(x["to_bill"] for x in d.lines):
        draft = BillDraft(d.customer, receipts=(d.label,))
        return Step(
            label, N_("Supplier bill as ordered"), enter_bill, (draft,),
            opens="bill", key="bill_id", does=N_("post the bill"), shown_by=bill_grid if in_grid else None,
        )  # fmt: skip
    return None


def _supplier_return(d: Any) -> Step | None:
    from o2c_tui.models.purchase import BillKind
    from o2c_tui.services.billing import BillDraft, enter_bill

    if d.state == "sent" and d.customer and any(line["to_credit"] for line in d.lines):
        draft = BillDraft(d.customer, kind=BillKind.CREDIT, supplier_return=d.label)
        return Step(
            N_("Credit"), N_("Supplier credit"), enter_bill, (draft,),
            opens="bill", key="bill_id", does=N_("post the credit"), shown_by=bill_grid,
        )  # fmt: skip
    return None


def _bill(d: Any) -> Step | None:
    from o2c_tui.services.billing import post_bill

    if d.state == "draft":
        return Step(
            N_("Post"), N_("Posted bill"), post_bill, (d.id,), {"version": d.version}, opens="bill", key="bill_id"
        )
    return None


def _transfer(d: Any) -> Step | None:
    from o2c_tui.services.transferring import dispatch_transfer, receive_transfer

    version = {"version": d.version}
    if d.state == "draft":
        return Step(N_("Dispatch"), N_("Dispatched transfer"), dispatch_transfer, (d.id,), version, opens="transfer")
    if d.state == "dispatched" and any(line["under_way"] for line in d.lines):
        return Step(
            N_("Arrive"), N_("Arrival of a transfer"), receive_transfer, (d.id,), version,
            left="under_way", opens="transfer", does=N_("take it in"),
            fields=(StepField("arrived_on", N_("Date"), 10, "day"), StepField("location", N_("Bin"), 12)),
        )  # fmt: skip
    return None


def _stocktake(d: Any) -> Step | None:
    from o2c_tui.services.counting import post_stocktake

    if d.state == "counting":
        return Step(N_("Post"), N_("Posted count"), post_stocktake, (d.id,), {"version": d.version}, opens="stocktake")
    return None


def beside(d: Any) -> list[Step]:
    """The steps beside the next one of what is bought and of what happens in the house."""
    from o2c_tui.services import billing, counting, purchasing, receiving, sharing, supplier_returns, transferring

    version = {"version": d.version}
    reason = ("reason", N_("Why?"))
    if d.kind == "purchase":
        return {
            "draft": [Step(N_("Delete the draft"), N_("Delete"), purchasing.delete_purchase, (d.id,), version, leaves=True)],
            "sent": [
                Step(N_("Close short: the rest is not expected"), N_("Closed purchase order"), purchasing.close_purchase, (d.id,), version,
                     opens="purchase", key="id"),
                Step(N_("Cancel it: nothing came"), N_("Cancelled purchase order"), purchasing.cancel_purchase, (d.id,), version,
                     opens="purchase", key="id", ask=reason),
            ],
            "closed": [
                Step(N_("Open again"), N_("Reopened purchase order"), purchasing.reopen_purchase, (d.id,), version, opens="purchase", key="id")
            ],
        }.get(d.state, [])  # fmt: skip
    if d.kind == "receipt" and d.state == "received":
        from o2c_tui.screens.share import share_receipt

        waits = any(x["waited_for"] for x in d.lines)
        bill = bill_step(d)
        as_ordered = bill_step(d, N_("Bill it as ordered, at once"), in_grid=False)
        return [
            *([Step(N_("Share by hand among those who wait"), N_("Reservation"), sharing.reserve_for_waiting, (), {"receipt_id": d.id},
                    opens="receipt", shown_by=share_receipt)] if waits else []),
            *([bill] if waits and bill is not None else []),
            *([as_ordered] if as_ordered is not None else []),
            Step(N_("Send goods back to the supplier"), N_("Return to supplier"), supplier_returns.return_to_supplier, (d.id,),
                 left="to_return", opens="supplier_return", key="supplier_return_id", ask=reason, places="places",
                 fields=(StepField("returned_on", N_("Date"), 10, "day"), StepField("warehouse", N_("From"), 10))),
            Step(N_("Cancel the receipt: nothing was touched"), N_("Cancelled receipt"), receiving.cancel_receipt, (d.id,), version,
                 opens="receipt", ask=reason),
        ]  # fmt: skip
    if d.kind == "bill" and d.state == "draft":
        return [Step(N_("Delete the draft"), N_("Delete"), billing.delete_bill, (d.id,), version, leaves=True)]
    if d.kind == "transfer" and d.state == "draft":
        return [Step(N_("Give it up"), N_("Cancelled transfer"), transferring.cancel_transfer, (d.id,), version, opens="transfer")]  # fmt: skip
    if d.kind == "stocktake" and d.state == "counting":
        return [Step(N_("Give the count up"), N_("Cancelled count"), counting.cancel_stocktake, (d.id,), version, opens="stocktake")]  # fmt: skip
    return []


NEXT: dict[str, Callable[[Any], Step | None]] = {
    "purchase": _purchase,
    "receipt": _receipt,
    "supplier_return": _supplier_return,
    "bill": _bill,
    "transfer": _transfer,
    "stocktake": _stocktake,
}
