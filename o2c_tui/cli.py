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
from typing import Any

from o2c_tui import config, texts
from o2c_tui.errors import FileImportError, TradeError, TroubleError, UnseenWarningError
from o2c_tui.safe_text import shown
from o2c_tui.texts import N_, _

DONE, REFUSED, USAGE, TROUBLE = 0, 1, 2, 3
LIST_KINDS = (
    "quotation",
    "order",
    "delivery",
    "invoice",
    "payment",
    "receipt",
    "customer",
    "supplier",
    "item",
    "stock",
)
IMPORT_KINDS = ("customers", "suppliers", "items", "stock", "orders")


def main(argv: Sequence[str] | None = None) -> int:
    """The command `o2c`; returns its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    texts.use(texts.of_environment())
    try:
        options = parser().parse_args(words)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else USAGE
    if options.lang:
        texts.use(options.lang)
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
    except Exception as error:
        print(_defect(error), file=sys.stderr)
        return TROUBLE


def entry() -> None:
    """For `python -m o2c_tui.cli`."""
    sys.exit(main())


def _say_refusal(error: TradeError, *, as_json: bool) -> None:
    if as_json:
        told: dict[str, Any] = {"refused": error.said(), "rule": type(error).__name__, "field": error.field}
        if isinstance(error, UnseenWarningError):
            told["warnings"] = [{"code": notice.code, "text": notice.said()} for notice in error.notices]
        print(json.dumps(told, ensure_ascii=False))
        return
    print(shown(error.said(_)), file=sys.stderr)
    if isinstance(error, FileImportError):
        for row in error.rows:
            print("  " + shown(row), file=sys.stderr)
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
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(_("'{text}' is no day; write it as 2026-11-24").format(text=text)) from None


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(
        prog="o2c", description=_("From quotation to cash, at the keyboard. Without a command: the screens.")
    )
    top.add_argument("--version", action="version", version=_version())
    top.add_argument("--database", metavar="URL", help=_("path of the books, or postgresql://…"))
    top.add_argument("--lang", choices=sorted(texts.LANGUAGES), help=_("language of texts"))
    top.add_argument("--today", type=_day, metavar="DAY", help=_("work as on another day (trials, replays)"))
    top.add_argument("--plain", action="store_true", help=_("screens without lines and colours"))
    top.set_defaults(run=_screens)
    kinds = top.add_subparsers(title=_("commands"), metavar="", dest="command")

    def command(name: str, run: Callable[[argparse.Namespace], int], words: str) -> argparse.ArgumentParser:
        sub = kinds.add_parser(name, help=words, description=words)
        sub.add_argument("--database", metavar="URL", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        sub.add_argument("--lang", choices=sorted(texts.LANGUAGES), default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        sub.add_argument("--today", type=_day, default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        sub.set_defaults(run=run)
        return sub

    init = command("init", _init, _("open new books for a company"))
    init.add_argument("name", help=_("the company's name"))
    init.add_argument("--currency", default="EUR")
    init.add_argument("--country", default="")
    init.add_argument(
        "--tax",
        metavar="CODE=PERCENT",
        action="append",
        default=[],
        help=_("a tax, as VAT20=20; the first is the default"),
    )
    init.add_argument("--prices-include-tax", action="store_true")
    init.add_argument("--warehouse", metavar="CODE=NAME", action="append", default=[])
    demo = command("demo", _demo, _("make the demo company, with made-up data"))
    demo.add_argument("--seed", type=int, default=1)
    demo.add_argument("--documents", type=int, default=400, help=_("about how many documents"))
    demo.add_argument("--no-run", action="store_true", help=_("do not start the screens afterwards"))
    bring = command("import", _import, _("take in a CSV file: all rows or none"))
    bring.add_argument("kind", choices=IMPORT_KINDS)
    bring.add_argument("file", type=Path)
    bring.add_argument("--map", type=Path, metavar="FILE.toml", help=_("which column is what"))
    bring.add_argument("--dry-run", action="store_true", help=_("only say what would happen"))
    bring.add_argument("--json", action="store_true")
    listing = command("list", _list, _("a list, newest first"))
    listing.add_argument("kind", choices=LIST_KINDS)
    listing.add_argument(
        "--filter", default="", metavar="WORDS", help=_("as in the lists: status:open cust:acme amt>1000")
    )
    listing.add_argument("--limit", type=int, default=50)
    listing.add_argument("--json", action="store_true")
    show = command("show", _show, _("one document, item or customer"))
    show.add_argument("number", help=_("a document's number, or the code of an item or customer"))
    show.add_argument("--json", action="store_true")
    report = command("report", _report, _("a report as of any day"))
    report.add_argument("kind", choices=("aging", "stock", "margin"))
    report.add_argument("--as-of", type=_day, metavar="DAY")
    report.add_argument("--json", action="store_true")
    report.add_argument("--csv", action="store_true")
    do = command("do", _do, _("one step of the trade, with JSON in and out"))
    do.add_argument("verb", nargs="?", help=_("without one: the list of verbs"))
    do.add_argument("words", nargs="?", default="{}", help=_("JSON, @FILE, or - for standard input"))
    do.add_argument("--dry-run", action="store_true", help=_("the real step, rolled back"))
    do.add_argument("--key", help=_("said twice with one key, done once"))
    do.add_argument("--accept", default="", metavar="CODES", help=_("warnings that were seen; 'all' takes any"))
    do.set_defaults(json=True)
    pdf = command("pdf", _pdf, _("a document as PDF"))
    pdf.add_argument("number")
    pdf.add_argument("-o", "--output", type=Path)
    verify = command("verify", _verify, _("prove every promise of the books from raw rows"))
    verify.add_argument("--json", action="store_true")
    backup = command("backup", _backup, _("copy the books, in use or not"))
    backup.add_argument("target", nargs="?", type=Path)
    restore = command("restore", _restore, _("bring a backup back; what was there is kept"))
    restore.add_argument("backup", type=Path)
    return top


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"o2c {version('o2c')}"
    except PackageNotFoundError:
        return "o2c"


# -- what commands share ---------------------------------------------------------------------------------------------


def _open(options: argparse.Namespace, *, create: bool = False) -> Any:
    from o2c_tui.storage.store import Store

    return Store.open(config.database(options.database), create=create, who=config.login_name())


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
    from o2c_tui.storage.plain import to_plain

    print(json.dumps(to_plain(value), ensure_ascii=False, indent=1))


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
    from o2c_tui.integrations.csv_import import read_file
    from o2c_tui.services.importing import Imported, import_rows

    rows = read_file(options.kind, options.file, options.map)
    store = _open(options)
    today = _today(options, store)

    def work(session: Any, **words: Any) -> Imported:
        return import_rows(session, options.kind, rows, file=options.file.name, **words)

    if options.dry_run:
        preview = store.preview_now(work, by=config.login_name(), today=today)
        if preview.refusal is not None:
            raise preview.refusal
        done = preview.result
    else:
        done = store.write_now(work, by=config.login_name(), today=today, accepted=None)
    if options.json:
        _print({**vars(done), "dry_run": options.dry_run})
    else:
        line = _("{made} made, {changed} changed, {same} as they were.")
        if options.dry_run:
            line = _("Would be: {made} made, {changed} changed, {same} as they were. Nothing was written.")
        print(line.format(made=done.made, changed=done.changed, same=done.same))
        for notice in done.notices:
            print("  " + shown(notice))
    return DONE


def _list(options: argparse.Namespace) -> int:
    from o2c_tui.queries.lists import page

    store = _open(options)
    rows = store.read_now(
        page, options.kind, options.filter, limit=options.limit, today=_today(options, store), login=config.login_name()
    )
    if options.json:
        _print(rows)
        return DONE
    from o2c_tui.reports.table import Heading, Report, as_text

    if not rows:
        print(_("Nothing fits."))
        return DONE
    names = [name for name in rows[0]._fields if name not in ("id", "customer_code", "order_id", "warehouse_id")]
    kinds = [_kind_of(name, [getattr(row, name) for row in rows]) for name in names]
    table = tuple(tuple(_word(getattr(row, name)) for name in names) for row in rows)
    headings = tuple(Heading(_column_word(name), kind) for name, kind in zip(names, kinds, strict=True))
    print(as_text(Report("", {}, headings, table), _).lstrip("\n"))
    return DONE


def _kind_of(name: str, values: Sequence[Any]) -> str:
    from decimal import Decimal

    if any(isinstance(value, Decimal) for value in values):
        return "quantity" if name in ("on_hand", "reserved", "available", "reorder_point") else "money"
    return "text"


def _word(value: Any) -> Any:
    from enum import Enum

    from o2c_tui.models.words import STATE_WORDS

    if isinstance(value, Enum):
        return _(STATE_WORDS.get(str(value.value), str(value.value)))
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
}


def _column_word(name: str) -> str:
    return _COLUMN_WORDS.get(name, name)


def _show(options: argparse.Namespace) -> int:
    from o2c_tui.errors import NotFoundError
    from o2c_tui.queries.documents import document, document_by_number
    from o2c_tui.queries.lookups import items_by_code, party_by_code
    from o2c_tui.queries.stock import card

    store = _open(options)

    def find(session: Any) -> Any:
        try:
            return document(session, *document_by_number(session, options.number))
        except NotFoundError:
            item = items_by_code(session, [options.number])
            if item:
                return card(session, next(iter(item.values())).id)
            return party_by_code(session, options.number, word=N_("document, item or customer"), field="number")

    found = store.read_now(find)
    if options.json:
        _print(found if not hasattr(found, "model_dump") else found.model_dump())
    else:
        from o2c_tui.reports.card import as_card

        print(as_card(found, _))
    return DONE


def _report(options: argparse.Namespace) -> int:
    from o2c_tui.reports.inventory import stock
    from o2c_tui.reports.receivables import aging
    from o2c_tui.reports.sales import margin
    from o2c_tui.reports.table import as_csv, as_plain, as_text

    store = _open(options)
    today = _today(options, store)
    if options.kind == "aging":
        made = store.read_now(aging, as_of=options.as_of or today)
    else:
        made = store.read_now({"stock": stock, "margin": margin}[options.kind], as_of=options.as_of, today=today)
    if options.json:
        _print(as_plain(made))
    elif options.csv:
        sys.stdout.write(as_csv(made, _))
    else:
        print(as_text(made, _))
    return DONE


def _words(text: str) -> Any:
    if text == "-":
        text = sys.stdin.read()
    elif text.startswith("@"):
        try:
            text = Path(text[1:]).read_text(encoding="utf-8")
        except OSError as error:
            raise TroubleError(N_("{path} cannot be read: {why}."), path=text[1:], why=error.strerror) from error
    return json.loads(text)


def _do(options: argparse.Namespace) -> int:
    from o2c_tui.services.by_json import call, parameters_of
    from o2c_tui.services.registry import VERBS

    if not options.verb:
        for name, verb in VERBS.items():
            print(f"{name:<20} {(verb.__doc__ or '').strip().splitlines()[0]}")
        return DONE
    name = options.verb.replace("-", "_")
    if name not in VERBS:
        import difflib

        near = ", ".join(difflib.get_close_matches(name, VERBS)) or _("see 'o2c do'")
        print(_("There is no step '{name}'. Near: {near}").format(name=shown(options.verb), near=near), file=sys.stderr)
        return USAGE
    try:
        words = _words(options.words)
    except json.JSONDecodeError as error:
        print(_("The words are no JSON: {why}").format(why=error), file=sys.stderr)
        return USAGE
    verb = VERBS[name]
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


def _pdf(options: argparse.Namespace) -> int:
    from o2c_tui.documents.files import write_pdf

    store = _open(options)
    path = write_pdf(store, options.number, options.output)
    print(path)
    return DONE


def _verify(options: argparse.Namespace) -> int:
    from o2c_tui.queries.verify import verify

    store = _open(options)
    told = store.read_now(verify)
    if options.json:
        _print({"holds": told.holds, "entries": told.entries, "head": told.head, "checks": told.checks})
    else:
        for check in told.checks:
            print(f"{_('ok') if check.holds else _('BREACH'):<7} {check.name}")
            for breach in check.breaches:
                print(f"          {shown(breach)}")
        print(_("{n} audit entries, head {head}").format(n=told.entries, head=told.head[:16]))
    return DONE if told.holds else REFUSED


def _backup(options: argparse.Namespace) -> int:
    from o2c_tui.storage.backup import back_up
    from o2c_tui.storage.places import as_url, sqlite_path
    from o2c_tui.storage.store import utc_now

    url = as_url(config.database(options.database))
    target = options.target
    if target is None:
        stamp = utc_now().strftime("%Y%m%d-%H%M%S")
        target = sqlite_path(url).with_name(f"{sqlite_path(url).stem}-{stamp}.sqlite")
    done = back_up(url, target)
    line = _("Backed up: {path} ({size} bytes, {n} audit entries), checked.")
    print(line.format(path=done.path, size=done.bytes, n=done.entries))
    return DONE


def _restore(options: argparse.Namespace) -> int:
    from o2c_tui.storage.backup import restore
    from o2c_tui.storage.places import as_url

    done = restore(as_url(config.database(options.database)), options.backup)
    print(_("Restored: {path} ({n} audit entries).").format(path=done.path, n=done.entries))
    if done.kept:
        print(_("What was there is kept: {path}").format(path=done.kept))
    if done.lost_entries:
        print(_("{n} entries of the replaced books are later than this backup.").format(n=done.lost_entries))
    return DONE


if __name__ == "__main__":
    entry()
