"""Plans of recurring invoices at the keyboard. docs/rules/invoices.md, "Recurring invoices"."""

from dataclasses import replace
from datetime import date

import pytest

from o2c_tui.queries.recurring import plans
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.free_invoices import save_invoice
from o2c_tui.services.invoicing import post_invoice
from o2c_tui.services.recurring import RecurringSetup, save_recurring
from o2c_tui.services.recurring_plans import setup_of
from tests.makers import TODAY, D, ordered
from tests.screens.desk import clerk_at, seated, small_books


@pytest.fixture
def books(tmp_path):
    """An invoice for care and freight, and one plan that is due since last month."""
    path, desk = small_books(tmp_path)
    care = LineDraft("", D(1), D("100.00"), description="Care")
    desk.do(post_invoice, desk.do(save_invoice, DocumentDraft("ACME", (care, LineDraft("FREIGHT", D(2))))).id)
    desk.do(save_recurring, RecurringSetup("HAUL", "CN01", (LineDraft("FREIGHT", D(4)),), date(2026, 10, 20)))
    yield path, desk, tmp_path / "home"
    desk.store.close()


def standing(desk):
    """Each plan and how it stands."""
    return {plan.code: plan.state for plan in desk.ask(plans, on=TODAY)}


async def choose(clerk, words):
    """The entry of the numbered menu that has these words."""
    await clerk.press("f9")
    line = clerk.line(words)
    assert line, clerk.text
    await clerk.press(line.split()[0].strip("|"))


async def choose_kept(clerk):
    """The draft that was kept, on Home."""
    line = clerk.line("Recurring invoice Acme")
    await clerk.press(line.replace(">", " ").split()[0])


def test_what_is_due_stands_on_home_and_is_written_as_drafts(books):
    path, desk, home = books
    with clerk_at(path, home) as clerk:
        clerk.sees("Recurring invoices due")
        clerk.press("f10")
        clerk.data("recurring")
        clerk.press("enter")
        clerk.sees("DUE")
        clerk.press("f8")
        clerk.sees("Recurring invoices due: 1")
        clerk.sees("1 earlier days were missed")
        clerk.press("enter")
        clerk.sees("1 drafts written")
        clerk.sees("ACTIVE")
    assert str(desk.document("invoice", 2).head["state"]) == "draft"
    assert standing(desk) == {"HAUL": "active"}
    desk.holds()


async def test_a_plan_is_made_of_an_invoice_from_its_menu_or_from_the_list(books):
    path, desk, _home = books
    ordered(desk, ("FREIGHT", 1), customer="CN01")
    async with seated(path) as clerk:
        await clerk.press("g", "i", "enter")
        await choose(clerk, "Bill it again and again")
        assert "RECURRING INVOICE" in clerk.text
        assert "100.00'" in clerk.line("Care") and "15.00'" in clerk.line("FREIGHT")
        assert "2026-12-24" in clerk.text  # a month after it was billed
        await clerk.press("ctrl+s")
        assert "ACME saved" in clerk.message
        await clerk.press("f10", "recurring", "enter")
        assert "ACTIVE" in clerk.line("Acme Works")
        assert "130.00" in clerk.line("Acme Works")
        await choose(clerk, "Make a plan of an invoice or an order")
        await clerk.press("so26-0001", "enter")
        assert "CN01" in clerk.text
        await clerk.press("up", "up", "up", "2", "tab", "week", "tab", "ctrl+s")
        assert "CN01 saved" in clerk.message
        assert "2 × week" in clerk.line("CN01")
    desk.holds()


