"""What the readers of bank files share: figures, days, lines of text, and how a file is refused."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from o2c_tui.errors import BadValueError, FileImportError, RowFault
from o2c_tui.texts import N_

MOST_LINES = 200_000
_FIGURE = re.compile(r"[+-]?\d{1,15}(\.\d{0,6})?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def refuse(name: str, line: int, sentence: str, /, **values: Any) -> FileImportError:
    """The refusal of a file at a line; `sentence` is marked."""
    fault = RowFault(name, line, "", BadValueError(sentence, **values))
    return FileImportError(N_("{path} cannot be taken; nothing was written."), path=name, rows=(fault,))


def figure(text: str, name: str, line: int) -> Decimal:
    """A figure with a point, as files of banks have it.

    Raises:
        FileImportError: it is none, or larger than any amount.
    """
    word = text.strip()
    if not _FIGURE.fullmatch(word):
        raise refuse(name, line, N_("'{text}' is no amount."), text=word[:40])
    try:
        value = Decimal(word) + 0
    except InvalidOperation:
        raise refuse(name, line, N_("'{text}' is no amount."), text=word[:40]) from None
    if value != value.quantize(Decimal("0.0001")):
        raise refuse(name, line, N_("{amount} has more than four decimals."), amount=word[:40])
    return value


def day(text: str, name: str, line: int) -> date:
    """A day as 2026-11-24 or 20261124; the hour after it is left out.

    Raises:
        FileImportError: it is none.
    """
    word = text.strip()
    short = word[:10] if "-" in word[:10] else word[:8]
    try:
        found = date.fromisoformat(short)
    except ValueError:
        raise refuse(name, line, N_("'{text}' is no day."), text=word[:40]) from None
    if not 1900 <= found.year <= 2999:
        raise refuse(name, line, N_("'{text}' is no day."), text=word[:40])
    return found


def words(text: str | None) -> str:
    """Text of a file in one line: no control signs, no doubled blanks."""
    return " ".join(_CONTROL.sub(" ", text or "").split())[:1000]
