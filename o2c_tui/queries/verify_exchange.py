"""What verify proves of other currencies: what documents and open items are worth in the company's, and the gains booked.

Rule: docs/rules/currency.md.
"""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.models.base import AMOUNT
from o2c_tui.models.company import Company
from o2c_tui.models.invoice import Invoice, InvoiceLine
from o2c_tui.models.ledger import Account, AccountRole, JournalEntry, JournalLine
from o2c_tui.models.receivable import Allocation, Payment, ReceivableItem
from o2c_tui.money import Rounding, round_to
from o2c_tui.queries.checking import Found, Row, breach
from o2c_tui.rules.exchange import RATE_PLACES, Worth, in_base, shared, with_deposits, worth_of
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)
Source = tuple[str, int]


def base_of(table: sa.Table, name: str, otherwise: str = "amount") -> Any:
    """A column in the company's currency, as stored; where it says nothing, the amount itself."""
    return sa.func.coalesce(table.c[name], table.c[otherwise], type_=AMOUNT)


def worths(session: Session) -> dict[Source, Worth]:
    """What each posted invoice, credit note and payment in another currency is worth, as its lines and items say."""
    invoices, lines, items = table_of(Invoice), table_of(InvoiceLine), table_of(ReceivableItem)
    told: dict[Source, Worth] = {}
    query = (
        sa.select(
            invoices.c.id,
            invoices.c.cash_difference,
            invoices.c.rate,
            sa.func.sum(lines.c.base_net, type_=AMOUNT),
            sa.func.sum(lines.c.base_tax, type_=AMOUNT),
        )
        .join(lines, lines.c.invoice_id == invoices.c.id)
        .where(invoices.c.state == "posted", invoices.c.rate != 0)
        .group_by(invoices.c.id, invoices.c.cash_difference, invoices.c.rate)
    )
    digits, rounding = company_digits(session)
    for key, cash, rate, net, tax in session.execute(query):
        more = in_base(cash, rate, digits, rounding)
        told["invoice", key] = Worth((net or ZERO) + (tax or ZERO) + more, net or ZERO, tax or ZERO, more)
    query = sa.select(items.c.payment_id, items.c.base_amount).where(
        items.c.payment_id.is_not(None), items.c.currency != ""
    )
    for key, base in session.execute(query):
        told["payment", key] = Worth(-(base or ZERO), ZERO, ZERO)
    return told


def gains(session: Session) -> dict[Source, Decimal]:
    """What settling gained, by the document of the credit; a loss is negative."""
    items, links = table_of(ReceivableItem), table_of(Allocation)
    query = (
        sa.select(
            items.c.payment_id,
            items.c.invoice_id,
            items.c.adjustment_id,
            sa.func.sum(links.c.base_credit - links.c.base_debit, type_=AMOUNT),
        )
        .join(items, items.c.id == links.c.credit_id)
        .where(links.c.base_credit.is_not(None))
        .group_by(items.c.payment_id, items.c.invoice_id, items.c.adjustment_id)
    )
    found: dict[Source, Decimal] = defaultdict(lambda: ZERO)
    for payment, invoice, adjustment, gain in session.execute(query):
        source = (
            ("payment", payment)
            if payment is not None
            else ("invoice", invoice)
            if invoice is not None
            else ("receivable_adjustment", adjustment)
        )
        found[source] += gain
    return found


def company_digits(session: Session) -> tuple[int, Rounding]:
    """The digits of the company's currency, and how it rounds."""
    company = table_of(Company)
    row = session.execute(sa.select(company.c.digits, company.c.rounding)).first()
    return (row.digits, Rounding(row.rounding)) if row is not None else (2, Rounding.HALF_UP)


def foreign_worths(session: Session) -> Found:
    """Lines, items and payments in other currencies are worth what their rate says; the others say nothing of one."""
    digits, rounding = company_digits(session)
    yield from _lines_worth(session, digits, rounding)
    yield from _items_worth(session, digits, rounding)


