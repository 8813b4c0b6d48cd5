"""What is printed: `pdf` for documents, `labels` for goods, bins and packages."""

import argparse
import sys
from typing import Any

from o2c_tui import config
from o2c_tui.command_line.books import open_books
from o2c_tui.command_line.exits import DONE, REFUSED, USAGE
from o2c_tui.safe_text import shown
from o2c_tui.texts import N_, _

_PAPERS = {  # option of `o2c pdf` → kind of document → its paper
    "prices": {"delivery": "priced", "receipt": "valued"},
    "proforma": {"order": "pro_forma", "quotation": "pro_forma"},
    "barcodes": {"stocktake": "coded"},
    "expected": {"stocktake": "expected"},
}


def write_papers(options: argparse.Namespace) -> int:
    """The PDF of each document, or one pick list of all of them."""
    from o2c_tui.documents.render import missing_glyphs
    from o2c_tui.errors import BadValueError
    from o2c_tui.queries.papers import named, paper
    from o2c_tui.queries.walk_papers import deliveries_to_pick
    from o2c_tui.sending.papers import save_paper

    store = open_books(options, to_look=True)
    wanted: list[tuple[str, list[int], str]] = []
    if options.pick:
        wanted.append(("delivery", store.read_now(deliveries_to_pick, options.numbers), "pick"))
    else:
        chosen = next((papers for option, papers in _PAPERS.items() if getattr(options, option)), None)
        for number in [number for number in options.numbers if not _wrote_closing(options, store, number)]:
            kind, key = store.read_now(named, number)
            if chosen is not None and kind not in chosen:
                raise BadValueError(N_("{number}: this kind of document has no such paper."), number=number)
            wanted.append((kind, [key], chosen[kind] if chosen else ""))
    if options.output is not None and len(wanted) > 1:
        print(_("-o names one file, and these are {n} documents.").format(n=len(wanted)), file=sys.stderr)
        return USAGE
    for kind, keys, name in wanted:  # all or none: what cannot be made is refused before the first file
        store.read_now(paper, kind, keys, name)
    lacking = frozenset[str]()
    for kind, keys, name in wanted:
        path, view = save_paper(store, kind, keys, name, options.output, by=config.login_name())
        print(shown(str(path)))
        lacking |= missing_glyphs(view)
    if lacking:
        line = _("No font has these signs; they are printed as a box: {signs}")
        print(line.format(signs=shown(" ".join(sorted(lacking)))), file=sys.stderr)
    return DONE


def write_statement(options: argparse.Namespace) -> int:
    """The account of one customer: on the screen, as data, or as a letter."""
    from o2c_tui.command_line.books import the_day
    from o2c_tui.command_line.output import print_csv, print_json
    from o2c_tui.reports.catalogue import make
    from o2c_tui.reports.kinds import Asked
    from o2c_tui.reports.table import as_csv, as_plain, as_text

    store = open_books(options, to_look=not options.send)
    today = the_day(options, store)
    asked = Asked("open" if options.open else "activity", options.last, options.first, customer=options.customer)
    if options.send:
        return _send_statements(store, asked, today, options)
    if options.pdf or options.output is not None:
        from o2c_tui.reports.statement_letters import asked_for
        from o2c_tui.sending.statements import save_statements

        wanted = store.read_now(asked_for, asked, today)
        for path in save_statements(store, wanted, options.output, even_empty=True, by=config.login_name()):
            print(shown(str(path)))
        return DONE
    made = store.read_now(make, "statement", asked, today)
    if options.json:
        print_json(as_plain(made))
    elif options.csv:
        print_csv(as_csv(made, _))
    else:
        print(as_text(made, _))
    return DONE


def write_statements(options: argparse.Namespace) -> int:
    """A letter to every customer with something open: a file each, all in one, or sent."""
    from o2c_tui.command_line.books import the_day
    from o2c_tui.reports.kinds import Asked
    from o2c_tui.reports.statement_letters import asked_for
    from o2c_tui.sending.statements import save_statements

    store = open_books(options, to_look=not options.send)
    today = the_day(options, store)
    asked = Asked("open" if options.open else "activity", options.last, options.first)
    if options.send:
        return _send_statements(store, asked, today, options)
    wanted = store.read_now(asked_for, asked, today, all_owing=True)
    paths = save_statements(store, wanted, options.output, together=options.together, by=config.login_name())
    for path in paths:
        print(shown(str(path)))
    if not paths:
        print(_("Nobody owes anything here."))
    return DONE


def _send_statements(store: Any, asked: Any, today: Any, options: argparse.Namespace) -> int:
    """Mail what was asked for, print the rest into one file, and say what came of it."""
    from o2c_tui.command_line.output import print_json
    from o2c_tui.reports.statement_letters import asked_for
    from o2c_tui.sending.statements import send_statements

    wanted = store.read_now(asked_for, asked, today, all_owing=True)
    run = send_statements(store, wanted, by=config.login_name(), today=today, again=options.again)
    failed = bool(run.complaints(_))
    if options.json:
        print_json({"mails": run.mails, "already": run.already, **run.as_words()})
        return REFUSED if failed else DONE
    for mail in run.mails:
        print(
            shown(
                _("{number}: {file} to {to}, in the outbox").format(
                    number=mail.mail_id, file=mail.file_name, to=mail.to
                )
            )
        )
    if run.file is not None:
        print(shown(_("{n} to be printed: {path}").format(n=len(run.printed), path=run.file)))
    if run.already:
        print(_("{n} have it already; --again sends it once more.").format(n=len(run.already)))
    if not wanted:
        print(_("Nobody owes anything here."))
    for line in run.complaints(_):
        print(shown(line), file=sys.stderr)
    return REFUSED if failed else DONE


def _wrote_closing(options: argparse.Namespace, store: Any, number: str) -> bool:
    """Write a closing named as closing:2026-10 (its newest run), if it is one."""
    if not number.startswith("closing:"):
        return False
    from o2c_tui.documents.files import write_file
    from o2c_tui.documents.report import render_report
    from o2c_tui.errors import NotFoundError
    from o2c_tui.queries.closing import closings
    from o2c_tui.reports.closing import closing_report
    from o2c_tui.reports.printing import as_view, company_name, file_name
    from o2c_tui.texts import current

    wanted = number.removeprefix("closing:")
    drawn = next((told for told in store.read_now(closings) if told.name == wanted), None)
    if drawn is None:
        raise NotFoundError(N_("There is no document {number}."), number=number)
    report = store.read_now(closing_report, drawn)
    view = as_view(report, store.read_now(company_name), current())
    print(shown(str(write_file(render_report(view), file_name(report), options.output))))
    return True


def print_labels(options: argparse.Namespace) -> int:
    """A PDF of labels, and a word on those that bear no barcode."""
    from o2c_tui.documents.files import label_stock, write_labels
    from o2c_tui.documents.labels import without_bars
    from o2c_tui.errors import BadValueError
    from o2c_tui.queries.documents import document_named
    from o2c_tui.queries.labels import Per, bin_labels, item_labels, package_labels, receipt_labels
    from o2c_tui.queries.walk_papers import deliveries_to_pick

    store = open_books(options, to_look=True)
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
