"""The command line: the same verbs and questions as the screens, for scripts and for people.

Exit codes: 0 done; 1 refused (also a breach that verify found); 2 wrong usage; 3 trouble (disk, database, defect).
Textual is never loaded here, and nothing heavy before it is needed: bare `o2c` hands over to the app at once.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from o2c_tui import config, texts
from o2c_tui.errors import FileImportError, TradeError, TroubleError, UnseenWarningError
from o2c_tui.reports import kinds
from o2c_tui.safe_text import shown
from o2c_tui.texts import N_, _

DONE, REFUSED, USAGE, TROUBLE = 0, 1, 2, 3
LIST_KINDS = (
    "quotation",
    "order",
    "delivery",
    "invoice",
    "payment",
    "purchase",
    "receipt",
    "bill",
    "transfer",
    "adjustment",
    "stocktake",
    "warehouse",
    "location",
    "lot",
    "customer",
    "supplier",
    "item",
    "stock",
    "alert",
)
FIGURE_KINDS = (
    "available", "on-hand", "reserved", "incoming", "back-ordered", "promise", "value", "price", "total", "tax", "open",
    "overdue", "owed", "exposure", "uninvoiced", "cost", "margin", "blocked",
)  # fmt: skip
REPORT_KINDS = kinds.NAMES
IMPORT_KINDS = ("customers", "suppliers", "items", "supplier-prices", "stock", "orders", "purchases")


def main(argv: Sequence[str] | None = None) -> int:
    """The command `o2c`; returns its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    _write_anything()
    texts.use(_language_of(words))
    try:
        options = parser().parse_args(words)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else USAGE
    try:
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except TradeError as error:
        _say_refusal(error, as_json=getattr(options, "json", False))
        return REFUSED
    except TroubleError as error:
        print(shown(error.said(_)), file=sys.stderr)
        return TROUBLE
    except BrokenPipeError:
        sys.stderr.close()
        return DONE
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        place = error.filename if error.filename is not None else "-"
        line = _("{path} cannot be used: {why}.").format(path=place, why=error.strerror or error)
        print(shown(line), file=sys.stderr)
        return TROUBLE
    except Exception as error:
        print(_defect(error), file=sys.stderr)
        return TROUBLE
    finally:
        if (store := getattr(options, "store", None)) is not None:
            store.close()  # the last one out writes the log into the file


def entry() -> None:
    """For `python -m o2c_tui.cli`."""
    sys.exit(main())


def _language_of(words: Sequence[str]) -> str:
    """The language asked for, before the parser is built, since its help speaks it too."""
    for n, word in enumerate(words):
        told = (
            word.partition("=")[2] if word.startswith("--lang=") else words[n + 1 : n + 2] if word == "--lang" else ""
        )
        told = told[0] if isinstance(told, list) and told else told
        if told in texts.LANGUAGES:
            return str(told)
    return texts.of_environment()


