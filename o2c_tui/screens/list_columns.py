"""The columns of each list, and which of its rows deserve a `!`: a function a list."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from o2c_tui.reports.codes import rate_words, term_words
from o2c_tui.screens.base import STATUS, money, money_of, price, quantity, short_day
from o2c_tui.screens.list_words import (
    adjustment_word,
    alert_status,
    delivery_status,
    invoice_status,
    mail_status,
    never,
    number_tone,
    number_word,
    order_status,
    payment_status,
    purchase_status,
    quotation_status,
    reason_words,
    source_word,
    tone,
    transfer_status,
    warehouse_word,
)
from o2c_tui.texts import N_, _
from o2c_tui.widgets.listing import Column

_Shown = tuple[list[Column[Any]], Callable[[Any], bool] | None]  # the columns, and whether a row deserves a `!`


class _As(NamedTuple):
    """How things are told: seen from a day, in the company's digits; `late`: the keys of orders that are."""

    today: date
    digits: int
    late: Collection[int]
    own: str = ""  # the company's currency

    def day(self, title: str, name: str, spare: int = 2) -> Column[Any]:
        return Column(title, lambda r: short_day(getattr(r, name), self.today), width=8, spare=spare)

    def figure(self, title: str, name: str, width: int = 12) -> Column[Any]:
        def told(row: Any) -> str:
            return money_of(getattr(row, name), getattr(row, "currency", ""), self.own, self.digits, width)

        return Column(title, told, width=width, right=True)


def columns(place: str, today: date, digits: int, late: Collection[int] = (), own: str = "") -> _Shown:
    """The columns of a list, and which of its rows deserve a `!`; `late`: the keys of orders that are."""
    return _COLUMNS[place](_As(today, digits, late, own))


# -- columns that many lists have ------------------------------------------------------------------------------------

_NUMBER: Column[Any] = Column(N_("Number"), number_word, width=11, style=number_tone)
_CUSTOMER: Column[Any] = Column(N_("Customer"), lambda r: r.customer, width=17, share=1)
_SUPPLIER: Column[Any] = Column(N_("Supplier"), lambda r: r.supplier or "", width=18, share=1)
_BY: Column[Any] = Column(N_("By"), lambda r: r.by, width=8, wide_only=True, style=lambda r: "dim")
_WHERE: Column[Any] = Column(N_("Where"), lambda r: r.warehouse, width=8)
_OLD: Column[Any] = Column("", lambda r: "" if r.active else _("old"), width=5, style=lambda r: "dim")


def _status(word: Callable[[Any], str]) -> Column[Any]:
    return Column(N_("Status"), word, width=9, style=lambda r: tone(word(r)), chip=True)


def _state(row: Any) -> str:
    return _(STATUS[str(row.state)])


def _count(title: str, name: str, width: int = 10) -> Column[Any]:
    return Column(title, lambda r: quantity(getattr(r, name)), width=width, right=True)


def _reference() -> Column[Any]:
    return Column(N_("Reference"), lambda r: r.reference, width=14, wide_only=True)


def _few(title: str, name: str, spare: int = 0) -> Column[Any]:
    """How many there are; nothing where there are none."""
    return Column(title, lambda r: str(getattr(r, name) or ""), width=8, right=True, spare=spare)


# -- what is sold ----------------------------------------------------------------------------------------------------


def _quotations(on: _As) -> _Shown:
    return [
        _NUMBER, _CUSTOMER, on.day(N_("Date"), "quoted_on"), on.day(N_("Valid to"), "valid_until", 1),
        on.figure(N_("Total"), "gross"), _status(lambda r: quotation_status(r, on.today)), _BY,
    ], lambda r: r.state == "sent" and r.valid_until < on.today  # fmt: skip


def _orders(on: _As) -> _Shown:
    def word(row: Any) -> str:
        return order_status(row, on.today, on.late)

    return [
        _NUMBER, _CUSTOMER, _reference(), on.day(N_("Date"), "ordered_on"), on.day(N_("Promised"), "promised_on", 1),
        on.figure(N_("Total"), "gross"), _status(word), _BY,
    ], lambda r: word(r) in (_("LATE"), _("HOLD")) or r.id in on.late  # fmt: skip


