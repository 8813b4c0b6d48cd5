"""Supplier bills, later costs, returns to suppliers: docs/rules/purchasing.md and fifo.md, every figure by hand."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import (
    BadValueError,
    ConflictError,
    DateOrderError,
    MissingValueError,
    NotFoundError,
    OverQuantityError,
    ShortStockError,
    UnseenWarningError,
    WrongStateError,
)
from o2c_tui.models.item import Item, Warehouse
from o2c_tui.models.ledger import AccountRole
from o2c_tui.models.purchase import BillKind, ChargeBasis
from o2c_tui.models.stock import MoveKind
from o2c_tui.queries.lists import page
from o2c_tui.queries.margin import cost_of_no_order, order_margins
from o2c_tui.queries.stock import card, stock_on
from o2c_tui.queries.unbilled import unbilled_receipts
from o2c_tui.queries.valuation import inventory_account, layers_on
from o2c_tui.queries.verify_ledger import account_balance
from o2c_tui.services.bill_draft import BillDraft, BillLineDraft, ChargeDraft
from o2c_tui.services.billing import delete_bill, enter_bill, post_bill, save_bill, write_bill
from o2c_tui.services.costing import Out, carry_over, take_out
from o2c_tui.services.exchanging import save_rate
from o2c_tui.services.invoicing import invoice_order
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.posting import post_journal
from o2c_tui.services.receiving import cancel_receipt, receive_purchase
from o2c_tui.services.setup import ItemSetup, save_item
from o2c_tui.services.shipping import return_goods, ship_order
from o2c_tui.services.supplier_returns import return_to_supplier
from o2c_tui.storage.chain import record
from tests.makers import TODAY, booked, delivered, keys, layers, open_books, ordered, purchased, receive


def _received(desk, *wanted, **head):
    """Goods bought and in, and the receipt that brought them."""
    return desk.do(receive_purchase, purchased(desk, *wanted, **head))


def _billed(desk, *lines, charges=(), **head):
    return desk.do(enter_bill, BillDraft("ISAR", lines, charges, **head))


def _goods(receipt, line=1, quantity=None, price=None, **more):
    number = receipt if isinstance(receipt, str) else receipt.number
    return BillLineDraft(number, line, D(quantity) if quantity else None, D(price) if price else None, **more)


def _sent_back(desk, receipt, *parts, **more):
    quantities = dict(zip(keys(desk, "receipt", receipt.id), map(D, parts), strict=False))
    return desk.do(return_to_supplier, receipt.id, quantities, "rust", **more)


def _not_billed(desk):
    return desk.ask(account_balance, AccountRole.GOODS_NOT_BILLED)


def _line(desk, receipt, line=1):
    row = desk.document("receipt", receipt.id).lines[line - 1]
    return row["billed"], row["returned"], row["cleared"]


# -- bills -------------------------------------------------------------------------------------------------------------


def test_a_bill_as_ordered_settles_the_receipt_and_moves_no_cost(store):
    desk = open_books(store)
    receipt = _received(desk, ("BOLT", 10, "4.00"))
    bill = desk.do(enter_bill, BillDraft("ISAR", receipts=(receipt.number,), supplier_number="R-1"))

    assert (bill.number, bill.gross, bill.to_stock, bill.to_cost) == ("BILL26-0001", D("48.00"), 0, 0)
    ledger = {"2050": D("40.00"), "1450": D("8.00"), "2000": D("-48.00")}
    assert booked(desk, "supplier_bill", bill.bill_id) == ledger
    shown = desk.document("bill", bill.bill_id)
    assert (shown.head["due_on"], shown.lines[0]["receipt"]) == (TODAY + timedelta(days=30), "GR26-0001/1")
    assert _not_billed(desk) == 0
    assert (
        str(desk.document("purchase", 1).head["billing"]) == str(desk.document("receipt", 1).head["billing"]) == "fully"
    )
    with pytest.raises(MissingValueError, match="Nothing of GR26-0001 is left to bill"):
        desk.do(enter_bill, BillDraft("ISAR", receipts=(receipt.number,)))
    desk.holds()


def test_a_price_difference_goes_onto_what_is_there_and_into_cost_of_sales_for_what_is_sold(store):
    desk = open_books(store)
    receipt = _received(desk, ("BOLT", 10, "4.00"))
    order = ordered(desk, ("BOLT", 5))
    delivered(desk, order)
    desk.do(invoice_order, order.order_id)
    bill = _billed(desk, _goods(receipt, price="4.33"))

    # 10 × 0.33 = 3.30 more: 5 of 10 are there
    assert (bill.to_stock, bill.to_cost) == (D("1.65"), D("1.65"))
    assert layers(desk) == [(5, D("21.65"))]
    assert booked(desk, "supplier_bill", bill.bill_id) == {
        "2050": D("40.00"), "1450": D("8.66"), "1400": D("1.65"), "5000": D("1.65"), "2000": D("-51.96"),
    }  # fmt: skip
    (row,) = desk.ask(order_margins)
    assert (row.invoiced, row.cost, row.margin) == (D("50.00"), D("21.65"), D("28.35"))
    assert desk.ask(account_balance, AccountRole.COST_OF_SALES) == row.cost
    (share,) = desk.document("bill", bill.bill_id).lines[0]["shares"]
    assert (share.receipt, share.amount, share.to_stock, share.to_cost) == (
        "GR26-0001/1",
        D("3.30"),
        D("1.65"),
        D("1.65"),
    )
    desk.holds()


def test_an_odd_cent_of_a_difference_is_lost_nowhere(store):
    desk = open_books(store)
    receipt = _received(desk, ("BOLT", 3, "4.00"))
    delivered(desk, ordered(desk, ("BOLT", 1)))
    delivered(desk, ordered(desk, ("BOLT", 1)))
    bill = _billed(desk, _goods(receipt, amount=D("12.02")))

    assert (bill.to_stock, bill.to_cost) == (D("0.01"), D("0.01"))  # 0.02 over three bolts: the first parts take a cent
    assert [row.cost for row in desk.ask(order_margins)] == [D("4.00"), D("4.01")]
    desk.holds()


def test_a_cheaper_bill_takes_off_and_never_below_nothing(store):
    desk = open_books(store)
    receipt = _received(desk, ("BOLT", 4, "1.00"))
    delivered(desk, ordered(desk, ("BOLT", 1)))
    bill = _billed(desk, _goods(receipt, amount=D("0.00")))
    assert (bill.to_stock, bill.to_cost, layers(desk)) == (D("-3.00"), D("-1.00"), [(3, 0)])
    assert booked(desk, "supplier_bill", bill.bill_id) == {"2050": D("4.00"), "1400": D("-3.00"), "5000": D("-1.00")}
    desk.holds()


def test_freight_is_shared_by_weight_over_two_receipts(store):
    desk = open_books(store)
    desk.do(save_item, ItemSetup("BOLT", "Hex bolt", weight=D("0.5")))
    desk.do(save_item, ItemSetup("NUT", "Hex nut", weight=D("0.01")))
    first, second = _received(desk, ("BOLT", 10, "4.00")), _received(desk, ("NUT", 100, "0.05"), ("BOLT", 2, "4.00"))
    delivered(desk, ordered(desk, ("NUT", 50)))
    desk.do(save_party, PartySetup("ROAD", "Road Runners", is_customer=False, is_supplier=True, tax_code="VAT20"))
    freight = ChargeDraft("Freight", D("21.00"), (first.number, second.number), ChargeBasis.WEIGHT)
    bill = desk.do(enter_bill, BillDraft("ROAD", charges=(freight,)))

    # 5 kg, 1 kg and 1 kg: 15.00, 3.00 (half of the nuts are sold) and 3.00
    shares = desk.document("bill", bill.bill_id).lines[0]["shares"]
    assert [(share.receipt, share.to_stock, share.to_cost) for share in shares] == [
        ("GR26-0001/1", D("15.00"), 0),
        ("GR26-0002/1", D("1.50"), D("1.50")),
        ("GR26-0002/2", D("3.00"), 0),
    ]
    assert layers(desk) == [(10, D("55.00")), (2, D("11.00"))]
    assert _not_billed(desk) == D("-53.00")  # freight settles nothing of it
    assert {link.kind for link in desk.document("bill", bill.bill_id).chain} == {"purchase", "receipt", "bill"}
    desk.holds()


@pytest.mark.parametrize(
    ("basis", "parts"),
    [(ChargeBasis.VALUE, ["8.00", "2.00"]), (ChargeBasis.QUANTITY, ["0.91", "9.09"])],
)
def test_a_charge_is_shared_by_value_or_quantity_to_the_cent(store, basis, parts):
    desk = open_books(store)
    receipt = _received(desk, ("BOLT", 10, "4.00"), ("NUT", 100, "0.10"))
    bill = _billed(desk, charges=(ChargeDraft("Duty", D("10.00"), (receipt.number,), basis),))
    assert [
        str(share.amount.quantize(D("0.01"))) for share in desk.document("bill", bill.bill_id).lines[0]["shares"]
    ] == parts
    desk.holds()


def test_a_charge_over_one_line_and_one_without_weight(store):
    desk = open_books(store)
    receipt = _received(desk, ("BOLT", 10, "4.00"), ("NUT", 100, "0.10"))
    _billed(desk, charges=(ChargeDraft("Duty", D("5.00"), (f"{receipt.number}/2",)),))
    assert (layers(desk), layers(desk, "NUT")) == ([(10, D("40.00"))], [(100, D("15.00"))])
    with pytest.raises(BadValueError, match="no weight to share 'Freight' by"):
        _billed(desk, charges=(ChargeDraft("Freight", D("5.00"), (receipt.number,), ChargeBasis.WEIGHT),))
    desk.holds()


def test_a_foreign_bill_has_a_rate_of_its_own_and_the_difference_is_cost(store):
    desk = open_books(store)
    receipt = _received(desk, ("BOLT", 10, "5.00"), currency="USD", rate=D("0.90"))
    delivered(desk, ordered(desk, ("BOLT", 4)))
    bill = _billed(desk, _goods(receipt), rate=D("0.95"))

    # taken in for 45.00, billed 50.00 USD at 0.95 = 47.50
    assert (bill.gross, bill.to_stock, bill.to_cost) == (D("60.00"), D("1.50"), D("1.00"))
    assert booked(desk, "supplier_bill", bill.bill_id) == {
        "2050": D("45.00"), "1450": D("9.50"), "1400": D("1.50"), "5000": D("1.00"), "2000": D("-57.00"),
    }  # fmt: skip
    desk.holds()


def test_a_foreign_bill_takes_the_rate_of_its_date_and_without_one_that_of_the_order(store):
    desk = open_books(store)
    receipt = _received(desk, ("BOLT", 10, "5.00"), currency="USD", rate=D("0.90"))
    plain = _billed(desk, _goods(receipt, quantity="2"))
    desk.do(save_rate, "USD", D("0.95"))
    bill = _billed(desk, _goods(receipt, quantity="4"), supplier_number="R-2")
    typed = _billed(desk, _goods(receipt, quantity="4"), supplier_number="R-3", rate=D("0.91"))

    rates = [desk.document("bill", one.bill_id).head["rate"] for one in (plain, bill, typed)]
    assert rates == [D("0.90"), D("0.95"), D("0.91")]
    assert bill.to_stock == D("1.00")  # 20.00 USD were taken in for 18.00
    desk.holds()


def test_partial_bills_settle_the_receipt_to_the_last_cent(store):
    desk = open_books(store)
    receipt = _received(desk, ("BOLT", 3, "3.335"))  # 10.01 (10.005)
    for quantity, cleared in (("1", "3.34"), ("1", "6.68"), ("1", "10.01")):
        _billed(desk, _goods(receipt, quantity=quantity))
        assert _line(desk, receipt)[2] == D(cleared)
    assert _not_billed(desk) == 0
    desk.holds()


def test_nothing_is_billed_twice_or_for_another(store):
    desk = open_books(store)
    receipt = _received(desk, ("BOLT", 10, "4.00"))
    _billed(desk, _goods(receipt, quantity=7))
    with pytest.raises(OverQuantityError, match="Line 1: 3 of GR26-0001/1 can be billed, 4 was asked for"):
        _billed(desk, _goods(receipt, quantity=4))
    with pytest.raises(BadValueError, match="stands twice"):
        _billed(desk, _goods(receipt, quantity=1), _goods(receipt, quantity=1))
    with pytest.raises(NotFoundError, match="GR26-0001 has no line 2"):
        _billed(desk, _goods(receipt, line=2))
    with pytest.raises(BadValueError, match="GR26-0001 came from another supplier"):
        desk.do(enter_bill, BillDraft("ACME", (_goods(receipt),)))
    with pytest.raises(BadValueError, match="PO26-0001 is in EUR"):
        _billed(desk, _goods(receipt), currency="USD", rate=D(1))
    with pytest.raises(MissingValueError, match="Give what is billed"):
        _billed(desk)
    drafts = [desk.do(save_bill, BillDraft("ISAR", (_goods(receipt),))).id for _ in range(2)]
    desk.do(post_bill, drafts[0])
    with pytest.raises(OverQuantityError, match="0 is left"):
        desk.do(post_bill, drafts[1])
    desk.do(delete_bill, drafts[1])
    desk.holds()


def test_the_suppliers_number_said_twice_is_a_warning(store):
    desk = open_books(store)
    receipt = _received(desk, ("BOLT", 10, "4.00"))
    _billed(desk, _goods(receipt, quantity=1), supplier_number="R-1")
    with pytest.raises(UnseenWarningError) as told:
        desk.do(save_bill, BillDraft("ISAR", (_goods(receipt),), supplier_number="r-1"), accepted=())
    assert [notice.said() for notice in told.value.notices] == [
        "Isar Metal has billed as r-1 before: BILL26-0001 of 2026-11-24 over 4.80."
    ]


def test_the_tax_is_that_of_the_paper(store):
    desk = open_books(store)
    receipt = _received(desk, ("BOLT", 10, "4.01"))
    with pytest.raises(UnseenWarningError):
        desk.do(save_bill, BillDraft("ISAR", (_goods(receipt),), tax=D("9.00")), accepted=())
    bill = desk.do(enter_bill, BillDraft("ISAR", (_goods(receipt),), tax=D("8.03")), accepted=())
    assert (bill.gross, booked(desk, "supplier_bill", bill.bill_id)["1450"]) == (D("48.13"), D("8.03"))
    desk.holds()


# -- where the goods are -----------------------------------------------------------------------------------------------


def _ids(session: Session):
    item = session.exec(select(Item.id).where(Item.code == "BOLT")).one()
    return item, dict(session.execute(sa.select(col(Warehouse.code), col(Warehouse.id))).all())


def _carry(session: Session, quantity, source, target, *, by, today):
    """Bolts from one warehouse into another, as transfers carry them."""
    item, places = _ids(session)
    told = carry_over(
        session, [Out(1, item, D(quantity))], kind=MoveKind.DISPATCH,
        source_id=places[source], target_id=places[target], on=today, digits=2,
    )  # fmt: skip
    record(session, "carry", session.get_one(Warehouse, places[source]), by=by, facts=told.facts)


def _lose(session: Session, quantity, place, *, by, today):
    """Bolts that are not there any more, as a count finds."""
    from o2c_tui.models.ledger import SourceKind

    item, places = _ids(session)
    told = take_out(
        session, [Out(1, item, D(quantity))], kind=MoveKind.COUNT, warehouse_id=places[place], on=today, digits=2
    )
    legs = [(AccountRole.STOCK_DIFFERENCES, None, told.values[1]), (AccountRole.INVENTORY, None, -told.values[1])]
    facts = [*told.facts, *post_journal(session, SourceKind.STOCKTAKE, 1, today, legs)]
    record(session, "lose", session.get_one(Warehouse, places[place]), by=by, facts=facts)


def test_goods_are_followed_into_other_warehouses_and_lost_ones_are_stock_differences(store):
    desk = open_books(store)
    receipt = _received(desk, ("BOLT", 10, "4.00"))
    desk.do(_carry, 6, "MAIN", "SHOP")
    desk.do(_carry, 1, "SHOP", "MAIN")
    desk.do(_lose, 2, "SHOP")
    delivered(desk, ordered(desk, ("BOLT", 3)))
    bill = _billed(desk, _goods(receipt, price="5.00"))

    # 10.00 more over 10: main has 1 of the 4 that stayed and the 1 that came back, the shop 3; 3 are sold, 2 lost
    assert {line.warehouse: (line.on_hand, line.value) for line in desk.ask(stock_on)} == {
        "MAIN": (2, D("10.00")),
        "SHOP": (3, D("15.00")),
    }
    told = booked(desk, "supplier_bill", bill.bill_id)
    assert (told["1400"], told["5000"], told["5100"]) == (D("5.00"), D("3.00"), D("2.00"))
    assert desk.ask(order_margins)[0].cost == D("15.00")
    desk.holds()


def test_what_a_customer_sent_back_is_there_again(store):
    desk = open_books(store)
    receipt = _received(desk, ("BOLT", 10, "4.00"))
    gone = delivered(desk, ordered(desk, ("BOLT", 6)))
    desk.do(return_goods, gone.delivery_id, {keys(desk, "delivery", gone.delivery_id)[0]: D(2)})
    bill = _billed(desk, _goods(receipt, price="5.00"))
    assert (bill.to_stock, bill.to_cost, layers(desk)) == (D("6.00"), D("4.00"), [(6, D("30.00"))])
    desk.holds()


def test_a_past_day_keeps_its_value_and_stock_does_not_leave_before_it_was_revalued(store):
    desk = open_books(store)
    receipt = _received(desk, ("BOLT", 10, "4.00"))
    desk.next_day(3)
    _billed(desk, _goods(receipt, price="5.00"))
    for day, value in ((TODAY, D("40.00")), (TODAY + timedelta(days=2), D("40.00")), (desk.today, D("50.00"))):
        assert desk.ask(inventory_account, day) == sum(line.value for line in desk.ask(layers_on, day)) == value
    order = ordered(desk, ("BOLT", 1))
    with pytest.raises(DateOrderError, match="BOLT was billed at another cost on 2026-11-27"):
        desk.do(ship_order, order.order_id, shipped_on=TODAY)
    newest = desk.ask(card, 1).moves[0]
    assert (newest.kind, newest.document_kind, newest.number) == ("revaluation", "bill", "BILL26-0001")


def test_a_bill_dated_before_the_goods_came_is_posted_on_the_day_they_did(store):
    desk = open_books(store)
    purchase = purchased(desk, ("BOLT", 10, "4.00"))
    desk.next_day(5)
    receipt = desk.do(receive_purchase, purchase)
    _billed(desk, _goods(receipt, price="5.00"), billed_on=TODAY)
    assert desk.ask(inventory_account, TODAY) == 0
    assert desk.ask(inventory_account, desk.today) == D("50.00")
    desk.holds()


# -- goods sent back, credits ------------------------------------------------------------------------------------------


def test_goods_sent_back_before_the_bill_are_not_billed(store):
    desk = open_books(store)
    receive(desk, "BOLT", 5, "3.00")  # older, and not what goes back
    receipt = _received(desk, ("BOLT", 10, "4.00"))
    back = _sent_back(desk, receipt, 3)

    assert (back.cost, back.value) == (D("12.00"), D("12.00"))
    assert layers(desk) == [(5, D("15.00")), (7, D("28.00"))]
    assert booked(desk, "supplier_return", back.supplier_return_id) == {"2050": D("12.00"), "1400": D("-12.00")}
    bill = desk.do(enter_bill, BillDraft("ISAR", receipts=(receipt.number,)))
    assert (bill.gross, _line(desk, receipt)) == (D("33.60"), (7, 3, D("40.00")))
    assert _not_billed(desk) == D("-15.00")  # what was received without an order
    assert str(desk.document("purchase", 1).head["billing"]) == "fully"
    desk.holds()


def test_goods_sent_back_after_the_bill_are_credited(store):
    desk = open_books(store)
    receipt = _received(desk, ("BOLT", 10, "4.00"))
    _billed(desk, _goods(receipt, price="4.50"))
    back = _sent_back(desk, receipt, 2)

    # out at 9.00, taken in for 8.00: what the bill had added is cost of sales until the credit gives it back
    assert (back.cost, back.value, _not_billed(desk)) == (D("9.00"), D("8.00"), D("8.00"))
    assert desk.ask(cost_of_no_order) == desk.ask(account_balance, AccountRole.COST_OF_SALES) == D("1.00")
    credit = desk.do(enter_bill, BillDraft("ISAR", kind=BillKind.CREDIT, supplier_return=back.number))
    assert credit.gross == D("10.80")
    assert booked(desk, "supplier_bill", credit.bill_id) == {
        "2050": D("-8.00"), "1450": D("-1.80"), "5000": D("-1.00"), "2000": D("10.80"),
    }  # fmt: skip
    assert (_not_billed(desk), desk.ask(cost_of_no_order), layers(desk)) == (0, 0, [(8, D("36.00"))])
    with pytest.raises(MissingValueError, match="Give what is billed"):
        desk.do(enter_bill, BillDraft("ISAR", kind=BillKind.CREDIT, supplier_return=back.number))
    desk.holds()


def test_billed_whole_though_some_went_back_waits_for_the_credit_to_the_cent(store):
    desk = open_books(store)
    receipt = _received(desk, ("BOLT", 10, "10.005"))  # 100.05
    back = _sent_back(desk, receipt, 3)
    assert back.value == D("30.02")
    with pytest.raises(UnseenWarningError) as told:
        desk.do(enter_bill, BillDraft("ISAR", (_goods(receipt, quantity=10),)), accepted=())
    assert "3 of these goods went back" in told.value.notices[0].said()
    _billed(desk, _goods(receipt, quantity=10))
    assert (_line(desk, receipt), _not_billed(desk)) == ((10, 3, D("130.07")), D("30.02"))
    first = _goods(receipt, quantity=1)
    desk.do(enter_bill, BillDraft("ISAR", (first,), kind=BillKind.CREDIT, supplier_return=back.number))
    desk.do(enter_bill, BillDraft("ISAR", kind=BillKind.CREDIT, supplier_return=back.number))
    assert (_line(desk, receipt), _not_billed(desk)) == ((7, 3, D("100.05")), 0)
    desk.holds()


def test_goods_whose_own_layer_is_sold_go_back_out_of_the_oldest(store):
    desk = open_books(store)
    receipt = _received(desk, ("BOLT", 4, "4.00"))
    delivered(desk, ordered(desk, ("BOLT", 3)))
    receive(desk, "BOLT", 5, "6.00")
    back = _sent_back(desk, receipt, 2)
    assert (back.cost, back.value) == (D("10.00"), D("8.00"))  # one of its own, one of the next
    assert booked(desk, "supplier_return", back.supplier_return_id)["5000"] == D("2.00")
    with pytest.raises(OverQuantityError, match="Line 1: 2 did not go back yet, 3 was to be sent back"):
        _sent_back(desk, receipt, 3)
    ordered(desk, ("BOLT", 4))
    with pytest.raises(ShortStockError, match="SO26-0002"):
        _sent_back(desk, receipt, 1)
    desk.holds()


def test_a_credit_without_goods_opens_what_was_billed_or_takes_off_the_layers(store):
    desk = open_books(store)
    receipt = _received(desk, ("BOLT", 10, "4.00"))
    delivered(desk, ordered(desk, ("BOLT", 5)))
    _billed(desk, _goods(receipt, price="5.00"))
    undone = _billed(desk, _goods(receipt), kind=BillKind.CREDIT)  # as it was billed: the exact inverse
    assert (undone.to_stock, undone.to_cost, _line(desk, receipt)) == (D("-5.00"), D("-5.00"), (0, 0, 0))
    assert (layers(desk), _not_billed(desk)) == ([(5, D("20.00"))], D("-40.00"))
    _billed(desk, _goods(receipt))
    allowance = ChargeDraft("Allowance", D("3.00"), (receipt.number,))
    credit = _billed(desk, charges=(allowance,), kind=BillKind.CREDIT)
    assert (credit.to_stock, credit.to_cost, layers(desk)) == (D("-1.50"), D("-1.50"), [(5, D("18.50"))])
    assert [row.gross for row in desk.ask(page, "bill", "is:credit", today=TODAY)] == [D("3.60"), D("60.00")]
    desk.holds()


def test_an_allowance_beyond_what_the_goods_are_worth_is_said_and_leaves_nothing_negative(store):
    desk = open_books(store)
    receipt = _received(desk, ("BOLT", 10, "4.00"))
    allowance = BillDraft(
        "ISAR", charges=(ChargeDraft("Allowance", D("45.00"), (receipt.number,)),), kind=BillKind.CREDIT
    )
    with pytest.raises(UnseenWarningError) as told:
        desk.do(enter_bill, allowance, accepted=())
    assert "5 is taken off goods that are worth less" in told.value.notices[0].said()
    credit = desk.do(enter_bill, allowance)
    assert (credit.to_stock, credit.to_cost, layers(desk)) == (D("-40.00"), D("-5.00"), [(10, 0)])
    assert booked(desk, "supplier_bill", credit.bill_id)["5100"] == D("-5.00")
    desk.holds()


def test_a_billed_or_revalued_receipt_is_not_cancelled(store):
    desk = open_books(store)
    billed, revalued = _received(desk, ("BOLT", 10, "4.00")), _received(desk, ("NUT", 10, "4.00"))
    _billed(desk, _goods(billed, quantity=1))
    _billed(desk, charges=(ChargeDraft("Duty", D("1.00"), (revalued.number,)),))
    for receipt in (billed, revalued):
        with pytest.raises(WrongStateError, match="is sold, moved, billed or sent back in part"):
            desk.do(cancel_receipt, receipt.id, "wrong papers")


# -- margins and the ledger --------------------------------------------------------------------------------------------


def test_margins_and_what_is_of_no_order_add_up_to_the_ledger_on_every_day(store):
    desk = open_books(store)
    receipt = _received(desk, ("BOLT", 20, "4.00"))
    for quantity in (3, 4):
        order = ordered(desk, ("BOLT", quantity))
        delivered(desk, order)
        desk.do(invoice_order, order.order_id)
        desk.next_day()
    _billed(desk, _goods(receipt, price="4.37"), charges=(ChargeDraft("Freight", D("7.77"), (receipt.number,)),))
    desk.next_day()
    back = _sent_back(desk, receipt, 2)
    desk.next_day()
    desk.do(enter_bill, BillDraft("ISAR", kind=BillKind.CREDIT, supplier_return=back.number))
    _billed(desk, charges=(ChargeDraft("Duty", D("3.33"), (receipt.number,)),))

    for day in (TODAY + timedelta(days=n) for n in range(6)):
        rows = desk.ask(order_margins, as_of=day)
        revenue, cost = _on(desk, AccountRole.REVENUE, day), _on(desk, AccountRole.COST_OF_SALES, day)
        spent = sum((row.cost for row in rows), D(0)) + desk.ask(cost_of_no_order, as_of=day)
        assert (sum((row.invoiced for row in rows), D(0)), spent) == (-revenue, cost)
    desk.holds()


def _on(desk, role, day):
    from o2c_tui.models.base import AMOUNT
    from o2c_tui.models.ledger import Account, JournalEntry, JournalLine

    query = (
        sa.select(sa.func.sum(col(JournalLine.amount), type_=AMOUNT))
        .join(JournalEntry, col(JournalEntry.id) == col(JournalLine.entry_id))
        .join(Account, col(Account.id) == col(JournalLine.account_id))
        .where(col(Account.role) == role, col(JournalEntry.posted_on) <= day)
    )
    return desk.ask(lambda session: session.execute(query).scalar()) or D(0)


def test_a_bill_as_it_would_be_written_says_what_is_dearer_and_leaves_no_trace(store):
    desk = open_books(store)
    receipt = _received(desk, ("BOLT", 12, "3.50"), ("NUT", 100, "0.05"))
    draft = BillDraft(
        "ISAR",
        (_goods(receipt, 1, price="3.60"), _goods(receipt, 2, quantity=40)),
        (ChargeDraft("Freight", D(11), (receipt.number,), ChargeBasis.QUANTITY),),
    )
    found = store.preview_now(write_bill, draft, by="ada", today=TODAY).result
    assert [(line.receipt, line.item, line.net, line.difference) for line in found.lines] == [
        (f"{receipt.number}/1", "BOLT", D("43.20"), D("1.20")),
        (f"{receipt.number}/2", "NUT", D("2.00"), D(0)),
        ("", "", D("11.00"), D(0)),
    ]
    assert found.lines[2].over == (f"{receipt.number}/1", f"{receipt.number}/2")
    assert (found.net, found.tax, found.gross) == (D("56.20"), D("11.24"), D("67.44"))
    assert desk.ask(page, "bill", today=TODAY) == []
    assert [row.number for row in desk.ask(unbilled_receipts, "ISAR")] == [receipt.number]
    desk.holds()


def test_a_draft_bill_is_put_anew_and_posted_in_one_step(store):
    desk = open_books(store)
    receipt = _received(desk, ("BOLT", 12, "3.50"))
    saved = desk.do(save_bill, BillDraft("ISAR", (_goods(receipt, 1),)))
    anew = BillDraft("ISAR", (_goods(receipt, 1, quantity=5),))
    with pytest.raises(ConflictError):
        desk.do(enter_bill, anew, document_id=saved.id, version=saved.version + 1)
    done = desk.do(enter_bill, anew, document_id=saved.id, version=saved.version)
    assert (done.bill_id, done.gross) == (saved.id, D("21.00"))  # with its tax
    desk.holds()
