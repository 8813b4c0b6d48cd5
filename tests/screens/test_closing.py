"""The end of a month by keys: points, ticks, closing, lifting, the ledger and its journal. docs/rules/closing.md."""

from datetime import date

from tests.makers import paid, sold
from tests.screens.desk import clerk_at, seated, small_books


def test_a_month_is_ticked_and_closed_by_keys_and_proved_by_verify(tmp_path):
    path, desk = small_books(tmp_path)
    desk.today = date(2026, 10, 6)
    desk.store.close()
    with clerk_at(path, tmp_path / "home") as clerk:
        clerk.press("g", "g")
        clerk.sees("2026-10: 6 points open")
        clerk.press("end", "space")
        clerk.sees("2026-10: 5 points open")
        clerk.press("up", "space")  # the backup, made first
        clerk.sees("2026-10: 4 points open")
        clerk.press("f8")
        clerk.sees("nothing is posted up to then any more")
        clerk.press("enter")
        clerk.sees("locked until 2026-10-31")
        clerk.press("2")
        clerk.sees("holds")
        clerk.press("enter")
        clerk.sees("Drawn up after audit entry")
        clerk.press("escape", "f7")
        clerk.sees("closing-2026-10.pdf")
    assert list(tmp_path.glob("books-*.sqlite"))


async def test_a_lock_is_lifted_with_its_reason_and_the_journal_is_written(tmp_path, monkeypatch):
    monkeypatch.setenv("O2C_HOME", str(tmp_path / "home"))
    path, desk = small_books(tmp_path)
    sold(desk, ("BOLT", 2))
    paid(desk, 5)
    desk.store.close()
    async with seated(path) as clerk:
        await clerk.press("g", "g", "f8", "enter")
        assert "locked until 2026-10-31" in clerk.text
        await clerk.press("f9")
        assert "Lift the lock" in clerk.text
        number = next(line.split()[0] for line in clerk.shown() if line.strip().endswith("Lift the lock"))
        await clerk.press(number, "late", "enter", "ctrl+u", "0", "enter", "enter")
        assert "not locked" in clerk.text
        await clerk.press("2")
        assert clerk.message == "Enter opens its totals; F7 writes them; F9 lifts the lock."
        await clerk.press("3", "down")
        assert clerk.message == "One account line by line, or without one the whole journal", "where its column cuts it"
        await clerk.press("up", "enter", "f7")
        assert "The whole journal for hledger" in clerk.text
        await clerk.press("5")
        assert "ledger-2026-10-01-2026-10-31.journal" in clerk.message
