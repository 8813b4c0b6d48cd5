"""The list of exchange rates, newest first. Rule: docs/rules/currency.md, "Rates"."""

from datetime import timedelta

from sqlmodel import col

from o2c_tui.models.currency import ExchangeRate
from o2c_tui.queries.list_spec import ListSpec
from o2c_tui.queries.rows import RateRow

RATES: dict[str, ListSpec] = {
    "rate": ListSpec(
        RateRow,
        (
            col(ExchangeRate.id),
            col(ExchangeRate.currency),
            col(ExchangeRate.valid_on),
            col(ExchangeRate.rate),
            col(ExchangeRate.source),
        ),
        ExchangeRate.__table__,  # type: ignore[attr-defined]
        (col(ExchangeRate.currency), col(ExchangeRate.source)),
        day=col(ExchangeRate.valid_on),
        flags={
            "recent": lambda today: col(ExchangeRate.valid_on) > today - timedelta(days=30),
            "typed": lambda today: col(ExchangeRate.source) == "typed",
        },
    ),
}
