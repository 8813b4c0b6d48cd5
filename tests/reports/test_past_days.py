"""A past day stays as it was: each report as of a day, before and after later bookings, byte for byte. docs/rules/reports.md."""

from datetime import datetime, time, timedelta
from decimal import Decimal as D
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from o2c_tui.errors import TradeError
from o2c_tui.queries.margin import DIMENSIONS, Of, cost_of_no_order, earned, ledger_sums
from o2c_tui.reports.catalogue import make
from o2c_tui.reports.kinds import KINDS, NAMES, Asked
from o2c_tui.reports.table import as_csv, as_text
from o2c_tui.services.amending import LineChange, amend_order
from o2c_tui.services.bill_draft import BillDraft, BillLineDraft, ChargeDraft
from o2c_tui.services.billing import enter_bill
from o2c_tui.services.crediting import credit_invoice, return_and_credit
from o2c_tui.services.drafting import DocumentDraft
from o2c_tui.services.invoicing import invoice_order
from o2c_tui.services.itemising import save_kit, save_reorder_rule
from o2c_tui.services.ordering import cancel_order, close_order, confirm_order, hold_order, reopen_order, save_order
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.purchasing import close_purchase, reopen_purchase, set_expected
from o2c_tui.services.receiving import cancel_receipt, receive_purchase
from o2c_tui.services.setup import ItemSetup, save_item
from o2c_tui.services.sharing import promise_lines
from o2c_tui.services.shipping import return_goods, reverse_delivery, ship_order
from o2c_tui.services.taking_back import reverse_payment
from o2c_tui.services.transferring import TransferDraft, TransferLineDraft, transfer_now
from o2c_tui.storage.store import Store
from tests.makers import TODAY, Desk, delivered, keys, lines, open_books, ordered, paid, purchased, receive
from tests.ready import new_store

COUNTS = st.integers(1, 9).map(D)
CENTS = st.integers(1, 2_000).map(lambda n: D(n).scaleb(-2))


def every_report(desk, day):
    """Each report of a day, each way it can be told, as text and CSV."""
    found = {}
    for kind in KINDS:
        for by in kind.by or ("",):
            report = desk.ask(make, kind.name, Asked(by=by, as_of=day), desk.today)
            found[kind.name, by] = as_text(report) + as_csv(report)
    for asked in (Asked(as_of=day, item="BOLT"), Asked(as_of=day, item="BOLT", warehouse="MAIN", first=day)):
        found["stock-card", str(asked)] = as_text(desk.ask(make, "stock-card", asked, desk.today))
    return found


def books(store):
    """Books with a kit, a second person, a second customer and a reorder rule."""
    desk = open_books(store)
    desk.do(save_party, PartySetup("BEACON", "Beacon Hardware"))
    desk.do(save_item, ItemSetup("SET", "Set of bolts", kind="kit", sale_price=D("25.00")))
    desk.do(save_kit, "SET", parts={"BOLT": D(2), "NUT": D(1)})
    desk.do(save_reorder_rule, "BOLT", point=D(5), target=D(20))
    return desk


@pytest.fixture
def clock():
    """A clock that stands at nine in the morning of a day that the test moves on."""
    return {"day": TODAY}


@pytest.fixture
def moving(books_url, clock):
    """An open Store whose clock follows the desk's day."""
    store = Store.open(books_url, clock=lambda: datetime.combine(clock["day"], time(9), ZoneInfo("UTC")), who="ada")
    yield store
    store.close()


