"""The lists of payment terms and tax codes. Rules: docs/rules/terms.md, docs/rules/tax.md."""

import sqlalchemy as sa
from sqlmodel import col

from o2c_tui.models.base import PRICE
from o2c_tui.models.item import PaymentTerm, TaxCode, TaxKind, TaxRate
from o2c_tui.queries.list_spec import ListSpec
from o2c_tui.queries.rows import TaxCodeRow, TermRow

_newest = (
    sa.select(col(TaxRate.id))
    .where(col(TaxRate.tax_code_id) == col(TaxCode.id))
    .order_by(col(TaxRate.valid_from).desc())
    .limit(1)
    .correlate(TaxCode)
    .scalar_subquery()
)

CODES: dict[str, ListSpec] = {
    "term": ListSpec(
        TermRow,
        (
            col(PaymentTerm.id),
            col(PaymentTerm.code),
            col(PaymentTerm.name),
            col(PaymentTerm.parts),
            col(PaymentTerm.active),
        ),
        PaymentTerm.__table__,  # type: ignore[attr-defined]
        (col(PaymentTerm.code), col(PaymentTerm.name)),
        flags={"inactive": lambda today: sa.not_(col(PaymentTerm.active))},
    ),
    "tax": ListSpec(
        TaxCodeRow,
        (
            col(TaxCode.id),
            col(TaxCode.code),
            col(TaxCode.name),
            col(TaxCode.kind),
            sa.func.coalesce(col(TaxRate.rate), sa.literal_column("0"), type_=PRICE).label("rate"),
            col(TaxRate.valid_from).label("valid_on"),
            col(TaxCode.parts),
            col(TaxCode.included),
            col(TaxCode.reason),
            col(TaxCode.active),
        ),
        sa.outerjoin(TaxCode.__table__, TaxRate.__table__, col(TaxRate.id) == _newest),  # type: ignore[attr-defined]
        (col(TaxCode.code), col(TaxCode.name), col(TaxCode.reason)),
        flags={
            "untaxed": lambda today: col(TaxCode.kind) != TaxKind.STANDARD,
            "inactive": lambda today: sa.not_(col(TaxCode.active)),
        },
    ),
}