def _write_anything() -> None:
    """Signs that the terminal's encoding lacks are written as escapes; a list must not fail half way."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _say_refusal(error: TradeError, *, as_json: bool) -> None:
    if as_json:
        told: dict[str, Any] = {"refused": error.said(), "rule": type(error).__name__, "field": error.field}
        if isinstance(error, FileImportError):
            told["rows"] = [
                {"file": row.file, "line": row.line, "column": row.column, "refused": row.error.said()}
                for row in error.rows
            ]
        if isinstance(error, UnseenWarningError):
            told["warnings"] = [{"code": notice.code, "text": notice.said()} for notice in error.notices]
        _print(told)
        return
    print(shown(error.said(_)), file=sys.stderr)
    if isinstance(error, FileImportError):
        for row in error.rows:
            print("  " + shown(row.said(_)), file=sys.stderr)
    if isinstance(error, UnseenWarningError):
        codes = ",".join(notice.code for notice in error.notices)
        print(_("To go on all the same: --accept {codes}").format(codes=codes), file=sys.stderr)


def _defect(error: BaseException) -> str:
    """Write a defect into the log; the line that names it."""
    import logging
    import os
    import time
    from logging.handlers import RotatingFileHandler

    reference = f"{time.strftime('%y%m%d-%H%M%S')}-{os.getpid() % 10000:04d}"
    path = config.places().state / "o2c.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=500_000, backupCount=3, encoding="utf-8", errors="replace")
        log = logging.getLogger("o2c")
        log.addHandler(handler)
        log.error("defect %s", reference, exc_info=error)
        handler.close()
    except OSError:
        path = Path("-")
    line = _("The program met a defect ({kind}). Nothing half was written. Number to report: {reference}; see {path}")
    return line.format(kind=type(error).__name__, reference=reference, path=path)


# -- the parser ------------------------------------------------------------------------------------------------------


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
        if not 1900 <= day.year <= 2999:
            raise ValueError
        return day
    except ValueError:
        raise argparse.ArgumentTypeError(_("'{text}' is no day; write it as 2026-11-24").format(text=text)) from None


def _one(word: str) -> str:
    """A kind of document by its name for one or for many: order, orders; delivery, deliveries."""
    word = word.lower()
    if word in LIST_KINDS:
        return word
    return word[:-3] + "y" if word.endswith("ies") else word.removesuffix("s")


def _rows(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 1_000_000:
        return int(text)
    raise argparse.ArgumentTypeError(_("'{text}' is no number of rows, 1 to 1000000").format(text=text))


def _documents(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 10_000_000:
        return int(text)
    raise argparse.ArgumentTypeError(_("'{text}' is no number of documents, 1 to 10000000").format(text=text))


def _copies(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 9999:
        return int(text)
    raise argparse.ArgumentTypeError(_("'{text}' is no number from 1 to 9999").format(text=text))


_ARGPARSE_WORDS = (
    N_("usage: "),
    N_("options"),
    N_("positional arguments"),
    N_("show this help message and exit"),
    N_("show program's version number and exit"),
    N_("%(prog)s: error: %(message)s\n"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("the following arguments are required: %s"),
    N_("unrecognized arguments: %s"),
    N_("expected one argument"),
    N_("invalid %(type)s value: %(value)r"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
)


class _Parser(argparse.ArgumentParser):
    """A parser whose messages speak the language, and never let what was typed drive the terminal."""

    def error(self, message: str) -> NoReturn:
        super().error(shown(message))


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    vars(argparse)["_"] = _  # argparse asks a catalogue of its own, which nobody has
    top = _Parser(
        prog="o2c",
        epilog=_(
            "Exit codes: 0 done; 1 refused (also a breach that verify found); 2 wrong usage; 3 trouble (disk, database, "
            "defect). More on one command: o2c COMMAND --help. More on one step: o2c do STEP --help."
        ),
        description=_("From quotation to cash, at the keyboard. Without a command: the screens."),
    )
    top.add_argument("--version", action="version", version=_version())
    top.add_argument("--database", metavar="URL", help=_("path of the books, or postgresql://…"))
    top.add_argument("--lang", choices=sorted(texts.LANGUAGES), help=_("language of texts"))
    top.add_argument("--today", type=_day, metavar="DAY", help=_("work as on another day (trials, replays)"))
    top.add_argument("--plain", action="store_true", help=_("screens without lines and colours"))
    top.set_defaults(run=_screens)
    commands = top.add_subparsers(title=_("commands"), metavar="COMMAND", dest="command")

    def command(
        name: str, run: Callable[[argparse.Namespace], int], words: str, *, own_help: bool = False
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=words, description=words, add_help=not own_help)
        sub.add_argument(
            "--database", metavar="URL", default=argparse.SUPPRESS, help=_("path of the books, or postgresql://…")
        )
        sub.add_argument("--lang", choices=sorted(texts.LANGUAGES), default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        sub.add_argument("--today", type=_day, metavar="DAY", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        sub.set_defaults(run=run)
        return sub

    init = command("init", _init, _("open new books for a company"))
    init.add_argument("name", help=_("the company's name"))
    init.add_argument("--currency", default="EUR", metavar="EUR", help=_("three letters, as in EUR or CNY"))
    init.add_argument("--country", default="", help=_("as printed in the address"))
    init.add_argument(
        "--tax",
        metavar="CODE=PERCENT",
        action="append",
        default=[],
        help=_("a tax, as VAT20=20; the first is the default"),
    )
    init.add_argument("--prices-include-tax", action="store_true", help=_("prices are entered with their tax"))
    init.add_argument(
        "--warehouse",
        metavar="CODE=NAME",
        action="append",
        default=[],
        help=_("a warehouse; the first is the default"),
    )
    init.add_argument(
        "--time-zone", default="UTC", metavar="ZONE", help=_("as in Europe/Berlin: decides what day it is")
    )
    demo = command("demo", _demo, _("make the demo company, with made-up data"))
    demo.add_argument("--seed", type=int, default=1, metavar="N", help=_("the same number, the same company"))
    demo.add_argument("--documents", type=_documents, default=400, metavar="N", help=_("about how many documents"))
    demo.add_argument("--no-run", action="store_true", help=_("do not start the screens afterwards"))
    bring = command("import", _import, _("take in a CSV file: all rows or none"))
    bring.add_argument("kind", choices=IMPORT_KINDS, help=", ".join(IMPORT_KINDS), metavar="KIND")
    bring.add_argument("file", type=Path, metavar="FILE", help=_("CSV in UTF-8, GB 18030 or Windows-1252"))
    bring.add_argument("--map", type=Path, metavar="FILE.toml", help=_("which column is what"))
    bring.add_argument("--dry-run", action="store_true", help=_("only say what would happen"))
    bring.add_argument("--json", action="store_true", help=_("for scripts"))
    listing = command("list", _list, _("a list, newest first"))
    listing.add_argument("kind", type=_one, choices=LIST_KINDS, help=", ".join(LIST_KINDS), metavar="KIND")
    listing.add_argument(
        "--filter", default="", metavar="WORDS", help=_("as in the lists: status:open cust:acme amt>1000")
    )
    listing.add_argument("--limit", type=_rows, default=50, metavar="N", help=_("rows at most"))
    _as_data(listing)
    show = command("show", _show, _("one document, item or customer"))
    show.add_argument("number", help=_("a document's number, or the code of an item or customer"))
    show.add_argument("--history", action="store_true", help=_("of a document: who did what and when, old and new"))
    show.add_argument("--json", action="store_true", help=_("for scripts"))
    follow = command("trace", _trace, _("lots both ways: what brought them, where they lie, who got them"))
    follow.add_argument("subject", metavar="NUMBER|ITEM", help=_("a document's number, or the code of an item"))
    follow.add_argument(
        "lot", nargs="?", default="", metavar="LOT", help=_("a lot or serial number of the item; else all")
    )
    _as_data(follow)
    why = command("why", _why, _("why a figure is what it is: the rows behind it"))
    why.add_argument("figure", choices=FIGURE_KINDS, help=", ".join(FIGURE_KINDS), metavar="FIGURE")
    why.add_argument(
        "subject", metavar="SUBJECT", help=_("ITEM@WAREHOUSE, a customer's code, or a document's number, by figure")
    )
    why.add_argument("line", nargs="?", type=_rows, default=0, metavar="LINE", help=_("of price: which line, 1, 2 …"))
    why.add_argument(
        "--as-of", type=_day, metavar="DAY", help=_("of promise, owed and overdue: on that day; else today")
    )
    why.add_argument("--json", action="store_true", help=_("for scripts"))
    comparing = command("compare", _compare, _("two revisions of a quotation, line by line"))
    comparing.add_argument("one", metavar="NUMBER", help=_("as Q26-0001/1; alone: the newest against the one before"))
    comparing.add_argument("other", nargs="?", metavar="NUMBER", default="", help=_("as Q26-0001/2"))
    comparing.add_argument("--json", action="store_true", help=_("for scripts"))
    report = command("report", _report, _("a report as of any day"))
    report.add_argument("kind", choices=REPORT_KINDS, help=", ".join(REPORT_KINDS), metavar="KIND")
    report.add_argument("--as-of", type=_day, metavar="DAY", help=_("as it was on that day; else today"))
    report.add_argument("--from", dest="first", type=_day, metavar="DAY", help=_("documents from that day on"))
    report.add_argument("--by", choices=kinds.DIMENSIONS, default="", help=_("one row for each of these"))
    for word, meaning in (
        ("item", N_("of one item")),
        ("warehouse", N_("of one warehouse")),
        ("customer", N_("of one customer")),
        ("person", N_("orders made by this login")),
        ("order", N_("of one sales order")),
    ):
        report.add_argument(f"--{word}", default="", metavar="CODE", help=_(meaning))
    report.add_argument("--days", type=_rows, metavar="N", help=_("of slow-movers: not sold for so long"))
    which = _as_data(report)
    which.add_argument("--pdf", action="store_true", help=_("as PDF"))
    report.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help=_("else on the screen; a PDF into the export folder")
    )
    report.epilog = "\n".join(f"{kind.name:<12} {_(kind.about)}" for kind in kinds.KINDS)
    report.formatter_class = argparse.RawDescriptionHelpFormatter
    do = command("do", _do, _("one step of the trade, with JSON in and out"), own_help=True)
    do.add_argument("-h", "--help", action="store_true", dest="helps", help=_("the steps, or what one step takes"))
    do.add_argument("verb", nargs="?", metavar="STEP", help=_("without one: the list of steps"))
    do.add_argument("words", nargs="?", metavar="JSON", default="{}", help=_("JSON, @FILE, or - for standard input"))
    do.add_argument("--dry-run", action="store_true", help=_("the real step, rolled back"))
    do.add_argument("--key", metavar="KEY", help=_("said twice with one key, done once"))
    do.add_argument("--accept", default="", metavar="CODES", help=_("warnings that were seen; 'all' takes any"))
    do.set_defaults(json=True)
    pdf = command("pdf", _pdf, _("a document as PDF"))
    pdf.add_argument("numbers", metavar="NUMBER", nargs="+", help=_("a document's number; without one: stocktake:3"))
    which = pdf.add_mutually_exclusive_group()
    which.add_argument("--pick", action="store_true", help=_("one pick list of these deliveries or orders, by bin"))
    which.add_argument("--prices", action="store_true", help=_("delivery notes with prices, goods receipts with costs"))
    which.add_argument("--barcodes", action="store_true", help=_("count sheets with a barcode a line"))
    which.add_argument("--expected", action="store_true", help=_("count sheets with what the books say"))
    pdf.add_argument("-o", "--output", type=Path, metavar="FILE", help=_("else into the export folder"))
    labels = command("labels", _labels, _("labels with barcodes, of items, bins or what came in"))
    labels.add_argument(
        "what",
        choices=("items", "bins", "receipt", "packages"),
        metavar="items|bins|receipt|packages",
        help=_("of what"),
    )
    labels.add_argument(
        "names",
        nargs="+",
        metavar="CODE",
        help=_(
            "items' codes; a warehouse, then perhaps bins; a goods receipt's number; deliveries' or orders' numbers"
        ),
    )
    labels.add_argument("--copies", type=_copies, default=1, metavar="N", help=_("of items: so many of each"))
    labels.add_argument(
        "--per", choices=("line", "unit", "package"), default="line", help=_("of a goods receipt: one label for each")
    )
    labels.add_argument(
        "--sheet", default="", metavar="3x8", help=_("so many across and down an A4 sheet; 62x29mm: single ones")
    )
    labels.add_argument("--start", type=_copies, default=1, metavar="N", help=_("place of the first on a begun sheet"))
    labels.add_argument("-o", "--output", type=Path, metavar="FILE", help=_("else into the export folder"))
    verify = command("verify", _verify, _("prove every promise of the books from raw rows"))
    verify.add_argument(
        "--settle",
        action="store_true",
        help=_("take the books as they are, though entries written from here are missing"),
    )
    verify.add_argument("--json", action="store_true", help=_("for scripts"))
    backup = command("backup", _backup, _("copy the books, in use or not"))
    backup.add_argument("target", nargs="?", type=Path, metavar="FILE", help=_("else beside the books"))
    restore = command("restore", _restore, _("bring a backup back; what was there is kept"))
    restore.add_argument("backup", type=Path, metavar="FILE")
    return top


def _as_data(command: argparse.ArgumentParser) -> Any:
    which = command.add_mutually_exclusive_group()
    which.add_argument("--json", action="store_true", help=_("for scripts"))
    which.add_argument("--csv", action="store_true", help=_("for spreadsheets"))
    return which


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"o2c {version('o2c')}"
    except PackageNotFoundError:
        return "o2c"


# -- what commands share ---------------------------------------------------------------------------------------------


def _open(options: argparse.Namespace, *, create: bool = False, to_look: bool = False) -> Any:
    """The open books; those that lost their end only `to_look`, with a word about it."""
    from o2c_tui.storage.store import Store

    store = Store.open(
        config.database(options.database),
        create=create,
        who=config.login_name(),
        anchors=config.places().state / "anchors",
        to_look=to_look,
    )
    options.store = store
    if store.loss is not None:
        print(shown(store.loss.said().said(_)), file=sys.stderr)
    return store


def _today(options: argparse.Namespace, store: Any) -> date:
    """The company's day, unless another was asked for."""
    if options.today:
        return options.today  # type: ignore[no-any-return]
    from o2c_tui.queries.lookups import the_company
    from o2c_tui.storage.store import utc_now

    try:
        zone = store.read_now(lambda session: the_company(session).time_zone)
    except TradeError:
        zone = "UTC"
    from zoneinfo import ZoneInfo

    try:
        return utc_now().astimezone(ZoneInfo(zone)).date()
    except (KeyError, ValueError):
        return utc_now().date()


