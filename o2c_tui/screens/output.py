"""Documents written as files for people: the PDF into the export folder, its path said."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from o2c_tui.errors import TradeError, TroubleError
from o2c_tui.screens.base import DeskScreen
from o2c_tui.texts import N_, _

if TYPE_CHECKING:
    from o2c_tui.storage.store import Store

KINDS = (  # what F7 makes a paper of
    "quotation", "order", "delivery", "invoice", "payment", "receivable_adjustment", "return",
    "reminder", "purchase", "receipt", "bill", "supplier_return", "transfer", "stocktake", "adjustment",
)  # fmt: skip

MAILED = ("quotation", "order", "delivery", "invoice", "payment", "return", "reminder", "purchase", "supplier_return")
PRINTED = ("reminder",)  # letters that also go by post: one PDF of all, noted as printed
_UNSENT = ("draft", "picked", "packed", "cancelled")
LABELLED = ("item", "stock", "location", "warehouse")  # lists whose rows F7 makes labels of

_OF_RECEIPT = {  # labels of what came, among the papers of a goods receipt
    "unit": N_("Labels, one for each unit"),
    "package": N_("Labels, one for each package as bought"),
    "line": N_("Labels, one a line"),
}


def choose_paper(screen: DeskScreen, kind: str, rows: Sequence[tuple[int, str]]) -> None:
    """Write the papers of some documents (key, state); where there are several kinds of paper, ask by number first."""
    from o2c_tui.queries.papers import papers_of
    from o2c_tui.screens.ask import ask

    common = [papers_of(kind, state) for _key, state in rows]
    choices = {name: words for name, words in common[0].items() if all(name in papers for papers in common)}
    keys = [key for key, _state in rows]
    if kind == "receipt" and len(keys) == 1:
        choices |= _OF_RECEIPT
    mailed = {f"mail:{name}": _mail_words(words) for name, words in choices.items() if name != "pick"}
    if kind == "delivery" and choices and all(state != "cancelled" for _key, state in rows):
        choices["packages"] = N_("Address labels, one a package")
    if kind in MAILED and all(state not in _UNSENT for _key, state in rows):
        choices |= mailed
    if choices and kind in PRINTED:
        choices["print"] = N_("Print: one PDF of all, noted as printed")
    if not choices:
        screen.warn(_("These have no paper in common: mark documents of one state."))
    elif len(choices) == 1:
        _write(screen, kind, keys, next(iter(choices)))
    else:
        choices = {name: words or N_("Save the PDF") for name, words in choices.items()}
        ask(screen, N_("Which paper?"), lambda name: _write(screen, kind, keys, name), choices)


def _mail_words(words: str) -> str:
    """What the menu calls a paper that goes by mail."""
    return _("Mail: {paper}").format(paper=_(words)) if words else N_("Mail it")


def _write(screen: DeskScreen, kind: str, keys: Sequence[int], name: str | None) -> None:
    if name in _OF_RECEIPT:
        _label_receipt(screen, keys[0], name)
    elif name == "packages":
        from o2c_tui.queries.labels import package_labels

        _on_what(screen, lambda sheet: _write_labels(screen, sheet, package_labels, keys), large=True)
    elif name == "print":
        screen.run_worker(print_documents(screen, kind, keys), group="write")
    elif name is not None and name.startswith("mail:"):
        from o2c_tui.screens.outbox import choose_mail

        choose_mail(screen, kind, keys, name.removeprefix("mail:"))
    elif name is not None:
        screen.run_worker(write_documents(screen, kind, keys, name), group="write")


async def write_documents(screen: DeskScreen, kind: str, keys: Sequence[int], name: str = "") -> None:
    """Write the PDFs of some documents, or one pick list of all; says where they are."""
    import asyncio

    from o2c_tui.sending.papers import save_paper

    def written(store: "Store") -> list[Path]:
        together = [list(keys)] if name == "pick" else [[key] for key in keys]
        return [save_paper(store, kind, some, name, by=screen.desk.login)[0] for some in together]

    screen.busy(_("Writing the PDF…"))
    try:
        paths = await asyncio.to_thread(written, screen.desk.store)
    except (TradeError, TroubleError) as error:
        screen.say_refusal(error)
        return
    if len(paths) == 1:
        screen.ok(_("{name} is in {folder}").format(name=paths[0].name, folder=paths[0].parent))
    else:
        screen.ok(_("{n} PDFs in {folder}").format(n=len(paths), folder=paths[0].parent))


async def print_documents(screen: DeskScreen, kind: str, keys: Sequence[int]) -> None:
    """Write the papers of some documents as one PDF to be printed, noted as printed; says where it is."""
    import asyncio

    from o2c_tui.sending.papers import print_papers

    screen.busy(_("Writing the PDF…"))
    try:
        path, views = await asyncio.to_thread(print_papers, screen.desk.store, kind, keys, by=screen.desk.login)
    except (TradeError, TroubleError) as error:
        screen.say_refusal(error)
        return
    screen.ok(_("{n} to be printed: {path}").format(n=len(views), path=path))
    reload = getattr(screen, "load", None)
    if reload is not None:
        reload()


# -- labels --------------------------------------------------------------------------------------------------------------


def choose_labels(screen: DeskScreen, kind: str, rows: Sequence[Any]) -> None:
    """Labels of the items, bins or warehouses' bins of some rows: asked are what they are printed on, of items how many.

    From the stock list also those of all bins of the warehouse of the row.
    """
    from o2c_tui.queries.labels import bin_labels, item_labels, marked_bin_labels
    from o2c_tui.screens.ask import Ask, ask

    if kind in ("location", "warehouse"):
        marked = {"bins" if kind == "location" else "warehouses": [row.id for row in rows]}
        _on_what(screen, lambda sheet: _write_labels(screen, sheet, marked_bin_labels, **marked))
        return

    def of_items() -> None:
        codes = list(dict.fromkeys(row.code for row in rows))

        def with_copies(sheet: str, typed: str | None) -> None:
            if typed is None:
                return
            if not (typed.isdecimal() and 1 <= int(typed[:9]) <= 9999):
                screen.err(_("'{text}' is no number from 1 to 9999").format(text=typed))
                return
            _write_labels(screen, sheet, item_labels, codes, copies=int(typed))

        def how_many(sheet: str) -> None:
            screen.app.push_screen(Ask(_("How many of each?"), "1"), lambda typed: with_copies(sheet, typed))

        _on_what(screen, how_many)

    if kind == "item":
        of_items()
        return
    warehouse = rows[0].warehouse

    def take(what: str | None) -> None:
        if what == "items":
            of_items()
        elif what == "bins":
            _on_what(screen, lambda sheet: _write_labels(screen, sheet, bin_labels, warehouse))

    of_bins = _("Labels of all bins of {warehouse}").format(warehouse=warehouse)
    ask(screen, N_("Labels"), take, {"items": N_("Labels of the items"), "bins": of_bins})


def _label_receipt(screen: DeskScreen, key: int, per: str) -> None:
    from o2c_tui.queries.labels import Per, receipt_labels

    _on_what(screen, lambda sheet: _write_labels(screen, sheet, receipt_labels, key, per=Per(per)))


def _on_what(screen: DeskScreen, then: Callable[[str], None], *, large: bool = False) -> None:
    """Ask what labels are printed on; what the configuration names comes first. `large` offers a parcel's size too."""
    from o2c_tui.config import read_config
    from o2c_tui.documents.labels import PARCEL, SHEET, SINGLE
    from o2c_tui.screens.ask import ask

    choices = {SHEET: N_("On A4 sheets, 3 across and 8 down"), SINGLE: N_("Single ones, 62 × 29 mm")}
    if large:
        choices[PARCEL] = N_("Single ones, 100 × 150 mm")
    try:
        own = read_config().labels
    except TroubleError as error:
        screen.say_refusal(error)
        return
    if own:
        choices = {own: choices.get(own, own), **choices}
    ask(screen, N_("Labels on what?"), lambda sheet: then(sheet) if sheet is not None else None, choices)


