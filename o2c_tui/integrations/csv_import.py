"""CSV files as rows of plain values: any column names by a map file, every fault named with its line and column.

A map file (TOML) says for each field which column it comes from, or a fixed value:

    [columns]
    code = "customerID"
    name = "companyName"
    [join]                      # several columns into one text, parted by line breaks
    bill_to = ["address", "postalCode city"]
    [fixed]
    tax_code = "NONE"

Rule: docs/rules/import.md.
"""

import csv
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from o2c_tui.errors import FileImportError, TroubleError
from o2c_tui.texts import N_

MOST_BYTES = 64_000_000
_EMPTY = ("", "NULL", "null")

FIELDS: dict[str, tuple[str, ...]] = {
    "customers": (
        "code", "name", "bill_to", "ship_to", "country", "tax_id", "contact", "email", "phone", "language", "term",
        "tax_code", "credit_limit", "credit_mode", "external_key", "note",
    ),
    "items": (
        "code", "name", "kind", "unit", "whole_units", "sale_price", "tax_code", "barcode", "category",
        "reorder_point", "supplier", "external_key", "note",
    ),
    "stock": ("item", "quantity", "unit_cost", "warehouse", "date", "external_key"),
    "orders": (
        "external_key", "customer", "date", "reference", "item", "quantity", "unit_price", "discount_percent",
        "description", "promised_on", "note",
    ),
}  # fmt: skip
FIELDS["suppliers"] = FIELDS["customers"]
REQUIRED = {
    "customers": ("name",),
    "suppliers": ("name",),
    "items": ("name",),
    "stock": ("item", "quantity", "unit_cost"),
    "orders": ("external_key", "customer", "item", "quantity"),
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


def read_map(path: Path, kind: str) -> ColumnMap:
    """A map file.

    Raises:
        FileImportError: it is no TOML, or names a field that this kind of file does not have.
    """
    try:
        told: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TroubleError(N_("{path} cannot be read: {why}."), path=path, why=error.strerror) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileImportError(N_("The map {path} cannot be read: {why}."), path=path.name, why=error) from error
    joined = {name: tuple(parts) for name, parts in told.get("join", {}).items()}
    made = ColumnMap(told.get("columns", {}), joined, {k: str(v) for k, v in told.get("fixed", {}).items()})
    for name in (*made.columns, *made.joined, *made.fixed):
        if name not in FIELDS[kind]:
            raise FileImportError(
                N_("The map {path} names '{name}'; there are: {names}."),
                path=path.name,
                name=name,
                names=", ".join(FIELDS[kind]),
            )
    return made


def decoded(path: Path) -> str:
    """The text of a file in UTF-8, else GB 18030, else Windows-1252.

    Raises:
        TroubleError: it cannot be read. FileImportError: it is far too large.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FileImportError(N_("{path} is larger than {most} bytes."), path=path.name, most=MOST_BYTES)
        data = path.read_bytes()
    except OSError as error:
        raise TroubleError(N_("{path} cannot be read: {why}."), path=path, why=error.strerror) from error
    for encoding in ("utf-8-sig", "gb18030", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")


def read_file(kind: str, path: Path, map_path: Path | None = None) -> list[FileRow]:
    """The rows of a CSV file (comma, semicolon or tab).

    Raises:
        FileImportError: a column that is needed is missing, a row has too many cells, or there is no row.
    """
    text = decoded(path)
    first = text.split("\n", 1)[0]
    separator = max((",", ";", "\t"), key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        header = [name.strip() for name in next(reader)]
    except StopIteration:
        raise FileImportError(N_("{path} is empty."), path=path.name) from None
    mapping = read_map(map_path, kind) if map_path else ColumnMap({n: n for n in header if n in FIELDS[kind]}, {}, {})
    _check_columns(kind, path, header, mapping)
    rows, wrong = [], []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            line = reader.line_num
            if len(cells) > len(header):
                wrong.append(f"{path.name}:{line}: {len(cells)} cells, but {len(header)} columns")
                continue
            found = dict(zip(header, cells, strict=False))
            rows.append(FileRow(line, _fields(found, mapping), {**mapping.columns}))
    except csv.Error as error:
        wrong.append(f"{path.name}:{reader.line_num}: {error}")
    if wrong:
        raise FileImportError(
            N_("{path} cannot be taken; nothing was written."), path=path.name, rows=tuple(wrong[:50])
        )
    if not rows:
        raise FileImportError(N_("{path} has a heading but no rows."), path=path.name)
    return rows


def _check_columns(kind: str, path: Path, header: list[str], mapping: ColumnMap) -> None:
    wanted: dict[str, tuple[str, ...]] = {name: (column,) for name, column in mapping.columns.items()}
    wanted |= {name: tuple(word for part in parts for word in part.split()) for name, parts in mapping.joined.items()}
    missing = sorted({column for columns in wanted.values() for column in columns if column not in header})
    if missing:
        raise FileImportError(
            N_("{path} has no column {missing}. It has: {there}."),
            path=path.name,
            missing=", ".join(missing),
            there=", ".join(header),
        )
    given = {*mapping.columns, *mapping.joined, *mapping.fixed}
    lacking = [name for name in REQUIRED[kind] if name not in given]
    if lacking:
        raise FileImportError(
            N_("{path} says nothing about {missing}. Name its column in a map file (--map)."),
            path=path.name,
            missing=", ".join(lacking),
        )


def _fields(found: Mapping[str, str], mapping: ColumnMap) -> dict[str, str]:
    def clean(text: str | None) -> str:
        text = (text or "").strip()
        return "" if text in _EMPTY else text

    values = dict(mapping.fixed)
    values |= {name: clean(found.get(column)) for name, column in mapping.columns.items()}
    for name, parts in mapping.joined.items():
        lines = [" ".join(filter(None, (clean(found.get(word)) for word in part.split()))) for part in parts]
        values[name] = "\n".join(line for line in lines if line)
    return values
