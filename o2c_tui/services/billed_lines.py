"""Lines of invoices: part of an order line billed, its taxes shared to the cent, and what lines add up to.

Rule: docs/rules/invoices.md.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from o2c_tui.models.order import SalesOrder
from o2c_tui.models.trade import LINE_FIELDS, TradeTerms
from o2c_tui.money import Rounding, round_to, round_to_step, share_of
from o2c_tui.queries.collective import delivered_with
from o2c_tui.queries.tax_shares import TAKEN, billed_taxes
from o2c_tui.rules.tax_parts import part_of, read_parts
from o2c_tui.services.deducting import said_in
from o2c_tui.texts import N_

ZERO = Decimal(0)


def billed_row(
    position: int, line: dict[str, Any], part: Decimal, delivery_line_id: int | None, order: SalesOrder
) -> dict[str, Any]:
    """An invoice line for part of an order line, counted on it; the last part takes the cents that are left."""
    row = {name: line[name] for name in LINE_FIELDS}
    row |= {
        "position": position,
        "quantity": part,
        **bill_part(line, part, order),
        "order_line_id": line["id"],
        "delivery_line_id": delivery_line_id,
    }
    if part != line["quantity"] and line["discount_amount"]:
        whole = line["discount_amount"] * part / line["quantity"]
        row["discount_amount"] = round_to(whole, order.digits, Rounding(order.rounding))
    return row


def sums_of(rows: Sequence[Mapping[str, Any]], terms: TradeTerms) -> dict[str, Any]:
    """Net, tax, and the total of lines in the cash steps of their document's terms."""
    net, tax = sum((row["net"] for row in rows), ZERO), sum((row["tax"] for row in rows), ZERO)
    gross = net + tax
    if terms.cash_step:
        gross = round_to_step(gross, terms.cash_step, terms.digits, Rounding(terms.rounding))
    return {"net": net, "tax": tax, "cash_difference": gross - net - tax, "gross": gross}


def note_taxes(session: Session, order_lines: Sequence[dict[str, Any]]) -> None:
    """Note on order lines of several taxes what is billed of each, so that parts can be shared to the cent."""
    taken = billed_taxes(session, [line for line in order_lines if TAKEN not in line])
    for line in order_lines:
        if line["id"] in taken:
            line[TAKEN] = taken[line["id"]]


def bill_part(line: dict[str, Any], part: Decimal, order: SalesOrder) -> dict[str, Any]:
    """Net, tax and each tax of part of an order line, which counts as billed from here on."""
    left, rounding = line["quantity"] - line["invoiced"] + line["credited"], Rounding(order.rounding)
    net = share_of(line["net"] - line["invoiced_net"], part, left, order.digits, rounding)
    told: dict[str, Any] = {"net": net, "tax_parts": ""}
    if line["tax_parts"]:
        text = part_of(line["tax_parts"], line.get(TAKEN, ()), part, left, order.digits, rounding)
        shares = [share.tax for share in read_parts(text)]
        line[TAKEN] = tuple(map(sum, zip(line.get(TAKEN) or [ZERO] * len(shares), shares, strict=True)))
        told |= {"tax": sum(shares, ZERO), "tax_parts": text}
    else:
        told["tax"] = share_of(line["tax"] - line["invoiced_tax"], part, left, order.digits, rounding)
    line["invoiced"] += part
    line["invoiced_net"] += net
    line["invoiced_tax"] += told["tax"]
    return told


def tell_deliveries(session: Session, rows: Sequence[dict[str, Any]], language: str) -> None:
    """Say on the first line of each delivery that an invoice over several bills, with which and when it came."""
    told = delivered_with(session, [row["delivery_line_id"] for row in rows])
    before = None
    for row in rows:
        delivery = told[row["delivery_line_id"]]
        if delivery != before:
            number, day = before = delivery
            words = said_in(language, N_("Delivery {number} of {day}"), number=number, day=day.isoformat())
            row["note"] = f"{words}\n{row['note']}" if row["note"] else words