def test_no_later_booking_changes_a_report_of_a_past_day(moving, clock):
    desk = books(moving)
    receive(desk, "BOLT", 6, "4.00")
    receive(desk, "NUT", 100, "0.05")
    purchase = purchased(desk, ("BOLT", 20, "4.50"), expected_on=TODAY + timedelta(days=5))
    first = desk.do(receive_purchase, purchase, quantities={keys(desk, "purchase", purchase)[0]: D(4)})
    sold = ordered(desk, ("BOLT", 4), ("SET", 1), ("FREIGHT", 1), promised_on=TODAY)
    gone = delivered(desk, sold, 2, 1, 1)
    bill = desk.do(invoice_order, sold.order_id)
    waits = ordered(desk, ("BOLT", 30), customer="BEACON", promised_on=TODAY - timedelta(days=1))
    unsent = desk.do(save_order, DocumentDraft("ACME", lines(("BOLT", 3)))).id
    day = desk.today
    before = every_report(desk, day)
    assert "LATE" in before["back-orders", ""] and "BOLT" in before["reorder", ""]

    desk.next_day()
    clock["day"] = desk.today
    goods = BillLineDraft(first.number, 1, D(4), D("6.00"))
    desk.do(enter_bill, BillDraft("ISAR", (goods,), (ChargeDraft("Freight", D("3.00"), (first.number,)),)))
    desk.do(confirm_order, unsent)
    desk.do(promise_lines, waits.order_id, {keys(desk, "order", waits.order_id)[0]: TODAY + timedelta(days=30)})
    desk.do(set_expected, purchase, TODAY + timedelta(days=50))
    second = desk.do(receive_purchase, purchase, quantities={keys(desk, "purchase", purchase)[0]: D(6)})
    desk.do(cancel_receipt, second.id, "wrong goods")
    desk.do(close_purchase, purchase)
    desk.do(hold_order, waits.order_id, "papers")
    amended = (LineChange(1, quantity=D(9), unit_price=D("11.00")), LineChange(item="NUT", quantity=D(50)))
    desk.do(amend_order, waits.order_id, lines=amended, promised_on=TODAY + timedelta(days=9))
    desk.do(amend_order, sold.order_id, lines=(LineChange(1, quantity=D(6)),))
    line = keys(desk, "invoice", bill.invoice_id)[0]
    desk.do(return_and_credit, bill.invoice_id, {line: D(1)}, "damaged")
    desk.do(credit_invoice, bill.invoice_id, "allowance", quantities={keys(desk, "invoice", bill.invoice_id)[2]: D(1)})
    payment = paid(desk, "50.00")
    desk.do(transfer_now, TransferDraft("MAIN", "SHOP", (TransferLineDraft("NUT", D(3)),)))
    clock["day"] = desk.today = desk.today + timedelta(days=2)
    later = delivered(desk, sold)
    desk.do(reverse_delivery, later.delivery_id, "lorry broke down")
    desk.do(reverse_payment, payment.payment_id, "bounced")
    desk.do(close_order, sold.order_id)
    desk.do(cancel_order, waits.order_id)
    desk.do(reopen_purchase, purchase)
    desk.do(return_goods, gone.delivery_id, {keys(desk, "delivery", gone.delivery_id)[1]: D(1)})
    clock["day"] = desk.today = desk.today + timedelta(days=2)
    desk.do(reopen_order, sold.order_id)

    now = every_report(desk, day)
    assert now == before, {key: (before[key], now[key]) for key in now if now[key] != before[key]}
    assert every_report(desk, desk.today) != before
    desk.holds()


@pytest.mark.parametrize("name", NAMES)
def test_before_the_first_booking_every_report_is_empty(store, name):
    desk = books(store)
    receive(desk, "BOLT", 6, "4.00")
    ordered(desk, ("BOLT", 9))
    assert desk.ask(make, name, Asked(as_of=TODAY - timedelta(days=1)), desk.today).rows == ()


