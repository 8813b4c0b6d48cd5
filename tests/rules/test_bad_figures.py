"""A figure that the books cannot hold is refused in words, whichever door it comes by."""

from collections.abc import Iterator
from decimal import Decimal as D

import pytest

from o2c_tui.errors import BadValueError, TradeError
from o2c_tui.services.by_json import call
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.ordering import save_order
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.paying import receive_payment
from o2c_tui.services.quoting import save_quotation
from o2c_tui.services.receiving import ReceiptDraft, ReceiptLineDraft, receive_goods
from o2c_tui.services.setup import ItemSetup, save_item
from o2c_tui.services.shipping import ship_order
from o2c_tui.services.tax_codes import TaxSetup, TermSetup, save_tax, save_term
from o2c_tui.storage.store import Store
from tests.conftest import NOW
from tests.makers import Desk, open_books, ordered, paid, receive

SAID = "Line 1: |discount|no number|too large|decimals"  # at the door, or by the verb
BAD = [D("NaN"), D("sNaN"), D("Infinity"), D("-Infinity"), D("-1"), D("1E+309"), D(10) ** 18, D("0.0000001")]


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Iterator[Desk]:
    """One set of books for all: a refusal leaves no trace in them."""
    store = Store.open(str(tmp_path_factory.mktemp("books") / "books.sqlite"), clock=lambda: NOW, who="ada")
    yield open_books(store)
    store.close()


@pytest.mark.parametrize("bad", BAD, ids=str)
@pytest.mark.parametrize("field", ["quantity", "unit_price", "discount_percent", "discount_amount"])
def test_no_line_takes_a_figure_beyond_the_books(desk, field, bad):
    line = LineDraft(**{"item": "BOLT", "unit_price": D(1), field: bad})
    with pytest.raises(BadValueError, match=SAID):
        desk.do(save_order, DocumentDraft("ACME", (line,)))


@pytest.mark.parametrize("bad", BAD, ids=str)
@pytest.mark.parametrize("field", ["discount_percent", "discount_amount"])
def test_no_document_takes_a_discount_beyond_the_books(desk, field, bad):
    with pytest.raises(BadValueError, match=SAID):
        desk.do(save_quotation, DocumentDraft("ACME", (LineDraft("BOLT", D(1)),), **{field: bad}))


@pytest.mark.parametrize("bad", [*BAD, D(0)], ids=str)
def test_no_payment_of_nothing_or_beyond_the_books(desk, bad):
    with pytest.raises(BadValueError):
        paid(desk, bad)


@pytest.mark.parametrize("bad", BAD, ids=str)
@pytest.mark.parametrize("field", ["quantity", "unit_cost"])
def test_no_receipt_takes_a_figure_beyond_the_books(desk, field, bad):
    line = ReceiptLineDraft(**{"item": "BOLT", "quantity": D(1), "unit_cost": D(1), field: bad})
    with pytest.raises(BadValueError, match=SAID):
        desk.do(receive_goods, ReceiptDraft((line,)))


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_no_master_record_takes_a_figure_beyond_the_books(desk, bad):
    part = {"kind": "fixed", "value": str(bad)}
    for verb, setup in (
        (save_item, ItemSetup("NEW", "New", sale_price=bad)),
        (save_party, PartySetup("NEW", "New", credit_limit=bad)),
        (save_tax, TaxSetup("NEW", "New", {desk.today: bad})),
        (save_term, TermSetup("NEW", "New", (part, {"kind": "rest"}))),
    ):
        with pytest.raises(BadValueError):
            desk.do(verb, setup)


def test_the_sum_of_many_large_lines_is_refused_before_it_overflows(desk):
    line = LineDraft("BOLT", D(10) ** 9, D(10) ** 10)
    with pytest.raises(BadValueError, match="more than the books hold"):
        desk.do(save_order, DocumentDraft("ACME", (line,)))
    with pytest.raises(BadValueError, match="more than the books hold"):
        desk.do(receive_goods, ReceiptDraft((ReceiptLineDraft("BOLT", D(10) ** 9, D(10) ** 10),)))


@pytest.mark.parametrize("bad", ["NaN", "-1", "1e309", "0.0000001", "x", "", None, []], ids=repr)
def test_quantities_by_json_are_figures(desk, bad):
    receive(desk, "BOLT", 10)
    order = ordered(desk, ("BOLT", 4))

    def ship(session, **given):
        return call(session, ship_order, {"order_id": order.number, "quantities": {"1": bad}}, **given)

    with pytest.raises(TradeError):
        desk.store.write_now(ship, by="ada", today=desk.today)
    desk.holds()


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e309", "x", "", [], {}], ids=repr)
def test_an_amount_by_json_is_a_figure(desk, amount):
    def pay(session, **given):
        return call(session, receive_payment, {"draft": {"customer": "ACME", "amount": amount}}, **given)

    with pytest.raises(TradeError):
        desk.store.write_now(pay, by="ada", today=desk.today, now=desk.store.clock())
