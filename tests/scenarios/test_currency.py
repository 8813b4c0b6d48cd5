"""Selling and getting paid in another currency: rates frozen, gains and losses realised. docs/rules/currency.md."""

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest
import sqlalchemy as sa

from o2c_tui.errors import BadValueError, MissingValueError
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.ledger import Account, AccountRole, JournalEntry, JournalLine
from o2c_tui.models.party import CreditMode
from o2c_tui.models.receivable import Allocation, ReceivableItem
from o2c_tui.queries import lists
from o2c_tui.queries.exposure import exposure_of
from o2c_tui.queries.margin import ledger_sums, order_margins
from o2c_tui.queries.month import month_end
from o2c_tui.queries.receivables import aged, open_lines
from o2c_tui.services.crediting import credit_invoice
from o2c_tui.services.drafting import DocumentDraft
from o2c_tui.services.exchanging import save_rate
from o2c_tui.services.invoicing import invoice_order
from o2c_tui.services.ordering import confirm_order, save_order
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.paying import apply_credit
from o2c_tui.services.quoting import save_quotation
from o2c_tui.services.shipping import ship_order
from o2c_tui.services.taking_back import reverse_payment, unapply
from tests.makers import Desk, keys, lines, open_books, ordered, ordered_from, paid, quoted, receive

ORDER, BILL, PAY, LATER = date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16), date(2026, 11, 20)


@pytest.fixture
def abroad(store: Any) -> Desk:
    """A EUR company with a US customer without tax; one dollar is 0.90, then 0.92, then 0.95 euros."""
    desk = open_books(store)
    desk.do(save_party, PartySetup("USCO", "Bay Tools", currency="usd", tax_code="NONE"))
    for day, rate in ((ORDER, "0.90"), (BILL, "0.92"), (PAY, "0.95")):
        desk.do(save_rate, "USD", D(rate), on=day)
    desk.today = ORDER
    receive(desk)
    return desk


def sold(desk: Desk, *wanted: Any, **head: Any) -> Any:
    """An order of the US customer, shipped and invoiced at 0.92."""
    order = ordered(desk, *(wanted or [("BOLT", 10, "100.00")]), customer="USCO", **head)
    desk.today = BILL
    desk.do(ship_order, order.order_id)
    return desk.do(invoice_order, order.order_id)


def balance(desk: Desk, role: AccountRole, on: date | None = None) -> D:
    def ask(session: Any) -> D:
        query = (
            sa.select(sa.func.sum(sa.type_coerce(JournalLine.amount, AMOUNT), type_=AMOUNT))
            .join(Account, Account.id == JournalLine.account_id)
            .join(JournalEntry, JournalEntry.id == JournalLine.entry_id)
            .where(Account.role == role)
        )
        if on is not None:
            query = query.where(JournalEntry.posted_on <= on)
        return session.execute(query).scalar_one() or D(0)

    return desk.ask(ask)


def test_documents_are_in_the_customers_currency_and_each_freezes_the_rate_of_its_day(abroad):
    quotation = quoted(abroad, ("BOLT", 10), customer="USCO")
    abroad.today = BILL
    order = ordered_from(abroad, quotation)
    abroad.do(ship_order, order.order_id)
    abroad.today = PAY
    invoice = abroad.do(invoice_order, order.order_id)

    heads = [
        abroad.document(kind, key).head
        for kind, key in (("quotation", quotation), ("order", order.order_id), ("invoice", invoice.invoice_id))
    ]
    assert [(head["currency"], head["rate"]) for head in heads] == [
        ("USD", D("0.9")),
        ("USD", D("0.92")),
        ("USD", D("0.95")),
    ]
    # 10.00 EUR ÷ 0.90 = 11.111… → 11.11 USD a bolt; the order and the invoice keep the price that was offered
    assert {head["gross"] for head in heads} == {D("111.10")}
    abroad.holds()


def test_without_a_rate_on_the_day_or_before_it_a_document_is_refused_and_says_what_to_do(abroad):
    draft = DocumentDraft("USCO", lines(("BOLT", 1)), dated_on=date(2026, 11, 1))

    with pytest.raises(MissingValueError, match=r"No rate for USD is known on 2026-11-01 or before.*save_rate"):
        abroad.do(save_quotation, draft)


def test_a_rate_typed_on_a_document_is_the_one_it_freezes(abroad):
    typed = DocumentDraft("USCO", lines(("BOLT", 1)), rate=D("0.8"))
    own = DocumentDraft("ACME", lines(("BOLT", 1)), rate=D("0.8"))

    head = abroad.document("order", abroad.do(save_order, typed).id).head

    assert (head["rate"], head["gross"]) == (D("0.8"), D("12.50"))  # 10.00 ÷ 0.80
    with pytest.raises(BadValueError, match="own currency"):
        abroad.do(save_order, own)


