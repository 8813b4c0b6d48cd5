"""What posting a supplier bill does: receipts are settled, costs go where the goods are, the ledger is told.

Rule: docs/rules/purchasing.md, "Bills".
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.errors import (
    DateOrderError,
    OverQuantityError,
    WrongStateError,
)
from o2c_tui.models.company import Company
from o2c_tui.models.ledger import AccountRole
from o2c_tui.models.purchase import (
    BillKind,
    CostShare,
    SupplierBill,
    SupplierReturn,
    SupplierReturnLine,
    SupplierReturnState,
)
from o2c_tui.models.receipt import GoodsReceipt, GoodsReceiptLine, ReceiptState
from o2c_tui.money import Rounding, round_to, share_of, split
from o2c_tui.rules.buying import Unsettled
from o2c_tui.services.bill_draft import to_credit
from o2c_tui.services.bill_rows import weights_by
from o2c_tui.services.posting import Leg
from o2c_tui.services.revaluing import Revalued
from o2c_tui.services.support import load, require_state, warn
from o2c_tui.storage.rows import insert_rows, rows_of, table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)


def locked_receipts(
    session: Session, lines: Sequence[Mapping[str, Any]], shares: Sequence[Mapping[str, Any]]
) -> tuple[dict[int, GoodsReceipt], dict[int, dict[str, Any]]]:
    """The receipts that a bill is about, locked, and their lines by key."""
    keys = {row["receipt_line_id"] for row in (*lines, *shares) if row["receipt_line_id"] is not None}
    table = table_of(GoodsReceiptLine)
    heads = session.execute(sa.select(table.c.receipt_id).where(table.c.id.in_(sorted(keys))).distinct()).scalars()
    receipts = {key: load(session, GoodsReceipt, key) for key in sorted(heads)}
    for receipt in receipts.values():
        require_state(receipt, ReceiptState.RECEIVED, doing=N_("be billed"))
    rows = [row for key in receipts for row in rows_of(session, GoodsReceiptLine, "receipt_id", key)]
    return receipts, {row["id"]: row for row in rows if row["id"] in keys}


def clear_receipts(
    session: Session,
    bill: SupplierBill,
    lines: Sequence[dict[str, Any]],
    received: Mapping[int, dict[str, Any]],
    digits: int,
) -> dict[int, dict[str, Any]]:
    """Settle the receipt lines that a bill's goods are of; returns those touched, by key."""
    sent = _sent_back(session, bill) if bill.return_id is not None else {}
    touched = {}
    for line in (line for line in lines if line["receipt_line_id"] is not None):
        row, part = received[line["receipt_line_id"]], line["quantity"]
        left = Unsettled(row["quantity"] - row["billed"] - row["returned"], row["value"] - row["cleared"])
        if bill.kind is BillKind.BILL:
            _refuse_beyond(line, part, row["quantity"] - row["billed"])
            if part > left.quantity:
                warn(
                    session,
                    f"billed_back {line['position']}",
                    N_("Line {line}: {returned} of these goods went back; a credit for them is to come."),
                    line=line["position"],
                    returned=row["returned"].normalize(),
                )
            value = left.settled_by(part, row["quantity"], row["value"], digits)
            row["billed"], row["cleared"] = row["billed"] + part, row["cleared"] + value
        elif bill.return_id is not None:
            _refuse_beyond(line, part, min(-left.quantity, sent.get(row["id"], ZERO)))
            value = left.credited(part, digits)
            row["billed"], row["cleared"] = row["billed"] - part, row["cleared"] - value
        else:
            _refuse_beyond(line, part, min(row["billed"], row["quantity"] - row["returned"]))
            value = _unbilled(session, row, left, part, digits)
            row["billed"], row["cleared"] = row["billed"] - part, row["cleared"] - value
        line["cleared"] = value
        touched[row["id"]] = row
    return touched


def _refuse_beyond(line: Mapping[str, Any], part: Decimal, most: Decimal) -> None:
    if part > most:
        raise OverQuantityError(
            N_("Line {line}: {left} is left to bill or credit, {part} was asked for."),
            field=f"lines.{line['position']}.quantity",
            line=line["position"],
            left=max(most, ZERO).normalize(),
            part=part.normalize(),
        )


