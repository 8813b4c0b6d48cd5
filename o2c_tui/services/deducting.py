"""What was billed ahead by deposit invoices, and how final invoices take it off: once, by their own lines.

A deposit's net is a liability to the customer until then. A line with `deducts_line_id` stands against that liability,
never against sales: on an invoice it takes off (negative net and tax), on a credit note of such an invoice it gives back,
and on the credit note of a deposit it takes the deposit itself back.
Rule: docs/rules/invoices.md, "Deposits".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.errors import OverQuantityError
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.invoice import Invoice, InvoiceKind, InvoiceLine, InvoiceState
from o2c_tui.models.ledger import AccountRole
from o2c_tui.models.order import OrderState, SalesOrder, SalesOrderLine
from o2c_tui.money import Rounding, share_of, show_money
from o2c_tui.queries.tax_shares import deducted_taxes
from o2c_tui.rules.deposits import Amounts, left_of, taken_off
from o2c_tui.rules.exchange import Worth
from o2c_tui.rules.progress import ledger_of
from o2c_tui.rules.tax_parts import left_in, spread
from o2c_tui.services.posting import ForeignLeg, Leg, leg_of
from o2c_tui.services.support import load, require_state
from o2c_tui.storage.rows import delete_rows, insert_rows, rows_of, table_of, update_rows
from o2c_tui.texts import N_, catalogue

ZERO = Decimal(0)
_GROUP = ("tax_code", "tax_rate", "tax_included")  # a deposit is taken off what bears the same tax
LEFT_BY = (*_GROUP, "tax_reason")


@dataclass(frozen=True)
class _Deposit:
    number: str
    dated: str
    order_id: int


def said_in(language: str, template: str, **values: object) -> str:
    """A marked text of ours as it stands on a document: in the document's language."""
    return catalogue(language).gettext(template).format(**values)


