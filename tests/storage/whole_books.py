"""Books in which every table has rows, posted ones where the table has such."""

from datetime import timedelta
from decimal import Decimal as D

from o2c_tui.models.closing import ClosingKind
from o2c_tui.models.delivery import Disposition
from o2c_tui.models.item import ItemKind, Tracking
from o2c_tui.models.purchase import BillKind
from o2c_tui.models.receivable_adjustment import AdjustmentKind
from o2c_tui.rules.statements import Statement, StatementLine
from o2c_tui.services.adjusting import AdjustmentDraft, AdjustmentLineDraft, adjust_stock
from o2c_tui.services.amending import LineChange, amend_order
from o2c_tui.services.bank_matching import MatchPart, match_line
from o2c_tui.services.bank_undoing import undo_match
from o2c_tui.services.banking import BankAccountSetup, ignore_line, import_statements, save_bank_account
from o2c_tui.services.bill_draft import BillDraft, BillLineDraft, ChargeDraft
from o2c_tui.services.billing import enter_bill, save_bill
from o2c_tui.services.bins import save_location
from o2c_tui.services.closing import close_period, lock_period, tick_task, unlock
from o2c_tui.services.counting import count_lines, post_stocktake, start_stocktake
from o2c_tui.services.crediting import credit_invoice, return_and_credit
from o2c_tui.services.deposits import deposit_invoice
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.exchanging import save_rate
from o2c_tui.services.free_invoices import save_invoice
from o2c_tui.services.invoicing import invoice_deliveries, invoice_order, post_invoice
from o2c_tui.services.itemising import save_item_code, save_kit, save_reorder_rule, save_unit
from o2c_tui.services.keeping import keep_draft
from o2c_tui.services.ordering import hold_order, save_order
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.paying import PaymentDraft, apply_credit
from o2c_tui.services.placing import Spot
from o2c_tui.services.purchasing import (
    PurchaseDraft,
    PurchaseLineDraft,
    close_purchase,
    save_purchase,
    save_supplier_item,
    set_expected,
)
from o2c_tui.services.quoting import accept_quotation, decline_quotation, save_quotation
from o2c_tui.services.reasons import ReasonSetup, save_reason
from o2c_tui.services.receiving import ReceiptDraft, ReceiptLineDraft, cancel_receipt, receive_goods, receive_purchase
from o2c_tui.services.recurring import RecurringSetup, save_recurring, write_due
from o2c_tui.services.recurring_plans import end_recurring, pause_recurring, recur_document, resume_recurring
from o2c_tui.services.refunding import refund
from o2c_tui.services.replacing import replace_invoice
from o2c_tui.services.setup import ItemSetup, save_item, save_user
from o2c_tui.services.shipping import draft_delivery, return_goods, ship_order
from o2c_tui.services.supplier_returns import return_to_supplier
from o2c_tui.services.taking_back import bounce_payment, reverse_payment, unapply, undo_allocation
from o2c_tui.services.tax_codes import TermSetup, save_term
from o2c_tui.services.transferring import (
    TransferDraft,
    TransferLineDraft,
    dispatch_transfer,
    receive_transfer,
    save_transfer,
)
from o2c_tui.services.writing_off import KeptBack, reverse_adjustment, settle_payment, write_off
from o2c_tui.storage.store import Store
from tests.mail.story import mailing, reminding
from tests.makers import Desk, keys, lines, open_books, ordered, ordered_from, paid, purchased, quoted, receive, sold
from tests.ready import filled


