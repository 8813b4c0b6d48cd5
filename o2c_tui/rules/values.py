"""What any field of the books can hold: checked once at each door, whatever the verb.

A text is Unicode without NUL (PostgreSQL cannot keep it) and without halves of signs (no encoding can write them),
at most 20,000 signs long. A figure is finite, with at most six decimals, and small enough for the stored integer.
A day lies from 1900 to 2999, so that no sum of days runs out of the calendar.
Everything else is kept exactly as given. Rule: docs/rules/masters.md, "Texts and figures".
"""

import dataclasses
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from o2c_tui.errors import BadValueError
from o2c_tui.texts import N_

MOST_SIGNS = 20_000
MOST_FIGURE = Decimal(10) ** 12
PLACES = 6
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
_IMPOSSIBLE = re.compile("[\x00\ud800-\udfff]")


def check_values(value: Any, field: str = "") -> None:
    """Refuse what no field can hold, in a value or anywhere within it (records, lists, mappings).

    Raises:
        BadValueError: says what is wrong; its `field` is the path to the value, as in "draft.lines.2.note".
    """
    if value is None or isinstance(value, (bool, datetime, bytes)):
        return
    if isinstance(value, date):
        check_day(value, field)
        return
    if isinstance(value, str):
        _check_text(value, field)
    elif isinstance(value, Decimal):
        _check_figure(value, field)
    elif isinstance(value, int):
        if abs(value) >= 2**63:
            raise BadValueError(N_("{text} is too large a number."), field=field, text=_short(str(value)))
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for name, part in vars(value).items():
            check_values(part, f"{field}.{name}" if field else name)
    elif isinstance(value, Mapping):
        for key, part in value.items():
            check_values(key, field)
            check_values(part, f"{field}.{key}" if field else str(key))
    elif isinstance(value, (list, tuple, set, frozenset)):
        for n, part in enumerate(value, 1):
            check_values(part, f"{field}.{n}" if field else str(n))


def check_day(day: date, field: str = "") -> None:
    """Refuse a day outside the centuries of trade.

    Raises:
        BadValueError: it is.
    """
    if not FIRST_DAY <= day <= LAST_DAY:
        raise BadValueError(
            N_("{day} is no day of trade; days lie from {first} to {last}."),
            field=field,
            day=day.isoformat(),
            first=FIRST_DAY.isoformat(),
            last=LAST_DAY.isoformat(),
        )


def _check_text(text: str, field: str) -> None:
    if len(text) > MOST_SIGNS:
        raise BadValueError(
            N_("The text is {n} signs long; at most {most} can be kept."), field=field, n=len(text), most=MOST_SIGNS
        )
    if text.isascii() and "\0" not in text:
        return
    wrong = _IMPOSSIBLE.search(text)
    if wrong is not None:
        raise impossible_sign(ord(wrong.group()), wrong.start() + 1, field)


def impossible_sign(code: int, position: int, field: str = "") -> BadValueError:
    """The refusal of a sign that no text can hold."""
    return BadValueError(
        N_("Sign {n} of the text (U+{code}) cannot be kept. Take it out, or save the file as UTF-8."),
        field=field,
        n=position,
        code=f"{code:04X}",
    )


def _check_figure(value: Decimal, field: str) -> None:
    if not value.is_finite():
        raise BadValueError(N_("'{text}' is no number."), field=field, text=str(value))
    if abs(value) > MOST_FIGURE:
        raise BadValueError(
            N_("{text} is too large; figures go up to {most}."), field=field, text=_short(str(value)), most=MOST_FIGURE
        )
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > PLACES and value.normalize().as_tuple().exponent < -PLACES:  # type: ignore[operator]
        raise BadValueError(
            N_("{text} has more than {places} decimals."), field=field, text=_short(str(value)), places=PLACES
        )


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "…"
