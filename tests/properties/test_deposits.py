"""Deposits: whatever is asked for ahead, delivered, billed and credited, the invoices of an order are the order."""

from datetime import date
from decimal import Decimal as D
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from o2c_tui.errors import TradeError
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.invoice import Invoice, InvoiceKind, InvoiceLine, InvoiceState
from o2c_tui.models.ledger import Account, AccountRole, JournalLine
from o2c_tui.models.order import SalesOrder, SalesOrderLine
from o2c_tui.rules.tax_parts import groups_of
from o2c_tui.services.crediting import credit_invoice
from o2c_tui.services.deposits import deposit_invoice
from o2c_tui.services.drafting import LineDraft
from o2c_tui.services.exchanging import save_rate
from o2c_tui.services.invoicing import invoice_order
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.setup import change_company
from o2c_tui.services.tax_codes import TaxPartSetup, TaxSetup, save_tax
from tests.makers import Desk, delivered, keys, open_books, ordered, paid, receive
from tests.ready import NOW, new_store

FROM = date(2020, 1, 1)
_line = st.tuples(
    st.sampled_from(["GQ", "GQ", "VAT20", "VAT5", "INC20", "NONE"]),
    st.integers(1, 7),
    st.integers(1, 99_999).map(lambda n: D(n).scaleb(-2)),
)
_step = st.one_of(
    st.tuples(st.just("percent"), st.one_of(st.just(100), st.integers(1, 100)).map(D)),
    st.tuples(st.just("amount"), st.integers(1, 90_000).map(lambda n: D(n).scaleb(-2))),
    st.tuples(st.just("ahead"), st.integers(1, 20_000).map(lambda n: D(n).scaleb(-2))),
    st.tuples(st.sampled_from(["deliver", "deliver", "bill", "bill", "credit", "rate"]), st.integers(1, 3).map(D)),
)


def _posted(session: Any, kind: InvoiceKind) -> list[int]:
    query = sa.select(Invoice.id).where(Invoice.kind == kind, Invoice.state == InvoiceState.POSTED)
    return list(session.execute(query.order_by(Invoice.id)).scalars())


def _take(desk: Desk, step: tuple[str, D], order: Any, customer: str) -> None:
    what, n = step
    if what in ("percent", "amount"):
        desk.do(deposit_invoice, order.order_id, **{what: n})
    elif what == "ahead":
        paid(desk, n, customer, order=order.number)
    elif what == "deliver":
        lines = desk.document("order", order.order_id).lines
        delivered(desk, order, *(min(n, line["to_ship"]) for line in lines))
    elif what == "bill":
        desk.do(invoice_order, order.order_id)
    elif what == "rate":
        desk.do(save_rate, "USD", n / 5)
    else:  # a final invoice to be billed anew, or a deposit as far as it is not deducted
        finals, deposits = (desk.ask(_posted, kind) for kind in (InvoiceKind.INVOICE, InvoiceKind.DEPOSIT))
        every = [*finals, *deposits]
        if every:
            key = every[int(n) % len(every)]
            desk.do(credit_invoice, key, "anew", bill_again=key in finals)


def _check_deposits(session: Any) -> None:
    """No more of a deposit is deducted and credited than there is of it, and the order says what is left."""
    left = D(0)
    for line in session.execute(
        sa.select(InvoiceLine).join(Invoice, Invoice.id == InvoiceLine.invoice_id).where(
            Invoice.kind == InvoiceKind.DEPOSIT, Invoice.state == InvoiceState.POSTED
        )
    ).scalars():  # fmt: skip
        assert 0 <= line.deducted_net + line.credited_net <= line.net
        assert 0 <= line.deducted_tax + line.credited_tax <= line.tax
        left += line.net + line.tax - line.deducted_net - line.credited_net - line.deducted_tax - line.credited_tax
    assert session.execute(sa.select(SalesOrder.deposited)).scalar_one() == left


