"""The columns and the saved views of each list."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from o2c_tui.screens.base import STATUS, money, price, quantity, short_day
from o2c_tui.texts import N_, _
from o2c_tui.widgets.listing import Column


@dataclass(frozen=True)
class ListKind:
    """One kind of list: what it is called, its rows' kind in queries, its views and what can be made or opened."""

    title: str
    kind: str
    views: tuple[tuple[str, str], ...]  # (words, filter)
    new: str = ""  # kind of editor
    empty: str = N_("Nothing fits.")


KINDS: dict[str, ListKind] = {
    "quotations": ListKind(
        N_("QUOTATIONS"),
        "quotation",
        (
            (N_("Open"), "status:open"),
            (N_("Draft"), "is:draft"),
            (N_("Sent"), "status:sent"),
            (N_("Expired"), "is:expired"),
            (N_("All"), ""),
        ),
        "quotation",
        N_("No quotation fits. F6 makes a new one; 5 shows all."),
    ),
    "orders": ListKind(
        N_("SALES ORDERS"),
        "order",
        (
            (N_("To deliver"), "status:open"),
            (N_("Draft"), "is:draft"),
            (N_("Late"), "is:late"),
            (N_("Uninvoiced"), "is:uninvoiced"),
            (N_("All"), ""),
        ),
        "order",
        N_("No sales order fits. F6 makes a new one; 5 shows all."),
    ),
    "deliveries": ListKind(
        N_("DELIVERIES"),
        "delivery",
        ((N_("To invoice"), "status:open"), (N_("To pick"), "is:draft"), (N_("All"), ""), (N_("To ship"), "is:leaving")),
        empty=N_("No delivery fits. They are made from sales orders with F8; 3 shows all."),
    ),
    "invoices": ListKind(
        N_("INVOICES"),
        "invoice",
        ((N_("Open"), "status:open"), (N_("Late"), "is:late"), (N_("Draft"), "is:draft"), (N_("Credits"), "is:credit"), (N_("All"), "")),
        empty=N_("No invoice fits. They are made from deliveries or orders with F8; 5 shows all."),
    ),
    "payments": ListKind(
        N_("PAYMENTS"),
        "payment",
        ((N_("All"), ""), (N_("Unapplied"), "status:open"), (N_("Reversed"), "is:reversed")),
        "payment",
        N_("No payment fits. F6 takes one in."),
    ),
    "receipts": ListKind(N_("GOODS RECEIPTS"), "receipt", ((N_("All"), ""),), "receipt", N_("No receipt fits. F6 takes goods in.")),
    "purchases": ListKind(
        N_("PURCHASE ORDERS"), "purchase",
        ((N_("To come"), "is:open"), (N_("Late"), "is:late"), (N_("Unbilled"), "is:unbilled"), (N_("Draft"), "is:draft"), (N_("All"), "")),
        "purchase", N_("No purchase order fits. F6 makes a new one; 5 shows all."),
    ),
    "bills": ListKind(
        N_("SUPPLIER BILLS"), "bill", ((N_("All"), ""), (N_("Draft"), "is:draft"), (N_("Credits"), "is:credit")),
        "bill", N_("No bill fits. F6 types one; F8 on a goods receipt bills it."),
    ),
    "transfers": ListKind(
        N_("TRANSFERS"), "transfer", ((N_("Under way"), "is:open"), (N_("Late"), "is:late"), (N_("Draft"), "is:draft"), (N_("All"), "")),
        "transfer", N_("No transfer fits. F6 makes a new one; 4 shows all."),
    ),
    "stocktakes": ListKind(
        N_("STOCKTAKES"), "stocktake", ((N_("Being counted"), "is:open"), (N_("All"), "")),
        "stocktake", N_("No count fits. F6 begins one; 2 shows all."),
    ),
    "adjustments": ListKind(
        N_("STOCK ADJUSTMENTS"), "adjustment", ((N_("All"), ""), (N_("Gains"), "is:gain"), (N_("Losses"), "is:loss")),
        "adjustment", N_("No adjustment fits. F6 puts stock right."),
    ),
    "lots": ListKind(
        N_("LOTS"), "lot",
        ((N_("Here"), "is:open"), (N_("Expiring"), "is:expiring"), (N_("Expired"), "is:expired"), (N_("Gone"), "is:gone"), (N_("All"), "")),
        empty=N_("No lot fits. They come with goods received of items that are tracked; 5 shows all."),
    ),
    "bins": ListKind(
        N_("BINS"), "location", ((N_("All"), ""), (N_("With goods"), "is:open"), (N_("Empty"), "is:empty"), (N_("Not used"), "is:inactive")),
        "location", N_("No bin fits. F6 makes a new one."),
    ),
    "warehouses": ListKind(
        N_("WAREHOUSES"), "warehouse", ((N_("All"), ""), (N_("Stores"), "is:store"), (N_("Not used"), "is:inactive")),
        "warehouse", N_("No warehouse fits. F6 makes a new one."),
    ),
    "stock": ListKind(
        N_("STOCK"),
        "stock",
        ((N_("All"), ""), (N_("Low"), "is:low"), (N_("Nothing free"), "is:short"), (N_("Reserved"), "is:reserved")),
        "receipt",
        N_("No stock fits. F6 takes goods in."),
    ),
    "alerts": ListKind(
        N_("STOCK ALERTS"), "alert", ((N_("Unread"), "is:unseen"), (N_("Standing"), "is:open"), (N_("All"), "")),
        empty=N_("No alert fits. An item that comes to its reorder point raises one; 3 shows all."),
    ),
    "items": ListKind(N_("ITEMS"), "item", ((N_("All"), ""), (N_("Services"), "is:service"), (N_("Kits"), "is:kit"), (N_("Tracked"), "is:tracked"), (N_("Not used"), "is:inactive")), "item", N_("No item fits. F6 makes a new one.")),
    "customers": ListKind(
        N_("CUSTOMERS"), "customer", ((N_("All"), ""), (N_("Owing"), "is:open"), (N_("On hold"), "is:hold")), "customer",
        N_("No customer fits. F6 makes a new one."),
    ),
    "suppliers": ListKind(N_("SUPPLIERS"), "supplier", ((N_("All"), ""),), "supplier", N_("No supplier fits. F6 makes a new one.")),
}  # fmt: skip


