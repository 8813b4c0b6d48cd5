"""What suppliers have delivered and not billed yet. Rule: docs/rules/purchasing.md, "Bills and later costs"."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.party import Party
from o2c_tui.models.receipt import GoodsReceipt, ReceiptKind, ReceiptState
from o2c_tui.models.trade import Progress


@dataclass(frozen=True)
class UnbilledReceipt:
    """A goods receipt of which something is to be billed; its value in the company's currency."""

    number: str
    received_on: date
    value: Decimal
    reference: str


def unbilled_receipts(session: Session, supplier: str, *, limit: int = 200) -> list[UnbilledReceipt]:
    """The receipts of a supplier (its code) that are not billed wholly, oldest first."""
    query = (
        sa.select(
            col(GoodsReceipt.number),
            col(GoodsReceipt.received_on),
            col(GoodsReceipt.value),
            col(GoodsReceipt.reference),
        )
        .join(Party, col(Party.id) == col(GoodsReceipt.supplier_id))
        .where(
            col(Party.code) == supplier,
            col(GoodsReceipt.state) == ReceiptState.RECEIVED,
            col(GoodsReceipt.kind) == ReceiptKind.PURCHASE,
            col(GoodsReceipt.billing) != Progress.FULLY,
        )
        .order_by(col(GoodsReceipt.received_on), col(GoodsReceipt.id))
    )
    return [UnbilledReceipt(*row) for row in session.execute(query.limit(limit))]
