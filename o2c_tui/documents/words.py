"""What the printed documents say besides what people typed: titles, labels, dates and figures in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from o2c_tui.money import show_money, show_quantity
from o2c_tui.queries.document_view import DocumentKind, DocumentView, Said, Telling
from o2c_tui.texts import N_, catalogue, day_in_words


@dataclass(frozen=True)
class KindWords:
    """How one kind of document names itself, its number and its total."""

    title: str
    number: str
    total: str = ""
    party: str = N_("Customer no.")
    other: str = N_("Delivery address")  # what the second address is


WORDS = {
    DocumentKind.QUOTATION: KindWords(N_("Quotation"), N_("Quotation no."), N_("Total")),
    DocumentKind.ORDER_CONFIRMATION: KindWords(N_("Order confirmation"), N_("Order no."), N_("Total")),
    DocumentKind.DELIVERY_NOTE: KindWords(
        N_("Delivery note"), N_("Delivery no."), N_("Value of the goods"), other=N_("Invoice address")
    ),
    DocumentKind.INVOICE: KindWords(N_("Invoice"), N_("Invoice no."), N_("Amount due")),
    DocumentKind.DEPOSIT_INVOICE: KindWords(N_("Deposit invoice"), N_("Invoice no."), N_("Amount due")),
    DocumentKind.PRO_FORMA: KindWords(N_("Pro-forma invoice"), N_("Pro-forma no."), N_("Total")),
    DocumentKind.CREDIT_NOTE: KindWords(N_("Credit note"), N_("Credit note no."), N_("Amount credited")),
    DocumentKind.RECEIPT: KindWords(N_("Payment receipt"), N_("Receipt no."), N_("Amount received")),
    DocumentKind.REFUND: KindWords(N_("Refund"), N_("Refund no."), N_("Amount paid back")),
    DocumentKind.ACCOUNT_ADVICE: KindWords(N_("Account advice"), N_("Advice no."), N_("Amount")),
    DocumentKind.PURCHASE_ORDER: KindWords(
        N_("Purchase order"), N_("Purchase order no."), N_("Total"), N_("Supplier no.")
    ),
    DocumentKind.GOODS_RECEIPT: KindWords(
        N_("Goods receipt"), N_("Goods receipt no."), N_("Value of the goods"), N_("Supplier no.")
    ),
    DocumentKind.SUPPLIER_RETURN: KindWords(
        N_("Return to supplier"), N_("Return no."), N_("Value of the goods"), N_("Supplier no."), N_("Sent from")
    ),
    DocumentKind.CUSTOMER_RETURN: KindWords(N_("Return note"), N_("Return no."), other=N_("Returned to")),
    DocumentKind.TRANSFER_NOTE: KindWords(N_("Transfer note"), N_("Transfer no."), other=N_("Sent from")),
    DocumentKind.PICK_LIST: KindWords(N_("Pick list"), N_("Order no.")),
    DocumentKind.COUNT_SHEET: KindWords(N_("Count sheet"), N_("Stocktake no.")),
    DocumentKind.COUNT_DIFFERENCES: KindWords(N_("Count differences"), N_("Stocktake no."), N_("Net difference")),
    DocumentKind.SUPPLIER_BILL: KindWords(N_("Supplier bill"), N_("Bill no."), N_("Amount due"), N_("Supplier no.")),
    DocumentKind.SUPPLIER_CREDIT: KindWords(
        N_("Supplier credit"), N_("Credit no."), N_("Amount credited"), N_("Supplier no.")
    ),
    DocumentKind.STATEMENT: KindWords(N_("Statement of account"), N_("Account no."), N_("Balance")),
    DocumentKind.REMINDER: KindWords(N_("Reminder"), N_("Reminder no."), N_("To be paid")),
    DocumentKind.ADJUSTMENT: KindWords(N_("Stock adjustment"), N_("Adjustment no."), N_("Value")),
}


class Speech:
    """The words and figures of one document, in its language and currency."""

    def __init__(self, view: DocumentView) -> None:
        self._say = catalogue(view.language).gettext
        self._language = view.language
        self._digits = view.digits
        self.kind = WORDS[DocumentKind(view.kind)]
        self.number = f"{view.number}/{view.revision}" if view.revision > 1 else view.number

    def say(self, template: str, **values: object) -> str:
        """A marked template of ours in the document's language, filled; never a text that somebody typed."""
        if not template:
            return ""
        text = self._say(template)
        return text.format(**values) if values else text

    def tell(self, told: Telling) -> str:
        """A fact or a cell: a day and a figure in the reader's way, a text of somebody's as it is."""
        if told is None:
            return ""
        if isinstance(told, Said):
            return self.say(told.template, **{name: self.tell(value) for name, value in told.values})
        if isinstance(told, date):
            return self.day(told)
        return self.quantity(told) if isinstance(told, Decimal) else told

    def day(self, on: date) -> str:
        """A date that no reader takes for another: 5 Mar 2025, or 2025年3月5日."""
        return day_in_words(on, self._language)

    def money(self, amount: Decimal) -> str:
        """An amount with the currency's digits."""
        return show_money(amount, self._digits, self._language)

    def price(self, price: Decimal) -> str:
        """A unit price: the currency's digits, and more where it has more."""
        finest = price.normalize().as_tuple().exponent
        digits = max(self._digits, -finest if isinstance(finest, int) else 0)
        return show_money(price, digits, self._language)

    def quantity(self, quantity: Decimal) -> str:
        return show_quantity(quantity)

    def percent(self, rate: Decimal) -> str:
        return f"{show_quantity(rate)}%"
