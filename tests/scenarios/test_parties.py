"""Customers, suppliers, items and settings, rule by rule. docs/rules/masters.md."""

import json
from datetime import date
from decimal import Decimal as D

import pytest
import sqlalchemy as sa

from o2c_tui.errors import BadValueError, ConflictError, DuplicateError, MissingValueError, UnknownCodeError
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.purchasing import PurchaseDraft, PurchaseLineDraft, save_purchase
from o2c_tui.services.setup import CompanySetup, ItemSetup, change_company, create_company, save_item
from o2c_tui.services.tax_codes import TaxSetup, TermSetup, save_tax, save_term
from tests.makers import lines, open_books, ordered, quoted, receive, terms_of, trail


def test_the_first_order_makes_a_customer_of_a_prospect(store):
    desk = open_books(store)
    desk.do(save_party, PartySetup("NEW", "New Works", is_customer=False, is_prospect=True))
    quoted(desk, ("BOLT", 1), customer="NEW")
    assert _party(desk, "NEW") == (False, True)
    ordered(desk, ("BOLT", 1), customer="NEW")
    assert _party(desk, "NEW") == (True, False)
    desk.holds()


def _party(desk, code):
    from sqlmodel import select

    from o2c_tui.models.party import Party

    party = desk.ask(lambda session: session.exec(select(Party).where(Party.code == code)).one())
    return party.is_customer, party.is_prospect


def test_a_likely_duplicate_warns_by_name_and_by_tax_number(store):
    desk = open_books(store)
    desk.do(save_party, PartySetup("BLUE", "Blue Water Ltd", tax_id="GB 77"))

    def warned(*setup, **more):
        shown = store.preview_now(save_party, PartySetup(*setup, **more), by="ada", today=desk.today)
        return [notice.said() for notice in shown.warnings]

    assert warned("BW2", "blue  water") == ["BLUE Blue Water Ltd looks like the same one."]
    assert warned("BW2", "Something Else", tax_id="GB 77") == ["BLUE Blue Water Ltd has the same tax number."]
    assert warned("BW2", "Blue Wood") == []


def test_a_file_of_many_customers_reads_the_names_once_and_still_finds_the_likely_duplicate(sqlite_store):
    desk = open_books(sqlite_store)
    desk.do(save_party, PartySetup("BLUE", "Blue Water Ltd", tax_id="GB 77"))
    asked = []
    sa.event.listen(sqlite_store.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))

    def many(session, last, *, by, today):
        for n in range(60):
            save_party(session, PartySetup(f"N{n}", f"New customer {n}"), by=by, today=today)
        save_party(session, last, by=by, today=today)

    def warned(last):
        shown = sqlite_store.preview_now(many, last, by="ada", today=desk.today)
        return [notice.said() for notice in shown.warnings]

    assert warned(PartySetup("BW2", "blue  water")) == ["BLUE Blue Water Ltd looks like the same one."]
    assert warned(PartySetup("BW2", "Other", tax_id="GB 77")) == ["BLUE Blue Water Ltd has the same tax number."]
    assert warned(PartySetup("N60", "NEW Customer 59")) == ["N59 New customer 59 looks like the same one."]
    assert sum("LIKE" in statement for statement in asked) == 3 * 20


def test_somebody_elses_change_is_not_overwritten(store):
    desk = open_books(store)
    desk.do(save_party, PartySetup("ACME", "Acme Works", phone="1"), version=1)
    with pytest.raises(ConflictError, match="Somebody else has changed ACME meanwhile"):
        desk.do(save_party, PartySetup("ACME", "Acme Works", phone="2"), version=1)
    with pytest.raises(ConflictError, match="Somebody else has changed BOLT meanwhile"):
        desk.do(save_item, ItemSetup("BOLT", "Bolt"), version=7)


def test_what_is_not_given_stays_as_it_was(store):
    desk = open_books(store)
    terms_of(desk, credit_limit=D(500), phone="0123")
    terms_of(desk, phone="4567")
    told = [json.loads(entry.changes) for entry in trail(desk, "save_party")][-1]
    assert [(column, old, new) for _, _, column, old, new in told] == [("phone", "0123", "4567")]


def test_fields_refuse_what_cannot_be(store):
    desk = open_books(store)

    def refused(error, says, **setup):
        with pytest.raises(error, match=says) as told:
            desk.do(save_party, PartySetup(**{"code": "X", "name": "X Works", **setup}))
        return told.value.field

    assert refused(BadValueError, "cannot be a code", code="A B") == "code"
    assert refused(MissingValueError, "Give a name", name="  ") == "name"
    assert refused(UnknownCodeError, "There is no payment term 30", term="30") == "term"
    assert refused(BadValueError, "is no e-mail address", email="me at home") == "email"
    assert refused(BadValueError, "must be an amount from 0 to", credit_limit=D(-1)) == "credit_limit"
    assert refused(BadValueError, "Give one of: ask, reserve", shortage="maybe") == "shortage"
    with pytest.raises(BadValueError, match="price"):
        desk.do(save_item, ItemSetup("X", "X", sale_price=D(-1)))


