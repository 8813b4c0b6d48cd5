"""What verify proves of the ledger: entries balance, and each posted document has the journal its figures ask for.

Rule: docs/rules/verify.md.
"""

from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.models.base import AMOUNT
from o2c_tui.models.delivery import CustomerReturn, Delivery
from o2c_tui.models.invoice import Invoice, InvoiceLine
from o2c_tui.models.ledger import Account, AccountRole, JournalEntry, JournalLine
from o2c_tui.models.receivable import Payment
from o2c_tui.models.stock import CostLayer, StockMove
from o2c_tui.models.warehouse import StockAdjustment, Stocktake
from o2c_tui.queries.checking import Found, Row, booked_by_role, breach, not_booked, sums
from o2c_tui.queries.verify_exchange import gains, worths
from o2c_tui.rules.exchange import Worth
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)


def entries_balance(session: Session) -> Found:
    """Each journal entry adds up to nothing and has the lines it says."""
    lines, heads = table_of(JournalLine), table_of(JournalEntry)
    query = (
        sa.select(
            heads.c.id, heads.c.line_count, sa.func.count(lines.c.position), sa.func.sum(lines.c.amount, type_=AMOUNT)
        )
        .select_from(heads)
        .outerjoin(lines, lines.c.entry_id == heads.c.id)
        .group_by(heads.c.id, heads.c.line_count)
        .having(
            sa.or_(
                sa.func.coalesce(sa.func.sum(lines.c.amount), 0) != 0,
                sa.func.count(lines.c.position) != heads.c.line_count,
            )
        )
    )
    for key, wanted, there, total in session.execute(query):
        yield breach(
            N_("{row}: {there} of {wanted} lines, sum {total}"),
            row=Row("journal_entry", key),
            there=there,
            wanted=wanted,
            total=total or ZERO,
        )


def account_balance(session: Session, role: AccountRole) -> Decimal:
    lines, accounts = table_of(JournalLine), table_of(Account)
    query = (
        sa.select(sa.func.sum(lines.c.amount, type_=AMOUNT))
        .join(accounts, accounts.c.id == lines.c.account_id)
        .where(accounts.c.role == role)
    )
    return session.execute(query).scalar_one() or ZERO


def inventory_agrees(session: Session) -> Found:
    """The inventory account is the value of the layers, and of the moves."""
    layers, moves = table_of(CostLayer), table_of(StockMove)
    booked = account_balance(session, AccountRole.INVENTORY)
    remaining = session.execute(sa.select(sa.func.sum(layers.c.remaining_value, type_=AMOUNT))).scalar_one() or ZERO
    moved = session.execute(sa.select(sa.func.sum(moves.c.value, type_=AMOUNT))).scalar_one() or ZERO
    if not booked == remaining == moved:
        yield breach(
            N_("inventory account {booked}, layers {layers}, moves {moves}"),
            booked=booked,
            layers=remaining,
            moves=moved,
        )


def posted_documents_are_booked(session: Session) -> Found:
    """Each posted document with a money effect has exactly the journal its figures ask for."""
    booked = booked_by_role(session)
    foreign, gained = worths(session), gains(session)
    invoices, lines = table_of(Invoice), table_of(InvoiceLine)
    deducts = lines.c.deducts_line_id.is_not(None)
    ahead = sums(session, lines, "invoice_id", "net", AMOUNT, deducts)
    ahead |= sums(session, lines, "invoice_id", "base_net", AMOUNT, deducts, lines.c.base_net.is_not(None))
    for row in session.execute(sa.select(invoices).where(invoices.c.state == "posted")):
        sign = -1 if row.kind == "credit_note" else 1
        worth = foreign.get(("invoice", row.id)) or Worth(row.gross, row.net, row.tax, row.cash_difference)
        gain = gained.get(("invoice", row.id), ZERO)
        net = worth.net if row.kind == "deposit" else ahead.get(row.id, ZERO)
        wanted = {
            "receivable": sign * worth.gross + gain,
            "revenue": -sign * (worth.net - net),
            "deposits": -sign * net,
            "tax": -sign * worth.tax,
            "cash_rounding": -sign * worth.cash_difference,
            "exchange": -gain,
        }
        for role, amount in wanted.items():
            if booked["invoice", row.id, role] != amount:
                yield not_booked("invoice", row.id, role, booked["invoice", row.id, role], amount)
    for model, source, sign in ((Delivery, "delivery", -1), (CustomerReturn, "return", 1)):
        table = table_of(model)
        done = "shipped" if source == "delivery" else "received"
        for row in session.execute(sa.select(table.c.id, table.c.cost, table.c.state)):
            wanted_cost = sign * row.cost if row.state == done else ZERO  # one that was reversed is booked both ways
            if booked[source, row.id, "inventory"] != wanted_cost:
                yield not_booked(table.name, row.id, "inventory", booked[source, row.id, "inventory"], wanted_cost)
    for source, table in (("adjustment", table_of(StockAdjustment)), ("stocktake", table_of(Stocktake))):
        for row in session.execute(sa.select(table.c.id, table.c.value)):
            wanted = {"inventory": row.value, "stock_differences": -row.value}
            for role, amount in wanted.items():
                if booked[source, row.id, role] != amount:
                    yield not_booked(table.name, row.id, role, booked[source, row.id, role], amount)
    payments = table_of(Payment)
    for row in session.execute(sa.select(payments.c.id, payments.c.amount).where(payments.c.state == "posted")):
        worth = foreign.get(("payment", row.id)) or Worth(row.amount, ZERO, ZERO)
        gain = gained.get(("payment", row.id), ZERO)
        for role, amount in (("receivable", gain - worth.gross), ("exchange", -gain)):
            if booked["payment", row.id, role] != amount:
                yield not_booked("payment", row.id, role, booked["payment", row.id, role], amount)