async def test_a_plan_is_paused_goes_on_and_ends_and_its_head_is_changed(books):
    path, desk, _home = books
    async with seated(path) as clerk:
        await clerk.press("f10", "recurring", "enter")
        await choose(clerk, "Pause the plan")
        assert "HAUL is paused" in clerk.message
        assert "PAUSED" in clerk.line("HAUL")
        await choose(clerk, "Go on with the plan")
        assert "HAUL goes on" in clerk.message
        assert "12-20" in clerk.line("HAUL")  # the days of the pause are not billed
        await clerk.press("enter")
        assert "60.00" in clerk.line("FREIGHT")
        await clerk.press("up", "up", "up", "3", "tab", "ctrl+s")
        assert "3 × month" in clerk.line("HAUL")
        await choose(clerk, "End the plan")
        await clerk.press("enter")
        assert "ENDED" in clerk.line("HAUL")
    assert standing(desk) == {"HAUL": "ended"}
    desk.holds()


async def test_what_is_due_is_posted_at_once_and_an_invoice_gives_a_plan_its_lines(books):
    path, desk, _home = books
    async with seated(path) as clerk:
        await clerk.press("f10", "recurring", "enter")
        await choose(clerk, "Take its lines from an invoice or an order")
        await clerk.press("inv26-0001", "enter")
        assert "the lines of INV26-0001" in clerk.message and "100.00'" in clerk.line("Care")
        await clerk.press("ctrl+s")
        await choose(clerk, "Write what is due, and post it")
        assert "write and post them" in clerk.text
        await clerk.press("enter")
        assert "1 invoices posted" in clerk.message
    told = desk.document("invoice", 2)
    assert (told.head["number"], told.head["gross"], told.customer) == ("INV26-0002", D("156.00"), "ACME")
    desk.holds()


async def test_a_plan_is_typed_its_lines_are_changed_and_what_was_typed_is_kept(books):
    path, desk, _home = books
    async with seated(path) as clerk:
        await clerk.press("f10", "recurring", "enter", "f6")
        await clerk.press("acme")
        await clerk.press("enter")  # the code of the plan follows the customer
        await clerk.press("freight*3 @12.50")
        await clerk.press("enter", "f3")
        assert not [plan for plan in standing(desk) if plan == "ACME"]
        await clerk.press("g", "h")
        assert "Recurring invoice Acme" in clerk.text
        await choose_kept(clerk)
        assert "37.50" in clerk.line("FREIGHT")
        await clerk.press("ctrl+s")
        await clerk.press("f10", "recurring", "enter")
        assert "37.50" in clerk.line("Acme Works")
        await clerk.press("down", "enter", "up", "ctrl+x")  # its only line goes, another comes
        await clerk.press("ctrl+s")
        assert "Give the plan at least one line" in clerk.message
        await clerk.press("freight*1 @9")
        await clerk.press("enter", "ctrl+s")
        assert "ACME saved" in clerk.message
        assert "9.00" in clerk.line("Acme Works")
        await clerk.press("f6")
        await clerk.press("acme")
        await clerk.press("enter", "up", "up", "up", "tab")
        assert "ACME-2" in clerk.text  # a code that is free
        await clerk.press("haul")
        await clerk.press("enter")
        await clerk.press("freight")
        await clerk.press("enter", "2", "enter", "ctrl+s")
        assert "There is a plan HAUL already." in clerk.message
        await clerk.press("f3", "f3")
    assert {plan.code: plan.net for plan in desk.ask(plans, on=TODAY)} == {"HAUL": D(60), "ACME": D(9)}
    desk.holds()


async def test_a_plan_that_somebody_else_changed_meanwhile_is_asked_of(books):
    path, desk, _home = books
    async with seated(path) as clerk:
        await clerk.press("f10", "recurring", "enter", "enter")
        told, version = desk.ask(setup_of, 1)
        desk.do(save_recurring, replace(told, note="theirs", times=2), version=version)
        await clerk.press("ctrl+d", "ctrl+s")
        assert "theirs" in clerk.text
        await clerk.press("1", "ctrl+s")
        assert "HAUL saved" in clerk.message
    told, _version = desk.ask(setup_of, 1)
    assert len(told.lines) == 2
    desk.holds()
