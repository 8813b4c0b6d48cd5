"""`o2c remind`: a run of reminders previewed or sent, for a person or from cron."""

import argparse
import sys
from typing import Any

from o2c_tui import config
from o2c_tui.command_line.books import open_books, the_day
from o2c_tui.command_line.exits import DONE, REFUSED
from o2c_tui.command_line.output import print_json
from o2c_tui.safe_text import shown
from o2c_tui.texts import N_, _


def remind(options: argparse.Namespace) -> int:
    """Show who would get a letter, or write and send them."""
    from o2c_tui.queries.lookups import party_by_code
    from o2c_tui.queries.reminders import candidates

    store = open_books(options)
    today = the_day(options, store)

    def asked(session: Any) -> Any:
        keys = [party_by_code(session, code).id for code in options.customers] or None
        return candidates(session, on=today, customers=keys)

    found = store.read_now(asked)
    if not options.send:
        _preview(found, as_json=options.json)
        return DONE
    from o2c_tui.sending.reminding import run_reminders

    codes = [one.code for one in found if options.again or not one.skipped]
    run = run_reminders(store, codes, by=config.login_name(), today=today, again=options.again)
    if options.json:
        print_json({"letters": run.letters, **run.as_words()})
    else:
        for made in run.letters:
            way = made.to or _("to be printed")
            line = f"{made.number}  {made.customer:<10} {_('step {n}').format(n=made.level)}  {made.currency} {made.total:,.2f}  {way}"
            print(shown(line))
        print(_("{n} letters.").format(n=len(run.letters)))
        if run.file is not None:
            print(shown(_("{n} to be printed: {path}").format(n=len(run.printed), path=run.file)))
        for line in run.complaints(_):
            print(shown(line), file=sys.stderr)
    return (
        REFUSED
        if run.trouble is not None or (run.sent is not None and (run.sent.failed or run.sent.doubtful))
        else DONE
    )


def _preview(found: Any, *, as_json: bool) -> None:
    from o2c_tui.reports.table import Heading, Report, as_text

    if as_json:
        print_json(
            [
                {
                    "customer": one.code,
                    "name": one.name,
                    "level": one.level,
                    "total": one.total,
                    "overdue": one.overdue,
                    "currency": one.currency,
                    "days": one.days,
                    "to": one.email,
                    "bank_lines": one.bank_lines,
                    "skipped": one.skipped,
                    "parts": one.parts,
                }
                for one in found
            ]
        )
        return
    rows = tuple(
        (one.code, one.name, str(one.level or ""), one.overdue, one.total, str(one.days), _what(one)) for one in found
    )
    headings = (
        Heading(N_("Code")), Heading(N_("Customer")), Heading(N_("Step")), Heading(N_("Overdue"), "money"),
        Heading(N_("Open"), "money"), Heading(N_("Days")), Heading(""),
    )  # fmt: skip
    print(as_text(Report("", (), headings, rows), _).lstrip("\n") if rows else _("Nobody is to be reminded."))
    going = sum(1 for one in found if not one.skipped)
    print(_("{n} letters would go; --send writes and sends them.").format(n=going))


def _what(one: Any) -> str:
    if one.skipped:
        return _(one.skipped)
    text = one.email or _("to be printed")
    return f"{text}  ! {_('bank lines to match: {n}').format(n=one.bank_lines)}" if one.bank_lines else text
