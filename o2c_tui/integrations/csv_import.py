"""CSV files as rows of plain values: any column names by a map file, every fault named with its line and column.

A map file (TOML) says for each field which column it comes from, or a fixed value:

    [columns]
    code = "customerID"
    name = "companyName"
    [join]                      # several columns into one text, parted by line breaks
    bill_to = ["address", "postalCode city"]
    [fixed]
    tax_code = "NONE"

Above them may stand `encoding = "cp1252"` (utf-8, gb18030, cp1252, utf-16), `separator = ";"` and `decimal = ","`.

Rule: docs/rules/import.md.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from o2c_tui.errors import BadValueError, FileImportError, RowFault, TroubleError, os_words
from o2c_tui.integrations.map_files import check_names, read_toml
from o2c_tui.rules.formulas import unguarded
from o2c_tui.texts import N_

MOST_BYTES = 64_000_000
MOST_WRONG = 50
ENCODINGS = ("utf-8", "gb18030", "cp1252", "utf-16")
_EMPTY = ("", "NULL", "null")

_OF_CUSTOMERS = ("monthly_invoice", "tax_exempt_until", "tax_exempt_note", "iban", "reminder_profile", "no_reminders")
FIELDS: dict[str, tuple[str, ...]] = {
    "customers": (
        "code", "name", "bill_to", "ship_to", "country", "tax_id", "contact", "email", "phone", "language", "currency", "term",
        "tax_code", "credit_limit", "credit_mode", "external_key", "note", *_OF_CUSTOMERS,
    ),
    "items": (
        "code", "name", "kind", "unit", "whole_units", "sale_price", "tax_code", "barcode", "category",
        "reorder_point", "weight", "tolerance", "supplier", "external_key", "note",
    ),
    "supplier-prices": (
        "supplier", "item", "supplier_code", "unit", "price", "pack", "minimum", "lead_time_days", "active",
    ),
    "stock": ("item", "quantity", "unit_cost", "warehouse", "date", "external_key"),
    "orders": (
        "external_key", "customer", "date", "reference", "item", "quantity", "unit_price", "discount_percent",
        "description", "promised_on", "note",
    ),
    "purchases": (
        "external_key", "supplier", "date", "reference", "warehouse", "currency", "rate", "item", "quantity", "unit",
        "unit_price", "description", "expected_on", "note",
    ),
    "rates": ("currency", "date", "rate", "source"),
}  # fmt: skip
FIGURES = {
    "credit_limit", "sale_price", "reorder_point", "quantity", "unit_cost", "unit_price", "discount_percent", "price",
    "pack", "minimum", "lead_time_days", "rate", "weight", "tolerance",
}  # fmt: skip
FIELDS["suppliers"] = tuple(name for name in FIELDS["customers"] if name not in _OF_CUSTOMERS)
REQUIRED = {
    "customers": ("name",),
    "suppliers": ("name",),
    "items": ("name",),
    "stock": ("item", "quantity", "unit_cost"),
    "orders": ("external_key", "customer", "item", "quantity"),
    "supplier-prices": ("supplier", "item", "price"),
    "purchases": ("external_key", "supplier", "item", "quantity"),
    "rates": ("currency", "date", "rate"),
}


@dataclass(frozen=True)
class FileRow:
    """One row of a file: its line number, and its fields as text; `columns` names where each came from."""

    line: int
    values: Mapping[str, str]
    columns: Mapping[str, str]


@dataclass(frozen=True)
class ColumnMap:
    """Which field comes from which column."""

    columns: Mapping[str, str]
    joined: Mapping[str, tuple[str, ...]]
    fixed: Mapping[str, str]
    encoding: str = ""
    separator: str = ""
    decimal: str = "."


@dataclass(frozen=True)
class FileRows:
    """A file as it was read: its rows, in which encoding, and the columns nobody asked for."""

    rows: tuple[FileRow, ...]
    encoding: str
    left: tuple[str, ...] = ()


_SECTIONS = ("columns", "join", "fixed")
_CHOICES = {"encoding": ENCODINGS, "separator": (",", ";", "\t"), "decimal": (".", ",")}


def read_map(path: Path, kind: str) -> ColumnMap:
    """A map file.

    Raises:
        FileImportError: it is no TOML, or names a field that this kind of file does not have.
    """
    told = read_toml(path)
    _check_map(path, told)
    joined = {name: tuple(parts) for name, parts in told.get("join", {}).items()}
    choices = {name: told[name] for name in _CHOICES if name in told}
    made = ColumnMap(told.get("columns", {}), joined, {k: str(v) for k, v in told.get("fixed", {}).items()}, **choices)
    check_names(path, (*made.columns, *made.joined, *made.fixed), FIELDS[kind])
    return made


def _check_map(path: Path, told: Mapping[str, Any]) -> None:
    """Refuse a map whose parts are of another kind than they should be."""
    texts = {name: part for name in ("columns", "fixed") for part in (told.get(name, {}),)}
    fits = all(isinstance(part, dict) for part in (*texts.values(), told.get("join", {})))
    fits = fits and all(isinstance(column, str) for column in told.get("columns", {}).values())
    fits = fits and all(
        isinstance(parts, list) and all(isinstance(p, str) for p in parts) for parts in told.get("join", {}).values()
    )
    if not fits:
        raise FileImportError(
            N_("The map {path} cannot be read: {why}."),
            path=path.name,
            why='[columns] name = "column", [join] name = ["column", …], [fixed] name = "value"',
        )
    for name, value in told.items():
        if name in _CHOICES and value not in _CHOICES[name]:
            raise FileImportError(
                N_("The map {path}: {name} is one of {choices}."),
                path=path.name,
                name=name,
                choices=", ".join(map(repr, _CHOICES[name])),
            )
        if name not in _CHOICES and name not in _SECTIONS:
            raise FileImportError(
                N_("The map {path} names '{name}'; there are: {names}."),
                path=path.name,
                name=name,
                names=", ".join((*_SECTIONS, *_CHOICES)),
            )


def decoded(path: Path, encoding: str = "") -> tuple[str, str]:
    """The text of a file, and the encoding it was read in: UTF-8, else GB 18030 or Windows-1252 by the looks of it.

    Raises:
        TroubleError: it cannot be read. FileImportError: it is far too large, or text in no encoding we know.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FileImportError(N_("{path} is larger than {most} bytes."), path=path.name, most=MOST_BYTES)
        data = path.read_bytes()
    except OSError as error:
        raise TroubleError(N_("{path} cannot be read: {why_word}."), path=path, why_word=os_words(error)) from error
    tries = (encoding,) if encoding else _likely(data)
    wrong: UnicodeDecodeError | None = None
    for name in tries:
        try:
            return data.decode("utf-8-sig" if name == "utf-8" else name), name
        except UnicodeDecodeError as error:
            wrong = wrong or error
    assert wrong is not None
    raise FileImportError(
        N_("{path} is no text in {encodings}: see line {line}. Save it as UTF-8, then import it."),
        path=path.name,
        encodings=", ".join(tries),
        line=data.count(b"\n", 0, wrong.start) + 1,
    )


