"""What is typed is never lost: drafts of their own, cards too, and what somebody else saved first."""

import signal
import time
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from o2c_tui.models.company import KeptDraft
from o2c_tui.screens.desk import Desk as ScreenDesk
from o2c_tui.screens.kept import Kept
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.free_invoices import save_invoice
from o2c_tui.services.invoicing import post_invoice
from o2c_tui.services.keeping import kept_words
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.quoting import save_quotation
from tests.makers import D, lines
from tests.screens.desk import clerk_at, seated, small_books


@pytest.fixture
def books(tmp_path):
    path, desk = small_books(tmp_path)
    yield path, desk
    desk.store.close()


def desk_of(desk):
    at = ScreenDesk(desk.store.url, "ada", clock=lambda: datetime(2026, 11, 24, 9, tzinfo=UTC), today=desk.today)
    at._store = desk.store
    return at


async def test_new_is_always_new_and_every_draft_is_kept(books):
    path, _desk = books
    async with seated(path) as clerk:
        await clerk.press("g", "q", "f6", "acme", "enter", "bolt*3", "enter", "f3")
        await clerk.press("f6")
        assert "Acme Works" not in clerk.text
        await clerk.press("cn01", "enter", "part-1*2", "enter", "f3", "f3")
        kept = [line for line in clerk.shown() if "Kept: Quotation" in line]
        assert len(kept) == 2
    async with seated(path) as clerk:
        assert "Drafts kept since your last visit: 2" in clerk.message
        shown = []
        for way in ("enter", "down"):
            await clerk.press(*(("f3", way, "enter") if way == "down" else (way,)))
            shown.append(clerk.line("  1 ").split()[1])
        assert sorted(shown) == ["BOLT", "PART-1"]


def test_one_person_at_two_terminals_keeps_two_drafts(books):
    _path, desk = books
    at_one, at_two = (Kept(desk_of(desk), "quotation") for _n in range(2))
    at_one.keep({"customer": "ACME"}, "")
    at_two.keep({"customer": "CN01"}, "")
    at_one.keep({"customer": "ACME", "note": "more"}, "")
    assert at_one.read() == {"customer": "ACME", "note": "more"}
    assert at_two.read() == {"customer": "CN01"}
    at_one.drop()
    assert at_one.read() is None and at_two.read() is not None


async def test_saving_and_throwing_away_leave_no_draft(books):
    path, _desk = books
    async with seated(path) as clerk:
        await clerk.press("g", "q", "f6", "acme", "enter", "bolt*3", "enter", "ctrl+s")
        assert "Saved:" in clerk.message
        await clerk.press("f3", "f6", "acme", "enter", "f9", "3", "f3")
        assert "Kept:" not in clerk.text


async def test_what_stood_in_a_cell_stands_there_again(books):
    path, _desk = books
    async with seated(path) as clerk:
        await clerk.press("g", "q", "f6", "acme", "enter", "bolt*3", "enter", "part-2*1")
        clerk.app.save_and_quit()
    async with seated(path) as clerk:
        await clerk.press("enter")
        assert "part-2*1" in clerk.line("  2 ")
        await clerk.press("2", "enter")
        assert "PART-2" in clerk.line("  2 ") and " 12 " in clerk.line("  2 ")


async def test_a_card_left_by_esc_keeps_what_was_typed(books):
    path, desk = books
    async with seated(path) as clerk:
        await clerk.press("g", "c", "enter", "tab", "tab", "12 Long Road", "tab", "escape")
        await clerk.press("enter")
        assert "12 Long Road" in clerk.line("Bill to")
        assert "Typed and not saved yet" in clerk.message
        await clerk.press("f9")
        number = next(line.split()[0] for line in clerk.shown() if "Throw what was typed away" in line)
        await clerk.press(number, "enter")
        assert "12 Long Road" not in clerk.text
    assert desk.ask(kept_words, "ada", "customer", 1) is None


def _save(desk, document_id, version, *wanted, **head):
    return desk.do(
        save_quotation,
        DocumentDraft("ACME", lines(*wanted), **head),
        document_id=document_id,
        version=version,
        by="bob",
    )


async def test_somebody_else_saved_first_mine_stays(books):
    path, desk = books
    saved = desk.do(save_quotation, DocumentDraft("ACME", lines(("BOLT", 3)), customer_reference="PO 1"))
    async with seated(path) as clerk:
        await clerk.press("g", "q", "enter")
        _save(desk, saved.id, saved.version, ("BOLT", 9), customer_reference="PO 2")
        await clerk.press("up", "up", "PO 3", "tab", "ctrl+s")
        assert "PO 3" in clerk.line("Reference") and "PO 2" in clerk.text
        assert "BOLT*9" in clerk.text and "BOLT*3" in clerk.text
        await clerk.press("1", "ctrl+s")
        assert "Saved:" in clerk.message
    now = desk.document("quotation", saved.id)
    assert (now.head["customer_reference"], now.lines[0]["quantity"]) == ("PO 3", 3)


