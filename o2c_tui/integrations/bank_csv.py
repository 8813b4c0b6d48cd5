"""CSV of banks as statements, by a map file that says what the columns are.

A map file (TOML):

    encoding = "cp1252"        # utf-8, gb18030, cp1252, utf-16; else by its looks
    separator = ";"            # else by the heading
    decimal = ","
    date = "dd.mm.yyyy"        # yyyy-mm-dd, dd.mm.yyyy, dd/mm/yyyy, mm/dd/yyyy, yyyymmdd, dd.mm.yy
    skip = 4                   # lines above the heading
    out = ["S", "Debit"]       # what the sign column says of money that went out
    [columns]
    date = "Buchungstag"
    amount = "Betrag"          # or credit and debit, a column each
    sign = "S/H"
    [join]                     # several columns into one text
    text = ["Verwendungszweck", "Verwendungszweck 2"]
    [fixed]
    account = "DE89370400440532013000"

Without a map the heading itself must name the fields. Rule: docs/rules/bank.md.
"""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from o2c_tui.errors import FileImportError
from o2c_tui.integrations.bank_words import MOST_LINES, figure, refuse, words
from o2c_tui.integrations.csv_import import ENCODINGS, decoded
from o2c_tui.integrations.map_files import check_names, read_toml
from o2c_tui.rules.formulas import unguarded
from o2c_tui.rules.statements import Statement, StatementLine, account_key
from o2c_tui.texts import N_

FIELDS = (
    "date", "value_date", "amount", "credit", "debit", "sign", "currency", "text", "reference", "bank_reference",
    "counterparty", "counterparty_account", "account", "balance",
)  # fmt: skip
DATES = {
    "yyyy-mm-dd": "%Y-%m-%d",
    "dd.mm.yyyy": "%d.%m.%Y",
    "dd/mm/yyyy": "%d/%m/%Y",
    "mm/dd/yyyy": "%m/%d/%Y",
    "yyyymmdd": "%Y%m%d",
    "yyyy/mm/dd": "%Y/%m/%d",
    "dd.mm.yy": "%d.%m.%y",
}
_OUT = ("D", "DR", "DEBIT", "DBIT", "S", "-", "借", "支出")
_CHOICES: dict[str, tuple[str, ...]] = {
    "encoding": ENCODINGS,
    "separator": (",", ";", "\t"),
    "decimal": (".", ","),
    "date": tuple(DATES),
}
_SECTIONS = ("columns", "join", "fixed")


@dataclass(frozen=True)
class BankMap:
    """What a map file says."""

    columns: Mapping[str, str] = field(default_factory=dict)
    joined: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    separator: str = ""
    decimal: str = "."
    date: str = "yyyy-mm-dd"
    skip: int = 0
    out: tuple[str, ...] = _OUT


def read_bank_map(path: Path) -> BankMap:
    """A map file.

    Raises:
        TroubleError: it cannot be read. FileImportError: it is no TOML, or says what no map says.
    """
    told = read_toml(path)
    _check_map(path, told)
    choices: dict[str, Any] = {name: told[name] for name in (*_CHOICES, "skip") if name in told}
    if "out" in told:
        choices["out"] = tuple(word.upper() for word in told["out"])
    return BankMap(
        told.get("columns", {}),
        {name: tuple(parts) for name, parts in told.get("join", {}).items()},
        {name: str(value) for name, value in told.get("fixed", {}).items()},
        **choices,
    )


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)


def _check_map(path: Path, told: Mapping[str, Any]) -> None:
    """Refuse a map whose words are not known, or of another kind than they should be."""
    check_names(path, told, (*_SECTIONS, *_CHOICES, "skip", "out"))
    fits = all(isinstance(told.get(name, {}), dict) for name in _SECTIONS)
    fits = fits and all(isinstance(column, str) for column in told.get("columns", {}).values())
    fits = fits and all(_is_texts(parts) for parts in told.get("join", {}).values())
    fits = fits and _is_texts(told.get("out", []))
    skip = told.get("skip", 0)
    fits = fits and isinstance(skip, int) and not isinstance(skip, bool) and 0 <= skip <= 100
    if not fits:
        raise FileImportError(
            N_("The map {path} cannot be read: {why}."),
            path=path.name,
            why='[columns] date = "column", [join] text = ["column", …], [fixed] account = "value", skip = 4, out = ["S"]',
        )
    for name, choices in _CHOICES.items():
        if name in told and told[name] not in choices:
            raise FileImportError(
                N_("The map {path}: {name} is one of {choices}."),
                path=path.name,
                name=name,
                choices=", ".join(map(repr, choices)),
            )
    check_names(path, (*told.get("columns", {}), *told.get("join", {}), *told.get("fixed", {})), FIELDS)


