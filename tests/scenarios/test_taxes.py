"""Several taxes, exemptions, reverse charge and cash rounding, rule by rule. docs/rules/tax.md."""

from datetime import date
from decimal import Decimal as D
from io import BytesIO

import pytest
from pypdf import PdfReader

from o2c_tui.documents.render import render
from o2c_tui.errors import BadValueError, UnknownCodeError, UnseenWarningError
from o2c_tui.queries.printing import printed
from o2c_tui.queries.why_money import tax as why_tax
from o2c_tui.queries.why_parts import Subject
from o2c_tui.rules.tax_parts import read_parts
from o2c_tui.services.amending import LineChange, amend_order
from o2c_tui.services.crediting import credit_invoice
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.invoicing import draft_invoice, invoice_order, post_invoice
from o2c_tui.services.ordering import order_quotation, save_order
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.setup import change_company
from o2c_tui.services.tax_codes import TaxPartSetup, TaxSetup, save_tax
from tests.makers import booked, delivered, keys, open_books, ordered, quoted, sold, terms_of

FROM = date(2020, 1, 1)


def two_taxes(desk, *, included=False):
    """GST of 5 %, and on the amount with it QST of 9.975 %."""
    desk.do(save_tax, TaxSetup("GST", "GST", {FROM: D("0.05")}))
    desk.do(save_tax, TaxSetup("QST", "QST", {FROM: D("0.09975")}))
    parts = (TaxPartSetup("GST"), TaxPartSetup("QST", compound=True))
    desk.do(save_tax, TaxSetup("QC", "Quebec", parts=parts, included=included))


def line(price, quantity=1, tax="QC"):
    return LineDraft("FREIGHT", D(quantity), D(price), tax_code=tax)


def taxes(desk, key, kind="invoice"):
    """The taxes of each line of a document: code → tax."""
    return [{share.code: share.tax for share in read_parts(row["tax_parts"])} for row in desk.document(kind, key).lines]


def test_each_of_several_taxes_is_rounded_once_and_a_compound_one_is_taken_on_those_before_it(store):
    """5 % of 300.30 is 15.015, so 15.02; 9.975 % of 315.32 is 31.45317, so 31.45."""
    desk = open_books(store)
    two_taxes(desk)
    done = sold(desk, line("100.10"), line("100.10"), line("100.10"))
    head = desk.document("invoice", done.invoice_id).head
    told = taxes(desk, done.invoice_id)
    assert (head["net"], head["tax"], head["gross"]) == (D("300.30"), D("46.47"), D("346.77"))
    assert sum(row["GST"] for row in told) == D("15.02")
    assert sum(row["QST"] for row in told) == D("31.45")
    view = desk.ask(printed, "invoice", done.invoice_id)
    assert [(g.label, g.rate, g.net, g.tax) for g in view.tax_groups] == [
        ("GST", D(5), D("300.30"), D("15.02")),
        ("QST", D("9.975"), D("315.32"), D("31.45")),
    ]
    assert view.lines[0].tax == "5+9.975%"
    desk.holds()


def test_a_price_with_several_taxes_in_it_is_given_back_by_net_and_taxes(store):
    desk = open_books(store)
    two_taxes(desk, included=True)
    done = sold(desk, line("114.98"))
    head, (told,) = desk.document("invoice", done.invoice_id).head, taxes(desk, done.invoice_id)
    assert head["gross"] == D("114.98") == head["net"] + told["GST"] + told["QST"]
    assert (head["net"], told) == (D("99.57"), {"GST": D("4.98"), "QST": D("10.43")})
    desk.holds()