def _deliveries(on: _As) -> _Shown:
    return [
        _NUMBER, _CUSTOMER, Column(N_("Order"), lambda r: r.order_number, width=11), on.day(N_("Date"), "shipped_on"),
        Column(N_("From"), lambda r: r.warehouse, width=8, spare=3), _status(delivery_status), _BY,
    ], None  # fmt: skip


def _invoices(on: _As) -> _Shown:
    return [
        _NUMBER, _CUSTOMER, replace(on.day(N_("Date"), "invoiced_on"), wide_only=True), on.day(N_("Due"), "due_on", 1),
        replace(on.figure(N_("Total"), "gross"), spare=2), on.figure(N_("Open"), "open"),
        _status(lambda r: invoice_status(r, on.today)), _BY,
    ], lambda r: bool(r.open > 0 and r.due_on and r.due_on < on.today)  # fmt: skip


def _payments(on: _As) -> _Shown:
    return [
        _NUMBER, _CUSTOMER, on.day(N_("Date"), "received_on"), _reference(), on.figure(N_("Amount"), "amount"),
        replace(on.figure(N_("Unapplied"), "unapplied"), spare=1), _status(payment_status), _BY,
    ], None  # fmt: skip


def _settlements(on: _As) -> _Shown:
    def status(row: Any) -> str:
        if row.state == "draft":
            return _("DRAFT")
        if row.reversed_by is not None or row.reverses_id is not None:
            return _("VOID")
        return _("OPEN") if row.open else _("DONE")

    return [
        _NUMBER, _CUSTOMER, on.day(N_("Date"), "adjusted_on"),
        Column(N_("Reason"), lambda r: adjustment_word(r.kind), width=14),
        Column(N_("Invoice"), lambda r: r.invoice or "", width=11, spare=2), on.figure(N_("Amount"), "amount"),
        replace(on.figure(N_("Tax"), "tax", 10), wide_only=True), _status(status), _BY,
    ], None  # fmt: skip


# -- what is bought --------------------------------------------------------------------------------------------------


def _receipts(on: _As) -> _Shown:
    return [
        _NUMBER, _SUPPLIER, on.day(N_("Date"), "received_on"), _WHERE, on.figure(N_("Value"), "value"),
        _status(_state), _BY,
    ], None  # fmt: skip


def _purchases(on: _As) -> _Shown:
    return [
        _NUMBER, _SUPPLIER, on.day(N_("Date"), "ordered_on"), on.day(N_("Expected"), "expected_on", 1),
        Column(N_("Warehouse"), lambda r: r.warehouse, width=9, spare=2), on.figure(N_("Net"), "net"),
        _status(lambda r: purchase_status(r, on.today)), _BY,
    ], lambda r: r.state == "sent" and r.receipt != "fully" and bool(r.expected_on and r.expected_on < on.today)  # fmt: skip


def _bills(on: _As) -> _Shown:
    return [
        _NUMBER, _SUPPLIER, Column(N_("Their number"), lambda r: r.supplier_number, width=13, spare=1),
        on.day(N_("Date"), "billed_on"), on.day(N_("Due"), "due_on", 1), on.figure(N_("Total"), "gross"),
        _status(lambda r: _("CREDIT") if r.kind == "credit" else _state(r)), _BY,
    ], None  # fmt: skip


# -- what happens in the house ---------------------------------------------------------------------------------------


def _transfers(on: _As) -> _Shown:
    return [
        _NUMBER, Column(N_("From"), lambda r: r.source, width=9, share=1),
        Column(N_("To"), lambda r: r.target, width=9, share=1), on.day(N_("Date"), "dispatched_on"),
        on.day(N_("Expected"), "expected_on", 1), on.figure(N_("Value"), "value"), _status(transfer_status), _BY,
    ], None  # fmt: skip


