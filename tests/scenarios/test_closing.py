"""Locked periods, closings, the end of a month, and the ledger's reports. docs/rules/closing.md."""

import sqlite3
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from o2c_tui.errors import (
    BadValueError,
    LockedPeriodError,
    MissingValueError,
    NotAllowedError,
    TradeError,
    WrongStateError,
)
from o2c_tui.models.base import Role, role_of
from o2c_tui.models.closing import ClosingKind
from o2c_tui.models.company import Company, UserRole
from o2c_tui.queries.bank import bank_lines, line_of_match
from o2c_tui.queries.closing import closings
from o2c_tui.queries.documents import NUMBERED
from o2c_tui.queries.ledger import ledger, turnover
from o2c_tui.queries.month import TASKS, month_end
from o2c_tui.queries.reconcile import RECONCILED, reconcile
from o2c_tui.queries.tax_report import PURCHASES, SALES, tax_told
from o2c_tui.queries.verify import verify
from o2c_tui.reports.catalogue import make
from o2c_tui.reports.kinds import LEDGER_KINDS, Asked
from o2c_tui.reports.table import OTHERWISE
from o2c_tui.services.closing import close_period, lock_period, tick_task, unlock
from o2c_tui.services.deposits import deposit_invoice
from o2c_tui.services.paying import PaymentDraft, receive_payment
from o2c_tui.services.setup import change_company, save_user
from o2c_tui.storage.store import Store
from o2c_tui.storage.triggers import guarded_tables
from tests.conftest import NOW
from tests.makers import TODAY, Desk, open_books, ordered, paid, receive, sold, trail
from tests.storage import whole_books as story
from tests.storage.whole_books import whole_books

OCTOBER = date(2026, 10, 31)
YESTERDAY = TODAY - timedelta(days=1)

# Days of facts that do not say when a row counts in the books: what was agreed, what is due, when it is expected; and
# days of heads whose moves, journal and open items bear the day themselves.
OTHER_DAYS = {
    "quotation", "sales_order", "purchase_order", "reminder", "reminder_line", "bank_statement", "bank_line",
    "bank_match", "closing", "cost_layer", "delivery", "customer_return", "goods_receipt", "supplier_bill",
    "supplier_return", "stock_transfer", "transfer_arrival", "stocktake", "stock_adjustment", "receivable_adjustment",
    "exchange_rate", "outgoing_mail", "paper_log", "recurring_invoice",
}  # fmt: skip


def test_every_table_with_a_day_that_counts_is_declared():
    undeclared = [
        table.name
        for table in guarded_tables()
        if not table.info["dated"]
        and table.name not in OTHER_DAYS
        and any(isinstance(c.type, sa.Date) and role_of(c) is Role.FACT for c in table.columns)
    ]
    assert undeclared == []


class _Locked(Desk):
    """A desk that tries each step under a lock first: what it would post is refused."""

    posting: set[str]

    def do(self, verb: Any, *args: Any, **kwargs: Any) -> Any:
        given = {"by": self.by, "today": self.today, **kwargs}
        given.pop("accepted", None)
        plain, locked = ({"work": _tried(verb, args, given, lock)} for lock in (None, date(2999, 12, 31)))
        would = self.store.preview_now(_run, **plain)
        posts = any(SQLModel.metadata.tables[name].info["dated"] for entry in would.entries for name in entry.facts)
        if posts:
            refused = self.store.preview_now(_run, **locked).refusal
            assert isinstance(refused, LockedPeriodError), f"{verb.__name__} posts into a locked period"
            self.posting.add(verb.__name__)
        return super().do(verb, *args, **kwargs)


def _run(session: Session, work: Callable[[Session, Any], None], now: Any) -> None:
    work(session, now)


def _tried(verb: Any, args: Any, given: Any, lock: date | None) -> Callable[[Session, Any], None]:
    import inspect

    def work(session: Session, now: Any) -> None:
        if lock is not None:
            company = session.get(Company, 1)
            assert company is not None
            company.locked_until = lock
            session.info["company"] = company
        more = {"now": now} if "now" in inspect.signature(verb).parameters else {}
        verb(session, *args, **given, **more)

    return work


def test_no_step_of_the_story_posts_into_a_locked_period(sqlite_store, monkeypatch):
    """The story tells every verb that posts something; each of them is tried under a lock before it is done."""
    desk = _Locked(sqlite_store)
    desk.posting = set()

    def opened(store: Any, **company: Any) -> Desk:
        open_books(store, **company)
        return desk

    monkeypatch.setattr(story, "open_books", opened)
    story._whole_books(sqlite_store)

    assert desk.posting >= {
        "receive_goods", "receive_purchase", "cancel_receipt", "ship_order", "return_goods", "invoice_deliveries",
        "invoice_order", "return_and_credit", "receive_payment", "reverse_payment", "enter_bill", "return_to_supplier",
        "dispatch_transfer", "receive_transfer", "post_stocktake", "adjust_stock",
    }  # fmt: skip
    desk.holds()