def test_partial_invoices_and_credit_notes_share_each_tax_and_the_last_takes_the_cents(store):
    desk = open_books(store)
    two_taxes(desk)
    order = ordered(desk, line("3.33", 3))
    delivered(desk, order)
    (key,) = keys(desk, "order", order.order_id)
    whole = taxes(desk, order.order_id, "order")[0]
    bills = [desk.do(invoice_order, order.order_id, quantities={key: D(1)}) for _ in range(3)]
    parts = [taxes(desk, bill.invoice_id)[0] for bill in bills]
    assert {code: sum(part[code] for part in parts) for code in whole} == whole
    desk.holds()

    one = desk.do(invoice_order, ordered_and_gone(desk, line("3.33", 3)))
    mine = taxes(desk, one.invoice_id)[0]
    (billed,) = keys(desk, "invoice", one.invoice_id)
    notes = [desk.do(credit_invoice, one.invoice_id, "broken", quantities={billed: D(1)}) for _ in range(3)]
    back = [taxes(desk, note.invoice_id)[0] for note in notes]
    assert {code: sum(part[code] for part in back) for code in mine} == mine
    assert sum(note.gross for note in notes) == one.gross
    desk.holds()


def ordered_and_gone(desk, *wanted):
    order = ordered(desk, *wanted)
    delivered(desk, order)
    return order.order_id


def test_a_full_credit_mirrors_each_tax(store):
    desk = open_books(store)
    two_taxes(desk)
    done = sold(desk, line("10.01"), line("0.07", 3))
    note = desk.do(credit_invoice, done.invoice_id, "wrong customer")
    assert taxes(desk, note.invoice_id) == taxes(desk, done.invoice_id)
    theirs, mine = booked(desk, "invoice", note.invoice_id), booked(desk, "invoice", done.invoice_id)
    assert theirs == {account: -amount for account, amount in mine.items()}
    desk.holds()


def test_an_amended_order_keeps_what_is_invoiced_of_each_tax(store):
    desk = open_books(store)
    two_taxes(desk)
    order = ordered(desk, line("3.33", 3), line("7.77", 2))
    delivered(desk, order, 1, 0)
    first = desk.do(invoice_order, order.order_id)
    desk.do(amend_order, order.order_id, lines=(LineChange(1, quantity=D(5)), LineChange(2, quantity=D(1))))
    delivered(desk, order)
    rest = desk.do(invoice_order, order.order_id)
    shall = taxes(desk, order.order_id, "order")
    both = [taxes(desk, bill.invoice_id) for bill in (first, rest)]
    for n, code in ((0, "GST"), (0, "QST")):
        assert both[0][n][code] + both[1][n][code] == shall[n][code]
    desk.holds()


def test_several_taxes_go_from_quotation_to_order(store):
    desk = open_books(store)
    two_taxes(desk)
    quotation = quoted(desk, line("100.10", 2))
    order = desk.do(order_quotation, quotation, quantities={keys(desk, "quotation", quotation)[0]: D(1)})
    assert taxes(desk, quotation, "quotation") == [{"GST": D("10.01"), "QST": D("20.97")}]
    assert taxes(desk, order.order_id, "order") == [{"GST": D("5.01"), "QST": D("10.48")}]
    desk.holds()


@pytest.mark.parametrize(
    ("setup", "refusal"),
    [
        (TaxSetup("X", "x", {FROM: D("0.1")}, parts=(TaxPartSetup("VAT20"),)), "no rate of its own"),
        (TaxSetup("X", "x", parts=(TaxPartSetup("VAT20", compound=True),)), "The first of several taxes"),
        (TaxSetup("X", "x", parts=(TaxPartSetup("VAT20"), TaxPartSetup("VAT20"))), "take single taxes, each once"),
        (TaxSetup("X", "x", parts=(TaxPartSetup("VAT20"), TaxPartSetup("X"))), "There is no tax code X"),
        (TaxSetup("X", "x", {FROM: D("0.1")}, kind="exempt"), "has no rate"),
    ],
)
def test_a_tax_code_that_makes_no_sense_is_refused(store, setup, refusal):
    desk = open_books(store)
    with pytest.raises((BadValueError, UnknownCodeError), match=refusal):
        desk.do(save_tax, setup)


# -- by customer -------------------------------------------------------------------------------------------------------