def test_an_invoice_is_booked_at_the_rate_of_its_own_day_with_the_currency_beside_it(abroad):
    sold(abroad)

    rows = abroad.ask(
        lambda session: session.execute(
            sa.select(Account.role, JournalLine.amount, JournalLine.currency, JournalLine.currency_amount)
            .join(Account, Account.id == JournalLine.account_id)
            .where(JournalLine.currency != "")
        ).all()
    )

    # 1,000.00 USD × 0.92
    assert [tuple(row) for row in rows] == [
        (AccountRole.RECEIVABLE, D("920"), "USD", D("1000")),
        (AccountRole.REVENUE, D("-920"), "USD", D("-1000")),
    ]


def test_a_payment_at_a_better_rate_gains_and_at_a_worse_one_loses(abroad):
    sold(abroad)
    abroad.today = PAY

    paid(abroad, "600.00", "USCO")  # worth 570.00 at 0.95, pays what stands at 552.00: 18.00 gained
    assert balance(abroad, AccountRole.EXCHANGE) == D("-18.00")
    paid(abroad, "400.00", "USCO", rate=D("0.88"))  # worth 352.00, pays what stands at 368.00: 16.00 lost

    assert balance(abroad, AccountRole.EXCHANGE) == D("-2.00")
    assert balance(abroad, AccountRole.BANK) == D("922.00")
    assert balance(abroad, AccountRole.RECEIVABLE) == 0
    abroad.holds()


def test_what_arrived_may_be_typed_instead_of_the_rate(abroad):
    sold(abroad)
    abroad.today = PAY

    payment = paid(abroad, "1000.00", "USCO", arrived=D("947.13"))

    head = abroad.document("payment", payment.payment_id).head
    assert (head["currency"], head["rate"]) == ("USD", D("0.94713"))
    assert balance(abroad, AccountRole.BANK) == D("947.13")
    assert balance(abroad, AccountRole.EXCHANGE) == D("-27.13")
    abroad.holds()


def test_the_last_part_of_an_instalment_takes_the_remaining_cents(abroad):
    abroad.do(save_rate, "USD", D("0.9255"), on=BILL)
    sold(abroad, ("BOLT", 1, "100.00"))  # 92.55 EUR
    abroad.today = PAY

    for amount in ("33.33", "33.33", "33.34"):
        paid(abroad, amount, "USCO", rate=D("0.9255"))

    # 92.55 × 33.33 ÷ 100 = 30.8469 → 30.85; 61.70 × 33.33 ÷ 66.67 = 30.8454 → 30.85; the last takes 30.85.
    # The payments came in for 30.85 (30.8469), 30.85 and 30.86 (30.8562): one cent gained.
    taken = abroad.ask(lambda s: s.execute(sa.select(Allocation.base_debit, Allocation.base_credit)).all())
    assert [tuple(row) for row in taken] == [
        (D("30.85"), D("30.85")),
        (D("30.85"), D("30.85")),
        (D("30.85"), D("30.86")),
    ]
    assert balance(abroad, AccountRole.EXCHANGE) == D("-0.01")
    abroad.holds()


def test_undoing_is_the_exact_opposite_on_its_own_day(abroad):
    billed = sold(abroad)
    abroad.today = PAY
    payment = paid(abroad, "1000.00", "USCO")
    abroad.today = LATER

    abroad.do(unapply, payment.payment_id)

    assert balance(abroad, AccountRole.EXCHANGE, PAY) == D("-30.00")
    assert balance(abroad, AccountRole.EXCHANGE) == 0
    items = abroad.ask(lambda s: s.execute(sa.select(ReceivableItem.open, ReceivableItem.base_open)).all())
    assert [tuple(item) for item in items] == [(D("1000"), D("920")), (D("-1000"), D("-950"))]
    assert balance(abroad, AccountRole.RECEIVABLE) == D("-30.00")
    abroad.do(apply_credit, payment_id=payment.payment_id)
    assert abroad.document("invoice", billed.invoice_id).head["open"] == 0
    assert balance(abroad, AccountRole.EXCHANGE) == D("-30.00")
    abroad.holds()


def test_a_bounced_payment_takes_money_and_gain_back(abroad):
    billed = sold(abroad)
    abroad.today = PAY
    payment = paid(abroad, "1000.00", "USCO")
    abroad.today = LATER

    abroad.do(reverse_payment, payment.payment_id, "bounced")

    assert balance(abroad, AccountRole.BANK) == 0
    assert balance(abroad, AccountRole.EXCHANGE) == 0
    assert balance(abroad, AccountRole.RECEIVABLE) == D("920.00")
    assert abroad.document("invoice", billed.invoice_id).head["open"] == D("1000.00")
    abroad.holds()


