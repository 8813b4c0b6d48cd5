"""Statements of account sent: by mail where an address is known, all others in one PDF to be printed; each logged and kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from o2c_tui.documents.files import name_of_numbers, safe_name, write_file
from o2c_tui.documents.render import render, render_together
from o2c_tui.errors import DuplicateError, TradeError
from o2c_tui.models.mail import PaperWay
from o2c_tui.models.party import Party
from o2c_tui.queries.document_view import DocumentView
from o2c_tui.queries.statement_runs import Wanted, letters_of, went_already
from o2c_tui.sending.archive import keep_paper
from o2c_tui.sending.letter_run import LetterRun
from o2c_tui.services.mailing import Mailed
from o2c_tui.services.paper_log import log_paper
from o2c_tui.services.statements import mail_statement

if TYPE_CHECKING:
    from o2c_tui.storage.store import Store


@dataclass
class StatementRun(LetterRun):
    """A run of statements; `printed` and `already` are codes of customers."""

    mails: list[Mailed] = field(default_factory=list)
    already: list[str] = field(default_factory=list)  # who had it before


def send_statements(
    store: "Store",
    wanted: Sequence[Wanted],
    *,
    by: str,
    today: date,
    again: bool = False,
    going_on: Callable[[int, int], bool] | None = None,
) -> StatementRun:
    """Mail some statements, and put those of customers without an address into one PDF to be printed.

    A run that is repeated, or was broken off, sends nothing twice: of the same days a statement goes once, unless `again`.

    Raises:
        TroubleError: the books cannot be written, or a file not.
    """
    run = StatementRun()
    on_paper: list[Wanted] = []
    for n, one in enumerate(wanted):
        if going_on is not None and not going_on(n, len(wanted)):
            break
        if not store.read_now(_address_of, one.customer_id):
            on_paper.append(one)
            continue
        words: dict[str, Any] = {"is_open": one.first is None, "first": one.first, "last": one.last, "again": again}
        try:
            made = store.write_now(mail_statement, one.code, **words, by=by, today=today, accepted=None)
        except DuplicateError:
            run.already.append(one.code)
        except TradeError as error:
            run.refused.append(error)
        else:
            run.mails.append(made)
    _print(store, on_paper, run, by=by, again=again)
    run.send(store, [mail.mail_id for mail in run.mails], by=by)
    return run


def _address_of(session: Session, customer_id: int) -> str:
    return session.get_one(Party, customer_id).email


def _print(store: "Store", wanted: Sequence[Wanted], run: StatementRun, *, by: str, again: bool) -> None:
    """The letters that go by post, as one file."""
    letters: list[tuple[Wanted, list[DocumentView]]] = []
    for one in wanted:
        if not again and store.read_now(went_already, one):
            run.already.append(one.code)
        elif views := store.read_now(letters_of, one):
            letters.append((one, views))
    if not letters:
        return
    data = render_together([view for _one, views in letters for view in views])
    codes = [one.code for one, _views in letters]
    run.file = write_file(data, f"statements-{letters[0][0].last}-{name_of_numbers(codes)}")
    run.printed = tuple(codes)
    _log(store, letters, PaperWay.PRINTED, data, run.file.name, by=by)


def save_statements(
    store: "Store",
    wanted: Sequence[Wanted],
    output: Path | None = None,
    *,
    together: bool = False,
    even_empty: bool = False,
    by: str,
) -> list[Path]:
    """Write statements as PDF files, one a customer or all `together`; logged as saved and kept. Of several, `output` names
    a folder.

    Raises:
        TroubleError: a file cannot be written.
    """
    letters = [(one, views) for one in wanted if (views := store.read_now(letters_of, one, even_empty=even_empty))]
    if not letters:
        return []
    if together:
        data = render_together([view for _one, views in letters for view in views])
        path = write_file(data, f"statements-{letters[0][0].last}", output)
        _log(store, letters, PaperWay.SAVED, data, path.name, by=by)
        return [path]
    written = []
    for one, views in letters:
        for view in views:
            called = one.file_stem + (f"-{view.currency}" if len(views) > 1 else "")
            into = output
            if output is not None and (len(letters) > 1 or len(views) > 1 or output.is_dir()):
                into = output / f"{safe_name(called)}.pdf"
            data = render(view)
            written.append(write_file(data, called, into))
            _log(store, [(one, [view])], PaperWay.SAVED, data, written[-1].name, by=by)
    return written


def _log(
    store: "Store",
    letters: Sequence[tuple[Wanted, Sequence[DocumentView]]],
    way: PaperWay,
    data: bytes,
    file_name: str,
    *,
    by: str,
) -> None:
    """Log whose statements left in a file, and keep it. Books that lack their end are only looked at."""
    if store.loss is not None:
        return
    digest = keep_paper(store, data)
    for one, views in letters:
        store.write_now(
            log_paper,
            "statement",
            one.customer_id,
            way,
            number=one.number,
            language=views[0].language,
            file_name=file_name,
            sha256=digest,
            by=by,
        )