def _write_labels(screen: DeskScreen, sheet: str, query: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    screen.run_worker(write_labels(screen, sheet, partial(query, **kwargs), *args), group="write")


async def write_labels(screen: DeskScreen, sheet: str, query: Callable[..., Any], *args: Any) -> None:
    """Write labels as a PDF; says where they are, and which have no barcode."""
    import asyncio

    from o2c_tui.documents import files, labels

    def written(store: "Store") -> tuple[Path, list[str]]:
        run = store.read_now(query, *args)
        return files.write_labels(run, sheet), labels.without_bars(run, labels.stock_named(sheet))

    screen.busy(_("Writing the PDF…"))
    try:
        path, bare = await asyncio.to_thread(written, screen.desk.store)
    except (TradeError, TroubleError) as error:
        screen.say_refusal(error)
        return
    if bare:
        line = _("Without a barcode, as it would be too fine or has no such signs: {codes}")
        screen.warn(line.format(codes=", ".join(bare[:3])))
    else:
        screen.ok(_("{name} is in {folder}").format(name=path.name, folder=path.parent))


def write_report(
    store: Any, report: Any, form: str, language: str, words: str = "", *, today: date | None = None
) -> Path:
    """A report as a file in the export folder: pdf, csv, json or txt, or the owner's pages; `words` is what it was narrowed
    to.

    Raises:
        TroubleError: it cannot be written.
    """
    import json

    from o2c_tui.documents.files import write_file
    from o2c_tui.documents.report import render_report
    from o2c_tui.reports.printing import as_view, company_name, file_name
    from o2c_tui.reports.table import as_csv, as_plain, as_text

    if form == "pages":
        assert today is not None
        from o2c_tui.documents.owner import render_owner
        from o2c_tui.reports.owner import owner_view

        data = render_owner(store.read_now(owner_view, report.asked.as_of, today, language))
        return write_file(data, file_name(report))
    if form == "pdf":
        data = render_report(as_view(report, store.read_now(company_name), language))
    elif form == "csv":
        data = as_csv(report, _).encode()
    elif form == "json":
        data = json.dumps(as_plain(report), ensure_ascii=False, indent=1).encode()
    else:
        data = (as_text(report, _) + "\n").encode()
    return write_file(data, file_name(report, words), ending=form)


async def write_journal(screen: DeskScreen, form: str, first: date | None, last: date | None) -> None:
    """The journal of a span as a file for hledger or beancount in the export folder; says where it is."""
    import asyncio

    from o2c_tui.documents.files import write_file
    from o2c_tui.integrations.plain_books import ending, file_stem, plain_books
    from o2c_tui.queries.plain_books import books_of

    def written(store: "Store") -> Path:
        books = store.read_now(books_of, first, last)
        return write_file(plain_books(books, form).encode(), file_stem(books), ending=ending(form))

    screen.busy(_("Writing…"))
    path = await screen.attempt(asyncio.to_thread(written, screen.desk.store))
    if path is not None:
        screen.ok(_("Written: {name} in {folder}").format(name=path.name, folder=path.parent))
