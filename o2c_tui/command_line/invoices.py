"""`o2c invoices`: the recurring invoices that are due, written down or posted; from cron or by hand."""

import argparse
from typing import Any

from o2c_tui import config
from o2c_tui.command_line.books import open_books, the_day
from o2c_tui.command_line.exits import DONE
from o2c_tui.command_line.output import print_json
from o2c_tui.safe_text import shown
from o2c_tui.texts import _


def write_invoices(options: argparse.Namespace) -> int:
    """Write what is due of all plans; without `--due` only say what would be written."""
    from o2c_tui.services.recurring import write_due

    store = open_books(options)
    given: dict[str, Any] = {"by": config.login_name(), "today": the_day(options, store), "now": store.clock()}
    if options.due:
        written = store.write_now(write_due, post=options.post, accepted=None, **given)
    else:
        preview = store.preview_now(write_due, post=options.post, **given)
        if preview.refusal is not None:
            raise preview.refusal
        written = preview.result
    if options.json:
        print_json({"result": written, "dry_run": not options.due})
        return DONE
    for one in written:
        line = f"{one.code}  {one.number}  {one.gross}"
        if one.missed:
            line += "  " + _("{n} earlier days were missed").format(n=one.missed)
        print(shown(line))
    told = _("{n} invoices are due; --due writes them.") if not options.due else _("{n} invoices written.")
    print(told.format(n=len(written)))
    return DONE