def exempt(desk, **more):
    desk.do(save_tax, TaxSetup("EX", "VAT", kind="exempt", reason="Exempt under section 4."))
    terms_of(desk, tax_code="EX", tax_exempt_note="C-4711", **more)


def test_a_customers_exemption_is_printed_with_its_reason_and_its_certificate(store):
    desk = open_books(store)
    exempt(desk)
    done = sold(desk, ("FREIGHT", 1))
    head = desk.document("invoice", done.invoice_id)
    assert (head.head["tax"], head.lines[0]["tax_reason"]) == (0, "Exempt under section 4.\nC-4711")
    view = desk.ask(printed, "invoice", done.invoice_id)
    assert [said.template.format(**dict(said.values)) for said in view.tax_reasons] == [
        "Exempt under section 4.",
        "Certificate no. C-4711",
    ]
    desk.do(save_tax, TaxSetup("EX", "VAT", kind="exempt", reason="Another."))
    assert desk.document("invoice", done.invoice_id).lines[0]["tax_reason"] == "Exempt under section 4.\nC-4711"
    desk.holds()


def test_after_the_end_of_an_exemption_the_items_own_tax_holds_again(store):
    desk = open_books(store)
    exempt(desk, tax_exempt_until=desk.today)
    assert sold(desk, ("FREIGHT", 1)).gross == D("15.00")
    desk.next_day()
    assert sold(desk, ("FREIGHT", 1)).gross == D("18.00")


def test_an_invoice_by_an_exemption_that_has_ended_warns(store):
    desk = open_books(store)
    exempt(desk, tax_exempt_until=desk.today)
    order = ordered_and_gone(desk, ("FREIGHT", 1))
    desk.next_day()
    draft = desk.do(draft_invoice, order_ids=[order])
    with pytest.raises(UnseenWarningError, match="exempt until"):
        desk.do(post_invoice, draft, accepted=())
    desk.do(post_invoice, draft)
    desk.holds()


def test_reverse_charge_asks_for_a_vat_number_whose_check_digits_agree(store):
    desk = open_books(store)
    desk.do(save_tax, TaxSetup("RC", "VAT", kind="reverse_charge"))
    for number, warned in (("", "asks for the VAT number"), ("DE136695977", "is no VAT number"), ("DE136695976", "")):
        setup = PartySetup("ACME", "Acme Works", tax_code="RC", tax_id=number)
        if warned:
            with pytest.raises(UnseenWarningError, match=warned):
                desk.do(save_party, setup, accepted=())
        desk.do(save_party, setup, accepted=None if warned else ())
    done = sold(desk, ("FREIGHT", 1))
    view = desk.ask(printed, "invoice", done.invoice_id)
    assert [said.template for said in view.tax_reasons] == ["Reverse charge: the customer owes the tax."]
    desk.holds()


def test_an_account_number_with_wrong_check_digits_warns_and_may_be_kept(store):
    desk = open_books(store)
    with pytest.raises(UnseenWarningError, match="is no IBAN"):
        desk.do(save_party, PartySetup("ACME", "Acme Works", iban="DE89 3704 0044 0532 0130 01"), accepted=())
    desk.do(save_party, PartySetup("ACME", "Acme Works", iban="DE89 3704 0044 0532 0130 00"), accepted=())


# -- cash rounding -----------------------------------------------------------------------------------------------------


def in_steps(desk, step="0.05"):
    desk.do(change_company, {"cash_step": D(step)})


