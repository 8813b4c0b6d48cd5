"""The way into the books: new ones by `init` and `demo`, files of others by `import`, and the screens."""

import argparse
import sys
from datetime import date
from typing import Any

from o2c_tui import config, texts
from o2c_tui.command_line.books import open_books, place_shown, the_day
from o2c_tui.command_line.exits import DONE, USAGE
from o2c_tui.command_line.output import print_json
from o2c_tui.safe_text import shown
from o2c_tui.texts import _


def show_screens(options: argparse.Namespace) -> int:
    """Hand over to the app."""
    from importlib import import_module

    app = import_module("o2c_tui.app")  # by name: no line of this module imports the screens
    code: int = app.run(config.database(options.database), plain=options.plain, today=options.today, lang=options.lang)
    return code


def open_company(options: argparse.Namespace) -> int:
    """New books for a company, with its taxes and warehouses."""
    from decimal import Decimal, InvalidOperation

    from o2c_tui.services.setup import CompanySetup, create_company
    from o2c_tui.services.tax_codes import TaxSetup

    taxes = []  # each holds from long before any document's date
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
    store = open_books(options, create=True)
    store.write_now(create_company, setup, by=config.login_name(), today=the_day(options, store))
    print(_("The books of {name} are open: {place}").format(name=shown(options.name), place=place_shown(store.url)))
    return DONE


def open_demo(options: argparse.Namespace) -> int:
    """The demo company, made where there are no books yet; then the screens."""
    from o2c_tui.models.company import Company
    from o2c_tui.services.demo import make_demo

    if options.database is None and not options.no_run:
        options.database = str(config.places().data / "demo.sqlite")
    store = open_books(options, create=True)
    if store.read_now(lambda session: session.get(Company, 1)) is None:
        made = make_demo(store, seed=options.seed, documents=options.documents, today=the_day(options, store))
        line = _("The demo company is ready: {n} documents, all made up. {place}")
        print(line.format(n=made, place=place_shown(store.url)))
    else:
        print(_("There are books at {place} already; they stay as they are.").format(place=place_shown(store.url)))
    store.close()
    if options.no_run or not sys.stdin.isatty():
        return DONE
    return show_screens(options)


def import_file(options: argparse.Namespace) -> int:
    """Take in a file: all rows or none."""
    if options.kind == "ecb":
        return _take_rates(options)
    from o2c_tui.integrations.csv_import import read_table
    from o2c_tui.services.importing import Imported, import_rows

    read = read_table(options.kind, options.file, options.map)
    store = open_books(options)
    today = the_day(options, store)

    def work(session: Any, **words: Any) -> Imported:
        return import_rows(session, options.kind, read.rows, file=options.file.name, **words)

    done: Imported = _worked(store, work, today, dry_run=options.dry_run)
    if options.json:
        print_json(
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
        _say_import(done, read, dry_run=options.dry_run)
    return DONE


def _worked(store: Any, work: Any, today: Any, *, dry_run: bool) -> Any:
    """What a verb answers: done, or tried and rolled back; a refusal is one either way."""
    if not dry_run:
        return store.write_now(work, by=config.login_name(), today=today, accepted=None)
    preview = store.preview_now(work, by=config.login_name(), today=today)
    if preview.refusal is not None:
        raise preview.refusal
    return preview.result


def _take_rates(options: argparse.Namespace) -> int:
    """Take in the European Central Bank's rates."""
    from o2c_tui.integrations.ecb_rates import read_ecb
    from o2c_tui.services.exchanging import RatesTaken, import_rates

    days = read_ecb(options.file)
    codes = tuple(code for code in options.currencies.replace(",", " ").split() if code)
    store = open_books(options)
    today = the_day(options, store)

    def work(session: Any, **words: Any) -> RatesTaken:
        return import_rates(session, days, currencies=codes, since=options.since, **words)

    done: RatesTaken = _worked(store, work, today, dry_run=options.dry_run)
    if options.json:
        told = {name: getattr(done, name) for name in ("made", "changed", "same", "currencies")}
        print_json({**told, "dry_run": options.dry_run})
        return DONE
    line = _("{made} made, {changed} changed, {same} as they were.")
    if options.dry_run:
        line = _("Would be: {made} made, {changed} changed, {same} as they were. Nothing was written.")
    print(line.format(made=done.made, changed=done.changed, same=done.same))
    print("  " + _("Currencies: {codes}").format(codes=", ".join(done.currencies)))
    return DONE


def _say_import(done: Any, read: Any, *, dry_run: bool) -> None:
    """What came of a file, and what of it was not taken as it stands."""
    line = _("{made} made, {changed} changed, {same} as they were.")
    if dry_run:
        line = _("Would be: {made} made, {changed} changed, {same} as they were. Nothing was written.")
    print(line.format(made=done.made, changed=done.changed, same=done.same))
    for notice in done.notices:
        print("  " + shown(notice.said(_)))
    if read.encoding != "utf-8":
        print("  " + _("Read as {encoding}.").format(encoding=read.encoding))
    if read.left:
        print("  " + _("Columns not taken: {names}").format(names=shown(", ".join(read.left))))
