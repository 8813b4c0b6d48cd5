"""Collective invoices: whatever was delivered, sent back and billed otherwise, month by month all is billed once."""

from datetime import date, timedelta
from decimal import Decimal as D
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from o2c_tui.errors import TradeError
from o2c_tui.models.delivery import Delivery, DeliveryLine
from o2c_tui.models.invoice import Invoice, InvoiceLine
from o2c_tui.models.order import SalesOrder
from o2c_tui.queries.collective import to_bill
from o2c_tui.rules.rhythm import month_over
from o2c_tui.services.collective import invoice_period
from o2c_tui.services.drafting import LineDraft
from o2c_tui.services.each import Job, do_each
from o2c_tui.services.exchanging import save_rate
from o2c_tui.services.invoicing import invoice_order
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.shipping import return_goods
from tests.makers import Desk, delivered, keys, open_books, ordered, receive
from tests.ready import NOW, new_store

START = date(2026, 9, 25)
_line = st.tuples(
    st.sampled_from(["VAT20", "VAT5", "INC20"]),
    st.integers(1, 9),
    st.integers(1, 99_999).map(lambda n: D(n).scaleb(-3)),
)
_sale = st.fixed_dictionaries(
    {
        "customer": st.sampled_from(["ACME", "USCO"]),
        "lines": st.lists(_line, min_size=1, max_size=3),
        "term": st.sampled_from(["30D", "HALF"]),
        "wait": st.integers(0, 25),
        "first": st.integers(1, 9),
        "then": st.sampled_from(["rest", "rest", "return", "bill", "nothing"]),
    }
)  # fmt: skip


def _sell(desk: Desk, sale: dict[str, Any]) -> None:
    lines = [LineDraft("BOLT", D(n), price, tax_code=code) for code, n, price in sale["lines"]]
    order = ordered(desk, *lines, customer=sale["customer"], term=sale["term"])
    gone = delivered(desk, order, *(min(sale["first"], n) for _code, n, _price in sale["lines"]))
    if sale["then"] == "return":
        desk.do(return_goods, gone.delivery_id, {keys(desk, "delivery", gone.delivery_id)[0]: D(1)})
    if sale["then"] == "bill":
        desk.do(invoice_order, order.order_id)
    if sale["then"] in ("rest", "return"):
        desk.next_day(sale["wait"])
        try:
            delivered(desk, order)
        except TradeError:
            pass  # nothing was left


def _billed(session: Any) -> list[Any]:
    """Each delivery line: what left for good, what its own figure says of billing, and what invoices bill of it."""
    lines = session.execute(sa.select(Delivery.shipped_on, DeliveryLine).join(DeliveryLine)).all()
    billed: dict[int, D] = {}
    for key, quantity in session.execute(sa.select(InvoiceLine.delivery_line_id, InvoiceLine.quantity)):
        billed[key] = billed.get(key, D(0)) + quantity
    return [(on, x.quantity - x.returned, x.invoiced, billed.get(x.id, D(0))) for on, x in lines]


@settings(max_examples=8, deadline=None)
@given(sales=st.lists(_sale, min_size=1, max_size=5))
def test_everything_that_left_is_billed_once_month_by_month_and_the_sums_are_the_orders(sales):
    with TemporaryDirectory() as folder:
        store = new_store(f"{folder}/books.sqlite", clock=lambda: NOW)
        try:
            desk = open_books(store)
            desk.today = START
            desk.do(save_rate, "USD", D("0.9"))
            desk.do(save_party, PartySetup("ACME", "Acme Works", monthly_invoice=True))
            desk.do(save_party, PartySetup("USCO", "Bay Tools", currency="USD", monthly_invoice=True))
            receive(desk, "BOLT", 500)
            for sale in sales:
                _sell(desk, sale)
                desk.next_day(sale["wait"])
            posted, until = [], month_over(START)
            while until <= desk.today + timedelta(days=31):
                jobs = [Job(code, {"customer": code}) for code in ("ACME", "USCO")]
                words = {"until": until, "by": "ada", "today": desk.today}
                for job in do_each(store, invoice_period, jobs, accepted=None, **words):
                    posted += job.result or ()
                assert all(left == said == told for on, left, said, told in desk.ask(_billed) if on <= until)
                assert desk.ask(to_bill, until=until) == ()
                until = month_over(until + timedelta(days=32))
            gross = {
                number: gross
                for number, gross in desk.ask(lambda s: s.execute(sa.select(Invoice.number, Invoice.gross)).all())
            }
            assert all(gross[one.number] == one.gross for one in posted)
            orders = desk.ask(
                lambda s: s.execute(sa.select(SalesOrder.gross, SalesOrder.delivery, SalesOrder.billing)).all()
            )
            if not any(sale["then"] == "return" for sale in sales) and all(o.delivery == "fully" for o in orders):
                assert sum(gross.values()) == sum(order.gross for order in orders)
            assert all(order.billing == "fully" for order in orders if order.delivery == "fully")
            desk.holds()
        finally:
            store.close()
