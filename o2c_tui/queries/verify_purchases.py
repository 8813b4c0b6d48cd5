"""The promises of buying, recomputed from raw rows: what came, what was billed, and where later costs went.

Rule: docs/rules/verify.md.
"""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.models.base import AMOUNT, QUANTITY
from o2c_tui.models.ledger import Account, AccountRole, JournalLine
from o2c_tui.models.purchase import (
    CostShare,
    PurchaseOrder,
    PurchaseOrderLine,
    SupplierBill,
    SupplierBillLine,
    SupplierReturn,
    SupplierReturnLine,
)
from o2c_tui.models.receipt import GoodsReceipt, GoodsReceiptLine
from o2c_tui.models.stock import Consumption, CostVariance, MoveKind, StockMove
from o2c_tui.queries.checking import (
    Breach,
    Found,
    Row,
    booked_by_role,
    breach,
    column_word,
    differing,
    joined_sums,
    not_booked,
    step_word,
    sums,
)
from o2c_tui.queries.lookups import the_company
from o2c_tui.rules.buying import BoughtLine, billing_progress, in_line_units, receipt_billing, receipt_progress
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)
SOLD = (MoveKind.DELIVERY, MoveKind.SUPPLIER_RETURN)


def _receipt_lines(session: Session) -> Found:
    """Billed, returned and cleared of every receipt line are the sums of the bills and returns that say so."""
    bills, bill_lines = table_of(SupplierBill), table_of(SupplierBillLine)
    returns, return_lines = table_of(SupplierReturn), table_of(SupplierReturnLine)
    posted, sent = bills.c.state == "posted", returns.c.state == "sent"

    def billed(what: str, kind: Any, of: str) -> dict[int, Decimal]:
        where = (posted, bills.c.kind == of)
        return joined_sums(session, bill_lines, bills, "bill_id", "receipt_line_id", what, kind, *where)

    def back(what: str, kind: Any) -> dict[int, Decimal]:
        return joined_sums(session, return_lines, returns, "return_id", "receipt_line_id", what, kind, sent)

    def net(*told: tuple[int, dict[int, Decimal]]) -> dict[int, Decimal]:
        found: dict[int, Decimal] = defaultdict(lambda: ZERO)
        for sign, amounts in told:
            for key, amount in amounts.items():
                found[key] += sign * amount
        return found

    yield from differing(session, GoodsReceiptLine, "returned", back("quantity", QUANTITY))
    quantities = net((1, billed("quantity", QUANTITY, "bill")), (-1, billed("quantity", QUANTITY, "credit")))
    yield from differing(session, GoodsReceiptLine, "billed", quantities)
    values = net(
        (1, billed("cleared", AMOUNT, "bill")),
        (-1, billed("cleared", AMOUNT, "credit")),
        (1, back("value", AMOUNT)),
    )
    yield from differing(session, GoodsReceiptLine, "cleared", values)
    lines = table_of(GoodsReceiptLine)
    for row in session.execute(sa.select(lines)):
        left, worth = row.quantity - row.billed - row.returned, row.value - row.cleared
        if row.billed < ZERO or row.billed > row.quantity or row.returned < ZERO or row.returned > row.quantity:
            yield breach(
                N_("{row}: {billed} billed and {returned} returned of {quantity}"),
                row=Row("goods_receipt_line", row.id),
                billed=row.billed,
                returned=row.returned,
                quantity=row.quantity,
            )
        if left * worth < ZERO or (not left and worth):
            yield breach(
                N_("{row}: {left} are not billed, worth {worth}"),
                row=Row("goods_receipt_line", row.id),
                left=left,
                worth=worth,
            )