def test_the_refusal_says_until_when_and_what_to_do(store):
    desk = open_books(store)
    receive(desk)
    desk.do(lock_period, YESTERDAY)

    with pytest.raises(LockedPeriodError, match=r"locked until 2026-11-23.*2026-11-20.*Date it 2026-11-24 or later"):
        paid(desk, 10, received_on=date(2026, 11, 20))
    sold(desk, ("BOLT", 1))

    desk.holds()


def test_quotations_orders_and_drafts_stay_free_in_a_locked_period(store):
    desk = open_books(store)
    receive(desk)
    desk.do(lock_period, TODAY)

    ordered(desk, ("BOLT", 1))

    with pytest.raises(LockedPeriodError):
        receive(desk)


def test_a_softly_closed_period_lets_accounts_and_owners_in(store):
    desk = open_books(store)
    for login, role in (("sam", UserRole.SALES), ("bea", UserRole.ACCOUNTS), ("ada", UserRole.OWNER)):
        desk.do(save_user, login, login.title(), role)
    desk.do(lock_period, YESTERDAY, soft=True)

    with pytest.raises(LockedPeriodError, match=r"sam is sales.*ask accounts"):
        paid(Desk(store, "sam"), 10, received_on=YESTERDAY)
    paid(Desk(store, "bea"), 10, received_on=YESTERDAY)
    paid(desk, 10, received_on=YESTERDAY)
    paid(Desk(store, "sam"), 10)

    desk.do(lock_period, YESTERDAY)
    with pytest.raises(LockedPeriodError, match="locked until"):
        paid(Desk(store, "bea"), 10, received_on=YESTERDAY)
    desk.holds()


def test_a_lock_overtakes_what_was_posted_beside_it(postgres_url):
    """On a server two sessions write at once: the lock committed first, so the other's payment is refused at its commit."""
    store = Store.open(postgres_url, clock=lambda: NOW, who="ada")
    desk = open_books(store)

    def work(session: Session) -> None:
        receive_payment(session, PaymentDraft("ACME", D(10), received_on=YESTERDAY), by="ada", today=TODAY, now=NOW)
        desk.do(lock_period, YESTERDAY)  # by another session

    with pytest.raises(LockedPeriodError, match="locked until 2026-11-23"):
        store.batch_now(work)

    desk.holds()
    store.close()


def test_only_owners_lock_and_lift_and_a_lift_has_its_reason_in_the_trail(store):
    desk = open_books(store)
    desk.do(save_user, "bea", "Bea", UserRole.ACCOUNTS)
    bea = Desk(store, "bea")

    with pytest.raises(NotAllowedError, match=r"bea .accounts. may not lock the books; ask an owner"):
        bea.do(lock_period, OCTOBER)
    bea.do(lock_period, OCTOBER, soft=True)
    desk.do(lock_period, OCTOBER)
    with pytest.raises(BadValueError, match="locked until 2026-10-31 already"):
        desk.do(lock_period, OCTOBER)
    with pytest.raises(BadValueError, match="still to come"):
        desk.do(lock_period, TODAY + timedelta(days=1))
    with pytest.raises(NotAllowedError):
        bea.do(unlock, "please")
    with pytest.raises(MissingValueError):
        desk.do(unlock, " ")
    with pytest.raises(BadValueError, match="cannot be changed"):
        desk.do(change_company, {"locked_until": None})
    assert desk.do(unlock, "a bill came late", until=date(2026, 9, 30)).locked_until == date(2026, 9, 30)
    assert desk.do(unlock, "again").locked_until is None
    with pytest.raises(WrongStateError):
        desk.do(unlock, "again")

    assert '["reason","a bill came late"]' in trail(desk, "unlock")[0].changes
    desk.holds()


