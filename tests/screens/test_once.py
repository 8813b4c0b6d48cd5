"""A step confirmed twice, or again after trouble, is done once; a message goes with what it was about."""

import pytest

from o2c_tui.errors import TroubleError
from o2c_tui.services.drafting import DocumentDraft
from o2c_tui.services.quoting import save_quotation, send_quotation
from tests.makers import lines, sold, whole_database
from tests.screens.desk import seated, small_books


@pytest.fixture
def books(tmp_path):
    path, desk = small_books(tmp_path)
    yield path, desk
    desk.store.close()


class Lost:
    """The answer of the next step is lost: it is committed, and nobody hears of it."""

    def __init__(self, clerk):
        self.committed = clerk.app.desk.store.committed

    def __enter__(self):
        self.committed.append(self.lose)

    def lose(self):
        raise TroubleError("The database server does not answer: {why}", why="gone")

    def __exit__(self, *_):
        self.committed.remove(self.lose)


def _counts(desk):
    rows = whole_database(desk)
    return {name: len(rows[name]) for name in ("quotation", "sales_order", "delivery", "invoice", "payment", "party")}


async def test_a_step_whose_answer_was_lost_is_done_once(books):
    path, desk = books
    desk.do(save_quotation, DocumentDraft("ACME", lines(("BOLT", 2))))
    desk.do(send_quotation, 1)
    async with seated(path) as clerk:
        await clerk.press("g", "q", "f8")
        with Lost(clerk):
            await clerk.press("enter")
        assert "does not answer" in clerk.message
        await clerk.press("enter")
        assert "SO26-0001 made from Q26-0001" in clerk.message
    assert _counts(desk)["sales_order"] == 1
    desk.holds()


async def test_enter_typed_twice_at_once_does_a_step_once(books):
    path, desk = books
    desk.do(save_quotation, DocumentDraft("ACME", lines(("BOLT", 2))))
    desk.do(send_quotation, 1)
    async with seated(path) as clerk:
        await clerk.press("g", "q", "f8", "enter", "enter")
    assert _counts(desk)["sales_order"] == 1
    desk.holds()


async def test_a_payment_whose_answer_was_lost_is_taken_once(books):
    path, desk = books
    sold(desk, ("BOLT", 1))
    async with seated(path) as clerk:
        await clerk.press("g", "i", "f8", "f8")
        with Lost(clerk):
            await clerk.press("enter")
        assert "does not answer" in clerk.message
        await clerk.press("f8", "enter")
        assert "PAY26-0001 posted" in clerk.message
    assert _counts(desk)["payment"] == 1
    desk.holds()


async def test_a_new_document_whose_answer_was_lost_is_saved_once_and_the_next_save_is_its_own(books):
    path, desk = books
    async with seated(path) as clerk:
        await clerk.press("g", "q", "f6", "acme", "enter", "bolt*3", "enter")
        with Lost(clerk):
            await clerk.press("ctrl+s")
        assert "does not answer" in clerk.message
        await clerk.press("ctrl+s")
        assert "Saved: 36.00" in clerk.message
        await clerk.press("bolt*1", "enter", "ctrl+s")
        assert "Saved: 48.00" in clerk.message
    assert _counts(desk)["quotation"] == 1


async def test_a_new_customer_whose_answer_was_lost_is_made_once(books):
    path, desk = books
    before = _counts(desk)["party"]
    async with seated(path) as clerk:
        await clerk.press("g", "c", "f6", "Nova Tools", "tab")
        with Lost(clerk):
            await clerk.press("ctrl+s")
        await clerk.press("ctrl+s")
        assert "saved" in clerk.message
    assert _counts(desk)["party"] == before + 1


async def test_many_steps_of_marked_rows_carry_keys_of_their_own(books):
    path, desk = books
    for _n in range(3):
        desk.do(send_quotation, desk.do(save_quotation, DocumentDraft("ACME", lines(("BOLT", 1)))).id)
    async with seated(path) as clerk:
        await clerk.press("g", "q", "*", "f8", "enter")
        assert "3 done" in clerk.message
    rows = whole_database(desk)
    assert len(rows["sales_order"]) == 3


async def test_a_message_goes_when_what_it_was_about_is_mended(books):
    path, _desk = books
    async with seated(path) as clerk:
        await clerk.press("g", "q", "f6", "acme", "enter", "blt*3", "enter")
        assert clerk.message.startswith("ERR")
        await clerk.press("ctrl+u")
        assert clerk.message.startswith("ERR"), "it stays while one types"
        await clerk.press("bolt*3", "enter")
        assert not clerk.message.startswith("ERR")
        await clerk.press("blt*3", "enter")
        assert clerk.message.startswith("ERR")
        await clerk.press("escape")
        assert not clerk.message.startswith("ERR"), "Esc drops the text, and what was said of it"


async def test_a_message_of_a_preview_goes_too(books):
    path, desk = books
    desk.do(save_quotation, DocumentDraft("ACME", lines(("BOLT", 2))))
    desk.do(send_quotation, 1)
    async with seated(path) as clerk:
        await clerk.press("g", "q", "f8", "3", "enter")
        assert "2 is left, not 3" in clerk.message
        await clerk.press("ctrl+u", "1", "enter")
        assert "is left" not in clerk.message