def _axes(session: Session) -> Found:
    """Received and billed of purchase orders, and how far receipts are billed, follow from the lines."""
    orders, lines = table_of(PurchaseOrder), table_of(PurchaseOrderLine)
    receipts, received = table_of(GoodsReceipt), table_of(GoodsReceiptLine)
    came: dict[int, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO, ZERO])
    parts: dict[int, list[tuple[Decimal, Decimal, Decimal]]] = defaultdict(list)
    query = sa.select(received, receipts.c.state.label("state")).join(receipts, receipts.c.id == received.c.receipt_id)
    for row in session.execute(query):
        parts[row.receipt_id].append((row.billed, row.quantity, row.returned))
        if row.state == "received" and row.purchase_line_id is not None:
            sums_of = came[row.purchase_line_id]
            sums_of[0] += row.purchased
            sums_of[1] += in_line_units(row.billed, row.purchased, row.quantity)
            sums_of[2] += in_line_units(row.returned, row.purchased, row.quantity)
    for row in session.execute(sa.select(receipts.c.id, receipts.c.billing)):
        told: str = receipt_billing(parts[row.id])
        if row.billing != told:
            yield breach(
                N_("{row}: billed {now_word}, its lines tell {told_word}"),
                row=Row("goods_receipt", row.id),
                now_word=step_word(row.billing),
                told_word=step_word(told),
            )
    bought: dict[int, list[BoughtLine]] = defaultdict(list)
    for row in session.execute(sa.select(lines)):
        purchased, billed, returned = came[row.id]
        if (row.received, row.billed) != (purchased, billed):
            yield breach(
                N_("{row}: {received} received and {billed} billed, its receipts tell {come} and {told}"),
                row=Row("purchase_order_line", row.id),
                received=row.received,
                billed=row.billed,
                come=purchased,
                told=billed,
            )
        bought[row.order_id].append(BoughtLine(row.quantity, row.cancelled, purchased, returned, billed))
    for row in session.execute(sa.select(orders.c.id, orders.c.state, orders.c.receipt, orders.c.billing)):
        now = (receipt_progress(bought[row.id]), billing_progress(bought[row.id]))
        if row.state == "draft":
            now = ("none", "none")
        if (row.receipt, row.billing) != now:
            yield breach(
                N_("{row}: received {one_word}, billed {other_word}; its lines tell {a_word}, {b_word}"),
                row=Row("purchase_order", row.id),
                one_word=step_word(row.receipt),
                other_word=step_word(row.billing),
                a_word=step_word(now[0]),
                b_word=step_word(now[1]),
            )


def _totals(session: Session) -> Found:
    """The totals of purchase orders, bills and returns are the sums of their lines."""
    orders, bills, returns = table_of(PurchaseOrder), table_of(SupplierBill), table_of(SupplierReturn)
    nets = sums(session, table_of(PurchaseOrderLine), "order_id", "net", AMOUNT)
    for row in session.execute(sa.select(orders.c.id, orders.c.net)):
        if row.net != nets.get(row.id, ZERO):
            yield _lines_tell("purchase_order", row.id, "net", row.net, nets.get(row.id, ZERO))
    lines = table_of(SupplierBillLine)
    nets, taxes = sums(session, lines, "bill_id", "net", AMOUNT), sums(session, lines, "bill_id", "tax", AMOUNT)
    for row in session.execute(sa.select(bills.c.id, bills.c.net, bills.c.tax, bills.c.gross)):
        told = (nets.get(row.id, ZERO), taxes.get(row.id, ZERO))
        if (row.net, row.tax) != told or row.gross != row.net + row.tax:
            yield breach(
                N_("{row}: {net} + {tax} = {gross}, its lines tell {net_told} + {tax_told}"),
                row=Row("supplier_bill", row.id),
                net=row.net,
                tax=row.tax,
                gross=row.gross,
                net_told=told[0],
                tax_told=told[1],
            )
    back = table_of(SupplierReturnLine)
    for what in ("cost", "value"):
        amounts = sums(session, back, "return_id", what, AMOUNT)
        for key, amount in session.execute(sa.select(returns.c.id, returns.c[what])):
            if amount != amounts.get(key, ZERO):
                yield _lines_tell("supplier_return", key, what, amount, amounts.get(key, ZERO))


def _lines_tell(table: str, key: int, column: str, value: Decimal, told: Decimal) -> Breach:
    return breach(
        N_("{row}: {column_word} {value}, its lines tell {told}"),
        row=Row(table, key),
        column_word=column_word(column),
        value=value,
        told=told,
    )


