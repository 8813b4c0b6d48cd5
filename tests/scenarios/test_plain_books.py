"""The journal for hledger and beancount: both accept it, and tell the balances that we tell. docs/rules/ledger.md."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from o2c_tui.integrations.plain_books import FORMATS, account_names, plain_books
from o2c_tui.models.ledger import AccountKind
from o2c_tui.queries.ledger import turnover
from o2c_tui.queries.plain_books import AccountName, Books, Entry, Leg, PartyName, books_of
from o2c_tui.services.demo import make_demo
from o2c_tui.storage.store import Store
from tests.makers import TODAY, Desk, open_books, paid, receive, sold
from tests.storage.whole_books import whole_books

HLEDGER = shutil.which("hledger")
READS = {"hledger": HLEDGER is not None, "beancount": True}
each_form = pytest.mark.parametrize(
    "form",
    [
        pytest.param("hledger", marks=pytest.mark.skipif(HLEDGER is None, reason="hledger is not installed here")),
        "beancount",
    ],
)
_BALANCES = """
import json, sys
from beancount import loader
from beancount.core.data import Transaction
entries, errors, _ = loader.load_file(sys.argv[1])
assert not errors, errors
days = sys.argv[2:]
told = {}
for day in days:
    sums = {}
    for entry in entries:
        if isinstance(entry, Transaction) and entry.date.isoformat() <= day:
            for posting in entry.postings:
                sums[posting.account] = sums.get(posting.account, 0) + posting.units.number
    told[day] = {name: str(amount) for name, amount in sums.items() if amount}
print(json.dumps(told))
"""


def accepted(form: str, path: Path) -> None:
    """The real program reads the file without an error."""
    if form == "hledger":
        command = ["hledger", "-f", str(path), "check", "--strict"]
    else:
        command = [sys.executable, "-m", "beancount.scripts.check", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"}, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def balances(form: str, path: Path, days: Sequence[date]) -> list[dict[str, D]]:
    """What the real program says each account stands at on some days."""
    env = {**os.environ, "LC_ALL": "C.UTF-8"}
    if form == "beancount":
        command = [sys.executable, "-c", _BALANCES, str(path), *(day.isoformat() for day in days)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
        told = json.loads(done.stdout)
        return [{name: D(amount) for name, amount in told[day.isoformat()].items()} for day in days]
    found = []
    for day in days:
        end = (day + timedelta(days=1)).isoformat()
        command = ["hledger", "-f", str(path), "balance", "--flat", "--no-total", "-e", end, "-O", "csv"]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=env, timeout=120)
        rows = list(csv.reader(io.StringIO(done.stdout)))[1:]
        found.append({name: D(amount.split()[0]) for name, amount in rows if D(amount.split()[0])})
    return found


def ours(desk: Desk, form: str, day: date) -> dict[str, D]:
    """What our own ledger says on a day, under the names of a format."""
    names = account_names(desk.ask(books_of), form)
    codes = {account.code: names[account.id] for account in desk.ask(books_of).accounts}
    return {codes[line.code]: line.closing for line in desk.ask(turnover, None, day) if line.closing}


def written(desk: Desk, form: str, tmp_path: Path, first: date | None = None, last: date | None = None) -> Path:
    """The file of a span."""
    path = tmp_path / f"books.{form}"
    path.write_text(plain_books(desk.ask(books_of, first, last), form), encoding="utf-8")
    return path


def told_over_days(store: object) -> Desk:
    """The story, and some days more."""
    desk = whole_books(store)  # type: ignore[arg-type]
    for days in (1, 3):
        desk.next_day(days)
        receive(desk, "BOLT", 7, "4.50")
        sold(desk, ("BOLT", 2), ("FREIGHT", 1))
        paid(desk, "11.11")
    return desk


@each_form
def test_the_program_accepts_the_books_and_tells_our_balances_on_any_day(sqlite_store, tmp_path, form):
    desk = told_over_days(sqlite_store)
    path = written(desk, form, tmp_path)

    accepted(form, path)
    days = [TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1), desk.today, date(2030, 1, 1)]
    assert balances(form, path, days) == [ours(desk, form, day) for day in days]


@each_form
def test_a_span_that_begins_later_starts_with_opening_balances(sqlite_store, tmp_path, form):
    desk = told_over_days(sqlite_store)
    first, last = TODAY + timedelta(days=1), TODAY + timedelta(days=2)
    path = written(desk, form, tmp_path, first, last)

    accepted(form, path)
    days = [TODAY - timedelta(days=1), TODAY, last, date(2030, 1, 1)]
    assert balances(form, path, days) == [{}, *(ours(desk, form, day) for day in (TODAY, last, last))]


@each_form
def test_the_program_accepts_the_demo_company_and_tells_its_balances(tmp_path, form):
    store = Store.open(str(tmp_path / "demo.sqlite"))
    make_demo(store, documents=120, today=TODAY)
    desk = Desk(store)
    path = written(desk, form, tmp_path)

    accepted(form, path)
    days = [TODAY - timedelta(days=200), TODAY - timedelta(days=60), TODAY]
    assert balances(form, path, days) == [ours(desk, form, day) for day in days]
    store.close()


def test_the_same_books_give_the_same_text(sqlite_store):
    desk = told_over_days(sqlite_store)
    for form in FORMATS:
        assert plain_books(desk.ask(books_of), form) == plain_books(desk.ask(books_of), form)


def test_customers_documents_and_their_kinds_are_told(sqlite_store):
    desk = open_books(sqlite_store)
    receive(desk)
    sold(desk, ("BOLT", 1))

    journal = plain_books(desk.ask(books_of), "hledger")
    assert "payee ACME Acme Works  ; code:ACME, is:customer" in journal
    assert "2026-11-24 * (INV26-0001) ACME Acme Works | invoice" in journal
    assert "source:invoice, document:INV26-0001" in journal
    bean = plain_books(desk.ask(books_of), "beancount")
    assert '2026-11-24 * "ACME Acme Works" "invoice INV26-0001" #invoice ^INV26-0001' in bean
    assert '    party: "ACME"' in bean


# -- user text -------------------------------------------------------------------------------------------------------

NASTY = st.text(
    alphabet=st.one_of(
        st.sampled_from(list('"\\;:|[](){}#^@*!%~=<>,\n\r\t\u2028\u0085\u202e中 =0-9a')), st.characters()
    )
).map(lambda text: text.encode("utf-8", "ignore").decode())
WORDS = st.one_of(NASTY, st.sampled_from(["date:2020-01-01", "[2020-01-01]", 'a" "b', "; x", "| y", "2020/01/01 z"]))


def made_up(texts: Sequence[str]) -> Books:
    """Books whose every text is somebody's own."""
    name, party, number, company, code = texts
    accounts = (
        AccountName(1, code, name, AccountKind.ASSET, "bank"),
        AccountName(2, name, code, AccountKind.INCOME, "revenue"),
        AccountName(3, "1400", party, AccountKind.ASSET, "receivable"),
    )
    legs = (
        Leg(1, party, name, D("1.10"), code, D("1.5")),
        Leg(2, "", "", D("-1.00"), "", D(0)),
        Leg(3, code, party, D("-0.10"), "", D(0)),
    )
    entries = (
        Entry(TODAY, 7, "invoice", number, "invoice", legs),
        Entry(TODAY, 8, "payment", company, "payment", legs),
    )
    parties = tuple(
        {p.code: p for p in (PartyName(party, name, "customer"), PartyName(code, party, "supplier"))}.values()
    )
    return Books(company, "EUR", 2, TODAY, None, accounts, parties, ((1, D(5)), (2, D(-5))), entries)


