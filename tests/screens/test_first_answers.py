"""What the first screens are told without the mapper is what the mapper would tell."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from o2c_tui.queries import home, lists, ready, receivables
from o2c_tui.queries.rows import key_of
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.setup import save_user
from o2c_tui.storage.anchor import Anchor
from tests.conftest import NOW
from tests.makers import TODAY, open_books, paid, receive
from tests.storage.whole_books import whole_books

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def books(sqlite_store):
    desk = whole_books(sqlite_store)
    for n in range(3):
        desk.do(save_party, PartySetup(f"C{n}", f"Customer {n}", is_supplier=True))
    receive(desk, "NUT", 7, "0.05")
    bare = ready.open_bare(sqlite_store.url)
    yield desk, bare
    bare.close()


def test_the_questions_made_ready_are_those_of_the_lists_and_of_home():
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import ready_questions
    finally:
        sys.path.pop(0)
    assert ready_questions.PLACE.read_text(encoding="utf-8") == ready_questions.text(), "run tools/ready_questions.py"


@pytest.mark.parametrize("on", [TODAY, date(2027, 3, 1)])
def test_home_says_the_same_before_and_after_the_mapper_is_loaded(books, on):
    desk, bare = books
    assert ready.home_today(bare, on=on, login="ada") == desk.ask(home.today, today=on, login="ada")
    told = desk.ask(receivables.aged, as_of=on)
    assert ready.ages(bare, as_of=on) == desk.ask(receivables.ages, as_of=on)
    assert list(ready.ages(bare, as_of=on)) == [sum(row.buckets[n] for row in told) for n in range(5)]
    desk.do(save_user, "ben", "Ben")
    for login in ("ada", "nobody"):
        assert ready.who(bare, login) == desk.ask(home.who, login)


@pytest.mark.parametrize("kind", sorted(ready._questions()["lists"]))
def test_each_view_of_each_list_has_the_same_rows_on_both_ways(books, kind):
    desk, bare = books
    seen = 0
    for filter_text in ready._questions()["lists"][kind]["views"]:
        for on in (TODAY, date(2027, 3, 1)):
            whole = desk.ask(lists.page, kind, filter_text, today=on)
            assert ready.page(bare, kind, filter_text, today=on) == whole
            assert ready.count(bare, kind, filter_text, today=on) == desk.ask(lists.count, kind, filter_text, today=on)
        seen += len(whole)
        for row in whole[:4]:
            edge = key_of(kind, row)
            for more in ({"after": edge}, {"before": edge}, {"from_end": True}):
                told = ready.page(bare, kind, filter_text, limit=2, today=on, **more)
                assert told == desk.ask(lists.page, kind, filter_text, limit=2, today=on, **more)
    assert seen


@pytest.mark.parametrize(
    ("kind", "sort"), [("invoice", "gross"), ("invoice", "invoiced_on"), ("item", "sale_price"), ("stock", "on_hand")]
)
def test_a_list_sorted_by_a_stored_figure_pages_the_same_on_both_ways(books, kind, sort):
    desk, bare = books
    for down in (None, True, False):
        words = {"sort": sort, "descending": down, "limit": 1, "today": TODAY}
        first = ready.page(bare, kind, "", **words)
        assert first == desk.ask(lists.page, kind, "", **words)
        edge = key_of(kind, first[-1], sort)
        after = ready.page(bare, kind, "", after=edge, **words)
        assert after and after == desk.ask(lists.page, kind, "", after=edge, **words)


def test_what_was_not_made_ready_is_left_to_the_mapper(books):
    _desk, bare = books
    with pytest.raises(ready.NotReadyError):
        ready.page(bare, "invoice", "acme", today=TODAY)
    with pytest.raises(ready.NotReadyError):
        ready.page(bare, "customer", "", sort="owes", today=TODAY)


def test_ages_of_a_past_day_are_left_to_the_mapper_and_undo_what_came_later(books):
    desk, bare = books
    desk.next_day(3)
    paid(desk, "5.00")
    with pytest.raises(ready.NotReadyError):
        ready.ages(bare, as_of=TODAY)
    told = desk.ask(receivables.aged, as_of=TODAY)
    assert list(desk.ask(receivables.ages, as_of=TODAY)) == [sum(row.buckets[n] for row in told) for n in range(5)]


def test_books_that_lost_their_end_are_left_to_the_store_which_says_so(sqlite_store, tmp_path):
    open_books(sqlite_store)
    Anchor(tmp_path, sqlite_store.url).note(999, b"x" * 32, NOW, ("INV26-0001",))
    assert ready.open_bare(sqlite_store.url, tmp_path) is None
    ready.open_bare(sqlite_store.url, tmp_path / "elsewhere").close()


def test_books_of_another_schema_or_none_are_left_to_the_mapper(books, tmp_path):
    desk, _bare = books
    assert ready.open_bare(f"sqlite:///{tmp_path / 'none.sqlite'}") is None
    with desk.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert ready.open_bare(desk.store.url) is None


def test_home_and_a_list_are_answered_without_loading_anything_heavy(books):
    desk, _bare = books
    code = f"""
import asyncio, sys
from datetime import UTC, date, datetime
from o2c_tui.screens.desk import Desk
desk = Desk({desk.store.url!r}, "ada", clock=lambda: datetime.now(UTC), today=date(2026, 11, 24))
async def ask():
    assert (await desk.load_facts()).company == "Test Trading"
    assert (await desk.figures()).due.count == 0
    assert await desk.page("invoice", "", today=desk.today())
    assert (await desk.count("invoice", "", today=desk.today()))[0]
asyncio.run(ask())
print(*sorted({{name.split(".")[0] for name in sys.modules}}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    heavy = {"sqlmodel", "sqlalchemy", "pydantic", "reportlab", "alembic", "babel", "psycopg"}
    assert not heavy & set(done.stdout.split())
