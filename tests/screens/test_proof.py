"""The proof of the books on the screen, reached by F10 and from the settings. docs/rules/verify.md."""

import sqlite3

from tests.screens.desk import clerk_at, seated, small_books


async def test_a_broken_promise_comes_first_and_enter_says_what_is_wrong(tmp_path):
    path, desk = small_books(tmp_path)
    desk.store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE stock_level SET reserved = 3000000 WHERE on_hand > 3000000")

    async with seated(path) as clerk:
        await clerk.press("f10", "verify", "enter")

        assert "1 promises do not hold" in clerk.message
        assert "BREACH" in clerk.shown()[2]
        await clerk.press("enter")
        assert "item BOLT in warehouse MAIN: reserved 3, reservations 0" in clerk.text


def test_the_books_are_proven_from_the_settings_by_keys(tmp_path):
    path, desk = small_books(tmp_path)
    desk.store.close()
    with clerk_at(path, tmp_path / "home") as clerk:
        clerk.press("g", "t", "f9")
        clerk.sees("Prove the books")
        clerk.press(next(line for line in clerk.terminal.lines if "Prove the books" in line).split()[0])
        clerk.sees("Every promise holds")