def _stocktakes(on: _As) -> _Shown:
    return [
        _NUMBER, _WHERE, Column(N_("Note"), lambda r: r.note, width=16, share=1), on.day(N_("Date"), "started_on"),
        on.day(N_("Posted"), "counted_on", 1), on.figure(N_("Difference"), "value"), _status(_state), _BY,
    ], None  # fmt: skip


def _adjustments(on: _As) -> _Shown:
    return [
        _NUMBER, _WHERE, Column(N_("Reason"), lambda r: reason_words(r.reason), width=14, share=1),
        on.day(N_("Date"), "adjusted_on"), on.figure(N_("Value"), "value"), _status(_state), _BY,
    ], None  # fmt: skip


def _lots(on: _As) -> _Shown:
    return [
        Column(N_("Item"), lambda r: r.item, width=12), Column(N_("Description"), lambda r: r.name, width=16, share=1),
        Column(N_("Lot"), lambda r: r.code, width=16), Column(N_("Expires"), lambda r: never(r.expires_on), width=10),
        _count(N_("On hand"), "quantity"), Column(N_("Unit"), lambda r: r.unit, width=5),
    ], lambda r: bool(r.quantity) and r.expires_on < on.today  # fmt: skip


def _bins(on: _As) -> _Shown:
    return [
        replace(_WHERE, width=10), Column(N_("Bin"), lambda r: r.code, width=12),
        Column(N_("Name"), lambda r: r.name, width=20, share=1),
        Column(N_("Walk"), lambda r: str(r.pick_order), width=7, right=True), _few(N_("Items"), "items", 2), _OLD,
    ], None  # fmt: skip


def _rates(on: _As) -> _Shown:
    return [
        Column(N_("Currency"), lambda r: r.currency, width=8), Column(N_("From day"), lambda r: r.valid_on.isoformat(), width=10),
        Column(N_("Rate"), lambda r: f"{r.rate:,.6f}", width=18, right=True),
        Column(N_("Source"), lambda r: source_word(r.origin), width=16, share=1),
    ], None  # fmt: skip


def _terms(on: _As) -> _Shown:
    return [
        Column(N_("Code"), lambda r: r.code, width=12), Column(N_("Name"), lambda r: r.name, width=20, share=1),
        Column(N_("Instalments"), lambda r: term_words(r.parts), width=24, share=1),
        _OLD,
    ], None  # fmt: skip


def _taxes(on: _As) -> _Shown:
    from o2c_tui.models.item import TAX_KIND_WORDS

    return [
        Column(N_("Code"), lambda r: r.code, width=12), Column(N_("Name"), lambda r: r.name, width=10, share=1),
        Column(N_("Tax rate"), lambda r: rate_words(r), width=10, right=True),
        Column(N_("From day"), lambda r: "" if r.valid_on is None else r.valid_on.isoformat(), width=10),
        Column(N_("Kind"), lambda r: _(TAX_KIND_WORDS.get(r.kind, r.kind)), width=14),
        Column(N_("In price"), lambda r: _("yes") if r.included else "", width=8), _OLD,
    ], None  # fmt: skip


def _warehouses(on: _As) -> _Shown:
    return [
        Column(N_("Code"), lambda r: r.code, width=12), Column(N_("Name"), lambda r: r.name, width=20, share=1),
        Column(N_("Kind"), lambda r: warehouse_word(r.kind), width=12), _few(N_("Bins"), "bins"),
        _few(N_("Items"), "items", 2), _OLD,
    ], None  # fmt: skip


# -- items, what there is of them, who buys and sells them -----------------------------------------------------------


def _stock(on: _As) -> _Shown:
    def scarce(row: Any) -> str:
        return "bad" if row.available <= 0 else ""

    return [
        Column(N_("Item"), lambda r: r.code, width=12), Column(N_("Description"), lambda r: r.name, width=16, share=1),
        replace(_WHERE, width=7), _count(N_("On hand"), "on_hand"), replace(_count(N_("Reserved"), "reserved"), spare=1),
        replace(_count(N_("Avail"), "available"), style=scarce),
    ], lambda r: r.available <= r.reorder_point  # fmt: skip