def in_the_house(desk: Desk) -> None:
    """Bins and lots, a transfer that arrived in part, a count, an adjustment, goods that came back into quarantine."""
    desk.do(save_location, "A-1", pick_order=1)
    desk.do(save_item, ItemSetup("MILK", "Milk", tracking=Tracking.LOT, sale_price=D(2)))
    milk = (Spot("A-1", "L1", D(6), desk.today), Spot("", "L2", D(4)))
    desk.do(receive_goods, ReceiptDraft((ReceiptLineDraft("MILK", D(10), D("1.00"), milk),)))
    milk_line = TransferLineDraft("MILK", D(3), location="A-1", lot="L1")
    sent = desk.do(save_transfer, TransferDraft("MAIN", "SHOP", (TransferLineDraft("BOLT", D(2)), milk_line)))
    desk.do(dispatch_transfer, sent.transfer_id)
    for line in desk.document("transfer", sent.transfer_id).lines:
        desk.do(receive_transfer, sent.transfer_id, quantities={line["id"]: D(1)})
    desk.do(save_transfer, TransferDraft("MAIN", "SHOP", (TransferLineDraft("BOLT", D(1)),)))
    shipped = desk.do(ship_order, ordered(desk, ("MILK", 4)).order_id)
    (line,) = desk.document("delivery", shipped.delivery_id).lines
    desk.do(return_goods, shipped.delivery_id, {line["id"]: D(1)}, disposition=Disposition.QUARANTINE)
    desk.do(return_goods, shipped.delivery_id, {line["id"]: D(1)}, disposition=Disposition.SCRAP)
    take = desk.do(start_stocktake, items=("MILK", "BOLT"), tolerance=D(100), note="spring")
    counted = {x["id"]: x["expected"] + n for n, x in enumerate(desk.document("stocktake", take.stocktake_id).lines)}
    desk.do(count_lines, take.stocktake_id, counted, notes=dict.fromkeys(counted, "by two"))
    desk.do(post_stocktake, take.stocktake_id)
    desk.do(start_stocktake, items=("BOLT",))
    gain = AdjustmentLineDraft("MILK", D(1), D("1.10"), location="A-1", lot="L2")
    desk.do(adjust_stock, AdjustmentDraft("found", (gain,), note="behind the shelf"))


def whole_books(store: Store) -> Desk:
    """A story that leaves rows everywhere: drafts, posted documents, returns, credit, a reversed payment, reservations."""
    return Desk(store) if filled(store, "whole_books", _whole_books) else _whole_books(store)


def _whole_books(store: Store) -> Desk:
    desk = open_books(store)
    desk.do(save_user, "ada", "Ada Example")
    desk.do(save_item, ItemSetup("SET", "Bolt and nut", kind=ItemKind.KIT, sale_price=D("10.50")))
    desk.do(save_kit, "SET", {"BOLT": D(1), "NUT": D(2)})
    desk.do(save_unit, "BOLT", "box", 12, barcode="4006381333931")
    desk.do(save_item_code, "BOLT", "HB-1", party="ACME")
    desk.do(save_reorder_rule, "BOLT", point=D(20), target=D(40))
    receive(desk, "BOLT", 5, "4.00")
    receive(desk, "BOLT", 20, "5.00")
    order = ordered_from(desk, quoted(desk, ("BOLT", 12), ("FREIGHT", 1)))
    delivery = desk.do(ship_order, order.order_id)
    billed = desk.do(invoice_deliveries, [delivery.delivery_id])
    payment = paid(desk, "100.00")
    desk.do(reverse_payment, payment.payment_id, "bounced")
    paid(desk, billed.gross)
    line = desk.document("invoice", billed.invoice_id).lines[0]["id"]
    desk.do(return_and_credit, billed.invoice_id, {line: D(3)}, "damaged")
    part = ordered(desk, ("BOLT", 9))
    line = desk.document("order", part.order_id).lines[0]["id"]
    desk.do(ship_order, part.order_id, quantities={line: D(2)})
    desk.do(invoice_order, part.order_id)
    desk.do(draft_delivery, part.order_id)
    changes = (LineChange(1, D(8)), LineChange(item="NUT", quantity=D(1), promised_on=desk.today))
    desk.do(amend_order, part.order_id, lines=changes)
    held = ordered(desk, ("BOLT", 1))
    desk.do(hold_order, held.order_id, "waiting for papers")
    desk.do(accept_quotation, quoted(desk, ("BOLT", 1)), accepted_by="phone")
    desk.do(decline_quotation, quoted(desk, ("NUT", 1)), "price")
    desk.do(save_quotation, DocumentDraft("ACME", lines(("NUT", 3))))
    desk.do(save_order, DocumentDraft("ACME", lines(("NUT", 3))))
    _billed_ahead(desk)
    in_the_house(desk)
    _buying(desk)
    _abroad(desk)
    _settling(desk)
    _banking(desk)
    mailing(store)
    reminding(desk)
    store.write_now(keep_draft, "ada", "quotation", {"customer": "ACME"})
    _settled_abroad(desk)
    closed(desk)
    return desk


