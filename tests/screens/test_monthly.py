"""Collective invoices at the keyboard. docs/rules/invoices.md, "Collective invoices"."""

from datetime import date

import pytest

from o2c_tui.services.exchanging import save_rate
from o2c_tui.services.parties import PartySetup, save_party
from tests.makers import TODAY, D, delivered, ordered
from tests.screens.desk import clerk_at, seated, small_books


@pytest.fixture
def books(tmp_path):
    """ACME had two deliveries in October and one since, CN01 one in October; USCO's dollars have no rate yet."""
    path, desk = small_books(tmp_path)
    desk.do(save_party, PartySetup("ACME", "Acme Works", monthly_invoice=True))
    desk.do(save_party, PartySetup("CN01", "上海华信贸易有限公司", monthly_invoice=True))
    desk.do(save_party, PartySetup("USCO", "Bay Tools", currency="USD", monthly_invoice=True))
    desk.do(save_rate, "USD", D("0.9"), on=date(2026, 10, 5))
    for day, customer in ((2, "ACME"), (5, "CN01"), (20, "ACME"), (20, "USCO")):
        desk.today = date(2026, 10, day)
        delivered(desk, ordered(desk, ("FREIGHT", day), customer=customer))
    desk.today = TODAY
    delivered(desk, ordered(desk, ("BOLT", 1)))
    yield path, desk, tmp_path / "home"
    desk.store.close()


def test_a_months_deliveries_are_billed_by_one_key_from_home(books):
    path, desk, home = books
    with clerk_at(path, home) as clerk:
        clerk.sees("Customers to bill for 2026-10")
        clerk.press("f10")
        clerk.data("monthly")
        clerk.press("enter")
        clerk.sees("until 2026-10-31")
        clerk.sees("3 customers")
        clerk.press("f8")
        clerk.sees("3 invoices posted")
    assert [desk.document("invoice", n).head["number"] for n in (1, 2, 3)] == [f"INV26-000{n}" for n in (1, 2, 3)]
    desk.holds()


async def test_who_is_refused_is_said_marked_ones_alone_are_posted_and_opened(books):
    path, desk, _home = books
    async with seated(path) as clerk:
        await clerk.press("f10", "monthly", "enter")
        assert "10-02 - 10-20" in clerk.line("ACME")
        assert "396.00" in clerk.line("ACME")  # 22 at 15.00 and 20 %
        await clerk.press("f9")
        line = clerk.line("Date of the invoices")
        await clerk.press(line.split()[0].strip("|"), "ctrl+u", "2026-10-04", "enter")
        assert "! USCO" in clerk.line("Bay Tools")
        assert "USCO: No rate for USD" in clerk.message
        await clerk.press("home", "down", "space")
        assert "1 marked" in clerk.text
        await clerk.press("f8")
        assert "1 invoices posted" in clerk.message
        assert "INV26-0001" in clerk.line("ACME")
        await clerk.press("home", "down", "enter")
        assert "INVOICE  INV26-0001" in clerk.text
        await clerk.press("f3", "f2", "ctrl+u", "2026-11", "enter")
        assert "until 2026-11-30" in clerk.text
        assert "12.00" in clerk.line("ACME")
        await clerk.press("f2", "ctrl+u", "nonsense", "enter")
        assert "is no period" in clerk.message
    desk.holds()
