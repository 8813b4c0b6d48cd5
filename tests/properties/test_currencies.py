"""In another currency, whatever is paid, undone or taken back: the account is what is open, the rest is gain or loss."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from o2c_tui.errors import TradeError
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.ledger import Account, AccountRole, JournalEntry, JournalLine
from o2c_tui.models.receivable import Payment, ReceivableItem
from o2c_tui.queries.receivables import aged
from o2c_tui.services.crediting import credit_invoice
from o2c_tui.services.exchanging import save_rate
from o2c_tui.services.invoicing import invoice_order
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.paying import apply_credit
from o2c_tui.services.shipping import ship_order
from o2c_tui.services.taking_back import reverse_payment, unapply
from o2c_tui.storage.store import Store
from tests.makers import Desk, keys, open_books, ordered, paid

START = date(2026, 10, 1)
NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
_rate = st.decimals("0.2", "5", places=6)
_amount = st.decimals("0.01", "400", places=2)
_step = st.one_of(
    st.tuples(st.just("pay"), _amount, _rate),
    st.tuples(st.just("arrive"), _amount, st.decimals("0.01", "900", places=2)),
    st.tuples(st.sampled_from(["undo", "use", "bounce", "credit"]), st.integers(0, 5), st.just(D(1))),
)


def _balances(session: Any, role: AccountRole) -> dict[date, D]:
    query = (
        sa.select(JournalEntry.posted_on, sa.func.sum(JournalLine.amount, type_=AMOUNT))
        .join(JournalLine, JournalLine.entry_id == JournalEntry.id)
        .join(Account, Account.id == JournalLine.account_id)
        .where(Account.role == role)
        .group_by(JournalEntry.posted_on)
    )
    return dict(session.execute(query).all())


def _take(desk: Desk, step: tuple[str, Any, Any], invoice: int) -> None:
    what, one, two = step
    if what == "pay":
        paid(desk, one, "USCO", rate=two)
        return
    if what == "arrive":
        paid(desk, one, "USCO", arrived=two)
        return
    if what == "credit":
        line = keys(desk, "invoice", invoice)[0]
        desk.do(credit_invoice, invoice, "too dear", quantities={line: D(1)})
        return
    payments = desk.ask(lambda s: list(s.execute(sa.select(Payment.id).where(Payment.amount > 0)).scalars()))
    if payments:
        key = payments[one % len(payments)]
        if what == "undo":
            desk.do(unapply, key)
        elif what == "use":
            desk.do(apply_credit, payment_id=key)
        else:
            desk.do(reverse_payment, key, "bounced")


@settings(max_examples=12, deadline=None)
@given(rate=_rate, steps=st.lists(_step, min_size=1, max_size=8))
def test_the_receivables_account_is_what_is_open_and_exchange_closes_the_difference_on_every_day(rate, steps):
    with TemporaryDirectory() as folder:
        store = Store.open(f"{folder}/books.sqlite", clock=lambda: NOW)
        try:
            desk = open_books(store)
            desk.today = START
            desk.do(save_party, PartySetup("USCO", "Bay Tools", currency="USD", term="HALF"))
            desk.do(save_rate, "USD", rate)
            order = ordered(desk, ("FREIGHT", 7, "71.43"), customer="USCO")
            desk.do(ship_order, order.order_id)
            invoice = desk.do(invoice_order, order.order_id).invoice_id
            for step in steps:
                desk.next_day()
                try:
                    _take(desk, step, invoice)
                except TradeError:
                    pass  # refused: nothing happened

            booked, gained = desk.ask(_balances, AccountRole.RECEIVABLE), desk.ask(_balances, AccountRole.EXCHANGE)
            for n in range((desk.today - START).days + 1):
                day = START + timedelta(days=n)
                stands = sum((amount for on, amount in booked.items() if on <= day), D(0))
                assert sum((row.total for row in desk.ask(aged, as_of=day)), D(0)) == stands
            items = desk.ask(lambda s: s.execute(sa.select(ReceivableItem.amount, ReceivableItem.base_amount,
                                                           ReceivableItem.open, ReceivableItem.base_open)).all())  # fmt: skip
            assert sum(item.base_open for item in items) == sum(booked.values(), D(0))
            # what came and went at its worth, less what is still open, is what exchange has
            assert sum(item.base_amount for item in items) - sum(item.base_open for item in items) == sum(
                gained.values(), D(0)
            )
            assert all(item.base_open == 0 for item in items if item.open == 0)
            desk.holds()
        finally:
            store.close()