class Days(RuleBasedStateMachine):
    """Any walk over buying and selling, day after day: reports of days gone stay, margins are those of the ledger."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.store = new_store(f"{self.folder.name}/books.sqlite", clock=self._now)
        self.desk: Desk = Desk(self.store)
        self.desk = books(self.store)
        self.orders: list[int] = []
        self.deliveries: list[int] = []
        self.invoices: list[int] = []
        self.purchases: list[int] = []
        self.receipts: list[tuple[int, str]] = []
        self.kept: dict = {}

    def _now(self):
        desk = getattr(self, "desk", None)
        return datetime.combine(desk.today if desk else TODAY, time(9), ZoneInfo("UTC"))

    def teardown(self) -> None:
        self.desk.holds()
        self._margins_are_the_accounts_of_the_ledger()
        for day, before in self.kept.items():
            now = every_report(self.desk, day)
            assert now == before, {key: (before[key], now[key]) for key in now if now[key] != before[key]}
        self.store.close()
        self.folder.cleanup()

    def _try(self, verb, *args, **more):
        try:
            return self.desk.do(verb, *args, **more) or True
        except TradeError:
            return None

    def _one(self, data, things):
        return data.draw(st.sampled_from(things))

    @rule(quantity=COUNTS, cost=CENTS, item=st.sampled_from(["BOLT", "NUT"]))
    def goods_come_in(self, quantity, cost, item):
        receive(self.desk, item, quantity, cost)

    @rule(
        quantity=COUNTS,
        price=CENTS,
        what=st.sampled_from(["BOLT", "NUT", "SET"]),
        customer=st.sampled_from(["ACME", "BEACON"]),
        by=st.sampled_from(["ada", "bob"]),
        ahead=st.integers(-2, 5),
    )
    def an_order_is_confirmed(self, quantity, price, what, customer, by, ahead):
        promised = self.desk.today + timedelta(days=ahead)
        self.desk.by = by
        done = ordered(self.desk, (what, quantity, price), ("FREIGHT", 1), customer=customer, promised_on=promised)
        self.desk.by = "ada"
        self.orders.append(done.order_id)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), quantity=COUNTS)
    def it_is_delivered_in_part(self, data, quantity):
        order = self._one(data, self.orders)
        line = self.desk.document("order", order).lines[0]
        done = self._try(ship_order, order, quantities={line["id"]: quantity})
        if done:
            self.deliveries.append(done.delivery_id)

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def all_that_can_go_goes(self, data):
        done = self._try(ship_order, self._one(data, self.orders))
        if done:
            self.deliveries.append(done.delivery_id)

    @precondition(lambda self: self.deliveries)
    @rule(data=st.data(), quantity=COUNTS, taken_back=st.booleans())
    def goods_come_back(self, data, quantity, taken_back):
        delivery = self._one(data, self.deliveries)
        if taken_back:
            self._try(reverse_delivery, delivery, "wrong address")
        else:
            self._try(return_goods, delivery, {keys(self.desk, "delivery", delivery)[0]: quantity})

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def it_is_billed(self, data):
        done = self._try(invoice_order, self._one(data, self.orders))
        if done:
            self.invoices.append(done.invoice_id)

    @precondition(lambda self: self.invoices)
    @rule(data=st.data(), quantity=COUNTS, again=st.booleans())
    def it_is_credited(self, data, quantity, again):
        invoice = self._one(data, self.invoices)
        line = self.desk.document("invoice", invoice).lines[0]
        self._try(credit_invoice, invoice, "price", quantities={line["id"]: quantity}, bill_again=again)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), step=st.sampled_from([close_order, cancel_order, reopen_order]))
    def an_order_takes_another_step(self, data, step):
        self._try(step, self._one(data, self.orders))

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), quantity=COUNTS, more=st.booleans(), ahead=st.integers(0, 5))
    def it_is_amended(self, data, quantity, more, ahead):
        changes = [LineChange(1, quantity=quantity), *([LineChange(item="NUT", quantity=quantity)] if more else [])]
        on = self.desk.today + timedelta(days=ahead)
        self._try(amend_order, self._one(data, self.orders), lines=changes, promised_on=on)

    @rule(quantity=COUNTS, price=CENTS)
    def bolts_are_bought(self, quantity, price):
        self.purchases.append(purchased(self.desk, ("BOLT", quantity, price)))

    @precondition(lambda self: self.purchases)
    @rule(data=st.data(), part=COUNTS)
    def they_come_in_part(self, data, part):
        purchase = self._one(data, self.purchases)
        done = self._try(receive_purchase, purchase, quantities={keys(self.desk, "purchase", purchase)[0]: part})
        if done:
            self.receipts.append((done.id, done.number))

    @precondition(lambda self: self.receipts)
    @rule(data=st.data(), quantity=COUNTS, price=CENTS)
    def the_bill_is_dearer_and_freight_comes(self, data, quantity, price):
        _key, number = self._one(data, self.receipts)
        freight = ChargeDraft("Freight", price, (number,))
        self._try(enter_bill, BillDraft("ISAR", (BillLineDraft(number, 1, quantity, price),), (freight,)))

    @precondition(lambda self: self.receipts)
    @rule(data=st.data())
    def a_receipt_was_none(self, data):
        self._try(cancel_receipt, self._one(data, self.receipts)[0], "wrong goods")

    @precondition(lambda self: self.purchases)
    @rule(data=st.data(), step=st.sampled_from([close_purchase, reopen_purchase]))
    def a_purchase_takes_another_step(self, data, step):
        self._try(step, self._one(data, self.purchases))

    @rule()
    def a_day_goes_by(self):
        self._margins_are_the_accounts_of_the_ledger()
        if len(self.kept) < 3:
            self.kept[self.desk.today] = every_report(self.desk, self.desk.today)
        self.desk.next_day()

    def _margins_are_the_accounts_of_the_ledger(self):
        """By whatever they are told, on any day and of any period; now is what the facts tell of today."""
        desk = self.desk
        for of in (Of(), Of(as_of=desk.today - timedelta(days=1)), Of(first=desk.today)):
            sales, cost = desk.ask(ledger_sums, first=of.first, as_of=of.as_of)
            cost -= desk.ask(cost_of_no_order, first=of.first, as_of=of.as_of)
            for by in DIMENSIONS:
                rows = desk.ask(earned, by, of)
                told = sum((row.invoiced for row in rows), D(0)), sum((row.cost for row in rows), D(0))
                assert told == (sales, cost), by
        for by in ("order", "line", "customer", "item", "person"):
            assert desk.ask(earned, by, Of()) == desk.ask(earned, by, Of(as_of=desk.today)), by


def test_any_walk_leaves_past_days_as_they_were_and_margins_true():
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Days,
        settings=settings(
            phases=[Phase.generate],
            max_examples=3,
            stateful_step_count=22,
            deadline=None,
            derandomize=True,
            suppress_health_check=checks,
        ),
    )
