"""The steps of what is bought and of what happens in the house: the next lawful one, and those beside it."""

from collections.abc import Callable
from typing import Any

from o2c_tui.screens.base import DeskScreen
from o2c_tui.screens.step import Step, StepField, step_on
from o2c_tui.texts import N_

# -- of a row: what F8 says ------------------------------------------------------------------------------------------


def _purchase_label(row: Any, state: str) -> str | None:
    if state == "draft":
        return N_("Send")
    return N_("Receive") if state == "sent" and row.receipt != "fully" else None


def _receipt_label(row: Any, state: str) -> str | None:
    """Reserved for those who wait, else billed: the row does not know which."""
    return N_("Next") if state == "received" and row.kind == "purchase" and row.billing != "fully" else None


def _bill_label(row: Any, state: str) -> str | None:
    return N_("Post") if state == "draft" else None


def _transfer_label(row: Any, state: str) -> str | None:
    if state == "draft":
        return N_("Dispatch")
    return N_("Arrive") if state == "dispatched" and row.arrival != "fully" else None


def _stocktake_label(row: Any, state: str) -> str | None:
    return N_("Post") if state == "counting" else None


# -- of a document: the next step ------------------------------------------------------------------------------------


def _purchase(d: Any) -> Step | None:
    from o2c_tui.services.purchasing import send_purchase
    from o2c_tui.services.receiving import receive_purchase

    version = {"version": d.version}
    if d.state == "draft":
        return Step(N_("Send"), N_("Sent purchase order"), send_purchase, (d.id,), version, opens="purchase", key="id")
    if d.state == "sent" and any(line["to_receive"] for line in d.lines):
        return Step(
            N_("Receive"), N_("Goods receipt"), receive_purchase, (d.id,), version,
            left="to_receive", opens="receipt", key="id", does=N_("take it into stock"), places="places", incoming=True,
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
    from o2c_tui.services.bill_draft import BillDraft
    from o2c_tui.services.billing import enter_bill

    if d.state == "received" and d.head["kind"] == "purchase" and d.customer and any(x["to_bill"] for x in d.lines):
        draft = BillDraft(d.customer, receipts=(d.label,))
        return Step(
            label, N_("Supplier bill as ordered"), enter_bill, (draft,),
            opens="bill", key="bill_id", does=N_("post the bill"), shown_by=bill_grid if in_grid else None,
        )  # fmt: skip
    return None


def _supplier_return(d: Any) -> Step | None:
    from o2c_tui.models.purchase import BillKind
    from o2c_tui.services.bill_draft import BillDraft
    from o2c_tui.services.billing import enter_bill

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
            left="under_way", opens="transfer", does=N_("take it into stock"),
            fields=(StepField("arrived_on", N_("Date"), 10, "day"), StepField("location", N_("Bin"), 12)),
        )  # fmt: skip
    return None


def _stocktake(d: Any) -> Step | None:
    from o2c_tui.services.counting import post_stocktake

    if d.state == "counting":
        return Step(N_("Post"), N_("Posted count"), post_stocktake, (d.id,), {"version": d.version}, opens="stocktake")
    return None


# -- of a document: the steps beside the next one --------------------------------------------------------------------

_WHY = ("reason", N_("Why?"))


def _beside_purchase(d: Any) -> list[Step]:
    from o2c_tui.services.purchasing import cancel_purchase, close_purchase, delete_purchase, reopen_purchase

    its: dict[str, Any] = {"opens": "purchase", "key": "id"}
    if d.state == "draft":
        return [step_on(d, N_("Delete the draft"), N_("Delete"), delete_purchase, leaves=True)]
    if d.state == "sent":
        short, none = N_("Close short: the rest is not expected"), N_("Cancel it: nothing came")
        return [
            step_on(d, short, N_("Closed purchase order"), close_purchase, **its),
            step_on(d, none, N_("Cancelled purchase order"), cancel_purchase, ask=_WHY, **its),
        ]
    if d.state == "closed":
        return [step_on(d, N_("Open again"), N_("Reopened purchase order"), reopen_purchase, **its)]
    return []


def _beside_receipt(d: Any) -> list[Step]:
    from o2c_tui.screens.share import share_receipt
    from o2c_tui.services.receiving import cancel_receipt
    from o2c_tui.services.sharing import reserve_for_waiting
    from o2c_tui.services.supplier_returns import return_to_supplier

    if d.state != "received":
        return []
    found: list[Step | None] = []
    if any(line["waited_for"] for line in d.lines):  # then F8 reserves, and billing is beside it
        by_hand = Step(
            N_("Share by hand among those who wait"), N_("Reservation"), reserve_for_waiting, (), {"receipt_id": d.id},
            opens="receipt", shown_by=share_receipt,
        )  # fmt: skip
        found += [by_hand, bill_step(d)]
    found += [
        bill_step(d, N_("Bill it as ordered, at once"), in_grid=False),
        Step(
            N_("Send goods back to the supplier"), N_("Return to supplier"), return_to_supplier, (d.id,),
            left="to_return", opens="supplier_return", key="supplier_return_id", ask=_WHY, places="places",
            fields=(StepField("returned_on", N_("Date"), 10, "day"), StepField("warehouse", N_("From"), 10)),
        ),
        step_on(
            d, N_("Cancel the receipt: nothing was touched"), N_("Cancelled receipt"), cancel_receipt,
            opens="receipt", ask=_WHY,
        ),
    ]  # fmt: skip
    return [step for step in found if step is not None]


def _beside_bill(d: Any) -> list[Step]:
    from o2c_tui.services.billing import delete_bill

    if d.state != "draft":
        return []
    return [step_on(d, N_("Delete the draft"), N_("Delete"), delete_bill, leaves=True)]


def _beside_transfer(d: Any) -> list[Step]:
    from o2c_tui.services.transferring import cancel_transfer

    if d.state != "draft":
        return []
    return [step_on(d, N_("Give it up"), N_("Cancelled transfer"), cancel_transfer, opens="transfer")]


def _beside_stocktake(d: Any) -> list[Step]:
    from o2c_tui.services.counting import cancel_stocktake

    if d.state != "counting":
        return []
    return [step_on(d, N_("Give the count up"), N_("Cancelled count"), cancel_stocktake, opens="stocktake")]


LABELS: dict[str, Callable[[Any, str], str | None]] = {
    "purchase": _purchase_label,
    "receipt": _receipt_label,
    "bill": _bill_label,
    "transfer": _transfer_label,
    "stocktake": _stocktake_label,
}
NEXT: dict[str, Callable[[Any], Step | None]] = {
    "purchase": _purchase,
    "receipt": _receipt,
    "supplier_return": _supplier_return,
    "bill": _bill,
    "transfer": _transfer,
    "stocktake": _stocktake,
}
BESIDE: dict[str, Callable[[Any], list[Step]]] = {
    "purchase": _beside_purchase,
    "receipt": _beside_receipt,
    "bill": _beside_bill,
    "transfer": _beside_transfer,
    "stocktake": _beside_stocktake,
}
