"""Taxes by keys: on a customer's card, in the editor, in the settings. In a real pseudo-terminal."""

import json
from datetime import date
from decimal import Decimal as D

import pytest
from sqlmodel import select

from o2c_tui.models.item import TaxCode
from o2c_tui.queries.lookups import party_by_code, term_parts
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.tax_codes import TaxPartSetup, TaxSetup, save_tax
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


def test_a_tax_code_of_several_taxes_is_made_by_keys(books):
    path, desk, home = books
    with clerk_at(path, home) as clerk:
        clerk.press("f10")
        clerk.data("tax codes")
        clerk.press("enter")
        clerk.sees("9.975 %")
        clerk.sees("GST + QST")
        clerk.press("f6")
        clerk.sees("TAX CODE  NEW")
        clerk.data("mix")
        clerk.press("tab", "tab")
        clerk.data("Two taxes")
        clerk.press("tab", "tab", "tab", "tab", "tab", "tab")
        clerk.data("gst")
        clerk.press("tab", "tab", "tab", "tab")
        clerk.data("qst")
        clerk.press("tab")
        clerk.data("yes")
        clerk.press("tab", "ctrl+s")
        clerk.sees("MIX saved")

    def read(session):
        return session.exec(select(TaxCode.parts).where(TaxCode.code == "MIX")).one()

    assert json.loads(desk.ask(read)) == [{"code": "GST", "compound": False}, {"code": "QST", "compound": True}]
    desk.holds()


def test_a_new_rate_from_a_day_and_a_term_with_its_due_dates_by_keys(books):
    path, desk, home = books
    with clerk_at(path, home) as clerk:
        clerk.press("f10")
        clerk.data("payment terms")
        clerk.press("enter")
        clerk.sees("50 %, rest 60d")
        clerk.press("f6")
        clerk.sees("PAYMENT TERM  NEW")
        clerk.data("10/60")
        clerk.press("tab", "tab")
        clerk.data("60 days, 2 % in 10")
        clerk.press("tab", "tab", "tab", "tab")
        clerk.data("60")
        clerk.press("tab")
        clerk.sees("1,000.00 2027-01-23")
        clerk.press("tab", "tab", "tab")
        clerk.data("next")
        clerk.press("tab")
        clerk.sees("1,000.00 2027-01-25")
        clerk.press("tab")
        clerk.data("2")
        clerk.press("tab")
        clerk.data("10")
        clerk.press("tab")
        clerk.sees("(-20.00 2026-12-04)")
        clerk.press("ctrl+s")
        clerk.sees("10/60 saved")
    (part,) = desk.ask(term_parts, "10/60")
    assert (part.days, part.business_day, part.discount_percent, part.discount_days) == (60, "next", 2, 10)


def test_an_iban_is_shown_in_groups_of_four(books):
    path, desk, home = books
    desk.do(save_party, PartySetup("ACME", "Acme Works", iban="DE89370400440532013000"))
    with clerk_at(path, home) as clerk:
        clerk.press("g", "c")
        clerk.sees("Acme Works")
        clerk.press("enter")
        clerk.sees("DE89 3704 0044 0532 0130 00")
    assert desk.ask(party_by_code, "ACME").iban == "DE89370400440532013000"
