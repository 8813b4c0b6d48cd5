"""Deposit invoices, rule by rule. docs/rules/invoices.md, "Deposits"."""

from datetime import date
from decimal import Decimal as D

import pytest

from o2c_tui.errors import BadValueError, CreditLimitError, MissingValueError, OverQuantityError, WrongStateError
from o2c_tui.models.party import CreditMode
from o2c_tui.queries.exposure import exposure_of
from o2c_tui.queries.margin import order_margins
from o2c_tui.rules.tax_parts import groups_of
from o2c_tui.services.advances import use_advance
from o2c_tui.services.crediting import credit_invoice
from o2c_tui.services.deposits import deposit_invoice, draft_deposit
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.exchanging import save_rate
from o2c_tui.services.free_invoices import save_invoice
from o2c_tui.services.invoicing import draft_invoice, invoice_order, post_invoice
from o2c_tui.services.ordering import cancel_order
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.setup import change_company
from o2c_tui.services.shipping import ship_order
from o2c_tui.services.taking_back import undo_allocation
from o2c_tui.services.tax_codes import TaxPartSetup, TaxSetup, save_tax
from tests.makers import booked, delivered, keys, open_books, ordered, paid, receive, terms_of


def _order(desk, *more, **head):
    """100 bolts at 10.00: 1,000.00 net, 1,200.00 with 20 % VAT; half of them delivered where asked."""
    receive(desk, "BOLT", 200)
    return ordered(desk, ("BOLT", 100), *more, **head)


def test_a_deposit_is_a_liability_and_the_final_invoice_takes_it_off(store):
    desk = open_books(store)
    order = _order(desk)

    # 30 % of 1,200.00 is 360.00: 300.00 net and 60.00 tax
    deposit = desk.do(deposit_invoice, order.order_id, percent=D(30))
    assert (deposit.number, deposit.gross) == ("INV26-0001", D("360.00"))
    assert booked(desk, "invoice", deposit.invoice_id) == {"1200": D(360), "2100": D(-300), "2200": D(-60)}
    assert desk.ask(order_margins, order_id=order.order_id)[0].invoiced == 0
    desk.holds()

    paid(desk, "360.00")
    delivered(desk, order)
    final = desk.do(invoice_order, order.order_id)
    # 1,200.00 less 360.00
    assert (final.gross, final.open) == (D("840.00"), D("840.00"))
    assert booked(desk, "invoice", final.invoice_id) == {
        "1200": D(840), "4000": D(-1000), "2100": D(300), "2200": D(-140),
    }  # fmt: skip
    lines = desk.document("invoice", final.invoice_id).lines
    assert [(line["net"], line["tax"], line["description"]) for line in lines] == [
        (D(1000), D(200), "Hex bolt"), (D(-300), D(-60), "Less INV26-0001 of 2026-11-24"),
    ]  # fmt: skip
    assert desk.ask(order_margins, order_id=order.order_id)[0].invoiced == D(1000)
    assert desk.document("order", order.order_id).head["deposited"] == 0
    desk.holds()


def test_each_tax_of_the_order_bears_its_part_of_a_deposit(store):
    desk = open_books(store)
    # 1,000.00 at 20 % and 400.00 at 5 %: 1,200.00 + 420.00 = 1,620.00
    order = _order(desk, LineDraft("NUT", D(400), D("1.00"), tax_code="VAT5"))
    deposit = desk.do(deposit_invoice, order.order_id, amount=D("100.00"))
    # 100 × 1200/1620 = 74.07 (net 74.07/1.2 = 61.73), 100 × 420/1620 = 25.93 (net 25.93/1.05 = 24.70)
    lines = desk.document("invoice", deposit.invoice_id).lines
    assert [(line["tax_code"], line["net"], line["tax"]) for line in lines] == [
        ("VAT20", D("61.73"), D("12.34")), ("VAT5", D("24.70"), D("1.23")),
    ]  # fmt: skip
    desk.holds()