async def test_somebody_else_saved_first_theirs_or_one_by_one(books):
    path, desk = books
    saved = desk.do(save_quotation, DocumentDraft("ACME", lines(("BOLT", 3)), customer_reference="PO 1"))
    async with seated(path) as clerk:
        await clerk.press("g", "q", "enter")
        _save(desk, saved.id, saved.version, ("BOLT", 9), ("PART-1", 1), customer_reference="PO 2")
        await clerk.press("up", "up", "PO 3", "tab", "ctrl+s", "3", "1", "2", "2", "ctrl+s")
        assert "Saved:" in clerk.message
        now = desk.document("quotation", saved.id)
        assert now.head["customer_reference"] == "PO 3"
        assert [(line["item"], line["quantity"]) for line in now.lines] == [("BOLT", 9), ("PART-1", 1)]


async def test_a_kept_draft_older_than_the_document_is_not_saved_over_it(books):
    path, desk = books
    saved = desk.do(save_quotation, DocumentDraft("ACME", lines(("BOLT", 3)), customer_reference="PO 1"))
    async with seated(path) as clerk:
        await clerk.press("g", "q", "enter", "up", "up", "PO 3", "tab", "f3")
        _save(desk, saved.id, saved.version, ("BOLT", 9), customer_reference="PO 2")
        await clerk.press("enter")
        assert "Somebody else has changed it" in clerk.message
        await clerk.press("ctrl+s", "2", "ctrl+s")
        assert "Saved:" in clerk.message
    now = desk.document("quotation", saved.id)
    assert (now.head["customer_reference"], now.lines[0]["quantity"]) == ("PO 2", 9)


async def test_a_card_that_somebody_else_saved_first_shows_both(books):
    path, desk = books
    async with seated(path) as clerk:
        await clerk.press("g", "c", "enter", "Acme & Sons", "tab")
        desk.do(
            save_party, PartySetup("ACME", "Acme Limited", bill_to="Other Street", phone="1"), version=None, by="bob"
        )
        await clerk.press("ctrl+s")
        assert "Acme & Sons" in clerk.text and "Acme Limited" in clerk.text
        await clerk.press("escape")
        assert "Not saved yet" in clerk.message
        await clerk.press("ctrl+s", "2", "ctrl+s")
        assert "ACME saved" in clerk.message
        assert "Acme Limited" in clerk.text


def kept_bodies(session):
    """All that is kept, as text."""
    return session.exec(select(KeptDraft.body)).all()


def test_what_stands_in_a_cell_is_kept_two_seconds_after_the_last_key(books, tmp_path):
    path, desk = books
    with clerk_at(path, tmp_path / "home") as clerk:
        clerk.press("g", "q", "f6")
        clerk.sees("NEW")
        clerk.data("acme")
        clerk.press("enter")
        clerk.sees("kept")
        clerk.data("bolt*1")
        for _n in range(100):  # ten seconds at most
            if '"text": "bolt*1"' in "".join(desk.ask(kept_bodies)):
                break
            time.sleep(0.1)
        clerk.terminal.signal(signal.SIGKILL)
        clerk.terminal.wait_end()
    with clerk_at(path, tmp_path / "home") as clerk:
        clerk.sees("Drafts kept since your last visit: 1")
        clerk.press("enter")
        clerk.sees("bolt*1")


async def test_what_a_payment_was_given_out_to_by_hand_is_kept(books):
    path, desk = books
    for price in ("10.00", "20.00", "30.00"):
        told = DocumentDraft("ACME", (LineDraft("FREIGHT", D(1), D(price)),))
        desk.do(post_invoice, desk.do(save_invoice, told).id)
    async with seated(path) as clerk:
        await clerk.press("g", "m", "f6", "acme", "enter", "12", "enter", "WIRE 1", "enter")
        await clerk.press("space", "down", "7", "enter")  # the first is left; the third gets seven of it
        assert "7.00" in clerk.line("INV26-0003")
        await clerk.press("f3", "f3")
    async with seated(path) as clerk:
        await clerk.press("enter")
        assert "This is the payment that was kept" in clerk.message
        assert "7.00" in clerk.line("INV26-0003")
        assert "Given out 7.00   Left over 5.00" in clerk.text
