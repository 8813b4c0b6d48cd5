"""Each invariant broken by hand, past the guards: `verify` names the very one. docs/rules/verify.md."""

import re
import sqlite3
from dataclasses import replace

import pytest
from sqlmodel import SQLModel

from o2c_tui.models.base import Role, role_of
from o2c_tui.models.words import COLUMN_WORDS, ROW_WORDS
from o2c_tui.queries.verify import CHECKS, verify
from o2c_tui.storage.store import Store
from o2c_tui.texts import catalogue
from tests.conftest import NOW
from tests.storage.whole_books import whole_books

BREAKS = {
    "every journal entry balances": "UPDATE journal_line SET amount = amount + 1 WHERE position = 1 AND entry_id = 1",
    "receivables account = open items": "UPDATE receivable_item SET base_open = base_open + 10000 WHERE id = 1",
    "inventory account = cost layers = moves": "UPDATE cost_layer SET remaining_value = remaining_value + 100 WHERE id = 2",
    "stock levels = moves = layers; reserved = reservations": "UPDATE stock_level SET reserved = reserved - 1000000 WHERE reserved > 1000000",
    "cost layers = received less consumed": "UPDATE cost_layer SET remaining_quantity = remaining_quantity - 1 WHERE id = 2",
    "moves = layers and consumptions": "UPDATE consumption SET value = value + 100 WHERE layer_id = 2 AND quantity > 0",
    "returns within what was delivered": "UPDATE consumption SET quantity = quantity * 20 WHERE quantity < 0",
    "transfers, counts and adjustments = their moves": "UPDATE stock_transfer_line SET arrived = arrived + 1",
    "bins and lots = what was put there": "UPDATE place_stock SET quantity = quantity + 1",
    "lines carry what their documents say": "UPDATE sales_order_line SET shipped = shipped - 1000000 WHERE shipped > 0",
    "derived states follow from lines": "UPDATE sales_order SET billing = 'none' WHERE billing <> 'none'",
    "documents add up": "UPDATE invoice_line SET net = net + 100 WHERE id = 1",
    "deposits = what is deducted, credited and left": "UPDATE sales_order SET deposited = deposited + 100 WHERE id = 1",
    "open items = amounts less allocations": "UPDATE invoice SET open = open + 100 WHERE id = 1",
    "posted documents are booked": "UPDATE journal_line SET account_id = 2 WHERE account_id = 8",
    "other currencies = their rates": "UPDATE invoice_line SET base_net = base_net + 100 WHERE base_net > 0",
    "open in the company's currency = worth less allocations": "UPDATE receivable_item SET base_open = base_open + 100 WHERE currency <> ''",
    "receivables account by currency = open items": "UPDATE journal_line SET currency_amount = currency_amount + 100 WHERE position = 1 AND currency <> ''",
    "settled in other currencies = shares of what was left": "UPDATE payment_allocation SET base_debit = base_debit + 100, base_credit = base_credit + 100 WHERE base_debit IS NOT NULL AND id = (SELECT max(id) FROM payment_allocation WHERE base_debit IS NOT NULL)",
    "adjustments in other currencies = what they took off": "UPDATE receivable_item SET base_amount = base_amount - 100, base_open = base_open - 100 WHERE adjustment_id IS NOT NULL AND base_amount IS NOT NULL",
    "adjustments of accounts = their items, journals and tax": "UPDATE receivable_adjustment SET reversed_by = NULL",
    "payments are booked where the money is": "UPDATE payment SET charge = charge + 100 WHERE charge > 0",
    "paid ahead = what is not used of it": "UPDATE sales_order SET paid_ahead = paid_ahead + 100 WHERE paid_ahead > 0",
    "receipt lines carry what bills and returns say": "UPDATE goods_receipt_line SET billed = billed - 1000000 WHERE billed > 0",
    "purchase orders carry what their receipts say": "UPDATE purchase_order SET billing = 'none' WHERE state = 'closed'",
    "purchases, bills and returns add up": "UPDATE supplier_bill_line SET net = net + 100 WHERE id = 1",
    "goods received, not billed = receipts less bills and returns": "UPDATE goods_receipt_line SET cleared = cleared + 100 WHERE billed > 0",
    "later costs lie where the goods are": "UPDATE cost_share SET to_stock = to_stock + 100 WHERE to_stock > 0",
    "receipts, bills and returns to suppliers are booked": "UPDATE supplier_return SET value = value + 100",
    "bank lines are in once": "UPDATE bank_line SET identity = 'x' WHERE id = 1",
    "bank lines = their matches": "UPDATE bank_match SET amount = amount + 100 WHERE id = 1",
    "bank matches are booked": "UPDATE bank_match SET amount = amount * 2",
    "bank accounts mirror the ledger; rules are borne out": "UPDATE bank_account SET account_id = (SELECT id FROM account WHERE role = 'revenue')",
    "reminders add up": "UPDATE reminder SET total = total + 100",
    "numbers are gapless": "UPDATE invoice SET number = 'INV26-0099' WHERE number = 'INV26-0001'",
    "closings hold": "UPDATE journal_entry SET posted_on = '2026-11-23' WHERE id = 1",
    "the audit chain is whole": "DELETE FROM audit_entry WHERE id = 7",
    "facts are as they were posted": "UPDATE delivery SET carrier = 'nobody' WHERE state = 'shipped'",
    "decisions are as they were told": "UPDATE sales_order SET hold_reason = 'because' WHERE state = 'on_hold'",
}


