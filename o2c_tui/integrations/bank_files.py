"""Files of banks as statements: CAMT.053, MT940, OFX or CSV, told apart by what is in them.

Each reader gives the same frozen rows (rules/statements.py). What is damaged, in no known encoding, far too large or
laid out to harm is refused with its place. Rule: docs/rules/bank.md.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from o2c_tui.errors import FileImportError, TroubleError, os_words
from o2c_tui.integrations.bank_words import MOST_LINES
from o2c_tui.rules.statements import Statement
from o2c_tui.texts import N_

MOST_BYTES = 32_000_000


@dataclass(frozen=True)
class BankFile:
    """A file as it was read: its statements, the name and the hash of the file."""

    name: str
    sha256: str
    statements: tuple[Statement, ...]


def read_bytes(path: Path) -> bytes:
    """The bytes of a file of a bank.

    Raises:
        TroubleError: it cannot be read. FileImportError: it is empty or far too large.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FileImportError(N_("{path} is larger than {most} bytes."), path=path.name, most=MOST_BYTES)
        data = path.read_bytes()
    except OSError as error:
        raise TroubleError(N_("{path} cannot be read: {why_word}."), path=path, why_word=os_words(error)) from error
    if not data.strip():
        raise FileImportError(N_("{path} is empty."), path=path.name)
    return data


def kind_of(data: bytes) -> str:
    """Which form a file is in, by its beginning."""
    head = data[:4000].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t")
    if re.search(rb"OFXHEADER|<OFX>|<\?OFX", head, re.IGNORECASE):
        return "ofx"
    if head.startswith(b"<"):
        return "camt053"
    if re.search(rb"(^|\n):20:", head) or head.startswith(b"{1:"):
        return "mt940"
    return "csv"


def read_bank_file(path: Path, map_path: Path | None = None) -> BankFile:
    """The statements of a file of a bank; a map file says what the columns of a CSV file are.

    Raises:
        TroubleError: it cannot be read. FileImportError: it is in no known form, damaged or far too large; says where.
    """
    data = read_bytes(path)
    kind = "csv" if map_path is not None else kind_of(data)
    if kind == "camt053":
        from o2c_tui.integrations.camt import read_camt

        found = read_camt(data, path.name)
    elif kind == "mt940":
        from o2c_tui.integrations.mt940 import read_mt940

        found = read_mt940(data, path.name)
    elif kind == "ofx":
        from o2c_tui.integrations.ofx import read_ofx

        found = read_ofx(data, path.name)
    else:
        from o2c_tui.integrations.bank_csv import read_bank_csv

        found = read_bank_csv(path, map_path)
    if sum(len(statement.lines) for statement in found) > MOST_LINES:
        raise FileImportError(N_("{path} has more than {most} lines."), path=path.name, most=MOST_LINES)
    return BankFile(path.name, hashlib.sha256(data).hexdigest(), tuple(found))
