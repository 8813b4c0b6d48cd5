"""The whole chain on real-shaped input: the figures of the Northwind sample, to the cent."""

from datetime import date
from decimal import Decimal as D

import pytest
import sqlalchemy as sa
from sqlmodel import col

from o2c_tui.models.invoice import Invoice
from o2c_tui.models.item import Item
from o2c_tui.models.ledger import AccountRole
from o2c_tui.models.order import SalesOrder, SalesOrderLine
from o2c_tui.models.stock import StockMove
from o2c_tui.queries.documents import document
from o2c_tui.queries.receivables import aged
from o2c_tui.queries.reconcile import RECONCILED, reconcile
from o2c_tui.queries.stock import stock_on
from o2c_tui.queries.tax_report import tax_told
from o2c_tui.queries.verify import verify
from o2c_tui.queries.verify_ledger import account_balance
from tests.every_figure import unexplained
from tests.makers import Desk
from tests.northwind.replay import FOLDER, LAST_DAY, rows_of
from tests.scenarios.test_plain_books import accepted, balances, each_form, ours, written

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the Northwind sample is not beside this checkout")


def test_line_nets_and_freight_are_those_of_the_sample(books):
    def nets(session):
        service = sa.select(Item.id).where(col(Item.code) == "FREIGHT").scalar_subquery()
        lines = sa.select(sa.func.sum(SalesOrderLine.net, type_=SalesOrderLine.__table__.c.net.type))
        goods = session.execute(lines.where(col(SalesOrderLine.item_id) != service)).scalar_one()
        freight = session.execute(lines.where(col(SalesOrderLine.item_id) == service)).scalar_one()
        return goods, freight

    assert books.read_now(nets) == (D("1265793.29"), D("64942.69"))


def test_809_orders_are_invoiced_and_21_are_open(books):
    def told(session):
        gross = sa.func.sum(Invoice.gross, type_=Invoice.__table__.c.gross.type)
        invoiced = session.execute(sa.select(sa.func.count(), gross)).one()
        rest = sa.func.sum(SalesOrder.uninvoiced, type_=SalesOrder.__table__.c.uninvoiced.type)
        waiting = session.execute(sa.select(sa.func.count(), rest).where(col(SalesOrder.delivery) != "fully")).one()
        return tuple(invoiced), tuple(waiting)

    assert books.read_now(told) == ((809, D("1303810.87")), (21, D("26925.11")))


def test_on_hand_is_what_the_sample_has_in_stock(books):
    wanted = {p["productID"]: D(p["unitsInStock"]) for p in rows_of(FOLDER, "products")}
    there = {line.code: line.on_hand for line in books.read_now(stock_on)}
    assert {code: there.get(code, D(0)) for code in wanted} == wanted
    assert len(wanted) == 77


def test_17_items_are_too_short_for_the_open_orders_and_back_ordered(books):
    def short(session):
        ids = session.execute(
            sa.select(SalesOrder.id).where(col(SalesOrder.delivery) != "fully").order_by(col(SalesOrder.id))
        ).scalars()
        waiting = {}
        for key in ids.all():
            for line in document(session, "order", key).lines:
                if line["back_ordered"]:
                    waiting[line["item"]] = waiting.get(line["item"], 0) + line["back_ordered"]
        return waiting

    assert len(books.read_now(short)) == 17


def test_aging_on_the_last_day_adds_up_to_the_receivables_account(books):
    rows = books.read_now(aged, as_of=LAST_DAY)
    account = books.read_now(account_balance, AccountRole.RECEIVABLE)
    assert sum(row.total for row in rows) == account > 0


def test_every_promise_of_the_replayed_books_holds(books):
    told = books.read_now(verify)
    assert told.holds, [(check.name, check.breaches[:3]) for check in told.checks if not check.holds]


def test_the_rows_behind_any_figure_of_the_replayed_books_add_up_to_it(books):
    assert books.read_now(unexplained, LAST_DAY, every=25) == []


def test_the_same_file_imported_again_changes_nothing(books):
    from o2c_tui.integrations.csv_import import read_file
    from o2c_tui.services.importing import import_rows
    from tests.northwind.replay import MAPS

    rows = read_file("customers", FOLDER / "customers.csv", MAPS / "customers.toml")
    done = books.write_now(import_rows, "customers", rows, by="replay", today=LAST_DAY, accepted=None)
    assert (done.made, done.changed, done.same) == (0, 0, 91)


def test_stock_moves_of_a_past_day_do_not_move_later(books):
    def moved(session):
        return session.execute(sa.select(sa.func.count()).select_from(StockMove)).scalar_one()

    assert books.read_now(moved) > 2000


@each_form
def test_plain_text_accounting_tells_the_balances_of_the_replay_on_any_day(books, tmp_path, form):
    desk = Desk(books)
    path = written(desk, form, tmp_path)

    accepted(form, path)
    days = [date(1996, 12, 31), date(1997, 6, 30), date(1998, 5, 6), LAST_DAY]
    assert balances(form, path, days) == [ours(desk, form, day) for day in days]


def test_reconciliations_and_the_tax_report_agree_at_every_quarters_end_of_the_replay(books):
    for day in (date(1996, 9, 30), date(1996, 12, 31), date(1997, 6, 30), date(1998, 3, 31), LAST_DAY):
        for name in RECONCILED:
            assert books.read_now(reconcile, name, day).agrees, (name, day)
        assert books.read_now(tax_told, None, day, "quarter").agrees
