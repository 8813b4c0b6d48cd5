"""What verify proves of deposits: deducted once and no more, and what an order says is billed ahead.

Rule: docs/rules/invoices.md, "Deposits".
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.models.base import AMOUNT
from o2c_tui.models.invoice import Invoice, InvoiceKind, InvoiceLine
from o2c_tui.models.order import SalesOrder
from o2c_tui.queries.checking import Found, Row, breach, differing, joined_sums
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)


def deposits_agree(session: Session) -> Found:
    """Each deposit's line was deducted by what invoices took off less what their credit notes gave back, and at most what
    was not credited of it; an order's figure is the sum over its deposits."""
    heads, lines = table_of(Invoice), table_of(InvoiceLine)
    posted, back = heads.c.state == "posted", heads.c.kind == InvoiceKind.CREDIT_NOTE
    of_itself = sa.and_(lines.c.credits_line_id.is_not(None), lines.c.credits_line_id == lines.c.deducts_line_id)

    def taken(what: str) -> dict[int, Decimal]:
        def told(*where: Any) -> dict[int, Decimal]:
            return joined_sums(
                session, lines, heads, "invoice_id", "deducts_line_id", what, AMOUNT, posted, ~of_itself, *where
            )

        off, given = told(~back), told(back)
        return {key: given.get(key, ZERO) - off.get(key, ZERO) for key in {*off, *given}}

    yield from differing(session, InvoiceLine, "deducted_net", taken("net"))
    yield from differing(session, InvoiceLine, "deducted_tax", taken("tax"))
    ahead: dict[int, Decimal] = defaultdict(lambda: ZERO)
    query = (
        sa.select(lines, heads.c.order_id)
        .join(heads, heads.c.id == lines.c.invoice_id)
        .where(posted, heads.c.kind == InvoiceKind.DEPOSIT)
    )
    for row in session.execute(query):
        net, tax = row.net - row.credited_net - row.deducted_net, row.tax - row.credited_tax - row.deducted_tax
        ahead[row.order_id] += net + tax
        if net < ZERO or tax < ZERO:
            yield breach(
                N_("{row}: more was deducted and credited than the deposit's {net} + {tax}"),
                row=Row("invoice_line", row.id),
                net=row.net,
                tax=row.tax,
            )
    yield from differing(session, SalesOrder, "deposited", ahead)
