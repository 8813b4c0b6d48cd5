"""Bank statements on real-shaped input: Northwind's payments in four forms of files, clean and dirty."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from o2c_tui.integrations.bank_files import read_bank_file
from o2c_tui.queries.bank import bank_lines
from o2c_tui.queries.bank_balance import reconcile
from o2c_tui.queries.verify import verify
from o2c_tui.services.banking import import_statements
from o2c_tui.storage.store import Store
from tests.northwind.payments import PaidByBank
from tests.northwind.replay import FOLDER, LAST_DAY

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the Northwind sample is not beside this checkout")


@pytest.fixture(scope="module")
def paid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PaidByBank]:
    folder = tmp_path_factory.mktemp("northwind_bank")
    store = Store.open(str(folder / "books.sqlite"))
    made = PaidByBank(FOLDER, store, folder)
    made.run()
    yield made
    store.close()


def test_clean_and_dirty_lines_are_proposed_rightly_and_nothing_is_booked_without_a_person(paid):
    for sort, counted in sorted({**paid.counted, **paid.by_kind}.items()):
        share = 100 * counted.right / counted.lines
        print(f"{sort:<18} {counted.lines:>4} lines  {share:5.1f} % right  {counted.sure:>4} sure")
    clean, dirty = paid.counted["clean"], paid.counted["dirty"]

    assert paid.booked_alone == 0
    assert clean.right >= 0.95 * clean.lines, clean.wrong[:20]
    assert dirty.right >= 0.80 * dirty.lines, dirty.wrong[:40]
    assert clean.sure_wrong + dirty.sure_wrong == []


def test_every_line_is_decided_and_the_books_say_what_the_bank_says(paid):
    assert {row.state for row in paid.store.read_now(bank_lines, limit=5000)} == {"matched"}
    told = paid.store.read_now(reconcile, today=LAST_DAY)
    assert told.gaps == ()
    assert told.unexplained == 0
    assert [part.code for part in told.parts] == ["beginning"]
    checked = paid.store.read_now(verify)
    assert checked.holds, [(check.name, check.breaches[:3]) for check in checked.checks if not check.holds]


def test_all_files_again_add_nothing(paid):
    for path in sorted(Path(paid.files).glob("[0-9]*")):
        read = read_bank_file(path, paid.files / "bank.toml" if path.suffix == ".csv" else None)
        words = {"by": "replay", "today": LAST_DAY, "accepted": None}
        assert paid.store.write_now(import_statements, read.statements, **words).new == 0
