"""OFX as statements: SGML of versions 1.x, whose leaves have no end, and XML of 2.x, by one small reader.

Rule: docs/rules/bank.md.
"""

import codecs
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from o2c_tui.errors import FileImportError
from o2c_tui.integrations.bank_words import day, figure, refuse, words
from o2c_tui.rules.statements import Statement, StatementLine, account_key
from o2c_tui.texts import N_

_TAG = re.compile(r"<(/?)([A-Za-z0-9._]+)[^<>]*?(/?)>([^<]*)")
MOST_DEEP = 60
_CHARSETS = {"1252": "cp1252", "UTF-8": "utf-8", "UNICODE": "utf-8", "USASCII": "cp1252", "8859-1": "latin-1"}


@dataclass
class _Part:
    """An aggregate: its leaves by name, the aggregates in it, and the line it begins on."""

    name: str
    line: int
    leaves: dict[str, tuple[str, int]] = field(default_factory=dict)
    parts: list["_Part"] = field(default_factory=list)

    def get(self, name: str) -> str:
        return self.leaves.get(name, ("", 0))[0]

    def walk(self, *names: str) -> Iterator["_Part"]:
        """All aggregates of these names below, in their order."""
        for part in self.parts:
            if part.name in names:
                yield part
            else:
                yield from part.walk(*names)


def _decoded(data: bytes, name: str) -> str:
    head = data[:2000].decode("ascii", "replace")
    told = re.search(r"CHARSET:\s*(\S+)|encoding\s*=\s*[\"']([^\"']+)", head)
    wanted = (told.group(1) or told.group(2) or "").upper() if told else ""
    encoding = _CHARSETS.get(wanted, wanted) or "utf-8"
    if re.search(r"ENCODING:\s*(UNICODE|UTF-8)", head):
        encoding = "utf-8"
    try:
        codecs.lookup(encoding)
    except LookupError:
        encoding = "cp1252"
    try:
        text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        raise refuse(
            name, data.count(b"\n", 0, error.start) + 1, N_("this is no text in {encoding}."), encoding=encoding
        ) from None
    control = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", text)
    if control is not None:
        line = text.count("\n", 0, control.start()) + 1
        raise refuse(name, line, N_("a control byte ({code}) stands there."), code=f"0x{ord(control.group()):02x}")
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise refuse(name, 1, N_("a document type is declared; statements have none."))
    return text


def _tree(text: str, name: str) -> _Part:
    """The aggregates of a file. A tag with text behind it is a leaf, whether it is closed or not."""
    start = re.search(r"<OFX>", text, re.IGNORECASE)
    if start is None:
        raise FileImportError(N_("{path} is no account statement (OFX)."), path=name)
    top = _Part("", 0)
    open_parts = [top]
    line, at = text.count("\n", 0, start.start()) + 1, start.start()
    last = line
    for match in _TAG.finditer(text, start.start()):
        line += text.count("\n", at, match.start())
        at = last = match.start()
        closes, tag, empty, value = match.group(1), match.group(2).upper(), match.group(3), match.group(4)
        here = open_parts[-1]
        if closes:
            if here.name == tag:
                open_parts.pop()
            elif tag not in here.leaves and tag not in {part.name for part in here.parts}:
                raise refuse(name, line, N_("{tag} is closed, but {other} is open."), tag=tag, other=here.name or "-")
            continue
        if value.strip() or empty or _closed_at_once(text, match.end(), tag):
            here.leaves.setdefault(tag, (words(html.unescape(value)), line))
            continue
        part = _Part(tag, line)
        here.parts.append(part)
        open_parts.append(part)
        if len(open_parts) > MOST_DEEP:
            raise refuse(name, line, N_("the elements are nested too deeply."))
    if len(open_parts) > 1:
        raise refuse(
            name,
            text.count("\n", 0, last) + 1,
            N_("the file is cut off: {tag} is not closed."),
            tag=open_parts[-1].name,
        )
    return top


def _closed_at_once(text: str, at: int, tag: str) -> bool:
    """Whether an empty leaf is closed right here, as XML does."""
    return text[at : at + len(tag) + 3].upper() == f"</{tag}>"


def read_ofx(data: bytes, name: str) -> list[Statement]:
    """The statements of an OFX file, of bank and card accounts.

    Raises:
        FileImportError: it is damaged, cut off, or no OFX; says where.
    """
    top = _tree(_decoded(data, name), name)
    found = [_statement(part, name) for part in top.walk("STMTRS", "CCSTMTRS")]
    if not found:
        raise FileImportError(N_("{path} is no account statement (OFX)."), path=name)
    return found


def _day(text: str, name: str, line: int) -> date:
    return day(text[:8], name, line)


def _statement(part: _Part, name: str) -> Statement:
    account = next(part.walk("BANKACCTFROM", "CCACCTFROM"), None)
    listed = next(part.walk("BANKTRANLIST"), None)
    ledger = next(part.walk("LEDGERBAL"), None)
    currency = part.get("CURDEF").upper()
    lines: list[StatementLine] = []
    first = last = None
    if listed is not None:
        first = _day(listed.get("DTSTART"), name, listed.line) if listed.get("DTSTART") else None
        last = _day(listed.get("DTEND"), name, listed.line) if listed.get("DTEND") else None
        lines = [_line(told, currency, name) for told in listed.parts if told.name == "STMTTRN"]
    if lines and lines[0].booked_on > lines[-1].booked_on:  # newest first
        lines.reverse()
    closing = _figure(ledger, "BALAMT", name) if ledger is not None and ledger.get("BALAMT") else None
    if closing is not None and ledger is not None and ledger.get("DTASOF"):
        last = _day(ledger.get("DTASOF"), name, ledger.line)
    opening = None if closing is None else closing - sum((line.amount for line in lines), Decimal(0))
    number = account.get("ACCTID") if account is not None else ""
    return Statement(
        "ofx",
        tuple(lines),
        account=account_key(number),
        currency=currency,
        from_on=first,
        to_on=last,
        opening=opening,
        closing=closing,
    )


def _figure(part: _Part, leaf: str, name: str) -> Decimal:
    text, line = part.leaves.get(leaf, ("", part.line))
    if "," in text and "." not in text:  # some banks write the decimals as people do
        text = text.replace(",", ".")
    return figure(text, name, line)


def _line(part: _Part, currency: str, name: str) -> StatementLine:
    payee = next(part.walk("PAYEE"), None)
    other = next(part.walk("BANKACCTTO", "CCACCTTO"), None)
    who = part.get("NAME") or (payee.get("NAME") if payee is not None else "")
    posted = part.get("DTPOSTED")
    if not posted:
        raise refuse(name, part.line, N_("a day is missing."))
    return StatementLine(
        _day(posted, name, part.line),
        _figure(part, "TRNAMT", name),
        _day(part.get("DTAVAIL"), name, part.line) if part.get("DTAVAIL") else None,
        currency,
        text=part.get("MEMO"),
        reference=part.get("CHECKNUM") or part.get("REFNUM"),
        bank_reference=part.get("FITID"),
        counterparty=who,
        counterparty_account=account_key(other.get("ACCTID")) if other is not None else "",
        line=part.line,
    )
