"""What was taken so far of each of a line's several taxes; asked only where a line has several."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.models.invoice import Invoice, InvoiceKind, InvoiceLine, InvoiceState
from o2c_tui.rules.tax_parts import read_parts
from o2c_tui.storage.rows import table_of

ZERO = Decimal(0)
TAKEN = "taken of each tax"  # where a line's dictionary holds it: no column


def billed_taxes(session: Session, order_lines: Sequence[Mapping[str, Any]]) -> dict[int, tuple[Decimal, ...]]:
    """By order line of several taxes: what posted invoices took of each, less what was credited to be billed again."""
    keys = [line["id"] for line in order_lines if line.get("tax_parts") and line.get("id")]
    if not keys:
        return {}
    heads, lines = table_of(Invoice), table_of(InvoiceLine)
    credit = heads.c.kind == InvoiceKind.CREDIT_NOTE
    query = (
        sa.select(lines.c.order_line_id, lines.c.tax_parts, credit)
        .join(heads, heads.c.id == lines.c.invoice_id)
        .where(
            lines.c.order_line_id.in_(keys),
            heads.c.state == InvoiceState.POSTED,
            sa.or_(heads.c.kind == InvoiceKind.INVOICE, sa.and_(credit, heads.c.bill_again)),
        )
    )
    return _summed(session.execute(query))


def credited_taxes(session: Session, invoice_lines: Sequence[Mapping[str, Any]]) -> dict[int, tuple[Decimal, ...]]:
    """By invoice line of several taxes: what credit notes gave back of each."""
    keys = [line["id"] for line in invoice_lines if line["tax_parts"]]
    if not keys:
        return {}
    heads, lines = table_of(Invoice), table_of(InvoiceLine)
    query = (
        sa.select(lines.c.credits_line_id, lines.c.tax_parts, sa.false())
        .join(heads, heads.c.id == lines.c.invoice_id)
        .where(lines.c.credits_line_id.in_(keys), heads.c.state == InvoiceState.POSTED)
    )
    return _summed(session.execute(query))


def deducted_taxes(session: Session, deposit_lines: Sequence[Mapping[str, Any]]) -> dict[int, tuple[Decimal, ...]]:
    """By line of a deposit of several taxes: what is deducted of each, or credited."""
    keys = [line["id"] for line in deposit_lines if line["tax_parts"]]
    if not keys:
        return {}
    heads, lines = table_of(Invoice), table_of(InvoiceLine)
    # what an invoice takes off is negative on it; a credit note gives that back, or takes the deposit itself back
    query = (
        sa.select(lines.c.deducts_line_id, lines.c.tax_parts, heads.c.kind != InvoiceKind.CREDIT_NOTE)
        .join(heads, heads.c.id == lines.c.invoice_id)
        .where(lines.c.deducts_line_id.in_(keys), heads.c.state == InvoiceState.POSTED)
    )
    return _summed(session.execute(query))


def _summed(rows: Iterable[Any]) -> dict[int, tuple[Decimal, ...]]:
    found: dict[int, list[Decimal]] = {}
    for key, text, gives_back in rows:
        shares = [share.tax for share in read_parts(text)]
        sums = found.setdefault(key, [ZERO] * len(shares))
        for n, share in enumerate(shares[: len(sums)]):
            sums[n] += -share if gives_back else share
    return {key: tuple(sums) for key, sums in found.items()}


def credited_difference(session: Session, invoice_id: int) -> Decimal:
    """What credit notes gave back so far of an invoice's cash difference."""
    heads = table_of(Invoice)
    query = sa.select(heads.c.cash_difference).where(
        heads.c.credits_id == invoice_id, heads.c.kind == InvoiceKind.CREDIT_NOTE, heads.c.state == InvoiceState.POSTED
    )
    return sum(session.execute(query).scalars(), ZERO)