def read_bank_csv(path: Path, map_path: Path | None) -> list[Statement]:
    """The statement of a CSV file, its lines oldest first; one for each account that a column names.

    Raises:
        FileImportError: no encoding fits, a column is missing, or a row cannot be read; says where.
    """
    told = read_bank_map(map_path) if map_path is not None else BankMap()
    text, _encoding = decoded(path, told.encoding)
    control = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", text)
    if control is not None:
        line = text.count("\n", 0, control.start()) + 1
        code = f"0x{ord(control.group()):02x}"
        raise refuse(path.name, line, N_("a control byte ({code}) stands there."), code=code)
    rows = text.split("\n")[told.skip :]
    separator = told.separator or max((",", ";", "\t"), key=(rows[0] if rows else "").count)
    _refuse_open_quote(path, rows, separator)
    reader = csv.reader(io.StringIO("\n".join(rows), newline=""), delimiter=separator)
    found: dict[str, list[tuple[StatementLine, Decimal | None]]] = {}
    try:
        header = [unguarded(name.strip()) for name in next(reader)]
        told = _with_columns(path, header, told, given=map_path is not None)
        before = reader.line_num
        for n, cells in enumerate(reader):
            line, before = told.skip + before + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if n > MOST_LINES:
                raise FileImportError(N_("{path} has more than {most} lines."), path=path.name, most=MOST_LINES)
            if len(cells) < len(header) - 1 or len(cells) > len(header) + 1:
                raise refuse(
                    path.name, line, N_("{n} cells, but the heading has {columns}."), n=len(cells), columns=len(header)
                )
            values = _fields(dict(zip(header, cells, strict=False)), told)
            found.setdefault(account_key(values.get("account", "")), []).append(_row(values, told, path.name, line))
    except StopIteration:
        raise FileImportError(N_("{path} is empty."), path=path.name) from None
    except csv.Error as error:
        raise FileImportError(N_("{path} is no CSV file: {why}."), path=path.name, why=error) from None
    if not found:
        raise FileImportError(N_("{path} has a heading but no rows."), path=path.name)
    return [_statement(account, rows_of) for account, rows_of in found.items()]


def _refuse_open_quote(path: Path, rows: list[str], separator: str) -> None:
    """Refuse a quotation mark that is never closed: all lines behind it would be one text. Other loose quoting is taken."""
    try:
        for _cells in csv.reader(io.StringIO("\n".join(rows), newline=""), delimiter=separator, strict=True):
            pass
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise FileImportError(N_("{path} is no CSV file: {why}."), path=path.name, why=error) from None


def _with_columns(path: Path, header: list[str], told: BankMap, *, given: bool) -> BankMap:
    """The map, or where none was given the one that the heading itself makes."""
    from dataclasses import replace

    if not given:
        folded = {name.lower().replace(" ", "_"): name for name in header}
        told = replace(told, columns={name: folded[name] for name in FIELDS if name in folded})
    named = {*told.columns.values(), *(part for parts in told.joined.values() for part in parts)}
    missing = sorted(name for name in named if name not in header)
    if missing:
        raise FileImportError(
            N_("{path} has no column {missing}. It has: {there}."),
            path=path.name,
            missing=", ".join(missing),
            there=", ".join(header)[:400],
        )
    there = {*told.columns, *told.joined, *told.fixed}
    lacking = [name for name in ("date",) if name not in there]
    if not there & {"amount", "credit", "debit"}:
        lacking.append("amount")
    if lacking:
        raise FileImportError(
            N_("{path} says nothing about {missing}. It has: {there}. Name the right column in a map file (--map)."),
            path=path.name,
            missing=", ".join(lacking),
            there=", ".join(header)[:400] or "-",
        )
    return told