def invoice_status(row: Any, today: date) -> str:
    """What a list says of an invoice: paid, late by how many days, open."""
    if row.state == "draft":
        return _("DRAFT")
    if row.kind == "credit_note":
        return _("CREDIT") if row.open else _("USED")
    if not row.open:
        return _("PAID")
    if row.due_on is not None and row.due_on < today:
        return _("LATE {n}d").format(n=(today - row.due_on).days)
    return _("PART") if row.open != row.gross else _("OPEN")


def order_status(row: Any, today: date, late_ones: Collection[int] = ()) -> str:
    """What a list says of an order: its state, or how far it has come; late where its promise is past or will not hold."""
    if row.state != "confirmed":
        return _(STATUS[str(row.state)])
    if row.delivery != "fully":
        late = row.id in late_ones or (row.promised_on is not None and row.promised_on < today)
        return _("LATE") if late else _("PART") if row.delivery == "partly" else _("OPEN")
    return _("DONE") if row.billing == "fully" else _("SHIPPED")


def quotation_status(row: Any, today: date) -> str:
    """What a list says of a quotation: its state, expired, or ordered."""
    if row.state == "sent" and row.valid_until < today:
        return _("EXPIRED")
    if row.state == "accepted" and row.ordered != "none":
        return _("ORDERED") if row.ordered == "fully" else _("PART")
    return _(STATUS[str(row.state)])


def delivery_status(row: Any) -> str:
    """What a list says of a delivery: shipped, billed, returned."""
    if row.state != "shipped":
        return _(STATUS[str(row.state)])
    if row.returned == "fully":
        return _("BACK")
    return {"none": _("SHIPPED"), "partly": _("PART"), "fully": _("BILLED")}[str(row.billing)]