def _likely(data: bytes) -> tuple[str, ...]:
    """The encodings a file may be in, likeliest first.

    Nearly any bytes are some GB 18030 text, so Western text must be told apart by its looks: there a byte beyond
    ASCII stands alone among letters, while Chinese ones come in pairs.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    for name, gaps in (("utf-16-le", data[1:200:2]), ("utf-16-be", data[:200:2])):
        if 2 * gaps.count(0) > len(gaps):  # without its mark
            return (name,)
    runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", data[:1_000_000])]
    if 2 * sum(1 for run in runs if run % 2) > len(runs):
        return ("utf-8", "cp1252", "gb18030")
    return ("utf-8", "gb18030", "cp1252")


def read_file(kind: str, path: Path, map_path: Path | None = None) -> tuple[FileRow, ...]:
    """The rows of a CSV file; see `read_table`."""
    return read_table(kind, path, map_path).rows


def read_table(kind: str, path: Path, map_path: Path | None = None) -> FileRows:
    """The rows of a CSV file (comma, semicolon or tab), and how it was read.

    Raises:
        FileImportError: a column that is needed is missing, a row has too many cells, or there is no row.
    """
    mapping = read_map(map_path, kind) if map_path else None
    text, encoding = decoded(path, mapping.encoding if mapping else "")
    first = text.split("\n", 1)[0]
    separator = (mapping.separator if mapping else "") or max((",", ";", "\t"), key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)  # else an open quote eats rows
    try:
        header = [unguarded(name.strip()) for name in next(reader)]
    except StopIteration:
        raise FileImportError(N_("{path} is empty."), path=path.name) from None
    except csv.Error as error:
        raise FileImportError(N_("{path} is no CSV file: {why}."), path=path.name, why=error) from None
    if mapping is None:
        folded = [name.casefold().replace(" ", "_") for name in header]
        mapping = ColumnMap({f: header[folded.index(f)] for f in FIELDS[kind] if f in folded}, {}, {})
        _refuse_twice(path, folded, mapping.columns)
    _check_columns(kind, path, header, mapping)
    rows, wrong = [], []
    before = reader.line_num
    try:
        for cells in reader:
            line, before = before + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(header):
                fault = BadValueError(
                    N_("{n} cells, but the heading has {columns}."), n=len(cells), columns=len(header)
                )
                wrong.append(RowFault(path.name, line, "", fault))
                continue
            found = dict(zip(header, cells, strict=False))
            rows.append(FileRow(line, _fields(found, mapping), {**mapping.columns}))
    except csv.Error as error:
        wrong.append(RowFault(path.name, before + 1, "", BadValueError(N_("No CSV: {why}."), why=error)))
    if wrong:
        raise FileImportError(
            N_("{path} cannot be taken; nothing was written."), path=path.name, rows=tuple(wrong[:MOST_WRONG])
        )
    if not rows:
        raise FileImportError(N_("{path} has a heading but no rows."), path=path.name)
    joined = {word for parts in mapping.joined.values() for part in parts for word in part.split()}
    left = tuple(name for name in header if name and name not in {*mapping.columns.values(), *joined})
    return FileRows(tuple(rows), encoding, left)


def _check_columns(kind: str, path: Path, header: list[str], mapping: ColumnMap) -> None:
    wanted: dict[str, tuple[str, ...]] = {name: (column,) for name, column in mapping.columns.items()}
    wanted |= {name: tuple(word for part in parts for word in part.split()) for name, parts in mapping.joined.items()}
    missing = sorted({column for columns in wanted.values() for column in columns if column not in header})
    if missing:
        raise FileImportError(
            N_("{path} has no column {missing}. It has: {there}."),
            path=path.name,
            missing=", ".join(missing),
            there=", ".join(header)[:400],
        )
    _refuse_twice(path, header, [column for columns in wanted.values() for column in columns])
    given = {*mapping.columns, *mapping.joined, *mapping.fixed}
    lacking = [name for name in REQUIRED[kind] if name not in given]
    if lacking:
        raise FileImportError(
            N_("{path} says nothing about {missing}. It has: {there}. Name the right column in a map file (--map)."),
            path=path.name,
            missing=", ".join(lacking),
            there=", ".join(header)[:400] or "-",
        )


def _refuse_twice(path: Path, header: list[str], columns: Iterable[str]) -> None:
    """Refuse a column that stands in the heading twice: which is meant?"""
    twice = sorted({column for column in columns if header.count(column) > 1})
    if twice:
        raise FileImportError(N_("{path} has the column {name} twice."), path=path.name, name=", ".join(twice))


def _fields(found: Mapping[str, str], mapping: ColumnMap) -> dict[str, str]:
    def clean(text: str | None) -> str:
        text = (text or "").strip()
        return "" if text in _EMPTY else unguarded(text)

    values = dict(mapping.fixed)
    values |= {name: clean(found.get(column)) for name, column in mapping.columns.items()}
    for name, parts in mapping.joined.items():
        lines = [" ".join(filter(None, (clean(found.get(word)) for word in part.split()))) for part in parts]
        values[name] = "\n".join(line for line in lines if line)
    if mapping.decimal == ",":
        for name in FIGURES & values.keys():
            values[name] = values[name].replace(".", "").replace(",", ".")
    return values