def _alerts(on: _As) -> _Shown:
    return [
        Column(N_("Item"), lambda r: r.code, width=11), Column(N_("Description"), lambda r: r.name, width=12, share=1),
        replace(_WHERE, width=6, spare=1), on.day(N_("Date"), "raised_on", 2), _count(N_("Projected"), "projected", 9),
        _count(N_("Reorder at"), "point", 10), replace(_count(N_("Avail now"), "available", 9), spare=3),
        _status(alert_status), replace(_BY, text=lambda r: r.seen_by),
    ], lambda r: r.cleared_on is None and r.seen_on is None  # fmt: skip


def _items(on: _As) -> _Shown:
    def on_hand(row: Any) -> str:
        return "" if row.kind == "service" else quantity(row.on_hand)

    def available(row: Any) -> str:
        return _("service") if row.kind == "service" else quantity(row.available)

    return [
        Column(N_("Item"), lambda r: r.code, width=12), Column(N_("Description"), lambda r: r.name, width=18, share=1),
        Column(N_("Unit"), lambda r: r.unit, width=5, spare=1),
        Column(N_("Price"), lambda r: price(r.sale_price, on.digits), width=11, right=True),
        Column(N_("On hand"), on_hand, width=9, right=True), Column(N_("Avail"), available, width=9, right=True),
    ], None  # fmt: skip


def _parties(on: _As) -> _Shown:
    def limit(row: Any) -> str:
        return money(row.credit_limit, on.digits) if row.credit_mode != "off" else ""

    def flag(row: Any) -> str:
        return _("HOLD") if row.on_hold else "" if row.active else _("old")

    return [
        Column(N_("Code"), lambda r: r.code, width=10), Column(N_("Name"), lambda r: r.name, width=24, share=1),
        on.figure(N_("Owes"), "owes"), Column(N_("Limit"), limit, width=12, right=True, spare=1),
        Column(N_("Terms"), lambda r: r.term, width=6, spare=2), Column("", flag, width=5, style=lambda r: "bad"),
    ], lambda r: r.on_hold or (r.credit_mode != "off" and r.owes > r.credit_limit)  # fmt: skip


def _reminders(on: _As) -> _Shown:
    return [
        _NUMBER, replace(_CUSTOMER, width=18), on.day(N_("Date"), "reminded_on"),
        Column(N_("Step"), lambda r: str(r.level), width=4, right=True, spare=1),
        on.figure(N_("Open"), "total"), replace(on.figure(N_("Fee"), "fee", 8), spare=2),
        Column(N_("Recipient"), lambda r: r.email or _("on paper"), width=10, share=1), _BY,
    ], None  # fmt: skip


def _mails(on: _As) -> _Shown:
    def trouble(row: Any) -> bool:
        return row.taken_at is not None or row.state in ("failed", "bounced")

    return [
        Column(N_("Date"), lambda r: short_day(r.made_at.date(), on.today), width=8, spare=3),
        Column(N_("Recipient"), lambda r: r.to, width=18, share=1), Column(N_("Subject"), lambda r: r.subject, width=20, share=1),
        Column(N_("Tries"), lambda r: str(r.tries or ""), width=5, right=True, spare=2),
        Column(N_("Status"), mail_status, width=8, style=lambda r: "bad" if trouble(r) else ""), _BY,
    ], trouble  # fmt: skip


_COLUMNS: dict[str, Callable[[_As], _Shown]] = {
    "quotations": _quotations,
    "orders": _orders,
    "deliveries": _deliveries,
    "invoices": _invoices,
    "payments": _payments,
    "settlements": _settlements,
    "receipts": _receipts,
    "purchases": _purchases,
    "bills": _bills,
    "transfers": _transfers,
    "stocktakes": _stocktakes,
    "adjustments": _adjustments,
    "lots": _lots,
    "bins": _bins,
    "rates": _rates,
    "terms": _terms,
    "taxes": _taxes,
    "warehouses": _warehouses,
    "stock": _stock,
    "alerts": _alerts,
    "outbox": _mails,
    "reminders": _reminders,
    "items": _items,
    "customers": _parties,
    "suppliers": _parties,
}
