"""The same walk over the verbs, with its refusals, ends in the same books on SQLite and on PostgreSQL."""

import os
import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import pytest
import sqlalchemy as sa

from o2c_tui.errors import TradeError
from o2c_tui.queries.documents import NUMBERED, document
from o2c_tui.queries.exposure import exposure_of
from o2c_tui.queries.receivables import aged
from o2c_tui.queries.stock import stock_on
from o2c_tui.services.amending import LineChange, amend_order
from o2c_tui.services.crediting import credit_invoice
from o2c_tui.services.invoicing import invoice_deliveries, invoice_order
from o2c_tui.services.ordering import (
    cancel_order,
    close_order,
    hold_order,
    order_quotation,
    release_order,
    reopen_order,
    reserve_order,
)
from o2c_tui.services.paying import apply_credit
from o2c_tui.services.shipping import return_goods, ship_order
from o2c_tui.services.taking_back import reverse_payment, unapply
from o2c_tui.storage.rows import table_of
from tests.conftest import NOW
from tests.makers import TODAY, Desk, open_books, paid, quoted, receive
from tests.ready import new_store

ITEMS = ("BOLT", "NUT")


class Clerk:
    """Does whatever the dice say; what it made is kept in the order it was made, so that both databases pick the same."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk, self.dice = desk, random.Random(seed)
        self.quotations: list[int] = []
        self.orders: list[int] = []
        self.deliveries: list[int] = []
        self.invoices: list[int] = []
        self.payments: list[int] = []
        self.told: list[str] = []  # what each step gave: done, or the refusal's sentence

    def walk(self, steps: int) -> list[str]:
        doings: list[Callable[[], Any]] = [
            self.receive, self.quote, self.order, self.order, self.ship, self.ship, self.bill, self.bill, self.pay,
            self.back, self.credit, self.settle, self.undo, self.bounce, self.change, self.amend, self.desk.next_day,
        ]  # fmt: skip
        for _ in range(steps):
            doing = self.dice.choice(doings)
            try:
                doing()
                self.told.append(doing.__name__)
            except TradeError as refusal:
                self.told.append(f"{doing.__name__}: {type(refusal).__name__}")
        return self.told

    def _one(self, made: list[int]) -> int:
        return self.dice.choice(made) if made else -1

    def _parts(self, kind: str, key: int) -> dict[int, D]:
        """A part, now and then too much, of some lines; told by position first, since keys differ."""
        lines = self.desk.ask(document, kind, key).lines
        return {line["id"]: D(self.dice.randint(1, 6)) for line in lines if self.dice.random() < 0.7}

    def receive(self) -> None:
        cents = D(self.dice.randint(1, 999)).scaleb(-2)
        receive(self.desk, self.dice.choice(ITEMS), self.dice.randint(1, 12), cents)

    def quote(self) -> None:
        wanted = [(item, self.dice.randint(1, 9), D(self.dice.randint(1, 3000)).scaleb(-3)) for item in ITEMS]
        off = D(self.dice.choice([0, 0, 7])).scaleb(-2)
        self.quotations.append(quoted(self.desk, *wanted, ("FREIGHT", 1), discount_amount=off))

    def order(self) -> None:
        key = self._one(self.quotations)
        parts = self._parts("quotation", key) if self.dice.random() < 0.5 else None
        made = self.desk.do(order_quotation, key, quantities=parts)
        if not made.existing:
            self.orders.append(made.order_id)

    def ship(self) -> None:
        key = self._one(self.orders)
        parts = self._parts("order", key) if self.dice.random() < 0.5 else None
        self.deliveries.append(self.desk.do(ship_order, key, quantities=parts).delivery_id)

    def bill(self) -> None:
        if self.dice.random() < 0.5:
            done = self.desk.do(invoice_order, self._one(self.orders))
        else:
            done = self.desk.do(invoice_deliveries, [self._one(self.deliveries)])
        self.invoices.append(done.invoice_id)

    def pay(self) -> None:
        self.payments.append(paid(self.desk, D(self.dice.randint(1, 4000)).scaleb(-2)).payment_id)

    def back(self) -> None:
        key = self._one(self.deliveries)
        self.desk.do(return_goods, key, self._parts("delivery", key), reason="damaged")

    def credit(self) -> None:
        key = self._one(self.invoices)
        parts = self._parts("invoice", key) if self.dice.random() < 0.6 else None
        self.desk.do(credit_invoice, key, "price", quantities=parts, bill_again=self.dice.random() < 0.3)

    def settle(self) -> None:
        self.desk.do(apply_credit, payment_id=self._one(self.payments))

    def undo(self) -> None:
        self.desk.do(unapply, self._one(self.payments))

    def bounce(self) -> None:
        self.desk.do(reverse_payment, self._one(self.payments), "bounced")

    def change(self) -> None:
        key = self._one(self.orders)
        verb = self.dice.choice([reserve_order, release_order, close_order, cancel_order, reopen_order, hold_order])
        more = ("papers",) if verb is hold_order else ()
        self.desk.do(verb, key, *more)

    def amend(self) -> None:
        """More, less, another price, a line more; now and then below what is shipped or invoiced."""
        key = self._one(self.orders)
        lines = self.desk.ask(document, "order", key).lines
        price = D(self.dice.randint(1, 2000)) / 100
        changes = [
            LineChange(line["position"], D(self.dice.randint(0, 9)), price if self.dice.random() < 0.3 else None)
            for line in lines
            if self.dice.random() < 0.6
        ]
        if self.dice.random() < 0.3:
            changes.append(LineChange(item="NUT", quantity=D(7), unit_price=D("0.333")))
        self.desk.do(amend_order, key, lines=tuple(changes))


def _books(desk: Desk) -> dict[str, Any]:
    """All that the books say, without keys: a refusal uses some up on PostgreSQL."""

    def plain(row: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in row.items() if not name.endswith("id") and name != "reversed_by"}

    told: dict[str, Any] = {}
    for kind, model in NUMBERED.items():
        table = table_of(model)
        with desk.store.engine.connect() as connection:
            keys = connection.execute(sa.select(table.c.id).order_by(table.c.id)).scalars().all()
        shown = [desk.ask(document, kind, key) for key in keys]
        told[kind] = [(d.label, plain(d.head), [plain(line) for line in d.lines]) for d in shown]
        told[f"{kind} instalments"] = [[(i.position, i.due_on, i.amount, i.open) for i in d.instalments] for d in shown]
        told[f"{kind} shares"] = [[(s.number, s.due_on, s.amount, s.on) for s in d.shares] for d in shown]
        told[f"{kind} chain"] = [[(link.kind, link.number, link.state, link.gross) for link in d.chain] for d in shown]
    days = [TODAY + timedelta(days=n) for n in range((desk.today - TODAY).days + 1)]
    told["aging"] = [[(row.code, row.buckets, row.unapplied) for row in desk.ask(aged, as_of=day)] for day in days]
    told["stock"] = [[(x.on_hand, x.reserved, x.value) for x in desk.ask(stock_on, as_of=day)] for day in days]
    told["exposure"] = desk.ask(exposure_of, 1)
    return told


def _walk_both(tmp_path: Any, postgres_books: str, seed: int, steps: int) -> list[str]:
    ends = []
    for url in (f"sqlite:///{tmp_path / 'books.sqlite'}", postgres_books):
        store = new_store(url, clock=lambda: NOW, who="ada")
        desk = open_books(store)
        told = Clerk(desk, seed).walk(steps)
        desk.holds()
        ends.append((told, _books(desk)))
        store.close()
    (told, books), (also_told, also_books) = ends
    assert told == also_told
    for what in books:
        assert books[what] == also_books[what], what
    return told


def test_a_walk_ends_in_the_same_books_on_both_databases(tmp_path, postgres_books):
    told = _walk_both(tmp_path, postgres_books, 10, 90)
    done = {step for step in told if ":" not in step}
    assert len(done) == 14  # each kind of step was done at least once
    assert any(":" in step for step in told)  # and some were refused


@pytest.mark.soak
def test_long_walks_end_in_the_same_books_on_both_databases(tmp_path, postgres_books):
    _walk_both(tmp_path, postgres_books, 7, int(os.environ.get("O2C_SOAK_STEPS", "10000")))
