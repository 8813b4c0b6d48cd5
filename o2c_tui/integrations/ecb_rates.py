"""The European Central Bank's published rates: its XML files of a day, of 90 days and of all days since 1999.

Each `Cube` with a `time` holds the units of every currency that made one euro on that day. Only what is of that form is
taken; a file with a document type of its own is refused, since what it would expand to is nobody's rate.
"""

from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from xml.etree import ElementTree

from o2c_tui.errors import FileImportError, TroubleError, os_words
from o2c_tui.rules.exchange import PublishedDay
from o2c_tui.texts import N_

MOST_BYTES = 32_000_000  # the file of all days was 7 MB in 2026


def read_ecb(path: Path) -> tuple[PublishedDay, ...]:
    """The days of a file, each with the units of every currency for one euro.

    Raises:
        TroubleError: it cannot be read. FileImportError: it is far too large, no XML, or not of the bank's form.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FileImportError(N_("{path} is larger than {most} bytes."), path=path.name, most=MOST_BYTES)
        data = path.read_bytes()
    except OSError as error:
        raise TroubleError(N_("{path} cannot be read: {why_word}."), path=path, why_word=os_words(error)) from error
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise FileImportError(N_("{path} is no file of exchange rates of the ECB."), path=path.name)
    try:
        root = ElementTree.fromstring(data)
        found = tuple(
            PublishedDay(date.fromisoformat(cube.get("time", "")), _units(cube))
            for cube in root.iter()
            if cube.tag.rpartition("}")[2] == "Cube" and cube.get("time")
        )
    except (ElementTree.ParseError, ValueError, InvalidOperation, UnicodeDecodeError, LookupError) as error:
        raise FileImportError(N_("{path} is no file of exchange rates of the ECB."), path=path.name) from error
    if not any(published.per_euro for published in found):
        raise FileImportError(N_("{path} is no file of exchange rates of the ECB."), path=path.name)
    return found


def _units(cube: ElementTree.Element) -> dict[str, Decimal]:
    """By currency: how many units make one euro; a rate that is no positive figure ("N/A") is none."""
    told: dict[str, Decimal] = {}
    for part in cube:
        code, text = part.get("currency", ""), part.get("rate", "")
        if len(code) == 3 and code.isascii() and code.isalpha() and text not in ("", "N/A"):
            value = Decimal(text)
            if not value.is_finite() or value <= 0:
                raise ValueError(text)
            told[code.upper()] = value
    return told