def test_part_invoices_take_a_deposit_off_as_early_as_they_can_and_no_more_than_it(store):
    desk = open_books(store)
    order = _order(desk)
    desk.do(deposit_invoice, order.order_id, percent=D(50))  # 600.00
    delivered(desk, order, 40)
    first = desk.do(invoice_order, order.order_id)  # 480.00, all of it paid ahead
    assert (first.gross, first.open) == (D("0.00"), D(0))
    delivered(desk, order)
    second = desk.do(invoice_order, order.order_id)  # 720.00 less the 120.00 that are left
    assert second.gross == D("600.00")
    desk.holds()


def test_a_draft_takes_off_what_is_billed_ahead_when_it_is_posted(store):
    desk = open_books(store)
    order = _order(desk)
    delivered(desk, order, 50)
    early = desk.do(draft_invoice, order_ids=[order.order_id])
    desk.do(deposit_invoice, order.order_id, amount=D("60.00"))
    delivered(desk, order)
    late = desk.do(
        draft_invoice, order_ids=[order.order_id], quantities={keys(desk, "order", order.order_id)[0]: D(50)}
    )
    assert desk.document("invoice", late).head["gross"] == D("540.00")
    assert desk.do(post_invoice, early).gross == D("540.00")
    assert desk.do(post_invoice, late).gross == D("600.00")  # the other draft was first
    desk.holds()


def test_no_more_is_billed_ahead_than_is_left_to_invoice(store):
    desk = open_books(store)
    order = _order(desk)
    desk.do(deposit_invoice, order.order_id, percent=D(60))
    with pytest.raises(OverQuantityError, match=r"SO26-0001: 480.00 is left to be billed ahead, 600.00 was asked for"):
        desk.do(draft_deposit, order.order_id, percent=D(50))
    draft = desk.do(draft_deposit, order.order_id, percent=D(40))
    desk.do(deposit_invoice, order.order_id, amount=D("0.01"))
    with pytest.raises(OverQuantityError, match=r"479.99 is left"):
        desk.do(post_invoice, draft)
    for wrong, words in (({}, "Say how much"), ({"percent": D(1), "amount": D(1)}, "not both")):
        with pytest.raises((MissingValueError, BadValueError), match=words):
            desk.do(draft_deposit, order.order_id, **wrong)
    for wrong in ({"percent": D(0)}, {"percent": D(101)}, {"amount": D(0)}, {"amount": D("0.001")}):
        with pytest.raises(BadValueError, match="must be more than 0"):
            desk.do(draft_deposit, order.order_id, **wrong)


def test_a_deposit_does_not_count_twice_towards_the_credit_limit(store):
    desk = open_books(store)
    terms_of(desk, credit_mode=CreditMode.HOLD, credit_limit=D(1200))
    order = _order(desk)
    customer = desk.document("order", order.order_id).head["customer_id"]
    assert desk.ask(exposure_of, customer) == D(1200)
    desk.do(deposit_invoice, order.order_id, percent=D(30))  # owed now instead of later
    assert desk.ask(exposure_of, customer) == D(1200)
    paid(desk, "360.00")
    assert desk.ask(exposure_of, customer) == D(840)
    delivered(desk, order)
    desk.do(invoice_order, order.order_id)
    assert desk.ask(exposure_of, customer) == D(840)
    with pytest.raises(CreditLimitError, match=r"would owe 1,320.00"):
        ordered(desk, ("BOLT", 40))


def test_a_deposit_is_credited_as_far_as_it_is_not_deducted(store):
    desk = open_books(store)
    order = _order(desk)
    deposit = desk.do(deposit_invoice, order.order_id, percent=D(50))
    delivered(desk, order, 40)
    desk.do(invoice_order, order.order_id)  # takes 480.00 of the 600.00
    (line,) = keys(desk, "invoice", deposit.invoice_id)
    with pytest.raises(OverQuantityError, match=r"100.00 before tax can still be credited"):
        desk.do(credit_invoice, deposit.invoice_id, "fewer goods", amounts={line: D("100.01")})
    note = desk.do(credit_invoice, deposit.invoice_id, "fewer goods")
    assert note.gross == D("120.00")
    assert booked(desk, "invoice", note.invoice_id) == {"1200": D(-120), "2100": D(100), "2200": D(20)}
    with pytest.raises(MissingValueError, match="Nothing of INV26-0001 is left to credit"):
        desk.do(credit_invoice, deposit.invoice_id, "again")
    assert desk.document("order", order.order_id).head["deposited"] == 0
    desk.holds()


