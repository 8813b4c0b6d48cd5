"""Vouchers for the folder: what a supplier billed, and stock put right by hand, both with what they are worth.

They are in the company's language and stay in the house. A bill is in its own currency, an adjustment in the company's.
"""

from decimal import Decimal

from sqlmodel import Session

from o2c_tui.models.purchase import BASIS_WORDS, BillKind
from o2c_tui.models.warehouse import ADJUSTMENT_REASONS
from o2c_tui.queries.document_view import (
    ColumnView,
    DocumentKind,
    DocumentView,
    LineView,
    Said,
    Shape,
    TaxGroupView,
    Telling,
)
from o2c_tui.queries.documents import document
from o2c_tui.queries.goods_papers import Facts, paper_of, warehouse_name
from o2c_tui.texts import N_

ZERO = Decimal(0)


def bill_voucher(session: Session, key: int) -> DocumentView:
    """A supplier's bill or credit as it was entered: of which receipts, at which prices, with tax, due when."""
    found = document(session, "bill", key)
    head = found.head
    receipts = any(line["receipt"] for line in found.lines)
    groups: dict[tuple[str, Decimal], tuple[Decimal, Decimal]] = {}
    lines = []
    for line in found.lines:
        rate = (line["tax_rate"] * 100).normalize()
        if line["tax_code"]:
            net, tax = groups.get((line["tax_code"], rate), (ZERO, ZERO))
            groups[line["tax_code"], rate] = (net + line["net"], tax + line["tax"])
        said = []
        if line["basis"]:
            over = ", ".join(share.receipt for share in line["shares"])
            told: tuple[tuple[str, Telling], ...] = (("receipts", over), ("how", Said(BASIS_WORDS[line["basis"]])))
            said.append(Said(N_("Shared over {receipts}, {how}"), told))
        lines.append(
            LineView(
                line["position"],
                line["item"],
                line["description"],
                line["quantity"],
                line["unit"],
                line["unit_price"],
                net=line["net"],
                tax=f"{rate:f}%" if line["tax_code"] else "",
                more=(line["receipt"],) if receipts else (),
                said=tuple(said),
            )
        )
    references: Facts = (
        (N_("Supplier"), found.customer_name),
        (N_("Their number"), head["supplier_number"]),
        (N_("Entered by"), head["by"]),
    )
    return paper_of(
        session,
        found,
        DocumentKind.SUPPLIER_CREDIT if head["kind"] == BillKind.CREDIT else DocumentKind.SUPPLIER_BILL,
        head["billed_on"],
        due_on=head["due_on"],
        currency=head["currency"],
        digits=head["digits"],
        barcodes=((head["number"], ""),) if head["number"] else (),
        references=references,
        columns=(ColumnView(N_("Receipt"), before="description"),) if receipts else (),
        lines=tuple(lines),
        net=head["net"],
        tax=head["tax"],
        gross=head["gross"],
        tax_groups=tuple(TaxGroupView(code, rate, *sums) for (code, rate), sums in sorted(groups.items())),
        notes=head["note"],
        show_prices=True,
    )


def adjustment_voucher(session: Session, key: int) -> DocumentView:
    """Stock put right by hand: what and where, why, by whom, and what it is worth."""
    found = document(session, "adjustment", key)
    head = found.head
    references: Facts = (
        (N_("Warehouse"), warehouse_name(session, head["warehouse_id"])),
        (N_("Reason"), Said(ADJUSTMENT_REASONS.get(head["reason"], head["reason"]))),
        (N_("Entered by"), head["by"]),
    )
    bins = any(line["location"] for line in found.lines)
    lines = tuple(
        LineView(
            line["position"],
            line["item"],
            line["description"],
            line["quantity"],
            line["unit"],
            more=(*((line["location"] or "–",) if bins else ()), line["value"]),
            said=(Said(N_("Lot or serial no. {lot}"), (("lot", line["lot"]),)),) if line["lot"] else (),
        )
        for line in found.lines
    )
    value = ColumnView(N_("Value {currency}"), shape=Shape.MONEY)
    return paper_of(
        session,
        found,
        DocumentKind.ADJUSTMENT,
        head["adjusted_on"],
        barcodes=((head["number"], ""),) if head["number"] else (),
        references=references,
        columns=(*((ColumnView(N_("Bin"), before="code"),) if bins else ()), value),
        lines=lines,
        net=head["value"],
        gross=head["value"],
        notes=head["note"],
        show_total=True,
    )