def _not_billed(session: Session) -> Found:
    """The account of goods received and not billed is what receipts brought less what bills and returns settled, by supplier."""
    receipts, lines = table_of(GoodsReceipt), table_of(GoodsReceiptLine)
    journal, accounts = table_of(JournalLine), table_of(Account)
    wanted: dict[int | None, Decimal] = defaultdict(lambda: ZERO)
    query = (
        sa.select(receipts.c.supplier_id, sa.func.sum(lines.c.value - lines.c.cleared, type_=AMOUNT))
        .join(lines, lines.c.receipt_id == receipts.c.id)
        .where(receipts.c.kind == "purchase", receipts.c.state == "received")
        .group_by(receipts.c.supplier_id)
    )
    for party, amount in session.execute(query):
        wanted[party] -= amount
    booked: dict[int | None, Decimal] = defaultdict(lambda: ZERO)
    query = (
        sa.select(journal.c.party_id, sa.func.sum(journal.c.amount, type_=AMOUNT))
        .join(accounts, accounts.c.id == journal.c.account_id)
        .where(accounts.c.role == AccountRole.GOODS_NOT_BILLED)
        .group_by(journal.c.party_id)
    )
    for party, amount in session.execute(query):
        booked[party] += amount
    for party in sorted({*wanted, *booked}, key=lambda key: key or 0):
        if wanted[party] != booked[party]:
            yield breach(
                N_("{row}: goods not billed {told}, the account says {booked}"),
                row=Row("party", party),
                told=wanted[party],
                booked=booked[party],
            )


def _later_costs(session: Session) -> Found:
    """Every share of a later cost lies on layers or was posted as cost, to the cent, and each part is traced."""
    shares, bills, lines = table_of(CostShare), table_of(SupplierBill), table_of(SupplierBillLine)
    moves, variances, taken = table_of(StockMove), table_of(CostVariance), table_of(Consumption)
    revalued = moves.c.kind == MoveKind.REVALUATION
    raised: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for row in session.execute(sa.select(moves.c.line_id, moves.c.value, moves.c.quantity).where(revalued)):
        raised[row.line_id] += row.value
        if row.quantity:
            yield breach(
                N_("{row}: its revaluation moves {quantity}"),
                row=Row("cost_share", row.line_id),
                quantity=row.quantity,
            )
    gone: dict[int, Decimal] = defaultdict(lambda: ZERO)
    query = sa.select(moves.c.line_id, variances.c.amount).join(moves, moves.c.id == variances.c.move_id)
    for key, amount in session.execute(query):
        gone[key] += amount
    by_line: dict[int, Decimal] = defaultdict(lambda: ZERO)
    query = sa.select(shares, bills.c.state.label("state")).join(bills, bills.c.id == shares.c.bill_id)
    for row in session.execute(query):
        by_line[row.bill_line_id] += row.amount
        if (row.to_stock, row.to_sales) != (raised[row.id], gone[row.id]) or row.amount != row.to_stock + row.to_sales:
            yield breach(
                N_("{row}: {amount}, {stock} on stock and {posted} posted; its moves tell {raised} and {gone}"),
                row=Row("cost_share", row.id),
                amount=row.amount,
                stock=row.to_stock,
                posted=row.to_sales,
                raised=raised[row.id],
                gone=gone[row.id],
            )
    query = (
        sa.select(lines, bills.c.kind, bills.c.return_id)
        .join(bills, bills.c.id == lines.c.bill_id)
        .where(bills.c.state == "posted")
    )
    for row in session.execute(query):
        sign = 1 if row.kind == "bill" else -1
        beyond = ZERO if row.return_id is not None and row.receipt_line_id is not None else row.cost - row.cleared
        if by_line[row.id] != sign * beyond:
            yield breach(
                N_("{row}: {amount} beyond its receipts, its shares tell {told}"),
                row=Row("supplier_bill_line", row.id),
                amount=sign * beyond,
                told=by_line[row.id],
            )
    source = moves.alias("source")
    untraced = (
        sa.select(variances.c.id)
        .join(source, source.c.id == variances.c.source_move_id)
        .outerjoin(
            taken, sa.and_(taken.c.move_id == variances.c.source_move_id, taken.c.layer_id == variances.c.layer_id)
        )
        .where(taken.c.move_id.is_(None), source.c.kind != MoveKind.RECEIPT)
    )
    for key in session.execute(untraced).scalars():
        yield breach(N_("{row}: what it names took nothing out of its layer"), row=Row("cost_variance", key))