def test_an_untouched_deposit_is_mirrored_and_its_order_may_end(store):
    desk = open_books(store)
    order = _order(desk)
    deposit = desk.do(deposit_invoice, order.order_id, percent=D(25))
    with pytest.raises(WrongStateError, match="Credit its deposit first"):
        desk.do(cancel_order, order.order_id)
    note = desk.do(credit_invoice, deposit.invoice_id, "called off")
    theirs, mine = booked(desk, "invoice", note.invoice_id), booked(desk, "invoice", deposit.invoice_id)
    assert theirs == {account: -amount for account, amount in mine.items()}
    desk.do(cancel_order, order.order_id)
    desk.holds()


def test_crediting_a_final_invoice_gives_its_deposit_back_to_be_deducted_again(store):
    desk = open_books(store)
    order = _order(desk)
    desk.do(deposit_invoice, order.order_id, percent=D(30))
    delivered(desk, order)
    final = desk.do(invoice_order, order.order_id)
    note = desk.do(credit_invoice, final.invoice_id, "wrong name", bill_again=True)
    assert note.gross == D("840.00")
    assert booked(desk, "invoice", note.invoice_id) == {
        account: -amount for account, amount in booked(desk, "invoice", final.invoice_id).items()
    }
    assert desk.document("order", order.order_id).head["deposited"] == D(360)
    desk.holds()
    assert desk.do(invoice_order, order.order_id).gross == D("840.00")
    desk.holds()


def test_what_is_invoiced_already_bears_nothing_of_a_later_deposit(store):
    desk = open_books(store)
    # 1,200.00 at 20 % are delivered and invoiced; 420.00 at 5 % are left
    order = _order(desk, LineDraft("FREIGHT", D(4), D("100.00"), tax_code="VAT5"))
    first, _ = keys(desk, "order", order.order_id)
    desk.do(ship_order, order.order_id, quantities={first: D(100)})
    desk.do(invoice_order, order.order_id)
    deposit = desk.do(deposit_invoice, order.order_id, amount=D("210.00"))
    assert [(x["tax_code"], x["net"], x["tax"]) for x in desk.document("invoice", deposit.invoice_id).lines] == [
        ("VAT5", D(200), D(10))
    ]
    with pytest.raises(OverQuantityError, match=r"210.00 is left to be billed ahead"):
        desk.do(deposit_invoice, order.order_id, amount=D("210.01"))
    delivered(desk, order)
    assert desk.do(invoice_order, order.order_id).gross == D("210.00")
    desk.holds()


def test_the_whole_of_an_order_in_cash_steps_may_be_asked_for_ahead(store):
    desk = open_books(store)
    desk.do(change_company, {"cash_step": D("0.05")})
    order = ordered(desk, LineDraft("FREIGHT", D(1), D("8.36")))  # 10.03, so 10.05
    for asked in ({"percent": D(100)}, {"amount": D("10.05")}):
        draft = desk.do(draft_deposit, order.order_id, **asked)
        head = desk.document("invoice", draft).head
        assert (head["net"], head["tax"], head["gross"]) == (D("8.36"), D("1.67"), D("10.05"))
    with pytest.raises(OverQuantityError, match=r"10.03 is left"):
        desk.do(draft_deposit, order.order_id, amount=D("10.10"))
    desk.do(post_invoice, draft)
    delivered(desk, order)
    final = desk.do(invoice_order, order.order_id)
    assert (final.gross, final.open) == (0, 0)
    desk.holds()