@pytest.fixture(scope="module")
def told_books(tmp_path_factory):
    """Books in which every table has rows, made once."""
    path = tmp_path_factory.mktemp("verify") / "books.sqlite"
    store = Store.open(str(path), clock=lambda: NOW, who="ada")
    whole_books(store)
    assert store.read_now(verify).holds
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.read_bytes()


def test_there_is_a_break_for_every_check():
    assert set(BREAKS) == set(CHECKS)


@pytest.mark.parametrize("check", BREAKS)
def test_a_broken_invariant_is_named(check, told_books, tmp_path):
    path = tmp_path / "books.sqlite"
    path.write_bytes(told_books)
    connection = sqlite3.connect(path)
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    assert connection.execute(BREAKS[check]).rowcount > 0
    for _, made in triggers:
        connection.execute(made)
    connection.commit()
    connection.close()

    store = Store.open(str(path), clock=lambda: NOW, who="ada")
    told = store.read_now(verify)
    store.close()

    assert not told.holds
    assert check in [found.name for found in told.checks if not found.holds]
    chinese = catalogue("zh_CN").gettext
    for found in told.checks:
        for breach in found.breaches:
            words = {
                name: "" if isinstance(value, str) and not name.endswith("_word") else value  # what somebody typed
                for name, value in breach.values.items()
            }
            plain = replace(breach, values=words).said(chinese)
            assert not re.search("[a-z]{2,}", plain), plain


_ABROAD = "entry_id IN (SELECT id FROM journal_entry WHERE source = '{source}') AND currency <> ''"
_ADJUSTED = _ABROAD.format(source="receivable_adjustment")
_LEGS = "CASE WHEN position = 1 THEN 100 WHEN position = 2 THEN -100 ELSE 0 END"


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (f"journal_line SET amount = amount + {_LEGS} WHERE {_ADJUSTED}", "adjustments of accounts = their items, journals and tax"),
        (f"journal_line SET currency_amount = currency_amount + {_LEGS} WHERE {_ADJUSTED}", "adjustments of accounts = their items, journals and tax"),
        (f"journal_line SET account_id = 1 WHERE {_ADJUSTED} AND party_id IS NULL", "adjustments of accounts = their items, journals and tax"),
        ("receivable_adjustment SET tax = tax + 100 WHERE rate > 0", "adjustments of accounts = their items, journals and tax"),
        (f"journal_line SET amount = amount + {_LEGS} WHERE {_ABROAD.format(source='payment')}", "payments are booked where the money is"),
        ("payment_allocation SET base_credit = base_credit + 100 WHERE amount < 0 AND base_credit IS NOT NULL", "settled in other currencies = shares of what was left"),
        ("payment_allocation SET base_debit = base_debit - 100 WHERE id = (SELECT min(id) FROM payment_allocation WHERE base_debit > 0)", "settled in other currencies = shares of what was left"),
    ],
)  # fmt: skip
def test_what_was_settled_in_another_currency_is_told_anew_to_the_cent(change, check, told_books, tmp_path):
    assert check in _broken_by(f"UPDATE {change}", told_books, tmp_path)


def _broken_by(change, told_books, tmp_path):
    """The checks that fail after a change past the guards."""
    path = tmp_path / "books.sqlite"
    path.write_bytes(told_books)
    with sqlite3.connect(path) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        assert connection.execute(change).rowcount > 0
        for _, made in triggers:
            connection.execute(made)
    connection.close()
    store = Store.open(str(path), clock=lambda: NOW, who="ada")
    told = store.read_now(verify)
    store.close()
    return [found.name for found in told.checks if not found.holds]


def test_a_breach_names_documents_and_items_as_people_do(told_books, tmp_path):
    path = tmp_path / "books.sqlite"
    path.write_bytes(told_books)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE stock_level SET reserved = reserved - 1000000 WHERE reserved > 1000000")
        connection.execute("UPDATE invoice SET open = open + 100 WHERE id = 1")
        connection.execute("UPDATE sales_order_line SET shipped = shipped - 1000000 WHERE shipped > 0")

    store = Store.open(str(path), clock=lambda: NOW, who="ada")
    said = [breach.said() for check in store.read_now(verify).checks for breach in check.breaches]
    store.close()

    assert any(text.startswith("item ") and " in warehouse MAIN: reserved " in text for text in said)
    assert any(text.startswith("invoice INV26-0001: open ") for text in said)
    assert any(text.startswith("line of sales order SO26-0001/1: shipped ") for text in said)


def test_every_row_and_column_that_a_breach_may_name_has_words():
    tables = [table for table in SQLModel.metadata.sorted_tables if table.info.get("guard") or "id" in table.c]
    columns = {
        column.name
        for table in tables
        for column in table.columns
        if role_of(column) is not Role.FACT and table.name != "kept_draft"
    }

    assert {table.name for table in tables} - set(ROW_WORDS) - {"kept_draft", "audit_head", "consumption"} == set()
    assert columns - set(COLUMN_WORDS) == set()