@each_form
@settings(max_examples=25)
@given(texts=st.lists(st.tuples(WORDS, WORDS, WORDS, WORDS, WORDS), min_size=8, max_size=8))
def test_no_text_of_a_user_breaks_the_file_or_changes_a_figure(tmp_path_factory, form, texts):
    folder = tmp_path_factory.mktemp("nasty")
    wholes = [made_up(five) for five in texts]
    # all of them in one file, so that the program is started once
    entries = tuple(entry for whole in wholes for entry in whole.entries)
    accounts = tuple(
        replace_id(account, 10 * n + account.id) for n, whole in enumerate(wholes) for account in whole.accounts
    )
    entries = tuple(
        entry._replace(legs=tuple(leg._replace(account=10 * n + leg.account) for leg in entry.legs))
        for n, whole in enumerate(wholes)
        for entry in whole.entries
    )
    parties = tuple(party for whole in wholes for party in whole.parties)
    opening = tuple((10 * n + key, amount) for n, whole in enumerate(wholes) for key, amount in whole.opening)
    books = replace(wholes[0], accounts=accounts, entries=entries, parties=parties, opening=opening)
    path = folder / f"books.{form}"
    path.write_text(plain_books(books, form), encoding="utf-8")

    accepted(form, path)
    names = account_names(books, form)
    wanted: dict[str, D] = {}
    for n in range(len(wholes)):
        for key, amount in ((1, D("7.20")), (2, D("-7.00")), (3, D("-0.20"))):
            wanted[names[10 * n + key]] = amount
    assert balances(form, path, [TODAY, TODAY - timedelta(days=2)]) == [wanted, {}]


def replace_id(account: AccountName, key: int) -> AccountName:
    """The account under another key."""
    return account._replace(id=key)