def test_a_deposit_takes_the_rate_of_its_own_day_and_is_deducted_at_it(store):
    desk = open_books(store)
    desk.do(save_party, PartySetup("USCO", "Bay Tools", currency="USD"))
    desk.do(save_rate, "USD", D("0.9"))
    order = ordered(desk, LineDraft("FREIGHT", D(10), D("100.00")), customer="USCO")  # USD 1,200.00
    desk.next_day()
    desk.do(save_rate, "USD", D("0.8"))
    deposit = desk.do(deposit_invoice, order.order_id, percent=D(50))  # USD 600.00, now worth 480.00
    assert booked(desk, "invoice", deposit.invoice_id) == {"1200": D(480), "2100": D(-400), "2200": D(-80)}
    typed = desk.do(deposit_invoice, order.order_id, amount=D("120.00"), rate=D(1))
    assert booked(desk, "invoice", typed.invoice_id) == {"1200": D(120), "2100": D(-100), "2200": D(-20)}
    desk.next_day()
    desk.do(save_rate, "USD", D("0.7"))
    delivered(desk, order)
    final = desk.do(invoice_order, order.order_id)
    # USD 480.00 left at 0.7: 336.00; sales are 400 + 100 as then, and the rest of 400 at 0.7
    assert final.gross == D("480.00")
    assert booked(desk, "invoice", final.invoice_id) == {
        "1200": D(336), "4000": D(-780), "2100": D(500), "2200": D(-56),
    }  # fmt: skip
    desk.holds()


def test_a_deposit_on_lines_of_several_taxes_takes_each_of_them_and_gives_each_back(store):
    desk = open_books(store)
    for code, rate in (("GST", "0.05"), ("QST", "0.09975")):
        desk.do(save_tax, TaxSetup(code, code, {date(2020, 1, 1): D(rate)}))
    desk.do(save_tax, TaxSetup("QC", "both", parts=(TaxPartSetup("GST"), TaxPartSetup("QST", compound=True))))
    free = LineDraft("FREIGHT", D(1), D(0), tax_code="QC")  # its taxes are nothing: no weight to share by
    order = ordered(desk, free, LineDraft("FREIGHT", D(3), D("10.00"), tax_code="QC"))
    bills = [desk.do(deposit_invoice, order.order_id, percent=D(73)).invoice_id]
    for part in ((1, 1), (0, 1), (0, 1)):
        delivered(desk, order, *part)
        bills.append(desk.do(invoice_order, order.order_id).invoice_id)

    def taxes(kind, key):
        return {group.code: group.tax for group in groups_of(desk.document(kind, key).lines)}

    told = [taxes("invoice", key) for key in bills]
    assert told[0] == {"GST": D("1.10"), "QST": D("2.29")}
    whole = taxes("order", order.order_id)
    assert {code: sum(part.get(code, D(0)) for part in told) for code in whole} == whole
    desk.holds()


def test_a_deposit_is_paid_by_what_was_paid_ahead_on_its_order(store):
    desk = open_books(store)
    order = _order(desk)
    paid(desk, "100.00", order=order.number)
    deposit = desk.do(deposit_invoice, order.order_id, percent=D(30))  # 360.00
    assert deposit.open == D("260.00")
    assert desk.document("order", order.order_id).head["paid_ahead"] == 0
    later = paid(desk, "300.00", order=order.number)  # it pays the deposit first, the rest waits for the final invoice
    assert (later.allocated, later.unapplied) == (D(260), D(40))
    delivered(desk, order)
    assert desk.do(invoice_order, order.order_id).open == D("800.00")
    desk.holds()


def test_what_came_after_an_invoice_was_posted_is_set_against_it_in_one_step(store):
    desk = open_books(store)
    order = _order(desk)
    deposit = desk.do(deposit_invoice, order.order_id, percent=D(30))
    money = paid(desk, "50.00", order=order.number, shares={})  # kept as credit on the order
    assert desk.do(use_advance, deposit.invoice_id) == D(50)
    assert desk.document("invoice", deposit.invoice_id).head["open"] == D(310)
    with pytest.raises(
        MissingValueError, match=r"Nothing that was paid ahead on SO26-0001 can be set against INV26-0001"
    ):
        desk.do(use_advance, deposit.invoice_id)
    desk.do(undo_allocation, money.number, deposit.number)
    desk.next_day()
    assert desk.do(use_advance, deposit.invoice_id) == D(50)
    free = desk.do(save_invoice, DocumentDraft("ACME", (LineDraft("FREIGHT"),)))
    with pytest.raises(WrongStateError):
        desk.do(use_advance, free.id)
    desk.holds()
