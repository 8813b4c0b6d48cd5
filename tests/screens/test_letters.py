"""Texts of mails and letters at the keyboard, line by line. docs/rules/mail.md."""

import pytest

from o2c_tui.queries.letters import letter
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.free_invoices import save_invoice
from o2c_tui.services.invoicing import post_invoice
from o2c_tui.services.mailing import save_letter
from tests.makers import D
from tests.screens.desk import seated, small_books


@pytest.fixture
def books(tmp_path):
    path, desk = small_books(tmp_path)
    yield path, desk
    desk.store.close()


async def letters(clerk):
    """The list of letters, from the settings."""
    await clerk.press("g", "t", "f9")
    await clerk.press(clerk.line("Letters: what mails say").split()[0])


async def test_a_letter_is_typed_line_by_line_and_what_is_typed_is_kept(books):
    path, desk = books
    async with seated(path) as clerk:
        await letters(clerk)
        await clerk.press("enter")
        assert "Insert puts one in" in clerk.message
        assert "3 please find attached our credit note" in clerk.text
        await clerk.press("down", "down", "ctrl+o", "We are sorry.", "enter")
        assert "3 We are sorry." in clerk.text
        await clerk.press("f3", "f3", "f3")
        await clerk.press(clerk.line("Letter credit_note").replace(">", " ").split()[0])
        assert "We are sorry." in clerk.line("We are sorry.")
        await clerk.press("ctrl+s")
        assert "credit_note saved" in clerk.message
    told = desk.ask(letter, "credit_note", "en")
    assert told.own and told.body.split("\n")[2] == "We are sorry."
    assert told.body.count("\n") == 6


async def test_a_letter_somebody_else_changed_meanwhile_shows_both(books):
    path, desk = books
    desk.do(save_letter, "credit_note", "en", "A", "first\nsecond")
    async with seated(path) as clerk:
        await letters(clerk)
        await clerk.press("enter", "down", "down", "mine", "enter")
        desk.do(save_letter, "credit_note", "en", "B", "theirs", version=1)
        await clerk.press("ctrl+s")
        assert "first / second / mine" in clerk.text and "theirs" in clerk.text
        await clerk.press("1", "ctrl+s")
        assert "credit_note saved" in clerk.message
    told = desk.ask(letter, "credit_note", "en")
    assert (told.subject, told.body) == ("A", "first\nsecond\nmine")


async def test_the_text_of_one_mail_is_changed_and_a_mail_not_sent_yet_is_opened_again(books):
    path, desk = books
    told = DocumentDraft("ACME", (LineDraft("FREIGHT", D(1)),))
    desk.do(post_invoice, desk.do(save_invoice, told).id)
    async with seated(path) as clerk:
        await clerk.press("g", "i", "enter", "f7")
        await clerk.press(clerk.line("Mail it").split()[0])
        assert "MAIL" in clerk.text
        await clerk.press("a@example.org", "tab", "tab", "Hello,", "enter", "f3", "g", "h")
        assert "Kept: Mail" in clerk.text
        await clerk.press(clerk.line("Kept: Mail").replace(">", " ").split()[0])
        assert "Hello," in clerk.text and "a@example.org" in clerk.text
        await clerk.press("ctrl+s")
        assert "In the outbox, to a@example.org" in clerk.message
        await clerk.press("g", "h")
        assert "Kept" not in clerk.text
    desk.holds()
