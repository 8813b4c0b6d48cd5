"""Makers: books with a company, customers, items and stock; each test states only what it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from o2c_tui.models.audit import AuditEntry
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.item import Item
from o2c_tui.models.ledger import Account, JournalEntry, JournalLine
from o2c_tui.queries.documents import document
from o2c_tui.queries.places import places
from o2c_tui.queries.stock import card, stock_on
from o2c_tui.queries.verify import verify
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.invoicing import Billed, invoice_deliveries
from o2c_tui.services.ordering import Confirmation, confirm_order, order_quotation, save_order
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.paying import Paid, PaymentDraft, receive_payment
from o2c_tui.services.purchasing import PurchaseDraft, PurchaseLineDraft, order_purchase
from o2c_tui.services.quoting import save_quotation, send_quotation
from o2c_tui.services.receiving import ReceiptDraft, ReceiptLineDraft, receive_goods
from o2c_tui.services.setup import CompanySetup, ItemSetup, create_company, save_item
from o2c_tui.services.shipping import Shipped, ship_order
from o2c_tui.services.tax_codes import TaxSetup, TermSetup
from o2c_tui.storage.store import Store
from tests.ready import TODAY, filled

D = Decimal


@dataclass
class Desk:
    """A Store with a person and a day: what a face does, for tests."""

    store: Store
    by: str = "ada"
    today: date = TODAY

    def do(self, verb: Any, *args: Any, **kwargs: Any) -> Any:
        """Run a verb, all warnings taken."""
        kwargs.setdefault("by", self.by)
        kwargs.setdefault("today", self.today)
        kwargs.setdefault("accepted", None)
        return self.store.write_now(verb, *args, **kwargs)

    def ask(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        """Ask a question."""
        return self.store.read_now(query, *args, **kwargs)

    def document(self, kind: str, key: int) -> Any:
        """One document, whole."""
        return self.ask(document, kind, key)

    def next_day(self, days: int = 1) -> None:
        """Let time pass."""
        self.today += timedelta(days=days)

    def holds(self) -> None:
        """Every promise of the books holds."""
        told = self.ask(verify)
        assert told.holds, [(check.name, check.breaches) for check in told.checks if not check.holds]


def open_books(store: Store, **company: Any) -> Desk:
    """New books: EUR, 20 % VAT, two warehouses, a customer ACME, items BOLT (10.00), NUT (0.10) and the service FREIGHT.

    On SQLite they are a copy of those that were opened in the same way before by this process.
    """
    if company or not filled(store, "books", make_books):
        return make_books(store, **company)
    return Desk(store)


def make_books(store: Store, **company: Any) -> Desk:
    """The books of `open_books`, made step by step: for tests that are about those steps."""
    desk = Desk(store)
    values: dict[str, Any] = {
        "name": "Test Trading",
        "currency": "EUR",
        "taxes": (
            TaxSetup("VAT20", "VAT", {date(2020, 1, 1): D("0.2")}),
            TaxSetup("VAT5", "VAT", {date(2020, 1, 1): D("0.05"), date(2027, 1, 1): D("0.06")}),
            TaxSetup("INC20", "VAT", {date(2020, 1, 1): D("0.2")}, included=True),
            TaxSetup("NONE", "no tax", {}, reason="not taxable"),
        ),
        "default_tax_code": "VAT20",
        "terms": (
            TermSetup("30D", "30 days net", ({"kind": "rest", "value": "0", "days": 30},)),
            TermSetup(
                "HALF", "half now, half in 60 days", ({"kind": "percent", "value": "50"}, {"kind": "rest", "days": 60})
            ),
        ),
        "warehouses": (("MAIN", "Main warehouse"), ("SHOP", "Shop")),
        **company,
    }
    desk.do(create_company, CompanySetup(**values))
    desk.do(save_party, PartySetup("ACME", "Acme Works", bill_to="1 Mill Lane\nLeeds", country="UK"))
    for code, name, price in (("BOLT", "Hex bolt", "10.00"), ("NUT", "Hex nut", "0.10")):
        desk.do(save_item, ItemSetup(code, name, sale_price=D(price)))
    desk.do(save_item, ItemSetup("FREIGHT", "Freight", kind="service", sale_price=D("15.00")))
    return desk


def receive(desk: Desk, item: str = "BOLT", quantity: Any = 100, cost: Any = "4.00", **more: Any) -> Any:
    """Goods into the main warehouse."""
    return desk.do(receive_goods, ReceiptDraft((ReceiptLineDraft(item, D(quantity), D(cost)),), **more))


def purchased(desk: Desk, *wanted: Any, supplier: str = "ISAR", **head: Any) -> int:
    """A purchase order that was sent, of (item, quantity, price) or whole line drafts; ISAR sells to us from then on."""
    if supplier == "ISAR":
        desk.do(save_party, PartySetup("ISAR", "Isar Metal", is_customer=False, is_supplier=True, tax_code="VAT20"))
    drafts = tuple(PurchaseLineDraft(w[0], D(w[1]), unit_price=D(w[2])) if isinstance(w, tuple) else w for w in wanted)
    return int(desk.do(order_purchase, PurchaseDraft(supplier, drafts, **head)).id)


def lines(*wanted: Any) -> tuple[LineDraft, ...]:
    """Lines from (item, quantity) or (item, quantity, price)."""
    return tuple(
        LineDraft(w[0], D(w[1]), D(w[2]) if len(w) > 2 else None) if isinstance(w, tuple) else w for w in wanted
    )


def quoted(desk: Desk, *wanted: Any, customer: str = "ACME", **head: Any) -> int:
    """A quotation that was sent."""
    saved = desk.do(save_quotation, DocumentDraft(customer, lines(*wanted), **head))
    desk.do(send_quotation, saved.id)
    return int(saved.id)


def ordered(desk: Desk, *wanted: Any, customer: str = "ACME", **head: Any) -> Confirmation:
    """A confirmed order without a quotation."""
    saved = desk.do(save_order, DocumentDraft(customer, lines(*wanted), **head))
    done: Confirmation = desk.do(confirm_order, saved.id)
    return done


def ordered_from(desk: Desk, quotation_id: int, quantities: Mapping[int, Decimal] | None = None) -> Confirmation:
    """An order made of a quotation."""
    done: Confirmation = desk.do(order_quotation, quotation_id, quantities=quantities)
    return done


def paid(desk: Desk, amount: Any, customer: str = "ACME", **more: Any) -> Paid:
    """Money from a customer."""
    done: Paid = desk.do(receive_payment, PaymentDraft(customer, D(amount), **more))
    return done


def terms_of(desk: Desk, code: str = "ACME", name: str = "Acme Works", **changes: Any) -> None:
    """Change what a customer agreed with us: credit, holds, shortage, policy, term, tax."""
    desk.do(save_party, PartySetup(code, name, **changes))


def keys(desk: Desk, kind: str, key: int) -> list[int]:
    """The keys of a document's lines, in their order."""
    return [line["id"] for line in desk.document(kind, key).lines]