def test_a_closing_holds_until_its_lock_is_lifted_and_is_drawn_up_again(store):
    desk = open_books(store)
    desk.today = date(2026, 10, 5)
    receive(desk)
    sold(desk, ("BOLT", 3))
    desk.today = TODAY
    first = desk.do(close_period, ClosingKind.MONTH, OCTOBER)
    assert (first.from_on, first.to_on, first.run) == (date(2026, 10, 1), OCTOBER, 1)
    with pytest.raises(LockedPeriodError, match="was closed by ada already"):
        desk.do(close_period, ClosingKind.MONTH, date(2026, 10, 7))
    with pytest.raises(LockedPeriodError):
        paid(desk, 36, received_on=OCTOBER)
    with pytest.raises(BadValueError, match="The month ends on 2026-11-30"):
        desk.do(close_period, ClosingKind.MONTH, TODAY)

    desk.do(unlock, "forgotten money", until=date(2026, 9, 30))
    desk.holds()  # lifted: no longer promised
    paid(desk, 36, received_on=OCTOBER)
    again = desk.do(close_period, ClosingKind.MONTH, OCTOBER)

    assert again.run == 2
    newest, oldest = desk.ask(closings)
    assert (newest.holds, oldest.holds) == (True, False)
    assert newest.totals["documents"]["payment"] == [1, "PAY26-0001", "PAY26-0001", "36"]
    assert "payment" not in oldest.totals["documents"]
    assert sum(D(account[6]) for account in newest.totals["accounts"]) == 0
    assert oldest.chain_hash and oldest.chain_hash != newest.chain_hash
    desk.holds()


def test_a_tampered_journal_breaks_the_closing(sqlite_store):
    desk = open_books(sqlite_store)
    desk.today = date(2026, 10, 5)
    receive(desk)
    sold(desk, ("BOLT", 3))
    desk.today = TODAY
    desk.do(close_period, ClosingKind.YEAR, date(2025, 7, 1))
    desk.do(close_period, ClosingKind.MONTH, OCTOBER)
    with sqlite3.connect(sqlite_store.url.removeprefix("sqlite:///")) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE journal_entry SET posted_on = '2026-11-02' WHERE source = 'invoice'")

    told = {check.name: check for check in desk.ask(verify).checks}

    assert "closing 2026-10: its totals are not what the journal" in str(told["closings hold"].breaches[0])


def test_a_months_points_are_counted_from_the_books_and_ticked_by_hand(store):
    desk = open_books(store)
    desk.today = date(2026, 10, 5)
    receive(desk)
    sold(desk, ("BOLT", 3))
    paid(desk, 40)
    desk.today = TODAY
    open_points = {
        point.code: (point.count, point.amount) for point in desk.ask(month_end, OCTOBER).points if not point.done
    }
    assert open_points == {"receipts": (1, D(400)), "credits": (1, D(-4)), **dict.fromkeys(TASKS, (0, D(0)))}

    desk.do(tick_task, "2026-10", "stock", note="by two")
    with pytest.raises(BadValueError, match="Give one of"):
        desk.do(tick_task, "2026-10", "lunch")
    with pytest.raises(BadValueError, match="no month"):
        desk.do(tick_task, "2026-13", "stock")
    (point,) = [point for point in desk.ask(month_end, OCTOBER).points if point.code == "stock"]
    assert (point.done_on, point.who, point.note) == (TODAY, "ada", "by two")
    desk.do(tick_task, "2026-10", "stock", done=False)
    assert not next(point for point in desk.ask(month_end, OCTOBER).points if point.code == "stock").done
    assert not desk.ask(month_end, OCTOBER).closed
    desk.do(close_period, ClosingKind.MONTH, OCTOBER)
    assert desk.ask(month_end, OCTOBER).closed
    desk.holds()


# -- the ledger's reports --------------------------------------------------------------------------------------------


def _days(desk: Desk) -> list[date]:
    heads = SQLModel.metadata.tables["journal_entry"]
    return desk.ask(lambda session: sorted(session.execute(sa.select(heads.c.posted_on).distinct()).scalars()))


def _told_over_days(store: Any) -> Desk:
    """The story, its steps spread over days as far as they may be."""
    desk = whole_books(store)
    desk.do(deposit_invoice, ordered(desk, ("FREIGHT", 3)).order_id, percent=D(40))
    for days in (1, 3):
        desk.next_day(days)
        receive(desk, "BOLT", 7, "4.50")
        sold(desk, ("BOLT", 2), ("FREIGHT", 1))
        paid(desk, "11.11")
    return desk


def test_every_reconciliation_agrees_on_every_day(store):
    desk = _told_over_days(store)

    for day in [date(2020, 1, 1), *_days(desk), date(2030, 1, 1)]:
        for name in RECONCILED:
            told = desk.ask(reconcile, name, day)
            assert told.agrees, (name, day, told)
    assert desk.ask(reconcile, "received", desk.today).account != 0