def deduction_rows(
    session: Session, order_ids: Sequence[int], rows: Sequence[Mapping[str, Any]], head: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The lines that take deposits of some orders off an invoice's other lines: oldest first, as much as there is of each
    tax, so that no tax of the invoice turns negative. `head` gives language, digits and rounding of the invoice."""
    deposits = _deposits(session, order_ids)
    ahead = rows_of(session, InvoiceLine, "invoice_id", sorted(deposits)) if deposits else []
    taken = deducted_taxes(session, ahead)
    room: dict[tuple[Any, ...], list[Decimal]] = {}
    for row in rows:
        group = room.setdefault(tuple(row[name] for name in _GROUP), [ZERO, ZERO])
        group[0] += row["net"]
        group[1] += row["tax"]
    found: list[dict[str, Any]] = []
    for line in ahead:
        group = room.get(tuple(line[name] for name in _GROUP), [ZERO, ZERO])
        net, tax = taken_off(left_of(line), (group[0], group[1]), head["digits"], Rounding(head["rounding"]))
        if not net and not tax:
            continue
        group[0] -= net
        group[1] -= tax
        deposit = deposits[line["invoice_id"]]
        found.append(
            {
                "position": len(rows) + len(found) + 1,
                "description": said_in(
                    head["language"], N_("Less {number} of {day}"), number=deposit.number, day=deposit.dated
                ),
                "quantity": Decimal(1),
                "unit_price": -(net + tax) if line["tax_included"] else -net,
                **{name: line[name] for name in (*_GROUP, "tax_reason")},
                "net": -net,
                "tax": -tax,
                "tax_parts": spread(
                    left_in(line["tax_parts"], taken.get(line["id"], ())),
                    -tax,
                    head["digits"],
                    Rounding(head["rounding"]),
                ),
                "deducts_line_id": line["id"],
            }
        )
    return found


def _deposits(session: Session, order_ids: Sequence[int]) -> dict[int, _Deposit]:
    """The posted deposit invoices of some orders, by their key."""
    query = sa.select(col(Invoice.id), col(Invoice.number), col(Invoice.invoiced_on), col(Invoice.order_id)).where(
        col(Invoice.order_id).in_(sorted(order_ids)),
        col(Invoice.kind) == InvoiceKind.DEPOSIT,
        col(Invoice.state) == InvoiceState.POSTED,
    )
    return {key: _Deposit(number, on.isoformat(), order) for key, number, on, order in session.execute(query)}


def deduct_anew(
    session: Session, invoice: Invoice, lines: Sequence[dict[str, Any]], orders: Sequence[SalesOrder]
) -> list[dict[str, Any]]:
    """The lines of an invoice that is being posted, with what may be deducted now, counted on the deposits and orders."""
    kept = [line for line in lines if line["deducts_line_id"] is None]
    if len(kept) == len(lines) and not any(order.deposited for order in orders):
        return list(lines)
    for line in lines:
        if line["deducts_line_id"] is not None:
            delete_rows(session, InvoiceLine, "id", line["id"])
    head = {name: getattr(invoice, name) for name in ("language", "digits", "rounding")}
    fresh = deduction_rows(session, [order.id for order in orders], kept, head)
    written = insert_rows(session, InvoiceLine, [{**row, "invoice_id": invoice.id} for row in fresh])
    count_deducted(session, written)
    return [*kept, *written]


def count_deducted(session: Session, rows: Iterable[Mapping[str, Any]], sign: int = 1) -> None:
    """Count lines that deduct deposits (sign −1: that give it back) on the deposits' lines and their orders."""
    for row in rows:
        line, order = _ahead(session, row["deducts_line_id"])
        line["deducted_net"] -= sign * row["net"]
        line["deducted_tax"] -= sign * row["tax"]
        count_ahead(order, sign * (row["net"] + row["tax"]))
        update_rows(session, InvoiceLine, [line], "deducted_net", "deducted_tax")


def check_ahead(order: SalesOrder, amount: Decimal, left: Decimal) -> None:
    """Refuse to bill more ahead than is `left` to invoice of an order; tax included.

    Raises:
        OverQuantityError: more than that. WrongStateError: the order is not binding, or it is closed.
    """
    require_state(order, OrderState.CONFIRMED, OrderState.ON_HOLD, doing=N_("be billed ahead"))
    if amount > left:
        raise OverQuantityError(
            N_("{order}: {left} is left to be billed ahead, {part} was asked for."),
            field="amount",
            order=order.label,
            left=show_money(left, order.digits),
            part=show_money(amount, order.digits),
        )


def left_ahead(session: Session, order: SalesOrder) -> dict[tuple[Any, ...], Amounts]:
    """Net and tax that are left to be billed of each tax of an order (by `LEFT_BY`), less what deposits billed ahead of it
    that is neither credited nor deducted: exactly what its invoices will still bill."""
    rounding = Rounding(order.rounding)
    found: dict[tuple[Any, ...], Amounts] = {}
    for line in rows_of(session, SalesOrderLine, "order_id", order.id):
        part, left = ledger_of(line).unbilled, line["quantity"] - line["invoiced"] + line["credited"]
        if part > ZERO:
            key = tuple(line[name] for name in LEFT_BY)
            net, tax = found.get(key, (ZERO, ZERO))
            net += share_of(line["net"] - line["invoiced_net"], part, left, order.digits, rounding)
            tax += share_of(line["tax"] - line["invoiced_tax"], part, left, order.digits, rounding)
            found[key] = (net, tax)
    deposits = sorted(_deposits(session, [order.id]))
    for line in rows_of(session, InvoiceLine, "invoice_id", deposits) if deposits else ():
        key = tuple(line[name] for name in LEFT_BY)
        if key in found:
            net, tax = (max(ZERO, mine - ahead) for mine, ahead in zip(found[key], left_of(line), strict=True))
            found[key] = (net, tax)
    return found


def count_ahead(order: SalesOrder, amount: Decimal) -> None:
    """Count on an order that more is billed ahead and not deducted (negative: less), tax included."""
    order.deposited += amount
    order.version += 1


def _ahead(session: Session, line_id: int) -> tuple[dict[str, Any], SalesOrder]:
    """A deposit's line and its order."""
    (line,) = rows_of(session, InvoiceLine, "id", line_id)
    deposit = load(session, Invoice, line["invoice_id"])
    deposit.version += 1
    assert deposit.order_id is not None
    return line, load(session, SalesOrder, deposit.order_id)


def taken_worths(session: Session, deposits: Iterable[int]) -> dict[int, tuple[Decimal, Decimal]]:
    """What posted invoices took off each of some deposit lines, less what their credit notes gave back, in the company's
    currency: net and tax. Only of deposits in another currency."""
    heads, lines = table_of(Invoice), table_of(InvoiceLine)
    sign = sa.case((heads.c.kind == InvoiceKind.CREDIT_NOTE, 1), else_=-1)
    query = (
        sa.select(
            lines.c.deducts_line_id,
            sa.func.sum(sign * sa.type_coerce(lines.c.base_net, sa.BigInteger), type_=AMOUNT),
            sa.func.sum(sign * sa.type_coerce(lines.c.base_tax, sa.BigInteger), type_=AMOUNT),
        )
        .join(heads, heads.c.id == lines.c.invoice_id)
        .where(
            lines.c.deducts_line_id.in_(sorted(deposits)),
            heads.c.state == InvoiceState.POSTED,
            sa.or_(lines.c.credits_line_id.is_(None), lines.c.credits_line_id != lines.c.deducts_line_id),
        )
        .group_by(lines.c.deducts_line_id)
    )
    return {key: (net or ZERO, tax or ZERO) for key, net, tax in session.execute(query)}


def _credited_worths(session: Session, deposits: Iterable[int]) -> dict[int, tuple[Decimal, Decimal]]:
    """What credit notes took back of each of some deposit lines, in the company's currency: net and tax."""
    table = table_of(InvoiceLine)
    sums = (sa.func.sum(table.c[name], type_=AMOUNT) for name in ("base_net", "base_tax"))
    query = sa.select(table.c.credits_line_id, *sums).where(table.c.credits_line_id.in_(sorted(deposits)))
    found = session.execute(query.group_by(table.c.credits_line_id))
    return {key: (net or ZERO, tax or ZERO) for key, net, tax in found}


def value_deductions(
    session: Session, lines: Sequence[dict[str, Any]], digits: int, rounding: Rounding
) -> tuple[Decimal, Decimal]:
    """Tell each line that takes a deposit off what that was worth when it was billed; returns their net and tax.

    They are counted on the deposits already; the last share of a deposit takes what is left of its worth.
    """
    off = [line for line in lines if line["deducts_line_id"] is not None]
    keys = {line["deducts_line_id"] for line in off}
    if not keys:
        return ZERO, ZERO
    taken, credited = taken_worths(session, keys), _credited_worths(session, keys)
    for line in off:
        (deposit,) = rows_of(session, InvoiceLine, "id", line["deducts_line_id"])
        for n, name in enumerate(("net", "tax")):
            gone = sum((worths.get(deposit["id"], (ZERO, ZERO))[n] for worths in (taken, credited)), ZERO)
            part, left = -line[name], left_of(deposit)[n] - line[name]
            line[f"base_{name}"] = (
                -share_of(deposit[f"base_{name}"] - gone, part, left, digits, rounding) if left else ZERO
            )
    return -sum((line["base_net"] for line in off), ZERO), -sum((line["base_tax"] for line in off), ZERO)


def sales_legs(
    invoice: Invoice, lines: Iterable[Mapping[str, Any]], worth: Worth, sign: int = 1
) -> list[Leg | ForeignLeg]:
    """What a document does to the accounts (sign −1: a credit note): receivables against sales, deposits and tax. `worth` is
    what it is worth in the company's currency."""
    ahead = ahead_worth = ZERO
    for line in lines:
        if invoice.kind is InvoiceKind.DEPOSIT or line["deducts_line_id"] is not None:
            ahead += line["net"]
            ahead_worth += line["base_net"] if invoice.rate else line["net"]
    customer = invoice.customer_id
    return [
        leg_of(invoice, AccountRole.RECEIVABLE, customer, sign * worth.gross, sign * invoice.gross),
        leg_of(
            invoice, AccountRole.REVENUE, customer, -sign * (worth.net - ahead_worth), -sign * (invoice.net - ahead)
        ),
        leg_of(invoice, AccountRole.DEPOSITS, customer, -sign * ahead_worth, -sign * ahead),
        leg_of(invoice, AccountRole.TAX, None, -sign * worth.tax, -sign * invoice.tax),
        leg_of(
            invoice, AccountRole.CASH_ROUNDING, None, -sign * worth.cash_difference, -sign * invoice.cash_difference
        ),
    ]
