"""Taxes by keys: on a customer's card, in the editor, in the settings. In a real pseudo-terminal."""

from datetime import date
from decimal import Decimal as D

import pytest

from o2c_tui.services.setup import TaxPartSetup, TaxSetup, save_tax
from tests.makers import terms_of
from tests.screens.desk import clerk_at, small_books


@pytest.fixture
def books(tmp_path):
    path, desk = small_books(tmp_path)
    for code, rate in (("GST", "0.05"), ("QST", "0.09975")):
        desk.do(save_tax, TaxSetup(code, code, {date(2020, 1, 1): D(rate)}))
    desk.do(save_tax, TaxSetup("QC", "Quebec", parts=(TaxPartSetup("GST"), TaxPartSetup("QST", compound=True))))
    desk.do(save_tax, TaxSetup("EX", "VAT", kind="exempt", reason="Exempt."))
    yield path, desk, tmp_path / "home"
    desk.store.close()


def test_the_editor_shows_each_of_several_taxes(books):
    path, desk, home = books
    terms_of(desk, tax_code="QC")
    with clerk_at(path, home, columns=120, rows=40) as clerk:
        clerk.press("g", "o", "f6")
        clerk.sees("SALES ORDER")
        clerk.data("acme")
        clerk.press("enter")
        clerk.terminal.quiet()
        clerk.data("bolt*10 @10.01")
        clerk.press("enter")
        clerk.sees("GST 5.01, QST 10.48")
        clerk.sees("115.59")


def test_an_exemption_that_has_ended_is_said_in_the_editor(books):
    path, desk, home = books
    terms_of(desk, tax_code="EX", tax_exempt_until=date(2026, 11, 1))
    with clerk_at(path, home) as clerk:
        clerk.press("g", "o", "f6")
        clerk.sees("SALES ORDER")
        clerk.data("acme")
        clerk.press("enter")
        clerk.sees("was exempt until 2026-11-01")
        clerk.terminal.quiet()
        clerk.data("bolt*1")
        clerk.press("enter")
        clerk.sees("12.00")