@pytest.mark.parametrize(("price", "gross", "difference"), [("8.36", "10.05", "0.02"), ("8.35", "10.00", "-0.02")])
def test_a_total_comes_in_cash_steps_and_the_difference_is_booked_by_itself(store, price, gross, difference):
    """20 % on 8.36 is 1.67, so 10.03; on 8.35 it is 1.67 too, so 10.02."""
    desk = open_books(store)
    in_steps(desk)
    done = sold(desk, LineDraft("FREIGHT", D(1), D(price)))
    head = desk.document("invoice", done.invoice_id).head
    assert (head["gross"], head["cash_difference"], head["open"]) == (D(gross), D(difference), D(gross))
    assert booked(desk, "invoice", done.invoice_id)["5600"] == -D(difference)
    note = desk.do(credit_invoice, done.invoice_id, "wrong customer")
    assert note.gross == done.gross
    theirs, mine = booked(desk, "invoice", note.invoice_id), booked(desk, "invoice", done.invoice_id)
    assert theirs == {account: -amount for account, amount in mine.items()}
    desk.holds()


def test_partial_credits_of_a_total_in_cash_steps_add_up_to_it(store):
    desk = open_books(store)
    in_steps(desk)
    done = sold(desk, LineDraft("FREIGHT", D(3), D("3.33")))
    (key,) = keys(desk, "invoice", done.invoice_id)
    notes = [desk.do(credit_invoice, done.invoice_id, "broken", quantities={key: D(1)}) for _ in range(3)]
    assert sum(note.gross for note in notes) == done.gross
    assert all(note.gross % D("0.05") == 0 for note in notes)
    assert desk.document("invoice", done.invoice_id).head["open"] == 0
    desk.holds()


def test_the_cash_step_is_frozen_on_the_document(store):
    desk = open_books(store)
    order = ordered_and_gone(desk, LineDraft("FREIGHT", D(1), D("8.36")))
    in_steps(desk)
    assert desk.do(invoice_order, order).gross == D("10.03")
    desk.holds()


def test_both_rounding_modes_are_frozen_on_the_document(store):
    """Three lines of 10.01 at 20 %: by document 20 % of 30.03 is 6.006, so 36.04; by line three times 2.00, so 36.03."""
    desk = open_books(store)
    wanted = [LineDraft("FREIGHT", D(1), D("10.01"))] * 3
    by_document = ordered_and_gone(desk, *wanted)
    desk.do(change_company, {"tax_rounding": "line"})
    by_line = ordered_and_gone(desk, *wanted)
    assert desk.do(invoice_order, by_document).gross == D("36.04")
    assert desk.do(invoice_order, by_line).gross == D("36.03")
    desk.holds()


def paper(desk, key):
    """The text of an invoice's PDF."""
    pages = PdfReader(BytesIO(render(desk.ask(printed, "invoice", key)))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_the_paper_shows_each_tax_why_none_is_due_and_cash_rounding_by_itself(sqlite_store):
    desk = open_books(sqlite_store)
    two_taxes(desk)
    in_steps(desk)
    text = paper(desk, sold(desk, line("100.10")).invoice_id)
    for words in ("GST 5% 100.10 5.01", "QST 9.975% 105.11 10.48", "Cash rounding 0.01", "115.60"):
        assert words in text
    exempt(desk, language="zh_CN")
    text = paper(desk, sold(desk, ("FREIGHT", 1)).invoice_id)
    assert "Exempt under section 4." in text
    assert "证明编号:C-4711" in text.replace("：", ":").replace(" ", "")


def test_why_a_tax_tells_each_of_several(store):
    desk = open_books(store)
    two_taxes(desk)
    done = sold(desk, line("100.10"))
    told = desk.ask(why_tax, Subject("invoice", done.invoice_id), desk.today)
    assert sum(part.value for part in told.parts) == told.total
    assert [part.about for part in told.parts if part.value > D(1)] == ["GST 5 %", "QST 9.975 %"]


def test_a_draft_order_keeps_its_taxes_when_it_is_saved_again(store):
    desk = open_books(store)
    two_taxes(desk)
    saved = desk.do(save_order, DocumentDraft("ACME", (line("100.10"),)))
    desk.do(save_order, DocumentDraft("ACME", (line("200.20"),)), document_id=saved.id)
    assert taxes(desk, saved.id, "order") == [{"GST": D("10.01"), "QST": D("20.97")}]