def _told(session: Any) -> tuple[Any, ...]:
    """What invoices less credit notes come to: net, tax, total before cash differences, and each tax."""
    heads = session.execute(sa.select(Invoice).where(Invoice.state == InvoiceState.POSTED)).scalars().all()
    sign = {head.id: -1 if head.kind is InvoiceKind.CREDIT_NOTE else 1 for head in heads}
    net = sum(sign[head.id] * head.net for head in heads)
    tax = sum(sign[head.id] * head.tax for head in heads)
    gross = sum(sign[head.id] * (head.gross - head.cash_difference) for head in heads)
    taxes: dict[tuple[str, D], D] = {}
    for head in heads:
        lines = session.execute(sa.select(InvoiceLine.__table__).where(InvoiceLine.invoice_id == head.id)).mappings()
        for group in groups_of(lines):
            taxes[group.code, group.rate] = taxes.get((group.code, group.rate), D(0)) + sign[head.id] * group.tax
    return net, tax, gross, {key: value for key, value in taxes.items() if value}


def _balance(session: Any, role: AccountRole) -> D:
    query = sa.select(sa.func.sum(JournalLine.amount, type_=AMOUNT)).join(Account, Account.id == JournalLine.account_id)
    return session.execute(query.where(Account.role == role)).scalar_one() or D(0)


@settings(max_examples=12, deadline=None)
@given(
    lines=st.lists(_line, min_size=1, max_size=4),
    steps=st.lists(_step, min_size=1, max_size=8),
    customer=st.sampled_from(["ACME", "USCO"]),
    cash_step=st.sampled_from([D(0), D("0.05")]),
    tax_rounding=st.sampled_from(["document", "line"]),
)
def test_deposits_and_final_invoices_of_an_order_come_to_the_order_to_the_cent(
    lines, steps, customer, cash_step, tax_rounding
):
    with TemporaryDirectory() as folder:
        store = new_store(f"{folder}/books.sqlite", clock=lambda: NOW)
        try:
            desk = open_books(store)
            desk.do(change_company, {"cash_step": cash_step, "tax_rounding": tax_rounding})
            desk.do(save_rate, "USD", D("0.9"))
            desk.do(save_party, PartySetup("USCO", "Bay Tools", currency="USD"))
            for code, rate in (("GST", "0.05"), ("QST", "0.09975")):
                desk.do(save_tax, TaxSetup(code, code, {FROM: D(rate)}))
            parts = (TaxPartSetup("GST"), TaxPartSetup("QST", compound=True))
            desk.do(save_tax, TaxSetup("GQ", "GST and QST", parts=parts))
            receive(desk, "BOLT", 100)
            drafts = [LineDraft("BOLT", D(n), price, tax_code=code) for code, n, price in lines]
            order = ordered(desk, *drafts, customer=customer)
            for step in steps:
                desk.next_day()
                try:
                    _take(desk, step, order, customer)
                except TradeError:
                    pass  # refused: nothing happened
                desk.ask(_check_deposits)
            desk.next_day()
            for what in ("deliver", "bill"):
                try:
                    _take(desk, (what, D(99)), order, customer)
                except TradeError:
                    pass  # all was delivered, or billed, before
            head = desk.document("order", order.order_id).head
            assert (head["billing"], head["deposited"]) == ("fully", 0)
            net, tax, gross, taxes = desk.ask(_told)
            assert (net, tax, gross) == (head["net"], head["tax"], head["net"] + head["tax"])
            of_order = desk.ask(lambda s: groups_of(s.execute(sa.select(SalesOrderLine.__table__)).mappings().all()))
            assert taxes == {(group.code, group.rate): group.tax for group in of_order if group.tax}
            assert desk.ask(_balance, AccountRole.DEPOSITS) == 0
            assert keys(desk, "order", order.order_id)
            desk.holds()
        finally:
            store.close()