def test_the_tax_report_is_tied_to_the_accounts_to_the_cent(store):
    desk = _told_over_days(store)

    whole = desk.ask(tax_told, None, None)
    assert whole.agrees
    assert {line.side for line in whole.lines} == {SALES, PURCHASES}
    assert any(line.credited_tax for line in whole.lines)
    assert whole.tax_account and whole.input_account
    for day in _days(desk):
        assert desk.ask(tax_told, day, day, "quarter").agrees


def _sum_of(report, title):
    at = next(n for n, heading in enumerate(report.headings) if heading.title == title)
    return sum((row[at] or D(0) for row in report.rows), D(0))


def test_the_rows_behind_a_reconciliation_add_up_to_it_on_every_day(store):
    desk = _told_over_days(store)

    followed = set()
    for day in [*_days(desk), desk.today]:
        for name in RECONCILED:
            made = desk.ask(make, "reconciliation", Asked(name, as_of=day), desk.today)
            for row, behind in zip(made.rows, made.behind, strict=True):
                if name == "receivables":
                    continue  # open items are told in their own currencies
                below = desk.ask(make, behind.report, behind.asked, desk.today)
                title = {"inventory": "Value"}.get(name, made.headings[3].title)
                assert _sum_of(below, title) == row[3], (name, day, row)
                for part in below.behind:
                    if part.report:
                        continue
                    followed.add(part.kind)
                    if part.kind in NUMBERED:
                        desk.document(part.kind, part.key)
    assert {"bill", "receipt", "invoice"} <= followed


def test_the_documents_behind_the_tax_report_add_up_to_each_of_its_lines(store):
    desk = _told_over_days(store)

    for by in ("month", "year"):
        made = desk.ask(make, "tax", Asked(by), desk.today)
        assert made.rows
        for row, behind in zip(made.rows, made.behind, strict=True):
            below = desk.ask(make, "tax", behind.asked, desk.today)
            assert (_sum_of(below, "Base"), _sum_of(below, "Tax")) == (row[4], row[5]), row
            assert all(part.kind in NUMBERED for part in below.behind)
    sales = desk.ask(make, "tax", Asked("sales"), desk.today)
    assert sales.notes[0][0] == "The account agrees with its rows."
    with pytest.raises(BadValueError):
        desk.ask(make, "tax", Asked("sales", code="VAT20@much"), desk.today)


def test_every_line_of_the_ledger_opens_what_made_it(store):
    desk = _told_over_days(store)

    made = desk.ask(make, "ledger", Asked(), desk.today)
    kinds = {behind.kind for behind in made.behind}
    assert {"invoice", "payment", "receivable_adjustment", "bank_match"} <= kinds
    for behind in made.behind:
        if behind.kind == "bank_match":
            (line,) = desk.ask(lambda s, key=behind.key: bank_lines(s, ids=[line_of_match(s, key)]))
            assert line.matched
        else:
            desk.document(behind.kind, behind.key)


def test_the_bank_is_reconciled_in_the_report_and_each_part_opens(store):
    desk = _told_over_days(store)

    (row,) = desk.ask(make, "reconciliation", Asked("bank", as_of=TODAY), desk.today).rows
    assert row[0] == "MAIN" and row[4] - row[3] == row[5] and row[6] == 0
    made = desk.ask(make, "reconciliation", Asked("bank", as_of=TODAY, account="MAIN"), desk.today)
    assert made.totals[3] == row[5]
    kinds = {behind.kind for behind in made.behind if behind is not None}
    assert {"bank_line", "payment"} <= kinds


def test_a_ledger_runs_from_its_opening_to_its_closing_balance(store):
    desk = _told_over_days(store)

    for line in desk.ask(turnover, TODAY + timedelta(days=1), None):
        told = desk.ask(ledger, line.code, TODAY + timedelta(days=1), None)
        assert (told.opening, told.closing) == (line.opening, line.closing)
        assert sum((x.amount for x in told.lines), told.opening) == told.closing
        assert all(x.number for x in told.lines)
    assert sum(line.closing for line in desk.ask(turnover)) == 0


@pytest.mark.parametrize("kind", LEDGER_KINDS, ids=lambda kind: kind.name)
def test_every_ledger_report_is_made_and_none_disagrees(sqlite_store, kind):
    desk = _told_over_days(sqlite_store)

    for by in kind.by or ("",):
        for asked in (Asked(by=by), Asked(by=by, as_of=TODAY)):
            report = desk.ask(make, kind.name, asked, desk.today)
            assert report.rows
            assert not any(text == OTHERWISE for text, _values in report.notes)


def test_an_account_that_is_not_there_is_refused(store):
    desk = open_books(store)
    with pytest.raises(TradeError, match="There is no account 1234"):
        desk.ask(make, "ledger", Asked(account="1234"), TODAY)