def _fields(cells: Mapping[str, str], told: BankMap) -> dict[str, str]:
    values = dict(told.fixed)
    values |= {name: unguarded((cells.get(column) or "").strip()) for name, column in told.columns.items()}
    for name, parts in told.joined.items():
        values[name] = " ".join(filter(None, (unguarded((cells.get(part) or "").strip()) for part in parts)))
    return values


def _number(text: str, told: BankMap, name: str, line: int) -> Decimal:
    """A figure as the bank writes it: `1.234,56`, `1,234.56`, `1 234.56-`."""
    word = text.replace("\u2212", "-").replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace("'", "")
    if word.endswith(("-", "+")):
        word = word[-1] + word[:-1]
    thousands = "." if told.decimal == "," else ","
    if thousands in word:
        if not re.fullmatch(rf"[+-]?\d{{1,3}}(\{thousands}\d{{3}})+(\{told.decimal}\d*)?", word):
            raise refuse(name, line, N_("'{text}' is no amount."), text=text[:40])
        word = word.replace(thousands, "")
    return figure(word.replace(told.decimal, "."), name, line)


def _day(text: str, told: BankMap, name: str, line: int) -> date:
    try:
        return datetime.strptime(re.split(r"[ T]", text.strip())[0], DATES[told.date]).date()
    except (ValueError, IndexError):
        raise refuse(name, line, N_("'{text}' is no day ({form})."), text=text[:40], form=told.date) from None


def _row(values: Mapping[str, str], told: BankMap, name: str, line: int) -> tuple[StatementLine, Decimal | None]:
    """One movement, and the balance after it where a column says so."""
    if values.get("amount"):
        amount = _number(values["amount"], told, name, line)
        if values.get("sign", "").strip().upper() in told.out and values.get("sign"):
            amount = -abs(amount)
    elif values.get("credit") or values.get("debit"):
        zero = Decimal(0)
        paid_in = _number(values["credit"], told, name, line) if values.get("credit") else zero
        paid_out = _number(values["debit"], told, name, line) if values.get("debit") else zero
        amount = paid_in - abs(paid_out)
    else:
        raise refuse(name, line, N_("an amount is missing."))
    balance = _number(values["balance"], told, name, line) if values.get("balance") else None
    valued = values.get("value_date", "")
    found = StatementLine(
        _day(values.get("date", ""), told, name, line),
        amount,
        _day(valued, told, name, line) if valued else None,
        values.get("currency", "").upper(),
        text=words(values.get("text")),
        reference=words(values.get("reference")),
        bank_reference=words(values.get("bank_reference")),
        counterparty=words(values.get("counterparty")),
        counterparty_account=account_key(values.get("counterparty_account", "")),
        line=line,
    )
    return found, balance


def _falls(rows: list[tuple[StatementLine, Decimal | None]]) -> bool:
    """Whether the balances say that the newest line stands first: each is the one beneath it and its own amount."""
    if rows[0][0].booked_on != rows[-1][0].booked_on or len(rows) < 2:
        return False
    pairs = list(pairwise(rows))
    return all(
        before[1] is not None and after[1] is not None and before[1] == after[1] + before[0].amount
        for before, after in pairs
    )


def _statement(account: str, rows: list[tuple[StatementLine, Decimal | None]]) -> Statement:
    if rows[0][0].booked_on > rows[-1][0].booked_on or _falls(rows):
        rows = rows[::-1]
    lines = tuple(line for line, _balance in rows)
    first, last = rows[0], rows[-1]
    told = first[1] is not None and last[1] is not None
    return Statement(
        "csv",
        lines,
        account=account,
        currency=next((line.currency for line in lines if line.currency), ""),
        from_on=min(line.booked_on for line in lines),
        to_on=max(line.booked_on for line in lines),
        opening=first[1] - first[0].amount if told and first[1] is not None else None,
        closing=last[1] if told else None,
    )