def _abroad(desk: Desk) -> None:
    """Sold in dollars, paid in part at another rate, credited in part."""
    desk.do(save_party, PartySetup("USCO", "Bay Tools", currency="USD"))
    desk.do(save_rate, "USD", D("0.92"))
    order = ordered(desk, ("FREIGHT", 2), customer="USCO")
    desk.do(ship_order, order.order_id)
    billed = desk.do(invoice_order, order.order_id)
    paid(desk, "10.00", "USCO", rate=D("0.95"))
    desk.do(
        credit_invoice, billed.invoice_id, "too dear", quantities={keys(desk, "invoice", billed.invoice_id)[0]: D(1)}
    )
    paid(desk, "5.00", "USCO", rate=D("0.9"))


def _settled_abroad(desk: Desk) -> None:
    """In dollars: a charge kept back, a debt written off with its tax and taken back, too much kept, money paid back."""
    billed = sold(desk, ("FREIGHT", 5), customer="USCO")
    kept = [KeptBack("BANK", D("2.00"), invoice=billed.number)]
    draft = PaymentDraft("USCO", D("20.00"), shares={}, rate=D("0.97"))
    money = desk.do(settle_payment, draft, kept)
    desk.do(apply_credit, payment_id=money.payment_id)
    desk.do(unapply, money.payment_id)
    desk.do(apply_credit, payment_id=money.payment_id)
    debt = desk.do(write_off, billed.invoice_id, "DEBT", amount=D("7.77"))
    desk.do(reverse_adjustment, debt.adjustment_id, "it came after all")
    desk.do(write_off, billed.invoice_id, "DEBT", amount=D("3.33"))
    more = paid(desk, "40.00", "USCO", rate=D("0.91"), shares={})
    desk.do(refund, "USCO", D("15.00"), payment_id=more.payment_id, rate=D("0.99"))


def _settling(desk: Desk) -> None:
    """A discount and a charge kept back, a bad debt taken back, money paid ahead and given back, one that bounced."""
    early = ({"kind": "rest", "days": 30, "discount_percent": "2", "discount_days": 10},)
    desk.do(save_term, TermSetup("2-10", "2 % in 10 days", early))
    desk.do(save_reason, ReasonSetup("FREIGHT", "Freight damage", AdjustmentKind.OTHER, account="5100", most=D(20)))
    first, second = (sold(desk, ("FREIGHT", n), term="2-10") for n in (4, 6))
    kept = [KeptBack("DISCOUNT", invoice=first.number), KeptBack("BANK", D(1), invoice=first.number)]
    done = desk.do(settle_payment, PaymentDraft("ACME", first.gross - D("2.44"), shares={}), kept)
    desk.do(apply_credit, payment_id=done.payment_id)
    taken = desk.do(write_off, second.invoice_id, "FREIGHT", amount=D("5.00"), note="one box wet")
    desk.do(reverse_adjustment, taken.adjustment_id, "it was dry")
    desk.do(write_off, second.invoice_id, "DEBT", amount=D("30.00"))
    ahead = ordered(desk, ("FREIGHT", 2))
    money = paid(desk, "50.00", order=ahead.number)
    desk.do(refund, "ACME", D("10.00"), payment_id=money.payment_id, reference="too much")
    desk.do(ship_order, ahead.order_id)
    desk.do(undo_allocation, money.number, desk.do(invoice_order, ahead.order_id).number)
    again = paid(desk, "12.00", shares={})
    desk.do(bounce_payment, again.payment_id, "no funds", charge=D("3.00"), charge_customer=True)


def closed(desk: Desk) -> None:
    """The month before closed softly, then by its totals; opened again and closed a second time; a point ticked off."""
    end = desk.today.replace(day=1) - timedelta(days=1)
    desk.do(lock_period, end, soft=True)
    desk.do(close_period, ClosingKind.MONTH, end, note="all in")
    desk.do(unlock, "a bill came late", until=end - timedelta(days=10))
    desk.do(close_period, ClosingKind.MONTH, end)
    desk.do(close_period, ClosingKind.DAY, desk.today - timedelta(days=1))
    desk.do(tick_task, f"{end:%Y-%m}", "stock", note="counted by two")