def test_a_barcode_belongs_to_one_item_and_an_item_with_moves_stays_what_it_is(store):
    desk = open_books(store)
    desk.do(save_item, ItemSetup("BOLT", "Hex bolt", barcode="4006381333931"))
    with pytest.raises(DuplicateError, match="The barcode 4006381333931 is that of BOLT"):
        desk.do(save_item, ItemSetup("NUT", "Hex nut", barcode="4006381333931"))
    receive(desk)
    from o2c_tui.models.item import ItemKind

    with pytest.raises(BadValueError, match="BOLT has stock movements"):
        desk.do(save_item, ItemSetup("BOLT", "Hex bolt", kind=ItemKind.SERVICE))


def test_what_is_no_longer_sold_is_refused_on_a_new_line(store):
    desk = open_books(store)
    desk.do(save_item, ItemSetup("BOLT", "Hex bolt", active=False))
    with pytest.raises(BadValueError, match="Line 1: BOLT is no longer sold"):
        ordered(desk, ("BOLT", 1))
    desk.do(save_item, ItemSetup("NUT", "Hex nut", whole_units=True))
    with pytest.raises(BadValueError, match="Line 1: NUT is sold in whole units only"):
        ordered(desk, ("NUT", "1.5"))
    with pytest.raises(UnknownCodeError, match=r"BOLTX.*BOLT"):
        quoted(desk, *lines(("BOLTX", 1)))


def test_a_line_bears_its_own_tax_else_the_customers_else_the_items_else_the_companys(store):
    from o2c_tui.services.drafting import LineDraft

    desk = open_books(store)
    assert ordered(desk, ("BOLT", 10)).gross == D("120.00")
    desk.do(save_item, ItemSetup("BOLT", "Hex bolt", tax_code="VAT5"))
    assert ordered(desk, ("BOLT", 10)).gross == D("105.00")
    terms_of(desk, tax_code="NONE")
    assert ordered(desk, ("BOLT", 10)).gross == D("100.00")
    assert ordered(desk, LineDraft("BOLT", D(10), tax_code="VAT20")).gross == D("120.00")


def test_settings_change_by_a_verb_and_what_is_fixed_stays(store):
    desk = open_books(store)
    with pytest.raises(DuplicateError, match="These books have a company already: Test Trading"):
        desk.do(create_company, CompanySetup("Another", "USD"))
    with pytest.raises(BadValueError, match="The setting currency cannot be changed"):
        desk.do(change_company, {"currency": "USD"})
    with pytest.raises(BadValueError, match="Give one of: document, line"):
        desk.do(change_company, {"tax_rounding": "never"})
    desk.do(change_company, {"quotation_days": 10})
    assert json.loads(trail(desk, "change_company")[0].changes) == [["company", 1, "quotation_days", "30", "10"]] or (
        json.loads(trail(desk, "change_company")[0].changes) == [["company", 1, "quotation_days", 30, 10]]
    )
    desk.holds()


def test_a_tax_rate_and_a_term_are_sound(store):
    desk = open_books(store)
    with pytest.raises(BadValueError, match="A tax rate must be from 0 to 100 percent"):
        desk.do(save_tax, TaxSetup("ODD", "odd", {date(2026, 1, 1): D(20)}))
    with pytest.raises(BadValueError, match="The parts of term ODD make no schedule") as refused:
        desk.do(save_term, TermSetup("ODD", "odd", ({"kind": "percent", "value": "50"},)))
    assert refused.value.field == "parts"


def test_a_party_may_have_a_currency_of_its_own_and_is_sold_to_once_it_has_a_rate(store):
    desk = open_books(store)
    desk.do(save_party, PartySetup("HK1", "Harbour Parts", is_customer=True, is_supplier=True, currency="hkd"))

    with pytest.raises(BadValueError, match="'XYZ' is no currency"):
        desk.do(save_party, PartySetup("HK1", "Harbour Parts", is_customer=True, is_supplier=True, currency="XYZ"))
    with pytest.raises(MissingValueError):
        ordered(desk, ("BOLT", 1), customer="HK1")
    bought = desk.do(
        save_purchase, PurchaseDraft("HK1", (PurchaseLineDraft("BOLT", D(10), unit_price=D("7.80")),), rate=D("0.11"))
    )
    assert desk.document("purchase", bought.id).head["currency"] == "HKD"
    desk.holds()
