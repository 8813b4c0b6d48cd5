"""PDF files: written whole or not at all, under a name that says what they are."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from o2c_tui.config import export_folder, read_config
from o2c_tui.errors import TroubleError
from o2c_tui.queries.document_view import DocumentView
from o2c_tui.queries.labels import LabelRun
from o2c_tui.texts import N_
from o2c_tui.whole_files import write_whole

if TYPE_CHECKING:
    from o2c_tui.documents.labels import LabelStock

_PLAIN = ("", "note", "receipt", "sheet", "differences")  # papers that a document's number alone names


def name_of_view(view: DocumentView, plain: str) -> str:
    """What a view's file is called; `plain` where the document has no number."""
    called = name_of_numbers(view.number.split(", "))
    called = f"{called}-{view.revision}" if view.revision else called
    return called if re.search(r"\w", called) else plain


def name_of_numbers(numbers: Sequence[str]) -> str:
    """What a file of several papers is called: by the first, and how many more."""
    return numbers[0] if len(numbers) == 1 else f"{numbers[0]}-and-{len(numbers) - 1}-more"


def safe_name(called: str) -> str:
    """A name as a file may bear it on any system."""
    return re.sub(r"[^\w.-]+", "-", called).strip("-.")


def write_file(data: bytes, called: str, output: Path | None = None, *, name: str = "", ending: str = "pdf") -> Path:
    """Bytes as a file of the export folder, or where it was told; whole or not at all.

    Raises:
        TroubleError: the file cannot be written.
    """
    stem = safe_name(called if name in _PLAIN else f"{called}-{name}")
    target = output or export_folder() / f"{stem}.{ending}"
    try:
        write_whole(target, data)
    except OSError as error:
        raise TroubleError(N_("{path} cannot be written: {why}."), path=target, why=error.strerror or error) from error
    return target


def write_labels(run: LabelRun, sheet: str = "", *, start: int = 1, output: Path | None = None) -> Path:
    """Labels as a PDF file; `sheet` is what they are printed on, else what the configuration says, else A4 by 3 × 8.

    Raises:
        BadValueError: no such size or place. TroubleError: the file cannot be written.
    """
    from o2c_tui.documents.labels import render_labels

    return write_file(render_labels(run, label_stock(sheet), start=start), f"labels-{run.name}", output)


def label_stock(sheet: str = "") -> "LabelStock":
    """What labels are printed on: as told, as the configuration says, or A4 by 3 × 8. See `stock_named`."""
    from o2c_tui.documents.labels import SHEET, stock_named

    return stock_named(sheet or read_config().labels or SHEET)
