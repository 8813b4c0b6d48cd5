"""`o2c report`: a report as text, CSV, JSON or PDF, on the screen or into a file."""

import argparse
from dataclasses import replace

from o2c_tui import texts
from o2c_tui.command_line.books import open_books, the_day
from o2c_tui.command_line.exits import DONE
from o2c_tui.command_line.output import as_json, print_csv, print_json
from o2c_tui.reports import kinds
from o2c_tui.safe_text import shown
from o2c_tui.texts import _


def write_report(options: argparse.Namespace) -> int:
    """Make a report and write it as it was asked for."""
    from o2c_tui.reports.catalogue import make
    from o2c_tui.reports.printing import as_view, company_name, file_name
    from o2c_tui.reports.table import as_csv, as_plain, as_text

    store = open_books(options, to_look=True)
    names = (
        "by",
        "as_of",
        "first",
        "item",
        "warehouse",
        "customer",
        "person",
        "order",
        "account",
        "party",
        "age",
        "code",
        "days",
        "week",
    )
    asked = kinds.Asked(**{name: getattr(options, name) for name in names})
    today = the_day(options, store)
    if options.month is not None:
        asked = replace(asked, as_of=min(options.month, today))
    made = store.read_now(make, options.kind, asked, today)
    if options.pdf and options.kind == "owner":
        from o2c_tui.documents.files import write_file
        from o2c_tui.documents.owner import render_owner
        from o2c_tui.reports.owner import owner_view

        pages = store.read_now(owner_view, asked.as_of, today, texts.current())
        print(shown(str(write_file(render_owner(pages), file_name(made), options.output))))
    elif options.pdf:
        from o2c_tui.documents.files import write_file
        from o2c_tui.documents.report import render_report

        view = as_view(made, store.read_now(company_name), texts.current())
        print(shown(str(write_file(render_report(view), file_name(made), options.output))))
    elif options.output is not None:
        from o2c_tui.documents.files import write_file

        text = as_csv(made, _) if options.csv else as_text(made, _) + "\n"
        if options.json:
            text = as_json(as_plain(made)) + "\n"
        print(shown(str(write_file(text.encode(), file_name(made), options.output))))
    elif options.json:
        print_json(as_plain(made))
    elif options.csv:
        print_csv(as_csv(made, _))
    else:
        print(as_text(made, _))
    return DONE