def _lines_worth(session: Session, digits: int, rounding: Rounding) -> Found:
    invoices, lines = table_of(Invoice), table_of(InvoiceLine)
    query = (
        sa.select(lines, invoices.c.rate, invoices.c.gross, invoices.c.tax.label("due"), invoices.c.cash_difference)
        .join(invoices, invoices.c.id == lines.c.invoice_id)
        .where(
            invoices.c.state == "posted",
            sa.or_(invoices.c.rate != 0, lines.c.base_net.is_not(None), lines.c.base_tax.is_not(None)),
        )
        .order_by(lines.c.invoice_id, lines.c.position)
    )
    by_invoice: dict[int, list[Any]] = defaultdict(list)
    by_line: dict[int, Any] = {}
    taken: dict[int, list[Decimal]] = defaultdict(
        lambda: [ZERO] * 4
    )  # of a line: base net and tax, net and tax credited
    for line in session.execute(query):
        by_invoice[line.invoice_id].append(line)
        by_line[line.id] = line
        if line.credits_line_id is not None:
            sums = taken[line.credits_line_id]
            for n, part in enumerate((line.base_net, line.base_tax, line.net, line.tax)):
                sums[n] += part or ZERO
        if line.deducts_line_id not in (None, line.credits_line_id):  # a deposit taken off, or given back
            sign = -1 if line.credits_line_id is None else 1
            for n, part in enumerate((line.base_net, line.base_tax, line.net, line.tax)):
                taken[line.deducts_line_id][n] += sign * (part or ZERO)
    for mine in by_invoice.values():
        if mine[0].credits_line_id is not None:
            continue
        head = mine[0]
        worth = worth_of(head.gross, head.due, head.cash_difference, head.rate, digits, rounding)
        off = [x for x in mine if x.deducts_line_id is not None]
        ahead = [-sum((getattr(x, name) or ZERO for x in off), ZERO) for name in ("base_net", "base_tax")]
        goods = [x for x in mine if x.deducts_line_id is None]
        told = shared(with_deposits(worth, *ahead), [x.net for x in goods], [x.tax for x in goods], digits, rounding)
        for line, (net, tax) in zip(goods, told, strict=True):
            if (line.base_net, line.base_tax) != ((net, tax) if line.rate else (None, None)):
                yield _line_breach(line, net)
    for line in by_line.values():
        source = by_line.get(line.credits_line_id)
        if line.credits_line_id is not None and (source is None or None in (line.base_net, line.base_tax)):
            yield _line_breach(line, ZERO)
    yield from _credits_worth(by_line, taken, digits)


def _credits_worth(by_line: Mapping[int, Any], taken: Mapping[int, list[Decimal]], digits: int) -> Found:
    """What credit notes took back of a line is within its worth, all of it where all was credited."""
    cent = Decimal(1).scaleb(-digits)
    for key, (base_net, base_tax, net, tax) in taken.items():
        line = by_line.get(key)
        if line is None:
            continue
        for name, base, part in (("net", base_net, net), ("tax", base_tax, tax)):
            whole, worth = getattr(line, name), getattr(line, f"base_{name}") or ZERO
            wanted = worth if part == whole else worth * part / whole if whole else ZERO
            if (part == whole and base != worth) or abs(base - wanted) > cent:
                yield _line_breach(line, wanted)


def _line_breach(line: Any, wanted: Decimal) -> Any:
    return breach(
        N_("{row}: worth {worth} in the company's currency, its rate tells {told}"),
        row=Row("invoice_line", line.id),
        worth=line.base_net if line.base_net is not None else "–",
        told=wanted,
    )


def _items_worth(session: Session, digits: int, rounding: Rounding) -> Found:
    items, invoices, payments = table_of(ReceivableItem), table_of(Invoice), table_of(Payment)
    told = worths(session)
    sums: dict[Source, Decimal] = defaultdict(lambda: ZERO)
    query = (
        sa.select(
            items,
            invoices.c.currency.label("billed_in"),
            invoices.c.rate.label("billed_at"),
            invoices.c.kind,
            payments.c.currency.label("paid_in"),
            payments.c.rate.label("paid_at"),
        )
        .outerjoin(invoices, invoices.c.id == items.c.invoice_id)
        .outerjoin(payments, payments.c.id == items.c.payment_id)
        .where(
            sa.or_(items.c.currency != "", items.c.base_amount.is_not(None), invoices.c.rate != 0, payments.c.rate != 0)
        )
    )
    signs: dict[Source, int] = {}
    for item in session.execute(query):
        code, rate = (item.billed_in, item.billed_at) if item.invoice_id else (item.paid_in, item.paid_at)
        if item.adjustment_id is None and (item.currency != code or not rate or item.base_amount is None):
            yield breach(
                N_("{row}: in {currency}, its document is in {told}"),
                row=Row("receivable_item", item.id),
                currency=item.currency or "–",
                told=code if rate else "–",
            )
        elif item.invoice_id is not None:
            source = ("invoice", item.invoice_id)
            sums[source] += item.base_amount
            signs[source] = -1 if item.kind == "credit_note" else 1
        elif item.payment_id is not None:
            at = round_to(item.base_amount / item.amount, RATE_PLACES) if item.amount else ZERO
            if item.base_amount != in_base(item.amount, rate, digits, rounding) and at != rate:
                yield _item_breach(item, in_base(item.amount, rate, digits, rounding))
    for source, whole in sums.items():
        wanted = signs[source] * told[source].gross if source in told else ZERO
        if whole != wanted:
            yield breach(
                N_("{row}: worth {worth} in the company's currency, its rate tells {told}"),
                row=Row("invoice", source[1]),
                worth=whole,
                told=wanted,
            )