def _booked(session: Session) -> Found:
    """Each receipt, bill and supplier return has exactly the journal its figures ask for."""
    booked = booked_by_role(session)

    def differs(source: str, table: str, key: int, wanted: dict[str, Decimal]) -> Found:
        for role, amount in wanted.items():
            if booked[source, key, role] != amount:
                yield not_booked(table, key, role, booked[source, key, role], amount)

    receipts = table_of(GoodsReceipt)
    for row in session.execute(sa.select(receipts.c.id, receipts.c.kind, receipts.c.state, receipts.c.value)):
        value = row.value if row.state == "received" else ZERO  # one that was cancelled is booked both ways
        against = "opening" if row.kind == "opening" else "goods_received_not_billed"
        yield from differs("receipt", "goods_receipt", row.id, {"inventory": value, against: -value})
    back = table_of(SupplierReturn)
    for row in session.execute(sa.select(back).where(back.c.state == "sent")):
        wanted = {
            "goods_received_not_billed": row.value,
            "inventory": -row.cost,
            "cost_of_sales": row.cost - row.value,
        }
        yield from differs("supplier_return", "supplier_return", row.id, wanted)
    bills, lines, shares = table_of(SupplierBill), table_of(SupplierBillLine), table_of(CostShare)
    costs, cleared = (sums(session, lines, "bill_id", what, AMOUNT) for what in ("cost", "cleared"))
    goods = sums(session, lines, "bill_id", "cost", AMOUNT, lines.c.receipt_line_id.is_not(None))
    stock = sums(session, shares, "bill_id", "to_stock", AMOUNT)
    sold, lost = _posted_costs(session, sold=True), _posted_costs(session, sold=False)
    for row in session.execute(sa.select(bills).where(bills.c.state == "posted")):
        sign = 1 if row.kind == "bill" else -1
        tax = sign * booked["supplier_bill", row.id, "input_tax"]
        exact = row.tax * row.rate
        if abs(tax - exact) > Decimal(5).scaleb(-1 - the_company(session).digits):
            yield not_booked("supplier_bill", row.id, "input_tax", tax, exact)
        credited = goods.get(row.id, ZERO) - cleared.get(row.id, ZERO) if row.return_id is not None else ZERO
        wanted = {
            "payable": -sign * (costs.get(row.id, ZERO) + tax),
            "goods_received_not_billed": sign * cleared.get(row.id, ZERO),
            "inventory": stock.get(row.id, ZERO),
            "cost_of_sales": sold.get(row.id, ZERO) + sign * credited,
            "stock_differences": lost.get(row.id, ZERO),
        }
        yield from differs("supplier_bill", "supplier_bill", row.id, wanted)


def _posted_costs(session: Session, *, sold: bool) -> dict[int, Decimal]:
    """By bill: what of its shares was posted as cost of sales, or as stock differences."""
    shares, moves, variances = table_of(CostShare), table_of(StockMove), table_of(CostVariance)
    source = moves.alias("source")
    query = (
        sa.select(shares.c.bill_id, sa.func.sum(variances.c.amount, type_=AMOUNT))
        .select_from(variances)
        .join(moves, moves.c.id == variances.c.move_id)
        .join(shares, shares.c.id == moves.c.line_id)
        .join(source, source.c.id == variances.c.source_move_id)
        .where(source.c.kind.in_(SOLD) if sold else source.c.kind.not_in(SOLD))
        .group_by(shares.c.bill_id)
    )
    return {key: amount for key, amount in session.execute(query)}


PURCHASE_CHECKS: dict[str, Callable[[Session], Found]] = {
    N_("receipt lines carry what bills and returns say"): _receipt_lines,
    N_("purchase orders carry what their receipts say"): _axes,
    N_("purchases, bills and returns add up"): _totals,
    N_("goods received, not billed = receipts less bills and returns"): _not_billed,
    N_("later costs lie where the goods are"): _later_costs,
    N_("receipts, bills and returns to suppliers are booked"): _booked,
}
