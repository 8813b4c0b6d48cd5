"""Papers as files: drawn, written, logged and kept in one go. What a mail carries is drawn here too."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from o2c_tui.documents.files import name_of_numbers, name_of_view, write_file
from o2c_tui.documents.render import render, render_together
from o2c_tui.models.mail import PaperWay
from o2c_tui.queries.document_view import DocumentView
from o2c_tui.queries.papers import paper
from o2c_tui.queries.statement_runs import as_wanted, letters_of
from o2c_tui.sending.archive import keep_paper
from o2c_tui.services.paper_log import log_paper

if TYPE_CHECKING:
    from o2c_tui.storage.store import Store


def drawn(store: "Store", kind: str, key: int, words: Mapping[str, Any]) -> tuple[bytes, str, str]:
    """The PDF that a mail carries, its document's number and its language.

    Raises:
        NotFoundError: the document is gone. BadValueError: no such paper is made of it.
    """
    if kind == "statement":
        data = render_together(store.read_now(letters_of, as_wanted(key, words), even_empty=True))
        return data, str(words.get("number", "")), str(words.get("language", ""))
    view = store.read_now(paper, kind, [key], str(words.get("paper", "")))
    return render(view), view.number, view.language


def save_paper(
    store: "Store", kind: str, keys: Sequence[int], name: str = "", output: Path | None = None, *, by: str
) -> tuple[Path, DocumentView]:
    """Write a paper of a document (a pick list may be of several) as a PDF; it is logged and kept.

    Raises:
        NotFoundError: there is no such document. BadValueError: no such paper. TroubleError: it cannot be written.
    """
    view = store.read_now(paper, kind, list(keys), name)
    data = render(view)
    path = write_file(data, name_of_view(view, f"{kind}-{keys[0]}"), output, name=name)
    left_as_file(store, kind, keys, view, data, path.name, by=by)
    return path, view


def print_papers(
    store: "Store", kind: str, keys: Sequence[int], output: Path | None = None, *, by: str
) -> tuple[Path, list[DocumentView]]:
    """Write the plain papers of some documents, one after the other, as one PDF to be printed; each is logged as printed.

    Raises:
        NotFoundError: one is gone. TroubleError: the file cannot be written.
    """
    views = [store.read_now(paper, kind, [key], "") for key in keys]
    data = render_together(views)
    path = write_file(data, name_of_numbers([view.number for view in views]), output)
    if store.loss is None:
        digest = keep_paper(store, data)
        for key, view in zip(keys, views, strict=True):
            store.write_now(
                log_paper,
                kind,
                key,
                PaperWay.PRINTED,
                number=view.number,
                language=view.language,
                file_name=path.name,
                sha256=digest,
                by=by,
            )
    return path, views


def left_as_file(
    store: "Store", kind: str, keys: Sequence[int], view: DocumentView, data: bytes, file_name: str, *, by: str
) -> None:
    """Log a paper that was written as a file, and keep it. Books that lack their end are only looked at."""
    if store.loss is not None:
        return
    digest = keep_paper(store, data)
    numbers = view.number.split(", ")
    for n, key in enumerate(keys):
        store.write_now(
            log_paper,
            kind,
            key,
            PaperWay.SAVED,
            number=numbers[n] if len(numbers) == len(keys) else numbers[0],
            language=view.language,
            file_name=file_name,
            sha256=digest,
            by=by,
        )