def _item_breach(item: Any, wanted: Decimal) -> Any:
    return breach(
        N_("{row}: worth {worth} in the company's currency, its rate tells {told}"),
        row=Row("receivable_item", item.id),
        worth=item.base_amount,
        told=wanted,
    )


def base_open(session: Session) -> Found:
    """What is open in the company's currency is an item's worth less what its allocations took off it, and nothing where
    nothing is open."""
    items, links = table_of(ReceivableItem), table_of(Allocation)

    def taken(side: str, name: str) -> dict[int, Decimal]:
        total = sa.func.sum(base_of(links, name), type_=AMOUNT)
        return {row[0]: row[1] for row in session.execute(sa.select(links.c[side], total).group_by(links.c[side]))}

    paid, used = taken("debit_id", "base_debit"), taken("credit_id", "base_credit")
    names = ("id", "open", "base_open", "amount", "base_amount")
    for row in session.execute(sa.select(*(items.c[name] for name in names))):
        whole = row.amount if row.base_amount is None else row.base_amount
        told = whole - paid.get(row.id, ZERO) + used.get(row.id, ZERO)
        if row.base_open != told or (not row.open and row.base_open):
            yield breach(
                N_("{row}: open {open} in the company's currency, its allocations tell {told}"),
                row=Row("receivable_item", row.id),
                open=row.base_open,
                told=told,
            )
    one, other = items.alias("debit"), items.alias("credit")
    mixed = (
        sa.select(links.c.id, one.c.currency, other.c.currency.label("other"), links.c.base_debit, links.c.base_credit)
        .join(one, one.c.id == links.c.debit_id)
        .join(other, other.c.id == links.c.credit_id)
        .where(
            sa.or_(
                one.c.currency != other.c.currency,
                (one.c.currency != "") != links.c.base_debit.is_not(None),
                (one.c.currency != "") != links.c.base_credit.is_not(None),
            )
        )
    )
    for row in session.execute(mixed):
        yield breach(
            N_("{row}: {currency} is set against {other}"),
            row=Row("payment_allocation", row.id),
            currency=row.other or "–",
            other=row.currency or "–",
        )


def currencies_agree(session: Session) -> Found:
    """By customer and currency, the receivables account stands at the open items in that currency; and each line of the
    ledger in another currency has an amount of it that goes the same way."""
    items, lines, accounts = table_of(ReceivableItem), table_of(JournalLine), table_of(Account)
    heads = table_of(JournalEntry)
    owed = {
        (party, currency): amount
        for party, currency, amount in session.execute(
            sa.select(items.c.customer_id, items.c.currency, sa.func.sum(items.c.open, type_=AMOUNT))
            .where(items.c.currency != "")
            .group_by(items.c.customer_id, items.c.currency)
        )
    }
    booked = {
        (party, currency): amount
        for party, currency, amount in session.execute(
            sa.select(lines.c.party_id, lines.c.currency, sa.func.sum(lines.c.currency_amount, type_=AMOUNT))
            .join(accounts, accounts.c.id == lines.c.account_id)
            .where(accounts.c.role == AccountRole.RECEIVABLE, lines.c.currency != "")
            .group_by(lines.c.party_id, lines.c.currency)
        )
    }
    for party, currency in sorted({*owed, *booked}, key=str):
        one, other = owed.get((party, currency), ZERO), booked.get((party, currency), ZERO)
        if one != other:
            yield breach(
                N_("{row}: open items {owed} {currency}, receivables account {booked}"),
                row=Row("party", party),
                owed=one,
                currency=currency,
                booked=other,
            )
    query = (
        sa.select(lines.c.entry_id, lines.c.currency, sa.func.sum(lines.c.currency_amount, type_=AMOUNT))
        .join(heads, heads.c.id == lines.c.entry_id)
        .group_by(lines.c.entry_id, lines.c.currency)
        .having(sa.func.sum(lines.c.currency_amount) != 0)
    )
    for entry, currency, total in session.execute(query):
        yield breach(
            N_("{row}: its lines in {currency} add up to {total}"),
            row=Row("journal_entry", entry),
            currency=currency or "–",
            total=total,
        )


EXCHANGE_CHECKS = {
    N_("other currencies = their rates"): foreign_worths,
    N_("open in the company's currency = worth less allocations"): base_open,
    N_("receivables account by currency = open items"): currencies_agree,
}