def test_a_credit_note_takes_back_at_the_invoices_rate_and_a_full_one_is_its_mirror(abroad):
    abroad.do(save_party, PartySetup("USCO", "Bay Tools", tax_code="VAT20"))
    abroad.do(save_rate, "USD", D("0.9213"), on=BILL)
    billed = sold(abroad, ("BOLT", 3, "33.33"), ("NUT", 7, "0.07"), ("FREIGHT", 1, "4.99"))
    abroad.today = PAY
    first = keys(abroad, "invoice", billed.invoice_id)[0]

    abroad.do(credit_invoice, billed.invoice_id, "one too many", quantities={first: D(1)})
    abroad.do(credit_invoice, billed.invoice_id, "all of it")

    for role in (AccountRole.RECEIVABLE, AccountRole.REVENUE, AccountRole.TAX, AccountRole.EXCHANGE):
        assert balance(abroad, role) == 0
    abroad.holds()


def test_money_pays_only_what_is_owed_in_its_own_currency(abroad):
    billed = sold(abroad)
    abroad.today = PAY
    item = abroad.document("invoice", billed.invoice_id).instalments[0].id

    with pytest.raises(BadValueError, match="Money in EUR cannot pay what is owed in USD"):
        paid(abroad, "10.00", "USCO", currency="EUR", shares={item: D(10)})
    left = paid(abroad, "10.00", "USCO", currency="EUR")

    assert left.unapplied == D("10.00")


def test_the_credit_limit_counts_in_the_companys_currency(abroad):
    limit = PartySetup("USCO", "Bay Tools", credit_limit=D("910"), credit_mode=CreditMode.HOLD)
    abroad.do(save_party, limit)
    order = ordered(abroad, ("BOLT", 10, "100.00"), customer="USCO")  # 1,000.00 USD are 900.00 EUR on its day
    customer = abroad.document("order", order.order_id).head["customer_id"]

    assert abroad.ask(exposure_of, customer) == D("900.00")
    more = abroad.do(save_order, DocumentDraft("USCO", lines(("BOLT", 1, "20.00"))))
    with pytest.raises(Exception, match=r"would owe 918\.00; the credit limit is 910\.00"):
        abroad.do(confirm_order, more.id)


def test_margin_is_at_the_rate_of_the_invoice_and_agrees_with_the_ledger(abroad):
    sold(abroad)

    (told,) = abroad.ask(order_margins)

    assert (told.invoiced, told.cost, told.margin) == (D("920.00"), D("40.00"), D("880.00"))
    assert abroad.ask(ledger_sums) == (D("920.00"), D("40.00"))


def test_aging_in_the_companys_currency_is_the_receivables_account_on_every_day(abroad):
    sold(abroad)
    abroad.today = PAY
    payment = paid(abroad, "400.00", "USCO")
    abroad.today = LATER
    abroad.do(unapply, payment.payment_id)

    for day in (ORDER, BILL, PAY, LATER):
        total = sum((row.total for row in abroad.ask(aged, as_of=day)), D(0))
        assert total == balance(abroad, AccountRole.RECEIVABLE, day), day
    assert {line.open for line in abroad.ask(open_lines, None, as_of=PAY)} == {D("600.00")}


def test_lists_are_narrowed_to_a_currency(abroad):
    sold(abroad)
    own = ordered(abroad, ("BOLT", 1))

    def found(kind: str, words: str) -> list[str]:
        rows = abroad.ask(lists.page, kind, words, today=abroad.today)
        return [getattr(row, "code", None) or row.customer for row in rows]

    assert found("invoice", "cur:usd") == ["Bay Tools"]
    assert found("order", "币种:EUR") == found("order", "-cur:usd") == ["Acme Works"]
    assert abroad.document("order", own.order_id).head["currency"] == "EUR"
    assert found("invoice", "cur:eur") == []
    with pytest.raises(BadValueError, match="nothing to filter by 'cur:usd'"):
        found("item", "cur:usd")


def test_what_is_left_of_a_month_is_summed_in_the_companys_currency(abroad):
    """1,000.00 USD at 0.92 that nobody was reminded of, and 500.00 USD at 0.95 that are set against nothing."""
    sold(abroad)
    abroad.today = PAY
    paid(abroad, "500.00", "USCO", shares={})
    told = {point.code: point.amount for point in abroad.ask(month_end, date(2026, 12, 31)).points}
    assert (told["reminders"], told["credits"]) == (D("920.00"), D("-475.00"))
