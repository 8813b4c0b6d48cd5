"""PDF files: written whole or not at all, under a name that says what they are."""

import contextlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from o2c_tui.config import export_folder
from o2c_tui.documents.render import render
from o2c_tui.errors import TroubleError
from o2c_tui.queries.documents import document_by_number
from o2c_tui.queries.printing import printed
from o2c_tui.texts import N_

if TYPE_CHECKING:
    from o2c_tui.storage.store import Store


def write_pdf(store: "Store", number: str, output: Path | None = None) -> Path:
    """The document of this number as a PDF file, in the export folder unless told otherwise.

    Raises:
        NotFoundError: no document has the number. TroubleError: the file cannot be written.
    """
    kind, key = store.read_now(document_by_number, number)
    return write_pdf_of(store, kind, key, output)


def write_pdf_of(store: "Store", kind: str, key: int, output: Path | None = None) -> Path:
    """One document as a PDF file; see `write_pdf`."""
    view = store.read_now(printed, kind, key)
    name = view.number if not view.revision else f"{view.number}-{view.revision}"
    plain = re.sub(r"[^\w.-]+", "-", name).strip("-.") or f"{kind}-{key}"
    target = output or export_folder() / f"{plain}.pdf"
    half = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with half.open("wb") as file:
            file.write(render(view))
            file.flush()
            os.fsync(file.fileno())
        half.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)
        raise TroubleError(N_("{path} cannot be written: {why}."), path=target, why=error.strerror or error) from error
    return target
