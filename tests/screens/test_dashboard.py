"""The dashboard by keys: one key from Home, plots with their figures, digits to what is behind them, the owner's PDF."""

import pytest

from o2c_tui.widgets.look import FINE, PLAIN
from o2c_tui.widgets.plots import Bar, Plot, plot_rows
from tests.makers import receive, sold
from tests.screens.desk import clerk_at, seated, small_books


@pytest.fixture
def books(tmp_path, monkeypatch):
    """Sales in October and November."""
    path, desk = small_books(tmp_path)
    monkeypatch.setenv("O2C_HOME", str(tmp_path / "home"))
    desk.next_day(-40)
    receive(desk, "BOLT", 10, "3.00")
    sold(desk, ("BOLT", 4))
    desk.next_day(40)
    sold(desk, ("BOLT", 7))
    yield path, desk, tmp_path / "home"
    desk.store.close()


def text_of(rows):
    return ["".join(text for text, _style in row) for row in rows]


def test_bars_have_their_figures_beside_them_and_show_their_sign_without_colour():
    plot = Plot("Margin", (Bar("2026-10", 1.0, ("100.00",)), Bar("2026-11", -0.5, ("-50.00",))), number=3)
    assert text_of(plot_rows(plot, PLAIN, 30, 4)) == [
        "3 Margin                      ",
        "2026-10 ############### 100.00",
        "2026-11 ========        -50.00",
    ]
    assert text_of(plot_rows(plot, FINE, 30, 4))[1:] == [
        "2026-10 ███████████████ 100.00",
        "2026-11 ░░░░░░░░        -50.00",
    ]


def test_of_months_the_last_stay_and_of_weeks_the_first():
    bars = tuple(Bar(f"{n:02}", n / 9, (f"{n}",)) for n in range(1, 10))
    assert [line[:2] for line in text_of(plot_rows(Plot("x", bars), PLAIN, 20, 4))[1:]] == ["01", "02", "03"]
    assert [line[:2] for line in text_of(plot_rows(Plot("x", bars, keep_last=True), PLAIN, 20, 4))[1:]] == [
        "07",
        "08",
        "09",
    ]
    for width in range(6, 60):
        assert all(len(line) == width for line in text_of(plot_rows(Plot("Title", bars), PLAIN, width, 9))), width


async def test_one_key_from_home_shows_the_plots_and_digits_lead_behind_them(books):
    path, _desk, _home = books
    async with seated(path) as clerk:
        await clerk.press("f8")
        assert clerk.shown()[0].split()[0] == "DASHBOARD"
        assert "#" in clerk.line("2026-11 #") and "70.00" in clerk.line("2026-11 #")
        assert "Owed to us by age" in clerk.text and "Coming in" in clerk.text
        assert "days sales outstanding" in clerk.text
        assert max(map(len, clerk.shown())) <= 80
        for number, title in (("1", "MARGIN"), ("2", "RECEIVABLES"), ("4", "CASH FORECAST"), ("6", "DAYS TO PAY")):
            await clerk.press(number)
            assert clerk.shown()[0].strip().startswith(title)
            await clerk.press("escape")
        assert clerk.shown()[0].split()[0] == "DASHBOARD"


async def test_a_large_window_has_a_whole_year(books):
    path, _desk, _home = books
    async with seated(path, size=(120, 40)) as clerk:
        await clerk.press("f8")
        assert "2025-12" in clerk.text and "2026-11" in clerk.text


def test_the_owners_month_is_written_from_the_dashboard(books):
    path, desk, home = books
    with clerk_at(path, home) as clerk:
        clerk.press("f10")
        clerk.data("dashboard")
        clerk.press("enter")
        clerk.sees("Sales by month")
        clerk.press("f7")
        clerk.sees("2026-11 so far")
        clerk.press("1")
        clerk.sees("owner-2026-10-31.pdf")
    assert next((home / "export").iterdir()).read_bytes().startswith(b"%PDF")
    desk.holds()