def purchase_status(row: Any, today: date) -> str:
    """What a list says of a purchase order: its state, or how far it has come in."""
    if row.state != "sent":
        return _(STATUS[str(row.state)])
    if row.receipt != "fully":
        late = row.expected_on is not None and row.expected_on < today
        return _("LATE") if late else _("PART") if row.receipt == "partly" else _("OPEN")
    return _("DONE") if row.billing == "fully" else _("RECEIVED")


def transfer_status(row: Any) -> str:
    """What a list says of a transfer: its state, or how far it has arrived."""
    if row.state != "dispatched":
        return _(STATUS[str(row.state)])
    return {"none": _("SENT"), "partly": _("PART"), "fully": _("DONE")}[str(row.arrival)]


def reason_words(reason: str) -> str:
    """Why stock was put right, in words."""
    from o2c_tui.models.warehouse import ADJUSTMENT_REASONS

    return _(ADJUSTMENT_REASONS.get(reason, reason))


def alert_status(row: Any) -> str:
    """What a list says of a stock alert."""
    if row.cleared_on is not None:
        return _("CLEARED")
    return _("UNREAD") if row.seen_on is None else _("SEEN")


def never(day: date) -> str:
    """A day of expiry; empty where there is none (it lies in 2999)."""
    return "" if day.year == 2999 else day.isoformat()


def warehouse_word(kind: str) -> str:
    """What a warehouse is there for."""
    from o2c_tui.models.item import WAREHOUSE_WORDS, WarehouseKind

    return _(WAREHOUSE_WORDS[WarehouseKind(kind)])


def payment_status(row: Any) -> str:
    """What a list says of a payment."""
    if row.reversed_by is not None or row.amount < 0:
        return _("VOID")
    return _("OPEN") if row.unapplied else _("USED")