def _billed_ahead(desk: Desk) -> None:
    """A deposit deducted in part, an amount credited, an invoice without an order that was replaced."""
    order = ordered(desk, ("FREIGHT", 2))
    desk.do(deposit_invoice, order.order_id, amount=D("12.00"))
    desk.do(ship_order, order.order_id)
    final = desk.do(invoice_order, order.order_id)
    desk.do(credit_invoice, final.invoice_id, "late", amounts={keys(desk, "invoice", final.invoice_id)[0]: D("1.00")})
    advice = LineDraft("", D(2), D("50.00"), description="Advice")
    desk.do(save_recurring, RecurringSetup("CARE", "ACME", (advice,), desk.today, note="as agreed"))
    desk.do(write_due)
    desk.do(pause_recurring, "CARE")
    desk.do(resume_recurring, "CARE")
    free = desk.do(post_invoice, desk.do(save_invoice, DocumentDraft("ACME", (advice,))).id)
    desk.do(recur_document, free.number, "ADVICE", starts_on=desk.today + timedelta(days=30))
    desk.do(end_recurring, "ADVICE", on=desk.today + timedelta(days=90))
    desk.do(replace_invoice, free.invoice_id, "wrong name")


def _banking(desk: Desk) -> None:
    """A statement: one line matched, one taken back, a charge, one put aside, one left open."""
    desk.do(save_bank_account, BankAccountSetup("MAIN", "Our bank", iban="DE89370400440532013000", bic="COBADEFFXXX"))
    billed = sold(desk, ("FREIGHT", 3))
    told = (
        (billed.gross, billed.number, "Acme Works"),
        (D("7.00"), "rounding", "Acme Works"),
        (D("-4.50"), "Account fee", ""),
        (D("9.00"), "private", "Somebody"),
        (D("3.00"), "unknown", ""),
    )
    wanted = tuple(
        StatementLine(desk.today, amount, desk.today, "EUR", text, "R-1", "B-1", who, "GB82WEST12345698765432", 1)
        for amount, text, who in told
    )
    end = D(100) + sum(line.amount for line in wanted)
    words = {"account": "DE89370400440532013000", "currency": "EUR", "reference": "1"}
    days = {"from_on": desk.today, "to_on": desk.today}
    statement = Statement("camt053", wanted, **words, **days, opening=D(100), closing=end)
    done = desk.do(import_statements, [statement], file_name="november.xml", sha256="00")
    first, second, charge, private, _left = done.statements[0].line_ids
    desk.do(match_line, first, [MatchPart(customer="ACME", invoices=[billed.number])], reasons=["exact"])
    desk.do(match_line, second, [MatchPart(customer="ACME", shares={})])
    desk.do(undo_match, second, "not ours")
    desk.do(match_line, charge, [MatchPart(account="bank_charges")])
    desk.do(ignore_line, private, "private money")


def _buying(desk: Desk) -> None:
    """Ordered, received in parts, sold, billed at another price with freight, sent back, credited; and drafts."""
    nuts = PurchaseLineDraft("NUT", D(300), unit_price=D("0.05"), expected_on=desk.today)
    purchase = purchased(desk, ("BOLT", 10, "3.00"), nuts, supplier_reference="A-7")
    desk.do(save_supplier_item, "ISAR", "BOLT", supplier_code="M8", unit="box", price=D("40.00"), pack=D(1))
    bolts, others = keys(desk, "purchase", purchase)
    desk.do(cancel_receipt, desk.do(receive_purchase, purchase, quantities={bolts: D(1)}).id, "wrong papers")
    part = desk.do(receive_purchase, purchase, quantities={bolts: D(10), others: D(100)}, reference="LS 9")
    desk.do(set_expected, purchase, desk.today, lines=(2,))
    desk.do(set_expected, purchase, desk.today)
    desk.do(ship_order, ordered(desk, ("NUT", 30)).order_id)
    freight = ChargeDraft("Freight", D("9.00"), (part.number,))
    goods = (BillLineDraft(part.number, 1, unit_price=D("3.30")), BillLineDraft(part.number, 2, unit_price=D("0.04")))
    desk.do(enter_bill, BillDraft("ISAR", goods, (freight,), supplier_number="R-1"))
    line = keys(desk, "receipt", part.id)[0]
    back = desk.do(return_to_supplier, part.id, {line: D(2)}, "rust")
    desk.do(enter_bill, BillDraft("ISAR", kind=BillKind.CREDIT, supplier_return=back.number))
    desk.do(close_purchase, purchase)
    desk.do(save_bill, BillDraft("ISAR", charges=(freight,), supplier_number="R-2"))
    desk.do(save_purchase, PurchaseDraft("ISAR", (PurchaseLineDraft("M8", D(2)),)))
