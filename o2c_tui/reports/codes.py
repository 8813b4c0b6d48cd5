"""What a list says of payment terms and tax codes in short."""

import json
from decimal import Decimal
from typing import Any

from o2c_tui.texts import N_, _

_TERM_TAKES = {
    "percent": "{value} %",
    "percent_of_rest": N_("{value} % of the rest"),
    "fixed": "{value}",
    "rest": N_("rest"),
}


def term_words(parts: str) -> str:
    """The instalments of a payment term in short: `50 %, rest 60d`."""
    told = []
    for part in json.loads(parts):
        value = f"{Decimal(part.get('value') or 0).normalize():f}"
        words = _(_TERM_TAKES[part["kind"]]).format(value=value)
        days = part.get("days", 0) + 7 * part.get("weeks", 0)
        offsets = [f"{part['months']}m" if part.get("months") else "", f"{days}d" if days else ""]
        told.append(" ".join(text for text in (words, *offsets) if text))
    return ", ".join(told)


def tax_parts(parts: str) -> str:
    """The taxes that a tax code stands for; nothing where it has rates of its own."""
    return " + ".join(part["code"] for part in json.loads(parts)) if parts else ""


def rate_words(row: Any) -> str:
    """What a tax code comes to: its newest rate, or the taxes it stands for."""
    if row.parts:
        return tax_parts(row.parts)
    return f"{(row.rate * 100).normalize():f} %" if row.valid_on is not None else ""
