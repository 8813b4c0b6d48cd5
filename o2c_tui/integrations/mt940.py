"""MT940 (SWIFT) as statements: the library reads the fields, the words of a line are taken apart here.

Rule: docs/rules/bank.md.
"""

import logging
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from o2c_tui.errors import FileImportError
from o2c_tui.integrations.bank_words import day, figure, refuse, words
from o2c_tui.rules.statements import Statement, StatementLine, account_key
from o2c_tui.texts import N_

_TAG = re.compile(r"^:(\d\d[A-Z]?):", re.MULTILINE)
_SEPA = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|IBAN|BIC|COAM|OAMT|PURP)\+")
_SLASHED = re.compile(r"/(TRTP|IBAN|BIC|NAME|REMI|EREF|MARF|CSID|ADDR|PURP|ORDP|BENM|CNTP|ISDT|SVCL)/")
_BLOCK = re.compile(r"\{4:\s*|-?\}\s*|\{[123]:[^{}]*\}", re.MULTILINE)


def decoded(data: bytes, name: str) -> str:
    """The text of a file: UTF-8, else Windows-1252.

    Raises:
        FileImportError: it holds zero bytes or other controls, as no text does.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    control = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", text)
    if control is not None:
        line = text.count("\n", 0, control.start()) + 1
        raise refuse(name, line, N_("a control byte ({code}) stands there."), code=f"0x{ord(control.group()):02x}")
    return text


def read_mt940(data: bytes, name: str) -> list[Statement]:
    """The statements of an MT940 file.

    Raises:
        FileImportError: it is damaged, or ends before its closing balance; says where.
    """
    text = decoded(data, name)
    text = _BLOCK.sub(lambda match: "\n" * match.group().count("\n"), text)
    starts = [match.start() for match in re.finditer(r"^:20:", text, re.MULTILINE)]
    if not starts:
        raise FileImportError(N_("{path} is no account statement (MT940)."), path=name)
    found = [
        _statement(text[start:end], text.count("\n", 0, start) + 1, name)
        for start, end in zip(starts, [*starts[1:], len(text)], strict=True)
    ]
    return list(_joined(found))


def _joined(parts: list[Statement]) -> Iterator[Statement]:
    """Pages of one statement (60M/62M) as one."""
    from dataclasses import replace

    held: Statement | None = None
    for part in parts:
        if held is not None and (held.account, held.reference) == (part.account, part.reference) and part.reference:
            held = replace(held, lines=held.lines + part.lines, closing=part.closing, to_on=part.to_on)
            continue
        if held is not None:
            yield held
        held = part
    if held is not None:
        yield held


def _statement(text: str, first: int, name: str) -> Statement:
    """One message, from :20: on; `first` is the line of the file that it begins on."""
    from mt940.models import Transactions

    tags = [(match.group(1), match.start()) for match in _TAG.finditer(text)]
    places = [first + text.count("\n", 0, at) for tag, at in tags if tag == "61"]
    last = first + text.rstrip().count("\n")
    kinds = {tag for tag, _at in tags}
    if not kinds & {"60F", "60M"}:
        raise refuse(name, first, N_("the opening balance (:60F:) is missing."))
    if not kinds & {"62F", "62M"}:
        raise refuse(name, last, N_("the closing balance (:62F:) is missing: the file is cut off."))
    if (odd := _odd_line(text, first)) is not None:
        raise refuse(name, odd, N_("this movement cannot be read."))
    quiet = logging.getLogger("mt940")
    quiet.propagate = False  # what it stumbles over is said by us, not written across the screen
    quiet.addHandler(logging.NullHandler())
    try:
        read: Any = Transactions(processors={"post_transaction_details": []})
        read.parse(text.strip() + "\n")
    except Exception as error:  # whatever the library stumbles over is damage of the file
        raise refuse(name, first, N_("the statement is damaged: {why}."), why=words(str(error))[:120]) from None
    told = [part.data for part in read.transactions if "amount" in part.data]
    if len(told) != len(places):
        raise refuse(name, first, N_("this movement cannot be read."))
    head = dict(read.data)
    opening = head.get("final_opening_balance") or head.get("intermediate_opening_balance")
    closing = head.get("final_closing_balance") or head.get("intermediate_closing_balance")
    if opening is None or closing is None:
        raise refuse(name, first, N_("a balance cannot be read."))
    account = str(head.get("account_identification") or "").strip()
    lines = tuple(_line(part, at, name) for part, at in zip(told, places, strict=True))
    return Statement(
        "mt940",
        lines,
        account=account_key(account.rpartition("/")[2] or account),
        currency=str(opening.amount.currency or ""),
        reference=words(str(head.get("statement_number") or "")),
        from_on=_day(opening.date, name, first),
        to_on=_day(closing.date, name, first),
        opening=figure(format(opening.amount.amount, "f"), name, first),
        closing=figure(format(closing.amount.amount, "f"), name, first),
    )


def _day(told: Any, name: str, line: int) -> date:
    """A day; its two digits of the year stand for 1970 to 2069."""
    found = day(str(told), name, line)
    return found.replace(year=found.year - 100) if found.year >= 2070 else found


def _odd_line(text: str, first: int) -> int | None:
    """The first movement that does not look like one; none where all do."""
    sound = re.compile(r":61:\d{6}(\d{4})?R?[CD][A-Z]?\d{1,12},\d{0,4}[A-Z]")
    for match in re.finditer(r"^:61:.*$", text, re.MULTILINE):
        if not sound.match(match.group()):
            return first + text.count("\n", 0, match.start())
    return None


def _line(told: dict[str, Any], at: int, name: str) -> StatementLine:
    who, account, text, reference = _words(str(told.get("transaction_details") or ""))
    own = str(told.get("customer_reference") or "")
    amount: Decimal = figure(format(told["amount"].amount, "f"), name, at)
    booked = told.get("guessed_entry_date") or told.get("entry_date") or told["date"]
    return StatementLine(
        _day(booked, name, at),
        amount,
        _day(told["date"], name, at),
        str(told.get("currency") or ""),
        text=text or words(str(told.get("extra_details") or "")),
        reference=reference or ("" if own.upper() == "NONREF" else words(own)),
        bank_reference=words(str(told.get("bank_reference") or "")),
        counterparty=who,
        counterparty_account=account,
        line=at,
    )


def _words(raw: str) -> tuple[str, str, str, str]:
    """What field 86 says: who, their account, the text, the payer's reference."""
    if re.match(r"\d{3}[?>+$]?\?\d\d", raw.replace("\n", "")) or re.match(r"\d{3}\?", raw):
        return _numbered(raw.replace("\n", ""))
    flat = raw.replace("\n", "")
    if _SLASHED.search(flat):
        parts = _SLASHED.split(flat)
        told = {tag: value for tag, value in zip(parts[1::2], parts[2::2], strict=True) if value.strip()}
        text = told.get("REMI", "").replace("USTD//", "").replace("STRD/CUR/", "")
        reference = told.get("EREF", "")
        reference = "" if reference.upper().strip() == "NOTPROVIDED" else reference
        return words(told.get("NAME")), account_key(told.get("IBAN", "")), words(text), words(reference)
    return "", "", words(raw), ""


def _numbered(raw: str) -> tuple[str, str, str, str]:
    """The German form: three digits, then fields ?20 to ?63, with the marks of SEPA within their text."""
    fields = {tag: value for tag, value in re.findall(r"\?(\d\d)([^?]*)", raw)}
    purpose = "".join(value for tag, value in sorted(fields.items()) if "20" <= tag <= "29" or "60" <= tag <= "63")
    who = words(" ".join(filter(None, (fields.get("32", "").strip(), fields.get("33", "").strip()))))
    parts = _SEPA.split(purpose)
    told = dict(zip(parts[1::2], parts[2::2], strict=True))
    text = told.get("SVWZ", parts[0]) or fields.get("00", "")
    reference = told.get("EREF", "")
    reference = "" if reference.upper().strip() == "NOTPROVIDED" else reference
    return who, account_key(told.get("IBAN") or fields.get("31", "")), words(text), words(reference)
