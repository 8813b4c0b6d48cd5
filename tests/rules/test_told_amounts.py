"""What a bank's line says was paid before it was changed. docs/rules/bank.md, "Other currencies"."""

from decimal import Decimal as D

import pytest

from o2c_tui.rules.statements import told_in


@pytest.mark.parametrize(
    ("text", "currency", "digits", "paid"),
    [
        ("INV26-0001 USD 1,000.00 rate 0.931", "USD", 2, "1000.00"),
        ("1.000,00 USD KURS 0,931", "USD", 2, "1000.00"),
        ("usd 1000", "USD", 2, "1000"),
        ("USD1'250.5", "USD", 2, "1250.5"),
        ("JPY 120,000", "JPY", 0, "120000"),
        ("USD 5.00, USD 5.00", "USD", 2, "5.00"),
        ("USD 5.00 less USD 0.50", "USD", 2, None),  # which?
        ("AUSD 5.00", "USD", 2, None),
        ("USDT 5", "USD", 2, None),
        ("wire of 5.00", "USD", 2, None),
    ],
)
def test_an_amount_with_its_code_is_read_however_a_bank_writes_it(text, currency, digits, paid):
    assert told_in(text, currency, digits) == (None if paid is None else D(paid))