def _sent_back(session: Session, bill: SupplierBill) -> dict[int, Decimal]:
    """By receipt line: what went back with a credit's return and no credit gave back yet."""
    assert bill.return_id is not None
    back = load(session, SupplierReturn, bill.return_id)
    require_state(back, SupplierReturnState.SENT, doing=N_("be credited"))
    if bill.billed_on < back.returned_on:
        raise DateOrderError(
            N_("{number} went back on {day}; its credit cannot be earlier."),
            field="billed_on",
            number=back.label,
            day=back.returned_on.isoformat(),
        )
    return to_credit(session, back)


def _unbilled(session: Session, row: Mapping[str, Any], left: Unsettled, part: Decimal, digits: int) -> Decimal:
    """What a credit without goods takes back of what bills cleared: those goods are to be billed again."""
    if left.quantity < ZERO:
        raise WrongStateError(
            N_("{quantity} of these goods went back and are not credited; name the return on the credit."),
            quantity=-left.quantity.normalize(),
        )
    lines, heads = table_of(SupplierReturnLine), table_of(SupplierReturn)
    gone = session.execute(
        sa.select(sa.func.sum(lines.c.value, type_=lines.c.value.type))
        .join(heads, heads.c.id == lines.c.return_id)
        .where(lines.c.receipt_line_id == row["id"], heads.c.state == SupplierReturnState.SENT)
    ).scalar()
    return share_of(row["cleared"] - (gone or ZERO), part, row["billed"], digits)


def costs_of(
    session: Session,
    bill: SupplierBill,
    lines: Sequence[Mapping[str, Any]],
    shares: Sequence[dict[str, Any]],
    received: Mapping[int, Mapping[str, Any]],
    sign: int,
    company: Company,
) -> list[tuple[dict[str, Any], Decimal]]:
    """What each receipt line's goods cost more (or less) by this bill, as rows of shares and their amounts."""
    found: list[tuple[dict[str, Any], Decimal]] = []
    fresh: list[dict[str, Any]] = []
    for line in lines:
        if line["receipt_line_id"] is None:
            mine = [share for share in shares if share["bill_line_id"] == line["id"]]
            weights = weights_by(session, line["basis"], [received[share["receipt_line_id"]] for share in mine])
            parts = split(sign * line["cost"], weights, company.digits, Rounding(company.rounding))
            found += zip(mine, parts, strict=True)
        elif bill.return_id is None and line["cost"] != line["cleared"]:
            fresh.append(
                {
                    "bill_id": bill.id,
                    "bill_line_id": line["id"],
                    "receipt_line_id": line["receipt_line_id"],
                    "amount": sign * (line["cost"] - line["cleared"]),
                }
            )
    written = insert_rows(session, CostShare, fresh)
    return found + [(row, row["amount"]) for row in written]


def warn_of_rest(session: Session, done: Revalued) -> None:
    if done.rest:
        warn(
            session,
            "more_than_worth",
            N_("{amount} is taken off goods that are worth less; it is posted as a stock difference."),
            amount=-done.rest,
        )


def bill_legs(
    bill: SupplierBill,
    lines: Iterable[Mapping[str, Any]],
    receipts: Mapping[int, GoodsReceipt],
    done: Revalued,
    sign: int,
    company: Company,
) -> list[Leg]:
    tax = round_to(bill.tax * bill.rate, company.digits, Rounding(company.rounding))
    owed = tax
    not_billed: dict[int | None, Decimal] = {}
    by_role = dict(done.by_role)
    for line in lines:
        owed += line["cost"]
        if line["receipt_line_id"] is None:
            continue
        party = receipts[line["receipt_line_id"]].supplier_id
        not_billed[party] = not_billed.get(party, ZERO) + sign * line["cleared"]
        if bill.return_id is not None:
            more = by_role.get(AccountRole.COST_OF_SALES, ZERO) + sign * (line["cost"] - line["cleared"])
            by_role[AccountRole.COST_OF_SALES] = more
    legs: list[Leg] = [(AccountRole.GOODS_NOT_BILLED, party, amount) for party, amount in not_billed.items()]
    legs += [(AccountRole.INPUT_TAX, None, sign * tax)]
    legs += [(AccountRole.INVENTORY, None, sum(done.to_stock.values(), ZERO))]
    legs += [(role, None, amount) for role, amount in sorted(by_role.items())]
    return [*legs, (AccountRole.PAYABLE, bill.supplier_id, -sign * owed)]