def delivered(desk: Desk, order: Confirmation, *parts: Any, **more: Any) -> Shipped:
    """Goods of an order out of the house: all that can go, or so much of its first lines."""
    quantities = dict(zip(keys(desk, "order", order.order_id), map(D, parts), strict=False)) if parts else None
    done: Shipped = desk.do(ship_order, order.order_id, quantities=quantities, **more)
    return done


def sold(desk: Desk, *wanted: Any, customer: str = "ACME", on: date | None = None, **head: Any) -> Billed:
    """Ordered, delivered and invoiced on one day."""
    day = desk.today
    desk.today = on or day
    order = ordered(desk, *wanted, customer=customer, **head)
    done: Billed = desk.do(invoice_deliveries, [delivered(desk, order).delivery_id])
    desk.today = day
    return done


def booked(desk: Desk, source: str, key: int) -> dict[str, Decimal]:
    """The journal of one document: account code → amount, debit positive."""

    def read(session: Session) -> dict[str, Decimal]:
        query = (
            sa.select(col(Account.code), sa.func.sum(col(JournalLine.amount), type_=AMOUNT))
            .join(JournalLine, col(JournalLine.account_id) == col(Account.id))
            .join(JournalEntry, col(JournalEntry.id) == col(JournalLine.entry_id))
            .where(col(JournalEntry.source) == source, col(JournalEntry.source_id) == key)
            .group_by(col(Account.code))
        )
        return {code: amount for code, amount in session.execute(query)}

    return desk.ask(read)  # type: ignore[no-any-return]


def level(desk: Desk, item: str = "BOLT", warehouse: str = "MAIN") -> tuple[Decimal, Decimal]:
    """On hand and reserved of an item in a warehouse."""
    for line in desk.ask(stock_on):
        if (line.code, line.warehouse) == (item, warehouse):
            return line.on_hand, line.reserved
    return D(0), D(0)


def layers(desk: Desk, item: str = "BOLT") -> list[tuple[Decimal, Decimal]]:
    """Quantity and value of an item's open cost layers, oldest first."""
    return [(layer.quantity, layer.value) for layer in desk.ask(card, _item_id(desk, item)).layers]


def _item_id(desk: Desk, code: str) -> int:
    return int(
        desk.ask(lambda session: session.execute(sa.select(col(Item.id)).where(col(Item.code) == code)).scalar_one())
    )


def whole_database(desk: Desk) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""

    def read(session: Session) -> dict[str, list[tuple[Any, ...]]]:
        return {
            table.name: sorted(map(tuple, session.execute(sa.select(table)).all()), key=repr)
            for table in SQLModel.metadata.sorted_tables
        }

    return desk.ask(read)  # type: ignore[no-any-return]


def trail(desk: Desk, verb: str) -> list[Any]:
    """The audit entries of one verb, oldest first."""
    return desk.ask(  # type: ignore[no-any-return]
        lambda session: list(
            session.exec(select(AuditEntry).where(AuditEntry.verb == verb).order_by(col(AuditEntry.id)))
        )
    )


def at(desk: Desk, item: str = "BOLT") -> dict[str, Decimal]:
    """On hand of an item by warehouse, those that have none left out."""
    return {line.warehouse: line.on_hand for line in desk.ask(stock_on) if line.code == item and line.on_hand}


def worth(desk: Desk, item: str = "BOLT") -> dict[str, Decimal]:
    """What an item's stock is worth by warehouse, those that have none left out."""
    return {line.warehouse: line.value for line in desk.ask(stock_on) if line.code == item and line.on_hand}


def lying(desk: Desk, item: str = "BOLT", warehouse: str = "MAIN") -> dict[str, Decimal]:
    """Where an item lies in a warehouse: "bin lot" → quantity; in no bin and without a lot is the empty text."""
    found: dict[str, Decimal] = {}
    for line in desk.ask(places, item_id=_item_id(desk, item)):
        if line.warehouse == warehouse:
            found[f"{line.location} {line.lot}".strip()] = line.quantity
    return found
