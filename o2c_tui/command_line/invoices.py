"""`o2c invoices`: the plans of recurring invoices, and what is due of them, written down or posted; from cron or by hand."""

import argparse
import sys
from typing import Any

from o2c_tui import config
from o2c_tui.command_line.books import open_books, the_day
from o2c_tui.command_line.exits import DONE, REFUSED
from o2c_tui.command_line.output import print_json
from o2c_tui.safe_text import shown
from o2c_tui.texts import N_, _


def write_invoices(options: argparse.Namespace) -> int:
    """Write what is due of all plans, each in a transaction of its own; without `--due` only say what would be written."""
    from o2c_tui.queries.recurring import DUE, plans
    from o2c_tui.services.each import Job, do_each, try_each
    from o2c_tui.services.recurring import write_due

    store = open_books(options)
    today = the_day(options, store)
    known = store.read_now(plans, on=today)
    if options.plans:
        _list(known, as_json=options.json)
        return DONE
    given: dict[str, Any] = {"post": options.post, "by": config.login_name(), "today": today}
    jobs = [Job(plan.code, {"codes": [plan.code]}) for plan in known if plan.state == DUE]
    if options.due:
        done = do_each(store, write_due, jobs, accepted=None, **given)
    else:
        done = try_each(store, write_due, jobs, **given)
    written = [one for job in done for one in job.result or ()]
    refused = [job for job in done if job.refusal is not None]
    if options.json:
        told = {job.label: job.refusal.said() for job in refused if job.refusal is not None}
        print_json({"result": written, "refused": told, "dry_run": not options.due})
        return REFUSED if refused else DONE
    for one in written:
        line = f"{one.code}  {one.number}  {one.gross}"
        if one.missed:
            line += "  " + _("{n} earlier days were missed").format(n=one.missed)
        print(shown(line))
    for job in refused:
        assert job.refusal is not None
        print(shown(f"{job.label}: {job.refusal.said(_)}"), file=sys.stderr)
    words = _("{n} invoices are due; --due writes them.") if not options.due else _("{n} invoices written.")
    print(words.format(n=len(written)))
    return REFUSED if refused else DONE


def _list(known: Any, *, as_json: bool) -> None:
    from o2c_tui.queries.recurring import STATES
    from o2c_tui.reports.table import Heading, Report, as_text

    if as_json:
        print_json(known)
        return
    rows = tuple(
        (
            plan.code,
            plan.customer,
            f"{plan.times} {plan.every}",
            plan.next_on,
            plan.until_on,
            plan.currency,
            plan.net,
            STATES[plan.state],
        )
        for plan in known
    )
    headings = (
        Heading(N_("Plan")), Heading(N_("Customer")), Heading(N_("Every")), Heading(N_("Next day"), "date"),
        Heading(N_("Until"), "date"), Heading(""), Heading(N_("Net"), "money"), Heading("", "word"),
    )  # fmt: skip
    print(as_text(Report("", (), headings, rows), _).lstrip("\n") if rows else _("There is no plan."))