def columns(
    place: str, today: date, digits: int, late: Collection[int] = ()
) -> tuple[list[Column[Any]], Callable[[Any], bool] | None]:
    """The columns of a list, and which of its rows deserve a `!`; `late`: the keys of orders that are."""

    def number(title: str = N_("Number")) -> Column[Any]:
        return Column(title, lambda r: _number(r), width=11, style=_number_style)

    customer: Column[Any] = Column(N_("Customer"), lambda r: r.customer, width=17, share=1)
    by: Column[Any] = Column(N_("By"), lambda r: r.by, width=8, wide_only=True, style=lambda r: "dim")

    def day(title: str, name: str, spare: int = 2) -> Column[Any]:
        return Column(title, lambda r: short_day(getattr(r, name), today), width=8, spare=spare)

    def figure(title: str, name: str, width: int = 12) -> Column[Any]:
        return Column(title, lambda r: money(getattr(r, name), digits), width=width, right=True)

    def status(word: Callable[[Any], str]) -> Column[Any]:
        return Column(N_("Status"), word, width=9, style=lambda r: _tone(word(r)), chip=True)

    def count(title: str, name: str, width: int = 10) -> Column[Any]:
        return Column(title, lambda r: quantity(getattr(r, name)), width=width, right=True)

    if place == "quotations":
        return [
            number(), customer, day(N_("Date"), "quoted_on"), day(N_("Valid to"), "valid_until", 1), figure(N_("Total"), "gross"),
            status(lambda r: quotation_status(r, today)), by,
        ], lambda r: r.state == "sent" and r.valid_until < today  # fmt: skip
    if place == "orders":
        return [
            number(), customer, Column(N_("Reference"), lambda r: r.reference, width=14, wide_only=True),
            day(N_("Date"), "ordered_on"), day(N_("Promised"), "promised_on", 1), figure(N_("Total"), "gross"),
            status(lambda r: order_status(r, today, late)), by,
        ], lambda r: order_status(r, today, late) in (_("LATE"), _("HOLD")) or r.id in late  # fmt: skip
    if place == "deliveries":
        return [
            number(), customer, Column(N_("Order"), lambda r: r.order_number, width=11), day(N_("Date"), "shipped_on"),
            Column(N_("From"), lambda r: r.warehouse, width=8, spare=3), status(delivery_status), by,
        ], None  # fmt: skip
    if place == "invoices":
        return [
            number(), customer, replace(day(N_("Date"), "invoiced_on"), wide_only=True), day(N_("Due"), "due_on", 1),
            replace(figure(N_("Total"), "gross"), spare=2), figure(N_("Open"), "open"), status(lambda r: invoice_status(r, today)), by,
        ], lambda r: bool(r.open > 0 and r.due_on and r.due_on < today)  # fmt: skip
    if place == "payments":
        return [
            number(), customer, day(N_("Date"), "received_on"), Column(N_("Reference"), lambda r: r.reference, width=14, wide_only=True),
            figure(N_("Amount"), "amount"), replace(figure(N_("Unapplied"), "unapplied"), spare=1), status(payment_status), by,
        ], None  # fmt: skip
    if place == "receipts":
        return [
            number(), Column(N_("Supplier"), lambda r: r.supplier or "", width=18, share=1), day(N_("Date"), "received_on"),
            Column(N_("Where"), lambda r: r.warehouse, width=8), figure(N_("Value"), "value"),
            status(lambda r: _(STATUS[str(r.state)])), by,
        ], None  # fmt: skip
    if place == "purchases":
        return [
            number(), Column(N_("Supplier"), lambda r: r.supplier, width=18, share=1), day(N_("Date"), "ordered_on"),
            day(N_("Expected"), "expected_on", 1), Column(N_("Warehouse"), lambda r: r.warehouse, width=9, spare=2),
            Column(N_("Net"), lambda r: money(r.net, digits), width=12, right=True), status(lambda r: purchase_status(r, today)), by,
        ], lambda r: r.state == "sent" and r.receipt != "fully" and bool(r.expected_on and r.expected_on < today)  # fmt: skip
    if place == "bills":
        return [
            number(), Column(N_("Supplier"), lambda r: r.supplier, width=18, share=1),
            Column(N_("Their number"), lambda r: r.supplier_number, width=13, spare=1), day(N_("Date"), "billed_on"), day(N_("Due"), "due_on", 1),
            figure(N_("Total"), "gross"), status(lambda r: _("CREDIT") if r.kind == "credit" else _(STATUS[str(r.state)])), by,
        ], None  # fmt: skip
    if place == "transfers":
        return [
            number(), Column(N_("From"), lambda r: r.source, width=9, share=1), Column(N_("To"), lambda r: r.target, width=9, share=1),
            day(N_("Date"), "dispatched_on"), day(N_("Expected"), "expected_on", 1), figure(N_("Value"), "value"), status(transfer_status), by,
        ], None  # fmt: skip
    if place == "stocktakes":
        return [
            number(), Column(N_("Where"), lambda r: r.warehouse, width=8), Column(N_("Note"), lambda r: r.note, width=16, share=1),
            day(N_("Date"), "started_on"), day(N_("Posted"), "counted_on", 1), figure(N_("Difference"), "value"),
            status(lambda r: _(STATUS[str(r.state)])), by,
        ], None  # fmt: skip
    if place == "adjustments":
        return [
            number(), Column(N_("Where"), lambda r: r.warehouse, width=8), Column(N_("Reason"), lambda r: reason_words(r.reason), width=14, share=1),
            day(N_("Date"), "adjusted_on"), figure(N_("Value"), "value"), status(lambda r: _(STATUS[str(r.state)])), by,
        ], None  # fmt: skip
    if place == "lots":
        return [
            Column(N_("Item"), lambda r: r.item, width=12), Column(N_("Description"), lambda r: r.name, width=16, share=1),
            Column(N_("Lot"), lambda r: r.code, width=16), Column(N_("Expires"), lambda r: never(r.expires_on), width=10),
            count(N_("On hand"), "quantity"), Column(N_("Unit"), lambda r: r.unit, width=5),
        ], lambda r: bool(r.quantity) and r.expires_on < today  # fmt: skip
    if place == "bins":
        return [
            Column(N_("Where"), lambda r: r.warehouse, width=10), Column(N_("Bin"), lambda r: r.code, width=12),
            Column(N_("Name"), lambda r: r.name, width=20, share=1), Column(N_("Walk"), lambda r: str(r.pick_order), width=7, right=True),
            Column(N_("Items"), lambda r: str(r.items or ""), width=8, right=True, spare=2),
            Column("", lambda r: "" if r.active else _("old"), width=5, style=lambda r: "dim"),
        ], None  # fmt: skip
    if place == "warehouses":
        return [
            Column(N_("Code"), lambda r: r.code, width=12), Column(N_("Name"), lambda r: r.name, width=20, share=1),
            Column(N_("Kind"), lambda r: warehouse_word(r.kind), width=12),
            Column(N_("Bins"), lambda r: str(r.bins or ""), width=8, right=True),
            Column(N_("Items"), lambda r: str(r.items or ""), width=8, right=True, spare=2),
            Column("", lambda r: "" if r.active else _("old"), width=5, style=lambda r: "dim"),
        ], None  # fmt: skip
    if place == "stock":
        return [
            Column(N_("Item"), lambda r: r.code, width=12), Column(N_("Description"), lambda r: r.name, width=16, share=1),
            Column(N_("Where"), lambda r: r.warehouse, width=7), count(N_("On hand"), "on_hand"), replace(count(N_("Reserved"), "reserved"), spare=1),
            Column(N_("Avail"), lambda r: quantity(r.available), width=10, right=True, style=lambda r: "bad" if r.available <= 0 else ""),
        ], lambda r: r.available <= r.reorder_point  # fmt: skip
    if place == "alerts":
        return [
            Column(N_("Item"), lambda r: r.code, width=11), Column(N_("Description"), lambda r: r.name, width=12, share=1),
            Column(N_("Where"), lambda r: r.warehouse, width=6, spare=1), day(N_("Date"), "raised_on", 2),
            count(N_("Projected"), "projected", 9), count(N_("Reorder at"), "point", 10), replace(count(N_("Avail now"), "available", 9), spare=3),
            status(alert_status), Column(N_("By"), lambda r: r.seen_by, width=8, wide_only=True, style=lambda r: "dim"),
        ], lambda r: r.cleared_on is None and r.seen_on is None  # fmt: skip
    if place == "items":
        return [
            Column(N_("Item"), lambda r: r.code, width=12), Column(N_("Description"), lambda r: r.name, width=18, share=1),
            Column(N_("Unit"), lambda r: r.unit, width=5, spare=1), Column(N_("Price"), lambda r: price(r.sale_price, digits), width=11, right=True),
            Column(N_("On hand"), lambda r: "" if r.kind == "service" else quantity(r.on_hand), width=9, right=True),
            Column(N_("Avail"), lambda r: _("service") if r.kind == "service" else quantity(r.available), width=9, right=True),
        ], None  # fmt: skip
    return [
        Column(N_("Code"), lambda r: r.code, width=10), Column(N_("Name"), lambda r: r.name, width=24, share=1),
        figure(N_("Owes"), "owes"),
        Column(N_("Limit"), lambda r: money(r.credit_limit, digits) if r.credit_mode != "off" else "", width=12, right=True, spare=1),
        Column(N_("Terms"), lambda r: r.term, width=6, spare=2),
        Column("", lambda r: _("HOLD") if r.on_hold else "" if r.active else _("old"), width=5, style=lambda r: "bad"),
    ], lambda r: r.on_hold or (r.credit_mode != "off" and r.owes > r.credit_limit)  # fmt: skip


def _tone(status: str) -> str:
    if status.startswith((_("LATE"), _("HOLD"), _("EXPIRED"))):
        return "bad"
    if status in (_("PAID"), _("DONE"), _("ORDERED"), _("ACCEPTED")):
        return "good"
    return (
        "dim"
        if status
        in (_("DRAFT"), _("VOID"), _("OLD"), _("NO"), _("USED"), _("BILLED"), _("CLOSED"), _("CLEARED"), _("SEEN"))
        else ""
    )


def _number_style(row: Any) -> str:
    return "dim" if row.number is None else ""


def _number(row: Any) -> str:
    if row.number is None:
        return _("draft")
    revision = getattr(row, "revision", 1)
    return row.number if revision == 1 else f"{row.number}/{revision}"