def _print(value: Any) -> None:
    """JSON in plain signs; controls and what cannot be seen as escapes, which mean the same and drive no terminal."""
    print(_json(value))


def _json(value: Any) -> str:
    from o2c_tui.safe_text import escaped
    from o2c_tui.storage.plain import to_plain

    plain = json.dumps(to_plain(value), ensure_ascii=False, indent=1)
    return "\n".join(escaped(line) for line in plain.split("\n"))


def _print_csv(text: str) -> None:
    """CSV as it is into a file or a pipe; on a terminal its controls become visible."""
    if sys.stdout.isatty():
        text = "\n".join(shown(line) for line in text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n"))
    out = getattr(sys.stdout, "buffer", None)
    if out is None:
        sys.stdout.write(text)
    else:
        out.write(text.encode("utf-8"))


# -- the commands ----------------------------------------------------------------------------------------------------


def _screens(options: argparse.Namespace) -> int:
    from importlib import import_module

    app = import_module("o2c_tui.app")  # by name: no line of this module imports the screens
    code: int = app.run(config.database(options.database), plain=options.plain, today=options.today, lang=options.lang)
    return code


def _init(options: argparse.Namespace) -> int:
    from decimal import Decimal, InvalidOperation

    from o2c_tui.services.setup import CompanySetup, TaxSetup, create_company

    taxes = []
    for told in options.tax:
        code, _sign, percent = told.partition("=")
        try:
            rate = Decimal(percent) / 100
            if not rate.is_finite():
                raise InvalidOperation
        except InvalidOperation:
            print(_("'{text}' is no tax; write it as VAT20=20").format(text=told), file=sys.stderr)
            return USAGE
        taxes.append(TaxSetup(code.upper(), _("Tax"), {date(2000, 1, 1): rate}))
    places = tuple((code.upper(), name or code) for code, _sign, name in (w.partition("=") for w in options.warehouse))
    setup = CompanySetup(
        options.name,
        options.currency.upper(),
        country=options.country,
        language=texts.current(),
        taxes=tuple(taxes),
        default_tax_code=taxes[0].code if taxes else "",
        prices_include_tax=options.prices_include_tax,
        warehouses=places or (("MAIN", _("Main warehouse")),),
        time_zone=options.time_zone,
    )
    store = _open(options, create=True)
    store.write_now(create_company, setup, by=config.login_name(), today=_today(options, store))
    print(_("The books of {name} are open: {place}").format(name=shown(options.name), place=_place(store.url)))
    return DONE


def _place(url: str) -> str:
    from o2c_tui.storage.places import shown_place

    return shown_place(url)


def _demo(options: argparse.Namespace) -> int:
    from o2c_tui.services.demo import make_demo

    if options.database is None and not options.no_run:
        options.database = str(config.places().data / "demo.sqlite")
    store = _open(options, create=True)
    from o2c_tui.models.company import Company

    if store.read_now(lambda session: session.get(Company, 1)) is None:
        made = make_demo(
            store, seed=options.seed, documents=options.documents, today=options.today or _today(options, store)
        )
        print(
            _("The demo company is ready: {n} documents, all made up. {place}").format(n=made, place=_place(store.url))
        )
    else:
        print(_("There are books at {place} already; they stay as they are.").format(place=_place(store.url)))
    store.close()
    if options.no_run or not sys.stdin.isatty():
        return DONE
    return _screens(options)


def _import(options: argparse.Namespace) -> int:
    from o2c_tui.integrations.csv_import import read_table
    from o2c_tui.services.importing import Imported, import_rows

    read = read_table(options.kind, options.file, options.map)
    store = _open(options)
    today = _today(options, store)

    def work(session: Any, **words: Any) -> Imported:
        return import_rows(session, options.kind, read.rows, file=options.file.name, **words)

    if options.dry_run:
        preview = store.preview_now(work, by=config.login_name(), today=today)
        if preview.refusal is not None:
            raise preview.refusal
        done = preview.result
    else:
        done = store.write_now(work, by=config.login_name(), today=today, accepted=None)
    if options.json:
        _print(
            {
                "made": done.made,
                "changed": done.changed,
                "same": done.same,
                "notices": [notice.said() for notice in done.notices],
                "encoding": read.encoding,
                "columns_left": read.left,
                "dry_run": options.dry_run,
            }
        )
    else:
        line = _("{made} made, {changed} changed, {same} as they were.")
        if options.dry_run:
            line = _("Would be: {made} made, {changed} changed, {same} as they were. Nothing was written.")
        print(line.format(made=done.made, changed=done.changed, same=done.same))
        for notice in done.notices:
            print("  " + shown(notice.said(_)))
        if read.encoding != "utf-8":
            print("  " + _("Read as {encoding}.").format(encoding=read.encoding))
        if read.left:
            print("  " + _("Columns not taken: {names}").format(names=shown(", ".join(read.left))))
    return DONE


def _list(options: argparse.Namespace) -> int:
    from o2c_tui.queries.lists import SPECS, page

    store = _open(options, to_look=True)
    rows = store.read_now(
        page, options.kind, options.filter, limit=options.limit, today=_today(options, store), login=config.login_name()
    )
    if options.json:
        _print(rows)
        return DONE
    from o2c_tui.reports.table import Heading, Report, as_csv, as_text

    if options.csv:
        names = SPECS[options.kind].row._fields  # type: ignore[attr-defined]
        plain = tuple(Heading(name) for name in names)
        _print_csv(as_csv(Report("", (), plain, tuple(tuple(row) for row in rows))))
        return DONE
    if not rows:
        print(_("Nothing fits."))
        return DONE
    names = [
        name
        for name in rows[0]._fields
        if name not in ("id", "customer_code", "supplier_code", "order_id", "warehouse_id", "item_id")
    ]
    kinds = [_kind_of(name, [getattr(row, name) for row in rows]) for name in names]
    table = tuple(tuple(_word(getattr(row, name), name) for name in names) for row in rows)
    headings = tuple(Heading(_column_word(name), kind) for name, kind in zip(names, kinds, strict=True))
    print(as_text(Report("", (), headings, table), _).lstrip("\n"))
    return DONE


def _kind_of(name: str, values: Sequence[Any]) -> str:
    from decimal import Decimal

    if any(isinstance(value, Decimal) for value in values):
        return (
            "quantity"
            if name in ("on_hand", "reserved", "available", "reorder_point", "projected", "point", "quantity")
            else "money"
        )
    return "text"


def _word(value: Any, name: str = "") -> Any:
    from enum import Enum

    from o2c_tui.models.warehouse import ADJUSTMENT_REASONS
    from o2c_tui.models.words import STATE_WORDS

    if name == "reason" and value in ADJUSTMENT_REASONS:
        return _(ADJUSTMENT_REASONS[value])
    if isinstance(value, Enum):
        return _(STATE_WORDS.get(str(value.value), str(value.value)))
    if isinstance(value, date) and value.year == 2999:
        return "–"
    return "–" if value is None else value


_COLUMN_WORDS = {
    "number": N_("Number"),
    "revision": N_("Rev."),
    "customer": N_("Customer"),
    "quoted_on": N_("Date"),
    "ordered_on": N_("Date"),
    "shipped_on": N_("Date"),
    "invoiced_on": N_("Date"),
    "received_on": N_("Date"),
    "valid_until": N_("Valid to"),
    "promised_on": N_("Promised"),
    "due_on": N_("Due"),
    "billed_on": N_("Date"),
    "expected_on": N_("Expected"),
    "receipt": N_("Received"),
    "net": N_("Net"),
    "supplier_number": N_("Their number"),
    "gross": N_("Total"),
    "open": N_("Open"),
    "amount": N_("Amount"),
    "unapplied": N_("Unapplied"),
    "currency": N_("Currency"),
    "state": N_("Status"),
    "ordered": N_("Ordered"),
    "delivery": N_("Delivered"),
    "billing": N_("Invoiced"),
    "returned": N_("Returned"),
    "reference": N_("Reference"),
    "order_number": N_("Order"),
    "warehouse": N_("Warehouse"),
    "kind": N_("Kind"),
    "supplier": N_("Supplier"),
    "value": N_("Value"),
    "code": N_("Code"),
    "name": N_("Name"),
    "owes": N_("Owes"),
    "credit_mode": N_("Credit"),
    "credit_limit": N_("Limit"),
    "term": N_("Terms"),
    "on_hold": N_("On hold"),
    "active": N_("Active"),
    "unit": N_("Unit"),
    "sale_price": N_("Price"),
    "on_hand": N_("On hand"),
    "reserved": N_("Reserved"),
    "available": N_("Available"),
    "reorder_point": N_("Reorder at"),
    "by": N_("By"),
    "reversed_by": N_("Reversed by"),
    "source": N_("From"),
    "target": N_("To"),
    "dispatched_on": N_("Date"),
    "adjusted_on": N_("Date"),
    "started_on": N_("Date"),
    "counted_on": N_("Posted"),
    "arrival": N_("Arrived"),
    "reason": N_("Reason"),
    "note": N_("Note"),
    "pick_order": N_("Walk"),
    "items": N_("Items"),
    "bins": N_("Bins"),
    "item": N_("Item"),
    "expires_on": N_("Expires"),
    "quantity": N_("Quantity"),
    "raised_on": N_("Date"),
    "projected": N_("Projected"),
    "point": N_("Reorder at"),
    "seen_on": N_("Seen"),
    "seen_by": N_("By"),
    "cleared_on": N_("Cleared"),
}


def _column_word(name: str) -> str:
    return _COLUMN_WORDS.get(name, name)


def _show(options: argparse.Namespace) -> int:
    from o2c_tui.errors import NotFoundError
    from o2c_tui.queries.documents import document, document_by_number
    from o2c_tui.queries.item_rows import ItemRows, item_rows
    from o2c_tui.queries.lookups import items_coded, party_by_code
    from o2c_tui.queries.promise import line_outlooks
    from o2c_tui.queries.stock import StockCard, card

    store = _open(options, to_look=True)
    if options.history:
        return _show_history(store, options)

    today = _today(options, store)

    def find(session: Any) -> Any:
        try:
            found = document(session, *document_by_number(session, options.number))
            outlooks = line_outlooks(session, found.id, today=today) if found.kind == "order" else {}
            for line in found.lines:
                if line["id"] in outlooks:
                    line["outlook"] = outlooks[line["id"]]
            return found
        except NotFoundError:
            coded = items_coded(session, [options.number])
            if coded:
                return card(session, next(iter(coded.values())).item.id)
            return party_by_code(session, options.number, word=N_("document, item or customer"), field="number")

    found = store.read_now(find)
    rows: ItemRows | None = store.read_now(item_rows, found.item_id) if isinstance(found, StockCard) else None
    if options.json and rows is not None:
        belongs = {name: getattr(rows, name) for name in ("units", "codes", "suppliers", "parts", "rules", "lots")}
        _print({**vars(found), **belongs})
    elif options.json:
        _print(found if not hasattr(found, "model_dump") else found.model_dump())
    else:
        from o2c_tui.reports.card import as_card, as_rows

        print(as_card(found, _))
        if rows is not None and (belonging := as_rows(rows, _)):
            print("\n" + belonging)
    return DONE


def _show_history(store: Any, options: argparse.Namespace) -> int:
    from o2c_tui.queries.documents import document_by_number
    from o2c_tui.queries.history import history
    from o2c_tui.reports.history import as_lines
    from o2c_tui.services.registry import VERB_WORDS

    done = store.read_now(lambda session: history(session, *document_by_number(session, options.number)))
    if options.json:
        _print(done)
    else:
        print("\n".join(as_lines(done, _, VERB_WORDS)))
    return DONE


def _trace(options: argparse.Namespace) -> int:
    from o2c_tui.reports.table import as_csv, as_plain, as_text
    from o2c_tui.reports.tracing import traced

    store = _open(options, to_look=True)
    made = store.read_now(traced, options.subject, options.lot, today=_today(options, store))
    if options.json:
        _print(as_plain(made))
    elif options.csv:
        _print_csv(as_csv(made, _))
    else:
        print(as_text(made, _) if made.rows else _("Nothing fits."))
    return DONE


def _compare(options: argparse.Namespace) -> int:
    from o2c_tui.queries.comparing import compare, compared
    from o2c_tui.reports.compare import as_data, as_words

    store = _open(options, to_look=True)
    pair = store.read_now(compared, options.one, options.other)
    told = store.read_now(compare, *pair)
    if options.json:
        _print(as_data(told))
    else:
        print(as_words(told, _))
    return DONE


def _why(options: argparse.Namespace) -> int:
    from o2c_tui.queries.documents import document_by_number
    from o2c_tui.queries.why import BLOCKED, why
    from o2c_tui.reports.why import as_data, as_words

    store = _open(options, to_look=True)
    today = options.as_of or _today(options, store)
    figure = options.figure.replace("-", "_")
    if figure == BLOCKED:
        from o2c_tui.services.following import why_blocked

        kind, key = store.read_now(document_by_number, options.subject)
        told = why_blocked(store, kind, key, by=config.login_name(), today=today)
    else:
        told = store.read_now(why, figure, options.subject, line=options.line, today=today)
    if options.json:
        _print(as_data(told))
    else:
        print(as_words(told, _))
        if not told.adds_up:
            print(_("The rows do not add up to the figure: run o2c verify."), file=sys.stderr)
    return DONE if told.adds_up else REFUSED


def _report(options: argparse.Namespace) -> int:
    from o2c_tui.reports.catalogue import make
    from o2c_tui.reports.printing import as_view, company_name, file_name
    from o2c_tui.reports.table import as_csv, as_plain, as_text

    store = _open(options, to_look=True)
    names = ("by", "as_of", "first", "item", "warehouse", "customer", "person", "order", "days")
    asked = kinds.Asked(**{name: getattr(options, name) for name in names})
    made = store.read_now(make, options.kind, asked, _today(options, store))
    if options.pdf:
        from o2c_tui.documents.files import write_file
        from o2c_tui.documents.report import render_report

        view = as_view(made, store.read_now(company_name), texts.current())
        print(shown(str(write_file(render_report(view), file_name(made), options.output))))
    elif options.output is not None:
        from o2c_tui.documents.files import write_file

        text = as_csv(made, _) if options.csv else as_text(made, _) + "\n"
        if options.json:
            text = _json(as_plain(made)) + "\n"
        print(shown(str(write_file(text.encode(), file_name(made), options.output))))
    elif options.json:
        _print(as_plain(made))
    elif options.csv:
        _print_csv(as_csv(made, _))
    else:
        print(as_text(made, _))
    return DONE


def _words(text: str) -> Any:
    """The JSON that was given; figures stay as they were written.

    Raises:
        ValueError: it is none. TroubleError: the file cannot be read.
    """
    from decimal import Decimal

    if text == "-":
        buffer = getattr(sys.stdin, "buffer", None)
        text = buffer.read().decode("utf-8") if buffer is not None else sys.stdin.read()
    elif text.startswith("@"):
        try:
            text = Path(text[1:]).read_bytes().decode("utf-8-sig")
        except OSError as error:
            raise TroubleError(N_("{path} cannot be read: {why}."), path=text[1:], why=error.strerror) from error

    def no_number(word: str) -> Any:
        raise ValueError(word)

    try:
        return json.loads(text, parse_float=Decimal, parse_constant=no_number)
    except RecursionError:
        raise ValueError("…") from None


def _do(options: argparse.Namespace) -> int:
    from o2c_tui.services.by_json import call, parameters_of
    from o2c_tui.services.registry import VERBS

    if not options.verb:
        _say_steps(with_usage=options.helps)
        return DONE
    name = options.verb.replace("-", "_")
    if name not in VERBS:
        import difflib

        near = ", ".join(difflib.get_close_matches(name, VERBS)) or _("see 'o2c do'")
        print(_("There is no step '{name}'. Near: {near}").format(name=shown(options.verb), near=near), file=sys.stderr)
        return USAGE
    verb = VERBS[name]
    if options.helps:
        _say_step(name, verb)
        return DONE
    try:
        words = _words(options.words)
    except ValueError as error:
        print(_("The words are no JSON: {why}").format(why=shown(str(error))), file=sys.stderr)
        return USAGE
    if not isinstance(words, dict):
        print(_("Give one JSON object: {names}").format(names=", ".join(parameters_of(verb))), file=sys.stderr)
        return USAGE
    store = _open(options, create=name == "create_company")
    given = {"by": config.login_name(), "today": _today(options, store), "now": store.clock()}

    def step(session: Any) -> Any:
        return call(session, verb, words, **given)

    step.__annotations__["return"] = Any
    if options.dry_run:
        preview = store.preview_now(step)
        if preview.refusal is not None:
            raise preview.refusal
        warnings = [{"code": notice.code, "text": notice.said()} for notice in preview.warnings]
        _print({"result": preview.result, "warnings": warnings, "dry_run": True})
        return DONE
    accepted = None if options.accept == "all" else frozenset(part for part in options.accept.split(",") if part)
    result = store.write_now(step, key=options.key, accepted=accepted)
    _print({"result": result})
    return DONE


def _say_steps(*, with_usage: bool) -> None:
    from o2c_tui.services.registry import VERB_WORDS

    if with_usage:
        print(_("usage: ") + "o2c do STEP [JSON | @FILE | -] [--dry-run] [--key KEY] [--accept CODES|all]\n")
        print(_("One step of the trade, with JSON in and out. What one step takes: o2c do STEP --help") + "\n")
    for name, words in VERB_WORDS.items():
        print(f"{name:<20} {_(words)}")


def _say_step(name: str, verb: Callable[..., Any]) -> None:
    from o2c_tui.services.by_json import words_of
    from o2c_tui.services.registry import VERB_WORDS

    print(_("usage: ") + f"o2c do {name} [JSON | @FILE | -] [--dry-run] [--key KEY] [--accept CODES|all]\n")
    print(_(VERB_WORDS[name]) + "\n")
    for word in words_of(verb):
        kind = ", ".join([_(word.kind), *([_("needed")] if word.must else [])])
        print(f"{'  ' * (word.depth + 1)}{word.name:<{24 - 2 * word.depth}} {kind}")
    print("\n" + _("Figures as numbers or text, days as 2026-11-24. A document's number stands for the document."))
    print(_("--dry-run does the step and takes it back. A warning that was not accepted stops the step and is said."))


_PAPERS = {  # option of `o2c pdf` → kind of document → its paper
    "prices": {"delivery": "priced", "receipt": "valued"},
    "barcodes": {"stocktake": "coded"},
    "expected": {"stocktake": "expected"},
}


def _pdf(options: argparse.Namespace) -> int:
    from o2c_tui.documents.files import write_view
    from o2c_tui.documents.render import missing_glyphs
    from o2c_tui.errors import BadValueError
    from o2c_tui.queries.documents import document_named
    from o2c_tui.queries.papers import paper
    from o2c_tui.queries.walk_papers import deliveries_to_pick

    store = _open(options, to_look=True)
    wanted: list[tuple[str, list[int], str]] = []
    if options.pick:
        wanted.append(("delivery", store.read_now(deliveries_to_pick, options.numbers), "pick"))
    else:
        chosen = next((papers for option, papers in _PAPERS.items() if getattr(options, option)), None)
        for number in options.numbers:
            kind, key = store.read_now(document_named, number)
            if chosen is not None and kind not in chosen:
                raise BadValueError(N_("{number}: this kind of document has no such paper."), number=number)
            wanted.append((kind, [key], chosen[kind] if chosen else ""))
    if options.output is not None and len(wanted) > 1:
        print(_("-o names one file, and these are {n} documents.").format(n=len(wanted)), file=sys.stderr)
        return USAGE
    views = [(store.read_now(paper, kind, keys, name), f"{kind}-{keys[0]}", name) for kind, keys, name in wanted]
    for view, plain, name in views:
        print(shown(str(write_view(view, plain, options.output, name=name))))
    lacking = frozenset[str]().union(*(missing_glyphs(view) for view, *_rest in views))
    if lacking:
        line = _("No font has these signs; they are printed as a box: {signs}")
        print(line.format(signs=shown(" ".join(sorted(lacking)))), file=sys.stderr)
    return DONE


def _labels(options: argparse.Namespace) -> int:
    from o2c_tui.documents.files import label_stock, write_labels
    from o2c_tui.documents.labels import without_bars
    from o2c_tui.errors import BadValueError
    from o2c_tui.queries.documents import document_named
    from o2c_tui.queries.labels import Per, bin_labels, item_labels, package_labels, receipt_labels
    from o2c_tui.queries.walk_papers import deliveries_to_pick

    store = _open(options, to_look=True)
    if options.what == "items":
        run = store.read_now(item_labels, options.names, copies=options.copies)
    elif options.what == "bins":
        run = store.read_now(bin_labels, options.names[0], options.names[1:])
    elif options.what == "packages":
        run = store.read_now(package_labels, store.read_now(deliveries_to_pick, options.names))
    else:
        kind, key = store.read_now(document_named, options.names[0])
        if kind != "receipt" or len(options.names) > 1:
            raise BadValueError(N_("Name one goods receipt, as GR26-0001."), field="names")
        run = store.read_now(receipt_labels, key, per=Per(options.per))
    print(shown(str(write_labels(run, options.sheet, start=options.start, output=options.output))))
    bare = without_bars(run, label_stock(options.sheet))
    if bare:
        line = _("Without a barcode, as it would be too fine or has no such signs: {codes}")
        print(shown(line.format(codes=", ".join(bare[:5]))), file=sys.stderr)
    return DONE


def _verify(options: argparse.Namespace) -> int:
    from o2c_tui.queries.verify import verify

    store = _open(options, to_look=True)
    if options.settle:
        store.compare(settle=True)
    told = store.read_now(verify, store.anchor)
    if options.json:
        checks = [{"name": check.name, "breaches": [found.said() for found in check.breaches]} for check in told.checks]
        _print({"holds": told.holds, "entries": told.entries, "head": told.head, "checks": checks})
    else:
        for check in told.checks:
            print(f"{_('ok') if check.holds else _('BREACH'):<7} {_(check.name)}")
            for breach in check.breaches:
                print(f"          {shown(breach.said(_))}")
        print(_("{n} audit entries, head {head}").format(n=told.entries, head=told.head[:16]))
    return DONE if told.holds else REFUSED


def _backup(options: argparse.Namespace) -> int:
    from o2c_tui.storage.backup import back_up
    from o2c_tui.storage.places import as_url, is_postgres, sqlite_path
    from o2c_tui.storage.store import utc_now

    url = as_url(config.database(options.database))
    target = options.target
    if target is None and not is_postgres(url):
        stamp = utc_now().strftime("%Y%m%d-%H%M%S")
        target = sqlite_path(url).with_name(f"{sqlite_path(url).stem}-{stamp}.sqlite")
    done = back_up(url, target or Path())
    line = _("Backed up: {path} ({size} bytes, {n} audit entries), checked.")
    print(line.format(path=done.path, size=done.bytes, n=done.entries))
    return DONE


def _restore(options: argparse.Namespace) -> int:
    from o2c_tui.storage.backup import restore
    from o2c_tui.storage.places import as_url

    url = as_url(config.database(options.database))
    done = restore(url, options.backup)
    print(_("Restored: {path} ({n} audit entries).").format(path=done.path, n=done.entries))
    if done.kept:
        print(_("What was there is kept: {path}").format(path=done.kept))
    if done.lost_entries:
        print(_("{n} entries of the replaced books are later than this backup.").format(n=done.lost_entries))
    return _restored_holds(options)


def _restored_holds(options: argparse.Namespace) -> int:
    """Say what was written from here after the backup, and prove the books that were brought back."""
    from o2c_tui.queries.verify import verify
    from o2c_tui.storage.store import Store

    folder = config.places().state / "anchors"
    store = Store.open(
        config.database(options.database), create=False, who=config.login_name(), anchors=folder, to_look=True
    )
    if store.loss is not None:
        numbers = shown(", ".join(store.loss.numbers)) or "-"
        line = _("Later than this backup, and no longer in the books: {numbers}. Their numbers will be given again.")
        print(line.format(numbers=numbers), file=sys.stderr)
        store.compare(settle=True)
    told = store.read_now(verify)
    store.close()
    if told.holds:
        print(_("Checked: every promise holds ({n} audit entries).").format(n=told.entries))
        return DONE
    print(_("The books that were brought back do not hold; see o2c verify."), file=sys.stderr)
    return REFUSED


if __name__ == "__main__":
    entry()
